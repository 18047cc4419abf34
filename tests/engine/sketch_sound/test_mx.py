import numpy as np
import pytest

from twopop.wire import Brief, Cue
from twopop_engine.models.sketch.durations import predict_durations
from twopop_engine.models.sketch.grammar import BAR, PATTERNS, compose, composed
from twopop_engine.models.sketch.layout import MX
from twopop_engine.models.sketch.music import STYLES, read_music
from twopop_engine.models.sketch.mx import (
    STYLE_SLOTS,
    Feel,
    Strike,
    in_turn,
    music_score,
    read_feels,
    read_tokens,
    rest,
    window_tokens,
    write_tokens,
)
from twopop_engine.models.sketch.perform import BANDS, Performance
from twopop_engine.models.sketch.reading import read_request
from twopop_engine.models.sketch.sound import music_made, shot_renderers
from twopop_engine.models.sketch.tempo import TempoMap

STRIKES = [
    Strike(16, "kick", 1.0),
    Strike(17, "hat", 0.2),
    Strike(16, "bass", 0.8, 6, 5),
    Strike(20, "bass", 0.6, 2, 7),
    Strike(18, "comping", 0.5, 1, 0),
    Strike(19, "melody", 0.7, 13, 15),
]


def closely(strikes):
    return [(s.at, s.lane, s.length, s.word, round(s.level, 5)) for s in strikes]


def test_strikes_survive_as_tokens():
    tokens = write_tokens(STRIKES, [Feel(0.5)] * 16, 16, 16)
    assert tokens.shape == (16, MX.dims)
    assert closely(read_tokens(tokens, 16)) == closely(in_turn(STRIKES))


def test_strikes_survive_what_a_model_leaves_of_the_noise():
    tokens = write_tokens(STRIKES, [Feel(0.5)] * 16, 16, 16)
    noisy = tokens + np.random.default_rng(0).uniform(-0.12, 0.12, tokens.shape).astype(np.float32)
    heard = read_tokens(noisy, 16)
    assert [s[:2] + s[3:] for s in closely(heard)] != []
    assert [(s.at, s.lane, s.length, s.word) for s in heard] == [
        (s.at, s.lane, s.length, s.word) for s in in_turn(STRIKES)
    ]


def test_silence_is_no_strike_and_feels_stay_in_their_range():
    assert read_tokens(rest(32), 0) == []
    wild = np.full((1, MX.dims), 9.0, np.float32)
    assert read_feels(wild) == [Feel(1.0, 1.0, 1.0, pytest.approx(0.03))]


@pytest.mark.parametrize("style", STYLES)
def test_a_piece_becomes_tokens_and_the_same_notes_again(style):
    piece = read_music(style, (3.1, 7.7), seed=2, begin_s=0.0, end_s=30.0)
    tokens = composed(piece, -32, 12 * BAR)
    again = write_tokens(read_tokens(tokens, -32), read_feels(tokens), -32, len(tokens))
    assert np.allclose(tokens, again, atol=1e-6)

    def stored(first, count):
        kept = rest(count)
        low, high = max(first, -32), min(first + count, len(again) - 32)
        kept[low - first : high - first] = again[low + 32 : high + 32]
        return kept

    played, composed_ = Performance(piece, stored), Performance(piece)
    for bar in range(-1, 7):
        ours, theirs = played.notes(bar), composed_.notes(bar)
        assert [(n.midi, n.instrument) for n in ours] == [(n.midi, n.instrument) for n in theirs]
        assert np.allclose([n.start_s for n in ours], [n.start_s for n in theirs], atol=1e-5)


def test_every_style_has_a_band_patterns_and_a_place_in_the_score():
    assert set(STYLES) == set(BANDS) == set(PATTERNS) == set(STYLE_SLOTS) - {""}
    for patterns in PATTERNS.values():
        lines = [*sum(patterns.drums.values(), ()), *patterns.bass, *patterns.comping, *patterns.rhythms]
        assert {len(line) for line in lines} == {BAR}


def test_the_score_tells_chord_hit_and_end_of_every_token():
    piece = read_music("folk 120 bpm", (4.0,), begin_s=0.0, end_s=16.0)
    first, count = window_tokens(piece.tempo, 3.2, 3.2)
    values = music_score(piece, piece.tempo.seconds(np.arange(first, first + count) / 4))
    assert (first, count) == (26, 32)
    assert (values[:, 9:16].sum(1) == 1).all()
    assert values[:, 54].argmax() == piece.hit_places[0] - first
    assert values[:, 54].sum() == 1
    last = music_score(piece, piece.tempo.seconds(np.arange(16 * 7, 16 * 9) / 4))
    assert last[:, 56].tolist() == [1.0] * 16 + [0.0] * 16
    assert last[:, 57].tolist() == [0.0] * 16 + [1.0] * 16


def test_windows_at_any_tempo_have_as_many_tokens():
    assert {window_tokens(TempoMap(60 / bpm), 1.6, 3.2)[1] for bpm in (50, 92, 150)} == {32}


def test_nothing_is_struck_after_the_last_bar_and_the_last_rings_on_the_tonic():
    piece = read_music("piano in C major, 90 bpm", begin_s=0.0, end_s=32.0)
    last = read_tokens(compose(piece, piece.bars - 1), 16 * (piece.bars - 1))
    assert {s.at % 16 for s in last} == {0}
    assert piece.chord(piece.bars - 1) == 0
    assert read_tokens(compose(piece, piece.bars), 16 * piece.bars) == []


def test_a_shot_plays_the_tokens_of_its_own_pass_and_says_so(make_request):
    request = make_request(Brief(prompt="room", cues=(Cue(role="music", text="electro 120 bpm", at_frames=0),)))
    reading = read_request(request, predict_durations)
    first, count = window_tokens(reading.score.tempo, 0.0, 4.6)
    whole = np.zeros((1_000, 1), np.float32)
    kicks = write_tokens([Strike(first + 4 * k, "kick", 1.0) for k in range(20)], [Feel(0.0)] * count, first, count)

    def heard(**tokens):
        return shot_renderers(request, reading, lambda until_s: {"STAGE": whole, **tokens})["music"](0, 96_000)

    silent, played = heard(MX=rest(count)), heard(MX=kicks)
    assert not silent.any()
    beats = reading.score.tempo.seconds(np.arange(first, first + 16, 4) / 4)
    onsets = [np.abs(played[int(at * 48_000) : int((at + 0.05) * 48_000)]).max() for at in beats if at < 1.9]
    assert min(onsets) > 0.5
    assert music_made(reading, {"MX": kicks}) == {"music": "sampled with the picture"}
    assert music_made(reading, {}) == {"music": "composed by a grammar, not sampled with the picture"}
    assert heard().any()
