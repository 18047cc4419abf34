"""Grading of a backdrop by the rules of value and palette: apart from the faces in lightness, quieter in colour.

A grade is decided once per shot on a thumbnail of its backdrop, so that every size and every later camera of the
shot gets the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .camera import Camera
from .canvas import Pixels
from .palette import oklab

APART = 0.205
"""How far a face and what is behind it are brought apart in OKLab lightness."""
QUIET = 0.54
"""Chroma of a place against that of its people."""

_BEYOND = 0.05
"""How far into the passing from one curve to the next a head stands itself."""

_ROWS = 64

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
    """What to do to a backdrop: how much colour its layers keep, and the tone curve around each head."""

    keep_far: float = 1.0
    keep_near: float = 1.0
    falls: tuple[tuple[Head, Curve], ...] = ()


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
    seen = far if near is None else _over(far, near)
    falls: list[tuple[Head, Curve]] = []
    for head in heads:
        present = _behind(seen, head.spot(camera, size))
        falls.append((head, _curve(present, _target(present, head, heads, span))))
    _fall(far, falls, camera, size, (0, 0))
    near_keep = 1.0 if near is None else _kept(near, 1.5 * QUIET * chroma)
    return Grade(_kept(far, QUIET * chroma), near_keep, tuple(falls))


def _over(far: Pixels, near: Pixels) -> Pixels:
    """Layers with premultiplied alpha over opaque ones."""
    clear = 255 - near[..., 3:].astype(np.int32)
    return np.minimum(255, near + far * clear // 255).astype(np.uint8)


def apply_grade(pixels: Pixels, grade: Grade, camera: Camera, size: tuple[int, int], pad: tuple[int, int]) -> None:
    """Grade opaque layers drawn with a margin of `pad` around a picture of `size`, in place."""
    _fall(pixels, grade.falls, camera, size, pad)
    hush(pixels, grade.keep_far)


def grade_near(pixels: Pixels, grade: Grade, camera: Camera, size: tuple[int, int], pad: tuple[int, int]) -> None:
    """The same for layers with (premultiplied) alpha, so that a floor has one tone from far to near; in place."""
    for part in in_rows(pixels):
        alpha = part[..., 3].astype(np.uint16)
        if not _opaque(alpha):
            for channel in range(3):
                part[..., channel] = np.minimum(255, part[..., channel] * np.uint16(255) // np.maximum(1, alpha))
    _fall(pixels, grade.falls, camera, size, pad)
    for part in in_rows(pixels):
        alpha = part[..., 3].astype(np.uint16)
        if not _opaque(alpha):
            for channel in range(3):
                part[..., channel] = part[..., channel] * alpha // 255
    hush(pixels, grade.keep_near)


def _opaque(alpha: npt.NDArray[np.uint16]) -> bool:
    return int(alpha.min()) == 255


def hush(pixels: Pixels, keep: float) -> None:
    """Leave only a share of the colour, in place."""
    if keep >= 1.0:
        return
    kept = round(256 * keep)
    for part in in_rows(pixels):
        channels = [part[..., channel].astype(np.uint16) for channel in range(3)]
        grey = channels[0] * 54 + channels[1] * 183 + channels[2] * 19 >> 8
        grey *= 256 - kept
        for k, channel in enumerate(channels):
            part[..., k] = channel * kept + grey >> 8


def in_rows(pixels: Pixels) -> Iterator[Pixels]:
    """The pixels, so many rows at once as fit into a core's own cache."""
    return (pixels[top : top + _ROWS] for top in range(0, len(pixels), _ROWS))


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


def _target(present: float, head: Head, heads: Sequence[Head], span: tuple[float, float]) -> float:
    """The lightness to have behind a head: apart from its face, and the same for all heads where one will do."""
    steps = [float(v) for v in np.arange(*span, 0.02)]
    shared = [v for v in steps if all(abs(v - other.lightness) >= APART for other in heads)]
    if shared:
        return _nearest(shared, present)
    if abs(present - head.lightness) >= APART and span[0] <= present <= span[1]:
        return present
    apart = [v for v in steps if abs(v - head.lightness) >= APART]
    return _nearest(apart, present) if apart else max(steps, key=lambda v: abs(v - head.lightness))


def _nearest(values: Sequence[float], wanted: float) -> float:
    return min(values, key=lambda value: abs(value - wanted))


def _curve(present: float, wanted: float) -> Curve:
    """A tone curve that brings one lightness to another.

    OKLab lightness of a grey is the cube root of its light, so a power in one is nearly a power in the other.
    """
    power = float(np.clip(np.log(wanted) / np.log(min(0.97, max(0.05, present))), 0.35, 2.8))
    return np.round(255 * (np.arange(256) / 255) ** power).astype(np.uint8)


def _fall(
    pixels: Pixels,
    falls: Sequence[tuple[Head, Curve]],
    camera: Camera,
    size: tuple[int, int],
    pad: tuple[int, int],
) -> None:
    """Curves that pass into each other across the picture, as light falls off across a set; in place."""
    if not falls:
        return
    spots = [head.spot(camera, size, pad)[0] for head, _ in falls]
    order = np.argsort(spots, kind="stable")
    x = np.arange(pixels.shape[1])
    weights: list[npt.NDArray[np.uint16]] = []
    for before, after in pairwise(order):
        gap = max(1.0, spots[after] - spots[before])
        share = np.clip((x - spots[before]) / gap * (1 - 2 * _BEYOND) + _BEYOND, 0.0, 1.0)
        weights.append(np.round(256 * share * share * (3 - 2 * share)).astype(np.uint16))
    for part in in_rows(pixels):
        for channel in range(3):
            plane = np.ascontiguousarray(part[..., channel])
            graded = np.take(falls[order[0]][1], plane)
            for weight, after in zip(weights, order[1:], strict=True):
                graded = graded * (256 - weight) + np.take(falls[after][1], plane) * weight >> 8
            part[..., channel] = graded
