"""What people are told to do that the weights have not learnt: laid out here, laid over their tokens in `lay_deeds`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .actions import FLOORS
from .casting import Part
from .effects import Effects
from .gait import STYLES, Gait, go, lay_gait
from .handled import Handled, lay_handled
from .hands import Gesture, Kind, gestures, lay_gestures
from .layout import CHARACTERS, Floats
from .raster.rig import RigFrame
from .score import Line

_OFF_M: Final = 2.7
"""From the middle of a wide picture to where nobody is seen any more."""
_WAY_M: Final = {"walk": (3.2, 4.4, 1.5), "run": (5.4, 7.0, 2.5)}
"""How far one goes: across a wide picture, alone in a nearer one that goes along, to where somebody else stands."""
_MIDDLE_M, _STAGE_M = 0.2, 2.2
"""Who stands nearer to the middle than this has the stage alone; how far to its sides it goes."""
_AFTER_S: Final = 1.2
"""How long an empty picture may stay after somebody has run out of it."""
_EARLY: Final = 0.35
"""Share of the time that an empty picture is empty before somebody comes in."""
_LOOK_S: Final = 0.5
"""How long somebody is seen standing who sets out in the shot."""
_LEAVES: Final = re.compile(
    r"\b(?:leav|exit|depart|flee)(?:e?s|ing)?\b"
    r"|\b(?:walk|run|storm|stride|head|rush|dash|step|sprint|march|go)(?:e?s|n?ing)? (?:off|out|away)\b",
    re.IGNORECASE,
)
_FROM_LEFT: Final = re.compile(r"\bfrom (?:the )?left\b|\bto (?:the )?right\b|\brightwards?\b", re.IGNORECASE)
_FROM_RIGHT: Final = re.compile(r"\bfrom (?:the )?right\b|\bto (?:the )?left\b|\bleftwards?\b", re.IGNORECASE)
_SETS_OUT: Final = re.compile(r"\b(?:start|begin)s? (?:to )?(?:walk|run)|\bsets? (?:off|out)\b", re.IGNORECASE)
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


# --- who goes where -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Room:
    """Where and when there is to go.

    Attributes:
        spots: Where everybody stands by themselves, metres.
        known: Who stands there already, since the last shot left them.
        framing: Of the shot; who goes through a wide picture may come into it and leave it.
        begin_s: Take clock: the shot's own time begins.
        seen_s: When it is seen, from and to.
        beats_s: Beats to keep to; empty for none.
    """

    spots: tuple[float, ...]
    known: frozenset[int]
    framing: str
    begin_s: float
    seen_s: tuple[float, float]
    beats_s: tuple[float, ...] = ()


def lay_ways(parts: Sequence[Part], effects: Effects, room: Room) -> tuple[Gait | None, ...]:
    """How everybody goes; None for those who stay.

    Args:
        parts: Who stands on the stage.
        effects: Gives who goes, and steps that were cued.
        room: Where and when.
    """
    cued: list[list[float]] = [[] for _ in parts]
    for cue in effects.cues:
        if cue.choice.kind in FLOORS and effects.walkers:
            named = [k for k in effects.walkers if parts[k].is_named(cue.text)]
            cued[(named or sorted(effects.walkers))[0]].append(cue.time_s)
    return tuple(_laid(parts, k, room, sorted(cued[k])) if k in effects.walkers else None for k in range(len(parts)))


def _laid(parts: Sequence[Part], who: int, room: Room, cues_s: Sequence[float]) -> Gait:
    kind = "run" if "run" in parts[who].doing else "walk"
    from_m, to_m = way_of(parts, who, room)
    begin_s, until_s = room.begin_s, room.seen_s[1]
    sets_out = who in room.known or _SETS_OUT.search(parts[who].about) is not None
    if sets_out:
        begin_s = max(begin_s, room.seen_s[0] + _LOOK_S)
    elif room.framing == "wide" and abs(from_m) >= _OFF_M:  # into an empty picture, which is empty again at its end
        style = STYLES[kind]
        spare_s = until_s - begin_s - abs(to_m - from_m) / style.step_m * style.period_s
        begin_s += max(0.0, _EARLY * spare_s)
    return go(kind, from_m, to_m, until_s, cues_s=cues_s, beats_s=room.beats_s, begin_s=begin_s, moving=not sets_out)


def way_of(parts: Sequence[Part], who: int, room: Room) -> tuple[float, float]:
    """Where somebody comes from and goes to, stage metres: from their own side to their spot, or away from it."""
    kind, about = "run" if "run" in parts[who].doing else "walk", parts[who].about
    spot = room.spots[who]
    alone = len(parts) == 1 and abs(spot) < _MIDDLE_M
    side = -1.0 if _FROM_LEFT.search(about) or (not alone and spot < 0) else 1.0
    side = 1.0 if _FROM_RIGHT.search(about) and alone else side
    style, (across, near, beside) = STYLES[kind], _WAY_M[kind]
    reach = 0.95 * (room.seen_s[1] - room.begin_s) * style.step_m / style.period_s
    if _LEAVES.search(about):
        away = -side if alone else side
        return spot, spot + away * min(_OFF_M + 0.3, reach)
    if who in room.known:
        away = math.copysign(min(beside, reach), spot)
        return spot, spot + away if abs(spot + away) < _STAGE_M else spot - away
    if not alone:
        return spot + side * min(beside, reach), spot
    if room.framing == "wide" and kind == "run":
        leaves = room.seen_s[1] - room.seen_s[0] <= across / style.step_m * style.period_s + _AFTER_S
        return side * _OFF_M, -side * (_OFF_M if leaves else 0.8)
    length = min(across if room.framing == "wide" else near, reach)
    return side * length / 2, -side * length / 2


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
