"""T11: whatever happens in whatever order, the journal says what a plain model of it says, and pays no more."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from twopop.jobs import RunRow, now
from twopop.ledger import Ledger
from twopop.testing import sample_request

PRICE = 1.0
SHOTS = [sample_request(f"SH{index}", match_key=f"{index:064x}") for index in range(3)]
AT_WORK = ("submitted", "running", "remote_done", "downloading", "stored")
shots = st.sampled_from(range(len(SHOTS)))


class Journal(RuleBasedStateMachine):
    """Three requests, one service that charges for every POST it hears of, and processes that come and go."""

    def __init__(self) -> None:
        super().__init__()
        root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = TemporaryDirectory(dir=root)
        self.ledger = Ledger(Path(self.folder.name) / "a.sqlite3")
        self.keys: dict[int, str] = {}
        self.states: dict[int, str] = {}
        self.heard = dict.fromkeys(range(len(SHOTS)), 0)
        """POSTs the service may have heard of and that nobody has settled since."""
        self.runs, self.payer = 0, {}
        self.spent: dict[str, float] = {}

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    @initialize()
    def first(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.runs += 1
        self.run = f"run{self.runs}"
        self.spent[self.run] = 0.0
        self.ledger.begin(RunRow(self.run, now(), "service", None, "", "{}", "[]"), SHOTS)

    def move(self, shot: int, state: str, **facts) -> None:
        self.ledger.advance(self.keys[shot], state, **facts)
        self.states[shot] = state

    def is_in(self, *states: str) -> list[int]:
        return [shot for shot, state in self.states.items() if state in states]

    @rule(shot=shots)
    def ask(self, shot: int) -> None:
        """What the journal allows follows from the state alone; it never allows a second POST while one is open."""
        before = self.states.get(shot, "planned")
        claim = self.ledger.claim(self.run, SHOTS[shot], "service", price=PRICE, replay=False)
        expected = {
            "planned": "submit", "failed": "submit", "cancelled": "submit", "intent": "unknown", "unknown": "unknown",
            "verified": "take", "refused": "refused", "lost": "lost", "expired": "lost",
        }  # fmt: skip
        assert claim.action == expected.get(before, "attach")
        if claim.action == "submit":
            assert self.heard[shot] == 0
            self.keys[shot], self.states[shot], self.payer[shot] = claim.job.key, "intent", self.run
            self.heard[shot] = 1
            self.spent[self.run] += PRICE
        elif claim.action == "unknown":
            self.states[shot] = "unknown"

    @precondition(lambda self: self.is_in("intent"))
    @rule(outcome=st.sampled_from(["submitted", "unknown", "refused", "failed"]))
    def answer(self, outcome: str) -> None:
        """The service answers, or does not, or says that nothing was started."""
        shot = self.is_in("intent")[0]
        facts = {"charged": 0} if outcome in ("refused", "failed") else {}
        self.move(shot, outcome, **facts)
        if facts:
            self.heard[shot] = 0
            self.spent[self.payer[shot]] -= PRICE

    @precondition(lambda self: self.is_in(*AT_WORK))
    @rule(pick=st.integers(0, 2))
    def go_on(self, pick: int) -> None:
        """One step along the happy path."""
        at_work = self.is_in(*AT_WORK)
        shot = at_work[pick % len(at_work)]
        path = (*AT_WORK, "verified")
        self.move(shot, path[path.index(self.states[shot]) + 1])

    @precondition(lambda self: self.is_in(*AT_WORK[:4]))
    @rule(end=st.sampled_from(["failed", "cancelled", "expired", "lost"]))
    def break_down(self, end: str) -> None:
        """The service gives up on a job it charged for."""
        shot = self.is_in(*AT_WORK[:4])[0]
        self.move(shot, end)
        self.heard[shot] = 0 if end in ("failed", "cancelled") else 1

    @rule()
    def die(self) -> None:
        """The process ends; its lock is free; another one begins."""
        self.ledger.close()
        self.ledger = Ledger(self.ledger.path)
        self.begin()

    @precondition(lambda self: self.is_in("unknown", "refused", "lost", "expired"))
    @rule(found=st.booleans())
    def settle(self, found: bool) -> None:
        """Somebody looked at the service and says what is there."""
        shot = self.is_in("unknown", "refused", "lost", "expired")[0]
        found = found and self.states[shot] != "refused"
        if self.ledger.is_held(self.ledger.job(self.keys[shot]).lease) and self.states[shot] == "unknown":
            return  # its run is still alive: settling is refused, which the unit tests see
        row = self.ledger.settle(self.keys[shot], remote_id="7" if found else "")
        self.states[shot] = row.state
        self.heard[shot] = int(found)

    @invariant()
    def agrees(self) -> None:
        for shot, key in self.keys.items():
            assert self.ledger.job(key).state == self.states[shot]
        for run, spent in self.spent.items():
            assert sum(self.ledger.money(run)) == pytest.approx(spent)


LIGHT = settings(max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))


def test_the_journal_agrees_with_a_model_of_it():
    run_state_machine_as_test(Journal, settings=LIGHT)


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_the_journal_agrees_with_a_model_of_it_for_long():
    run_state_machine_as_test(Journal, settings=settings(LIGHT, max_examples=200, stateful_step_count=50))
