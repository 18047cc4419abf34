"""Markers above the clips, on tracks, nests and the timeline: which shot each stands over, and which make beds.

Clock: cut, everywhere in this file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .briefs import TIMED
from .errors import SpottingError
from .markers import Instruction, MarkerText, Misread, parse_marker_text, read_marker
from .timebase import FrameRange, nearest_frame
from .timeline import Cut, Node, as_list, as_node
from .tracks import Window, compositions
from .wire import Role

BED_WORDS: dict[str, Role] = {"BG": "ambience", "MX": "music"}
_MOST_PAIRS = 2_000_000
"""Markers times clips under them, beyond which a cut is somebody's attempt to stop us."""
_CONTENT = frozenset(("PROMPT", "DX", "FX", "HIT", "CAM", "REF"))
"""Words that ask for a picture or sound: over a clip with missing media, they make it a hole."""


@dataclass(frozen=True, slots=True)
class Overhead:
    """One instruction of a marker that stands on no clip."""

    said: Instruction
    record: FrameRange
    """0 frames long for a point marker."""
    path: tuple[int, ...]
    """The composition it is on: it speaks to clips inside only."""
    bed_id: str = ""
    seed: int | None = None
    """SEED of the same marker, for a bed."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A line of an overhead marker that could not be read, or that stands where it cannot be used."""

    frame: int
    misread: Misread | None = None
    message: str = ""


class Candidate(NamedTuple):
    """A clip that an overhead marker may speak to."""

    record: FrameRange
    path: tuple[int, ...]
    rank: int
    """0 = a hole or filled shot already, 1 = missing media, 2 = a generator."""


class BedRange(NamedTuple):
    """A bed and where it lies."""

    marker: Overhead
    record: FrameRange


def read_overhead(cut: Cut, colors: frozenset[str]) -> tuple[list[Overhead], list[Stray]]:
    """Every instruction of every marker on tracks, stacks and the timeline, in time order.

    Args:
        cut: the cut.
        colors: marker colours that carry roles (capitals); empty = all.
    """
    found: list[Overhead] = []
    strays: list[Stray] = []
    for node, path, window in compositions(cut.document, cut.frame_rate):
        markers = as_list(node.get("markers"))
        if not path:
            markers = [*markers, *as_list(cut.document.get("markers"))]
        for marker in markers:
            _read(as_node(marker), path, window, cut, colors, found, strays)
    found.sort(key=lambda o: o.record.start)
    return found, strays


def _read(
    node: Node,
    path: tuple[int, ...],
    window: Window,
    cut: Cut,
    colors: frozenset[str],
    found: list[Overhead],
    strays: list[Stray],
) -> None:
    note = read_marker(node, cut.frame_rate)
    if colors and note.color not in colors:
        return
    text = parse_marker_text(note.text)
    record = FrameRange(nearest_frame(note.start + window.shift), note.frames)
    if window.retimed and text.instructions:
        said = f'marker "{text.instructions[0].word}" stands inside a retimed nest, where time is not a plain shift'
        strays.append(Stray(record.start, message=f"{said}. Put it on the timeline. It was not used."))
        return
    found += overheads(text, record, path, note.id)
    strays += [Stray(record.start, misread) for misread in text.misread]


def overheads(text: MarkerText, record: FrameRange, path: tuple[int, ...], marker_id: str) -> list[Overhead]:
    """The instructions of one marker; beds of one marker get ids of their own, and its SEED."""
    beds = [said for said in text.instructions if said.word in BED_WORDS]
    seeds = [said.text for said in text.instructions if said.word == "SEED" and said.text.isdecimal()]
    seed = int(seeds[0]) % 2**31 if beds and seeds else None
    found: list[Overhead] = []
    for said in text.instructions:
        if said in beds:
            own_id = f"{marker_id}-{said.word}" if marker_id and len(beds) > 1 else marker_id
            found.append(Overhead(said, record, path, own_id, seed))
        elif not (beds and said.word == "SEED"):
            found.append(Overhead(said, record, path))
    return found


def under(markers: Iterable[Overhead], candidates: Sequence[Candidate]) -> list[list[Overhead]]:
    """For each candidate, the markers that speak to it, in time order.

    A marker speaks to the best clip under its first frame: a shot before missing media before a generator, the
    topmost first. Untimed words with a duration reach every shot under them. Linear after sorting.

    Raises:
        SpottingError: markers lie over so many clips that no editor can have meant it.
    """
    spoken: list[list[Overhead]] = [[] for _ in candidates]
    order = sorted(range(len(candidates)), key=lambda i: candidates[i].record.start)
    starts = [candidates[i].record.start for i in order]
    showing: list[int] = []
    passed = pairs = 0
    for marker in markers:
        first = marker.record.start
        until = bisect_right(starts, first)
        showing = [i for i in (*showing, *order[passed:until]) if candidates[i].record.end > first]
        passed, pairs = until, pairs + len(showing)
        if pairs > _MOST_PAIRS:
            said = f"Markers lie over clips in more than {_MOST_PAIRS} ways. Put fewer or shorter ones on the timeline."
            raise SpottingError(f"{said} Nothing was generated.")
        inside = [i for i in showing if candidates[i].path[: len(marker.path)] == marker.path]
        best = max(inside, key=lambda i: (-candidates[i].rank, candidates[i].path), default=None)
        if best is not None and (candidates[best].rank == 0 or marker.said.word in _CONTENT):
            spoken[best].append(marker)
        if marker.record.frames and marker.said.word not in TIMED:
            later = order[until : bisect_left(starts, marker.record.end)]
            pairs += len(later)
            for i in (*inside, *later):
                if i != best and candidates[i].rank == 0 and candidates[i].path[: len(marker.path)] == marker.path:
                    spoken[i].append(marker)
    return spoken


def runs_of(records: Iterable[FrameRange]) -> list[FrameRange]:
    """Runs of ranges that touch or overlap, in time order."""
    runs: list[FrameRange] = []
    for record in sorted(records):
        if runs and record.start <= runs[-1].end:
            runs[-1] = runs[-1].hull(record)
        else:
            runs.append(record)
    return runs


def bed_ranges(
    markers: Sequence[Overhead], runs: Sequence[FrameRange], end_frame: int
) -> tuple[list[BedRange], list[Stray]]:
    """The beds that BG and MX markers make, in time order.

    A marker with a duration runs over it; a point marker runs to the next of its role or the end of its run of shots.
    Over no shot at all a BG is somebody's note and is left, unless it is written `TP BG:`.

    Args:
        markers: overhead BG and MX markers, in time order.
        runs: runs of touching shots.
        end_frame: the end of the cut; no bed runs past it.
    """
    beds: list[BedRange] = []
    strays: list[Stray] = []
    run_starts = [run.start for run in runs]
    following: dict[str, int] = {}
    for marker in reversed(markers):
        first = marker.record.start
        nearest = bisect_right(run_starts, first) - 1
        run = runs[nearest] if nearest >= 0 and runs[nearest].end > first else None
        last = (
            marker.record.end
            if marker.record.frames
            else min(run.end, following.get(marker.said.word, run.end))
            if run
            else first
        )
        following[marker.said.word] = first
        over = run is not None or (nearest + 1 < len(runs) and runs[nearest + 1].start < last)
        record = FrameRange(max(first, 0), min(last, end_frame) - max(first, 0))
        if record.frames > 0 and (over or marker.said.prefixed):
            beds.append(BedRange(marker, record))
        elif runs and not marker.record.frames:
            said = f'{marker.said.word}: "{marker.said.text}" stands over no shot, so nothing says where it ends'
            strays.append(Stray(first, message=f"{said}. Give the marker a duration, or move it. No bed was made."))
    beds.reverse()
    return beds, strays
