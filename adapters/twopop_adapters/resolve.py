"""OTIO as DaVinci Resolve writes and accepts it, with FCP7 XML beside it for media that moves.

Resolve refuses, without a word, links that are no bare absolute paths, ranges outside the media's own timecode, and
schemas it does not know. Its metadata key is `Resolve_OTIO`.
"""

from __future__ import annotations

from pathlib import Path

from twopop.flavours import KEPT, Fidelity, approximated
from twopop.timeline import Node, as_node

from ._common import Edit, Lane, Piece
from ._otio import OtioFlavour

FIDELITY: Fidelity = {
    "dissolves": KEPT,
    "fades": KEPT,
    "wipes": approximated("they are written as they are; Resolve shows those it does not know as dissolves"),
    "nests": approximated("they are opened; their clips lie on tracks"),
    "retimes": KEPT,
    "effects": approximated("they are written as they are; Resolve applies its own only"),
    "titles": approximated("they are written as they are; Resolve shows those it knows"),
    "holes": approximated("they are offline clips with their markers"),
    "disabled clips": KEPT,
    "markers": approximated("those of tracks and nests become markers of the timeline"),
    "takes": approximated("only the circled one is there; the others stay in the store"),
    "links": approximated(
        "link groups are written; where Resolve links only picture and sound of one file, link the stems by hand"
    ),
    "start timecode": KEPT,
    "metadata": approximated("it is written, but Resolve drops it; takes are known again by their files"),
}


class ResolveFlavour(OtioFlavour):
    """`twopop render --for resolve`."""

    name = "resolve"
    key = "Resolve_OTIO"
    fidelity = FIDELITY
    beside = ("xmeml",)

    def url(self, path: Path) -> str:
        """A bare absolute path: Resolve does not relink `file://`."""
        return str(path)

    def timeline_metadata(self, edit: Edit) -> Node:
        """The version of Resolve's own form."""
        return {"Resolve OTIO Meta Version": "1.0"}

    def track_metadata(self, lane: Lane) -> Node:
        """Sound tracks say how many channels they have."""
        if lane.kind == "Video":
            return {"Locked": False}
        return {"Audio Type": audio_type(max((_channels(piece) for piece in lane.pieces), default=2)), "Locked": False}

    def clip_metadata(self, piece: Piece) -> Node:
        """Link group, and which channels of the file are heard."""
        found: Node = {"Link Group ID": piece.group} if piece.group else {}
        if piece.item.kind == "Audio" and piece.facts:
            channels = range(_channels(piece))
            found["Channels"] = [{"Source Channel ID": channel, "Source Track ID": 0} for channel in channels]
        return found

    def marker(self, marker: Node) -> Node:
        """Resolve's notes are the comments of others."""
        if not marker.get("comment"):
            return marker
        metadata = as_node(marker.get("metadata"))
        ours = {**as_node(metadata.get(self.key)), "Note": marker["comment"]}
        return {**marker, "metadata": {**metadata, self.key: ours}}


def audio_type(channels: int) -> str:
    """Resolve's name of a track with so many channels."""
    return {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}.get(channels, "Adaptive")


def _channels(piece: Piece) -> int:
    return piece.facts.channels if piece.facts and piece.facts.channels else 2
