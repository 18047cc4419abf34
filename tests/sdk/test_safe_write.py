"""Whoever looks sees the old file whole or the new one whole: through kills, full disks and failing calls."""

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from twopop.errors import LedgerError, TimelineError
from twopop.safe_write import write_safely

LOOP = Path(__file__).parents[1] / "soak" / "save_loop.py"
LENGTH = 300_000
OLD, NEW = (letter * LENGTH + "\n" for letter in "ab")
CALLS = "openat,write,fsync,read,rename,fchmod"


def leftovers(folder):
    return [path for path in folder.iterdir() if path.suffix == ".tmp"]


def test_a_new_file_gets_the_usual_mode_and_an_old_one_keeps_its_own(tmp_path):
    umask = os.umask(0o022)
    try:
        assert write_safely(tmp_path / "a.otio", b"one") == tmp_path / "a.otio"
        assert (tmp_path / "a.otio").stat().st_mode & 0o777 == 0o644
        (tmp_path / "a.otio").chmod(0o600)
        write_safely(tmp_path / "a.otio", b"two")
    finally:
        os.umask(umask)
    assert (tmp_path / "a.otio").read_bytes() == b"two"
    assert (tmp_path / "a.otio").stat().st_mode & 0o777 == 0o600
    assert not leftovers(tmp_path)


def test_a_symbolic_link_stays_one_and_its_target_is_written(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "cut.otio").write_bytes(b"old")
    (tmp_path / "link.otio").symlink_to("real/cut.otio")
    assert write_safely(tmp_path / "link.otio", b"new") == (tmp_path / "real" / "cut.otio").resolve()
    assert (tmp_path / "link.otio").is_symlink()
    assert (tmp_path / "real" / "cut.otio").read_bytes() == b"new"


def test_empty_and_long_names_and_contents(tmp_path):
    path = tmp_path / ("x" * 250 + ".otio")
    for data in (b"", b"1", bytes(range(256)) * 9000, b"z" * (1 << 20)):
        write_safely(path, data)
        assert path.read_bytes() == data


@pytest.mark.parametrize("kind", ["folder", "pipe", "protected", "no folder", "loop"])
def test_what_cannot_be_written_is_refused_and_stays(tmp_path, kind):
    path = tmp_path / "cut.otio"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "protected":
        path.write_bytes(b"old")
        path.chmod(0o444)
    elif kind == "no folder":
        path = tmp_path / "absent" / "cut.otio"
    else:
        path.symlink_to(path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(LedgerError, match=re.escape(str(path))):
        write_safely(path, b"new", error=LedgerError)
    assert sorted(tmp_path.iterdir()) == before
    if kind == "protected":
        assert path.read_bytes() == b"old"


def test_leftovers_of_the_dead_are_swept_and_those_of_the_living_are_not(tmp_path):
    from twopop.safe_write import _host

    def leave(name, host, process, age_s=0):
        path = tmp_path / f".{name}.{host}-{process}-0123abcd.tmp"
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age_s,) * 2)
        return path

    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    dead = leave("cut.otio", _host(), child.pid)
    living = leave("cut.otio", _host(), os.getppid())
    elsewhere = leave("cut.otio", "00000000", child.pid)
    old = leave("cut.otio", "00000000", child.pid + 1, age_s=7200)
    other = leave("other.otio", _host(), child.pid)
    write_safely(tmp_path / "cut.otio", b"new")
    assert not dead.exists()
    assert not old.exists()
    assert living.exists()
    assert elsewhere.exists()
    assert other.exists()


def test_a_full_disk_leaves_the_old_file(tmp_path):
    """The limit of this process's file size stands for the disk: writing stops in the middle."""
    path = tmp_path / "cut.otio"
    write_safely(path, b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for limit in (1, 100, 5_000, LENGTH - 1):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
            with pytest.raises(TimelineError, match="What was there before is unchanged"):
                write_safely(path, NEW.encode())
            assert path.read_bytes() == b"old"
            assert not leftovers(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


# ---- every call of a save fails or is the last one -------------------------------------------------------------------


def trace(folder, *options):
    """One save under the tracer, over an old file; returns its trace and how it ended."""
    path, log = folder / "cut.otio", folder / "trace"
    for stale in folder.iterdir():
        stale.unlink()
    path.write_text(OLD)
    command = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={CALLS}"]
    command += [*options, sys.executable, str(LOOP), "once", str(path), str(LENGTH)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return log.read_text(), done


def calls_of_a_save(log):
    """[(call, its number in the whole run)] between the two marks."""
    seen, found, inside = Counter(), [], False
    for line in log.splitlines():
        call = re.match(r"\d+\s+(\w+)\(", line)
        if not call:
            continue
        if "write(900" in line:
            inside = not inside
        seen[call[1]] += 1
        if inside and "write(900" not in line:
            found.append((call[1], seen[call[1]]))
    return found


def strace_works():
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True).returncode == 0


def test_every_call_of_a_save_may_fail_or_be_the_last(memory_path):
    if not strace_works():
        pytest.skip("strace is not here or may not trace: faults at single system calls are NOT tested")
    trace(memory_path)  # compiles what it imports, so that the next runs make the same calls
    log, done = trace(memory_path)
    assert done.returncode == 0, done.stderr
    points = calls_of_a_save(log)
    names = Counter(name for name, _ in points)
    assert {"openat", "write", "fsync", "rename"} <= set(names)
    assert names["fsync"] == 2
    renamed = next(i for i, (name, _) in enumerate(points) if name == "rename")
    tried = 0
    for index, (name, number) in enumerate(points):
        for fault in ("signal=SIGKILL", "error=ENOSPC", "error=EIO"):
            log, done = trace(memory_path, "-e", f"inject={name}:{fault}:when={number}")
            assert log.count("write(900") == 1, "the fault hit a call outside the save"
            text = (memory_path / "cut.otio").read_text()
            assert text in (OLD, NEW), f"{name} {number} {fault} damaged the file"
            if index < renamed:
                assert text == OLD, f"{name} {number} {fault}"
            assert done.returncode != 0, f"{name} {number} {fault} went unnoticed"
            if fault != "signal=SIGKILL":
                assert "TimelineError" in done.stderr, f"{name} {number} {fault}: {done.stderr}"
                assert not leftovers(memory_path)
            tried += 1
    assert tried >= 20


# ---- random kills ----------------------------------------------------------------------------------------------------


def kill_at_random(folder, kills):
    """Kills a saving process `kills` times; returns how often the file was damaged and how many temporaries stayed."""
    path = folder / "cut.otio"
    rng, damaged = random.Random(kills), 0
    command = [sys.executable, str(LOOP), "loop", str(path), str(LENGTH)]
    for _ in range(kills):
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout.readline() == b"ready\n"
        time.sleep(rng.random() * 0.01)
        child.kill()
        child.wait()
        child.stdout.close()
        if path.exists() and path.read_text() not in (OLD, NEW):
            damaged += 1
    write_safely(path, OLD.encode())
    return damaged, len(leftovers(folder))


def test_random_kills_damage_nothing_and_are_swept(memory_path):
    assert kill_at_random(memory_path, 50) == (0, 0)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_two_thousand_random_kills_damage_nothing(tmp_path):
    assert kill_at_random(tmp_path, 2_000) == (0, 0)
