"""What people are told to do that the weights have not learnt: laid out here, laid over their tokens in `lay_deeds`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .casting import Part
from .gait import Gait, lay_gait
from .handled import Handled, lay_handled
from .hands import Gesture, Kind, gestures, lay_gestures
from .layout import CHARACTERS, Floats
from .raster.rig import RigFrame
from .score import Line

_POINTS: Final = re.compile(r"\bpoint|\bindicat|\bfinger", re.IGNORECASE)
_SHRUGS: Final = re.compile(r"\bshrug", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Deeds:
    """What everybody on the stage does, left to right.

    Attributes:
        ways: From where to where they go, metres; who stays goes nowhere.
        gaits: How they go; None where they stay or the weights go by themselves.
        hands: What their hands do.
        handled: What is done with things.
        spots: Where they stand by themselves.
        since_s: Take clock: until then the take is the end of the shot before.
    """

    ways: tuple[tuple[float, float], ...] = ()
    gaits: tuple[Gait | None, ...] = ()
    hands: tuple[tuple[Gesture, ...], ...] = ()
    handled: tuple[Handled, ...] = ()
    spots: tuple[float, ...] = ()
    since_s: float = 0.0


def lay_deeds(tokens: Mapping[str, Floats], deeds: Deeds) -> dict[str, Floats]:
    """Tokens with all of it over them."""
    out = dict(tokens)
    for group, gait, made in zip(CHARACTERS, deeds.gaits, deeds.hands, strict=False):
        if group.name in out:
            body = out[group.name] if gait is None else lay_gait(out[group.name], gait)
            body = lay_gestures(body, made) if made else body
            own = (group.times_s(len(body)) >= deeds.since_s)[:, None]
            out[group.name] = np.where(own, body, out[group.name])
    return lay_handled(out, deeds.handled)


def composed_for(rig: RigFrame, framing: str, deeds: Deeds) -> RigFrame:
    """What a shot is composed for: a wide picture for the spots of those who go through it, wherever they come from."""
    if framing != "wide":
        return rig
    people = (
        person if gait is None else replace(person, root=(spot, person.root[1]))
        for person, gait, spot in zip(rig.people, deeds.gaits, deeds.spots, strict=False)
    )
    return replace(rig, people=(*people, *rig.people[len(deeds.spots) :]))


# --- what hands do --------------------------------------------------------------------------------


def lay_hands(
    parts: Sequence[Part],
    words: str,
    facings: Sequence[float],
    busy: Sequence[bool],
    lines: Sequence[Line],
    span_s: tuple[float, float],
    beats_s: Sequence[float],
) -> tuple[tuple[Gesture, ...], ...]:
    """What the hands of everybody do.

    Args:
        parts: Who stands on the stage.
        words: The whole prompt, for gestures that it tells of nobody in particular.
        facings: Where they look, rad.
        busy: Who handles a thing, with the hand on the audience's right.
        lines: Hands that talk come down on stressed vowels.
        span_s: When the shot is seen, take clock.
        beats_s: Beats to keep to; empty for none.
    """
    out: list[tuple[Gesture, ...]] = []
    for who, part in enumerate(parts):
        near = (0, 1) if facings[who] > 0 else (1, 0)
        way = 1.0 if facings[who] > 0 else -1.0
        stresses = [
            phone.start_s for line in lines if line.speaker == who for phone in line.phones if phone.stress >= 1
        ]
        made: list[Gesture] = []
        for kind in _kinds(part, words):
            order = near[::-1] if kind == "point" else near
            free = tuple(hand for hand in order if not (busy[who] and hand == 1))
            made += gestures(kind, *span_s, hands=free, way=way, stresses_s=stresses, beats_s=beats_s)
        out.append(tuple(made))
    return tuple(out)


def _kinds(part: Part, words: str) -> list[Kind]:
    kinds: list[Kind] = ["wave"] if "wave" in part.doing else []
    if "gesture" in part.doing:
        said = part.about if _POINTS.search(part.about) or _SHRUGS.search(part.about) else words
        kinds.append("shrug" if _SHRUGS.search(said) else "point" if _POINTS.search(said) else "talk")
    return kinds
