"""Camera moves that a brief asks for by name, written into the stage's tokens over what the model did of itself.

Where no word asks for one the camera rests, level: left to the model it would wander by a tenth of the frame, cut
people off at its edge, and have every frame's backdrop drawn anew.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .layout import STAGE, Floats

MOVES = ("unspecified", "static", "push", "pull", "pan", "dolly", "handheld")
"""Names of moves; "unspecified" is a camera at rest."""
_ZOOM = {"push": 0.28, "pull": -0.28}
_TRAVEL = {"pan": 0.30, "dolly": 0.34}
"""How far the frame goes sideways, in widths of what it shows."""
_SWAY, _ROLL = 0.009, 0.0035
"""Of a camera in hands: share of the frame's height, and radians."""
_SWAY_HZ = 1.3
"""A hand's sway is slower than this."""


def move_camera(
    stage: Floats, move: str, seconds: float, *, visible_m: float, way: float = 1.0, share: float = 1.0, seed: int = 0
) -> Floats:
    """The stage with a camera move over its whole length.

    Args:
        stage: Tokens of `STAGE`, `(tokens, dims)`, natural units; the first at the beginning of the take.
        move: One of `MOVES`.
        seconds: Length of the take, which may be longer than the tokens there are so far.
        visible_m: Height of what the shot shows.
        way: Where a pan or dolly goes: -1 to the audience's left, 1 to the right.
        share: How much of the usual move there is room for.
        seed: Of a hand's sway.
    """
    stage, column = stage.copy(), STAGE.index
    lens = STAGE.columns("camera_x", "camera_y", "camera_zoom")
    stage[:, lens] = stage[:1, lens]
    stage[:, STAGE.columns("camera_roll", "camera_shake_x", "camera_shake_y")] = 0.0
    times = STAGE.times_s(len(stage))
    u = np.clip(times / seconds, 0.0, 1.0)
    eased = u * u * (3 - 2 * u)
    stage[:, column["camera_zoom"]] += _ZOOM.get(move, 0.0) * share * eased
    stage[:, column["camera_x"]] += _TRAVEL.get(move, 0.0) * share * way * visible_m * 16 / 9 * eased
    if move == "handheld":
        for k, (name, size) in enumerate(
            (("camera_x", _SWAY * visible_m), ("camera_y", _SWAY * visible_m), ("camera_roll", _ROLL))
        ):
            stage[:, column[name]] += size * _sway(times, seed + k)
    return stage


def _sway(times_s: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.float64]:
    """Slow unrest about 0 with a spread of 1, a function of absolute time alone."""
    draw = np.random.Generator(np.random.Philox(seed))
    rates = _SWAY_HZ * np.array((0.19, 0.37, 0.61, 1.0)) * draw.uniform(0.9, 1.1, 4)
    phases = draw.uniform(0, 2 * np.pi, 4)
    sizes = np.array((1.0, 0.7, 0.45, 0.25))
    return np.sin(2 * np.pi * times_s[:, None] * rates + phases) @ sizes / np.sqrt((sizes**2).sum() / 2)
