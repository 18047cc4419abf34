"""Takes, their slates, and the outcomes of a generation. `store.py` keeps them on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from .errors import BackendError
from .request import GenerationRequest
from .timebase import FrameRange
from .wire import FileRecord, Finding, Role, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate(Wire):
    """Provenance of one take, saved beside it as `<take>.slate.json`; the ledger can be rebuilt from slates alone."""

    schema: Literal["twopop.slate.v1"] = "twopop.slate.v1"
    take: str
    """Unique name in the store and reel name: "kitchen_SH010_t001"."""
    shot: str
    """The sticky label whose folder holds it: "kitchen_SH010"."""
    number: int
    request: GenerationRequest
    backend: str
    frames: int
    """Frames of picture; of a bed, frames of sound."""
    samples: int
    """Samples of the mix and of every stem (take clock)."""
    files: dict[str, FileRecord]
    """By role: "picture" (movie with the mix), "dialogue" and the other stems, "mix", "latents", "original"."""
    silent: tuple[Role, ...] = ()
    """Stems that are digital silence: on disk, placed only with `--all-stems`."""
    events: tuple[int, ...] = ()
    """Take frames of the known sync events, where the backend declares them."""
    cost: float = 0.0
    loudness: dict[str, float] = field(default_factory=dict[str, float])
    """LUFS by role, measured, never applied."""
    findings: tuple[Finding, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    source_type: str = "trainedAlgorithmicMedia"
    made_at: str = ""
    """ISO 8601, UTC; in no key."""
    seal: str = ""
    """sha256 of the canonical JSON of all the rest: a slate that was edited, damaged or cut short is not believed."""


@dataclass(frozen=True, slots=True)
class Take:
    """One synchronized result: its slate and the folder its files are in."""

    slate: Slate
    folder: Path

    def __repr__(self) -> str:
        return f"Take({self.name!r})"

    @property
    def name(self) -> str:
        """Unique name in the store."""
        return self.slate.take

    @property
    def source_range(self) -> FrameRange:
        """The generated range, source clock."""
        return self.slate.request.generated

    @property
    def timecode_offset_frames(self) -> int:
        """Source frame + offset = the timecode in its files."""
        return self.slate.request.timecode_offset_frames

    @property
    def frame_rate(self) -> Fraction:
        """Frames a second of the picture."""
        return self.slate.request.frame_rate

    def path(self, role: str) -> Path | None:
        """The file of `role` ("picture", "dialogue", ..., "mix", "latents"), or None."""
        record = self.slate.files.get(role)
        return self.folder / record.name if record else None

    def covers(self, needed: FrameRange) -> bool:
        """True where it holds every frame of `needed` (source clock)."""
        return self.source_range.covers(needed)


@dataclass(frozen=True, slots=True)
class Ready:
    """A new take was made, stored and verified."""

    take: Take
    status: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class Reused:
    """A stored take serves; `stale` says why a new one might differ."""

    take: Take
    stale: str = ""
    status: Literal["reused"] = "reused"


@dataclass(frozen=True, slots=True)
class Failed:
    """No take; the sentence says why."""

    reason: str
    code: str = "failed"
    status: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Refused:
    """The service declined; not retried by itself."""

    reason: str
    charged: bool | None = None
    status: Literal["refused"] = "refused"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, and the answer was lost: it may have cost money. `twopop jobs` settles it."""

    reason: str
    status: Literal["unknown"] = "unknown"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Stopped before it was done."""

    reason: str = "Cancelled. Run again to make it."
    status: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True)
class OverBudget:
    """Not asked for: its price would have gone over the budget."""

    price: float
    left: float
    status: Literal["over_budget"] = "over_budget"


Outcome = Ready | Reused | Failed | Refused | Unknown | Cancelled | OverBudget


@dataclass(frozen=True, slots=True)
class TakeSet(Mapping[str, Outcome]):
    """Outcomes by shot (and bed) name of the plan, in plan order."""

    outcomes: Mapping[str, Outcome] = field(default_factory=dict[str, Outcome])

    def __getitem__(self, shot: str) -> Outcome:
        return self.outcomes[shot]

    def __iter__(self) -> Iterator[str]:
        return iter(self.outcomes)

    def __len__(self) -> int:
        return len(self.outcomes)

    def take_for(self, shot: str) -> Take | None:
        """The take of a shot, or None where its outcome has none."""
        outcome = self.outcomes.get(shot)
        return outcome.take if isinstance(outcome, Ready | Reused) else None

    @property
    def failures(self) -> dict[str, Outcome]:
        """The outcomes that are neither Ready nor Reused."""
        return {name: o for name, o in self.outcomes.items() if not isinstance(o, Ready | Reused)}

    def raise_for_failures(self) -> None:
        """Raises one BackendError that names every shot without a take; does nothing where there is none."""
        if lost := self.failures:
            lines = [f"{name}: {getattr(o, 'reason', o.status)}" for name, o in lost.items()]
            raise BackendError(f"{len(lost)} of {len(self)} shots have no take. " + " | ".join(lines), code="failures")
