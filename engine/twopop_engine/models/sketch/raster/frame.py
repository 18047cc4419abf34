"""One frame: backdrop, actors from far to near, what they hold, what stands before them."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .backdrop import Backdrop, Setup
from .camera import Camera, camera_of
from .canvas import IDENTITY, Canvas, Pixels, View, affine
from .cels import CelCanvas
from .clearing import body_of
from .grade import Head, relit
from .legs import draw_seat, shoe_shadows
from .look import Person, SceneLook
from .palette import Colour, Light, light_of
from .person import SEATED_M, Grip, draw_person, measure
from .places import PLACES, Brush, Place
from .props import CAR_Z, Thing, draw_carrier, draw_thing
from .rig import CharacterPose, RigFrame, Shot, StagePose
from .shapes import clamp, rectangle
from .shoulder import Shoulder
from .stance import at_ease
from .video import Box, Exposure, Words, planes_for, to_video
from .weather import draw_weather

_WITHIN_REACH_M = 0.6
"""A hand so near to a thing that is held is the one that holds it."""
_FLASH = 1.6
"""How much of a frame a flare of the light by 1 turns white."""


class Plate(Protocol):
    """A picture that people stand before."""

    def zoomed(self, zoom: float) -> npt.NDArray[np.uint8]:
        """The frame at a zoom over the first, `(height, width, 3)` uint8 RGB."""
        ...

    def repainted(self, paint: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]) -> Plate:
        """The same picture with other pixels."""
        ...


class FrameArtist:
    """Draws the frames of one scene.

    Args:
        scene: What it looks like.
        size: (width, height) in pixels, 16 x 16 or more, any shape.
        plate: A picture in place of the drawn place: what it shows at a zoom over the shot's first.
        video: Draw for an encoder: `exposure` instead of `frame`.
    """

    def __init__(
        self, scene: SceneLook, size: tuple[int, int], plate: Plate | None = None, *, video: bool = False
    ) -> None:
        width, height = size
        if width < 16 or height < 16:
            raise ValueError(f"A frame of {width} x {height} pixels is too small to draw; the least is 16 x 16.")
        if video and width % 2:
            raise ValueError(f"A frame of planes is {width} pixels wide, which is odd; the next are {width + 1}.")
        self.scene, self.size, self._plate = scene, size, plate
        self._place, self._video = PLACES[scene.place], video
        ink = scene.style == "ink"
        self._canvas = CelCanvas(width, height, ink=ink, video=video)
        self._shoulder = Shoulder(size, ink=ink, video=video)
        self._composed: tuple[tuple[Shot, Light], Setup] | None = None
        self._backdrops: dict[tuple[int, int], tuple[Light, Backdrop]] = {}
        self._behind_key: Hashable = None
        self._still: tuple[float, Words] | None = None
        self._planes = planes_for(width, height)

    def frame(self, rig: RigFrame) -> npt.NDArray[np.uint8]:
        """One frame as `(height, width, 3)` uint8, R G B; the array is new with every call."""
        pixels = self.pixels(rig)
        rgb = np.empty((*pixels.shape[:2], 3), np.uint8)
        for channel in range(3):  # a plane at a time is four times faster than one fancy copy
            rgb[..., channel] = pixels[..., channel]
        return rgb

    def pixels(self, rig: RigFrame) -> Pixels:
        """One frame as `(height, width, 4)` uint8 RGBX (YUVX for an artist of video), **valid until the next call**."""
        self._draw(rig)
        return self._canvas.pixels

    def exposure(self, rig: RigFrame) -> Exposure:
        """One frame for an encoder (from an artist of video only); develop all of them, in order."""
        words = self._canvas.words
        parts = ((box, words[box[1] : box[3], box[0] : box[2]].copy()) for box in self._draw(rig))
        return Exposure(tuple(parts), self._planes)

    def _draw(self, rig: RigFrame) -> list[Box]:
        """Draw what differs from the last frame; the boxes it lies in."""
        canvas = self._canvas
        light, backdrop, camera, setup = self._lit_and_composed(rig)
        if self._place.alive is not None and self._plate is None:
            canvas.view = View.of(camera.plane(self._place.alive_z, self.size))
            brush = partial(backdrop.brush, canvas, camera, setup.camera, self._place.alive_z, 1.2)
            hz = self._place.alive_hz
            time_s = math.floor(rig.time_s * hz + 1e-6) / hz if hz else rig.time_s
            canvas.cel("alive", (light, setup, time_s), lambda: self._alive(brush(), time_s))
        self._actors(rig, camera, light)
        if rig.shot.framing not in ("over-the-shoulder", "insert") and self._plate is None:
            backdrop.paint_front(canvas, camera, setup)
        if self._plate is None:
            self._weather(light, rig.time_s)
        flash = round(255 * clamp((rig.stage.light_level - self._level(rig)) * _FLASH, 0.0, 0.75)) / 255
        if flash > 0.02:
            canvas.view = IDENTITY
            white = Colour(0.95, 0.025, 265).rgba(flash)
            canvas.cel("flash", flash, lambda: canvas.fill(rectangle(0, 0, *self.size), white))
        return self._expose(backdrop, camera, setup)

    def _alive(self, brush: Brush, time_s: float) -> None:
        if self._place.alive is not None:
            self._place.alive(brush, time_s)

    def _expose(self, backdrop: Backdrop, camera: Camera, setup: Setup) -> list[Box]:
        """Lay the cels on the backdrop."""
        key, behind = (
            backdrop.behind(camera, setup)
            if self._plate is None
            else self._on_plate(self._plate, backdrop, camera, setup)
        )
        moved, self._behind_key = key != self._behind_key, key
        return self._canvas.expose(behind, moved)

    def _on_plate(self, plate: Plate, backdrop: Backdrop, camera: Camera, setup: Setup) -> tuple[Hashable, Words]:
        zoom = setup.camera.visible_m / camera.visible_m
        if self._still is None and self.scene.style != "ink":
            place = backdrop.thumbnail(setup)
            plate = self._plate = plate.repainted(partial(relit, place=place))
        if self._still is None or self._still[0] != zoom:
            pixels = np.full((self.size[1], self.size[0], 4), 255, np.uint8)
            pixels[..., :3] = plate.zoomed(zoom)
            if self._video:
                to_video(pixels)
            self._still = (zoom, pixels.view(np.uint32)[..., 0])
        return self._still

    def empty(self, rig: RigFrame) -> npt.NDArray[np.uint8]:
        """The frame without anybody or their things, in the same weather, `(height, width, 3)` uint8: a clean plate."""
        light, backdrop, camera, setup = self._lit_and_composed(rig)
        self._weather(light, rig.time_s)
        self._expose(backdrop, camera, setup)
        return self._canvas.pixels[..., :3].copy()

    def _weather(self, light: Light, time_s: float) -> None:
        weather, canvas = self.scene.weather, self._canvas
        if self._place.outdoors and weather != "clear":
            canvas.view = IDENTITY
            key = (light, 0.0 if weather == "fog" else time_s)
            canvas.cel("weather", key, lambda: draw_weather(canvas, weather, light, self.size, time_s))

    def _lit_and_composed(self, rig: RigFrame) -> tuple[Light, Backdrop, Camera, Setup]:
        """The light, backdrop, camera and set-up of the frame."""
        light, backdrop = self._lit(self._level(rig), rig.stage.light_warmth)
        camera = camera_of(rig, self.scene.people, self.size[0] / self.size[1])
        return light, backdrop, camera, self._setup(rig, camera, light)

    @staticmethod
    def _level(rig: RigFrame) -> float:
        """The light of a shot, as it begins; what flares up later is laid over the frame."""
        return rig.shot.start[1].light_level if rig.shot.start else rig.stage.light_level

    def _lit(self, level: float, warmth: float) -> tuple[Light, Backdrop]:
        """The scene's light at the tokens' level and warmth, in steps, since a backdrop is drawn for each."""
        key = (round(8 * clamp(level, 0, 1)), round(4 * clamp(warmth, 0, 1)))
        if key not in self._backdrops:
            light = _dimmed(base_light(self.scene, self._place), key[0] / 8, key[1] / 4)
            loud = [0.5 * (p.skin.c + p.cloth.c) for p in self.scene.people] or [0.1]
            backdrop = Backdrop(self._place, self.scene, light, self.size, sum(loud) / len(loud), video=self._video)
            self._backdrops = {key: (light, backdrop)}
        return self._backdrops[key]

    def _actors(self, rig: RigFrame, camera: Camera, light: Light) -> None:
        cast = min(len(rig.people), len(self.scene.people))
        over = rig.shot.framing == "over-the-shoulder" and cast > 1
        subject = min(rig.shot.subject, cast - 1)
        people = (
            [subject] if over else [k for k in rig.shot.visible if k < cast and self._in_frame(rig.people[k], camera)]
        )
        things = self._things(rig, rig.people[:cast])
        self._set_down(rig, things, people, camera, light)
        for k in sorted(people, key=lambda k: -rig.people[k].root[1]):
            self._canvas.view = View.of(camera.plane(rig.people[k].root[1], self.size))
            own = [thing for owner, thing in things if owner == k]
            self._person(k, rig, camera, light, own)
        if over:
            who = 1 - subject
            side = 1.0 if rig.people[who].root[0] > rig.people[subject].root[0] else -1.0
            self._shoulder.paint(self._canvas, self.scene.people[who], rig.people[who], light, camera, side)

    def _things(self, rig: RigFrame, poses: Sequence[CharacterPose]) -> list[tuple[int | None, Thing]]:
        """The props, each with whose it is."""
        first = rig.shot.start[1].props if rig.shot.start else rig.stage.props
        out: list[tuple[int | None, Thing]] = []
        for k, (name, pose) in enumerate(zip(self.scene.props, rig.stage.props, strict=False)):
            if not name:
                continue
            begin = first[k] if k < len(first) else pose
            rest = self.scene.rests[k] if k < len(self.scene.rests) else (begin.x, begin.y)
            owner = None if name == "car" else _owner(rest[0], poses)
            side = 1.0 if owner is None or poses[owner].root[0] <= rest[0] else -1.0
            out.append((owner, Thing(name, pose, rest, side, rig.time_s)))
        return out

    def _set_down(
        self,
        rig: RigFrame,
        things: Sequence[tuple[int | None, Thing]],
        people: Sequence[int],
        camera: Camera,
        light: Light,
    ) -> None:
        """What lies behind the people: things that pass, what carries the others, and the things of who is not seen."""
        canvas, place = self._canvas, self._place
        for k, (owner, thing) in enumerate(things):
            depth = CAR_Z if owner is None else rig.people[owner].root[1]
            canvas.view = View.of(camera.plane(depth, self.size))
            if not place.close:
                carry = partial(draw_carrier, canvas, thing, light, place.surface_m, place.stand)
                canvas.cel(("carrier", k), (thing.name, thing.rest, light), carry)
            if owner not in people or thing.motion in ("shut", "knock"):
                canvas.cel(("thing", k), (thing.still, light), partial(draw_thing, canvas, thing, light))

    def _setup(self, rig: RigFrame, camera: Camera, light: Light) -> Setup:
        """What the shot was composed for; a shot without a start is composed anew in every frame."""
        if rig.shot.start is None:
            return self._set_up(camera, rig.people, rig.shot, rig.stage, light)
        key = (rig.shot, light)
        if self._composed is None or self._composed[0] != key:
            poses, stage = rig.shot.start
            first = camera_of(replace(rig, people=poses, stage=stage), self.scene.people, self.size[0] / self.size[1])
            self._composed = (key, self._set_up(first, poses, rig.shot, stage, light))
        return self._composed[1]

    def _set_up(
        self, camera: Camera, poses: Sequence[CharacterPose], shot: Shot, stage: StagePose, light: Light
    ) -> Setup:
        """Who was there for the camera to be composed for."""
        things = [prop.x for name, prop in zip(self.scene.props, stage.props, strict=False) if name and name != "car"]
        reaches = [[x for x in things if k == _owner(x, poses)] for k in range(len(poses))]
        bodies = (body_of(pose, reaches[k], camera) for k, pose in enumerate(poses) if k in shot.visible)
        return Setup(camera, self._heads(poses, shot, light), tuple(bodies))

    def _heads(self, poses: Sequence[CharacterPose], shot: Shot, light: Light) -> tuple[Head, ...]:
        heads: list[Head] = []
        cast = list(enumerate(zip(poses, self.scene.people, strict=False)))
        for k, (pose, person) in sorted(cast, key=lambda one: one[0] != shot.subject):  # the subject first
            if k in shot.visible:
                figure = measure(self._canvas, person, pose, light, _habit(k, poses))
                x, y = figure.head[0] + pose.root[0], figure.head[1]
                heads.append(Head(x, y, pose.root[1], figure.unit, light.lit(person.skin).l))
        return tuple(heads)

    def _in_frame(self, pose: CharacterPose, camera: Camera) -> bool:
        width, height = self.size
        half = camera.visible_m * width / height / 2 / camera.closeness(pose.root[1])
        return abs(pose.root[0] - camera.x) < half + 0.6

    def _person(self, k: int, rig: RigFrame, camera: Camera, light: Light, things: Sequence[Thing]) -> None:
        """Somebody, with what they have lying before them and what they hold; the view must be their plane."""
        canvas, pose, person = self._canvas, rig.people[k], self.scene.people[k]
        bottom = camera.y - camera.visible_m / 2 / camera.closeness(pose.root[1])
        if pose.hip_drop > SEATED_M:
            seat = (person.height, pose.root[0], pose.hip_drop, light)
            canvas.cel((k, "seat"), seat, partial(draw_seat, canvas, person, pose, light))
        grip: Grip | None = None
        fists: set[int] = set()
        for number, thing in enumerate(things):
            if thing.motion == "knock":
                fists |= {hand for hand in (0, 1) if _gap(pose, hand, thing) < 0.45}
            if thing.motion in ("shut", "knock"):
                continue
            draw = partial(draw_thing, canvas, thing, light)
            pose, hand = _take(pose, thing)
            if hand is None or grip is not None:
                canvas.cel((k, "thing", number), (thing.still, light), draw)
            else:
                grip = Grip(hand, thing.hold, partial(_in_view, canvas, canvas.view, draw), thing.still)
        near = [(thing.pose.x - pose.root[0], thing.pose.y) for thing in things]
        pose, pockets = at_ease(pose, person, near)
        with canvas.moved(affine(1.0, pose.root[0], 0.0)):
            if bottom < 0.25:
                stands = (pose.feet, round(pose.facing, 1), light)
                canvas.cel((k, "shadow"), stands, partial(shoe_shadows, canvas, *stands))
            legs = bottom < 0.95 - 0.5 * pose.hip_drop
            habit, closed, hands = _habit(k, rig.people), frozenset(fists), rig.shot.framing == "insert"
            draw_person(
                canvas,
                person,
                pose,
                light,
                who=k,
                habit=habit,
                legs=legs,
                grip=grip,
                fists=closed,
                pockets=pockets,
                hands_only=hands,
            )


def base_light(scene: SceneLook, place: Place) -> Light:
    """The light of a scene before the tokens dim it."""
    return light_of(scene.hour, scene.weather if place.outdoors else "clear", place.lights.get(scene.hour))


def _dimmed(light: Light, level: float, warmth: float) -> Light:
    """Level .7 and warmth .5 leave a light as it is."""
    warm, cool = light.key._replace(h=60, c=0.12), light.key._replace(h=235, c=0.06)
    key = light.key.toward(warm if warmth > 0.5 else cool, 0.6 * abs(warmth - 0.5))
    return replace(light, key=key, level=light.level * (0.80 + 0.285 * level))


def _habit(who: int, poses: Sequence[CharacterPose]) -> float:
    """To which side a frontal face eases: towards the other person, else to the audience's right."""
    if len(poses) > 1:
        gap = poses[1 - who].root[0] - poses[who].root[0]
        if abs(gap) > 0.05:
            return 1.0 if gap > 0 else -1.0
    return 1.0 if poses[who].facing >= 0 else -1.0


def _owner(x: float, poses: Sequence[CharacterPose]) -> int | None:
    """At whose depth a prop lies: the nearest person's."""
    return min(range(len(poses)), key=lambda k: abs(poses[k].root[0] - x), default=None)


def _gap(pose: CharacterPose, hand: int, thing: Thing) -> float:
    """Metres from a hand to the foot of a thing."""
    x, y = pose.hands[hand]
    return math.hypot(x + pose.root[0] - thing.pose.x, y - thing.pose.y)


def _take(pose: CharacterPose, thing: Thing) -> tuple[CharacterPose, int | None]:
    """The hand that reaches for a prop slides to where it is held (a pan by its handle); None while it is far away.

    The tokens bring the hand near the prop's own place.
    """
    if thing.motion == "tap" or (thing.motion == "bounce" and not thing.held):
        return pose, None
    grip_x, grip_y = thing.grip
    target = (thing.pose.x + grip_x - pose.root[0], thing.pose.y + grip_y)

    def away(hand: int) -> float:
        x, y = pose.hands[hand]
        return min(_gap(pose, hand, thing), math.hypot(x - target[0], y - target[1]))

    hand = int(away(1) <= away(0))
    gap = away(hand)
    near = 1.0 if thing.held and gap < _WITHIN_REACH_M else clamp((0.34 - gap) / 0.22, 0.0, 1.0)
    if near <= 0.0:
        return pose, None
    x, y = pose.hands[hand]
    moved = (x + (target[0] - x) * near, y + (target[1] - y) * near)
    hands = (moved, pose.hands[1]) if hand == 0 else (pose.hands[0], moved)
    return replace(pose, hands=hands), hand if near > 0.6 else None


def _in_view(canvas: Canvas, view: View, draw: Callable[[], None]) -> None:
    """Draw something in a view other than the present one."""
    before, canvas.view = canvas.view, view
    draw()
    canvas.view = before


__all__ = ["FrameArtist", "Person", "base_light"]
