"""Legs and shoes: from the front by a hint of a knee, from the side by what a leg that goes does.

Where a foot touches the ground is the pose's; how it rolls there follows from where it is under the body: the heel of
one behind is up already, its ball still down; one ahead comes down on its heel.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from . import clothes
from .canvas import Canvas
from .limbs import Joint, limb, reach
from .palette import Colour, Light, Tones, tones
from .rig import CharacterPose
from .shapes import clamp, ellipse, ribbon, spline

if TYPE_CHECKING:
    from .look import Person
    from .person import Figure

SHOES = Colour(0.22, 0.02, 40)
_ANKLE_M = 0.055
"""From the ground to the ankle."""
_HEEL_M = -0.05
_STRAIGHT = 1.004
"""The length of a leg against the way it has when one stands: a knee that is never quite through does not snap."""


def draw_legs(figure: Figure) -> None:
    """Both legs, the far one first."""
    person, canvas, tall = figure.person, figure.canvas, figure.person.height
    cloth = tones(figure.light, clothes.trousers(person))
    shoe = tones(figure.light, SHOES)
    facing = 1.0 if figure.shift >= 0 else -1.0
    thick = 0.094 * tall * (0.82 + 0.40 * person.build)
    order = (1, 0) if figure.shift >= 0 else (0, 1)
    seat = [
        figure.torso(-0.90, 0.94),
        figure.torso(0.90, 0.94),
        figure.torso(0.98, 1.16),
        ((figure.hips[0][0] + figure.hips[1][0]) / 2, figure.hips[0][1] + 0.15),
        figure.torso(-0.98, 1.16),
    ]
    canvas.fill(spline(seat, corners=(0, 1)), cloth.dark)
    for k in order:
        hip, knee, ankle = leg_joints(figure, k)
        own = facing if abs(figure.shift) > 0.2 else (-1.0 if k == 0 else 1.0)
        ahead = abs(figure.shift) * (1.0 if k == order[0] or abs(figure.shift) > 0.7 else 0.6)
        _shoe(canvas, shoe, figure, k, ankle, own, max(0.16, ahead))
        far = k == order[0]
        top = _top(figure, k, hip, 0.84 * thick / 2)
        limb(
            canvas,
            np.array([top, hip, knee, (ankle[0], ankle[1] + 0.012)]),
            [thick * w for w in (0.84, 0.95, 1.0, 0.86, 0.72, 0.75, 0.70, 0.62, 0.58)],
            cloth,
            figure.side,
            dim=far and abs(figure.shift) > 0.3,
            share=0.62,
            rim=(k - 0.5) * figure.side < 0,
        )


def _top(figure: Figure, which: int, hip: Joint, half: float) -> Joint:
    """Where a trouser leg begins, within the trunk."""
    left, right = figure.hips
    middle, room = (left[0] + right[0]) / 2, abs(right[0] - left[0]) / 2 - half - 0.012
    side = -1.0 if which == 0 else 1.0
    return middle + side * max(0.0, room), hip[1] - 0.13 + 0.05 * figure.profile


def leg_joints(figure: Figure, which: int) -> tuple[Joint, Joint, Joint]:
    """Hip, knee and ankle. Low hips are those of somebody who sits: thighs forward, the feet under the knees."""
    tall, turned, profile = figure.person.height, abs(figure.shift), figure.profile
    facing = 1.0 if figure.shift >= 0 else -1.0
    hip = figure.hips[which]
    root = (hip[0] * (0.52 - 0.40 * profile), hip[1] + 0.085 - 0.06 * profile)
    foot_x, foot_y = figure.pose.feet[which]
    sits = clamp((figure.pose.hip_drop - 0.22) / 0.16, 0.0, 1.0)
    if sits > 0.5:
        ahead = facing * sits * (0.12 + 0.26 * turned)
        ankle = (_ground(figure, which) + ahead, -foot_y - _ANKLE_M)
        knee = (root[0] + ahead * 1.05 + 0.3 * foot_x, root[1] + 0.02 + 0.10 * (1 - turned))
        return root, knee, ankle
    sole = (_ground(figure, which) + facing * sits * (0.12 + 0.26 * turned), -foot_y - _ANKLE_M)
    lifted = _rolled(0j, *roll(figure, which))
    ankle = (sole[0] + facing * lifted.real, sole[1] + lifted.imag)
    bent = 0.25 + 0.5 * min(1.0, abs(foot_y) * 6 + figure.pose.hip_drop * 8)
    shown = max(0.25, turned) * bent * (1 - profile) + profile
    loose = -figure.rest * (-1.0 if which == 0 else 1.0)  # the leg without weight gives way at the knee
    shown += (0.10 * loose if loose > 0 else 0.04 * loose) * (1 - profile)
    straight = min(1.0, 3.0 * profile)
    stands = _STRAIGHT * (0.530 * tall - 0.025 - _ANKLE_M) * straight
    upper, lower = (share * tall * (1 - straight) + 0.5 * stands for share in (0.255, 0.252))
    goes = facing if turned > 0.2 else (-1.0 if which == 0 else 1.0)
    knee, end = reach(root, ankle, upper, lower, (goes * shown, 0.0))
    return root, knee, end


def _ground(figure: Figure, which: int) -> float:
    """Where a foot stands, about the root."""
    return figure.pose.feet[which][0] * (0.72 + 0.28 * abs(figure.shift))


def roll(figure: Figure, which: int) -> tuple[float, float, float]:
    """How far a foot is turned (rad, heel up), where it turns (metres before the ankle) and how high that is."""
    profile = figure.profile
    if profile <= 0.0 or figure.seated:
        return 0.0, 0.0, 0.0
    foot_x, foot_y = figure.pose.feet[which]
    ahead = foot_x * (1.0 if figure.shift >= 0 else -1.0)
    heel = 0.50 * clamp((-ahead - 0.08) / 0.26, 0.0, 1.0) + min(1.0, 3.5 * foot_y) * clamp(0.3 - ahead * 3.5, 0.0, 1.0)
    toe = 0.34 * clamp((ahead - 0.18) / 0.14, 0.0, 1.0) * (1.0 - clamp(4 * foot_y - 0.4, 0.0, 1.0))
    air = clamp(foot_y / 0.2, 0.0, 1.0)
    if toe > heel:
        return -toe * profile, _HEEL_M, 0.0
    return heel * profile, 0.115 * (1.0 - air), air


def _rolled(point: complex, angle: float, pivot_m: float, _air: float) -> complex:
    """A point of a foot about its ankle (forward, down) after its roll."""
    pivot = complex(pivot_m, _ANKLE_M)
    return pivot + (point - pivot) * cmath.exp(1j * angle)


def _shoe(canvas: Canvas, tone: Tones, figure: Figure, which: int, ankle: Joint, facing: float, turned: float) -> None:
    """Seen from the side as far as it is turned; its sole lies 5.5 cm under the ankle."""
    long = 0.050 + 0.13 * turned
    angle, pivot, air = roll(figure, which)
    home = _rolled(0j, angle, pivot, air)
    toes = angle * air if angle > 0 else angle
    """What lies before the ball of a foot stays on the ground while its heel rises."""

    def placed(points: list[tuple[float, float]]) -> np.ndarray:
        z = [complex(*p) for p in points]
        if angle:
            z = [_rolled(p, toes if p.real > 0.12 else angle, pivot, air) - home for p in z]
        return np.array([(ankle[0] + facing * p.real, ankle[1] + p.imag) for p in z])

    upper = [
        (-0.050, -0.05),
        (0.042, -0.05),
        (0.030 + long * 0.45, 0.000),
        (long + 0.035, 0.022),
        (long + 0.045, 0.042),
        (0.4 * long, 0.044),
        (-0.060, 0.042),
    ]
    canvas.fill(spline(placed(upper), corners=(0, 6)), tone.lit if figure.side * facing > 0 else tone.dark)
    sole = [
        (-0.064, 0.040),
        (0.6 * long, 0.040),
        (long + 0.048, 0.040),
        (long + 0.044, 0.056),
        (0.6 * long, 0.056),
        (-0.060, 0.056),
    ]
    canvas.fill(spline(placed(sole), corners=(0, 2, 3, 5), pull=0.1), tone.deep)


def shoe_shadows(canvas: Canvas, feet: Sequence[Joint], facing: float, light: Light) -> None:
    """Where the feet of who faces there (rad) stand, the fainter the higher they are."""
    turned = math.sin(clamp(facing, -1.3, 1.3))
    for foot_x, foot_y in feet:
        x = foot_x * (0.72 + 0.28 * abs(turned)) + 0.07 * turned
        contact_shadow(canvas, light, x, -0.004, 0.16 * (1 - 2.0 * min(0.3, foot_y)))


def contact_shadow(canvas: Canvas, light: Light, x: float, y: float, wide: float) -> None:
    """Where a thing stands: a flat soft dark on the ground."""
    ink = light.dark(light.shade)._replace(l=0.13).rgba(0.34)
    canvas.fill(ellipse(x - light.side * wide * 0.45, y, wide * 1.25, wide * 0.15), (*ink[:3], ink[3] * 2 // 3))
    canvas.fill(ellipse(x - light.side * wide * 0.1, y, wide * 0.75, wide * 0.11), ink)


def draw_seat(canvas: Canvas, person: Person, pose: CharacterPose, light: Light) -> None:
    """A stool under somebody who sits; in stage metres."""
    wood = tones(light, Colour(0.46, 0.065, 52))
    x, y = pose.root[0], -0.530 * person.height + pose.hip_drop + 0.19
    for spread in (-0.16, 0.16, -0.10, 0.10):
        leg = [(x + spread * 0.8, y), (x + spread * 1.2, 0.0)]
        canvas.fill(ribbon(leg, [0.036, 0.028]), wood.dark if abs(spread) > 0.12 else wood.deep)
    canvas.fill(ellipse(x, y + 0.03, 0.22, 0.045), wood.dark)
    canvas.fill(ellipse(x, y, 0.22, 0.045), wood.lit)
