"""The vocoder against its own definition: what the features say is what the waveform holds."""

import numpy as np
import pytest

from twopop_engine.models.sketch import speech
from twopop_engine.models.sketch.noise import stream_key, uniform, white
from twopop_engine.models.sketch.speech import BINS, FFT, HOP, SAMPLE_RATE, SpeechFrames

KEY = stream_key(7, "dialogue")


def vowel(frames=200, f0=120.0, voiced=1.0, aperiodicity=-60.0):
    envelope = np.zeros((frames, 40))
    envelope[:, :6] = [-6.0, 1.5, -0.4, 0.7, 0.5, -0.3]
    return SpeechFrames(
        envelope,
        np.full(frames, np.log(f0)),
        np.full(frames, voiced),
        np.full((frames, 3), aperiodicity),
    )


def test_harmonics_lie_on_the_envelope():
    frames = vowel()
    sound = speech.synthesize(frames, KEY)[12_000:36_000].astype(float)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) / (len(sound) / 4)
    harmonics = np.arange(2, 60) * 120
    level = np.array([spectrum[h - 3 : h + 4].max() for h in harmonics])
    wanted = np.exp(
        0.5 * np.interp(harmonics, np.arange(BINS) * SAMPLE_RATE / FFT, speech.log_envelope(frames.envelope)[0])
    )
    # A pulse train of period T, scaled by sqrt(T), has harmonics of twice the envelope over sqrt(T).
    wanted *= 2 / np.sqrt(SAMPLE_RATE / 120)
    assert np.abs(20 * np.log10(level / wanted)).max() < 0.5


def test_unvoiced_speech_has_the_power_of_the_envelope():
    frames = vowel(frames=800, voiced=0.0)
    sound = speech.synthesize(frames, KEY)[4_800:-4_800].astype(float)
    blocks = sound[: len(sound) // FFT * FFT].reshape(-1, FFT) * np.hanning(FFT)
    power = (np.abs(np.fft.rfft(blocks)) ** 2).mean(0) / (np.hanning(FFT) ** 2).sum()
    smooth = np.convolve(power, np.ones(15) / 15, "same")[20:-20]
    wanted = np.exp(speech.log_envelope(frames.envelope)[0])[20:-20]
    assert np.abs(10 * np.log10(smooth / wanted)).max() < 1.5


def test_pulses_come_at_the_pitch():
    sound = speech.synthesize(vowel(f0=97.3), KEY)[12_000:36_000].astype(float)
    lags = np.correlate(sound, sound[:20_000], "valid")
    assert np.argmax(lags[200:300]) + 200 == pytest.approx(SAMPLE_RATE / 97.3, abs=1)


def test_the_noise_belongs_to_the_place_and_not_to_the_window():
    assert np.array_equal(white(KEY, -500, 5_000)[700:3_000], white(KEY, 200, 2_300))
    assert not np.array_equal(white(KEY, 0, 100), white(stream_key(7, "effects"), 0, 100))
    assert white(KEY, 0, 100_000).std() == pytest.approx(1.0, abs=0.01)
    assert 0 <= uniform(KEY, -3, 4).min() <= uniform(KEY, -3, 4).max() < 1


def test_a_line_is_finite_has_no_dc_and_no_click_at_a_voicing_onset():
    frames = vowel(frames=100)
    half = SpeechFrames(frames.envelope, frames.log_f0, (np.arange(100) >= 50).astype(float), frames.aperiodicity)
    sound = speech.synthesize(half, KEY)
    assert len(sound) == 100 * HOP
    assert np.isfinite(sound).all()
    assert abs(sound.mean()) < 0.01 * sound.std()


def _tone(level_db, seconds=1.0):
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (np.sqrt(2) * 10 ** (level_db / 20) * np.sin(2 * np.pi * 300 * time)).astype(np.float32)


def test_what_is_said_softly_comes_nearer_to_what_is_said_aloud():
    before = np.concatenate([_tone(-16.0), _tone(-40.0), _tone(-16.0)])
    after = speech.ride(before)
    gain_db = [
        20 * np.log10(after[part].std() / before[part].std()) for part in (np.s_[6_000:18_000], np.s_[30_000:42_000])
    ]
    assert gain_db[0] == pytest.approx(7.0 - 13.0 * 2 / 3, abs=0.2)
    assert gain_db[1] == pytest.approx(7.0, abs=0.2)
    # Between the two it glides: over 5 ms the gain moves by less than an ear takes for a step.
    envelope = np.abs(after.reshape(-1, 240)).max(axis=1) / np.abs(before.reshape(-1, 240)).max(axis=1)
    assert np.abs(20 * np.log10(envelope[1:] / envelope[:-1])).max() < 2.5


@pytest.mark.parametrize("length", [0, 1, 119, 120, 121, 5_000])
def test_a_line_of_any_length_keeps_it(length):
    out = speech.ride(_tone(-20.0)[:length])
    assert len(out) == length
    assert np.isfinite(out).all()


@pytest.mark.parametrize("length", [9_600, 9_601, 5_000, 20_000])
def test_upsampling_is_exact_in_length_and_in_step(length):
    time = np.arange(4_800) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * 9_000 * time).astype(np.float32)
    out = speech.upsample(tone, length)
    whole = min(length, 9_600)
    wanted = np.sin(2 * np.pi * 9_000 * np.arange(whole) / 48_000)
    assert len(out) == length
    assert np.abs(out[200 : whole - 200] - wanted[200 : whole - 200]).max() < 1e-4
    assert not out[9_600:].any()
