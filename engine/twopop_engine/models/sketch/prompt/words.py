"""The tables of `words.toml` and `people.toml`, read once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


_WORDS: Final = _table("words.toml")
_PEOPLE: Final = _table("people.toml")


def _listed(name: str) -> frozenset[str]:
    return frozenset(str(_PEOPLE[name]).split())


def _by_word(name: str) -> dict[str, str]:
    return {word: value for value, words in _PEOPLE[name].items() for word in str(words).split()}


TABLES: Final[dict[str, dict[str, str]]] = {
    slot: _WORDS[slot]
    for slot in (
        "place",
        "furniture",
        "time",
        "weather",
        "framing",
        "camera",
        "mood",
        "music",
        "style",
        "verbs",
        "deeds",
    )
}
"""Slot -> value -> phrases between commas; `verbs` and `deeds` are the two ways to say an action."""
NOTHING: Final[str] = _WORDS["other"]["nothing"]
SHORTHAND: Final[dict[str, tuple[str, str]]] = {
    short: (said.split()[0], said.split()[1]) for short, said in _WORDS["short"].items()
}
SHORT_ANYWHERE: Final = frozenset(str(_WORDS["other"]["any_case"]).split())
BRANDS: Final = frozenset(str(_WORDS["other"]["brands"]).split())
WOMEN: Final = _listed("women")
MEN: Final = _listed("men")
ANYBODY: Final = _listed("anybody")
CALLED_WOMEN: Final = _listed("called_women")
CALLED_MEN: Final = _listed("called_men")
BODY: Final = _listed("body")
ACTORS: Final = _listed("actors")
THINGS: Final = _listed("things")
ADJECTIVES: Final = _listed("adjectives")
CROWDED: Final = _listed("crowded")
EMPTY: Final = _listed("empty")
SEVERAL: Final = _by_word("several")
NUMBERS: Final = _by_word("numbers")
PLURALS: Final[dict[str, str]] = _PEOPLE["plurals"]
IRREGULAR: Final[dict[str, str]] = _WORDS["irregular"]
NOUNS: Final = {word: frozenset(str(before).split()) for word, before in _WORDS["nouns"].items()}
"""Word -> what before it makes a verb of a noun."""
SEPARABLE: Final = {
    tuple(phrase.split()): value for value, said in _WORDS["separable"].items() for phrase in str(said).split(", ")
}
"""(verb, particle) -> action."""


def grammar(name: str) -> frozenset[str]:
    """A list of small words."""
    return frozenset(str(_WORDS["grammar"][name]).split())


ARTICLES: Final = grammar("articles")
INTO_OBJECT: Final = grammar("into_object")
"""What before somebody makes them the object."""
FILLERS: Final = grammar("skipped") | {","}
"""What may stand between somebody and their verb."""
