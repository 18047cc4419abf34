"""When something is heard: onsets found in decoded sound alone."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ..models.sketch.foley import SAMPLE_RATE
from ..models.sketch.foley_tables import RECIPES

Sound = npt.NDArray[np.float64]

HOP_S: Final = 0.002
_QUIET_DB: Final = -45.0
"""Below the loudest of the stretch nothing counts as heard."""
_RISE_DB: Final = 6.0
_BEFORE_S: Final = 0.02
"""An onset is louder by `_RISE_DB` than what was heard so shortly before."""
_LEAST_GAP_S: Final = 0.1


def struck(sound: Sound, kind: str) -> list[float]:
    """Onsets of a struck class, seconds; of one that rushes past, when it is loudest.

    Args:
        sound: Mono at 48 kHz, of this class alone.
        kind: Says how soon the class can sound again: a coin that jingles has been put down once.
    """
    recipe = RECIPES[kind]
    if recipe.lead_s:
        return _peaks(_level(sound, 0.05), 2 * recipe.lead_s)
    level = _level(np.diff(sound, prepend=0.0), 0.004)  # a new contact is bright, what still rings is not
    if level.max(initial=0.0) <= 0.0:
        return []
    loud = 20 * np.log10(np.maximum(level / level.max(), 1e-6))
    reach = round(_BEFORE_S / HOP_S)
    floor = np.maximum(np.array([loud[max(0, k - reach) : max(1, k - 1)].max() for k in range(len(loud))]), -70.0)
    again = max(_LEAST_GAP_S, recipe.spread_s + 0.05 if recipe.pieces else 0.0)
    out: list[float] = []
    for k in np.flatnonzero((loud - floor > _RISE_DB) & (loud > _QUIET_DB)):
        moment = float(k) * HOP_S
        if not out or moment - out[-1] > again:
            out.append(moment)
    return out


def begun(sound: Sound) -> list[float]:
    """When a lasting sound sets in: it rises through a fifth of its loudest, seconds."""
    level = _level(sound, 0.03)
    threshold = 0.2 * level.max(initial=0.0)
    up = np.flatnonzero((level[:-1] < threshold) & (level[1:] >= threshold)) if threshold > 0 else []
    out: list[float] = []
    for k in up:
        if not out or k * HOP_S - out[-1] > 0.3:
            out.append(float(k) * HOP_S)
    return out


def nearest(sound: Sound) -> list[float]:
    """When something that passes by is loudest, seconds: the middle of the time it is more than half as loud."""
    level = _level(sound, 0.5)
    loud = np.flatnonzero(level > 0.6 * level.max(initial=0.0))
    return [float(np.average(loud, weights=level[loud])) * HOP_S] if len(loud) else []


def _level(sound: Sound, width_s: float) -> Sound:
    """Root mean square about every `HOP_S`."""
    hop = round(HOP_S * SAMPLE_RATE)
    power = np.square(sound[: len(sound) // hop * hop]).reshape(-1, hop).mean(1)
    window = np.hanning(max(1, round(width_s / HOP_S)) + 2)[1:-1]
    return np.sqrt(np.maximum(np.convolve(power, window / window.sum(), "same"), 0.0))


def _peaks(level: Sound, apart_s: float) -> list[float]:
    """Highest points, none nearer to a higher one than so."""
    reach, out = round(apart_s / HOP_S), []
    for k in range(len(level)):
        around = level[max(0, k - reach) : k + reach + 1]
        if level[k] > 0.15 * level.max() and level[k] == around.max():
            out.append(float(k) * HOP_S)
    return out
