"""Writes one movie, streaming: picture and interleaved PCM, exact counts, Rec.709 video range, always the same bytes.

Memory does not grow with the length: frames and sound are pulled as the file is written. There is no wall-clock time
and no timecode in it (`stamp.py` adds that by remux), so the same input gives the same file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..errors import MediaError
from ..timebase import SAMPLE_RATE, frame_to_sample
from .libav import FULL_RANGE, REC709, VIDEO_RANGE, exact_scaling, load_av, reason_of

if TYPE_CHECKING:
    import numpy as np

    Plane = np.ndarray[Any, np.dtype[np.uint8]]
    Sound = np.ndarray[Any, np.dtype[np.int32]]
    Picture = Plane | tuple[Plane, Plane, Plane]

MovieCodec = Literal["dnxhr", "prores", "h264"]

_SMALLEST_DNXHR = (256, 120)
_SOUND_LATE_S = 1
"""How far the picture is coded before its sound is asked for, so that it need not wait where both are being made."""


class _Encoder(NamedTuple):
    name: str
    pixel_format: str
    options: dict[str, str]
    threads: int
    """0 = all cores; fixed where the count changes the bytes."""
    alone: bool = True
    """Every picture is coded by itself, so that one shown twice is coded once."""


_ENCODERS: dict[str, _Encoder] = {
    # It counts bits for every quantizer there may be, 65 kB each at 1080p; noise of black and white needs 200 of them.
    "dnxhr": _Encoder("dnxhd", "yuv422p", {"profile": "dnxhr_lb", "qmax": "256"}, 0),
    "prores": _Encoder("prores", "yuv422p10le", {"profile": "2"}, 0),
    "h264": _Encoder("libx264", "yuv420p", {"preset": "veryfast", "crf": "18", "bf": "0"}, 4, alone=False),
}


@dataclass(frozen=True, slots=True)
class Written:
    """What is in the file: `frames` of picture, `samples` a channel, the codec used, and remarks for people."""

    frames: int
    samples: int
    codec: MovieCodec
    notes: tuple[str, ...] = ()


def write_movie(
    path: Path,
    frames: Iterable[Picture | None],
    *,
    size: tuple[int, int],
    frame_rate: Fraction,
    sound: Iterable[Sound] | None = None,
    codec: MovieCodec = "dnxhr",
    sample_rate: int = SAMPLE_RATE,
    metadata: Mapping[str, str] | None = None,
) -> Written:
    """Writes `frames` and `sound` to `path` (.mov: 24-bit PCM; .mp4: AAC, for watching only).

    Args:
        frames: uint8 `(height, width, 3)` full-range RGB, or planar Rec.709 video-range `(Y, U, V)` of
            `(height, width)`, `(height, width / 2)` twice. Copied at once: an iterator may reuse its arrays.
            None is the last picture shown once more.
        size: (width, height) of every frame; both even.
        sound: int32 `(samples, 2)` blocks of any length, 24-bit values (-2**23 to 2**23 - 1); all together exactly
            `ceil(frames * sample_rate / frame_rate)` samples.
        codec: `dnxhr` (DNxHR LB), `prores` (422) or `h264` (no B-frames).
        metadata: container metadata; `timecode` makes a tmcd track.

    Raises:
        MediaError: illegal size, wrong shape, wrong count of samples, or the file cannot be written. What was written
            is removed. An exception of `frames` or `sound` passes through, with the same clean-up.
    """
    used, notes = _legal_codec(codec, size)
    try:
        counts = _write(path, frames, size, frame_rate, sound, used, sample_rate, metadata or {})
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Written(*counts, used, notes)


def _legal_codec(codec: MovieCodec, size: tuple[int, int]) -> tuple[MovieCodec, tuple[str, ...]]:
    width, height = size
    if width < 16 or height < 16 or width % 2 or height % 2:
        near = max(16, width + width % 2), max(16, height + height % 2)
        raise MediaError(
            f"A movie of {width}x{height} cannot be written: width and height must be even and at least 16. "
            f"Nearest: {near[0]}x{near[1]}. Nothing was written."
        )
    smallest = _SMALLEST_DNXHR
    if codec == "dnxhr" and (width < smallest[0] or height < smallest[1]):
        note = f"{width}x{height} is below the smallest DNxHR picture, {smallest[0]}x{smallest[1]}: written as ProRes."
        return "prores", (note,)
    return codec, ()


def _write(
    path: Path,
    frames: Iterable[Picture | None],
    size: tuple[int, int],
    frame_rate: Fraction,
    sound: Iterable[Sound] | None,
    codec: MovieCodec,
    sample_rate: int,
    metadata: Mapping[str, str],
) -> tuple[int, int]:
    av = load_av()
    kind = "mp4" if path.suffix.lower() == ".mp4" else "mov"
    flags = "+use_metadata_tags" + ("+faststart" if kind == "mp4" else "")
    try:
        with av.open(str(path.absolute()), "w", format=kind, options={"movflags": flags}) as container:
            container.flags |= av.container.Flags.bitexact.value
            container.metadata.update(metadata)
            picture = _PictureTrack(container, size, frame_rate, _ENCODERS[codec])
            track = SoundTrack(container, sound, sample_rate, "aac" if kind == "mp4" else "pcm_s24le")
            late = round(_SOUND_LATE_S * frame_rate)
            for frame in frames:
                picture.write(frame)
                if picture.count > late:
                    track.write(frame_to_sample(picture.count - late, frame_rate, sample_rate))
            if not picture.count:
                raise MediaError(f"{path.name}: no frames came, a movie needs one at least. Nothing was written.")
            for count in range(max(0, picture.count - late) + 1, picture.count + 1):
                track.write(frame_to_sample(count, frame_rate, sample_rate))
            picture.finish()
            track.finish(picture.count)
            return picture.count, track.count
    except av.FFmpegError as exc:
        raise MediaError(
            f"{path.name} cannot be written: {reason_of(exc)}. Free space or choose another folder; "
            f"the unfinished file was removed."
        ) from exc


class _PictureTrack:
    """Encodes frames 0, 1, 2 ... at exact times."""

    def __init__(
        self,
        container: Any,
        size: tuple[int, int],
        frame_rate: Fraction,
        encoder: _Encoder,
    ) -> None:
        self.count = 0
        self._container, self._size, self._alone = container, size, encoder.alone
        self._target = encoder.pixel_format
        self._last: Any | None = None
        self._coding: deque[list[int]] = deque()
        self._coded = b""
        self._tick = 1 / frame_rate
        self._reformat = partial(
            load_av("av.video.reformatter").VideoReformatter().reformat,
            format=encoder.pixel_format,
            interpolation=exact_scaling(),
            threads=1,  # with more, the overshoot of one slice lands in the next: other bytes every time
        )
        self._stream = self._open(container, size, frame_rate, encoder)

    def _open(self, container: Any, size: tuple[int, int], frame_rate: Fraction, encoder: _Encoder) -> Any:
        options = dict(encoder.options)
        if encoder.name == "libx264":
            options["g"] = str(max(1, round(frame_rate)))  # a key frame a second: editors and players seek
        stream = container.add_stream(encoder.name, rate=frame_rate, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = encoder.pixel_format
        context = stream.codec_context
        context.time_base, context.thread_count = self._tick, encoder.threads
        if encoder.alone:  # side by side, so that none waits for the slices of another; the bytes are the same
            context.thread_type = "FRAME"
        context.color_primaries = context.color_trc = context.colorspace = REC709
        context.color_range = VIDEO_RANGE
        context.sample_aspect_ratio = Fraction(1)
        context.flags |= load_av("av.codec.context").Flags.bitexact.value
        return stream

    def write(self, picture: Picture | None) -> None:
        """Encodes one frame, or shows the last one longer."""
        if picture is not None:
            self._last = self._planar(picture) if isinstance(picture, tuple) else self._rgb(picture)
        if self._last is None:
            raise MediaError("The first frame is None, which shows the one before it longer. Nothing was written.")
        if picture is not None or not self._alone:
            self._last.pts, self._last.time_base = self.count, self._tick
            self._coding.append([])
            self._mux(self._stream.encode(self._last))
        elif self._coding:
            self._coding[-1].append(self.count)
        else:
            self._again(self.count)
        self.count += 1

    def finish(self) -> None:
        """Drains the encoder."""
        self._mux(self._stream.encode(None))

    def _mux(self, packets: list[Any]) -> None:
        """Writes what comes out of the encoder, some frames behind what goes in, each as often as it is shown."""
        for packet in packets:
            later = self._coding.popleft()
            self._coded = bytes(packet) if self._alone else b""
            self._container.mux(packet)
            for place in later:
                self._again(place)

    def _again(self, place: int) -> None:
        packet = load_av().Packet(self._coded)
        packet.stream, packet.time_base, packet.is_keyframe = self._stream, self._tick, True
        packet.pts = packet.dts = place
        packet.duration = 1
        self._container.mux(packet)

    def _rgb(self, picture: Plane) -> Any:
        width, height = self._size
        if picture.shape != (height, width, 3):
            raise self._wrong_shape()
        source = load_av().VideoFrame.from_ndarray(picture, format="rgb24")
        return self._reformat(source, dst_colorspace=REC709, src_color_range=FULL_RANGE, dst_color_range=VIDEO_RANGE)

    def _planar(self, picture: tuple[Plane, Plane, Plane]) -> Any:
        width, height = self._size
        if [plane.shape for plane in picture] != _plane_shapes(width, height):
            raise self._wrong_shape()
        frame = load_av().VideoFrame(width, height, self._target)
        fill_planes(frame, _as_target(picture, self._target))
        return frame

    def _wrong_shape(self) -> MediaError:
        width, height = self._size
        return MediaError(
            f"Frame {self.count} is not {width}x{height}: give one array (height, width, 3) of RGB, or a tuple "
            "of three, Y, U and V: (height, width), (height, width / 2), (height, width / 2); uint8."
        )


class SoundTrack:
    """Feeds sound up to a given sample; counts what came."""

    def __init__(self, container: Any, sound: Iterable[Sound] | None, sample_rate: int, encoder: str) -> None:
        self.count = 0
        self._container, self._rate = container, sample_rate
        self._blocks: Iterator[Sound] = iter(sound) if sound is not None else iter(())
        self._rest: Sound | None = None
        self._stream: Any | None = None
        self._limit = 0
        if sound is not None:
            stream = container.add_stream(encoder, rate=sample_rate, layout="stereo")
            if encoder == "aac":
                stream.codec_context.bit_rate = 256_000
            self._stream = stream

    def write(self, until: int) -> None:
        """Encodes sound up to sample `until`, as far as there is any."""
        self._limit = until
        while self._stream is not None and self.count < until and (block := self._next(until - self.count)) is not None:
            self._encode(self._stream, block)

    def _next(self, at_most: int) -> Sound | None:
        block = self._rest if self._rest is not None else next(self._blocks, None)
        while block is not None and not len(block):
            block = next(self._blocks, None)
        if block is None:
            return None
        self._rest = block[at_most:] if len(block) > at_most else None
        return block[:at_most]

    def _encode(self, stream: Any, block: Sound) -> None:
        import numpy as np

        if block.dtype != np.int32 or block.ndim != 2 or block.shape[1] != 2:
            raise MediaError(f"Sound block {block.dtype} {block.shape} is not int32 (samples, 2).")
        packed = np.left_shift(block, 8).reshape(1, -1)  # libav keeps 24-bit samples in the high bits
        frame = load_av().AudioFrame.from_ndarray(packed, format="s32", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self.count, Fraction(1, self._rate)
        self._container.mux(stream.encode(frame))
        self.count += len(block)

    def finish(self, frames: int) -> None:
        """Drains the encoder; MediaError where sound and picture do not end together."""
        if self._stream is None:
            return
        if self.count != self._limit or self._next(1) is not None:
            found = "more" if self.count == self._limit else f"{self.count}"
            raise MediaError(
                f"{frames} frames need exactly {self._limit} samples of sound, {found} came. Nothing was written."
            )
        self._container.mux(self._stream.encode(None))


def fill_planes(frame: Any, planes: tuple[Plane, ...]) -> None:
    """Copies 8-bit planes `(rows, columns)` into a frame of the same plane sizes."""
    import numpy as np

    for target, source in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(target, np.uint8).reshape(-1, target.line_size)
        rows[: source.shape[0], : source.shape[1]] = source


def _as_target(planes: tuple[Plane, Plane, Plane], target: str) -> tuple[Plane, ...]:
    """8-bit 4:2:2 planes as bytes of the encoder's layout: exact, and faster than a scaler."""
    import numpy as np

    if target == "yuv422p10le":
        return tuple(np.left_shift(plane, 2, dtype="<u2").view(np.uint8) for plane in planes)
    if target == "yuv420p":
        halves = (np.add(plane[::2], plane[1::2], dtype=np.uint16) + 1 >> 1 for plane in planes[1:])
        return planes[0], *(half.astype(np.uint8) for half in halves)
    return planes


def _plane_shapes(width: int, height: int) -> list[tuple[int, int]]:
    return [(height, width), (height, width // 2), (height, width // 2)]
