"""What a face does while it speaks or listens: the targets the model learns from.

Mouths follow the phones by dominance functions (Cohen and Massaro, 1993): every phone pulls every
articulator towards its target, the more strongly the nearer in time, so neighbours blend as they do in
speech; lips that must touch are then held shut for as long as the phone lasts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..models.sketch import layout
from ..models.sketch.phones import Phone

Floats64 = npt.NDArray[np.float64]

_POSES = """
_    .02 .50 .05 .00 .05 .04  .7
pbm  .00 .48 .08 .00 .05 .12  1.5
fv   .09 .55 .00 .85 .00 .16  1.3
θð   .20 .55 .00 .60 .90 .20  1.1
sz   .13 .72 .00 .92 .15 .08  1.1
ʃʒʧʤ .20 .26 .68 .80 .20 .14  1.2
td   .20 .58 .00 .55 .65 .18  .8
n    .22 .58 .00 .45 .70 .20  .8
lɫ   .34 .52 .00 .40 .90 .28  .9
Tɾ   .26 .58 .00 .45 .65 .24  .6
kɡŋ  .28 .52 .05 .32 .08 .28  .6
h    .38 .52 .05 .28 .08 .36  .4
j    .24 .85 .00 .58 .30 .20  .9
w    .13 .06 .95 .00 .05 .20  1.2
ɹ    .25 .28 .60 .32 .28 .22  .9
ʔ    .28 .50 .00 .28 .10 .28  .3
i    .30 .92 .00 .62 .22 .24  1.0
ɪᵻ   .38 .70 .00 .48 .20 .33  .9
ɛ    .58 .68 .00 .45 .15 .52  1.0
æ    .82 .74 .00 .45 .12 .78  1.0
aɑ   .92 .48 .08 .30 .10 .92  1.0
ʌɐ   .62 .50 .05 .30 .12 .58  .95
ə    .40 .50 .05 .30 .15 .36  .75
ᵊ    .30 .50 .05 .28 .15 .28  .6
ɜɚ   .44 .40 .40 .30 .22 .40  1.0
ɔ    .72 .32 .60 .20 .10 .72  1.0
ʊ    .36 .26 .72 .15 .12 .32  .95
u    .24 .10 .98 .05 .10 .24  1.0
"""
"""Symbols; aperture width round teeth tongue jaw; how strongly the phone insists."""

_GLIDES = {"A": "ɛi", "I": "aɪ", "O": "ɔu", "W": "aʊ", "Y": "ɔɪ"}
_LIP_CLOSERS, _LIP_BITERS = "pbm", "fv"
_REACH_S = {"closer": 0.045, "other": 0.065}
_OPENING_S = 0.055
"""From touching to fully free lips."""


def _poses() -> dict[str, Floats64]:
    table: dict[str, Floats64] = {}
    for row in _POSES.split("\n"):
        if row.strip():
            symbols, *numbers = row.split()
            table.update(dict.fromkeys(symbols, np.array([float(number) for number in numbers])))
    table.update(dict.fromkeys(layout.PUNCTUATION, table[layout.SILENCE]))
    return table


POSES = _poses()


def _targets(phones: Sequence[Phone]) -> list[tuple[str, float, float]]:
    """Phones with diphthongs split in two."""
    out: list[tuple[str, float, float]] = []
    for phone in phones:
        if glide := _GLIDES.get(phone.symbol):
            middle = phone.start_s + 0.55 * (phone.end_s - phone.start_s)
            out += [(glide[0], phone.start_s, middle), (glide[1], middle, phone.end_s)]
        else:
            out.append((phone.symbol, phone.start_s, phone.end_s))
    return out


def mouth(phones: Sequence[Phone], times_s: Floats64) -> Floats64:
    """Six articulators at the given times, ``(times, 6)`` in 0 to 1; a closed mouth outside the phones."""
    near = [p for p in phones if times_s[0] - 0.5 < p.end_s and p.start_s < times_s[-1] + 0.5]
    rest = POSES[layout.SILENCE]
    if not near:
        return np.tile(rest[:6], (len(times_s), 1))
    targets = _targets(near)
    starts = np.array([start for _, start, _ in targets])
    ends = np.array([end for _, _, end in targets])
    poses = np.stack([POSES[symbol] for symbol, _, _ in targets])
    closer = np.array([symbol in _LIP_CLOSERS + _LIP_BITERS for symbol, _, _ in targets])
    outside = np.maximum(np.maximum(starts - times_s[:, None], times_s[:, None] - ends), 0.0)
    reach = np.where(closer, _REACH_S["closer"], _REACH_S["other"])
    insistence = poses[:, 6] * np.minimum(1.0, 0.35 + (ends - starts) / 0.10)
    pull = (insistence * np.exp(-outside / reach)) ** 2
    shape = (pull @ poses[:, :6] + 1e-3 * rest[:6]) / (pull.sum(1, keepdims=True) + 1e-3)
    return _hold_shut(shape, targets, outside)


def _hold_shut(shape: Floats64, targets: Sequence[tuple[str, float, float]], outside: Floats64) -> Floats64:
    """Lips that touch open no faster than lips can; biting lips likewise leave the teeth."""
    for symbols, floor in ((_LIP_CLOSERS, 0.0), (_LIP_BITERS, 0.09)):
        which = [k for k, (symbol, _, _) in enumerate(targets) if symbol in symbols]
        if which:
            limit = floor + np.maximum(outside[:, which].min(1) - 0.005, 0.0) / _OPENING_S
            shape[:, 0] = np.minimum(shape[:, 0], limit)
    return shape


def smooth(values: Floats64, width: int) -> Floats64:
    """A Hann window of ``width`` (odd) samples, edges held."""
    window = np.hanning(width + 2)[1:-1]
    padded = np.pad(values, width // 2, mode="edge")
    return np.convolve(padded, window / window.sum(), "valid").astype(np.float64)


def blinks(times_s: Floats64, rng: np.random.Generator) -> Floats64:
    """Lids: close in about 80 ms, open in 150, every 1.5 to 5 s."""
    lids = np.zeros(len(times_s))
    moment = times_s[0] + rng.uniform(-0.2, 3.0)
    while moment < times_s[-1] + 0.2:
        shut = np.where(times_s < moment, (times_s - moment) / 0.08, (moment - times_s) / 0.15)
        lids = np.maximum(lids, np.clip(1 + shut, 0, 1))
        moment += rng.uniform(1.5, 5.0) if rng.random() > 0.12 else 0.35
    return lids


def saccades(times_s: Floats64, centre: float, spread: float, rng: np.random.Generator) -> Floats64:
    """Gaze that jumps and then rests for .4 to 2 s."""
    gaze = np.zeros(len(times_s))
    moment = times_s[0]
    while moment < times_s[-1]:
        gaze[times_s >= moment] = np.clip(centre + rng.normal(0, spread), -1, 1)
        moment += rng.uniform(0.4, 2.0)
    return gaze


def sway(times_s: Floats64, hertz: float, depth: float, rng: np.random.Generator) -> Floats64:
    """Two slow sines that never quite repeat."""
    phase = rng.uniform(0, 2 * np.pi, 2)
    slow = np.sin(2 * np.pi * hertz * times_s + phase[0])
    return depth * (0.65 * slow + 0.35 * np.sin(2 * np.pi * hertz * 1.73 * times_s + phase[1]))


def nods(phones: Sequence[Phone], times_s: Floats64, rng: np.random.Generator) -> Floats64:
    """Small dips of the head on some stressed phones."""
    out = np.zeros(len(times_s))
    for phone in phones:
        if phone.stress == 1.0 and rng.random() < 0.45:
            out -= rng.uniform(0.03, 0.09) * np.exp(-(((times_s - phone.start_s - 0.1) / 0.09) ** 2))
    return out
