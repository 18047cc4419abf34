"""Knows our takes again in a cut that an editor wrote, where the editor dropped our metadata.

A clip is ours by metadata, else by its media: by the file's name, which is unique in its store, else by the tag inside
it, which survives a rename. What is recognised gets its metadata back, so that every later room sees one form only.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .document import (
    Edits,
    edited,
    range_node,
    rate_number,
    reference_node,
    with_active_reference,
    with_metadata,
)
from .slates import sha256_file
from .take import Take
from .timebase import FrameRange
from .timeline import Cut, Item, Node, as_node, schema_name
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
    # Files are opened only where an editor dropped our metadata and there are takes to find again.
    opens = not any(item.ours.get("role") for item in cut.items) and any(True for _ in store.takes())
    for item in cut.items:
        if item.schema != "Clip" or item.ours.get("role"):
            continue
        if found := _ours_by_name(item, store):
            edits[item.path] = with_metadata(_linked(item, store, str(found["take"])), {**item.ours, **found})
        elif opens and (tagged := _ours_by_tag(cut, item, store)):
            edits[item.path] = tagged
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
    return is_take_name(name)


def take_of(reference: Node) -> str:
    """Name of the take a media reference points to: by its file's name, else by its metadata; "" where neither says."""
    name, _ = take_and_role(file_name(reference))
    if is_take_name(name):
        return name
    return str(as_node(as_node(reference.get("metadata")).get("twopop")).get("take") or name)


def is_take_name(name: str) -> bool:
    """True for what could be called like a take: "kitchen_SH010_t001"."""
    return name[-4:-3] == "t" and name[-3:].isdigit()


def played_file(item: Item) -> str:
    """Name of the file that a clip plays: its reference's, else, as an EDL has no links, what the clip is called."""
    reference = active_reference(item.node)
    called = item.name if schema_name(reference) in ("", "MissingReference") else ""
    return file_name(reference) or called


def _linked(item: Item, store: TakeStore, name: str) -> Node:
    """The clip with a link to the file of its take, where it has none."""
    take, (_, role) = store.by_name(name), take_and_role(played_file(item))
    path = take.path(role) if take else None
    if take is None or path is None or file_name(active_reference(item.node)):
        return item.node
    held = range_node(take.source_range.shifted(take.timecode_offset_frames), rate_number(take.frame_rate))
    return with_active_reference(item.node, reference_node(path.name, path.as_uri(), held, {}))


def _ours_by_name(item: Item, store: TakeStore) -> Node | None:
    name, role = take_and_role(played_file(item))
    take = store.by_name(name) if "_t" in name else None
    return _ours(item, take, role) if take else None


def _ours_by_tag(cut: Cut, item: Item, store: TakeStore) -> Node | None:
    """The clip of a file that was renamed or copied, by the mark inside it; the reference notes whose it is."""
    from .errors import MediaError
    from .footage import footage_of

    reference = active_reference(item.node)
    if schema_name(reference) != "ExternalReference":
        return None
    try:
        tag = footage_of(cut, item).facts.tag
        take = store.by_name(tag.take) if tag else None
        role = _role_of_file(footage_of(cut, item).path, take) if take else ""
    except (MediaError, OSError):
        return None
    if take is None or not role:
        return None
    noted = with_metadata(reference, {"take": take.name, "role": role})
    return with_metadata(with_active_reference(item.node, noted), {**item.ours, **_ours(item, take, role)})


def _role_of_file(path: Path, take: Take) -> str:
    """Which file of the take this is: a stem by its bytes, a movie by being one; "" where it is none."""
    if path.suffix.casefold() != ".wav":
        return "picture"
    seen = sha256_file(path)
    return next((role for role, record in take.slate.files.items() if record.sha256 == seen), "")


def _ours(item: Item, take: Take, role: str) -> Node:
    """Our metadata of a clip that plays a file of `take`."""
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
