import numpy as np
import pytest

from twopop_engine.models.sketch.music import STYLES, bar_notes, fit_tempo, read_music, render_music


def test_words_choose_style_tempo_and_key():
    piece = read_music("brushed drums and upright bass, 92 bpm, D minor")
    assert (piece.style, round(60 / piece.beat_s), piece.tonic, piece.minor) == ("jazz", 92, 2, True)
    assert read_music("acoustic guitar, Bb major").tonic == 10
    assert read_music("slow piano").beat_s > read_music("fast piano").beat_s
    assert "strings" in read_music("something blue").guessed


def test_the_same_words_and_seed_are_the_same_piece():
    assert read_music("jazz", seed=4) == read_music("jazz", seed=4)
    assert bar_notes(read_music("jazz", seed=4), 3) != bar_notes(read_music("jazz", seed=5), 3)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_plays_and_two_windows_agree_on_every_sample(style):
    piece = read_music(style, seed=1)
    whole = render_music(piece, -20_000, 250_000)
    assert np.isfinite(whole).all()
    assert 0.05 < whole.std() < 1
    assert np.array_equal(whole[60_000:200_000], render_music(piece, 40_000, 140_000))


def test_hits_fall_on_beats_within_six_percent_of_the_tempo():
    hits = (3.1, 7.7)
    bpm, offset = fit_tempo(92, hits)
    assert abs(bpm / 92 - 1) <= 0.061
    beats = (np.array(hits) - offset) * bpm / 60
    assert np.abs(beats - np.round(beats)).max() * 60 / bpm < 0.04


def test_a_hit_is_an_accent_in_the_sound():
    piece = read_music("jazz 92 bpm", hits_s=(3.1,))
    energy = (render_music(piece, 48_000, 192_000) ** 2).sum(axis=1).reshape(-1, 480).sum(axis=1)
    rise = np.diff(np.log(energy + 1e-6))
    loudest = np.argmax(np.convolve(energy, np.ones(3), "same"))
    assert abs(loudest * 0.01 + 1.0 - 3.1) < 0.06
    assert rise[208:213].max() > np.quantile(rise, 0.9)


def test_the_walking_bass_stays_a_bass():
    pitches = [
        note.midi for index in range(16) for note in bar_notes(read_music("jazz"), index) if note.instrument == "bass"
    ]
    assert len(pitches) == 64
    assert min(pitches) >= 28
    assert max(pitches) <= 48
