"""Hands that wave, point, shrug and talk along, laid over the sampled body where the prompt has somebody do so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from .layout import CA, Floats

Times = npt.NDArray[np.float64]
Kind = Literal["wave", "point", "shrug", "talk"]

_RISE_S: Final = 0.38
_FALL_S: Final = 0.55
_LEAD_S: Final = {"wave": 0.0, "point": 0.0, "shrug": 0.0, "talk": 0.18}
"""How long a hand is up before it is there: one that talks comes down on its mark, so it was higher before."""
_HOLD_S: Final = {"wave": 1.9, "point": 1.3, "shrug": 0.7, "talk": 0.30}
_REST_S: Final = 2.6
"""How long hands rest between two of a kind, at least."""
_WAVE_HZ: Final = 2.1
_STROKE_S: Final = 1.4
"""From one stroke of hands that talk to the next, where no stress of a line and no beat says when."""
_MOST: Final = {"wave": 3, "point": 2, "shrug": 2, "talk": 99}


@dataclass(frozen=True, slots=True)
class Gesture:
    """One movement of a hand or both.

    Attributes:
        kind: What it is.
        at_s: When it is there: a wave begins to swing, a finger points, a stroke of the hands lands. Take clock.
        hands: Which, 0 the one on the audience's left.
        way: To which side it points or leans, -1 or 1.
        swing_s: Of a wave, the time from side to side and back.
    """

    kind: Kind
    at_s: float
    hands: tuple[int, ...]
    way: float = 1.0
    swing_s: float = 1 / _WAVE_HZ


def gestures(
    kind: Kind,
    from_s: float,
    to_s: float,
    *,
    hands: tuple[int, ...],
    way: float = 1.0,
    stresses_s: Sequence[float] = (),
    beats_s: Sequence[float] = (),
) -> tuple[Gesture, ...]:
    """When somebody makes a gesture within a stretch of time.

    Args:
        kind: Which.
        from_s, to_s: The stretch, take clock.
        hands: Those that are free, the better one first.
        way: Where the other person or the middle of the picture is.
        stresses_s: Stressed vowels of what they say: hands that talk come down on them.
        beats_s: Beats that every gesture comes down on instead.
    """
    if not hands:
        return ()
    rise = _RISE_S + _LEAD_S[kind]
    length = rise + _HOLD_S[kind] + _FALL_S + (0.0 if kind == "talk" else _REST_S)
    first = from_s + rise + 0.25
    marks = [t for t in (beats_s or stresses_s) if first <= t <= to_s - 0.3] if kind == "talk" or beats_s else []
    marks = marks or list(np.arange(first, max(first + 0.1, to_s - 0.5), length if kind != "talk" else _STROKE_S))
    beat = float(np.median(np.diff(beats_s))) if len(beats_s) > 1 else 0.0
    out: list[Gesture] = []
    for mark in marks:
        if (out and mark - out[-1].at_s < length - 0.25) or len(out) >= _MOST[kind]:
            continue
        turn = len(out) % len(hands) if kind == "talk" else 0
        used = hands if kind == "shrug" else hands[turn : turn + 1]
        out.append(Gesture(kind, float(mark), used, way, _swing(beat)))
    return tuple(out)


def _swing(beat_s: float) -> float:
    """Once over and back a beat, or in half or twice of it, as fast as people wave."""
    if not beat_s:
        return 1 / _WAVE_HZ
    return min((beat_s * part for part in (0.5, 1.0, 2.0)), key=lambda s: abs(np.log(s * _WAVE_HZ)))


def lay_gestures(body: Floats, made: Sequence[Gesture]) -> Floats:
    """The tokens of a body with gestures over them, `(tokens, dims)`, the first at the beginning of the take."""
    body = body.copy()
    times = CA.times_s(len(body))
    for gesture in made:
        share = _share(gesture, times)
        for hand in gesture.hands:
            name, side = (("left", -1.0), ("right", 1.0))[hand]
            x, y = CA.columns(f"{name}_hand_x", f"{name}_hand_y")
            to_x, to_y = _path(gesture, side, times, body[:, CA.index["hip_drop"]])
            body[:, x] += share * (to_x - body[:, x])
            body[:, y] += share * (to_y - body[:, y])
        _along(body, gesture, share)
    return body


def _share(gesture: Gesture, times_s: Times) -> Times:
    up = np.clip((times_s - gesture.at_s + _LEAD_S[gesture.kind]) / _RISE_S + 1.0, 0.0, 1.0)
    down = np.clip((gesture.at_s + _HOLD_S[gesture.kind] + _FALL_S - times_s) / _FALL_S, 0.0, 1.0)
    u = np.minimum(up, down)
    return u**3 * (10 - 15 * u + 6 * u**2)


def _path(gesture: Gesture, side: float, times_s: Times, drop_m: Floats) -> tuple[Times, Times]:
    """Where a hand goes, about the root and above the floor; hips that are low take the shoulders with them."""
    since = times_s - gesture.at_s
    drop = drop_m.astype(np.float64)
    match gesture.kind:
        case "wave":
            swing = np.sin(2 * np.pi * since / gesture.swing_s + np.pi / 2)
            return side * (0.40 + 0.11 * swing), 1.58 - 0.035 * np.abs(swing) - drop
        case "point":
            settle = 0.02 * np.exp(-np.maximum(since, 0) * 6) * np.cos(18 * since)
            return np.full(len(since), 0.70 * gesture.way), 1.38 + settle - drop
        case "shrug":
            return np.full(len(since), side * 0.36), 1.14 + 0.02 * np.cos(3 * since) - drop
        case "talk":
            down = np.exp(-((since / 0.12) ** 2))
            return np.full(len(since), side * 0.33) + 0.03 * gesture.way, 1.20 - 0.10 * down - drop


def _along(body: Floats, gesture: Gesture, share: Times) -> None:
    """What the rest of the body does with it."""
    at = CA.index
    if gesture.kind == "shrug":
        brows = CA.columns("brow_left", "brow_right")
        body[:, brows] += (share[:, None] * (0.6 - body[:, brows])).astype(np.float32)
        body[:, at["head_roll"]] += 0.10 * share * gesture.way
    if gesture.kind == "point":
        body[:, at["gaze_x"]] += share * (0.7 * gesture.way - body[:, at["gaze_x"]])
    if gesture.kind == "wave":
        body[:, at["smile"]] = np.maximum(body[:, at["smile"]], 0.35 * share)
        body[:, at["lean"]] -= 0.02 * share * (1.0 if 1 in gesture.hands else -1.0)
