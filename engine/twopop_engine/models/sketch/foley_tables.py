"""What every class of sound effect is made of, and which words of a cue ask for it. Data, read by `foley`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from typing import Final

from .actions import ACTIONS


@dataclass(frozen=True, slots=True)
class Burst:
    """Shaped noise: from `low_hz` to `high_hz`, rising for `attack_s`, falling with `decay_s`, `at_s` late."""

    low_hz: float
    high_hz: float
    decay_s: float
    level: float = 1.0
    at_s: float = 0.0
    attack_s: float = 0.0005


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a class of event sounds.

    Attributes:
        modes: `(Hz, decay s, level)` of what rings.
        bursts: What scrapes, clicks and hisses.
        pieces: How many times the whole sounds again, smaller: gravel, keys, a bouncing coin.
        spread_s: Over how long the pieces fall.
        glide: Fraction by which modes fall in pitch while they ring (a drum, a ball), negative to rise.
        level: Of the class against the others.
        lead_s: How long before its time it begins: the rush of what flies past is loudest then.
    """

    modes: tuple[tuple[float, float, float], ...] = ()
    bursts: tuple[Burst, ...] = ()
    pieces: int = 0
    spread_s: float = 0.0
    glide: float = 0.0
    level: float = 1.0
    lead_s: float = 0.0


def _bar(base: float, decay: float, *ratios: float) -> tuple[tuple[float, float, float], ...]:
    """Modes of a struck solid: higher ones ring shorter and softer."""
    return tuple((base * ratio, decay / ratio**0.6, 1.0 / (1.0 + 0.45 * k)) for k, ratio in enumerate(ratios))


RECIPES: Final[dict[str, Recipe]] = {
    "step.wood": Recipe(
        ((86, 0.06, 1.0), (172, 0.045, 0.6), (395, 0.03, 0.3)),
        (Burst(180, 2_200, 0.018, 0.7), Burst(500, 5_000, 0.012, 0.35, 0.065), Burst(120, 800, 0.03, 0.4, 0.06)),
    ),
    "step.stone": Recipe(
        ((140, 0.02, 0.5),),
        (Burst(900, 6_500, 0.008, 1.0), Burst(300, 2_500, 0.02, 0.5), Burst(1_500, 8_000, 0.01, 0.5, 0.07)),
    ),
    "step.gravel": Recipe((), (Burst(700, 7_000, 0.009, 0.8),), 22, 0.17, level=0.9),
    "step.carpet": Recipe(
        ((70, 0.05, 1.0),), (Burst(60, 600, 0.03, 0.8), Burst(80, 900, 0.03, 0.35, 0.075)), level=0.8
    ),
    "pan": Recipe(_bar(412, 0.55, 1, 1.53, 2.37, 3.41, 4.66, 6.2, 8.05), (Burst(1_500, 9_000, 0.015, 0.9),)),
    "cup": Recipe(_bar(1_650, 0.11, 1, 1.72, 2.81, 3.9), (Burst(800, 6_000, 0.006, 0.8), Burst(150, 700, 0.02, 0.4))),
    "glass": Recipe(_bar(2_350, 0.35, 1, 1.58, 2.43, 3.3, 4.4), (Burst(3_000, 12_000, 0.004, 0.5),), level=0.8),
    "book": Recipe(
        ((95, 0.05, 1.0), (210, 0.03, 0.5)), (Burst(100, 1_500, 0.02, 0.9), Burst(1_500, 5_000, 0.02, 0.15))
    ),
    "door": Recipe(
        ((62, 0.16, 1.0), (118, 0.11, 0.7), (243, 0.06, 0.35)),
        (Burst(60, 900, 0.06, 0.9), Burst(1_200, 6_000, 0.008, 0.5, -0.0), Burst(1_500, 7_000, 0.006, 0.4, 0.085)),
        level=1.1,
    ),
    "knock": Recipe(((165, 0.035, 1.0), (330, 0.025, 0.6), (720, 0.015, 0.3)), (Burst(250, 3_000, 0.008, 0.7),)),
    "switch": Recipe(
        ((2_600, 0.006, 0.5),), (Burst(1_800, 9_000, 0.003, 1.0), Burst(2_200, 9_000, 0.003, 0.6, 0.03)), level=0.6
    ),
    "key": Recipe(_bar(3_900, 0.09, 1, 1.31, 1.83, 2.4), (Burst(4_000, 14_000, 0.004, 0.5),), 9, 0.35, level=0.55),
    "coin": Recipe(_bar(4_700, 0.16, 1, 1.47, 2.2), (Burst(4_000, 13_000, 0.003, 0.6),), 6, 0.5, level=0.6),
    "chair": Recipe(
        ((130, 0.05, 0.7), (310, 0.04, 0.4)), (Burst(100, 900, 0.03, 1.0), Burst(250, 2_800, 0.09, 0.4, 0.01, 0.04))
    ),
    "drawer": Recipe(((110, 0.06, 0.6),), (Burst(150, 1_800, 0.16, 0.6, 0, 0.09), Burst(120, 2_500, 0.02, 1.0, 0.27))),
    "plate": Recipe(_bar(1_180, 0.28, 1, 1.66, 2.6, 3.7, 4.9), (Burst(1_500, 8_000, 0.008, 0.8),), level=0.9),
    "cloth": Recipe((), (Burst(300, 4_500, 0.1, 0.8, 0, 0.06), Burst(600, 6_000, 0.06, 0.5, 0.12, 0.03)), level=0.45),
    "paper": Recipe((), (Burst(1_500, 9_000, 0.012, 0.9, 0, 0.003),), 16, 0.22, level=0.45),
    "clap": Recipe(
        (), (Burst(700, 4_500, 0.004, 0.8), Burst(700, 4_500, 0.004, 0.7, 0.009), Burst(600, 4_000, 0.045, 1.0, 0.016))
    ),
    "thud": Recipe(((52, 0.14, 1.0), (88, 0.1, 0.6)), (Burst(40, 500, 0.05, 0.9),), glide=0.15, level=1.2),
    "splash": Recipe(
        ((640, 0.03, 0.4),),
        (Burst(350, 6_000, 0.16, 0.9, 0, 0.01), Burst(900, 9_000, 0.25, 0.35, 0.05, 0.05)),
        10,
        0.3,
        -0.5,
    ),
    "snap": Recipe(((1_900, 0.012, 0.5),), (Burst(1_200, 8_000, 0.005, 1.0),), level=0.7),
    "whoosh.short": Recipe(
        (), (Burst(250, 2_400, 0.09, 1.0, 0, 0.12), Burst(900, 5_000, 0.07, 0.35, 0.03, 0.1)), level=0.6, lead_s=0.12
    ),
    "ball": Recipe(((178, 0.07, 1.0), (362, 0.04, 0.4)), (Burst(100, 1_800, 0.012, 0.7),), glide=0.2),
    "metal": Recipe(_bar(690, 0.6, 1, 1.41, 2.1, 2.76, 3.9, 5.4), (Burst(2_000, 10_000, 0.006, 0.8),)),
    "wood": Recipe(((240, 0.035, 1.0), (510, 0.025, 0.6), (1_130, 0.014, 0.3)), (Burst(500, 5_500, 0.006, 0.9),)),
    "stone": Recipe(((420, 0.018, 0.6),), (Burst(600, 6_000, 0.01, 1.0), Burst(80, 500, 0.03, 0.6))),
    "plastic": Recipe(
        ((820, 0.022, 1.0), (1_540, 0.016, 0.6), (2_700, 0.01, 0.3)), (Burst(900, 6_000, 0.005, 0.7),), level=0.8
    ),
    "bell": Recipe(_bar(880, 0.7, 0.5, 1, 1.19, 1.5, 2, 2.74, 3.76), (Burst(3_000, 9_000, 0.003, 0.3),), level=0.8),
    "bird": Recipe(((3_300, 0.05, 1.0),), (), 4, 0.35, -0.35, 0.35),
    "thunder": Recipe(
        ((41, 0.6, 0.5),),
        (Burst(30, 320, 0.7, 1.0, 0, 0.05), Burst(60, 1_600, 0.35, 0.5), Burst(30, 200, 0.8, 0.8, 0.5, 0.3)),
    ),
    "generic": Recipe(((150, 0.05, 0.8), (330, 0.03, 0.4)), (Burst(200, 4_000, 0.02, 0.8),)),
    "_cricket": Recipe(((4_350, 0.009, 1.0), (4_420, 0.008, 0.7)), (), 3, 0.11, level=0.5),
    "_drop": Recipe(((2_300, 0.006, 0.6),), (Burst(1_500, 9_000, 0.003, 0.6),), glide=-0.3, level=0.7),
    "_horn": Recipe(((392, 0.3, 1.0), (494, 0.3, 0.8), (784, 0.2, 0.4), (988, 0.2, 0.3)), level=0.6),
    "_bubble": Recipe(((850, 0.022, 1.0), (1_350, 0.012, 0.3)), glide=-0.45),
}


@dataclass(frozen=True, slots=True)
class Texture:
    """How a sustained class sounds while its level is up.

    Attributes:
        bands: `(low Hz, high Hz, level)` of shaped noise.
        grains: A class of event that keeps happening in it, or "".
        rate_hz: How often.
        hum_hz: A tone under it; 0 for none.
        flutter_s: Period of its unrest.
        grain_level: Of the grains against the noise.
    """

    bands: tuple[tuple[float, float, float], ...]
    grains: str = ""
    rate_hz: float = 0.0
    hum_hz: float = 0.0
    flutter_s: float = 0.3
    grain_level: float = 0.3


TEXTURES: Final[dict[str, Texture]] = {
    "sizzle": Texture(((2_500, 13_000, 0.8), (600, 2_500, 0.15)), "snap", 14.0, 0, 0.12, 0.12),
    "pour": Texture(((500, 4_500, 0.5), (1_500, 9_000, 0.25)), "_bubble", 22.0, 0, 0.15, 0.12),
    "rain": Texture(((700, 12_000, 0.6), (150, 700, 0.15)), "snap", 24.0, 0, 0.8, 0.06),
    "car": Texture(((40, 700, 0.9), (700, 2_800, 0.25)), "", 0, 62.0, 2.0),
    "engine": Texture(((50, 900, 0.6),), "", 0, 48.0, 0.2),
    "fan": Texture(((80, 1_400, 0.6), (1_400, 5_000, 0.12)), "", 0, 98.0, 1.5),
    "whoosh": Texture(((200, 2_600, 0.9),), "", 0, 0, 0.25),
    "crowd": Texture(((200, 900, 0.8), (900, 3_200, 0.35)), "clap", 0.4, 0, 0.22, 0.05),
    "fire": Texture(((60, 600, 0.6), (1_200, 7_000, 0.15)), "snap", 9.0, 0, 0.3, 0.3),
    "stream": Texture(((400, 6_000, 0.6),), "_bubble", 14.0, 0, 0.35, 0.08),
    "scrape": Texture(((700, 5_500, 0.8), (150, 700, 0.3)), "", 0, 0, 0.06),
    "rub": Texture(((250, 3_200, 0.6),), "", 0, 0, 0.18),
    "hum": Texture(((90, 260, 0.1),), "", 0, 100.0, 3.0),
    "hiss": Texture(((3_000, 14_000, 0.7),), "", 0, 0, 1.0),
    "roll": Texture(((60, 900, 0.8), (900, 3_000, 0.2)), "wood", 5.0, 0, 0.09, 0.08),
    "generic": Texture(((150, 3_000, 0.6),), "", 0, 0, 0.5),
}


# Words of an FX cue -> the class that sounds it. The longest match of a cue wins; order breaks ties.
_WORDS: Final = {
    "step.wood": "footstep footsteps step steps walk walks walking heels stairs",
    "step.gravel": "gravel snow leaves twigs",
    "step.carpet": "carpet barefoot tiptoe",
    "step.stone": "pavement tiles marble cobbles",
    "pan": "pan pot wok stove cauldron saucepan lid",
    "cup": "cup mug teacup saucer",
    "glass": "glass glasses bottle clink cheers jar toast smash shatter shatters window",
    "book": "book folder file newspaper bag suitcase parcel",
    "door": "door doors gate slam slams hatch fridge",
    "knock": "knock knocks knocking tap taps rap",
    "switch": "switch click clicks button lighter camera shutter keyboard typing types",
    "key": "key keys jingle chain handcuffs",
    "coin": "coin coins money",
    "chair": "chair stool table bench",
    "drawer": "drawer cupboard cabinet",
    "plate": "plate plates dish dishes bowl crockery cutlery fork spoon",
    "cloth": "cloth clothes jacket coat curtain blanket rustle",
    "paper": "paper page pages letter envelope map",
    "clap": "clap claps clapping slap slaps applause",
    "thud": "thud falls fall punch crash drop drops impact body hit hits boom",
    "splash": "splash water drip drips puddle",
    "snap": "snap crack breaks twig match fingers",
    "whoosh.short": "swish swings swing swipe stick bat racket cane throw throws",
    "ball": "ball bounce bounces",
    "metal": "metal clang sword pipe hammer bars iron steel anvil",
    "wood": "wood chop chops chopping knife board axe log",
    "stone": "stone rock brick",
    "plastic": "plastic box toy tray phone telephone receiver handset",
    "bell": "bell bells ding doorbell chime alarm timer ring rings",
    "bird": "bird birds tweet crow seagull",
    "thunder": "thunder lightning explosion explodes gunshot shot",
}
_SUSTAIN_WORDS: Final = {
    "sizzle": "sizzle sizzles sizzling fry fries frying skillet",
    "pour": "pour pours pouring fill fills kettle jug",
    "rain": "rain raining shower",
    "car": "car cars traffic drives passes truck bus",
    "engine": "engine motor starts idle machine drill saw",
    "fan": "fan extractor ventilation hairdryer",
    "whoosh": "whoosh wind gust",
    "crowd": "crowd chatter murmur applause cheering",
    "fire": "fire flames burning fireplace",
    "stream": "stream river waterfall waves sea",
    "scrape": "scrape scrapes drag drags scratch",
    "rub": "rub wipe wipes scrub sweep sweeps",
    "hum": "hum buzz buzzing",
    "hiss": "hiss steam spray",
    "roll": "roll rolls rolling trolley cart",
}


_THING_WORDS: Final = {
    "phone": "phone telephone receiver handset",
    "hammer": "hammer anvil",
    "knife": "chop chops chopping knife board axe",
    "keyboard": "keyboard typing types",
}
"""Words that name a thing where its sound alone would not."""
_UNSEEN: Final = {
    "smash": "window shatter shatters smash toast lid stove cauldron",
    "other": "hatch fridge gate lighter camera shutter handcuffs chain map envelope bag suitcase parcel newspaper",
    "hands": "slap slaps applause throw throws fill fills",
    "loud": "explosion explodes gunshot shot traffic truck bus",
}
"""Words of a drawn class that are about something else than its thing: they are only heard."""
_VAGUE: Final = ["water", "hit", "hits", "fall", "falls", "drop", "drops", "impact", "body"]
"""Words that yield to any other: "she drops the pan" is a pan."""
_MEANT: Final = (
    (r"\bcar doors?\b", "door"),
    (r"\b(?:tele)?phones? (?:is |are )?(?:ring\w*|buzz\w*)", "bell"),
    (r"\b(?:turns?|turning) (?:a |the )?pages?\b", "page"),
)
"""Expressions that mean something else than their first word."""


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """What an FX cue's words were taken for.

    Attributes:
        kind: A class of the layout.
        sustained: Whether it lasts.
        understood: The word that said so, "" if none did.
        thing: What is seen to make it, a name of `actions.ACTIONS`; "" for feet, and for what is only heard.
    """

    kind: str
    sustained: bool
    understood: str
    thing: str = ""


def _thing(kind: str, word: str) -> str:
    """The thing that a word of a class names, "" where it names none that can be seen at work."""
    named = next((thing for thing, words in _THING_WORDS.items() if word in words.split()), "")
    own = [thing for thing, action in ACTIONS.items() if action.sound == kind and thing not in _THING_WORDS]
    unseen = any(word in words.split() for words in _UNSEEN.values())
    return named or ("" if unseen or not own else own[0])


def words_of(kind: str) -> tuple[str, ...]:
    """The words of a lasting class; none for another."""
    return tuple(_SUSTAIN_WORDS.get(kind, "").split())


def nearest_sounds(text: str) -> list[str]:
    """Words of sounds that a cue without any may have meant, the nearest first."""
    words = re.findall(r"[^\W\d_]{3,}", text.lower())
    found = (near for word in words for near in get_close_matches(word, _word_table(), 2, cutoff=0.6))
    return list(dict.fromkeys(found))[:3]


@cache
def _word_table() -> dict[str, SoundChoice]:
    table: dict[str, SoundChoice] = {}
    for source, sustained in ((_WORDS, False), (_SUSTAIN_WORDS, True)):
        for kind, words in source.items():
            for word in words.split():
                table.setdefault(word, SoundChoice(kind, sustained, word, _thing(kind, word)))
    return table


def read_cue(text: str) -> SoundChoice:
    """The class that sounds an FX cue: its first telling word ("pan hits the stove" is a pan).

    A surface among the words turns steps into steps on it. Nothing known gives `generic`, with `understood`
    empty, which the slate reports as a guess.
    """
    text = text.lower()
    for expression, meant in _MEANT:
        text = re.sub(expression, meant, text)
    words = re.findall(r"[^\W\d_]+", text)
    known = [_word_table()[word] for word in words if word in _word_table()]
    if not known:
        return SoundChoice("generic", False, "")
    first = next((choice for choice in known if choice.understood not in _VAGUE), known[0])
    surface = next((choice for choice in known if choice.kind.startswith("step.") and choice.kind != "step.wood"), None)
    if first.kind == "step.wood" and surface is not None:
        return replace(surface, understood=f"{first.understood} {surface.understood}")
    return first


def things_in(text: str) -> list[SoundChoice]:
    """What words tell of things that can be seen at work, in their order: "knocks, then drops the pan"."""
    for expression, meant in _MEANT:
        text = re.sub(expression, meant, text, flags=re.IGNORECASE)
    found = (_word_table().get(word) for word in re.findall(r"[^\W\d_]+", text.lower()))
    return [choice for choice in found if choice is not None and choice.thing and choice.understood not in _VAGUE]
