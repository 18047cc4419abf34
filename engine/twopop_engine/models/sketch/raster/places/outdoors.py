"""In town, under the sky: street, station, rooftop."""

from __future__ import annotations

import numpy as np

from ..canvas import Linear
from ..palette import Colour
from ..shapes import ellipse, polygon, rectangle, ribbon, soft_box
from .base import Brush, Layer, Place
from .parts import DARK_WOOD, LAMP, STEEL, STONE, WOOD, ground, house, plant, shaped, soil, tree, wet
from .skies import draw_sky, draw_skyline, haze

ASPHALT = Colour(0.42, 0.012, 250)
PAVING = Colour(0.58, 0.014, 245)
_IRON = STEEL.lighter(-0.28)
_FRONTS = (Colour(0.58, 0.075, 42), Colour(0.66, 0.050, 85), Colour(0.52, 0.055, 225), Colour(0.62, 0.065, 25))


def _dark_out(b: Brush) -> bool:
    return b.look.hour in ("night", "dusk")


def _houses(b: Brush) -> None:
    for k, (left, right, tall) in enumerate(
        ((-7.2, -4.3, 7.0), (-4.3, -1.7, 6.2), (-0.2, 2.9, 6.8), (2.9, 5.5, 5.9), (5.5, 8.6, 7.2))
    ):
        house(b, left, right, tall, _FRONTS[k % 4], floors=3 if tall < 6.5 else 4)


def _road(b: Brush) -> None:
    """From the house fronts to us: far pavement, road with its line, near kerb."""
    ground(b, soil(b, PAVING), 4.6)
    asphalt = soil(b, ASPHALT)
    b.lies([(-40, 3.9), (40, 3.9), (40, 1.15), (-40, 1.15)], b.lit(asphalt))
    for x in np.arange(-12.0, 12.0, 1.6):
        b.lies([(x, 2.55), (x + 0.9, 2.55), (x + 0.9, 2.40), (x, 2.40)], b.lit(Colour(0.86, 0.02, 90), 0.7))
    b.lies([(-40, 1.2), (40, 1.2), (40, 1.05), (-40, 1.05)], b.edge(STONE))
    wet(b, 3.9)


def _street_things(b: Brush) -> None:
    for x, paint in ((-2.9, Colour(0.48, 0.12, 28)), (3.2, Colour(0.52, 0.07, 235))):
        car(b, x, paint)
    tree(b, -5.2, 4.8)


def _lamp_posts(b: Brush) -> None:
    c = b.canvas
    for x in (-2.3, 2.65):  # before a door of the cars, not before a wheel
        c.fill(ribbon([(x, 0.0), (x, -2.0), (x + 0.05, -3.2)], [0.10, 0.06, 0.05]), b.dark(_IRON))
        c.fill(ribbon([(x + 0.04, -3.2), (x + 0.25, -3.35), (x + 0.5, -3.32)], [0.05, 0.04, 0.04]), b.dark(_IRON))
        c.fill(
            shaped("-1 0, 1 0, 0.7 -0.7, -0.7 -0.7", x + 0.52, -3.24, 0.16, 0.14, corners=(0, 1, 2, 3)), b.dark(_IRON)
        )
        if _dark_out(b):
            b.glow(x + 0.52, -3.2, 1.6, LAMP, 0.55)
            cone = polygon([(x + 0.38, -3.22), (x + 0.66, -3.22), (x + 1.6, 0.0), (x - 0.6, 0.0)])
            c.fill(cone, Linear((x, -3.2), (x, 0.0), ((0.0, LAMP.rgba(0.16)), (1.0, LAMP.rgba(0.0)))))
            b.glow(x + 0.5, 0.0, 1.0, LAMP, 0.22)


def car(b: Brush, x: float, paint: Colour) -> None:
    """A saloon at the kerb, seen from its side."""
    c = b.canvas
    c.fill(ellipse(x, -0.02, 1.32, 0.07), b.light.dark(b.light.shade)._replace(l=0.14, c=0.015).rgba(0.4))
    body = shaped(
        "-1 -0.1, -1 -0.42, -0.92 -0.55, -0.58 -0.6, -0.36 -0.97, 0.26 -0.99, 0.55 -0.6, 0.95 -0.48, 1 -0.38, 1 -0.1",
        *(x, -0.12, 1.35, 1.15),
        corners=(0, 9),
    )
    b.form(body, paint, x + 0.5)
    glass = b.light.sky.lighter(-0.16)
    for pane in (
        "-0.50 -0.60, -0.32 -0.90, -0.04 -0.91, -0.04 -0.60",
        "0.02 -0.60, 0.02 -0.91, 0.23 -0.91, 0.45 -0.60",
    ):
        c.fill(shaped(pane, x, -0.12, 1.35, 1.15, corners=(0, 1, 2, 3)), b.lit(glass))
    c.fill(rectangle(x - 1.30, -0.50, x + 1.30, -0.475), b.dark(paint))
    c.fill(rectangle(x - 0.04, -0.80, x - 0.025, -0.26), b.dark(paint))
    for lamp_x, tone in ((-1.30, Colour(0.56, 0.17, 28)), (1.26, LAMP)):
        c.fill(ellipse(x + lamp_x, -0.56, 0.05, 0.06), b.lit(tone))
        if _dark_out(b):
            b.glow(x + lamp_x, -0.56, 0.4, tone, 0.5)
    for wheel in (-0.80, 0.82):
        c.fill(ellipse(x + wheel, -0.24, 0.26, 0.26), b.dark(ASPHALT.lighter(-0.2)))
        c.fill(ellipse(x + wheel, -0.24, 0.14, 0.14), b.lit(STEEL))
        c.fill(ellipse(x + wheel, -0.24, 0.05, 0.05), b.dark(STEEL))


def _pavement(b: Brush) -> None:
    ground(b, soil(b, PAVING), 1.0, seams=0.55, rows=0.4)
    wet(b, 1.0)


def _street_near(b: Brush) -> None:
    x, y = b.framed(0.02, 0.0)
    tall = b.first.visible_m
    b.form(ribbon([(x, y + 0.2), (x + 0.01, y - 0.6 * tall), (x, y - 1.4 * tall)], [0.13 * tall] * 3), _IRON, x + 0.01)
    b.block(x + 0.04 * tall, y - 0.93 * tall, x + 0.20 * tall, y - 0.74 * tall, Colour(0.40, 0.12, 255), 0.8)


def _canopy(b: Brush) -> None:
    """The station's roof on its columns, a clock."""
    steel, far = Colour(0.36, 0.030, 235), 9.0
    b.canvas.fill(rectangle(b.left, -9.0, b.right, -4.3), b.dark(steel.lighter(-0.05)))
    for k in range(7):
        y = -4.3 - 0.5 * k * (1 + 0.15 * k)
        b.canvas.fill(rectangle(b.left, y - 0.06, b.right, y), b.lit(steel))
    b.canvas.fill(rectangle(b.left, -4.42, b.right, -4.1), b.lit(steel.lighter(0.05)))
    for x in np.arange(-far, far + 1, 2.6):
        b.canvas.fill(ribbon([(x, 0.0), (x, -3.4), (x + 0.5, -4.2)], [0.16, 0.13, 0.10]), b.dark(steel))
        b.canvas.fill(ribbon([(x, -3.3), (x - 0.5, -4.2)], [0.10, 0.08]), b.dark(steel))


def _train(b: Brush) -> None:
    c, body = b.canvas, Colour(0.50, 0.115, 25)
    left, right = -9.0, 2.9
    c.fill(rectangle(left, -0.25, right, 0.30), b.dark(Colour(0.24, 0.02, 250)))
    hull = soft_box(left, -3.10, right, -0.15, 0.55)
    b.form(hull, body, right + 1.0)
    with c.group(clip=hull):
        c.fill(rectangle(left, -2.62, right, -1.32), b.lit(Colour(0.86, 0.03, 85)))
        c.fill(rectangle(left, -0.62, right, -0.15), b.dark(body.lighter(-0.12)))
        c.fill(rectangle(left, -3.2, right, -2.92), b.dark(STEEL))
    glass = LAMP.lighter(-0.04) if b.look.hour == "night" else b.light.sky.lighter(-0.28)
    if b.look.hour == "dusk":
        glass = Colour(0.46, 0.055, 285)  # what is left of the sky
    for k, x in enumerate(np.arange(-8.6, 2.2, 1.24)):
        if k % 4 == 2:
            for dx in (0.05, 0.60):
                c.fill(soft_box(x + dx, -2.70, x + dx + 0.50, -0.30, 0.06), b.lit(Colour(0.46, 0.05, 235)))
                c.fill(soft_box(x + dx + 0.09, -2.50, x + dx + 0.41, -1.45, 0.05), b.lit(glass))
        else:
            c.fill(soft_box(x, -2.46, x + 1.06, -1.48, 0.12), b.lit(glass))
            shine = [(x + 0.2, -2.46), (x + 0.5, -2.46), (x + 0.25, -1.48), (x + 0.02, -1.48)]
            c.fill(polygon(shine), b.edge(glass, 0.35))
    c.fill(ellipse(right - 0.10, -0.95, 0.10, 0.12), LAMP.rgba())
    b.glow(right - 0.05, -0.95, 0.8, LAMP, 0.5)


def _platform_far(b: Brush) -> None:
    ground(b, PAVING.lighter(-0.04), 2.7, seams=0.9, rows=0.9)
    b.lies([(-40, 2.45), (40, 2.45), (40, 2.15), (-40, 2.15)], b.lit(Colour(0.82, 0.14, 88)))
    b.lies([(-40, 2.70), (40, 2.70), (40, 2.60), (-40, 2.60)], b.edge(STONE))


def _platform_things(b: Brush) -> None:
    c, night = b.canvas, _dark_out(b)
    for x in (-2.4, 2.5):
        b.block(x - 0.07, b.top, x + 0.07, 0.0, Colour(0.34, 0.05, 165), 0.6)
        b.block(x - 0.14, -0.3, x + 0.14, 0.0, Colour(0.34, 0.05, 165), 0.6)
    b.block(-1.55, -2.75, 0.05, -2.38, Colour(0.28, 0.07, 258), 0.98)
    for x in (-1.35, -0.15):
        c.fill(rectangle(x - 0.01, b.top, x + 0.01, -2.75), b.dark(STEEL))
    c.fill(rectangle(-1.40, -2.62, -0.55, -2.52), b.lit(Colour(0.92, 0.01, 90)))
    c.fill(ellipse(1.55, -2.55, 0.27, 0.27), b.dark(_IRON))
    c.fill(ellipse(1.55, -2.55, 0.23, 0.23), LAMP.lighter(0.05).rgba() if night else b.lit(Colour(0.93, 0.01, 90)))
    c.fill(ribbon([(1.55, -2.55), (1.55, -2.72)], [0.03, 0.015]), b.dark(_IRON))
    c.fill(ribbon([(1.55, -2.55), (1.68, -2.50)], [0.03, 0.015]), b.dark(_IRON))
    c.fill(rectangle(1.54, b.top, 1.56, -2.82), b.dark(_IRON))
    b.block(1.6, -0.48, 3.0, -0.42, WOOD, 0.6)
    b.block(1.6, -0.86, 3.0, -0.60, WOOD, 0.6)
    for x in (1.75, 2.8):
        c.fill(rectangle(x, -0.44, x + 0.06, 0.0), b.dark(_IRON))


def _platform(b: Brush) -> None:
    ground(b, PAVING.lighter(-0.04), 1.0, seams=0.9, rows=0.9)


def _station_near(b: Brush) -> None:
    """The edge of a pillar, and the handle of a case that waits."""
    tall, iron = b.first.visible_m, Colour(0.30, 0.045, 165)
    x, y = b.framed(1.0, 0.0)
    b.block(x - 0.055 * tall, y - 1.4 * tall, x + 0.2 * tall, y + 0.2, iron, 0.3)
    for k in range(4):
        b.canvas.fill(ellipse(x - 0.03 * tall, y - (0.12 + 0.25 * k) * tall, 0.008 * tall, 0.008 * tall), b.lit(STEEL))
    x, y = b.framed(0.03, -0.02)
    grip = [
        (x - 0.05 * tall, y),
        (x - 0.05 * tall, y - 0.13 * tall),
        (x + 0.05 * tall, y - 0.13 * tall),
        (x + 0.05 * tall, y),
    ]
    b.canvas.stroke(polygon(grip, closed=False), b.dark(_IRON), 0.018 * tall)
    b.form(
        soft_box(x - 0.10 * tall, y - 0.05 * tall, x + 0.10 * tall, y + 0.4 * tall, 0.02), Colour(0.40, 0.075, 35), x
    )


def _roof_near(b: Brush) -> None:
    """A vent with its hood and a cable, out of focus."""
    tall, tin = b.first.visible_m, STEEL.lighter(-0.22)
    x, y = b.framed(0.0, 0.0)
    b.block(x - 0.05 * tall, y - 0.16 * tall, x + 0.05 * tall, y + 0.3, tin, 0.6)
    hood = shaped("-1 0, -0.5 -1, 0.5 -1, 1 0", x, y - 0.16 * tall, 0.085 * tall, 0.09 * tall, corners=(0, 3))
    b.form(hood, tin.lighter(0.05), x)
    cable = [b.framed(across, up) for across, up in ((-0.1, 1.0), (0.3, 0.955), (0.75, 0.965), (1.1, 1.03))]
    b.canvas.fill(ribbon(cable, [0.010 * tall] * 4), b.dark(_IRON))


def _tower_tops(b: Brush) -> None:
    for left, wide, top in ((-4.6, 1.7, 2.6), (-1.2, 1.1, 1.7), (2.0, 2.1, 2.9), (5.0, 1.6, 2.0)):
        b.block(left, -top, left + wide, max(1.0, b.bottom), Colour(0.44, 0.055, 250), 0.7)
        for row in np.arange(-top + 0.25, 0.6, 0.34):
            for k in range(int(wide / 0.3)):
                lit = _dark_out(b) and b.chance.random() < 0.45
                pane = LAMP.rgba(0.85) if lit else b.dark(Colour(0.36, 0.04, 250), 0.7)
                b.canvas.fill(rectangle(left + 0.10 + 0.3 * k, row, left + 0.27 + 0.3 * k, row + 0.18), pane)


def _parapet(b: Brush) -> None:
    """The roof's edge, a water tank on its legs, a vent, a hut with a door."""
    ground(b, soil(b, Colour(0.50, 0.018, 60)), 1.9, seams=1.1, rows=1.1)
    brick = Colour(0.48, 0.075, 38)
    b.block(b.left, -0.86, b.right, 0.0, brick, 0.99)
    for row in range(5):
        y = -0.80 + 0.16 * row
        b.canvas.fill(rectangle(b.left, y, b.right, y + 0.012), b.dark(brick, 0.6))
        for x in np.arange(np.floor(b.left) + 0.16 * (row % 2), b.right, 0.33):
            b.canvas.fill(rectangle(x, y, x + 0.012, y + 0.16), b.dark(brick, 0.6))
    b.canvas.fill(rectangle(b.left, -0.96, b.right, -0.85), b.lit(STONE.lighter(0.05)))
    b.canvas.fill(rectangle(b.left, -0.87, b.right, -0.83), b.dark(STONE))
    x = -2.7
    for dx in (-0.42, 0.36):
        b.canvas.fill(ribbon([(x + dx, 0.0), (x + dx * 0.8, -1.45)], [0.07, 0.06]), b.dark(DARK_WOOD))
    b.canvas.fill(ribbon([(x - 0.40, -0.2), (x + 0.32, -1.3)], [0.04, 0.04]), b.dark(DARK_WOOD))
    b.block(x - 0.52, -2.55, x + 0.50, -1.42, WOOD.lighter(-0.06), 0.6)
    b.form(polygon([(x - 0.60, -2.52), (x, -3.0), (x + 0.58, -2.52)]), DARK_WOOD, x)
    for row in (-2.3, -1.95, -1.6):
        b.canvas.fill(rectangle(x - 0.53, row, x + 0.51, row + 0.03), b.dark(_IRON))
    b.block(1.9, -1.25, 2.55, 0.0, STEEL.lighter(-0.10), 0.6)
    for k in range(5):
        b.canvas.fill(rectangle(2.0, -1.15 + 0.12 * k, 2.45, -1.10 + 0.12 * k), b.dark(STEEL))


def _roof_lights(b: Brush) -> None:
    ground(b, soil(b, Colour(0.50, 0.018, 60)), 1.0, seams=1.1, rows=1.1)
    xs = np.linspace(-3.6, 3.6, 25)
    sag = [(float(x), -2.32 + 0.26 * float(np.cos(1.31 * x)) ** 2) for x in xs]
    b.canvas.fill(ribbon(sag, [0.012] * len(sag)), b.dark(_IRON))
    for x, y in sag[1::2]:
        b.canvas.fill(ellipse(x, y + 0.05, 0.032, 0.042), LAMP.lighter(0.05).rgba())
        if _dark_out(b):
            b.glow(x, y + 0.05, 0.30, LAMP, 0.5)
    plant(b, 2.0, 0.0, 0.9, Colour(0.52, 0.10, 40))
    b.form(soft_box(-2.05, -0.42, -1.55, 0.0, 0.05), DARK_WOOD, -1.8)


STREET = Place(
    layers=(
        Layer(12.0, 2.0, draw_sky),
        Layer(9.0, 4.0, draw_skyline),
        Layer(4.6, 3.2, _houses),
        Layer(4.5, 2.6, _road),
        Layer(2.0, 1.8, _street_things),
        Layer(0.95, 0.8, _lamp_posts),
        Layer(0.30, 0.6, _pavement),
        Layer(-0.55, 9.0, _street_near),
    ),
    stand="crate",
    outdoors=True,
)
STATION = Place(
    layers=(
        Layer(12.0, 2.0, draw_sky),
        Layer(9.0, 4.0, lambda b: draw_skyline(b, 3.4)),
        Layer(6.0, 3.6, _canopy),
        Layer(2.9, 2.6, _train),
        Layer(2.7, 2.0, _platform_far),
        Layer(1.3, 1.4, _platform_things),
        Layer(0.30, 0.6, _platform),
        Layer(-0.60, 9.0, _station_near),
    ),
    stand="crate",
    outdoors=True,
)
ROOFTOP = Place(
    layers=(
        Layer(12.0, 2.0, draw_sky),
        Layer(9.0, 4.0, lambda b: draw_skyline(b, 2.6)),
        Layer(8.5, 4.0, haze),
        Layer(5.0, 3.2, _tower_tops),
        Layer(1.9, 1.8, _parapet),
        Layer(0.70, 0.8, _roof_lights),
        Layer(-0.60, 9.0, _roof_near),
    ),
    stand="crate",
    outdoors=True,
)
