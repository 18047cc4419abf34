"""Sound effects out of formulas: one recipe a class, no samples, no loops, 48 kHz.

A struck thing is a bank of damped modes, the scrape of the contact a burst of shaped noise, and a crumbling or
jingling one a shower of small ones. Energy sets level and brightness, hardness how fast the contact is; the
rest of the difference between two events comes from their time, so that no two steps are the same sample and the
same step is the same in every window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .foley_tables import RECIPES, TEXTURES, Burst, Recipe, Texture
from .lanes import SoundEvent, Sustain
from .layout import FX
from .noise import drift, shaped, sparks, stream_key, uniform

SAMPLE_RATE: Final = 48_000
TAIL_SAMPLES: Final = 5 * SAMPLE_RATE
"""The longest that any event rings."""
LASTING: Final = 0.3
"""Level of a lasting sound at its loudest, against struck ones."""
Floats = NDArray[np.float64]


def band(low_hz: float, high_hz: float, points: int = 1_025) -> Floats:
    """Gain of a smooth band, `(points,)` from 0 Hz to 24 kHz; white noise through it has unit power."""
    hz = np.maximum(np.linspace(0.0, SAMPLE_RATE / 2, points), 1.0)
    rise = 1.0 / np.sqrt(1.0 + (low_hz / hz) ** 6)
    fall = 1.0 / np.sqrt(1.0 + (hz / high_hz) ** 6)
    shape = rise * fall
    return shape / np.sqrt((shape**2).mean())


def _noise_burst(burst: Burst, brightness: float, key: int, index: int) -> Floats:
    seconds = burst.attack_s * 2 + burst.decay_s * 7
    count = max(64, int(seconds * SAMPLE_RATE))
    time = np.arange(count) / SAMPLE_RATE
    shape = np.minimum(time / max(burst.attack_s, 1e-4), 1.0) ** 2 * np.exp(
        -np.maximum(time - burst.attack_s, 0) / burst.decay_s
    )
    start = (index % 1_000_003) * 4_096
    return shaped(key, start, count, band(burst.low_hz, burst.high_hz * brightness)) * shape * burst.level


def _ring(recipe: Recipe, brightness: float, chance: Floats) -> Floats:
    longest = max((decay for _, decay, _ in recipe.modes), default=0.0)
    time = np.arange(max(1, int(longest * 7 * SAMPLE_RATE))) / SAMPLE_RATE
    out = np.zeros(len(time))
    for k, (hz, decay, level) in enumerate(recipe.modes):
        hz = hz * (1.0 + 0.03 * (chance[k % len(chance)] - 0.5))
        bend = 1.0 - recipe.glide * (1.0 - np.exp(-time / decay))
        softness = brightness ** (1.5 * k / len(recipe.modes))
        phase = 2 * np.pi * np.cumsum(hz * bend) / SAMPLE_RATE
        out += level * softness * np.exp(-time / decay) * np.sin(phase)
    return out * np.minimum(time / 0.0006, 1.0)


def _add(out: Floats, sound: Floats, at_samples: int) -> Floats:
    """`out` with `sound` laid over it, grown where it must be."""
    if at_samples + len(sound) > len(out):
        out = np.concatenate([out, np.zeros(at_samples + len(sound) - len(out))])
    out[at_samples : at_samples + len(sound)] += sound
    return out


@lru_cache(maxsize=64)
def strike(event: SoundEvent, key: int) -> Floats:
    """One event as a sound, `(samples,)` at 48 kHz, read-only; sample 0 is the contact, the end is silent.

    Args:
        event: Its time is used only to tell it from others of its class.
        key: Noise stream.
    """
    recipe = RECIPES[event.kind]
    index = round(event.time_s * 10_000) * 64
    brightness = 0.45 + 0.4 * event.hardness + 0.35 * event.energy
    out = np.zeros(1)
    for piece in range(recipe.pieces + 1):
        chance = uniform(key, index + piece, 8)
        small = 1.0 if piece == 0 else 0.75 * (1.0 - piece / (recipe.pieces + 1)) * (0.4 + 0.6 * chance[0])
        at = 0.0 if piece == 0 else recipe.spread_s * (piece - 0.6 * chance[1]) / recipe.pieces
        if recipe.modes:
            out = _add(out, small * _ring(recipe, min(brightness, 1.0), chance), int(at * SAMPLE_RATE))
        for k, burst in enumerate(recipe.bursts):
            sound = _noise_burst(burst, brightness, key, index + piece * 8 + k)
            out = _add(out, small * sound, int((at + burst.at_s) * SAMPLE_RATE))
    peak = max(np.abs(out).max(), 1e-9)
    heard = np.flatnonzero(np.abs(out) > peak * 1e-3)[-1] + 1
    faded = out[: min(heard, TAIL_SAMPLES)] * (recipe.level * (0.12 + 0.88 * event.energy**0.8) / peak)
    tail = min(len(faded) // 2, 480)
    faded[len(faded) - tail :] *= np.linspace(1.0, 0.0, tail)
    faded.setflags(write=False)
    return faded


@dataclass(frozen=True, slots=True)
class PlacedEvent:
    """An event and where it is heard: `pan` -1 left to 1 right, `gain` for distance."""

    event: SoundEvent
    pan: float = 0.0
    gain: float = 1.0


def _panned(sound: Floats, pan: float) -> Floats:
    """Mono to stereo at equal power, `(2, n)`."""
    angle = (np.clip(pan, -1.0, 1.0) + 1.0) * np.pi / 4
    return sound * (np.array([[np.cos(angle)], [np.sin(angle)]]) * np.sqrt(2.0))


def render_events(events: Sequence[PlacedEvent], start_samples: int, count_samples: int, key: int) -> Floats:
    """Short sounds on a stretch of the stem; what began before the stretch rings into it.

    Args:
        events: Times in seconds of the stem's clock.
        start_samples: First sample of the stretch in that clock.
        count_samples: Its length.
        key: Noise stream of the stem.

    Returns:
        `(count_samples, 2)` float64.
    """
    out = np.zeros((2, count_samples))
    for placed in events:
        begin_s = placed.event.time_s - RECIPES[placed.event.kind].lead_s
        at = round(begin_s * SAMPLE_RATE) - start_samples
        if at >= count_samples or at <= -TAIL_SAMPLES:
            continue
        sound = _panned(strike(placed.event, key) * placed.gain, placed.pan)
        first, last = max(at, 0), min(at + sound.shape[1], count_samples)
        if last > first:
            out[:, first:last] += sound[:, first - at : last - at]
    return out.T


def _hum(hz: float, times_s: Floats) -> Floats:
    """A mains or motor tone: six harmonics, each falling."""
    return np.sum([np.sin(2 * np.pi * hz * k * times_s + k * k) / k**1.3 for k in range(1, 7)], axis=0) * 0.25


def sustain(kind: str, start_samples: int, count_samples: int, key: int) -> Floats:
    """A sustained class at full level on an absolute stretch, `(count_samples,)` at 48 kHz, about unit RMS."""
    texture = TEXTURES[kind]
    times = np.arange(start_samples, start_samples + count_samples) / SAMPLE_RATE
    shape = np.sqrt(np.sum([(level * band(low, high)) ** 2 for low, high, level in texture.bands], axis=0))
    out = shaped(key, start_samples, count_samples, shape)
    out *= 0.7 + 0.6 * drift(key ^ 1, times, texture.flutter_s)
    if texture.hum_hz:
        out += _hum(texture.hum_hz, times) * (0.8 + 0.4 * drift(key ^ 2, times, 2.3))
    if texture.grains:
        out += _grains(texture, start_samples, count_samples, key ^ 3)
    return out


def _grains(texture: Texture, start_samples: int, count_samples: int, key: int) -> Floats:
    out = np.zeros(count_samples)
    tail = SAMPLE_RATE
    for spark in sparks(key, texture.rate_hz, start_samples - tail, count_samples + tail, SAMPLE_RATE):
        event = SoundEvent(spark.at_samples / SAMPLE_RATE, texture.grains, 0.2 + 0.8 * float(spark.chance[0]) ** 2, 0.6)
        sound = strike(event, key) * texture.grain_level * 4
        at = spark.at_samples - start_samples
        first, last = max(at, 0), min(at + len(sound), count_samples)
        if last > first:
            out[first:last] += sound[first - at : last - at]
    return out


def render_sustain(
    sounds: Sequence[Sustain], pans: Sequence[NDArray[np.float64]], start_samples: int, count_samples: int, key: int
) -> Floats:
    """Lasting sounds on a stretch of the stem.

    Args:
        sounds: Their levels at FX tokens, token 0 at sample 0 of the stem's clock.
        pans: Where each is at every token, -1 left to 1 right.
        start_samples: First sample of the stretch wanted.
        count_samples: Its length.
        key: Noise stream of the stem.

    Returns:
        `(count_samples, 2)` float64.
    """
    out = np.zeros((2, count_samples))
    times = np.arange(start_samples, start_samples + count_samples) / SAMPLE_RATE
    for sound, pan in zip(sounds, pans, strict=True):
        at = FX.times_s(len(sound.level))
        curve = np.interp(times, at, sound.level) ** 1.5
        if curve.max(initial=0.0) < 0.01:
            continue
        mono = LASTING * curve * sustain(sound.kind, start_samples, count_samples, stream_key(key, sound.kind))
        angle = (np.interp(times, at, np.clip(pan, -1.0, 1.0)) + 1.0) * np.pi / 4
        out += mono * np.stack([np.cos(angle), np.sin(angle)]) * np.sqrt(2.0)
    return out.T
