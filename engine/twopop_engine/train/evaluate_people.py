"""Whether a voice stays one person over sentences and manners, and another person's stays another.

    python -m twopop_engine.train.evaluate_people

The ear is Resemblyzer (its wheel holds its weights; `pip install --no-deps resemblyzer`), which was trained on recorded
people and has never heard ours. Every utterance is one sentence in one manner, and pairs are of one gender only, since
pitch alone parts the two: the equal error rate is where as many pairs of one person are taken for two as pairs of two
for one. All are brought to one level first, or a loud manner would be another person to this ear. A second figure hears
every utterance through a microphone of its own: what is a filter's difference and not a person's would be lost there.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.sketch import layout
from ..models.sketch.noise import stream_key, uniform
from ..models.sketch.persons import MEN, PRESETS, WOMEN, VoiceKnobs
from ..models.sketch.sampler import WEIGHTS
from ..models.sketch.voice import speak_as
from ..models.sketch.voices import Manner, cast_voice, read_manner, said_with
from .evaluate import Reached, is_missed, told
from .spoken import PACE_GRID, Sayings, held_out, voiced

MANNERS = ("", "tired, low", "angry", "cheerful, fast", "sad", "loud")
"""All that leave a voice its voice; nobody is known by a whisper, which is judged by itself."""
STRANGERS = {
    "women": ("ADELE", "BERTHA", "CAMILA", "DIANA", "ERIKA", "FLORA", "GEMMA", "HILDA"),
    "men": ("ALAN", "BORIS", "CARLO", "DMITRI", "ERNEST", "FELIX", "GUSTAV", "HAROLD"),
}
"""Names that nothing was tuned on, cast by name alone."""
LEVEL = 10 ** (-30 / 20)
_MIC_HZ = np.array([100.0, 250.0, 600.0, 1_500.0, 3_500.0, 8_000.0])
_MIC_DB = 3.0
Embedding = npt.NDArray[np.float32]
Cast = dict[str, VoiceKnobs]
Wave = npt.NDArray[np.float32]


def utterance(sayings: Sayings, knobs: VoiceKnobs, manner: Manner, text: str, seed: int) -> Wave:
    """One sentence in one manner, 24 kHz, at one level whatever the manner."""
    who = said_with(knobs, manner)
    rate = float(np.clip(who.rate, -PACE_GRID, PACE_GRID))
    dx, vector = sayings(text, rate, seed)[1]["DX"], tuple(map(float, who.vector()))
    sound = voiced(speak_as(dx, vector, whisper=manner.lean.whisper), stream_key(seed, "dialogue"))
    return (sound * (LEVEL / np.sqrt(np.mean(sound**2) + 1e-12))).astype(np.float32)


def microphone(sound: Wave, number: int) -> Wave:
    """The same through one of many microphones and rooms: a smooth response, 3 dB up or down at every octave or so."""
    gains_db = _MIC_DB * np.sqrt(3) * (2 * uniform(stream_key(number, "microphone"), 0, len(_MIC_HZ)) - 1)
    hz = np.maximum(np.fft.rfftfreq(len(sound), 1 / layout.SPEECH_RATE_HZ), 1.0)
    response = 10 ** (np.interp(np.log(hz), np.log(_MIC_HZ), gains_db) / 20)
    return np.fft.irfft(np.fft.rfft(sound) * response, len(sound)).astype(np.float32)


def equal_error_rate(voices: dict[str, list[Embedding]], names: Sequence[str]) -> float:
    """Of one gender: likeness of pairs of one person against pairs of two."""
    same = [float(a @ b) for name in names for a, b in itertools.combinations(voices[name], 2)]
    other = [float(a @ b) for one, two in itertools.combinations(names, 2) for a in voices[one] for b in voices[two]]
    return _crossing(same, other)


def _crossing(same: Sequence[float], other: Sequence[float]) -> float:
    bars = np.sort(np.array([*same, *other]))
    missed = np.searchsorted(np.sort(same), bars) / len(same)
    confused = 1 - np.searchsorted(np.sort(other), bars) / len(other)
    at = int(np.argmin(np.abs(missed - confused)))
    return float(missed[at] + confused[at]) / 2


def whispered_error_rate(
    spoken: dict[str, list[Embedding]], whispers: dict[str, list[Embedding]], names: Sequence[str]
) -> float:
    """The same, of whom whispers are taken for: each against what everybody said aloud."""
    pairs = {(a, b): [float(x @ y) for x in whispers[a] for y in spoken[b]] for a in names for b in names}
    same = [value for (a, b), values in pairs.items() if a == b for value in values]
    return _crossing(same, [value for (a, b), values in pairs.items() if a != b for value in values])


class People:
    """Everybody's utterances as the ear keeps them."""

    def __init__(self, sayings: Sayings, sentences: int) -> None:
        from resemblyzer import VoiceEncoder, preprocess_wav

        self._ear: Any = VoiceEncoder("cpu", verbose=False)
        self._clean: Any = preprocess_wav
        self._sayings = sayings
        self._texts = held_out(sentences * len(MANNERS))

    def hear(
        self, who: dict[str, VoiceKnobs], *, mics: bool = False, whisper: bool = False
    ) -> dict[str, list[Embedding]]:
        """Every sentence by everybody, the manners in turn."""
        out: dict[str, list[Embedding]] = {}
        for person, (name, knobs) in enumerate(who.items()):
            out[name] = []
            for k, text in enumerate(self._texts[: len(MANNERS)] if whisper else self._texts):
                manner = read_manner("whispering" if whisper else MANNERS[k % len(MANNERS)])
                sound = utterance(self._sayings, knobs, manner, text, k)
                sound = microphone(sound, 1_000 * person + k) if mics else sound
                clean = self._clean(sound, source_sr=layout.SPEECH_RATE_HZ)
                out[name].append(self._ear.embed_utterance(clean))
        return out


def closest(voices: dict[str, list[Embedding]], names: Sequence[str]) -> str:
    """The two who are most alike, and how much, beside how much one is like oneself."""

    def alike(one: str, two: str) -> float:
        return float(np.mean([a @ b for a in voices[one] for b in voices[two]]))

    one, two = max(itertools.combinations(names, 2), key=lambda pair: alike(*pair))
    own = np.mean([a @ b for name in names for a, b in itertools.combinations(voices[name], 2)])
    return f"closest {one} and {two}, {alike(one, two):.2f}; to oneself {own:.2f}"


def people_rows(people: People) -> Iterator[Reached]:
    """The ten, strangers by name, through microphones, whispering."""
    for kind, ten in (("women", WOMEN), ("men", MEN)):
        cast = {name: PRESETS[name] for name in ten}
        cast |= {name: cast_voice(name, kind[:-2] + "an").knobs for name in STRANGERS[kind]}
        heard = people.hear(cast)
        for what, names in (("the five", ten), ("by name alone", STRANGERS[kind]), ("all", tuple(cast))):
            rate = 100 * equal_error_rate(heard, names)
            yield Reached(f"{kind}, {what}: equal error rate, % ({closest(heard, names)})", rate, 10, 5)
        through = people.hear(cast, mics=True)
        yield Reached(
            f"{kind}, all, a microphone each: equal error rate, %", 100 * equal_error_rate(through, list(cast))
        )
        five = {name: PRESETS[name] for name in ten}
        rate = 100 * whispered_error_rate(heard, people.hear(five, whisper=True), ten)
        yield Reached(f"{kind}, the five: whispers against speech, equal error rate, %", rate)


def main() -> int:
    """Command line; 1 where a must is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--sentences", type=int, default=2, help="sentences in each manner")
    options = parser.parse_args()
    return int(is_missed(told(people_rows(People(Sayings(options.weights), options.sentences)))))


if __name__ == "__main__":
    sys.exit(main())
