"""Children that are forked from a warm parent, killed, and counted: what a power cut does to money and takes."""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from pathlib import Path

import pytest

from twopop.backends.inprocess import InProcessBackend
from twopop.generate import generate_takes
from twopop.ledger import Ledger
from twopop.store import TakeStore
from twopop.take import Ready, Reused
from twopop.testing import FAKE, FakeBillingBackend, Faults, TinyModel, sample_plan, write_tiny_take


class Site:
    """One store, one journal and one service in one folder, worked on by children that die."""

    def __init__(
        self,
        folder: Path,
        *,
        shots: int = 3,
        frames: int = 12,
        profile=FAKE,
        steps: int = 2,
        step_s: float = 0.0,
        latency_s: float = 0.0,
        in_process: bool = False,
    ) -> None:
        self.in_process, self.latency_s = in_process, latency_s
        self.folder, self.profile, self.steps, self.step_s = folder, profile, steps, step_s
        self.plan = sample_plan(folder / "takes", shots=shots, frames=frames, profile=profile)
        self.store = TakeStore(folder / "takes")
        os.environ["TWOPOP_STATE_DIR"] = str(folder / "state")

    def backend(self, **faults) -> FakeBillingBackend:
        """The service that charges; every process opens its own."""
        return FakeBillingBackend(
            self.folder / "service",
            profile=self.profile,
            steps=self.steps,
            step_s=self.step_s,
            latency_s=self.latency_s,
            faults=Faults(**faults),
        )

    def model(self) -> InProcessBackend:
        """A free model in the process that asks."""
        return InProcessBackend(TinyModel(self.profile, steps=self.steps, step_s=self.step_s))

    def render(self, **faults):
        """One whole run in this process."""
        backend = self.model() if self.in_process else self.backend(**faults)
        try:
            return generate_takes(self.plan, backend=backend)
        finally:
            backend.close()

    def child(self, work=None, environment=None) -> int:
        """Forks a child that renders (or does `work`) and ends; its process id."""
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            os.environ.update(environment or {})
            (work or self.render)()
            status = 0
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(status)

    def crash_at(self, point: str) -> int:
        """Renders in a child that ends at `point`; its exit status."""
        return wait(self.child(environment={"TWOPOP_CRASH_AT": point}))

    def kill_after(self, seconds: float) -> int:
        """Renders in a child that is killed after `seconds`; its exit status, negative where it was killed."""
        pid = self.child()
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
        return wait(pid)

    def charges(self) -> dict[str, int]:
        """Times every request was charged."""
        backend = self.backend()
        try:
            return backend.charges()
        finally:
            backend.close()

    def open_states(self) -> set[str]:
        """States of the jobs that are still open."""
        ledger = Ledger.of(self.store)
        try:
            return {job.state for job in ledger.open_jobs()}
        finally:
            ledger.close()

    def assert_whole(self, takes) -> None:
        """Every shot has a take that is what its slate says, and every take was charged exactly once."""
        assert takes.failures == {}
        assert all(isinstance(outcome, Ready | Reused) for outcome in takes.values())
        assert self.charges() == {} if self.in_process else {f"test_{shot.name}": 1 for shot in self.plan.shots}
        store = TakeStore(self.store.root)
        assert all(store.verify(takes.take_for(name), deep=True) == [] for name in takes)
        assert len(list(store.takes())) == len(self.plan.shots)  # nothing was fetched or stored twice
        assert self.open_states() <= set()


def wait(pid: int, timeout_s: float = 120.0) -> int:
    """The exit status of a child; negative = the signal that ended it."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise AssertionError(f"child {pid} did not end in {timeout_s} s")


@pytest.fixture(scope="session")
def _warm(tmp_path_factory):
    """Everything a child needs is imported, and the template of its takes is written."""
    import av  # noqa: F401
    import filelock  # noqa: F401
    import numpy  # noqa: F401

    folder = tmp_path_factory.mktemp("warm")
    old = os.environ.get("TWOPOP_STATE_DIR")
    Site(folder, shots=1).render()
    (folder / "out").mkdir()
    write_tiny_take(sample_plan(folder).requests(FAKE)[0], folder / "out")
    os.environ.pop("TWOPOP_STATE_DIR")
    if old:
        os.environ["TWOPOP_STATE_DIR"] = old


@pytest.fixture
def site(memory_path, monkeypatch, _warm):
    """Makes sites: `site(shots=..., profile=...)`, each with a folder of its own."""
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(memory_path))
    made: list[Site] = []

    def make(**kwargs) -> Site:
        folder = memory_path / f"site{len(made)}"
        folder.mkdir()
        made.append(Site(folder, **kwargs))
        return made[-1]

    return make
