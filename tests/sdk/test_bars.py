"""The shipped fake is exact: flash and tone on the declared frames, to the frame and to the sample."""

import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from twopop.backends.bars import TONES, BarsBackend, BarsModel
from twopop.backends.bars_picture import BarsPicture
from twopop.backends.base import Backend, Job, JobState, Model, TakeFiles
from twopop.backends.inprocess import InProcessBackend
from twopop.errors import BackendError, CancelledError, RefusedError
from twopop.events import Decoding, Event
from twopop.media.decode import decode_frames, decode_sound
from twopop.media.probe import check_counts
from twopop.media.wav import FULL_SCALE, read_wav
from twopop.profiles import BARS, Profile
from twopop.registry import resolve
from twopop.request import GenerationRequest
from twopop.timebase import FrameRange, frame_to_sample
from twopop.wire import ROLES, Brief

RATES = [
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30), Fraction(48), Fraction(50),
    Fraction(60000, 1001), Fraction(60), Fraction(23), Fraction(1250, 53),
]  # fmt: skip


def request(frame_rate: Fraction = Fraction(24), **changes: Any) -> GenerationRequest:
    values: dict[str, Any] = {
        "name": "kitchen_SH010",
        "shots": ("kitchen_SH010",),
        "brief": Brief(prompt="wide of a busy restaurant kitchen"),
        "match_key": "ab" * 32,
        "model": "bars",
        "weights": "none",
        "recipe": "1",
        "width": 256,
        "height": 144,
        "frame_rate": frame_rate,
        "generated": FrameRange(-12, 60),
        "used": FrameRange(0, 36),
        "timecode_offset_frames": 86_400,
        "seed": 1,
    }
    return GenerationRequest(**{**values, **changes})


def make(asked: GenerationRequest, folder: Path, media: Any = "dnxhr") -> TakeFiles:
    folder.mkdir(exist_ok=True)
    return BarsModel(media).generate(asked, folder, lambda _: None, threading.Event())


def onsets(sound: np.ndarray) -> list[int]:
    """First samples of every burst after at least 100 silent ones."""
    loud = np.flatnonzero(sound[:, 0])
    return [int(at) for index, at in enumerate(loud) if index == 0 or at - loud[index - 1] > 100]


def flashes(path: Path) -> list[int]:
    return [index for index, frame in enumerate(decode_frames(path)) if frame.min() > 250]


@pytest.mark.parametrize("frame_rate", RATES, ids=str)
def test_every_pop_sits_on_its_flash(tmp_path: Path, frame_rate: Fraction) -> None:
    asked = request(frame_rate)
    made = make(asked, tmp_path / "take")
    step = round(frame_rate)
    assert made.events == tuple(range(12, 60, step))
    assert made.movie is not None
    check_counts(made.movie, frames=60, samples=asked.samples)
    assert flashes(made.movie) == list(made.events)
    due = [frame_to_sample(frame, frame_rate) for frame in made.events]
    for role, path in made.stems.items():
        sound = read_wav(path)
        assert sound.shape == (asked.samples, 2)
        assert onsets(sound) == due, role
        ends = [frame_to_sample(frame + 1, frame_rate) for frame in made.events]
        assert not any(sound[end : end + 50].any() for end in ends)


def test_tones_have_their_pitch_and_start_at_full_level(tmp_path: Path) -> None:
    made = make(request(Fraction(25)), tmp_path / "take")
    for role, (hertz, level) in TONES.items():
        burst = read_wav(made.stems[role])[12 * 1920 : 13 * 1920, 0]
        assert 20 * np.log10(burst[0] / FULL_SCALE) == pytest.approx(level, abs=1e-4)
        spectrum = np.abs(np.fft.rfft(burst))
        assert np.argmax(spectrum) * 25 == hertz


def test_the_mix_is_the_sum_of_the_stems(tmp_path: Path) -> None:
    made = make(request(Fraction(30000, 1001)), tmp_path / "take")
    assert made.movie is not None
    mix = np.concatenate(list(decode_sound(made.movie)))
    assert np.array_equal(mix, sum(read_wav(path) for path in made.stems.values()))
    assert np.abs(mix).max() < FULL_SCALE


def test_the_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    made = [make(request(), tmp_path / name) for name in ("a", "b")]
    for role in ROLES:
        assert made[0].stems[role].read_bytes() == made[1].stems[role].read_bytes()
    assert made[0].movie.read_bytes() == made[1].movie.read_bytes()


def test_a_silent_shot_has_silent_stems(tmp_path: Path) -> None:
    made = make(request(brief=Brief(prompt="a wall", sound=False)), tmp_path / "take")
    assert all(not read_wav(path).any() for path in made.stems.values())
    assert flashes(made.movie) == list(made.events)


def test_an_extended_bed_is_the_same_where_both_exist(tmp_path: Path) -> None:
    def bed(frames: int, folder: str) -> np.ndarray:
        made = make(
            request(Fraction(24000, 1001), kind="bed", role="ambience", generated=FrameRange(0, frames)),
            tmp_path / folder,
        )
        assert made.movie is None
        assert list(made.stems) == ["ambience"]
        return read_wav(made.stems["ambience"])

    short, long = bed(100, "a"), bed(220, "b")
    assert np.array_equal(long[: len(short)], short)
    assert onsets(long) == [frame_to_sample(frame, Fraction(24000, 1001)) for frame in range(0, 220, 24)]


@pytest.mark.parametrize("size", [(64, 64), (128, 72), (320, 180), (480, 270), (1080, 1920), (3840, 2160)], ids=str)
def test_the_slate_counts_at_every_size(size: tuple[int, int]) -> None:
    picture = BarsPicture(request(width=size[0], height=size[1]))
    frames = [picture.frame(index)[0].copy() for index in (0, 1, 40)]
    assert [plane.shape for plane in picture.frame(0)] == [(size[1], size[0])] + [(size[1], size[0] // 2)] * 2
    assert all(frame.max() >= 200 for frame in frames)
    changed = np.argwhere(frames[0] != frames[1])
    assert len(changed) > 4
    assert np.array_equal(picture.frame(0)[0], frames[0])  # going back leaves nothing behind
    assert picture.flash()[0].min() == 235


def test_flat_bars_have_their_rec709_levels() -> None:
    luma, blue, red = BarsPicture(request(width=1280, height=720)).frame(0)
    seen = [(int(luma[5, x]), int(blue[5, x // 2]), int(red[5, x // 2])) for x in range(90, 1280, 183)]
    known = [
        (180, 128, 128),
        (168, 44, 136),
        (145, 147, 44),
        (133, 63, 52),
        (63, 193, 204),
        (51, 109, 212),
        (28, 212, 120),
    ]
    assert np.abs(np.array(seen) - np.array(known)).max() <= 1


def test_small_pictures_use_another_codec_and_say_so(tmp_path: Path) -> None:
    made = make(request(width=64, height=64), tmp_path / "take")
    assert made.facts["codec"] == "prores"
    assert "256x120" in made.facts["notes"][0]
    assert flashes(made.movie) == list(made.events)


@pytest.mark.parametrize("media", ["prores", "h264"])
def test_media_on_request(tmp_path: Path, media: str) -> None:
    made = make(request(), tmp_path / "take", media)
    with av.open(str(made.movie)) as container:
        assert container.streams.video[0].codec_context.name == media
    assert flashes(made.movie) == list(made.events)


def wait(backend: Backend, job: Job) -> tuple[JobState, list[Event]]:
    events: list[Event] = []
    for _ in range(600):
        state = backend.poll(job)
        events += state.events
        if state.status not in ("queued", "running"):
            return state, events
        threading.Event().wait(0.02)
    raise AssertionError("the job never ended")


def test_the_backend_makes_and_hands_over_a_take(tmp_path: Path) -> None:
    backend, asked = resolve("backends", "bars")(), request()
    assert isinstance(backend, Backend)
    job = backend.submit(asked, key="a")
    assert backend.submit(asked, key="a") == job
    state, events = wait(backend, job)
    assert state.status == "done"
    assert any(isinstance(event, Decoding) and event.shots == asked.shots for event in events)
    for name in ("first", "again"):
        (tmp_path / name).mkdir()
        files = backend.fetch(job, asked, tmp_path / name)
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == [
            "take.BG.wav", "take.DX.wav", "take.FX.wav", "take.MX.wav", "take.mov",
        ]  # fmt: skip
        assert files.movie.parent == tmp_path / name
    assert backend.submit(asked, key="a") != job
    backend.close()


def test_closing_leaves_nothing_behind() -> None:
    backend = BarsBackend()
    wait(backend, job := backend.submit(request(), key="a"))
    root = Path(backend._root.name)
    assert list(root.iterdir())
    backend.close()
    assert not root.exists()
    assert backend.poll(job).status == "lost"


class Stubborn:
    """A model that does what a test says; no part of the package."""

    def __init__(self, action: Callable[[Any], None]) -> None:
        self._action = action

    @property
    def profile(self) -> Profile:
        return BARS

    def generate(self, request: Any, out_dir: Path, emit: Any, cancel: Any) -> TakeFiles:
        (out_dir / "half.mov").write_bytes(b"half")
        self._action(cancel)
        raise AssertionError("unreachable")


def failing(error: Exception) -> Callable[[Any], None]:
    def action(cancel: Any) -> None:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RefusedError("no"), "refused", "refused"),
        (BackendError("bad", code="bad_request"), "failed", "bad_request"),
        (ValueError("a fault"), "failed", "model_error"),
        (CancelledError(), "cancelled", "cancelled"),
    ],
    ids=lambda value: getattr(value, "code", str(value)),
)
def test_every_way_out_of_a_model_is_a_status(tmp_path: Path, error: Exception, status: str, code: str) -> None:
    model = Stubborn(failing(error))
    assert isinstance(model, Model)
    backend = InProcessBackend(model)
    state, _ = wait(backend, job := backend.submit(request(), key="a"))
    assert (state.status, state.code) == (status, code)
    assert str(error) in state.message
    with pytest.raises(BackendError, match="nothing to fetch"):
        backend.fetch(job, request(), tmp_path)
    assert not list(Path(backend._root.name).iterdir())
    assert backend.submit(request(), key="a") != job  # a failed key may be tried again
    backend.close()


def test_cancel_stops_a_running_job_and_an_unknown_one_is_no_error() -> None:
    backend = BarsBackend()
    job = backend.submit(request(width=1280, height=720, generated=FrameRange(0, 5_000)), key="a")
    while backend.poll(job).status == "queued":
        threading.Event().wait(0.01)
    backend.cancel(job)
    backend.cancel(Job("unknown"))
    assert wait(backend, job)[0].status == "cancelled"
    backend.close()
