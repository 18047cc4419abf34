"""The second render, after an editor has touched the cut: only what is missing is made, and nothing is undone."""

from __future__ import annotations

import json
from pathlib import Path

import opentimelineio as otio
import pytest
from PIL import Image
from typer.testing import CliRunner

import twopop
from twopop.cli import app
from twopop.settings import Settings

from .conftest import clips, copied, frames, hole, span, timeline, track

SOUND = ("DX", "FX", "BG", "MX")


def three():
    return timeline(hole("SH010"), hole("SH020"), hole("SH030"))


def test_rendering_twice_generates_nothing_and_changes_nothing(bench):
    first = bench.render(three())
    before = bench.folder.joinpath("cut.conformed.otio").read_bytes()
    second = bench.render(three())
    assert bench.generated == []
    assert all(shot.cached for shot in second.shots)
    assert [s.take for s in first.shots] == [s.take for s in second.shots]
    assert bench.folder.joinpath("cut.conformed.otio").read_bytes() == before


def test_conforming_a_conformed_cut_changes_nothing(bench):
    report = bench.render(three())
    again = bench.render(bench.result(report), "again.otio")
    assert bench.generated == []
    one, two = (json.loads(Path(r.timeline).read_text("utf-8")) for r in (report, again))
    assert one == two


def trim_inside(edit):
    clip = edit.tracks[0][1]
    clip.source_range = span(3, 20)
    return []


def trim_beyond(edit):
    edit.tracks[0][1].source_range = span(-12, 36)
    return ["SH020"]


def slip_inside(edit):
    edit.tracks[0][1].source_range = span(4, 24)
    return []


def move(edit):
    edit.tracks[0].insert(0, edit.tracks[0].pop(2))
    return []


def split(edit):
    first = edit.tracks[0][1]
    second = first.deepcopy()
    first.source_range, second.source_range = span(0, 10), span(10, 14)
    edit.tracks[0].insert(2, second)
    return []


def copy_a_shot(edit):
    edit.tracks[0].append(edit.tracks[0][0].deepcopy())
    return []


def rename(edit):
    edit.tracks[0][0].name = "a better name"
    return []


def delete(edit):
    del edit.tracks[0][1]
    return []


def insert(edit):
    edit.tracks[0].insert(1, hole("SH015"))
    return ["SH015"]


def change_a_prompt(edit):
    edit.tracks[0][1].markers[0].name = "PROMPT: something else"
    return ["SH020"]


def own_seed(edit):
    copy = edit.tracks[0][0].deepcopy()
    copy.name = "SH040"
    copy.markers.append(otio.schema.Marker("SEED: 7", span(0, 0)))
    edit.tracks[0].append(copy)
    return ["SH040"]


EDITS = [
    trim_inside, trim_beyond, slip_inside, move, split, copy_a_shot, rename, delete, insert, change_a_prompt, own_seed,
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS, ids=lambda e: e.__name__)
@pytest.mark.parametrize("from_conformed", [False, True], ids=["original", "conformed"])
def test_only_what_an_edit_made_missing_is_generated(bench, edit, from_conformed):
    report = bench.render(three())
    cut = bench.result(report) if from_conformed else three()
    if from_conformed and edit in (trim_inside, trim_beyond, slip_inside, split):
        cut = in_take_clock(cut, edit)
        expected = ["SH020"] if edit is trim_beyond else []
    else:
        expected = edit(cut)
    done = bench.render(cut, "cut_v02.otio")
    assert bench.generated == expected
    assert all(shot.take for shot in done.shots)
    for clip in bench.result(done).find_clips():
        assert clip.source_range.duration.value > 0
        available, shown = clip.media_reference.available_range, clip.source_range
        assert available.start_time <= shown.start_time
        assert shown.end_time_exclusive() <= available.end_time_exclusive()


def in_take_clock(cut, edit):
    """The same edit on a filled clip, whose numbers are the take's timecode."""
    clip = clips(cut, "V1")[1]
    offset = clip.source_range.start_time
    edit(cut)
    for changed in clips(cut, "V1")[1:3] if edit is split else [clip]:
        changed.source_range = otio.opentime.TimeRange(
            changed.source_range.start_time + offset, changed.source_range.duration
        )
    return cut


def test_an_edit_saved_over_the_conformed_cut_is_never_written_over(bench):
    edit = timeline(hole("A"), hole("B"))
    first = Path(bench.render(edit).timeline)
    assert Path(bench.render(edit).timeline) == first
    mine = otio.adapters.read_from_file(str(first))
    mine.tracks[0][0].source_range = span(mine.tracks[0][0].source_range.start_time.value + 2, 20)
    otio.adapters.write_to_file(mine, str(first))
    before = first.read_bytes()
    report = bench.render(edit)
    assert first.read_bytes() == before
    assert Path(report.timeline).name == "cut.conformed-2.otio"
    (kept,) = [finding for finding in report.findings if finding.code == "edit_kept"]
    assert f"twopop render {first}" in kept.message
    again = bench.render(edit)
    assert (again.timeline, bench.generated) == (report.timeline, [])
    bars = ("--backend", "bars", "--size", "256x144", "--store", str(bench.folder / "takes"))
    done = CliRunner().invoke(app, ["conform", str(bench.folder / "cut.otio"), *bars, "--json"])
    assert json.loads(done.stdout)["timeline"] == report.timeline
    assert (first.read_bytes(), bench.render(edit).timeline) == (before, report.timeline)


def test_a_render_stopped_in_its_preview_is_not_taken_for_an_edit(bench, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("twopop.preview.write_preview", stopped)
        with pytest.raises(KeyboardInterrupt):
            bench.render(timeline(hole("SH010", 24)), preview=True)
    report = bench.render(timeline(hole("SH010", 24)))
    assert Path(report.timeline).name == "cut.conformed.otio"


def test_a_project_saved_in_an_editor_is_never_written_over(bench):
    edit = timeline(hole("A"))
    project = Path(bench.render(edit, flavours=["kdenlive"]).flavours["kdenlive"])
    assert bench.render(edit, flavours=["kdenlive"]).flavours["kdenlive"] == str(project)
    project.write_text(project.read_text() + "<!-- saved by an editor -->")
    report = bench.render(edit, flavours=["kdenlive"])
    assert project.read_text().endswith("an editor -->")
    assert Path(report.flavours["kdenlive"]).name == "cut.conformed-2.kdenlive"
    assert [finding.code for finding in report.findings if finding.level == "warning"] == ["edit_kept"]


def test_an_extended_take_keeps_timecode_and_number_in_the_cut(bench):
    first = bench.result(bench.render(three()))
    cut = three()
    trim_beyond(cut)
    second = bench.result(bench.render(cut))
    old, new = clips(first, "V1")[1], clips(second, "V1")[1]
    assert new.media_reference.name.endswith("_t002.mov")
    assert old.source_range.start_time - new.source_range.start_time == frames(12)
    assert clips(second, "DX")[1].source_range == new.source_range


def test_a_moved_cue_makes_a_new_take_and_a_trim_does_not(bench):
    def cut(at):
        return timeline(hole("SH010", 48, markers=[(at, "FX: a pan hits the stove")]))

    bench.render(cut(10))
    trimmed = cut(10)
    trimmed.tracks[0][0].source_range = span(4, 40)
    bench.render(trimmed)
    assert bench.generated == []
    bench.render(cut(20))
    assert bench.generated == ["SH010"]


def test_a_changed_neighbour_makes_a_take_stale_and_only_a_word_makes_it_anew(bench):
    bench.render(three())
    edit = three()
    edit.tracks[0][0].markers[0].name = "PROMPT: another opening"
    report = bench.render(edit)
    assert bench.generated == ["SH010"]
    assert [finding.shot for finding in report.findings if finding.code == "stale"] == ["SH020"]
    bench.render(edit, refresh_stale=True)
    assert bench.generated == ["SH020"]


def test_two_versions_of_a_cut_share_their_takes(bench):
    bench.render(three(), "cut_v01.otio")
    cut = three()
    insert(cut)
    bench.render(cut, "cut_v02.otio")
    assert bench.generated == ["SH015"]


def test_a_nest_used_twice_is_generated_once(bench):
    def nest():
        stack = otio.schema.Stack("nest")
        inner = otio.schema.Track("inner", kind="Video")
        inner.append(hole("N010"))
        stack.append(inner)
        return stack

    report = bench.render(timeline(hole("SH010"), nest(), hole("SH020"), nest()))
    takes = {shot.name: shot.take for shot in report.shots}
    assert len({takes[name] for name in takes if name.startswith("N010")}) == 1
    done = bench.result(report)
    starts = [round(track(done, "DX").range_of_child(clip).start_time.value) for clip in clips(done, "DX")]
    assert starts == [0, 24, 48, 72]


def edited_sound(bench):
    """A conformed cut after a day of editing: J-cut, slip, mute, a replaced and a deleted stem, a moved shot."""
    cut = bench.result(bench.render(three()))
    dialogue, effects, music = track(cut, "DX"), track(cut, "FX"), track(cut, "MX")
    early = dialogue[1]
    early.source_range = otio.opentime.TimeRange(
        early.source_range.start_time - frames(5), early.source_range.duration + frames(5)
    )
    dialogue[0].source_range = otio.opentime.TimeRange(
        dialogue[0].source_range.start_time, dialogue[0].source_range.duration - frames(5)
    )
    effects[0].source_range = otio.opentime.TimeRange(
        effects[0].source_range.start_time + frames(2), effects[0].source_range.duration
    )
    effects[1].enabled = False
    effects[2].media_reference = otio.schema.ExternalReference("foley/real_pan.wav", span(0, 500))
    effects[2].source_range = span(100, 24)
    music[2] = otio.schema.Gap(duration=frames(24))
    return cut


def without_media(edit):
    """Everything an editor decides about sound: place, range, enabled, media that is not ours."""
    found = []
    for name in SOUND:
        for child in track(edit, name):
            at = track(edit, name).range_of_child(child)
            media = getattr(child, "media_reference", None)
            url = getattr(media, "target_url", "")
            found.append((name, at, child.source_range, child.enabled, url if "takes/" not in url else "ours"))
    return found


def test_nothing_an_editor_did_to_the_sound_is_undone(bench):
    cut = edited_sound(bench)
    before = without_media(cut)
    done = bench.result(bench.render(copied(cut), "edited.otio"))
    assert bench.generated == []
    assert without_media(done) == before


def test_a_new_take_swaps_the_media_of_stems_and_nothing_else(bench):
    cut = edited_sound(bench)
    before = without_media(cut)
    change_a_prompt(cut)
    done = bench.result(bench.render(cut, "edited.otio"))
    assert bench.generated == ["SH020"]
    assert without_media(done) == before
    assert clips(done, "V1")[1].media_reference.name == clips(done, "DX")[1].media_reference.name.replace(
        ".DX.wav", ".mov"
    )
    assert "t002" in clips(done, "DX")[1].media_reference.name
    assert clips(done, "FX")[2].media_reference.target_url == "foley/real_pan.wav"


def test_reset_audio_places_the_stems_of_one_shot_afresh(bench):
    cut = edited_sound(bench)
    done = bench.result(bench.render(cut, "edited.otio", reset_audio=("SH020", "SH030")))
    places = {
        (name, round(track(done, name).range_of_child(clip).start_time.value))
        for name in SOUND
        for clip in clips(done, name)
    }
    assert {("DX", 24), ("FX", 24), ("FX", 48), ("MX", 48)} <= places
    assert all(clip.enabled for clip in clips(done, "FX"))


def test_a_moved_filled_shot_leaves_its_sound_where_the_editor_put_it(bench):
    cut = bench.result(bench.render(three()))
    move(cut)
    before = without_media(cut)
    done = bench.result(bench.render(cut, "moved.otio"))
    assert bench.generated == []
    assert without_media(done) == before


def two_takes(bench):
    """A conformed cut whose second shot has two takes, the newer circled."""
    cut = bench.result(bench.render(three()))
    clips(cut, "V1")[1].markers[0].name = "PROMPT: something else"
    return bench.result(bench.render(cut))


def test_a_circled_take_stays_circled(bench):
    cut = two_takes(bench)
    clip = clips(cut, "V1")[1]
    assert sorted(clip.media_references()) == ["DEFAULT_MEDIA", "twopop:t001", "twopop:t002"]
    clip.active_media_reference_key = "twopop:t001"
    again = bench.result(bench.render(cut, "again.otio"))
    assert bench.generated == []
    assert clips(again, "V1")[1].active_media_reference_key == "twopop:t001"
    assert clips(again, "DX")[1].media_reference.name == "cut_SH020_t001.DX.wav"
    clips(again, "V1")[1].markers[0].name = "PROMPT: a third thing"
    bench.render(again, "third.otio")
    assert bench.generated == ["SH020"]


def test_a_stem_of_another_take_stays_where_an_editor_put_it(bench):
    cut = two_takes(bench)
    assert clips(cut, "DX")[1].media_reference.name == "cut_SH020_t002.DX.wav"
    clips(cut, "DX")[1].active_media_reference_key = "twopop:t001"
    done = bench.result(bench.render(cut, "again.otio"))
    assert clips(done, "DX")[1].media_reference.name == "cut_SH020_t001.DX.wav"
    assert clips(done, "FX")[1].media_reference.name == "cut_SH020_t002.FX.wav"


def test_metadata_lost_in_an_editor_is_found_again_by_the_media(bench):
    report = bench.render(three())
    cut = bench.result(report)
    for clip in cut.find_clips():
        clip.metadata.clear()
        clip.media_reference.metadata.clear()
        if clip.parent().name != "V1":
            continue
        clip.markers.clear()
        media = clip.media_reference.clone()
        clip.set_media_references({"DEFAULT_MEDIA": media}, "DEFAULT_MEDIA")
    cut.metadata.clear()
    for lane in cut.tracks:
        lane.metadata.clear()
    bench.render(cut, "from_editor.otio")
    assert bench.generated == []


@pytest.mark.parametrize("rate", [24000 / 1001, 25, 30000 / 1001, 60])
def test_stems_carry_exactly_the_range_of_the_picture(bench, rate):
    done = bench.result(bench.render(timeline(hole("SH010", 20, rate=rate), hole("SH020", 30, rate=rate), rate=rate)))
    for name in SOUND:
        for picture, stem in zip(clips(done, "V1"), clips(done, name), strict=True):
            assert stem.source_range == picture.source_range
            assert track(done, name).range_of_child(stem) == track(done, "V1").range_of_child(picture)


def test_a_reference_comes_along_to_the_folder_of_the_results(bench):
    (bench.folder / "stills").mkdir()
    Image.new("RGB", (64, 36), "teal").save(bench.folder / "stills/a.png")
    edit = timeline(hole("SH010", markers=[(2, "REF: stills/a.png")]))
    report = bench.render(edit, out=bench.folder / "out")
    cut = twopop.read_timeline(report.timeline)
    plan = twopop.plan_shots(cut, store=bench.folder / "takes", settings=Settings(backend="bars"))
    assert not plan.findings
    assert plan.shots[0].brief.references[0].sha256
    assert plan.shots[0].status == "reuse"
