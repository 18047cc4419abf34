"""Edit assembly: a shot list becomes a cut with holes, in plain stock OpenTimelineIO.

Everything that is asked for becomes a marker, so that an editor sees it, moves it and changes it like any other.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from .document import Rate, clip_node, gap_node, range_node, rate_number, reference_node, time_node, track_node
from .errors import MediaError, TimelineError, UsageError
from .shotlist import ShotRow, checked_rows, frames_of, read_shot_list
from .timebase import FrameRange, is_drop_rate, parse_timecode, rescale, snap_frame_rate
from .timeline import Cut, Node
from .wire import Finding

COLORS = {
    "PROMPT": "BLUE",
    "DX": "YELLOW",
    "FX": "RED",
    "BG": "GREEN",
    "MX": "PURPLE",
    "HIT": "PURPLE",
    "NOTE": "WHITE",
}
"""Marker colours by role; others are blue."""

_PARTS = re.compile(r"\s*(?:\||\n)\s*")
_AT = re.compile(r"@\s*(\S+)\s+(.*)$", re.S)


def assemble(
    shots: Sequence[Mapping[str, Any] | ShotRow] | Path | str,
    *,
    name: str,
    frame_rate: Fraction | float | int | str,
    start: str | None = "01:00:00:00",
    width: int = 0,
    height: int = 0,
    folder: Path | str | None = None,
) -> Cut:
    """A cut made from a shot list.

    Args:
        shots: rows (see `ShotRow` for the keys), or a .csv or .json file of them.
        name: of the timeline.
        frame_rate: frames a second, e.g. 24 or "24000/1001".
        start: timecode of the first frame; `;` before the frames means drop-frame. None = the cut has none.
        width: of the picture, with `height`; 0 = left to `twopop.toml`.
        height: of the picture.
        folder: where relative `media` and `ref` are; default: the shot list's own folder.

    Raises:
        UsageError: a row that cannot be understood: which row, which column, the nearest legal value.
        TimelineError: a frame rate or start that cannot be.
    """
    if isinstance(shots, str | Path):
        folder = folder or Path(shots).parent
        shots = read_shot_list(Path(shots))
    rate = snap_frame_rate(frame_rate)
    reel = _Assembly(rate, Path(folder) if folder is not None else None)
    reel.add(checked_rows(shots))
    first = parse_timecode(start, rate) if start else 0
    drop_frame = bool(start) and is_drop_rate(rate) and any(mark in str(start) for mark in ";.")
    ours: Node = {"drop_frame": True} if drop_frame else {}
    if width and height:
        ours |= {"width": width, "height": height}
    document: Node = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"twopop": ours} if ours else {},
        "name": name,
        "global_start_time": time_node(first, reel.number) if start else None,
        "tracks": _stack("tracks", reel.tracks(), reel.markers),
    }
    roots = (reel.folder,) if reel.folder else ()
    return Cut(document, rate, first, bool(start), drop_frame, roots=roots, findings=tuple(reel.findings))


@dataclass(slots=True)
class _Placed:
    """A row in the cut."""

    row: ShotRow
    name: str
    record: FrameRange
    where: str
    """Row number and name, for messages."""


@dataclass
class _Assembly:
    """Builds the tracks of one cut, row by row."""

    rate: Fraction
    folder: Path | None
    picture: list[Node] = field(default_factory=list[Node])
    sound: list[Node] = field(default_factory=list[Node])
    """Children of A1: the sound of real footage."""
    sound_end: int = 0
    markers: list[Node] = field(default_factory=list[Node])
    """On the timeline: the beds."""
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def number(self) -> Rate:
        """The frame rate as OTIO writes it."""
        return rate_number(self.rate)

    def tracks(self) -> list[Node]:
        """V1, and A1 where real footage has sound."""
        video = track_node("V1", "Video", self.picture, {})
        return [video, track_node("A1", "Audio", self.sound, {})] if self.sound else [video]

    def add(self, rows: list[ShotRow]) -> None:
        """All rows, then the beds that run under them."""
        placed: list[_Placed] = []
        nests: list[list[Node]] = []
        at = 0
        for index, row in enumerate(rows):
            name = row.name or ("" if row.gap else row.title or f"SH{(index + 1) * 10:03d}")
            shot = _Placed(row, name, FrameRange(at, 0), f"Row {index + 1} ({name})" if name else f"Row {index + 1}")
            before = rows[index - 1] if index else None
            node = self.clip(shot)
            shot.record = FrameRange(at, _length_of(node))
            children = self.picture
            if row.nest and before and before.nest == row.nest:
                children = nests[-1]
            self.dissolve(shot, children, placed)
            if row.nest and children is self.picture:
                nests.append([])
                self.picture.append(_stack(row.nest, [track_node("V1", "Video", nests[-1], {})], []))
                children = nests[-1]
            children.append(node)
            at = shot.record.end
            placed.append(shot)
        for shot in placed:
            self.beds(shot, placed)

    # -- one row

    def clip(self, shot: _Placed) -> Node:
        """The clip or gap of a row."""
        row = shot.row
        kinds = [kind for kind in ("media", "gap", "title") if getattr(row, kind)]
        if len(kinds) > 1:
            raise UsageError(f"{shot.where}: {' and '.join(kinds)} exclude each other. Keep one. Nothing was made.")
        if kinds == ["media"]:
            return self.footage(shot)
        length = self.length(shot)
        if row.gap:
            return {**gap_node(length, self.number), "markers": list(self.clip_markers(shot))}
        reference = _title(row.title) if row.title else _missing()
        source = range_node(FrameRange(0, length), self.number)
        node = clip_node(shot.name, source, {"DEFAULT_MEDIA": reference}, "DEFAULT_MEDIA", {}, _speed(row))
        return {**node, "markers": list(self.clip_markers(shot))}

    def length(self, shot: _Placed) -> int:
        """A row's own length in frames."""
        if shot.row.length is None:
            raise UsageError(f"{shot.where}: length is missing. Give frames (48), seconds (2.5s) or timecode.")
        frames = self.frames(shot, "length", shot.row.length)
        if frames < 1:
            raise UsageError(
                f"{shot.where}: length is {shot.row.length}; a shot has at least 1 frame. Nothing was made."
            )
        return frames

    def frames(self, shot: _Placed, column: str, time: int | str) -> int:
        """A time of a row in frames; the message names the column."""
        try:
            return frames_of(time, self.rate)
        except UsageError as exc:
            raise UsageError(f"{shot.where}: {column}: {exc}. Nothing was made.") from exc

    def footage(self, shot: _Placed) -> Node:
        """A clip with real media: measured where it can be found, so that `available_range` is true."""
        row = shot.row
        available, has_sound = self.measured(shot)
        into = self.frames(shot, "media_in", row.media_in)
        if row.length is None and available is None:
            raise UsageError(f"{shot.where}: length is missing, and {row.media} cannot be measured. Give a length.")
        first = (available.start if available else 0) + into
        length = available.end - first if row.length is None and available else self.length(shot)
        if available and first + length > available.end:
            longest = max(0, available.frames - into)
            raise UsageError(
                f"{shot.where}: {row.media} has {available.frames} frames; {length} from frame {into} are asked for. "
                f"The longest legal length is {longest}. Nothing was made."
            )
        span = range_node(available, self.number) if available else None
        reference = {**reference_node(Path(row.media).name, row.media, {}, {}), "available_range": span}
        source = range_node(FrameRange(first, length), self.number)
        node = clip_node(shot.name, source, {"DEFAULT_MEDIA": reference}, "DEFAULT_MEDIA", {}, _speed(row))
        if has_sound and not row.nest:
            if shot.record.start > self.sound_end:
                self.sound.append(gap_node(shot.record.start - self.sound_end, self.number))
            self.sound.append(node)
            self.sound_end = shot.record.start + length
        return {**node, "markers": list(self.clip_markers(shot))}

    def measured(self, shot: _Placed) -> tuple[FrameRange | None, bool]:
        """(range of a media file in frames of the cut from its own timecode, whether it has sound)."""
        from .media.probe import probe

        file = (self.folder or Path()) / shot.row.media
        try:
            facts = probe(file)
            rate = facts.frame_rate or self.rate
            first = parse_timecode(facts.timecode, rate) if facts.timecode else 0
        except (MediaError, TimelineError, OSError) as exc:
            message = f"{shot.where}: {shot.row.media} could not be measured ({exc}); its length is taken as given."
            self.findings.append(Finding(level="warning", code="media_not_measured", message=message))
            return None, False
        if not facts.frames:
            return None, facts.samples > 0
        span = (int(rescale(number, rate, self.rate)) for number in (first, facts.frames))
        return FrameRange(*span), facts.samples > 0

    def dissolve(self, shot: _Placed, children: list[Node], placed: list[_Placed]) -> None:
        """The transition into a row, between it and the clip before."""
        if shot.row.transition is None:
            return
        frames = self.frames(shot, "transition", shot.row.transition)
        if not placed or placed[-1].row.gap or shot.row.gap:
            raise UsageError(f"{shot.where}: a dissolve needs a clip on both sides. Nothing was made.")
        longest = 2 * min(placed[-1].record.frames, shot.record.frames)
        if not 2 <= frames <= longest:
            raise UsageError(
                f"{shot.where}: transition is {frames} frames; legal are 2 to {longest}. Nothing was made."
            )
        children.append(
            {
                "OTIO_SCHEMA": "Transition.1",
                "metadata": {},
                "name": "Dissolve",
                "in_offset": time_node(frames // 2, self.number),
                "out_offset": time_node(frames - frames // 2, self.number),
                "transition_type": "SMPTE_Dissolve",
            }
        )

    # -- what a row asks for, as markers

    def clip_markers(self, shot: _Placed) -> Iterator[Node]:
        """The markers on a row's clip, in its source clock."""
        row = shot.row
        if row.gap or row.title or row.media:
            asked = [key for key in ("prompt", "dialogue", "fx", "lines", "cues", "ref", "camera") if getattr(row, key)]
            if asked:
                kind = "gap" if row.gap else "title" if row.title else "clip with media"
                raise UsageError(f"{shot.where}: nothing is generated for a {kind}, so {asked[0]} has no place there.")
        else:
            yield from self.brief_marker(row)
            yield from self.sound_markers(shot)
        for mark in row.markers:
            yield self.marker(shot, mark.text, mark.at, mark.length, mark.color)
        if row.note:
            yield self.marker(shot, f"NOTE: {_one_line(row.note)}")

    def brief_marker(self, row: ShotRow) -> Iterator[Node]:
        """One marker on the first frame with all that has no place in time."""
        said = [("PROMPT", row.prompt), ("CAM", row.camera), ("STYLE", row.style), ("NEG", row.negative)]
        said += [("REF", part) for part in _parts(row.ref)]
        if row.seed is not None:
            said.append(("SEED", str(row.seed)))
        lines = [f"{word}: {_one_line(text)}" for word, text in said if text.strip()]
        if lines:
            yield self.node(lines[0], 0, 0, COLORS["PROMPT"], "\n".join(lines[1:]))

    def sound_markers(self, shot: _Placed) -> Iterator[Node]:
        """Lines and cues."""
        for text, at in _timed(shot.row.dialogue):
            yield self.marker(shot, f"DX {text}" if re.search("[:：]", text) else f"DX: {text}", at)
        for line in shot.row.lines:
            asides = [f"({part})" for part in (line.manner, "" if line.lips else "O.S.") if part]
            head = " ".join(filter(None, ("DX", line.speaker, *asides)))
            yield self.marker(shot, f"{head}: {line.text}", line.at, line.length)
        for text, at in _timed(shot.row.fx):
            yield self.marker(shot, f"FX: {text}", at)
        for cue in shot.row.cues:
            word = "HIT" if cue.hit else cue.role.upper()
            yield self.marker(shot, f"{word}: {cue.text}", cue.at, cue.length)

    def beds(self, shot: _Placed, placed: list[_Placed]) -> None:
        """Beds that begin in a row: markers on the timeline."""
        row = shot.row
        for word, cell in (("BG", row.bg), ("MX", row.mx)):
            for text, at in _timed(cell):
                first = shot.record.start + self.frames(shot, word.lower(), at)
                self.markers.append(self.node(f"{word}: {_one_line(text)}", first, 0, COLORS[word]))
        for bed in row.beds:
            first = shot.record.start + self.frames(shot, "beds.at", bed.at)
            length = self.frames(shot, "beds.length", bed.length) if bed.length is not None else 0
            if bed.through:
                length = _row_named(bed.through, shot, placed).record.end - first
                if length < 1:
                    raise UsageError(f"{shot.where}: bed through {bed.through!r} would end before it begins.")
            seed = f"SEED: {bed.seed}" if bed.seed is not None else ""
            text = f"{bed.role.upper()}: {_one_line(bed.text)}"
            self.markers.append(self.node(text, first, length, COLORS[bed.role.upper()], seed))

    def marker(
        self, shot: _Placed, text: str, at: int | str = 0, length: int | str | None = None, color: str = ""
    ) -> Node:
        """A marker on a row's clip; times as the row writes them."""
        word = text.split(" ", 1)[0].rstrip(":")
        frames = self.frames(shot, "length", length) if length is not None else 0
        return self.node(_one_line(text), self.frames(shot, "at", at), frames, color or COLORS.get(word, "BLUE"))

    def node(self, text: str, at: int, frames: int, color: str, comment: str = "") -> Node:
        """A Marker.2."""
        return {
            "OTIO_SCHEMA": "Marker.2",
            "metadata": {},
            "name": text,
            "color": color,
            "marked_range": range_node(FrameRange(at, frames), self.number),
            "comment": comment,
        }


def _row_named(name: str, shot: _Placed, placed: list[_Placed]) -> _Placed:
    for other in placed:
        if other.name == name:
            return other
    near = difflib.get_close_matches(name, [other.name for other in placed], n=1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"{shot.where}: there is no row {name!r} for a bed to run through.{meant} Nothing was made.")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _parts(text: str) -> list[str]:
    return [part for part in _PARTS.split(text.strip()) if part]


def _timed(text: str) -> Iterator[tuple[str, str]]:
    """(text, time) of each part of a cell."""
    for part in _parts(text):
        found = _AT.match(part)
        yield (found[2], found[1]) if found else (part, "0")


def _length_of(node: Node) -> int:
    return int(node["source_range"]["duration"]["value"])


def _speed(row: ShotRow) -> list[Node]:
    """The retime of a row as effects."""
    if row.retime is None or row.retime == 1:
        return []
    schema = "LinearTimeWarp" if row.retime else "FreezeFrame"
    effect: Node = {"OTIO_SCHEMA": f"{schema}.1", "metadata": {}, "name": "", "effect_name": schema, "enabled": True}
    return [{**effect, "time_scalar": float(row.retime)}]


def _missing() -> Node:
    return {
        "OTIO_SCHEMA": "MissingReference.1",
        "metadata": {},
        "name": "",
        "available_range": None,
        "available_image_bounds": None,
    }


def _title(text: str) -> Node:
    return {
        **_missing(),
        "OTIO_SCHEMA": "GeneratorReference.1",
        "name": "Title",
        "generator_kind": "Text",
        "parameters": {"text": text},
    }


def _stack(name: str, children: list[Node], markers: list[Node]) -> Node:
    return {
        "OTIO_SCHEMA": "Stack.1",
        "metadata": {},
        "name": name,
        "source_range": None,
        "effects": [],
        "markers": markers,
        "enabled": True,
        "color": None,
        "children": children,
    }
