"""Stamped takes say who they are; strangers' files are opened under guard; damage is noticed."""

import os
import wave
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from twopop.errors import MediaError
from twopop.media.decode import decode_frames, decode_sound
from twopop.media.loudness import measure_loudness
from twopop.media.probe import check_counts, probe
from twopop.media.stamp import Stamp, stamp_movie, stamp_wav, tag_of
from twopop.media.wav import read_wav, write_wav
from twopop.media.write import write_movie
from twopop.timebase import format_timecode, frame_to_sample

FRAMES = 10


def sine(samples: int, hertz: float = 997, level: float = 0.1) -> np.ndarray:
    wave_form = level * np.sin(2 * np.pi * hertz * np.arange(samples) / 48_000) * (1 << 23)
    return np.repeat(wave_form.astype(np.int32)[:, None], 2, axis=1)


def movie(path: Path, frame_rate: Fraction, codec: str = "dnxhr", frames: int = FRAMES) -> Path:
    pictures = (np.full((144, 256, 3), 20 + index * 20, np.uint8) for index in range(frames))
    sound = [sine(frame_to_sample(frames, frame_rate))]
    write_movie(path, pictures, size=(256, 144), frame_rate=frame_rate, sound=sound, codec=codec)
    return path


def stamp(frame_rate: Fraction, frame: int = 86_412, *, drop: bool = False) -> Stamp:
    return Stamp("kitchen_SH010_t001", "kitchen_SH010", 1, "ab" * 32, frame_rate, frame, drop)


RATES = [
    (Fraction(24000, 1001), False),
    (Fraction(25), False),
    (Fraction(30000, 1001), True),
    (Fraction(30000, 1001), False),
    (Fraction(50), False),
    (Fraction(60000, 1001), True),
    (Fraction(60), False),
    (Fraction(23), False),
]


@pytest.mark.parametrize(("frame_rate", "drop"), RATES, ids=str)
@pytest.mark.parametrize("codec", ["dnxhr", "h264"])
def test_a_stamped_movie_says_who_and_when_it_is(tmp_path: Path, frame_rate: Fraction, drop: bool, codec: str) -> None:
    source, target, mark = (
        movie(tmp_path / "a.mov", frame_rate, codec),
        tmp_path / "b.mov",
        stamp(frame_rate, drop=drop),
    )
    stamp_movie(source, target, mark)
    facts = check_counts(target, frames=FRAMES, samples=frame_to_sample(FRAMES, frame_rate))
    assert (facts.frame_rate, facts.timecode_frames, facts.drop_frame) == (frame_rate, 86_412, drop)
    assert (facts.reel, facts.tag) == (mark.take, tag_of(mark))
    assert facts.source_type.endswith("/trainedAlgorithmicMedia")
    assert "enerated" in facts.comment
    assert facts.even
    assert facts.rec709
    with av.open(str(target)) as container:  # the tmcd track itself, not only the text beside it
        assert container.streams.data[0].metadata["timecode"] == mark.timecode
        assert container.streams.data[0].metadata["reel_name"] == mark.take


def test_stamping_changes_no_frame_no_sample_and_repeats(tmp_path: Path) -> None:
    frame_rate = Fraction(24000, 1001)
    source = movie(tmp_path / "a.mov", frame_rate)
    for name in ("b.mov", "c.mov"):
        stamp_movie(source, tmp_path / name, stamp(frame_rate))
    assert (tmp_path / "b.mov").read_bytes() == (tmp_path / "c.mov").read_bytes()
    before, after = (list(decode_frames(path)) for path in (source, tmp_path / "b.mov"))
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    sounds = [np.concatenate(list(decode_sound(path))) for path in (source, tmp_path / "b.mov")]
    assert np.array_equal(sounds[0], sounds[1])


@pytest.mark.parametrize(("frame_rate", "drop"), RATES, ids=str)
def test_movie_and_stem_agree_on_the_time_of_day(tmp_path: Path, frame_rate: Fraction, drop: bool) -> None:
    mark = stamp(frame_rate, drop=drop)
    write_wav(tmp_path / "a.wav", [sine(4_800)])
    stamp_wav(tmp_path / "a.wav", tmp_path / "b.wav", mark, role="DX")
    facts = probe(tmp_path / "b.wav")
    assert facts.time_reference == frame_to_sample(86_412, frame_rate)
    assert (facts.timecode, facts.reel, facts.tag) == (mark.timecode, mark.take, tag_of(mark))
    assert facts.timecode == format_timecode(86_412, frame_rate, drop_frame=drop)
    assert np.array_equal(read_wav(tmp_path / "b.wav"), sine(4_800))


def test_timecode_starts_again_at_midnight() -> None:
    day = 24 * 86_400
    assert stamp(Fraction(24), day + 48).time_reference == 2 * 48_000
    drop_day = 24 * 6 * 17_982
    assert stamp(Fraction(30000, 1001), drop_day, drop=True).time_reference == 0


def test_a_part_of_a_movie_starts_on_the_asked_frame(tmp_path: Path) -> None:
    for codec in ("dnxhr", "h264"):
        path = movie(tmp_path / f"{codec}.mov", Fraction(25), codec, frames=12)
        levels = [int(frame.mean()) for frame in decode_frames(path, start=5, frames=3)]
        assert levels == pytest.approx([120, 140, 160], abs=3)
        planes = next(decode_frames(path, start=2, pixel_format="yuv422p", size=(64, 36)))
        assert [plane.shape for plane in planes] == [(36, 64), (36, 32), (36, 32)]


def test_sound_of_other_rates_and_widths_is_made_ours(tmp_path: Path) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100) * 0.5
    soundfile.write(tmp_path / "mono.wav", tone, 44_100, subtype="FLOAT")
    sound = np.concatenate(list(decode_sound(tmp_path / "mono.wav")))
    assert abs(len(sound) - 48_000) <= 1
    assert sound.dtype == np.int32
    assert np.array_equal(sound[:, 0], sound[:, 1])
    assert np.abs(sound).max() == pytest.approx(0.5 * (1 << 23), rel=0.01)
    part = np.concatenate(list(decode_sound(tmp_path / "mono.wav", start=10_000, samples=500)))
    assert len(part) == 500
    assert np.abs(part - sound[10_000:10_500]).max() <= 2


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([0.1, np.nan, 0.2]), 48_000, subtype="FLOAT")
    with pytest.raises(MediaError, match="not numbers"):
        list(decode_sound(tmp_path / "a.wav"))


def test_a_short_file_is_noticed(tmp_path: Path) -> None:
    path = movie(tmp_path / "a.mov", Fraction(25))
    with pytest.raises(MediaError, match=f"holds {FRAMES} frames, {FRAMES + 1} are due"):
        check_counts(path, frames=FRAMES + 1)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaError, match="damaged"):
        check_counts(path, frames=FRAMES)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mov")
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
    (tmp_path / "cat.mov").write_text("ffconcat version 1.0\nfile /etc/hostname\n")
    (tmp_path / "empty.mov").touch()
    for name in ("pipe.mov", "list.mp4", "cat.mov", "empty.mov", "absent.mov", "."):
        with pytest.raises(MediaError):
            probe(tmp_path / name)
    for url in ("http://127.0.0.1:9/a.mov", "tcp://127.0.0.1:9", "concat:/etc/hostname", "a\0b.mov"):
        with pytest.raises(MediaError):
            probe(Path(url))


def png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\x00\x00\x00\x00"
    rows = zlib.compressobj(9)
    data = rows.compress(bytes((width + 7) // 8 + 1) * height) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_stills_are_one_frame_and_huge_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(64, 48))
    (tmp_path / "bomb.png").write_bytes(png(20_000, 20_000))
    assert next(decode_frames(tmp_path / "a.png")).shape == (48, 64, 3)
    assert len(list(decode_frames(tmp_path / "a.png"))) == 1
    assert probe(tmp_path / "a.png").is_still
    (tmp_path / "large.png").write_bytes(png(8_100, 8_100))
    for name in ("bomb.png", "large.png"):
        with pytest.raises(MediaError, match=r"too large|at most 64 million"):
            probe(tmp_path / name)


def test_a_foreign_wav_without_our_chunks(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(4 * 100))
    facts = probe(tmp_path / "a.wav")
    assert (facts.samples, facts.tag, facts.timecode, facts.time_reference) == (100, None, "", None)


def test_loudness_of_known_sound() -> None:
    assert measure_loudness([sine(96_000)]) == pytest.approx((-20.0, -20.0), abs=0.1)
    assert measure_loudness([sine(48_000, level=0.01)] * 2) == pytest.approx((-40.0, -40.0), abs=0.1)
    assert measure_loudness([]) == (-70.0, -144.0)
    assert measure_loudness([sine(1_000)]).integrated > -40
