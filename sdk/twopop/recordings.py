"""Recorded dialogue on the timeline: a sound clip marked `TP DX MARA:` drives the lips in the holes over it.

The clip stays where it is and is heard from there; the take's dialogue has nothing of it, or it would be heard twice.
The whole clip is named, in the source clock of the hole, so that a trim of the hole changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .links import local_path
from .markers import Instruction, parse_marker_text, read_marker
from .pieces import Piece
from .timebase import SAMPLE_RATE, FrameRange, nearest_frame
from .timeline import Item, as_list, as_node
from .tracks import active_reference, own_range, range_of, retimes_of
from .wire import Line, Reference


@dataclass(frozen=True, slots=True)
class LaidSound:
    """A sound clip that somebody says: where it is in the cut, what it says, and which samples of which file."""

    record: FrameRange
    said: Instruction
    path: str
    first: int
    samples: int

    def over(self, piece: Piece) -> tuple[int, Reference, tuple[Line, ...]]:
        """Source frame of a hole at which it begins, the recording, and its words where they are known."""
        at = piece.source_of(piece.item.record.start) + self.record.start - piece.item.record.start
        reference = Reference(
            kind="line", path=self.path, speaker=self.said.speaker, at_frames=at, part=(self.first, self.samples),
            heard=False,
        )  # fmt: skip
        if not self.said.text:
            return at, reference, ()
        return at, reference, (Line(speaker=self.said.speaker, text=self.said.text, at_frames=at),)


def laid_sound(item: Item, frame_rate: Fraction, folders: tuple[Path, ...]) -> Iterator[LaidSound | str]:
    """What a sound clip says, one for each line `TP DX`; a sentence where it cannot be used."""
    if item.kind != "Audio" or item.schema != "Clip" or not item.enabled or item.record.frames <= 0:
        return
    for node in as_list(item.node.get("markers")):
        text = parse_marker_text(read_marker(as_node(node), frame_rate).text, prefixed_only=True)
        for said in text.instructions:
            if said.word == "DX":
                yield _laid(item, said, frame_rate, folders)


def _laid(item: Item, said: Instruction, frame_rate: Fraction, folders: tuple[Path, ...]) -> LaidSound | str:
    media = active_reference(item.node)
    url, used = str(media.get("target_url") or ""), own_range(item.node, frame_rate)
    if not url or used is None:
        return f"TP DX {said.speaker} is on a sound clip without a file. Put it on the recording itself."
    if retimes_of(item.node):
        return f"TP DX {said.speaker} is on a sound clip with a speed effect: lips cannot follow it. Bake the effect."
    path = local_path(url, folders)
    if path is None:
        return f"TP DX {said.speaker}: {url} is no file on this machine, and nothing is fetched."
    origin = range_of(as_node(media.get("available_range")), frame_rate)
    first, count = (
        nearest_frame(Fraction(frames) * SAMPLE_RATE / frame_rate)
        for frames in (used[0] - (origin or (0, 0))[0], used[1])
    )
    inside = next((folder for folder in folders if path.is_relative_to(folder)), None)
    return LaidSound(item.record, said, str(path.relative_to(inside) if inside else path), max(0, first), count)


def lay_under(pieces: Iterable[Piece], sounds: Iterable[LaidSound]) -> set[LaidSound]:
    """Adds recordings to the drafts of the shots over them; gives those that lie under none."""
    lost = set(sounds)
    for sound in tuple(lost):
        for piece in pieces:
            if piece.speed != 1 or not piece.item.record.overlap(sound.record):
                continue
            if piece.kind == "filled":
                lost.discard(sound)
            if not piece.draft.says_anything:
                continue
            at, reference, lines = sound.over(piece)
            piece.draft.references += (reference,)
            taken = {line.speaker for line in piece.draft.lines if abs(line.at_frames - at) <= 12}
            piece.draft.lines += tuple(line for line in lines if line.speaker not in taken)
            lost.discard(sound)
    return lost
