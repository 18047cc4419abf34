"""Measures the music: accents on hits, tempo, whole bars, and steps and gestures that keep to the beat.

    python -m twopop_engine.train.evaluate_music --pieces 6 --shots 1 --walks 6

librosa, which knows nothing of our scores, finds onsets and beats in the PCM; steps are found in the drawn feet and in
the effects' PCM. Composed pieces are beds as they are rendered; those of shots are sampled with the picture.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.sketch.contacts import foot_contacts
from ..models.sketch.layout import MX
from ..models.sketch.music import STYLES, Piece, read_music
from ..models.sketch.mx import stretch
from ..models.sketch.perform import Performance, TokensOf
from ..models.sketch.sampler import WEIGHTS, Sampler
from ..models.sketch.score import Blocking, Score, token_span
from .heard_music import REACH_S, Floats, beats, end_s, half_beats, heard, off_tempo, onsets, samples, whole_bars
from .in_time import PROMPTS, InTime, measure_in_time, shot_music

STRONGEST = 0.10
"""Share of all onsets that accents are among; or as many as there are hits, where there are more of them."""
LENGTHS_S = (20.0, 11.0, 16.0, 33.0, 8.5, 24.0)
"""Of pieces, one after the other."""
PATTERNS = ("apart", "none", "cuts", "dense", "edges", "apart")
"""Of hits: anywhere, at least a second apart; as often as shots change; some nearer than a beat; near either end."""


@dataclass(frozen=True)
class AccentNumbers:
    """Of one style: hits with an onset on them that is one of the piece's strongest, how its tempo came out, and how
    many pieces are heard to end on a bar line."""

    style: str
    by: str
    pieces: int
    hits: int
    on_time: float
    on_time_and_strong: float
    tempo_off: float
    tempo_off_most: float
    whole_bars: float


@dataclass(frozen=True)
class StepNumbers:
    """Distance of sampled steps from beats and half beats heard in the music of the same pass, milliseconds."""

    asked: bool
    steps: int
    median_ms: float
    chance_ms: float


class _Tally:
    """What is counted of one style."""

    def __init__(self) -> None:
        self.on_time: list[bool] = []
        self.strong: list[bool] = []
        self.off: list[float] = []
        self.whole: list[bool] = []

    def add(self, piece: Piece, sound: Floats, asked_bpm: float) -> None:
        """A piece as it is heard; `sound` is in its clock."""
        times, strengths = onsets(sound)
        least = np.sort(strengths)[-max(1, len(piece.hits_s), round(STRONGEST * len(strengths)))]
        for hit in piece.hits_s:
            near = np.abs(times - hit) <= REACH_S
            self.on_time.append(bool(near.any()))
            self.strong.append(bool(near.any() and strengths[near].max() >= least))
        self.off.append(off_tempo(beats(sound, asked_bpm), asked_bpm))
        self.whole.append(whole_bars(piece, sound))

    def numbers(self, style: str, by: str) -> AccentNumbers:
        """All of it."""
        on_time, strong = (float(np.mean(one)) if one else float("nan") for one in (self.on_time, self.strong))
        off = float(np.median(self.off)), float(np.max(self.off))
        return AccentNumbers(
            style, by, len(self.whole), len(self.on_time), on_time, strong, *off, float(np.mean(self.whole))
        )


def draw_hits(rng: np.random.Generator, pattern: str, seconds: float) -> tuple[float, ...]:
    """Times of hits, seconds."""
    match pattern:
        case "none":
            return ()
        case "cuts":
            return tuple(float(at) for at in np.cumsum(rng.uniform(1.6, 4.5, 40)) if at < seconds - 2.0)
        case "dense":
            at = float(rng.uniform(2.0, seconds - 4.0))
            return (at, at + 0.31, at + 0.58)
        case "edges":
            return (float(rng.uniform(0.5, 1.5)), seconds - float(rng.uniform(2.5, 4.0)))
        case _:
            places = rng.choice(np.arange(2.0, seconds - 4.0, 4.0), min(3, int(seconds / 5)), replace=False)
            return tuple(sorted(float(at + rng.uniform(0, 2.0)) for at in places))


def measure_accents(style: str, pieces: int) -> AccentNumbers:
    """Composed pieces of a style, of several lengths and tempi and with hits of several patterns."""
    rng = np.random.default_rng(5)
    tally = _Tally()
    for seed in range(pieces):
        seconds, pattern = LENGTHS_S[seed % len(LENGTHS_S)], PATTERNS[seed % len(PATTERNS)]
        asked = float(rng.uniform(70, 130))
        piece = read_music(
            f"{style} {asked:.1f} bpm", draw_hits(rng, pattern, seconds), seed, begin_s=0.0, end_s=seconds
        )
        tally.add(piece, heard(Performance(piece).render(0, samples(end_s(piece)))), asked)
    return tally.numbers(style, "composed")


def measure_shots(sampler: Sampler, style: str, shots: int) -> AccentNumbers:
    """Music of shots, sampled in the pass that makes the picture."""
    rng = np.random.default_rng(8)
    tally = _Tally()
    for seed in range(shots):
        asked = float(rng.uniform(84, 128))
        piece, sound = shot_music(sampler, f"{style} {asked:.1f} bpm", (float(rng.uniform(3.0, 5.0)),), seed)
        tally.add(piece, sound, asked)
    return tally.numbers(style, "sampled")


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
        grid = half_beats(played(piece, score, tokens), piece.bpm)
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
    return heard(Performance(piece, of).render(0, samples(seconds)))


def measure(
    sampler: Sampler | None, pieces: int, shots: int, walks: int
) -> Iterator[AccentNumbers | StepNumbers | InTime]:
    """Every style, composed and sampled, then steps and gestures with and without the wish."""
    yield from (measure_accents(style, pieces) for style in STYLES if pieces)
    if not sampler:
        return
    yield from (measure_shots(sampler, style, shots) for style in STYLES if shots)
    if walks:
        yield from (measure_in_time(sampler, what, asked, walks) for what in PROMPTS for asked in (True, False))
        yield from (measure_steps(sampler, asked, walks) for asked in (True, False))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--pieces", type=int, default=6, help="composed pieces of every style (0: skip)")
    parser.add_argument("--shots", type=int, default=1, help="shots with music of every style (0: skip)")
    parser.add_argument("--walks", type=int, default=6, help="walks with the wish and without (0: skip)")
    arguments = parser.parse_args()
    sampler = Sampler(arguments.weights) if arguments.walks or arguments.shots else None
    for row in measure(sampler, arguments.pieces, arguments.shots, arguments.walks):
        print(json.dumps(asdict(row)), flush=True)


if __name__ == "__main__":
    main()
