"""The sound of a preview: every audio track summed, each clip on its exact sample."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .errors import MediaError
from .flatten import Entry, lanes_of
from .footage import Footage, footage_of
from .media.decode import decode_sound
from .media.wav import FULL_SCALE
from .timebase import SAMPLE_RATE, frame_to_sample
from .timeline import Cut, Item
from .wire import Finding, Level

if TYPE_CHECKING:
    import numpy as np

    Sound = np.ndarray[Any, np.dtype[np.int32]]
    Samples = np.ndarray[Any, np.dtype[np.float64]]

_POP_HERTZ, _POP_LEVEL = 1000, 10 ** (-20 / 20)
_BLOCK = SAMPLE_RATE


class PreviewSound:
    """Mixes a cut in rising time. Memory: a second of every clip that sounds."""

    def __init__(self, cut: Cut, leader_frames: int) -> None:
        self.findings: list[Finding] = []
        self._cut, self._leader = cut, leader_frames
        self._rate = cut.frame_rate
        self._waiting = sorted(self._voices(), key=lambda voice: -voice.start)
        self._clipped = 0

    def blocks(self) -> Iterator[Sound]:
        """int32 `(samples, 2)` blocks, 24-bit values: leader with its pop, then the whole cut."""
        import numpy as np

        total = frame_to_sample(self._leader + self._cut.duration_frames, self._rate)
        playing: list[_Voice] = []
        for at in range(0, total, _BLOCK):
            mix = np.zeros((min(_BLOCK, total - at), 2))
            while self._waiting and self._waiting[-1].start < at + len(mix):
                playing.append(self._waiting.pop())
            for voice in playing:
                self._add(mix, at, voice)
            playing = [voice for voice in playing if voice.end > at + len(mix)]
            if self._leader and at == 0:
                self._pop(mix)
            self._clipped += int(np.count_nonzero(np.abs(mix) > FULL_SCALE - 1))
            yield np.rint(np.clip(mix, -FULL_SCALE, FULL_SCALE - 1)).astype(np.int32)
        if self._clipped:
            message = f"The sum of all tracks clips in {self._clipped} samples of the preview. Turn tracks down."
            self.findings.append(Finding(level="info", code="preview_clips", message=message))

    def _voices(self) -> Iterator[_Voice]:
        for lane in lanes_of(self._cut, "Audio"):
            for entry in lane.entries:
                if entry.plays and (voice := self._voice(entry)):
                    yield voice

    def _voice(self, entry: Entry) -> _Voice | None:
        try:
            footage = footage_of(self._cut, entry.item)
        except MediaError as exc:
            self._say(entry.item, "warning", "missing_media", str(exc))
            return None
        if not footage.facts.sample_rate:
            return None
        if footage.speed <= 0 or entry.item.retimed_nest:
            self._say(entry.item, "info", "sound_left_out", "frozen, reversed or in a retimed nest: not heard here.")
            return None
        begin, end = (self._sample(frame) for frame in (entry.shown.start, entry.shown.end))
        first = footage.first - footage.head_frames * footage.speed
        fades = tuple((self._sample(fade.start), self._sample(fade.end)) for fade in (entry.fade_in, entry.fade_out))
        source = math.ceil(first * SAMPLE_RATE / self._rate)
        return _Voice(footage, begin, end, source, fades[0], fades[1])

    def _sample(self, frame: int) -> int:
        """The sample of the preview at a boundary of the cut."""
        return frame_to_sample(frame + self._leader, self._rate)

    def _add(self, mix: Samples, at: int, voice: _Voice) -> None:
        begin, end = max(at, voice.start), min(at + len(mix), voice.end)
        if begin >= end:
            return
        try:
            part = voice.read(end - begin)
        except MediaError as exc:
            self._say(voice.footage.item, "warning", "media_unreadable", str(exc))
            voice.end = begin
            return
        mix[begin - at : begin - at + len(part)] += part * voice.gain(begin, len(part))

    def _pop(self, mix: Samples) -> None:
        """The 2-pop: one frame of 1 kHz at -20 dBFS on the leader's first frame."""
        import numpy as np

        length = min(frame_to_sample(1, self._rate), len(mix))
        tone = np.cos(2 * math.pi * _POP_HERTZ * np.arange(length) / SAMPLE_RATE)
        mix[:length] += (tone * _POP_LEVEL * FULL_SCALE)[:, None]

    def _say(self, item: Item, level: Level, code: str, message: str) -> None:
        name, timecode = str(item.ours.get("name") or item.name), self._cut.timecode(item.record.start)
        said = message if level == "warning" else f"{name} ({timecode}): {message}"
        finding = Finding(level=level, code=code, message=said, shot=name, timecode=timecode)
        if finding not in self.findings:
            self.findings.append(finding)


@dataclass(slots=True)
class _Voice:
    """One clip that sounds from sample `start` to `end` of the preview, read from sample `source` of its file."""

    footage: Footage
    start: int
    end: int
    source: int
    fade_in: tuple[int, int]
    """Samples of the preview between which it comes in; equal where it just begins."""
    fade_out: tuple[int, int]
    _blocks: Iterator[Sound] | None = None
    _rest: list[Sound] = field(default_factory=list["Sound"])
    _phase: Fraction = Fraction(0)
    """At another speed: how far between two samples of the file the next block begins."""

    def read(self, samples: int) -> Samples:
        """The next `samples` of it; zeros before its media begins, fewer where it has ended."""
        import numpy as np

        if self.footage.speed != 1:
            return self._stretched(samples)
        lead = np.zeros((max(0, min(samples, -self.source)), 2))
        self.source += len(lead)
        return np.concatenate([lead, self._take(samples - len(lead))])

    def gain(self, begin: int, samples: int) -> Any:
        """Linear fades at samples `begin` ... of the preview, `(samples, 1)`, or 1."""
        import numpy as np

        gain: Any = 1.0
        at = np.arange(begin, begin + samples)[:, None]
        for (first, last), rising in ((self.fade_in, True), (self.fade_out, False)):
            if last > first and begin < last and begin + samples > first:
                slope = np.clip((at - first) / (last - first), 0.0, 1.0)
                gain = gain * (slope if rising else 1 - slope)
        return gain

    def _take(self, samples: int) -> Any:
        """The next `samples` of the file, fewer at its end."""
        import numpy as np

        if self._blocks is None:
            self._blocks = decode_sound(self.footage.path, start=max(0, self.source))
        held = sum(len(part) for part in self._rest)
        while held < samples and (block := next(self._blocks, None)) is not None:
            self._rest.append(block)
            held += len(block)
        whole = np.concatenate([np.zeros((0, 2), np.int32), *self._rest])
        self._rest = [whole[samples:]]
        return whole[:samples]

    def _stretched(self, samples: int) -> Samples:
        """Sound at another speed, pitch and all, as tape does it."""
        import numpy as np

        speed: Fraction = self.footage.speed
        end = self._phase + samples * speed
        part = np.concatenate([self._take(math.ceil(end) + 1), np.zeros((1, 2), np.int32)])
        at = float(self._phase) + np.arange(samples) * float(speed)
        # What the next block begins with is put back.
        self._rest = [part[math.floor(end) : -1], *self._rest]
        self._phase = end % 1
        return np.stack([np.interp(at, np.arange(len(part)), part[:, side], right=0.0) for side in range(2)], axis=1)
