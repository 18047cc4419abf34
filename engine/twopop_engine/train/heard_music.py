"""What librosa, which knows nothing of our scores, hears in decoded music: onsets, beats, how a piece ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..models.sketch.foley import SAMPLE_RATE
from ..models.sketch.music import Piece

Floats = npt.NDArray[np.float64]

HEARD_HZ = 24_000
HOP = 128
"""5 ms of what is heard."""
REACH_S = 0.040
LATE_S = 0.007
"""How late librosa reports a click or a tone that sets in, by its windows: a test listens to it."""
_DIED_DB, _SILENT_DB = -3.0, -50.0
"""Of the last chord: at the piece's end and a bar later, against its beginning."""


def heard(sound: Floats) -> Floats:
    """48 kHz stereo as a listener at 24 kHz mono."""
    mono = sound.mean(axis=1)
    return (mono[0::2][: len(mono) // 2] + mono[1::2][: len(mono) // 2]) / 2


def onsets(sound: Floats) -> tuple[Floats, Floats]:
    """Times and strengths of onsets: peaks of spectral flux that stand out of the tenth of a second about them.

    What a held chord of many bows does to the flux by beating against itself is no onset, and does not count among
    those that an accent is measured by.
    """
    import librosa

    strength = _flux(sound)
    if not len(strength) or strength.max() <= 0:
        return np.zeros(0), np.zeros(0)
    peaks = librosa.util.peak_pick(
        strength / strength.max(), pre_max=6, post_max=6, pre_avg=20, post_avg=20, delta=0.06, wait=6
    )
    return librosa.frames_to_time(peaks, sr=HEARD_HZ, hop_length=HOP) - LATE_S, strength[peaks]


def beats(sound: Floats, near_bpm: float) -> Floats:
    """Beats between the first and the last onset, as a tracker hears them that begins its search near a tempo.

    It is given our flux: its own has windows so long that it reports a tone 28 ms late.
    """
    import librosa

    _, found = librosa.beat.beat_track(
        onset_envelope=_flux(sound), sr=HEARD_HZ, hop_length=HOP, start_bpm=near_bpm, units="time", trim=False
    )
    times, _ = onsets(sound)
    found = np.asarray(found, np.float64) - LATE_S
    return found[(found > times[0] - 0.1) & (found < times[-1] + 0.1)] if len(times) else found[:0]


def _flux(sound: Floats) -> Floats:
    import librosa

    return np.asarray(
        librosa.onset.onset_strength(y=sound, sr=HEARD_HZ, hop_length=HOP, n_fft=1024, n_mels=96), np.float64
    )


def half_beats(sound: Floats, near_bpm: float) -> Floats:
    """Beats and the middles between them."""
    found = beats(sound, near_bpm)
    return np.interp(np.arange(2 * len(found) - 1) / 2, np.arange(len(found)), found) if len(found) > 2 else found


def off_tempo(found: Floats, asked: float) -> float:
    """How far the median beat is from the one asked, halves, doubles and thirds allowed: a tracker may count so."""
    if len(found) < 3:
        return 1.0
    bpm = 60.0 / float(np.median(np.diff(found)))
    return min(abs(bpm / (asked * factor) - 1) for factor in (0.5, 1.0, 2.0, 1.5, 2 / 3))


def whole_bars(piece: Piece, sound: Floats) -> bool:
    """Whether a piece is heard to end on a bar line as a piece does, not as a tape does.

    The last chord is struck on the first beat of the last bar and nothing but hits is struck after it, to a quarter
    of its strength; it dies away over that bar and is silence a bar later.

    Args:
        piece: Has an end; its clock is the sound's.
        sound: As `heard`, to `end_s` at least.
    """
    if piece.bars is None:
        return False
    last, end, after = (float(piece.tempo.seconds(4.0 * (piece.bars + k))) for k in (-1, 0, 1))
    times, strengths = onsets(sound)
    chord = float(strengths[np.abs(times - last) <= REACH_S].max(initial=0.0))
    after_it = [at for at, strength in zip(times, strengths, strict=True) if at > last and strength > chord / 4]
    others = [at for at in after_it if all(abs(at - hit) > REACH_S for hit in (last, *piece.hits_s))]
    struck = chord > 0 and not others
    begun = _level_db(sound, last + 0.02, last + 0.35)
    died = _level_db(sound, end - 0.1, end) - begun
    silent = _level_db(sound, after - 0.1, after) - begun
    return struck and (died <= _DIED_DB or piece.hits_s[-1:] > (last,)) and silent <= _SILENT_DB


def end_s(piece: Piece) -> float:
    """A bar after the last."""
    assert piece.bars is not None
    return float(piece.tempo.seconds(4.0 * (piece.bars + 1)))


def samples(seconds: float) -> int:
    """Of a stem."""
    return round(seconds * SAMPLE_RATE)


def _level_db(sound: Floats, from_s: float, to_s: float) -> float:
    part = sound[round(from_s * HEARD_HZ) : round(to_s * HEARD_HZ)]
    return 10 * float(np.log10(np.mean(part**2) + 1e-12)) if len(part) else -120.0
