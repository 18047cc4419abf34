"""`backend="local"`: the engine in its own process, from start to end, and never an orphan."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engines import SUPPORT, a_request
from making import make_take
from tiny_model import TinyModel

from twopop.backends import local
from twopop.backends.inprocess import InProcessBackend
from twopop.backends.local import LocalBackend, engine_python, stop_engines
from twopop.backends.opening import open_backend, token_for
from twopop.backends.videos import VideosBackend
from twopop.errors import BackendError, UsageError
from twopop.generate import start_generation
from twopop.profiles import PROFILES
from twopop.settings import EngineSettings, Settings
from twopop.take import Ready
from twopop.testing import sample_plan

TINY = "tiny_model:TinyModel"


@pytest.fixture(autouse=True)
def _state(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", SUPPORT)
    monkeypatch.delenv("TWOPOP_ENGINE_PYTHON", raising=False)
    yield
    stop_engines()


def server_of(backend):
    """The running process behind a backend."""
    return backend._client[0]._process


def made(backend, request, folder):
    """sha256 of every file of a take, by role."""
    job = backend.submit(request, key=request.submission_key)
    while (state := backend.poll(job)).status in ("queued", "running"):
        time.sleep(state.poll_after_s)
    assert state.status == "done", state
    folder.mkdir()
    files = backend.fetch(job, request, folder)
    named = {"movie": files.movie, **files.stems}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named.items()}, files


def gone(pid, patience_s=8):
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_the_wire_changes_no_byte_and_the_server_stays_warm(tmp_path):
    request, second = a_request("a kitchen", frames=9), a_request("two", frames=9)
    direct, direct_files = made(InProcessBackend(TinyModel()), request, tmp_path / "direct")
    backend = LocalBackend(TINY)
    wired, wired_files = made(backend, request, tmp_path / "wired")
    assert wired == direct
    assert (wired_files.events, wired_files.facts) == (direct_files.events, direct_files.facts)
    process = server_of(backend)
    backend.close()
    again = LocalBackend(TINY)
    made(again, second, tmp_path / "second")
    assert server_of(again).pid == process.pid
    again.close()
    assert not list((tmp_path / "state" / "engine").glob("*/jobs/*")), "fetched jobs are removed"
    stop_engines()
    assert gone(process.pid)


def test_a_take_comes_through_worker_ledger_and_store(tmp_path):
    backend = LocalBackend(TINY)
    outcome = make_take(tmp_path / "takes", backend, a_request("a kitchen", frames=9))
    assert isinstance(outcome, Ready), outcome
    assert outcome.take.slate.backend == f"local:{TINY}"
    assert outcome.take.slate.facts["prompt"] == "a kitchen"


def test_a_notebook_and_a_console_are_not_kept_waiting(tmp_path):
    """The engine takes seconds to come; starting a run, inside a running event loop too, does not."""

    async def in_a_notebook():
        begun = time.thread_time()
        run = start_generation(plan, backend=backend)
        assert backend._client is None, "nothing was started by the caller's thread"
        held = time.thread_time() - begun
        kinds = [type(event).__name__ async for event in run]
        return held, kinds, run.result()

    plan = sample_plan(tmp_path / "takes", shots=2, profile=PROFILES["bars"])
    backend = LocalBackend("bars")
    held, kinds, takes = asyncio.run(in_a_notebook())
    assert held < 1
    assert kinds.count("TakeReady") == 2
    assert not takes.failures


@pytest.mark.parametrize("same_disk", [True, False])
def test_files_are_taken_from_the_engine_s_folder_and_not_sent(tmp_path, monkeypatch, same_disk):
    backend, request = LocalBackend(TINY), a_request("handed over", frames=9)
    asked = []
    _ = backend.profile
    connection = backend._client[1]._connection
    monkeypatch.setattr(connection, "download", spied(connection.download, asked))
    if not same_disk:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(18, "another disk")))
    wired, files = made(backend, request, tmp_path / "wired")
    assert wired == made(InProcessBackend(TinyModel()), request, tmp_path / "direct")[0]
    assert asked == ["slate"]
    (source,) = (tmp_path / "state").glob(f"engine/*/jobs/*/out/{files.movie.name.replace('video', 'picture')}")
    assert source.samefile(files.movie) is same_disk


def spied(download, asked):
    def spy(path, target, *, params=None, **more):
        asked.append(params["variant"])
        return download(path, target, params=params, **more)

    return spy


def test_a_file_that_was_harmed_in_the_engine_s_folder_is_not_believed(tmp_path):
    backend, request = LocalBackend(TINY), a_request("harmed", frames=9)
    job = backend.submit(request, key="K")
    while backend.poll(job).status in ("queued", "running"):
        time.sleep(0.02)
    (picture,) = (tmp_path / "state").glob("engine/*/jobs/*/out/picture.mov")
    data = bytearray(picture.read_bytes())
    data[-1] ^= 1
    picture.write_bytes(data)
    (tmp_path / "out").mkdir()
    with pytest.raises(BackendError) as caught:
        backend.fetch(job, request, tmp_path / "out")
    assert caught.value.code == "wrong_bytes"
    assert not (tmp_path / "out" / "video.mov").exists()


def test_a_token_is_in_no_command_line(tmp_path):
    backend = LocalBackend(TINY)
    _ = backend.profile
    server, _ = backend._client
    command = Path(f"/proc/{server_of(backend).pid}/cmdline").read_bytes()
    assert server.token.encode() not in command
    assert b"127.0.0.1" in server.url.encode()
    with pytest.raises(BackendError, match="401"):
        _ = VideosBackend(server.url, token="another").profile


PARENT = """
import json, sys, time
from engines import a_request
from twopop.backends.local import LocalBackend
backend = LocalBackend("tiny_model:TinyModel")
job = backend.submit(a_request("SLOW 40"), key="K")
while backend.poll(job).status == "queued":
    time.sleep(0.02)
print(json.dumps({"server": backend._client[0]._process.pid, "job": job.remote_id}), flush=True)
time.sleep(600)
"""


def test_kill_9_of_the_parent_leaves_no_orphan_and_loses_no_job(tmp_path, monkeypatch):
    monkeypatch.setenv("TINY_CHARGES", str(tmp_path / "bill"))
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    said = json.loads(parent.stdout.readline())
    tasks = Path(f"/proc/{said['server']}/task").glob("*/children")
    children = [pid for task in tasks for pid in task.read_text().split()]
    assert children, "the worker process"
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    for pid in (said["server"], *map(int, children)):
        assert gone(pid), f"process {pid} outlived its parent"
    backend = LocalBackend(TINY)
    job = local.Job(said["job"], "local")
    while (state := backend.poll(job)).status in ("queued", "running"):
        time.sleep(0.05)
    assert state.status == "done"
    assert backend.submit(a_request("SLOW 40"), key="K").remote_id == said["job"]


def test_a_server_that_dies_under_a_job_is_started_again(tmp_path):
    backend = LocalBackend(TINY)
    request = a_request("SLOW 10")
    job = backend.submit(request, key="K")
    process = server_of(backend)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    while (state := backend.poll(job)).status in ("queued", "running"):
        time.sleep(0.05)
    assert state.status == "done"
    assert server_of(backend).pid != process.pid


def test_an_idle_server_stops_and_comes_back(tmp_path):
    backend = LocalBackend(TINY, engine=EngineSettings(idle_s=0.2))
    _ = backend.profile
    process = server_of(backend)
    assert process.wait(10) == 0
    made(backend, a_request("later"), tmp_path / "later")
    assert server_of(backend).pid != process.pid


def test_a_server_that_ends_while_it_is_asked_is_asked_again(tmp_path):
    """Idle for long enough, in the very moment."""
    backend = LocalBackend(TINY)
    _ = backend.profile
    process, ended = server_of(backend), []

    def ask(server):
        if not ended:
            ended.append(process)
            os.kill(process.pid, signal.SIGTERM)
            process.wait()
        return server.submit(a_request("in the very moment"), key="K")

    job = backend._asked(ask)
    assert server_of(backend).pid != process.pid
    while (state := backend.poll(job)).status in ("queued", "running"):
        time.sleep(0.02)
    assert state.status == "done"


def test_a_model_that_loads_for_long_is_waited_for():
    class Loading:
        asked = 0

        @property
        def profile(self):
            self.asked += 1
            if self.asked < 4:
                raise BackendError("The model is still being loaded.", code="loading")
            return TinyModel.profile

    class Alive:
        alive = True

    videos = Loading()
    assert local._profile_of(videos, Alive()) == TinyModel.profile
    assert videos.asked == 4


def test_two_programs_do_not_share_a_state_folder(tmp_path):
    backend = LocalBackend(TINY)
    _ = backend.profile
    parent = subprocess.Popen([sys.executable, "-c", PARENT.replace("SLOW 40", "SLOW 1")], stdout=subprocess.PIPE)
    try:
        said = json.loads(parent.stdout.readline())
        assert backend.poll(local.Job(said["job"], "local")).status == "lost"
        assert len(list((tmp_path / "state" / "engine").iterdir())) == 2
    finally:
        parent.kill()
        parent.wait()


@pytest.mark.parametrize(
    ("model", "says"),
    [("tiny_model:BrokenModel", "needs 80 GB of memory"), ("no_such_model", "There is no model 'no_such_model'")],
)
def test_an_engine_that_does_not_come_says_why(model, says):
    with pytest.raises(BackendError, match=says) as caught:
        LocalBackend(model).submit(a_request(), key="K")
    assert caught.value.code == "engine_not_started"
    assert "server.log" in str(caught.value)


def test_an_interpreter_without_the_engine_names_the_command(tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("TWOPOP_ENGINE_PYTHON", str(python))
    with pytest.raises(BackendError, match=r"pip install 'twopop\[serve\]'"):
        LocalBackend(TINY).submit(a_request(), key="K")


def test_the_interpreter_is_the_one_that_was_named(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "installed_python", lambda: tmp_path / "none")
    assert engine_python(EngineSettings()) == Path(sys.executable)
    named = EngineSettings(python=sys.executable)
    assert engine_python(named, [tmp_path]) == Path(sys.executable)
    with pytest.raises(UsageError, match="no interpreter"):
        engine_python(EngineSettings(python="/no/such/python"))
    with pytest.raises(UsageError, match="not absolute"):
        engine_python(EngineSettings(python="venv/bin/python"))
    beside = tmp_path / "python"
    beside.write_text("#!/bin/sh\n")
    with pytest.raises(UsageError, match="came with a cut is not run"):
        engine_python(EngineSettings(python=str(beside)), [tmp_path])
    monkeypatch.setenv("TWOPOP_ENGINE_PYTHON", str(beside))
    assert engine_python(named, [tmp_path]) == beside
    monkeypatch.delenv("TWOPOP_ENGINE_PYTHON")
    monkeypatch.setattr(sys, "executable", "/opt/editor/bin/editor")
    with pytest.raises(UsageError, match="twopop install engine"):
        engine_python(EngineSettings())


def test_names_urls_and_pools_open_without_asking_anyone(monkeypatch):
    monkeypatch.setenv("TWOPOP_TOKEN_GPUBOX", "x" * 40)
    settings = Settings()
    assert open_backend("bars", settings).name == "bars"
    assert open_backend("local:bars", settings).name == "local:bars"
    assert open_backend("local:bars", settings).profile.name == "bars"
    for name in ("vllm-omni+http://gpubox:8000#ltx", "http://gpubox:8000"):
        assert open_backend(name, settings).name == name, "what is written down opens the same again"
    pool = open_backend("http://b:1, http://a:1", settings)
    assert pool.name == "http://a:1,http://b:1"
    for wrong in (
        "nothing",
        "klingon+http://x",
        "http://user:pw@x",
        "http://x?key=1",
        "http://a,http://a",
        "local:os:x",
    ):
        with pytest.raises(UsageError):
            open_backend(wrong, settings)


def test_a_token_is_bound_to_its_host():
    known = {"TWOPOP_TOKEN": "mine", "TWOPOP_TOKEN_GPUBOX": "box", "TWOPOP_TOKEN_10_0_0_5": "lan"}
    assert token_for("127.0.0.1", known) == "mine"
    assert token_for("gpubox", known) == "box"
    assert token_for("10.0.0.5", known) == "lan"
    assert token_for("evil.example", known) == ""
