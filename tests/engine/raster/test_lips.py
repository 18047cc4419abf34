"""The measure of lips in pictures: it follows the aperture and calls shut what is shut."""

from fractions import Fraction

import numpy as np

from twopop_engine.models.sketch.layout import CA, SPEECH_RATE_HZ
from twopop_engine.models.sketch.phones import Phone
from twopop_engine.train.evaluate_lips import SHUT_PX, MouthCamera, closures_in, lag_fits, measure_lips, pooled_lag_ms


def talking(aperture):
    tokens = np.zeros((25, CA.dims), np.float32)
    for half in (0, 1):
        tokens[:, CA.index[f"aperture.{half}"]] = aperture[half::2]
        tokens[:, CA.index[f"width.{half}"]] = 0.5
        tokens[:, CA.index[f"teeth.{half}"]] = 0.3
    tokens[:, CA.index["facing"]] = 0.3
    return {"CA": tokens}


def test_the_gap_follows_the_aperture():
    gaps = [MouthCamera(talking(np.full(50, a))).gap_px(0.4, 0.04) for a in (0.0, 0.2, 0.5, 0.9)]
    assert gaps[0] <= SHUT_PX < gaps[1]
    assert gaps == sorted(gaps)
    assert gaps[-1] > 50


def test_a_closure_is_found_in_the_sound_and_seen_or_missed_in_the_picture():
    rng = np.random.default_rng(0)
    sound = rng.normal(0, 0.2, SPEECH_RATE_HZ).astype(np.float32)
    sound[int(0.50 * SPEECH_RATE_HZ) : int(0.56 * SPEECH_RATE_HZ)] *= 0.001
    phones = [Phone("m", 0.46, 0.60)]
    assert abs(closures_in(sound, phones)[0] - 0.53) < 0.03
    times = (np.arange(50) + 0.5) / 50
    open_ = 0.65 + 0.2 * np.sin(20 * times)
    for aperture, seen in ((np.where(abs(times - 0.53) < 0.05, 0.0, open_), 1.0), (open_, 0.0)):
        found = measure_lips([(talking(aperture), phones, sound)], Fraction(24))
        assert (found.closures, found.seen) == (1, seen)


def test_the_lag_of_many_noisy_lines_is_found_and_how_surely():
    rng = np.random.default_rng(1)
    fits = []
    for _ in range(16):
        bumps = np.repeat(rng.uniform(0, 1, 15), 12)  # syllables, at 60 a second
        sound = (np.repeat(bumps, SPEECH_RATE_HZ // 60) * rng.normal(0, 0.3, 180 * SPEECH_RATE_HZ // 60)).astype(
            np.float32
        )
        late = np.interp(np.arange(72) / 24 + 0.5 / 24 - 0.04, np.arange(180) / 60, bumps)
        fits.append(lag_fits(late + rng.normal(0, 0.15, 72), sound, 1 / 24))
    lag_ms, error_ms = pooled_lag_ms(np.array(fits))
    assert abs(lag_ms - 40) <= 12
    assert 0 < error_ms < 15
