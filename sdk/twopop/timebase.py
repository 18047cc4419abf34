"""Exact time: frame rates, frame and sample boundaries, clocks, timecode, model grids.

No other module does time arithmetic. Rates are `Fraction`; OpenTimelineIO's floats are converted here, at the border.

Four clocks, and every range in twopop names its own:

    cut     frames of the timeline, 0 = its first frame (`global_start_time` not added)
    source  frames of a hole's own media space: where editors trim, where clip markers live
    shot    0 = the first frame of the shot's cut range
    take    0 = the first generated frame

Frame boundary k of a clock is sample `ceil(k * sample_rate / frame_rate)`. Lengths are differences of boundaries,
never sums of rounded lengths, so nothing drifts.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from .errors import TimelineError, UsageError

SAMPLE_RATE = 48_000
"""Samples a second of all sound twopop writes."""

_LOWEST, _HIGHEST = Fraction(1), Fraction(1_000)
_NTSC = Fraction(1000, 1001)
_TIMECODE = re.compile(r"(-?)(\d{1,2}):(\d{2}):(\d{2})([:;.])(\d{2,3})$")


class FrameRange(NamedTuple):
    """A run of frames: `start`, `frames`; the clock is named where it is used."""

    start: int
    frames: int

    @property
    def end(self) -> int:
        """First frame after the range."""
        return self.start + self.frames

    def shifted(self, by_frames: int) -> FrameRange:
        """The same length, `by_frames` later."""
        return FrameRange(self.start + by_frames, self.frames)

    def widened(self, head_frames: int, tail_frames: int) -> FrameRange:
        """Grown (or, negative, shrunk) at both ends."""
        return FrameRange(self.start - head_frames, self.frames + head_frames + tail_frames)

    def covers(self, other: FrameRange) -> bool:
        """True where every frame of `other` is in this range."""
        return self.start <= other.start and other.end <= self.end

    def holds(self, frame: int) -> bool:
        """True where `frame` is in the range."""
        return self.start <= frame < self.end

    def overlap(self, other: FrameRange) -> FrameRange | None:
        """The frames both have, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return FrameRange(start, end - start) if end > start else None

    def hull(self, other: FrameRange) -> FrameRange:
        """The smallest range that covers both."""
        start, end = min(self.start, other.start), max(self.end, other.end)
        return FrameRange(start, end - start)


class FrameGrid(NamedTuple):
    """The lengths a model accepts: `step * k + offset` frames, at least `minimum`, at most `maximum` (0 = no limit)."""

    step: int = 1
    offset: int = 0
    minimum: int = 1
    maximum: int = 0

    def at_least(self, frames: int) -> int:
        """The shortest legal length that holds `frames`; UsageError where none does."""
        wanted = max(frames, self.minimum, 1)
        steps = max(0, -(-(wanted - self.offset) // self.step))
        legal = self.step * steps + self.offset
        if self.maximum and legal > self.maximum:
            raise UsageError(f"{frames} frames are more than the longest legal length, {self.at_most(self.maximum)}.")
        return legal

    def at_most(self, frames: int) -> int:
        """The longest legal length within `frames`; 0 where none fits."""
        limit = min(frames, self.maximum) if self.maximum else frames
        legal = (limit - self.offset) // self.step * self.step + self.offset
        return legal if legal >= max(self.minimum, 1) else 0


def snap_frame_rate(value: Fraction | float | int | str) -> Fraction:
    """The exact rate meant by `value`: NTSC decimals snap, 23.976 and "23.98" are 24000/1001.

    Args:
        value: frames a second, 1 to 1000, as number or text ("24000/1001", "23.976").

    Raises:
        TimelineError: not a number, not finite, or outside 1 to 1000.
    """
    try:
        rate = Fraction(value)
    except (ValueError, OverflowError, ZeroDivisionError, TypeError) as exc:
        raise TimelineError(f"Frame rate {value!r} is not a number. Use one like 24, 25 or 24000/1001.") from exc
    nearest = Fraction(round(rate)) if rate >= 1 else rate
    if abs(rate - nearest) <= Fraction(1, 2000):
        rate = nearest
    else:
        whole = Fraction(math.ceil(rate))
        if abs(rate - whole * _NTSC) <= Fraction(6, 1000):
            rate = whole * _NTSC
        elif rate.denominator > 100_000:
            rate = rate.limit_denominator(10_000)
    if not _LOWEST <= rate <= _HIGHEST:
        raise TimelineError(f"Frame rate {value} is outside 1 to 1000 frames a second.")
    return rate


def rate_text(frame_rate: Fraction) -> str:
    """`24`, `24000/1001`: the form written to JSON."""
    return str(frame_rate)


def nominal_rate(frame_rate: Fraction) -> int:
    """Frames a timecode second counts: 24 for 24000/1001."""
    return math.ceil(frame_rate)


def is_drop_rate(frame_rate: Fraction) -> bool:
    """True for the rates that have a drop-frame timecode: 29.97, 59.94 (and 119.88)."""
    return frame_rate.denominator == 1001 and nominal_rate(frame_rate) % 30 == 0


def frame_to_sample(frame: int, frame_rate: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """The sample at frame boundary `frame`, counted from the same origin (any clock)."""
    return -(-frame * sample_rate * frame_rate.denominator // frame_rate.numerator)


def sample_to_frame(sample: int, frame_rate: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """The frame that sounds at `sample` (same origin, any clock)."""
    return sample * frame_rate.numerator // (sample_rate * frame_rate.denominator)


def samples_in(frames: FrameRange, frame_rate: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """Samples from the first boundary of `frames` to its last, in the clock of `frames`."""
    return frame_to_sample(frames.end, frame_rate, sample_rate) - frame_to_sample(frames.start, frame_rate, sample_rate)


def seconds_to_frames(seconds: Fraction | float, frame_rate: Fraction) -> int:
    """Nearest frame boundary; halves go up."""
    return math.floor(Fraction(seconds) * frame_rate + Fraction(1, 2))


def frames_to_seconds(frames: int, frame_rate: Fraction) -> Fraction:
    """Exact seconds of a frame count."""
    return Fraction(frames) / frame_rate


Frames = int | Fraction
"""A time in frames: an int where it is whole, for speed; a Fraction where it is not."""


def rescale(value: float | int | Fraction, from_rate: float | Fraction, to_rate: Fraction) -> Frames:
    """A time of `value` units at `from_rate`, in units of `to_rate`, exactly (NTSC floats snapped first)."""
    source = from_rate if isinstance(from_rate, Fraction) else exact_rate(from_rate)
    if source != to_rate:
        return Fraction(value) * to_rate / source
    whole = int(value)
    return whole if whole == value else Fraction(value)


@lru_cache(maxsize=256)
def exact_rate(value: float | int) -> Fraction:
    """An OpenTimelineIO rate (frames or samples a second, up to 1e6) as a Fraction; NTSC decimals snap."""
    if isinstance(value, int) or value.is_integer():
        return Fraction(int(value))
    return snap_frame_rate(value) if 1 <= value <= 1000 else Fraction(value).limit_denominator(100_000)


def nearest_frame(value: Frames) -> int:
    """Nearest whole frame; halves go up."""
    if isinstance(value, int):
        return value
    return math.floor(value + Fraction(1, 2))


def format_timecode(frame: int, frame_rate: Fraction, *, drop_frame: bool = False) -> str:
    """SMPTE timecode of frame number `frame` (0 = 00:00:00:00); `;` before the frames where drop-frame."""
    nominal, count = nominal_rate(frame_rate), abs(frame)
    drop = drop_frame and is_drop_rate(frame_rate)
    if drop:
        count = _drop_to_label(count, nominal)
    seconds, frames = divmod(count, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    digits = len(str(nominal - 1)) if nominal > 10 else 2
    sign = "-" if frame < 0 else ""
    return f"{sign}{hours % 24:02d}:{minutes:02d}:{seconds:02d}{';' if drop else ':'}{frames:0{digits}d}"


def parse_timecode(text: str, frame_rate: Fraction) -> int:
    """The frame number of a timecode; `;` or `.` before the frames means drop-frame where the rate has one.

    Raises:
        TimelineError: not a timecode, or a label that does not exist at this rate.
    """
    found = _TIMECODE.match(text.strip())
    if not found:
        raise TimelineError(f"{text!r} is not a timecode. Write it as 01:00:12:05 (HH:MM:SS:FF).")
    nominal = nominal_rate(frame_rate)
    hours, minutes, seconds, frames = (int(found[i]) for i in (2, 3, 4, 6))
    if minutes > 59 or seconds > 59 or frames >= nominal:
        raise TimelineError(f"Timecode {text} does not exist at {frame_rate} frames a second.")
    number = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
    if found[5] in ";." and is_drop_rate(frame_rate):
        dropped = nominal // 15
        if minutes % 10 and seconds == 0 and frames < dropped:
            raise TimelineError(
                f"Drop-frame timecode {text} does not exist: frames 0 to {dropped - 1} are dropped there."
            )
        total_minutes = hours * 60 + minutes
        number -= dropped * (total_minutes - total_minutes // 10)
    return -number if found[1] else number


def _drop_to_label(count: int, nominal: int) -> int:
    """Frame number -> the number whose plain label is the drop-frame label."""
    dropped = nominal // 15
    per_minute, per_ten = nominal * 60 - dropped, nominal * 600 - dropped * 9
    tens, rest = divmod(count, per_ten)
    extra = 0 if rest < nominal * 60 else dropped * ((rest - nominal * 60) // per_minute + 1)
    return count + tens * dropped * 9 + extra
