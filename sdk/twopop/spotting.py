"""Spotting: markers, metadata and prompt text become briefs, directives and beds."""

from __future__ import annotations

from dataclasses import dataclass, field

from .settings import Settings
from .timebase import FrameRange
from .timeline import Cut, Item
from .wire import Brief, Finding, Role


@dataclass(frozen=True, slots=True)
class Directives:
    """What markers say about the shot itself rather than its content."""

    lock: bool = False
    """LOCK: approved, never regenerated."""
    extend_head_frames: int = 0
    extend_tail_frames: int = 0
    """EXTEND: +24 (tail) or -24 (head): more frames beyond the visible range."""


@dataclass(frozen=True, slots=True)
class SpottedShot:
    """A hole with its brief, or a filled shot (`item.ours["role"] == "shot"`) with what its clip still says."""

    item: Item
    brief: Brief
    """Times in the source clock: the clip's own numbers less `item.ours["offset_frames"]` (0 in a hole)."""
    directives: Directives = Directives()
    scene: str = ""


@dataclass(frozen=True, slots=True)
class SpottedBed:
    """Ambience or music over a range of the cut (cut clock)."""

    role: Role
    text: str
    record: FrameRange
    id: str = ""
    """From the marker's metadata where it has one."""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class SpottedClip:
    """A clip that is not ours to fill, and why."""

    item: Item
    why: str


@dataclass(frozen=True, slots=True)
class Spotting:
    """Everything a cut says, in cut order."""

    shots: tuple[SpottedShot, ...] = ()
    beds: tuple[SpottedBed, ...] = ()
    left_alone: tuple[SpottedClip, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def spot(cut: Cut, settings: Settings) -> Spotting:
    """Reads what `cut` asks for."""
    raise NotImplementedError
