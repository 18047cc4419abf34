"""Frames and samples of a media file as arrays, streaming; opened under the guard of `probe.py`."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import MediaError
from ..timebase import SAMPLE_RATE, nearest_frame
from . import wav
from .libav import FULL_RANGE, REC709, VIDEO_RANGE, exact_scaling, load_av
from .probe import open_media, probe, rate_of

if TYPE_CHECKING:
    import numpy as np

    Plane = np.ndarray[Any, np.dtype[np.uint8]]
    Sound = np.ndarray[Any, np.dtype[np.int32]]

_REC601, _SMPTE170M = 5, 6
_MATRICES = (REC709, 4, _REC601, _SMPTE170M, 7, 9)


def decode_frames(
    path: Path,
    *,
    start: int = 0,
    frames: int | None = None,
    pixel_format: Literal["rgb24", "yuv422p"] = "rgb24",
    size: tuple[int, int] | None = None,
) -> Iterator[Any]:
    """Frames `start`, `start + 1` ... of the first picture track, at most `frames` of them, as far as there are any.

    Args:
        start: frame of the file, 0 = its first.
        pixel_format: `rgb24` gives uint8 `(height, width, 3)`, full range; `yuv422p` planar `(Y, U, V)`, Rec.709 video
            range.
        size: (width, height) to scale to; None = as it is.

    Raises:
        MediaError: as `probe`, or no picture.
    """
    with open_media(path) as container:
        stream = _picture_of(container, path)
        rate = rate_of(stream)
        first = stream.start_time or 0
        if start:
            container.seek(first + int(start / rate / stream.time_base), stream=stream)
        convert = _Converter(pixel_format, size)
        left = frames
        for frame in container.decode(stream):
            if start and frame.pts is not None and nearest_frame((frame.pts - first) * stream.time_base * rate) < start:
                continue
            if left is not None and left <= 0:
                return
            left = None if left is None else left - 1
            yield convert(frame)


def decode_sound(
    path: Path, *, sample_rate: int = SAMPLE_RATE, start: int = 0, samples: int | None = None
) -> Iterator[Sound]:
    """Blocks of int32 `(n, 2)`, 24-bit values, from sample `start`, at most `samples`, as far as there are any.

    Mono comes out on both sides at full level; more channels are mixed down.

    Raises:
        MediaError: as `probe`, no sound, or samples that are not numbers.
    """
    facts = probe(path)
    if (facts.container, facts.audio_codec, facts.channels, facts.sample_rate) == ("wav", "pcm_s24le", 2, sample_rate):
        yield from wav.iter_wav(path, start=start, samples=samples)
        return
    left = samples
    for block in _resampled(path, sample_rate, start):
        part = block if left is None else block[:left]
        left = None if left is None else left - len(part)
        if len(part):
            yield part
        if left == 0:
            return


def _resampled(path: Path, sample_rate: int, start: int) -> Iterator[Sound]:
    """Stereo blocks from sample `start` (at `sample_rate`) to the end."""
    with open_media(path) as container:
        if not container.streams.audio:
            raise MediaError(f"{path.name} has no sound.")
        stream = container.streams.audio[0]
        mono = stream.codec_context.channels == 1
        resample = _resampler(stream, sample_rate)
        first = stream.start_time or 0
        if start > sample_rate:  # a second earlier: decoders need a run-up
            container.seek(first + int(Fraction(start - sample_rate, sample_rate) / stream.time_base), stream=stream)
        at: int | None = None
        for frame in _with_flush(container.decode(stream)):
            if at is None and frame is not None:
                at = nearest_frame(((frame.pts or first) - first) * stream.time_base * sample_rate)
            for done in resample.resample(frame):
                block = _as_sound(done, path, mono)
                yield block[max(0, start - (at or 0)) :]
                at = (at or 0) + len(block)


def _with_flush(frames: Iterator[Any]) -> Iterator[Any]:
    yield from frames
    yield None


def _resampler(stream: Any, sample_rate: int) -> Any:
    floating = stream.codec_context.format.name.rstrip("p") in ("flt", "dbl")
    layout = "mono" if stream.codec_context.channels == 1 else "stereo"
    return load_av().AudioResampler(format="flt" if floating else "s32", layout=layout, rate=sample_rate)


def _as_sound(frame: Any, path: Path, mono: bool) -> Sound:
    import numpy as np

    block = frame.to_ndarray().reshape(-1, 1 if mono else 2)
    if block.dtype != np.int32:
        if not np.isfinite(block).all():
            raise MediaError(f"{path.name} holds samples that are not numbers. Export its sound again.")
        block = np.clip(np.rint(block * np.float64(wav.FULL_SCALE)), -wav.FULL_SCALE, wav.FULL_SCALE - 1)
        block = block.astype(np.int32)
    else:
        block = block >> 8
    return np.repeat(block, 2, axis=1) if mono else block


class _Converter:
    """Decoded frame -> array(s) in the wanted layout, Rec.709."""

    def __init__(self, pixel_format: str, size: tuple[int, int] | None) -> None:
        self._format, self._size = pixel_format, size
        self._scale = load_av("av.video.reformatter").VideoReformatter().reformat

    def __call__(self, frame: Any) -> Any:
        width, height = self._size or (frame.width, frame.height)
        matrix = frame.colorspace if frame.colorspace in _MATRICES else _guessed_matrix(frame)
        done = self._scale(
            frame,
            width=width,
            height=height,
            format=self._format,
            src_colorspace=_REC601 if matrix == _SMPTE170M else matrix,
            dst_colorspace=REC709,
            src_color_range=frame.color_range or (FULL_RANGE if "j" in frame.format.name else VIDEO_RANGE),
            dst_color_range=FULL_RANGE if self._format == "rgb24" else VIDEO_RANGE,
            interpolation=exact_scaling(),
            threads=1,
        )
        return done.to_ndarray() if self._format == "rgb24" else planes_of(done)


def planes_of(frame: Any) -> tuple[Plane, ...]:
    """Copies of the 8-bit planes of a frame, `(rows, columns)` each."""
    import numpy as np

    return tuple(
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width].copy()
        for plane in frame.planes
    )


def _guessed_matrix(frame: Any) -> int:
    """Untagged pictures: Rec.601 where they are small, Rec.709 otherwise, as players do."""
    return REC709 if frame.height >= 720 or frame.width >= 1280 else _REC601


def _picture_of(container: Any, path: Path) -> Any:
    if not container.streams.video:
        raise MediaError(f"{path.name} has no picture.")
    return container.streams.video[0]
