from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from twopop_engine.models.sketch.raster import FrameArtist, SceneLook, person_from
from twopop_engine.models.sketch.raster.check import verdicts
from twopop_engine.models.sketch.raster.grade import relit
from twopop_engine.models.sketch.raster.palette import oklab
from twopop_engine.models.sketch.raster.places import PLACES, STANDS_FOR
from twopop_engine.models.sketch.raster.rig import CharacterPose, RigFrame, Shot, StagePose
from twopop_engine.models.sketch.raster.samples import SAMPLES
from twopop_engine.models.sketch.raster.sheet import contact_sheet


def test_most_random_frames_keep_the_art_rules():
    results = list(verdicts(12, seed=3))
    for rule in ("values_pass", "palette_pass", "framing_pass"):
        assert sum(getattr(v, rule) for v in results) > 10, [v for v in results if not getattr(v, rule)]


def test_every_place_of_the_layout_can_be_drawn():
    from twopop_engine.models.sketch.layout import PLACES as ASKED

    assert {STANDS_FOR.get(place, place) for place in ASKED} <= set(PLACES)


def test_places_differ_even_as_thumbnails():
    """Clean plates of 160 x 90, smoothed: no two are alike."""
    people = (person_from("woman, 30s", "X"),)
    plates = {}
    for name in PLACES:
        artist = FrameArtist(SceneLook(name, "day", people=people, props=()), (160, 90))
        plate = artist.empty(RigFrame((CharacterPose(),), StagePose(light_level=0.7), Shot("wide")))
        plates[name] = np.asarray(Image.fromarray(plate).reduce(10)).astype(float)
    for a, b in combinations(plates, 2):
        assert np.abs(plates[a] - plates[b]).mean() > 12, (a, b)


@pytest.mark.parametrize("weather", ["rain", "snow", "fog"])
def test_weather_is_seen_outdoors_only(weather):
    rig = RigFrame((CharacterPose(),), StagePose(light_level=0.7), Shot("medium"), 1.0)
    for place, seen in (("street", True), ("office", False)):
        looks = [SceneLook(place, "day", kind, people=(person_from("man", "Y"),)) for kind in ("clear", weather)]
        clear, wet = (FrameArtist(look, (320, 180)).frame(rig).astype(int) for look in looks)
        assert bool(np.abs(clear - wet).mean() > 3) is seen


def test_the_contact_sheet_holds_every_sample():
    sheet = contact_sheet(list(SAMPLES)[:4], 96, 2)
    assert sheet.shape == (2 * 54 + 18, 2 * 96 + 18, 3)
    assert all(sheet[6 + r * 60 : 60 + r * 60, 6 + c * 102 : 102 + c * 102].std() > 15 for r in (0, 1) for c in (0, 1))


def test_a_grey_panel_takes_the_palette_of_its_place_and_a_coloured_one_keeps_its_own():
    steps = np.repeat(np.linspace(40, 200, 64).astype(np.uint8), 3).reshape(1, 64, 3).repeat(64, 0)
    blue, tan = np.full((30, 30, 3), (40, 80, 110), np.uint8), np.full((30, 30, 3), (150, 110, 70), np.uint8)
    place = np.concatenate([blue, blue, tan])
    lent = relit(steps, place)[32].astype(int)
    dark, fair = lent[steps[0, :, 0] < 90], lent[steps[0, :, 0] > 140]
    assert (dark[:, 2] > dark[:, 0]).all()  # blue and tan, not the green between them
    assert (fair[:, 0] > fair[:, 2]).all()
    assert np.ptp(oklab(relit(steps, place)[32, :32])[:, 0]) > 0.2  # its tones stay apart
    white = relit(np.full((64, 64, 3), 255, np.uint8), place)
    assert white.min() > 120  # no channel of what is brightest runs over
    coloured = steps // np.array([1, 2, 4], np.uint8)
    np.testing.assert_array_equal(relit(coloured, place), coloured)
