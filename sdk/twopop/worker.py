"""Makes the requests of one run: each from the store, from a job that is still open, or by one paid call.

One request at a time and thread. What may be sent is decided by the ledger alone; this file carries it out and never
repeats a call whose answer was lost, unless the backend answers the same key with the same job.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from . import events
from .backends.base import Backend, Job, JobState, TakeFiles
from .errors import BackendError, CancelledError, MediaError, RefusedError, TwopopError, UnknownOutcomeError
from .events import Event
from .jobs import Claim, JobRow, State
from .ledger import Ledger
from .request import GenerationRequest
from .store import TakeStore
from .storing import Check, disk_trouble, work_folder
from .take import Cancelled, Failed, Outcome, OverBudget, Ready, Refused, Reused, Take, Unknown

RETRY_LATER = frozenset({"rate_limited", "queue_full", "busy", "loading"})
"""Codes of a refusal to start that says: certainly not started, come again."""
HOPELESS = frozenset({"unauthorized", "certificate"})
"""Codes of a poll that nobody but a person can mend."""
GONE = frozenset({"lost", "expired"})
"""Codes of a download that can never succeed."""
MOST_ATTEMPTS = 4
"""What is lost without a cost is made again so often by itself."""


class Limits(NamedTuple):
    """How long a worker is patient, in seconds."""

    overall_s: float = 6 * 3600.0
    """From attaching to a job to its end."""
    stall_s: float = 1800.0
    """Without a sign of life of a job."""
    cancel_s: float = 30.0
    """For a backend to stop after it was asked."""
    busy_s: float = 900.0
    """For a backend that says "later" to take a request."""
    wait_s: float = 0.2
    """Between looks at a job that another render works on."""


LIMITS = Limits()


class Stop:
    """How a run is stopped: `cancel` asks the backend to stop, `detach` only stops looking."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.detached = threading.Event()
        self._any = threading.Event()

    def cancel(self) -> None:
        """No new requests; running ones are asked to stop, finished ones are kept."""
        self.cancelled.set()
        self._any.set()

    def detach(self) -> None:
        """Leaves everything as it is, at once; another run picks it up."""
        self.detached.set()
        self._any.set()

    def is_set(self) -> bool:
        """True after either."""
        return self._any.is_set()

    def rest(self, seconds: float) -> None:
        """Sleeps, and wakes up for whatever has not been asked yet."""
        (self.detached if self.cancelled.is_set() else self._any).wait(seconds)


class Worker:
    """Carries one request at a time to its outcome; shared by the threads of a run."""

    def __init__(
        self, run_id: str, store: TakeStore, ledger: Ledger, backend: Backend, *,
        emit: Callable[[Event], None], stop: Stop, qc: Check | None, limits: Limits = LIMITS,
        complete: Callable[[GenerationRequest], GenerationRequest] = lambda request: request,
    ) -> None:  # fmt: skip
        """`complete` adds to a request what is known only when its turn comes: what it goes on from."""
        self.run_id, self.store, self.ledger, self.backend, self.complete = run_id, store, ledger, backend, complete
        self.emit, self.stop, self.qc, self.limits = emit, stop, qc, limits

    def make(self, request: GenerationRequest) -> Outcome:
        """The outcome of a request. Never raises: what breaks is the outcome of this one."""
        try:
            outcome, request = None, self.complete(request)
            while outcome is None:
                outcome = self._step(request)
        except TwopopError as exc:
            outcome = Failed(str(exc), getattr(exc, "code", type(exc).__name__))
        except Exception as exc:
            outcome = Failed(f"{request.name}: {type(exc).__name__}: {exc}. Run again to go on.", "internal")
        self._report(request, outcome)
        return outcome

    # -- deciding ----------------------------------------------------------------------------------------------------

    def _step(self, request: GenerationRequest) -> Outcome | None:
        """One try; None where there is to be another."""
        if self.stop.is_set():
            return Cancelled()
        if take := self._stored(request):
            self.ledger.found(self.run_id, take.slate.request.submission_key, take.name)
            return Reused(take)
        price = self.backend.profile.price(request.frames, request.frame_rate)
        replay = self.backend.profile.replay
        claim = self.ledger.claim(self.run_id, request, self.backend.name, price=price, replay=replay)
        if claim.action == "wait":
            self.stop.rest(self.limits.wait_s)
            self.store.refresh()
            return None
        if claim.action == "submit":
            return self._submit(claim.job, claim.heard)
        if claim.action == "attach":
            return self._resume(claim.job)
        if claim.action == "take":
            return self._made_before(claim.job)
        return _declined(claim, price)

    def _stored(self, request: GenerationRequest) -> Take | None:
        """A usable take of this very request (same seed: a retake is not its elder)."""
        takes = self.store.candidates(request.match_key)
        return next((t for t in takes if t.slate.request.seed == request.seed and t.covers(request.used)), None)

    def _made_before(self, job: JobRow) -> Outcome | None:
        """The journal knows a take the listing did not show: another process stored it, or it is gone."""
        self.store.refresh()
        take = self.store.by_name(job.take)
        if take and self.store.usable(take):
            return Reused(take)
        self.ledger.advance(job.key, "failed", code="take_gone", message=f"Take {job.take} is gone or damaged.")
        return None

    def _resume(self, job: JobRow) -> Outcome | None:
        """Goes on with a job of a run that ended."""
        if job.state != "stored":
            return self._follow(job, resumed=True)
        self.store.refresh()
        take = self.store.by_name(job.take)
        if take and self.store.usable(take):
            self.ledger.advance(job.key, "verified")
            return Ready(take)
        self.ledger.advance(job.key, "failed", code="take_gone", message=f"Take {job.take} is gone or damaged.")
        return None

    # -- asking ------------------------------------------------------------------------------------------------------

    def _submit(self, job: JobRow, heard: bool) -> Outcome | None:
        """The one call that can cost money; its intent is on disk."""
        try:
            remote = self._post(job, heard)
        except CancelledError:
            self.ledger.advance(job.key, "failed", code="cancelled", charged=0)
            return Cancelled()
        except RefusedError as exc:
            charged = None if exc.charged is None else int(exc.charged)
            self.ledger.advance(job.key, "refused", code=exc.code, message=str(exc), charged=charged)
            return Refused(str(exc), exc.charged)
        except UnknownOutcomeError as exc:
            job = self.ledger.advance(job.key, "unknown", message=str(exc), endpoint=exc.endpoint)
            return _declined(Claim("unknown", job), job.price)
        except BackendError as exc:
            self.ledger.advance(job.key, "failed", code=exc.code, message=str(exc), charged=0)
            return Failed(str(exc), exc.code)
        except Exception as exc:  # whether it was sent, nobody knows
            self.ledger.advance(job.key, "unknown", message=f"{type(exc).__name__}: {exc}")
            raise
        job = self.ledger.advance(job.key, "submitted", remote_id=remote.remote_id, endpoint=remote.endpoint)
        return self._follow(job)

    def _post(self, job: JobRow, heard: bool) -> Job:
        """Submits; again only where nothing was started, or where the same key is the same job.

        Args:
            heard: the service may have heard the key before. From then on an error of a later try proves nothing.
        """
        request, begun, tries = job.asked(), time.monotonic(), 0
        while True:
            try:
                return self.backend.submit(request, key=job.key)
            except RefusedError:
                raise
            except BackendError as exc:
                tries += 1
                lost = isinstance(exc, UnknownOutcomeError)
                heard = heard or lost
                again = self.backend.profile.replay and tries < 4 if lost else exc.code in RETRY_LATER
                pause = max(min(0.25 * 2**tries, 30.0), exc.retry_after_s or 0.0)
                if again and time.monotonic() - begun + pause <= self.limits.busy_s:
                    self.stop.rest(pause)
                    if not self.stop.is_set():
                        continue
                    exc = exc if heard else CancelledError()
                raise UnknownOutcomeError(str(exc), endpoint=getattr(exc, "endpoint", "")) if heard else exc from None

    # -- following ---------------------------------------------------------------------------------------------------

    def _follow(self, job: JobRow, *, resumed: bool = False) -> Outcome | None:
        """Watches a job to its end, and fetches what it made."""
        remote, begun, failures = Job(job.remote_id, job.endpoint), time.monotonic(), 0
        alive, asked_to_stop = begun, 0.0
        while not self.stop.detached.is_set():
            if self.stop.cancelled.is_set() and not asked_to_stop:
                asked_to_stop = time.monotonic()
                self._ask_to_stop(remote)
            state, trouble = self._look(remote)
            if state and state.status not in ("queued", "running"):
                return self._ended(job, state, resumed)
            if trouble and trouble.code in HOPELESS:
                return Failed(f"{job.name}: {trouble} The job is kept: mend it and run again.", trouble.code)
            now = time.monotonic()
            failures = 0 if state else failures + 1
            if state and (state.events or (state.status == "running" and job.state == "submitted")):
                alive = now
                job = self._moved(job, state)
            if asked_to_stop and now - asked_to_stop > self.limits.cancel_s:
                return Cancelled(f"{job.name} goes on at {job.backend}, it did not stop. Run again to fetch it.")
            if now - begun > self.limits.overall_s or now - alive > self.limits.stall_s:
                self._ask_to_stop(remote)
                return Failed(_too_long(job, now - begun, trouble), "deadline")
            self.stop.rest(state.poll_after_s if state else _pause(failures, trouble))
        return Cancelled(f"Left running at {job.backend}. Run again to fetch it.")

    def _look(self, remote: Job) -> tuple[JobState | None, BackendError | None]:
        """The state of a job, or why the backend cannot be asked now."""
        try:
            return self.backend.poll(remote), None
        except BackendError as exc:
            return None, exc

    def _ask_to_stop(self, remote: Job) -> None:
        with suppress(BackendError):
            self.backend.cancel(remote)

    def _moved(self, job: JobRow, state: JobState) -> JobRow:
        shots = job.asked().shots
        for event in state.events:
            self.emit(replace(event, shots=shots))
        if state.status == "running" and job.state == "submitted":
            return self.ledger.advance(job.key, "running")
        return job

    def _ended(self, job: JobRow, state: JobState, resumed: bool) -> Outcome | None:
        """What a job came to."""
        self._moved(job, replace(state, status="queued"))
        facts = {"code": state.code, "message": state.message, "cost": state.cost}
        facts["charged"] = None if state.charged is None else int(state.charged)
        if state.status == "done":
            if job.state in ("submitted", "running"):
                job = self.ledger.advance(job.key, "remote_done", cost=state.cost)
            return self._collect(job)
        end: State = "failed" if state.status in ("queued", "running", "done") else state.status
        job = self.ledger.advance(job.key, end, **facts)
        if not self.stop.is_set() and ((resumed and end == "cancelled") or self._made_again(job, end)):
            return None  # stopped by an earlier run, or gone without a cost
        if end == "refused":
            return Refused(state.message or f"{job.name} was declined.", state.charged)
        if end == "cancelled":
            return Cancelled() if self.stop.is_set() else Cancelled(state.message or f"{job.backend} stopped it.")
        return Failed(_gone(job) if end in GONE else state.message or f"{job.name} failed.", state.code or end)

    def _made_again(self, job: JobRow, end: str) -> bool:
        """True for what a service lost, without a cost: so it is with engines that keep jobs in memory and restart."""
        return end in GONE and not job.paid and job.attempt < MOST_ATTEMPTS

    # -- fetching ----------------------------------------------------------------------------------------------------

    def _collect(self, job: JobRow) -> Outcome | None:
        """Downloads, stores and verifies. What breaks before the take is stored leaves a job that can be resumed."""
        request = job.asked()
        self.ledger.advance(job.key, "downloading")
        self.emit(events.Writing(request.shots))
        folder = work_folder(self.store, f"fetch-{job.key[:24]}")
        try:
            files = self._fetch(job, request)
            cost = job.cost if job.cost is not None else job.price
            take = self.store.add(request, files, backend=job.backend, cost=cost, qc=self.qc)
        except OSError as exc:
            raise self.store.error("cannot be written", exc) from exc
        except MediaError as exc:
            if trouble := disk_trouble(exc):
                raise self.store.error("cannot be written", trouble) from exc
            self.ledger.advance(job.key, "failed", code=exc.code, message=str(exc))
            if not job.paid:
                shutil.rmtree(folder, ignore_errors=True)
                return Failed(str(exc), exc.code)
            return Failed(f"{exc} What came is kept in {folder}.", exc.code)
        except BackendError as exc:
            if exc.code not in GONE:
                if not job.paid:  # made again sooner than asked for again
                    self.ledger.advance(job.key, "failed", code=exc.code, message=str(exc))
                raise
            gone = self.ledger.advance(job.key, "lost" if exc.code == "lost" else "expired", message=str(exc))
            return None if self._made_again(gone, gone.state) else Failed(_gone(gone), exc.code)
        self.ledger.advance(job.key, "stored", take=take.name)
        shutil.rmtree(folder, ignore_errors=True)
        if wrong := self.store.verify(take):
            return Failed(wrong[0].message, wrong[0].code)
        self.ledger.advance(job.key, "verified")
        return Ready(take)

    def _fetch(self, job: JobRow, request: GenerationRequest) -> TakeFiles:
        """Fetching costs nothing, so it may be repeated."""
        tries = 0
        while True:
            folder = work_folder(self.store, f"fetch-{job.key[:24]}")
            try:
                return self.backend.fetch(Job(job.remote_id, job.endpoint), request, folder)
            except CancelledError:
                raise
            except BackendError as exc:
                tries += 1
                if tries >= 4 or exc.code in GONE:
                    raise
                self.stop.rest(0.25 * 2**tries)

    # -- telling -----------------------------------------------------------------------------------------------------

    def _report(self, request: GenerationRequest, outcome: Outcome) -> None:
        shots = request.shots
        if isinstance(outcome, Ready):
            self.emit(events.TakeReady(shots, outcome.take.name, outcome.take.slate.cost))
        elif isinstance(outcome, Reused):
            self.emit(events.Reused(shots, outcome.take.name))
        else:
            reason = getattr(outcome, "reason", "") or outcome.status
            self.emit(events.ShotFailed(shots, reason, getattr(outcome, "code", outcome.status)))


def _declined(claim: Claim, price: float) -> Outcome:
    """The outcome of a request that must not be sent."""
    job = claim.job
    if claim.action == "over_budget":
        return OverBudget(price, claim.left)
    if claim.action == "refused":
        charged = None if job.charged is None else bool(job.charged)
        reason = f"{job.message} Declined before and not asked again: change the brief, or {_settle(job)}."
        return Refused(reason, charged)
    if claim.action == "lost":
        return Failed(_gone(job), job.state)
    if claim.action == "elsewhere":
        where = f"A job for {job.name} is still open at {job.backend}"
        return Failed(f"{where}. Render with --backend {job.backend} to fetch it, or {_settle(job)}.", "elsewhere")
    sent = f"{job.name} was sent to {job.endpoint or job.backend} and the answer was lost"
    if not job.paid:
        return Unknown(f"{sent}. It costs nothing: run again.")
    return Unknown(
        f"{sent}: it may have cost {job.price:g}. It is not sent again by itself. Look there whether it was made, then "
        f"{_settle(job)}."
    )


def _settle(job: JobRow) -> str:
    return f"settle it: twopop jobs settle {job.key[:12]}"


def _gone(job: JobRow) -> str:
    what = "no longer has the result" if job.state == "expired" else "no longer knows the job"
    paid = f" It cost about {job.cost if job.cost is not None else job.price:g}." if job.paid else ""
    again = f"It is not bought again by itself: {_settle(job)}." if job.paid else "Run again."
    return f"{job.name}: {job.backend} {what}.{paid} {again}"


def _pause(failures: int, trouble: BackendError | None) -> float:
    """Seconds until the next look at a job that could not be looked at."""
    asked = (trouble and trouble.retry_after_s) or 0.0
    return max(min(0.5 * 2**failures, 30.0), min(asked, 600.0))


def _too_long(job: JobRow, seconds: float, trouble: BackendError | None) -> str:
    heard = f" What was heard last: {trouble}" if trouble else ""
    return (
        f"{job.name} is not done after {seconds / 60:.0f} minutes at {job.backend}.{heard} The job is kept: run again "
        f"to look again, or {_settle(job)}."
    )
