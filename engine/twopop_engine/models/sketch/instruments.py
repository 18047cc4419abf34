"""A small orchestra out of formulas: each note is an array, computed once and kept. 48 kHz, mono.

Strings that are plucked or struck are harmonics with decays of their own; bowed ones are sections of detuned players
behind a wooden body, each with a vibrato of its own. Struck harder, everything is brighter and not only louder.
Sample 0 is the attack; the end is silent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .drums import DRUMS, TURNS
from .foley import SAMPLE_RATE, band
from .noise import shaped, stream_key

Floats = NDArray[np.float64]
Note = NDArray[np.float32]
Levels = NDArray[np.float64] | NDArray[np.complex128]
_KEY: Final = stream_key(0, "instruments")
_LAYERS: Final = 3
"""Of force: soft, usual, hard."""
_LENGTHS_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""A note is cut from the shortest of these that holds it, so that all notes of a pitch share their computation."""
_CELLO: Final = ((98, 0.35, 0.9), (190, 0.3, 1.0), (420, 0.35, 0.7), (1_600, 0.5, 0.5))
_VIOLIN: Final = ((280, 0.25, 0.8), (470, 0.25, 1.0), (950, 0.35, 0.6), (2_700, 0.45, 0.75))
"""What a wooden body answers to: Hz, width in nepers, level."""


def _hz(midi: int) -> float:
    return 440.0 * 2.0 ** ((midi - 69) / 12)


def _noise(low_hz: float, high_hz: float, count: int, which: int) -> Floats:
    return shaped(_KEY, which * 1_048_576, count, band(low_hz, high_hz))


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


def _ring(out: Floats, hz: float, decay_s: float, level: float) -> None:
    """Adds a fading sine as far as it is heard at all."""
    heard = min(len(out), int(9.0 * decay_s * SAMPLE_RATE))
    out[:heard] += level * _fading(hz, decay_s, heard)


def _harmonics(phase: Floats, levels: Levels, open_: Floats | None = None) -> Floats:
    """A sum of harmonics of one phase, `levels[k]` of the (k+1)th: one exponential for all of them.

    Args:
        phase: Radians.
        levels: If complex, the angle is where in its turn a harmonic begins.
        open_: A filter that moves: the (k+1)th harmonic is turned down by its kth power.
    """
    turn = np.exp(1j * phase)
    step = turn if open_ is None else turn * open_
    out = np.full(len(phase), levels[-1], np.complex128)
    for level in levels[-2::-1]:
        out *= step
        out += level
    out *= turn
    return out.imag


def _wood(hz: Floats, body: tuple[tuple[float, float, float], ...]) -> Floats:
    """How loud a wooden body makes frequencies."""
    peaks = [level * np.exp(-0.5 * (np.log(hz / at) / width) ** 2) for at, width, level in body]
    return (0.35 + np.sum(peaks, axis=0)) / (1.0 + (hz / 6_500) ** 4)


def _partials(
    midi: int,
    time: Floats,
    *,
    bright: float,
    decay_s: float,
    stiff: float = 0.0,
    pluck: float = 0.2,
    after: float = 0.0,
) -> Floats:
    """Harmonics of a plucked or struck string; the higher, the shorter.

    `after` is the share that goes on for long once the first sound has gone, a little out of tune with it as the
    second string of a key is.
    """
    hz = _hz(midi)
    out = np.zeros(len(time))
    for k in range(1, min(24, int(11_000 / hz)) + 1):
        partial = hz * k * np.sqrt(1.0 + stiff * k * k)
        level = np.abs(np.sin(np.pi * k * pluck)) * k ** -(2.2 - bright)
        decay = decay_s / (1.0 + 0.35 * k)
        _ring(out, partial, decay, level * (1.0 - after))
        if after and k <= 8:
            _ring(out, partial * 1.0006 + 0.15, 2.6 * decay, level * after)
    return out * np.minimum(time / 0.002, 1.0)


def _bass(midi: int, time: Floats, force: float) -> Floats:
    sound = _partials(midi, time, bright=0.55 + 0.4 * force, decay_s=1.5, pluck=0.27, after=0.15)
    finger = min(len(sound), 2_400)
    sound[:finger] += _noise(60, 700, finger, 1) * np.exp(-np.arange(finger) / 500) * (0.15 + 0.2 * force)
    return sound


def _piano(midi: int, time: Floats, force: float) -> Floats:
    decay_s = 2.1 * 2 ** ((60 - midi) / 24)
    sound = _partials(midi, time, bright=0.25 + 0.6 * force, decay_s=decay_s, stiff=3e-4, pluck=0.12, after=0.3)
    hammer = _noise(300, 2_000 + 2_500 * force, 1_200, 2) * np.exp(-np.arange(1_200) / 220)
    sound[:1_200] += (0.03 + 0.07 * force) * hammer
    return sound


def _guitar(midi: int, time: Floats, force: float) -> Floats:
    sound = _partials(midi, time, bright=0.7 + 0.5 * force, decay_s=1.4, pluck=0.18, after=0.12)
    for hz, level in ((104.0, 0.16), (207.0, 0.12)):  # air and top of the box
        _ring(sound, hz, 0.09, level)
    nail = 700
    sound[:nail] += _noise(1_200, 7_000, nail, 3) * np.exp(-np.arange(nail) / 110) * (0.04 + 0.1 * force)
    return sound


def _vibes(midi: int, time: Floats, force: float) -> Floats:
    hz, sound = _hz(midi), np.zeros(len(time))
    for ratio, decay, level in ((1.0, 1.6, 1.0), (4.0, 0.5, 0.1 + 0.3 * force), (9.6, 0.12, 0.03 + 0.2 * force)):
        _ring(sound, hz * ratio, decay, level)
    return sound * (1.0 + 0.15 * np.sin(2 * np.pi * 5.2 * time)) * np.minimum(time / 0.001, 1)


def _keys(midi: int, time: Floats, force: float) -> Floats:
    hz = _hz(midi)
    bell = (0.6 + 1.4 * force) * np.exp(-time / 0.35) * np.sin(2 * np.pi * hz * time)
    sound = np.exp(-time / 1.4) * np.sin(2 * np.pi * hz * time + bell)
    sound += (0.05 + 0.14 * force) * np.exp(-time / 0.1) * np.sin(2 * np.pi * hz * 14 * time)
    return sound * np.minimum(time / 0.003, 1.0)


def _section(midi: int, time: Floats, depth: float, open_: Floats, slope: float) -> Floats:
    """Three players on a part: out of tune, each with a vibrato as fast and late as it likes."""
    hz = _hz(midi)
    count = min(14, int(7_500 / hz)) or 1
    order = np.arange(1, count + 1, dtype=np.float64)
    levels = order**-slope * _wood(np.asarray(hz * order, np.float64), _CELLO if midi < 52 else _VIOLIN)
    out = np.zeros(len(time))
    for player, detune in enumerate((-0.0022, 0.0005, 0.0026)):
        rate, late = 4.8 + (midi * 7 + player * 5) % 11 / 10, 0.5 + 0.17 * player
        sway = depth * np.sin(2 * np.pi * rate * time + 2.1 * player + midi) * np.minimum(time / late, 1.0) ** 2
        phase = 2 * np.pi * np.cumsum(hz * (1 + detune + sway)) / SAMPLE_RATE
        turns = np.exp(900j * detune * order)
        out += _harmonics(phase, levels * turns, open_)
    return out / 3


def _bowed(midi: int, time: Floats, force: float) -> Floats:
    """The bow takes hold slowly, and what it draws out gets brighter as it does; rosin is heard under it."""
    swell = np.minimum(time / (0.42 - 0.22 * force), 1.0) ** 1.5
    open_ = 0.80 + 0.17 * swell * (0.7 + 0.3 * force) + 0.02 * np.sin(2 * np.pi * 0.31 * time + midi)
    sound = _section(midi, time, 0.0042, np.minimum(open_, 1.0), 1.05)
    rosin = _noise(2_200, 7_500, len(time), 200 + midi) * 0.012
    return (0.8 * sound + 0.6 * rosin) * swell


def _spiccato(midi: int, time: Floats, force: float) -> Floats:
    """Short bows: a section that bounces."""
    bounce = np.exp(-np.maximum(time - 0.05, 0.0) / 0.22)
    sound = _section(midi, time, 0.0, 0.74 + (0.12 + 0.12 * force) * bounce, 0.95)
    sound *= 1.25 * np.minimum(time / 0.018, 1.0) * bounce
    bite = 4_800
    sound[:bite] += (
        (0.04 + 0.12 * force)
        * _noise(1_500, 6_000, bite, 4)
        * np.exp(-np.arange(bite) / 960)
        * np.minimum(np.arange(bite) / 144, 1.0)
    )
    return sound


def _synth(midi: int, time: Floats, force: float) -> Floats:
    """A saw through a filter that shuts; a second one beats against it."""
    hz = _hz(midi)
    open_ = np.exp(-1.0 / (2.6 + (5.0 + 9.0 * force) * np.exp(-time / 0.13)))
    levels = 1.0 / np.arange(1, min(16, int(9_000 / hz)) + 1)
    both = [_harmonics(2 * np.pi * hz * detune * time, levels, open_) for detune in (1.0, 1.0027)]
    return (0.7 * both[0] + 0.37 * both[1]) * np.minimum(time / 0.003, 1.0)


def _lead(midi: int, time: Floats, force: float) -> Floats:
    """Two saws a little apart, a filter that opens and closes, a vibrato that comes late."""
    hz = _hz(midi)
    vibrato = 0.003 * np.sin(2 * np.pi * 5.5 * time) * np.clip((time - 0.2) / 0.4, 0.0, 1.0)
    open_ = np.exp(-1.0 / (2.0 + (3.0 + 6.0 * force) * np.exp(-time / 0.25)))
    levels = 1.0 / np.arange(1, min(14, int(10_000 / hz)) + 1)
    out = np.zeros(len(time))
    for detune in (-0.004, 0.004):
        out += _harmonics(2 * np.pi * np.cumsum(hz * (1 + detune + vibrato)) / SAMPLE_RATE, levels, open_)
    return 0.52 * out * np.minimum(time / 0.006, 1.0)


def _brass(midi: int, time: Floats, force: float) -> Floats:
    """Low brass: the louder, the brighter, so the attack opens it."""
    hz = _hz(midi)
    level = np.minimum(time / 0.03, 1.0) * (0.55 + 0.45 * np.exp(-time / 0.25))
    phase = 2 * np.pi * np.cumsum(hz * (1 - 0.012 * np.exp(-time / 0.02))) / SAMPLE_RATE
    levels = np.arange(1.0, min(14, int(6_000 / hz)) + 1) ** -0.7
    return 0.5 * _harmonics(phase, levels, level ** (0.85 - 0.35 * force)) * level**0.6


@dataclass(frozen=True, slots=True)
class Instrument:
    """How one sounds: its sound while it is held, how it is let go.

    Attributes:
        sound: (midi, time, force 0 to 1) -> as if it were held for ever.
        release_s: How long it takes to be silent.
        after_s: How long it rings on before that.
        longest_s: It cannot be held longer.
    """

    sound: Callable[[int, Floats, float], Floats]
    release_s: float
    after_s: float = 0.0
    longest_s: float = 9.0


INSTRUMENTS: Final = {
    "bass": Instrument(_bass, 0.14),
    "bowed": Instrument(_bowed, 0.8),
    "brass": Instrument(_brass, 0.4),
    "guitar": Instrument(_guitar, 0.4, after_s=0.3),
    "keys": Instrument(_keys, 0.3),
    "lead": Instrument(_lead, 0.3),
    "piano": Instrument(_piano, 0.6),
    "spiccato": Instrument(_spiccato, 0.4, longest_s=0.5),
    "synth": Instrument(_synth, 0.1),
    "vibes": Instrument(_vibes, 0.8, after_s=0.5),
}
HELD: Final = frozenset(["bowed", "synth", "lead", "brass"])
"""What sounds on as loud as it began while it is held."""


@lru_cache(maxsize=160)
def _held(instrument: str, midi: int, layer: int, length_s: float) -> Note:
    """A pitch as if it were held for ever, or as far as `length_s`."""
    time = np.arange(int(length_s * SAMPLE_RATE)) / SAMPLE_RATE
    return INSTRUMENTS[instrument].sound(midi, time, (layer + 0.5) / _LAYERS).astype(np.float32)


@lru_cache(maxsize=256)
def _note(instrument: str, midi: int, held_ms: int, layer: int) -> Note:
    how = INSTRUMENTS[instrument]
    held_s = min(held_ms / 1000, how.longest_s)
    until_s = held_s + how.after_s + how.release_s
    length_s = next(length for length in _LENGTHS_S if length >= min(until_s, _LENGTHS_S[-1]))
    kept = _held(instrument, midi, layer, length_s)[: int(until_s * SAMPLE_RATE)]
    gone = (np.arange(len(kept)) / SAMPLE_RATE - held_s - how.after_s) / how.release_s
    return _settled(kept * np.clip(1.0 - gone, 0.0, 1.0) ** 2)


@lru_cache(maxsize=96)
def _stroke(drum: str, held_ms: int, hard: bool, turn: int) -> Note:
    sound = DRUMS[drum](held_ms / 1000, 0.8 if hard else 0.35, turn)
    return _settled(sound * np.minimum(np.linspace(2.0, 0.0, len(sound)), 1.0))  # a cymbal fades and is not cut


def _settled(sound: Floats) -> Note:
    """Without DC, as a falling sine does not end where it began, and silent at its end."""
    sound = sound - 2.0 * sound.mean() * np.hanning(len(sound))
    tail = min(len(sound) // 2, 480)
    sound[len(sound) - tail :] *= np.linspace(1.0, 0.0, tail)
    out = sound.astype(np.float32)
    out.setflags(write=False)
    return out


def play(instrument: str, midi: int, held_s: float, force: float = 0.5, turn: int = 0) -> Note:
    """A note at full level, `(samples,)` float32, read-only.

    Args:
        instrument: One of `INSTRUMENTS`, or a drum of `DRUMS`.
        midi: Note number, 21 to 108; a drum ignores it.
        held_s: How long it is held, to 20 ms; only a brush among the drums minds.
        force: How hard it is struck, 0 to 1: how bright it is.
        turn: Which of a drum's strokes.
    """
    held_ms = max(20, round(held_s * 50 + 1e-4) * 20)
    if instrument in DRUMS:
        return _stroke(instrument, held_ms if instrument == "brush" else 0, force >= 0.55, turn % TURNS)
    return _note(instrument, midi, held_ms, min(_LAYERS - 1, max(0, int(force * _LAYERS))))
