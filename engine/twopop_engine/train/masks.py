"""Which tokens are given and which are asked for: the freeze masks the model is trained under."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from ..models.sketch.layout import TRAINED
from .tunes import Grid

Known = dict[str, npt.NDArray[np.bool_]]

ALL = frozenset(group.name for group in TRAINED)
STEMS, PICTURE = ("DX", "FX", "BG", "MX"), ("CA", "CB", "STAGE")
MIX = {
    "none": 0.30,
    "prefix": 0.12,
    "span": 0.12,
    "one stem unknown": 0.12,
    "one stem known": 0.03,
    "sound known": 0.14,
    "picture known": 0.14,
    "one character unknown": 0.03,
}


def draw_mask(rng: np.random.Generator, seconds: float, free: float, grid: Grid, about: Collection[str] = ALL) -> Known:
    """True where a token is given, by group.

    Args:
        free: extra probability of "none", used early in training.
        grid: of the music tokens.
        about: groups that are there at all.
    """
    kind = "none" if rng.random() < free else str(rng.choice(list(MIX), p=list(MIX.values())))
    stem = str(rng.choice([name for name in STEMS if name in about]))
    match kind:
        case "prefix":
            return _timed(seconds, grid, 0.0, rng.uniform(0.5, min(3.0, 0.8 * seconds)))
        case "span":
            length = rng.uniform(0.4, min(3.0, 0.9 * seconds))
            start = rng.uniform(0.0, seconds - length)
            return {name: ~known for name, known in _timed(seconds, grid, start, start + length).items()}
        case "one stem unknown":
            return _whole(seconds, {group.name for group in TRAINED} - {stem})
        case "one stem known":
            return _whole(seconds, {stem})
        case "sound known":
            return _whole(seconds, set(STEMS))
        case "picture known":
            return _whole(seconds, set(PICTURE))
        case "one character unknown":
            return _whole(seconds, {group.name for group in TRAINED} - {str(rng.choice(("CA", "CB")))})
        case _:
            return _whole(seconds, set())


def _whole(seconds: float, known: set[str]) -> Known:
    return {g.name: np.full(g.tokens(seconds), g.name in known) for g in TRAINED}


def _timed(seconds: float, grid: Grid, start: float, end: float) -> Known:
    out: Known = {}
    for group in TRAINED:
        times = group.times_s(group.tokens(seconds)) if group.rate_hz else grid.times_s
        out[group.name] = (times >= start) & (times < end)
    return out
