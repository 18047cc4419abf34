import numpy as np
import pytest

from twopop_engine.models.sketch.layout import VOICE_CHANNELS
from twopop_engine.models.sketch.voices import MEN, PRESETS, WOMEN, cast_voice, is_woman, read_manner, said_with


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
