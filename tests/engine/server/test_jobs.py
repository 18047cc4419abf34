"""Durable jobs, limits and worker without a socket: expiry, clocks, restarts, full disks, models that hang."""

import asyncio
import hashlib
import sqlite3
import threading
import time
from dataclasses import replace

import pytest
from engines import SUPPORT, a_request
from tiny_model import PROFILE

from twopop.errors import BackendError, CancelledError, UsageError
from twopop.timebase import FrameGrid, FrameRange
from twopop.wire import FileRecord
from twopop.wire_videos import Result
from twopop_engine import dispatch as dispatch_module
from twopop_engine import jobs as jobs_module
from twopop_engine import server as server_module
from twopop_engine import worker as worker_module
from twopop_engine.auth import Tokens
from twopop_engine.dispatch import Dispatcher
from twopop_engine.jobs import JobStore, new_job_id
from twopop_engine.limits import Limits, Refusal
from twopop_engine.serve import main
from twopop_engine.worker import Worker

RESULT = Result(files={"video": FileRecord(name="picture.mov", bytes=3, sha256=hashlib.sha256(b"abc").hexdigest())})
DAY_S = 86_400


def ask(store, prompt="x", key=None, owner="default"):
    job, _ = store.create(a_request(prompt), job_id=new_job_id(), owner=owner, key=key, body_hash=prompt, ignored=[])
    return job


def finish(store):
    job = store.claim("tiny")
    out = store.folder(job.id) / "out"
    out.mkdir(parents=True)
    (out / "picture.mov").write_bytes(b"abc")
    store.finish(job.id, RESULT)
    return job


class Clock:
    """The system's clock, set forward or back."""

    def __init__(self):
        self.ahead_s = 0.0

    def time(self):
        return time.time() + self.ahead_s


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(jobs_module, "time", clock)
    return clock


def test_results_expire_with_their_files_and_free_their_key(tmp_path, clock):
    store = JobStore(tmp_path, replace(Limits(), ttl_s=7 * DAY_S))
    ask(store, key="K")
    done = finish(store)
    clock.ahead_s = 6 * DAY_S
    store.expire()
    assert store.get(done.id, "default").status == "done"
    clock.ahead_s = 8 * DAY_S
    store.expire()
    assert store.get(done.id, "default").status == "expired"
    assert not store.folder(done.id).exists()
    assert ask(store, key="K").id != done.id


@pytest.mark.parametrize("jump_s", [-3 * DAY_S, -3600, 3600, 3 * DAY_S])
def test_a_clock_that_jumps_loses_and_repeats_nothing(tmp_path, clock, jump_s):
    """T15: also across a restart."""
    store = JobStore(tmp_path, replace(Limits(), ttl_s=7 * DAY_S))
    first, second = ask(store, "1", key="1"), ask(store, "2", key="2")
    finish(store)
    clock.ahead_s = jump_s
    store.expire()
    assert [row.id for row in store.page("default", after=None, limit=9, newest_first=False)[0]] == [
        first.id,
        second.id,
    ]
    store.close()
    store = JobStore(tmp_path, replace(Limits(), ttl_s=7 * DAY_S))
    assert (ask(store, "1", key="1").id, ask(store, "2", key="2").id) == (first.id, second.id)
    assert finish(store).id == second.id
    assert store.claim("tiny") is None


def test_a_restart_puts_a_running_job_back_once(tmp_path):
    store = JobStore(tmp_path, Limits())
    job = ask(store)
    for status in ("queued", "failed"):
        assert store.claim("tiny").id == job.id
        store.close()
        store = JobStore(tmp_path, Limits())
        assert store.get(job.id, "default").status == status
    assert store.get(job.id, "default").error_code == "interrupted"


def test_left_over_folders_are_swept_at_start(tmp_path):
    JobStore(tmp_path, Limits()).close()
    (tmp_path / "jobs" / "left-over").mkdir()
    JobStore(tmp_path, Limits()).close()
    assert not (tmp_path / "jobs" / "left-over").exists()


def test_a_job_deleted_while_it_runs_leaves_no_files(tmp_path):
    store = JobStore(tmp_path, Limits())
    job = ask(store)
    store.claim("tiny")
    store.delete(job.id, "default")
    (store.folder(job.id) / "out").mkdir(parents=True)
    store.finish(job.id, RESULT)
    assert not store.folder(job.id).exists()


def test_the_queue_and_the_disk_have_bounds(tmp_path):
    store = JobStore(tmp_path, replace(Limits(), queued=3, queued_per_owner=2))
    ask(store), ask(store)
    with pytest.raises(Refusal) as caught:
        ask(store)
    assert (caught.value.status, caught.value.retry_after_s) == (429, 10)
    ask(store, owner="ben")
    with pytest.raises(Refusal):
        ask(store, owner="ben")
    full = JobStore(tmp_path / "full", replace(Limits(), free_bytes=10**18))
    with pytest.raises(Refusal, match="Nothing was started") as caught:
        ask(full)
    assert (caught.value.status, caught.value.code) == (507, "disk_full")


@pytest.mark.parametrize(("frames", "nearest"), [(8, 9), (10, 17), (481, None), (489, 481), (1, 9)])
def test_a_grid_names_the_nearest_length(frames, nearest):
    profile = PROFILE.model_copy(update={"grid": FrameGrid(8, 1, 9, 481)})
    request = a_request(frames=frames, generated=FrameRange(0, frames))
    if nearest is None:
        Limits().check_request(request, profile)
        return
    with pytest.raises(Refusal, match=f"Nearest: {nearest}") as caught:
        Limits().check_request(request, profile)
    assert caught.value.code == "frames_not_8k_plus_1"


class WorkerOfNothing:
    """Finishes every job at once, without a process."""

    model, alive = "tiny", True

    def start(self):
        return PROFILE

    def run(self, job_id, request, folder, **_):
        return RESULT

    def stop(self):
        pass


def test_a_disk_that_is_full_for_a_while_stops_no_dispatcher(tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch_module, "TROUBLE_S", 0.01)
    store = JobStore(tmp_path, Limits())
    finish_it, troubles = store.finish, [sqlite3.OperationalError("database or disk is full")]

    def full_once(*arguments):
        if troubles:
            raise troubles.pop()
        finish_it(*arguments)

    monkeypatch.setattr(store, "finish", full_once)
    first, second = ask(store, "1"), ask(store, "2")
    dispatcher = Dispatcher(store, WorkerOfNothing(), on_broken=lambda _: None)
    dispatcher.start()
    until = time.monotonic() + 10
    while store.busy and time.monotonic() < until:
        time.sleep(0.01)
    dispatcher.stop()
    assert [store.get(job.id, "default").status for job in (first, second)] == ["done", "done"]


def test_results_expire_while_jobs_keep_coming(tmp_path, clock):
    store = JobStore(tmp_path, replace(Limits(), ttl_s=DAY_S))
    ask(store, "old")
    old = finish(store)
    clock.ahead_s = 2 * DAY_S
    new = ask(store, "new")
    dispatcher = Dispatcher(store, WorkerOfNothing(), on_broken=lambda _: None)
    dispatcher.start()
    until = time.monotonic() + 10
    while store.get(old.id, "default").status != "expired" and time.monotonic() < until:
        time.sleep(0.01)
    dispatcher.stop()
    assert [store.get(job.id, "default").status for job in (old, new)] == ["expired", "done"]


@pytest.mark.parametrize("text", ["", "short", "a=b", "x" * 31, "mara=short"])
def test_a_token_is_wanted_and_long(text):
    with pytest.raises(UsageError, match="secrets"):
        Tokens(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::"])
def test_other_machines_are_refused_without_tls(host, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("TWOPOP_TOKEN", "t" * 40)
    assert main(["--host", host, "--state", str(tmp_path)]) == 2
    assert "--tls-cert" in capsys.readouterr().err


def test_a_model_that_is_still_loading_is_no_failure(tmp_path, monkeypatch):
    monkeypatch.setattr(server_module, "LOAD_PATIENCE_S", 0.05)
    service = server_module.Service(JobStore(tmp_path, Limits()), ["tiny"], [""], on_broken=lambda _: None)
    with pytest.raises(Refusal) as caught:
        asyncio.run(service.profiles())
    assert (caught.value.status, caught.value.code, caught.value.retry_after_s) == (503, "loading", 5)


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", SUPPORT)
    worker = Worker("tiny_model:TinyModel")
    worker.start()
    yield worker
    worker.stop()


def run(worker, tmp_path, prompt, cancel=None, most_s=30.0):
    stages = []
    folder = tmp_path / "out"
    cancel = cancel or threading.Event()
    return worker.run("job", a_request(prompt), folder, emit=stages.append, cancel=cancel, most_s=most_s), stages


def test_a_model_that_hangs_is_ended_and_the_next_one_works(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(worker_module, "CANCEL_GRACE_S", 0.2)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError, match="its process was ended"):
        run(tiny, tmp_path / "a", "HANG", cancel)
    tiny.start()
    with pytest.raises(BackendError, match=r"longer than 0\.2 s") as caught:
        run(tiny, tmp_path / "b", "HANG", most_s=0.2)
    assert caught.value.code == "timeout"
    tiny.start()
    result, stages = run(tiny, tmp_path / "c", "PRINT and work")
    assert set(result.stems) == {"dialogue", "effects", "ambience", "music"}
    assert [stage.name for stage in stages] == ["decoding", "writing"]


def test_a_model_that_does_not_load_says_why(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", SUPPORT)
    with pytest.raises(BackendError, match="80 GB") as caught:
        Worker("tiny_model:BrokenModel").start()
    assert caught.value.code == "too_big"
