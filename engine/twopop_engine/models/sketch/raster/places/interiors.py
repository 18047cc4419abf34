"""Rooms: cafe, office, living room, hall, studio."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..palette import INDOOR, NIGHT, Colour
from ..shapes import ellipse, polygon, rectangle, soft_box
from .base import Brush, Layer, Place
from .parts import (
    CHINA,
    DARK_WOOD,
    LAMP,
    STEEL,
    WOOD,
    books,
    bottle_row,
    curtain,
    frame_on_wall,
    ground,
    lamp,
    ledge,
    plant,
    shaped,
    sofa,
    wall,
    window,
)

WARM_DAY = replace(
    INDOOR, sky=Colour(0.70, 0.045, 75), key=Colour(0.95, 0.07, 80), shade=Colour(0.36, 0.06, 300), contrast=0.50
)
LAMPLIGHT = replace(
    NIGHT, sky=Colour(0.33, 0.050, 40), shade=Colour(0.26, 0.070, 320), key=Colour(0.88, 0.105, 68), contrast=0.62
)
INDOOR_DUSK = replace(
    INDOOR,
    sky=Colour(0.56, 0.050, 42),
    key=Colour(0.90, 0.105, 62),
    shade=Colour(0.32, 0.070, 300),
    contrast=0.58,
    tint=0.16,
    span=(0.28, 0.66),
)
COOL_DAY = replace(INDOOR, sky=Colour(0.76, 0.025, 230), key=Colour(0.95, 0.025, 100), shade=Colour(0.40, 0.050, 262))
COOL_NIGHT = replace(NIGHT, sky=Colour(0.32, 0.045, 245), shade=Colour(0.26, 0.07, 270), key=Colour(0.88, 0.06, 85))


def _cafe_back(b: Brush) -> None:
    wall(b, Colour(0.50, 0.055, 45) if b.look.hour == "night" else Colour(0.58, 0.050, 62), DARK_WOOD)
    window(b, 0.9, -2.55, 3.3, -0.75, DARK_WOOD, 3)
    board = Colour(0.28, 0.02, 160)
    b.block(-3.2, -2.45, -1.3, -1.35, board, 0.9)
    for k, y in enumerate(np.arange(-2.28, -1.45, 0.16)):
        b.canvas.fill(rectangle(-3.0, y, -3.0 + (0.9, 1.3, 0.7, 1.15, 1.0, 0.6)[k % 6], y + 0.028), b.lit(CHINA, 0.7))


def _cafe_bar(b: Brush) -> None:
    for y in (-1.72, -2.12):
        b.canvas.fill(rectangle(-1.15, y, 0.75, y + 0.04), b.lit(WOOD))
        bottle_row(b, -1.05, 0.7, y)
    b.block(-2.6, -1.42, -1.75, -0.95, STEEL, 0.6)
    b.block(-2.52, -1.50, -1.83, -1.40, Colour(0.46, 0.12, 28), 0.7)
    for x in (-2.42, -2.08):
        b.canvas.fill(rectangle(x, -1.20, x + 0.16, -1.15), b.dark(STEEL))
        b.canvas.fill(rectangle(x + 0.06, -1.15, x + 0.10, -1.08), b.dark(STEEL))
    plant(b, 3.35, -0.62, 1.0)
    plant(b, -3.6, -0.9, 0.7, Colour(0.55, 0.09, 40))
    for x, y in ((-2.15, -2.20), (-0.35, -2.33), (1.55, -2.24)):
        lamp(b, x, y, 0.17, Colour(0.34, 0.05, 165))


def _cafe_counter(b: Brush) -> None:
    ground(b, WOOD.lighter(-0.10), 0.5)
    b.form(shaped("-0.9 -1, 0.9 -1, 0.7 0, -0.7 0", -1.75, -0.99, 0.12, 0.15, corners=(0, 1, 2, 3)), CHINA, -1.74)
    b.form(soft_box(1.72, -1.35, 2.15, -0.98, 0.16), Colour(0.80, 0.02, 215), 1.95)
    for x in (1.80, 1.95, 2.06):
        b.canvas.fill(ellipse(x, -1.04, 0.07, 0.04), b.lit(Colour(0.62, 0.10, 65)))
    ledge(b, WOOD.lighter(0.06), DARK_WOOD.lighter(0.06))
    for x in np.arange(np.floor(b.left), b.right, 0.46):
        b.canvas.fill(rectangle(x, -0.78, x + 0.012, -0.12), b.dark(DARK_WOOD.lighter(-0.05)))


def _office_back(b: Brush) -> None:
    wall(b, Colour(0.62, 0.015, 235))
    for left in (-4.4, -1.7, 1.0, 3.7):
        window(b, left, -2.75, left + 2.3, -0.55, Colour(0.45, 0.012, 240), 2)
        slats = Colour(0.80, 0.01, 230)
        for y in np.arange(-2.75, -2.2, 0.09):
            b.canvas.fill(rectangle(left, y, left + 2.3, y + 0.035), b.lit(slats, 0.8))


def _office_desks(b: Brush) -> None:
    for x, turn in ((-2.7, 1), (-1.35, 1), (1.75, -1), (3.2, 1)):
        b.block(x - 0.62, -0.76, x + 0.62, -0.70, WOOD, 0.6)
        b.canvas.fill(rectangle(x - 0.56, -0.70, x - 0.51, 0.0), b.dark(STEEL))
        b.canvas.fill(rectangle(x + 0.51, -0.70, x + 0.56, 0.0), b.dark(STEEL))
        b.block(x - 0.30, -1.22, x + 0.30, -0.85, Colour(0.28, 0.015, 250), 0.8)
        glow = Colour(0.72, 0.055, 225)
        b.canvas.fill(rectangle(x - 0.27, -1.19, x + 0.27, -0.89), b.lit(glow))
        for k in range(4):
            y = -1.15 + 0.06 * k
            b.canvas.fill(rectangle(x - 0.23, y, x - 0.23 + (0.30, 0.20, 0.36, 0.14)[k], y + 0.02), b.lit(CHINA, 0.7))
        b.canvas.fill(rectangle(x - 0.03, -0.86, x + 0.03, -0.76), b.dark(STEEL))
        b.form(
            soft_box(x + turn * 0.16 - 0.22, -0.98, x + turn * 0.16 + 0.22, -0.40, 0.10),
            Colour(0.34, 0.03, 250),
            x + 0.1,
        )
    b.block(-5.2, -2.1, -3.9, 0.0, Colour(0.70, 0.012, 85), 0.7)
    for row, y in enumerate((-1.72, -1.30, -0.86)):
        books(b, -5.1, -4.05 - 0.2 * row, y, 0.32)
    plant(b, 4.4, 0.0, 1.5)
    for x in (-2.4, 0.4, 3.0):
        b.canvas.fill(rectangle(x - 0.8, -2.72, x + 0.8, -2.66), LAMP.lighter(0.06).toward(b.light.sky, 0.25).rgba())
        b.glow(x, -2.62, 1.0, b.light.key, 0.16)


def _office_cabinet(b: Brush) -> None:
    ground(b, Colour(0.48, 0.02, 250), 0.8)
    books(b, -2.6, -2.0, -1.0, 0.30)
    plant(b, 2.1, -0.99, 0.42)
    ledge(b, Colour(0.76, 0.03, 75), Colour(0.62, 0.012, 240))
    for x in np.arange(np.floor(b.left), b.right, 0.8):
        b.canvas.fill(rectangle(x, -0.80, x + 0.012, -0.10), b.dark(STEEL))
        b.canvas.fill(rectangle(x + 0.33, -0.72, x + 0.47, -0.705), b.dark(STEEL))


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


def _room_things(b: Brush) -> None:
    sofa(b, -2.9, -0.9, Colour(0.50, 0.075, 35))
    x = 1.45
    b.canvas.fill(rectangle(x - 0.015, -1.60, x + 0.015, 0.0), b.dark(STEEL))
    b.form(shaped("-0.6 -1, 0.6 -1, 1 0, -1 0", x, -1.55, 0.22, 0.34, corners=(0, 1, 2, 3)), LAMP, x + 0.1)
    b.glow(x, -1.62, 1.1, LAMP, 0.45 if b.look.hour == "night" else 0.22)
    plant(b, -3.5, 0.0, 1.35, Colour(0.56, 0.09, 40))


def _room_sideboard(b: Brush) -> None:
    ground(b, WOOD.lighter(-0.06), 0.42)
    books(b, 1.75, 2.2, -1.0, 0.26)
    plant(b, -2.05, -0.99, 0.45)
    ledge(b, WOOD.lighter(0.05), WOOD.lighter(-0.08))
    for x in (-2.6, -1.5, -0.4, 0.7, 1.8, 2.9):
        b.canvas.fill(rectangle(x, -0.80, x + 0.014, -0.10), b.dark(DARK_WOOD))
        b.canvas.fill(ellipse(x + 0.12, -0.46, 0.02, 0.02), b.edge(STEEL))


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


def _hall_columns(b: Brush) -> None:
    stone = Colour(0.70, 0.030, 72)
    for x in (-3.1, 1.55, 4.0):
        b.form(polygon([(x - 0.22, b.top), (x + 0.22, b.top), (x + 0.26, 0.0), (x - 0.26, 0.0)]), stone, x + 0.02)
        b.block(x - 0.36, -0.22, x + 0.36, 0.0, stone.lighter(-0.05))
    for x in (-0.8, 2.8):
        lamp(b, x, -2.75, 0.30, DARK_WOOD)


def _hall_floor(b: Brush) -> None:
    ground(b, Colour(0.54, 0.025, 65), 0.7)
    ledge(b, Colour(0.74, 0.02, 80), Colour(0.56, 0.03, 70))


def _studio_back(b: Brush) -> None:
    paper = Colour(0.62, 0.045, b.light.accent.h)
    b.gradient(b.top, 0.6, (0.0, b.dark(paper)), (0.55, b.lit(paper)), (1.0, b.dark(paper.lighter(-0.06))))
    b.glow(b.camera.x + b.side * 0.9, -1.55, 2.4, b.light.key, 0.40)
    b.canvas.fill(
        shaped("-1 0.2, -0.5 -0.55, 0.1 -1, 0.8 -0.5, 1 0.3, 0.2 0.8", b.camera.x - b.side * 2.0, -1.6, 1.3, 1.1),
        b.dark(paper, 0.4),
    )


def _studio_floor(b: Brush) -> None:
    ground(b, Colour(0.54, 0.040, b.light.accent.h))
    ledge(b, Colour(0.74, 0.03, 70), Colour(0.56, 0.035, b.light.accent.h))


CAFE = Place(
    layers=(Layer(3.6, 4.5, _cafe_back), Layer(2.0, 2.6, _cafe_bar), Layer(0.30, 0.6, _cafe_counter)),
    lights={"day": WARM_DAY, "night": LAMPLIGHT, "dusk": INDOOR_DUSK},
)
OFFICE = Place(
    layers=(Layer(4.4, 4.5, _office_back), Layer(2.2, 2.6, _office_desks), Layer(0.30, 0.6, _office_cabinet)),
    lights={"day": COOL_DAY, "night": COOL_NIGHT, "dusk": INDOOR_DUSK},
)
ROOM = Place(
    layers=(Layer(3.0, 4.0, _room_back), Layer(1.7, 2.2, _room_things), Layer(0.30, 0.6, _room_sideboard)),
    lights={"day": WARM_DAY, "night": LAMPLIGHT, "dusk": INDOOR_DUSK},
)
HALL = Place(
    layers=(Layer(5.5, 5.0, _hall_back), Layer(2.6, 2.4, _hall_columns), Layer(0.30, 0.6, _hall_floor)),
    lights={"day": WARM_DAY, "night": LAMPLIGHT, "dusk": INDOOR_DUSK},
)
STUDIO = Place(
    layers=(Layer(2.5, 3.0, _studio_back), Layer(0.30, 0.6, _studio_floor)),
    lights={"day": COOL_DAY, "night": COOL_NIGHT, "dusk": INDOOR_DUSK},
)
