"""How somebody stands who only stands: the weight on one leg, and what an idle hand does. Of the person, not of chance.

Feet stay where the pose has them, and so does every hand that is raised, moves about or is near a thing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from .look import Person
from .rig import CharacterPose
from .shapes import clamp

Habit = Literal["hang", "hip", "pocket"]
_HABITS: tuple[tuple[Habit, Habit], ...] = (
    ("hang", "hang"),
    ("pocket", "hang"),
    ("hang", "hip"),
    ("hang", "pocket"),
    ("hang", "hang"),
    ("hip", "hang"),
    ("hang", "pocket"),
)
_BARE: dict[Habit, Habit] = {"hang": "hang", "hip": "hip", "pocket": "hang"}
"""What those do who have no pockets."""
_HANGS_M = (0.24, 0.87)
"""Where a hand is that nothing is asked of: beside the middle, and up."""
_LIVELY = 0.3
"""How much of what such a hand does is still seen at rest."""


@dataclass(frozen=True, slots=True)
class Stance:
    """A way of standing.

    Attributes:
        side: The leg with the weight: -1 the one on the audience's left, 1 the other.
        ease: How far the hip is out, 0..1.
        hands: What idle hands do, the one on the audience's left first.
    """

    side: float
    ease: float
    hands: tuple[Habit, Habit]


@lru_cache(maxsize=64)
def stance_of(person: Person) -> Stance:
    """The same one for a person in every shot; children and the old stand straighter."""
    mark = int(997 * person.nose + 613 * person.brow + 331 * person.jaw + 171 * person.lips)
    young = clamp((person.age - 8.0) / 10.0, 0.35, 1.0)
    firm = 1.0 - 0.4 * clamp((person.age - 60.0) / 20.0, 0.0, 1.0)
    left, right = _HABITS[mark // 2 % len(_HABITS)]
    if person.clothes not in _POCKETS:
        left, right = _BARE[left], _BARE[right]
    return Stance(1.0 if mark % 2 else -1.0, (0.75 + 0.05 * (mark % 6)) * young * firm, (left, right))


def bow(pose: CharacterPose, person: Person, which: int) -> float:
    """How far the elbow of a hanging arm is seen to give way outwards: one hangs closer, one on the hip stands out."""
    x, y = pose.hands[which]
    goal = _goal("hip", pose, person)
    akimbo = clamp(1.4 - math.hypot(abs(x) - goal[0], y - goal[1]) / 0.08, 0.0, 1.0)
    hangs = clamp((0.60 * person.height - y) / 0.08, 0.0, 1.0)
    loose = 0.20 if (stance_of(person).side > 0) == (which == 1) else 0.38
    return 0.45 + (loose - 0.45) * hangs + (0.85 - 0.45) * akimbo * (1.0 - hangs)


def at_rest(pose: CharacterPose) -> float:
    """1 for who stands still on both feet, 0 for who walks, is seen from the side, or sits."""
    apart = abs(pose.feet[0][0] - pose.feet[1][0])
    return (
        clamp(1.0 - 4.0 * max(foot[1] for foot in pose.feet), 0.0, 1.0)
        * clamp((0.46 - apart) / 0.12, 0.0, 1.0)
        * clamp(1.9 - 1.6 * abs(pose.facing), 0.0, 1.0)
        * clamp(1.0 - 6.0 * pose.hip_drop, 0.0, 1.0)
    )


def at_ease(
    pose: CharacterPose, person: Person, things: Sequence[tuple[float, float]]
) -> tuple[CharacterPose, frozenset[int]]:
    """The same pose with idle hands where this person has them, and which of those are in a pocket.

    Args:
        pose: As the tokens have it.
        person: Whose.
        things: Where those are that may be reached for: metres about the root, y up.
    """
    rest = at_rest(pose)
    if rest <= 0.0:
        return pose, frozenset()
    hands, pocketed = list(pose.hands), set[int]()
    for k, habit in enumerate(stance_of(person).hands):
        x, y = pose.hands[k]
        idle = rest * _idle(k, x, y, things)
        if habit == "hang" or idle <= 0.0:
            continue
        side = -1.0 if k == 0 else 1.0
        lively = _LIVELY * (habit == "hip")
        goal_x, goal_y = _goal(habit, pose, person)
        goal_x = side * goal_x + lively * (x - side * _HANGS_M[0])
        goal_y += lively * (y - _HANGS_M[1])
        hands[k] = (x + (goal_x - x) * idle, y + (goal_y - y) * idle)
        if habit == "pocket" and idle > 0.85:
            pocketed.add(k)
    return replace(pose, hands=(hands[0], hands[1])), frozenset(pocketed)


def _goal(habit: Habit, pose: CharacterPose, person: Person) -> tuple[float, float]:
    """Where a hand rests: metres beside the middle, and up."""
    across, up = (0.106, 0.600) if habit == "hip" else (0.062, _POCKETS[person.clothes])
    return across * person.height * (0.45 + 0.55 * math.cos(pose.facing)), up * person.height


_POCKETS = {"coat": 0.500, "blazer": 0.495, "tee": 0.470, "shirt": 0.475}
"""What has pockets to put a hand into, and how high in heights of the person: its own or the trousers'."""


def _idle(which: int, x: float, y: float, things: Sequence[tuple[float, float]]) -> float:
    """1 for a hand that hangs at its side, nothing near it; 0 for one in use."""
    side = -1.0 if which == 0 else 1.0
    low = clamp((1.00 - y) / 0.07, 0.0, 1.0)
    beside = clamp((0.14 - abs(x - side * _HANGS_M[0])) / 0.07, 0.0, 1.0)
    free = min((clamp((math.hypot(x - tx, y - ty) - 0.40) / 0.20, 0.0, 1.0) for tx, ty in things), default=1.0)
    idle = low * beside * free
    return idle * idle * (3.0 - 2.0 * idle)
