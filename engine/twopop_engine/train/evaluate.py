"""Measures the shipped weights: words understood, lips, and whether feet and pans sound when they land.

    python -m twopop_engine.train.evaluate --voices mara,tomas --sentences 72

Word error rates are over sentences no training text contains, said by the whole runtime path (text, predicted
durations, onnxruntime, our own synthesis), beside the source voice and its copy-synthesis.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.sketch import layout
from ..models.sketch.durations import predict_durations
from ..models.sketch.lanes import read_events
from ..models.sketch.layout import CA, Floats
from ..models.sketch.noise import stream_key
from ..models.sketch.phones import Phone, timed_phones, untimed_phones
from ..models.sketch.sampler import GRID_S, WEIGHTS, Sampler, Tokens
from ..models.sketch.score import Blocking, Line, Prop, Score
from ..models.sketch.speech import SpeechFrames, synthesize
from ..models.sketch.text import sentences
from ..models.sketch.voice import speak_as
from ..models.sketch.voices import PRESETS
from .contacts import foot_contacts, prop_contacts
from .corpus import Clip, make_clip
from .judge import error_rate, hear
from .voices import HibariHeart
from .windows import ready

HELD_OUT = Path(__file__).parent / "heldout.txt"
_PAUSE_S = 0.12


def phones_of(text: str, rate: float) -> tuple[Phone, ...]:
    """A line as the runtime reads and times it."""
    out: list[Phone] = []
    for ipa in sentences(text):
        phones = untimed_phones(ipa)
        start = out[-1].end_s + _PAUSE_S if out else 0.0
        out += timed_phones(phones, predict_durations(phones, rate), start)
    return tuple(out)


def voiced(frames: Floats, key: int = 1) -> npt.NDArray[np.float32]:
    """10 ms frames as ``speak_as`` gives them -> sound at 24 kHz."""
    wide = frames.astype(np.float64)
    return synthesize(SpeechFrames(wide[:, :40], wide[:, 40], (wide[:, 41] + 1) / 2, wide[:, 42:]), key)


def say(sampler: Sampler, phones: tuple[Phone, ...], seed: int) -> Tokens:
    """One line by one visible speaker, in the reference voice."""
    seconds = np.ceil((phones[-1].end_s + 0.05) / GRID_S) * GRID_S
    score = Score(lines=(Line(0, phones),))
    return sampler.sample_scene(score, float(seconds), seed=seed)


@dataclass
class SpeechNumbers:
    """One voice."""

    voice: str
    error_rate: float
    copy_error_rate: float
    words: int
    rate_of_source: float
    lip_lag_ms: float
    closures: float


def measure_voice(sampler: Sampler, name: str, clips: Sequence[Clip]) -> SpeechNumbers:
    """Runs every held-out sentence through the runtime path in one voice."""
    knobs = tuple(float(x) for x in PRESETS[name].vector())
    ours, copies, ratios, lags, closures = [], [], [], [], []
    for k, clip in enumerate(clips):
        phones = phones_of(clip.text, rate=0.0)
        tokens = say(sampler, phones, seed=k)
        sound = voiced(speak_as(tokens["DX"], knobs), stream_key(k, "dialogue"))
        ours.append(hear(clip.text, sound, layout.SPEECH_RATE_HZ))
        copy = voiced(speak_as(_tokens(clip), knobs))
        copies.append(hear(clip.text, copy, layout.SPEECH_RATE_HZ))
        ratios.append(phones[-1].end_s / clip.seconds)
        lags.append(lip_lag_ms(tokens))
        closures += lip_closures(tokens, phones)
    return SpeechNumbers(
        name,
        round(error_rate(ours), 4),
        round(error_rate(copies), 4),
        sum(one.words for one in ours),
        round(float(np.mean(ratios)), 3),
        float(np.median(lags)),
        round(float(np.mean(closures)), 4),
    )


def _tokens(clip: Clip) -> Floats:
    frames = ready(clip).frames
    return frames[: len(frames) // 2 * 2].reshape(-1, layout.DX.dims)


def lip_lag_ms(tokens: Tokens, reach: int = 8) -> float:
    """By how much the drawn mouth trails the loudness of the same sample, at 50 Hz; negative is early."""
    mouth = tokens["CA"][:, CA.columns("aperture.0", "aperture.1")].reshape(-1)
    loud = np.maximum(tokens["DX"][:, [0, 45]].reshape(-1)[::2], -18.0)
    size = min(len(mouth), len(loud))
    mouth, loud = mouth[:size], loud[:size]
    scores = [
        np.corrcoef(mouth[max(0, k) : size + min(0, k)], loud[max(0, -k) : size + min(0, -k)])[0, 1]
        for k in range(-reach, reach + 1)
    ]
    return float((int(np.nanargmax(scores)) - reach) * 20)


def lip_closures(tokens: Tokens, phones: Sequence[Phone]) -> list[bool]:
    """For every m, b and p, whether the mouth is shut (aperture under .06) at some time in it."""
    mouth = tokens["CA"][:, CA.columns("aperture.0", "aperture.1")].reshape(-1)
    times = (np.arange(len(mouth)) + 0.5) / 50
    out = []
    for phone in phones:
        inside = (times >= phone.start_s - 0.01) & (times <= phone.end_s + 0.01)
        if phone.symbol in "pbm" and inside.any():
            out.append(bool(mouth[inside].min() < 0.06))
    return out


@dataclass
class SyncNumbers:
    """Contacts seen against onsets heard."""

    what: str
    contacts: int
    onsets: int
    f1_at_40_ms: float
    median_ms: float
    p90_ms: float


def match(seen: Sequence[float], heard: Sequence[float], reach_s: float = 0.25) -> list[float]:
    """One-to-one, nearest pairs first: absolute differences in seconds within reach."""
    pairs = sorted((abs(a - b), i, j) for i, a in enumerate(seen) for j, b in enumerate(heard) if abs(a - b) < reach_s)
    used: tuple[set[int], set[int]] = (set(), set())
    out: list[float] = []
    for gap, i, j in pairs:
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            out.append(gap)
    return out


def scenes(count: int) -> list[Score]:
    """Somebody walks, somebody puts a thing down; when is left to the model."""
    rng = np.random.default_rng(11)
    out: list[Score] = []
    for _ in range(count):
        x = rng.uniform(-1.2, -0.4)
        to = x + rng.uniform(0.8, 1.6) * rng.choice((-1, 1))
        kind = str(rng.choice(layout.EVENT_CLASSES[4:8]))
        prop = Prop(kind, 1.0 + rng.uniform(0.2, 0.4), float(rng.uniform(0.75, 0.95)), 1)
        people = (Blocking(from_x=x, to_x=to, facing=0.5, may_walk=True), Blocking(from_x=1.0, to_x=1.0, facing=-0.5))
        floor = str(rng.choice(layout.EVENT_CLASSES[:4]))
        out.append(Score(characters=people, props=(prop, None), sounds=frozenset({floor, kind})))
    return out


def measure_sync(sampler: Sampler, count: int, seconds: float = 3.2) -> list[SyncNumbers]:
    """Native sampling against an overlay: the picture of one seed under the sound of another."""
    samples = [
        tuple(sampler.sample(score, seconds, seed=seed) for seed in (k, k + 5000))
        for k, score in enumerate(scenes(count))
    ]
    out: list[SyncNumbers] = []
    for lane, what in ((0, "steps"), (1, "props")):
        for mode in ("native", "overlay"):
            seen, heard, gaps = 0, 0, []
            for score, (own, other) in zip(scenes(count), samples, strict=True):
                a = foot_contacts(own, "CA") if lane == 0 else prop_contacts(own, score, 0)
                fx = own["FX"] if mode == "native" else other["FX"]
                b = [event.time_s for event in read_events(fx, lane=lane)]
                seen, heard = seen + len(a), heard + len(b)
                gaps += match(a, b)
            out.append(_sync(f"{what}, {mode}", seen, heard, gaps))
    return out


def _sync(what: str, seen: int, heard: int, gaps: Sequence[float]) -> SyncNumbers:
    hits = sum(gap <= 0.040 for gap in gaps)
    f1 = 2 * hits / max(1, seen + heard)
    middle, high = (float(np.percentile(gaps, q)) * 1000 for q in (50, 90)) if gaps else (float("nan"),) * 2
    return SyncNumbers(what, seen, heard, round(f1, 3), round(middle, 1), round(high, 1))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--voices", default=",".join(PRESETS), help="names of preset voices, or none")
    parser.add_argument("--sentences", type=int, default=0, help="only the first so many (0: all)")
    parser.add_argument("--scenes", type=int, default=40, help="windows for the sync measure (0: skip)")
    parser.add_argument("--out", type=Path, help="also write the numbers as JSON")
    arguments = parser.parse_args()
    sampler = Sampler(arguments.weights)
    report: list[dict[str, object]] = []
    if arguments.scenes:
        report += [vars(row) for row in measure_sync(sampler, arguments.scenes)]
    names = [name for name in arguments.voices.split(",") if name in PRESETS]
    if names:
        texts = HELD_OUT.read_text().strip().split("\n")[: arguments.sentences or None]
        source = HibariHeart()
        said = [source.say(text, 1.0, k) for k, text in enumerate(texts)]
        heard = [hear(one.text, one.audio, layout.SPEECH_RATE_HZ) for one in said]
        report.append({"voice": "source", "error_rate": round(error_rate(heard), 4)})
        clips = [make_clip(one, source.name) for one in said]
        report += [vars(measure_voice(sampler, name, clips)) for name in names]
    for row in report:
        print(json.dumps(row), flush=True)
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
