"""Reference files of a request: checked by content, kept by hash, never by the name a client gave them."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from twopop.request import Before, GenerationRequest, Retake
from twopop.wire import Reference

from .limits import Limits, Refusal

MOST_PIXELS = 64_000_000
_PICTURES = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg"}
_LATENTS = ".safetensors"
_SOUNDS = {b"fLaC": ".flac", b"OggS": ".ogg", b"ID3": ".mp3", b"\xff\xfb": ".mp3"}


def keep_references(
    request: GenerationRequest, parts: list[bytes], folder: Path, limits: Limits
) -> tuple[GenerationRequest, list[str]]:
    """Writes the files into `folder` as `<sha256><suffix>`; the request's references then point there.

    Returns:
        The request, and the hashes of all files, sorted (part of what an idempotency key stands for).

    Raises:
        Refusal: too many or too large, neither picture nor sound, or a reference without its file.
    """
    if len(parts) > limits.references:
        raise Refusal(413, "too_many_references", f"A request has at most {limits.references} files.")
    kept: dict[str, Path] = {}
    _check_before(request)
    tokens = {needing.tokens[1] for needing in (request.retake, request.before) if needing and needing.tokens[1]}
    for data in parts:
        digest = hashlib.sha256(data).hexdigest()
        suffix = _LATENTS if digest in tokens else _suffix(data, limits)
        folder.mkdir(parents=True, exist_ok=True)
        kept[digest] = folder / (digest + suffix)
        kept[digest].write_bytes(data)
    asked = list(request.brief.references)
    for digest in kept.keys() - {*tokens, *(reference.sha256 for reference in asked)}:
        asked.append(Reference(kind="still", path="", sha256=digest))
    for place, reference in enumerate(asked):
        if reference.sha256 not in kept:
            message = (
                f"The file of reference {reference.sha256[:12] or reference.path!r} did not come with the request."
            )
            raise Refusal(400, "reference_missing", message, param="reference")
        asked[place] = reference.model_copy(update={"path": str(kept[reference.sha256])})
    brief = request.brief.model_copy(update={"references": tuple(asked)})
    changes: dict[str, object] = {"brief": brief}
    for name, needing in (("retake", request.retake), ("before", request.before)):
        if needing:
            bare = isinstance(needing, Before) and not needing.tokens[1]
            changes[name] = needing.with_tokens("" if bare else str(_tokens_of(needing, kept)))
    return request.model_copy(update=changes), sorted(kept)


def _check_before(request: GenerationRequest) -> None:
    """Requests that are gone on from name no files of their own, however deep they lie."""
    before = request.before
    while before and before.request:
        if before.request.brief.references or before.request.retake:
            raise Refusal(400, "bad_before", "A request that is gone on from names no files.", param="extra_params")
        before = before.request.before


def _tokens_of(needing: Retake | Before, kept: dict[str, Path]) -> Path:
    """Where the tokens that a request needs were kept; never a path that a client gave."""
    path = kept.get(needing.tokens[1])
    if path is None:
        raise Refusal(
            400, "reference_missing", "The tokens of a take did not come with the request.", param="reference"
        )
    return path


def _suffix(data: bytes, limits: Limits) -> str:
    if len(data) > limits.reference_bytes:
        raise Refusal(413, "reference_too_large", f"A reference has at most {limits.reference_bytes} bytes.")
    for magic, suffix in _PICTURES.items():
        if data.startswith(magic):
            _check_pixels(data)
            return suffix
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        _check_pixels(data)
        return ".webp"
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return ".wav"
    for magic, suffix in _SOUNDS.items():
        if data.startswith(magic):
            return suffix
    if data[4:8] == b"ftyp":
        return ".m4a"
    message = "A reference must be a picture (PNG, JPEG, WebP) or a sound (WAV, FLAC, Ogg, MP3, M4A)."
    raise Refusal(400, "reference_not_media", message, param="reference")


def _check_pixels(data: bytes) -> None:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:  # reads the header only
            width, height = picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as exc:
        raise Refusal(400, "reference_not_media", "A reference picture cannot be read.", param="reference") from exc
    if width * height > MOST_PIXELS:
        raise Refusal(
            413, "reference_too_large", f"A reference picture has at most {MOST_PIXELS // 1_000_000} megapixels."
        )
