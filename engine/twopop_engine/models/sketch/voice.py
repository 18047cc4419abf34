"""One model, many people: the knobs of a voice applied to the reference voice's features.

The model speaks as one reference speaker. What makes MARA a person (pitch, shape of the vocal tract, how the
glottis closes, resonances of chest, nose and throat, how sharply she articulates) are maps of its features,
applied after sampling. So a voice is the same in every shot by construction, and a frozen line can be recast
without being said again.

A tract is more than its length: Fant (1975) found the first three formants of women and men to differ by factors of
their own, which vary from person to person. The level of the first harmonic over the second, 12 dB between a pressed
and an open glottis, is what Klatt and Klatt (1990) found to tell voices of one pitch apart.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from . import layout
from .layout import DX, ENVELOPE_DIMS, Floats

Wide = npt.NDArray[np.float64]

_POINTS = 256
_MEL_HZ, _MEL_SCALE = 700.0, 1127.01048
_LOW_HZ, _HIGH_HZ = 40.0, 12_000.0
_BREATH_DB = 18.0
_TILT_NEPERS = 1.5
_DB = 0.2302585
"""Nepers of power in a decibel."""

_FORMANTS_HZ = (250.0, 550.0, 1_500.0, 2_700.0, 4_200.0, 7_500.0)
_FORMANT_SCALES = (
    0.12 * np.array([0.6, 1.0, 0.2, 0.0, 0.0, 0.0]),  # throat: the first formant
    0.09 * np.array([0.0, 0.1, 1.0, 0.3, 0.0, 0.0]),  # mouth: the second
    0.14 * np.array([0.0, 0.0, 0.15, 1.0, 1.0, 0.5]),  # head: the third and those above
)
"""ln of the scale of each region for one unit of throat, mouth and head."""
_RESONANCES = (
    ((700.0, 0.35, 4.0),),  # throat: a wide one damps the first formant less
    ((1_800.0, 0.30, 4.0),),  # mouth
    ((4_500.0, 0.35, 4.0),),  # head
    ((320.0, 0.45, 5.0),),  # chest
    ((1_050.0, 0.30, -6.0), (250.0, 0.40, 2.0)),  # nose: its zero, and the murmur below
    ((3_000.0, 0.35, 6.0),),  # ring
)
"""Centre (Hz), width (octaves), height (dB) of what a unit of throat, mouth, head, chest, nose, ring adds."""
_PRESENCE = ((800.0, 2_000.0, 1_250.0, 0.45), (2_000.0, 4_200.0, 2_900.0, 0.55), (4_200.0, 7_500.0, 5_400.0, 0.5))
"""Three bands (Hz) by which words are told, and centre (Hz) and width (octaves) of what a dull voice is given back
there: other sounds of a mix hide a voice that has little in them."""
_DULL_DB, _GIVEN_BACK = 1.0, 0.9
"""How much less presence than the reference a voice may have, and the share of what it lacks beyond that it gets."""
_OPEN_DB, _BREATHY_DB = 6.0, 4.0
"""What one unit of glottis, and of breath, adds to the first harmonic."""
_HARMONIC_OCTAVES = 0.45
_SHARPER, _WIDER = 0.30, 0.15
"""How much one unit of focus sharpens formants, and enlarges the space of the vowels."""
_VOWELS = slice(1, 10)
"""Coefficients that tell vowels; higher ones tell how sharp a formant is."""
_CREAK_FROM, _CREAK_BY, _CREAK_LN = 0.15, 0.25, 0.45
"""How far under the median a pressed voice begins to creak, over what it gets there, how much lower it falls (ln)."""
_RESTING = np.zeros(ENVELOPE_DIMS)
_RESTING[:12] = (-8.88, 3.95, 0.61, 0.28, 0.49, -0.34, 0.18, -0.08, 0.02, 0.15, -0.32, 0.03)
"""The reference voice's mean voiced envelope: the middle of its vowels, and what loudness is measured on."""


def speak_as(dx: Floats, voice: tuple[float, ...], *, whisper: bool = False) -> Floats:
    """DX tokens of the reference voice as those of another.

    Args:
        dx: ``(tokens, 90)`` in natural units.
        voice: 16 knobs.
        whisper: Nothing is voiced: breath through the same tract, the glottis leaves no first harmonic.

    Returns:
        ``(tokens * 2, 45)`` frames of 10 ms: envelope, ln f0 in Hz, voicing (-1 to 1), aperiodicity in dB.
    """
    frames = np.asarray(dx, np.float64).reshape(-1, DX.dims // 2).copy()
    pitch, tract, spread, tilt, breath = voice[:5]
    throat, mouth, head, glottis, chest, nose, ring, focus = voice[6:14]
    voiced = np.clip((frames[:, 41] + 1.0) / 2.0, 0.0, 1.0)[:, None]
    open_db = 0.0 if whisper else _OPEN_DB * glottis + _BREATHY_DB * breath
    pressed = _CREAK_LN * max(0.0, -glottis) * np.clip((-frames[:, 40] - _CREAK_FROM) / _CREAK_BY, 0.0, 1.0)
    frames[:, 40] = frames[:, 40] * spread - pressed + np.log(layout.REFERENCE_F0_HZ) + pitch

    envelope = frames[:, :ENVELOPE_DIMS]
    envelope[:, _VOWELS] += _WIDER * focus * voiced * (envelope - _RESTING)[:, _VOWELS]
    body = _body(tract, tilt, (throat, mouth, head), (throat, mouth, head, chest, nose, ring), focus, open_db, pitch)
    envelope[:] = envelope @ body[0].T + body[1] + voiced * _first_harmonic(frames[:, 40], open_db)
    frames[:, 41] = -1.0 if whisper else frames[:, 41]
    frames[:, 42:] = np.minimum(frames[:, 42:] * (1 - 0.5 * breath) + breath * _BREATH_DB * 0.1, 0.0)
    return frames.astype(np.float32)


def _mel(hz: Wide | float) -> Wide:
    return _MEL_SCALE * np.log1p(np.asarray(hz) / _MEL_HZ)


def _basis(hz: Wide) -> Wide:
    """The coded envelope's cosines at the given frequencies, ``(points, 40)``."""
    low, high = _mel(_LOW_HZ), _mel(_HIGH_HZ)
    phase = np.clip((_mel(hz) - low) / (high - low), 0.0, 1.0)
    basis = np.cos(np.pi * phase[:, None] * np.arange(ENVELOPE_DIMS))
    basis[:, 0] *= np.sqrt(0.5)
    return basis


@lru_cache(maxsize=1)
def _grid_hz() -> Wide:
    low, high = _mel(_LOW_HZ), _mel(_HIGH_HZ)
    mels = low + (high - low) * (np.arange(_POINTS) + 0.5) / _POINTS
    return _MEL_HZ * np.expm1(mels / _MEL_SCALE)


@lru_cache(maxsize=1)
def _coder() -> Wide:
    """Log power on the grid -> coefficients, ``(40, points)``."""
    return np.asarray(np.linalg.pinv(_basis(_grid_hz())), np.float64)


@lru_cache(maxsize=64)
def _body(
    tract: float,
    tilt: float,
    formants: tuple[float, ...],
    resonances: tuple[float, ...],
    focus: float,
    open_db: float,
    pitch: float,
) -> tuple[Wide, Wide]:
    """What stands still in a voice: a 40x40 matrix and an offset of the envelope, at the loudness of the reference."""
    matrix = _warp(tract, formants)
    matrix = (1.0 + _SHARPER * focus * np.clip((np.arange(ENVELOPE_DIMS) - 4) / 8, 0.0, 1.0))[:, None] * matrix
    offset = _coder() @ (_resonance(resonances) + tilt * _slope())
    said = matrix @ _RESTING + offset
    said += _first_harmonic(np.array([np.log(layout.REFERENCE_F0_HZ) + pitch]), open_db)[0]
    lift = _coder() @ _presence_lift(said)
    offset, said = offset + lift, said + lift
    offset[0] += (_loudness(_RESTING) - _loudness(said)) / np.sqrt(0.5)
    return matrix, offset


def _slope() -> Wide:
    """Log power of one unit of tilt, a straight line over the mel axis."""
    return np.linspace(-_TILT_NEPERS, _TILT_NEPERS, _POINTS, dtype=np.float64)


def _presence_lift(said: Wide) -> Wide:
    """Log power that makes a dull voice understood beside other sounds: part of what its resonances took."""
    hz, own = _grid_hz(), _presence(said)
    bumps = np.array([np.exp(-0.5 * (np.log2(hz / centre) / octaves) ** 2) for *_, centre, octaves in _PRESENCE])
    wanted = _GIVEN_BACK * np.maximum(0.0, _presence(_RESTING) - own - _DULL_DB * _DB)
    lifts = np.zeros(len(bumps))
    for _ in range(6):  # bumps are narrower than the bands, and reach into each other's
        lifts = np.maximum(0.0, lifts + wanted - (_presence(said + _coder() @ (lifts @ bumps)) - own))
    return lifts @ bumps


def _presence(envelope: Wide) -> Wide:
    """ln of the power of an envelope in each of its presence bands, over its loudness."""
    hz = _grid_hz()
    power = np.exp(_basis(hz) @ envelope) * np.gradient(hz)
    bands = [power[(hz >= low) & (hz <= high)].sum() for low, high, *_ in _PRESENCE]
    return np.log(bands) - _loudness(envelope)


def _resonance(amounts: tuple[float, ...]) -> Wide:
    """Log power that the cavities add."""
    hz, added = _grid_hz(), np.zeros(_POINTS)
    for amount, bumps in zip(amounts, _RESONANCES, strict=True):
        for centre_hz, octaves, height_db in bumps:
            added += amount * height_db * _DB * np.exp(-0.5 * (np.log2(hz / centre_hz) / octaves) ** 2)
    return added


@lru_cache(maxsize=64)
def _warp(tract: float, formants: tuple[float, ...]) -> Wide:
    """The 40x40 matrix that moves formants by exp(tract), and each region by its own factor."""
    if not tract and not any(formants):
        return np.eye(ENVELOPE_DIMS)
    hz = _grid_hz()
    scales = sum(amount * scale for amount, scale in zip(formants, _FORMANT_SCALES, strict=True))
    moved = tract + np.interp(_mel(hz), _mel(np.array(_FORMANTS_HZ)), scales)
    return _coder() @ _basis(hz / np.exp(moved))


def _first_harmonic(log_f0: Wide, open_db: float) -> Wide:
    """What an open glottis adds to the envelope around f0, ``(frames, 40)``."""
    if not open_db:
        return np.zeros((len(log_f0), ENVELOPE_DIMS))
    octaves = (np.log(_grid_hz())[None] - log_f0[:, None]) / np.log(2.0)
    return open_db * _DB * np.exp(-0.5 * (octaves / _HARMONIC_OCTAVES) ** 2) @ _coder().T


def _loudness(envelope: Wide) -> float:
    """ln of the power of an envelope, the low end counting less, as for the ear."""
    hz = _grid_hz()
    power = np.exp(_basis(hz) @ envelope) * np.gradient(hz) * hz**2 / (hz**2 + 500.0**2)
    return float(np.log(power.sum()))
