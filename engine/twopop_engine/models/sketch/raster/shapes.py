"""Paths as arrays: every shape of the pictures is made here out of points, then handed to the canvas whole.

Points are `(n, 2)`, x to the right and y **down**, in whatever unit the caller draws in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
PointsLike = npt.ArrayLike

_CLOSE, _MOVE, _LINE, _CUBIC = 0, 1, 2, 3
_KAPPA = 0.5523  # handle length of a quarter circle
_CIRCLE = np.array(
    [
        *((1, 0), (1, _KAPPA), (_KAPPA, 1), (0, 1), (-_KAPPA, 1), (-1, _KAPPA), (-1, 0)),
        *((-1, -_KAPPA), (-_KAPPA, -1), (0, -1), (_KAPPA, -1), (1, -_KAPPA), (1, 0)),
    ]
)


@dataclass(frozen=True, slots=True)
class Path:
    """Drawing commands `(m,)` uint8 and the points `(n, 2)` float64 they use up in order."""

    commands: npt.NDArray[np.uint8]
    points: Points

    def moved(self, dx: float, dy: float) -> Path:
        """The same path elsewhere."""
        return Path(self.commands, self.points + np.array((dx, dy)))

    def __add__(self, other: Path) -> Path:
        return Path(np.concatenate([self.commands, other.commands]), np.concatenate([self.points, other.points]))


@lru_cache(maxsize=256)
def _commands(kind: int, segments: int, closed: bool) -> npt.NDArray[np.uint8]:
    return np.array([_MOVE, *[kind] * segments, *([_CLOSE] if closed else [])], np.uint8)


@lru_cache(maxsize=1024)
def at(text: str) -> Points:
    """Fixed points written as "x y, x y, ...": short to read, parsed once. Do not change the array."""
    points = np.array([[float(number) for number in pair.split()] for pair in text.split(",")])
    points.setflags(write=False)
    return points


def polygon(points: PointsLike, closed: bool = True) -> Path:
    """Straight lines through `points`."""
    array = np.asarray(points, np.float64)
    return Path(_commands(_LINE, len(array) - 1, closed), array)


def spline(points: PointsLike, *, closed: bool = True, corners: Sequence[int] = (), pull: float = 0.36) -> Path:
    """A smooth curve through `points`, sharp at the indices in `corners`.

    Handles are a fixed share (`pull`) of their own segment, so that uneven spacing does not overshoot.
    """
    at = _complex(points)
    count = len(at)
    next_, before = _neighbours(count, closed)
    ahead = at[next_]
    tangent = ahead - at[before]
    tangent /= np.abs(tangent) + 1e-9
    if corners:
        tangent[list(corners)] = 0.0
    reach = pull * np.abs(ahead - at)
    out = np.empty(3 * count + 1, np.complex128)
    out[0] = at[0]
    out[1::3] = at + tangent * reach
    out[2::3] = ahead - tangent[next_] * reach
    out[3::3] = ahead
    segments = count if closed else count - 1
    return Path(_commands(_CUBIC, segments, closed), out[: 3 * segments + 1].view(np.float64).reshape(-1, 2))


def _complex(points: PointsLike) -> npt.NDArray[np.complex128]:
    """Points as complex numbers: one array operation where x and y would take two."""
    return np.ascontiguousarray(points, np.float64).view(np.complex128).reshape(-1)


@lru_cache(maxsize=256)
def _neighbours(count: int, closed: bool) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Index of the next and the previous point; an open line's ends are their own."""
    index = np.arange(count)
    if closed:
        return np.roll(index, -1), np.roll(index, 1)
    return np.minimum(index + 1, count - 1), np.maximum(index - 1, 0)


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Path:
    """An ellipse about (x, y), turned clockwise by `turn` radians."""
    points = _CIRCLE * (rx, ry)
    if turn:
        cos, sin = np.cos(turn), np.sin(turn)
        points = points @ np.array([(cos, sin), (-sin, cos)])
    return Path(_commands(_CUBIC, 4, True), points + np.array((x, y)))


def rectangle(left: float, top: float, right: float, bottom: float) -> Path:
    """An upright rectangle."""
    return polygon(((left, top), (right, top), (right, bottom), (left, bottom)))


def soft_box(left: float, top: float, right: float, bottom: float, radius: float) -> Path:
    """A rectangle with rounded corners."""
    r = min(radius, (right - left) / 2, (bottom - top) / 2)
    points = (
        *((left + r, top), (right - r, top), (right, top + r), (right, bottom - r)),
        *((right - r, bottom), (left + r, bottom), (left, bottom - r), (left, top + r)),
    )
    at = np.asarray(points, np.float64)
    out = [at[0]]
    for k, corner in enumerate(((right, top), (right, bottom), (left, bottom), (left, top))):
        start, end = at[2 * k + 1], at[(2 * k + 2) % 8]
        bend = np.asarray(corner, np.float64)
        out += [start, start + (bend - start) * _KAPPA, end + (bend - end) * _KAPPA, end]
    return Path(np.array([_MOVE, *[_LINE, _CUBIC] * 4, _CLOSE], np.uint8), np.array(out))


def normals(points: PointsLike) -> Points:
    """Unit normals of an open line, to the right of its direction as drawn: `(n, 2)`."""
    return _sides(_complex(points)).view(np.float64).reshape(-1, 2)


def _sides(at: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    next_, before = _neighbours(len(at), False)
    forward = at[next_] - at[before]
    return 1j * forward / (np.abs(forward) + 1e-9)


def ribbon(
    points: PointsLike, widths: Sequence[float] | npt.NDArray[np.float64], *, blunt: bool | Literal["end"] = True
) -> Path:
    """A tapered stroke along `points` with a full width at each of them (limbs, brows, strands, folds).

    Its ends are cut straight, or rounded when not `blunt`; "end" cuts the last one only.
    """
    at = _complex(points)
    side = _sides(at) * (0.5 * np.asarray(widths, np.float64))
    last = len(at) - 1
    ends = () if not blunt else (last, last + 1) if blunt == "end" else (0, last, last + 1, 2 * last + 1)
    outline = np.concatenate([at + side, (at - side)[::-1]])
    return spline(outline.view(np.float64).reshape(-1, 2), corners=ends)


def crescent(path: Path, dx: float, dy: float) -> Path:
    """What a path leaves uncovered when moved by (dx, dy): fill it even-odd, clipped by the path itself."""
    low, high = path.points.min(0) - abs(dx) - abs(dy), path.points.max(0) + abs(dx) + abs(dy)
    return rectangle(low[0], low[1], high[0], high[1]) + path.moved(dx, dy)


def mix(a: PointsLike, b: PointsLike, share: float) -> Points:
    """Between two point lists of one length: `a` at 0, `b` at 1, beyond them outside."""
    first = np.asarray(a, np.float64)
    return first + (np.asarray(b, np.float64) - first) * share


def along(points: PointsLike, count: int) -> Points:
    """`count` points evenly along an open spline through `points`, both ends included: `(count, 2)`."""
    path = spline(points, closed=False).points
    segments = (len(path) - 1) // 3
    t = np.linspace(0, segments, count)
    k = np.minimum(t.astype(int), segments - 1)
    u = (t - k)[:, None]
    p0, p1, p2, p3 = (path[3 * k + j] for j in range(4))
    return (1 - u) ** 3 * p0 + 3 * u * (1 - u) ** 2 * p1 + 3 * u**2 * (1 - u) * p2 + u**3 * p3
