"""Several endpoints of one model as one backend: the least loaded takes the next job, and a job stays where it is.

What one endpoint may have taken is never sent to another: only a refusal to start ("certainly not started") goes on to
the next, and a create whose answer was lost is repeated at the same endpoint or not at all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import BackendError, RefusedError, UnknownOutcomeError, UsageError
from ..profiles import Profile
from ..request import GenerationRequest
from .base import Backend, Job, JobState, TakeFiles

DOWN = frozenset({"unreachable", "model_failed", "disk_full", "certificate", "engine_not_started"})
"""Codes that open an endpoint's circuit breaker."""
ELSEWHERE = DOWN | {"queue_full", "rate_limited", "busy", "loading"}
"""Codes of a create that was certainly not started, and that another endpoint may take."""
GIVE_UP_S = 300.0
"""A job that costs nothing is given up where its endpoint has not answered for so long."""
_REPLAYS = 4
_FIRST_REST_S, _LONGEST_REST_S = 1.0, 60.0


@dataclass(slots=True)
class _Endpoint:
    """One server of the pool; changed under the pool's lock only."""

    backend: Backend
    profile: Profile | None = None
    running: set[str] = field(default_factory=set[str])
    posting: int = 0
    failures: int = 0
    rests_until: float = 0.0
    """Circuit breaker: no new job before this (monotonic seconds)."""
    silent_since: float | None = None

    def rest(self, seconds: float) -> None:
        """No new job before so many seconds: the endpoint asks for it."""
        self.rests_until = max(self.rests_until, time.monotonic() + min(seconds, _LONGEST_REST_S))

    @property
    def load(self) -> float:
        """Jobs it has per job it can run at once."""
        return (len(self.running) + self.posting) / max(1, self.profile.concurrency if self.profile else 1)

    def well(self) -> None:
        """It answered."""
        self.failures, self.rests_until, self.silent_since = 0, 0.0, None

    def ill(self) -> None:
        """Opens the breaker, for longer after every failure."""
        now = time.monotonic()
        self.failures += 1
        self.silent_since = self.silent_since or now
        self.rests_until = now + min(_FIRST_REST_S * 2 ** (self.failures - 1), _LONGEST_REST_S)


class PoolBackend:
    """Endpoints with the same model, weights and recipe."""

    def __init__(self, backends: Sequence[Backend]) -> None:
        """Asks nobody yet.

        Raises:
            UsageError: no endpoint, or one twice.
        """
        names = [backend.name for backend in backends]
        if not names or len(set(names)) != len(names):
            raise UsageError("A pool needs one endpoint or more, each once. Write them with commas between.")
        self._endpoints = [_Endpoint(backend) for backend in backends]
        self._lock = threading.Lock()
        self._learning = threading.Lock()
        self._profile: Profile | None = None
        self._homes: dict[str, _Endpoint] = {}
        """Where jobs are whose endpoint nobody wrote down, by remote id."""
        self._heard: dict[str, str] = {}
        """Who may have heard a key whose answer was lost, by key: asked again first, it would be the same job."""

    @property
    def name(self) -> str:
        """The endpoints' names, sorted: the same pool in another order is the same backend."""
        return ",".join(sorted(endpoint.backend.name for endpoint in self._endpoints))

    @property
    def profile(self) -> Profile:
        """What all of them can do; one that cannot be reached now joins later.

        It never claims replay: a key is known to one endpoint only, and this pool repeats a create there by itself.

        Raises:
            BackendError: none can be reached, or two have different models.
        """
        with self._learning:
            if self._profile is None:
                reasons = [reason for endpoint in self._endpoints if (reason := self._joined(endpoint))]
                found = [endpoint.profile for endpoint in self._endpoints if endpoint.profile]
                if not found:
                    raise BackendError("No endpoint of the pool answers. " + " ".join(reasons), code="unreachable")
                self._profile = found[0].model_copy(
                    update={
                        "concurrency": sum(max(1, profile.concurrency) for profile in found),
                        "replay": False,
                        "price_per_second": max(profile.price_per_second for profile in found),
                    }
                )
            return self._profile

    def submit(self, request: GenerationRequest, *, key: str) -> Job:
        """Starts a job on the least loaded endpoint that takes it. Errors as `Backend.submit`: `busy` if all rest."""
        _ = self.profile
        tried: set[str] = set()
        reasons: list[str] = []
        while endpoint := self._choose(tried, self._heard.get(key, "")):
            job = None
            try:
                if reason := self._joined(endpoint):
                    raise BackendError(reason, code="unreachable")
                job = self._post(endpoint, request, key)
                return job
            except UnknownOutcomeError as exc:
                self._heard[key] = exc.endpoint
                raise
            except RefusedError:
                raise
            except BackendError as exc:
                if exc.code not in ELSEWHERE:
                    raise
                self._judge(endpoint, exc)
                reasons.append(str(exc))
            finally:
                self._posted(endpoint, job)
        text = " ".join(reasons) or "All endpoints rest."
        wait = max(0.0, min(e.rests_until for e in self._endpoints) - time.monotonic())
        raise BackendError(f"No endpoint of the pool takes a job now. {text}", code="busy", retry_after_s=wait)

    def poll(self, job: Job) -> JobState:
        """The state of a job at its endpoint."""
        endpoint = self._home(job)
        if endpoint is None:
            where = f"{job.endpoint} is not in this pool." if job.endpoint else "No endpoint of this pool knows it."
            return JobState("lost", code="lost", message=where)
        try:
            state = endpoint.backend.poll(job)
        except BackendError as exc:
            self._judge(endpoint, exc)
            if self._given_up(endpoint):
                text = f"{job.endpoint} has not answered for {GIVE_UP_S:g} s; its job cost nothing and is given up."
                return JobState("lost", code="lost", message=text)
            raise
        with self._lock:
            endpoint.well()
            if state.status in ("queued", "running"):
                endpoint.running.add(job.remote_id)
            else:
                endpoint.running.discard(job.remote_id)
        return state

    def fetch(self, job: Job, request: GenerationRequest, out_dir: Path) -> TakeFiles:
        """Brings the files from where the job ran. Errors as `Backend.fetch`; `lost` where that is not in this pool."""
        endpoint = self._home(job)
        if endpoint is None:
            raise BackendError(f"{job.endpoint or job.remote_id} is not in this pool.", code="lost")
        return endpoint.backend.fetch(job, request, out_dir)

    def cancel(self, job: Job) -> None:
        """Asks the job's endpoint to stop it."""
        if endpoint := self._home(job):
            endpoint.backend.cancel(job)

    def close(self) -> None:
        """Closes all endpoints; jobs go on."""
        for endpoint in self._endpoints:
            endpoint.backend.close()

    def _post(self, endpoint: _Endpoint, request: GenerationRequest, key: str) -> Job:
        """One create; after a lost answer again at the same endpoint, if that one replays."""
        assert endpoint.profile is not None
        tries = _REPLAYS if endpoint.profile.replay else 1
        lost: UnknownOutcomeError | None = None
        for attempt in range(tries):
            try:
                job = endpoint.backend.submit(request, key=key)
                return Job(job.remote_id, endpoint.backend.name)
            except UnknownOutcomeError as exc:
                lost = exc
            except BackendError:
                if lost is None:
                    raise
            if attempt + 1 < tries:
                time.sleep(0.25 * 2**attempt)
        assert lost is not None
        lost.endpoint = endpoint.backend.name
        raise lost

    def _joined(self, endpoint: _Endpoint) -> str:
        """Learns an endpoint's profile; why it cannot be had, or an empty text.

        Raises:
            BackendError: it has another model than the pool.
        """
        if endpoint.profile:
            return ""
        try:
            profile = endpoint.backend.profile
        except BackendError as exc:
            if exc.code not in ELSEWHERE:
                raise
            self._judge(endpoint, exc)
            return str(exc)
        for other in filter(None, (e.profile for e in self._endpoints)):
            if (profile.model, profile.weights, profile.recipe) != (other.model, other.weights, other.recipe):
                raise BackendError(
                    f"The pool mixes {profile.name} ({profile.weights[:12]}) and {other.name} ({other.weights[:12]}): "
                    f"their takes could not share a key. Give all endpoints the same model. Nothing was started.",
                    code="pool_mixed",
                )
        endpoint.profile = profile
        return ""

    def _choose(self, tried: set[str], first: str) -> _Endpoint | None:
        """`first`, else the least loaded endpoint that is not resting and was not tried; it counts as loaded now."""
        with self._lock:
            now = time.monotonic()
            left = [endpoint for endpoint in self._endpoints if endpoint.backend.name not in tried]
            ready = [e for e in left if e.backend.name == first] or [e for e in left if e.rests_until <= now]
            if not ready:
                return None
            chosen = min(ready, key=lambda endpoint: endpoint.load)
            tried.add(chosen.backend.name)
            chosen.posting += 1
            return chosen

    def _posted(self, endpoint: _Endpoint, job: Job | None) -> None:
        with self._lock:
            endpoint.posting -= 1
            if job:
                endpoint.well()
                endpoint.running.add(job.remote_id)

    def _judge(self, endpoint: _Endpoint, exc: BackendError) -> None:
        with self._lock:
            if exc.code in DOWN:
                endpoint.ill()
            if exc.retry_after_s:
                endpoint.rest(exc.retry_after_s)

    def _given_up(self, endpoint: _Endpoint) -> bool:
        free = self.profile.price_per_second == 0
        return free and endpoint.silent_since is not None and time.monotonic() - endpoint.silent_since > GIVE_UP_S

    def _home(self, job: Job) -> _Endpoint | None:
        if job.endpoint:
            return next((e for e in self._endpoints if e.backend.name == job.endpoint), None)
        if job.remote_id not in self._homes and (found := self._searched(job)):
            self._homes[job.remote_id] = found
        return self._homes.get(job.remote_id)

    def _searched(self, job: Job) -> _Endpoint | None:
        """Who knows a job that a person found; BackendError where one that might cannot be asked."""
        silent: BackendError | None = None
        for endpoint in self._endpoints:
            try:
                if endpoint.backend.poll(job).status != "lost":
                    return endpoint
            except BackendError as exc:
                silent = exc
        if silent:
            raise silent
        return None
