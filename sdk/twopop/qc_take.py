"""Checks one take: is everything there, does it sound, does it move, and is it in sync where that can be measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .errors import MediaError, TwopopError
from .media.decode import decode_sound
from .media.probe import check_counts, probe
from .media.wav import FULL_SCALE, iter_wav
from .qc_sync import flash_near, onset_near, thumbnails
from .slates import sha256_file
from .take import Take
from .timebase import format_timecode, frame_to_sample, sample_to_frame
from .wire import ROLES, TRACK_NAMES, Finding

if TYPE_CHECKING:
    import numpy as np

    Sound = np.ndarray[Any, np.dtype[np.int32]]

LOUDEST_LUFS = -6.0
_DC = FULL_SCALE // 100
_CLIPPED_RUN = 3
_BLACK, _STILL = 20, 1.0
_SAMPLED_EVENTS = 3
_SOUNDS = (*ROLES, "mix")


def check_take(take: Take, *, deep: bool = False) -> list[Finding]:
    """What is wrong with a take; empty where nothing is.

    Args:
        take: its files must be where its slate says.
        deep: hash every file, decode every frame and sample, and measure every event; otherwise sizes and headers, all
            sound, a few frames and three events.
    """
    check = _TakeCheck(take, deep)
    try:
        check.files()
        for role in _SOUNDS:
            check.sound(role)
        check.asked_sound()
        check.picture()
        check.sync()
        check.mix()
    except MediaError as exc:
        check.say("error", "media_unreadable", str(exc))
    return check.findings


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a stem's samples amount to."""

    peak: int
    mean: float
    clipped_at: int | None
    """First sample of the first run at full scale."""


class _TakeCheck:
    def __init__(self, take: Take, deep: bool) -> None:
        self.take, self.deep = take, deep
        self.request, self.slate = take.slate.request, take.slate
        self.findings: list[Finding] = []
        self.heard: dict[str, _Heard] = {}

    def say(self, level: Literal["info", "warning", "error"], code: str, message: str, frame: int = 0) -> None:
        """Adds a finding about take frame `frame`."""
        timecode = self.timecode(frame)
        text = f"Take {self.take.name}: {message}"
        shot = self.request.shots[0] if self.request.shots else self.slate.shot
        self.findings.append(Finding(level=level, code=code, message=text, shot=shot, timecode=timecode))

    def timecode(self, frame: int) -> str:
        """Timecode of a take frame, as burnt into its files."""
        request = self.request
        number = request.take_timecode_frames + frame
        return format_timecode(number, request.frame_rate, drop_frame=request.drop_frame)

    def path(self, role: str) -> Path | None:
        """The file of a role, where there is one and it is readable as a file."""
        found = self.take.path(role)
        return found if found and found.is_file() else None

    def files(self) -> None:
        """Every file is there, as long as it was, and holds exactly what was asked."""
        for role, record in self.slate.files.items():
            path = self.take.folder / record.name
            if not path.is_file():
                self.say(
                    "error", "take_file_missing", f"{record.name} is missing. Run: twopop render, to make it anew."
                )
                continue
            if path.stat().st_size != record.bytes or (self.deep and sha256_file(path) != record.sha256):
                self.say("error", "take_file_changed", f"{record.name} was changed after it was stored.")
            if role in ("latents", "original"):
                continue
            self.counts(role, path)

    def counts(self, role: str, path: Path) -> None:
        """Frames and samples, by the header or, deep, by decoding."""
        try:
            facts = check_counts(path) if self.deep else probe(path)
        except TwopopError as exc:
            self.say("error", "media_unreadable", str(exc))
            return
        due = [(self.slate.samples, facts.samples, "samples")] if facts.samples or role != "picture" else []
        if role == "picture":
            due.append((self.slate.frames, facts.frames, "frames"))
            if facts.timecode_frames != self.request.take_timecode_frames:
                found = facts.timecode or "none"
                self.say("error", "timecode_differs", f"{path.name} has timecode {found}, not {self.timecode(0)}.")
        for wanted, found, what in due:
            if wanted != found:
                self.say("error", "wrong_length", f"{path.name} holds {found} {what}, {wanted} are due.")

    def sound(self, role: str) -> None:
        """Clipping, DC, loudness of one stem."""
        path = self.path(role)
        if path is None:
            return
        heard = self.heard[role] = _listen(path)
        name = TRACK_NAMES[role]
        if heard.clipped_at is not None:
            frame = sample_to_frame(heard.clipped_at, self.request.frame_rate, self.request.sample_rate)
            where = self.timecode(frame)
            self.say("warning", "clipping", f"{name} clips, first at {where}. Turn it down or make a retake.", frame)
        if abs(heard.mean) > _DC:
            percent = 100 * heard.mean / FULL_SCALE
            self.say("warning", "dc_offset", f"{name} has a DC offset of {percent:.1f} %. Filter it below 20 Hz.")
        loudness = self.slate.loudness.get(role, -70.0)
        if loudness > LOUDEST_LUFS:
            self.say("warning", "too_loud", f"{name} measures {loudness:.1f} LUFS; speech is mixed near -27 to -16.")

    def asked_sound(self) -> None:
        """A role that was asked for in the take's range must not be silent."""
        brief, made = self.request.brief, self.request.generated
        if not brief.sound:
            return
        asked = {"dialogue" for line in brief.lines if made.holds(line.at_frames)}
        asked |= {str(cue.role) for cue in brief.cues if made.holds(cue.at_frames) and not cue.hit}
        if self.request.kind == "bed" and self.request.role:
            asked.add(self.request.role)
        silent = {role for role, heard in self.heard.items() if heard.peak == 0}
        if self.heard and silent == set(self.heard) and (asked or "mix" in silent):
            level = "error" if asked else "warning"
            self.say(level, "silent_take", "it is silent, and silence was not asked for. Render it with another SEED.")
            return
        for role in sorted(asked & silent):
            self.say("warning", "silent_stem", f"{TRACK_NAMES[role]} is silent, and its sound was asked for.")

    def picture(self) -> None:
        """Something is to be seen, and it changes."""
        path = self.path("picture")
        if path is None:
            return
        count = self.slate.frames
        sampled = None if self.deep else sorted({count * part // 7 for part in range(7)} - set(self.slate.events))
        first, seen, still, brightest, longest = None, 0, 0, 0, 0
        for frame in thumbnails(path, sampled):
            picture = frame.astype("int16")
            brightest = max(brightest, int(picture.max()))
            still = still + 1 if first is not None and float(abs(picture - first).max()) <= _STILL else 0
            first = first if still else picture
            longest, seen = max(longest, still), seen + 1
        if brightest <= _BLACK:
            self.say("warning", "black_picture", "its picture is black.")
        elif seen > 2 and longest >= seen - 1:
            self.say("warning", "stuck_picture", "its picture does not change. If that is not meant, make a retake.")

    def sync(self) -> None:
        """Known events: the flash on its frame, every tone on the first sample of that frame."""
        events = self.slate.events
        if not self.deep and len(events) > _SAMPLED_EVENTS:
            events = (events[0], events[len(events) // 2], events[-1])
        picture = self.path("picture")
        for event in events:
            if picture is not None:
                self.offset("flash", flash_near(picture, event), event, event, "frame")
            due = frame_to_sample(event, self.request.frame_rate, self.request.sample_rate)
            for role, heard in self.heard.items():
                if heard.peak and (path := self.path(role)):
                    found = onset_near(path, due, self.request.sample_rate)
                    self.offset(f"{TRACK_NAMES[role]} tone", found, due, event, "sample")

    def offset(self, what: str, found: int | None, due: int, event: int, unit: str) -> None:
        """A finding where an event is not where it belongs."""
        if found is None:
            self.say("error", "sync_lost", f"the {what} of {self.timecode(event)} was not found.", event)
        elif found != due:
            late = f"{count_of(abs(found - due), unit)} {'late' if found > due else 'early'}"
            self.say("error", "sync_offset", f"the {what} of {self.timecode(event)} is {late}.", event)

    def mix(self) -> None:
        """Deep: the movie's sound is the sum of the stems, within one step of 24 bits."""
        picture, stems = self.path("picture"), [path for role in ROLES if (path := self.path(role))]
        if not (self.deep and picture and len(stems) == len(ROLES)):
            return
        import numpy as np

        rate, at = self.request.sample_rate, 0
        for mixed in decode_sound(picture):
            parts = [np.concatenate(list(iter_wav(path, start=at, samples=len(mixed)))) for path in stems]
            if any(len(part) != len(mixed) for part in parts) or np.abs(sum(parts) - mixed).max(initial=0) > 1:
                frame = sample_to_frame(at, self.request.frame_rate, rate)
                self.say("warning", "mix_differs", f"near {self.timecode(frame)} the mix is not the sum of its stems.")
                return
            at += len(mixed)


def count_of(number: int, unit: str) -> str:
    """ "1 frame", "2 frames"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _listen(path: Path) -> _Heard:
    """Reads a stem once."""
    import numpy as np

    peak, total, count, clipped_at = 0, 0, 0, None
    for block in iter_wav(path):
        level = np.abs(block).max(axis=1)
        peak = max(peak, int(level.max(initial=0)))
        total += int(block.sum(dtype=np.int64))
        if clipped_at is None and peak >= FULL_SCALE - 1:
            full = np.convolve(level >= FULL_SCALE - 1, np.ones(_CLIPPED_RUN, int), "valid") == _CLIPPED_RUN
            clipped_at = count + int(np.argmax(full)) if full.any() else None
        count += len(block)
    return _Heard(peak, total / max(1, count * 2), clipped_at)
