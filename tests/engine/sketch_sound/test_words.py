"""The page of words that people read is the tables that the model reads."""

import re
from pathlib import Path

from twopop_engine.models.sketch import ambience, foley_tables, music, voices

PAGE = (Path(__file__).parents[3] / "docs" / "sketch.md").read_text(encoding="utf-8")


def listed(heading):
    section = PAGE.split(f"\n## {heading}")[1].split("\n## ")[0]
    return set(re.findall(r"[\w-]+", section.lower()))


def test_the_page_lists_every_place_style_person_and_sound():
    assert set(ambience.PLACES) - {"unspecified"} <= listed("Ambience")
    assert set(music.STYLES) <= listed("Music")
    assert set(voices.PRESETS) <= listed("Voices")
    kinds = {kind.split(".")[0] for kind in [*foley_tables.RECIPES, *foley_tables.TEXTURES] if kind[0] != "_"}
    assert {kind if kind != "step" else "steps" for kind in kinds} - {"generic"} <= listed("Effects")


def test_every_manner_and_quality_on_the_page_does_something():
    section = PAGE.split("| manner in the parenthesis")[1].split("*very*")[0]
    for row in section.splitlines()[2:]:
        for word in row.split("|")[2].split(",") if row.count("|") > 2 else []:
            assert voices.read_manner(word.strip()).understood, word
    row = next(line for line in PAGE.splitlines() if line.startswith("| quality"))
    for word in row.split("|")[2].split(","):
        assert voices.cast_voice("X", word.strip()).understood, word


def test_every_addition_on_the_page_adds_to_a_place():
    plain = ambience.read_place("kitchen")
    added = re.search(r"Added to a place: (.*?)\.", PAGE, re.DOTALL)
    for word in added[1].replace("\n", " ").split(","):
        assert ambience.read_place(f"kitchen, {word.strip()}").place != plain.place, word
