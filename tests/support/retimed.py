"""Footage that nobody generated, at every kind of speed: an edit of it, and what is seen and heard when it plays."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import opentimelineio as otio

from twopop.media.write import write_movie
from twopop.timebase import frame_to_sample
from twopop.tracks import retimes_of

RATES = {"24": Fraction(24), "23.976": Fraction(24000, 1001)}
EVENTS = (24, 48, 72)
"""Frames of the footage that are white and sound."""
CLIPS = (
    (2.0, 12, 24), (0.5, 40, 40), (-1.0, 20, 48), (-2.0, 20, 24), (1.0, 44, 12), (0.0, 48, 120), (1.0, 60, 24),
    (0.0, 24, 10),
)  # fmt: skip
"""(speed, first source frame, frames of cut) of every clip, one after another; one freeze is longer than its media."""
FROZEN = {*range(148, 268), *range(292, 302)}
FLASHES = {6: 1, 18: 1, 40: 2, 83: 1, 107: 1, 121: 1, 133: 1, 140: 1, 280: 1}
"""First white cut frame: how many, outside freezes."""
TONES = (6, 18, 40, 83, 107, 121.5, 133.5, 140, 280)


def written(folder, rate, size=(256, 144)):
    """Writes footage and cut; the cut's path."""
    frames = 96
    picture = np.full((frames, size[1], size[0], 3), 40, np.uint8)
    sound = np.zeros(frame_to_sample(frames, rate), np.int32)
    for at in EVENTS:
        picture[at] = 255
        first, last = (frame_to_sample(k, rate) for k in (at, at + 1))
        sound[first:last] = np.sin(2 * np.pi * 1000 * np.arange(last - first) / 48000) * 2**30
    stereo = np.repeat(sound[:, None] >> 8, 2, axis=1)
    write_movie(folder / "real.mov", picture, size=size, frame_rate=rate, sound=[stereo], codec="dnxhr")
    timeline = otio.schema.Timeline("retimed", global_start_time=_time(86400, rate))
    for kind in ("Video", "Audio"):
        track = otio.schema.Track(kind[0] + "1", kind=kind)
        track.extend([_clip(rate, *clip) for clip in CLIPS])
        timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(folder / "retimed.otio"))
    return folder / "retimed.otio"


def _time(value, rate):
    return otio.opentime.RationalTime(value, float(rate))


def _clip(rate, speed, first, frames):
    media = otio.schema.ExternalReference("real.mov", otio.opentime.TimeRange(_time(0, rate), _time(96, rate)))
    clip = otio.schema.Clip("real", media, otio.opentime.TimeRange(_time(first, rate), _time(frames, rate)))
    if speed != 1:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame())
    return clip


def check(seen, late):
    """Every flash within half a frame of the media, every tone within 0.05 frame of the cut and only there."""
    assert seen.frames == sum(frames for _, _, frames in CLIPS)
    white = set(seen.flashes())
    assert white >= FROZEN
    for at, count in FLASHES.items():
        assert white & {at - 1, at, at + 1} in ({*range(at, at + count)}, {*range(at - 1, at - 1 + count)}), at
    assert not white - FROZEN - {at + k for at in FLASHES for k in (-1, 0, 1)}
    heard = [burst.start for burst in seen.bursts]
    assert len(heard) == len(TONES)
    for at, start in zip(TONES, heard, strict=True):
        assert -0.05 <= start - at <= 0.05 + late, (at, start)


def said(cut, kind):
    """Place, source and speeds of every clip of a kind."""
    return [
        (item.record, item.trimmed, [effect["time_scalar"] for effect in retimes_of(item.node)])
        for item in cut.items
        if item.kind == kind and item.schema == "Clip"
    ]
