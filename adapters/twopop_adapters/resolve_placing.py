"""Puts takes onto a Resolve timeline: placed and read back, all of it or nothing.

What can be asked is asked before anything changes: may the timeline be changed, are the tracks of the clips unlocked,
does the take hold what they show. What Resolve does not do afterwards is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twopop.errors import ConformError, UsageError
from twopop.plan import Bed, Plan, Shot
from twopop.recognise import take_and_role
from twopop.take import Take
from twopop.timebase import FrameRange
from twopop.timeline import Item
from twopop.wire import ROLES, TRACK_NAMES

if TYPE_CHECKING:
    from .resolve_console import Console

PICTURE_TRACK = "TP picture"
COLOR = "Teal"
_PROBE = "twopop: may this timeline be changed?"
READ_ONLY = "Resolve refused: is the project read-only or in use by somebody else? Nothing was changed."


@dataclass
class Placed:
    """What `place` did."""

    timeline: str
    """Name of the timeline it worked on."""
    filled: list[str] = field(default_factory=list[str])
    """Shots and beds that were placed."""
    new_takes: list[str] = field(default_factory=list[str])
    """Shots whose clips got a further take."""
    left: list[str] = field(default_factory=list[str])
    """What was not done, and why."""


Wanted = tuple[Any, Path, int]
"""A clip, the file it shall play, and that file's first frame to be shown."""


class Placing:
    """One placement. On any failure the timeline that was open is open again, and as it was."""

    def __init__(self, console: Console, plan: Plan, takes: dict[str, Take]) -> None:
        self.console, self.plan, self.takes = console, plan, takes
        self.original = self.timeline = console.timeline
        self.start = int(self.original.GetStartFrame())
        self.items = self.items_of()
        self.made: list[Any] = []
        self.added: list[tuple[str, int]] = []
        self.off: list[Any] = []

    def items_of(self) -> list[Any]:
        """Every clip of the timeline it works on."""
        found: list[Any] = []
        for kind in ("video", "audio"):
            for number in range(1, int(self.timeline.GetTrackCount(kind)) + 1):
                found += listed(self.timeline.GetItemListInTrack(kind, number))
        return found

    def placed(self) -> Placed:
        """Does everything there is to do."""
        done = Placed(str(self.original.GetName()))
        there = {take_role(item) for item in self.items} - {("", "")}
        fresh = [s for s in self.plan.shots if s.name in self.takes and not s.filled]
        for shot in fresh:
            if shot.nested or shot.retime:
                done.left.append(f"{shot.name}: it is nested or retimed; use the file way (docs/resolve.md)")
        fresh = [shot for shot in fresh if not (shot.nested or shot.retime)]
        beds = [b for b in self.plan.beds if b.name in self.takes and (b.take, b.role) not in there]
        changed = [s for s in self.plan.shots if s.name in self.takes and s.filled and s.take != s.circled]
        if fresh or beds or changed:
            self.check_writable()
        pairs = [(shot, self.takes[shot.name]) for shot in changed]
        self.wanted(pairs)  # what cannot be switched is said before anything is placed
        if fresh or beds:
            self.fill(fresh, beds, done, first=not there)
        self.switch(pairs)
        done.new_takes += [shot.name for shot in changed]
        return done

    def check_writable(self) -> None:
        """Puts a marker on the timeline and takes it off again.

        Raises:
            UsageError: Resolve refuses: it is read-only, or somebody else works on it.
        """
        taken = {int(frame) for frame in markers_of(self.timeline)}
        frame = next(n for n in range(len(taken) + 1) if n not in taken)
        if not self.timeline.AddMarker(frame, "Blue", "twopop", "", 1, _PROBE):
            raise UsageError(f"{self.timeline.GetName()}: {READ_ONLY}")
        self.timeline.DeleteMarkerByCustomData(_PROBE)

    def fill(self, shots: Sequence[Shot], beds: Sequence[Bed], done: Placed, *, first: bool) -> None:
        """New clips; the first time on a duplicate. All media is imported before anything is placed."""
        media: dict[tuple[str, str], Any] = {}
        for piece in (*shots, *beds):
            for role in self.roles(piece):
                media[piece.name, role] = self.console.media(self.file(piece, role))
        pictured = next((found for (_, role), found in media.items() if role == "picture"), None)
        if pictured is not None:
            self.console.end_frame(pictured, 0, 1)
        if first:
            done.timeline = self.console.free_name(f"{self.original.GetName()} twopop")
            self.timeline = given(self.original.DuplicateTimeline(done.timeline), READ_ONLY)
        self.console.project.SetCurrentTimeline(self.timeline)
        try:
            for piece in (*shots, *beds):
                self.place(piece, media)
                done.filled.append(piece.name)
        except ConformError as exc:
            raise ConformError(f"{exc} {self.taken_back(first=first)}") from exc
        done.left += [f"{item.GetName()}: its hole stays switched on, its track is locked" for item in self.still_on()]

    def taken_back(self, *, first: bool) -> str:
        """Takes everything back that this placement made; says how that went."""
        name = self.original.GetName()
        self.console.project.SetCurrentTimeline(self.original)
        if first:
            self.console.pool.DeleteTimelines([self.timeline])
            return f"{name} is as it was."
        self.console.resolve.OpenPage("edit")  # clips are only deleted there
        removed = not self.made or self.timeline.DeleteClips(self.made, False)
        for item in self.off:
            item.SetClipEnabled(True)
        for kind, number in reversed(self.added):
            if not listed(self.timeline.GetItemListInTrack(kind, number)):
                self.timeline.DeleteTrack(kind, number)
        return f"{name} is as it was." if removed else f"Its clips on {name} could not be taken back: undo in Resolve."

    def still_on(self) -> list[Any]:
        """Holes under our pictures that could not be switched off."""
        return [item for item in self.off if item.GetClipEnabled()]

    def roles(self, piece: Shot | Bed) -> list[str]:
        """Files of a piece's take that go onto tracks."""
        slate = self.takes[piece.name].slate
        if isinstance(piece, Bed):
            return [piece.role]
        under = {b.role for b in self.plan.beds if b.name in self.takes and b.record.overlap(piece.record)}
        silent: set[str] = set() if self.plan.all_stems else {*slate.silent}
        skipped = under | silent
        stems: list[str] = [role for role in ROLES if role in slate.files and role not in skipped]
        return ["picture", *(stems or (["mix"] if "mix" in slate.files and not under else []))]

    def file(self, piece: Shot | Bed, role: str) -> Path:
        """A file of a piece's take."""
        take = self.takes[piece.name]
        return (take.folder / take.slate.files[role].name).absolute()

    def place(self, piece: Shot | Bed, media: dict[tuple[str, str], Any]) -> None:
        """Picture and stems of one piece at its exact record frames, linked; a hole under it is switched off."""
        take = self.takes[piece.name]
        head = piece.record.frames if isinstance(piece, Bed) else 0
        shown = FrameRange(piece.used.start, head) if head else self.shown(piece)
        first = shown.start - take.source_range.start
        made = [self.append(piece, role, media[piece.name, role], first, shown.frames) for role in self.roles(piece)]
        if isinstance(piece, Shot):
            self.take_over(piece, made[0], first)
        if len(made) > 1:
            self.timeline.SetClipsLinked(made, True)
        for item in made if self.console.color else []:
            item.SetClipColor(COLOR)

    def shown(self, piece: Shot | Bed) -> FrameRange:
        """Source frames of a shot without its transitions."""
        clip = self.clip_item(piece)
        trimmed = clip.trimmed if clip else piece.used
        offset = piece.clip_offset_frames if isinstance(piece, Shot) else 0
        return FrameRange(trimmed.start - offset, piece.record.frames)

    def clip_item(self, piece: Shot | Bed) -> Item | None:
        """The clip of a shot in the cut that was planned."""
        if isinstance(piece, Bed):
            return None
        return next((item for item in self.console.read().items if item.path == piece.path), None)

    def append(self, piece: Shot | Bed, role: str, media: Any, first: int, frames: int) -> Any:
        """One clip, placed and read back: the list that Resolve returns is no proof."""
        kind = "video" if role == "picture" else "audio"
        record = self.start + piece.record.start
        number = self.track(kind, role, FrameRange(record, frames))
        info = {
            "mediaPoolItem": media, "startFrame": first, "endFrame": self.console.end_frame(media, first, frames),
            "recordFrame": record, "trackIndex": number, "mediaType": 1 if kind == "video" else 2,
        }  # fmt: skip
        self.console.pool.AppendToTimeline([info])
        for item in listed(self.timeline.GetItemListInTrack(kind, number)):
            if item.GetStart() == record and item.GetDuration() == frames and item.GetLeftOffset() == first:
                self.made.append(item)
                return item
        raise ConformError(
            f"{piece.name}: Resolve did not place its {role} ({frames} frames at {self.plan.cut} frame "
            f"{piece.record.start}). Is the track {self.timeline.GetTrackName(kind, number)} locked?"
        )

    def track(self, kind: str, role: str, span: FrameRange) -> int:
        """A track whose clips are ours, of this role, and that is free there; else a new one, named for its role."""
        name = PICTURE_TRACK if kind == "video" else self.plan.tracks.get(role, TRACK_NAMES.get(role, role))  # pyright: ignore[reportArgumentType]
        for number in range(1, int(self.timeline.GetTrackCount(kind)) + 1):
            items = listed(self.timeline.GetItemListInTrack(kind, number))
            ours = bool(items) and all(take_role(item)[1] == role for item in items)
            free = not any(span.overlap(FrameRange(i.GetStart(), i.GetDuration())) for i in items)
            if ours and free and not self.timeline.GetIsTrackLocked(kind, number):
                return number
        if not self.timeline.AddTrack(kind, "stereo" if kind == "audio" else ""):
            raise ConformError(f"Resolve did not add a track for {name}. {READ_ONLY}")
        number = int(self.timeline.GetTrackCount(kind))
        self.added.append((kind, number))
        self.timeline.SetTrackName(kind, number, name)
        return number

    def take_over(self, shot: Shot, picture: Any, first: int) -> None:
        """The markers of a hole go with the clip that fills it, and the hole is switched off; it stays where it is."""
        record = self.start + shot.record.start
        for number in range(1, int(self.timeline.GetTrackCount("video")) + 1):
            for item in listed(self.timeline.GetItemListInTrack("video", number)):
                hole = not take_role(item)[0] and item.GetStart() == record and item.GetDuration() == shot.record.frames
                if hole:
                    for frame, said in markers_of(item).items():
                        at = first + int(frame) - int(item.GetLeftOffset())
                        said = {key: said.get(key) for key in ("color", "name", "note", "duration", "customData")}
                        picture.AddMarker(
                            at, said["color"], said["name"], said["note"], said["duration"], said["customData"] or ""
                        )
                    item.SetClipEnabled(False)
                    self.off.append(item)

    # ---- later takes ----

    def switch(self, pairs: Sequence[tuple[Shot, Take]]) -> None:
        """Further takes in the selectors of pictures and their stems, and the switch to them: all or none.

        Raises:
            ConformError: a clip shows more than its take holds, or Resolve refused; nothing is changed then.
        """
        before: list[tuple[Any, int, int]] = []
        wanted = self.wanted(pairs)
        media = {path: self.console.media(path) for _, _, clips in wanted for _, path, _ in clips}
        for file in list(media.values())[:1]:
            self.console.end_frame(file, 0, 1)
        for shot, take, clips in wanted:
            for item, path, first in clips:
                before.append((item, int(item.GetTakesCount()), int(item.GetSelectedTakeIndex())))
                if not self.switched(item, media[path], first):
                    _undo(before)
                    raise ConformError(
                        f"Shot {shot.name}: Resolve did not switch its clips to {take.name}. "
                        "Every picture and stem plays the take it played before."
                    )

    def wanted(self, pairs: Sequence[tuple[Shot, Take]]) -> list[tuple[Shot, Take, list[Wanted]]]:
        """Every clip that must be switched, and that it can be: asked before the first one is."""
        clips = [(shot, take, self.clips_of(shot, take)) for shot, take in pairs]
        tracks = dict.fromkeys(tuple(item.GetTrackTypeAndIndex()) for _, _, found in clips for item, _, _ in found)
        locked = [self.original.GetTrackName(*track) for track in tracks if self.original.GetIsTrackLocked(*track)]
        if locked:
            shots = ", ".join(shot.name for shot, _, _ in clips)
            raise ConformError(
                f"Shots {shots}: picture and stems change their take together, and these tracks are locked: "
                f"{', '.join(locked)}. Unlock them and place again. Nothing was changed."
            )
        return clips

    def clips_of(self, shot: Shot, take: Take) -> list[Wanted]:
        """The clips that play the shot's circled take, each with the file of `take` for it."""
        found: list[Wanted] = []
        old = self.console.store.by_name(shot.circled)
        for item in self.items:
            name, role = take_role(item)
            if old is None or name != shot.circled or role not in take.slate.files or not self.belongs(item, shot):
                continue
            first = int(item.GetLeftOffset()) + old.source_range.start - take.source_range.start
            if first < 0 or first + item.GetDuration() > take.slate.frames:
                raise ConformError(
                    f"Shot {shot.name}: its {role} shows more than {take.name} holds. Trim it, or render the shot "
                    "again. Nothing was changed."
                )
            found.append((item, (take.folder / take.slate.files[role].name).absolute(), first))
        if not found:
            raise ConformError(f"Shot {shot.name}: no clip of {shot.circled} is on the timeline. Nothing was changed.")
        return found

    def switched(self, item: Any, media: Any, first: int) -> bool:
        """One clip on a file, by its take selector; False where Resolve did not."""
        index = _take_index(item, media)
        if not index:
            added = item.AddTake(media, first, self.console.end_frame(media, first, int(item.GetDuration())))
            index = int(item.GetTakesCount()) if added else 0
        return bool(index and item.SelectTakeByIndex(index) and item.GetSelectedTakeIndex() == index)

    def belongs(self, item: Any, shot: Shot) -> bool:
        """The shot's own clip or stem, where the same take lies in the cut more than once."""
        record = FrameRange(int(item.GetStart()) - self.start, int(item.GetDuration()))
        return record.overlap(shot.record) is not None


def listed(value: Any) -> list[Any]:
    """A list that Resolve gives, or its None, as a list."""
    return list(value or ())


def markers_of(item: Any) -> dict[Any, dict[str, Any]]:
    """Markers of an item, by frame."""
    return dict(item.GetMarkers() or {})


def _undo(before: Sequence[tuple[Any, int, int]]) -> None:
    """Every clip back on the take it played; takes that were just added are taken off again."""
    for item, count, selected in before:
        if int(item.GetTakesCount()):
            item.SelectTakeByIndex(selected or 1)
            for index in range(int(item.GetTakesCount()), max(count, 1), -1):
                item.DeleteTakeByIndex(index)


def _take_index(item: Any, media: Any) -> int:
    """The number of the take that plays a file; 0 where there is none."""
    path = media.GetClipProperty("File Path")
    for index in range(1, int(item.GetTakesCount()) + 1):
        if item.GetTakeByIndex(index)["mediaPoolItem"].GetClipProperty("File Path") == path:
            return index
    return 0


def take_role(item: Any) -> tuple[str, str]:
    """Take and role of what a clip plays, by its file; ("", "") where it is none of ours."""
    media = item.GetMediaPoolItem()
    name = Path(str(media.GetClipProperty("File Path"))).name if media is not None else ""
    take, role = take_and_role(name)
    return (take, role) if take[-4:-3] == "t" and take[-3:].isdigit() else ("", "")


def given(value: Any, message: str) -> Any:
    """`value`; UsageError with `message` where Resolve gave None."""
    if value is None:
        raise UsageError(message)
    return value
