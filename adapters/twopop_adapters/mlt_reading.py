"""Reads MLT XML (.mlt), as twopop, Shotcut or melt wrote it: tracks, trims, dissolves, speeds, filters, markers.

A dissolve is an entry that plays a tractor of two clips; here it is the overlap of both. What is no clip of a file
(titles, colours) becomes a generator; with its filters it goes back as it came. `kdenlive_reading` rests on this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree as ET

from twopop.document import clip_node, gap_node, range_node, rate_number, reference_node, time_node, track_node
from twopop.errors import TimelineError
from twopop.timebase import FrameRange, nearest_frame, nominal_rate
from twopop.timeline import Node, as_node
from twopop.wire import Finding

from .kdenlive_markers import Mark
from .mlt_words import COMMENT, MARKERS, NOTE, effect_of, generator_node, marks_in, note_in, properties_of, property_of

_FILES = ("avformat", "qimage", "pixbuf", "timewarp")
"""Beginnings of the services that play a file."""


def read_mlt(data: bytes, where: str, findings: list[Finding]) -> Node:
    """The Timeline document of a project.

    Raises:
        TimelineError: it is no MLT project, or it has no frame rate.
    """
    return read_with(MltReader, "an MLT project", data, where, findings)


def read_with(reader: type[MltReader], what: str, data: bytes, where: str, findings: list[Finding]) -> Node:
    """The document that a reader makes of a file.

    Raises:
        TimelineError: it makes none.
    """
    try:
        return reader(ET.fromstring(data), where, findings).timeline()
    except (ET.ParseError, LookupError, ValueError, ArithmeticError) as exc:
        raise TimelineError(f"{where} cannot be read as {what}: {exc}. Nothing was changed.") from exc


@dataclass(frozen=True, slots=True)
class Entry:
    """A clip on a track, with the dissolves beside it: cut frames, and the producer frames it shows."""

    start: int
    first: int
    frames: int
    producer: ET.Element
    said: tuple[ET.Element, ...]
    """Elements whose properties and filters are the clip's: the entry, then what Shotcut keeps on the producer."""
    part: bool = False
    """True for what a dissolve shows; joined with the clip it belongs to."""

    @property
    def end(self) -> int:
        """First cut frame after it."""
        return self.start + self.frames


class Overlap(NamedTuple):
    """A dissolve between an entry and the next one."""

    frames: int
    ahead: int
    """Frames of it before the edit that it hides."""


class MltReader:
    """One project. Subclasses know where another editor keeps the same things."""

    def __init__(self, root: ET.Element, where: str, findings: list[Finding]) -> None:
        profile = root.find("profile")
        if root.tag != "mlt" or profile is None:
            raise ValueError("it has no <profile>")
        self.where, self.findings = where, findings
        self.rate = Fraction(int(profile.get("frame_rate_num", 0)), int(profile.get("frame_rate_den", 1)))
        self.number = rate_number(self.rate)
        self.root = Path(root.get("root") or "")
        self.named = {str(node.get("id")): node for node in root.iter() if node.get("id")}
        self.main = self.sequence()
        self.note = note_in(self.note_text())
        self.left_out: list[str] = self.over_tracks()

    # what an editor keeps where

    def sequence(self) -> ET.Element:
        """The tractor that is the edit: the last; without any, melt's list of clips."""
        tractors = [node for node in self.named.values() if node.tag == "tractor"]
        lists = [node for name, node in self.named.items() if node.tag == "playlist" and name != "main_bin"]
        if not (tractors or lists):
            raise ValueError("there is no <tractor> in it")
        return tractors[-1] if tractors else lists[-1]

    def note_text(self) -> str:
        """Our own note, as text."""
        return property_of(self.main, f"shotcut:{NOTE}")

    def tracks(self) -> Iterator[tuple[ET.Element, str]]:
        """The tracks, the lowest first, and what of each is not used ("video", "audio", "both", "")."""
        if self.main.tag == "playlist":
            yield self.main, ""
        for track in self.main.findall("track"):
            node = self.named[str(track.get("producer"))]
            if node.tag in ("playlist", "tractor") and not self.is_background(node):
                yield node, track.get("hide", "")

    def is_background(self, node: ET.Element) -> bool:
        """True for the black under all tracks: nothing but a colour, and no name."""
        entries = node.findall("entry")
        colours = [
            property_of(self.named[str(e.get("producer"))], "mlt_service") in ("color", "colour") for e in entries
        ]
        return bool(entries) and all(colours) and not property_of(node, "shotcut:name")

    def is_sound(self, node: ET.Element, hide: str) -> bool:
        """True for a track of sound: as Shotcut says, else as nothing on it has a picture."""
        if property_of(node, "shotcut:video") == "1" or property_of(node, "shotcut:audio") == "1":
            return property_of(node, "shotcut:audio") == "1"
        played = [property_of(entry.producer, "video_index") for entry in self.entries(node)]
        return hide == "video" or (bool(played) and set(played) == {"-1"})

    def is_off(self, node: ET.Element, hide: str) -> bool:
        """True for a track that is neither seen nor heard."""
        return hide == "both" or (hide == "video" and property_of(node, "shotcut:video") == "1")

    def track_name(self, node: ET.Element) -> str:
        """What an editor calls a track; "" where it does not."""
        return property_of(node, "shotcut:name")

    def placed(self, node: ET.Element) -> list[tuple[Entry, Overlap]]:
        """The clips of a track in time order, each with its dissolve into the next."""
        entries = list(self._joined(self.entries(node)))
        found: list[tuple[Entry, Overlap]] = []
        for entry, after in zip_longest(entries, entries[1:]):
            shared = max(0, entry.end - after.start) if after else 0
            found.append((entry, Overlap(shared, shared // 2)))
        return found

    def clip_name(self, entry: Entry, path: Path | None) -> str:
        """What an editor calls a clip."""
        said = (property_of(node, "shotcut:caption") for node in entry.said)
        return next(filter(None, said), "") if path is None else path.name

    def clip_marks(self, entry: Entry, path: Path | None) -> list[Mark]:
        """Markers of a clip, in frames of its file."""
        return list(marks_in(property_of(entry.producer, COMMENT), entry.first))

    def guides(self) -> list[Mark]:
        """Markers of the cut."""
        listed = next((node for node in self.main.findall("properties") if node.get("name") == MARKERS), ())
        said = [properties_of(node) for node in listed]
        times = [(self.frames(one.get("start", "0")), self.frames(one.get("end", "0")), one) for one in said]
        return [Mark(begin, max(0, end - begin), one.get("text", "")) for begin, end, one in times]

    def over_tracks(self) -> list[str]:
        """Names of what a user laid over tracks and is not read: Shotcut has only what it lays there by itself."""
        return []

    # the document

    def timeline(self) -> Node:
        """Tracks in the order of an OTIO stack, markers of the cut on the stack."""
        tracks = [made for number, found in enumerate(self.tracks(), 1) for made in self._track(number, *found)]
        if self.left_out:
            names = ", ".join(dict.fromkeys(self.left_out))
            self._say("not_read", f"what lies over whole tracks ({names}) is not read, and not in what is written.")
        ordered = [t for t in tracks if t["kind"] == "Video"] + self.sounds([t for t in tracks if t["kind"] == "Audio"])
        stack = {**track_node("tracks", "", ordered, {}), "OTIO_SCHEMA": "Stack.1"}
        del stack["kind"]
        stack["markers"] = [self._marker(mark) for mark in self.guides()]
        ours, start = as_node(self.note.get("twopop")), self.note.get("start")
        begin = start if isinstance(start, int) else 3600 * nominal_rate(self.rate)
        return {
            "OTIO_SCHEMA": "Timeline.1", "metadata": {"twopop": ours} if ours else {}, "name": Path(self.where).stem,
            "global_start_time": time_node(begin, self.number), "tracks": stack,
        }  # fmt: skip

    def sounds(self, tracks: list[Node]) -> list[Node]:
        """Tracks of sound, the first one first."""
        return tracks

    def _track(self, number: int, node: ET.Element, hide: str) -> Iterator[Node]:
        """A track; the sound of clips that are seen and heard on one track of Shotcut's is a track of its own."""
        placed = self.placed(node)
        sound = self.is_sound(node, hide)
        name = self.track_name(node) or f"{'A' if sound else 'V'}{number}"
        self.left_out += [str(effect["name"]) for effect in self._filters(node.findall("filter"), 0)]
        track = track_node(name, "Audio" if sound else "Video", self._children(placed), {})
        yield {**track, "enabled": not self.is_off(node, hide)}
        heard = [one for one in placed if not sound and hide != "audio" and self.is_heard(one[0])]
        if heard:
            yield track_node(f"{name} sound", "Audio", self._children(heard), {})

    def is_heard(self, entry: Entry) -> bool:
        """True where a clip on a track of pictures has sound that is used."""
        index = property_of(entry.producer, "audio_index") or "-1"
        return self.path(entry.producer) is not None and index != "-1"

    def _children(self, placed: Iterable[tuple[Entry, Overlap]]) -> list[Node]:
        """Gaps, clips and dissolves."""
        children: list[Node] = []
        at, head = 0, 0
        for entry, overlap in placed:
            begin = entry.start + head
            if begin > at:
                children.append(gap_node(begin - at, self.number))
            behind = overlap.frames - overlap.ahead
            at = entry.end - behind
            children.append(self._clip(entry, head, at - begin))
            if overlap.frames:
                children.append(self._dissolve(overlap.ahead, behind))
            head = overlap.ahead
        return children

    # entries

    def entries(self, playlist: ET.Element) -> Iterator[Entry]:
        """What plays on a playlist, of a dissolve both parts."""
        at = 0
        for child in playlist:
            if child.tag == "blank":
                at += self.frames(child.get("length", "0"))
            elif child.tag == "entry":
                producer = self.named[str(child.get("producer"))]
                first, frames = self.frames(child.get("in", "0")), self._length(child, producer)
                if _is_dissolve(producer):
                    yield from self._parts(producer, at, first, frames)
                else:
                    yield Entry(at, self.origin(producer) + first, frames, producer, (child, producer))
                at += frames

    def origin(self, producer: ET.Element) -> int:
        """Producer frame from which clips count: melt trims what it is given before it lays it."""
        return self.frames(producer.get("in") or "0")

    def _length(self, child: ET.Element, producer: ET.Element) -> int:
        first, last = self.frames(child.get("in", "0")), child.get("out")
        if last is None:
            end = producer.get("out")
            whole = self.frames(end) + 1 if end else self.frames(property_of(producer, "length") or "0")
            return whole - self.origin(producer) - first
        return self.frames(last) - first + 1

    def _parts(self, tractor: ET.Element, at: int, into: int, frames: int) -> Iterator[Entry]:
        """What a dissolve shows of the clip before it and of the one after it."""
        for track in tractor.findall("track"):
            producer = self.named[str(track.get("producer"))]
            first = self.origin(producer) + self.frames(track.get("in") or "0") + into
            if producer.tag == "playlist":  # a clip with a filter of its own
                inner = next(self.entries(producer))
                first, producer = inner.first + into, inner.producer
            yield Entry(at, first, frames, producer, (producer,), part=True)

    def _joined(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Parts of dissolves as what they are: the end of the clip before, the beginning of the one after."""
        last: Entry | None = None
        for entry in entries:
            if last and (entry.part or last.part) and self._goes_on(last, entry):
                whole = last if not last.part else entry  # the clip itself tells its filters and its name
                last = replace(
                    whole, start=last.start, first=last.first, frames=last.frames + entry.frames, part=entry.part
                )
                continue
            if last:
                yield last
            last = entry
        if last:
            yield last

    def _goes_on(self, last: Entry, entry: Entry) -> bool:
        """True where an entry plays on in the file where the last one ended."""
        if (entry.start, entry.first) != (last.end, last.first + last.frames):
            return False
        names = ("resource", "warp_speed", "mlt_service")
        one, other = ([property_of(e.producer, name) for name in names] for e in (last, entry))
        return last.producer is entry.producer or one == other

    # clips

    def _clip(self, entry: Entry, head: int, frames: int) -> Node:
        producer, path = entry.producer, self.path(entry.producer)
        length = int(self.frames(property_of(producer, "length") or "0"))
        speed = Fraction(property_of(producer, "warp_speed") or 1)
        frozen = self._frozen(entry)
        begin = self._begin(entry, head, length, speed, frozen)
        source = {**range_node(FrameRange(0, frames), self.number), "start_time": time_node(float(begin), self.number)}
        name = self.clip_name(entry, path)
        effects = [*_speeds(speed, frozen), *self._effects(entry)]
        if path is None:
            service = property_of(producer, "mlt_service")
            reference = generator_node(service, properties_of(producer))
            name = name or str(producer.get("id"))
        else:
            whole = nearest_frame(max(length, entry.first + entry.frames) * abs(speed))
            reference = reference_node(path.name, _url(path), range_node(FrameRange(0, whole), self.number), {})
        if any(node.get("mlt_service") == "timeremap" for node in producer.findall("link")):
            self._say("time_remap", f"{name}: its time remap is not read; it is taken at normal speed.")
        clip = clip_node(name, source, {"DEFAULT_MEDIA": reference}, "DEFAULT_MEDIA", {}, effects)
        off = all(property_of(producer, name) == "1" for name in ("set.test_audio", "set.test_image"))
        return {**clip, "enabled": not off, "markers": [self._marker(mark) for mark in self.clip_marks(entry, path)]}

    def _begin(self, entry: Entry, head: int, length: int, speed: Fraction, frozen: int | None) -> Fraction:
        """Media frame at which the clip's source begins, without the dissolve before it; backwards, the earliest."""
        if frozen is not None:
            return Fraction(nearest_frame(frozen * speed))
        if speed > 0:
            return (entry.first + head) * speed
        return (length - entry.first - entry.frames) * -speed + head

    def _own_filters(self, entry: Entry) -> Iterator[ET.Element]:
        return (node for said in entry.said for node in said.findall("filter"))

    def _frozen(self, entry: Entry) -> int | None:
        """The producer frame that a freeze over the whole clip holds."""
        for effect in self._own_filters(entry):
            if _is_freeze(effect):
                return int(self.frames(property_of(effect, "frame") or "0"))
        return None

    def _effects(self, entry: Entry) -> Iterator[Node]:
        first = entry.first - self.origin(entry.producer)
        return self._filters((node for node in self._own_filters(entry) if not _is_freeze(node)), first)

    def _filters(self, nodes: Iterable[ET.Element], first: int) -> Iterator[Node]:
        """Filters that a user sees: what MLT and Kdenlive put there by themselves is left to them."""
        for node in nodes:
            if property_of(node, "internal_added") or property_of(node, "_loader"):
                continue
            span = (self.frames(node.get("in", "0")), self.frames(node.get("out", "0"))) if node.get("out") else None
            yield effect_of(node, first, span)

    def path(self, producer: ET.Element) -> Path | None:
        """The file of a producer; None where it plays none."""
        if not property_of(producer, "mlt_service").startswith(_FILES):
            return None
        resource = property_of(producer, "warp_resource") or property_of(producer, "resource")
        return self.root / resource if resource else None

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

    def _say(self, code: str, message: str) -> None:
        self.findings.append(Finding(level="warning", code=code, message=f"{self.where}: {message}"))

    def frames(self, text: str) -> int:
        """Frames of `123`, `00:00:05.125` or `00:00:05:03`, as MLT reads times."""
        if ":" not in text:
            return int(float(text))
        parts = text.replace(",", ".").split(":")
        extra = int(parts.pop()) if len(parts) == 4 else 0
        seconds = sum((Fraction(part) * 60**power for power, part in enumerate(reversed(parts))), Fraction(0))
        return nearest_frame(seconds * self.rate) + extra


def _is_dissolve(producer: ET.Element) -> bool:
    """A tractor of two clips and what mixes them."""
    return producer.tag == "tractor" and len(producer.findall("track")) == 2 and producer.find("transition") is not None


def _is_freeze(effect: ET.Element) -> bool:
    """A freeze of a whole clip, switched on."""
    partly = any(property_of(effect, name) == "1" for name in ("freeze_before", "freeze_after", "disable"))
    return property_of(effect, "mlt_service") == "freeze" and not partly


def _url(path: Path) -> str:
    """Beside the project where it is relative."""
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _speeds(speed: Fraction, frozen: int | None) -> list[Node]:
    effect: Node = {"metadata": {}, "name": "", "effect_name": "", "enabled": True}
    if frozen is not None:
        return [{"OTIO_SCHEMA": "FreezeFrame.1", **effect, "time_scalar": 0.0}]
    return [{"OTIO_SCHEMA": "LinearTimeWarp.1", **effect, "time_scalar": float(speed)}] if speed != 1 else []
