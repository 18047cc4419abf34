"""What the journal says of a job: its states, its row, and what a row allows to be done next.

planned -> intent -> submitted -> running -> remote_done -> downloading -> stored -> verified
side states: unknown, refused, failed, cancelled, expired, lost
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from .request import GenerationRequest
from .timebase import FrameRange

State = Literal[
    "planned", "intent", "submitted", "running", "remote_done", "downloading", "stored", "verified",
    "unknown", "refused", "failed", "cancelled", "expired", "lost",
]  # fmt: skip

_OVER: tuple[State, ...] = ("refused", "failed", "cancelled", "expired", "lost")
NEXT: Mapping[State, tuple[State, ...]] = {
    "planned": ("intent",),
    "intent": ("submitted", "unknown", "refused", "failed"),
    "submitted": ("running", "remote_done", *_OVER),
    "running": ("remote_done", *_OVER),
    "remote_done": ("downloading", *_OVER),
    "downloading": ("stored", *_OVER),
    "stored": ("verified", "failed"),
    "verified": ("failed",),
    "unknown": ("intent", "submitted", "failed"),
    "expired": ("submitted", "failed"),
    "lost": ("submitted", "failed"),
    "refused": ("failed",),
}
"""The legal steps; `verified -> failed` is a take that was taken out of the store."""
AT_SERVICE: tuple[State, ...] = ("submitted", "running", "remote_done", "downloading", "stored")
"""A job exists and is not over: attach to it, never ask again."""
WORKED_ON: tuple[State, ...] = ("intent", *AT_SERVICE)
"""Somebody is on it, if their run is alive."""
OPEN: tuple[State, ...] = (*WORKED_ON, "unknown")
"""What may still cost money or bring a take."""
BINDING: tuple[State, ...] = (*OPEN, "refused", "lost", "expired")
"""Speaks for every range it covers: a trimmed shot must not be asked for again."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """One row of the journal: one attempt at one request."""

    key: str
    match_key: str
    name: str
    request: str
    """JSON of the GenerationRequest."""
    first_frame: int
    frames: int
    seed: int
    attempt: int
    state: State
    run: str
    """The run whose budget it is on."""
    lease: str
    """The run that works on it."""
    backend: str
    remote_id: str
    endpoint: str
    price: float
    cost: float | None
    charged: int | None
    take: str
    code: str
    message: str

    @classmethod
    def of(cls, request: GenerationRequest, *, state: State, run: str, backend: str) -> JobRow:
        """A row for `request`, at work in `run`."""
        return cls(
            request.submission_key, request.match_key, request.name, request.model_dump_json(), *request.generated,
            request.seed, request.attempt, state, run, run, backend, "", "", 0.0, None, None, "", "", "",
        )  # fmt: skip

    @property
    def generated(self) -> FrameRange:
        """The asked range, source clock."""
        return FrameRange(self.first_frame, self.frames)

    @property
    def paid(self) -> bool:
        """True where it cost money, or may have."""
        return (self.cost if self.cost is not None else self.price) > 0 and self.charged != 0

    def asked(self) -> GenerationRequest:
        """The request as it was sent."""
        return GenerationRequest.model_validate_json(self.request)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One call of `generate_takes` or `start_generation`."""

    id: str
    at: str
    backend: str
    """Its registry name or URL."""
    budget: float | None
    store: str
    plan: str
    """JSON of the Plan."""
    requests: str
    """JSON of what was asked, see `dump_requests`."""


class Money(NamedTuple):
    """Of one run: `spent` is what services have told, `reserved` the estimates of what they have not."""

    spent: float
    reserved: float


Action = Literal["submit", "attach", "take", "wait", "refused", "unknown", "lost", "elsewhere", "over_budget"]


class Claim(NamedTuple):
    """What a worker is to do with a request: `submit` (the intent is on disk), `attach` to `job`, and so on."""

    action: Action
    job: JobRow
    left: float = 0.0
    """Money left of the budget, where that is the reason."""
    heard: bool = False
    """To submit, under a key that the service may know already: until it answers, the outcome stays unknown."""


def decide(row: JobRow | None, backend: str, replay: bool) -> Action:
    """What the newest job of a request allows; money decides what may be repeated."""
    if row is None or row.state in ("failed", "cancelled"):
        return "submit"
    if row.state == "verified":
        return "take"
    if row.state == "refused":
        return "refused" if row.backend == backend else "submit"
    if row.state in ("lost", "expired"):
        return "lost" if row.paid else "submit"
    if row.backend != backend:
        return "elsewhere" if row.paid else "submit"
    if row.state in AT_SERVICE:
        return "attach"
    return "submit" if replay or not row.paid else "unknown"


def with_attempt(request: GenerationRequest, attempt: int) -> GenerationRequest:
    """The same request as attempt number `attempt`, with a submission key of its own."""
    if attempt == request.attempt:
        return request
    # Validated anew, not copied: the cached submission key would travel with a copy.
    return GenerationRequest.model_validate({**request.model_dump(), "attempt": attempt})


def now() -> str:
    """This moment, ISO 8601, UTC, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def new_run_id(store_id: str) -> str:
    """An id nobody has; it begins with its store's, so that the journal is found by it."""
    return f"{store_id[:12]}-{secrets.token_hex(4)}"


def dump_requests(requests: Sequence[GenerationRequest]) -> str:
    """JSON of several requests."""
    return "[" + ",".join(request.model_dump_json() for request in requests) + "]"


def load_requests(text: str) -> tuple[GenerationRequest, ...]:
    """The requests of `dump_requests`."""
    return tuple(GenerationRequest.model_validate(value) for value in json.loads(text))


def columns(row: JobRow | RunRow) -> tuple[Any, ...]:
    """The values of a row, in the order of its table."""
    return tuple(getattr(row, field.name) for field in fields(row))
