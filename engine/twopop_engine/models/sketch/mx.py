"""Music as tokens: a sixteenth is a token, a strike is what somebody plays on it; and the score of the music group.

Five drums are levels. Bass, comping and melody are one voice each: an onset, a hold that says how long it sounds, and
a word of a code that says what: steps above the chord's root for the bass, members of the chord for comping, degrees
of the key for the melody. So what a model samples is snapped to the harmony that the lead sheet gives, whatever it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from .layout import MX, Floats

if TYPE_CHECKING:
    from .music import Piece
    from .tempo import TempoMap

DRUM_LANES: Final = ("kick", "snare", "hat", "crash", "percussion")
VOICE_LANES: Final = {"bass": 3, "comping": 3, "melody": 4}
"""Lane -> bits of its code."""
STYLE_SLOTS: Final = ("jazz", "piano", "tension", "folk", "electro", "strings", "", "")
SCORE_WIDTH: Final = 64

_HEARD: Final = 0.25
"""A level above this is a strike."""
_SOFTEST: Final = 0.4
"""The level that velocity 0 is written as: nothing and something are far apart."""
_FAINTEST: Final = 0.12
"""A strike that is half meant is heard all the same: it has ended the note before it."""
_LONGEST: Final = 16
"""Sixteenths: a bar and what follows it are enough to know all that begins in it."""


class Strike(NamedTuple):
    """Something played on a sixteenth (absolute number), for so many of them; ``word`` is the lane's."""

    at: int
    lane: str
    level: float
    length: int = 1
    word: int = 0


class Feel(NamedTuple):
    """What holds for all who play on a sixteenth: 0 to 1, and seconds late."""

    intensity: float
    fill: float = 0.0
    accent: float = 0.0
    late_s: float = 0.0


def _gray(bits: int) -> Floats:
    """``(2 ** bits, bits)`` of +-1; neighbours differ in one place, so a doubtful bit is a near miss."""
    counter = np.arange(2**bits)
    code = counter ^ (counter >> 1)
    return (2.0 * ((code[:, None] >> np.arange(bits)) & 1) - 1.0).astype(np.float32)


_CODES: Final = {lane: _gray(bits) for lane, bits in VOICE_LANES.items()}


def rest(tokens: int) -> Floats:
    """Silence: nothing struck, nothing held, ``(tokens, 28)``."""
    out = np.zeros((tokens, MX.dims), np.float32)
    out[:, [MX.index[f"{lane}1"] for lane in VOICE_LANES]] = -1.0
    return out


def stretch(tokens: Floats, start: int, count: int) -> Floats:
    """``count`` tokens from number ``start`` on; silence where there are none."""
    out = rest(count)
    low, high = max(start, 0), min(start + count, len(tokens))
    if high > low:
        out[low - start : high - start] = tokens[low:high]
    return out


def write_tokens(strikes: Iterable[Strike], feels: Iterable[Feel], first: int, tokens: int) -> Floats:
    """Strikes as tokens ``(tokens, 28)``, natural units.

    Args:
        strikes: In any order; those of a voice end where its next begins.
        feels: One per token.
        first: Absolute sixteenth of token 0.
    """
    out = rest(tokens)
    for token, feel in zip(out, feels, strict=True):
        token[[MX.index[name] for name in ("intensity", "fill", "accent", "microtiming")]] = feel
    for strike in in_turn(strikes):
        if strike.at + strike.length <= first or strike.at >= first + tokens:
            continue
        if strike.lane in VOICE_LANES:
            _write_voice(out, strike, first)
        elif strike.at >= first:
            out[strike.at - first, MX.index[strike.lane]] = _written(strike.level)
    return out


def _written(level: float) -> float:
    return _SOFTEST + (1.0 - _SOFTEST) * min(max(level, 0.0), 1.0)


def _read(level: float) -> float:
    return min(max((level - _SOFTEST) / (1.0 - _SOFTEST), _FAINTEST), 1.0)


def _columns(lane: str) -> list[int]:
    base = MX.index[f"{lane}0"]
    return [base + 2 + k for k in range(VOICE_LANES[lane])]


def in_turn(strikes: Iterable[Strike]) -> list[Strike]:
    """Strikes in order of time, each of a voice ended where its next begins."""
    ordered = sorted(strikes)
    ends: dict[str, int] = {}
    for k in reversed(range(len(ordered))):
        strike = ordered[k]
        until = ends.get(strike.lane, strike.at + strike.length)
        ordered[k] = strike._replace(length=min(strike.length, until - strike.at))
        if strike.lane in VOICE_LANES:
            ends[strike.lane] = strike.at
    return ordered


def _write_voice(out: Floats, strike: Strike, first: int) -> None:
    onset = MX.index[f"{strike.lane}0"]
    low, high = max(strike.at - first, 0), strike.at + strike.length - first
    out[low:high, onset + 1] = 1.0
    out[low:high, _columns(strike.lane)] = _CODES[strike.lane][strike.word]
    if strike.at >= first:
        out[low, onset] = _written(strike.level)


def read_tokens(tokens: Floats, first: int) -> list[Strike]:
    """Tokens as strikes, in order of time; a level is a strike above ``.25``, a word the nearest of its code."""
    drums = ((k, lane, tokens[k, MX.index[lane]]) for lane in DRUM_LANES for k in range(len(tokens)))
    found = [Strike(first + k, lane, _read(float(level))) for k, lane, level in drums if level > _HEARD]
    for lane in VOICE_LANES:
        found += _read_voice(tokens, lane, first)
    return sorted(found)


def _read_voice(tokens: Floats, lane: str, first: int) -> Iterator[Strike]:
    onset = MX.index[f"{lane}0"]
    starts = np.flatnonzero(tokens[:, onset] > _HEARD)
    for k, start in enumerate(starts):
        limit = int(starts[k + 1]) if k + 1 < len(starts) else len(tokens)
        limit = min(limit, int(start) + _LONGEST)
        silent = np.flatnonzero(tokens[start + 1 : limit, onset + 1] <= 0.0)
        length = 1 + (int(silent[0]) if len(silent) else limit - int(start) - 1)
        code = tokens[start : start + length][:, _columns(lane)].mean(axis=0)
        word = int(np.argmin(((_CODES[lane] - code) ** 2).sum(axis=1)))
        yield Strike(first + int(start), lane, _read(float(tokens[start, onset])), length, word)


def read_feels(tokens: Floats) -> list[Feel]:
    """What holds on every sixteenth."""
    columns = MX.columns("intensity", "fill", "accent", "microtiming")
    low, high = np.array([0.0, 0.0, 0.0, -0.03]), np.array([1.0, 1.0, 1.0, 0.03])
    return [Feel(*map(float, row)) for row in np.clip(tokens[:, columns], low, high)]


def window_tokens(tempo: TempoMap, start_s: float, seconds: float) -> tuple[int, int]:
    """The first absolute sixteenth of a window, and how many tokens it has."""
    return math.ceil(4.0 * float(tempo.beat(start_s)) - 1e-6), MX.tokens(seconds)


def music_score(piece: Piece | None, times_s: npt.NDArray[np.float64]) -> Floats:
    """The lead sheet at token times, ``(tokens, <= SCORE_WIDTH)``; all zero where there is no music.

    Chord and next chord, style, place in bar, phrase and form, tempo, swing, how near the next and the last hit are
    (half a beat's ramp), intensity, and how near the end is. The key itself is not in it: notes are degrees.
    """
    out = np.zeros((len(times_s), SCORE_WIDTH), np.float32)
    if piece is None:
        return out
    places = np.rint(4.0 * piece.tempo.beat(times_s)).astype(int)
    for row, place in zip(out, places, strict=True):
        bar = int(place) // 16
        flags = [0, 1 + STYLE_SLOTS.index(piece.style), 9 + piece.chord(bar), 16 + piece.chord(bar + 1)]
        flags += [23 + int(place) % 16, 39 + bar % 4, 43 + bar // 4 % 4]
        row[flags] = 1.0
        row[47:49] = float(piece.minor), bar // 16 % 2
        row[49:52] = piece.bpm / 50.0 - 2.0, 10.0 * (piece.swing - 0.5), piece.energy(bar)
        row[52:58] = *_hit_ramps(piece.hit_places, int(place)), *piece.ending_ramps(int(place))
    return out


def _hit_ramps(hits: tuple[int, ...], place: int) -> tuple[float, float, float]:
    """1 at the nearest hit ahead, falling to nothing two beats before it; the same after one; 1 on one."""
    until = min((hit - place for hit in hits if hit >= place), default=99)
    since = min((place - hit for hit in hits if hit <= place), default=99)
    return max(0.0, 1 - until / 8), max(0.0, 1 - since / 8), float(until == 0)
