"""Who is seen, and who does what: people as they come up in the text, and the verbs told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ..persons import PRESETS
from ..voices import is_first_name, is_woman
from .lexicon import forms_of
from .tokens import HARD, SOFT, Text, Token
from .words import (
    ACTORS,
    ADJECTIVES,
    ANYBODY,
    ARTICLES,
    BODY,
    CALLED_MEN,
    CALLED_WOMEN,
    CROWDED,
    EMPTY,
    FILLERS,
    INTO_OBJECT,
    MEN,
    NUMBERS,
    PLURALS,
    SEVERAL,
    SHORTHAND,
    THINGS,
    WOMEN,
    grammar,
)

_SHE: Final = frozenset(["she", "her", "hers", "herself", "she's", "she'll"])
_HE: Final = frozenset(["he", "him", "his", "himself", "he's", "he'll"])
_THEY: Final = grammar("they")
_NOT_SEEN: Final = grammar("not_seen")
_DESCRIBED: Final = grammar("described")
"""What "guest", "chef" or "police" only describe."""


@dataclass(slots=True)
class Entity:
    """Somebody, or several.

    Attributes:
        head: The noun or name.
        kind: "woman", "man" or "".
        count: "1", "2" or "many".
        begin, end: Tokens of the first mention.
        name: Whether the head is a name.
        seen: False for one who is only spoken of, or a part of a counted group.
        actor: A being that is no person.
        uncounted: A plural without a number.
        doing: Values of `action`.
    """

    head: str
    kind: str
    count: str
    begin: int
    end: int
    name: bool = False
    seen: bool = True
    actor: bool = False
    uncounted: bool = False
    doing: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Company:
    """Everyone in a prompt and what they do.

    Attributes:
        entities: Everyone, as they come up.
        verbs: (first token, token after the last, value) of every action that counts.
        told: Of every token, whom it is told of.
        nobody, crowded, body: Words that say so.
    """

    entities: list[Entity] = field(default_factory=list[Entity])
    told: list[tuple[Entity, ...]] = field(default_factory=list[tuple[Entity, ...]])
    verbs: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])
    nobody: str = ""
    crowded: str = ""
    body: str = ""

    def seen(self) -> list[Entity]:
        """Those in the picture; beings only where there is no person."""
        people = [entity for entity in self.entities if entity.seen and not entity.actor]
        return people or [entity for entity in self.entities if entity.seen and entity.doing]


class Mentions:
    """Takes up who is mentioned, word by word: `subject` and `objects` are whom a verb would be told of."""

    def __init__(self, text: Text, names: Sequence[str]) -> None:
        self.text, self.tokens = text, text.tokens
        self.names = {name.lower(): name for name in names}
        self.out = Company()
        self.subject: list[Entity] = []
        self.objects: list[Entity] = []
        self.verb_at = -9
        self.last: Entity | None = None
        self.matches = {match.begin: match for match in text.matches}

    # -- nobody and everybody

    def _emptiness(self, k: int) -> bool:
        token = self.tokens[k]
        word, after = token.text, self.tokens[k + 1].text if k + 1 < len(self.tokens) else ""
        if word in CROWDED and not token.refused:
            self.out.crowded = self.out.crowded or token.raw
            return word in ("crowded", "packed", "bustling")
        if word in ("nobody", "no-one", "noone") or (word == "no" and after == "one"):
            beside = self.tokens[k + 1 + (after == "one")].text if k + 1 + (after == "one") < len(self.tokens) else ""
            if beside != "else":
                self.out.nobody = self.out.nobody or token.raw
            self.subject = []
            return True
        if word in EMPTY and not token.refused and after not in _STILL_SOMETHING:
            self.out.nobody = self.out.nobody or token.raw
            return True
        if word == "nothing" and after in ("but", "else", "except"):
            self.out.nobody = self.out.nobody or token.raw
        begins = k == 0 or self.tokens[k - 1].text in HARD or self.tokens[k - 1].text == ","
        if word in ("just", "only") and begins and after in _NATURE:  # "just clouds"
            self.out.nobody = self.out.nobody or token.raw
        return False

    # -- people

    def _person(self, k: int) -> int:
        """Takes up a person mentioned at word `k`; where the mention ends, 0 where there is none."""
        token = self.tokens[k]
        if token.text in _SHE or token.text in _HE:
            return self._pronoun(k)
        if token.text in _THEY and token.text not in ("their", "each"):
            return self._they(k)
        if self._member(k):
            return k + 1
        noun = None if self._names_a_picture(k) else self._noun(token, k)
        if noun is None:
            if token.text in BODY and not self._inside_phrase(k):
                self.out.body = self.out.body or token.text
            return 0
        head, kind, count, name = noun
        if self._compound(k):
            return 0
        if token.refused == "no" or (
            token.refused == "not" and token.text in ("anyone", "anybody", "people", "person", "soul")
        ):
            self.out.nobody = self.out.nobody or token.raw
            return k + 1
        entity = self._found(k, head, kind, count, name)
        self._takes_part(k, entity)
        return k + 1

    def _member(self, k: int) -> bool:
        """ "One sits, the other stands": somebody of a group, or of two."""
        word = self.tokens[k].text
        if word not in ("one", "other", "first", "second", "others", "former", "latter") or not self._acts(
            self._next_word(k + 1)
        ):
            return False
        if not self._groups() and len(self.out.entities) < 2:
            return False
        others = [entity for entity in self.out.entities if entity not in self.subject and entity.count == "1"]
        member = Entity(word, "", "1", k, k + 1, seen=False)
        if not self._groups() and others:
            member = others[-1]
        else:
            self.out.entities.append(member)
        self.subject, self.last = [member], member
        return True

    def _are_two(self) -> None:
        """ "One points, the other grins": a plural that nobody counted was two."""
        uncounted = [entity for entity in self._groups() if entity.uncounted]
        if len(uncounted) == 1:
            uncounted[0].count = "2"

    def _is_faced(self, k: int) -> bool:
        """Whether who is mentioned at word `k` is whom a verb of another turns to."""
        return k > 1 and self.tokens[k - 1].text in ("at", "to", "with", "toward", "towards", "for", "beside")

    def _names_a_picture(self, k: int) -> bool:
        """ "Cowboy shot", "full figure", "hero shot", "big band": people only in name."""
        after = self.tokens[k + 1].text if k + 1 < len(self.tokens) else ""
        if self.tokens[k].text == "hero" and after in ("shot", "frame", "image"):
            return True
        return any(
            meaning.slot in ("framing", "music")
            for match in self.text.matches
            if match.begin <= k < match.end and match.end - match.begin > 1
            for meaning in match.meanings
        )

    def _inside_phrase(self, k: int) -> bool:
        return any(match.begin <= k < match.end and match.end - match.begin > 1 for match in self.text.matches)

    def _noun(self, token: Token, k: int) -> tuple[str, str, str, bool] | None:
        """Head, kind, number and whether it is a name."""
        word = token.text.removesuffix("'s").removesuffix("'")
        if token.text in ("anyone", "anybody", "soul") and token.refused:
            return "anyone", "", "1", False
        if word in self.names or self._is_name(k):
            return word, _gender(word), "1", True
        if word in SEVERAL:
            return word, "", SEVERAL[word], False
        base = PLURALS.get(word, word)
        for form, plural in ((base, base != word), (word[:-1] if word.endswith("s") else "", True)):
            if form in WOMEN or form in MEN or form in ANYBODY or form in ACTORS:
                kind = "woman" if form in WOMEN else "man" if form in MEN else ""
                return form, kind, "plural" if plural and token.text == word else "1", False
        return None

    def _is_name(self, k: int) -> bool:
        """A capitalised word that no table knows, where only a name would stand."""
        raw = self.tokens[k].raw.removesuffix("'s")
        if not raw[0].isupper() or len(raw) < 2 or k in self.matches:
            return False
        return is_called(raw) or self._acts_like_a_name(k)

    def _acts_like_a_name(self, k: int) -> bool:
        """An unknown capitalised word before a verb."""
        if _known_noun(self.tokens[k].text):
            return False
        if self._shouted(k) and self._inflected(k + 1):
            return True  # as scripts write them: "RAJ stirs"
        after = self.matches.get(k + 1)
        return bool(after and any(m.slot == "action" and m.form == "s" for m in after.meanings)) and (
            k == 0 or self.tokens[k - 1].text not in ARTICLES
        )

    def _compound(self, k: int) -> bool:
        """A person's word that only describes another noun: "chef hat", "police officer", "guest room"."""
        if k + 1 >= len(self.tokens):
            return False
        after = self.tokens[k + 1].text
        if self.tokens[k].text.endswith("'s"):
            return False
        if after in _DESCRIBED:
            return True
        return self._noun(self.tokens[k + 1], k + 1) is not None and not self.tokens[k + 1].text.endswith("'s")

    def _found(self, k: int, head: str, kind: str, count: str, name: bool) -> Entity:
        """The entity a noun stands for: somebody known, or somebody new."""
        begin, before, number = self._phrase_start(k)
        if number == "" and count == "1" and "few" in [self.tokens[j].text for j in range(begin, k)]:
            number = "many"
        known = self._known(head, kind, before, number, name)
        if known is not None and known.head != head and known in self.subject and self._is_faced(begin):
            known = None  # "the barista smiles at the girl": nobody smiles at herself
        if known is not None and count != "plural":
            known.kind = known.kind or kind
            return known
        if count == "plural":
            number = number if number in ("2", "many") else "1" if number == "1" and before == "one" else ""
            if before in ("the", "these", "those") and not number:
                same = [entity for entity in self.out.entities if entity.head == head]
                if same and (len(same) > 1 or same[0].count != "1"):
                    return same[0]
            count = number or "many"
        elif count in ("2", "many"):
            count = number if number in ("2", "many") and before not in ("a", "an", "another") else count
            of = self.tokens[k + 1].text == "of" if k + 1 < len(self.tokens) else False
            if of and count == "2":  # a couple of cups; of a couple of friends, the friends are counted
                return Entity(head, "", "1", begin, k + 1, seen=False)
            earlier = self._members(count)
            if earlier and number == "" and before in ("", "the", "this"):
                return earlier
        elif number in ("2", "many") and count == "1":
            count = number
        entity = Entity(head, kind, count, begin, k + 1, name, actor=head in ACTORS)
        entity.uncounted = count == "many" and not number
        entity.seen = not self._only_spoken_of(begin, head)
        if self._part_of(k, before, head):
            entity.seen = False
        self.out.entities.append(entity)
        return entity

    def _members(self, count: str) -> Entity | None:
        """People named one by one before "the couple" or "the group"."""
        seen = [entity for entity in self.out.entities if entity.seen and not entity.actor]
        enough = sum(3 if entity.count == "many" else int(entity.count) for entity in seen)
        return seen[-1] if seen and enough >= (2 if count == "2" else 3) else None

    def _phrase_start(self, k: int) -> tuple[int, str, str]:
        """Where the noun phrase that ends at `k` begins, its article, its number."""
        article, number, j = "", "", k - 1
        while j >= 0 and k - j <= 5:
            word = self.tokens[j].text
            if word in NUMBERS or word in ARTICLES or word.endswith("'s"):
                number = number or NUMBERS.get(word, "")
                article = word
                j -= 1
                if word in ARTICLES and not number:
                    break
                continue
            if word == "of" and j > 0 and self.tokens[j - 1].text in _GROUPS_OF:
                number, j = ("2" if self.tokens[j - 1].text in ("couple", "pair") else "many"), j - 2
                continue
            if (
                word in ADJECTIVES
                or word.endswith(("ed", "ish"))
                or (word in ("-", "year", "old", "other", "of", "them") and word != "of")
            ):
                j -= 1
                continue
            break
        return j + 1, article, number

    def _known(self, head: str, kind: str, article: str, number: str, name: bool) -> Entity | None:
        """Somebody already met who is meant again."""
        indefinite = article in ("a", "an", "another", "one") or number in ("2", "many")
        if indefinite and not (article == "one" and self._groups()):
            return None
        for entity in reversed(self.out.entities):
            if entity.head == head and entity.name == name:
                return entity
        if name or article not in ("the", "this", "that"):
            return None
        generic = head in _GENERIC
        fits = [
            e
            for e in self.out.entities
            if e.count == "1"
            and (not e.kind or not kind or e.kind == kind)
            and not e.actor
            and _of_an_age(head, e.head)
        ]
        if generic and fits:
            return fits[-1]
        return None

    def _groups(self) -> list[Entity]:
        return [entity for entity in self.out.entities if entity.count in ("2", "many")]

    def _part_of(self, k: int, article: str, head: str) -> bool:
        """One of a counted group, not somebody more: "two friends, one sits"."""
        return bool(self._groups()) and head in ("one", "other", "others")

    def _only_spoken_of(self, begin: int, head: str) -> bool:
        """In a photo, in a thought, on the phone: not in the picture."""
        before = [token.text for token in self.tokens[max(0, begin - 2) : begin]]
        if len(before) == 2 and before[1] in ("of", "from", "for", "about") and before[0] in _NOT_SEEN:
            return True
        return bool(before) and before[-1] in ("without", "about")

    def _pronoun(self, k: int) -> int:
        word = self.tokens[k].text
        kind = "woman" if word in _SHE else "man"
        entity = self._resolved(kind)
        possessive = word == "his" or (word == "her" and not self._ends_phrase(k))
        if entity is None:
            entity = Entity("she" if kind == "woman" else "he", kind, "1", k, k + 1)
            self.out.entities.append(entity)
        if not possessive:
            self._takes_part(k, entity)
        return k + 1

    def _ends_phrase(self, k: int) -> bool:
        """Whether "her" stands alone as an object."""
        if k + 1 >= len(self.tokens):
            return True
        if k and self.tokens[k - 1].text in _SEEING and self._acts(k + 1):
            return True  # "we see her put it back"
        after = self.tokens[k + 1].text
        return (
            not after[0].isalnum()
            or after in SOFT
            or after in INTO_OBJECT
            or after in ("and", "in", "on", "into", "who")
            or after in FILLERS
        )

    def _resolved(self, kind: str) -> Entity | None:
        """Whom she or he is."""
        alone = [e for e in self.out.entities if e.count == "1" and e.seen]
        same = [e for e in alone if e.kind == kind]
        if same:
            return next((e for e in self.subject if e in same), same[-1])
        open_ = [e for e in alone if not e.kind]
        if open_:
            chosen = next((e for e in self.subject if e in open_), open_[0])
            chosen.kind = kind
            return chosen
        if self._groups():
            member = Entity("one", kind, "1", 0, 0, seen=False)
            self.out.entities.append(member)
            return member
        return None

    def _they(self, k: int) -> int:
        everyone = [e for e in self.out.entities if e.seen]
        if not everyone and k and self.tokens[k - 1].text == "of":
            return k + 1  # "doors, one of them ajar"
        if not everyone and {token.text for token in self.tokens[k + 1 : k + 7]} & {"shoot", "film", "shot", "filmed"}:
            return k + 1  # who makes the picture
        if not everyone and self.tokens[k].text != "both":
            everyone = [Entity("they", "", "2", k, k + 1)]
            self.out.entities += everyone
        if self.tokens[k].text in ("they", "both", "they're"):
            self.subject = everyone
        return k + 1

    def _takes_part(self, k: int, entity: Entity) -> None:
        """Makes a mention the subject, or the object of the verb before it."""
        begin = self._phrase_start(k)[0]
        before = self.tokens[begin - 1].text if begin else "."
        after = self._next_word(k + 1)
        self.last = entity
        joined = before in ("and", "&", "+") and begin >= 2 and self._is_mention(begin - 2)
        if joined:
            self.subject = [*self.subject, entity] if entity not in self.subject else self.subject
        elif self._acts(after) or self._leads(k, before, entity):
            self.subject = [entity]
        elif before in INTO_OBJECT or 0 < k - self.verb_at <= 5:
            self.objects = [entity]
            if not self.subject:
                self.subject = [entity]
        else:
            self.subject = [entity]

    def _is_mention(self, k: int) -> bool:
        token = self.tokens[k]
        return token.text in _SHE | _HE or self._noun(token, k) is not None

    def _next_word(self, k: int) -> int:
        while k < len(self.tokens) and self._is_filler(self.tokens[k].text, {",", "and", "or", "to"}):
            k += 1
        return k

    def _is_filler(self, word: str, but: set[str]) -> bool:
        return (word in FILLERS and word not in but) or word.endswith("ly")

    def _shouted(self, k: int) -> bool:
        """A word in capitals that is no short form, before one in small letters."""
        raw, after = self.tokens[k].raw, self.tokens[k + 1].raw if k + 1 < len(self.tokens) else ""
        return raw.isupper() and len(raw) > 2 and raw not in SHORTHAND and after.islower()

    def _leads(self, k: int, before: str, entity: Entity) -> bool:
        """Whether a mention begins something new: "he", "while a man", ", MARA knocks"."""
        nominative = self.tokens[k].text in ("he", "she") or before in SOFT
        return nominative or (before == "," and entity.name and self._inflected(k + 1))

    def _inflected(self, k: int) -> bool:
        """Whether a word looks like a verb of somebody: "knocks", in "..., MARA knocks"."""
        word = self.tokens[k].text if k < len(self.tokens) else ""
        return word.endswith("s") and not word.endswith(("ss", "'s")) and not _known_noun(word)

    def _acts(self, k: int) -> bool:
        match = self.matches.get(k)
        return bool(match and any(m.slot == "action" and m.form in ("s", "", "ed") for m in match.meanings))


def is_called(word: str) -> bool:
    """Whether somebody may be called so."""
    lower = word.lower()
    return is_first_name(lower) or lower in PRESETS or lower in CALLED_WOMEN or lower in CALLED_MEN


def _gender(name: str) -> str:
    woman = True if name in CALLED_WOMEN else False if name in CALLED_MEN else is_woman(name)
    return "" if woman is None else "woman" if woman else "man"


def _of_an_age(head: str, other: str) -> bool:
    """Whether two nouns may be of one person: the boy is not dad, the man not the boy."""
    return not ((head in _YOUNG and other in _GROWN) or (head in _GROWN and other in _YOUNG))


def _known_noun(word: str) -> bool:
    return (
        word in THINGS
        or word in BODY
        or word in FILLERS
        or word in ADJECTIVES
        or word in NUMBERS
        or word in CROWDED
        or word in EMPTY
    )


_STILL_SOMETHING: Final = grammar("still_something")
"""An empty glass is not an empty place."""
_GROUPS_OF: Final = grammar("groups_of")
_GENERIC: Final = grammar("generic")
"""What anybody may be called once they are known."""
_YOUNG: Final = grammar("young")
_GROWN: Final = grammar("grown")
_NATURE: Final = grammar("nature")
_SEEING: Final = frozenset(form for verb in grammar("seeing") for form, _ in forms_of(verb))
"""What makes "her" before a verb the one who does it."""


__all__ = ["Company", "Entity", "Mentions", "is_called"]
