"""Writing a file so that whoever looks sees the old one whole or the new one whole, whatever happens meanwhile.

Temporary file in the same folder -> all bytes -> fsync -> read back and compare -> replace -> fsync of the folder.
Left-overs of writers that were killed are swept by the next write to the same file.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from .errors import TimelineError, TwopopError

_RETRIES_S = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Waits while another program holds the file (Windows)."""
_STALE_S = 3600.0
"""A left-over whose writer cannot be asked (other machine, no process ids) is swept when it is this old."""
_CHUNK = 1 << 20
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM, errno.EBADF, errno.EISDIR}


def write_safely(path: Path, data: bytes, *, error: type[TwopopError] = TimelineError) -> Path:
    """Writes `data` to `path`; returns the path written, symbolic links resolved. The mode of an old file is kept.

    Args:
        error: the class to raise.

    Raises:
        TwopopError: of class `error`; whatever was at `path` is unchanged, or (the message says so) the new file
            is there whole but its folder could not be flushed to disk.
    """
    try:
        target = path.resolve()
        mode = _mode_of(target)
        _sweep(target)
        temporary = target.with_name(f".{_stem(target)}.{_host()}-{os.getpid()}-{secrets.token_hex(4)}.tmp")
    except (OSError, RuntimeError, ValueError) as exc:
        raise error(f"{path} cannot be written: {_reason(exc)}. Nothing was changed.") from exc
    try:
        _write_new(temporary, data, mode)
        _replace(temporary, target)
    except OSError as exc:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise error(f"{path} cannot be written: {_reason(exc)}. What was there before is unchanged.") from exc
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _flush_folder(target, error)
    return target


def _reason(exc: Exception) -> str:
    return getattr(exc, "strerror", None) or str(exc)


def _host() -> str:
    """This machine in 8 hex digits: process ids mean nothing on another one."""
    import platform

    return f"{crc32(platform.node().encode()):08x}"


def _stem(target: Path) -> str:
    """What left-overs of `target` are called after; short enough that a long file name stays legal."""
    return target.name[:100]


def _mode_of(target: Path) -> int | None:
    """Permissions of the file that is there; None where there is none. OSError where it must not be replaced."""
    try:
        found = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found):
        raise OSError(errno.EINVAL, "it is no regular file (a folder, a pipe or a device)")
    if not found & 0o222:
        raise OSError(errno.EACCES, "it is write-protected; give another name or make it writable")
    return stat.S_IMODE(found)


def _write_new(temporary: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    with os.fdopen(os.open(temporary, flags, 0o666), "r+b") as file:
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        for start in range(0, len(data) + 1, _CHUNK):
            if file.read(_CHUNK) != data[start : start + _CHUNK]:
                raise OSError(errno.EIO, "the disk gave back other bytes than were written")


def _replace(temporary: Path, target: Path) -> None:
    """Replaces in one step; on Windows another program may hold the file for a moment."""
    for wait_s in _RETRIES_S:
        try:
            temporary.replace(target)
            return
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(wait_s)
    temporary.replace(target)


def _flush_folder(target: Path, error: type[TwopopError]) -> None:
    """Makes the replacement itself durable, on systems that can."""
    if os.name == "nt":
        return
    try:
        handle = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as exc:
        if exc.errno not in _NO_FOLDER_SYNC:
            raise error(
                f"{target} is written and whole, but its folder could not be flushed to disk: {_reason(exc)}. "
                "Write it again before you switch the machine off."
            ) from exc


def _sweep(target: Path) -> None:
    """Removes what killed writers of `target` left; those of living ones stay."""
    pattern = re.compile(rf"\.{re.escape(_stem(target))}\.([0-9a-f]{{8}})-(\d+)-[0-9a-f]{{8}}\.tmp")
    for entry in os.scandir(target.parent):
        found = pattern.fullmatch(entry.name)
        if found and _is_stale(entry, found[1], int(found[2])):
            with suppress(OSError):
                Path(entry.path).unlink()


def _is_stale(entry: os.DirEntry[str], host: str, process: int) -> bool:
    with suppress(OSError):
        if time.time() - entry.stat(follow_symlinks=False).st_mtime > _STALE_S:
            return True
    if host != _host() or os.name == "nt":  # on Windows, signal 0 is no question
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except OSError:
        pass
    return False
