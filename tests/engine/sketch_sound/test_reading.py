import math

import numpy as np
import pytest

from twopop.errors import BackendError
from twopop.wire import BedMusic, Brief, Cue, Line, Reference, Scene, Voice
from twopop_engine.models.sketch.lines import OFF_STAGE, lay_out
from twopop_engine.models.sketch.music import read_music
from twopop_engine.models.sketch.reading import read_request


def talk(text, **changes):
    """A brief of one line."""
    return Brief(lines=(Line(speaker="MARA", text=text, at_frames=0, **changes),))


def even(phones, rate):
    """80 ms a phone at the usual pace."""
    return np.full(len(phones), 0.08 * np.exp(-rate), np.float32)


@pytest.fixture
def laid(make_request):
    """The one line of a brief, laid out."""
    return lambda brief: lay_out(make_request(brief), ["MARA"], even).lines[0]


@pytest.fixture
def read(make_request, kitchen):
    return lambda brief=kitchen, frames=108: read_request(make_request(brief, frames), even)


def test_a_line_begins_to_sound_on_its_frame(laid):
    line = laid(talk("Hello there."))
    assert line.start_s == pytest.approx(12 / 24)
    assert line.phones[0].symbol == "_"
    assert line.phones[0].start_s < line.start_s < line.end_s <= line.phones[-1].start_s


def test_speed_manner_and_a_fixed_length_change_the_pace(laid):
    def seconds(**changes):
        line = laid(talk("We close in ten minutes.", **changes))
        return line.end_s - line.start_s

    assert seconds(speed=1.25) == pytest.approx(seconds() / 1.25, rel=1e-3)
    assert seconds(manner="slow") > seconds() > seconds(manner="fast")
    assert seconds(length_frames=30) == pytest.approx(30 / 24, abs=0.05)
    assert seconds(length_frames=3) == pytest.approx(seconds() / 1.4, rel=1e-3)


def test_the_model_is_told_the_rate_alone_and_within_what_it_has_heard(laid):
    voice = laid(talk("Hello.", speed=1.4)).scored().voice
    assert voice[5] == pytest.approx(0.14)
    assert not any(voice[:5] + voice[6:])


def test_a_line_that_mostly_falls_out_of_the_take_is_an_error_with_the_cure(read):
    with pytest.raises(
        BackendError, match=r"needs 8\d frames, the take holds 36 .*Lengthen the shot by \d+ frames"
    ) as caught:
        read(talk("This is a very long line that never fits into one second."), frames=48)
    assert caught.value.code == "line_too_long"


def test_a_line_that_a_trim_has_cut_away_is_left_out(read):
    gone = Line(speaker="MARA", text="Too late.", at_frames=200)
    reading = read(Brief(lines=(*talk("In time.").lines, gone)))
    assert [line.speaker for line in reading.dialogue.lines] == ["MARA"]
    assert [finding["code"] for finding in reading.facts["findings"]] == ["line_outside"]


def test_a_line_that_loses_its_end_is_a_finding(read):
    facts = read(talk("We close in ten minutes, I said."), frames=48).facts
    assert [finding["code"] for finding in facts["findings"]] == ["line_cut"]


@pytest.mark.parametrize("text", ["", "!!!", "你好", "Wir schließen in zehn Minuten"])
def test_an_unspeakable_line_names_its_shot_and_nothing_is_generated(read, text):
    with pytest.raises(BackendError, match=r"Shot SH010: .*Nothing was generated") as caught:
        read(talk(text))
    assert caught.value.code == "unspeakable_line"


def test_two_speakers_of_nearly_one_voice_are_a_finding_with_the_cure(read):
    lines = tuple(Line(speaker=name, text="Yes.", at_frames=k * 20) for k, name in enumerate(("DAVE", "LUIS")))
    men = {"DAVE": "man", "LUIS": "man"}
    spoken = read(Brief(lines=lines, voices=tuple(Voice(speaker=s, description=d) for s, d in men.items())))
    (finding,) = spoken.facts["findings"]
    assert finding["code"] == "voices_alike"
    assert "DAVE and LUIS" in finding["message"]
    assert "VOICE LUIS:" in finding["message"]


def test_a_word_without_letters_is_left_out_and_said_so(read):
    (finding,) = read(talk("I ❤ you.")).facts["findings"]
    assert finding["code"] == "line_unspoken"
    assert "holds ❤, which has no sound" in finding["message"]


def test_lines_that_overlap_take_turns_and_say_so(read):
    lines = (Line(speaker="A", text="One two three four.", at_frames=0), Line(speaker="B", text="No.", at_frames=5))
    reading = read(Brief(lines=lines))
    first, second = reading.dialogue.lines
    assert second.start_s >= first.end_s
    assert reading.facts["findings"][0]["code"] == "line_delayed"


def test_who_speaks_is_on_stage_and_keeps_their_side(read):
    assert read().names == ("MARA", "TOMAS")
    lines = tuple(Line(speaker=name, text="Yes.", at_frames=k * 20) for k, name in enumerate(("TOMAS", "MARA")))
    assert read(Brief(lines=lines)).names == ("MARA", "TOMAS")


def test_voices_over_and_third_speakers_have_no_lips(read):
    lines = tuple(Line(speaker=name, text="Yes.", at_frames=k * 20) for k, name in enumerate("ABC"))
    assert [line.who for line in read(Brief(lines=lines), 120).dialogue.lines] == [0, 1, OFF_STAGE]
    assert (
        read(Brief(lines=(Line(speaker="A", text="Yes.", lips=False, at_frames=0),))).dialogue.lines[0].who == OFF_STAGE
    )


def test_the_kitchen_is_understood(read):
    reading = read()
    assert (reading.score.place, reading.framing, reading.hour) == ("kitchen", "two-shot", "night")
    assert reading.move == "push"
    assert reading.piece.style == "jazz"
    assert [cue.kind for cue in reading.score.cues] == ["pan"]
    assert reading.score.props[0] is not None
    assert reading.facts["guessed"] == reading.facts["findings"] == []


@pytest.mark.parametrize(
    ("prompt", "people"),
    [("an empty street", 0), ("a woman at a window", 1), ("two friends in a park", 2), ("nobody in the kitchen", 0)],
)
def test_words_say_how_many_are_seen(read, prompt, people):
    assert len(read(Brief(prompt=prompt)).names) == people


def test_a_two_shot_of_a_cast_of_two_is_of_both(read):
    voices = (Voice(speaker="MARA", description="alto"), Voice(speaker="TOMAS", description="tenor"))
    brief = Brief(prompt="two-shot in a restaurant kitchen", lines=talk("Yes.").lines, voices=voices)
    reading = read(brief)
    assert reading.names == ("MARA", "TOMAS")
    assert (reading.framing, reading.score.place) == ("two-shot", "kitchen")
    assert read(brief.model_copy(update={"prompt": "close on MARA, a busy bar"})).names == ("MARA",)


def test_what_no_word_says_is_listed_as_a_guess(read):
    guessed = " ".join(read(Brief(prompt="something blue")).facts["guessed"])
    assert all(part in guessed for part in ("one person", "quiet room", "framed"))


def test_a_sound_nobody_can_be_seen_making_is_heard_and_said_so(read):
    reading = read(Brief(prompt="kitchen", cues=(Cue(role="effects", text="a bell", at_frames=10),)))
    assert (reading.cues[0].drawn, reading.score.cues) == (False, ())
    assert "nobody is seen doing it" in " ".join(reading.facts["guessed"])


def test_music_is_played_only_where_it_is_asked_for(read):
    assert read(Brief(prompt="kitchen")).piece is None


def test_music_sounds_from_its_cue_to_its_end_with_bar_one_on_the_cue(read):
    whole = read(Brief(prompt="kitchen", cues=(Cue(role="music", text="jazz", at_frames=0),)))
    part = read(Brief(prompt="kitchen", cues=(Cue(role="music", text="jazz", at_frames=24, length_frames=48),)))
    assert whole.music_s == (-math.inf, math.inf)
    assert part.music_s == (1.0, 3.0)
    assert float(part.piece.tempo.beat(1.0)) == 0.0


def test_what_sketch_cannot_use_is_listed_as_ignored(read):
    still = Reference(kind="still", path="stills/mara.png", speaker="MARA")
    ignored = read(Brief(prompt="kitchen", negative="rain", references=(still,))).facts["ignored"]
    assert ignored == ["REF still stills/mara.png", "NEG rain"]


def test_somebody_walks_in_when_the_words_say_so(read):
    reading = read(Brief(prompt="a woman walks into the kitchen"))
    assert reading.score.characters[0].may_walk
    assert reading.score.sounds == frozenset({"step.stone"})


def test_what_a_shot_leaves_open_comes_from_its_scene(make_request):
    scene = Scene(
        setting="forest in the rain",
        cast=(Voice(speaker="LEO", description=""), Voice(speaker="MARA", description="warm alto")),
        before=("wide of an office at dusk", "close-up of LEO"),
    )

    def seen(prompt):
        reading = read_request(make_request(Brief(prompt=prompt), scene=scene), even)
        return reading.atmosphere.name, reading.hour, reading.weather

    assert seen("LEO looks up") == ("office", "dusk", "rain")
    assert seen("LEO in a kitchen at night, snow outside") == ("kitchen", "night", "snow")
    assert read_request(make_request(Brief(prompt="two-shot of LEO and MARA"), scene=scene), even).names == (
        "LEO",
        "MARA",
    )


def test_hits_lie_where_the_shot_hears_them_whatever_its_handles(read):
    jazz = (Cue(role="music", text="jazz 92 bpm", at_frames=0), Cue(role="music", text="", at_frames=36, hit=True))
    reading = read(Brief(prompt="kitchen", cues=jazz))
    assert reading.piece.hits_s == (1.5,)
    assert reading.score.music.hits_s == (2.0,)  # half a second of handle


def test_steps_keep_to_the_beat_only_when_the_words_ask_and_there_is_one(read):
    jazz = (Cue(role="music", text="jazz 120 bpm", at_frames=0),)
    asked = read(Brief(prompt="a man walks to the beat", cues=jazz))
    assert asked.score.on_beat
    assert 0.5 in [round(beat, 6) for beat in asked.score.beats]
    assert not read(Brief(prompt="a man walks", cues=jazz)).score.on_beat
    silent = read(Brief(prompt="a man walks to the beat"))
    assert not silent.score.on_beat
    assert "there is no music" in " ".join(silent.facts["guessed"])


def under_a_bed(text="jazz 120 bpm", **facts):
    return Scene(music=BedMusic(text=text, **{"end_frame": 480, "at_frame": -30, **facts}))


def test_steps_keep_to_the_beat_of_the_bed_over_the_shot(make_request):
    """The bed begins 30 frames before source frame 0, which is 12 frames into the take: its beats lie there too."""
    request = make_request(Brief(prompt="a man walks to the beat"), scene=under_a_bed())
    reading = read_request(request, even)
    bed = read_music("jazz 120 bpm", end_s=20.0, begin_s=0.0)
    beats = [float(beat) - 30 / 24 + 12 / 24 for beat in bed.tempo.between(0.0, 20.0)]
    assert reading.score.music is reading.piece is None
    assert set(np.round([beat for beat in beats if 0 < beat < 4], 6)) <= set(np.round(reading.score.beats, 6))
    assert all(np.abs(np.array(beats) - land).min() < 1e-6 for land in reading.deeds.gaits[0].lands_s)
    assert read_request(make_request(Brief(prompt="a man walks"), scene=under_a_bed()), even).score.beats == ()


def test_music_that_the_prompt_tells_of_is_played_as_the_shots_own(read):
    reading = read(Brief(prompt="a bar at night, slow sad jazz plays"))
    assert (reading.piece.style, reading.piece.minor) == ("jazz", True)
    assert reading.piece.bpm < 90
    assert reading.music_s == (-math.inf, math.inf)
    assert reading.facts["understood"]["music"] == "slow, sad, jazz"


@pytest.mark.parametrize(
    "prompt", ["a bar at night", "a bar, no music", "no jazz in this bar", "mute the music, a bar"]
)
def test_where_the_prompt_tells_of_none_or_refuses_it_there_is_no_music(read, prompt):
    assert read(Brief(prompt=prompt)).piece is None


def test_a_cue_and_a_bed_say_more_about_music_than_the_prompt(make_request, read):
    cue = (Cue(role="music", text="piano", at_frames=10),)
    reading = read(Brief(prompt="a bar, soft jazz plays", cues=cue))
    assert reading.piece.style == "piano"
    assert "the MX cue says what is played" in " ".join(reading.facts["guessed"])
    reading = read_request(make_request(Brief(prompt="a bar, soft jazz plays"), scene=under_a_bed("piano")), even)
    assert reading.piece is None
    assert "the bed plays instead (piano)" in " ".join(reading.facts["guessed"])


@pytest.mark.parametrize(
    ("prompt", "framing", "place"),
    [
        ("insert of a knife cutting chives on a wooden board, kitchen", "insert", "kitchen"),
        ("close-up of hands, two fried eggs slide onto a white plate", "insert", "unspecified"),
        ("close-up of her face, train platform", "close-up", "station"),
        ("full shot of a man on a rooftop", "wide", "city"),
    ],
)
def test_what_is_asked_for_is_framed(read, prompt, framing, place):
    reading = read(Brief(prompt=prompt))
    assert (reading.framing, reading.score.place) == (framing, place)


@pytest.mark.parametrize(
    ("camera", "move"),
    [
        ("slow push in", "push"),
        ("pull back", "pull"),
        ("pan right", "pan"),
        ("tracking shot", "dolly"),
        ("handheld", "handheld"),
        ("locked off", "static"),
        ("", "unspecified"),
    ],
)
def test_camera_words_move_the_camera(read, camera, move):
    assert read(Brief(prompt="a man in a kitchen with a frying pan, medium", camera=camera)).move == move


def test_more_people_than_it_can_draw_are_two_and_it_says_so(read):
    reading = read(Brief(prompt="five dancers on a stage"))
    assert reading.names == ("", "")
    assert any("two people at most are drawn" in said for said in reading.facts["guessed"])


def test_what_it_cannot_draw_falls_to_the_nearest_and_it_says_so(read):
    reading = read(
        Brief(prompt="photorealistic: a woman sits in a cafe, thunderstorm outside, she holds a Starbucks cup")
    )
    guessed = " ".join(reading.facts["guessed"])
    assert (reading.style, reading.weather) == ("paint", "rain")
    assert all(said in guessed for said in ("style", "storm", "Starbucks"))


def test_an_empty_prompt_is_one_person_in_a_quiet_room(read):
    reading = read(Brief(prompt=""))
    assert (reading.names, reading.score.place, reading.framing) == (("",), "unspecified", "medium")


def test_the_mood_of_the_prompt_is_in_the_faces(read):
    def smile(prompt):
        return read(Brief(prompt=prompt)).score.characters[0].smile

    assert smile("a happy woman") > smile("a woman") > smile("a woman in tears")
