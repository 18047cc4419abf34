"""Which clips of a cut play at a frame, on which track, and how they mix: what picture and sound of a preview share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .timebase import FrameRange
from .timeline import Cut, Item, as_list, as_node
from .tracks import is_one_track


@dataclass(frozen=True, slots=True)
class Entry:
    """One item on its lane, widened by its transitions (cut clock)."""

    item: Item
    shown: FrameRange
    fade_in: FrameRange
    """The dissolve from its neighbour; no frames where there is none."""
    fade_out: FrameRange

    @property
    def plays(self) -> bool:
        """False for gaps, disabled clips and things that are no clips."""
        return self.item.enabled and self.item.schema == "Clip"


class Lane:
    """The items of one track in time order."""

    def __init__(self, items: list[Item], order: tuple[int, ...]) -> None:
        self.order = order
        self.entries = list(_entries(sorted(items, key=lambda item: item.record.start)))
        self._low = 0

    def at(self, frame: int) -> list[tuple[Entry, float]]:
        """The entries that play at `frame` with their weights (sum 1 where anything is); ask in rising order."""
        entries = self.entries
        while self._low < len(entries) and entries[self._low].shown.end <= frame:
            self._low += 1
        found: list[Entry] = []
        for entry in entries[self._low :]:
            if entry.shown.start > frame:
                break
            if entry.shown.holds(frame):
                found.append(entry)
        if len(found) < 2:
            return [(entry, 1.0) for entry in found]
        fade = found[-1].fade_in
        weight = (frame - fade.start + 1) / (fade.frames + 1)
        return [(found[-2], 1 - weight), (found[-1], weight)]


def lanes_of(cut: Cut, kind: str) -> list[Lane]:
    """The tracks of a kind ("Video", "Audio"), the lowest first; the tracks of a nest lie where the nest does."""
    grouped: dict[tuple[int, ...], list[Item]] = {}
    for item in cut.items:
        if item.kind == kind and item.record.frames > 0:
            grouped.setdefault(_opened(cut, item.path[:-1], kind), []).append(item)
    return sorted((Lane(items, path[::2]) for path, items in grouped.items()), key=lambda lane: lane.order)


def _opened(cut: Cut, track: tuple[int, ...], kind: str) -> tuple[int, ...]:
    """The track that a track lies in: its own path, or, alone in its nest, what the nest lies in."""
    while len(track) > 2:
        nest = as_node(cut.document.get("tracks"))
        for index in track[:-1]:
            nest = as_node(as_list(nest.get("children"))[index])
        if not is_one_track(nest, kind):
            break
        track = track[:-2]
    return track


def _entries(items: Iterable[Item]) -> Iterator[Entry]:
    """Items with the dissolves that they share with the one before and the one after."""
    listed = list(items)
    ranges = [_widened(item) for item in listed]
    for index, item in enumerate(listed):
        before = ranges[index - 1] if index and listed[index - 1].record.end == item.record.start else None
        meets = index + 1 < len(listed) and listed[index + 1].record.start == item.record.end
        after = ranges[index + 1] if meets else None
        yield Entry(item, ranges[index], _shared(before, ranges[index]), _shared(ranges[index], after))


def _widened(item: Item) -> FrameRange:
    return item.record.widened(item.trimmed.start - item.visible.start, item.visible.end - item.trimmed.end)


def _shared(first: FrameRange | None, second: FrameRange | None) -> FrameRange:
    both = first.overlap(second) if first and second else None
    return both or FrameRange(0, 0)
