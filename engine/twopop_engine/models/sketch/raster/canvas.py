"""A thin canvas over ThorVG's software renderer: arrays of points in, RGBA pixels out.

ThorVG was measured against Skia and Blend2D (docs/adr/drawing-library.md): as fast at what we draw, and its
wheel needs no system library, no particular Python and no compiler. We use the shared library out of the wheel
`thorvg-python` through its C interface, since passing whole paths as arrays is what keeps Python cheap.
"""

from __future__ import annotations

import ctypes as c
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .library import LOCK, Stop, library
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


_LINE: Rgba = (34, 33, 38, 225)
"""Of a storyboard's contours."""
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


IDENTITY = View(1 + 0j, 0j, 0j)
"""Pixels."""


class _Fill(NamedTuple):
    path: Path
    view: View
    paint: Paint
    even_odd: bool


class _Stroke(NamedTuple):
    path: Path
    view: View
    colour: Rgba
    width: float


class _Picture(NamedTuple):
    pixels: Pixels
    x: int
    y: int
    size: tuple[int, int] | None


class _Open(NamedTuple):
    path: Path | None
    view: View


class _Shut(NamedTuple):
    blur: float


_Step = _Fill | _Stroke | _Picture | _Open | _Shut


class Canvas:
    """Draws onto its own pixels, what is asked first lying lowest; `flush` makes it so.

    Coordinates pass through `view` to pixels. Drawing does not clear: what the pixels held before stays underneath.
    What is asked is only noted until the flush, which works out all curves together.

    Args:
        width: In pixels.
        height: In pixels.
        ink: Draw like a storyboard: tones of graphite, a contour around every form, nothing out of focus.
    """

    def __init__(self, width: int, height: int, *, ink: bool = False) -> None:
        self._ink, self._clips = ink, 0
        self._tvg = library()
        self.pixels: Pixels = np.zeros((height, width, 4), np.uint8)
        self.view = IDENTITY
        self._canvas = self._tvg.tvg_swcanvas_create(0)
        self._tvg.tvg_swcanvas_set_target(self._canvas, self.pixels.ctypes.data, width, width, height, 0)
        self._steps: list[_Step] = []

    def __del__(self) -> None:
        if getattr(self, "_canvas", None):
            with LOCK:
                self._tvg.tvg_canvas_destroy(self._canvas)

    @property
    def scale(self) -> float:
        """Pixels a unit of the present view."""
        return self.view.scale

    def fill(self, path: Path, paint: Paint, *, even_odd: bool = False) -> None:
        """Fill a path with a colour or a gradient."""
        if not self._ink:
            self._steps.append(_Fill(path, self.view, paint, even_odd))
            return
        tone = _graphite(paint)
        self._steps.append(_Fill(path, self.view, tone, even_odd))
        if self._clips == 0 and isinstance(tone, tuple) and tone[3] == 255:  # a form, not a shadow on one
            line = max(0.8, 0.0024 * self.pixels.shape[0]) / self.view.scale
            self._steps.append(_Stroke(path, self.view, _LINE, line))

    def stroke(self, path: Path, colour: Rgba, width: float) -> None:
        """Draw a round-ended line of `width` (in the view's units) along a path."""
        self._steps.append(_Stroke(path, self.view, _grey(colour) if self._ink else colour, width))

    def picture(self, pixels: Pixels, x: int, y: int, size: tuple[int, int] | None = None) -> None:
        """Lay premultiplied RGBA pixels over what is there, their corner on pixel (x, y); the view does not matter.

        With a `size` (width, height) they are scaled to it, bilinear: slow, 20 ms for a 1080p frame.
        """
        self._steps.append(_Picture(np.ascontiguousarray(pixels), x, y, size))

    @contextmanager
    def moved(self, inner: View) -> Iterator[None]:
        """Draw in coordinates of your own: `inner` maps them to the present ones."""
        before, self.view = self.view, self.view.after(inner)
        try:
            yield
        finally:
            self.view = before

    @contextmanager
    def group(self, *, clip: Path | None = None, blur: float = 0.0) -> Iterator[None]:
        """What is drawn inside becomes one layer: cut out by `clip`, blurred (in the view's units)."""
        self._steps.append(_Open(clip, self.view))
        self._clips += clip is not None
        yield
        self._clips -= clip is not None
        self._steps.append(_Shut(0.0 if self._ink else blur * self.view.scale))

    def flush(self) -> Pixels:
        """Draw everything asked since the last flush and return the pixels (a view, not a copy)."""
        steps, self._steps = self._steps, []
        places = _Places(
            [step for step in steps if isinstance(step, _Fill | _Stroke | _Open) and step.path is not None]
        )
        with LOCK:
            _Replay(self._tvg, self._canvas, places).run(steps)
            self._tvg.tvg_canvas_draw(self._canvas, False)
            self._tvg.tvg_canvas_sync(self._canvas)
            self._tvg.tvg_canvas_remove(self._canvas, None)
        return self.pixels


class _Places:
    """All points of a flush in pixels, one after another, handed out path by path."""

    def __init__(self, steps: Sequence[_Fill | _Stroke | _Open]) -> None:
        paths = [step.path for step in steps if step.path is not None]
        resolve(paths)
        self._counts = [len(path.z) for path in paths]
        self._next = 0
        if not paths:
            return
        z = np.concatenate([path.z for path in paths])
        a, c, t = (np.repeat(np.array(part), self._counts) for part in zip(*(step.view for step in steps), strict=True))
        self._points = (a * z + c * z.conj() + t).astype(np.complex64)
        self._address = _address(self._points)

    def take(self) -> tuple[int, int]:
        """Address and number of the next path's points."""
        count = self._counts[self._next]
        address = self._address
        self._address += 8 * count
        self._next += 1
        return address, count


class _Replay:
    """Turns steps into the engine's objects."""

    def __init__(self, tvg: c.CDLL, canvas: int, places: _Places) -> None:
        self._tvg, self._canvas, self._places = tvg, canvas, places
        self._scenes: list[tuple[int, int | None]] = []

    def run(self, steps: Sequence[_Step]) -> None:
        """Add everything to the canvas, in order."""
        for step in steps:
            match step:
                case _Fill():
                    self._add(self._filled(step))
                case _Stroke():
                    self._add(self._stroked(step))
                case _Picture():
                    self._add(self._pictured(step))
                case _Open():
                    clip = self._shape(step.path) if step.path is not None else None
                    self._scenes.append((self._tvg.tvg_scene_new(), clip))
                case _Shut():
                    self._close(step)

    def _add(self, paint: int) -> None:
        if self._scenes:
            self._tvg.tvg_scene_add(self._scenes[-1][0], paint)
        else:
            self._tvg.tvg_canvas_add(self._canvas, paint)

    def _shape(self, path: Path) -> int:
        shape = self._tvg.tvg_shape_new()
        commands = path.commands
        self._tvg.tvg_shape_append_path(shape, _address(commands), len(commands), *self._places.take())
        return shape

    def _filled(self, step: _Fill) -> int:
        shape = self._shape(step.path)
        if isinstance(step.paint, tuple):
            self._tvg.tvg_shape_set_fill_color(shape, *step.paint)
        else:
            self._tvg.tvg_shape_set_gradient(shape, self._gradient(step.paint, step.view))
        if step.even_odd:
            self._tvg.tvg_shape_set_fill_rule(shape, 1)
        return shape

    def _stroked(self, step: _Stroke) -> int:
        shape = self._shape(step.path)
        self._tvg.tvg_shape_set_stroke_width(shape, step.width * step.view.scale)
        self._tvg.tvg_shape_set_stroke_color(shape, *step.colour)
        self._tvg.tvg_shape_set_stroke_cap(shape, 1)
        self._tvg.tvg_shape_set_stroke_join(shape, 1)
        return shape

    def _pictured(self, step: _Picture) -> int:
        height, width = step.pixels.shape[:2]
        picture = self._tvg.tvg_picture_new()
        self._tvg.tvg_picture_load_raw(picture, _address(step.pixels), width, height, 0, False)
        if step.size is not None:
            self._tvg.tvg_picture_set_size(picture, float(step.size[0]), float(step.size[1]))
        self._tvg.tvg_paint_translate(picture, float(step.x), float(step.y))
        return picture

    def _close(self, step: _Shut) -> None:
        scene, clip = self._scenes.pop()
        if clip is not None:
            self._tvg.tvg_shape_set_fill_color(clip, 255, 255, 255, 255)
            self._tvg.tvg_paint_set_clip(scene, clip)
        if step.blur > 0.3:
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


def _graphite(paint: Paint) -> Paint:
    if isinstance(paint, tuple):
        return _grey(paint)
    return replace(paint, stops=tuple((offset, _grey(colour)) for offset, colour in paint.stops))


@lru_cache(maxsize=4096)
def _grey(colour: Rgba) -> Rgba:
    """A colour as a tone on warm paper."""
    r, g, b, alpha = colour
    tone = 0.14 + 0.84 * ((54 * r + 183 * g + 19 * b) / 65280) ** 0.72
    return round(252 * tone), round(247 * tone), round(236 * tone), alpha


def _address(array: npt.NDArray[np.generic]) -> int:
    return array.__array_interface__["data"][0]  # three times faster than .ctypes


def affine(scale: float, x: float, y: float, turn: float = 0.0, mirror: bool = False) -> View:
    """The map that scales (mirrors left to right), turns clockwise by `turn` radians, then moves to (x, y)."""
    spin = scale * complex(math.cos(turn), math.sin(turn))
    return View(0j, -spin, complex(x, y)) if mirror else View(spin, 0j, complex(x, y))
