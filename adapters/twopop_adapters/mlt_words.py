"""What MLT says and OTIO has no word for: filters and producers kept in metadata, briefs as comments, clock times.

Writers and readers of .mlt and .kdenlive share it, so that what one writes the other knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import zip_longest
from xml.etree import ElementTree as ET

from twopop.timebase import nearest_frame
from twopop.timeline import Cut, Node, as_list, as_node, schema_name
from twopop.tracks import active_reference

from ._common import Edit, Piece, child, marked
from .kdenlive_markers import Mark

KEY = "mlt"
"""Of the metadata of effects, generators and transitions that are MLT's own."""
NOTE = "twopop"
"""Name of the property with what the editor cannot say: Kdenlive and Shotcut keep properties that they do not know."""
COMMENT = "shotcut:comment"
MARKERS = "shotcut:markers"
HOLE = "#ff262626"
"""Colour (ARGB) of the clips that holes are."""
_TIMED = re.compile(r"^\[(\d+)(?:\+(\d+))?\] ", re.M)
_NOT_OF_A_GENERATOR = re.compile(r"length$|eof$|seekable$|_|meta\.|set\.|kdenlive:|shotcut:(?!filter|caption)")
_WORDS: Mapping[str, object] = {
    "mlt_service": "dynamictext", "shotcut:filter": "dynamicText", "kdenlive_id": "dynamictext",
    "fgcolour": "#ffffffff",
    "bgcolour": "#00000000", "halign": "center", "valign": "middle", "geometry": "0%/0%:100%x100%:100",
}  # fmt: skip


def add_properties(parent: ET.Element, properties: Mapping[str, object]) -> None:
    """MLT properties of an element."""
    for name, value in properties.items():
        child(parent, "property", value, name=name)


def property_of(node: ET.Element, name: str) -> str:
    """A property of an element; "" where it has none of the name."""
    return next((child.text or "" for child in node.findall("property") if child.get("name") == name), "")


def properties_of(node: ET.Element) -> dict[str, str]:
    """Every plain property of an element."""
    return {str(child.get("name")): child.text or "" for child in node.findall("property")}


# ---- filters ---------------------------------------------------------------------------------------------------------


def effect_of(node: ET.Element, first: int, span: tuple[int, int] | None) -> Node:
    """An Effect that is a filter of MLT as it stands, counted from the clip's first producer frame."""
    said = properties_of(node)
    name = said.get("kdenlive_id") or said.get("shotcut:filter") or said.get("mlt_service", "")
    place = {"in": span[0] - first, "out": span[1] - first} if span else {}
    return {
        "OTIO_SCHEMA": "Effect.1", "metadata": {KEY: {"properties": said, **place}}, "name": name,
        "effect_name": said.get("mlt_service", ""), "enabled": said.get("disable") != "1",
    }  # fmt: skip


def filters_of(node: Node, into: int) -> Iterator[tuple[tuple[int, int] | None, dict[str, str]]]:
    """(first and last producer frame or None, properties) of the filters that effects of a clip are.

    Args:
        node: a clip or a track.
        into: producer frame that the clip begins with.
    """
    for effect in map(as_node, as_list(node.get("effects"))):
        own = as_node(as_node(effect.get("metadata")).get(KEY))
        if said := as_node(own.get("properties")):
            place = (int(own["in"]) + into, int(own["out"]) + into) if "in" in own and "out" in own else None
            yield place, {str(name): str(value) for name, value in said.items()}


def is_own(node: Node) -> bool:
    """True for an effect or a reference that MLT's editors wrote."""
    return KEY in as_node(node.get("metadata"))


def fades_of(piece: Piece, into: int) -> Iterator[tuple[tuple[int, int], dict[str, object]]]:
    """Fades from and to nothing, as filters; `into` is the producer frame of `piece.shown.start`."""
    frames = piece.shown.frames
    rising, falling = min(piece.fade_in, frames), min(piece.fade_out, frames)
    if rising and not piece.joins_before:
        yield (into, into + rising - 1), _fade(piece, 0, rising)
    if falling and not piece.joins_after:
        yield (into + frames - falling, into + frames - 1), _fade(piece, 1, falling)


def _fade(piece: Piece, level: int, frames: int) -> dict[str, object]:
    way = "Out" if level else "In"
    if piece.item.kind == "Audio":
        names = {"shotcut:filter": f"fade{way}Volume", "kdenlive_id": f"fade{way.lower()}"}
        return {"mlt_service": "volume", "gain": level, "end": 1 - level, **names}
    names = {"shotcut:filter": f"fade{way}Brightness", "kdenlive_id": "fade_to_black" if level else "fade_from_black"}
    return {"mlt_service": "brightness", "level": f"0={level};{frames - 1}={1 - level}", **names}


# ---- clips without a file --------------------------------------------------------------------------------------------


def generator_of(piece: Piece) -> dict[str, object]:
    """The producer of a clip without a file: MLT's own as it was, else a plain colour, clear under a title."""
    reference = active_reference(piece.item.node)
    if own := as_node(as_node(as_node(reference.get("metadata")).get(KEY)).get("properties")):
        return dict(own)
    colour = "#00000000" if words_of(piece.item.node) else HOLE
    return {"resource": colour, "mlt_service": "color", "mlt_image_format": "rgba"}


def title_filter(piece: Piece, height: int) -> dict[str, object] | None:
    """The filter that writes the words of somebody else's title on a picture of `height` pixels."""
    words = words_of(piece.item.node)
    own = is_own(active_reference(piece.item.node))
    return {**_WORDS, "size": max(8, height // 8), "argument": words} if words and not own else None


def words_of(node: Node) -> str:
    """What a generator writes on the picture; "" where it writes nothing."""
    reference = active_reference(node)
    said = as_node(reference.get("parameters")).get("text")
    return str(said or "") if schema_name(reference) == "GeneratorReference" else ""


def generator_node(service: str, properties: Mapping[str, str]) -> Node:
    """A GeneratorReference that brings a producer back as it is."""
    kept = {name: value for name, value in properties.items() if not _NOT_OF_A_GENERATOR.match(name)}
    return {
        "OTIO_SCHEMA": "GeneratorReference.1", "metadata": {KEY: {"properties": kept}}, "name": service,
        "available_range": None, "generator_kind": service, "parameters": {},
    }  # fmt: skip


# ---- markers ---------------------------------------------------------------------------------------------------------


def clip_marks(piece: Piece, edit: Edit) -> Iterator[Mark]:
    """Markers of a clip, in frames of its file."""
    for marker in map(as_node, as_list(piece.item.node.get("markers"))):
        start, frames = marked(marker, edit.frame_rate)
        if (place := nearest_frame(start) - piece.start) >= 0:
            yield Mark.of(marker, place, frames)


def commented(marks: Iterable[Mark]) -> str:
    """Markers as the text of a comment, each after `[frame]` or `[frame+length]` of the clip's file.

    (Not `@frame`: MLT takes a property that begins with `@` for a sum and keeps its result.)
    """
    lengths = ((mark, f"+{mark.frames}" if mark.frames else "") for mark in marks)
    return "\n".join(f"[{mark.frame}{length}] {mark.text}" for mark, length in lengths)


def marks_in(comment: str, first: int) -> Iterator[Mark]:
    """The markers of a comment; what stands before any `[` lies on the frame `first`."""
    starts = list(_TIMED.finditer(comment))
    if before := comment[: starts[0].start() if starts else None].strip():
        yield Mark(first, 0, before)
    for found, after in zip_longest(starts, starts[1:]):
        text = comment[found.end() : after.start() if after else None].strip()
        yield Mark(int(found[1]), int(found[2] or 0), text)


def clock(frame: int, frame_rate: Fraction) -> str:
    """A frame as Shotcut writes times: hours, minutes, seconds, milliseconds."""
    thousandths = nearest_frame(frame * 1000 / frame_rate)
    seconds, rest = divmod(thousandths, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


# ---- our note --------------------------------------------------------------------------------------------------------


def noted_of(cut: Cut) -> dict[str, object]:
    """What twopop asks a cut for and MLT has no word for: its start, and of our metadata what later renders need."""
    ours = as_node(as_node(cut.document.get("metadata")).get("twopop"))
    kept = {key: ours[key] for key in ("beds", "settings", "width", "height") if key in ours}
    return {"start": cut.start_frames if cut.has_start else None, "twopop": kept}


def note_in(text: str) -> Node:
    """Our own note; empty where there is none, or somebody changed it to something else."""
    try:
        return as_node(json.loads(text or "{}"))
    except ValueError:
        return {}
