import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twopop_engine.models.sketch.music import read_music
from twopop_engine.models.sketch.tempo import (
    BEND,
    LEAST_BEATS,
    LONGEST_HELD,
    SHORTEST_HELD,
    STRETCH,
    TempoMap,
    apart,
    counted,
    fit_tempo,
)

HITS = st.lists(st.floats(0.0, 60.0), max_size=12).map(apart)


def test_a_map_goes_on_beyond_its_anchors_and_back():
    tempo = TempoMap(0.5, (4.0, 8.0), (3.0, 5.2))
    assert tempo.seconds(np.array([2.0, 4.0, 6.0, 10.0])) == pytest.approx([2.0, 3.0, 4.1, 6.2])
    places = np.linspace(-300, 500, 97)
    assert np.allclose(tempo.beat(tempo.seconds(places)), places)
    assert tempo.moved(1.0).beat(4.0) == 4.0
    assert tempo.renumbered(2.0).beat(3.0) == 6.0
    assert np.allclose(tempo.between(2.9, 4.2), [3.0, 3.55, 4.1])


@given(bpm=st.floats(50, 150), hits=HITS, begin=st.sampled_from([None, 0.0]), end=st.sampled_from([None, 60.0]))
@settings(max_examples=40, deadline=None)
def test_no_tempo_is_ever_further_off_than_it_may_be(bpm, hits, begin, end):
    tempo = fit_tempo(bpm, hits, begin, end)
    bends, beats = np.diff(tempo.times_s) / np.diff(tempo.beats), np.diff(tempo.beats)
    if end and len(beats) and beats[-1] <= 4:  # the last chord, in which no beat is heard
        assert SHORTEST_HELD <= bends[-1] / tempo.beat_s <= LONGEST_HELD
        bends, beats, end = bends[:-1], beats[:-1], None
    assert np.abs(60 / bpm / np.array([tempo.beat_s, *bends]) - 1).max() <= BEND + 1e-6
    assert ((beats >= LEAST_BEATS) | np.isclose(bends, tempo.beat_s)).all()  # what is not bent is heard as no change
    assert all(beat == round(beat) for beat in tempo.beats)
    inner = bends[: -1 if end else None]
    assert (np.abs(tempo.beat_s / inner - 1) <= STRETCH + 1e-6).all()


def test_hits_that_a_tempo_can_meet_lie_on_beats_exactly_and_on_downbeats_first():
    tempo = fit_tempo(92, (3.1, 7.7, 20.0))
    beats = tempo.beat(np.array([3.1, 7.7, 20.0]))
    assert np.abs(beats - np.rint(beats)).max() < 1e-9
    alone = fit_tempo(92, (3.1,))
    assert float(alone.beat(3.1)) % 4 == 0
    assert -4 < alone.beat(0.0) <= 2


def test_bar_0_lies_where_it_is_asked_and_a_bar_line_on_the_end():
    tempo = fit_tempo(100, (), 1.0, 41.3)
    assert tempo.beat(1.0) == 0.0
    assert float(tempo.beat(41.3)) % 4 == pytest.approx(0)


def test_who_walks_to_it_feels_the_beat_on_through_a_last_chord_that_is_held():
    piece = read_music("folk 96 bpm", begin_s=0.0, end_s=8.0)
    assert float(piece.tempo.seconds(4.0 * piece.bars)) == pytest.approx(8.0)
    beats = np.array(piece.pulse(-1.0, 9.0))
    assert np.diff(beats) == pytest.approx(60 / 96, rel=0.07)
    assert beats[0] < 0 < 8.4 < beats[-1]


def test_only_the_last_bars_bend_to_another_end():
    one, other = fit_tempo(92, (), 0.0, 61.0), fit_tempo(92, (), 0.0, 90.0)
    same = np.arange(0.0, float(one.beat(61.0)) - 34)
    assert len(same) > 50
    assert np.allclose(one.seconds(same), other.seconds(same), atol=1e-9)


def test_hits_denser_than_any_tempo_leave_one_accent_and_the_tempo_alone():
    assert apart((1.0, 1.05, 1.09, 1.1, 1.3)) == (1.0, 1.1, 1.3)
    machine_gun = tuple(np.arange(0.0, 3.0, 0.13))
    tempo = fit_tempo(92, machine_gun)
    assert abs(60 / tempo.beat_s / 92 - 1) <= BEND


def test_tempi_no_sixteenth_grid_can_carry_are_counted_in_half_or_double():
    assert (counted(160), counted(40), counted(300), counted(92)) == (80, 80, 150, 92)
