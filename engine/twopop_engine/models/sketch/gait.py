"""Walking and running: where each foot comes down and when, and how a body goes along with it.

The weights do not walk yet (`actions.GAITS_LEARNT`): they let a body drift to where the score sends it. So a gait is
laid over their tokens, as the camera's moves are, and its landings are cues of the score: the foot and its sound are of
one decision, at the same instant, and another sampling of either leaves them together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from .layout import CA, Floats

Times = npt.NDArray[np.float64]

FOOT_M: Final = 0.10
"""From the middle of somebody who stands to either foot."""
_SMOOTH_S: Final = 0.32
_LONGEST, _SHORTEST, _SLOWEST = 1.15, 0.68, 1.2
"""How much longer and shorter than usual a step may be, and how much more time it may take."""
_SINKS: Final = 0.1
"""Hips are lowest so long (in steps) after a foot has come down: the knee gives."""
_LATE: Final = 1.25
"""How late a foot in the air comes forward: above 1 it does not hover over where it will land."""
_AFTER_S: Final = 0.3
"""How long a shot goes on after the last step of somebody who goes for all of it."""
_ARRIVE_S: Final = 0.45
"""How long somebody takes to come to rest, or to set out."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one goes: a step's time and length, how long a foot is in the air (in steps), and what the body does.

    Attributes:
        period_s, step_m: Of one step.
        swing: Air time of a foot in steps; above 1 both are off the ground at times.
        lift_m: How high a foot comes, soonest after it has left the ground if `kick`.
        dip_m: How far the hips go down with every step.
        lean: Forward, rad.
        hand_m, arm_m: Height of the hands, and how far they swing to either side.
    """

    period_s: float
    step_m: float
    swing: float
    lift_m: float
    kick: float
    dip_m: float
    lean: float
    hand_m: float
    arm_m: float


STYLES: Final = {
    "walk": Style(0.52, 0.60, 0.84, 0.09, 0.8, 0.035, 0.03, 0.84, 0.24),
    "run": Style(0.35, 0.92, 1.42, 0.30, 0.55, 0.07, 0.16, 1.08, 0.22),
}


@dataclass(frozen=True, slots=True)
class Gait:
    """Somebody's way over the stage.

    Attributes:
        kind: A name of `STYLES`.
        lands_s: When a foot comes down, ascending, take clock.
        plants_m: Where it then stands, stage x.
        from_m, to_m: Where the body is before the first and after the last.
        first: The foot that lands first, 0 the left one of the audience.
        step_s: How long a step takes.
        ways: Where each landing goes, -1 to the audience's left, 1 to the right; empty where it goes one way.
    """

    kind: str
    lands_s: tuple[float, ...]
    plants_m: tuple[float, ...]
    from_m: float
    to_m: float
    first: int
    step_s: float
    ways: tuple[float, ...] = ()

    @property
    def way(self) -> float:
        """Where it goes first: -1 to the audience's left, 1 to the right."""
        return self.ways[0] if self.ways else float(np.sign(self.to_m - self.from_m) or 1.0)

    def heading(self, times_s: Times) -> Times:
        """Where it goes at times of the take; who turns faces the audience in between."""
        if not self.ways:
            return np.full(len(times_s), self.way)
        return np.interp(times_s, self.lands_s, self.ways)

    def x(self, times_s: Times) -> Times:
        """Where the body is, metres."""
        fine = np.arange(self.lands_s[0] - 2 * self.step_s, self.lands_s[-1] + 1.0, 0.01)
        middle = np.convolve(np.interp(fine, *self._knots()), _kernel(_SMOOTH_S, 0.01), mode="valid")
        edge = (len(fine) - len(middle)) // 2
        return np.interp(times_s, fine[edge : edge + len(middle)], middle)

    def _knots(self) -> tuple[Times, Times]:
        """The body is between the feet when one comes down."""
        plants = np.asarray(self.plants_m)
        before = np.concatenate([[self.from_m], plants[:-1]])
        times = np.concatenate([[self.lands_s[0] - self.step_s], self.lands_s])
        return times, np.concatenate([[self.from_m], (before + plants) / 2])


def _kernel(seconds: float, step_s: float) -> Times:
    window = np.hanning(2 * round(seconds / step_s / 2) + 3)
    return np.asarray(window / window.sum(), np.float64)


def go(
    kind: str,
    from_m: float,
    to_m: float,
    seconds: float,
    *,
    cues_s: Sequence[float] = (),
    beats_s: Sequence[float] = (),
    begin_s: float = 0.0,
    moving: bool = True,
    turns_m: Sequence[float] = (),
    all_the_time: bool = False,
) -> Gait:
    """Lays a way out in steps.

    Args:
        kind: walk or run.
        from_m, to_m: The way; where there is no time for all of it, it begins nearer, or ends so if they stand first.
        seconds: When they have arrived, take clock.
        cues_s: Times at which a foot has to come down.
        beats_s: Beats that every foot has to come down on, or on halves or every second of them.
        begin_s: When it begins; before that they are elsewhere.
        moving: Whether they are on their way already then.
        turns_m: Where they turn round before that.
        all_the_time: Whether they take smaller and slower steps rather than be there early.
    """
    style = STYLES[kind]
    points = np.array([from_m, *turns_m, to_m])
    length = float(np.abs(np.diff(points)).sum())
    usual = needed = max(2, round(length / style.step_m))
    first_s = begin_s + (0.4 if moving else 1.6) * style.period_s
    if all_the_time:
        late = max(1.0, (seconds - first_s) / (usual * style.period_s))
        style = replace(style, period_s=style.period_s * min(_SLOWEST, late**0.5))
        needed = max(usual, math.ceil(length / (_SHORTEST * style.step_m)) + 1)
    lands = _lands(style, needed, seconds, cues_s, beats_s, first_s)
    if all_the_time and not cues_s and len(beats_s) < 2:  # to the very end
        least = math.ceil((seconds - _AFTER_S - first_s) / (_SLOWEST * STYLES[kind].period_s)) + 1
        lands = np.linspace(first_s, max(lands[-1], seconds - _AFTER_S), max(len(lands), least))
    if len(lands) < 2 + 3 * len(turns_m):
        points = points[:2]
    steps = max(1, len(lands) - len(points) + 1)
    fixed = points[-1 if moving else 0]
    points = fixed + (points - fixed) * min(1.0, _LONGEST * style.step_m * steps / (length or 1.0))
    plants, ways, first = _planted(points, len(lands))
    gap = float(np.median(np.diff(lands))) if len(lands) > 1 else style.period_s
    turning = tuple(map(float, ways)) if len(points) > 2 else ()
    return Gait(
        kind, tuple(map(float, lands)), tuple(map(float, plants)), float(points[0]), float(points[-1]), first, gap,
        turning,
    )  # fmt: skip


def slowest(beats_s: Sequence[float] = ()) -> float:
    """How much slower than usual one may go."""
    return (1.0 if len(beats_s) > 1 else _SLOWEST) / _SHORTEST


def pace_m_s(kind: str, beats_s: Sequence[float] = ()) -> float:
    """How fast one usually goes, on beats where there are any."""
    style = STYLES[kind]
    if len(beats_s) < 2:
        return style.step_m / style.period_s
    return style.step_m / float(np.median(np.diff(on_beats(np.asarray(beats_s, np.float64), style.period_s))))


def _planted(points: Times, count: int) -> tuple[Times, Times, int]:
    """Where so many landings are and where each goes, and the foot that lands first.

    The last two steps before every end bring the feet beside each other, under the body; the one ahead comes last, so
    that who turns round sets out with the other.
    """
    lengths = np.abs(np.diff(points))
    counts = [3 + 2 * round((count * length / (lengths.sum() or 1.0) - 3) / 2) for length in lengths]
    counts = [max(3, each) for each in counts]
    while count - sum(counts[1:]) < 2 and max(counts[1:], default=0) > 3:
        counts[1 + int(np.argmax(counts[1:]))] -= 2
    counts[0] = count - sum(counts[1:])
    plants, ways = list[Times](), list[Times]()
    for start, end, steps in zip(points, points[1:], counts, strict=False):
        way = float(np.sign(end - start))
        leg = start + (end - start) / max(1, steps - 1) * np.arange(1, steps + 1)
        leg[-2:] = end + FOOT_M * way * np.array([-1.0, 1.0])[-len(leg) :]
        plants.append(leg)
        ways.append(np.full(steps, way))
    return np.concatenate(plants), np.concatenate(ways), ((1 if ways[0][0] > 0 else 0) - counts[0] + 1) % 2


def _lands(
    style: Style, needed: int, seconds: float, cues_s: Sequence[float], beats_s: Sequence[float], first_s: float
) -> Times:
    """When the feet come down: on every cue and evenly between, or on beats, or at the gait's own pace."""
    period = style.period_s
    if len(beats_s) > 1:
        grid = on_beats(np.asarray(beats_s, np.float64), period)
        grid = grid[grid > first_s - 0.5 * period]
        return grid[: max(2, min(needed, int(np.sum(grid < seconds))))]
    if not cues_s:
        count = max(2, min(needed + 1, int((seconds - first_s) / period)))
        return np.asarray(first_s + period * np.arange(count), np.float64)
    times = [float(cues_s[0])]
    for cue in cues_s[1:]:
        parts = max(1, round((cue - times[-1]) / period))
        times += list(np.linspace(times[-1], cue, parts + 1)[1:])
    more = max(0, min(needed, int((seconds - times[-1]) / period)) - len(times) + 1)
    return np.asarray([*times, *(times[-1] + period * np.arange(1, max(more, 2 - len(times)) + 1))])


def on_beats(beats_s: Times, period_s: float) -> Times:
    """The beats, or halves or every second of them, whichever is nearest to a period."""
    gap = float(np.median(np.diff(beats_s)))
    share = min((0.5, 1.0, 2.0), key=lambda part: abs(np.log(gap * part / period_s)))
    if share == 2.0:
        return np.asarray(beats_s[::2], np.float64)
    parts = round(1 / share)
    places = np.arange((len(beats_s) - 1) * parts + 1) / parts
    return np.asarray(np.interp(places, np.arange(len(beats_s)), beats_s), np.float64)


# --- over the tokens ------------------------------------------------------------------------------


def lay_gait(body: Floats, gait: Gait) -> Floats:
    """The tokens of a body, `(tokens, dims)`, the first at the beginning of the take, with a gait over them."""
    body, style, at = body.astype(np.float32), STYLES[gait.kind], CA.index
    times = CA.times_s(len(body))
    root = gait.x(times)
    feet = [_foot(gait, style, side, times) for side in (0, 1)]
    share = _going(gait, times)
    body[:, at["root_x"]] = root
    for side, name in enumerate(("left", "right")):
        x, y = feet[side]
        body[:, at[f"{name}_foot_x"]], body[:, at[f"{name}_foot_y"]] = x - root, y
    way = gait.heading(times)
    body[:, at["facing"]] += share * (1.3 * way - body[:, at["facing"]])
    body[:, at["head_yaw"]] *= 1.0 - 0.8 * share
    body[:, at["gaze_x"]] *= 1.0 - 0.6 * share
    body[:, at["lean"]] = (1.0 - share) * body[:, at["lean"]] + share * style.lean * way
    pace = np.interp(times, gait.lands_s, np.arange(len(gait.lands_s)))
    pace += np.minimum(times - gait.lands_s[0], 0.0) / gait.step_s
    body[:, at["hip_drop"]] = share * style.dip_m * (0.55 + 0.45 * np.cos(2 * np.pi * (pace - _SINKS)))
    _swing_arms(body, gait, way, share, pace)
    return body


def _foot(gait: Gait, style: Style, side: int, times_s: Times) -> tuple[Times, Times]:
    """Where one foot is, stage x and height."""
    offset = FOOT_M if side else -FOOT_M
    x, y = np.full(len(times_s), gait.from_m + offset), np.zeros(len(times_s))
    here = gait.from_m + offset
    for k in range((gait.first + side) % 2, len(gait.lands_s), 2):
        land, plant = gait.lands_s[k], gait.plants_m[k]
        u = np.clip((times_s - land) / (style.swing * gait.step_s) + 1.0, 0.0, 1.0)
        v = u**_LATE
        x = np.where(u > 0, here + (plant - here) * v * v * (3 - 2 * v), x)
        high = style.lift_m * np.sin(np.pi * u**style.kick)
        y = np.where((u > 0) & (u < 1), high, y)
        here = plant
    return x, y


def _going(gait: Gait, times_s: Times) -> Times:
    """0 at rest, 1 on the way."""
    up = np.clip((times_s - gait.lands_s[0] + 1.3 * gait.step_s) / _ARRIVE_S, 0.0, 1.0)
    down = np.clip((gait.lands_s[-1] + 0.1 - times_s) / _ARRIVE_S + 0.5, 0.0, 1.0)
    u = np.minimum(up, down)
    return u * u * (3 - 2 * u)


def _swing_arms(body: Floats, gait: Gait, way: Times, share: Times, pace: Times) -> None:
    """Each hand goes forward with the foot of the other side."""
    at, style = CA.index, STYLES[gait.kind]
    swing = style.arm_m * np.cos(np.pi * (pace + gait.first))
    for name, sign in (("left", -1.0), ("right", 1.0)):
        x, y = at[f"{name}_hand_x"], at[f"{name}_hand_y"]
        ahead = sign * swing
        across = 0.05 * sign + way * ahead + (0.08 * way if gait.kind == "run" else 0.0)
        height = style.hand_m + (0.5 if gait.kind == "run" else 0.12) * np.maximum(ahead, 0.0)
        body[:, x] += share * (across - body[:, x])
        body[:, y] += share * (height - body[:, y])
