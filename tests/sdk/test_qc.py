"""Checks find what is wrong, name it, and say nothing where nothing is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import twopop
from twopop.backends.bars import BarsModel
from twopop.backends.base import TakeFiles
from twopop.errors import UsageError
from twopop.media.decode import decode_frames, decode_sound
from twopop.media.wav import FULL_SCALE, read_wav, write_wav
from twopop.media.write import write_movie
from twopop.qc import Report, check, check_cut, check_take
from twopop.request import GenerationRequest
from twopop.store import TakeStore
from twopop.take import Take
from twopop.timebase import FrameRange
from twopop.timeline import Cut
from twopop.wire import Brief, Cue, Line

RATE = Fraction(25)
BRIEF = Brief(
    prompt="a kitchen",
    lines=(Line(speaker="MARA", text="We close.", at_frames=3),),
    cues=(Cue(role="effects", text="pan", at_frames=5),),
)


def request(**changes: Any) -> GenerationRequest:
    values: dict[str, Any] = {
        "name": "SH010", "shots": ("SH010",), "brief": BRIEF, "match_key": "ab" * 32, "model": "bars",
        "weights": "none", "recipe": "1", "width": 256, "height": 144, "frame_rate": RATE,
        "generated": FrameRange(-12, 62), "used": FrameRange(0, 38), "timecode_offset_frames": 90_000, "seed": 1,
    }  # fmt: skip
    return GenerationRequest(**{**values, **changes})


def stored(folder: Path, harm: Callable[[TakeFiles, Path], TakeFiles] | None = None, **changes: Any) -> Take:
    """A bars take in a store, its files harmed before they are stored."""
    asked, made = request(**changes), folder / "made"
    made.mkdir()
    files = BarsModel().generate(asked, made, lambda _: None, threading.Event())
    return TakeStore(folder / "takes").add(asked, harm(files, made) if harm else files, backend="bars")


def with_sound(role: Any, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[TakeFiles, Path], TakeFiles]:
    def harm(files: TakeFiles, folder: Path) -> TakeFiles:
        path = folder / "harmed.wav"
        write_wav(path, [change(read_wav(files.stems[role]))])
        return replace(files, stems={**files.stems, role: path})

    return harm


def with_picture(change: Callable[[list[np.ndarray]], list[np.ndarray]]) -> Callable[[TakeFiles, Path], TakeFiles]:
    def harm(files: TakeFiles, folder: Path) -> TakeFiles:
        path = folder / "harmed.mov"
        frames = change(list(decode_frames(files.movie)))
        write_movie(path, frames, size=(256, 144), frame_rate=RATE, sound=decode_sound(files.movie))
        return replace(files, movie=path)

    return harm


def codes(findings: Any) -> set[str]:
    return {finding.code for finding in findings}


@pytest.mark.parametrize("deep", [False, True])
def test_a_good_take_and_a_good_bed_have_no_findings(tmp_path: Path, deep: bool) -> None:
    assert check_take(stored(tmp_path), deep=deep) == []
    bed = tmp_path / "bed"
    bed.mkdir()
    take = stored(bed, kind="bed", role="ambience", generated=FrameRange(0, 62), brief=Brief(prompt="air"))
    assert check_take(take, deep=deep) == []


def clipped(sound: np.ndarray) -> np.ndarray:
    sound = sound.copy()
    sound[30_000:30_020] = FULL_SCALE - 1
    return sound


SOUND_FAULTS = {
    "clipping": ("music", clipped),
    "dc_offset": ("ambience", lambda sound: sound + FULL_SCALE // 50),
    "silent_stem": ("effects", lambda sound: sound * 0),
    "sync_offset": ("dialogue", lambda sound: np.roll(sound, 1, axis=0)),
    "sync_lost": ("effects", lambda sound: np.where(np.arange(len(sound))[:, None] < 60_000, sound, 0)),
    "too_loud": (
        "music",
        lambda sound: np.repeat((np.sin(np.arange(len(sound)) / 9) * 8e6).astype(np.int32)[:, None], 2, 1),
    ),
}


@pytest.mark.parametrize("code", SOUND_FAULTS)
def test_faults_of_sound_are_found_and_named(tmp_path: Path, code: str) -> None:
    found = {finding.code: finding for finding in check_take(stored(tmp_path, with_sound(*SOUND_FAULTS[code])))}
    assert code in found
    assert found[code].message.startswith("Take SH010_t001: ")
    assert found[code].shot == "SH010"
    assert found[code].timecode[:6] in ("00:59:", "01:00:")


def test_a_tone_one_sample_late_says_so(tmp_path: Path) -> None:
    take = stored(tmp_path, with_sound("dialogue", lambda sound: np.roll(sound, 1, axis=0)))
    messages = [finding.message for finding in check_take(take)]
    assert "Take SH010_t001: the DX tone of 01:00:00:00 is 1 sample late." in messages


PICTURE_FAULTS: dict[str, Callable[[list[np.ndarray]], list[np.ndarray]]] = {
    "stuck_picture": lambda frames: [frames[0]] * len(frames),
    "black_picture": lambda frames: [frames[0] * 0] * len(frames),
    "sync_offset": lambda frames: frames[:1] + frames[:-1],
}


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("code", PICTURE_FAULTS)
def test_faults_of_picture_are_found(tmp_path: Path, code: str, deep: bool) -> None:
    assert code in codes(check_take(stored(tmp_path, with_picture(PICTURE_FAULTS[code])), deep=deep))


def test_sound_that_was_asked_for_and_is_silent_is_an_error(tmp_path: Path) -> None:
    def harm(files: TakeFiles, folder: Path) -> TakeFiles:
        for role in files.stems:
            files = with_sound(role, lambda sound: sound * 0)(files, _made(folder / role))
        return files

    found = {finding.code: finding for finding in check_take(stored(tmp_path, harm))}
    assert found["silent_take"].level == "error"
    quiet = tmp_path / "quiet"
    quiet.mkdir()
    assert "silent_take" not in codes(check_take(stored(quiet, brief=Brief(prompt="a wall", sound=False))))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_files_that_are_missing_short_or_changed(tmp_path: Path) -> None:
    take = stored(tmp_path)
    stem, movie = take.path("dialogue"), take.path("picture")
    stem.chmod(0o600)
    stem.write_bytes(stem.read_bytes()[:-600])
    movie.chmod(0o600)
    data = bytearray(movie.read_bytes())
    data[len(data) // 2] ^= 0x55
    movie.write_bytes(data)
    take.path("music").unlink()
    shallow, deep = codes(check_take(take)), codes(check_take(take, deep=True))
    assert {"take_file_missing", "take_file_changed", "media_unreadable"} <= shallow
    assert {"take_file_missing", "take_file_changed"} <= deep


def test_the_mix_must_be_the_sum_of_the_stems(tmp_path: Path) -> None:
    take = stored(tmp_path, with_sound("ambience", lambda sound: sound // 2))
    assert "mix_differs" in codes(check_take(take, deep=True))


# -- cuts ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def conformed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered cut of three shots."""
    folder = tmp_path_factory.mktemp("cut")
    rows = [
        {"name": "SH010", "length": 30, "prompt": "a kitchen", "dialogue": "MARA: We close.", "bg": "steam"},
        {"name": "SH020", "length": 40, "prompt": "a stove", "fx": "pan"},
        {"name": "SH030", "length": 35, "prompt": "a door"},
    ]
    cut = twopop.assemble(rows, name="short", frame_rate="24000/1001", width=256, height=144)
    twopop.write_timeline(cut, folder / "short.otio")
    twopop.render(folder / "short.otio", backend="bars", preview=False)
    return folder / "short.conformed.otio"


@pytest.fixture
def document(conformed: Path) -> dict[str, Any]:
    return json.loads(conformed.read_text())


def clips(document: dict[str, Any], role: str) -> Iterator[dict[str, Any]]:
    for track in document["tracks"]["children"]:
        for child in track["children"]:
            if child.get("metadata", {}).get("twopop", {}).get("role") == role:
                yield child


def judged(conformed: Path, document: dict[str, Any]) -> Report:
    path = conformed.with_name("changed.otio")
    path.write_text(json.dumps(document))
    return check(path)


def test_a_rendered_cut_is_in_sync_to_the_sample(conformed: Path) -> None:
    report = check(conformed)
    assert [finding for finding in report.findings if finding.level != "info"] == []
    assert (report.shots, report.holes, report.worst_frames) == (3, 0, 0)
    assert report.worst_samples <= 1
    assert report.events >= 15
    assert report.ok
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert str(report).startswith("short.conformed.otio: 3 shots, ")
    assert "Nothing is wrong" in str(report)
    assert check(conformed, deep=True).events == report.events


def test_a_stem_moved_by_a_frame_is_named(conformed: Path, document: dict[str, Any]) -> None:
    clip = next(clips(document, "dialogue"))
    clip["source_range"]["start_time"]["value"] += 1
    found = {finding.code: finding for finding in judged(conformed, document).findings}
    assert "DX runs 1 frame ahead of the picture" in found["slipped"].message
    assert "--reset-audio SH010" in found["slipped"].message


def test_media_that_is_off_by_a_frame_inside_the_file_is_found(conformed: Path, document: dict[str, Any]) -> None:
    clip = next(clips(document, "shot"))
    reference = clip["media_references"][clip["active_media_reference_key"]]
    reference["available_range"]["start_time"]["value"] += 1
    report = judged(conformed, document)
    assert "timecode_differs" in codes(report.findings)
    assert not report.ok


def test_picture_and_stems_of_different_takes_name_the_command_that_mends_it(
    conformed: Path, document: dict[str, Any]
) -> None:
    clip = next(clips(document, "effects"))
    clip["metadata"]["twopop"]["take"] = "short_SH010_t002"
    found = {finding.code: finding for finding in judged(conformed, document).findings}
    assert "twopop takes CUT circle SH010 short_SH010_t001 -o FILE" in found["mixed_takes"].message
    assert "FX is short_SH010_t002" in found["mixed_takes"].message


def test_missing_media_and_clips_longer_than_their_media(conformed: Path, document: dict[str, Any]) -> None:
    shots = list(clips(document, "shot"))
    shots[0]["media_references"][shots[0]["active_media_reference_key"]]["target_url"] = "takes/gone.mov"
    shots[1]["source_range"]["duration"]["value"] += 500
    found = codes(judged(conformed, document).findings)
    assert {"missing_media", "outside_media"} <= found


def test_links_that_leave_the_allowed_folders_are_not_opened(conformed: Path, document: dict[str, Any]) -> None:
    clip = next(clips(document, "shot"))
    reference = clip["media_references"][clip["active_media_reference_key"]]
    refused = {
        "http://127.0.0.1:9/a.mov": "http links are not opened",
        "../../x.mov": "x.mov is missing",
        "/etc/hostname": "outside the folders",
    }
    for url, words in refused.items():
        reference["target_url"] = url
        findings = judged(conformed, document).findings
        assert any(words in finding.message for finding in findings if finding.code == "missing_media"), url


def test_gaps_holes_and_broken_transitions(conformed: Path, document: dict[str, Any]) -> None:
    track = next(t for t in document["tracks"]["children"] if t["kind"] == "Video")
    gap = {"OTIO_SCHEMA": "Gap.1", "source_range": track["children"][0]["source_range"], "metadata": {}, "name": ""}
    wipe = {
        "OTIO_SCHEMA": "Transition.1", "name": "Dissolve", "metadata": {}, "transition_type": "SMPTE_Dissolve",
        "in_offset": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 500.0},
        "out_offset": {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 4.0},
    }  # fmt: skip
    hole = json.loads(json.dumps(track["children"][1]))
    hole["media_references"] = {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "MissingReference.1"}}
    hole["active_media_reference_key"] = "DEFAULT_MEDIA"
    del hole["metadata"]["twopop"]
    track["children"] = [*track["children"], gap, hole, wipe]
    track["children"].insert(1, wipe)
    report = judged(conformed, document)
    assert {"gap", "missing_media", "loose_transition", "long_transition"} <= codes(report.findings)
    assert report.holes == 1


def test_a_take_changed_in_the_store_is_found_from_the_cut(tmp_path: Path) -> None:
    cut = twopop.assemble(
        [{"name": "SH010", "length": 20, "prompt": "x"}], name="a", frame_rate=24, width=64, height=64
    )
    twopop.write_timeline(cut, tmp_path / "a.otio")
    twopop.render(tmp_path / "a.otio", backend="bars", preview=False)
    assert check(tmp_path / "takes").ok
    stem = next((tmp_path / "takes").rglob("*.FX.wav"))
    stem.chmod(0o600)
    data = bytearray(stem.read_bytes())
    data[-9] ^= 1
    stem.write_bytes(data)
    report = check(tmp_path / "a.conformed.otio")
    assert "take_file_changed" in codes(report.findings)
    assert "take_file_changed" in codes(check(tmp_path / "takes", deep=True).findings)


def test_cuts_in_memory_and_targets_that_are_not_there(conformed: Path, tmp_path: Path) -> None:
    cut = twopop.read_timeline(conformed)
    assert isinstance(cut, Cut)
    assert check_cut(cut).ok
    assert check(cut).ok
    with pytest.raises(UsageError, match="does not exist"):
        check(tmp_path / "absent.otio")
