"""What is seen to touch against what is heard, on windows made by hand."""

import numpy as np
import pytest

from twopop_engine.models.sketch.agreement import Agreement, Apart, agreement
from twopop_engine.models.sketch.lanes import SoundEvent, write_lane
from twopop_engine.models.sketch.layout import CA, CHARACTERS, FX, STAGE
from twopop_engine.models.sketch.score import Blocking, Prop, Score, SoundCue

SECONDS = 3.2
TOKENS = FX.tokens(SECONDS)
GLASS = Score(
    characters=(Blocking(), Blocking(on_stage=False)),
    props=(Prop("glass", 0.3, 0.9, 0), None),
    sounds=frozenset({"glass"}),
)


def _window(touches, heard, lane=1, kind="glass"):
    """A glass that is put down at some times, and sounds at others."""
    stage = np.zeros((TOKENS, STAGE.dims), np.float32)
    fine = (np.arange(2 * TOKENS) + 0.5) / 50
    height = np.full(len(fine), 0.9)
    for moment in touches:
        since = moment - fine
        height += np.where(
            (since > 0) & (since < 0.3), 0.2 * np.sqrt(np.clip(np.minimum(since, 0.3 - since), 0, None)), 0
        )
    for half in (0, 1):
        stage[:, STAGE.index[f"prop0.y.{half}"]] = height[half::2]
        stage[:, STAGE.index[f"prop0.x.{half}"]] = 0.3
    fx = np.zeros((TOKENS, FX.dims), np.float32)
    fx[:, 11 * lane : 11 * lane + 11] = write_lane([SoundEvent(t, kind, 0.8) for t in heard], FX.times_s(TOKENS))
    bodies = {group.name: np.zeros((TOKENS, CA.dims), np.float32) for group in CHARACTERS}
    return {FX.name: fx, STAGE.name: stage, **bodies}


def _unknown(until_s=0.0, names=("FX", "CA", "CB", "STAGE")):
    mask = FX.times_s(TOKENS) >= until_s
    return {name: mask if name in names else np.zeros(TOKENS, bool) for name in ("FX", "CA", "CB", "STAGE")}


def test_what_touches_and_is_heard_agrees():
    assert agreement(_window([1.0, 2.0], [1.0, 2.02]), GLASS, 0.0, _unknown()) == Agreement(4)


@pytest.mark.parametrize(("touches", "heard", "apart"), [([1.0], [], 1), ([], [1.0], 1), ([1.0], [1.1], 2)])
def test_what_finds_no_partner_is_apart(touches, heard, apart):
    found = agreement(_window(touches, heard), GLASS, 0.0, _unknown())
    assert (found.met, len(found.apart)) == (0, apart)


def test_an_empty_window_is_no_better_than_one_with_a_fault():
    empty = agreement(_window([], []), GLASS, 0.0, _unknown())
    mostly = agreement(_window([0.8, 1.6, 2.4], [0.8, 1.6]), GLASS, 0.0, _unknown())
    assert not empty.apart
    assert (
        empty.share < mostly.share < agreement(_window([0.8, 1.6, 2.4], [0.8, 1.6, 2.4]), GLASS, 0.0, _unknown()).share
    )


def test_what_was_known_and_what_lies_at_the_edges_does_not_count():
    apart = _window([0.5], [3.15])
    assert agreement(apart, GLASS, 0.0, _unknown(until_s=1.0)) == Agreement()
    assert agreement(apart, GLASS, 0.0, _unknown(names=("FX",))).apart == (Apart(0.51, "glass", "sound"),)
    assert agreement(apart, GLASS, 0.0, {}) == Agreement()


def test_a_cue_asks_for_both_of_them_in_stage_time():
    cued = Score(
        characters=GLASS.characters, props=GLASS.props, sounds=GLASS.sounds, cues=(SoundCue(11.0, 1, "glass"),)
    )
    assert agreement(_window([1.0], [1.0]), cued, 10.0, _unknown()) == Agreement(4)
    found = agreement(_window([2.0], [2.0]), cued, 10.0, _unknown())
    assert found == Agreement(2, (Apart(11.0, "glass", "contact"), Apart(11.0, "glass", "sound")))


def test_feet_are_not_looked_at_where_their_steps_are_timed():
    walk = Score(characters=(Blocking(may_walk=True), Blocking()), sounds=frozenset({"step.wood"}))
    window = _window([], [1.0], lane=0, kind="step.wood")
    assert agreement(window, walk, 0.0, _unknown()).apart == (Apart(1.0, "step.wood", "contact"),)
    timed = Score(characters=walk.characters, sounds=walk.sounds, cues=(SoundCue(1.0, 0, "step.wood"),))
    assert agreement(window, timed, 0.0, _unknown()) == Agreement()
