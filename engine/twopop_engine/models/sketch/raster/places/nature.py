"""Away from town: forest, field, beach, open sky."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..canvas import Linear
from ..palette import DAY, Colour
from ..shapes import ellipse, polygon, rectangle, ribbon, soft_box, spline
from .base import Brush, Layer, Place, cloud
from .parts import DARK_WOOD, LEAF, STONE, WOOD, ground, soil, tree
from .skies import draw_birds, draw_hills, draw_sky, haze, ramp

GRASS = Colour(0.54, 0.105, 130)
EARTH = Colour(0.52, 0.055, 65)
SAND = Colour(0.78, 0.065, 80)
SEA = Colour(0.56, 0.090, 222)
PINE = Colour(0.42, 0.075, 155)


def _deep_woods(b: Brush) -> None:
    """A wall of trunks and crowns, light falling between them."""
    b.gradient(b.top, b.bottom, (0.0, b.dark(PINE)), (0.55, b.lit(PINE.lighter(0.14))), (1.0, b.lit(LEAF)))
    for x in np.arange(-9.0, 9.0, 0.9):
        wide = b.jitter(0.17, 0.5)
        at = x + float(b.chance.uniform(-0.3, 0.3))
        b.canvas.fill(ribbon([(at, 0.9), (at + 0.05, -3.0), (at, b.top)], [wide * 1.3, wide, wide]), b.dark(DARK_WOOD))
    for _ in range(26):
        x, y = float(b.chance.uniform(b.left, b.right)), -float(b.chance.uniform(2.6, 6.0))
        size = b.jitter(1.0, 0.5)
        b.canvas.fill(cloud(x, y, size, size * 0.6), b.dark(PINE) if b.chance.random() < 0.5 else b.lit(PINE, 0.9))
    if b.look.hour != "night":
        for x in (-3.2, -0.6, 2.2):
            beam = polygon([(x - b.side, b.top), (x + 0.9 - b.side, b.top), (x + 2.1, 0.3), (x + 0.2, 0.3)])
            glow = b.light.key
            b.canvas.fill(beam, Linear((x, b.top), (x, 0.3), ((0.0, glow.rgba(0.26)), (1.0, glow.rgba(0.02)))))


def _forest_floor(b: Brush) -> None:
    ground(b, soil(b, Colour(0.46, 0.085, 122)), 5.5)
    for x in np.arange(b.left, b.right, 0.8):  # undergrowth where floor and trunks meet
        wide = b.jitter(0.75, 0.4)
        at = x + float(b.chance.uniform(-0.3, 0.3))
        tone = b.dark(PINE.lighter(0.06)) if b.chance.random() < 0.6 else b.lit(PINE.lighter(0.10))
        b.canvas.fill(cloud(at, -0.12, wide, wide * 0.42), tone)
    path = soil(b, EARTH)
    b.lies(
        [(0.9, 5.5), (1.2, 5.5), (0.4, 2.6), (1.1, 0.6), (1.6, -0.9), (-1.2, -0.9), (-0.6, 0.7), (-0.4, 2.4)],
        b.lit(path),
        smooth=True,
    )
    for _ in range(40):
        x, z = float(b.chance.uniform(-6, 6)), float(b.chance.uniform(0.6, 5.3))
        cx, cy = b.on_floor(x, z)
        b.canvas.fill(ellipse(cx, cy, b.jitter(0.22), 0.03), b.dark(GRASS, 0.4))


def _trunks(b: Brush) -> None:
    for x, wide in ((-4.4, 0.5), (-2.35, 0.36), (2.15, 0.30), (3.5, 0.52), (5.4, 0.4)):
        trunk = [(x - 0.08, 0.06), (x - 0.02, -0.5), (x + 0.03, -2.2), (x - 0.04, b.top)]
        b.form(
            ribbon(trunk, [wide * 1.7, wide * 1.05, wide * 0.9, wide * 0.85]), DARK_WOOD.lighter(0.04), x + 0.1 * wide
        )
        for k in range(7):
            y = -0.4 - 0.42 * k
            bark = [(x - 0.25 * wide, y), (x - 0.1 * wide, y - 0.14), (x - 0.2 * wide, y - 0.28)]
            b.canvas.fill(ribbon(bark, [0.01, 0.03, 0.01]), b.dark(DARK_WOOD, 0.7))
    for x in np.arange(b.left, b.right, 0.55):
        if abs(x) > 1.0:
            _fern(b, x + float(b.chance.uniform(-0.2, 0.2)), 0.04, b.jitter(0.5, 0.4))


def _fern(b: Brush, x: float, y: float, tall: float) -> None:
    for lean in (-0.8, -0.35, 0.1, 0.5, 0.9):
        tip = (x + lean * tall, y - tall * (1.0 - 0.4 * abs(lean)))
        middle = (x + 0.35 * lean * tall, y - 0.65 * tall)
        leaf = ribbon([(x, y), middle, tip], [0.02, 0.09 * tall, 0.003])
        b.canvas.fill(leaf, b.lit(LEAF.lighter(0.03)) if lean * b.side > -0.2 else b.dark(LEAF))


def _forest_near_floor(b: Brush) -> None:
    moss, path = (soil(b, tone).toward(b.light.sky, 0.20) for tone in (Colour(0.50, 0.085, 122), EARTH))
    ground(b, moss, 0.9)
    far, near = b.on_floor(0.0, 0.9)[1], b.on_floor(0.0, 0.1)[1]
    b.lies(
        [(-0.7, 0.9), (1.0, 0.9), (1.25, 0.2), (1.75, -0.9), (-1.3, -0.9), (-0.85, 0.1)],
        Linear((0.0, far), (0.0, near), ((0.0, b.lit(path, 0.0)), (1.0, b.lit(path)))),
        smooth=True,
    )
    for x, z in (
        (-1.9, 0.5),
        (-1.35, -0.2),
        (-0.6, 0.1),
        (0.9, 0.3),
        (1.9, 0.05),
        (2.6, 0.4),
        (-2.8, 0.1),
        (0.2, -0.4),
    ):
        cx, cy = b.on_floor(x, z)
        b.canvas.fill(ellipse(cx, cy, b.jitter(0.16), 0.022), b.dark(moss, 0.45))


def _leaves_near(b: Brush) -> None:
    """A branch of leaves hanging into the corner, out of focus."""
    tall = b.first.visible_m
    for across, up, size in ((0.0, 1.02, 0.34), (0.13, 1.06, 0.22), (-0.02, 0.80, 0.20), (1.02, 1.05, 0.26)):
        x, y = b.framed(across, up)
        tone = b.light.dark(PINE.lighter(-0.10)).rgba()
        b.canvas.fill(cloud(x, y, size * tall, size * tall * 0.62), tone)


def _meadow(b: Brush) -> None:
    ground(b, soil(b, GRASS.lighter(0.05)), 8.5)
    path = soil(b, EARTH.lighter(0.08))
    b.lies(
        [(2.0, 8.5), (2.6, 8.5), (0.6, 4.0), (1.5, 1.6), (2.4, -0.9), (-0.4, -0.9), (0.3, 1.6), (0.0, 4.0)],
        b.lit(path),
        smooth=True,
    )
    for _ in range(90):
        x, z = float(b.chance.uniform(-14, 14)), float(b.chance.uniform(1.0, 8.0))
        cx, cy = b.on_floor(x, z)
        tone = b.lit(GRASS.lighter(0.12), 0.7) if b.chance.random() < 0.5 else b.dark(GRASS, 0.5)
        b.canvas.fill(ellipse(cx, cy, b.jitter(0.5), 0.035), tone)


def _meadow_things(b: Brush) -> None:
    tree(b, 3.1, 4.4, Colour(0.48, 0.105, 135))
    for x in np.arange(-7.5, -0.9, 1.25):
        b.block(x - 0.05, -0.92, x + 0.05, 0.0, WOOD, 0.6)
    for y, thick in ((-0.80, 0.07), (-0.44, 0.06)):
        b.canvas.fill(rectangle(-9.0, y, -1.15, y + thick), b.lit(WOOD.lighter(0.06)))
        b.canvas.fill(rectangle(-9.0, y + 0.6 * thick, -1.15, y + thick), b.dark(WOOD))


def _grass_near(b: Brush) -> None:
    ground(b, soil(b, GRASS), 1.0)
    for x in np.arange(b.left, b.right, 0.13):
        x0, tall = x + float(b.chance.uniform(-0.06, 0.06)), b.jitter(0.13, 0.6)
        blade = ribbon([(x0, 0.03), (x0 + 0.02, -tall * 0.6), (x0 + 0.06, -tall)], [0.035, 0.02, 0.002])
        b.canvas.fill(blade, b.lit(soil(b, GRASS)) if b.chance.random() < 0.6 else b.dark(GRASS))


def _stalks(b: Brush) -> None:
    """Long grass before the lens, at one side of the frame."""
    tall, tone = b.first.visible_m, b.light.dark(GRASS.lighter(-0.1)).rgba()
    for k in range(14):
        share = k / 14
        x, y = b.framed(0.22 * share - 0.02 if k % 3 else 1.02 - 0.16 * share, -0.04)
        high = tall * float(b.chance.uniform(0.16, 0.40)) * (1.1 - share)
        b.canvas.fill(
            ribbon(
                [(x, y), (x + 0.05 * tall, y - 0.6 * high), (x + 0.14 * tall, y - high)],
                [0.03 * tall, 0.02 * tall, 0.002],
            ),
            tone,
        )


def _sea(b: Brush) -> None:
    """From the horizon to the surf, with the light's road on it."""
    horizon, low = b.on_floor(0.0, 400.0)[1], b.on_floor(0.0, 4.8)[1]
    far, near = SEA.toward(ramp(b)[2], 0.35), SEA.toward(Colour(0.66, 0.07, 195), 0.4)
    tones = b.lit(far), b.lit(SEA), b.lit(near)
    if b.look.hour in ("dusk", "dawn"):  # it mirrors the sky, upside down
        mirrored = (c.toward(SEA, 0.25).lighter(0.03).rgba() for c in ramp(b)[::-1])
        tones = next(mirrored), next(mirrored), next(mirrored)
    b.gradient(horizon, b.bottom, (0.0, tones[0]), (0.35, tones[1]), (1.0, tones[2]))
    x = b.first.x + b.side * 3.6
    if b.look.weather == "clear":
        for k in range(30):
            share = (k / 30) ** 1.5
            y = horizon + 0.02 + (low - horizon) * 1.6 * share
            wide = (0.10 + 0.5 * share) * float(b.chance.uniform(0.4, 1.3))
            at = x + float(b.chance.normal(0, 0.22 + 0.5 * share))
            b.canvas.fill(ellipse(at, y, wide, 0.012 + 0.02 * share), b.light.key.lighter(0.04).rgba(0.6))


def _surf(b: Brush) -> None:
    foam = Colour(0.94, 0.012, 200)
    ground(b, soil(b, SAND), 4.4)
    for z, thick in ((4.5, 0.30), (3.7, 0.18)):
        xs = np.linspace(b.left - 1, b.right + 1, 18)
        top = [b.on_floor(float(v), z + thick + 0.22 * float(np.sin(1.1 * v + z))) for v in xs]
        low = [b.on_floor(float(v), z - 0.25 * float(np.sin(1.7 * v + 2 * z))) for v in xs[::-1]]
        b.canvas.fill(spline([*top, *low], corners=(0, 17, 18, 35)), b.lit(foam, 0.9))
    wet_edge = [(-40.0, 3.6), (40.0, 3.6), (40.0, 3.0), (-40.0, 3.0)]
    b.lies(wet_edge, b.dark(SAND, 0.45))


def _parasol(b: Brush) -> None:
    c, x = b.canvas, 2.3
    c.fill(ellipse(x + 0.2, 0.02, 1.0, 0.07), b.dark(SAND, 0.8))
    c.fill(ribbon([(x, 0.0), (x + 0.16, -2.15)], [0.05, 0.05]), b.dark(WOOD))
    red, white = Colour(0.56, 0.16, 28), Colour(0.92, 0.015, 90)
    spokes = [(-1.15, -1.55), (-0.62, -1.66), (-0.08, -1.72), (0.46, -1.70), (0.98, -1.60), (1.42, -1.45)]
    for k, ((x0, y0), (x1, y1)) in enumerate(pairwise(spokes)):
        tone = (red, white)[k % 2]
        panel = polygon([(x + 0.18, -2.25), (x + x0, y0), (x + x1, y1)])
        c.fill(panel, b.dark(tone) if k > 2 and b.side < 0 else b.lit(tone))
    b.form(soft_box(x - 0.9, -0.14, x + 0.1, 0.02, 0.05), Colour(0.55, 0.10, 235), x - 0.3)
    b.form(cloud(-3.2, -0.22, 0.62, 0.36), STONE, -3.1)
    b.form(cloud(-2.6, -0.10, 0.36, 0.20), STONE.lighter(-0.06), -2.55)


def _sand(b: Brush) -> None:
    ground(b, soil(b, SAND), 1.0)
    for _ in range(26):
        x, z = float(b.chance.uniform(-4, 4)), float(b.chance.uniform(-0.7, 1.0))
        cx, cy = b.on_floor(x, z)
        b.canvas.fill(ellipse(cx, cy, b.jitter(0.20), 0.014), b.dark(SAND, 0.35))


def _dune_near(b: Brush) -> None:
    """Two posts of a fence and beach grass at one side of the frame."""
    tall = b.first.visible_m
    for across, high, lean in ((0.985, 0.20, 0.012), (1.06, 0.27, -0.01)):
        x, y = b.framed(across, -0.02)
        post = ribbon([(x, y), (x + lean * tall, y - high * tall)], [0.030 * tall, 0.026 * tall])
        b.canvas.fill(post, b.light.dark(WOOD.lighter(-0.06)).rgba())
    tone = b.light.dark(Colour(0.56, 0.075, 110)).rgba()
    for k in range(12):
        x, y = b.framed(0.90 + 0.012 * k, -0.03)
        high, lean = tall * float(b.chance.uniform(0.08, 0.20)), tall * float(b.chance.uniform(-0.08, 0.03))
        b.canvas.fill(
            ribbon(
                [(x, y), (x + 0.3 * lean, y - 0.6 * high), (x + lean, y - high)], [0.012 * tall, 0.008 * tall, 0.001]
            ),
            tone,
        )


def _cloud_bank(b: Brush, height: float, size: float) -> None:
    """A row of heaps: each a few round heads on a flat foot, lit from the key."""
    zenith, middle, low = ramp(b)
    shade, top = middle.toward(low, 0.55), low.toward(b.light.key, 0.5)
    backlit = b.look.hour != "day"
    if b.look.hour == "night":
        shade, top = middle.toward(low, 0.15 + 0.06 * b.z), low.lighter(0.16).turned(230.0, 12.0)
    elif backlit:
        shade = middle.toward(zenith, 0.15 + 0.09 * b.z / 2)
    top = top._replace(l=min(0.90, top.l))  # a face before it has to stand out
    for x in np.arange(np.floor(b.left / size) * size - size, b.right + size, size * 1.5):
        at, y = x + float(b.chance.uniform(-0.4, 0.4)) * size, -height + float(b.chance.uniform(-0.4, 0.4)) * size
        heads = [(dx, b.jitter(tall, 0.25)) for dx, tall in ((-0.62, 0.20), (-0.25, 0.36), (0.18, 0.30), (0.55, 0.18))]
        bodies = ((shade, 0.0, 0.0), (top, 0.06 * b.side * size, -0.07 * size))
        if backlit:  # against the light: only an edge towards sun or moon is lit
            bodies = ((top, 0.0, 0.0), (shade, -0.045 * b.side * size, 0.035 * size))
        for tone, dx0, dy0 in bodies:
            for dx, tall in heads:
                b.canvas.fill(
                    ellipse(at + dx * size + dx0, y - 0.80 * tall * size + dy0, 0.34 * size, tall * size), tone.rgba()
                )
            b.canvas.fill(ellipse(at + dx0, y + dy0 * 0.4, 0.95 * size, 0.16 * size), tone.rgba())


def _crest(b: Brush) -> None:
    """A grassy top: all the rest is air."""
    xs = np.linspace(b.left - 0.5, b.right + 0.5, 12)
    ridge = [(float(x), -0.06 - 0.05 * float(np.sin(0.9 * x))) for x in xs]
    low = max(1.0, b.bottom)
    b.canvas.fill(
        spline([*ridge, (b.right + 0.5, low), (b.left - 0.5, low)], corners=(0, 11, 12, 13)), b.lit(soil(b, GRASS))
    )
    b.gradient(0.05, low, (0.0, b.dark(GRASS, 0.0)), (1.0, b.dark(GRASS, 0.8)))
    _grass_tips(b)


def _grass_tips(b: Brush) -> None:
    for x in np.arange(b.left, b.right, 0.07):
        x0, tall = x + float(b.chance.uniform(-0.04, 0.04)), b.jitter(0.10, 0.7)
        blade = ribbon([(x0, 0.0), (x0 + 0.03, -0.06 - tall * 0.6), (x0 + 0.09, -0.06 - tall)], [0.03, 0.02, 0.002])
        b.canvas.fill(blade, b.lit(GRASS) if b.chance.random() < 0.5 else b.dark(GRASS))


FOREST = Place(
    layers=(
        Layer(7.0, 4.5, _deep_woods),
        Layer(5.5, 3.0, _forest_floor),
        Layer(2.0, 2.0, _trunks),
        Layer(0.30, 0.6, _forest_near_floor),
        Layer(-0.6, 12.0, _leaves_near),
    ),
    lights={"day": replace(DAY, span=(0.44, 0.66))},  # under trees a day is green and deep, not pale
    stand="stone",
    outdoors=True,
)
FIELD = Place(
    layers=(
        Layer(12.0, 2.0, draw_sky),
        Layer(9.0, 4.0, draw_hills),
        Layer(8.5, 3.4, _meadow),
        Layer(2.6, 2.2, _meadow_things),
        Layer(0.30, 0.6, _grass_near),
        Layer(-0.6, 12.0, _stalks),
    ),
    stand="stone",
    outdoors=True,
    alive=draw_birds,
    alive_z=6.0,
)
BEACH = Place(
    layers=(
        Layer(12.0, 2.0, draw_sky),
        Layer(11.0, 2.0, _sea),
        Layer(4.0, 2.4, _surf),
        Layer(2.2, 1.8, _parasol),
        Layer(0.30, 0.6, _sand),
        Layer(-0.60, 9.0, _dune_near),
    ),
    stand="crate",
    outdoors=True,
    alive=draw_birds,
    alive_z=6.0,
)
SKY = Place(
    layers=(
        Layer(12.0, 2.0, draw_sky),
        Layer(10.0, 4.0, lambda b: _cloud_bank(b, 5.2, 2.4)),
        Layer(9.5, 4.0, lambda b: haze(b, 0.5)),
        Layer(6.0, 3.0, lambda b: _cloud_bank(b, 1.2, 2.0)),
        Layer(3.4, 2.4, lambda b: _cloud_bank(b, -0.1, 1.5)),
        Layer(0.30, 0.6, _crest),
        Layer(-0.60, 12.0, _stalks),
    ),
    stand="stone",
    outdoors=True,
    alive=draw_birds,
    alive_z=5.0,
)
