"""A user's afternoon with the Blender panel, in Blender itself: holes, render, re-cut, render again, switch a take."""

from __future__ import annotations

import json
from pathlib import Path

import editors
import pytest

FILLED = [
    ["title", "Channel 1", "", 100, 20, 0],
    ["wide", "Channel 1", "kitchen.vse_wide_t001.mov", 0, 60, 12],
    ["close", "Channel 2", "kitchen.vse_close_t001.mov", 48, 48, 12],
    *(
        [f"{name} {stem}", f"{stem}{side}", f"kitchen.vse_{name}_t001.{stem}.wav", start, frames, 12]
        for stem in ("DX", "FX", "BG")
        for name, side, start, frames in (("wide", "", 0, 60), ("close", " b", 48, 48))
    ),
    ["MX_bed MX", "MX", "kitchen.vse_MX_bed_t001.MX.wav", 0, 96, 0],
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    folder = tmp_path_factory.mktemp("panel")
    script = Path(editors.__file__).with_name("blender_panel.py")
    editors.in_blender(script, folder, env={"TWOPOP_STATE_DIR": str(folder / "state")})
    return json.loads((folder / "seen.json").read_text())


def test_what_it_refuses_changes_nothing(seen):
    assert "Save the .blend first" in seen["no folder"]
    assert "Nothing asks for a picture or a sound" in seen["nothing to do"]
    assert "Strip wide is locked" in seen["locked"]
    assert seen["locked changes nothing"]
    assert seen["plan"] == ["FINISHED"]
    assert seen["planning changes nothing"]


def test_holes_become_movies_and_stems_in_their_place(seen):
    assert seen["first"] == ["FINISHED"]
    assert seen["filled"] == FILLED
    assert seen["takes"] == 3


def test_a_dissolve_stays_and_its_sound_fades_too(seen):
    assert seen["cross"] == ["wide", "close", 48, 12]
    assert seen["sound fades in with its picture"] == [0.0, 1.0]


def test_it_lives_in_the_saved_file(seen):
    assert seen["kept in the file"]


def test_a_trim_costs_nothing_and_nothing_of_the_edit_is_undone(seen):
    assert seen["second"] == ["FINISHED"]
    assert seen["takes after a trim"] == 3
    assert seen["the edit stays"]


def test_a_new_prompt_makes_one_new_take_of_picture_and_stems(seen):
    assert seen["takes after a new prompt"] == 4
    newer = [
        [n, c, f.replace("wide_t001", "wide_t002"), s, 42 if n == "close" else length, i]
        for n, c, f, s, length, i in FILLED
    ]
    assert seen["after a new prompt"] == newer


def test_a_take_is_switched_for_picture_and_stems_together(seen):
    assert seen["choices"] == ["kitchen.vse_wide_t002", "kitchen.vse_wide_t001"]
    assert seen["after the switch"] == [[n, c, f, s, 42 if n == "close" else ln, i] for n, c, f, s, ln, i in FILLED]


def test_a_click_renders_in_the_background_and_says_how_far_it_is(seen):
    assert seen["click"] == ["RUNNING_MODAL"]
    assert seen["mouse while it renders"] == ["PASS_THROUGH"], "Blender stays usable"
    assert seen["progress"], "nothing was said while it rendered"
    assert seen["click ends"] == ["FINISHED"]
    assert seen["click placed"]
    assert seen["stopped with Esc"], "picture and stems are of one take, whenever it was stopped"


def test_a_render_and_a_switch_are_one_step_of_undo_each(seen):
    assert seen["one undo takes it back"]
    assert seen["and redo does it again"]
    assert seen["one undo takes the render back"]
