"""The ear that judges music, on sounds whose onsets are known; and somebody who keeps to the beat, as rendered."""

import numpy as np
import pytest

pytest.importorskip("librosa", reason="pip install 'twopop[train]'")

from twopop_engine.models.sketch.layout import CA
from twopop_engine.models.sketch.music import read_music
from twopop_engine.models.sketch.perform import Performance
from twopop_engine.models.sketch.sampler import Sampler
from twopop_engine.train.evaluate_music import PATTERNS, draw_hits, measure_accents
from twopop_engine.train.heard_music import HEARD_HZ, beats, end_s, heard, onsets, samples, whole_bars
from twopop_engine.train.in_time import measure_in_time, strokes


def clicks(gap_s, hz=None):
    """Noise bursts or tones that set in every `gap_s`, and when."""
    sound, at, time = np.zeros(8 * HEARD_HZ), np.arange(0.5, 7.6, gap_s), np.arange(2_400) / HEARD_HZ
    wave = np.sin(2 * np.pi * hz * time) if hz else np.random.default_rng(1).standard_normal(2_400)
    for start in np.round(at * HEARD_HZ).astype(int):
        sound[start : start + 2_400] += wave * np.exp(-time / 0.025) * np.minimum(time / 0.002, 1.0) * (1 - 10 * time)
    return sound, at


@pytest.mark.parametrize("hz", [None, 440])
@pytest.mark.parametrize("gap_s", [0.5, 0.631])
def test_onsets_and_beats_are_heard_when_they_are(hz, gap_s):
    sound, at = clicks(gap_s, hz)
    times, _ = onsets(sound)
    assert len(times) == len(at)
    assert np.abs(times - at).max() < 0.006
    found = beats(sound, 60 / gap_s)
    assert len(found) >= len(at) - 2
    assert all(np.abs(at - beat).min() < 0.008 for beat in found)


@pytest.mark.parametrize("style", ["strings", "piano"])
def test_an_ending_is_told_from_a_tape_that_stops(style):
    piece = read_music(f"{style} 100 bpm", (4.1,), 3, begin_s=0.0, end_s=9.6)
    sound = heard(Performance(piece).render(0, samples(end_s(piece))))
    assert whole_bars(piece, sound)
    stopped = sound.copy()
    stopped[round(float(piece.tempo.seconds(4.0 * piece.bars - 5.0)) * HEARD_HZ) :] = 0.0
    assert not whole_bars(piece, stopped)
    goes_on = read_music(f"{style} 100 bpm", (4.1,), 3, begin_s=0.0)
    assert not whole_bars(piece, heard(Performance(goes_on).render(0, samples(end_s(piece)))))


def test_hits_come_in_every_pattern():
    rng = np.random.default_rng(0)
    for pattern in PATTERNS:
        hits = draw_hits(rng, pattern, 20.0)
        assert list(hits) == sorted(hits)
        assert (pattern == "none") == (not hits)


def test_a_style_meets_its_hits_and_ends_on_a_bar():
    numbers = measure_accents("folk", 1)
    assert numbers.hits >= 2
    assert numbers.on_time == numbers.on_time_and_strong == numbers.whole_bars == 1.0
    assert numbers.tempo_off < 0.06


@pytest.fixture(scope="module")
def sampler():
    return Sampler()


@pytest.mark.parametrize("what", ["step", "gesture"])
def test_who_keeps_to_the_beat_is_on_the_beat_that_is_heard(sampler, what):
    asked, not_asked = (measure_in_time(sampler, what, asked, 1) for asked in (True, False))
    assert asked.seen >= 3
    assert asked.median_ms < 15
    assert not_asked.median_ms > 2 * asked.median_ms
    if what == "step":
        assert asked.heard == asked.seen
        assert asked.heard_median_ms < 15


def test_a_hand_that_only_goes_up_makes_no_stroke():
    body = np.zeros((50, CA.dims), np.float32)
    body[:, CA.index["left_hand_y"]] = np.linspace(0.8, 1.4, 50)
    assert strokes({"CA": body}) == []
