"""The kitchen scene: written by its script, spotted without a remark, plain stock OpenTimelineIO."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import opentimelineio as otio
import pytest

import twopop
from twopop.media.probe import probe
from twopop.settings import Settings
from twopop.spotting import lay_out_lines, spot
from twopop.timebase import FrameRange
from twopop.tracks import active_reference, retimes_of

KITCHEN = Path(__file__).parents[2] / "examples/kitchen"


@pytest.fixture(scope="module")
def cut() -> twopop.Cut:
    return twopop.read_timeline(KITCHEN / "kitchen.otio")


def test_the_committed_cut_is_what_the_script_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(KITCHEN))
    monkeypatch.setattr(sys, "argv", ["make_kitchen.py", str(tmp_path)])
    runpy.run_path(str(KITCHEN / "make_kitchen.py"))
    assert (tmp_path / "kitchen.otio").read_bytes() == (KITCHEN / "kitchen.otio").read_bytes()


def test_the_script_is_short_and_the_scene_small() -> None:
    assert len((KITCHEN / "make_kitchen.py").read_text().splitlines()) <= 100
    files = [KITCHEN / "kitchen.otio", KITCHEN / "stills/kitchen.png", KITCHEN / "media/ticket.mov"]
    assert sum(file.stat().st_size for file in files) <= 300_000


def test_it_has_every_shape(cut: twopop.Cut) -> None:
    found = spot(cut, Settings())
    assert 6 <= len(found.shots) <= 8
    assert {line.speaker for shot in found.shots for line in shot.brief.lines} == {"MARA", "LEO"}
    assert [bed.role for bed in found.beds] == ["ambience", "music"]
    assert all(bed.record.end == cut.duration_frames for bed in found.beds)
    assert {shot.scene for shot in found.shots} == {"SC010"}
    assert [clip.item.name for clip in found.left_alone] == ["TITLE"]
    assert [shot.item.name for shot in found.shots if retimes_of(shot.item.node)] == ["SH040"]
    assert [shot.item.name for shot in found.shots if shot.item.nested] == ["SH050"]
    dissolve = [shot.item.name for shot in found.shots if shot.item.visible != shot.item.trimmed]
    assert dissolve == ["SH050", "SH060"]  # it begins over the last frames of the nest
    assert any(cue.role == "effects" for shot in found.shots for cue in shot.brief.cues)
    assert any(cue.hit for shot in found.shots for cue in shot.brief.cues)
    assert sum(item.schema == "Gap" and item.kind == "Video" for item in cut.items) == 1
    assert str(cut.frame_rate) == "24000/1001"
    assert cut.timecode(0) == "01:00:00:00"
    assert 25 <= cut.duration_frames / cut.frame_rate <= 35


def test_nothing_about_it_is_remarkable(cut: twopop.Cut) -> None:
    found = spot(cut, Settings())
    assert not cut.findings
    assert not found.findings
    assert all(reference.sha256 for shot in found.shots for reference in shot.brief.references)
    for shot in found.shots:
        assert not lay_out_lines(shot.brief, shot.item.visible, cut.frame_rate)[1]


def test_everybody_who_speaks_has_a_voice(cut: twopop.Cut) -> None:
    for shot in spot(cut, Settings()).shots:
        assert {voice.speaker for voice in shot.brief.voices} == {line.speaker for line in shot.brief.lines}


def test_the_real_clip_is_what_the_cut_says_it_is(cut: twopop.Cut) -> None:
    facts = probe(KITCHEN / "media/ticket.mov", exact=True)
    picture, sound = (item for item in cut.items if item.name == "ticket")
    assert (picture.kind, sound.kind, picture.record, picture.trimmed) == (
        "Video",
        "Audio",
        sound.record,
        sound.trimmed,
    )
    start = int(active_reference(picture.node)["available_range"]["start_time"]["value"])
    assert FrameRange(start, facts.frames).covers(picture.trimmed)
    assert (facts.frames, facts.samples, facts.timecode) == (36, 36 * 2002, "10:00:00:00")


def test_opentimelineio_reads_it_and_agrees_on_every_place(cut: twopop.Cut) -> None:
    theirs = otio.adapters.read_from_file(str(KITCHEN / "kitchen.otio"))
    for item in cut.items:
        node = theirs.tracks[item.path[0]]
        for index in item.path[1:]:
            node = node[index]
        place = node.transformed_time_range(node.trimmed_range(), theirs.tracks)
        assert (round(place.start_time.value), round(place.duration.value)) == tuple(item.record)
