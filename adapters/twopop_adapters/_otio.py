"""OpenTimelineIO as an editor wants it: flat tracks, absolute links, ranges in the media's own timecode.

Resolve and Premiere differ in how links, channels and speed are said; what they share is here. Only stock schemas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from twopop.document import gap_node, range_node, rate_number, reference_node, shifted_range, time_node, track_node
from twopop.flavours import Flavour, Loss
from twopop.links import folders_of
from twopop.timebase import FrameRange, nearest_frame, nominal_rate
from twopop.timeline import Cut, Node, as_list, as_node, schema_name, serialized
from twopop.tracks import active_reference, compositions, time_value

from ._common import Edit, Lane, Piece, edit_of, transition_beside

_EFFECTS = ("Effect", "FreezeFrame", "LinearTimeWarp", "TimeEffect")
HOUR_S = 3600


@dataclass(frozen=True)
class Placed:
    """A piece and where its source lies: what a dialect turns into a clip."""

    piece: Piece
    source: FrameRange
    """In the media's own timecode, frames of the cut; as many as the cut shows."""
    shift: int
    """Frames by which its numbers differ from the cut's document: markers move with them."""


class OtioFlavour(Flavour):
    """A dialect of OTIO. Subclasses say what an editor calls things."""

    suffix = ".otio"
    key: str
    """Of the editor's metadata."""
    timecode: bool = True
    """False where the editor counts the frames of every file from 0."""

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The whole file, and what could not be said in it."""
        edit = edit_of(cut)
        return serialized(self.timeline(edit), indent=1), [*edit.losses(self.fidelity), *_markers_outside(edit)]

    # what an editor calls things

    def url(self, path: Path) -> str:
        """A link."""
        return path.as_uri()

    def timeline_metadata(self, edit: Edit) -> Node:
        """The editor's metadata of the timeline."""
        return {}

    def stack_metadata(self, edit: Edit) -> Node:
        """The editor's metadata of the stack of tracks."""
        return {}

    def track_metadata(self, lane: Lane) -> Node:
        """The editor's metadata of a track."""
        return {}

    def clip_metadata(self, piece: Piece) -> Node:
        """The editor's metadata of a clip."""
        return {}

    def marker(self, marker: Node) -> Node:
        """A marker as the editor reads it."""
        return marker

    def source_frames(self, placed: Placed) -> int:
        """Length that `source_range` states: what the cut shows, unless the editor counts media."""
        return placed.source.frames

    def transition(self, edit: Edit, piece: Piece, side: int) -> list[Node]:
        """The transition before (-1) or after (1) a clip, if any."""
        return transition_of(edit, piece, side)

    def effects(self, node: Node) -> list[Node]:
        """The effects of a clip that the editor reads."""
        return list(_effects(node))

    # the document

    def timeline(self, edit: Edit) -> Node:
        """The Timeline document."""
        cut, rate = edit.cut, rate_number(edit.frame_rate)
        start = cut.start_frames if cut.has_start else HOUR_S * nominal_rate(edit.frame_rate)
        stack = track_node("", "", [self.track(edit, lane) for lane in edit.lanes], {})
        del stack["kind"]
        stack["markers"] = [self.marker(marker) for marker in _over_tracks(edit)]
        return {
            "OTIO_SCHEMA": "Timeline.1",
            "metadata": self._with(as_node(cut.document.get("metadata")), self.timeline_metadata(edit)),
            "name": cut.name,
            "global_start_time": time_node(start, rate),
            "tracks": {**stack, "OTIO_SCHEMA": "Stack.1", "metadata": self._with({}, self.stack_metadata(edit))},
        }

    def track(self, edit: Edit, lane: Lane) -> Node:
        """A flat track: gaps, clips, and the transitions between them."""
        rate = rate_number(edit.frame_rate)
        children: list[Node] = []
        at = 0
        for piece in lane.pieces:
            record = piece.item.record
            if record.start > at:
                children.append(gap_node(record.start - at, rate))
            children += self.transition(edit, piece, -1)
            children.append(self.clip(edit, piece))
            children += [] if piece.joins_after else self.transition(edit, piece, 1)
            at = record.end
        metadata: Node = {"twopop": {"track": lane.role}} if lane.role else {}
        return track_node(lane.name, lane.kind, children, self._with(metadata, self.track_metadata(lane)))

    def clip(self, edit: Edit, piece: Piece) -> Node:
        """A Clip.2 with one media reference, in its file's own timecode."""
        rate, node = rate_number(edit.frame_rate), piece.item.node
        placed = placed_in_media(edit, piece, timecode=self.timecode)
        shown = FrameRange(placed.source.start, self.source_frames(placed))
        markers = [as_node(marker) for marker in as_list(node.get("markers"))]
        return {
            **{key: value for key, value in node.items() if key != "media_reference"},
            "OTIO_SCHEMA": "Clip.2",
            "name": piece.name,
            "metadata": self._with(_counted_from(piece, placed.shift), self.clip_metadata(piece)),
            "source_range": range_node(shown, rate),
            "effects": self.effects(node),
            "enabled": piece.item.enabled,
            "markers": [
                self.marker(_moved(marker, placed.shift, edit.frame_rate))
                for marker in markers
                if _inside(marker, piece, edit.frame_rate)
            ],
            "media_references": {"DEFAULT_MEDIA": self.reference(edit, placed, shown)},
            "active_media_reference_key": "DEFAULT_MEDIA",
        }

    def reference(self, edit: Edit, placed: Placed, shown: FrameRange) -> Node:
        """The active reference, absolute."""
        piece = placed.piece
        old = active_reference(piece.item.node)
        if piece.path is None:
            return _absolute(edit.cut, old) or _missing()
        if piece.facts is None:
            return {**old, "name": piece.path.name, "target_url": self.url(piece.path)}
        available = available_range(edit, piece, shown, timecode=self.timecode)
        return reference_node(piece.path.name, self.url(piece.path), available, as_node(old.get("metadata")))

    def _with(self, metadata: Node, own: Node) -> Node:
        """`metadata` with the editor's own, which win over what the same editor wrote before."""
        return {**metadata, self.key: {**as_node(metadata.get(self.key)), **own}} if own else metadata


def placed_in_media(edit: Edit, piece: Piece, *, timecode: bool = True) -> Placed:
    """Where a clip's source lies in its file, whose first frame is its timecode or 0; as it was without a file."""
    trimmed = piece.item.trimmed
    if piece.facts is None:
        return Placed(piece, trimmed, 0)
    into = piece.item.record.start - piece.shown.start
    start = (piece.timecode(edit.frame_rate) if timecode else 0) + piece.first + into
    return Placed(piece, FrameRange(start, trimmed.frames), start - trimmed.start)


def available_range(edit: Edit, piece: Piece, shown: FrameRange, *, timecode: bool = True) -> Node:
    """What a file holds, at its own rate, from its timecode or from 0; of a still, what is shown."""
    facts, rate = piece.facts, edit.frame_rate
    if facts is None or facts.is_still:
        return range_node(shown, rate_number(rate))
    if facts.frames and facts.frame_rate:
        start = (facts.timecode_frames or 0) if timecode else 0
        return range_node(FrameRange(start, facts.frames), rate_number(facts.frame_rate))
    start = piece.timecode(rate) if timecode else 0
    return range_node(FrameRange(start, piece.media_frames(rate)), rate_number(rate))


def _counted_from(piece: Piece, shift: int) -> Node:
    """Metadata of a clip whose source moved by `shift`: our own numbers are counted from where it was."""
    ours = piece.item.ours
    if not shift or "offset_frames" not in ours:
        return piece.item.metadata
    return {**piece.item.metadata, "twopop": {**ours, "offset_frames": ours["offset_frames"] + shift}}


def transition_of(edit: Edit, piece: Piece, side: int) -> list[Node]:
    """The transition before (-1) or after (1) a clip; none where its media has no room for it."""
    item = piece.item
    asked, there = (
        (item.trimmed.start - item.visible.start, piece.fade_in)
        if side < 0
        else (item.visible.end - item.trimmed.end, piece.fade_out)
    )
    if asked and not there:
        return []
    node = transition_beside(edit.cut, item, side)
    return [node] if node else []


def _effects(node: Node) -> Iterator[Node]:
    """Effects of stock schemas; a speed of 1 is none (Premiere drops motion and opacity where it meets one)."""
    for effect in map(as_node, as_list(node.get("effects"))):
        idle = schema_name(effect) == "LinearTimeWarp" and Fraction(str(effect.get("time_scalar", 1))) == 1
        if schema_name(effect) in _EFFECTS and not idle:
            yield effect


def _absolute(cut: Cut, reference: Node) -> Node:
    """A reference that is no single file, its folder absolute."""
    base = str(reference.get("target_url_base") or "")
    if not base or "://" in base:
        return reference
    folder = next(iter(folders_of(cut)), Path.cwd())
    return {**reference, "target_url_base": (folder / base).absolute().as_uri() + "/"}


def _missing() -> Node:
    return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": "", "available_range": None}


# ---- markers ---------------------------------------------------------------------------------------------------------


def _over_tracks(edit: Edit) -> Iterator[Node]:
    """Markers of timeline, tracks and nests, in the cut clock."""
    for node, _, window in compositions(edit.cut.document, edit.frame_rate):
        for marker in map(as_node, as_list(node.get("markers"))):
            yield _moved(marker, nearest_frame(window.shift), edit.frame_rate)


def _moved(marker: Node, by_frames: int, frame_rate: Fraction) -> Node:
    return {**marker, "marked_range": shifted_range(as_node(marker.get("marked_range")), by_frames, frame_rate)}


def _inside(marker: Node, piece: Piece, frame_rate: Fraction) -> bool:
    """False where the clip does not show the marker's frame: editors refuse the whole file for it."""
    start = time_value(as_node(as_node(marker.get("marked_range")).get("start_time")), frame_rate)
    trimmed = piece.item.trimmed
    consumed = max(1, nearest_frame(trimmed.frames * max(abs(piece.speed), Fraction(1))))
    return FrameRange(trimmed.start, consumed).holds(nearest_frame(start))


def _markers_outside(edit: Edit) -> list[Loss]:
    found = [
        edit.cut.timecode(piece.item.record.start)
        for lane in edit.lanes
        for piece in lane.pieces
        for marker in map(as_node, as_list(piece.item.node.get("markers")))
        if not _inside(marker, piece, edit.frame_rate)
    ]
    what = f"markers ({len(found)}): those outside what their clip shows are left out"
    return [Loss(what, found[0])] if found else []
