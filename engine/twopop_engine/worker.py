"""One model in one process, kept warm: the server talks to it in JSON lines, and outlives its crashes.

    server -> worker   {"job": id, "request": {...}, "folder": path}   {"cancel": id}
    worker -> server   {"ready": profile}   {"stage": {...}}   {"done": result}   {"error": {code, message}}

The worker ends when its input does, so it cannot outlive the server. What a model prints goes to the server's log.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import queue
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from twopop import events, registry
from twopop.backends.base import Model, TakeFiles
from twopop.errors import BackendError, CancelledError, TwopopError
from twopop.profiles import Profile
from twopop.request import GenerationRequest
from twopop.wire import FileRecord
from twopop.wire_videos import AudioFacts, Result, Stage

from .limits import is_full

CANCEL_TICK_S = 0.1
"""How soon a cancel reaches the model."""
CANCEL_GRACE_S = 20.0
"""A model that has not stopped this long after a cancel is ended with its process."""


class WorkerDied(Exception):
    """The process ended in the middle of a job."""


class Worker:
    """The server's side: starts the process, gives it one job at a time."""

    def __init__(self, model: str, device: str = "", media: str = "dnxhr") -> None:
        """`model` is a name of the registry or "module:Class"; `device` reaches it as TWOPOP_DEVICE."""
        self.model, self.device, self.media = model, device, media
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def start(self) -> Profile:
        """Starts the process and loads the model.

        Raises:
            BackendError: the model is unknown, not installed, or does not load; the sentence is the model's own.
        """
        environment = {**os.environ, "TWOPOP_DEVICE": self.device} if self.device else dict(os.environ)
        command = [sys.executable, "-m", "twopop_engine.worker", self.model, self.media]
        self._lines = queue.Queue()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
        )
        threading.Thread(target=_read_lines, args=(self._process.stdout, self._lines), daemon=True).start()
        first = self._lines.get()
        if first and "ready" in first:
            return Profile.model_validate(first["ready"])
        error = (first or {}).get("error") or {"code": "model_failed", "message": f"{self.model} did not load."}
        raise BackendError(error["message"], code=error["code"])

    def run(
        self,
        job_id: str,
        request: GenerationRequest,
        folder: Path,
        *,
        emit: Callable[[Stage], None],
        cancel: threading.Event,
        most_s: float,
    ) -> Result:
        """Makes one take into `folder`.

        Raises:
            BackendError: it cannot be made (CancelledError: stopped).
            WorkerDied: the process ended; start it again.
        """
        self._send({"job": job_id, "request": request.model_dump(mode="json"), "folder": str(folder)})
        deadline, told = time.monotonic() + most_s, False
        while True:
            if cancel.is_set() and not told:
                self._send({"cancel": job_id})
                deadline, told = min(deadline, time.monotonic() + CANCEL_GRACE_S), True
            if time.monotonic() > deadline:
                self.stop()
                if told:
                    raise CancelledError("Cancelled. The model did not stop by itself, its process was ended.")
                raise BackendError(f"The job took longer than {most_s:g} s and was stopped.", code="timeout")
            try:
                line = self._lines.get(timeout=CANCEL_TICK_S)
            except queue.Empty:
                continue
            if line is None:
                raise WorkerDied(f"The model's process ended ({self._how_it_ended()}).")
            if "stage" in line:
                emit(Stage.model_validate(line["stage"]))
            elif "done" in line:
                return Result.model_validate(line["done"])
            elif "error" in line:
                _raise(line["error"])

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()

    def _send(self, line: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(line).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as exc:
            raise WorkerDied(f"The model's process ended ({self._how_it_ended()}).") from exc

    def _how_it_ended(self) -> str:
        if self._process is None:
            return "stopped"
        code = self._process.wait()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _raise(error: dict[str, str]) -> None:
    if error["code"] == "cancelled":
        raise CancelledError(error["message"])
    raise BackendError(error["message"], code=error["code"])


def _read_lines(stream: IO[bytes] | None, lines: queue.Queue[dict[str, Any] | None]) -> None:
    assert stream is not None
    with stream:
        for line in stream:
            lines.put(json.loads(line))
    lines.put(None)


# --- the worker's own process ---


def open_model(name: str, media: str) -> Model:
    """The model of the registry, or of "module:Class"; one that asks for `media` is told the codec of its pictures.

    Raises:
        TwopopError: unknown, or what it needs is not installed.
    """
    if ":" in name:
        module, _, attribute = name.partition(":")
        made = getattr(import_module(module), attribute)
    else:
        made = registry.resolve("models", name)
    return made(media) if "media" in inspect.signature(made).parameters else made()


def main(name: str, media: str = "dnxhr") -> int:
    """Loads `name`, then makes takes until standard input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what a model prints must not reach the protocol

    def say(line: dict[str, Any]) -> None:
        out.write(json.dumps(line) + "\n")

    try:
        model = open_model(name, media)
        say({"ready": model.profile.model_dump(mode="json")})
    except Exception as exc:
        say({"error": _as_error(exc)})
        return 1
    jobs: queue.Queue[dict[str, Any]] = queue.Queue()
    cancels: set[str] = set()
    threading.Thread(target=_listen, args=(jobs, cancels), daemon=True).start()
    while True:
        _serve(model, jobs.get(), cancels, say)


def _listen(jobs: queue.Queue[dict[str, Any]], cancels: set[str]) -> None:
    for text in sys.stdin:
        line = json.loads(text)
        if "cancel" in line:
            cancels.add(line["cancel"])
        else:
            jobs.put(line)
    os._exit(0)  # the server is gone; a model in the middle of a step would not notice otherwise


class _Cancelled:
    def __init__(self, job_id: str, cancels: set[str]) -> None:
        self._job_id, self._cancels = job_id, cancels

    def is_set(self) -> bool:
        return self._job_id in self._cancels


def _serve(model: Model, line: dict[str, Any], cancels: set[str], say: Callable[[dict[str, Any]], None]) -> None:
    folder = Path(line["folder"])

    def emit(event: events.Event) -> None:
        if stage := stage_of(event):
            say({"stage": stage.model_dump(mode="json")})

    try:
        folder.mkdir(parents=True)
        request = GenerationRequest.model_validate(line["request"])
        files = model.generate(request, folder, emit, _Cancelled(line["job"], cancels))
        say({"done": describe(files, folder).model_dump(mode="json")})
    except Exception as exc:
        say({"error": _as_error(exc)})


def stage_of(event: events.Event) -> Stage | None:
    """How an event of a model travels."""
    match event:
        case events.Loading(what=what):
            return Stage(name="loading", what=what)
        case events.Denoising(step=step, steps=steps):
            return Stage(name="denoising", step=step, steps=steps)
        case events.Decoding(done=done):
            return Stage(name="decoding", done=done)
        case events.Writing():
            return Stage(name="writing")
        case _:
            return None


def describe(files: TakeFiles, folder: Path) -> Result:
    """What the model wrote into `folder`, hashed. BackendError where a file is not in it."""
    named: dict[str, Path | None] = {"video": files.movie, **files.stems, "latents": files.latents}
    records = {name: _record(path, folder) for name, path in named.items() if path is not None}
    audio = _audio_facts(files.movie or next(iter(files.stems.values()), None))
    return Result(files=records, events=files.events, facts=files.facts, audio=audio)


def _record(path: Path, folder: Path) -> FileRecord:
    if path.parent.resolve() != folder.resolve():
        raise BackendError(f"The model wrote {path.name} outside its folder.", code="model_failed")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRecord(name=path.name, bytes=path.stat().st_size, sha256=digest)


def _audio_facts(path: Path | None) -> AudioFacts | None:
    if path is None:
        return None
    import av

    with av.open(str(path)) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        length = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
        return AudioFacts(
            codec=stream.codec_context.name,
            sample_rate=stream.rate,
            channels=stream.channels,
            duration_s=round(length, 6),
        )


def _as_error(exc: Exception) -> dict[str, str]:
    if isinstance(exc, BackendError):
        return {"code": exc.code, "message": str(exc)}
    if isinstance(exc, TwopopError):
        return {"code": "bad_request", "message": str(exc)}
    traceback.print_exc()
    if is_full(exc):
        return {"code": "disk_full", "message": "The server's disk is full. Nothing was kept of this job."}
    return {"code": "model_failed", "message": f"The model failed: {type(exc).__name__}: {exc}"[:500]}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
