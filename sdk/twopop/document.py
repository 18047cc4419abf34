"""Builds OTIO documents: nodes of the stock schemas, and changes that share whatever they do not touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from .timebase import FrameRange
from .timeline import Node, as_list, as_node

Edits = Mapping[tuple[int, ...], Node]
"""Item path -> the node that takes its place."""

Rate = int | float
"""A rate as an OTIO document writes it."""


def rate_number(frame_rate: Fraction) -> Rate:
    """The JSON number of an exact rate."""
    return float(frame_rate)


def time_node(frames: float, rate: Rate) -> Node:
    """A RationalTime."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(frames)}


def range_node(frames: FrameRange, rate: Rate) -> Node:
    """A TimeRange."""
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": time_node(frames.frames, rate),
        "start_time": time_node(frames.start, rate),
    }


def gap_node(frames: int, rate: Rate) -> Node:
    """A Gap of `frames`."""
    return {
        "OTIO_SCHEMA": "Gap.1",
        "metadata": {},
        "name": "",
        "source_range": range_node(FrameRange(0, frames), rate),
        "effects": [],
        "markers": [],
        "enabled": True,
        "color": None,
    }


def clip_node(name: str, source: Node, references: Node, active: str, metadata: Node, effects: list[Any]) -> Node:
    """A Clip.2."""
    return {
        "OTIO_SCHEMA": "Clip.2",
        "metadata": metadata,
        "name": name,
        "source_range": source,
        "effects": effects,
        "markers": [],
        "enabled": True,
        "color": None,
        "media_references": references,
        "active_media_reference_key": active,
    }


def reference_node(name: str, url: str, available: Node, metadata: Node) -> Node:
    """An ExternalReference."""
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": metadata,
        "name": name,
        "available_range": available,
        "available_image_bounds": None,
        "target_url": url,
    }


def track_node(name: str, kind: str, children: list[Node], metadata: Node) -> Node:
    """A Track."""
    return {
        "OTIO_SCHEMA": "Track.1",
        "metadata": metadata,
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "color": None,
        "children": children,
        "kind": kind,
    }


def shifted_range(node: Node, by_frames: int, frame_rate: Fraction) -> Node:
    """A TimeRange node that starts `by_frames` (at `frame_rate`) later, in its own rate."""
    if not by_frames:
        return node
    start = as_node(node.get("start_time"))
    rate = start.get("rate") or float(frame_rate)
    by = by_frames if abs(rate - float(frame_rate)) < 1e-3 else float(by_frames * Fraction(rate) / frame_rate)
    return {**node, "start_time": {**start, "value": start.get("value", 0) + by}}


def edited(document: Node, edits: Edits) -> Node:
    """A Timeline document in which the nodes at the paths of `edits` are replaced; the rest is shared."""
    if not edits:
        return document
    tree: dict[int, Any] = {}
    for path, node in edits.items():
        branch = tree
        for index in path[:-1]:
            branch = branch.setdefault(index, {})
        branch[path[-1]] = _Leaf(node)
    return {**document, "tracks": _rebuilt(as_node(document.get("tracks")), tree)}


class _Leaf:
    """Marks a replaced node among the branches."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node


def _rebuilt(node: Node, branch: dict[int, Any]) -> Node:
    children = list(as_list(node.get("children")))
    for index, change in branch.items():
        children[index] = change.node if isinstance(change, _Leaf) else _rebuilt(children[index], change)
    return {**node, "children": children}


def with_tracks(document: Node, added: list[Node], replaced: Mapping[int, Node]) -> Node:
    """A Timeline document with tracks of its root stack replaced by index and others appended."""
    if not added and not replaced:
        return document
    root = as_node(document.get("tracks"))
    children = [replaced.get(index, child) for index, child in enumerate(as_list(root.get("children")))]
    return {**document, "tracks": {**root, "children": [*children, *added]}}


def with_metadata(node: Node, ours: Node) -> Node:
    """`node` with `ours` as its `metadata["twopop"]` (unchanged where it is that already)."""
    metadata = as_node(node.get("metadata"))
    if metadata.get("twopop") == ours:
        return node
    return {**node, "metadata": {**metadata, "twopop": ours}}


def with_active_reference(clip: Node, reference: Node) -> Node:
    """A Clip.1 or Clip.2 with another active media reference."""
    if "media_references" not in clip:
        return {**clip, "media_reference": reference}
    key = str(clip.get("active_media_reference_key", "DEFAULT_MEDIA"))
    return {**clip, "media_references": {**as_node(clip["media_references"]), key: reference}}


def with_references(node: Node, change: Callable[[Node], Node]) -> Node:
    """`node` with every media reference of the edit below it put through `change`; what stays the same is shared."""
    changes: Node = {}
    for key in ("tracks", "media_reference"):
        old = as_node(node.get(key))
        new = (with_references(old, change) if key == "tracks" else change(old)) if old else old
        if new is not old:
            changes[key] = new
    children = [as_node(child) for child in as_list(node.get("children"))]
    changed = [with_references(child, change) for child in children]
    if any(new is not old for new, old in zip(changed, children, strict=True)):
        changes["children"] = changed
    references = as_node(node.get("media_references"))
    moved = {key: change(as_node(reference)) for key, reference in references.items()}
    if any(moved[key] is not reference for key, reference in references.items()):
        changes["media_references"] = moved
    return {**node, **changes} if changes else node
