"""Media is opened as a regular file, never as a URL, a pipe or a device."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from ..errors import MediaError


def open_regular(path: Path) -> BinaryIO:
    """The file at `path`, open for reading.

    Raises:
        MediaError: absent, unreadable, or not a regular file (a folder, pipe, device or socket).
    """
    try:
        # Non-blocking, or a pipe without a writer would hold the program up before it can be refused.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or "not a legal file name"
        raise MediaError(f"{path} cannot be opened: {reason}. `twopop relink CUT DIR` finds moved media.") from exc
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise MediaError(f"{path} is not a regular file. Media is read from files only.")
    return os.fdopen(handle, "rb")


def create_file(path: Path) -> BinaryIO:
    """A new file at `path`, open for writing. MediaError where it exists already or cannot be made."""
    try:
        return path.open("xb")
    except FileExistsError as exc:
        raise MediaError(f"{path} exists already and is never overwritten. Choose another name.") from exc
    except OSError as exc:
        raise MediaError(f"{path} cannot be written: {exc.strerror}. Nothing was written.") from exc
