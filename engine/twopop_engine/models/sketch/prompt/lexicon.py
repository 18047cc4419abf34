"""Phrases to meanings: the tables of `words` with their inflections, looked up longest first, typos forgiven."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from . import words
from .people_words import ACTORS, ADJECTIVES, ANYBODY, BODY, IRREGULAR, MEN, NUMBERS, PLURAL_ONLY, THINGS, WOMEN

_IRREGULAR_VERBS: Final = {
    "sit": "sat sitting", "run": "ran running", "stand": "stood standing", "say": "said saying", "speak": "spoke speaking", "tell": "told telling",
    "take": "took taking taken", "get": "got getting", "rise": "rose rising risen", "leave": "left leaving", "come": "came coming", "go": "went going", "flee": "fled fleeing",
    "set": "setting", "put": "putting", "lay": "laid laying", "catch": "caught catching", "throw": "threw throwing", "lie": "lay lying", "sneak": "sneaking snuck", "sink": "sank sinking sunk",
    "slump": "slumped slumping", "sprint": "sprinted sprinting", "step": "stepped stepping", "jog": "jogged jogging", "chat": "chatted chatting", "shrug": "shrugged shrugging",
    "grab": "grabbed grabbing", "drop": "dropped dropping", "plod": "plodded plodding", "hurry": "hurried hurrying hurries", "scurry": "scurries scurried scurrying", "carry": "carries carried carrying",
    "peer": "peered peering", "swipe": "swiped swiping", "wave": "waved waving", "flop": "flopped flopping", "bring": "brought bringing", "spring": "sprang springing", "beg": "begged begging", "wag": "wagged wagging",
    "tear": "tore tearing", "make": "made making", "spy": "spies spied spying", "see": "saw seeing", "study": "studies studied studying", "reply": "replies replied replying", "jab": "jabbed jabbing",
    "keep": "kept keeping", "be": "is are was were being been", "wear": "wore wearing", "swear": "swore swearing", "scan": "scanned scanning", "hang": "hung hanging", "spread": "spreading", "snap": "snapped snapping",
    "pat": "patting", "plop": "plopped plopping", "begin": "began beginning", "slap": "slapped slapping", "slam": "slammed slamming", "dance": "dancing danced", "meet": "met meeting", "snatch": "snatched snatching",
    "fold": "folded", "give": "gave giving", "read": "reading", "exit": "exited exiting", "pocket": "pocketed pocketing", "signal": "signalled signalling signaled signaling", "slide": "slid sliding", "nod": "nodded nodding",
    "travel": "travelled travelling traveled traveling", "eye": "eyed eyeing", "speed": "sped speeding", "scam": "scamming", "nab": "nabbed nabbing", "squat": "squatted squatting", "swim": "swam swimming", "dig": "dug", "blurt": "blurted", "limp": "limped limping",
    "tiptoe": "tiptoed tiptoeing", "amble": "ambled ambling", "hold": "held holding", "break": "broke breaking", "bark": "barked", "dart": "darted darting", "plan": "planned", "wade": "waded wading", "parade": "paraded", "patrol": "patrolled patrolling", "drum": "drummed", "ship": "shipped",
    "sink into": "", "pick": "picked picking", "pass": "passed passing", "cry": "cries cried crying", "strut": "strutted strutting", "shout": "shouted", "wander": "wandered", "stroll": "strolled", "hop": "hopped hopping", "trot": "trotted trotting",
}  # fmt: skip
SEPARABLE: Final = {
    ("pick", "up"): "pick_up", ("lift", "up"): "pick_up", ("gather", "up"): "pick_up", ("scoop", "up"): "pick_up", ("take", "out"): "pick_up", ("pull", "out"): "pick_up",
    ("put", "down"): "put_down", ("set", "down"): "put_down", ("lay", "down"): "put_down", ("put", "back"): "put_down", ("slam", "down"): "put_down",
    ("put", "away"): "put_down", ("set", "aside"): "put_down", ("put", "aside"): "put_down", ("bring", "down"): "put_down", ("slap", "down"): "put_down", ("hang", "up"): "put_down",
}  # fmt: skip
"""Verbs whose particle may come after the thing: "picks the cup up"."""


class Meaning(NamedTuple):
    """What a phrase says: a slot and a value; `form` is how a verb stands there ("" base, "s", "ing", "ed")."""

    slot: str
    value: str
    form: str = ""


def forms_of(verb: str) -> Iterator[tuple[str, str]]:
    """Every inflection of a verb's base form with the name of the form."""
    yield verb, ""
    yield _third(verb), "s"
    listed = _IRREGULAR_VERBS.get(verb, "").split()
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
    for form in listed:
        yield form, "ing" if form.endswith("ing") else "s" if form.endswith("s") else "ed"
    if not any(form.endswith("ing") for form in listed):
        yield stem + "ing", "ing"
    if not any(not form.endswith(("ing", "s")) for form in listed):
        yield (verb[:-1] + "ied" if re.search("[^aeiou]y$", verb) else stem + "ed"), "ed"


def _third(verb: str) -> str:
    if verb == "go":
        return "goes"
    if re.search("(s|x|z|ch|sh)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search("[^aeiou]y$", verb) else verb + "s"


def _split(listed: str) -> list[str]:
    return [phrase.strip() for phrase in listed.split(",") if phrase.strip()]


@cache
def phrases() -> Mapping[tuple[str, ...], tuple[Meaning, ...]]:
    """Every phrase of the tables as words -> what it says; an empty tuple is a phrase that says nothing."""
    table: dict[tuple[str, ...], list[Meaning]] = {}

    def add(phrase: str, meaning: Meaning | None) -> None:
        meanings = table.setdefault(tuple(phrase.replace("-", " ").split()), [])
        if meaning is not None and meaning not in meanings:
            meanings.append(meaning)

    for slot, listed in (
        *(("place", words.PLACES), ("furniture", words.FURNITURE), ("time", words.TIMES), ("weather", words.WEATHERS)),
        *(("framing", words.FRAMINGS), ("camera", words.CAMERAS), ("mood", words.MOODS), ("style", words.STYLES)),
        *(("music", words.STYLES_OF_MUSIC), ("action", words.ACTION_NOUNS)),
    ):
        for value, said in listed.items():
            for phrase in _split(said):
                for form in _variants(slot, phrase):
                    add(form, Meaning(slot, value, "noun" if slot == "action" else ""))
    for value, said in words.VERBS.items():
        for phrase in _split(said):
            verb, _, rest = phrase.partition(" ")
            for form, name in forms_of(verb):
                add(f"{form} {rest}".strip(), Meaning("action", value, name))
    for phrase in _split(words.NOTHING):
        table.setdefault(tuple(phrase.replace("-", " ").split()), []).clear()
    return {phrase: tuple(meanings) for phrase, meanings in table.items()}


def _variants(slot: str, phrase: str) -> Iterator[str]:
    """A phrase, the plural of a noun, and a camera's verb in every form."""
    yield phrase
    last = phrase.split()[-1]
    if slot in ("place", "furniture", "weather", "music", "style", "framing") and not last.endswith("s"):
        yield phrase + ("es" if last.endswith(("ch", "sh", "x")) else "s")
    if slot == "camera":
        verb, _, rest = phrase.partition(" ")
        if verb in _CAMERA_VERBS:
            for form, _name in forms_of(verb):
                yield f"{form} {rest}".strip()


_CAMERA_VERBS: Final = frozenset(
    "push dolly zoom move creep track close inch drift edge glide pull back widen draw ease retreat pan tilt truck follow".split()
)
LONGEST: Final = 5
"""Words of the longest phrase looked for."""


@cache
def known_words() -> frozenset[str]:
    """Every single word that any table knows."""
    people = {form for noun in (*WOMEN, *MEN, *ANYBODY, *ACTORS) for form in (noun, noun + "s")}
    plain = {*people, *IRREGULAR, *PLURAL_ONLY, *BODY, *NUMBERS, *ADJECTIVES, *THINGS}
    return frozenset(plain | {word for phrase in phrases() for word in phrase})


@lru_cache(maxsize=4096)
def mended(word: str) -> str | None:
    """The known word a typo stands for, None where it stands for itself.

    A letter too many, too few or two swapped are forgiven from five letters on, a wrong one from seven. What is English
    as it stands (`right.txt`) is left alone, however near.
    """
    if len(word) < 5 or not (word.isascii() and word.isalpha()) or word in known_words():
        return None
    target = nearest(word)
    return None if target is None or word in _right() else target


def nearest(word: str) -> str | None:
    """The known word one slip away from a word of five letters or more, its first letter being right."""
    close = {target for key in (word, *_shorter(word)) for target in _one_shorter().get(key, ())}
    for target in sorted(close):
        swapped = sorted(target) == sorted(word)
        if target[0] == word[0] and (len(word) >= 7 or len(target) != len(word) or swapped) and one_slip(word, target):
            return target
    return None


def _shorter(word: str) -> Iterator[str]:
    return (word[:k] + word[k + 1 :] for k in range(len(word)))


@cache
def _one_shorter() -> Mapping[str, tuple[str, ...]]:
    """Words worth mending to, under themselves and under themselves less a letter: slips meet halfway."""
    people = {form for noun in (*WOMEN, *MEN, *ANYBODY) for form in (noun, noun + "s")}
    single = {phrase[0] for phrase, meanings in phrases().items() if len(phrase) == 1 and meanings}
    out: dict[str, set[str]] = {}
    for word in single | people:
        if len(word) >= 4 and word.isalpha():
            for key in (word, *_shorter(word)):
                out.setdefault(key, set()).add(word)
    return {key: tuple(found) for key, found in out.items()}


def one_slip(a: str, b: str) -> bool:
    """Whether two words differ by one letter wrong, missing or too many, or by two swapped."""
    same = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) == len(b):
        swapped = a[:same] + a[same + 1 : same + 2] + a[same : same + 1] + a[same + 2 :]
        return a[same + 1 :] == b[same + 1 :] or swapped == b
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) == 1 and short[same:] == long[same + 1 :]


@cache
def _right() -> frozenset[str]:
    """English words that lie near a known one and are right as they are; see `write_right`."""
    return frozenset((Path(__file__).parent / "right.txt").read_text(encoding="ascii").split())


def write_right(english: Iterable[str], path: Path) -> int:
    """Writes `right.txt` anew from a list of English words, which is needed when the tables have grown; how many."""
    forms = {form for word in english if re.fullmatch("[a-z]{4,}", word) for form in _regular(word)}
    near = sorted(form for form in forms if len(form) >= 5 and form not in known_words() and nearest(form))
    path.write_text("\n".join(near) + "\n", encoding="ascii")
    return len(near)


def _regular(word: str) -> Iterator[str]:
    stem = word.removesuffix("e")
    yield from (word, word + "s", stem + "ed", stem + "ing")
