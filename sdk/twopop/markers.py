"""The marker language: what an editor types into a marker, line by line.

    PROMPT: wide of a busy kitchen, steam       DX MARA (tired, low): We close in ten minutes.
    FX: pan hits the stove                      VOICE MARA: warm alto, 40s

One instruction per line of the marker's name, then of its comment or Note; a line without a role continues the one
before. Pure text in, instructions out: where and when they apply is `spotting.py`'s business.
"""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from fractions import Fraction
from typing import Any, NamedTuple

from .timebase import Frames
from .timeline import Node, as_node
from .tracks import range_of
from .wire import Role

WORDS = (
    *("PROMPT", "DX", "FX", "BG", "MX", "REF", "CAM", "NEG", "STYLE", "SEED", "VOICE"),
    *("HIT", "SILENT", "KEEP", "LOCK", "EXTEND"),
)
"""The legal roles, in the order messages list them."""

SOUND_WORDS: dict[str, Role] = {"FX": "effects", "BG": "ambience", "MX": "music", "HIT": "music"}
"""Words that become cues, and the role of each."""

_FLAGS = ("HIT", "SILENT", "KEEP", "LOCK")
_WITH_SPEAKER = ("DX", "VOICE", "REF")
_CALM = ("NOTE", "TODO")
"""What people write to each other: legal, and never an instruction."""
_SPELLINGS = {"SFX": "FX", "AMBIENT NOISE": "BG", "AMBIENT SOUND": "BG", "MUSIC": "MX", "CAMERA": "CAM"}
"""Heads of prompt text in the style of hosted models, understood in markers too."""
_MEANT = {
    **{"DIALOGUE": "DX", "DIALOG": "DX", "LINE": "DX", "VO": "DX", "SAY": "DX"},
    **{"FOLEY": "FX", "SOUND": "FX", "EFFECT": "FX", "EFFECTS": "FX"},
    **{"AMB": "BG", "AMBIENCE": "BG", "ATMOS": "BG", "BACKGROUND": "BG", "SCORE": "MX"},
    **{"REFERENCE": "REF", "IMAGE": "REF", "NEGATIVE": "NEG", "MUTE": "SILENT", "CAST": "VOICE"},
}
"""Words people write for a role that no spelling distance would find."""

# Possessive throughout: a marker is a stranger's text, and must not make the pattern backtrack.
_HEAD = re.compile(
    r"\s*+(TP\s++)?+([^\W\d_]++)((?:[^:：()（）]++|[(（][^)）]*+[)）])*+)[:：](?!//)\s*+(.*)$", re.I | re.S
)
_BARE = re.compile(r"\s*+(TP\s++)?+([^\W\d_]++)\b(.*)$", re.I | re.S)
_PARENTHESES = re.compile(r"[(（]([^)）]*)[)）]")
_OFF = re.compile(r"(v\.?\s*o\.?|o\.?\s*[sc]\.?|off|off[ -]?screen|off[ -]?camera|voice[ -]?over)$", re.I)
_CONTINUED = re.compile(r"cont(['’.]?d|inued|\.)?$", re.I)


class Instruction(NamedTuple):
    """One instruction of a marker."""

    word: str
    """One of `WORDS`."""
    text: str = ""
    speaker: str = ""
    """As `speaker_name` writes it; "" where none is named."""
    manner: str = ""
    lips: bool = True
    """False for (V.O.), (O.S.)."""
    prefixed: bool = False
    """Written with `TP `: meant for us, wherever it stands."""


class Misread(NamedTuple):
    """A line that looks like an instruction and is none."""

    line: str
    word: str
    """The head as written."""
    nearest: str
    """The nearest legal word, or ""."""
    missing_colon: bool = False
    """True where the word is legal and only its colon is missing."""


class MarkerText(NamedTuple):
    """What the text of one marker says."""

    instructions: tuple[Instruction, ...] = ()
    misread: tuple[Misread, ...] = ()


class MarkerNote(NamedTuple):
    """One marker: its text and its place, in the clock of the item that carries it (frames, exact)."""

    text: str
    start: Frames
    frames: int
    """Its length; 0 for a point marker (none or one frame)."""
    color: str
    id: str = ""
    """`metadata.twopop.id`."""
    ignored_json: bool = False
    """A Note held another tool's JSON, which is not ours to read."""


def read_marker(node: Node, frame_rate: Fraction) -> MarkerNote:
    """The text and place of a Marker.2 (or .3) node."""
    metadata = as_node(node.get("metadata"))
    texts: list[str] = []
    ignored = False
    for value in (node.get("name"), node.get("comment"), *_notes(metadata)):
        if not isinstance(value, str) or not value or value in texts:
            continue
        if _is_json(value):
            ignored = True
        else:
            texts.append(value)
    start, length = range_of(as_node(node.get("marked_range")), frame_rate) or (0, 0)
    color = node.get("color")
    name = str(as_node(color).get("name", "")) if isinstance(color, dict) else str(color or "")
    frames = int(length + Fraction(1, 2))
    identity = str(as_node(metadata.get("twopop")).get("id") or "")
    return MarkerNote("\n".join(texts), start, frames if frames > 1 else 0, name.upper(), identity, ignored)


def parse_marker_text(text: str, *, prefixed_only: bool = False) -> MarkerText:
    """The instructions in `text`.

    Args:
        text: name and comment of a marker, joined by a newline.
        prefixed_only: read only lines with the prefix `TP ` (clips with real media, where `FX:` is a VFX note).
    """
    found: list[Instruction] = []
    misread: list[Misread] = []
    open_line = False  # the next line without a role continues found[-1]
    for line in text.splitlines():
        if not line.strip():
            continue
        read = _read_line(line, first=not found, prefixed_only=prefixed_only)
        if isinstance(read, Instruction):
            found.append(read._replace(prefixed=True) if line.lstrip()[:3].upper() == "TP " else read)
            open_line = True
        elif isinstance(read, Misread):
            misread.append(read)
            open_line = False
        elif read is _HUMAN:
            open_line = False
        elif open_line:
            found[-1] = found[-1]._replace(text=f"{found[-1].text} {line.strip()}".strip())
    return MarkerText(tuple(found), tuple(misread))


def speaker_name(text: str) -> str:
    """A speaker as twopop writes it: NFC, single spaces, capitals, so that Mara and MARA are one person."""
    return " ".join(unicodedata.normalize("NFC", text).split()).upper()


def nearest_word(word: str) -> str:
    """The legal role nearest to `word`, or "" where none is near."""
    known = word.upper()
    if known in _MEANT or known in _SPELLINGS:
        return _MEANT.get(known) or _SPELLINGS[known]
    near = difflib.get_close_matches(known, WORDS, n=1, cutoff=0.6 if len(known) > 3 else 0.5)
    return near[0] if near else ""


class _Human:
    """Marks a line from people to people (NOTE, TODO)."""


_HUMAN = _Human()


def _read_line(line: str, *, first: bool, prefixed_only: bool) -> Instruction | Misread | _Human | None:
    """One line; None where it has no role and is text."""
    head = _HEAD.match(line)
    prefix, written, rest, text = head.groups() if head else (None, "", "", "")
    if prefixed_only and not (prefix or line.lstrip()[:3].upper() == "TP "):
        return _HUMAN
    if not head:
        return _read_bare(line, first)
    word, rest = _word(written, rest)
    if word in _CALM:
        return _HUMAN
    if word in WORDS:
        return _instruction(word, written, rest, text, line, first)
    # A sentence with a colon in it is text; a shouted head, a near miss or a lone first word was meant as a role.
    alone, nearest = not rest.strip(), nearest_word(written)
    if written.isupper() or (alone and (first or nearest)) or (prefix and prefixed_only):
        return Misread(line.strip(), written, nearest)
    return None


def _word(written: str, rest: str) -> tuple[str, str]:
    """The role a head spells, in capitals, and what is left before the colon ("ambient" + " noise" -> BG, "")."""
    known = written.upper() if written.isascii() else unicodedata.normalize("NFKC", written).upper()
    if known in WORDS:
        return known, rest
    spoken = " ".join((known, *rest.upper().split()))
    return (_SPELLINGS[spoken], "") if spoken in _SPELLINGS else (known, rest)


def _instruction(word: str, written: str, rest: str, text: str, line: str, first: bool) -> Instruction | Misread | None:
    """An instruction from a legal word, what stands between it and the colon, and the text."""
    speaker, manner, lips = _speaker(rest) if rest.strip() else ("", "", True)
    shouted = written.isupper()
    if speaker and (word not in _WITH_SPEAKER or (word == "VOICE" and not (first or shouted))):
        # "Style is everything: live" is a sentence; "PROMPT wide of a clock: noon" forgot its colon.
        return Misread(line.strip(), written, word, missing_colon=True) if first or shouted else None
    if word == "DX" and text[:1] in "(（" and (aside := _PARENTHESES.match(text)):
        _, more, seen = _speaker(aside[0])
        manner, lips, text = ", ".join(filter(None, (manner, more))), lips and seen, text[aside.end() :]
    if manner and word not in _WITH_SPEAKER:
        text = f"{text.strip()} ({manner})"
    return Instruction(word, text.strip(), speaker, manner if word in _WITH_SPEAKER else "", lips)


def _read_bare(line: str, first: bool) -> Instruction | Misread | None:
    """A line without a colon: a flag alone, a role that lost its colon, or text."""
    found = _BARE.match(line)
    if not found:
        return None
    written, rest = found[2], found[3].strip(" .!")
    word = written.upper()
    if word in _FLAGS and not rest and (first or written.isupper()):
        return Instruction(word)
    if word in WORDS and written.isupper() and word not in _FLAGS:
        return Misread(line.strip(), written, word, missing_colon=True)
    if written.isupper() and not rest and (near := difflib.get_close_matches(word, _FLAGS, n=1, cutoff=0.76)):
        return Misread(line.strip(), written, near[0])
    return None


def _speaker(rest: str) -> tuple[str, str, bool]:
    """(speaker, manner, lips) of what stands between a role and its colon."""
    if "(" not in rest and "（" not in rest:
        return speaker_name(rest), "", True
    lips, manner = True, list[str]()
    for aside in _PARENTHESES.findall(rest):
        for part in (part.strip() for part in str(aside).replace("，", ",").split(",")):
            if _OFF.match(part):
                lips = False
            elif part and not _CONTINUED.match(part):
                manner.append(part)
    return speaker_name(_PARENTHESES.sub(" ", rest)), ", ".join(manner), lips


_NOTE_KEYS = {
    "Resolve_OTIO": ("Note",),
    "PremierePro_OTIO": ("Comments", "Comment", "comment"),
    "kdenlive": ("comment",),
    "fcp_xml": ("comment",),
}
"""Where editors put the long text of a marker. Kdenlive's `type` is a category, not text."""


def _notes(metadata: Node) -> list[Any]:
    if not metadata:
        return []
    return [
        as_node(metadata[key]).get(field) for key, fields in _NOTE_KEYS.items() if key in metadata for field in fields
    ]


def _is_json(text: str) -> bool:
    """True for a JSON object or array: pipeline tools keep their data in Notes."""
    stripped = text.strip()
    if stripped[:1] not in "{[" or stripped[-1:] not in "}]":
        return False
    try:
        json.loads(stripped)
    except (ValueError, RecursionError):
        return False
    return True
