"""Temp music: a style, a key and a tempo out of words, a piece out of a grammar, bar by bar, for ever.

A bar is a pure function of the piece and its number, a sample one of its place in the piece's clock. So a bed can be
trimmed, extended and continued under any cut without a note changing. Hits bend the tempo before anything is
composed, so that they fall on beats.

The music tokens of the layout are not trained yet: this composer stands in their place, and the slate says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .foley import SAMPLE_RATE
from .instruments import DRUMS, play
from .noise import stream_key, uniform, white

Floats = NDArray[np.float64]

LONGEST_NOTE_S: Final = 9.0
REVERB_S: Final = 1.4


@dataclass(frozen=True, slots=True)
class Style:
    """What a style fixes: `chords` are degrees of the scale (0 = tonic), one a bar."""

    bpm: float
    minor: bool
    swing: float
    chords: tuple[tuple[int, ...], ...]
    words: str


STYLES: Final[dict[str, Style]] = {
    "jazz": Style(
        96,
        False,
        0.62,
        ((1, 4, 0, 5), (1, 4, 2, 5), (3, 3, 2, 5), (1, 4, 0, 0)),
        "jazz swing brushed brushes upright noir bebop lounge bossa",
    ),
    "piano": Style(
        72,
        False,
        0.5,
        ((0, 4, 5, 3), (0, 2, 3, 4), (5, 3, 0, 4), (3, 4, 0, 0)),
        "piano ballad tender romantic gentle melancholy nostalgic emotional solo",
    ),
    "tension": Style(
        84,
        True,
        0.5,
        ((0, 0, 5, 0), (0, 0, 3, 4), (0, 1, 0, 1), (5, 5, 4, 4)),
        "tension tense suspense thriller dark ominous horror pulse pulsing drone dread chase",
    ),
    "folk": Style(
        104,
        False,
        0.53,
        ((0, 3, 0, 4), (0, 5, 3, 4), (3, 0, 3, 4), (0, 3, 4, 0)),
        "folk guitar acoustic country americana campfire indie western",
    ),
    "electro": Style(
        118,
        True,
        0.5,
        ((0, 5, 2, 6), (0, 3, 5, 4), (5, 6, 0, 0), (0, 5, 3, 4)),
        "electro electronic synth techno house dance pop club beat beats driving funk rock",
    ),
    "strings": Style(
        66,
        True,
        0.5,
        ((0, 5, 3, 4), (0, 2, 5, 4), (3, 4, 0, 0), (5, 3, 0, 4)),
        "strings orchestra orchestral cinematic score violin cello epic film ambient pad",
    ),
}
_MINOR_WORDS: Final = "minor sad dark melancholy melancholic ominous tense lonely mournful noir somber"
_MAJOR_WORDS: Final = "major happy bright cheerful sunny hopeful warm uplifting playful joyful"
_TEMPO_WORDS: Final = {
    "slow": 0.8,
    "fast": 1.25,
    "upbeat": 1.12,
    "calm": 0.85,
    "driving": 1.15,
    "urgent": 1.2,
    "lazy": 0.85,
}
_KEYS: Final = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
_MINOR: Final = (0, 2, 3, 5, 7, 8, 10)


@dataclass(frozen=True, slots=True)
class Note:
    """One note: seconds in the piece's clock, velocity 0 to 1."""

    start_s: float
    held_s: float
    midi: int
    velocity: float
    instrument: str
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of music without end.

    Attributes:
        style: Name in `STYLES`.
        tonic: Pitch class, 0 = C.
        minor: Scale.
        beat_s: Seconds a beat.
        offset_s: Where bar 0 begins.
        hits_s: Accents, on beats.
        key: Stream of everything random in it.
        understood: Words of the request that shaped it.
        guessed: What they left open, as a sentence; empty if nothing.
    """

    style: str
    tonic: int
    minor: bool
    beat_s: float
    offset_s: float
    hits_s: tuple[float, ...]
    key: int
    understood: tuple[str, ...] = ()
    guessed: str = ""

    @property
    def bar_s(self) -> float:
        """Seconds a bar of four beats."""
        return 4 * self.beat_s


def fit_tempo(bpm: float, hits_s: Sequence[float]) -> tuple[float, float]:
    """Tempo within 6 % of `bpm` and start of bar 0 (seconds) that put hits nearest to beats, downbeats first.

    Returns:
        Beats a minute, and the offset.
    """
    if not hits_s:
        return bpm, 0.0
    hits = np.asarray(hits_s)
    best = (math.inf, bpm, 0.0)
    for candidate in bpm * np.linspace(0.94, 1.06, 61):
        beat = 60.0 / candidate
        for anchor in hits:
            # One hit lies on a beat exactly; the others decide which, and how well.
            offset = float(anchor % (4 * beat))
            beats = (hits - offset) / beat
            error = np.abs(beats - np.round(beats)) * beat
            off_bar = np.mean(np.round(beats).astype(int) % 4 != 0)
            cost = float((error**2).mean() * 1e4 + 0.2 * off_bar + 0.1 * abs(candidate / bpm - 1))
            best = min(best, (cost, float(candidate), offset - 4 * beat))
    return best[1], best[2]


def read_music(words: str, hits_s: Sequence[float] = (), seed: int = 0) -> Piece:
    """A piece out of free words ("brushed drums and upright bass, 92 bpm, D minor").

    Args:
        words: What the cue says.
        hits_s: Times that want an accent, in the piece's clock.
        seed: The same words and seed are the same piece.
    """
    lower = words.lower()
    found = re.findall(r"[^\W\d_]+", lower)
    styles = [name for word in found for name, style in STYLES.items() if word in style.words.split()]
    name = max(dict.fromkeys(styles), key=styles.count) if styles else "strings"
    style = STYLES[name]
    number = re.search(r"(\d{2,3})\s*bpm", lower)
    pace = math.prod(_TEMPO_WORDS.get(word, 1.0) for word in set(found))
    bpm = min(180.0, max(50.0, float(number[1]) if number else style.bpm * pace))
    sad, glad = (bool(set(found) & set(mood.split())) for mood in (_MINOR_WORDS, _MAJOR_WORDS))
    minor = sad or (style.minor and not glad)
    key = stream_key(seed, "music", lower)
    named = re.search(r"\b([a-g])([#♯b♭]|\s*sharp|\s*flat)?\s+(?:major|minor)\b", lower)
    tonic = _tonic(named) if named else int(uniform(key, 0)[0] * 12)
    bpm, offset = fit_tempo(bpm, hits_s)
    listed = " ".join([*(style.words for style in STYLES.values()), *_TEMPO_WORDS, _MINOR_WORDS, _MAJOR_WORDS]).split()
    known = [word for word in found if word in listed]
    known += ["bpm"] if number else []
    guessed = "" if styles else f"no style named: {name} at {bpm:.0f} bpm"
    return Piece(name, tonic, minor, 60.0 / bpm, offset, tuple(hits_s), key, tuple(dict.fromkeys(known)), guessed)


def _tonic(named: re.Match[str]) -> int:
    bend = (named[2] or "").strip()
    shift = 1 if bend in ("#", "♯", "sharp") else -1 if bend in ("b", "♭", "flat") else 0
    return (_KEYS[named[1]] + shift) % 12


@dataclass(frozen=True, slots=True)
class _Bar:
    """A bar under composition: its chord as scale degrees' notes, its time, its dice."""

    piece: Piece
    index: int
    degree: int
    chance: Floats

    @property
    def start_s(self) -> float:
        return self.piece.offset_s + self.index * self.piece.bar_s

    def at(self, beats: float) -> float:
        """Seconds of a place in the bar, swung."""
        whole, part = divmod(beats, 1.0)
        swing = STYLES[self.piece.style].swing
        part = part * 2 * swing if part <= 0.5 else swing + (part - 0.5) * 2 * (1 - swing)
        return self.start_s + (whole + part) * self.piece.beat_s

    def pitch(self, degree: int, low: int) -> int:
        """MIDI number of a scale degree, in the octave that begins at `low`."""
        scale = _MINOR if self.piece.minor else _MAJOR
        octave, step = divmod(degree, 7)
        return low + (self.piece.tonic + scale[step] - low) % 12 + 12 * octave

    def chord(self, low: int, *steps: int) -> list[int]:
        """MIDI numbers of chord members (0 root, 2 third, 4 fifth, 6 seventh, 8 ninth) at or above `low`."""
        return [low + (self.pitch(self.degree + step, 0) - low) % 12 for step in steps]

    def die(self, k: int) -> float:
        """Number `k` of the bar's random numbers in [0, 1)."""
        return float(self.chance[k % len(self.chance)])


def _bar(piece: Piece, index: int) -> _Bar:
    phrases = STYLES[piece.style].chords
    phrase = phrases[(0, 0, 2, 3)[index // 4 % 4] if index // 16 % 2 == 0 else (1, 0, 2, 3)[index // 4 % 4]]
    return _Bar(piece, index, phrase[index % 4], uniform(piece.key, index + 1_000_000, 64))


def _jazz(bar: _Bar) -> list[Note]:
    beat, notes = bar.piece.beat_s, list[Note]()
    walk = bar.chord(31, 0, 2 if bar.die(0) < 0.5 else 4, 4 if bar.die(1) < 0.5 else 6)
    following = _bar(bar.piece, bar.index + 1)
    walk.append(following.chord(31, 0)[0] + (1 if bar.die(2) < 0.5 else -1))  # leans into the next bar's root
    for k, midi in enumerate(walk):
        notes.append(Note(bar.at(k), beat * 0.92, midi, 0.8 - 0.1 * (k % 2), "bass"))
        notes.append(Note(bar.at(k) - 0.03, beat * 1.05, 0, 0.75 + 0.25 * (k % 2), "brush", 0.15))
    for place, level in ((0, 0.5), (1, 0.7), (1.5, 0.35), (2, 0.5), (3, 0.7), (3.5, 0.35)):
        notes.append(Note(bar.at(place), 0.1, 0, level * 0.55, "ride", 0.35))
    notes += [Note(bar.at(place), 0.1, 0, 0.35, "tap", 0.1) for place in (1, 3)]
    for k, place in enumerate((0.5, 1.5, 2.5, 3.5)):
        if bar.die(8 + k) < 0.38:
            notes += [Note(bar.at(place), beat * 0.55, m, 0.3, "keys", -0.3) for m in bar.chord(52, 2, 6, 8)]
    return notes + _melody(bar, "vibes", 65, 0.42, 0.25)


def _ballad(bar: _Bar) -> list[Note]:
    beat = bar.piece.beat_s
    left = bar.chord(40, 0, 4) + bar.chord(52, 0, 2)
    order = (0, 1, 2, 3, 2, 1, 2, 3)
    notes = [
        Note(bar.at(k / 2), beat * 1.4, left[i], 0.42 - 0.04 * (k % 2), "piano", -0.15) for k, i in enumerate(order)
    ]
    notes.append(Note(bar.at(0), beat * 3.8, left[0] - 12, 0.45, "piano", -0.2))
    if bar.index % 16 >= 8:
        notes += [Note(bar.at(0), beat * 4, m, 0.12, "bowed", 0.3) for m in bar.chord(55, 0, 2, 4)]
    return notes + _melody(bar, "piano", 67, 0.6, 0.15)


def _suspense(bar: _Bar) -> list[Note]:
    beat, low = bar.piece.beat_s, bar.chord(28, 0)[0]
    notes = [Note(bar.at(k / 2), beat * 0.4, low, 0.42 if k % 4 == 0 else 0.28, "synth") for k in range(8)]
    notes += [Note(bar.at(place), 0.2, 0, level, "kick") for place, level in ((0, 0.7), (0.5, 0.4))]
    notes += [Note(bar.at(k / 2), 0.1, 0, 0.22, "hat", 0.4) for k in range(8) if bar.die(k) < 0.75]
    if bar.index % 2 == 0:
        cluster = [*bar.chord(55, 0, 2), bar.chord(67, 0)[0] + (1 if bar.die(20) < 0.5 else -1)]
        notes += [
            Note(bar.at(0), beat * 7.6, m, 0.22, "bowed", p) for m, p in zip(cluster, (-0.5, 0.5, 0.0), strict=True)
        ]
    return notes


def _folk(bar: _Bar) -> list[Note]:
    beat = bar.piece.beat_s
    strings = bar.chord(40, 0) + bar.chord(48, 4) + bar.chord(52, 0, 2, 4)
    pattern = (0, 3, 2, 4, 1, 3, 2, 4)
    notes = [
        Note(bar.at(k / 2), beat * 1.2, sorted(strings)[i], 0.5 - 0.08 * (k % 2), "guitar", -0.25)
        for k, i in enumerate(pattern)
    ]
    notes += [Note(bar.at(place), beat * 1.6, bar.chord(31, step)[0], 0.55, "bass") for place, step in ((0, 0), (2, 4))]
    notes += [Note(bar.at(k / 2), 0.1, 0, 0.5 if k % 2 else 0.3, "shaker", 0.4) for k in range(8)]
    return notes + _melody(bar, "guitar", 64, 0.45, 0.25)


def _electro(bar: _Bar) -> list[Note]:
    beat, low = bar.piece.beat_s, bar.chord(33, 0)[0]
    notes = [Note(bar.at(k), 0.2, 0, 0.9, "kick") for k in range(4)]
    notes += [Note(bar.at(k + 0.5), 0.1, 0, 0.5, "hat", 0.2) for k in range(4)]
    notes += [Note(bar.at(k), 0.1, 0, 0.5, "snare") for k in (1, 3)]
    notes += [Note(bar.at(k / 2), beat * 0.35, low + (12 if bar.die(k) < 0.2 else 0), 0.4, "synth") for k in range(8)]
    tones = bar.chord(60, 0, 2, 4, 6)
    notes += [
        Note(bar.at(k / 4), beat * 0.22, tones[int(bar.die(16 + k) * 4)], 0.2, "keys", 0.4 - 0.8 * (k % 2))
        for k in range(16)
    ]
    return notes + [Note(bar.at(0), beat * 3.9, m, 0.12, "bowed", 0.0) for m in bar.chord(55, 0, 2, 4)]


def _orchestral(bar: _Bar) -> list[Note]:
    beat = bar.piece.beat_s
    voices = bar.chord(36, 0) + bar.chord(48, 4) + bar.chord(55, 2, 6 if bar.die(0) < 0.3 else 0)
    pans = (0.3, 0.1, -0.2, -0.4)
    notes = [Note(bar.at(0), beat * 4.0, m, 0.3, "bowed", p) for m, p in zip(voices, pans, strict=True)]
    return notes + _melody(bar, "bowed", 67, 0.5, 0.0, slow=True)


_PARTS: Final = {
    "jazz": _jazz, "piano": _ballad, "tension": _suspense, "folk": _folk, "electro": _electro, "strings": _orchestral,
}  # fmt: skip


def _melody(bar: _Bar, instrument: str, low: int, level: float, pan: float, *, slow: bool = False) -> list[Note]:
    """Two bars of song, two of rest in every four: chord tones on strong beats, steps between."""
    if bar.index % 4 >= 2 and bar.die(40) < 0.6:
        return []
    places = (0.0, 2.0) if slow else (0.0, 1.0, 1.5, 2.0, 3.0, 3.5)
    degree = bar.degree + (2, 4, 0)[int(bar.die(41) * 3)]
    notes: list[Note] = []
    for k, place in enumerate(places):
        if bar.die(42 + k) < (0.15 if slow else 0.36):
            continue
        strong = place % 2 == 0
        degree = degree if strong else degree + (-1, 1)[int(bar.die(50 + k) * 2)]
        held = (places[k + 1] if k + 1 < len(places) else 4.0) - place
        midi = low + (bar.pitch(degree, 0) - low) % 12
        notes.append(
            Note(bar.at(place), held * bar.piece.beat_s * 0.95, midi, level * (1.0 if strong else 0.8), instrument, pan)
        )
    return notes


def _accents(piece: Piece, start_s: float, end_s: float) -> list[Note]:
    """What marks the hits: crash, kick and the chord of the moment, all at once."""
    notes: list[Note] = []
    for hit in piece.hits_s:
        if start_s <= hit < end_s:
            bar = _bar(piece, math.floor((hit - piece.offset_s) / piece.bar_s + 1e-6))
            notes += [Note(hit, 0.3, 0, 0.95, "crash", 0.3), Note(hit, 0.3, 0, 1.0, "kick")]
            notes += [Note(hit, 0.5, m, 0.5, "piano") for m in [*bar.chord(36, 0), *bar.chord(55, 0, 2, 4, 6)]]
    return notes


@lru_cache(maxsize=256)
def bar_notes(piece: Piece, index: int) -> tuple[Note, ...]:
    """The notes that begin in one bar, a little early or late as people play them."""
    notes: list[Note] = []
    for k, note in enumerate(_PARTS[piece.style](_bar(piece, index))):
        late, loud = uniform(piece.key, index * 512 + k + 9_000_000, 2)
        shift = 0.0 if note.instrument == "kick" else 0.016 * (float(late) - 0.5)
        velocity = note.velocity * (0.85 + 0.3 * float(loud))
        notes.append(Note(note.start_s + shift, note.held_s, note.midi, velocity, note.instrument, note.pan))
    return tuple(notes)


@lru_cache(maxsize=1)
def _room() -> NDArray[np.complex128]:
    """Spectrum of a small hall: two channels of decaying noise, darker as they fade."""
    count = int(REVERB_S * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    dry = np.stack([white(stream_key(0, "hall", side), 0, count) for side in ("left", "right")]).astype(np.float64)
    smooth = np.cumsum(dry, axis=1)
    dark = (smooth[:, 24:] - smooth[:, :-24]) / np.sqrt(24)
    tail = (0.4 * dry[:, 24:] * np.exp(-time[24:] / 0.12) + dark * np.exp(-time[24:] / 0.33)) * np.minimum(
        time[24:] / 0.012, 1
    )
    return np.fft.rfft(tail / np.sqrt((tail**2).sum(axis=1, keepdims=True)), 2**18, axis=1)


def _reverberated(dry: Floats) -> Floats:
    """The hall's answer to up to four seconds of `(n, 2)` dry sound."""
    wet = np.fft.irfft(np.fft.rfft(dry.T, 2**18, axis=1) * _room(), 2**18, axis=1)
    return wet[:, : len(dry)].T


def _dry(piece: Piece, start_samples: int, count_samples: int) -> tuple[Floats, Floats]:
    """Sound of the instruments, and how much of it goes to the hall, each `(n, 2)`."""
    out, sent = np.zeros((count_samples, 2)), np.zeros((count_samples, 2))
    start_s, end_s = start_samples / SAMPLE_RATE, (start_samples + count_samples) / SAMPLE_RATE
    first = math.floor((start_s - LONGEST_NOTE_S - piece.offset_s) / piece.bar_s)
    last = math.floor((end_s + 0.1 - piece.offset_s) / piece.bar_s)
    notes = [note for index in range(first, last + 1) for note in bar_notes(piece, index)]
    for note in notes + _accents(piece, start_s - LONGEST_NOTE_S, end_s):
        at = round(note.start_s * SAMPLE_RATE) - start_samples
        if at >= count_samples or at < -LONGEST_NOTE_S * SAMPLE_RATE:
            continue
        sound = play(note.instrument, note.midi, note.held_s)
        low, high = max(at, 0), min(at + len(sound), count_samples)
        if high > low:
            angle = (note.pan + 1) * np.pi / 4
            placed = (sound[low - at : high - at] * note.velocity)[:, None] * np.array([np.cos(angle), np.sin(angle)])
            out[low:high] += placed
            sent[low:high] += placed * (0.08 if note.instrument in DRUMS | {"bass", "synth"} else 0.35)
    return out, sent


def render_music(piece: Piece, start_samples: int, count_samples: int) -> Floats:
    """A stretch of a piece.

    Args:
        piece: From `read_music`.
        start_samples: First sample in the piece's clock (48 kHz); may be negative.
        count_samples: Length of the stretch.

    Returns:
        `(count_samples, 2)` float64; peaks around 1.
    """
    out = np.empty((count_samples, 2))
    for index in range(start_samples // _STEP, (start_samples + count_samples - 1) // _STEP + 1):
        low, high = max(index * _STEP, start_samples), min((index + 1) * _STEP, start_samples + count_samples)
        block = _block(piece, index)[low - index * _STEP : high - index * _STEP]
        out[low - start_samples : high - start_samples] = block
    return out


_STEP: Final = 2 * SAMPLE_RATE


@lru_cache(maxsize=4)
def _block(piece: Piece, index: int) -> Floats:
    """Two seconds on an absolute grid: the same sums in the same order from every window."""
    lead = int(REVERB_S * SAMPLE_RATE)
    dry, sent = _dry(piece, index * _STEP - lead, _STEP + lead)
    return (dry + 1.2 * _reverberated(sent))[lead:]
