"""A strict fake of DaVinci Resolve's scripting objects: as silent about failures as others measured the real ones.

Failure is None or False, never an exception; every attribute "exists" (`dir` tells the truth); `EXPORT_*` are live
values; the earlier of two overlapping clips wins; timeline names are unique; nothing finds a timeline by its name.
It is a fake: a script that passes here has not yet met Resolve.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from .testing_resolve_timeline import PoolItem, Rules, Strict, Timeline, TimelineItem
from .timebase import FrameRange, nearest_frame

__all__ = ["FakeResolve", "Rules"]


class Folder(Strict):
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


class MediaPool(Strict):
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
        """None where there is one of that name, or nothing can be changed."""
        if self._project.rules.read_only or any(inner.GetName() == name for inner in folder.GetSubFolderList()):
            return None
        folder._folders.append(Folder(name))  # pyright: ignore[reportPrivateUsage]
        return folder.GetSubFolderList()[-1]

    def ImportMedia(self, paths: Sequence[str]) -> list[PoolItem]:
        """What could be read; the rest is left out without a word."""
        found: list[PoolItem] = []
        for text in () if self._project.rules.read_only else paths:
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


class Project(Strict):
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


class FakeResolve(Strict):
    """What `bmd.scriptapp("Resolve")` gives: one project, "Kitchen", with one timeline, "Edit 1"."""

    def __init__(self, rules: Rules | None = None, *, frame_rate: Fraction = Fraction(24)) -> None:
        self.rules = rules or Rules()
        self.EXPORT_OTIO, self.EXPORT_NONE = object(), object()
        self.page = "media"
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

    def OpenPage(self, name: str) -> bool:
        """Changes the page."""
        self.page = name
        return True

    def GetCurrentPage(self) -> str:
        """The open page."""
        return self.page


def _pool_item(path: Path, rate: Fraction) -> PoolItem:
    from .media.probe import probe

    facts = probe(path)
    media_rate = facts.frame_rate or rate
    start = nearest_frame((facts.timecode_frames or 0) * rate / media_rate)
    sound = Fraction(facts.samples, facts.sample_rate or 48_000)
    frames = facts.frames if facts.width else int(sound * rate)
    return PoolItem(path, frames, start, rate, not facts.width)
