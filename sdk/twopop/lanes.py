"""Puts clips on sound tracks at exact record frames, into gaps and free ends, moving nothing that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .document import Rate, gap_node
from .timebase import FrameRange, Frames, nearest_frame
from .timeline import Node, as_node, schema_name
from .tracks import child_length, time_value


@dataclass(frozen=True, slots=True)
class Placement:
    """A clip to place at `record` (track's own clock), with the transitions of its picture as fades."""

    record: FrameRange
    node: Node
    before: Node | None = None
    after: Node | None = None


def placed(
    children: Sequence[Node], placements: Sequence[Placement], frame_rate: Fraction, rate: Rate
) -> tuple[list[Node], list[Placement]]:
    """Track children with `placements` (sorted by record) put in, and those for which there is no room."""
    lane = _Lane(list(placements), frame_rate, rate)
    at: Frames = 0
    for node in children:
        end = at + child_length(node, frame_rate)
        if schema_name(node) == "Gap":
            lane.fill(node, nearest_frame(at), nearest_frame(end))
        else:
            lane.keep(node, nearest_frame(end))
        at = end
    lane.finish()
    return lane.out, lane.homeless


class _Lane:
    """One track while it is written, left to right."""

    def __init__(self, placements: list[Placement], frame_rate: Fraction, rate: Rate) -> None:
        self.waiting = list(reversed(placements))
        self.frame_rate, self.rate = frame_rate, rate
        self.out: list[Node] = []
        self.homeless: list[Placement] = []
        self.at = 0

    def keep(self, node: Node, end: int) -> None:
        """A child that stays; what wanted its place has no room here."""
        self.out.append(node)
        self.at = end
        while self.waiting and self.waiting[-1].record.start < end:
            self.homeless.append(self.waiting.pop())

    def fill(self, gap: Node, start: int, end: int) -> None:
        """A gap: everything that lies wholly in it goes in."""
        if not self.waiting or self.waiting[-1].record.start >= end:
            self.keep(gap, end)
            return
        self.at = start
        while self.waiting and self.waiting[-1].record.start < end:
            piece = self.waiting.pop()
            if piece.record.start >= self.at and piece.record.end <= end:
                self.put(piece)
            else:
                self.homeless.append(piece)
        self.space(end)

    def finish(self) -> None:
        """The free end of the track."""
        while self.waiting:
            piece = self.waiting.pop()
            if piece.record.start >= self.at:
                self.put(piece)
            else:
                self.homeless.append(piece)
        if self.out and schema_name(self.out[-1]) == "Transition":
            tail = nearest_frame(time_value(as_node(self.out[-1].get("out_offset")), self.frame_rate))
            self.space(self.at + max(tail, 1))

    def put(self, piece: Placement) -> None:
        self.space(piece.record.start)
        joined = bool(self.out) and schema_name(self.out[-1]) == "Transition"
        if piece.before and not joined:
            self.out.append(piece.before)
        self.out.append(piece.node)
        self.at = piece.record.end
        if piece.after:
            self.out.append(piece.after)

    def space(self, until: int) -> None:
        if until > self.at:
            self.out.append(gap_node(until - self.at, self.rate))
            self.at = until
