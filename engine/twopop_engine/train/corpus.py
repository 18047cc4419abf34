"""Builds the speech corpus: sentences -> a speech source -> vocoder features with phone times, in shards.

Shards are written one after another and never changed, so training can begin on the first and a
killed run goes on where it stopped. Everything is reproducible from (source, seed, shard number).

    python -m twopop_engine.train.corpus --hours 4
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..models.sketch import layout
from .sentences import SentenceSource
from .voices import HibariHeart, Segment, SpeechSource, Utterance

CLIPS_PER_SHARD = 150
MAX_CLIP_S = 9.0
F0_RANGE_HZ = (60.0, 500.0)
VALIDATION_SEED = 7_000_000
"""Sentences of shard k come from seed ``k``; evaluation draws from seeds at and above this one."""


@dataclass(frozen=True)
class Clip:
    """One utterance as the trainer sees it.

    ``features``: ``(frames, 45)`` float32 at 100 frames per second, natural units of the DX group with
    ln f0 in Hz (continued through unvoiced frames) in the place of the relative one.
    """

    text: str
    source: str
    speed: float
    segments: tuple[Segment, ...]
    features: npt.NDArray[np.float32]

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return len(self.features) * layout.FRAME_S


def default_root() -> Path:
    """Where shards live when nobody says otherwise: the user's cache directory."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("twopop")) / "corpus"


def analyse(audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """WORLD features of mono speech at 24 kHz, ``(frames, 45)``: envelope, ln f0, voicing, aperiodicity."""
    import pyworld

    rate, period_ms = layout.SPEECH_RATE_HZ, layout.FRAME_S * 1000
    wave = np.ascontiguousarray(audio, np.float64)
    rough, times = pyworld.dio(wave, rate, frame_period=period_ms, f0_floor=F0_RANGE_HZ[0], f0_ceil=F0_RANGE_HZ[1])
    f0 = pyworld.stonemask(wave, rough, times, rate)
    envelope = pyworld.code_spectral_envelope(pyworld.cheaptrick(wave, f0, times, rate), rate, layout.ENVELOPE_DIMS)
    aperiodicity = pyworld.code_aperiodicity(pyworld.d4c(wave, f0, times, rate), rate)
    log_f0, voiced = continuous_log_f0(f0)
    return np.column_stack([envelope, log_f0, 2.0 * voiced - 1.0, aperiodicity]).astype(np.float32)


def continuous_log_f0(f0: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """ln f0 drawn straight through unvoiced stretches, and where it was voiced."""
    voiced = f0 > 0
    if voiced.sum() < 2:
        return np.full(len(f0), np.log(layout.REFERENCE_F0_HZ)), voiced
    frames = np.arange(len(f0))
    return np.interp(frames, frames[voiced], np.log(f0[voiced])), voiced


def make_clip(utterance: Utterance, source: str) -> Clip:
    """Analyse one utterance."""
    features = analyse(utterance.audio)
    return Clip(utterance.text, source, utterance.speed, utterance.segments, features)


def speak(source: SpeechSource, seed: int, count: int) -> Iterator[Clip]:
    """``count`` clips of fresh sentences; overlong ones are skipped."""
    rng = np.random.default_rng(seed)
    made = 0
    for text in SentenceSource(source.lexicon, seed):
        if made == count:
            return
        utterance = source.say(text, float(rng.uniform(0.88, 1.15)), seed)
        if len(utterance.audio) > MAX_CLIP_S * layout.SPEECH_RATE_HZ:
            continue
        made += 1
        yield make_clip(utterance, source.name)


def write_shard(path: Path, clips: list[Clip]) -> None:
    """One ``.npz``: features of all clips end to end as float16, the rest as JSON."""
    facts = [
        {"text": c.text, "source": c.source, "speed": c.speed, "frames": len(c.features), "segments": c.segments}
        for c in clips
    ]
    part = path.with_suffix(".part.npz")
    np.savez(
        part,
        features=np.concatenate([clip.features for clip in clips]).astype(np.float16),
        facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
    )
    part.replace(path)


def read_shard(path: Path) -> list[Clip]:
    """The clips of one shard."""
    with np.load(path) as shard:
        features = shard["features"].astype(np.float32)
        facts = json.loads(shard["facts"].tobytes())
    ends = np.cumsum([fact["frames"] for fact in facts])
    return [
        Clip(
            fact["text"],
            fact["source"],
            fact["speed"],
            tuple((symbol, start, end) for symbol, start, end in fact["segments"]),
            features[end - fact["frames"] : end],
        )
        for fact, end in zip(facts, ends, strict=True)
    ]


def shard_paths(root: Path, source: str | None = None) -> list[Path]:
    """Finished shards, of one source or of all, in order."""
    return sorted(path for path in root.glob(f"{source or '*'}-*.npz") if ".part" not in path.name)


def read_corpus(root: Path, source: str | None = None) -> list[Clip]:
    """Every clip there is so far."""
    return [clip for path in shard_paths(root, source) for clip in read_shard(path)]


def build(source: SpeechSource, root: Path, hours: float) -> None:
    """Write shards until there are ``hours`` of this source; finished shards are counted, not redone."""
    root.mkdir(parents=True, exist_ok=True)
    seconds, number, began = 0.0, 0, time.monotonic()
    while seconds < hours * 3600:
        path = root / f"{source.name}-{number:05d}.npz"
        if not path.exists():
            write_shard(path, list(islice(speak(source, number, CLIPS_PER_SHARD), CLIPS_PER_SHARD)))
        seconds += sum(clip.seconds for clip in read_shard(path))
        number += 1
        print(f"{path.name}: {seconds / 3600:.2f} h so far, {time.monotonic() - began:.0f} s", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--hours", type=float, default=4.0, help="hours of speech to have in all")
    parser.add_argument("--root", type=Path, default=default_root(), help="folder of the shards")
    arguments = parser.parse_args()
    build(HibariHeart(), arguments.root, arguments.hours)


if __name__ == "__main__":
    main()
