"""What a canvas notes before it draws: paints, views, steps; and how steps become the engine's objects."""

from __future__ import annotations

import ctypes as c
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .library import Stop
from .shapes import Path, resolve

Rgba = tuple[int, int, int, int]
Pixels = npt.NDArray[np.uint8]
"""`(height, width, 4)` RGBA, alpha premultiplied."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Colours from one point to another: `stops` are (offset 0..1, colour)."""

    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[tuple[float, Rgba], ...]


@dataclass(frozen=True, slots=True)
class Radial:
    """Colours from a centre outwards."""

    centre: tuple[float, float]
    radius: float
    stops: tuple[tuple[float, Rgba], ...]


Paint = Rgba | Linear | Radial


class View(NamedTuple):
    """An affine map of the plane in complex numbers: z becomes a z + c conj(z) + t."""

    a: complex
    c: complex
    t: complex

    @classmethod
    def of(cls, matrix: npt.NDArray[np.float64]) -> View:
        """From a `(2, 3)` matrix."""
        (xx, xy, x), (yx, yy, y) = matrix.tolist()
        return cls(complex(xx + yy, yx - xy) / 2, complex(xx - yy, yx + xy) / 2, complex(x, y))

    @property
    def scale(self) -> float:
        """Length of what was one."""
        return abs(abs(self.a) ** 2 - abs(self.c) ** 2) ** 0.5

    def after(self, inner: View) -> View:
        """The map that does `inner` first."""
        a, c, t = inner
        return View(
            self.a * a + self.c * c.conjugate(),
            self.a * c + self.c * a.conjugate(),
            self.a * t + self.c * t.conjugate() + self.t,
        )

    def __call__(self, x: float, y: float) -> complex:
        """Where a point comes to lie."""
        z = complex(x, y)
        return self.a * z + self.c * z.conjugate() + self.t


class Fill(NamedTuple):
    """A path filled."""

    path: Path
    view: View
    paint: Paint
    even_odd: bool


class Stroke(NamedTuple):
    """A line along a path, `width` in the view's units."""

    path: Path
    view: View
    colour: Rgba
    width: float


class Picture(NamedTuple):
    """Pixels laid on."""

    pixels: Pixels
    x: int
    y: int
    size: tuple[int, int] | None


class Open(NamedTuple):
    """A group begins, cut out by `path`."""

    path: Path | None
    view: View


class Shut(NamedTuple):
    """The innermost group ends; `blur` in pixels."""

    blur: float


Step = Fill | Stroke | Picture | Open | Shut
_ALONG = (Fill, Stroke, Open)


_LEAST_BLUR = 1.1
"""In pixels; what is softer by less is as soft as its edges are anyway, and a blur costs 30 ns a pixel."""


Spot = tuple[int, int, int, int]
"""Where a path's commands and its points are: address and number of each."""


class Placed(NamedTuple):
    """All paths of some steps one after another, points in pixels. The arrays must be kept as long as the spots."""

    points: npt.NDArray[np.complex64]
    commands: npt.NDArray[np.uint8]
    spots: list[Spot]


def placed(steps: Sequence[Step]) -> Placed:
    """Works out where the paths of some steps come to lie."""
    drawn = [step for step in steps if type(step) is Fill or (isinstance(step, _ALONG) and step.path is not None)]
    if not drawn:
        return Placed(np.zeros(0, np.complex64), np.zeros(0, np.uint8), [])
    paths = [step.path for step in drawn if step.path is not None]
    resolve(paths)
    own = [path.z for path in paths]
    z = np.concatenate(own)
    commands = np.concatenate([path.commands for path in paths])
    counts = np.fromiter(map(len, own), np.int64, len(paths))
    lengths = np.fromiter((len(path.commands) for path in paths), np.int64, len(paths))
    views = np.fromiter(chain.from_iterable([step.view for step in drawn]), np.complex128, 3 * len(drawn))
    a, c, t = np.repeat(views.reshape(-1, 3).T, counts, axis=1)
    points = (a * z + c * z.conj() + t).astype(np.complex64)
    starts = address(points) + 8 * (np.cumsum(counts) - counts)
    begins = address(commands) + np.cumsum(lengths) - lengths
    columns = (begins.tolist(), lengths.tolist(), starts.tolist(), counts.tolist())
    return Placed(points, commands, list(zip(*columns, strict=True)))


class Replay:
    """Turns steps into the engine's objects."""

    def __init__(self, tvg: c.CDLL, canvas: int) -> None:
        self._tvg, self._canvas = tvg, canvas
        self._spots: Iterator[Spot] = iter(())
        self._scenes: list[tuple[int, int | None]] = []

    def run(self, steps: Iterable[Step], spots: Iterator[Spot]) -> None:
        """Add everything to the canvas, in order; `spots` are those of its paths."""
        self._spots = spots
        for step in steps:
            match step:
                case Fill():
                    self._add(self._filled(step))
                case Stroke():
                    self._add(self._stroked(step))
                case Picture():
                    self._add(self._pictured(step))
                case Open():
                    clip = self._shape() if step.path is not None else None
                    self._scenes.append((self._tvg.tvg_scene_new(), clip))
                case Shut():
                    self._close(step)

    def _add(self, paint: int) -> None:
        if self._scenes:
            self._tvg.tvg_scene_add(self._scenes[-1][0], paint)
        else:
            self._tvg.tvg_canvas_add(self._canvas, paint)

    def _shape(self) -> int:
        shape = self._tvg.tvg_shape_new()
        self._tvg.tvg_shape_append_path(shape, *next(self._spots))
        return shape

    def _filled(self, step: Fill) -> int:
        shape = self._shape()
        if isinstance(step.paint, tuple):
            self._tvg.tvg_shape_set_fill_color(shape, *step.paint)
        else:
            self._tvg.tvg_shape_set_gradient(shape, self._gradient(step.paint, step.view))
        if step.even_odd:
            self._tvg.tvg_shape_set_fill_rule(shape, 1)
        return shape

    def _stroked(self, step: Stroke) -> int:
        shape = self._shape()
        self._tvg.tvg_shape_set_stroke_width(shape, step.width * step.view.scale)
        self._tvg.tvg_shape_set_stroke_color(shape, *step.colour)
        self._tvg.tvg_shape_set_stroke_cap(shape, 1)
        self._tvg.tvg_shape_set_stroke_join(shape, 1)
        return shape

    def _pictured(self, step: Picture) -> int:
        height, width = step.pixels.shape[:2]
        picture = self._tvg.tvg_picture_new()
        self._tvg.tvg_picture_load_raw(picture, address(step.pixels), width, height, 0, False)
        if step.size is not None:
            self._tvg.tvg_picture_set_size(picture, float(step.size[0]), float(step.size[1]))
        self._tvg.tvg_paint_translate(picture, float(step.x), float(step.y))
        return picture

    def _close(self, step: Shut) -> None:
        scene, clip = self._scenes.pop()
        if clip is not None:
            self._tvg.tvg_shape_set_fill_color(clip, 255, 255, 255, 255)
            self._tvg.tvg_paint_set_clip(scene, clip)
        if step.blur > _LEAST_BLUR:
            self._tvg.tvg_scene_add_effect_gaussian_blur(scene, step.blur, 0, 0, 60)
        self._add(scene)

    def _gradient(self, paint: Linear | Radial, view: View) -> int:
        if isinstance(paint, Linear):
            gradient = self._tvg.tvg_linear_gradient_new()
            start, end = view(*paint.start), view(*paint.end)
            self._tvg.tvg_linear_gradient_set(gradient, start.real, start.imag, end.real, end.imag)
        else:
            gradient = self._tvg.tvg_radial_gradient_new()
            at = view(*paint.centre)
            self._tvg.tvg_radial_gradient_set(
                gradient, at.real, at.imag, paint.radius * view.scale, at.real, at.imag, 0.0
            )
        stops = (Stop * len(paint.stops))(*(Stop(offset, *colour) for offset, colour in paint.stops))
        self._tvg.tvg_gradient_set_color_stops(gradient, stops, len(stops))
        return gradient


def address(array: npt.NDArray[np.generic]) -> int:
    """Where an array is."""
    return array.__array_interface__["data"][0]  # three times faster than .ctypes
