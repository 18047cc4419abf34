"""The seam between generation and whoever makes the takes.

A *model* makes one take, in this process (`Model.generate`). A *backend* accepts jobs and answers for them
(`submit`, `poll`, `fetch`, `cancel`), whether the model runs here (`inprocess`), in our own server (`local`) or
elsewhere. `submit` is the only call that can cost money: the ledger has its intent on disk before it is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from ..events import Event
from ..profiles import Profile
from ..request import GenerationRequest
from ..wire import Role


@dataclass(frozen=True, slots=True)
class TakeFiles:
    """What a model wrote, without timecode or wall-clock time: the same request gives the same bytes.

    `movie` holds picture and mix (None for a bed); every stem is a 24-bit 48 kHz stereo WAV of exactly the request's
    samples. `facts` is JSON for the slate: what was understood, guessed, ignored; `events` are the take frames of known
    sync events.

    Of a retake only what its masks name: those stems, and a movie without sound of the frames from the first that is
    masked to the last (all frames where the codec cannot be cut between them). `facts["masks"]` are then the masks as
    they were made, where the model moved an edge to a pause or changed lines needed more.
    """

    movie: Path | None
    stems: dict[Role, Path]
    latents: Path | None = None
    events: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    original: Path | None = None
    """What a foreign service gave, byte for byte, where `movie` was made exact from it."""


class Cancel(Protocol):
    """A token polled between steps (`threading.Event` is one)."""

    def is_set(self) -> bool:
        """True once the work should stop."""
        ...


@runtime_checkable
class Model(Protocol):
    """A joint audio-video model in this process."""

    @property
    def profile(self) -> Profile:
        """What it can do."""
        ...

    def generate(
        self, request: GenerationRequest, out_dir: Path, emit: Callable[[Event], None], cancel: Cancel
    ) -> TakeFiles:
        """Makes one take into the empty folder `out_dir`.

        Raises:
            CancelledError: `cancel` was set; at most one step later.
            BackendError: it cannot be made; nothing but `out_dir` was touched.
        """
        ...


Status = Literal["queued", "running", "done", "failed", "refused", "cancelled", "expired", "lost"]


@dataclass(frozen=True, slots=True)
class Job:
    """A submitted request: `remote_id` at `endpoint` ("" = this process)."""

    remote_id: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class JobState:
    """What a backend says of a job. `cost` is None until the service tells; `poll_after_s` is its advice."""

    status: Status
    events: tuple[Event, ...] = ()
    """What happened since the last poll, oldest first."""
    code: str = ""
    message: str = ""
    cost: float | None = None
    charged: bool | None = None
    poll_after_s: float = 0.5


@runtime_checkable
class Backend(Protocol):
    """Accepts jobs and answers for them. Methods are called from one worker thread at a time per job."""

    @property
    def name(self) -> str:
        """Its registry name or URL."""
        ...

    @property
    def profile(self) -> Profile:
        """What its model can do."""
        ...

    def submit(self, request: GenerationRequest, *, key: str) -> Job:
        """Starts a job; `key` is the idempotency key.

        Raises:
            RefusedError: declined, nothing was started.
            UnknownOutcomeError: sent, and the answer was lost; a job may exist and cost money.
            BackendError: certainly not started.
        """
        ...

    def poll(self, job: Job) -> JobState:
        """The state of a job; `lost` where the backend no longer knows it. Safe to repeat.

        Raises:
            BackendError: it cannot be asked now; the job may go on.
        """
        ...

    def fetch(self, job: Job, request: GenerationRequest, out_dir: Path) -> TakeFiles:
        """Brings the files of a `done` job into the empty folder `out_dir`. Safe to repeat.

        Raises:
            BackendError: they did not come whole; with code `lost` or `expired` they are gone for good.
            MediaError: what came is not what was asked for.
        """
        ...

    def cancel(self, job: Job) -> None:
        """Asks to stop; no error where the job is over."""
        ...

    def close(self) -> None:
        """Releases threads, processes and sockets; unfinished jobs of a remote service go on."""
        ...


@runtime_checkable
class Checked(Protocol):
    """A backend that can tell before any work that it is not whole."""

    def check_installed(self) -> None:
        """Looks, and starts nothing.

        Raises:
            UsageError: what is missing, and the command that installs it.
        """
        ...
