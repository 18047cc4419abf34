"""An export finds the takes it plays by itself: never others, never by guessing."""

from __future__ import annotations

import shutil

import pytest

import twopop
from twopop.cli import app
from twopop.testing import golden_cut

OPTIONS = {"backend": "bars", "width": 128, "height": 72, "preview": False}


@pytest.fixture
def finished(tmp_path, module_state):
    """A copy of the golden cut and its takes in a folder, to be exported from."""
    folder = tmp_path / "show"
    shutil.copytree(golden_cut().path.parent, folder)
    cut = twopop.read_timeline(folder / golden_cut().path.name)
    export = tmp_path / "exports" / "reel one"
    export.mkdir(parents=True)
    return folder, twopop.write_timeline(cut, export / "edited", flavour="kdenlive").path


def planned(path):
    return twopop.plan_shots(twopop.read_timeline(path), settings=twopop.load_settings(path, backend="bars"))


def statuses(report):
    return {shot.status for shot in report.shots}


def test_an_export_elsewhere_finds_the_takes_it_plays(finished, tmp_path):
    folder, export = finished
    for out in (None, tmp_path / "out"):
        report = twopop.render(export, out=out, **OPTIONS)
        assert statuses(report) <= {"reused"}
        (said,) = [finding for finding in report.findings if finding.code == "store_found"]
        assert str(folder / "takes") in said.message
    assert not (tmp_path / "out" / "takes").exists()
    assert {shot.status for shot in planned(export).shots} <= {"reuse", "stale"}


def test_a_plan_asks_once_which_store_it_is(finished, monkeypatch):
    import twopop.whose_takes as module

    asked = []
    whereabouts = module.whereabouts
    monkeypatch.setattr(module, "whereabouts", lambda cut, usual: asked.append(cut) or whereabouts(cut, usual))
    _, export = finished
    assert "store_found" in {finding.code for finding in planned(export).findings}
    assert len(asked) == 1
    store = twopop.groundwork.open_store(twopop.read_timeline(export), twopop.load_settings(export))
    other = twopop.read_timeline(golden_cut().path)  # an answer about another cut is none about this
    assert twopop.plan_shots(other, settings=twopop.load_settings(export, backend="bars"), store=store)
    assert asked[-1] is other


def test_a_store_that_is_named_is_taken(finished, tmp_path):
    _, export = finished
    settings = twopop.load_settings(export, backend="bars")
    plan = twopop.plan_shots(twopop.read_timeline(export), settings=settings, store=tmp_path / "mine")
    assert plan.store == tmp_path / "mine"
    assert "store_found" not in {finding.code for finding in plan.findings}


def test_of_two_stores_none_is_guessed(finished, tmp_path):
    folder, export = finished
    shutil.copytree(folder / "takes", tmp_path / "other")
    text = export.read_text()
    mine, other = str(folder / "takes" / "golden_SH010"), str(tmp_path / "other" / "golden_SH010")
    export.write_text(text.replace(mine, other))
    plan = planned(export)
    (said,) = [finding for finding in plan.findings if finding.code == "two_stores"]
    assert str(folder / "takes") in said.message
    assert str(tmp_path / "other") in said.message
    assert plan.store == export.parent / "takes"


def test_a_file_that_is_only_called_like_a_take_is_none(finished):
    folder, export = finished
    (folder / "takes" / ".twopop-store").unlink()
    assert planned(export).store == export.parent / "takes"


def test_a_list_that_names_takes_without_folders_is_looked_up_around_it(finished):
    """As in an EDL: the names of clips are all it has."""
    folder, _ = finished
    below = folder / "exports" / "today"
    below.mkdir(parents=True)
    event = "001  AX       V     C        00:59:59:12 01:00:01:12 01:00:00:00 01:00:02:00"
    (below / "reel.edl").write_text(f"TITLE: reel\n\n{event}\n* FROM CLIP NAME: golden_SH010_t001.mov\n")
    plan = planned(below / "reel.edl")
    assert plan.store == folder / "takes"
    assert {shot.status for shot in plan.shots} == {"reuse"}
    report = twopop.render(below / "reel.edl", **OPTIONS)
    (clip,) = [item for item in twopop.read_timeline(report.timeline).items if item.kind == "Video"]
    assert clip.node["media_references"][clip.node["active_media_reference_key"]]["target_url"].endswith("_t001.mov")


def test_the_command_line_needs_no_store(finished, tmp_path):
    from typer.testing import CliRunner

    _, export = finished
    arguments = ["render", str(export), "-o", str(tmp_path / "cli"), "--backend", "bars", "--no-preview"]
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 0, ran.output
    assert not (tmp_path / "cli" / "takes").exists()
