"""An .xges project for GStreamer Editing Services: what `ges-launch-1.0` renders and Pitivi opens.

Sound that overlaps on a layer dissolves by itself; of pictures, GES's own crossfade mixes both with black, so that the
`fade-in` of GES 1.22 is written instead. Times are whole nanoseconds of frame boundaries: no drift.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

from twopop.flavours import KEPT, Fidelity, Flavour, Loss, lost
from twopop.timebase import FrameRange
from twopop.timeline import Cut

from ._common import Edit, Lane, Piece, child, edit_of, xml_bytes
from .mlt import BAKE
from .mlt import FIDELITY as MLT

FIDELITY: Fidelity = {
    **MLT,
    "retimes": lost(f"clips play at normal speed; {BAKE}"),
    "dissolves": KEPT,
    "fades": lost("fades from and to nothing are cuts"),
    "effects": lost("they are left out"),
    "titles": lost("they are left empty"),
    "holes": lost("they are left empty"),
    "disabled clips": lost("they are left out"),
    "markers": lost("they are left out; their briefs stay in the slates"),
    "links": lost("picture and sound are aligned, but not linked"),
    "start timecode": lost("the project begins at zero; the media keep their timecode"),
    "metadata": lost("it is left out; takes are known by their file names"),
}
_SECOND = 1_000_000_000
TYPES = {"Audio": 2, "Video": 4}
"""GES's numbers of the kinds of tracks."""


class GesFlavour(Flavour):
    """`twopop render --for ges`."""

    name = "ges"
    suffix = ".xges"
    fidelity = FIDELITY
    bakes = True
    proof = "rendered by GES 1.22 in our suite, exact"
    beside = ("ges-otio",)

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The project, and what is not in it."""
        edit = edit_of(cut)
        root = ET.Element("ges", version="0.7")
        project = child(root, "project", properties="properties;", metadatas=_structure("metadatas", name=cut.name))
        child(project, "encoding-profiles")
        _add_assets(child(project, "ressources"), edit)
        timeline = child(
            project,
            "timeline",
            properties=_structure("properties", auto_transition=False),
            metadatas=_structure("metadatas", framerate=edit.frame_rate),
        )
        _add_tracks(timeline, edit)
        for number, lane in enumerate(reversed(edit.lanes)):
            _add_layer(timeline, edit, lane, number)
        return xml_bytes(root), [*edit.losses(FIDELITY), *_unreadable(edit)]


def _unreadable(edit: Edit) -> Iterator[Loss]:
    """DNxHR in MOV, which GStreamer 1.22 cannot read."""
    pictures = [
        p for lane in edit.of_kind("Video") for p in _playing(lane) if p.facts and p.facts.video_codec == "dnxhd"
    ]
    if pictures:
        mend = 'GStreamer 1.22 does not read DNxHR in MOV. Render with media = "prores"'
        yield Loss(f"media ({len(pictures)}): {mend}", edit.cut.timecode(pictures[0].item.record.start))


def nanoseconds(frame: int, frame_rate: Fraction) -> int:
    """The boundary of a frame: the first nanosecond that is not before it."""
    return -(-frame * _SECOND * frame_rate.denominator // frame_rate.numerator)


def _add_assets(parent: ET.Element, edit: Edit) -> None:
    """Every file once, by its URI."""
    known: dict[Path, Piece] = {p.path: p for lane in edit.lanes for p in _playing(lane) if p.path}
    for path, piece in known.items():
        frames = piece.media_frames(edit.frame_rate)
        types = TYPES[piece.item.kind] if piece.item.kind == "Audio" else sum(TYPES.values())
        child(
            parent, "asset", id=path.as_uri(), extractable__type__name="GESUriClip",
            properties=_structure("properties", supported_formats=types, duration=nanoseconds(frames, edit.frame_rate)),
            metadatas="metadatas;",
        )  # fmt: skip


def restrictions(edit: Edit) -> dict[str, str]:
    """Kind of track -> caps of what is rendered of it."""
    size = f"width=(int){edit.width}, height=(int){edit.height}"
    rate = f"framerate=(fraction){edit.frame_rate.numerator}/{edit.frame_rate.denominator}"
    return {
        "Video": f"video/x-raw, {size}, {rate}",
        "Audio": "audio/x-raw, rate=(int)48000, channels=(int)2, layout=(string)interleaved",
    }


def _add_tracks(timeline: ET.Element, edit: Edit) -> None:
    for number, (kind, restriction) in enumerate(restrictions(edit).items()):
        quoted = f'restriction-caps=(string)"{_escaped(restriction)}"'
        child(
            timeline, "track", caps=f"{restriction.partition(',')[0]}(ANY)", track__type=TYPES[kind],
            track__id=number, properties=f"properties, {quoted}, mixing=(boolean)true;", metadatas="metadatas;",
        )  # fmt: skip


def _add_layer(timeline: ET.Element, edit: Edit, lane: Lane, priority: int) -> None:
    """A track as a layer; 0 is the topmost."""
    layer = child(
        timeline, "layer", priority=priority,
        properties=_structure("properties", auto_transition=lane.kind == "Audio"),
        metadatas=_structure("metadatas", video__name=lane.name),
    )  # fmt: skip
    for number, piece in enumerate(_playing(lane)):
        begin = piece.shown.start + (0 if piece.joins_before else piece.fade_in)
        end = piece.shown.end - (0 if piece.joins_after else piece.fade_out)
        _add_clip(layer, edit, lane, (priority, number), piece, FrameRange(begin, end - begin))
        if piece.joins_before and lane.kind == "Video":
            _add_dissolve(layer, edit, (priority, number), FrameRange(begin, piece.fade_in))


def _add_clip(
    layer: ET.Element, edit: Edit, lane: Lane, place: tuple[int, int], piece: Piece, shown: FrameRange
) -> None:
    first = piece.first + shown.start - piece.shown.start
    name = f"{lane.name} {place[1]} {piece.name}"
    child(
        layer, "clip", id=f"{place[0]}{place[1]:05d}", asset__id=(piece.path or Path()).as_uri(),
        type__name="GESUriClip", layer__priority=place[0], track__types=TYPES[lane.kind],
        **_span(shown, edit.frame_rate), inpoint=nanoseconds(first, edit.frame_rate), rate=0,
        properties=_structure("properties", name=name, is_image=bool(piece.facts and piece.facts.is_still)),
        metadatas="metadatas;",
    )  # fmt: skip


def _add_dissolve(layer: ET.Element, edit: Edit, place: tuple[int, int], shown: FrameRange) -> None:
    """The later picture fades in over the earlier one, which stays whole."""
    child(
        layer, "clip", id=f"{place[0]}{place[1]:05d}9", asset__id="fade-in", type__name="GESTransitionClip",
        layer__priority=place[0], track__types=TYPES["Video"], **_span(shown, edit.frame_rate), inpoint=0, rate=0,
        properties="properties;", metadatas="metadatas;",
    )  # fmt: skip


def _span(shown: FrameRange, frame_rate: Fraction) -> dict[str, int]:
    start = nanoseconds(shown.start, frame_rate)
    return {"start": start, "duration": nanoseconds(shown.end, frame_rate) - start}


def _playing(lane: Lane) -> Iterator[Piece]:
    """Pieces with media."""
    return (piece for piece in lane.pieces if piece.playable and piece.path and piece.item.record.frames > 0)


def _structure(structure: str, /, **fields: str | bool | int | Fraction) -> str:
    """A serialized GstStructure; `_` in a field's name is written `-`, `__` is written `::`."""
    said = [f"{key.replace('__', '::').replace('_', '-')}={_value(value)}" for key, value in fields.items()]
    return ", ".join([structure, *said]) + ";"


def _value(value: str | bool | int | Fraction) -> str:
    if isinstance(value, bool):
        return f"(boolean){str(value).lower()}"
    if isinstance(value, str):
        return f'(string)"{_escaped(value)}"'
    if isinstance(value, Fraction):
        return f"(fraction){value.numerator}/{value.denominator}"
    return f"(guint64){value}" if value > 100 else f"(int){value}"


def _escaped(text: str) -> str:
    """`text` as it stands between the quotes of a GstStructure."""
    return "".join(c if c.isalnum() or ord(c) > 127 else f"\\{c}" for c in text)
