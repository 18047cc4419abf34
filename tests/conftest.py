"""Fixtures of the whole suite."""

import os
import signal
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and so would we


@pytest.fixture
def state(tmp_path, monkeypatch):
    """Journals of a test in a folder of its own."""
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def module_state(tmp_path_factory):
    """Journals of a module's tests, which share what they render, in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOPOP_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture
def memory_path():
    """A new folder on a memory disk where there is one: for tests that flush to disk all the time."""
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with TemporaryDirectory(dir=root, prefix="twopop-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
