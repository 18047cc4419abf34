"""Phrases to meanings: the tables of `words` with their inflections, looked up longest first, typos forgiven."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from . import words
from .words import ACTORS, ADJECTIVES, ANYBODY, BODY, MEN, NUMBERS, PLURALS, SEVERAL, THINGS, WOMEN


class Meaning(NamedTuple):
    """What a phrase says: a slot and a value; `form` is how a verb stands there ("" base, "s", "ing", "ed")."""

    slot: str
    value: str
    form: str = ""


def forms_of(verb: str) -> Iterator[tuple[str, str]]:
    """Every inflection of a verb's base form with the name of the form."""
    yield verb, ""
    yield _third(verb), "s"
    listed = words.IRREGULAR.get(verb, "").split()
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb
    if re.fullmatch("[^aeiou]*[aeiou][^aeiouwxy]", verb):
        stem += verb[-1]  # "hug", "hugging"
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
    """Phrases between commas, wherever a line of the table ends."""
    return [" ".join(phrase.split()) for phrase in listed.split(",") if phrase.strip()]


@cache
def phrases() -> Mapping[tuple[str, ...], tuple[Meaning, ...]]:
    """Every phrase of the tables as words -> what it says; an empty tuple is a phrase that says nothing."""
    table: dict[tuple[str, ...], list[Meaning]] = {}

    def add(phrase: str, meaning: Meaning | None) -> None:
        meanings = table.setdefault(tuple(phrase.replace("-", " ").split()), [])
        if meaning is not None and meaning not in meanings:
            meanings.append(meaning)

    for slot, listed in words.TABLES.items():
        for value, said in listed.items():
            for phrase in _split(said):
                for form, meaning in _said(slot, value, phrase):
                    add(form, meaning)
    for phrase in _split(words.NOTHING):
        table.setdefault(tuple(phrase.replace("-", " ").split()), []).clear()
    return {phrase: tuple(meanings) for phrase, meanings in table.items()}


def _said(slot: str, value: str, phrase: str) -> Iterator[tuple[str, Meaning]]:
    """Every form of a phrase with what it says."""
    if slot == "verbs":
        yield from ((form, Meaning("action", value, name)) for form, name in _inflected(phrase))
    elif slot == "deeds":
        yield phrase, Meaning("action", value, "noun")
    else:
        yield from ((form, Meaning(slot, value)) for form in _variants(slot, phrase))


def _inflected(phrase: str) -> Iterator[tuple[str, str]]:
    verb, _, rest = phrase.partition(" ")
    return ((f"{form} {rest}".strip(), name) for form, name in forms_of(verb))


def _variants(slot: str, phrase: str) -> Iterator[str]:
    """A phrase, the plural of a noun, and a camera's verb in every form."""
    yield phrase
    last = phrase.split()[-1]
    if slot in ("place", "furniture", "weather", "music", "style", "framing") and not last.endswith("s"):
        yield phrase + ("es" if last.endswith(("ch", "sh", "x")) else "s")
    if slot == "camera" and phrase.split()[0] in _CAMERA_VERBS:
        yield from (form for form, _ in _inflected(phrase))


_CAMERA_VERBS: Final = frozenset(
    [
        "push",
        "dolly",
        "zoom",
        "move",
        "creep",
        "track",
        "close",
        "inch",
        "drift",
        "edge",
        "glide",
        "pull",
        "back",
        "widen",
        "draw",
        "ease",
        "retreat",
        "pan",
        "tilt",
        "truck",
        "follow",
    ]
)
LONGEST: Final = 5
"""Words of the longest phrase looked for."""


@cache
def known_words() -> frozenset[str]:
    """Every single word that any table knows."""
    people = {form for noun in (*WOMEN, *MEN, *ANYBODY, *ACTORS) for form in (noun, noun + "s")}
    plain = {*people, *PLURALS, *SEVERAL, *BODY, *NUMBERS, *ADJECTIVES, *THINGS}
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
