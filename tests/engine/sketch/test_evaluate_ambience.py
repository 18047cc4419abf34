"""The measures of ambience see what they are for: a loop, a jump, a seam."""

import numpy as np
import pytest

from twopop_engine.train.evaluate_ambience import _auc, _loop, jump, log_mel

RATE = 48_000


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(1).normal(0, 0.1, 30 * RATE)


def test_a_loop_is_heard_and_noise_has_none(noise):
    assert _loop(noise) < 0.05
    assert _loop(np.tile(noise[: 5 * RATE], 6)) > 0.9


def test_a_jump_is_larger_where_the_sound_changes(noise):
    louder = np.concatenate([noise[:RATE], 3 * noise[RATE : 2 * RATE]])
    mel = log_mel(louder)
    assert jump(mel, 100) > 3 * jump(mel, 50)


def test_of_equals_every_second_is_larger():
    assert _auc([1.0, 2.0], [1.0, 2.0]) == 0.5
    assert _auc([3.0], [1.0, 2.0]) == 1.0
