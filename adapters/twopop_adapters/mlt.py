"""MLT XML: what `melt` renders and Shotcut opens. One playlist for every track; dissolves are tractors of two clips."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from twopop.flavours import KEPT, Fidelity, Flavour, Loss, approximated, lost
from twopop.timeline import Cut

from ._common import Edit, Lane, Piece, child, edit_of, xml_bytes

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
    "effects": lost("they are left out"),
    "titles": lost("they are left empty"),
    "holes": lost("they are left empty"),
    "disabled clips": lost("they are left out"),
    "markers": lost("they are left out; their briefs stay in the slates"),
    "takes": approximated("only the circled one is there; the others stay in the store"),
    "links": lost("picture and sound are aligned, but not linked"),
    "start timecode": lost("the project begins at zero; the media keep their timecode"),
    "metadata": lost("it is left out; takes are known by their file names"),
}


_FREEZE = {"mlt_service": "freeze", "freeze_before": 0, "freeze_after": 0}


class MltFlavour(Flavour):
    """`twopop render --for mlt`."""

    name = "mlt"
    suffix = ".mlt"
    fidelity = FIDELITY
    bakes = True
    proof = "rendered by melt 7 in our suite"

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The project, and what is not in it."""
        edit = edit_of(cut)
        project = Project(edit)
        tractor = ET.Element("tractor", id="main", title=cut.name)
        project.add_background()
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
        self.producers: dict[tuple[Path, str, Fraction], str] = {}
        _add_profile(self.root, edit)

    def number(self, lane: Lane) -> int:
        """Position of a track above the background: 1 is the lowest."""
        return self.edit.lanes.index(lane) + 1

    def add_background(self) -> None:
        """Black as long as the cut: gaps show it, and the project ends with it."""
        frames = max(1, self.edit.frames)
        properties = {"length": frames, "resource": "black", "mlt_service": "color", "set.test_audio": 0}
        self.add_producer("background", frames, properties)

    def add_producer(self, name: str, frames: int, properties: Mapping[str, object]) -> ET.Element:
        """A producer of `frames`."""
        node = child(self.root, "producer", id=name, in_=0, out=frames - 1)
        add_properties(node, properties)
        return node

    def producer(self, piece: Piece, path: Path) -> str:
        """Name of the producer that plays the picture or the sound of a file."""
        speed = self.speed(piece)
        key = (path, piece.item.kind, speed)
        if key not in self.producers:
            name = self.producers[key] = f"media{len(self.producers)}"
            self.add_producer(name, self.frames(piece), self.properties_of(piece, path))
        return self.producers[key]

    def speed(self, piece: Piece) -> Fraction:
        """How fast its file runs: a freeze that is longer than its file holds a frame of it slowed down."""
        if piece.frozen:
            return Fraction(1, -(-piece.shown.frames // max(1, piece.media_frames(self.edit.frame_rate))))
        return piece.speed if piece.warped else Fraction(1)

    def frames(self, piece: Piece) -> int:
        """Length of its file as it runs."""
        return math.floor(piece.media_frames(self.edit.frame_rate) / abs(self.speed(piece)))

    def properties_of(self, piece: Piece, path: Path) -> dict[str, object]:
        """What tells MLT to open a file: its picture alone, or its sound alone, and how fast."""
        facts, frames = piece.facts, self.frames(piece)
        if facts is not None and facts.is_still:
            return {"length": frames, "resource": path, "mlt_service": "qimage"}
        alone = {"video_index" if piece.item.kind == "Audio" else "audio_index": -1}
        if self.speed(piece) != 1:
            speed = f"{float(self.speed(piece)):.6f}"
            warp = {"warp_speed": speed, "warp_resource": path, "warp_pitch": 0}
            return {"length": frames, "resource": f"{speed}:{path}", "mlt_service": "timewarp", **warp, **alone}
        return {"length": frames, "resource": path, "mlt_service": "avformat", "seekable": 1, **alone}


def add_properties(parent: ET.Element, properties: Mapping[str, object]) -> None:
    """MLT properties of an element."""
    for name, value in properties.items():
        child(parent, "property", value, name=name)


def playing(lane: Lane) -> list[Piece]:
    """Pieces that are seen or heard: what is frozen has no sound."""
    return [
        piece
        for piece in lane.pieces
        if piece.playable and piece.path and piece.shown.frames > 0 and not (piece.frozen and lane.kind == "Audio")
    ]


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
            add_entry(project, playlist, piece, begin, end)
        if piece.joins_after and index + 1 < len(pieces):
            playlist.append(_dissolve(project, lane, piece, pieces[index + 1], end))
        at = piece.shown.end
    return playlist


def add_entry(project: Project, playlist: ET.Element, piece: Piece, begin: int, end: int) -> ET.Element:
    """`piece` from cut frame `begin` to before `end`, with its fades from and to nothing."""
    into = _into(project, piece, begin)
    name = project.producer(piece, piece.path or Path())
    entry = child(playlist, "entry", producer=name, in_=into, out=into + end - begin - 1)
    if piece.frozen:
        freeze = child(entry, "filter", in_=into, out=into + end - begin - 1)
        add_properties(freeze, {**_FREEZE, "frame": _held(project, piece)})
    for first, last, levels in _fades(piece, into, end - begin):
        if piece.item.kind == "Audio":
            said: dict[str, object] = {"mlt_service": "volume", "gain": levels[0], "end": levels[1]}
        else:
            said = {"mlt_service": "brightness", "level": f"0={levels[0]};{last - first}={levels[1]}"}
        add_properties(child(entry, "filter", in_=first, out=last), said)
    return entry


def _into(project: Project, piece: Piece, begin: int) -> int:
    """Producer frame that plays at cut frame `begin`; of what is frozen, one from where the file is long enough."""
    if piece.frozen:
        first = max(0, min(_held(project, piece), project.frames(piece) - piece.shown.frames))
    else:
        first = piece.first_at_speed(project.edit.frame_rate)
    return first + begin - piece.shown.start


def _held(project: Project, piece: Piece) -> int:
    """Producer frame that a freeze holds."""
    return math.floor(math.floor(piece.begin) / project.speed(piece))


def _fades(piece: Piece, into: int, frames: int) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Fades from and to nothing: (first, last media frame, level at each)."""
    if piece.fade_in and not piece.joins_before:
        yield into, into + min(piece.fade_in, frames) - 1, (0, 1)
    if piece.fade_out and not piece.joins_after:
        yield into + frames - min(piece.fade_out, frames), into + frames - 1, (1, 0)


def _dissolve(project: Project, lane: Lane, one: Piece, other: Piece, begin: int) -> ET.Element:
    """An entry that plays both clips of a dissolve; its tractor goes before the playlist."""
    frames = math.floor(min(one.fade_out, other.fade_in))
    name = f"dissolve{sum(node.tag == 'tractor' for node in project.root)}"
    tractor = ET.Element("tractor", {"id": name, "in": "0", "out": str(frames - 1)})
    for piece in (one, other):
        track = child(tractor, "track", hide=hidden(lane))
        if piece.frozen:  # a track that is a clip of its own has no filter
            alone = child(project.root, "playlist", id=f"{name}{'ab'[len(tractor) - 1]}")
            add_entry(project, alone, replace(piece, fade_in=0, fade_out=0), begin, begin + frames)
            track.set("producer", alone.get("id", ""))
            continue
        first = _into(project, piece, begin)
        for key, value in {"producer": project.producer(piece, piece.path or Path()), "in": first}.items():
            track.set(key, str(value))
        track.set("out", str(first + frames - 1))
    add_properties(child(tractor, "transition", in_=0, out=frames - 1), crossfade(lane))
    project.root.append(tractor)
    return ET.Element("entry", {"producer": name, "in": "0", "out": str(frames - 1)})


def crossfade(lane: Lane) -> dict[str, object]:
    """The transition of a dissolve between tracks 0 and 1 of a tractor."""
    both: dict[str, object] = {"a_track": 0, "b_track": 1}
    if lane.kind == "Audio":
        return {**both, "mlt_service": "mix", "start": -1, "accepts_blanks": 1}
    return {**both, "mlt_service": "luma", "factory": "loader"}
