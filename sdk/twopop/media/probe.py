"""What a media file really holds; foreign bytes are opened under guard.

Only regular files, only the formats listed here, no protocols: a `target_url` is a string from a stranger. Header
counts are hearsay until `exact=True` has decoded every frame and sample.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..errors import MediaError, TwopopError
from ..timebase import format_timecode, nearest_frame, parse_timecode, sample_to_frame, snap_frame_rate
from . import wav
from .files import open_regular
from .libav import REC709, VIDEO_RANGE, load_av, reason_of

FORMATS = (
    "aac,aiff,avi,bmp_pipe,caf,dnxhd,dpx_pipe,dv,exr_pipe,flac,flv,gif,h264,hevc,jpeg_pipe,matroska,webm,mov,mp4,m4a,"
    "3gp,3g2,mj2,mp3,mpeg,mpegts,mxf,ogg,png_pipe,tiff_pipe,w64,wav,webp_pipe"
)
LARGEST_PICTURE = 64_000_000
"""Pixels of one frame or still that are decoded at all."""

TAG_KEY = "com.twopop.take"
SOURCE_TYPE_KEY = "com.twopop.digital_source_type"


@dataclass(frozen=True, slots=True)
class TakeTag:
    """The mark in the file itself: whose take it is, whatever the file is called."""

    take: str
    match_key: str


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a file holds. Absent things are 0, empty or None."""

    path: Path
    container: str = ""
    exact: bool = False
    """True where frames and samples were counted by decoding, False where the header says so."""
    frames: int = 0
    samples: int = 0
    """A channel, at `sample_rate`."""
    frame_rate: Fraction | None = None
    """Frames a second of the picture; of a WAV, the rate its timecode counts at."""
    even: bool = True
    """False where frames do not come at equal distances (only known when `exact`)."""
    width: int = 0
    height: int = 0
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel over its height; not 1 in anamorphic pictures."""
    video_codec: str = ""
    pixel_format: str = ""
    rec709: bool = False
    """Tagged as Rec.709 in video range."""
    sample_rate: int = 0
    channels: int = 0
    audio_codec: str = ""
    timecode: str = ""
    reel: str = ""
    time_reference: int | None = None
    """Samples since midnight of the first sample (WAV)."""
    comment: str = ""
    source_type: str = ""
    tag: TakeTag | None = None

    @property
    def timecode_frames(self) -> int | None:
        """Frame number of the first frame's timecode; None where there is none or it does not exist."""
        if not self.timecode or self.frame_rate is None:
            return None
        try:
            return parse_timecode(self.timecode, self.frame_rate)
        except TwopopError:
            return None

    @property
    def is_still(self) -> bool:
        """True for one picture without a time of its own."""
        return self.container.endswith("_pipe")

    @property
    def drop_frame(self) -> bool:
        """True where the timecode is drop-frame."""
        return ";" in self.timecode


def probe(path: Path, *, exact: bool = False) -> MediaFacts:
    """Reads what the file at `path` holds.

    Args:
        exact: decode everything and count.

    Raises:
        MediaError: not a regular file, not a format twopop opens, too large a picture, or (`exact`) damaged.
    """
    with open_media(path) as container:
        facts = _described(path, container)
        if exact:
            facts = _counted(facts, container)
    return _with_chunks(facts) if facts.container == "wav" else facts


def check_counts(path: Path, *, frames: int | None = None, samples: int | None = None) -> MediaFacts:
    """Decodes everything and compares with what is due; None = not asked.

    Raises:
        MediaError: damaged, or another number of frames or samples than due (a truncated file is one).
    """
    facts = probe(path, exact=True)
    for due, found, what in ((frames, facts.frames, "frames"), (samples, facts.samples, "samples")):
        if due is not None and due != found:
            raise MediaError(
                f"{path.name} holds {found} {what}, {due} are due: it was cut short or altered. "
                f"Fetch it again, or run `twopop render` to make it anew."
            )
    return facts


@contextmanager
def open_media(path: Path) -> Generator[Any]:
    """A libav container on the regular file `path`. Whatever libav raises inside becomes MediaError."""
    av = load_av()
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "-"}
    with open_regular(path) as file:
        try:
            with av.open(file, options=options, buffer_size=1 << 18, metadata_errors="replace") as container:
                for stream in (*container.streams.video, *container.streams.audio):
                    _bound(path, stream)
                yield container
        except (av.FFmpegError, MemoryError, OverflowError, ZeroDivisionError) as exc:
            raise MediaError(
                f"{path.name} cannot be read: {reason_of(exc)}. It is damaged, cut short, or of a format twopop "
                f"does not open."
            ) from exc


def _bound(path: Path, stream: Any) -> None:
    """Refuses what cannot be decoded, and huge pictures before anything is decoded."""
    context = stream.codec_context
    if context is None:
        raise MediaError(f"{path.name}: its {stream.type} is in a coding twopop does not know, or damaged.")
    if stream.type == "audio":
        if context.format is None or not context.sample_rate or not context.channels:
            raise MediaError(f"{path.name}: its sound has no sample format or rate; it is damaged.")
        return
    if not context.width or not context.height:
        raise MediaError(f"{path.name}: its picture has no size that can be known, or far too large a one.")
    if context.width * context.height > LARGEST_PICTURE:
        raise MediaError(
            f"{path.name} is {context.width}x{context.height}; at most {LARGEST_PICTURE // 1_000_000} million pixels "
            f"are decoded. Make it smaller."
        )
    context.options = {"max_pixels": str(LARGEST_PICTURE)}
    stream.thread_type = "AUTO"


def rate_of(stream: Any) -> Fraction:
    """Frames a second; one a second for a still."""
    rate = stream.average_rate or stream.guessed_rate
    try:
        return snap_frame_rate(Fraction(rate)) if rate else Fraction(1)
    except TwopopError:
        return Fraction(1)


def _described(path: Path, container: Any) -> MediaFacts:
    """Facts from the headers."""
    facts = MediaFacts(path, container.format.name.partition(",")[0])
    metadata = _metadata_of(container)
    if container.streams.video:
        stream = container.streams.video[0]
        context = stream.codec_context
        facts = replace(
            facts,
            frames=1 if facts.is_still else stream.frames,
            frame_rate=None if facts.is_still else rate_of(stream),
            width=context.width,
            height=context.height,
            pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
            video_codec=context.name,
            pixel_format=context.pix_fmt or "",
            rec709=(context.colorspace, context.color_range) == (REC709, VIDEO_RANGE),
        )
    if container.streams.audio:
        stream = container.streams.audio[0]
        context = stream.codec_context
        length = (stream.duration or 0) * (stream.time_base or Fraction(0)) * context.sample_rate
        facts = replace(
            facts,
            samples=int(length),
            sample_rate=context.sample_rate,
            channels=context.channels,
            audio_codec=context.name,
        )
    if not (container.streams.video or container.streams.audio):
        raise MediaError(f"{path.name} has neither picture nor sound.")
    return replace(
        facts,
        timecode=metadata.get("timecode", ""),
        reel=metadata.get("reel_name", ""),
        comment=metadata.get("comment", ""),
        source_type=metadata.get(SOURCE_TYPE_KEY, ""),
        tag=read_tag(metadata.get(TAG_KEY, "")),
    )


def _metadata_of(container: Any) -> dict[str, str]:
    """Container's metadata over that of its streams."""
    merged: dict[str, str] = {}
    for stream in container.streams:
        merged = {**stream.metadata, **merged}
    return {**merged, **container.metadata}


def read_tag(text: str) -> TakeTag | None:
    """The tag in its stored form (JSON), or None."""
    try:
        values = json.loads(text)
        return TakeTag(str(values["take"]), str(values["match_key"]))
    except (ValueError, KeyError, TypeError):
        return None


def _counted(facts: MediaFacts, container: Any) -> MediaFacts:
    """The same with counts from decoding every frame and sample."""
    pictures, sounds = container.streams.video[:1], container.streams.audio[:1]
    unit = pictures[0].time_base * (facts.frame_rate or 1) if pictures else Fraction(1)
    frames, samples, even, first = 0, 0, True, 0
    for frame in container.decode(*pictures, *sounds):
        if hasattr(frame, "samples"):
            samples += frame.samples
            continue
        if frame.is_corrupt:
            raise MediaError(f"{facts.path.name}: frame {frames} is damaged. Fetch it again or make it anew.")
        time = frame.pts if frame.pts is not None else 0
        first = first if frames else time
        even = even and nearest_frame((time - first) * unit) == frames
        frames += 1
    return replace(facts, exact=True, frames=frames, samples=samples, even=even)


def _with_chunks(facts: MediaFacts) -> MediaFacts:
    """Facts of a WAV completed from its own chunks, where it is PCM."""
    if not facts.audio_codec.startswith("pcm_s"):
        return facts
    found = wav.wav_facts(facts.path)
    ixml = found.chunks.ixml
    frame_rate, timecode = _wav_timecode(found)
    return replace(
        facts,
        exact=True,
        samples=found.samples,
        frame_rate=frame_rate,
        timecode=timecode,
        time_reference=found.chunks.time_reference,
        reel=ixml.get("TAPE", ""),
        comment=found.chunks.info.get("ICMT", ""),
        source_type=found.chunks.info.get("IKEY", ""),
        tag=read_tag(ixml.get("USER", "")),
    )


def _wav_timecode(found: wav.WavFacts) -> tuple[Fraction | None, str]:
    """(rate, timecode of the first sample) as `bext` and iXML have them; (None, "") where they do not."""
    ixml, since_midnight = found.chunks.ixml, found.chunks.time_reference
    if since_midnight is None:
        return None, ""
    try:
        frame_rate = snap_frame_rate(ixml.get("SPEED/TIMECODE_RATE", ""))
    except TwopopError:
        return None, ""
    frame = sample_to_frame(since_midnight, frame_rate, found.sample_rate)
    return frame_rate, format_timecode(frame, frame_rate, drop_frame=ixml.get("SPEED/TIMECODE_FLAG") == "DF")
