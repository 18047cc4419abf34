"""FX cues read: which sound each asks for, who is seen making it with what, and what is only heard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from twopop.request import GenerationRequest

from .actions import ACTIONS, FLOORS, LEARNT, lane
from .foley_tables import SoundChoice, read_cue
from .score import Prop, SoundCue

SPOTS: Final[dict[int, tuple[float, ...]]] = {0: (), 1: (0.0,), 2: (-0.55, 0.55)}
"""Where so many people stand by themselves, metres."""
FLOOR_OF: Final = {
    "kitchen": "step.stone", "street": "step.stone", "city": "step.stone", "station": "step.stone",
    "hall": "step.stone", "forest": "step.gravel", "beach": "step.gravel", "field": "step.gravel",
    "car": "step.carpet", "studio": "step.carpet", "office": "step.carpet",
}  # fmt: skip
_REACH_M: Final = {"knock": 0.4, "shut": 0.4, "clap": 0.0}
_BESIDE_M: Final = 0.3
"""How far to the side of somebody the thing lies that they handle."""
_STORM_M: Final = 1.0
"""How far off lightning is, in units of `actions.FLASH_M`."""
_ALONE: Final = ("flash", "pass")


@dataclass(frozen=True, slots=True)
class HeardCue:
    """A sound the request times, as the decoder places it; `drawn` where the model moves a body or prop for it."""

    time_s: float
    length_s: float | None
    choice: SoundChoice
    text: str = ""
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Effects:
    """What the timed effects come to.

    Attributes:
        cues: Every one of them.
        props: Things on the stage and who handles them.
        walker: Who may walk, None for nobody.
        sounds: Classes that may sound where nothing says when.
    """

    cues: tuple[HeardCue, ...]
    props: tuple[Prop | None, Prop | None]
    walker: int | None
    sounds: frozenset[str]

    @property
    def scored(self) -> tuple[SoundCue, ...]:
        """The cues that the model is told of."""
        return tuple(SoundCue(c.time_s, lane(c.choice.kind), c.choice.kind) for c in self.cues if c.drawn)


def read_effects(
    request: GenerationRequest,
    names: Sequence[str],
    spots: Sequence[float],
    place: str,
    walks: bool,
    guessed: list[str],
) -> Effects:
    """Casts the effects of a request.

    Args:
        request: Whose cues.
        names: Who is on stage, left to right; "" is somebody without a name.
        spots: Where each of them stands, metres.
        place: A name of `layout.PLACES`, for the floor.
        walks: Whether words say that somebody walks.
        guessed: Gets a line for every cue that is not understood or not seen.
    """
    heard = [_heard(request, k, guessed) for k, cue in enumerate(request.brief.cues) if cue.role == "effects"]
    steps = [cue.choice.kind for cue in heard if cue.choice.kind in FLOORS]
    things = list(dict.fromkeys(cue.choice.thing for cue in heard if cue.choice.thing in LEARNT))
    # Who walks has no hands free: with one person, a thing in hand keeps them where they are.
    held = any(ACTIONS[thing].motion not in _ALONE for thing in things)
    walker = len(names) - 1 if names and (walks or steps) and not (held and len(names) == 1) else None
    props = _cast(things, heard, names, spots, walker)
    seen = {prop.kind for prop in props if prop and prop.acts}
    cues = tuple(
        replace(cue, drawn=cue.choice.thing in seen or (walker is not None and cue.choice.kind in FLOORS))
        for cue in heard
    )
    guessed += [
        f'FX "{cue.text}" is heard ({cue.choice.kind}), nobody is seen doing it' for cue in cues if not cue.drawn
    ]
    drawn = {cue.choice.kind for cue in cues if cue.drawn}
    floor = {FLOOR_OF.get(place, "step.wood")} if walker is not None and not steps else set[str]()
    return Effects(cues, props, walker, frozenset(drawn | floor))


def _heard(request: GenerationRequest, index: int, guessed: list[str]) -> HeardCue:
    cue = request.brief.cues[index]
    choice = read_cue(cue.text)
    if not choice.understood:
        guessed.append(f'FX "{cue.text}": no known sound in it, a plain hit')
    time_s = float((cue.at_frames - request.generated.start) / request.frame_rate)
    length_s = None if cue.length_frames is None else float(cue.length_frames / request.frame_rate)
    return HeardCue(time_s, length_s, choice, cue.text)


def _cast(
    things: Sequence[str],
    heard: Sequence[HeardCue],
    names: Sequence[str],
    spots: Sequence[float],
    walker: int | None,
) -> tuple[Prop | None, Prop | None]:
    """Gives every thing a place, and who is named in its cue or has their hands free; two things at most."""
    free = [who for who in range(len(names)) if who != walker]
    props: list[Prop | None] = []
    for thing in things[:2]:
        action = ACTIONS[thing]
        y = sum(action.rest_m) / 2
        if action.motion in _ALONE:
            props.append(Prop(thing, _STORM_M if action.motion == "flash" else 0.0, y))
            continue
        texts = " ".join(cue.text for cue in heard if cue.choice.thing == thing)
        named = [who for who in free if names[who] and re.search(rf"(?<!\w){re.escape(names[who])}(?!\w)", texts, re.I)]
        handler = (named or free or [None])[0]
        if handler is None:
            props.append(None)
            continue
        free.remove(handler)
        x = spots[handler] + _REACH_M.get(action.motion, _BESIDE_M)
        props.append(Prop(thing, x, y, handler))
    props += [None, None]
    return props[0], props[1]
