"""Held-out sentences as the source of the corpus says them, with their analysis; kept on disk, for they never change.

What the vocoder, the voices and the ear lose without the model is measured on these.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import corpus, voices
from .corpus import Clip, make_clip
from .spoken import cache, written
from .voices import HibariHeart


class Recital(NamedTuple):
    """One sentence: mono float32 at 24 kHz, and what the trainer would see of it."""

    audio: npt.NDArray[np.float32]
    clip: Clip


def recited(texts: Sequence[str], kept: Path | None = None) -> list[Recital]:
    """The sentences at the source's own pace; those that were said are not said again.

    Args:
        texts: Sentences; the number of each is its seed.
        kept: Folder of what was said.
    """
    return [_one(text, number, kept or cache() / "recited") for number, text in enumerate(texts)]


def _one(text: str, seed: int, kept: Path) -> Recital:
    path = kept / f"{hashlib.sha256(f'{_source_state()}|{text}|{seed}'.encode()).hexdigest()[:24]}.npz"
    if not path.exists():
        said = _source().say(text, 1.0, seed)
        clip = make_clip(said, HibariHeart.name)
        told = json.dumps([clip.text, clip.source, clip.speed, clip.segments]).encode()
        written(path, audio=said.audio, features=clip.features, told=np.frombuffer(told, np.uint8))
    with np.load(path) as stored:
        text, source, speed, segments = json.loads(stored["told"].tobytes())
        clip = Clip(text, source, speed, tuple((s, start, end) for s, start, end in segments), stored["features"])
        return Recital(stored["audio"], clip)


@lru_cache(maxsize=1)
def _source() -> HibariHeart:
    return HibariHeart()


@lru_cache(maxsize=1)
def _source_state() -> str:
    """Version of the source, and what we do with it."""
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in (voices, corpus))
    return f"{version('hibari-tts')} {hashlib.sha256(code).hexdigest()}"
