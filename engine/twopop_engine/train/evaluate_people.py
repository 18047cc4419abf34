"""Whether a voice stays one person over sentences and manners, and another person's stays another.

    python -m twopop_engine.train.evaluate_people

The ear is Resemblyzer (its wheel holds its weights; `pip install --no-deps resemblyzer`). Pairs are of one gender
only, since pitch alone parts the two: the equal error rate is where as many pairs of one person are taken for two as
pairs of two for one.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.sketch import layout
from ..models.sketch.noise import stream_key
from ..models.sketch.sampler import WEIGHTS, Sampler
from ..models.sketch.voice import speak_as
from ..models.sketch.voices import MEN, PRESETS, WOMEN, read_manner, said_with
from .evaluate import HELD_OUT, phones_of, say, voiced

MANNERS = ("", "tired, low", "angry", "cheerful, fast", "sad", "loud")
"""All that leave a voice its voice; nobody is known by a whisper."""
Embedding = npt.NDArray[np.float32]


def embeddings(sampler: Sampler, sentences: int) -> dict[str, list[Embedding]]:
    """What an ear keeps of every preset voice: one row for each sentence in each manner."""
    from resemblyzer import VoiceEncoder, preprocess_wav

    ear: Any = VoiceEncoder("cpu", verbose=False)
    texts = HELD_OUT.read_text().strip().split("\n")[: sentences * len(MANNERS)]
    out: dict[str, list[Embedding]] = {name: [] for name in PRESETS}
    for k, text in enumerate(texts):
        manner = read_manner(MANNERS[k % len(MANNERS)])
        tokens = {}  # by rate: the model speaks as one voice, people are made of it afterwards
        for name, knobs in PRESETS.items():
            who = said_with(knobs, manner)
            rate = round(float(np.clip(who.rate, -0.14, 0.14)), 2)
            if rate not in tokens:
                tokens[rate] = say(sampler, phones_of(text, rate), seed=k)
            sound = voiced(speak_as(tokens[rate]["DX"], tuple(map(float, who.vector()))), stream_key(k, "dialogue"))
            out[name].append(ear.embed_utterance(preprocess_wav(sound, source_sr=layout.SPEECH_RATE_HZ)))
    return out


def equal_error_rate(voices: dict[str, list[Embedding]], names: tuple[str, ...]) -> float:
    """Of one gender: likeness of pairs of one person against pairs of two."""
    same = [float(a @ b) for name in names for a, b in itertools.combinations(voices[name], 2)]
    other = [float(a @ b) for one, two in itertools.combinations(names, 2) for a in voices[one] for b in voices[two]]
    bars = np.sort(np.array(same + other))
    missed = np.searchsorted(np.sort(same), bars) / len(same)
    confused = 1 - np.searchsorted(np.sort(other), bars) / len(other)
    at = int(np.argmin(np.abs(missed - confused)))
    return float(missed[at] + confused[at]) / 2


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--sentences", type=int, default=3, help="sentences in each manner")
    arguments = parser.parse_args()
    voices = embeddings(Sampler(arguments.weights), arguments.sentences)
    for who, names in (("women", WOMEN), ("men", MEN)):
        print(json.dumps({"equal error rate": who, "value": round(equal_error_rate(voices, names), 4)}), flush=True)


if __name__ == "__main__":
    main()
