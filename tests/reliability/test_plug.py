"""Pulling the plug over a real wire: kill -9 of whoever asks, and of the engine with it, at any moment, and again.

Nothing is lost and nothing is paid twice; what nobody can know is `unknown`, and stays so.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from engines import SUPPORT
from fault_server import FaultServer
from tiny_model import PROFILE

from twopop.backends.local import LocalBackend, stop_engines
from twopop.backends.videos import VideosBackend
from twopop.generate import generate_takes
from twopop.ledger import Ledger
from twopop.store import TakeStore
from twopop.take import Ready, Reused, Unknown
from twopop.testing import sample_plan

SHOTS = 4
TINY = "tiny_model:TinyModel"
LONGEST_S = 0.8
"""Until the plug is pulled."""
CHILD = """
import sys
from pathlib import Path
import av, numpy
from twopop.backends.local import LocalBackend
from twopop.backends.videos import VideosBackend
from twopop.generate import generate_takes
from twopop.plan import Plan
plan = Plan.model_validate_json(Path(sys.argv[1]).read_text())
backend = VideosBackend(sys.argv[2]) if "//" in sys.argv[2] else LocalBackend(sys.argv[2])
print("go", flush=True)
generate_takes(plan, backend=backend)
print("done", flush=True)
"""


class Plug:
    """One plan that is rendered by children which are killed."""

    def __init__(self, folder: Path, monkeypatch, profile) -> None:
        monkeypatch.setenv("TWOPOP_STATE_DIR", str(folder / "state"))
        monkeypatch.setenv("PYTHONPATH", SUPPORT)
        self.folder, self.plan = folder, sample_plan(folder / "takes", shots=SHOTS, profile=profile)
        self.file = folder / "plan.json"
        self.file.write_text(self.plan.model_dump_json())

    def kill(self, backend: str, after_s: float) -> bool:
        """Renders in a child, killed so long after its first step; True where it was not done by then."""
        child = subprocess.Popen([sys.executable, "-c", CHILD, self.file, backend], stdout=subprocess.PIPE)
        assert child.stdout.readline() == b"go\n"
        time.sleep(after_s)
        child.kill()
        rest = child.stdout.read()
        child.wait()
        return b"done" not in rest

    def finish(self, backend):
        """The last run, which nobody kills."""
        takes = generate_takes(self.plan, backend=backend)
        store = TakeStore(self.folder / "takes")
        assert all(store.verify(take, deep=True) == [] for take in store.takes())
        return takes

    def states(self) -> set[str]:
        """Of the jobs that are open."""
        ledger = Ledger.of(TakeStore(self.folder / "takes"))
        try:
            return {job.state for job in ledger.open_jobs()}
        finally:
            ledger.close()


@pytest.fixture
def service(memory_path, monkeypatch):
    """A paid service on raw sockets, and the plan for it."""

    def make(replay):
        server = FaultServer(replay=replay)
        server.job_s = 0.5  # two at a time: four shots take longer than any plug waits
        server.profile = server.profile.model_copy(update={"concurrency": 2})
        plug = Plug(memory_path, monkeypatch, server.profile)
        (memory_path / "made").mkdir()
        server.make_take(plug.plan.requests(server.profile)[0], memory_path / "made")
        opened.append(server)
        return server, plug

    opened: list[FaultServer] = []
    yield make
    for server in opened:
        server.close()


def pull(plug, backend, kills, seed):
    """Kills until it was done, or so often; how often it was killed in the middle."""
    places, hit = random.Random(seed), 0
    while hit < kills and plug.kill(backend, places.uniform(0.0, LONGEST_S)):
        hit += 1
    return hit


@pytest.mark.parametrize("replay", [True, False])
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak), pytest.param(3, marks=pytest.mark.soak)])
def test_a_paid_job_is_neither_lost_nor_repeated(service, replay, seed):
    server, plug = service(replay)
    hit = pull(plug, server.url, 4, seed)
    takes = plug.finish(VideosBackend(server.url))
    assert hit
    bill = Counter(server.charges)
    assert set(bill.values()) <= {1}, "paid twice"
    if replay:
        assert all(isinstance(outcome, Ready | Reused) for outcome in takes.values()), takes
        assert len(bill) == SHOTS
    else:
        told = [outcome for outcome in takes.values() if not isinstance(outcome, Ready | Reused)]
        assert all(isinstance(outcome, Unknown) and "twopop jobs" in outcome.reason for outcome in told), takes
        assert plug.states() <= {"unknown"}
    assert len(list(TakeStore(plug.folder / "takes").takes())) == sum(
        isinstance(outcome, Ready | Reused) for outcome in takes.values()
    )


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.soak), pytest.param(3, marks=pytest.mark.soak)])
def test_the_engine_dies_with_its_parent_and_its_jobs_go_on(memory_path, monkeypatch, seed):
    """A job that ran in that moment begins anew; one that was finished or waited is not made again."""
    bill = memory_path / "bill"
    monkeypatch.setenv("TINY_CHARGES", str(bill))
    plug = Plug(memory_path, monkeypatch, PROFILE)
    hit = pull(plug, TINY, 3, seed)
    takes = plug.finish(LocalBackend(TINY))
    assert len(engines_of(memory_path)) == 1, "the one that is kept warm"
    stop_engines()
    assert all(isinstance(outcome, Ready | Reused) for outcome in takes.values()), takes
    begun = Counter(bill.read_text().split())
    assert len(begun) == SHOTS
    assert sum(begun.values()) <= SHOTS + hit, begun
    until = time.monotonic() + 10
    while (left := engines_of(memory_path)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not left, "an orphan"


def engines_of(folder: Path) -> list[str]:
    """Command lines of engine processes whose state is in `folder`."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            lines.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return [line for line in lines if "twopop_engine.serve" in line and str(folder) in line]
