"""The prompt reader: the held-out score, and what one would try on it by hand."""

import hashlib
from pathlib import Path

import pytest

from twopop_engine.models.sketch.prompt import read_prompt
from twopop_engine.models.sketch.prompt.lexicon import mended
from twopop_engine.train.evaluate_prompts import read_rows, score_prompts

PROMPTS = Path(__file__).parents[2] / "prompts"
WRITTEN_APART = {
    "heldout.jsonl": "cc983a166f4457aa36fccc7fa0d6d3291cae8c24a79bc312ae1305cc06e0a8c9",
    "out_of_world.jsonl": "8b7510434d900b0bbb943f551c9b5374ebb7fa7456d234aadd28685c51c43d9d",
}


@pytest.mark.parametrize("name", WRITTEN_APART)
def test_the_prompts_written_apart_are_as_they_were_written(name):
    assert hashlib.sha256((PROMPTS / name).read_bytes()).hexdigest() == WRITTEN_APART[name]


def test_held_out_prompts_are_understood():
    scores = score_prompts(read_rows(PROMPTS / "heldout.jsonl"))
    assert scores.macro >= 0.85
    assert scores.all_right >= 0.5
    assert min(scores.slots.values()) >= 0.75


def test_a_reader_that_always_answers_the_same_scores_next_to_nothing():
    rows = read_rows(PROMPTS / "heldout.jsonl")
    slots = ("place", "time", "weather", "people", "framing", "camera", "mood", "music")
    silent = dict.fromkeys(slots, "unspecified") | {"action": [], "who": {}}
    assert score_prompts(rows, lambda _: silent).macro < 0.15


@pytest.mark.parametrize(
    ("prompt", "slot", "value"),
    [
        ("nobody around, an empty street", "people", "0"),
        ("a woman in an empty cafe", "people", "1"),
        ("it is not raining, fog", "weather", "fog"),
        ("no music, please", "music", "none"),
        ("INT. KITCHEN - NIGHT. A cook looks at the street.", "place", "kitchen"),
        ("MCU of a man", "framing", "medium_close"),
        ("OTS on Mara", "framing", "over_shoulder"),
        ("2S at the bar", "framing", "two_shot"),
        ("she looks back over her shoulder", "framing", "unspecified"),
        ("a pan hits the stove", "camera", "unspecified"),
        ("pan left over the sea", "camera", "pan"),
        ("the script says rain, but let's do fog", "weather", "fog"),
        ("from dusk till dawn", "time", "unspecified"),
        ("playground after rain, windy", "weather", "wind"),
        ("just clouds, a kite", "people", "0"),
        ("full figure, a dancer alone", "people", "1"),
        ("Hero shot: a cyclist", "people", "1"),
        ("Dad drives, mum sleeps, the boy stares out", "people", "many"),
        ("A quiet office, a clerk stamps papers behind the glass. " * 22, "people", "1"),
        ("a man walks left, a man walks right", "people", "2"),
        ("a clerk who counts coins", "people", "1"),
        ("a frying pan on the stove, close", "framing", "insert"),
        ("close, a man at the stove", "framing", "close"),
        ("an empty swing moves in the wind", "camera", "unspecified"),
        ("the camera moves in the direction of the house", "camera", "push"),
        ("an empty swing in the playground", "music", "unspecified"),
        ("torch beams in the dark", "mood", "unspecified"),
        ("she beams at him", "mood", "happy"),
        ("a forest, mournful cello", "mood", "sad"),
        ("a forest, suspense score", "mood", "unspecified"),
        ("a man in the kitchn", "place", "kitchen"),
    ],
)
def test_one_slot(prompt, slot, value):
    assert read_prompt(prompt).slots[slot] == value


@pytest.mark.parametrize(
    ("prompt", "woman", "man"),
    [
        ("a woman sits, a man stands", ["sit"], ["stand"]),
        ("she waves to him and he doesn't move", ["wave"], ["none"]),
        ("The man picks up a letter while the woman looks outside", ["look"], ["pick_up"]),
    ],
)
def test_who_does_what(prompt, woman, man):
    assert read_prompt(prompt).who == {"woman": woman, "man": man}


def test_rain_that_runs_down_a_window_has_nobody_run():
    assert read_prompt("MARA walks while the rain runs down the awning", ("MARA",)).actions == ("walk",)


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("Marilyn Monroe smiles at Elvis Presley", ("Marilyn Monroe", "Elvis Presley")),
        ("Taylor Swift drinks with Barack Obama", ("Taylor Swift", "Barack Obama")),
        ("A Gloomy Cellar With Rusty Pipes And Dripping Water, A Man Walks In", ()),
        ("Steam rises. MARA and TOMAS wait in the kitchen", ()),
    ],
)
def test_names_of_the_real_world_are_noticed_though_no_list_has_them(prompt, names):
    assert read_prompt(prompt, ("MARA", "TOMAS")).names == names


def test_what_is_done_again_and_again_is_said_once():
    assert read_prompt("she waves and waves and waves").understood["action"] == "waves"


def test_waves_of_the_sea_wave_to_nobody():
    assert read_prompt("waves crash on the beach").actions == ()


def test_english_words_near_a_known_one_are_left_alone():
    assert [mended(word) for word in ("breach", "wipes", "contention", "thorough")] == [None] * 4
    assert [mended(word) for word in ("kitchn", "nihgt", "whispring", "aftrnoon")] == [
        "kitchen",
        "night",
        "whispering",
        "afternoon",
    ]


@pytest.mark.parametrize("prompt", ["", "   ", "!!!", "你好", "\n\n", "🎬🎥", "of", "the", "-" * 50, "'''", '"'])
def test_nothing_to_read_is_read_as_nothing(prompt):
    read = read_prompt(prompt)
    assert set(read.slots.values()) == {"unspecified"}
    assert read.actions == ()


def test_five_hundred_words_are_read_like_ten():
    filler = "The counter is of old marble and nobody has polished it since the war. " * 45
    read = read_prompt(f"INT. KITCHEN - NIGHT. {filler} A cook sets down a pot.")
    assert len(filler.split()) > 500
    assert (read.slots["place"], read.slots["time"], read.actions) == ("kitchen", "night", ("put_down",))


def test_of_a_contradiction_one_wins_and_it_is_said():
    read = read_prompt("night, noon sun")
    assert read.slots["time"] == "night"
    assert read.conflicts == ('time: "night" and "noon sun" do not go together: night',)


def test_brands_are_noted():
    assert read_prompt("a man drinks a Pepsi").names == ("Pepsi",)


@pytest.mark.parametrize(
    ("prompt", "slot", "value"),
    [
        ("the camera does not move, a man waits", "camera", "static"),
        ("a man walks in and does not move", "camera", "unspecified"),
        ("a couple of old men play chess", "people", "2"),
        ("MAYA chops onions while RAJ sets the table", "people", "2"),
        ("he walks to the beat", "music", "unspecified"),
        ("a man walks to the music", "music", "some"),
    ],
)
def test_words_that_belong_together_are_read_together(prompt, slot, value):
    assert read_prompt(prompt).slots[slot] == value


@pytest.mark.parametrize(
    ("prompt", "who"),
    [
        ("she shrugs and walks off, he stays seated", {"woman": ["gesture", "walk"], "man": ["sit"]}),
        ("a woman waves while a man in a red coat sits down", {"woman": ["wave"], "man": ["sit"]}),
        ("Tom waves, Emma runs off", {"woman": ["run"], "man": ["wave"]}),
    ],
)
def test_a_new_subject_takes_over_the_verbs(prompt, who):
    assert read_prompt(prompt).who == who


def test_left_to_right_is_no_departure():
    assert read_prompt("tracking shot, left to right, of a jogger").actions == ()
    assert read_prompt("she left the room").actions == ("walk",)


def test_all_words_about_the_music_are_kept_together():
    assert (
        read_prompt("a bar at night, slow, sad jazz at 92 bpm in D minor").music
        == "slow , sad jazz at 92 bpm in D minor"
    )
    assert read_prompt("a dark street and tense strings").music == "tense strings"
    assert read_prompt("no music, a street").music == ""


@pytest.mark.parametrize(
    ("prompt", "slot", "value"),
    [
        ("over the old man's shoulder, a clerk talks", "framing", "over_shoulder"),
        ("he looks over Sara's shoulder", "framing", "unspecified"),
        ("cowboy shot: a sheriff stands in the doorway", "people", "1"),
        ("the cook nods at the girl in red", "people", "2"),
        ("the chess players; one points, the other grins", "people", "2"),
        ("they were going to shoot it at dawn, but it's midnight now", "time", "night"),
        ("they were going to shoot it at dawn, but it's midnight now", "people", "unspecified"),
        ("not a soul in sight on the beach", "music", "unspecified"),
        ("a woman in an armchair, rain on the roof", "place", "living_room"),
        ("starry night, a boy", "time", "night"),
        ("lightning over the skyline", "weather", "storm"),
        ("the storm is over", "weather", "unspecified"),
        ("she sweeps the porch as a car pulls up", "place", "unspecified"),
        ("a beach where a dog runs. No people.", "people", "0"),
        ("a corridor: doors, one of them ajar", "people", "unspecified"),
        ("the host at his desk, big band", "people", "1"),
        ("a kid on a swing", "music", "unspecified"),
    ],
)
def test_what_words_mean_depends_on_their_neighbours(prompt, slot, value):
    assert read_prompt(prompt).slots[slot] == value


def test_what_is_only_told_is_not_done():
    assert read_prompt("Ben tells Clara he is leaving").actions == ("talk",)
    assert read_prompt("Ben talks, then he is leaving").actions == ("talk", "walk")


def test_verbs_and_their_particles_find_each_other_and_leaves_of_trees_leave_nobody():
    assert read_prompt("an angry customer slams her cup down").actions == ("put_down",)
    assert read_prompt("a kid, sunlight through leaves").actions == ()


@pytest.mark.parametrize(
    ("prompt", "actions"),
    [
        ("he steps back", ("walk",)),  # a phrase that a line of the table breaks in two
        ("a man hugging his dog", ()),
        ("she shrugs, shrugging again", ("gesture",)),
        ("over his shoulder we see her put the letter back on the desk", ("put_down",)),
        ("dad drops onto the couch", ("sit",)),
        ("dad drops his gaze onto the floor", ()),
        ("dad drops the keys onto the table", ("put_down",)),
        ("the bartender says nothing", ()),
        ("she is looking at nothing in particular", ("look",)),
        ("the boy of scene 4 walks in", ("walk",)),
    ],
)
def test_what_is_done(prompt, actions):
    assert read_prompt(prompt).actions == actions


def test_a_bare_verb_is_told_of_all():
    who = read_prompt("man and woman. living room. he sits, she stands. argue.").who
    assert who == {"man": ["sit", "talk"], "woman": ["stand", "talk"]}
