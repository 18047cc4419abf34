"""Temp music, what of it a request fixes: words become a style, a key, a tempo map, chords and a form.

A piece is a lead sheet without notes. Its bars are numbered for ever in both directions, and whatever is said of bar
n is said of it alone; so a bed can be trimmed, extended and continued under any cut without being composed again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from .noise import stream_key, uniform
from .tempo import TempoMap, apart, counted, fit_tempo


@dataclass(frozen=True, slots=True)
class Style:
    """What a style fixes: `chords` are phrases of four bars, degrees of the scale (0 = tonic), one a bar.

    `near` are words for music that it is not, but is nearest to.
    """

    bpm: float
    minor: bool
    swing: float
    chords: tuple[tuple[int, int, int, int], ...]
    words: str
    near: str


STYLES: Final[dict[str, Style]] = {
    "jazz": Style(
        96,
        False,
        0.62,
        ((1, 4, 0, 5), (1, 4, 2, 5), (3, 3, 2, 5), (1, 4, 0, 0)),
        "jazz swing brushed brushes upright noir bebop lounge bossa",
        "blues ragtime soul rnb latin samba tango swinging crooner saxophone sax trumpet clarinet",
    ),
    "piano": Style(
        72,
        False,
        0.5,
        ((0, 4, 5, 3), (0, 2, 3, 4), (5, 3, 0, 4), (3, 4, 0, 0)),
        "piano ballad tender romantic gentle melancholy nostalgic emotional solo",
        "classical chopin nocturne lullaby waltz minimal minimalist harp celesta",
    ),
    "tension": Style(
        84,
        True,
        0.5,
        ((0, 0, 5, 0), (0, 0, 3, 4), (0, 1, 0, 1), (5, 5, 4, 4)),
        "tension tense suspense thriller dark ominous horror pulse pulsing drone dread chase",
        "industrial glitch noise atonal gothic creepy eerie",
    ),
    "folk": Style(
        104,
        False,
        0.53,
        ((0, 3, 0, 4), (0, 5, 3, 4), (3, 0, 3, 4), (0, 3, 4, 0)),
        "folk guitar acoustic country americana campfire indie western",
        "reggae ska ukulele banjo mandolin celtic bluegrass irish flamenco sitar world accordion fiddle",
    ),
    "electro": Style(
        118,
        True,
        0.5,
        ((0, 5, 2, 6), (0, 3, 5, 4), (5, 6, 0, 0), (0, 5, 3, 4)),
        "electro electronic synth techno house dance pop club beat beats driving funk rock",
        "metal punk hiphop trap rap dubstep disco edm trance drum grime synthwave retro chiptune lofi",
    ),
    "strings": Style(
        66,
        True,
        0.5,
        ((0, 5, 3, 4), (0, 2, 5, 4), (3, 4, 0, 0), (5, 3, 0, 4)),
        "strings orchestra orchestral cinematic score violin cello epic film ambient pad",
        "choir opera baroque symphony symphonic brass horns flute organ gospel hymn march chamber",
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
_FORCE_WORDS: Final = {
    **dict.fromkeys(("soft", "quiet", "sparse", "subtle", "gentle", "tender", "calm", "delicate"), 0.2),
    **dict.fromkeys(("big", "epic", "intense", "loud", "energetic", "driving", "powerful", "urgent"), 0.95),
}
_STYLE_WORDS: Final = frozenset(word for style in STYLES.values() for word in style.words.split())
LISTED: Final = _STYLE_WORDS.union(_TEMPO_WORDS, _FORCE_WORDS, _MINOR_WORDS.split(), _MAJOR_WORDS.split())
"""Words that shape a piece."""
_KEYS: Final = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_KEY_NAME: Final = re.compile(r"\b([a-g])\s*(#|♯|b|♭|sharp|flat)?\s+(major|minor)\b")
_ARC: Final = (0.45, 0.6, 0.8, 0.65, 0.55, 0.75, 0.95, 0.75)
"""Energy of the phrases of a 32-bar form."""
_LEAST_BARS: Final = 3
"""A stretch shorter than this is too short for an ending."""


@dataclass(frozen=True)
class Piece:
    """A lead sheet. All times are in the piece's clock.

    Attributes:
        style: Name in `STYLES`.
        tonic: Pitch class, 0 = C.
        minor: Scale.
        tempo: Where its beats lie; bar n begins on beat 4 n.
        hits_s: Accents, on beats where the tempo can be bent to them.
        key: Stream of everything random in it.
        force: How much is going on, 0 to 1.
        bars: Number of the bar after its last; None goes on for ever.
        understood: Words of the request that shaped it.
        guessed: What they left open or contradicted, as sentences.
    """

    style: str
    tonic: int
    minor: bool
    tempo: TempoMap
    hits_s: tuple[float, ...] = ()
    key: int = 0
    force: float = 0.55
    bars: int | None = None
    understood: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()

    @property
    def bpm(self) -> float:
        """Beats a minute, where nothing bends it."""
        return 60.0 / self.tempo.beat_s

    @property
    def swing(self) -> float:
        """Where in a beat its second half begins."""
        return STYLES[self.style].swing

    @cached_property
    def hit_places(self) -> tuple[int, ...]:
        """The sixteenths nearest to the hits."""
        return tuple(round(4.0 * float(self.tempo.beat(hit))) for hit in self.hits_s)

    def moved(self, seconds: float) -> Piece:
        """The same piece in another clock: everything `seconds` later."""
        return replace(self, tempo=self.tempo.moved(seconds), hits_s=tuple(hit + seconds for hit in self.hits_s))

    def pulse(self, start_s: float, end_s: float) -> tuple[float, ...]:
        """The beats of a stretch as somebody feels them who walks to them: on through the last chord, however long it
        is held.
        """
        beats = self.tempo.between(start_s, end_s)
        if self.bars is None:
            return tuple(map(float, beats))
        last_s = float(self.tempo.seconds(4.0 * (self.bars - 1)))
        after = np.arange(last_s, end_s, self.tempo.beat_s)
        return tuple(map(float, (*beats[beats < last_s - 1e-6], *after[after >= start_s])))

    def chord(self, bar: int) -> int:
        """The chord of a bar, as the degree of its root; the last two bars are a cadence."""
        if self.bars is not None and bar >= self.bars - 2:
            return 4 if bar == self.bars - 2 else 0
        order = (0, 0, 2, 3) if bar // 16 % 2 == 0 else (1, 0, 2, 3)
        return STYLES[self.style].chords[order[bar // 4 % 4]][bar % 4]

    def energy(self, bar: int) -> float:
        """How much is going on in a bar, 0 to 1."""
        return min(1.0, max(0.1, _ARC[bar // 4 % 8] + 0.6 * (self.force - 0.55)))

    def ending_ramps(self, place: int) -> tuple[float, float, float]:
        """Of a sixteenth: 1 at the last bar, falling to nothing two bars before it; in that bar; past it."""
        if self.bars is None:
            return 0.0, 0.0, 0.0
        ahead = 16 * (self.bars - 1) - place
        return max(0.0, 1 - max(ahead, 0) / 32), float(-16 < ahead <= 0), float(ahead <= -16)


def read_music(
    words: str,
    hits_s: Sequence[float] = (),
    seed: int = 0,
    begin_s: float | None = None,
    end_s: float | None = None,
) -> Piece:
    """A piece out of free words ("brushed drums and upright bass, 92 bpm, D minor").

    Args:
        words: What the cue says.
        hits_s: Times that want an accent, in the piece's clock.
        seed: The same words and seed are the same piece.
        begin_s: Where bar 0 begins; None leaves it to the hits.
        end_s: Where it should have ended; None goes on for ever.
    """
    lower, said = words.lower(), list[str]()
    found = re.findall(r"[^\W\d_]+", lower)
    name, styled = _style(found, said)
    style = STYLES[name]
    minor, named = _mode(lower, found, style, said)
    key = stream_key(seed, "music", lower)
    tonic = named if named is not None else int(uniform(key, 0)[0] * 12)
    bpm, numbered = _tempo(lower, found, style, said)
    hits = apart(hits_s)
    if len(hits) < len(hits_s):
        said.append(f"{len(hits_s) - len(hits)} hits are nearer than a tenth of a second to the one before: one accent")
    if end_s is not None and (end_s - (begin_s or 0.0)) * bpm / 240 < _LEAST_BARS - 0.25:
        end_s = None  # too short for an ending: it is played as if it went on
    tempo = fit_tempo(bpm, hits, begin_s, end_s)
    if not styled:
        said.append(f"no style named: {name} at {bpm:.0f} bpm; there are {', '.join(sorted(STYLES))}")
    listed = {*style.words.split(), *_TEMPO_WORDS, *_FORCE_WORDS, *_MINOR_WORDS.split(), *_MAJOR_WORDS.split()}
    known = [word for word in found if word in listed] + (["bpm"] if numbered else [])
    forces = [_FORCE_WORDS[word] for word in found if word in _FORCE_WORDS]
    return Piece(
        name,
        tonic,
        minor,
        tempo,
        hits,
        key,
        sum(forces) / len(forces) if forces else 0.55,
        _bars(tempo, end_s),
        tuple(dict.fromkeys(known)),
        tuple(said),
    )


def _style(found: Sequence[str], said: list[str]) -> tuple[str, bool]:
    """The style that most words name, and whether one did; else the nearest to one that is not here."""
    votes = [name for word in found for name, style in STYLES.items() if word in style.words.split()]
    if votes:
        ranked = sorted(dict.fromkeys(votes), key=lambda name: -votes.count(name))
        rivals = [name for name in ranked[1:] if name in found and ranked[0] != name]
        said += [f"{ranked[0]} and {name} at once: {ranked[0]}" for name in rivals]
        return ranked[0], True
    for word in found:
        for name, style in STYLES.items():
            if word in style.near.split():
                said.append(f"there is no {word} here: the nearest is {name}")
                return name, True
    return "strings", False


def _mode(lower: str, found: Sequence[str], style: Style, said: list[str]) -> tuple[bool, int | None]:
    """Minor or not, and the tonic if a key is named. A key says more than a mood, the first key more than the next."""
    keys = list(_KEY_NAME.finditer(lower))
    sad, glad = (bool(set(found) & set(mood.split())) for mood in (_MINOR_WORDS, _MAJOR_WORDS))
    if not keys:
        if sad and glad:
            said.append("both sad and bright: minor")
        return sad or (style.minor and not glad), None
    if len({key[0] for key in keys}) > 1:
        said.append(f"{keys[0][0]} and {keys[1][0]} at once: {keys[0][0]}")
    return keys[0][3] == "minor", _tonic(keys[0])


def _tonic(named: re.Match[str]) -> int:
    bend = named[2] or ""
    shift = 1 if bend in ("#", "♯", "sharp") else -1 if bend in ("b", "♭", "flat") else 0
    return (_KEYS[named[1]] + shift) % 12


def _tempo(lower: str, found: Sequence[str], style: Style, said: list[str]) -> tuple[float, bool]:
    """Beats a minute as they are counted, and whether a number gave them. The first number stands."""
    numbers = [float(number) for number in re.findall(r"(\d{1,3}(?:\.\d+)?)\s*bpm", lower)]
    paces = [word for word in dict.fromkeys(found) if word in _TEMPO_WORDS]
    asked = numbers[0] if numbers and numbers[0] > 0 else style.bpm * math.prod(_TEMPO_WORDS[word] for word in paces)
    if len(set(numbers)) > 1:
        said.append(f"{numbers[0]:g} and {numbers[1]:g} bpm at once: {numbers[0]:g}")
    if {"slow", "fast"} <= set(paces) and not numbers:
        said.append(f"both slow and fast: {asked:.0f} bpm")
    bpm = counted(asked)
    if bpm != asked:
        said.append(f"{asked:g} bpm is counted as {bpm:g}, in {'half' if bpm < asked else 'double'} time")
    return bpm, bool(numbers)


def _bars(tempo: TempoMap, end_s: float | None) -> int | None:
    """The bar line that the piece ends on: the last one that is not more than a quarter of a bar past the end."""
    if end_s is None:
        return None
    return math.floor(float(tempo.beat(end_s)) / 4 + 0.25)
