"""Shots of a scene go on from each other: in whatever order they are asked for, and told where that has changed."""

import hashlib

import opentimelineio as otio
import pytest

import twopop
from twopop.media.wav import read_wav
from twopop.planning import plan_shots
from twopop.timeline import Cut
from twopop.wire import ROLES

from .conftest import Bench, copied, hole, timeline

pytestmark = pytest.mark.usefixtures("module_state")

LOOK = {"backend": "local", "width": 64, "height": 64, "handles_frames": 6}


def scene(*shots):
    return timeline(*(shots or three()))


def three(second="close-up of MARA"):
    return (
        hole("SH010", 24, prompt="two-shot in a kitchen", markers=[(4, "DX MARA: Ten."), (20, "FX: MARA drops a pan")]),
        hole("SH020", 24, prompt=second, markers=[(6, "DX MARA: Now.")]),
        hole("SH030", 24, prompt="close-up of TOMAS", markers=[(6, "DX TOMAS: Yes.")]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """The scene, rendered in one run."""
    bench = Bench(tmp_path_factory.mktemp("scene"))
    report = bench.render(scene(), **LOOK)
    assert report.ok, str(report)
    return bench


def made(bench):
    """What was made of each shot: digests of its tokens and sounds."""
    out = {}
    for take in twopop.TakeStore(bench.folder / "takes").takes():
        sounds = [hashlib.sha256(read_wav(take.path(role)).tobytes()).hexdigest() for role in ROLES]
        out[take.name] = (take.slate.files["latents"].sha256, sounds)
    return out


def planned(bench, edit, **options):
    settings = twopop.Settings(**{**LOOK, **options})
    return plan_shots(Cut.from_otio(edit), settings=settings, store=bench.folder / "takes")


def statuses(plan):
    return {shot.name: shot.status for shot in plan.shots}


def test_each_goes_on_from_the_one_before(rendered):
    takes = {take.slate.request.shots[0]: take.slate for take in twopop.TakeStore(rendered.folder / "takes").takes()}
    assert [takes[name].facts.get("goes_on_from") for name in ("SH010", "SH020", "SH030")] == [None, "SH010", "SH020"]
    before = takes["SH020"].request.before
    assert (before.end_frame, before.at_frame, before.latents, before.request) == (24, 0, "", None)
    assert before.is_of(takes["SH010"].request)


def test_the_order_in_which_shots_are_asked_for_changes_nothing(rendered, tmp_path):
    other = Bench(tmp_path)
    for only in ("SH030", "SH010", "SH0*"):
        report = other.render(scene(), only=only, **LOOK)
    assert report.ok
    assert made(other) == made(rendered)
    assert set(statuses(planned(other, scene())).values()) == {"reuse"}


def test_nothing_is_stale_after_a_render_and_a_trim_makes_nothing_stale(rendered):
    assert set(statuses(planned(rendered, scene())).values()) == {"reuse"}
    shorter = scene()
    shown = shorter.tracks[0][0].source_range
    shorter.tracks[0][0].source_range = otio.opentime.TimeRange(
        shown.start_time, shown.duration - otio.opentime.RationalTime(3, 24)
    )
    assert set(statuses(planned(rendered, shorter)).values()) == {"reuse"}


def test_a_shot_that_was_moved_leaves_stale_ones_and_is_reused(rendered):
    first, second, third = three()
    plan = planned(rendered, scene(second, first, third))
    assert statuses(plan) == {"SH020": "stale", "SH010": "stale", "SH030": "stale"}
    told = [finding.message for finding in plan.findings if finding.code == "stale"]
    assert len(told) == 3
    assert all("--refresh-stale makes it anew" in said for said in told)


def test_a_changed_shot_makes_the_next_one_stale_and_only_refreshing_makes_it_anew(rendered):
    edit = scene(*three("close-up of MARA, she laughs"))
    assert statuses(planned(rendered, edit)) == {"SH010": "reuse", "SH020": "generate", "SH030": "stale"}
    refreshed = planned(rendered, edit, refresh_stale=True)
    assert statuses(refreshed) == {"SH010": "reuse", "SH020": "generate", "SH030": "generate"}


@pytest.mark.parametrize(
    ("asked", "stale"),
    [
        ({"parts": ["dialogue"]}, set()),
        ({"parts": ["effects"], "window": ("01:00:00:00", "01:00:00:04")}, {"SH020"}),
        ({"parts": ["picture"]}, {"SH020"}),
    ],
)
def test_a_retake_makes_the_next_one_stale_where_it_reaches_the_cut(rendered, asked, stale, tmp_path):
    path = rendered.folder / "cut.conformed.otio"
    report = twopop.retake(path, "SH010", store=rendered.folder / "takes", out=tmp_path, preview=False, **asked, **LOOK)
    plan = planned(rendered, otio.adapters.read_from_file(report.timeline))
    assert {name for name, status in statuses(plan).items() if status == "stale"} == stale


def test_other_models_go_on_from_nothing(bench):
    plan = planned(bench, scene(), backend="bars")
    assert {shot.follows for shot in plan.shots} == {""}


def test_scenes_gaps_and_speed_effects_break_the_chain(bench):
    first, second, third = three()
    fast = copied(third)
    fast.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    for edit, follows in (
        (scene(first, second, third), ["", "SH010", "SH020"]),
        (scene(copied(first), otio.schema.Gap(duration=otio.opentime.RationalTime(5, 24)), copied(second)), ["", ""]),
        (scene(copied(second), fast), ["", ""]),
    ):
        assert [shot.follows for shot in planned(bench, edit).shots] == follows


@pytest.mark.parametrize("said", ["SH010 end", "end of SH010", "the end of shot sh010", "SH010's end"])
def test_a_shot_may_begin_with_the_end_of_any_shot_before_it(bench, said):
    first, second, third = three()
    gap = otio.schema.Gap(duration=otio.opentime.RationalTime(5, 24))
    third.markers.append(otio.schema.Marker(f"REF: {said}", second.source_range))
    plan = planned(bench, scene(first, gap, second, third))
    assert plan.shot("SH030").follows == "SH010"
    assert plan.shot("SH030").brief.references == ()
    assert plan.shot("SH030").match_key != planned(bench, scene(*three())).shot("SH030").match_key


def test_an_end_of_no_shot_is_told_with_the_nearest(bench):
    first, second, third = three()
    second.markers.append(otio.schema.Marker("REF: SH100 end", second.source_range))
    first.markers.append(otio.schema.Marker("REF: SH030 end", first.source_range))
    told = [f.message for f in planned(bench, scene(first, second, third)).findings if f.code == "bad_reference"]
    assert len(told) == 2
    assert 'REF: "SH030 end" names no shot before it in the cut. None stands before it.' in told[0]
    assert "Nearest: SH010." in told[1]
