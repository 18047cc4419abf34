"""Music tokens and a lead sheet -> notes -> sound, 48 kHz stereo, a pure function of the place in the piece.

Tokens say what is struck on which sixteenth; the lead sheet says which notes that is, and when that sixteenth comes.
Hits that the request fixes are played on their sample whether the tokens have them or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import layout
from .foley import SAMPLE_RATE
from .grammar import BAR, composed
from .instruments import HELD, play
from .music import Piece
from .mx import DRUM_LANES, VOICE_LANES, Feel, Strike, read_feels, read_tokens
from .noise import stream_key, uniform, white
from .tempo import LONGEST_HELD, SLOWEST_BPM

Floats = NDArray[np.float64]
TokensOf = Callable[[int, int], layout.Floats]
"""(first absolute sixteenth, count) -> `(count, 28)`: a grammar's or a model's."""

LONGEST_NOTE_S: Final = LONGEST_HELD * 16 * 15.0 / SLOWEST_BPM + 2.0
REVERB_S: Final = 1.4
_DYING: Final = 1.6
"""Nepers that a held note of the last chord loses until it is let go."""
_SHARED: Final = 0.45
"""How much of the hall's answer both sides have in common: without it, a piano is as wide as the hall."""
_MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
_MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
_LADDER: Final = (0, 0, 4, 7, 9, 11, 13, 14)
"""Steps above the root of the members a to g of a chord; the word 0 is the whole chord."""
_STRUM_S: Final = 0.011
_ROLL_S: Final = 0.004
"""From one finger of a chord to the next."""
_LANES: Final = (*DRUM_LANES, *VOICE_LANES)
_LOOSE_S: Final = {**dict.fromkeys(DRUM_LANES, 0.003), "bass": 0.004, "comping": 0.005, "melody": 0.007}
"""How far from their place players play, at most; a machine's drums do not."""
_UNEVEN: Final = 0.08
"""How much louder or softer than they are told, at most."""
_SENT: Final = {
    **{"kick": 0.05, "snare": 0.22, "tap": 0.2, "hat": 0.1, "ride": 0.14, "crash": 0.25, "shaker": 0.14},
    **{"brush": 0.2, "thud": 0.35, "bass": 0.06, "synth": 0.08, "lead": 0.3},
}
"""How much of an instrument goes to the hall, where it is not as much as of a piano: `_SENT_USUALLY`."""
_SENT_USUALLY: Final = 0.35
_CLUSTER_S: Final = 0.7
"""Hits nearer than this to the next are played short,"""
_BREATH_S: Final = 0.09
"""and end so long before it;"""
_STOP_DB, _STOP_S, _GO_S = -22.0, 0.07, 0.004
"""and for a moment before it all that still rings, the hall with it, is so much softer: or it is not heard to begin."""
_KEYBOARDS: Final = frozenset(["piano", "vibes"])
_KEYBOARD_PAN: Final = 0.011
"""Of a key, to the right of the one before it."""
_KEPT_BARS, _KEPT_BLOCKS, _STEP = 64, 4, 2 * SAMPLE_RATE
_HALL_FFT: Final = 5 * 2**15
"""As long as a block and its lead: what the transform wraps around falls into the lead, which nobody hears."""


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays a lane: instrument, lowest note, loudness, place from -1 left to 1 right."""

    instrument: str
    low: int
    gain: float
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Band:
    """Who plays a style.

    `chord` are the steps of a whole chord, `pedal` lets broken chords ring to the bar's end, a `machine` drums exactly,
    and with `level` every style is as loud as the others.
    """

    drums: dict[str, Player]
    bass: Player
    comping: Player
    melody: Player
    chord: tuple[int, ...]
    pad: Player | None = None
    stab: Player = Player("piano", 48, 1.3)
    pedal: bool = False
    strummed: bool = False
    machine: bool = False
    level: float = 1.0


BANDS: Final[dict[str, Band]] = {
    "jazz": Band(
        drums={
            "kick": Player("kick", 0, 0.5),
            "snare": Player("tap", 0, 0.9, 0.1),
            "hat": Player("ride", 0, 0.6, 0.35),
            "crash": Player("crash", 0, 0.95, 0.3),
            "percussion": Player("brush", 0, 1.1, 0.15),
        },
        bass=Player("bass", 31, 1.0),
        comping=Player("keys", 52, 0.55, -0.3),
        melody=Player("vibes", 65, 0.6, 0.25),
        chord=(2, 6, 8),
        level=0.98,
    ),
    "piano": Band(
        drums={},
        bass=Player("piano", 31, 0.6, -0.2),
        comping=Player("piano", 45, 0.62, -0.15),
        melody=Player("piano", 65, 0.85, 0.15),
        chord=(0, 4, 7, 9),
        pad=Player("bowed", 55, 0.10, 0.3),
        pedal=True,
        level=1.48,
    ),
    "tension": Band(
        drums={
            "kick": Player("kick", 0, 0.8),
            "hat": Player("hat", 0, 0.5, 0.4),
            "crash": Player("crash", 0, 0.9, -0.2),
            "percussion": Player("thud", 0, 0.9, -0.3),
        },
        bass=Player("synth", 28, 0.5),
        comping=Player("bowed", 55, 0.30, -0.3),
        melody=Player("bowed", 67, 0.35, 0.4),
        chord=(0, 2, 8),
        pad=Player("bowed", 36, 0.22, 0.2),
        stab=Player("brass", 43, 0.8),
        level=1.35,
    ),
    "folk": Band(
        drums={
            "percussion": Player("shaker", 0, 0.8, 0.4),
            "kick": Player("kick", 0, 0.6),
            "snare": Player("tap", 0, 0.8, 0.1),
            "crash": Player("crash", 0, 0.5, 0.3),
        },
        bass=Player("bass", 31, 0.8),
        comping=Player("guitar", 43, 0.8, -0.25),
        melody=Player("guitar", 64, 0.8, 0.3),
        chord=(0, 4, 7, 9, 11),
        stab=Player("guitar", 43, 1.0),
        strummed=True,
        level=0.87,
    ),
    "electro": Band(
        drums={
            "kick": Player("kick", 0, 1.0),
            "snare": Player("snare", 0, 0.8),
            "hat": Player("hat", 0, 0.7, 0.2),
            "crash": Player("crash", 0, 0.8, -0.3),
            "percussion": Player("tap", 0, 0.7, -0.4),
        },
        bass=Player("synth", 33, 0.62),
        comping=Player("keys", 57, 0.42, 0.35),
        melody=Player("lead", 69, 0.34, -0.2),
        chord=(7, 9, 11),
        pad=Player("bowed", 55, 0.10),
        stab=Player("lead", 57, 0.45),
        machine=True,
        level=1.25,
    ),
    "strings": Band(
        drums={
            "kick": Player("thud", 0, 0.8),
            "percussion": Player("thud", 0, 0.5, 0.2),
            "crash": Player("crash", 0, 0.7, 0.3),
        },
        bass=Player("bowed", 36, 0.5, 0.35),
        comping=Player("spiccato", 52, 0.54, -0.2),
        melody=Player("bowed", 69, 0.5, -0.35),
        chord=(0, 4, 7, 9),
        pad=Player("bowed", 50, 0.18, 0.0),
        stab=Player("brass", 43, 0.7),
        level=1.4,
    ),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One note: seconds in the piece's clock, velocity about 0 to 1; one that is `last` dies away while it is held.

    `force` is how hard it is struck, 0 to 1, `turn` which of a drum's strokes it is.
    """

    start_s: float
    held_s: float
    midi: int
    velocity: float
    instrument: str
    pan: float = 0.0
    last: bool = False
    force: float = 0.5
    turn: int = 0


class Performance:
    """A piece being played.

    Args:
        piece: The lead sheet.
        tokens: Where the tokens come from; the grammar where nothing else gives them.
    """

    def __init__(self, piece: Piece, tokens: TokensOf | None = None) -> None:
        self.piece = piece
        self._tokens: TokensOf = tokens or (lambda first, count: composed(piece, first, count))
        self._bars: dict[int, tuple[Note, ...]] = {}
        self._dries: dict[int, Floats] = {}
        self._blocks: dict[int, Floats] = {}

    def notes(self, bar: int) -> tuple[Note, ...]:
        """The notes that begin in one bar."""
        if bar not in self._bars:
            tokens = self._tokens(bar * BAR, 2 * BAR)
            strikes = [strike for strike in read_tokens(tokens, bar * BAR) if strike.at < (bar + 1) * BAR]
            played, last = _notes(self.piece, bar, strikes, read_feels(tokens[:BAR])), bar + 1 == self.piece.bars
            self._bars[bar] = tuple(replace(note, last=last and note.instrument in HELD) for note in played)
            _forget(self._bars, _KEPT_BARS)
        return self._bars[bar]

    def render(self, start_samples: int, count_samples: int) -> Floats:
        """A stretch of the piece, `(count_samples, 2)`; peaks around 1. `start_samples` may be negative."""
        out = np.empty((count_samples, 2))
        for index in range(start_samples // _STEP, (start_samples + count_samples - 1) // _STEP + 1):
            low, high = max(index * _STEP, start_samples), min((index + 1) * _STEP, start_samples + count_samples)
            block = self._block(index)[low - index * _STEP : high - index * _STEP]
            out[low - start_samples : high - start_samples] = block
        return out

    def _block(self, index: int) -> Floats:
        """Two seconds on an absolute grid: the same sums in the same order from every window."""
        if index not in self._blocks:
            lead = int(REVERB_S * SAMPLE_RATE)
            dry, sent = self._dry(index)
            before = self._dry(index - 1)[1][:, _STEP - lead :]
            wet = _reverberated(np.concatenate([before, sent], axis=1))[:, lead:]
            level = BANDS[self.piece.style].level * _stopped(self.piece, index * _STEP, _STEP)
            self._blocks[index] = (level * (dry + 1.2 * wet)).T
            _forget(self._blocks, _KEPT_BLOCKS)
        return self._blocks[index]

    def _dry(self, index: int) -> Floats:
        """Sound of the instruments in a block, and how much of it goes to the hall: `(2, channels, samples)`."""
        if index not in self._dries:
            self._dries[index] = self._played(index * _STEP, _STEP)
            _forget(self._dries, _KEPT_BLOCKS)
        return self._dries[index]

    def _played(self, start_samples: int, count_samples: int) -> Floats:
        out, sent = both = np.zeros((2, 2, count_samples))
        start_s, end_s = start_samples / SAMPLE_RATE, (start_samples + count_samples) / SAMPLE_RATE
        first, last = (
            math.floor(float(self.piece.tempo.beat(at)) / 4) for at in (start_s - LONGEST_NOTE_S, end_s + 0.1)
        )
        for note in (note for bar in range(first, last + 1) for note in self.notes(bar)):
            at = _sample(note.start_s) - start_samples
            if at >= count_samples or at < -LONGEST_NOTE_S * SAMPLE_RATE:
                continue
            sound = play(note.instrument, note.midi, note.held_s, note.force, note.turn)
            if note.last:
                sound = sound * np.exp(-_DYING * np.arange(len(sound)) / (note.held_s * SAMPLE_RATE))
            low, high = max(at, 0), min(at + len(sound), count_samples)
            if high > low:
                angle = (note.pan + 1) * np.pi / 4
                sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)
                placed = sound[low - at : high - at] * (note.velocity * sides)
                out[:, low:high] += placed
                sent[:, low:high] += placed * _SENT.get(note.instrument, _SENT_USUALLY)
        return both


def _sample(seconds: float) -> int:
    """The nearest sample; what lies between two goes up however the sum was rounded that led to it."""
    return math.floor(seconds * SAMPLE_RATE + 0.5 + 1e-4)


def _forget(kept: dict[int, object] | dict[int, Floats] | dict[int, tuple[Note, ...]], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]


@lru_cache(maxsize=4)
def _performance(piece: Piece) -> Performance:
    return Performance(piece)


def render_music(piece: Piece, start_samples: int, count_samples: int) -> Floats:
    """A stretch of a piece as the grammar composes it, `(count_samples, 2)`; see `Performance.render`."""
    return _performance(piece).render(start_samples, count_samples)


# --- from tokens to notes ------------------------------------------------------------------------


def place_s(piece: Piece, place: int) -> float:
    """When a sixteenth comes, swung."""
    whole, part = divmod(place / 4, 1.0)
    swing = piece.swing
    part = part * 2 * swing if part <= 0.5 else swing + (part - 0.5) * 2 * (1 - swing)
    return float(piece.tempo.seconds(whole + part))


def _notes(piece: Piece, bar: int, strikes: list[Strike], feels: list[Feel]) -> Iterator[Note]:
    band = BANDS[piece.style]
    if piece.bars is not None and bar >= piece.bars:  # the form ends here, whatever the tokens go on to play
        return
    hits = {place: at for place, at in zip(piece.hit_places, piece.hits_s, strict=True) if place // BAR == bar}
    if band.pad and feels[0].intensity > 0.3:
        yield from _pad(piece, bar, band.pad, feels[0].intensity)
    for strike in strikes:
        feel = feels[strike.at - bar * BAR]
        on_hit = strike.at in hits
        free_s = _until_next_hit(piece, hits[strike.at]) if on_hit else _CLUSTER_S
        if free_s < _CLUSTER_S and strike.lane == "crash":
            continue  # the last of several close hits has the cymbal: under its ringing nothing else is heard to begin
        early, uneven = (0.0, 1.0) if on_hit else _human(piece, band, strike)
        start_s = hits[strike.at] if on_hit else place_s(piece, strike.at) + feel.late_s + early
        ring = (bar + 1) * BAR if band.pedal and strike.lane == "comping" else strike.at + strike.length
        held_s = max(0.05, place_s(piece, ring) - place_s(piece, strike.at) - 0.02)
        held_s = min(held_s, max(0.05, free_s - _BREATH_S)) if free_s < _CLUSTER_S else held_s
        louder = 1.0 if on_hit else (0.9 + 0.25 * feel.accent) * uneven
        yield from _struck(piece, band, strike, start_s, held_s, louder)
    for place, at in hits.items():
        yield from _stab(piece, band, place, at, {strike.lane for strike in strikes if strike.at == place})


def _stopped(piece: Piece, start_samples: int, count_samples: int) -> Floats:
    """Gain of the whole band on a stretch, `(count_samples,)`: 1, but for the moment before close hits."""
    gain = np.ones(count_samples)
    hits = (-math.inf, *piece.hits_s, math.inf)
    for before, hit, after in zip(hits, hits[1:], hits[2:], strict=False):
        if min(hit - before, after - hit) >= _CLUSTER_S:
            continue
        softly = min(_STOP_S, 0.4 * (hit - before))
        times = (start_samples + np.arange(count_samples)) / SAMPLE_RATE - hit
        down = np.interp(times, (-2 * softly, -softly, -_GO_S, 0.0), (0.0, 1.0, 1.0, 0.0))
        gain *= 10.0 ** (_STOP_DB * down / 20.0)
    return gain


def _until_next_hit(piece: Piece, at: float) -> float:
    """Seconds from a hit to the next one."""
    return min((hit - at for hit in piece.hits_s if hit > at), default=math.inf)


def _human(piece: Piece, band: Band, strike: Strike) -> tuple[float, float]:
    """How late one player is (seconds), and how much louder than told."""
    dice = uniform(piece.key, strike.at // BAR + 11_000_000, BAR * len(_LANES) * 2)
    of = 2 * (strike.at % BAR * len(_LANES) + _LANES.index(strike.lane))
    loose = 0.0 if band.machine and strike.lane in DRUM_LANES else _LOOSE_S[strike.lane]
    late, louder = (2.0 * float(die) - 1.0 for die in dice[of : of + 2])
    return loose * late, 1.0 + _UNEVEN * louder


def _struck(piece: Piece, band: Band, strike: Strike, start_s: float, held_s: float, louder: float) -> Iterator[Note]:
    """The notes of one strike: one drum, one note, or a chord a little spread as hands spread it, its top sung out."""
    player = {"bass": band.bass, "comping": band.comping, "melody": band.melody}.get(strike.lane)
    force = min(1.0, strike.level * louder)
    if player is None:
        drum = band.drums.get(strike.lane)
        if drum:
            # Next to each other, on sixteenths as on beats, are always two different strokes.
            turn = strike.at + strike.at // 4 + strike.at // BAR
            velocity = strike.level * louder * drum.gain
            yield Note(start_s, held_s, 0, velocity, drum.instrument, drum.pan, force=force, turn=turn)
        return
    chord = piece.chord(strike.at // BAR)
    whole = strike.lane == "comping" and strike.word == 0
    if strike.lane == "melody":
        pitches = [_midi(piece, strike.word - 1, player.low, 0, chord)]
    elif whole:
        pitches = chord_notes(piece, strike.at // BAR, player.low, band.chord)
    else:
        step = strike.word if strike.lane == "bass" else _LADDER[strike.word]
        pitches = [_midi(piece, chord + step, player.low, chord, chord)]
    share = player.gain * strike.level * louder * len(pitches) ** -0.4
    spread = _STRUM_S if band.strummed else 0.0 if player.instrument in HELD else _ROLL_S
    for k, midi in enumerate(pitches):
        pan = player.pan + (_KEYBOARD_PAN * (midi - 60) if player.instrument in _KEYBOARDS else 0.0)
        voiced = share * (1.08 if k + 1 == len(pitches) else 0.94) if whole else share
        yield Note(start_s + spread * k, held_s, midi, voiced, player.instrument, min(0.8, max(-0.8, pan)), force=force)


def _midi(piece: Piece, degree: int, low: int, base: int, chord: int) -> int:
    """MIDI number of a degree; that of `base` is the first at or above `low`. The dominant of a minor key is major."""
    scale = _MINOR if piece.minor else _MAJOR

    def pitch(of: int) -> int:
        octave, step = divmod(of, 7)
        return piece.tonic + scale[step] + 12 * octave + (1 if piece.minor and chord == 4 and step == 6 else 0)

    return low + (pitch(base) - low) % 12 + pitch(degree) - pitch(base)


def chord_notes(piece: Piece, bar: int, low: int, steps: tuple[int, ...]) -> list[int]:
    """A bar's chord, each member at or above `low` but for octaves that a step asks; lowest first."""
    chord = piece.chord(bar)
    members = (_midi(piece, chord + step, 0, chord, chord) for step in steps)
    return sorted({low + (midi - low) % 12 + 12 * (step // 7) for midi, step in zip(members, steps, strict=True)})


def _pad(piece: Piece, bar: int, player: Player, intensity: float) -> Iterator[Note]:
    held_s = place_s(piece, (bar + 1) * BAR) - place_s(piece, bar * BAR)
    for k, midi in enumerate(chord_notes(piece, bar, player.low, (0, 2, 4))):
        pan = max(-1.0, min(1.0, player.pan + 0.5 * (k - 1)))
        yield Note(
            place_s(piece, bar * BAR), held_s, midi, player.gain * intensity, player.instrument, pan, force=intensity
        )


def _stab(piece: Piece, band: Band, place: int, at: float, there: set[str]) -> Iterator[Note]:
    """What marks a hit: the chord wide and loud, root below, and the drums that the tokens left out."""
    low, free_s = band.stab.low, _until_next_hit(piece, at)
    held_s = max(0.05, min(0.5, free_s - _BREATH_S))
    for midi in [
        *chord_notes(piece, place // BAR, low - 12, (0,)),
        *chord_notes(piece, place // BAR, low, (0, 2, 4, 7)),
    ]:
        yield Note(at, held_s, midi, 0.5 * band.stab.gain, band.stab.instrument, band.stab.pan, force=1.0)
    for lane in ("kick", "crash"):
        if lane in band.drums and lane not in there and (lane == "kick" or free_s >= _CLUSTER_S):
            drum = band.drums[lane]
            yield Note(at, 0.3, 0, drum.gain, drum.instrument, drum.pan, force=1.0)


# --- the hall ------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _room() -> NDArray[np.complex128]:
    """Spectrum of a small hall: two channels of decaying noise, darker as they fade."""
    count = int(REVERB_S * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    left, right, middle = (white(stream_key(0, "hall", side), 0, count) for side in ("left", "right", "middle"))
    dry = np.stack([(1 - _SHARED) * side + _SHARED * middle for side in (left, right)]).astype(np.float64)
    smooth = np.cumsum(dry, axis=1)
    dark = (smooth[:, 24:] - smooth[:, :-24]) / np.sqrt(24)
    tail = (0.4 * dry[:, 24:] * np.exp(-time[24:] / 0.12) + dark * np.exp(-time[24:] / 0.33)) * np.minimum(
        time[24:] / 0.012, 1
    )
    return np.fft.rfft(tail / np.sqrt((tail**2).sum(axis=1, keepdims=True)), _HALL_FFT, axis=1)


def _reverberated(dry: Floats) -> Floats:
    """The hall's answer to `(2, n)` dry sound of a block and what led up to it; right from the end of the lead on."""
    wet = np.fft.irfft(np.fft.rfft(dry, _HALL_FFT, axis=1) * _room(), _HALL_FFT, axis=1)
    return wet[:, : dry.shape[1]]
