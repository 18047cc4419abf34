"""Rooms: cafe, office, living room, hall, studio."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..palette import INDOOR, NIGHT, Colour
from ..shapes import ellipse, polygon, rectangle, ribbon, soft_box, spline
from .base import Brush, Layer, Place, cloud
from .parts import (
    CHINA,
    DARK_WOOD,
    LAMP,
    SPINES,
    STEEL,
    WOOD,
    bistro,
    books,
    bottle_row,
    checks,
    curtain,
    desk,
    frame_on_wall,
    ground,
    lamp,
    plant,
    shaped,
    sofa,
    wall,
    window,
)

WARM_DAY = replace(
    INDOOR, sky=Colour(0.78, 0.045, 75), key=Colour(0.95, 0.07, 80), shade=Colour(0.36, 0.06, 300), contrast=0.50
)
LAMPLIGHT = replace(
    NIGHT, sky=Colour(0.33, 0.050, 40), shade=Colour(0.26, 0.070, 320), key=Colour(0.88, 0.105, 68), contrast=0.62
)
INDOOR_DUSK = replace(
    INDOOR,
    sky=Colour(0.54, 0.050, 20),
    key=Colour(0.90, 0.105, 62),
    shade=Colour(0.32, 0.070, 300),
    contrast=0.58,
    tint=0.16,
    span=(0.36, 0.68),
)
COOL_DAY = replace(INDOOR, sky=Colour(0.83, 0.025, 230), key=Colour(0.95, 0.025, 100), shade=Colour(0.40, 0.050, 262))
COOL_NIGHT = replace(NIGHT, sky=Colour(0.32, 0.045, 245), shade=Colour(0.26, 0.07, 270), key=Colour(0.88, 0.06, 85))


def _cafe_back(b: Brush) -> None:
    wall(b, Colour(0.50, 0.055, 45) if b.look.hour == "night" else Colour(0.60, 0.060, 58), DARK_WOOD)
    ground(b, WOOD.lighter(-0.08), 3.6, seams=0.28)
    window(b, 1.0, -2.55, 3.6, -0.75, DARK_WOOD, 3)
    board = Colour(0.26, 0.02, 160)
    b.block(-3.6, -2.45, -1.75, -1.35, board, 0.95)
    for k, y in enumerate(np.arange(-2.28, -1.45, 0.16)):
        b.canvas.fill(rectangle(-3.4, y, -3.4 + (0.9, 1.3, 0.7, 1.15, 1.0, 0.6)[k % 6], y + 0.028), b.lit(CHINA, 0.7))


def _cafe_bar(b: Brush) -> None:
    for y in (-1.72, -2.12):
        b.canvas.fill(rectangle(-1.15, y, 0.75, y + 0.04), b.lit(WOOD))
        bottle_row(b, -1.05, 0.7, y)
    b.block(-4.6, -1.02, 0.95, 0.0, DARK_WOOD.lighter(0.05), 0.97)
    for x in np.arange(-4.5, 0.9, 0.46):
        b.block(x, -0.84, x + 0.36, -0.14, DARK_WOOD.lighter(0.09), 0.92)
    b.block(-4.7, -1.09, 1.02, -1.00, WOOD.lighter(0.08), 0.98)
    b.block(-2.7, -1.55, -1.85, -1.09, STEEL, 0.6)
    b.block(-2.62, -1.64, -1.93, -1.53, Colour(0.46, 0.12, 28), 0.7)
    for x in (-2.52, -2.18):
        b.canvas.fill(rectangle(x, -1.34, x + 0.16, -1.29), b.dark(STEEL))
        b.canvas.fill(rectangle(x + 0.06, -1.29, x + 0.10, -1.22), b.dark(STEEL))
    _pastries(b, 0.16)
    plant(b, 3.75, 0.0, 1.7)
    for x, y in ((-2.15, -2.20), (-0.35, -2.33), (1.75, -2.24)):
        lamp(b, x, y, 0.17, Colour(0.34, 0.05, 165))


def _pastries(b: Brush, x: float) -> None:
    """A stand of pastries on the bar under a glass bell."""
    c, crust = b.canvas, Colour(0.60, 0.105, 62)
    b.block(x - 0.03, -1.16, x + 0.03, -1.09, WOOD, 0.6)
    for dx, y, wide in ((-0.13, -1.20, 0.075), (0.02, -1.205, 0.085), (0.15, -1.20, 0.07), (-0.05, -1.275, 0.075)):
        roll = ellipse(x + dx, y, wide, 0.052)
        b.form(roll, crust, x + dx + 0.02 * b.side * -1.0)
    b.block(x - 0.27, -1.175, x + 0.27, -1.15, WOOD.lighter(0.10), 0.7)
    bell = spline(
        [
            (x - 0.24, -1.175),
            (x - 0.235, -1.34),
            (x - 0.13, -1.45),
            (x + 0.13, -1.45),
            (x + 0.235, -1.34),
            (x + 0.24, -1.175),
        ],
        corners=(0, 5),
    )
    glass = Colour(0.90, 0.015, 215)
    c.fill(bell, b.lit(glass, 0.22))
    shine = [(x + 0.17 * b.side, -1.21), (x + 0.175 * b.side, -1.32), (x + 0.11 * b.side, -1.41)]
    c.fill(ribbon(shine, [0.012, 0.020, 0.008], blunt=False), b.edge(glass, 0.7))
    c.fill(ellipse(x, -1.468, 0.022, 0.022), b.lit(STEEL))


def _cafe_tables(b: Brush) -> None:
    ground(b, WOOD.lighter(-0.08), 1.5, seams=0.28)
    for x in (-2.15, 2.05):
        bistro(b, x, DARK_WOOD)


def _cafe_near(b: Brush) -> None:
    x, y = b.framed(0.97, 0.0)
    tall = b.first.visible_m * (0.22 if b.first.visible_m < 1.6 else 0.17)
    cup = shaped("-1 -1, 1 -1, 0.72 0, -0.72 0", x, y, 0.42 * tall, 0.62 * tall, corners=(0, 1, 2, 3))
    b.form(cup, CHINA.lighter(-0.1), x)
    vase = shaped("-0.5 -1, 0.5 -1, 1 -0.3, 0.7 0, -0.7 0, -1 -0.3", x - 0.75 * tall, y, 0.18 * tall, 0.5 * tall)
    b.form(vase, Colour(0.40, 0.06, 200), x - 0.75 * tall)
    for dx, dy in ((-0.95, 0.85), (-0.72, 1.05), (-0.55, 0.8)):
        b.canvas.fill(cloud(x + dx * tall, y - dy * tall, 0.13 * tall, 0.10 * tall), b.lit(Colour(0.62, 0.13, 28)))


def _office_back(b: Brush) -> None:
    wall(b, Colour(0.62, 0.015, 235))
    for left in (-4.4, -1.7, 1.0, 3.7):
        window(b, left, -2.75, left + 2.3, -0.55, Colour(0.62, 0.012, 240), 2)
        slats = Colour(0.80, 0.01, 230)
        for y in np.arange(-2.75, -2.2, 0.09):
            b.canvas.fill(rectangle(left, y, left + 2.3, y + 0.035), b.lit(slats, 0.8))


def _office_floor(b: Brush) -> None:
    ground(b, Colour(0.62, 0.022, 240), 4.4, seams=0.9, rows=0.9)


def _office_desks(b: Brush) -> None:
    b.block(-5.2, -2.1, -3.9, 0.0, Colour(0.70, 0.012, 85), 0.7)
    for row, y in enumerate((-1.72, -1.30, -0.86)):
        books(b, -5.1, -4.05 - 0.2 * row, y, 0.32)
    for x, turn in ((-2.7, 1), (-1.35, 1), (1.55, -1), (3.0, 1)):
        desk(b, x, turn)
    plant(b, 4.1, 0.0, 1.5)
    plant(b, 0.3, 0.0, 1.1, Colour(0.44, 0.03, 240))
    for x in (-2.4, 0.4, 3.0):
        b.canvas.fill(rectangle(x - 0.8, -3.02, x + 0.8, -2.96), LAMP.lighter(0.06).toward(b.light.sky, 0.25).rgba())
        b.glow(x, -2.92, 1.2, b.light.key, 0.18)


def _office_carpet(b: Brush) -> None:
    ground(b, Colour(0.62, 0.022, 240), 1.4, seams=0.9, rows=0.9)


def _office_near(b: Brush) -> None:
    x, y = b.framed(0.0, 0.0)
    tall = b.first.visible_m * (0.24 if b.first.visible_m < 1.6 else 0.2)
    b.block(x - 0.9 * tall, y - tall, x + 0.55 * tall, y + 0.3 * tall, Colour(0.26, 0.02, 250), 0.9)
    b.canvas.fill(rectangle(x + 0.47 * tall, y - 0.94 * tall, x + 0.5 * tall, y), b.lit(Colour(0.75, 0.05, 225)))
    for dx in (0.74, 0.86, 0.95):
        b.canvas.fill(rectangle(x + dx * tall, y - 0.62 * tall, x + (dx + 0.03) * tall, y), b.lit(SPINES[2]))
    b.block(x + 0.68 * tall, y - 0.30 * tall, x + 1.04 * tall, y + 0.1, Colour(0.40, 0.05, 250), 0.7)


def _room_back(b: Brush) -> None:
    wall(b, Colour(0.60, 0.055, 165) if b.look.hour != "night" else Colour(0.50, 0.055, 175), CHINA.lighter(-0.06))
    window(b, -3.0, -2.5, -1.3, -0.8, CHINA, 2)
    curtain(b, -3.22, -2.68, -0.2, 0.50, Colour(0.72, 0.07, 65))
    curtain(b, -1.08, -2.68, -0.2, 0.42, Colour(0.72, 0.07, 65))
    for x, y, wide, tall in ((0.15, -1.86, 0.52, 0.66), (0.78, -2.02, 0.40, 0.40), (0.80, -1.55, 0.36, 0.28)):
        frame_on_wall(b, x, y, wide, tall)
    b.block(2.0, -2.45, 3.7, 0.0, WOOD, 0.9)
    for y in (-2.0, -1.55, -1.10, -0.62):
        b.canvas.fill(rectangle(2.06, y - 0.40, 3.64, y), b.dark(DARK_WOOD))
        books(b, 2.12, 3.60, y, 0.38)
        b.canvas.fill(rectangle(2.0, y, 3.7, y + 0.04), b.lit(WOOD))


def _room_floor(b: Brush) -> None:
    ground(b, WOOD.lighter(-0.04), 3.0, seams=0.22)
    rug = Colour(0.50, 0.085, 30)
    b.lies([(-2.7, 2.1), (1.0, 2.1), (1.3, 0.4), (-3.0, 0.4)], b.dark(rug))
    b.lies([(-2.5, 1.95), (0.85, 1.95), (1.1, 0.55), (-2.75, 0.55)], b.lit(rug))
    b.lies([(-2.2, 1.75), (0.6, 1.75), (0.8, 0.75), (-2.4, 0.75)], b.lit(rug.lighter(0.10), 0.5))


def _room_things(b: Brush) -> None:
    sofa(b, -2.75, -0.55, Colour(0.50, 0.085, 35))
    x = 1.45
    b.canvas.fill(rectangle(x - 0.015, -1.60, x + 0.015, 0.0), b.dark(STEEL))
    b.canvas.fill(ellipse(x, -0.02, 0.17, 0.03), b.dark(STEEL))
    b.form(shaped("-0.6 -1, 0.6 -1, 1 0, -1 0", x, -1.55, 0.22, 0.34, corners=(0, 1, 2, 3)), LAMP, x + 0.1)
    b.glow(x, -1.62, 1.3, LAMP, 0.55 if b.look.hour == "night" else 0.26)
    plant(b, -3.5, 0.0, 1.45, Colour(0.56, 0.09, 40))
    b.block(0.15, -0.52, 0.85, -0.46, WOOD, 0.6)
    for leg in (0.2, 0.77):
        b.canvas.fill(rectangle(leg, -0.46, leg + 0.04, 0.0), b.dark(WOOD))
    books(b, 0.22, 0.5, -0.52, 0.24)


def _room_boards(b: Brush) -> None:
    ground(b, WOOD.lighter(-0.04), 1.0, seams=0.22)


def _room_near(b: Brush) -> None:
    """The back of an armchair, a throw over it."""
    x, y = b.framed(1.02, 0.0)
    tall = b.first.visible_m * (0.26 if b.first.visible_m < 1.6 else 0.22)
    back = shaped("-1 0.1, -0.95 -0.7, -0.5 -1, 0.6 -0.95, 1 0.2", x, y, 0.75 * tall, tall, corners=(0, 4))
    b.form(back, Colour(0.36, 0.055, 40), x)
    throw = shaped("-0.5 -1.02, 0.1 -1.0, 0.2 0.2, -0.45 0.2", x, y, 0.75 * tall, tall, corners=(0, 1, 2, 3))
    b.form(throw, Colour(0.62, 0.06, 75), x - 0.1 * tall)


def _hall_back(b: Brush) -> None:
    stone = Colour(0.66, 0.030, 75)
    wall(b, stone)
    for x in (-4.2, -1.9, 0.4, 2.7):
        b.canvas.fill(
            soft_box(x - 0.55, -3.6, x + 0.55, -0.7, 0.55),
            b.lit(b.light.sky.lighter(0.10) if b.look.hour != "night" else Colour(0.34, 0.06, 260)),
        )
        for dx in (-0.18, 0.18):
            b.canvas.fill(rectangle(x + dx - 0.015, -3.5, x + dx + 0.015, -0.7), b.dark(stone))
        b.glow(x, -2.2, 1.2, b.light.key, 0.16)


def _hall_tiles(b: Brush) -> None:
    ground(b, Colour(0.62, 0.030, 70), 5.5)
    checks(b, Colour(0.44, 0.035, 55), 5.5, 0.8)


def _hall_columns(b: Brush) -> None:
    stone = Colour(0.66, 0.040, 72)
    for x in (-3.1, 1.75, 4.3):
        b.form(polygon([(x - 0.22, b.top), (x + 0.22, b.top), (x + 0.26, 0.0), (x - 0.26, 0.0)]), stone, x + 0.02)
        b.block(x - 0.36, -0.22, x + 0.36, 0.0, stone.lighter(-0.05))
        for dx in (-0.1, 0.06):
            b.canvas.fill(rectangle(x + dx, b.top, x + dx + 0.02, -0.25), b.dark(stone, 0.5))
    for x in (-0.8, 2.8):
        lamp(b, x, -2.75, 0.30, DARK_WOOD)


def _hall_floor(b: Brush) -> None:
    ground(b, Colour(0.62, 0.030, 70), 1.4)
    checks(b, Colour(0.44, 0.035, 55), 0.8, 0.8)


def _hall_near(b: Brush) -> None:
    """A post with its rope, out of focus at the edge: somebody queues here."""
    tall, brass = b.first.visible_m, Colour(0.62, 0.10, 80)
    x, y = b.framed(0.965, 0.0)
    high = 0.34 * tall
    rope = [(x, y - 0.86 * high), (x + 0.16 * tall, y - 0.60 * high), (x + 0.34 * tall, y - 0.74 * high)]
    b.canvas.fill(ribbon(rope, [0.035 * tall] * 3), b.dark(Colour(0.42, 0.13, 25)))
    b.block(x - 0.016 * tall, y - high, x + 0.016 * tall, y + 0.2 * tall, brass, 0.5)
    b.form(ellipse(x, y - high, 0.030 * tall, 0.030 * tall), brass, x)


def _studio_near(b: Brush) -> None:
    """The foot of a lamp on its stand."""
    tall, iron = b.first.visible_m, Colour(0.26, 0.012, 260)
    x, y = b.framed(0.03, 0.0)
    b.canvas.fill(ribbon([(x, y + 0.1), (x, y - 1.1 * tall)], [0.022 * tall, 0.018 * tall]), b.dark(iron))
    b.canvas.fill(
        ribbon([(x - 0.1 * tall, y), (x, y - 0.20 * tall), (x + 0.1 * tall, y)], [0.014 * tall] * 3), b.dark(iron)
    )
    b.block(x - 0.035 * tall, y - 0.62 * tall, x + 0.035 * tall, y - 0.56 * tall, iron.lighter(0.06), 0.6)


def _studio_back(b: Brush) -> None:
    paper = Colour(0.62, 0.045, b.light.accent.h)
    b.gradient(b.top, 0.6, (0.0, b.dark(paper)), (0.55, b.lit(paper)), (1.0, b.dark(paper.lighter(-0.06))))
    b.glow(b.camera.x + b.side * 0.9, -1.55, 2.4, b.light.key, 0.40)


def _studio_floor(b: Brush) -> None:
    ground(b, Colour(0.58, 0.045, b.light.accent.h), 2.5)
    b.glow(*b.on_floor(b.camera.x, 0.6), 1.6, b.light.key, 0.20)


def _studio_cyclorama(b: Brush) -> None:
    """Marks of tape on the floor where people are to stand, and a cube to sit on."""
    tape = Colour(0.86, 0.02, 90)
    for x in (-0.45, 0.5):
        b.lies([(x - 0.10, 0.34), (x + 0.10, 0.34), (x + 0.10, 0.30), (x - 0.10, 0.30)], b.lit(tape, 0.6))
    b.block(1.55, -0.46, 2.05, 0.0, Colour(0.66, 0.02, b.light.accent.h), 0.6)
    b.block(-2.4, -0.30, -1.95, 0.0, Colour(0.34, 0.02, 260), 0.6)


CAFE = Place(
    layers=(
        Layer(3.6, 4.5, _cafe_back),
        Layer(2.0, 2.6, _cafe_bar),
        Layer(0.60, 0.8, _cafe_tables),
        Layer(-0.55, 9.0, _cafe_near),
    ),
    lights={"day": WARM_DAY, "night": LAMPLIGHT, "dusk": INDOOR_DUSK},
)
OFFICE = Place(
    layers=(
        Layer(4.4, 4.5, _office_back),
        Layer(4.3, 3.0, _office_floor),
        Layer(2.2, 2.6, _office_desks),
        Layer(0.30, 0.6, _office_carpet),
        Layer(-0.55, 9.0, _office_near),
    ),
    lights={"day": COOL_DAY, "night": COOL_NIGHT, "dusk": INDOOR_DUSK},
)
ROOM = Place(
    layers=(
        Layer(3.0, 4.0, _room_back),
        Layer(2.9, 3.0, _room_floor),
        Layer(1.7, 2.2, _room_things),
        Layer(0.30, 0.6, _room_boards),
        Layer(-0.6, 9.0, _room_near),
    ),
    lights={"day": WARM_DAY, "night": LAMPLIGHT, "dusk": INDOOR_DUSK},
)
HALL = Place(
    layers=(
        Layer(5.5, 5.0, _hall_back),
        Layer(5.4, 3.5, _hall_tiles),
        Layer(2.6, 2.4, _hall_columns),
        Layer(0.30, 0.6, _hall_floor),
        Layer(-0.60, 9.0, _hall_near),
    ),
    lights={"day": WARM_DAY, "night": LAMPLIGHT, "dusk": INDOOR_DUSK},
)
STUDIO = Place(
    layers=(
        Layer(2.5, 3.0, _studio_back),
        Layer(2.4, 2.0, _studio_floor),
        Layer(1.1, 1.0, _studio_cyclorama),
        Layer(-0.60, 9.0, _studio_near),
    ),
    lights={"day": COOL_DAY, "night": COOL_NIGHT, "dusk": INDOOR_DUSK},
)
