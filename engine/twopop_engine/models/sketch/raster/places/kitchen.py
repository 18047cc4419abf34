"""A restaurant kitchen at work: steel, tiles, warm lamps over a cool room, a counter behind the cooks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..canvas import Linear
from ..palette import INDOOR, NIGHT_KITCHEN, Colour
from ..shapes import ellipse, polygon, rectangle, ribbon, soft_box, spline
from .base import Brush, Layer, Place

STEEL = Colour(0.60, 0.012, 230)
DARK_STEEL = Colour(0.38, 0.018, 235)
TILE = Colour(0.56, 0.035, 205)
COPPER = Colour(0.58, 0.105, 48)
CHINA = Colour(0.84, 0.015, 85)
WOOD = Colour(0.50, 0.070, 60)
WARM = Colour(0.90, 0.110, 72)
EVENING = replace(
    NIGHT_KITCHEN,
    sky=Colour(0.50, 0.060, 245),
    key=Colour(0.90, 0.110, 62),
    shade=Colour(0.34, 0.080, 285),
    rim=Colour(0.88, 0.100, 60),
    contrast=0.52,
    span=(0.40, 0.69),
)
"""The last of the day: blue air, a low sun through the door."""
MORNING = replace(INDOOR, sky=Colour(0.80, 0.030, 205), key=Colour(0.95, 0.05, 85), shade=Colour(0.36, 0.06, 235))


def _wall(b: Brush) -> None:
    """The far wall: tiles to shoulder height, a door with a round window, the pass with its heat lamps."""
    c = b.canvas
    tile = TILE.lighter({"day": 0.26, "dusk": 0.08}.get(b.look.hour, 0.0))
    b.gradient(b.top, -2.2, (0.0, b.dark(DARK_STEEL.lighter(tile.l - TILE.l))), (1.0, b.dark(tile)))
    b.gradient(-2.2, 0.0, (0.0, b.dark(tile)), (0.55, b.lit(tile.lighter(-0.10))), (1.0, b.dark(tile)))
    line = b.dark(tile.lighter(-0.05), 0.5)
    for k, y in enumerate(np.arange(-2.16, -0.2, 0.18)):
        c.fill(rectangle(b.left, y, b.right, y + 0.010), line)
        for x in np.arange(np.floor(b.left / 0.36) * 0.36 + 0.18 * (k % 2), b.right, 0.36):
            if b.chance.random() < 0.82:
                c.fill(rectangle(x, y, x + 0.010, y + 0.18), line)
            if b.chance.random() < 0.07:
                c.fill(rectangle(x + 0.01, y + 0.01, x + 0.36, y + 0.18), b.lit(tile.lighter(0.06), 0.35))
    _door(b, 2.7)
    _pass(b, -2.75, -0.75)


def _door(b: Brush, x: float) -> None:
    c = b.canvas
    c.fill(rectangle(x - 0.62, -2.30, x + 0.62, 0.0), b.dark(DARK_STEEL))
    b.block(x - 0.55, -2.22, x + 0.55, 0.0, STEEL.lighter(-0.16), 0.55)
    c.fill(ellipse(x, -1.56, 0.24, 0.24), b.dark(DARK_STEEL))
    c.fill(ellipse(x, -1.56, 0.20, 0.20), b.lit(WARM.lighter(-0.14)))
    c.fill(
        spline(
            [(x - 0.2, -1.50), (x - 0.02, -1.62), (x + 0.2, -1.48), (x + 0.2, -1.3), (x - 0.2, -1.3)], corners=(3, 4)
        ),
        b.dark(WOOD, 0.8),
    )


def _pass(b: Brush, left: float, right: float) -> None:
    """The opening to the dining room: the brightest thing in the room, well to one side."""
    c = b.canvas
    c.fill(rectangle(left - 0.09, -2.08, right + 0.09, -1.08), b.dark(DARK_STEEL))
    c.fill(rectangle(left, -2.0, right, -1.14), b.lit(WARM.lighter(-0.26)))
    b.glow((left + right) / 2, -1.75, 0.85, WARM, 0.55)
    for x, tall, wide in (
        (left + 0.20, 0.46, 0.13),
        (left + 0.62, 0.40, 0.11),
        (left + 1.30, 0.52, 0.14),
        (right - 0.22, 0.36, 0.10),
    ):
        guest = [
            (x - wide, -1.14),
            (x - wide * 0.9, -1.14 - tall * 0.5),
            (x - wide * 0.3, -1.14 - tall * 0.62),
            (x, -1.14 - tall),
            (x + wide * 0.3, -1.14 - tall * 0.62),
            (x + wide * 0.9, -1.14 - tall * 0.48),
            (x + wide, -1.14),
        ]
        c.fill(spline(guest, corners=(0, 6)), b.dark(WOOD, 0.55))
    c.fill(rectangle(left - 0.14, -1.16, right + 0.14, -1.06), b.lit(STEEL))
    for k, x in enumerate(np.linspace(left + 0.25, right - 0.3, 4)):
        x = x + (0.10, -0.06, 0.08, 0.0)[k]
        c.fill(rectangle(x - 0.008, -2.08, x + 0.008, -1.86), b.dark(DARK_STEEL))
        c.fill(
            spline([(x - 0.03, -1.88), (x + 0.03, -1.88), (x + 0.085, -1.76), (x - 0.085, -1.76)], pull=0.1),
            b.lit(COPPER),
        )
        b.glow(x, -1.74, 0.22, WARM, 0.8)
    for k, x in enumerate((left + 0.5, left + 0.68, left + 1.12)):
        c.fill(
            polygon([(x, -2.0), (x + 0.10, -2.0), (x + 0.11, -1.80 + 0.03 * k), (x + 0.01, -1.80 + 0.03 * k)]),
            b.lit(CHINA, 0.9),
        )


def _shelves(b: Brush) -> None:
    """Two steel shelves of crockery and pots, an extractor hood, a rail of hanging pans."""
    _hood(b, 0.35, 2.05)
    for left, right, heights in ((-3.4, -0.45, (1.62, 2.06)), (2.35, 4.6, (1.50, 1.95))):
        for row, height in enumerate(heights):
            _shelf(b, left, right, -height, row)
    _rail(b, -0.35, 2.5, -1.97)


def _shelf(b: Brush, left: float, right: float, y: float, row: int) -> None:
    c = b.canvas
    x = left + 0.08
    while x < right - 0.3:
        kind = int(b.chance.integers(0, 5))
        wide = (0.30, 0.17, 0.11, 0.24, 0.13)[kind] * float(b.chance.uniform(0.85, 1.25))
        (_pot, _plates, _jar, _bowls, _jar)[kind](b, x + wide / 2, y, wide)
        x += wide + float(b.chance.choice((0.02, 0.04, 0.16)))
    c.fill(rectangle(left, y, right, y + 0.035), b.lit(STEEL.lighter(-0.02)))
    c.fill(rectangle(left, y + 0.035, right, y + 0.075), b.dark(DARK_STEEL))
    c.fill(rectangle(left, y + 0.075, right, y + 0.20), b.dark(DARK_STEEL, 0.28))
    for x in (left + 0.35, right - 0.5):
        c.fill(
            polygon([(x, y + 0.07), (x + 0.025, y + 0.07), (x + 0.025, y + 0.26 - 0.05 * row), (x, y + 0.22)]),
            b.dark(DARK_STEEL),
        )


def _pot(b: Brush, x: float, y: float, wide: float) -> None:
    tall = wide * b.jitter(0.62, 0.25)
    material = COPPER if b.chance.random() < 0.4 else STEEL.lighter(-0.08)
    b.form(soft_box(x - wide / 2, y - tall, x + wide / 2, y, 0.03), material, x + 0.12 * wide)
    b.canvas.fill(
        rectangle(x - wide * 0.54, y - tall - 0.018, x + wide * 0.54, y - tall + 0.012), b.lit(material.lighter(0.08))
    )
    b.canvas.fill(rectangle(x - 0.02, y - tall - 0.05, x + 0.02, y - tall - 0.018), b.dark(material))


def _plates(b: Brush, x: float, y: float, wide: float) -> None:
    for k in range(int(b.chance.integers(4, 10))):
        shift = 0.01 * float(b.chance.normal())
        b.block(
            x - wide / 2 + shift, y - 0.022 * (k + 1), x + wide / 2 + shift, y - 0.022 * k - 0.005, CHINA.lighter(-0.14)
        )


def _jar(b: Brush, x: float, y: float, wide: float) -> None:
    tall = wide * b.jitter(1.7, 0.25)
    content = (Colour(0.62, 0.12, 70), Colour(0.55, 0.09, 130), Colour(0.50, 0.12, 35))[int(b.chance.integers(0, 3))]
    b.form(soft_box(x - wide / 2, y - tall, x + wide / 2, y, 0.025), content.lighter(-0.06), x + 0.1 * wide)
    b.canvas.fill(rectangle(x - wide * 0.42, y - tall - 0.03, x + wide * 0.42, y - tall + 0.01), b.dark(DARK_STEEL))


def _bowls(b: Brush, x: float, y: float, wide: float) -> None:
    for k in range(int(b.chance.integers(1, 4))):
        low = y - 0.055 * k
        bowl = spline(
            [(x - wide / 2, low - 0.09), (x + wide / 2, low - 0.09), (x + wide * 0.28, low), (x - wide * 0.28, low)],
            corners=(0, 1),
        )
        b.form(bowl, CHINA.lighter(-0.10), x + 0.1 * wide)


def _hood(b: Brush, left: float, right: float) -> None:
    c = b.canvas
    shape = polygon(
        [
            (left + 0.30, b.top),
            (right - 0.30, b.top),
            (right - 0.30, -2.55),
            (right, -2.14),
            (left, -2.14),
            (left + 0.30, -2.55),
        ]
    )
    b.form(shape, STEEL.lighter(-0.12), left + 0.6 * (right - left))
    c.fill(rectangle(left - 0.02, -2.17, right + 0.02, -2.08), b.lit(STEEL.lighter(0.02)))
    c.fill(rectangle(left + 0.06, -2.08, right - 0.06, -2.05), b.lit(WARM))
    b.glow((left + right) / 2, -1.95, 0.95, WARM, 0.30)


def _rail(b: Brush, left: float, right: float, y: float) -> None:
    c = b.canvas
    c.fill(rectangle(left, y, right, y + 0.022), b.edge(STEEL))
    x = left + 0.12
    while x < right - 0.1:
        size = float(b.chance.choice((0.07, 0.11, 0.15), p=(0.4, 0.35, 0.25)))
        material = COPPER if b.chance.random() < 0.35 else DARK_STEEL
        drop = b.jitter(0.17, 0.25)
        c.fill(ribbon([(x, y), (x + 0.004, y + drop)], [0.012, 0.020]), b.lit(material))
        if size > 0.08:
            b.form(ellipse(x, y + drop + size, size, size), material, x + 0.2 * size)
            c.fill(ellipse(x - 0.1 * size, y + drop + size, size * 0.78, size * 0.80), b.dark(material, 0.5))
        else:
            b.form(
                spline(
                    [
                        (x - size, y + drop),
                        (x + size, y + drop),
                        (x + size * 0.5, y + drop + size * 0.9),
                        (x - size * 0.5, y + drop + size * 0.9),
                    ],
                    corners=(0, 1),
                ),
                material,
                x,
            )
        x += size * 2 + b.jitter(0.09, 0.6)


def _range(b: Brush) -> None:
    """The stove line with its pots and fire, a tall fridge, pendant lamps."""
    c = b.canvas
    b.block(-4.6, -0.94, -1.9, 0.0, STEEL.lighter(-0.12))
    b.block(-0.1, -0.90, 2.3, 0.0, DARK_STEEL)
    for x in (0.15, 0.75, 1.36, 1.98):
        c.fill(ellipse(x, -0.70, 0.045, 0.045), b.edge(STEEL))
    c.fill(rectangle(-0.15, -0.95, 2.35, -0.89), b.lit(STEEL))
    for x, wide, tall, material in (
        (0.22, 0.42, 0.30, STEEL.lighter(-0.04)),
        (0.86, 0.30, 0.17, COPPER),
        (1.62, 0.52, 0.40, STEEL.lighter(-0.10)),
    ):
        b.form(soft_box(x - wide / 2, -0.97 - tall, x + wide / 2, -0.97, 0.05), material, x + 0.1 * wide)
        c.fill(rectangle(x - wide * 0.53, -0.99 - tall, x + wide * 0.53, -0.955 - tall), b.lit(material.lighter(0.10)))
    b.block(2.75, -2.15, 4.4, 0.0, STEEL.lighter(-0.06), 0.5)
    c.fill(rectangle(3.52, -2.1, 3.545, -0.05), b.dark(DARK_STEEL))
    for x in (3.42, 3.62):
        c.fill(rectangle(x, -1.45, x + 0.03, -1.0), b.edge(STEEL))
    for x, y in ((-2.35, -2.18), (-0.9, -2.30), (2.62, -2.22)):
        _pendant(b, x, y)


def _pendant(b: Brush, x: float, y: float) -> None:
    c = b.canvas
    c.fill(rectangle(x - 0.008, b.top, x + 0.008, y - 0.15), b.dark(DARK_STEEL))
    shade = spline(
        [
            (x - 0.05, y - 0.17),
            (x + 0.05, y - 0.17),
            (x + 0.11, y - 0.10),
            (x + 0.21, y),
            (x - 0.21, y),
            (x - 0.11, y - 0.10),
        ],
        corners=(0, 1, 3, 4),
    )
    b.form(shade, DARK_STEEL.lighter(-0.05), x + 0.03)
    c.fill(ellipse(x, y, 0.19, 0.035), WARM.lighter(0.05).rgba())
    b.glow(x, y + 0.02, 0.75, WARM, 0.42)
    beam = polygon([(x - 0.2, y), (x + 0.2, y), (x + 0.75, y + 1.5), (x - 0.75, y + 1.5)])
    c.fill(beam, Linear((x, y), (x, y + 1.5), ((0.0, WARM.rgba(0.16)), (1.0, WARM.rgba(0.0)))))


def _counter(b: Brush) -> None:
    """The counter the cooks stand at, and the floor before it."""
    c = b.canvas
    floor = Colour(0.36, 0.022, 215)
    b.gradient(-0.06, max(1.0, b.bottom), (0.0, b.dark(floor)), (0.18, b.lit(floor)), (1.0, b.dark(floor)))
    for x in np.arange(np.floor(b.left), b.right, 0.55):
        c.fill(polygon([(x, -0.06), (x + 0.012, -0.06), (x * 1.9 + 0.03, 1.4), (x * 1.9, 1.4)]), b.dark(floor, 0.6))
    for y in (0.02, 0.13, 0.29, 0.52):
        c.fill(rectangle(b.left, y, b.right, y + 0.008 + 0.01 * y), b.dark(floor, 0.6))
    b.gradient(-0.86, -0.08, (0.0, b.dark(STEEL)), (0.25, b.dark(STEEL.lighter(-0.06))), (1.0, b.dark(DARK_STEEL)))
    for x in (-3.1, -1.75, -0.55, 1.05, 2.0, 3.4):
        c.fill(rectangle(x, -0.82, x + 0.014, -0.10), b.dark(DARK_STEEL.lighter(-0.08)))
        c.fill(rectangle(x + 0.12, -0.76, x + 0.46, -0.735), b.edge(STEEL, 0.8))
    c.fill(rectangle(b.left, -0.10, b.right, -0.04), b.dark(DARK_STEEL.lighter(-0.12)))
    _counter_things(b)
    edge = max(-0.925, b.seen(0.848, -0.06))  # the worktop reaches to where things are put down
    c.fill(rectangle(b.left, -1.005, b.right, edge), b.lit(STEEL.lighter(0.03)))
    for x, wide in ((-1.9, 0.7), (-0.4, 0.5), (0.9, 0.9), (2.6, 0.4)):
        c.fill(
            polygon([(x, -1.005), (x + wide, -1.005), (x + wide * 0.8, edge), (x - wide * 0.2, edge)]),
            b.edge(STEEL.lighter(0.10), 0.22),
        )
    c.fill(rectangle(b.left, edge, b.right, edge + 0.04), b.dark(STEEL.lighter(0.02)))
    c.fill(rectangle(b.left, edge + 0.04, b.right, edge + 0.125), b.dark(DARK_STEEL, 0.55))


def _counter_things(b: Brush) -> None:
    """What stands on the counter, away from where people work."""
    y = -0.985
    for x, kind, size in (
        (-2.45, _pot, 0.42),
        (-1.98, _jar, 0.12),
        (-1.80, _jar, 0.09),
        (1.75, _bowls, 0.30),
        (2.15, _jar, 0.13),
        (2.34, _plates, 0.26),
        (-3.2, _plates, 0.26),
    ):
        kind(b, x, y, size)
    c = b.canvas
    for k, x in enumerate((-1.62, -1.52, 1.98)):
        tall, wide = (0.34, 0.27, 0.30)[k], (0.036, 0.03, 0.034)[k]
        glass = Colour(0.42, 0.07, (140, 90, 60)[k])
        bottle = [
            (x - wide, y),
            (x - wide, y - tall * 0.55),
            (x - wide * 0.35, y - tall * 0.74),
            (x - wide * 0.35, y - tall),
            (x + wide * 0.35, y - tall),
            (x + wide * 0.35, y - tall * 0.74),
            (x + wide, y - tall * 0.55),
            (x + wide, y),
        ]
        b.form(spline(bottle, corners=(0, 3, 4, 7), pull=0.25), glass, x)
        c.fill(rectangle(x - wide * 0.6, y - tall * 0.5, x - wide * 0.35, y - tall * 0.1), b.edge(glass, 0.8))


def _near(b: Brush) -> None:
    """Out of focus in front: bottles and a stack of plates at the foot of the frame, ladles at its head."""
    c, view = b.canvas, b.first
    tall = view.visible_m / view.closeness(b.z)
    wide = tall * (b.right - b.left) / (b.bottom - b.top)
    if view.visible_m > 1.9:
        return
    ink = Colour(0.24, 0.030, 240)
    x, y = b.framed(0.085, -0.1)
    for k, (dx, w, h) in enumerate(((0.0, 0.060, 0.46), (0.068, 0.045, 0.36), (-0.055, 0.05, 0.40))):
        x0, w0, h0 = x + dx * wide, w * wide * 0.5, h * tall
        bottle = [
            (x0 - w0, y),
            (x0 - w0, y - h0 * 0.60),
            (x0 - w0 * 0.36, y - h0 * 0.78),
            (x0 - w0 * 0.34, y - h0),
            (x0 + w0 * 0.34, y - h0),
            (x0 + w0 * 0.36, y - h0 * 0.78),
            (x0 + w0, y - h0 * 0.60),
            (x0 + w0, y),
        ]
        c.fill(spline(bottle, corners=(0, 3, 4, 7)), b.light.dark(ink.lighter(0.02 * k)).rgba())
        c.fill(rectangle(x0 - w0 * 0.7, y - h0 * 0.55, x0 - w0 * 0.45, y), b.light.edge(ink).rgba(0.5))


def _steam(b: Brush, time_s: float) -> None:
    """Steam over the pots: three slow wisps."""
    for k, (x, y) in enumerate(((0.22, -1.32), (1.62, -1.45))):
        phase = 0.23 * time_s + 0.37 * k
        for puff in range(2):
            life = (phase + 0.5 * puff) % 1.0
            rise, spread = 0.62 * life, 0.05 + 0.13 * life
            sway = 0.06 * np.sin(4.0 * life + 2.0 * k + time_s * 0.7)
            fade = 0.16 * float(np.sin(np.pi * life))
            b.glow(x + float(sway), y - rise, 1.25 * spread + 0.04, Colour(0.82, 0.03, 80), fade)


KITCHEN = Place(
    layers=(
        Layer(4.2, 5.0, _wall),
        Layer(3.0, 3.2, _shelves),
        Layer(1.7, 2.0, _range),
        Layer(0.30, 0.6, _counter),
        Layer(-0.55, 9.0, _near),
    ),
    lights={"night": NIGHT_KITCHEN, "dusk": EVENING, "day": MORNING},
    surface_m=0.92,
    alive=_steam,
    alive_hz=6,
)
