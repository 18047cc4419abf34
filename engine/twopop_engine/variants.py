"""The files behind `/content?variant=`: what the model wrote, and what is drawn from it on demand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from twopop.wire import canonical_json
from twopop.wire_videos import Result, Variant

from .jobs import JobRow
from .limits import Refusal

_TYPES = {
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".wav": "audio/wav",
    ".jpg": "image/jpeg",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True)
class VariantFile:
    """One file to send; `sha256` is its entity tag."""

    path: Path
    name: str
    media_type: str
    sha256: str


def variant_file(row: JobRow, folder: Path, variant: Variant) -> VariantFile:
    """The file of a finished job; Refusal 404 where this job has none of that kind."""
    result, wanted = row.result, "mix" if variant == "audio" else variant
    assert result is not None
    if record := result.files.get(wanted):
        path = folder / "out" / record.name
        return VariantFile(path, record.name, _type(path), record.sha256)
    made = {"slate": _write_slate, "mix": _write_mix, "thumbnail": _write_thumbnail}.get(wanted)
    if made is None or (wanted == "thumbnail" and "video" not in result.files):
        have = ", ".join([*result.files, "slate"])
        raise Refusal(404, "no_such_variant", f"This job has no {variant}. It has: {have}.", param="variant")
    path = made(result, folder)
    return VariantFile(path, path.name, _type(path), hashlib.sha256(path.read_bytes()).hexdigest())


def _type(path: Path) -> str:
    return _TYPES.get(path.suffix, "application/octet-stream")


def _write_slate(result: Result, folder: Path) -> Path:
    path = folder / "slate.json"
    path.write_bytes(canonical_json(result.model_dump(mode="json")))
    return path


def _write_mix(result: Result, folder: Path) -> Path:
    """The sound of the movie, sample for sample (a bed's only stem is its mix)."""
    if "video" not in result.files:
        return folder / "out" / result.files[result.stems[0]].name
    import av

    path = folder / "mix.wav"
    if path.exists():
        return path
    partial = path.with_suffix(".partial")
    with (
        av.open(str(folder / "out" / result.files["video"].name)) as source,
        av.open(str(partial), "w", format="wav") as out,
    ):
        if not source.streams.audio:
            raise Refusal(404, "no_such_variant", "This job was asked to be silent; it has no mix.", param="variant")
        stream = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    partial.replace(path)
    return path


def _write_thumbnail(result: Result, folder: Path) -> Path:
    """A JPEG of the first frame, at most 512 wide."""
    import av

    path = folder / "thumbnail.jpg"
    if not path.exists():
        with av.open(str(folder / "out" / result.files["video"].name)) as source:
            picture = next(source.decode(video=0)).to_image()
        picture.thumbnail((512, 512))
        picture.save(path, quality=85)
    return path
