"""The journal: intent before every paid call, legal steps only, one worker for every job."""

import sqlite3
import threading
from fractions import Fraction

import pytest

from twopop.errors import LedgerError
from twopop.jobs import NEXT, JobRow, RunRow, decide, dump_requests, load_requests, now, with_attempt
from twopop.ledger import Ledger, find_ledger, state_dir
from twopop.store import TakeStore
from twopop.testing import sample_request, write_tiny_take
from twopop.timebase import FrameRange

HAPPY = ("submitted", "running", "remote_done", "downloading", "stored", "verified")


@pytest.fixture
def ledger(memory_path):
    ledger = Ledger(memory_path / "a.sqlite3")
    yield ledger
    ledger.close()


def begin(ledger, run="r1", budget=None, requests=()) -> str:
    ledger.begin(RunRow(run, now(), "billing", budget, "takes", "{}", dump_requests(requests)), requests)
    return run


def claim(ledger, run="r1", request=None, backend="billing", price=1.0, replay=False):
    return ledger.claim(run, request or sample_request(), backend, price=price, replay=replay)


def drive(ledger, key, *states, **facts):
    for state in states:
        ledger.advance(key, state, **facts)


# -- the happy path ----------------------------------------------------------------------------------------------------


def test_a_job_goes_through_every_state_once(ledger):
    begin(ledger, requests=[sample_request()])
    got = claim(ledger)
    assert (got.action, got.job.state) == ("submit", "intent")
    drive(ledger, got.job.key, *HAPPY)
    assert ledger.history(got.job.key) == ["planned", "intent", *HAPPY]
    assert ledger.open_jobs() == []


def test_the_intent_is_on_disk_before_the_claim_returns(ledger):
    begin(ledger)
    job = claim(ledger).job
    other = sqlite3.connect(ledger.path)
    assert other.execute("SELECT state, price FROM jobs WHERE key = ?", (job.key,)).fetchone() == ("intent", 1.0)
    assert ledger._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert ledger._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_verified_job_points_to_its_take(ledger):
    begin(ledger)
    job = claim(ledger).job
    drive(ledger, job.key, *HAPPY, take="x_t001")
    again = claim(ledger)
    assert (again.action, again.job.take) == ("take", "x_t001")


def test_the_request_survives_the_journal(ledger):
    request = sample_request(frame_rate=Fraction(24000, 1001))
    begin(ledger, requests=[request])
    assert claim(ledger, request=request).job.asked() == request
    assert load_requests(ledger.run("r1").requests) == (request,)


# -- what may follow what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(NEXT))
def test_only_legal_steps(ledger, state):
    row = JobRow.of(sample_request(), state=state, run="r1", backend="billing")
    with ledger._transaction():
        ledger._insert(row)
    every = set(NEXT) | {after for states in NEXT.values() for after in states}
    for after in sorted(every - set(NEXT[state]) - {state}):
        with pytest.raises(LedgerError, match=f"cannot go from {state} to {after}"):
            ledger.advance(row.key, after)
    assert ledger.job(row.key).state == state


def test_an_unknown_job_is_an_error(ledger):
    with pytest.raises(LedgerError, match="no job"):
        ledger.advance("0" * 64, "running")


@pytest.mark.parametrize(
    ("state", "replay", "price", "action"),
    [
        ("intent", False, 1, "unknown"), ("intent", True, 1, "submit"), ("intent", False, 0, "submit"),
        ("unknown", False, 1, "unknown"), ("unknown", True, 1, "submit"), ("unknown", False, 0, "submit"),
        ("submitted", False, 1, "attach"), ("running", True, 1, "attach"), ("downloading", False, 0, "attach"),
        ("stored", False, 1, "attach"), ("verified", True, 1, "take"), ("refused", True, 1, "refused"),
        ("failed", False, 1, "submit"), ("cancelled", False, 1, "submit"), ("lost", True, 1, "lost"),
        ("lost", True, 0, "submit"), ("expired", False, 1, "lost"), ("expired", False, 0, "submit"),
    ],
)  # fmt: skip
def test_what_a_row_allows(state, replay, price, action):
    from dataclasses import replace

    row = replace(JobRow.of(sample_request(), state=state, run="r", backend="billing"), price=price)
    assert decide(row, "billing", replay) == action


def test_a_paid_job_elsewhere_is_not_bought_here(ledger):
    begin(ledger)
    job = claim(ledger).job
    ledger.advance(job.key, "submitted", remote_id="7")
    assert claim(ledger, backend="another").action == "elsewhere"


def test_a_refusal_binds_only_the_service_that_refused(ledger):
    begin(ledger)
    ledger.advance(claim(ledger).job.key, "refused", charged=0)
    assert claim(ledger).action == "refused"
    assert claim(ledger, backend="another").action == "submit"


def test_a_free_job_elsewhere_is_left(ledger):
    begin(ledger)
    job = claim(ledger, price=0.0).job
    ledger.advance(job.key, "submitted", remote_id="7")
    got = claim(ledger, backend="another", price=0.0)
    assert (got.action, got.job.attempt) == ("submit", 2)
    assert ledger.job(job.key).state == "failed"


# -- attempts and ranges -----------------------------------------------------------------------------------------------


def test_a_failure_is_tried_under_another_key(ledger):
    begin(ledger)
    first = claim(ledger).job
    ledger.advance(first.key, "failed")
    second = claim(ledger).job
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.key != second.key == second.asked().submission_key


def test_another_attempt_is_another_key():
    request = sample_request()
    assert request.submission_key  # cached on purpose: it must not travel
    again = with_attempt(request, 2)
    assert (again.attempt, again.match_key) == (2, request.match_key)
    assert again.submission_key != request.submission_key


def test_a_trimmed_shot_finds_the_job_that_is_open(ledger):
    begin(ledger)
    job = claim(ledger).job
    ledger.advance(job.key, "submitted", remote_id="7")
    trimmed = sample_request(generated=FrameRange(-2, 8), used=FrameRange(1, 2))
    got = claim(ledger, request=trimmed)
    assert (got.action, got.job.key) == ("attach", job.key)


def test_a_longer_shot_does_not(ledger):
    begin(ledger)
    job = claim(ledger).job
    ledger.advance(job.key, "submitted", remote_id="7")
    longer = sample_request(generated=FrameRange(-4, 40), used=FrameRange(0, 32))
    assert claim(ledger, request=longer).action == "submit"


def test_a_retake_is_not_its_elder(ledger):
    begin(ledger)
    drive(ledger, claim(ledger).job.key, *HAPPY)
    assert claim(ledger, request=sample_request(seed=8, take=2)).action == "submit"


# -- money -------------------------------------------------------------------------------------------------------------


def test_budget_is_reserved_before_each_call(ledger):
    begin(ledger, budget=2.5)
    actions = [claim(ledger, request=sample_request(f"SH{index}", match_key=f"{index:064x}")) for index in range(4)]
    assert [got.action for got in actions] == ["submit", "submit", "over_budget", "over_budget"]
    assert actions[2].left == 0.5
    assert ledger.money("r1") == (0.0, 2.0)


def test_what_it_really_cost_replaces_the_estimate(ledger):
    begin(ledger, budget=2.5)
    first = claim(ledger, request=sample_request("A", match_key="a" * 64)).job
    drive(ledger, first.key, "submitted", "remote_done", cost=0.25)
    assert ledger.money("r1") == (0.25, 0.0)
    more = [claim(ledger, request=sample_request("B", match_key=f"{index:064x}")).action for index in range(3)]
    assert more == ["submit", "submit", "over_budget"]


def test_what_was_certainly_not_charged_is_free_again(ledger):
    begin(ledger, budget=1.0)
    job = claim(ledger).job
    ledger.advance(job.key, "failed", charged=0)
    assert ledger.money("r1") == (0.0, 0.0)
    assert claim(ledger).action == "submit"


def test_a_replay_is_not_reserved_twice(ledger):
    begin(ledger, budget=1.0)
    job = claim(ledger, replay=True).job
    ledger.advance(job.key, "unknown")
    again = claim(ledger, replay=True)
    assert (again.action, again.job.key) == ("submit", job.key)
    assert ledger.money("r1") == (0.0, 1.0)


# -- two at once -------------------------------------------------------------------------------------------------------


def test_a_second_render_waits_for_the_first(ledger):
    other = Ledger(ledger.path)
    begin(ledger)
    begin(other, "r2")
    assert claim(ledger).action == "submit"
    assert claim(other, "r2").action == "wait"
    ledger.release("r1")
    assert claim(other, "r2").action == "unknown"
    other.close()


def test_a_first_that_died_is_taken_over(ledger):
    other = Ledger(ledger.path)
    begin(ledger)
    begin(other, "r2")
    job = claim(ledger).job
    ledger.advance(job.key, "submitted", remote_id="7")
    assert claim(other, "r2").action == "wait"
    ledger.release("r1")
    got = claim(other, "r2")
    assert (got.action, got.job.remote_id, got.job.lease) == ("attach", "7", "r2")
    other.close()


def test_of_five_renders_one_may_send(ledger):
    ledgers = [Ledger(ledger.path) for _ in range(5)]
    for index, each in enumerate(ledgers):
        begin(each, f"run{index}")
    actions: list[str] = []

    def work(index):
        actions.append(claim(ledgers[index % 5], f"run{index % 5}").action)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(actions) == ["submit", *["wait"] * 4]
    [each.close() for each in ledgers]


def test_a_take_on_disk_is_entered_only_for_the_dead(ledger):
    other = Ledger(ledger.path)
    begin(ledger)
    begin(other, "r2")
    job = claim(ledger).job
    drive(ledger, job.key, *HAPPY[:4])
    other.found("r2", job.key, "x_t001")
    assert other.job(job.key).state == "downloading"
    ledger.release("r1")
    other.found("r2", job.key, "x_t001")
    assert (other.job(job.key).state, other.job(job.key).take) == ("verified", "x_t001")
    other.close()


def test_a_run_is_held_by_one(ledger):
    begin(ledger)
    other = Ledger(ledger.path)
    assert other.is_held("r1")
    with pytest.raises(LedgerError, match="still being worked on"):
        other.hold("r1")
    ledger.release("r1")
    assert not other.is_held("r1")
    other.hold("r1")
    other.close()


def test_what_was_only_planned_goes_with_its_run(ledger):
    begin(ledger, requests=[sample_request()])
    ledger.release("r1")
    assert ledger._jobs("SELECT * FROM jobs") == []


# -- settling ----------------------------------------------------------------------------------------------------------


def unknown_job(ledger):
    begin(ledger)
    job = claim(ledger).job
    ledger.release("r1")
    return ledger.advance(job.key, "unknown")


def test_an_unknown_job_stays_until_somebody_says(ledger):
    job = unknown_job(ledger)
    assert [row.key for row in ledger.open_jobs()] == [job.key]
    begin(ledger, "r2")
    assert claim(ledger, "r2").action == "unknown"
    assert ledger.settle(job.key[:12]).state == "failed"
    assert claim(ledger, "r2").action == "submit"


def test_a_job_that_was_found_is_picked_up(ledger):
    job = unknown_job(ledger)
    assert ledger.settle(job.key, remote_id="42", endpoint="fake://").state == "submitted"
    begin(ledger, "r2")
    got = claim(ledger, "r2")
    assert (got.action, got.job.remote_id, got.job.endpoint) == ("attach", "42", "fake://")


def test_a_job_at_work_cannot_be_settled(ledger):
    begin(ledger)
    job = claim(ledger).job
    with pytest.raises(LedgerError, match="being worked on"):
        ledger.settle(job.key)


def test_a_refusal_is_asked_again_only_when_settled(ledger):
    begin(ledger)
    job = claim(ledger).job
    ledger.advance(job.key, "refused", message="No.")
    assert claim(ledger).action == "refused"
    ledger.settle(job.key)
    assert claim(ledger).action == "submit"


def test_paid_jobs_that_were_lost_are_listed(ledger):
    begin(ledger)
    paid = claim(ledger, request=sample_request(match_key="a" * 64)).job
    free = claim(ledger, request=sample_request(match_key="b" * 64), price=0.0).job
    for job in (paid, free):
        drive(ledger, job.key, "submitted", "lost")
    assert [row.key for row in ledger.open_jobs()] == [paid.key]


def test_a_key_must_mean_one_job(ledger):
    with pytest.raises(LedgerError, match="0 jobs"):
        ledger.settle("abc")


# -- the file ----------------------------------------------------------------------------------------------------------


def test_a_newer_journal_is_left_alone(memory_path):
    Ledger(memory_path / "a.sqlite3").close()
    db = sqlite3.connect(memory_path / "a.sqlite3")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(LedgerError, match="newer twopop"):
        Ledger(memory_path / "a.sqlite3")


def test_a_damaged_journal_is_a_sentence(memory_path):
    (memory_path / "a.sqlite3").write_bytes(b"this is not a journal" * 100)
    with pytest.raises(LedgerError, match="Move the file away to begin"):
        Ledger(memory_path / "a.sqlite3")


def test_a_state_folder_that_is_a_file(memory_path):
    (memory_path / "state").write_text("")
    with pytest.raises(LedgerError, match="TWOPOP_STATE_DIR"):
        Ledger(memory_path / "state" / "a.sqlite3")


def test_the_state_folder_can_be_chosen(memory_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(memory_path))
    assert state_dir() == memory_path
    monkeypatch.delenv("TWOPOP_STATE_DIR")
    assert state_dir().name == "twopop"


@pytest.mark.parametrize("run", ["nothing", "", "*-1", "../x-1"])
def test_a_run_nobody_knows(memory_path, monkeypatch, run):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(memory_path))
    with pytest.raises(LedgerError, match="not in the journals"):
        find_ledger(run)


def test_the_journal_is_rebuilt_from_slates(memory_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(memory_path / "state"))
    store = TakeStore(memory_path / "takes")
    request = sample_request()
    (memory_path / "raw").mkdir()
    take = store.add(request, write_tiny_take(request, memory_path / "raw"), backend="billing", cost=0.5)
    ledger = Ledger.of(store)
    row = ledger.job(request.submission_key)
    assert (row.state, row.take, row.cost, row.run) == ("verified", take.name, 0.5, "rebuilt")
    assert ledger.rebuild(store) == 0
    ledger.close()


def test_many_open_a_new_journal_at_once(memory_path):
    errors: list[Exception] = []

    def work():
        try:
            Ledger(memory_path / "new.sqlite3").close()
        except Exception as exc:
            errors.append(exc)

    threads = [threading.Thread(target=work) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert errors == []
