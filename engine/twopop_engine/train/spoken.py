"""Sentences no training text contains, as the shipped model says them; kept on disk, for sampling is what costs.

The model speaks as one voice, and people are maps of it: what it said once serves all of them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import astuple
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..models.sketch import sampler as sampling
from ..models.sketch import score as scoring
from ..models.sketch.durations import predict_durations
from ..models.sketch.layout import CA, Floats
from ..models.sketch.phones import Phone, timed_phones, untimed_phones
from ..models.sketch.sampler import WEIGHTS, Sampler
from ..models.sketch.score import Line, Score
from ..models.sketch.speech import SpeechFrames, ride, synthesize
from ..models.sketch.text import sentences
from ..models.sketch.windowing import GRID_S, Tokens
from .corpus import default_root

HELD_OUT = Path(__file__).parent / "heldout.txt"
PACE_GRID = 0.08
"""Rates (ln) are rounded to this, so that voices of nearly one pace share what was sampled."""
_PAUSE_S = 0.12


def held_out(count: int = 0) -> list[str]:
    """The first `count` sentences of them, or all."""
    return HELD_OUT.read_text(encoding="utf-8").strip().split("\n")[: count or None]


def cache() -> Path:
    """Where evaluation keeps what it need not do again; may be deleted at any time."""
    return default_root().parent / "evaluate"


def phones_of(text: str, rate: float) -> tuple[Phone, ...]:
    """A line as the runtime reads and times it."""
    out: list[Phone] = []
    for ipa in sentences(text):
        phones = untimed_phones(ipa)
        start = out[-1].end_s + _PAUSE_S if out else 0.0
        out += timed_phones(phones, predict_durations(phones, rate), start)
    return tuple(out)


def voiced(frames: Floats, key: int = 1) -> npt.NDArray[np.float32]:
    """10 ms frames as ``speak_as`` gives them -> sound at 24 kHz, its level ridden as in a stem."""
    wide = frames.astype(np.float64)
    return ride(synthesize(SpeechFrames(wide[:, :40], wide[:, 40], (wide[:, 41] + 1) / 2, wide[:, 42:]), key))


def say(sampler: Sampler, phones: tuple[Phone, ...], seed: int) -> Tokens:
    """One line by one visible speaker, in the reference voice."""
    seconds = np.ceil((phones[-1].end_s + 0.05) / GRID_S) * GRID_S
    score = Score(lines=(Line(0, phones),))
    return sampler.sample_scene(score, float(seconds), seed=seed)


class Sayings:
    """What the weights say, sampled when first asked for.

    Args:
        weights: Their folder.
        kept: Folder of what was sampled; one for every state of weights and sampler lies in it.
    """

    def __init__(self, weights: Path = WEIGHTS, kept: Path | None = None) -> None:
        self.weights = weights
        files = [*sorted(p for p in weights.iterdir() if p.is_file()), Path(sampling.__file__), Path(scoring.__file__)]
        state = hashlib.sha256(b"".join(hashlib.sha256(file.read_bytes()).digest() for file in files))
        self._folder = (kept or cache()) / state.hexdigest()[:16]

    @cached_property
    def _sampler(self) -> Sampler:
        return Sampler(self.weights)

    def __call__(self, text: str, rate: float, seed: int) -> tuple[tuple[Phone, ...], Tokens]:
        """Phones, and tokens of the dialogue and of the speaker's face (DX, CA).

        Args:
            rate: ln of the speech rate over the usual one; rounded to `PACE_GRID`.
        """
        rate = round(rate / PACE_GRID) * PACE_GRID + 0.0  # never minus nought
        name = hashlib.sha256(f"{text}|{rate:.2f}|{seed}".encode()).hexdigest()[:16]
        path = self._folder / f"{name}.npz"
        if path.exists():
            with np.load(path) as stored:
                told = json.loads(stored["phones"].tobytes())
                return tuple(Phone(*one) for one in told), {group: stored[group] for group in ("DX", "CA")}
        phones = phones_of(text, rate)
        tokens = say(self._sampler, phones, seed)
        keep(path, phones, tokens)
        return phones, tokens


def keep(path: Path, phones: Sequence[Phone], tokens: Tokens) -> None:
    """Writes one saying."""
    told = np.frombuffer(json.dumps([astuple(phone) for phone in phones]).encode(), np.uint8)
    written(path, phones=told, DX=tokens["DX"], CA=tokens["CA"])


def written(path: Path, **arrays: npt.NDArray[Any]) -> None:
    """Writes an ``.npz``, whole or not at all, whoever else writes the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part.npz")
    named: dict[str, Any] = dict(arrays)
    np.savez(part, **named)
    part.replace(path)


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
