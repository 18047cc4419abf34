"""Music for training windows: a tempo for a whole batch, a piece of its own for every window.

All windows of a batch share their token times, so that the rotary tables are made once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..models.sketch.grammar import composed
from ..models.sketch.layout import Floats
from ..models.sketch.music import STYLES, Piece
from ..models.sketch.mx import rest, window_tokens
from ..models.sketch.tempo import FASTEST_BPM, SLOWEST_BPM, STRETCH, TempoMap

HIT_SHARE = 0.5
"""Of the windows with music."""


@dataclass(frozen=True)
class Grid:
    """The sixteenths of a batch: how they lie in window time, and which of them are its tokens."""

    tempo: TempoMap
    first: int
    tokens: int

    @property
    def times_s(self) -> npt.NDArray[np.float64]:
        """Token times in window time, rising; at slow tempi they reach past the window's end, ``(tokens,)``."""
        return self.tempo.seconds(np.arange(self.first, self.first + self.tokens) / 4.0)


def draw_grid(rng: np.random.Generator, seconds: float) -> Grid:
    """A tempo and a phase; one in five bends within the window."""
    beat_s = 60.0 / float(np.exp(rng.uniform(np.log(SLOWEST_BPM), np.log(FASTEST_BPM))))
    tempo = TempoMap(beat_s, times_s=(float(rng.uniform(0.0, 4.0)) * beat_s,))
    if rng.random() < 0.2:
        bent = beat_s * (1.0 + rng.uniform(-STRETCH, STRETCH))
        tempo = TempoMap(beat_s, (0.0, 8.0), (tempo.times_s[0], tempo.times_s[0] + 8.0 * bent))
    return Grid(tempo, *window_tokens(tempo, 0.0, seconds))


def draw_music(rng: np.random.Generator, grid: Grid, share: float = 1.0) -> tuple[Floats, Piece | None]:
    """Targets ``(grid.tokens, 28)`` and the lead sheet that led to them (window time); silence and None without music.

    Every window begins at a sixteenth of its own of a piece of its own, though all begin at the same moment.
    """
    if rng.random() >= share:
        return rest(grid.tokens), None
    style = str(rng.choice(list(STYLES)))
    earlier = int(rng.integers(0, 32 * 16))
    piece = Piece(
        style,
        tonic=int(rng.integers(12)),
        minor=STYLES[style].minor if rng.random() < 0.6 else bool(rng.random() < 0.5),
        tempo=grid.tempo.renumbered(earlier / 4.0),
        key=int(rng.integers(2**63)),
        force=float(rng.uniform(0.1, 1.0)),
    )
    first = grid.first + earlier
    piece = replace(piece, hits_s=_draw_hits(rng, piece, first, grid.tokens), bars=_draw_end(rng, first, grid.tokens))
    return composed(piece, first, grid.tokens).copy(), piece


def _draw_hits(rng: np.random.Generator, piece: Piece, first: int, tokens: int) -> tuple[float, ...]:
    """One to four accents, mostly on beats; a fifth of them between."""
    if rng.random() >= HIT_SHARE:
        return ()
    places = rng.choice(np.arange(first, first + tokens), int(rng.integers(1, 5)), replace=False)
    on_beats = rng.random(len(places)) < 0.8
    places = np.unique(np.where(on_beats, places // 4 * 4, places))
    return tuple(float(at) for at in piece.tempo.seconds(places / 4.0))


def _draw_end(rng: np.random.Generator, first: int, tokens: int) -> int | None:
    """A piece that ends in or just after the window, one in six."""
    return int(rng.integers(first // 16 + 1, (first + tokens) // 16 + 3)) if rng.random() < 1 / 6 else None
