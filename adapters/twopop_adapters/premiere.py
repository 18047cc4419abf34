"""OTIO as Premiere Pro 25.6 and later writes and accepts it, with FCP7 XML beside it for older ones.

Its metadata key is `PremierePro_OTIO`. A retimed clip's `source_range` counts media frames: what the cut shows is that
length divided by the speed.
"""

from __future__ import annotations

from fractions import Fraction

from twopop.document import rate_number
from twopop.flavours import Fidelity, approximated
from twopop.timebase import SAMPLE_RATE, nearest_frame
from twopop.timeline import Node

from ._common import Edit, Lane, Piece
from ._otio import OtioFlavour, Placed
from .resolve import FIDELITY as RESOLVE

FIDELITY: Fidelity = {
    **RESOLVE,
    "wipes": approximated("they are written as they are; Premiere shows those it does not know as dissolves"),
    "effects": approximated("they are written as they are; Premiere applies its own only"),
    "titles": approximated("they are written as they are; Premiere shows those it knows"),
    "links": approximated("picture and stems share a link id; Premiere decides whether it links separate files"),
    "metadata": approximated("it is written, but may be gone in an export; takes are known again by their files"),
}


class PremiereFlavour(OtioFlavour):
    """`twopop render --for premiere`."""

    name = "premiere"
    key = "PremierePro_OTIO"
    fidelity = FIDELITY
    beside = ("xmeml",)

    def timeline_metadata(self, edit: Edit) -> Node:
        """The version of Premiere's own form."""
        return {"MetadataVersion": "1.0"}

    def stack_metadata(self, edit: Edit) -> Node:
        """The sequence's settings."""
        return {
            "AudioFrameRate": float(SAMPLE_RATE),
            "PixelAspectRatio": {"numerator": 1.0, "denominator": 1.0},
            "VideoFrameRate": rate_number(edit.frame_rate),
            "VideoResolution": {"width": edit.width, "height": edit.height},
        }

    def track_metadata(self, lane: Lane) -> Node:
        """Sound tracks say how many channels they have."""
        if lane.kind == "Video":
            return {}
        channels = max((_channels(piece) for piece in lane.pieces), default=2)
        return {"AudioChannels": {"ChannelType": _channel_type(channels), "NumberOfChannels": channels}}

    def clip_metadata(self, piece: Piece) -> Node:
        """Link id, and which channels of the file are heard."""
        found: Node = {"OriginalChannelGroupIndex": 0, "SourceClipIndex": 0}
        if piece.group:
            found["LinkID"] = str(piece.group)
        if piece.item.kind == "Audio":
            channels = _channels(piece)
            assigned = [{"SecondaryChannelIndex": channel} for channel in range(channels)]
            found["AudioChannels"] = {"ChannelType": _channel_type(channels), "SecondaryAssignments": assigned}
        return found

    def source_frames(self, placed: Placed) -> int:
        """Media frames: those shown, times the speed."""
        speed = abs(placed.piece.speed) or Fraction(1)
        return max(1, nearest_frame(placed.source.frames * speed))


def _channel_type(channels: int) -> str:
    return {1: "Mono", 2: "Stereo", 6: "5.1"}.get(channels, "Multichannel")


def _channels(piece: Piece) -> int:
    return piece.facts.channels if piece.facts and piece.facts.channels else 2
