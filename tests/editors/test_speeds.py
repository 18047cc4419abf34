"""Editors that ignore speeds get media at the speed of the cut, so that nothing is made again when they come back."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest

import twopop
from twopop.flavours import baking, flavour_names

RATE = 24.0
SPEEDS = {
    "SLOW": otio.schema.LinearTimeWarp(time_scalar=0.5),
    "FAST": otio.schema.LinearTimeWarp(time_scalar=2.0),
    "BACK": otio.schema.LinearTimeWarp(time_scalar=-1.0),
    "STILL": otio.schema.FreezeFrame(),
}
OPTIONS = {"backend": "bars", "width": 64, "height": 36, "preview": False}


@pytest.fixture
def original(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))
    timeline = otio.schema.Timeline("speeds", global_start_time=otio.opentime.RationalTime(86400, RATE))
    track = otio.schema.Track("V1", kind="Video")
    for name, effect in SPEEDS.items():
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, RATE), otio.opentime.RationalTime(36, RATE))
        clip = otio.schema.Clip(name, None, span)
        start = otio.opentime.TimeRange(span.start_time, otio.opentime.RationalTime(0, RATE))
        clip.markers.append(otio.schema.Marker(f"PROMPT: {name}", start))
        clip.markers.append(otio.schema.Marker("DX MARA: Now.", start))
        clip.effects.append(effect)
        track.append(clip)
    timeline.tracks.append(track)
    path = tmp_path / "speeds.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def statuses(path):
    settings = twopop.load_settings(Path(path), backend="bars")
    plan = twopop.plan_shots(twopop.read_timeline(path), settings=settings)
    return {shot.name: shot.status for shot in plan.shots}


def speeds(path, track):
    timeline = otio.adapters.read_from_file(str(path))
    found = next(t for t in timeline.tracks if t.name == track)
    return {c.name: [e.time_scalar for e in c.effects] for c in found.find_clips()}


def test_for_which_editors_speeds_are_baked():
    assert baking(flavour_names()) == ["blender", "ges", "ges-otio", "kdenlive", "mlt"]


def test_nothing_is_made_again_when_kdenlive_comes_back(original):
    report = twopop.render(original, flavours=["kdenlive"], **OPTIONS)
    assert report.ok
    assert statuses(report.flavours["kdenlive"]) == dict.fromkeys(SPEEDS, "reuse")
    (said,) = (finding for finding in report.findings if finding.code == "retimes_baked")
    assert "kdenlive" in said.message


def test_other_editors_keep_the_speeds(original):
    report = twopop.render(original, flavours=["resolve"], **OPTIONS)
    assert speeds(report.timeline, "V1")["SLOW"] == [0.5]
    assert not any(finding.code == "retimes_baked" for finding in report.findings)


@pytest.mark.parametrize("how", ["setting", "option"])
def test_who_says_keep_keeps(original, how):
    if how == "setting":
        original.with_name("twopop.toml").write_text('retime = "keep"\n')
    more = {"retime": "keep"} if how == "option" else {}
    report = twopop.render(original, flavours=["kdenlive"], **OPTIONS, **more)
    assert speeds(report.timeline, "V1")["SLOW"] == [0.5]
    assert statuses(report.flavours["kdenlive"]) == dict.fromkeys(SPEEDS, "reuse")


def test_a_cut_that_kept_its_speeds_is_baked_with_its_sound(original):
    """Picture and stems lose the same effect; what an editor did to the speed of a stem alone stays."""
    first = twopop.render(original, **OPTIONS)
    assert speeds(first.timeline, "DX") == {"SLOW": [0.5], "FAST": [2.0]}
    edited = otio.adapters.read_from_file(first.timeline)
    stem = next(c for t in edited.tracks if t.name == "DX" for c in t.find_clips() if c.name == "FAST")
    stem.effects[0].time_scalar = 1.25
    otio.adapters.write_to_file(edited, str(original.with_name("again.otio")))
    second = twopop.render(original.with_name("again.otio"), flavours=["kdenlive"], **OPTIONS)
    made = {shot.name for shot in second.shots if shot.status == "ready"}
    assert made == {"SLOW", "STILL"}, "the fast and the reversed one already cover what the cut shows"
    assert speeds(second.timeline, "V1") == {"SLOW": [], "FAST": [], "BACK": [-1.0], "STILL": [0.0]}
    assert speeds(second.timeline, "DX") == {"SLOW": [], "FAST": [1.25]}
    assert statuses(second.flavours["kdenlive"]) == dict.fromkeys(SPEEDS, "reuse")


def test_conform_bakes_nothing_that_it_would_have_to_make(original):
    from typer.testing import CliRunner

    from twopop.cli import app

    twopop.render(original, **OPTIONS)
    size = f"{OPTIONS['width']}x{OPTIONS['height']}"
    ran = CliRunner().invoke(app, ["conform", str(original), "--backend", "bars", "--size", size, "--for", "kdenlive"])
    assert ran.exit_code == 0, ran.output
    assert speeds(original.with_name("speeds.conformed.otio"), "V1")["SLOW"] == [0.5]


def test_an_export_without_our_metadata_asks_for_what_its_takes_were_made_with(original, tmp_path):
    """Settings lie beside the first cut, the results elsewhere, and the editor keeps no notes."""
    original.with_name("twopop.toml").write_text('style = "ink on paper"\n[cast]\nMARA = "bass, 70s"\n')
    report = twopop.render(original, out=tmp_path / "out", flavours=["kdenlive", "premiere"], **OPTIONS)
    for name in ("kdenlive", "premiere xml"):
        assert set(statuses(report.flavours[name]).values()) == {"reuse"}, name
