"""DaVinci Resolve from its Python console, its scripts menu, or from outside (Studio).

    from twopop_adapters.resolve_console import Console
    tp = Console(resolve)
    run = tp.render()          # returns at once; the console stays alive
    run.poll()                 # what happened since the last look
    run.place()                # puts the takes on the timeline

The first fill works on a duplicate of the timeline; later takes are added to the clips' take selectors, picture and
stems together. Nothing of yours is ever deleted. Resolve says None or False where it fails, so everything is read back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twopop.document import edited, with_active_reference
from twopop.errors import ConformError, TimelineError, TwopopError, UsageError
from twopop.events import Event
from twopop.generate import Generation, start_generation
from twopop.plan import Plan
from twopop.planning import plan_shots
from twopop.settings import Settings, load_settings
from twopop.store import TakeStore
from twopop.timeline import Cut, Node, as_list, as_node, read_timeline
from twopop.tracks import active_reference

from .resolve_placing import READ_ONLY, Placed, Placing, given, listed, markers_of, take_role

BIN = "twopop"
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
        self.project = given(resolve.GetProjectManager().GetCurrentProject(), "No project is open in Resolve.")
        self.pool = self.project.GetMediaPool()
        name = "".join(c if c.isalnum() or c in " -_" else "_" for c in str(self.project.GetName()))
        self.folder = Path(folder) if folder else Path.home() / "twopop" / name
        self.settings: Settings = load_settings(self.folder / "x.otio").updated(**options)
        self.store = TakeStore(self.folder / self.settings.store)
        self._exclusive: bool | None = None

    @property
    def timeline(self) -> Any:
        """The open timeline."""
        return given(self.project.GetCurrentTimeline(), "No timeline is open in Resolve. Open the one to fill.")

    def read(self) -> Cut:
        """The open timeline as a cut: Resolve's own OTIO export, with what its markers carry beside their notes.

        Raises:
            UsageError: no timeline is open.
            TimelineError: Resolve does not export it, or the export cannot be trusted.
        """
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
        """Starts the shot under the playhead alone, and returns at once.

        Raises:
            UsageError: nothing lies there, or what does is no shot.
        """
        item = given(self.timeline.GetCurrentVideoItem(), "Nothing lies under the playhead. Put it on a hole.")
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
        return Placing(self, plan, takes).placed()

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
        Placing(self, plan, {}).switch([(wanted, found)])

    def import_result(self, path: Path | str) -> Any:
        """Imports a conformed cut that was written for Resolve, as a new timeline; media from where it lies.

        Raises:
            ConformError: Resolve does not take it.
        """
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
        """`endFrame` for `frames`: exclusive or not by version; tried once on a scratch timeline.

        Raises:
            ConformError: the trial shows neither.
        """
        if self._exclusive is None:
            current = self.timeline
            scratch = given(self.pool.CreateEmptyTimeline(self.free_name("twopop scratch")), READ_ONLY)
            self.project.SetCurrentTimeline(scratch)
            info = {"mediaPoolItem": media, "startFrame": 0, "endFrame": 4, "recordFrame": scratch.GetStartFrame()}
            self.pool.AppendToTimeline([{**info, "trackIndex": 1, "mediaType": 1}])
            items = listed(scratch.GetItemListInTrack("video", 1))
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
        folder = folder or given(self.pool.AddSubFolder(root, BIN), READ_ONLY)
        known = next((c for c in folder.GetClipList() if c.GetClipProperty("File Path") == str(path)), None)
        if known is not None:
            return known
        current = self.pool.GetCurrentFolder()
        self.pool.SetCurrentFolder(folder)
        found = listed(self.pool.ImportMedia([str(path)]))
        self.pool.SetCurrentFolder(current)
        if not found:
            raise ConformError(
                f"Resolve did not import {path.name} (free Resolve on Linux reads no H.264: use --media dnxhr). "
                "Nothing was placed."
            )
        return found[0]


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


def _with_custom_data(cut: Cut, timeline: Any) -> Cut:
    """The cut with `customData` of clip markers beside their notes: Resolve's export leaves it out."""
    known = {
        (said.get("name"), said.get("note")): said["customData"]
        for number in range(1, int(timeline.GetTrackCount("video")) + 1)
        for item in listed(timeline.GetItemListInTrack("video", number))
        for said in markers_of(item).values()
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
    version = tuple(int(part) for part in listed(resolve.GetVersion())[:2])
    if "Studio" not in str(resolve.GetProductName()) and version >= _PYTHON_LEFT_FREE:
        raise UsageError(
            f"{resolve.GetProductName()} {'.'.join(map(str, version))} runs no Python; only Studio does. Use the "
            "two Lua scripts or the file way: docs/resolve.md. Nothing was changed."
        )


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
        say(str(console.import_result(given(newest, f"There is no *.resolve.otio in {console.folder}.")).GetName()))
    elif action == "check":
        say(console.check())
    else:
        raise UsageError(f"{action!r} is no menu script. There are: render, selected, switch, import, check.")


def _switch_at_playhead(console: Console, say: Callable[[str], None]) -> None:
    """The next take of the shot under the playhead, in order of their numbers, round and round."""
    item = given(console.timeline.GetCurrentVideoItem(), "Nothing lies under the playhead.")
    name, _ = take_role(item)
    current = console.store.by_name(name)
    if current is None:
        raise UsageError(f"{item.GetName()} plays no take. Nothing was changed.")
    names = [take.name for take in console.store.takes_of(current.slate.shot)]
    chosen = names[(names.index(name) + 1) % len(names)]
    shot = next(one.name for one in console.plan().shots if one.circled == name)
    console.switch_take(shot, chosen)
    say(f"{shot}: {chosen}")
