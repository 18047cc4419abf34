"""Who goes where: the ways of those who walk and run, laid out so that they go for as long as the shot asks.

Who goes along goes through the whole shot, slower where there is little way, to and fro where there is too little.
Who comes somewhere stops there, and who leaves is gone when the shot is over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .actions import FLOORS
from .casting import Part
from .effects import Effects
from .gait import STYLES, Gait, go, pace_m_s, slowest

_OFF_M: Final = 2.7
"""From the middle of a wide picture to where nobody is seen any more."""
_EDGE_M, _THROUGH_M = 1.6, 2.5
"""To where somebody is still whole in it, and from where to where one goes through it, out of sight for a moment."""
_FARTHEST_M: Final = {"walk": 5.5, "run": 8.0}
"""To where a place is drawn well enough for a nearer picture that goes along."""
_COMES_M: Final = {"walk": 4.4, "run": 7.0}
"""How far one comes who is seen arriving in a nearer picture that goes along."""
_BESIDE_M: Final = {"walk": 1.5, "run": 2.5}
"""How far one goes to where somebody else stands."""
_MIDDLE_M, _STAGE_M = 0.2, 2.2
"""Who stands nearer to the middle than this has the stage alone; how far to its sides it goes."""
_STOPS_M: Final = 0.3
"""How far beyond the middle of a wide picture somebody stops who comes in."""
_RUN_ACROSS_M: Final = 5.4
_PACE_M: Final = 1.2
"""How far to either side somebody goes who paces."""
_AFTER_S, _EMPTY_S = 1.2, 0.5
"""How long an empty picture may stay after somebody has run through it, and stays after somebody has left it."""
_GONE_M: Final = 3.0
"""From the middle to where somebody who left has gone."""
_EARLY, _EARLIEST_S = 0.35, 1.2
"""Share of the spare time that an empty picture is empty before somebody comes in, and at most how long."""
_STAYS: Final = 0.3
"""Share of the time that somebody is seen standing who leaves."""
_LOOK_S, _SET_OUT_S = 0.5, 1.1
"""How long somebody is seen standing who sets out in the shot, and how long that takes."""
_FULL: Final = 0.88
"""Share of the time that a way may take at the usual pace."""
_LEAVES: Final = re.compile(
    r"\b(?:leav|exit|depart|flee)(?:e?s|ing)?\b"
    r"|\b(?:walk|run|storm|stride|head|rush|dash|step|sprint|march|go)(?:e?s|n?ing)? (?:off|out|away)\b",
    re.IGNORECASE,
)
_ARRIVES: Final = re.compile(
    r"\b(?:enter|arriv|approach|stop|halt)\w*\b"
    r"|\b(?:walk|run|com|storm|strid|head|rush|dash|step|sprint|march|hurr|jog)\w* "
    r"(?:\w+ )?(?:in(?= *(?:$|[,.;:]|from\b|and\b|slowly\b|through\b))|(?:into|up|over|to|towards?|onto|back)\b)"
    r"(?! the (?:beat|music|rhythm))",
    re.IGNORECASE,
)
_PACES: Final = re.compile(r"\b(?:pac(?:es?|ing)|to and fro|back and forth|up and down)\b", re.IGNORECASE)
_MEETS: Final = re.compile(r"\b(?:each other|one another|meet\w*|towards?|past|into)\b", re.IGNORECASE)
_FROM_LEFT: Final = re.compile(r"\bfrom (?:the )?left\b|\bto (?:the )?right\b|\brightwards?\b", re.IGNORECASE)
_FROM_RIGHT: Final = re.compile(r"\bfrom (?:the )?right\b|\bto (?:the )?left\b|\bleftwards?\b", re.IGNORECASE)
_SETS_OUT: Final = re.compile(r"\b(?:start|begin)s? (?:to )?(?:walk|run)|\bsets? (?:off|out)\b", re.IGNORECASE)


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


@dataclass(frozen=True, slots=True)
class Way:
    """From where over where to where somebody goes, stage metres, when they set out (take clock), and whether they go
    for all the time there is."""

    points_m: tuple[float, ...]
    begin_s: float
    all_the_time: bool = False


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
    together = len(parts) > 1 and len(effects.walkers) == len(parts)
    return tuple(
        _laid(parts, k, room, sorted(cued[k]), together) if k in effects.walkers else None for k in range(len(parts))
    )


def _laid(parts: Sequence[Part], who: int, room: Room, cues_s: Sequence[float], together: bool) -> Gait:
    way = way_of(parts, who, room, together=together)
    first, *turns, last = way.points_m
    return go(
        _kind(parts[who]),
        first,
        last,
        room.seen_s[1],
        cues_s=cues_s,
        beats_s=room.beats_s,
        begin_s=way.begin_s,
        moving=way.begin_s <= room.begin_s or not _stands_first(parts[who], who, room),
        turns_m=turns,
        all_the_time=way.all_the_time,
    )


def _kind(part: Part) -> str:
    return "run" if "run" in part.doing else "walk"


def _stands_first(part: Part, who: int, room: Room) -> bool:
    """Whether somebody is seen standing before they go."""
    about = part.about
    return who in room.known or _SETS_OUT.search(about) is not None or _LEAVES.search(about) is not None


def way_of(parts: Sequence[Part], who: int, room: Room, *, together: bool = False) -> Way:
    """The way of somebody; `together`: of two who go side by side."""
    kind, about = _kind(parts[who]), parts[who].about
    spot, begin_s = room.spots[who], room.begin_s
    alone = len(parts) == 1 and abs(spot) < _MIDDLE_M
    side = -1.0 if _FROM_LEFT.search(about) or (not alone and not together and spot < 0) else 1.0
    side = 1.0 if _FROM_RIGHT.search(about) and (alone or together) else side
    if _LEAVES.search(about):
        return _leaving(kind, spot, -side if alone or together else side, room)
    if who in room.known or _SETS_OUT.search(about):
        begin_s = max(begin_s, room.seen_s[0] + _LOOK_S)
    if _PACES.search(about) and kind == "walk":
        return _to_and_fro(kind, spot + side * _PACE_M, spot - side * _PACE_M, room, begin_s, who in room.known, spot)
    arrives = _ARRIVES.search(about) is not None
    if who in room.known:
        return _known(kind, spot, room, begin_s, along=len(parts) == 1 and not arrives)
    if together and not _MEETS.search(about):
        way = _along(kind, side, room, begin_s, margin_m=max(abs(one) for one in room.spots))
        return Way(tuple(point + spot for point in way.points_m), way.begin_s, way.all_the_time)
    if not alone:
        away = max(_BESIDE_M[kind], _OFF_M - abs(spot)) if room.framing == "wide" else _BESIDE_M[kind]
        return _entering(kind, spot, side * away, room, begin_s)
    if room.framing == "wide" and kind == "run":
        return _run_through(side, room)
    return _coming(kind, side, room, begin_s) if arrives else _along(kind, side, room, begin_s)


def _reach(kind: str, room: Room, begin_s: float) -> float:
    """How far one gets at the usual pace, metres."""
    return _FULL * (room.seen_s[1] - begin_s) * pace_m_s(kind, room.beats_s)


def _leaving(kind: str, spot: float, way: float, room: Room) -> Way:
    """Away from the spot: out of a wide picture before it is over, on and on in one that goes along."""
    reach, length = _reach(kind, room, room.begin_s), _GONE_M - way * spot
    if room.framing != "wide":
        length = max(length, min((1.0 - _STAYS) * reach, _FARTHEST_M[kind] - way * spot))
    length = min(length, reach)
    spare_s = room.seen_s[1] - room.begin_s - length / pace_m_s(kind, room.beats_s) - _SET_OUT_S
    spare_s -= _EMPTY_S if room.framing == "wide" else 0.0
    return Way((spot, spot + way * length), room.begin_s + max(0.0, spare_s))


def _known(kind: str, spot: float, room: Room, begin_s: float, along: bool) -> Way:
    """On from where the last shot left them: a little way, or on and on where they go along by themselves."""
    reach, way = _reach(kind, room, begin_s), math.copysign(1.0, spot)
    if not along:
        away = way * min(_BESIDE_M[kind], reach)
        return Way((spot, spot + away if abs(spot + away) < _STAGE_M else spot - away), begin_s)
    if room.framing == "wide":
        return _to_and_fro(kind, way * _EDGE_M, -way * _EDGE_M, room, begin_s, True, spot)
    far_m = _FARTHEST_M[kind]
    way = way if far_m - abs(spot) >= 0.6 * min(reach, far_m) else -way
    return Way((spot, spot + way * min(reach, far_m - way * spot)), begin_s, all_the_time=True)


def _run_through(side: float, room: Room) -> Way:
    """Into an empty picture, which is empty again at its end where there is no time to stop in it."""
    style = STYLES["run"]
    seen_s = room.seen_s[1] - room.seen_s[0]
    leaves = seen_s <= _RUN_ACROSS_M / style.step_m * style.period_s + _AFTER_S
    to_m = -side * (_OFF_M if leaves else 0.8)
    return _entering("run", to_m, side * _OFF_M - to_m, room, room.begin_s)


def _entering(kind: str, to_m: float, from_to: float, room: Room, begin_s: float) -> Way:
    """From outside a picture to a place in it, `from_to` away, some of the spare time after it has begun."""
    reach = _reach(kind, room, begin_s)
    spare_s = max(0.0, reach - abs(from_to)) / pace_m_s(kind, room.beats_s)
    from_to = math.copysign(min(abs(from_to), reach), from_to)
    return Way((to_m + from_to, to_m), begin_s + min(_EARLIEST_S, _EARLY * spare_s))


def _coming(kind: str, side: float, room: Room, begin_s: float) -> Way:
    """Into the picture, to stop there."""
    reach = _reach(kind, room, begin_s)
    if room.framing == "wide":
        return _entering(kind, -side * _STOPS_M, side * (_OFF_M + _STOPS_M), room, begin_s)
    length = min(_COMES_M[kind], reach)
    return Way((side * length / 2, -side * length / 2), begin_s)


def _along(kind: str, side: float, room: Room, begin_s: float, margin_m: float = 0.0) -> Way:
    """Through the picture for all the time there is; `margin_m`: how far somebody stands from the middle of the way."""
    reach = _reach(kind, room, begin_s)
    if room.framing != "wide":
        most = 2 * (_FARTHEST_M[kind] - margin_m)
        if reach > slowest(room.beats_s) * most:
            return _to_and_fro(kind, side * most / 2, -side * most / 2, room, begin_s)
        length = min(most, reach)
        return Way((side * length / 2, -side * length / 2), begin_s, all_the_time=True)
    edge, off = _EDGE_M - margin_m, _THROUGH_M + margin_m
    if reach <= 2 * edge:
        return Way((side * reach / 2, -side * reach / 2), begin_s)
    if reach > slowest(room.beats_s) * 2 * off:
        return _to_and_fro(kind, side * edge, -side * edge, room, begin_s)
    from_m = min(off, reach - edge)
    return Way((side * from_m, side * (from_m - min(reach, 2 * off))), begin_s, all_the_time=True)


def _to_and_fro(
    kind: str, one_m: float, other_m: float, room: Room, begin_s: float, there: bool = False, spot: float = 0.0
) -> Way:
    """Between two places as often as the time asks; from the spot where they are `there` already."""
    reach, leg = _reach(kind, room, begin_s), abs(other_m - one_m)
    start = spot if there else one_m
    ends = sorted((one_m, other_m), key=lambda end: abs(end - start))
    first = abs(ends[1] - start)
    more = max(0, math.ceil((reach / slowest(room.beats_s) - first) / leg))
    if not more:
        to_m = start + math.copysign(min(reach, first), ends[1] - start)
        return Way((start, to_m), begin_s, all_the_time=True)
    points = [start, *(ends[1 - k % 2] for k in range(more + 1))]
    return Way(tuple(points), begin_s, all_the_time=True)
