"""T14: two renders in one store at once: one job and one charge for every shot, and both end with every take."""

import os

import pytest

from twopop.testing import FAKE


def race(site, processes: int, **kwargs) -> None:
    here = site(shots=3, **kwargs)
    gate = os.pipe()

    def work():
        os.close(gate[1])
        os.read(gate[0], 1)  # all begin when the parent closes its end
        takes = here.render()
        assert takes.failures == {}, takes.failures

    children = [here.child(work) for _ in range(processes)]
    os.close(gate[0])
    os.close(gate[1])
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * processes
    here.assert_whole(here.render())
    assert sorted(path.name for path in here.store.root.glob("*/*.slate.json")) == [
        f"test_SH00{index}_t001.slate.json" for index in range(3)
    ]


@pytest.mark.parametrize("number", range(10))
def test_two_renders_of_one_store(site, number):
    race(site, 2, steps=number % 3, step_s=0.002 * (number % 4))


def test_five_renders_of_one_store(site):
    race(site, 5, steps=2, step_s=0.002)


def test_two_renders_of_a_service_without_replay(site):
    race(site, 2, profile=FAKE.model_copy(update={"replay": False}), steps=2, step_s=0.002)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(50))
def test_two_renders_of_one_store_often(site, number):
    race(site, 2 + number % 3, steps=number % 4, step_s=0.001 * (number % 5))


def test_one_is_killed_and_the_other_goes_on(site):
    import signal
    import time

    here = site(shots=3, steps=20, step_s=0.01)
    first = here.child()
    time.sleep(0.15)
    second = here.child()
    time.sleep(0.05)
    os.kill(first, signal.SIGKILL)
    os.waitpid(first, 0)
    assert os.waitstatus_to_exitcode(os.waitpid(second, 0)[1]) == 0
    here.assert_whole(here.render())
