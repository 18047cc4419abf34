"""Foreign movies become exact takes: flash against pop, counts, tails, and what is refused."""

import random
from fractions import Fraction

import av
import numpy as np
import pytest
from engines import a_request
from foreign import Foreign, flash_frame, pop_sample, write_foreign

from twopop.backends.dialects import DIALECTS, foreign_profile
from twopop.errors import MediaError
from twopop.media.ingest import ingest_movie
from twopop.timebase import FrameRange, frame_to_sample

NTSC = Fraction(24000, 1001)


def a_shot(rate=24, frames=49, tail=12):
    profile = foreign_profile(DIALECTS["sglang"], "ltx-2.3")
    whole, used = FrameRange(0, frames), FrameRange(0, frames - tail)
    return a_request(
        "p", profile=profile, frames=frames, size=(64, 48), frame_rate=Fraction(rate), generated=whole, used=used
    )


def ingest(tmp_path, what, request, suffix=".mp4"):
    source = write_foreign(tmp_path / f"source{suffix}", what)
    (tmp_path / "out").mkdir()
    return ingest_movie(source, request, tmp_path / "out")


def counts(path):
    with av.open(str(path)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    with av.open(str(path)) as container:
        return frames, sum(frame.samples for frame in container.decode(audio=0))


def irregular(count, seed):
    """Frame times that are whole 24ths apart, one to three of them."""
    steps = random.Random(seed)
    times = [Fraction(0)]
    while len(times) < count:
        times.append(times[-1] + Fraction(steps.choice([1, 1, 2, 3]), 24))
    return tuple(times)


SMALL = {"size": (64, 48)}
CASES = {
    "aac priming": (Foreign(**SMALL), 24, ".mp4", 1),
    "aac and b-frames": (Foreign(b_frames=2, **SMALL), 24, ".mp4", 1),
    "aac in matroska": (Foreign(**SMALL), 24, ".mkv", 1),
    "opus pre-skip": (Foreign(video="libvpx-vp9", audio="libopus", **SMALL), 24, ".webm", 1),
    "25 to 24": (Foreign(fps=Fraction(25), **SMALL), 24, ".mp4", Fraction(25, 24)),
    "24 to 23.976": (Foreign(**SMALL), NTSC, ".mp4", Fraction(1001, 1000)),
    "25 to 23.976, pcm": (Foreign(fps=Fraction(25), audio="pcm_s16le", **SMALL), NTSC, ".mov", Fraction(1001, 960)),
    "mono 32 kHz": (Foreign(sample_rate=32000, channels=1, **SMALL), 24, ".mp4", 1),
    "44.1 kHz": (Foreign(sample_rate=44100, **SMALL), 24, ".mp4", 1),
    "variable rate": (Foreign(starts=irregular(40, 3), flash=10, **SMALL), 24, ".mp4", 1),
    "variable rate, milliseconds": (Foreign(starts=irregular(40, 4), flash=10, **SMALL), 24, ".mkv", 1),
    "too long": (Foreign(frames=97, **SMALL), 24, ".mp4", 1),
    "too short by less than the handle": (Foreign(frames=44, **SMALL), 24, ".mp4", 1),
    "sound ends early": (Foreign(sound_s=2.0, **SMALL), 24, ".mp4", 1),
}


@pytest.mark.parametrize("case", CASES)
def test_flash_and_pop_stay_together_within_a_sample(tmp_path, case):
    what, rate, suffix, stretch = CASES[case]
    request = a_shot(rate)
    files = ingest(tmp_path, what, request, suffix)
    assert counts(files.movie) == (request.frames, request.samples)
    due = frame_to_sample(flash_frame(files.movie), request.frame_rate)
    for channel in (0, 1):
        assert abs(pop_sample(files.movie, float(stretch), channel) - due) <= 1


@pytest.mark.parametrize(("fps", "flash"), [(Fraction(25, 2), 12), (Fraction(30), 21), (Fraction(50), 34)])
def test_a_distant_rate_keeps_time_to_half_a_frame(tmp_path, fps, flash):
    request = a_shot(24)
    files = ingest(tmp_path, Foreign(fps=fps, frames=int(fps * 3), flash=flash, **SMALL), request)
    shown = frame_to_sample(flash_frame(files.movie), request.frame_rate)
    assert abs(pop_sample(files.movie) - shown) <= 1000
    assert abs(pop_sample(files.movie) - round(flash / fps * 48000)) <= 1


def test_a_missing_tail_is_mirrored_and_never_silent(tmp_path):
    files = ingest(tmp_path, Foreign(frames=41, **SMALL), a_shot())
    facts = files.facts["ingest"]
    assert facts["mirrored_frames"] == 8
    with av.open(str(files.movie)) as container:
        shades = [frame.to_ndarray(format="gray8").mean() for frame in container.decode(video=0)]
    assert np.allclose(shades[41:], shades[40:32:-1], atol=1)
    with av.open(str(files.movie)) as container:
        sound = np.concatenate([f.to_ndarray().reshape(-1, 2) for f in container.decode(audio=0)])
    tail = np.abs(sound[-12000:].astype(np.int64)).reshape(-1, 500, 2).max(axis=(1, 2))
    assert (tail > 0).all()


def test_the_original_bytes_are_kept(tmp_path):
    files = ingest(tmp_path, Foreign(**SMALL), a_shot())
    again = write_foreign(tmp_path / "again.mp4", Foreign(**SMALL))
    assert files.original.read_bytes() == again.read_bytes()


def test_the_same_file_gives_the_same_bytes(tmp_path):
    request = a_shot(NTSC)
    first = ingest(tmp_path, Foreign(**SMALL), request)
    (tmp_path / "twice").mkdir()
    again = ingest_movie(first.original, request, tmp_path / "twice")
    assert first.movie.read_bytes() == again.movie.read_bytes()


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (Foreign(audio="", **SMALL), "completed_without_audio"),
        (Foreign(level=0.0, **SMALL), "completed_without_audio"),
        (Foreign(frames=30, **SMALL), "too_short"),
        (Foreign(sound_s=1.0, **SMALL), "too_short"),
    ],
)
def test_what_is_no_take_is_refused_by_name(tmp_path, what, code):
    with pytest.raises(MediaError) as caught:
        ingest(tmp_path, what, a_shot())
    assert caught.value.code == code
    assert not list((tmp_path / "out").iterdir())


def test_silence_that_was_asked_for_is_a_take(tmp_path):
    request = a_shot()
    request = request.model_copy(update={"brief": request.brief.model_copy(update={"sound": False})})
    files = ingest(tmp_path, Foreign(audio="", **SMALL), request)
    with av.open(str(files.movie)) as container:
        assert not container.streams.audio


def test_a_file_cut_anywhere_is_an_error_or_exact(tmp_path):
    source = write_foreign(tmp_path / "source.mkv", Foreign(**SMALL))
    whole, request = source.read_bytes(), a_shot()
    for number in range(12):
        part = tmp_path / f"part{number}.mkv"
        part.write_bytes(whole[: len(whole) * (number + 1) // 13])
        out = tmp_path / f"out{number}"
        out.mkdir()
        try:
            files = ingest_movie(part, request, out)
        except MediaError:
            continue
        assert counts(files.movie) == (request.frames, request.samples)
