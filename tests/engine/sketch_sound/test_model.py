"""The whole model on the shipped weights: request in, take out."""

import hashlib
import threading
from fractions import Fraction

import av
import numpy as np
import pytest

from twopop.backends.base import Model
from twopop.errors import BackendError, CancelledError
from twopop.events import Decoding, Denoising, Loading
from twopop.media.wav import read_wav
from twopop.timebase import FrameRange
from twopop.wire import ROLES, Brief, Cue, Line
from twopop_engine.models.sketch.latents import read_latents
from twopop_engine.models.sketch.model import WEIGHTS, SketchModel, weights_hash
from twopop_engine.models.sketch.stems import FULL_SCALE

SHORT = Brief(prompt="a woman in a kitchen", lines=(Line(speaker="MARA", text="Ten minutes.", at_frames=0),))


@pytest.fixture(scope="module")
def model():
    return SketchModel()


@pytest.fixture
def take(model, make_request, tmp_path):
    def make(brief=SHORT, frames=60, folder="take", **changes):
        out_dir = tmp_path / folder
        out_dir.mkdir()
        changes = {"width": 64, "height": 64, **changes}
        return model.generate(make_request(brief, frames, **changes), out_dir, lambda event: None, threading.Event())

    return make


def digests(files):
    paths = [files.movie, *files.stems.values(), files.latents]
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path]


def test_it_is_a_model_and_its_profile_names_its_weights(model):
    assert isinstance(model, Model)
    assert model.profile.name == "sketch"
    assert model.profile.weights == weights_hash(WEIGHTS)


@pytest.mark.parametrize("rate", [Fraction(24_000, 1_001), Fraction(25), Fraction(120)])
def test_picture_and_stems_are_exact_at_any_rate(take, rate):
    frames = int(2 * rate)
    generated = FrameRange(0, frames)
    files = take(frames=frames, frame_rate=rate, generated=generated, used=generated)
    samples = -(-frames * 48_000 * rate.denominator // rate.numerator)
    assert set(files.stems) == set(ROLES)
    assert {len(read_wav(path)) for path in files.stems.values()} == {samples}
    with av.open(str(files.movie)) as movie:
        assert sum(1 for _ in movie.decode(video=0)) == frames


def test_the_same_request_is_the_same_bytes_and_another_seed_is_not(take):
    first = digests(take())
    assert first == digests(take(folder="again"))
    assert first[0] != digests(take(folder="other", seed=8))[0]


def test_the_mix_in_the_movie_is_the_sum_of_the_stems(take, kitchen):
    files = take(kitchen, 108)
    stems = {role: read_wav(path) for role, path in files.stems.items()}
    with av.open(str(files.movie)) as movie:
        mix = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in movie.decode(audio=0)])
    assert np.array_equal(mix >> 8, sum(stem.astype(np.int64) for stem in stems.values()))
    assert np.abs(mix >> 8).max() < FULL_SCALE
    assert all(np.abs(stem).max() > 1_000 for stem in stems.values())


def test_dialogue_is_heard_where_the_line_is_and_nowhere_else(take):
    dialogue = read_wav(take().stems["dialogue"])[:, 0].astype(float)
    loud = np.sqrt((dialogue[: len(dialogue) // 4_800 * 4_800].reshape(-1, 4_800) ** 2).mean(axis=1))
    assert loud[:3].max() < 0.02 * loud.max()
    assert loud[5:12].max() == loud.max()


def test_silence_is_made_only_when_it_is_asked_for(take):
    files = take(SHORT.model_copy(update={"sound": False}))
    assert all(not read_wav(path).any() for path in files.stems.values())
    assert read_wav(take(folder="sounding").stems["dialogue"]).any()


def test_the_slate_says_what_was_understood_and_guessed(take, kitchen):
    facts = take(kitchen, 108).facts
    assert facts["understood"]["music"] == "brushed, upright, bpm"
    assert facts["voices"]["MARA"]["understood"] == ["warm", "alto", "40s"]
    assert facts["codec"] == "prores"


def test_tokens_are_kept_for_retakes(take):
    tokens = read_latents(take().latents)
    assert tokens["DX"].shape[1] == 90
    assert len(tokens["DX"]) == 2 * len(tokens["CA"])


def test_it_says_what_it_is_doing(model, make_request, tmp_path):
    heard = []
    model.generate(make_request(SHORT, 60, width=64, height=64), tmp_path, heard.append, threading.Event())
    kinds = [type(event) for event in heard]
    assert kinds[0] is Loading
    assert Denoising in kinds
    assert Decoding in kinds
    assert heard[-1].shots == ("SH010",)


def test_a_cancelled_take_stops_within_a_step_and_leaves_nothing(model, make_request, tmp_path):
    cancel = threading.Event()

    def emit(event):
        if isinstance(event, Denoising):
            cancel.set()

    with pytest.raises(CancelledError):
        model.generate(make_request(SHORT, 60, width=64, height=64), tmp_path, emit, cancel)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("role", "words"), [("ambience", "busy restaurant kitchen"), ("music", "tender piano, 70 bpm")]
)
def test_a_bed_is_one_stem_and_extends_without_a_changed_sample(take, role, words):
    def bed(frames, folder):
        generated = FrameRange(0, frames)
        brief = Brief(prompt=words)
        files = take(brief, frames, folder, kind="bed", role=role, generated=generated, used=generated)
        assert files.movie is None
        assert list(files.stems) == [role]
        return read_wav(files.stems[role])

    short, long = bed(72, "short"), bed(120, "long")
    assert len(short) == 144_000
    assert np.array_equal(short[96:-96], long[96 : len(short) - 96])
    assert short.any()


def test_missing_and_altered_weights_name_the_command(make_request, tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / "take").mkdir()
    with pytest.raises(BackendError, match=r"denoise.onnx is missing. Run: pip install") as caught:
        SketchModel(weights=tmp_path / "weights").generate(
            make_request(SHORT), tmp_path / "take", lambda event: None, threading.Event()
        )
    assert caught.value.code == "weights_missing"


def test_a_request_that_cannot_be_made_touches_nothing(model, make_request, tmp_path):
    request = make_request(Brief(lines=(Line(speaker="A", text="你好", at_frames=0),)))
    with pytest.raises(BackendError, match="English only"):
        model.generate(request, tmp_path, lambda event: None, threading.Event())
    assert list(tmp_path.iterdir()) == []


def test_a_cue_is_heard_within_a_frame_of_its_time(take):
    cue = Cue(role="effects", text="thunder", at_frames=12)
    effects = read_wav(take(Brief(prompt="an empty street", cues=(cue,))).stems["effects"])
    first = np.flatnonzero(np.abs(effects).max(axis=1) > 200)[0]
    assert first == pytest.approx(24 * 2_000, abs=2_000)
