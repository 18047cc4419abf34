"""Where every item of an OTIO document lies in time, exactly, in one linear pass.

OpenTimelineIO's own range methods walk the track for every question and answer in floats; this walks once, in
`Fraction`, and opens nested stacks. Unknown schemas are leaves with a `source_range` or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from .timebase import FrameRange, Frames, nearest_frame, rescale
from .timeline import Item, Node, as_list, as_node, schema_name

TRACKS = ("Track", "Sequence")
"""Schema names of a track: `Sequence` is its old one."""

_NO_TRANSITIONS = (0, 0)
_RETIMES = ("LinearTimeWarp", "FreezeFrame", "TimeEffect")


@dataclass(frozen=True, slots=True)
class Window:
    """What a composition lets through: cut frame = local time + `shift`, within [start, end) of the cut."""

    shift: Frames
    start: Frames
    end: Frames | None
    retimed: bool = False
    enabled: bool = True
    edges: tuple[Frames, Frames] = (0, 0)
    """Where the nest begins and ends (cut clock) whose transitions `around` are."""
    around: tuple[Frames, Frames] = (0, 0)
    """How far transitions beside a nest widen what lies at its edges: (head, tail)."""


def walk(document: Node, frame_rate: Fraction) -> tuple[Item, ...]:
    """Every leaf of every track of a Timeline document, in document order."""
    root = as_node(document.get("tracks"))
    window = _enter(root, frame_rate, Window(0, 0, None), 0)
    return tuple(_walk_stack(root, frame_rate, window, ()))


def compositions(document: Node, frame_rate: Fraction) -> Iterator[tuple[Node, tuple[int, ...], Window]]:
    """Every stack and track of a Timeline document: node, path, and the window it opens (for markers on it)."""
    root = as_node(document.get("tracks"))
    window = _enter(root, frame_rate, Window(0, 0, None), 0)
    yield root, (), window
    yield from _compositions_in(root, frame_rate, window, ())


def _compositions_in(
    parent: Node, rate: Fraction, window: Window, path: tuple[int, ...]
) -> Iterator[tuple[Node, tuple[int, ...], Window]]:
    children = [as_node(child) for child in as_list(parent.get("children"))]
    nests = [index for index, child in enumerate(children) if schema_name(child) in (*TRACKS, "Stack")]
    at, done = 0, 0
    for index in nests:
        if schema_name(parent) in TRACKS:
            at += sum((child_length(child, rate) for child in children[done:index]), 0)
            done = index
        inside = _enter(children[index], rate, window, at)
        yield children[index], (*path, index), inside
        yield from _compositions_in(children[index], rate, inside, (*path, index))


def duration(document: Node, frame_rate: Fraction) -> int:
    """Length of a Timeline document in frames: its longest track, or what the root stack lets through."""
    found = own_range(as_node(document.get("tracks")), frame_rate)
    return nearest_frame(found[1]) if found else 0


def time_value(node: Node, frame_rate: Fraction) -> Frames:
    """A RationalTime node in frames of `frame_rate`; 0 where it is absent or its rate is 0."""
    value, rate = node.get("value", 0), node.get("rate", 0)
    return rescale(value, rate, frame_rate) if rate else value or 0


def range_of(node: Node, frame_rate: Fraction) -> tuple[Frames, Frames] | None:
    """A TimeRange node as (start, length) in frames, or None."""
    if not node:
        return None
    return time_value(as_node(node.get("start_time")), frame_rate), time_value(
        as_node(node.get("duration")), frame_rate
    )


def active_reference(clip: Node) -> Node:
    """The active media reference of a Clip.1 or Clip.2 node ({} where it has none)."""
    if "media_references" in clip:
        key = str(clip.get("active_media_reference_key", "DEFAULT_MEDIA"))
        return as_node(as_node(clip["media_references"]).get(key))
    return as_node(clip.get("media_reference"))


def retimes_of(node: Node) -> list[Node]:
    """The enabled speed effects of an item, in order."""
    effects = [as_node(effect) for effect in as_list(node.get("effects"))]
    return [e for e in effects if schema_name(e) in _RETIMES and e.get("enabled", True) is not False]


def own_range(node: Node, frame_rate: Fraction) -> tuple[Frames, Frames] | None:
    """(start, length) an item takes from its media: `source_range`, else the media's, else its content's; or None."""
    if found := range_of(as_node(node.get("source_range")), frame_rate):
        return found
    if schema_name(node) in (*TRACKS, "Stack", "Timeline"):
        return 0, _content_length(node, frame_rate)
    return range_of(as_node(active_reference(node).get("available_range")), frame_rate)


def _content_length(node: Node, frame_rate: Fraction) -> Frames:
    children = [as_node(child) for child in as_list(node.get("children"))]
    lengths = [child_length(child, frame_rate) for child in children]
    if schema_name(node) not in TRACKS:
        return max(lengths, default=0)
    # A fade at either end of a track lasts as long as its outer offset: OpenTimelineIO counts it, so do we.
    ends = (
        _offset(children[0], "in_offset", frame_rate) + _offset(children[-1], "out_offset", frame_rate)
        if children
        else 0
    )
    return sum(lengths) + ends


def child_length(node: Node, frame_rate: Fraction) -> Frames:
    """Frames a child takes on its track: none for a transition."""
    found = None if schema_name(node) == "Transition" else own_range(node, frame_rate)
    return found[1] if found else 0


def _offset(node: Node, side: str, frame_rate: Fraction) -> Frames:
    """A transition's `in_offset` or `out_offset` in frames; 0 for anything else."""
    return time_value(as_node(node.get(side)), frame_rate) if schema_name(node) == "Transition" else 0


def _enter(node: Node, frame_rate: Fraction, window: Window, at: Frames) -> Window:
    """The window inside a composition that begins at local time `at` of its parent."""
    trimmed = node.get("source_range") is not None
    if not trimmed and window.end is None:  # its length limits nothing, so it need not be measured
        start = length = 0
    else:
        start, length = own_range(node, frame_rate) or (0, 0)
    if trimmed and not -length < start < max(_content_length(node, frame_rate), 1):
        start = 0  # some exporters write a track range in record timecode: it would show nothing at all
    first = window.shift + at
    last = first + length
    end = min(last, window.end) if window.end is not None else (last if trimmed else None)
    enabled = window.enabled and node.get("enabled", True) is not False
    retimed = window.retimed or bool(retimes_of(node))
    return Window(first - start, max(window.start, first), end, retimed, enabled, window.edges, window.around)


def _walk_stack(node: Node, rate: Fraction, window: Window, path: tuple[int, ...]) -> Iterator[Item]:
    """The layers of a stack: tracks, but also nests and clips that lie in it directly."""
    for index, child in enumerate(as_list(node.get("children"))):
        yield from _walk_child(as_node(child), "Video", rate, window, (*path, index), 0, _NO_TRANSITIONS)


def _walk_track(track: Node, rate: Fraction, window: Window, path: tuple[int, ...]) -> Iterator[Item]:
    children = [as_node(child) for child in as_list(track.get("children"))]
    kind = str(track.get("kind", "Video"))
    at: Frames = 0
    for index, node in enumerate(children):
        if schema_name(node) == "Transition":
            continue
        yield from _walk_child(node, kind, rate, window, (*path, index), at, _around(children, index, rate))
        at += child_length(node, rate)


def _walk_child(
    node: Node,
    kind: str,
    rate: Fraction,
    window: Window,
    path: tuple[int, ...],
    at: Frames,
    around: tuple[Frames, Frames],
) -> Iterator[Item]:
    schema = schema_name(node)
    if schema in TRACKS:
        yield from _walk_track(node, rate, _enter(node, rate, window, at), path)
    elif schema == "Stack":
        if any(around) and is_one_track(node, kind):
            first = window.shift + at
            window = replace(window, edges=(first, first + child_length(node, rate)), around=around)
        yield from _walk_stack(node, rate, _enter(node, rate, window, at), path)
    elif item := _leaf(node, kind, path, window, at, around, rate):
        yield item


def is_one_track(nest: Node, kind: str) -> bool:
    """True for a nest that shows what a single track of a kind holds: it can be opened in its place."""
    layers = [as_node(child) for child in as_list(nest.get("children"))]
    kinds = [str(layer.get("kind", "Video")) if schema_name(layer) in TRACKS else "Video" for layer in layers]
    return kinds.count(kind) == 1 and schema_name(layers[kinds.index(kind)]) in TRACKS


def _around(children: list[Node], index: int, rate: Fraction) -> tuple[Frames, Frames]:
    """How far the transitions beside child `index` widen it: (head, tail) in frames."""
    head = _offset(children[index - 1], "in_offset", rate) if index else 0
    tail = _offset(children[index + 1], "out_offset", rate) if index + 1 < len(children) else 0
    return head, tail


def _leaf(
    node: Node,
    kind: str,
    path: tuple[int, ...],
    window: Window,
    at: Frames,
    around: tuple[Frames, Frames],
    rate: Fraction,
) -> Item | None:
    """The item at local time `at`, cut to the window; None where nothing of it is shown."""
    length = child_length(node, rate)
    first, last = window.shift + at, window.shift + at + length
    shown = max(first, window.start), last if window.end is None else min(last, window.end)
    if shown[1] < shown[0]:
        return None
    start = (own_range(node, rate) or (0, length))[0]
    head, tail = around[0] if shown[0] == first else 0, around[1] if shown[1] == last else 0
    head = head or (window.around[0] if shown[0] == window.edges[0] else 0)
    tail = tail or (window.around[1] if shown[1] == window.edges[1] else 0)
    record, trimmed = _whole(*shown), _whole(start + shown[0] - first, start + shown[1] - first)
    visible = _whole(start + shown[0] - first - head, start + shown[1] - first + tail)
    enabled = window.enabled and node.get("enabled", True) is not False
    return Item(node, schema_name(node), path, kind, record, trimmed, visible, enabled, window.retimed)


def _whole(start: Frames, end: Frames) -> FrameRange:
    """Whole frames: both ends rounded, so that neighbours still meet."""
    first = nearest_frame(start)
    return FrameRange(first, nearest_frame(end) - first)
