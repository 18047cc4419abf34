"""Counter-based noise: a pure function of seed, stream and absolute position.

Windows, chunks, threads and the order of drawing cannot matter, because no generator carries state from one
draw to the next: block `b` of a stream is Philox with the counter set to `b`. Only the raw 64-bit output is
used, which numpy guarantees never to change; its distributions carry no such promise.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BLOCK = 1_024
"""Samples a block. Absolute: block `b` covers samples `[b * BLOCK, (b + 1) * BLOCK)` of the stream's clock."""


def stream_key(seed: int, *names: str) -> int:
    """A 128-bit Philox key out of a seed and the names of what draws from it (stem, line, instrument)."""
    text = "\x1f".join((str(seed), *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")


def _blocks(key: int, first: int, count: int) -> NDArray[np.float32]:
    """Blocks `first` and on of a stream, `(count * BLOCK,)` float32, mean 0 and variance 1, triangular."""
    raw = np.empty((count, BLOCK), np.uint64)
    generator = np.random.Philox(key=key, counter=(first % 2**64) << 128)
    for index, block in enumerate(raw, first):
        if index == 0 != first:  # the counter of the last block before 0 is all ones, and would carry
            generator = np.random.Philox(key=key)
        block[:] = generator.random_raw(BLOCK)
        generator.advance((1 << 128) - BLOCK // 4)  # a generator a block would cost more than its numbers
    halves = raw.view(np.uint32).astype(np.float32).reshape(-1, 2)
    # The sum of two uniforms is white and bounded, and needs no logarithm that could differ by processor.
    unit = (halves[:, 0] + halves[:, 1]) * np.float32(2.0**-32) - np.float32(1.0)
    return unit * np.float32(np.sqrt(6.0))


def white(key: int, start_samples: int, count_samples: int) -> NDArray[np.float32]:
    """White noise on the absolute range `[start_samples, start_samples + count_samples)` of a stream.

    Args:
        key: From `stream_key`.
        start_samples: First sample, in the stream's own clock; may be negative.
        count_samples: How many, at least 0.

    Returns:
        `(count_samples,)` float32, mean 0, variance 1, within +-2.45.
    """
    if count_samples <= 0:
        return np.zeros(0, np.float32)
    first, last = start_samples // BLOCK, (start_samples + count_samples - 1) // BLOCK
    skip = start_samples - first * BLOCK
    return _blocks(key, first, last + 1 - first)[skip : skip + count_samples]


@lru_cache(maxsize=4096)
def uniform(key: int, index: int, count: int = 1) -> NDArray[np.float64]:
    """`count` numbers in [0, 1) that belong to event `index` of a stream: its jitter, its pitch, its place; read-only.

    Kept for a while, as every window that an event rings into asks for them.
    """
    raw = np.random.Philox(key=key, counter=((index % 2**64) << 128) | (1 << 64)).random_raw(count)
    numbers = (np.asarray(raw, dtype=np.uint64) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    numbers.setflags(write=False)
    return numbers


_GRAIN, _GRAIN_HOP = 2_048, 1_024


def shaped(key: int, start_samples: int, count_samples: int, magnitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Noise of a given spectrum on an absolute range; any two ranges agree where they overlap.

    Args:
        key: From `stream_key`.
        start_samples: First sample, in the stream's own clock; may be negative.
        count_samples: How many.
        magnitude: `(1025,)`, gain at the frequencies of a 2,048-point transform; 1 keeps white noise as it is.

    Returns:
        `(count_samples,)` float64.
    """
    first = start_samples // _GRAIN_HOP - 1
    last = (start_samples + count_samples - 1) // _GRAIN_HOP
    base = first * _GRAIN_HOP
    source = white(key, base, (last - first) * _GRAIN_HOP + _GRAIN).astype(np.float64)
    # Sine windows before and after the filter: their squares add to one, and nothing wraps around audibly.
    window = np.sin(np.pi * (np.arange(_GRAIN) + 0.5) / _GRAIN)
    cut = np.lib.stride_tricks.sliding_window_view(source, _GRAIN)[::_GRAIN_HOP]
    grains = np.fft.irfft(np.fft.rfft(cut * window, axis=-1) * magnitude, _GRAIN, axis=-1) * window
    out = np.zeros((len(grains) + 1, _GRAIN_HOP))
    out[:-1] += grains[:, :_GRAIN_HOP]
    out[1:] += grains[:, _GRAIN_HOP:]
    return out.reshape(-1)[start_samples - base : start_samples - base + count_samples]


@dataclass(frozen=True, slots=True)
class Spark:
    """A random event of a stream: its sample, and eight numbers in [0, 1) that are its own."""

    at_samples: int
    chance: NDArray[np.float64]


def sparks(key: int, rate_hz: float, start_samples: int, count_samples: int, sample_rate: int) -> list[Spark]:
    """Poisson-like events on an absolute range, the same ones from every window that sees them.

    Time is cut into cells so short that one event a cell is enough; a cell decides alone.
    """
    if rate_hz <= 0.0:
        return []
    cell = max(1, int(sample_rate * min(0.5, 0.25 / rate_hz)))
    probability = rate_hz * cell / sample_rate
    found: list[Spark] = []
    for index in range(start_samples // cell, (start_samples + count_samples - 1) // cell + 1):
        chance = uniform(key, index, 10)
        at = index * cell + int(chance[1] * cell)
        if chance[0] < probability and start_samples <= at < start_samples + count_samples:
            found.append(Spark(at, chance[2:]))
    return found


def drift(key: int, times_s: NDArray[np.float64], period_s: float) -> NDArray[np.float64]:
    """A slow random curve in [0, 1): one number every `period_s`, joined smoothly. Absolute in time."""
    place = times_s / period_s
    cells = np.floor(place).astype(np.int64)
    low, high = int(cells.min()), int(cells.max()) + 1
    knots = np.array([uniform(key, index)[0] for index in range(low, high + 1)])
    share = 0.5 - 0.5 * np.cos(np.pi * (place - cells))
    return knots[cells - low] * (1.0 - share) + knots[cells - low + 1] * share
