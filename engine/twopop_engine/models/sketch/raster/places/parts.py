"""Furniture, windows, trees, houses: what several places are built from. All stand at a brush's own depth."""

from __future__ import annotations

import numpy as np

from ..canvas import Linear
from ..palette import Colour
from ..shapes import Path, at, ellipse, polygon, rectangle, ribbon, soft_box, spline
from .base import Brush, cloud

WOOD = Colour(0.50, 0.070, 58)
DARK_WOOD = Colour(0.36, 0.050, 48)
STEEL = Colour(0.60, 0.012, 230)
CHINA = Colour(0.84, 0.015, 85)
LEAF = Colour(0.48, 0.085, 140)
STONE = Colour(0.60, 0.018, 80)
LAMP = Colour(0.90, 0.105, 74)
SPINES = (
    Colour(0.46, 0.11, 28),
    Colour(0.50, 0.08, 250),
    Colour(0.62, 0.10, 80),
    Colour(0.48, 0.07, 155),
    Colour(0.74, 0.03, 80),
)


def shaped(points: str, x: float, y: float, wide: float, tall: float, *, corners: tuple[int, ...] = ()) -> Path:
    """Fixed points (see `shapes.at`) scaled and set down at (x, y)."""
    return spline(at(points) * np.array((wide, tall)) + np.array((x, y)), corners=corners)


def ledge(b: Brush, top: Colour, front: Colour, height: float = 0.92) -> None:
    """The surface props rest on, along the whole set: a lip, a shadowed front, a foot."""
    c, y = b.canvas, -height
    b.gradient(y + 0.06, -0.08, (0.0, b.dark(front)), (0.3, b.lit(front.lighter(-0.08))), (1.0, b.dark(front)))
    c.fill(rectangle(b.left, -0.10, b.right, -0.03), b.dark(front.lighter(-0.12)))
    c.fill(rectangle(b.left, y - 0.085, b.right, y - 0.005), b.lit(top))
    x = b.left
    while x < b.right:
        wide = b.jitter(0.9, 0.6)
        c.fill(
            polygon([(x, y - 0.085), (x + wide * 0.6, y - 0.085), (x + wide * 0.5, y - 0.005), (x - 0.08, y - 0.005)]),
            b.edge(top, 0.13),
        )
        x += wide
    c.fill(rectangle(b.left, y - 0.005, b.right, y + 0.035), b.dark(top))
    c.fill(rectangle(b.left, y + 0.035, b.right, y + 0.11), b.dark(front.lighter(-0.10), 0.6))


NEAREST_Z = -0.9
"""Depth at which a floor leaves the picture."""


def ground(b: Brush, material: Colour, far: float, *, seams: float = 0.0, rows: float = 0.0) -> None:
    """The floor from us to depth `far`, in perspective: lit where it is near, seams to the vanishing point.

    A near layer draws its own part over that of a far one (its far edge fades), so that feet do not slide on it.
    """
    top = b.on_floor(0.0, far)[1]
    low = max(b.bottom, b.on_floor(0.0, NEAREST_Z)[1])
    soft = b.z < 1.0
    shown = b.on_floor(0.0, 0.35 * far)[1]
    share = min(0.9, (shown - top) / max(1e-6, low - top))
    first = b.lit(material, 0.0 if soft else 1.0)
    area = rectangle(b.left, top, b.right, low)
    stops = ((0.0, first), (share, b.lit(material)), (1.0, b.dark(material)))
    b.canvas.fill(area, Linear((0.0, top), (0.0, low), stops))
    if seams:
        wide = b.right - b.left
        for x in np.arange(np.floor((b.left - 3 * wide) / seams) * seams, b.right + 3 * wide, seams):
            b.lies([(x, far), (x + 0.012, far), (x + 0.012, NEAREST_Z), (x, NEAREST_Z)], b.dark(material, 0.45))
    if rows:
        for z in np.arange(np.ceil(NEAREST_Z / rows) * rows, far, rows):
            y = b.on_floor(0.0, z)[1]
            b.canvas.fill(rectangle(b.left, y, b.right, b.on_floor(0.0, z - 0.025)[1]), b.dark(material, 0.40))


def checks(b: Brush, material: Colour, far: float, side: float) -> None:
    """Tiles of two tones on the floor already drawn."""
    wide = b.right - b.left
    for j, z in enumerate(np.arange(np.floor(NEAREST_Z / side) * side, far, side)):
        first = int(np.floor((b.left - wide) / side))
        for k in range(first, int(np.ceil((b.right + wide) / side))):
            if (j + k) % 2 == 0:
                x = k * side
                corners = [(x, z), (x + side, z), (x + side, min(far, z + side)), (x, min(far, z + side))]
                b.lies(corners, b.lit(material, 0.8))


def soil(b: Brush, material: Colour) -> Colour:
    """What the ground outdoors is made of in this weather."""
    if b.look.weather == "snow":
        return material.toward(Colour(0.90, 0.012, 245), 0.8)
    return material.lighter(-0.07) if b.look.weather == "rain" else material


def wet(b: Brush, far: float) -> None:
    """What a rained-on ground mirrors: streaks of light, and puddles."""
    if b.look.weather != "rain":
        return
    night = b.look.hour in ("night", "dusk")
    for _ in range(9):
        x, z = float(b.chance.uniform(b.left, b.right)), float(b.chance.uniform(0.3, far))
        (cx, cy), wide = b.on_floor(x, z), b.jitter(0.30, 0.6)
        b.canvas.fill(ellipse(cx, cy, wide, 0.05), b.light.sky.lighter(0.06).rgba(0.4))
    for x in np.arange(b.left, b.right, 0.7):
        tone = LAMP if night else b.light.sky.lighter(0.08)
        cx, cy = b.on_floor(x + float(b.chance.uniform(-0.3, 0.3)), far)
        tall, thick = b.jitter(0.8, 0.4), b.jitter(0.05, 0.5)
        streak = rectangle(cx - thick, cy, cx + thick, cy + tall)
        b.canvas.fill(streak, Linear((cx, cy), (cx, cy + tall), ((0.0, tone.rgba(0.20)), (1.0, tone.rgba(0.0)))))


def wall(b: Brush, material: Colour, skirting: Colour | None = None) -> None:
    """A plain wall, lighter where the key falls."""
    b.gradient(b.top, 0.2, (0.0, b.dark(material)), (0.45, b.lit(material.lighter(-0.04))), (1.0, b.dark(material)))
    b.glow(b.camera.x + b.side * 1.5, -1.7, 2.2, b.light.key, 0.22)
    if skirting:
        b.canvas.fill(rectangle(b.left, -0.16, b.right, 0.1), b.lit(skirting))


_OUTSIDE = {
    "dusk": (Colour(0.50, 0.085, 305), Colour(0.74, 0.115, 42)),
    "night": (Colour(0.25, 0.070, 262), Colour(0.36, 0.080, 250)),
}
"""What is seen through a window, from its head to its sill: blue against the lamps within."""


def window(b: Brush, left: float, top: float, right: float, bottom: float, frame: Colour, panes: int = 2) -> None:
    """A window on the sky: its glow, bars, sill."""
    c, sky = b.canvas, b.light.sky.lighter(0.06)
    night = b.look.hour == "night"
    outside, low = _OUTSIDE.get(b.look.hour, (sky, sky.toward(b.light.key, 0.3)))
    c.fill(rectangle(left - 0.07, top - 0.07, right + 0.07, bottom + 0.07), b.lit(frame))
    c.fill(
        rectangle(left, top, right, bottom),
        Linear((0.0, top), (0.0, bottom), ((0.0, outside.rgba()), (1.0, low.rgba()))),
    )
    for k in range(5):
        x = left + (right - left) * (k + 0.2) / 5
        tall = (bottom - top) * (0.30, 0.52, 0.22, 0.44, 0.36)[k]
        c.fill(
            rectangle(x, bottom - tall, x + (right - left) * (0.15, 0.11, 0.2, 0.13, 0.17)[k], bottom),
            outside.toward(b.light.shade, 0.32).rgba() if not night else outside.lighter(-0.06).rgba(),
        )
        if night:
            for row in range(3):
                c.fill(
                    rectangle(
                        x + 0.03, bottom - tall * (0.85 - 0.28 * row), x + 0.07, bottom - tall * (0.78 - 0.28 * row)
                    ),
                    LAMP.rgba(0.8),
                )
    for k in range(1, panes):
        x = left + (right - left) * k / panes
        c.fill(rectangle(x - 0.02, top, x + 0.02, bottom), b.lit(frame))
    c.fill(
        rectangle(left, top + 0.30 * (bottom - top) - 0.015, right, top + 0.30 * (bottom - top) + 0.015), b.lit(frame)
    )
    c.fill(rectangle(left - 0.12, bottom + 0.04, right + 0.12, bottom + 0.11), b.edge(frame))
    c.fill(rectangle(left - 0.10, bottom + 0.11, right + 0.10, bottom + 0.22), b.dark(frame, 0.35))


def curtain(b: Brush, x: float, top: float, bottom: float, wide: float, material: Colour) -> None:
    """A hanging curtain in uneven folds."""
    b.form(
        polygon([(x - wide / 2, top), (x + wide / 2, top), (x + wide * 0.56, bottom), (x - wide * 0.6, bottom)]),
        material,
        x + 0.1 * wide,
    )
    for share in (-0.34, -0.12, 0.16, 0.36):
        b.canvas.fill(
            ribbon(
                [
                    (x + share * wide, top),
                    (x + share * wide * 1.1, (top + bottom) / 2),
                    (x + share * wide * 1.2, bottom),
                ],
                [0.01, 0.05, 0.03],
            ),
            b.dark(material, 0.7),
        )


def lamp(b: Brush, x: float, y: float, size: float = 0.20, shade: Colour = DARK_WOOD) -> None:
    """A pendant lamp and its cone of light."""
    c = b.canvas
    c.fill(rectangle(x - 0.007, b.top, x + 0.007, y - size * 0.7), b.dark(shade))
    b.form(
        shaped(
            "-0.25 -0.85, 0.25 -0.85, 0.55 -0.5, 1.05 0, -1.05 0, -0.55 -0.5", x, y, size, size, corners=(0, 1, 3, 4)
        ),
        shade,
        x + 0.1 * size,
    )
    c.fill(ellipse(x, y, size * 0.95, size * 0.17), LAMP.lighter(0.05).rgba())
    b.glow(x, y + 0.02, size * 3.6, LAMP, 0.40)
    beam = polygon([(x - size, y), (x + size, y), (x + size * 3.6, y + 1.5), (x - size * 3.6, y + 1.5)])
    c.fill(beam, Linear((x, y), (x, y + 1.5), ((0.0, LAMP.rgba(0.13)), (1.0, LAMP.rgba(0.0)))))


def books(b: Brush, left: float, right: float, y: float, tall: float) -> None:
    """A row of books that lean, miss, and lie."""
    x = left
    while x < right - 0.05:
        if b.chance.random() < 0.12:
            x += b.jitter(0.12, 0.5)
            continue
        wide, high = b.jitter(0.042, 0.45), tall * float(b.chance.uniform(0.62, 0.95))
        cover = SPINES[int(b.chance.integers(0, len(SPINES)))].lighter(-0.05)
        b.block(x, y - high, x + wide, y, cover, 0.7)
        x += wide + 0.004


def plant(b: Brush, x: float, y: float, tall: float, pot: Colour = CHINA) -> None:
    """A pot with leaves of three sizes."""
    c, wide = b.canvas, 0.26 * tall
    for angle, long in ((-1.1, 0.62), (-0.55, 0.92), (-0.12, 1.0), (0.30, 0.78), (0.72, 0.95), (1.15, 0.58)):
        tip = (x + float(np.sin(angle)) * long * tall * 0.62, y - wide - float(np.cos(angle)) * long * tall * 0.75)
        bend = ((x + tip[0]) / 2 + 0.05 * tall * angle, (y - wide + tip[1]) / 2 - 0.10 * tall)
        leaf = ribbon([(x, y - wide), bend, tip], [0.02 * tall, 0.17 * tall * long, 0.004])
        c.fill(leaf, b.lit(LEAF) if angle * b.side > -0.2 else b.dark(LEAF))
    b.form(
        shaped("-1 -1, 1 -1, 0.72 0, -0.72 0", x, y, wide * 0.8, wide * 1.1, corners=(0, 1, 2, 3)), pot, x + 0.1 * wide
    )


def frame_on_wall(b: Brush, x: float, y: float, wide: float, tall: float) -> None:
    """A picture: frame, mount, two shapes."""
    b.block(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2, DARK_WOOD, 0.95)
    c, m = b.canvas, 0.035
    c.fill(
        rectangle(x - wide / 2 + m, y - tall / 2 + m, x + wide / 2 - m, y + tall / 2 - m), b.lit(CHINA.lighter(-0.06))
    )
    tint = SPINES[int(b.chance.integers(0, 4))]
    c.fill(ellipse(x - 0.08 * wide, y + 0.02, wide * 0.22, tall * 0.20), b.lit(tint))
    c.fill(ellipse(x + 0.14 * wide, y + 0.12 * tall, wide * 0.16, tall * 0.12), b.dark(tint))


def tree(b: Brush, x: float, tall: float, crown: Colour = LEAF, bark: Colour = DARK_WOOD) -> None:
    """A trunk with two forks and a crown of uneven clouds, lit from the key."""
    c, wide = b.canvas, 0.055 * tall
    trunk = ribbon(
        [(x, 0.05), (x + 0.02 * tall, -0.35 * tall), (x - 0.01 * tall, -0.72 * tall)], [wide * 1.5, wide, wide * 0.4]
    )
    b.form(trunk, bark, x + 0.1 * wide)
    for dx, dy, size in (
        (-0.20, -0.62, 0.20),
        (0.24, -0.70, 0.17),
        (0.02, -0.86, 0.25),
        (-0.10, -0.76, 0.16),
        (0.14, -0.92, 0.12),
    ):
        blob = cloud(x + dx * tall * 0.8, dy * tall, size * tall, size * tall * 0.72)
        c.fill(blob, b.dark(crown))
        with c.group(clip=blob):
            c.fill(
                cloud(
                    x + dx * tall * 0.8 + b.side * 0.10 * size * tall,
                    dy * tall - 0.22 * size * tall,
                    size * tall,
                    size * tall * 0.72,
                ),
                b.lit(crown),
            )


def house(
    b: Brush, left: float, right: float, tall: float, front: Colour, *, floors: int = 4, shop: bool = True
) -> None:
    """A front with rows of windows, some lit at night; a shop at its foot."""
    c = b.canvas
    b.block(left, -tall, right, 0.1, front, 0.72)
    c.fill(rectangle(left - 0.05, -tall - 0.12, right + 0.05, -tall), b.lit(front.lighter(0.08)))
    night = b.look.hour in ("night", "dusk")
    base = 3.0 if shop else 0.6
    columns = max(2, int((right - left) / 0.95))
    for row in range(floors):
        y = -tall + 0.55 + row * (tall - base) / floors
        for k in range(columns):
            x = left + (right - left) * (k + 0.5) / columns
            lit = night and b.chance.random() < 0.42
            pane = LAMP.lighter(-0.06) if lit else b.light.sky.toward(front, 0.35).lighter(-0.10 if night else 0.02)
            c.fill(rectangle(x - 0.24, y, x + 0.24, y + 0.80), b.lit(front.lighter(0.10)))
            c.fill(rectangle(x - 0.19, y + 0.05, x + 0.19, y + 0.76), pane.rgba() if lit else b.lit(pane))
            c.fill(rectangle(x - 0.015, y + 0.05, x + 0.015, y + 0.76), b.lit(front.lighter(0.06)))
            c.fill(rectangle(x - 0.28, y + 0.80, x + 0.28, y + 0.86), b.dark(front))
    if shop:
        _shop(b, left + 0.12, right - 0.12, night)


def _shop(b: Brush, left: float, right: float, night: bool) -> None:
    c = b.canvas
    glass = LAMP.lighter(-0.12) if night else b.light.sky.lighter(-0.16)
    c.fill(rectangle(left, -2.25, right, -0.02), b.dark(DARK_WOOD))
    c.fill(rectangle(left + 0.12, -2.05, right - 0.12, -0.55), glass.rgba() if night else b.lit(glass))
    x = left + 0.3
    while x < right - 0.4:
        wide, tall = b.jitter(0.20, 0.4), b.jitter(0.42, 0.5)
        b.block(x, -0.60 - tall, x + wide, -0.55, SPINES[int(b.chance.integers(0, 5))].lighter(-0.05), 0.6)
        x += wide + b.jitter(0.22, 0.7)
    cloth = SPINES[int(b.chance.integers(0, 4))]
    stripes = max(4, int((right - left) / 0.28))
    for k in range(stripes):
        x0, x1 = left + (right - left) * k / stripes, left + (right - left) * (k + 1) / stripes
        tone = cloth if k % 2 == 0 else CHINA
        c.fill(polygon([(x0, -2.62), (x1, -2.62), (x1 + 0.02, -2.12), (x0 + 0.02, -2.12)]), b.lit(tone))
    c.fill(rectangle(left, -2.12, right, -2.06), b.dark(cloth))
    if night:
        b.glow((left + right) / 2, -1.3, 1.5, LAMP, 0.30)


def bottle_row(b: Brush, left: float, right: float, y: float) -> None:
    """Bottles and glasses on a shelf, uneven."""
    x = left
    while x < right - 0.06:
        tall, wide = b.jitter(0.27, 0.3), b.jitter(0.034, 0.3)
        glass = (Colour(0.44, 0.08, 140), Colour(0.46, 0.10, 60), Colour(0.40, 0.10, 30), Colour(0.72, 0.03, 210))[
            int(b.chance.integers(0, 4))
        ]
        b.form(
            shaped(
                "-1 0, -1 -0.55, -0.35 -0.74, -0.35 -1, 0.35 -1, 0.35 -0.74, 1 -0.55, 1 0",
                x,
                y,
                wide,
                tall,
                corners=(0, 3, 4, 7),
            ),
            glass,
            x,
        )
        x += wide * 2 + b.jitter(0.05, 0.9)


def sofa(b: Brush, left: float, right: float, material: Colour) -> None:
    """Back, seat, arms, one cushion."""
    b.form(soft_box(left, -0.86, right, -0.30, 0.12), material, left + 0.6 * (right - left))
    b.form(soft_box(left + 0.1, -0.48, right - 0.1, -0.12, 0.07), material.lighter(0.04), left + 0.65 * (right - left))
    for x in (left, right - 0.22):
        b.form(soft_box(x, -0.62, x + 0.22, -0.06, 0.09), material.lighter(-0.03), x + 0.12)
    x = left + 0.32
    b.form(
        shaped("-1 -0.8, 0.1 -1, 1 -0.7, 0.85 0.8, -0.2 0.95, -0.95 0.7", x + 0.1, -0.60, 0.20, 0.18),
        SPINES[2],
        x + 0.12,
    )


def bistro(b: Brush, x: float, wood: Colour) -> None:
    """A small round table with two bent chairs."""
    c, iron = b.canvas, Colour(0.28, 0.02, 40)
    for side in (-1, 1):
        back = [(x + side * 0.50, -0.46), (x + side * 0.58, -0.75), (x + side * 0.60, -0.95)]
        c.fill(ribbon(back, [0.03, 0.03, 0.05]), b.dark(wood))
        b.block(x + min(side * 0.28, side * 0.52), -0.48, x + max(side * 0.28, side * 0.52), -0.43, wood, 0.6)
        for foot in (0.30, 0.50):
            c.fill(ribbon([(x + side * foot, -0.44), (x + side * foot * 1.05, 0.0)], [0.03, 0.02]), b.dark(wood))
    c.fill(rectangle(x - 0.02, -0.74, x + 0.02, -0.03), b.dark(iron))
    c.fill(ellipse(x, -0.02, 0.22, 0.03), b.dark(iron))
    c.fill(ellipse(x, -0.74, 0.36, 0.05), b.dark(wood))
    c.fill(ellipse(x, -0.76, 0.36, 0.05), b.lit(wood.lighter(0.10)))
    b.form(shaped("-1 -1, 1 -1, 0.7 0, -0.7 0", x + 0.08, -0.76, 0.045, 0.085, corners=(0, 1, 2, 3)), CHINA, x + 0.09)


def desk(b: Brush, x: float, turn: int) -> None:
    """A desk with a screen that glows, and its chair."""
    b.block(x - 0.62, -0.76, x + 0.62, -0.70, WOOD, 0.6)
    b.canvas.fill(rectangle(x - 0.56, -0.70, x - 0.51, 0.0), b.dark(STEEL))
    b.canvas.fill(rectangle(x + 0.51, -0.70, x + 0.56, 0.0), b.dark(STEEL))
    b.block(x - 0.30, -1.22, x + 0.30, -0.85, Colour(0.28, 0.015, 250), 0.8)
    b.canvas.fill(rectangle(x - 0.27, -1.19, x + 0.27, -0.89), b.lit(Colour(0.72, 0.055, 225)))
    for k in range(4):
        y = -1.15 + 0.06 * k
        b.canvas.fill(rectangle(x - 0.23, y, x - 0.23 + (0.30, 0.20, 0.36, 0.14)[k], y + 0.02), b.lit(CHINA, 0.7))
    b.canvas.fill(rectangle(x - 0.03, -0.86, x + 0.03, -0.76), b.dark(STEEL))
    seat = x + turn * 0.16
    b.canvas.fill(rectangle(seat - 0.02, -0.42, seat + 0.02, -0.05), b.dark(STEEL))
    b.canvas.fill(ellipse(seat, -0.04, 0.24, 0.03), b.dark(STEEL))
    b.form(soft_box(seat - 0.22, -0.98, seat + 0.22, -0.40, 0.10), Colour(0.34, 0.03, 250), x + 0.1)
