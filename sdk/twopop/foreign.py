"""Other formats (EDL, xmeml, FCPXML, AAF, ...) through whatever OpenTimelineIO adapters are installed.

What an adapter gives back is serialized and guarded like a stranger's file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

from .accents import from_xmeml
from .document import gap_node, rate_number, time_node
from .errors import TimelineError
from .files import read_bounded
from .guard import guard_document
from .registry import reader_of
from .settings import FILE_NAME, Settings
from .timebase import format_timecode, is_drop_rate, nearest_frame, parse_timecode, snap_frame_rate
from .timeline import Node, as_list, as_node, serialized
from .tracks import range_of, time_value
from .wire import Finding

ADAPTER_PACKAGES = {
    ".aaf": "otio-aaf-adapter",
    ".ale": "otio-ale-adapter",
    ".edl": "otio-cmx3600-adapter",
    ".fcpxml": "otio-fcpx-xml-adapter",
    ".xges": "otio-xges-adapter",
    ".xml": "otio-fcp-adapter",
}
"""What reads a suffix, where it is not installed."""

_DROP = re.compile(r"^FCM:\s*DROP", re.I | re.M)
_EVENT = re.compile(r"^\s*\d+ .*$", re.M)
_FRAMES = re.compile(r"(\d\d:\d\d:\d\d):(\d\d)")


def read_foreign(path: Path, settings: Settings, findings: list[Finding]) -> Node:
    """The guarded document an installed adapter makes of `path`.

    Raises:
        TimelineError: no adapter for the suffix (the message has the command), or it could not read the file.
    """
    suffix = path.suffix.casefold()
    raw = read_bounded(path)
    if b"<!ENTITY" in raw[:100_000]:
        raise TimelineError(f"{path.name} defines XML entities; no editor writes them. Nothing was read.")
    if read := reader_of(suffix):
        document: Node = read(raw, path.name, findings)
        return guard_document(serialized(document).decode(), where=path.name, findings=findings)
    otio = _library()
    if suffix.lstrip(".") not in otio.adapters.suffixes_with_defined_adapters(read=True):
        raise TimelineError(_no_adapter(path))
    if suffix == ".edl":
        return _read_edl(path, _decoded(raw), settings, findings)
    policy = otio.media_linker.MediaLinkingPolicy.DoNotLinkMedia
    document = _guarded(path, findings, lambda: otio.adapters.read_from_file(str(path), media_linker_name=policy))
    return from_xmeml(document) if suffix == ".xml" else document


def _library() -> Any:
    """OpenTimelineIO, whose adapters say nothing about their types."""
    return import_module("opentimelineio")


def _guarded(path: Path, findings: list[Finding], read: Callable[[], Any], mend: str = "") -> Node:
    try:
        text = str(read().to_json_string(-1))
    except Exception as exc:  # an adapter may raise anything
        raise TimelineError(f"{path.name} cannot be read: {exc}.{mend} Nothing was changed.") from exc
    return guard_document(text, where=path.name, findings=findings)


def _no_adapter(path: Path) -> str:
    package = ADAPTER_PACKAGES.get(path.suffix.casefold())
    mend = f"Run: pip install {package}" if package else "Export it as .otio, .xml, .fcpxml, .aaf or .edl"
    return f"{path.name}: nothing installed reads {path.suffix or 'files without a suffix'}. {mend}."


# ---- EDL: it says neither its frame rate nor, in its markers, the clock of the media ---------------------------------


def _read_edl(path: Path, text: str, settings: Settings, findings: list[Finding]) -> Node:
    otio = _library()
    drop = bool(_DROP.search(text))
    rate = _edl_rate(path, text, drop, settings, findings)
    drop = drop and is_drop_rate(rate)
    if drop:  # the adapter ignores FCM; it understands `;`
        text = _EVENT.sub(lambda event: _FRAMES.sub(r"\1;\2", event[0]), text)
    mend = f' Is frame_rate right? Write frame_rate = "25" (or what it is) into {FILE_NAME} beside it.'
    name = str(otio.adapters.from_filepath(str(path)).name)

    def read(**options: bool) -> Node:
        return _guarded(
            path, findings, lambda: otio.adapters.read_from_string(text, name, rate=float(rate), **options), mend
        )

    try:
        document = read()
    except TimelineError as exc:
        if "duration" not in str(exc):
            raise
        document = read(ignore_timecode_mismatch=True)
        message = f"{path.name}: some events are longer in the cut than in their source, and no speed says why; "
        message += "they are taken as long as they are in the cut."
        findings.append(Finding(level="warning", code="edl_durations", message=message))
    return _from_record_clock(document, rate, drop)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _edl_rate(path: Path, text: str, drop: bool, settings: Settings, findings: list[Finding]) -> Fraction:
    """The stated rate, else the lowest usual one that has every frame number of the list."""
    if settings.frame_rate:
        return snap_frame_rate(settings.frame_rate)
    highest = max((int(found[2]) for event in _EVENT.findall(text) for found in _FRAMES.finditer(event)), default=0)
    fits = next((rate for rate in (24, 25, 30, 50, 60) if highest < rate), 60)
    rate = Fraction(30000, 1001) if drop else Fraction(fits)
    message = (
        f"{path.name}: an EDL does not say its frame rate; {rate} is assumed. "
        f'Write frame_rate = "25" (or what it is) into {FILE_NAME} beside it.'
    )
    findings.append(Finding(level="warning", code="frame_rate_assumed", message=message))
    return rate


def _from_record_clock(document: Node, rate: Fraction, drop: bool) -> Node:
    """An EDL's timeline from record timecode to the cut clock, its markers to the source clock.

    The adapter says a track's first record timecode as a negative range; tracks that begin later get a gap.
    """
    stack = as_node(document.get("tracks"))
    tracks = [as_node(track) for track in as_list(stack.get("children"))]
    starts = [_record_start(track, rate) for track in tracks]
    first = min(starts, default=0)
    moved = [_in_cut_clock(track, start, first, rate, drop) for track, start in zip(tracks, starts, strict=True)]
    metadata = {**as_node(document.get("metadata")), "cmx_3600": {"fcm": "DROP FRAME" if drop else "NON-DROP FRAME"}}
    start = time_node(first, rate_number(rate))
    return {
        **document,
        "metadata": metadata,
        "global_start_time": start,
        "tracks": {**stack, "children": moved},
    }


def _record_start(track: Node, rate: Fraction) -> int:
    span = range_of(as_node(track.get("source_range")), rate)
    return -nearest_frame(span[0]) if span else 0


def _in_cut_clock(track: Node, start: int, first: int, rate: Fraction, drop: bool) -> Node:
    at = Fraction(start)
    children: list[Node] = [gap_node(start - first, rate_number(rate))] if start > first else []
    for child in map(as_node, as_list(track.get("children"))):
        span = range_of(as_node(child.get("source_range")), rate)
        if span:
            child = _marked_in_source(child, span[0] - at, rate, drop)
            at += span[1]
        children.append(child)
    return {**track, "source_range": None, "children": children}


def _marked_in_source(clip: Node, shift: Fraction, rate: Fraction, drop: bool) -> Node:
    """The clip with its markers moved from record timecode by `shift` frames."""
    markers = [as_node(marker) for marker in as_list(clip.get("markers"))]
    return {**clip, "markers": [_moved(marker, shift, rate, drop) for marker in markers]} if markers else clip


def _moved(marker: Node, shift: Fraction, rate: Fraction, drop: bool) -> Node:
    span = as_node(marker.get("marked_range"))
    at = nearest_frame(time_value(as_node(span.get("start_time")), rate))
    if drop:  # the adapter counted the label as non-drop
        label = format_timecode(at, rate)
        at = parse_timecode(f"{label[:-3]};{label[-2:]}", rate)
    start = time_node(nearest_frame(at + shift), rate_number(rate))
    return {**marker, "marked_range": {**span, "start_time": start}}
