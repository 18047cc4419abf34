"""Shipped fakes and conformance kits: what a new backend or model is tested with, and what twopop is tested with.

class TestMine(BackendContract):
    def make(self, folder): return MyBackend(...)
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .backends.base import Backend, Job, JobState, Model, TakeFiles
from .errors import BackendError, CancelledError, RefusedError, UnknownOutcomeError
from .events import Denoising, Event
from .ledger import crash_point
from .plan import Plan, Shot
from .profiles import Profile
from .request import GenerationRequest, match_key
from .testing_adapters import AdapterContract as AdapterContract
from .testing_adapters import golden_cut as golden_cut
from .testing_adapters import golden_timeline as golden_timeline
from .timebase import FrameRange
from .wire import TRACK_NAMES, Brief, Role

if TYPE_CHECKING:
    import numpy as np

FAKE = Profile(
    name="billing", model="fake", weights="none", size_multiple=2, smallest=(16, 16), largest=(640, 360),
    stems=("dialogue", "effects"), price_per_second=1.0, concurrency=2, replay=True,
)  # fmt: skip
"""What the billing fake says of itself: two stems, and a price."""


def sample_request(
    name: str = "SH010", *, frames: int = 12, profile: Profile = FAKE, **changes: Any
) -> GenerationRequest:
    """A small legal request for `profile`: `frames` or the next legal length, 64x48, 25 fps where it may be."""
    brief = Brief(prompt=f"a test of {name}")
    size = profile.fit_size(64, 48)
    rate = profile.generates_at(Fraction(25))
    key = match_key(
        kind="shot", role=None, brief=brief.model_dump(mode="json"), model=profile.model, weights=profile.weights,
        recipe=profile.recipe, size=size, frame_rate=rate,
    )  # fmt: skip
    values: dict[str, Any] = {
        "name": name, "shots": (name,), "brief": brief, "match_key": key, "model": profile.model,
        "weights": profile.weights, "recipe": profile.recipe, "width": size[0], "height": size[1], "frame_rate": rate,
        "generated": FrameRange(-4, profile.legal_frames(frames)), "used": FrameRange(0, max(1, frames - 8)),
        "timecode_offset_frames": 90_000, "seed": 7,
    }  # fmt: skip
    return GenerationRequest.model_validate({**values, **changes})


def sample_plan(store: Path, *, shots: int = 3, frames: int = 12, profile: Profile = FAKE) -> Plan:
    """A plan of `shots` shots that all have to be generated, for takes in `store`."""
    plan = Plan(
        cut="test", cut_digest="", store=store, backend=profile.name, profile=profile,
        frame_rate=profile.generates_at(Fraction(25)), width=64, height=48,
    )  # fmt: skip

    def shot(index: int) -> Shot:
        brief = Brief(prompt=f"shot number {index}")
        used = FrameRange(0, frames - 8)
        return Shot(
            name=f"SH{index:03d}", id=f"shot{index}", path=(0, index), record=used.shifted(index * used.frames),
            used=used, needed=used.widened(4, 4), head_handle_frames=4, tail_handle_frames=4,
            timecode_offset_frames=90_000, brief=brief, match_key=plan.key_of(brief, profile), status="generate",
        )  # fmt: skip

    return plan.model_copy(update={"shots": tuple(shot(index) for index in range(shots))})


# -- a model and a service that are not real -------------------------------------------------------------------------


class TinyModel:
    """A Model that writes small exact takes fast: flat picture, a quiet tone in every stem."""

    def __init__(self, profile: Profile = FAKE, *, steps: int = 2, step_s: float = 0.0) -> None:
        self._profile, self._steps, self._step_s = profile, steps, step_s

    @property
    def profile(self) -> Profile:
        """What it can do."""
        return self._profile

    def generate(
        self, request: GenerationRequest, out_dir: Path, emit: Callable[[Event], None], cancel: Any
    ) -> TakeFiles:
        """Makes one take into `out_dir`; CancelledError between steps."""
        for step in range(self._steps):
            if cancel.is_set():
                raise CancelledError
            time.sleep(self._step_s)
            emit(Denoising(request.shots, step + 1, self._steps))
        return write_tiny_take(request, out_dir, self._profile)


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong at the billing fake; counts are for the life of its file, names are request names."""

    lose_answers: int = 0
    """That many creates are charged and started, and their answer is lost."""
    lose_requests: int = 0
    """That many creates are lost before they arrive: nothing is charged, and the client cannot know."""
    busy: int = 0
    """That many creates are answered "later"."""
    refuse: Collection[str] = ()
    fail: Collection[str] = ()
    forget: Collection[str] = ()
    """Jobs that the service forgets after charging."""
    cut_short: Collection[str] = ()
    """Jobs whose movie comes with too few frames."""
    fetch_errors: int = 0
    """That many downloads break off."""


class FakeBillingBackend:
    """A service that charges, in a SQLite file that outlives every client, as a real one does.

    `charges()` is what a test counts: one for every distinct request, whatever happened to the clients. `latency_s` is
    spent on either side of a charge and of a download, and once in the queue.
    """

    def __init__(
        self,
        folder: Path,
        *,
        profile: Profile = FAKE,
        faults: Faults | None = None,
        steps: int = 2,
        step_s: float = 0.0,
        latency_s: float = 0.0,
    ) -> None:
        self._profile, self._faults, self._latency_s = profile, faults or Faults(), latency_s
        self._steps, self._step_s = steps, step_s
        folder.mkdir(parents=True, exist_ok=True)
        self._path, self._guard = folder / "service.sqlite3", threading.Lock()
        self._db = sqlite3.connect(self._path, timeout=60, isolation_level=None, check_same_thread=False)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, key TEXT, name TEXT, request TEXT, cost REAL, "
            "steps INTEGER DEFAULT 0, state TEXT DEFAULT 'queued')"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS faults (kind TEXT PRIMARY KEY, done INTEGER DEFAULT 0)")

    @property
    def name(self) -> str:
        """Its registry name."""
        return self._profile.name

    @property
    def profile(self) -> Profile:
        """What it says of itself."""
        return self._profile

    def submit(self, request: GenerationRequest, *, key: str) -> Job:
        """Charges and starts a job; the same key is the same job where the profile says `replay`."""
        crash_point("service:before")
        if request.name in self._faults.refuse:
            raise RefusedError(f"{request.name} was declined by policy.", charged=False)
        if self._happens("busy", self._faults.busy):
            raise BackendError(f"{request.name}: come again later.", code="busy")
        if self._happens("lose_requests", self._faults.lose_requests):
            raise UnknownOutcomeError(f"{request.name}: the connection broke.")
        time.sleep(self._latency_s)
        with self._guard:
            known = self._db.execute("SELECT id FROM jobs WHERE key = ?", (key,)).fetchone()
            if not (known and self._profile.replay):
                price = self._profile.price(request.frames, request.frame_rate)
                values = (key, request.name, request.model_dump_json(), price)
                job_id = self._db.execute(
                    "INSERT INTO jobs (key, name, request, cost) VALUES (?, ?, ?, ?)", values
                ).lastrowid
            else:
                job_id = known[0]
        time.sleep(self._latency_s)
        crash_point("service:charged")
        if self._happens("lose_answers", self._faults.lose_answers):
            raise UnknownOutcomeError(f"{request.name}: the connection broke.")
        return Job(str(job_id), "fake://service")

    def poll(self, job: Job) -> JobState:
        """One step further; `lost` where it forgot the job."""
        with self._guard:
            row = self._db.execute(
                "SELECT name, steps, state, cost FROM jobs WHERE id = ?", (job.remote_id,)
            ).fetchone()
            if row is None or row[0] in self._faults.forget:
                return JobState("lost", code="lost")
            name, steps, state, cost = row
            if state not in ("queued", "running"):
                return JobState(state, cost=cost)
            if self._latency_s and state == "queued":
                self._db.execute("UPDATE jobs SET state = 'running' WHERE id = ?", (job.remote_id,))
                return JobState("queued", poll_after_s=self._latency_s)
            state = "running" if steps < self._steps else "failed" if name in self._faults.fail else "done"
            self._db.execute("UPDATE jobs SET steps = ?, state = ? WHERE id = ?", (steps + 1, state, job.remote_id))
        if state == "running":
            return JobState("running", (Denoising((name,), steps + 1, self._steps),), poll_after_s=self._step_s)
        return JobState(state, cost=cost, message="The service broke." if state == "failed" else "")

    def fetch(self, job: Job, request: GenerationRequest, out_dir: Path) -> TakeFiles:
        """The files of a done job; may break off as often as the faults say."""
        time.sleep(self._latency_s)
        if self._happens("fetch_errors", self._faults.fetch_errors):
            (out_dir / "half.mov").write_bytes(b"half")
            raise BackendError(f"{request.name}: the download broke off.", code="download")
        if request.name in self._faults.cut_short:
            request = sample_request(request.name, frames=8, generated=FrameRange(-4, 8), profile=self._profile)
        return write_tiny_take(request, out_dir, self._profile)

    def cancel(self, job: Job) -> None:
        """Stops a job that is not over; it stays charged."""
        query = "UPDATE jobs SET state = 'cancelled' WHERE id = ? AND state IN ('queued', 'running')"
        with self._guard:
            self._db.execute(query, (job.remote_id,))

    def close(self) -> None:
        """Closes its file; jobs go on."""
        self._db.close()

    def charges(self) -> dict[str, int]:
        """Times every request was charged, by request name."""
        with self._guard:
            return dict(self._db.execute("SELECT name, count(*) FROM jobs GROUP BY name").fetchall())

    def job_of(self, name: str) -> str:
        """The id of the newest job of a request, as a person would look it up; "" where there is none."""
        with self._guard:
            found = self._db.execute("SELECT max(id) FROM jobs WHERE name = ?", (name,)).fetchone()[0]
        return str(found or "")

    def _happens(self, kind: str, times: int) -> bool:
        if not times:
            return False
        with self._guard:
            self._db.execute("INSERT OR IGNORE INTO faults (kind) VALUES (?)", (kind,))
            query = "UPDATE faults SET done = done + 1 WHERE kind = ? AND done < ?"
            return self._db.execute(query, (kind, times)).rowcount > 0


def write_tiny_take(request: GenerationRequest, out_dir: Path, profile: Profile = FAKE) -> TakeFiles:
    """A small exact take in `out_dir`, copied from a template of this process where there is one."""
    template = _template(request.frames, request.samples, request.width, request.height, request.frame_rate)
    roles: tuple[Role, ...] = (request.role,) if request.role else profile.stems
    stems: dict[Role, Path] = {role: out_dir / f"take.{TRACK_NAMES[role]}.wav" for role in roles}
    for path in stems.values():
        shutil.copyfile(template / "stem.wav", path)
    if request.kind == "bed":
        return TakeFiles(None, stems)
    shutil.copyfile(template / "take.mov", out_dir / "take.mov")
    return TakeFiles(out_dir / "take.mov", stems)


@cache
def _template(frames: int, samples: int, width: int, height: int, frame_rate: Fraction) -> Path:
    import numpy as np

    from .media.wav import write_wav
    from .media.write import write_movie

    folder = Path(tempfile.mkdtemp(prefix="twopop-testing-"))
    wave = (np.sin(np.arange(samples) * 0.05) * 40_000).astype(np.int32)
    sound: np.ndarray[Any, np.dtype[np.int32]] = np.repeat(wave[:, None], 2, axis=1)
    write_wav(folder / "stem.wav", [sound])
    if width and height:
        pictures = (np.full((height, width, 3), 16 + index % 200, np.uint8) for index in range(frames))
        write_movie(
            folder / "take.mov", pictures, size=(width, height), frame_rate=frame_rate, sound=[sound], codec="h264"
        )
    return folder


# -- conformance kits --------------------------------------------------------------------------------------------------


class ModelContract:
    """What every Model keeps. Inherit, and give `make_model`; run by pytest."""

    def make_model(self) -> Model:
        """A model to test."""
        raise NotImplementedError

    def request(self) -> GenerationRequest:
        """A request that is quick to make; override where the sample is not legal."""
        return sample_request(profile=self.make_model().profile)

    def test_a_take_is_exactly_what_was_asked(self, tmp_path: Path) -> None:
        """Frames and samples, to the last one."""
        request = self.request()
        files = self.make_model().generate(request, _new(tmp_path, "out"), _ignore, threading.Event())
        assert_exact(files, request, self.make_model().profile)

    def test_the_same_request_gives_the_same_bytes(self, tmp_path: Path) -> None:
        """Determinism, file by file."""
        request = self.request()
        made = [
            self.make_model().generate(request, _new(tmp_path, name), _ignore, threading.Event()) for name in ("a", "b")
        ]
        first, second = (_bytes_of(files) for files in made)
        assert first == second

    def test_it_stops_when_asked(self, tmp_path: Path) -> None:
        """A token that is set ends the work with CancelledError."""
        cancel = threading.Event()
        cancel.set()
        try:
            self.make_model().generate(self.request(), _new(tmp_path, "out"), _ignore, cancel)
        except CancelledError:
            return
        raise AssertionError("a model must raise CancelledError when its token is set")

    def test_events_name_the_shots(self, tmp_path: Path) -> None:
        """Progress is reported, and belongs to the request."""
        seen: list[Event] = []
        request = self.request()
        self.make_model().generate(request, _new(tmp_path, "out"), seen.append, threading.Event())
        assert seen
        assert all(event.shots == request.shots for event in seen)


class BackendContract:
    """What every Backend keeps. Inherit, and give `make`; run by pytest."""

    def make(self, folder: Path) -> Backend:
        """A backend to test; `folder` is empty and its own."""
        raise NotImplementedError

    def request(self, backend: Backend) -> GenerationRequest:
        """A request that is quick to make; override where the sample is not legal."""
        return sample_request(profile=backend.profile)

    def test_it_says_what_it_is(self, tmp_path: Path) -> None:
        """Name and profile hold together."""
        backend = self.make(tmp_path)
        profile = backend.profile
        assert isinstance(backend, Backend)
        assert backend.name
        assert profile.grid.at_least(1) == profile.grid.at_least(profile.grid.at_least(1))
        assert profile.concurrency >= 1
        assert profile.price_per_second >= 0
        backend.close()

    def test_a_job_ends_and_its_files_are_exact(self, tmp_path: Path) -> None:
        """Submit, poll, fetch; fetching again gives the same bytes."""
        backend = self.make(tmp_path / "backend")
        request = self.request(backend)
        job = backend.submit(request, key=request.submission_key)
        assert wait_for(backend, job).status == "done"
        files = backend.fetch(job, request, _new(tmp_path, "one"))
        assert_exact(files, request, backend.profile)
        first = _bytes_of(files)
        assert _bytes_of(backend.fetch(job, request, _new(tmp_path, "two"))) == first
        backend.close()

    def test_the_same_key_is_the_same_job_where_it_says_so(self, tmp_path: Path) -> None:
        """`replay` is a promise about money."""
        backend = self.make(tmp_path)
        request = self.request(backend)
        first = backend.submit(request, key=request.submission_key)
        second = backend.submit(request, key=request.submission_key)
        assert (first == second) == backend.profile.replay
        backend.close()

    def test_an_unknown_job_is_lost(self, tmp_path: Path) -> None:
        """Neither an error nor an endless "queued"."""
        backend = self.make(tmp_path)
        request = self.request(backend)
        known = backend.submit(request, key=request.submission_key)
        assert backend.poll(Job("0" * 32, known.endpoint)).status == "lost"
        backend.close()

    def test_cancelling_is_quiet_and_ends(self, tmp_path: Path) -> None:
        """A cancelled job comes to an end, and cancelling what is over does nothing."""
        backend = self.make(tmp_path)
        request = self.request(backend)
        job = backend.submit(request, key=request.submission_key)
        backend.cancel(job)
        assert wait_for(backend, job).status in ("cancelled", "done")
        backend.cancel(job)
        backend.close()


def wait_for(backend: Backend, job: Job, timeout_s: float = 60.0) -> JobState:
    """Polls until `job` is over (AssertionError after `timeout_s`)."""
    until = time.monotonic() + timeout_s
    while (state := backend.poll(job)).status in ("queued", "running"):
        assert time.monotonic() < until, f"{job} is still {state.status} after {timeout_s} s"
        time.sleep(min(state.poll_after_s, 0.2))
    return state


def assert_exact(files: TakeFiles, request: GenerationRequest, profile: Profile) -> None:
    """The files are what the protocol promises: exact counts, every stem of the profile."""
    from .media.probe import check_counts
    from .media.wav import wav_facts

    if request.kind == "shot":
        assert files.movie is not None
        check_counts(files.movie, frames=request.frames, samples=request.samples)
        assert set(files.stems) == set(profile.stems)
    else:
        assert files.movie is None
        assert set(files.stems) == {request.role}
    for role, path in files.stems.items():
        facts = wav_facts(path)
        assert (facts.samples, facts.sample_rate, facts.channels) == (request.samples, request.sample_rate, 2), role


def crash_environment(point: str) -> dict[str, str]:
    """The environment of a child that ends at `point`: a state and a side of its commit, `"intent:before"`."""
    return {**os.environ, "TWOPOP_CRASH_AT": point}


def _ignore(event: Event) -> None:
    pass


def _new(folder: Path, name: str) -> Path:
    (folder / name).mkdir(parents=True)
    return folder / name


def _bytes_of(files: TakeFiles) -> dict[str, bytes]:
    found = {role: path.read_bytes() for role, path in files.stems.items()}
    return {**found, "movie": files.movie.read_bytes()} if files.movie else {**found}
