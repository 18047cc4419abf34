"""What bodies and props do: walks, gestures, things lifted and put down, and the sounds that makes.

Contact is kinematic. A foot sounds when it comes down to the floor, a prop when it comes down to its
surface; times are drawn here and written nowhere but in the motion and in the sound.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..models.sketch.lanes import SoundEvent
from ..models.sketch.phones import Phone
from .rig import smooth

Floats64 = npt.NDArray[np.float64]

HAND_X, HAND_Y, FOOT_X = 0.24, 0.86, 0.10
_SHOULDER_Y, _ARM_M = 1.38, 0.66


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


def walk(body: Body, times_s: Floats64, to_x: float, floor: str, rng: np.random.Generator) -> float:
    """Walks the body to ``to_x`` at a time of its own choosing; returns when it arrives.

    Feet alternate from plant to plant; each lands with some speed, which is what sounds.
    """
    distance = to_x - body.root_x[0]
    paces = max(1, round(abs(distance) / rng.uniform(0.5, 0.68)))
    period = rng.uniform(0.42, 0.62)
    needed = period * (paces + 1.4)
    slack = times_s[-1] - times_s[0] - needed
    # A walk may be cut by either end of the window, as it is when a scene is rendered in windows.
    begin = times_s[0] + (rng.uniform(0.0, slack) if slack > 0 else rng.uniform(slack, 0.0) * 0.5)
    lift, weight = rng.uniform(0.07, 0.14), rng.uniform(0.35, 0.9)
    stride, first = distance / paces, int(rng.integers(2))
    plants = {side: body.root_x[0] + sign * FOOT_X for side, sign in (("left", -1), ("right", 1))}
    for pace in range(paces + 1):
        side = ("left", "right")[(pace + first) % 2]
        start = begin + pace * period
        land = start + period * rng.uniform(0.86, 0.96)
        goal = to_x + (-FOOT_X if side == "left" else FOOT_X)
        target = goal if pace >= paces - 1 else body.root_x[0] + stride * (pace + 1)
        x, y = body.feet[side]
        u = (times_s - start) / (land - start)
        x[:] = np.where(u > 0, plants[side] + (target - plants[side]) * ease(u), x)
        y[:] = np.where((u > 0) & (u < 1), lift * np.sin(np.pi * np.clip(u, 0, 1) ** 0.8), y)
        plants[side] = target
        strength = float(np.clip(weight * rng.uniform(0.8, 1.2) * (0.6 if pace == paces else 1.0), 0.1, 1))
        body.steps.append(SoundEvent(float(land), floor, strength, 0.3 + 0.5 * weight))
    end = begin + (paces + 1) * period
    middle = (body.feet["left"][0] + body.feet["right"][0]) / 2
    body.root_x[:] = smooth(middle, 9)
    walking = smooth(((times_s > begin) & (times_s < end)).astype(float), 9)
    body.facing[:] = body.facing * (1 - walking) + np.sign(distance or 1.0) * 1.25 * walking
    bob = 0.5 - 0.5 * np.cos(2 * np.pi * (times_s - begin) / period)
    body.hip_drop[:] += walking * 0.03 * bob
    swing = walking * 0.16 * np.sin(np.pi * (times_s - begin) / period + np.pi * first)
    for side, sign in (("left", 1), ("right", -1)):
        x, y = body.hands[side]
        x += sign * swing
        y += 0.35 * np.abs(swing)
    return float(end)


def _move_hand(body: Body, side: str, x: Floats64, y: Floats64, share: Floats64) -> None:
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
        _move_hand(body, side, out, height, share)
        moment = start + rise + hold + fall


@dataclass
class PropMotion:
    """A prop at 50 Hz in stage space, rotation and state at 25 Hz, and the sounds of its landings."""

    x: Floats64
    y: Floats64
    rotation: Floats64
    state: Floats64
    landings: list[SoundEvent] = field(default_factory=list)


def rest_prop(fine_s: Floats64, x: float, y: float) -> PropMotion:
    """A prop that nobody touches."""
    tokens = len(fine_s) // 2
    return PropMotion(np.full(len(fine_s), x), np.full(len(fine_s), y), np.zeros(tokens), np.zeros(tokens))


def handle_prop(
    prop: PropMotion, kind: str, body: Body, times_s: Floats64, fine_s: Floats64, rng: np.random.Generator
) -> None:
    """The right hand takes the prop, lifts it and puts it down, gently or with a bang, once or more."""
    home_x, home_y = float(prop.x[0]), float(prop.y[0])
    clock = times_s[0] + rng.uniform(-0.2, max(0.3, times_s[-1] - times_s[0] - 1.4))
    reach = rng.uniform(0.3, 0.5)
    taken = clock + reach
    clock = taken
    for _ in range(int(rng.integers(1, 4))):
        clock = _lift_and_land(prop, kind, clock + rng.uniform(0.0, 0.35), home_x, home_y, fine_s, times_s, rng)
    released = clock + rng.uniform(0.08, 0.3)
    share = ease((times_s - taken + reach) / reach) - ease((times_s - released) / rng.uniform(0.35, 0.6))
    x25, y25 = prop.x.reshape(-1, 2).mean(1), prop.y.reshape(-1, 2).mean(1)
    _move_hand(body, "right", x25 - body.root_x, y25 + 0.05, share)
    prop.state[:] = ((times_s > taken) & (times_s < released)).astype(float)


def _lift_and_land(
    prop: PropMotion,
    kind: str,
    start: float,
    home_x: float,
    home_y: float,
    fine_s: Floats64,
    times_s: Floats64,
    rng: np.random.Generator,
) -> float:
    """One arc: up by minimum jerk, a pause, down faster and faster until it lands. Returns the landing."""
    height, up, pause = rng.uniform(0.06, 0.26), rng.uniform(0.22, 0.5), rng.uniform(0.0, 0.4)
    speed = float(np.exp(rng.uniform(np.log(0.5), np.log(3.2))))
    fall = 2 * height / speed
    top, land = start + up, start + up + pause + fall
    u = np.clip((fine_s - top - pause) / fall, 0, 1)
    rise = height * (ease((fine_s - start) / up) - u**2)
    inside = (fine_s >= start) & (fine_s < land)
    prop.y[:] = np.where(inside, home_y + rise, np.where(fine_s >= land, home_y, prop.y))
    shift = rng.normal(0, 0.05) * (ease((fine_s - start) / up) - ease((fine_s - top) / (pause + fall)))
    prop.x[:] = np.where(inside, home_x + shift, np.where(fine_s >= land, home_x, prop.x))
    tilt = rng.normal(0, 0.12) * (ease((times_s - start) / up) - ease((times_s - top) / (pause + fall)))
    ring = 0.04 * min(1.0, speed / 2) * np.exp(-np.maximum(times_s - land, 0) / 0.12) * np.cos(40 * (times_s - land))
    prop.rotation += tilt + np.where(times_s >= land, ring, 0.0)
    strength = float(np.clip(0.12 + 0.3 * speed, 0.1, 1.0))
    prop.landings.append(SoundEvent(float(land), kind, strength, float(np.clip(speed / 2.6, 0, 1))))
    return float(land)
