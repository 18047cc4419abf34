"""FCP7 XML (xmeml 5): what Premiere, Resolve and many others read. A stereo clip takes two tracks, one a channel.

Times are frames of the sequence. `in` and `out` count from the file's first frame, at the speed that is shown; where a
transition begins or ends a clip, its own edge is -1 and `in` is the frame at the transition's start.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from xml.etree import ElementTree as ET

from twopop.flavours import KEPT, Fidelity, Flavour, Loss, approximated, lost
from twopop.timebase import SAMPLE_RATE, format_timecode, nearest_frame, nominal_rate
from twopop.timeline import Cut, Node, as_list, as_node, schema_name
from twopop.tracks import active_reference, compositions, time_value

from ._common import Edit, Lane, Piece, child, edit_of, xml_bytes

FIDELITY: Fidelity = {
    "dissolves": KEPT,
    "fades": KEPT,
    "wipes": approximated("every transition is a dissolve"),
    "nests": approximated("they are opened; their clips lie on tracks"),
    "retimes": approximated("constant speeds are kept; frozen clips are their first frame at normal speed"),
    "effects": lost("they are left out"),
    "titles": approximated("they are generators of their name; what they say is left out"),
    "holes": approximated("they are offline clips with their markers"),
    "disabled clips": KEPT,
    "markers": approximated("those of tracks and nests become markers of the sequence; colours are left out"),
    "takes": approximated("only the circled one is there; the others stay in the store"),
    "links": KEPT,
    "start timecode": KEPT,
    "metadata": lost("it is left out; takes are known again by their files"),
}


class XmemlFlavour(Flavour):
    """`twopop render --for xmeml`; written beside `resolve` and `premiere`."""

    name = "xmeml"
    suffix = ".xml"
    fidelity = FIDELITY
    proof = "read back by otio-fcp-adapter in our suite; in editors by rule only"

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The sequence, and what is not in it."""
        edit = edit_of(cut)
        return xml_bytes(_Sequence(edit).root, "xmeml"), edit.losses(FIDELITY)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One clipitem: a piece, on which track of its kind, and which channel of its file."""

    id: str
    piece: Piece
    track: int
    place: int
    channel: int


class _Sequence:
    """The document while it is written; a file is described once and then referred to."""

    def __init__(self, edit: Edit) -> None:
        self.edit, self.rate = edit, edit.frame_rate
        self.files: dict[Path | str, str] = {}
        self.entries: dict[tuple[int, int], list[_Entry]] = {}
        self.groups: dict[int, list[_Entry]] = {}
        self._number()
        self.root = ET.Element("xmeml", version="5")
        sequence = child(self.root, "sequence", id="sequence-1")
        child(sequence, "name", edit.cut.name)
        child(sequence, "duration", edit.frames)
        add_rate(sequence, self.rate)
        start = edit.cut.start_frames if edit.cut.has_start else 0
        self.add_timecode(sequence, start, self.rate, edit.cut.drop_frame)
        media = child(sequence, "media")
        self.add_video(child(media, "video"))
        self.add_audio(child(media, "audio"))
        for node, _, window in compositions(edit.cut.document, self.rate):
            self.add_markers(sequence, node, -floor(window.shift))

    def _number(self) -> None:
        """Gives every clipitem its id and place, so that links can name clips that come later."""
        count = 0
        for kind in ("Video", "Audio"):
            track = 0
            for lane in self.edit.of_kind(kind):
                for channel in range(_channels(lane)):
                    track += 1
                    for place, piece in enumerate(lane.pieces, 1):
                        count += 1
                        entry = _Entry(f"clipitem-{count}", piece, track, place, channel)
                        self.entries.setdefault((self.edit.lanes.index(lane), channel), []).append(entry)
                        if piece.group:
                            self.groups.setdefault(piece.group, []).append(entry)

    # tracks

    def add_video(self, video: ET.Element) -> None:
        """Format and picture tracks."""
        said = child(child(video, "format"), "samplecharacteristics")
        add_rate(said, self.rate)
        for tag, value in (("width", self.edit.width), ("height", self.edit.height), ("anamorphic", "FALSE")):
            child(said, tag, value)
        child(said, "pixelaspectratio", "square")
        child(said, "fielddominance", "none")
        for index, lane in enumerate(self.edit.lanes):
            if lane.kind == "Video":
                self.add_track(video, lane, index, 0)

    def add_audio(self, audio: ET.Element) -> None:
        """Format and sound tracks: one a channel."""
        child(audio, "numOutputChannels", 2)
        said = child(child(audio, "format"), "samplecharacteristics")
        child(said, "depth", 24)
        child(said, "samplerate", SAMPLE_RATE)
        for index, lane in enumerate(self.edit.lanes):
            if lane.kind == "Audio":
                for channel in range(_channels(lane)):
                    self.add_track(audio, lane, index, channel)

    def add_track(self, parent: ET.Element, lane: Lane, index: int, channel: int) -> None:
        """One track with its clips and the transitions between them."""
        track = child(parent, "track")
        track.set("MZ.TrackName", lane.name)
        if lane.kind == "Audio":
            track.set("currentExplodedTrackIndex", str(channel))
            track.set("totalExplodedTrackCount", str(_channels(lane)))
            track.set("premiereTrackType", "Stereo" if _channels(lane) == 2 else "Mono")
        for entry in self.entries.get((index, channel), []):
            piece = entry.piece
            if piece.fade_in:
                self.add_transition(track, lane, piece, head=True)
            self.add_item(track, entry)
            if piece.fade_out and not piece.joins_after:
                self.add_transition(track, lane, piece, head=False)
        child(track, "enabled", "TRUE")
        child(track, "locked", "FALSE")

    def add_transition(self, track: ET.Element, lane: Lane, piece: Piece, *, head: bool) -> None:
        """The dissolve at one end of a clip; from or to black where there is no neighbour."""
        shown = piece.shown
        start = shown.start if head else shown.end - piece.fade_out
        end = shown.start + piece.fade_in if head else shown.end
        item = child(track, "transitionitem")
        child(item, "start", start)
        child(item, "end", end)
        black = "start-black" if head else "end-black"
        child(item, "alignment", "center" if piece.joins_before and head else black)
        add_rate(item, self.rate)
        effect = child(item, "effect")
        name = "Cross Dissolve" if lane.kind == "Video" else "Cross Fade (0dB)"
        said = {"name": name, "effectid": name, "effecttype": "transition", "mediatype": lane.kind.lower()}
        for tag, value in said.items():
            child(effect, tag, value)

    # clips

    def add_item(self, track: ET.Element, entry: _Entry) -> None:
        """A clip, or a generator where it is a title."""
        piece = entry.piece
        title = schema_name(active_reference(piece.item.node)) == "GeneratorReference"
        item = child(track, "generatoritem" if title else "clipitem", id=entry.id)
        if piece.item.kind == "Audio" and _stereo(piece):
            item.set("premiereChannelType", "stereo")
        first = self.first(piece)
        frames = piece.shown.frames
        record = piece.item.record
        said = {
            "name": piece.name, "enabled": str(piece.item.enabled).upper(),
            "duration": max(first + frames, floor(piece.media_frames(self.rate) / (abs(piece.speed) or 1))),
        }  # fmt: skip
        for tag, value in said.items():
            child(item, tag, value)
        add_rate(item, self.rate)
        child(item, "start", -1 if piece.fade_in else record.start)
        child(item, "end", -1 if piece.fade_out else record.end)
        child(item, "in", first)
        child(item, "out", first + frames)
        if title:
            self.add_generator(item, piece)
        else:
            self.add_file(item, piece)
        self.add_speed(item, piece)
        if piece.item.kind == "Audio":
            source = child(item, "sourcetrack")
            child(source, "mediatype", "audio")
            child(source, "trackindex", entry.channel + 1)
        if entry.channel == 0:
            self.add_markers(item, piece.item.node, piece.start, piece)
        for other in self.groups.get(piece.group, []) if piece.group else []:
            _add_link(item, other)

    def first(self, piece: Piece) -> int:
        """`in`: the media frame at the start, counted at the speed that is shown."""
        if piece.speed in (0, 1) or piece.facts is None:
            return piece.first if piece.facts else 0
        head = piece.item.record.start - piece.shown.start
        return nearest_frame((piece.first + head) / abs(piece.speed)) - head

    def add_file(self, item: ET.Element, piece: Piece) -> None:
        """The file: in full the first time, by its id afterwards; without a path where there is none."""
        key = piece.path or f"{piece.name} {piece.item.path}"
        known = self.files.get(key)
        file = child(item, "file", id=known or f"file-{len(self.files) + 1}")
        if known:
            return
        self.files[key] = file.get("id", "")
        child(file, "name", piece.path.name if piece.path else piece.name)
        if piece.path:
            child(file, "pathurl", piece.path.as_uri().replace("file://", "file://localhost", 1))
        facts = piece.facts
        rate = facts.frame_rate if facts and facts.frame_rate and facts.frames else self.rate
        add_rate(file, rate)
        frames = facts.frames if facts and facts.frames and not facts.is_still else piece.media_frames(self.rate)
        child(file, "duration", max(1, frames))
        start = nearest_frame(piece.timecode(self.rate) * rate / self.rate)
        self.add_timecode(file, start, rate, drop=False)
        if facts:
            _add_media(child(file, "media"), piece, rate)

    def add_generator(self, item: ET.Element, piece: Piece) -> None:
        """A title: its kind by name."""
        reference = active_reference(piece.item.node)
        effect = child(item, "effect")
        name = str(reference.get("generator_kind") or piece.name)
        said = {"name": name, "effectid": name, "effectcategory": "Text", "effecttype": "generator"}
        for tag, value in {**said, "mediatype": "video"}.items():
            child(effect, tag, value)

    def add_speed(self, item: ET.Element, piece: Piece) -> None:
        """A constant speed as FCP7's time remap."""
        if piece.speed in (0, 1):
            return
        effect = child(child(item, "filter"), "effect")
        said = {"name": "Time Remap", "effectid": "timeremap", "effectcategory": "motion", "effecttype": "motion"}
        for tag, value in {**said, "mediatype": piece.item.kind.lower()}.items():
            child(effect, tag, value)
        percent = f"{float(abs(piece.speed) * 100):.6g}"
        values = {"variablespeed": "0", "speed": percent, "reverse": str(piece.speed < 0).upper()}
        for name, value in values.items():
            parameter = child(effect, "parameter")
            child(parameter, "parameterid", name)
            child(parameter, "name", name)
            child(parameter, "value", value)

    def add_markers(self, parent: ET.Element, node: Node, start: int, piece: Piece | None = None) -> None:
        """Markers of a clip (frames of its file) or of a composition (frames of the sequence)."""
        for marker in map(as_node, as_list(node.get("markers"))):
            span = as_node(marker.get("marked_range"))
            at = nearest_frame(time_value(as_node(span.get("start_time")), self.rate)) - start
            frames = nearest_frame(time_value(as_node(span.get("duration")), self.rate))
            if at < 0 or (piece is not None and piece.facts is None and at > piece.item.trimmed.end):
                continue
            said = child(parent, "marker")
            child(said, "name", marker.get("name") or "")
            child(said, "comment", marker.get("comment") or "")
            child(said, "in", at)
            child(said, "out", at + frames if frames else -1)

    def add_timecode(self, parent: ET.Element, frame: int, rate: Fraction, drop: bool) -> None:
        """A timecode in its own rate."""
        timecode = child(parent, "timecode")
        add_rate(timecode, rate)
        child(timecode, "string", format_timecode(frame, rate, drop_frame=drop))
        child(timecode, "frame", frame)
        child(timecode, "displayformat", "DF" if drop else "NDF")


def add_rate(parent: ET.Element, frame_rate: Fraction) -> None:
    """A rate as a whole number and whether it is the NTSC one."""
    rate = child(parent, "rate")
    child(rate, "timebase", nominal_rate(frame_rate))
    child(rate, "ntsc", str(frame_rate.denominator != 1).upper())


def _add_media(media: ET.Element, piece: Piece, rate: Fraction) -> None:
    """What a file holds."""
    facts = piece.facts
    if facts is None:
        return
    if facts.width:
        said = child(child(media, "video"), "samplecharacteristics")
        add_rate(said, rate)
        child(said, "width", facts.width)
        child(said, "height", facts.height)
    if facts.channels:
        audio = child(media, "audio")
        said = child(audio, "samplecharacteristics")
        child(said, "depth", 24)
        child(said, "samplerate", facts.sample_rate)
        child(audio, "channelcount", facts.channels)


def _add_link(item: ET.Element, other: _Entry) -> None:
    link = child(item, "link")
    child(link, "linkclipref", other.id)
    child(link, "mediatype", other.piece.item.kind.lower())
    child(link, "trackindex", other.track)
    child(link, "clipindex", other.place)
    child(link, "groupindex", 1)


def _channels(lane: Lane) -> int:
    """Tracks that a lane takes: one for picture, one a channel for sound."""
    if lane.kind == "Video":
        return 1
    return 2 if any(_stereo(piece) for piece in lane.pieces) or not lane.pieces else 1


def _stereo(piece: Piece) -> bool:
    return piece.facts is None or piece.facts.channels != 1
