"""Keeps what stands in the foreground off the people: it frames them, and must not cover a hand or cling to an edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .camera import Camera
from .canvas import Pixels
from .rig import CharacterPose

_CLEAR = 0.014
"""How far a thing keeps off somebody, in heights of the frame."""
_WIDE = 0.45
"""What is wider than this share of the frame is a part of the place: a dashboard, a row of heads."""
_HAND_M, _TRUNK_M = 0.10, 0.17


@dataclass(frozen=True, slots=True)
class Body:
    """Where somebody is at the beginning of a shot: metres of the stage, y down, to their lowest hand that is seen."""

    left: float
    right: float
    low: float
    z: float


def body_of(pose: CharacterPose, reaches: Sequence[float], camera: Camera) -> Body:
    """What of somebody must not be covered.

    Args:
        pose: As the shot begins.
        reaches: Where things lie that they will take.
        camera: The shot's first.
    """
    x, z = pose.root
    foot = -camera.y + camera.visible_m / 2 / camera.closeness(z)
    seen = [(hand_x, -hand_y) for hand_x, hand_y in pose.hands if -hand_y < foot]
    at = [*(x + hand_x for hand_x, _ in seen), *(reach for reach in reaches if abs(reach - x) < 0.8)]
    left = min([x - _TRUNK_M, *(place - _HAND_M for place in at)])
    right = max([x + _TRUNK_M, *(place + _HAND_M for place in at)])
    return Body(left, right, max((y for _, y in seen), default=foot) + _HAND_M, z)


def cleared(
    pixels: Pixels, corner: tuple[int, int], z: float, camera: Camera, first: Camera,
    size: tuple[int, int], pad: tuple[int, int], bodies: Sequence[Body],
) -> Pixels:  # fmt: skip
    """A foreground plate whose things were moved aside, out of the frame if need be, where they would cover somebody.

    Args:
        pixels: The plate, `(height, width, 4)`.
        corner: Where it lies in the frame with its margin.
        z: Its depth.
        camera: It was drawn for.
        first: The shot's first, which decides how far things move, whatever the reference.
        size: Of the frame, (width, height).
        pad: The margin.
        bodies: Of the people.
    """
    runs = runs_of(pixels)
    now, then = camera.plane(z, size), first.plane(z, size)
    ratio = then[0, 0] / now[0, 0]
    moves: list[int] = []
    for low, high in runs:
        rows = np.flatnonzero(pixels[:, low:high, 3].any(1))
        top, foot = (then[1, 2] + (row + corner[1] - pad[1] - now[1, 2]) * ratio for row in (rows[0], rows[-1]))
        left, right = (then[0, 2] + (column + corner[0] - pad[0] - now[0, 2]) * ratio for column in (low, high))
        shift = 0.0
        if right - left < _WIDE * size[0] and foot > 0.5 * size[1]:
            shift = _aside(left, right, top, first, size, bodies)
        moves.append(round(shift / ratio))
    if not any(moves):
        return pixels
    out = np.zeros_like(pixels)
    for (low, high), move in zip(runs, moves, strict=True):
        keep = slice(max(low, -move), min(high, pixels.shape[1] - move))
        if keep.stop > keep.start:
            out[:, keep.start + move : keep.stop + move] |= pixels[:, keep]
    return out


def _aside(
    left: float, right: float, top: float, first: Camera, size: tuple[int, int], bodies: Sequence[Body]
) -> float:
    """How far something moves towards its side of the frame, pixels of the shot's first frame."""
    gap, shift = _CLEAR * size[1], 0.0
    way = -1.0 if left + right < size[0] else 1.0
    for body in bodies:
        view = first.plane(body.z, size)
        low, high = (view[0, 0] * x + view[0, 2] for x in (body.left, body.right))
        if top > view[1, 1] * body.low + view[1, 2] or right < low - gap or left > high + gap:
            continue
        shift = min(shift, low - gap - right) if way < 0 else max(shift, high + gap - left)
    return shift


def runs_of(pixels: Pixels) -> list[tuple[int, int]]:
    """From and to which columns of a plate something is seen."""
    seen = np.concatenate([[False], pixels[..., 3].any(0), [False]])
    edges = np.flatnonzero(seen[1:] != seen[:-1]).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))
