"""Words understood of every voice, alone and inside the full mix, and its pace.

    python -m twopop_engine.train.evaluate_words --voices ida,tomas --parts alone,copy,mix

Word error rates are over sentences no training text contains, said by the whole runtime path (text, predicted
durations, onnxruntime, our own synthesis), beside the copy-synthesis of the source in the same voice. The mix is
what a take has: the words at their level, steps and things, a place and music at theirs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
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
from .corpus import Clip, make_clip
from .evaluate import Reached, is_missed, told
from .judge import Heard, error_rate, hear_all
from .spoken import Sayings, cache, held_out, lip_closures, voiced
from .voices import HibariHeart
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


def voice_rows(
    name: str, sayings: Sayings, texts: Sequence[str], clips: Sequence[Clip], parts: Sequence[str]
) -> Iterator[Reached]:
    """One voice: words alone, beside its copy-synthesis, in the mix; pace."""
    knobs = PRESETS[name]
    waves = ours(sayings, knobs, texts)
    alone = _heard(texts, waves, layout.SPEECH_RATE_HZ)
    rate, words = 100 * error_rate(alone), sum(one.words for one in alone)
    if "copy" in parts:
        copy = 100 * error_rate(_heard(texts, copies(clips, knobs), layout.SPEECH_RATE_HZ))
        yield Reached(f"{name}: word errors, %, {words} words (copy-synthesis {copy:.1f})", rate, copy + 4, copy + 2)
    else:
        yield Reached(f"{name}: word errors, %, {words} words", rate)
    if "mix" in parts:
        mixed = _heard(texts, [in_mix(wave, k) for k, wave in enumerate(waves)], 48_000)
        yield Reached(f"{name}: more word errors in the full mix, points", 100 * error_rate(mixed) - rate, 3)
    paces = [sayings(clip.text, knobs.rate, k)[0][-1].end_s / clip.seconds for k, clip in enumerate(clips)]
    yield Reached(f"{name}: speech rate off the source's, %", 100 * abs(float(np.mean(paces)) - 1), 10)


def word_rows(sayings: Sayings, names: Sequence[str], count: int, parts: Sequence[str]) -> Iterator[Reached]:
    """The source first, then every voice; the mouth of the reference voice last, for all of them move it."""
    texts, source = held_out(count), HibariHeart()
    said = [source.say(text, 1.0, k) for k, text in enumerate(texts)]
    heard = _heard(texts, [one.audio for one in said], layout.SPEECH_RATE_HZ)
    words = sum(one.words for one in heard)
    yield Reached(f"word errors of the source voice, %, {words} words", 100 * error_rate(heard))
    clips = [make_clip(one, source.name) for one in said]
    for name in names:
        yield from voice_rows(name, sayings, texts, clips, parts)
    shut: list[bool] = []
    for k, text in enumerate(texts):
        phones, tokens = sayings(text, 0.0, k)
        shut += lip_closures(tokens, phones)
    yield Reached("lips shut in the tokens for m, b, p, %", 100 * float(np.mean(shut)), 90, 97, more=True)


def main() -> int:
    """Command line; 1 where a must is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--voices", default=",".join(PRESETS), help="names of preset voices")
    parser.add_argument("--sentences", type=int, default=0, help="only the first so many (0: all)")
    parser.add_argument("--parts", default=",".join(PARTS), help="of alone, copy, mix")
    options = parser.parse_args()
    names = [name for name in options.voices.split(",") if name in PRESETS]
    rows = word_rows(Sayings(options.weights), names, options.sentences, options.parts.split(","))
    return int(is_missed(told(rows)))


if __name__ == "__main__":
    sys.exit(main())
