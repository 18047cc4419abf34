"""Markers as Kdenlive knows them: one a frame, with a text and a length. A note of ours brings back what stood apart.

Kdenlive keeps only the last of several markers on a frame, so they are written as one, a line each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from twopop.timeline import Node, as_list

Noted = list[Any]
"""[file or "", frame, text, [[text, frames] of each marker that stood there]]."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker of a file (frames of the file) or, as a guide, of the cut."""

    frame: int
    frames: int
    text: str

    @classmethod
    def of(cls, marker: Node, frame: int, frames: int) -> Mark:
        """A marker of the document: its name, then its comment."""
        return cls(frame, frames, "\n".join(filter(None, (str(marker.get(key) or "") for key in ("name", "comment")))))


def merged(marks: Iterable[Mark]) -> list[tuple[Mark, list[Mark]]]:
    """One marker a frame, and those it stands for; equal ones once."""
    there: dict[int, list[Mark]] = {}
    for mark in dict.fromkeys(marks):
        there.setdefault(mark.frame, []).append(mark)
    return [
        (Mark(frame, max(mark.frames for mark in marks), "\n".join(mark.text for mark in marks)), marks)
        for frame, marks in there.items()
    ]


def as_json(marks: Iterable[Mark]) -> list[dict[str, object]]:
    """What Kdenlive keeps in a property."""
    return [{"comment": m.text, "pos": m.frame, "type": 0, "duration": m.frames} for m, _ in merged(marks)]


def noted(file: str, marks: Iterable[Mark]) -> Iterator[Noted]:
    """What our note says of the markers that Kdenlive cannot tell apart or measure."""
    for one, parts in merged(marks):
        if len(parts) > 1 or one.frames:
            yield [file, one.frame, one.text, [[mark.text, mark.frames] for mark in parts]]


def apart(said: dict[str, Any], file: str, notes: list[Any]) -> Iterator[Mark]:
    """The markers that one of Kdenlive's stands for: as our note has them, where its text is still the same."""
    mark = Mark(int(said["pos"]), int(said.get("duration") or 0), str(said.get("comment", "")))
    found = [note for note in map(as_list, notes) if len(note) == 4 and note[0] == file]
    same = next((note for note in found if (note[1], note[2]) == (mark.frame, mark.text)), None)
    if same is not None:
        yield from (Mark(mark.frame, int(frames), str(text)) for text, frames in same[3])
        return
    like = next((note for note in found if note[1] == mark.frame or note[2] == mark.text), None)
    length = max((int(part[1]) for part in like[3]), default=0) if like else 0
    yield Mark(mark.frame, mark.frames or length, mark.text)
