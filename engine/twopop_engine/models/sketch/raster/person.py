"""The body: a figure from floor to crown in metres, y down, the floor at 0, drawn about its own root.

Limbs are tapered ribbons between joints found by two-bone reach; each form is a lit base, a clipped shadow shape and
an edge of light.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import clothes, collars
from .camera import EYES
from .canvas import Canvas, Rgba, affine
from .face import draw_back_hair, draw_head
from .head import make_head, seen_yaw
from .look import Person
from .palette import Colour, Light, Tones, tones
from .rig import CharacterPose
from .shapes import Points, along, at, clamp, ellipse, normals, ribbon, spline

Joint = tuple[float, float]
TROUSERS = Colour(0.34, 0.03, 265)
SHOES = Colour(0.22, 0.02, 40)


@dataclass(frozen=True)
class Figure:
    """A body about to be drawn: measures, joints (metres, y down, x about the root) and materials."""

    canvas: Canvas
    person: Person
    pose: CharacterPose
    light: Light
    yaw: float
    unit: float
    neck: Joint
    head: Joint
    shoulders: tuple[Joint, Joint]
    hips: tuple[Joint, Joint]
    shift: float
    cloth: Tones
    skin: Tones

    @property
    def side(self) -> float:
        """Where the key is."""
        return self.light.side

    def torso(self, across: float, down: float) -> Joint:
        """A point of the trunk: `across` -1 .. 1 between its edges, `down` 0 at the shoulders .. 1 at the hips."""
        top = _between(self.shoulders[0], self.shoulders[1], (across + 1) / 2)
        low = _between(self.hips[0], self.hips[1], (across + 1) / 2)
        x, y = _between(top, low, down)
        front = self.shift * 0.05 * math.sin(math.pi * min(1.0, max(0.0, down)) ** 0.8)
        return x + float(front) * (1 - across**2), y


def _between(a: Joint, b: Joint, share: float) -> Joint:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def measure(canvas: Canvas, person: Person, pose: CharacterPose, light: Light, habit: float) -> Figure:
    """Find the joints of a pose. `habit` is the side (-1 or 1) a frontal face eases to."""
    tall = person.height
    unit = 0.134 * (0.62 + 0.38 * tall / 1.72)
    turn = clamp(pose.facing, -1.3, 1.3)
    wide = 0.118 * tall * (0.90 + 0.16 * person.jaw + 0.30 * (person.build - 0.4))
    hip_wide = 0.085 * tall * (0.92 + 0.55 * (person.build - 0.4) + 0.10 * (1 - person.jaw))
    flat = 0.52 + 0.48 * math.cos(turn)
    drop, lean = pose.hip_drop, pose.lean
    hip_y, shoulder_y = -0.530 * tall + drop, -0.825 * tall + drop - 0.006 * pose.breath
    trunk = hip_y - shoulder_y
    sway = math.sin(lean) * trunk
    slope = 0.02 * math.sin(turn)
    shoulders = ((sway - wide * flat, shoulder_y + 0.012 - slope), (sway + wide * flat, shoulder_y + 0.012 + slope))
    hips = ((-hip_wide * flat, hip_y), (hip_wide * flat, hip_y))
    yaw = seen_yaw(turn + pose.head[0], habit)
    neck = (sway + 0.012 * math.sin(turn), shoulder_y - 0.02)
    head_y = -(tall - unit) + drop - 0.004 * pose.breath
    head = (sway * 1.12 + 0.024 * math.sin(yaw), head_y + 0.02 * abs(sway))
    return Figure(
        *(canvas, person, pose, light, yaw, unit, neck, head, shoulders, hips, math.sin(turn)),
        tones(light, person.cloth),
        tones(light, person.skin),
    )


@dataclass(frozen=True)
class Grip:
    """What a hand holds: which hand (0 the one on the audience's left), and how to draw the thing within the figure."""

    hand: int
    draw: Callable[[], None]


def draw_person(
    canvas: Canvas,
    person: Person,
    pose: CharacterPose,
    light: Light,
    *,
    habit: float,
    legs: bool = True,
    grip: Grip | None = None,
) -> None:
    """Draw someone about their own root: the view must map metres (y down from the floor) to pixels.

    Args:
        canvas: Drawn on.
        person: Who.
        pose: How.
        light: Of the scene.
        habit: -1 or 1, the side a frontal face eases to.
        legs: False where the frame ends above them.
        grip: What they hold: drawn over the arm and under the fingers.
    """
    figure = measure(canvas, person, pose, light, habit)
    place = affine(figure.unit, *figure.head, turn=0.75 * clamp(pose.head[2], -0.5, 0.5) + 0.3 * pose.lean)
    with canvas.moved(place):
        head = make_head(canvas, person, pose, light, figure.yaw)
        draw_back_hair(head)
    if legs:
        _legs(figure)
    before, between, after = _arm_order(figure, grip)
    for k in before:
        _arm(figure, k, None)
    clothes.draw_neck(figure)
    clothes.draw_torso(figure)
    for k in between:
        _arm(figure, k, grip)
    collars.draw_collar_back(figure)
    with canvas.moved(place):
        draw_head(head)
    collars.draw_collar_front(figure)
    for k in after:
        _arm(figure, k, grip)


def _arm_order(figure: Figure, grip: Grip | None) -> tuple[list[int], list[int], list[int]]:
    """Which arms lie behind the trunk, before it, and before the head."""
    first = 1 if figure.shift > 0 else 0  # the far one
    hidden = [first] if abs(figure.shift) > 0.35 and not (grip and grip.hand == first) else []
    shown = [k for k in (first, 1 - first) if k not in hidden]
    raised = [k for k in shown if figure.pose.hands[k][1] > 0.76 * figure.person.height]
    return hidden, [k for k in shown if k not in raised], raised


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
) -> None:
    """A tapered form along `points`: base, a shadow over `share` of it from the edge away from the key, a thin rim."""
    spine = along(points, 7)
    full = np.interp(np.linspace(0, 1, 7), np.linspace(0, 1, len(widths)), widths)
    shape = ribbon(spine, full, blunt="end")
    canvas.fill(shape, tone.dark if dim else tone.lit)
    with canvas.group(clip=shape):
        away = -side
        outward = normals(spine)
        outward *= np.sign(outward @ (away, 0.35))[:, None]
        outward *= full[:, None]
        if not dim:
            shade = np.array((0.5, 0.85, 1.0, 1.0, 0.95, 1.0, 0.95)) * full * 1.3 * share
            canvas.fill(ribbon(spine + outward * (0.74 - 0.64 * share), shade, blunt=False), tone.dark)
        if outward.mean(0)[0] * away > 0:
            canvas.fill(ribbon(spine + outward * 0.48, np.minimum(full * 0.10, 0.006)), (*tone.edge[:3], 190))


def _arm(figure: Figure, which: int, grip: Grip | None) -> None:
    person, canvas, tall = figure.person, figure.canvas, figure.person.height
    x, y = figure.shoulders[which]
    inward = 1.0 if which == 0 else -1.0
    root = (x + inward * 0.018, y + 0.020)
    hand_x, hand_y = figure.pose.hands[which]
    elbow, hand = reach(root, (hand_x, -hand_y), 0.172 * tall, 0.156 * tall, (-0.45 * inward, 0.62))
    thick = 0.056 * tall * (0.84 + 0.35 * person.build)
    holds = grip is not None and grip.hand == which
    far = abs(figure.shift) > 0.35 and which == (1 if figure.shift > 0 else 0) and not holds
    bare = clothes.bare_from(person)
    spine = np.array([root, elbow, hand])
    if bare < 1.0:
        widths = [thick * 0.30, thick * 0.64, thick * 0.58, thick * 0.46]
        limb(canvas, spine, widths, figure.skin, figure.side, dim=far)
    end = _cut(root, elbow, hand, bare)
    sleeve = [
        thick * 0.74,
        thick * 1.00,
        thick * 0.86,
        thick * (0.80 if bare < 1 else 0.66),
        thick * (0.82 if bare < 1 else 0.60),
    ]
    if not holds:
        _hand(figure, elbow, hand, which, far)
    share = 0.80 if (which - 0.5) * figure.side < 0 else 0.46
    limb(canvas, np.array(end), sleeve, figure.cloth, figure.side, dim=far, share=share)
    collars.draw_sleeve(figure, np.array(end), thick, far)
    if grip is not None and holds:
        grip.draw()
        _fist(figure, elbow, hand)


def _cut(root: Joint, elbow: Joint, hand: Joint, share: float) -> list[Joint]:
    """The part of an arm that a sleeve covers, as at least three joints."""
    if share >= 1.0:
        return [root, elbow, _between(elbow, hand, 0.97)]
    if share > 0.5:
        return [root, elbow, _between(elbow, hand, (share - 0.5) * 2)]
    return [root, _between(root, elbow, share), _between(root, elbow, share * 2)]


def _hand(figure: Figure, elbow: Joint, hand: Joint, which: int, far: bool) -> None:
    """A mitten with a thumb and a hint of fingers, in line with the forearm and hanging a little."""
    size = 0.047 * figure.person.height
    angle = math.atan2(hand[1] - elbow[1], hand[0] - elbow[0])
    relaxed = 0.22 * (1.0 if which else -1.0) * math.cos(angle)
    mirror = which == 0
    turn = angle + relaxed
    with figure.canvas.moved(affine(size, hand[0], hand[1], turn=turn)):
        flip = -1.0 if mirror else 1.0
        palm = [
            (-0.55, -0.36),
            (0.25, -0.50),
            (0.95, -0.44),
            (1.62, -0.26),
            (1.78, 0.02),
            (1.45, 0.22),
            (0.70, 0.40),
            (-0.50, 0.36),
        ]
        thumb = [(0.05, 0.28), (0.55, 0.52), (1.02, 0.66), (1.12, 0.44), (0.70, 0.22)]
        tone = figure.skin
        canvas = figure.canvas
        points = np.array(palm) * (1.0, flip)
        shape = spline(points, corners=(0, 7))
        canvas.fill(shape, tone.dark if far else tone.lit)
        with canvas.group(clip=shape):
            low = np.array([(-0.6, 0.02), (0.6, 0.10), (1.9, -0.02), (1.9, 0.7), (-0.6, 0.7)]) * (1.0, flip)
            canvas.fill(spline(low, corners=(0, 2, 3, 4)), tone.dark)
            for y in (-0.24, -0.02):
                crease = np.array([(0.95, y - 0.02), (1.3, y), (1.75, y + 0.07)]) * (1.0, flip)
                canvas.fill(ribbon(crease, [0.01, 0.05, 0.03]), (*tone.deep[:3], 170))
        canvas.fill(spline(np.array(thumb) * (1.0, flip)), tone.dark)


def _fist(figure: Figure, elbow: Joint, hand: Joint) -> None:
    """Fingers closed around something, seen from their knuckles."""
    size = 0.043 * figure.person.height
    turn = math.atan2(hand[1] - elbow[1], hand[0] - elbow[0])
    canvas, tone = figure.canvas, figure.skin
    with canvas.moved(affine(size, hand[0], hand[1], turn=turn)):
        shape = spline(at("-0.80 -0.30, -0.10 -0.52, 0.55 -0.46, 0.78 -0.05, 0.60 0.40, 0.0 0.50, -0.80 0.32"))
        canvas.fill(shape, tone.lit)
        with canvas.group(clip=shape):
            canvas.fill(
                spline([(-0.8, 0.12), (0.2, 0.18), (0.95, 0.02), (0.95, 0.8), (-0.8, 0.8)], corners=(0, 2, 3, 4)),
                tone.dark,
            )
            for y in (-0.22, 0.02, 0.24):
                canvas.fill(ribbon([(0.28, y), (0.55, y + 0.02), (0.9, y + 0.03)], [0.01, 0.06, 0.05]), tone.deep)


def _legs(figure: Figure) -> None:
    person, canvas, tall = figure.person, figure.canvas, figure.person.height
    cloth = tones(figure.light, clothes.trousers(person))
    shoe = tones(figure.light, SHOES)
    facing = 1.0 if figure.shift >= 0 else -1.0
    thick = 0.092 * tall * (0.84 + 0.40 * person.build)
    order = (1, 0) if figure.shift >= 0 else (0, 1)
    pose_drop = figure.pose.hip_drop
    seat = [
        figure.torso(-1.0, 0.86),
        figure.torso(1.0, 0.86),
        figure.torso(1.02, 1.16),
        (0.0, figure.hips[0][1] + 0.17),
        figure.torso(-1.02, 1.16),
    ]
    canvas.fill(spline(seat, corners=(0, 1)), cloth.dark)
    for k in order:
        hip = figure.hips[k]
        root = (hip[0] * 0.44, hip[1] + 0.09)
        foot_x, foot_y = figure.pose.feet[k]
        ankle = (foot_x * (0.55 + 0.45 * abs(figure.shift)) + 0.0 * facing, -foot_y - 0.055)
        bent = 0.25 + 0.5 * min(1.0, abs(foot_y) * 6 + pose_drop * 8)
        knee, end = reach(root, ankle, 0.255 * tall, 0.252 * tall, (facing * max(0.25, abs(figure.shift)) * bent, 0.0))
        _shoe(canvas, shoe, end, facing, abs(figure.shift), figure.side)
        limb(
            canvas,
            np.array([root, knee, (end[0], end[1] + 0.01)]),
            [thick * 1.0, thick * 0.98, thick * 0.78, thick * 0.66, thick * 0.60],
            cloth,
            figure.side,
            dim=k == order[0],
        )


def _shoe(canvas: Canvas, tone: Tones, ankle: Joint, facing: float, turned: float, side: float) -> None:
    long = 0.055 + 0.15 * turned
    x, y = ankle
    points = np.array(
        [
            (-0.055, -0.06),
            (0.05, -0.055),
            (0.03 + long * 0.6, 0.005),
            (long + 0.03, 0.030),
            (long + 0.03, 0.055),
            (-0.065, 0.055),
        ]
    )
    shape = spline(points * (facing, 1.0) + (x, y), corners=(0, 4, 5))
    canvas.fill(shape, tone.lit if side * facing > 0 else tone.dark)


def contact_shadow(canvas: Canvas, light: Light, x: float, y: float, wide: float) -> None:
    """Where a thing stands: a flat soft dark on the ground."""
    ink = light.dark(light.shade)._replace(l=0.13).rgba(0.34)
    canvas.fill(ellipse(x - light.side * wide * 0.25, y, wide, wide * 0.16), ink)
    canvas.fill(ellipse(x - light.side * wide * 0.1, y, wide * 0.7, wide * 0.10), ink)


def eye_height(person: Person, pose: CharacterPose) -> float:
    """Metres from the floor to the eyes."""
    return EYES * person.height - pose.hip_drop


def ink_of(colour: Colour, alpha: float = 1.0) -> Rgba:
    """Shorthand of places and props."""
    return colour.rgba(alpha)
