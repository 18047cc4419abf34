"""A prompt as words: cleaned, cut into clauses, typos mended, what is refused marked, phrases found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from .lexicon import LONGEST, Meaning, known_words, mended, phrases
from .words import SHORT_ANYWHERE, SHORTHAND, grammar

_WORD: Final = re.compile(
    r"\d+mm\b|[mM]?2-?[sS]\b|\d{1,2}(?::\d\d)?[ap]\.?m\b|\d+(?::\d\d)?(?:st|nd|rd|th)?|[^\W\d_]+(?:['.&/-][^\W\d_]+)*|[^\w\s]|\n"
)
_QUOTED: Final = re.compile(r"[\"“«„]([^\"”»“]{1,400})[\"”»“]")
_TRANSLATE: Final = str.maketrans({"’": "'", "‘": "'", "–": "—", "―": "—", "：": ":", "，": ",", "。": ".", "…": "."})
HARD: Final = frozenset(".!?;:—\n|()[]/+*#")
"""What ends a clause and every refusal in it."""
SOFT: Final = grammar("soft")
"""Words that begin another clause."""
_JOINTS: Final = frozenset(["and", "or", "nor"])
_PREPOSITIONS: Final = grammar("prepositions")
_NOT: Final = grammar("not")
_NO: Final = frozenset(["no", "without", "minus", "sans", "zero", "lacking"])
_AWAY: Final = grammar("away")
_NOBODY: Final = frozenset(["nobody", "no-one", "noone", "neither", "none"])


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark.

    Attributes:
        text: Lower case, mended.
        raw: As written.
        clause: Index of its clause, from hard marks and soft words.
        refused: What kind of refusal it lies in: "" none, "not" (a verb or anything), "no" (a noun), "nobody" (only
            what nobody does).
    """

    text: str
    raw: str
    clause: int
    refused: str = ""

    @property
    def is_word(self) -> bool:
        """Whether it is a word, not a mark."""
        return self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: tokens `begin` to `end` and what they say."""

    begin: int
    end: int
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A prompt ready to be read; `mended` are (written, taken for)."""

    tokens: tuple[Token, ...]
    matches: tuple[Match, ...]
    mended: tuple[tuple[str, str], ...] = ()
    quoted: tuple[str, ...] = ()
    names: frozenset[str] = field(default_factory=frozenset)

    def words(self, begin: int, end: int) -> str:
        """Tokens as written."""
        return " ".join(token.raw for token in self.tokens[begin:end])


@lru_cache(maxsize=256)
def text_of(prompt: str) -> Text:
    """Cuts a prompt up."""
    plain = unicodedata.normalize("NFKC", prompt).translate(_TRANSLATE)
    quoted = tuple(match[1] for match in _QUOTED.finditer(plain))
    raws = list(_pieces(_QUOTED.sub(" ", plain)))
    shouted = sum(raw.isupper() and len(raw) > 1 for raw in raws) > 0.6 * max(1, sum(raw[0].isalpha() for raw in raws))
    mends: list[tuple[str, str]] = []
    lower: list[str] = []
    for raw in raws:
        word = raw.lower()
        other = mended(word) if not (raw[0].isupper() and lower and lower[-1] not in HARD) else None
        mends += [(raw, other)] if other else []
        lower.append(other or word)
    clauses = _clauses(lower)
    refused = _refusals(lower)
    tokens = tuple(Token(*four) for four in zip(lower, raws, clauses, refused, strict=True))
    return Text(tokens, tuple(_matches(tokens, shouted)), tuple(mends), quoted)


def _pieces(plain: str) -> Iterator[str]:
    """Words and marks; a hyphen or slash joins only what the tables know joined, an abbreviation keeps no dot."""
    for found in _WORD.finditer(plain):
        word = found[0]
        if word[0].isalpha() and re.search("[-/.&]", word) and not _whole(word):
            yield from (part for part in re.split(r"[-/.&]", word) if part)
        elif word == ".." or word == "-":
            yield "—" if plain[found.start() - 1 : found.end() + 1] == " - " else ","
        else:
            yield word


def _whole(word: str) -> bool:
    lower = word.lower()
    known = lower in known_words() or word.upper() in SHORTHAND
    return known or (lower.count(".") > 0 and len(lower) <= 4) or ("'" in lower and not re.search("[-/]", lower))


def _clauses(words: Sequence[str]) -> list[int]:
    out: list[int] = []
    clause = 0
    for k, word in enumerate(words):
        clause += word in SOFT or (k > 0 and words[k - 1] in HARD)
        out.append(clause)
    return out


def _refusals(words: Sequence[str]) -> list[str]:
    """For every word, the kind of refusal it lies in."""
    out = [""] * len(words)
    for k in range(len(words)):
        kind, reach = _cue(words, k)
        if not kind:
            continue
        for at in range(k + 1, min(len(words), k + 1 + reach)):
            if _ends_refusal(words, k, at, kind):
                break
            out[at] = out[at] or kind
    return out


def _cue(words: Sequence[str], k: int) -> tuple[str, int]:
    """Kind and reach, in words, of the refusal that word `k` begins; ("", 0) where it begins none."""
    word, after = words[k], words[k + 1] if k + 1 < len(words) else "."
    if word in _NO or (word == "free" and after == "of"):
        if after in HARD or after in (",", "matter", "longer", "doubt") or (after == "one" and word == "no"):
            return ("not", 6) if after == "longer" else ("nobody", 6) if after == "one" else ("", 0)
        return "no", 5
    if word in _NOBODY:
        return "nobody", 8
    if word in ("stops", "stop", "stopped", "stopping"):
        return "not", 1
    if word in _NOT:
        return ("", 0) if after in ("only", "just") else ("not", 7)
    if (word == "instead" and after == "of") or (word == "rather" and after == "than"):
        return "no", 6
    if word in _AWAY and word not in ("instead", "rather") and after in ("the", "any", "all", "this", "that", "about"):
        return "no", 5
    return "", 0


def _ends_refusal(words: Sequence[str], cue: int, at: int, kind: str) -> bool:
    word = words[at]
    if word in HARD or word in SOFT or word in ("just", "except", "let's", "we", "use"):
        return True
    if word == ",":
        return not (kind == "no" and _lists(words, at))
    if kind == "no" and word == "and":
        return True
    return kind == "no" and at > cue + 2 and word in _PREPOSITIONS


def _lists(words: Sequence[str], comma: int) -> bool:
    """Whether a comma goes on with what is refused: "no cars, people or dogs"."""
    ahead = list(words[comma + 1 : comma + 5])
    return "or" in ahead and not any(w in HARD or w in (",", "and") for w in ahead[: ahead.index("or")])


def _matches(tokens: Sequence[Token], shouted: bool) -> Iterator[Match]:
    """Phrases, the longest at every place; they do not cross a mark."""
    k = 0
    while k < len(tokens):
        found = _shorthand(tokens, k, shouted) or _phrase(tokens, k)
        if found:
            yield found
        k = found.end if found else k + 1


def _shorthand(tokens: Sequence[Token], k: int, shouted: bool) -> Match | None:
    raw = tokens[k].raw
    meaning = SHORTHAND.get(raw.upper())
    if meaning is None or not (raw.lower() in SHORT_ANYWHERE or (raw == raw.upper() and not shouted)):
        return None
    return Match(k, k + 1, (Meaning(*meaning),))


def _phrase(tokens: Sequence[Token], k: int) -> Match | None:
    table = phrases()
    for length in range(min(LONGEST, len(tokens) - k), 0, -1):
        key = tuple(token.text for token in tokens[k : k + length])
        meanings = table.get(key)
        if meanings is None and length == 1:
            meanings = table.get((key[0].removesuffix("'s"),))
        if meanings is not None:
            return Match(k, k + length, meanings)
    return None


__all__ = ["HARD", "SOFT", "Match", "Text", "Token", "text_of"]
