"""Paths as arrays: every shape of the pictures is made here out of points, then handed to the canvas whole.

Points are `(n, 2)`, x to the right and y **down**, in whatever unit the caller draws in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

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


class _Curve(NamedTuple):
    """How to make a spline: out of points, or out of the edges of a ribbon `widths` wide along them."""

    points: PointsLike
    closed: bool
    corners: tuple[int, ...]
    pull: float
    widths: PointsLike | None = None

    @property
    def kind(self) -> tuple[int, bool, bool]:
        """Equal for curves that can be made in one go."""
        return len(self.points), self.closed, self.widths is not None  # pyright: ignore[reportArgumentType]


class Path:
    """Drawing commands `(m,)` uint8 and the points they use up in order, as complex numbers `(n,)`.

    Curves are worked out late, many at once (`resolve`): a frame has hundreds, and one array operation over all of a
    kind costs little more than one over one.
    """

    __slots__ = ("_curve", "_z", "commands")

    def __init__(
        self, commands: npt.NDArray[np.uint8], z: npt.NDArray[np.complex128] | None, curve: _Curve | None = None
    ) -> None:
        self.commands, self._z, self._curve = commands, z, curve

    @property
    def z(self) -> npt.NDArray[np.complex128]:
        """The points, x + iy."""
        if self._z is None:
            resolve([self])
        assert self._z is not None
        return self._z

    @property
    def points(self) -> Points:
        """The points, `(n, 2)`."""
        return self.z.view(np.float64).reshape(-1, 2)

    def moved(self, dx: float, dy: float) -> Path:
        """The same path elsewhere."""
        if self._z is None and self._curve is not None:
            curve = self._curve._replace(points=np.asarray(self._curve.points, np.float64) + np.array((dx, dy)))
            return Path(self.commands, None, curve)
        return Path(self.commands, self.z + complex(dx, dy))

    def __add__(self, other: Path) -> Path:
        return Path(np.concatenate([self.commands, other.commands]), np.concatenate([self.z, other.z]))


def resolve(paths: Iterable[Path]) -> None:
    """Work out the points of all paths that still lack them."""
    kinds: dict[tuple[int, bool, bool], list[tuple[Path, _Curve]]] = {}
    for path in paths:
        curve = path._curve  # pyright: ignore[reportPrivateUsage]
        if path._z is None and curve is not None:  # pyright: ignore[reportPrivateUsage]
            kinds.setdefault(curve.kind, []).append((path, curve))
    for (_, closed, is_ribbon), alike in kinds.items():
        at = np.array([curve.points for _, curve in alike], np.float64).view(np.complex128)[..., 0]
        if is_ribbon:
            side = _sides(at) * (0.5 * np.array([curve.widths for _, curve in alike], np.float64))
            at = np.concatenate([at + side, (at - side)[:, ::-1]], axis=1)
        pull = np.array([_pull(at.shape[1], curve.corners, curve.pull) for _, curve in alike])
        for (path, _), z in zip(alike, _curves(at, closed, pull), strict=True):
            path._z = z  # pyright: ignore[reportPrivateUsage]


@lru_cache(maxsize=256)
def _pull(count: int, corners: tuple[int, ...], pull: float) -> npt.NDArray[np.float64]:
    """How far the handles of each point reach, as a share of its segments: not at all at a corner."""
    out = np.full(count, pull)
    out[list(corners)] = 0.0
    return out


def _curves(at: npt.NDArray[np.complex128], closed: bool, pull: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
    """Smooth curves through `(curves, points)`, their handles pulled so far: start and three points a segment."""
    count = at.shape[1]
    next_, before = _neighbours(count, closed)
    ahead = at[:, next_]
    tangent = ahead - at[:, before]
    tangent *= pull / (np.abs(tangent) + 1e-9)
    reach = np.abs(ahead - at)
    out = np.empty((len(at), 3 * count + 1), np.complex128)
    out[:, 0] = at[:, 0]
    out[:, 1::3] = at + tangent * reach
    out[:, 2::3] = ahead - tangent[:, next_] * reach
    out[:, 3::3] = ahead
    return out if closed else out[:, : 3 * count - 2]


def _sides(at: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    """Unit normals of open lines `(lines, points)`, to the right of their direction as drawn."""
    next_, before = _neighbours(at.shape[-1], False)
    forward = at[..., next_] - at[..., before]
    return 1j * forward / (np.abs(forward) + 1e-9)


@lru_cache(maxsize=256)
def _neighbours(count: int, closed: bool) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Index of the next and the previous point; an open line's ends are their own."""
    index = np.arange(count)
    if closed:
        return np.roll(index, -1), np.roll(index, 1)
    return np.minimum(index + 1, count - 1), np.maximum(index - 1, 0)


def _complex(points: PointsLike) -> npt.NDArray[np.complex128]:
    return np.ascontiguousarray(points, np.float64).view(np.complex128).reshape(-1)


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
    z = _complex(points)
    return Path(_commands(_LINE, len(z) - 1, closed), z)


def spline(points: PointsLike, *, closed: bool = True, corners: Sequence[int] = (), pull: float = 0.36) -> Path:
    """A smooth curve through `points`, sharp at the indices in `corners`.

    Handles are a fixed share (`pull`) of their own segment, so that uneven spacing does not overshoot.
    """
    count = len(points)  # pyright: ignore[reportArgumentType]
    commands = _commands(_CUBIC, count if closed else count - 1, closed)
    return Path(commands, None, _Curve(points, closed, tuple(corners), pull))


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Path:
    """An ellipse about (x, y), turned clockwise by `turn` radians."""
    points = _CIRCLE * (rx, ry)
    if turn:
        cos, sin = np.cos(turn), np.sin(turn)
        points = points @ np.array([(cos, sin), (-sin, cos)])
    return Path(_commands(_CUBIC, 4, True), _complex(points) + complex(x, y))


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
    return Path(np.array([_MOVE, *[_LINE, _CUBIC] * 4, _CLOSE], np.uint8), _complex(out))


def normals(points: PointsLike) -> Points:
    """Unit normals of an open line, to the right of its direction as drawn: `(n, 2)`."""
    return _sides(_complex(points)).view(np.float64).reshape(-1, 2)


def ribbon(points: PointsLike, widths: PointsLike, *, blunt: bool | Literal["end"] = True) -> Path:
    """A tapered stroke along `points` with a full width at each of them (limbs, brows, strands, folds).

    Its ends are cut straight, or rounded when not `blunt`; "end" cuts the last one only.
    """
    last = len(points) - 1  # pyright: ignore[reportArgumentType]
    ends = () if not blunt else (last, last + 1) if blunt == "end" else (0, last, last + 1, 2 * last + 1)
    return Path(_commands(_CUBIC, 2 * last + 2, True), None, _Curve(points, True, ends, 0.36, widths))


def crescent(path: Path, dx: float, dy: float) -> Path:
    """What a path leaves uncovered when moved by (dx, dy): fill it even-odd, clipped by the path itself."""
    low, high = path.points.min(0) - abs(dx) - abs(dy), path.points.max(0) + abs(dx) + abs(dy)
    return rectangle(low[0], low[1], high[0], high[1]) + path.moved(dx, dy)


def clamp(value: float, low: float, high: float) -> float:
    """A number held between two others; a fiftieth of what numpy takes for it."""
    return low if value < low else high if value > high else value


def mix(a: PointsLike, b: PointsLike, share: float) -> Points:
    """Between two point lists of one length: `a` at 0, `b` at 1, beyond them outside."""
    first = np.asarray(a, np.float64)
    return first + (np.asarray(b, np.float64) - first) * share


def along(points: PointsLike, count: int) -> Points:
    """`count` points evenly along a smooth open line through `points`, both ends included: `(count, 2)`."""
    at = np.asarray(points, np.float64)
    return _through(len(at), count) @ at


@lru_cache(maxsize=64)
def _through(given: int, count: int) -> Points:
    """Weights `(count, given)` of a uniform Catmull-Rom curve."""
    weights = np.zeros((count, given))
    for row, place in enumerate(np.linspace(0, given - 1, count)):
        k = min(int(place), given - 2)
        u = place - k
        basis = (-u + 2 * u**2 - u**3, 2 - 5 * u**2 + 3 * u**3, u + 4 * u**2 - 3 * u**3, -(u**2) + u**3)
        for shift, weight in zip((-1, 0, 1, 2), basis, strict=True):
            weights[row, min(max(k + shift, 0), given - 1)] += weight / 2
    return weights
