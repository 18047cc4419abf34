"""Where the speech of the corpus comes from, with exact phone times.

A source is anything that turns a sentence into audio and segments; its name is kept with every clip,
so a model trained on one source alone is a filter away.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

SEGMENT_UNIT_S = 0.025
"""The synthesizer's durations are whole multiples of this."""


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """Constants of a source, measured on its first shard.

    ``lag_s``: by how much its phone times trail its sound (boundaries of stops and fricatives against
    the change of voicing). ``median_f0_hz``: what relative pitch is relative to.
    """

    lag_s: float
    median_f0_hz: float


SOURCES = {"hibari-heart": SourceFacts(lag_s=0.045, median_f0_hz=190.6)}

Segment = tuple[str, float, float]
"""(symbol, start_s, end_s); symbols are phones, stress marks, spaces and punctuation."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One spoken sentence: mono float32 at 24 kHz, and when each symbol sounds."""

    text: str
    audio: npt.NDArray[np.float32]
    segments: tuple[Segment, ...]
    speed: float


class SpeechSource(Protocol):
    """A speaker for the corpus."""

    name: str

    @property
    def lexicon(self) -> Mapping[str, str]:
        """Words it can say, with their phones."""
        ...

    def say(self, text: str, speed: float, seed: int) -> Utterance:
        """Speak one sentence; ``speed`` 1 is the source's own pace."""
        ...


class HibariHeart:
    """The voice shipped inside ``hibari-tts`` (Apache-2.0, distilled from Kokoro-82M)."""

    name = "hibari-heart"

    def __init__(self) -> None:
        import hibari
        from hibari import Hibari

        self._speaker = Hibari(model=str(_graph_with_durations()))
        assets = Path(hibari.__file__).parent / "assets"
        gold = json.loads(gzip.decompress((assets / "lexicon_us_gold.json.gz").read_bytes()))
        self.lexicon: Mapping[str, str] = {word: phones for word, phones in gold.items() if isinstance(phones, str)}

    def say(self, text: str, speed: float, seed: int) -> Utterance:
        """See :class:`SpeechSource`."""
        audio: list[npt.NDArray[np.float32]] = []
        segments: list[Segment] = []
        clock = 0.0
        for phones in self._speaker.phonemize(text):
            wave, units = self._run(phones, speed, seed)
            for symbol, count in zip(self._symbols(phones), units, strict=True):
                segments.append((symbol, clock, clock + float(count) * SEGMENT_UNIT_S))
                clock = segments[-1][2]
            audio.append(wave)
        return Utterance(text, np.concatenate(audio), tuple(segments), speed)

    def _symbols(self, phones: str) -> list[str]:
        return ["_", *(symbol for symbol in phones if symbol in self._speaker.vocab), "_"]

    def _run(self, phones: str, speed: float, seed: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
        from hibari import dsp

        feeds = {
            "ids": np.asarray([self._speaker.ids(phones)], np.int64),
            "speed": np.asarray([speed], np.float32),
        }
        outputs: Any = self._speaker.sess.run(None, feeds)
        (lh, th, ln, lr, phase, f0), units = (part[0] for part in outputs[:6]), outputs[6]
        wave = dsp.synth(lh, th, ln, lr, phase, f0, np.random.default_rng(seed))
        return wave, np.asarray(units).reshape(-1)


def _graph_with_durations() -> Path:
    """The synthesizer's graph with its integer durations (the cast that feeds the cumsum) as an output."""
    import hibari
    import onnx

    model = onnx.load(str(Path(hibari.__file__).parent / "assets" / "hibari.onnx"))
    summed = next(node.input[0] for node in model.graph.node if node.op_type == "CumSum")
    model.graph.output.append(onnx.helper.make_tensor_value_info(summed, onnx.TensorProto.INT64, None))
    path = Path(tempfile.mkdtemp(prefix="twopop-voice-")) / "voice.onnx"
    onnx.save(model, str(path))
    return path
