"""What a scene looks like apart from its motion: the place, the hour, and people as continuous knobs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace

import numpy as np

from .palette import Colour

HAIR_SHAPES = ("short", "quiff", "bob", "long", "bun", "tail", "curly", "buzz", "bald")
CLOTHES = ("chef", "coat", "shirt", "tee", "sweater", "blazer", "hoodie")

_SKIN, _HAIR, _EYE = Colour(0.78, 0.068, 58), Colour(0.30, 0.045, 50), Colour(0.42, 0.06, 60)
_CLOTH, _TRIM = Colour(0.52, 0.09, 240), Colour(0.88, 0.02, 90)


@dataclass(frozen=True, slots=True)
class Person:
    """A drawn person. Knobs are 0..1 unless said otherwise.

    Attributes:
        age: In years, 6 to 90.
        build: 0 slight .. 1 heavy.
        height: In metres.
        jaw: 0 narrow and soft .. 1 broad and square.
        skin: Colour of the lit skin.
        hair: Colour of the hair.
        hair_shape: One of `HAIR_SHAPES`.
        clothes: One of `CLOTHES`.
        cloth: Main colour of the clothes; `trim` the second.
        glasses: Wears them.
        beard: 0 none .. 1 full.
        lips: How full and coloured the lips are.
        brow: Thickness of the brows.
        eye: Colour of the iris.
        nose: Length of the nose.
    """

    age: float = 35.0
    build: float = 0.4
    height: float = 1.70
    jaw: float = 0.5
    skin: Colour = _SKIN
    hair: Colour = _HAIR
    hair_shape: str = "short"
    clothes: str = "tee"
    cloth: Colour = _CLOTH
    trim: Colour = _TRIM
    glasses: bool = False
    beard: float = 0.0
    lips: float = 0.4
    brow: float = 0.5
    eye: Colour = _EYE
    nose: float = 0.5


@dataclass(frozen=True, slots=True)
class SceneLook:
    """Everything about a scene's pictures that does not move.

    Attributes:
        place: A name of `places.PLACES`.
        hour: day, dawn, dusk or night.
        weather: clear, rain, snow or fog.
        style: paint (flat shapes and one key light) or ink (a storyboard's lines and tone).
        people: Whom the tracks CA and CB move, in that order.
        props: What `prop0` and `prop1` are: names of `props.PROPS`, or "" for nothing.
        rests: Where they lie when nobody holds them, metres (x, y up); what is left out rests where its shot begins.
        seed: Of what the place leaves to chance (which jars stand where).
    """

    place: str = "kitchen"
    hour: str = "night"
    weather: str = "clear"
    style: str = "paint"
    people: tuple[Person, ...] = field(default_factory=lambda: (Person(),))
    props: tuple[str, ...] = ("pan",)
    rests: tuple[tuple[float, float], ...] = ()
    seed: int = 0


_SKINS = (
    *(Colour(0.835, 0.056, 55), Colour(0.80, 0.062, 58), Colour(0.76, 0.072, 60)),
    *(Colour(0.67, 0.080, 58), Colour(0.56, 0.078, 55), Colour(0.46, 0.065, 50)),
)
_HAIRS = {
    "black": Colour(0.20, 0.020, 280),
    "dark": Colour(0.26, 0.035, 50),
    "brown": Colour(0.36, 0.060, 52),
    "chestnut": Colour(0.42, 0.085, 45),
    "red": Colour(0.52, 0.135, 42),
    "ginger": Colour(0.60, 0.135, 52),
    "blond": Colour(0.76, 0.095, 82),
    "blonde": Colour(0.76, 0.095, 82),
    "grey": Colour(0.66, 0.012, 260),
    "gray": Colour(0.66, 0.012, 260),
    "white": Colour(0.88, 0.010, 90),
}
_COLOURS = {
    "red": Colour(0.52, 0.175, 28),
    "crimson": Colour(0.46, 0.170, 18),
    "orange": Colour(0.68, 0.155, 55),
    "yellow": Colour(0.82, 0.150, 92),
    "mustard": Colour(0.70, 0.125, 85),
    "green": Colour(0.52, 0.105, 150),
    "olive": Colour(0.50, 0.070, 115),
    "teal": Colour(0.52, 0.080, 200),
    "blue": Colour(0.48, 0.115, 255),
    "navy": Colour(0.32, 0.075, 265),
    "purple": Colour(0.44, 0.120, 305),
    "pink": Colour(0.74, 0.105, 5),
    "brown": Colour(0.42, 0.060, 55),
    "beige": Colour(0.82, 0.040, 80),
    "grey": Colour(0.56, 0.012, 255),
    "gray": Colour(0.56, 0.012, 255),
    "black": Colour(0.23, 0.015, 270),
    "white": Colour(0.92, 0.012, 90),
}
_GARMENTS = {
    "chef": ("chef", "cook", "apron"),
    "coat": ("coat", "jacket", "parka", "raincoat"),
    "shirt": ("shirt", "blouse"),
    "sweater": ("sweater", "jumper", "pullover", "cardigan", "turtleneck"),
    "blazer": ("blazer", "suit", "tie", "uniform"),
    "hoodie": ("hoodie", "hood"),
    "tee": ("tee", "t-shirt", "tshirt", "top", "dress"),
}
_SHAPES = {
    "short": ("short",),
    "quiff": ("quiff", "slicked", "undercut"),
    "bob": ("bob",),
    "long": ("long",),
    "bun": ("bun", "updo"),
    "tail": ("ponytail", "tail", "tied"),
    "curly": ("curly", "curls", "afro", "frizzy"),
    "buzz": ("buzz", "shaved", "crew"),
    "bald": ("bald",),
}
_MARKS = frozenset(",;.")
_FEMALE = frozenset(("woman", "girl", "lady", "female", "mother", "she", "waitress", "actress", "grandmother", "her"))
_MALE = frozenset(("man", "boy", "guy", "male", "father", "he", "waiter", "actor", "grandfather", "his"))
_AGES = {
    **{"child": 9, "girl": 10, "boy": 10, "kid": 9, "teen": 16, "teenager": 16, "young": 24},
    **{"middle-aged": 48, "old": 72, "elderly": 76, "grandmother": 72, "grandfather": 72},
}


def person_from(text: str, name: str = "") -> Person:
    """A person out of a few words; what they leave open is drawn from a hash of `name` (or of the text).

    Args:
        text: Such as "woman, 40s, red coat, grey bob, glasses"; may be empty.
        name: Who it is, so that MARA looks like MARA in every shot.
    """
    draw = _chance(name or text)
    words = re.findall(r"[a-z][a-z-]*|[,;.]", text.lower())
    female = _gender(words, draw)
    person = _faced(words, draw, female, _age(text.lower(), words, draw))
    person = _dressed(words, _chance((name or text) + " dressed"), person)
    return replace(person, glasses="glasses" in words or ("glasses" not in words and draw.random() < 0.08))


def _chance(of: str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(int.from_bytes(hashlib.sha256(of.encode()).digest()[:8])))


def _gender(words: list[str], draw: np.random.Generator) -> bool:
    """The first word that says so: "LEO, a man, sets her plate down" is of a man."""
    chance = bool(draw.random() < 0.5)
    return next((word in _FEMALE for word in words if word in _FEMALE | _MALE), chance)


def _age(text: str, words: list[str], draw: np.random.Generator) -> float:
    chance = float(draw.uniform(24, 58))
    decade = re.search(r"\b([1-9])0s\b", text)
    years = re.search(r"\b(\d\d)\b|\b(\d)(?=\s*(?:years?|yo|-year|,|$))", text)
    if decade or years:
        number = 10 * int(decade[1]) + 5 if decade else int(years[1] or years[2]) if years else 0
        return float(np.clip(number, 6, 90))
    return float(next((_AGES[word] for word in words if word in _AGES), chance))


def _faced(words: list[str], draw: np.random.Generator, female: bool, age: float) -> Person:
    grown = min(1.0, age / 17.0)
    hair = list(_HAIRS.values())[int(draw.integers(0, 7))].toward(_HAIRS["grey"], float(np.clip((age - 48) / 25, 0, 1)))
    shapes = ("bob", "long", "bun", "tail", "curly") if female else ("short", "quiff", "buzz", "curly", "short")
    coloured = _after(words, ("hair", *sum(_SHAPES.values(), ())), _HAIRS, hair)
    fair = coloured.c > 0.08 and coloured.l > 0.4
    skin = int(draw.integers(0, 3 if fair else len(_SKINS)))
    eye = int(draw.integers(0, 3)) if skin < 3 else 0
    return Person(
        age=age,
        build=float(draw.uniform(0.2, 0.7)),
        height=(1.66 if female else 1.77) * (0.62 + 0.38 * grown) + float(draw.uniform(-0.06, 0.06)),
        jaw=float(draw.uniform(0.15, 0.45) if female else draw.uniform(0.55, 0.95)) * (0.4 + 0.6 * grown**2),
        skin=_SKINS[skin],
        hair=coloured,
        hair_shape=_listed(words, _SHAPES, shapes[int(draw.integers(0, 5))]),
        beard=0.8
        if "beard" in words or "bearded" in words
        else float(not female and age > 22 and draw.random() < 0.25) * 0.6,
        lips=float(draw.uniform(0.55, 0.85) if female else draw.uniform(0.05, 0.25)),
        brow=float(draw.uniform(0.25, 0.5) if female else draw.uniform(0.55, 0.9)),
        eye=(Colour(0.40, 0.06, 55), Colour(0.50, 0.07, 240), Colour(0.48, 0.06, 150))[eye],
        nose=float(draw.uniform(0.25, 0.8)),
    )


def _dressed(words: list[str], draw: np.random.Generator, person: Person) -> Person:
    clothes = _listed(words, _GARMENTS, CLOTHES[int(draw.integers(1, len(CLOTHES)))])
    choices = [_COLOURS[name] for name in ("teal", "mustard", "navy", "olive", "crimson", "grey", "purple", "beige")]
    chance = choices[int(draw.integers(0, len(choices)))]
    cloth = _after(words, sum(_GARMENTS.values(), ()), _COLOURS, _COLOURS["white"] if clothes == "chef" else chance)
    trim = choices[int(draw.integers(0, len(choices)))]
    return replace(
        person, clothes=clothes, cloth=cloth, trim=trim if abs(trim.l - cloth.l) > 0.15 else _COLOURS["white"]
    )


def _listed(words: list[str], table: dict[str, tuple[str, ...]], otherwise: str) -> str:
    return next((key for key, names in table.items() if set(names) & set(words)), otherwise)


def _after(words: list[str], nouns: tuple[str, ...], table: dict[str, Colour], otherwise: Colour) -> Colour:
    """The colour word standing within two words before one of the nouns, no mark between them: "red wool coat"."""
    for k, word in enumerate(words):
        if word in nouns:
            for before in reversed(words[max(0, k - 2) : k]):
                if before in _MARKS:
                    break
                if before in table:
                    return table[before]
    return otherwise
