"""The body: a figure from floor to crown in metres, y down, the floor at 0, drawn about its own root.

Limbs are tapered ribbons between joints found by two-bone reach; each form is a lit base, a clipped shadow shape and
an edge of light.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from . import clothes, collars
from .camera import EYES
from .canvas import Canvas, Rgba, View, affine
from .face import draw_back_hair, draw_head
from .head import Head, make_head, seen_yaw
from .look import Person
from .palette import Colour, Light, Tones, tones
from .rig import CharacterPose, Mouth
from .shapes import Points, along, at, clamp, ellipse, normals, ribbon, spline

Joint = tuple[float, float]
TROUSERS = Colour(0.34, 0.03, 265)
SEATED_M = 0.3
"""Hips lowered by more than this belong to somebody who sits."""
_PALM_M = 0.045
"""From the wrist to the middle of the palm."""
SHOES = Colour(0.22, 0.02, 40)
_SHUT = Mouth()


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
    fists: frozenset[int] = frozenset()

    @property
    def side(self) -> float:
        """Where the key is."""
        return self.light.side

    @property
    def seated(self) -> bool:
        """Whether the hips are so low that this is sitting."""
        return self.pose.hip_drop > SEATED_M

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
    rest = habit * max(0.0, 1.0 - 2.5 * max(foot[1] for foot in pose.feet) - 1.1 * abs(turn))  # weight on one leg
    slope = 0.02 * math.sin(turn) - 0.010 * rest
    shoulders = ((sway - wide * flat, shoulder_y + 0.012 - slope), (sway + wide * flat, shoulder_y + 0.012 + slope))
    aside, tilt = -0.014 * rest, 0.010 * rest
    hips = ((aside - hip_wide * flat, hip_y + tilt), (aside + hip_wide * flat, hip_y - tilt))
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
    """What a hand holds: which hand (0 the one on the audience's left), how to draw the thing within the figure, and a
    key of all that this depends on.
    """

    hand: int
    draw: Callable[[], None]
    key: Hashable


def draw_person(
    canvas: Canvas,
    person: Person,
    pose: CharacterPose,
    light: Light,
    *,
    who: Hashable,
    habit: float,
    legs: bool = True,
    grip: Grip | None = None,
    fists: frozenset[int] = frozenset(),
) -> None:
    """Draw someone about their own root: the view must map metres (y down from the floor) to pixels.

    Args:
        canvas: Drawn on, in cels.
        person: Who.
        pose: How.
        light: Of the scene.
        who: Tells their cels from those of others.
        habit: -1 or 1, the side a frontal face eases to.
        legs: False where the frame ends above them.
        grip: What they hold: drawn over the arm and under the fingers.
        fists: Which empty hands are closed.
    """
    body = replace(pose, mouth=_SHUT, blink=0.0, gaze=(0.0, 0.0))
    figure = replace(measure(canvas, person, body, light, habit), fists=fists)
    arms = _arm_order(figure, grip)
    place = affine(figure.unit, *figure.head, turn=0.75 * clamp(pose.head[2], -0.5, 0.5) + 0.3 * pose.lean)
    key = (person, body, light, habit, legs, grip and (grip.hand, grip.key), fists)
    with canvas.moved(place):
        head = make_head(canvas, person, body, light, figure.yaw)
        face = make_head(canvas, person, pose, light, figure.yaw)
    canvas.cel((who, "body"), key, partial(_body, figure, grip, arms, head, place, legs))
    with canvas.moved(place):
        draw_head(head, face, who, key)
    canvas.cel((who, "arms"), key, partial(_before_head, figure, grip, arms))


def _body(
    figure: Figure,
    grip: Grip | None,
    arms: tuple[list[int], list[int], list[int]],
    head: Head,
    place: View,
    legs: bool,
) -> None:
    """All that lies behind the face."""
    with figure.canvas.moved(place):
        draw_back_hair(head)
    if legs:
        _legs(figure)
    for k in arms[0]:
        _arm(figure, k, None)
    clothes.draw_neck(figure)
    clothes.draw_torso(figure)
    for k in arms[1]:
        _arm(figure, k, grip)
    collars.draw_collar_back(figure)


def _before_head(figure: Figure, grip: Grip | None, arms: tuple[list[int], list[int], list[int]]) -> None:
    collars.draw_collar_front(figure)
    for k in arms[2]:
        _arm(figure, k, grip)


def _arm_order(figure: Figure, grip: Grip | None) -> tuple[list[int], list[int], list[int]]:
    """Which arms lie behind the trunk, before it, and before the head."""
    first = 1 if figure.shift > 0 else 0  # the far one
    hidden = [first] if abs(figure.shift) > 0.35 and not (grip and grip.hand == first) else []
    shown = [k for k in (first, 1 - first) if k not in hidden]
    high = 0.76 * figure.person.height - figure.pose.hip_drop
    raised = [k for k in shown if figure.pose.hands[k][1] > high]
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
    rim: bool = True,
) -> None:
    """A tapered form along `points`: base, a shadow over `share` of it from the edge away from the key, maybe a rim."""
    spine = along(points, 7)
    full = np.interp(np.linspace(0, 1, 7), np.linspace(0, 1, len(widths)), widths)
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


def _longest_run(signs: npt.NDArray[np.float64]) -> slice:
    """Where the most neighbours are alike."""
    cuts = [0, *(np.flatnonzero(np.diff(signs)) + 1), len(signs)]
    first, last = max(pairwise(cuts), key=lambda run: run[1] - run[0])
    return slice(int(first), int(last))


def _arm(figure: Figure, which: int, grip: Grip | None) -> None:
    person, canvas, tall = figure.person, figure.canvas, figure.person.height
    x, y = figure.shoulders[which]
    inward = 1.0 if which == 0 else -1.0
    root = (x + inward * 0.030, y + 0.026)
    hand_x, hand_y = figure.pose.hands[which]
    aside = (-0.45 * inward, 0.62)
    elbow, hand = reach(root, (hand_x, -hand_y), 0.180 * tall, 0.160 * tall, aside)
    if not (grip is not None and grip.hand == which) and which not in figure.fists:
        wrist = _between(hand, elbow, min(0.4, _PALM_M / max(1e-6, math.dist(hand, elbow))))
        elbow, hand = reach(root, wrist, 0.180 * tall, 0.160 * tall, aside)  # the palm is where the hand is said to be
    thick = 0.055 * tall * (0.82 + 0.35 * person.build)
    holds = grip is not None and grip.hand == which
    far = abs(figure.shift) > 0.35 and which == (1 if figure.shift > 0 else 0) and not holds
    outer = (which - 0.5) * figure.side < 0  # the arm away from the key has the light behind it on its edge
    bare = clothes.bare_from(person)
    spine = np.array([root, elbow, hand])
    if bare < 1.0:
        widths = [thick * 0.30, thick * 0.64, thick * 0.58, thick * 0.46]
        limb(canvas, spine, widths, figure.skin, figure.side, dim=far, rim=outer)
    end = _cut(root, elbow, hand, bare)
    cuff = 0.86 if bare < 1 else 0.60
    sleeve = [thick * w for w in (0.80, 1.14, 1.06, 0.90, 0.86, cuff + 0.12, cuff)]
    if not holds and which not in figure.fists:
        _hand(figure, elbow, hand, which, far)
    share = 0.80 if outer else 0.46
    limb(canvas, np.array(end), sleeve, figure.cloth, figure.side, dim=far, share=share, rim=outer)
    collars.draw_sleeve(figure, np.array(end), thick, far)
    if grip is not None and holds:
        grip.draw()
    if holds or which in figure.fists:
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
        flip = (1.0, -1.0 if mirror else 1.0)
        canvas, tone = figure.canvas, figure.skin
        shape = spline(at(_OPEN_HAND) * flip, corners=(0, 15))
        canvas.fill(spline(at(_THUMB) * flip), tone.dark)
        canvas.fill(shape, tone.dark if far else tone.lit)
        with canvas.group(clip=shape):
            canvas.fill(spline(at("-0.6 0.06, 0.5 0.12, 1.9 0.16, 1.9 0.7, -0.6 0.7") * flip, pull=0.2), tone.dark)
            for line, wide in _BETWEEN_FINGERS:
                canvas.fill(ribbon(at(line) * flip, [0.012, wide, wide]), (*tone.deep[:3], 190))


_OPEN_HAND = (
    "-0.55 -0.34, 0.20 -0.46, 0.80 -0.50, 1.22 -0.48, 1.34 -0.40, 1.28 -0.32, 1.58 -0.31, 1.70 -0.21, 1.60 -0.13, "
    "1.78 -0.09, 1.86 0.02, 1.72 0.10, 1.62 0.13, 1.56 0.26, 1.00 0.34, -0.50 0.34"
)
"""From the wrist along the little finger's side over four fingertips back to the wrist; the thumb's side is below."""
_THUMB = "0.00 0.22, 0.42 0.44, 0.86 0.62, 1.10 0.62, 1.12 0.46, 0.84 0.26, 0.50 0.10"
_BETWEEN_FINGERS = (
    ("0.86 -0.30, 1.08 -0.32, 1.34 -0.34", 0.035),
    ("0.92 -0.11, 1.20 -0.12, 1.66 -0.13", 0.040),
    ("0.92 0.08, 1.20 0.09, 1.76 0.12", 0.040),
)


def _fist(figure: Figure, elbow: Joint, hand: Joint) -> None:
    """Fingers closed around something, seen from their knuckles."""
    size = 0.043 * figure.person.height
    turn = math.atan2(hand[1] - elbow[1], hand[0] - elbow[0])
    canvas, tone = figure.canvas, figure.skin
    with canvas.moved(affine(size, hand[0], hand[1], turn=turn)):
        shape = spline(at(_FIST))
        canvas.fill(shape, tone.lit)
        with canvas.group(clip=shape):
            canvas.fill(spline(at("-0.9 0.16, 0.1 0.24, 1.0 0.10, 1.0 0.8, -0.9 0.8"), pull=0.25), tone.dark)
            for line in (
                "0.10 -0.22, 0.42 -0.22, 0.80 -0.20",
                "0.14 0.02, 0.48 0.03, 0.90 0.02",
                "0.10 0.24, 0.42 0.25, 0.82 0.22",
            ):
                canvas.fill(ribbon(at(line), [0.012, 0.045, 0.05]), tone.deep)
        thumb = spline(at("-0.42 0.20, -0.05 0.26, 0.32 0.42, 0.42 0.56, 0.24 0.62, -0.20 0.52, -0.50 0.40"))
        canvas.fill(thumb, tone.dark)


_FIST = (
    "-0.85 -0.32, -0.15 -0.50, 0.35 -0.52, 0.66 -0.42, 0.74 -0.26, 0.88 -0.16, 0.92 0.00, 0.84 0.12, 0.82 0.26, "
    "0.62 0.40, 0.10 0.50, -0.85 0.32"
)
"""Seen from the back of the hand: four knuckles at the right, uneven."""


def _legs(figure: Figure) -> None:
    person, canvas, tall = figure.person, figure.canvas, figure.person.height
    cloth = tones(figure.light, clothes.trousers(person))
    shoe = tones(figure.light, SHOES)
    facing = 1.0 if figure.shift >= 0 else -1.0
    thick = 0.094 * tall * (0.82 + 0.40 * person.build)
    order = (1, 0) if figure.shift >= 0 else (0, 1)
    seat = [
        figure.torso(-0.98, 0.86),
        figure.torso(0.98, 0.86),
        figure.torso(0.98, 1.16),
        (0.0, figure.hips[0][1] + 0.15),
        figure.torso(-0.98, 1.16),
    ]
    canvas.fill(spline(seat, corners=(0, 1)), cloth.dark)
    for k in order:
        hip, knee, ankle = _leg_joints(figure, k)
        own = facing if abs(figure.shift) > 0.2 else (-1.0 if k == 0 else 1.0)
        ahead = abs(figure.shift) * (1.0 if k == order[0] or abs(figure.shift) > 0.7 else 0.6)
        _shoe(canvas, shoe, ankle, own, max(0.16, ahead), figure.side)
        far = k == order[0]
        limb(
            canvas,
            np.array([(hip[0] * 0.96, hip[1] - 0.13), hip, knee, (ankle[0], ankle[1] + 0.012)]),
            [thick * w for w in (0.84, 0.95, 1.0, 0.86, 0.72, 0.75, 0.70, 0.62, 0.58)],
            cloth,
            figure.side,
            dim=far and abs(figure.shift) > 0.3,
            share=0.62,
            rim=(k - 0.5) * figure.side < 0,
        )


def _leg_joints(figure: Figure, which: int) -> tuple[Joint, Joint, Joint]:
    """Hip, knee and ankle. Low hips are those of somebody who sits: thighs forward, the feet under the knees."""
    tall, turned = figure.person.height, abs(figure.shift)
    facing = 1.0 if figure.shift >= 0 else -1.0
    hip = figure.hips[which]
    root = (hip[0] * 0.52, hip[1] + 0.085)
    foot_x, foot_y = figure.pose.feet[which]
    sits = clamp((figure.pose.hip_drop - 0.22) / 0.16, 0.0, 1.0)
    ahead = facing * sits * (0.12 + 0.26 * turned)
    ankle = (foot_x * (0.72 + 0.28 * turned) + ahead, -foot_y - 0.055)
    if sits > 0.5:
        knee = (root[0] + ahead * 1.05 + 0.3 * foot_x, root[1] + 0.02 + 0.10 * (1 - turned))
        return root, knee, ankle
    bent = 0.25 + 0.5 * min(1.0, abs(foot_y) * 6 + figure.pose.hip_drop * 8)
    knee, end = reach(root, ankle, 0.255 * tall, 0.252 * tall, (facing * max(0.25, turned) * bent, 0.0))
    return root, knee, end


def _shoe(canvas: Canvas, tone: Tones, ankle: Joint, facing: float, turned: float, side: float) -> None:
    """Seen from the side as far as it is turned; its sole lies 5.5 cm under the ankle."""
    long = 0.050 + 0.13 * turned
    x, y = ankle
    upper = [
        (-0.050, -0.05),
        (0.042, -0.05),
        (0.030 + long * 0.45, 0.000),
        (long + 0.035, 0.022),
        (long + 0.045, 0.042),
        (-0.060, 0.042),
    ]
    shape = spline(np.array(upper) * (facing, 1.0) + (x, y), corners=(0, 5))
    canvas.fill(shape, tone.lit if side * facing > 0 else tone.dark)
    sole = [(-0.064, 0.040), (long + 0.048, 0.040), (long + 0.044, 0.056), (-0.060, 0.056)]
    canvas.fill(spline(np.array(sole) * (facing, 1.0) + (x, y), corners=(0, 1, 2, 3), pull=0.1), tone.deep)


def draw_seat(canvas: Canvas, person: Person, pose: CharacterPose, light: Light) -> None:
    """A stool under somebody who sits; in stage metres."""
    wood = tones(light, Colour(0.46, 0.065, 52))
    x, y = pose.root[0], -0.530 * person.height + pose.hip_drop + 0.19
    for spread in (-0.16, 0.16, -0.10, 0.10):
        leg = [(x + spread * 0.8, y), (x + spread * 1.2, 0.0)]
        canvas.fill(ribbon(leg, [0.036, 0.028]), wood.dark if abs(spread) > 0.12 else wood.deep)
    canvas.fill(ellipse(x, y + 0.03, 0.22, 0.045), wood.dark)
    canvas.fill(ellipse(x, y, 0.22, 0.045), wood.lit)


def contact_shadow(canvas: Canvas, light: Light, x: float, y: float, wide: float) -> None:
    """Where a thing stands: a flat soft dark on the ground."""
    ink = light.dark(light.shade)._replace(l=0.13).rgba(0.34)
    canvas.fill(ellipse(x - light.side * wide * 0.45, y, wide * 1.25, wide * 0.15), (*ink[:3], ink[3] * 2 // 3))
    canvas.fill(ellipse(x - light.side * wide * 0.1, y, wide * 0.75, wide * 0.11), ink)


def eye_height(person: Person, pose: CharacterPose) -> float:
    """Metres from the floor to the eyes."""
    return EYES * person.height - pose.hip_drop


def ink_of(colour: Colour, alpha: float = 1.0) -> Rgba:
    """Shorthand of places and props."""
    return colour.rgba(alpha)
