"""When the picture says that something must be heard: contacts found in the drawn geometry alone.

The knots of the curves that the rasterizer draws are looked at, never the score's cues and never the sound.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from .actions import ACTIONS, FLASH_M, POURS_AT, SOUND_M_S
from .layout import CHARACTERS, STAGE, Floats, Group
from .score import Prop, Score

Tracks = Mapping[str, Floats]
Curve = npt.NDArray[np.float64]

_LEAST_SWING = 4.5
"""Radians a second that something must turn at to be heard."""
_LEAST_FLASH = 0.12


def foot_contacts(tokens: Tracks, group: str) -> list[float]:
    """When feet come down, from their height alone."""
    out: list[float] = []
    for side in ("left", "right"):
        out += landings(_channel(tokens, CHARACTERS[0], group, f"{side}_foot_y"), 25, 0.035, 0.012)
    return sorted(out)


def prop_contacts(tokens: Tracks, score: Score, slot: int) -> list[float]:
    """When a prop, or the hand that handles it, does what its action is heard for; stage seconds."""
    prop = score.props[slot]
    if prop is None:
        return []
    match ACTIONS[prop.kind].motion:
        case "place" | "strike" | "bounce" | "fry":
            return landings(_fine(tokens, slot, "y"), 50, *_heights(prop))
        case "shut":
            return landings(np.abs(_stage(tokens, f"prop{slot}.rotation")), 25, 0.2, 0.04)
        case "knock" | "tap" | "clap":
            return touches(_hand_gap(tokens, prop, slot), ACTIONS[prop.kind].lift_m)
        case "swing":
            return _fastest(_stage(tokens, f"prop{slot}.rotation"))
        case "flash":
            return _flashes(tokens, slot)
        case "pour":
            return _rises(_stage(tokens, f"prop{slot}.rotation"), POURS_AT)
        case "pass":
            x = _fine(tokens, slot, "x")
            return _rises(x if x[-1] > x[0] else -x, 0.0, 50)


def landings(height: Curve, rate_hz: int, least: float, floor: float) -> list[float]:
    """Falls from above ``least`` to where it rests, and quick rebounds that touch between two samples."""
    out: list[float] = []
    height = height - np.percentile(height, 3)
    top = 0.0
    for k in range(1, len(height) - 1):
        before, here, after = height[k - 1 : k + 2]
        top = max(top, float(before))
        if top <= least or here >= before:
            continue
        if here <= floor < before:  # the last samples above the floor are drawn on to it
            drop = max(float(height[max(k - 2, 0)] - before), 1e-3)
            out.append((k - 0.5 + min(1.0, float(before) / drop)) / rate_hz)
            top = 0.0
        elif floor < here < min(0.45 * top, after):
            out.append(_meeting(height, k) / rate_hz)
            top = 0.0
    return out


def _heights(prop: Prop) -> tuple[float, float]:
    """What counts as lifted and as down again, metres."""
    lift = ACTIONS[prop.kind].lift_m[0]
    return min(0.035, 0.6 * lift), min(0.012, 0.25 * lift)


def touches(gap: Curve, lift: tuple[float, float], rate_hz: int = 25) -> list[float]:
    """When a gap closes and opens again, by as much as the hand is taken away between contacts."""
    out: list[float] = []
    for k in range(2, len(gap) - 2):
        if not (gap[k] < gap[k - 1] and gap[k] <= gap[k + 1]):
            continue
        opened = min(gap[max(0, k - 4) : k].max(), gap[k + 1 : k + 5].max())
        if gap[k] <= 0.5 * lift[1] and gap[k] <= 0.6 * opened and opened - gap[k] >= 0.45 * lift[0]:
            out.append(_meeting(gap, k) / rate_hz)
    return out


def _meeting(gap: Curve, k: int) -> float:
    """Where the falling and the rising flank about sample ``k`` meet, in samples from the start of the curve."""
    before = gap[k - 1] - gap[max(k - 2, 0)]
    after = gap[min(k + 2, len(gap) - 1)] - gap[k + 1]
    bend = after - before
    if before >= 0 or after <= 0 or bend <= 1e-6:
        return k + 0.5
    # before: gap[k-1] + before * (t + 1); after: gap[k+1] + after * (t - 1), t from sample k
    at = (gap[k - 1] + before - gap[k + 1] + after) / bend
    return k + 0.5 + float(np.clip(at, -0.6, 0.6))


def _hand_gap(tokens: Tracks, prop: Prop, slot: int) -> Curve:
    """How far the handling hand is from what it hits, along the way it hits it."""
    action = ACTIONS[prop.kind]
    name = CHARACTERS[prop.handler or 0].name
    hand = {axis: _channel(tokens, CHARACTERS[0], name, f"right_hand_{axis}") for axis in "xy"}
    if action.motion == "clap":
        left = _channel(tokens, CHARACTERS[0], name, "left_hand_x")
        return np.abs(hand["x"] - left) / 2
    root = _channel(tokens, CHARACTERS[0], name, "root_x")
    along = hand["x"] + root - _fine(tokens, slot, "x").reshape(-1, 2).mean(1)
    above = hand["y"] - _fine(tokens, slot, "y").reshape(-1, 2).mean(1)
    if action.motion == "tap":
        return np.where(np.abs(along) < 0.25, np.abs(above - action.grip[1]), 1.0)
    return np.where(np.abs(above) < 0.25, np.abs(along), 1.0)


def _fastest(angle: Curve, rate_hz: int = 25) -> list[float]:
    """When a turn is at its fastest."""
    speed = np.abs(np.diff(angle)) * rate_hz
    out: list[float] = []
    for k in range(1, len(speed) - 1):
        around = speed[max(0, k - 4) : k + 5]
        if speed[k] >= _LEAST_SWING and speed[k] == around.max():
            a, b, c = speed[k - 1 : k + 2]
            shift = 0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c < 0 else 0.0
            out.append((k + 1 + float(np.clip(shift, -0.5, 0.5))) / rate_hz)
    return out


def _flashes(tokens: Tracks, slot: int) -> list[float]:
    """When the thunder of each sudden light arrives; a flicker right after is the same lightning."""
    rise = np.diff(_stage(tokens, "light_level"))
    late = float(np.median(_fine(tokens, slot, "x"))) * FLASH_M / SOUND_M_S
    out: list[float] = []
    for k in np.flatnonzero(rise > _LEAST_FLASH):
        moment = (k + 1) / 25
        if not out or moment - out[-1] + late > 0.35:
            out.append(float(moment + late))
    return out


def _rises(curve: Curve, level: float, rate_hz: int = 25) -> list[float]:
    """When a curve comes up through a level."""
    at = np.flatnonzero((curve[:-1] < level) & (curve[1:] >= level))
    return [float((k + 0.5 + (level - curve[k]) / (curve[k + 1] - curve[k])) / rate_hz) for k in at]


def _channel(tokens: Tracks, group: Group, name: str, channel: str) -> Curve:
    return tokens[name][:, group.index[channel]].astype(np.float64)


def _stage(tokens: Tracks, channel: str) -> Curve:
    return _channel(tokens, STAGE, "STAGE", channel)


def _fine(tokens: Tracks, slot: int, axis: str) -> Curve:
    columns = STAGE.columns(f"prop{slot}.{axis}.0", f"prop{slot}.{axis}.1")
    return tokens["STAGE"][:, columns].reshape(-1).astype(np.float64)
