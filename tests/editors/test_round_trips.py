"""Ours, then another program's file, then `plan` again: nothing is made twice, an edit makes exactly what it asks."""

from __future__ import annotations

import shutil
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest

import twopop
from twopop.document import edited, shifted_range
from twopop.markers import read_marker
from twopop.testing import golden_cut
from twopop.timeline import as_list, as_node

pytestmark = pytest.mark.usefixtures("module_state")

FLAVOURS = ["finalcut", "ges-otio", "premiere", "resolve", "xmeml"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Flavour -> the cut read back from what was written, beside its takes, with none of our metadata."""

    def read(flavour):
        if flavour not in found:
            cut = golden_cut()
            path = twopop.write_timeline(cut, cut.path.with_name(f"round_{flavour}"), flavour=flavour).path
            found[flavour] = _stripped(twopop.read_timeline(path))
        return found[flavour]

    found = {}
    return read


def _stripped(cut):
    """As an editor gives it back: our metadata gone from clips, references, tracks and timeline."""

    def without(node):
        if isinstance(node, dict):
            return {
                k: without({i: v for i, v in x.items() if i != "twopop"} if k == "metadata" else x)
                for k, x in node.items()
            }
        return [without(x) for x in node] if isinstance(node, list) else node

    return cut.with_document(without(cut.document))


def statuses(cut, **options):
    plan = twopop.plan_shots(cut, settings=twopop.load_settings(cut.path, backend="bars", **options))
    return {piece.name: piece.status for piece in (*plan.shots, *plan.beds)}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_nothing_is_generated_again(exported, flavour):
    found = statuses(exported(flavour))
    assert found == statuses(golden_cut())
    assert set(found.values()) <= {"reuse", "stale"}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_markers_over_the_cut_come_back_with_their_places_and_lengths(flavour):
    cut = golden_cut()
    document = dict(cut.document)
    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(60), "duration": _time(90)}
    marker = {"OTIO_SCHEMA": "Marker.2", "metadata": {}, "name": "BG: rain", "comment": "on a tin roof"}
    document["tracks"] = {**document["tracks"], "markers": [{**marker, "color": "RED", "marked_range": span}]}
    path = twopop.write_timeline(cut.with_document(document), cut.path.with_name(f"over_{flavour}"), flavour=flavour)
    back = twopop.read_timeline(path.path)
    tracks = back.document["tracks"]
    said = [read_marker(m, cut.frame_rate) for owner in (tracks, *tracks["children"]) for m in owner["markers"]]
    found = {(one.text, one.start, one.frames) for one in said}
    assert found == {("MX: slow strings", 0, 0), ("BG: rain\non a tin roof", 60, 90)}


def _time(value):
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": value}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_every_clip_lies_where_it_lay(exported, flavour):
    """Times, sources and files of picture and sound, transitions included."""
    assert _places(exported(flavour)) == _places(golden_cut())


def _places(cut):
    found = set()
    for item in cut.items:
        if item.schema == "Clip" and item.kind in ("Video", "Audio") and _file(item):
            head, tail = item.trimmed.start - item.visible.start, item.visible.end - item.trimmed.end
            speed = [e.get("time_scalar") for e in as_list(item.node["effects"]) if "time_scalar" in e]
            source = item.trimmed.shifted(-_media_start(item, cut.frame_rate))
            found.add((_file(item), item.kind, item.record, source, head, tail, item.enabled, *speed))
    return found


def _media_start(item, frame_rate):
    """Number of the file's first frame: GES counts from 0, others from its timecode."""
    from twopop.tracks import active_reference, time_value

    available = as_node(active_reference(item.node).get("available_range"))
    return round(time_value(as_node(available.get("start_time")), frame_rate))


def _file(item):
    from twopop.recognise import file_name
    from twopop.tracks import active_reference

    return unquote(file_name(active_reference(item.node)))


def _picture(cut, name):
    return next(i for i in cut.items if i.kind == "Video" and i.name.startswith(name))


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_trim_and_a_changed_prompt_make_exactly_that(exported, flavour):
    cut = exported(flavour)
    trimmed, said = _picture(cut, "SH040"), _picture(cut, "SH010")
    span = as_node(trimmed.node["source_range"])
    shorter = {**shifted_range(span, 4, cut.frame_rate), "duration": {**span["duration"], "value": 30.0}}
    marker = {**as_node(said.node["markers"][0]), "name": "PROMPT: something else"}
    document = edited(
        cut.document,
        {
            trimmed.path: {**trimmed.node, "source_range": shorter},
            said.path: {**said.node, "markers": [marker, *said.node["markers"][1:]]},
        },
    )
    found = statuses(cut.with_document(document))
    assert {name for name, status in found.items() if status == "generate"} == {"SH010"}


@pytest.mark.parametrize("flavour", ["ges-otio", "premiere", "resolve"])
def test_a_new_take_shows_the_frames_that_the_old_one_did(flavour):
    """Where our metadata stays in the file, too, though GES counts media from 0 and the new take from its timecode."""
    cut = golden_cut()
    path = twopop.write_timeline(cut, cut.path.with_name(f"kept_{flavour}"), flavour=flavour).path
    assert statuses(twopop.read_timeline(path)) == statuses(cut)
    path.write_bytes(path.read_bytes().replace(b"PROMPT: SH040", b"PROMPT: SH040 " + flavour.encode()))
    report = twopop.render(path, backend="bars", width=128, height=72, preview=False)
    assert [shot.name for shot in report.shots if shot.status == "ready"] == ["SH040"]
    done = twopop.read_timeline(report.timeline)
    for kind in ("Video", "Audio"):
        old, new = (_shown(one, kind) for one in (cut, done))
        assert old == new
        assert old


def _shown(cut, kind):
    """Cut frames of every clip of SH040, and the frames of its file."""
    items = [i for i in cut.items if i.kind == kind and _file(i).startswith("golden_SH040")]
    return {(i.record, i.trimmed.shifted(-_media_start(i, cut.frame_rate))) for i in items}


def test_a_take_that_was_renamed_is_known_by_the_tag_inside(exported, tmp_path):
    cut = golden_cut()
    picture = _picture(cut, "SH040")
    store = cut.path.parent / "takes"
    media = next(store.rglob("*SH040*.mov"))
    shutil.copyfile(media, cut.path.parent / "consolidated 0007.mov")
    stripped = _stripped(cut)
    node = _picture(stripped, "SH040").node
    reference = {**node["media_references"]["twopop:t001"], "target_url": "consolidated%200007.mov"}
    replaced = {**node, "media_references": {"DEFAULT_MEDIA": reference}, "active_media_reference_key": "DEFAULT_MEDIA"}
    renamed = stripped.with_document(edited(stripped.document, {picture.path: replaced}))
    assert statuses(renamed) == statuses(cut)


@pytest.mark.parametrize(("suffix", "options"), [("edl", {}), ("aaf", {"use_empty_mob_ids": True})])
def test_a_flat_list_of_ours_is_known_again(suffix, options):
    """As the published adapters write it: one picture track, no metadata of ours; a clip's name is the take's file."""
    cut = golden_cut()
    track = cut.to_otio().tracks[0]
    flat = otio.schema.Timeline("list", global_start_time=otio.opentime.RationalTime(86400, 24))
    flat.tracks.append(otio.schema.Track("V1", kind="Video"))
    for child in track:
        if isinstance(child, otio.schema.Clip) and child.name in ("SH010", "SH030"):
            old = child.media_reference
            media = otio.schema.ExternalReference(old.target_url, old.available_range)
            flat.tracks[0].append(otio.schema.Clip(old.name, media, child.source_range))
    path = cut.path.with_name(f"round.{suffix}")
    adapter = {"edl": "cmx_3600"}.get(suffix)
    otio.adapters.write_to_file(flat, str(path), adapter, **options)
    found = statuses(twopop.read_timeline(path))
    assert len(found) == 2
    assert set(found.values()) <= {"reuse", "stale"}


def test_the_published_fcpxml_adapter_finds_every_clip_in_its_place():
    """It knows links of 1.9 only (ours are `media-rep`, as 1.10 wants), so places and sources are compared."""
    cut = golden_cut()
    path = twopop.write_timeline(cut, cut.path.with_name("published"), flavour="finalcut").path
    (timeline,) = otio.adapters.read_from_file(str(path))
    lowest = next(track for track in timeline.tracks if track.name == "0")
    # It does not take the start timecode off: a spine counts from `tcStart`.
    names = [(clip.name, round(lowest.range_of_child(clip).start_time.value) - 86400) for clip in lowest.find_clips()]
    assert {("SH010", 0), ("SH030", 108), ("SH040", 156), ("real take", 228)} <= set(names)
    source = next(clip.source_range for clip in lowest.find_clips() if clip.name == "SH030")
    assert (source.start_time.value, source.duration.value) == (86508, 48)


def test_links_of_fcp7_xml_join_picture_and_every_channel_of_its_stems():
    cut = golden_cut()
    path = twopop.write_timeline(cut, cut.path.with_name("links"), flavour="xmeml").path
    root = ET.parse(path).getroot()
    items = {node.get("id"): node for node in root.iter("clipitem")}
    picture = next(node for node in items.values() if node.findtext("name") == "SH030")
    linked = [link.findtext("linkclipref") for link in picture.findall("link")]
    assert len(linked) == 1 + 2 * 4
    assert {items[one].findtext("name") for one in linked} == {"SH030"}
    for one in linked:
        assert [link.findtext("linkclipref") for link in items[one].findall("link")] == linked
