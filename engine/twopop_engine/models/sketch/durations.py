"""How long each phone lasts: a small convolutional net, in numpy at run time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .layout import PHONE_IDS, Floats
from .phones import Phone, asks

WEIGHTS = Path(__file__).parent / "weights" / "durations.npz"
LAYERS, REACH = 4, 5
LEAST_S, MOST_S = 0.02, 1.2
FEATURES = 3


def features(phones: Sequence[Phone]) -> tuple[npt.NDArray[np.int64], Floats]:
    """Ids ``(phones,)``; stress, start of a word, part of a question ``(phones, 3)``."""
    ids = np.array([PHONE_IDS[phone.symbol] for phone in phones], np.int64)
    rows = [
        (phone.stress, float(phone.word_start), float(question))
        for phone, question in zip(phones, asks(phones), strict=True)
    ]
    return ids, np.array(rows, np.float32).reshape(-1, FEATURES)


def predict_durations(phones: Sequence[Phone], rate: float = 0.0, weights: Path = WEIGHTS) -> Floats:
    """Seconds each phone lasts, ``(phones,)``.

    Args:
        phones: one sentence, a silence on either side (``phones.untimed_phones``).
        rate: the voice's knob, ln of the speech rate over the usual one.
    """
    table = _load(weights)
    ids, extra = features(phones)
    x: Floats = (table["phones"][ids] + extra @ table["extra.weight"].T + table["extra.bias"]).astype(np.float32)
    for k in range(LAYERS):
        x += _gelu(_convolve(_normalise(x), table[f"layers.{k}.weight"], table[f"layers.{k}.bias"]))
    log_s = x @ table["leave.weight"][0] + table["leave.bias"][0]
    return np.clip(np.exp(log_s - rate), LEAST_S, MOST_S).astype(np.float32)


@lru_cache(maxsize=4)
def _load(path: Path) -> dict[str, Floats]:
    with np.load(path) as stored:
        return {name: np.asarray(value, np.float32) for name, value in stored.items()}


def _normalise(x: Floats) -> Floats:
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)


def _convolve(x: Floats, weight: Floats, bias: Floats) -> Floats:
    """``(phones, in)`` by a kernel ``(out, in, 5)``, zeros outside."""
    padded = np.pad(x, ((REACH // 2, REACH // 2), (0, 0)))
    return sum((padded[k : k + len(x)] @ weight[:, :, k].T for k in range(REACH)), bias)


def _gelu(x: Floats) -> Floats:
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
