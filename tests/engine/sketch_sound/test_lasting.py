"""Sounds that go on: how long, until which words, and as the same samples over a cut."""

import numpy as np
import pytest

from twopop.timebase import FrameRange
from twopop.wire import Brief, Cue
from twopop_engine.models.sketch.casting import Part
from twopop_engine.models.sketch.effects import SPOTS, read_effects
from twopop_engine.models.sketch.foley_tables import read_cue
from twopop_engine.models.sketch.lasting import Lasting, begun, end_in, ends, render_lasting, row_times

SR = 48_000
SIZZLE = Lasting("sizzle", ((1.0, 0.0, 0.0), (1.12, 1.0, 0.0)), place="kitchen", key=5, offset=SR)
"""Began at the beginning of the take, which is the second 1 of its clock."""


@pytest.fixture
def read(make_request):
    """The effects of cues (text, frame, length) after a sizzle of the shot before."""

    def read(*cues, before=(SIZZLE,), prompt="kitchen"):
        told = tuple(Cue(role="effects", text=text, at_frames=at, length_frames=length) for text, at, length in cues)
        request = make_request(Brief(prompt=prompt, cues=told), 108, generated=FrameRange(0, 108))
        return read_effects(request, [Part("MARA", (), "")], SPOTS[1], "kitchen", [], before)

    return read


def level(sound, at_s):
    gains, _ = sound.at(np.array([sound.own_s(at_s)]))
    return float(gains[0])


@pytest.mark.parametrize(
    ("words", "kind", "over"),
    [
        ("she takes the skillet off the stove", "sizzle", True),
        ("the sizzling stops", "sizzle", True),
        ("eggs slide onto a white plate", "sizzle", True),
        ("she turns the burner off", "sizzle", True),
        ("silence", "sizzle", True),
        ("the rain stops", "sizzle", False),
        ("the rain stops", "rain", True),
        ("the pan hits the stove", "sizzle", False),
        ("eggs sizzle", "sizzle", False),
        ("he stops typing", "switch", True),
        ("the engine dies", "engine", True),
        ("MARA walks off", "engine", False),
        ("she doesn't take the skillet off the stove", "sizzle", False),
        ("nobody turns the burner off", "sizzle", False),
    ],
)
def test_words_end_what_they_name(words, kind, over):
    assert ends(words, kind) is over
    assert end_in(f"close-up of MARA, {words}", kind) is over


def test_what_nothing_ends_goes_on(read):
    (sound,) = read(("a knife on the board", 30, None)).going_on
    assert sound == SIZZLE
    assert level(sound, 4.4) == 1.0


def test_a_cue_that_ends_a_sound_makes_none(read):
    effects = read(("she takes the skillet off the stove", 48, None))
    assert effects.cues == ()
    assert [level(effects.going_on[0], at) for at in (1.99, 2.4)] == [1.0, 0.0]
    effects = read(("the door slams, the sizzling stops", 48, None))
    assert [cue.choice.kind for cue in effects.cues] == ["door"]
    assert level(effects.going_on[0], 2.4) == 0.0


def test_a_prompt_ends_a_sound_within_what_is_seen(read):
    (sound,) = read(prompt="close-up of MARA, she takes the pan off the heat").going_on
    assert (level(sound, 0.5), level(sound, 4.0)) == (1.0, 0.0)


def test_silence_is_no_sound(read):
    assert read(("silence", 24, None), before=()).cues == ()
    effects = read(("rain", 24, None), ("Silence.", 60, None), before=())
    assert [cue.choice.kind for cue in effects.cues] == ["rain"]
    assert effects.cues[0].lasting.end_s < 3.0


def test_what_a_cue_says_is_over_does_not_begin_with_it(read):
    effects = read(("the rain stops", 24, None), ("she takes the skillet off the stove", 48, None), before=())
    assert effects.cues == ()
    assert [cue.choice.thing for cue in effects.taken] == ["skillet"]


@pytest.mark.parametrize(
    ("prompt", "off_s"),
    [
        ("she lifts the skillet off the stove", 1.575),
        ("she takes the pan off the heat", 1.575),
        ("she doesn't lift the skillet off the stove", None),
        ("she turns the burner off", None),
    ],
)
def test_a_prompt_lifts_what_it_says_is_taken_off_the_stove(read, prompt, off_s):
    handled = read(prompt=f"MARA in a kitchen, {prompt}").handled(0.0, 4.5)
    assert [one.off_s for one in handled] == ([] if off_s is None else [pytest.approx(off_s)])
    assert all(one.in_hand and not one.times_s for one in handled)


def test_what_is_held_is_set_down_where_words_say_so_and_is_out_of_sight_with_who_walks(make_request):
    def handled(prompt, doing=(), cues=()):
        request = make_request(Brief(prompt=prompt, cues=cues), 108, generated=FrameRange(0, 108))
        part = Part("MARA", doing, prompt)
        return read_effects(request, [part], SPOTS[1], "kitchen", [], held={"skillet": "Mara"}).handled(0.0, 4.5)

    assert [(one.held, one.in_hand) for one in handled("MARA listens")] == [(True, True)]
    (down,) = handled("MARA puts the skillet back on the stove", ("put_down",))
    assert (down.in_hand, down.off_s, len(down.times_s)) == (False, None, 1)
    (down,) = handled("MARA", cues=(Cue(role="effects", text="the skillet sizzles", at_frames=48),))
    assert (down.in_hand, down.times_s) == (False, (2.0,))
    assert handled("MARA walks out", ("walk",)) == ()


def test_what_is_begun_again_takes_over(read):
    effects = read(("eggs sizzle", 24, None))
    (new,) = [cue.lasting for cue in effects.cues]
    both = [level(effects.going_on[0], at) + level(new, at) for at in (0.9, 1.06, 1.2, 4.0)]
    assert both == pytest.approx([1.0] * 4)


def test_a_length_of_the_cue_is_kept_to_and_what_ends_by_itself_does(read):
    lengths = [cue.lasting.end_s for cue in read(("sizzle", 24, 36), ("wine pours", 48, None), before=()).cues]
    assert lengths == pytest.approx([2.5, 5.0])
    car = read(("a car passes", 48, None), before=()).cues[0].lasting
    assert max(car.points, key=lambda point: point[1])[0] == pytest.approx(2.0)
    assert car.points[0][2] < 0 < car.points[-1][2]


def test_the_same_samples_from_both_sides_of_a_cut():
    before = Lasting("sizzle", ((1.0, 0.0, 0.0), (1.12, 1.0, 0.0)), key=5)
    after = Lasting("sizzle", before.points, key=5, offset=70_001)
    one, other = render_lasting([before], 80_000, 20_000), render_lasting([after], 80_000 - 70_001, 20_000)
    assert np.abs(one - other).max() < 1e-9
    assert np.abs(one).max() > 0.05


def test_typing_is_a_row_that_windows_agree_on():
    row = begun(read_cue("typing"), 1.0, None)
    assert row.row
    times = [moment for moment, _ in row_times(row, 6.0)]
    assert times[0] == 1.0
    assert 15 < len(times) < 40
    assert np.diff(times).min() > 0.1
    keyed = Lasting(row.kind, row.points, row=True, key=3)
    whole = render_lasting([keyed], 0, 4 * SR)
    assert np.abs(whole[2 * SR : 3 * SR] - render_lasting([keyed], 2 * SR, SR)).max() < 1e-9
    short = begun(read_cue("typing"), 1.0, 1.0)
    assert 1.4 < row_times(short, 9.0)[-1][0] < 2.0
