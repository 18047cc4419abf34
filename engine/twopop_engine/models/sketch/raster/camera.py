"""The camera: framing words composed by rule, the tokens' movement on top, and one map to pixels per depth.

Stage metres here are drawn with y **down** from the floor, so that heights are negative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .look import Person
from .rig import CharacterPose, RigFrame, Shot, StagePose
from .shapes import clamp

FRAMINGS = ("close-up", "medium-close", "medium", "two-shot", "over-the-shoulder", "wide", "insert", "free")
EYES, _CHIN = 0.925, 0.85
"""Height of the eyes and of the chin as shares of a person's height."""
_HEAD_M = 0.17
"""From the middle of a head to beside its hair."""
_BODY_M = 0.36
"""From the middle of somebody to beside their elbow."""
_LEAN_IN = 0.16
"""How far a single may turn to somebody at its edge, in half widths of the frame."""
_CLOSER = 0.90
"""How much closer it may go to somebody to be rid of the other."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the frame is: its centre on the stage, how many metres high it is there, roll and shake."""

    x: float
    y: float
    visible_m: float
    roll: float = 0.0
    shake: tuple[float, float] = (0.0, 0.0)

    @property
    def distance_m(self) -> float:
        """From the camera to the plane of the actors; nearer for tighter shots, which gives them their depth."""
        return 1.1 + 1.5 * self.visible_m

    def closeness(self, z: float) -> float:
        """Size of things at depth `z` against those at the actors' plane."""
        return self.distance_m / max(0.35, self.distance_m + z)

    def plane(self, z: float, size: tuple[int, int]) -> npt.NDArray[np.float64]:
        """The `(2, 3)` map from metres (x, y down) at depth `z` to pixels of a frame of `size` (width, height)."""
        width, height = size
        scale = height / self.visible_m * self.closeness(z)
        cos, sin = math.cos(self.roll) * scale, math.sin(self.roll) * scale
        linear = np.array([(cos, -sin), (sin, cos)])
        centre = np.array([self.x + self.shake[0], -(self.y + self.shake[1])])
        return np.column_stack([linear, np.array([width / 2, height / 2]) - linear @ centre])


def camera_of(frame: RigFrame, people: Sequence[Person], aspect: float) -> Camera:
    """The camera of a frame: composed for the shot's first pose, then moved as the tokens' camera has moved since."""
    stage, shot = frame.stage, frame.shot
    if shot.framing == "free":
        return Camera(*stage.camera, 2.0 / math.exp(stage.zoom), stage.roll, stage.shake)
    poses, first = shot.start or (frame.people, stage)
    base = compose(shot, people, poses, aspect, first)
    moved = Camera(
        base.x + stage.camera[0] - first.camera[0],
        base.y + stage.camera[1] - first.camera[1],
        base.visible_m / math.exp(clamp(stage.zoom - first.zoom, -0.4, 0.4)),
        stage.roll,
        stage.shake,
    )
    return _follow(moved, shot, frame.people, poses, aspect)


def compose(
    shot: Shot, people: Sequence[Person], poses: Sequence[CharacterPose], aspect: float, stage: StagePose | None = None
) -> Camera:
    """A framing by rule: eyes on the upper third, room in the direction of the look, no cut through a joint.

    Args:
        shot: Gives the framing word and the subject.
        people: Who stands there.
        poses: How, in the order of `people`.
        aspect: Width over height of the picture.
        stage: Where an insert finds its prop.
    """
    if not poses:
        return Camera(0.0, 1.1, 2.2)
    who = min(shot.subject, len(poses) - 1)
    pose, person = poses[who], people[min(who, len(people) - 1)]
    eye = EYES * person.height - pose.hip_drop
    x, look = pose.root[0] + 0.55 * pose.lean, _look(who, poses)
    match shot.framing:
        case "close-up":
            single = _single(x, eye, look, _at_least(0.56, 0.46, aspect), aspect, 0.355)
            return _without_halves(single, (x, eye), who, shot, poses, aspect)
        case "medium-close":
            single = _single(x, eye, look, _at_least(0.80, 0.62, aspect), aspect, 0.345)
            return _without_halves(single, (x, eye), who, shot, poses, aspect)
        case "two-shot":
            return _both(people, poses, shot, aspect)
        case "over-the-shoulder":
            single = _single(x, eye, 0.0, _at_least(0.86, 0.80, aspect), aspect, 0.36)
            return replace(single, x=x + look * single.visible_m * aspect * 0.16)
        case "wide":
            xs = [poses[k].root[0] for k in _seen(shot, poses)]
            visible = max(2.35, (max(xs) - min(xs) + (1.6 if aspect > 1 else 1.2)) / aspect)
            return Camera((max(xs) + min(xs)) / 2, 0.40 * visible, visible)
        case "insert":
            return _insert(people, poses, stage, (x + 0.3, 0.95), _at_least(0.43, 0.5, aspect))
        case _:
            single = _single(x, eye, look, _at_least(1.16, 0.80, aspect), aspect, 0.30)
            return _without_halves(single, (x, eye), who, shot, poses, aspect)


def _insert(
    people: Sequence[Person],
    poses: Sequence[CharacterPose],
    stage: StagePose | None,
    otherwise: tuple[float, float],
    visible: float,
) -> Camera:
    """The prop, a little away from whoever is nearest to it, and no half of a face."""
    prop = stage.props[0] if stage and stage.props else None
    if prop is None:
        return Camera(*otherwise, visible)
    near = min(range(len(poses)), key=lambda k: abs(poses[k].root[0] - prop.x))
    chin = _CHIN * people[min(near, len(people) - 1)].height - poses[near].hip_drop
    aside = 0.20 * visible * (1.0 if prop.x >= poses[near].root[0] else -1.0)
    y = max(prop.y - 0.06, min(prop.y + 0.05, chin - visible / 2))
    return Camera(prop.x + aside, y, visible)


def _seen(shot: Shot, poses: Sequence[CharacterPose]) -> list[int]:
    """Whom a shot of several people holds: who is visible, or all of them in an empty plate."""
    return [k for k in shot.visible if k < len(poses)] or list(range(len(poses)))


def _look(who: int, poses: Sequence[CharacterPose]) -> float:
    """Where somebody looks: -1 to the audience's left, 1 to the right."""
    total = poses[who].facing + poses[who].head[0]
    if abs(total) < 0.08 and len(poses) > 1:
        total = poses[1 - who].root[0] - poses[who].root[0]
    return clamp(total / 0.35, -1.0, 1.0)


def _at_least(height_m: float, width_m: float, aspect: float) -> float:
    """Metres high, or more where a narrow picture would not be `width_m` wide."""
    return max(height_m, width_m / aspect)


def _single(x: float, eye: float, look: float, visible: float, aspect: float, eye_share: float) -> Camera:
    """One person: the eyes `eye_share` of the height below the top edge, 60/40 look room in wide pictures."""
    room = 0.085 * visible * min(aspect, 1.9) * look
    share = eye_share if aspect > 1 else max(0.30, eye_share - 0.02)
    return Camera(x + room, eye + (share - 0.5) * visible, visible)


def _without_halves(
    camera: Camera, subject: tuple[float, float], who: int, shot: Shot, poses: Sequence[CharacterPose], aspect: float
) -> Camera:
    """A single that cuts nobody else's face in half: it looks past them, or takes them in, where that is near.

    Looking past costs look room, most of which may go; taking them in moves the subject from the middle a little. Where
    neither is enough it goes closer.
    """
    half = camera.visible_m * aspect / 2
    for k in _seen(shot, poses):
        if k == who or k >= len(poses):
            continue
        away = (poses[k].root[0] - camera.x) * camera.closeness(poses[k].root[1])
        side, away = math.copysign(1.0, away), abs(away)
        past, within = half - (away - _HEAD_M), away + _HEAD_M - half
        room = 0.7 * max(0.0, side * (camera.x - subject[0]))
        sliver = half - (away - _BODY_M)
        if within > 0.0 and 0.0 < sliver <= room:
            return replace(camera, x=camera.x - side * sliver)
        if past <= 0.0 or within <= 0.0:
            continue
        if past <= room:
            return replace(camera, x=camera.x - side * past)
        if within <= _LEAN_IN * half:
            return replace(camera, x=camera.x + side * within)
        closer = max(_CLOSER, 1.0 - (past - room) / half)
        y = subject[1] + closer * (camera.y - subject[1])
        return replace(camera, x=camera.x - side * room, y=y, visible_m=closer * camera.visible_m)
    return camera


def _both(people: Sequence[Person], poses: Sequence[CharacterPose], shot: Shot, aspect: float) -> Camera:
    seen = _seen(shot, poses)
    xs = [poses[k].root[0] for k in seen]
    eyes = [EYES * people[min(k, len(people) - 1)].height - poses[k].hip_drop for k in seen]
    eye = 0.4 * max(eyes) + 0.6 * sum(eyes) / len(eyes)
    visible = max(1.16, (max(xs) - min(xs) + 0.85) / aspect)
    return Camera((max(xs) + min(xs)) / 2, eye + (0.31 - 0.5) * visible, visible)


def _follow(
    camera: Camera, shot: Shot, poses: Sequence[CharacterPose], start: Sequence[CharacterPose], aspect: float
) -> Camera:
    """Nobody walks out of their own shot: past a margin the camera goes along."""
    who = min(shot.subject, len(poses) - 1, len(start) - 1)
    if who < 0 or shot.framing in ("wide", "insert"):
        return camera
    drift = poses[who].root[0] - start[who].root[0]
    margin = 0.14 * camera.visible_m * aspect
    beyond = math.copysign(1.0, drift) * max(0.0, abs(drift) - margin)
    return replace(camera, x=camera.x + float(beyond))
