"""Clips that may be shots: what they are, and how their source clock lies in the cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from .briefs import Draft, Placed
from .overhead import Candidate
from .timebase import FrameRange, nearest_frame
from .timeline import Item, Node, as_node, schema_name
from .tracks import active_reference, own_range, range_of, retimes_of

Kind = Literal["filled", "missing", "generator", "real"]


@dataclass(slots=True)
class Piece:
    """A clip that may be a shot."""

    item: Item
    kind: Kind
    offset: int
    """Clip number - offset = source frame."""
    speed: float
    """Media frames consumed for every frame shown; 1 where nothing is retimed."""
    placed: list[Placed] = field(default_factory=list[Placed])
    draft: Draft = field(default_factory=Draft)
    stated: bool = False
    """It carries a brief itself: a marker with a role, or our metadata."""
    broken: bool = False
    """Its brief cannot be read."""

    @property
    def label(self) -> str:
        """What findings call it."""
        return str(self.item.ours.get("name") or self.item.name or "without a name")

    def source_of(self, record_frame: int) -> int:
        """Source frame shown at a frame of the cut."""
        into = record_frame - self.item.record.start
        first = self.item.trimmed.start - self.offset
        if self.speed < 0:
            return first + max(0, self.shown.frames - 1 + int(into * self.speed))
        return first + (into if self.speed == 1 else int(into * self.speed))

    def record_of(self, source_frame: int) -> int:
        """Frame of the cut that shows a source frame (beyond the clip's ends where that is not visible)."""
        into = source_frame - self.item.trimmed.start + self.offset
        return self.item.record.start + (into if self.speed in (0, 1) else int(into / abs(self.speed)))

    @property
    def candidate(self) -> Candidate:
        """What markers above see of it."""
        rank = 0 if self.stated or self.kind == "filled" else 1 if self.kind == "missing" else 2
        return Candidate(self.item.record, self.item.path, rank)

    @property
    def shown(self) -> FrameRange:
        """What the cut shows, transitions included: source clock."""
        visible = self.item.visible.shifted(-self.offset)
        if self.speed == 1:
            return visible
        return FrameRange(visible.start, max(1, round(visible.frames * abs(self.speed))))


def piece_of(item: Item, frame_rate: Fraction, *, bake: bool) -> Piece | None:
    """An item as a piece; None where it is no video clip, or nothing of it is shown.

    A hole without any length of its own is kept: the plan refuses it by name.
    """
    if item.schema != "Clip" or item.kind != "Video":
        return None
    kind = _kind(item)
    if item.record.frames <= 0 and (kind == "real" or (own_range(item.node, frame_rate) or (0, 0))[1] > 0):
        return None
    offset = item.ours.get("offset_frames") if kind == "filled" else 0
    return Piece(item, kind, offset if isinstance(offset, int) else 0, _speed(item.node, bake))


def media_origin(clip: Node, frame_rate: Fraction) -> int:
    """First frame of a hole's own media space: its placeholder's `available_range`, else 0.

    A filled shot keeps its placeholder beside the takes, so this does not change when it is filled.
    """
    references = as_node(clip.get("media_references")) or {"": as_node(clip.get("media_reference"))}
    for key, reference in references.items():
        if not key.startswith("twopop:") and schema_name(as_node(reference)) in _KINDS:
            found = range_of(as_node(as_node(reference).get("available_range")), frame_rate)
            return nearest_frame(found[0]) if found else 0
    return 0


_KINDS: dict[str, Kind] = {"MissingReference": "missing", "": "missing", "GeneratorReference": "generator"}


def _kind(item: Item) -> Kind:
    if item.ours.get("role") == "shot":
        return "filled"
    return _KINDS.get(schema_name(active_reference(item.node)), "real")


def _speed(clip: Node, bake: bool) -> float:
    """Media frames a frame of cut consumes: the product of its linear retimes (1 where they are baked), 0 frozen."""
    if not clip.get("effects"):
        return 1.0
    speed = 1.0
    for effect in retimes_of(clip):
        scalar = effect.get("time_scalar", 1.0)
        speed *= 0.0 if schema_name(effect) == "FreezeFrame" else float(scalar)
    return 1.0 if bake and speed > 0 else speed
