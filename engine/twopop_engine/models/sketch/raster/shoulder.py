"""The figure in the foreground of an over-the-shoulder shot: seen from behind, dark, out of focus.

It is drawn into a sprite of its own, which is kept while the head hardly moves: blurring is the dear part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from .camera import Camera
from .canvas import IDENTITY, Canvas, Pixels, affine
from .look import Person
from .palette import Light, tones
from .rig import CharacterPose
from .shapes import at, ellipse, ribbon, spline

_STEP_RAD = 0.05
_BLUR = 7.0
"""Softness in pixels of a 1080-line frame."""


@dataclass(frozen=True)
class Sprite:
    """Pixels and the pose they show."""

    key: tuple[object, ...]
    pixels: Pixels


class Shoulder:
    """Draws the foreground figure of one size of frame."""

    def __init__(self, size: tuple[int, int], *, ink: bool = False, video: bool = False) -> None:
        self._size, self._ink, self._video = size, ink, video
        self._sprite: Sprite | None = None
        self._canvas: Canvas | None = None

    def paint(
        self, canvas: Canvas, person: Person, pose: CharacterPose, light: Light, camera: Camera, side: float
    ) -> None:
        """Lay the figure over the frame, at its left (`side` -1) or right (1) edge."""
        key = (person, light, side, *(round(angle / _STEP_RAD) for angle in pose.head))
        if self._sprite is None or self._sprite.key != key:
            self._sprite = Sprite(key, self._draw(person, pose, light, side))
        width, height = self._size
        sway = pose.lean * 0.25 * height - camera.shake[0] / camera.visible_m * height * 0.6
        sink = (pose.hip_drop - 0.006 * pose.breath) / camera.visible_m * height
        left = 0 if side < 0 else width - self._sprite.pixels.shape[1]
        place = round(left + sway), round(sink)
        canvas.view = IDENTITY
        # The sprite's pixels are drawn over when it changes; so is the whole cel then.
        canvas.cel("shoulder", (key, place), partial(canvas.picture, self._sprite.pixels, *place))

    def _draw(self, person: Person, pose: CharacterPose, light: Light, side: float) -> Pixels:
        width, height = self._size
        wide = min(width, round(0.40 * width + 0.06 * height))
        canvas = self._canvas = self._canvas or Canvas(wide, height, ink=self._ink, video=self._video)
        canvas.pixels[:] = 0
        unit = 0.20 * min(height, 0.62 * width)
        centre = (0.105 * width + 0.10 * unit, 0.375 * height)
        place = affine(unit, centre[0] if side < 0 else wide - centre[0], centre[1], mirror=side > 0)
        canvas.view = IDENTITY
        with canvas.moved(place), canvas.group(blur=_BLUR * height / 1080 / unit):
            _back(canvas, person, pose, light, light.side * -side)
        return canvas.flush()


def _back(canvas: Canvas, person: Person, pose: CharacterPose, light: Light, key: float) -> None:
    """Head and shoulders from behind, turned a little to the right, in head units about the head."""
    worn = person.cloth.lighter(-0.10)
    cloth = tones(light, worn._replace(l=max(0.30, worn.l)))
    hair, skin = tones(light, person.hair), tones(light, person.skin)
    wide = 2.05 + 0.9 * (person.build - 0.4)
    trunk = [
        (-2.6, 14.0),
        (-2.5, 1.9),
        (-1.3, 1.42),
        (-0.55, 1.15),
        (0.5, 1.18),
        (1.25, 1.50),
        (wide, 2.0),
        (wide + 0.45, 14.0),
    ]
    shape = spline(trunk, corners=(0, 7))
    canvas.fill(shape, cloth.dark)
    with canvas.group(clip=shape):
        away = at("0.9 1.0, 0.55 2.0, 0.95 3.0, 0.5 5, 0.6 14, 5 14, 5 1.0" if key < 0 else _AWAY_LEFT)
        canvas.fill(spline(away, corners=(0, 4, 5, 6)), cloth.deep)
        for seam in (
            "-1.55 1.5, -1.72 2.3, -1.60 3.4",
            "1.55 1.72, 1.78 2.5, 1.70 3.5",
            "-0.05 1.9, -0.16 2.6, -0.02 4.2",
        ):
            canvas.fill(ribbon(at(seam), [0.02, 0.05, 0.02]), (*cloth.deep[:3], 170))
    canvas.fill(
        ribbon([(0.45, 1.17), (1.22, 1.50), (wide, 2.02), (wide + 0.26, 3.2)], [0.02, 0.07, 0.08, 0.03]), cloth.edge
    )
    neck = spline([(-0.52, 0.5), (-0.56, 1.25), (0.50, 1.28), (0.44, 0.5)], corners=(0, 1, 2, 3), pull=0.1)
    canvas.fill(neck, skin.dark)
    with canvas.group(clip=neck):
        canvas.fill(spline(at("-0.7 0.4, 0.7 0.4, 0.5 0.86, 0.0 0.98, -0.7 0.82"), corners=(0, 1)), skin.deep)
    band = tones(light, person.trim) if person.clothes == "blazer" else cloth
    collar = [(-0.66, 1.20), (-0.05, 1.34), (0.62, 1.22)]
    canvas.fill(ribbon(collar, [0.20, 0.24, 0.18], blunt=False), band.lit if band is not cloth else band.deep)
    if band is not cloth or person.clothes == "coat":
        canvas.fill(ribbon([(x, y + 0.12) for x, y in collar], [0.16, 0.20, 0.14], blunt=False), cloth.deep)
    turn = 0.12 * math.sin(pose.head[0])
    with canvas.moved(affine(1.0, turn, 0.0, turn=0.6 * pose.head[2])):
        cheek = spline([(0.45, -0.35), (0.80, -0.02), (0.78, 0.32), (0.58, 0.72), (0.2, 0.85), (0.0, 0.3)])
        canvas.fill(cheek, skin.dark)
        canvas.fill(
            ribbon([(0.66, -0.22), (0.81, 0.02), (0.78, 0.34), (0.60, 0.70)], [0.01, 0.05, 0.05, 0.01]), skin.edge
        )
        _hair(canvas, person, hair.dark, hair.edge)
        if person.hair_shape not in ("bob", "long", "curly"):
            canvas.fill(ellipse(0.60, 0.14, 0.12, 0.21, 0.1), skin.dark)


_AWAY_LEFT = "-3 1.0, -1.4 1.4, -0.9 2.2, -1.2 5, -1.0 14, -4 14, -4 1.0"
"""The shaded part of a back whose key comes from its right."""


def _hair(canvas: Canvas, person: Person, dark: tuple[int, int, int, int], edge: tuple[int, int, int, int]) -> None:
    foot = {"bob": 0.95, "long": 1.9, "curly": 0.75, "tail": 0.55, "bun": 0.5}.get(person.hair_shape, 0.55)
    full = {"curly": 1.16, "bob": 1.08, "long": 1.06, "buzz": 0.94, "bald": 0.92}.get(person.hair_shape, 1.0)
    wide = 0.86 if foot > 0.7 else 0.52
    mass = [
        (-0.10, -1.08),
        (0.42, -0.98),
        (0.76, -0.55),
        (0.72, -0.10),
        (wide * 0.75, foot * 0.7),
        (wide * 0.62, foot),
        (-wide, foot + 0.05),
        (-0.86, 0.15),
        (-0.92, -0.45),
        (-0.62, -0.92),
    ]
    if person.hair_shape == "curly":
        angles = np.linspace(0.0, 2 * np.pi, 28, endpoint=False)
        size = 0.98 + np.tile((0.0, 0.06, -0.01, 0.045), 7)
        canvas.fill(
            spline(np.column_stack([-0.08 + 0.93 * size * np.cos(angles), -0.06 + size * np.sin(angles)])), dark
        )
    else:
        canvas.fill(spline(np.array(mass) * full), dark)
        rim = np.array([(-0.05, -1.06), (0.43, -0.96), (0.76, -0.53), (0.72, -0.08)]) * full
        canvas.fill(ribbon(rim, [0.01, 0.06, 0.07, 0.02]), edge)
    if person.hair_shape == "bun":
        canvas.fill(ellipse(-0.1, -0.75, 0.42, 0.36), dark)
    if person.hair_shape == "tail":
        canvas.fill(ribbon([(-0.2, -0.5), (-0.35, 0.2), (-0.3, 1.1)], [0.3, 0.5, 0.1]), dark)
