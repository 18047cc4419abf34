"""What is laid out for things: the contact is on the cue, and there is no other."""

from fractions import Fraction

import numpy as np
import pytest

from twopop_engine.models.sketch.actions import ACTIONS, CUED_MET, LEARNT
from twopop_engine.models.sketch.contacts import prop_contacts
from twopop_engine.models.sketch.handled import Handled, flared, lay_handled
from twopop_engine.models.sketch.layout import CA, STAGE
from twopop_engine.models.sketch.raster.rig import Shot
from twopop_engine.models.sketch.raster.twos import Twos
from twopop_engine.models.sketch.score import Prop, Score

TOKENS = 125
FRAME_S = 1 / 24


def stood():
    """Somebody who stands in the middle with hanging hands, five seconds."""
    body = np.zeros((TOKENS, CA.dims), np.float32)
    for side, sign in (("left", -1), ("right", 1)):
        body[:, CA.columns(f"{side}_hand_x", f"{side}_hand_y")] = sign * 0.24, 0.86
    return {"CA": body, "STAGE": np.zeros((TOKENS, STAGE.dims), np.float32)}


def laid(thing, *times_s, since_s=0.0):
    action = ACTIONS[thing]
    alone = action.motion in ("flash", "pass")
    x = {"flash": 1.0, "pass": 0.0, "clap": 0.0, "shut": 0.4, "knock": 0.4}.get(action.motion, 0.3)
    y, ends = sum(action.rest_m) / 2, tuple(t + 1.0 for t in times_s) if action.sustained else ()
    made = Handled(thing, 0, None if alone else 0, x, y, times_s, ends, since_s)
    tokens = stood()
    tokens["STAGE"][:, STAGE.columns("prop0.x.0", "prop0.y.0", "prop0.x.1", "prop0.y.1")] = x, y, x, y
    tokens = lay_handled(tokens, [made])
    if action.motion == "flash":
        tokens["STAGE"][:, STAGE.index["light_level"]] = 0.35 + flared([made], TOKENS)
    return tokens, Score(props=(Prop(thing, x, y, None if alone else 0), None)), made


def test_what_the_weights_can_do_is_one_table():
    assert set(CUED_MET) == set(ACTIONS)
    assert {thing for thing in LEARNT if CUED_MET[thing] < 5} == set()


def touches(tokens, score):
    """Contacts in the picture; of a ball that is caught again, where it is lowest."""
    if score.props[0].kind != "ball":
        return prop_contacts(tokens, score, 0)
    height = tokens["STAGE"][:, STAGE.columns("prop0.y.0", "prop0.y.1")].reshape(-1)
    return [(int(np.argmin(height[30:])) + 30.5) / 50]  # before it, the shot before has it on the floor


@pytest.mark.parametrize("thing", list(ACTIONS))
def test_the_contact_is_on_the_cue_and_there_is_no_other(thing):
    for moment in (1.6, 2.013, 3.37):
        tokens, score, _ = laid(thing, moment)
        contacts = touches(tokens, score)
        assert len(contacts) == 1
        assert contacts[0] == pytest.approx(moment, abs=0.02)


def test_what_is_held_from_before_is_in_the_hand_until_it_comes_down_on_its_cue():
    def height(*times_s):
        made = Handled("skillet", 0, 0, 0.3, 0.9, times_s, held=True)
        tokens = lay_handled(stood(), [made])
        grip = ACTIONS["skillet"].grip[1]
        y = tokens["STAGE"][:, STAGE.index["prop0.y.0"]]
        assert tokens["CA"][:50, CA.index["right_hand_y"]] == pytest.approx(y[:50] + grip, abs=0.02)
        return y

    assert np.ptp(height()) == 0
    y = height(3.0)
    assert y[0] == pytest.approx(1.02)
    assert y[60] > 0.95
    assert y[76:] == pytest.approx(0.9)


@pytest.mark.parametrize("thing", list(ACTIONS))
def test_little_time_before_it_makes_it_no_later(thing):
    tokens, score, _ = laid(thing, 1.0, since_s=0.5)
    assert min(abs(t - 1.0) for t in touches(tokens, score)) <= FRAME_S
    before = stood()["CA"][:12]
    assert np.array_equal(tokens["CA"][:12], before)  # the end of the shot before is not this one's to change


@pytest.mark.parametrize(
    ("thing", "times"), [("knock", (2.0, 2.3, 2.62)), ("keyboard", (1.5, 1.68, 1.9, 2.2)), ("clap", (2.0, 2.4)),
                         ("hammer", (2.0, 2.5, 3.0)), ("knife", (2.0, 2.2, 2.4)), ("pan", (1.5, 3.2))],
)  # fmt: skip
def test_every_one_of_a_row_is_met(thing, times):
    tokens, score, _ = laid(thing, *times)
    contacts = prop_contacts(tokens, score, 0)
    assert len(contacts) == len(times)
    assert np.abs(np.array(contacts) - times).max() <= FRAME_S


@pytest.mark.parametrize("thing", [t for t, a in ACTIONS.items() if a.motion not in ("flash", "pass", "bounce")])
def test_hands_come_from_rest_and_go_back(thing):
    tokens, _, made = laid(thing, 2.5)
    (low, high), *_ = made.spans_s()
    times = CA.times_s(TOKENS)
    idle = (times < low) | (times > high)
    assert np.abs(tokens["CA"][idle] - stood()["CA"][idle]).max() < 1e-3
    steps = np.abs(np.diff(tokens["CA"][:, CA.columns("right_hand_x", "right_hand_y")], axis=0))
    assert steps.max() < 0.3  # metres in a token: no jump


@pytest.mark.parametrize("thing", ["knock", "switch", "door", "clap", "phone", "skillet", "paper"])
def test_frames_that_are_drawn_show_it_within_one(thing):
    """On twos, fast things on ones: the frame on which the gap is closed first."""
    moment = 2.013
    tokens, score, _ = laid(thing, moment)
    tokens["CB"] = tokens["CA"]
    drawn = Twos(Fraction(24), Shot(), 1.2)
    gaps = [_gap(drawn.rig(tokens, index), score.props[0]) for index in range(int((moment + 0.6) * 24))]
    first = int(np.argmin(gaps[30:])) + 30
    assert abs(first - moment * 24) <= 1.0


def _gap(rig, prop):
    (left, right), thing = rig.people[0].hands, rig.stage.props[0]
    match ACTIONS[prop.kind].motion:
        case "knock":
            return abs(right[0] - prop.x)
        case "clap":
            return abs(right[0] - left[0])
        case "shut":
            return abs(thing.rotation) if abs(thing.rotation) > 1e-6 else 0.0
        case "swing":
            return abs(thing.rotation)
        case _:
            return abs(thing.y - prop.y)


def test_what_is_taken_off_the_stove_is_lifted_then_and_stays_in_the_hand():
    made = Handled("skillet", 0, 0, 0.3, 0.9, (1.0,), (3.0,), off_s=3.0)
    tokens = lay_handled(stood(), [made])
    y = tokens["STAGE"][:, STAGE.index["prop0.y.1"]]
    at = STAGE.times_s(TOKENS)
    lying, held = y[(at > 1.1) & (at < 2.9)], y[at > 3.7]
    assert np.ptp(lying) < 1e-6
    assert held.min() > lying.max() + 0.1
    assert (tokens["STAGE"][at > 3.2, STAGE.index["prop0.state"]] == 1.0).all()
    hand = tokens["CA"][at > 3.7][:, CA.columns("right_hand_x", "right_hand_y")]
    assert np.abs(hand - [0.3 - 0.2, held[0] + 0.07]).max() < 0.02
