"""Joins a take and what was made anew of it: packets and samples outside the masks are copied, never made again.

Every crossfade lies inside the new stretch, so that nothing outside it can change. All ranges are in the take clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import MediaError
from ..timebase import SAMPLE_RATE, FrameRange, frame_to_sample
from .libav import load_av, reason_of
from .probe import open_media
from .wav import FULL_SCALE, iter_wav, wav_facts
from .write import SoundTrack

if TYPE_CHECKING:
    import numpy as np

    Sound = np.ndarray[Any, np.dtype[np.int32]]

BLOCK = SAMPLE_RATE
_AGREE = FULL_SCALE // 1000
"""Two sounds that differ by less than this (-60 dBFS) at an edge need no longer fade."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples `start` to `end` (exclusive) that are taken from the new sound, and how long it fades at either end."""

    start: int
    end: int
    fade_in: int = 0
    fade_out: int = 0


def stretch_of(
    old: Path, new: Path, start: int, end: int, *, fade_samples: int, tail_samples: int = 0
) -> tuple[Stretch, bool]:
    """The stretch with its fades: none at the ends of the take, `fade_samples` elsewhere.

    Args:
        tail_samples: a longer fade for the end, used where the new sound still rings there and the old one does not
            ring alike.

    Returns:
        The stretch, and whether its end needed the longer fade.
    """
    import numpy as np

    total, most = wav_facts(old).samples, (end - start) // 2
    fade_in = min(fade_samples, most) if start > 0 else 0
    fade_out = min(fade_samples, most) if end < total else 0
    rings = False
    if fade_out and tail_samples:
        first = end - fade_out
        before, after = (np.concatenate(list(iter_wav(p, start=first, samples=fade_out))) for p in (old, new))
        rings = bool(np.abs(before - after).max(initial=0) > _AGREE)
        fade_out = min(tail_samples, most) if rings else fade_out
    return Stretch(start, end, fade_in, fade_out), rings


def splice_sound(old: Path, new: Path, stretches: Sequence[Stretch]) -> Iterator[Sound]:
    """Blocks of int32 `(n, 2)`: `new` inside the stretches, `old` everywhere else, sample for sample.

    Raises:
        MediaError: the two are not of one length.
    """
    import numpy as np

    due, came = wav_facts(old).samples, wav_facts(new).samples
    if due != came:
        raise MediaError(f"{new.name} has {came} samples, {old.name} has {due}: they cannot be joined.")
    start = 0
    for kept, made in zip(iter_wav(old, block=BLOCK), iter_wav(new, block=BLOCK), strict=True):
        share = np.zeros(len(kept))
        for stretch in stretches:
            share = np.maximum(share, _share(stretch, start, len(kept)))
        yield _mixed(kept, made, share)
        start += len(kept)


def _mixed(kept: Sound, made: Sound, share: Any) -> Sound:
    import numpy as np

    out = np.rint(kept + (made - kept) * share[:, None]).astype(np.int32)
    out[share == 0.0], out[share == 1.0] = kept[share == 0.0], made[share == 1.0]
    return out


def _share(stretch: Stretch, start: int, count: int) -> Any:
    """How much of the new sound is in samples `start` to `start + count`, `(count,)` in 0 to 1."""
    import numpy as np

    place = np.arange(start, start + count) + 0.5
    rising = (place - stretch.start) / max(stretch.fade_in, 1)
    falling = (stretch.end - place) / max(stretch.fade_out, 1)
    inside = (place > stretch.start) & (place < stretch.end)
    return np.where(inside, np.clip(np.minimum(rising, falling), 0.0, 1.0), 0.0)


def sum_of(stems: Sequence[Path]) -> Iterator[Sound]:
    """The mix of 24-bit stems of one length: their sum, sample by sample.

    Yields:
        Blocks `(samples, channels)` int32 in the range of 24 bits.

    Raises:
        MediaError: a stem cannot be read, or the sum holds more than 24 bits.
    """
    import numpy as np

    for blocks in zip(*(iter_wav(stem, block=BLOCK) for stem in stems), strict=True):
        total: Any = np.sum(blocks, axis=0, dtype=np.int64)
        if np.abs(total).max(initial=0) >= FULL_SCALE:
            raise MediaError("The stems add up to more than 24 bits hold; they were not mixed.")
        yield total.astype(np.int32)


def splice_movie(
    target: Path,
    old: Path,
    new: Path | None,
    spans: Sequence[FrameRange],
    *,
    frame_rate: Fraction,
    sound: Iterable[Sound],
) -> bool:
    """Writes `old` with the frames of `spans` out of `new`, packet by packet, and with another sound.

    Args:
        new: Holds the frames from the first of `spans` to their last, or all frames of the take. None for no spans.
        spans: Frames from `new`.
        sound: The mix, as `write_movie` wants it.

    Returns:
        True where every other frame is a packet of `old`. False where its codec cannot be cut between frames (H.264):
        then `new`, which must be whole, gives all of them.

    Raises:
        MediaError: the two differ in codec or size, or `new` has other frames than it should.
    """
    av = load_av()
    try:
        with av.open(str(target.absolute()), "w", format="mov") as made:
            made.flags |= av.container.Flags.bitexact.value
            with open_media(old) as kept:
                template = kept.streams.video[0]
                old_frames = [packet for packet in kept.demux(template) if packet.size]
                frames, copied = _chosen(old, new, old_frames, template, spans)
                track = made.add_stream_from_template(template)
                mix = SoundTrack(made, sound, SAMPLE_RATE, "pcm_s24le")
                for index, packet in enumerate(frames):
                    packet.stream, packet.time_base = track, 1 / frame_rate
                    packet.pts = packet.dts = index
                    packet.duration = 1
                    made.mux(packet)
                    mix.write(frame_to_sample(index + 1, frame_rate))
                mix.finish(len(old_frames))
    except av.FFmpegError as exc:
        target.unlink(missing_ok=True)
        raise MediaError(f"{target.name} cannot be written: {reason_of(exc)}. {old.name} is kept.") from exc
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return copied


def _chosen(
    old: Path, new: Path | None, kept: list[Any], template: Any, spans: Sequence[FrameRange]
) -> tuple[list[Any], bool]:
    """The packets of the joined picture, and whether those outside `spans` are the old ones."""
    if new is None or not spans:
        return kept, True
    with open_media(new) as container:
        stream = container.streams.video[0]
        fresh = [packet for packet in container.demux(stream) if packet.size]
        wanted, found = _facts(template), _facts(stream)
    if wanted != found:
        raise MediaError(f"{new.name} is {found}, {old.name} is {wanted}: they cannot be joined. Use the same --media.")
    first, last = spans[0].start, spans[-1].end
    whole = len(fresh) == len(kept)
    if not whole and len(fresh) != last - first:
        raise MediaError(f"{new.name} has {len(fresh)} frames, {last - first} were due. It was not stored.")
    if not all(packet.is_keyframe for packet in (*kept, *fresh)):
        if not whole:
            raise MediaError(f"{old.name} cannot be cut between frames, and {new.name} is not whole.")
        return fresh, spans == [FrameRange(0, len(kept))]
    shift = 0 if whole else first
    return [
        fresh[index - shift] if any(span.holds(index) for span in spans) else packet
        for index, packet in enumerate(kept)
    ], True


def _facts(stream: Any) -> str:
    context = stream.codec_context
    return f"{context.name} {context.width}x{context.height} {context.pix_fmt}"
