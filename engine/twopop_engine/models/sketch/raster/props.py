"""Things people handle, drawn at their place on the stage in metres, y down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .canvas import Canvas, affine
from .palette import Colour, Light, tones
from .rig import PropPose
from .shapes import ellipse, rectangle, ribbon, soft_box, spline

Draw = Callable[[Canvas, Light], None]


def draw_prop(canvas: Canvas, name: str, pose: PropPose, light: Light) -> None:
    """Draw a prop with its foot on (x, y): `name` is one of `PROPS`; unknown names are a plain box."""
    _shadow(canvas, pose, light)
    with canvas.moved(affine(1.0, pose.x, -pose.y, turn=pose.rotation)):
        PROPS.get(name, _box)(canvas, light)


def _shadow(canvas: Canvas, pose: PropPose, light: Light) -> None:
    """On the surface below: close and dark when resting, faint when held high."""
    ink = light.dark(light.shade)._replace(l=0.14).rgba(0.42 if pose.state < 0.5 else 0.18)
    canvas.fill(ellipse(pose.x - light.side * 0.03, -pose.y + 0.006, 0.15, 0.014), ink)


def _pan(canvas: Canvas, light: Light) -> None:
    """A frying pan seen a little from above, its handle to the left, towards the cook."""
    iron, inside = tones(light, Colour(0.33, 0.014, 250)), tones(light, Colour(0.26, 0.012, 250))
    wood = tones(light, Colour(0.42, 0.07, 55))
    handle = [(-0.115, -0.050), (-0.18, -0.066), (-0.255, -0.085)]
    canvas.fill(ribbon(handle, [0.020, 0.022, 0.026], blunt=False), wood.lit)
    canvas.fill(ribbon(np.array(handle) + np.array((0.0, 0.007)), [0.007, 0.008, 0.009]), wood.dark)
    body = spline(
        [(-0.145, -0.058), (0.145, -0.058), (0.120, -0.006), (0.06, 0.0), (-0.06, 0.0), (-0.120, -0.006)],
        corners=(0, 1, 3, 4),
        pull=0.3,
    )
    canvas.fill(body, iron.lit)
    with canvas.group(clip=body):
        away = -light.side
        canvas.fill(rectangle(min(0.03 * away, 0.3 * away), -0.1, max(0.03 * away, 0.3 * away), 0.02), iron.dark)
    canvas.fill(ellipse(0.0, -0.058, 0.146, 0.023), iron.edge)
    canvas.fill(ellipse(0.0, -0.056, 0.138, 0.019), inside.dark)
    food = tones(light, Colour(0.66, 0.135, 65))
    for x, w in ((-0.05, 0.035), (0.03, 0.045), (0.085, 0.02)):
        canvas.fill(spline([(x - w, -0.056), (x - w * 0.4, -0.070), (x + w * 0.5, -0.067), (x + w, -0.054)]), food.lit)


def _cup(canvas: Canvas, light: Light) -> None:
    china = tones(light, Colour(0.88, 0.018, 80))
    body = spline([(-0.045, -0.095), (0.045, -0.095), (0.034, 0.0), (-0.034, 0.0)], corners=(0, 1, 2, 3), pull=0.2)
    canvas.stroke(
        spline([(0.04, -0.075), (0.075, -0.07), (0.07, -0.03), (0.036, -0.025)], closed=False), china.dark, 0.012
    )
    canvas.fill(body, china.lit)
    with canvas.group(clip=body):
        away = -light.side
        canvas.fill(
            spline([(0.008 * away, -0.1), (0.014 * away, 0.01), (0.1 * away, 0.01), (0.1 * away, -0.1)], pull=0.0),
            china.dark,
        )
    canvas.fill(ellipse(0.0, -0.095, 0.045, 0.009), china.dark)
    canvas.fill(ellipse(0.0, -0.093, 0.039, 0.006), Colour(0.26, 0.05, 50).rgba())


def _glass(canvas: Canvas, light: Light) -> None:
    clear = Colour(0.88, 0.02, 220)
    drink = tones(light, Colour(0.66, 0.13, 65))
    canvas.fill(spline([(-0.030, -0.07), (0.030, -0.07), (0.027, 0.0), (-0.027, 0.0)], pull=0.05), drink.lit)
    canvas.fill(spline([(-0.036, -0.125), (0.036, -0.125), (0.029, 0.0), (-0.029, 0.0)], pull=0.05), clear.rgba(0.22))
    canvas.fill(rectangle(-0.026, -0.115, -0.019, -0.012), clear.rgba(0.65))


def _book(canvas: Canvas, light: Light) -> None:
    cover, page = tones(light, Colour(0.46, 0.13, 28)), tones(light, Colour(0.88, 0.02, 85))
    canvas.fill(soft_box(-0.12, -0.038, 0.12, 0.0, 0.006), cover.dark)
    canvas.fill(rectangle(-0.112, -0.032, 0.118, -0.007), page.lit)
    canvas.fill(soft_box(-0.12, -0.044, 0.12, -0.032, 0.004), cover.lit)


def _box(canvas: Canvas, light: Light) -> None:
    tone = tones(light, Colour(0.60, 0.06, 70))
    canvas.fill(soft_box(-0.07, -0.09, 0.07, 0.0, 0.008), tone.lit)
    away = -light.side
    canvas.fill(rectangle(min(0.02 * away, 0.07 * away), -0.09, max(0.02 * away, 0.07 * away), 0.0), tone.dark)


PROPS: dict[str, Draw] = {"pan": _pan, "cup": _cup, "glass": _glass, "book": _book, "box": _box}

GRIPS: dict[str, tuple[float, float]] = {
    "pan": (-0.205, 0.073),
    "cup": (-0.05, 0.05),
    "glass": (-0.03, 0.06),
    "book": (-0.11, 0.02),
    "box": (-0.07, 0.05),
}
"""Where a hand holds them, metres from the prop's foot, y up."""
