"""A thin canvas over ThorVG's software renderer: arrays of points in, RGBA pixels out.

ThorVG was measured against Skia and Blend2D (docs/adr/drawing-library.md): as fast at what we draw, and its
wheel needs no system library, no particular Python and no compiler. We use the shared library out of the wheel
`thorvg-python` through its C interface, since passing whole paths as arrays is what keeps Python cheap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

import numpy as np

from .library import LOCK, library
from .shapes import Path
from .steps import (
    Fill,
    Linear,
    Open,
    Paint,
    Picture,
    Pixels,
    Radial,
    Replay,
    Rgba,
    Shut,
    Step,
    Stroke,
    View,
    address,
    placed,
)
from .video import Words, video_colour

_LINE: Rgba = (34, 33, 38, 225)
"""Of a storyboard's contours."""
IDENTITY = View(1 + 0j, 0j, 0j)
"""Pixels."""


class Canvas:
    """Draws onto its own pixels, what is asked first lying lowest; `flush` makes it so.

    Coordinates pass through `view` to pixels. Drawing does not clear: what the pixels held before stays underneath.
    What is asked is only noted until the flush, which works out all curves together.

    Args:
        width: In pixels.
        height: In pixels.
        ink: Draw like a storyboard: tones of graphite, a contour around every form, nothing out of focus.
        video: Draw in Y, U, V (see `video`) instead of R, G, B.
    """

    def __init__(self, width: int, height: int, *, ink: bool = False, video: bool = False) -> None:
        self._ink, self._video, self._clips = ink, video, 0
        self._tvg = library()
        self.pixels: Pixels = np.zeros((height, width, 4), np.uint8)
        self.words: Words = self.pixels.view(np.uint32)[..., 0]
        """The pixels, each in one number."""
        self.view = IDENTITY
        self._canvas = self._tvg.tvg_swcanvas_create(0)
        self._target()
        self._steps: list[Step] = []

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
        self._steps.append(Fill(path, self.view, self._toned(paint), even_odd))
        if self._ink and self._clips == 0 and isinstance(paint, tuple) and paint[3] == 255:  # no shadow on a form
            line = max(0.8, 0.0024 * self.pixels.shape[0]) / self.view.scale
            self._steps.append(Stroke(path, self.view, video_colour(_LINE) if self._video else _LINE, line))

    def stroke(self, path: Path, colour: Rgba, width: float) -> None:
        """Draw a round-ended line of `width` (in the view's units) along a path."""
        self._steps.append(Stroke(path, self.view, self._tone(colour), width))

    def picture(self, pixels: Pixels, x: int, y: int, size: tuple[int, int] | None = None) -> None:
        """Lay pixels like the canvas's own over what is there, their corner on pixel (x, y); the view does not matter.

        With a `size` (width, height) they are scaled to it, bilinear: slow, 20 ms for a 1080p frame.
        """
        self._steps.append(Picture(np.ascontiguousarray(pixels), x, y, size))

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
        self._steps.append(Open(clip, self.view))
        self._clips += clip is not None
        yield
        self._clips -= clip is not None
        self._steps.append(Shut(0.0 if self._ink else blur * self.view.scale))

    def cel(self, slot: Hashable, key: Hashable, draw: Callable[[], None]) -> None:
        """A part of a picture; canvases that draw frame after frame keep it (`cels`)."""
        draw()

    def flush(self) -> Pixels:
        """Draw everything asked since the last flush and return the pixels (a view, not a copy)."""
        steps, self._steps = self._steps, []
        paths = placed(steps)  # kept until all is drawn
        with LOCK:
            Replay(self._tvg, self._canvas).run(steps, iter(paths.spots))
            self._drawn()
        return self.pixels

    def _target(self) -> None:
        height, width = self.pixels.shape[:2]
        self._tvg.tvg_swcanvas_set_target(self._canvas, address(self.pixels), width, width, height, 0)

    def _drawn(self) -> None:
        self._tvg.tvg_canvas_draw(self._canvas, False)
        self._tvg.tvg_canvas_sync(self._canvas)
        self._tvg.tvg_canvas_remove(self._canvas, None)

    def _tone(self, colour: Rgba) -> Rgba:
        colour = _grey(colour) if self._ink else colour
        return video_colour(colour) if self._video else colour

    def _toned(self, paint: Paint) -> Paint:
        if not self._ink and not self._video:
            return paint
        if isinstance(paint, tuple):
            return self._tone(paint)
        return replace(paint, stops=tuple((offset, self._tone(colour)) for offset, colour in paint.stops))


@lru_cache(maxsize=4096)
def _grey(colour: Rgba) -> Rgba:
    """A colour as a tone on warm paper."""
    r, g, b, alpha = colour
    tone = 0.14 + 0.84 * ((54 * r + 183 * g + 19 * b) / 65280) ** 0.72
    return round(252 * tone), round(247 * tone), round(236 * tone), alpha


def affine(scale: float, x: float, y: float, turn: float = 0.0, mirror: bool = False) -> View:
    """The map that scales (mirrors left to right), turns clockwise by `turn` radians, then moves to (x, y)."""
    spin = scale * complex(math.cos(turn), math.sin(turn))
    return View(0j, -spin, complex(x, y)) if mirror else View(spin, 0j, complex(x, y))


__all__ = ["IDENTITY", "Canvas", "Linear", "Paint", "Pixels", "Radial", "Rgba", "View", "affine"]
