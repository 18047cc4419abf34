"""What the network sees of natural units: departures from the score, finest where things touch."""

import numpy as np
import pytest

from twopop_engine.models.sketch.layout import CA, FX, STAGE, TRAINED
from twopop_engine.models.sketch.sampler import WEIGHTS
from twopop_engine.models.sketch.scaling import Scaling, bend, expected
from twopop_engine.models.sketch.score import Blocking, Framing, Prop, Score

SCORE = Score(
    characters=(Blocking(from_x=-0.6, facing=0.4), Blocking(from_x=0.7)),
    props=(Prop("knock", -0.2, 1.3, 0), Prop("car", 0.0, 0.0)),
    framings=(Framing(0.0, 0.1, 1.2, 0.5), Framing(1.0, -0.4, 1.5, 1.3)),
    light_level=0.4,
)


@pytest.fixture(scope="module")
def scaling():
    with np.load(WEIGHTS / "tables.npz") as tables:
        return Scaling(dict(tables))


def _rest(group):
    return expected(SCORE, group, group.times_s(50) if group.rate_hz else np.arange(50.0))


@pytest.mark.parametrize("group", TRAINED, ids=lambda group: group.name)
def test_there_and_back_is_the_same(group, scaling):
    values = np.random.default_rng(0).uniform(-1.5, 1.5, (50, group.dims)).astype(np.float32)
    back = scaling.natural(group, scaling.normal(group, values, _rest(group)), _rest(group))
    np.testing.assert_allclose(back, values, atol=2e-4)


def test_the_score_says_where_everything_rests():
    stage, body = _rest(STAGE), _rest(CA)
    assert stage[0, STAGE.index["prop0.y.1"]] == pytest.approx(1.3)
    assert stage[[10, 40], STAGE.index["camera_zoom"]] == pytest.approx([0.5, 1.3])
    assert stage[0, STAGE.index["light_level"]] == pytest.approx(0.4)
    assert body[0, CA.index["root_x"]] == pytest.approx(-0.6)
    assert not _rest(FX).any()


def test_the_hand_that_knocks_is_expected_at_the_door():
    body = _rest(CA)[0]
    assert body[CA.index["root_x"]] + body[CA.index["right_hand_x"]] == pytest.approx(-0.2)
    assert body[CA.index["right_hand_y"]] == pytest.approx(1.3)
    assert body[CA.index["left_hand_x"]] < 0  # it hangs


def test_a_millimetre_counts_for_more_near_a_contact_than_far_off():
    heights = np.zeros((4, STAGE.dims), np.float32)
    column = STAGE.index["prop0.y.0"]
    heights[:, column] = 0.0, 0.001, 0.3, 0.301
    bent = bend(STAGE, heights)[:, column]
    assert bent[1] - bent[0] > 3 * (bent[3] - bent[2]) > 0
    assert bend(STAGE, -heights)[3, column] == pytest.approx(-bent[3])
