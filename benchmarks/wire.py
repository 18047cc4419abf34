"""What the wire costs: the same takes through a process of their own and through `inprocess`, alternated.

    python benchmarks/wire.py [RUNS] [MODEL]

CPU seconds of everything that works for a take (client, server, worker) against the model called in this process, for
the same requests, hashes compared. Then: how long a server takes until it answers, and what a pool of two brings for
work that waits (as on a GPU).
"""

import hashlib
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

from twopop import registry
from twopop.backends import local
from twopop.backends.base import TakeFiles
from twopop.backends.inprocess import InProcessBackend
from twopop.backends.local import LocalBackend, stop_engines
from twopop.backends.pool import PoolBackend
from twopop.backends.videos import VideosBackend
from twopop.media.wav import write_wav
from twopop.profiles import Profile
from twopop.request import GenerationRequest, match_key, seed_of
from twopop.timebase import FrameRange
from twopop.wire import Brief

FRAMES, SIZE, WAIT_S = 72, (1280, 720), 0.25
HERE = str(Path(__file__).parent)


class WaitModel:
    """Stands for a model on a device: waits, then gives a second of quiet sound."""

    profile = Profile(name="wait", model="wait", weights="none")

    def generate(self, request, out_dir, emit, cancel):
        import numpy as np

        time.sleep(WAIT_S)
        stem = out_dir / "ambience.wav"
        write_wav(stem, [np.ones((request.samples, 2), np.int32)])
        return TakeFiles(None, {"ambience": stem})


def a_request(profile, number, *, bed=False):
    brief = Brief(prompt=f"wide of a restaurant kitchen, take {number}", seed=number)
    size = (0, 0) if bed else profile.fit_size(*SIZE)
    frames = 24 if bed else profile.legal_frames(FRAMES)
    role = "ambience" if bed else None
    asked = brief.model_dump(mode="json")
    kind = "bed" if bed else "shot"
    key = match_key(
        kind=kind, role=role, brief=asked, model=profile.model, weights=profile.weights, recipe=profile.recipe,
        size=size, frame_rate=Fraction(24),
    )  # fmt: skip
    whole = FrameRange(0, frames)
    return GenerationRequest(
        kind=kind, name=f"SH{number:03d}", shots=(f"SH{number:03d}",), role=role, brief=brief, match_key=key,
        model=profile.model, weights=profile.weights, recipe=profile.recipe, width=size[0], height=size[1],
        frame_rate=Fraction(24), generated=whole, used=whole, timecode_offset_frames=86400, seed=seed_of(key, brief),
    )  # fmt: skip


def make(backend, request):
    """sha256 of all files of one take."""
    job = backend.submit(request, key=request.submission_key)
    while (state := backend.poll(job)).status in ("queued", "running"):
        time.sleep(state.poll_after_s)
    assert state.status == "done", state
    with tempfile.TemporaryDirectory() as folder:
        files = backend.fetch(job, request, Path(folder))
        paths = [path for path in (files.movie, *files.stems.values()) if path]
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def cpu_of(pid):
    """CPU seconds of a live process and its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return own + sum(cpu_of(child) for task in tasks for child in task.read_text().split())


def engines_cpu():
    return sum(cpu_of(server._process.pid) for server in local._SERVERS.values() if server.alive)


def measured(backend, request):
    before, wall = time.process_time() + engines_cpu(), time.monotonic()
    hashes = make(backend, request)
    return time.process_time() + engines_cpu() - before, time.monotonic() - wall, hashes


def wire_against_inprocess(runs, model):
    direct = InProcessBackend(registry.resolve("models", model)())
    wired = LocalBackend(model)
    make(direct, a_request(direct.profile, 0))
    make(wired, a_request(wired.profile, 0))
    ratios, rows = [], []
    for number in range(1, runs + 1):
        request = a_request(direct.profile, number)
        pair = {}
        for name, backend in (
            (("direct", direct), ("wired", wired)) if number % 2 else (("wired", wired), ("direct", direct))
        ):
            pair[name] = measured(backend, request)
        assert pair["direct"][2] == pair["wired"][2], "the wire changed a byte"
        ratios.append(pair["wired"][0] / pair["direct"][0])
        rows.append((pair["direct"][0], pair["wired"][0], pair["direct"][1], pair["wired"][1]))
    columns = [statistics.median(column) for column in zip(*rows, strict=True)]
    print(f"{model}, {FRAMES} frames of {SIZE[0]}x{SIZE[1]}, {runs} alternated runs, same hashes")
    print(f"  CPU s per take: inprocess {columns[0]:.3f}, wire {columns[1]:.3f}: x{statistics.median(ratios):.3f}")
    print(f"  wall s per take: inprocess {columns[2]:.3f}, wire {columns[3]:.3f}")
    wired.close()


def time_to_answer(runs=5):
    times = []
    for _ in range(runs):
        stop_engines()
        begun = time.monotonic()
        backend = LocalBackend("bars")
        backend._server()
        times.append(time.monotonic() - begun)
        backend.close()
    print(f"server started, model loaded, first answer: {statistics.median(times):.2f} s (median of {runs})")


def pool_of_two(jobs=16):
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [HERE, os.environ.get("PYTHONPATH")]))
    starts = [local.Start(Path(sys.executable), "wire:WaitModel", "dnxhr", 60.0 + number) for number in range(2)]
    servers = [local._running(start) for start in starts]
    clients = [VideosBackend(server.url, token=server.token) for server in servers]
    requests = [a_request(WaitModel.profile, number, bed=True) for number in range(2 * jobs)]
    walls = []
    for backend, part in ((clients[0], requests[:jobs]), (PoolBackend(clients), requests[jobs:])):
        make(backend, a_request(WaitModel.profile, 999 + len(walls), bed=True))
        begun = time.monotonic()
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(lambda request, backend=backend: make(backend, request), part))
        walls.append(time.monotonic() - begun)
    one, two = walls
    print(f"{jobs} jobs of {WAIT_S} s: one endpoint {one:.2f} s, a pool of two {two:.2f} s: x{two / one:.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state:
        os.environ["TWOPOP_STATE_DIR"] = state
        count, chosen = int((sys.argv[1:] or ["10"])[0]), (sys.argv[2:] or ["bars"])[0]
        try:
            wire_against_inprocess(count, chosen)
            time_to_answer()
            pool_of_two()
        finally:
            stop_engines()
