"""Under the sky: street, station, forest, field, beach."""

from __future__ import annotations

import numpy as np

from ..canvas import Linear
from ..palette import Colour
from ..shapes import ellipse, polygon, rectangle, ribbon, soft_box, spline
from .base import Brush, Layer, Place, cloud
from .parts import DARK_WOOD, LAMP, LEAF, STEEL, STONE, WOOD, ground, house, ledge, shaped, tree

ASPHALT = Colour(0.42, 0.012, 250)
GRASS = Colour(0.56, 0.090, 128)
SAND = Colour(0.80, 0.055, 80)
SEA = Colour(0.56, 0.075, 220)


def _sky(b: Brush) -> None:
    """The whole picture's light: zenith to horizon, the sun or moon, a few long clouds."""
    sky, night = b.light.sky, b.look.hour == "night"
    low = sky.toward(b.light.key, 0.45).lighter(0.05)
    zenith = sky.lighter(-0.13).turned(b.light.shade.h, 18.0)
    b.gradient(b.top, b.bottom, (0.0, zenith.rgba()), (0.45, sky.rgba()), (0.62, low.rgba()), (1.0, low.rgba()))
    x = b.camera.x + b.side * 2.6
    if b.look.weather == "clear":
        y, size = (-4.4, 0.42) if night else (-2.6, 0.55) if b.look.hour in ("dusk", "dawn") else (-5.0, 0.5)
        b.glow(x, y, size * 6, b.light.key, 0.35)
        b.canvas.fill(ellipse(x, y, size, size), b.light.key.lighter(0.06).rgba())
    for k in range(6):
        cx, cy = b.left + (b.right - b.left) * float(b.chance.random()), -float(b.chance.uniform(2.8, 6.5))
        wide = b.jitter(1.7, 0.6)
        tone = low.lighter(0.04) if not night else sky.lighter(0.05)
        b.canvas.fill(cloud(cx, cy, wide, wide * 0.16), tone.rgba(0.55))
        b.canvas.fill(cloud(cx + 0.3 * wide, cy + 0.10, wide * 0.7, wide * 0.10), tone.rgba(0.35 + 0.05 * k))


def _skyline(b: Brush) -> None:
    x, k = np.floor(b.left / 1.6) * 1.6, 0
    while x < b.right:
        wide, tall = b.jitter(1.3, 0.4), b.jitter(4.6, 0.4)
        b.block(x, -tall, x + wide, 0.2, Colour(0.52, 0.03, 255).lighter(0.02 * (k % 3)), 0.6)
        for _ in range(6):
            wx, wy = x + float(b.chance.uniform(0.1, wide - 0.2)), -float(b.chance.uniform(0.6, tall - 0.3))
            if b.look.hour in ("night", "dusk"):
                b.canvas.fill(rectangle(wx, wy, wx + 0.09, wy + 0.14), LAMP.rgba(0.75))
        x, k = x + wide * 1.02, k + 1


_FRONTS = (Colour(0.58, 0.060, 42), Colour(0.66, 0.040, 85), Colour(0.52, 0.045, 225), Colour(0.62, 0.055, 25))


def _houses(b: Brush) -> None:
    for k, (left, right, tall) in enumerate(
        ((-7.2, -4.3, 7.0), (-4.3, -1.7, 6.2), (-0.2, 2.9, 6.8), (2.9, 5.5, 5.9), (5.5, 8.6, 7.2))
    ):
        house(b, left, right, tall, _FRONTS[k % 4], floors=3 if tall < 6.5 else 4)
    b.gradient(0.0, b.bottom, (0.0, b.lit(STONE)), (1.0, b.dark(STONE)))


def _street_things(b: Brush) -> None:
    c = b.canvas
    _car(b, -2.9, Colour(0.48, 0.11, 28))
    _car(b, 3.4, Colour(0.52, 0.06, 235))
    for x in (-1.35, 2.0):
        c.fill(ribbon([(x, 0.0), (x, -2.0), (x + 0.05, -3.2)], [0.10, 0.06, 0.05]), b.dark(STEEL.lighter(-0.25)))
        c.fill(
            ribbon([(x + 0.04, -3.2), (x + 0.25, -3.35), (x + 0.5, -3.32)], [0.05, 0.04, 0.04]),
            b.dark(STEEL.lighter(-0.25)),
        )
        c.fill(
            shaped("-1 0, 1 0, 0.7 -0.7, -0.7 -0.7", x + 0.52, -3.24, 0.16, 0.14, corners=(0, 1, 2, 3)),
            b.dark(STEEL.lighter(-0.2)),
        )
        if b.look.hour in ("night", "dusk"):
            b.glow(x + 0.52, -3.2, 1.6, LAMP, 0.55)
            c.fill(
                polygon([(x + 0.38, -3.22), (x + 0.66, -3.22), (x + 1.6, 0.0), (x - 0.6, 0.0)]),
                Linear((x, -3.2), (x, 0.0), ((0.0, LAMP.rgba(0.16)), (1.0, LAMP.rgba(0.0)))),
            )
    tree(b, 4.9, 4.2)
    tree(b, -4.7, 4.8)


def _car(b: Brush, x: float, paint: Colour) -> None:
    body = shaped(
        "-1 -0.1, -0.98 -0.5, -0.62 -0.58, -0.36 -1, 0.30 -1, 0.56 -0.58, 0.97 -0.46, 1 -0.1",
        x,
        -0.10,
        1.25,
        0.95,
        corners=(0, 7),
    )
    b.form(body, paint, x + 0.4)
    b.canvas.fill(
        shaped("-0.50 -0.58, -0.30 -0.92, -0.02 -0.92, -0.02 -0.58", x, -0.10, 1.25, 0.95, corners=(0, 1, 2, 3)),
        b.lit(b.light.sky.lighter(-0.12)),
    )
    b.canvas.fill(
        shaped("0.04 -0.58, 0.04 -0.92, 0.26 -0.92, 0.46 -0.58", x, -0.10, 1.25, 0.95, corners=(0, 1, 2, 3)),
        b.lit(b.light.sky.lighter(-0.18)),
    )
    for wheel in (-0.72, 0.74):
        b.canvas.fill(ellipse(x + wheel, -0.18, 0.23, 0.23), b.dark(ASPHALT.lighter(-0.2)))
        b.canvas.fill(ellipse(x + wheel, -0.18, 0.11, 0.11), b.lit(STEEL))


def _pavement(b: Brush) -> None:
    ground(b, Colour(0.54, 0.014, 245), 0.7)
    ledge(b, STONE.lighter(0.10), STONE.lighter(-0.10))
    for row in range(4):
        y = -0.74 + row * 0.17
        for x in np.arange(np.floor(b.left) + 0.25 * (row % 2), b.right, 0.52):
            b.canvas.fill(rectangle(x, y, x + 0.012, y + 0.17), b.dark(STONE.lighter(-0.16), 0.7))
        b.canvas.fill(rectangle(b.left, y, b.right, y + 0.012), b.dark(STONE.lighter(-0.16), 0.7))


def _platform_back(b: Brush) -> None:
    _sky(b)
    steel = Colour(0.40, 0.025, 235)
    for x in np.arange(-9.0, 10.0, 3.0):
        b.canvas.fill(
            ribbon([(x, 0.0), (x + 0.05, -3.2), (x + 0.9, -4.4), (x + 1.5, -4.7)], [0.20, 0.16, 0.14, 0.12]),
            b.dark(steel),
        )
    b.canvas.fill(rectangle(b.left, -5.1, b.right, -4.6), b.dark(steel))
    b.canvas.fill(rectangle(b.left, -9.0, b.right, -5.1), b.dark(steel.lighter(-0.06)))


def _train(b: Brush) -> None:
    body = Colour(0.56, 0.085, 245)
    b.block(b.left, -3.05, b.right, -0.15, body, 0.98)
    b.canvas.fill(rectangle(b.left, -3.05, b.right, -2.85), b.edge(body))
    b.canvas.fill(rectangle(b.left, -1.25, b.right, -1.12), b.lit(Colour(0.82, 0.12, 88)))
    night = b.look.hour in ("night", "dusk")
    glass = LAMP.lighter(-0.06) if night else b.light.sky.lighter(-0.20)
    for k, x in enumerate(np.arange(-7.5, 8.0, 1.32)):
        if k % 4 == 3:
            b.canvas.fill(soft_box(x, -2.70, x + 0.50, -0.30, 0.06), b.lit(body.lighter(0.08)))
            b.canvas.fill(soft_box(x + 0.58, -2.70, x + 1.08, -0.30, 0.06), b.lit(body.lighter(0.06)))
        else:
            b.canvas.fill(soft_box(x, -2.48, x + 1.06, -1.50, 0.09), b.lit(glass))
            b.canvas.fill(
                polygon([(x + 0.2, -2.48), (x + 0.5, -2.48), (x + 0.25, -1.5), (x + 0.02, -1.5)]), b.edge(glass, 0.35)
            )
    for x in (-3.4, 2.5):
        b.block(x - 0.75, -3.9, x + 0.75, -3.45, Colour(0.30, 0.06, 255), 0.97)
        b.canvas.fill(rectangle(x - 0.6, -3.72, x + 0.2, -3.64), b.lit(Colour(0.92, 0.01, 90)))


def _platform(b: Brush) -> None:
    ground(b, Colour(0.56, 0.012, 240), 0.6)
    b.canvas.fill(rectangle(b.left, -0.02, b.right, 0.05), b.lit(Colour(0.82, 0.13, 88)))
    ledge(b, STEEL.lighter(0.10), Colour(0.44, 0.03, 235))


def _hills(b: Brush) -> None:
    for k, (base, swing) in enumerate(((1.75, 0.42), (1.15, 0.34))):
        xs = np.linspace(b.left, b.right, 14)
        ys = -(base + swing * np.sin(0.62 * xs + 1.9 * k) + 0.4 * swing * np.sin(1.7 * xs + k))
        ridge = [*zip(xs, ys, strict=True), (b.right, 0.4), (b.left, 0.4)]
        b.canvas.fill(spline(ridge, corners=(0, 13, 14, 15)), b.lit(Colour(0.50, 0.06, 165).lighter(-0.06 * k)))


def _woods(b: Brush) -> None:
    for x, tall in (
        (-6.2, 6.5),
        (-4.6, 5.4),
        (-3.5, 7.2),
        (-1.9, 5.8),
        (0.6, 6.6),
        (2.1, 5.2),
        (3.3, 7.0),
        (5.0, 6.0),
        (6.4, 6.8),
    ):
        tree(b, x, tall, Colour(0.46, 0.075, 148))
    b.gradient(-0.25, b.bottom, (0.0, b.dark(LEAF)), (1.0, b.dark(LEAF.lighter(-0.08))))


def _near_trunks(b: Brush) -> None:
    for x, wide in ((-3.0, 0.34), (1.75, 0.22), (3.6, 0.42)):
        b.form(
            ribbon([(x - 0.05, 0.1), (x, -1.6), (x + 0.08, b.top)], [wide * 1.5, wide, wide * 0.85]),
            DARK_WOOD,
            x + 0.1 * wide,
        )
    for x in np.arange(b.left, b.right, 0.5):
        b.canvas.fill(
            cloud(x, -0.10, b.jitter(0.42), b.jitter(0.30)),
            b.dark(LEAF) if b.chance.random() < 0.5 else b.lit(LEAF.lighter(-0.06)),
        )


def _clearing(b: Brush) -> None:
    ground(b, Colour(0.48, 0.075, 118))
    _fence(b)
    _tufts(b, GRASS)


def _meadow(b: Brush) -> None:
    b.gradient(-0.55, b.bottom, (0.0, b.lit(GRASS.lighter(0.10))), (1.0, b.lit(GRASS)))
    for x, tall in ((-3.6, 2.8), (2.9, 3.4), (4.1, 2.4)):
        tree(b, x, tall)


def _fence(b: Brush) -> None:
    for x in np.arange(np.floor(b.left / 1.5) * 1.5, b.right, 1.5):
        b.block(x - 0.05, -1.02, x + 0.05, 0.0, WOOD, 0.6)
    for y, thick in ((-0.92, 0.085), (-0.48, 0.07)):
        b.canvas.fill(rectangle(b.left, y - 0.06, b.right, y), b.lit(WOOD.lighter(0.10)))
        b.canvas.fill(rectangle(b.left, y, b.right, y + thick), b.dark(WOOD))


def _tufts(b: Brush, tone: Colour) -> None:
    for x in np.arange(b.left, b.right, 0.16):
        x0, tall = x + float(b.chance.uniform(-0.06, 0.06)), b.jitter(0.13, 0.6)
        b.canvas.fill(
            ribbon([(x0, 0.03), (x0 + 0.02, -tall * 0.6), (x0 + 0.06, -tall)], [0.035, 0.02, 0.002]),
            b.lit(tone) if b.chance.random() < 0.6 else b.dark(tone),
        )


def _shore(b: Brush) -> None:
    _sky(b)
    b.gradient(-1.30, 0.3, (0.0, b.lit(SEA.toward(b.light.sky, 0.4))), (0.5, b.lit(SEA)), (1.0, b.dark(SEA)))
    x = b.camera.x + b.side * 2.6
    for k in range(26):
        y = -1.28 + 1.4 * (k / 26) ** 1.6
        wide = (0.08 + 0.5 * k / 26) * float(b.chance.uniform(0.4, 1.2))
        dx = float(b.chance.normal(0, 0.25 + 0.03 * k))
        b.canvas.fill(ellipse(x + dx, y, wide, 0.012 + 0.014 * k / 26), b.light.key.lighter(0.04).rgba(0.55))


def _surf(b: Brush) -> None:
    foam = Colour(0.94, 0.012, 200)
    for y, thick in ((-0.42, 0.05), (-0.22, 0.08)):
        xs = np.linspace(b.left, b.right, 16)
        top = [(float(v), y + 0.05 * float(np.sin(2.1 * v + 9 * y))) for v in xs]
        low = [(float(v), y + thick + 0.06 * float(np.sin(1.7 * v + 4 * y))) for v in xs[::-1]]
        b.canvas.fill(spline([*top, *low], corners=(0, 15, 16, 31)), b.lit(foam, 0.85))
    b.gradient(-0.12, b.bottom, (0.0, b.lit(SAND.lighter(-0.10))), (1.0, b.lit(SAND)))


def _beach(b: Brush) -> None:
    b.gradient(-0.05, max(1.2, b.bottom), (0.0, b.lit(SAND)), (1.0, b.dark(SAND)))
    for x in np.arange(b.left, b.right, 0.7):
        b.canvas.fill(
            ellipse(x + float(b.chance.uniform(-0.2, 0.2)), float(b.chance.uniform(0.08, 0.7)), b.jitter(0.22), 0.018),
            b.dark(SAND, 0.4),
        )
    _fence(b)


STREET = Place(
    layers=(
        Layer(12.0, 2.0, _sky),
        Layer(9.0, 4.0, _skyline),
        Layer(4.6, 3.4, _houses),
        Layer(2.0, 2.2, _street_things),
        Layer(0.30, 0.6, _pavement),
    ),
    outdoors=True,
)
STATION = Place(
    layers=(Layer(7.0, 4.0, _platform_back), Layer(2.8, 3.0, _train), Layer(0.30, 0.6, _platform)),
    outdoors=True,
)
FOREST = Place(
    layers=(
        Layer(12.0, 2.0, _sky),
        Layer(8.0, 5.0, _hills),
        Layer(4.5, 3.6, _woods),
        Layer(1.8, 2.2, _near_trunks),
        Layer(0.30, 0.6, _clearing),
    ),
    outdoors=True,
)
FIELD = Place(
    layers=(Layer(12.0, 2.0, _sky), Layer(9.0, 4.0, _hills), Layer(4.0, 3.0, _meadow), Layer(0.30, 0.6, _clearing)),
    outdoors=True,
)
BEACH = Place(
    layers=(Layer(12.0, 2.0, _shore), Layer(3.0, 2.4, _surf), Layer(0.30, 0.6, _beach)),
    outdoors=True,
)
