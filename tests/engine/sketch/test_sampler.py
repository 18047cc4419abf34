"""The shipped weights through the shipped runtime: no torch, no stand-ins."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="pip install 'twopop[sketch]'")

import itertools

from twopop_engine.models.sketch import layout
from twopop_engine.models.sketch.agreement import agreement
from twopop_engine.models.sketch.durations import predict_durations
from twopop_engine.models.sketch.phones import timed_phones, untimed_phones
from twopop_engine.models.sketch.sampler import Sampler, Schedule, _noise
from twopop_engine.models.sketch.score import Blocking, Line, Prop, Score, token_span
from twopop_engine.models.sketch.windowing import Frozen, windows_around

QUICK = Schedule(steps=3, takes=1)
SECONDS = 2.0


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    return Sampler()


@pytest.fixture(scope="module")
def score() -> Score:
    phones = untimed_phones("mˈɑm, bɹˈɪŋ ðə pˈæn.")
    line = Line(0, timed_phones(phones, predict_durations(phones), 0.1))
    return Score(
        lines=(line,),
        characters=(Blocking(from_x=-0.5), Blocking(from_x=0.5, to_x=1.5, may_walk=True)),
        props=(Prop("pan", -0.2, 0.9, 0), None),
        sounds=frozenset({"pan", "step.wood"}),
        place="kitchen",
    )


@pytest.fixture(scope="module")
def take(sampler: Sampler, score: Score):
    return sampler.sample(score, SECONDS, seed=1, schedule=QUICK)


def test_one_pass_gives_every_trained_group(sampler, take):
    assert {"DX", "FX", "BG", "CA", "CB", "STAGE"} <= {group.name for group in sampler.groups}
    for group in sampler.groups:
        assert take[group.name].shape == (group.tokens(SECONDS), group.dims)
        assert np.isfinite(take[group.name]).all()


def test_the_same_seed_is_the_same_take_with_any_number_of_threads(score, take):
    again = Sampler(threads=2).sample(score, SECONDS, seed=1, schedule=QUICK)
    other = Sampler().sample(score, SECONDS, seed=2, schedule=QUICK)
    for name, tokens in take.items():
        np.testing.assert_allclose(again[name], tokens, atol=2e-3)
    assert np.abs(other["DX"] - take["DX"]).max() > 0.05


def test_frozen_tokens_come_back_to_the_bit(sampler, score, take):
    frozen = {n: Frozen(v, np.full(len(v), n != "FX")) for n, v in take.items()}
    retake = sampler.sample(score, SECONDS, seed=9, frozen=frozen, schedule=QUICK)
    for name in ("DX", "BG", "CA", "CB", "STAGE"):
        np.testing.assert_array_equal(retake[name], take[name])
    assert not np.array_equal(retake["FX"], take["FX"])


def test_noise_belongs_to_its_place_and_not_to_its_window():
    whole, part = _noise(7, layout.DX, (0, 60)), _noise(7, layout.DX, (40, 20))
    np.testing.assert_array_equal(whole[40:], part)
    assert abs(whole.std() - 1) < 0.03
    assert np.abs(np.corrcoef(whole[0], whole[1])[0, 1]) < 0.4


def test_a_long_scene_is_made_of_windows_that_continue(sampler, score):
    still = replace(score, characters=(Blocking(from_x=-0.5, to_x=-0.5), Blocking(from_x=0.5, to_x=0.5)))
    seen = []
    scene = sampler.sample_scene(still, 6.0, seed=3, schedule=QUICK, progress=lambda done, of: seen.append((done, of)))
    for group in sampler.groups:
        first, last = (token_span(still, group, at, 0.0)[0] for at in (0.0, 6.0))
        assert len(scene[group.name]) == last - first
    assert seen == [(k + 1, 9) for k in range(9)]
    first = sampler.sample(still, 2.6, seed=3, schedule=QUICK)
    sure = layout.DX.tokens(2.4)  # the end of a window is sampled again with what comes after it
    np.testing.assert_array_equal(scene["DX"][:sure], first["DX"][:sure])


def test_a_window_is_taken_again_until_picture_and_sound_agree(sampler, score):
    acted = replace(
        score,
        characters=(Blocking(from_x=-0.9, to_x=0.2, may_walk=True), Blocking(from_x=0.9, to_x=0.9)),
        props=(Prop("knife", 1.2, 0.9, handler=1), None),
        sounds=frozenset({"step.wood", "wood"}),
    )
    everything = {group.name: np.ones(group.tokens(3.2) if group.rate_hz else 1, bool) for group in sampler.groups}
    shares, stepped = [], []
    for takes in (1, 4):
        schedule = Schedule(steps=4, takes=takes)
        made = sampler.sample(acted, 3.2, seed=2, schedule=schedule, progress=lambda *at: stepped.append(at))
        shares.append(agreement(made, acted, 0.0, everything).share)
    assert shares[0] < shares[1]
    assert stepped[:4] == stepped[4:8] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert set(stepped[8:]) == {(4, 4)}


def test_what_was_given_is_no_reason_to_take_a_window_again(sampler, score, monkeypatch):
    drawn = []
    monkeypatch.setattr("twopop_engine.models.sketch.sampler._noise", lambda *at: drawn.append(at[-1]) or _noise(*at))
    steps = replace(score, characters=(Blocking(to_x=1.0, may_walk=True), Blocking()), sounds=frozenset({"step.wood"}))
    made = sampler.sample(steps, 3.2, seed=2, schedule=QUICK)
    made["FX"][:] = 0.0  # nobody is heard
    frozen = {name: Frozen(v, np.full(len(v), name in ("FX", "CA", "CB", "STAGE"))) for name, v in made.items()}
    drawn.clear()
    sampler.sample(steps, 3.2, seed=2, frozen=frozen, schedule=Schedule(steps=1, takes=3))
    assert set(drawn) == {0}


def test_cancelling_is_raising_in_progress(sampler, score):
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sampler.sample(score, SECONDS, seed=1, schedule=QUICK, progress=stop)


def test_lips_shut_on_the_consonants_that_need_it(sampler, score):
    take = sampler.sample(score, SECONDS, seed=4)
    mouth = take["CA"][:, layout.CA.columns("aperture.0", "aperture.1")].reshape(-1)
    times = (np.arange(len(mouth)) + 0.5) / 50
    shut, open_ = [], []
    for phone in score.lines[0].phones:
        inside = mouth[(times >= phone.start_s) & (times < phone.end_s)]
        if phone.symbol in "mbp" and len(inside):
            shut.append(inside.min())
        if phone.symbol in "ɑæ" and len(inside):
            open_.append(inside.max())
    assert len(shut) >= 3
    assert max(shut) < 0.1
    assert min(open_) > 0.4


def test_missing_weights_are_named_with_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"sketch needs encode\.onnx in .*reinstall twopop"):
        Sampler(tmp_path)


def test_frozen_tokens_of_another_length_are_refused(sampler, score):
    short = {"DX": Frozen(np.zeros((5, 90), np.float32), np.ones(5, bool))}
    with pytest.raises(ValueError, match=r"frozen DX is \(5, 90\), the window \(100, 90\)"):
        sampler.sample(score, SECONDS, seed=1, frozen=short)


def test_durations_are_speech_like_and_follow_the_rate():
    phones = untimed_phones("ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˌOvəɹ ðə lˈAzi dˈɔɡ.")
    usual, fast = predict_durations(phones), predict_durations(phones, rate=0.2)
    assert 1.8 < usual.sum() < 4.2
    np.testing.assert_allclose(fast.sum(), usual.sum() * np.exp(-0.2), rtol=0.02)


def test_what_is_kept_in_a_retake_is_the_same_with_any_window_and_any_threads(score, sampler):
    scene = sampler.sample_scene(score, 6.0, seed=3, schedule=QUICK)
    known = {name: np.ones(len(values), np.bool_) for name, values in scene.items()}
    known["FX"][40:100] = False
    known["CA"][30:90] = False
    made = [
        Sampler(threads=threads).regrow(score, scene, known, seed=8, window_s=window_s, schedule=QUICK)
        for threads, window_s in ((1, 3.2), (2, 3.2), (1, 2.4))
    ]
    for again in made:
        for name, values in scene.items():
            np.testing.assert_array_equal(again[name][known[name]], values[known[name]])
            assert np.isfinite(again[name]).all()
        assert np.abs(again["FX"] - scene["FX"]).max() > 0.01
    np.testing.assert_allclose(made[0]["CA"], made[1]["CA"], atol=5e-3)


@pytest.mark.parametrize(("first", "last"), [(0, 10), (60, 62), (140, 150), (0, 150), (20, 130)])
@pytest.mark.parametrize("window_s", [3.2, 4.8])
def test_windows_of_a_retake_cover_what_is_missing_and_stay_inside(sampler, first, last, window_s):
    known = {group.name: np.ones(group.tokens(6.0), np.bool_) for group in sampler.groups}
    known["CA"][first:last] = False
    windows = windows_around(Score(), sampler.groups, known, window_s)
    assert windows[0][0] <= first / 25
    assert windows[-1][0] + windows[-1][1] >= last / 25
    for start, length in windows:
        assert start >= 0
        assert start + length <= 6.0 + 1e-9
        assert window_s / 2 - 1e-9 <= length <= window_s + 1e-9
        assert abs(start * 5 - round(start * 5)) < 1e-6
    for (start, length), (then, _) in itertools.pairwise(windows):
        assert start < then < start + length


def test_nothing_missing_is_nothing_to_sample(sampler, score):
    scene = sampler.sample(score, SECONDS, seed=1, schedule=QUICK)
    again = sampler.regrow(score, scene, {}, seed=8)
    for name, values in scene.items():
        np.testing.assert_array_equal(again[name], values)
