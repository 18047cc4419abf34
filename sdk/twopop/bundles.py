"""Bundles: .otiod (a folder) and .otioz (an archive) hold a timeline and its media.

Only `content.otio` is read. Media of a folder are used where they are; media of an archive are unpacked beside it when
they are needed (`unpack_media`), and the cut's links say where both are. An archive from a stranger may lie about
everything: names, sizes, counts and kinds of its members are checked before a byte is written, and nothing that is
there already is ever replaced.
"""

from __future__ import annotations

import io
import re
import secrets
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote

from .document import with_references
from .errors import TimelineError
from .files import MAX_BYTES, open_regular, read_bounded
from .timeline import Cut, Node, as_list, as_node
from .wire import Finding

CONTENT = "content.otio"
MEDIA = "media/"
MAX_MEMBERS = 10_000
MAX_MEDIA_BYTES = 1 << 40
MAX_RATIO = 200
"""Largest packing ratio of a member above 16 MB: JSON reaches 60, media next to nothing."""

_SMALL = 16 << 20
_CHUNK = 1 << 20
_DIRECTORY_BYTES = 4 << 20
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)
_ILLEGAL = re.compile(r'[\x00-\x1f<>:"|?*\\]')


def read_content(path: Path) -> bytes:
    """The timeline of a bundle, unguarded.

    Raises:
        TimelineError: no bundle, or one that breaks a limit.
    """
    if path.suffix.casefold() == ".otiod":
        if not path.is_dir():
            raise TimelineError(f"{path} is no folder; an .otiod bundle is one, with {CONTENT} in it.")
        return read_bounded(path / CONTENT, follow=False)
    with open_regular(path) as file, _archive(path, file) as archive:
        content = _member(path, archive, CONTENT)
        if content.file_size > MAX_BYTES:
            _refuse(path, f"its timeline is longer than {MAX_BYTES >> 20} MB")
        return b"".join(_chunks(path, archive, content))


def media_folder(path: Path) -> Path:
    """The folder its media links count from: the bundle itself, or, of an archive, where it is unpacked."""
    return path if path.suffix.casefold() == ".otiod" else path.with_name(f"{path.stem}.media")


def relinked_to_bundle(document: Node, path: Path, findings: list[Finding]) -> Node:
    """`document` with the links that count from inside the bundle counted from the bundle's own folder.

    A file in a bundle that is itself a link out of it stays unlinked, and it is said.
    """
    from .links import relative_url

    folder = media_folder(path)
    prefix = relative_url(folder, path.parent)
    outside: set[str] = set()

    def moved(reference: Node) -> Node:
        url = str(reference.get("target_url") or "")
        if not url.startswith(MEDIA):
            return reference
        if not _stays_inside(folder, url):
            outside.add(url)
            return reference
        return {**reference, "target_url": f"{prefix}/{url}"}

    linked = with_references(document, moved)
    for url in sorted(outside):
        message = f"{path.name}: {url[:200]} leads out of the bundle; it is left offline."
        findings.append(Finding(level="warning", code="bundle_outside", message=message))
    return linked


def _stays_inside(folder: Path, url: str) -> bool:
    """True where `url`, in either spelling, leads to no place outside `folder`, links followed."""
    try:
        root = folder.resolve()
        return all((folder / spelling).resolve().is_relative_to(root) for spelling in (url, unquote(url)))
    except (OSError, ValueError, RuntimeError):
        return False


def unpack_media(cut: Cut) -> list[Path]:
    """Unpacks what `cut` links to in the archive it was read from, unless it is there; returns the new files.

    Raises:
        TimelineError: the archive breaks a limit or lies, another file is in the way, or the disk is full.
    """
    path = cut.path
    if path is None or path.suffix.casefold() != ".otioz" or not path.exists():
        return []
    folder = media_folder(path)
    inside = f"{folder.name}/"
    urls = {spelling for url in _urls(cut.document) for spelling in (url, unquote(url))}
    wanted = {url.removeprefix(inside) for url in urls if url.startswith(inside)}
    with open_regular(path) as file, _archive(path, file) as archive:
        members = [member for member in archive.infolist() if member.filename in wanted and not member.is_dir()]
        missing = [member for member in members if not _is_there(folder / member.filename, member)]
        needed = sum(member.file_size for member in missing)
        if needed > shutil.disk_usage(path.parent).free:
            _refuse(path, f"its media need {needed >> 20} MB beside it and the disk has less")
        return [_unpack(path, archive, member, folder) for member in missing]


def _urls(node: Node) -> Iterator[str]:
    """Links of every media reference of the edit."""
    if url := node.get("target_url"):
        yield str(url)
    below = [node[key] for key in ("tracks", "media_reference") if node.get(key)]
    for child in (*below, *as_list(node.get("children")), *as_node(node.get("media_references")).values()):
        yield from _urls(as_node(child))


# ---- archives --------------------------------------------------------------------------------------------------------


class _BoundedReads(io.BufferedReader):
    """Reads no more than a few megabytes at once, which bounds the directory that `zipfile` loads in one piece."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        super().__init__(io.FileIO(file.fileno(), "rb", closefd=False))
        self._path = path

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _DIRECTORY_BYTES:
            raise TimelineError(
                f"{self._path} lists more than {MAX_MEMBERS} files, the most a bundle may have. Nothing was unpacked."
            )
        return super().read(size)


def _archive(path: Path, file: BinaryIO) -> zipfile.ZipFile:
    """The archive, every member's name, kind and size checked."""
    try:
        archive = zipfile.ZipFile(_BoundedReads(file, path))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        raise TimelineError(f"{path} is no readable .otioz archive: {exc}. Export it again.") from exc
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        _refuse(path, f"it lists {len(members)} files; a bundle may have {MAX_MEMBERS}")
    seen: set[str] = set()
    for member in members:
        _check_member(path, member)
        if member.filename.casefold() in seen:
            _refuse(path, f"the name {member.filename!r:.80} is in it twice")
        seen.add(member.filename.casefold())
    if sum(member.file_size for member in members) > MAX_MEDIA_BYTES:
        _refuse(path, "it holds more than a terabyte")
    return archive


def _check_member(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.orig_filename
    parts = PurePosixPath(name).parts
    if name != member.filename or _ILLEGAL.search(name) or name.startswith("/") or ".." in parts or not parts:
        _refuse(path, f"the name {name!r:.80} leads out of the bundle or is not legal everywhere")
    if any(_DEVICES.fullmatch(part) or part.endswith((" ", ".")) for part in parts):
        _refuse(path, f"the name {name!r:.80} is not legal on every system")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        _refuse(path, f"{name!r:.80} is a link or a device, not a file")
    if member.flag_bits & 1:
        _refuse(path, f"{name!r:.80} is encrypted")
    if member.file_size > _SMALL and member.file_size > MAX_RATIO * member.compress_size:
        _refuse(path, f"{name!r:.80} is packed more than {MAX_RATIO} to 1")


def _refuse(path: Path, what: str) -> None:
    raise TimelineError(f"{path} is refused: {what}. Nothing was unpacked; ask its sender for a plain .otio.")


def _member(path: Path, archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        return archive.getinfo(name)
    except KeyError:
        raise TimelineError(f"{path} has no {name}: it is no OpenTimelineIO bundle.") from None


def _chunks(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member. TimelineError where it is damaged or not as long as it says."""
    left = member.file_size
    try:
        with archive.open(member) as source:
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    break
                yield chunk
        if left:
            raise zipfile.BadZipFile("it is not as long as it says")
    except Exception as exc:  # zipfile, zlib, lzma and OSError have no nearer common base
        raise TimelineError(f"{path}: {member.filename!r:.80} is damaged: {exc}. Export the bundle again.") from exc


def _is_there(target: Path, member: zipfile.ZipInfo) -> bool:
    """True where `target` is what this member was unpacked to. TimelineError where something else is in its place."""
    if not (target.is_symlink() or target.exists()):
        return False
    if target.is_symlink() or not target.is_file() or target.stat().st_size != member.file_size:
        raise TimelineError(
            f"{target} is in the way of {member.filename!r:.80} of the bundle and differs from it. Move it away; "
            "nothing was replaced."
        )
    return True


def _unpack(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> Path:
    """Writes one member below `folder`, whole or not at all."""
    target = folder / member.filename
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(path.parent.resolve()):
            _refuse(path, f"{target.parent} is a link to another place")
        with temporary.open("xb") as file:
            file.writelines(_chunks(path, archive, member))
        temporary.rename(target)
    except OSError as exc:
        raise TimelineError(f"{target} cannot be unpacked: {exc.strerror}. Nothing was replaced.") from exc
    finally:
        temporary.unlink(missing_ok=True)
    return target
