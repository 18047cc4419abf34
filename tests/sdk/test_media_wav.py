"""Stems are 24-bit stereo BWF whose numbers every reader finds."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from twopop.errors import MediaError
from twopop.media import wav
from twopop.media.wav import Chunks, copy_wav, iter_wav, read_wav, wav_facts, write_wav

EXTREMES = np.array([[0, -1], [1, -(1 << 23)], [(1 << 23) - 1, 123_456], [-654_321, 7]], np.int32)
CHUNKS = Chunks(
    time_reference=172_972_800,
    description="café",
    ixml={"TAPE": "kitchen_SH010_t001", "SPEED/TIMECODE_RATE": "24000/1001", "NOTE": "dialogue <&> ünïcode"},
    info={"ICMT": "made by a machine, ünïcode", "ISFT": "twopop"},
)


def test_samples_come_back_and_other_readers_agree(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    assert write_wav(path, [EXTREMES[:1], EXTREMES[1:]], chunks=CHUNKS) == 4
    assert np.array_equal(read_wav(path), EXTREMES)
    foreign, rate = soundfile.read(path, dtype="int32")
    assert rate == 48_000
    assert np.array_equal(foreign >> 8, EXTREMES)
    assert soundfile.info(path).subtype == "PCM_24"
    with av.open(str(path)) as container:
        assert container.metadata["time_reference"] == "172972800"
        assert container.metadata["comment"].startswith("made by a machine")


def test_chunks_come_back(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", [EXTREMES], chunks=CHUNKS)
    found = wav_facts(tmp_path / "a.wav").chunks
    assert found.time_reference == 172_972_800
    assert found.description == "caf?"
    assert {key: found.ixml[key] for key in CHUNKS.ixml} == CHUNKS.ixml
    assert found.info == CHUNKS.info


def test_a_copy_changes_the_chunks_and_no_sample(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", [EXTREMES])
    copy_wav(tmp_path / "a.wav", tmp_path / "b.wav", CHUNKS)
    assert np.array_equal(read_wav(tmp_path / "b.wav"), EXTREMES)
    assert wav_facts(tmp_path / "b.wav").chunks.time_reference == 172_972_800


def test_parts_of_a_file(tmp_path: Path) -> None:
    sound = np.arange(2_000, dtype=np.int32).reshape(-1, 2)
    write_wav(tmp_path / "a.wav", [sound])
    parts = list(iter_wav(tmp_path / "a.wav", start=10, samples=25, block=10))
    assert [len(part) for part in parts] == [10, 10, 5]
    assert np.array_equal(np.concatenate(parts), sound[10:35])
    assert list(iter_wav(tmp_path / "a.wav", start=5_000)) == []


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32"])
def test_other_depths_are_read(tmp_path: Path, subtype: str) -> None:
    soundfile.write(tmp_path / "a.wav", np.full((10, 1), 0.5), 44_100, subtype=subtype)
    assert wav_facts(tmp_path / "a.wav").sample_rate == 44_100
    assert np.array_equal(read_wav(tmp_path / "a.wav"), np.full((10, 1), 1 << 22, np.int32))


def test_four_gigabytes_are_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wav, "_LARGEST", 1_000)
    with pytest.raises(MediaError, match="4 GB"):
        write_wav(tmp_path / "a.wav", [np.zeros((100, 2), np.int32)] * 3)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "block",
    [np.full((2, 2), 1 << 23, np.int32), np.zeros((2, 2), np.int16), np.zeros((2, 1), np.int32)],
    ids=["loud", "type", "mono"],
)
def test_blocks_that_are_no_24_bit_stereo_are_refused(tmp_path: Path, block: np.ndarray) -> None:
    with pytest.raises(MediaError):
        write_wav(tmp_path / "a.wav", [block])
    assert not list(tmp_path.iterdir())


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", [EXTREMES])
    with pytest.raises(MediaError, match="exists"):
        write_wav(tmp_path / "a.wav", [])
    assert np.array_equal(read_wav(tmp_path / "a.wav"), EXTREMES)


def damaged(good: bytes, name: str) -> bytes:
    at = good.index(b"data") + 4
    return {
        "truncated": good[:-5],
        "no data": good[: at - 4],
        "length lies": good[:at] + struct.pack("<I", 2**32 - 1) + good[at + 4 :],
        "no wav": b"RIFX" + good[4:],
        "float": good[:20] + struct.pack("<H", 3) + good[22:],
        "no channels": good[:22] + struct.pack("<H", 0) + good[24:],
        "no rate": good[:24] + struct.pack("<I", 0) + good[28:],
        "empty": b"",
    }[name]


@pytest.mark.parametrize(
    "name", ["truncated", "no data", "length lies", "no wav", "float", "no channels", "no rate", "empty"]
)
def test_damaged_files_are_typed_errors(tmp_path: Path, name: str) -> None:
    write_wav(tmp_path / "a.wav", [EXTREMES])
    (tmp_path / "b.wav").write_bytes(damaged((tmp_path / "a.wav").read_bytes(), name))
    with pytest.raises(MediaError):
        read_wav(tmp_path / "b.wav")


def test_entities_in_ixml_are_not_expanded(tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><BWFXML><TAPE>&b;</TAPE></BWFXML>'
    write_wav(tmp_path / "a.wav", [EXTREMES])
    good = (tmp_path / "a.wav").read_bytes()
    chunk = b"iXML" + struct.pack("<I", len(bomb)) + bomb + b"\0" * (len(bomb) % 2)
    at = good.index(b"data")
    (tmp_path / "b.wav").write_bytes(good[:at] + chunk + good[at:])
    assert wav_facts(tmp_path / "b.wav").chunks.ixml == {}


def test_the_rate_is_kept(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", [EXTREMES], sample_rate=44_100)
    facts = wav_facts(tmp_path / "a.wav")
    assert (facts.samples, facts.sample_rate, facts.channels, facts.bits) == (4, 44_100, 2, 24)
    assert Fraction(facts.samples, facts.sample_rate) == Fraction(4, 44_100)
