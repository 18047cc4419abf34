"""Who of a prompt stands where on the stage, and so who does what: names first, then women and men, then the order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .prompt import Doer, Prompt
from .voices import is_woman

_SEVERAL: Final = {"2": 2, "many": 2}


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody on the stage.

    Attributes:
        name: "" for one without a name.
        doing: Values of the slot `action`.
        about: What the prompt says of them alone: words to find their clothes and things in.
        kind: "woman", "man" or "".
        words: How the prompt calls them, "" where it does not.
    """

    name: str = ""
    doing: tuple[str, ...] = ()
    about: str = ""
    kind: str = ""
    words: str = ""

    def is_named(self, text: str) -> bool:
        """Whether words call them by name."""
        return bool(self.name) and re.search(rf"(?<!\w){re.escape(self.name)}(?!\w)", text, re.IGNORECASE) is not None


def parts_of(names: Sequence[str], prompt: Prompt) -> tuple[Part, ...]:
    """Everybody on the stage, in the order of `names` (left to right), with what the prompt says of each.

    Verbs that the prompt tells of nobody in particular ("walking down the street") are everybody's.
    """
    doers = [doer for doer in prompt.people for _ in range(_SEVERAL.get(doer.count, 1))]
    found: dict[int, Doer] = {}
    for fits in (_is, _may_be):
        for k, name in enumerate(names):
            doer = next((d for d in doers if k not in found and fits(name, d)), None)
            if doer is not None:
                doers.remove(doer)
                found[k] = doer
    told = {action for doer in prompt.people for action in doer.doing}
    loose = tuple(action for action in prompt.actions if action not in told and action != "none")
    return tuple(_part(name, found.get(k), loose) for k, name in enumerate(names))


_ANYBODYS: Final = ("", "her", "his", "their", "hand", "hands")
"""Words of a prompt for hands that say no more than whose sort they are."""


def whose_hands(
    cast: Sequence[str],
    doers: Sequence[Doer],
    things: Sequence[str],
    kept: Mapping[str, str],
    seen: Sequence[str],
    before: Sequence[str],
) -> str:
    """Whose hands a close picture of a thing shows where no word names them; "" where nobody of the cast may be meant.

    Args:
        cast: Everybody of the scene, by name.
        doers: People of the prompt, none of whom has a name.
        things: What the shot is about.
        kept: Thing -> who handled it last.
        seen: Who was in the shot before, those first who handled something.
        before: Prompts of the shots before, the nearest first.
    """
    if any(doer.words.lower() not in _ANYBODYS for doer in doers):
        return ""
    kinds = {doer.kind for doer in doers if doer.kind}
    fitting = [name for name in cast if not kinds or is_woman(name) is None or is_woman(name) == ("woman" in kinds)]
    told = ((text.casefold().find(name.casefold()), name) for text in before for name in fitting)
    likely = [*(kept.get(thing, "") for thing in things), *seen, *(name for at, name in told if at >= 0)]
    return next((name for name in likely if name in fitting), fitting[0] if len(fitting) == 1 else "")


def _is(name: str, doer: Doer) -> bool:
    return bool(name) and name.casefold() == doer.name.casefold()


def _may_be(name: str, doer: Doer) -> bool:
    """Whether somebody of the prompt without a name may be whoever stands there."""
    if not name or doer.name:
        return not name and not doer.name
    woman = is_woman(name)
    return woman is None or not doer.kind or woman == (doer.kind == "woman")


def _part(name: str, doer: Doer | None, loose: tuple[str, ...]) -> Part:
    if doer is None:
        return Part(name, loose)
    return Part(name, (*doer.doing, *loose), doer.about, doer.kind, doer.words)
