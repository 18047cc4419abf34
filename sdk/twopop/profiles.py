"""What each model or service can do, as data rows. Planning reads profiles and never imports a model."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .errors import BackendError, UsageError
from .timebase import FrameGrid
from .wire import ROLES, Role, Wire

_ANY_LENGTH = FrameGrid()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Wire):
    """One model as one backend offers it."""

    name: str
    """Name of the profile: what `--backend` and `twopop backends` show."""
    model: str
    weights: str
    """sha256 of the weights, or a version where there are none."""
    recipe: str = "1"
    """Changed whenever the same request would give other bytes."""
    grid: FrameGrid = _ANY_LENGTH
    frame_rates: tuple[Fraction, ...] = ()
    """Rates it generates at; empty = any from 1 to 120. Others are conformed by exact resampling of time."""
    size_multiple: int = 2
    smallest: tuple[int, int] = (64, 64)
    largest: tuple[int, int] = (3840, 2160)
    stems: tuple[Role, ...] = ROLES
    """Stems it returns; empty = only a mix."""
    beds: bool = True
    """Can generate ambience and music alone."""
    multi_shot: bool = False
    """Takes all shots of a scene in one pass."""
    masks: bool = False
    """Can make a part of a take anew and keep the rest (retakes)."""
    memory: bool = False
    """Each shot is made with what came before it in its scene: a changed neighbour makes its take stale."""
    carries: bool = False
    """A shot begins where the one before it in its scene ended, from the tokens of its take: another end there makes
    its take stale."""
    reads_scene: bool = False
    """A shot takes from its scene what its own brief leaves open: a changed scene makes its take stale."""
    picture: bool = True
    speaks: bool = True
    sync_events: bool = False
    """Declares the frames of known events, so that sync can be measured (bars)."""
    price_per_second: float = 0.0
    concurrency: int = 1
    replay: bool = True
    """A create with the same key never makes or charges a second job."""

    def fit_size(self, width: int, height: int) -> tuple[int, int]:
        """The nearest legal size, same aspect as far as the multiple allows (width, height)."""
        step = self.size_multiple

        def snap(value: int, low: int, high: int) -> int:
            return min(max(round(value / step) * step, low), high)

        return snap(width, self.smallest[0], self.largest[0]), snap(height, self.smallest[1], self.largest[1])

    def legal_frames(self, frames: int) -> int:
        """The shortest legal length that holds `frames` (BackendError where none does)."""
        try:
            return self.grid.at_least(frames)
        except UsageError as exc:
            longest = self.grid.at_most(self.grid.maximum)
            raise BackendError(
                f"{self.name} makes at most {longest} frames in one take, {frames} are needed. "
                f"Split the shot or shorten its handles. Nothing was generated.",
                code="too_long",
            ) from exc

    def generates_at(self, frame_rate: Fraction) -> Fraction:
        """The rate it generates at for a cut of `frame_rate`: the same, else the nearest higher, else the highest."""
        if not self.frame_rates or frame_rate in self.frame_rates:
            return frame_rate
        higher = [rate for rate in self.frame_rates if rate >= frame_rate]
        return min(higher) if higher else max(self.frame_rates)

    def price(self, frames: int, frame_rate: Fraction) -> float:
        """Estimated price of one take of `frames`."""
        return round(float(self.price_per_second * frames / frame_rate), 4)


BARS = Profile(
    name="bars", model="bars", weights="none", recipe="1", size_multiple=2, smallest=(16, 16), largest=(8192, 4320),
    memory=True,
    sync_events=True, concurrency=2,
)  # fmt: skip

SKETCH = Profile(
    name="sketch", model="sketch",
    weights="1ad945eaa95ee9f07733ae7a744b5411cdb26a49cc7775811fad0fd499ef9c77",
    recipe="8", size_multiple=2, smallest=(64, 64), largest=(3840, 2160),
    masks=True, reads_scene=True, carries=True,
)  # fmt: skip

PROFILES: dict[str, Profile] = {"bars": BARS, "sketch": SKETCH}
