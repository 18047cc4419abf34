"""Timelines, clips and files of the fake Resolve: what `twopop.testing_resolve` is made of.

Failure is None or False, never an exception; every attribute "exists" (`dir` tells the truth). What lies on a locked
track, or in a project that is read-only, cannot be changed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .document import clip_node, gap_node, range_node, reference_node, time_node, track_node
from .timebase import FrameRange, format_timecode, nominal_rate

if TYPE_CHECKING:
    from .testing_resolve import Project

COLORS = (
    "Orange", "Apricot", "Yellow", "Lime", "Olive", "Green", "Teal", "Navy", "Blue", "Purple", "Violet", "Pink", "Tan",
    "Beige", "Brown", "Chocolate",
)  # fmt: skip
"""The only names `SetClipColor` takes."""


class Strict:
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


class Markers(Strict):
    """Markers of a timeline, an item or a file: frame -> what it says."""

    def __init__(self) -> None:
        self._markers: dict[float, dict[str, Any]] = {}

    def AddMarker(self, frame: float, color: str, name: str, note: str, duration: float, data: str = "") -> bool:
        """False where there is one already, or nothing can be changed."""
        if float(frame) in self._markers or self._is_fixed():
            return False
        said = {"color": color, "duration": duration, "note": note, "name": name, "customData": data}
        self._markers[float(frame)] = said
        return True

    def DeleteMarkerByCustomData(self, data: str) -> bool:
        """Takes the first marker with these data off."""
        frame = next((frame for frame, said in self._markers.items() if said["customData"] == data), None)
        return frame is not None and not self._is_fixed() and bool(self._markers.pop(frame))

    def _is_fixed(self) -> bool:
        """Whether nothing of it can be changed."""
        return False

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

    def _is_fixed(self) -> bool:
        rules = self._timeline.rules
        tracks = (track for tracks in self._timeline.tracks.values() for track in tracks if self in track.items)
        return rules.read_only or any(track.name in rules.locked for track in tracks)

    def SetClipColor(self, name: str) -> bool:
        """False for a name Resolve has not."""
        if name not in COLORS or self._is_fixed():
            return False
        self._color = name
        return True

    def GetClipColor(self) -> str:
        """Its colour, or ""."""
        return self._color

    def SetClipEnabled(self, enabled: bool) -> bool:
        """Switches it on or off."""
        if self._is_fixed():
            return False
        self._enabled = enabled
        return True

    def GetClipEnabled(self) -> bool:
        """Whether it is on."""
        return self._enabled

    def AddTake(self, media: PoolItem, start: int = 0, end: int = 0) -> bool:
        """A further take; the first call makes the clip's own source take 1. The selection stays."""
        if self._media is None or self._is_fixed():
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
        if not 1 <= index <= len(self._takes) or self._is_fixed():
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

    def _is_fixed(self) -> bool:
        return self.rules.read_only

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

    def DeleteTrack(self, kind: str, number: int) -> bool:
        """Removes a track and what lies on it."""
        if self.rules.read_only or self.GetTrackName(kind, number) is None:
            return False
        del self.tracks[kind][number - 1]
        return True

    def DeleteClips(self, items: Sequence[TimelineItem], ripple: bool = False) -> bool:
        """Removes clips; on the Edit page only, and never from a locked track."""
        if self.project.resolve.page != "edit" or any(item._is_fixed() for item in items):  # pyright: ignore[reportPrivateUsage]
            return False
        for tracks in self.tracks.values():
            for track in tracks:
                track.items = [item for item in track.items if item not in items]
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
        if any(item._is_fixed() for item in items):  # pyright: ignore[reportPrivateUsage]
            return False
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
