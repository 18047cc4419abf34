"""Things that stand: a door that swings, a door that is knocked at, a switch on its wall, a car that passes."""

from __future__ import annotations

import math

from .canvas import Canvas, affine
from .palette import Colour, Light, tones
from .rig import PropPose
from .shapes import ellipse, polygon, rectangle, soft_box, spline

DOOR_M = 0.8
"""Width of a leaf; its hinge stands so far to the right of its place."""
_TALL = 2.05
_LEAF, _FRAME, _WALL = Colour(0.52, 0.075, 45), Colour(0.78, 0.020, 80), Colour(0.62, 0.030, 75)


def draw_door(canvas: Canvas, pose: PropPose, light: Light) -> None:
    """A leaf in its frame, turned towards us about the hinge by the pose's rotation; its latch at the pose's x."""
    left, right = pose.x, pose.x + DOOR_M
    frame, leaf, brass = tones(light, _FRAME), tones(light, _LEAF), tones(light, Colour(0.74, 0.11, 85))
    canvas.fill(rectangle(left - 0.09, -_TALL - 0.09, right + 0.09, 0.0), frame.lit)
    canvas.fill(rectangle(left - 0.09, -_TALL - 0.09, left - 0.06, 0.0), frame.edge)
    canvas.fill(rectangle(right + 0.02, -_TALL, right + 0.09, 0.0), frame.dark)
    canvas.fill(rectangle(left, -_TALL, right, 0.0), light.dark(light.shade)._replace(l=0.17).rgba())
    turn = max(0.0, pose.rotation)
    latch, nearer = right - DOOR_M * math.cos(turn), 1.0 + 0.16 * math.sin(turn)
    low = 0.09 * math.sin(turn)

    def place(across: float, up: float) -> tuple[float, float]:
        """A point of the leaf: 0 the hinge .. 1 the latch, 0 the floor .. 1 its head."""
        size = 1.0 + (nearer - 1.0) * across
        return right + (latch - right) * across, low * across - up * _TALL * size

    face = leaf.lit if light.side < 0 else leaf.dark
    canvas.fill(polygon([place(0, 0), place(0, 1), place(1, 1), place(1, 0)]), face)
    inset = leaf.dark if light.side < 0 else leaf.deep
    for foot, head in ((0.08, 0.42), (0.52, 0.92)):
        canvas.fill(polygon([place(0.16, foot), place(0.16, head), place(0.84, head), place(0.84, foot)]), inset)
        canvas.fill(
            polygon(
                [place(0.20, foot + 0.02), place(0.20, head - 0.02), place(0.81, head - 0.02), place(0.81, foot + 0.02)]
            ),
            face,
        )
    canvas.fill(
        polygon(
            [
                place(1.0, 0),
                place(1.0, 1),
                (latch - 0.045 * math.sin(turn), place(1, 1)[1]),
                (latch - 0.045 * math.sin(turn), place(1, 0)[1]),
            ]
        ),
        leaf.edge,
    )
    x, y = place(0.93, 0.485)
    canvas.fill(ellipse(x, y, 0.030, 0.034), brass.dark)
    canvas.fill(ellipse(x + 0.005 * light.side, y - 0.005, 0.024, 0.027), brass.lit)


def draw_knocked(canvas: Canvas, pose: PropPose, light: Light, side: float) -> None:
    """A door seen along its face, `side` of whoever knocks: the knuckles meet it at the pose's place."""
    leaf, frame = tones(light, _LEAF), tones(light, _FRAME)
    near, far = pose.x - 0.03 * side, pose.x + 0.26 * side
    wall = tones(light, _WALL)
    end = pose.x + 0.75 * side
    canvas.fill(polygon([(far, -_TALL - 0.12), (end, -_TALL - 0.12), (end, -0.07), (far, -0.07)]), wall.dark)
    canvas.fill(rectangle(min(far, end), -_TALL - 0.15, max(far, end), -_TALL - 0.12), wall.edge)
    jamb = [
        (near - 0.05 * side, 0.04),
        (near - 0.05 * side, -_TALL - 0.16),
        (far + 0.05 * side, -_TALL - 0.06),
        (far + 0.05 * side, -0.07),
    ]
    canvas.fill(polygon(jamb), frame.dark)
    lit = light.side * side < 0
    face = leaf.lit if lit else leaf.dark

    def place(across: float, up: float) -> tuple[float, float]:
        foot, head = 0.03 - 0.09 * across, -_TALL - 0.08 + 0.08 * across
        return near + (far - near) * across, foot + (head - foot) * up

    canvas.fill(polygon([place(0, 0), place(0, 1), place(1, 1), place(1, 0)]), face)
    for foot, head in ((0.08, 0.42), (0.52, 0.92)):
        canvas.fill(
            polygon([place(0.2, foot), place(0.2, head), place(0.82, head), place(0.82, foot)]),
            leaf.dark if lit else leaf.deep,
        )
    canvas.fill(
        rectangle(min(near, near - 0.035 * side), place(0, 1)[1], max(near, near - 0.035 * side), place(0, 0)[1]),
        leaf.edge,
    )
    x, y = place(0.10, 0.47)
    brass = tones(light, Colour(0.74, 0.11, 85))
    canvas.fill(ellipse(x - 0.03 * side, y, 0.022, 0.026), brass.lit)


def draw_switch(canvas: Canvas, pose: PropPose, light: Light, side: float) -> None:
    """The end of a wall with a light switch on it, facing whoever reaches for it."""
    wall, plate = tones(light, _WALL), tones(light, Colour(0.93, 0.010, 90))
    face, back = pose.x + 0.012 * side, pose.x + 0.10 * side
    end = pose.x + 0.62 * side
    tall = 2.35
    canvas.fill(
        polygon([(back, -tall + 0.05), (end, -tall + 0.05), (end, -0.06), (back, -0.06)]),
        wall.lit if light.side * side > 0 else wall.dark,
    )
    canvas.fill(
        polygon([(face, 0.0), (face, -tall), (back, -tall + 0.05), (back, -0.06)]),
        wall.lit if light.side * side < 0 else wall.dark,
    )
    canvas.fill(polygon([(back, -0.20), (end, -0.20), (end, -0.06), (back, -0.06)]), tones(light, _FRAME).dark)
    left, right = sorted((pose.x - 0.004 * side, pose.x + 0.055 * side))
    canvas.fill(soft_box(left, -pose.y - 0.075, right, -pose.y + 0.075, 0.006), plate.lit)
    tip = pose.x - 0.012 * side
    pressed = 0.012 if pose.state > 0.5 else -0.012
    rocker = [
        (pose.x + 0.03 * side, -pose.y - 0.035),
        (tip, -pose.y + pressed),
        (pose.x + 0.03 * side, -pose.y + 0.035),
    ]
    canvas.fill(polygon(rocker), plate.dark)


def draw_passing(canvas: Canvas, x: float, way: float, light: Light) -> None:
    """A car that drives by towards `way` (-1 left, 1 right), its middle at x metres; the view is the road's."""
    with canvas.moved(affine(1.0, x, 0.0, mirror=way < 0)):
        _car(canvas, 0.0, light)


def _car(canvas: Canvas, x: float, light: Light) -> None:
    paint, glass = tones(light, Colour(0.56, 0.130, 40)), tones(light, Colour(0.40, 0.035, 235))
    dark, steel = tones(light, Colour(0.20, 0.010, 260)), tones(light, Colour(0.70, 0.01, 240))
    canvas.fill(ellipse(x, -0.01, 2.1, 0.09), light.dark(light.shade)._replace(l=0.13).rgba(0.45))
    hull = [
        (-2.05, -0.25),
        (-2.1, -0.62),
        (-1.95, -0.80),
        (-1.2, -0.88),
        (-0.72, -1.38),
        (0.62, -1.42),
        (1.22, -0.90),
        (1.95, -0.74),
        (2.1, -0.52),
        (2.08, -0.25),
    ]
    shape = spline([(x + dx, dy) for dx, dy in hull], corners=(0, 9), pull=0.24)
    canvas.fill(shape, paint.lit)
    with canvas.group(clip=shape):
        canvas.fill(rectangle(x - 2.2, -0.55, x + 2.2, 0.0), paint.dark)
        canvas.fill(rectangle(x - 2.2, -0.84, x + 2.2, -0.81), paint.edge)
    for pane in (
        [(-0.98, -0.90), (-0.60, -1.30), (-0.06, -1.32), (-0.06, -0.90)],
        [(0.04, -0.90), (0.04, -1.32), (0.55, -1.33), (1.0, -0.90)],
    ):
        canvas.fill(spline([(x + dx, dy) for dx, dy in pane], corners=(0, 1, 2, 3), pull=0.1), glass.dark)
    for wheel in (-1.28, 1.30):
        canvas.fill(ellipse(x + wheel, -0.34, 0.36, 0.36), dark.lit)
        canvas.fill(ellipse(x + wheel, -0.34, 0.20, 0.20), steel.lit)
        canvas.fill(ellipse(x + wheel, -0.34, 0.07, 0.07), steel.dark)
    for lamp, tone in ((-2.02, Colour(0.56, 0.18, 28)), (2.0, Colour(0.93, 0.08, 88))):
        canvas.fill(ellipse(x + lamp, -0.66, 0.07, 0.08), tone.rgba())
