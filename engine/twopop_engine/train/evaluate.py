"""Measures the shipped weights against what they must reach: words understood, lips, sounds that are seen.

    python -m twopop_engine.train.evaluate --voices mara,tomas --sentences 72 --scenes 4

Word error rates are over sentences no training text contains, said by the whole runtime path (text, predicted
durations, onnxruntime, our own synthesis), beside the source voice and its copy-synthesis. Contacts are found in the
drawn geometry and onsets in the decoded sound, see `sync`.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.sketch import layout
from ..models.sketch.durations import predict_durations
from ..models.sketch.layout import CA, Floats
from ..models.sketch.noise import stream_key
from ..models.sketch.phones import Phone, timed_phones, untimed_phones
from ..models.sketch.sampler import GRID_S, WEIGHTS, Sampler, Tokens
from ..models.sketch.score import Line, Score
from ..models.sketch.speech import SpeechFrames, synthesize
from ..models.sketch.text import sentences
from ..models.sketch.voice import speak_as
from ..models.sketch.voices import PRESETS
from .corpus import Clip, make_clip
from .judge import error_rate, hear
from .sync import FRAME_S, measure_cued, measure_sync, total
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


@dataclass(frozen=True)
class Reached:
    """A number beside what it must be and what it should; ``more`` is better where that is true, else less is."""

    what: str
    value: float
    must: float | None = None
    aim: float | None = None
    more: bool = False

    def __str__(self) -> str:
        sign = ">=" if self.more else "<="
        must, aim = ("" if limit is None else f"{sign} {limit:g}" for limit in (self.must, self.aim))
        return f"| {self.what} | {self.value:.4g} | {must} | {aim} | {self.verdict} |"

    @property
    def verdict(self) -> str:
        """Whether it is enough; "" for what is only told."""
        if self.must is None:
            return ""
        met = [
            limit is not None and (self.value >= limit if self.more else self.value <= limit)
            for limit in (self.aim, self.must)
        ]
        return "aim" if met[0] else "met" if met[1] else "MISSED"


def word_rows(sampler: Sampler, names: Sequence[str], sentences_: int) -> Iterator[Reached]:
    """Words understood, pace and lips of every voice."""
    texts = HELD_OUT.read_text().strip().split("\n")[: sentences_ or None]
    source = HibariHeart()
    said = [source.say(text, 1.0, k) for k, text in enumerate(texts)]
    heard = [hear(one.text, one.audio, layout.SPEECH_RATE_HZ) for one in said]
    yield Reached(
        f"word errors of the source voice, %, {sum(one.words for one in heard)} words", 100 * error_rate(heard)
    )
    clips = [make_clip(one, source.name) for one in said]
    for name in names:
        row = measure_voice(sampler, name, clips)
        copy = 100 * row.copy_error_rate
        yield Reached(f"{name}: word errors, % (copy-synthesis {copy:.1f})", 100 * row.error_rate, copy + 4, copy + 2)
        yield Reached(f"{name}: speech rate off the source's, %", 100 * abs(row.rate_of_source - 1), 10)
        yield Reached(f"{name}: lag of the lips, ms", abs(row.lip_lag_ms), 20, 10)
        yield Reached(f"{name}: lips shut in the tokens for m, b, p, %", 100 * row.closures, 90, 97, more=True)


def sync_rows(sampler: Sampler, count: int) -> Iterator[Reached]:
    """Contacts against onsets: all classes together, then each, then retakes, overlay and cues."""
    report = measure_sync(sampler, count)
    native = total(report["native"])
    yield Reached(f"uncued Foley, F1 at 40 ms, {native.seen} contacts", native.f1, 0.90, 0.97, more=True)
    yield Reached("uncued Foley, median offset, ms", native.gap_ms(50), 20, 8)
    yield Reached("uncued Foley, p90 offset, ms", native.gap_ms(90), 60, 25)
    for mode in ("effects redone", "picture redone"):
        yield Reached(f"{mode}, F1 at 40 ms", total(report[mode]).f1, 0.85, 0.95, more=True)
    overlay = total(report["overlay"])
    yield Reached("overlay (another seed), F1 at 40 ms", overlay.f1)
    yield Reached("overlay, median offset against native", overlay.gap_ms(50) / native.gap_ms(50), 10, more=True)
    for name, tally in sorted(report["native"].items()):
        yield Reached(f"{name}: F1 at 40 ms, native ({tally.seen} seen, {tally.heard} heard)", tally.f1)
    cued = measure_cued(sampler, count)
    for part in ("contact", "onset"):
        gaps = [gap for one in cued.values() for gap in getattr(one, part)]
        yield Reached(f"cue to {part}, median, ms", 1000 * float(np.median(gaps)), 1000 * FRAME_S, 10)
        yield Reached(f"cue to {part}, share within a frame", float(np.mean([gap <= FRAME_S for gap in gaps])))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--voices", default=",".join(PRESETS), help="names of preset voices, or none")
    parser.add_argument("--sentences", type=int, default=0, help="only the first so many (0: all)")
    parser.add_argument("--scenes", type=int, default=4, help="scenes of every thing for the sync measure (0: skip)")
    parser.add_argument("--out", type=Path, help="also write the numbers as JSON")
    arguments = parser.parse_args()
    sampler = Sampler(arguments.weights)
    names = [name for name in arguments.voices.split(",") if name in PRESETS]
    rows: list[Reached] = []
    print("| what | reached | must | aim | |\n|---|---|---|---|---|", flush=True)
    for row in itertools.chain(
        sync_rows(sampler, arguments.scenes) if arguments.scenes else (),
        word_rows(sampler, names, arguments.sentences) if names else (),
    ):
        print(row, flush=True)
        rows.append(row)
    if arguments.out:
        arguments.out.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
