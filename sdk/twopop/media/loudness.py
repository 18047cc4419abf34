"""Loudness by BS.1770, measured and never applied: FFmpeg's `ebur128`, fed with our own samples."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from ..timebase import SAMPLE_RATE
from .libav import load_av

if TYPE_CHECKING:
    import numpy as np

    Sound = np.ndarray[Any, np.dtype[np.int32]]

SILENCE_LUFS, SILENCE_DBTP = -70.0, -144.0
"""What silence measures: the absolute gate of BS.1770, and the floor of 24 bits."""


class Loudness(NamedTuple):
    """Integrated loudness in LUFS and true peak in dBTP."""

    integrated: float
    true_peak: float


def measure_loudness(blocks: Iterable[Sound], *, sample_rate: int = SAMPLE_RATE) -> Loudness:
    """Measures int32 `(samples, 2)` blocks of 24-bit values.

    Sound shorter than one gating block of 400 ms is measured with silence after it.
    """
    import numpy as np

    meter, at = _Meter(sample_rate), 0
    for block in blocks:
        meter.push(block, at)
        at += len(block)
    if (missing := sample_rate * 2 // 5 - at) > 0:
        meter.push(np.zeros((missing, 2), np.int32), at)
    return meter.finish()


class _Meter:
    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._graph = load_av("av.filter").Graph()
        source = self._graph.add_abuffer(
            sample_rate=sample_rate, format="s32", layout="stereo", time_base=Fraction(1, sample_rate)
        )
        meter = self._graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
        self._graph.link_nodes(source, meter, self._graph.add("abuffersink")).configure()
        self._integrated, self._peak = SILENCE_LUFS, 0.0

    def push(self, block: Sound, at: int) -> None:
        import numpy as np

        if not len(block):
            return
        frame = load_av().AudioFrame.from_ndarray(np.left_shift(block, 8).reshape(1, -1), format="s32", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, at, Fraction(1, self._rate)
        self._graph.push(frame)
        self._drain()

    def finish(self) -> Loudness:
        self._graph.push(None)
        self._drain()
        peak = max(SILENCE_DBTP, 20 * math.log10(self._peak)) if self._peak > 0 else SILENCE_DBTP
        return Loudness(round(max(self._integrated, SILENCE_LUFS), 2), round(peak, 2))

    def _drain(self) -> None:
        av = load_av()
        while True:
            try:
                said = self._graph.pull().metadata
            except (av.BlockingIOError, av.EOFError):
                return
            self._integrated = float(said.get("lavfi.r128.I", self._integrated))
            self._peak = max(self._peak, float(said.get("lavfi.r128.true_peak", 0.0)))
