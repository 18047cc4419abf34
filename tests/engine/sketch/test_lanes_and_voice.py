import numpy as np
import pytest

from twopop_engine.models.sketch import layout
from twopop_engine.models.sketch.lanes import SoundEvent, read_events, write_lane
from twopop_engine.models.sketch.speech import log_envelope
from twopop_engine.models.sketch.voice import speak_as
from twopop_engine.models.sketch.voices import PRESETS

STILL = (0.0, 0.0, 1.0, *(0.0,) * 13)


def _fx(*lanes: list[SoundEvent]) -> np.ndarray:
    out = np.zeros((80, layout.FX.dims), np.float32)
    for k, events in enumerate(lanes):
        out[:, 11 * k : 11 * (k + 1)] = write_lane(events, layout.FX.times_s(80))
    return out


def test_events_come_back_with_time_class_and_strength():
    steps = [SoundEvent(0.513, "step.wood", 0.7, 0.4), SoundEvent(1.071, "step.stone", 0.3, 0.9)]
    pans = [SoundEvent(0.8, "pan", 1.0, 1.0)]
    found = read_events(_fx(steps, pans))
    assert [event.kind for event in found] == ["step.wood", "pan", "step.stone"]
    for event, true in zip(found, sorted([*steps, *pans], key=lambda e: e.time_s), strict=True):
        assert event.time_s == pytest.approx(true.time_s, abs=0.002)
        assert event.energy == pytest.approx(true.energy, abs=0.02)
        assert event.hardness == pytest.approx(true.hardness, abs=0.02)


def test_a_noisy_lane_is_still_read_to_ten_milliseconds():
    rng = np.random.default_rng(0)
    events = [SoundEvent(t, "cup", 0.6) for t in (0.40, 1.234, 2.5)]
    found = read_events(_fx([], events) + rng.normal(0, 0.03, (80, layout.FX.dims)).astype(np.float32), lane=1)
    assert [event.kind for event in found] == ["cup"] * 3
    np.testing.assert_allclose([e.time_s for e in found], [e.time_s for e in events], atol=0.010)


def test_times_are_absolute_and_silence_is_empty():
    assert read_events(np.zeros((40, layout.FX.dims), np.float32)) == []
    moved = read_events(_fx([SoundEvent(1.0, "step.gravel", 0.5)]), start=250)
    assert moved[0].time_s == pytest.approx(11.0, abs=0.002)


def _frame() -> np.ndarray:
    rng = np.random.default_rng(3)
    frame = rng.normal(0, 0.4, 45) / (1 + np.arange(45) / 4)
    frame[0], frame[40], frame[41], frame[42:] = -9, 0.1, 1.0, -6.0
    return np.tile(frame, 2)[None].astype(np.float32)


def test_the_neutral_voice_is_the_reference_voice():
    frames = speak_as(_frame(), STILL)
    assert frames.shape == (2, 45)
    np.testing.assert_allclose(frames[:, :40], _frame().reshape(2, 45)[:, :40], atol=1e-5)
    np.testing.assert_allclose(np.exp(frames[:, 40]), 150 * np.exp(0.1), rtol=1e-5)


def test_a_longer_tract_moves_every_formant_down_by_its_factor():
    plain = log_envelope(speak_as(_frame(), STILL)[:1, :40].astype(np.float64))[0]
    longer = log_envelope(speak_as(_frame(), (0.0, -0.15, *STILL[2:]))[:1, :40].astype(np.float64))[0]
    bins = np.arange(len(plain))
    expected = np.interp(bins / np.exp(-0.15), bins, plain)
    inside = slice(10, int(len(plain) * 0.7))
    error, moved = (np.abs(x - np.median(x)).mean() for x in ((longer - expected)[inside], (plain - expected)[inside]))
    assert error < 0.15 * moved


def test_every_preset_is_a_different_sound():
    spoken = np.stack([speak_as(_frame(), tuple(map(float, knobs.vector())))[0] for knobs in PRESETS.values()])
    apart = np.abs(spoken[:, None] - spoken[None]).sum(-1) + 99 * np.eye(len(spoken))
    assert apart.min() > 0.5
    assert (spoken[:, 42:] <= 0).all()


def _loudness_db(frame: np.ndarray) -> float:
    """Of one voiced frame, A-weighted (IEC 61672), relative."""
    hz = np.fft.rfftfreq(1024, 1 / 24_000)[1:]
    weight = 12_194**2 * hz**4 / ((hz**2 + 20.6**2) * (hz**2 + 12_194**2))
    weight /= np.sqrt((hz**2 + 107.7**2) * (hz**2 + 737.9**2))
    return float(10 * np.log10((np.exp(log_envelope(frame[None, :40].astype(np.float64))[0, 1:]) * weight**2).sum()))


def _resting() -> np.ndarray:
    frame = np.zeros(45, np.float32)
    frame[:6], frame[41], frame[42:] = (-8.9, 3.9, 0.6, 0.3, 0.5, -0.3), 1.0, -6.0
    return np.tile(frame, 2)[None]


def test_nobody_is_louder_than_another_for_their_timbre():
    voices = [tuple(map(float, knobs.vector())) for knobs in PRESETS.values()]
    voices += [(*STILL[:3], 0.6, *STILL[4:]), (*STILL[:9], -1.2, *STILL[10:])]
    loud = [_loudness_db(speak_as(_resting(), voice)[0]) for voice in voices]
    assert np.ptp(loud) < 3.0, np.round(loud, 1)


def test_each_knob_of_timbre_is_heard_in_its_own_place():
    plain = log_envelope(speak_as(_resting(), STILL)[:1, :40].astype(np.float64))[0]
    hz = np.arange(len(plain)) * 24_000 / 1_024
    for knob, low, high in (("glottis", 110, 220), ("chest", 250, 420), ("nose", 900, 1_200), ("ring", 2_600, 3_400)):
        voice = list(STILL)
        voice[[channel.name for channel in layout.VOICE_CHANNELS].index(knob)] = 1.0
        moved = log_envelope(speak_as(_resting(), tuple(voice))[:1, :40].astype(np.float64))[0] - plain
        here = (hz > low) & (hz < high)
        moved -= np.median(moved)
        assert np.abs(moved[here]).mean() > 2.5 * np.abs(moved[(hz > 5_500) & (hz < 9_000)]).mean(), knob
        assert np.sign(moved[here].mean()) == (-1 if knob == "nose" else 1), knob


def test_a_pressed_voice_creaks_where_the_melody_falls_and_nowhere_else():
    pressed = (*STILL[:9], -1.0, *STILL[10:])
    high, low = _frame(), _frame()
    low[:, [40, 85]] = -0.5
    assert speak_as(high, pressed)[0, 40] == pytest.approx(speak_as(high, STILL)[0, 40], abs=1e-5)
    assert speak_as(low, pressed)[0, 40] < speak_as(low, STILL)[0, 40] - 0.3


def test_a_whisper_is_unvoiced_and_has_no_first_harmonic():
    open_voice = (*STILL[:9], 1.0, *STILL[10:])
    whispered = speak_as(_frame(), open_voice, whisper=True)
    assert (whispered[:, 41] == -1).all()
    np.testing.assert_allclose(whispered[:, :40], speak_as(_frame(), STILL, whisper=True)[:, :40], atol=1e-5)
    assert np.abs(speak_as(_frame(), open_voice)[:, :40] - whispered[:, :40]).max() > 0.1


def _presence_db(voice: tuple[float, ...]) -> float:
    """2 to 4 kHz of the resting reference in a voice, relative to its loudness."""
    frame = speak_as(_resting(), voice)[0]
    log_power = log_envelope(frame[None, :40].astype(np.float64))[0]
    hz = np.arange(len(log_power)) * 24_000 / 1_024
    return float(10 * np.log10(np.exp(log_power)[(hz > 2_000) & (hz < 4_200)].sum())) - _loudness_db(frame)


def test_no_voice_is_so_dull_that_a_mix_hides_it():
    own = _presence_db(STILL)
    for name, knobs in PRESETS.items():
        assert _presence_db(tuple(map(float, knobs.vector()))) > own - 6.0, name
    dull = (*STILL[:8], -0.85, *STILL[9:12], -0.85, *STILL[13:])  # head and ring
    assert own - 6.0 < _presence_db(dull) < own - 1.0, "it is given back a part, not all: it stays that voice"
