"""Every pop sits on its flash, read from the media of the conformed cut with PyAV alone: no code of ours measures."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import clips, hole, span, timeline

RATES = [
    (24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (48, 1), (50, 1), (60000, 1001), (60, 1),
]  # fmt: skip
STEMS = ("DX", "FX", "BG", "MX")


def flashes(path):
    """Frames that are white all over."""
    with av.open(str(path)) as movie:
        luma = [frame.to_ndarray(format="gray").mean() for frame in movie.decode(video=0)]
    return [k for k, value in enumerate(luma) if value > 230], len(luma)


def onsets(samples):
    """First samples of every tone: sound after a silence."""
    loud = np.abs(samples).max(axis=1) > 0 if samples.ndim > 1 else np.abs(samples) > 0
    if not loud.any():
        return []
    found = np.flatnonzero(loud)
    return [int(found[0]), *(int(found[k + 1]) for k in np.flatnonzero(np.diff(found) > 200))]


def media(clip, folder):
    return folder / clip.media_reference.target_url


def in_cut_frames(clip, track, take_frames, rate):
    """Take frames of a clip as frames of the cut, if the cut shows them."""
    first = clip.source_range.start_time.value - clip.media_reference.available_range.start_time.value
    at = track.range_of_child(clip).start_time.value
    shown = [k for k in take_frames if first <= k < first + clip.source_range.duration.value]
    return [round(at + k - first) for k in shown]


def check_clip(picture, stems, folder, rate):
    """0 frames and 0 samples in the take clock, on every stem and in the mix."""
    events, count = flashes(media(picture, folder))
    assert events
    boundaries = [ceil(k * 48000 / rate) for k in events]
    for stem in stems:
        sound, sample_rate = soundfile.read(media(stem, folder), dtype="int32", always_2d=True)
        assert sample_rate == 48000
        assert len(sound) == ceil(count * 48000 / rate)
        assert onsets(sound) == boundaries
    with av.open(str(media(picture, folder))) as movie:
        blocks = [frame.to_ndarray() for frame in movie.decode(audio=0)]
    mix = np.concatenate(blocks, axis=1).reshape(-1, 2)
    assert len(mix) == ceil(count * 48000 / rate)
    assert onsets(mix) == boundaries
    return events


@pytest.mark.parametrize(("numerator", "denominator"), RATES)
def test_pops_sit_on_flashes_at_every_rate(bench, numerator, denominator):
    rate = Fraction(numerator, denominator)
    number = float(rate)
    second = round(rate)
    edit = timeline(hole("A", second + 7, rate=number), hole("B", second * 2, start=5, rate=number), rate=number)
    report = bench.render(edit)
    done = bench.result(report)
    folder = Path(report.timeline).parent
    lanes = {t.name: t for t in done.tracks}
    for index, picture in enumerate(clips(done, "V1")):
        stems = [clips(done, name)[index] for name in STEMS]
        events = check_clip(picture, stems, folder, rate)
        seen = in_cut_frames(picture, lanes["V1"], events, rate)
        assert seen[0] == round(lanes["V1"].range_of_child(picture).start_time.value)
        for name, stem in zip(STEMS, stems, strict=True):
            assert in_cut_frames(stem, lanes[name], events, rate) == seen


def test_the_mix_is_the_sum_of_the_stems(bench):
    report = bench.render(timeline(hole("A", 30)))
    shot = report.shots[0]
    with av.open(shot.mix) as movie:
        mix = np.concatenate([frame.to_ndarray() for frame in movie.decode(audio=0)], axis=1).reshape(-1, 2)
    total = sum(soundfile.read(path, dtype="int32")[0].astype(np.int64) >> 8 for path in shot.stems.values())
    assert np.abs((mix.astype(np.int64) >> 8) - total).max() <= 1


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lengths=st.lists(st.integers(8, 40), min_size=2, max_size=4),
    starts=st.lists(st.integers(-20, 200), min_size=4, max_size=4),
    rate=st.sampled_from(RATES),
)
def test_random_cuts_stay_in_sync(tmp_path_factory, monkeypatch, lengths, starts, rate):
    from .conftest import Bench

    folder = tmp_path_factory.mktemp("random")
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(folder / "state"))
    exact = Fraction(*rate)
    holes = [
        hole(f"S{k}", length, start=start, rate=float(exact))
        for k, (length, start) in enumerate(zip(lengths, starts, strict=False))
    ]
    report = Bench(folder).render(timeline(*holes, rate=float(exact)))
    done = otio.adapters.read_from_file(report.timeline)
    for index, picture in enumerate(clips(done, "V1")):
        check_clip(picture, [clips(done, name)[index] for name in STEMS], folder, exact)


@pytest.mark.parametrize("drop", [True, False])
def test_an_hour_of_900_shots_does_not_drift(bench, drop):
    rate = 30000 / 1001
    edit = timeline(*(hole(f"S{k:04d}", 120, rate=rate) for k in range(900)), rate=rate, start=107892)
    report = bench.render(edit, only=["S089[789]"], drop_frame=drop)
    done = bench.result(report)
    folder = Path(report.timeline).parent
    assert bench.generated == ["S0897", "S0898", "S0899"]
    last = clips(done, "V1")[899]
    assert last.source_range == span(107892 + 899 * 120, 120, rate)
    with av.open(str(media(last, folder))) as movie:
        stamped = movie.metadata["timecode"]
    expected = otio.opentime.RationalTime(107892 + 899 * 120 - 6, rate).to_timecode(rate, drop)
    assert stamped.replace(";", ":") == expected.replace(";", ":")
    assert (";" in stamped) is drop
    lanes = {t.name: t for t in done.tracks}
    for offset, picture in enumerate(clips(done, "V1")[-3:]):
        stems = [clips(done, name)[offset] for name in STEMS]
        events = check_clip(picture, stems, folder, Fraction(30000, 1001))
        at = (897 + offset) * 120
        assert in_cut_frames(picture, lanes["V1"], events, rate)[0] == at
        for name, stem in zip(STEMS, stems, strict=True):
            start = round(lanes[name].range_of_child(stem).start_time.value)
            assert start == at
            assert max(abs(off) for off in samples_off_the_cut_clock(stem, start, events)) <= 1


def samples_off_the_cut_clock(stem, start, events):
    """How far each pop lies from its frame's boundary counted from the start of the cut, in samples."""

    def boundary(frame):
        return ceil(frame * Fraction(48000 * 1001, 30000))

    head = round(stem.source_range.start_time.value - stem.media_reference.available_range.start_time.value)
    shown = [k for k in events if head <= k < head + 120]
    return [boundary(start) + boundary(k) - boundary(head) - boundary(start + k - head) for k in shown]
