"""Whether the air of a scene runs through its cuts, whether it loops, and whether a place can be told by its sound.

    python -m twopop_engine.train.evaluate_ambience

Heard is what a take holds: the stem of two shots, the second going on from the first (`request.before`), laid end to
end at the cut. Everything is judged on log-mel spectra; a cut and the seams of the sampler's windows against other
moments of the same sound.
"""

from __future__ import annotations

import argparse
import json
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from twopop.request import Before, GenerationRequest
from twopop.timebase import SAMPLE_RATE, FrameRange, frame_to_sample
from twopop.wire import Brief, Scene

from ..models.sketch.ambience import PLACES, read_place, render_ambience
from ..models.sketch.carrying import Beginning, grown
from ..models.sketch.durations import predict_durations
from ..models.sketch.reading import Reading
from ..models.sketch.sampler import WEIGHTS, Sampler
from ..models.sketch.sound import shot_renderers, stem_blocks
from ..models.sketch.staging import directed, set_stage
from ..models.sketch.windowing import OVERLAP_S, windows_of

Doubles = npt.NDArray[np.float64]
HOP: Final = 480
BESIDE_S: Final = 0.2
"""How much sound on either side of a moment is compared."""
CLIP_S: Final = 3.0
KNOWN_S, OTHER_DAY_S = 30.0, 12.0
FRAMES: Final = 216
"""Of a shot, handles included: some windows of the sampler."""
HANDLE: Final = 12
RATE: Final = Fraction(24)


def mel_bands(bands: int = 40, size: int = 2048) -> Doubles:
    """Triangles on the mel scale from 40 Hz to 16 kHz, `(bands, bins)`."""
    edges = 700 * (10 ** (np.linspace(np.log10(1 + 40 / 700), np.log10(1 + 16_000 / 700), bands + 2)) - 1)
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    rise = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(np.minimum(rise, fall), 0.0)


def log_mel(sound: Doubles, size: int = 2048) -> Doubles:
    """`(steps, 40)`, nepers, of `(samples,)` mono, every 10 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::HOP] * np.hanning(size)
    return np.log(np.abs(np.fft.rfft(frames, axis=-1)) ** 2 @ mel_bands(size=size).T + 1e-9)


def jump(mel: Doubles, step: int) -> float:
    """How far what is heard before a moment is from what is heard after it."""
    beside = int(BESIDE_S * SAMPLE_RATE / HOP)
    return float(np.abs(mel[step - beside : step].mean(0) - mel[step : step + beside].mean(0)).mean())


def shot(prompt: str, seed: int, before: Before | None = None) -> GenerationRequest:
    """A shot of a place with nobody in it."""
    return GenerationRequest(
        name="SH010", shots=("SH010",), brief=Brief(prompt=prompt), match_key="ab" * 32, model="sketch", weights="",
        recipe="", width=64, height=64, frame_rate=RATE, generated=FrameRange(-HANDLE, FRAMES),
        used=FrameRange(0, FRAMES - 2 * HANDLE), timecode_offset_frames=0, seed=seed, before=before,
        scene=Scene(before=(prompt,)),
    )  # fmt: skip


def air(sampler: Sampler, request: GenerationRequest) -> tuple[Doubles, float]:
    """The ambience of a take, `(samples,)`, and its clock: how long it was sampled before its first frame."""
    reading, begun = set_stage(request, predict_durations, sampler, lambda: None)
    return _stem(sampler, request, reading, begun), begun.lead_s


def _stem(sampler: Sampler, request: GenerationRequest, reading: Reading, begun: Beginning) -> Doubles:
    seconds = float(request.frames / request.frame_rate)
    *_, raw = grown(sampler, reading, begun, seconds, seed=request.seed)
    tokens = directed(raw, reading, seconds)
    renderers = {"ambience": shot_renderers(request, reading, lambda until_s: tokens)["ambience"]}
    blocks: Any = stem_blocks(renderers, request.samples)  # pyright: ignore[reportArgumentType]
    return np.concatenate([block["ambience"] for block in blocks]).mean(axis=1) / 2**23


def over_cuts(sampler: Sampler, scenes: int) -> dict[str, Any]:
    """Jumps at cuts against the same moment uncut; those at the sampler's seams against others of the same sound."""
    names = [name for name in PLACES if name != "unspecified"]
    cuts, uncut, seams, others = [], [], [], []
    end = FRAMES - 2 * HANDLE
    cut = frame_to_sample(HANDLE, RATE)
    for k in range(scenes):
        prompt = f"an empty {names[k % len(names)]}"
        first = shot(prompt, seed=k)
        before = Before(
            shot="SH010", match_key=first.match_key, seed=k, generated=first.generated, end_frame=end, at_frame=0,
            request=first,
        )  # fmt: skip
        (one, _), (two, lead_s) = air(sampler, first), air(sampler, shot(prompt, 1_000 + k, before))
        laid = np.concatenate([one[: frame_to_sample(HANDLE + end, RATE)], two[cut:]])
        mel = log_mel(np.pad(laid, 1024))
        last, lead = frame_to_sample(HANDLE + end, RATE), int(lead_s * SAMPLE_RATE)
        places = {last: cuts}
        places |= {at: seams for at in _seams(FRAMES / float(RATE)) if at < last}
        places |= {last - cut + at - lead: seams for at in _seams(FRAMES / float(RATE) + lead_s) if at - lead > cut}
        uncut.append(jump(log_mel(np.pad(one, 1024)), round(last / HOP)))  # the take before goes on for its handle
        for at, found in places.items():
            found.append(jump(mel, round(at / HOP)))
        taken = [round(at / HOP) for at in places]
        others += [jump(mel, at) for at in range(50, len(mel) - 50, 15) if min(abs(at - b) for b in taken) > 40]
    return {
        "scenes": scenes,
        "jump at a cut against no cut there": round(float(np.mean(cuts) / np.mean(uncut)), 3),
        "window seams, AUC": round(_auc(seams, others), 3),
        "cuts, AUC": round(_auc(cuts, others), 3),
    }


def _seams(seconds: float) -> list[int]:
    """Where windows of the sampler meet, samples of a take."""
    return [int((start + OVERLAP_S / 2) * SAMPLE_RATE) for start, _ in windows_of(seconds)[1:]]


def _auc(these: list[float], those: list[float]) -> float:
    """How often one of `these` is larger than one of `those`; .5 is chance."""
    one, other = np.array(these)[:, None], np.array(those)[None, :]
    return float((one > other).mean() + 0.5 * (one == other).mean())


def places() -> dict[str, Any]:
    """Loops, and whether a place is known again: elsewhere in its clock, and on another day."""
    names = [name for name in PLACES if name != "unspecified"]
    known, asked, worst = dict[str, Doubles](), list[tuple[str, Doubles]](), ("", 0.0)
    for name in names:
        here = render_ambience(read_place(name), 0, int(KNOWN_S * SAMPLE_RATE), seed=0).mean(axis=1)
        loop = _loop(here)
        worst = max(worst, (name, loop), key=lambda found: found[1])
        known[name] = np.stack(_clips(here))
        other = render_ambience(read_place(name), 10**8, int(OTHER_DAY_S * SAMPLE_RATE), seed=1).mean(axis=1)
        asked += [(name, clip) for clip in _clips(other)]
    spread = np.sqrt(np.mean([clips.var(0) for clips in known.values()], axis=0))
    means = {name: clips.mean(0) for name, clips in known.items()}

    def nearest(clip: Doubles) -> str:
        return min(means, key=lambda name: float((((means[name] - clip) / spread) ** 2).mean()))

    found = [nearest(clip) == name for name, clip in asked]
    wrong = sorted({name for (name, _), right in zip(asked, found, strict=True) if not right})
    return {
        "places": len(names),
        "told apart": round(float(np.mean(found)), 3),
        "mistaken at times": wrong,
        "loudest echo of itself at 2-20 s": {"place": worst[0], "autocorrelation": round(worst[1], 3)},
    }


def _clips(sound: Doubles) -> list[Doubles]:
    """What is typical of every few seconds: the shape of its spectrum, and how much it moves. Loudness is no place."""
    mel = log_mel(sound)
    step = int(CLIP_S * SAMPLE_RATE / HOP)
    parts = [mel[k : k + step] for k in range(0, len(mel) - step + 1, step)]
    return [np.concatenate([part.mean(0) - part.mean(), part.std(0)]) for part in parts]


def _loop(sound: Doubles) -> float:
    """The highest autocorrelation at 2 to 20 s."""
    power = np.abs(np.fft.rfft(sound - sound.mean(), 2 * len(sound))) ** 2
    found = np.fft.irfft(power)[: 20 * SAMPLE_RATE]
    overlap = 1.0 - np.arange(len(found)) / len(sound)
    return float((found / found[0] / overlap)[2 * SAMPLE_RATE :].max())


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--scenes", type=int, default=15, help="of two shots each; one place after the other")
    options = parser.parse_args()
    figures = places()
    if options.scenes:
        figures |= over_cuts(Sampler(options.weights), options.scenes)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
