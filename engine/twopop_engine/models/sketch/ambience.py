"""Ambience: places as formulas of absolute time. Nothing is recorded, so nothing loops and nothing runs out.

A place is layers of shaped noise that breathe, tones of machines, murmuring people, things that pass by, and
small sounds now and then. Every layer is a pure function of the sample's place in the clock it is rendered in:
a take, its retake, its extension and a bed under ten shots agree on every sample they share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .foley import SAMPLE_RATE, TAIL_SAMPLES, Floats, PlacedEvent, band, render_events
from .lanes import SoundEvent
from .layout import BG
from .noise import drift, shaped, sparks, stream_key


@dataclass(frozen=True, slots=True)
class Layer:
    """A band of noise that breathes.

    Attributes:
        low_hz: Lower edge.
        high_hz: Upper edge.
        level: RMS against the place's nominal level.
        unrest: 0 still to 1 coming and going entirely.
        period_s: How long a breath takes.
        width: 0 mono to 1 two unrelated channels.
    """

    low_hz: float
    high_hz: float
    level: float
    unrest: float = 0.2
    period_s: float = 4.0
    width: float = 0.8


@dataclass(frozen=True, slots=True)
class Now:
    """A small sound now and then: an event class, how often a second, how strong, how far to the sides."""

    kind: str
    rate_hz: float
    energy: float = 0.2
    spread: float = 0.8


@dataclass(frozen=True, slots=True)
class Place:
    """Everything that sounds in a place.

    Attributes:
        layers: Breathing noise.
        hums: `(Hz, level)` of machines.
        murmur: Level of people talking beyond understanding.
        passing_hz: How often something on wheels passes.
        now: Small sounds.
    """

    layers: tuple[Layer, ...]
    hums: tuple[tuple[float, float], ...] = ()
    murmur: float = 0.0
    passing_hz: float = 0.0
    now: tuple[Now, ...] = ()

    def __add__(self, other: Place) -> Place:
        """Both places at once."""
        return Place(
            self.layers + other.layers,
            self.hums + other.hums,
            max(self.murmur, other.murmur),
            max(self.passing_hz, other.passing_hz),
            self.now + other.now,
        )


_ROOM: Final = Layer(40, 420, 0.45, 0.1, 9.0)
PLACES: Final[dict[str, Place]] = {
    "kitchen": Place(
        (_ROOM, Layer(150, 2_400, 0.45, 0.08, 12.0, 0.6), Layer(2_500, 9_000, 0.1, 0.5, 0.9)),
        ((98.0, 0.18),),
        now=(Now("plate", 0.12), Now("pan", 0.05, 0.12), Now("cup", 0.1), Now("drawer", 0.03)),
    ),
    "room": Place((_ROOM, Layer(300, 2_500, 0.06, 0.2, 6.0)), ((100.0, 0.04),), now=(Now("wood", 0.03, 0.06),)),
    "office": Place(
        (_ROOM, Layer(200, 3_200, 0.28, 0.05, 10.0)),
        ((120.0, 0.07),),
        now=(Now("switch", 1.3, 0.1), Now("paper", 0.1, 0.15), Now("chair", 0.03, 0.1)),
    ),
    "street": Place(
        (Layer(35, 320, 0.9, 0.3, 5.0), Layer(300, 2_200, 0.3, 0.35, 3.0)),
        murmur=0.08,
        passing_hz=0.16,
        now=(Now("step.stone", 0.5, 0.15), Now("bird", 0.05, 0.15), Now("door", 0.02, 0.15)),
    ),
    "forest": Place(
        (Layer(250, 2_600, 0.35, 0.75, 4.5), Layer(1_800, 9_000, 0.22, 0.8, 3.1)),
        now=(Now("bird", 0.7, 0.3, 1.0), Now("snap", 0.05, 0.1)),
    ),
    "beach": Place(
        (Layer(60, 900, 0.6, 0.9, 6.5), Layer(700, 8_000, 0.5, 0.95, 5.2)), now=(Now("bird", 0.1, 0.25, 1.0),)
    ),
    "night": Place(
        (Layer(40, 300, 0.3, 0.4, 8.0), Layer(400, 2_000, 0.06, 0.6, 5.0)), now=(Now("_cricket", 2.6, 0.22, 1.0),)
    ),
    "hall": Place(
        (Layer(30, 240, 0.6, 0.15, 9.0), Layer(240, 1_600, 0.15, 0.3, 5.0)),
        now=(Now("thud", 0.06, 0.1), Now("step.stone", 0.2, 0.1)),
    ),
    "field": Place(
        (Layer(120, 1_300, 0.45, 0.85, 4.0), Layer(1_500, 7_000, 0.12, 0.8, 2.6)), now=(Now("bird", 0.25, 0.2, 1.0),)
    ),
    "cafe": Place(
        (_ROOM, Layer(200, 2_800, 0.12, 0.15, 6.0)),
        ((100.0, 0.05),),
        murmur=0.5,
        now=(Now("cup", 0.5, 0.22), Now("plate", 0.2, 0.15), Now("chair", 0.07, 0.15)),
    ),
    "car": Place(
        (Layer(30, 180, 1.2, 0.15, 3.0, 0.3), Layer(180, 1_500, 0.3, 0.3, 2.0, 0.5)), ((58.0, 0.4),), passing_hz=0.08
    ),
    "rain": Place(
        (Layer(500, 11_000, 0.6, 0.15, 5.0, 1.0), Layer(80, 500, 0.25, 0.3, 6.0)), now=(Now("_drop", 7.0, 0.18, 1.0),)
    ),
    "city": Place(
        (Layer(30, 260, 1.0, 0.25, 7.0), Layer(260, 1_800, 0.3, 0.25, 4.0)),
        passing_hz=0.1,
        now=(Now("_horn", 0.05, 0.15, 1.0), Now("bird", 0.04, 0.12)),
    ),
    "station": Place(
        (Layer(35, 300, 0.7, 0.25, 6.0), Layer(300, 2_000, 0.25, 0.3, 4.0)),
        ((50.0, 0.15),),
        murmur=0.35,
        now=(Now("step.stone", 1.4, 0.16), Now("bell", 0.02, 0.12), Now("chair", 0.1, 0.12)),
    ),
    "studio": Place((Layer(40, 300, 0.12, 0.05, 9.0), Layer(300, 4_000, 0.03, 0.05, 9.0))),
    "unspecified": Place((_ROOM, Layer(300, 2_000, 0.08, 0.2, 6.0))),
}

# Words of a BG cue beyond the place itself, each with what it adds.
_ADDED: Final[dict[str, Place]] = {
    "fan extractor ventilation ac airco": Place((Layer(120, 1_900, 0.5, 0.04, 14.0, 0.5),), ((97.0, 0.2),)),
    "chatter crowd people voices talking murmur audience diners": Place((), murmur=0.45),
    "wind windy breeze gale": Place((Layer(90, 1_100, 0.6, 0.9, 4.2),)),
    "rain raining drizzle": PLACES["rain"],
    "storm thunderstorm": PLACES["rain"] + Place((), now=(Now("thunder", 0.03, 0.5),)),
    "traffic cars": Place((Layer(35, 320, 0.7, 0.3, 5.0),), passing_hz=0.2),
    "birds birdsong birdsongs": Place((), now=(Now("bird", 0.8, 0.3, 1.0),)),
    "waves sea ocean surf": PLACES["beach"],
    "crickets cicadas": Place((), now=(Now("_cricket", 2.6, 0.22, 1.0),)),
    "clock ticking": Place((), now=(Now("switch", 0.9, 0.12, 0.2),)),
    "fire fireplace campfire crackle": Place((Layer(50, 500, 0.3, 0.4, 1.1),), now=(Now("snap", 5.0, 0.25, 0.3),)),
    "hum fridge refrigerator machines computer computers": Place((), ((100.0, 0.2),)),
    "footsteps": Place((), now=(Now("step.stone", 1.0, 0.2),)),
    "dishes cutlery plates": Place((), now=(Now("plate", 0.5, 0.2), Now("cup", 0.4, 0.2))),
    "typing keyboards keyboard": Place((), now=(Now("switch", 4.0, 0.12),)),
    "steam hiss": Place((Layer(2_500, 12_000, 0.25, 0.7, 1.8),)),
    "siren sirens horns honking": Place((), now=(Now("_horn", 0.15, 0.2, 1.0),)),
    "river stream water waterfall": Place((Layer(350, 6_000, 0.5, 0.2, 1.4),), now=(Now("_bubble", 6.0, 0.2),)),
}
_PLACE_WORDS: Final = {
    "kitchen": "kitchen galley bakery",
    "room": "room bedroom livingroom apartment flat house home attic cellar basement bathroom motel hotel",
    "office": "office bureau classroom library laboratory lab workshop newsroom",
    "street": "street alley road sidewalk pavement square market",
    "forest": "forest woods wood jungle park garden",
    "beach": "beach sea seaside coast harbour harbor shore pier island",
    "night": "night midnight",
    "hall": "hall church cathedral corridor museum warehouse garage tunnel cave theatre theater",
    "field": "field meadow desert mountain mountains hill countryside farm prairie",
    "cafe": "cafe café bar pub restaurant diner canteen bistro",
    "car": "car taxi truck van cab driving",
    "rain": "rain storm",
    "city": "city rooftop downtown skyline town",
    "station": "station airport platform subway metro train terminal",
    "studio": "studio",
}


@dataclass(frozen=True, slots=True)
class Atmosphere:
    """A place as read from words: its name in the score, its recipe, and the words that were understood."""

    name: str
    place: Place
    understood: tuple[str, ...] = ()


def _named(words: list[str], places: dict[str, str]) -> str | None:
    """The first word that names a place; of a run of them the last, as in "restaurant kitchen", "city street"."""
    for word, following in pairwise([*words, ""]):
        if word in places and following not in places:
            return word
    return None


def read_place(words: str, fallback: str = "unspecified") -> Atmosphere:
    """The place that words describe ("kitchen, extractor fan, distant chatter").

    Args:
        words: A BG cue, or the prompt of the shot.
        fallback: Name of the place if no word names one.
    """
    found = re.findall(r"[^\W\d_]+", words.lower())
    places = {word: name for name, listed in _PLACE_WORDS.items() for word in listed.split()}
    added = {word: place for listed, place in _ADDED.items() for word in listed.split()}
    named = _named(found, places)
    name = fallback if named is None else places[named]
    place, understood, used = PLACES[name], [named] if named else [], {id(PLACES[name])}
    for word in found:
        extra = added.get(word)
        if extra is not None and id(extra) not in used and word != named:
            place, understood = place + extra, [*understood, word]
            used.add(id(extra))
    return Atmosphere(name, replace(place), tuple(understood))


def _pair(key: int, layer: Layer, start_samples: int, count_samples: int, times_s: Floats) -> Floats:
    """One layer in two channels that are alike by `1 - width`, `(2, n)`."""
    gain = band(layer.low_hz, layer.high_hz) * layer.level
    left, other = (shaped(key + k, start_samples, count_samples, gain) for k in (0, 1))
    alike = 1.0 - layer.width
    sides = (left, alike * left + np.sqrt(1.0 - alike**2) * other)
    breaths = (drift(key + 3 + k, times_s, layer.period_s) for k in (0, 1))
    kept = 1.0 - layer.unrest
    return np.stack([side * (kept + 2.0 * layer.unrest * b) for side, b in zip(sides, breaths, strict=True)])


def _murmur(key: int, start_samples: int, count_samples: int, times_s: Floats) -> Floats:
    """People talking beyond understanding: formant bands, each with syllables of its own, `(2, n)`."""
    out = np.zeros((2, count_samples))
    bands = [(180, 420, 1.0), (380, 800, 0.9), (700, 1_400, 0.5), (1_200, 2_400, 0.35), (2_200, 3_600, 0.18)]
    for k, (low, high, level) in enumerate(bands):
        for side in (0, 1):
            own = key + 16 * k + 8 * side
            talk = drift(own + 1, times_s, 0.19) ** 2 * (0.4 + drift(own + 2, times_s, 1.7))
            out[side] += shaped(own, start_samples, count_samples, band(low, high) * level) * talk
    return out


def _passing(key: int, rate_hz: float, start_samples: int, count_samples: int, times_s: Floats) -> Floats:
    """Wheels going by, from one side to the other, `(2, n)`."""
    reach = 6 * SAMPLE_RATE
    out = np.zeros((2, count_samples))
    found = sparks(key, rate_hz, start_samples - reach, count_samples + 2 * reach, SAMPLE_RATE)
    if not found:
        return out
    rumble = shaped(key + 1, start_samples, count_samples, band(50, 900) + 0.3 * band(900, 3_500))
    for spark in found:
        past = times_s - spark.at_samples / SAMPLE_RATE
        near = np.exp(-((past / (1.1 + 1.4 * spark.chance[0])) ** 2)) * (0.4 + 0.6 * spark.chance[1])
        side = np.tanh(past / 1.5) * (1.0 if spark.chance[2] < 0.5 else -1.0)
        angle = (side + 1.0) * np.pi / 4
        out += rumble * near * np.stack([np.cos(angle), np.sin(angle)])
    return out


def _small_sounds(key: int, now: Now, start_samples: int, count_samples: int, density: float) -> Floats:
    placed = [
        PlacedEvent(
            SoundEvent(
                spark.at_samples / SAMPLE_RATE, now.kind, now.energy * (0.3 + 0.7 * float(spark.chance[0])), 0.3
            ),
            pan=now.spread * (2.0 * float(spark.chance[1]) - 1.0),
            gain=0.5 + 0.5 * float(spark.chance[2]),
        )
        for spark in sparks(
            key, now.rate_hz * density, start_samples - TAIL_SAMPLES, count_samples + TAIL_SAMPLES, SAMPLE_RATE
        )
    ]
    return render_events(placed, start_samples, count_samples, key + 1).T


def render_ambience(
    atmosphere: Atmosphere, start_samples: int, count_samples: int, seed: int, density: float = 1.0
) -> Floats:
    """A stretch of a place.

    Args:
        atmosphere: From `read_place`.
        start_samples: First sample of the stretch in the clock of the place (48 kHz); may be negative.
        count_samples: Its length.
        seed: Which day it is there; the same seed and place are the same sound.
        density: Factor on how often small sounds happen.

    Returns:
        `(count_samples, 2)` float64, about unit RMS for a busy place.
    """
    place = atmosphere.place
    times = np.arange(start_samples, start_samples + count_samples) / SAMPLE_RATE
    out = np.zeros((2, count_samples))  # a channel after the other: numpy is slow where the innermost axis is of two

    def key(*names: object) -> int:
        return stream_key(seed, "ambience", atmosphere.name, *map(str, names))

    for k, layer in enumerate(place.layers):
        out += _pair(key("layer", k), layer, start_samples, count_samples, times)
    for k, (hz, level) in enumerate(place.hums):
        # A machine's tone never stands still: its level and its pitch wander, so that it cannot repeat either.
        wander = drift(key("hum", k), times, 3.7)
        phase = 2 * np.pi * hz * times + 9.0 * drift(key("hum phase", k), times, 5.3)
        tone = np.sin(phase) + 0.5 * np.sin(2 * phase + 1) + 0.25 * np.sin(3 * phase + 2) + 0.12 * np.sin(5 * phase)
        out += level * (0.6 + 0.8 * wander) * tone
    if place.murmur:
        out += place.murmur * 2.0 * _murmur(key("murmur"), start_samples, count_samples, times)
    if place.passing_hz:
        out += 1.5 * _passing(key("passing"), place.passing_hz, start_samples, count_samples, times)
    for k, now in enumerate(place.now):
        out += 4.0 * _small_sounds(key("now", k, now.kind), now, start_samples, count_samples, density)
    return out.T


def token_gain(bg: NDArray[np.float32], start_samples: int, count_samples: int) -> Floats:
    """How the model breathes with the place: level and gusts of BG tokens as a smooth gain, `(n,)`.

    Args:
        bg: `(tokens, 12)` in natural units; token 0 begins at sample 0 of the stem's clock.
        start_samples: First sample of the stretch.
        count_samples: Its length.
    """
    times = np.arange(start_samples, start_samples + count_samples) / SAMPLE_RATE
    level, gust = (np.clip(bg[:, BG.index[name]].astype(np.float64), 0.0, 1.0) for name in ("level", "gust"))
    return np.interp(times, BG.times_s(len(bg)), 0.35 + 1.0 * level + 0.6 * gust)
