"""Shot lists become cuts."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import twopop
from twopop.errors import TimelineError, UsageError
from twopop.settings import Settings
from twopop.shotlist import ShotRow
from twopop.spotting import spot
from twopop.timebase import FrameRange
from twopop.wire import Cue, Line

HOLE = {"name": "SH010", "length": 48, "prompt": "a wall"}


def assembled(*rows: Any, rate: Any = 24, **options: Any) -> twopop.Cut:
    return twopop.assemble(list(rows), name="cut", frame_rate=rate, **options)


def as_otio(cut: twopop.Cut) -> otio.schema.Timeline:
    timeline = otio.adapters.read_from_string(json.dumps(cut.document), "otio_json")
    assert isinstance(timeline, otio.schema.Timeline)
    return timeline


def movie(folder: Path, frames: int = 48, rate: Fraction = Fraction(24), timecode: str = "") -> Path:
    """A small real clip with sound."""
    import av
    import numpy as np

    path = folder / "real.mov"
    with av.open(str(path), "w") as container:
        if timecode:
            container.metadata["timecode"] = timecode
        video = container.add_stream("mjpeg", rate=rate)
        video.width, video.height, video.pix_fmt = 64, 48, "yuvj420p"
        audio = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        for _ in range(frames):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")))
        sound = av.AudioFrame.from_ndarray(
            np.zeros((1, int(frames * 48000 / rate)), np.int16), format="s16", layout="mono"
        )
        sound.sample_rate = 48000
        container.mux(audio.encode(sound))
        container.mux(video.encode())
        container.mux(audio.encode())
    return path


def test_a_shot_list_is_a_cut_with_holes() -> None:
    cut = assembled(HOLE, {"length": "1.5s", "prompt": "a door", "camera": "push in", "seed": 7})
    shots = spot(cut, Settings()).shots
    assert [(s.item.name, s.item.record, s.brief.prompt) for s in shots] == [
        ("SH010", FrameRange(0, 48), "a wall"),
        ("SH020", FrameRange(48, 36), "a door"),
    ]
    assert (shots[1].brief.camera, shots[1].brief.seed) == ("push in", 7)
    assert (cut.start_frames, cut.has_start, cut.timecode(0)) == (86400, True, "01:00:00:00")


def test_what_is_written_is_stock(tmp_path: Path) -> None:
    rows = [
        HOLE,
        {"length": 12, "gap": True},
        {"length": 24, "title": "Chapter one"},
        {**HOLE, "nest": "n", "retime": 0.5},
    ]
    cut = assembled(*rows)
    report = twopop.write_timeline(cut, tmp_path / "cut.otio")
    theirs = otio.adapters.read_from_file(str(report.path))
    kinds = [type(child).__name__ for child in theirs.tracks[0]]
    assert kinds == ["Clip", "Gap", "Clip", "Stack"]
    clip, title = theirs.tracks[0][0], theirs.tracks[0][2]
    assert clip.media_reference.is_missing_reference
    assert clip.media_reference.available_range is None
    assert clip.source_range == otio.opentime.TimeRange(
        otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(48, 24)
    )
    assert title.media_reference.parameters["text"] == "Chapter one"
    assert theirs.tracks[0][3][0][0].effects[0].time_scalar == 0.5
    assert twopop.read_timeline(report.path).document == cut.document


def test_lines_and_cues_for_people_and_for_programs_say_the_same() -> None:
    people = {**HOLE, "dialogue": "@6 MARA (tired): We close. | @1s LEO: No.", "fx": "@12 pan | steps"}
    programs = {
        **HOLE,
        "lines": [
            {"speaker": "MARA", "manner": "tired", "text": "We close.", "at": 6},
            {"speaker": "LEO", "text": "No.", "at": "00:00:01:00"},
        ],
        "cues": [{"text": "pan", "at": 12}, {"text": "steps"}],
    }
    said, asked = (spot(assembled(row), Settings()).shots[0].brief for row in (people, programs))
    assert said == asked
    assert said.lines[0] == Line(speaker="MARA", text="We close.", manner="tired", at_frames=6)
    assert [cue.at_frames for cue in said.cues] == [0, 12]


def test_all_of_a_line_and_a_cue() -> None:
    line = {"speaker": "LEO", "manner": "low", "text": "No.", "lips": False, "at": 3, "length": 20}
    cue = {"role": "mx", "text": "on the pan", "at": 9, "hit": True}
    brief = spot(assembled({**HOLE, "lines": [line], "cues": [cue]}), Settings()).shots[0].brief
    assert brief.lines == (Line(speaker="LEO", text="No.", manner="low", lips=False, at_frames=3, length_frames=20),)
    assert brief.cues == (Cue(role="music", text="on the pan", at_frames=9, hit=True),)


def test_beds_run_to_the_next_or_through_a_row() -> None:
    cut = assembled(
        {**HOLE, "name": "A", "bg": "fan", "mx": "@12 jazz"},
        {**HOLE, "name": "B"},
        {**HOLE, "name": "C", "bg": "street", "beds": [{"role": "mx", "text": "blues", "through": "E", "seed": 3}]},
        {"length": 24, "gap": True},
        {**HOLE, "name": "E"},
    )
    assert [(b.role, b.text, b.record, b.seed) for b in spot(cut, Settings()).beds] == [
        ("ambience", "fan", FrameRange(0, 96), None),
        ("music", "jazz", FrameRange(12, 84), None),
        ("ambience", "street", FrameRange(96, 48), None),
        ("music", "blues", FrameRange(96, 120), 3),
    ]


def test_a_dissolve_is_centred_on_the_cut() -> None:
    cut = assembled(HOLE, {**HOLE, "transition": 13})
    theirs = as_otio(cut).tracks[0][1]
    assert (theirs.in_offset.value, theirs.out_offset.value) == (6, 7)
    assert spot(cut, Settings()).shots[0].item.visible == FrameRange(0, 55)


def test_neighbours_with_one_nest_share_it_and_dissolve_inside() -> None:
    cut = assembled(
        HOLE, {**HOLE, "nest": "a"}, {**HOLE, "nest": "a", "transition": 8}, {**HOLE, "nest": "b", "transition": 8}
    )
    track = as_otio(cut).tracks[0]
    assert [type(child).__name__ for child in track] == ["Clip", "Stack", "Transition", "Stack"]
    assert [type(child).__name__ for child in track[1][0]] == ["Clip", "Transition", "Clip"]
    assert [shot.item.record.start for shot in spot(cut, Settings()).shots] == [0, 48, 96, 144]


def test_footage_is_measured_and_its_sound_laid_under(tmp_path: Path) -> None:
    movie(tmp_path, 48, timecode="10:00:00:00")
    cut = assembled(HOLE, {"name": "R", "media": "real.mov", "media_in": 12}, HOLE, folder=tmp_path)
    assert not cut.findings
    timeline = as_otio(cut)
    clip, sound = timeline.tracks[0][1], timeline.tracks[1][1]
    assert clip.media_reference.available_range.start_time.value == 864000
    assert (clip.source_range.start_time.value, clip.source_range.duration.value) == (864012, 36)
    assert timeline.tracks[1].kind == "Audio"
    assert timeline.tracks[1][0].duration().value == 48
    assert sound.source_range == clip.source_range
    assert [shot.item.name for shot in spot(cut, Settings()).shots] == ["SH010", "SH010"]


def test_footage_that_is_not_there_is_taken_at_its_word() -> None:
    cut = assembled({"name": "R", "media": "real.mov", "length": 24})
    assert [f.code for f in cut.findings] == ["media_not_measured"]
    assert as_otio(cut).tracks[0][0].media_reference.target_url == "real.mov"


def test_notes_and_markers_of_ones_own() -> None:
    cut = assembled({**HOLE, "note": "ask Ana: is this right?", "markers": [{"text": "LOCK", "color": "GREEN"}]})
    found = spot(cut, Settings())
    assert found.shots[0].directives.lock
    assert not found.findings
    assert as_otio(cut).tracks[0][0].markers[-1].name.startswith("NOTE:")


@pytest.mark.parametrize(
    ("rate", "start", "frames", "drop"),
    [("30000/1001", "01:00:00;00", 107892, True), (23.976, "01:00:00:00", 86400, False), (25, None, 0, False)],
)
def test_starts(rate: Any, start: str | None, frames: int, drop: bool, tmp_path: Path) -> None:
    cut = assembled(HOLE, rate=rate, start=start)
    assert (cut.start_frames, cut.drop_frame, cut.has_start) == (frames, drop, start is not None)
    again = twopop.read_timeline(twopop.write_timeline(cut, tmp_path / "cut.otio").path)
    assert (again.start_frames, again.drop_frame, again.has_start, again.frame_rate) == (
        frames,
        drop,
        start is not None,
        cut.frame_rate,
    )


def test_csv_for_people(tmp_path: Path) -> None:
    lines = (
        "Name;Length;Prompt;Dialogue;fx;bg;transition;note",
        'SH010;2s;"a wall; white";"MARA: Hi.|LEO: Hi.";pan;fan;;',
        "",
        "SH020;00:00:01:00;a door;;;;12;later",
    )
    text = "\r\n".join(lines)
    (tmp_path / "list.csv").write_text("\ufeff" + text, encoding="utf-8", newline="")
    cut = twopop.assemble(tmp_path / "list.csv", name="cut", frame_rate=24)
    shots = spot(cut, Settings()).shots
    assert [(s.item.name, s.item.record.frames, s.brief.prompt) for s in shots] == [
        ("SH010", 48, "a wall; white"),
        ("SH020", 24, "a door"),
    ]
    assert [line.speaker for line in shots[0].brief.lines] == ["MARA", "LEO"]


def test_json_for_programs(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(json.dumps([HOLE, {"gap": True, "length": 12}]))
    assert (
        twopop.assemble(str(tmp_path / "list.json"), name="cut", frame_rate=24).document
        == assembled(HOLE, {"gap": True, "length": 12}).document
    )


def test_rows_may_be_objects() -> None:
    assert assembled(ShotRow(name="SH010", length=48, prompt="a wall")).document == assembled(HOLE).document


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no rows"),
        ([{**HOLE, "promt": "x"}], "Row 1 (SH010): there is no column 'promt'; did you mean 'prompt'?"),
        (
            [HOLE, {"length": 5, "lines": [{"speeker": "A", "text": "x"}]}],
            "Row 2: there is no column 'speeker'; did you mean 'speaker'?",
        ),
        ([{"name": "A", "prompt": "x"}], "length is missing"),
        ([{**HOLE, "length": 0}], "at least 1 frame"),
        ([{**HOLE, "length": -5}], "length"),
        ([{**HOLE, "length": 2.5}], "is no time"),
        ([{**HOLE, "length": True}], "is no time"),
        ([{**HOLE, "length": "soon"}], '"soon" is no time'),
        ([{**HOLE, "length": "00:00:99:00"}], "does not exist at 24"),
        ([{**HOLE, "length": "9" * 30}], "is no time"),
        ([{**HOLE, "retime": float("nan")}], "retime"),
        ([{**HOLE, "gap": True, "title": "x"}], "gap and title exclude each other"),
        ([{"length": 5, "gap": True, "prompt": "x"}], "nothing is generated for a gap"),
        ([{**HOLE, "transition": 12}], "a clip on both sides"),
        ([HOLE, {**HOLE, "transition": 200}], "legal are 2 to 96"),
        ([HOLE, {**HOLE, "transition": 1}], "legal are 2 to 96"),
        ([{**HOLE, "beds": [{"role": "bg", "text": "x", "through": "SH011"}]}], "Did you mean 'SH010'?"),
        ([{**HOLE, "fx": "@later pan"}], 'Row 1 (SH010): at: "later" is no time'),
        ([{**HOLE, "fx": "@00:99 pan"}], "'00:99' is not a timecode"),
        (["SH010"], "Row 1 is no object"),
        ([{"media": "nowhere.mov"}], "cannot be measured"),
    ],
)
def test_bad_rows_are_named(rows: list[Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        assembled(*rows)
    assert said in str(caught.value)


def test_footage_that_is_too_short_names_the_longest_legal_length(tmp_path: Path) -> None:
    movie(tmp_path, 24)
    with pytest.raises(UsageError, match="longest legal length is 14"):
        assembled({"media": "real.mov", "media_in": 10, "length": 20}, folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("list.csv", "name,length\nA,1,2,3\n", "more cells than columns"),
        ("list.csv", 'name,length\n"A,1\n', "line"),
        ("list.json", "{}", "must be a list"),
        ("list.json", "[", "is no JSON"),
        ("list.pdf", "", "neither .csv nor .json"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=said):
        twopop.assemble(tmp_path / name, name="cut", frame_rate=24)


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("name\nGr\xf6\xdfe".encode("latin-1"))
    for name in ("latin.csv", "nowhere.csv"):
        with pytest.raises(UsageError, match="cannot be read"):
            twopop.assemble(tmp_path / name, name="cut", frame_rate=24)


@pytest.mark.parametrize("rate", [0, -24, float("nan"), "fast", 100_000])
def test_bad_rates_are_refused(rate: Any) -> None:
    with pytest.raises(TimelineError):
        assembled(HOLE, rate=rate)
