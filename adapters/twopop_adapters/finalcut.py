"""FCPXML 1.10 for Final Cut Pro: the lowest picture track is the main story, all others hang on it in lanes.

Times are exact fractions of a second. An `offset` counts in the parent's own clock: its `start` plus the way into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

from twopop.flavours import KEPT, Fidelity, Flavour, Loss, approximated, lost
from twopop.timebase import SAMPLE_RATE, FrameRange, frames_to_seconds, nearest_frame
from twopop.timeline import Cut, Node, as_list, as_node

from ._common import Edit, Lane, Piece, child, edit_of, guides_of, marked, xml_bytes

FIDELITY: Fidelity = {
    "dissolves": KEPT,
    "fades": KEPT,
    "wipes": approximated("every transition is a cross dissolve"),
    "nests": approximated("they are opened; their clips lie in lanes"),
    "retimes": KEPT,
    "effects": lost("they are left out"),
    "titles": approximated("they are gaps of their name"),
    "holes": approximated("they are gaps of their name, with their markers"),
    "disabled clips": KEPT,
    "markers": approximated(
        "those of tracks, nests and timeline lie on the clip under them; lengths are in notes, colours left out"
    ),
    "takes": approximated("only the circled one is there; the others are named in the clip's note"),
    "links": approximated("stems hang on the picture they lie under and move with it"),
    "start timecode": KEPT,
    "metadata": lost("it is left out; takes are known again by their files"),
}
ROLES = {"dialogue": "dialogue", "effects": "effects", "ambience": "effects.ambience", "music": "music"}
LONG = "[twopop"
"""Begins the note of a marker with what Final Cut has no word for: a length, that it belongs to the whole cut."""
GAP_START_S = 3600
"""Where the clock of a gap begins: Final Cut's own habit."""


class FinalCutFlavour(Flavour):
    """`twopop render --for finalcut`."""

    name = "finalcut"
    suffix = ".fcpxml"
    fidelity = FIDELITY
    proof = "places read back by otio-fcpx-xml-adapter, all of it by us; in Final Cut by rule only"

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The library with one project, and what is not in it."""
        edit = edit_of(cut)
        return xml_bytes(_Library(edit).root, "fcpxml"), edit.losses(FIDELITY)


@dataclass(frozen=True, slots=True)
class _Story:
    """An element of the main story, on which others hang."""

    node: ET.Element
    record: FrameRange
    start_s: Fraction
    """Its own clock at `record.start`."""


class _Library:
    """The document while it is written; every file is one asset."""

    def __init__(self, edit: Edit) -> None:
        self.edit, self.rate = edit, edit.frame_rate
        self.root = ET.Element("fcpxml", version="1.10")
        self.resources = child(self.root, "resources")
        self.assets: dict[Path, str] = {}
        self.formats: dict[tuple[Fraction, int, int], str] = {}
        own = self.format_of(self.rate, edit.width, edit.height)
        event = child(child(self.root, "library"), "event", name=edit.cut.name)
        project = child(event, "project", name=edit.cut.name)
        self.start_s = self.seconds(edit.cut.start_frames if edit.cut.has_start else 0)
        sequence = child(
            project, "sequence", format=own, duration=said(self.seconds(edit.frames)), tcStart=said(self.start_s),
            tcFormat="DF" if edit.cut.drop_frame else "NDF", audioLayout="stereo", audioRate="48k",
        )  # fmt: skip
        self.stories = self.add_story(child(sequence, "spine"))
        self.hang_lanes()
        self.add_guides()
        for story in self.stories:
            _in_order(story.node)

    def seconds(self, frames: int) -> Fraction:
        """Frames of the cut in seconds."""
        return frames_to_seconds(frames, self.rate)

    # resources

    def format_of(self, frame_rate: Fraction, width: int, height: int) -> str:
        """The format of a rate and size."""
        key = (frame_rate, width, height)
        if key not in self.formats:
            self.formats[key] = self.new_id()
            child(
                self.resources, "format", id=self.formats[key], frameDuration=said(1 / frame_rate),
                width=width or None, height=height or None,
            )  # fmt: skip
        return self.formats[key]

    def new_id(self) -> str:
        """The next free resource id."""
        return f"r{len(self.resources) + 1}"

    def asset_of(self, piece: Piece, path: Path) -> str:
        """The asset of a file."""
        if path in self.assets:
            return self.assets[path]
        facts = piece.facts
        video = facts is not None and bool(facts.width)
        rate = facts.frame_rate if facts and facts.frame_rate and video else self.rate
        own = self.format_of(rate, facts.width, facts.height) if facts and video else None
        name = self.assets[path] = self.new_id()
        sound: dict[str, object] = {}
        if facts is not None and facts.channels:
            sound = {"hasAudio": 1, "audioSources": 1, "audioChannels": facts.channels, "audioRate": facts.sample_rate}
        asset = child(
            self.resources, "asset", id=name, name=path.stem, start=said(media_start_s(piece, self.rate)),
            duration=said(media_length_s(piece, self.rate)), hasVideo=1 if video else None, format=own, **sound,
        )  # fmt: skip
        child(asset, "media-rep", kind="original-media", src=path.as_uri())
        return name

    # the main story

    def add_story(self, spine: ET.Element) -> list[_Story]:
        """The lowest picture track, gaps included; a gap as long as the cut where there is none."""
        lanes = self.edit.of_kind("Video")
        pieces = lanes[0].pieces if lanes else ()
        return list(
            self.fill(spine, pieces, FrameRange(0, self.edit.frames), self.start_s, lanes[0] if lanes else None)
        )

    def fill(
        self, spine: ET.Element, pieces: Sequence[Piece], span: FrameRange, origin_s: Fraction, lane: Lane | None
    ) -> Iterator[_Story]:
        """Clips, gaps and transitions of a storyline that begins at `span.start`, which its clock calls `origin_s`."""
        at = span.start
        for piece in pieces:
            record = piece.item.record
            if record.start > at:
                yield self.add_gap(spine, FrameRange(at, record.start - at), span.start, origin_s)
            offset_s = origin_s + self.seconds(record.start - span.start)
            if piece.fade_in:
                self.add_transition(spine, offset_s - self.seconds(record.start - piece.shown.start), piece.fade_in)
            yield self.add_clip(spine, piece, offset_s, lane)
            if piece.fade_out and not piece.joins_after:
                self.add_transition(
                    spine, offset_s + self.seconds(piece.shown.end - record.start - piece.fade_out), piece.fade_out
                )
            at = record.end
        if span.end > at:
            yield self.add_gap(spine, FrameRange(at, span.end - at), span.start, origin_s)

    def add_gap(self, spine: ET.Element, record: FrameRange, first: int, origin_s: Fraction) -> _Story:
        """An empty place."""
        offset = said(origin_s + self.seconds(record.start - first))
        node = child(
            spine, "gap", name="Gap", offset=offset, duration=said(self.seconds(record.frames)), start=f"{GAP_START_S}s"
        )
        return _Story(node, record, Fraction(GAP_START_S))

    def add_transition(self, spine: ET.Element, offset_s: Fraction, frames: int) -> None:
        """A dissolve that lies over the edges of its neighbours."""
        child(spine, "transition", name="Cross Dissolve", offset=said(offset_s), duration=said(self.seconds(frames)))

    def add_clip(
        self, parent: ET.Element, piece: Piece, offset_s: Fraction, lane: Lane | None, number: int | None = None
    ) -> _Story:
        """A clip, or a gap of its name where it has no media; `number` is its lane where it hangs."""
        item = piece.item
        place = {
            "lane": number,
            "offset": said(offset_s),
            "name": piece.name,
            "duration": said(self.seconds(item.record.frames)),
        }
        enabled = None if item.enabled else 0
        if piece.path is None or piece.facts is None:
            start_s = self.seconds(item.trimmed.start)
            node = child(parent, "gap", **place, start=said(start_s), enabled=enabled)
            self.add_note(node, piece)
            self.add_markers(node, piece, item.trimmed.start, start_s)
            return _Story(node, item.record, start_s)
        start_s = media_start_s(piece, self.rate) + self.seconds(piece.first + item.record.start - piece.shown.start)
        node = child(
            parent, "asset-clip", ref=self.asset_of(piece, piece.path), **place, start=said(start_s), enabled=enabled,
            srcEnable=self.heard(piece), audioRole=_audio_role(piece, lane),
        )  # fmt: skip
        self.add_note(node, piece)
        self.add_speed(node, piece, start_s)
        self.add_markers(node, piece, item.trimmed.start, start_s)
        return _Story(node, item.record, start_s)

    def heard(self, piece: Piece) -> str | None:
        """Which half of a file with both is used."""
        if piece.facts is None or not (piece.facts.width and piece.facts.channels):
            return None
        return "audio" if piece.item.kind == "Audio" else "video"

    def add_note(self, node: ET.Element, piece: Piece) -> None:
        """The other takes of a shot, by name."""
        references = as_node(piece.item.node.get("media_references"))
        names = [str(as_node(r).get("name")) for key, r in references.items() if key.startswith("twopop:")]
        if len(names) > 1 and piece.item.kind == "Video":
            child(node, "note", f"Takes: {', '.join(names)}. Circled: {piece.path.name if piece.path else 'none'}.")

    def add_speed(self, node: ET.Element, piece: Piece, start_s: Fraction) -> None:
        """A constant speed, or a frozen frame, as a map of two points."""
        if piece.speed == 1:
            return
        length_s = self.seconds(piece.item.record.frames)
        first_s, last_s = start_s, start_s + length_s * piece.speed
        if piece.speed < 0:
            first_s, last_s = start_s - length_s * piece.speed, start_s
        points = child(node, "timeMap")
        child(points, "timept", time=said(start_s), value=said(first_s), interp="linear")
        child(points, "timept", time=said(start_s + length_s), value=said(last_s), interp="linear")

    def add_markers(self, node: ET.Element, piece: Piece, first: int, start_s: Fraction) -> None:
        """Markers of a clip, in its own clock."""
        speed = abs(piece.speed) or Fraction(1)
        for marker in map(as_node, as_list(piece.item.node.get("markers"))):
            start, frames = marked(marker, self.rate)
            where = start_s + (nearest_frame(start) - first) / speed / self.rate
            self.add_marker(node, marker, where, f"{LONG} {frames} frames]" if frames else "")

    def add_guides(self) -> None:
        """Markers of timeline, tracks and nests: Final Cut has none, so they lie on what is under them."""
        for guide in guides_of(self.edit):
            story = self.under(guide.start)
            where = story.start_s + self.seconds(guide.start - story.record.start)
            self.add_marker(story.node, guide.marker, where, f"{LONG} over the cut {guide.frames} frames]")

    def add_marker(self, node: ET.Element, marker: Node, start_s: Fraction, tag: str) -> None:
        """A marker; what Final Cut has no word for stands first in its note."""
        note = "\n".join(filter(None, (tag, str(marker.get("comment") or "")))) or None
        text = {"value": marker.get("name") or "", "note": note}
        child(node, "marker", start=said(start_s), duration=said(1 / self.rate), **text)

    # lanes

    def hang_lanes(self) -> None:
        """Every other track: picture above the main story, sound below."""
        for number, lane in enumerate(self.edit.of_kind("Video")[1:], 1):
            self.hang(lane, number)
        for number, lane in enumerate(self.edit.of_kind("Audio"), 1):
            self.hang(lane, -number)

    def hang(self, lane: Lane, number: int) -> None:
        """A track's clips, each on what lies under its start; those that dissolve or are empty, in a storyline."""
        for run in _runs(lane.pieces):
            span = FrameRange(run[0].item.record.start, run[-1].item.record.end - run[0].item.record.start)
            story = self.under(span.start)
            offset_s = story.start_s + self.seconds(span.start - story.record.start)
            if len(run) == 1 and not run[0].fade_in and not run[0].fade_out and run[0].facts:
                self.add_clip(story.node, run[0], offset_s, lane, number)
                continue
            spine = child(story.node, "spine", lane=number, offset=said(offset_s))
            list(self.fill(spine, run, span, Fraction(0), lane))

    def under(self, frame: int) -> _Story:
        """The element of the main story at a frame; the last where it ends before."""
        if not self.stories:
            raise AssertionError("a cut with clips has a main story")
        return next((story for story in self.stories if story.record.holds(frame)), self.stories[-1])


def _audio_role(piece: Piece, lane: Lane | None) -> str | None:
    return ROLES.get(lane.role, "dialogue") if piece.item.kind == "Audio" and lane else None


def _runs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces that dissolve into each other, together."""
    runs = [[pieces[0]]] if pieces else []
    for before, piece in pairwise(pieces):
        if before.joins_after:
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs


def _in_order(node: ET.Element) -> None:
    """The order that the DTD wants: note, map, what hangs on it, markers."""
    rank = {"note": 0, "timeMap": 1, "marker": 3}
    node[:] = sorted(node, key=lambda inner: rank.get(inner.tag, 2))
    for inner in node:
        for one in inner if inner.tag == "spine" else [inner]:
            _in_order(one)


def media_start_s(piece: Piece, frame_rate: Fraction) -> Fraction:
    """The file's own clock at its first frame: its timecode."""
    facts = piece.facts
    if facts is None or facts.timecode_frames is None or facts.frame_rate is None:
        return Fraction(0)
    return facts.timecode_frames / facts.frame_rate


def media_length_s(piece: Piece, frame_rate: Fraction) -> Fraction:
    """Length of a file."""
    facts = piece.facts
    if facts is not None and facts.frames and facts.frame_rate and facts.width and not facts.is_still:
        return facts.frames / facts.frame_rate
    if facts is not None and facts.samples:
        return Fraction(facts.samples, facts.sample_rate or SAMPLE_RATE)
    return frames_to_seconds(piece.media_frames(frame_rate), frame_rate)


def said(seconds: Fraction) -> str:
    """A time as FCPXML writes it."""
    value = Fraction(seconds)
    return f"{value.numerator}s" if value.denominator == 1 else f"{value.numerator}/{value.denominator}s"
