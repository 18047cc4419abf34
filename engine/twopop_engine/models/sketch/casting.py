"""Who of a prompt stands where on the stage, and so who does what: names first, then women and men, then the order."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
