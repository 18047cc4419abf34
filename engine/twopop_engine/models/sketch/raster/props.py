"""Things on the stage: set down at their place, turned, held; what carries them, and what does not move with them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ..actions import ACTIONS, FAR_M, POURS_AT
from .canvas import Canvas, Radial, affine
from .fixtures import draw_door, draw_knocked, draw_passing, draw_switch
from .hands import Hold
from .palette import Colour, Light, tones
from .rig import PropPose
from .shapes import ellipse, polygon, rectangle, ribbon, soft_box, spline
from .things import LYING, THINGS

PROPS = frozenset((*THINGS, "door", "knock", "switch", "car"))
"""Names of what can be drawn."""
CAR_Z = 1.5
"""Depth at which what passes does so."""

_GRIPS: dict[str, tuple[float, float]] = {
    "pan": (-0.205, 0.073),
    "skillet": (-0.205, 0.073),
    "cup": (-0.05, 0.05),
    "glass": (-0.03, 0.06),
    "book": (-0.11, 0.02),
    "box": (-0.07, 0.05),
    "plate": (-0.125, 0.022),
    "phone": (-0.005, 0.05),
    "ball": (-0.115, 0.10),
    "chair": (-0.215, 0.86),
    "kettle": (-0.146, 0.115),
}
_UP = -math.pi / 2
_HOLDS: dict[str, Hold] = {
    **dict.fromkeys(("cup", "glass", "phone", "chair", "stick", "kettle"), Hold("wrap", _UP)),
    **dict.fromkeys(("pan", "skillet"), Hold("wrap", 0.24)),
    **dict.fromkeys(("hammer", "knife"), Hold("wrap", 0.0)),
}
"""What is not carried between thumb and fingers."""
_CARRIED = Hold("pinch", 0.0)
_SPOUT = (0.178, 0.145)
_ON_TABLES = frozenset(("place", "strike", "tap", "swing", "pour", "fry"))


@dataclass(frozen=True, slots=True)
class Thing:
    """A prop in one frame.

    Attributes:
        name: One of `PROPS`; others are drawn as a plain box.
        pose: Where it is.
        rest: Where it lies when nobody holds it, metres (x, y up).
        side: From where it is handled: 1 where the handler stands at its left, -1 at its right.
        time_s: Stage time, for steam.
    """

    name: str
    pose: PropPose
    rest: tuple[float, float]
    side: float = 1.0
    time_s: float = 0.0

    @property
    def motion(self) -> str:
        """What is done with it."""
        return ACTIONS[self.name].motion if self.name in ACTIONS else "place"

    @property
    def still(self) -> Thing:
        """Itself without the time where nothing on it moves by itself: what its picture depends on."""
        return self if self.name == "skillet" else replace(self, time_s=0.0)

    @property
    def held(self) -> bool:
        """Whether it goes with a hand."""
        return self.pose.state > 0.5

    @property
    def grip(self) -> tuple[float, float]:
        """Where the hand that holds it is, from its foot, y up, as it is turned."""
        x, y = _GRIPS.get(self.name) or (ACTIONS[self.name].grip if self.name in ACTIONS else (0.0, 0.05))
        cos, sin = math.cos(self.pose.rotation), math.sin(self.pose.rotation)
        return x * cos + y * sin, y * cos - x * sin

    @property
    def hold(self) -> Hold:
        """How a hand holds it, as it is turned."""
        kind, angle = _HOLDS.get(self.name, _CARRIED)
        return Hold(kind, angle + (0.0 if self.name == "ball" else self.pose.rotation))


def draw_thing(canvas: Canvas, thing: Thing, light: Light) -> None:
    """Draw a prop with its foot on its place; the view must map metres (y down from the floor) to pixels."""
    match thing.name:
        case "door":
            draw_door(canvas, thing.pose, light)
        case "knock":
            draw_knocked(canvas, thing.pose, light, thing.side)
        case "switch":
            draw_switch(canvas, thing.pose, light, thing.side)
        case "car":
            draw_passing(canvas, thing.pose.x * FAR_M, 1.0 if thing.rest[0] <= 0 else -1.0, light)
        case _:
            _draw_small(canvas, thing, light)


def _draw_small(canvas: Canvas, thing: Thing, light: Light) -> None:
    pose = thing.pose
    _shadow(canvas, thing, light)
    if thing.name == "kettle" and pose.rotation > POURS_AT:
        _stream(canvas, thing)
    draw = THINGS.get(thing.name, THINGS["box"])
    if not thing.held:
        draw = LYING.get(thing.name, draw)
    turn = 0.0 if thing.name == "ball" else pose.rotation
    with canvas.moved(affine(1.0, pose.x, -pose.y, turn=turn)):
        draw(canvas, light)
    if thing.name == "stick" and not thing.held and pose.y > 0.2:
        wood = tones(light, Colour(0.48, 0.075, 60))
        canvas.fill(ribbon([(pose.x, -pose.y + 0.16), (pose.x, 0.0)], [0.030, 0.034]), wood.lit)
    if thing.name == "skillet" and pose.y - thing.rest[1] < 0.02:
        _steam(canvas, thing)


def draw_carrier(canvas: Canvas, thing: Thing, light: Light, surface_m: float | None, stand: str) -> None:
    """What a thing lies on, and what it is used with: a table, a board, a stove, the glass that is filled.

    Args:
        canvas: Drawn on, in metres.
        thing: The prop; all this stands at its resting place.
        light: Of the scene.
        surface_m: Height of the set's own surface there, None for none.
        stand: What carries things in this place: "table", "crate" or "stone".
    """
    x, y = thing.rest
    if thing.motion not in _ON_TABLES or y < 0.3 or thing.name == "stick":
        return
    if surface_m is None or abs(surface_m - y) > 0.07:
        _STANDS[stand](canvas, light, x, y)
    match thing.name:
        case "knife":
            _board(canvas, light, x, y)
        case "hammer":
            _plank(canvas, light, x, y)
        case "skillet":
            _stove(canvas, light, x, y)
        case "kettle":
            with canvas.moved(affine(1.0, x + 0.24, -y)):
                THINGS["glass"](canvas, light)
        case _:
            pass


def _shadow(canvas: Canvas, thing: Thing, light: Light) -> None:
    """On the surface below: close and dark when resting, wide and faint when held high."""
    height = max(0.0, thing.pose.y - thing.rest[1])
    near = math.exp(-height / 0.18)
    wide = {"ball": 0.11, "chair": 0.24, "coin": 0.04, "key": 0.09, "glass": 0.05, "cup": 0.06, "knife": 0.10}.get(
        thing.name, 0.15
    )
    ink = light.dark(light.shade)._replace(l=0.14).rgba(0.12 + 0.32 * near)
    x = thing.pose.x - light.side * (0.03 + 0.15 * height)
    canvas.fill(ellipse(x, -thing.rest[1] + 0.006, wide * (1 + 0.5 * (1 - near)), 0.014), ink)


def _stream(canvas: Canvas, thing: Thing) -> None:
    """Water from the spout to what stands below, falling the more steeply the farther it is."""
    pose = thing.pose
    cos, sin = math.cos(pose.rotation), math.sin(pose.rotation)
    x, y = pose.x + _SPOUT[0] * cos + _SPOUT[1] * sin, pose.y + _SPOUT[1] * cos - _SPOUT[0] * sin
    low = thing.rest[1] + 0.02
    if y <= low:
        return
    goal = thing.rest[0] + 0.24
    path = [(x, -y), (x + 0.55 * (goal - x), -y - 0.004 + 0.12 * (y - low)), (goal, -y + 0.5 * (y - low)), (goal, -low)]
    strength = min(1.0, (pose.rotation - POURS_AT) / 0.3)
    canvas.fill(
        ribbon(path, [w * (0.4 + 0.6 * strength) for w in (0.020, 0.018, 0.014, 0.012)]),
        Colour(0.86, 0.045, 225).rgba(0.85),
    )
    canvas.fill(ellipse(goal, -low, 0.030, 0.008), Colour(0.93, 0.02, 225).rgba(0.8))


def _steam(canvas: Canvas, thing: Thing) -> None:
    x, y = thing.rest
    for k in range(3):
        life = (0.7 * thing.time_s + k / 3) % 1.0
        size = 0.025 + 0.06 * life
        cx, cy = x - 0.05 + 0.05 * k + 0.02 * math.sin(5 * life + k), -y - 0.08 - 0.24 * life
        mist = Colour(0.90, 0.015, 80)
        stops = ((0.0, mist.rgba(0.30 * math.sin(math.pi * life))), (1.0, mist.rgba(0.0)))
        canvas.fill(ellipse(cx, cy, size, size), Radial((cx, cy), size, stops))


def _table(canvas: Canvas, light: Light, x: float, y: float) -> None:
    wood = tones(light, Colour(0.50, 0.075, 55))
    half = 0.62
    for leg in (x - half + 0.06, x + half - 0.10):
        canvas.fill(polygon([(leg, -y), (leg + 0.05, -y), (leg + 0.04, 0.0), (leg + 0.01, 0.0)]), wood.deep)
    canvas.fill(rectangle(x - half + 0.04, -y, x + half - 0.04, -y + 0.12), wood.dark)
    canvas.fill(
        polygon(
            [
                (x - half + 0.05, -y - 0.035),
                (x + half - 0.05, -y - 0.035),
                (x + half, -y + 0.012),
                (x - half, -y + 0.012),
            ]
        ),
        wood.lit,
    )
    canvas.fill(rectangle(x - half, -y + 0.012, x + half, -y + 0.045), wood.dark)
    canvas.fill(rectangle(x - half, -y + 0.010, x + half, -y + 0.016), wood.edge)


def _crate(canvas: Canvas, light: Light, x: float, y: float) -> None:
    wood, half = tones(light, Colour(0.54, 0.060, 65)), 0.46
    canvas.fill(rectangle(x - half, -y, x + half, 0.0), wood.lit)
    split = x + (0.45 * half if light.side < 0 else -0.45 * half)
    canvas.fill(
        rectangle(split, -y, x + half, 0.0) if light.side < 0 else rectangle(x - half, -y, split, 0.0), wood.dark
    )
    for k in range(4):
        row = -y + 0.06 + k * y / 4
        canvas.fill(rectangle(x - half, row + 0.8 * y / 4 - 0.06, x + half, row + 0.8 * y / 4 - 0.045), wood.deep)
    for post in (x - half, x + half - 0.07):
        canvas.fill(rectangle(post, -y, post + 0.07, 0.0), wood.dark)
    canvas.fill(
        polygon(
            [
                (x - half + 0.04, -y - 0.04),
                (x + half - 0.04, -y - 0.04),
                (x + half + 0.03, -y + 0.01),
                (x - half - 0.03, -y + 0.01),
            ]
        ),
        wood.lit,
    )
    canvas.fill(rectangle(x - half - 0.03, -y + 0.01, x + half + 0.03, -y + 0.04), wood.dark)


def _stone(canvas: Canvas, light: Light, x: float, y: float) -> None:
    rock = tones(light, Colour(0.58, 0.022, 90))
    outline = [
        (-0.70, 0.03),
        (-0.62, -0.55 * y),
        (-0.46, -y + 0.01),
        (0.0, -y - 0.02),
        (0.44, -y + 0.01),
        (0.60, -0.62 * y),
        (0.72, 0.03),
    ]
    shape = spline([(x + dx, dy) for dx, dy in outline], corners=(0, 6), pull=0.22)
    canvas.fill(shape, rock.lit)
    with canvas.group(clip=shape):
        away = -light.side
        shade = [
            (x + 0.10 * away, -y + 0.05),
            (x + 0.22 * away, -0.55 * y),
            (x + 0.05 * away, 0.05),
            (x + 0.9 * away, 0.05),
            (x + 0.9 * away, -y + 0.05),
        ]
        canvas.fill(spline(shade, corners=(0, 2, 3, 4), pull=0.2), rock.dark)
        canvas.fill(
            ribbon([(x - 0.5, -y + 0.02), (x, -y - 0.005), (x + 0.46, -y + 0.02)], [0.02, 0.035, 0.02]), rock.edge
        )


_STANDS = {"table": _table, "crate": _crate, "stone": _stone}


def _board(canvas: Canvas, light: Light, x: float, y: float) -> None:
    """A cutting board with something half cut."""
    wood, leek = tones(light, Colour(0.68, 0.070, 72)), tones(light, Colour(0.62, 0.145, 52))
    canvas.fill(soft_box(x - 0.22, -y - 0.002, x + 0.28, -y + 0.030, 0.008), wood.dark)
    canvas.fill(
        polygon([(x - 0.20, -y - 0.020), (x + 0.26, -y - 0.020), (x + 0.28, -y + 0.004), (x - 0.22, -y + 0.004)]),
        wood.lit,
    )
    canvas.fill(
        ribbon(
            [(x + 0.02, -y - 0.018), (x + 0.13, -y - 0.018), (x + 0.24, -y - 0.014)], [0.046, 0.044, 0.020], blunt=False
        ),
        leek.lit,
    )
    canvas.fill(
        ribbon(
            [(x + 0.02, -y - 0.002), (x + 0.13, -y - 0.001), (x + 0.23, -y - 0.008)], [0.010, 0.014, 0.004], blunt=False
        ),
        (*leek.dark[:3], 150),
    )
    for dx in (-0.02, -0.055, -0.10):
        canvas.fill(ellipse(x + dx, -y - 0.010, 0.018, 0.014), leek.lit)
        canvas.fill(ellipse(x + dx + 0.002, -y - 0.011, 0.013, 0.010), leek.glint)
        canvas.fill(ellipse(x + dx + 0.002, -y - 0.011, 0.005, 0.004), leek.lit)


def _plank(canvas: Canvas, light: Light, x: float, y: float) -> None:
    """A plank under the hammer, a nail in it."""
    wood, steel = tones(light, Colour(0.66, 0.075, 70)), tones(light, Colour(0.60, 0.01, 240))
    canvas.fill(
        polygon([(x - 0.30, -y - 0.016), (x + 0.34, -y - 0.016), (x + 0.37, -y + 0.008), (x - 0.33, -y + 0.008)]),
        wood.lit,
    )
    canvas.fill(rectangle(x - 0.33, -y + 0.008, x + 0.37, -y + 0.045), wood.dark)
    canvas.fill(rectangle(x - 0.004, -y - 0.004, x + 0.004, -y + 0.012), steel.lit)
    for dx in (0.16, 0.24):
        canvas.fill(ellipse(x + dx, -y - 0.006, 0.010, 0.004), steel.lit)


def _stove(canvas: Canvas, light: Light, x: float, y: float) -> None:
    iron = tones(light, Colour(0.26, 0.015, 250))
    canvas.fill(soft_box(x - 0.20, -y - 0.004, x + 0.20, -y + 0.022, 0.008), iron.dark)
    for k in range(7):
        flame = x - 0.10 + 0.033 * k
        canvas.fill(
            ribbon([(flame, -y + 0.010), (flame, -y - 0.012)], [0.016, 0.004]), Colour(0.70, 0.13, 245).rgba(0.9)
        )
