"""Reads a Kdenlive project (.kdenlive), as twopop or Kdenlive wrote it: tracks, trims, mixes, speeds, markers, guides.

The published adapter is marked deprecated by KDE and loses clips; so this one is ours. What is no clip of a file
(titles, colours) becomes a generator, left alone. Effects and fades are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from twopop.document import clip_node, gap_node, range_node, rate_number, reference_node, time_node, track_node
from twopop.errors import TimelineError
from twopop.timebase import FrameRange, nearest_frame, nominal_rate
from twopop.timeline import Node, as_list, as_node
from twopop.wire import Finding

from .kdenlive import NOTE
from .kdenlive_markers import Mark, apart

_CLOCK = re.compile(r"(\d+):(\d+):(\d+)[.,](\d+)$")


def read_kdenlive(data: bytes, where: str, findings: list[Finding]) -> Node:
    """The Timeline document of a project.

    Raises:
        TimelineError: it is no Kdenlive project, or it has no frame rate.
    """
    try:
        root = ET.fromstring(data)
        return _Reader(root, where).timeline()
    except (ET.ParseError, LookupError, ValueError, ArithmeticError) as exc:
        raise TimelineError(f"{where} cannot be read as a Kdenlive project: {exc}. Nothing was changed.") from exc


class _Entry(NamedTuple):
    """A clip on a track: cut frames, and the producer frames it shows."""

    start: int
    first: int
    frames: int
    producer: str
    frozen: int | None
    """Producer frame that a freeze holds."""


class _Reader:
    def __init__(self, root: ET.Element, where: str) -> None:
        profile = root.find("profile")
        if root.tag != "mlt" or profile is None:
            raise ValueError("it has no <profile>")
        self.where = where
        self.rate = Fraction(int(profile.get("frame_rate_num", 0)), int(profile.get("frame_rate_den", 1)))
        self.number = rate_number(self.rate)
        self.root = Path(root.get("root") or "")
        self.named = {str(node.get("id")): node for node in root.iter() if node.get("id")}
        self.bin = self.named.get("main_bin", ET.Element("playlist"))
        self.note = _note(_property(self.bin, f"kdenlive:docproperties.{NOTE}"))
        self.markers = {self._path(node): _json(_property(node, "kdenlive:markers")) for node in self._bin_clips()}

    def timeline(self) -> Node:
        """Tracks in the order of an OTIO stack, guides on the stack."""
        tracks = [self._track(number, node) for number, node in enumerate(self._tracks(), 1)]
        ordered = [t for t in tracks if t["kind"] == "Video"] + [t for t in reversed(tracks) if t["kind"] == "Audio"]
        stack = {**track_node("tracks", "", ordered, {}), "OTIO_SCHEMA": "Stack.1"}
        del stack["kind"]
        stack["markers"] = self._markers("", self._guides())
        ours, start = as_node(self.note.get("twopop")), self.note.get("start")
        begin = start if isinstance(start, int) else 3600 * nominal_rate(self.rate)
        return {
            "OTIO_SCHEMA": "Timeline.1", "metadata": {"twopop": ours} if ours else {}, "name": Path(self.where).stem,
            "global_start_time": time_node(begin, self.number), "tracks": stack,
        }  # fmt: skip

    def _guides(self) -> list[dict[str, Any]]:
        """Those of the sequence; of the document in older projects."""
        of_sequence = _property(self._sequence(), "kdenlive:sequenceproperties.guides")
        return _json(of_sequence or _property(self.bin, "kdenlive:docproperties.guides"))

    def _bin_clips(self) -> Iterator[ET.Element]:
        return (self.named[str(entry.get("producer"))] for entry in self.bin.iter("entry"))

    def _sequence(self) -> ET.Element:
        """The main tractor; in newer projects the sequence that it plays."""
        main = [node for node in self.named.values() if node.tag == "tractor"][-1]
        inner = self._played_by(main)
        return next((n for n in inner if _property(n, "kdenlive:sequenceproperties.hasAudio")), main)

    def _played_by(self, tractor: ET.Element) -> list[ET.Element]:
        return [self.named[str(track.get("producer"))] for track in tractor.findall("track")]

    def _tracks(self) -> Iterator[ET.Element]:
        """The tracks, the lowest first."""
        return (node for node in self._played_by(self._sequence()) if node.tag in ("tractor", "playlist"))

    def _track(self, number: int, node: ET.Element) -> Node:
        lists = [node, *(self.named[str(track.get("producer"))] for track in node.findall("track"))]
        audio = any(_property(n, "kdenlive:audio_track") == "1" for n in lists)
        entries = sorted(entry for playlist in lists for entry in self._entries(playlist))
        cuts = dict(self._mix_cuts(node))
        children: list[Node] = []
        at, head = 0, 0
        for entry, after in zip(entries, [*entries[1:], None], strict=True):
            begin, end = entry.start + head, entry.start + entry.frames
            shared = max(0, end - after.start) if after else 0
            ahead = min(shared, cuts.get(after.start, shared // 2)) if after else 0
            if begin > at:
                children.append(gap_node(begin - at, self.number))
            at = end - (shared - ahead)
            children.append(self._clip(entry, head, at - begin))
            if shared:
                children.append(self._dissolve(ahead, shared - ahead))
            head = ahead
        name = _property(node, "kdenlive:track_name") or f"{'A' if audio else 'V'}{number}"
        return track_node(name, "Audio" if audio else "Video", children, {})

    def _mix_cuts(self, track: ET.Element) -> Iterator[tuple[int, int]]:
        """Of every mix: its first cut frame, and how many frames later the edit lies that it hides."""
        for mix in track.findall("transition"):
            if said := _property(mix, "kdenlive:mixcut"):
                yield self._frames(mix.get("in", "0")), self._frames(said)

    def _entries(self, playlist: ET.Element) -> Iterator[_Entry]:
        at = 0
        for child in playlist:
            if child.tag == "blank":
                at += self._frames(child.get("length", "0"))
            elif child.tag == "entry":
                first, last = self._frames(child.get("in", "0")), self._frames(child.get("out", "0"))
                yield _Entry(at, first, last - first + 1, str(child.get("producer")), self._frozen(child))
                at += last - first + 1

    def _clip(self, entry: _Entry, head: int, frames: int) -> Node:
        producer = self.named[entry.producer]
        length = int(self._frames(_property(producer, "length") or "0"))
        speed = Fraction(_property(producer, "warp_speed") or 1)
        begin = self._begin(entry, head, length, speed)
        source = {**range_node(FrameRange(0, frames), self.number), "start_time": time_node(float(begin), self.number)}
        path = self._path(producer)
        name = _property(producer, "kdenlive:clipname") or (path.name if path else entry.producer)
        if path is None:
            kind = _property(producer, "mlt_service")
            generator: Node = {
                "OTIO_SCHEMA": "GeneratorReference.1", "metadata": {}, "name": kind, "available_range": None,
                "generator_kind": kind, "parameters": {},
            }  # fmt: skip
            return clip_node(name, source, {"DEFAULT_MEDIA": generator}, "DEFAULT_MEDIA", {}, [])
        whole = nearest_frame(max(length, entry.first + entry.frames) * abs(speed))
        available = range_node(FrameRange(0, whole), self.number)
        reference = reference_node(path.name, path.as_uri() if path.is_absolute() else str(path), available, {})
        node = clip_node(name, source, {"DEFAULT_MEDIA": reference}, "DEFAULT_MEDIA", {}, _effects(speed, entry))
        return {**node, "markers": self._markers(path.name, self.markers.get(path, []))}

    def _begin(self, entry: _Entry, head: int, length: int, speed: Fraction) -> Fraction:
        """Media frame at which the clip's source begins, without the dissolve before it; backwards, the earliest."""
        if entry.frozen is not None:
            return Fraction(nearest_frame(entry.frozen * speed))
        if speed > 0:
            return (entry.first + head) * speed
        return (length - entry.first - entry.frames) * -speed + head

    def _frozen(self, entry: ET.Element) -> int | None:
        """The frame that a freeze over the whole clip holds."""
        for effect in entry.findall("filter"):
            partly = any(_property(effect, name) == "1" for name in ("freeze_before", "freeze_after", "disable"))
            if _property(effect, "mlt_service") == "freeze" and not partly:
                return int(self._frames(_property(effect, "frame") or "0"))
        return None

    def _path(self, producer: ET.Element) -> Path | None:
        """The file of a producer; None where it plays none."""
        if not _property(producer, "mlt_service").startswith(("avformat", "qimage", "pixbuf", "timewarp")):
            return None
        resource = _property(producer, "warp_resource") or _property(producer, "resource")
        return self.root / resource if resource else None

    def _markers(self, file: str, said: list[dict[str, Any]]) -> list[Node]:
        """Markers of a file, or ("") the guides."""
        return [self._marker(mark) for one in said for mark in apart(one, file, as_list(self.note.get("markers")))]

    def _marker(self, mark: Mark) -> Node:
        name, _, comment = mark.text.partition("\n")
        return {
            "OTIO_SCHEMA": "Marker.2", "metadata": {}, "name": name, "color": "RED", "comment": comment,
            "marked_range": range_node(FrameRange(mark.frame, mark.frames), self.number),
        }  # fmt: skip

    def _dissolve(self, before: int, after: int) -> Node:
        return {
            "OTIO_SCHEMA": "Transition.1", "metadata": {}, "name": "", "transition_type": "SMPTE_Dissolve",
            "in_offset": time_node(before, self.number), "out_offset": time_node(after, self.number),
        }  # fmt: skip

    def _frames(self, text: str) -> int:
        """Frames of `123` or `00:00:05.125`."""
        if not (clock := _CLOCK.match(text)):
            return int(text)
        hours, minutes, seconds, part = clock.groups()
        exact = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + Fraction(int(part), 10 ** len(part))
        return nearest_frame(exact * self.rate)


def _property(node: ET.Element, name: str) -> str:
    return next((child.text or "" for child in node.findall("property") if child.get("name") == name), "")


def _effects(speed: Fraction, entry: _Entry) -> list[Node]:
    effect: Node = {"metadata": {}, "name": "", "effect_name": "", "enabled": True}
    if entry.frozen is not None:
        return [{"OTIO_SCHEMA": "FreezeFrame.1", **effect, "time_scalar": 0.0}]
    return [{"OTIO_SCHEMA": "LinearTimeWarp.1", **effect, "time_scalar": float(speed)}] if speed != 1 else []


def _note(text: str) -> Node:
    """Our own note; empty where there is none, or somebody changed it to something else."""
    try:
        return as_node(json.loads(text or "{}"))
    except ValueError:
        return {}


def _json(text: str) -> list[dict[str, Any]]:
    return json.loads(text) if text.strip() else []
