"""The walk agrees with OpenTimelineIO about where things lie, and stays exact where it is not."""

from fractions import Fraction

import opentimelineio as otio
import pytest

from twopop.flatten import lanes_of
from twopop.timeline import Cut
from twopop.tracks import duration, walk

Time, Range = otio.opentime.RationalTime, otio.opentime.TimeRange


def clip(name, start, frames, rate=24):
    return otio.schema.Clip(name, source_range=Range(Time(start, rate), Time(frames, rate)))


def document(*tracks):
    import json

    timeline = otio.schema.Timeline("t")
    timeline.tracks.extend(tracks)
    return json.loads(timeline.to_json_string())


def track(*children, **options):
    made = otio.schema.Track("V", kind="Video", **options)
    made.extend(children)
    return made


def places(doc, rate=24):
    return {item.name: (tuple(item.record), tuple(item.trimmed)) for item in walk(doc, Fraction(rate))}


def test_clips_and_gaps_follow_each_other():
    doc = document(track(clip("a", 5, 10), otio.schema.Gap(duration=Time(7, 24)), clip("b", 0, 3)))
    assert places(doc)["a"] == ((0, 10), (5, 10))
    assert places(doc)["b"] == ((17, 3), (0, 3))
    assert duration(doc, Fraction(24)) == 20


def test_transitions_widen_the_visible_range_but_move_nothing():
    dissolve = otio.schema.Transition(in_offset=Time(4, 24), out_offset=Time(6, 24))
    doc = document(track(clip("a", 10, 20), dissolve, clip("b", 100, 20)))
    a, b = walk(doc, Fraction(24))
    assert (a.record, a.visible) == ((0, 20), (10, 26))
    assert (b.record, b.visible) == ((20, 20), (96, 24))


def test_a_nest_is_opened_and_clips_to_its_window():
    nest = otio.schema.Stack("nest", source_range=Range(Time(5, 24), Time(10, 24)))
    nest.append(track(clip("in", 100, 30)))
    doc = document(track(clip("before", 0, 8), nest, clip("after", 0, 4)))
    found = places(doc)
    assert found["in"] == ((8, 10), (105, 10))
    assert found["after"] == ((18, 4), (0, 4))
    (inner,) = [item for item in walk(doc, Fraction(24)) if item.name == "in"]
    assert inner.nested
    assert inner.path == (0, 1, 0, 0)


@pytest.mark.parametrize(("start", "expected"), [(-7, (7, 9)), (2, (0, 7))])
def test_a_track_range_shifts_and_trims(start, expected):
    doc = document(track(clip("a", 0, 9), source_range=Range(Time(start, 24), Time(16, 24))))
    assert places(doc)["a"][0] == expected


def test_a_track_range_in_record_timecode_hides_nothing():
    doc = document(track(clip("a", 0, 9), source_range=Range(Time(-86400, 24), Time(9, 24))))
    assert places(doc)["a"][0] == (0, 9)


def test_ntsc_rates_stay_exact_over_hours():
    rate = 24000 / 1001
    doc = document(track(*(clip(f"c{k}", 0, 96, rate) for k in range(900))))
    (last,) = [item for item in walk(doc, Fraction(24000, 1001)) if item.name == "c899"]
    assert last.record == (899 * 96, 96)


def test_media_at_another_rate_is_counted_in_frames_of_the_cut():
    doc = document(track(clip("a", 50, 25, 25), clip("b", 0, 24)))
    assert places(doc)["a"] == ((0, 24), (48, 24))
    assert places(doc)["b"][0] == (24, 24)


def test_a_dissolve_beside_a_nest_widens_what_lies_at_its_edge() -> None:
    """A nest of one track is opened where it lies: its last clip dissolves with the one after it."""

    def hole(name: str) -> otio.schema.Clip:
        return otio.schema.Clip(name, None, otio.opentime.TimeRange(_frames(0), _frames(48)))

    def cut_of(*layers: otio.schema.Track) -> Cut:
        nest = otio.schema.Stack("nest", children=list(layers))
        dissolve = otio.schema.Transition("", "SMPTE_Dissolve", _frames(8), _frames(6))
        outer = otio.schema.Track("V1", children=[nest, dissolve, hole("B")], kind="Video")
        return Cut.from_otio(otio.schema.Timeline("t", tracks=[outer]))

    inner = otio.schema.Track("inner", children=[hole("A1"), hole("A2")], kind="Video")
    cut = cut_of(inner)
    shown = {item.name: (item.record.start, item.visible.start, item.visible.frames) for item in cut.items}
    assert shown == {"A1": (0, 0, 48), "A2": (48, 0, 54), "B": (96, -8, 56)}
    (lane,) = lanes_of(cut, "Video")
    assert [(entry.item.name, entry.fade_in.frames, entry.fade_out.frames) for entry in lane.entries] == [
        ("A1", 0, 0), ("A2", 0, 14), ("B", 14, 0)
    ]  # fmt: skip
    over = otio.schema.Track("over", children=[hole("C")], kind="Video")
    two = cut_of(inner.deepcopy(), over)
    assert {item.name: item.visible.frames for item in two.items}["A2"] == 48, "two tracks stay a picture of their own"
    assert len(lanes_of(two, "Video")) == 3


def _frames(count: int) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(count, 24)
