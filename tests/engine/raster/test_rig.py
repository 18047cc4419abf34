import numpy as np
import pytest

from twopop_engine.models.sketch.layout import CA, STAGE
from twopop_engine.models.sketch.raster.rig import MOUTH, mouth_at, rig_at, sample, shot_at


def track(tokens=50, **channels):
    out = np.zeros((tokens, CA.dims), np.float32)
    for name, values in channels.items():
        out[:, CA.index[name]] = values
    return out


def test_a_token_s_centre_shows_the_token():
    x = np.random.default_rng(0).normal(size=50)
    assert sample(CA, track(root_x=x), 7.5 / 25)[CA.index["root_x"]] == pytest.approx(x[7], abs=1e-6)


def test_between_tokens_nothing_overshoots():
    y = np.where(np.arange(50) < 20, 0.3, 0.0)  # a foot comes down and stays
    foot = track(left_foot_y=y)
    heights = [sample(CA, foot, t)[CA.index["left_foot_y"]] for t in np.linspace(0, 2, 401)]
    assert min(heights) >= 0.0
    assert max(heights) <= 0.3 + 1e-6


@pytest.mark.parametrize("time_s", [-5.0, 99.0])
def test_outside_the_track_its_ends_hold(time_s):
    assert sample(CA, track(root_x=np.linspace(1, 2, 50)), time_s)[CA.index["root_x"]] in (1.0, 2.0)


@pytest.mark.parametrize("fps", [23.976, 24, 25, 30, 50, 60, 120])
@pytest.mark.parametrize("closed_at", [40, 41, 47])
def test_a_closure_of_one_subframe_is_seen_closed(fps, closed_at):
    """20 ms of closed lips between open ones: some frame must show them shut, at every rate."""
    mouth = track(**{f"aperture.{half}": 0.6 for half in (0, 1)})
    mouth[closed_at // 2, CA.index[f"aperture.{closed_at % 2}"]] = 0.0
    shown = [mouth_at(mouth, k / fps, 1 / fps).aperture for k in range(int(2 * fps))]
    assert min(shown) < 0.08


def test_open_mouths_are_not_narrowed_by_the_shutter():
    speech = track(**{"aperture.0": 0.8, "aperture.1": 0.6})
    assert mouth_at(speech, 0.5, 0.04).aperture == pytest.approx(0.7, abs=0.06)


def test_the_pose_carries_the_names_of_the_layout():
    tracks = {"CA": track(root_x=0.4, head_yaw=0.2, right_hand_x=0.3, right_hand_y=1.1, blink=1.4)}
    stage = np.zeros((50, STAGE.dims))
    stage[:, STAGE.index["prop0.x.0"]] = stage[:, STAGE.index["prop0.x.1"]] = 0.7
    stage[:, STAGE.index["camera_zoom"]] = 0.3
    rig = rig_at({**tracks, "STAGE": stage}, 1.0)
    (pose,) = rig.people
    assert pose.root[0] == pytest.approx(0.4)
    assert pose.hands[1] == pytest.approx((0.3, 1.1))
    assert pose.blink == 1.0  # what a model overshoots is held to its range
    assert rig.stage.props[0].x == pytest.approx(0.7)
    assert rig.stage.zoom == pytest.approx(0.3)


def test_hair_lags_a_turning_head():
    turning = {"CA": track(head_yaw=np.linspace(0, 1, 50))}
    still = {"CA": track(head_yaw=0.5)}
    assert rig_at(turning, 1.0).people[0].lag[0] == pytest.approx(0.05, abs=0.01)
    assert rig_at(still, 1.0).people[0].lag[0] == 0.0


def test_a_shot_is_composed_for_its_first_frame():
    tracks = {"CA": track(root_x=np.linspace(0, 1, 50))}
    shot = shot_at(tracks, 1.0, "medium")
    assert shot.start is not None
    assert shot.start[0][0].root[0] == pytest.approx(rig_at(tracks, 1.0).people[0].root[0])
    assert len(MOUTH) == 6
