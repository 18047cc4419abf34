"""Two closed worlds: the inside of a car, and a theatre's stage."""

from __future__ import annotations

from dataclasses import replace

from ..canvas import Linear
from ..palette import DAY, DUSK, NIGHT, Colour
from ..shapes import Path, crescent, ellipse, polygon, rectangle, ribbon, soft_box, spline
from .base import Brush, Layer, Place
from .parts import LAMP, STEEL, WOOD, ground, shaped
from .skies import draw_sky, draw_skyline

_LEATHER = Colour(0.38, 0.055, 45)
_TRIM = Colour(0.25, 0.015, 255)
_VELVET = Colour(0.44, 0.150, 22)
SPOT = replace(
    NIGHT,
    sky=Colour(0.22, 0.045, 300),
    key=Colour(0.93, 0.060, 82),
    shade=Colour(0.22, 0.080, 290),
    rim=Colour(0.86, 0.09, 320),
    contrast=0.66,
    tint=0.10,
    span=(0.14, 0.44),
)


def _road_behind(b: Brush) -> None:
    """What the windows show: the road we come from, the verge, lamps."""
    asphalt = Colour(0.40, 0.014, 250)
    ground(b, asphalt, 11.0)
    b.lies([(-0.08, 11), (0.08, 11), (0.10, 2), (-0.10, 2)], b.lit(Colour(0.86, 0.02, 90), 0.8))
    for x in (-7.0, -4.6, 4.4, 6.8):
        c = b.canvas
        c.fill(ribbon([(x, 0.0), (x, -3.4)], [0.10, 0.06]), b.dark(STEEL.lighter(-0.2)))
        if b.look.hour in ("night", "dusk"):
            b.glow(x, -3.4, 1.5, LAMP, 0.7)


def _shell(b: Brush) -> None:
    """The cabin around the rear window: pillars, roof, parcel shelf."""
    hole = _opening(-1.02, -1.86, 1.02, -1.28, 0.16)
    sides = [_opening(*box, 0.10) for box in ((-3.2, -1.84, -1.30, -1.02), (1.30, -1.84, 3.2, -1.02))]
    shell = rectangle(b.left - 1, b.top - 1, b.right + 1, b.bottom + 1) + hole + sides[0] + sides[1]
    b.canvas.fill(shell, b.dark(_TRIM.lighter(0.05)), even_odd=True)
    roof = [(b.left, -2.06), (b.right, -2.06), (b.right, b.top - 1), (b.left, b.top - 1)]
    b.canvas.fill(polygon(roof), b.lit(Colour(0.56, 0.02, 70)))
    b.canvas.fill(rectangle(b.left, -1.24, b.right, -1.18), b.lit(_TRIM.lighter(0.10)))
    for k in range(7):
        y = -1.80 + 0.075 * k
        b.canvas.fill(rectangle(-1.0, y, 1.0, y + 0.006), b.dark(_TRIM, 0.35))
    b.form(soft_box(-1.25, -1.20, 1.25, -0.3, 0.12), _LEATHER.lighter(-0.03), 0.5)
    for x in (-0.85, 0.0, 0.85):
        b.form(soft_box(x - 0.17, -1.40, x + 0.17, -1.16, 0.07), _LEATHER, x + 0.05)


def _opening(left: float, top: float, right: float, bottom: float, radius: float) -> Path:
    return soft_box(left, top, right, bottom, radius)


def _seats(b: Brush) -> None:
    for x in (-0.52, 0.52):
        b.form(
            shaped("-1 0, -0.92 -0.8, -0.6 -1, 0.6 -1, 0.92 -0.8, 1 0", x, -0.50, 0.40, 0.98, corners=(0, 5)),
            _LEATHER,
            x + 0.16,
        )
        for post in (-0.09, 0.07):
            b.canvas.fill(rectangle(x + post, -1.58, x + post + 0.02, -1.44), b.dark(_TRIM))
        b.form(soft_box(x - 0.20, -1.80, x + 0.20, -1.53, 0.08), _LEATHER.lighter(0.02), x + 0.08)
        for dx in (-0.2, 0.0, 0.2):
            b.canvas.fill(rectangle(x + dx, -1.38, x + dx + 0.012, -0.6), b.dark(_LEATHER, 0.8))
    b.form(soft_box(-0.11, -0.92, 0.11, 0.0, 0.04), _TRIM.lighter(0.05), 0.02)


def _dashboard(b: Brush) -> None:
    """Before them: the dashboard's edge and the wheel."""
    c = b.canvas
    x, y = b.framed(0.5, 0.0)
    tall = b.first.visible_m
    half = b.framed(1.0, 0.0)[0] - x
    high = 0.15 if tall > 0.9 else 0.06
    dash = [
        (x - 1.2 * half, y + 1),
        (x - 1.2 * half, y - high * 0.65 * tall),
        (x, y - high * tall),
        (x + 1.2 * half, y - high * 0.65 * tall),
        (x + 1.2 * half, y + 1),
    ]
    shape = spline(dash, corners=(0, 1, 3, 4))
    c.fill(shape, b.light.dark(_TRIM).rgba())
    c.fill(ribbon(dash[1:4], [0.012 * tall] * 3), b.light.edge(_TRIM).rgba(0.6))
    if tall > 0.9:
        rim = ellipse(-0.52, y - 0.02 * tall, 0.235, 0.19)
        c.stroke(rim, b.light.dark(_TRIM.lighter(-0.02)).rgba(), 0.042)
        c.stroke(rim.moved(0.0, -0.006), b.light.edge(_TRIM).rgba(0.35), 0.008)
    if tall > 0.9:  # in a close-up it would hang into the hair
        mirror = b.framed(0.5, 0.985)
        glass = soft_box(mirror[0] - 0.17, mirror[1] - 0.05, mirror[0] + 0.17, mirror[1] + 0.05, 0.03)
        c.fill(glass, b.light.dark(_TRIM).rgba())


def _passing(b: Brush, time_s: float) -> None:
    """Lights and trees going by, seen through the windows only."""
    edges = [b.on_floor(x, 0.45)[0] for x in (-0.92, -0.12, 0.12, 0.92)]  # between the seats, which stand before it
    gaps = zip([-1.02, *edges[1::2]], [*edges[::2], 1.02], strict=True)
    boxes = [rectangle(left, -1.86, max(left, right), -1.28) for left, right in gaps]
    windows = boxes[0] + boxes[1] + boxes[2]
    night = b.look.hour in ("night", "dusk")
    with b.canvas.group(clip=windows):
        for k in range(4):
            share = (0.31 * time_s + 0.25 * k) % 1.0
            near = (1.0 - share) ** 2
            for side in (-1, 1):
                x, y = side * (0.10 + 1.3 * near), -1.50 - 0.22 * near
                if night:
                    b.glow(x, y, 0.05 + 0.22 * near, LAMP, 0.8)
                else:
                    b.canvas.fill(
                        ribbon([(x, -1.30), (x, y - 0.4 * near)], [0.012 + 0.03 * near, 0.008 + 0.02 * near]),
                        b.dark(Colour(0.42, 0.015, 240), 0.7),
                    )


def _backcloth(b: Brush) -> None:
    """Painted night sky with a moon, side curtains in folds, a valance above."""
    c = b.canvas
    b.gradient(
        b.top,
        0.2,
        (0.0, Colour(0.17, 0.05, 290).rgba()),
        (0.6, Colour(0.25, 0.085, 285).rgba()),
        (1.0, Colour(0.34, 0.10, 310).rgba()),
    )
    c.fill(ellipse(0.02, -2.9, 0.50, 0.50), Colour(0.62, 0.07, 85).rgba(0.75))
    for _ in range(26):
        x, y = float(b.chance.uniform(-4, 4)), -float(b.chance.uniform(1.2, 4.6))
        c.fill(ellipse(x, y, 0.022, 0.022), Colour(0.8, 0.05, 90).rgba(0.6))


def _curtains(b: Brush) -> None:
    for side in (-1, 1):
        for k in range(9):
            x = side * (2.0 + 0.30 * k)
            fold = [(x, b.top), (x + side * 0.03, -1.5), (x - side * 0.02 * (k % 2), 0.02)]
            tone = b.dark(_VELVET.lighter(-0.05)) if k % 2 else b.lit(_VELVET)
            b.canvas.fill(ribbon(fold, [0.34, 0.30, 0.36]), tone)
            b.canvas.fill(
                ribbon([(px - side * 0.08, py) for px, py in fold], [0.03, 0.05, 0.03]), b.edge(_VELVET, 0.35)
            )
        b.canvas.fill(
            rectangle(
                min(side * 1.86, side * 1.86 + side * 0.34), -1.22, max(side * 1.86, side * 1.86 + side * 0.34), -1.14
            ),
            b.lit(LAMP),
        )
    for k in range(12):
        x = -4.6 + 0.84 * k
        b.canvas.fill(
            shaped("-1 -2.5, 1 -2.5, 1 -0.4, 0.5 0, -0.5 0, -1 -0.4", x, -3.05, 0.44, 0.40, corners=(0, 1)),
            b.lit(_VELVET) if k % 2 else b.dark(_VELVET),
        )
    b.canvas.fill(rectangle(b.left, -3.02, b.right, -2.97), b.lit(LAMP, 0.5))


def _boards(b: Brush) -> None:
    ground(b, WOOD.lighter(-0.10), 3.2, seams=0.30)
    x, y = b.on_floor(0.0, 0.3)
    stops = ((0.0, LAMP.lighter(0.04).rgba(0.55)), (0.8, LAMP.rgba(0.40)), (1.0, LAMP.rgba(0.0)))
    b.canvas.fill(
        ellipse(x, y, 1.9, 0.30),
        Linear(
            (x - 1.9, y),
            (x + 1.9, y),
            (stops[2], (0.12, stops[1][1]), (0.5, stops[0][1]), (0.88, stops[1][1]), stops[2]),
        ),
    )


def _beams(b: Brush) -> None:
    for from_x, to_x, wide in ((-2.6, -0.45, 0.75), (2.7, 0.45, 0.75)):
        cone = polygon([(from_x - 0.12, -4.6), (from_x + 0.12, -4.6), (to_x + wide, 0.05), (to_x - wide, 0.05)])
        b.canvas.fill(cone, Linear((from_x, -4.6), (to_x, 0.0), ((0.0, LAMP.rgba(0.40)), (1.0, LAMP.rgba(0.06)))))


def _near_boards(b: Brush) -> None:
    ground(b, WOOD.lighter(-0.10), 0.9, seams=0.30)


_SEEN_FROM_BEHIND = (
    "0 -1, 0.62 -0.82, 0.95 -0.3, 0.92 0.2, 0.78 0.6, 0.5 0.95, 0.4 1.3, -0.4 1.3, -0.5 0.95, -0.78 0.6, -0.92 0.2, "
    "-0.95 -0.3, -0.62 -0.82",
    "0 -1, 0.6 -0.85, 0.9 -0.4, 0.86 0.1, 0.66 0.62, 0.46 0.9, 0.42 1.3, -0.42 1.3, -0.46 0.9, -0.66 0.62, -0.86 0.1, "
    "-0.9 -0.4, -0.6 -0.85",
    "0 -1.02, 0.7 -0.85, 1.02 -0.3, 1.08 0.3, 1.12 0.9, 1.04 1.4, -1.02 1.4, -1.14 0.9, -1.06 0.3, "
    "-1.02 -0.3, -0.7 -0.85",
    "0.1 -1.1, 0.5 -1.14, 0.86 -0.86, 1.14 -0.62, 1.06 -0.2, 1.16 0.16, 0.9 0.5, 0.56 0.9, 0.44 1.3, -0.44 1.3, "
    "-0.6 0.86, -0.98 0.46, -1.14 0.1, -1.04 -0.3, -1.1 -0.66, -0.78 -0.9, -0.4 -1.16",
)
"""Outlines of heads, from the crown around: short hair, hair pinned up, long hair, curls."""


def _audience(b: Brush) -> None:
    """Heads of the first row at the foot of the frame."""
    tall, ink = b.first.visible_m, Colour(0.15, 0.035, 300).rgba()
    if tall < 1.0:  # so near to somebody there is nobody between
        return
    for k, across in enumerate((0.02, 0.155, 0.31, 0.70, 0.865, 0.985)):
        low = (-0.005, -0.022, 0.008, -0.012, 0.012, -0.03)[k]  # no two as tall, no two with the same hair
        x, y = b.framed(across, low + (0.0 if tall > 1.6 else -0.07))
        size = 0.085 * tall * (0.9 + 0.1 * (k % 3))
        head = shaped(_SEEN_FROM_BEHIND[k % 4], x, y - 0.75 * size, 0.66 * size, 0.86 * size)
        b.canvas.fill(head, ink)
        if k in (1, 4):
            b.canvas.fill(ellipse(x + 0.12 * size, y - 1.66 * size, 0.28 * size, 0.24 * size), ink)
        b.canvas.fill(
            shaped("-2 1, -1.7 0.1, -0.6 -0.25, 0.6 -0.25, 1.7 0.1, 2 1", x, y, size, size * 1.4, corners=(0, 5)), ink
        )
        with b.canvas.group(clip=head):
            b.canvas.fill(crescent(head, 0.0, 0.06 * size), LAMP.rgba(0.55), even_odd=True)


CAR = Place(
    layers=(
        Layer(12.0, 2.0, draw_sky),
        Layer(11.5, 3.0, lambda b: draw_skyline(b, 3.0)),
        Layer(11.0, 3.0, _road_behind),
        Layer(1.3, 2.6, _shell),
        Layer(0.45, 1.0, _seats),
        Layer(-0.45, 5.0, _dashboard),
    ),
    lights={"day": replace(DAY, span=(0.42, 0.84)), "dusk": DUSK, "night": NIGHT},
    close=True,
    alive=_passing,
    alive_z=1.3,
)
STAGE_SET = Place(
    layers=(
        Layer(4.2, 2.6, _backcloth),
        Layer(3.2, 1.6, _boards),
        Layer(2.6, 2.0, _curtains),
        Layer(1.9, 3.0, _beams),
        Layer(0.30, 0.6, _near_boards),
        Layer(-0.8, 6.0, _audience),
    ),
    lights={hour: SPOT for hour in ("day", "dusk", "dawn", "night")},
)
