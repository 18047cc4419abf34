"""SQLite journal of one take store: the intent of every paid call is on disk before the call is made.

Its states are in `jobs.py`. It lives in the user-state directory (`TWOPOP_STATE_DIR` overrides it), never beside the
takes: WAL must not be on a network share. It is keyed by the store's id and can be rebuilt from slates. A job belongs
to whoever holds the lock of its run; a process that dies frees that lock at once, so no clock decides who may go on.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .errors import LedgerError
from .jobs import (
    AT_SERVICE,
    BINDING,
    NEXT,
    OPEN,
    WORKED_ON,
    Claim,
    JobRow,
    Money,
    RunRow,
    State,
    columns,
    decide,
    now,
    with_attempt,
)
from .request import GenerationRequest

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from .store import TakeStore

VERSION = 1

_SCHEMA = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, backend TEXT NOT NULL, budget REAL, store TEXT NOT NULL,
    plan TEXT NOT NULL, requests TEXT NOT NULL
);
CREATE TABLE jobs (
    key TEXT PRIMARY KEY, match_key TEXT NOT NULL, name TEXT NOT NULL, request TEXT NOT NULL,
    first_frame INTEGER NOT NULL, frames INTEGER NOT NULL, seed INTEGER NOT NULL, attempt INTEGER NOT NULL,
    state TEXT NOT NULL, run TEXT NOT NULL, lease TEXT NOT NULL, backend TEXT NOT NULL,
    remote_id TEXT NOT NULL DEFAULT '', endpoint TEXT NOT NULL DEFAULT '',
    price REAL NOT NULL DEFAULT 0, cost REAL, charged INTEGER, take TEXT NOT NULL DEFAULT '',
    code TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX jobs_by_match ON jobs (match_key);
CREATE TABLE steps (number INTEGER PRIMARY KEY, key TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL);
"""
_MIGRATIONS: tuple[str, ...] = (_SCHEMA,)
"""Script n brings `user_version` from n to n + 1."""


def state_dir() -> Path:
    """Where journals live: `TWOPOP_STATE_DIR`, else the user-state directory of this system."""
    if given := os.environ.get("TWOPOP_STATE_DIR"):
        return Path(given)
    from platformdirs import user_state_path

    return user_state_path("twopop")


def find_ledger(run_id: str) -> Path:
    """The journal that holds `run_id` (a run's id begins with its store's).

    Raises:
        LedgerError: no journal of this machine knows it.
    """
    prefix = run_id.partition("-")[0]
    found = sorted((state_dir() / "stores").glob(f"{prefix}*.sqlite3")) if prefix.isalnum() else []
    if not found:
        raise LedgerError(
            f"Run {run_id} is not in the journals of this machine. "
            f"Takes are found without it: run the same render again, finished ones are re-used."
        )
    return found[0]


class Ledger:
    """The journal of one store. Safe to share between threads; one object a process and store is enough.

    Every method is one transaction (`BEGIN IMMEDIATE`, `synchronous=FULL`).
    """

    def __init__(self, path: Path) -> None:
        from filelock import FileLock

        self.path = path
        self._guard = threading.Lock()
        self._locks: dict[str, BaseFileLock] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock")):  # turning WAL on does not wait for others by itself
                self._db = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
                self._migrate()
        except (OSError, sqlite3.Error) as exc:
            raise self._error(exc) from exc

    @classmethod
    def of(cls, store: TakeStore) -> Ledger:
        """The journal of `store` on this machine, made (and filled from slates) where there is none."""
        ledger = cls(state_dir() / "stores" / f"{store.id}.sqlite3")
        if not ledger._rows("SELECT 1 FROM jobs LIMIT 1"):
            ledger.rebuild(store)
        return ledger

    def close(self) -> None:
        """Closes the file and releases the locks of all runs begun here."""
        for run_id in list(self._locks):
            self.release(run_id)
        self._db.close()

    # -- runs ------------------------------------------------------------------------------------------------------

    def begin(self, run: RunRow, requests: Sequence[GenerationRequest]) -> None:
        """Journals a run and its requests, and takes the run's lock."""
        self.hold(run.id)
        with self._transaction():
            self._db.execute(f"INSERT INTO runs VALUES ({_marks(run)})", columns(run))
            for request in requests:
                self._insert(JobRow.of(request, state="planned", run=run.id, backend=run.backend))

    def run(self, run_id: str) -> RunRow:
        """The run `run_id`; LedgerError where it is unknown."""
        found = self._rows("SELECT * FROM runs WHERE id = ?", run_id)
        if not found:
            raise LedgerError(f"The journal {self.path.name} has no run {run_id}. Takes are found without it.")
        return RunRow(*found[0])

    def hold(self, run_id: str) -> None:
        """Takes the lock of a run for this process.

        Raises:
            LedgerError: another process (or another Generation of this one) works on it.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self._lock_path(run_id), thread_local=False)
        try:
            lock.acquire(timeout=1)
        except Timeout:
            raise LedgerError(f"Run {run_id} is still being worked on. Wait for it, or stop it first.") from None
        except OSError as exc:
            raise self._error(exc) from exc
        self._locks[run_id] = lock

    def release(self, run_id: str) -> None:
        """Gives the lock of a run back; its open jobs are anybody's then."""
        if lock := self._locks.pop(run_id, None):
            with self._transaction():
                self._db.execute("DELETE FROM jobs WHERE lease = ? AND state = 'planned'", (run_id,))
            with suppress(OSError):  # a system that cannot unlink an open file keeps an empty one
                Path(lock.lock_file).unlink()
            lock.release()

    def is_held(self, run_id: str) -> bool:
        """True while a living process holds the lock of the run."""
        from filelock import FileLock, Timeout

        path = self._lock_path(run_id)
        if not path.exists():
            return False
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    def money(self, run_id: str) -> Money:
        """What a run has spent and reserved so far."""
        with self._transaction():
            return self._money(run_id)

    # -- jobs ------------------------------------------------------------------------------------------------------

    def claim(
        self, run_id: str, request: GenerationRequest, backend: str, *, price: float = 0.0, replay: bool = False
    ) -> Claim:
        """Decides, in one transaction, who makes a request and how. `submit` means: its intent is on disk, POST now.

        Args:
            price: estimate of one take; reserved against the run's budget.
            replay: the backend never makes or charges a second job for the same key.
        """
        with self._transaction() as mark:
            row = self._latest(request)
            if row and row.state in WORKED_ON and row.lease != run_id and self.is_held(row.lease):
                return Claim("wait", row)
            decided = decide(row, backend, replay)
            if row and decided == "submit" and row.state in AT_SERVICE:
                self._move(row, "failed", code="left", message=f"Free, and left at {row.backend} for {backend}.")
            if row and decided == "unknown" and row.state == "intent":
                mark(self._move(row, "unknown", message="The process ended while it was being sent."))
            if row and decided == "attach":
                self._set(row.key, lease=run_id)
            if row and decided != "submit":
                return Claim(
                    decided,
                    self._row(row.key) if row else JobRow.of(request, state="planned", run=run_id, backend=backend),
                )
            return self._intend(run_id, request, row, backend, price, mark)

    def advance(self, key: str, state: State, **facts: Any) -> JobRow:
        """Moves a job to `state` (the same state again is fine) and records `facts` (columns of the row).

        Raises:
            LedgerError: the journal does not know the job, cannot be written, or the step is not one.
        """
        with self._transaction() as mark:
            row = self._row(key)
            mark(self._move(row, state, **facts))
            return self._row(key)

    def found(self, run_id: str, key: str, take: str) -> None:
        """The store holds `take`: where a process ended before the journal heard of it, the journal catches up."""
        if not self._rows(f"SELECT 1 FROM jobs WHERE key = ? AND state IN {AT_SERVICE}", key):
            return
        with self._transaction() as mark:
            row = self._row(key)
            # Whoever has just placed it and is alive says so itself.
            if row.state in AT_SERVICE and (row.lease == run_id or not self.is_held(row.lease)):
                self._set(key, state="verified", take=take)
                self._log(key, "verified")
                mark("verified")

    def open_jobs(self) -> list[JobRow]:
        """What may still cost money or bring a take, or waits for a person's word (refused; paid and lost)."""
        marks = ",".join("?" * len(OPEN))
        paid = "state IN ('lost', 'expired') AND coalesce(cost, price) > 0 AND coalesce(charged, 1)"
        where = f"state IN ({marks}) OR state = 'refused' OR ({paid})"
        return self._jobs(f"SELECT * FROM jobs WHERE {where} ORDER BY rowid", *OPEN)

    def job(self, key: str) -> JobRow:
        """The job whose key is or begins with `key`; LedgerError where none or several do."""
        found = self._jobs("SELECT * FROM jobs WHERE substr(key, 1, ?) = ?", len(key), key)
        if len(found) != 1:
            raise LedgerError(f"{len(found)} jobs have a key that begins with {key!r}; one is needed.")
        return found[0]

    def settle(self, key: str, *, remote_id: str = "", endpoint: str = "") -> JobRow:
        """Says what became of a job that twopop does not dare to repeat, or gives an open one up.

        Args:
            key: its key, or the beginning of it.
            remote_id: the job was found at the service: it is picked up by the next run. Empty: nothing was made, or
                it is given up; the next run may ask (and pay) again.
            endpoint: where it was found; empty: where it was sent.

        Raises:
            LedgerError: no job or several begin with `key`, it is over, or a run is working on it.
        """
        row = self.job(key)
        if row.state not in BINDING:
            raise LedgerError(f"Job {row.key[:12]} of {row.name} is {row.state}: there is nothing to settle.")
        if row.state in OPEN and self.is_held(row.lease):
            raise LedgerError(f"Job {row.key[:12]} of {row.name} is being worked on. Wait for its run, or stop it.")
        if row.state == "intent":
            self.advance(row.key, "unknown")
        if remote_id:
            return self.advance(row.key, "submitted", remote_id=remote_id, endpoint=endpoint or row.endpoint)
        return self.advance(row.key, "failed", code="settled", message="Given up by hand.")

    def history(self, key: str) -> list[State]:
        """Every state a job has been in, oldest first."""
        return [row[0] for row in self._rows("SELECT state FROM steps WHERE key = ? ORDER BY number", key)]

    def rebuild(self, store: TakeStore) -> int:
        """Enters every take of `store` that the journal does not know as verified; gives how many."""
        entered = 0
        with self._transaction():
            for take in store.takes():
                slate = take.slate
                row = JobRow.of(slate.request, state="verified", run="rebuilt", backend=slate.backend)
                entered += self._insert(row, take=slate.take, cost=slate.cost)
        return entered

    # -- inside a transaction ----------------------------------------------------------------------------------------

    def _intend(
        self, run_id: str, request: GenerationRequest, row: JobRow | None, backend: str, price: float, mark: _Mark
    ) -> Claim:
        again = row is not None and row.state in ("intent", "unknown")
        target = row if row and again else JobRow.of(self._fresh(request), state="planned", run=run_id, backend=backend)
        budget = self._rows("SELECT budget FROM runs WHERE id = ?", run_id)[0][0]
        spent = 0.0 if budget is None else sum(self._money(run_id))
        reserved = target.price if again and target.run == run_id else 0.0
        if budget is not None and spent - reserved + price > budget + 1e-9:
            return Claim("over_budget", target, max(0.0, budget - spent))
        self._insert(target)
        # What was planned may have learnt since what it goes on from; what was sent once is sent again as it was.
        self._set(
            target.key, request=target.request, run=run_id, lease=run_id, backend=backend, price=price
        )  # fmt: skip
        mark(self._move(self._row(target.key), "intent"))
        return Claim("submit", self._row(target.key), heard=again)

    def _fresh(self, request: GenerationRequest) -> GenerationRequest:
        """The request under the first attempt number that was never used."""
        used = self._rows(
            "SELECT max(attempt) FROM jobs WHERE match_key = ? AND first_frame = ? AND frames = ? AND seed = ? "
            "AND state != 'planned'",
            request.match_key, *request.generated, request.seed,
        )[0][0]  # fmt: skip
        return with_attempt(request, max(request.attempt, (used or 0) + 1))

    def _latest(self, request: GenerationRequest) -> JobRow | None:
        """The newest job that answers `request`: an open one first; wider ones where they forbid to ask again."""
        rows = self._jobs(
            "SELECT * FROM jobs WHERE match_key = ? AND seed = ? AND state != 'planned' ORDER BY rowid DESC",
            request.match_key, request.seed,
        )  # fmt: skip
        answers = [
            row
            for row in rows
            if row.generated == request.generated or (row.state in BINDING and row.generated.covers(request.used))
        ]
        return next((row for row in answers if row.state in OPEN), None) or next(iter(answers), None)

    def _money(self, run_id: str) -> Money:
        row = self._rows(
            "SELECT coalesce(sum(cost), 0), coalesce(sum(CASE WHEN cost IS NULL THEN price END), 0) FROM jobs "
            "WHERE run = ? AND state != 'planned' AND coalesce(charged, 1)",
            run_id,
        )[0]
        return Money(float(row[0]), float(row[1]))

    def _insert(self, row: JobRow, **facts: Any) -> int:
        done = self._db.execute(f"INSERT OR IGNORE INTO jobs VALUES ({_marks(row)})", columns(row)).rowcount
        if done > 0:
            self._set(row.key, **facts)
            self._log(row.key, row.state)
        return max(done, 0)

    def _move(self, row: JobRow, state: State, **facts: Any) -> State:
        if state != row.state and state not in NEXT.get(row.state, ()):
            raise LedgerError(f"Job {row.key[:12]} of {row.name} cannot go from {row.state} to {state}.")
        self._set(row.key, state=state, **facts)
        self._log(row.key, state)
        return state

    def _set(self, key: str, **facts: Any) -> None:
        if facts:
            columns = ", ".join(f"{name} = ?" for name in facts)
            self._db.execute(f"UPDATE jobs SET {columns} WHERE key = ?", (*facts.values(), key))

    def _log(self, key: str, state: State) -> None:
        self._db.execute("INSERT INTO steps (key, state, at) VALUES (?, ?, ?)", (key, state, now()))

    def _row(self, key: str) -> JobRow:
        found = self._jobs("SELECT * FROM jobs WHERE key = ?", key)
        if not found:
            raise LedgerError(f"The journal {self.path.name} has no job {key[:12]}.")
        return found[0]

    def _jobs(self, query: str, *values: Any) -> list[JobRow]:
        return [JobRow(*row) for row in self._rows(query, *values)]

    def _rows(self, query: str, *values: Any) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as exc:
            raise self._error(exc) from exc

    # -- the file ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Generator[_Mark]:
        """BEGIN IMMEDIATE ... COMMIT. What is marked names the crash points around the commit."""
        mark = _Mark()
        with self._guard:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield mark
                    mark.crash("before")
                    self._db.execute("COMMIT")
                    mark.crash("after")
                finally:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
            except sqlite3.Error as exc:
                raise self._error(exc) from exc

    def _migrate(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise LedgerError(
                f"The journal {self.path} was written by a newer twopop (format {version}, this one knows {VERSION}). "
                f"Update twopop. Nothing was changed."
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        for done in range(version, VERSION):
            script = f"BEGIN IMMEDIATE; {_MIGRATIONS[done]} PRAGMA user_version = {done + 1}; COMMIT"
            self._db.executescript(script)

    def _lock_path(self, run_id: str) -> Path:
        folder = self.path.parent / "runs"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{run_id}.lock"

    def _error(self, exc: Exception) -> LedgerError:
        if isinstance(exc, sqlite3.DatabaseError) and not isinstance(exc, sqlite3.OperationalError):
            advice = (
                "Move the file away to begin a new one: takes are safe, but jobs still open at a service are forgotten."
            )
        else:
            advice = "Free space or mend the folder's permissions (or set TWOPOP_STATE_DIR), then run again."
        return LedgerError(f"The journal {self.path} cannot be used: {exc}. {advice} No take was lost.")


class _Mark:
    """Remembers the state a transaction moves to, so that tests can kill the process on either side of its commit."""

    def __init__(self) -> None:
        self._state = ""

    def __call__(self, state: State) -> None:
        self._state = state

    def crash(self, side: Literal["before", "after"]) -> None:
        """The point on one side of the commit."""
        if self._state:
            crash_point(f"{self._state}:{side}")


def crash_point(name: str) -> None:
    """Ends the process, as a power cut would, where the environment's `TWOPOP_CRASH_AT` is `name`; for tests."""
    if os.environ.get("TWOPOP_CRASH_AT") == name:
        os._exit(86)


def _marks(row: JobRow | RunRow) -> str:
    return ", ".join("?" * len(columns(row)))
