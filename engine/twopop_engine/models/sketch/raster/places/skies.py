"""The sky by hour and weather, and what stands at the horizon under it."""

from __future__ import annotations

import numpy as np

from ..palette import Colour
from ..shapes import ellipse, rectangle, ribbon, spline
from .base import Brush, cloud
from .parts import LAMP

_RAMPS: dict[str, tuple[Colour, Colour, Colour]] = {
    "day": (Colour(0.62, 0.105, 248), Colour(0.76, 0.075, 235), Colour(0.91, 0.030, 210)),
    "dawn": (Colour(0.58, 0.075, 275), Colour(0.76, 0.075, 350), Colour(0.90, 0.080, 75)),
    "dusk": (Colour(0.42, 0.095, 285), Colour(0.62, 0.115, 15), Colour(0.83, 0.125, 66)),
    "night": (Colour(0.19, 0.060, 272), Colour(0.26, 0.065, 264), Colour(0.36, 0.070, 252)),
}
"""Hour -> zenith, middle, horizon."""


def draw_sky(b: Brush) -> None:
    """The whole picture's light: zenith to horizon, the sun or moon, stars, long clouds."""
    zenith, middle, low = ramp(b)
    horizon = b.on_floor(0.0, 400.0)[1]
    span = b.bottom - b.top
    at = min(0.98, max(0.3, (horizon - b.top) / span))
    stops = ((0.0, zenith.rgba()), (0.55 * at, middle.rgba()), (at, low.rgba()), (1.0, low.rgba()))
    b.gradient(b.top, b.bottom, *stops)
    night = b.look.hour == "night"
    if b.look.weather == "clear":
        if night:
            _stars(b, horizon)
        _sun(b, horizon)
    heavy = b.look.weather in ("rain", "snow")
    tone = low.toward(middle, 0.5).lighter(-0.05) if heavy else low.lighter(0.03)
    for k in range(9 if heavy else 6):
        cx = b.left + (b.right - b.left) * float(b.chance.random())
        cy = horizon - float(b.chance.uniform(1.2, 5.5))
        wide = b.jitter(1.9 if heavy else 1.5, 0.6)
        b.canvas.fill(cloud(cx, cy, wide, wide * 0.16), tone.rgba(0.5))
        b.canvas.fill(cloud(cx + 0.3 * wide, cy + 0.10, wide * 0.7, wide * 0.10), tone.rgba(0.30 + 0.05 * k))


def ramp(b: Brush) -> tuple[Colour, Colour, Colour]:
    """Zenith, middle and horizon in this weather."""
    colours = _RAMPS[b.look.hour]
    if b.look.weather == "clear":
        return colours
    grey = {"rain": -0.10, "fog": -0.02, "snow": 0.02}[b.look.weather]
    zenith, middle, low = (c.toward(b.light.sky.lighter(grey), 0.72) for c in colours)
    return zenith.lighter(-0.05), middle, low


def _stars(b: Brush, horizon: float) -> None:
    for _ in range(70):
        x, y = float(b.chance.uniform(b.left, b.right)), horizon - float(b.chance.uniform(0.8, 9.0))
        size = b.jitter(0.016, 0.6)
        b.canvas.fill(ellipse(x, y, size, size), Colour(0.92, 0.02, 240).rgba(float(b.chance.uniform(0.3, 0.9))))


def _sun(b: Brush, horizon: float) -> None:
    rise = {"night": 4.0, "day": 4.6, "dusk": 0.75, "dawn": 0.9}[b.look.hour]
    size = {"night": 0.42, "day": 0.45, "dusk": 0.62, "dawn": 0.55}[b.look.hour]
    x, y = b.first.x + b.side * 3.6, horizon - rise
    b.glow(x, y, size * 9, b.light.key.lighter(0.04), 0.5 if b.look.hour in ("dusk", "dawn") else 0.3)
    b.canvas.fill(ellipse(x, y, size, size), b.light.key.lighter(0.06).rgba())


def draw_skyline(b: Brush, tallest: float = 4.6) -> None:
    """Towers to the horizon, some windows lit."""
    x, k = np.floor(b.left / 1.6) * 1.6, 0
    while x < b.right:
        wide, tall = b.jitter(1.3, 0.4), b.jitter(tallest, 0.4)
        b.block(x, -tall, x + wide, max(0.2, b.bottom), Colour(0.52, 0.03, 255).lighter(0.02 * (k % 3)), 0.6)
        for _ in range(6):
            wx, wy = x + float(b.chance.uniform(0.1, wide - 0.2)), -float(b.chance.uniform(0.6, tall - 0.3))
            if b.look.hour in ("night", "dusk"):
                b.canvas.fill(rectangle(wx, wy, wx + 0.09, wy + 0.14), LAMP.rgba(0.75))
        x, k = x + wide * 1.02, k + 1


def draw_hills(b: Brush) -> None:
    """Two ridges."""
    for k, (base, swing) in enumerate(((1.75, 0.42), (1.15, 0.34))):
        xs = np.linspace(b.left, b.right, 14)
        ys = -(base + swing * np.sin(0.62 * xs + 1.9 * k) + 0.4 * swing * np.sin(1.7 * xs + k))
        ridge = [*zip(xs, ys, strict=True), (b.right, 0.4), (b.left, 0.4)]
        b.canvas.fill(spline(ridge, corners=(0, 13, 14, 15)), b.lit(Colour(0.50, 0.06, 165).lighter(-0.06 * k)))


def draw_birds(b: Brush, time_s: float) -> None:
    """Three gulls far off, gliding and beating."""
    for k, (x, y, size) in enumerate(((-1.6, -3.3, 0.16), (-1.0, -3.6, 0.12), (1.9, -3.0, 0.14))):
        at = x + 0.22 * time_s + 0.1 * float(np.sin(0.7 * time_s + k))
        lift = size * (0.35 + 0.5 * float(np.sin(5.0 * time_s + 2.1 * k)) * float(np.sin(0.9 * time_s + k) > 0))
        wing = [(at - size, y - lift), (at - 0.4 * size, y - 0.35 * lift - 0.02), (at, y)]
        other = [(2 * at - px, py) for px, py in wing[::-1]]
        b.canvas.fill(ribbon([*wing, *other[1:]], [0.006, 0.022, 0.03, 0.022, 0.006]), b.dark(Colour(0.4, 0.03, 260)))


def haze(b: Brush, strength: float = 0.35) -> None:
    """Air between the layers: thick at the ground, none above."""
    low = ramp(b)[2]
    top = b.on_floor(0.0, 400.0)[1] - 1.6
    b.gradient(top, b.bottom, (0.0, low.rgba(0.0)), (0.45, low.rgba(strength)), (1.0, low.rgba(strength * 0.7)))


__all__ = ["draw_birds", "draw_hills", "draw_sky", "draw_skyline", "haze", "ramp"]
