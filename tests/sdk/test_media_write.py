"""Movies are exact: frames, times, samples, colours, bytes."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from twopop.errors import MediaError
from twopop.media.write import write_movie
from twopop.timebase import frame_to_sample

PATCHES = [
    (255, 255, 255),
    (191, 191, 0),
    (0, 191, 191),
    (0, 191, 0),
    (191, 0, 191),
    (191, 0, 0),
    (0, 0, 191),
    (0, 0, 0),
]
RATES = [
    Fraction(24000, 1001),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(60000, 1001),
    Fraction(60),
    Fraction(1250, 53),
]


def patches(width: int, height: int) -> np.ndarray:
    rgb = np.zeros((height, width, 3), np.uint8)
    for index, colour in enumerate(PATCHES):
        rgb[:, index * width // 8 : (index + 1) * width // 8] = colour
    return rgb


def ramp(samples: int) -> np.ndarray:
    return (np.arange(samples * 2, dtype=np.int32).reshape(-1, 2) * 613) % (1 << 24) - (1 << 23)


def decoded(path: Path) -> tuple[list[av.VideoFrame], np.ndarray]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        container.seek(0)
        sound = [frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)]
    return frames, np.concatenate(sound) >> 8


@pytest.mark.parametrize("frame_rate", RATES, ids=str)
def test_frames_times_and_samples_are_exact(tmp_path: Path, frame_rate: Fraction) -> None:
    picture, samples = patches(320, 180), frame_to_sample(7, frame_rate)
    sound = ramp(samples)
    path = tmp_path / "a.mov"
    written = write_movie(path, [picture] * 7, size=(320, 180), frame_rate=frame_rate, sound=[sound[:5], sound[5:]])
    frames, back = decoded(path)
    assert (written.frames, written.samples, written.codec) == (7, samples, "dnxhr")
    assert [frame.pts * frame.time_base * frame_rate for frame in frames] == list(range(7))
    assert np.array_equal(back, sound)


@pytest.mark.parametrize("codec", ["dnxhr", "prores", "h264"])
@pytest.mark.parametrize("size", [(320, 180), (258, 122), (854, 480)], ids=str)
def test_same_input_same_bytes_and_rec709_colours(tmp_path: Path, codec: str, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    files = [tmp_path / "a.mov", tmp_path / "b.mov"]
    for path in files:
        write_movie(path, [patches(*size), noise], size=size, frame_rate=Fraction(24), codec=codec)
    assert files[0].read_bytes() == files[1].read_bytes()
    with av.open(str(files[0])) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_range) == (1, 1)
    rgb = frame.reformat(format="rgb24", src_colorspace=1, src_color_range=1, dst_color_range=2).to_ndarray()
    seen = [rgb[size[1] // 2, index * size[0] // 8 + size[0] // 16] for index in range(8)]
    assert np.abs(np.array(seen, int) - np.array(PATCHES)).max() <= 4


@pytest.mark.parametrize(("codec", "scale"), [("dnxhr", 1), ("prores", 4), ("h264", 1)])
def test_planar_frames_reach_the_encoder_untouched(tmp_path: Path, codec: str, scale: int) -> None:
    planes = tuple(
        np.full(shape, value, np.uint8) for shape, value in [((144, 256), 81), ((144, 128), 90), ((144, 128), 240)]
    )
    write_movie(tmp_path / "a.mov", [planes], size=(256, 144), frame_rate=Fraction(25), codec=codec)
    with av.open(str(tmp_path / "a.mov")) as container:
        back = next(container.decode(video=0))
    for plane, value in zip(back.planes, (81, 90, 240), strict=True):
        assert (
            np.abs(np.frombuffer(plane, "<u2" if scale == 4 else np.uint8).astype(int) - value * scale).max() <= scale
        )


@pytest.mark.parametrize("size", [(256, 120), (642, 362), (1920, 1080)])
def test_the_hardest_pictures_can_be_coded(tmp_path: Path, size: tuple[int, int]) -> None:
    """Every pixel black or white by chance: nothing asks for a coarser quantizer."""
    chance = np.random.default_rng(0)
    planes = [
        tuple(
            chance.integers(0, 2, (size[1], width), np.uint8) * 255 for width in (size[0], size[0] // 2, size[0] // 2)
        )
        for _ in range(3)
    ]
    assert write_movie(tmp_path / "a.mov", planes, size=size, frame_rate=Fraction(24)).frames == 3


def test_reused_arrays_are_copied_at_once(tmp_path: Path) -> None:
    def frames() -> Iterator[np.ndarray]:
        work = np.zeros((144, 256, 3), np.uint8)
        for level in (0, 255, 0, 255):
            work[:] = level
            yield work

    write_movie(tmp_path / "a.mov", frames(), size=(256, 144), frame_rate=Fraction(25))
    with av.open(str(tmp_path / "a.mov")) as container:
        levels = [int(np.frombuffer(frame.planes[0], np.uint8)[0]) for frame in container.decode(video=0)]
    assert levels == pytest.approx([16, 235, 16, 235], abs=1)


def test_pictures_too_small_for_dnxhr_say_so(tmp_path: Path) -> None:
    written = write_movie(tmp_path / "a.mov", [patches(64, 64)], size=(64, 64), frame_rate=Fraction(24))
    assert written.codec == "prores"
    assert "256x120" in written.notes[0]


def test_the_picture_does_not_wait_for_its_sound_at_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def frames() -> Iterator[np.ndarray]:
        for _ in range(30):
            asked.append("picture")
            yield patches(320, 180)

    def sound() -> Iterator[np.ndarray]:
        asked.append("sound")
        yield ramp(60_000)

    write_movie(tmp_path / "a.mov", frames(), size=(320, 180), frame_rate=Fraction(24), sound=sound())
    assert asked.index("sound") == 25
    back, samples = decoded(tmp_path / "a.mov")
    assert (len(back), len(samples)) == (30, 60_000)


@pytest.mark.parametrize(("samples", "word"), [(1999, "1999"), (2001, "more")])
def test_sound_that_does_not_end_with_the_picture_is_refused(tmp_path: Path, samples: int, word: str) -> None:
    path = tmp_path / "a.mov"
    with pytest.raises(MediaError, match=f"2000 samples.*{word}"):
        write_movie(path, [patches(256, 144)], size=(256, 144), frame_rate=Fraction(24), sound=[ramp(samples)])
    assert not path.exists()


@pytest.mark.parametrize("size", [(321, 180), (14, 64)], ids=str)
def test_illegal_sizes_name_the_nearest(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(MediaError, match="Nearest"):
        write_movie(tmp_path / "a.mov", [patches(*size)], size=size, frame_rate=Fraction(24))


def test_a_failing_source_leaves_no_file(tmp_path: Path) -> None:
    def frames() -> Iterator[np.ndarray]:
        yield patches(256, 144)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_movie(tmp_path / "a.mov", frames(), size=(256, 144), frame_rate=Fraction(24))
    assert not list(tmp_path.iterdir())


def test_a_wrong_shape_and_an_empty_movie_are_refused(tmp_path: Path) -> None:
    for frames in ([patches(256, 146)], []):
        with pytest.raises(MediaError, match=r"\(height, width, 3\)|no frames"):
            write_movie(tmp_path / "a.mov", frames, size=(256, 144), frame_rate=Fraction(24))


@pytest.mark.parametrize("codec", ["dnxhr", "prores", "h264"])
def test_none_shows_the_last_picture_longer(tmp_path: Path, codec: str) -> None:
    """As if it were given again: the same frames at the same times; where pictures stand alone, the same bytes."""
    noise = np.random.default_rng(0)
    pictures = [noise.integers(0, 256, (144, 256, 3), np.uint8) for _ in range(9)]
    shown = (0, 1, 1, 1, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8)
    held = [pictures[k] if before != k else None for before, k in zip((-1, *shown), shown, strict=False)]
    for name, frames in (("held", held), ("given", [pictures[k] for k in shown])):
        write_movie(tmp_path / f"{name}.mov", frames, size=(256, 144), frame_rate=Fraction(30000, 1001), codec=codec)
    assert (tmp_path / "held.mov").read_bytes() == (tmp_path / "given.mov").read_bytes()
    with av.open(str(tmp_path / "held.mov")) as container:
        assert [frame.pts for frame in container.decode(video=0)] == [1001 * k for k in range(len(shown))]


def test_the_first_picture_cannot_be_the_last_one_again(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="first frame is None"):
        write_movie(tmp_path / "a.mov", [None], size=(256, 144), frame_rate=Fraction(25))
    assert not (tmp_path / "a.mov").exists()
