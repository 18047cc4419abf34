"""Camera moves by name, in tokens."""

import numpy as np
import pytest

from twopop_engine.models.sketch.layout import STAGE
from twopop_engine.models.sketch.moves import MOVES, move_camera
from twopop_engine.models.sketch.picture import sit
from twopop_engine.models.sketch.raster.rig import CharacterPose, PropPose, RigFrame, StagePose

ZOOM, X = STAGE.index["camera_zoom"], STAGE.index["camera_x"]


def moved(move, seconds=4.0, tokens=100, **how):
    restless = np.random.default_rng(0).normal(0, 0.01, (tokens, STAGE.dims)).astype(np.float32)
    return restless, move_camera(restless, move, seconds, visible_m=1.2, **how)


@pytest.mark.parametrize("move", ["unspecified", "static"])
def test_a_camera_that_no_word_moves_is_at_rest_and_level(move):
    lens = [k for name, k in STAGE.index.items() if name.startswith("camera")]
    after = moved(move)[1][:, lens]
    assert np.ptp(after, axis=0).max() == 0
    assert np.abs(moved(move)[1][:, STAGE.columns("camera_roll", "camera_shake_x", "camera_shake_y")]).max() == 0


@pytest.mark.parametrize("move", MOVES)
def test_what_is_no_camera_stays_as_it_was(move):
    before, after = moved(move)
    rest = [k for name, k in STAGE.index.items() if not name.startswith("camera")]
    assert np.array_equal(before[:, rest], after[:, rest])


def test_moves_go_where_they_are_said_to():
    assert np.ptp(moved("static")[1][:, [ZOOM, X]], axis=0).max() == 0
    assert moved("push")[1][-1, ZOOM] > moved("push")[1][0, ZOOM] + 0.2
    assert moved("pull")[1][-1, ZOOM] < moved("pull")[1][0, ZOOM] - 0.2
    right, left = moved("pan")[1][:, X], moved("pan", way=-1.0)[1][:, X]
    assert right[-1] - right[0] > 0.4
    assert left[-1] - left[0] < -0.4
    assert 0 < np.ptp(moved("handheld")[1][:, X]) < 0.1


def test_a_move_does_not_depend_on_how_far_the_tokens_have_grown():
    for move in ("push", "dolly", "handheld"):
        assert np.array_equal(moved(move)[1][:1], moved(move, tokens=100)[1][:1])
        whole, part = moved(move)[1], move_camera(moved(move)[0][:40], move, 4.0, visible_m=1.2)
        assert np.allclose(whole[:40], part)


def test_who_sits_keeps_a_hand_on_what_it_handles():
    pose = CharacterPose(hands=((-0.24, 0.86), (0.3, 0.95)))
    rig = RigFrame((pose, pose), StagePose(props=(PropPose(0.32, 0.92),)))
    seated = sit(rig, (0,))
    assert seated.people[1] == pose
    assert seated.people[0].hip_drop > 0.3
    assert seated.people[0].hands[0][1] < 0.7
    assert seated.people[0].hands[1] == pose.hands[1]
