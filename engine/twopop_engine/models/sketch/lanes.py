"""Short sounds as smooth event lanes, and back: impulses cannot be regressed, ramps can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import layout
from .layout import FX, Floats

LANES = 2
_WIDTH = 11
_PRESENT, _QUIET = 0.25, 0.06
"""From what level a lasting sound's code is whole; below what it is silence."""
_FLOOR = 0.30
"""An onset counts where the ramps on both sides of it reach this height."""
_LEAST_GAP_S = 0.09


@dataclass(frozen=True, slots=True)
class SoundEvent:
    """A short sound: stage time, class, how strong and how hard (both 0 to 1)."""

    time_s: float
    kind: str
    energy: float
    hardness: float = 0.5


@dataclass(frozen=True, slots=True)
class Sustain:
    """A lasting sound: class, and its level (0 to 1) at every FX token."""

    kind: str
    level: npt.NDArray[np.float64]


def write_sustain(sounds: Sequence[Sustain], tokens: int) -> Floats:
    """Lasting sounds -> the 8 channels of the sustained lane, ``(tokens, 8)``; where two last, the louder."""
    out = np.zeros((tokens, 8), np.float32)
    for sound in sounds:
        louder = sound.level > out[:, 0]
        code = layout.SUSTAIN_CODES[layout.SUSTAIN_CLASSES.index(sound.kind)]
        here = np.column_stack([sound.level, np.clip(sound.level / _PRESENT, 0, 1)[:, None] * code])
        out[louder, :1], out[louder, 3:] = here[louder, :1], here[louder, 1:]
    return out


def read_sustain(fx: Floats, kinds: Sequence[str]) -> list[Sustain]:
    """FX tokens in natural units -> the level of each of the classes that may last; the nearest code tells them."""
    if not kinds:
        return []
    columns = fx[:, FX.columns("sustain.level")[0] :].astype(np.float64)
    codes = np.stack([layout.SUSTAIN_CODES[layout.SUSTAIN_CLASSES.index(kind)] for kind in kinds])
    nearest = np.argmax(columns[:, 3:] @ codes.T, axis=1)
    level = np.where(columns[:, 0] > _QUIET, np.clip(columns[:, 0], 0.0, 1.0), 0.0)
    return [Sustain(kind, np.where(nearest == k, level, 0.0)) for k, kind in enumerate(kinds)]


def write_lane(events: Sequence[SoundEvent], times_s: npt.NDArray[np.float64]) -> Floats:
    """Events -> the 11 channels of one lane at the given token times, ``(tokens, 11)``."""
    out = np.zeros((len(times_s), _WIDTH), np.float32)
    ordered = sorted(events, key=lambda event: event.time_s)
    if not ordered:
        return out
    moments = np.array([event.time_s for event in ordered])
    facts = np.array(
        [
            (event.energy, event.hardness, *layout.EVENT_CODES[layout.EVENT_CLASSES.index(event.kind)])
            for event in ordered
        ]
    )
    ahead = np.searchsorted(moments, times_s)
    until = np.append(moments, np.inf)[ahead] - times_s
    since = times_s - np.insert(moments, 0, -np.inf)[ahead]
    out[:, 0] = np.exp(-until / layout.EVENT_TAU_S)
    out[:, 1] = np.exp(-since / layout.EVENT_TAU_S)
    nearest = np.where(until < since, np.minimum(ahead, len(ordered) - 1), np.maximum(ahead - 1, 0))
    out[:, 2:] = facts[nearest] * np.exp(-np.minimum(until, since) / layout.EVENT_TAU_S)[:, None]
    return out


def read_events(fx: Floats, start: int = 0, lane: int | None = None) -> list[SoundEvent]:
    """FX tokens in natural units, ``(tokens, 30)`` -> events in stage time, all lanes or one.

    An onset lies where the ramp before it hands over to the ramp after it; both give its time to a
    fraction of a token and the stronger counts more.

    Args:
        start: absolute index of the first token.
    """
    lanes = range(LANES) if lane is None else (lane,)
    events = [event for k in lanes for event in _read_lane(fx[:, k * _WIDTH : (k + 1) * _WIDTH], start)]
    return sorted(events, key=lambda event: event.time_s)


def apart(events: Sequence[SoundEvent]) -> list[SoundEvent]:
    """Events of one lane, the stronger of two that are nearer than one thing can sound twice."""
    kept: list[SoundEvent] = []
    for event in events:
        if not kept or event.time_s - kept[-1].time_s >= _LEAST_GAP_S:
            kept.append(event)
        elif event.energy > kept[-1].energy:
            kept[-1] = event
    return kept


def _read_lane(lane: Floats, start: int) -> list[SoundEvent]:
    times = FX.times_s(len(lane), start)
    pre, post = np.clip(lane[:, 0], 1e-3, 1.0), np.clip(lane[:, 1], 1e-3, 1.0)
    events: list[SoundEvent] = []
    for k in np.flatnonzero((pre[:-1] >= _FLOOR) & (post[1:] >= _FLOOR) & (np.diff(post) > 0.15)):
        events.append(_event(lane, times, pre, post, int(k)))
    return [event for event in events if event.energy > 0.03]


def _event(lane: Floats, times: npt.NDArray[np.float64], pre: Floats, post: Floats, k: int) -> SoundEvent:
    """The event between tokens ``k`` and ``k + 1``."""
    tau = layout.EVENT_TAU_S
    before = times[k] - tau * np.log(pre[k])
    after = times[k + 1] + tau * np.log(post[k + 1])
    weight = pre[k] / (pre[k] + post[k + 1])
    moment = float(np.clip(weight * before + (1 - weight) * after, times[k], times[k + 1]))
    fade = np.exp(-abs(times[k : k + 2] - moment) / tau)
    facts = (lane[k : k + 2, 2:] / fade[:, None]).mean(0)
    kind = layout.EVENT_CLASSES[int(np.argmax(layout.EVENT_CODES @ facts[2:]))]
    energy, hardness = np.clip(facts[:2], 0.0, 1.0)
    return SoundEvent(moment, kind, float(energy), float(hardness))
