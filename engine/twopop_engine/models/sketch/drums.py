"""Drums out of falling sines, metal and shaped noise. Sample 0 is the attack; the end is silent. 48 kHz, mono.

No two strokes in a row are the same one: a stroke has a `turn`, which draws other noise and bends pitch and decay a
little, and a `force`, which makes it brighter as well as the player makes it louder.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .foley import SAMPLE_RATE, band
from .noise import shaped, stream_key

Floats = NDArray[np.float64]
TURNS: Final = 3
_KEY: Final = stream_key(0, "drums")
_STREAM: Final = 1_048_576
"""Samples between the noises of two strokes."""


def _time(seconds: float) -> Floats:
    return np.arange(max(64, int(seconds * SAMPLE_RATE))) / SAMPLE_RATE


def _bend(turn: int, most: float) -> float:
    """Each turn's own, about 1."""
    return 1.0 + most * (turn - 1.0)


def _hiss(time: Floats, low: float, high: float, decay_s: float, which: int, attack_s: float = 0.0008) -> Floats:
    noise = shaped(_KEY, which * _STREAM, len(time), band(low, high))
    return noise * np.exp(-time / decay_s) * np.minimum(time / attack_s, 1.0)


def _metal(time: Floats, modes_hz: tuple[float, ...], bend: float) -> Floats:
    return np.sum([np.sin(2 * np.pi * hz * bend * time + hz) for hz in modes_hz], axis=0)


def _kick(_held_s: float, force: float, turn: int) -> Floats:
    time = _time(0.4)
    fall = (70 + 60 * force) * np.exp(-time / 0.028)
    phase = 2 * np.pi * np.cumsum(46 * _bend(turn, 0.01) + fall) / SAMPLE_RATE
    beater = _hiss(time, 900, 5_000, 0.004, 10 + turn) * 0.16 * force
    return np.sin(phase) * np.exp(-time / 0.12) * np.minimum(time / 0.001, 1.0) + beater


def _snare(_held_s: float, force: float, turn: int) -> Floats:
    time = _time(0.45)
    bend = _bend(turn, 0.012)
    skin = 0.55 * np.sin(2 * np.pi * 187 * bend * time) * np.exp(-time / 0.055)
    skin += 0.25 * np.sin(2 * np.pi * 331 * bend * time) * np.exp(-time / 0.03)
    wires = _hiss(time, 1_300, 9_500, 0.085 * _bend(turn, 0.08), 20 + turn)
    return skin + 0.24 * wires + (0.1 + 0.2 * force) * _hiss(time, 2_500, 12_000, 0.018, 30 + turn)


def _hat(_held_s: float, force: float, turn: int) -> Floats:
    time = _time(0.16)
    metal = _metal(time, (5_140, 6_330, 7_610, 8_820, 10_470), _bend(turn, 0.008)) * np.exp(-time / 0.016)
    shut = _hiss(time, 6_500, 15_500, (0.018 + 0.012 * force) * _bend(turn, 0.15), 40 + turn)
    return 0.05 * metal + (0.2 + 0.12 * force) * shut


def _ride(_held_s: float, force: float, turn: int) -> Floats:
    time = _time(1.1)
    ring = _metal(time, (2_790, 3_570, 4_310, 5_230, 6_870, 8_150), _bend(turn, 0.004))
    wash = _hiss(time, 5_000, 14_000, 0.26, 50 + turn, 0.006)
    ping = _hiss(time, 3_500, 12_000, 0.012, 60 + turn)
    return 0.085 * ring * np.exp(-time / (0.26 * _bend(turn, 0.08))) + 0.07 * wash + (0.08 + 0.22 * force) * ping


def _crash(_held_s: float, force: float, turn: int) -> Floats:
    time = _time(2.8)
    edge = _hiss(time, 1_400, 9_000, 0.14, 70 + turn, 0.002)
    wash = _hiss(time, 3_000, 15_000, 0.75, 80 + turn, 0.012)
    ring = _metal(time, (1_930, 2_710, 3_390, 4_670, 5_930), _bend(turn, 0.006)) * np.exp(-time / 0.5)
    return 0.42 * edge + (0.25 + 0.15 * force) * wash + 0.04 * ring * np.minimum(time / 0.004, 1.0)


def _brush(held_s: float, _force: float, turn: int) -> Floats:
    """A brush drawn round the snare for as long as it is held."""
    time = _time(held_s)
    swirl = np.sin(np.pi * np.minimum(time / held_s, 1.0)) ** 1.5
    return 0.09 * shaped(_KEY, (90 + turn) * _STREAM, len(time), band(1_200, 7_500)) * swirl


def _tap(_held_s: float, force: float, turn: int) -> Floats:
    time = _time(0.2)
    skin = 0.12 * np.sin(2 * np.pi * 242 * _bend(turn, 0.02) * time) * np.exp(-time / 0.03)
    return skin * np.minimum(time / 0.0008, 1.0) + (0.24 + 0.12 * force) * _hiss(
        time, 900, 5_000 + 3_500 * force, 0.022 * _bend(turn, 0.15), 100 + turn
    )


def _shaker(_held_s: float, force: float, turn: int) -> Floats:
    """Grains that gather and hit the end: softer ones come later."""
    time = _time(0.16)
    gather = _hiss(time, 5_000, 13_000, 0.03, 110 + turn, 0.018 + 0.012 * (1.0 - force))
    return 0.17 * gather + 0.07 * force * _hiss(time, 7_000, 15_000, 0.012, 120 + turn, 0.004)


def _thud(_held_s: float, force: float, turn: int) -> Floats:
    """A big drum in the distance."""
    time = _time(1.4)
    phase = 2 * np.pi * np.cumsum(52 * _bend(turn, 0.015) + (20 + 16 * force) * np.exp(-time / 0.05)) / SAMPLE_RATE
    skin = (0.12 + 0.25 * force) * _hiss(time, 80, 1_100, 0.05, 130 + turn, 0.002)
    shell = 0.16 * np.sin(2 * np.pi * 121 * _bend(turn, 0.015) * time) * np.exp(-time / 0.16)
    return (np.sin(phase) * np.exp(-time / 0.32) + shell) * np.minimum(time / 0.002, 1.0) + skin


DRUMS: Final = {
    "kick": _kick, "snare": _snare, "hat": _hat, "ride": _ride, "crash": _crash,
    "brush": _brush, "tap": _tap, "shaker": _shaker, "thud": _thud,
}  # fmt: skip
"""Name -> (how long it is held, force 0 to 1, turn below `TURNS`) -> sound."""
