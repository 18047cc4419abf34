"""Broadcast WAV: a streaming 24-bit stereo writer, the `bext` and iXML chunks editors place sound by, and a reader.

Sound in twopop is int32 `(samples, channels)` holding 24-bit values, -2**23 to 2**23 - 1. EBU Tech 3285 (bext) and the
iXML specification say where the numbers go; `TimeReference` counts samples since midnight.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.etree import ElementTree

from ..errors import MediaError
from ..timebase import SAMPLE_RATE
from .files import create_file, open_regular

if TYPE_CHECKING:
    import numpy as np

    Sound = np.ndarray[Any, np.dtype[np.int32]]

FULL_SCALE = 1 << 23
"""The level of 0 dBFS: samples are below it."""

_CHANNELS, _BYTES = 2, 3
_STRIDE = _CHANNELS * _BYTES
_LARGEST = 2**32 - 1
_LARGEST_TEXT_CHUNK = 1 << 20
_MOST_CHUNKS = 1000
_PCM, _EXTENSIBLE = 1, 0xFFFE
_BEXT = struct.Struct("<256s32s32s10s8sQH64s190s")


@dataclass(frozen=True, slots=True)
class Chunks:
    """What a WAV says besides sound. Empty fields are not written."""

    time_reference: int | None = None
    """Samples since midnight of the first sample; None writes no `bext`."""
    description: str = ""
    originator: str = "twopop"
    ixml: Mapping[str, str] = field(default_factory=dict[str, str])
    """iXML leaves by path: "TAPE", "SPEED/TIMECODE_RATE"."""
    info: Mapping[str, str] = field(default_factory=dict[str, str])
    """LIST/INFO texts by four-letter name: "ICMT"."""


@dataclass(frozen=True, slots=True)
class WavFacts:
    """What a PCM WAV holds; `samples` is what is really in the file."""

    samples: int
    sample_rate: int
    channels: int
    bits: int
    data_offset: int
    chunks: Chunks


class WavWriter:
    """Writes blocks as they come; a context manager. Leaving by an exception removes the file."""

    def __init__(self, path: Path, *, sample_rate: int = SAMPLE_RATE, chunks: Chunks | None = None) -> None:
        self.samples = 0
        self._path, self._file = path, create_file(path)
        header = _header(sample_rate, chunks or Chunks())
        self._size = len(header)
        self._file.write(header)

    def write(self, block: Sound) -> None:
        """Appends int32 `(samples, 2)`, 24-bit values.

        Raises:
            MediaError: another shape or type, a value outside 24 bits, more than a WAV can hold, a full disk.
        """
        if self._size + (self.samples + len(block)) * _STRIDE > _LARGEST:
            raise MediaError(
                f"{self._path.name}: a WAV ends at 4 GB (4 h 8 min of 48 kHz stereo), this is more. "
                f"Split the cut into reels. The unfinished file was removed."
            )
        try:
            self._file.write(pack24(block))
        except OSError as exc:
            raise MediaError(
                f"{self._path} cannot be written: {exc.strerror}. Free space; the unfinished file was removed."
            ) from exc
        self.samples += len(block)

    def close(self) -> None:
        """Writes the lengths and closes."""
        data = self.samples * _STRIDE
        self._file.seek(4)
        self._file.write(struct.pack("<I", self._size + data - 8))
        self._file.seek(self._size - 4)
        self._file.write(struct.pack("<I", data))
        self._file.close()

    def __enter__(self) -> WavWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._file.close()
            self._path.unlink(missing_ok=True)


def write_wav(
    path: Path, blocks: Iterable[Sound], *, sample_rate: int = SAMPLE_RATE, chunks: Chunks | None = None
) -> int:
    """Writes all blocks (int32 `(samples, 2)`, 24-bit values); returns the number of samples. Errors as WavWriter."""
    with WavWriter(path, sample_rate=sample_rate, chunks=chunks) as writer:
        for block in blocks:
            writer.write(block)
    return writer.samples


def copy_wav(source: Path, target: Path, chunks: Chunks) -> int:
    """The sound of a stereo PCM WAV, sample for sample, with other chunks; returns the number of samples."""
    facts = wav_facts(source)
    return write_wav(target, iter_wav(source), sample_rate=facts.sample_rate, chunks=chunks)


def read_wav(path: Path) -> Sound:
    """The whole file as int32 `(samples, channels)`, 24-bit values. MediaError as `wav_facts`."""
    import numpy as np

    return np.concatenate([np.zeros((0, wav_facts(path).channels), np.int32), *iter_wav(path)])


def iter_wav(path: Path, *, start: int = 0, samples: int | None = None, block: int = 1 << 16) -> Iterator[Sound]:
    """Blocks of int32 `(<= block, channels)` from sample `start`, at most `samples`, as far as there are any."""
    with open_regular(path) as file:
        facts = _facts(file, path)
        left = max(0, facts.samples - start)
        left = left if samples is None else min(samples, left)
        stride = facts.channels * facts.bits // 8
        file.seek(facts.data_offset + start * stride)
        while left > 0:
            count = min(left, block)
            yield _unpack(file.read(count * stride), facts)
            left -= count


def wav_facts(path: Path) -> WavFacts:
    """Reads the chunks of a 16, 24 or 32-bit PCM WAV.

    Raises:
        MediaError: no regular file, no WAV, another coding, or shorter than its header says.
    """
    with open_regular(path) as file:
        return _facts(file, path)


def pack24(block: Sound) -> bytes:
    """int32 24-bit values -> little-endian 3-byte samples. MediaError where a value does not fit."""
    import numpy as np

    if block.dtype != np.int32 or block.ndim != 2 or block.shape[1] != _CHANNELS:
        raise MediaError(f"Sound block {block.dtype} {block.shape} is not int32 (samples, 2).")
    if len(block) and (block.max() >= FULL_SCALE or block.min() < -FULL_SCALE):
        raise MediaError("A sample is outside 24 bits, -8388608 to 8388607. Limit the sound before it is written.")
    return np.ascontiguousarray(block, "<i4").view(np.uint8).reshape(-1, 4)[:, :_BYTES].tobytes()


def _unpack(data: bytes, facts: WavFacts) -> Sound:
    """PCM bytes -> int32 24-bit values; 32-bit sound loses its lowest byte."""
    import numpy as np

    wide = np.zeros((len(data) // (facts.bits // 8), 4), np.uint8)
    wide[:, 4 - facts.bits // 8 :] = np.frombuffer(data, np.uint8).reshape(len(wide), -1)
    return (wide.view("<i4").reshape(-1, facts.channels) >> 8).astype(np.int32, copy=False)


def _header(sample_rate: int, chunks: Chunks) -> bytes:
    """Everything before the samples; both lengths are zero until `close`."""
    rate = struct.pack("<HHIIHH", _PCM, _CHANNELS, sample_rate, sample_rate * _STRIDE, _STRIDE, _BYTES * 8)
    parts = [b"RIFF\0\0\0\0WAVE", _chunk(b"fmt ", rate)]
    if chunks.time_reference is not None:
        parts.append(_chunk(b"bext", _bext(chunks)))
    if chunks.ixml:
        parts.append(_chunk(b"iXML", _ixml(chunks.ixml)))
    if chunks.info:
        texts = b"".join(_chunk(name.encode("ascii"), text.encode() + b"\0") for name, text in chunks.info.items())
        parts.append(_chunk(b"LIST", b"INFO" + texts))
    return b"".join(parts) + b"data\0\0\0\0"


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _bext(chunks: Chunks) -> bytes:
    description, originator = (_ascii(text) for text in (chunks.description, chunks.originator))
    # Version 1; no date, as the same sound must give the same file.
    return _BEXT.pack(description, originator, b"", b"", b"", chunks.time_reference, 1, b"", b"")


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _ixml(leaves: Mapping[str, str]) -> bytes:
    root = ElementTree.Element("BWFXML")
    ElementTree.SubElement(root, "IXML_VERSION").text = "1.61"
    for path, text in leaves.items():
        node = root
        for name in path.split("/"):
            found = node.find(name)
            node = found if found is not None else ElementTree.SubElement(node, name)
        node.text = text
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _facts(file: BinaryIO, path: Path) -> WavFacts:
    """Walks the chunks up to the samples, and past them for what other writers put last."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise MediaError(f"{path.name} is not a WAV file. Give a PCM WAV.")
    found: dict[bytes, bytes] = {}
    data: tuple[int, int] | None = None
    for _ in range(_MOST_CHUNKS):
        if len(header := file.read(8)) < 8:
            break
        name, length = header[:4], struct.unpack("<I", header[4:])[0]
        start = file.tell()
        if name == b"data" and data is None:
            data = start, length
        elif name in (b"fmt ", b"bext", b"iXML", b"LIST") and name not in found and length <= _LARGEST_TEXT_CHUNK:
            found[name] = file.read(length)
        file.seek(start + length + length % 2)
    if data is None:
        raise MediaError(f"{path.name} has no samples: it was cut short. Make it again.")
    if sum(data) > size:
        raise MediaError(f"{path.name} was cut short: {data[1]} bytes of sound are due, {size - data[0]} are there.")
    rate, channels, bits = _format(found.get(b"fmt ", b""), path)
    return WavFacts(data[1] // (channels * bits // 8), rate, channels, bits, data[0], _chunks(found))


def _format(body: bytes, path: Path) -> tuple[int, int, int]:
    """(sample rate, channels, bits) of a `fmt ` chunk."""
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body.ljust(16, b"\0"))
    if coding == _EXTENSIBLE and len(body) >= 26:
        coding = struct.unpack_from("<H", body, 24)[0]
    if coding != _PCM or bits not in (16, 24, 32) or not 1 <= channels <= 64 or not 8_000 <= rate <= 768_000:
        raise MediaError(
            f"{path.name}: {channels} channels of {bits} bits at {rate} Hz in coding {coding} is not what twopop "
            f"reads as WAV. Write it as 48 kHz, 24-bit PCM."
        )
    return rate, channels, bits


def _chunks(found: Mapping[bytes, bytes]) -> Chunks:
    time_reference, description, originator = None, "", ""
    if len(bext := found.get(b"bext", b"")) >= _BEXT.size:
        fields = _BEXT.unpack_from(bext)
        time_reference = fields[5]
        description, originator = (_text(value) for value in fields[:2])
    return Chunks(time_reference, description, originator, _ixml_leaves(found), _info_texts(found.get(b"LIST", b"")))


def _ixml_leaves(found: Mapping[bytes, bytes]) -> dict[str, str]:
    body = found.get(b"iXML", b"").strip(b"\0 \r\n")
    if not body or b"<!" in body:  # no declarations: an entity in a label has no honest use
        return {}
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        return {}
    leaves: dict[str, str] = {}
    for node in root:
        leaves[node.tag] = (node.text or "").strip()
        leaves |= {f"{node.tag}/{inner.tag}": (inner.text or "").strip() for inner in node}
    return {path: text for path, text in leaves.items() if text}


def _info_texts(body: bytes) -> dict[str, str]:
    texts: dict[str, str] = {}
    at = 4
    while body[:4] == b"INFO" and at + 8 <= len(body):
        length = struct.unpack_from("<I", body, at + 4)[0]
        texts[_text(body[at : at + 4])] = _text(body[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return texts


def _text(value: bytes) -> str:
    return value.partition(b"\0")[0].decode("utf-8", "replace").strip()
