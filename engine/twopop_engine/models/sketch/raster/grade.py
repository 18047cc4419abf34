"""Grading of a backdrop by the rules of value and palette: apart from the faces in lightness, quieter in colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .canvas import Pixels
from .palette import oklab

APART = 0.23
"""How far a face and what is behind it are brought apart in OKLab lightness."""
QUIET = 0.6
"""Chroma of a place against that of its people."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A head in the picture: its centre and half height in pixels, the lightness of its lit skin."""

    x: float
    y: float
    unit: float
    lightness: float


def grade(pixels: Pixels, spots: Sequence[Spot], chroma: float, span: tuple[float, float]) -> None:
    """Grade a drawn backdrop in place.

    Args:
        pixels: `(height, width, 4)`, opaque.
        spots: The heads that will stand before it.
        chroma: Of the people; the mean of the backdrop is brought to `QUIET` times that at most.
        span: Least and greatest lightness it may get.
    """
    behind = [_behind(pixels, spot) for spot in spots]
    gaps = [abs(value - spot.lightness) for value, spot in zip(behind, spots, strict=True)]
    if gaps and min(gaps) < APART:
        _apply(pixels, _table(float(np.median(behind)), _target(float(np.median(behind)), spots, span)))
    hush(pixels, QUIET * chroma)
    for spot in spots:
        value = _behind(pixels, spot)
        if abs(value - spot.lightness) < APART:
            _pool(pixels, spot, _table(value, _target(value, [spot], span)))


def hush(pixels: Pixels, limit: float) -> None:
    """Bring the mean chroma of what is drawn down to a limit, in place."""
    seen = pixels[::8, ::8]
    lab = oklab(seen[seen[..., 3] > 200][..., :3])
    mean = float(np.hypot(lab[..., 1], lab[..., 2]).mean()) if len(lab) else 0.0
    if mean <= limit:
        return
    keep = max(0.3, limit / mean)
    grey = (pixels[..., :3] @ np.array((54, 183, 19), np.uint32) >> 8).astype(np.int16)
    for channel in range(3):
        pixels[..., channel] = grey + ((pixels[..., channel] - grey) * round(256 * keep) >> 8)


def _behind(pixels: Pixels, spot: Spot) -> float:
    """Median lightness around a head."""
    height, width = pixels.shape[:2]
    reach = 1.9 * spot.unit
    top, bottom = (int(np.clip(v, 0, height)) for v in (spot.y - reach, spot.y + 0.6 * spot.unit))
    left, right = (int(np.clip(v, 0, width)) for v in (spot.x - reach, spot.x + reach))
    step = max(1, (bottom - top) // 60)
    box = pixels[top:bottom:step, left:right:step, :3]
    return float(np.median(oklab(box)[..., 0])) if box.size else 0.5


def _target(present: float, spots: Sequence[Spot], span: tuple[float, float]) -> float:
    """The nearest lightness that is apart from every face, else the one farthest from the nearest face."""
    gaps = {float(v): min(abs(v - spot.lightness) for spot in spots) for v in np.arange(*span, 0.02)}
    apart = [value for value, gap in gaps.items() if gap >= APART]
    return min(apart, key=lambda value: abs(value - present)) if apart else max(gaps, key=lambda value: gaps[value])


def _table(present: float, wanted: float) -> Pixels:
    """A tone curve that brings one lightness to another.

    OKLab lightness of a grey is the cube root of its light, so a power in one is nearly a power in the other.
    """
    power = float(np.clip(np.log(wanted) / np.log(min(0.97, max(0.05, present))), 0.35, 2.8))
    return np.round(255 * (np.arange(256) / 255) ** power).astype(np.uint8)


def _apply(pixels: Pixels, table: Pixels) -> None:
    for channel in range(3):
        pixels[..., channel] = table[pixels[..., channel]]


def _pool(pixels: Pixels, spot: Spot, table: Pixels) -> None:
    """The curve around a head only, fading out: a pool of light, or of shade."""
    height, width = pixels.shape[:2]
    reach = 4.2 * spot.unit
    top, bottom = (int(np.clip(v, 0, height)) for v in (spot.y - reach, spot.y + reach))
    left, right = (int(np.clip(v, 0, width)) for v in (spot.x - reach, spot.x + reach))
    y = np.exp(-np.abs((np.arange(top, bottom) - spot.y) / (2.3 * spot.unit)) ** 3)[:, None]
    x = np.exp(-np.abs((np.arange(left, right) - spot.x) / (2.3 * spot.unit)) ** 3)[None, :]
    share = np.round(256 * y * x).astype(np.int32)
    for channel in range(3):
        box = pixels[top:bottom, left:right, channel]
        box[...] = box + ((table[box].astype(np.int32) - box) * share >> 8)
