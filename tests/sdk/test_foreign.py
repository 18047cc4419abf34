"""Formats that OpenTimelineIO's adapters read: EDL as the one that says least about itself, and adapters that fail."""

from fractions import Fraction
from pathlib import Path

import pytest

from twopop.errors import TimelineError
from twopop.timeline import read_timeline, write_timeline

TIMELINES = Path(__file__).parents[3] / "shared" / "timelines"

EVENTS = """TITLE:   Reel one
FCM: {fcm} FRAME

001  A001     V     C        {source_in} {source_out} 01:00:58:00 01:01:04:00
* FROM CLIP NAME:  SH010
* LOC: 01:01:00:{late} RED     PROMPT: a kitchen
002  A002     V     C        00:00:00:00 00:00:02:00 01:01:04:00 01:01:06:00
* FROM CLIP NAME:  SH020
003  A003     A     C        00:00:10:00 00:00:11:00 01:01:05:00 01:01:06:00
* FROM CLIP NAME:  ROOM
"""


def edl(
    folder, fcm="NON-DROP", source_in="05:00:58:00", source_out="05:01:04:00", late="02", toml="", encoding="utf-8"
):
    path = folder / "reel.edl"
    text = EVENTS.format(fcm=fcm, source_in=source_in, source_out=source_out, late=late)
    path.write_bytes(text.encode())
    (folder / "twopop.toml").write_text(toml)
    return path


def first_marker(item):
    return item.node["markers"][0]["marked_range"]["start_time"]["value"]


def test_an_edl_is_placed_from_its_record_timecode_and_its_markers_move_to_the_source(tmp_path):
    cut = read_timeline(edl(tmp_path, toml='frame_rate = "24"'))
    one, two, room = (item for item in cut.items if item.schema == "Clip")
    assert (cut.frame_rate, cut.timecode(0), cut.findings) == (24, "01:00:58:00", ())
    assert (one.record, one.trimmed) == ((0, 144), ((5 * 3600 + 58) * 24, 144))
    assert (two.record, two.trimmed) == ((144, 48), (0, 48))
    assert (room.record, room.kind) == ((168, 24), "Audio")
    # 01:01:00:02 is 50 frames into the event, whose source begins at 05:00:58:00
    assert first_marker(one) == one.trimmed.start + 50
    assert cut.duration_frames == 192


def test_an_edl_of_unknown_rate_is_read_at_24_and_it_is_said(tmp_path):
    cut = read_timeline(edl(tmp_path))
    assert cut.frame_rate == 24
    assert [(finding.level, finding.code) for finding in cut.findings] == [("warning", "frame_rate_assumed")]
    assert 'frame_rate = "25"' in cut.findings[0].message


def test_frames_beyond_the_rate_say_which_setting_is_wrong(tmp_path):
    late = {"late": "24", "source_out": "05:01:03:24", "source_in": "05:00:57:24"}
    path = edl(tmp_path, toml='frame_rate = "24"', **late)
    with pytest.raises(TimelineError, match=r"Is frame_rate right\? Write frame_rate = .* into twopop\.toml"):
        read_timeline(path)
    (tmp_path / "twopop.toml").write_text('frame_rate = "25"')
    assert read_timeline(path).frame_rate == 25
    assert read_timeline(edl(tmp_path, **late)).frame_rate == 25  # nothing says 24: a frame 24 needs 25


def test_drop_frame_of_an_edl_counts_labels_not_frames(tmp_path):
    cut = read_timeline(edl(tmp_path, fcm="DROP"))
    one = cut.items[0]
    assert (cut.frame_rate, cut.drop_frame, cut.timecode(0)) == (Fraction(30000, 1001), True, "01:00:58;00")
    assert cut.timecode(one.record.end) == "01:01:04;00"
    assert one.record.frames == 6 * 30 - 2  # one minute mark is crossed: two labels do not exist
    assert cut.timecode(int(first_marker(one)) - one.trimmed.start) == "01:01:00;02"


def test_an_edl_in_another_encoding_is_read(tmp_path):
    path = edl(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"SH010", "Küche".encode("latin-1")))
    assert read_timeline(path).items[0].name == "Küche"


def test_an_edl_without_events_is_an_empty_cut(tmp_path):
    (tmp_path / "x.edl").write_text("TITLE: x\n")
    cut = read_timeline(tmp_path / "x.edl")
    assert (cut.items, cut.duration_frames) == ((), 0)


def test_a_cut_read_from_an_edl_is_written_as_stock(tmp_path):
    cut = read_timeline(edl(tmp_path))
    again = read_timeline(write_timeline(cut, tmp_path / "reel.otio").path)
    assert [(i.name, i.record, i.trimmed) for i in again.items] == [(i.name, i.record, i.trimmed) for i in cut.items]
    assert (again.frame_rate, again.start_frames) == (cut.frame_rate, cut.start_frames)
    assert len(list(again.to_otio().find_clips())) == 3


@pytest.mark.parametrize("text", ["", "hello\n", "\0\0\0", "001  AX       V     C\n", "001 A V C a b c d\n"])
def test_what_is_no_edl_is_a_typed_error(tmp_path, text):
    (tmp_path / "x.edl").write_text(text)
    with pytest.raises(TimelineError, match=r"x\.edl"):
        read_timeline(tmp_path / "x.edl")


def test_real_edls_are_read():
    paths = sorted((TIMELINES / "edl").glob("*.edl"))
    if not paths:
        pytest.skip(f"no real timelines at {TIMELINES}: reading them is NOT tested here")
    at_25 = {"25fps.edl", "timecode_mismatch.edl"}
    for path in paths:
        cut = read_timeline(path)
        assert cut.items
        assert cut.duration_frames > 0
        assert path.name not in at_25 or cut.frame_rate == 25
