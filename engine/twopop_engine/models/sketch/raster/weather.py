"""Rain and snow before the lens, and fog between: drawn anew each frame as a function of stage time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .canvas import Canvas, Linear
from .palette import Colour, Light
from .shapes import Path, rectangle

_DROPS, _FLAKES = 240, 130


def draw_weather(canvas: Canvas, kind: str, light: Light, size: tuple[int, int], time_s: float) -> None:
    """Lay the weather over a frame; the canvas must be in pixels."""
    width, height = size
    if kind == "rain":
        canvas.fill(_rain(width, height, time_s), _streak(light).rgba(0.42))
    elif kind == "snow":
        for size_share, speed, alpha in ((0.0028, 0.13, 0.65), (0.0058, 0.22, 0.85)):
            canvas.fill(
                _snow(width, height, time_s, size_share, speed), light.sky.lighter(0.35)._replace(c=0.01).rgba(alpha)
            )
    elif kind == "fog":
        veil = light.sky.lighter(0.03)
        stops = ((0.0, veil.rgba(0.05)), (0.6, veil.rgba(0.22)), (1.0, veil.rgba(0.38)))
        canvas.fill(rectangle(0, 0, width, height), Linear((0, 0), (0, height), stops))


def _streak(light: Light) -> Colour:
    """Drops catch the light: at night they are seen against the dark, by day they are a little paler than the sky."""
    lightness = max(0.66, min(0.95, light.sky.l + 0.14))
    return Colour(lightness, min(0.03, light.sky.c), light.sky.h)


@lru_cache(maxsize=4)
def _scatter(count: int, seed: int) -> npt.NDArray[np.float64]:
    """Where drops start, how fast they are and how near: `(count, 4)` in 0..1."""
    return np.random.Generator(np.random.Philox(seed)).random((count, 4))


def _rain(width: int, height: int, time_s: float) -> Path:
    place = _scatter(_DROPS, 11)
    near = 0.5 + place[:, 3]
    fall = (place[:, 1] + time_s * (1.5 + place[:, 2]) * near) % 1.0
    x = ((place[:, 0] + 0.12 * fall) * 1.2 - 0.15) * width
    y = (fall * 1.3 - 0.15) * height
    long, thick = 0.055 * near * height, 0.0020 * near * height
    corners = np.stack(
        [
            np.column_stack([x, y]),
            np.column_stack([x + thick, y]),
            np.column_stack([x + thick + 0.16 * long, y + long]),
            np.column_stack([x + 0.16 * long, y + long]),
        ],
        axis=1,
    )
    return _pieces(corners)


def _snow(width: int, height: int, time_s: float, size_share: float, speed: float) -> Path:
    place = _scatter(_FLAKES, 13)
    fall = (place[:, 1] + time_s * speed * (0.7 + 0.6 * place[:, 2])) % 1.0
    sway = 0.02 * np.sin(1.7 * time_s + 12 * place[:, 2])
    x = ((place[:, 0] + sway + 0.05 * fall) % 1.0) * 1.1 * width - 0.05 * width
    y = (fall * 1.1 - 0.05) * height
    radius = size_share * height * (0.7 + 0.7 * place[:, 3])
    angles = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    return _pieces(np.column_stack([x, y])[:, None] + ring[None] * radius[:, None, None])


def _pieces(corners: npt.NDArray[np.float64]) -> Path:
    """Many small polygons as one path: `(pieces, corners, 2)`."""
    pieces, count, _ = corners.shape
    commands = np.tile(np.array([1, *[2] * (count - 1), 0], np.uint8), pieces)
    return Path(commands, np.ascontiguousarray(corners).view(np.complex128).reshape(-1))
