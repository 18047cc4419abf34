"""Makes a foreign movie exact: the request's frames and samples, 48 kHz stereo PCM, picture and sound from one origin.

Encoder delay and edit lists are honoured, not guessed: both tracks are placed by their own times, counted from the
first picture. A rate within 5 % is conformed frame by frame with the sound stretched along (25 -> 24, 24 -> 23.976);
any other rate, and variable rate, by time. A tail that is missing is mirrored out of the handle, never filled with
silence; what would be missing in the cut is an error. Sync: the first sample of a sound stays on its frame's boundary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..backends.base import TakeFiles
from ..errors import MediaError, TwopopError
from ..request import GenerationRequest
from ..timebase import frame_to_sample, rate_text, snap_frame_rate
from .decode import decode_frames, decode_sound
from .probe import open_media
from .write import MovieCodec, write_movie

if TYPE_CHECKING:
    import numpy as np

    Sound = np.ndarray[Any, np.dtype[np.int32]]

STRETCH = Fraction(1, 20)
"""Rates this close are conformed frame by frame."""
SILENCE = 838
"""Peak (24 bit) below which a track counts as silent: -80 dBFS."""
_CLOCK_S = Fraction(1, 1000)
"""Containers round times to a millisecond."""
_HALF = Fraction(1, 2)
_SPARE_FRAMES = 2
"""How much shorter than the picture the sound may be without a handle to take from: joint models end it early."""


@dataclass(frozen=True, slots=True)
class _Source:
    """What a foreign movie holds. Times are seconds from its first picture."""

    starts: list[Fraction]
    """Of every picture, in order."""
    end: Fraction
    size: tuple[int, int]
    frame_rate: Fraction | None
    """None where it varies."""
    sound_at: Fraction | None
    """Of its first sample; None without sound."""


def is_stretch(made: Fraction, wanted: Fraction) -> bool:
    """True where frames of `made` fps become as many of `wanted` fps."""
    return abs(made / wanted - 1) <= STRETCH


def ingest_movie(source: Path, request: GenerationRequest, out_dir: Path, *, codec: MovieCodec = "dnxhr") -> TakeFiles:
    """The take of `request` in `source`, as a movie with a mix in `out_dir`; `source` is kept as the original.

    Raises:
        MediaError: with a code: `completed_without_audio` (none, or silence), `too_short` (the cut would show the end),
            `bad_media` (it cannot be read, or holds less than its header says).
    """
    found = _read(source)
    plan, facts = _frame_plan(found, request, source)
    mix = None
    if request.brief.sound:
        mix, heard = _sound(source, found, request)
        facts |= heard
    movie = out_dir / "conformed.mov"
    size = (request.width, request.height)
    if found.size != size:
        facts["scaled_from"] = f"{found.size[0]}x{found.size[1]}"
    written = write_movie(
        movie,
        _frames(source, plan, size),
        size=size,
        frame_rate=request.frame_rate,
        sound=[mix] if mix is not None else None,
        codec=codec,
        sample_rate=request.sample_rate,
    )
    return TakeFiles(movie, {}, facts={"ingest": {**facts, "codec": written.codec}}, original=source)


def _read(source: Path) -> _Source:
    """Times of all pictures, without decoding them, and of the first sample."""
    with open_media(source) as container:
        if not container.streams.video:
            raise MediaError(f"{source.name} has no picture.")
        stream = container.streams.video[0]
        size = (stream.codec_context.width, stream.codec_context.height)
        times: list[tuple[Fraction, Fraction]] = []
        for packet in container.demux(stream):
            if packet.pts is not None and not packet.is_discard:
                times.append((packet.pts * packet.time_base, (packet.duration or 0) * packet.time_base))
    if not times:
        raise MediaError(f"{source.name} has a picture track without a picture.")
    times.sort()
    first = times[0][0]
    starts = [start - first for start, _ in times]
    last = times[-1][1] or (starts[-1] / (len(starts) - 1) if len(starts) > 1 else Fraction(1, 24))
    return _Source(starts, starts[-1] + last, size, _steady_rate(starts, last), _first_sample(source, first))


def _steady_rate(starts: list[Fraction], last: Fraction) -> Fraction | None:
    """The exact rate of pictures that lie on one, else None."""
    try:
        rate = snap_frame_rate((len(starts) - 1) / starts[-1] if len(starts) > 1 else 1 / last)
    except TwopopError:
        return None
    late = max(abs(start * rate - number) for number, start in enumerate(starts))
    return rate if late < Fraction(1, 4) else None


def _first_sample(source: Path, origin: Fraction) -> Fraction | None:
    with open_media(source) as container:
        if not container.streams.audio:
            return None
        for frame in container.decode(container.streams.audio[0]):
            return (frame.pts or 0) * frame.time_base - origin
    return None


def _frame_plan(found: _Source, request: GenerationRequest, source: Path) -> tuple[list[int], dict[str, Any]]:
    """Which picture of the source every frame of the take shows, and what was done, for the slate."""
    rate, made = request.frame_rate, found.frame_rate
    facts: dict[str, Any] = {"frame_rate": rate_text(made) if made else "variable"}
    if made and is_stretch(made, rate):
        plan = list(range(len(found.starts)))
        facts["conform"] = "none" if made == rate else "frame by frame, sound stretched along"
    else:
        plan = _by_time(found, rate, request.frames)
        facts["conform"] = "by time"
    facts["source_frames"], plan = len(found.starts), plan[: request.frames]
    missing = request.frames - len(plan)
    if missing:
        tail = request.generated.end - request.used.end
        if missing > tail or missing > len(plan):
            raise MediaError(
                f"{source.name} gives {len(plan)} of {request.frames} frames at {rate_text(rate)} fps, and the tail "
                f"handle is {tail} frames: the cut would show its end. Ask again. The file is kept.",
                code="too_short",
            )
        plan += plan[: -missing - 1 : -1]
        facts["mirrored_frames"] = missing
    return plan, facts


def _by_time(found: _Source, rate: Fraction, frames: int) -> list[int]:
    """For every frame of the take the picture that stands at its middle: half a frame early or late at most.

    At most `frames` of them: how long a source says it lasts is hearsay.
    """
    plan: list[int] = []
    shown = 0
    for number in range(min(frames, ceil((found.end - _CLOCK_S) * rate))):
        while shown + 1 < len(found.starts) and found.starts[shown + 1] <= (number + _HALF) / rate:
            shown += 1
        plan.append(shown)
    return plan


def _frames(source: Path, plan: list[int], size: tuple[int, int]) -> Iterator[Any]:
    """The planned frames; the mirrored tail goes back over pictures that were kept."""
    again = {index for before, index in pairwise(plan) if index < before}
    kept: dict[int, Any] = {}
    decoded = enumerate(decode_frames(source, pixel_format="yuv422p", size=size))
    at, frame = -1, None
    for index in plan:
        if index in kept and index < at:
            yield kept[index]
            continue
        while at < index:
            try:
                at, frame = next(decoded)
            except StopIteration:
                raise MediaError(
                    f"{source.name} decodes to {at + 1} pictures and promises more: it was cut short. Fetch it again."
                ) from None
            if at in again:
                kept[at] = frame
        yield frame


def _sound(source: Path, found: _Source, request: GenerationRequest) -> tuple[Sound, dict[str, Any]]:
    """The mix, int32 `(samples, 2)`, exactly as long as the take, its first sample on the first picture."""
    import numpy as np

    if found.sound_at is None:
        raise _without_audio(source, "it has no sound")
    made, rate = found.frame_rate, request.frame_rate
    stretch = made / rate if made and is_stretch(made, rate) else Fraction(1)
    clock = request.sample_rate * stretch
    if clock.denominator != 1:
        raise MediaError(f"{source.name}: {made} fps cannot be stretched exactly to {rate} fps. Ask for another rate.")
    blocks = list(decode_sound(source, sample_rate=int(clock)))
    sound = np.concatenate(blocks) if blocks else np.zeros((0, 2), np.int32)
    if not len(sound) or int(np.abs(sound).max()) < SILENCE:
        raise _without_audio(source, "its sound is silence")
    late = round(found.sound_at * clock)
    sound = np.concatenate([np.zeros((late, 2), np.int32), sound]) if late > 0 else sound[-late:]
    facts: dict[str, Any] = {"stretch": str(stretch)} if stretch != 1 else {}
    missing = request.samples - len(sound)
    if missing > 0:
        tail = max(request.generated.end - request.used.end, _SPARE_FRAMES)
        if missing > min(frame_to_sample(tail, rate, request.sample_rate), len(sound)):
            raise MediaError(
                f"{source.name}: its sound ends {missing / request.sample_rate:.2f} s before the take, and the tail "
                f"handle is shorter. Ask again. The file is kept.",
                code="too_short",
            )
        sound = np.concatenate([sound, sound[: -missing - 1 : -1]])
        facts["mirrored_samples"] = missing
    return sound[: request.samples], facts


def _without_audio(source: Path, why: str) -> MediaError:
    return MediaError(
        f"{source.name} is said to be complete, but {why}. A joint model was asked for picture and sound together, so "
        f"it is not taken. Ask again, or ask for silence (SILENT). The file is kept.",
        code="completed_without_audio",
    )
