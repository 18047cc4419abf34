"""What bodies do: they stand, walk and gesture, and a foot sounds when it comes down to the floor."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..models.sketch.lanes import SoundEvent
from ..models.sketch.phones import Phone
from ..models.sketch.scaling import FOOT_X, HAND_X, HAND_Y
from .rig import smooth

Floats64 = npt.NDArray[np.float64]

BEAT_JITTER_S = 0.012


def ease(u: Floats64) -> Floats64:
    """Minimum-jerk travel from 0 to 1 as ``u`` goes from 0 to 1."""
    u = np.clip(u, 0.0, 1.0)
    return u**3 * (10 - 15 * u + 6 * u**2)


@dataclass
class Body:
    """One body over a window at 25 Hz: root and feet in stage x, hands relative to the root."""

    root_x: Floats64
    facing: Floats64
    hip_drop: Floats64
    feet: dict[str, tuple[Floats64, Floats64]]
    hands: dict[str, tuple[Floats64, Floats64]]
    steps: list[SoundEvent] = field(default_factory=list)


def stand(times_s: Floats64, x: float, facing: float) -> Body:
    """A body at rest."""
    still = np.full(len(times_s), x)
    zero = np.zeros(len(times_s))
    return Body(
        still,
        np.full(len(times_s), facing),
        zero.copy(),
        {side: (still + sign * FOOT_X, zero.copy()) for side, sign in (("left", -1), ("right", 1))},
        {side: (zero + sign * HAND_X, zero + HAND_Y) for side, sign in (("left", -1), ("right", 1))},
    )


def walk(
    body: Body,
    times_s: Floats64,
    to_x: float,
    floor: str,
    rng: np.random.Generator,
    beats: Floats64 | None = None,
) -> None:
    """Walks the body to ``to_x`` at a time of its own choosing, or with every step on one of the ``beats``.

    Feet alternate from plant to plant; each lands with some speed, which is what sounds.
    """
    distance = to_x - body.root_x[0]
    paces = max(1, round(abs(distance) / rng.uniform(0.5, 0.68)))
    starts, lands = _paces(paces + 1, times_s, rng, beats)
    lift, weight = rng.uniform(0.07, 0.14), rng.uniform(0.35, 0.9)
    stride, first = distance / paces, int(rng.integers(2))
    plants = {side: body.root_x[0] + sign * FOOT_X for side, sign in (("left", -1), ("right", 1))}
    for pace, (start, land) in enumerate(zip(starts, lands, strict=True)):
        side = ("left", "right")[(pace + first) % 2]
        goal = to_x + (-FOOT_X if side == "left" else FOOT_X)
        target = goal if pace >= paces - 1 else body.root_x[0] + stride * (pace + 1)
        x, y = body.feet[side]
        u = (times_s - start) / (land - start)
        x[:] = np.where(u > 0, plants[side] + (target - plants[side]) * ease(u), x)
        y[:] = np.where((u > 0) & (u < 1), lift * np.sin(np.pi * np.clip(u, 0, 1) ** 0.8), y)
        plants[side] = target
        strength = float(np.clip(weight * rng.uniform(0.8, 1.2) * (0.6 if pace == paces else 1.0), 0.1, 1))
        body.steps.append(SoundEvent(float(land), floor, strength, 0.3 + 0.5 * weight))
    _sway_along(body, times_s, starts, lands, first, float(np.sign(distance or 1.0)))


def _paces(
    count: int, times_s: Floats64, rng: np.random.Generator, beats: Floats64 | None
) -> tuple[Floats64, Floats64]:
    """When each foot leaves the floor and lands. A walk may be cut by either end of the window, as it is when a
    scene is rendered in windows.
    """
    period = rng.uniform(0.42, 0.62)
    slack = times_s[-1] - times_s[0] - period * (count + 0.4)
    begin = times_s[0] + (rng.uniform(0.0, slack) if slack > 0 else rng.uniform(slack, 0.0) * 0.5)
    if beats is None:
        starts = begin + period * np.arange(count)
        return starts, starts + period * rng.uniform(0.86, 0.96, count)
    grid = subdivided(beats, period)
    at = int(np.clip(np.searchsorted(grid, begin + period), 1, max(1, len(grid) - count)))
    lands = grid[at : at + count] + rng.normal(0, BEAT_JITTER_S, len(grid[at : at + count]))
    lands = np.concatenate([lands, lands[-1] + period * np.arange(1, count - len(lands) + 1)])
    return lands - 0.9 * np.diff(lands, prepend=lands[0] - float(np.diff(grid)[at - 1])), lands


def subdivided(beats: Floats64, period_s: float) -> Floats64:
    """The beats, or halves, quarters or every second of them, whichever is nearest to a period."""
    gap = float(np.median(np.diff(beats)))
    share = min((0.25, 0.5, 1.0, 2.0), key=lambda s: abs(np.log(gap * s / period_s)))
    if share == 2.0:
        return beats[::2]
    parts = round(1 / share)
    return np.interp(np.arange((len(beats) - 1) * parts + 1) / parts, np.arange(len(beats)), beats)


def _sway_along(body: Body, times_s: Floats64, starts: Floats64, lands: Floats64, first: int, way: float) -> None:
    """Root, hips, facing and arms follow the feet."""
    begin, end = float(starts[0]), float(lands[-1])
    middle = (body.feet["left"][0] + body.feet["right"][0]) / 2
    body.root_x[:] = smooth(middle, 9)
    walking = smooth(((times_s > begin) & (times_s < end)).astype(float), 9)
    body.facing[:] = body.facing * (1 - walking) + way * 1.25 * walking
    pace = np.interp(times_s, starts, np.arange(len(starts)))  # the arms keep step with the feet
    body.hip_drop[:] += walking * 0.03 * (0.5 - 0.5 * np.cos(2 * np.pi * pace))
    swing = walking * 0.16 * np.sin(np.pi * pace + np.pi * first)
    for side, sign in (("left", 1), ("right", -1)):
        x, y = body.hands[side]
        x += sign * swing
        y += 0.35 * np.abs(swing)


def move_hand(body: Body, side: str, x: Floats64, y: Floats64, share: Floats64) -> None:
    """Blends a hand towards a path (x about the root, y from the floor) by ``share``."""
    hand_x, hand_y = body.hands[side]
    hand_x[:] = hand_x * (1 - share) + x * share
    hand_y[:] = hand_y * (1 - share) + y * share


def gesture(body: Body, times_s: Floats64, phones: tuple[Phone, ...], rate: float, rng: np.random.Generator) -> None:
    """Hands rise around some stressed phones, and rest."""
    moment = -1e9
    for phone in phones:
        if phone.stress < 1.0 or phone.start_s < moment or rng.random() > rate:
            continue
        side, sign = (("left", -1.0), ("right", 1.0))[int(rng.random() < 0.6)]
        rise, hold, fall = rng.uniform(0.22, 0.4), rng.uniform(0.1, 0.6), rng.uniform(0.35, 0.6)
        start = phone.start_s - rise
        share = ease((times_s - start) / rise) - ease((times_s - start - rise - hold) / fall)
        out = sign * rng.uniform(0.18, 0.42) + np.zeros(len(times_s))
        height = rng.uniform(1.02, 1.32) + 0.03 * np.sin(2 * np.pi * 2.2 * (times_s - start))
        move_hand(body, side, out, height, share)
        moment = start + rise + hold + fall
