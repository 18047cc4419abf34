"""Eyes and brows, in head units (see `head`)."""

from __future__ import annotations

import math

import numpy as np

from .head import Head
from .palette import Colour, tones
from .shapes import clamp, ellipse, ribbon, spline


def draw_eye(head: Head, which: int) -> None:
    """One eye: `which` is 1 for the one on the right of the drawing (far when turned)."""
    canvas, pose = head.canvas, head.pose
    lon = which * 0.44
    x, y = head.place(lon, 0.045 + 0.03 * head.child)
    wide = (0.158 + 0.035 * head.child) * head.width(lon)
    tall = 0.084 + 0.040 * head.child
    squint = 0.35 * head.pose.squint + 0.25 * max(0.0, pose.smile)
    blink = min(1.0, pose.blink)
    low = 0.058 - 0.03 * squint
    top = -tall * (1.0 - 0.22 * squint)
    up = top + (low - 0.012 - top) * blink
    # from the inner to the outer corner; the outer one sits a little higher
    upper = np.array([(-1.0, 0.018), (-0.52, up * 0.72), (0.08, up), (0.66, up * 0.62 - 0.006), (1.0, -0.012)])
    lower = np.array([(0.62, low * 0.72), (0.0, low), (-0.6, low * 0.66)])
    scale = np.array([wide * which, 1.0])
    upper, lower = upper * scale + (x, y), lower * scale + (x, y)
    opening = spline(np.concatenate([upper, lower]), corners=(0, 4))
    shaded = head.in_shade(x)
    _socket(head, x, y, which, wide)
    if blink < 0.93:
        with canvas.group(clip=opening):
            _eyeball(head, x, y, which, shaded, top)
    lash = Colour(0.22, 0.03, 40).toward(head.person.hair, 0.35)._replace(l=0.20).rgba()
    thick = 0.028 + 0.014 * head.person.lips
    canvas.fill(ribbon(upper, [0.012, thick * 0.75, thick, thick * 1.15, 0.010]), lash)
    if head.fine:
        crease = upper[1:] + np.array((0.0, -0.042 - 0.02 * blink))
        canvas.fill(ribbon(crease, [0.002, 0.012, 0.014, 0.003]), head.skin.deep if shaded else head.skin.dark)
        canvas.fill(ribbon(lower + np.array((0.0, 0.010)), [0.004, 0.010, 0.003]), (*head.skin.deep[:3], 150))
    _brow(head, which, x, y, wide)


def _socket(head: Head, x: float, y: float, which: int, wide: float) -> None:
    """The soft dark between brow and nose, which sets the eye into the head."""
    inner = x - which * wide
    points = [
        *((inner - which * 0.03, y + 0.05), (inner - which * 0.045, y - 0.16), (x - which * wide * 0.2, y - 0.165)),
        *((x + which * wide * 0.5, y - 0.11), (x - which * wide * 0.4, y - 0.08)),
    ]
    head.canvas.fill(spline(points), (*head.skin.dark[:3], 110))


def _eyeball(head: Head, x: float, y: float, which: int, shaded: bool, top: float) -> None:
    canvas = head.canvas
    white = tones(head.light, Colour(0.90, 0.012, 70))
    canvas.fill(ellipse(x, y, 0.3, 0.3), white.dark if shaded else white.lit)
    gaze_x, gaze_y = head.pose.gaze
    if head.mirrored:
        gaze_x = -gaze_x
    slide = 0.052 * clamp(gaze_x, -1, 1) + 0.030 * math.sin(head.yaw)
    ix, iy = x + slide, y - 0.014 - 0.030 * clamp(gaze_y, -1, 1) - 0.02 * head.pitch
    radius = 0.087 + 0.030 * head.child
    squeeze = 0.80 + 0.20 * head.width(which * 0.44)
    iris = tones(head.light, head.person.eye)
    canvas.fill(ellipse(ix, iy, radius * squeeze, radius), iris.deep)
    canvas.fill(ellipse(ix, iy + 0.010, radius * 0.86 * squeeze, radius * 0.80), iris.dark if shaded else iris.lit)
    canvas.fill(ellipse(ix, iy, radius * 0.46 * squeeze, radius * 0.46), Colour(0.13, 0.02, 40).rgba())
    # the lid's shadow on the ball, then the key's reflection over everything
    lid = [
        (x - 0.22, y + top - 0.06),
        (x + 0.22, y + top - 0.06),
        (x + 0.2, y + top + 0.040),
        (x, y + top + 0.030),
        (x - 0.2, y + top + 0.045),
    ]
    canvas.fill(spline(lid, corners=(0, 1)), (*white.deep[:3], 120))
    glint = 0.021 if not shaded else 0.014
    canvas.fill(
        ellipse(ix + head.side * radius * 0.38, iy - radius * 0.36, glint, glint * 1.15),
        Colour(0.97, 0.01, 90).rgba(0.95),
    )


def _brow(head: Head, which: int, x: float, y: float, wide: float) -> None:
    pose = head.pose
    index = (0 if which < 0 else 1) if not head.mirrored else (1 if which < 0 else 0)
    lift = 0.075 * clamp(pose.brows[index], -1, 1)
    knit = 0.05 * min(1.0, pose.furrow)
    base = y - 0.235 + 0.01 * head.child
    points = [
        (x - which * (wide * 0.95 - knit * 0.35), base - 0.004 - lift * 0.75 + knit),
        (x - which * wide * 0.25, base - 0.018 - lift + knit * 0.3),
        (x + which * wide * 0.45, base - 0.024 - lift),
        (x + which * wide * 1.18, base + 0.036 - lift * 0.6),
    ]
    thick = (0.034 + 0.040 * head.person.brow) * (1.0 - 0.3 * head.child)
    colour = head.person.hair._replace(l=min(0.42, head.person.hair.l * 0.82))
    shade = tones(head.light, colour)
    head.canvas.fill(
        ribbon(points, [thick * 0.62, thick, thick * 0.8, 0.008]), shade.dark if head.in_shade(x) else shade.lit
    )
