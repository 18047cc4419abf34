"""The head drawn: skin and its one shadow, features, ears, what years and razor leave. Head units (see `head`)."""

from __future__ import annotations

import math
from collections.abc import Hashable
from functools import partial

import numpy as np

from . import hair as hair_shapes
from .canvas import Radial, affine
from .eyes import draw_eye
from .head import Head
from .mouth import draw_mouth
from .palette import Colour, tones
from .shapes import Path, crescent, ellipse, polygon, ribbon, spline


def draw_head(head: Head, face: Head, who: Hashable, key: Hashable) -> None:
    """Draw a head, without the hair that falls behind the neck; the view must be in head units.

    It comes in cels, so that a moving mouth does not draw the hair anew.

    Args:
        head: As it is without its face: the jaw at rest.
        face: The same with all that moves in a face.
        who: Whose head, for the slots.
        key: All that `head` depends on.
    """
    canvas, mouth = head.canvas, face.pose.mouth
    jaw = (key, mouth.jaw)
    eyes = (key, face.pose.blink, face.pose.gaze)
    with canvas.moved(affine(1.0, 0.0, 0.0, mirror=head.mirrored)):
        canvas.cel((who, "skin"), jaw, partial(_skin, face))
        canvas.cel((who, "eyes"), eyes, partial(_eyes, face, head))
        canvas.cel((who, "mouth"), (key, mouth), partial(_mouth, face))
        canvas.cel((who, "lines"), jaw, partial(_over_face, face))
        canvas.cel((who, "hair"), key, partial(_hair, head))


def _skin(face: Head) -> None:
    _far_ear(face)
    shape = spline(face.outline)
    face.canvas.fill(shape, face.skin.lit)
    with face.canvas.group(clip=shape):
        _shade(face)
        _nose(face)


def _eyes(face: Head, head: Head) -> None:
    with face.canvas.group(clip=spline(head.outline)):
        for eye in (1, -1):
            draw_eye(face, eye)


def _mouth(face: Head) -> None:
    with face.canvas.group(clip=spline(face.outline)):
        draw_mouth(face, face.pose.mouth)


def _over_face(face: Head) -> None:
    outline = spline(face.outline)
    with face.canvas.group(clip=outline):
        if face.fine:
            _lines(face)
        if face.person.beard > 0.05:
            _beard(face)
        _rim(face, outline)
    if face.person.glasses:
        _glasses(face)  # they stand out beyond the far cheek


def _hair(head: Head) -> None:
    if head.person.hair_shape in hair_shapes.OVER_EARS:
        _near_ear(head)
        hair_shapes.draw_front(head)
    else:
        hair_shapes.draw_front(head)
        _near_ear(head)


def draw_back_hair(head: Head) -> None:
    """Draw the hair that hangs behind neck and shoulders; goes before the body."""
    with head.canvas.moved(affine(1.0, 0.0, 0.0, mirror=head.mirrored)):
        hair_shapes.draw_back(head)


def _shade(head: Head) -> None:
    """The clipped shadow shape of the side away from the key, the shade of the hair, warmth in the cheek."""
    canvas, away = head.canvas, -head.side
    slide = 0.22 * math.sin(head.yaw)
    reach = np.array([0.34, 0.47, 0.50, 0.385, 0.455, 0.33, 0.27, 0.10, -0.05])
    heights = np.array([-1.1, -0.55, -0.22, 0.02, 0.22, 0.48, 0.70, 0.94, 1.2])
    edge = np.column_stack([away * reach + slide, heights])
    wall = [(away * 1.4, 1.2), (away * 1.4, -1.1)]
    x, y = head.place(head.side * 0.55, 0.36)
    blush = Colour(0.60, 0.14, 28)
    canvas.fill(ellipse(x, y, 0.26, 0.20), Radial((x, y), 0.22, ((0.0, blush.rgba(0.26)), (1.0, blush.rgba(0.0)))))
    canvas.fill(spline([*edge, *wall], corners=(0, 8, 9, 10)), head.skin.dark)
    if head.person.hair_shape == "bald":
        return
    fringe = [head.place(lon, h + 0.055, 1.05) for lon, h in hair_shapes.hairline(head.person)]
    dark = (*head.skin.dark[:3], 200)
    canvas.fill(
        spline([*fringe, (1.0, -1.2), (-1.0, -1.2)], corners=(0, len(fringe) - 1, len(fringe), len(fringe) + 1)), dark
    )


def _nose(head: Head) -> None:
    """A nose is its shadow: a side plane away from the key, an underside, a light on the tip."""
    canvas, long = head.canvas, 0.03 * (head.person.nose - 0.5) - 0.05 * head.child
    away = -head.side
    brow = head.place(0.0, -0.13, 1.0)
    bridge = head.place(0.0, 0.06, 1.08)
    tip = head.place(0.0, 0.345 + long, 1.36 - 0.12 * head.child)
    base = head.place(0.0, 0.43 + long, 1.12)
    near, far = head.place(-0.22, 0.395 + long, 1.06), head.place(0.22, 0.395 + long, 1.06)
    wing = far if away > 0 else near
    hollow = head.place(0.10 * away, -0.02, 1.0)
    plane = [
        brow,
        bridge,
        tip,
        (base[0], base[1] - 0.01),
        wing,
        (wing[0], wing[1] - 0.06),
        (0.6 * bridge[0] + 0.4 * wing[0], 0.20),
        hollow,
    ]
    canvas.fill(spline(plane, corners=(0, 2, 4)), (*head.skin.dark[:3], 150))
    under = [
        near,
        ((near[0] + tip[0]) / 2, tip[1] + 0.055),
        (tip[0], tip[1] + 0.045),
        ((far[0] + tip[0]) / 2, tip[1] + 0.055),
        far,
    ]
    canvas.fill(spline([*under, base], corners=(0, 4)), head.skin.dark)
    for wing_x, wing_y in (near, far):
        x = base[0] + (wing_x - base[0]) * 0.55
        canvas.fill(ellipse(x, wing_y + 0.018, 0.034 * head.width(0.2), 0.013), head.skin.deep)
    ridge = [(bridge[0] + 0.02 * head.side, bridge[1] + 0.04), (tip[0] + 0.02 * head.side, tip[1] - 0.10)]
    middle = ((ridge[0][0] + ridge[1][0]) / 2, (ridge[0][1] + ridge[1][1]) / 2)
    canvas.fill(ribbon([ridge[0], middle, ridge[1]], [0.004, 0.018, 0.022]), (*head.skin.glint[:3], 110))


def _lines(head: Head) -> None:
    """What the years draw: folds beside the mouth, lines under the eyes."""
    canvas, old = head.canvas, head.old
    fold = 0.25 + 0.75 * old + 0.4 * max(0.0, head.pose.smile)
    ink = (*head.skin.dark[:3], round(255 * min(1.0, fold)))
    for lon in (-1, 1):
        start = head.place(lon * 0.29, 0.405, 1.04)
        bend = head.place(lon * 0.43, 0.52, 1.02)
        end = head.place(lon * 0.42, 0.62 + 0.05 * old, 0.98)
        canvas.fill(ribbon([start, bend, end], [0.006, 0.014 + 0.008 * old, 0.002]), ink)
        if old > 0.1:
            x, y = head.place(lon * 0.42, 0.155, 1.0)
            wide = 0.12 * head.width(lon * 0.42)
            canvas.fill(
                ribbon([(x - wide, y - 0.02), (x, y + 0.02), (x + wide, y - 0.015)], [0.002, 0.014, 0.002]),
                (*head.skin.dark[:3], round(200 * old)),
            )


def _beard(head: Head) -> None:
    outline = head.outline
    tone = tones(head.light, head.person.hair)
    near, far = head.place(-1.20, 0.10, 1.03), head.place(0.72, 0.42)
    lip = [head.place(0.40, 0.56, 1.0), head.place(0.0, 0.52, 1.05), head.place(-0.40, 0.56, 1.0)]
    chin = [*outline[8:14], near]
    inner = [head.place(-0.92, 0.34), head.place(-0.60, 0.58), *lip[::-1], head.place(0.52, 0.56)]
    path = spline([far, *chin, head.place(-1.02, 0.06, 1.03), *inner], corners=(0, 7, 8))
    alpha = round(255 * min(1.0, 0.35 + 0.65 * head.person.beard))
    hole = spline(
        [
            head.place(-0.33, 0.60),
            head.place(0.0, 0.585, 1.05),
            head.place(0.33, 0.60),
            head.place(0.30, 0.74),
            head.place(0.0, 0.78, 1.05),
            head.place(-0.30, 0.74),
        ]
    )
    head.canvas.fill(path + hole, (*tone.dark[:3], alpha), even_odd=True)


def _glasses(head: Head) -> None:
    canvas = head.canvas
    frame = Colour(0.22, 0.02, 30).rgba()
    for which in (-1, 1):
        x, y = head.place(which * 0.44, 0.06, 1.03)
        wide = 0.215 * head.width(which * 0.44)
        lens = spline(
            [
                (x - wide, y - 0.10),
                (x, y - 0.135),
                (x + wide, y - 0.10),
                (x + wide * 0.92, y + 0.09),
                (x, y + 0.15),
                (x - wide * 0.92, y + 0.09),
            ]
        )
        canvas.fill(lens, Colour(0.9, 0.02, 220).rgba(0.12))
        canvas.stroke(lens, frame, 0.030)
    left, right = head.place(-0.16, 0.02, 1.06), head.place(0.16, 0.02, 1.06)
    canvas.fill(ribbon([left, head.place(0.0, -0.01, 1.12), right], [0.03, 0.022, 0.03]), frame)
    canvas.fill(ribbon([head.place(-0.78, 0.03, 1.03), head.place(-1.25, 0.0)], [0.030, 0.022]), frame)


def _rim(head: Head, shape: Path) -> None:
    """The light from behind, on the edge away from the key."""
    away = -head.side
    if away < 0 and head.yaw > 0.12:
        return  # that side lies before hair and neck
    half = polygon([(0.1 * away, -0.6), (away * 1.2, -0.6), (away * 1.2, 0.82), (0.1 * away, 0.82)])
    with head.canvas.group(clip=half):
        head.canvas.fill(crescent(shape, -away * 0.020, 0.020), (*head.skin.edge[:3], 210), even_odd=True)


def _far_ear(head: Head) -> None:
    if head.yaw < 0.30:
        _ear(head, 0.715 - 0.35 * head.yaw, 1)


def _near_ear(head: Head) -> None:
    _ear(head, -0.715 + 0.30 * min(head.yaw, 0.8), -1)


def _ear(head: Head, x: float, which: int) -> None:
    y, tall = 0.10 - 0.10 * math.sin(head.pitch), 0.185
    wide = 0.085 + 0.05 * head.yaw * (which < 0)
    points = [(0.6, -0.75), (-0.2, -1.0), (-1.0, -0.55), (-0.8, 0.2), (-0.25, 0.85), (0.35, 0.8), (0.6, 0.2)]
    shape = spline(np.array(points) * (wide * -which, tall) + (x, y))
    shaded = head.side * which < 0
    head.canvas.fill(shape, head.skin.dark if shaded else head.skin.lit)
    inner = spline(
        np.array([(0.1, -0.6), (-0.6, -0.5), (-0.5, 0.1), (0.0, 0.5), (0.2, 0.0)]) * (wide * -which, tall) + (x, y)
    )
    head.canvas.fill(inner, head.skin.deep if shaded else head.skin.dark)
