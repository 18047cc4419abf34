"""T7: a disk that is full in the middle: nothing is believed that is not whole; with room again the run goes on."""

import os
import resource
import signal

import pytest

from twopop.testing import FAKE, sample_request, write_tiny_take

FRAMES = 60
MORE_PLACES = tuple(range(0, 760_000, 20_000))


def render_on_a_full_disk(here, limit: int, expected: str = "") -> None:
    """Renders in a child that cannot write files beyond `limit` bytes, then here, where there is room."""
    here.backend().close()  # the service is there before the disk is full

    def work():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        reasons = [getattr(outcome, "reason", "") for outcome in here.render().values()]
        assert not expected or all(expected in reason for reason in reasons), reasons

    status = os.waitstatus_to_exitcode(os.waitpid(here.child(work), 0)[1])
    # Ends with an outcome for every shot; only a journal that cannot even begin is an exception.
    assert status in ((0,) if expected else (0, 1)), status
    here.assert_whole(here.render())


@pytest.fixture(scope="module")
def largest(tmp_path_factory) -> int:
    """Bytes of the largest file that is downloaded; a stamped one is larger."""
    folder = tmp_path_factory.mktemp("size")
    write_tiny_take(sample_request(frames=FRAMES, generated=(-4, FRAMES)), folder)
    return max(path.stat().st_size for path in folder.iterdir())


def test_full_before_anything(site):
    render_on_a_full_disk(site(shots=2), 0)


def test_full_at_the_journal(site):
    render_on_a_full_disk(site(shots=2, frames=FRAMES), 60_000, "The journal")


def test_full_at_the_download(site, largest):
    here = site(shots=1, frames=FRAMES)
    render_on_a_full_disk(here, largest // 2, "take store")


def test_full_at_stamping(site, largest):
    here = site(shots=1, frames=FRAMES, profile=FAKE)
    render_on_a_full_disk(here, largest + 50, "take store")


@pytest.mark.soak
@pytest.mark.parametrize("limit", MORE_PLACES)
def test_full_at_many_sizes(site, limit):
    render_on_a_full_disk(site(shots=1, frames=FRAMES), limit)
