import numpy as np
import pytest

from twopop_engine.models.sketch.raster.look import HAIR_SHAPES, person_from
from twopop_engine.models.sketch.raster.palette import DAY, NIGHT, NIGHT_KITCHEN, Colour, light_of, oklab, tones


def test_words_become_knobs():
    mara = person_from("woman, 40s, red coat, grey bob, glasses", "MARA")
    assert mara.age == 45
    assert mara.clothes == "coat"
    assert mara.hair_shape == "bob"
    assert mara.glasses
    assert mara.hair.c < 0.03
    assert mara.cloth.h < 45


def test_a_colour_belongs_to_what_stands_with_it():
    assert person_from("man, 20s, white tee, quiff", "DAN").hair.l < 0.85
    assert person_from("man, 20s, navy coat, white quiff", "DAN").hair.l > 0.85


@pytest.mark.parametrize(
    ("text", "age"), [("girl, 7, pink hoodie", 7), ("a boy of 8 years", 8), ("woman, 63", 63), ("60s", 65)]
)
def test_years_are_read_however_they_are_written(text, age):
    assert person_from(text).age == age


def test_who_somebody_is_is_said_first():
    alone, told = person_from("man, , ", "LEO"), person_from("man, , LEO takes a chair and sets her plate down", "LEO")
    assert told == alone
    assert person_from("woman, her brother's coat", "LEO").jaw < 0.5


def test_two_of_the_cast_do_not_dress_alike_because_their_hair_does():
    mara, leo = person_from("woman, , ", "mara"), person_from("man, , ", "leo")
    assert mara.cloth != leo.cloth


def test_a_name_is_the_same_person_every_time():
    assert person_from("", "LEO") == person_from("", "LEO")
    assert person_from("", "LEO") != person_from("", "MARA")


@pytest.mark.parametrize("text", ["", "??", "a 300 year old robot", "ünïcode", "x" * 5000])
def test_odd_descriptions_still_make_somebody(text):
    person = person_from(text)
    assert 6 <= person.age <= 90
    assert person.hair_shape in HAIR_SHAPES


def test_colours_survive_the_way_to_srgb_and_back():
    colour = Colour(0.6, 0.1, 40)
    back = oklab(np.array([colour.rgba()[:3]], np.uint8))[0]
    assert tuple(back) == pytest.approx(colour.lab(), abs=0.01)


def test_a_colour_out_of_gamut_keeps_lightness_and_hue():
    r, g, b, _ = Colour(0.5, 0.4, 28).rgba()
    assert r > 2 * max(g, b)


@pytest.mark.parametrize("light", [DAY, NIGHT, NIGHT_KITCHEN])
def test_shadows_are_darker_and_never_black(light):
    skin = Colour(0.76, 0.072, 60)
    assert 0.09 < light.dark(skin).l < light.lit(skin).l - 0.08
    assert light.edge(skin).l > light.lit(skin).l - 0.05
    assert min(tones(light, Colour(0.15, 0.0, 0)).dark[:3]) >= 0


def test_shadows_of_warm_things_do_not_turn_green():
    mustard = Colour(0.70, 0.125, 85)
    assert DAY.dark(mustard).h < 85


def test_weather_flattens_the_light():
    assert light_of("day", "fog").contrast < light_of("day").contrast
