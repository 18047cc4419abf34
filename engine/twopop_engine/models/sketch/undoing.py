"""A sound that shall not happen any more: from when to when the parent of a retake has it, seen and heard.

The model does more for a cue than the cue says: a hand reaches out before, a pan is put down twice. So the stretch is
read off the parent's tokens: until the thing is back where it lay. The thing itself stays, and lies there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twopop.request import GenerationRequest, Retake
from twopop.wire import Cue

from .actions import ACTIONS, FLOORS
from .carrying import Staging
from .doing import Deeds
from .foley import SAMPLE_RATE, strike
from .foley_tables import SoundChoice, read_cue
from .lanes import SoundEvent
from .lasting import begun, lasts
from .layout import STAGE
from .reading import Reading
from .score import Prop
from .windowing import Tokens

Seconds = tuple[float, float]

_MOVED_M_S, _BACK_M = 0.15, 0.07
"""Faster than the first, a thing is being moved; nearer than the second to where it lay, it is back."""
_GAP_S, _NEAR_S = 0.5, 0.6
"""Motions nearer to each other than the first are one; one nearer to the cue than the second is the cue's."""
_HAND_S: Final = 0.5
"""How long before and after a thing moves a hand is on its way."""
_UNSEEN: Final = (-0.7, 0.5)
"""About a cue of which no thing moves."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What goes with one cue, take clock: `acted` by bodies and things (None: nobody was seen), `heard` as it rang."""

    acted: Seconds | None
    struck: Seconds
    heard: Seconds


def undone(request: GenerationRequest, retake: Retake, staging: Staging, parent: Tokens) -> Iterator[Undone]:
    """What goes with every cue that the brief has no more.

    Where no other cue asks for its thing, all goes that is done with it: the model may do more than it was asked.
    """
    end_s = float(request.frames / request.frame_rate)
    still = {read_cue(cue.text).thing for cue in request.brief.cues if cue.role == "effects"}
    for cue in retake.cues:
        if cue in request.brief.cues or cue.role != "effects":
            continue
        choice, at_s = read_cue(cue.text), float((cue.at_frames - request.generated.start) / request.frame_rate)
        rings = _ring_s(choice, cue, request, end_s)
        for acted in _acted(choice, at_s, end_s, staging, parent, whole=choice.thing not in still):
            struck = acted or (at_s + _UNSEEN[0], at_s + _UNSEEN[1])
            yield Undone(acted, struck, (struck[0], struck[1] + rings))


def _acted(
    choice: SoundChoice, at_s: float, end_s: float, staging: Staging, parent: Tokens, *, whole: bool
) -> list[Seconds | None]:
    """From when to when bodies and things are seen at it; once more for everything else that is done with the thing."""
    if choice.kind in FLOORS:
        return [(0.0, end_s)]  # who walks does so all the way
    if choice.thing not in staging.props:
        return [None]
    slot = staging.props.index(choice.thing)
    laid = [span for one in staging.deeds.handled if one.slot == slot for span in one.spans_s()]
    if laid:
        return [*laid] if whole else [min(laid, key=lambda span: max(span[0] - at_s, at_s - span[1]))]
    runs = _moves(parent, slot)
    near = [run for run in runs if run[0] - _NEAR_S <= at_s <= run[1] + _NEAR_S]
    others = [run for run in runs if run not in near] if whole else []
    own = (min([low for low, _ in near] or [at_s]), max([high for _, high in near] or [at_s]))
    return [(low - _HAND_S, _back_s(parent, slot, low, high) + _HAND_S) for low, high in (own, *others)]


def _ring_s(choice: SoundChoice, cue: Cue, request: GenerationRequest, end_s: float) -> float:
    """How long a sound rings on after the last time it was made."""
    if lasts(choice):
        length_s = None if cue.length_frames is None else float(cue.length_frames / request.frame_rate)
        return min(end_s, begun(choice, 0.0, length_s).end_s)
    return len(strike(SoundEvent(0.0, choice.kind, 1.0, 1.0), 0)) / SAMPLE_RATE


def _moves(parent: Tokens, slot: int) -> list[Seconds]:
    """From when to when a thing is moved; it drifts a little where it lies."""
    speed = np.hypot(*(np.abs(np.gradient(_smooth(_track(parent, slot, axis)))) for axis in "xy")) * STAGE.rate_hz
    moving = np.flatnonzero(speed > _MOVED_M_S)
    runs = np.split(moving, np.flatnonzero(np.diff(moving) > _GAP_S * STAGE.rate_hz) + 1) if len(moving) else []
    return [(run[0] / STAGE.rate_hz, (run[-1] + 1) / STAGE.rate_hz) for run in runs]


def _back_s(parent: Tokens, slot: int, low_s: float, high_s: float) -> float:
    """When a thing that was moved until `high_s` is back about where it lay before; the end where it never is."""
    x, y = _rest(parent, slot, low_s)
    away = np.hypot(_track(parent, slot, "x") - x, _track(parent, slot, "y") - y)
    first = int(high_s * STAGE.rate_hz)
    back = np.flatnonzero(away[first:] < _BACK_M)
    return (first + back[0] if len(back) else len(away)) / STAGE.rate_hz


def _rest(parent: Tokens, slot: int, before_s: float) -> tuple[float, float]:
    """Where a thing lies in the half second before it is moved."""
    at = slice(max(0, int((before_s - 0.5) * STAGE.rate_hz)), max(1, int(before_s * STAGE.rate_hz)))
    return float(np.median(_track(parent, slot, "x")[at])), float(np.median(_track(parent, slot, "y")[at]))


def _track(parent: Tokens, slot: int, axis: str) -> NDArray[np.float64]:
    return parent[STAGE.name][:, STAGE.index[f"prop{slot}.{axis}.0"]].astype(np.float64)


def _smooth(track: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.convolve(np.pad(track, 2, mode="edge"), np.full(5, 0.2), mode="valid")


def with_things_kept(reading: Reading, staging: Staging, parent: Tokens, gone: Sequence[Undone]) -> Reading:
    """A reading with the things of the parent in the slots they had there; what nobody handles any more lies still."""
    first_s = min((one.acted[0] for one in gone if one.acted), default=0.0) + _HAND_S
    asked = {prop.kind: prop for prop in reading.score.props if prop}
    laid = {one.slot: (one.x, one.y) for one in staging.deeds.handled}
    props: list[Prop | None] = []
    for slot, kind in enumerate(staging.props):
        drawn = kind and ACTIONS[kind].drawn
        place = laid.get(slot) or _rest(parent, slot, first_s)
        props.append(asked.get(kind) or (Prop(kind, *place) if drawn else None))
    return replace(reading, score=replace(reading.score, props=(props[0], props[1])))


def kept_as_they_lay(tokens: Tokens, raw: Tokens, known: NDArray[np.bool_], deeds: Deeds) -> Tokens:
    """Tokens in which a thing lies still only where it is made anew; what is laid out is so throughout."""
    stage = tokens[STAGE.name].copy()
    moved = tuple(f"prop{one.slot}" for one in deeds.handled)
    columns = [k for name, k in STAGE.index.items() if name.startswith("prop") and not name.startswith(moved)]
    stage[:, columns] = np.where(known[:, None], raw[STAGE.name][:, columns], stage[:, columns])
    return {**tokens, STAGE.name: stage}
