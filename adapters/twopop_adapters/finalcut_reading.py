"""Reads FCPXML, exactly: storylines, lanes, compound clips, auditions, speeds, markers.

The published adapter counts in whole frames a second (23.976 as 23), drops transitions and fails on clips without a
format; so this one is ours. What is no clip of a file (titles, multicam, generators) becomes a generator, left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree import ElementTree as ET

from twopop.document import clip_node, gap_node, rate_number, reference_node, time_node, track_node
from twopop.errors import TimelineError
from twopop.timebase import snap_frame_rate
from twopop.timeline import Node
from twopop.wire import Finding

from .finalcut import LONG

_CLIPS = ("asset-clip", "audio", "clip", "mc-clip", "ref-clip", "sync-clip", "title", "video")
_STORY = (*_CLIPS, "audition", "gap", "spine", "transition")
_NAMED_RATE = re.compile(r"[ip](2398|24|25|2997|30|50|5994|60)$")
_TAG = re.compile(rf"{re.escape(LONG)}( over the cut)? (\d+) frames\]\n?")
"""What our notes say before the words of the marker."""
_RATES = {"2398": "23.976", "2997": "29.97", "5994": "59.94"}


def read_fcpxml(data: bytes, where: str, findings: list[Finding]) -> Node:
    """The Timeline document of the first project of a file; further projects are named in a finding.

    Raises:
        TimelineError: it is no FCPXML, or its frame rate is nowhere said.
    """
    try:
        root = ET.fromstring(data)
    except ET.ParseError as exc:
        raise TimelineError(f"{where} is not well-formed XML: {exc}. Export it again. Nothing was changed.") from exc
    if root.tag != "fcpxml":
        raise TimelineError(f"{where} holds <{root.tag}>, no FCPXML. Nothing was changed.")
    resources = {str(node.get("id")): node for node in root.findall("./resources/*")}
    projects = [node for node in root.iter("project") if node.find("sequence") is not None]
    if len(projects) > 1:
        others = ", ".join(repr(node.get("name") or "") for node in projects[1:])
        message = (
            f"{where} holds {len(projects)} projects; the first, {projects[0].get('name') or ''!r}, is read. "
            f"Export by itself the one you mean: {others}."
        )
        findings.append(Finding(level="warning", code="several_timelines", message=message))
    try:
        if projects:
            sequence = projects[0].find("sequence")
            return _Reader(resources, where, findings).timeline(projects[0].get("name") or "", sequence)
        return _Reader(resources, where, findings).timeline(
            root.get("name") or "", _clips_in_a_row(root, where, findings)
        )
    except (ValueError, ZeroDivisionError, ArithmeticError) as exc:
        raise TimelineError(f"{where} cannot be read: {exc}. Nothing was changed.") from exc


def _clips_in_a_row(root: ET.Element, where: str, findings: list[Finding]) -> ET.Element:
    """A file of clips without a project, one after another."""
    holder = next((node for node in (root.find("library/event"), root.find("event")) if node is not None), root)
    clips = [node for node in holder if node.tag in _CLIPS]
    if not clips:
        raise TimelineError(f"{where} holds no project and no clips. Export the project itself. Nothing was changed.")
    message = f"{where} holds clips and no project; they are read as a timeline, one after another."
    findings.append(Finding(level="warning", code="no_project", message=message))
    spine = ET.Element("spine")
    at = Fraction(0)
    for clip in clips:
        placed = ET.Element(clip.tag, {**clip.attrib, "offset": f"{at.numerator}/{at.denominator}s"})
        placed.extend(clip)
        spine.append(placed)
        at += seconds_of(clip.get("duration") or "0s")
    sequence = ET.Element("sequence", format=next((c.get("format") or "" for c in clips if c.get("format")), ""))
    sequence.append(spine)
    return sequence


def seconds_of(text: str) -> Fraction:
    """A time as FCPXML writes it ("1001/24000s", "5s", "0.5s"), in seconds.

    Raises:
        ValueError: no number, or more than 30 years.
        ZeroDivisionError: "1/0s".
    """
    value = Fraction(text.strip().removesuffix("s"))
    if abs(value) > 10**9:
        raise ValueError(f"the time {text} is beyond reason")
    return value


@dataclass(slots=True)
class _Placed:
    """Something on a track, in seconds since the cut's first frame."""

    start_s: Fraction
    length_s: Fraction
    node: Node


@dataclass(slots=True)
class _Lane:
    """What lies in one lane: clips and the dissolves over their edges (start, length)."""

    items: list[_Placed] = field(default_factory=list[_Placed])
    dissolves: list[tuple[Fraction, Fraction, str]] = field(default_factory=list[tuple[Fraction, Fraction, str]])
    name: str = ""


class _Reader:
    """One file while it is read."""

    def __init__(self, resources: dict[str, ET.Element], where: str, findings: list[Finding]) -> None:
        self.resources, self.where, self.findings = resources, where, findings
        self.rate = Fraction(24)
        self.depth = 0
        self.guides: list[Node] = []

    def timeline(self, name: str, sequence: ET.Element | None) -> Node:
        """The Timeline document of a sequence."""
        if sequence is None:
            raise TimelineError(f"{self.where}: the project has no sequence. Nothing was changed.")
        self.rate = self.rate_of(sequence)
        start = seconds_of(sequence.get("tcStart") or "0s") * self.rate
        stack = self.stack(sequence, "tracks")
        return {
            "OTIO_SCHEMA": "Timeline.1",
            "metadata": {"fcpx": {"tcFormat": sequence.get("tcFormat") or "NDF"}},
            "name": name,
            "global_start_time": time_node(float(start), rate_number(self.rate)),
            "tracks": {**stack, "markers": self.guides},
        }

    def rate_of(self, sequence: ET.Element) -> Fraction:
        """Frames a second of a sequence: its format's, else the first one a format states."""
        own = self.resources.get(sequence.get("format") or "")
        formats = [own] if own is not None else []
        formats += [node for node in self.resources.values() if node.tag == "format"]
        for node in formats:
            if rate := _format_rate(node):
                return rate
        raise TimelineError(f"{self.where}: no format of it says a frame rate. Export it again. Nothing was changed.")

    # ---- a sequence ----

    def stack(self, sequence: ET.Element, name: str) -> Node:
        """A sequence's tracks as a Stack: picture from the lowest lane up, then sound."""
        self.depth += 1
        if self.depth > 20:
            raise ValueError("its compound clips are nested too deeply, or in themselves")
        lanes: dict[tuple[str, int], _Lane] = {}
        spine = sequence.find("spine")
        origin_s = seconds_of(sequence.get("tcStart") or "0s")
        if spine is not None:
            first = next((node.get("offset") for node in spine if node.get("offset")), None)
            if first is not None and seconds_of(first) < origin_s:
                origin_s = Fraction(0)
            self.storyline(spine, Fraction(0), origin_s, 0, lanes)
        self.depth -= 1
        video = [self.tracks(lane, "Video") for (kind, _), lane in sorted(lanes.items()) if kind == "Video"]
        audio = [
            self.tracks(lane, "Audio") for (kind, _), lane in sorted(lanes.items(), reverse=True) if kind == "Audio"
        ]
        children = [track for tracks in (*video, *audio) for track in tracks]
        stack = {**track_node(name, "", children, {}), "OTIO_SCHEMA": "Stack.1"}
        del stack["kind"]
        return stack

    def storyline(
        self, spine: ET.Element, start_s: Fraction, origin_s: Fraction, lane: int, lanes: dict[tuple[str, int], _Lane]
    ) -> None:
        """Children of a spine; where they have no offset, one after another."""
        at = start_s
        for node in spine:
            if node.tag not in _STORY:
                continue
            if offset := node.get("offset"):
                at = start_s + seconds_of(offset) - origin_s
            length = seconds_of(node.get("duration") or "0s")
            if node.tag == "transition":
                name = node.get("name") or "Cross Dissolve"
                for kind in ("Video", "Audio"):
                    if (kind, lane) in lanes or kind == "Video":
                        lanes.setdefault((kind, lane), _Lane()).dissolves.append((at, length, name))
                continue
            self.place(node, at, lane, lanes)
            at += length or self.length_of(node)

    def place(self, node: ET.Element, start_s: Fraction, lane: int, lanes: dict[tuple[str, int], _Lane]) -> None:
        """One element and everything that hangs on it."""
        if node.tag == "audition":
            chosen = next((inner for inner in node if inner.tag in _CLIPS), None)
            if chosen is not None:
                self.place(chosen, start_s, lane, lanes)
            return
        length = seconds_of(node.get("duration") or "0s") or self.length_of(node)
        own_start = self.own_start(node)
        if self.depth == 1:
            over = (inner for inner in node.findall("marker") if _is_over(inner))
            self.guides += [self.marker(m, start_s + seconds_of(m.get("start") or "0s") - own_start) for m in over]
        for kind, made in self.items(node, own_start, length):
            lanes.setdefault((kind, lane), _Lane()).items.append(_Placed(start_s, length, made))
        for inner in node:
            if inner.tag not in _STORY or inner.get("lane") is None:
                continue
            if node.tag == "clip" and inner.tag in ("audio", "video"):
                continue  # its own sound and picture
            number = lane + _lane_number(inner)
            there = start_s + seconds_of(inner.get("offset") or "0s") - own_start
            if inner.tag == "spine":
                self.storyline(inner, there, Fraction(0), number, lanes)
            else:
                self.place(inner, there, number, lanes)

    def own_start(self, node: ET.Element) -> Fraction:
        """An element's own clock at its first frame: stated, else its media's."""
        if start := node.get("start"):
            return seconds_of(start)
        source = self.resources.get(node.get("ref") or "")
        if source is not None and source.tag == "asset":
            return seconds_of(source.get("start") or "0s")
        return Fraction(0)

    def length_of(self, node: ET.Element) -> Fraction:
        """Length of an element that does not state it: its media's."""
        source = self.resources.get(node.get("ref") or "")
        inside = source if source is None or source.tag == "asset" else source.find("sequence")
        return seconds_of((inside.get("duration") if inside is not None else "") or "0s")

    # ---- clips ----

    def items(self, node: ET.Element, own_start: Fraction, length: Fraction) -> Iterator[tuple[str, Node]]:
        """What an element plays: picture, sound, both, or nothing (a gap without a name of its own)."""
        name = node.get("name") or ""
        if node.tag == "gap":
            if name not in ("", "Gap"):
                yield "Video", self.clip(node, name, own_start, length, _missing())
            return
        source = self.resources.get(node.get("ref") or "")
        if node.tag == "ref-clip" and source is not None and (sequence := source.find("sequence")) is not None:
            enabled = node.get("srcEnable") or "all"
            yield ("Audio" if enabled == "audio" else "Video"), self.compound(node, sequence, name, own_start, length)
            return
        if node.tag in ("clip", "sync-clip"):
            yield from self.wrapped(node, name, own_start, length)
            return
        if source is None or source.tag != "asset":
            yield (
                "Audio" if node.tag == "audio" else "Video",
                self.clip(node, name, own_start, length, _generator(node)),
            )
            return
        url = _url_of(source)
        reference = self.reference(source, url) if url else _missing()
        for kind in _kinds_of(node, source):
            yield kind, self.clip(node, name, own_start, length, reference)

    def wrapped(self, node: ET.Element, name: str, own_start: Fraction, length: Fraction) -> Iterator[tuple[str, Node]]:
        """A clip around its picture and sound: the inner elements say which files and where."""
        seen: set[tuple[str, str]] = set()
        for inner in node.iter():
            source = self.resources.get(inner.get("ref") or "")
            if (
                inner is node
                or source is None
                or source.tag != "asset"
                or inner.tag not in ("asset-clip", "audio", "video")
            ):
                continue
            kind = "Audio" if inner.tag == "audio" else "Video"
            if (kind, str(inner.get("ref"))) in seen or (url := _url_of(source)) is None:
                continue
            seen.add((kind, str(inner.get("ref"))))
            into = own_start - seconds_of(inner.get("offset") or "0s") if inner.get("lane") is None else own_start
            yield (
                kind,
                self.clip(node, name, self.own_start(inner) + into, length, self.reference(source, url), own_start),
            )
        if not seen:
            yield "Video", self.clip(node, name, own_start, length, _generator(node))

    def clip(
        self,
        node: ET.Element,
        name: str,
        source_s: Fraction,
        length_s: Fraction,
        reference: Node,
        own_start: Fraction | None = None,
    ) -> Node:
        """A Clip.2 with its speed and markers."""
        clock = source_s if own_start is None else own_start
        first, speed = _speed_of(node, clock)
        if speed != 1:
            source_s = first
        effects: list[Node] = [] if speed == 1 else [_warp(speed)]
        effects += [_effect(inner) for inner in node if inner.tag in ("filter-video", "filter-audio")]
        metadata: Node = {
            "fcpx": {key: value for key, value in node.attrib.items() if key in ("audioRole", "videoRole", "role")}
        }
        made = clip_node(
            name, self.span(source_s, length_s), {"DEFAULT_MEDIA": reference}, "DEFAULT_MEDIA", metadata, effects
        )
        made["enabled"] = node.get("enabled") != "0"
        made["markers"] = [
            self.marker(inner, source_s + (seconds_of(inner.get("start") or "0s") - clock) * abs(speed or 1))
            for inner in node
            if inner.tag in ("marker", "chapter-marker") and not _is_over(inner)
        ]
        return made

    def compound(
        self, node: ET.Element, sequence: ET.Element, name: str, own_start: Fraction, length: Fraction
    ) -> Node:
        """A compound clip as a nested stack."""
        stack = self.stack(sequence, name)
        stack["source_range"] = self.span(own_start - seconds_of(sequence.get("tcStart") or "0s"), length)
        stack["enabled"] = node.get("enabled") != "0"
        return stack

    def marker(self, node: ET.Element, at_s: Fraction) -> Node:
        """A marker in the media's clock; one that lies over the cut, in the cut's."""
        note = node.get("note") or ""
        tag = _TAG.match(note)
        frames = int(tag[2]) if tag else 0
        return {
            "OTIO_SCHEMA": "Marker.2", "metadata": {}, "name": node.get("value") or "",
            "comment": note[tag.end() :] if tag else note,
            "color": "GREEN" if node.get("completed") == "1" else "RED" if node.get("completed") == "0" else "PURPLE",
            "marked_range": self.span(at_s, frames / self.rate),
        }  # fmt: skip

    def reference(self, asset: ET.Element, url: str) -> Node:
        """A media reference to an asset's file."""
        span = self.span(seconds_of(asset.get("start") or "0s"), seconds_of(asset.get("duration") or "0s"))
        return reference_node(url.rpartition("/")[2] or asset.get("name") or "", url, span, {})

    def span(self, start_s: Fraction, length_s: Fraction) -> Node:
        """A TimeRange at the cut's rate."""
        rate = rate_number(self.rate)
        start, length = time_node(float(start_s * self.rate), rate), time_node(float(length_s * self.rate), rate)
        return {"OTIO_SCHEMA": "TimeRange.1", "duration": length, "start_time": start}

    # ---- tracks ----

    def tracks(self, lane: _Lane, kind: str) -> list[Node]:
        """A lane as tracks: one, and further ones for what overlaps."""
        rows: list[list[_Placed]] = []
        for placed in sorted(lane.items, key=lambda item: item.start_s):
            row = next((row for row in rows if row[-1].start_s + row[-1].length_s <= placed.start_s), None)
            if row is None:
                rows.append([placed])
            else:
                row.append(placed)
        return [track_node(lane.name, kind, list(self.children(row, lane)), {}) for row in rows]

    def children(self, row: list[_Placed], lane: _Lane) -> Iterator[Node]:
        """Gaps, clips and dissolves of a track."""
        at = Fraction(0)
        for placed in row:
            if placed.start_s > at:
                yield self.gap(placed.start_s - at)
            if dissolve := self.dissolve_over(lane, placed.start_s):
                yield dissolve
            yield placed.node
            at = placed.start_s + placed.length_s
            follows = any(other.start_s == at for other in row)
            if not follows and (dissolve := self.dissolve_over(lane, at)):
                yield dissolve

    def gap(self, length_s: Fraction) -> Node:
        """A Gap, exact also where it is no whole number of frames."""
        return {**gap_node(0, rate_number(self.rate)), "source_range": self.span(Fraction(0), length_s)}

    def dissolve_over(self, lane: _Lane, edge_s: Fraction) -> Node | None:
        """The dissolve that lies over an edge."""
        for start, length, name in lane.dissolves:
            if start <= edge_s <= start + length and length:
                rate = rate_number(self.rate)
                return {
                    "OTIO_SCHEMA": "Transition.1", "metadata": {}, "name": name, "transition_type": "SMPTE_Dissolve",
                    "in_offset": time_node(float((edge_s - start) * self.rate), rate),
                    "out_offset": time_node(float((start + length - edge_s) * self.rate), rate),
                }  # fmt: skip
        return None


def _format_rate(node: ET.Element) -> Fraction | None:
    """Frames a second of a format, by its frame duration, else by its name."""
    if duration := node.get("frameDuration"):
        seconds = seconds_of(duration)
        return snap_frame_rate(1 / seconds) if seconds > 0 else None
    named = _NAMED_RATE.search(node.get("name") or "")
    return snap_frame_rate(_RATES.get(named[1], named[1])) if named else None


def _is_over(marker: ET.Element) -> bool:
    """True for a marker of the whole cut, which we laid on the clip under it."""
    tag = _TAG.match(marker.get("note") or "")
    return bool(tag and tag[1])


def _lane_number(node: ET.Element) -> int:
    number = int(node.get("lane") or "0")
    return max(-1000, min(1000, number))


def _url_of(asset: ET.Element) -> str | None:
    """The link of an asset: an attribute until 1.8, an element since."""
    media = asset.find("media-rep")
    return asset.get("src") or (media.get("src") if media is not None else None)


def _kinds_of(node: ET.Element, asset: ET.Element) -> list[str]:
    """Which tracks an element belongs on."""
    enabled = node.get("srcEnable") or "all"
    has_video, has_audio = asset.get("hasVideo") == "1", asset.get("hasAudio") == "1"
    kinds = ["Video"] if has_video and enabled != "audio" and node.tag != "audio" else []
    if has_audio and enabled != "video" and node.tag != "video":
        kinds.append("Audio")
    return kinds or ["Audio" if node.tag == "audio" or not has_video else "Video"]


def _speed_of(node: ET.Element, clock_s: Fraction) -> tuple[Fraction, Fraction]:
    """(media second at the clip's first frame, constant speed); speed 1 where nothing is mapped, or not linearly."""
    points = [
        (seconds_of(p.get("time") or "0s"), seconds_of(p.get("value") or "0s")) for p in node.findall("timeMap/timept")
    ]
    if len(points) < 2 or points[0][0] == points[-1][0]:
        return clock_s, Fraction(1)
    (time, value), (last, end) = points[0], points[-1]
    speed = (end - value) / (last - time)
    if speed == 1 or any(abs(value + (t - time) * speed - v) > Fraction(1, 1000) for t, v in points):
        return clock_s, Fraction(1)
    first = value + (clock_s - time) * speed
    if speed < 0:  # a reversed clip's range begins at the earliest frame it shows
        length = seconds_of(node.get("duration") or "0s")
        first += length * speed
    return first, speed


def _warp(speed: Fraction) -> Node:
    """A speed effect."""
    schema = "FreezeFrame.1" if speed == 0 else "LinearTimeWarp.1"
    effect: Node = {"OTIO_SCHEMA": schema, "metadata": {}, "name": "", "effect_name": "", "enabled": True}
    return {**effect, "time_scalar": float(speed)}


def _effect(node: ET.Element) -> Node:
    name = node.get("name") or node.tag
    return {
        "OTIO_SCHEMA": "Effect.1",
        "metadata": {},
        "name": name,
        "effect_name": name,
        "enabled": node.get("enabled") != "0",
    }


def _missing() -> Node:
    return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": "", "available_range": None}


def _generator(node: ET.Element) -> Node:
    """A title, a multicam clip, a generator: its kind by name."""
    return {
        "OTIO_SCHEMA": "GeneratorReference.1", "metadata": {}, "name": node.get("name") or "", "available_range": None,
        "generator_kind": f"fcpx.{node.tag}", "parameters": {},
    }  # fmt: skip
