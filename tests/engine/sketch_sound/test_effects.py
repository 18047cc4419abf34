"""Who is seen making which sound, and with what."""

import pytest

from twopop.wire import Brief, Cue
from twopop_engine.models.sketch.actions import ACTIONS, DRAWN_SOUNDS, LEARNT, lane
from twopop_engine.models.sketch.casting import Part
from twopop_engine.models.sketch.effects import SPOTS, read_effects
from twopop_engine.models.sketch.layout import EVENT_CLASSES, SUSTAIN_CLASSES
from twopop_engine.models.sketch.telling import tell


@pytest.fixture
def cast(make_request):
    """The effects of cues given as texts, one a second."""

    def cast(*texts, names=("MARA", "TOMAS"), walks=False, about=("", "")):
        cues = tuple(Cue(role="effects", text=text, at_frames=24 * k) for k, text in enumerate(texts))
        guessed = []
        parts = [Part(name, ("walk",) * walks, told) for name, told in zip(names, about, strict=False)]
        request = make_request(Brief(prompt="kitchen", cues=cues), 108)
        effects = read_effects(request, parts, SPOTS[len(names)], "kitchen", guessed)
        return effects, guessed

    return cast


def test_every_sound_of_the_table_is_a_class_of_the_layout():
    assert {*EVENT_CLASSES, *SUSTAIN_CLASSES} >= DRAWN_SOUNDS
    assert all((lane(action.sound) == 2) == action.sustained for action in ACTIONS.values())
    assert len(ACTIONS) <= 32  # their codes are words of seven bits
    assert len(DRAWN_SOUNDS) >= 16


def test_who_is_named_handles_the_thing(cast):
    effects, guessed = cast("TOMAS drops the pan")
    assert [(prop.kind, prop.handler) for prop in effects.props if prop] == [("pan", 1)]
    assert effects.cues[0].drawn
    assert guessed == []


def test_who_the_prompt_tells_of_a_thing_handles_it(cast):
    told = ("drops the pan", "knocks")
    effects, guessed = cast("knock knock", "pan hits the stove", about=told)
    assert [(prop.kind, prop.handler) for prop in effects.props if prop] == [("knock", 1), ("pan", 0)]
    effects, _ = cast("a cup is set down", "a knock", about=("", "knocks"))
    assert [(prop.kind, prop.handler) for prop in effects.props if prop] == [("cup", 0), ("knock", 1)]
    assert guessed == []


def test_whose_steps_they_are_is_said_by_the_cue(cast):
    assert cast("MARA's footsteps")[0].walkers == {0}
    assert cast("footsteps")[0].walkers == {1}


def test_two_things_are_in_different_hands(cast):
    effects, _ = cast("pan hits the stove", "cup on the table")
    assert [(prop.kind, prop.handler) for prop in effects.props if prop] == [("pan", 0), ("cup", 1)]


def test_of_two_things_the_weights_move_one_and_the_others_deeds_are_laid_out(cast):
    effects, _ = cast("TOMAS puts the chair down", "MARA puts the plate down")
    assert {"chair", "plate"} <= LEARNT
    assert [(cue.choice.thing, cue.laid) for cue in effects.cues] == [("chair", False), ("plate", True)]
    assert [cue.kind for cue in effects.scored] == [ACTIONS["chair"].sound]
    assert [(prop.kind, prop.acts) for prop in effects.asked if prop] == [("chair", True), ("plate", False)]
    assert [(one.thing, one.who) for one in effects.handled(0.0, 4.5)] == [("plate", 0)]
    assert effects.sounds == {ACTIONS["chair"].sound}


def test_who_walks_has_no_hands_free(cast):
    effects, _ = cast("footsteps", "pan hits the stove")
    assert effects.walkers == {1}
    assert effects.props[0].handler == 0
    alone, guessed = cast("footsteps", "pan hits the stove", names=("MARA",))
    assert not alone.walkers
    assert [cue.drawn for cue in alone.cues] == [False, True]
    assert "footsteps" in guessed[0]


def test_with_nobody_there_a_thing_is_heard_and_that_is_said(cast):
    effects, guessed = cast("pan hits the stove", names=())
    assert effects.props == (None, None)
    assert effects.scored == ()
    assert "nobody is seen doing it" in guessed[0]


def test_the_floor_is_the_places_unless_a_cue_says_otherwise(cast):
    assert cast(walks=True)[0].sounds == {"step.stone"}
    assert cast("steps on gravel")[0].sounds == {"step.gravel"}


@pytest.mark.parametrize("thing", sorted(LEARNT))
def test_every_thing_the_weights_move_can_be_asked_for(cast, thing):
    effects, _ = cast({"knock": "knocks"}.get(thing, thing))
    assert effects.props[0].kind == thing
    assert effects.scored[0].lane == lane(ACTIONS[thing].sound)


def found(make_request, *cues):
    """What is told of cues, each a text and a frame, where MARA alone is seen."""
    request = make_request(Brief(cues=tuple(Cue(role="effects", text=text, at_frames=at) for text, at in cues)), 108)
    return read_effects(request, [Part("MARA", (), "")], SPOTS[1], "kitchen", []).findings


@pytest.mark.parametrize(("text", "nearest"), [("a skilet", "skillet"), ("hamer", "hammer")])
def test_a_sound_it_does_not_know_is_said_with_the_nearest(make_request, text, nearest):
    (told,) = found(make_request, (text, 10))
    assert told.code == "unknown_sound"
    assert f"Nearest: {nearest}" in told.message
    (told,) = found(make_request, ("squonk", 10))
    assert "docs/sketch.md" in told.message


def test_a_plan_says_which_sounds_it_does_not_know():
    cues = tuple(Cue(role="effects", text=text, at_frames=10) for text in ("a skilet", "squonk", "the pan"))
    guessed = tell(Brief(prompt="kitchen", cues=cues)).guessed
    said = [one for one in guessed if one.startswith("FX")]
    assert len(said) == 2
    assert said[0].endswith("nearest: skillet, sizzle")


def test_a_cue_outside_the_take_is_said_where_it_is(make_request):
    (told,) = found(make_request, ("pan", 500))
    assert (told.code, told.timecode) == ("cue_outside", "01:00:20:20")


def test_one_thing_twice_at_once_is_a_contradiction(make_request):
    (told,) = found(make_request, ("MARA drops the pan", 20), ("the pan again", 22))
    assert told.code == "cues_too_close"
    assert "comes 2 frames after the same thing" in told.message
    assert "Leave 4 frames" in told.message
    assert found(make_request, ("MARA drops the pan", 20), ("the pan again", 30)) == ()
