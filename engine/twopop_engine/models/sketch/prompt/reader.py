"""Free text to slots, each with "unspecified": what was read, from which words, and what it overruled.

Nothing is learnt and nothing is random: phrases are looked up, refusals and corrections are heeded, and where a slot
has several answers the rules below choose, in the open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from ..music import LISTED
from .answer import SLOTS, UNSPECIFIED, Doer, Prompt
from .deeds import company_of
from .lexicon import known_words, phrases
from .people import Company, Entity, is_called
from .tokens import HARD, Match, Text, Token, text_of
from .weighing import WEIGHTS, even
from .words import ANYBODY, BRANDS, MEN, THINGS, WOMEN, grammar


@dataclass(frozen=True, slots=True)
class _Vote:
    """One answer to one slot: where it stands and how much it weighs."""

    value: str
    begin: int
    end: int
    weight: float = 1.0


def read_prompt(prompt: str, names: Sequence[str] = ()) -> Prompt:
    """Reads a prompt; `names` are of the cast. Any text will do; nothing raises."""
    return _read(prompt, tuple(names))


@lru_cache(maxsize=256)
def _read(prompt: str, names: tuple[str, ...]) -> Prompt:
    return _Slots(text_of(prompt), company_of(text_of(prompt), names)).prompt()


class _Slots:
    """The slots of one text."""

    def __init__(self, text: Text, company: Company) -> None:
        self.text, self.tokens, self.company = text, text.tokens, company
        self.slots: dict[str, str] = {}
        self.understood: dict[str, str] = {}
        self.spans: dict[str, tuple[int, int]] = {}
        self.conflicts: list[str] = []
        self.refused: dict[str, str] = {}

    def prompt(self) -> Prompt:
        """All of it."""
        for slot in ("place", "time", "weather", "camera", "mood"):
            self._choose(slot, self._votes(slot))
        self._choose("framing", self._framings())
        self._choose("music", self._music())
        thing = self._thing()
        self._people()
        actions = self._actions()
        return Prompt(
            slots={slot: self.slots.get(slot, UNSPECIFIED) for slot in SLOTS if slot != "action"},
            actions=actions,
            who=self._who(),
            people=tuple(self._doer(entity) for entity in self.company.seen()),
            understood=self.understood,
            conflicts=tuple(self.conflicts),
            refused=self.refused,
            style=next((vote.value for vote in self._votes("style")), UNSPECIFIED),
            thing=thing,
            music=self._music_words(),
            names=self._names(),
            mended=self.text.mended,
            ignored=self._ignored(),
        )

    # -- votes

    def _votes(self, slot: str) -> list[_Vote]:
        votes = [vote for match in self.text.matches for vote in self._vote(slot, match)]
        if slot == "mood":
            votes = sorted([*votes, *self._moods_of_music()], key=lambda vote: vote.begin)
        if slot == "time":
            votes = sorted([*votes, *self._clock_times()], key=lambda vote: vote.begin)
        if slot == "place" and not any(vote.weight > 0.3 for vote in votes):
            votes += [v for match in self.text.matches for v in self._vote("furniture", match)]
        return [vote for vote in votes if vote.weight > 0]

    def _moods_of_music(self) -> Iterator[_Vote]:
        """ "Tense drone": a mood inside of words for music, unless it is a style's own name."""
        for match in self.text.matches:
            if match.end - match.begin == 1 or not any(meaning.slot == "music" for meaning in match.meanings):
                continue
            for k in range(match.begin, match.end):
                for meaning in phrases().get((self.tokens[k].text,), ()):
                    if meaning.slot == "mood" and self.tokens[k].text not in _STYLE_NAMES:
                        yield _Vote(meaning.value, k, k + 1)

    def _clock_times(self) -> Iterator[_Vote]:
        """ "3 am", "5:30pm"."""
        for k, token in enumerate(self.tokens):
            said = token.text + (self.tokens[k + 1].text if k + 1 < len(self.tokens) else "")
            found = re.match(r"(\d{1,2})(?::\d\d)?([ap])\.?m", said)
            if found and 1 <= int(found[1]) <= 12:
                hour = int(found[1]) % 12 + (12 if found[2] == "p" else 0)
                value = next(
                    value
                    for until, value in ((5, "night"), (7, "dawn"), (18, "day"), (20, "dusk"), (24, "night"))
                    if hour < until
                )
                yield _Vote(value, k, k + 1 + (token.text[-1] != "m"))

    def _vote(self, slot: str, match: Match) -> Iterator[_Vote]:
        for meaning in match.meanings:
            if meaning.slot != slot:
                continue
            weight = WEIGHTS.get(slot, even)(self.text, match, meaning.value)
            if weight > 0 and self._is_refused(slot, match):
                self.refused.setdefault(slot, self.text.words(match.begin, match.end))
            else:
                yield _Vote(meaning.value, match.begin, match.end, weight)

    def _is_refused(self, slot: str, match: Match) -> bool:
        kind = self.tokens[match.begin].refused
        if kind == "not" and slot in ("place", "time", "framing"):
            return self.tokens[match.begin - 1].text == "not" or self._after_preposition_after_not(match.begin)
        if kind == "not" and slot == "camera":
            return True
        return kind in ("not", "no")

    def _after_preposition_after_not(self, k: int) -> bool:
        """ "not in the kitchen", but not "it does not rain in the kitchen"."""
        before = [token.text for token in self.tokens[max(0, k - 4) : k]]
        return bool(re.search(r"\bnot (a|an|the|in|at|on)( the| a)?$", " ".join(before)))

    def _choose(self, slot: str, votes: list[_Vote]) -> None:
        if not votes:
            return
        best = self._best(slot, votes)
        if best is None:
            return
        self.slots[slot] = best.value
        self.understood[slot] = self.text.words(best.begin, best.end)
        self.spans[slot] = (best.begin, best.end)
        others = [vote for vote in votes if vote.value != best.value and vote.weight >= best.weight]
        if others and slot in ("time", "weather", "framing", "camera", "music"):
            said = self.text.words(others[0].begin, others[0].end)
            self.conflicts.append(f'{slot}: "{self.understood[slot]}" and "{said}" do not go together: {best.value}')

    def _best(self, slot: str, votes: list[_Vote]) -> _Vote | None:
        if slot == "time" and self._is_span(votes):
            return None
        slug = [vote for vote in votes if self._in_slug(vote)]
        corrected = self._corrected(votes)
        if corrected:
            return corrected
        if slug and slot in ("place", "time"):
            return slug[0] if slot == "place" else slug[-1]
        order = _ORDERS.get(slot)
        most = max(vote.weight for vote in votes)
        strong = [vote for vote in votes if vote.weight >= most - (0.0 if slot == "place" else 0.01)]
        return min(strong, key=lambda vote: order.index(vote.value)) if order else strong[0]

    def _is_span(self, votes: list[_Vote]) -> bool:
        """ "from dusk till dawn", "day turns into night"."""
        for a, b in pairwise(votes):
            between = {token.text for token in self.tokens[a.end : b.begin]}
            if (
                a.value != b.value
                and b.begin - a.end <= 5
                and between & {"to", "till", "until", "into", "becomes", "through"}
            ):
                return True
        return False

    def _corrected(self, votes: list[_Vote]) -> _Vote | None:
        """The answer after the last word of correction, if one came before it."""
        marks = [k for k in range(len(self.tokens)) if self._is_correction(k)]
        for mark in reversed(marks):
            before, after = [v for v in votes if v.begin < mark], [v for v in votes if v.begin > mark]
            if before and after:
                return after[0]
        return None

    def _is_correction(self, k: int) -> bool:
        word = self.tokens[k].text
        after = self.tokens[k + 1].text if k + 1 < len(self.tokens) else ""
        if word == "no" and after in (",", "—", "wait", "sorry", "!", "."):
            return True
        if word in ("actually", "correction", "scratch", "rather", "sorry", "wait") and after != "than":
            return word not in ("wait", "rather") or after in (",", "no", "—")
        if f"{word}+{after}" in _CORRECTIONS:
            return True
        said = {token.text for token in self.tokens[max(0, k - 12) : k]}
        return word in ("but", "now") and bool(said & _TURNED)

    def _in_slug(self, vote: _Vote) -> bool:
        """In a slug line: "INT. KITCHEN - NIGHT"."""
        for k in range(vote.begin - 1, max(-1, vote.begin - 14), -1):
            if self.tokens[k].text in ("int", "ext", "i/e", "interior", "exterior") and self.tokens[k].raw[0].isupper():
                between = [token.text for token in self.tokens[k + 1 : vote.begin]]
                return between.count(".") <= 1 and "\n" not in between
        return False

    # -- framing

    def _framings(self) -> list[_Vote]:
        votes = [vote for vote in self._votes("framing") if not self._own_shoulder(vote)]
        votes += [_Vote("close", k, k + 1) for k in range(len(self.tokens)) if self._close_alone(k)]
        votes += [vote for k in range(len(self.tokens)) for vote in self._somebodys_shoulder(k)]
        for k, vote in enumerate(votes):
            if vote.value == "close" and (self._object_after(vote) or self._nobody_to_be_close_to()):
                votes[k] = _Vote("insert", vote.begin, vote.end, vote.weight)
        return votes

    def _nobody_to_be_close_to(self) -> bool:
        """ "Frying pan on the stove, close.": a close picture in a text without a person is of a thing."""
        company = self.company
        things = any(token.text in THINGS for token in self.tokens)
        return things and not (company.seen() or company.body or company.verbs or company.crowded)

    def _somebodys_shoulder(self, k: int) -> Iterator[_Vote]:
        """ "Over the old man's shoulder": where the camera is, unless somebody looks or leans there."""
        words = [token.text for token in self.tokens[max(0, k - 5) : k + 1]]
        if words[-1] not in ("shoulder", "shoulders") or len(words) < 3 or not words[-2].endswith(("'s", "s'")):
            return
        for back, word in enumerate(reversed(words[:-2]), 2):
            if word in ("over", "past", "across"):
                begin = k - back
                doing = self.tokens[begin - 1].text if begin else "."
                if not any(m.begin < begin <= m.end for m in self._deeds()) and doing != "arm":
                    yield _Vote("over_shoulder", begin, k + 1)
                return
            if word in HARD or word == ",":
                return

    def _deeds(self) -> Iterator[Match]:
        return (match for match in self.text.matches if any(meaning.slot == "action" for meaning in match.meanings))

    def _own_shoulder(self, vote: _Vote) -> bool:
        """ "Looks back over her shoulder" is no framing."""
        before = {token.text for token in self.tokens[max(0, vote.begin - 3) : vote.begin]}
        return (
            vote.value == "over_shoulder"
            and self.tokens[vote.begin + 1].text in ("her", "his", "their")
            and bool(before & _SLUNG)
        )

    def _close_alone(self, k: int) -> bool:
        """ "Close." between two marks."""
        marks = HARD | {",", ""}
        beside = [self.tokens[j].text if 0 <= j < len(self.tokens) else "" for j in (k - 1, k + 1)]
        return self.tokens[k].text == "close" and all(word in marks for word in beside)

    def _object_after(self, vote: _Vote) -> str:
        """The thing a close picture is of: "close-up of a coin", not "close-up of her eyes"."""
        joined = [
            k
            for k in range(vote.end, min(vote.end + 3, len(self.tokens)))
            if self.tokens[k].text in ("of", "on", "shot", ":", ",")
        ]
        on = self.text.words(vote.begin, vote.end).lower().split()[-1] == "on"
        if not joined and not on:
            return ""
        k = (joined[-1] + 1) if joined else vote.end
        linked = on or any(self.tokens[j].text in ("of", "on") for j in joined)
        while k < len(self.tokens) and self.tokens[k].text in _BEFORE_OBJECT:
            k += 1
            linked = True
        if not linked or k >= len(self.tokens) or self._mentions_somebody(k):
            return ""
        noun = self._head_noun(k)
        return "" if noun in _NOT_OBJECTS else noun

    def _mentions_somebody(self, k: int) -> bool:
        """Whether a person, a name or a part of a body stands within the next words."""
        for j in range(k, min(k + 5, len(self.tokens))):
            token = self.tokens[j]
            word = token.text.removesuffix("'s")
            if token.text in HARD or token.text in _AFTER_OBJECT:
                return False
            single = word[:-1] if word.endswith("s") else word
            if {word, single} & (WOMEN | MEN | ANYBODY | _PARTS) or any(
                e.begin <= j < e.end for e in self.company.entities
            ):
                return True
            if token.raw[0].isupper() and len(token.raw) > 1 and j > 0 and self.tokens[j - 1].text not in HARD:
                return True
        return False

    def _head_noun(self, k: int) -> str:
        """The last word of the noun phrase at `k`."""
        noun = ""
        for token in self.tokens[k : k + 4]:
            if not token.is_word or token.text in _STOP or (noun and re.search("(ing|ed)$|[^s]s$", token.text)):
                break
            noun = token.text
        return noun

    def _thing(self) -> str:
        """What an insert or a close picture is of."""
        for vote in self._votes("framing"):
            if vote.value in ("insert", "close"):
                found = self._object_after(vote) or self._close_on(vote.end)
                if found:
                    return found
        return ""

    def _close_on(self, k: int) -> str:
        """Hands and the like, or the noun after "insert of"."""
        while k < len(self.tokens) and self.tokens[k].text in _BEFORE_CLOSE:
            k += 1
        if k >= len(self.tokens):
            return ""
        word = self.tokens[k].text
        if word in ("hands", "hand", "fingers", "palms", "feet", "shoes", "boots", "fingertips"):
            return word
        insert = self.slots.get("framing") == "insert"
        return self._head_noun(k) if insert and not self._mentions_somebody(k) else ""

    # -- music

    def _music(self) -> list[_Vote]:
        votes = [vote for vote in self._votes("music") if not self._is_a_beat_to_keep(vote)]
        refused = self.refused.get("music")
        named = [vote for vote in votes if vote.value != "some"]
        if refused and not named:
            self.refused.pop("music")
            return [_Vote("none", *self._span_of(refused))]
        if self._says_music_off():
            return [_Vote("none", votes[0].begin, votes[0].end)]
        return named or votes

    def _is_a_beat_to_keep(self, vote: _Vote) -> bool:
        """ "Walks to the beat" is a way of walking."""
        before = [token.text for token in self.tokens[max(0, vote.begin - 2) : vote.begin]]
        kept = self.tokens[vote.begin].text in ("beat", "rhythm") and vote.end == vote.begin + 1
        return kept and (before[-1:] == ["on"] or before[-1:] in (["the"], ["its"], ["every"]))

    def _music_words(self) -> str:
        """The words about the music that is there, around the one that says so: "soft, slow jazz, 92 bpm"."""
        if self.slots.get("music", "none") == "none":
            return ""
        begin, end = self.spans["music"]
        while begin and (self._of_music(begin - 1) or self._joins(begin - 1, begin - 2)):
            begin -= 1
        while end < len(self.tokens) and (self._of_music(end) or self._joins(end, end + 1)):
            end += 1
        return self.text.words(begin, end)

    def _of_music(self, k: int) -> bool:
        word, after = self.tokens[k].text, self.tokens[k + 1].text if k + 1 < len(self.tokens) else ""
        key = word in "abcdefg" and after in ("major", "minor", "sharp", "flat")
        return word in _OF_MUSIC or key or bool(re.fullmatch(r"\d+(bpm)?", word))

    def _joins(self, k: int, beyond: int) -> bool:
        """A comma or "and" between two words about music."""
        inside = 0 <= k < len(self.tokens) and 0 <= beyond < len(self.tokens)
        return inside and self.tokens[k].text in (",", "and", "at", "in", "with") and self._of_music(beyond)

    def _says_music_off(self) -> bool:
        said = " ".join(token.text for token in self.tokens)
        return bool(
            re.search(
                r"\b(music|score|soundtrack) ?[:,—]? ?(none|off|no)\b|\b(cut|kill|mute|drop) the (music|score)\b", said
            )
        )

    def _span_of(self, words: str) -> tuple[int, int]:
        first = words.split()[0]
        k = next(k for k, token in enumerate(self.tokens) if token.raw == first)
        return k, k + len(words.split())

    # -- people and what they do

    def _people(self) -> None:
        seen = self.company.seen()
        if self.company.nobody and all(entity.actor for entity in seen):
            seen = []
        total = sum(3 if entity.count == "many" else int(entity.count) for entity in seen)
        words = ", ".join(dict.fromkeys(self.text.words(e.begin, e.end) for e in seen if e.end))
        if self.company.crowded and total < 3:
            total, words = 3, self.company.crowded
        if self.slots.get("framing") in ("two_shot", "over_shoulder") and total < 2:
            total, words = 2, self.understood["framing"]
        if not total and self.company.body:
            total, words = 1, self.company.body
        if not total and not self.company.nobody and self.company.verbs and not seen:
            total, words = 1, self.tokens[self.company.verbs[0][0]].raw
        if total:
            self.slots["people"] = "many" if total > 2 else str(total)
            self.understood["people"] = words
        elif self.company.nobody:
            self.slots["people"], self.understood["people"] = "0", self.company.nobody

    def _actions(self) -> tuple[str, ...]:
        if self.slots.get("people") == "0":
            return ("none",)
        values = sorted({value for _, _, value in self.company.verbs})
        if values:
            said = (self.text.words(a, b) for a, b, _ in self.company.verbs)
            self.understood["action"] = ", ".join(dict.fromkeys(said))
        return tuple(values)

    def _who(self) -> dict[str, list[str]]:
        """What the woman and the man do, where there is one of each."""
        out: dict[str, list[str]] = {}
        for entity in self.company.entities:
            if entity.kind and not entity.actor:
                out[entity.kind] = sorted({*out.get(entity.kind, []), *entity.doing})
        return {kind: doing or ["none"] for kind, doing in out.items()} if len(out) == 2 else {}

    def _doer(self, entity: Entity) -> Doer:
        return Doer(
            words=self.text.words(entity.begin, entity.end),
            kind=entity.kind,
            count=entity.count,
            name=self.tokens[entity.end - 1].raw.removesuffix("'s") if entity.name else "",
            doing=tuple(sorted(entity.doing)),
            about=" ".join(
                token.raw
                for token, told in zip(self.tokens, self.company.told, strict=False)
                if any(one is entity for one in told)
            ),
        )

    # -- the rest

    def _names(self) -> tuple[str, ...]:
        """Brands, and full names of people."""
        out: list[str] = [
            token.raw for token in self.tokens if token.text.removesuffix("'s") in BRANDS and token.raw[0].isupper()
        ]
        for a, b in pairwise(self.tokens):
            names = [e for e in self.company.entities if e.name]
            first = is_called(a.raw) or any(self.tokens[e.end - 1] is a for e in names)
            known = any(self.tokens[e.end - 1] in (a, b) for e in names)
            named = first and known and a.raw[0].isupper() and b.raw.istitle() and b.text not in ANYBODY
            if named or (a.raw not in out and all(self._is_nowhere(token) for token in (a, b))):
                out.append(f"{a.raw} {b.raw}")
        return tuple(dict.fromkeys(out))

    def _is_nowhere(self, token: Token) -> bool:
        """Whether a capitalised word is in no table: two of them in a row are called so, but in a title."""
        words = [other.raw[0] for other in self.tokens if len(other.text) > 3 and other.text in known_words()]
        titled = len(words) > 1 and sum(letter.isupper() for letter in words) > len(words) / 2
        own = token.text.removesuffix("'s")
        return token.raw.removesuffix("'s").istitle() and len(own) > 2 and not titled and own not in known_words()

    def _ignored(self) -> tuple[str, ...]:
        used = {k for match in self.text.matches if match.meanings for k in range(match.begin, match.end)}
        used |= {k for entity in self.company.entities for k in range(entity.begin, entity.end)}
        used |= {k for k, token in enumerate(self.tokens) if token.refused or token.text in _STOP}
        said = set(" ".join(self.understood.values()).split())
        left = [
            token.raw
            for k, token in enumerate(self.tokens)
            if k not in used and token.is_word and len(token.text) > 2 and token.raw not in said
        ]
        return tuple(dict.fromkeys(left))


_ORDERS: Final = {
    "weather": ("storm", "snow", "rain", "fog", "wind", "clear"),
    "framing": ("two_shot", "over_shoulder", "insert", "medium_close", "close", "full", "medium", "wide"),
    "camera": ("handheld", "push", "pull", "pan", "dolly", "static"),
}
"""Where several answers weigh the same, the first of these wins; elsewhere the first in the text."""
_BEFORE_OBJECT: Final = grammar("before_object")
_BEFORE_CLOSE: Final = grammar("before_close")
_AFTER_OBJECT: Final = grammar("after_object")
_CORRECTIONS: Final = grammar("corrections")
_TURNED: Final = grammar("turned")
"""Before a "but", words for a plan that is given up."""
_STYLE_NAMES: Final = grammar("style_names")
"""What a style of music is called tells no mood: "suspense score"."""
_OF_MUSIC: Final = LISTED | {"bpm", "major", "minor", "sharp", "flat", "music", "very", "some"}
_STOP: Final = grammar("stop")
_SLUNG: Final = grammar("slung")
"""Before "over her shoulder", words that make it her own."""
_PARTS: Final = grammar("parts")
_NOT_OBJECTS: Final = grammar("not_objects") | {""}
