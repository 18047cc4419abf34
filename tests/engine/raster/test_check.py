from twopop_engine.models.sketch.raster.check import verdicts
from twopop_engine.models.sketch.raster.places import PLACES, STANDS_FOR


def test_most_random_frames_keep_the_art_rules():
    results = list(verdicts(16, seed=3))
    for rule in ("values_pass", "palette_pass", "framing_pass"):
        assert sum(getattr(v, rule) for v in results) >= 14, [v for v in results if not getattr(v, rule)]


def test_every_place_of_the_layout_can_be_drawn():
    from twopop_engine.models.sketch.layout import PLACES as ASKED

    assert {STANDS_FOR.get(place, place) for place in ASKED} <= set(PLACES)
