"""Things in the picture: every one at its place, in its hand, on what carries it; and light that flares."""

from dataclasses import replace

import numpy as np
import pytest

from twopop_engine.models.sketch.actions import ACTIONS
from twopop_engine.models.sketch.raster import FrameArtist, SceneLook, person_from
from twopop_engine.models.sketch.raster.camera import camera_of
from twopop_engine.models.sketch.raster.props import PROPS, Thing
from twopop_engine.models.sketch.raster.rig import CharacterPose, PropPose, RigFrame, Shot, StagePose

SIZE = (320, 180)
INES = person_from("woman, 20s, mustard sweater, ginger bun", "INES")
STANDS = CharacterPose(root=(-0.2, 0.2), facing=0.35)
VIEW = {"camera": (0.2, 1.0), "zoom": 0.0, "light_level": 0.7}
THINGS = sorted(name for name, action in ACTIONS.items() if action.drawn)


def drawn(name, prop, pose=STANDS, rest=None, place="room"):
    scene = SceneLook(place, "day", people=(INES,), props=(name,), rests=(rest or (prop.x, prop.y),))
    rig = RigFrame((pose,), StagePose(props=(prop,), **VIEW), Shot("free"), 2.0)
    return FrameArtist(scene, SIZE).frame(rig).astype(int), camera_of(rig, scene.people, SIZE[0] / SIZE[1])


def at(camera, x, y, z=0.2):
    view = camera.plane(z, SIZE)
    px, py = view[:, :2] @ (x, -y) + view[:, 2]
    return int(px), int(py)


def test_every_thing_that_is_acted_with_has_a_drawing():
    assert set(THINGS) <= PROPS


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_is_seen_where_it_is(name):
    low, high = ACTIONS[name].rest_m
    y = (low + high) / 2
    picture, camera = drawn(name, PropPose(0.5, y))
    without, _ = drawn("", PropPose(0.5, y))
    changed = np.abs(picture - without).max(-1) > 25
    x, row = at(camera, 0.5, y + 0.05)
    assert changed[max(0, row - 17) : row + 17, max(0, x - 17) : x + 17].mean() > 0.05


@pytest.mark.parametrize("name", sorted(n for n in THINGS if ACTIONS[n].motion in ("place", "strike", "swing", "pour")))
def test_what_is_held_is_in_a_hand(name):
    """Skin is seen at the grip, and it goes along when the thing is lifted."""
    scene_rest = (0.25, max(0.3, ACTIONS[name].rest_m[0]))
    for lift in (0.15,):
        prop = PropPose(scene_rest[0], scene_rest[1] + lift, -0.2, 1.0)
        grip = Thing(name, prop, scene_rest).grip
        hand = (prop.x + grip[0] - STANDS.root[0], prop.y + grip[1])
        picture, camera = drawn(name, prop, replace(STANDS, hands=((-0.24, 0.86), hand)), scene_rest)
        x, row = at(camera, prop.x + grip[0], prop.y + grip[1])
        near = picture[row - 4 : row + 5, x - 4 : x + 5].reshape(-1, 3)
        red, green, blue = near.T
        assert ((red > 120) & (red - blue > 30) & (red > green + 12)).mean() > 0.15


def test_a_door_that_swings_uncovers_what_is_behind_it():
    shut, _ = drawn("door", PropPose(0.4, 0.0, 0.0))
    ajar, _ = drawn("door", PropPose(0.4, 0.0, 0.5))
    wide, _ = drawn("door", PropPose(0.4, 0.0, 1.2))
    changed = [(np.abs(frame - shut).max(-1) > 25).sum() for frame in (ajar, wide)]
    assert 130 < changed[0] < changed[1]


def test_a_kettle_pours_only_past_its_tilt():
    upright, _ = drawn("kettle", PropPose(0.2, 1.05, 0.6, 1.0), rest=(0.2, 0.9))
    pouring, camera = drawn("kettle", PropPose(0.2, 1.05, 1.1, 1.0), rest=(0.2, 0.9))
    x, row = at(camera, 0.44, 0.97)
    spot = np.s_[row - 5 : row + 4, x - 4 : x + 5]
    assert np.abs(pouring[spot] - upright[spot]).max() > 40


def test_hips_low_down_get_a_seat_and_feet_on_the_floor():
    standing, _ = drawn("", PropPose())
    seated, camera = drawn("", PropPose(), replace(STANDS, hip_drop=0.42))
    x, row = at(camera, -0.2, 0.25)
    under = np.s_[row - 5 : row + 5, x - 26 : x + 26]
    assert (np.abs(seated[under] - standing[under]).max(-1) > 25).mean() > 0.3


def test_light_that_flares_up_whitens_the_frame_and_draws_no_new_backdrop():
    scene = SceneLook("street", "night", "rain", people=(INES,), props=())
    artist, start = FrameArtist(scene, SIZE), ((STANDS,), StagePose(**VIEW))
    shot = Shot("free", 0, start)
    dark = artist.frame(RigFrame((STANDS,), start[1], shot))
    flare = artist.frame(RigFrame((STANDS,), replace(start[1], light_level=1.0), shot))
    after = artist.frame(RigFrame((STANDS,), start[1], shot))
    assert flare.mean() > dark.mean() + 25
    assert np.array_equal(after, dark)
