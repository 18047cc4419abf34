"""Clothes: trunk, neck, collars and cuffs. Points are placed on the trunk by `Figure.torso(across, down)`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .look import Person
from .palette import Colour, Tones, tones
from .shapes import Path, Points, crescent, ellipse, polygon, ribbon, spline

if TYPE_CHECKING:
    from .person import Figure

_HEMS = {"coat": 1.85, "blazer": 1.30, "hoodie": 1.18, "tee": 1.10, "shirt": 1.06}
"""Where a garment ends below the hips, in lengths of the trunk."""
_SLEEVES = {"tee": 0.30, "chef": 0.74, "shirt": 0.80}


def bare_from(person: Person) -> float:
    """Up to where a sleeve reaches: 0.5 the elbow, 1 the wrist."""
    return _SLEEVES.get(person.clothes, 1.0)


_LEGWEAR = (Colour(0.33, 0.030, 265), Colour(0.30, 0.012, 280), Colour(0.40, 0.055, 250), Colour(0.36, 0.035, 60))


def trousers(person: Person) -> Colour:
    """The colour of the legs: darker than the top, never the same."""
    if person.cloth.l <= 0.42:
        return Colour(0.50, 0.035, 70)
    return _LEGWEAR[int(97 * person.nose + 31 * person.brow) % len(_LEGWEAR)]


def _trunk(figure: Figure) -> Points:
    """Outline of the trunk from the left of the neck around to its right; open towards the legs."""
    at, build = figure.torso, figure.person.build
    neck_x, neck_y = figure.neck
    wide = 0.40 * figure.unit
    loose = 0.10 if figure.person.clothes in ("coat", "hoodie", "chef") else 0.0
    curved = max(0.0, min(1.0, (0.55 - figure.person.jaw) / 0.3)) * min(1.0, max(0.0, (figure.person.age - 11.0) / 6.0))
    waist = 0.80 + 0.26 * build + loose - 0.10 * curved
    hips = 1.04 + 0.10 * build + 0.05 * curved
    left, right = figure.shoulders
    swell = 1.0 + 0.012 * figure.pose.breath
    cap = 0.055
    root = neck_y + (0.014 if figure.person.clothes in ("chef", "sweater") else -0.012)  # under a standing collar
    hem = _HEMS.get(figure.person.clothes, 1.14)
    if figure.seated:
        hem = min(hem, 1.16)  # what is longer lies on the lap
    flare = 0.25 * (hem - 1.14)
    stride = 0.5 * figure.profile * max(0.0, hem - 1.2)  # legs that go push a long coat open
    back, front = (stride * max(0.0, abs(x) - 0.06) for x in sorted(foot[0] for foot in figure.pose.feet))
    low_left, low_right = at(-1.02 - 0.10 * build - flare, hem), at(1.02 + 0.10 * build + flare, hem)
    return np.array(
        [
            (neck_x - wide, root),
            (left[0] * 0.62 + neck_x * 0.38, left[1] - 0.014),
            (left[0], left[1] + cap * 0.45),
            at(-0.97 * swell, 0.26),
            at(-waist, 0.66),
            at(-hips, 1.0),
            (low_left[0] - back, low_left[1]),
            (low_right[0] + front, low_right[1]),
            at(hips, 1.0),
            at(waist, 0.66),
            at(0.97 * swell, 0.26),
            (right[0], right[1] + cap * 0.45),
            (right[0] * 0.62 + neck_x * 0.38, right[1] - 0.014),
            (neck_x + wide, root),
        ]
    )


def draw_neck(figure: Figure) -> None:
    """The neck, wider at its root, with the shadow the chin throws on it."""
    canvas, unit = figure.canvas, figure.unit
    x, y = figure.neck
    hx, hy = figure.head
    hx += 0.06 * unit * math.sin(figure.yaw)
    thick = unit * (0.40 + 0.09 * figure.person.jaw + 0.08 * (figure.person.build - 0.4))
    top, low = hy + 0.50 * unit, y + 1.0 * unit
    shape = spline(
        [
            (hx - thick, top),
            (x - thick * 0.96, (top + y) / 2 + 0.02),
            (x - thick * 1.45, y + 0.055),
            (x - thick, low),
            (x + thick, low),
            (x + thick * 1.45, y + 0.055),
            (x + thick * 0.96, (top + y) / 2 + 0.02),
            (hx + thick, top),
        ],
        corners=(0, 3, 4, 7),
    )
    canvas.fill(shape, figure.skin.lit)
    with canvas.group(clip=shape):
        away = -figure.side
        chin = hy + 1.16 * unit
        slide = away * 0.16 * unit
        jaw = [
            (hx - unit, top - unit),
            (hx - 0.8 * unit + slide, chin - 0.34 * unit),
            (hx + slide, chin + 0.10 * unit),
            (hx + 0.85 * unit + slide, chin - 0.30 * unit),
            (hx + unit, top - unit),
        ]
        canvas.fill(spline(jaw, corners=(0, 4)), figure.skin.dark)
        edge = x + away * thick * 0.42
        canvas.fill(
            spline(
                [(edge, top), (edge - away * 0.01, y), (edge, low + 0.1), (edge + away, low + 0.1), (edge + away, top)],
                corners=(0, 2, 3, 4),
            ),
            figure.skin.dark,
        )
        cord = [(hx - away * thick * 0.4, chin - 0.1 * unit), (x - away * thick * 0.05, y + 0.02)]
        canvas.fill(
            ribbon(
                [cord[0], ((cord[0][0] + cord[1][0]) / 2 - away * 0.006, (cord[0][1] + cord[1][1]) / 2), cord[1]],
                [0.002, 0.009, 0.003],
            ),
            (*figure.skin.dark[:3], 160),
        )


def draw_torso(figure: Figure) -> None:
    """The trunk with its shadow, folds and what the garment has on its front."""
    canvas = figure.canvas
    outline = _trunk(figure)
    neckline = _neckline(figure)
    shape = spline(
        [*outline, *neckline],
        corners=(0, 6, 7, 13, 13 + len(neckline) // 2 + 1) if len(neckline) > 2 else (0, 6, 7, 13),
    )
    canvas.fill(shape, figure.cloth.lit)
    with canvas.group(clip=shape):
        _shade(figure)
        _GARMENTS.get(figure.person.clothes, _plain)(figure)
    _rim(figure, shape)
    if figure.person.clothes == "chef" and not figure.seated:
        _apron(figure)


def _neckline(figure: Figure) -> list[tuple[float, float]]:
    """From the right of the neck back to its left, along the garment's opening."""
    x, y = figure.neck
    deep = {"coat": 0.05, "blazer": 0.05, "shirt": 0.06, "hoodie": 0.09, "chef": 0.01, "sweater": 0.01}.get(
        figure.person.clothes, 0.075
    )
    centre = figure.torso(0.10 * figure.shift, 0.0)[0]
    bottom = (centre + 0.25 * figure.shift * 0.05, y + deep)
    if figure.person.clothes in ("tee", "sweater", "hoodie"):
        wide = 0.30 * figure.unit
        return [(x + wide, y + deep * 0.75), bottom, (x - wide, y + deep * 0.75)]
    return [bottom]


def _shade(figure: Figure) -> None:
    """Shadow shape of the trunk: away from the key, hollow under the chest, the head's shadow at the top."""
    canvas, away, at = figure.canvas, -figure.side, figure.torso
    dark, deep = figure.cloth.dark, figure.cloth.deep
    own = (figure.person.nose - 0.5) * 0.22  # nobody's falls as anybody else's does
    turn = 0.16 * figure.shift * away
    edge = [
        at(0.30 * away, -0.15),
        at((0.52 + own) * away, 0.06 + 0.3 * own),
        at((0.26 - own + turn) * away, 0.30 - 0.5 * own),
        at((0.44 + turn) * away, 0.54),
        at((0.24 + own + turn) * away, 0.80 + 0.4 * own),
        at((0.40 - own) * away, 1.2),
        at((0.22 + own) * away, 1.55),
        at(0.36 * away, 2.0),
    ]
    canvas.fill(spline([*edge, at(1.9 * away, 2.0), at(1.9 * away, -0.15)], corners=(0, 7, 8, 9)), dark)
    x, y = figure.neck
    unit = figure.unit
    thrown = [
        (x - 0.55 * unit, y - 0.05),
        (x + away * 0.2 * unit, y + 0.55 * unit),
        (x + (0.55 + 0.5 * (away > 0)) * unit, y - 0.02),
    ]
    if away < 0:
        thrown = [(2 * x - px, py) for px, py in thrown]
    canvas.fill(spline(thrown, corners=(0, 2)), (*dark[:3], 220))
    firm = 1.0 if figure.rest >= 0.0 else -1.0
    for across, down, x, y, sag, thick in (
        (0.94, 0.24, 0.62, 0.33, 0.016, 0.010),  # from the armpit over the side with the weight
        (0.90, 0.68, 0.30, 0.74, 0.020, 0.012),  # what is pressed together above that hip
        (0.92, 0.80, 0.52, 0.87, 0.014, 0.009),
        (-0.88, 0.30, -0.50, 0.58, 0.006, 0.010),  # and drawn long on the other side
    ):
        a, c = at(firm * across, down), at(firm * x, y)
        b = ((a[0] + c[0]) / 2, (a[1] + c[1]) / 2 + sag)
        shade = deep if firm * (across + x) * away > 0.7 else dark
        canvas.fill(ribbon([a, b, c], [thick * 0.25, thick, 0.001]), (*shade[:3], 190))


def _rim(figure: Figure, shape: Path) -> None:
    away = -figure.side
    half = [figure.torso(across * away, down) for across, down in ((0.2, -0.2), (1.6, -0.2), (1.6, 2.0), (0.2, 2.0))]
    with figure.canvas.group(clip=polygon(half)), figure.canvas.group(clip=shape):
        figure.canvas.fill(crescent(shape, -away * 0.0045, 0.003), (*figure.cloth.edge[:3], 200), even_odd=True)


def _plain(figure: Figure) -> None:
    """A ribbed edge around the neck."""
    line = _neckline(figure)
    x, y = figure.neck
    wide = 0.42 * figure.unit
    points = [(x + wide, y - 0.02), *line, (x - wide, y - 0.02)]
    thick = 0.024 if figure.person.clothes == "sweater" else 0.014
    figure.canvas.fill(ribbon(points, [thick] * len(points)), figure.cloth.dark)
    if figure.person.clothes in ("sweater", "hoodie"):
        hem = _HEMS.get(figure.person.clothes, 1.14) - 0.035
        band = [figure.torso(-1.3, hem), figure.torso(0.0, hem + 0.02), figure.torso(1.3, hem)]
        figure.canvas.fill(ribbon(band, [0.042] * 3), figure.cloth.dark)


def draw_pocket(figure: Figure, hand: tuple[float, float], which: int) -> None:
    """The cloth over a hand that is in a pocket, and its opening across the wrist."""
    canvas, out = figure.canvas, -1.0 if which == 0 else 1.0
    own = figure.person.clothes in ("coat", "blazer")
    cloth = figure.cloth if own else tones(figure.light, trousers(figure.person))
    x, y = hand
    front = [
        (x - 0.046, y - 0.004),
        (x + 0.046, y - 0.004),
        (x + 0.044 - 0.014 * (out < 0), y + 0.080),
        (x - 0.004 * out, y + 0.118),
        (x - 0.044 + 0.014 * (out > 0), y + 0.080),
    ]
    lit = out == figure.side
    canvas.fill(spline(front, corners=(0, 1), pull=0.30), cloth.lit if lit else cloth.dark)
    opening = [(x - 0.050 * out, y - 0.014), (x, y - 0.004), (x + 0.050 * out, y + 0.010)]
    canvas.fill(ribbon(opening, [0.006, 0.011, 0.007], blunt=False), cloth.deep)
    crease = [(x - 0.026 * out, y + 0.096), (x - 0.040 * out, y + 0.120), (x - 0.046 * out, y + 0.16)]
    canvas.fill(ribbon(crease, [0.003, 0.008, 0.001]), (*cloth.deep[:3], 150))


def _placket(figure: Figure, tone: Tones, across: float, lean: float = 0.0) -> None:
    at = figure.torso
    figure.canvas.fill(
        ribbon([at(across + lean, 0.02), at(across, 0.5), at(across, 1.2)], [0.007, 0.007, 0.007]), tone.dark
    )


def _buttons(figure: Figure, colour: Colour, across: float, rows: tuple[float, ...]) -> None:
    tone = tones(figure.light, colour)
    for down in rows:
        x, y = figure.torso(across, down)
        figure.canvas.fill(ellipse(x + 0.002, y + 0.003, 0.0105, 0.0105), figure.cloth.deep)
        figure.canvas.fill(ellipse(x, y, 0.0095, 0.0095), tone.lit)


def _centre(figure: Figure) -> float:
    """Where the middle of the front lies across a turned trunk."""
    return 0.42 * figure.shift


def _chef(figure: Figure) -> None:
    """A double-breasted jacket."""
    mid = _centre(figure)
    _placket(figure, figure.cloth, mid + 0.34, -0.10)
    for across in (mid - 0.30, mid + 0.24):
        _buttons(figure, Colour(0.40, 0.02, 60), across, (0.20, 0.38, 0.56))


def _apron(figure: Figure) -> None:
    """Tied at the waist, hanging over the thighs."""
    canvas, at, away = figure.canvas, figure.torso, -figure.side
    bright = figure.person.cloth.l > 0.55
    cloth = tones(figure.light, Colour(0.42, 0.050, 245) if bright else Colour(0.76, 0.03, 80))
    body = [
        at(-0.97, 0.75),
        at(0.0, 0.775),
        at(0.97, 0.75),
        at(1.16, 1.05),
        at(1.22, 1.62),
        at(0.1, 1.68),
        at(-1.2, 1.60),
        at(-1.16, 1.05),
    ]
    shape = spline(body, corners=(0, 2, 4, 6), pull=0.25)
    canvas.fill(shape, cloth.lit)
    with canvas.group(clip=shape):
        edge = [at(0.34 * away, 0.74), at(0.20 * away, 1.0), at(0.38 * away, 1.3), at(0.24 * away, 1.8)]
        canvas.fill(spline([*edge, at(1.6 * away, 1.8), at(1.6 * away, 0.74)], corners=(0, 3, 4, 5)), cloth.dark)
        for across in (-0.45, 0.62):
            canvas.fill(
                ribbon([at(across, 0.80), at(across * 1.1, 1.2), at(across * 1.05, 1.6)], [0.002, 0.012, 0.004]),
                cloth.dark,
            )
        canvas.fill(ribbon([at(-1.05, 0.765), at(0.0, 0.79), at(1.05, 0.765)], [0.026, 0.026, 0.026]), cloth.deep)


def _coat(figure: Figure) -> None:
    """An open collar with lapels over a light shirt, one row of buttons."""
    canvas, at, mid = figure.canvas, figure.torso, _centre(figure)
    x, y = figure.neck
    inner = tones(figure.light, figure.person.trim)
    deep = 0.40 if figure.person.clothes == "coat" else 0.46
    notch = at(mid, deep)
    wide = 0.52 * figure.unit
    canvas.fill(spline([(x - wide, y - 0.06), (x + wide, y - 0.06), notch], pull=0.0), inner.dark)
    canvas.fill(
        spline([(x - figure.side * -wide * 0.1, y - 0.06), (x + figure.side * wide, y - 0.06), notch], pull=0.0),
        inner.lit,
    )
    if figure.person.clothes == "blazer":
        tie = tones(figure.light, figure.person.cloth.toward(figure.light.accent, 0.75))
        top = (x + 0.02 * figure.shift, y + 0.052)
        knot = [(top[0] - 0.018, top[1]), (top[0] + 0.018, top[1]), (top[0] + 0.009, top[1] + 0.032)]
        blade = [
            (notch[0] + 0.026, notch[1] - 0.06),
            notch,
            (notch[0] - 0.026, notch[1] - 0.06),
            (top[0] - 0.009, top[1] + 0.032),
        ]
        canvas.fill(polygon([*knot, *blade]), tie.lit)
    for hand in (-1, 1):
        near = hand == figure.side
        lapel = [
            *(
                (x + hand * wide * 0.78, y - 0.055),
                (x + hand * wide * 1.25, y + 0.02),
                at(mid + hand * 0.50, 0.15),
                at(mid + hand * 0.44, 0.205),
            ),
            *(at(mid + hand * 0.52, 0.235), notch),
        ]
        shape = spline(lapel, pull=0.04)
        canvas.fill(shape, figure.cloth.lit if near else figure.cloth.dark)
        canvas.fill(ribbon([lapel[1], lapel[2]], [0.002, 0.005]), figure.cloth.deep)
        canvas.fill(ribbon([lapel[2], lapel[3], lapel[4]], [0.004, 0.003, 0.005], blunt=False), figure.cloth.deep)
        canvas.fill(ribbon([lapel[4], at(mid + hand * 0.27, 0.36), notch], [0.004, 0.009, 0.004]), figure.cloth.deep)
    canvas.fill(
        ribbon([notch, at(mid - 0.02, 0.8), at(mid - 0.03, 1.3), at(mid - 0.02, 2.0)], [0.004, 0.007, 0.008, 0.008]),
        figure.cloth.deep,
    )
    _buttons(figure, figure.person.cloth.lighter(-0.20), mid + 0.12, (deep + 0.10, deep + 0.30))


def _shirt(figure: Figure) -> None:
    mid = _centre(figure)
    _placket(figure, figure.cloth, mid + 0.05)
    _placket(figure, figure.cloth, mid - 0.07)
    _buttons(
        figure,
        figure.person.cloth.lighter(0.22 if figure.person.cloth.l < 0.7 else -0.3),
        mid - 0.01,
        (0.22, 0.42, 0.62, 0.82),
    )


def _hoodie(figure: Figure) -> None:
    at, canvas, mid = figure.torso, figure.canvas, _centre(figure)
    pocket = spline([at(mid - 0.42, 0.66), at(mid + 0.42, 0.66), at(mid + 0.60, 0.92), at(mid - 0.60, 0.92)], pull=0.03)
    canvas.fill(pocket.moved(0, 0.008), figure.cloth.deep)
    canvas.fill(pocket, figure.cloth.dark)
    _plain(figure)
    x, y = figure.neck
    string = tones(figure.light, figure.person.trim)
    for hand, long in ((-1, 0.15), (1, 0.125)):
        canvas.fill(
            ribbon(
                [
                    (x + hand * 0.035, y + 0.075),
                    (x + hand * 0.042, y + 0.075 + long * 0.6),
                    (x + hand * 0.036, y + 0.075 + long),
                ],
                [0.005, 0.006, 0.009],
            ),
            string.lit,
        )


_GARMENTS = {"chef": _chef, "coat": _coat, "blazer": _coat, "shirt": _shirt, "hoodie": _hoodie}
