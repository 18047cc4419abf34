"""Frames as pixels: shapes, sameness, mouths measured in the picture, goldens."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from twopop_engine.models.sketch.raster import FrameArtist, SceneLook, person_from, rig_at, shot_at
from twopop_engine.models.sketch.raster.camera import FRAMINGS, camera_of
from twopop_engine.models.sketch.raster.rig import CharacterPose, Mouth, RigFrame, Shot, StagePose
from twopop_engine.models.sketch.raster.samples import SAMPLES, draw_sample

GOLDENS = Path(__file__).parent / "goldens"
MARA = person_from("woman, 40s, chef, brown bob", "MARA")
LEO = person_from("man, 30s, teal sweater, black short hair", "LEO")
LEFT = CharacterPose(root=(-0.45, 0.0), facing=0.45)
RIGHT = CharacterPose(root=(0.5, 0.1), facing=-0.5)


def smooth(frame):
    """Without the paper's grain: means over 5 x 5 pixels."""
    return np.asarray(Image.fromarray(frame).reduce(5)).astype(int)


def rig(framing="medium", subject=0, **stage):
    return RigFrame((LEFT, RIGHT), StagePose(light_level=0.7, **stage), Shot(framing, subject))


@pytest.mark.parametrize("size", [(64, 64), (127, 71), (270, 480), (300, 300), (640, 272)])
def test_any_size_is_drawn(size):
    frame = FrameArtist(SceneLook(people=(MARA, LEO)), size).frame(rig())
    assert frame.shape == (size[1], size[0], 3)
    assert frame.dtype == np.uint8
    assert frame.std() > 15


def test_too_small_a_frame_is_refused_with_the_least_size():
    with pytest.raises(ValueError, match="the least is 16 x 16"):
        FrameArtist(SceneLook(), (8, 8))


def test_the_same_rig_gives_the_same_frame_whatever_came_before():
    scene = SceneLook(people=(MARA, LEO))
    first = FrameArtist(scene, (320, 180))
    one = first.frame(rig())
    first.frame(rig("close-up", 1))
    assert np.array_equal(first.frame(rig()), one)
    assert np.array_equal(FrameArtist(scene, (320, 180)).frame(rig()), one)


def test_pixels_and_frame_are_one_picture():
    artist = FrameArtist(SceneLook(people=(MARA, LEO)), (320, 180))
    frame = artist.frame(rig())
    assert np.array_equal(artist.pixels(rig())[..., :3], frame)
    assert (artist.pixels(rig())[..., 3] == 255).all()


def test_only_who_is_visible_is_drawn():
    artist = FrameArtist(SceneLook(people=(MARA, LEO)), (320, 180))
    start = ((LEFT, RIGHT), StagePose(light_level=0.7))
    both = artist.frame(RigFrame((LEFT, RIGHT), start[1], Shot("medium", 0, start)))
    alone = artist.frame(RigFrame((LEFT, RIGHT), start[1], Shot("medium", 0, start, visible=(0,))))
    changed = np.abs(both.astype(int) - alone).sum(-1) > 90
    assert changed[60:, 230:].mean() > 0.2
    assert changed[60:, 90:170].mean() < 0.05


def test_pixels_depend_on_shot_and_pose_not_on_what_was_drawn_before():
    scene, pose = SceneLook(people=(MARA,)), (CharacterPose(root=(-0.4, 0.0), facing=0.4),)
    shot = Shot("medium", 0, (pose, StagePose(light_level=0.7)))
    artist = FrameArtist(scene, (320, 180))
    for push in (0.0, 0.05, 0.1, 0.3):
        last = artist.frame(RigFrame(pose, StagePose(light_level=0.7, camera=(push, 1.2), zoom=push), shot))
    fresh = FrameArtist(scene, (320, 180)).frame(
        RigFrame(pose, StagePose(light_level=0.7, camera=(0.3, 1.2), zoom=0.3), shot)
    )
    assert np.array_equal(last, fresh)


@pytest.mark.parametrize("push", [0.0, 0.03, 0.06, 0.2])
def test_a_pushed_backdrop_lies_where_a_drawn_one_would(push):
    """Plates are sampled, not redrawn: compare with the same camera as the first of its own shot."""
    pose, scene = (CharacterPose(root=(-0.4, 0.0), facing=0.4),), SceneLook(people=(MARA,))
    first = StagePose(light_level=0.7)
    stage = StagePose(light_level=0.7, camera=(0.01, 1.2), zoom=push)
    camera = camera_of(RigFrame(pose, stage, Shot("medium", 0, (pose, first))), scene.people, 16 / 9)
    free = StagePose(light_level=0.7, camera=(camera.x, camera.y), zoom=float(np.log(2 / camera.visible_m)))
    slid = FrameArtist(scene, (480, 270)).frame(RigFrame(pose, stage, Shot("medium", 0, (pose, first))))
    drawn = FrameArtist(scene, (480, 270)).frame(RigFrame(pose, free, Shot("free", 0, (pose, free))))
    assert np.abs(smooth(slid) - smooth(drawn)).mean() < 4.5


def test_a_still_camera_holds_the_background_still():
    artist = FrameArtist(SceneLook("office", "day", people=(MARA,)), (320, 180))
    start = ((LEFT,), StagePose(light_level=0.7))
    frames = []
    for blink in (0.0, 1.0):
        pose = CharacterPose(root=(-0.45, 0.0), facing=0.45, blink=blink)
        frames.append(artist.frame(RigFrame((pose,), start[1], Shot("close-up", 0, start))).astype(int))
    changed = np.abs(frames[0] - frames[1]).max(-1) > 0
    assert 0 < changed.mean() < 0.02


def lip_gap_px(aperture, jaw=0.1, **shapes):
    """Height of the dark between the lips at the middle of the mouth in a 1080p close-up, pixels."""
    person = person_from("woman, 30s, teal sweater, brown bun", "closure")
    mouth = Mouth(aperture, shapes.pop("width", 0.5), shapes.pop("round", 0.05), 0.0, 0.0, jaw)
    pose = CharacterPose(mouth=mouth, facing=0.35)
    scene = SceneLook("studio", "day", people=(person,), props=())
    frame = FrameArtist(scene, (1920, 1080)).frame(RigFrame((pose,), StagePose(light_level=0.7), Shot("close-up")))
    closed = frame[560:800, 600:1300].astype(int)
    inside = (np.abs(closed - np.array((37, 0, 4))).sum(-1) < 40) | (closed.sum(-1) < 90)
    columns = inside.sum(0)
    return int(np.median(columns[columns > 0])) if columns.any() else 0


def test_closed_lips_are_closed_in_the_picture():
    for aperture in (0.0, 0.04, 0.08):
        assert lip_gap_px(aperture) <= 3


def test_open_lips_are_open_in_the_picture():
    gaps = [lip_gap_px(aperture, jaw=aperture) for aperture in (0.3, 0.6, 0.95)]
    assert gaps[0] > 5
    assert gaps == sorted(gaps)


def test_tracks_of_the_layout_become_moving_pictures():
    from twopop_engine.models.sketch.layout import CA, CB, STAGE

    rng = np.random.default_rng(0)
    tracks = {group.name: np.zeros((50, group.dims)) for group in (CA, CB, STAGE)}
    for group in (CA, CB):
        low = np.array([channel.low for channel in group.channels])
        high = np.array([channel.high for channel in group.channels])
        tracks[group.name] = rng.uniform(low, high, (50, group.dims))
    artist = FrameArtist(SceneLook(people=(MARA, LEO), props=("pan", "cup")), (160, 90))
    shot = shot_at(tracks, 0.0, "two-shot")
    frames = [artist.frame(rig_at(tracks, k / 24, shutter_s=1 / 24, shot=shot)) for k in range(12)]
    assert all(not np.array_equal(a, b) for a, b in pairwise(frames))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_goldens(name):
    """Made by `python -m twopop_engine.models.sketch.raster.samples FOLDER --width 320 --colours 96`."""
    golden = np.asarray(Image.open(GOLDENS / f"{name}.png").convert("RGB")).astype(int)
    drawn = draw_sample(name, 320).astype(int)
    assert golden.shape == drawn.shape
    difference = np.abs(golden - drawn).max(-1)
    assert difference.mean() < 10  # the goldens have a palette of 96 colours, the paper's grain included
    assert (difference > 60).mean() < 0.01


def test_ink_is_nearly_grey_and_has_contours():
    paint = SceneLook(people=(MARA, LEO))
    colour, ink = (FrameArtist(scene, (320, 180)).frame(rig()) for scene in (paint, replace(paint, style="ink")))
    assert np.ptp(colour.astype(int), axis=-1).mean() > 20
    assert np.ptp(ink.astype(int), axis=-1).mean() < 12
    assert (ink.max(-1) < 60).mean() > 0.004


def test_samples_show_every_framing_that_is_composed():
    assert {frame.shot.framing for _, frame in SAMPLES.values()} >= set(FRAMINGS) - {"free"}
