"""The head as a form: one outline between a frontal and a three-quarter view, features sliding with depth as it turns.

Coordinates: x to the audience's right, y down, the crown at y = -1, the chin at y = 1, the eyes near 0. Heads that
look to the audience's left are the same drawing mirrored, so everything here sees `yaw >= 0`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .canvas import Canvas
from .look import Person
from .palette import Light, Tones, tones
from .rig import CharacterPose
from .shapes import Points, clamp, mix

TURN = 0.61
"""Yaw of the three-quarter drawing, radians (35 degrees)."""

_FRONT = np.array(
    [
        *((0.0, -1.0), (0.36, -0.945), (0.60, -0.74), (0.71, -0.45), (0.715, -0.16), (0.69, 0.06)),
        *((0.67, 0.26), (0.60, 0.50), (0.475, 0.74), (0.24, 0.955), (0.0, 1.0), (-0.24, 0.955)),
        *((-0.475, 0.74), (-0.60, 0.50), (-0.67, 0.26), (-0.715, -0.16), (-0.71, -0.45), (-0.40, -0.925)),
    ]
)
_QUARTER = np.array(
    [
        *((-0.10, -1.02), (0.28, -0.955), (0.54, -0.735), (0.648, -0.45), (0.640, -0.19), (0.575, 0.02)),
        *((0.605, 0.22), (0.548, 0.48), (0.470, 0.72), (0.365, 0.93), (0.185, 1.0), (-0.03, 0.945)),
        *((-0.30, 0.76), (-0.50, 0.50), (-0.60, 0.20), (-0.83, -0.14), (-0.87, -0.46), (-0.58, -0.88)),
    ]
)
_DROPS = np.array([0, 0, 0, 0, 0, 0, 0, 0.12, 0.5, 0.95, 1.0, 0.95, 0.5, 0.12, 0, 0, 0, 0])
"""How far each point of the outline follows the jaw."""
RADIUS = 0.62
_JAW_DROP = 0.13


@dataclass(frozen=True)
class Head:
    """A head about to be drawn: who, how turned, under which light (`side` already mirrored with the head)."""

    canvas: Canvas
    person: Person
    pose: CharacterPose
    light: Light
    yaw: float
    pitch: float
    side: float
    mirrored: bool
    skin: Tones
    hair: Tones
    outline: Points

    def place(self, lon: float, y: float, depth: float = 1.0) -> tuple[float, float]:
        """Where a feature at longitude `lon` (rad, 0 the nose) and height `y` comes to lie; nearer ones slide more."""
        turned = lon + 0.84 * self.yaw
        x = RADIUS * depth * math.sin(turned)
        return x, y - 0.42 * math.sin(self.pitch) * depth * max(0.25, math.cos(turned))

    def width(self, lon: float) -> float:
        """Foreshortening of a feature at longitude `lon`, 1 when seen straight."""
        return 0.42 + 0.58 * max(0.0, math.cos(lon + 0.84 * self.yaw))

    @property
    def fine(self) -> bool:
        """Whether the head is large enough in the picture for its small lines to be seen."""
        return self.canvas.scale > 42.0

    def in_shade(self, x: float) -> bool:
        """Whether the clipped shadow lies over the face at x."""
        away = -self.side
        return x * away > 0.40 + 0.2 * math.sin(self.yaw) * away

    @property
    def child(self) -> float:
        """1 for a small child, 0 for anyone grown."""
        return clamp((17.0 - self.person.age) / 11.0, 0.0, 1.0)

    @property
    def old(self) -> float:
        """0 up to forty, 1 at eighty."""
        return clamp((self.person.age - 40.0) / 40.0, 0.0, 1.0)


def seen_yaw(total: float, habit: float) -> float:
    """The yaw drawn for a head turned by `total`: a full frontal is eased into a three-quarter view, `habit` (-1 or 1)
    saying to which side, and nobody turns past what the drawing can show.
    """
    eased = total + 0.33 * habit * math.exp(-((total / 0.35) ** 2))
    return 0.85 * math.tanh(eased / 0.85)


def make_head(canvas: Canvas, person: Person, pose: CharacterPose, light: Light, yaw: float) -> Head:
    """Everything the drawing needs, mirrored so that the face looks to the right."""
    mirrored = yaw < 0
    yaw = abs(yaw)
    pitch = clamp(pose.head[1], -0.6, 0.6)
    outline = _outline(person, pose.mouth.jaw, yaw, pitch)
    side = -light.side if mirrored else light.side
    hair = tones(light, person.hair)
    return Head(canvas, person, pose, light, yaw, pitch, side, mirrored, tones(light, person.skin), hair, outline)


def _outline(person: Person, jaw: float, yaw: float, pitch: float) -> Points:
    outline = mix(_FRONT, _QUARTER, yaw / TURN)
    child = clamp((17.0 - person.age) / 11.0, 0.0, 1.0)
    centre = outline[10, 0]
    lower = np.array([0, 0, 0, 0, 0, 0.2, 0.4, 0.8, 1, 1, 1, 1, 1, 0.8, 0.4, 0, 0, 0])
    widen = 1.0 + lower * (0.17 * (person.jaw - 0.5) + 0.10 * (person.build - 0.4) + 0.10 * child)
    outline[:, 0] = centre * lower + (outline[:, 0] - centre * lower) * widen
    outline[:, 1] += _DROPS * (_JAW_DROP * jaw - 0.10 * child + 0.03 * (person.jaw - 0.5))
    outline[4:14, 1] -= 0.16 * math.sin(pitch)
    return outline
