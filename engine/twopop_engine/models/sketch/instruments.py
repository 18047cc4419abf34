"""A small orchestra out of formulas: each note is an array, computed once and kept. 48 kHz, mono.

Strings that are plucked or struck are harmonics with decays of their own; bowed ones are detuned saws under a
slow swell; drums are falling sines and shaped noise. Sample 0 is the attack; the end is silent.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .foley import SAMPLE_RATE, band
from .noise import shaped, stream_key

Floats = NDArray[np.float64]
_KEY: Final = stream_key(0, "instruments")


def _time(seconds: float) -> Floats:
    return np.arange(max(64, int(seconds * SAMPLE_RATE))) / SAMPLE_RATE


def _hz(midi: int) -> float:
    return 440.0 * 2.0 ** ((midi - 69) / 12)


def _noise(low_hz: float, high_hz: float, count: int, which: int) -> Floats:
    return shaped(_KEY, which * 1_048_576, count, band(low_hz, high_hz))


def _released(sound: Floats, held_s: float, release_s: float) -> Floats:
    """The note let go after `held_s`, silent `release_s` later."""
    time = np.arange(len(sound)) / SAMPLE_RATE
    return sound * np.clip(1.0 - (time - held_s) / release_s, 0.0, 1.0) ** 2


def _fading(hz: float, decay_s: float, count: int) -> Floats:
    """A sine that falls by e every `decay_s`, `(count,)`: powers of one complex number, a fifth of exp and sin."""
    turn = 2j * np.pi * hz - 1.0 / decay_s
    out = np.ones(count, np.complex128)
    done = 1
    while done < count:
        more = min(done, count - done)
        np.multiply(out[:more], np.exp(turn * done / SAMPLE_RATE), out=out[done : done + more])
        done += more
    return out.imag


def _partials(
    midi: int, seconds: float, *, bright: float, decay_s: float, stiff: float = 0.0, pluck: float = 0.2
) -> Floats:
    """Harmonics of a plucked or struck string; the higher, the shorter."""
    hz, time = _hz(midi), _time(seconds)
    out = np.zeros(len(time))
    for k in range(1, min(24, int(11_000 / hz)) + 1):
        partial = hz * k * np.sqrt(1.0 + stiff * k * k)
        level = np.abs(np.sin(np.pi * k * pluck)) * k ** -(2.2 - bright)
        out += level * _fading(partial, decay_s / (1.0 + 0.35 * k), len(time))
    return out * np.minimum(time / 0.002, 1.0)


def _bass(midi: int, held_s: float) -> Floats:
    sound = _partials(midi, held_s + 0.25, bright=0.75, decay_s=1.5, pluck=0.27)
    thump = _noise(60, 700, min(len(sound), 2_400), 1) * np.exp(-np.arange(min(len(sound), 2_400)) / 500) * 0.25
    sound[: len(thump)] += thump
    return _released(sound, held_s, 0.12)


def _piano(midi: int, held_s: float) -> Floats:
    sound = _partials(midi, held_s + 1.2, bright=0.55, decay_s=2.4 * 2 ** ((60 - midi) / 24), stiff=3e-4, pluck=0.12)
    hammer = _noise(300, 3_000, 1_200, 2) * np.exp(-np.arange(1_200) / 220) * 0.06
    sound[:1_200] += hammer
    return _released(sound, held_s, 0.6)


def _guitar(midi: int, held_s: float) -> Floats:
    return _released(_partials(midi, held_s + 0.8, bright=0.95, decay_s=1.3, pluck=0.18), held_s + 0.3, 0.4)


def _vibes(midi: int, held_s: float) -> Floats:
    hz, time = _hz(midi), _time(held_s + 1.4)
    bars = ((1.0, 1.6, 1.0), (4.0, 0.5, 0.25), (9.6, 0.12, 0.12))
    sound = np.sum([level * _fading(hz * r, decay, len(time)) for r, decay, level in bars], axis=0)
    return _released(
        sound * (1.0 + 0.15 * np.sin(2 * np.pi * 5.2 * time)) * np.minimum(time / 0.001, 1), held_s + 0.5, 0.8
    )


def _keys(midi: int, held_s: float) -> Floats:
    hz, time = _hz(midi), _time(held_s + 0.5)
    bell = 1.3 * np.exp(-time / 0.35) * np.sin(2 * np.pi * hz * time)
    sound = np.exp(-time / 1.4) * np.sin(2 * np.pi * hz * time + bell) + 0.12 * np.exp(-time / 0.1) * np.sin(
        2 * np.pi * hz * 14 * time
    )
    return _released(sound * np.minimum(time / 0.003, 1.0), held_s, 0.25)


def _bowed(midi: int, held_s: float) -> Floats:
    hz, time = _hz(midi), _time(held_s + 0.9)
    swell = np.minimum(time / 0.35, 1.0) ** 1.5
    vibrato = 0.004 * np.sin(2 * np.pi * 5.3 * time) * np.minimum(time / 0.8, 1.0)
    out = np.zeros(len(time))
    for detune in (-0.0022, 0.0005, 0.0026):
        phase = 2 * np.pi * np.cumsum(hz * (1 + detune + vibrato)) / SAMPLE_RATE
        out += np.sum(
            [np.sin(k * phase + k * detune * 900) * k**-1.35 for k in range(1, min(12, int(7_000 / hz)) + 1)], axis=0
        )
    return _released(out * swell / 3, held_s, 0.8)


def _synth(midi: int, held_s: float) -> Floats:
    hz, time = _hz(midi), _time(held_s + 0.1)
    opening = 3.0 + 10.0 * np.exp(-time / 0.12)
    out = np.zeros(len(time))
    for k in range(1, min(16, int(9_000 / hz)) + 1):
        out += np.sin(2 * np.pi * hz * k * time) / k / (1.0 + (k / opening) ** 4)
    return _released(out * np.minimum(time / 0.003, 1.0), held_s, 0.08)


def _kick(_midi: int, _held_s: float) -> Floats:
    time = _time(0.35)
    phase = 2 * np.pi * np.cumsum(46 + 90 * np.exp(-time / 0.03)) / SAMPLE_RATE
    return np.sin(phase) * np.exp(-time / 0.11) * np.minimum(time / 0.001, 1.0)


def _drum_noise(
    seconds: float, low: float, high: float, decay_s: float, which: int, attack_s: float = 0.0008
) -> Floats:
    time = _time(seconds)
    return _noise(low, high, len(time), which) * np.exp(-time / decay_s) * np.minimum(time / attack_s, 1.0)


def _snare(_midi: int, _held_s: float) -> Floats:
    time = _time(0.3)
    return 0.35 * _drum_noise(0.3, 900, 8_000, 0.06, 3) + 0.6 * np.sin(2 * np.pi * 190 * time) * np.exp(-time / 0.05)


def _hat(_midi: int, _held_s: float) -> Floats:
    return 0.3 * _drum_noise(0.12, 6_500, 15_000, 0.022, 4)


def _ride(_midi: int, _held_s: float) -> Floats:
    time = _time(1.2)
    ring = np.sum([np.sin(2 * np.pi * hz * time + hz) for hz in (2_790, 3_570, 4_310, 5_230, 6_870, 8_150)], axis=0)
    return 0.08 * ring * np.exp(-time / 0.28) + 0.2 * _drum_noise(1.2, 5_000, 14_000, 0.1, 5)


def _crash(_midi: int, _held_s: float) -> Floats:
    return 0.45 * _drum_noise(2.6, 2_500, 14_000, 0.55, 6, 0.002)


def _brush(_midi: int, held_s: float) -> Floats:
    """A brush drawn round the snare for `held_s`."""
    time = _time(held_s)
    swirl = np.sin(np.pi * np.minimum(time / held_s, 1.0)) ** 1.5
    return 0.09 * _noise(1_200, 7_500, len(time), 7) * swirl


def _tap(_midi: int, _held_s: float) -> Floats:
    return 0.35 * _drum_noise(0.12, 900, 6_500, 0.022, 8)


def _shaker(_midi: int, _held_s: float) -> Floats:
    return 0.2 * _drum_noise(0.1, 5_000, 13_000, 0.025, 9, 0.02)


def _thud(_midi: int, _held_s: float) -> Floats:
    """A big drum in the distance."""
    time = _time(1.1)
    phase = 2 * np.pi * np.cumsum(52 + 28 * np.exp(-time / 0.05)) / SAMPLE_RATE
    skin = 0.25 * _drum_noise(1.1, 80, 900, 0.05, 10, 0.002)
    return np.sin(phase) * np.exp(-time / 0.3) * np.minimum(time / 0.002, 1.0) + skin


def _lead(midi: int, held_s: float) -> Floats:
    """Two saws a little apart, a filter that opens and closes, a vibrato that comes late."""
    hz, time = _hz(midi), _time(held_s + 0.3)
    vibrato = 0.003 * np.sin(2 * np.pi * 5.5 * time) * np.clip((time - 0.2) / 0.4, 0.0, 1.0)
    opening = 2.0 + 6.0 * np.exp(-time / 0.25)
    out = np.zeros(len(time))
    for detune in (-0.004, 0.004):
        phase = 2 * np.pi * np.cumsum(hz * (1 + detune + vibrato)) / SAMPLE_RATE
        for k in range(1, min(14, int(10_000 / hz)) + 1):
            out += np.sin(k * phase) / k / (1.0 + (k / opening) ** 4)
    return _released(0.5 * out * np.minimum(time / 0.006, 1.0), held_s, 0.25)


def _spiccato(midi: int, held_s: float) -> Floats:
    """Short bows: a section that bounces."""
    hz, time = _hz(midi), _time(min(held_s, 0.5) + 0.5)
    out = np.zeros(len(time))
    for detune in (-0.003, 0.0012, 0.0034):
        phase = 2 * np.pi * hz * (1 + detune) * time + 900 * detune
        out += np.sum([np.sin(k * phase) * k**-1.3 for k in range(1, min(12, int(8_000 / hz)) + 1)], axis=0)
    bite = 0.12 * _drum_noise(0.1, 1_500, 6_000, 0.02, 11, 0.003)
    out = out / 3 * np.minimum(time / 0.018, 1.0) * np.exp(-np.maximum(time - 0.05, 0.0) / 0.22)
    out[: len(bite)] += bite
    return _released(out, min(held_s, 0.5), 0.4)


def _brass(midi: int, held_s: float) -> Floats:
    """Low brass: the louder, the brighter, so the attack opens it."""
    hz, time = _hz(midi), _time(held_s + 0.5)
    level = np.minimum(time / 0.03, 1.0) * (0.55 + 0.45 * np.exp(-time / 0.25))
    phase = 2 * np.pi * np.cumsum(hz * (1 - 0.012 * np.exp(-time / 0.02))) / SAMPLE_RATE
    out = np.sum(
        [np.sin(k * phase) * level ** (0.6 * k) * k**-0.7 for k in range(1, min(12, int(6_000 / hz)) + 1)], axis=0
    )
    return _released(0.5 * out, held_s, 0.4)


_PLAYERS: Final = {
    "bass": _bass, "piano": _piano, "guitar": _guitar, "vibes": _vibes, "keys": _keys, "bowed": _bowed,
    "synth": _synth, "kick": _kick, "snare": _snare, "hat": _hat, "ride": _ride, "crash": _crash,
    "brush": _brush, "tap": _tap, "shaker": _shaker, "thud": _thud,
    "lead": _lead, "spiccato": _spiccato, "brass": _brass,
}  # fmt: skip
DRUMS: Final = frozenset(["kick", "snare", "hat", "ride", "crash", "brush", "tap", "shaker", "thud"])
HELD: Final = frozenset(["bowed", "synth", "lead", "brass"])
"""What sounds on as loud as it began while it is held."""


@lru_cache(maxsize=384)
def _kept(instrument: str, midi: int, held_ms: int) -> Floats:
    sound = _PLAYERS[instrument](midi, held_ms / 1000)
    sound -= 2.0 * sound.mean() * np.hanning(len(sound))  # a falling sine does not end where it began: no DC is left
    tail = min(len(sound) // 2, 480)
    sound[len(sound) - tail :] *= np.linspace(1.0, 0.0, tail)
    sound.setflags(write=False)
    return sound


def play(instrument: str, midi: int, held_s: float) -> Floats:
    """A note at full level, `(samples,)`, read-only.

    Args:
        instrument: bass, piano, guitar, vibes, keys, bowed, spiccato, brass, synth, lead, or a drum of `DRUMS`.
        midi: Note number, 21 to 108; a drum ignores it.
        held_s: How long it is held, to 20 ms; only a brush among the drums minds.
    """
    return _kept(instrument, midi, max(20, round(held_s * 50 + 1e-4) * 20))
