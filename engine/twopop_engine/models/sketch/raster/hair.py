"""Hair: a mass behind, a mass in front, a shadow side, a band of light and a few strands. It lags behind the head.

Same coordinates as `face`; masses are grown out of the head's own outline, hairlines are projected like features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .look import Person
from .shapes import Path, Points, along, clamp, ribbon, spline

if TYPE_CHECKING:
    from .head import Head

OVER_EARS = frozenset(("bob", "long", "curly"))
"""Cuts that hang over the ears; with the others the ear lies on the hair."""

_CROWN = (14, 15, 16, 17, 0, 1, 2, 3, 4)
"""Outline points from the near ear over the crown to the far brow."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A haircut.

    Attributes:
        volume: How far the mass stands off the skull at each point of `_CROWN`, as a factor.
        line: The hairline from the near sideburn to the far temple: (longitude, y).
        back: How far the mass hangs behind, in head units below the eyes; 0 for none.
        wide: How wide that mass is at its foot.
    """

    volume: tuple[float, ...]
    line: tuple[tuple[float, float], ...]
    back: float = 0.0
    wide: float = 0.8


_PLAIN = (
    (-1.22, 0.16),
    (-1.08, -0.08),
    (-1.02, -0.36),
    (-0.62, -0.56),
    (0.0, -0.60),
    (0.55, -0.52),
    (0.86, -0.28),
    (0.92, -0.08),
)
_FRINGED = (
    (-1.30, 0.30),
    (-1.14, 0.02),
    (-0.99, -0.24),
    (-0.60, -0.36),
    (-0.10, -0.42),
    (0.40, -0.38),
    (0.78, -0.24),
    (0.98, 0.10),
)
_PARTED = (
    (-1.26, 0.52),
    (-1.14, 0.16),
    (-1.00, -0.22),
    (-0.70, -0.60),
    (-0.28, -0.62),
    (0.22, -0.46),
    (0.70, -0.24),
    (0.94, 0.16),
)
"""Parted over the near eye, combed across the brow to the far temple."""

CUTS: dict[str, Cut] = {
    "short": Cut((1.00, 1.03, 1.05, 1.08, 1.12, 1.13, 1.10, 1.05, 1.00), _PLAIN),
    "quiff": Cut(
        (1.00, 1.01, 1.03, 1.08, 1.17, 1.26, 1.20, 1.06, 1.00),
        (
            (-1.24, 0.12),
            (-1.08, -0.14),
            (-0.98, -0.44),
            (-0.6, -0.64),
            (0.0, -0.68),
            (0.5, -0.60),
            (0.84, -0.34),
            (0.92, -0.10),
        ),
    ),
    "bob": Cut((1.22, 1.16, 1.12, 1.12, 1.13, 1.13, 1.12, 1.11, 1.12), _FRINGED, back=0.78, wide=0.84),
    "long": Cut((1.16, 1.12, 1.10, 1.11, 1.12, 1.12, 1.11, 1.10, 1.12), _PARTED, back=1.75, wide=0.92),
    "bun": Cut(
        (0.98, 1.03, 1.05, 1.07, 1.09, 1.08, 1.07, 1.04, 1.00),
        (
            (-1.24, 0.14),
            (-1.12, -0.12),
            (-1.0, -0.40),
            (-0.55, -0.60),
            (0.05, -0.66),
            (0.55, -0.54),
            (0.84, -0.28),
            (0.92, -0.04),
        ),
    ),
    "tail": Cut(
        (0.98, 1.03, 1.06, 1.08, 1.10, 1.09, 1.07, 1.04, 1.00),
        (
            (-1.24, 0.18),
            (-1.10, -0.10),
            (-0.96, -0.36),
            (-0.5, -0.52),
            (0.1, -0.64),
            (0.55, -0.46),
            (0.84, -0.22),
            (0.94, 0.04),
        ),
    ),
    "curly": Cut(
        (1.24, 1.22, 1.20, 1.22, 1.26, 1.26, 1.24, 1.20, 1.14),
        (
            (-1.26, 0.24),
            (-1.10, -0.04),
            (-0.96, -0.30),
            (-0.5, -0.46),
            (0.0, -0.50),
            (0.5, -0.42),
            (0.82, -0.20),
            (0.96, 0.06),
        ),
        back=0.45,
        wide=0.86,
    ),
    "buzz": Cut((0.99, 1.01, 1.015, 1.02, 1.03, 1.03, 1.03, 1.02, 1.00), _PLAIN),
    "bald": Cut(
        (0.98, 1.02, 1.02, 0.98, 0.9, 0.9, 0.9, 0.9, 0.9),
        ((-1.24, 0.16), (-1.14, -0.04), (-1.22, -0.20), (-1.45, -0.30)),
    ),
}


def hairline(person: Person) -> tuple[tuple[float, float], ...]:
    """The hairline of a person, (longitude, y) from the near sideburn to the far temple; it recedes with age."""
    cut = CUTS[person.hair_shape]
    recede = 0.10 * clamp((person.age - 35.0) / 40.0, 0.0, 1.0) * person.jaw
    return tuple((lon, y - recede * (y < -0.2)) for lon, y in cut.line)


def _mass(head: Head) -> Points:
    cut = CUTS[head.person.hair_shape]
    centre = np.array([-0.08 * head.yaw, -0.22])
    mass = centre + (head.outline[list(_CROWN)] - centre) * np.array(cut.volume)[:, None]
    if head.person.hair_shape not in OVER_EARS:
        mass[0] = head.outline[13] * (1.0 - 0.06 * head.yaw, 0.92)  # the nape, behind the ear
    return mass


def _lag(head: Head) -> float:
    """Sideways trail of hanging hair, in head units at its foot."""
    turn, moved = head.pose.lag
    sign = -1.0 if head.mirrored else 1.0
    return clamp(-sign * (0.5 * turn + 1.6 * moved), -0.35, 0.35)


def draw_front(head: Head) -> None:
    """The mass that frames the face, over the ears."""
    shape_name = head.person.hair_shape
    line = [head.place(lon, y, 1.04) for lon, y in hairline(head.person)]
    if shape_name == "bald":
        _bald(head, line)
        return
    mass = _mass(head)
    shape = _curly(head, mass, line) if shape_name == "curly" else _smooth(mass, line)
    canvas, tone = head.canvas, head.hair
    if shape_name == "buzz":
        canvas.fill(shape, (*tone.dark[:3], 215))
        return
    if shape_name in ("bob", "long"):
        _locks(head, mass, line)
    canvas.fill(shape, tone.lit)
    with canvas.group(clip=shape):
        _light_and_shade(head, mass)
        if head.fine:
            (_curls if shape_name == "curly" else _strands)(head, mass, line)


def _smooth(mass: Points, line: list[tuple[float, float]]) -> Path:
    last = len(mass) - 1
    return spline([*mass, *line[::-1]], corners=(last + 1, last + len(line)))


def _curly(head: Head, mass: Points, line: list[tuple[float, float]]) -> Path:
    """The same hull with bumps of uneven size along it."""
    dense = along(mass, 27)
    centre = dense.mean(0)
    sizes = np.tile([0.97, 1.075, 0.98, 1.05, 0.96, 1.085, 0.97, 1.06, 0.975], 3)
    bumpy = centre + (dense - centre) * sizes[:, None]
    fringe = along(line[::-1], 15)
    fringe[1:-1] += np.column_stack([np.zeros(13), np.tile([0.035, -0.03], 7)[:13]])
    return spline([*bumpy, *fringe], corners=(27, 41), pull=0.42)


def _light_and_shade(head: Head, mass: Points) -> None:
    canvas, away = head.canvas, -head.side
    centre = mass.mean(0)
    drop = [
        (0.20 * away, -1.4),
        (0.34 * away, -0.86),
        (0.30 * away, -0.50),
        (0.40 * away, -0.1),
        (0.30 * away, 0.9),
        (1.6 * away, 0.9),
        (1.6 * away, -1.4),
    ]
    canvas.fill(spline(drop, corners=(0, 4, 5, 6)), head.hair.dark)
    inner = centre + (mass - centre) * np.array([0.80])
    lit = [point for point in inner[2:7] if point[0] * head.side > -0.30]
    if len(lit) >= 3:
        widths = np.linspace(0, 1, len(lit))
        canvas.fill(ribbon(lit, 0.008 + 0.085 * np.sin(np.pi * widths) ** 1.5), (*head.hair.glint[:3], 105))
    rim = centre + (mass - centre) * 0.985
    edge = [point for point in rim if point[0] * away > 0.05]
    if len(edge) >= 3 and head.person.hair_shape not in ("curly", "long"):  # there it is no outline
        canvas.fill(ribbon(edge, [0.006, *[0.030] * (len(edge) - 2), 0.006]), (*head.hair.edge[:3], 190))


_STRANDS = (
    (-0.9, 1, -0.16, 0.075, 70),
    (-0.2, 2, -0.13, 0.026, 120),
    (0.5, 4, -0.10, 0.050, 80),
    (1.1, 5, 0.10, 0.020, 120),
    (1.5, 6, 0.10, 0.040, 80),
)
"""From where on the crown, to which point of the hairline, how bent, how thick, how dark: no two alike."""


def _strands(head: Head, mass: Points, line: list[tuple[float, float]]) -> None:
    """Locks from the crown to the hairline: uneven, tapered, darker than the mass."""
    for start, foot, bend, thick, alpha in _STRANDS:
        top = mass[4] + (mass[5] - mass[4]) * start
        end = np.array(line[min(foot, len(line) - 1)])
        middle = (top + end) / 2 + np.array([bend, -0.06])
        ink = (*head.hair.deep[:3], alpha)
        head.canvas.fill(ribbon([top + np.array((0.0, 0.05)), middle, end], [0.004, thick, 0.006]), ink)


_CURLS = ((0.80, 0.55), (0.62, 1.9), (0.84, 2.6), (0.70, 3.7), (0.86, 4.6), (0.66, 5.3), (0.84, 6.3), (0.72, 7.2))
"""How far out of the middle and where along the crown a curl lies."""


def _curls(head: Head, mass: Points, line: list[tuple[float, float]]) -> None:
    """Small hooks instead of strands."""
    centre = mass.mean(0)
    for k, (out, where) in enumerate(_CURLS):
        low = int(where)
        x, y = centre + (mass[low] + (mass[low + 1] - mass[low]) * (where - low) - centre) * out
        size = 0.11 + 0.02 * (k % 3)
        hook = [
            (x - size, y + 0.02),
            (x - 0.5 * size, y - 0.7 * size),
            (x + 0.5 * size, y - 0.6 * size),
            (x + 0.8 * size, y + 0.3 * size),
        ]
        head.canvas.fill(ribbon(hook, [0.004, 0.030, 0.034, 0.004]), (*head.hair.deep[:3], 100))


def _locks(head: Head, mass: Points, line: list[tuple[float, float]]) -> None:
    """Side locks of long hair: in front of the near ear, and a sliver beyond the far cheek."""
    cut, lag = CUTS[head.person.hair_shape], _lag(head)
    foot = 0.05 + cut.back * 0.82
    x, y = line[0]
    outer = mass[0]
    near = [
        *(
            (mass[1][0] * 0.98, mass[1][1]),
            (outer[0] * 1.02, outer[1] + 0.10),
            (outer[0] * 1.02 + lag * 0.5, foot * 0.72),
        ),
        *((outer[0] * 0.86 + lag, foot + 0.06), (x - 0.12 + lag, foot - 0.02), (x - 0.10 + lag * 0.4, foot * 0.6)),
        *((x - 0.02, y - 0.06), (x - 0.02, y - 0.42)),
    ]
    shape = spline(near, corners=(3,))
    canvas, tone = head.canvas, head.hair
    canvas.fill(shape, tone.dark if head.side > 0 else tone.lit)
    with canvas.group(clip=shape):
        shade = [
            (x - 0.20, -0.4),
            (x - 0.12, foot * 0.5),
            (x - 0.2 + lag, foot + 0.2),
            (x + 0.3, foot + 0.2),
            (x + 0.3, -0.4),
        ]
        canvas.fill(spline(shade, corners=(2, 3, 4)), (*tone.dark[:3], 170))
        canvas.fill(
            ribbon(
                [(outer[0] + 0.10, -0.3), (outer[0] + 0.09, foot * 0.5), (outer[0] + 0.15 + lag, foot)],
                [0.004, 0.030, 0.004],
            ),
            (*tone.deep[:3], 120),
        )


def _bald(head: Head, line: list[tuple[float, float]]) -> None:
    mass = _mass(head)[:3]
    mass[2] = mass[1] + 0.45 * (mass[2] - mass[1])
    shape = spline([*mass, *line[::-1]])
    head.canvas.fill(shape, head.hair.dark if head.side > 0 else head.hair.lit)
    head.canvas.fill(
        spline(
            [(head.side * 0.30, -0.86), (head.side * 0.12, -0.90), (head.side * 0.16, -0.80), (head.side * 0.30, -0.76)]
        ),
        (*head.skin.glint[:3], 120),
    )


def draw_back(head: Head) -> None:
    """What hangs behind the neck, the bun, the tail."""
    shape_name, tone, canvas = head.person.hair_shape, head.hair, head.canvas
    lag, away = _lag(head), 0.55 + 0.30 * head.yaw
    if shape_name == "bun":
        x, y = -0.30 - 0.85 * head.yaw, -0.72
        bun = spline(
            [
                (x - 0.30, y + 0.02),
                (x - 0.20, y - 0.25),
                (x + 0.06, y - 0.30),
                (x + 0.28, y - 0.12),
                (x + 0.26, y + 0.16),
                (x - 0.05, y + 0.27),
            ]
        )
        canvas.fill(bun, tone.dark if head.side > 0 else tone.lit)
        with canvas.group(clip=bun):
            canvas.fill(ellipse_at(x - head.side * 0.16, y + 0.10, 0.26), tone.dark)
            canvas.fill(
                ribbon([(x - 0.2, y + 0.12), (x - 0.02, y - 0.10), (x + 0.2, y - 0.12)], [0.01, 0.035, 0.01]),
                (*tone.deep[:3], 150),
            )
        return
    if shape_name == "tail":
        points = [(-away, -0.50), (-away - 0.34, -0.30), (-away - 0.36 + lag * 0.6, 0.30), (-away - 0.18 + lag, 1.05)]
        canvas.fill(ribbon(along(points, 6), [0.16, 0.30, 0.36, 0.34, 0.24, 0.02]), tone.dark)
        return
    cut = CUTS[shape_name]
    if not cut.back:
        return
    foot, wide = cut.back, cut.wide
    left, right = -wide - 0.12 * head.yaw, wide - 0.30 * head.yaw
    points = [
        *(
            (left * 0.98, -0.45),
            (left * 1.08, 0.05),
            (left * 1.04 + lag * 0.5, foot * 0.62),
            (left * 0.80 + lag, foot + 0.10),
        ),
        *(
            (0.0 + lag, foot - 0.03),
            (right * 0.74 + lag, foot + 0.06),
            (right * 0.98 + lag * 0.5, foot * 0.6),
            (right, 0.0),
            (right * 0.8, -0.5),
            (0.0, -0.9),
        ),
    ]
    shape = spline(points, corners=(3, 5))
    canvas.fill(shape, tone.dark)
    with canvas.group(clip=shape):
        canvas.fill(spline([(-0.5, 0.2), (0.5, 0.2), (0.42 + lag, foot + 0.3), (-0.45 + lag, foot + 0.3)]), tone.deep)


def ellipse_at(x: float, y: float, radius: float) -> Path:
    """A circle, for the light on a bun."""
    from .shapes import ellipse

    return ellipse(x, y, radius, radius)
