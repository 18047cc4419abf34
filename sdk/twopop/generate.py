"""Generation: from a plan to takes, in a worker thread, journalled, resumable, never paid twice.

takes = generate_takes(plan)                        # scripts: blocks
run = start_generation(plan)                        # consoles and notebooks: returns once journalled
for event in run: ...                               # or `async for`, or run.poll()
takes = run.result()
run = attach_generation(run.id)                     # after a crash or a restart
"""

from __future__ import annotations

import asyncio
import atexit
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from weakref import WeakValueDictionary

from . import events
from .backends.base import Backend, Cancel, Checked
from .continuity import Continuity
from .errors import LedgerError, UsageError
from .events import Event
from .jobs import RunRow, dump_requests, load_requests, new_run_id, now
from .ledger import Ledger, find_ledger
from .plan import Bed, Plan, Shot
from .request import GenerationRequest
from .store import TakeStore
from .storing import Check
from .take import Cancelled, Failed, Outcome, Reused, TakeSet
from .worker import LIMITS, Limits, Stop, Worker

_TICK_S = 0.2
"""Waits of the calling thread are cut into these, so that Ctrl-C is heard on every system."""
_EXIT_S = 5.0
"""How long a closing interpreter waits for a worker to let go of its jobs."""


def generate_takes(
    plan: Plan,
    *,
    backend: str | Backend | None = None,
    store: TakeStore | Path | str | None = None,
    only: str | Sequence[str] | None = None,
    budget: float | None = None,
    cancel: Cancel | None = None,
) -> TakeSet:
    """Makes what `plan` asks for and blocks until it is done. One shot's failure is its outcome, not an exception.

    Args:
        backend: a registry name, a URL, or a Backend; default: the one it was planned for (`Plan.backend`: from the
            settings or `twopop.toml`, else "local"). One with another model is asked for every shot that is not locked.
        store: where takes live; default: the plan's.
        only: names or globs of shots and beds; of the others only takes that serve already are given.
        budget: the most this run may cost; checked before every request.
        cancel: a token; once set, running requests are asked to stop and finished takes are kept.

    Raises:
        UsageError: an unknown backend or one that is not installed, or `only` names nothing.
        LedgerError: the journal or the store cannot be used; nothing was asked.
        KeyboardInterrupt: after the current step; every finished take is kept.
    """
    run = start_generation(plan, backend=backend, store=store, only=only, budget=budget)
    while cancel is not None and not run.done:
        if cancel.is_set():
            run.cancel()
        with suppress(TimeoutError):
            run.result(_TICK_S / 2)
    return run.result()


def start_generation(
    plan: Plan,
    *,
    backend: str | Backend | None = None,
    store: TakeStore | Path | str | None = None,
    only: str | Sequence[str] | None = None,
    budget: float | None = None,
) -> Generation:
    """Starts what `plan` asks for and returns once it is journalled. Arguments and errors as `generate_takes`."""
    return begin_generation(plan, backend=backend, store=store, only=only, budget=budget)


def begin_generation(
    plan: Plan,
    *,
    backend: str | Backend | None,
    store: TakeStore | Path | str | None,
    only: str | Sequence[str] | None,
    budget: float | None,
    limits: Limits = LIMITS,
) -> Generation:
    """`start_generation` with other patience; for tests and services."""
    takes = _as_store(store if store is not None else plan.store)
    takes.refresh()
    engine, owned = _opened(backend or plan.backend, plan)
    ledger = None
    try:
        chosen = _chosen(plan, only)
        requests = [r for r in plan.requests(engine.profile, takes) if chosen.intersection(r.shots)]
        if requests and isinstance(engine, Checked):
            engine.check_installed()
        ledger = Ledger.of(takes)
        run = RunRow(
            new_run_id(takes.id), now(), engine.name, budget, str(takes.root), plan.model_dump_json(),
            dump_requests(requests),
        )  # fmt: skip
        ledger.begin(run, requests)
    except BaseException:
        if ledger:
            ledger.close()
        if owned:
            engine.close()
        raise
    return Generation(run, plan, requests, takes, ledger, engine, owned=owned, limits=limits)


def attach_generation(run_id: str, *, store: TakeStore | Path | str | None = None) -> Generation:
    """The run `run_id` again: the same object where it still goes on in this process, else it is taken up.

    Args:
        store: where the takes are now, if the folder was moved since.

    Raises:
        LedgerError: no journal of this machine knows the run, or another process works on it.
    """
    if (live := _LIVE.get(run_id)) and not live.done:
        return live
    path = find_ledger(run_id)
    ledger = Ledger(path)
    try:
        run = ledger.run(run_id)
        takes = _as_store(store if store is not None else Path(run.store))
        if not takes.root.is_dir() or takes.id != path.stem:
            raise LedgerError(
                f"{takes.root} is not the store of run {run_id} (any more). "
                f"Say where it is now: attach_generation({run_id!r}, store=...)."
            )
        ledger.hold(run_id)
        plan = Plan.model_validate_json(run.plan)
        engine, owned = _opened(run.backend, plan)
    except BaseException:
        ledger.close()
        raise
    return Generation(run, plan, load_requests(run.requests), takes, ledger, engine, owned=owned)


class Generation:
    """A running generation. Every event is delivered once, to whichever of `poll` and the iterators asks first.

    Leaving an iteration does not cancel. Ctrl-C in `result` or an iteration cancels after the current step, keeps
    every finished take, and is then passed on.
    """

    def __init__(
        self, run: RunRow, plan: Plan, requests: Sequence[GenerationRequest], store: TakeStore, ledger: Ledger,
        backend: Backend, *, owned: bool, limits: Limits = LIMITS, qc: Check | None = None,
    ) -> None:  # fmt: skip
        from .qc_take import check_take

        self.id = run.id
        self._plan, self._store, self._ledger, self._backend, self._owned = plan, store, ledger, backend, owned
        self._news = threading.Condition()
        self._events: deque[Event] = deque()
        self._listeners: list[Callable[[], None]] = []
        self._done = False
        self._stop = Stop()
        self._outcomes = _served(plan, requests, store)
        self._todo = deque(_groups(requests, plan if backend.profile.carries else None))
        self._worker = Worker(
            run.id, store, ledger, backend, emit=self._emit, stop=self._stop, qc=qc or check_take, limits=limits,
            complete=Continuity(plan, backend.profile, requests, store).complete,
        )  # fmt: skip
        for name, outcome in self._outcomes.items():
            if isinstance(outcome, Reused):
                self._emit(_served_event(name, outcome))
        for request in requests:
            self._emit(events.Queued(request.shots))
        _LIVE[run.id] = self
        self._thread = threading.Thread(target=self._run, name=f"twopop {run.id}", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """True once every request has its outcome."""
        return self._done

    def __repr__(self) -> str:
        return f"Generation({self.id!r}, done={self.done})"

    def poll(self, timeout_s: float = 0) -> list[Event]:
        """The events since the last look; waits up to `timeout_s` for one to come."""
        until = time.monotonic() + timeout_s
        with self._news:
            while not self._events and not self._done and (left := until - time.monotonic()) > 0:
                self._news.wait(min(left, _TICK_S))
            found = list(self._events)
            self._events.clear()
        return found

    def __iter__(self) -> Iterator[Event]:
        while True:
            over = self._done
            try:
                found = self.poll(0 if over else _TICK_S)
            except KeyboardInterrupt:
                self._wind_down()
                raise
            yield from found
            if over and not found:
                return

    async def __aiter__(self) -> AsyncIterator[Event]:
        loop, wake = asyncio.get_running_loop(), asyncio.Event()

        def nudge() -> None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(wake.set)

        self._listeners.append(nudge)
        try:
            while True:
                wake.clear()
                over = self._done
                found = self.poll()
                for event in found:
                    yield event
                if over and not found:
                    return
                if not found and not over:
                    await wake.wait()
        finally:
            self._listeners.remove(nudge)

    def cancel(self) -> None:
        """Asks running requests to stop; what is finished is kept. Returns at once: `result` tells what came."""
        self._stop.cancel()

    def result(self, timeout_s: float | None = None) -> TakeSet:
        """The outcomes, in plan order; waits for them.

        Raises:
            TimeoutError: not done after `timeout_s`; it goes on.
        """
        until = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            while not self._done:
                if until is not None and time.monotonic() >= until:
                    raise TimeoutError(f"Run {self.id} is not done after {timeout_s:g} s. It goes on.")
                self._await(_TICK_S)
        except KeyboardInterrupt:
            self._wind_down()
            raise
        return self._takes()

    def _detach(self) -> None:
        """Stops looking, at once, and leaves jobs at the service as they are; `attach_generation` takes them up."""
        self._stop.detach()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _await(self, seconds: float) -> None:
        with self._news:
            if not self._done:
                self._news.wait_for(lambda: self._done, seconds)

    def _wind_down(self) -> None:
        """Cancels and waits for the current step; a second Ctrl-C does not wait."""
        self.cancel()
        while not self._done:
            self._await(_TICK_S)

    def _takes(self) -> TakeSet:
        order = [piece.name for piece in (*self._plan.shots, *self._plan.beds) if piece.name in self._outcomes]
        return TakeSet({name: self._outcomes[name] for name in order})

    def _emit(self, event: Event) -> None:
        with self._news:
            self._events.append(event)
            self._news.notify_all()
        for listener in tuple(self._listeners):
            listener()

    def _run(self) -> None:
        """The worker thread: as many helpers as the backend takes, then everything is let go of."""
        helpers = [
            threading.Thread(target=self._help, name=f"{self._thread.name}.{number}", daemon=True)
            for number in range(min(self._worker.backend.profile.concurrency, len(self._todo)) - 1)
        ]
        try:
            for helper in helpers:
                helper.start()
            self._help()
            for helper in helpers:
                helper.join()
        finally:
            self._finish()

    def _help(self) -> None:
        while True:
            try:
                group = self._todo.popleft()
            except IndexError:
                return
            for request in group:
                outcome: Outcome = Failed(f"{request.name}: the worker was ended.", "internal")
                try:
                    outcome = self._worker.make(request)
                finally:
                    self._outcomes.update(dict.fromkeys(request.shots, outcome))

    def _finish(self) -> None:
        try:
            with suppress(Exception):
                self._ledger.close()
            if self._owned:
                with suppress(Exception):
                    self._backend.close()
        finally:
            with self._news:
                self._done = True
                self._news.notify_all()
            for listener in tuple(self._listeners):
                listener()


_LIVE: WeakValueDictionary[str, Generation] = WeakValueDictionary()


def _let_go() -> None:
    """At the interpreter's end: workers stop looking at their jobs, which stay as they are in the journal."""
    running = [run for run in list(_LIVE.values()) if not run.done]
    for run in running:
        run._detach()  # pyright: ignore[reportPrivateUsage]
    until = time.monotonic() + _EXIT_S
    while any(not run.done for run in running) and time.monotonic() < until:
        time.sleep(0.01)


atexit.register(_let_go)


def _as_store(store: TakeStore | Path | str) -> TakeStore:
    return store if isinstance(store, TakeStore) else TakeStore(store)


def _opened(backend: str | Backend, plan: Plan) -> tuple[Backend, bool]:
    """The backend, and whether it is ours to close."""
    if not isinstance(backend, str):
        return backend, False
    from .backends.opening import open_backend
    from .settings import load_settings

    settings = load_settings(plan.cut_path, backend=backend, media=plan.media)
    return open_backend(backend, settings, folder=plan.cut_path.parent if plan.cut_path else None), True


def _chosen(plan: Plan, only: str | Sequence[str] | None) -> set[str]:
    """Names of the pieces that `only` means; UsageError where one of its patterns means nothing."""
    names = [piece.name for piece in (*plan.shots, *plan.beds)]
    if only is None:
        return set(names)
    chosen: set[str] = set()
    for pattern in [only] if isinstance(only, str) else only:
        found = [name for name in names if fnmatchcase(name.casefold(), pattern.casefold())]
        if not found:
            near = get_close_matches(pattern, names, 3) or names[:8]
            raise UsageError(
                f"No shot or bed is called {pattern!r}. Nearest: {', '.join(near)}. Nothing was generated."
            )
        chosen.update(found)
    return chosen


def _groups(requests: Sequence[GenerationRequest], plan: Plan | None = None) -> list[list[GenerationRequest]]:
    """Requests that may serve each other stay with one thread, in order; with a plan, so do those of a scene."""
    scenes = {shot.name: shot.scene for shot in plan.shots} if plan else {}
    names: dict[str, str] = {}
    groups: dict[str, list[GenerationRequest]] = {}
    for request in requests:
        name = names.setdefault(request.match_key, scenes.get(request.shots[0]) or request.match_key)
        groups.setdefault(name, []).append(request)
    return list(groups.values())


def _served(plan: Plan, requests: Sequence[GenerationRequest], store: TakeStore) -> dict[str, Outcome]:
    """Outcomes of the pieces nothing is asked for, and `Cancelled` for those that still have to come."""
    asked = {name for request in requests for name in request.shots}
    outcomes: dict[str, Outcome] = {name: Cancelled() for name in asked}
    for piece in (*plan.shots, *plan.beds):
        if piece.name not in asked and (outcome := _without_asking(piece, store)):
            outcomes[piece.name] = outcome
    return outcomes


def _without_asking(piece: Shot | Bed, store: TakeStore) -> Outcome | None:
    if piece.problem:
        return Failed(piece.problem, "plan")
    if not piece.take or piece.asks:
        return None
    take = store.by_name(piece.take)
    if take is None or not store.usable(take):
        return Failed(
            f"{piece.name}: take {piece.take} is gone or damaged since the plan was made. Plan again.", "gone"
        )
    return Reused(take, stale=piece.why if piece.status == "stale" else "")


def _served_event(name: str, outcome: Reused) -> Event:
    if outcome.stale:
        return events.Stale((name,), outcome.take.name, outcome.stale)
    return events.Reused((name,), outcome.take.name)
