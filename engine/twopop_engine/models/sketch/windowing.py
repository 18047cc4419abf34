"""A scene in windows: where they lie, what each is told and given of the one before, and how hands leave a seam."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .actions import ACTIONS
from .agreement import Mask
from .layout import CHARACTERS, STAGE, TRAINED, Floats, Group
from .score import Prop, Score, token_span, token_times

GRID_S = 0.2
"""Windows begin and end on this grid: the slowest group's token."""
WINDOW_S = 3.2
"""As long as those of training: in longer ones fewer contacts are heard when they are seen."""
OVERLAP_S = 0.8
UNSURE_S = 0.2
"""The end of a window that another follows is sampled again: what falls there lands where it does not reach."""
_REACH_M = 1.6
"""How far somebody walks within one window at most."""
_BEFORE_CUE_S = _AFTER_CUE_S = 1.2
"""How long somebody is at a thing that is put down on a cue."""
_LIES_M, _LET_GO_S = 0.03, 0.48

Tokens = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Frozen:
    """Tokens that are not to change: natural units ``(tokens, dims)``, and which of them count."""

    values: Floats
    known: Mask


def windows_of(seconds: float) -> list[tuple[float, float]]:
    """Windows (start, length in seconds) of a scene: equal ones on the grid, each over the end of the one before."""
    seconds = float(np.ceil(seconds / GRID_S - 1e-6) * GRID_S)
    count = max(1, int(np.ceil((seconds - OVERLAP_S) / (WINDOW_S - OVERLAP_S) - 1e-6)))
    hop = float(np.ceil((seconds - OVERLAP_S) / count / GRID_S - 1e-6) * GRID_S)
    ends = ((k * hop, min(k * hop + hop + OVERLAP_S, seconds)) for k in range(count))
    return [(start, round((end - start) / GRID_S) * GRID_S) for start, end in ends]


def prefix(
    out: Tokens, given: Mapping[str, Frozen], groups: tuple[Group, ...], score: Score, start: float, seconds: float
) -> dict[str, Frozen]:
    """What earlier windows decided about this one, and what was given, frozen."""
    frozen: dict[str, Frozen] = {}
    for group in groups:
        cut, held = cut_of(score, group, start, seconds), given.get(group.name)
        if group.name in out:  # what was given is in it
            frozen[group.name] = frozen_part(out[group.name], np.ones(len(out[group.name]), np.bool_), cut)
        if held is not None:
            late = frozen_part(held.values, held.known, cut)
            done = frozen.get(group.name, late)
            values = np.where((late.known & ~done.known)[:, None], late.values, done.values)
            frozen[group.name] = Frozen(values, done.known | late.known)
    return frozen


def cut_of(score: Score, group: Group, start: float, seconds: float) -> slice:
    """Where the tokens of a window lie among those of its scene; the scene's begin at 0 s."""
    first, tokens = token_span(score, group, start, seconds)
    first -= token_span(score, group, 0.0, 0.0)[0]
    return slice(first, first + tokens)


def frozen_part(values: Floats, known: Mask, cut: slice) -> Frozen:
    """A window's part of a scene, as long as the window where the scene ends in it."""
    missing = cut.stop - cut.start - len(values[cut])
    return Frozen(np.pad(values[cut], ((0, missing), (0, 0))), np.pad(known[cut], (0, missing)))


def staged_for(score: Score, out: Tokens, start: float) -> Score:
    """The score of a window: everybody begins where the last window left them at its start."""
    people = []
    for group, person in zip(("CA", "CB"), score.characters, strict=True):
        x = person.from_x
        if group in out:
            rows = next(g for g in TRAINED if g.name == group)
            x = float(out[group][min(rows.tokens(start), len(out[group]) - 1), rows.index["root_x"]])
        goal = x + float(np.clip(person.to_x - x, -_REACH_M, _REACH_M))
        walks = person.may_walk and abs(goal - x) > 0.25
        people.append(replace(person, from_x=x, to_x=goal if walks else x, may_walk=walks))
    return replace(score, characters=(people[0], people[1]))


def with_things_left_alone(score: Score, out: Tokens, start: float, seconds: float) -> Score:
    """The score of a window in which nobody handles what is put down on cues, lies there, and has none of them near.

    One cue is one contact: left to themselves, the weights put a pan down five times.
    """
    fresh_s = start + (OVERLAP_S - UNSURE_S if start > 0 else 0.0)
    props: list[Prop | None] = []
    for slot, prop in enumerate(score.props):
        action = prop and ACTIONS[prop.kind]
        if prop and action and action.motion == "place":
            cues = [cue.time_s for cue in score.cues if cue.kind == action.sound]
            near = any(fresh_s - _AFTER_CUE_S < time_s < start + seconds + _BEFORE_CUE_S for time_s in cues)
            if cues and not near and _lies(slot, prop, out, fresh_s):
                prop = replace(prop, handler=None)
        props.append(prop)
    idle = {ACTIONS[prop.kind].sound for prop, was in zip(props, score.props, strict=True) if prop and prop is not was}
    busy = {ACTIONS[prop.kind].sound for prop in props if prop and prop.acts}
    return replace(score, props=(props[0], props[1]), sounds=score.sounds - (idle - busy))


def _lies(slot: int, prop: Prop, out: Tokens, time_s: float) -> bool:
    """Whether a thing is where it belongs as far as the stage is known."""
    if STAGE.name not in out:
        return True
    row = out[STAGE.name][min(STAGE.tokens(time_s), len(out[STAGE.name])) - 1]
    return abs(float(row[STAGE.index[f"prop{slot}.y.1"]]) - prop.y) < _LIES_M


def with_hands_let_go(window: Tokens, score: Score, staged: Score, frozen: Mapping[str, Frozen]) -> Tokens:
    """Hands that leave a thing at the seam of two windows, on their way from where the seam has them."""
    for prop, now in zip(score.props, staged.props, strict=True):
        if prop is now or prop is None or prop.handler is None:
            continue
        group = CHARACTERS[prop.handler]
        held = frozen.get(group.name)
        seam = int(held.known.sum()) if held else 0
        if not seam or seam == len(window[group.name]):
            continue
        hands = list(group.columns(*(f"{side}_hand_{axis}" for side in ("left", "right") for axis in "xy")))
        body = window[group.name].copy()
        u = np.clip(np.arange(len(body) - seam) / (_LET_GO_S * group.rate_hz), 0.0, 1.0)
        stays = 1.0 - u**3 * (10 - 15 * u + 6 * u**2)
        body[seam:, hands] += stays[:, None] * (body[seam - 1, hands] - body[seam, hands])
        window = {**window, group.name: body.astype(np.float32)}
    return window


def windows_around(
    score: Score, groups: tuple[Group, ...], known: Mapping[str, Mask], window_s: float
) -> list[tuple[float, float]]:
    """Windows (start, length in seconds) over everything unknown, with what is known on both sides where there is room.

    None is shorter than half of the longest: a window without surroundings is a worse guess.
    """
    missing = [(group, np.flatnonzero(~known[group.name])) for group in groups]
    ranges = [_range(score, group, at) for group, at in missing if len(at)]
    if not ranges:
        return []
    steps = round(min(len(known[group.name]) / group.rate_hz for group in groups if group.rate_hz) / GRID_S)
    size, margin = round(window_s / GRID_S), round(OVERLAP_S / GRID_S)
    first = max(0, int(np.floor(min(low for low, _ in ranges) / GRID_S + 1e-6)) - margin)
    last = min(steps, int(np.ceil(max(high for _, high in ranges) / GRID_S - 1e-6)) + margin)
    first = max(0, min(first, last - size // 2))
    last = min(steps, max(last, first + size // 2))
    windows: list[tuple[float, float]] = []
    start, end = first, min(first + size, last)
    while True:
        windows.append((start * GRID_S, (end - start) * GRID_S))
        if end == last:
            return windows
        start = max(first, min(end - margin, last - size // 2))
        end = min(start + size, last)


def _range(score: Score, group: Group, at: npt.NDArray[np.intp]) -> tuple[float, float]:
    """From when to when some tokens of a scene last."""
    if group.rate_hz:
        return float(at[0] / group.rate_hz), float((at[-1] + 1) / group.rate_hz)
    first = token_span(score, group, 0.0, 0.0)[0]
    low, high = token_times(score, group, first + int(at[0]), int(at[-1] - at[0]) + 2)[[0, -1]]
    return float(low), float(high)


def restaged_for(
    score: Score,
    now: Tokens,
    held: Mapping[str, Mask],
    cut: Mapping[str, slice],
    start: float,
) -> Score:
    """The score of a window of a retake: everybody goes from where its start has them to where its end has them."""
    staged = staged_for(score, now if start > 0 or all(held[name][0] for name in ("CA", "CB")) else {}, start)
    people = []
    for group, person, asked in zip(("CA", "CB"), staged.characters, score.characters, strict=True):
        last = min(cut[group].stop, len(now[group])) - 1
        if held[group][last]:
            rows = next(g for g in TRAINED if g.name == group)
            goal = float(now[group][last, rows.index["root_x"]])
            walks = asked.may_walk and abs(goal - person.from_x) > 0.25
            person = replace(person, to_x=goal, may_walk=walks)
        people.append(person)
    return replace(staged, characters=(people[0], people[1]))
