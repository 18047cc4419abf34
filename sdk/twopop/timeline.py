"""Cut: an edit as we hold it, frozen.

A cut keeps the OpenTimelineIO *document* (the guarded JSON, as plain dicts and lists) and never changes it: conform
builds a new document that shares every untouched node, so what is not ours comes out equal by construction, unknown
schemas included, and no parser of untrusted bytes runs inside an editor. `Cut.to_otio()` gives the library's objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .timebase import FrameRange
from .wire import Finding, sha256_of

if TYPE_CHECKING:
    import opentimelineio as otio

Node = dict[str, Any]
"""One JSON object of an OTIO document. Never changed in place."""


def as_node(value: Any) -> Node:
    """`value` where it is a JSON object, else an empty one."""
    return cast(Node, value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """`value` where it is a JSON array, else an empty one."""
    return cast(list[Any], value) if isinstance(value, list) else []


def schema_name(node: Node) -> str:
    """Schema of a node without its version: "Clip" for `Clip.2`; "" where it has none."""
    return str(node.get("OTIO_SCHEMA", "")).partition(".")[0]


@dataclass(frozen=True, slots=True)
class Item:
    """One leaf of a document (clip, gap, unknown thing) with its place, worked out once.

    Ranges are whole frames at the cut's frame rate (nearest, where a rate differs).
    """

    node: Node
    schema: str
    """Schema name without version: "Clip", "Gap", ..."""
    path: tuple[int, ...]
    """Child indices from the root stack: (track, child) or, in a nest, (track, child, track, child, ...)."""
    kind: str
    """"Video" or "Audio": kind of the innermost track."""
    record: FrameRange
    """Where it is shown, cut clock, clipped to what its nests and tracks let through."""
    trimmed: FrameRange
    """The part of its media that `record` shows, as its own `source_range` counts it."""
    visible: FrameRange
    """`trimmed` with the transitions around it."""
    enabled: bool = True
    retimed_nest: bool = False
    """Inside a nest that is retimed: its place in time is not a plain shift."""

    @property
    def name(self) -> str:
        """The clip's name: a label, never a prompt."""
        return str(self.node.get("name") or "")

    @property
    def metadata(self) -> Node:
        """Its metadata (empty where there is none)."""
        return as_node(self.node.get("metadata"))

    @property
    def ours(self) -> Node:
        """`metadata["twopop"]` (empty where there is none)."""
        return as_node(self.metadata.get("twopop"))

    @property
    def top_track(self) -> int:
        """Index of its track in the root stack."""
        return self.path[0]

    @property
    def nested(self) -> bool:
        """True inside a nested stack."""
        return len(self.path) > 2


@dataclass(frozen=True)
class Cut:
    """An edit, frozen. Clock: cut (frame 0 = its first frame); `start_frames` is the timecode of that frame."""

    document: Node = field(repr=False)
    """The guarded OTIO Timeline as JSON values."""
    frame_rate: Fraction
    start_frames: int = 0
    """Timecode frame number of cut frame 0; 0 where the cut has no start."""
    has_start: bool = False
    drop_frame: bool = False
    path: Path | None = None
    """The file it was read from; None for a cut made in memory."""
    roots: tuple[Path, ...] = ()
    """Folders whose media may be opened: the cut's own first."""
    findings: tuple[Finding, ...] = ()
    """What reading had to say: schemas downgraded, drop-frame assumed, ..."""

    @property
    def name(self) -> str:
        """Base name of outputs: the file's name, else the timeline's, else "cut"."""
        return self.path.stem if self.path else str(self.document.get("name") or "cut")

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every leaf of every track, in document order, nests opened."""
        from .tracks import walk

        return walk(self.document, self.frame_rate)

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) of the canonical document."""
        return sha256_of(self.document)

    @cached_property
    def duration_frames(self) -> int:
        """Length of the cut in frames."""
        from .tracks import duration

        return duration(self.document, self.frame_rate)

    def timecode(self, frame: int) -> str:
        """Timecode of cut frame `frame`."""
        from .timebase import format_timecode

        return format_timecode(frame + self.start_frames, self.frame_rate, drop_frame=self.drop_frame)

    def with_document(self, document: Node) -> Cut:
        """The same cut around another document."""
        from dataclasses import replace

        return replace(self, document=document)

    def to_otio(self) -> otio.schema.Timeline:
        """A new OpenTimelineIO timeline, yours to change."""
        raise NotImplementedError
