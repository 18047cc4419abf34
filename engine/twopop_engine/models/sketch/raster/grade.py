"""Grading of a backdrop by the rules of value and palette: apart from the faces in lightness, quieter in colour.

A grade is decided once per shot on a thumbnail of its backdrop, so that every size and every later camera of the
shot gets the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .camera import Camera
from .canvas import Pixels
from .palette import Colour, oklab

APART = 0.205
"""How far a face and what is behind it are brought apart in OKLab lightness."""
QUIET = 0.54
"""Chroma of a place against that of its people."""

_FALL = 1.3
"""How far the light may fall off across a set: the power of a head's tone curve against that of the shot's subject."""
_BEYOND = 0.05
"""How far into the passing from one curve to the next a head stands itself."""
_LEAST_CHANGE = 0.03
"""What a power of e costs, in lightness that it sets a face apart."""

_MOST_KEPT = 1.7
"""How much the colour of a pale backdrop may be added to."""
_ROWS = 64
_PALE, _NEAR = 0.05, 0.08
"""Mean chroma from which on a panel has colours of its own; how far in lightness a tone of it looks for its like."""
_POOL, _CORNERS = 0.10, 0.42
"""How much lighter such a panel is about its middle, and darker in its corners."""

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
    """What to do to a backdrop.

    Attributes:
        camera: The shot's first, which it was decided for.
        keep_far: How much colour the opaque layers keep.
        keep_near: How much the layers before those keep.
        falls: Heads, and the tone curve of the picture where each stands.
    """

    camera: Camera
    keep_far: float = 1.0
    keep_near: float = 1.0
    falls: tuple[tuple[Head, Curve], ...] = ()


@dataclass(frozen=True, slots=True)
class Plane:
    """Where some layers lie: the depth that stands for them, the camera they were drawn for, the size, the margin."""

    z: float
    camera: Camera
    size: tuple[int, int]
    pad: tuple[int, int] = (0, 0)

    def across(self, head: Head, first: Camera) -> float:
        """The column that lies behind a head for a shot's first camera: light on a wall stays there when that moves."""
        before, now = first.plane(self.z, self.size), self.camera.plane(self.z, self.size)
        x = now[0, 2] + (head.spot(first, self.size)[0] - before[0, 2]) * now[0, 0] / before[0, 0]
        return float(x) + self.pad[0]


def decide(
    far: Pixels, near: Pixels | None, camera: Camera, heads: Sequence[Head], chroma: float, span: tuple[float, float]
) -> Grade:
    """Find the grade of a shot.

    Args:
        far: Thumbnail of the opaque layers, changed in place.
        near: Of the layers in front of those, with alpha.
        camera: Both were drawn for.
        heads: Who will stand before them, the shot's subject first.
        chroma: Of the people.
        span: Least and greatest lightness the backdrop may get.
    """
    size = (far.shape[1], far.shape[0])
    seen = far if near is None else _over(far, near)
    presents = [_behind(seen, head.spot(camera, size)) for head in heads]
    power = _power(presents, heads, span) if heads else 1.0
    powers = [_own_power(power, present, head, span) for present, head in zip(presents, heads, strict=True)]
    falls = tuple((head, _curve(own)) for head, own in zip(heads, powers, strict=True))
    grade = Grade(camera, falls=falls)
    _fall(far, grade, Plane(0.0, camera, size))
    near_keep = 1.0 if near is None else _kept(near, 1.5 * QUIET * chroma)
    return replace(grade, keep_far=_kept(far, QUIET * chroma), keep_near=near_keep)


def _over(far: Pixels, near: Pixels) -> Pixels:
    """Layers with premultiplied alpha over opaque ones."""
    clear = 255 - near[..., 3:].astype(np.int32)
    return np.minimum(255, near + far * clear // 255).astype(np.uint8)


def apply_grade(pixels: Pixels, grade: Grade, plane: Plane) -> None:
    """Grade opaque layers, in place."""
    _fall(pixels, grade, plane)
    hush(pixels, grade.keep_far)


def grade_clear(pixels: Pixels, grade: Grade, plane: Plane, keep: float) -> None:
    """The same for layers with (premultiplied) alpha, so that a floor has one tone from far to near; in place."""
    flat = pixels.reshape(-1, 4)
    alpha = flat[:, 3]
    half = np.flatnonzero((alpha > 0) & (alpha < 255))
    share = alpha[half].astype(np.uint16)[:, None]
    flat[half, :3] = np.minimum(255, flat[half, :3] * np.uint16(255) // share)
    _fall(pixels, grade, plane)
    flat[half, :3] = flat[half, :3] * share // 255
    hush(pixels, keep)


def hush(pixels: Pixels, keep: float) -> None:
    """Leave only a share of the colour, or add to it where that is above 1, in place; alpha is premultiplied."""
    if keep == 1.0:
        return
    kept, kind = round(256 * keep), np.uint16 if keep < 1.0 else np.int32
    for part in in_rows(pixels):
        channels = [part[..., channel].astype(kind) for channel in range(3)]
        grey = channels[0] * 54 + channels[1] * 183 + channels[2] * 19 >> 8
        grey *= 256 - kept
        for k, channel in enumerate(channels):
            tone = channel * kept + grey >> 8
            part[..., k] = tone if keep < 1.0 else np.clip(tone, 0, part[..., 3])


def in_rows(pixels: Pixels) -> Iterator[Pixels]:
    """The pixels, so many rows at once as fit into a core's own cache."""
    return (pixels[top : top + _ROWS] for top in range(0, len(pixels), _ROWS))


def wash(pixels: Pixels, keep: float) -> None:
    """Thin the tones towards the paper, in place; alpha is premultiplied."""
    paper = pixels[..., 3].astype(np.int32) * 62 >> 6
    for channel in range(3):
        pixels[..., channel] = np.clip(paper - ((paper - pixels[..., channel]) * round(256 * keep) >> 8), 0, 255)


def relit(panel: npt.NDArray[np.uint8], place: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A panel that is nearly grey in the colours and the light of a place, tone for tone: one scene, one palette.

    A panel with colours of its own keeps them; both are `(height, width, 3)` RGB.
    """
    own, lent = oklab(panel[::8, ::8]).reshape(-1, 3), oklab(place[::3, ::3]).reshape(-1, 3)
    share = float(np.clip(2.0 - 2.0 * np.hypot(own[:, 1], own[:, 2]).mean() / _PALE, 0.0, 1.0))
    if share == 0.0:
        return panel
    curves = _toned(lent, own[:, 1:].mean(0), share)
    rows, columns = (np.linspace(-1.0, 1.0, count) for count in panel.shape[:2])
    fall = 1.0 + share * (_POOL - (_POOL + _CORNERS) * np.hypot(rows[:, None] + 0.15, 0.8 * columns) ** 1.5 / 1.7)
    level = np.round(128 * fall).astype(np.uint16)
    out = np.empty_like(panel)
    for channel, curve in enumerate(curves):
        out[..., channel] = np.minimum(250, np.take(curve, panel[..., channel]) * level >> 7)
    return out


def _toned(
    lent: npt.NDArray[np.float64], own: npt.NDArray[np.float64], share: float
) -> tuple[npt.NDArray[np.uint16], ...]:
    """Curves for R, G and B that give greys, but for a tint they have, the colours of pixels as light as they are."""
    tones = oklab(np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(256, 3))[:, 0]
    within = np.clip(tones, *np.percentile(lent[:, 0], (2, 98)))
    near = np.exp(-(((within[:, None] - lent[:, 0]) / _NEAR) ** 2)) + 1e-3
    mean = near @ lent[:, 1:] / near.sum(1, keepdims=True)
    for _ in range(8):  # towards what most of them are: the mean of a blue wall and a warm lamp is a green neither has
        away = np.hypot(*(mean[:, None] - lent[:, 1:]).transpose(2, 0, 1)) + 0.004
        mean = (near / away) @ lent[:, 1:] / (near / away).sum(1, keepdims=True)
    shift = share * (1.2 * mean - own) * np.minimum(1.0, 4.0 * (1.0 - tones))[:, None]  # paper stays paper
    lab = zip(tones.tolist(), shift.tolist(), strict=True)
    colours = (Colour(tone, float(np.hypot(a, b)), float(np.degrees(np.arctan2(b, a)))) for tone, (a, b) in lab)
    red, green, blue = np.array([colour.rgba()[:3] for colour in colours], np.uint16).T
    return red, green, blue


def _kept(pixels: Pixels, limit: float) -> float:
    """The share of colour that brings the mean chroma down to a limit, or up towards half of it: light washes out."""
    lab = oklab(pixels[pixels[..., 3] > 200][..., :3])
    mean = float(np.hypot(lab[..., 1], lab[..., 2]).mean()) if len(lab) else 0.0
    wanted = max(0.5 * limit, min(mean, limit))
    return min(_MOST_KEPT, max(0.3, wanted / max(mean, 1e-3)))


def _behind(pixels: Pixels, spot: tuple[float, float, float]) -> float:
    """Median lightness around a head."""
    height, width = pixels.shape[:2]
    x, y, unit = spot
    top, bottom = (int(np.clip(v, 0, height)) for v in (y - 1.9 * unit, y + 0.6 * unit))
    left, right = (int(np.clip(v, 0, width)) for v in (x - 1.9 * unit, x + 1.9 * unit))
    box = pixels[top:bottom, left:right, :3]
    return float(np.median(oklab(box)[..., 0])) if box.size else 0.5


def _power(presents: Sequence[float], heads: Sequence[Head], span: tuple[float, float]) -> float:
    """The power of a tone curve that sets off the subject's face, and the others' as well as that allows.

    OKLab lightness of a grey is the cube root of its light, so a power in one is nearly a power in the other.
    """
    base = float(np.clip(presents[0], 0.05, 0.97))
    weights = [1.5, *[1.0] * (len(heads) - 1)]

    def worth(power: float) -> float:
        apart = (
            min(APART, abs(present**power - head.lightness)) for present, head in zip(presents, heads, strict=True)
        )
        return sum(w * v for w, v in zip(weights, apart, strict=True)) - _LEAST_CHANGE * abs(float(np.log(power)))

    return max((_bounded(np.log(wanted) / np.log(base)) for wanted in np.arange(*span, 0.005)), key=worth)


def _own_power(power: float, present: float, head: Head, span: tuple[float, float]) -> float:
    """The power where a head stands: the subject's, or a little more or less of it where that sets the face off."""
    present = float(np.clip(present, 0.05, 0.97))
    steps = [power * _FALL**share for share in (0.0, -0.5, 0.5, -1.0, 1.0)]
    within = [p for p in steps if span[0] - 0.05 <= present**p <= span[1] + 0.03] or steps[:1]
    return _bounded(max(within, key=lambda p: round(min(APART, abs(present**p - head.lightness)), 2)))


def _bounded(power: float) -> float:
    return float(np.clip(power, 0.30, 2.8))


def _curve(power: float) -> Curve:
    return np.round(255 * (np.arange(256) / 255) ** power).astype(np.uint8)


def _fall(pixels: Pixels, grade: Grade, plane: Plane) -> None:
    """Curves that pass into each other across the picture, as light falls off across a set; in place."""
    if not grade.falls:
        return
    spots = [plane.across(head, grade.camera) for head, _ in grade.falls]
    order = np.argsort(spots, kind="stable")
    x = np.arange(pixels.shape[1])
    weights: list[npt.NDArray[np.uint16]] = []
    for before, after in pairwise(order):
        gap = max(1.0, spots[after] - spots[before])
        share = np.clip((x - spots[before]) / gap * (1 - 2 * _BEYOND) + _BEYOND, 0.0, 1.0)
        weights.append(np.round(256 * share * share * (3 - 2 * share)).astype(np.uint16))
    curves = [grade.falls[k][1] for k in order]
    if all(np.array_equal(curve, curves[0]) for curve in curves):
        weights = []  # one light
    for part in in_rows(pixels):
        for channel in range(3):
            plain = np.ascontiguousarray(part[..., channel])
            graded = np.take(curves[0], plain)
            for weight, curve in zip(weights, curves[1:], strict=False):
                graded = graded * (256 - weight) + np.take(curve, plain) * weight >> 8
            part[..., channel] = graded
