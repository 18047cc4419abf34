import numpy as np
import pytest

from twopop_engine.models.sketch.music import STYLES, read_music
from twopop_engine.models.sketch.perform import Performance, render_music


def test_words_choose_style_tempo_and_key():
    piece = read_music("brushed drums and upright bass, 92 bpm, D minor")
    assert (piece.style, round(piece.bpm), piece.tonic, piece.minor) == ("jazz", 92, 2, True)
    assert read_music("acoustic guitar, Bb major").tonic == 10
    assert read_music("slow piano").bpm < read_music("fast piano").bpm
    assert read_music("soft strings").force < read_music("strings").force < read_music("epic strings").force


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("something blue", "no style named: strings at 66 bpm; there are electro, folk, jazz"),
        ("reggae", "no reggae here: the nearest is folk"),
        ("jazz techno and piano", "jazz and piano at once: jazz"),
        ("jazz 90 bpm, no, 120 bpm", "90 and 120 bpm at once: 90"),
        ("folk 160 bpm", "160 bpm is counted as 80, in half time"),
        ("folk at 30 bpm", "30 bpm is counted as 60, in double time"),
        ("jazz in D minor and E major", "d minor and e major at once: d minor"),
        ("a sad, cheerful piano", "both sad and bright: minor"),
        ("slow fast piano", "both slow and fast: 72 bpm"),
    ],
)
def test_what_is_unknown_or_contradicts_itself_is_said(words, said):
    assert said in "; ".join(read_music(words).guessed)


def test_hits_that_are_heard_as_one_are_said():
    piece = read_music("jazz", (1.0, 1.02, 1.04, 2.0))
    assert piece.hits_s == (1.0, 2.0)
    assert "2 hits are nearer than a tenth of a second" in piece.guessed[0]


def test_the_same_words_and_seed_are_the_same_piece():
    assert read_music("jazz", seed=4) == read_music("jazz", seed=4)
    one, other = (Performance(read_music("jazz", seed=seed)) for seed in (4, 5))
    assert one.notes(3) != other.notes(3)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_plays_and_two_windows_agree_on_every_sample(style):
    piece = read_music(style, seed=1)
    whole = render_music(piece, -20_000, 250_000)
    assert np.isfinite(whole).all()
    assert 0.05 < whole.std() < 1
    other = Performance(piece).render(40_000, 140_000)
    assert np.array_equal(whole[60_000:200_000], other)


def test_a_hit_is_an_accent_in_the_sound():
    piece = read_music("jazz 92 bpm", hits_s=(3.1,))
    energy = (render_music(piece, 48_000, 192_000) ** 2).sum(axis=1).reshape(-1, 480).sum(axis=1)
    rise = np.diff(np.log(energy + 1e-6))
    assert rise[208:213].max() > np.quantile(rise, 0.98)


def test_dense_hits_are_stabs_on_their_own_time():
    hits = (2.0, 2.37, 2.61)
    notes = [note for bar in range(3) for note in Performance(read_music("electro", hits)).notes(bar)]
    for hit in hits:
        assert {note.instrument for note in notes if note.start_s == hit} >= {"kick", "crash", "lead"}


def test_the_walking_bass_stays_a_bass():
    jazz = Performance(read_music("jazz"))
    pitches = [note.midi for bar in range(16) for note in jazz.notes(bar) if note.instrument == "bass"]
    assert len(pitches) > 60
    assert min(pitches) >= 28
    assert max(pitches) <= 55
