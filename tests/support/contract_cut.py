"""The contract cut: every thing an editor may do, on bars, so that whoever renders it can be measured.

`make` renders it, edits it as an editor would (a J-cut) and renders it again, of which nothing may be generated.
`events_of` reads from the timeline and the takes alone (OpenTimelineIO, PyAV) what must be seen and heard, and when:
no code of ours says what is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import soundfile

import twopop

SIZE = (256, 144)
HANDLES = 12
ROLL = 6
"""Frames that the J-cut's sound leads its picture."""
TONES = {"DX": 1000, "FX": 1500, "BG": 500, "MX": 2000}
RATES = {"24": 24.0, "23.976": 24000 / 1001}

Time, Range = otio.opentime.RationalTime, otio.opentime.TimeRange


@dataclass(frozen=True)
class Contract:
    """The conformed and re-cut timeline, and what its media say."""

    path: Path
    frame_rate: float
    frames: int
    flashes: tuple[int, ...]
    """Cut frames that are white, outside dissolves."""
    tones: dict[str, tuple[int, ...]]
    """Track -> cut frames on which its tone begins, outside dissolves."""
    dissolve: range
    """Cut frames of the dissolve."""

    @property
    def cut(self):
        return twopop.read_timeline(self.path)


def make(folder: Path, frame_rate: float, media: str = "dnxhr", size: tuple[int, int] = SIZE) -> Contract:
    """The contract cut in `folder`; its state is kept there as well (TWOPOP_STATE_DIR is the caller's)."""
    original = folder / "contract.otio"
    otio.adapters.write_to_file(edit(frame_rate), str(original))
    options = {
        "store": folder / "takes", "backend": "bars", "width": size[0], "height": size[1],
        "handles_frames": HANDLES, "retime": "bake", "preview": False,
        "media": media,
    }  # fmt: skip
    first = twopop.render(original, **options)
    assert first.ok, str(first)
    cut_again = otio.adapters.read_from_file(first.timeline)
    lead_with_dialogue(cut_again, "D")
    recut = folder / "recut.otio"
    otio.adapters.write_to_file(cut_again, str(recut))
    second = twopop.render(recut, **options)
    assert second.ok, str(second)
    assert not [piece.name for piece in (*second.shots, *second.beds) if piece.status == "ready"]
    done = otio.adapters.read_from_file(second.timeline)
    flashes, tones = events_of(done, Path(second.timeline).parent)
    return Contract(Path(second.timeline), frame_rate, frames_of(done), flashes, tones, dissolve_of(done))


def edit(frame_rate: float) -> otio.schema.Timeline:
    """The cut with its holes: dissolve, gap, nest, retime, bed, timecode."""

    def frames(count):
        return Time(count, frame_rate)

    def span(start, count):
        return Range(frames(start), frames(count))

    def hole(name, count):
        clip = otio.schema.Clip(name, None, span(0, count))
        clip.markers.append(otio.schema.Marker(f"PROMPT: shot {name}", span(0, 0)))
        return clip

    made = otio.schema.Timeline("contract", global_start_time=frames(86400))
    track = otio.schema.Track("V1", kind="Video")
    nest, inner = otio.schema.Stack("nest"), otio.schema.Track("inner", kind="Video")
    inner.append(hole("N", 48))
    nest.append(inner)
    slow = hole("R", 48)
    slow.effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    dissolve = otio.schema.Transition("", "SMPTE_Dissolve", frames(12), frames(12))
    gap = otio.schema.Gap(source_range=span(0, 12))
    track.extend([hole("A", 66), dissolve, hole("B", 66), gap, nest, slow, hole("C", 44), hole("D", 60)])
    track.markers.append(otio.schema.Marker("MX: one long bed", span(0, 344)))
    made.tracks.append(track)
    return made


def lead_with_dialogue(timeline: otio.schema.Timeline, name: str) -> None:
    """Rolls the cut before a shot later on every track but DX, so that its dialogue leads its picture."""
    identity = next(c for c in timeline.find_clips() if c.name == name).metadata["twopop"]["id"]
    for track in timeline.tracks:
        for before, after in zip(track, list(track)[1:], strict=False):
            if after.metadata.get("twopop", {}).get("id") == identity and track.name != "DX":
                roll = Time(ROLL, track.source_range.duration.rate if track.source_range else after.duration().rate)
                old, new = before.source_range, after.source_range
                before.source_range = Range(old.start_time, old.duration + roll)
                after.source_range = Range(new.start_time + roll, new.duration - roll)


# ---- what must be seen and heard -------------------------------------------------------------------------------------


def events_of(timeline, folder: Path) -> tuple[tuple[int, ...], dict[str, tuple[int, ...]]]:
    """Flashes of the picture, and tones of every sound track, that no dissolve weakens (cut frames)."""
    flashes = sorted(
        {at for clip in timeline.find_clips() if not _is_sound(clip) for at in _shown(clip, timeline, folder)}
    )
    tones = {
        track.name: tuple(sorted(at for clip in track.find_clips() for at in _shown(clip, timeline, folder)))
        for track in timeline.audio_tracks()
    }
    return tuple(flashes), tones


def places_of(contract: Contract) -> list[tuple[str, str, int, int, int]]:
    """(top track, file, first cut frame, first frame of the file, frames) of every clip, its dissolves shown whole."""
    timeline = otio.adapters.read_from_file(str(contract.path))
    found = []
    for track in timeline.tracks:
        for clip in track.find_clips():
            visible = clip.visible_range()
            head = clip.source_range.start_time - visible.start_time
            begin = clip.transformed_time(clip.source_range.start_time, timeline.tracks) - head
            into = visible.start_time - clip.media_reference.available_range.start_time
            file = Path(clip.media_reference.target_url).name
            found.append((track.name, file, round(begin.value), round(into.value), round(visible.duration.value)))
    return found


def frames_of(timeline) -> int:
    return round(timeline.duration().value)


def dissolve_of(timeline) -> range:
    """Cut frames of the picture's dissolve."""
    track = next(t for t in timeline.video_tracks())
    transition = next(c for c in track if isinstance(c, otio.schema.Transition))
    first = round(track.trimmed_range_of_child(track[track.index(transition) + 1]).start_time.value)
    return range(first - round(transition.in_offset.value), first + round(transition.out_offset.value))


def _is_sound(clip) -> bool:
    owner = clip
    while not isinstance(owner, otio.schema.Track):
        owner = owner.parent()
    return owner.kind == otio.schema.TrackKind.Audio


def _shown(clip, timeline, folder: Path) -> list[int]:
    """Cut frames of the events of a clip, as far as it is shown by itself."""
    media = (folder / clip.media_reference.target_url).resolve()
    in_media = tones_of(media, clip.source_range.duration.rate) if _is_sound(clip) else flashes_of(media)
    head = round(clip.source_range.start_time.value - clip.media_reference.available_range.start_time.value)
    length = round(clip.source_range.duration.value)
    begin = round(clip.transformed_time(clip.source_range.start_time, timeline.tracks).value)
    faded = dissolve_of(timeline)
    return [begin + k - head for k in in_media if head <= k < head + length and begin + k - head not in faded]


@cache
def flashes_of(movie: Path) -> tuple[int, ...]:
    """Frames of a movie that are white all over."""
    with av.open(str(movie)) as opened:
        luma = [frame.to_ndarray(format="gray").mean() for frame in opened.decode(video=0)]
    return tuple(k for k, value in enumerate(luma) if value > 230)


@cache
def tones_of(sound: Path, frame_rate: float) -> tuple[int, ...]:
    """Frames of a sound file on which something begins after silence; they begin on a frame's very sample."""
    samples, sample_rate = soundfile.read(sound, dtype="int32", always_2d=True)
    loud = np.flatnonzero(np.abs(samples).max(axis=1))
    begins = [int(loud[0]), *(int(loud[k + 1]) for k in np.flatnonzero(np.diff(loud) > 200))]
    frames = [round(at * frame_rate / sample_rate) for at in begins]
    assert [ceil(k * sample_rate / frame_rate - 1e-6) for k in frames] == begins, sound
    return tuple(frames)
