"""The `/v1/videos` protocol as we speak it: pure pydantic, shared by `backends/videos.py` and the engine's server.

Two ways to ask for a take. A plain request has `prompt`, `seconds` or `num_frames`, `size`. A twopop client adds the
whole `GenerationRequest` as one JSON document, `extra_params = {"twopop": ExtraParams}`; other servers of the family
carry `extra_params` through unread. `extra_params_schema()` is its published JSON Schema.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from .message import Message
from .profiles import Profile
from .request import GenerationRequest
from .wire import ROLES, FileRecord, Role

PROTOCOL = 1
"""Version of what is ours in the protocol; another number is another dialect and refused by name."""

EXTRA_KEY = "twopop"
"""Our key in `extra_params` and in a model's entry."""

POLL_HEADER = "openai-poll-after-ms"
"""Response header with the server's advice for the next poll, milliseconds."""

REPLAY_HEADER = "Idempotency-Key"
TOKEN_ENV = "TWOPOP_TOKEN"
"""Environment variable with the token of our server: read by the server, and by the client for loopback."""

SHA256 = re.compile(r"[0-9a-f]{64}$")

Variant = Literal[
    "video", "mix", "dialogue", "effects", "ambience", "music", "thumbnail", "latents", "slate", "audio"
]  # "audio" is what other clients call the mix


class ExtraParams(Message):
    """What a twopop client says beyond a plain request. Reference files travel as form parts named by their sha256."""

    schema_: Literal["twopop.extra_params.v1"] = Field(default="twopop.extra_params.v1", alias="schema")
    request: GenerationRequest


class CreateVideo(Message):
    """Fields of `POST /v1/videos`. Length: `num_frames`+`fps`, or `seconds`; size: `size`, or `width`+`height`."""

    prompt: str = Field(max_length=32_000)
    model: str = ""
    seconds: str | float | None = None
    num_frames: int | None = None
    fps: str | float | None = None
    """Frames a second; "24000/1001" is exact."""
    size: str = ""
    """WIDTHxHEIGHT."""
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    negative_prompt: str = ""
    generate_audio: bool = True
    extra_params: dict[str, Any] = {}
    """A JSON object, or its text in a form field. Only `twopop` is read; other keys are listed as ignored."""


class JobError(Message):
    """Why a job failed; `code` is stable for machines."""

    code: str
    message: str


class AudioFacts(Message):
    """What the finished file holds, measured."""

    codec: str
    sample_rate: int
    channels: int
    duration_s: float


class Stage(Message):
    """Where a job is: its place in the queue, or the step it has done."""

    name: Literal["queued", "loading", "denoising", "decoding", "writing"] = "queued"
    position: int | None = None
    step: int = 0
    steps: int = 0
    done: float = 0.0
    what: str = ""


class Video(Message):
    """A job. `status` keeps to the four values of the family: a cancelled job is `failed` with code `cancelled`."""

    id: str
    object: Literal["video"] = "video"
    model: str
    status: Literal["queued", "in_progress", "completed", "failed"]
    progress: int = Field(0, ge=0, le=100)
    created_at: int
    completed_at: int | None = None
    expires_at: int | None = None
    prompt: str
    seconds: str
    size: str
    remixed_from_video_id: str | None = None
    error: JobError | None = None
    num_frames: int
    fps: float
    duration_s: float
    seed: int
    has_audio: bool | None = None
    audio: AudioFacts | None = None
    stage: Stage | None = None
    ignored: tuple[str, ...] = ()
    """Fields of the request that this model does not know."""


class VideoList(Message):
    """One page of jobs; the next begins `after` the last id."""

    object: Literal["list"] = "list"
    data: tuple[Video, ...]
    first_id: str | None = None
    last_id: str | None = None
    has_more: bool = False


class VideoDeleted(Message):
    """Answer to DELETE: the job is stopped and its files are gone."""

    id: str
    object: Literal["video.deleted"] = "video.deleted"
    deleted: bool = True


class ModelFacts(Message):
    """Our part of a model's entry: what it can do, and which protocol the server speaks."""

    protocol: int = PROTOCOL
    version: str
    profile: Profile


class ModelEntry(Message):
    """One model of `GET /v1/models`."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "twopop"
    twopop: ModelFacts


class ModelList(Message):
    """Answer of `GET /v1/models`."""

    object: Literal["list"] = "list"
    data: tuple[ModelEntry, ...]


class ApiError(Message):
    """What was wrong, and with which parameter."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorAnswer(Message):
    """Body of every 4xx and 5xx."""

    error: ApiError


class Health(Message):
    """Answer of `GET /health`, without a token: nothing a stranger could use."""

    status: Literal["ok", "starting", "failed"]
    protocol: int = PROTOCOL


class Result(Message):
    """The `slate` variant: the files of a finished job and what the model says of them."""

    schema_: Literal["twopop.result.v1"] = Field(default="twopop.result.v1", alias="schema")
    files: dict[str, FileRecord]
    """By variant: "video", "dialogue", ..., "latents". Each holds exactly the request's frames and samples."""
    events: tuple[int, ...] = ()
    facts: dict[str, Any] = {}
    audio: AudioFacts | None = None

    @property
    def stems(self) -> tuple[Role, ...]:
        """The stems it has."""
        return tuple(role for role in ROLES if role in self.files)


def job_folder(root: Path, job_id: str) -> Path:
    """Where a server with the state folder `root` keeps a job: from a hash of its id, never from its text."""
    return root / "jobs" / hashlib.sha256(job_id.encode()).hexdigest()[:32]


def extra_params_schema() -> dict[str, Any]:
    """JSON Schema of `extra_params["twopop"]`."""
    return ExtraParams.model_json_schema(by_alias=True)
