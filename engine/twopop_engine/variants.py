"""The files behind `/content?variant=`: what the model wrote, and what is drawn from it on demand."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
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
    """The file of a finished job.

    Raises:
        Refusal: 404, this job has none of that kind; 410, its files were removed.
    """
    result, wanted = row.result, "mix" if variant == "audio" else variant
    assert result is not None
    if wanted == "mix" and "video" not in result.files:  # the only stem of a bed is its mix
        wanted = result.stems[0]
    try:
        if record := result.files.get(wanted):
            path, sha256 = folder / "out" / record.name, record.sha256
            path.stat()
        else:
            path = _drawn(result, folder, wanted)
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError as exc:
        raise Refusal(410, "expired", "The files of this job were removed. Ask for it again.") from exc
    return VariantFile(path, path.name, _TYPES.get(path.suffix, "application/octet-stream"), sha256)


def _drawn(result: Result, folder: Path, wanted: str) -> Path:
    """A file that is made when it is first asked for: beside its name, so that nobody reads half of it."""
    movie = result.files.get("video")
    name, write = _ON_DEMAND.get(wanted, ("", None))
    if write is None or (wanted == "thumbnail" and movie is None):
        have = ", ".join([*result.files, "slate"])
        raise Refusal(404, "no_such_variant", f"This job has no {wanted}. It has: {have}.", param="variant")
    path = folder / name
    if not path.exists():
        partial = folder / f"{secrets.token_hex(8)}-{name}"
        try:
            write(result, folder / "out" / (movie.name if movie else ""), partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    return path


def _write_slate(result: Result, movie: Path, target: Path) -> None:
    target.write_bytes(canonical_json(result.model_dump(mode="json")))


def _write_mix(result: Result, movie: Path, target: Path) -> None:
    """The sound of the movie, sample for sample."""
    import av

    with av.open(str(movie)) as source, av.open(str(target), "w", format="wav") as out:
        if not source.streams.audio:
            raise Refusal(404, "no_such_variant", "This job was asked to be silent; it has no mix.", param="variant")
        stream = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)


def _write_thumbnail(result: Result, movie: Path, target: Path) -> None:
    """A JPEG of the first frame, at most 512 wide."""
    import av

    with av.open(str(movie)) as source:
        picture = next(source.decode(video=0)).to_image()
    picture.thumbnail((512, 512))
    picture.save(target, quality=85)


_ON_DEMAND: dict[str, tuple[str, Callable[[Result, Path, Path], None] | None]] = {
    "mix": ("mix.wav", _write_mix),
    "slate": ("slate.json", _write_slate),
    "thumbnail": ("thumbnail.jpg", _write_thumbnail),
}
