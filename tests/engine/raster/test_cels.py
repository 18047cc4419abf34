"""Frames out of cels: what is kept must not be seen, and planes are the frame in the encoder's colours."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from twopop_engine.models.sketch.layout import CA, CB, STAGE
from twopop_engine.models.sketch.raster import FrameArtist, SceneLook, rig_at, shot_at
from twopop_engine.models.sketch.raster.canvas import Canvas
from twopop_engine.models.sketch.raster.cels import CelCanvas
from twopop_engine.models.sketch.raster.rig import CharacterPose, Mouth, PropPose, RigFrame, Shot, StagePose
from twopop_engine.models.sketch.raster.samples import SAMPLES
from twopop_engine.models.sketch.raster.shapes import ellipse, rectangle
from twopop_engine.models.sketch.raster.twos import Twos
from twopop_engine.models.sketch.raster.video import planes_for, split, to_video, video_colour

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)
SIZE = (480, 270)


def lively(name, steps=8):
    """A sample's rig with everything moving a little, each step from the same first pose."""
    scene, rig = SAMPLES[name]
    stage = replace(rig.stage, props=rig.stage.props or (PropPose(),))
    draw = np.random.default_rng(len(name))
    shot = replace(rig.shot, start=(rig.people, stage)) if rig.shot.start is None else rig.shot
    for k in range(steps):
        what = k % 4  # mouths only; bodies; the prop; the camera
        people = tuple(
            replace(
                pose,
                mouth=Mouth(*draw.uniform(0, 1, 6).tolist()),
                blink=float(draw.uniform()),
                hands=tuple((x + 0.05 * what, y + 0.02 * what) for x, y in pose.hands),
            )
            for pose in rig.people
        )
        prop = replace(stage.props[0], x=stage.props[0].x + 0.02 * (what == 2))
        moved = replace(stage, props=(prop,), zoom=0.02 * (what == 3))
        yield scene, RigFrame(people, moved, shot, rig.time_s + k // 2)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_frame_is_the_same_whatever_frames_were_drawn_before_it(name):
    kept = None
    for scene, rig in lively(name):
        kept = kept or FrameArtist(scene, SIZE)
        assert np.array_equal(kept.frame(rig), FrameArtist(scene, SIZE).frame(rig))


@pytest.mark.parametrize("name", ["kitchen_knife", "street_rain", "office_over", "kitchen_ink"])
def test_planes_are_the_frame_in_rec709(name):
    artist, luma = None, None
    for scene, rig in lively(name, 3):
        artist = artist or FrameArtist(scene, SIZE, video=True)
        planes = artist.exposure(rig).develop()
        rgb = FrameArtist(scene, SIZE).frame(rig).astype(float)
        y = 16 + 219 / 255 * (rgb @ (0.2126, 0.7152, 0.0722))
        u = 128 + 224 / 255 / 1.8556 * (rgb[..., 2] - (y - 16) * 255 / 219)
        v = 128 + 224 / 255 / 1.5748 * (rgb[..., 0] - (y - 16) * 255 / 219)
        for plane, wanted in zip(planes, (y, u, v), strict=True):
            full = wanted if plane.shape == wanted.shape else wanted.reshape(SIZE[1], -1, 2).mean(-1)
            away = np.abs(plane - full)
            assert away.mean() < 0.8
            assert np.percentile(away, 99.9) < 4
        luma = planes[0]
    assert luma.min() >= 16
    assert luma.max() <= 235


def test_the_same_rig_again_is_none_and_exposures_may_be_developed_late():
    scene, rig = SAMPLES["cafe_two"]
    blink = replace(rig, people=(replace(rig.people[0], blink=1.0), *rig.people[1:]))
    artist = FrameArtist(scene, SIZE, video=True)
    exposures = [artist.exposure(now) for now in (rig, rig, blink)]
    at_once = FrameArtist(scene, SIZE, video=True)
    for now, exposure in zip((rig, rig, blink), exposures, strict=True):
        planes, wanted = exposure.develop(), at_once.exposure(now).develop()
        assert (planes is None) == (wanted is None) == (exposure is exposures[1])
        for plane, own in zip(planes or (), wanted or (), strict=True):
            assert np.array_equal(plane, own)


def test_an_odd_width_has_no_planes():
    with pytest.raises(ValueError, match="the next are 128"):
        FrameArtist(SceneLook(), (127, 71), video=True)


def test_only_what_changed_is_drawn():
    canvas, drawn = CelCanvas(64, 64), []
    paper = np.full((64, 64), 0xFF808080, np.uint32)

    def dot(x, colour):
        drawn.append(x)
        canvas.fill(ellipse(x, 32, 6, 6), colour)

    def frame(x):
        canvas.cel("left", 0, lambda: dot(10, RED))
        canvas.cel("right", x, lambda: dot(x, BLUE))
        return canvas.expose(paper, moved=False)

    assert frame(40) == [(0, 0, 64, 64)]
    assert frame(40) == []
    (box,) = frame(44)
    assert drawn == [10, 40, 44]
    assert box[0] > 18
    assert box[0] % 2 == box[2] % 2 == 0
    assert canvas.pixels[32, 10].tolist() == list(RED)
    assert canvas.pixels[32, 35].tolist() == [128, 128, 128, 255]
    assert canvas.pixels[32, 44].tolist() == list(BLUE)


def test_cels_that_change_places_or_go_are_drawn_anew():
    canvas, paper = CelCanvas(64, 64), np.full((64, 64), 0xFF000000, np.uint32)

    def frame(*names):
        for name in names:
            colour = {"a": RED, "b": BLUE}[name]
            canvas.cel(name, 0, lambda colour=colour: canvas.fill(rectangle(10, 10, 30, 30), colour))
        canvas.expose(paper, moved=False)
        return canvas.pixels[20, 20].tolist()

    assert [frame("a", "b"), frame("b", "a"), frame("b"), frame()] == [
        list(BLUE),
        list(RED),
        list(BLUE),
        [0, 0, 0, 255],
    ]


def test_cels_that_pass_each_other_are_drawn_anew_where_they_overlap():
    canvas, paper = CelCanvas(64, 64), np.full((64, 64), 0xFF000000, np.uint32)
    left = {"a": 10, "b": 20, "c": 40}

    def frame(*names):
        for name in names:
            x, colour = left[name], BLUE if name == "b" else RED
            canvas.cel(name, 0, lambda x=x, colour=colour: canvas.fill(rectangle(x, 10, x + 14, 30), colour))
        return canvas.expose(paper, moved=False)

    frame("a", "b", "c")
    ((left_x, _, right_x, _),) = frame("c", "b", "a")
    assert 16 <= left_x <= 20
    assert 24 <= right_x <= 28
    assert [canvas.pixels[20, x].tolist() for x in (15, 22, 30)] == [list(RED), list(RED), list(BLUE)]


def test_a_canvas_of_video_draws_converted_colours():
    rgb, video = Canvas(32, 32), Canvas(32, 32, video=True)
    for canvas in (rgb, video):
        canvas.pixels[:] = (0, 0, 0, 255) if canvas is rgb else video_colour((0, 0, 0, 255))
        canvas.fill(ellipse(16, 16, 12, 9), (200, 120, 40, 255))
        canvas.fill(ellipse(12, 16, 9, 9), (20, 220, 140, 130))
        canvas.flush()
    converted = rgb.pixels.copy()
    to_video(converted)
    assert np.abs(converted.astype(int) - video.pixels).max() <= 2
    assert video_colour((255, 255, 255, 9)) == (235, 128, 128, 9)


def test_splitting_a_box_touches_nothing_else():
    words = np.random.default_rng(0).integers(0, 2**32, (200, 64), np.uint32)
    whole, part = planes_for(64, 200), planes_for(64, 200)
    split(words, whole, (0, 0, 64, 200))
    split(words[30:170, 8:20], part, (8, 30, 20, 170))
    channels = words.view(np.uint8).reshape(200, 64, 4)
    assert np.array_equal(whole[0], channels[..., 0])
    for plane, channel in zip(whole[1:], (1, 2), strict=True):
        pairs = channels[..., channel].reshape(200, 32, 2).astype(int)
        assert np.array_equal(plane, (pairs.sum(-1) + 1) // 2)
    for a, b, scale in zip(whole, part, (1, 2, 2), strict=True):
        box = (slice(30, 170), slice(8 // scale, 20 // scale))
        assert np.array_equal(a[box], b[box])
        b[box] = 0
        assert not b.any()


def tracks(**moving):
    """Somebody at rest, but for the channels given as metres a second."""
    rest = {group.name: np.zeros((60, group.dims)) for group in (CA, CB, STAGE)}
    times = CA.times_s(60)
    for name, speed in moving.items():
        group, channel = name.split("_", 1)
        rest[group][:, {"CA": CA, "CB": CB}[group].index[channel]] = speed * times
    return rest


def test_bodies_go_on_twos_and_mouths_never():
    moving = tracks(CA_lean=0.1)
    for k, name in enumerate(("aperture.0", "aperture.1")):
        times = (np.arange(60) + 0.25 + 0.5 * k) / CA.rate_hz
        moving["CA"][:, CA.index[name]] = 0.5 + 0.4 * np.sin(7.0 * times)
    shot = shot_at(moving, 0.0, "medium")
    twos = Twos(Fraction(24), shot, 1.2)
    rigs = [twos.rig(moving, k) for k in range(24)]
    leans = [rig.people[0].lean for rig in rigs]
    assert leans[::2] == leans[1::2]
    assert len(set(leans)) == 12
    assert len({rig.people[0].mouth.aperture for rig in rigs}) > 15
    assert (
        np.abs(np.array(leans) - [rig_at(moving, k / 24, shutter_s=1 / 24).people[0].lean for k in range(24)]).max()
        < 0.003
    )


@pytest.mark.parametrize(("opens_a_second", "held"), [(0.0, True), (0.3, True), (1.2, False)])
def test_a_mouth_is_held_only_while_its_lips_hardly_move(opens_a_second, held):
    moving = tracks()
    for k, name in enumerate(("aperture.0", "aperture.1")):
        moving["CA"][:, CA.index[name]] = 0.05 + opens_a_second * (np.arange(60) + 0.25 + 0.5 * k) / CA.rate_hz
    moving["CA"][:, CA.index["gaze_x"]] = np.where(np.arange(60) % 2, 0.06, -0.06)  # unrest, no saccade
    twos = Twos(Fraction(24), shot_at(moving, 0.0, "medium"), 1.2)
    first, second = (twos.rig(moving, k).people[0] for k in (8, 9))
    assert first.gaze == second.gaze
    assert (first.mouth == second.mouth) is held


def test_who_hardly_moves_goes_on_fours():
    moving = tracks(CA_lean=0.02, CB_lean=0.1)
    twos = Twos(Fraction(24), shot_at(moving, 0.0, "medium"), 1.2)
    rigs = [twos.rig(moving, k) for k in range(24)]
    leans = [[rig.people[who].lean for rig in rigs] for who in (0, 1)]
    assert [len(set(own)) for own in leans] == [6, 12]
    assert leans[0][::4] == leans[0][3::4]
    assert np.abs(np.array(leans[0]) - 0.02 * (np.arange(24) + 0.5) / 24).max() < 0.0014


def test_a_hand_moves_on_twos_while_the_body_rests_on_fours():
    moving = tracks(CA_lean=0.02, CA_right_hand_x=0.2)
    twos = Twos(Fraction(24), shot_at(moving, 0.0, "medium"), 1.2)
    people = [twos.rig(moving, k).people[0] for k in range(24)]
    assert len({pose.lean for pose in people}) == 6
    assert [len({pose.hands[hand] for pose in people}) for hand in (0, 1)] == [1, 12]


def test_who_is_fast_is_drawn_in_every_frame():
    moving = tracks(CA_right_hand_x=1.5)
    twos = Twos(Fraction(24), shot_at(moving, 0.0, "medium"), 1.2)
    hands = {k: twos.rig(moving, k).people[0].hands for k in range(8)}
    assert len(set(hands.values())) == 8
    assert len({twos.rig(moving, k).people[1].hands for k in range(8)}) == 1


@pytest.mark.parametrize(
    ("rate", "hold"), [("12", 1), ("15", 1), ("24000/1001", 2), ("24", 2), ("25", 2), ("30", 2), ("60", 5)]
)
def test_bodies_are_drawn_twelve_times_a_second_at_least(rate, hold):
    assert Twos(Fraction(rate), Shot(), 1.2).hold == hold


def test_a_pose_depends_on_its_frame_alone():
    moving = tracks(CA_lean=0.2, CB_right_hand_y=0.9)
    shot = shot_at(moving, 0.0, "two-shot")
    forward = Twos(Fraction(30), shot, 1.2)
    rigs = [forward.rig(moving, k) for k in range(20)]
    assert [Twos(Fraction(30), shot, 1.2).rig(moving, k) for k in reversed(range(20))] == rigs[::-1]


def test_a_pose_at_rest_is_the_same_picture():
    still = tracks()
    twos = Twos(Fraction(24), shot_at(still, 0.0, "medium"), 1.2)
    assert replace(twos.rig(still, 4), time_s=0.0) == replace(twos.rig(still, 9), time_s=0.0)
    assert isinstance(twos.rig(still, 4).people[0], CharacterPose)
    assert isinstance(twos.rig(still, 4).stage, StagePose)
