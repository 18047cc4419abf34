"""Names of takes: readable, legal on every file system, and never two things under one name."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LONGEST = 80
"""UTF-8 bytes of a label. It is twice in a path and gains `_t001.latents.safetensors`; 255 bytes is the usual limit."""

_UNSAFE = re.compile(r"[^\w.\-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
_TAKE_NAME = re.compile(r"(.+)_t(\d{3,})$", re.DOTALL)


def safe_label(wanted: str) -> str:
    """`wanted` as a folder name for every system: letters and digits of any script, `_`, `-` and `.` stay.

    Too long names are cut and keep a hash, so that two of them stay two.
    """
    text = _UNSAFE.sub("_", unicodedata.normalize("NFC", wanted)).strip("_. ") or "shot"
    if _RESERVED.match(text):
        text = f"{text}_" if "." not in text else f"_{text}"
    if len(text.encode()) <= _LONGEST:
        return text
    mark = "_" + hashlib.sha256(text.encode()).hexdigest()[:8]
    return text.encode()[: _LONGEST - len(mark)].decode(errors="ignore").rstrip("_. ") + mark


def folded(name: str) -> str:
    """The form in which names are compared: file systems that ignore case or decompose letters see one file."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def take_name(label: str, number: int) -> str:
    """ "kitchen_SH010", 1 -> "kitchen_SH010_t001"."""
    return f"{label}_t{number:03d}"


def split_take_name(name: str) -> tuple[str, int] | None:
    """Label and number of a take's name; None where it is not one."""
    found = _TAKE_NAME.match(name)
    return (found[1], int(found[2])) if found else None
