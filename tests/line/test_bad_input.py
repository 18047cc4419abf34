"""Bad input gets a typed error or finding that says what, where, the rule, and what was kept; nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import opentimelineio as otio
import pytest
import soundfile

import twopop
from twopop.backends.local import stop_engines
from twopop.errors import PlanError, TimelineError, TwopopError, UsageError

from .conftest import frames, hole, span, timeline


def codes(report):
    return {finding.code for finding in report.findings}


def planned(bench, edit, **settings):
    path = bench.write(edit)
    cut = twopop.read_timeline(path)
    return twopop.plan_shots(cut, settings=twopop.load_settings(path, **settings))


def test_a_cut_without_holes_comes_out_equal_and_says_so(bench):
    media = otio.schema.ExternalReference("a.mov", span(0, 100))
    edit = timeline(otio.schema.Clip("real", media, span(0, 24)))
    report = bench.render(edit)
    assert "no_holes" in codes(report)
    assert bench.result(report).is_equivalent_to(edit)


def test_titles_and_offline_media_alone_are_left_and_listed(bench):
    title = otio.schema.Clip("title", otio.schema.GeneratorReference("Rich", "Text"), span(0, 24))
    offline = otio.schema.Clip("lost", None, span(0, 24))
    plan = planned(bench, timeline(title, offline))
    assert not plan.shots
    assert {clip.name for clip in plan.left_alone} == {"title", "lost"}
    assert "no_holes" in codes(plan)


def test_offline_media_becomes_a_hole_when_asked(bench):
    plan = planned(bench, timeline(otio.schema.Clip("lost", None, span(0, 24))), include_offline=True)
    assert [shot.name for shot in plan.shots] == ["lost"]


def test_a_hole_without_length_is_an_error_and_the_rest_goes_on(bench):
    empty = hole("EMPTY")
    empty.source_range = None
    report = bench.render(timeline(empty, hole("SH010")))
    assert "hole_without_length" in codes(report)
    assert bench.generated == ["SH010"]
    assert not report.ok


@pytest.mark.parametrize("fit", ["warn", "strict"])
def test_a_line_that_cannot_fit_says_by_how_much(bench, fit):
    text = "DX MARA: " + "we really have to go home now because it is so very late " * 3
    plan = planned(bench, timeline(hole("SH010", 24, markers=[(0, text)])), fit=fit)
    (finding,) = [f for f in plan.findings if f.shot == "SH010"]
    assert finding.level == ("error" if fit == "strict" else "warning")
    assert "frames" in finding.message
    assert "01:00:00:00" in finding.message


def test_strict_lines_are_not_generated_and_the_outcome_says_why(bench):
    text = "DX MARA: " + "we really have to go home now because it is so very late " * 3
    report = bench.render(timeline(hole("SH010", 24, markers=[(0, text)]), hole("SH020")), fit="strict")
    assert bench.generated == ["SH020"]
    (shot,) = [s for s in report.shots if s.name == "SH010"]
    assert shot.status == "failed"
    assert "frames" in shot.reason


def test_a_misspelt_role_gets_the_nearest_legal_word(bench):
    edit = timeline(hole("SH010", markers=[(3, "PROMT: a street")]))
    messages = [f.message for f in planned(bench, edit).findings]
    assert any("PROMT" in m and "PROMPT" in m and "01:00:00:03" in m for m in messages)


def test_a_marker_outside_every_piece_is_reported(bench):
    edit = timeline(hole("SH010", 24, markers=[(90, "FX: a knock")]))
    findings = [f for f in planned(bench, edit).findings if "knock" in f.message or "90" in f.message]
    assert findings


def test_output_equal_to_input_is_refused(bench):
    path = bench.write(timeline(hole("SH010")))
    cut = twopop.read_timeline(path)
    before = path.read_bytes()
    with pytest.raises(TimelineError):
        twopop.write_timeline(cut, path)
    assert path.read_bytes() == before


def test_a_cut_that_changes_while_it_is_rendered_is_said(bench):
    path = bench.write(timeline(hole("SH010")))

    def touch(event):
        path.write_text(timeline(hole("SH010"), hole("SH020")).to_json_string())

    report = twopop.render(
        path, store=bench.folder / "takes", backend="bars", width=256, height=144, preview=False, on_event=touch
    )
    assert "cut_changed" in codes(report)
    assert [shot.name for shot in report.shots] == ["SH010"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
def test_a_read_only_folder_is_said_before_anything_is_generated(bench):
    path = bench.write(timeline(hole("SH010")))
    bench.folder.chmod(0o500)
    try:
        with pytest.raises(TwopopError):
            twopop.render(path, backend="bars", preview=False)
    finally:
        bench.folder.chmod(0o700)


@pytest.mark.parametrize("out", ["taken/out", "taken"])
def test_a_folder_that_cannot_be_made_is_said_before_anything_is_generated(bench, out):
    (bench.folder / "taken").write_text("a file")
    with pytest.raises(TimelineError, match=r"taken.* cannot be written.*Nothing was generated"):
        bench.render(timeline(hole("SH010")), out=bench.folder / out)
    assert not (bench.folder / "takes").exists()


@pytest.mark.parametrize("module", ["onnxruntime", "fastapi"])
def test_without_the_extra_rendering_names_the_command_and_makes_nothing(bench, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)  # what Python calls not installed
    path = bench.write(timeline(hole("SH010")))
    before = sorted(bench.folder.rglob("*"))
    with pytest.raises(UsageError, match=rf"{module}.*pip install 'twopop\[sketch\]'\. Nothing was generated"):
        twopop.render(path)
    assert sorted(bench.folder.rglob("*")) == before


def test_what_is_there_needs_no_engine(bench, monkeypatch):
    bench.render(timeline(hole("SH010")), backend="local:bars")
    stop_engines()
    monkeypatch.setitem(sys.modules, "fastapi", None)
    assert [shot.cached for shot in bench.render(timeline(hole("SH010")), backend="local:bars").shots] == [True]


def test_a_model_is_no_backend(bench):
    with pytest.raises(UsageError, match="no backend 'sketch'"):
        twopop.plan_shots(timeline(hole("SH010")), settings=twopop.Settings(backend="sketch"))


def test_a_store_that_is_a_file_is_said(bench):
    (bench.folder / "takes").write_text("not a folder")
    with pytest.raises(TwopopError, match="takes"):
        bench.render(timeline(hole("SH010")))


@pytest.mark.parametrize("harm", ["delete", "truncate", "edit"])
def test_a_harmed_take_is_not_used_and_is_made_again(bench, harm):
    first = bench.render(timeline(hole("SH010")))
    picture = Path(first.shots[0].picture)
    picture.chmod(0o600)
    if harm == "delete":
        picture.unlink()
    elif harm == "truncate":
        picture.write_bytes(picture.read_bytes()[:-1000])
    else:
        data = bytearray(picture.read_bytes())
        data[len(data) // 2] ^= 255
        picture.write_bytes(bytes(data))
    again = bench.render(timeline(hole("SH010")))
    assert bench.generated == ["SH010"]
    assert again.shots[0].take == "cut_SH010_t002"


def test_a_store_moved_to_another_machine_serves(bench, monkeypatch):
    bench.render(timeline(hole("SH010")))
    shutil.move(bench.folder / "takes", bench.folder / "elsewhere")
    shutil.copytree(bench.folder / "elsewhere", bench.folder / "takes")
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(bench.folder / "another machine"))
    bench.render(timeline(hole("SH010")))
    assert bench.generated == []


def test_a_slate_of_a_newer_version_is_never_guessed_at(bench):
    report = bench.render(timeline(hole("SH010")))
    slate = Path(report.shots[0].picture).with_name("cut_SH010_t001.slate.json")
    slate.chmod(0o600)
    slate.write_text(slate.read_text("utf-8").replace("twopop.slate.v1", "twopop.slate.v9"), "utf-8")
    store = twopop.TakeStore(bench.folder / "takes")
    assert store.by_name("cut_SH010_t001") is None
    assert any("v9" in finding.message or "newer" in finding.message for finding in store.check())


def test_a_plan_of_a_newer_version_is_refused(bench):
    plan = planned(bench, timeline(hole("SH010")))
    path = bench.folder / "plan.json"
    plan.save(path)
    path.write_text(path.read_text("utf-8").replace("twopop.plan.v1", "twopop.plan.v9"), "utf-8")
    with pytest.raises(PlanError, match=r"plan\.json"):
        twopop.Plan.load(path)


def test_a_plan_that_is_saved_and_loaded_asks_for_the_same(bench):
    plan = planned(bench, timeline(hole("SH010", markers=[(3, "DX MARA (low): Ten minutes.")]), hole("SH020")))
    plan.save(bench.folder / "plan.json")
    loaded = twopop.Plan.load(bench.folder / "plan.json")
    assert loaded == plan
    assert loaded.requests() == plan.requests()


def test_a_reference_outside_the_roots_is_not_opened(bench, tmp_path_factory):
    secret = tmp_path_factory.mktemp("private") / "key.png"
    secret.write_bytes(b"secret")
    edit = timeline(hole("SH010", markers=[(0, f"REF: {secret}")]), hole("SH020", markers=[(0, "REF: http://x/y.png")]))
    plan = planned(bench, edit)
    errors = [f for f in plan.findings if f.level == "error"]
    assert {f.shot or f.timecode for f in errors}
    assert not any(ref.sha256 for shot in plan.shots for ref in shot.brief.references)


def _a_second_of_sound(path):
    soundfile.write(path, np.zeros((48_000, 2)), 48_000, subtype="PCM_24")
    return otio.schema.ExternalReference(str(path), span(0, 24))


def test_media_outside_the_roots_is_never_opened(bench, tmp_path_factory):
    media = _a_second_of_sound(tmp_path_factory.mktemp("private") / "real.wav")
    report = twopop.check(bench.write(timeline(otio.schema.Clip("real", media, span(0, 24)), hole("SH010"))))
    (finding,) = [f for f in report.findings if f.shot == "real"]
    assert "outside the folders this cut may open" in finding.message
    assert "roots=" in finding.message


def test_a_source_range_outside_its_media_is_said_with_its_place(bench):
    media = _a_second_of_sound(bench.folder / "real.wav")
    report = twopop.check(bench.write(timeline(otio.schema.Clip("real", media, span(12, 24)), hole("SH010"))))
    (finding,) = [f for f in report.findings if f.shot == "real"]
    assert finding.timecode == "01:00:00:00"
    assert "frames 12 to 36 of real.wav, which holds 24" in finding.message


def test_two_renders_at_once_in_one_store_make_every_take_once(bench):
    bench.write(timeline(*(hole(f"SH{n}0", 12) for n in range(1, 6))))
    code = (
        "import twopop; r = twopop.render('cut.otio', backend='bars', width=256, height=144, preview=False, out={!r},"
        "store='takes'); print(r.model_dump_json())"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code.format(out)], cwd=bench.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for out in ("one", "two")
    ]
    results = []
    for process in running:
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, err.decode()[-2000:]
        results.append(json.loads(out))
    takes = sorted(path.name for path in (bench.folder / "takes").rglob("*.slate.json"))
    assert takes == [f"cut_SH{n}0_t001.slate.json" for n in range(1, 6)]
    assert {shot["take"] for shot in results[0]["shots"]} == {shot["take"] for shot in results[1]["shots"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rate": 0}, "rate"),
        ({"rate": -24}, "rate"),
        ({"value": float("nan")}, "not valid JSON"),
        ({"rate": 1e9}, "rate"),
    ],
)
def test_absurd_times_are_refused_by_name(bench, change, said):
    document = json.loads(timeline(hole("SH010")).to_json_string())
    document["tracks"]["children"][0]["children"][0]["source_range"]["start_time"].update(change)
    path = bench.folder / "absurd.otio"
    path.write_text(json.dumps(document))
    with pytest.raises(TimelineError, match=said):
        twopop.read_timeline(path)


def test_negative_durations_are_refused(bench):
    document = json.loads(timeline(hole("SH010")).to_json_string())
    document["tracks"]["children"][0]["children"][0]["source_range"]["duration"]["value"] = -4
    (bench.folder / "negative.otio").write_text(json.dumps(document))
    with pytest.raises(TimelineError, match="duration"):
        twopop.read_timeline(bench.folder / "negative.otio")


def test_an_otio_timeline_is_planned_as_it_is(bench):
    plan = twopop.plan_shots(timeline(hole("SH010"), otio.schema.Gap(duration=frames(5))), store=bench.folder / "takes")
    assert [shot.name for shot in plan.shots] == ["SH010"]


FOREIGN = Path(__file__).parents[3] / "shared" / "timelines" / "otio"


@pytest.mark.skipif(not FOREIGN.is_dir(), reason="the folder of real timelines is not beside this checkout")
def test_real_timelines_go_through_and_refusals_say_why(bench):
    refused = {}
    for path in sorted(FOREIGN.glob("*.otio")):
        try:
            report = twopop.render(
                path, out=bench.folder / path.stem, backend="bars", width=128, height=72, handles_frames=0,
                include_offline=True, preview=False, media="h264",
            )  # fmt: skip
            assert all(shot.take for shot in report.shots), (path.name, report)
            otio.adapters.read_from_file(report.timeline)
        except TwopopError as exc:
            refused[path.name] = str(exc)
    assert len(refused) <= 1, refused
    assert all(len(why) > 40 for why in refused.values())
