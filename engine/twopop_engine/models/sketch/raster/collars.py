"""What garments have at neck and wrist: hoods, collars, cuffs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .clothes import bare_from
from .palette import tones
from .shapes import Points, ribbon, spline

if TYPE_CHECKING:
    from .person import Figure


def draw_collar_back(figure: Figure) -> None:
    """What stands behind the jaw: a hood, a coat's collar."""
    if figure.person.clothes == "hoodie":
        x, y = figure.neck
        unit = figure.unit
        for hand in (-1, 1):
            tone = figure.cloth.lit if hand == figure.side else figure.cloth.dark
            hood = [
                (x + hand * 0.44 * unit, y - 0.36 * unit),
                (x + hand * 1.02 * unit, y - 0.16 * unit),
                (x + hand * 1.05 * unit, y + 0.22 * unit),
                (x + hand * 0.40 * unit, y + 0.62 * unit),
                (x + hand * 0.30 * unit, y + 0.42 * unit),
            ]
            figure.canvas.fill(spline(hood, corners=(3,)), tone)


def draw_collar_front(figure: Figure) -> None:
    """A standing or folded collar in front of the neck, over the jaw's shadow."""
    canvas, unit, kind = figure.canvas, figure.unit, figure.person.clothes
    x, y = figure.neck
    mid = x + 0.10 * unit * figure.shift
    if kind in ("chef", "sweater"):
        tall = 0.13 * unit if kind == "chef" else 0.10 * unit
        wide = 0.47 * unit
        band = [
            (x - wide, y - tall),
            (mid, y + 0.13 * unit),
            (x + wide, y - tall),
            (x + wide * 1.08, y + 0.16 * unit),
            (mid, y + 0.36 * unit),
            (x - wide * 1.08, y + 0.16 * unit),
        ]
        shape = spline(band, corners=(0, 2, 3, 5))
        canvas.fill(shape, figure.cloth.lit)
        with canvas.group(clip=shape):
            away = -figure.side
            canvas.fill(
                spline(
                    [
                        (mid + away * 0.05 * unit, y - unit),
                        (mid + away * 0.18 * unit, y + unit),
                        (mid + away * 2 * unit, y + unit),
                        (mid + away * 2 * unit, y - unit),
                    ],
                    pull=0.0,
                ),
                figure.cloth.dark,
            )
            if kind == "chef":
                canvas.fill(
                    ribbon([(mid + 0.04 * unit, y - tall), (mid - 0.02 * unit, y + 0.36 * unit)], [0.006, 0.006]),
                    figure.cloth.deep,
                )
    elif kind in ("shirt", "blazer"):
        cloth = figure.cloth if kind == "shirt" else tones(figure.light, figure.person.trim)
        for hand in (-1, 1):
            flap = [
                (x + hand * 0.50 * unit, y - 0.26 * unit),
                (x + hand * 0.58 * unit, y + 0.04 * unit),
                (mid + hand * 0.30 * unit, y + 0.48 * unit),
                (mid + hand * 0.02 * unit, y + 0.30 * unit),
            ]
            shape = spline(flap, pull=0.06)
            canvas.fill(shape.moved(0.0, 0.006), cloth.deep)
            canvas.fill(shape, cloth.lit if hand == figure.side else cloth.dark)


def draw_sleeve(figure: Figure, spine: Points, thick: float, far: bool) -> None:
    """A cuff at the end and two folds at the elbow."""
    canvas = figure.canvas
    end, before = spine[-1], spine[-2]
    step = (end - before) / max(1e-6, math.hypot(*(end - before)))
    tone = figure.cloth
    if figure.person.clothes != "tee":
        cuff = np.array([end - step * 0.030, end + step * 0.004])
        wide = thick * (0.82 if bare_from(figure.person) < 1 else 0.66)
        canvas.fill(ribbon(cuff, [wide, wide * 1.02]), tone.deep if far else tone.dark)
    elbow = spine[1]
    normal = np.array([-step[1], step[0]])
    for k, (shift, long) in enumerate(((-0.012, 0.16),)):
        a = elbow + step * shift + normal * thick * 0.40 * (1 if k else -1)
        canvas.fill(
            ribbon(
                [
                    a,
                    elbow + step * (shift + 0.016),
                    elbow + step * (shift + 0.03) - normal * thick * long * (1 if k else -1),
                ],
                [0.008, 0.007, 0.001],
            ),
            (*tone.deep[:3], 140),
        )
