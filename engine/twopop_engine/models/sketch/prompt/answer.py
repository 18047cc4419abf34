"""What a prompt is understood as: slots, people, and what was refused, overruled, mended or ignored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

SLOTS: Final = ("place", "time", "weather", "people", "framing", "camera", "action", "mood", "music")
UNSPECIFIED: Final = "unspecified"


@dataclass(frozen=True, slots=True)
class Doer:
    """Somebody in the picture.

    Attributes:
        words: As the prompt says it: "the old fisherman", "MARA".
        kind: "woman", "man" or "".
        count: "1", "2" or "many".
        name: Of the cast, or "".
        doing: Values of `action`.
        about: Every word that is told of them.
    """

    words: str
    kind: str
    count: str
    name: str
    doing: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt understood.

    Attributes:
        slots: Every slot but `action` -> its value.
        actions: What all people together do; ("none",) where nobody is there.
        who: {"woman": ..., "man": ...} where both are there and each is one.
        people: Everyone seen, in the order of the text.
        understood: Slot -> the words that said so.
        conflicts: One sentence for every slot that the words answer in two ways.
        refused: Slot -> words that were said not to be.
        style: ink, paint, photo or unspecified.
        thing: What a close picture is of, where it is not a face: a noun, "" for none.
        music: All that is said of the music there is: "soft, slow jazz".
        names: Of goods and people that are drawn as nobody's in particular.
        mended: (written, taken for) of typos.
        ignored: Words that said nothing to any slot.
    """

    slots: dict[str, str]
    actions: tuple[str, ...] = ()
    who: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    people: tuple[Doer, ...] = ()
    understood: dict[str, str] = field(default_factory=dict[str, str])
    conflicts: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict[str, str])
    style: str = UNSPECIFIED
    thing: str = ""
    music: str = ""
    names: tuple[str, ...] = ()
    mended: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()
