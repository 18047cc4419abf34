"""Files an editor names in a brief: found only inside the cut's folders, hashed by content, never fetched."""

from __future__ import annotations

import hashlib
import re
import stat
from pathlib import Path
from typing import Literal

from .errors import SpottingError

ReferenceKind = Literal["still", "voice", "line", "plate"]

_SOUND = frozenset((".wav", ".flac", ".aif", ".aiff", ".mp3", ".m4a", ".ogg", ".opus"))
_PICTURE = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".exr", ".dpx", ".tga"))
_MOVIE = frozenset((".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mxf"))
_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)


def clean_path(text: str) -> str:
    """A path as typed into a marker, without quotes and spaces around it."""
    return text.strip().strip("\"'“”").strip()


def is_sound_file(text: str) -> bool:
    """True where `text` names a sound file rather than describing a voice."""
    return "." in text and Path(clean_path(text)).suffix.casefold() in _SOUND


def reference_kind(path: str) -> ReferenceKind:
    """What a REF file is for, by its suffix: a still, a recorded line, a moving plate.

    Raises:
        SpottingError: a suffix that is none of them.
    """
    suffix = Path(path).suffix.casefold()
    if suffix in _PICTURE:
        return "still"
    if suffix in _SOUND:
        return "line"
    if suffix in _MOVIE:
        return "plate"
    raise SpottingError(
        f'REF "{path}" is no picture, sound or movie by its name. Use a file such as stills/mara.png or mara.wav.'
    )


class ReferenceFiles:
    """Finds and hashes reference files; each is read once."""

    def __init__(self, roots: tuple[Path, ...]) -> None:
        """`roots`: the only folders whose files may be opened; relative paths are looked for in each, in order."""
        self._roots = tuple(root.resolve() for root in roots)
        self._known: dict[str, str | SpottingError] = {}

    def sha256(self, path: str) -> str:
        """sha256 (hex) of the bytes of `path`.

        Raises:
            SpottingError: a URL, a file outside the roots, not a regular file, or one that cannot be read.
        """
        if path not in self._known:
            try:
                self._known[path] = self._hash(self._find(path))
            except SpottingError as exc:
                self._known[path] = exc
        found = self._known[path]
        if isinstance(found, SpottingError):
            raise found
        return found

    def _find(self, path: str) -> Path:
        if _URL.match(path):
            raise SpottingError(f'reference "{path}" is a URL, and nothing is fetched. Save it beside the cut.')
        if not self._roots:
            raise SpottingError(
                f'reference "{path}" cannot be looked for: this cut has no folder. Save the cut, or give roots=.'
            )
        outside = False
        for root in self._roots:
            try:
                file = (root / path).resolve()
                mode = file.stat().st_mode
            except (OSError, ValueError, RuntimeError):
                continue
            if not any(file.is_relative_to(allowed) for allowed in self._roots):
                outside = True
            elif stat.S_ISREG(mode):
                return file
            else:
                raise SpottingError(f'reference "{path}" is not a regular file. Name a picture or sound file.')
        if outside or Path(path).is_absolute() or ".." in Path(path).parts:
            raise SpottingError(
                f'reference "{path}" is not in a folder this cut may open ({self._roots_text()}). '
                f"Copy it beside the cut, or allow its folder with roots= in twopop.toml."
            )
        raise SpottingError(
            f'reference "{path}" was not found in {self._roots_text()}. Mend the path, or put the file there.'
        )

    def _hash(self, file: Path) -> str:
        try:
            with file.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as exc:
            said = f'reference "{file.name}" cannot be read: {exc.strerror}. Mend its permissions.'
            raise SpottingError(said) from exc

    def _roots_text(self) -> str:
        return ", ".join(root.name or str(root) for root in self._roots)
