"""Who of a prompt does what, and how it is laid over the sampled body: waves, gestures, walks and runs."""

import re

import numpy as np
import pytest

from twopop.wire import Brief, Cue, Line, Voice
from twopop_engine.models.sketch.casting import parts_of
from twopop_engine.models.sketch.doing import composed_for, lay_deeds
from twopop_engine.models.sketch.gait import FOOT_M, STYLES, go, lay_gait
from twopop_engine.models.sketch.hands import gestures, lay_gestures
from twopop_engine.models.sketch.layout import CA, CB
from twopop_engine.models.sketch.prompt import read_prompt
from twopop_engine.models.sketch.raster.rig import CharacterPose, RigFrame
from twopop_engine.models.sketch.reading import read_request
from twopop_engine.models.sketch.sound import placed_events
from twopop_engine.models.sketch.ways import Room, way_of

AT = CA.index


def even(phones, rate):
    return np.full(len(phones), 0.08 * np.exp(-rate), np.float32)


@pytest.fixture
def read(make_request):
    return lambda brief, frames=108: read_request(make_request(brief, frames), even)


@pytest.fixture
def standing():
    body = np.zeros((100, CA.dims), np.float32)
    body[:, CA.columns("left_hand_x", "left_hand_y", "right_hand_x", "right_hand_y")] = -0.25, 0.8, 0.25, 0.8
    return body


@pytest.mark.parametrize(
    ("prompt", "names", "doing"),
    [
        ("TOMAS waves, MARA runs off", ("MARA", "TOMAS"), [("run",), ("wave",)]),
        ("MARA enters. She waves at TOMAS, who shrugs.", ("MARA", "TOMAS"), [("walk", "wave"), ("gesture",)]),
        ("a woman waves while a man in a red coat sits down", ("", ""), [("wave",), ("sit",)]),
        ("a woman waves, a man runs", ("MARA", "TOMAS"), [("wave",), ("run",)]),
        ("two boys run", ("", ""), [("run",), ("run",)]),
        ("walking down a street", ("",), [("walk",)]),
        ("a man runs past MARA", ("MARA", ""), [(), ("run",)]),
    ],
)
def test_every_verb_is_given_to_whoever_it_is_told_of(prompt, names, doing):
    parts = parts_of(names, read_prompt(prompt, tuple(name for name in names if name)))
    assert [tuple(sorted(part.doing)) for part in parts] == doing


def test_a_prompt_says_whose_a_cued_thing_is(read):
    cues = (Cue(role="effects", text="knock", at_frames=20), Cue(role="effects", text="pan", at_frames=50))
    reading = read(Brief(prompt="Two-shot. TOMAS knocks, Mara drops the pan", cues=cues))
    handlers = {prop.kind: reading.names[prop.handler] for prop in reading.score.props if prop.acts}
    handlers |= {one.thing: reading.names[one.who] for one in reading.deeds.handled}
    assert handlers == {"knock": "TOMAS", "pan": "Mara"}
    assert all(cue.drawn for cue in reading.cues)


def test_what_is_put_down_without_a_cue_comes_down_within_the_shot(read):
    reading = read(Brief(prompt="a chef puts down a plate"))
    assert [(cue.choice.thing, cue.drawn) for cue in reading.cues] == [("plate", True)]
    assert 0.5 < reading.cues[0].time_s < 4.0
    cued = Brief(prompt="a chef puts down a plate", cues=(Cue(role="effects", text="plate", at_frames=30),))
    assert [cue.time_s for cue in read(cued).cues] == [42 / 24]


def test_somebody_who_waves_is_not_the_sea(read):
    reading = read(Brief(prompt="a woman waves in a kitchen"))
    assert "waves" not in reading.facts["understood"]["ambience"]
    assert not reading.facts["guessed"] or "no word says how" in " ".join(reading.facts["guessed"])


def test_unnamed_people_wear_what_is_said_of_each(make_request):
    from twopop_engine.models.sketch.picture import scene_look

    request = make_request(Brief(prompt="a woman in a red coat waves while a man in a blue shirt looks on"))
    woman, man = scene_look(request, read_request(request, even)).people
    assert (woman.clothes, man.clothes) == ("coat", "shirt")
    assert woman.jaw < 0.5 < man.jaw


# --- going ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(STYLES))
@pytest.mark.parametrize("way", [(2.0, -1.0), (-2.0, 1.0)])
def test_feet_that_are_on_the_ground_stay_where_they_are(standing, kind, way):
    gait = go(kind, *way, 4.0)
    body = lay_gait(standing, gait)
    for name in ("left", "right"):
        x, y = body[:, AT[f"{name}_foot_x"]] + body[:, AT["root_x"]], body[:, AT[f"{name}_foot_y"]]
        grounded = (y[1:] == 0) & (y[:-1] == 0)
        assert np.abs(np.diff(x))[grounded].max() < 1e-5
        assert y.max() > 0.08
    assert body[-1, AT["root_x"]] == pytest.approx(gait.to_m, abs=0.02)
    assert sorted(body[-1, CA.columns("left_foot_x", "right_foot_x")]) == pytest.approx([-FOOT_M, FOOT_M], abs=0.03)


def test_a_foot_is_down_when_its_step_sounds_and_up_just_before(standing):
    gait = go("walk", 1.5, -1.5, 4.0)
    body, times = lay_gait(standing, gait), CA.times_s(len(standing))
    for k, land in enumerate(gait.lands_s):
        y = body[:, AT[("left", "right")[(gait.first + k) % 2] + "_foot_y"]]
        assert y[np.searchsorted(times, land)] == 0
        assert y[np.searchsorted(times, land) - 2] > 0


def test_who_runs_is_off_the_ground_at_times_and_who_walks_never(standing):
    def flying(kind):
        body = lay_gait(standing, go(kind, 3.0, -3.0, 4.0))
        return (body[:, CA.columns("left_foot_y", "right_foot_y")] > 0).all(1).mean()

    assert flying("walk") == 0
    assert flying("run") > 0.1


def test_steps_fall_on_cues_and_on_beats():
    cues = (1.0, 2.1)
    assert {1.0, 2.1} <= set(go("walk", 2.0, -1.0, 4.0, cues_s=cues).lands_s)
    beats = tuple(np.arange(-0.9, 5.0, 0.6))
    for kind, parts in (("walk", 1), ("run", 2)):
        gaps = np.array(go(kind, 2.0, -1.0, 4.0, beats_s=beats).lands_s)[:, None] - np.arange(-0.9, 5, 0.6 / parts)
        assert np.abs(gaps).min(1).max() < 1e-9


@pytest.mark.parametrize("seconds", [3, 5, 8, 15])
@pytest.mark.parametrize("framing", ["wide", "medium", "two-shot"])
@pytest.mark.parametrize("beat", ["", " to the beat"])
def test_who_walks_does_so_for_as_long_as_the_shot_is_seen(read, seconds, framing, beat):
    who = "MARA and TOMAS walk" if framing == "two-shot" else "MARA walks"
    cues = (Cue(role="music", text="folk, 96 bpm", at_frames=0),)
    reading = read(Brief(prompt=f"{framing}, {who} down a street{beat}", cues=cues), 24 * seconds + 24)
    for gait in filter(None, reading.deeds.gaits):
        assert gait.lands_s[-1] > seconds - 0.4  # the take begins half a second before
        gaps = np.diff(gait.lands_s)
        assert gaps.max() < 0.66
        assert 0.35 < np.median(np.abs(np.diff(gait.plants_m))) < 0.72
        if beat:
            grid = np.array(reading.score.beats)
            assert np.abs(np.array(gait.lands_s)[:, None] - grid).min(1).max() < 1e-6


def test_who_turns_round_sets_out_with_the_other_foot_and_faces_the_audience_between(standing):
    gait = go("walk", 1.6, -1.6, 14.0, turns_m=(-1.6, 1.6), all_the_time=True)
    assert gait.way == -1.0
    turns = np.flatnonzero(np.diff(gait.ways))
    assert len(turns) == 2
    for k in turns:  # side by side where they turn
        assert abs(gait.plants_m[k] - gait.plants_m[k - 1]) == pytest.approx(2 * FOOT_M)
        foot = (gait.first + k) % 2
        assert foot == (1 if gait.ways[k] > 0 else 0)
    body, times = lay_gait(np.tile(standing, (4, 1)), gait), CA.times_s(4 * len(standing))
    feet = [body[:, AT[f"{side}_foot_x"]] for side in ("left", "right")]
    assert np.abs(feet).max() < 0.75  # nobody's legs are longer
    middle = (gait.lands_s[turns[0]] + gait.lands_s[turns[0] + 1]) / 2
    assert abs(body[np.searchsorted(times, middle), AT["facing"]]) < 0.4
    for name in ("left", "right"):
        x, y = body[:, AT[f"{name}_foot_x"]] + body[:, AT["root_x"]], body[:, AT[f"{name}_foot_y"]]
        grounded = (y[1:] == 0) & (y[:-1] == 0)
        assert np.abs(np.diff(x))[grounded].max() < 1e-5


@pytest.mark.parametrize(
    ("prompt", "framing", "stops_at", "last_s"),
    [
        ("MARA walks in from the left", "wide", 0.3, (2.0, 4.5)),
        ("MARA enters", "medium", -2.2, (2.0, 4.5)),
        ("MARA leaves", "wide", -3.0, (7.0, 8.4)),
        ("MARA leaves", "medium", -5.5, (7.0, 8.6)),
        ("MARA walks in the park", "wide", -2.5, (7.9, 8.3)),
    ],
)
def test_who_comes_stops_and_who_leaves_stays_until_it_is_time(read, prompt, framing, stops_at, last_s):
    (gait,) = filter(None, read(Brief(prompt=f"{framing}, {prompt}"), 8 * 24 + 24).deeds.gaits)
    assert gait.to_m == pytest.approx(stops_at)
    assert last_s[0] < gait.lands_s[-1] < last_s[1]


def test_who_is_there_already_goes_on_from_where_they_are():
    parts = parts_of(("MARA",), read_prompt("MARA walks on", ("MARA",)))
    for framing in ("wide", "medium"):
        way = way_of(parts, 0, Room((-1.1,), frozenset({0}), framing, 0.5, (0.5, 8.5)))
        assert way.points_m[0] == -1.1
        assert way.begin_s == 1.0
        gait = go("walk", way.points_m[0], way.points_m[-1], 8.5, moving=False, turns_m=way.points_m[1:-1])
        assert gait.from_m == pytest.approx(-1.1)


def test_there_is_no_step_longer_than_a_leg(standing):
    gait = go("walk", 30.0, 0.0, 4.0)
    assert abs(gait.from_m) < 5
    assert np.abs(np.diff(gait.plants_m)).max() < 0.75


@pytest.mark.parametrize(
    ("prompt", "from_left", "leaves"),
    [("a man walks in", False, False), ("a man walks in from the left", True, False), ("a man leaves", None, True)],
)
def test_where_somebody_goes_is_where_the_words_say(prompt, from_left, leaves):
    parts = parts_of(("",), read_prompt(prompt))
    from_m, to_m = way_of(parts, 0, Room((0.0,), frozenset(), "medium", 0.0, (0.5, 4.0))).points_m
    assert leaves == (abs(to_m) > 2.4)
    assert abs(from_m) < 2.4
    assert from_left is None or (from_m < to_m) == from_left


def test_a_wide_picture_is_composed_for_the_spot_of_who_runs_through_it(read):
    reading = read(Brief(prompt="wide shot, a man runs along a beach"))
    rig = RigFrame(people=(CharacterPose(root=(2.7, 0.2)),))
    assert composed_for(rig, "wide", reading.deeds).people[0].root == pytest.approx((0.0, 0.2))
    assert composed_for(rig, "medium", reading.deeds) is rig


def test_steps_are_heard_when_feet_land_whatever_the_model_made_of_them(read):
    from twopop_engine.models.sketch.layout import FX, STAGE

    reading = read(Brief(prompt="wide, a woman walks down a street"))
    blank = {g.name: np.zeros((120, g.dims), np.float32) for g in (CA, CB, FX, STAGE)}
    events = placed_events(reading, lay_deeds(blank, reading.deeds))
    assert [placed.event.time_s for placed in events] == list(reading.deeds.gaits[0].lands_s)
    assert {placed.event.kind for placed in events} == {"step.stone"}
    assert events[0].pan > 0.15 > -0.15 > events[-1].pan
    assert [cue.time_s for cue in reading.score.cues] == list(reading.deeds.gaits[0].lands_s)


def test_a_cue_of_steps_is_a_landing_of_whoever_it_names(read):
    brief = Brief(prompt="MARA looks at TOMAS", cues=(Cue(role="effects", text="MARA's footsteps", at_frames=24),))
    reading = read(brief)
    assert reading.deeds.gaits[1] is None
    assert 1.5 in reading.deeds.gaits[0].lands_s
    assert len(reading.score.cues) == len(reading.deeds.gaits[0].lands_s)


# --- hands ------------------------------------------------------------------------------------------


def hands_of(body, side):
    return body[:, CA.columns(f"{side}_hand_x", f"{side}_hand_y")]


def test_a_wave_swings_beside_the_head_and_comes_down_again(standing):
    made = gestures("wave", 0.5, 3.5, hands=(1, 0))
    body = lay_gestures(standing, made)
    times = CA.times_s(len(body))
    up = (times > made[0].at_s) & (times < made[0].at_s + 1.5)
    x, y = hands_of(body, "right")[up].T
    assert y.min() > 1.5
    assert np.sum(np.diff(np.sign(x - x.mean())) != 0) >= 5
    assert np.array_equal(hands_of(body, "left"), hands_of(standing, "left"))
    assert hands_of(body, "right")[[0, -1]] == pytest.approx(hands_of(standing, "right")[[0, -1]], abs=0.02)


def test_hands_that_talk_come_down_on_what_is_stressed():
    made = gestures("talk", 0.0, 4.0, hands=(0, 1), stresses_s=(1.0, 1.2, 2.6))
    assert [gesture.at_s for gesture in made] == [1.0, 2.6]
    assert [gesture.hands for gesture in made] == [(0,), (1,)]


def test_gestures_come_down_on_beats_where_they_are_asked_to():
    beats = np.arange(0.1, 4.0, 0.5)
    for kind in ("wave", "point", "shrug", "talk"):
        made = gestures(kind, 0.0, 4.0, hands=(0, 1), beats_s=tuple(beats))
        assert made
        assert all(np.abs(beats - gesture.at_s).min() < 1e-9 for gesture in made)


def test_a_hand_that_holds_something_does_not_wave(read):
    brief = Brief(prompt="a man waves, holding a pan", cues=(Cue(role="effects", text="pan", at_frames=30),))
    assert {gesture.hands for gesture in read(brief).deeds.hands[0]} == {(0,)}


@pytest.mark.parametrize(
    ("verb", "kind"), [("waves", "wave"), ("points", "point"), ("shrugs", "shrug"), ("gestures", "talk")]
)
def test_each_gesture_is_made_by_the_one_who_makes_it(read, verb, kind):
    voices = (Voice(speaker="MARA", description=""), Voice(speaker="TOMAS", description=""))
    reading = read(Brief(prompt=f"TOMAS {verb}, MARA watches", voices=voices))
    assert [bool(made) for made in reading.deeds.hands] == [False, True]
    assert reading.deeds.hands[1][0].kind == kind


def test_a_gesture_of_a_line_falls_on_its_stresses(read):
    line = Line(speaker="MARA", text="We have to leave this kitchen now.", at_frames=10)
    reading = read(Brief(prompt="MARA gestures", lines=(line,)))
    stressed = [p.start_s for p in reading.score.lines[0].phones if p.stress >= 1]
    assert all(gesture.at_s in stressed for gesture in reading.deeds.hands[0])


def test_a_plan_no_longer_says_that_these_are_not_drawn(read):
    facts = read(Brief(prompt="wide, a man runs, waves and gestures on a beach")).facts
    assert not re.search("wave|gesture|run", " ".join(facts["guessed"]))


def test_arms_swing_on_through_the_first_landing():
    gait = go("walk", -1.5, 1.5, 4.0, moving=False)
    standing = np.zeros((100, CA.dims), np.float32)
    hands = lay_gait(standing, gait)[:, [AT["left_hand_x"], AT["right_hand_x"]]]
    assert np.abs(np.diff(hands, axis=0)).max() < 0.09
