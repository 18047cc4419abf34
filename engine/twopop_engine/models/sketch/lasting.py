"""Sounds that go on: a sizzle, a pour, somebody typing. They belong to the place, not to the shot that began them.

Each is a function of its own clock (the take that began it), so a shot that goes on from another hears the same
samples on from the same sample: up to its end, up to where words say that it is over, or as long as the scene stays
in that place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .actions import FAR_M, LAID_ROWS
from .foley import LASTING, SAMPLE_RATE, TAIL_SAMPLES, Floats, PlacedEvent, render_events, sustain
from .foley_tables import SoundChoice, words_of
from .lanes import SoundEvent
from .noise import stream_key, uniform

Times = NDArray[np.float64]
Point = tuple[float, float, float]
"""Seconds of the sound's clock, gain 0 to 1, and where: -1 left to 1 right."""

_RISE_S, _FALL_S = 0.12, 0.3
_OVER_S: Final = 0.35
"""How long a sound takes to end that is ended."""
_OWN_END_S: Final = {"pour": 3.0, "whoosh": 1.4, "scrape": 1.6, "rub": 2.0, "roll": 3.0}
"""Class -> how long it lasts where no cue says; what passes by does as `PASS_S` has it, all others go on."""
PASS_S, PASS_FROM = 0.9, 1.75
"""What passes is seen from so far off (units of `actions.FAR_M`), so long before and after it is nearest."""
_HEARD: Final = 3.0
"""How much farther off it is heard."""
_PASS_M: Final = 3.0
"""How far off it goes by where it is nearest."""
_ROW_S, _ROW_PAUSE_S, _ROW_OF = 0.17, 0.5, 9
"""Of somebody who types: from key to key, and the pause after about so many."""
_STILL: Final = ("traffic",)
"""Words of a class that passes by which do not."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """One sound that goes on.

    Attributes:
        kind: A class of the layout: of a texture, or of what is struck in a row.
        points: Its gain and place over time, ascending; the last one holds on.
        place: Where it is; in another place of the scene it is not heard. "" is everywhere.
        row: Whether it is a row of short sounds.
        key: Its noise; 0 for that of the take that began it.
        offset: Sample 0 of the take is this sample of its clock.
    """

    kind: str
    points: tuple[Point, ...]
    place: str = ""
    row: bool = False
    key: int = 0
    offset: int = 0

    @property
    def begin_s(self) -> float:
        """When it begins, its own clock."""
        return self.points[0][0]

    @property
    def end_s(self) -> float:
        """When it has ended, its own clock; infinite where it goes on."""
        return self.points[-1][0] if self.points[-1][1] <= 0.0 else float("inf")

    @property
    def goes_on(self) -> bool:
        """Whether it has no end of its own."""
        return self.end_s == float("inf")

    def own_s(self, take_s: float) -> float:
        """A time of the take in its own clock."""
        return take_s + self.offset / SAMPLE_RATE

    def at(self, times_s: Times) -> tuple[Times, Times]:
        """Gain and place at times of its own clock."""
        moments, gains, places = np.array(self.points).T
        return np.interp(times_s, moments, gains), np.interp(times_s, moments, places)

    def over(self, take_s: float, fall_s: float = _OVER_S) -> Lasting:
        """The same, ended at a time of the take."""
        at_s = self.own_s(take_s)
        if at_s >= self.end_s:
            return self
        gains, places = self.at(np.array([at_s]))
        kept = tuple(point for point in self.points if point[0] < at_s)
        last = (at_s, float(gains[0]), float(places[0]))
        return replace(self, points=(*kept, last, (at_s + fall_s, 0.0, last[2])))

    def heard_in(self, place: str) -> bool:
        """Whether it is heard in a place; a place that no word names is any."""
        return not self.place or self.place == place or "unspecified" in (self.place, place)


def lasts(choice: SoundChoice) -> bool:
    """Whether what a cue asks for goes on."""
    return choice.sustained or choice.thing in LAID_ROWS


def begun(choice: SoundChoice, time_s: float, length_s: float | None, way: float = 1.0) -> Lasting:
    """What a cue begins, take clock.

    Args:
        choice: The sound; it `lasts`.
        time_s: The cue: it begins there, or is nearest there if it passes by (with a length, in its middle).
        length_s: How long the cue says that it lasts; None for as long as such a thing does.
        way: Where it goes if it passes by, -1 to the left.
    """
    if choice.kind == "car" and choice.understood not in _STILL:
        half_s = _HEARD * PASS_S if length_s is None else length_s / 2
        return Lasting(choice.kind, _passing(time_s if length_s is None else time_s + half_s, half_s, way))
    length_s = _OWN_END_S.get(choice.kind) if length_s is None else length_s
    points: tuple[Point, ...] = ((time_s, 0.0, 0.0), (time_s + _RISE_S, 1.0, 0.0))
    if length_s is not None:
        rise_s, fall_s = min(_RISE_S, length_s / 4), min(_FALL_S, length_s / 3)
        end_s = time_s + length_s
        points = ((time_s, 0.0, 0.0), (time_s + rise_s, 1.0, 0.0), (end_s - fall_s, 1.0, 0.0), (end_s, 0.0, 0.0))
    return Lasting(choice.kind, points, row=choice.thing in LAID_ROWS)


def _passing(nearest_s: float, half_s: float, way: float) -> tuple[Point, ...]:
    share = np.linspace(-1.0, 1.0, 65)
    times, x = nearest_s + half_s * share, _HEARD * PASS_FROM * share
    gains = (1.0 - np.abs(share) ** 3) / (1.0 + (x * FAR_M / _PASS_M) ** 2)
    places = np.clip(way * x / 1.2, -1.0, 1.0)
    return tuple((float(t), float(g), float(p)) for t, g, p in zip(times, gains, places, strict=True))


def pass_level(x: Floats) -> Floats:
    """How loud something is that passes at ``x`` (units of `FAR_M`): 1 nearest, 0 where it comes from."""
    far = 1 / (1 + (PASS_FROM * FAR_M / _PASS_M) ** 2)
    return np.maximum(1 / (1 + (x * FAR_M / _PASS_M) ** 2) - far, 0.0) / (1 - far)


def followed(sounds: Sequence[Lasting]) -> tuple[Lasting, ...]:
    """Sounds of one place; of two of one class that go on, the later takes over from the earlier."""
    out = list(sounds)
    order = sorted(range(len(out)), key=lambda k: out[k].begin_s - out[k].offset / SAMPLE_RATE)
    for at, later in enumerate(order):
        begins_s = out[later].begin_s - out[later].offset / SAMPLE_RATE
        for earlier in order[:at]:
            one = out[earlier]
            if one.goes_on and one.kind == out[later].kind:
                out[earlier] = one.over(begins_s, _RISE_S)
    return tuple(out)


# --- over ---

_SET: Final = {
    "sizzle": "pan skillet wok stove heat hob burner oil eggs bacon onions steak meat food flame gas",
    "pour": "bottle jug kettle wine tea water",
    "engine": "ignition",
    "stream": "tap faucet",
    "switch": "keyboard typing types typist keys",
}
"""Class -> further words for what makes it: "takes the pan off the heat" is the end of a sizzle."""
_OVER: Final = re.compile(
    r"\b(?:(?:stop|ceas|end|finish)(?:s|es|ed|ped|ping|e|ing)?|no more|(?:is|are) over|silent|quiet|dies|remov\w+"
    r"|(?:turn|switch|shut|cut|take|taking|took|taken|lift|pull|slid|slide|mov|move|put|get|come|goe?)\w*\b[^.;]{0,40}?\boff"
    r"|(?:put|go|goe|run|die|burn|fade)s? out|(?:die|fade)s? (?:away|down)"
    r"|(?:off|from) the (?:stove|heat|hob|burner|fire|flame))\b",
    re.IGNORECASE,
)
_SERVED: Final = re.compile(r"\b(?:on ?to|into?)\b[^.;]{0,20}?\b(?:plate|bowl|dish|sink)\b|\bplates? (?:it|them|the)\b")
"""What is no longer fried."""
_REFUSED: Final = re.compile(r"\b(?:not|never|nobody|without|instead of)\b|n't\b", re.IGNORECASE)
_ALL: Final = re.compile(r"^\W*(?:silence|quiet|everything stops|all stops)\W*$", re.IGNORECASE)


def ends(words: str, kind: str) -> bool:
    """Whether words say that a lasting sound of a class is over."""
    if is_silence(words):
        return True
    told = set(re.findall(r"[^\W\d_]+", words.lower()))
    over = _OVER.search(words) or (_SERVED.search(words.lower()) if kind == "sizzle" else None)
    if over is None or told.isdisjoint(_words(kind)):
        return False
    return _REFUSED.search(words, 0, over.end()) is None  # "doesn't take the pan off the heat"


def is_silence(words: str) -> bool:
    """Whether words say that everything that goes on is over."""
    return _ALL.match(words) is not None


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset((*words_of(kind), *_SET.get(kind, "").split()))


def only_ends(words: str, choice: SoundChoice, over: Iterable[str]) -> bool:
    """Whether a cue is there for the end of these classes alone, and names no sound of its own."""
    return any(not choice.understood or choice.kind == kind or choice.understood in _words(kind) for kind in over)


def end_in(prompt: str, kind: str) -> bool:
    """Whether a sentence of a prompt says that a lasting sound is over."""
    return any(ends(clause, kind) for clause in clauses(prompt))


def clauses(text: str) -> list[str]:
    """What a text says one after the other."""
    return re.split(r"[.;,]|\band\b|\bthen\b", text)


# --- heard ---


def render_lasting(sounds: Iterable[Lasting], start: int, count: int) -> Floats:
    """Lasting sounds on a stretch of the take, `(count, 2)`.

    Args:
        sounds: Each with its key.
        start: First sample of the stretch, take clock.
        count: Its length.
    """
    out = np.zeros((count, 2))
    for sound in sounds:
        first = start + sound.offset
        if sound.row:
            out += render_events(struck_in(sound, first - TAIL_SAMPLES, first + count), first, count, sound.key)
            continue
        gains, places = sound.at(np.arange(first, first + count) / SAMPLE_RATE)
        if gains.max(initial=0.0) <= 0.0:
            continue
        mono = LASTING * gains * sustain(sound.kind, first, count, stream_key(sound.key, sound.kind))
        angle = (places + 1.0) * np.pi / 4
        out += mono[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1) * np.sqrt(2.0)
    return out


def struck_in(sound: Lasting, low: int, high: int) -> list[PlacedEvent]:
    """The short sounds of a row that begin within samples `low` to `high` of its clock."""
    low_s, high_s = low / SAMPLE_RATE, high / SAMPLE_RATE
    out: list[PlacedEvent] = []
    for moment, chance in row_times(sound, high_s):
        if moment >= low_s:
            out.append(PlacedEvent(SoundEvent(moment, sound.kind, 0.3 + 0.3 * chance, 0.5), sound.points[0][2], 0.7))
    return out


def row_times(sound: Lasting, until_s: float) -> list[tuple[float, float]]:
    """When a row is struck up to a time of its clock, and a chance (0 to 1) for each; it ends where its gain does."""
    stop_s = min(until_s, sound.end_s - _FALL_S / 2)
    dice = stream_key(round(sound.begin_s * SAMPLE_RATE), "row", sound.kind)
    out: list[tuple[float, float]] = []
    moment, k = sound.begin_s, 0
    while moment < stop_s:
        chance = uniform(dice, k, 3)
        out.append((moment, float(chance[1])))
        pause = _ROW_PAUSE_S if chance[2] < 1 / _ROW_OF else 0.0
        moment, k = moment + _ROW_S * (0.7 + 0.7 * float(chance[0])) + pause, k + 1
    return out
