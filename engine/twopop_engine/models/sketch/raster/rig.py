"""From rig tokens to the pose of one frame: interpolation at exact times, the mouth through the shutter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..layout import BY_NAME, CA, STAGE, Group
from .shapes import clamp

Track = npt.NDArray[np.floating]
MOUTH = tuple(channel.name[:-2] for channel in CA.channels if channel.name.endswith(".0"))
HAIR_LAG_S = 0.1
CLOSED, OPEN = 0.10, 0.28
"""Apertures between which the shutter's minimum gives way to its middle."""


@dataclass(frozen=True, slots=True)
class Mouth:
    """The six shapes of a mouth, each 0..1 (see `layout`)."""

    aperture: float = 0.0
    width: float = 0.5
    round: float = 0.05
    teeth: float = 0.0
    tongue: float = 0.0
    jaw: float = 0.03


@dataclass(frozen=True, slots=True)
class CharacterPose:
    """One character at one instant, in the units of `layout.CA`; `lag` is how far the head turned (rad) and moved (m)
    within the last tenth of a second: what hair and cloth trail behind.
    """

    mouth: Mouth = Mouth()
    blink: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)
    brows: tuple[float, float] = (0.0, 0.0)
    furrow: float = 0.0
    squint: float = 0.0
    smile: float = 0.0
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)
    root: tuple[float, float] = (0.0, 0.0)
    facing: float = 0.0
    lean: float = 0.0
    breath: float = 0.0
    hip_drop: float = 0.0
    hands: tuple[tuple[float, float], tuple[float, float]] = ((-0.25, 0.75), (0.25, 0.75))
    feet: tuple[tuple[float, float], tuple[float, float]] = ((-0.12, 0.0), (0.12, 0.0))
    lag: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class PropPose:
    """A prop: place in metres, rotation in rad, state 0 resting .. 1 held."""

    x: float = 0.0
    y: float = 0.0
    rotation: float = 0.0
    state: float = 0.0


@dataclass(frozen=True, slots=True)
class StagePose:
    """Camera, light and props at one instant, in the units of `layout.STAGE`."""

    camera: tuple[float, float] = (0.0, 1.2)
    zoom: float = 0.0
    roll: float = 0.0
    shake: tuple[float, float] = (0.0, 0.0)
    light_level: float = 0.6
    light_warmth: float = 0.5
    props: tuple[PropPose, ...] = ()
    wind: float = 0.0


@dataclass(frozen=True, slots=True)
class Shot:
    """Which camera looks.

    Attributes:
        framing: A word of `camera.FRAMINGS`, or "free": the camera exactly as the tokens say.
        subject: Index of the person framed.
        start: Pose of everything at the shot's first frame: the framing is composed for it, and the camera of
            later frames moves as the tokens' camera has moved since.
        visible: Who may be seen.
    """

    framing: str = "medium"
    subject: int = 0
    start: tuple[tuple[CharacterPose, ...], StagePose] | None = None
    visible: tuple[int, ...] = (0, 1)


@dataclass(frozen=True, slots=True)
class RigFrame:
    """All that moves in one frame; `time_s` is stage time (steam, flames, rain)."""

    people: tuple[CharacterPose, ...] = (CharacterPose(),)
    stage: StagePose = StagePose()
    shot: Shot = field(default_factory=Shot)
    time_s: float = 0.0


def rig_at(
    tracks: Mapping[str, Track], time_s: float, *, shutter_s: float = 0.04, shot: Shot | None = None
) -> RigFrame:
    """The pose of the frame exposed from `time_s` to `time_s + shutter_s`.

    Args:
        tracks: Group name (CA, CB, STAGE) -> tokens `(tokens, dims)` in natural units, the first at stage time 0.
            A missing character is not there; a missing STAGE is a resting one.
        time_s: Start of the frame, stage clock; outside the tracks their ends hold.
        shutter_s: How long the frame is exposed, usually one frame's duration.
        shot: The camera; composed for `shot.start`, or for this very frame where that is None.
    """
    middle = time_s + shutter_s / 2
    people = tuple(_character(tracks[name], time_s, shutter_s) for name in ("CA", "CB") if name in tracks)
    stage = _stage(tracks["STAGE"], middle) if "STAGE" in tracks else StagePose()
    return RigFrame(people, stage, shot or Shot(), time_s)


def shot_at(
    tracks: Mapping[str, Track], start_s: float, framing: str, *, subject: int = 0, visible: tuple[int, ...] = (0, 1)
) -> Shot:
    """A shot whose framing is composed for the poses at its first frame, `start_s` of stage time."""
    first = rig_at(tracks, start_s)
    return Shot(framing, subject, (first.people, first.stage), visible)


def sample(group: Group, track: Track, time_s: float) -> npt.NDArray[np.float64]:
    """Every channel of a track at an instant, `(dims,)` float64, through a smooth curve over the tokens' centres."""
    place = time_s * group.rate_hz - 0.5
    k = int(np.floor(place))
    last = len(track) - 1
    p0, p1, p2, p3 = np.asarray(track[[min(max(j, 0), last) for j in range(k - 1, k + 3)]], np.float64)
    u = place - k
    value = p1 + 0.5 * u * (p2 - p0 + u * (2 * p0 - 5 * p1 + 4 * p2 - p3 + u * (3 * (p1 - p2) + p3 - p0)))
    # No overshoot: contacts stay contacts. (`np.clip` takes three times as long for so few numbers.)
    return np.minimum(np.maximum(value, np.minimum(p1, p2)), np.maximum(p1, p2))


@lru_cache(maxsize=8)
def _halves(name: str, names: tuple[str, ...]) -> tuple[list[int], list[int]]:
    group = BY_NAME[name]  # hashing the group itself, with all its channels, would cost more than the rest
    return group.columns(*(f"{name}.0" for name in names)), group.columns(*(f"{name}.1" for name in names))


def sample_halves(group: Group, track: Track, names: tuple[str, ...], time_s: float) -> npt.NDArray[np.float64]:
    """Channels kept twice a token (`name.0`, `name.1`) at an instant, linear over the sub-frames: `(len(names),)`."""
    place = time_s * 2 * group.rate_hz - 0.5
    k = int(np.floor(place))
    low, high = (_half(group, track, names, j) for j in (k, k + 1))
    return low + (high - low) * (place - k)


def _half(group: Group, track: Track, names: tuple[str, ...], index: int) -> npt.NDArray[np.float64]:
    index = min(max(index, 0), 2 * len(track) - 1)
    return np.asarray(track[index // 2, _halves(group.name, names)[index % 2]], np.float64)


def mouth_at(track: Track, time_s: float, shutter_s: float) -> Mouth:
    """The mouth as the shutter sees it: a closure within the exposure wins over what is open around it."""
    rate = 2 * CA.rate_hz
    first = int(np.ceil(time_s * rate - 0.5 - 1e-6))
    last = int(np.floor((time_s + shutter_s) * rate - 0.5 + 1e-6))
    seen = [_half(CA, track, MOUTH, k) for k in range(first, last + 1)]
    seen += [sample_halves(CA, track, MOUTH, t) for t in (time_s, time_s + shutter_s)]
    narrowest = min(seen, key=lambda shape: float(shape[0]))
    middle = sample_halves(CA, track, MOUTH, time_s + shutter_s / 2)
    share = clamp((OPEN - narrowest[0]) / (OPEN - CLOSED), 0.0, 1.0)
    return Mouth(*(clamp(v, 0.0, 1.0) for v in (middle + (narrowest - middle) * share).tolist()))


def _character(track: Track, time_s: float, shutter_s: float) -> CharacterPose:
    middle = time_s + shutter_s / 2
    now, before = sample(CA, track, middle), sample(CA, track, middle - HAIR_LAG_S)
    v = dict(zip(CA.index, now.tolist(), strict=True))
    old = {name: float(before[CA.index[name]]) for name in ("head_yaw", "root_x", "lean")}
    moved = v["root_x"] - old["root_x"] + 0.6 * (v["lean"] - old["lean"])

    def pair(a: str, b: str) -> tuple[float, float]:
        return v[a], v[b]

    return CharacterPose(
        mouth=mouth_at(track, time_s, shutter_s),
        blink=min(1.0, max(0.0, v["blink"])),
        gaze=pair("gaze_x", "gaze_y"),
        brows=pair("brow_left", "brow_right"),
        furrow=max(0.0, v["furrow"]),
        squint=max(0.0, v["squint"]),
        smile=v["smile"],
        head=(v["head_yaw"], v["head_pitch"], v["head_roll"]),
        root=pair("root_x", "root_z"),
        facing=v["facing"],
        lean=v["lean"],
        breath=v["breath"],
        hip_drop=max(0.0, v["hip_drop"]),
        hands=(pair("left_hand_x", "left_hand_y"), pair("right_hand_x", "right_hand_y")),
        feet=(pair("left_foot_x", "left_foot_y"), pair("right_foot_x", "right_foot_y")),
        lag=(v["head_yaw"] - old["head_yaw"], moved),
    )


def _stage(track: Track, time_s: float) -> StagePose:
    now = sample(STAGE, track, time_s)
    v = dict(zip(STAGE.index, now.tolist(), strict=True))
    props = []
    for slot in (0, 1):
        x, y = sample_halves(STAGE, track, (f"prop{slot}.x", f"prop{slot}.y"), time_s)
        props.append(PropPose(float(x), float(y), v[f"prop{slot}.rotation"], v[f"prop{slot}.state"]))
    return StagePose(
        camera=(v["camera_x"], v["camera_y"]),
        zoom=v["camera_zoom"],
        roll=v["camera_roll"],
        shake=(v["camera_shake_x"], v["camera_shake_y"]),
        light_level=v["light_level"],
        light_warmth=v["light_warmth"],
        props=tuple(props),
        wind=v["wind"],
    )
