"""A preview shows and sounds what the cut says: every frame, every sample, every track."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

import twopop
from twopop.errors import UsageError
from twopop.media.decode import decode_frames, decode_sound
from twopop.media.probe import check_counts, probe
from twopop.media.wav import write_wav
from twopop.media.write import write_movie
from twopop.preview import write_preview
from twopop.timebase import frame_to_sample, seconds_to_frames
from twopop.timeline import Cut

SIZE = (128, 72)
RATE = Fraction(25)
FRAME = 1920


def time_node(value: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": 25.0, "value": float(value)}


def range_node(start: float, frames: float) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time_node(start), "duration": time_node(frames)}


def clip(url: str | None, start: float, frames: int, **more: Any) -> dict[str, Any]:
    reference: dict[str, Any] = {"OTIO_SCHEMA": "MissingReference.1"}
    if url:
        reference = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": url, "available_range": range_node(0, 1000)}
    return {
        "OTIO_SCHEMA": "Clip.1",
        "name": url or "hole",
        "source_range": range_node(start, frames),
        "media_reference": reference,
        **more,
    }


def gap(frames: int) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Gap.1", "source_range": range_node(0, frames)}


def dissolve(before: int, after: int) -> dict[str, Any]:
    offsets = {"in_offset": time_node(before), "out_offset": time_node(after)}
    return {"OTIO_SCHEMA": "Transition.1", "name": "", "transition_type": "SMPTE_Dissolve", **offsets}


def speed(scalar: float) -> list[dict[str, Any]]:
    return [{"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "LinearTimeWarp", "time_scalar": scalar}]


def track(kind: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Track.1", "name": kind, "kind": kind, "children": list(children), "source_range": None}


def stack(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Stack.1", "name": "", "children": list(children), "source_range": None, **more}


def cut_of(folder: Path, *tracks: dict[str, Any]) -> Cut:
    document = {
        "OTIO_SCHEMA": "Timeline.1", "name": "t", "global_start_time": time_node(90_000),
        "tracks": stack(*tracks), "metadata": {},
    }  # fmt: skip
    (folder / "t.otio").write_text(json.dumps(document))
    return twopop.read_timeline(folder / "t.otio")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`steps.mov`: frame k is grey level 2k (100 frames, 25 fps); `white.mov`; `ramp.wav`: sample n is n."""
    made = tmp_path_factory.mktemp("media")
    steps = (np.full((72, 128, 3), 2 * index, np.uint8) for index in range(100))
    write_movie(made / "steps.mov", steps, size=SIZE, frame_rate=RATE)
    write_movie(made / "white.mov", [np.full((72, 128, 3), 255, np.uint8)] * 100, size=SIZE, frame_rate=RATE)
    fast = (np.full((72, 128, 3), index, np.uint8) for index in range(200))
    write_movie(made / "fast.mov", fast, size=SIZE, frame_rate=Fraction(50))
    wide = [np.full((40, 128, 3), 200, np.uint8)] * 20
    write_movie(made / "wide.mov", wide, size=(128, 40), frame_rate=RATE)
    squeezed = made / "squeezed.mkv"
    with av.open(str(squeezed), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 72, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(1, 2)
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((72, 64, 3), 200, np.uint8))))
        container.mux(stream.encode(None))
    Image.fromarray(np.full((36, 64, 3), 150, np.uint8)).save(made / "still.png")
    write_wav(made / "ramp.wav", [np.repeat(np.arange(100 * FRAME, dtype=np.int32)[:, None], 2, 1)])
    write_wav(made / "flat.wav", [np.full((100 * FRAME, 2), 100_000, np.int32)])
    return made


def levels(folder: Path, *tracks: dict[str, Any], findings: list[str] | None = None) -> list[float]:
    """Mean grey of every frame of the preview of these tracks."""
    found = write_preview(cut_of(folder, *tracks), folder / "p.mov", size=SIZE, burn_in=False, two_pop=False)
    if findings is not None:
        findings += [finding.message for finding in found]
    else:
        assert found == []
    return [float(frame.mean()) for frame in decode_frames(folder / "p.mov")]


def heard(folder: Path, *tracks: dict[str, Any]) -> np.ndarray:
    video = track("Video", clip("white.mov", 0, 40))
    assert write_preview(cut_of(folder, video, *tracks), folder / "p.mov", size=SIZE, two_pop=False) == []
    return np.concatenate(list(decode_sound(folder / "p.mov")))[:, 0]


def near(values: list[float], wanted: list[float], within: float = 2.5) -> bool:
    return len(values) == len(wanted) and float(np.abs(np.array(values) - np.array(wanted)).max()) <= within


def test_clips_gaps_and_the_topmost_track(folder: Path) -> None:
    low = track("Video", clip("steps.mov", 10, 12))
    high = track("Video", gap(4), clip("white.mov", 0, 3), clip("white.mov", 0, 2, enabled=False))
    wanted = [20, 22, 24, 26, 255, 255, 255, 34, 36, 38, 40, 42]
    assert near(levels(folder, low, high), [float(value) for value in wanted])
    assert near(
        levels(folder, track("Video", clip("white.mov", 0, 2), gap(2), clip("white.mov", 0, 1))), [255, 255, 0, 0, 255]
    )


def test_speed_freeze_and_reverse(folder: Path) -> None:
    children = (
        clip("steps.mov", 10, 4, effects=speed(2.0)),
        clip("steps.mov", 10, 4, effects=speed(0.5)),
        clip("steps.mov", 40, 3, effects=[{**speed(0.0)[0], "OTIO_SCHEMA": "FreezeFrame.1"}]),
        clip("steps.mov", 50, 4, effects=speed(-1.0)),
    )
    wanted = [20, 24, 28, 32, 20, 20, 22, 22, 80, 80, 80, 106, 104, 102, 100]
    assert near(levels(folder, track("Video", *children)), [float(value) for value in wanted])


def test_dissolves_mix_and_fades_go_to_black(folder: Path) -> None:
    between = track("Video", clip("white.mov", 0, 6), dissolve(2, 2), clip("steps.mov", 20, 6))
    seen = levels(folder, between)
    assert near(seen[:4] + seen[8:], [255, 255, 255, 255, 44, 46, 48, 50])
    assert near(seen[4:8], [0.8 * 255 + 0.2 * 36, 0.6 * 255 + 0.4 * 38, 0.4 * 255 + 0.6 * 40, 0.2 * 255 + 0.8 * 42], 4)
    fade = levels(folder, track("Video", clip("white.mov", 0, 6), dissolve(3, 0), gap(2)))
    assert near(fade, [255, 255, 255, 0.75 * 255, 0.5 * 255, 0.25 * 255, 0, 0], 4)


def test_nests_other_rates_and_letterboxes(folder: Path) -> None:
    inner = stack(track("Video", clip("steps.mov", 0, 50)), source_range=range_node(30, 3))
    assert near(levels(folder, track("Video", clip("white.mov", 0, 1), inner)), [255, 60, 62, 64])
    assert near(levels(folder, track("Video", clip("fast.mov", 5, 3))), [10, 12, 14])
    write_preview(
        cut_of(folder, track("Video", clip("wide.mov", 0, 2))),
        folder / "p.mov",
        size=SIZE,
        burn_in=False,
        two_pop=False,
    )
    frame = next(decode_frames(folder / "p.mov"))
    assert frame[:14].max() < 8
    assert frame[-14:].max() < 8
    assert frame[20:52].min() > 190


def test_stills_hold_and_anamorphic_pixels_have_their_shape(folder: Path) -> None:
    still = clip("still.png", 0, 3)
    assert near(levels(folder, track("Video", clip("white.mov", 0, 1), still)), [255, 150, 150, 150])
    cut = cut_of(folder, track("Video", clip("squeezed.mkv", 0, 2)))
    write_preview(cut, folder / "p.mov", size=SIZE, burn_in=False, two_pop=False)
    lit = np.flatnonzero(next(decode_frames(folder / "p.mov"))[36, :, 1] > 100)
    assert abs(len(lit) - 32) <= 2  # 64 pixels of half width
    assert abs(int(lit.mean()) - 63) <= 2


def test_what_is_missing_gets_a_card_and_a_finding(folder: Path) -> None:
    said: list[str] = []
    title = clip(None, 0, 2, media_reference={"OTIO_SCHEMA": "GeneratorReference.1", "generator_kind": "text"})
    seen = levels(folder, track("Video", clip("gone.mov", 0, 2), clip(None, 0, 2), title), findings=said)
    assert len(seen) == 6
    assert all(10 < level < 60 for level in seen)
    assert len(said) == 2
    assert "gone.mov is missing" in said[0]
    assert "01:00:00:02" in said[1]
    assert "has no media" in said[1]


def test_sound_is_placed_on_its_sample_and_summed(folder: Path) -> None:
    mix = heard(
        folder,
        track("Audio", gap(3), clip("ramp.wav", 10, 5)),
        track("Audio", clip("flat.wav", 0, 4), clip("flat.wav", 0, 2, enabled=False)),
    )
    assert len(mix) == 40 * FRAME
    wanted = np.zeros(40 * FRAME, int)
    wanted[3 * FRAME : 8 * FRAME] += np.arange(10 * FRAME, 15 * FRAME)
    wanted[: 4 * FRAME] += 100_000
    assert np.array_equal(mix, wanted)


def test_fractional_rates_place_sound_on_cumulative_boundaries(folder: Path) -> None:
    document = json.loads(
        json.dumps(
            cut_of(
                folder, track("Video", clip("white.mov", 0, 40)), track("Audio", gap(7), clip("ramp.wav", 0, 9))
            ).document
        )
    )
    text = json.dumps(document).replace('"rate": 25.0', '"rate": 29.97002997')
    (folder / "ntsc.otio").write_text(text)
    rate = Fraction(30000, 1001)
    write_preview(twopop.read_timeline(folder / "ntsc.otio"), folder / "p.mov", size=SIZE)
    sound = np.concatenate(list(decode_sound(folder / "p.mov")))[:, 0]
    leader = seconds_to_frames(2, rate)
    begin, end = (frame_to_sample(leader + frame, rate) for frame in (7, 16))
    assert len(sound) == frame_to_sample(leader + 40, rate)
    assert np.array_equal(sound[begin:end], np.arange(end - begin))
    assert not sound[end:].any()


def test_audio_transitions_fade_linearly(folder: Path) -> None:
    mix = heard(
        folder,
        track("Audio", clip("flat.wav", 0, 10), dissolve(2, 2), clip("flat.wav", 20, 10), dissolve(4, 0), gap(2)),
    )
    assert np.abs(mix[: 16 * FRAME] - 100_000).max() <= 1  # equal sounds cross without a dip
    fade = mix[16 * FRAME : 20 * FRAME]
    assert abs(int(fade[2 * FRAME]) - 50_000) < 100
    assert not mix[20 * FRAME :].any()


def test_retimed_sound_runs_at_its_speed(folder: Path) -> None:
    mix = heard(folder, track("Audio", clip("ramp.wav", 0, 30, effects=speed(1.5))))
    wanted = np.arange(30 * FRAME) * 1.5
    assert np.abs(mix[: 30 * FRAME] - wanted).max() <= 1


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_the_two_pop_is_two_seconds_before_the_programme(folder: Path, suffix: str) -> None:
    path = folder / f"pop{suffix}"
    assert write_preview(cut_of(folder, track("Video", clip("white.mov", 0, 30))), path) == []
    facts = check_counts(path, frames=80)
    assert (facts.timecode, facts.video_codec, facts.rec709) == ("00:59:58:00", "h264", True)
    assert facts.source_type.endswith("/compositeWithTrainedAlgorithmicMedia")
    frames = [float(frame.mean()) for frame in decode_frames(path)]
    assert frames[0] > 100
    assert max(frames[1:50]) < 20
    assert min(frames[50:]) > 200
    sound = np.concatenate(list(decode_sound(path)))[:, 0]
    assert np.abs(sound[:FRAME]).max() == pytest.approx(0.1 * (1 << 23), rel=0.1)
    assert np.abs(sound[2 * FRAME :]).max() < 100


def test_the_burn_in_changes_with_the_frame_and_leaves_the_picture(folder: Path) -> None:
    cut = cut_of(folder, track("Video", clip("white.mov", 0, 4)))
    write_preview(cut, folder / "p.mov", size=(320, 180), two_pop=False)
    frames = list(decode_frames(folder / "p.mov"))
    assert all(frame[:150].min() > 240 for frame in frames)
    strips = [frame[155:180].astype(int) for frame in frames]
    assert all(strip.min() < 120 for strip in strips)
    assert np.abs(strips[0] - strips[1]).max() > 40


def test_a_render_of_bars_keeps_every_pop_on_its_flash(tmp_path: Path) -> None:
    rows = [{"name": f"SH0{n}0", "length": 40 + n, "prompt": "x"} for n in range(1, 4)]
    cut = twopop.assemble(rows, name="a", frame_rate="30000/1001", width=256, height=144)
    twopop.write_timeline(cut, tmp_path / "a.otio")
    report = twopop.render(tmp_path / "a.otio", backend="bars")
    assert report.preview is not None
    path, rate = Path(report.preview), Fraction(30000, 1001)
    flashes = [index for index, frame in enumerate(decode_frames(path, size=(32, 18))) if np.median(frame) > 240]
    assert len(flashes) >= 6
    sound = np.abs(np.concatenate(list(decode_sound(path)))).max(axis=1)
    for frame in flashes:
        at = frame_to_sample(frame, rate)
        window = sound[at - 400 : at + 1200]
        assert abs(int(np.argmax(window * 2 > window.max())) - 400) <= 2


def test_an_older_preview_is_replaced_and_nothing_half_is_left(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "p.mp4").write_bytes(b"old")
    cut = cut_of(folder, track("Video", clip("white.mov", 0, 3)))
    write_preview(cut, tmp_path / "p.mp4", size=SIZE)
    assert [path.name for path in tmp_path.iterdir()] == ["p.mp4"]
    assert probe(tmp_path / "p.mp4").frames == 53
    with pytest.raises(UsageError, match=r"\.mp4 or a \.mov"):
        write_preview(cut, tmp_path / "p.avi")
    with pytest.raises(UsageError, match="empty"):
        write_preview(cut_of(folder, track("Video")), tmp_path / "e.mp4")


def test_a_preview_is_never_written_over_what_it_shows(folder: Path) -> None:
    before = (folder / "white.mov").read_bytes()
    with pytest.raises(UsageError, match="media of t"):
        write_preview(cut_of(folder, track("Video", clip("white.mov", 0, 3))), folder / "white.mov")
    assert (folder / "white.mov").read_bytes() == before
