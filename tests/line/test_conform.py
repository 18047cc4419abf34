"""What a conform writes: places of picture, stems and beds; what it leaves; what it refuses."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest

import twopop
from twopop.conform import circle_take
from twopop.errors import ConformError

from .conftest import Time, clips, copied, frames, hole, span, timeline, track

SOUND = ("DX", "FX", "BG", "MX")


def places(edit, name):
    lane = track(edit, name)
    return [
        (round(lane.range_of_child(c).start_time.value), round(c.source_range.duration.value))
        for c in clips(edit, name)
    ]


def real(name="real", start=100, count=24):
    media = otio.schema.ExternalReference("footage/a.mov", span(0, 1000))
    return otio.schema.Clip(name, media, span(start, count), metadata={"house": {"rating": 3}})


def bed(text, start, count):
    return otio.schema.Marker(text, span(start, count))


def test_everything_that_is_not_a_hole_comes_out_equal(bench):
    title = otio.schema.Clip("title", otio.schema.GeneratorReference("Rich", "Text"), span(0, 12))
    offline = otio.schema.Clip("lost", otio.schema.MissingReference("old.mov", span(0, 100)), span(5, 12))
    offline.metadata["Resolve_OTIO"] = {"Media Url": "/nas/old.mov"}
    edit = timeline(real(), hole("SH010"), otio.schema.Gap(duration=frames(7)), title, offline, hole("SH020"))
    edit.metadata["house"] = {"job": 12}
    report = bench.render(edit)
    done = bench.result(report)
    for index in (0, 2, 3, 4):
        assert done.tracks[0][index].is_equivalent_to(edit.tracks[0][index])
    assert done.metadata["house"] == edit.metadata["house"]
    assert done.duration() == edit.duration()
    assert places(done, "DX") == [(24, 24), (79, 24)]
    assert bench.generated == ["SH010", "SH020"]


def test_the_take_counts_in_record_timecode_less_the_handle(bench):
    done = bench.result(bench.render(timeline(real(count=10), hole("SH010"))))
    clip = clips(done, "V1")[1]
    assert clip.source_range.start_time.to_timecode() == "01:00:00:10"
    assert clip.media_reference.available_range == span(86400 + 10 - 6, 24 + 12)


def test_markers_keep_their_place_in_the_cut(bench):
    edit = timeline(real(count=10), hole("SH010", markers=[(9, "FX: knock")]))
    before = edit.tracks[0][1].transformed_time(edit.tracks[0][1].markers[1].marked_range.start_time, edit.tracks)
    done = bench.result(bench.render(edit))
    clip = clips(done, "V1")[1]
    assert clip.transformed_time(clip.markers[1].marked_range.start_time, done.tracks) == before


def test_a_cut_without_start_counts_from_one_hour(bench):
    done = bench.result(bench.render(timeline(hole("SH010"), start=None)))
    assert clips(done, "V1")[0].source_range.start_time.to_timecode() == "01:00:00:00"
    assert done.global_start_time is None


def test_beds_run_through_the_cuts_and_the_shots_own_stems_stay_off_the_track(bench):
    edit = timeline(hole("SH010"), hole("SH020"), hole("SH030"))
    edit.tracks.markers.append(bed("BG: rain on a window", 0, 48))
    edit.tracks.markers.append(bed("MX: slow piano, 60 bpm", 12, 60))
    report = bench.render(edit)
    done = bench.result(report)
    assert places(done, "BG") == [(0, 48), (48, 24)]
    assert places(done, "MX") == [(12, 60)]
    assert places(done, "DX") == [(0, 24), (24, 24), (48, 24)]
    assert all(Path(shot.stems["music"]).exists() for shot in report.shots)
    (music,) = [b for b in report.beds if b.role == "music"]
    assert music.samples == (60 + 5 * 24) * 2000


def test_a_bed_is_trimmed_and_extended_but_never_recomposed(bench):
    def cut(length):
        edit = timeline(hole("SH010", 60), hole("SH020", 200))
        edit.tracks.markers.append(bed("MX: slow piano", 0, length))
        return edit

    first = bench.render(cut(60))
    bench.render(cut(48))
    assert bench.generated == []
    longer = bench.render(cut(250))
    assert bench.generated == ["MX_bed"]
    import soundfile

    old, new = (soundfile.read(r.beds[0].path, dtype="int32")[0] for r in (first, longer))
    assert (new[: len(old)] == old).all()


def test_a_deleted_bed_stays_deleted(bench):
    edit = timeline(hole("SH010"))
    edit.tracks.markers.append(bed("MX: slow piano", 0, 24))
    done = bench.result(bench.render(edit))
    track(done, "MX")[0] = otio.schema.Gap(duration=frames(24))
    again = bench.result(bench.render(done, "again.otio"))
    assert clips(again, "MX") == []
    assert bench.generated == []
    done.tracks.markers[0].marked_range = span(0, 200)
    done.tracks[0].append(real(count=176))
    longer = bench.result(bench.render(done, "longer.otio"))
    assert bench.generated == [], "nobody pays for more of what was deleted"
    assert clips(longer, "MX") == []


def _without_our_metadata(edit):
    for one in (edit, edit.tracks, *edit.tracks, *edit.find_clips()):
        one.metadata.pop("twopop", None)
        for reference in one.media_references().values() if isinstance(one, otio.schema.Clip) else ():
            reference.metadata.pop("twopop", None)
    return edit


def music_of(edit):
    """(start, frames) of every music clip, on whatever track: an emptied one says no longer what it is."""
    found = [(t, c) for t in edit.audio_tracks() for c in t.find_clips() if c.metadata["twopop"].get("role") == "music"]
    ranges = [track.range_of_child(clip) for track, clip in found]
    return sorted((round(r.start_time.value), round(r.duration.value)) for r in ranges)


def test_a_deleted_bed_stays_deleted_where_the_export_lost_our_metadata(bench):
    edit = timeline(hole("SH010"), hole("SH020"))
    edit.tracks.markers.append(bed("MX: slow piano", 0, 48))
    edit.tracks.markers.append(bed("BG: rain on a window", 0, 48))
    export = _without_our_metadata(bench.result(bench.render(edit)))
    untouched = bench.render(export, "untouched.otio")
    assert bench.generated == []
    assert not [f for f in untouched.findings if f.code == "bed_deleted"]
    track(export, "MX")[0] = otio.schema.Gap(duration=frames(48))
    export.tracks.markers.append(bed("MX: a brass band", 24, 24))
    report = bench.render(export, "again.otio")
    (told,) = [f for f in report.findings if f.code == "bed_deleted"]
    assert told.level == "warning"
    assert "slow piano" in told.message
    assert "--beds" in told.message
    assert [b.role for b in report.beds if b.status == "deleted"] == ["music"]
    assert bench.generated == ["MX_bed_2"], "what was never made is new"
    again = bench.result(report)
    assert music_of(again) == [(24, 24)]
    assert places(again, "BG") == [(0, 48)]
    assert bench.result(bench.render(again, "third.otio")).to_json_string() == again.to_json_string()
    anew = bench.result(bench.render(again, "anew.otio", beds=True))
    assert music_of(anew) == [(0, 48), (24, 24)]


def test_a_dissolve_widens_both_takes_and_fades_the_stems_alike(bench):
    dissolve = otio.schema.Transition("d", "SMPTE_Dissolve", frames(6), frames(6))
    done = bench.result(bench.render(timeline(hole("A"), dissolve, hole("B")), handles_frames=0))
    a, b = clips(done, "V1")
    assert a.media_reference.available_range.duration == frames(30)
    assert b.media_reference.available_range.duration == frames(30)
    for name in SOUND:
        kinds = [type(child).__name__ for child in track(done, name)]
        assert kinds == ["Clip", "Transition", "Clip"]
        assert track(done, name)[1].in_offset == frames(6)


@pytest.mark.parametrize(("scalar", "length"), [(2.0, 48), (0.5, 12)])
def test_a_retime_stays_and_the_take_covers_its_source(bench, scalar, length):
    clip = hole("FAST")
    clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=scalar))
    done = bench.result(bench.render(timeline(clip, hole("B"))))
    picture = clips(done, "V1")[0]
    assert picture.effects[0].time_scalar == scalar
    assert picture.media_reference.available_range.duration == frames(length + 12)
    assert clips(done, "DX")[0].effects[0].time_scalar == scalar
    again = bench.render(done, "again.otio")
    assert "stem_left" not in {finding.code for finding in again.findings}
    assert bench.generated == []


def test_a_baked_retime_leaves_the_picture_at_cut_speed(bench):
    clip = hole("FAST")
    clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    done = bench.result(bench.render(timeline(clip), retime="bake"))
    picture = clips(done, "V1")[0]
    assert list(picture.effects) == []
    assert picture.metadata["twopop"]["held"][0].time_scalar == 2.0
    assert picture.media_reference.available_range.duration == frames(24 + 12)


@pytest.mark.parametrize("effect", [otio.schema.FreezeFrame(), otio.schema.LinearTimeWarp(time_scalar=-1.0)])
def test_freeze_and_reverse_get_no_dialogue_or_effects(bench, effect):
    clip = hole("STILL")
    clip.effects.append(effect)
    done = bench.result(bench.render(timeline(clip, hole("B"))))
    assert places(done, "DX") == [(24, 24)]
    assert places(done, "BG") == [(0, 24), (24, 24)]


def test_the_sound_of_a_nest_goes_to_top_tracks_through_its_place(bench):
    stack = otio.schema.Stack("nest", source_range=span(4, 16))
    inner = otio.schema.Track("inner", kind="Video")
    inner.append(hole("N010"))
    stack.append(inner)
    done = bench.result(bench.render(timeline(hole("SH010", 10), stack)))
    assert places(done, "DX") == [(0, 10), (10, 16)]
    nested = done.tracks[0][1][0][0]
    assert nested.media_reference.name.endswith(".mov")
    stem = clips(done, "DX")[1]
    assert stem.source_range.start_time == nested.source_range.start_time + frames(4)


def test_a_replaced_picture_is_left_alone(bench):
    done = bench.result(bench.render(timeline(hole("SH010"), hole("SH020"))))
    clip = clips(done, "V1")[0]
    clip.media_reference = otio.schema.ExternalReference("footage/real.mov", span(0, 100))
    clip.source_range = span(0, 24)
    expected = copied(clip)
    again = bench.render(done, "again.otio")
    assert [shot.name for shot in again.shots] == ["SH020"]
    assert clips(bench.result(again), "V1")[0].is_equivalent_to(expected)


def test_locked_shots_are_never_made_again(bench):
    done = bench.result(bench.render(timeline(hole("SH010"))))
    clip = clips(done, "V1")[0]
    clip.markers[0].name = "PROMPT: something else entirely\nLOCK"
    report = bench.render(done, "again.otio")
    assert bench.generated == []
    assert clips(bench.result(report), "V1")[0].media_reference.name == "cut_SH010_t001.mov"


def test_extend_asks_for_more_media_than_the_cut_shows(bench):
    edit = timeline(hole("SH010", markers=[(0, "EXTEND: +24")]))
    report = bench.render(edit)
    assert report.shots[0].tail_handle == 30
    assert report.shots[0].head_handle == 6


def test_a_cut_that_was_not_planned_is_refused(bench):
    cut, other = (twopop.Cut.from_otio(timeline(hole(name))) for name in ("A", "B"))
    plan = twopop.plan_shots(cut, store=bench.folder / "takes")
    with pytest.raises(ConformError, match="changed since it was planned"):
        twopop.conform_timeline(other, plan, twopop.TakeSet({}))


def test_holes_without_a_take_stay_holes_and_are_listed(bench):
    cut = twopop.Cut.from_otio(timeline(hole("A"), hole("B")))
    plan = twopop.plan_shots(cut, store=bench.folder / "takes")
    done = twopop.conform_timeline(cut, plan, twopop.TakeSet({}))
    assert done.document is cut.document
    assert [f.code for f in done.findings if f.code == "hole_unfilled"] == ["hole_unfilled"] * 2


def test_overlapping_sound_gets_a_second_track(bench):
    edit = timeline(hole("SH010"), hole("SH020"))
    second = otio.schema.Track("V2", kind="Video")
    second.append(otio.schema.Gap(duration=frames(12)))
    second.append(hole("OVER"))
    edit.tracks.append(second)
    done = bench.result(bench.render(edit))
    assert places(done, "DX") == [(0, 24), (24, 24)]
    assert places(done, "DX 2") == [(12, 24)]


def test_timecode_stays_in_the_take_after_the_shot_has_moved(bench):
    bench.render(timeline(hole("SH010"), hole("SH020")))
    done = bench.result(bench.render(timeline(hole("SH020"), hole("SH010")), "v02.otio"))
    assert clips(done, "V1")[0].source_range.start_time == Time(86424, 24)
    assert bench.generated == []


def test_circling_an_older_take_places_no_music_beside_a_bed(bench):
    edit = timeline(hole("A", 48), hole("B", 48))
    edit.tracks.markers.append(bed("MX: one score", 0, 96))
    first = bench.render(edit)
    again = bench.result(first)
    again.tracks[0][0].markers[0].name = "PROMPT: A once more"
    second = bench.render(again, "again.otio")
    cut = twopop.read_timeline(second.timeline)
    store = twopop.TakeStore(bench.folder / "takes")
    plan = twopop.plan_shots(cut, store=store)
    older = store.by_name(first.shots[0].take)
    done, newest = circle_take(cut, plan, "A", older).to_otio(), bench.result(second)
    assert [t.name for t in done.tracks] == [t.name for t in newest.tracks]
    assert [c.metadata["twopop"].get("bed") is not None for c in clips(done, "MX")] == [True]
    assert clips(done, "DX")[0].metadata["twopop"]["take"] == older.name
