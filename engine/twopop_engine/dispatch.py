"""Gives queued jobs to workers: one thread and one warm process per model and device."""

from __future__ import annotations

import shutil
import threading
import traceback
from collections.abc import Callable

from twopop.errors import BackendError
from twopop.profiles import Profile

from .jobs import JobRow, JobStore
from .worker import Worker, WorkerDied

EXPIRY_TICK_S = 30.0
TROUBLE_S = 5.0
"""Before the next job, after one whose end could not be written down."""


class Dispatcher:
    """Gives one worker the jobs of its model, oldest first, until stopped."""

    def __init__(self, store: JobStore, worker: Worker, *, on_broken: Callable[[BackendError], None]) -> None:
        """`on_broken` is called once, from the thread, where the model does not load."""
        self._store, self._worker, self._on_broken = store, worker, on_broken
        self._stopping = threading.Event()
        self.loaded = threading.Event()
        self.profile: Profile | None = None
        self._thread = threading.Thread(target=self._work, name=f"twopop-{worker.model}", daemon=True)

    def start(self) -> None:
        """Loads the model in the background; `loaded` is set when `profile` is there or it failed."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the worker; its running job is put back in the queue when the store is opened again."""
        self._stopping.set()
        self._worker.stop()
        with self._store.changed:
            self._store.changed.notify_all()
        self._thread.join(5)

    def _work(self) -> None:
        try:
            self.profile = self._worker.start()
        except BackendError as exc:
            self._on_broken(exc)
            return
        finally:
            self.loaded.set()
        left: JobRow | None = None
        while not self._stopping.is_set():
            try:
                if left:
                    self._store.put_back(left.id, "The server could not write what it made.")
                left = self._next()
                if left:
                    self._run(left)
                left = None
                if not self._stopping.is_set():
                    self._store.expire()
            except Exception:  # a full disk, say: with space again the jobs go on
                traceback.print_exc()
                self._stopping.wait(TROUBLE_S)

    def _next(self) -> JobRow | None:
        """The next job, or None once there was none for a while."""
        assert self.profile is not None
        with self._store.changed:  # held from claim to wait, so that no job slips in between unheard
            row = self._store.claim(self.profile.model)
            if row is None and not self._stopping.is_set():
                self._store.changed.wait(EXPIRY_TICK_S)
        return row

    def _run(self, row: JobRow) -> None:
        store, folder = self._store, self._store.folder(row.id) / "out"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            if not self._worker.alive:
                self._worker.start()
            result = self._worker.run(
                row.id,
                row.request,
                folder,
                emit=lambda stage: store.set_stage(row.id, stage),
                cancel=store.cancel_event(row.id),
                most_s=store.limits.job_s,
            )
            store.finish(row.id, result)
        except WorkerDied as exc:
            if not self._stopping.is_set():
                shutil.rmtree(folder, ignore_errors=True)
                store.put_back(row.id, str(exc))
        except BackendError as exc:
            store.fail(row.id, exc.code, str(exc))
