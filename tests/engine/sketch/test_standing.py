"""Who stands is drawn on their spot."""

import numpy as np

from twopop_engine.models.sketch.layout import CA, STAGE
from twopop_engine.models.sketch.standing import on_their_spots


def tracks(drift_m, prop_x=9.0):
    body, stage = np.zeros((50, CA.dims), np.float32), np.zeros((50, STAGE.dims), np.float32)
    body[:, CA.index["root_x"]] = -0.5 + drift_m
    body[:, CA.index["right_hand_x"]], body[:, CA.index["right_hand_y"]] = 0.3, 0.9
    stage[:, STAGE.columns("prop0.x.0", "prop1.x.0")] = prop_x, 9.0
    stage[:, STAGE.index["prop0.y.0"]] = 0.9
    return {"CA": body, "STAGE": stage}


def places(kept):
    root = kept["CA"][:, CA.index["root_x"]]
    return root, root + kept["CA"][:, CA.index["right_hand_x"]]


def test_who_stands_shifts_their_weight_and_does_not_glide():
    drift = np.linspace(-0.3, 0.3, 50)
    given = tracks(drift)
    root, hand = places(on_their_spots(given, {"CA": (-0.5, 0.2)}))
    assert np.abs(root + 0.5).max() <= 0.05
    assert (np.diff(root) > 0).all()
    assert np.allclose(hand - root, 0.3)
    assert given["CA"][0, CA.index["root_x"]] == np.float32(-0.8)  # what was sampled is as it was


def test_a_hand_at_a_thing_stays_there():
    drift = np.full(50, 0.2)
    _, hand = places(on_their_spots(tracks(drift, prop_x=0.0), {"CA": (-0.5, 0.2)}))
    assert np.allclose(hand, 0.0, atol=1e-6)


def test_who_walks_and_who_is_not_there_are_left_alone():
    given = tracks(np.linspace(0, 2, 50))
    assert np.array_equal(on_their_spots(given, {"CB": (0.5, 0.2)})["CA"], given["CA"])


def test_a_token_is_kept_by_itself():
    given = tracks(np.sin(np.arange(50)))
    whole = on_their_spots(given, {"CA": (-0.5, 0.2)})["CA"]
    part = on_their_spots({name: values[:20] for name, values in given.items()}, {"CA": (-0.5, 0.2)})["CA"]
    assert np.array_equal(whole[:20], part)
