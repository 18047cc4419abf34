"""The cast: words, names and manners -> the continuous knobs of a voice.

A voice is a point in a space, not an entry in a list: `VOICE MARA: warm alto, 40s` is a person, the same one in
every shot and every cut, because nothing but the words enters. A speaker without words gets a voice out of the
name alone. What a word did, and which words did nothing, is kept for the slate.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from .persons import MEN, PRESETS, WOMEN, VoiceKnobs, digits, person


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FEMALE_WORDS: Final = _set(
    "woman women female girl lady she her mother mom mum sister daughter aunt grandmother grandma "
    "granny queen waitress actress wife widow witch nun maid mrs ms miss madam hostess princess bride "
    "niece landlady"
)
_MALE_WORDS: Final = _set(
    "man men male boy guy gentleman he him father dad brother son uncle grandfather grandpa king "
    "waiter actor husband wizard monk priest mr sir lord host prince groom nephew landlord butler"
)
# Given names whose ending misleads the rule below.
_MALE_NAMES: Final = _set(
    "joshua luca noah ezra sasha mike steve joe george luke jake dave pete mickey harry henry jimmy "
    "tony billy andy ray ali levi eli jamie charlie archie ollie eddie frankie pierre andrea nikita "
    "attila kai gary larry barry jerry terry timothy anthony zachary bruce lawrence vince kyle dale "
    "wayne theodore mateo elijah isaiah jeremy stanley wesley geoffrey lee rory toby"
)
_FEMALE_NAMES: Final = _set(
    "alice janice beatrice candice mary emily lucy amy molly sally nancy betty kelly ruby daisy lily "
    "polly holly judy cindy wendy tracy dorothy emmy joyce grace eve kate jane claire chloe zoe penelope "
    "ann anne carol ellen helen karen susan ruth joan jean iris doris lois agnes margaret elizabeth "
    "beth judith edith meg peg kim lauren megan erin allison alison jennifer heather esther hazel "
    "rachel isabel abigail april jill joy pearl gwen robin lynn kathleen maureen eileen vivian marian "
    "miriam harriet bridget janet violet scarlett siobhan niamh sinead ingrid astrid ines carmen "
    "dolores mercedes beatriz yasmin jasmin sharon dawn fern quinn skye"
)

# A word of a VOICE description -> what it changes. Registers set pitch and tract, the rest lean on them.
_REGISTERS: Final[dict[str, VoiceKnobs]] = {
    "alto": VoiceKnobs(180.0, -0.03),
    "baritone": VoiceKnobs(112.0, -0.14),
    "bass": VoiceKnobs(88.0, -0.165),
    "child": VoiceKnobs(278.0, 0.15, 1.2),
    "contralto": VoiceKnobs(165.0, -0.06),
    "countertenor": VoiceKnobs(185.0, -0.08),
    "kid": VoiceKnobs(275.0, 0.14, 1.2),
    "mezzo": VoiceKnobs(205.0, 0.0),
    "soprano": VoiceKnobs(235.0, 0.06),
    "tenor": VoiceKnobs(140.0, -0.10),
}
_MEN_BELOW_HZ: Final = 150.0
_CHILDREN: Final = frozenset(["child", "kid"])
_FEMALE: Final = VoiceKnobs(202.0, 0.0)
_MALE: Final = VoiceKnobs(118.0, -0.13)


@dataclass(frozen=True, slots=True)
class Lean:
    """An offset on the knobs, and what only the decoder can do.

    Attributes:
        pitch: Natural log added to the median f0.
        tract: Added to the formant scale's log.
        spread: Factor on the pitch range.
        tilt: Added to the tilt.
        breath: Added to the breath.
        rate: Added to the log of the rate.
        gain_db: Level against the voice's usual one.
        whisper: No voicing at all.
    """

    pitch: float = 0.0
    tract: float = 0.0
    spread: float = 1.0
    tilt: float = 0.0
    breath: float = 0.0
    rate: float = 0.0
    gain_db: float = 0.0
    whisper: bool = False

    def __add__(self, other: Lean) -> Lean:
        """Both at once."""
        return Lean(
            self.pitch + other.pitch,
            self.tract + other.tract,
            self.spread * other.spread,
            self.tilt + other.tilt,
            self.breath + other.breath,
            self.rate + other.rate,
            self.gain_db + other.gain_db,
            self.whisper or other.whisper,
        )


_QUALITIES: Final[dict[str, Lean]] = {
    "big": Lean(pitch=-0.08, tract=-0.04),
    "breathy": Lean(breath=0.4),
    "bright": Lean(tilt=0.4),
    "calm": Lean(spread=0.8, rate=-0.06),
    "clear": Lean(tilt=0.2, breath=-0.2),
    "dark": Lean(tilt=-0.4),
    "deep": Lean(pitch=-0.15, tract=-0.03),
    "fast": Lean(rate=0.15),
    "flat": Lean(spread=0.5),
    "gravelly": Lean(pitch=-0.08, breath=0.3, tilt=-0.2),
    "high": Lean(pitch=0.15, tract=0.02),
    "hoarse": Lean(breath=0.45),
    "husky": Lean(pitch=-0.05, breath=0.35),
    "light": Lean(pitch=0.06, tract=0.02),
    "lively": Lean(spread=1.3, rate=0.05),
    "low": Lean(pitch=-0.12),
    "monotone": Lean(spread=0.45),
    "raspy": Lean(breath=0.4, tilt=0.1),
    "sharp": Lean(tilt=0.5),
    "slow": Lean(rate=-0.15),
    "small": Lean(pitch=0.08, tract=0.04),
    "smoky": Lean(pitch=-0.08, breath=0.3, tilt=-0.2),
    "soft": Lean(tilt=-0.3, breath=0.15),
    "thin": Lean(tilt=0.3, tract=0.03),
    "warm": Lean(tilt=-0.25),
}
_AGES: Final[dict[str, Lean]] = {
    "elderly": Lean(breath=0.3, rate=-0.12, spread=0.85),
    "old": Lean(breath=0.25, rate=-0.1, spread=0.85),
    "teen": Lean(pitch=0.14, tract=0.06, rate=0.05),
    "teenage": Lean(pitch=0.14, tract=0.06, rate=0.05),
    "teenager": Lean(pitch=0.14, tract=0.06, rate=0.05),
    "young": Lean(pitch=0.08, tract=0.03, rate=0.03),
}
_MANNERS: Final[dict[str, Lean]] = {
    "angry": Lean(pitch=0.08, spread=1.35, tilt=0.4, rate=0.06, gain_db=3.0),
    "bored": Lean(pitch=-0.05, spread=0.55, rate=-0.08, gain_db=-2.0),
    "breathless": Lean(breath=0.4, rate=0.1),
    "calm": Lean(spread=0.8, rate=-0.06, gain_db=-1.0),
    "cheerful": Lean(pitch=0.1, spread=1.3, tilt=0.2, rate=0.05),
    "cold": Lean(spread=0.6, tilt=0.1),
    "crying": Lean(pitch=0.08, spread=1.3, breath=0.3, rate=-0.1),
    "deadpan": Lean(spread=0.45),
    "excited": Lean(pitch=0.15, spread=1.4, tilt=0.2, rate=0.12, gain_db=2.0),
    "fast": Lean(rate=0.2),
    "flat": Lean(spread=0.5),
    "gentle": Lean(tilt=-0.25, breath=0.1, gain_db=-2.0),
    "happy": Lean(pitch=0.08, spread=1.25, tilt=0.15, rate=0.04),
    "hoarse": Lean(breath=0.45),
    "hurried": Lean(rate=0.18),
    "laughing": Lean(pitch=0.1, spread=1.4, rate=0.05),
    "loud": Lean(pitch=0.1, tilt=0.4, gain_db=4.0),
    "low": Lean(pitch=-0.12, tilt=-0.1, gain_db=-2.5),
    "mumbling": Lean(spread=0.7, tilt=-0.4, gain_db=-3.0),
    "nervous": Lean(pitch=0.08, spread=1.2, breath=0.1, rate=0.12),
    "panicked": Lean(pitch=0.2, spread=1.4, breath=0.15, rate=0.2, gain_db=3.0),
    "pleading": Lean(pitch=0.08, spread=1.3, breath=0.15, rate=-0.04),
    "quiet": Lean(pitch=-0.04, tilt=-0.25, breath=0.1, gain_db=-4.0),
    "robotic": Lean(spread=0.4),
    "sad": Lean(pitch=-0.06, spread=0.7, breath=0.15, rate=-0.12, gain_db=-2.0),
    "sarcastic": Lean(spread=1.35, rate=-0.05),
    "scared": Lean(pitch=0.14, spread=1.2, breath=0.2, rate=0.1),
    "shouting": Lean(pitch=0.28, spread=1.3, tilt=0.7, breath=-0.1, gain_db=6.0),
    "sleepy": Lean(pitch=-0.08, spread=0.65, breath=0.2, rate=-0.18, gain_db=-3.0),
    "slow": Lean(rate=-0.2),
    "soft": Lean(tilt=-0.3, breath=0.15, gain_db=-3.0),
    "stern": Lean(pitch=-0.05, spread=0.8, tilt=0.2, gain_db=1.0),
    "tired": Lean(pitch=-0.07, spread=0.7, breath=0.15, rate=-0.12, gain_db=-2.0),
    "urgent": Lean(pitch=0.06, spread=1.15, tilt=0.15, rate=0.14, gain_db=1.5),
    "warm": Lean(tilt=-0.2, breath=0.05),
    "whisper": Lean(tilt=0.6, rate=-0.05, gain_db=-8.0, whisper=True),
    "worried": Lean(pitch=0.06, spread=1.2, breath=0.1),
}
_SAME: Final = {
    "angrily": "angry", "annoyed": "angry", "afraid": "scared", "calmly": "calm", "cheerfully": "cheerful",
    "cries": "crying", "desperate": "pleading", "drowsy": "sleepy", "exhausted": "tired", "frightened": "scared",
    "furious": "angry", "gently": "gentle", "hushed": "quiet", "joking": "laughing", "mumbles": "mumbling",
    "murmur": "mumbling", "murmuring": "mumbling", "muttering": "mumbling", "mutters": "mumbling",
    "nervously": "nervous", "out of breath": "breathless", "panicking": "panicked", "quickly": "fast",
    "quietly": "quiet", "rushed": "hurried", "sadly": "sad", "screaming": "shouting", "screams": "shouting",
    "shout": "shouting", "shouted": "shouting", "shouts": "shouting", "slowly": "slow", "sobbing": "crying",
    "softly": "soft", "sotto voce": "whisper", "weary": "tired", "wearily": "tired", "whispered": "whisper",
    "whispering": "whisper", "whispers": "whisper", "yelling": "shouting", "yells": "shouting", "dry": "deadpan",
    "loudly": "loud", "gruff": "stern", "monotone": "flat", "anxious": "nervous", "terrified": "panicked",
    "mezzo-soprano": "mezzo", "husky-voiced": "husky", "scratchy": "raspy", "rough": "raspy", "aged": "old",
}  # fmt: skip
_STRENGTH: Final = {"very": 1.5, "really": 1.5, "extremely": 1.8, "slightly": 0.5, "little": 0.5, "bit": 0.5}
_FILLERS: Final = _set(
    "a an the and with in of to her his their voice voiced early mid late about aged years year but "
    "then almost adult accent sounding tone very quite really extremely slightly little bit more "
    "rather under breath from off"
)


@dataclass(frozen=True, slots=True)
class Casting:
    """A speaker's voice and how it came about.

    Attributes:
        knobs: The voice.
        understood: Words that changed it.
        ignored: Words that did nothing; for the slate and the plan.
        guessed: What was assumed in the absence of words, as a sentence; empty if nothing.
        woman: Whether a woman is drawn. By words, register and name: pitch alone takes a light tenor for one.
    """

    knobs: VoiceKnobs
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    guessed: str = ""
    woman: bool = False


@dataclass(frozen=True, slots=True)
class Manner:
    """How a line is said, and which words of it were understood."""

    lean: Lean = field(default_factory=Lean)
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


def _words(text: str) -> list[str]:
    text = text.lower()
    for phrase in ("out of breath", "sotto voce"):
        text = text.replace(phrase, _SAME[phrase])
    return re.findall(r"\d+s?|[^\W\d_]+(?:-[^\W\d_]+)*", text)


def _scaled(lean: Lean, strength: float) -> Lean:
    return Lean(
        pitch=lean.pitch * strength,
        tract=lean.tract * strength,
        spread=1.0 + (lean.spread - 1.0) * min(strength, 1.5),
        tilt=lean.tilt * strength,
        breath=lean.breath * strength,
        rate=lean.rate * strength,
        gain_db=lean.gain_db * strength,
        whisper=lean.whisper,
    )


def _find(word: str, table: dict[str, Lean]) -> Lean | None:
    """A word's lean, synonyms and comparatives (`darker`) included."""
    stem = word.removesuffix("er")
    return table.get(_SAME.get(word, word)) or table.get(stem) or table.get(stem + "e")


def _leans(words: list[str], table: dict[str, Lean]) -> tuple[Lean, list[str], list[str]]:
    """Sum of the known words' leans; the known and the unknown words. `very` and `slightly` act on the next."""
    total, known, unknown, strength = Lean(), list[str](), list[str](), 1.0
    for word in words:
        lean = _find(word, table)
        if lean is not None:
            total, strength = total + _scaled(lean, strength), 1.0
            known.append(word)
        elif word in _STRENGTH:
            strength = _STRENGTH[word]
        elif word not in _FILLERS:
            unknown.append(word)
    return total, known, unknown


def _leaned(knobs: VoiceKnobs, lean: Lean) -> VoiceKnobs:
    return replace(
        knobs,
        pitch_hz=knobs.pitch_hz * math.exp(lean.pitch),
        tract=knobs.tract + lean.tract,
        pitch_range=knobs.pitch_range * lean.spread,
        tilt=knobs.tilt + lean.tilt,
        breath=min(1.0, max(0.0, knobs.breath + lean.breath)),
        rate=knobs.rate + lean.rate,
    )


def is_woman(name: str) -> bool | None:
    """Whether a speaker's name or role says woman (True) or man (False); None where it says neither."""
    words = re.findall(r"[^\W\d_]+", name.lower())
    for word in words:
        if word in _FEMALE_WORDS or word in _FEMALE_NAMES or word in WOMEN:
            return True
        if word in _MALE_WORDS or word in _MALE_NAMES or word in MEN:
            return False
    first = words[0] if words else ""
    if re.search(r"(a|ie|elle|ette|lyn|lynn|ine|isse|een|ene|ah)$", first):
        return True
    return None


def is_first_name(word: str) -> bool:
    """Whether a word is a first name that is known."""
    return word.lower() in _FEMALE_NAMES or word.lower() in _MALE_NAMES


def _from_name(name: str) -> tuple[VoiceKnobs, str]:
    """A person out of a bare name: a preset of that name, else somebody of the fitting sex."""
    preset = PRESETS.get(name.strip().lower())
    if preset is not None:
        return preset, ""
    woman = is_woman(name)
    told = woman is not None
    if woman is None:
        woman = bool(digits(name.strip().casefold())[-4] < 0)
    kind = "woman" if woman else "man"
    drawn = f"no VOICE for {name}: a {kind}'s was drawn from the name"
    guessed = drawn if told else f"{drawn}, which does not say whether it is a woman's or a man's"
    return person(name.strip().casefold(), _FEMALE if woman else _MALE), guessed


def _age(words: list[str]) -> tuple[Lean, list[str], list[str]]:
    """Numbers such as `40s` or `70`, and words of age."""
    total, rest, known = Lean(), list[str](), list[str]()
    for word in words:
        number = re.fullmatch(r"(\d+)s?", word)
        if number is None:
            rest.append(word)
            continue
        years = int(number[1])
        name = "child" if years < 12 else "teen" if years < 18 else "young" if years < 27 else None
        name = "elderly" if years >= 70 else "old" if years >= 58 else name
        total += Lean(pitch=0.3, tract=0.12) if name == "child" else _AGES.get(name or "", Lean())
        known.append(word)
    return total, known, rest


def _of_kind(name: str, kind: VoiceKnobs, registered: bool) -> VoiceKnobs:
    """Somebody of a register or sex: two "warm altos" of one cut are still two people."""
    own = PRESETS.get(name.strip().lower())
    drawn = person(name.strip().casefold(), kind)
    if own is not None:
        drawn = replace(drawn, timbre=own.timbre)
    if not registered:
        return drawn
    near = math.sqrt(drawn.pitch_hz * kind.pitch_hz), (drawn.tract + kind.tract) / 2
    return replace(drawn, pitch_hz=near[0], tract=near[1])


def cast_voice(speaker: str, description: str = "") -> Casting:
    """A speaker's voice out of the words of `VOICE`, else out of the name. The same words are the same voice.

    Args:
        speaker: As in the line; case does not matter.
        description: Free words, such as "warm alto, 40s" or the name of a preset; may be empty.
    """
    age, aged, words = _age(_words(description))
    preset = next((word for word in words if word in PRESETS), None)
    register = next((word for word in words if _SAME.get(word, word) in _REGISTERS), None)
    sexes = [word for word in words if word in _FEMALE_WORDS or word in _MALE_WORDS]
    taken = {word for word in (preset, register, *sexes) if word is not None}
    lean, known, unknown = _leans([word for word in words if word not in taken], {**_QUALITIES, **_AGES})
    base, guessed = _from_name(preset or speaker)
    if register is not None:
        base, guessed = _REGISTERS[_SAME.get(register, register)], ""
    elif sexes and preset is None:
        base, guessed = (_FEMALE if sexes[0] in _FEMALE_WORDS else _MALE), ""
    woman = _drawn_as_woman(speaker, sexes, register, base)
    if register is not None or (sexes and preset is None):
        base = _of_kind(preset or speaker, base, register is not None)
    understood = tuple(word for word in _words(description) if word in taken or word in known or word in aged)
    knobs = _leaned(base, lean if register in _CHILDREN else lean + age)
    return Casting(knobs, understood, tuple(unknown), guessed, woman)


def _drawn_as_woman(speaker: str, sexes: Sequence[str], register: str | None, base: VoiceKnobs) -> bool:
    """`base` is the voice before words moved it."""
    if sexes:
        return sexes[0] in _FEMALE_WORDS
    if register is not None and register not in _CHILDREN:
        return base.pitch_hz > _MEN_BELOW_HZ and _SAME.get(register, register) != "countertenor"
    known = is_woman(speaker)
    return base.pitch_hz > _MEN_BELOW_HZ if known is None else known


def read_manner(words: str) -> Manner:
    """What the parenthesis of a line does to the voice: `tired, low` or `whispering`, each with its strength."""
    lean, known, unknown = _leans(_words(words), _MANNERS)
    return Manner(lean, tuple(known), tuple(unknown))


def said_with(knobs: VoiceKnobs, manner: Manner) -> VoiceKnobs:
    """The voice of a person for one line."""
    return _leaned(knobs, manner.lean)
