"""OTIO as GStreamer Editing Services read it by themselves (`ges-launch-1.0 --load cut.ges.otio`, from 1.24 on).

Their reader hands the file to otio-xges-adapter, which takes the numbers of `source_range` for time since the file's
first frame, plays clips that are switched off, and runs the name of an effect as a pipeline: so media are counted from
0, such clips are gaps, and effects stay away. It keeps its own words in metadata, under `XGES`: size, rate, and how
pictures dissolve are said there.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from twopop.document import gap_node, rate_number
from twopop.flavours import Fidelity, approximated
from twopop.timebase import nearest_frame
from twopop.timeline import Node, as_list, as_node, schema_name
from twopop.tracks import retimes_of, time_value

from ._common import Edit, Lane, Piece
from ._otio import OtioFlavour
from .ges import FIDELITY as GES
from .ges import TYPES, nanoseconds, restrictions

FIDELITY: Fidelity = {
    **GES,
    "wipes": approximated("they are written as they are; GES shows them as dissolves"),
    "titles": approximated("they are written as they are; GES shows nothing"),
    "holes": approximated("they are clips without media, with their markers; GES shows nothing"),
    "markers": approximated("those of tracks and nests become markers of the timeline; GES knows their names only"),
    "start timecode": approximated("it is written; GES begins at zero"),
    "metadata": approximated("it is written, but what GES saves is without it; takes are known by their file names"),
}
_FADE_IN = 513
"""GES's number of the picture transition that shows the later clip over the earlier one; see `ges`."""


class GesOtioFlavour(OtioFlavour):
    """`twopop render --for ges` writes it beside the .xges."""

    name = "ges-otio"
    key = "XGES"
    timecode = False
    fidelity = FIDELITY
    bakes = True
    proof = "opened and rendered by GES 1.26 in `make editors`, exact"

    def stack_metadata(self, edit: Edit) -> Node:
        """Size, rate and channels of what is rendered."""
        return {"tracks": [_xges_track(kind, caps) for kind, caps in restrictions(edit).items()]}

    def track(self, edit: Edit, lane: Lane) -> Node:
        """A track on whole nanoseconds: where one ends before another by less, GES adds a frame."""
        node = super().track(edit, lane)
        return {**node, "children": _on_nanoseconds(as_list(node["children"]), edit.frame_rate)}

    def clip(self, edit: Edit, piece: Piece) -> Node:
        """A clip, or its gap where it is switched off."""
        if not piece.item.enabled:
            return gap_node(piece.item.record.frames, rate_number(edit.frame_rate))
        return super().clip(edit, piece)

    def transition(self, edit: Edit, piece: Piece, side: int) -> list[Node]:
        """Only what lies between two clips: GES has none at the edge of one."""
        joins = piece.joins_before if side < 0 else piece.joins_after
        found = super().transition(edit, piece, side) if joins else []
        if piece.item.kind == "Audio":
            return found
        shown: Node = {"clip": {"properties": _gst("properties", vtype=["int", _FADE_IN])}}
        return [{**node, "metadata": self._with(as_node(node.get("metadata")), shown)} for node in found]

    def effects(self, node: Node) -> list[Node]:
        """Speeds, which GES ignores and twopop reads back."""
        return [effect for effect in super().effects(node) if effect in retimes_of(node)]


def _on_nanoseconds(children: list[Node], frame_rate: Fraction) -> list[Node]:
    """Items whose lengths, offsets and sources are said so that they become `nanoseconds` of their frames.

    The adapter cuts every length to whole nanoseconds and adds them up. The changes are below a millionth of a frame.
    """
    found: list[Node] = []
    at = 0
    for child in children:
        if schema_name(child) == "Transition":
            before, after = (_frames(child.get(name), frame_rate) for name in ("in_offset", "out_offset"))
            spans = {"in_offset": (at - before, at), "out_offset": (at, at + after)}
            found.append({**child, **{name: _length(*span, frame_rate) for name, span in spans.items()}})
            continue
        source = as_node(child["source_range"])
        start, frames = (_frames(source.get(name), frame_rate) for name in ("start_time", "duration"))
        exact = {"start_time": _length(0, start, frame_rate), "duration": _length(at, at + frames, frame_rate)}
        found.append({**child, "source_range": {**source, **exact}})
        at += frames
    return found


def _frames(time: object, frame_rate: Fraction) -> int:
    return nearest_frame(time_value(as_node(time), frame_rate))


def _length(begin: int, end: int, frame_rate: Fraction) -> Node:
    """From one frame boundary to another: a RationalTime that is cut to their distance in nanoseconds."""
    rate = rate_number(frame_rate)
    exact = nanoseconds(end, frame_rate) - nanoseconds(begin, frame_rate)
    value = float((exact + Fraction(1, 2)) * frame_rate / 10**9) if exact else 0.0
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": value}


def _xges_track(kind: str, caps: str) -> Node:
    """An XgesTrack as otio-xges-adapter keeps it."""
    anything: Node = {"OTIO_SCHEMA": "GstCapsFeatures.1", "is_any": True, "features": []}
    return {
        "OTIO_SCHEMA": "XgesTrack.1",
        "caps": {"OTIO_SCHEMA": "GstCaps.1", "flags": 0, "structs": [[_gst(caps.partition(",")[0]), anything]]},
        "track-type": TYPES[kind],
        "properties": _gst("properties", **{"restriction-caps": ["string", caps], "mixing": ["boolean", True]}),
        "metadatas": _gst("metadatas"),
    }


def _gst(name: str, **fields: Sequence[str | int]) -> Node:
    """A GstStructure as otio-xges-adapter keeps it: every field with its type."""
    return {"OTIO_SCHEMA": "GstStructure.1", "name": name, "fields": fields}
