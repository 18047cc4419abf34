"""Natural units <-> what the network sees: how far each token is from what the score expects, finest near to it.

A hand that meets a door, a pan that meets the stove, somebody who just stands there: what matters happens where the
score says that things are, to the millimetre, and the network is sure of a tenth of a unit at best. So channels of the
picture are measured from their expected value, and those that contacts are made of are bent: linear close to it,
like a square root far off.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from .actions import ACTIONS
from .layout import CHARACTERS, STAGE, Floats, Group
from .score import Blocking, Prop, Score, Times, setups

HAND_X, HAND_Y, FOOT_X, ARM_M = 0.24, 0.86, 0.10, 0.64
"""Metres: where hands hang and feet stand beside the root, how far an arm reaches to the side."""
_BENDS_M = {
    **dict.fromkeys(("prop0.y", "prop1.y"), 0.02),
    **dict.fromkeys(("left_hand", "right_hand", "prop0", "prop1", "root_x", "light_level"), 0.05),
}
"""Up to where a channel (by the beginning of its name) is nearly linear; the others are so throughout."""


class Scaling:
    """Both ways, with the tables that were measured on the corpus.

    Args:
        tables: ``<group>.mean`` and ``<group>.scale``, (dims,), of bent departures.
    """

    def __init__(self, tables: Mapping[str, Floats]) -> None:
        self._tables = tables

    def normal(self, group: Group, values: Floats, expected: Floats) -> Floats:
        """Tokens (tokens, dims) in natural units -> about unit variance."""
        bent = bend(group, values - expected)
        return ((bent - self._tables[f"{group.name}.mean"]) / self._tables[f"{group.name}.scale"]).astype(np.float32)

    def natural(self, group: Group, tokens: Floats, expected: Floats) -> Floats:
        """The inverse of :meth:`normal`."""
        bent = tokens * self._tables[f"{group.name}.scale"] + self._tables[f"{group.name}.mean"]
        return (_straighten(group, bent) + expected).astype(np.float32)


def bend(group: Group, departures: Floats) -> Floats:
    """Departures in natural units -> the same, compressed where they are large."""
    columns, near = _bent(group)
    out = departures.astype(np.float64)
    part = out[:, columns]
    out[:, columns] = np.sign(part) * near * (np.sqrt(1 + 2 * np.abs(part) / near) - 1)
    return out.astype(np.float32)


def _straighten(group: Group, bent: Floats) -> Floats:
    columns, near = _bent(group)
    out = bent.astype(np.float64)
    part = out[:, columns]
    out[:, columns] = np.sign(part) * near * ((1 + np.abs(part) / near) ** 2 - 1) / 2
    return out.astype(np.float32)


@cache
def _bent(group: Group) -> tuple[list[int], Floats]:
    """Which columns are bent, and where each begins to be."""
    rows = [
        (k, near)
        for k, channel in enumerate(group.channels)
        for near in [next((m for prefix, m in _BENDS_M.items() if channel.name.startswith(prefix)), 0.0)]
        if near and not channel.name.endswith("state")
    ]
    return [k for k, _ in rows], np.array([near for _, near in rows], np.float32)


def expected(score: Score, group: Group, times_s: Times) -> Floats:
    """What the score says of every channel, (tokens, dims) in natural units; 0 of what it does not know."""
    out = np.zeros((len(times_s), group.dims), np.float32)
    if group is STAGE:
        out[:, group.columns("camera_x", "camera_y", "camera_zoom")] = setups(score.framings, times_s)
        known = {"light_level": score.light_level, "light_warmth": score.light_warmth}
        for slot, prop in enumerate(score.props):
            x, y = (0.0, 0.0) if prop is None else _resting(prop)
            known |= {f"prop{slot}.{axis}.{half}": v for axis, v in (("x", x), ("y", y)) for half in (0, 1)}
    elif group in CHARACTERS:
        known = _stance(score, CHARACTERS.index(group))
    else:
        return out
    for name, value in known.items():
        out[:, group.index[name]] = value
    return out


def _resting(prop: Prop) -> tuple[float, float]:
    """Where a prop's channels are while nothing happens; what passes is measured from where it is nearest."""
    return (0.0 if ACTIONS[prop.kind].motion == "pass" else prop.x), prop.y


def _stance(score: Score, who: int) -> dict[str, float]:
    """A body at rest; the hand that has something to do is expected where it will touch it."""
    me = score.characters[who]
    out = {"root_x": me.from_x, "root_z": me.z, "facing": me.facing, "hip_drop": 0.0}
    for side, sign in (("left", -1.0), ("right", 1.0)):
        out |= {f"{side}_hand_x": sign * HAND_X, f"{side}_hand_y": HAND_Y, f"{side}_foot_x": sign * FOOT_X}
    handled = next((prop for prop in score.props if prop is not None and prop.handler == who), None)
    return out if handled is None else out | _touching(me, handled)


def _touching(me: Blocking, prop: Prop) -> dict[str, float]:
    action = ACTIONS[prop.kind]
    if action.motion == "clap":
        return {"left_hand_x": 0.0, "left_hand_y": prop.y, "right_hand_x": 0.0, "right_hand_y": prop.y}
    x = float(np.clip(prop.x + action.grip[0] - me.from_x, -ARM_M, ARM_M))
    return {"right_hand_x": x, "right_hand_y": prop.y + action.grip[1]}
