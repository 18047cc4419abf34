"""Lips, teeth and tongue, in head units (see `head`)."""

from __future__ import annotations

import numpy as np

from .head import RADIUS, Head
from .palette import Colour, tones
from .rig import Mouth
from .shapes import Path, clamp, ellipse, ribbon, spline


def draw_mouth(head: Head, mouth: Mouth) -> None:
    """Lips, teeth, tongue. Below an aperture of 0.08 the lips touch; a closure is one dark line."""
    canvas, person = head.canvas, head.person
    gap = 0.30 * max(0.0, mouth.aperture - 0.08) / 0.92
    if mouth.teeth > 0.5 and mouth.aperture > 0.04:
        gap = max(gap, 0.055 * mouth.teeth)  # f, v, s: little opening, teeth all the same
    smile = clamp(head.pose.smile, -1, 1)
    half = (0.205 + 0.085 * (mouth.width - 0.5) - 0.085 * mouth.round + 0.030 * smile) * (1.0 - 0.12 * head.child)
    full = (0.030 + 0.030 * person.lips) * (1.0 + 0.55 * mouth.round)
    y = 0.650 + 0.015 * mouth.round - 0.035 * head.child
    reach = half / RADIUS
    left, right = head.place(-reach, y - 0.045 * smile, 0.97), head.place(reach, y - 0.045 * smile, 0.97)
    middle = head.place(0.0, y, 1.06 + 0.05 * mouth.round)

    def across(share: float, lift: float) -> tuple[float, float]:
        side = left if share < 0 else right
        return middle[0] + (side[0] - middle[0]) * abs(share), middle[1] + (side[1] - middle[1]) * share**2 + lift

    up, down = gap * 0.30, gap * 0.70
    inner_top = [left, across(-0.5, -up * 0.80), across(0.0, -up + 0.006), across(0.5, -up * 0.80), right]
    inner_low = [across(0.55, down * 0.86), across(0.0, down), across(-0.55, down * 0.86)]
    bow = [
        across(0.5, -up - full * 0.80),
        across(0.14, -up - full * 1.15),
        across(0.0, -up - full * 0.92),
        across(-0.14, -up - full * 1.15),
        across(-0.5, -up - full * 0.80),
    ]
    belly = [across(0.60, down + full * 0.85), across(0.0, down + full * 1.50), across(-0.60, down + full * 0.85)]
    red = person.skin.toward(Colour(0.52, 0.15, 22), 0.30 + 0.42 * person.lips)
    lip = tones(head.light, red)
    under = [
        across(0.5, down + full * 1.9 + 0.035),
        across(0.0, down + full * 1.6 + 0.020),
        across(-0.5, down + full * 1.9 + 0.035),
        across(0.0, down + full * 1.6 + 0.085),
    ]
    canvas.fill(spline(under, corners=(0, 2)), (*head.skin.dark[:3], 150))
    canvas.fill(spline([*inner_top, *bow], corners=(0, 4, 7)), lip.dark)
    canvas.fill(spline([right, *belly, left, *inner_low[::-1]], corners=(0, 4)), lip.lit)
    shine = ribbon(
        [across(-0.32, down + full * 0.72), across(0.0, down + full * 0.80), across(0.25, down + full * 0.72)],
        [0.002, full * 0.30, 0.002],
    )
    canvas.fill(shine, (*lip.glint[:3], 130))
    line = Colour(0.24, 0.06, 20).rgba()
    if gap > 0.012:
        _inside(head, mouth, spline([*inner_top, *inner_low], corners=(0, 4)), middle, half * head.width(0.0), up, down)
    else:
        seam = np.array([left, across(-0.5, 0.004), across(0.0, 0.010), across(0.5, 0.004), right])
        canvas.fill(ribbon(seam, [0.008, 0.010, 0.010, 0.010, 0.006]), line)
    for x, h in (left, right):
        canvas.fill(ellipse(x, h, 0.016, 0.013), (*head.skin.deep[:3], 200))


def _inside(
    head: Head, mouth: Mouth, opening: Path, middle: tuple[float, float], half: float, up: float, down: float
) -> None:
    canvas = head.canvas
    canvas.fill(opening, Colour(0.20, 0.075, 18).rgba())
    x, y = middle
    ivory = tones(head.light, Colour(0.90, 0.022, 85))
    flesh = tones(head.light, Colour(0.56, 0.125, 18))
    with canvas.group(clip=opening):
        raise_ = down * 0.75 * (1.0 - mouth.tongue) + 0.02
        canvas.fill(ellipse(x, y + raise_ + 0.085, half * 0.82, 0.095 + 0.02 * mouth.tongue), flesh.dark)
        canvas.fill(ellipse(x, y + raise_ + 0.105, half * 0.60, 0.085), flesh.lit)
        show = 0.030 + 0.050 * mouth.teeth
        top = y - up
        arch = [
            (x - half * 0.92, top - 0.06),
            (x + half * 0.92, top - 0.06),
            (x + half * 0.80, top + show * 0.55),
            (x, top + show),
            (x - half * 0.80, top + show * 0.55),
        ]
        canvas.fill(spline(arch, corners=(0, 1)), ivory.lit)
        if mouth.teeth > 0.55:
            base = y + down
            canvas.fill(
                spline(
                    [
                        (x - half * 0.6, base + 0.05),
                        (x - half * 0.5, base - 0.018),
                        (x, base - 0.024),
                        (x + half * 0.5, base - 0.018),
                        (x + half * 0.6, base + 0.05),
                    ]
                ),
                ivory.dark,
            )
        shadow = [
            (x - half, top - 0.05),
            (x + half, top - 0.05),
            (x + half, top + 0.012),
            (x, top + 0.020),
            (x - half, top + 0.012),
        ]
        canvas.fill(spline(shadow, corners=(0, 1)), Colour(0.2, 0.06, 18).rgba(0.35))
