"""Lips as they are seen against speech as it is heard: closures and lag, from drawn frames and decoded sound.

    python -m twopop_engine.train.evaluate_lips --sentences 12 --rates 24,25,30

Closures are looked for in the sound: within every m, b and p the instant at which the band above 500 Hz is weakest.
The frame exposed at that instant must show lips no more than `SHUT_PX` apart. Only the mouth is drawn, at the scale it
has in a close-up of 1080 lines, which shows the same pixels for a sixteenth of the work.

A mouth opens as a voice is loud only by and large: where a single line fits best scatters by 50 ms,
so the lag is where all lines together fit best, and how well that is known is told with it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.sketch.layout import CA, SPEECH_RATE_HZ
from ..models.sketch.noise import stream_key
from ..models.sketch.persons import PRESETS
from ..models.sketch.phones import Phone
from ..models.sketch.raster.check import measure_subject
from ..models.sketch.raster.frame import FrameArtist
from ..models.sketch.raster.look import SceneLook, person_from
from ..models.sketch.raster.rig import RigFrame, Shot, StagePose, rig_at
from ..models.sketch.voice import speak_as
from ..models.sketch.windowing import Tokens
from .spoken import Sayings, held_out, voiced

SHUT_PX = 3
LAGS_S = np.arange(-0.16, 0.1601, 0.005)
CLOSE_UP_M = 0.56
"""Height of a close-up; see `raster.camera`."""
_SIZE = (384, 216)
_PX_M = 1080 / CLOSE_UP_M
_BOX = np.s_[66:166, 150:345]
"""Rows and columns that hold the mouth, and no nostril."""
_RED = 52
"""By how much red passes green on this face's lips, and nowhere else on it."""
_MOUTH = 0.68
"""Of the mouth below the middle of the head, in half heights of it."""


@dataclass(frozen=True)
class LipNumbers:
    """At one frame rate: closures in the sound, how many of them are seen, how late the lips are, and how surely."""

    frame_rate: Fraction
    closures: int
    seen: float
    lag_ms: float
    error_ms: float


class MouthCamera:
    """Draws one speaker's mouth, frame by frame, and measures it."""

    def __init__(self, tokens: Tokens) -> None:
        person = person_from("woman, 30s, teal sweater, brown bun", "closure")
        self._scene = SceneLook("studio", "day", people=(person,), props=())
        self._tracks = {"CA": tokens["CA"]}
        self._artist = FrameArtist(self._scene, _SIZE)

    def gap_px(self, time_s: float, shutter_s: float) -> int:
        """How far the lips are apart in the frame exposed from `time_s`, pixels of a 1080-line close-up."""
        rig = rig_at(self._tracks, time_s, shutter_s=shutter_s)
        rig = RigFrame(rig.people, StagePose(light_level=0.7), Shot("close-up"))
        figure = measure_subject(self._scene, rig)
        place = (rig.people[0].root[0] + figure.head[0], -figure.head[1] - _MOUTH * figure.unit)
        closeness = 1.0 / max(0.35, 1.0 + rig.people[0].root[1] / (1.1 + 1.5 * CLOSE_UP_M))
        visible_m = _SIZE[1] / _PX_M / closeness
        lens = StagePose(camera=place, zoom=float(np.log(2.0 / visible_m)), light_level=0.7)
        frame = self._artist.frame(RigFrame(rig.people, lens, Shot("free")))
        return lip_gap(frame)


def lip_gap(mouth: npt.NDArray[np.uint8]) -> int:
    """Pixels between upper and lower lip, be they dark, teeth or tongue: the median over the middle of the mouth."""
    seen = mouth[_BOX].astype(int)
    lips = seen[..., 0] - seen[..., 1] > _RED
    columns = np.nonzero(lips)[1]
    if not len(columns):
        raise ValueError("no lips in the picture")
    left, right = np.percentile(columns, (35, 65)).astype(int)
    return int(np.median([_longest_gap(lips[:, column]) for column in range(left, right + 1)]))


def _longest_gap(lips: npt.NDArray[np.bool_]) -> int:
    """The longest run that is no lip between the first and the last that is, in a column."""
    rows = np.flatnonzero(lips)
    return int(np.diff(rows).max(initial=1)) - 1


def closures_in(sound: npt.NDArray[np.float32], phones: Sequence[Phone]) -> list[float]:
    """When the lips must be shut, seconds: the weakest instant above 500 Hz of every m, b and p in 24 kHz sound."""
    level, step = _level(sound, 500.0)
    out: list[float] = []
    for phone in phones:
        first, last = round(phone.start_s / step), round(phone.end_s / step)
        if phone.symbol in "mbp" and first < last <= len(level):
            out.append((first + int(np.argmin(level[first:last])) + 0.5) * step)
    return out


def _level(sound: npt.NDArray[np.float32], above_hz: float) -> tuple[npt.NDArray[np.float64], float]:
    """Level in nepers every 5 ms of what lies above a frequency, and those 5 ms."""
    hop, size = SPEECH_RATE_HZ // 200, SPEECH_RATE_HZ // 100
    padded = np.pad(sound.astype(np.float64), size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
    band = np.fft.rfftfreq(size, 1 / SPEECH_RATE_HZ) >= above_hz
    return 0.5 * np.log(spectrum[:, band].sum(1) + 1e-9), hop / SPEECH_RATE_HZ


def measure_lips(
    spoken: Sequence[tuple[Tokens, Sequence[Phone], npt.NDArray[np.float32]]], frame_rate: Fraction
) -> LipNumbers:
    """Draws every spoken line at a frame rate and compares.

    Args:
        spoken: Tokens, phones and 24 kHz sound of each line.
        frame_rate: Of the pictures; the shutter is open for a whole frame.
    """
    seen: list[bool] = []
    fits: list[npt.NDArray[np.float64]] = []
    shutter = float(1 / frame_rate)
    for tokens, phones, sound in spoken:
        camera = MouthCamera(tokens)
        count = int(len(tokens["CA"]) / CA.rate_hz / shutter)
        gaps = np.array([camera.gap_px(k * shutter, shutter) for k in range(count)])
        seen += [bool(gaps[min(count - 1, int(t / shutter))] <= SHUT_PX) for t in closures_in(sound, phones)]
        fits.append(lag_fits(gaps, sound, shutter))
    return LipNumbers(frame_rate, len(seen), float(np.mean(seen)), *pooled_lag_ms(np.array(fits)))


def lag_fits(gaps: npt.NDArray[Any], sound: npt.NDArray[np.float32], shutter_s: float) -> npt.NDArray[np.float64]:
    """How well the gaps fit the loudness if they trail it by each of `LAGS_S`."""
    level, step = _level(sound, 0.0)
    loud = np.maximum(level, level.max() - 6.0)
    middles = (np.arange(len(gaps)) + 0.5) * shutter_s
    fits = [np.corrcoef(gaps, np.interp(middles - lag, step * np.arange(len(loud)), loud))[0, 1] for lag in LAGS_S]
    return np.nan_to_num(np.array(fits))


def pooled_lag_ms(fits: npt.NDArray[np.float64]) -> tuple[float, float]:
    """By how much the lips trail the voice, and the standard error of that.

    Args:
        fits: `(lines, len(LAGS_S))`.

    Returns:
        Where the lines together fit best (negative: the lips are early), and how much that moves when other lines are
        drawn from the same ones.
    """
    rng = np.random.default_rng(0)
    draws = rng.integers(len(fits), size=(200, len(fits)))
    moved = [LAGS_S[int(np.argmax(fits[draw].mean(axis=0)))] for draw in draws]
    return float(1000 * LAGS_S[int(np.argmax(fits.mean(axis=0)))]), float(1000 * np.std(moved))


def main() -> int:
    """The command; 1 where a must is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sentences", type=int, default=40)
    parser.add_argument("--rates", default="24,25,30")
    options = parser.parse_args()
    sayings, knobs = Sayings(), tuple(float(x) for x in PRESETS["mara"].vector())
    spoken: list[tuple[Tokens, Sequence[Phone], npt.NDArray[np.float32]]] = []
    for seed, text in enumerate(held_out(options.sentences)):
        phones, tokens = sayings(text, 0.0, seed)
        spoken.append((tokens, phones, voiced(speak_as(tokens["DX"], knobs), stream_key(seed, "dialogue"))))
    missed = False
    for rate in options.rates.split(","):
        found = measure_lips(spoken, Fraction(rate))
        missed |= found.seen < 0.90 or abs(found.lag_ms) > 20
        seen = f"{found.seen:.1%} of {found.closures} closures seen"
        print(f"{rate} fps: {seen}, lag {found.lag_ms:+.0f} +- {found.error_ms:.0f} ms", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
