"""Knows our takes again in a cut that an editor wrote, where the editor dropped our metadata.

A clip is ours by metadata, else by its media: the file name of every take and stem is unique in its store. What is
recognised gets its metadata back, so that every later room sees one form only.
"""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .document import Edits, edited
from .take import Take
from .timebase import FrameRange
from .timeline import Cut, Item, Node, as_node
from .tracks import active_reference
from .wire import ROLES, TRACK_NAMES

if TYPE_CHECKING:
    from .store import TakeStore

_ROLES = {short: role for role, short in TRACK_NAMES.items()}


def recognise(cut: Cut, store: TakeStore | None) -> Cut:
    """`cut` with our metadata put back on clips whose media is one of the store's takes."""
    if store is None:
        return cut
    edits: Edits = {}
    for item in cut.items:
        if item.schema == "Clip" and not item.ours.get("role") and (found := _ours_by_media(item, store)):
            metadata = {**item.metadata, "twopop": {**item.ours, **found}}
            edits[item.path] = {**item.node, "metadata": metadata}
    return cut.with_document(edited(cut.document, edits)) if edits else cut


def file_name(reference: Node) -> str:
    """Base name of a reference's target, whatever form its URL has; "" where it has none."""
    url = str(reference.get("target_url") or "")
    path = unquote(url.partition("://")[2] or url) if "://" in url else url
    return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name


def take_and_role(name: str) -> tuple[str, str]:
    """Take name and role of a file of the store: "x_t001.DX.wav" is ("x_t001", "dialogue")."""
    stem = name.rpartition(".")[0]
    base, _, short = stem.rpartition(".")
    return (base, _ROLES[short]) if short in _ROLES else (stem, "picture")


def is_our_media(reference: Node) -> bool:
    """True where a media reference points to one of our takes (by its metadata, else by its file name)."""
    if "twopop" in as_node(reference.get("metadata")):
        return True
    name, _ = take_and_role(file_name(reference))
    return name[-4:-3] == "t" and name[-3:].isdigit()


def _ours_by_media(item: Item, store: TakeStore) -> Node | None:
    name, role = take_and_role(file_name(active_reference(item.node)))
    take = store.by_name(name) if "_t" in name else None
    if take is None:
        return None
    request = take.slate.request
    ours: Node = {"take": take.name, "match_key": request.match_key, "offset_frames": _offset(item.trimmed, take)}
    if request.kind == "bed":
        return {**ours, "bed": request.id, "role": role}
    identity: Node = {"id": request.id, "role": "shot" if role == "picture" else role}
    if role == "picture" and item.kind != "Audio":
        return {**ours, **identity, "name": request.shots[0], "stems": [r for r in ROLES if r in take.slate.files]}
    return {**ours, **identity}


def _offset(trimmed: FrameRange, take: Take) -> int:
    """The clip counts in the take's timecode, or from 0 where an editor ignored it."""
    embedded = take.timecode_offset_frames
    if take.source_range.shifted(embedded).overlap(trimmed):
        return embedded
    return -take.source_range.start
