"""Recorded lines that drive the lips, and stills that are the picture."""

import threading

import numpy as np
import pytest
from PIL import Image

from twopop.errors import BackendError
from twopop.media.decode import decode_frames
from twopop.media.wav import FULL_SCALE, read_wav, write_wav
from twopop.wire import Brief, Line, Reference
from twopop_engine.models.sketch.latents import read_latents
from twopop_engine.models.sketch.layout import CA
from twopop_engine.models.sketch.model import SketchModel
from twopop_engine.models.sketch.recorded import HOP_S, measure_mouth, read_recordings, with_lips
from twopop_engine.models.sketch.still import still_of

TEXT = "My mother baked many pies for the whole town."


@pytest.fixture(scope="module")
def model():
    return SketchModel()


@pytest.fixture(scope="module")
def make(model, make_request, tmp_path_factory):
    def make(brief, frames=96, **changes):
        folder = tmp_path_factory.mktemp("take")
        request = make_request(brief, frames, width=64, height=64, **changes)
        return model.generate(request, folder, lambda event: None, threading.Event())

    return make


@pytest.fixture(scope="module")
def spoken(make):
    """A line as sketch says it: its sound, and the mouth it goes with."""
    return make(Brief(prompt="a woman in a kitchen", lines=(Line(speaker="MARA", text=TEXT, at_frames=2),)))


@pytest.fixture(scope="module")
def recording(spoken, tmp_path_factory):
    """The voice of that line alone, as a file of somebody's."""
    sound = read_wav(spoken.stems["dialogue"])
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > 20_000)
    path = tmp_path_factory.mktemp("wild") / "mara.wav"
    write_wav(path, [sound[loud[0] - 2_400 : loud[-1] + 2_400]])
    return path


def brief_with(path, kind="line", speaker="MARA", at=0, part=None, heard=True, **changes):
    reference = Reference(
        kind=kind, path=str(path), sha256="0" * 64, speaker=speaker, at_frames=at, part=part, heard=heard
    )
    return Brief(prompt="a woman in a kitchen", references=(reference,), **changes)


def mouth_of(tokens, shape):
    return tokens["CA"][:, CA.index[f"{shape}.0"]]


@pytest.mark.parametrize(("shape", "least"), [("aperture", 0.5), ("jaw", 0.5), ("width", 0.5)])
def test_the_mouth_read_off_a_voice_is_the_mouth_that_the_model_gave_it(spoken, shape, least):
    sound = read_wav(spoken.stems["dialogue"])[:, 0] / FULL_SCALE
    mouth, (first, last) = measure_mouth(sound)
    times = CA.times_s(len(read_latents(spoken.latents)["CA"])) - 0.25 / CA.rate_hz
    names = ("aperture", "width", "round", "teeth", "tongue", "jaw")
    inside = (times > first) & (times < last)
    given = mouth_of(read_latents(spoken.latents), shape)[inside]
    found = []
    for shift_s in (-0.02, 0.0, 0.02):  # within a frame either way
        at = times[inside] + shift_s
        measured = np.interp(at, np.arange(len(mouth)) * HOP_S, mouth[:, names.index(shape)])
        found.append(np.corrcoef(measured, given)[0, 1])
    assert max(found) > least


def test_a_recording_is_the_dialogue_stem_to_the_bit(make, recording):
    heard = read_wav(make(brief_with(recording)).stems["dialogue"])
    sound = read_wav(recording)
    start = 24_000  # the head handle: 12 frames
    assert np.array_equal(heard[start : start + len(sound)], sound)
    assert not heard[: start - 1].any()
    assert not heard[start + len(sound) :].any()


def test_lips_move_with_the_recording_and_rest_without(make_request, recording):
    request = make_request(brief_with(recording), 96)
    recordings = read_recordings(request)
    still = {"CA": np.full((112, CA.dims), 0.5, np.float32)}
    lips = mouth_of(with_lips(still, recordings, ("MARA",)), "aperture")
    assert np.ptp(lips) > 0.4
    assert np.all(lips[:10] == 0.5)
    assert np.array_equal(with_lips(still, recordings, ("TOMAS",))["CA"], still["CA"])


def test_a_recording_replaces_the_line_it_is_of(make, recording):
    line = Line(speaker="MARA", text=TEXT, at_frames=2)
    heard = read_wav(make(brief_with(recording, lines=(line,))).stems["dialogue"])
    assert np.array_equal(heard[24_000 : 24_000 + 48_000], read_wav(recording)[:48_000])


def test_a_recording_longer_than_the_shot_says_by_how_much(make, tmp_path):
    path = tmp_path / "long.wav"
    write_wav(path, [np.zeros((48_000 * 5, 2), np.int32)])
    said = r"is 120 frames long, the shot from its marker on 72\. Lengthen the shot by 48 frames"
    with pytest.raises(BackendError, match=said) as e:
        make(brief_with(path))
    assert e.value.code == "line_too_long"


def test_a_recording_that_is_none_or_says_nothing(make_request, tmp_path):
    junk = tmp_path / "junk.wav"
    junk.write_bytes(b"RIFF not really")
    with pytest.raises(BackendError, match=r"recorded line junk.wav cannot be read") as caught:
        read_recordings(make_request(brief_with(junk), 96))
    assert caught.value.code == "bad_reference"
    quiet = tmp_path / "quiet.wav"
    write_wav(quiet, [np.zeros((24_000, 2), np.int32)])
    (recording,) = read_recordings(make_request(brief_with(quiet), 96))
    assert recording.spoken_s == (0.0, 0.0)


def test_a_recording_that_is_too_loud_for_its_stem_is_turned_down(make_request, tmp_path):
    path = tmp_path / "loud.wav"
    wave = (0.99 * FULL_SCALE * np.sin(np.arange(24_000) * 0.05)).astype(np.int32)
    write_wav(path, [np.stack([wave, wave], 1)])
    (recording,) = read_recordings(make_request(brief_with(path), 96))
    assert np.abs(recording.sound).max() < FULL_SCALE * 10 ** (-9 / 20)


def test_a_recording_that_the_cut_plays_moves_the_lips_and_is_not_in_the_stem(make_request, recording):
    long = 10 * 48_000
    heard, laid = (
        read_recordings(make_request(brief, 96))[0]
        for brief in (brief_with(recording), brief_with(recording, part=(0, long), heard=False))
    )
    assert not laid.render(0, 96_000).any()
    assert np.array_equal(heard.mouth, laid.mouth[: len(heard.mouth)])
    still = {"CA": np.full((112, CA.dims), 0.5, np.float32)}
    assert np.array_equal(*(with_lips(still, (one,), ("MARA",))["CA"] for one in (heard, laid)))


def test_of_a_long_recording_a_shot_takes_its_part(make_request, recording):
    """A clip that began a second before the take is read from there on."""
    whole = read_recordings(make_request(brief_with(recording, part=(0, 480_000), heard=False), 96))[0]
    late = brief_with(recording, part=(0, 480_000), heard=False, at=-36)
    (part,) = read_recordings(make_request(late, 96))
    assert (part.start, part.begins) == (0, -48_000)
    assert np.array_equal(part.sound[:24_000], whole.sound[48_000:72_000])


# -- stills --------------------------------------------------------------------------------------------------------


@pytest.fixture
def panel(tmp_path):
    """A panel: red to the left, blue to the right."""
    pixels = np.zeros((200, 400, 3), np.uint8)
    pixels[:, :200, 0], pixels[:, 200:, 2] = 255, 255
    path = tmp_path / "panel.png"
    Image.fromarray(pixels).save(path)
    return path


def test_a_still_is_the_picture(make, panel):
    files = make(brief_with(panel, "still", ""), 48)
    frames = list(decode_frames(files.movie))
    assert len(frames) == 48
    left, right = frames[20][:, :20].mean((0, 1)), frames[20][:, -20:].mean((0, 1))
    assert left[0] > 200 > 60 > left[2]
    assert right[2] > 200 > 60 > right[0]
    assert files.facts["ignored"] == []


@pytest.mark.parametrize(("camera", "more_red_at_the_end"), [("slow pan left", True), ("pan right", False)])
def test_the_camera_pans_over_it_as_it_is_told(make_request, panel, camera, more_red_at_the_end):
    still = still_of(make_request(brief_with(panel, "still", "", camera=camera), width=64, height=64))
    first, last = (still.frame(share)[..., 0].mean() for share in (0.0, 1.0))
    assert abs(last - first) > 30
    assert (last > first) == more_red_at_the_end


def test_a_locked_off_still_does_not_move_and_another_one_comes_closer(make_request, panel):
    locked, usual = (
        still_of(make_request(brief_with(panel, "still", "", camera=camera), width=64, height=64))
        for camera in ("static", "")
    )
    assert locked._box(0.0) == locked._box(1.0)
    (left, top, right, bottom), (left2, top2, right2, bottom2) = usual._box(0.0), usual._box(1.0)
    assert left < left2 < right2 < right
    assert top < top2 < bottom2 < bottom


def test_people_stand_before_a_plate(make, panel):
    files = make(brief_with(panel, "still", "PLATE", lines=(Line(speaker="MARA", text="Ten.", at_frames=0),)), 48)
    frame = list(decode_frames(files.movie))[20]
    assert frame[:8, :8, 0].mean() > 200  # the panel in the corner
    middle = frame[20:50, 28:36].reshape(-1, 3).astype(int)
    assert (np.abs(middle - [255, 0, 0]).sum(1) > 100).mean() > 0.5  # somebody in the middle


def test_a_still_that_is_not_an_image(make_request, tmp_path):
    path = tmp_path / "panel.png"
    path.write_text("not a picture")
    with pytest.raises(BackendError, match=r"still panel.png is not an image. Give a PNG, JPEG or WebP") as caught:
        still_of(make_request(brief_with(path, "still", "")))
    assert caught.value.code == "bad_reference"


def test_a_still_of_somebody_is_not_the_picture(make_request, panel):
    assert still_of(make_request(brief_with(panel, "still", "MARA"))) is None
