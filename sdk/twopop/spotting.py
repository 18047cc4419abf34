"""Spotting: markers, metadata and prompt text become briefs, directives and beds.

Sources of a shot's brief, strongest first: `metadata.twopop.brief` of its clip; markers on the clip; markers on its
track, its nests or the timeline that stand over it; speech and sounds written into the prompt text. A marker above
belongs to the shot it stands over; with a duration its untimed words (PROMPT, STYLE, REF ...) reach all shots under it.

Scenes: shots under one ambience bed, whatever lies between them; without a bed, shots that touch in time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .briefs import TIMED, Draft, Placed, draft_of, draft_of_brief, finished, merged, with_known_files
from .layout import lay_out_lines as lay_out_lines
from .links import folders_of
from .markers import SOUND_WORDS, WORDS, MarkerNote, MarkerText, Misread, parse_marker_text, read_marker, speaker_name
from .overhead import BED_WORDS, Overhead, Stray, bed_ranges, overheads, read_overhead, runs_of, under
from .pieces import Piece, media_origin, piece_of
from .recordings import LaidSound, laid_sound, lay_under
from .references import ReferenceFiles
from .settings import Settings
from .timebase import FrameRange, nearest_frame
from .timeline import Cut, Item, Node, as_list, as_node
from .wire import Brief, Finding, Level, Role


@dataclass(frozen=True, slots=True)
class Directives:
    """What markers say about the shot itself rather than its content."""

    lock: bool = False
    """LOCK: approved, never regenerated."""
    extend_head_frames: int = 0
    extend_tail_frames: int = 0
    """EXTEND: +24 (tail) or -24 (head): more frames beyond the visible range."""


@dataclass(frozen=True, slots=True)
class SpottedShot:
    """A hole with its brief, or a filled shot (`item.ours["role"] == "shot"`) with what its clip still says."""

    item: Item
    brief: Brief
    """Times in the source clock: the clip's own numbers less `item.ours["offset_frames"]` (0 in a hole)."""
    directives: Directives = Directives()
    scene: str = ""


@dataclass(frozen=True, slots=True)
class SpottedBed:
    """Ambience or music over a range of the cut (cut clock)."""

    role: Role
    text: str
    record: FrameRange
    id: str = ""
    """From the marker's metadata where it has one."""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class SpottedClip:
    """A clip that is not ours to fill, and why."""

    item: Item
    why: str


@dataclass(frozen=True, slots=True)
class Spotting:
    """Everything a cut says, in cut order."""

    shots: tuple[SpottedShot, ...] = ()
    beds: tuple[SpottedBed, ...] = ()
    left_alone: tuple[SpottedClip, ...] = ()
    cast: Mapping[str, str] = field(default_factory=dict[str, str])
    """Speaker -> voice, for the whole cut."""
    findings: tuple[Finding, ...] = field(default=())


MadeWith = Callable[[Item], Brief | None]
"""The brief that the take of a filled shot was made with, where it is known."""


def spot(cut: Cut, settings: Settings, *, made_with: MadeWith = lambda item: None) -> Spotting:
    """What `cut` asks for, in one linear pass over its clips.

    Holes: clips of video tracks with missing or generator media and a brief (with `include_offline`, all missing ones).
    Filled shots: clips whose metadata says so; one that says nothing itself has an empty brief (its slate knows).
    What cannot be read becomes a finding; nothing is raised for what an editor typed.

    Args:
        cut: the cut.
        settings: of the cut.
        made_with: asked about a filled shot whose reference file is not to be found here (a conformed cut elsewhere,
            another machine): the file's hash is then taken from its take, which needs the file no more.
    """
    return _Spotter(cut, settings, made_with).spotting()


class _Spotter:
    """One pass over one cut."""

    def __init__(self, cut: Cut, settings: Settings, made_with: MadeWith) -> None:
        self.cut, self.settings, self.made_with = cut, settings, made_with
        self.colors = frozenset(color.upper() for color in settings.marker_colors)
        self.files = ReferenceFiles(_roots(cut, settings))
        self.findings: list[Finding] = []
        self.left: list[SpottedClip] = []
        self.prefixed: list[Overhead] = []
        self.recorded: list[LaidSound] = []

    def spotting(self) -> Spotting:
        """Everything the cut says."""
        markers, strays = read_overhead(self.cut, self.colors)
        pieces = [piece for item in self.cut.items if (piece := self.piece(item))]
        self.look_for_recordings()
        self.speak(pieces, [m for m in markers if m.said.word not in BED_WORDS and m.said.word != "VOICE"])
        shots = sorted(filter(self.is_shot, pieces), key=lambda p: (p.item.record.start, p.item.path))
        cast = self.cast(shots, markers)
        briefs = [self.brief(shot, cast) for shot in shots]
        self.look_outside(shots, briefs)
        beds, scenes = self.beds_and_scenes(shots, markers, strays)
        self.report_strays(strays, pieces)
        spotted = (
            SpottedShot(shot.item, brief, _directives(shot.draft), scene)
            for shot, brief, scene in zip(shots, briefs, scenes, strict=True)
        )
        left = sorted(self.left, key=lambda c: (c.item.record.start, c.item.path))
        return Spotting(tuple(spotted), beds, tuple(left), cast, tuple(self.findings))

    # -- clips

    def piece(self, item: Item) -> Piece | None:
        """The item as a piece with what its own markers say; None where it can be no shot."""
        if item.schema == "Gap":
            self.look_at_gap(item)
        piece = piece_of(item, self.cut.frame_rate, bake=self.settings.retime == "bake")
        if piece is None:
            return None
        for order, node in enumerate(as_list(item.node.get("markers"))):
            self.read_clip_marker(piece, as_node(node), order)
        piece.stated = bool(piece.placed) or (piece.kind != "filled" and "twopop" in item.metadata)
        return piece if piece.kind != "real" else None

    def read_clip_marker(self, piece: Piece, node: Node, index: int) -> None:
        """Adds what one marker of a clip says to its piece."""
        note = read_marker(node, self.cut.frame_rate)
        if self.colors and note.color not in self.colors:
            return
        text = parse_marker_text(note.text, prefixed_only=piece.kind == "real")
        at = nearest_frame(note.start) - piece.offset
        if piece.kind == "real":
            self.read_prefixed(piece, text, note, at)
            return
        alone = sum(said.word == "DX" for said in text.instructions) == 1
        for said in text.instructions:
            timed = note.frames and (said.word in SOUND_WORDS or (said.word == "DX" and alone))
            piece.placed.append(Placed(said, at, note.frames if timed else None, index))
        if text.misread or note.ignored_json:
            self.report_marker(piece, text, note, at)

    def read_prefixed(self, piece: Piece, text: MarkerText, note: MarkerNote, at: int) -> None:
        """`TP ` on a clip with real media: beds are made, nothing else is generated for it."""
        first = piece.record_of(at)
        length = note.frames or piece.item.record.end - first
        for marker in overheads(text, FrameRange(first, length), piece.item.path, note.id):
            if marker.said.word in BED_WORDS and length > 0:
                self.prefixed.append(marker)
            else:
                word = marker.said.word
                said = (
                    f"TP {word} is on a clip that has its media: nothing is generated for it. Only TP BG and TP MX are."
                )
                self.tell(piece, "warning", "has_media", said, at)
        for misread in text.misread:
            self.tell(piece, "warning", "unknown_role", _misread(misread), at)

    def look_at_gap(self, item: Item) -> None:
        """A gap that carries a brief is not filled: says so."""
        for node in as_list(item.node.get("markers")):
            said = parse_marker_text(read_marker(as_node(node), self.cut.frame_rate).text).instructions
            if said and item.kind == "Video":
                timecode = self.cut.timecode(item.record.start)
                message = (
                    f"The gap at {timecode} carries {said[0].word}: a gap is not filled. "
                    f"Put a clip with missing media (a solid colour, a slug) there and move the marker to it."
                )
                self.findings.append(_finding("warning", "gap_with_brief", message, "", timecode))
                return

    # -- briefs

    def speak(self, pieces: Sequence[Piece], markers: Sequence[Overhead]) -> None:
        """Drafts of all pieces: metadata, then own markers, then markers above."""
        spoken = under(markers, [p.candidate for p in pieces]) if markers else [()] * len(pieces)
        for piece, above in zip(pieces, spoken, strict=True):
            draft = draft_of(piece.placed) if piece.placed else Draft()
            if above:
                draft = merged(draft, draft_of(self.placed_above(piece, above)))
            if "brief" in piece.item.ours:
                draft = self.with_stated(piece, draft)
            elif piece.kind != "filled" and (
                astray := [each for each in Brief.field_names() if each in piece.item.ours]
            ):
                self.tell(piece, "error", "bad_brief", _astray(astray))
                piece.broken = True
            piece.draft = draft
        for sound in lay_under(pieces, self.recorded):
            said = f"TP DX {sound.said.speaker} lies under no hole that is at normal speed: nobody's lips move to it."
            self.say_at(sound.record.start, "recording_alone", said)

    def look_for_recordings(self) -> None:
        """Sound clips that somebody says."""
        for item in self.cut.items:
            for found in laid_sound(item, self.cut.frame_rate, folders_of(self.cut)):
                if isinstance(found, str):
                    self.say_at(item.record.start, "bad_reference", found)
                else:
                    self.recorded.append(found)

    def say_at(self, frame: int, code: str, said: str) -> None:
        """A warning about a frame of the cut."""
        timecode = self.cut.timecode(frame)
        self.findings.append(_finding("warning", code, f"{timecode}: {said}", "", timecode))

    def placed_above(self, piece: Piece, markers: Iterable[Overhead]) -> Iterator[Placed]:
        """Markers above a piece, at their places in its source clock (its first frame, where they began before it)."""
        for order, marker in enumerate(markers):
            first = max(marker.record.start, piece.item.record.start)
            timed = marker.said.word in TIMED and marker.record.frames
            length = max(1, round(marker.record.frames * abs(piece.speed))) if timed else None
            yield Placed(marker.said, piece.source_of(first), length, order)

    def with_stated(self, piece: Piece, draft: Draft) -> Draft:
        """A draft under the brief of the clip's metadata."""
        from pydantic import ValidationError

        try:
            stated = Brief.model_validate(piece.item.ours["brief"])
        except ValidationError as exc:
            first = exc.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "brief"
            said = (
                f"metadata.twopop.brief: {where}: {first['msg']}. Fields: {', '.join(sorted(Brief.field_names()))}. "
                f"Mend it; nothing is generated for this shot until then."
            )
            self.tell(piece, "error", "bad_brief", said)
            piece.broken = True
            return draft
        return merged(draft_of_brief(stated, media_origin(piece.item.node, self.cut.frame_rate)), draft)

    def is_shot(self, piece: Piece) -> bool:
        """True for holes and filled shots to plan; what is left alone is noted with its reason."""
        why = self.why_not(piece)
        if why:
            self.left.append(SpottedClip(piece.item, why))
        return not why

    def why_not(self, piece: Piece) -> str:
        """Why a piece is no shot to plan; "" where it is one."""
        item, shot = piece.item, piece.stated or piece.kind == "filled" or piece.draft.asks
        if piece.broken or piece.draft.keep:
            return "its brief cannot be read" if piece.broken else "KEEP"
        if not shot and piece.kind == "generator":
            return "a title or generator without a brief"
        if not shot and not self.settings.include_offline:
            return "offline: missing media without a brief"
        if not item.enabled:
            return "disabled"
        if item.retimed_nest:
            self.tell(
                piece, "warning", "retimed_nest", "it lies in a retimed nest and is not filled. Retime the clip itself."
            )
            return "inside a retimed nest"
        return ""

    def cast(self, shots: Iterable[Piece], markers: Iterable[Overhead]) -> dict[str, str]:
        """Speaker -> voice for the whole cut: settings, then VOICE on any shot, then VOICE above the clips."""
        cast = {speaker_name(speaker): text for speaker, text in self.settings.cast.items()}
        said: dict[str, str] = {}
        for marker in markers:
            if marker.said.word == "VOICE":
                said.setdefault(marker.said.speaker, marker.said.text)
        for shot in shots:
            for speaker, text in shot.draft.voices:
                if said.setdefault(speaker, text) != text:
                    message = (
                        f'VOICE {speaker} is "{text}" here and "{said[speaker]}" elsewhere: two voices in one cut.'
                    )
                    self.tell(shot, "warning", "two_voices", f"{message} Keep one of them.")
        return {**cast, **said}

    def brief(self, shot: Piece, cast: dict[str, str]) -> Brief:
        """The finished brief of a shot; its problems become findings."""
        if shot.kind == "filled" and not shot.draft.says_anything:
            brief = Brief()
        else:
            brief = finished(shot.draft, self.settings, cast, self.files)
            if shot.kind == "filled" and any(not r.sha256 for r in brief.references):
                brief = with_known_files(shot.draft, brief, self.made_with(shot.item))
        for problem in shot.draft.problems:
            self.tell(shot, problem.level, problem.code, problem.message, problem.at_frames)
        if shot.kind != "filled" and brief.is_empty:
            said = "it asks for nothing: what is made is guessed, from its scene where it has one. Write a PROMPT."
            self.tell(shot, "warning", "empty_brief", said)
        return brief

    def look_outside(self, shots: Sequence[Piece], briefs: Sequence[Brief]) -> None:
        """Timed markers that no visible piece with the same brief shows: a trim or a slip lost them."""
        lost = [(shot, i, p) for i, shot in enumerate(shots) for p in shot.placed if _is_outside(p, shot.shown)]
        if not lost:
            return
        groups: dict[Brief, int] = {}
        group_of = [groups.setdefault(brief, len(groups)) for brief in briefs]
        shown: list[list[FrameRange]] = [[] for _ in groups]
        for shot, group in zip(shots, group_of, strict=True):
            shown[group].append(shot.shown)
        visible = [runs_of(ranges) for ranges in shown]
        told: set[tuple[int, Placed]] = set()
        for shot, index, placed in lost:
            group = group_of[index]
            if (group, placed) in told or _holds(visible[group], placed.at_frames):
                continue
            told.add((group, placed))
            where = ", ".join(f"{run.start} to {run.end - 1}" for run in visible[group][:4])
            said = (
                f'{placed.said.word} "{placed.said.text}" is at source frame {placed.at_frames}, and the cut shows '
                f"{where}: it will not be seen or heard. Move the marker, or lengthen the shot."
            )
            self.tell(shot, "warning", "marker_outside", said, placed.at_frames)

    # -- beds and scenes

    def beds_and_scenes(
        self, shots: Sequence[Piece], markers: Sequence[Overhead], strays: list[Stray]
    ) -> tuple[tuple[SpottedBed, ...], list[str]]:
        """The beds, and the scene of every shot (in the order of `shots`, which is by record start)."""
        runs = runs_of(shot.item.record for shot in shots)
        asked = [m for m in markers if m.said.word in BED_WORDS] + self.prefixed
        asked.sort(key=lambda m: m.record.start)
        end = max((item.record.end for item in self.cut.items), default=0)
        found, lost = bed_ranges(asked, runs, end)
        strays += lost
        beds = tuple(SpottedBed(BED_WORDS[m.said.word], m.said.text, record, m.bed_id, m.seed) for m, record in found)
        return beds, _scenes([shot.item.record for shot in shots], [b.record for b in beds if b.role == "ambience"])

    # -- findings

    def report_marker(self, piece: Piece, text: MarkerText, note: MarkerNote, at: int) -> None:
        """What a clip marker holds that is not for us. Without a brief only near misses: it may be someone's note."""
        ours = piece.kind == "filled" or "twopop" in piece.item.metadata or bool(text.instructions)
        for misread in text.misread:
            if ours or misread.nearest or piece.placed:
                self.tell(piece, "warning", "unknown_role", _misread(misread), at)
        if note.ignored_json and ours:
            self.tell(piece, "info", "json_note", "a marker's Note holds another tool's JSON; it was not read.", at)

    def report_strays(self, strays: Iterable[Stray], pieces: Sequence[Piece]) -> None:
        """Lines above the clips that were not used; typos only where they stand over a shot."""
        runs = runs_of(piece.item.record for piece in pieces)
        for stray in strays:
            timecode = self.cut.timecode(stray.frame)
            if stray.misread is None:
                self.findings.append(_finding("warning", "stray_marker", f"{timecode}: {stray.message}", "", timecode))
            elif stray.misread.nearest and any(run.holds(stray.frame) for run in runs):
                message = f"{timecode}: {_misread(stray.misread)}"
                self.findings.append(_finding("warning", "unknown_role", message, "", timecode))

    def tell(self, piece: Piece, level: Level, code: str, said: str, at: int | None = None) -> None:
        """Adds a finding about a piece, at a source frame or as a whole."""
        timecode = self.cut.timecode(piece.item.record.start if at is None else piece.record_of(at))
        message = f"Shot {piece.label} ({timecode}): {said}"
        self.findings.append(_finding(level, code, message, piece.label, timecode))


def _astray(fields: Sequence[str]) -> str:
    where = ", ".join(f"metadata.twopop.{each}" for each in fields)
    return (
        f"{where}: a brief is read under metadata.twopop.brief. Put {'it' if len(fields) == 1 else 'them'} there; "
        "nothing is generated for this shot until then."
    )


def _finding(level: Level, code: str, message: str, shot: str, timecode: str) -> Finding:
    return Finding(level=level, code=code, message=message, shot=shot, timecode=timecode)


def _misread(found: Misread) -> str:
    line = found.line if len(found.line) <= 60 else f"{found.line[:57]}..."
    if found.missing_colon:
        return f'marker line "{line}" has no colon after its role. Write it as "{found.nearest}: ...". It was ignored.'
    meant = f"did you mean {found.nearest}?" if found.nearest else f"legal roles: {', '.join(WORDS)}."
    return f'marker line "{line}": {found.word} is no role; {meant} It was ignored.'


def _directives(draft: Draft) -> Directives:
    if not (draft.lock or draft.head_frames or draft.tail_frames):
        return _NONE
    return Directives(draft.lock, draft.head_frames, draft.tail_frames)


_NONE = Directives()


def _is_outside(placed: Placed, shown: FrameRange) -> bool:
    return placed.said.word in TIMED and not shown.holds(placed.at_frames)


def _holds(runs: Sequence[FrameRange], frame: int) -> bool:
    """True where one of sorted, separate `runs` has `frame`."""
    index = bisect_right(runs, frame, key=lambda run: run.start) - 1
    return index >= 0 and runs[index].holds(frame)


def _scenes(shots: Sequence[FrameRange], ambiences: Sequence[FrameRange]) -> list[str]:
    """A scene name for each shot, in record order: the shots under one ambience bed; without one, shots that touch."""
    names: list[str] = []
    number, end, current, bed = 0, -1, -1, 0
    for record in shots:
        while bed < len(ambiences) and ambiences[bed].start <= record.start:
            bed += 1
        under_bed = bed - 1 if bed and ambiences[bed - 1].holds(record.start) else -1
        if not number or under_bed != current or (under_bed < 0 and record.start > end):
            number, current = number + 1, under_bed
        end = max(end, record.end)
        names.append(f"SC{number * 10:03d}")
    return names


def _roots(cut: Cut, settings: Settings) -> tuple[Path, ...]:
    """Folders whose files may be opened: the cut's, then those of the settings (relative ones beside the cut)."""
    beside = cut.path.parent if cut.path else None
    named = (Path(root).expanduser() for root in settings.roots)
    allowed = (root if root.is_absolute() or beside is None else beside / root for root in named)
    own = cut.roots or ((beside,) if beside else ())
    return tuple(dict.fromkeys((*own, *allowed)))
