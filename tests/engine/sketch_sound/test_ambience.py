import itertools

import numpy as np
import pytest

from twopop_engine.models.sketch.ambience import PLACES, read_place, render_ambience, token_gain
from twopop_engine.models.sketch.layout import BG
from twopop_engine.models.sketch.layout import PLACES as PLACE_NAMES

EDGES = [30, 60, 120, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000]


def bands(sound):
    power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / 48_000)
    return np.array([np.log10(power[(hz >= a) & (hz < b)].sum()) for a, b in itertools.pairwise(EDGES)])


def test_every_place_of_the_score_has_a_sound_and_the_other_way_round():
    assert set(PLACES) == set(PLACE_NAMES)


@pytest.mark.parametrize("name", ["kitchen", "street", "cafe", "night"])
def test_a_place_is_a_function_of_absolute_time(name):
    place = read_place(name)
    whole = render_ambience(place, -30_000, 150_000, seed=5)
    part = render_ambience(place, 40_000, 50_000, seed=5)
    assert np.abs(whole[70_000:120_000] - part).max() < 1e-6
    assert not np.allclose(part, render_ambience(place, 40_000, 50_000, seed=6))


def test_no_loop_between_two_and_eight_seconds():
    sound = render_ambience(read_place("kitchen"), 0, 48_000 * 16, seed=1).mean(axis=1)
    spectrum = np.fft.rfft(sound - sound.mean(), 2 * len(sound))
    correlation = np.fft.irfft(np.abs(spectrum) ** 2)[: len(sound)]
    assert np.abs(correlation[96_000:384_000]).max() / correlation[0] < 0.3


def test_places_are_told_apart_by_ear():
    names = [name for name in PLACES if name not in ("unspecified", "room")]
    known = {name: bands(render_ambience(read_place(name), 0, 144_000, seed=2)) for name in names}
    right = 0
    for name in names:
        heard = bands(render_ambience(read_place(name), 480_000, 144_000, seed=2))
        right += min(names, key=lambda other: ((known[other] - heard) ** 2).sum()) == name
    assert right >= 0.85 * len(names)


def test_words_name_the_place_and_add_to_it():
    plain, busy = read_place("kitchen"), read_place("kitchen, extractor fan, distant chatter")
    assert busy.name == "kitchen"
    assert busy.understood == ("kitchen", "extractor", "chatter")
    assert busy.place.murmur > 0 == plain.place.murmur
    assert len(busy.place.hums) == len(plain.place.hums) + 1
    assert read_place("zorp").name == "unspecified"
    assert read_place("rain", fallback="kitchen").name == "rain"


def test_tokens_make_the_place_breathe():
    bg = np.zeros((10, BG.dims), np.float32)
    bg[5:, BG.index["level"]] = 1.0
    gain = token_gain(bg, 0, 96_000)
    assert gain[0] < gain[-1]
    assert np.abs(np.diff(gain)).max() < 1e-3
