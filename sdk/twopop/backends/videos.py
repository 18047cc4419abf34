"""The client of the `/v1/videos` family: our own server (here, on a GPU box, in a pool) and the open engines.

One shot is one job. Our server gives movie and stems exactly, and they are checked by hash; a foreign engine gives one
movie, which `media/ingest.py` makes exact. What a lost answer means for money is decided in `submit`, nowhere else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pydantic import ValidationError

from ..answers import Answer, AnswerLostError, HttpStatusError, refusal_of
from ..errors import BackendError, RefusedError, UnknownOutcomeError, UsageError
from ..events import Decoding, Denoising, Event, Loading, Queued, Writing
from ..http import Connection, FormFile, Patience
from ..media.ingest import ingest_movie
from ..media.write import MovieCodec
from ..profiles import Profile
from ..request import GenerationRequest
from ..wire import ROLES, FileRecord, Reference, Role
from ..wire_videos import (
    EXTRA_KEY,
    POLL_HEADER,
    PROTOCOL,
    REPLAY_HEADER,
    ExtraParams,
    ModelFacts,
    Result,
    Stage,
    job_folder,
)
from .base import Job, JobState, Status, TakeFiles
from .dialects import DIALECTS, Dialect, create_form, dialect_of, foreign_profile, is_refusal

LARGEST_REFERENCE = 24_000_000
_SUFFIX = re.compile(r"\.[a-z0-9]{1,12}$")
_STATUS: dict[str, Status] = {
    "queued": "queued", "pending": "queued", "submitted": "queued", "in_progress": "running", "running": "running",
    "processing": "running", "completed": "done", "succeeded": "done", "failed": "failed", "error": "failed",
    "cancelled": "cancelled", "canceled": "cancelled", "expired": "expired", "deleted": "lost",
}  # fmt: skip
_NOT_STARTED = ("model_failed", "loading", "disk_full")
"""Codes of our server's 5xx answers that say so themselves."""


class VideosBackend:
    """A server of the family as a `Backend`. Nothing is opened before the first call."""

    def __init__(
        self, url: str, *, model: str = "", dialect: str = "", token: str = "", ca_file: str = "",
        roots: Sequence[Path] = (), media: MovieCodec = "dnxhr", patience: Patience | None = None,
        shared: Path | None = None,
    ) -> None:  # fmt: skip
        """`roots` are the folders in which reference files are looked for, the cut's own first.

        Args:
            url: scheme, host, port (`http://gpubox:8000`); a path in front of `/v1` where there is one.
            model: which of its models; empty = the first it lists.
            dialect: a name of `DIALECTS`; empty = what its `/v1/models` shows.
            shared: the state folder of our own server on this machine: finished files are taken from there, not sent.

        Raises:
            UsageError: not a server address, or an unknown dialect.
        """
        if dialect and dialect not in DIALECTS:
            raise UsageError(f"There is no dialect {dialect!r}. Known: {', '.join(DIALECTS)}.")
        self._connection = Connection(url.removesuffix("/v1"), token=token, ca_file=ca_file, patience=patience)
        self._name = (f"{dialect}+" if dialect else "") + self._connection.base_url + (f"#{model}" if model else "")
        self._model, self._roots, self._shared = model, tuple(roots), shared
        self._media: MovieCodec = media
        self._dialect = DIALECTS.get(dialect)
        self._profile: Profile | None = None
        self._lock = threading.Lock()
        self._stages: dict[str, object] = {}

    @property
    def name(self) -> str:
        """Its URL as a user writes it, with dialect and model where they were named."""
        return self._name

    @property
    def endpoint(self) -> str:
        """What jobs of this backend have as `endpoint`."""
        return self._connection.base_url

    @property
    def dialect(self) -> Dialect:
        """How its server speaks; asks it once."""
        self._learn()
        assert self._dialect is not None
        return self._dialect

    @property
    def profile(self) -> Profile:
        """What its model can do; asks the server once.

        Raises:
            BackendError: it cannot be reached, refuses the token, is of another version, or lacks the model.
        """
        self._learn()
        assert self._profile is not None
        return self._profile

    def submit(self, request: GenerationRequest, *, key: str) -> Job:
        """POSTs a job, once. Whether to ask again after a lost answer is the caller's decision, by `profile.replay`.

        A 429 is a BackendError with code `queue_full` or `rate_limited`: certainly not started, come again, and not
        before its `retry_after_s`.

        Raises:
            UnknownOutcomeError: sent, and the answer was lost.
            RefusedError: declined by the service.
            BackendError: certainly not started.
        """
        form, files = self._create(self.dialect, request)
        try:
            return Job(
                self._accepted(
                    self._connection.post("/v1/videos", form=form, files=files, headers={REPLAY_HEADER: key})
                ),
                self.endpoint,
            )
        except AnswerLostError as exc:
            raise UnknownOutcomeError(f"{exc} The job may exist, and may cost money: see `twopop jobs`.") from exc

    def poll(self, job: Job) -> JobState:
        """The state of a job; `lost` where the server itself says that it knows it no more.

        Raises:
            BackendError: `unauthorized`, or no answer that is about the job.
        """
        waits = self.dialect.long_poll_s
        answer = self._connection.get(self._path(job) + (f"?wait_s={waits}" if waits else ""), settled=_is_job)
        if answer.status < 400 or _is_job(answer):
            return self._state(job, answer)
        error = refusal_of(answer, self._connection.where)
        if answer.status in (404, 410) and error.code != "not_our_protocol":
            return JobState("lost", code="lost", message=f"{self._connection.where} no longer knows the job.")
        if answer.status in (401, 403):
            raise BackendError(str(error), code="unauthorized")
        raise error

    def fetch(self, job: Job, request: GenerationRequest, out_dir: Path) -> TakeFiles:
        """Brings the files; a foreign movie is made exact on the way, its original bytes are kept beside it."""
        if self.dialect.variant:
            return self._fetch_variants(job, out_dir)
        original = out_dir / "original.mp4"
        self._download(job, original)
        return ingest_movie(original, request, out_dir, codec=self._media)

    def cancel(self, job: Job) -> None:
        """Asks to stop, where the server can."""
        how = self.dialect.cancel
        if how == "route":
            answer = self._connection.post(self._path(job) + "/cancel", document={})
        elif how == "delete":
            answer = self._connection.delete(self._path(job))
        else:
            return
        if answer.status >= 400 and answer.status not in (404, 409, 410):
            raise refusal_of(answer, self._connection.where)

    def delete(self, job: Job) -> None:
        """Removes a finished job and its files from the server."""
        self._connection.delete(self._path(job))

    def close(self) -> None:
        """Closes the sockets; jobs go on."""
        self._connection.close()

    # --- what the server is ---

    def _learn(self) -> None:
        with self._lock:
            if self._profile is not None:
                return
            entry = self._entry()
            dialect = self._dialect or dialect_of(entry)
            facts = entry.get(EXTRA_KEY)
            known = _facts(facts, self._connection.where) if isinstance(facts, dict) else None  # pyright: ignore[reportUnknownArgumentType]
            self._profile = known or foreign_profile(dialect, str(entry.get("id") or self._model))
            self._dialect = dialect

    def _entry(self) -> dict[str, Any]:
        """The model's entry of `/v1/models`; a bare one where the server has no such list."""
        answer = self._connection.get("/v1/models")
        if answer.status == 404 and self._model:
            return {"id": self._model}
        if answer.status != 200:
            raise refusal_of(answer, self._connection.where)
        listed = answer.document().get("data")
        entries: list[dict[str, Any]] = [e for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []  # pyright: ignore
        for entry in entries:
            if self._model in ("", entry.get("id")):
                return entry
        known = ", ".join(str(entry.get("id")) for entry in entries) or "none"
        raise BackendError(
            f"{self._connection.where} has no model {self._model or '(none was named)'}. It has: {known}. "
            f"Name one as {self.endpoint}#MODEL. Nothing was generated.",
            code="model_not_found",
        )

    # --- asking ---

    def _create(self, dialect: Dialect, request: GenerationRequest) -> tuple[dict[str, str], list[FormFile]]:
        form = create_form(dialect, request, self.profile)
        files = [(ref, _reference_bytes(ref, self._roots)) for ref in request.brief.references]
        if request.retake and not dialect.variant:
            raise BackendError(
                f"{self._connection.where} is no engine of twopop: it cannot keep a part of a take. "
                "Nothing was generated.",
                code="no_masks",
            )
        if not dialect.variant:
            stills = [
                FormFile("input_reference", Path(ref.path).name, data) for ref, data in files if ref.kind == "still"
            ]
            return form, stills[:1]
        # Paths of this machine are nobody else's business: the files travel by hash.
        bare = [ref.model_copy(update={"path": Path(ref.path).name}) for ref in request.brief.references]
        brief = request.brief.model_copy(update={"references": tuple(bare)})
        parts = [FormFile("reference", ref.sha256, data) for ref, data in files]
        sent: dict[str, Any] = {"brief": brief}
        for name, kept in (("retake", request.retake), ("before", request.before)):
            path, digest = kept.tokens if kept else ("", "")
            if kept and path:
                tokens = Reference(kind="plate", path=path, sha256=digest)
                parts.append(FormFile("reference", digest, _reference_bytes(tokens, self._roots)))
                sent[name] = kept.with_tokens(Path(path).name)
        extra = ExtraParams(request=request.model_copy(update=sent))
        form["extra_params"] = json.dumps({EXTRA_KEY: extra.model_dump(mode="json")})
        return form, parts

    def _accepted(self, answer: Answer) -> str:
        """The id of the job that was made; every other answer is an error, sorted by what it may have cost."""
        host = self._connection.where
        if 200 <= answer.status < 300:
            try:
                found = answer.document().get("id")
            except BackendError as exc:
                raise AnswerLostError(str(exc), code="answer_lost") from exc
            if isinstance(found, str) and 0 < len(found) <= 500:
                return found
            raise AnswerLostError(f"{host} accepted the job and gave no id.", code="answer_lost")
        error = refusal_of(answer, host)
        if answer.status == 429:
            code = "queue_full" if error.code == "queue_full" else "rate_limited"
            raise BackendError(str(error), code=code, retry_after_s=error.retry_after_s)
        if answer.status == 408 or (answer.status >= 500 and error.code not in _NOT_STARTED):
            raise AnswerLostError(str(error), code="answer_lost")
        if is_refusal(error.code):
            raise RefusedError(str(error), code=error.code)
        raise error

    def _path(self, job: Job) -> str:
        return "/v1/videos/" + quote(job.remote_id, safe="")

    # --- hearing ---

    def _state(self, job: Job, answer: Answer) -> JobState:
        found = answer.document()
        text = str(found.get("status", ""))
        status = _STATUS.get(text)
        if status is None:
            raise BackendError(
                f"{self._connection.where} gives job {job.remote_id[:80]} the status {text[:40]!r}: nobody knows it.",
                code="unknown_status",
            )
        code, message = _error_of(found)
        if status == "failed":
            status = _failure(code)
        waited = self.dialect.long_poll_s and status in ("queued", "running")
        advice = answer.headers.get(POLL_HEADER, "")
        return JobState(
            status,
            self._events(job, status, found),
            code=code,
            message=message,
            cost=_cost(found),
            poll_after_s=0.01 if waited else min(max(int(advice) / 1000, 0.02), 60.0) if advice.isdigit() else 1.0,
        )

    def _events(self, job: Job, status: Status, found: Mapping[str, Any]) -> tuple[Event, ...]:
        """The event of the job's stage, where it changed since the last poll. Whose shots it is, the caller knows."""
        if status not in ("queued", "running"):
            self._stages.pop(job.remote_id, None)
            return ()
        event = _event(status, found)
        if self._stages.get(job.remote_id) == event:
            return ()
        self._stages[job.remote_id] = event
        return (event,)

    # --- fetching ---

    def _download(self, job: Job, target: Path, *, variant: str = "", record: FileRecord | None = None) -> None:
        """A file of a finished job. What the server no longer has is an error of code `lost` or `expired`."""
        sha256, size = (record.sha256, record.bytes) if record else ("", -1)
        params = {"variant": variant} if variant else None
        try:
            self._connection.download(self._path(job) + "/content", target, params=params, sha256=sha256, size=size)
        except HttpStatusError as exc:
            if exc.status in (404, 410) and exc.code != "not_our_protocol":
                code = "expired" if exc.status == 410 or exc.code == "expired" else "lost"
                message = f"{self._connection.where} says the job is done and no longer has its file."
                raise BackendError(message, code=code) from exc
            raise

    def _handed_over(self, job: Job, record: FileRecord, target: Path) -> bool:
        """True where the file could be taken from the server's own folder, and is the one its slate names."""
        if self._shared is None or Path(record.name).name != record.name:
            return False
        source = job_folder(self._shared, job.remote_id) / "out" / record.name
        try:
            try:
                os.link(source, target)
            except OSError:  # another disk
                shutil.copyfile(source, target)
            with target.open("rb") as file:
                whole = hashlib.file_digest(file, "sha256").hexdigest() == record.sha256
        except OSError:
            whole = False
        if not whole:
            target.unlink(missing_ok=True)
        return whole

    def _fetch_variants(self, job: Job, out_dir: Path) -> TakeFiles:
        slate = out_dir / "result.json"
        self._download(job, slate, variant="slate")
        try:
            result = Result.model_validate_json(slate.read_bytes())
        except ValidationError as exc:
            raise _other_version(self._connection.where) from exc
        finally:
            slate.unlink()

        def bring(variant: str, record: FileRecord) -> Path:
            suffix = Path(record.name).suffix
            target = out_dir / (variant + (suffix if _SUFFIX.match(suffix) else ""))
            if not self._handed_over(job, record, target):
                self._download(job, target, variant=variant, record=record)
            return target

        stems: dict[Role, Path] = {role: bring(role, result.files[role]) for role in ROLES if role in result.files}
        movie, latents = (result.files.get(variant) for variant in ("video", "latents"))
        return TakeFiles(
            bring("video", movie) if movie else None,
            stems,
            bring("latents", latents) if latents else None,
            events=result.events,
            facts=result.facts,
        )


def _facts(document: Mapping[str, Any], host: str) -> Profile:
    try:
        facts = ModelFacts.model_validate(document)
    except ValidationError as exc:
        raise _other_version(host) from exc
    if facts.protocol != PROTOCOL:
        raise _other_version(host)
    return facts.profile


def _other_version(host: str) -> BackendError:
    return BackendError(
        f"The engine at {host} is of another version of twopop. Install the same one on both sides. "
        f"Nothing was generated.",
        code="other_version",
    )


def _is_job(answer: Answer) -> bool:
    """True for an answer that tells of a job, whatever its status."""
    try:
        found = answer.document()
    except BackendError:
        return False
    return isinstance(found.get("id"), str) and isinstance(found.get("status"), str)


def _error_of(found: Mapping[str, Any]) -> tuple[str, str]:
    error: Any = found.get("error")
    if isinstance(error, dict):
        return str(error.get("code") or "failed"), str(error.get("message") or "")[:1000]  # pyright: ignore
    return ("failed", str(error)[:1000]) if error else ("", "")


def _failure(code: str) -> Status:
    if code == "expired":
        return "expired"
    if code in ("cancelled", "canceled"):
        return "cancelled"
    return "refused" if is_refusal(code) else "failed"


def _event(status: Status, found: Mapping[str, Any]) -> Event:
    try:
        stage = Stage.model_validate(found.get("stage"))
    except ValidationError:
        progress = found.get("progress")
        if status == "queued" or not isinstance(progress, int) or not progress:
            return Queued((), None) if status == "queued" else Loading(())
        return Denoising((), min(progress, 100), 100)
    match stage.name:
        case "queued":
            return Queued((), stage.position)
        case "loading":
            return Loading((), stage.what)
        case "denoising":
            return Denoising((), stage.step, stage.steps)
        case "decoding":
            return Decoding((), stage.done)
        case "writing":
            return Writing(())


def _cost(found: Mapping[str, Any]) -> float | None:
    usage: Any = found.get("usage")
    cost = usage.get("cost") if isinstance(usage, dict) else None  # pyright: ignore
    return float(cost) if isinstance(cost, int | float) else None  # pyright: ignore


_PICTURES: Final = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF....WEBP", re.DOTALL)
"""How a picture begins that an engine takes: PNG, JPEG, WebP."""


def _reference_bytes(reference: Reference, roots: Sequence[Path]) -> bytes:
    """The bytes of a file of the brief; a still is a picture.

    Raises:
        BackendError: it is gone, too large, or no picture.
    """
    data = _planned_bytes(reference, roots)
    if reference.kind == "still" and not _PICTURES.match(data):
        raise BackendError(
            f"Reference {reference.path} is no picture inside, whatever its name says (it begins with {data[:8]!r}). "
            f"A still is PNG, JPEG or WebP: save it as one of them. Nothing was generated.",
            code="reference_not_media",
        )
    return data


def _planned_bytes(reference: Reference, roots: Sequence[Path]) -> bytes:
    """The bytes that were planned with: the hash decides, not the place."""
    for place in [root / reference.path for root in roots] or [Path(reference.path)]:
        try:
            if not place.is_file():
                continue
            if place.stat().st_size > LARGEST_REFERENCE:
                limit = LARGEST_REFERENCE // 1_000_000
                raise BackendError(
                    f"Reference {place.name} is over {limit} MB. Make it smaller.", code="reference_too_large"
                )
            data = place.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(data).hexdigest() == reference.sha256:
            return data
    raise BackendError(
        f"Reference {reference.path} is not there any more, or was changed since the plan was made. Plan again. "
        f"Nothing was generated.",
        code="reference_missing",
    )
