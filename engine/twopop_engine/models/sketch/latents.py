"""Tokens of a take in a safetensors file: what a later retake freezes. Written and read without the library."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twopop.errors import MediaError

from .layout import LAYOUT_VERSION

_LARGEST_HEADER = 1 << 22
_FRAMING, _NOTES = "framing.", "stage"


_BROKEN = (struct.error, ValueError, KeyError, TypeError, AttributeError)


def write_latents(
    path: Path,
    tokens: Mapping[str, NDArray[np.float32]],
    framing: Mapping[str, NDArray[np.float32]] | None = None,
    notes: Mapping[str, Any] | None = None,
) -> None:
    """Writes tokens by group name, each `(tokens, dims)` float32, as the model made them, and those of the framing.

    Args:
        path: A new file.
        tokens: By group.
        framing: By group.
        notes: JSON values that go with them (`carrying.noted`).
    """
    tokens = {**tokens, **{_FRAMING + name: values for name, values in (framing or {}).items()}}
    header: dict[str, object] = {"__metadata__": {"layout": str(LAYOUT_VERSION), _NOTES: json.dumps(notes or {})}}
    at = 0
    for name, values in tokens.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        at += values.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("xb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for values in tokens.values():
            file.write(np.ascontiguousarray(values, "<f4").tobytes())


def split_framing(
    latents: Mapping[str, NDArray[np.float32]],
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]]:
    """The tokens of a take, and those that its framing was made for (empty in takes that do not say)."""
    framing = {name.removeprefix(_FRAMING): v for name, v in latents.items() if name.startswith(_FRAMING)}
    return {name: values for name, values in latents.items() if not name.startswith(_FRAMING)}, framing


def read_latents(path: Path) -> dict[str, NDArray[np.float32]]:
    """All tensors of a take's file by name; `split_framing` sorts them.

    Raises:
        MediaError: The file is not what `write_latents` writes.
    """
    data = path.read_bytes()
    try:
        header, base = _header(data)
        layout = header.pop("__metadata__")["layout"]
        if layout != str(LAYOUT_VERSION):
            raise ValueError(f"token layout {layout}, this model has {LAYOUT_VERSION}")
        return {name: _array(data, base, entry) for name, entry in header.items()}
    except _BROKEN as exc:
        raise MediaError(f"{path.name} holds no tokens of sketch ({exc}). Generate the shot again.") from exc


def read_notes(path: Path) -> dict[str, Any]:
    """What was written with the tokens of a take as its `notes`.

    Raises:
        MediaError: The file is not what `write_latents` writes.
    """
    try:
        return json.loads(_header(path.read_bytes())[0]["__metadata__"].get(_NOTES, "{}"))
    except _BROKEN as exc:
        raise MediaError(f"{path.name} holds no tokens of sketch ({exc}). Generate the shot again.") from exc


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header of a file, and where its tensors begin."""
    (length,) = struct.unpack_from("<Q", data)
    if length > _LARGEST_HEADER:
        raise ValueError("header too long")
    return json.loads(data[8 : 8 + length]), 8 + length


def _array(data: bytes, base: int, entry: dict[str, list[int]]) -> NDArray[np.float32]:
    first, last = entry["data_offsets"]
    shape = tuple(int(side) for side in entry["shape"])
    if not 0 <= first <= last <= len(data) - base or last - first != 4 * math.prod(shape):
        raise ValueError("a tensor lies outside the file")
    return np.frombuffer(data, "<f4", math.prod(shape), base + first).reshape(shape).copy()
