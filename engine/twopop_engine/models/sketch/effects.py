"""FX cues read: which sound each asks for, who is seen making it with what, and what is only heard."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from twopop.request import GenerationRequest
from twopop.timebase import format_timecode
from twopop.wire import Finding

from .actions import ACTIONS, FLOORS, LEARNT, lane
from .casting import Part
from .foley_tables import SoundChoice, nearest_sounds, read_cue, things_in
from .handled import FOREVER_S, Handled
from .lasting import Lasting, begun, clauses, end_in, ends, followed, is_silence, lasts, only_ends, row_times
from .scaling import ARM_M
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
_TWICE_S: Final = 0.15
"""Nobody does a thing twice within this."""
_ALONE: Final = ("flash", "pass")
_DRIVEN: Final = ("street", "field", "rain")
"""Places where something may drive by."""
_LEFTWARDS: Final = re.compile(r"from (?:the )?right|to (?:the )?left|leftwards?", re.IGNORECASE)
_TAKEN_OFF: Final = re.compile(
    r"\b(?:take|took|taking|taken|lift|pull|remov|slid|mov|put|get|grab|serv|plat)\w*\b", re.IGNORECASE
)
"""How words say that a pan leaves the stove, not that the stove goes out."""
_DOWN_AT, _BACK_AT = 0.45, 0.7
"""When, of what is seen of a shot, a thing comes down that is put down, or picked up and put back."""


@dataclass(frozen=True, slots=True)
class HeardCue:
    """A sound the request times, as the decoder places it; `drawn` where a body or thing is seen to make it.

    `laid`: what is seen is laid out (`handled`), not asked of the model.
    """

    time_s: float
    length_s: float | None
    choice: SoundChoice
    text: str = ""
    drawn: bool = False
    laid: bool = False
    lasting: Lasting | None = None
    """What goes on from there, take clock."""
    who: int | None = None
    """Who of the stage does it, where that is known already."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What the timed effects come to.

    Attributes:
        cues: Every one of them.
        props: Things on the stage and who handles them (`asked`: as the model is told of them).
        walkers: Who walks or runs.
        sounds: Classes that may sound where nothing says when.
        going_on: What goes on from the shot before, as it ends here.
        taken: What is taken off a stove, and when.
        held: What has been in somebody's hand since the shot before.
        findings: What cannot be done as it is asked.
    """

    cues: tuple[HeardCue, ...]
    props: tuple[Prop | None, Prop | None]
    walkers: frozenset[int]
    sounds: frozenset[str]
    going_on: tuple[Lasting, ...] = ()
    taken: tuple[HeardCue, ...] = ()
    held: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    @property
    def scored(self) -> tuple[SoundCue, ...]:
        """The cues that the model is told of."""
        asked = (cue for cue in self.cues if cue.drawn and not cue.laid)
        return tuple(SoundCue(cue.time_s, lane(cue.choice.kind), cue.choice.kind) for cue in asked)

    @property
    def asked(self) -> tuple[Prop | None, Prop | None]:
        """The things; nobody handles those of which all that is done is laid out."""
        learnt = _learnt(self.props)
        first, second = (p and (p if p.kind in learnt else replace(p, handler=None)) for p in self.props)
        return first, second

    def handled(self, since_s: float, until_s: float) -> tuple[Handled, ...]:
        """What is laid out for things between two times of the take."""
        learnt = _learnt(self.props)
        return tuple(
            one
            for slot, prop in enumerate(self.props)
            if prop and prop.kind not in learnt and (one := _laid_out(prop, slot, self, since_s, until_s))
        )


def read_effects(
    request: GenerationRequest,
    parts: Sequence[Part],
    spots: Sequence[float],
    place: str,
    guessed: list[str],
    before: Sequence[Lasting] = (),
    lying: Mapping[str, tuple[float, float]] | None = None,
    held: Mapping[str, str] | None = None,
) -> Effects:
    """Casts the effects of a request.

    Args:
        request: Whose cues.
        parts: Who is on stage, left to right, and what the prompt says of each.
        spots: Where each of them stands, metres.
        place: A name of `layout.PLACES`, for the floor.
        guessed: Gets a line for every cue that is not seen.
        before: What goes on from the shot before and is heard here.
        lying: Things that lie there from before, and where.
        held: Things that somebody has in the hand from before, and who, by name.
    """
    heard = [_heard(request, k) for k, cue in enumerate(request.brief.cues) if cue.role == "effects"]
    heard, taken, going_on = _going_on(request, heard, before)
    taken = taken or _taken_in_prompt(request, parts, [*going_on, *(cue.lasting for cue in heard if cue.lasting)])
    held, steps = held or {}, [cue for cue in heard if cue.choice.kind in FLOORS]
    told = _told(request, parts, {cue.choice.thing for cue in heard} | ({"pan"} if taken else set[str]()), held)
    kept = _kept(held, parts, steps, {cue.choice.thing for cue in (*heard, *told)})
    things = list(
        dict.fromkeys(cue.choice.thing for cue in (*heard, *taken, *told, *kept) if _is_seen(cue.choice.thing, place))
    )
    # Who walks has no hands free: with one person, a thing in hand keeps them where they are.
    busy = any(ACTIONS[thing].motion not in _ALONE for thing in things)
    walkers = frozenset[int]() if busy and len(parts) == 1 else _walkers(parts, steps)
    props = _cast(things, (*heard, *taken, *told, *kept), parts, spots, walkers, lying or {})
    seen = {prop.kind for prop in props if prop and prop.acts}
    cues = tuple(
        replace(
            cue,
            drawn=cue.choice.thing in seen or (bool(walkers) and cue.choice.kind in FLOORS),
            laid=cue.choice.thing in seen - _learnt(props),
        )
        for cue in (*heard, *(cue for cue in told if cue.choice.thing in seen))
    )
    guessed += [
        f'FX "{cue.text}" is heard ({cue.choice.kind}), nobody is seen doing it' for cue in cues if not cue.drawn
    ]
    drawn = {cue.choice.kind for cue in cues if cue.drawn and not cue.laid}
    floor = {FLOOR_OF.get(place, "step.wood")} if walkers and not steps else set[str]()
    findings = tuple(_findings(request, cues))
    sounds = frozenset(drawn | floor)
    return Effects(cues, props, walkers, sounds, going_on, taken, frozenset(held), findings)


def _going_on(
    request: GenerationRequest, heard: Sequence[HeardCue], before: Sequence[Lasting]
) -> tuple[list[HeardCue], tuple[HeardCue, ...], tuple[Lasting, ...]]:
    """Cues with what goes on from them; those that only end something, where a thing is taken off; and what went on
    before, as it ends here.
    """
    sounds, mine, taken = list(before), list[tuple[HeardCue, int | None]](), list[HeardCue]()
    for cue in sorted(heard, key=lambda cue: cue.time_s):
        over = {kind for kind in _running(sounds, cue.time_s) if ends(cue.text, kind)}
        sounds = [s.over(cue.time_s) if s.kind in over else s for s in sounds]
        if lasts(cue.choice) and ends(cue.text, cue.choice.kind):  # what is over does not begin, heard before or not
            over.add(cue.choice.kind)
        if is_silence(cue.text) or only_ends(cue.text, cue.choice, over):
            lifted = [thing for thing, action in ACTIONS.items() if action.motion == "fry" and action.sound in over]
            if _TAKEN_OFF.search(cue.text):
                taken += [replace(cue, choice=replace(cue.choice, thing=thing), drawn=True) for thing in lifted]
            continue
        starts = lasts(cue.choice) and cue.choice.kind not in over
        mine.append((cue, len(sounds) if starts else None))
        if starts:
            way = -1.0 if _LEFTWARDS.search(cue.text) else 1.0
            sounds.append(begun(cue.choice, cue.time_s, cue.length_s, way))
    settled = followed(_over_in_prompt(request, sounds))
    return (
        [cue if k is None else replace(cue, lasting=settled[k]) for cue, k in mine],
        tuple(taken),
        settled[: len(before)],
    )


def _running(sounds: Sequence[Lasting], time_s: float) -> set[str]:
    """Classes that last at a time of the take."""
    return {sound.kind for sound in sounds if sound.begin_s < sound.own_s(time_s) < sound.end_s}


def _over_in_prompt(request: GenerationRequest, sounds: Sequence[Lasting]) -> list[Lasting]:
    """Sounds that the prompt says are over end about the middle of what is seen of them."""
    return [s.over(_over_s(request, [s])) if end_in(request.brief.prompt, s.kind) else s for s in sounds]


def _over_s(request: GenerationRequest, sounds: Sequence[Lasting]) -> float:
    """When something is over that the prompt says is over, take clock: after the last of these has begun."""
    used, rate = request.used_in_take, float(request.frame_rate)
    begin_s = max([used.start / rate, *(sound.begin_s - sound.own_s(0.0) for sound in sounds)])
    return begin_s + _DOWN_AT * max(0.0, used.end / rate - begin_s)


def _taken_in_prompt(
    request: GenerationRequest, parts: Sequence[Part], sounds: Sequence[Lasting]
) -> tuple[HeardCue, ...]:
    """What the prompt has somebody take off the stove: it ends what fries there, if something does."""
    told = [*((k, part.about) for k, part in enumerate(parts)), (None, request.brief.prompt)]
    for thing, action in ACTIONS.items():
        if action.motion != "fry":
            continue
        running = [sound for sound in sounds if sound.kind == action.sound]
        for who, about in told:
            for clause in clauses(about):
                named = running or any(choice.thing == thing for choice in things_in(clause))
                if named and _TAKEN_OFF.search(clause) and ends(clause, action.sound):
                    choice = SoundChoice(action.sound, sustained=True, understood=thing, thing=thing)
                    return (HeardCue(_over_s(request, running), None, choice, clause, drawn=True, who=who),)
    return ()


def _kept(held: Mapping[str, str], parts: Sequence[Part], steps: Sequence[HeardCue], cued: set[str]) -> list[HeardCue]:
    """What stays in somebody's hand all through the shot: nothing has it put down, and they do not walk off with it."""
    going = _walkers(parts, steps)
    whose = {part.name.casefold(): k for k, part in enumerate(parts) if k not in going}
    return [
        HeardCue(-math.inf, None, SoundChoice("", False, "", thing), drawn=True, who=whose[name.casefold()])
        for thing, name in held.items()
        if thing not in cued and name.casefold() in whose
    ]


def _told(request: GenerationRequest, parts: Sequence[Part], cued: set[str], held: Mapping[str, str]) -> list[HeardCue]:
    """Things that the prompt has somebody put down or pick up, and no cue times: they come down within the shot."""
    used = request.used_in_take
    out: list[HeardCue] = []
    for part in parts:
        if not {"pick_up", "put_down"} & set(part.doing):
            continue
        for choice in things_in(part.about)[:1]:
            if choice.thing in held and "put_down" in part.doing:  # what fried is set down without frying on
                choice = SoundChoice("pan", sustained=False, understood=choice.understood, thing=choice.thing)
            elif ACTIONS[choice.thing].motion != "place":
                continue
            if choice.thing not in cued:
                share = _DOWN_AT if "put_down" in part.doing else _BACK_AT
                time_s = float((used.start + share * used.frames) / request.frame_rate)
                out.append(HeardCue(time_s, None, choice, part.about))
    return out


def _is_seen(thing: str, place: str) -> bool:
    """Whether something can be seen at work in a place: no car drives through a room."""
    return thing in ACTIONS and (ACTIONS[thing].motion != "pass" or place in _DRIVEN)


def _learnt(props: Sequence[Prop | None]) -> frozenset[str]:
    """What the weights move by themselves: one thing in a shot; of two they move the one on the other's cue."""
    return frozenset([prop.kind for prop in props if prop and prop.acts and prop.kind in LEARNT][:1])


def _laid_out(prop: Prop, slot: int, effects: Effects, since_s: float, until_s: float) -> Handled | None:
    """All that is done with one thing."""
    own, taken = (
        [cue for cue in cues if cue.choice.thing == prop.kind and since_s <= cue.time_s < until_s]
        for cues in (effects.cues, effects.taken)
    )
    off, held = [cue.time_s for cue in taken], prop.kind in effects.held
    if not own and not off and not held:
        return None
    last_s = max((cue.time_s for cue in own), default=-math.inf)
    way = -1.0 if own and _LEFTWARDS.search(own[0].text) else 1.0
    rows = [moment for cue in own if cue.lasting and cue.lasting.row for moment, _ in row_times(cue.lasting, until_s)]
    lasting = [cue.lasting for cue in own if cue.lasting and not cue.lasting.row]
    return Handled(
        thing=prop.kind,
        slot=slot,
        who=prop.handler,
        x=prop.x,
        y=prop.y,
        times_s=tuple(sorted(rows or [cue.time_s for cue in own])),
        ends_s=tuple(min(sound.end_s, FOREVER_S) for sound in lasting),
        since_s=since_s,
        way=way,
        off_s=next((moment for moment in off if moment > last_s and (own or not held)), None),
        held=held,
    )


def _walkers(parts: Sequence[Part], steps: Sequence[HeardCue]) -> frozenset[int]:
    """Who goes: whoever the prompt or a cue of steps names; steps of nobody are the last one's."""
    told = {k for k, part in enumerate(parts) if {"walk", "run"} & set(part.doing)}
    named = {k for k, part in enumerate(parts) for cue in steps if part.is_named(cue.text)}
    last = {len(parts) - 1} if parts and steps else set[int]()
    return frozenset(told | named or last)


def _findings(request: GenerationRequest, cues: Sequence[HeardCue]) -> Iterator[Finding]:
    """Cues that no sound is known for, that fall outside the take, or of which no body could do both."""
    end_s = float(request.frames / request.frame_rate)

    def told(code: str, cue: HeardCue, said: str) -> Finding:
        at = request.take_timecode_frames + round(cue.time_s * request.frame_rate)
        timecode = format_timecode(at, request.frame_rate, drop_frame=request.drop_frame)
        message = f'Shot {request.name} ({timecode}): FX "{cue.text}" {said}'
        return Finding(level="warning", code=code, shot=request.name, timecode=timecode, message=message)

    for cue in cues:
        if not cue.choice.understood:
            near = nearest_sounds(cue.text)
            instead = f"Nearest: {', '.join(near)}." if near else "See docs/sketch.md for the words."
            yield told("unknown_sound", cue, f"names no sound that is known: a plain hit is heard. {instead}")
        if not 0.0 <= cue.time_s < end_s:
            yield told("cue_outside", cue, "lies outside the take and is not heard. Move its marker into the shot.")
    busy = sorted((cue for cue in cues if cue.drawn and cue.choice.thing), key=lambda cue: cue.time_s)
    for one, other in pairwise(busy):
        apart = other.time_s - one.time_s
        if one.choice.thing == other.choice.thing and apart < _TWICE_S:
            most = math.ceil(_TWICE_S * request.frame_rate)
            said = f"comes {round(apart * request.frame_rate)} frames after the same thing before it: nobody does it"
            yield told("cues_too_close", other, f"{said} twice so fast. Leave {most} frames, or remove one.")


def _heard(request: GenerationRequest, index: int) -> HeardCue:
    cue = request.brief.cues[index]
    choice = read_cue(cue.text)
    time_s = float((cue.at_frames - request.generated.start) / request.frame_rate)
    length_s = None if cue.length_frames is None else float(cue.length_frames / request.frame_rate)
    return HeardCue(time_s, length_s, choice, cue.text)


def _cast(
    things: Sequence[str],
    heard: Sequence[HeardCue],
    parts: Sequence[Part],
    spots: Sequence[float],
    walkers: frozenset[int],
    lying: Mapping[str, tuple[float, float]],
) -> tuple[Prop | None, Prop | None]:
    """Gives every thing a place and somebody who handles it; two things at most."""
    free = [who for who in range(len(parts)) if who not in walkers]
    props: list[Prop | None] = []
    for thing in things[:2]:
        action = ACTIONS[thing]
        y = sum(action.rest_m) / 2
        if action.motion in _ALONE:
            props.append(Prop(thing, _STORM_M if action.motion == "flash" else 0.0, y))
            continue
        handler = _handler([cue for cue in heard if cue.choice.thing == thing], thing, parts, free)
        if handler is None:
            props.append(None)
            continue
        free.remove(handler)
        x = spots[handler] + _REACH_M.get(action.motion, _BESIDE_M)
        here = lying.get(thing, (math.inf, y))
        x, y = here if abs(here[0] - spots[handler]) <= ARM_M else (x, y)
        props.append(Prop(thing, x, y, handler))
    props += [None, None]
    return props[0], props[1]


def _handler(cues: Sequence[HeardCue], thing: str, parts: Sequence[Part], free: Sequence[int]) -> int | None:
    """Who handles a thing: whoever is named in its cue, whom the prompt tells it of, else whose hands are free."""
    known = [cue.who for cue in cues if cue.who is not None]
    named = [*known, *(who for who in free if any(parts[who].is_named(cue.text) for cue in cues))]
    named = [who for who in named if who in free]
    told = [who for who in free if any(choice.thing == thing for choice in things_in(parts[who].about))]
    others = [who for who in free if not things_in(parts[who].about)]
    return next(iter([*named, *told, *others, *free]), None)
