"""The take store: written once, sealed, named for every file system, never believing what was changed."""

import json
import os
import shutil
import stat
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from twopop.backends.base import TakeFiles
from twopop.errors import LedgerError, MediaError
from twopop.labels import folded, safe_label, split_take_name
from twopop.media.probe import probe
from twopop.media.wav import wav_facts, write_wav
from twopop.store import TakeStore
from twopop.take import Take
from twopop.testing import sample_request, write_tiny_take
from twopop.timebase import FrameRange, frame_to_sample, parse_timecode
from twopop.timeline import Cut
from twopop.wire import Finding


@pytest.fixture
def tmp_path(memory_path):
    """Takes are flushed to disk, again and again."""
    return memory_path


@pytest.fixture
def store(tmp_path):
    return TakeStore(tmp_path / "takes")


def add(store, tmp_path, name="kitchen_SH010", **changes) -> Take:
    request = sample_request(name, **changes)
    raw = tmp_path / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    raw.mkdir()
    return store.add(request, write_tiny_take(request, raw), backend="fake", cost=0.5)


def unlocked(path: Path) -> Path:
    path.chmod(0o644)
    return path


# -- what a take is ----------------------------------------------------------------------------------------------------


def test_a_take_is_plain_files_with_the_slate_last(store, tmp_path):
    take = add(store, tmp_path)
    names = sorted(path.name for path in take.folder.iterdir())
    assert names == [f"kitchen_SH010_t001.{end}" for end in ("DX.wav", "FX.wav", "mov", "slate.json")]
    assert take.folder == store.root / "kitchen_SH010"
    slate_ns = (take.folder / names[-1]).stat().st_mtime_ns
    assert all(path.stat().st_mtime_ns <= slate_ns for path in take.folder.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="modes are a POSIX thing")
def test_files_are_read_only(store, tmp_path):
    take = add(store, tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in take.folder.iterdir()} == {0o444}


def test_nothing_is_made_before_the_first_take(tmp_path):
    store = TakeStore(tmp_path / "takes")
    assert store.find("a" * 64, FrameRange(0, 1)) is None
    assert list(store.takes()) == []
    assert store.next_number("kitchen_SH010") == 1
    assert not store.root.exists()


def test_picture_and_stems_carry_the_same_timecode(store, tmp_path):
    take = add(store, tmp_path, frame_rate=Fraction(24000, 1001))
    movie = probe(take.path("picture"))
    frame = parse_timecode(movie.timecode, take.frame_rate)
    assert frame == take.source_range.start + take.timecode_offset_frames == 90_000 - 4
    assert movie.reel == take.name
    reference = wav_facts(take.path("dialogue")).chunks.time_reference
    assert reference == frame_to_sample(frame, take.frame_rate)
    assert wav_facts(take.path("effects")).samples == take.slate.samples == frame_to_sample(12, take.frame_rate)


def test_silent_stems_are_known_and_loudness_is_measured(store, tmp_path):
    import numpy as np

    request = sample_request("kitchen_SH010")
    files = write_tiny_take(request, tmp_path)
    files.stems["effects"].unlink()
    write_wav(files.stems["effects"], [np.zeros((request.samples, 2), np.int32)])
    slate = store.add(request, files, backend="fake").slate
    assert slate.silent == ("effects",)
    assert set(slate.loudness) == {"dialogue"}
    assert -60 < slate.loudness["dialogue"] < -30


def test_a_mix_without_stems_becomes_a_mix_track(store, tmp_path):
    request = sample_request("kitchen_SH010")
    files = write_tiny_take(request, tmp_path)
    take = store.add(request, TakeFiles(files.movie, {}), backend="fake")
    assert set(take.slate.files) == {"picture", "mix"}
    assert take.path("mix").name == "kitchen_SH010_t001.MIX.wav"
    assert wav_facts(take.path("mix")).samples == request.samples


def test_a_bed_has_sound_only(store, tmp_path):
    request = sample_request("kitchen_BED1", kind="bed", role="ambience", width=0, height=0)
    take = store.add(request, write_tiny_take(request, tmp_path), backend="fake")
    assert set(take.slate.files) == {"ambience"}
    assert take.slate.request.kind == "bed"


def test_wrong_lengths_are_refused_and_leave_nothing(store, tmp_path):
    request = sample_request("kitchen_SH010", frames=12)
    files = write_tiny_take(sample_request("kitchen_SH010", frames=16), tmp_path)
    with pytest.raises(MediaError, match="picture has 16 frames, 12 were asked for"):
        store.add(request, files, backend="fake")
    assert not (store.root / "kitchen_SH010").exists()
    assert list(store.takes()) == []
    assert store.next_number("kitchen_SH010") == 1


def test_the_check_sees_finished_files_and_its_findings_are_sealed(store, tmp_path):
    seen = []

    def check(take: Take):
        seen.append(probe(take.path("picture")).frames)
        return [Finding(level="warning", code="stuck_picture", message="stuck")]

    request = sample_request("kitchen_SH010")
    store.add(request, write_tiny_take(request, tmp_path), backend="fake", qc=check)
    assert seen == [12]
    again = TakeStore(store.root).by_name("kitchen_SH010_t001")
    assert [finding.code for finding in again.slate.findings] == ["stuck_picture"]


def test_a_check_that_breaks_loses_no_take(store, tmp_path):
    def check(take: Take):
        raise RuntimeError("no such thing")

    request = sample_request("kitchen_SH010")
    take = store.add(request, write_tiny_take(request, tmp_path), backend="fake", qc=check)
    assert [finding.code for finding in take.slate.findings] == ["qc_failed"]


def test_a_take_without_its_tokens_serves_and_is_told(store, tmp_path):
    request = sample_request("kitchen_SH010")
    files = write_tiny_take(request, tmp_path)
    (tmp_path / "x.safetensors").write_bytes(b"latents")
    latents = tmp_path / "x.safetensors"
    take = store.add(request, TakeFiles(files.movie, files.stems, latents), backend="fake")
    take.path("latents").unlink()
    assert store.usable(take)
    assert [finding.code for finding in store.verify(take)] == ["take_file_missing"]
    unlocked(take.path("dialogue")).write_bytes(b"other")
    assert not store.usable(take)


def test_what_the_model_says_of_its_take_is_a_finding_of_it(store, tmp_path):
    request = sample_request("kitchen_SH010")
    files = write_tiny_take(request, tmp_path)
    said = Finding(level="warning", code="unknown_sound", message='FX "a squonk" names no sound.', shot="SH010")
    take = store.add(request, replace(files, facts={"findings": [said.model_dump()]}), backend="fake")
    assert take.slate.findings[0] == said
    other, raw = sample_request("kitchen_SH020"), tmp_path / "other"
    raw.mkdir()
    files = write_tiny_take(other, raw)
    assert store.add(other, replace(files, facts={"findings": "none"}), backend="fake").slate.findings == ()


def test_an_original_and_latents_are_kept(store, tmp_path):
    request = sample_request("kitchen_SH010")
    files = write_tiny_take(request, tmp_path)
    (tmp_path / "got.mp4").write_bytes(b"as it came")
    (tmp_path / "x.safetensors").write_bytes(b"latents")
    kept = TakeFiles(files.movie, files.stems, tmp_path / "x.safetensors", original=tmp_path / "got.mp4")
    take = store.add(request, kept, backend="fake")
    assert take.path("original").read_bytes() == b"as it came"
    assert take.path("latents").name == "kitchen_SH010_t001.latents.safetensors"


# -- finding -----------------------------------------------------------------------------------------------------------


def test_find_gives_the_newest_take_that_covers(store, tmp_path):
    first, second = add(store, tmp_path), add(store, tmp_path)
    key, made = first.slate.request.match_key, first.source_range
    assert (first.name, second.name) == ("kitchen_SH010_t001", "kitchen_SH010_t002")
    assert store.find(key, made) == second
    assert store.find(key, made.widened(1, 0)) is None
    assert store.find(key, made.widened(0, 1)) is None
    assert store.find("0" * 64, made) is None


def test_best_is_the_longest_overlap(store, tmp_path):
    add(store, tmp_path, frames=12, generated=FrameRange(0, 12))
    late = add(store, tmp_path, frames=20, generated=FrameRange(100, 20))
    key = late.slate.request.match_key
    assert store.best(key, FrameRange(2, 30)).source_range == FrameRange(0, 12)
    assert store.best(key) == late
    assert store.best("0" * 64) is None


def test_another_object_on_the_same_folder_sees_everything(store, tmp_path):
    other = TakeStore(store.root)
    assert list(other.takes()) == []
    take = add(store, tmp_path)
    other.refresh()
    assert [t.name for t in other.takes()] == [take.name]
    assert other.id == store.id
    assert other.takes_of("KITCHEN_sh010") == [take]
    assert other.offset_for("kitchen_SH010") == 90_000


def test_the_offset_is_that_of_the_first_take(store, tmp_path):
    add(store, tmp_path)
    add(store, tmp_path, timecode_offset_frames=1)
    assert store.offset_for("kitchen_SH010") == 90_000
    assert store.offset_for("kitchen_SH020") is None


@pytest.mark.parametrize("name", ["../x_t001", "a/b_t001", "nothing", "x_t001", "", "_t001", "CON_t001", "\0_t001"])
def test_by_name_of_what_is_not_there(store, tmp_path, name):
    add(store, tmp_path)
    assert store.by_name(name) is None


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "label"),
    [
        ("kitchen_SH010", "kitchen_SH010"), ("Solid Color", "Solid_Color"), ("a/b\\c:d*e?", "a_b_c_d_e"),
        ("CON", "CON_"),
        ("nul.mov", "_nul.mov"), ("com1", "com1_"), ("LPT³", "LPT³_"), ("console", "console"), ("...", "shot"),
        ("", "shot"), (" . ", "shot"), (".hidden", "hidden"), ("ends. ", "ends"), ("Küche_第一场", "Küche_第一场"),
        ("e\u0301", "é"), ("tab\tnew\nline\0", "tab_new_line"), ("🎬", "shot"), ("100%#1", "100_1"),
    ],
)  # fmt: skip
def test_labels_are_safe_everywhere(wanted, label):
    assert safe_label(wanted) == label
    assert safe_label(label) == label


def test_long_labels_are_cut_and_stay_different():
    first, second = safe_label("ж" * 300 + "1"), safe_label("ж" * 300 + "2")
    assert first != second
    assert len(f"{first}_t001.latents.safetensors".encode()) < 140
    assert safe_label(first) == first


def test_take_names_are_taken_apart():
    assert split_take_name("a_t001_t1234") == ("a_t001", 1234)
    assert split_take_name("kitchen_SH010") is None
    assert split_take_name("_t001") is None


def test_labels_are_sticky_and_spelled_one_way(store, tmp_path):
    take = add(store, tmp_path)
    key = take.slate.request.match_key
    assert store.label_for(key, "anything else") == "kitchen_SH010"
    assert store.label_for("b" * 64, "KITCHEN sh010") == "kitchen_SH010"
    assert store.label_for("b" * 64, "kitchen SH020") == "kitchen_SH020"
    assert store.label_of(key) == "kitchen_SH010"
    assert store.label_of("b" * 64) == ""


def test_decomposed_letters_are_the_same_name(store, tmp_path):
    add(store, tmp_path, name="café")
    assert store.label_for("b" * 64, "CAFE\u0301") == "café"
    assert folded("CAFE\u0301") == folded("café")


def test_numbers_are_never_used_again(store, tmp_path):
    add(store, tmp_path)
    second = add(store, tmp_path)
    store.trash([second])
    assert store.next_number("kitchen_SH010") == 3
    (store.root / "kitchen_SH010" / "kitchen_SH010_t007.mov").write_bytes(b"left by a crash")
    assert store.next_number("kitchen_SH010") == 3  # what a retake asks for does not depend on left-overs
    assert add(store, tmp_path).name == "kitchen_SH010_t008"


# -- trust -------------------------------------------------------------------------------------------------------------


def codes(store, **kwargs) -> list[str]:
    return [finding.code for finding in store.check(**kwargs)]


def test_a_whole_store_has_nothing_to_say(store, tmp_path):
    add(store, tmp_path)
    assert store.check(deep=True) == []


@pytest.mark.parametrize("fresh", [True, False], ids=["other process", "same object"])
def test_a_changed_file_is_noticed(store, tmp_path, fresh):
    take = add(store, tmp_path)
    path = unlocked(take.path("dialogue"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    time.sleep(0.01)
    path.write_bytes(data)
    store = TakeStore(store.root) if fresh else store
    assert store.find(take.slate.request.match_key, take.source_range) is None
    assert codes(store) == ["take_file_changed"]
    assert add(store, tmp_path).name == "kitchen_SH010_t002"


def test_a_change_that_hides_its_time_is_found_by_the_deep_check(store, tmp_path):
    take = add(store, tmp_path)
    path = unlocked(take.path("dialogue"))
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert codes(TakeStore(store.root)) == []
    assert codes(store, deep=True) == ["take_file_changed"]


def test_a_deleted_file_is_noticed(store, tmp_path):
    take = add(store, tmp_path)
    take.path("picture").unlink()
    assert not store.usable(take)
    assert codes(store) == ["take_file_missing"]
    assert store.find(take.slate.request.match_key, take.source_range) is None


def test_a_truncated_file_is_noticed(store, tmp_path):
    take = add(store, tmp_path)
    path = unlocked(take.path("picture"))
    os.truncate(path, 1000)
    assert codes(store) == ["take_file_changed"]


@pytest.mark.parametrize("harm", ["edit", "truncate", "empty", "garbage", "rename", "outside", "array"])
def test_a_slate_that_is_not_what_it_was_is_not_believed(store, tmp_path, harm):
    take = add(store, tmp_path)
    path = unlocked(take.folder / f"{take.name}.slate.json")
    text = path.read_text()
    if harm == "rename":
        path.rename(path.with_name("kitchen_SH010_t009.slate.json"))
    else:
        changed = {
            "edit": text.replace('"cost": 0.5', '"cost": 0.0'), "truncate": text[: len(text) // 2], "empty": "",
            "garbage": "\x00\xff", "array": "[]", "outside": text.replace('"kitchen_SH010_t001.mov"', '"../x.mov"'),
        }  # fmt: skip
        path.write_text(changed[harm])
    other = TakeStore(store.root)
    assert other.find(take.slate.request.match_key, take.source_range) is None
    assert "slate_damaged" in codes(other)
    assert add(other, tmp_path).slate.number > 1
    assert take.path("picture").exists()


def test_a_missing_slate_is_reported_and_nothing_is_lost(store, tmp_path):
    take = add(store, tmp_path)
    (take.folder / f"{take.name}.slate.json").unlink()
    assert codes(TakeStore(store.root)) == ["slate_missing"]
    assert add(TakeStore(store.root), tmp_path).name == "kitchen_SH010_t002"
    assert take.path("dialogue").exists()


def test_a_slate_of_a_newer_version_says_so(store, tmp_path):
    take = add(store, tmp_path)
    path = unlocked(take.folder / f"{take.name}.slate.json")
    path.write_text(path.read_text().replace("twopop.slate.v1", "twopop.slate.v2"))
    found = TakeStore(store.root).check()
    assert "written by a newer twopop" in found[0].message
    assert TakeStore(store.root).by_name(take.name) is None


def test_a_store_of_a_newer_version_is_left_alone(store, tmp_path):
    add(store, tmp_path)
    marker = store.root / ".twopop-store"
    marker.write_text(json.dumps({"format": 99, "id": store.id}))
    with pytest.raises(LedgerError, match="newer twopop"):
        list(TakeStore(store.root).takes())


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "x", "id": 1}', '{"format": 1, "id": "../../x"}'])
def test_a_damaged_marker_is_a_sentence(store, tmp_path, text):
    add(store, tmp_path)
    (store.root / ".twopop-store").write_text(text)
    with pytest.raises(LedgerError, match="Delete that one file"):
        _ = TakeStore(store.root).id


def test_a_store_moved_elsewhere_keeps_its_id_and_takes(store, tmp_path):
    take = add(store, tmp_path)
    shutil.copytree(store.root, tmp_path / "moved")
    for path in (tmp_path / "moved").rglob("*.wav"):
        os.utime(path)  # a copy with new times: hashed once, then trusted
    moved = TakeStore(tmp_path / "moved")
    assert moved.id == store.id
    assert moved.find(take.slate.request.match_key, take.source_range).folder == tmp_path / "moved" / "kitchen_SH010"
    assert moved.check(deep=True) == []


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "takes").write_text("not a folder")
    store = TakeStore(tmp_path / "takes")
    with pytest.raises(LedgerError, match="--store"):
        list(store.takes())
    with pytest.raises(LedgerError, match="--store"):
        _ = store.id


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_a_sentence(store, tmp_path):
    store.root.mkdir()
    store.root.chmod(0o555)
    with pytest.raises(LedgerError, match="cannot be written"):
        add(store, tmp_path)


def test_a_number_somebody_else_took_is_never_overwritten(store, tmp_path):
    take = add(store, tmp_path)
    before = take.path("picture").read_bytes()
    others = [TakeStore(store.root) for _ in range(3)]
    names = {add(other, tmp_path).name for other in others}
    assert names == {"kitchen_SH010_t002", "kitchen_SH010_t003", "kitchen_SH010_t004"}
    assert take.path("picture").read_bytes() == before


def test_leftovers_of_a_crash_are_swept(store, tmp_path):
    _ = store.id
    (store.root / ".work" / "kitchen_SH010_t001").mkdir(parents=True)
    (store.root / ".work" / "kitchen_SH010_t001" / "half.mov").write_bytes(b"half")
    assert add(store, tmp_path).name == "kitchen_SH010_t001"
    assert list((store.root / ".work").iterdir()) == []


# -- pruning -----------------------------------------------------------------------------------------------------------


def cut_with(*names: str) -> Cut:
    clips = [
        {"OTIO_SCHEMA": "Clip.2", "metadata": {}, "media_references": {"x": {"target_url": name}}} for name in names
    ]
    document = {"OTIO_SCHEMA": "Timeline.1", "tracks": {"children": [{"children": clips}]}}
    return Cut(document, Fraction(25))


def test_prune_lists_what_no_cut_names(store, tmp_path):
    first, second = add(store, tmp_path), add(store, tmp_path)
    third = add(store, tmp_path, name="küche SH 020".replace(" ", "_"))
    cut = cut_with(f"takes/kitchen_SH010/{second.name}.DX.wav", "takes\\K%C3%BCche_SH_020\\K%C3%BCche_SH_020_t001.mov")
    assert store.prune([cut]) == [first]
    assert store.prune([cut], keep=[first.name]) == []
    assert [take.name for take in store.prune([])] == [first.name, second.name, third.name]


def test_trash_moves_and_deletes_nothing(store, tmp_path):
    first, second = add(store, tmp_path), add(store, tmp_path)
    moved = store.trash([first])
    assert moved == [store.root / ".trash" / "kitchen_SH010"]
    assert len(list(moved[0].iterdir())) == 4
    assert list(store.takes()) == [second]
    assert store.check() == []


# -- speed -------------------------------------------------------------------------------------------------------------


def test_four_thousand_slates_are_listed_in_time(store, tmp_path):
    take = add(store, tmp_path, name="big_SH0")
    text = (take.folder / f"{take.name}.slate.json").read_text()
    key = take.slate.request.match_key
    for index in range(1, 4_000):
        folder = store.root / f"big_SH{index}"
        folder.mkdir()
        changed = text.replace("big_SH0", folder.name).replace(key, f"{index:064x}")
        (folder / f"{folder.name}_t001.slate.json").write_text(changed)
    begun = time.process_time()
    cold = TakeStore(store.root)
    assert cold.label_of(f"{3_999:064x}") == "big_SH3999"
    assert time.process_time() - begun <= 0.6  # 10,000 in 1.5 s
