"""Bundles: what is read of them, where their media are, and hostile archives."""

import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import opentimelineio as otio
import pytest
import shapes

from twopop.bundles import MAX_MEMBERS, unpack_media
from twopop.document import reference_node
from twopop.errors import TimelineError
from twopop.timeline import read_timeline, write_timeline
from twopop.tracks import active_reference

MOVIE = b"not really a movie" * 1000


def document(url="media/a.mov"):
    """A cut with one real clip, one link that leads elsewhere, and one hole."""
    real = shapes.clip("REAL", 0, 24, reference_node("a", url, shapes.span(0, 48), {}))
    other = shapes.clip("ELSEWHERE", 0, 24, reference_node("b", "/somewhere/media/b.mov", shapes.span(0, 48), {}))
    return shapes.timeline(shapes.track(real, other, shapes.clip("HOLE")))


def archive(path, members, content=None):
    """An .otioz with `content` (default: a good cut) and `members`: (name or ZipInfo, bytes)."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("content.otio", json.dumps(document()) if content is None else content, zipfile.ZIP_DEFLATED)
        for name, data in members:
            file.writestr(name, data)
    return path


def links(cut):
    return [active_reference(item.node).get("target_url") for item in cut.items]


def test_a_folder_bundle_is_read_and_its_media_are_used_where_they_are(tmp_path):
    bundle = tmp_path / "kitchen.otiod"
    (bundle / "media").mkdir(parents=True)
    (bundle / "media" / "a.mov").write_bytes(MOVIE)
    (bundle / "content.otio").write_text(json.dumps(document()))
    cut = read_timeline(bundle)
    assert cut.name == "kitchen"
    assert cut.roots == (tmp_path,)
    assert links(cut) == ["kitchen.otiod/media/a.mov", "/somewhere/media/b.mov", None]
    assert (tmp_path / links(cut)[0]).read_bytes() == MOVIE
    report = write_timeline(cut, tmp_path / "out.otio")
    assert read_timeline(report.path).digest == cut.digest


def test_an_archive_is_read_without_unpacking_and_unpacked_when_the_cut_is_written(tmp_path):
    path = archive(tmp_path / "kitchen.otioz", [("media/a.mov", MOVIE), ("media/unused.mov", MOVIE)])
    cut = read_timeline(path)
    assert links(cut) == ["kitchen.media/media/a.mov", "/somewhere/media/b.mov", None]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["kitchen.otioz"]
    write_timeline(cut, tmp_path / "out.otio")
    assert (tmp_path / "kitchen.media" / "media" / "a.mov").read_bytes() == MOVIE
    assert not (tmp_path / "kitchen.media" / "media" / "unused.mov").exists()
    assert unpack_media(cut) == []


def test_bundles_of_opentimelineio_itself_are_read(tmp_path):
    (tmp_path / "a b#1.mov").write_bytes(MOVIE)
    reference = otio.schema.ExternalReference(
        Path(tmp_path / "a b#1.mov").as_uri(), otio.opentime.range_from_start_end_time(
            otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(48, 24)
        )
    )  # fmt: skip
    timeline = otio.schema.timeline_from_clips([otio.schema.Clip("a", reference)])
    otio.adapters.write_to_file(timeline, str(tmp_path / "x.otioz"))
    otio.adapters.write_to_file(timeline, str(tmp_path / "x.otiod"))
    zipped, folder = read_timeline(tmp_path / "x.otioz"), read_timeline(tmp_path / "x.otiod")
    assert [made.read_bytes() for made in unpack_media(zipped)] == [MOVIE]
    from twopop.links import local_path

    for cut in (zipped, folder):
        found = local_path(links(cut)[0], (tmp_path,))
        assert found is not None
        assert found.read_bytes() == MOVIE


def test_unpacking_replaces_nothing_and_follows_no_link(tmp_path):
    cut = read_timeline(archive(tmp_path / "kitchen.otioz", [("media/a.mov", MOVIE)]))
    target = tmp_path / "kitchen.media" / "media" / "a.mov"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"mine")
    with pytest.raises(TimelineError, match="in the way"):
        unpack_media(cut)
    assert target.read_bytes() == b"mine"
    target.unlink()
    target.parent.rmdir()
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    target.parent.symlink_to(elsewhere)
    with pytest.raises(TimelineError, match="another place"):
        unpack_media(cut)
    assert not list(elsewhere.iterdir())


def test_a_damaged_member_leaves_no_file(tmp_path):
    path = archive(tmp_path / "kitchen.otioz", [("media/a.mov", MOVIE)])
    data = path.read_bytes()
    path.write_bytes(data.replace(MOVIE[:100], b"X" * 100, 1))
    cut = read_timeline(path)
    with pytest.raises(TimelineError, match="damaged"):
        unpack_media(cut)
    assert not list((tmp_path / "kitchen.media" / "media").iterdir())


def special(name, mode):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def packed(name):
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def twice(path):
    with pytest.warns(UserWarning, match="Duplicate"):
        return archive(path, [("media/a.mov", b"1"), ("media/a.mov", b"2")])


def lying(path, declared):
    """A member whose directory entry declares another length than it has."""
    archive(path, [(packed("media/a.mov"), MOVIE)])
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, declared)
    path.write_bytes(data)
    return path


def long_directory(path):
    """A directory that lists one member 100,000 times under other names."""
    archive(path, [("media/000000", b"")])
    data = path.read_bytes()
    first, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entry, tail = data[first:end], bytearray(data[end:])
    entries = b"".join(entry.replace(b"000000", b"%06d" % number) for number in range(100_000))
    struct.pack_into("<HHI", tail, 8, 0xFFFF, 0xFFFF, len(entries))
    struct.pack_into("<I", tail, 16, first)
    path.write_bytes(data[:first] + entries + bytes(tail))
    return path


HOSTILE = {
    "a name that climbs": (lambda p: archive(p, [("media/../../a.mov", b"x")]), "leads out"),
    "an absolute name": (lambda p: archive(p, [("/etc/a.mov", b"x")]), "leads out"),
    "a drive": (lambda p: archive(p, [("C:/a.mov", b"x")]), "leads out"),
    "a backslash": (lambda p: archive(p, [("media\\..\\..\\a.mov", b"x")]), "leads out"),
    "a device name": (lambda p: archive(p, [("media/CON.mov", b"x")]), "not legal"),
    "a symbolic link": (lambda p: archive(p, [(special("media/a.mov", stat.S_IFLNK | 0o777), b"/etc")]), "is a link"),
    "a device": (lambda p: archive(p, [(special("media/a.mov", stat.S_IFCHR | 0o666), b"")]), "a device"),
    "a name twice": (twice, "twice"),
    "names that differ in case": (lambda p: archive(p, [("media/a.mov", b""), ("MEDIA/A.MOV", b"")]), "twice"),
    "a packing bomb": (lambda p: archive(p, [(packed("media/a.mov"), bytes(100 << 20))]), "packed more than"),
    "a timeline bomb": (lambda p: archive(p, [], " " * (100 << 20)), "packed more than"),
    "too many members": (long_directory, f"more than {MAX_MEMBERS} files"),
    "no timeline": (lambda p: archive(p, []) and _without_content(p), "has no content.otio"),
    "no archive": (lambda p: p.write_bytes(b"{}") and p, "no readable"),
    "a cut archive": (lambda p: _cut(archive(p, [("media/a.mov", MOVIE)])), "no readable"),
    "a hostile timeline": (lambda p: archive(p, [], '{"OTIO_SCHEMA": "Timeline.1"}'), "no Stack"),
}


def _without_content(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("other.otio", "{}")
    return path


def _cut(path):
    path.write_bytes(path.read_bytes()[:-30])
    return path


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_archives_are_refused_and_write_nothing(tmp_path, case):
    make, expected = HOSTILE[case]
    inner = tmp_path / "inner"
    inner.mkdir()
    path = make(inner / "kitchen.otioz")
    with pytest.raises(TimelineError, match=expected):
        unpack_media(read_timeline(path))
    assert [entry.name for entry in inner.iterdir()] == ["kitchen.otioz"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["inner"]


@pytest.mark.parametrize("declared", [5, len(MOVIE) - 1, len(MOVIE) + 1, 15 << 20])
def test_a_member_that_lies_about_its_length_is_not_unpacked(tmp_path, declared):
    path = lying(tmp_path / "kitchen.otioz", declared)
    with pytest.raises(TimelineError, match="is damaged: "):
        unpack_media(read_timeline(path))
    assert not list(tmp_path.rglob("*.mov"))
    assert not list(tmp_path.rglob("*.tmp"))


def test_media_of_a_bundle_that_lead_out_of_it_stay_offline(tmp_path):
    bundle = tmp_path / "kitchen.otiod"
    (bundle / "media").mkdir(parents=True)
    (tmp_path / "secret").write_bytes(b"secret")
    (bundle / "media" / "a.mov").symlink_to(tmp_path / "secret")
    for url in ("media/a.mov", "media/../../secret", "media/%2e%2e/%2e%2e/secret"):
        (bundle / "content.otio").write_text(json.dumps(document(url)))
        cut = read_timeline(bundle)
        assert links(cut)[0] == url
        assert [finding.code for finding in cut.findings] == ["bundle_outside"]


def test_a_folder_bundle_reads_no_linked_timeline(tmp_path):
    bundle = tmp_path / "kitchen.otiod"
    bundle.mkdir()
    with pytest.raises(TimelineError, match="No such file"):
        read_timeline(bundle)
    (tmp_path / "secret").write_text(json.dumps(document()))
    (bundle / "content.otio").symlink_to(tmp_path / "secret")
    with pytest.raises(TimelineError, match="cannot be opened"):
        read_timeline(bundle)
    os.mkfifo(tmp_path / "pipe.otioz")
    with pytest.raises(TimelineError, match="no regular file"):
        read_timeline(tmp_path / "pipe.otioz")
