"""A strict fake of DaVinci Resolve's scripting objects: as silent about failures as others measured the real ones.

Failure is None or False, never an exception; every attribute "exists" (`dir` tells the truth); `EXPORT_*` are live
values; the earlier of two overlapping clips wins; timeline names are unique; nothing finds a timeline by its name.
It is a fake: a script that passes here has not yet met Resolve.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from .document import clip_node, gap_node, range_node, reference_node, time_node, track_node
from .timebase import FrameRange, format_timecode, nearest_frame, nominal_rate

COLORS = (
    "Orange", "Apricot", "Yellow", "Lime", "Olive", "Green", "Teal", "Navy", "Blue", "Purple", "Violet", "Pink", "Tan",
    "Beige", "Brown", "Chocolate",
)  # fmt: skip
"""The only names `SetClipColor` takes."""


class _Strict:
    """Every attribute exists and is None where Resolve has no such method: calling it raises TypeError."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return None


@dataclass(eq=False)
class Rules:
    """How this Resolve behaves."""

    product: str = "DaVinci Resolve Studio"
    version: tuple[int, int, int, int, str] = (21, 1, 0, 12, "")
    exclusive_end: bool = True
    """`endFrame` is the frame after the last (21.0); False as the guide of 19.1.3 says."""
    locked: frozenset[str] = frozenset()
    """Names of tracks that are locked."""
    read_only: bool = False
    """Nothing can be duplicated, added or changed."""
    unreadable: frozenset[str] = frozenset()
    """File names that `ImportMedia` leaves out without a word."""
    drop_appends: int = 0
    """That many appends after the first few are lost in silence."""
    ids: Any = field(default_factory=itertools.count)


class Markers(_Strict):
    """Markers of a timeline, an item or a file: frame -> what it says."""

    def __init__(self) -> None:
        self._markers: dict[float, dict[str, Any]] = {}

    def AddMarker(self, frame: float, color: str, name: str, note: str, duration: float, data: str = "") -> bool:
        """False where there is one already."""
        if float(frame) in self._markers:
            return False
        said = {"color": color, "duration": duration, "note": note, "name": name, "customData": data}
        self._markers[float(frame)] = said
        return True

    def GetMarkers(self) -> dict[float, dict[str, Any]]:
        """All, by frame as a float."""
        return {frame: dict(said) for frame, said in self._markers.items()}


class PoolItem(Markers):
    """A file of the media pool."""

    def __init__(self, path: Path, frames: int, start: int, rate: Fraction, sound_only: bool) -> None:
        super().__init__()
        self._path, self._frames, self._start, self._rate, self._sound_only = path, frames, start, rate, sound_only

    def GetName(self) -> str:
        """Its file name."""
        return self._path.name

    def GetClipProperty(self, name: str) -> str:
        """Text, always; "" for what there is not."""
        timecode = format_timecode(self._start, self._rate)
        return {"File Path": str(self._path), "Frames": str(self._frames), "Start TC": timecode}.get(name, "")


class TimelineItem(Markers):
    """A clip on a track. `_first` is its first media frame, 0 = the file's."""

    def __init__(
        self, timeline: Timeline, kind: str, name: str, start: int, frames: int, media: PoolItem | None
    ) -> None:
        super().__init__()
        self._timeline, self._kind, self._name = timeline, kind, name
        self._start, self._frames, self._media, self._first = start, frames, media, 0
        self._takes: list[tuple[PoolItem, int, int]] = []
        self._selected, self._enabled, self._color = 0, True, ""
        self._links: list[TimelineItem] = []
        self._id = f"item-{next(timeline.rules.ids)}"

    def GetName(self) -> str:
        """What the clip is called."""
        return self._name

    def GetUniqueId(self) -> str:
        """Its id."""
        return self._id

    def GetStart(self) -> int:
        """Record frame, timecode counted."""
        return self._start

    def GetEnd(self) -> int:
        """The record frame after it."""
        return self._start + self._frames

    def GetDuration(self) -> int:
        """Frames."""
        return self._frames

    def GetLeftOffset(self) -> int:
        """Media frames before its first."""
        return self._first

    def GetMediaPoolItem(self) -> PoolItem | None:
        """Its file; None for a generator."""
        return self._media

    def GetTrackTypeAndIndex(self) -> list[Any]:
        """[kind, number from 1]."""
        tracks = self._timeline.tracks[self._kind]
        return [self._kind, next(n for n, track in enumerate(tracks, 1) if self in track.items)]

    def GetLinkedItems(self) -> list[TimelineItem]:
        """What moves with it."""
        return list(self._links)

    def SetClipColor(self, name: str) -> bool:
        """False for a name Resolve has not."""
        if name not in COLORS:
            return False
        self._color = name
        return True

    def GetClipColor(self) -> str:
        """Its colour, or ""."""
        return self._color

    def SetClipEnabled(self, enabled: bool) -> bool:
        """Switches it on or off."""
        self._enabled = enabled
        return True

    def GetClipEnabled(self) -> bool:
        """Whether it is on."""
        return self._enabled

    def AddTake(self, media: PoolItem, start: int = 0, end: int = 0) -> bool:
        """A further take; the first call makes the clip's own source take 1. The selection stays."""
        locked = self._timeline.track_of(self).name in self._timeline.rules.locked
        if self._media is None or locked or self._timeline.rules.read_only:
            return False
        if not self._takes:
            self._takes, self._selected = [(self._media, self._first, self._first + self._frames)], 1
        self._takes.append((media, start, end))
        return True

    def GetTakesCount(self) -> int:
        """0 where it is no take selector."""
        return len(self._takes)

    def GetSelectedTakeIndex(self) -> int:
        """0 = none."""
        return self._selected

    def GetTakeByIndex(self, index: int) -> dict[str, Any] | None:
        """One take, from 1."""
        if not 1 <= index <= len(self._takes):
            return None
        media, start, end = self._takes[index - 1]
        return {"mediaPoolItem": media, "startFrame": start, "endFrame": end}

    def SelectTakeByIndex(self, index: int) -> bool:
        """Plays a take in place."""
        if not 1 <= index <= len(self._takes):
            return False
        self._selected = index
        self._media, self._first, _ = self._takes[index - 1]
        return True

    def DeleteTakeByIndex(self, index: int) -> bool:
        """Takes a take off; not the selected one."""
        if not 1 <= index <= len(self._takes) or index == self._selected:
            return False
        del self._takes[index - 1]
        return True


@dataclass(eq=False)
class Track:
    """One track."""

    name: str
    items: list[TimelineItem] = field(default_factory=list[TimelineItem])


class Timeline(Markers):
    """A timeline. `hole` puts a generator on it, as an editor would."""

    def __init__(self, project: Project, name: str) -> None:
        super().__init__()
        self.project, self.rules, self.name = project, project.rules, name
        self.tracks: dict[str, list[Track]] = {"video": [Track("Video 1")], "audio": [Track("Audio 1")]}
        self.start = 3600 * nominal_rate(project.rate)
        self.playhead: TimelineItem | None = None

    def hole(self, name: str, at: int, frames: int, *markers: str, track: int = 1) -> TimelineItem:
        """A solid colour of `frames` at cut frame `at`, one marker a text on its first frames."""
        item = TimelineItem(self, "video", name, self.start + at, frames, None)
        for number, text in enumerate(markers):
            item.AddMarker(number, "Blue", text, "", 1)
        self.tracks["video"][track - 1].items.append(item)
        return item

    def track_of(self, item: TimelineItem) -> Track:
        """The track an item lies on."""
        return next(track for tracks in self.tracks.values() for track in tracks if item in track.items)

    def GetName(self) -> str:
        """Its name."""
        return self.name

    def SetName(self, name: str) -> bool:
        """False where another has it."""
        if self.project.named(name):
            return False
        self.name = name
        return True

    def GetStartFrame(self) -> int:
        """Timecode of its first frame, as a frame number."""
        return self.start

    def GetStartTimecode(self) -> str:
        """The same as text."""
        return format_timecode(self.start, self.project.rate)

    def GetTrackCount(self, kind: str) -> int:
        """Tracks of a kind."""
        return len(self.tracks.get(kind, []))

    def GetTrackName(self, kind: str, number: int) -> str | None:
        """None where there is no such track."""
        return self.tracks[kind][number - 1].name if 1 <= number <= len(self.tracks.get(kind, [])) else None

    def SetTrackName(self, kind: str, number: int, name: str) -> bool:
        """Names a track."""
        if not 1 <= number <= len(self.tracks.get(kind, [])):
            return False
        self.tracks[kind][number - 1].name = name
        return True

    def GetIsTrackLocked(self, kind: str, number: int) -> bool:
        """Whether it is locked."""
        return self.GetTrackName(kind, number) in self.rules.locked

    def AddTrack(self, kind: str, _options: Any = None) -> bool:
        """A new track above (video) or below (audio)."""
        if self.rules.read_only or kind not in self.tracks:
            return False
        self.tracks[kind].append(Track(f"{kind.capitalize()} {len(self.tracks[kind]) + 1}"))
        return True

    def GetItemListInTrack(self, kind: str, number: int) -> list[TimelineItem] | None:
        """In record order; None where there is no such track."""
        if self.GetTrackName(kind, number) is None:
            return None
        return sorted(self.tracks[kind][number - 1].items, key=_start_of)

    def GetCurrentVideoItem(self) -> TimelineItem | None:
        """The clip under the playhead."""
        return self.playhead

    def SetClipsLinked(self, items: Sequence[TimelineItem], linked: bool) -> bool:
        """Links or unlinks."""
        for item in items:
            item._links = [other for other in items if other is not item] if linked else []  # pyright: ignore[reportPrivateUsage]
        return True

    def DuplicateTimeline(self, name: str = "") -> Timeline | None:
        """A copy under a new name; None where the name is taken."""
        if self.rules.read_only or not name or self.project.named(name):
            return None
        copy = Timeline(self.project, name)
        copy.start, copy._markers = self.start, self.GetMarkers()
        copy.tracks = {kind: [Track(track.name) for track in tracks] for kind, tracks in self.tracks.items()}
        for kind, tracks in self.tracks.items():
            for old, new in zip(tracks, copy.tracks[kind], strict=True):
                new.items = [_copied(item, copy) for item in old.items]
        self.project.timelines.append(copy)
        return copy

    def Export(self, path: str, kind: Any, subtype: Any = None) -> bool:
        """Writes .otio; False, and no file, for anything but the live enum values."""
        live = self.project.resolve
        if kind is not live.EXPORT_OTIO or subtype is not live.EXPORT_NONE:
            return False
        Path(path).write_text(json.dumps(_exported(self)), encoding="utf-8")
        return True


def _start_of(item: TimelineItem) -> int:
    return item.GetStart()


def _copied(item: TimelineItem, timeline: Timeline) -> TimelineItem:
    new = TimelineItem(timeline, item._kind, item._name, item._start, item._frames, item._media)  # pyright: ignore[reportPrivateUsage]
    for name in ("_first", "_selected", "_enabled", "_color"):
        setattr(new, name, getattr(item, name))
    new._takes, new._markers = list(item._takes), item.GetMarkers()  # pyright: ignore[reportPrivateUsage]
    return new


class Folder(_Strict):
    """A bin."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._folders: list[Folder] = []
        self._clips: list[PoolItem] = []

    def GetName(self) -> str:
        """Its name."""
        return self._name

    def GetSubFolderList(self) -> list[Folder]:
        """Bins in it."""
        return list(self._folders)

    def GetClipList(self) -> list[PoolItem]:
        """Files in it."""
        return list(self._clips)


class MediaPool(_Strict):
    """The media pool; files go into the current bin."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._root = self._current = Folder("Master")

    def GetRootFolder(self) -> Folder:
        """The bin of all bins."""
        return self._root

    def GetCurrentFolder(self) -> Folder:
        """Where media goes."""
        return self._current

    def SetCurrentFolder(self, folder: Folder) -> bool:
        """Where media goes from now on."""
        self._current = folder
        return True

    def AddSubFolder(self, folder: Folder, name: str) -> Folder | None:
        """None where there is one of that name."""
        if any(inner.GetName() == name for inner in folder.GetSubFolderList()):
            return None
        folder._folders.append(Folder(name))  # pyright: ignore[reportPrivateUsage]
        return folder.GetSubFolderList()[-1]

    def ImportMedia(self, paths: Sequence[str]) -> list[PoolItem]:
        """What could be read; the rest is left out without a word."""
        found: list[PoolItem] = []
        for text in paths:
            path = Path(text)
            if path.is_file() and path.name not in self._project.rules.unreadable:
                found.append(_pool_item(path, self._project.rate))
        self._current._clips += found  # pyright: ignore[reportPrivateUsage]
        return found

    def CreateEmptyTimeline(self, name: str) -> Timeline | None:
        """A new timeline, current at once; None where the name is taken."""
        if self._project.rules.read_only or self._project.named(name):
            return None
        self._project.timelines.append(Timeline(self._project, name))
        self._project.current = self._project.timelines[-1]
        return self._project.current

    def DeleteTimelines(self, timelines: Sequence[Timeline]) -> bool:
        """Removes timelines."""
        self._project.timelines = [one for one in self._project.timelines if one not in timelines]
        return True

    def ImportTimelineFromFile(self, path: str, options: dict[str, Any]) -> Timeline | None:
        """None, without a reason, for a name that is taken or a file that is not there."""
        name = str(options.get("timelineName", ""))
        if not name or not Path(path).is_file():
            return None
        return self.CreateEmptyTimeline(name)

    def AppendToTimeline(self, infos: Sequence[dict[str, Any]]) -> list[TimelineItem]:
        """Appends; a clip where another lies already is dropped. The returned list is no proof."""
        timeline = self._project.current
        made: list[TimelineItem] = []
        for info in infos:
            if timeline is None or self._project.rules.read_only:
                break
            kind = "video" if info["mediaType"] == 1 else "audio"
            item = self._appended(timeline, kind, info)
            made.append(item)
            if self._project.rules.drop_appends and len(timeline.tracks["audio"]) > 1:
                self._project.rules.drop_appends -= 1
                continue
            self._put(timeline, kind, int(info["trackIndex"]), item)
        return made

    def _appended(self, timeline: Timeline, kind: str, info: dict[str, Any]) -> TimelineItem:
        first, end = int(info["startFrame"]), int(info["endFrame"])
        frames = end - first + (0 if self._project.rules.exclusive_end else 1)
        media: PoolItem = info["mediaPoolItem"]
        item = TimelineItem(timeline, kind, media.GetName(), int(info["recordFrame"]), frames, media)
        item._first = first  # pyright: ignore[reportPrivateUsage]
        return item

    def _put(self, timeline: Timeline, kind: str, number: int, item: TimelineItem) -> None:
        name = timeline.GetTrackName(kind, number)
        if name is None or name in self._project.rules.locked:
            return
        track = timeline.tracks[kind][number - 1]
        span = FrameRange(item.GetStart(), item.GetDuration())
        if not any(span.overlap(FrameRange(other.GetStart(), other.GetDuration())) for other in track.items):
            track.items.append(item)


class Project(_Strict):
    """The open project."""

    def __init__(self, resolve: FakeResolve, rules: Rules, rate: Fraction) -> None:
        self.resolve, self.rules, self.rate = resolve, rules, rate
        self.pool = MediaPool(self)
        self.timelines = [Timeline(self, "Edit 1")]
        self.current: Timeline | None = self.timelines[0]

    def named(self, name: str) -> bool:
        """Whether a timeline has that name."""
        return any(timeline.name == name for timeline in self.timelines)

    def GetName(self) -> str:
        """Its name."""
        return "Kitchen"

    def GetMediaPool(self) -> MediaPool:
        """Its media pool."""
        return self.pool

    def GetCurrentTimeline(self) -> Timeline | None:
        """The open timeline."""
        return self.current

    def SetCurrentTimeline(self, timeline: Timeline) -> bool:
        """Opens a timeline."""
        self.current = timeline
        return True

    def GetTimelineCount(self) -> int:
        """How many there are."""
        return len(self.timelines)

    def GetTimelineByIndex(self, index: int) -> Timeline | None:
        """From 1."""
        return self.timelines[index - 1] if 1 <= index <= len(self.timelines) else None

    def GetSetting(self, name: str) -> str:
        """Text, always."""
        return str(float(self.rate)) if name == "timelineFrameRate" else ""


class FakeResolve(_Strict):
    """What `bmd.scriptapp("Resolve")` gives: one project, "Kitchen", with one timeline, "Edit 1"."""

    def __init__(self, rules: Rules | None = None, *, frame_rate: Fraction = Fraction(24)) -> None:
        self.rules = rules or Rules()
        self.EXPORT_OTIO, self.EXPORT_NONE = object(), object()
        self.project: Project = Project(self, self.rules, frame_rate)

    def GetProductName(self) -> str:
        """Which edition."""
        return self.rules.product

    def GetVersion(self) -> list[Any]:
        """[major, minor, patch, build, suffix]."""
        return list(self.rules.version)

    def GetProjectManager(self) -> FakeResolve:
        """The project manager (this object)."""
        return self

    def GetCurrentProject(self) -> Project:
        """The open project."""
        return self.project

    def OpenPage(self, _name: str) -> bool:
        """Changes the page."""
        return True


def _pool_item(path: Path, rate: Fraction) -> PoolItem:
    from .media.probe import probe

    facts = probe(path)
    media_rate = facts.frame_rate or rate
    start = nearest_frame((facts.timecode_frames or 0) * rate / media_rate)
    sound = Fraction(facts.samples, facts.sample_rate or 48_000)
    frames = facts.frames if facts.width else int(sound * rate)
    return PoolItem(path, frames, start, rate, not facts.width)


# ---- what Export writes ----------------------------------------------------------------------------------------------


def _exported(timeline: Timeline) -> dict[str, Any]:
    rate = float(timeline.project.rate)
    children = [
        track_node(track.name, kind.capitalize(), _children(timeline, track, rate), {"Resolve_OTIO": {"Locked": False}})
        for kind in ("video", "audio")
        for track in timeline.tracks[kind]
    ]
    stack: dict[str, Any] = {**track_node("", "", children, {}), "OTIO_SCHEMA": "Stack.1"}
    del stack["kind"]
    stack["markers"] = [_marker(frame, said, 0, rate) for frame, said in timeline.GetMarkers().items()]
    return {
        "OTIO_SCHEMA": "Timeline.1", "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": timeline.name, "global_start_time": time_node(timeline.start, rate), "tracks": stack,
    }  # fmt: skip


def _children(timeline: Timeline, track: Track, rate: float) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = timeline.start
    for item in sorted(track.items, key=TimelineItem.GetStart):
        if item.GetStart() > at:
            found.append(gap_node(item.GetStart() - at, rate))
        found.append(_clip(item, rate))
        at = item.GetEnd()
    return found


def _clip(item: TimelineItem, rate: float) -> dict[str, Any]:
    media = item.GetMediaPoolItem()
    start = media._start if media else 0  # pyright: ignore[reportPrivateUsage]
    reference: dict[str, Any] = {
        "OTIO_SCHEMA": "GeneratorReference.1", "metadata": {}, "name": "Solid Color", "available_range": None,
        "generator_kind": "Solid Color", "parameters": {},
    }  # fmt: skip
    if media:
        available = range_node(FrameRange(start, int(media.GetClipProperty("Frames"))), rate)
        reference = reference_node(media.GetName(), media.GetClipProperty("File Path"), available, {})
    span = range_node(FrameRange(start + item.GetLeftOffset(), item.GetDuration()), rate)
    node = clip_node(item.GetName(), span, {"DEFAULT_MEDIA": reference}, "DEFAULT_MEDIA", {"Resolve_OTIO": {}}, [])
    node["enabled"] = item.GetClipEnabled()
    node["markers"] = [_marker(frame, said, start, rate) for frame, said in item.GetMarkers().items()]
    return node


def _marker(frame: float, said: dict[str, Any], start: int, rate: float) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2", "name": said["name"], "color": "BLUE", "comment": "",
        "metadata": {"Resolve_OTIO": {"Keywords": [], "Note": said["note"]}},
        "marked_range": range_node(FrameRange(start + int(frame), int(said["duration"])), rate),
    }  # fmt: skip
