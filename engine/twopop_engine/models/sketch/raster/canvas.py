"""A thin canvas over ThorVG's software renderer: arrays of points in, RGBA pixels out.

ThorVG was measured against Skia and Blend2D (docs/adr/drawing-library.md): as fast at what we draw, and its
wheel needs no system library, no particular Python and no compiler. We use the shared library out of the wheel
`thorvg-python` through its C interface, since passing whole paths as arrays is what keeps Python cheap.
"""

from __future__ import annotations

import ctypes as c
import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File

import numpy as np
import numpy.typing as npt

from twopop.errors import BackendError

from .shapes import Path

Rgba = tuple[int, int, int, int]
Pixels = npt.NDArray[np.uint8]
"""`(height, width, 4)` RGBA, alpha premultiplied."""

INSTALL = "pip install 'twopop[sketch]'"
_LOCK = threading.RLock()
"""The engine keeps global state: only one thread of a process may draw at a time."""


class RasterLibraryMissing(BackendError):
    """The drawing library, or something it links to, is not on this machine."""


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
IDENTITY = np.array([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)])
"""The view in pixels."""
IDENTITY.setflags(write=False)


class _Stop(c.Structure):
    _fields_ = [("offset", c.c_float), ("r", c.c_uint8), ("g", c.c_uint8), ("b", c.c_uint8), ("a", c.c_uint8)]


_P, _F, _U, _B, _I = c.c_void_p, c.c_float, c.c_uint32, c.c_uint8, c.c_int
_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "engine_init": (_I, (_U,)),
    "swcanvas_create": (_P, (_B,)),
    "swcanvas_set_target": (_I, (_P, _P, _U, _U, _U, _B)),
    "canvas_add": (_I, (_P, _P)),
    "canvas_remove": (_I, (_P, _P)),
    "canvas_draw": (_I, (_P, c.c_bool)),
    "canvas_sync": (_I, (_P,)),
    "canvas_destroy": (_I, (_P,)),
    "shape_new": (_P, ()),
    "shape_append_path": (_I, (_P, _P, _U, _P, _U)),
    "shape_set_fill_color": (_I, (_P, _B, _B, _B, _B)),
    "shape_set_fill_rule": (_I, (_P, _B)),
    "shape_set_gradient": (_I, (_P, _P)),
    "shape_set_stroke_width": (_I, (_P, _F)),
    "shape_set_stroke_color": (_I, (_P, _B, _B, _B, _B)),
    "shape_set_stroke_cap": (_I, (_P, _B)),
    "shape_set_stroke_join": (_I, (_P, _B)),
    "linear_gradient_new": (_P, ()),
    "linear_gradient_set": (_I, (_P, _F, _F, _F, _F)),
    "radial_gradient_new": (_P, ()),
    "radial_gradient_set": (_I, (_P, _F, _F, _F, _F, _F, _F)),
    "gradient_set_color_stops": (_I, (_P, c.POINTER(_Stop), _U)),
    "scene_new": (_P, ()),
    "scene_add": (_I, (_P, _P)),
    "scene_add_effect_gaussian_blur": (_I, (_P, c.c_double, _I, _I, _I)),
    "paint_set_clip": (_I, (_P, _P)),
    "paint_set_opacity": (_I, (_P, _B)),
    "paint_translate": (_I, (_P, _F, _F)),
    "picture_new": (_P, ()),
    "picture_load_raw": (_I, (_P, _P, _U, _U, _B, c.c_bool)),
}


def _library_file() -> File:
    spec = importlib.util.find_spec("thorvg_python")
    if spec is None or spec.origin is None:
        raise RasterLibraryMissing(f"Drawing needs the package thorvg-python. Run: {INSTALL}. Nothing was drawn.")
    name = {"win32": "thorvg-1.dll", "darwin": "libthorvg-1.dylib"}.get(sys.platform, "libthorvg-1.so")
    return File(spec.origin).parent / name


@lru_cache(maxsize=1)
def _library() -> c.CDLL:
    file = _library_file()
    try:
        library = c.CDLL(str(file))
    except OSError as error:
        need = " (on Debian and Ubuntu: apt-get install libstdc++6)" if sys.platform == "linux" else ""
        raise RasterLibraryMissing(
            f"The drawing library did not load: {error}. Install what it names{need}, "
            "or pip install --force-reinstall thorvg-python. Nothing was drawn."
        ) from error
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, f"tvg_{name}")
        function.restype, function.argtypes = result, arguments
    library.tvg_engine_init(0)  # no worker threads: the encoder has the other core
    return library


class Canvas:
    """Draws onto its own pixels, what is asked first lying lowest; `flush` makes it so.

    Coordinates pass through `view`, an affine map `(2, 3)` to pixels. Drawing does not clear: what the pixels held
    before stays underneath.

    Args:
        width: In pixels.
        height: In pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._tvg = _library()
        self.pixels: Pixels = np.zeros((height, width, 4), np.uint8)
        self.view = IDENTITY
        self._canvas = self._tvg.tvg_swcanvas_create(0)
        self._tvg.tvg_swcanvas_set_target(self._canvas, self.pixels.ctypes.data, width, width, height, 0)
        self._scenes: list[int] = []
        self._keep: list[object] = []  # arrays the engine reads until the flush

    def __del__(self) -> None:
        if getattr(self, "_canvas", None):
            with _LOCK:
                self._tvg.tvg_canvas_destroy(self._canvas)

    @property
    def scale(self) -> float:
        """Pixels a unit of the present view."""
        view = self.view
        return float(abs(view[0, 0] * view[1, 1] - view[0, 1] * view[1, 0])) ** 0.5

    def fill(self, path: Path, paint: Paint, *, even_odd: bool = False) -> None:
        """Fill a path with a colour or a gradient."""
        shape = self._shape(path)
        if isinstance(paint, tuple):
            self._tvg.tvg_shape_set_fill_color(shape, *paint)
        else:
            self._tvg.tvg_shape_set_gradient(shape, self._gradient(paint))
        if even_odd:
            self._tvg.tvg_shape_set_fill_rule(shape, 1)
        self._add(shape)

    def stroke(self, path: Path, colour: Rgba, width: float) -> None:
        """Draw a round-ended line of `width` (in the view's units) along a path."""
        shape = self._shape(path)
        self._tvg.tvg_shape_set_stroke_width(shape, width * self.scale)
        self._tvg.tvg_shape_set_stroke_color(shape, *colour)
        self._tvg.tvg_shape_set_stroke_cap(shape, 1)
        self._tvg.tvg_shape_set_stroke_join(shape, 1)
        self._add(shape)

    def picture(self, pixels: Pixels, x: int, y: int, opacity: float = 1.0) -> None:
        """Lay premultiplied RGBA pixels over what is there, their corner on pixel (x, y); the view does not matter."""
        height, width = pixels.shape[:2]
        source = np.ascontiguousarray(pixels)
        self._keep.append(source)
        picture = self._tvg.tvg_picture_new()
        self._tvg.tvg_picture_load_raw(picture, source.ctypes.data, width, height, 0, False)
        self._tvg.tvg_paint_translate(picture, float(x), float(y))
        if opacity < 1.0:
            self._tvg.tvg_paint_set_opacity(picture, round(255 * opacity))
        self._add(picture)

    @contextmanager
    def moved(self, matrix: npt.NDArray[np.float64]) -> Iterator[None]:
        """Draw in coordinates of your own: `matrix` `(2, 3)` maps them to the present ones."""
        before = self.view
        linear = before[:, :2]
        self.view = np.column_stack([linear @ matrix[:, :2], linear @ matrix[:, 2] + before[:, 2]])
        try:
            yield
        finally:
            self.view = before

    @contextmanager
    def group(self, *, clip: Path | None = None, blur: float = 0.0, opacity: float = 1.0) -> Iterator[None]:
        """What is drawn inside becomes one layer: cut out by `clip`, blurred (in the view's units), translucent."""
        scene = self._tvg.tvg_scene_new()
        clipper = self._shape(clip) if clip is not None else None
        sigma = blur * self.scale
        self._scenes.append(scene)
        try:
            yield
        finally:
            self._scenes.pop()
            if clipper is not None:
                self._tvg.tvg_shape_set_fill_color(clipper, 255, 255, 255, 255)
                self._tvg.tvg_paint_set_clip(scene, clipper)
            if sigma > 0.3:
                self._tvg.tvg_scene_add_effect_gaussian_blur(scene, sigma, 0, 0, 60)
            if opacity < 1.0:
                self._tvg.tvg_paint_set_opacity(scene, round(255 * opacity))
            self._add(scene)

    def flush(self) -> Pixels:
        """Draw everything asked since the last flush and return the pixels (a view, not a copy)."""
        with _LOCK:
            self._tvg.tvg_canvas_draw(self._canvas, False)
            self._tvg.tvg_canvas_sync(self._canvas)
            self._tvg.tvg_canvas_remove(self._canvas, None)
        self._keep.clear()
        return self.pixels

    def _add(self, paint: int) -> None:
        if self._scenes:
            self._tvg.tvg_scene_add(self._scenes[-1], paint)
        else:
            self._tvg.tvg_canvas_add(self._canvas, paint)

    def _shape(self, path: Path) -> int:
        points = (path.points @ self.view[:, :2].T + self.view[:, 2]).astype(np.float32)
        shape = self._tvg.tvg_shape_new()
        commands = path.commands
        self._tvg.tvg_shape_append_path(shape, _address(commands), len(commands), _address(points), len(points))
        return shape

    def _gradient(self, paint: Linear | Radial) -> int:
        linear, shift = self.view[:, :2], self.view[:, 2]
        if isinstance(paint, Linear):
            gradient = self._tvg.tvg_linear_gradient_new()
            start, end = linear @ paint.start + shift, linear @ paint.end + shift
            self._tvg.tvg_linear_gradient_set(gradient, *start, *end)
        else:
            gradient = self._tvg.tvg_radial_gradient_new()
            x, y = linear @ paint.centre + shift
            self._tvg.tvg_radial_gradient_set(gradient, x, y, paint.radius * self.scale, x, y, 0.0)
        stops = (_Stop * len(paint.stops))(*(_Stop(offset, *colour) for offset, colour in paint.stops))
        self._tvg.tvg_gradient_set_color_stops(gradient, stops, len(stops))
        return gradient


def _address(array: npt.NDArray[np.generic]) -> int:
    return array.__array_interface__["data"][0]  # three times faster than .ctypes


def affine(scale: float, x: float, y: float, turn: float = 0.0, mirror: bool = False) -> npt.NDArray[np.float64]:
    """The `(2, 3)` map that scales (mirrors left to right), turns clockwise by `turn` radians, then moves to (x, y)."""
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    flip = -1.0 if mirror else 1.0
    return np.array([(cos * flip, -sin, x), (sin * flip, cos, y)])
