"""Vocoder features -> speech: pulses and noise through minimum-phase envelopes, in numpy alone.

The features are WORLD's, ten milliseconds a frame at 24 kHz, so that a corpus can be analysed with WORLD and
played without it: 40 mel-cosine coefficients of the log power envelope, log f0, voicing and three band
aperiodicities in dB (at 3, 6 and 9 kHz). Frame `i` describes the instant `i * 10 ms`.

Reference: Morise et al., "WORLD: a vocoder-based high-quality speech synthesis system", 2016. The synthesis
below is our own; it agrees with the original's to within its phase (`tests/engine/sketch_sound`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .noise import white

Floats = NDArray[np.float64]

SAMPLE_RATE: Final = 24_000
HOP: Final = 240
FFT: Final = 1_024
BINS: Final = FFT // 2 + 1
ENVELOPE_DIMS: Final = 40
APERIODICITY_DIMS: Final = 3
NOISE_HOP: Final = 120
"""Samples between the noise frames: 5 ms, so that the burst of a plosive is not smeared over its closure."""
CHUNK: Final = 256
"""Responses computed at once; bounds memory to about 6 MB whatever the length of the line."""

_MEL_FLOOR_HZ: Final = 40.0

_RIDE_BLOCK, _RIDE_REACH = 120, 12
"""The level of a line is looked at every 5 ms, over 12 blocks to either side."""
_RIDE_UP_DB, _RIDE_FROM_DB, _RIDE_RATIO = 7.0, -29.0, 3.0
"""What is softer than `FROM` comes up by `UP`; above it, level rises by a decibel in so many."""


@dataclass(frozen=True, slots=True)
class SpeechFrames:
    """A stretch of speech as vocoder frames.

    Attributes:
        envelope: `(frames, 40)`, mel-cosine coefficients of the natural log power envelope.
        log_f0: `(frames,)`, natural log of Hz, continuous through unvoiced stretches.
        voicing: `(frames,)`, 0 unvoiced to 1 voiced; 0.5 and above sounds voiced.
        aperiodicity: `(frames, 3)`, dB, at most 0: the noise's share at 3, 6 and 9 kHz.
    """

    envelope: Floats
    log_f0: Floats
    voicing: Floats
    aperiodicity: Floats

    def __len__(self) -> int:
        """Frames of 10 ms."""
        return len(self.envelope)


def mel(frequency_hz: Floats | float) -> Floats:
    """The mel scale the coefficients are laid out on."""
    return 1127.01048 * np.log1p(np.asarray(frequency_hz, dtype=np.float64) / 700.0)


def mel_axis_hz() -> Floats:
    """Frequencies of the 512 points that the cosines run over, `(512,)` Hz."""
    low, high = mel(_MEL_FLOOR_HZ), mel(SAMPLE_RATE / 2)
    points = low + np.arange(FFT // 2) * (high - low) / (FFT // 2)
    return 700.0 * np.expm1(points / 1127.01048)


@cache
def _envelope_basis() -> Floats:
    """`(40, 513)`: coefficients to log power on the linear frequency axis."""
    frequencies = np.arange(BINS) * SAMPLE_RATE / FFT
    points = np.arange(FFT // 2) + 0.5
    rows = [np.cos(np.pi * points * k / (FFT // 2)) for k in range(ENVELOPE_DIMS)]
    scale = [1.0] + [np.sqrt(2.0)] * (ENVELOPE_DIMS - 1)
    axis = mel_axis_hz()
    return np.stack([s * np.interp(frequencies, axis, row) for s, row in zip(scale, rows, strict=True)])


@cache
def _aperiodicity_basis() -> Floats:
    """`(4, 513)`: [-60 dB at 0 Hz, three bands] to dB on the linear axis; 0 dB at 12 kHz."""
    frequencies = np.arange(BINS) * SAMPLE_RATE / FFT
    knots = np.arange(5) * 3_000.0
    return np.stack([np.interp(frequencies, knots, row) for row in np.eye(5)[:4]])


def log_envelope(coefficients: Floats) -> Floats:
    """Natural log power, `(frames, 513)`, of `(frames, 40)` coefficients."""
    # einsum rather than a matrix product: its sums run in one order on any number of threads.
    return np.einsum("fk,kb->fb", coefficients, _envelope_basis())


def _minimum_phase(log_magnitude: Floats) -> NDArray[np.complex128]:
    """Minimum-phase spectra, `(n, 513)` complex, of natural log magnitudes `(n, 513)`."""
    cepstrum = np.fft.irfft(log_magnitude, FFT, axis=-1)
    cepstrum[:, 1 : FFT // 2] *= 2.0
    cepstrum[:, FFT // 2 + 1 :] = 0.0
    return np.exp(np.fft.rfft(cepstrum, FFT, axis=-1))


def _at(track: Floats, positions_frames: Floats) -> Floats:
    """`track`, `(frames, ...)`, interpolated linearly at fractional frames; held at both ends."""
    clipped = np.clip(positions_frames, 0.0, len(track) - 1.0)
    low = np.minimum(clipped.astype(np.int64), max(len(track) - 2, 0))
    high = np.minimum(low + 1, len(track) - 1)
    share = (clipped - low).reshape(-1, *([1] * (track.ndim - 1)))
    return track[low] * (1.0 - share) + track[high] * share


@dataclass(frozen=True, slots=True)
class _Pulses:
    """Glottal pulses: `at` samples (fractional), `period` samples until the next."""

    at: Floats
    period: Floats


def _pulses(frames: SpeechFrames) -> _Pulses:
    """Where the glottis closes: f0 integrated sample by sample, the phase set to a pulse where voice sets in."""
    positions = np.arange(len(frames) * HOP) / HOP
    voiced = _at(frames.voicing, positions) >= 0.5
    step = np.where(voiced, np.exp(_at(frames.log_f0, positions)) / SAMPLE_RATE, 0.0)
    onset = voiced & ~np.concatenate([[False], voiced[:-1]])
    phase = np.cumsum(step)
    # Each onset starts from a whole number, hence with a pulse of its own and no stray one just after it.
    base = np.where(onset, np.ceil(phase - step) - (phase - step), 0.0)
    phase = phase + np.cumsum(base)
    before = phase - step
    crossed = voiced & ((np.floor(phase) > np.floor(before)) | onset)
    index = np.flatnonzero(crossed)
    late = np.where(onset[index], 0.0, (np.ceil(before[index]) - before[index]) / step[index])
    return _Pulses(index.astype(np.float64) + late, 1.0 / step[index])


def _log_shares(frames: SpeechFrames, positions_frames: Floats, *, noise: bool) -> Floats:
    """Log magnitude of the pulses' or the noise's filter at fractional frames, `(n, 513)`."""
    log_power = log_envelope(_at(frames.envelope, positions_frames))
    knots = _at(np.minimum(frames.aperiodicity, 0.0), positions_frames)
    knots = np.concatenate([np.full((len(knots), 1), -60.0), knots], axis=1)
    share = 10.0 ** (np.einsum("fk,kb->fb", knots, _aperiodicity_basis()) / 10.0)
    voiced = (_at(frames.voicing, positions_frames) >= 0.5)[:, None]
    if noise:
        return 0.5 * (log_power + np.log(np.where(voiced, share, 1.0)))
    return 0.5 * (log_power + np.log(np.maximum(1.0 - share, 1e-6)))


@cache
def _without_dc() -> Floats:
    """A bump of area one; a response minus its sum times this has no DC and no step."""
    bump = np.hanning(FFT + 2)[1:-1]
    return bump / bump.sum()


def _add_pulses(out: Floats, frames: SpeechFrames) -> None:
    pulses = _pulses(frames)
    omega = 2j * np.pi * np.arange(BINS) / FFT
    for first in range(0, len(pulses.at), CHUNK):
        at, period = pulses.at[first : first + CHUNK], pulses.period[first : first + CHUNK]
        whole = np.floor(at).astype(np.int64)
        spectra = _minimum_phase(_log_shares(frames, at / HOP, noise=False))
        spectra *= np.exp(-omega * (at - whole)[:, None]) * np.sqrt(period)[:, None]
        responses = np.fft.irfft(spectra, FFT, axis=-1)
        responses -= responses.sum(axis=-1, keepdims=True) * _without_dc()
        for start, response in zip(whole, responses, strict=True):
            out[start : start + FFT] += response


def _add_noise(out: Floats, frames: SpeechFrames, excitation: Floats) -> None:
    count = len(frames) * HOP // NOISE_HOP
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(2 * NOISE_HOP) / (2 * NOISE_HOP))
    padded = np.concatenate([excitation, np.zeros(2 * NOISE_HOP)])
    for first in range(0, count, CHUNK):
        starts = np.arange(first, min(first + CHUNK, count)) * NOISE_HOP
        grains = padded[starts[:, None] + np.arange(2 * NOISE_HOP)] * window
        filters = _minimum_phase(_log_shares(frames, (starts + NOISE_HOP) / HOP, noise=True))
        responses = np.fft.irfft(np.fft.rfft(grains, FFT, axis=-1) * filters, FFT, axis=-1)
        for start, response in zip(starts, responses, strict=True):
            out[start : start + FFT] += response


def synthesize(frames: SpeechFrames, key: int, start_samples: int = 0) -> NDArray[np.float32]:
    """Speak: vocoder frames to a waveform.

    Args:
        frames: At least one frame.
        key: Noise stream, from `noise.stream_key`.
        start_samples: Place of frame 0 in the noise stream's clock (24 kHz samples), so that a line spoken
            again at the same place breathes the same noise.

    Returns:
        `(len(frames) * 240,)` float32 at 24 kHz, full scale as analysed; the tail of the last response is cut.
    """
    out = np.zeros(len(frames) * HOP + FFT + 1)
    _add_pulses(out, frames)
    _add_noise(out, frames, white(key, start_samples, len(frames) * HOP).astype(np.float64))
    return out[: len(frames) * HOP].astype(np.float32)


def ride(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rides the level of a line as a mixer does: what is said softly comes nearer to what is said aloud.

    The gain follows the level of the tenth of a second around, so that weak consonants and swallowed words stand out of
    other stems without the vowels being louder, and every line is ridden by itself, so that no other can change it.

    Args:
        waveform: One line at 24 kHz, full scale as analysed.

    Returns:
        The same length.
    """
    blocks = -(-len(waveform) // _RIDE_BLOCK)
    if not blocks:
        return waveform
    squares = np.zeros(blocks * _RIDE_BLOCK)
    squares[: len(waveform)] = waveform.astype(np.float64) ** 2
    window = np.hanning(2 * _RIDE_REACH + 3)[1:-1]
    power = np.pad(squares.reshape(blocks, -1).mean(axis=1), _RIDE_REACH, mode="edge")
    level_db = 10.0 * np.log10(np.convolve(power, window / window.sum(), "valid") + 1e-12)
    gain_db = _RIDE_UP_DB - np.maximum(0.0, level_db - _RIDE_FROM_DB) * (1.0 - 1.0 / _RIDE_RATIO)
    centres = (np.arange(blocks) + 0.5) * _RIDE_BLOCK
    return (waveform * 10.0 ** (np.interp(np.arange(len(waveform)), centres, gain_db) / 20.0)).astype(np.float32)


@cache
def _half_sample() -> Floats:
    """64 taps of a Kaiser-windowed sinc that reads half-way between two samples."""
    offsets = np.arange(-32, 32) + 0.5
    taps = np.sinc(offsets) * np.kaiser(64, 9.0)
    return taps / taps.sum()


def upsample(waveform: NDArray[np.float32], length_samples: int) -> NDArray[np.float32]:
    """24 kHz to 48 kHz, exactly in step: output sample `2 * i` *is* input sample `i`.

    Args:
        waveform: `(n,)` float32 at 24 kHz.
        length_samples: Length wanted at 48 kHz; cut or filled with silence.

    Returns:
        `(length_samples,)` float32 at 48 kHz.
    """
    between = np.convolve(np.concatenate([waveform, np.zeros(64)]), _half_sample())[32 : 32 + len(waveform)]
    out = np.zeros(max(2 * len(waveform), length_samples), np.float32)
    out[0 : 2 * len(waveform) : 2] = waveform
    out[1 : 2 * len(waveform) : 2] = between
    return out[:length_samples]
