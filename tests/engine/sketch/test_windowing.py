"""Where a scene's windows lie, and what each is told."""

from dataclasses import replace

import numpy as np
import pytest

from twopop_engine.models.sketch.layout import CA, STAGE
from twopop_engine.models.sketch.score import Blocking, Prop, Score, SoundCue
from twopop_engine.models.sketch.windowing import (
    OVERLAP_S,
    WINDOW_S,
    Frozen,
    windows_of,
    with_hands_let_go,
    with_things_left_alone,
)

PAN = Score(
    characters=(Blocking(), Blocking()),
    props=(Prop("pan", 0.3, 0.86, 0), None),
    sounds=frozenset({"pan", "step.wood"}),
    cues=(SoundCue(6.0, 1, "pan"),),
)


@pytest.mark.parametrize("tenths", range(1, 900, 7))
def test_windows_cover_a_scene_and_reach_back_into_each_other(tenths):
    windows = windows_of(tenths / 10)
    ends = [start + length for start, length in windows]
    assert windows[0][0] == 0.0
    assert 0 <= ends[-1] - tenths / 10 < 0.2 + 1e-6
    assert all(0 < length <= WINDOW_S + 1e-6 for _, length in windows)
    for end, (start, length) in zip(ends, windows[1:], strict=False):
        assert end - start == pytest.approx(OVERLAP_S)
        assert length > OVERLAP_S + 0.1
    assert all(length == pytest.approx(windows[0][1]) for _, length in windows[:-1])


def _stage(height):
    stage = np.zeros((200, STAGE.dims), np.float32)
    stage[:, STAGE.index["prop0.y.1"]] = height
    return {"STAGE": stage}


@pytest.mark.parametrize(("start", "acts"), [(0.0, False), (2.4, True), (4.8, True), (7.2, False)])
def test_nobody_is_at_a_thing_away_from_its_cue(start, acts):
    told = with_things_left_alone(PAN, _stage(0.86), start, 3.2)
    assert told.props[0].acts is acts
    assert told.sounds == (PAN.sounds if acts else {"step.wood"})


def test_a_thing_in_the_air_and_one_that_is_never_cued_are_not_left():
    assert with_things_left_alone(PAN, _stage(1.0), 7.2, 3.2) == PAN
    free = replace(PAN, cues=())
    assert with_things_left_alone(free, _stage(0.86), 7.2, 3.2) == free
    row = replace(
        PAN, props=(Prop("knife", 0.3, 0.86, 0), None), sounds=frozenset({"wood"}), cues=(SoundCue(0.5, 1, "wood"),)
    )
    assert with_things_left_alone(row, _stage(0.86), 7.2, 3.2) == row


def test_a_sound_stays_allowed_while_another_thing_makes_it():
    two = replace(PAN, props=(PAN.props[0], Prop("pan", -0.4, 0.9, 1)))
    told = with_things_left_alone(two, _stage(0.86), 7.2, 3.2)  # the other one is not where it belongs
    assert [prop.acts for prop in told.props] == [False, True]
    assert told.sounds == PAN.sounds


def test_a_hand_that_lets_go_moves_on_from_the_seam():
    body = np.zeros((80, CA.dims), np.float32)
    y = CA.index["right_hand_y"]
    body[:20, y], body[20:, y] = 1.0, 0.8
    frozen = {"CA": Frozen(body, np.arange(80) < 20)}
    told = with_things_left_alone(PAN, _stage(0.86), 7.2, 3.2)
    eased = with_hands_let_go({"CA": body}, PAN, told, frozen)["CA"]
    np.testing.assert_array_equal(eased[:20], body[:20])
    assert np.abs(np.diff(eased[:, y])).max() < 0.04
    assert np.abs(eased[40:, y] - 0.8).max() < 1e-6
    assert with_hands_let_go({"CA": body}, PAN, PAN, frozen)["CA"] is body
