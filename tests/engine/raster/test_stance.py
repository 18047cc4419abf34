"""How people stand: what the tokens say of feet and of hands in use stays, what is idle does what this person does."""

from dataclasses import replace

import numpy as np
import pytest

from twopop_engine.models.sketch.raster.canvas import Canvas
from twopop_engine.models.sketch.raster.look import CLOTHES, person_from
from twopop_engine.models.sketch.raster.palette import light_of
from twopop_engine.models.sketch.raster.person import measure
from twopop_engine.models.sketch.raster.rig import CharacterPose
from twopop_engine.models.sketch.raster.stance import at_ease, at_rest, bow, stance_of

CAST = [
    person_from(f"{kind}, {clothes}", f"{kind} {k}") for k, clothes in enumerate(CLOTHES) for kind in ("man", "woman")
]
STANDS = CharacterPose(facing=0.3)
EASED = [person for person in CAST if stance_of(person).hands != ("hang", "hang")]


def test_people_stand_differently_and_each_always_the_same():
    ways = {(stance_of(person).side, stance_of(person).hands) for person in CAST}
    assert len(ways) >= 4
    assert all(stance_of(person) == stance_of(replace(person)) for person in CAST)


@pytest.mark.parametrize(
    "change", [{"feet": ((-0.3, 0.0), (0.3, 0.0))}, {"feet": ((-0.1, 0.3), (0.1, 0.0))}, {"facing": 1.25}]
)
def test_who_walks_is_left_alone(change):
    walks = replace(STANDS, **change)
    assert at_rest(walks) == 0.0
    assert all(at_ease(walks, person, ()) == (walks, frozenset()) for person in CAST)


def test_only_idle_hands_go_to_rest():
    assert EASED
    for person in EASED:
        pose, _ = at_ease(STANDS, person, ())
        assert pose.hands != STANDS.hands
        assert replace(pose, hands=STANDS.hands) == STANDS
        raised = replace(STANDS, hands=((-0.24, 1.1), (0.26, 1.3)))
        assert at_ease(raised, person, ())[0] == raised
        assert at_ease(STANDS, person, [(x, y + 0.1) for x, y in STANDS.hands])[0] == STANDS


def test_a_hand_that_is_raised_leaves_its_rest_without_a_jump():
    for person in EASED:
        poses = [
            at_ease(replace(STANDS, hands=((-0.24, y), (0.24, y))), person, ())[0] for y in np.arange(0.8, 1.2, 0.002)
        ]
        hands = np.array([pose.hands for pose in poses])
        assert np.abs(np.diff(hands, axis=0)).max() < 0.012
        bows = np.array([[bow(pose, person, k) for k in (0, 1)] for pose in poses])
        assert np.abs(np.diff(bows, axis=0)).max() < 0.08


def test_the_weight_puts_the_hip_out_and_up_and_the_shoulder_down():
    for person in CAST:
        figure = measure(Canvas(16, 16), person, CharacterPose(), light_of("day"), 1.0)
        side = int(stance_of(person).side > 0)
        (low, high) = figure.hips[1 - side], figure.hips[side]
        assert high[1] < low[1]
        assert figure.shoulders[side][1] > figure.shoulders[1 - side][1]
        assert (low[0] + high[0]) * stance_of(person).side > 0
