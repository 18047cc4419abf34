"""`backend="local"`: our own engine server in its own process on loopback, started when first needed and kept warm.

The server lives as long as this process at most: it watches its standard input and its parent, so that not even
kill -9 leaves an orphan; and it stops by itself when nobody has used it for a while. Its jobs are durable: a run that
died finds them again through the next server, on another port and under another token.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import queue
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from ..errors import BackendError, UsageError
from ..http import Patience
from ..media.write import MovieCodec
from ..profiles import PROFILES, Profile
from ..registry import MODELS, Entry, check_installed
from ..request import GenerationRequest
from ..settings import EngineSettings
from ..wire_videos import TOKEN_ENV
from .base import Job, JobState, TakeFiles
from .videos import VideosBackend

PYTHON_ENV = "TWOPOP_ENGINE_PYTHON"
READY_S = 60.0
LOAD_S = 900.0
"""How long a model may take to load."""
_SERVER_NEEDS = ("fastapi", "uvicorn", "python_multipart")
_TTL_S = 86_400
_END_S = 4.0
"""A server that is ending closes its port first and is gone after so long."""
_SLOTS = 16
_PATIENCE = Patience(connect_s=5, read_s=180, attempts=3, retry_s=5)
_LOG_BYTES = 4_000_000


Answered = TypeVar("Answered")


@dataclass(frozen=True, slots=True)
class Start:
    """What makes one server different from another."""

    python: Path
    model: str
    media: MovieCodec
    idle_s: float


class LocalBackend:
    """The engine in another process of this machine, as a `Backend`."""

    def __init__(
        self, model: str = "", *, media: MovieCodec = "dnxhr", engine: EngineSettings | None = None,
        roots: Sequence[Path] = (),
    ) -> None:  # fmt: skip
        """Starts nothing yet.

        Args:
            model: a name of the model registry; empty = the `[engine] model` of the settings.
            engine: interpreter and idle time.
            roots: folders of reference files.
        """
        engine = engine or EngineSettings()
        self._model, self._engine = model or engine.model, engine
        self._media: MovieCodec = media
        self._named = model
        self._roots = tuple(roots)
        self._lock = threading.Lock()
        self._client: tuple[_Server, VideosBackend] | None = None
        self._fetched: list[Job] = []
        self._never: str = ""

    @property
    def name(self) -> str:
        """`local`, or `local:MODEL`."""
        return f"local:{self._named}" if self._named else "local"

    @property
    def profile(self) -> Profile:
        """What its model can do: of a known model without starting anything."""
        return PROFILES.get(self._model) or self._server().profile

    def check_installed(self) -> None:
        """Raises UsageError where this interpreter is the engine's and lacks a part; another one speaks for itself."""
        if engine_python(self._engine, self._roots) == Path(sys.executable or ""):
            entry = MODELS.get(self._model, Entry("", "serve", ""))
            check_installed(self._model, entry.extra or "serve", (*_SERVER_NEEDS, *entry.needs))

    def submit(self, request: GenerationRequest, *, key: str) -> Job:
        """Starts a job; the same key is the same job."""
        return Job(self._asked(lambda server: server.submit(request, key=key)).remote_id, "local")

    def poll(self, job: Job) -> JobState:
        """The state of a job; a server that died is started again first."""
        return self._asked(lambda server: server.poll(job))

    def fetch(self, job: Job, request: GenerationRequest, out_dir: Path) -> TakeFiles:
        """Brings the files of a `done` job."""
        files = self._asked(lambda server: server.fetch(job, request, out_dir))
        self._fetched.append(job)
        return files

    def cancel(self, job: Job) -> None:
        """Asks to stop, within one step."""
        self._server().cancel(job)

    def close(self) -> None:
        """Lets go; the server stays warm for the next render. What was fetched is removed from it."""
        with self._lock:
            client, self._client = self._client, None
            fetched, self._fetched = self._fetched, []
        if client is None:
            return
        server, videos = client
        with contextlib.suppress(BackendError):
            for job in fetched if server.alive else ():
                videos.delete(job)
        videos.close()

    def _asked(self, call: Callable[[VideosBackend], Answered]) -> Answered:
        """Asks the server; once more where it was just ending (idle for long enough), and so heard nothing."""
        try:
            return call(self._server())
        except BackendError as exc:
            if exc.code != "unreachable" or not self._ends():
                raise
            return call(self._server())

    def _ends(self) -> bool:
        """True once the process is gone."""
        with self._lock:
            client = self._client
        return client is None or client[0].has_ended(_END_S)

    def _server(self) -> VideosBackend:
        """A client of the running server."""
        with self._lock:
            if self._never:  # what did not start for one shot is not tried for each of the others
                raise BackendError(self._never, code="engine_not_started")
            if self._client is None or not self._client[0].alive:
                try:
                    self._client = self._started()
                except BackendError as exc:
                    self._never = str(exc) if exc.code == "engine_not_started" else ""
                    raise
            return self._client[1]

    def _started(self) -> tuple[_Server, VideosBackend]:
        python = engine_python(self._engine, self._roots)
        server = _running(Start(python, self._model, self._media, self._engine.idle_s))
        videos = VideosBackend(
            server.url, token=server.token, dialect="ours", roots=self._roots, patience=_PATIENCE, shared=server.folder
        )
        self._check(_profile_of(videos, server))
        return server, videos

    def _check(self, served: Profile) -> None:
        known = PROFILES.get(self._model)
        if known and (known.model, known.weights, known.recipe) != (served.model, served.weights, served.recipe):
            raise BackendError(
                f"The engine has {served.model} with other weights or another recipe than this twopop plans for. "
                f"Install the same version on both sides. Nothing was generated.",
                code="other_version",
            )


def engine_python(engine: EngineSettings, roots: Sequence[Path] = ()) -> Path:
    """The interpreter of the engine: the environment's, the settings', what `twopop install engine` made, this one.

    Args:
        roots: folders a cut came in; an interpreter that the settings name there is a stranger's program.

    Raises:
        UsageError: the one that was named does not exist or came with the cut; or none was, and this program is no
            Python.
    """
    if given := os.environ.get(PYTHON_ENV, ""):
        return _interpreter(given, PYTHON_ENV)
    if engine.python:
        python = _interpreter(engine.python, "[engine] python in twopop.toml")
        if any(python.resolve().is_relative_to(root.resolve()) for root in roots):
            raise UsageError(
                f"[engine] python names {python}, which lies beside the cut: a program that came with a cut is not "
                f"run. If it is yours, name it in {PYTHON_ENV}. Nothing was generated."
            )
        return python
    installed = installed_python()
    if installed.is_file():
        return installed
    this = Path(sys.executable or "none")
    if this.stem.lower().startswith(("python", "pypy")):
        return this
    raise UsageError(
        f"This program ({this.name}) cannot run the engine itself. Run: twopop install engine (in a terminal), or set "
        f"{PYTHON_ENV} to a Python that has twopop[serve]. Nothing was generated."
    )


def _interpreter(given: str, where: str) -> Path:
    path = Path(given).expanduser()
    if path.is_absolute() and path.is_file():
        return path
    raise UsageError(
        f"{where} is {given}: there is no interpreter, or its path is not absolute. Mend it. Nothing was generated."
    )


def installed_python() -> Path:
    """Where `twopop install engine` puts its interpreter."""
    import platformdirs

    home = Path(platformdirs.user_data_dir("twopop", appauthor=False)) / "engine"
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


class _Server:
    """One server process."""

    def __init__(self, start: Start) -> None:
        self.token = secrets.token_urlsafe(32)
        self.url = ""
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None
        self.folder, self._log, self._log_begun = Path(), Path(), 0

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def has_ended(self, within_s: float) -> bool:
        """True where the process is gone, or is within so many seconds."""
        process = self._process
        if process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(within_s)
        return not self.alive

    def open(self) -> None:
        """Starts the process on the first state folder that no other server holds."""
        from ..ledger import state_dir

        kind = hashlib.sha256(f"{self._start.model} {self._start.media}".encode()).hexdigest()[:12]
        for slot in range(_SLOTS):
            folder = state_dir() / "engine" / f"{kind}-{slot}"
            if self._spawn(folder):
                return
        raise BackendError(f"{_SLOTS} engines run already on this machine. Stop one.", code="engine_not_started")

    def close(self) -> None:
        """Ends it: its standard input ends, and it with that."""
        process, self._process = self._process, None
        if process and process.stdin:
            with contextlib.suppress(OSError):
                process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(3)
            if process.poll() is None:
                process.kill()
                process.wait()

    def _spawn(self, folder: Path) -> bool:
        """True once it listens; False where another server holds `folder`."""
        self.folder, log = folder, folder / "server.log"
        self._log = log
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if log.exists() and log.stat().st_size > _LOG_BYTES:
                log.replace(log.with_suffix(".old.log"))
            with log.open("ab") as sink:
                self._log_begun = sink.tell()
                self._process = subprocess.Popen(
                    self._command(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink,
                    env=_environment(self._start.python, self.token), start_new_session=True,
                )  # fmt: skip
        except OSError as exc:
            raise BackendError(
                f"The engine cannot be started with {self._start.python}: {exc.strerror}. Nothing was generated.",
                code="engine_not_started",
            ) from exc
        line = _first_line(self._process.stdout)
        if line:
            self.url = json.loads(line)["url"]
            return True
        self.close()
        if "in use by another server" in self._said():
            return False
        raise self.failure()

    def failure(self) -> BackendError:
        """Why it ended, in its own words."""
        text = f"The engine did not start: {self._said()} Its log: {self._log}. Nothing was generated."
        return BackendError(text, code="engine_not_started")

    def _said(self) -> str:
        entry = MODELS.get(self._start.model)
        return _said(self._log, self._log_begun, (entry and entry.extra) or "serve")

    def _command(self, folder: Path) -> list[str]:
        start = self._start
        return [
            str(start.python), "-P", "-m", "twopop_engine.serve", "--model", start.model, "--media", start.media,
            "--port", "0", "--state", str(folder), "--idle-s", str(start.idle_s), "--ttl-s", str(_TTL_S),
            "--watch-parent",
        ]  # fmt: skip


_SERVERS: dict[Start, _Server] = {}
_SERVERS_LOCK = threading.Lock()
_OWNER = os.getpid()


def _running(start: Start) -> _Server:
    """The warm server of this process for `start`; a new one where there is none."""
    with _SERVERS_LOCK:
        server = _SERVERS.get(start)
        if server is None or not server.alive:
            server = _SERVERS[start] = _Server(start)
            server.open()
        return server


def _profile_of(videos: VideosBackend, server: _Server) -> Profile:
    """What the started server serves. A model that does not load ends the server, whose log then says why."""
    patient_until = time.monotonic() + LOAD_S
    while True:
        try:
            return videos.profile
        except BackendError as exc:
            if exc.code == "loading" and server.alive and time.monotonic() < patient_until:
                continue  # the answer was waited for already
            if not server.has_ended(_END_S):
                raise
            raise server.failure() from None


def stop_engines() -> None:
    """Ends every server this process started; unfinished jobs wait for the next one."""
    if os.getpid() != _OWNER:
        return  # a fork of the process that owns them
    with _SERVERS_LOCK:
        for server in _SERVERS.values():
            server.close()
        _SERVERS.clear()


atexit.register(stop_engines)


def _environment(python: Path, token: str) -> dict[str, str]:
    """The child's: the token, and nothing of an embedding program's Python that would mislead another one."""
    kept = dict(os.environ)
    kept.pop("PYTHONHOME", None)
    if python != Path(sys.executable or ""):
        kept.pop("PYTHONPATH", None)
    return {**kept, TOKEN_ENV: token}


def _first_line(stream: IO[bytes] | None) -> bytes:
    """The line that says where it listens; empty where it ended or said nothing in time."""
    assert stream is not None
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=lambda: lines.put(stream.readline()), daemon=True).start()
    try:
        return lines.get(timeout=READY_S)
    except queue.Empty:
        return b""


def _said(log: Path, begun: int, extra: str) -> str:
    """The server's own reason, from what it wrote since `begun`."""
    time.sleep(0.05)
    with log.open("rb") as file:
        file.seek(begun)
        lines = file.read(_LOG_BYTES).decode("utf-8", "replace").strip().splitlines()
    if not lines:
        return f"it said nothing within {READY_S:g} s."
    told = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if not told and "No module named" in lines[-1]:
        return f"{lines[-1]}. Its interpreter lacks the engine; run there: pip install 'twopop[{extra}]'."
    return (told or lines)[-1]
