"""Counter-based noise: a pure function of seed, stream and absolute position.

Windows, chunks, threads and the order of drawing cannot matter, because no generator carries state from one
draw to the next: block `b` of a stream is Philox with the counter set to `b`. Only the raw 64-bit output is
used, which numpy guarantees never to change; its distributions carry no such promise.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

BLOCK = 1_024
"""Samples a block. Absolute: block `b` covers samples `[b * BLOCK, (b + 1) * BLOCK)` of the stream's clock."""


def stream_key(seed: int, *names: str) -> int:
    """A 128-bit Philox key out of a seed and the names of what draws from it (stem, line, instrument)."""
    text = "\x1f".join((str(seed), *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")


def _block(key: int, index: int) -> NDArray[np.float32]:
    """Block `index` of a stream, `(BLOCK,)` float32, mean 0 and variance 1, triangular."""
    raw = np.random.Philox(key=key, counter=(index % 2**64) << 128).random_raw(BLOCK)
    halves = np.asarray(raw, dtype=np.uint64).view(np.uint32).astype(np.float32).reshape(BLOCK, 2)
    # The sum of two uniforms is white and bounded, and needs no logarithm that could differ by processor.
    unit = halves.sum(axis=1) * np.float32(2.0**-32) - np.float32(1.0)
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
    blocks = np.concatenate([_block(key, index) for index in range(first, last + 1)])
    skip = start_samples - first * BLOCK
    return blocks[skip : skip + count_samples]


def uniform(key: int, index: int, count: int = 1) -> NDArray[np.float64]:
    """`count` numbers in [0, 1) that belong to event `index` of a stream: its jitter, its pitch, its place."""
    raw = np.random.Philox(key=key, counter=((index % 2**64) << 128) | (1 << 64)).random_raw(count)
    return (np.asarray(raw, dtype=np.uint64) >> np.uint64(11)).astype(np.float64) * 2.0**-53
