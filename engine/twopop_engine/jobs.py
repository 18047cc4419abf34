"""Durable jobs: one SQLite file (WAL, synchronous=FULL) and one folder per job, both under the server's state folder.

    queued -> running -> done -> expired
                      -> failed | cancelled
    any -> deleted

A restart puts a running job back in the queue once, then fails it. An idempotency key holds as long as its job can
still give a result: the same key and body replays that job, another body is refused; after a failure, a cancel or
expiry it starts anew.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twopop.request import GenerationRequest
from twopop.wire_videos import Result, Stage, job_folder

from .limits import Limits, Refusal

JOB_ID = re.compile(r"video_[0-9a-f]{32}$")
MOST_STARTS = 2
_ROW_TTL_S = 14 * 86_400.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, key TEXT,
  body_hash TEXT NOT NULL, model TEXT NOT NULL,
  status TEXT NOT NULL, starts INTEGER NOT NULL DEFAULT 0, request TEXT NOT NULL,
  ignored TEXT NOT NULL, created_at REAL NOT NULL, completed_at REAL, expires_at REAL,
  error_code TEXT NOT NULL DEFAULT '', error_message TEXT NOT NULL DEFAULT '', result TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS jobs_key ON jobs(owner, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_status ON jobs(status, seq);
PRAGMA user_version = 1;
"""


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as stored; times are seconds since the epoch."""

    seq: int
    id: str
    owner: str
    key: str | None
    body_hash: str
    model: str
    status: str
    starts: int
    request: GenerationRequest
    ignored: tuple[str, ...]
    created_at: float
    completed_at: float | None
    expires_at: float | None
    error_code: str
    error_message: str
    result: Result | None


class JobStore:
    """All jobs of one server. Every method is atomic and safe from any thread."""

    def __init__(self, root: Path, limits: Limits) -> None:
        """Opens or makes `root`; running jobs of a server that died are put back."""
        self.root, self.limits = root, limits
        self.changed = threading.Condition()
        self.on_move: Callable[[], None] = lambda: None
        """Called from any thread after a job changed its status."""
        self._stages: dict[str, Stage] = {}
        self._cancels: dict[str, threading.Event] = {}
        self._lock = threading.RLock()
        (root / "jobs").mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(root / "jobs.sqlite3", check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(_SCHEMA)
        self._recover()

    def close(self) -> None:
        """Closes the file; running jobs are put back when it is opened again."""
        with self._lock:
            self._db.close()

    def folder(self, job_id: str) -> Path:
        """The folder of a job."""
        return job_folder(self.root, job_id)

    def create(
        self,
        request: GenerationRequest,
        *,
        job_id: str,
        owner: str,
        key: str | None,
        body_hash: str,
        ignored: list[str],
    ) -> tuple[JobRow, bool]:
        """The new job (True), or the one that has this key already (False).

        Raises:
            Refusal: 409 the key was used with another body; 429 the queue is full; 507 the disk is.
        """
        with self._transaction():
            if key is not None and (known := self._one("owner = ? AND key = ?", owner, key)):
                if known.body_hash != body_hash:
                    message = (
                        "This Idempotency-Key came with another request before. Use a new key. Nothing was started."
                    )
                    raise Refusal(409, "idempotency_key_reused", message)
                if known.status in ("queued", "running", "done"):
                    return known, False
                self._db.execute("UPDATE jobs SET key = NULL WHERE id = ?", (known.id,))
            self.limits.check_queue(*self._queued(owner))
            self.limits.check_disk(self.root)
            self._db.execute(
                "INSERT INTO jobs (id, owner, key, body_hash, model, status, request, ignored, created_at) "
                "VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)",
                (
                    job_id,
                    owner,
                    key,
                    body_hash,
                    request.model,
                    request.model_dump_json(),
                    "\n".join(ignored),
                    time.time(),
                ),
            )
            made = self._one("id = ?", job_id)
        assert made is not None
        self._notify()
        return made, True

    def get(self, job_id: str, owner: str) -> JobRow:
        """A job of this owner; Refusal 404 for any other id."""
        row = self._one("id = ? AND owner = ? AND status != 'deleted'", job_id, owner) if JOB_ID.match(job_id) else None
        if row is None:
            raise Refusal(404, "not_found", "There is no such job here.", param="video_id")
        return row

    def page(self, owner: str, *, after: str | None, limit: int, newest_first: bool) -> tuple[list[JobRow], bool]:
        """Up to `limit` jobs behind `after`, and whether more follow."""
        with self._lock:
            sign, order = ("<", "DESC") if newest_first else (">", "ASC")
            start = self.get(after, owner).seq if after else (2**62 if newest_first else 0)
            rows = self._db.execute(
                f"SELECT * FROM jobs WHERE owner = ? AND status != 'deleted' AND seq {sign} ? "
                f"ORDER BY seq {order} LIMIT ?",
                (owner, start, limit + 1),
            ).fetchall()
        return [_row(row) for row in rows[:limit]], len(rows) > limit

    def claim(self, model: str) -> JobRow | None:
        """The oldest queued job of `model`, now running, or None."""
        with self._transaction():
            row = self._one("status = 'queued' AND model = ? ORDER BY seq LIMIT 1", model)
            if row is None:
                return None
            self._db.execute("UPDATE jobs SET status = 'running', starts = starts + 1 WHERE id = ?", (row.id,))
            self._cancels[row.id] = threading.Event()
            claimed = self._one("id = ?", row.id)
        self.on_move()
        return claimed

    def finish(self, job_id: str, result: Result) -> None:
        """running -> done."""
        now = time.time()
        values = (result.model_dump_json(), now, now + self.limits.ttl_s)
        if not self._end(job_id, "status = 'done', result = ?, completed_at = ?, expires_at = ?", *values):
            self.drop_files(job_id)  # deleted while it ran

    def fail(self, job_id: str, code: str, message: str) -> None:
        """running or queued -> failed (cancelled where `code` says so); its files go."""
        status = "cancelled" if code == "cancelled" else "failed"
        values = (status, code, message[:2000], time.time())
        self._end(job_id, "status = ?, error_code = ?, error_message = ?, completed_at = ?", *values)
        self.drop_files(job_id)

    def put_back(self, job_id: str, message: str) -> None:
        """A job whose worker died: queued again once, then failed."""
        row = self._one("id = ?", job_id)
        if row and row.starts >= MOST_STARTS:
            self.fail(job_id, "interrupted", f"{message} It was tried {row.starts} times.")
        else:
            self._end(job_id, "status = 'queued'")
            self._notify()

    def cancel(self, job_id: str, owner: str) -> JobRow:
        """Stops a job: at once where it is queued, within one step where it runs; no change where it is over."""
        with self._lock:
            row = self.get(job_id, owner)
            if row.status == "queued":
                self.fail(job_id, "cancelled", "Cancelled on request.")
            elif row.status == "running" and (event := self._cancels.get(job_id)):
                event.set()
            return self.get(job_id, owner)

    def delete(self, job_id: str, owner: str) -> None:
        """Stops a job, removes its files and forgets it."""
        with self._lock:
            self.cancel(job_id, owner)
            self._db.execute("UPDATE jobs SET status = 'deleted', key = NULL WHERE id = ?", (job_id,))
        self.on_move()
        self.drop_files(job_id)

    def expire(self) -> None:
        """Removes results past their time, and rows long over."""
        now = time.time()
        with self._transaction():
            due = self._db.execute("SELECT id FROM jobs WHERE status = 'done' AND expires_at < ?", (now,)).fetchall()
            self._db.execute("UPDATE jobs SET status = 'expired' WHERE status = 'done' AND expires_at < ?", (now,))
            self._db.execute(
                "DELETE FROM jobs WHERE status NOT IN ('queued', 'running', 'done') AND created_at < ?",
                (now - _ROW_TTL_S,),
            )
        for row in due:
            self.drop_files(row["id"])

    def stage(self, row: JobRow) -> Stage | None:
        """Where a job is now; None where it is over."""
        if row.status == "queued":
            with self._lock:
                ahead = self._count("status = 'queued' AND seq < ?", row.seq)
            return Stage(name="queued", position=ahead)
        return self._stages.get(row.id, Stage(name="loading")) if row.status == "running" else None

    def set_stage(self, job_id: str, stage: Stage) -> None:
        """What the worker reports; not stored."""
        self._stages[job_id] = stage

    def cancel_event(self, job_id: str) -> threading.Event:
        """Set once the running job should stop."""
        return self._cancels[job_id]

    @property
    def busy(self) -> bool:
        """True while any job is queued or running."""
        with self._lock:
            return self._count("status IN ('queued', 'running')") > 0

    def _recover(self) -> None:
        for row in self._all("status = 'running'"):
            shutil.rmtree(self.folder(row.id) / "out", ignore_errors=True)
            self.put_back(row.id, "The server stopped while this job ran.")
        known = {
            self.folder(row["id"]).name for row in self._db.execute("SELECT id FROM jobs WHERE status != 'deleted'")
        }
        for folder in (self.root / "jobs").iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
        self.expire()

    def _end(self, job_id: str, change: str, *values: Any) -> bool:
        with self._transaction():
            done = self._db.execute(
                f"UPDATE jobs SET {change} WHERE id = ? AND status IN ('queued', 'running')", (*values, job_id)
            )
            self._stages.pop(job_id, None)
            self._cancels.pop(job_id, None)
        self.on_move()
        return done.rowcount > 0

    def drop_files(self, job_id: str) -> None:
        """Removes the folder of a job."""
        shutil.rmtree(self.folder(job_id), ignore_errors=True)

    def _queued(self, owner: str) -> tuple[int, int]:
        return self._count("status = 'queued'"), self._count("status = 'queued' AND owner = ?", owner)

    def _count(self, where: str, *values: Any) -> int:
        return self._db.execute(f"SELECT COUNT(*) FROM jobs WHERE {where}", values).fetchone()[0]

    def _one(self, where: str, *values: Any) -> JobRow | None:
        with self._lock:
            found = self._db.execute(f"SELECT * FROM jobs WHERE {where}", values).fetchone()
        return _row(found) if found else None

    def _all(self, where: str) -> list[JobRow]:
        with self._lock:
            return [_row(row) for row in self._db.execute(f"SELECT * FROM jobs WHERE {where}").fetchall()]

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _notify(self) -> None:
        with self.changed:
            self.changed.notify_all()


def new_job_id() -> str:
    """An id nobody can guess."""
    return f"video_{secrets.token_hex(16)}"


def _row(row: sqlite3.Row) -> JobRow:
    values = dict(row)
    values["request"] = GenerationRequest.model_validate_json(values["request"])
    values["ignored"] = tuple(filter(None, values["ignored"].split("\n")))
    values["result"] = Result.model_validate_json(values["result"]) if values["result"] else None
    return JobRow(**values)
