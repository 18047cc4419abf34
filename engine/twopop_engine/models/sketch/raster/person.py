"""The body: a figure from floor to crown in metres, y down, the floor at 0, drawn about its own root.

Limbs are tapered ribbons between joints found by two-bone reach; each form is a lit base, a clipped shadow shape and
an edge of light.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from . import clothes, collars
from .canvas import Canvas, View, affine
from .face import draw_back_hair, draw_head
from .hands import Clasp, Hold, draw_hand
from .head import Head, make_head, seen_yaw
from .legs import draw_legs
from .limbs import limb, reach
from .look import Person
from .palette import Light, Tones, tones
from .rig import CharacterPose, Mouth
from .shapes import clamp
from .stance import at_rest, bow, stance_of

Joint = tuple[float, float]
SEATED_M = 0.3
"""Hips lowered by more than this belong to somebody who sits."""
_PALM_M = 0.045
"""From the wrist to the middle of the palm."""
_FIST_M = 0.058
"""From the wrist to the middle of what a closed hand holds."""
_SHADE = 0.74
_SHUT = Mouth()
_NOWHERE: tuple[Joint, Joint] = ((0.0, 0.0), (0.0, 0.0))


@dataclass(frozen=True)
class Figure:
    """A body about to be drawn: measures, joints (metres, y down, x about the root) and materials.

    `rest` is how far the weight lies on one leg, negative on the audience's left one.
    """

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
    rest: float
    cloth: Tones
    skin: Tones
    fists: frozenset[int] = frozenset()
    pockets: frozenset[int] = frozenset()

    @property
    def side(self) -> float:
        """Where the key is."""
        return self.light.side

    @property
    def profile(self) -> float:
        """How far they are seen from the side: 0 from the front up to half turned, 1 in profile."""
        return clamp((abs(self.shift) - 0.5) / 0.4, 0.0, 1.0)

    @property
    def seated(self) -> bool:
        """Whether the hips are so low that this is sitting."""
        return self.pose.hip_drop > SEATED_M

    def torso(self, across: float, down: float) -> Joint:
        """A point of the trunk: `across` -1 .. 1 between its edges, `down` 0 at the shoulders .. 1 at the hips."""
        top = _between(self.shoulders[0], self.shoulders[1], (across + 1) / 2)
        low = _between(self.hips[0], self.hips[1], (across + 1) / 2)
        x, y = _between(top, low, min(1.0, down))
        if down > 1.0:  # what hangs below the hips hangs straight down
            trunk = (self.hips[0][1] + self.hips[1][1] - self.shoulders[0][1] - self.shoulders[1][1]) / 2
            x, y = x + 0.15 * (low[0] - top[0]) * (down - 1.0), y + trunk * (down - 1.0)
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
    stance = stance_of(person)
    rest = stance.side * stance.ease * at_rest(pose)  # the weight on one leg: hips out over it, shoulders against them
    slope = 0.02 * math.sin(turn) + 0.016 * rest
    shoulders = ((sway - wide * flat, shoulder_y + 0.012 - slope), (sway + wide * flat, shoulder_y + 0.012 + slope))
    aside, tilt = 0.036 * rest, 0.017 * rest
    hips = ((aside - hip_wide * flat, hip_y + tilt), (aside + hip_wide * flat, hip_y - tilt))
    yaw = seen_yaw(turn + pose.head[0], habit)
    neck = (sway + 0.012 * math.sin(turn), shoulder_y - 0.02)
    head_y = -(tall - unit) + drop - 0.004 * pose.breath
    head = (sway * 1.12 + 0.024 * math.sin(yaw), head_y + 0.02 * abs(sway))
    return Figure(
        *(canvas, person, pose, light, yaw, unit, neck, head, shoulders, hips, math.sin(turn), rest),
        tones(light, person.cloth),
        tones(light, person.skin),
    )


@dataclass(frozen=True)
class Grip:
    """What a hand holds: which hand (0 the one on the audience's left), how, how to draw the thing within the figure,
    and a key of all that this depends on.
    """

    hand: int
    hold: Hold
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
    pockets: frozenset[int] = frozenset(),
    hands_only: bool = False,
) -> None:
    """Draw someone about their own root: the view must map metres (y down from the floor) to pixels.

    They come in cels, so that a hand that moves does not draw the rest anew.

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
        pockets: Which hands are in one.
        hands_only: The shot is about what the hands do: the rest of the body is left in the shade.
    """
    body = replace(pose, mouth=_SHUT, blink=0.0, gaze=(0.0, 0.0))
    figure = replace(measure(canvas, person, body, light, habit), fists=fists, pockets=pockets)
    behind, before, raised = _arm_order(figure, grip)
    place = affine(figure.unit, *figure.head, turn=0.75 * clamp(pose.head[2], -0.5, 0.5) + 0.3 * pose.lean)
    key = (person, replace(body, hands=_NOWHERE), light, habit, legs, hands_only)
    rest = _in_shade(figure) if hands_only else figure
    with canvas.moved(place):
        head = make_head(canvas, person, body, rest.light, figure.yaw)
        face = make_head(canvas, person, pose, rest.light, figure.yaw)

    def draw_arm(k: int) -> None:
        held = grip if grip is not None and grip.hand == k else None
        own = (key, pose.hands[k], held and held.key, k in fists, k in pockets, k in behind)
        canvas.cel((who, "arm", k), own, partial(_arm, rest if k in behind else figure, k, held))

    canvas.cel((who, "back"), key, partial(_back, rest, head, place, legs))
    for k in behind:
        draw_arm(k)
    canvas.cel((who, "trunk"), key, partial(_trunk, rest))
    for k in before:
        draw_arm(k)
    canvas.cel((who, "collar"), key, partial(collars.draw_collar_back, rest))
    with canvas.moved(place):
        draw_head(head, face, who, key)
    canvas.cel((who, "front"), key, partial(collars.draw_collar_front, figure))
    for k in raised:
        draw_arm(k)


def _in_shade(figure: Figure) -> Figure:
    """The same body where less light falls."""
    light = _shade_of(figure.light)
    return replace(figure, light=light, cloth=tones(light, figure.person.cloth), skin=tones(light, figure.person.skin))


@lru_cache(maxsize=8)
def _shade_of(light: Light) -> Light:
    return replace(light, level=_SHADE * light.level, rim=light.rim.lighter(-0.22))


def _back(figure: Figure, head: Head, place: View, legs: bool) -> None:
    """What lies behind the arms."""
    with figure.canvas.moved(place):
        draw_back_hair(head)
    if legs:
        draw_legs(figure)


def _trunk(figure: Figure) -> None:
    clothes.draw_neck(figure)
    clothes.draw_torso(figure)


def _arm_order(figure: Figure, grip: Grip | None) -> tuple[list[int], list[int], list[int]]:
    """Which arms lie behind the trunk, before it, and before the head."""
    first = 1 if figure.shift > 0 else 0  # the far one
    hidden = [first] if abs(figure.shift) > 0.35 and not (grip and grip.hand == first) else []
    shown = [k for k in (first, 1 - first) if k not in hidden]
    high = 0.76 * figure.person.height - figure.pose.hip_drop
    raised = [k for k in shown if figure.pose.hands[k][1] > high]
    return hidden, [k for k in shown if k not in raised], raised


def _arm(figure: Figure, which: int, grip: Grip | None) -> None:
    person, canvas, tall = figure.person, figure.canvas, figure.person.height
    x, y = figure.shoulders[which]
    inward = 1.0 if which == 0 else -1.0
    profile, ahead = figure.profile, 1.0 if figure.shift >= 0 else -1.0
    middle = (figure.shoulders[0][0] + figure.shoulders[1][0]) / 2
    root = (x + inward * 0.030 + 0.8 * profile * (middle - x - inward * 0.030), y + 0.026)
    hand_x, hand_y = figure.pose.hands[which]
    # an elbow gives way outwards as seen from the front, to the back from the side
    aside = (-bow(figure.pose, person, which) * inward * (1 - profile) - 0.8 * ahead * profile, 0.62 - 0.4 * profile)
    holds = grip is not None and grip.hand == which
    palm_m = _FIST_M if holds or which in figure.fists else _PALM_M
    elbow, palm = reach(root, (hand_x, -hand_y), 0.180 * tall, 0.160 * tall, aside)
    wrist = _between(palm, elbow, min(0.4, palm_m / max(1e-6, math.dist(palm, elbow))))
    elbow, hand = reach(root, wrist, 0.180 * tall, 0.160 * tall, aside)  # the palm is where the hand is said to be
    thick = 0.055 * tall * (0.82 + 0.35 * person.build)
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
        if which in figure.pockets:
            clothes.draw_pocket(figure, hand, which)
        else:
            draw_hand(figure, elbow, hand, which, far)
    share = 0.80 if outer else 0.46
    limb(canvas, np.array(end), sleeve, figure.cloth, figure.side, dim=far, share=share, rim=outer)
    collars.draw_sleeve(figure, np.array(end), thick, far)
    if grip is not None and holds:
        clasp = Clasp(figure, hand, palm, grip.hold)
        clasp.draw_behind()
        grip.draw()
        clasp.draw_before()
    elif which in figure.fists:
        Clasp(figure, hand, palm, Hold("wrap", math.atan2(palm[1] - hand[1], palm[0] - hand[0]) + 1.4)).draw_before()


def _cut(root: Joint, elbow: Joint, hand: Joint, share: float) -> list[Joint]:
    """The part of an arm that a sleeve covers, as at least three joints."""
    if share >= 1.0:
        return [root, elbow, _between(elbow, hand, 0.97)]
    if share > 0.5:
        return [root, elbow, _between(elbow, hand, (share - 0.5) * 2)]
    return [root, _between(root, elbow, share), _between(root, elbow, share * 2)]
