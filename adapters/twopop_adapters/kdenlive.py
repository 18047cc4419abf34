"""A Kdenlive project (.kdenlive): MLT XML with Kdenlive's bin, double tracks, mixes, groups, guides and markers.

Written in the project form before sequences (document version 1.04), which every Kdenlive opens and newer ones convert:
their own OTIO import loses in-points and dissolves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from twopop.flavours import KEPT, Fidelity, Flavour, Loss, approximated
from twopop.timeline import Cut

from ._common import Edit, Lane, Piece, child, edit_of, guides_of, xml_bytes
from .kdenlive_markers import Mark, as_json, noted
from .mlt import FIDELITY as MLT
from .mlt import Filter, Project, add_entry, add_filter, add_freeze, crossfade, hidden, playing
from .mlt_words import KEY, NOTE, add_properties, clip_marks, generator_of, noted_of

FIDELITY: Fidelity = {
    **MLT,
    "disabled clips": KEPT,
    "markers": approximated("clip markers and guides, without their colours"),
    "links": KEPT,
}
_PROFILES = {(1280, 720): "atsc_720p", (1920, 1080): "atsc_1080p", (2560, 1440): "qhd_1440p", (3840, 2160): "uhd_2160p"}
_INTERNAL = 237
"""Kdenlive's mark on the transitions that it keeps itself."""


class KdenliveFlavour(Flavour):
    """`twopop render --for kdenlive`."""

    name = "kdenlive"
    suffix = ".kdenlive"
    fidelity = FIDELITY
    bakes = True
    proof = "opened, edited, saved and rendered by Kdenlive 26.08 in `make editors`, rendered by melt 7 in our suite"

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The project, and what is not in it."""
        edit = _ordered(edit_of(cut, own=KEY))
        project = _KdenliveProject(edit)
        tractor = ET.Element("tractor", {"id": "timeline", "global_feed": "1", "in": "0", "out": str(edit.frames - 1)})
        project.add_background()
        child(tractor, "track", producer="black_track")
        for lane in edit.lanes:
            project.add_track(lane)
            child(tractor, "track", producer=f"track{project.number(lane)}")
        _add_mixes(tractor, edit)
        project.add_bin()
        project.root.append(tractor)
        return xml_bytes(project.root), edit.losses(FIDELITY)


def _ordered(edit: Edit) -> Edit:
    """Kdenlive's order: sound below the picture, its first track next to it."""
    sound, picture = edit.of_kind("Audio"), edit.of_kind("Video")
    return Edit(edit.cut, edit.width, edit.height, (*reversed(sound), *picture), edit.used)


class _KdenliveProject(Project):
    """Producers are known to the bin by `kdenlive:id`; every file is one clip of it."""

    def __init__(self, edit: Edit) -> None:
        super().__init__(edit, "main_bin")
        self.root.set("root", str(edit.cut.path.parent) if edit.cut.path else "/")
        self.bin: dict[str, tuple[int, Piece]] = {}
        self.markers: dict[str, list[Mark]] = {}

    def add_background(self) -> None:
        """Black as long as the cut."""
        frames = max(1, self.edit.frames)
        properties = {
            "length": 2147483647, "eof": "continue", "resource": "black", "aspect_ratio": 1, "mlt_service": "color",
            "kdenlive:playlistid": "black_track", "mlt_image_format": "rgba", "set.test_audio": 0,
        }  # fmt: skip
        self.add_producer("black_track", frames, properties)

    def words(self, piece: Piece) -> dict[str, object]:
        """The clip of the bin that it is, and that clip's name."""
        return {"kdenlive:id": self.bin_number(piece), "kdenlive:clipname": _bin_name(piece)}

    def producer_filters(self, piece: Piece) -> Iterator[Filter]:
        """None: Kdenlive keeps effects on the clips of its tracks."""
        return iter(())

    def bin_number(self, piece: Piece) -> int:
        """The clip of the bin that plays: of every file one, of what has none as many as differ; 1 is its folder."""
        self.bin.setdefault(_bin_key(piece), (len(self.bin) + 2, piece))
        return self.bin[_bin_key(piece)][0]

    def add_track(self, lane: Lane) -> None:
        """A track: two playlists, clips that dissolve on alternate ones, and the mixes between them."""
        number = self.number(lane)
        audio = {"kdenlive:audio_track": 1} if lane.kind == "Audio" else {}
        lists = [ET.Element("playlist", id=f"track{number}_{side}") for side in "ab"]
        track = ET.Element("tractor", {"id": f"track{number}", "in": "0", "out": str(self.edit.frames - 1)})
        add_properties(track, {**audio, "kdenlive:track_name": lane.name, "kdenlive:timeline_active": 1})
        for playlist in lists:
            add_properties(playlist, audio)
            child(track, "track", producer=playlist.get("id"), hide=hidden(lane))
        self._fill(lane, lists, track)
        self.root.extend([*lists, track])

    def _fill(self, lane: Lane, lists: Sequence[ET.Element], track: ET.Element) -> None:
        ends, side = [0, 0], 0
        for piece in playing(lane):
            side = 1 - side if piece.joins_before else 0  # Kdenlive wants what dissolves with nothing on the first one
            if piece.joins_before:
                _add_mix(track, lane, piece, reverse=side == 0)
            if piece.shown.start > ends[side]:
                child(lists[side], "blank", length=piece.shown.start - ends[side])
            entry = add_entry(self, lists[side], piece, piece.shown.start, piece.shown.end)
            add_properties(entry, {"kdenlive:id": self.bin_number(piece)})
            add_freeze(self, entry, piece)
            for span, said in self.filters(piece):
                add_filter(entry, (span, {"kdenlive_id": said.get("mlt_service"), **said}))
            ends[side] = piece.shown.end
            self.markers.setdefault(_bin_key(piece), []).extend(clip_marks(piece, self.edit))

    def add_bin(self) -> None:
        """The bin with every file once, and the document's properties."""
        main = ET.Element("playlist", id="main_bin")
        add_properties(main, {f"kdenlive:docproperties.{name}": value for name, value in self._document().items()})
        add_properties(main, {"xml_retain": 1})
        for key, (number, piece) in self.bin.items():
            frames = piece.media_frames(self.edit.frame_rate) if piece.facts else self.frames(piece)
            self.add_producer(f"bin{number}", frames, self._bin_clip(key, number, piece, frames))
            child(main, "entry", producer=f"bin{number}", in_=0, out=frames - 1)
        self.root.append(main)

    def _bin_clip(self, key: str, number: int, piece: Piece, frames: int) -> dict[str, object]:
        service = "qimage" if piece.facts and piece.facts.is_still else "avformat"
        file = {"resource": piece.path, "mlt_service": service, "seekable": 1} if piece.path else generator_of(piece)
        names = {"kdenlive:clipname": _bin_name(piece), "kdenlive:folderid": -1, "kdenlive:id": number}
        known: dict[str, object] = {"length": frames, "eof": "pause", **file, **names}
        markers = self.markers.get(key, [])
        return {**known, "kdenlive:markers": json.dumps(as_json(markers))} if markers else known

    def _document(self) -> dict[str, object]:
        return {
            "version": "1.04",
            "kdenliveversion": "22.12.3",
            "profile": _profile(self.edit),
            "documentid": uuid5(NAMESPACE_URL, self.edit.cut.digest).int >> 68,
            "groups": json.dumps(_groups(self.edit)),
            "guides": json.dumps(as_json(self.guides())),
            NOTE: json.dumps(self._note()),
        }

    def guides(self) -> list[Mark]:
        """Markers of timeline, tracks and nests."""
        return [Mark.of(guide.marker, guide.start, guide.frames) for guide in guides_of(self.edit)]

    def _note(self) -> dict[str, object]:
        """What Kdenlive has no word for, in a property that it keeps: start, our metadata, markers that stood apart."""
        of_files = (note for key, marks in self.markers.items() for note in noted(_bin_name(self.bin[key][1]), marks))
        return {**noted_of(self.edit.cut), "markers": [*noted("", self.guides()), *of_files]}


def _bin_key(piece: Piece) -> str:
    """What makes a clip of the bin: its file; else that nothing else is like it."""
    if piece.path:
        return str(piece.path)
    return json.dumps([piece.name, piece.item.path, generator_of(piece)], default=str)


def _bin_name(piece: Piece) -> str:
    return piece.path.name if piece.path else piece.name


def _profile(edit: Edit) -> str:
    """MLT's name for size and rate, "" where it has none: Kdenlive 26 calls 24000/1001 by itself "non standard"."""
    size = _PROFILES.get((edit.width, edit.height))
    rate = f"{float(edit.frame_rate):.2f}".removesuffix(".00").replace(".", "")
    return f"{size}_{rate}" if size and rate in ("2398", "24", "25", "2997", "30", "50", "5994", "60") else ""


def _add_mix(track: ET.Element, lane: Lane, piece: Piece, *, reverse: bool) -> None:
    """The dissolve from the clip before `piece`, towards the lower playlist where `reverse`."""
    begin, frames = piece.shown.start, piece.fade_in
    before = piece.item.record.start - begin
    node = child(track, "transition", id=f"{track.get('id')}_mix{begin}", in_=begin, out=begin + frames - 1)
    said = crossfade(lane)
    properties = {**said, "kdenlive_id": said["mlt_service"], "kdenlive:mixcut": before, "reverse": int(reverse)}
    add_properties(node, properties)


def _add_mixes(tractor: ET.Element, edit: Edit) -> None:
    for number, lane in enumerate(edit.lanes, 1):
        service = "mix" if lane.kind == "Audio" else "qtblend"
        said: dict[str, object] = {"a_track": 0, "b_track": number, "mlt_service": service, "kdenlive_id": service}
        extra = {"sum": 1, "accepts_blanks": 1} if lane.kind == "Audio" else {}
        always = {"always_active": 1, "internal_added": _INTERNAL}
        add_properties(child(tractor, "transition"), {**said, **extra, **always})


# ---- what lies over the tracks ---------------------------------------------------------------------------------------


def _groups(edit: Edit) -> list[dict[str, Any]]:
    """Picture and stems of every shot: moved and cut together."""
    members: dict[int, list[str]] = {}
    for index, lane in enumerate(edit.lanes):
        for piece in playing(lane):
            if piece.group:
                members.setdefault(piece.group, []).append(f"{index}:{piece.shown.start}:-1")
    return [
        {"type": "Normal", "children": [{"type": "Leaf", "leaf": "clip", "data": place} for place in places]}
        for places in members.values()
        if len(places) > 1
    ]
