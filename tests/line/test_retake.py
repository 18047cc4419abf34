"""Retakes from the cut's side: the new take is circled, words change in the cut, and mistakes are told."""

import json
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
from typer.testing import CliRunner

import twopop
from twopop.cli import app
from twopop.errors import PlanError, UsageError
from twopop.media.wav import read_wav
from twopop.planning import plan_shots
from twopop.retaking import plan_retake
from twopop.timebase import FrameRange
from twopop.timeline import read_timeline

from .conftest import Bench, clips, hole, timeline

TEN, ELEVEN = "We close at ten.", "We close at eleven."


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory):
    """A cut of two shots, rendered by sketch."""
    bench = Bench(tmp_path_factory.mktemp("kitchen"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWOPOP_STATE_DIR", str(bench.folder / "state"))
        cut = timeline(
            hole(
                "SH010",
                60,
                prompt="a woman in a kitchen",
                markers=[(6, f"DX MARA (calm): {TEN}\nFX: MARA drops the pan\nright here")],
            ),
            hole("SH020", 24, prompt="an empty street"),
        )
        bench.report = bench.render(cut, backend="local", width=64, height=64, handles_frames=6)
        assert bench.report.ok
        yield bench


def conformed(bench):
    return bench.folder / "cut.conformed.otio"


def again(bench, cut=None, shot="SH010", **options):
    return twopop.retake(
        cut or conformed(bench), shot, store=bench.folder / "takes", out=bench.folder / options.pop("into"),
        preview=False, width=64, height=64, handles_frames=6, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def eleven(kitchen):
    """The same shot, but she does not drop the pan, and says "eleven"."""
    return again(kitchen, lines={1: ELEVEN}, without=["Pan"], into="eleven")


def media(report, name, index=0):
    made = otio.adapters.read_from_file(report.timeline)
    return clips(made, name)[index].media_reference.name


def test_the_new_take_is_circled_picture_and_stems_together(kitchen):
    report = again(kitchen, parts=["effects"], into="effects")
    (made,) = [shot for shot in report.shots if shot.name == "SH010"]
    assert made.status == "ready"
    assert made.retake["parent"] == "cut_SH010_t001"
    assert {media(report, name).split(".")[0] for name in ("V1", "DX", "BG")} == {made.take}
    assert media(report, "V1", 1) == "cut_SH020_t001.mov"
    parts = [shot.stems["dialogue"] for shot in (kitchen.report.shots[0], made)]
    assert np.array_equal(*(read_wav(Path(part)) for part in parts))


def test_other_words_stand_in_the_cut_and_the_next_render_keeps_the_take(kitchen, eleven):
    made = otio.adapters.read_from_file(eleven.timeline)
    assert f"DX MARA (calm): {ELEVEN}" in [marker.name for marker in clips(made, "V1")[0].markers]
    assert "pan" not in json.dumps([marker.name for marker in clips(made, "V1")[0].markers])
    plan = plan_shots(
        read_timeline(eleven.timeline),
        settings=twopop.Settings(backend="local", width=64, height=64, handles_frames=6),
        store=kitchen.folder / "takes",
    )
    shot = plan.shot("SH010")
    assert (shot.status, shot.take) == ("reuse", eleven.shots[0].take)
    assert shot.brief.lines[0].text == ELEVEN
    assert shot.brief.cues == ()
    assert eleven.shots[0].retake["parent"] == "cut_SH010_t001"


def test_a_retake_without_our_metadata_is_still_what_serves(kitchen, eleven):
    made = otio.adapters.read_from_file(eleven.timeline)
    for clip in made.find_clips():
        clip.metadata.pop("twopop", None)
    path = kitchen.folder / "eleven" / "stripped.otio"
    otio.adapters.write_to_file(made, str(path))
    settings = twopop.Settings(backend="local", width=64, height=64, handles_frames=6)
    plan = plan_shots(read_timeline(path), settings=settings, store=kitchen.folder / "takes")
    assert plan.shot("SH010").take == eleven.shots[0].take


def test_a_retake_that_an_edit_outgrows_is_told(kitchen, eleven):
    made = otio.adapters.read_from_file(eleven.timeline)
    shown = clips(made, "V1")[0].source_range
    clips(made, "V1")[0].source_range = otio.opentime.TimeRange(
        shown.start_time, shown.duration + otio.opentime.RationalTime(40, 24)
    )
    path = kitchen.folder / "eleven" / "longer.otio"
    otio.adapters.write_to_file(made, str(path))
    settings = twopop.Settings(backend="local", width=64, height=64, handles_frames=6)
    plan = plan_shots(read_timeline(path), settings=settings, store=kitchen.folder / "takes")
    (told,) = [finding for finding in plan.findings if finding.code == "retake_outgrown"]
    assert told.message.startswith(f"Shot SH010 (01:00:00:00): {eleven.shots[0].take} is a retake and too short")


def test_the_same_seed_is_not_made_twice(kitchen):
    first = again(kitchen, parts=["ambience"], seed=5, into="air")
    second = again(kitchen, parts=["ambience"], seed=5, into="air2")
    assert (second.shots[0].status, second.shots[0].take) == ("reused", first.shots[0].take)


def test_a_window_is_in_timecode_of_the_cut(kitchen):
    report = again(kitchen, window=("01:00:01:00", "01:00:02:00"), into="window", dry_run=True)
    assert report.shots[0].reason.startswith("retake of cut_SH010_t001: dialogue 24 frames")


def test_everything_is_a_new_take_that_keeps_nothing(kitchen):
    report = again(kitchen, into="all", dry_run=True)
    assert report.shots[0].reason == "a new take; nothing of cut_SH010_t001 is kept"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"window": ("01:00:02:00", "01:00:01:00")}, "holds nothing"),
        ({"window": ("01:00:02:00", "01:00:09:00")}, "not inside shot SH010, which is at 01:00:00:00 to 01:00:02:12"),
        ({"window": ("2.0", "01:00:02:00")}, "is not a timecode"),
        ({"parts": ["music", "smell"]}, "no part 'smell'. Parts: picture, dialogue"),
        ({"lines": {2: "x"}}, f'has no line 2. Its lines: 1 MARA: "{TEN}"'),
        ({"lines": {1: TEN}}, "says that already"),
        ({"without": ["spoon"]}, "no timed sound 'spoon' to leave out. Its sounds: MARA drops the pan right here"),
        ({"without": [" "]}, "no timed sound"),
        ({"prompt": " "}, "an empty prompt asks for nothing"),
        ({"prompt": "a woman in a kitchen"}, "its prompt is that already"),
        ({"lines": {1: "  "}}, "would say nothing"),
    ],
)
def test_masks_that_cannot_be_are_refused(kitchen, asked, says):
    with pytest.raises(UsageError, match=says.replace("(", r"\(")):
        again(kitchen, into="never", **asked)
    assert not (kitchen.folder / "never").exists()


def test_a_take_whose_tokens_are_gone_can_only_be_made_anew_as_a_whole(kitchen):
    store = twopop.TakeStore(kitchen.folder / "takes")
    settings = twopop.Settings(backend="local", width=64, height=64, handles_frames=6)
    plan = plan_shots(read_timeline(conformed(kitchen)), settings=settings, store=store)
    latents = store.by_name("cut_SH020_t001").path("latents")
    away = latents.rename(latents.with_suffix(".away"))
    try:
        with pytest.raises(PlanError, match="tokens of cut_SH020_t001 are gone"):
            plan_retake(plan, "SH020", store, parts=["effects"])
    finally:
        away.rename(latents)


def test_a_window_beside_the_take_holds_nothing(kitchen):
    store = twopop.TakeStore(kitchen.folder / "takes")
    settings = twopop.Settings(backend="local", width=64, height=64, handles_frames=6)
    plan = plan_shots(read_timeline(conformed(kitchen)), settings=settings, store=store)
    with pytest.raises(UsageError, match="holds no frame of cut_SH010_t001"):
        plan_retake(plan, "SH010", store, span=FrameRange(500, 10))


def test_the_command_line_says_what_it_made(kitchen):
    given = [
        "retake", str(conformed(kitchen)), "SH010", "--store", str(kitchen.folder / "takes"),
        "-o", str(kitchen.folder / "cli"), "--dry-run", "--json",
    ]  # fmt: skip
    for asked, said in (
        (["--stem", "FX"], "effects"),
        (["--prompt", "a woman in a cafe"], "effects, picture"),
        (
            ["--without", "pan", "--line", "1", ELEVEN],
            "changed words (dialogue and lips), without MARA drops the pan right here",
        ),
    ):
        answer = CliRunner().invoke(app, [*given, *asked])
        assert answer.exit_code == 0, answer.output
        assert json.loads(answer.stdout)["shots"][0]["reason"] == f"retake of cut_SH010_t001: {said}"


# -- models and shots that cannot --------------------------------------------------------------------------------


def test_a_model_without_masks_says_so(bench):
    report = bench.render(timeline(hole("SH010", 24)))
    with pytest.raises(PlanError, match=r"bars cannot keep a part of a take\. Without a part or window"):
        twopop.retake(report.timeline, "SH010", parts=["effects"], store=bench.folder / "takes", backend="bars")


def test_a_whole_new_take_works_with_any_model(bench):
    report = bench.render(timeline(hole("SH010", 24)))
    options = {"store": bench.folder / "takes", "preview": False, "handles_frames": 6}
    new = twopop.retake(report.timeline, "SH010", backend="bars", width=256, height=144, **options)
    assert new.shots[0].take == "cut_SH010_t002"
    assert new.timeline.endswith("cut.conformed-2.otio")
    assert media(new, "V1") == "cut_SH010_t002.mov"


def test_two_retakes_that_begin_with_the_same_cut_are_two_results(bench):
    report = bench.render(timeline(hole("SH010", 24), hole("SH020", 24)))
    options = {"store": bench.folder / "takes", "preview": False, "handles_frames": 6}
    options |= {"backend": "bars", "width": 256, "height": 144}
    one = twopop.retake(report.timeline, "SH010", **options)
    kept = Path(one.timeline).read_bytes()
    other = twopop.retake(report.timeline, "SH020", **options)
    assert Path(one.timeline).read_bytes() == kept
    assert other.timeline.endswith("cut.conformed-3.otio")
    (said,) = [finding for finding in other.findings if finding.code == "retake_kept"]
    assert "cut.conformed-2.otio shows cut_SH010_t002" in said.message
    both = twopop.retake(one.timeline, "SH020", **options)
    assert both.timeline == other.timeline  # it has all that the file there had, and more
    again = twopop.retake(report.timeline, "SH010", **options)
    assert again.timeline == one.timeline


def test_a_shot_without_a_take_is_to_be_rendered_first(bench):
    path = bench.write(timeline(hole("SH010", 24)))
    with pytest.raises(PlanError, match=r"Render it first: twopop render cut\.otio --only SH010"):
        twopop.retake(path, "SH010", parts=["effects"], store=bench.folder / "takes", backend="bars")


def test_a_locked_shot_stays(bench):
    report = bench.render(timeline(hole("SH010", 24, markers=[(2, "LOCK")])))
    with pytest.raises(PlanError, match="is locked"):
        twopop.retake(report.timeline, "SH010", store=bench.folder / "takes", backend="bars")
