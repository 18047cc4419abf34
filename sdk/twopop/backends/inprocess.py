"""A model in this process behind the Backend protocol: for tests, notebooks, and to measure what the wire costs."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from ..errors import BackendError, CancelledError, RefusedError, TwopopError
from ..events import Event
from ..profiles import Profile
from ..request import GenerationRequest
from .base import Job, JobState, Model, Status, TakeFiles


@dataclass(slots=True)
class _Work:
    """One job: written by its thread, read by `poll`, both under the backend's lock."""

    key: str
    folder: Path
    cancel: threading.Event = field(default_factory=threading.Event)
    status: Status = "queued"
    events: list[Event] = field(default_factory=list[Event])
    files: TakeFiles | None = None
    code: str = ""
    message: str = ""

    @property
    def serves(self) -> bool:
        """True where the same key may still be answered with this job."""
        return self.status in ("queued", "running", "done")


class InProcessBackend:
    """Runs `model.generate` in `profile.concurrency` threads; files wait in a temporary folder to be fetched."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._jobs: dict[str, _Work] = {}
        self._by_key: dict[str, str] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._root: TemporaryDirectory[str] | None = None

    @property
    def name(self) -> str:
        """Its registry name."""
        return self._model.profile.name

    @property
    def profile(self) -> Profile:
        """What its model can do."""
        return self._model.profile

    def submit(self, request: GenerationRequest, *, key: str) -> Job:
        """Starts a job, or returns the one that `key` already started and that has not failed."""
        with self._lock:
            known = self._by_key.get(key, "")
            if known and self._jobs[known].serves:
                return Job(known)
            if self._pool is None or self._root is None:
                self._pool = ThreadPoolExecutor(self.profile.concurrency, thread_name_prefix=f"twopop-{self.name}")
                self._root = TemporaryDirectory(prefix="twopop-", ignore_cleanup_errors=True)
            job = uuid4().hex
            work = _Work(key, Path(self._root.name) / job)
            self._jobs[job], self._by_key[key] = work, job
            self._pool.submit(self._run, work, request)
        return Job(job)

    def poll(self, job: Job) -> JobState:
        """The state of a job and what happened since the last poll; `lost` where it is not known."""
        with self._lock:
            work = self._jobs.get(job.remote_id)
            if work is None:
                return JobState("lost", message="This process knows no such job; another one started it.")
            events, work.events = tuple(work.events), []
            cost = 0.0 if work.status == "done" else None
            return JobState(work.status, events, work.code, work.message, cost, poll_after_s=0.05)

    def fetch(self, job: Job, request: GenerationRequest, out_dir: Path) -> TakeFiles:
        """Brings the files of a `done` job into `out_dir`; a second call brings them from where the first put them.

        Raises:
            BackendError: the job is not done, its files are gone, or `out_dir` cannot be written.
        """
        with self._lock:
            work = self._jobs.get(job.remote_id)
        if work is None or work.files is None:
            raise BackendError(f"{request.name}: its job is not done, there is nothing to fetch.", code="not_ready")
        try:
            work.files = _brought(work.files, work.folder, out_dir)
        except OSError as exc:
            raise BackendError(
                f"{request.name}: its files cannot be brought to {out_dir}: {exc.strerror}. Free space and run again.",
                code="not_fetched",
            ) from exc
        with self._lock:
            if self._by_key.get(work.key) == job.remote_id:
                del self._by_key[work.key]  # from here on the store has the take; the same key makes a new one
        return work.files

    def cancel(self, job: Job) -> None:
        """Asks to stop; no error where the job is over."""
        with self._lock:
            if work := self._jobs.get(job.remote_id):
                work.cancel.set()

    def close(self) -> None:
        """Stops the threads and removes the temporary folder."""
        with self._lock:
            pool, root, works = self._pool, self._root, list(self._jobs.values())
            self._pool, self._root, self._jobs, self._by_key = None, None, {}, {}
        for work in works:
            work.cancel.set()
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
        if root is not None:
            root.cleanup()

    def _run(self, work: _Work, request: GenerationRequest) -> None:
        """The body of a job's thread; every way out leaves a final status."""

        def emit(event: Event) -> None:
            with self._lock:
                work.events.append(event)

        try:
            if work.cancel.is_set():
                raise CancelledError
            work.folder.mkdir()
            self._settle(work, "running")
            files = self._model.generate(request, work.folder, emit, work.cancel)
        except CancelledError as exc:
            self._settle(work, "cancelled", exc.code, str(exc))
        except RefusedError as exc:
            self._settle(work, "refused", exc.code, str(exc))
        except BackendError as exc:
            self._settle(work, "failed", exc.code, str(exc))
        except TwopopError as exc:
            self._settle(work, "failed", "failed", str(exc))
        except Exception as exc:  # a fault of the model must end one shot, not the render
            self._settle(work, "failed", "model_error", f"{self.name} failed: {type(exc).__name__}: {exc}")
        else:
            work.files = files
            self._settle(work, "done")

    def _settle(self, work: _Work, status: Status, code: str = "", message: str = "") -> None:
        if status not in ("running", "done"):
            shutil.rmtree(work.folder, ignore_errors=True)
        with self._lock:
            work.status, work.code, work.message = status, code, message


def _brought(files: TakeFiles, folder: Path, out_dir: Path) -> TakeFiles:
    """The same files in `out_dir`; only when all are there does the job's own folder go."""
    brought = replace(
        files,
        movie=_bring(files.movie, out_dir) if files.movie else None,
        stems={role: _bring(path, out_dir) for role, path in files.stems.items()},
        latents=_bring(files.latents, out_dir) if files.latents else None,
        original=_bring(files.original, out_dir) if files.original else None,
    )
    shutil.rmtree(folder, ignore_errors=True)
    return brought


def _bring(path: Path, out_dir: Path) -> Path:
    """A second name in `out_dir` where the disk is the same, else a copy."""
    target = out_dir / path.name
    if target == path:
        return path
    try:
        target.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, target)
    return target
