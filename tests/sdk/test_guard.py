"""What the guard refuses, what it lets through unchanged, and what it mends. Documents are built by structure."""

import json
import subprocess
import sys
import threading
import time
import tracemalloc
from copy import deepcopy
from pathlib import Path

import pytest
import shapes
from hypothesis import given, settings
from hypothesis import strategies as st

from twopop.errors import TimelineError
from twopop.files import open_regular, read_bounded
from twopop.guard import MAX_DEPTH, guard_document

FUZZ = Path(__file__).parents[1] / "soak" / "fuzz_guard.py"


def text(document):
    return json.dumps(document)


def with_clip(**fields):
    """A timeline around one clip with these fields."""
    return shapes.timeline(shapes.track({**shapes.clip(), **fields}))


def with_metadata(value):
    return with_clip(metadata={"Vendor": value})


def with_time(**fields):
    """A clip whose start has these fields."""
    source = shapes.span(0, 48)
    return with_clip(source_range={**source, "start_time": {**source["start_time"], **fields}})


def with_span(start, frames, rate=24.0):
    return with_clip(source_range=shapes.span(start, frames, rate))


def with_sequence(**fields):
    base = {"OTIO_SCHEMA": "ImageSequenceReference.1", "frame_step": 1, "rate": 24.0, "frame_zero_padding": 4}
    return with_clip(media_references={"DEFAULT_MEDIA": {**base, **fields}})


def nested(depth, kind="list"):
    value = []
    for _ in range(depth):
        value = [value] if kind == "list" else {"a": value}
    return value


def repeated(document, key, second):
    """The text of a document with `key` of its first clip given twice."""
    plain = text(document)
    mark = f'"{key}": '
    at = plain.index(mark)
    return f"{plain[:at]}{mark}{text(second)}, {plain[at:]}"


REFERENCE = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "Clip-1"}
BAD = {
    # bytes
    "nothing": (b"", "empty"),
    "white space": (b" \n\t ", "empty"),
    "no JSON": (b"TITLE: a cut", "not valid JSON"),
    "cut off": (text(shapes.everything()).encode()[:-2], "not valid JSON"),
    "something behind": (text(shapes.everything()) + "{}", "not valid JSON"),
    "UTF-16": (text(shapes.everything()).encode("utf-16"), "not valid JSON"),
    "Latin-1": (json.dumps(with_clip(name="Kühe"), ensure_ascii=False).encode("latin-1"), "not valid JSON"),
    "a list": ("[]", "not an object"),
    "a number": ("24", "not an object"),
    "no schema": ("{}", "no OpenTimelineIO document"),
    "half a surrogate, escaped": (text(with_clip(name="x")).replace('"x"', '"\\ud83d"'), "not valid JSON"),
    "half a surrogate, raw": (json.dumps(with_clip(name="\ud83d"), ensure_ascii=False), "surrogate"),
    "NUL in a name": (text(with_clip(name="a\0b")), "NUL"),
    "NUL in a key": (text(with_metadata({"a\0": 1})), "NUL"),
    "not a number": (text(with_metadata(float("nan"))), "not valid JSON"),
    "infinity": (text(with_metadata(float("inf"))), "not valid JSON"),
    "a number beyond floats": (text(with_metadata(12345)).replace("12345", "1e999"), "too large"),
    "an integer beyond int64": (text(with_metadata(2**63)), "64 bits"),
    "a very long integer": (text(with_metadata(12345)).replace("12345", "9" * 5000), "not valid JSON"),
    "deep lists": (text(with_metadata(nested(MAX_DEPTH))), "deeper than 128"),
    "deep objects": (text(with_metadata(nested(MAX_DEPTH, "object"))), "deeper than 128"),
    "100,000 lists": ("[" * 100_000, "deeper than 128"),
    "100,000 objects": ('{"a":' * 100_000, "deeper than 128"),
    # keys
    "a key twice": (repeated(with_clip(), "name", "x"), "'name' is given twice"),
    "an object twice": (repeated(with_clip(), "metadata", {}), "'metadata' is given twice"),
    "a schema twice": (repeated(with_clip(), "OTIO_SCHEMA", "Clip.2"), "'OTIO_SCHEMA' is given twice"),
    "a key twice in metadata": (repeated(with_metadata({"deep": [{"k": 1}]}), "k", shapes.clip()), "'k' is given"),
    # references
    "an object reference": (text(with_metadata(REFERENCE)), "SerializableObjectRef"),
    "a child by reference": (text(shapes.timeline(shapes.track(REFERENCE))), "SerializableObjectRef"),
    "an object with an id": (text(with_clip(OTIO_REF_ID="Clip-1")), "OTIO_REF_ID"),
    # schemas
    "a schema that is no text": (text(with_metadata({"OTIO_SCHEMA": ["Clip.2"]})), "OTIO_SCHEMA"),
    "a schema without a version": (text(with_metadata({"OTIO_SCHEMA": "Clip"})), "OTIO_SCHEMA"),
    "a schema with a wild version": (text(with_metadata({"OTIO_SCHEMA": "Clip.-1"})), "OTIO_SCHEMA"),
    "a schema of no file": (text(with_metadata({"OTIO_SCHEMA": "UnknownSchema.1"})), "internal to OpenTimelineIO"),
    "tracks null": (text({**shapes.timeline(), "tracks": None}), "no Stack"),
    "tracks absent": (text({"OTIO_SCHEMA": "Timeline.1", "name": "x"}), "no Stack"),
    "tracks a clip": (text({**shapes.timeline(), "tracks": shapes.clip()}), "no Stack"),
    "a broken timeline in metadata": (text(with_metadata({"OTIO_SCHEMA": "Timeline.1"})), "no Stack"),
    "an old clip with the fields of a new one": (text(with_clip(OTIO_SCHEMA="Clip.1")), "came with Clip.2"),
    "the same in metadata": (text(with_metadata({**shapes.clip(), "OTIO_SCHEMA": "Clip.1"})), "came with Clip.2"),
    "an old marker with both": (text(with_metadata({**shapes.marker("x"), "OTIO_SCHEMA": "Marker.1"})), "Marker.2"),
    # value types
    "a time with a key too many": (text(with_time(extra={"OTIO_SCHEMA": "Clip.2"})), "exactly the keys"),
    "a time in metadata with one": (text(with_metadata({**shapes.span(0, 1), "x": 1})), "exactly the keys"),
    "a time with a key too few": (text(with_metadata({"OTIO_SCHEMA": "RationalTime.1", "rate": 24})), "exactly"),
    "a newer time": (text(with_time(OTIO_SCHEMA="RationalTime.2")), "RationalTime.1"),
    "a value that is text": (text(with_time(value="12")), "must be a number"),
    "a rate that is true": (text(with_time(rate=True)), "must be a number"),
    "a range of ranges": (text(with_clip(source_range={**shapes.span(0, 1), "duration": shapes.span(0, 1)})), "must"),
    "rate zero": (text(with_time(rate=0)), "legal rates"),
    "rate negative": (text(with_time(rate=-24.0)), "legal rates"),
    "rate absurd": (text(with_time(rate=1e7)), "legal rates"),
    "rate next to nothing": (text(with_time(rate=1e-9)), "legal rates"),
    "a start beyond all timecode": (text(with_span(2**31 + 1, 1)), "largest legal value"),
    "a start before all timecode": (text(with_span(-(2**31) - 1, 1)), "largest legal value"),
    "a negative duration": (text(with_span(0, -1)), "negative duration -1"),
    "a source range that is a time": (text(with_clip(source_range=shapes.span(0, 1)["duration"])), "TimeRange"),
    "a global start that is text": (text({**shapes.timeline(), "global_start_time": "01:00:00:00"}), "RationalTime"),
    # structure
    "a child that is null": (text(shapes.timeline(shapes.track(None))), "children[0]"),
    "a child that is no object": (text(shapes.timeline(shapes.track("SH010"))), "children[0]"),
    "a child without a schema": (text(shapes.timeline(shapes.track({"name": "x"}))), "children[0]"),
    "children that are no list": (text(shapes.timeline({**shapes.track(), "children": {}})), "must be a list"),
    "a marker that is text": (text(with_clip(markers=["PROMPT: x"])), "markers[0]"),
    "a marker without a range": (text(with_clip(markers=[{"OTIO_SCHEMA": "Marker.2"}])), "marked_range"),
    "a name that is a number": (text(with_clip(name=7)), "name must be text"),
    "metadata that is a list": (text(with_clip(metadata=[])), "metadata must be an object"),
    "a reference that is text": (text(with_clip(media_references={"DEFAULT_MEDIA": "a.mov"})), "DEFAULT_MEDIA"),
    "a link that is a number": (
        text(with_clip(media_references={"A": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": 1}})),
        "target_url must be text",
    ),
    "a speed that is text": (text(with_clip(effects=[shapes.effect("LinearTimeWarp.1", time_scalar="2x")])), "number"),
    "a speed that is null": (text(with_clip(effects=[shapes.effect("LinearTimeWarp.1", time_scalar=None)])), "number"),
    "a transition that shrinks": (
        text(shapes.timeline(shapes.track(shapes.transition(head=-1)))),
        "may not be negative",
    ),
    "an image sequence that never ends": (text(with_sequence(frame_step=0)), "frame_step"),
    "an image sequence that starts nowhere": (text(with_sequence(start_frame="first")), "start_frame"),
    "an image sequence with long names": (text(with_sequence(frame_zero_padding=2 * 10**9)), "frame_zero_padding"),
}


@pytest.mark.parametrize("case", BAD)
def test_the_known_bad_are_refused_quickly_and_by_name(case):
    data, expected = BAD[case]
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(TimelineError) as raised:
        guard_document(data, where="stranger.otio")
    seconds, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    message = str(raised.value)
    assert expected in message
    assert message.startswith("stranger.otio: ")
    assert "Nothing was changed" in message
    assert len(message) < 400
    assert seconds < 1
    assert peak < 50 << 20


def test_there_are_enough_known_bad_documents():
    assert len(BAD) >= 40


def test_a_good_document_comes_out_equal_with_and_without_a_byte_order_mark():
    document = shapes.everything()
    assert guard_document(text(document), where="x") == document
    assert guard_document(b"\xef\xbb\xbf" + text(document).encode(), where="x") == document


def test_what_is_unknown_newer_or_older_stays_as_it_is():
    strange = {"OTIO_SCHEMA": "SpatialMix.4", "name": "x", "source_range": shapes.span(0, 5), "orbit": [1, {"a": None}]}
    newer = {**shapes.clip("newer"), "OTIO_SCHEMA": "Clip.9", "color": {"OTIO_SCHEMA": "Color.1", "r": 1.0}}
    older = {"OTIO_SCHEMA": "Clip.1", "name": "older", "media_reference": None, "source_range": shapes.span(0, 3)}
    document = shapes.timeline(shapes.track(strange, newer, older), metadata={"v": strange})
    assert guard_document(text(document), where="x") == document


def test_the_place_of_a_fault_is_named_as_an_editor_would():
    bad = shapes.clip("SH040")
    bad["source_range"] = shapes.span(0, -5)
    with pytest.raises(TimelineError, match=r"tracks 'tracks' > children\[0\] 'V1' > children\[1\] 'SH040': "):
        guard_document(text(shapes.timeline(shapes.track(shapes.clip(), bad))), where="x")


def test_foreign_metadata_is_not_judged_by_the_rules_of_the_edit():
    odd = {"zero": shapes.span(0, -5, 0), "name": 7, "children": "none", "text": 'a "quoted" \\ "key": {[,'}
    document = with_metadata(odd)
    assert guard_document(text(document), where="x") == document


def test_a_deep_document_within_the_limit_passes():
    around = 7  # timeline, stack, children, track, children, clip, metadata
    document = with_metadata(nested(MAX_DEPTH - around - 1))
    assert guard_document(text(document), where="x") == document
    with pytest.raises(TimelineError, match="deeper"):
        guard_document(text(with_metadata(nested(MAX_DEPTH - around))), where="x")


def test_an_escaped_backslash_before_u0000_is_no_nul():
    document = with_clip(name="C:\\u0000")
    assert guard_document(text(document), where="x") == document
    with pytest.raises(TimelineError, match="NUL"):
        guard_document(text(with_clip(name="C:\\\0")), where="x")


def test_media_that_count_at_rate_zero_become_unknown_and_it_is_said():
    sound = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "a.wav", "available_range": shapes.span(0, 0, 0)}
    findings = []
    document = guard_document(text(with_clip(media_references={"A": sound})), where="x", findings=findings)
    clip = document["tracks"]["children"][0]["children"][0]
    assert clip["media_references"]["A"] == {**sound, "available_range": None}
    assert [(f.code, f.level) for f in findings] == [("rate_zero", "info")]


@pytest.mark.parametrize(
    "color", [{"OTIO_SCHEMA": "Color.1", "r": 1.0, "g": 0.0, "b": 0.0, "a": 1.0, "name": "Red"}, None]
)
def test_a_newer_marker_is_written_back_as_the_one_all_editors_read(color):
    newer = {**shapes.marker("FX: pan", 3), "OTIO_SCHEMA": "Marker.3", "color": color, "metadata": {"v": [1]}}
    findings = []
    document = guard_document(text(with_clip(markers=[newer])), where="x", findings=findings)
    (found,) = document["tracks"]["children"][0]["children"][0]["markers"]
    kept = {key: value for key, value in color.items() if key != "OTIO_SCHEMA"} if color else None
    assert found == {
        **newer,
        "OTIO_SCHEMA": "Marker.2",
        "color": "RED" if color else None,
        "metadata": {"v": [1], "twopop": {"original": {"schema": "Marker.3", "color": kept}}},
    }
    assert [finding.code for finding in findings] == ["marker_3"]


def test_samples_may_count_further_than_frames():
    midnight = 24 * 3600 * 48000
    document = with_span(midnight, 48000, 48000)
    assert guard_document(text(document), where="x") == document


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc\\\"{}:é", max_size=3), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(JSON, st.booleans(), st.sampled_from([None, 1, 4]))
def test_any_metadata_comes_out_equal_however_it_was_written(value, ascii_only, indent):
    document = with_metadata(value)
    data = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    assert guard_document(data, where="x") == document


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text('ab\\"', min_size=1, max_size=3), JSON, min_size=1, max_size=4), JSON, st.data())
def test_a_repeated_key_is_found_among_all_escapes(members, second, data):
    key = data.draw(st.sampled_from(sorted(members)))
    inside = text(members)
    doubled = f"{inside[:-1]}, {json.dumps(key)}: {text(second)}}}"
    plain = text(with_metadata("HERE"))
    assert guard_document(plain.replace('"HERE"', inside), where="x") == with_metadata(members)
    with pytest.raises(TimelineError, match="given twice"):
        guard_document(plain.replace('"HERE"', doubled), where="x")


def test_the_guard_needs_little_stack():
    """Editors call from threads with small stacks; the deepest legal and an endless document must not matter there."""
    outcomes = []

    def run():
        for data in (text(with_metadata(nested(MAX_DEPTH - 8))), "[" * 1_000_000):
            try:
                guard_document(data, where="x")
                outcomes.append("passed")
            except TimelineError:
                outcomes.append("refused")

    before = threading.stack_size(256 << 10)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert outcomes == ["passed", "refused"]


def test_reading_time_grows_with_length_only():
    def seconds(clips):
        data = text(shapes.timeline(shapes.track(*[shapes.clip(f"SH{n}") for n in range(clips)])))
        spent = []
        for _ in range(3):
            began = time.process_time()
            guard_document(data, where="x")
            spent.append(time.process_time() - began)
        return min(spent)

    assert seconds(4000) < 16 * seconds(500) + 0.05


def test_only_regular_files_are_opened(tmp_path):
    import os

    pipe = tmp_path / "pipe.otio"
    os.mkfifo(pipe)
    for path, reason in ((pipe, "no regular file"), (tmp_path, "no regular file"), (Path("/dev/zero"), "no regular"),
                         (tmp_path / "absent.otio", "No such file"), (tmp_path / "a\0b", "null")):  # fmt: skip
        with pytest.raises(TimelineError, match=reason):
            open_regular(path)


def test_a_file_beyond_the_limit_is_not_read(tmp_path):
    path = tmp_path / "long.otio"
    path.write_bytes(b"x" * 2048)
    with pytest.raises(TimelineError, match="longer than"):
        read_bounded(path, limit=1024)
    path.write_bytes(b"")
    with pytest.raises(TimelineError, match="is empty"):
        read_bounded(path)
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(TimelineError, match="cannot be opened"):
        read_bounded(link, follow=False)


def fuzz(count, seed):
    """Runs the fuzzer and returns its report."""
    done = subprocess.run([sys.executable, FUZZ, str(count), str(seed)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.timeout(1200)  # 12 s of CPU, however busy the machine
def test_mutated_timelines_kill_no_process_and_raise_only_our_errors():
    report = fuzz(5_000, 1)
    assert report["failures"] == []
    assert report["died"] == 0
    assert report["accepted"] > 500
    assert report["refused"] > 1_000


@pytest.mark.soak
@pytest.mark.timeout(36_000)
def test_a_million_mutated_timelines_kill_no_process():
    report = fuzz(1_000_000, time.time_ns())
    assert report["failures"] == []
    assert report["died"] == 0


def test_the_guard_leaves_its_input_alone():
    document = shapes.everything()
    before = deepcopy(document)
    guard_document(text(document), where="x")
    assert document == before
