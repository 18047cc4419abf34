"""Words understood of every voice, alone and inside the full mix, and its pace.

    python -m twopop_engine.train.evaluate_words --jobs 2
    python -m twopop_engine.train.evaluate_words --voices ida,tomas --sentences 20 --parts alone,copy

Word error rates are over sentences no training text contains, said by the whole runtime path (text, predicted
durations, onnxruntime, our own synthesis), beside the copy-synthesis of the source in the same voice. The mix is
what a take has: the words at their level, steps and things, a place and music at theirs.

A voice that was judged is not judged again as long as weights, code and sentences are the same; what each sentence
was understood as lies beside its numbers in the cache directory (`words/`). A run that is killed goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.sketch import layout, stems
from ..models.sketch.ambience import read_place, render_ambience
from ..models.sketch.foley import PlacedEvent, render_events
from ..models.sketch.lanes import SoundEvent
from ..models.sketch.music import read_music
from ..models.sketch.noise import stream_key
from ..models.sketch.perform import render_music
from ..models.sketch.persons import PRESETS, VoiceKnobs
from ..models.sketch.sampler import WEIGHTS
from ..models.sketch.speech import upsample
from ..models.sketch.voice import speak_as
from .corpus import Clip
from .evaluate import Reached, is_missed, told
from .judge import Heard, error_rate, hear_all
from .recited import recited
from .spoken import HELD_OUT, PACE_GRID, Sayings, cache, held_out, lip_closures, voiced
from .windows import ready

Wave = npt.NDArray[np.float32]
PARTS = ("alone", "copy", "mix")
SCENES = (
    ("busy kitchen, extractor fan", "brushed drums and upright bass, 92 bpm", "step.wood", ("pan", "plate", "glass")),
    ("street, traffic", "tense strings", "step.stone", ("door", "key")),
    ("forest, wind", "solo piano, slow", "step.gravel", ("wood", "cloth")),
    ("cafe, chatter", "funk, 110 bpm", "step.wood", ("cup", "chair", "coin")),
)
"""Place, music, ground and things of the mixes, taken in turn: somebody walks about and handles things all the time."""
_STEP_S, _THING_S = 0.6, 2.4
_STEP_GAIN = 0.55
"""As `sound.placed_events` has it."""


def ours(sayings: Sayings, knobs: VoiceKnobs, texts: Sequence[str]) -> list[Wave]:
    """The sentences in a voice, at the pace of that voice."""
    vector = tuple(float(x) for x in knobs.vector())
    said = (sayings(text, knobs.rate, seed)[1]["DX"] for seed, text in enumerate(texts))
    return [voiced(speak_as(dx, vector), stream_key(seed, "dialogue")) for seed, dx in enumerate(said)]


def copies(clips: Sequence[Clip], knobs: VoiceKnobs) -> list[Wave]:
    """The source's recordings in a voice: what the vocoder and the voice lose without the model."""
    vector = tuple(float(x) for x in knobs.vector())
    frames = [ready(clip).frames for clip in clips]
    tokens = [one[: len(one) // 2 * 2].reshape(-1, layout.DX.dims) for one in frames]
    return [voiced(speak_as(dx, vector)) for dx in tokens]


def in_mix(said: Wave, number: int) -> Wave:
    """The mono sum, 48 kHz, of the four stems at their levels; `said` is at 24 kHz."""
    count = 2 * len(said)
    words = np.repeat(upsample(said, count).astype(np.float64)[:, None], 2, axis=1)
    whole = stems.finish("dialogue", words) + around(number, count)
    return (whole.mean(axis=1) / stems.FULL_SCALE).astype(np.float32)


@lru_cache(maxsize=256)
def around(number: int, count: int) -> stems.Ints:
    """Effects, ambience and music of a mix, 24-bit `(count, 2)`: voices of one pace share them."""
    place, music, ground, things = SCENES[number % len(SCENES)]
    end_s = count / 48_000
    events = [PlacedEvent(SoundEvent(float(t), ground, 0.6), gain=_STEP_GAIN) for t in np.arange(0.2, end_s, _STEP_S)]
    for k, time_s in enumerate(np.arange(0.7, end_s, _THING_S)):
        events.append(PlacedEvent(SoundEvent(float(time_s), things[k % len(things)], 0.7)))
    return stems.mix(
        {
            "effects": stems.finish("effects", render_events(events, 0, count, stream_key(number, "effects"))),
            "ambience": stems.finish("ambience", render_ambience(read_place(place), 0, count, seed=number)),
            "music": stems.finish("music", render_music(read_music(music, seed=number, begin_s=0.0), 0, count)),
        }
    )


def _heard(texts: Sequence[str], waves: Sequence[Wave], sample_rate: int) -> list[Heard]:
    return hear_all(texts, waves, sample_rate, kept=cache() / "heard")


@dataclass(frozen=True, slots=True)
class Task:
    """What to judge: weights, how many sentences (0: all), which of `PARTS`."""

    weights: Path
    count: int
    parts: tuple[str, ...]

    def record(self, name: str) -> Path:
        """Where the numbers of a voice are kept."""
        return cache() / "words" / _state(self.weights) / f"{name}-{self.count or 'all'}-{'-'.join(self.parts)}.json"


@lru_cache(maxsize=4)
def _state(weights: Path) -> str:
    """Of everything that words depend on."""
    sketch = Path(stems.__file__).parent
    files = [*sketch.glob("*.py"), *Path(__file__).parent.glob("*.py"), HELD_OUT, *weights.glob("*")]
    digests = (hashlib.sha256(file.read_bytes()).digest() for file in sorted(files) if file.is_file())
    return hashlib.sha256(b"".join(digests)).hexdigest()[:16]


def voice_rows(name: str, task: Task) -> list[Reached]:
    """One voice: words alone, beside its copy-synthesis, in the mix; pace. Kept for the next time."""
    path = task.record(name)
    if not path.exists():
        rows, heard = _judged(name, task)
        kept = {
            "rows": [asdict(row) for row in rows],
            "heard": {part: [asdict(one) for one in many] for part, many in heard.items()},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        part.replace(path)
    return [Reached(**row) for row in json.loads(path.read_text(encoding="utf-8"))["rows"]]


def _judged(name: str, task: Task) -> tuple[list[Reached], dict[str, list[Heard]]]:
    texts, sayings, knobs = held_out(task.count), Sayings(task.weights), PRESETS[name]
    clips = [recital.clip for recital in recited(texts)]
    waves = ours(sayings, knobs, texts)
    heard = {"alone": _heard(texts, waves, layout.SPEECH_RATE_HZ)}
    rate, words = 100 * error_rate(heard["alone"]), sum(one.words for one in heard["alone"])
    rows = [Reached(f"{name}: word errors, %, {words} words", rate)]
    if "copy" in task.parts:
        heard["copy"] = _heard(texts, copies(clips, knobs), layout.SPEECH_RATE_HZ)
        copy = 100 * error_rate(heard["copy"])
        rows = [Reached(f"{name}: word errors, %, {words} words (copy-synthesis {copy:.1f})", rate, copy + 4, copy + 2)]
    if "mix" in task.parts:
        heard["mix"] = _heard(texts, [in_mix(wave, k) for k, wave in enumerate(waves)], 48_000)
        more = 100 * error_rate(heard["mix"]) - rate
        rows.append(Reached(f"{name}: more word errors in the full mix, points", more, 3))
    paces = [sayings(clip.text, knobs.rate, k)[0][-1].end_s / clip.seconds for k, clip in enumerate(clips)]
    rows.append(Reached(f"{name}: speech rate off the source's, %", 100 * abs(float(np.mean(paces)) - 1), 10))
    return rows, heard


def source_row(texts: Sequence[str]) -> Reached:
    """What the ear makes of the source itself."""
    heard = _heard(texts, [recital.audio for recital in recited(texts)], layout.SPEECH_RATE_HZ)
    words = sum(one.words for one in heard)
    return Reached(f"word errors of the source voice, %, {words} words", 100 * error_rate(heard))


def lips_row(texts: Sequence[str], sayings: Sayings) -> Reached:
    """The mouth of the reference voice: all voices move it."""
    shut: list[bool] = []
    for k, text in enumerate(texts):
        phones, tokens = sayings(text, 0.0, k)
        shut += lip_closures(tokens, phones)
    return Reached("lips shut in the tokens for m, b, p, %", 100 * float(np.mean(shut)), 90, 97, more=True)


def shares(names: Sequence[str], jobs: int) -> list[list[str]]:
    """Voices in as many lists, those of one pace together: they share what is sampled, and the beds of the mixes."""
    ordered = sorted(names, key=lambda name: round(PRESETS[name].rate / PACE_GRID))
    cuts = [round(k * len(ordered) / jobs) for k in range(jobs + 1)]
    return [ordered[low:high] for low, high in pairwise(cuts) if high > low]


def word_rows(names: Sequence[str], task: Task, jobs: int) -> Iterator[Reached]:
    """The source first, then every voice as it is done, `jobs` at a time; the mouth of the reference voice last."""
    texts = held_out(task.count)
    yield source_row(texts)
    with ExitStack() as stack:
        done: list[Future[list[Reached]]] = []
        for share in shares(names, jobs):  # a process of its own: what it made for one voice serves the next
            own = stack.enter_context(ProcessPoolExecutor(1, get_context("spawn")))
            done += [own.submit(voice_rows, name, task) for name in share]
        for voice in as_completed(done):
            yield from voice.result()
    yield lips_row(texts, Sayings(task.weights))


def main() -> int:
    """Command line; 1 where a must is missed, 2 for a voice or part that there is not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--voices", default=",".join(PRESETS), help="names of preset voices")
    parser.add_argument("--sentences", type=int, default=0, help="only the first so many (0: all)")
    parser.add_argument("--parts", default=",".join(PARTS), help="of alone, copy, mix")
    parser.add_argument("--jobs", type=int, default=2, help="processes, of one core each")
    options = parser.parse_args()
    names, parts = options.voices.split(","), options.parts.split(",")
    for known, given in ((PRESETS, names), (PARTS, parts)):
        strange = [one for one in given if one not in known]
        if strange:
            parser.error(f"there is no {', '.join(strange)}: there are {', '.join(known)}")
    task = Task(options.weights, options.sentences, tuple(part for part in PARTS if part in parts))
    return int(is_missed(told(word_rows(names, task, options.jobs))))


if __name__ == "__main__":
    sys.exit(main())
