"""Relinking: the media of a cut found again after files were moved, by file name, and our takes by take name."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic_core import from_json

from .document import with_references
from .errors import TimelineError, UsageError
from .files import read_bounded
from .links import folders_of, local_path, relative_url
from .timeline import Cut, Node, as_node
from .wire import Finding

MAX_FILES = 500_000
"""Files looked at below the folder; a larger one is not what the user meant."""

_SLATE_BYTES = 16 << 20


def relink(cut: Cut, folder: str | Path) -> tuple[Cut, list[Finding]]:
    """`cut` with the links that lead nowhere led to the files of the same names in `folder` (and below).

    Links that still lead to a file stay as they are. A link keeps its form: relative, absolute or `file://`. A take of
    ours whose file was renamed is found by its slate. Where a name is there more than once, the file whose folders
    agree best with the old link is taken, and it is said; where none agrees better, the link stays.

    Returns:
        The cut, which may open media in `folder`, and a finding for every file found, missing or in doubt.

    Raises:
        UsageError: `folder` is none, or holds more than `MAX_FILES` files.
    """
    folder = Path(folder).absolute()
    search = _Search(cut, _files_below(folder))
    document = with_references(cut.document, search.changed)
    roots = tuple(dict.fromkeys((*cut.roots, folder)))
    return replace(cut, document=document, roots=roots), search.findings(folder)


def _files_below(folder: Path) -> dict[str, list[Path]]:
    """Every file in and below `folder` by its name, case aside; hidden ones and links to folders are left out."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder. Name the one the media were moved to. Nothing was changed.")
    found: dict[str, list[Path]] = {}
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                found.setdefault(name.casefold(), []).append(Path(place, name))
        count += len(names)
        if count > MAX_FILES:
            raise UsageError(f"{folder} holds more than {MAX_FILES} files. Name a folder nearer to the media.")
    return found


class _Search:
    """Looks every link up once and keeps what came of it."""

    def __init__(self, cut: Cut, files: dict[str, list[Path]]) -> None:
        self._folders = folders_of(cut)
        self._base = cut.path.parent if cut.path else None
        self._files = files
        self._known: dict[tuple[str, str], str] = {}
        self._found = 0
        self._remarks: list[Finding] = []

    def changed(self, reference: Node) -> Node:
        """A media reference with its link led to the file, or itself."""
        key = "target_url" if "target_url" in reference else "target_url_base"
        url = str(reference.get(key) or "")
        name = _first_frame(reference) if key == "target_url_base" else _last_part(url)
        if not url or not name:
            return reference
        ours = as_node(as_node(reference.get("metadata")).get("twopop"))
        if (url, name) not in self._known:
            self._known[url, name] = self._link(url, name, ours, key)
        new = self._known[url, name]
        return reference if new == url else {**reference, key: new}

    def findings(self, folder: Path) -> list[Finding]:
        """What was found, then what was not, then what is in doubt."""
        text = f"{self._found} files were found again below {folder}."
        return [Finding(level="info", code="relinked", message=text), *self._remarks]

    def _link(self, url: str, name: str, ours: Node, key: str) -> str:
        """The link that replaces `url`; `url` itself where it is good, foreign, or nothing is found."""
        old = local_path(url if key == "target_url" else f"{url.rstrip('/')}/{name}", self._folders)
        if old is None or old.is_file():
            return url
        candidates = self._files.get(name.casefold(), []) or self._by_slate(ours)
        path = self._choose(candidates, url, name)
        if path is None:
            return url
        self._found += 1
        made = self._written_like(url, path if key == "target_url" else path.parent)
        return made if key == "target_url" or made.endswith("/") else f"{made}/"

    def _by_slate(self, ours: Node) -> list[Path]:
        """The file that the slate of a take names, where the take's own file name is not there."""
        found: list[Path] = []
        for slate in self._files.get(f"{ours.get('take')}.slate.json".casefold(), []):
            try:
                files = as_node(as_node(from_json(read_bounded(slate, limit=_SLATE_BYTES))).get("files"))
            except (TimelineError, ValueError):
                continue
            name = as_node(files.get(str(ours.get("role")))).get("name")
            if name and (path := slate.with_name(Path(str(name)).name)).is_file():
                found.append(path)
        return found

    def _choose(self, candidates: list[Path], url: str, name: str) -> Path | None:
        if not candidates:
            self._remark("media_not_found", f"{name} is not there; its link is unchanged.")
            return None
        if len(candidates) == 1:
            return candidates[0]
        agreeing = sorted(((_agreement(path, url), path) for path in candidates), reverse=True)
        there = f"{name} is there {len(candidates)} times ({', '.join(sorted(str(p.parent) for p in candidates))})"
        if agreeing[0][0] == agreeing[1][0]:
            self._remark("media_ambiguous", f"{there}; its link is unchanged.")
            return None
        self._remark("media_twice", f"{there}; {agreeing[0][1]} is taken.")
        return agreeing[0][1]

    def _remark(self, code: str, message: str) -> None:
        self._remarks.append(Finding(level="warning", code=code, message=message))

    def _written_like(self, url: str, path: Path) -> str:
        """`path` in the form of `url`."""
        if urlsplit(url).scheme == "file":
            return path.as_uri()
        absolute = re.match(r"[a-z]:|[\\/]", url, re.I)
        return str(path) if absolute or self._base is None else relative_url(path, self._base)


def _parts(url: str) -> list[str]:
    """Folder names and file name of a link of any system, case aside."""
    return [part.casefold() for part in re.split(r"[\\/]+", unquote(url)) if part]


def _last_part(url: str) -> str:
    return re.split(r"[\\/]", unquote(url))[-1]


def _first_frame(reference: Node) -> str:
    """The file name of the first frame of an image sequence."""
    number, padding = reference.get("start_frame", 0), reference.get("frame_zero_padding", 0)
    return f"{reference.get('name_prefix', '')}{int(number):0{int(padding)}d}{reference.get('name_suffix', '')}"


def _agreement(path: Path, url: str) -> int:
    """How many names, from the last one back, `path` and `url` have in common."""
    pairs = zip(reversed(_parts(str(path))), reversed(_parts(url)), strict=False)
    return next((count for count, (mine, theirs) in enumerate(pairs) if mine != theirs), len(_parts(url)))
