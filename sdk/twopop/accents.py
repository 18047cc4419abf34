"""How editors bend a format when they write it, undone on reading: one form for every later room.

FCP7 XML: clip markers count from the file's first frame, speed is a filter, switched-off clips are a note in the
metadata. Premiere's OTIO: the `source_range` of a retimed clip counts media frames.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .document import rate_number, shifted_range, time_node
from .timebase import exact_rate
from .timeline import Node, as_list, as_node, schema_name
from .tracks import TRACKS, active_reference

_NO_SPEED = Fraction(1)


def from_xmeml(document: Node) -> Node:
    """An FCP7 XML document as its adapter reads it, in OTIO's own terms."""
    return _each(document, _xmeml_clip, _xmeml_track)


def from_premiere(document: Node) -> Node:
    """A document that Premiere wrote, its retimed clips as long as the cut shows them; others are left as they are."""
    if "PremierePro_OTIO" not in as_node(document.get("metadata")):
        return document
    return _each(document, _premiere_clip, _same)


def _same(node: Node) -> Node:
    return node


def _each(node: Node, clip: Callable[[Node], Node], track: Callable[[Node], Node]) -> Node:
    """`node` with every clip and track below it changed; what stays the same is shared."""
    if schema_name(node) == "Clip":
        return clip(node)
    if schema_name(node) in TRACKS:
        node = track(node)
    changes: Node = {}
    if root := as_node(node.get("tracks")):
        changes["tracks"] = _each(root, clip, track)
    children = as_list(node.get("children"))
    changed = [_each(as_node(child), clip, track) for child in children]
    if any(new is not old for new, old in zip(changed, children, strict=True)):
        changes["children"] = changed
    return {**node, **changes} if changes else node


# ---- FCP7 XML --------------------------------------------------------------------------------------------------------


def _xmeml_track(track: Node) -> Node:
    said = as_node(as_node(track.get("metadata")).get("fcp_xml"))
    name = str(track.get("name") or said.get("@MZ.TrackName") or "")
    return {**track, "name": name, "enabled": said.get("enabled") != "FALSE"}


def _xmeml_clip(clip: Node) -> Node:
    said = as_node(as_node(clip.get("metadata")).get("fcp_xml"))
    available = as_node(active_reference(clip).get("available_range"))
    start, span = as_node(available.get("start_time")), as_node(clip.get("source_range"))
    first = Fraction(start.get("value") or 0) / exact_rate(start["rate"]) if start.get("rate") else Fraction(0)
    changes: Node = {
        "enabled": clip.get("enabled", True) is not False and said.get("enabled") != "FALSE",
        "markers": [_from_first_frame(as_node(marker), first) for marker in as_list(clip.get("markers"))],
    }
    effects = [as_node(effect) for effect in as_list(clip.get("effects"))]
    speeds = [_speed(effect) for effect in effects]
    changes["effects"] = [_warp(e, s) if s != _NO_SPEED else e for e, s in zip(effects, speeds, strict=True)]
    speed = next((speed for speed in speeds if speed != _NO_SPEED), _NO_SPEED)
    if speed != _NO_SPEED and span:
        changes["source_range"] = _at_speed(span, first, abs(speed))
    return {**clip, **changes}


def _from_first_frame(marker: Node, first_s: Fraction) -> Node:
    """A marker that counts from the file's first frame, in the media's own timecode."""
    span = as_node(marker.get("marked_range"))
    rate = as_node(span.get("start_time")).get("rate")
    if not rate or not first_s:
        return marker
    frame_rate = exact_rate(rate)
    return {**marker, "marked_range": shifted_range(span, round(first_s * frame_rate), frame_rate)}


def _speed(effect: Node) -> Fraction:
    """Constant speed that a time remap states; 1 for anything else."""
    said = as_node(as_node(effect.get("metadata")).get("fcp_xml"))
    if said.get("effectid") != "timeremap":
        return _NO_SPEED
    parameters = said.get("parameter")
    listed = [as_node(one) for one in (as_list(parameters) or [parameters])]
    values = {str(one.get("parameterid")): str(one.get("value")) for one in listed}
    try:
        speed = Fraction(values.get("speed", "100")) / 100
    except (ValueError, ZeroDivisionError):
        return _NO_SPEED
    if values.get("variablespeed", "0") not in ("0", "FALSE") or not 0 < abs(speed) <= 1000:
        return _NO_SPEED
    return -speed if values.get("reverse") == "TRUE" else speed


def _warp(effect: Node, speed: Fraction) -> Node:
    return {**effect, "OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": float(speed)}


def _at_speed(span: Node, first_s: Fraction, speed: Fraction) -> Node:
    """A range whose start counts frames as shown since the file's first frame, in frames of the media."""
    start = as_node(span.get("start_time"))
    rate = exact_rate(start["rate"])
    first = first_s * rate
    into = Fraction(start.get("value") or 0) - first
    return {**span, "start_time": time_node(float(first + into * speed), rate_number(rate))}


# ---- Premiere's OTIO -------------------------------------------------------------------------------------------------


def _premiere_clip(clip: Node) -> Node:
    warps = [e for e in map(as_node, as_list(clip.get("effects"))) if schema_name(e) == "LinearTimeWarp"]
    speed = _NO_SPEED
    for warp in warps:
        speed *= abs(Fraction(str(warp.get("time_scalar", 1))))
    span = as_node(clip.get("source_range"))
    if speed in (0, 1) or not span:
        return clip
    length = as_node(span.get("duration"))
    shown = round(Fraction(length.get("value") or 0) / speed)
    return {**clip, "source_range": {**span, "duration": {**length, "value": float(shown)}}}
