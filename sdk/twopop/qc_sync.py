"""Measures sync where the events are known: the frame that flashes and the sample on which the tone begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .media.decode import decode_frames, decode_sound
from .media.wav import FULL_SCALE
from .timebase import FrameRange

if TYPE_CHECKING:
    import numpy as np

    Sound = np.ndarray[Any, np.dtype[np.int32]]

_THUMB = (32, 18)
_WHITE = 235
_AUDIBLE = FULL_SCALE // 1000
_REACH_S = 4
"""The part of a second (1 / this) around an event in which its tone is looked for."""


def flash_in(path: Path, frames: FrameRange) -> int | None:
    """The first white frame of `frames` (take clock) in a movie; None where there is none."""
    start = max(0, frames.start)
    pictures = decode_frames(path, start=start, frames=frames.end - start, size=_THUMB)
    return next((start + index for index, frame in enumerate(pictures) if is_white(frame)), None)


def flash_near(path: Path, event: int) -> int | None:
    """The white frame nearest to `event`: there, else within 12 frames. None where there is none."""
    for reach in (1, 12):
        found = flash_in(path, FrameRange(event - reach, 2 * reach + 1))
        if found is not None:
            return found
    return None


def is_white(frame: Any) -> bool:
    """True for a full-white RGB frame."""
    return bool(frame.min() >= _WHITE)


def onset_near(path: Path, sample: int, sample_rate: int) -> int | None:
    """The sample (take clock) on which sound begins, within a quarter of a second of `sample`; None where none does.

    The beginning is the first sample of half the loudest one's level, after silence.
    """
    import numpy as np

    start = max(0, sample - sample_rate // _REACH_S)
    blocks = list(decode_sound(path, start=start, samples=sample - start + sample_rate // _REACH_S))
    if not blocks:
        return None
    level = np.abs(np.concatenate(blocks)).max(axis=1)
    if (loudest := int(level.max(initial=0))) < _AUDIBLE:
        return None
    return start + int(np.argmax(level * 2 >= loudest))


def thumbnails(path: Path, frames: list[int] | None = None) -> Iterator[Any]:
    """Small RGB pictures `(36, 64, 3)` of the given frames (take clock), or of all."""
    size = (64, 36)
    if frames is None:
        yield from decode_frames(path, size=size)
        return
    for frame in frames:
        yield from decode_frames(path, start=frame, frames=1, size=size)
