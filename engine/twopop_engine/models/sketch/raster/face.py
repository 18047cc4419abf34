"""The head: one drawing between a frontal and a three-quarter view, features sliding with depth as it turns.

Coordinates: x to the audience's right, y down, the crown at y = -1, the chin at y = 1, the eyes near 0. Heads that
look to the audience's left are the same drawing mirrored, so every function here sees `yaw >= 0`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import hair as hair_shapes
from .canvas import Canvas, Radial, affine
from .look import Person
from .palette import Colour, Light, Tones, tones
from .rig import CharacterPose, Mouth
from .shapes import Path, Points, crescent, ellipse, mix, polygon, ribbon, spline

TURN = 0.61
"""Yaw of the three-quarter drawing, radians (35 degrees)."""

_FRONT = np.array(
    [
        *((0.0, -1.0), (0.36, -0.945), (0.60, -0.74), (0.71, -0.45), (0.715, -0.16), (0.69, 0.06)),
        *((0.67, 0.26), (0.60, 0.50), (0.475, 0.74), (0.24, 0.955), (0.0, 1.0), (-0.24, 0.955)),
        *((-0.475, 0.74), (-0.60, 0.50), (-0.67, 0.26), (-0.715, -0.16), (-0.71, -0.45), (-0.40, -0.925)),
    ]
)
_QUARTER = np.array(
    [
        *((-0.10, -1.02), (0.28, -0.955), (0.54, -0.735), (0.648, -0.45), (0.640, -0.19), (0.575, 0.02)),
        *((0.605, 0.22), (0.548, 0.48), (0.470, 0.72), (0.365, 0.93), (0.185, 1.0), (-0.03, 0.945)),
        *((-0.30, 0.76), (-0.50, 0.50), (-0.60, 0.20), (-0.83, -0.14), (-0.87, -0.46), (-0.58, -0.88)),
    ]
)
_DROPS = np.array([0, 0, 0, 0, 0, 0, 0, 0.12, 0.5, 0.95, 1.0, 0.95, 0.5, 0.12, 0, 0, 0, 0])
"""How far each point of the outline follows the jaw."""
_RADIUS = 0.62
_JAW_DROP = 0.13


@dataclass(frozen=True)
class Head:
    """A head about to be drawn: who, how turned, under which light (`side` already mirrored with the head)."""

    canvas: Canvas
    person: Person
    pose: CharacterPose
    light: Light
    yaw: float
    pitch: float
    side: float
    mirrored: bool
    skin: Tones
    hair: Tones
    outline: Points

    def place(self, lon: float, y: float, depth: float = 1.0) -> tuple[float, float]:
        """Where a feature at longitude `lon` (rad, 0 the nose) and height `y` comes to lie; nearer ones slide more."""
        turned = lon + 0.84 * self.yaw
        x = _RADIUS * depth * float(np.sin(turned))
        return x, y - 0.42 * float(np.sin(self.pitch)) * depth * max(0.25, float(np.cos(turned)))

    def width(self, lon: float) -> float:
        """Foreshortening of a feature at longitude `lon`, 1 when seen straight."""
        return 0.42 + 0.58 * max(0.0, float(np.cos(lon + 0.84 * self.yaw)))

    @property
    def child(self) -> float:
        """1 for a small child, 0 for anyone grown."""
        return float(np.clip((17.0 - self.person.age) / 11.0, 0.0, 1.0))

    @property
    def old(self) -> float:
        """0 up to forty, 1 at eighty."""
        return float(np.clip((self.person.age - 40.0) / 40.0, 0.0, 1.0))


def seen_yaw(total: float, habit: float) -> float:
    """The yaw drawn for a head turned by `total`: a full frontal is eased into a three-quarter view, `habit` (-1 or 1)
    saying to which side, and nobody turns past what the drawing can show.
    """
    eased = total + 0.33 * habit * float(np.exp(-((total / 0.35) ** 2)))
    return 0.85 * float(np.tanh(eased / 0.85))


def draw_head(canvas: Canvas, person: Person, pose: CharacterPose, light: Light, yaw: float) -> None:
    """Draw a head in head units (see the module), without the hair that falls behind the neck."""
    head = make_head(canvas, person, pose, light, yaw)
    with canvas.moved(affine(1.0, 0.0, 0.0, mirror=head.mirrored)):
        _far_ear(head)
        shape = spline(head.outline)
        canvas.fill(shape, head.skin.lit)
        with canvas.group(clip=shape):
            _shade(head)
            _features(head)
            _rim(head, shape)
        if head.person.hair_shape in hair_shapes.OVER_EARS:
            _near_ear(head)
            hair_shapes.draw_front(head)
        else:
            hair_shapes.draw_front(head)
            _near_ear(head)


def draw_back_hair(canvas: Canvas, person: Person, pose: CharacterPose, light: Light, yaw: float) -> None:
    """Draw the hair that hangs behind neck and shoulders; goes before the body."""
    head = make_head(canvas, person, pose, light, yaw)
    with canvas.moved(affine(1.0, 0.0, 0.0, mirror=head.mirrored)):
        hair_shapes.draw_back(head)


def make_head(canvas: Canvas, person: Person, pose: CharacterPose, light: Light, yaw: float) -> Head:
    """Everything the drawing needs, mirrored so that the face looks to the right."""
    mirrored = yaw < 0
    yaw = abs(yaw)
    pitch = float(np.clip(pose.head[1], -0.6, 0.6))
    outline = _outline(person, pose.mouth.jaw, yaw, pitch)
    side = -light.side if mirrored else light.side
    hair = tones(light, person.hair)
    return Head(canvas, person, pose, light, yaw, pitch, side, mirrored, tones(light, person.skin), hair, outline)


def _outline(person: Person, jaw: float, yaw: float, pitch: float) -> Points:
    outline = mix(_FRONT, _QUARTER, yaw / TURN)
    child = float(np.clip((17.0 - person.age) / 11.0, 0.0, 1.0))
    centre = outline[10, 0]
    lower = np.array([0, 0, 0, 0, 0, 0.2, 0.4, 0.8, 1, 1, 1, 1, 1, 0.8, 0.4, 0, 0, 0])
    widen = 1.0 + lower * (0.17 * (person.jaw - 0.5) + 0.10 * (person.build - 0.4) + 0.10 * child)
    outline[:, 0] = centre * lower + (outline[:, 0] - centre * lower) * widen
    outline[:, 1] += _DROPS * (_JAW_DROP * jaw - 0.06 * child + 0.03 * (person.jaw - 0.5))
    outline[4:14, 1] -= 0.16 * np.sin(pitch)
    return outline


def _shade(head: Head) -> None:
    """The clipped shadow shape of the side away from the key, the shade of the hair, warmth in the cheek."""
    canvas, away = head.canvas, -head.side
    slide = 0.22 * np.sin(head.yaw)
    reach = np.array([0.34, 0.47, 0.50, 0.385, 0.455, 0.33, 0.27, 0.10, -0.05])
    heights = np.array([-1.1, -0.55, -0.22, 0.02, 0.22, 0.48, 0.70, 0.94, 1.2])
    edge = np.column_stack([away * reach + slide, heights])
    wall = [(away * 1.4, 1.2), (away * 1.4, -1.1)]
    x, y = head.place(head.side * 0.55, 0.36)
    blush = Colour(0.60, 0.14, 28)
    canvas.fill(ellipse(x, y, 0.26, 0.20), Radial((x, y), 0.22, ((0.0, blush.rgba(0.26)), (1.0, blush.rgba(0.0)))))
    canvas.fill(spline([*edge, *wall], corners=(0, 8, 9, 10)), head.skin.dark)
    if head.person.hair_shape == "bald":
        return
    fringe = [head.place(lon, h + 0.055, 1.05) for lon, h in hair_shapes.hairline(head.person)]
    dark = (*head.skin.dark[:3], 200)
    canvas.fill(
        spline([*fringe, (1.0, -1.2), (-1.0, -1.2)], corners=(0, len(fringe) - 1, len(fringe), len(fringe) + 1)), dark
    )


def _features(head: Head) -> None:
    _nose(head)
    for eye in (1, -1):
        _eye(head, eye)
    _mouth(head, head.pose.mouth)
    _lines(head)
    if head.person.beard > 0.05:
        _beard(head)
    if head.person.glasses:
        _glasses(head)


def _in_shade(head: Head, x: float) -> bool:
    return x * -head.side > 0.40 + 0.2 * np.sin(head.yaw) * -head.side


def _eye(head: Head, which: int) -> None:
    """One eye: `which` is 1 for the one on the right of the drawing (far when turned)."""
    canvas, pose = head.canvas, head.pose
    lon = which * 0.44
    x, y = head.place(lon, 0.045 + 0.03 * head.child)
    wide = (0.158 + 0.02 * head.child) * head.width(lon)
    tall = 0.084 + 0.025 * head.child
    squint = 0.35 * head.pose.squint + 0.25 * max(0.0, pose.smile)
    blink = min(1.0, pose.blink)
    low = 0.058 - 0.03 * squint
    top = -tall * (1.0 - 0.22 * squint)
    up = top + (low - 0.012 - top) * blink
    # from the inner to the outer corner; the outer one sits a little higher
    upper = np.array([(-1.0, 0.018), (-0.52, up * 0.72), (0.08, up), (0.66, up * 0.62 - 0.006), (1.0, -0.012)])
    lower = np.array([(0.62, low * 0.72), (0.0, low), (-0.6, low * 0.66)])
    scale = np.array([wide * which, 1.0])
    upper, lower = upper * scale + (x, y), lower * scale + (x, y)
    opening = spline(np.concatenate([upper, lower]), corners=(0, 4))
    shaded = _in_shade(head, x)
    _socket(head, x, y, which, wide)
    if blink < 0.93:
        with canvas.group(clip=opening):
            _eyeball(head, x, y, which, shaded, top)
    lash = Colour(0.22, 0.03, 40).toward(head.person.hair, 0.35)._replace(l=0.20).rgba()
    thick = 0.028 + 0.014 * head.person.lips
    canvas.fill(ribbon(upper, [0.012, thick * 0.75, thick, thick * 1.15, 0.010]), lash)
    crease = upper[1:] + np.array((0.0, -0.042 - 0.02 * blink))
    canvas.fill(ribbon(crease, [0.002, 0.012, 0.014, 0.003]), head.skin.deep if shaded else head.skin.dark)
    canvas.fill(ribbon(lower + np.array((0.0, 0.010)), [0.004, 0.010, 0.003]), (*head.skin.deep[:3], 150))
    _brow(head, which, x, y, wide)


def _socket(head: Head, x: float, y: float, which: int, wide: float) -> None:
    """The soft dark between brow and nose, which sets the eye into the head."""
    inner = x - which * wide
    points = [
        *((inner - which * 0.03, y + 0.05), (inner - which * 0.045, y - 0.16), (x - which * wide * 0.2, y - 0.165)),
        *((x + which * wide * 0.5, y - 0.11), (x - which * wide * 0.4, y - 0.08)),
    ]
    head.canvas.fill(spline(points), (*head.skin.dark[:3], 110))


def _eyeball(head: Head, x: float, y: float, which: int, shaded: bool, top: float) -> None:
    canvas = head.canvas
    white = tones(head.light, Colour(0.90, 0.012, 70))
    canvas.fill(ellipse(x, y, 0.3, 0.3), white.dark if shaded else white.lit)
    gaze_x, gaze_y = head.pose.gaze
    if head.mirrored:
        gaze_x = -gaze_x
    slide = 0.052 * np.clip(gaze_x, -1, 1) + 0.030 * np.sin(head.yaw)
    ix, iy = x + slide, y - 0.014 - 0.030 * np.clip(gaze_y, -1, 1) - 0.02 * head.pitch
    radius = 0.087 + 0.016 * head.child
    squeeze = 0.80 + 0.20 * head.width(which * 0.44)
    iris = tones(head.light, head.person.eye)
    canvas.fill(ellipse(ix, iy, radius * squeeze, radius), iris.deep)
    canvas.fill(ellipse(ix, iy + 0.010, radius * 0.86 * squeeze, radius * 0.80), iris.dark if shaded else iris.lit)
    canvas.fill(ellipse(ix, iy, radius * 0.46 * squeeze, radius * 0.46), Colour(0.13, 0.02, 40).rgba())
    # the lid's shadow on the ball, then the key's reflection over everything
    lid = [
        (x - 0.22, y + top - 0.06),
        (x + 0.22, y + top - 0.06),
        (x + 0.2, y + top + 0.040),
        (x, y + top + 0.030),
        (x - 0.2, y + top + 0.045),
    ]
    canvas.fill(spline(lid, corners=(0, 1)), (*white.deep[:3], 120))
    glint = 0.021 if not shaded else 0.014
    canvas.fill(
        ellipse(ix + head.side * radius * 0.38, iy - radius * 0.36, glint, glint * 1.15),
        Colour(0.97, 0.01, 90).rgba(0.95),
    )


def _brow(head: Head, which: int, x: float, y: float, wide: float) -> None:
    pose = head.pose
    index = (0 if which < 0 else 1) if not head.mirrored else (1 if which < 0 else 0)
    lift = 0.075 * float(np.clip(pose.brows[index], -1, 1))
    knit = 0.05 * min(1.0, pose.furrow)
    base = y - 0.235 + 0.01 * head.child
    points = [
        (x - which * (wide * 0.95 - knit * 0.35), base + 0.018 - lift * 0.75 + knit),
        (x - which * wide * 0.25, base - 0.005 - lift + knit * 0.3),
        (x + which * wide * 0.45, base - 0.026 - lift),
        (x + which * wide * 1.18, base + 0.052 - lift * 0.6),
    ]
    thick = 0.034 + 0.040 * head.person.brow
    colour = head.person.hair._replace(l=min(0.42, head.person.hair.l * 0.82))
    shade = tones(head.light, colour)
    head.canvas.fill(
        ribbon(points, [thick * 0.75, thick, thick * 0.8, 0.008]), shade.dark if _in_shade(head, x) else shade.lit
    )


def _nose(head: Head) -> None:
    """A nose is its shadow: a side plane away from the key, an underside, a light on the tip."""
    canvas, long = head.canvas, 0.03 * (head.person.nose - 0.5) - 0.05 * head.child
    away = -head.side
    brow = head.place(0.0, -0.13, 1.0)
    bridge = head.place(0.0, 0.06, 1.08)
    tip = head.place(0.0, 0.345 + long, 1.36 - 0.12 * head.child)
    base = head.place(0.0, 0.43 + long, 1.12)
    near, far = head.place(-0.22, 0.395 + long, 1.06), head.place(0.22, 0.395 + long, 1.06)
    wing = far if away > 0 else near
    hollow = head.place(0.17 * away, 0.0, 1.0)
    plane = [
        brow,
        bridge,
        tip,
        (base[0], base[1] - 0.01),
        wing,
        (wing[0], wing[1] - 0.07),
        ((hollow[0] + wing[0]) / 2, 0.16),
        hollow,
    ]
    canvas.fill(spline(plane, corners=(0, 2, 4)), (*head.skin.dark[:3], 150))
    under = [
        near,
        ((near[0] + tip[0]) / 2, tip[1] + 0.055),
        (tip[0], tip[1] + 0.045),
        ((far[0] + tip[0]) / 2, tip[1] + 0.055),
        far,
    ]
    canvas.fill(spline([*under, base], corners=(0, 4)), head.skin.dark)
    for wing_x, wing_y in (near, far):
        x = base[0] + (wing_x - base[0]) * 0.55
        canvas.fill(ellipse(x, wing_y + 0.018, 0.034 * head.width(0.2), 0.013), head.skin.deep)
    canvas.fill(ellipse(tip[0] + head.side * 0.03, tip[1] - 0.045, 0.026, 0.020), (*head.skin.glint[:3], 170))


def _mouth(head: Head, mouth: Mouth) -> None:
    """Lips, teeth, tongue. Below an aperture of 0.08 the lips touch; a closure is one dark line."""
    canvas, person = head.canvas, head.person
    gap = 0.30 * max(0.0, mouth.aperture - 0.08) / 0.92
    if mouth.teeth > 0.5 and mouth.aperture > 0.04:
        gap = max(gap, 0.055 * mouth.teeth)  # f, v, s: little opening, teeth all the same
    smile = float(np.clip(head.pose.smile, -1, 1))
    half = (0.205 + 0.085 * (mouth.width - 0.5) - 0.085 * mouth.round + 0.030 * smile) * (1.0 - 0.12 * head.child)
    full = (0.030 + 0.030 * person.lips) * (1.0 + 0.55 * mouth.round)
    y = 0.650 + 0.015 * mouth.round
    reach = half / _RADIUS
    left, right = head.place(-reach, y - 0.045 * smile, 0.97), head.place(reach, y - 0.045 * smile, 0.97)
    middle = head.place(0.0, y, 1.06 + 0.05 * mouth.round)

    def across(share: float, lift: float) -> tuple[float, float]:
        side = left if share < 0 else right
        return middle[0] + (side[0] - middle[0]) * abs(share), middle[1] + (side[1] - middle[1]) * share**2 + lift

    up, down = gap * 0.30, gap * 0.70
    inner_top = [left, across(-0.5, -up * 0.80), across(0.0, -up + 0.006), across(0.5, -up * 0.80), right]
    inner_low = [across(0.55, down * 0.86), across(0.0, down), across(-0.55, down * 0.86)]
    bow = [
        across(0.5, -up - full * 0.80),
        across(0.14, -up - full * 1.15),
        across(0.0, -up - full * 0.92),
        across(-0.14, -up - full * 1.15),
        across(-0.5, -up - full * 0.80),
    ]
    belly = [across(0.60, down + full * 0.85), across(0.0, down + full * 1.50), across(-0.60, down + full * 0.85)]
    red = person.skin.toward(Colour(0.52, 0.15, 22), 0.30 + 0.42 * person.lips)
    lip = tones(head.light, red)
    under = [
        across(0.5, down + full * 1.9 + 0.035),
        across(0.0, down + full * 1.6 + 0.020),
        across(-0.5, down + full * 1.9 + 0.035),
        across(0.0, down + full * 1.6 + 0.085),
    ]
    canvas.fill(spline(under, corners=(0, 2)), (*head.skin.dark[:3], 150))
    canvas.fill(spline([*inner_top, *bow], corners=(0, 4, 7)), lip.dark)
    canvas.fill(spline([right, *belly, left, *inner_low[::-1]], corners=(0, 4)), lip.lit)
    shine = ribbon(
        [across(-0.32, down + full * 0.72), across(0.0, down + full * 0.80), across(0.25, down + full * 0.72)],
        [0.002, full * 0.30, 0.002],
    )
    canvas.fill(shine, (*lip.glint[:3], 130))
    line = Colour(0.24, 0.06, 20).rgba()
    if gap > 0.012:
        _inside(head, mouth, spline([*inner_top, *inner_low], corners=(0, 4)), middle, half * head.width(0.0), up, down)
    else:
        seam = np.array([left, across(-0.5, 0.004), across(0.0, 0.010), across(0.5, 0.004), right])
        canvas.fill(ribbon(seam, [0.010, 0.014, 0.013, 0.014, 0.008]), line)
    for x, h in (left, right):
        canvas.fill(ellipse(x, h, 0.016, 0.013), (*head.skin.deep[:3], 200))


def _inside(
    head: Head, mouth: Mouth, opening: Path, middle: tuple[float, float], half: float, up: float, down: float
) -> None:
    canvas = head.canvas
    canvas.fill(opening, Colour(0.20, 0.075, 18).rgba())
    x, y = middle
    ivory = tones(head.light, Colour(0.90, 0.022, 85))
    flesh = tones(head.light, Colour(0.56, 0.125, 18))
    with canvas.group(clip=opening):
        raise_ = down * 0.75 * (1.0 - mouth.tongue) + 0.02
        canvas.fill(ellipse(x, y + raise_ + 0.085, half * 0.82, 0.095 + 0.02 * mouth.tongue), flesh.dark)
        canvas.fill(ellipse(x, y + raise_ + 0.105, half * 0.60, 0.085), flesh.lit)
        show = 0.030 + 0.050 * mouth.teeth
        top = y - up
        arch = [
            (x - half * 0.92, top - 0.06),
            (x + half * 0.92, top - 0.06),
            (x + half * 0.80, top + show * 0.55),
            (x, top + show),
            (x - half * 0.80, top + show * 0.55),
        ]
        canvas.fill(spline(arch, corners=(0, 1)), ivory.lit)
        if mouth.teeth > 0.55:
            base = y + down
            canvas.fill(
                spline(
                    [
                        (x - half * 0.6, base + 0.05),
                        (x - half * 0.5, base - 0.018),
                        (x, base - 0.024),
                        (x + half * 0.5, base - 0.018),
                        (x + half * 0.6, base + 0.05),
                    ]
                ),
                ivory.dark,
            )
        shadow = [
            (x - half, top - 0.05),
            (x + half, top - 0.05),
            (x + half, top + 0.012),
            (x, top + 0.020),
            (x - half, top + 0.012),
        ]
        canvas.fill(spline(shadow, corners=(0, 1)), Colour(0.2, 0.06, 18).rgba(0.35))


def _lines(head: Head) -> None:
    """What the years draw: folds beside the mouth, lines under the eyes."""
    canvas, old = head.canvas, head.old
    fold = 0.25 + 0.75 * old + 0.4 * max(0.0, head.pose.smile)
    ink = (*head.skin.dark[:3], round(255 * min(1.0, fold)))
    for lon in (-1, 1):
        start = head.place(lon * 0.29, 0.405, 1.04)
        bend = head.place(lon * 0.43, 0.52, 1.02)
        end = head.place(lon * 0.42, 0.62 + 0.05 * old, 0.98)
        canvas.fill(ribbon([start, bend, end], [0.006, 0.014 + 0.008 * old, 0.002]), ink)
        if old > 0.1:
            x, y = head.place(lon * 0.42, 0.155, 1.0)
            wide = 0.12 * head.width(lon * 0.42)
            canvas.fill(
                ribbon([(x - wide, y - 0.02), (x, y + 0.02), (x + wide, y - 0.015)], [0.002, 0.014, 0.002]),
                (*head.skin.dark[:3], round(200 * old)),
            )


def _beard(head: Head) -> None:
    outline = head.outline
    tone = tones(head.light, head.person.hair)
    near, far = head.place(-1.20, 0.10, 1.03), head.place(0.72, 0.42)
    lip = [head.place(0.40, 0.56, 1.0), head.place(0.0, 0.52, 1.05), head.place(-0.40, 0.56, 1.0)]
    chin = [*outline[8:14], near]
    inner = [head.place(-0.92, 0.34), head.place(-0.60, 0.58), *lip[::-1], head.place(0.52, 0.56)]
    path = spline([far, *chin, head.place(-1.02, 0.06, 1.03), *inner], corners=(0, 7, 8))
    alpha = round(255 * min(1.0, 0.35 + 0.65 * head.person.beard))
    hole = spline(
        [
            head.place(-0.33, 0.60),
            head.place(0.0, 0.585, 1.05),
            head.place(0.33, 0.60),
            head.place(0.30, 0.74),
            head.place(0.0, 0.78, 1.05),
            head.place(-0.30, 0.74),
        ]
    )
    head.canvas.fill(path + hole, (*tone.dark[:3], alpha), even_odd=True)


def _glasses(head: Head) -> None:
    canvas = head.canvas
    frame = Colour(0.22, 0.02, 30).rgba()
    for which in (-1, 1):
        x, y = head.place(which * 0.44, 0.06, 1.03)
        wide = 0.215 * head.width(which * 0.44)
        lens = spline(
            [
                (x - wide, y - 0.10),
                (x, y - 0.135),
                (x + wide, y - 0.10),
                (x + wide * 0.92, y + 0.09),
                (x, y + 0.15),
                (x - wide * 0.92, y + 0.09),
            ]
        )
        canvas.fill(lens, Colour(0.9, 0.02, 220).rgba(0.12))
        canvas.stroke(lens, frame, 0.030)
    left, right = head.place(-0.16, 0.02, 1.06), head.place(0.16, 0.02, 1.06)
    canvas.fill(ribbon([left, head.place(0.0, -0.01, 1.12), right], [0.03, 0.022, 0.03]), frame)
    canvas.fill(ribbon([head.place(-0.78, 0.03, 1.03), head.place(-1.25, 0.0)], [0.030, 0.022]), frame)


def _rim(head: Head, shape: Path) -> None:
    """The light from behind, on the edge away from the key."""
    away = -head.side
    half = polygon([(0.1 * away, -0.6), (away * 1.2, -0.6), (away * 1.2, 1.1), (0.1 * away, 1.1)])
    with head.canvas.group(clip=half):
        head.canvas.fill(crescent(shape, -away * 0.020, 0.020), (*head.skin.edge[:3], 210), even_odd=True)


def _far_ear(head: Head) -> None:
    if head.yaw < 0.30:
        _ear(head, 0.715 - 0.35 * head.yaw, 1)


def _near_ear(head: Head) -> None:
    _ear(head, -0.715 + 0.30 * min(head.yaw, 0.8), -1)


def _ear(head: Head, x: float, which: int) -> None:
    y, tall = 0.10 - 0.10 * np.sin(head.pitch), 0.185
    wide = 0.085 + 0.05 * head.yaw * (which < 0)
    points = [(0.6, -0.75), (-0.2, -1.0), (-1.0, -0.55), (-0.8, 0.2), (-0.25, 0.85), (0.35, 0.8), (0.6, 0.2)]
    shape = spline(np.array(points) * (wide * -which, tall) + (x, y))
    shaded = head.side * which < 0
    head.canvas.fill(shape, head.skin.dark if shaded else head.skin.lit)
    inner = spline(
        np.array([(0.1, -0.6), (-0.6, -0.5), (-0.5, 0.1), (0.0, 0.5), (0.2, 0.0)]) * (wide * -which, tall) + (x, y)
    )
    head.canvas.fill(inner, head.skin.deep if shaded else head.skin.dark)
