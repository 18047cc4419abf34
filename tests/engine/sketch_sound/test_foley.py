import numpy as np
import pytest

from twopop_engine.models.sketch import foley
from twopop_engine.models.sketch.foley_tables import RECIPES, TEXTURES, read_cue
from twopop_engine.models.sketch.lanes import SoundEvent, Sustain, read_sustain, write_sustain
from twopop_engine.models.sketch.layout import EVENT_CLASSES, FX, SUSTAIN_CLASSES
from twopop_engine.models.sketch.noise import stream_key

KEY = stream_key(3, "effects")


def strike(kind, energy=0.8, time_s=1.0):
    return foley.strike(SoundEvent(time_s, kind, energy, 0.5), KEY)


def centroid(sound):
    power = np.abs(np.fft.rfft(sound, 1 << 16)) ** 2
    return (power * np.fft.rfftfreq(1 << 16, 1 / 48_000)).sum() / power.sum()


def test_every_class_of_the_layout_has_a_recipe():
    assert set(EVENT_CLASSES) <= set(RECIPES)
    assert set(SUSTAIN_CLASSES) == set(TEXTURES)
    assert all(texture.grains in RECIPES for texture in TEXTURES.values() if texture.grains)


@pytest.mark.parametrize("kind", EVENT_CLASSES)
def test_an_event_is_heard_ends_in_silence_and_grows_with_energy(kind):
    sound = strike(kind)
    assert np.isfinite(sound).all()
    assert 0.1 < np.abs(sound).max() < 1.5
    assert abs(sound[-1]) < 1e-4
    assert np.abs(strike(kind, energy=0.2)).max() < np.abs(sound).max()


@pytest.mark.parametrize("kind", ["step.wood", "step.stone", "pan", "cup", "knock", "switch", "wood", "glass", "plate"])
def test_a_contact_sounds_within_five_milliseconds_of_its_time(kind):
    energy = np.cumsum(strike(kind) ** 2)
    assert np.searchsorted(energy, 0.02 * energy[-1]) < 240


def test_classes_differ_and_so_do_two_steps():
    assert centroid(strike("step.carpet")) < centroid(strike("step.wood")) < centroid(strike("step.stone"))
    assert centroid(strike("pan")) < centroid(strike("cup")) < centroid(strike("glass"))
    assert not np.array_equal(strike("step.wood"), strike("step.wood", time_s=1.5))
    assert np.array_equal(strike("step.wood"), strike("step.wood"))


def test_what_began_before_a_window_rings_into_it():
    events = [
        foley.PlacedEvent(SoundEvent(0.5, "pan", 0.9), pan=-0.5),
        foley.PlacedEvent(SoundEvent(1.2, "knock", 0.5)),
    ]
    whole = foley.render_events(events, 0, 96_000, KEY)
    assert np.array_equal(whole[40_000:70_000], foley.render_events(events, 40_000, 30_000, KEY))
    assert np.abs(whole[:24_000]).max() == 0
    assert np.abs(whole[30_000:40_000, 0]).max() > np.abs(whole[30_000:40_000, 1]).max() > 0


@pytest.mark.parametrize("kind", ["sizzle", "pour", "crowd", "hum"])
def test_a_sustained_sound_is_one_stream_for_every_window(kind):
    whole = foley.sustain(kind, 100_000, 60_000, KEY)
    assert np.abs(whole[20_000:50_000] - foley.sustain(kind, 120_000, 30_000, KEY)).max() < 1e-9
    assert 0.1 < whole.std() < 2


def test_a_lasting_sound_is_heard_while_its_level_is_up_and_where_it_is():
    level = np.zeros(50)
    level[20:40] = 1.0
    sound = foley.render_sustain([Sustain("hiss", level)], [np.linspace(-1.0, 1.0, 50)], 0, 96_000, KEY)
    assert sound.shape == (96_000, 2)
    assert sound[:36_000].std() == 0
    assert centroid(sound[45_000:70_000, 0]) > 3_000
    assert sound[70_000:74_000, 1].std() > 2 * sound[70_000:74_000, 0].std()


def test_the_lane_of_lasting_sounds_gives_back_what_was_written():
    fx = np.zeros((50, FX.dims), np.float32)
    fx[:, FX.index["sustain.level"] :] = write_sustain(
        [Sustain("pour", np.r_[np.zeros(10), np.full(40, 0.5)]), Sustain("car", np.r_[np.ones(20), np.zeros(30)])], 50
    )
    car, pour, sizzle = (sound.level for sound in read_sustain(fx, ["car", "pour", "sizzle"]))
    assert (car > 0).nonzero()[0].tolist() == list(range(20))
    assert (pour > 0).nonzero()[0].tolist() == list(range(20, 50))
    assert not sizzle.any()


@pytest.mark.parametrize(
    ("words", "kind", "sustained"),
    [
        ("pan hits the stove", "pan", False),
        ("three knocks on the door", "knock", False),
        ("Footsteps on gravel", "step.gravel", False),
        ("sausages sizzling", "sizzle", True),
        ("chopping vegetables", "wood", False),
        ("glass breaks", "glass", False),
        ("she drops the pan", "pan", False),
        ("water pours into a glass", "pour", True),
    ],
)
def test_cue_words_choose_a_class(words, kind, sustained):
    choice = read_cue(words)
    assert (choice.kind, choice.sustained) == (kind, sustained)
    assert choice.understood


@pytest.mark.parametrize(
    ("words", "thing"),
    [
        ("hammer on the anvil", "hammer"),
        ("somebody typing", "keyboard"),
        ("she puts the phone down", "phone"),
        ("the phone rings", ""),
        ("car door slams", "door"),
        ("lightning", "lightning"),
        ("explosion", ""),
        ("the window shatters", ""),
        ("turns the page", "paper"),
        ("footsteps on gravel", ""),
    ],
)
def test_cue_words_choose_what_is_seen(words, thing):
    assert read_cue(words).thing == thing


def test_a_rush_of_air_is_loudest_at_its_time():
    events = [foley.PlacedEvent(SoundEvent(1.0, "whoosh.short", 0.9))]
    loud = np.abs(foley.render_events(events, 0, 96_000, KEY)[:, 0])
    assert abs(int(np.convolve(loud, np.ones(2_400), "same").argmax()) - 48_000) < 3_600


def test_an_unknown_cue_is_a_guess_and_says_so():
    assert read_cue("zorp") == read_cue("the")
    assert read_cue("zorp").understood == ""
