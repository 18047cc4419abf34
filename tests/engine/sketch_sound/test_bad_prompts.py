"""Prompts nobody should write: each is drawn as something, and what it is drawn as is said."""

import numpy as np
import pytest

from twopop.wire import Brief, Cue, Line
from twopop_engine.models.sketch.reading import read_request
from twopop_engine.models.sketch.telling import told_facts


def even(phones, rate):
    return np.full(len(phones), 0.08 * np.exp(-rate), np.float32)


@pytest.fixture
def read(make_request):
    return lambda brief, frames=108: read_request(make_request(brief, frames), even)


def said(reading):
    return " | ".join(reading.facts["guessed"])


def test_an_empty_prompt_is_somebody_in_a_quiet_room_and_every_guess_is_listed(read):
    reading = read(Brief(lines=(), camera=" "))
    assert (reading.framing, reading.hour, reading.weather, len(reading.names)) == ("medium", "day", "clear", 1)
    for guess in ("no word says who is seen: one person", "no word says how it is framed", "no word names a place"):
        assert guess in said(reading)


def test_five_hundred_words_change_nothing_but_what_they_say(read):
    filler = "The counter is of old marble and nobody has polished it since the war. " * 45
    long, short = (read(Brief(prompt=f"Wide of a kitchen at night. {text}A cook waves.")) for text in (filler, ""))
    for name in ("framing", "hour", "weather", "set", "names", "move", "seated"):
        assert getattr(long, name) == getattr(short, name)
    assert long.deeds.hands == short.deeds.hands
    assert len(said(long)) < 2_000


@pytest.mark.parametrize(
    ("prompt", "seen", "sentence"),
    [
        ("a street at night, noon sun", ("hour", "night"), '"noon sun" do not go together: night'),
        ("a sunny beach in heavy snow", ("weather", "snow"), "do not go together: snow"),
        ("extreme wide close-up of a man", ("framing", "close-up"), "do not go together: close"),
        ("slow push in, the camera pulls back from a woman", ("move", "push"), "do not go together: push"),
    ],
)
def test_of_a_contradiction_one_wins_and_the_slate_says_which(read, prompt, seen, sentence):
    reading = read(Brief(prompt=prompt))
    assert getattr(reading, seen[0]) == seen[1]
    assert sentence in said(reading)


@pytest.mark.parametrize("crowd", ["eleven people", "a crowd", "an army of children", "five women and three men"])
def test_of_more_people_than_it_can_draw_two_are_drawn_and_that_is_said(read, crowd):
    reading = read(Brief(prompt=f"{crowd} on a street"))
    assert len(reading.names) == 2
    assert "two people at most are drawn" in said(reading)


def test_of_three_who_speak_the_third_is_heard_and_not_seen(read):
    lines = tuple(Line(speaker=name, text="Yes.", at_frames=30 * k) for k, name in enumerate(("A", "B", "C")))
    reading = read(Brief(lines=lines), 140)
    assert len(reading.names) == 2
    assert len(reading.dialogue.lines) == 3
    assert "two people fit on stage" in said(reading)


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a man drinks a Pepsi", "Pepsi"),
        ("Tom Hanks waves from a rooftop", "Tom Hanks"),
        ("a Ferrari on a street", "Ferrari"),
    ],
)
def test_brands_and_real_people_are_drawn_as_nobodys_in_particular(read, prompt, names):
    assert f"{names}: drawn as nobody's in particular" in said(read(Brief(prompt=prompt)))


@pytest.mark.parametrize("style", ["Pixar style", "photorealistic", "anime", "claymation"])
def test_a_style_it_does_not_have_is_drawn_as_paint(read, style):
    reading = read(Brief(prompt="a man on a street", style=style))
    assert reading.style == "paint"
    assert "that style sketch does not have: drawn as paint" in said(reading)


def test_music_in_a_style_it_does_not_have_is_the_nearest(read):
    reading = read(Brief(prompt="a beach", cues=(Cue(role="music", text="reggae", at_frames=0),)))
    assert reading.piece.style == "folk"
    assert "there is no reggae here: the nearest is folk" in said(reading)


def test_hits_denser_than_any_tempo_leave_the_tempo_alone_and_are_said(read):
    hits = tuple(Cue(role="music", text="", at_frames=at, hit=True) for at in range(10, 40))
    reading = read(Brief(prompt="a beach", cues=(Cue(role="music", text="jazz 96 bpm", at_frames=0), *hits)))
    assert reading.piece.bpm == pytest.approx(96, rel=0.06)
    assert 0 < len(reading.piece.hits_s) < 15
    assert "one accent" in said(reading)


def test_the_plan_says_the_same_as_the_slate(read):
    brief = Brief(prompt="eleven people on a street at night, noon sun, a Pepsi, photorealistic")
    told = told_facts(brief)["guessed"]
    assert len(told) >= 4
    assert set(told) <= set(read(brief).facts["guessed"])


def test_the_plan_says_of_a_bed_and_of_a_shot_what_music_there_is_not():
    for told in (
        told_facts(Brief(prompt="metal, 400 bpm"), role="music"),
        told_facts(Brief(prompt="a beach", cues=(Cue(role="music", text="metal, 400 bpm", at_frames=0),))),
    ):
        assert "there is no metal here: the nearest is electro" in " | ".join(told["guessed"])
        assert "400 bpm is counted as 100" in " | ".join(told["guessed"])
    assert told_facts(Brief(prompt="busy kitchen"), role="ambience")["understood"]["ambience"]
    assert "a quiet room" in told_facts(Brief(prompt="glorp"), role="ambience")["guessed"][0]


def test_a_thing_that_is_taken_up_is_not_ignored():
    assert told_facts(Brief(prompt="MARA lifts the skillet off the stove"))["ignored"] == ()
    assert told_facts(Brief(prompt="a skillet beside MARA"))["ignored"] == ("skillet",)
