import numpy as np
import pytest

from twopop.wire import ROLES
from twopop_engine.models.sketch import stems

RNG = np.random.default_rng(0)


def test_the_caps_leave_the_mix_whole_for_any_stems():
    loud = {role: stems.finish(role, RNG.normal(0, 300, (4_800, 2))) for role in ROLES}
    assert np.abs(stems.mix(loud)).max() < stems.FULL_SCALE
    assert 20 * np.log10(sum(stems.cap(role) for role in ROLES)) == pytest.approx(-1.05, abs=0.02)
    for role in ROLES:
        assert np.abs(loud[role]).max() <= stems.cap(role) * stems.FULL_SCALE


def test_the_mix_is_the_sum_of_integers():
    parts = {role: stems.finish(role, RNG.normal(0, 0.1, (1_000, 2))) for role in ROLES}
    assert np.array_equal(stems.mix(parts), sum(parts[role].astype(np.int64) for role in ROLES))


def test_what_is_below_the_cap_is_untouched():
    quiet = RNG.uniform(-0.2, 0.2, (4_801, 2))
    assert np.array_equal(stems.limit(quiet, 0.25), quiet)


def test_the_limiter_is_smooth_and_local():
    time = np.arange(48_000) / 48_000
    tone = np.sin(2 * np.pi * 200 * time)[:, None] * np.where((time > 0.4) & (time < 0.5), 4.0, 0.5)[:, None]
    out = stems.limit(tone, 1.0)
    assert np.abs(out).max() <= 1.0
    assert np.array_equal(out[:16_000], tone[:16_000])
    assert np.array_equal(out[30_000:], tone[30_000:])
    assert np.allclose(out[9_600:40_800], stems.limit(tone[9_600:40_800], 1.0))


def test_a_stem_with_nan_is_refused_with_its_place():
    sound = np.zeros((100, 2))
    sound[42, 1] = np.nan
    with pytest.raises(ValueError, match="effects stem is not finite at sample 42"):
        stems.finish("effects", sound)


def test_edges_do_not_click():
    out = stems.edged(np.ones((48_000, 2)))
    assert out[0, 0] == out[-1, 0] == 0
    assert np.abs(np.diff(out[:, 0])).max() < 0.02
