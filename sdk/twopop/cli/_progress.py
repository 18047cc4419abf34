"""A progress bar per shot, fed by the events of a generation."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from .. import events as ev
from ._output import stderr

if TYPE_CHECKING:
    from ..plan import Plan

_WORDS: dict[type[ev.Event], str] = {
    ev.Queued: "queued",
    ev.Loading: "loading the model",
    ev.Denoising: "denoising",
    ev.Decoding: "decoding",
    ev.Writing: "writing",
    ev.TakeReady: "ready",
    ev.ShotFailed: "failed",
    ev.Reused: "re-used",
    ev.Stale: "stale",
}
_DONE: dict[type[ev.Event], float] = {ev.Decoding: 0.8, ev.Writing: 0.95, ev.TakeReady: 1.0}


class Progress:
    """Context manager: `start` with the plan, then every event."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._bars = Bars(
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=stderr(),
            disable=quiet,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tasks:  # else nothing was shown, and ending it would still print an empty line
            self._bars.stop()

    def start(self, plan: Plan) -> None:
        """One bar for everything that will be generated."""
        asked = [piece.name for piece in (*plan.shots, *plan.beds) if piece.asks]
        if asked:
            self._bars.start()
        self._tasks = {name: self._bars.add_task(name, total=1.0, state="waiting") for name in asked}

    def event(self, event: ev.Event) -> None:
        """Moves the bars of the shots that `event` names."""
        done = _DONE.get(type(event))
        if isinstance(event, ev.Denoising) and event.steps:
            done = 0.8 * event.step / event.steps
        for shot in event.shots:
            if shot in self._tasks:
                state = _WORDS.get(type(event), "")
                self._bars.update(self._tasks[shot], completed=done, state=state)
