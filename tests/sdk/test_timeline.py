"""Reading and writing cuts: every suffix, every root, exact clocks, nothing lost, nothing of the user's overwritten."""

import json
import os
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
import shapes
from hypothesis import given, settings
from hypothesis import strategies as st

from twopop.errors import TimelineError, UsageError
from twopop.flavours import Flavour, Loss, flavour_names
from twopop.guard import guard_document
from twopop.registry import ADAPTERS, Entry
from twopop.timeline import Cut, read_timeline, serialized, with_suffix, write_timeline

TIMELINES = Path(__file__).parents[3] / "shared" / "timelines"
NTSC = Fraction(24000, 1001)


def save(folder, document, name="cut.otio"):
    path = folder / name
    path.write_text(json.dumps(document))
    return path


def at_rate(rate, start=None, children=None):
    """A timeline of one clip at `rate`."""
    clips = children or [shapes.clip(rate=rate)]
    document = shapes.timeline(shapes.track(*clips), start=None)
    return document if start is None else {**document, "global_start_time": shapes.span(start, 0, rate)["start_time"]}


def codes(cut):
    return [finding.code for finding in cut.findings]


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_a_cut_is_read_with_its_clocks_and_comes_out_equal(tmp_path):
    document = shapes.everything()
    cut = read_timeline(save(tmp_path, document), roots=[tmp_path / "media"])
    assert (cut.name, cut.frame_rate, cut.start_frames, cut.has_start) == ("cut", NTSC, 86400, True)
    assert cut.document == document
    assert cut.timecode(0) == "01:00:00:00"
    assert cut.roots == (tmp_path, tmp_path / "media")
    assert cut.path == tmp_path / "cut.otio"
    assert [item.name for item in cut.items if item.nested] == ["IN010"]
    report = write_timeline(cut, tmp_path / "out.otio")
    assert json.loads(report.path.read_text()) == document
    assert report.bytes == report.path.stat().st_size
    assert report.losses == ()


def test_a_relative_path_stays_good_when_the_folder_changes(tmp_path, monkeypatch):
    save(tmp_path, shapes.everything())
    monkeypatch.chdir(tmp_path)
    cut = read_timeline("cut.otio")
    monkeypatch.chdir("/")
    assert cut.path.exists()


@pytest.mark.parametrize(
    ("written", "exact"),
    [(24, "24"), (23.976, "24000/1001"), (23.98, "24000/1001"), (24000 / 1001, "24000/1001"), (25.0, "25"),
     (29.97, "30000/1001"), (30, "30"), (48, "48"), (50, "50"), (59.94, "60000/1001"), (60.0, "60"), (12.5, "25/2")],
)  # fmt: skip
def test_rates_are_exact(tmp_path, written, exact):
    cut = read_timeline(save(tmp_path, at_rate(written, start=round(written) * 3600)))
    assert cut.frame_rate == Fraction(exact)
    assert cut.start_frames == round(written) * 3600
    assert cut.timecode(0) == ("01:00:00:00" if written != 12.5 else cut.timecode(0))


def test_the_rate_is_the_one_most_picture_clips_count_in(tmp_path):
    clips = [shapes.clip("a", rate=25), shapes.clip("b", rate=25), shapes.clip("c", rate=24), shapes.gap_node(5, 60)]
    document = at_rate(25, children=clips)
    sound = shapes.track(*[shapes.clip(rate=48000) for _ in range(9)], kind="Audio")
    document["tracks"]["children"].append(sound)
    cut = read_timeline(save(tmp_path, document))
    assert cut.frame_rate == 25
    assert codes(cut) == ["mixed_rates"]
    assert "1 in 24" in cut.findings[0].message


def test_without_picture_the_start_and_then_the_settings_say_the_rate(tmp_path):
    sound = shapes.track(shapes.clip(rate=48000), kind="Audio")
    document = {**shapes.timeline(sound, start=None), "global_start_time": shapes.span(25, 0, 25)["start_time"]}
    assert read_timeline(save(tmp_path, document)).frame_rate == 25
    path = save(tmp_path, {**document, "global_start_time": None})
    with pytest.raises(TimelineError, match=r"frame_rate = \"24\""):
        read_timeline(path)
    (tmp_path / "twopop.toml").write_text('frame_rate = "29.97"')
    assert read_timeline(path).frame_rate == Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("metadata", "toml", "drops", "said"),
    [
        ({}, "", False, ["drop_frame_assumed"]),
        ({"fcp_xml": {"timecode": {"displayformat": "DF"}}}, "", True, []),
        ({"fcp_xml": {"timecode": {"displayformat": "NDF"}}}, "", False, []),
        ({"twopop": {"drop_frame": True}}, "", True, []),
        ({}, "drop_frame = true", True, []),
        ({"twopop": {"drop_frame": True}}, "drop_frame = false", False, []),
    ],
)
def test_drop_frame_comes_from_settings_or_metadata_and_is_never_guessed_silently(
    tmp_path, metadata, toml, drops, said
):
    (tmp_path / "twopop.toml").write_text(toml)
    cut = read_timeline(save(tmp_path, {**at_rate(29.97, start=107892), "metadata": metadata}))
    assert (cut.drop_frame, codes(cut)) == (drops, said)
    assert cut.timecode(0) == ("01:00:00;00" if drops else "00:59:56:12")


def test_a_rate_without_drop_frame_needs_no_word_about_it(tmp_path):
    (tmp_path / "twopop.toml").write_text("drop_frame = true")
    cut = read_timeline(save(tmp_path, at_rate(25)))
    assert (cut.drop_frame, codes(cut)) == (False, [])


@pytest.mark.parametrize("root", ["Stack", "Track", "Clip", "Gap"])
def test_a_bare_root_becomes_a_timeline(tmp_path, root):
    clip = shapes.clip("SH010")
    track = shapes.track(clip)
    bare = {"Clip": clip, "Gap": shapes.gap_node(48, 24), "Track": track, "Stack": shapes.stack(track)}[root]
    (tmp_path / "twopop.toml").write_text('frame_rate = "24"')
    cut = read_timeline(save(tmp_path, bare))
    assert [item.schema for item in cut.items] == ["Gap" if root == "Gap" else "Clip"]
    assert cut.duration_frames == 48
    assert codes(cut) == ["bare_root"]
    assert len(cut.to_otio().tracks) == 1


def test_a_collection_with_one_timeline_is_that_timeline(tmp_path):
    def collection(*children):
        return {"OTIO_SCHEMA": "SerializableCollection.1", "metadata": {}, "name": "", "children": list(children)}

    one, two = (shapes.timeline(shapes.track(shapes.clip()), name=name) for name in ("one", "two"))
    cut = read_timeline(save(tmp_path, collection(shapes.clip(), collection(one))))
    assert cut.document == one
    assert codes(cut) == ["collection"]
    with pytest.raises(TimelineError, match=r"2 timelines \('one', 'two'\)"):
        read_timeline(save(tmp_path, collection(one, collection(two))))
    with pytest.raises(TimelineError, match="without a timeline"):
        read_timeline(save(tmp_path, collection(shapes.clip())))


def test_a_root_that_is_no_edit_is_named(tmp_path):
    with pytest.raises(TimelineError, match="holds a Marker, no timeline"):
        read_timeline(save(tmp_path, shapes.marker("x")))


def test_what_is_no_timeline_file_says_what_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe.otio")
    (tmp_path / "empty.otio").touch()
    (tmp_path / "folder.otio").mkdir()
    (tmp_path / "text.otio").write_text("hello")
    (tmp_path / "binary.otio").write_bytes(bytes(range(256)))
    for name, reason in (("absent.otio", "No such file"), ("pipe.otio", "no regular file"), ("empty.otio", "is empty"),
                         ("folder.otio", "no regular file"), ("text.otio", "not valid JSON"),
                         ("binary.otio", "not valid JSON"), ("absent.otioz", "No such file"),
                         ("absent.otiod", "no folder")):  # fmt: skip
        with pytest.raises(TimelineError, match=reason):
            read_timeline(tmp_path / name)
    with pytest.raises(TimelineError, match="no regular file"):
        read_timeline("/dev/zero")


def test_settings_that_cannot_be_read_stop_the_reading(tmp_path):
    (tmp_path / "twopop.toml").write_text("frame_rat = 24")
    with pytest.raises(UsageError, match="frame_rat"):
        read_timeline(save(tmp_path, shapes.everything()))


def test_the_file_is_not_changed_by_reading(tmp_path):
    path = save(tmp_path, shapes.everything())
    path.chmod(0o444)
    before = path.read_bytes(), path.stat().st_mtime_ns
    read_timeline(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


# ---- real timelines --------------------------------------------------------------------------------------------------


def test_real_timelines_are_read_and_come_out_equal_and_stock(tmp_path):
    paths = sorted((TIMELINES / "otio").glob("*.otio"))
    if not paths:
        pytest.skip(f"no real timelines at {TIMELINES}: reading them is NOT tested here")
    broken = [path for path in paths if path.name == "big_int.otio"]
    for path in broken:  # it writes infinity as a bare word, which is no JSON
        with pytest.raises(TimelineError, match="not valid JSON: expected value at line 39"):
            read_timeline(path)
    good = [path for path in paths if path not in broken]
    assert len(good) >= 12
    for path in good:
        cut = read_timeline(path)
        written = write_timeline(cut, tmp_path / path.name).path
        again = read_timeline(written)
        assert again.document == cut.document
        if "Marker.3" not in path.read_text():
            assert cut.document == json.loads(path.read_text())
        assert again.to_otio().is_equivalent_to(otio.adapters.read_from_file(str(written)))
        assert len(list(cut.to_otio().find_clips())) == sum(item.schema == "Clip" for item in cut.items)


# ---- OpenTimelineIO's own objects ------------------------------------------------------------------------------------


def test_a_cut_goes_through_opentimelineio_and_back():
    document = shapes.everything()
    cut = Cut(guard_document(json.dumps(document), where="x"), NTSC)
    timeline = cut.to_otio()
    assert [clip.name for clip in timeline.find_clips()][:2] == ["SH010", "SH020"]
    back = Cut.from_otio(timeline)
    assert back.frame_rate == NTSC
    assert back.start_frames == 86400
    assert [(i.name, i.record, i.trimmed) for i in back.items] == [(i.name, i.record, i.trimmed) for i in cut.items]
    timeline.tracks[0][0].name = "changed"
    assert back.items[0].name == "SH010"


def test_newer_and_unknown_schemas_are_named_where_opentimelineio_does_not_read_them():
    newer = Cut(shapes.timeline(shapes.track({**shapes.clip(), "OTIO_SCHEMA": "Clip.9"})), NTSC)
    with pytest.raises(TimelineError, match=r"does not read Clip\.9"):
        newer.to_otio()
    strange = {"OTIO_SCHEMA": "SpatialMix.4", "source_range": shapes.span(0, 5)}
    with pytest.raises(TimelineError, match=r"does not know SpatialMix\.4"):
        Cut(shapes.timeline(shapes.track(strange)), NTSC).to_otio()
    kept = Cut(shapes.timeline(shapes.track(shapes.clip(metadata={"v": strange}))), NTSC)
    written = json.loads(kept.to_otio().to_json_string())
    assert written["tracks"]["children"][0]["children"][0]["metadata"]["v"] == strange


def test_an_opentimelineio_timeline_passes_the_guard_too():
    timeline = otio.schema.Timeline("t")
    track = otio.schema.Track("V", kind="Video")
    start, length = otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(-5, 24)
    track.append(otio.schema.Clip("SH010", source_range=otio.opentime.TimeRange(start, length)))
    timeline.tracks.append(track)
    with pytest.raises(TimelineError, match=r"'SH010': source_range has the negative duration -5"):
        Cut.from_otio(timeline)
    with pytest.raises(UsageError, match="not Track"):
        Cut.from_otio(track)


# ---- writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["same", "relative", "symbolic link", "hard link", "link in between", "added suffix"])
def test_a_cut_is_never_written_over_itself(tmp_path, monkeypatch, way):
    path = save(tmp_path, shapes.everything())
    cut, before = read_timeline(path), path.read_bytes()
    target = tmp_path / "other.otio"
    if way == "same":
        target = path
    elif way == "relative":
        monkeypatch.chdir(tmp_path)
        target = Path("x/../cut.otio")
        (tmp_path / "x").mkdir()
    elif way == "symbolic link":
        target.symlink_to(path)
    elif way == "hard link":
        target.hardlink_to(path)
    elif way == "added suffix":
        target = tmp_path / "cut"
    else:
        (tmp_path / "folder").symlink_to(tmp_path)
        target = tmp_path / "folder" / "cut.otio"
    with pytest.raises(TimelineError, match="is the cut itself"):
        write_timeline(cut, target)
    assert path.read_bytes() == before


def test_a_cut_may_be_written_where_its_file_was_moved_away(tmp_path):
    path = save(tmp_path, shapes.everything())
    cut = read_timeline(path)
    path.rename(tmp_path / "moved.otio")
    with pytest.raises(TimelineError, match="is the cut itself"):
        write_timeline(read_timeline(tmp_path / "moved.otio"), tmp_path / "moved.otio")
    assert write_timeline(cut, path).path == path
    assert read_timeline(path).document == cut.document


def test_what_is_no_json_is_not_written(tmp_path):
    for value in (float("nan"), float("-inf"), object()):
        cut = Cut(shapes.timeline(shapes.track(shapes.clip(metadata={"v": value}))), NTSC)
        with pytest.raises(TimelineError, match="cannot be written as JSON"):
            write_timeline(cut, tmp_path / "x.otio")
    assert not list(tmp_path.iterdir())
    named = Cut(shapes.timeline(shapes.track(shapes.clip("NaN Infinity"))), NTSC)
    assert "NaN Infinity" in write_timeline(named, tmp_path / "x.otio").path.read_text()


def test_the_suffix_of_the_flavour_is_added_where_it_lacks():
    cases = {
        ("a.conformed", ".otio", ""): "a.conformed.otio",
        ("a.OTIO", ".otio", ""): "a.OTIO",
        ("a.conformed", ".otio", "resolve"): "a.conformed.resolve.otio",
        ("a.resolve.otio", ".otio", "resolve"): "a.resolve.otio",
        ("a", ".fcpxml", "fcpxml"): "a.fcpxml",
    }
    for (name, suffix, flavour), expected in cases.items():
        assert with_suffix(Path("/x") / name, suffix, flavour) == Path("/x") / expected


class Names(Flavour):
    """A flavour that can say nothing but the names of clips."""

    name, suffix = "names", ".txt"

    def write(self, cut):
        clips = [item.name for item in cut.items if item.schema == "Clip"]
        return "\n".join(clips).encode(), [Loss("Times are dropped.")]


def test_a_flavour_writes_its_own_form_and_says_what_it_loses(tmp_path, monkeypatch):
    import sys
    import types

    module = types.ModuleType("names_flavour")
    module.Names = Names
    monkeypatch.setitem(sys.modules, "names_flavour", module)
    monkeypatch.setitem(ADAPTERS, "names", Entry("names_flavour:Names", "", "clip names"))
    cut = Cut(shapes.timeline(shapes.track(shapes.clip("SH010"), shapes.clip("SH020"))), NTSC)
    report = write_timeline(cut, tmp_path / "cut", flavour="names")
    assert report.path == tmp_path / "cut.names.txt"
    assert report.path.read_text() == "SH010\nSH020"
    assert report.losses == (Loss("Times are dropped."),)
    assert "names" in flavour_names()


def test_an_unknown_flavour_says_which_there_are(tmp_path):
    with pytest.raises(UsageError, match=r"Shotcut opens what --for mlt writes"):
        write_timeline(Cut(shapes.timeline(), NTSC), tmp_path / "x", flavour="shotcut")
    with pytest.raises(UsageError, match=r"no flavour 'avidd'. Known: stock"):
        write_timeline(Cut(shapes.timeline(), NTSC), tmp_path / "x", flavour="avidd")
    assert not list(tmp_path.iterdir())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=30,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_what_is_written_is_json_and_means_the_same(value):
    for indent in (None, 4):
        data = serialized({"v": value}, indent=indent)
        back = json.loads(data)["v"]
        assert back == value
        assert repr(back) == repr(value)  # also -0.0, 1 against 1.0, True against 1


# ---- other formats ---------------------------------------------------------------------------------------------------


def test_a_format_nothing_reads_says_what_to_install(tmp_path):
    for name, mend in (("a.ale", "pip install otio-ale-adapter"), ("a.prproj", "Export it as"), ("a", "Export it as")):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(TimelineError, match=mend):
            read_timeline(tmp_path / name)
