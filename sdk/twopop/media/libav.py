"""PyAV, at arm's length: loaded on use, one way to read its errors."""

from __future__ import annotations

from importlib import import_module
from typing import Any

REC709, VIDEO_RANGE, FULL_RANGE = 1, 1, 2
"""FFmpeg's numbers for the Rec.709 matrix, primaries and curve, and for the two ranges."""


def load_av(module: str = "av") -> Any:
    """The module, as Any: its stubs leave packets and options unknown to a strict checker."""
    return import_module(module)


def exact_scaling() -> Any:
    """Flags of a conversion that rounds exactly and the same on every processor."""
    kinds = load_av("av.video.reformatter").Interpolation
    return kinds.BILINEAR | kinds.ACCURATE_RND | kinds.BITEXACT


def reason_of(exc: Exception) -> str:
    """A libav error in words, without paths."""
    return str(getattr(exc, "strerror", "") or exc)
