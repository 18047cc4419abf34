"""T3, T4: a process that dies at any moment neither loses a take that was paid for nor pays for one twice."""

import random

import pytest

from twopop.take import Unknown
from twopop.testing import FAKE

CRASHED = 86
NO_REPLAY = FAKE.model_copy(update={"replay": False})
FREE = FAKE.model_copy(update={"price_per_second": 0.0})
STATES = ("intent", "submitted", "running", "remote_done", "downloading", "stored", "verified")
POINTS = [f"{state}:{side}" for state in STATES for side in ("before", "after")]
POINTS += ["service:before", "service:charged"]


@pytest.mark.parametrize("point", POINTS)
def test_ending_at_every_step_of_the_journal(site, point):
    here = site(shots=2)
    assert here.crash_at(point) == CRASHED
    here.assert_whole(here.render())


@pytest.mark.parametrize("point", ["intent:after", "service:before", "service:charged", "submitted:before"])
def test_without_replay_what_may_have_been_paid_is_asked_of_people(site, point):
    here = site(shots=1, profile=NO_REPLAY)
    assert here.crash_at(point) == CRASHED
    charged = here.charges()
    takes = here.render()
    assert isinstance(takes["SH000"], Unknown)
    assert here.charges() == charged
    assert here.open_states() == {"unknown"}


@pytest.mark.parametrize("point", [p for p in POINTS if p.partition(":")[0] in STATES[2:]] + ["submitted:after"])
def test_without_replay_what_is_known_at_the_service_is_fetched(site, point):
    here = site(shots=2, profile=NO_REPLAY.model_copy(update={"concurrency": 1}))
    assert here.crash_at(point) == CRASHED
    here.assert_whole(here.render())


@pytest.mark.parametrize("point", POINTS[: 2 * len(STATES)])
def test_ending_at_every_step_with_a_model_in_this_process(site, point):
    here = site(shots=1, profile=FREE, in_process=True, step_s=0.1)
    assert here.crash_at(point) == CRASHED
    here.assert_whole(here.render())


def test_ending_again_and_again_at_every_step(site):
    here = site(shots=2)
    assert {here.crash_at(point) for point in POINTS} <= {CRASHED, 0}
    here.assert_whole(here.render())


def kill_at_random(site, kills: int, seed: int) -> set[str]:
    """`kills` kills over as many sites as it takes; the states that open jobs were found in."""
    rng, seen, done, states = random.Random(seed), 0, 0, set()
    here, longest = None, 0.4
    while done < kills:
        here = here or site(shots=3, steps=3, step_s=0.01, latency_s=0.01)
        status = here.kill_after(rng.uniform(0.0, longest))
        assert status in (-9, 0), status
        states |= here.open_states()
        if status == 0:
            longest = max(0.1, longest * 0.9)  # this machine is faster than that
        else:
            done, seen = done + 1, seen + 1
            longest = min(2.0, longest * 1.02)
        if status == 0 or seen == 4:
            here.assert_whole(here.render())
            here, seen = None, 0
    return states


def test_killed_at_random_and_resumed(site):
    assert len(kill_at_random(site, 60, seed=11)) >= 3


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_killed_three_hundred_times(site):
    states = kill_at_random(site, 300, seed=12)
    assert {"intent", "submitted", "running", "downloading"} <= states
