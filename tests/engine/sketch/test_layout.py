import hashlib

import numpy as np

from twopop_engine.models.sketch import layout


def test_the_layout_is_frozen():
    """Weights in the field mean these channels in this order; a new channel takes a spare one's place."""
    names = "\n".join(f"{g.name} {g.rate_hz} {g.stream} {c.name} {c.unit}" for g in layout.GROUPS for c in g.channels)
    assert hashlib.sha256(names.encode()).hexdigest()[:16] == "6d01c07d73a97000"
    assert {g.name: g.dims for g in layout.GROUPS} == {
        "DX": 90,
        "FX": 30,
        "BG": 12,
        "MX": 28,
        "CA": 40,
        "CB": 40,
        "STAGE": 24,
    }


def test_no_channel_tells_picture_and_sound_of_a_contact():
    assert not [c.name for g in layout.GROUPS for c in g.channels if "contact" in c.name or "landed" in c.name]


def test_class_codes_survive_one_wrong_sign():
    for codes in (layout.EVENT_CODES, layout.SUSTAIN_CODES):
        apart = (codes[:, None] != codes[None]).sum(-1) + 99 * np.eye(len(codes))
        assert apart.min() >= 2
        assert set(np.unique(codes)) == {-1.0, 1.0}


def test_token_times_are_centres_on_the_absolute_grid():
    np.testing.assert_allclose(layout.DX.times_s(2, start=100), [2.01, 2.03])
    assert all(group.tokens(0.2) * 5 == group.rate_hz for group in layout.TRAINED if group.rate_hz)
    assert layout.MX.tokens(3.2) == 32
