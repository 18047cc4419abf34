import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twopop_engine.models.sketch import voices
from twopop_engine.models.sketch.layout import VOICE_CHANNELS
from twopop_engine.models.sketch.persons import alike, person
from twopop_engine.models.sketch.voices import (
    MEN,
    PRESETS,
    WOMEN,
    VoiceKnobs,
    cast_voice,
    is_woman,
    read_manner,
    said_with,
)


def test_the_same_words_are_the_same_voice_and_case_is_nothing():
    assert cast_voice("MARA", "warm alto, 40s") == cast_voice("Mara", "Warm Alto, 40s")


def test_ten_people_are_ten_voices_of_two_kinds():
    assert set(WOMEN) | set(MEN) == set(PRESETS)
    assert len({tuple(knobs.vector()) for knobs in PRESETS.values()}) == len(PRESETS) == 10
    assert min(PRESETS[name].pitch_hz for name in WOMEN) > max(PRESETS[name].pitch_hz for name in MEN)


def test_a_preset_name_is_that_person():
    assert cast_voice("TOMAS").knobs == PRESETS["tomas"]
    assert cast_voice("CHEF", "tomas").knobs == PRESETS["tomas"]


def test_words_move_the_knobs_they_name():
    plain, deep = cast_voice("JO", "baritone").knobs, cast_voice("JO", "very deep baritone").knobs
    assert deep.pitch_hz < plain.pitch_hz * 0.85
    assert cast_voice("JO", "bright alto").knobs.tilt > 0 > cast_voice("JO", "warm alto").knobs.tilt
    assert cast_voice("JO", "old man").knobs.breath > cast_voice("JO", "young man").knobs.breath


def test_what_was_not_understood_is_listed():
    casting = cast_voice("JO", "woman, 30s, french accent, like nina but slightly darker")
    assert casting.ignored == ("french", "like")
    assert "woman" in casting.understood


def test_two_people_of_the_same_words_are_not_one():
    assert cast_voice("ANA", "warm alto").knobs.pitch_hz != cast_voice("EVE", "warm alto").knobs.pitch_hz


@pytest.mark.parametrize(
    ("name", "woman"),
    [("WAITRESS", True), ("OLD MAN", False), ("SOFIA", True), ("JOSHUA", False), ("HELEN", True), ("VOICE 2", None)],
)
def test_a_name_says_who_speaks(name, woman):
    assert is_woman(name) is woman


def test_a_bare_name_is_guessed_and_said_so():
    casting = cast_voice("WAITRESS")
    assert casting.knobs.pitch_hz > 150
    assert "WAITRESS" in casting.guessed
    assert cast_voice("TOMAS").guessed == ""


@pytest.mark.parametrize("words", ["child, 8", "very very deep bass giant", "extremely high breathy soprano child 5"])
def test_a_voice_stays_inside_what_the_model_knows(words):
    vector = cast_voice("X", words).knobs.vector()
    for value, channel in zip(vector, VOICE_CHANNELS, strict=True):
        assert np.float32(channel.low) <= value <= np.float32(channel.high)


def test_manner_words_lean_on_the_voice_and_stay_the_person():
    mara = cast_voice("MARA").knobs
    shout, whisper = read_manner("shouting"), read_manner("whispering, very fast")
    assert said_with(mara, shout).pitch_hz > mara.pitch_hz * 1.2
    assert said_with(mara, shout).tract == mara.tract
    assert whisper.lean.whisper
    assert whisper.lean.rate > read_manner("whispering, fast").lean.rate
    assert read_manner("tired, low, with a grin").ignored == ("grin",)
    assert read_manner("").lean.gain_db == 0


def _signs(name):
    like = VoiceKnobs(200.0)
    own = person(name, like)
    return tuple(value > 0 for value in (np.log(own.pitch_hz / 200.0), own.tract, own.tilt, *own.timbre))


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_names_differ_in_four_things_or_in_none(one, other):
    assert sum(a != b for a, b in zip(_signs(one), _signs(other), strict=True)) in {0, 4, 6, 8, 10}


def test_names_are_spread_over_all_there_is():
    words = {_signs(f"NAME {k}") for k in range(600)}
    assert len(words) == 64
    assert all(0.2 < np.mean(column) < 0.8 for column in zip(*words, strict=True))


def test_no_two_of_the_ten_share_a_timbre():
    for names in (WOMEN, MEN):
        for one, other in itertools.combinations(names, 2):
            pair = zip(PRESETS[one].timbre, PRESETS[other].timbre, strict=True)
            assert sum(a * b < 0 for a, b in pair) >= 2, (one, other)


@pytest.mark.parametrize("manner", sorted(voices._MANNERS))
def test_every_manner_is_heard_and_leaves_the_person(manner):
    lean = read_manner(manner).lean
    # About twice what a listener just notices: a semitone, 2 dB, a sixteenth of pace, a fifth of melody.
    heard = (
        abs(lean.pitch) >= 0.055,
        abs(lean.gain_db) >= 2.0,
        abs(lean.rate) >= 0.06,
        abs(np.log(lean.spread)) >= 0.18,
        abs(lean.tilt) >= 0.2,
        abs(lean.breath) >= 0.15,
        lean.whisper,
    )
    assert any(heard), manner
    for name in ("mara", "victor"):
        knobs, said = PRESETS[name], said_with(PRESETS[name], read_manner(manner))
        assert (said.timbre, said.tract) == (knobs.timbre, knobs.tract)


def test_words_of_voice_keep_the_timbre_of_the_name():
    assert cast_voice("MARA", "soprano").knobs.timbre == PRESETS["mara"].timbre
    assert cast_voice("JO", "bright alto").knobs.timbre == cast_voice("Jo", "old man").knobs.timbre
    assert cast_voice("ANA", "warm alto").knobs.timbre != cast_voice("EVE", "warm alto").knobs.timbre


def test_those_whom_nobody_tells_apart_are_known():
    assert _signs("dave") == _signs("luis")
    assert alike(cast_voice("DAVE", "man").knobs, cast_voice("LUIS", "man").knobs)
    assert not alike(cast_voice("DAVE", "man").knobs, cast_voice("LUIS", "deep bass, old").knobs)
    assert not any(alike(PRESETS[a], PRESETS[b]) for a, b in itertools.combinations(PRESETS, 2))


@pytest.mark.parametrize(
    ("name", "words", "woman"),
    [
        ("LEO", "light tenor, 20s, quick", False),  # 150.3 Hz
        ("LEO", "", False),
        ("MARA", "warm alto, 40s", True),
        ("MARA", "low, husky", True),
        ("SASHA", "a countertenor", False),
        ("ROBIN", "woman, deep", True),
    ],
)
def test_words_register_and_name_say_who_is_drawn_not_the_pitch(name, words, woman):
    assert cast_voice(name, words).woman is woman
