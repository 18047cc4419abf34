"""Generation against a service that charges: outcomes, resuming, cancelling, money, consoles and notebooks."""

import _thread
import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from twopop import events
from twopop.backends.base import Job, JobState
from twopop.backends.inprocess import InProcessBackend
from twopop.errors import BackendError, LedgerError, UnknownOutcomeError, UsageError
from twopop.generate import attach_generation, begin_generation, generate_takes, start_generation
from twopop.ledger import Ledger
from twopop.registry import BACKENDS, Entry
from twopop.store import TakeStore
from twopop.take import Cancelled, Failed, OverBudget, Ready, Refused, Reused, Unknown
from twopop.testing import FAKE, BackendContract, FakeBillingBackend, Faults, ModelContract, TinyModel, sample_plan
from twopop.worker import Limits

NO_REPLAY = FAKE.model_copy(update={"replay": False})
FREE = FAKE.model_copy(update={"price_per_second": 0.0})
HASTY = Limits(overall_s=0.5, stall_s=0.3, cancel_s=0.2, busy_s=0.1, wait_s=0.02)


class Bench:
    """A store, a journal and a service in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.plan = sample_plan(folder / "takes")
        self.store = TakeStore(folder / "takes")

    def backend(self, profile=FAKE, *, steps=2, step_s=0.0, **faults):
        return FakeBillingBackend(
            self.folder / "service", profile=profile, steps=steps, step_s=step_s, faults=Faults(**faults)
        )

    def run(self, backend=None, plan=None, **kwargs):
        return generate_takes(plan or self.plan, backend=backend or self.backend(), **kwargs)

    def ledger(self):
        return Ledger.of(self.store)

    def charges(self):
        return self.backend().charges()


@pytest.fixture
def bench(memory_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(memory_path / "state"))
    return Bench(memory_path)


def kinds(takes) -> list[str]:
    return [type(outcome).__name__ for outcome in takes.values()]


def slow(bench, **kwargs):
    """A run of three shots that would take a minute, one at a time."""
    backend = bench.backend(FAKE.model_copy(update={"concurrency": 1}), steps=2000, step_s=0.01, **kwargs)
    return start_generation(bench.plan, backend=backend), backend


def until(run, kind, timeout_s=20.0):
    """Events up to the first of `kind`."""
    seen, end = [], time.monotonic() + timeout_s
    while time.monotonic() < end:
        seen += run.poll(0.1)
        if any(isinstance(event, kind) for event in seen):
            return seen
    raise AssertionError(f"no {kind.__name__} in {seen}")


# -- the straight line -------------------------------------------------------------------------------------------------


def test_every_shot_gets_its_take(bench):
    takes = bench.run()
    assert list(takes) == ["SH000", "SH001", "SH002"]
    assert kinds(takes) == ["Ready"] * 3
    assert takes.take_for("SH001").name == "test_SH001_t001"
    assert takes.take_for("SH001").slate.cost == 0.48
    takes.raise_for_failures()
    assert bench.charges() == {"test_SH000": 1, "test_SH001": 1, "test_SH002": 1}
    assert bench.store.check(deep=True) == []


def test_twice_costs_once(bench):
    bench.run()
    assert kinds(bench.run()) == ["Reused"] * 3
    assert sum(bench.charges().values()) == 3


def test_events_tell_the_story_of_each_shot(bench):
    run = start_generation(bench.plan, backend=bench.backend())
    seen = [type(event).__name__ for event in run if event.shots == ("SH001",)]
    assert seen == ["Queued", "Denoising", "Denoising", "Writing", "TakeReady"]
    assert run.done
    assert run.poll() == []


def test_a_journal_entry_exists_when_start_returns(bench):
    run, _ = slow(bench)
    assert bench.ledger().run(run.id).budget is None
    run.cancel()
    run.result(20)


def test_shots_that_ask_alike_share_a_take(bench):
    one = bench.plan.shots[0]
    twin = one.model_copy(update={"name": "TWIN", "id": "twin"})
    plan = bench.plan.model_copy(update={"shots": (one, twin)})
    takes = bench.run(plan=plan)
    assert takes.take_for("SH000") == takes.take_for("TWIN")
    assert sum(bench.charges().values()) == 1


def test_what_the_plan_says_is_passed_on(bench):
    take = bench.run(only="SH000").take_for("SH000")
    one, two, three = bench.plan.shots
    shots = (
        one.model_copy(update={"status": "stale", "take": take.name, "why": "its neighbour changed"}),
        two.model_copy(update={"problem": "SH001 is too long."}),
        three.model_copy(update={"status": "reuse", "take": "test_SH002_t001"}),
    )
    run = start_generation(bench.plan.model_copy(update={"shots": shots}), backend=bench.backend())
    takes = run.result()
    assert takes["SH000"] == Reused(take, stale="its neighbour changed")
    assert takes["SH001"] == Failed("SH001 is too long.", "plan")
    assert "gone or damaged" in takes["SH002"].reason
    assert run.poll() == [events.Stale(("SH000",), take.name, "its neighbour changed")]
    assert sum(bench.charges().values()) == 1


def test_a_locked_shot_is_not_asked_of_another_model_either(bench):
    take = bench.run(only="SH000").take_for("SH000")
    locked = bench.plan.shots[0].model_copy(update={"status": "locked", "take": take.name})
    plan = bench.plan.model_copy(update={"shots": (locked, *bench.plan.shots[1:])})
    another = bench.backend(FAKE.model_copy(update={"weights": "newer"}))
    assert kinds(bench.run(another, plan=plan)) == ["Reused", "Ready", "Ready"]
    assert bench.charges()["test_SH000"] == 1


# -- only --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("only", "made"), [("SH001", ["SH001"]), ("sh00[02]", ["SH000", "SH002"]), (["SH000", "*1"], ["SH000", "SH001"])]
)
def test_only_some(bench, only, made):
    takes = bench.run(only=only)
    assert list(takes) == made
    assert kinds(takes) == ["Ready"] * len(made)


def test_only_nothing_is_a_sentence(bench):
    with pytest.raises(UsageError, match=r"No shot or bed is called 'SH01'. Nearest: SH001"):
        bench.run(only="SH01")
    assert bench.charges() == {}


# -- what goes wrong at the service ------------------------------------------------------------------------------------


def test_one_failure_is_an_outcome(bench):
    takes = bench.run(bench.backend(fail=["test_SH001"]))
    assert kinds(takes) == ["Ready", "Failed", "Ready"]
    assert takes["SH001"].reason == "The service broke."
    with pytest.raises(BackendError, match="SH001: The service broke"):
        takes.raise_for_failures()


def test_a_failure_is_tried_again_by_the_next_run(bench):
    bench.run(bench.backend(fail=["test_SH001"]))
    assert kinds(bench.run()) == ["Reused", "Ready", "Reused"]
    assert bench.charges()["test_SH001"] == 2


def test_a_refusal_is_not_repeated(bench):
    takes = bench.run(bench.backend(refuse=["test_SH001"]))
    assert takes["SH001"] == Refused("test_SH001 was declined by policy.", False)
    again = bench.run()["SH001"]
    assert isinstance(again, Refused)
    assert "change the brief" in again.reason
    assert "test_SH001" not in bench.charges()


def test_later_is_heard(bench):
    assert kinds(bench.run(bench.backend(busy=2))) == ["Ready"] * 3


def test_too_long_a_later_is_a_failure_that_cost_nothing(bench):
    run = begin_generation(
        bench.plan, backend=bench.backend(busy=99), store=None, only="SH000", budget=None, limits=HASTY
    )
    assert run.result()["SH000"] == Failed("test_SH000: come again later.", "busy")
    assert bench.ledger().money(run.id) == (0.0, 0.0)
    assert kinds(bench.run(only="SH000")) == ["Ready"]


def test_a_lost_answer_with_replay_costs_once(bench):
    assert kinds(bench.run(bench.backend(lose_answers=2))) == ["Ready"] * 3
    assert set(bench.charges().values()) == {1}


@pytest.mark.parametrize("fault", ["lose_answers", "lose_requests"])
def test_a_lost_answer_without_replay_is_never_repeated(bench, fault):
    takes = bench.run(bench.backend(NO_REPLAY, **{fault: 1}), only="SH000")
    assert isinstance(takes["SH000"], Unknown)
    assert "may have cost 0.48" in takes["SH000"].reason
    again = bench.run(bench.backend(NO_REPLAY), only="SH000")
    assert isinstance(again["SH000"], Unknown)
    assert sum(bench.charges().values()) == (1 if fault == "lose_answers" else 0)


def test_a_job_that_was_found_is_fetched(bench):
    bench.run(bench.backend(NO_REPLAY, lose_answers=1), only="SH000")
    ledger = bench.ledger()
    ledger.settle(ledger.open_jobs()[0].key, remote_id=bench.backend().job_of("test_SH000"))
    assert kinds(bench.run(bench.backend(NO_REPLAY), only="SH000")) == ["Ready"]
    assert bench.charges() == {"test_SH000": 1}


def test_a_paid_job_that_was_lost_is_not_bought_again(bench):
    takes = bench.run(bench.backend(forget=["test_SH000"]), only="SH000")
    assert takes["SH000"].code == "lost"
    assert "It cost about 0.48" in takes["SH000"].reason
    again = bench.run(only="SH000")
    assert again["SH000"].code == "lost"
    ledger = bench.ledger()
    ledger.settle(ledger.open_jobs()[0].key)
    assert kinds(bench.run(only="SH000")) == ["Ready"]


def test_a_take_of_the_wrong_length_never_counts(bench):
    takes = bench.run(bench.backend(cut_short=["test_SH001"]))
    assert takes["SH001"].code == "bad_media"
    assert "picture has 8 frames, 12 were asked for" in takes["SH001"].reason
    kept = takes["SH001"].reason.partition("What came is kept in ")[2].rstrip(".")
    assert (bench.folder / kept / "take.mov").exists()
    assert [take.slate.shot for take in bench.store.takes()] == ["test_SH000", "test_SH002"]


def test_downloads_are_repeated(bench):
    assert kinds(bench.run(bench.backend(fetch_errors=2))) == ["Ready"] * 3
    assert set(bench.charges().values()) == {1}


def test_a_download_that_never_comes_is_picked_up_later(bench):
    takes = bench.run(bench.backend(fetch_errors=4), only="SH000")
    assert takes["SH000"] == Failed("test_SH000: the download broke off.", "download")
    assert [job.state for job in bench.ledger().open_jobs()] == ["downloading"]
    assert kinds(bench.run(only="SH000")) == ["Ready"]
    assert bench.charges() == {"test_SH000": 1}


def test_what_an_earlier_run_stopped_is_made_again(bench):
    backend = bench.backend(steps=100, step_s=0.01)
    run = begin_generation(bench.plan, backend=backend, store=None, only="SH000", budget=None, limits=HASTY)
    assert run.result(30)["SH000"].code == "deadline"  # the service is asked to stop, and the run does not wait
    assert kinds(bench.run(only="SH000")) == ["Ready"]


class Silent(FakeBillingBackend):
    """A service whose polls fail, or say nothing for ever."""

    answer: JobState | None = None

    def poll(self, job: Job) -> JobState:
        """No news."""
        if self.answer is None:
            raise BackendError("unreachable", code="unreachable")
        return self.answer


@pytest.mark.parametrize(
    "answer", [None, JobState("queued", poll_after_s=0.01), JobState("running", poll_after_s=0.01)]
)
def test_a_job_that_never_ends_does_not_hang_and_is_kept(bench, answer):
    silent = Silent(bench.folder / "service")
    silent.answer = answer
    run = begin_generation(bench.plan, backend=silent, store=None, only="SH000", budget=None, limits=HASTY)
    assert run.result(30)["SH000"].code == "deadline"
    assert next(job.state for job in bench.ledger().open_jobs()) in ("submitted", "running")
    assert bench.charges() == {"test_SH000": 1}


class Flaky(FakeBillingBackend):
    """A service whose answers to creates are lost or refused in a given order; the rest succeeds."""

    answers: tuple[str, ...] = ()

    def submit(self, request, *, key):
        """`lost`: charged, no answer. `down`, `busy`: certainly not started, this time."""
        kind, self.answers = (self.answers or ("",))[0], self.answers[1:]
        if kind in ("down", "busy"):
            raise BackendError(f"{kind} now", code=kind)
        job = super().submit(request, key=key)
        if kind == "lost":
            raise UnknownOutcomeError("the connection broke")
        return job


@pytest.mark.parametrize("answers", ["lost down", "lost busy down", "lost busy busy lost down"])
def test_what_was_heard_once_stays_unknown_whatever_comes_after(bench, answers):
    flaky = Flaky(bench.folder / "service")
    flaky.answers = tuple(answers.split())
    assert isinstance(bench.run(flaky, only="SH000")["SH000"], Unknown)
    flaky.answers = ("down",)  # the next run asks under the same key, and again cannot know
    assert isinstance(bench.run(flaky, only="SH000")["SH000"], Unknown)
    assert kinds(bench.run(flaky, only="SH000")) == ["Ready"]
    assert bench.charges() == {"test_SH000": 1}


def test_what_was_never_heard_is_a_plain_failure(bench):
    flaky = Flaky(bench.folder / "service")
    flaky.answers = ("busy", "down")
    assert bench.run(flaky, only="SH000")["SH000"] == Failed("down now", "down")
    assert kinds(bench.run(flaky, only="SH000")) == ["Ready"]


class Broken(FakeBillingBackend):
    """A backend with a fault in its code."""

    def submit(self, request, *, key):
        """Charges, then trips over itself."""
        super().submit(request, key=key)
        raise ZeroDivisionError("oops")


def test_a_broken_backend_may_have_charged(bench):
    takes = bench.run(Broken(bench.folder / "service", profile=NO_REPLAY), only="SH000")
    assert takes["SH000"].code == "internal"
    assert "ZeroDivisionError: oops" in takes["SH000"].reason
    assert isinstance(bench.run(bench.backend(NO_REPLAY), only="SH000")["SH000"], Unknown)


# -- money -------------------------------------------------------------------------------------------------------------


def test_the_budget_is_checked_before_each_request(bench):
    takes = bench.run(bench.backend(FAKE.model_copy(update={"concurrency": 1})), budget=1.0)
    assert kinds(takes) == ["Ready", "Ready", "OverBudget"]
    assert takes["SH002"] == OverBudget(0.48, pytest.approx(0.04))
    assert sum(bench.charges().values()) == 2


def test_what_is_in_the_store_costs_no_budget(bench):
    bench.run()
    assert kinds(bench.run(budget=0.0)) == ["Reused"] * 3


# -- stores that change under it ---------------------------------------------------------------------------------------


def test_a_take_that_was_deleted_is_made_again_under_a_new_number(bench):
    take = bench.run().take_for("SH001")
    for path in take.folder.iterdir():
        path.unlink()
    (take.folder / f"{take.name}.mov").write_bytes(b"somebody's own")
    takes = bench.run()
    assert kinds(takes) == ["Reused", "Ready", "Reused"]
    assert takes.take_for("SH001").name == "test_SH001_t002"
    assert bench.charges()["test_SH001"] == 2


def test_an_edited_take_is_not_used(bench):
    take = bench.run().take_for("SH001")
    path = take.path("dialogue")
    path.chmod(0o644)
    path.write_bytes(b"RIFF")
    assert bench.run().take_for("SH001").name == "test_SH001_t002"
    assert path.read_bytes() == b"RIFF"


def test_a_store_that_cannot_be_written_asks_nothing(bench):
    (bench.folder / "takes").write_text("a file")
    with pytest.raises(LedgerError, match="cannot be"):
        bench.run()
    assert bench.charges() == {}


# -- stopping ----------------------------------------------------------------------------------------------------------


def test_cancel_keeps_what_is_finished(bench):
    run, _ = slow(bench)
    until(run, events.Denoising)
    run.cancel()
    takes = run.result(20)
    assert kinds(takes) == ["Cancelled"] * 3
    assert bench.charges() == {"test_SH000": 1}
    assert kinds(bench.run()) == ["Ready"] * 3


def test_a_cancel_that_comes_too_late_keeps_the_take(bench):
    backend = bench.backend(FAKE.model_copy(update={"concurrency": 1}))
    backend.cancel = lambda job: None  # the service does not listen
    run = start_generation(bench.plan, backend=backend)
    until(run, events.Queued)
    run.cancel()
    takes = run.result(20)
    assert set(kinds(takes)) <= {"Ready", "Cancelled"}
    assert len([take for take in takes.values() if isinstance(take, Ready)]) == sum(bench.charges().values())


def test_a_job_that_does_not_stop_is_fetched_by_the_next_run(bench):
    backend = bench.backend(steps=100, step_s=0.01)
    backend.cancel = lambda job: None
    run = begin_generation(bench.plan, backend=backend, store=None, only="SH000", budget=None, limits=HASTY)
    until(run, events.Denoising)
    run.cancel()
    assert "goes on at billing" in run.result(20)["SH000"].reason
    assert kinds(bench.run(only="SH000")) == ["Ready"]
    assert bench.charges() == {"test_SH000": 1}


def test_a_token_cancels(bench):
    token = threading.Event()
    threading.Timer(0.3, token.set).start()
    backend = bench.backend(steps=2000, step_s=0.01)
    begun = time.monotonic()
    assert set(kinds(bench.run(backend, cancel=token))) == {"Cancelled"}
    assert time.monotonic() - begun < 15


def test_leaving_an_iteration_does_not_cancel(bench):
    run = start_generation(bench.plan, backend=bench.backend())
    for _ in run:
        break
    assert kinds(run.result(20)) == ["Ready"] * 3


@pytest.mark.parametrize("how", ["result", "iterate"])
def test_ctrl_c_winds_down_and_is_passed_on(bench, how):
    run, _ = slow(bench)
    until(run, events.Denoising)
    threading.Timer(0.2, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        run.result(30) if how == "result" else list(run)
    assert run.done
    assert kinds(run.result()) == ["Cancelled"] * 3


def test_result_can_be_impatient(bench):
    run, _ = slow(bench)
    with pytest.raises(TimeoutError, match="It goes on"):
        run.result(0.05)
    assert not run.done
    run.cancel()
    run.result(20)


# -- attaching ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def registered(bench, monkeypatch):
    """The service under a registry name, so that a run can be attached by id alone."""
    monkeypatch.setenv("TWOPOP_TEST_SERVICE", str(bench.folder / "service"))
    monkeypatch.setitem(BACKENDS, "billing", Entry(f"{__name__}:open_service", "", "for tests"))
    return bench


def open_service() -> FakeBillingBackend:
    """The fake, as a registry opens it."""
    return FakeBillingBackend(Path(os.environ["TWOPOP_TEST_SERVICE"]))


def test_a_live_run_is_the_same_object(registered):
    run, _ = slow(registered)
    assert attach_generation(run.id) is run
    run.cancel()
    run.result(20)


def test_a_finished_run_is_found_again(registered):
    run = start_generation(registered.plan)
    run.result(20)
    again = attach_generation(run.id)
    assert kinds(again.result(20)) == ["Reused"] * 3
    assert again.id == run.id
    assert sum(registered.charges().values()) == 3


def test_a_run_that_was_left_is_taken_up(registered):
    run, _ = slow(registered)
    until(run, events.Denoising)
    run._detach()
    assert isinstance(run.result(20)["SH000"], Cancelled)
    assert kinds(attach_generation(run.id).result(20)) == ["Ready"] * 3
    assert set(registered.charges().values()) == {1}


def test_attaching_to_a_store_that_was_moved(registered):
    run = start_generation(registered.plan)
    run.result(20)
    registered.store.root.rename(registered.folder / "moved")
    with pytest.raises(LedgerError, match="Say where it is now"):
        attach_generation(run.id)
    takes = attach_generation(run.id, store=registered.folder / "moved").result(20)
    assert takes.take_for("SH000").folder == registered.folder / "moved" / "test_SH000"


def test_attaching_to_nothing(bench):
    with pytest.raises(LedgerError, match="not in the journals"):
        attach_generation("0123456789ab-00000000")


# -- consoles and notebooks --------------------------------------------------------------------------------------------


def test_async_iteration_leaves_the_loop_free(bench):
    async def watch():
        beats = 0

        async def heart():
            nonlocal beats
            while True:
                beats += 1
                await asyncio.sleep(0.005)

        beating = asyncio.create_task(heart())
        run = start_generation(bench.plan, backend=bench.backend(steps=10, step_s=0.01))
        seen = [type(event).__name__ async for event in run]
        beating.cancel()
        return seen, beats, run.result()

    seen, beats, takes = asyncio.run(watch())
    assert seen.count("TakeReady") == 3
    assert kinds(takes) == ["Ready"] * 3
    assert beats > 10


def test_leaving_an_async_iteration_does_not_cancel(bench):
    async def glance():
        run = start_generation(bench.plan, backend=bench.backend())
        async for _ in run:
            break
        return run

    assert kinds(asyncio.run(glance()).result(20)) == ["Ready"] * 3


def test_start_from_a_thread_that_owns_a_loop(bench):
    got = []

    def editor():
        async def console():
            run = start_generation(bench.plan, backend=bench.backend())
            while not run.done:
                await asyncio.sleep(0.01)
            got.append(run.result(0))

        asyncio.run(console())

    thread = threading.Thread(target=editor)
    thread.start()
    thread.join(30)
    assert kinds(got[0]) == ["Ready"] * 3


def test_two_generations_of_one_plan_make_one_take_each(bench):
    runs = [start_generation(bench.plan, backend=bench.backend(steps=5, step_s=0.01)) for _ in range(3)]
    results = [run.result(60) for run in runs]
    assert set(bench.charges().values()) == {1}
    assert [takes.failures for takes in results] == [{}] * 3
    assert len(list(TakeStore(bench.store.root).takes())) == 3


# -- models in this process --------------------------------------------------------------------------------------------


def test_a_free_model_is_simply_asked_again(bench):
    backend = InProcessBackend(TinyModel(FREE))
    takes = generate_takes(bench.plan.model_copy(update={"profile": FREE}), backend=backend)
    assert kinds(takes) == ["Ready"] * 3
    ledger = bench.ledger()
    for job in ledger._jobs("SELECT * FROM jobs"):  # as if the process had died in the middle
        ledger._set(job.key, state="running", take="")
    for take in takes.values():
        (take.take.folder / f"{take.take.name}.slate.json").unlink()
    again = generate_takes(bench.plan.model_copy(update={"profile": FREE}), backend=InProcessBackend(TinyModel(FREE)))
    assert kinds(again) == ["Ready"] * 3
    assert again.take_for("SH000").name == "test_SH000_t002"


class TestBillingFake(BackendContract):
    def make(self, folder):
        return FakeBillingBackend(folder)


class TestBillingFakeWithoutReplay(BackendContract):
    def make(self, folder):
        return FakeBillingBackend(folder, profile=NO_REPLAY)


class TestInProcess(BackendContract):
    def make(self, folder):
        return InProcessBackend(TinyModel(FREE))


class TestTinyModel(ModelContract):
    def make_model(self):
        return TinyModel(FREE)
