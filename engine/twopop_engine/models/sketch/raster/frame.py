"""One frame: backdrop, actors from far to near, what they hold, what stands before them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from .backdrop import Backdrop, Setup
from .camera import Camera, camera_of
from .canvas import IDENTITY, Canvas, Pixels, View, affine
from .grade import Head
from .look import Person, SceneLook
from .palette import Light, light_of
from .person import Grip, contact_shadow, draw_person, measure
from .places import PLACES, Place
from .props import GRIPS, draw_prop
from .rig import CharacterPose, PropPose, RigFrame, Shot, StagePose
from .shapes import clamp
from .shoulder import Shoulder
from .weather import draw_weather


class FrameArtist:
    """Draws the frames of one scene.

    Args:
        scene: What it looks like.
        size: (width, height) in pixels, 16 x 16 or more, any shape.
    """

    def __init__(self, scene: SceneLook, size: tuple[int, int]) -> None:
        width, height = size
        if width < 16 or height < 16:
            raise ValueError(f"A frame of {width} x {height} pixels is too small to draw; the least is 16 x 16.")
        self.scene, self.size = scene, size
        self._place = PLACES[scene.place]
        ink = scene.style == "ink"
        self._canvas = Canvas(width, height, ink=ink)
        self._rgb = np.empty((height, width, 3), np.uint8)
        self._shoulder = Shoulder(size, ink)
        self._composed: tuple[tuple[Shot, Light], Setup] | None = None
        self._backdrops: dict[tuple[int, int], tuple[Light, Backdrop]] = {}

    def frame(self, rig: RigFrame) -> npt.NDArray[np.uint8]:
        """One frame as `(height, width, 3)` uint8, R G B; the array is new with every call."""
        pixels = self.pixels(rig)
        rgb = np.empty_like(self._rgb)
        for channel in range(3):  # a plane at a time is four times faster than one fancy copy
            rgb[..., channel] = pixels[..., channel]
        return rgb

    def pixels(self, rig: RigFrame) -> Pixels:
        """One frame as `(height, width, 4)` uint8 RGBX, **valid until the next call**: an encoder can take it as rgba
        without a copy, which is faster than packing three bytes first.
        """
        canvas = self._canvas
        light, backdrop, camera, setup = self._behind(rig)
        if self._place.alive is not None:
            canvas.view = View.of(camera.plane(1.7, self.size))
            self._place.alive(backdrop.brush(canvas, camera, 1.7, 1.2), rig.time_s)
        self._actors(rig, camera, light)
        if rig.shot.framing not in ("over-the-shoulder", "insert"):
            backdrop.paint_front(canvas, camera, setup)
        if self._place.outdoors and self.scene.weather != "clear":
            canvas.view = IDENTITY
            draw_weather(canvas, self.scene.weather, light, self.size, rig.time_s)
        return canvas.flush()

    def empty(self, rig: RigFrame) -> npt.NDArray[np.uint8]:
        """The frame without anybody or anything that moves, `(height, width, 3)` uint8: a clean plate."""
        self._behind(rig)
        return self._canvas.pixels[..., :3].copy()

    def _behind(self, rig: RigFrame) -> tuple[Light, Backdrop, Camera, Setup]:
        """Paint the backdrop; the light, backdrop, camera and set-up of the frame."""
        light, backdrop = self._lit(rig.stage)
        camera = camera_of(rig, self.scene.people, self.size[0] / self.size[1])
        setup = self._setup(rig, camera, light)
        backdrop.paint(self._canvas, camera, setup)
        return light, backdrop, camera, setup

    def _lit(self, stage: StagePose) -> tuple[Light, Backdrop]:
        """The scene's light at the tokens' level and warmth, in steps, since a backdrop is drawn for each."""
        key = (round(8 * clamp(stage.light_level, 0, 1)), round(4 * clamp(stage.light_warmth, 0, 1)))
        if key not in self._backdrops:
            light = _dimmed(base_light(self.scene, self._place), key[0] / 8, key[1] / 4)
            chroma = max((0.5 * (p.skin.c + p.cloth.c) for p in self.scene.people), default=0.1)
            self._backdrops = {key: (light, Backdrop(self._place, self.scene, light, self.size, chroma))}
        return self._backdrops[key]

    def _actors(self, rig: RigFrame, camera: Camera, light: Light) -> None:
        cast = min(len(rig.people), len(self.scene.people))
        over = rig.shot.framing == "over-the-shoulder" and cast > 1
        subject = min(rig.shot.subject, cast - 1)
        people = (
            [subject] if over else [k for k in rig.shot.visible if k < cast and self._in_frame(rig.people[k], camera)]
        )
        things: list[tuple[int | None, str, PropPose]] = [
            (_owner(prop, rig.people[:cast]), name, prop)
            for name, prop in zip(self.scene.props, rig.stage.props, strict=False)
        ]
        self._canvas.view = View.of(camera.plane(0.0, self.size))
        for owner, name, prop in things:
            if owner not in people:
                draw_prop(self._canvas, name, prop, light)
        for k in sorted(people, key=lambda k: -rig.people[k].root[1]):
            self._canvas.view = View.of(camera.plane(rig.people[k].root[1], self.size))
            pose, grip = self._handling(rig.people[k], [thing[1:] for thing in things if thing[0] == k], light)
            self._person(k, pose, camera, light, _habit(k, rig.people), grip)
        if over:
            who = 1 - subject
            side = 1.0 if rig.people[who].root[0] > rig.people[subject].root[0] else -1.0
            self._shoulder.paint(self._canvas, self.scene.people[who], rig.people[who], light, camera, side)

    def _setup(self, rig: RigFrame, camera: Camera, light: Light) -> Setup:
        """What the shot was composed for; a shot without a start is composed anew in every frame."""
        if rig.shot.start is None:
            return Setup(camera, self._heads(rig.people, rig.shot, light))
        key = (rig.shot, light)
        if self._composed is None or self._composed[0] != key:
            poses, stage = rig.shot.start
            first = camera_of(replace(rig, people=poses, stage=stage), self.scene.people, self.size[0] / self.size[1])
            self._composed = (key, Setup(first, self._heads(poses, rig.shot, light)))
        return self._composed[1]

    def _heads(self, poses: Sequence[CharacterPose], shot: Shot, light: Light) -> tuple[Head, ...]:
        heads: list[Head] = []
        for k, (pose, person) in enumerate(zip(poses, self.scene.people, strict=False)):
            if k in shot.visible:
                figure = measure(self._canvas, person, pose, light, _habit(k, poses))
                x, y = figure.head[0] + pose.root[0], figure.head[1]
                heads.append(Head(x, y, pose.root[1], figure.unit, light.lit(person.skin).l))
        return tuple(heads)

    def _in_frame(self, pose: CharacterPose, camera: Camera) -> bool:
        width, height = self.size
        half = camera.visible_m * width / height / 2 / camera.closeness(pose.root[1])
        return abs(pose.root[0] - camera.x) < half + 0.6

    def _handling(
        self, pose: CharacterPose, things: Sequence[tuple[str, PropPose]], light: Light
    ) -> tuple[CharacterPose, Grip | None]:
        """Draw what somebody has lying before them, and find what they hold."""
        grip: Grip | None = None
        for name, prop in things:
            draw = partial(draw_prop, self._canvas, name, prop, light)
            pose, hand = _take(pose, name, prop)
            if hand is None or grip is not None:
                draw()
            else:
                grip = Grip(hand, partial(_in_view, self._canvas, self._canvas.view, draw))
        return pose, grip

    def _person(
        self, k: int, pose: CharacterPose, camera: Camera, light: Light, habit: float, grip: Grip | None
    ) -> None:
        canvas, bottom = self._canvas, camera.y - camera.visible_m / 2 / camera.closeness(pose.root[1])
        with canvas.moved(affine(1.0, pose.root[0], 0.0)):
            if bottom < 0.25:
                for foot_x, foot_y in pose.feet:
                    contact_shadow(canvas, light, foot_x * 0.8, 0.02, 0.16 * (1 - 2.0 * min(0.3, foot_y)))
            draw_person(canvas, self.scene.people[k], pose, light, habit=habit, legs=bottom < 0.95, grip=grip)


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


def _owner(prop: PropPose, poses: Sequence[CharacterPose]) -> int | None:
    """At whose depth a prop lies: the nearest person's."""
    return min(range(len(poses)), key=lambda k: abs(poses[k].root[0] - prop.x), default=None)


def _take(pose: CharacterPose, name: str, prop: PropPose) -> tuple[CharacterPose, int | None]:
    """The hand that reaches for a prop slides to where it is held (a pan by its handle); None while it is far away.

    The tokens bring the hand to the prop's own place.
    """
    gaps = [math.hypot(x + pose.root[0] - prop.x, y - prop.y) for x, y in pose.hands]
    hand = int(gaps[1] <= gaps[0])
    near = clamp((0.34 - gaps[hand]) / 0.22, 0.0, 1.0)
    if near <= 0.0:
        return pose, None
    grip_x, grip_y = GRIPS.get(name, (0.0, 0.0))
    cos, sin = math.cos(prop.rotation), math.sin(prop.rotation)
    target = (prop.x + grip_x * cos + grip_y * sin - pose.root[0], prop.y + grip_y * cos - grip_x * sin)
    x, y = pose.hands[hand]
    moved = (x + (target[0] - x) * near, y + (target[1] - y) * near)
    hands = (moved, pose.hands[1]) if hand == 0 else (pose.hands[0], moved)
    return replace(pose, hands=hands), hand if near > 0.6 or prop.state > 0.5 else None


def _in_view(canvas: Canvas, view: View, draw: Callable[[], None]) -> None:
    """Draw something in a view other than the present one."""
    before, canvas.view = canvas.view, view
    draw()
    canvas.view = before


__all__ = ["FrameArtist", "Person", "base_light"]
