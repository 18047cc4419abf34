from dataclasses import replace

import numpy as np
import pytest

from twopop_engine.models.sketch.raster.camera import Camera, camera_of, compose
from twopop_engine.models.sketch.raster.clearing import body_of, cleared
from twopop_engine.models.sketch.raster.look import Person
from twopop_engine.models.sketch.raster.places import PLACES
from twopop_engine.models.sketch.raster.rig import CharacterPose, PropPose, RigFrame, Shot, StagePose

PEOPLE = (Person(height=1.70), Person(height=1.80))
LEFT = CharacterPose(root=(-0.5, 0.0), facing=0.5)
RIGHT = CharacterPose(root=(0.5, 0.0), facing=-0.5)


def pixel(camera, x, height, size):
    view = camera.plane(0.0, size)
    return view[:, :2] @ (x, -height) + view[:, 2]


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1080, 1080)])
@pytest.mark.parametrize("framing", ["close-up", "medium-close", "medium"])
def test_eyes_lie_near_the_upper_third(framing, size):
    camera = compose(Shot(framing, 0), PEOPLE, (LEFT, RIGHT), size[0] / size[1])
    _, y = pixel(camera, -0.5, 0.925 * 1.70, size)
    assert 0.26 <= y / size[1] <= 0.38


@pytest.mark.parametrize(("subject", "sign"), [(0, 1), (1, -1)])
def test_there_is_room_in_the_direction_of_the_look(subject, sign):
    camera = compose(Shot("close-up", subject), PEOPLE, (LEFT, RIGHT), 16 / 9)
    assert (camera.x - (LEFT, RIGHT)[subject].root[0]) * sign > 0.05


def test_a_two_shot_holds_both():
    camera = compose(Shot("two-shot"), PEOPLE, (LEFT, RIGHT), 1.0)
    xs = [pixel(camera, pose.root[0], 1.4, (1000, 1000))[0] for pose in (LEFT, RIGHT)]
    assert min(xs) > 150
    assert max(xs) < 850


def test_a_wide_shot_shows_feet_and_crown():
    camera = compose(Shot("wide"), PEOPLE, (LEFT, RIGHT), 16 / 9)
    assert pixel(camera, 0, 0.0, (1920, 1080))[1] < 1080
    assert pixel(camera, 0, 1.80, (1920, 1080))[1] > 0


def test_free_framing_is_the_tokens_camera():
    stage = StagePose(camera=(0.3, 1.5), zoom=float(np.log(4.0)))
    camera = camera_of(RigFrame((LEFT,), stage, Shot("free")), PEOPLE, 16 / 9)
    assert (camera.x, camera.y, camera.visible_m) == (0.3, 1.5, pytest.approx(0.5))
    assert pixel(camera, 0.3, 1.5, (1920, 1080)).tolist() == [960, 540]


def test_the_tokens_camera_moves_a_composed_shot():
    start = ((LEFT, RIGHT), StagePose(zoom=0.2))
    shot = Shot("medium", 0, start)
    still = camera_of(RigFrame((LEFT, RIGHT), StagePose(zoom=0.2), shot), PEOPLE, 16 / 9)
    pushed = camera_of(RigFrame((LEFT, RIGHT), StagePose(zoom=0.3, camera=(0.1, 1.2)), shot), PEOPLE, 16 / 9)
    assert pushed.visible_m == pytest.approx(still.visible_m / np.exp(0.1))
    assert pushed.x == pytest.approx(still.x + 0.1)


def test_nobody_walks_out_of_their_own_shot():
    shot = Shot("close-up", 0, ((LEFT, RIGHT), StagePose()))
    far = CharacterPose(root=(1.5, 0.0), facing=1.2)
    camera = camera_of(RigFrame((far, RIGHT), StagePose(), shot), PEOPLE, 16 / 9)
    x, _ = pixel(camera, 1.5, 1.5, (1920, 1080))
    assert 0 < x < 1920


def test_nearer_things_move_more():
    a, b = Camera(0.0, 1.0, 2.0), Camera(0.5, 1.0, 2.0)
    moves = [a.plane(z, (1920, 1080))[0, 2] - b.plane(z, (1920, 1080))[0, 2] for z in (-0.5, 0.0, 3.0)]
    assert moves[0] > moves[1] > moves[2] > 0


@pytest.mark.parametrize("name", sorted(PLACES))
def test_every_place_has_something_before_among_and_behind_the_people(name):
    depths = [layer.z for layer in PLACES[name].layers]
    assert min(depths) < 0
    assert any(0 <= z < 1.2 for z in depths)
    assert max(depths) >= 2.4


def test_an_insert_on_a_phone_shows_no_half_of_a_face():
    phone = StagePose(props=(PropPose(-0.2, 1.24),))
    camera = compose(Shot("insert", 0), PEOPLE, (LEFT, RIGHT), 16 / 9, phone)
    top, bottom = camera.y + camera.visible_m / 2, camera.y - camera.visible_m / 2
    assert top < 0.87 * 1.70
    assert bottom < 1.24 < 1.24 + 0.155 < top
    assert camera.x > -0.2  # away from whoever holds it


@pytest.mark.parametrize("gap", [0.75, 0.85, 0.95])
def test_a_single_cuts_nobody_elses_face_in_half(gap):
    camera = compose(Shot("medium-close", 0), PEOPLE, (LEFT, replace(RIGHT, root=(LEFT.root[0] + gap, 0.0))), 16 / 9)
    edge = camera.x + camera.visible_m * 16 / 9 / 2
    assert abs(LEFT.root[0] + gap - edge) >= 0.169
    assert camera.x > LEFT.root[0]  # some look room is left


def test_a_foreground_keeps_off_hands_and_stays_where_it_covers_nobody():
    size, pad, camera = (320, 180), (0, 0), Camera(0.0, 1.1, 1.2)
    plate = np.zeros((180, 320, 4), np.uint8)
    plate[100:, 40:100] = plate[120:, 300:] = 200
    hands = CharacterPose(root=(-0.3, 0.0), hands=((-0.24, 0.9), (0.24, 0.9)))
    body = body_of(hands, (), camera)
    moved = cleared(plate, (0, 0), -0.5, camera, camera, size, pad, (body,))
    seen = np.flatnonzero(moved[..., 3].any(0))
    hand = camera.plane(0.0, size)[0] @ (-0.54, 0.0, 1.0)
    assert seen[seen < 160].max() < hand < 100
    assert seen[seen >= 160].min() == 300
    assert cleared(plate, (0, 0), -0.5, camera, camera, size, pad, ()) is plate
