"""Opening files that a stranger may have named or written: regular ones only, and no more of them than fits."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from .errors import TimelineError

MAX_BYTES = 256 << 20
"""Longest document: about 100,000 clips as editors write them."""


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """Opens a regular file for reading, and nothing else: a pipe or a device would block or never end.

    Raises:
        TimelineError: no such file, a folder, a device, or no permission.
    """
    extra = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        handle = os.open(path, os.O_RDONLY | extra | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        mend = _beside(path) or "Check the name and its permissions."
        raise TimelineError(f"{path} cannot be opened: {reason}. {mend}") from exc
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise TimelineError(f"{path} is no regular file (a folder, a pipe or a device). Name a timeline file.")
    return os.fdopen(handle, "rb")


def read_bounded(path: Path, *, limit: int = MAX_BYTES, follow: bool = True) -> bytes:
    """The bytes of a regular file of at most `limit` bytes.

    Raises:
        TimelineError: as `open_regular`, or the file is empty, too long or unreadable.
    """
    with open_regular(path, follow=follow) as file:
        try:
            data = file.read(limit + 1)
        except OSError as exc:
            raise TimelineError(f"{path} cannot be read: {exc.strerror}.") from exc
    if len(data) > limit:
        raise TimelineError(f"{path} is longer than {limit >> 20} MB, the most a timeline may have. Split the cut.")
    if not data:
        raise TimelineError(f"{path} is empty. Export it again from the editor that wrote it.")
    return data


def _beside(path: Path) -> str:
    """Where `path` is not there: which file of its folder was meant, if one is near."""
    from difflib import get_close_matches

    try:
        if path.exists():
            return ""
        near = get_close_matches(path.name, (file.name for file in path.parent.iterdir()), n=1)
    except (OSError, ValueError):
        return ""
    return f"Did you mean {near[0]}?" if near else ""
