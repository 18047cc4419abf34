"""Steps and gestures as a user gets them, against the beat that is heard: a request read, sampled, laid out, decoded.

Steps are found in the feet that are drawn and again in the effects stem, strokes of hands in the hands that are drawn,
and beats by a beat tracker in the music stem.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import numpy as np

from twopop.request import GenerationRequest
from twopop.timebase import FrameRange
from twopop.wire import Brief, Cue

from ..models.sketch.contacts import landings
from ..models.sketch.layout import CA
from ..models.sketch.music import Piece
from ..models.sketch.reading import Reading
from ..models.sketch.sampler import Sampler
from ..models.sketch.sound import shot_renderers
from ..models.sketch.windowing import Tokens
from .heard_music import Floats, half_beats, heard
from .onsets import struck
from .rendered import made

What = Literal["step", "gesture"]
PROMPTS: Final[dict[What, str]] = {
    "step": "wide of MARA walking {}in the street",
    "gesture": "medium of MARA in a cafe, gesturing {}",
}
STYLES: Final = ("electro", "folk", "jazz", "strings", "piano", "tension")
_FRAMES, _HANDLE, _RATE = 192, 12, Fraction(24)
_LEAST_STROKE_M: Final = 0.04
_REACH_S: Final = 0.16
"""About a stroke: so soon before and after it the hand is higher."""


@dataclass(frozen=True)
class InTime:
    """Distance of what is seen, and of the steps that are heard, from beats and half beats heard, milliseconds.

    Attributes:
        chance_ms: The median of somebody who does not listen: an eighth of a beat.
        heard, heard_median_ms: Of steps: how many are heard, and how far from the beat; nan for gestures.
    """

    what: str
    asked: bool
    seen: int
    median_ms: float
    p90_ms: float
    chance_ms: float
    heard: int
    heard_median_ms: float


def measure_in_time(sampler: Sampler, what: What, asked: bool, shots: int) -> InTime:
    """Shots of eight seconds in which somebody walks, or talks with her hands, to music."""
    rng = np.random.default_rng(6)
    gaps: list[float] = []
    sounded: list[float] = []
    eighths: list[float] = []
    for seed in range(shots):
        bpm = float(rng.uniform(80, 125))
        words = PROMPTS[what].format("to the beat " if asked else "")
        request = _request(words, f"{STYLES[seed % len(STYLES)]} {bpm:.0f} bpm", (), seed)
        reading, tokens = made(request, sampler)
        grid = half_beats(heard(_stem(request, reading, tokens, "music")), bpm)
        if len(grid) < 3:
            continue
        eighths.append(float(np.median(np.diff(grid))) / 4)
        gaps += _off(grid, landed(tokens) if what == "step" else strokes(tokens))
        if what == "step":
            kind = next(sound for sound in sorted(reading.score.sounds) if sound.startswith("step"))
            sounded += _off(grid, struck(_stem(request, reading, tokens, "effects").mean(axis=1), kind))
    p90 = 1000 * float(np.quantile(gaps, 0.9)) if gaps else float("nan")
    return InTime(
        what, asked, len(gaps), _middle(gaps), p90, _middle(eighths), len(sounded), _middle(sounded)
    )  # fmt: skip


def shot_music(sampler: Sampler, words: str, hits_s: tuple[float, ...], seed: int) -> tuple[Piece, Floats]:
    """The piece of a shot of eleven seconds and its music as heard to a bar past its end, in its clock."""
    request = _request(PROMPTS["step"].format(""), words, hits_s, seed, frames=264, tail=96)
    reading, tokens = made(request, sampler)
    assert reading.piece is not None
    handle_s = float(_HANDLE / _RATE)
    return reading.piece.moved(handle_s), heard(_stem(request, reading, tokens, "music"))


def landed(tokens: Tokens) -> list[float]:
    """When feet come down: a gait that is laid over the tokens puts them on the floor to the millimetre."""
    heights = (tokens["CA"][:, CA.index[f"{side}_foot_y"]].astype(np.float64) for side in ("left", "right"))
    return sorted(at for height in heights for at in landings(height, CA.rate_hz, 0.035, 0.004))


def strokes(tokens: Tokens) -> list[float]:
    """When a hand that is raised comes down and goes up again, from its height alone."""
    out: list[float] = []
    for side in ("left", "right"):
        height = tokens["CA"][:, CA.index[f"{side}_hand_y"]].astype(np.float64)
        reach = round(_REACH_S * CA.rate_hz)
        for k in range(reach, len(height) - reach):
            before, after = height[k - reach : k].max(), height[k + 1 : k + reach + 1].max()
            low, here, high = height[k - 1 : k + 2]
            if here <= low and here < high and min(before, after) - here >= _LEAST_STROKE_M:
                bend = low - 2 * here + high
                out.append((k + 0.5 + float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5))) / CA.rate_hz)
    return sorted(out)


def _request(
    prompt: str, music: str, hits_s: tuple[float, ...], seed: int, frames: int = _FRAMES, tail: int = _HANDLE
) -> GenerationRequest:
    cues = [Cue(role="music", text=music, at_frames=0)]
    cues += [Cue(role="music", text="", hit=True, at_frames=round(at * _RATE)) for at in hits_s]
    return GenerationRequest(
        name="SH010", shots=("SH010",), brief=Brief(prompt=prompt, cues=tuple(cues)), match_key="ab" * 32,
        model="sketch", weights="w", recipe="1", width=64, height=64, frame_rate=_RATE,
        generated=FrameRange(-_HANDLE, frames + _HANDLE + tail), used=FrameRange(0, frames),
        timecode_offset_frames=86_400, seed=seed,
    )  # fmt: skip


def _stem(request: GenerationRequest, reading: Reading, tokens: Tokens, role: Literal["music", "effects"]) -> Floats:
    return shot_renderers(request, reading, lambda _: tokens)[role](0, request.samples)


def _off(grid: Floats, times: list[float]) -> list[float]:
    """How far times are from the nearest line of a grid, those beyond its ends left out."""
    return [float(np.abs(grid - at).min()) for at in times if grid[0] <= at <= grid[-1]]


def _middle(gaps_s: list[float]) -> float:
    return 1000 * float(np.median(gaps_s)) if gaps_s else float("nan")
