"""Grading of a backdrop by the rules of value and palette: apart from the faces in lightness, quieter in colour.

A grade is decided once per shot on a thumbnail of its backdrop, so that every size and every later camera of the
shot gets the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .camera import Camera
from .canvas import Pixels
from .palette import oklab

APART = 0.23
"""How far a face and what is behind it are brought apart in OKLab lightness."""
QUIET = 0.42
"""Chroma of a place against that of its people."""

Curve = npt.NDArray[np.uint8]
"""A tone curve, `(256,)`."""


@dataclass(frozen=True, slots=True)
class Head:
    """A head on the stage: its centre in metres (y down), depth, half height, the lightness of its lit skin."""

    x: float
    y: float
    z: float
    unit: float
    lightness: float

    def spot(
        self, camera: Camera, size: tuple[int, int], shift: tuple[int, int] = (0, 0)
    ) -> tuple[float, float, float]:
        """Its centre and half height in pixels of a picture."""
        view = camera.plane(self.z, size)
        x, y = view[:, :2] @ (self.x, self.y) + view[:, 2]
        return float(x) + shift[0], float(y) + shift[1], self.unit * float(np.hypot(*view[:, 0]))


@dataclass(frozen=True, slots=True)
class Grade:
    """What to do to a backdrop: a curve for all of it, how much colour layers keep, a curve around heads."""

    curve: Curve | None = None
    keep_far: float = 1.0
    keep_near: float = 1.0
    pools: tuple[tuple[Head, Curve], ...] = ()


def decide(
    far: Pixels, near: Pixels | None, camera: Camera, heads: Sequence[Head], chroma: float, span: tuple[float, float]
) -> Grade:
    """Find the grade of a shot.

    Args:
        far: Thumbnail of the opaque layers, changed in place.
        near: Of the layers in front of those, with alpha.
        camera: Both were drawn for.
        heads: Who will stand before them.
        chroma: Of the people.
        span: Least and greatest lightness the backdrop may get.
    """
    size = (far.shape[1], far.shape[0])
    spots = [head.spot(camera, size) for head in heads]
    behind = [_behind(far, spot) for spot in spots]
    curve = None
    if any(abs(value - head.lightness) < APART for value, head in zip(behind, heads, strict=True)):
        middle = float(np.median(behind))
        curve = _curve(middle, _target(middle, heads, span))
        _apply(far, curve)
    keep = _kept(far, QUIET * chroma)
    hush(far, keep)
    pools: list[tuple[Head, Curve]] = []
    for head, spot in zip(heads, spots, strict=True):
        value = _behind(far, spot)
        if abs(value - head.lightness) < APART:
            pools.append((head, _curve(value, _target(value, [head], span))))
    return Grade(curve, keep, 1.0 if near is None else _kept(near, 1.5 * QUIET * chroma), tuple(pools))


def apply_grade(pixels: Pixels, grade: Grade, camera: Camera, size: tuple[int, int], pad: tuple[int, int]) -> None:
    """Grade opaque layers drawn with a margin of `pad` around a picture of `size`, in place."""
    if grade.curve is not None:
        _apply(pixels, grade.curve)
    hush(pixels, grade.keep_far)
    for head, curve in grade.pools:
        _pool(pixels, head.spot(camera, size, pad), curve)


def hush(pixels: Pixels, keep: float) -> None:
    """Leave only a share of the colour, in place."""
    if keep >= 1.0:
        return
    grey = (pixels[..., :3] @ np.array((54, 183, 19), np.uint32) >> 8).astype(np.int32)
    for channel in range(3):
        pixels[..., channel] = grey + ((pixels[..., channel] - grey) * round(256 * keep) >> 8)


def wash(pixels: Pixels, keep: float) -> None:
    """Thin the tones towards the paper, in place; alpha is premultiplied."""
    paper = pixels[..., 3].astype(np.int32) * 62 >> 6
    for channel in range(3):
        pixels[..., channel] = np.clip(paper - ((paper - pixels[..., channel]) * round(256 * keep) >> 8), 0, 255)


def _kept(pixels: Pixels, limit: float) -> float:
    """The share of colour that brings the mean chroma down to a limit."""
    lab = oklab(pixels[pixels[..., 3] > 200][..., :3])
    mean = float(np.hypot(lab[..., 1], lab[..., 2]).mean()) if len(lab) else 0.0
    return 1.0 if mean <= limit else max(0.3, limit / mean)


def _behind(pixels: Pixels, spot: tuple[float, float, float]) -> float:
    """Median lightness around a head."""
    height, width = pixels.shape[:2]
    x, y, unit = spot
    top, bottom = (int(np.clip(v, 0, height)) for v in (y - 1.9 * unit, y + 0.6 * unit))
    left, right = (int(np.clip(v, 0, width)) for v in (x - 1.9 * unit, x + 1.9 * unit))
    box = pixels[top:bottom, left:right, :3]
    return float(np.median(oklab(box)[..., 0])) if box.size else 0.5


def _target(present: float, heads: Sequence[Head], span: tuple[float, float]) -> float:
    """The nearest lightness that is apart from every face, else the one farthest from the nearest face."""
    gaps = {float(v): min(abs(v - head.lightness) for head in heads) for v in np.arange(*span, 0.02)}
    apart = [value for value, gap in gaps.items() if gap >= APART]
    return min(apart, key=lambda value: abs(value - present)) if apart else max(gaps, key=lambda value: gaps[value])


def _curve(present: float, wanted: float) -> Curve:
    """A tone curve that brings one lightness to another.

    OKLab lightness of a grey is the cube root of its light, so a power in one is nearly a power in the other.
    """
    power = float(np.clip(np.log(wanted) / np.log(min(0.97, max(0.05, present))), 0.35, 2.8))
    return np.round(255 * (np.arange(256) / 255) ** power).astype(np.uint8)


def _apply(pixels: Pixels, curve: Curve) -> None:
    for channel in range(3):
        pixels[..., channel] = curve[pixels[..., channel]]


def _pool(pixels: Pixels, spot: tuple[float, float, float], curve: Curve) -> None:
    """The curve around a head only, fading out: a pool of light, or of shade."""
    height, width = pixels.shape[:2]
    x, y, unit = spot
    top, bottom = (int(np.clip(v, 0, height)) for v in (y - 6.5 * unit, y + 6.5 * unit))
    left, right = (int(np.clip(v, 0, width)) for v in (x - 6.5 * unit, x + 6.5 * unit))
    down = np.exp(-(((np.arange(top, bottom) - y) / (3.2 * unit)) ** 2))[:, None]
    across = np.exp(-(((np.arange(left, right) - x) / (3.2 * unit)) ** 2))[None, :]
    share = np.round(256 * down * across).astype(np.int32)
    for channel in range(3):
        box = pixels[top:bottom, left:right, channel]
        box[...] = box + ((curve[box].astype(np.int32) - box) * share >> 8)
