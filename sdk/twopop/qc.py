"""Checks a cut or a take store and reports, for people and for machines.

A cut is judged as an editor would open it: from its own ranges, links and media, not from what we remember.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from .errors import MediaError, UsageError
from .footage import Footage, footage_of, stored_take
from .message import Message
from .qc_sync import flash_near, onset_near
from .qc_take import check_take as check_take
from .qc_take import count_of
from .take import Take
from .timebase import FrameRange, frame_to_sample, nearest_frame
from .timeline import Cut, Item, Node, as_list, as_node, schema_name
from .tracks import TRACKS, active_reference, own_range, range_of, time_value
from .wire import ROLES, TRACK_NAMES, Finding, Level

if TYPE_CHECKING:
    from .store import TakeStore

_SOUNDS = (*ROLES, "mix")


class Report(Message):
    """What a check found. `str()` of it is a summary line and one line for each finding."""

    schema_: Literal["twopop.check.v1"] = Field(default="twopop.check.v1", alias="schema")
    target: str
    shots: int = 0
    """Filled shots of the cut; 0 for a store."""
    holes: int = 0
    """Clips on video tracks without media: holes that are still open, and offline ones."""
    takes: int = 0
    """Different takes that were looked at."""
    events: int = 0
    """Known events measured: flash against frame, tone against sample."""
    worst_frames: int = 0
    """Largest distance of a flash from its frame (take clock)."""
    worst_samples: int = 0
    """Largest distance of a tone from its flash (cut clock, where 1 is rounding; take clock for a store)."""
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """False where a finding is an error."""
        return not any(finding.level == "error" for finding in self.findings)

    def __str__(self) -> str:
        counts = [count_of(self.shots, "shot")] * bool(self.shots) + [count_of(self.holes, "hole")] * bool(self.holes)
        counts += [count_of(self.takes, "take")]
        if self.events:
            counts.append(f"{self.events} sync events within {self.worst_frames} frames, {self.worst_samples} samples")
        levels = [finding.level for finding in self.findings]
        judged = ", ".join(count_of(levels.count(level), level) for level in ("error", "warning") if level in levels)
        lines = [f"{self.target}: {', '.join(counts)}. {judged or 'Nothing is wrong'}."]
        return "\n".join(lines + [f"  {f.level}: {f.message}" for f in self.findings if f.level != "info"])


def check(target: Cut | TakeStore | Path | str, *, deep: bool = False, store: TakeStore | Path | None = None) -> Report:
    """Checks a cut (or its file) or a take store (or its folder).

    Args:
        deep: decode every frame and sample and hash every file; otherwise headers, sound, sampled frames and events.
        store: the takes of the cut; default: what the cut or its settings name.

    Raises:
        UsageError: there is nothing at `target`.
        TimelineError: the cut cannot be read.
    """
    from .slates import SLATE
    from .store import MARKER, TakeStore
    from .timeline import read_timeline

    if isinstance(target, TakeStore):
        return check_store(target, deep=deep)
    if isinstance(target, Cut):
        return check_cut(target, _store_of(target, store), deep=deep)
    path = Path(target)
    if path.is_dir() and path.suffix != ".otiod":
        if not (path / MARKER).exists() and not any(path.glob(f"*/*{SLATE}")):
            raise UsageError(f"{path} holds no takes. Give a cut (.otio) or the folder of a take store.")
        return check_store(TakeStore(path), deep=deep)
    if not path.exists():
        raise UsageError(f"{path} does not exist. Give a cut (.otio) or the folder of a take store.")
    cut = read_timeline(path)
    return check_cut(cut, _store_of(cut, store), deep=deep)


def check_store(store: TakeStore, *, deep: bool = False) -> Report:
    """Every take of a store. Without `deep`, a take that was judged when it was stored keeps that judgement."""
    findings = store.check(deep=deep)
    damaged = {finding.shot for finding in findings}
    takes = list(store.takes())
    for take in takes:
        if take.name not in damaged:
            findings += check_take(take, deep=True) if deep else take.slate.findings
    return Report(target=str(store.root), takes=len(takes), findings=tuple(findings))


def check_cut(cut: Cut, store: TakeStore | None = None, *, deep: bool = False) -> Report:
    """A cut: its invariants, its media, its takes, and sync as the cut itself plays it.

    Args:
        store: where the takes are; known takes are also compared with what was stored.
        deep: judge every take anew, every frame and sample.
    """
    checked = _CutCheck(cut, store, deep)
    return checked.report()


class _CutCheck:
    def __init__(self, cut: Cut, store: TakeStore | None, deep: bool) -> None:
        self.cut, self.store, self.deep = cut, store, deep
        self.findings: list[Finding] = list(cut.findings)
        self.clips = [item for item in cut.items if item.schema == "Clip" and item.record.frames > 0]
        self.footage: dict[tuple[int, ...], Footage] = {}
        self.takes: dict[str, Take] = {}
        self.holes = self.events = self.worst_frames = self.worst_samples = 0
        self.stems: dict[str, list[Item]] = {}
        for item in self.clips:
            if item.kind == "Audio" and item.ours.get("role") in _SOUNDS and "id" in item.ours:
                self.stems.setdefault(str(item.ours["id"]), []).append(item)

    def say(
        self,
        level: Literal["info", "warning", "error"],
        code: str,
        message: str,
        item: Item | None,
        *,
        place: bool = True,
    ) -> None:
        """Adds a finding about a clip; `place` puts its name and timecode before the message."""
        shot = str(item.ours.get("name") or item.name) if item else ""
        timecode = self.cut.timecode(item.record.start) if item else ""
        text = f"{shot} ({timecode}): {message}" if item and place else message
        self.findings.append(Finding(level=level, code=code, message=text, shot=shot, timecode=timecode))

    def report(self) -> Report:
        """Runs every check."""
        self.tracks(as_node(self.cut.document.get("tracks")))
        self.gaps()
        for item in self.clips:
            self.media(item)
        for take in self.takes.values():
            self.take(take)
        pictures = [item for item in self.clips if item.kind == "Video" and item.ours.get("role") == "shot"]
        for picture in pictures:
            stems = [stem for stem in self.stems.get(str(picture.ours.get("id")), []) if _meet(stem, picture)]
            self.sync(picture, [stem for stem in stems if self.runs_with(picture, stem)])
        for item in self.clips:
            if "bed" in item.ours:
                self.bed_sync(item)
        filled = [item for item in pictures if schema_name(active_reference(item.node)) == "ExternalReference"]
        return Report(
            target=self.cut.path.name if self.cut.path else self.cut.name,
            shots=len(filled),
            holes=self.holes,
            takes=len(self.takes),
            events=self.events,
            worst_frames=self.worst_frames,
            worst_samples=self.worst_samples,
            findings=tuple(self.findings),
        )

    # the document

    def tracks(self, node: Node) -> None:
        """Transitions lie between two neighbours that are long enough; nothing has a negative length."""
        children = [as_node(child) for child in as_list(node.get("children"))]
        for index, child in enumerate(children):
            if schema_name(child) in (*TRACKS, "Stack"):
                self.tracks(child)
            elif schema_name(child) == "Transition" and schema_name(node) in TRACKS:
                self.transition(str(node.get("name") or "a track"), children, index)
            length = range_of(as_node(child.get("source_range")), self.cut.frame_rate)
            if length and length[1] < 0:
                self.say("error", "negative_length", f"{child.get('name') or 'A clip'} has a negative length.", None)

    def transition(self, track: str, children: list[Node], index: int) -> None:
        """One transition and its neighbours."""
        rate, node = self.cut.frame_rate, children[index]
        name = str(node.get("name") or "a transition")
        if index == 0 or index == len(children) - 1 or schema_name(children[index + 1]) == "Transition":
            self.say("error", "loose_transition", f"{name} on {track} does not lie between two clips.", None)
            return
        for side, neighbour in (("in_offset", children[index - 1]), ("out_offset", children[index + 1])):
            length = own_range(neighbour, rate)
            if length and time_value(as_node(node.get(side)), rate) > length[1]:
                who = neighbour.get("name") or schema_name(neighbour)
                self.say("error", "long_transition", f"{name} on {track} is longer than {who} beside it.", None)

    def gaps(self) -> None:
        """Where no video track shows anything."""
        shown = sorted(i.record for i in self.cut.items if i.kind == "Video" and i.schema != "Gap" and i.enabled)
        at = 0
        for record in [*shown, FrameRange(self.cut.duration_frames, 0)] if shown else []:
            if record.start > at:
                message = f"{self.cut.timecode(at)}: nothing is shown for {record.start - at} frames."
                self.findings.append(Finding(level="info", code="gap", message=message, timecode=self.cut.timecode(at)))
            at = max(at, record.end)

    # media

    def media(self, item: Item) -> None:
        """The clip's media is there, holds what the clip shows, and agrees with the cut about its timecode."""
        kind = schema_name(active_reference(item.node))
        ours = bool(item.ours.get("take"))
        if kind == "MissingReference":
            self.holes += item.kind == "Video"
            what = f"its take {item.ours['take']} is not linked" if ours else "it has no media: a hole, or offline"
            self.say("error" if ours else "warning", "missing_media", f"{what}. Run: twopop render.", item)
        if kind != "ExternalReference":
            return
        try:
            footage = self.footage[item.path] = footage_of(self.cut, item)
        except MediaError as exc:
            self.say("error" if ours else "warning", "missing_media", str(exc), item, place=False)
            return
        if take := stored_take(footage.path):
            self.takes.setdefault(take.name, take)
            self.place_of(item, footage, take)
        if footage.speed == 1 and not footage.facts.is_still:
            self.room(item, footage, "error" if take else "warning")

    def place_of(self, item: Item, footage: Footage, take: Take) -> None:
        """`available_range` and the timecode in the file agree: editors refuse a link where they do not."""
        available = range_of(as_node(active_reference(item.node).get("available_range")), self.cut.frame_rate)
        embedded = footage.facts.timecode_frames
        if available is None or embedded is None or footage.facts.frame_rate != self.cut.frame_rate:
            return
        if nearest_frame(available[0]) != embedded:
            there = self.cut.timecode(nearest_frame(available[0]) - self.cut.start_frames)
            text = (
                f"{footage.path.name} has timecode {footage.facts.timecode}, the cut says {there}. Run: twopop render."
            )
            self.say("error", "timecode_differs", text, item)

    def room(self, item: Item, footage: Footage, level: Level) -> None:
        """The media is as long as what the clip shows."""
        facts, rate = footage.facts, self.cut.frame_rate
        if item.kind == "Video" and facts.frame_rate:
            held = facts.frames * rate / facts.frame_rate if facts.frames else None
        else:
            held = facts.samples * rate / facts.sample_rate if facts.sample_rate else None
        first, last = footage.first - footage.head_frames, footage.first + item.trimmed.frames + footage.tail_frames
        # A stem ends on the sample boundary of its last frame, which may lie a sample before the frame's end.
        if held is not None and (first < 0 or last > held + 1):
            text = f"it shows frames {first} to {last} of {footage.path.name}, which holds {float(held):.0f}."
            self.say(level, "outside_media", f"{text} Trim it, or run: twopop render.", item)

    def take(self, take: Take) -> None:
        """The take is what was stored; deep: judged anew."""
        if self.deep:
            self.findings += check_take(take, deep=True)
            return
        self.findings += take.slate.findings
        if self.store:
            self.findings += self.store.verify(take)

    # sync

    def runs_with(self, picture: Item, stem: Item) -> bool:
        """True where a stem is of the picture's take and runs in step with it; else there is a finding."""
        shown, heard = str(picture.ours.get("take", "")), str(stem.ours.get("take", ""))
        name, role = picture.ours.get("name") or picture.name, TRACK_NAMES[str(stem.ours["role"])]
        if heard != shown:
            mend = f"To switch both, run: twopop takes CUT circle {name} {shown} -o FILE"
            self.say("warning", "mixed_takes", f"picture is {shown}, {role} is {heard}. {mend}", picture)
            return False
        one, other = self.footage.get(picture.path), self.footage.get(stem.path)
        if one is None or other is None or not one.speed == other.speed == 1:
            return False
        slip = (other.first - stem.record.start) - (one.first - picture.record.start)
        if slip:
            said = (
                f"{role} runs {count_of(int(abs(slip)), 'frame')} {'ahead of' if slip > 0 else 'behind'} the picture."
            )
            self.say("warning", "slipped", f"{said} If no editor meant it: --reset-audio {name}", picture)
        return slip == 0

    def sync(self, picture: Item, stems: Iterable[Item]) -> None:
        """Every known event of a shot: flash in the picture, tone in each stem, where the cut plays them."""
        footage = self.footage.get(picture.path)
        take = self.takes.get(str(picture.ours.get("take", "")))
        if not footage or not take or footage.speed != 1 or footage.facts.frame_rate != self.cut.frame_rate:
            return
        shown = FrameRange(int(footage.first), picture.record.frames)
        for event in [event for event in take.slate.events if shown.holds(event)]:
            flash = flash_near(footage.path, event)
            if flash is None:
                self.say("error", "sync_lost", f"the flash of take frame {event} is not in the picture.", picture)
                continue
            self.events += 1
            self.worst_frames = max(self.worst_frames, abs(flash - event))
            if flash != event:
                said = f"the flash of take frame {event} comes {_off(flash - event, 'frame')}."
                self.say("error", "sync_offset", said, picture)
            cut_frame = picture.record.start + flash - shown.start
            for stem in stems:
                self.tone(stem, take, flash, cut_frame)

    def tone(self, stem: Item, take: Take, event: int, cut_frame: int) -> None:
        """The tone of take frame `event` begins where cut frame `cut_frame` begins, to one sample."""
        footage = self.footage.get(stem.path)
        role = str(stem.ours.get("role"))
        if not footage or role in take.slate.silent or not stem.record.holds(cut_frame) or footage.speed != 1:
            return
        rate, sample_rate = self.cut.frame_rate, footage.facts.sample_rate
        found = onset_near(footage.path, frame_to_sample(event, rate, sample_rate), sample_rate)
        if found is None:
            self.say("error", "sync_lost", f"the {TRACK_NAMES[role]} tone of take frame {event} is not heard.", stem)
            return
        first = frame_to_sample(int(footage.first), rate, sample_rate)
        heard = frame_to_sample(stem.record.start, rate, sample_rate) + found - first
        offset = heard - frame_to_sample(cut_frame, rate, sample_rate)
        self.events += 1
        self.worst_samples = max(self.worst_samples, abs(offset))
        if abs(offset) > 1:
            said = f"the {TRACK_NAMES[role]} tone of {self.cut.timecode(cut_frame)} is {_off(offset, 'sample')}."
            self.say("error", "sync_offset", said, stem)

    def bed_sync(self, item: Item) -> None:
        """The known events of a bed, each on the first sample of its frame."""
        footage = self.footage.get(item.path)
        take = self.takes.get(str(item.ours.get("take", "")))
        if not footage or not take or footage.speed != 1:
            return
        first = int(footage.first)
        for event in take.slate.events:
            if first <= event < first + item.record.frames:
                self.tone(item, take, event, item.record.start + event - first)


def _meet(one: Item, other: Item) -> bool:
    return one.record.overlap(other.record) is not None


def _off(offset: int, unit: str) -> str:
    return f"{count_of(abs(offset), unit)} {'late' if offset > 0 else 'early'}"


def _store_of(cut: Cut, store: TakeStore | Path | None) -> TakeStore:
    from .groundwork import open_store
    from .settings import load_settings

    return open_store(cut, load_settings(cut.path), store)
