"""Plan: what a cut asks for. Printable, editable, saved and loaded as JSON."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

from pydantic import Field

from .timebase import SAMPLE_RATE, FrameRange
from .wire import Brief, Finding, Role, Wire

ShotStatus = Literal["generate", "reuse", "extend", "stale", "locked"]


class Retime(Wire):
    """The speed effect of a shot: media seconds consumed for every second of cut."""

    kind: Literal["linear", "freeze", "reverse"]
    scalar: float = 1.0


class Shot(Wire):
    """One hole or filled shot. Ranges say their clock."""

    name: str
    """Label, unique in the plan; with its take, the file name."""
    id: str
    """`metadata.twopop.id` where there is one, else derived from the match key."""
    path: tuple[int, ...]
    """Where its clip is: child indices from the root stack (`Item.path`)."""
    record: FrameRange
    """Cut clock: what the cut shows, without transitions."""
    used: FrameRange
    """Source clock: what the cut shows, transitions included."""
    needed: FrameRange
    """Source clock: `used` with both handles and EXTEND."""
    head_handle_frames: int
    tail_handle_frames: int
    timecode_offset_frames: int
    """Source frame + offset = timecode frame number, frozen at the first take."""
    clip_offset_frames: int = 0
    """Source frame + this = the number in the clip's own `source_range` now (0 in a hole)."""
    brief: Brief
    match_key: str
    status: ShotStatus
    why: str = ""
    """One sentence: why this status."""
    take: str = ""
    """The stored take that serves, if any."""
    filled: bool = False
    scene: str = ""
    nested: bool = False
    retime: Retime | None = None
    price: float = 0.0


class Bed(Wire):
    """Ambience or music under several shots. Its source clock: 0 = the bed's first frame when it was made."""

    name: str
    id: str
    role: Role
    record: FrameRange
    """Cut clock."""
    used: FrameRange
    """Bed's source clock: what the cut plays."""
    needed: FrameRange
    """`used` with its tail."""
    brief: Brief
    match_key: str
    status: ShotStatus
    why: str = ""
    take: str = ""
    timecode_offset_frames: int = 0
    price: float = 0.0


class LeftAlone(Wire):
    """A clip the plan does not touch, and why (offline media, a title, KEEP)."""

    name: str
    timecode: str
    why: str


class Plan(Wire):
    """What a cut asks for, in cut order."""

    schema_: Literal["twopop.plan.v1"] = Field("twopop.plan.v1", alias="schema")
    cut: str
    """Base name of the cut."""
    cut_path: Path | None = None
    cut_digest: str
    store: Path
    """Folder of the takes."""
    backend: str
    frame_rate: Fraction
    sample_rate: int = SAMPLE_RATE
    start_frames: int = 0
    drop_frame: bool = False
    width: int
    height: int
    media: Literal["dnxhr", "prores", "h264"] = "dnxhr"
    refresh_stale: bool = False
    recompose_beds: bool = False
    shots: tuple[Shot, ...] = ()
    beds: tuple[Bed, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    findings: tuple[Finding, ...] = ()
