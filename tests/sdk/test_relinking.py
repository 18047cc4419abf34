"""Moved media are found by name, our takes by take name, and nothing is guessed in silence."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
import shapes

from twopop.document import reference_node
from twopop.errors import UsageError
from twopop.relinking import relink
from twopop.timeline import Cut, read_timeline, write_timeline
from twopop.tracks import active_reference


def reference(url, metadata=None):
    return reference_node(Path(url).name, url, shapes.span(0, 100), metadata or {})


def cut_of(folder, *references):
    clips = [shapes.clip(f"C{number}", 0, 24, made) for number, made in enumerate(references)]
    document = shapes.timeline(shapes.track(*clips))
    return Cut(document, Fraction(24000, 1001), path=folder / "cut" / "cut.otio", roots=(folder / "cut",))


def put(path, data=b"media"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def links(cut):
    return [active_reference(item.node).get("target_url") for item in cut.items]


def codes(findings):
    return [finding.code for finding in findings]


@pytest.fixture
def place(tmp_path):
    (tmp_path / "cut").mkdir()
    return tmp_path


def test_every_form_of_link_is_led_to_the_moved_file_in_its_own_form(place):
    put(place / "new" / "deep" / "a 1.mov")
    put(place / "new" / "B.MOV")
    old = ["media/a 1.mov", "/Volumes/Raid/a 1.mov", "file:///Volumes/Raid/a%201.mov", "D:\\Media\\b.mov"]
    cut = cut_of(place, *[reference(url) for url in old])
    done, findings = relink(cut, place / "new")
    moved = place / "new" / "deep" / "a 1.mov"
    assert links(done) == ["../new/deep/a 1.mov", str(moved), moved.as_uri(), str(place / "new" / "B.MOV")]
    assert codes(findings) == ["relinked"]
    assert findings[0].message.startswith("4 files were found again")
    assert place / "new" in done.roots
    assert links(cut) == old


def test_links_that_lead_somewhere_and_foreign_ones_stay_and_nodes_are_shared(place):
    put(place / "cut" / "media" / "here.mov")
    put(place / "new" / "here.mov")
    put(place / "new" / "clip.mov")
    cut = cut_of(place, reference("media/here.mov"), reference("https://example.com/clip.mov"), shapes.missing())
    done, findings = relink(cut, place / "new")
    assert links(done) == links(cut)
    assert done.document is cut.document
    assert findings[0].message.startswith("0 files")


def test_a_name_that_is_there_twice_is_in_doubt_and_said(place):
    put(place / "new" / "one" / "a.mov")
    put(place / "new" / "two" / "a.mov")
    cut = cut_of(place, reference("media/a.mov"), reference("old/two/a.mov"))
    done, findings = relink(cut, place / "new")
    assert links(done) == ["media/a.mov", "../new/two/a.mov"]
    assert codes(findings) == ["relinked", "media_ambiguous", "media_twice"]
    assert "one" in findings[1].message
    assert "two" in findings[1].message


def test_what_is_not_there_is_named_once(place):
    (place / "new").mkdir()
    cut = cut_of(place, reference("media/a.mov"), reference("media/a.mov"))
    done, findings = relink(cut, place / "new")
    assert done.document is cut.document
    assert codes(findings) == ["relinked", "media_not_found"]
    assert "a.mov is not there" in findings[1].message


def test_a_renamed_file_of_a_take_is_found_by_its_slate(place):
    record = {"name": "kitchen_SH010_t001.mp4", "bytes": 5, "sha256": ""}
    slate = {"schema": "twopop.slate.v9", "take": "kitchen_SH010_t001", "files": {"picture": record}}
    put(place / "new" / "kitchen_SH010_t001.slate.json", json.dumps(slate).encode())
    put(place / "new" / "kitchen_SH010_t001.mp4")
    ours = {"twopop": {"take": "kitchen_SH010_t001", "role": "picture"}}
    cut = cut_of(place, reference("takes/kitchen_SH010/kitchen_SH010_t001.mov", ours))
    assert links(relink(cut, place / "new")[0]) == ["../new/kitchen_SH010_t001.mp4"]
    put(place / "new" / "kitchen_SH010_t001.slate.json", b"{")
    assert codes(relink(cut, place / "new")[1]) == ["relinked", "media_not_found"]


def test_every_media_reference_of_a_clip_is_relinked_and_image_sequences_too(place):
    put(place / "new" / "a.mov")
    put(place / "new" / "plates" / "p.1001.exr")
    sequence = {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": "plates/",
        "name_prefix": "p.",
        "name_suffix": ".exr",
        "start_frame": 1001,
        "frame_zero_padding": 4,
    }
    clip = shapes.clip("C", 0, 24, reference("media/a.mov"))
    clip["media_references"]["twopop:t001"] = sequence
    old = {"OTIO_SCHEMA": "Clip.1", "source_range": shapes.span(0, 5), "media_reference": reference("media/a.mov")}
    nest = shapes.stack(shapes.track(clip, old))
    cut = Cut(shapes.timeline(shapes.track(nest)), Fraction(24000, 1001), path=place / "cut" / "cut.otio")
    done, _ = relink(cut, place / "new")
    first, second = done.document["tracks"]["children"][0]["children"][0]["children"][0]["children"]
    assert first["media_references"]["DEFAULT_MEDIA"]["target_url"] == "../new/a.mov"
    assert first["media_references"]["twopop:t001"]["target_url_base"] == "../new/plates/"
    assert second["media_reference"]["target_url"] == "../new/a.mov"


def test_a_relinked_cut_is_written_and_read_and_its_media_open(place):
    put(place / "new" / "a.mov", b"picture")
    path = write_timeline(cut_of(place, reference("media/a.mov")), place / "cut" / "cut.otio").path
    done, _ = relink(read_timeline(path), place / "new")
    written = write_timeline(done, place / "cut" / "cut.relinked.otio").path
    assert (written.parent / links(read_timeline(written))[0]).read_bytes() == b"picture"


def test_hidden_files_and_linked_folders_are_not_searched(place):
    put(place / "new" / ".trash" / "a.mov")
    put(place / "new" / "._a.mov")
    put(place / "elsewhere" / "a.mov")
    (place / "new" / "link").symlink_to(place / "elsewhere")
    _, findings = relink(cut_of(place, reference("media/a.mov")), place / "new")
    assert codes(findings) == ["relinked", "media_not_found"]


def test_a_folder_that_is_none_is_refused(place):
    with pytest.raises(UsageError, match="is no folder"):
        relink(cut_of(place), place / "absent")
