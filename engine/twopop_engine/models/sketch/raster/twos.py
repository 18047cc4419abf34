"""Bodies on twos, faces on ones: how often what moves is drawn anew.

At 24 frames a second bodies, props and weather are drawn twelve times a second, as animators do it; mouths that move,
blinks and saccades, the camera and lightning in every frame. Who moves fast (a step, a blow, a throw) is drawn in every
frame, so that a contact is seen on its own frame; who hardly moves (stands and listens) on fours. A frame's pose
depends on the tokens and its number alone, whichever frames are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..layout import CA, STAGE
from .rig import CharacterPose, Mouth, RigFrame, Shot, Track, rig_at, sample, sample_halves

BODY_HZ = 12
"""Bodies that move are drawn at least so often."""
_FAST = 0.05
"""What goes so far within a hold, in heights of the frame, is fast."""
_LIMBS = CA.columns(
    *("root_x", "left_hand_x", "left_hand_y", "right_hand_x", "right_hand_y"),
    *("left_foot_x", "left_foot_y", "right_foot_x", "right_foot_y", "hip_drop"),
)
_SLOW = 0.0025
"""Whose body goes no farther than this within two holds hardly moves."""
_CARRIED_M = {
    **dict.fromkeys((CA.channels[k].name for k in _LIMBS), 1.0),
    **{"root_z": 0.3, "lean": 0.45, "facing": 0.2, "breath": 0.006},
    **{"head_yaw": 0.12, "head_pitch": 0.12, "head_roll": 0.12},
    **{"brow_left": 0.012, "brow_right": 0.012, "furrow": 0.006, "squint": 0.006},
}
"""How far a unit of a channel carries what it moves."""
_BODY = CA.columns(*_CARRIED_M)
_CARRY = np.array(list(_CARRIED_M.values()))
_HANDS = [np.array([side in name for name in _CARRIED_M]) for side in ("left_hand", "right_hand")]
_TRUNK = ~_HANDS[0] & ~_HANDS[1]
_SHAPES, _LIDS, _GAZES = 64, 24, 24
"""Steps of a mouth's shapes, of lids and of gazes: below a pixel, so that a face at rest is at rest."""
_MOUTH_RESTS, _SHUT_RESTS, _LID_RESTS, _GAZE_RESTS = 0.04, 0.015, 0.12, 0.15
"""What a mouth's shapes, its opening, a lid and a gaze may differ from a held face that they do not move."""


_Slow = tuple[bool, bool, bool]
"""Whether somebody hardly moves: all but the hands, the left and the right one."""


class Twos:
    """Poses of the frames of one shot.

    Args:
        frame_rate: Of the frames.
        shot: The camera.
        visible_m: How much of the stage a frame is high.
    """

    def __init__(self, frame_rate: Fraction, shot: Shot, visible_m: float) -> None:
        self.hold = max(1, int(frame_rate / BODY_HZ + Fraction(1, 100)))  # 23.976 is 24
        """Frames that a body is held for."""
        self._rate, self._shot, self._visible_m = frame_rate, shot, visible_m
        self._held: tuple[int, RigFrame, tuple[bool, ...]] | None = None
        self._rested: tuple[int, RigFrame, tuple[_Slow, ...]] | None = None

    def rig(self, tracks: Mapping[str, Track], index: int) -> RigFrame:
        """The pose of frame `index`; `tracks` must reach past the end of its two holds."""
        now = self._at(tracks, index, 1)
        if self.hold == 1:
            return replace(now, people=tuple(map(_stepped, now.people)))
        first = index - index % self.hold
        if self._held is None or self._held[0] != first:
            self._held = first, self._at(tracks, first, self.hold), self._fast(tracks, first)
        _, held, fast = self._held
        bodies = self._bodies(tracks, index, held)
        people = tuple(
            _stepped(pose if quick else _faced(body, pose))
            for pose, body, quick in zip(now.people, bodies, fast, strict=True)
        )
        if any(fast):  # what they handle goes with them
            return replace(now, people=people, time_s=held.time_s)
        stage = replace(now.stage, props=held.stage.props, wind=held.stage.wind)
        return replace(now, people=people, stage=stage, time_s=held.time_s)

    def _bodies(self, tracks: Mapping[str, Track], index: int, held: RigFrame) -> tuple[CharacterPose, ...]:
        """Everybody's pose as it is held, what hardly moves of it for two holds."""
        first = index - index % (2 * self.hold)
        if self._rested is None or self._rested[0] != first:
            slow = self._slow(tracks, first)
            still = any(trunk for trunk, *_ in slow)
            self._rested = first, self._at(tracks, first, 2 * self.hold) if still else held, slow
        _, rested, slow = self._rested
        return tuple(map(_resting, held.people, rested.people, slow))

    def _at(self, tracks: Mapping[str, Track], index: int, frames: int) -> RigFrame:
        return rig_at(tracks, float(index / self._rate), shutter_s=float(frames / self._rate), shot=self._shot)

    def _fast(self, tracks: Mapping[str, Track], first: int) -> tuple[bool, ...]:
        """Who is fast within the hold that begins at frame `first`; all are where a prop is."""
        start_s, end_s = (float(k / self._rate) for k in (first, first + self.hold))
        thrown = False
        if "STAGE" in tracks:
            names = ("prop0.x", "prop0.y", "prop1.x", "prop1.y")
            places = (sample_halves(STAGE, tracks["STAGE"], names, t) for t in (start_s, end_s))
            thrown = self._far(*places)
        return tuple(
            thrown or self._far(*(sample(CA, tracks[name], t)[_LIMBS] for t in (start_s, end_s)))
            for name in ("CA", "CB")
            if name in tracks
        )

    def _slow(self, tracks: Mapping[str, Track], first: int) -> tuple[_Slow, ...]:
        """What of everybody hardly moves within the two holds that begin at frame `first`."""
        times = [float(Fraction(k) / self._rate) for k in (first, first + self.hold, first + 2 * self.hold)]
        out: list[_Slow] = []
        for name in ("CA", "CB"):
            if name in tracks:
                poses = np.array([sample(CA, tracks[name], time_s)[_BODY] for time_s in times])
                still = np.ptp(poses, axis=0) * _CARRY < _SLOW * self._visible_m
                out.append((bool(still[_TRUNK].all()), bool(still[_HANDS[0]].all()), bool(still[_HANDS[1]].all())))
        return tuple(out)

    def _far(self, before: np.ndarray, after: np.ndarray) -> bool:
        return float(np.abs(after - before).max()) > _FAST * self._visible_m


def _resting(body: CharacterPose, still: CharacterPose, slow: _Slow) -> CharacterPose:
    """A held body with what hardly moves of it taken from one held for longer; hands go with their body."""
    trunk, left, right = slow
    if not trunk:
        return body
    return replace(still, hands=((still if left else body).hands[0], (still if right else body).hands[1]))


def _faced(body: CharacterPose, now: CharacterPose) -> CharacterPose:
    """A held body with what moves in the face of this frame."""
    gaze = now.gaze if math.dist(now.gaze, body.gaze) > _GAZE_RESTS else body.gaze
    blink = now.blink if abs(now.blink - body.blink) > _LID_RESTS else body.blink
    return replace(body, mouth=now.mouth if _speaks(body.mouth, now.mouth) else body.mouth, blink=blink, gaze=gaze)


def _speaks(held: Mouth, now: Mouth) -> bool:
    """Whether a mouth has moved; the least in its opening counts, for lips that meet."""
    return abs(held.aperture - now.aperture) > _SHUT_RESTS or any(
        abs(a - b) > _MOUTH_RESTS for a, b in zip(_shapes(held), _shapes(now), strict=True)
    )


def _shapes(mouth: Mouth) -> tuple[float, ...]:
    return mouth.aperture, mouth.width, mouth.round, mouth.teeth, mouth.tongue, mouth.jaw


def _stepped(pose: CharacterPose) -> CharacterPose:
    """The face in steps too small to be seen."""
    return replace(
        pose,
        mouth=Mouth(*(round(_SHAPES * shape) / _SHAPES for shape in _shapes(pose.mouth))),
        blink=round(_LIDS * pose.blink) / _LIDS,
        gaze=(round(_GAZES * pose.gaze[0]) / _GAZES, round(_GAZES * pose.gaze[1]) / _GAZES),
    )
