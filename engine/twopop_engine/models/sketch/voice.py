"""One model, many people: the knobs of a voice applied to the reference voice's features.

The model speaks as one reference speaker; what makes MARA a person (pitch, length of the vocal tract,
liveliness, brightness, breath) are linear maps of its features, applied after sampling. So a voice is
the same in every shot by construction, and a frozen line can be recast without being said again.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from . import layout
from .layout import DX, ENVELOPE_DIMS, Floats

_POINTS = 256
_MEL_HZ, _MEL_SCALE = 700.0, 1127.01048
_LOW_HZ, _HIGH_HZ = 40.0, 12_000.0
_BREATH_DB = 18.0
_TILT_NEPERS = 1.5


def speak_as(dx: Floats, voice: tuple[float, ...]) -> Floats:
    """DX tokens of the reference voice as those of another.

    Args:
        dx: ``(tokens, 90)`` in natural units.
        voice: 16 knobs.

    Returns:
        ``(tokens * 2, 45)`` frames of 10 ms: envelope, ln f0 in Hz, voicing (-1 to 1), aperiodicity in dB.
    """
    frames = np.asarray(dx, np.float64).reshape(-1, DX.dims // 2).copy()
    pitch, tract, spread, tilt, breath = voice[:5]
    frames[:, :ENVELOPE_DIMS] = frames[:, :ENVELOPE_DIMS] @ _warp(float(tract)).T + tilt * _slope()
    frames[:, 40] = frames[:, 40] * spread + np.log(layout.REFERENCE_F0_HZ) + pitch
    frames[:, 42:] = np.minimum(frames[:, 42:] * (1 - 0.5 * breath) + breath * _BREATH_DB * 0.1, 0.0)
    return frames.astype(np.float32)


def _mel(hz: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    return _MEL_SCALE * np.log1p(np.asarray(hz) / _MEL_HZ)


def _basis(hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The coded envelope's cosines at the given frequencies, ``(points, 40)``."""
    low, high = _mel(_LOW_HZ), _mel(_HIGH_HZ)
    phase = np.clip((_mel(hz) - low) / (high - low), 0.0, 1.0)
    basis = np.cos(np.pi * phase[:, None] * np.arange(ENVELOPE_DIMS))
    basis[:, 0] *= np.sqrt(0.5)
    return basis


def _grid_hz() -> npt.NDArray[np.float64]:
    low, high = _mel(_LOW_HZ), _mel(_HIGH_HZ)
    mels = low + (high - low) * (np.arange(_POINTS) + 0.5) / _POINTS
    return _MEL_HZ * np.expm1(mels / _MEL_SCALE)


@lru_cache(maxsize=64)
def _warp(tract: float) -> npt.NDArray[np.float64]:
    """The 40x40 matrix that moves every formant by the factor exp(tract)."""
    if tract == 0.0:
        return np.eye(ENVELOPE_DIMS)
    hz = _grid_hz()
    return np.linalg.pinv(_basis(hz)) @ _basis(hz / np.exp(tract))


@lru_cache(maxsize=1)
def _slope() -> npt.NDArray[np.float64]:
    """Coefficients of a straight line over the mel axis, from -1.5 to 1.5 nepers, without its level."""
    slope = np.linalg.pinv(_basis(_grid_hz())) @ np.linspace(-_TILT_NEPERS, _TILT_NEPERS, _POINTS)
    slope[0] = 0.0
    return slope
