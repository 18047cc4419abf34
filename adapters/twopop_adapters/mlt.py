"""MLT XML: what `melt` renders and Shotcut opens. One playlist for every track; dissolves are tractors of two clips.

Filters lie on producers, where Shotcut shows them; a clip's brief is its comment, markers of the cut are Shotcut's own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from xml.etree import ElementTree as ET

from twopop.flavours import KEPT, Fidelity, Flavour, Loss, approximated
from twopop.timeline import Cut, as_node
from twopop.tracks import active_reference, range_of

from ._common import Edit, Lane, Piece, child, edit_of, guides_of, xml_bytes
from .kdenlive_markers import Mark
from .mlt_words import (
    COMMENT,
    KEY,
    MARKERS,
    NOTE,
    add_properties,
    clip_marks,
    clock,
    commented,
    fades_of,
    filters_of,
    generator_of,
    noted_of,
    title_filter,
)

BAKE = 'generated shots are made at the speed of the cut, unless retime = "keep"'
FIDELITY: Fidelity = {
    "dissolves": KEPT,
    "fades": KEPT,
    "wipes": approximated("every transition is a dissolve"),
    "nests": approximated("they are opened; their clips lie on tracks"),
    "retimes": approximated(
        "constant speeds and freezes are MLT's: starts on whole frames of the cut, slow pictures up to half a frame of "
        f"their media early, sound at another pitch; retimed nests play at normal speed; {BAKE}"
    ),
    "effects": approximated("those of Kdenlive, Shotcut and melt are kept; others are left out"),
    "titles": approximated("those of Kdenlive, Shotcut and melt are kept; of others the words are written anew"),
    "holes": approximated("they are colour clips with their markers; what is offline keeps its link"),
    "disabled clips": approximated("they are there and show nothing; Shotcut has no switch for it"),
    "markers": approximated(
        "those of a clip are lines of its comment; those of the cut are Shotcut's, without colours"
    ),
    "takes": approximated("only the circled one is there; the others stay in the store"),
    "links": approximated("picture and stems are a group, which Shotcut knows from 23.07 on; melt has none"),
    "start timecode": approximated("the project begins at zero; a note in it brings the start back"),
    "metadata": approximated("a note keeps what twopop asks for; takes are known by their file names"),
}


Filter = tuple[tuple[int, int] | None, Mapping[str, object]]
"""First and last producer frame, None = all of them; properties."""
_FREEZE = {"mlt_service": "freeze", "kdenlive_id": "freeze", "freeze_before": 0, "freeze_after": 0}


class MltFlavour(Flavour):
    """`twopop render --for mlt`."""

    name = "mlt"
    suffix = ".mlt"
    fidelity = FIDELITY
    bakes = True
    proof = "rendered by melt 7 in our suite; opened, edited and saved by Shotcut 22.12 in `make editors`"

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The project, and what is not in it."""
        edit = edit_of(cut, own=KEY)
        last = str(max(1, edit.frames) - 1)
        tractor = ET.Element("tractor", {"id": "main", "title": cut.name, "in": "0", "out": last})
        project = Project(edit)
        project.add_background()
        add_properties(tractor, {"shotcut": 1, f"shotcut:{NOTE}": json.dumps(noted_of(cut))})
        _add_markers(tractor, edit)
        child(tractor, "track", producer="background")
        for lane in edit.lanes:
            project.root.append(_playlist(project, lane))
            child(tractor, "track", producer=f"track{project.number(lane)}", hide=hidden(lane))
        add_mixes(tractor, edit)
        project.root.append(tractor)
        return xml_bytes(project.root), edit.losses(FIDELITY)


class Project:
    """The root of an MLT document with its profile; producers are added once for each file and use."""

    def __init__(self, edit: Edit, producer: str = "main") -> None:
        self.edit = edit
        self.root = ET.Element("mlt", LC_NUMERIC="C", version="7.12.0", producer=producer)
        self.producers: dict[str, str] = {}
        _add_profile(self.root, edit)

    def number(self, lane: Lane) -> int:
        """Position of a track above the background: 1 is the lowest."""
        return self.edit.lanes.index(lane) + 1

    def add_background(self) -> None:
        """Black as long as the cut: gaps show it, and the project ends with it."""
        frames = max(1, self.edit.frames)
        properties = {"length": frames, "resource": "black", "mlt_service": "color", "set.test_audio": 0}
        self.add_producer("black", frames, properties)
        playlist = child(self.root, "playlist", id="background")
        child(playlist, "entry", producer="black", in_=0, out=frames - 1)

    def add_producer(self, name: str, frames: int, properties: Mapping[str, object]) -> ET.Element:
        """A producer of `frames`."""
        node = child(self.root, "producer", id=name, in_=0, out=frames - 1)
        add_properties(node, properties)
        return node

    def producer(self, piece: Piece) -> str:
        """Name of the producer that plays the picture or the sound of a clip."""
        properties, filters = self.properties_of(piece), list(self.producer_filters(piece))
        key = json.dumps([properties, filters], default=str)
        if key not in self.producers:
            name = self.producers[key] = f"media{len(self.producers)}"
            node = self.add_producer(name, self.frames(piece), properties)
            for one in filters:
                add_filter(node, one)
        return self.producers[key]

    def speed(self, piece: Piece) -> Fraction:
        """How fast its file runs: a freeze that is longer than its file holds a frame of it slowed down."""
        if piece.frozen:
            return Fraction(1, -(-piece.shown.frames // max(1, piece.media_frames(self.edit.frame_rate))))
        return piece.speed if piece.warped else Fraction(1)

    def frames(self, piece: Piece) -> int:
        """Length of its file as it runs; of what has none here, of what it is known to have, or shows."""
        if piece.facts is None:
            known = range_of(as_node(active_reference(piece.item.node).get("available_range")), self.edit.frame_rate)
            return max(_first_without_file(piece, self.edit) + piece.shown.frames, math.floor(known[1]) if known else 0)
        return math.floor(piece.media_frames(self.edit.frame_rate) / abs(self.speed(piece)))

    def properties_of(self, piece: Piece) -> dict[str, object]:
        """What tells MLT to open a file: its picture alone, or its sound alone, and how fast; or what stands for it."""
        return {"length": self.frames(piece), **self._source(piece), **self.words(piece), **_switched(piece)}

    def words(self, piece: Piece) -> dict[str, object]:
        """What the editor shows of a clip besides its picture: here its name, where no file says it, and its brief."""
        name = {} if piece.path else {"shotcut:caption": piece.name}
        brief = commented(clip_marks(piece, self.edit))
        return {**name, **({COMMENT: brief} if brief else {})}

    def _source(self, piece: Piece) -> dict[str, object]:
        path, facts = piece.path, piece.facts
        if path is None:
            return generator_of(piece)
        if facts is not None and facts.is_still:
            return {"resource": path, "mlt_service": "qimage"}
        alone = {"video_index" if piece.item.kind == "Audio" else "audio_index": -1}
        if self.speed(piece) != 1:
            speed = f"{float(self.speed(piece)):.6f}"
            warp = {"warp_speed": speed, "warp_resource": path, "warp_pitch": 0}
            return {"resource": f"{speed}:{path}", "mlt_service": "timewarp", **warp, **alone}
        return {"resource": path, "mlt_service": "avformat", "seekable": 1, **alone}

    def producer_filters(self, piece: Piece) -> Iterator[Filter]:
        """Filters that lie on the producer: here all but the freeze, as Shotcut shows them there."""
        return self.filters(piece)

    def filters(self, piece: Piece) -> Iterator[Filter]:
        """Every other filter of a clip: what MLT's editors put on it, the words of its title, its fades."""
        into = self.into(piece, piece.shown.start)
        yield from filters_of(piece.item.node, into)
        if piece.path is None and (words := title_filter(piece, self.edit.height)):
            yield None, words
        yield from fades_of(piece, into)

    def into(self, piece: Piece, begin: int) -> int:
        """Producer frame that plays at cut frame `begin`; of what is frozen, one from where the file is long enough."""
        if piece.facts is None:
            first = _first_without_file(piece, self.edit)
        elif piece.frozen:
            first = max(0, min(_held(self, piece), self.frames(piece) - piece.shown.frames))
        else:
            first = piece.first_at_speed(self.edit.frame_rate)
        return first + begin - piece.shown.start


def _first_without_file(piece: Piece, edit: Edit) -> int:
    """Producer frame of `piece.shown.start` where no file is here: a hole keeps its own count, so its brief does."""
    known = range_of(as_node(active_reference(piece.item.node).get("available_range")), edit.frame_rate)
    start = math.floor(known[0]) if known and piece.path else 0
    into = piece.shown.start - piece.item.record.start
    return max(0, piece.item.trimmed.start + into - start)


def _switched(piece: Piece) -> dict[str, object]:
    """Frames of what is switched off are marked as without picture and sound."""
    return {} if piece.item.enabled else {"set.test_audio": 1, "set.test_image": 1}


def playing(lane: Lane) -> list[Piece]:
    """Pieces that have a place on their track: of sound what has a file, and what is frozen has no sound."""
    picture = lane.kind == "Video"
    return [
        piece for piece in lane.pieces
        if piece.shown.frames > 0 and (picture or piece.path) and not (piece.frozen and not picture)
    ]  # fmt: skip


def hidden(lane: Lane) -> str:
    """What of a track is not used."""
    return "video" if lane.kind == "Audio" else "audio"


def add_mixes(tractor: ET.Element, edit: Edit) -> None:
    """Sound of every track is summed, picture of every track lies over those below."""
    for number, lane in enumerate(edit.lanes, 1):
        mix: dict[str, object] = {"a_track": 0, "b_track": number, "always_active": 1}
        if lane.kind == "Audio":
            mix.update(mlt_service="mix", sum=1, accepts_blanks=1)
        else:
            mix.update(mlt_service="qtblend" if len(edit.of_kind("Video")) > 1 else "composite")
        add_properties(child(tractor, "transition"), mix)


def _add_markers(tractor: ET.Element, edit: Edit) -> None:
    """Markers of timeline, tracks and nests, as Shotcut keeps them."""
    guides = [Mark.of(guide.marker, max(0, guide.start), guide.frames) for guide in guides_of(edit)]
    listed = child(tractor, "properties", name=MARKERS) if guides else tractor
    for number, mark in enumerate(guides):
        begin, end = (clock(at, edit.frame_rate) for at in (mark.frame, mark.frame + mark.frames))
        said = {"text": mark.text, "start": begin, "end": end, "color": "#008000"}
        add_properties(child(listed, "properties", name=number), said)


def _add_profile(root: ET.Element, edit: Edit) -> None:
    shape = Fraction(edit.width, edit.height)
    child(
        root, "profile", description=f"{edit.width}x{edit.height} {edit.frame_rate} fps", width=edit.width,
        height=edit.height, progressive=1, sample_aspect_num=1, sample_aspect_den=1,
        display_aspect_num=shape.numerator, display_aspect_den=shape.denominator,
        frame_rate_num=edit.frame_rate.numerator, frame_rate_den=edit.frame_rate.denominator, colorspace=709,
    )  # fmt: skip


# ---- one track -------------------------------------------------------------------------------------------------------


def _playlist(project: Project, lane: Lane) -> ET.Element:
    """A track: blanks, clips and, between clips that dissolve, a tractor of both."""
    playlist = ET.Element("playlist", id=f"track{project.number(lane)}")
    add_properties(playlist, {"shotcut:name": lane.name, f"shotcut:{lane.kind.lower()}": 1})
    at = 0
    pieces = playing(lane)
    for index, piece in enumerate(pieces):
        begin = piece.shown.start + (piece.fade_in if piece.joins_before else 0)
        end = piece.shown.end - (piece.fade_out if piece.joins_after else 0)
        if piece.shown.start > at:
            child(playlist, "blank", length=piece.shown.start - at)
        if end > begin:
            entry = add_entry(project, playlist, piece, begin, end)
            add_properties(entry, {"shotcut:group": piece.group} if piece.group else {})
            add_freeze(project, entry, piece)
        if piece.joins_after and index + 1 < len(pieces):
            playlist.append(_dissolve(project, lane, piece, pieces[index + 1], end))
        at = piece.shown.end
    return playlist


def add_entry(project: Project, playlist: ET.Element, piece: Piece, begin: int, end: int) -> ET.Element:
    """`piece` from cut frame `begin` to before `end`."""
    into = project.into(piece, begin)
    return child(playlist, "entry", producer=project.producer(piece), in_=into, out=into + end - begin - 1)


def add_freeze(project: Project, entry: ET.Element, piece: Piece) -> None:
    """The freeze of a clip, on its entry: on a producer it would ask that producer for the frame it stops, for ever."""
    if piece.frozen:
        node = child(entry, "filter", in_=entry.get("in"), out=entry.get("out"))
        add_properties(node, {**_FREEZE, "frame": _held(project, piece)})


def add_filter(parent: ET.Element, one: Filter) -> ET.Element:
    """A filter of a producer or an entry."""
    span, properties = one
    node = child(parent, "filter", in_=span[0] if span else None, out=span[1] if span else None)
    add_properties(node, properties)
    return node


def _held(project: Project, piece: Piece) -> int:
    """Producer frame that a freeze holds."""
    return math.floor(math.floor(piece.begin) / project.speed(piece))


def _dissolve(project: Project, lane: Lane, one: Piece, other: Piece, begin: int) -> ET.Element:
    """An entry that plays both clips of a dissolve; its tractor goes before the playlist."""
    frames = math.floor(min(one.fade_out, other.fade_in))
    name = f"dissolve{sum(node.tag == 'tractor' for node in project.root)}"
    tractor = ET.Element("tractor", {"id": name, "in": "0", "out": str(frames - 1)})
    add_properties(tractor, {"shotcut:transition": "lumaMix"})
    for piece in (one, other):
        into = project.into(piece, begin)
        child(tractor, "track", producer=project.producer(piece), in_=into, out=into + frames - 1, hide=hidden(lane))
    add_properties(child(tractor, "transition", in_=0, out=frames - 1), crossfade(lane))
    project.root.append(tractor)
    return ET.Element("entry", {"producer": name, "in": "0", "out": str(frames - 1)})


def crossfade(lane: Lane) -> dict[str, object]:
    """The transition of a dissolve between tracks 0 and 1 of a tractor."""
    both: dict[str, object] = {"a_track": 0, "b_track": 1}
    if lane.kind == "Audio":
        return {**both, "mlt_service": "mix", "start": -1, "accepts_blanks": 1}
    return {**both, "mlt_service": "luma", "factory": "loader"}
