"""From a file to a Cut: which reader, which timeline of the document, and what its frame 0 and its frames are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from .accents import from_premiere
from .errors import TimelineError
from .files import read_bounded
from .guard import guard_document
from .settings import FILE_NAME, Settings, load_settings
from .timebase import is_drop_rate, nearest_frame, snap_frame_rate
from .timeline import Cut, Node, as_list, as_node, schema_name
from .tracks import TRACKS, active_reference, time_value
from .wire import Finding

_JSON = (".otio", ".json")
_BUNDLES = (".otioz", ".otiod")
_COLLECTIONS = ("SerializableCollection", "SerializeableCollection")
_DROP_KEYS = {
    ("twopop", "drop_frame"): (True,),
    ("fcp_xml", "timecode", "displayformat"): ("DF",),
    ("cmx_3600", "fcm"): ("DROP FRAME",),
    ("fcpx", "tcFormat"): ("DF",),
}
"""Where a timeline's metadata say how its timecode counts, and the values that mean drop-frame."""


def read_cut(path: Path, roots: Sequence[Path]) -> Cut:
    """Reads `path` by its suffix. Everything passes the guard. See `timeline.read_timeline`."""
    path = path.absolute()
    settings = load_settings(path)
    findings: list[Finding] = []
    document = _as_timeline(_document(path, settings, findings), path.name, findings)
    allowed = (path.parent, *roots, *(path.parent / root for root in settings.roots))
    return make_cut(document, settings, path.name, findings, path=path, roots=allowed)


def make_cut(
    document: Node,
    settings: Settings,
    where: str,
    findings: list[Finding],
    *,
    path: Path | None = None,
    roots: Sequence[Path] = (),
) -> Cut:
    """A Cut around a guarded Timeline document."""
    start = as_node(document.get("global_start_time"))
    rate = _frame_rate(document, start, settings, where, findings)
    return Cut(
        document,
        rate,
        start_frames=nearest_frame(time_value(start, rate)) if start else 0,
        has_start=bool(start),
        drop_frame=_drop_frame(document, rate, settings, where, findings),
        path=path,
        roots=tuple(dict.fromkeys(Path(root).absolute() for root in roots)),
        findings=tuple(findings),
    )


def _document(path: Path, settings: Settings, findings: list[Finding]) -> Node:
    if path.suffix.casefold() in _BUNDLES:
        from . import bundles

        document = guard_document(bundles.read_content(path), where=path.name, findings=findings)
        return bundles.relinked_to_bundle(document, path, findings)
    if path.suffix.casefold() in _JSON:
        return from_premiere(guard_document(read_bounded(path), where=path.name, findings=findings))
    from .foreign import read_foreign

    return read_foreign(path, settings, findings)


# ---- which timeline --------------------------------------------------------------------------------------------------


def _as_timeline(document: Node, where: str, findings: list[Finding]) -> Node:
    """The Timeline of a document: its root, the only one in a collection, or one put around a bare root."""
    schema = schema_name(document)
    if schema == "Timeline":
        return document
    if schema in _COLLECTIONS:
        return _only_timeline(document, where, findings)
    if schema == "Stack":
        stack = document
    elif schema in TRACKS:
        stack = _stack([document])
    elif schema in ("Clip", "Gap"):
        stack = _stack([_track(document)])
    else:
        raise TimelineError(f"{where} holds a {schema}, no timeline. Export the sequence itself.")
    message = f"{where} holds a bare {schema}; it is read as a timeline of its own."
    findings.append(Finding(level="info", code="bare_root", message=message))
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {},
        "name": document.get("name") or "",
        "global_start_time": None,
        "tracks": stack,
    }


def _only_timeline(document: Node, where: str, findings: list[Finding]) -> Node:
    timelines = list(_timelines(document))
    names = ", ".join(repr(str(timeline.get("name") or "")) for timeline in timelines)
    if len(timelines) != 1:
        what = f"{len(timelines)} timelines ({names})" if timelines else "a collection without a timeline"
        raise TimelineError(f"{where} holds {what}; a cut is one. Export the one you mean by itself.")
    message = f"{where} is a collection; its only timeline, {names}, is read."
    findings.append(Finding(level="info", code="collection", message=message))
    return timelines[0]


def _timelines(collection: Node) -> Iterator[Node]:
    for child in map(as_node, as_list(collection.get("children"))):
        if schema_name(child) == "Timeline":
            yield child
        elif schema_name(child) in _COLLECTIONS:
            yield from _timelines(child)


def _stack(children: list[Node]) -> Node:
    return {**_composition("Stack.1", "tracks"), "children": children}


def _track(clip: Node) -> Node:
    return {**_composition("Track.1", "V1"), "kind": "Video", "children": [clip]}


def _composition(schema: str, name: str) -> Node:
    empty: dict[str, Any] = {"source_range": None, "effects": [], "markers": [], "enabled": True}
    return {"OTIO_SCHEMA": schema, "metadata": {}, "name": name, **empty}


# ---- frames ----------------------------------------------------------------------------------------------------------


def _frame_rate(document: Node, start: Node, settings: Settings, where: str, findings: list[Finding]) -> Fraction:
    """The rate most clips of the video tracks count in, else of any track, else of the start, else of the settings."""
    counted = Counter(_rates(as_node(document.get("tracks")), "Video"))
    tracks = counted or Counter(_rates(as_node(document.get("tracks")), ""))
    known = tracks or Counter([start["rate"]] if start and 1 <= start["rate"] <= 1000 else [])
    rates: Counter[Fraction] = Counter()
    for value, count in known.items():
        rates[snap_frame_rate(value)] += count
    if not rates:
        if settings.frame_rate:
            return snap_frame_rate(settings.frame_rate)
        raise TimelineError(
            f'{where}: nothing in it says its frame rate. Write frame_rate = "24" (or what it is) into {FILE_NAME} '
            "beside it. Nothing was changed."
        )
    rate = rates.most_common(1)[0][0]
    if len(rates) > 1:
        others = ", ".join(f"{count} in {other}" for other, count in rates.items() if other != rate)
        message = f"{where}: the cut counts in {rate} frames a second, but some of its clips do not ({others}); "
        message += "their edges are taken at the nearest frame."
        findings.append(Finding(level="warning", code="mixed_rates", message=message))
    return rate


def _rates(node: Node, kind: str, inside: str = "") -> Iterator[float]:
    """Frame rates of the clips on tracks of `kind` ("" = any) below `node`; rates of sound samples are left out."""
    schema = schema_name(node)
    if schema in TRACKS:
        inside = str(node.get("kind") or "Video")
    if "children" in node:
        for child in as_list(node["children"]):
            yield from _rates(as_node(child), kind, inside)
    elif schema not in ("Transition", "Gap") and (not kind or inside == kind):
        span = as_node(node.get("source_range")) or as_node(active_reference(node).get("available_range"))
        rate = as_node(span.get("duration")).get("rate", 0)
        if 1 <= rate <= 1000:
            yield rate


def _drop_frame(document: Node, rate: Fraction, settings: Settings, where: str, findings: list[Finding]) -> bool:
    if settings.drop_frame is not None:
        return settings.drop_frame and is_drop_rate(rate)
    if not is_drop_rate(rate):
        return False
    metadata = as_node(document.get("metadata"))
    for keys, drop in _DROP_KEYS.items():
        value: Any = metadata
        for key in keys:
            value = as_node(value).get(key)
        if value is not None:
            return value in drop
    message = f"{where} does not say whether its timecode drops frames; non-drop is taken. "
    message += f"If it does, write drop_frame = true into {FILE_NAME} beside it."
    findings.append(Finding(level="info", code="drop_frame_assumed", message=message))
    return False
