"""`/v1/videos` over HTTP: the routes. FastAPI is imported here only.

Every job that is known answers 200, a failed one too; files come from `/content?variant=`. Who may ask at all is
decided before, in `auth.Gate`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import re
import sqlite3
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from twopop.errors import BackendError
from twopop.wire import sha256_of
from twopop.wire_videos import (
    POLL_HEADER,
    REPLAY_HEADER,
    ApiError,
    CreateVideo,
    ErrorAnswer,
    Health,
    JobError,
    ModelEntry,
    ModelFacts,
    ModelList,
    Variant,
    Video,
    VideoDeleted,
    VideoList,
)

from .asking import read_fields, read_request
from .dispatch import Dispatcher
from .jobs import JobRow, JobStore, new_job_id
from .limits import Limits, Refusal, is_full
from .references import keep_references
from .variants import variant_file
from .worker import Worker

POLL_MS = 100
VERSION = version("twopop")
LOAD_PATIENCE_S = 30.0
"""A client waits so long for a model that is being loaded; then it is told to come again."""
_RANGE = re.compile(rb"bytes=(\d{1,18}-|-\d{1,18}|(\d{1,18})-(\d{1,18}))$")
_STATUS = {"queued": "queued", "running": "in_progress", "done": "completed"}


class Service:
    """What the routes share: the jobs, one dispatcher per model and device, and when it was last used."""

    def __init__(
        self,
        store: JobStore,
        models: list[str],
        devices: list[str],
        *,
        media: str = "dnxhr",
        on_broken: Callable[[str], None],
    ) -> None:
        """`on_broken` hears the sentence of a model that does not load."""

        def broken(exc: BackendError) -> None:
            self.broken = str(exc)
            on_broken(str(exc))

        self.store, self.broken = store, ""
        self.dispatchers = [
            Dispatcher(store, Worker(model, device, media), on_broken=broken) for model in models for device in devices
        ]
        self.last_used = time.monotonic()
        self._moved = asyncio.Event()

    def start(self) -> None:
        """Starts the workers; called in the loop that serves."""
        loop = asyncio.get_running_loop()
        self.store.on_move = lambda: _soon(loop, self._tell)
        for dispatcher in self.dispatchers:
            dispatcher.start()

    async def stop(self) -> None:
        """Ends the workers and closes the jobs."""
        for dispatcher in self.dispatchers:
            await asyncio.to_thread(dispatcher.stop)
        self.store.close()

    def _tell(self) -> None:
        """Wakes up all who wait for news."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def changed(self, row: JobRow, wait_s: float) -> JobRow:
        """`row` once its status is another, or as it is after so many seconds."""
        until = time.monotonic() + wait_s
        while True:
            moved = self._moved  # before the look, so that nothing happens in between unheard
            now = self.store.get(row.id, row.owner)
            left = until - time.monotonic()
            if now.status != row.status or left <= 0:
                return now
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), left)

    async def profiles(self) -> dict[str, Any]:
        """Profiles by model, once all are loaded; Refusal 503 where one is not.

        `concurrency` is of all its workers together.
        """
        deadline = time.monotonic() + LOAD_PATIENCE_S
        while not all(dispatcher.loaded.is_set() for dispatcher in self.dispatchers) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        if self.broken:
            raise Refusal(503, "model_failed", self.broken)
        loaded = [dispatcher.profile for dispatcher in self.dispatchers if dispatcher.profile]
        if len(loaded) < len(self.dispatchers):
            raise Refusal(503, "loading", "The model is still being loaded. Try again later.", retry_after_s=5)
        workers = Counter(profile.model for profile in loaded)
        return {p.model: p.model_copy(update={"concurrency": p.concurrency * workers[p.model]}) for p in loaded}


def create_app(service: Service, limits: Limits) -> FastAPI:
    """The routes over `service`. `Gate` goes around it: nothing here checks a token."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()

    errors: dict[int | str, dict[str, Any]] = {
        code: {"model": ErrorAnswer} for code in (400, 401, 403, 404, 409, 410, 413, 421, 422, 429, 500, 503, 507)
    }
    app = FastAPI(title="twopop engine", version=VERSION, lifespan=lifespan, responses=errors)
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(OSError, _on_disk)
    app.add_exception_handler(sqlite3.OperationalError, _on_disk)
    app.add_exception_handler(Exception, _on_bug)
    _add_job_routes(app, service, limits)
    _add_reading_routes(app, service)
    return app


def _add_job_routes(app: FastAPI, service: Service, limits: Limits) -> None:
    store = service.store

    @app.post("/v1/videos", openapi_extra=_create_body())
    async def create_video(request: Request) -> Video:
        """Starts a job."""
        profiles = await service.profiles()
        fields, files = await _read_body(request, limits)
        asked, ignored = read_fields(fields)
        profile = profiles.get(asked.model or next(iter(profiles)))
        if profile is None:
            message = f"model={asked.model[:80]!r} is not served here. Known: {', '.join(profiles)}."
            raise Refusal(404, "model_not_found", message, param="model")
        wanted = read_request(asked, profile, limits)
        job_id = new_job_id()
        folder = store.folder(job_id)
        key = request.headers.get(REPLAY_HEADER)
        if key is not None and not 1 <= len(key) <= 255:
            raise Refusal(400, "bad_key", f"{REPLAY_HEADER} has 1 to 255 characters.", param=REPLAY_HEADER)
        try:
            body_hash = sha256_of([asked.model_dump(mode="json"), [hashlib.sha256(file).hexdigest() for file in files]])
            wanted, _ = keep_references(wanted, files, folder / "references", limits)
            row, new = store.create(
                wanted, job_id=job_id, owner=_owner(request), key=key, body_hash=body_hash, ignored=ignored
            )
        except BaseException:
            store.drop_files(job_id)
            raise
        if not new:
            store.drop_files(job_id)
        return _video(store, row)

    @app.post("/v1/videos/{video_id}/cancel")
    async def cancel_video(request: Request, video_id: str) -> Video:
        """Stops a job within one step; its row stays."""
        return _video(store, store.cancel(video_id, _owner(request)))

    @app.delete("/v1/videos/{video_id}")
    async def delete_video(request: Request, video_id: str) -> VideoDeleted:
        """Stops a job and removes what it made."""
        store.delete(video_id, _owner(request))
        return VideoDeleted(id=video_id)


def _add_reading_routes(app: FastAPI, service: Service) -> None:
    store = service.store

    @app.get("/v1/videos")
    async def list_videos(
        request: Request,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        order: Literal["asc", "desc"] = "desc",
    ) -> VideoList:
        """Jobs of this token, a page at a time."""
        rows, more = store.page(_owner(request), after=after, limit=limit, newest_first=order == "desc")
        videos = tuple(_video(store, row) for row in rows)
        first, last = (videos[0].id, videos[-1].id) if videos else (None, None)
        return VideoList(data=videos, first_id=first, last_id=last, has_more=more)

    @app.get("/v1/videos/{video_id}")
    async def retrieve_video(
        request: Request, response: Response, video_id: str, wait_s: Annotated[float, Query(ge=0, le=30)] = 0.0
    ) -> Video:
        """A job as it is now; with `wait_s`, once its status changes, and after so many seconds in any case."""
        row = store.get(video_id, _owner(request))
        response.headers[POLL_HEADER] = str(POLL_MS)
        if wait_s and row.status in ("queued", "running"):
            row = await service.changed(row, wait_s)
        return _video(store, row)

    @app.api_route("/v1/videos/{video_id}/content", methods=["GET", "HEAD"], response_class=FileResponse)
    async def video_content(request: Request, video_id: str, variant: Variant = "video") -> Response:
        """A file of a finished job; ranges and ETag (its sha256) as usual."""
        row = store.get(video_id, _owner(request))
        _check_ready(row)
        found = await asyncio.to_thread(variant_file, row, store.folder(row.id), variant)
        return _File(
            found.path, media_type=found.media_type, filename=found.name, headers={"etag": f'"{found.sha256}"'}
        )

    @app.get("/v1/models")
    async def list_models() -> ModelList:
        """What is served here, with profiles."""
        profiles = await service.profiles()
        entries = [
            ModelEntry(id=name, twopop=ModelFacts(version=VERSION, profile=profile))
            for name, profile in profiles.items()
        ]
        return ModelList(data=tuple(entries))

    @app.get("/health")
    async def health() -> Health:
        """Whether it runs; needs no token and says no more."""
        ready = all(dispatcher.profile for dispatcher in service.dispatchers)
        return Health(status="failed" if service.broken else "ok" if ready else "starting")


class _File(FileResponse):
    """Serves one range; a header that asks for several, or for nothing that makes sense, is passed over."""

    chunk_size = 1 << 20

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name != b"range" or _is_range(value)]
        await super().__call__({**scope, "headers": headers}, receive, send)


def _is_range(value: bytes) -> bool:
    found = _RANGE.match(value)
    return bool(found) and (found[2] is None or int(found[2]) <= int(found[3]))


def _soon(loop: asyncio.AbstractEventLoop, call: Callable[[], None]) -> None:
    """`call` in the loop, from any thread; nothing where it has ended."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call)


def _owner(request: Request) -> str:
    return request.state.owner


def _video(store: JobStore, row: JobRow) -> Video:
    request, stage = row.request, store.stage(row)
    error = JobError(code=row.error_code, message=row.error_message) if row.error_code else None
    if row.status == "expired":
        error = JobError(code="expired", message="The result was kept for its time and is gone. Ask for it again.")
    length = float(request.frames / request.frame_rate)
    return Video(
        id=row.id,
        model=row.model,
        status=_STATUS.get(row.status, "failed"),  # pyright: ignore[reportArgumentType] - its values are the legal ones
        progress=_progress(row.status, stage),
        created_at=int(row.created_at),
        completed_at=int(row.completed_at) if row.completed_at else None,
        expires_at=int(row.expires_at) if row.expires_at else None,
        prompt=request.brief.prompt,
        seconds=f"{length:.4f}".rstrip("0").rstrip("."),
        size=f"{request.width}x{request.height}",
        error=error,
        num_frames=request.frames,
        fps=float(request.frame_rate),
        duration_s=length,
        seed=request.seed,
        has_audio=row.result.audio is not None if row.result else None,
        audio=row.result.audio if row.result else None,
        stage=stage,
        ignored=row.ignored,
    )


def _progress(status: str, stage: Any) -> int:
    if status == "done":
        return 100
    if stage is None or status != "running":
        return 0
    if stage.name == "denoising" and stage.steps:
        return min(90, 90 * stage.step // stage.steps)
    return {"decoding": 90 + int(8 * stage.done), "writing": 98}.get(stage.name, 0)


def _check_ready(row: JobRow) -> None:
    if row.status in ("queued", "running"):
        raise Refusal(409, "not_ready", "The job is not done yet. Poll it, then ask again.")
    if row.status == "expired":
        raise Refusal(410, "expired", "The result was kept for its time and is gone. Ask for it again.")
    if row.status != "done":
        raise Refusal(422, row.error_code or "failed", f"The job has no result: {row.error_message}")


async def _read_body(request: Request, limits: Limits) -> tuple[dict[str, Any], list[bytes]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        body = await request.body()
        if len(body) > limits.document_bytes:
            message = f"A JSON body has at most {limits.document_bytes} bytes; files travel in a form."
            raise Refusal(413, "body_too_large", message)
        try:
            fields = json.loads(body)
        except (ValueError, RecursionError) as exc:
            raise Refusal(400, "bad_json", "The body is not JSON.") from exc
        if not isinstance(fields, dict):
            raise Refusal(400, "bad_json", "The body is not a JSON object.")
        return fields, []
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise Refusal(400, "bad_content_type", "Send multipart/form-data or application/json.")
    fields, files = {}, []
    try:
        async with request.form(
            max_files=limits.references + 1, max_fields=200, max_part_size=limits.document_bytes
        ) as form:
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    fields[name] = value
                elif value.size:
                    files.append(await value.read())
    except (UnicodeDecodeError, LookupError) as exc:
        raise Refusal(400, "bad_form", "The form cannot be read.") from exc
    return fields, files


def _create_body() -> dict[str, Any]:
    schema = CreateVideo.model_json_schema()
    form = {**schema, "properties": {**schema["properties"], "input_reference": {"type": "string", "format": "binary"}}}
    content = {"application/json": {"schema": schema}, "multipart/form-data": {"schema": form}}
    key = {"name": REPLAY_HEADER, "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 255}}
    return {"requestBody": {"required": True, "content": content}, "parameters": [key]}


async def _on_refusal(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, Refusal)
    return _error(exc.status, exc.code, exc.message, param=exc.param, retry_after_s=exc.retry_after_s)


async def _on_invalid(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    first = exc.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:])
    return _error(400, "bad_request", f"{field}: {first['msg']}.", param=field)


async def _on_http(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    return _error(exc.status_code, "not_found" if exc.status_code == 404 else "bad_request", str(exc.detail)[:300])


async def _on_disk(request: Request, exc: Exception) -> Response:
    if is_full(exc):
        return _error(507, "disk_full", "The server's disk is full. Nothing was started.")
    traceback.print_exception(exc)
    return await _on_bug(request, exc)


async def _on_bug(_: Request, exc: Exception) -> Response:
    """The connection ends with it: what is raised past the routes ends in the log of uvicorn, which hangs up."""
    answer = _error(500, "server_error", f"A fault of the server ({type(exc).__name__}); its log has the rest.")
    answer.headers["connection"] = "close"
    return answer


def _error(
    status: int, code: str, message: str, *, param: str | None = None, retry_after_s: int | None = None
) -> JSONResponse:
    kind = "server_error" if status >= 500 else "rate_limit_error" if status == 429 else "invalid_request_error"
    body = ErrorAnswer(error=ApiError(message=message, type=kind, param=param, code=code))
    headers = {"x-should-retry": "true" if retry_after_s else "false"}
    if retry_after_s:
        headers["retry-after"] = str(retry_after_s)
    return JSONResponse(body.model_dump(), status_code=status, headers=headers)
