"""What a running generation reports. Every event names its shots (a scene or a shared take is many).

New kinds may appear in any version: a consumer needs a default branch.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; `shots` are shot (or bed) names of the plan."""

    shots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Queued(Event):
    """Waiting; `position` 0 is next, None where the backend does not say."""

    position: int | None = None


@dataclass(frozen=True, slots=True)
class Loading(Event):
    """The model is being loaded; `what` is for people."""

    what: str = ""


@dataclass(frozen=True, slots=True)
class Denoising(Event):
    """Denoising step `step` of `steps` is done (1-based)."""

    step: int
    steps: int


@dataclass(frozen=True, slots=True)
class Decoding(Event):
    """Latents become pictures and sound; `done` is 0.0 to 1.0."""

    done: float = 0.0


@dataclass(frozen=True, slots=True)
class Writing(Event):
    """Files are being fetched, stamped and stored."""


@dataclass(frozen=True, slots=True)
class TakeReady(Event):
    """A take is stored and verified."""

    take: str
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class ShotFailed(Event):
    """No take: `reason` is the sentence of the outcome, `code` its stable name."""

    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Reused(Event):
    """A stored take serves; nothing was asked of the backend."""

    take: str


@dataclass(frozen=True, slots=True)
class Stale(Event):
    """The take serves, but a neighbour or the scene has changed since it was made."""

    take: str
    why: str
