"""Measures the music: accents on hits, tempo, and steps that keep to the beat, all found again in the sound.

    python -m twopop_engine.train.evaluate_music --pieces 3 --walks 8

librosa, which knows nothing of our scores, finds onsets and beats in the PCM; steps are found in the drawn feet.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.sketch.foley import SAMPLE_RATE
from ..models.sketch.layout import MX
from ..models.sketch.music import STYLES, Piece, read_music
from ..models.sketch.mx import stretch
from ..models.sketch.perform import Performance, TokensOf
from ..models.sketch.sampler import WEIGHTS, Sampler
from ..models.sketch.score import Blocking, Score, token_span
from .contacts import foot_contacts

Floats = npt.NDArray[np.float64]

HEARD_HZ = 24_000
HOP = 128
"""5 ms of what is heard."""
REACH_S = 0.040
STRONGEST = 0.90
OFF_TEMPO = 0.06


@dataclass(frozen=True)
class AccentNumbers:
    """Of one style: hits with an onset on them that is one of the piece's strongest, and how its tempo came out."""

    style: str
    hits: int
    on_time: float
    on_time_and_strong: float
    tempo_off: float
    whole_bars: float


@dataclass(frozen=True)
class StepNumbers:
    """Distance of drawn steps from beats and half beats heard in the music of the same pass, milliseconds."""

    asked: bool
    steps: int
    median_ms: float
    chance_ms: float


def heard(sound: Floats) -> Floats:
    """48 kHz stereo as a listener at 24 kHz mono."""
    mono = sound.mean(axis=1)
    return (mono[0::2][: len(mono) // 2] + mono[1::2][: len(mono) // 2]) / 2


def onsets(sound: Floats) -> tuple[Floats, Floats]:
    """Times and strengths of the peaks of spectral flux."""
    import librosa

    strength = librosa.onset.onset_strength(y=sound, sr=HEARD_HZ, hop_length=HOP, n_fft=1024, n_mels=96)
    inner = strength[1:-1]
    peaks = 1 + np.flatnonzero((inner >= strength[:-2]) & (inner > strength[2:]) & (inner > 0.05 * strength.max()))
    return librosa.frames_to_time(peaks, sr=HEARD_HZ, hop_length=HOP), strength[peaks]


def beats(sound: Floats, near_bpm: float) -> Floats:
    """Beats as a tracker hears them that begins its search near a tempo."""
    import librosa

    _, found = librosa.beat.beat_track(
        y=sound, sr=HEARD_HZ, hop_length=HOP, start_bpm=near_bpm, units="time", trim=False
    )
    return np.asarray(found, np.float64)


def measure_accents(style: str, pieces: int, seconds: float = 20.0) -> AccentNumbers:
    """Pieces of a style with two to four hits anywhere at least a second apart."""
    rng = np.random.default_rng(5)
    on_time: list[bool] = []
    strong: list[bool] = []
    off: list[float] = []
    whole: list[bool] = []
    for seed in range(pieces):
        asked = float(rng.uniform(70, 130))
        hits = tuple(
            sorted(float(k + rng.uniform(0, 2.0)) for k in rng.choice([2, 6, 10, 14], rng.integers(2, 5), False))
        )
        piece = read_music(f"{style} {asked:.1f} bpm", hits, seed, begin_s=0.0, end_s=seconds)
        sound = heard(Performance(piece).render(0, round(seconds * SAMPLE_RATE)))
        times, strengths = onsets(sound)
        least = np.quantile(strengths, STRONGEST)
        for hit in hits:
            near = np.abs(times - hit) <= REACH_S
            on_time.append(bool(near.any()))
            strong.append(bool(near.any() and strengths[near].max() >= least))
        off.append(_off_tempo(beats(sound, asked), asked))
        whole.append(piece.bars is not None and _quiet_after(piece, sound))
    return AccentNumbers(
        style,
        len(on_time),
        float(np.mean(on_time)),
        float(np.mean(strong)),
        float(np.median(off)),
        float(np.mean(whole)),
    )


def _off_tempo(found: Floats, asked: float) -> float:
    """How far the median beat is from the one asked, halves, doubles and thirds allowed: a tracker may count so."""
    if len(found) < 3:
        return 1.0
    bpm = 60.0 / float(np.median(np.diff(found)))
    return min(abs(bpm / (asked * factor) - 1) for factor in (0.5, 1.0, 2.0, 1.5, 2 / 3))


def _quiet_after(piece: Piece, sound: Floats) -> bool:
    """Whether nothing begins once the last bar has begun."""
    assert piece.bars is not None
    times, strengths = onsets(sound)
    last = float(piece.tempo.seconds(4.0 * (piece.bars - 1)))
    after = strengths[times > last + 0.25]
    return not len(after) or float(after.max()) < 0.5 * float(np.quantile(strengths, STRONGEST))


def measure_steps(sampler: Sampler, asked: bool, walks: int, seconds: float = 4.8) -> StepNumbers:
    """Somebody walks while music of the same pass plays; when the feet fall is left to the model."""
    rng = np.random.default_rng(6)
    gaps: list[float] = []
    chance: list[float] = []
    for seed in range(walks):
        style = ("electro", "folk", "jazz")[seed % 3]
        piece = read_music(f"{style} {rng.uniform(80, 125):.0f} bpm", (), seed, begin_s=0.0)
        x = float(rng.uniform(-1.2, -0.6))
        people = (Blocking(from_x=x, to_x=x + 1.8, may_walk=True), Blocking(on_stage=False))
        score = Score(
            characters=people,
            sounds=frozenset({"step.wood"}),
            music=piece,
            beats=tuple(map(float, piece.tempo.between(-1.0, seconds + 1.0))),
            on_beat=asked,
        )
        tokens = sampler.sample(score, seconds, seed=seed)
        grid = _half_beats(played(piece, score, tokens), piece.bpm)
        for step in foot_contacts(tokens, "CA"):
            if len(grid) > 2 and grid[0] <= step <= grid[-1]:
                gaps.append(float(np.abs(grid - step).min()))
                chance.append(float(np.median(np.diff(grid))) / 4)
    middle, usual = (1000 * float(np.median(one)) if one else float("nan") for one in (gaps, chance))
    return StepNumbers(asked, len(gaps), middle, usual)


def played(piece: Piece, score: Score, tokens: dict[str, npt.NDArray[np.float32]], seconds: float = 4.8) -> Floats:
    """The music of a window as it is heard, by the model where it samples music, else by the grammar."""
    of: TokensOf | None = None
    if MX.name in tokens:
        begun = token_span(score, MX, 0.0, 0.0)[0]
        of = lambda first, count: stretch(tokens[MX.name], first - begun, count)  # noqa: E731
    return heard(Performance(piece, of).render(0, round(seconds * SAMPLE_RATE)))


def _half_beats(sound: Floats, near_bpm: float) -> Floats:
    found = beats(sound, near_bpm)
    return np.interp(np.arange(2 * len(found) - 1) / 2, np.arange(len(found)), found) if len(found) > 2 else found


def measure(sampler: Sampler | None, pieces: int, walks: int) -> Iterator[AccentNumbers | StepNumbers]:
    """Every style, then steps with and without the wish."""
    yield from (measure_accents(style, pieces) for style in STYLES if pieces)
    if sampler and walks:
        yield from (measure_steps(sampler, asked, walks) for asked in (True, False))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--pieces", type=int, default=3, help="pieces of every style (0: skip)")
    parser.add_argument("--walks", type=int, default=12, help="walks with the wish and without (0: skip)")
    arguments = parser.parse_args()
    sampler = Sampler(arguments.weights) if arguments.walks else None
    for row in measure(sampler, arguments.pieces, arguments.walks):
        print(json.dumps(asdict(row)), flush=True)


if __name__ == "__main__":
    main()
