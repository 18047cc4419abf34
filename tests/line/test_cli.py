"""Every command as a user types it: output, --json, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import opentimelineio as otio
import pytest
from typer.testing import CliRunner

from twopop.cli import app
from twopop.errors import UsageError

from .conftest import clips, hole, span, timeline

SMALL = ("--size", "256x144", "--handles", "6", "--backend", "bars")


@pytest.fixture
def twopop(bench):
    """Runs `twopop ARGS` in the bench's folder; gives the finished process."""

    def run(*words, code=0):
        command = [sys.executable, "-m", "twopop.cli", *map(str, words)]
        done = subprocess.run(command, cwd=bench.folder, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == code, done.stdout[-2000:] + done.stderr[-2000:]
        return done

    return run


@pytest.fixture
def cut(bench):
    edit = timeline(hole("SH010", markers=[(4, "DX MARA (low): We close in ten.")]), hole("SH020"))
    edit.tracks.markers.append(otio.schema.Marker("BG: rain on a window", span(0, 48)))
    return bench.write(edit, "kitchen.otio")


def test_render_json_is_the_documented_object(twopop, cut, bench):
    done = twopop("render", cut.name, "-o", "out", *SMALL, "--no-preview", "--json")
    report = json.loads(done.stdout)
    assert {"timeline", "preview", "shots", "beds", "findings"} <= set(report)
    shot = report["shots"][0]
    assert {
        "name", "take", "status", "cached", "picture", "stems", "mix", "frames", "frame_rate", "samples", "sample_rate",
        "head_handle", "tail_handle", "cost",
    } <= set(shot)  # fmt: skip
    assert set(shot["stems"]) == {"dialogue", "effects", "ambience", "music"}
    assert (shot["frames"], shot["samples"], shot["frame_rate"]) == (36, 72000, "24")
    assert all(
        Path(path).is_file() for path in (shot["picture"], shot["mix"], report["timeline"], *shot["stems"].values())
    )
    assert json.loads((bench.folder / "out/kitchen.report.json").read_text("utf-8"))["shots"] == report["shots"]
    again = json.loads(twopop("render", cut.name, "-o", "out", *SMALL, "--no-preview", "--json").stdout)
    assert [s["cached"] for s in again["shots"]] == [True, True]


def test_render_without_options_makes_it_with_sketch_on_this_machine(twopop, bench):
    bench.write(timeline(hole("SH010", 12, prompt="a kitchen at night")), "plain.otio")
    report = json.loads(twopop("render", "plain.otio", "--json").stdout)
    (shot,) = report["shots"]
    slate = json.loads(Path(shot["picture"]).with_suffix(".slate.json").read_text("utf-8"))
    assert (slate["backend"], slate["request"]["model"]) == ("local", "sketch")
    assert slate["facts"]["understood"]
    assert Path(shot["picture"]).with_suffix(".latents.safetensors").is_file()
    assert Path(report["preview"]).is_file()


def test_plan_says_what_and_why(twopop, cut):
    text = twopop("plan", cut.name).stdout
    assert "SH010" in text
    assert "We close in ten." in text
    assert "01:00:01:00" in text
    plan = json.loads(twopop("plan", cut.name, "--json").stdout)
    assert [shot["status"] for shot in plan["shots"]] == ["generate", "generate"]
    assert [bed["role"] for bed in plan["beds"]] == ["ambience"]


def test_a_long_prompt_is_shortened_in_what_a_plan_prints_and_not_in_its_json(twopop, bench):
    prompt = " ".join(f"word{k}" for k in range(500))
    bench.write(timeline(hole("SH010", prompt=prompt)), "long.otio")
    text = twopop("plan", "long.otio").stdout
    assert "word9" in text
    assert "(500 words)" in text
    assert "word400" not in text
    assert json.loads(twopop("plan", "long.otio", "--json").stdout)["shots"][0]["brief"]["prompt"] == prompt


def test_a_plan_prints_everything_that_a_shot_asks_for(twopop, bench):
    asked = [(0, "CAM: slow push in"), (0, "STYLE: ink"), (0, "REF: board.png"), (0, "REF: SH010 end")]
    bench.write(timeline(hole("SH010"), hole("SH020", markers=asked)), "asked.otio")
    text = twopop("plan", "asked.otio", code=1).stdout  # there is no board.png
    assert all(said in text for said in ("CAM: slow push in", "STYLE: ink", "REF still: board.png", "REF: SH010 end"))


def test_hits_too_close_to_be_told_apart_are_named_and_printed_in_one_line(twopop, bench):
    hits = [(frame, "HIT") for frame in (4, 6, 7, 20)]
    bench.write(timeline(hole("SH010", 48, markers=[(0, "MX: jazz"), *hits])), "hits.otio")
    text = twopop("plan", "hits.otio").stdout
    assert "+4 +6 +7 +20 HIT" in text
    assert "1 HIT is nearer than 3 frames to the one before" in text
    assert "01:00:00:06" in text


def test_plan_against_an_older_cut_lists_the_changes(twopop, cut, bench):
    edit = timeline(hole("SH010", 20), hole("SH015"), hole("SH020", prompt="another street"))
    bench.write(edit, "kitchen_v02.otio")
    changes = json.loads(twopop("plan", "kitchen_v02.otio", "--against", cut.name, "--json").stdout)
    found = {(change["shot"], change["what"]) for change in changes}
    assert {("SH010", "trimmed"), ("SH015", "added"), ("SH020", "brief"), ("SH020", "moved")} <= found


def test_dry_run_writes_nothing(twopop, cut, bench):
    before = sorted(bench.folder.rglob("*"))
    twopop("render", cut.name, "--dry-run", "--json")
    assert "waiting" not in twopop("render", cut.name, "--dry-run").stderr, "nothing is awaited"
    assert [path for path in sorted(bench.folder.rglob("*")) if "state" not in path.parts] == [
        path for path in before if "state" not in path.parts
    ]


def test_conform_uses_what_is_there_and_generates_nothing(twopop, cut, bench):
    twopop("render", cut.name, "-o", "out", *SMALL, "--only", "SH010", "--no-preview")
    done = json.loads(twopop("conform", cut.name, "-o", "out", *SMALL[:2], *SMALL[4:], "--json").stdout)
    filled = [
        c
        for c in clips(otio.adapters.read_from_file(done["timeline"]), "V1")
        if not c.media_reference.is_missing_reference
    ]
    assert [clip.name for clip in filled] == ["SH010"]
    assert "hole_unfilled" in {finding["code"] for finding in done["findings"]}


def test_takes_lists_and_circles(twopop, cut, bench):
    twopop("render", cut.name, "-o", "out", *SMALL, "--no-preview")
    edit = otio.adapters.read_from_file(str(bench.folder / "out/kitchen.conformed.otio"))
    clips(edit, "V1")[0].markers[0].name = "PROMPT: a different kitchen"
    otio.adapters.write_to_file(edit, str(bench.folder / "out/kitchen.otio"))
    twopop("render", "out/kitchen.otio", "-o", "out", *SMALL, "--no-preview")
    rows = json.loads(twopop("takes", "out/kitchen.conformed.otio", "--json").stdout)
    assert [(row["take"], row["circled"]) for row in rows if row["shot"] == "SH010"] == [
        ("kitchen_SH010_t001", False),
        ("kitchen_SH010_t002", True),
    ]
    beds = {row["take"]: row["circled"] for row in rows if row["shot"] not in ("SH010", "SH020")}
    assert all(beds.values())
    assert set(beds) == {path.name.split(".")[0] for path in (bench.folder / "out/takes").glob("*_bed/*.slate.json")}
    twopop("takes", "out/kitchen.conformed.otio", "circle", "SH010", "1", "-o", "out/older.otio")
    older = otio.adapters.read_from_file(str(bench.folder / "out/older.otio"))
    assert clips(older, "V1")[0].media_reference.name == "kitchen_SH010_t001.mov"
    assert clips(older, "DX")[0].media_reference.name == "kitchen_SH010_t001.DX.wav"
    again = ("takes", "out/kitchen.conformed.otio", "circle", "SH010", "2", "-o", "out/older.otio")
    assert "--overwrite" in twopop(*again, code=2).stderr
    twopop(*again, "--overwrite")
    done = twopop("takes", "out/kitchen.conformed.otio", "circle", "SH010", "9", "-o", "out/x.otio", code=2)
    assert "t002" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("plan", "nowhere.otio"), 1, "nowhere.otio"),
        (("render", "kitchen.otio", "--backend", "barz"), 2, "bars"),
        (("render", "kitchen.otio", "--size", "huge"), 2, "1920x1080"),
        (("render", "kitchen.otio", "--handles", "-3"), 2, ""),
        (("render", "kitchen.otio", "--only", "SH999"), 2, "SH010"),
        (("render", "kitchen.otio", "--for", "avid9"), 2, "avid9"),
        (("render", "kitchen.otio", "--for", "resolv"), 2, "Did you mean resolve?"),
        (("render", "kitchen.otio", "--for", "xmeml", "-o", "out.xml"), 2, "looks like a file"),
        (("conform", "kitchen.otio", "-o", "kitchen.otio"), 1, "it is a file"),
        (("retake", "kitchen.otio", "SH010", "-o", "new.otio"), 2, "looks like a file"),
        (("plan", "kitchn.otio"), 1, "Did you mean kitchen.otio?"),
        (("plan", "."), 1, "Name a timeline file"),
        (("render", "kitchen.otio", "--retime", "wobble"), 2, "'keep' or 'bake'"),
        (("render", "kitchen.otio", "--size", "99999x9"), 2, "width = 99999"),
        (("assemble", "shots.csv", "-o", "kitchen.otio"), 2, "--overwrite"),
        (("frobnicate",), 2, ""),
    ],
)
def test_bad_usage_says_what_is_legal_and_makes_nothing(twopop, cut, bench, words, code, said):
    done = twopop(*words, code=code)
    assert said in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in bench.folder.iterdir() if path.name != "state") == ["kitchen.otio"]


def test_errors_are_json_where_json_was_asked_for(twopop, bench):
    error = json.loads(twopop("plan", "nowhere.otio", "--json", code=1).stdout)["error"]
    assert error["type"] == "TimelineError"


@pytest.mark.parametrize(
    "command", ["plan", "render", "conform", "check", "preview", "takes", "relink", "assemble", "backends", "doctor"]
)
def test_every_command_has_help(twopop, command):
    assert "--json" in twopop(command, "--help").stdout


def test_backends_and_doctor(twopop):
    assert "bars" in {row["name"] for row in json.loads(twopop("backends", "--json").stdout)}
    assert {"what", "ok", "detail"} == set(json.loads(twopop("doctor", "--json").stdout)[0])


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_keeps_takes_and_the_next_run_goes_on(twopop, bench):
    bench.write(timeline(*(hole(f"SH{n:02d}0", 60) for n in range(1, 13))), "long.otio")
    command = [sys.executable, "-m", "twopop.cli", "render", "long.otio", "-o", "out", *SMALL, "--no-preview", "--json"]
    process = subprocess.Popen(command, cwd=bench.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list((bench.folder / "out").glob("takes/*/*.slate.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "kept" in json.loads(out)["error"]["message"]
    kept = {path.name.split("_t001")[0] for path in (bench.folder / "out").glob("takes/*/*.slate.json")}
    assert 1 <= len(kept) < 12
    report = json.loads(twopop("render", "long.otio", "-o", "out", *SMALL, "--no-preview", "--json").stdout)
    assert {f"long_{shot['name']}" for shot in report["shots"] if shot["cached"]} == kept
    assert all(shot["take"] for shot in report["shots"])


def test_a_shot_list_goes_through_every_command(bench, monkeypatch):
    """In this process: what each command says and ends with, from an empty folder to a damaged store."""
    monkeypatch.chdir(bench.folder)

    def run(*words, code=0):
        done = CliRunner().invoke(app, [*map(str, words), "--json"])
        assert done.exit_code == code, (words, done.output, done.exception)
        return json.loads(done.stdout)

    def refused(*words):
        error = CliRunner().invoke(app, [*map(str, words)]).exception
        assert isinstance(error, UsageError)
        assert "--overwrite" in str(error)
        return str(error)

    Path("list.csv").write_text('name,length,prompt,dialogue\nA,24,a wall,"@4 MARA: No."\nB,1s,a door,\n')
    made = run("assemble", "list.csv", "-o", "cut.otio", "--frame-rate", "25")
    assert made == {"timeline": "cut.otio", "clips": 2, "frames": 49}
    before = Path("cut.otio").read_bytes()
    for name in ("cut.otio", "cut"):  # an editor may have worked on it since
        assert "cut.otio exists" in refused("assemble", "list.csv", "-o", name)
        assert Path("cut.otio").read_bytes() == before
    assert run("assemble", "list.csv", "-o", "cut", "--frame-rate", "25", "--overwrite") == made
    report = run("render", "cut.otio", "-o", "out", *SMALL, "--media", "h264", "--no-preview", "--budget", "0")
    done = report["timeline"]
    assert [(shot["status"], shot["frames"]) for shot in report["shots"]] == [("ready", 36), ("ready", 37)]
    assert run("check", done)["findings"] == []
    assert run("check", "out/takes", "--deep")["findings"] == []
    assert Path(run("preview", done, "-o", "movie.mp4", "--no-burn-in")["preview"]).stat().st_size > 10_000
    assert run("jobs") == []
    assert run("takes", done, "--prune", "--dry-run") == {"unused": [], "moved": []}
    Path("elsewhere").mkdir()
    shutil.move("out/takes", "elsewhere/takes")
    lost = run("check", done, code=1)["findings"]
    assert {finding["code"] for finding in lost} >= {"missing_media"}
    found = run("relink", done, "elsewhere", "-o", "elsewhere/cut.otio")
    assert run("check", found["timeline"])["findings"] == []
    assert "elsewhere/cut.otio exists" in refused("relink", done, "elsewhere", "-o", "elsewhere/cut.otio")
    picture = next(Path("elsewhere/takes").glob("*_A/*.mov"))
    picture.chmod(0o600)
    picture.write_bytes(picture.read_bytes()[:-100])
    assert run("check", "elsewhere/takes", code=1)["findings"]
