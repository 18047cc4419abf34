"""What a rendered file shows and sounds like, event by event: PyAV and arithmetic, no code of ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from contract_cut import TONES, Contract

LEVELS = {"DX": -9.0, "FX": -11.0, "BG": -23.0, "MX": -15.0}
"""Peak of every tone in dBFS."""
WINDOW = 1920
"""Samples in which every tone has whole periods: no tone leaks into another."""


@dataclass(frozen=True)
class Burst:
    """Sound between two silences; places in frames of the cut."""

    start: float
    end: float
    levels: dict[str, float]
    """Track -> peak of its tone, 1 = as the take has it."""

    def tracks(self, least: float = 0.5) -> set[str]:
        return {track for track, level in self.levels.items() if level >= least}


@dataclass(frozen=True)
class Measured:
    """A rendered file."""

    luma: np.ndarray
    """(frames,) mean luma, 0 to 255."""
    bursts: tuple[Burst, ...]

    @property
    def frames(self) -> int:
        return len(self.luma)

    def flashes(self) -> list[int]:
        return [k for k, value in enumerate(self.luma) if value > 225]

    def tones(self, track: str) -> list[Burst]:
        return [burst for burst in self.bursts if track in burst.tracks()]


def measure(movie: Path, frame_rate: float, sound_file: Path | None = None) -> Measured:
    """Decodes all of `movie` (its sound may be in another file), picture and sound placed by their timestamps."""
    with av.open(str(movie)) as opened:
        luma = [frame.to_ndarray(format="gray").mean() for frame in opened.decode(video=0)]
    sound = _sound(sound_file or movie)
    return Measured(np.array(luma), tuple(_bursts(sound, frame_rate)))


def _sound(movie: Path) -> np.ndarray:
    """(samples,) the mean of all channels, -1 to 1, from the file's time 0."""
    with av.open(str(movie)) as opened:
        stream = opened.streams.audio[0]
        assert stream.rate == 48000
        resampler = av.AudioResampler(format="fltp", layout="stereo")
        blocks = [made for frame in opened.decode(stream) for made in resampler.resample(frame)]
        begin = round(float((blocks[0].pts or 0) * blocks[0].time_base) * 48000)
        sound = np.concatenate([block.to_ndarray() for block in blocks], axis=1).mean(axis=0)
    return np.concatenate([np.zeros(begin), sound]) if begin >= 0 else sound[-begin:]


def _bursts(sound: np.ndarray, frame_rate: float) -> list[Burst]:
    loud = np.flatnonzero(np.abs(sound) > 10 ** (-40 / 20))
    if not len(loud):
        return []
    gaps = np.flatnonzero(np.diff(loud) > 200)
    begins = [int(loud[0]), *(int(loud[k + 1]) for k in gaps)]
    ends = [*(int(loud[k]) + 1 for k in gaps), int(loud[-1]) + 1]
    return [
        Burst(begin * frame_rate / 48000, end * frame_rate / 48000, _levels(sound[begin:end]))
        for begin, end in zip(begins, ends, strict=True)
    ]


def _levels(burst: np.ndarray) -> dict[str, float]:
    """The loudest of three windows: what begins late is whole only in the last one."""
    places = (0, max(0, (len(burst) - WINDOW) // 2), max(0, len(burst) - WINDOW))
    return {track: max(_level(burst[at : at + WINDOW], track) for at in places) for track in TONES}


def _level(part: np.ndarray, track: str) -> float:
    tone = np.exp(-2j * np.pi * TONES[track] * np.arange(len(part)) / 48000)
    return float(2 * abs(np.mean(part * tone))) / 10 ** (LEVELS[track] / 20)


def check(
    measured: Measured, contract: Contract, *, frames: float = 0.05, late: float = 0.0, smeared: float = 0.0
) -> None:
    """Every event of the contract is there within `frames`, on its own track, and no other is.

    Args:
        late: frames by which sound alone may begin (and end) late, beside `frames`.
        smeared: frames by which a lossy codec may stretch the ends of sounds, beside both.
    """
    faded = contract.dissolve
    assert measured.frames == contract.frames
    assert [k for k in measured.flashes() if k not in faded] == list(contract.flashes)
    heard = [burst for burst in measured.bursts if round(burst.start - late / 2) not in faded]
    expected = {
        at: {t for t, found in contract.tones.items() if at in found} for at in sum(contract.tones.values(), ())
    }
    said = {round(burst.start - late / 2): burst for burst in heard}
    assert sorted(said) == sorted(expected), "bursts are where tones are"
    for at, tracks in expected.items():
        burst, where = said[at], f"frame {at}: {said[at]}"
        assert burst.tracks() == tracks, where
        assert -frames <= burst.start - at <= frames + late, where
        assert -frames <= burst.end - at - 1 <= frames + late + smeared, where
        if not late:  # else no window holds a whole frame of every tone
            assert all(0.85 < burst.levels[track] < 1.15 for track in tracks), where


def check_dissolve(measured: Measured, contract: Contract) -> None:
    """The dissolve mixes: the flash of the one going out is seen at its share, and heard at it."""
    start, frames = contract.dissolve.start, len(contract.dissolve)
    at = start + 18  # a second after the last flash of the clip before
    share = 1 - (at - start + 0.5) / frames
    dark = float(np.median(measured.luma))
    seen = (measured.luma[at] - dark) / (measured.luma[contract.flashes[0]] - dark)
    assert abs(seen - share) < 0.12, f"the flash at {at} is seen at {seen:.2f}, its share is {share:.2f}"
