"""Four stems at fixed levels, and a mix that is exactly their sum.

Gains and peak caps never look at the take as a whole, so replacing one stem (or a second of it) cannot change a
sample of another, and no retake can clip the mix: the caps add up to -1.05 dBFS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twopop.wire import Role

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

FULL_SCALE: Final = 2**23
"""24-bit integers run from -FULL_SCALE to FULL_SCALE - 1."""

PEAK_CAP_DBFS: Final[dict[Role, float]] = {"dialogue": -9.0, "effects": -11.0, "ambience": -23.0, "music": -15.0}
GAIN: Final[dict[Role, float]] = {"dialogue": 0.95, "effects": 0.19, "ambience": 0.00675, "music": 0.0298}
"""From what the decoders give (speech as analysed, effects and music peaking near 1 to 3, ambience near unit RMS)."""

LOOK_SAMPLES: Final = 240
"""Block of the limiter: 5 ms at 48 kHz. Its gain at a sample depends on five blocks around it and on nothing else."""


def cap(role: Role) -> float:
    """The highest sample a stem may hold, linear."""
    return 10.0 ** (PEAK_CAP_DBFS[role] / 20.0)


def limit(sound: Floats, ceiling: float) -> Floats:
    """Turns down what would pass `ceiling`, smoothly and only around it.

    Args:
        sound: `(samples, channels)`; its first sample must lie on a multiple of `LOOK_SAMPLES` for windows to agree.
        ceiling: Linear.
    """
    count = len(sound)
    blocks = -(-count // LOOK_SAMPLES)
    if blocks == 0:
        return sound
    peaks = np.zeros(blocks * LOOK_SAMPLES)
    peaks[:count] = np.abs(sound.T).max(axis=0)  # a reduction over two neighbours would be slow
    wanted = np.minimum(1.0, ceiling / np.maximum(peaks.reshape(blocks, -1).max(axis=1), 1e-12))
    if wanted.min() >= 1.0:
        return sound
    padded = np.pad(wanted, 2, mode="edge")
    # The least gain of a block and its neighbours at block centres, joined by lines, is never above what a
    # sample needs: both ends of a line have looked at both blocks it crosses.
    least = np.minimum.reduce([padded[k : k + blocks] for k in range(1, 4)])
    centres = np.arange(blocks) * LOOK_SAMPLES + LOOK_SAMPLES / 2
    gain = np.interp(np.arange(count) + 0.5, centres, least)
    return sound * gain[:, None]


def finish(role: Role, sound: Floats) -> Ints:
    """A decoder's output at the stem's level, as 24-bit integers in int32.

    Args:
        role: Which stem.
        sound: `(samples, 2)` float.

    Raises:
        ValueError: The sound holds NaN or infinity; a stem is never written with a hole in it.
    """
    if not np.isfinite(sound).all():
        raise ValueError(
            f"the {role} stem is not finite at sample {int(np.flatnonzero(~np.isfinite(sound).all(axis=1))[0])}"
        )
    limited = limit(sound * GAIN[role], cap(role))
    highest = int(cap(role) * FULL_SCALE)
    return np.clip(np.rint(limited * FULL_SCALE), -highest, highest).astype(np.int32)


def mix(stems: Mapping[Role, Ints]) -> Ints:
    """The sum of 24-bit stems, sample by sample; within 24 bits by the caps."""
    total: Ints | None = None
    for stem in stems.values():
        total = stem.copy() if total is None else total + stem
    if total is None:
        raise ValueError("a mix needs at least one stem")
    return total


def edged(sound: Floats, fade_samples: int = 96) -> Floats:
    """The same sound rising from and falling to nothing at its ends (2 ms): no click at a cut."""
    faded = sound.copy()
    count = min(fade_samples, len(sound) // 2)
    ramp = (np.arange(count) / max(count, 1))[:, None]
    faded[:count] *= ramp
    faded[len(faded) - count :] *= ramp[::-1]
    return faded
