"""DaVinci Resolve from its Python console, its scripts menu, or from outside (Studio).

    from twopop_adapters.resolve_console import Console
    tp = Console(resolve)
    run = tp.render()          # returns at once; the console stays alive
    run.poll()                 # what happened since the last look
    run.place()                # puts the takes on the timeline

The first fill works on a duplicate of the timeline; later takes are added to the clips' take selectors, picture and
stems together. Nothing is ever deleted. Resolve says None or False where it fails, so everything is read back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twopop.document import edited, with_active_reference
from twopop.errors import ConformError, TimelineError, TwopopError, UsageError
from twopop.events import Event
from twopop.generate import Generation, start_generation
from twopop.plan import Bed, Plan, Shot
from twopop.planning import plan_shots
from twopop.recognise import take_and_role
from twopop.settings import Settings, load_settings
from twopop.store import TakeStore
from twopop.take import Take
from twopop.timebase import FrameRange
from twopop.timeline import Cut, Item, Node, as_list, as_node, read_timeline
from twopop.tracks import active_reference
from twopop.wire import ROLES, TRACK_NAMES

BIN = "twopop"
PICTURE_TRACK = "TP picture"
COLOR = "Teal"
_PYTHON_LEFT_FREE = (21, 1)
"""Since this version only Studio runs Python."""


def connect() -> Any:
    """The running Resolve, from outside of it.

    Raises:
        UsageError: its scripting module is not found, or nothing answers.
    """
    try:
        from importlib import import_module

        script = import_module("DaVinciResolveScript")
    except ImportError as exc:
        raise UsageError(
            "DaVinciResolveScript is not on this Python's path. Set RESOLVE_SCRIPT_API, RESOLVE_SCRIPT_LIB and "
            "PYTHONPATH as Resolve's README says, or run the script from Workspace > Scripts. Nothing was changed."
        ) from exc
    resolve = script.scriptapp("Resolve")
    if resolve is None:
        raise UsageError(
            "Resolve does not answer. Start Resolve Studio, and set Preferences > System > General > External "
            "scripting to Local. Free Resolve goes by files: docs/resolve.md. Nothing was changed."
        )
    return resolve


class Console:
    """One open timeline of one open project.

    Args:
        resolve: what Resolve's console calls `resolve`.
        folder: where exports and takes live; default: `~/twopop/<project>`.
        color: also colours the clips that it places.
        options: fields of `Settings`, e.g. `backend="local"`.
    """

    def __init__(self, resolve: Any, *, folder: Path | str | None = None, color: bool = False, **options: Any) -> None:
        self.resolve, self.color, self.options = resolve, color, options
        _check_edition(resolve)
        self.project = _given(resolve.GetProjectManager().GetCurrentProject(), "No project is open in Resolve.")
        self.pool = self.project.GetMediaPool()
        name = "".join(c if c.isalnum() or c in " -_" else "_" for c in str(self.project.GetName()))
        self.folder = Path(folder) if folder else Path.home() / "twopop" / name
        self.settings: Settings = load_settings(self.folder / "x.otio").updated(**options)
        self.store = TakeStore(self.folder / self.settings.store)
        self._exclusive: bool | None = None

    @property
    def timeline(self) -> Any:
        """The open timeline."""
        return _given(self.project.GetCurrentTimeline(), "No timeline is open in Resolve. Open the one to fill.")

    def read(self) -> Cut:
        """The open timeline as a cut: Resolve's own OTIO export, with what its markers carry beside their notes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = "".join(c if c.isalnum() or c in " -_" else "_" for c in str(self.timeline.GetName()))
        path = self.folder / f"{name}.otio"
        path.unlink(missing_ok=True)
        done = self.timeline.Export(str(path), self.resolve.EXPORT_OTIO, self.resolve.EXPORT_NONE)
        if not done or not path.is_file():
            raise TimelineError(f"Resolve did not export {name} as OTIO (18.5 and later can). Nothing was changed.")
        return _with_custom_data(read_timeline(path), self.timeline)

    def plan(self) -> Plan:
        """What the open timeline asks for."""
        self.store.refresh()
        return plan_shots(self.read(), settings=self.settings, store=self.store)

    def render(self, only: str | Sequence[str] | None = None) -> Run:
        """Starts what is missing and returns at once. `only`: names or globs of shots."""
        plan = self.plan()
        return Run(self, plan, start_generation(plan, store=self.store, only=only, budget=self.settings.budget))

    def render_selected(self) -> Run:
        """The shot under the playhead alone."""
        item = _given(self.timeline.GetCurrentVideoItem(), "Nothing lies under the playhead. Put it on a hole.")
        plan = self.plan()
        start = item.GetStart() - self.timeline.GetStartFrame()
        names = [shot.name for shot in plan.shots if shot.record.start == start]
        if not names:
            raise UsageError(f"{item.GetName()} is no hole with a brief, and no filled shot. Nothing was generated.")
        return self.render(only=names)

    def place(self) -> Placed:
        """Puts the takes that serve onto the timeline as it is now. What is placed already stays as it is.

        Raises:
            ConformError: Resolve did not do what it was asked. The timeline that was open is as it was.
        """
        plan = self.plan()
        pieces = [piece for piece in (*plan.shots, *plan.beds) if piece.take]
        takes = {piece.name: take for piece in pieces if (take := self.store.by_name(piece.take))}
        return _Placing(self, plan, takes).placed()

    def switch_take(self, shot: str, take: str) -> None:
        """Plays `take` in a shot: picture and every stem of it together.

        Raises:
            UsageError: there is no such shot or take.
            ConformError: the take is too short for a clip, or Resolve refused; nothing was changed.
        """
        plan = self.plan()
        wanted = next((one for one in plan.shots if one.name == shot and one.filled), None)
        found = self.store.by_name(take)
        if wanted is None or found is None:
            raise UsageError(f"There is no filled shot {shot} or no take {take}. Nothing was changed.")
        _Placing(self, plan, {}).add_take(wanted, found)

    def import_result(self, path: Path | str) -> Any:
        """Imports a conformed cut that was written for Resolve, as a new timeline; media from where it lies."""
        path = Path(path)
        options = {
            "timelineName": self.free_name(path.stem),
            "importSourceClips": True,
            "sourceClipsPath": str(path.parent),
        }
        made = self.pool.ImportTimelineFromFile(str(path), options)
        if made is None:
            raise ConformError(
                f"Resolve did not import {path.name}, and gives no reason. Try the .xml beside it. Nothing was changed."
            )
        return made

    def check(self) -> str:
        """What the checks say of the open timeline."""
        from twopop.qc import check_cut

        return str(check_cut(self.read(), self.store))

    def free_name(self, wanted: str) -> str:
        """`wanted`, numbered where a timeline has that name: Resolve refuses a second one without a word."""
        count = int(self.project.GetTimelineCount())
        taken = {self.project.GetTimelineByIndex(n).GetName() for n in range(1, count + 1)}
        return next(n for n in (wanted, *(f"{wanted} {k}" for k in range(2, 10_000))) if n not in taken)

    def end_frame(self, media: Any, first: int, frames: int) -> int:
        """`endFrame` for `frames`: exclusive or not by version; tried once on a scratch timeline."""
        if self._exclusive is None:
            current = self.timeline
            scratch = _given(self.pool.CreateEmptyTimeline(self.free_name("twopop scratch")), _READ_ONLY)
            self.project.SetCurrentTimeline(scratch)
            info = {"mediaPoolItem": media, "startFrame": 0, "endFrame": 4, "recordFrame": scratch.GetStartFrame()}
            self.pool.AppendToTimeline([{**info, "trackIndex": 1, "mediaType": 1}])
            items = _listed(scratch.GetItemListInTrack("video", 1))
            lengths = [item.GetDuration() for item in items]
            self.project.SetCurrentTimeline(current)
            self.pool.DeleteTimelines([scratch])
            if lengths not in ([4], [5]):
                raise ConformError(
                    f"Resolve placed a test clip {lengths} frames long instead of 4. Nothing was changed."
                )
            self._exclusive = lengths == [4]
        return first + frames - (0 if self._exclusive else 1)

    def media(self, path: Path) -> Any:
        """A file in the bin of takes, imported once.

        Raises:
            ConformError: Resolve does not take it.
        """
        root = self.pool.GetRootFolder()
        folder = next((one for one in root.GetSubFolderList() if one.GetName() == BIN), None)
        folder = folder or _given(self.pool.AddSubFolder(root, BIN), _READ_ONLY)
        known = next((c for c in folder.GetClipList() if c.GetClipProperty("File Path") == str(path)), None)
        if known is not None:
            return known
        current = self.pool.GetCurrentFolder()
        self.pool.SetCurrentFolder(folder)
        found = _listed(self.pool.ImportMedia([str(path)]))
        self.pool.SetCurrentFolder(current)
        if not found:
            raise ConformError(
                f"Resolve did not import {path.name} (free Resolve on Linux reads no H.264: use --media dnxhr). "
                "Nothing was placed."
            )
        return found[0]


_READ_ONLY = "Resolve refused: is the project read-only or in use by somebody else? Nothing was changed."


@dataclass
class Run:
    """A render that goes on while the console lives."""

    console: Console
    plan: Plan
    generation: Generation

    @property
    def done(self) -> bool:
        """True once every shot has its outcome."""
        return self.generation.done

    def poll(self, timeout_s: float = 0) -> list[Event]:
        """What happened since the last look; never waits unless asked to."""
        return self.generation.poll(timeout_s)

    def cancel(self) -> None:
        """Asks it to stop; finished takes are kept."""
        self.generation.cancel()

    def place(self) -> Placed:
        """Puts the finished takes onto the timeline; UsageError while it still runs."""
        if not self.done:
            raise UsageError("It is still rendering. Look again with run.poll(); nothing was placed.")
        return self.console.place()

    def follow(self, say: Callable[[str], None]) -> Placed:
        """For menu scripts, which run beside Resolve: reports until it is done, then places."""
        while not self.done:
            for event in self.poll(0.5):
                say(f"{', '.join(event.shots)}: {type(event).__name__}")
        for name, outcome in self.generation.result().items():
            say(f"{name}: {outcome.status} {getattr(outcome, 'reason', '')}".rstrip())
        return self.place()


@dataclass
class Placed:
    """What `place` did."""

    timeline: str
    """Name of the timeline it worked on."""
    filled: list[str] = field(default_factory=list[str])
    """Shots and beds that were placed."""
    new_takes: list[str] = field(default_factory=list[str])
    """Shots whose clips got a further take."""
    left: list[str] = field(default_factory=list[str])
    """What was not done, and why."""


class _Placing:
    """One placement. On any failure the timeline that was open is opened again, untouched."""

    def __init__(self, console: Console, plan: Plan, takes: dict[str, Take]) -> None:
        self.console, self.plan, self.takes = console, plan, takes
        self.original = self.timeline = console.timeline
        self.start = int(self.original.GetStartFrame())
        self.items = self.items_of()

    def items_of(self) -> list[Any]:
        """Every clip of the timeline it works on."""
        found: list[Any] = []
        for kind in ("video", "audio"):
            for number in range(1, int(self.timeline.GetTrackCount(kind)) + 1):
                found += _listed(self.timeline.GetItemListInTrack(kind, number))
        return found

    def placed(self) -> Placed:
        """Does everything there is to do."""
        done = Placed(str(self.original.GetName()))
        there = {_take_role(item) for item in self.items} - {("", "")}
        fresh = [s for s in self.plan.shots if s.name in self.takes and not s.filled]
        for shot in fresh:
            if shot.nested or shot.retime:
                done.left.append(f"{shot.name}: it is nested or retimed; use the file way (docs/resolve.md)")
        fresh = [shot for shot in fresh if not (shot.nested or shot.retime)]
        beds = [b for b in self.plan.beds if b.name in self.takes and (b.take, b.role) not in there]
        changed = [s for s in self.plan.shots if s.name in self.takes and s.filled and s.take != s.circled]
        if fresh or beds:
            self.fill(fresh, beds, done, first=not there)
        for shot in changed:
            self.add_take(shot, self.takes[shot.name])
            done.new_takes.append(shot.name)
        return done

    def fill(self, shots: Sequence[Shot], beds: Sequence[Bed], done: Placed, *, first: bool) -> None:
        """New clips; the first time on a duplicate. All media is imported before anything is placed."""
        media: dict[tuple[str, str], Any] = {}
        for piece in (*shots, *beds):
            for role in self.roles(piece):
                media[piece.name, role] = self.console.media(self.file(piece, role))
        pictured = next((found for (_, role), found in media.items() if role == "picture"), None)
        if pictured is not None:
            self.console.end_frame(pictured, 0, 1)
        if first:
            name = self.console.free_name(f"{self.original.GetName()} twopop")
            self.timeline = _given(self.original.DuplicateTimeline(name), _READ_ONLY)
            self.console.project.SetCurrentTimeline(self.timeline)
            done.timeline = name
        else:
            self.console.project.SetCurrentTimeline(self.timeline)
        try:
            for piece in (*shots, *beds):
                self.place(piece, media)
                done.filled.append(piece.name)
        except ConformError as exc:
            self.console.project.SetCurrentTimeline(self.original)
            kept = f" What was placed is in {done.timeline}; {self.original.GetName()} is as it was." if first else ""
            raise ConformError(f"{exc}{kept}") from exc

    def roles(self, piece: Shot | Bed) -> list[str]:
        """Files of a piece's take that go onto tracks."""
        slate = self.takes[piece.name].slate
        if isinstance(piece, Bed):
            return [piece.role]
        under = {b.role for b in self.plan.beds if b.name in self.takes and b.record.overlap(piece.record)}
        silent: set[str] = set() if self.plan.all_stems else {*slate.silent}
        skipped = under | silent
        stems: list[str] = [role for role in ROLES if role in slate.files and role not in skipped]
        return ["picture", *(stems or (["mix"] if "mix" in slate.files and not under else []))]

    def file(self, piece: Shot | Bed, role: str) -> Path:
        """A file of a piece's take."""
        take = self.takes[piece.name]
        return (take.folder / take.slate.files[role].name).absolute()

    def place(self, piece: Shot | Bed, media: dict[tuple[str, str], Any]) -> None:
        """Picture and stems of one piece at its exact record frames, linked; a hole under it is switched off."""
        take = self.takes[piece.name]
        head = piece.record.frames if isinstance(piece, Bed) else 0
        shown = FrameRange(piece.used.start, head) if head else self.shown(piece)
        first = shown.start - take.source_range.start
        made = [self.append(piece, role, media[piece.name, role], first, shown.frames) for role in self.roles(piece)]
        if isinstance(piece, Shot):
            self.take_over(piece, made[0], first)
        if len(made) > 1:
            self.timeline.SetClipsLinked(made, True)
        for item in made if self.console.color else []:
            item.SetClipColor(COLOR)

    def shown(self, piece: Shot | Bed) -> FrameRange:
        """Source frames of a shot without its transitions."""
        clip = self.clip_item(piece)
        trimmed = clip.trimmed if clip else piece.used
        offset = piece.clip_offset_frames if isinstance(piece, Shot) else 0
        return FrameRange(trimmed.start - offset, piece.record.frames)

    def clip_item(self, piece: Shot | Bed) -> Item | None:
        """The clip of a shot in the cut that was planned."""
        if isinstance(piece, Bed):
            return None
        return next((item for item in self.console.read().items if item.path == piece.path), None)

    def append(self, piece: Shot | Bed, role: str, media: Any, first: int, frames: int) -> Any:
        """One clip, placed and read back: the list that Resolve returns is no proof."""
        kind = "video" if role == "picture" else "audio"
        record = self.start + piece.record.start
        number = self.track(kind, role, FrameRange(record, frames))
        info = {
            "mediaPoolItem": media, "startFrame": first, "endFrame": self.console.end_frame(media, first, frames),
            "recordFrame": record, "trackIndex": number, "mediaType": 1 if kind == "video" else 2,
        }  # fmt: skip
        self.console.pool.AppendToTimeline([info])
        for item in _listed(self.timeline.GetItemListInTrack(kind, number)):
            if item.GetStart() == record and item.GetDuration() == frames and item.GetLeftOffset() == first:
                return item
        raise ConformError(
            f"{piece.name}: Resolve did not place its {role} ({frames} frames at {self.plan.cut} frame "
            f"{piece.record.start}). Is the track {self.timeline.GetTrackName(kind, number)} locked?"
        )

    def track(self, kind: str, role: str, span: FrameRange) -> int:
        """A track whose clips are ours, of this role, and that is free there; else a new one, named for its role."""
        name = PICTURE_TRACK if kind == "video" else self.plan.tracks.get(role, TRACK_NAMES.get(role, role))  # pyright: ignore[reportArgumentType]
        for number in range(1, int(self.timeline.GetTrackCount(kind)) + 1):
            items = _listed(self.timeline.GetItemListInTrack(kind, number))
            ours = bool(items) and all(_take_role(item)[1] == role for item in items)
            free = not any(span.overlap(FrameRange(i.GetStart(), i.GetDuration())) for i in items)
            if ours and free and not self.timeline.GetIsTrackLocked(kind, number):
                return number
        if not self.timeline.AddTrack(kind, "stereo" if kind == "audio" else ""):
            raise ConformError(f"Resolve did not add a track for {name}. {_READ_ONLY}")
        number = int(self.timeline.GetTrackCount(kind))
        self.timeline.SetTrackName(kind, number, name)
        return number

    def take_over(self, shot: Shot, picture: Any, first: int) -> None:
        """The markers of a hole go with the clip that fills it, and the hole is switched off; it stays where it is."""
        record = self.start + shot.record.start
        for number in range(1, int(self.timeline.GetTrackCount("video")) + 1):
            for item in _listed(self.timeline.GetItemListInTrack("video", number)):
                hole = (
                    not _take_role(item)[0] and item.GetStart() == record and item.GetDuration() == shot.record.frames
                )
                if hole:
                    for frame, said in _markers(item).items():
                        at = first + int(frame) - int(item.GetLeftOffset())
                        said = {key: said.get(key) for key in ("color", "name", "note", "duration", "customData")}
                        picture.AddMarker(
                            at, said["color"], said["name"], said["note"], said["duration"], said["customData"] or ""
                        )
                    item.SetClipEnabled(False)

    # ---- later takes ----

    def add_take(self, shot: Shot, take: Take) -> None:
        """A further take in the selector of a shot's picture and of its stems, and the switch to it: all or none.

        Raises:
            ConformError: a clip shows more than the take holds, or Resolve refused; nothing is changed then.
        """
        wanted: list[tuple[Any, Any, int]] = []
        old = self.console.store.by_name(shot.circled)
        for item in self.items:
            name, role = _take_role(item)
            if old is None or name != shot.circled or role not in take.slate.files or not self.belongs(item, shot):
                continue
            first = int(item.GetLeftOffset()) + old.source_range.start - take.source_range.start
            if first < 0 or first + item.GetDuration() > take.slate.frames:
                raise ConformError(
                    f"Shot {shot.name}: its {role} shows more than {take.name} holds. Trim it, or render the shot "
                    "again. Nothing was changed."
                )
            wanted.append((item, self.console.media((take.folder / take.slate.files[role].name).absolute()), first))
        if not wanted:
            raise ConformError(f"Shot {shot.name}: no clip of {shot.circled} is on the timeline. Nothing was changed.")
        self._switch(shot, take, wanted)

    def belongs(self, item: Any, shot: Shot) -> bool:
        """The shot's own clip or stem, where the same take lies in the cut more than once."""
        record = FrameRange(int(item.GetStart()) - self.start, int(item.GetDuration()))
        return record.overlap(shot.record) is not None

    def _switch(self, shot: Shot, take: Take, wanted: Sequence[tuple[Any, Any, int]]) -> None:
        before: list[tuple[Any, int, int]] = []
        for item, media, first in wanted:
            before.append((item, int(item.GetTakesCount()), int(item.GetSelectedTakeIndex())))
            index = _take_index(item, media)
            if not index:
                added = item.AddTake(media, first, self.console.end_frame(media, first, int(item.GetDuration())))
                index = int(item.GetTakesCount()) if added else 0
            if not index or not item.SelectTakeByIndex(index) or item.GetSelectedTakeIndex() != index:
                _undo(before)
                raise ConformError(
                    f"Shot {shot.name}: Resolve did not switch its clips to {take.name}. Is a track locked? "
                    "Picture and stems play the take they played before."
                )


def _listed(value: Any) -> list[Any]:
    """A list that Resolve gives, or its None, as a list."""
    return list(value or ())


def _markers(item: Any) -> dict[Any, dict[str, Any]]:
    return dict(item.GetMarkers() or {})


def _undo(before: Sequence[tuple[Any, int, int]]) -> None:
    """Every clip back on the take it played; takes that were just added are taken off again."""
    for item, count, selected in before:
        if int(item.GetTakesCount()):
            item.SelectTakeByIndex(selected or 1)
            for index in range(int(item.GetTakesCount()), max(count, 1), -1):
                item.DeleteTakeByIndex(index)


def _take_index(item: Any, media: Any) -> int:
    """The number of the take that plays a file; 0 where there is none."""
    path = media.GetClipProperty("File Path")
    for index in range(1, int(item.GetTakesCount()) + 1):
        if item.GetTakeByIndex(index)["mediaPoolItem"].GetClipProperty("File Path") == path:
            return index
    return 0


def _take_role(item: Any) -> tuple[str, str]:
    """Take and role of what a clip plays, by its file; ("", "") where it is none of ours."""
    media = item.GetMediaPoolItem()
    name = Path(str(media.GetClipProperty("File Path"))).name if media is not None else ""
    take, role = take_and_role(name)
    return (take, role) if take[-4:-3] == "t" and take[-3:].isdigit() else ("", "")


def _with_custom_data(cut: Cut, timeline: Any) -> Cut:
    """The cut with `customData` of clip markers beside their notes: Resolve's export leaves it out."""
    known = {
        (said.get("name"), said.get("note")): said["customData"]
        for number in range(1, int(timeline.GetTrackCount("video")) + 1)
        for item in _listed(timeline.GetItemListInTrack("video", number))
        for said in _markers(item).values()
        if said.get("customData")
    }
    if not known:
        return cut
    edits: dict[tuple[int, ...], Node] = {}
    for item in cut.items:
        markers = [_with_data(as_node(marker), known) for marker in as_list(item.node.get("markers"))]
        if markers != as_list(item.node.get("markers")):
            edits[item.path] = with_active_reference({**item.node, "markers": markers}, active_reference(item.node))
    return cut.with_document(edited(cut.document, edits))


def _with_data(marker: Node, known: dict[tuple[Any, Any], str]) -> Node:
    metadata = as_node(marker.get("metadata"))
    said = as_node(metadata.get("Resolve_OTIO"))
    data = known.get((marker.get("name"), said.get("Note") or ""))
    return {**marker, "metadata": {**metadata, "Resolve_OTIO": {**said, "customData": data}}} if data else marker


def _check_edition(resolve: Any) -> None:
    """Before anything else: a Studio-only call on free Resolve opens a dialog that spoils all later calls."""
    version = tuple(int(part) for part in _listed(resolve.GetVersion())[:2])
    if "Studio" not in str(resolve.GetProductName()) and version >= _PYTHON_LEFT_FREE:
        raise UsageError(
            f"{resolve.GetProductName()} {'.'.join(map(str, version))} runs no Python; only Studio does. Use the "
            "two Lua scripts or the file way: docs/resolve.md. Nothing was changed."
        )


def _given(value: Any, message: str) -> Any:
    if value is None:
        raise UsageError(message)
    return value


def from_menu(action: str, resolve: Any = None) -> None:
    """What the menu scripts call: "render", "selected", "switch", "import", "check"."""
    say: Callable[[str], None] = lambda text: print(text, file=sys.stdout, flush=True)  # noqa: E731, T201
    try:
        _run_action(action, Console(resolve if resolve is not None else connect()), say)
    except TwopopError as exc:
        say(f"twopop: {exc}")


def _run_action(action: str, console: Console, say: Callable[[str], None]) -> None:
    if action in ("render", "selected"):
        run = console.render() if action == "render" else console.render_selected()
        done = run.follow(say)
        say(f"{done.timeline}: filled {done.filled}, new takes {done.new_takes}, left {done.left}")
    elif action == "switch":
        _switch_at_playhead(console, say)
    elif action == "import":
        newest = max(console.folder.glob("*.resolve.otio"), key=lambda path: path.stat().st_mtime, default=None)
        say(str(console.import_result(_given(newest, f"There is no *.resolve.otio in {console.folder}.")).GetName()))
    elif action == "check":
        say(console.check())
    else:
        raise UsageError(f"{action!r} is no menu script. There are: render, selected, switch, import, check.")


def _switch_at_playhead(console: Console, say: Callable[[str], None]) -> None:
    """The next take of the shot under the playhead, in order of their numbers, round and round."""
    item = _given(console.timeline.GetCurrentVideoItem(), "Nothing lies under the playhead.")
    name, _ = _take_role(item)
    current = console.store.by_name(name)
    if current is None:
        raise UsageError(f"{item.GetName()} plays no take. Nothing was changed.")
    names = [take.name for take in console.store.takes_of(current.slate.shot)]
    chosen = names[(names.index(name) + 1) % len(names)]
    shot = next(one.name for one in console.plan().shots if one.circled == name)
    console.switch_take(shot, chosen)
    say(f"{shot}: {chosen}")
