import itertools

import numpy as np
import pytest

from twopop_engine.models.sketch import layout
from twopop_engine.models.sketch.music import read_music
from twopop_engine.models.sketch.phones import asks, merge_segments, timed_phones, untimed_phones
from twopop_engine.models.sketch.score import (
    SCORE_DIMS,
    Blocking,
    Framing,
    Line,
    Prop,
    Score,
    SoundCue,
    score_tokens,
    token_span,
    token_times,
)


def _line(ipa: str, speaker: int = 0, start_s: float = 0.0) -> Line:
    phones = untimed_phones(ipa)
    return Line(speaker, timed_phones(phones, [0.1] * len(phones), start_s))


def test_stress_marks_give_their_time_to_the_phone_they_mark():
    phones = merge_segments([("_", 0.0, 0.1), ("ˈ", 0.1, 0.2), ("æ", 0.2, 0.3), ("t", 0.3, 0.4), ("_", 0.4, 0.5)])
    assert [(p.symbol, p.start_s, p.stress, p.word_start) for p in phones] == [
        ("_", 0.0, 0.0, True),
        ("æ", 0.1, 1.0, True),
        ("t", 0.3, 0.0, False),
        ("_", 0.4, 0.0, False),
    ]


def test_a_space_is_shared_by_its_neighbours_and_starts_a_word():
    phones = merge_segments([("t", 0.0, 0.1), (" ", 0.1, 0.2), ("b", 0.2, 0.3)])
    assert (phones[0].end_s, phones[1].start_s) == (pytest.approx(0.15), pytest.approx(0.15))
    assert phones[1].word_start


def test_phones_have_neither_gaps_nor_overlaps():
    phones = _line("hˈɛlO ðˈɛɹ, wˈɜld?").phones
    assert all(a.end_s == pytest.approx(b.start_s) for a, b in itertools.pairwise(phones))
    assert asks(phones)[-3]
    assert not asks(phones)[0]


@pytest.mark.parametrize("group", layout.TRAINED, ids=lambda g: g.name)
def test_a_token_has_the_same_score_from_whatever_window_it_is_seen(group):
    """Windows of a long scene must agree, or the seams would be heard."""
    score = Score(
        lines=(_line("hˈɛlO ðˈɛɹ.", 0, 0.5), _line("wˈʌt?", 1, 2.0)),
        characters=(Blocking(from_x=-1, to_x=0.5, may_walk=True), Blocking(from_x=1)),
        props=(Prop("pan", 0.3, 0.9, 1), None),
        framings=(Framing(-1.0), Framing(2.4, 1.0, 1.5, 1.2)),
        cues=(SoundCue(1.7, 1, "pan"),),
        sounds=frozenset({"step.wood"}),
        place="kitchen",
        music=read_music("jazz 92 bpm", (2.0,)),
    )
    (begin, all_of_it), (first, some) = token_span(score, group, 0.0, 4.0), token_span(score, group, 1.0, 2.0)
    whole = score_tokens(score, group, token_times(score, group, begin, all_of_it))
    part = score_tokens(score, group, token_times(score, group, first, some))
    inside = slice(first - begin, first - begin + some)
    assert whole.values.shape[1] == SCORE_DIMS[group.name]
    np.testing.assert_array_equal(whole.values[inside], part.values)
    np.testing.assert_array_equal(whole.ids[inside], part.ids)


def test_only_the_speaker_moves_lips_and_the_other_hears():
    score = Score(lines=(_line("mˈɑmə.", 1),), characters=(Blocking(), Blocking()))
    times = layout.CA.times_s(10)
    listener, speaker = (score_tokens(score, group, times) for group in layout.CHARACTERS)
    assert not listener.ids.any()
    assert speaker.ids.any()
    assert listener.values[3, 9] == 1.0  # the other one speaks
    assert speaker.values[3, 9] == 0.0


def test_the_inventory_says_what_may_sound_and_never_when():
    score = Score(sounds=frozenset({"cup"}), props=(Prop("cup", handler=0), None))
    values = score_tokens(score, layout.FX, layout.FX.times_s(50)).values
    assert (values == values[0]).all()
    assert values[0, layout.EVENT_CLASSES.index("cup")] == 1.0


def test_a_cue_is_timed_and_joins_the_inventory():
    score = Score(cues=(SoundCue(1.0, 1, "glass"),))
    values = score_tokens(score, layout.FX, layout.FX.times_s(50)).values
    assert values[0, layout.EVENT_CLASSES.index("glass")] == 1.0
    cue = values[:, 52:54].max(1)
    assert abs(layout.FX.times_s(50)[cue.argmax()] - 1.0) <= 0.021


def test_music_that_is_not_asked_for_leaves_its_score_empty():
    assert not score_tokens(Score(), layout.MX, np.arange(4) / 8).values.any()
