"""Limbs: two bones that reach for a point, and tapered forms along them."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from .canvas import Canvas
from .palette import Tones
from .shapes import Points, normals, ribbon

Joint = tuple[float, float]


def reach(root: Joint, target: Joint, upper: float, lower: float, aside: Joint) -> tuple[Joint, Joint]:
    """Elbow (or knee) and hand (or foot) of two bones; a target out of reach is approached, stretching by 6 % at most.

    `aside` is where the joint would like to be, seen from the line between root and target; its length says how much of
    the bend we see, since elbows and knees point mostly towards or away from us.
    """
    start, goal, wish = complex(*root), complex(*target), complex(*aside)
    gap = goal - start
    length = abs(gap) or 1e-6
    shown = min(length, 1.06 * (upper + lower))
    direction = gap / length
    stretch = max(1.0, shown / (upper + lower))
    bone, rest = upper * stretch, lower * stretch
    near = (bone**2 - rest**2 + shown**2) / (2 * shown)
    out = math.sqrt(max(0.0, bone**2 - near**2))
    wish -= 0.75 * (wish * direction.conjugate()).real * direction
    elbow, end = start + direction * near + wish * out, start + direction * shown
    return (elbow.real, elbow.imag), (end.real, end.imag)


def limb(
    canvas: Canvas,
    points: Points,
    widths: list[float],
    tone: Tones,
    side: float,
    *,
    dim: bool = False,
    share: float = 0.5,
    rim: bool = True,
) -> None:
    """A tapered form along bones between three or four `points`: base, a shadow over `share` of it, maybe a rim.

    The shadow reaches in from the edge away from the key.
    """
    spine = _SPINES[len(points)] @ points
    full = _seven(tuple(widths))
    shape = ribbon(spine, full, blunt="end")
    canvas.fill(shape, tone.dark if dim else tone.lit)
    with canvas.group(clip=shape):
        away = -side
        outward = normals(spine)
        facing = np.sign(outward @ (away, 0.35))
        outward *= facing[:, None]
        outward *= full[:, None]
        if not dim:
            start = (0.95, 1.0) if share > 0.7 else (0.2, 0.75)
            shade = np.array((*start, 1.0, 1.0, 0.95, 1.0, 0.95)) * full * 1.3 * share
            canvas.fill(ribbon(spine + outward * (0.74 - 0.64 * share), shade, blunt=False), tone.dark)
        if rim and outward.mean(0)[0] * away > 0:
            kept = _longest_run(facing)  # a bent arm turns its other edge to the light: a rim must not cross over
            edge, wide = (spine + outward * 0.48)[kept], np.minimum(full * 0.10, 0.006)[kept]
            if len(edge) > 2:
                canvas.fill(ribbon(edge, [0.001, *wide[1:-1], 0.001]), (*tone.edge[:3], 190))


_SPINES = {
    3: np.array(
        [(1, 0, 0), (0.58, 0.42, 0), (0.18, 0.82, 0), (0.02, 0.96, 0.02), (0, 0.82, 0.18), (0, 0.42, 0.58), (0, 0, 1)]
    ),
    4: np.array(
        [
            *((1, 0, 0, 0), (0, 1, 0, 0), (0, 0.5, 0.5, 0), (0, 0.12, 0.88, 0)),
            *((0, 0, 0.9, 0.1), (0, 0, 0.5, 0.5), (0, 0, 0, 1)),
        ]
    ),
}
"""Seven points along bones, by their joints: straight but where they meet."""


@lru_cache(maxsize=256)
def _seven(widths: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """Widths at those seven points, the same in every frame of a person. Do not change the array."""
    return np.interp(np.linspace(0, 1, 7), np.linspace(0, 1, len(widths)), widths)


def _longest_run(signs: npt.NDArray[np.float64]) -> slice:
    """Where the most neighbours are alike."""
    cuts = [0, *(np.flatnonzero(np.diff(signs)) + 1), len(signs)]
    first, last = max(pairwise(cuts), key=lambda run: run[1] - run[0])
    return slice(int(first), int(last))
