"""Hands: open ones in line with the forearm, and closed ones about what they hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from .canvas import Canvas, View, affine
from .palette import Tones
from .shapes import Path, at, clamp, ellipse, mix, polygon, ribbon, spline

if TYPE_CHECKING:
    from .person import Figure

Joint = tuple[float, float]


class Hold(NamedTuple):
    """How a thing is held.

    Attributes:
        kind: "wrap" closes the fingers about a bar (a handle, a cup), "pinch" lays the thumb on what the fingers carry.
        angle: Radians clockwise from the right: of a bar, its end at the index finger; of the others, into the thing.
    """

    kind: Literal["wrap", "pinch"]
    angle: float


def draw_hand(figure: Figure, elbow: Joint, hand: Joint, which: int, far: bool) -> None:
    """A mitten with a thumb and a hint of fingers, in line with the forearm; fingers curl in one that hangs."""
    size = 0.047 * figure.person.height
    angle = math.atan2(hand[1] - elbow[1], hand[0] - elbow[0])
    relaxed = 0.22 * (1.0 if which else -1.0) * math.cos(angle)
    mirror = which == 0 if figure.profile < 0.5 else figure.shift > 0  # the thumb's side is before one
    turn = angle + relaxed
    hangs = clamp((math.sin(angle) - 0.72) / 0.2, 0.0, 1.0)
    hangs = hangs * hangs * (3 - 2 * hangs)
    with figure.canvas.moved(affine(size, hand[0], hand[1], turn=turn)):
        flip = (1.0, -1.0 if mirror else 1.0)
        canvas, tone = figure.canvas, figure.skin
        shape = spline(mix(at(_OPEN_HAND), at(_HANGING_HAND), hangs) * flip, corners=(0, 15))
        canvas.fill(spline(mix(at(_THUMB), at(_HANGING_THUMB), hangs) * flip), tone.dark)
        canvas.fill(shape, tone.dark if far else tone.lit)
        with canvas.group(clip=shape):
            canvas.fill(spline(at("-0.6 0.06, 0.5 0.12, 1.9 0.16, 1.9 0.7, -0.6 0.7") * flip, pull=0.2), tone.dark)
            for (line, wide), curled in zip(_BETWEEN_FINGERS, _BETWEEN_CURLED, strict=True):
                run = mix(at(line), at(curled), hangs) * flip
                canvas.fill(ribbon(run, [0.012, wide, wide]), (*tone.deep[:3], 190))


_OPEN_HAND = (
    "-0.64 -0.26, 0.20 -0.45, 0.80 -0.50, 1.22 -0.48, 1.34 -0.40, 1.28 -0.32, 1.58 -0.31, 1.70 -0.21, 1.60 -0.13, "
    "1.78 -0.09, 1.86 0.02, 1.72 0.10, 1.62 0.13, 1.56 0.26, 1.00 0.34, -0.62 0.26"
)
"""From the wrist along the little finger's side over four fingertips back to the wrist; the thumb's side is below."""
_HANGING_HAND = (
    "-0.64 -0.25, 0.15 -0.41, 0.62 -0.44, 0.98 -0.40, 1.20 -0.30, 1.30 -0.22, 1.42 -0.12, 1.50 -0.02, 1.49 0.07, "
    "1.47 0.13, 1.43 0.20, 1.34 0.25, 1.26 0.25, 1.12 0.24, 0.80 0.30, -0.62 0.25"
)
"""The same points of a hand at rest, seen more from its edge: the fingers lie over each other and curl forward."""
_HANGING_THUMB = "0.00 0.16, 0.36 0.34, 0.74 0.44, 1.02 0.42, 1.06 0.30, 0.84 0.18, 0.45 0.06"
_THUMB = "0.00 0.22, 0.42 0.44, 0.86 0.62, 1.10 0.62, 1.12 0.46, 0.84 0.26, 0.50 0.10"
_BETWEEN_FINGERS = (
    ("0.86 -0.30, 1.08 -0.32, 1.34 -0.34", 0.035),
    ("0.92 -0.11, 1.20 -0.12, 1.66 -0.13", 0.040),
    ("0.92 0.08, 1.20 0.09, 1.76 0.12", 0.040),
)
_BETWEEN_CURLED = (
    "0.80 -0.22, 1.00 -0.20, 1.28 -0.10",
    "0.90 -0.06, 1.10 -0.03, 1.40 0.06",
    "0.92 0.08, 1.10 0.11, 1.36 0.18",
)


@dataclass(frozen=True)
class Clasp:
    """A closed hand about to be drawn, in parts: what lies behind the thing that it holds, and what before it.

    Attributes:
        figure: Whose.
        wrist: Where the arm ends.
        palm: Where it holds.
        hold: How.
    """

    figure: Figure
    wrist: Joint
    palm: Joint
    hold: Hold

    def draw_behind(self) -> None:
        """What the thing covers."""
        with self.figure.canvas.moved(self._place):
            if self.hold.kind == "pinch":
                self._palm(0.50)
                self._shaded(spline(at(_CARRYING) * (1.0, self._flip)), 0.02)

    def draw_before(self) -> None:
        """What covers the thing."""
        with self.figure.canvas.moved(self._place):
            if self.hold.kind == "wrap":
                self._fingers()
            else:
                self._pinching()

    def _fingers(self) -> None:
        """Four about a bar, knuckles towards the wrist, each its own length; the thumb before the index finger."""
        canvas, tone, flip = self.figure.canvas, self.figure.skin, (1.0, self._flip)
        canvas.fill(ribbon(at("0.30 -0.50, 0.74 -0.34, 0.86 0.10") * flip, [0.34, 0.33, 0.24], blunt=False), tone.dark)
        self._palm(0.30)
        self._shaded(spline(at(_WRAPPED) * flip, pull=0.40), 0.16)
        for line in _BETWEEN_WRAPPED:
            canvas.fill(ribbon(at(line) * flip, [0.012, 0.045, 0.055], blunt=False), tone.deep)

    def _pinching(self) -> None:
        """The thumb on top, its nail towards us."""
        canvas, tone, flip = self.figure.canvas, self.figure.skin, (1.0, self._flip)
        thumb = at("-0.50 -0.02, -0.05 -0.24, 0.42 -0.20, 0.80 -0.08") * flip
        canvas.fill(ribbon(thumb + np.array((0.03, 0.07)), [0.40, 0.36, 0.31, 0.23], blunt=False), tone.dark)
        canvas.fill(ribbon(thumb, [0.42, 0.36, 0.30, 0.22], blunt=False), tone.lit)
        canvas.fill(ellipse(0.74, -0.12 * self._flip, 0.11, 0.065, 0.2 * self._flip), (*tone.glint[:3], 150))

    def _palm(self, up_to: float) -> None:
        """From the wrist to the row of knuckles, `up_to` of a hand before the middle of what is held."""
        a, b = self._at(*self.wrist)
        end = (0.02, -up_to * self._flip) if self.hold.kind == "wrap" else (-up_to, 0.02 * self._flip)
        middle = (0.45 * a + 0.55 * end[0], 0.45 * b + 0.55 * end[1])
        self._shaded(ribbon([(a * 1.08, b * 1.08), middle, end], [0.60, 0.80, 0.98], blunt=False), 0.14)

    def _shaded(self, shape: Path, beyond: float) -> None:
        """A form of skin with its shadow side: what lies `beyond` the middle of the hand, away from the key."""
        canvas: Canvas = self.figure.canvas
        tone: Tones = self.figure.skin
        canvas.fill(shape, tone.lit)
        with canvas.group(clip=shape):
            x, y = self._away
            low, far = (beyond * x, beyond * y), (3 * x, 3 * y)
            side = (-3 * y, 3 * x)
            half = [
                (low[0] - side[0], low[1] - side[1]),
                (low[0] + side[0], low[1] + side[1]),
                (far[0] + side[0], far[1] + side[1]),
                (far[0] - side[0], far[1] - side[1]),
            ]
            canvas.fill(polygon(half), tone.dark)

    @property
    def _size(self) -> float:
        return 0.043 * self.figure.person.height

    @property
    def _place(self) -> View:
        return affine(self._size, *self.palm, turn=self.hold.angle)

    @property
    def _flip(self) -> float:
        """To which side of a bar's direction the fingers reach: away from the wrist, or down where it lies in line."""
        arm_x, arm_y = self.palm[0] - self.wrist[0], self.palm[1] - self.wrist[1]
        across = (-math.sin(self.hold.angle), math.cos(self.hold.angle))
        reach = math.hypot(arm_x, arm_y) or 1.0
        return 1.0 if (arm_x * across[0] + arm_y * across[1]) / reach + 0.25 * across[1] >= 0.0 else -1.0

    @property
    def _away(self) -> Joint:
        """Away from the key, about the hand."""
        return self._turned(-0.55 * self.figure.side, 0.83)

    def _at(self, x: float, y: float) -> Joint:
        """A point of the figure, in sizes of the hand about what it holds."""
        a, b = self._turned(x - self.palm[0], y - self.palm[1])
        return a / self._size, b / self._size

    def _turned(self, x: float, y: float) -> Joint:
        cos, sin = math.cos(self.hold.angle), math.sin(self.hold.angle)
        return x * cos + y * sin, y * cos - x * sin


_WRAPPED = (
    "0.62 -0.34, 0.50 -0.54, 0.36 -0.56, 0.29 -0.49, 0.16 -0.63, 0.00 -0.58, -0.14 -0.62, -0.29 -0.50, -0.44 -0.51, "
    "-0.60 -0.34, -0.59 0.06, -0.53 0.27, -0.42 0.33, -0.31 0.26, -0.25 0.42, -0.14 0.48, -0.02 0.39, 0.06 0.50, "
    "0.16 0.54, 0.29 0.42, 0.36 0.45, 0.48 0.44, 0.59 0.28, 0.64 -0.04"
)
"""Four fingers closed about a bar along x, the index at the right: knuckles above, tips below."""
_BETWEEN_WRAPPED = (
    "0.29 -0.34, 0.29 0.02, 0.28 0.42",
    "0.00 -0.40, 0.00 0.00, -0.02 0.40",
    "-0.29 -0.34, -0.30 0.00, -0.31 0.28",
)
_CARRYING = (
    "-0.70 -0.40, 0.10 -0.34, 0.70 -0.10, 1.10 0.06, 1.16 0.18, 1.04 0.26, 0.92 0.30, 0.86 0.40, 0.70 0.44, 0.52 0.46, "
    "0.36 0.54, 0.10 0.52, -0.70 0.40"
)
"""Fingers under what they carry, pointing to the right."""
