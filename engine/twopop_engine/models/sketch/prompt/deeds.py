"""What people are told to do: the verbs of a text, and to whom each belongs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .lexicon import Meaning, forms_of
from .people import Company, Entity, Mentions
from .tokens import HARD, SOFT, Match, Text, Token
from .words import ADJECTIVES, ARTICLES, BODY, INTO_OBJECT, NOUNS, NUMBERS, SEPARABLE, THINGS, grammar


def company_of(text: Text, names: Sequence[str] = ()) -> Company:
    """Reads the people of a text; `names` are of the cast."""
    return _Reader(text, names).read()


class _Reader(Mentions):
    """Goes through the words once, knowing at every verb who it is told of."""

    def read(self) -> Company:
        k = 0
        while k < len(self.tokens):
            following = max(k + 1, self._step(k))
            self.out.told += [tuple(self.subject)] * (following - k)
            k = following
        if self._one_and_the_other():
            self._are_two()
        return self.out

    def _one_and_the_other(self) -> bool:
        """ "One points, the other grins"."""
        words = [token.text for token in self.tokens]
        return any(
            words[k - 1 : k + 1] == ["the", "other"] and "one" in words[: k - 1] and words[k + 1].endswith("s")
            for k in range(2, len(words) - 1)
        )

    def _step(self, k: int) -> int:
        """Reads what begins at word `k`; where to go on."""
        token, match = self.tokens[k], self.matches.get(k)
        if token.text in HARD:
            self.verb_at = -9
            return k + 1
        if self._emptiness(k):
            return k + 1
        entity_end = self._person(k)
        if entity_end:
            return entity_end
        action = match and next((meaning for meaning in match.meanings if meaning.slot == "action"), None)
        if match and action:
            return self._verb(k, match, action)
        if match is None and token.text in _BASES:  # "slams the cup down"
            alone = Match(k, k + 1, ())
            parted = self._separated(k, alone, Meaning("", "", "s" if token.text.endswith("s") else ""))
            if parted.slot == "action":
                return self._verb(k, alone, parted)
        return k + 1

    def _found(self, k: int, head: str, kind: str, count: str, name: bool) -> Entity:
        """The entity a noun stands for; the same words once more are the same person, not a crowd of them."""
        again = self._phrase(self._phrase_start(k)[0], k + 1)
        same = (one for one in self.out.entities if one.head == head and one.end <= k)
        said = next((one for one in same if count == "1" and self._phrase(one.begin, one.end) == again), None)
        return said or super()._found(k, head, kind, count, name)

    def _noun(self, token: Token, k: int) -> tuple[str, str, str, bool] | None:
        """What follows "who" is what they do: no count is one "who counts coins"."""
        return None if k and self.tokens[k - 1].text == "who" else super()._noun(token, k)

    def _phrase(self, begin: int, end: int) -> list[str]:
        """A noun phrase and what follows it."""
        return [token.text for token in self.tokens[begin : end + _FOLLOWING]]

    # -- verbs

    def _verb(self, k: int, match: Match, meaning: Meaning) -> int:
        end = match.end
        meaning = self._separated(k, match, meaning)
        if not self._counts(k, match, meaning):
            return end
        self.verb_at = k
        if meaning.value != "look" and end < len(self.tokens) and self.tokens[end].text == "nothing":
            return end  # "says nothing"
        if self.tokens[k].refused in ("not", "nobody") or (self.tokens[k].refused and meaning.form != "noun"):
            return end
        doers = self._doers(k, meaning)
        if doers is None:
            return end
        self.out.verbs.append((k, end, meaning.value))
        for entity in doers:
            if meaning.value not in entity.doing:
                entity.doing.append(meaning.value)
        return end

    def _separated(self, k: int, match: Match, meaning: Meaning) -> Meaning:
        """A verb whose particle comes later: "sets the tray down"; and whoever drops onto a seat sits."""
        base = _BASES.get(self.tokens[k].text)
        if (
            meaning.value == "put_down"
            and self.tokens[match.end - 1].text in ("onto", "into")
            and self._seat(match.end)
        ):
            return Meaning("action", "sit", meaning.form)
        if match.end != k + 1 or base is None:
            return meaning
        for j in range(k + 2, min(k + 7, len(self.tokens))):
            word = self.tokens[j].text
            if word in HARD or word in SOFT or word in (",", "and"):
                break
            if (base, word) in SEPARABLE:
                return Meaning("action", SEPARABLE[base, word], meaning.form)
        return meaning

    def _seat(self, k: int) -> bool:
        """Whether the noun phrase at `k` is something to sit on."""
        while k < len(self.tokens) and self.tokens[k].text in ARTICLES | ADJECTIVES:
            k += 1
        return k < len(self.tokens) and self.tokens[k].text in _SEATS

    def _counts(self, k: int, match: Match, meaning: Meaning) -> bool:
        """Whether the word is a verb here and not a noun, an adjective or somebody else's."""
        word, one = self.tokens[k].text, match.end == k + 1
        before = self.tokens[k - 1].text if k else "."
        if meaning.form == "noun":
            return not self.tokens[k].refused
        if self._is_told(k, before):
            return False
        if meaning.value in ("pick_up", "put_down") and self._of_the_body(match.end):
            return False
        if one and before == "one" and self.last is not None and self.last.begin == k - 1:
            return True
        if one and word == "waves" and before in ("and", ",") and 0 < k - self.verb_at <= 8:
            return True
        if one and (_is_noun(word, before) or (word == "left" and not (k and self._is_mention(k - 1)))):
            return False  # "left to right" is where, "she left" is a verb
        if one and word in _WEAK and not self._weak(word, k, match.end):
            return False
        if meaning.form not in ("", "s") or not one:
            return True
        numbered = k > 1 and self.tokens[k - 2].text in _NUMBERED  # "the boy of scene 4 walks"
        if before in ARTICLES - {"this", "that", "her"} or (before in NUMBERS.keys() - {"one"} and not numbered):
            return False
        return before not in INTO_OBJECT - {"to"} and not (meaning.form == "" and before == "her" and not self.subject)

    def _is_told(self, k: int, before: str) -> bool:
        """Within what somebody says or thinks: "tells Clara he is leaving", "knows that she will run"."""
        if before not in _AUXILIARIES:
            return False
        for j in range(k - 2, max(-1, k - 9), -1):
            word = self.tokens[j].text
            if word in HARD or word in SOFT or word in (",", "and"):
                return False
            if word in _TELLING:
                return True
        return False

    def _of_the_body(self, k: int) -> bool:
        """ "Lifts his hands" takes nothing up."""
        after = [token.text for token in self.tokens[k : k + 2]]
        return bool(after) and after[0] in ("his", "her", "their", "its", "a", "the") and after[-1] in _LIMBS

    def _weak(self, word: str, k: int, end: int) -> bool:
        """Verbs of many meanings count only with a thing they do it to."""
        after = self.tokens[end].text if end < len(self.tokens) else "."
        base = _BASES.get(word, word)
        if base in ("set", "put", "lay", "bring", "pull", "hang"):
            return self._separated(k, Match(k, end, ()), Meaning("", "")).slot == "action" or (
                base != "bring" and self._onto(end)
            )
        return after[0].isalnum() and after not in INTO_OBJECT | SOFT | _NO_OBJECT

    def _onto(self, k: int) -> bool:
        return any(token.text in ("on", "onto", "into", "in") for token in self.tokens[k : k + 6])

    def _doers(self, k: int, meaning: Meaning) -> list[Entity] | None:
        """Whom the verb is told of; None where a thing does it."""
        owner = self._owner(k)
        if owner == "thing":
            return None
        if self._relative(k) and self.last is not None:
            return [self.last]
        if self._after_object(k, meaning) and self.objects:
            return self.objects
        if meaning.form == "" and (k == 0 or self.tokens[k - 1].text in HARD) and len(self.out.seen()) > 1:
            return self.out.seen()  # "Argue.": all of them
        return self.subject

    def _relative(self, k: int) -> bool:
        """Whether a "who" right before the verb names its doer."""
        j = k - 1
        while j >= 0 and (self._is_filler(self.tokens[j].text, {"who", ",", "and"})):
            j -= 1
        return j >= 0 and self.tokens[j].text == "who"

    def _after_object(self, k: int, meaning: Meaning) -> bool:
        """ "watches a man walk", "a woman with a man standing behind her"."""
        before = self.tokens[k - 1].text if k else "."
        if before in ("who", "that") or meaning.form in ("ing", ""):
            last = self.objects[-1] if self.objects else None
            return last is not None and last.end <= k and k - last.end <= 1 and before != ","
        return False

    def _owner(self, k: int) -> str | None:
        """A thing that stands right before the verb as its subject."""
        j = k - 1
        while j >= 0 and (self._is_filler(self.tokens[j].text, {",", "and"})):
            j -= 1
        if j < 0 or not self.tokens[j].is_word or self.tokens[j].text in SOFT or self.tokens[j].text in ("and", "to"):
            return None
        word = self.tokens[j].text
        if j in self.matches and any(meaning.slot == "weather" for meaning in self.matches[j].meanings):
            return "thing"  # "the rain runs down the window"
        if word in THINGS and self._noun(self.tokens[j], j) is None and not self._object_of(j):
            return "thing"
        return None

    def _object_of(self, j: int) -> bool:
        """Whether the thing at `j` belongs to something before it: "in a coat", "with a bag", "wearing a hat"."""
        begin = self._phrase_start(j)[0]
        while begin > 0 and j - begin < 4 and self.tokens[begin - 1].is_word:
            if self.tokens[begin - 1].text in _HOLDERS:
                return True
            if self._is_mention(begin - 1):
                return True
            begin -= 1
        return False


_FOLLOWING: Final = 3
"""So many words after a noun tell "a man walks left, a man walks right" from the same sentence once more."""
_SEATS: Final = grammar("seats")
_NUMBERED: Final = frozenset(["scene", "shot", "take", "act", "part", "episode"])
_NO_OBJECT: Final = grammar("no_object")
_HOLDERS: Final = grammar("holders") | INTO_OBJECT
_LIMBS: Final = (BODY | grammar("limbs")) - {"shoes", "boots"}
_BASES: Final = {form: verb for verb in grammar("particles") for form, _ in forms_of(verb)}
_WEAK: Final = frozenset(form for verb in grammar("weak") for form, _ in forms_of(verb))
_AUXILIARIES: Final = frozenset(
    ["is", "was", "are", "were", "will", "would", "has", "had", "should", "must", "can", "could"]
)
_TELLING: Final = frozenset(
    form
    for verb in (
        "tell",
        "say",
        "think",
        "know",
        "hope",
        "promise",
        "explain",
        "wonder",
        "claim",
        "swear",
        "fear",
        "believe",
    )
    for form, _ in forms_of(verb)
)
_NEVER: Final = grammar("never_verbs")
_BEFORE_LEAVES: Final = grammar("before_leaves")
_EITHER: Final = grammar("verbs_unless_nouns")


def _is_noun(word: str, before: str) -> bool:
    """Whether a word that may be a noun or a verb is a noun after `before`."""
    if word in NOUNS:
        return before not in NOUNS[word]
    if word == "leaves" and before in _BEFORE_LEAVES:
        return True
    described = before in ARTICLES or before in ADJECTIVES or before in NUMBERS or before in INTO_OBJECT
    return word in _NEVER or (word in _EITHER and described)


__all__ = ["company_of"]
