"""Guard: what every timeline passes before anything walks it, and before OpenTimelineIO may see it.

A stranger's document can end the process that parses it, and with it the editor session around it. So it is parsed
here, into plain dicts and lists, by a parser that cannot be brought down; what passes is a document in which

    size, depth and number of values are bounded, no key is given twice, numbers are finite, integers fit 64 bits;
    every `Timeline` has a `Stack`, children and markers are objects, nothing refers to another object;
    a RationalTime, TimeRange, TimeTransform, Box2d or V2d has exactly its keys;
    and in the edit itself (metadata is not judged) rates are 0.001 to 1e6, times bounded, durations not negative.

Everything else (unknown schemas, other versions of known ones) stays as it is. Two things are mended, and said so:
`Marker.3` becomes `Marker.2`, and a media range that counts at 0 frames a second becomes an unknown range.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from pydantic_core import from_json

from .errors import TimelineError
from .files import MAX_BYTES
from .wire import Finding

Node = dict[str, Any]

MAX_DEPTH = 128
"""Deepest nesting of objects and lists: 29 nests inside one another. Editors call us on threads with small stacks."""
MAX_VALUES = 20_000_000
MIN_RATE, MAX_RATE = 0.001, 1_000_000
MAX_VALUE = 2**31
"""Largest time at frame rates; sample rates may count proportionally further."""

_INT64 = 2**63
_INFINITE = float("inf")
_SCHEMA = re.compile(r"\w{1,100}\.\d{1,9}")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
VALUE_TYPES: dict[str, dict[str, str]] = {
    "RationalTime.1": {"rate": "", "value": ""},
    "TimeRange.1": {"start_time": "RationalTime.1", "duration": "RationalTime.1"},
    "TimeTransform.1": {"offset": "RationalTime.1", "rate": "", "scale": ""},
    "Box2d.1": {"min": "V2d.1", "max": "V2d.1"},
    "V2d.1": {"x": "", "y": ""},
}
"""Their keys, and what each holds: another value type, or ("") a number."""
_UPGRADED = {"Clip": "media_references", "Marker": "marked_range"}
"""Schemas whose version 1 has another field in place of this one; a reader that upgrades would drop the value."""
_INTERNAL = frozenset(("Test", "UnknownSchema"))
_VALUE_NAMES = frozenset(schema.partition(".")[0] for schema in VALUE_TYPES)


def guard_document(data: bytes | str, *, where: str, findings: list[Finding] | None = None) -> Node:
    """The document in `data` as plain JSON values, safe to walk and to hand to OpenTimelineIO.

    Args:
        data: OTIO JSON, UTF-8, with or without a byte order mark.
        where: what error messages call it, usually the file name.
        findings: gets a remark for everything that was mended.

    Raises:
        TimelineError: with the place in the document, the rule, and what mends it.
    """
    check = _Check(where, {})
    with _collector_at_rest():
        check.document = _parse(data, check)
        if "OTIO_SCHEMA" not in check.document:
            check.refuse("it is JSON, but no OpenTimelineIO document (it has no OTIO_SCHEMA)")
        _check_node(check, check.document)
    if findings is not None:
        findings.extend(check.findings())
    return check.document


@contextmanager
def _collector_at_rest() -> Generator[None]:
    """A document has no cycles; a collector that looks through it while it grows costs a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(slots=True)
class _Check:
    """One pass over one document."""

    where: str
    document: Node
    markers: int = 0
    media_ranges: int = 0

    def refuse(self, what: str, node: Any = None) -> NoReturn:
        place = _place(self.document, node) if node is not None else ""
        at = f"{self.where}: {place}: " if place else f"{self.where}: "
        raise TimelineError(f"{at}{what}. Nothing was changed; export the cut again or mend the file.")

    def findings(self) -> Iterator[Finding]:
        """What was mended."""
        if self.markers:
            text = f"{self.where}: {self.markers} markers of the newer schema Marker.3 are read as Marker.2; "
            yield Finding(level="info", code="marker_3", message=text + "their colours are kept in their metadata.")
        if self.media_ranges:
            text = f"{self.where}: {self.media_ranges} media ranges count at 0 frames a second; "
            yield Finding(level="info", code="rate_zero", message=text + "they are taken as unknown.")


# ---- bytes to values -------------------------------------------------------------------------------------------------


def _parse(data: bytes | str, check: _Check) -> Node:
    raw = _as_bytes(data, check)
    if not raw or raw.isspace():
        check.refuse("the document is empty")
    if len(raw) > MAX_BYTES or (len(raw) > MAX_VALUES and _marks(raw) > MAX_VALUES):
        check.refuse(f"it has more than {MAX_BYTES >> 20} MB or {MAX_VALUES} values, the most a timeline may have")
    if b"\\" in raw and _NUL.search(raw):
        check.refuse("a text in it holds a NUL character")
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError as exc:
        too_deep = "recursion" in str(exc)
        check.refuse(f"nested deeper than {MAX_DEPTH} levels" if too_deep else f"it is not valid JSON: {exc}")
    if type(value) is not dict:
        check.refuse("it is JSON, but not an object")
    check.document = cast(Node, value)
    if _scan(check) != _quotes(raw) // 2:
        check.refuse(f"the key {_duplicate_key(raw)!r} is given twice in one object")
    return check.document


def _as_bytes(data: bytes | str, check: _Check) -> bytes:
    try:
        raw = data.encode() if isinstance(data, str) else data
    except UnicodeEncodeError:
        check.refuse("it holds half of a surrogate pair, which is no text")
    return raw.removeprefix(b"\xef\xbb\xbf")


def _marks(raw: bytes) -> int:
    """At least as many as there are values in containers."""
    return sum(raw.count(mark) for mark in (b"[", b"{", b","))


def _quotes(raw: bytes) -> int:
    """Quotation marks that open or close a text: two for every key and every text of a valid document."""
    if b"\\" not in raw:
        return raw.count(b'"')
    bare = raw.replace(rb"\\", b"")
    return bare.count(b'"') - bare.count(rb"\"")


def _duplicate_key(raw: bytes) -> str:
    """The first key given twice (slow: only for the error message)."""
    import json

    found: list[str] = []

    def keep(pairs: list[tuple[str, Any]]) -> Node:
        values = dict(pairs)
        if len(values) != len(pairs) and not found:
            keys = [key for key, _ in pairs]
            found.append(next(key for key in keys if keys.count(key) > 1))
        return values

    json.loads(raw, object_pairs_hook=keep)
    return found[0][:100] if found else "?"


def _scan(check: _Check) -> int:
    """Judges every value, level by level; returns how many keys and texts there are.

    The parser keeps the last of two equal keys, so fewer keys and texts than the bytes hold mean a repeated key.
    """
    texts = depth = 0
    plain: set[str] = set()
    level: list[Any] = [check.document]
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            check.refuse(f"nested deeper than {MAX_DEPTH} levels")
        below: list[Any] = []
        for container in level:
            values: Iterable[Any] = cast(list[Any], container)
            if type(container) is dict:
                node = cast(Node, container)
                texts += len(node)
                if "OTIO_SCHEMA" in node:
                    schema: Any = node["OTIO_SCHEMA"]
                    if schema.__class__ is not str or schema not in plain:
                        _check_schema(check, node, plain)
                if "OTIO_REF_ID" in node:
                    check.refuse("objects that refer to another object (OTIO_REF_ID) are not accepted", node)
                values = node.values()
            for value in values:
                kind: Any = value.__class__
                if kind is dict or kind is list:
                    below.append(value)
                elif kind is str:
                    texts += 1
                elif kind is float:
                    if value == _INFINITE or value == -_INFINITE:
                        check.refuse("a number is too large to be held", container)
                elif kind is int and not -_INT64 <= value < _INT64:
                    check.refuse("an integer does not fit 64 bits", container)
        level = below
    return texts


def _check_schema(check: _Check, node: Node, plain: set[str]) -> None:
    """Judges a node by its schema; adds the schema to `plain` where no other node of it needs another look."""
    schema = node["OTIO_SCHEMA"]
    if type(schema) is str and schema in VALUE_TYPES:
        return _check_value_type(check, node, VALUE_TYPES[schema])
    if type(schema) is not str or not _SCHEMA.fullmatch(schema):
        check.refuse(f"OTIO_SCHEMA is {schema!r:.60}, not a name and a version like Clip.2", node)
    name, _, version = schema.partition(".")
    if name == "SerializableObjectRef":
        check.refuse("objects that refer to another object (SerializableObjectRef) are not accepted", node)
    if name in _INTERNAL:
        check.refuse(f"{schema} is internal to OpenTimelineIO and in no file of an editor", node)
    if name in _VALUE_NAMES:
        check.refuse(f"{schema} is unknown; this version reads {name}.1", node)
    if name == "Timeline" and not _is_a(node.get("tracks"), "Stack"):
        check.refuse("its tracks are no Stack", node)
    old = name in _UPGRADED and int(version) < 2
    if old and _UPGRADED[name] in node:
        check.refuse(f"a {schema} has no {_UPGRADED[name]}; that came with {name}.2", node)
    if name != "Timeline" and not old:
        plain.add(schema)


def _check_value_type(check: _Check, node: Node, keys: dict[str, str]) -> None:
    if len(node) != len(keys) + 1:
        check.refuse(f"a {node['OTIO_SCHEMA']} must have exactly the keys {', '.join(keys)}", node)
    for key, schema in keys.items():
        value = node.get(key)
        if schema:
            fits = type(value) is dict and cast(Node, value).get("OTIO_SCHEMA") == schema
        else:
            fits = type(value) is float or type(value) is int
        if not fits:
            check.refuse(f"{key} of a {node['OTIO_SCHEMA']} must be a {schema or 'number'}", node)


# ---- the edit itself -------------------------------------------------------------------------------------------------


def _is_a(value: Any, name: str) -> bool:
    schema = cast(Node, value).get("OTIO_SCHEMA") if type(value) is dict else None
    return type(schema) is str and schema.partition(".")[0] == name


def _check_node(check: _Check, node: Node) -> None:
    """Judges the known fields of a node of the edit, and all nodes below it but metadata."""
    for field, value in node.items():
        rule = _FIELDS.get(field)
        if rule is not None and (value is not None or field == "time_scalar"):
            rule(check, node, field)
    schema = node["OTIO_SCHEMA"]
    if schema == "Marker.3":
        _downgrade_marker(node)
        check.markers += 1
    if schema in ("Marker.2", "Marker.3") and node.get("marked_range") is None:
        check.refuse("a marker has no marked_range", node)
    if schema.startswith("ImageSequenceReference."):
        _check_image_sequence(check, node)


def _check_time(check: _Check, node: Node, field: str) -> None:
    if not _is_a(node[field], "RationalTime"):
        check.refuse(f"{field} must be a RationalTime", node)
    rate, value = node[field]["rate"], node[field]["value"]
    if not MIN_RATE <= rate <= MAX_RATE:
        check.refuse(f"{field} counts at {rate} a second; legal rates are {MIN_RATE} to {MAX_RATE}", node)
    limit = MAX_VALUE if rate <= 1000 else MAX_VALUE * rate / 1000
    if not -limit <= value <= limit:
        check.refuse(f"{field} is {value} at {rate} a second; the largest legal value is {limit:.0f}", node)


def _check_offset(check: _Check, node: Node, field: str) -> None:
    _check_time(check, node, field)
    if node[field]["value"] < 0:
        check.refuse(f"{field} of a transition is {node[field]['value']}; it may not be negative", node)


def _check_range(check: _Check, node: Node, field: str) -> None:
    span = node[field]
    if not _is_a(span, "TimeRange"):
        check.refuse(f"{field} must be a TimeRange", node)
    _check_time(check, span, "start_time")
    _check_time(check, span, "duration")
    if span["duration"]["value"] < 0:
        check.refuse(f"{field} has the negative duration {span['duration']['value']}", node)


def _check_media_range(check: _Check, node: Node, field: str) -> None:
    """As `_check_range`, but real editors write rate 0 for the range of a sound file: it says nothing."""
    span = node[field]
    if _is_a(span, "TimeRange") and (span["start_time"]["rate"] == 0 or span["duration"]["rate"] == 0):
        node[field] = None
        check.media_ranges += 1
    else:
        _check_range(check, node, field)


def _check_nodes(check: _Check, node: Node, field: str) -> None:
    if type(node[field]) is not list:
        check.refuse(f"{field} must be a list", node)
    for index, child in enumerate(node[field]):
        _check_child(check, node, f"{field}[{index}]", child)


def _check_one(check: _Check, node: Node, field: str) -> None:
    _check_child(check, node, field, node[field])


def _check_references(check: _Check, node: Node, field: str) -> None:
    if type(node[field]) is not dict:
        check.refuse(f"{field} must be an object", node)
    for key, reference in node[field].items():
        _check_child(check, node, f"{field}[{key!r}]", reference)


def _check_child(check: _Check, node: Node, field: str, child: Any) -> None:
    if type(child) is not dict or "OTIO_SCHEMA" not in child:
        check.refuse(f"{field} is no OpenTimelineIO object", node)
    _check_node(check, cast(Node, child))


def _of_type(what: str, *types: type) -> Callable[[_Check, Node, str], None]:
    def rule(check: _Check, node: Node, field: str) -> None:
        if type(node[field]) not in types:
            check.refuse(f"{field} must be {what}", node)

    return rule


_text = _of_type("text", str)
_FIELDS: dict[str, Callable[[_Check, Node, str], None]] = {
    "active_media_reference_key": _text,
    "available_range": _check_media_range,
    "children": _check_nodes,
    "effects": _check_nodes,
    "enabled": _of_type("true or false", bool),
    "global_start_time": _check_time,
    "in_offset": _check_offset,
    "kind": _text,
    "marked_range": _check_range,
    "markers": _check_nodes,
    "media_reference": _check_one,
    "media_references": _check_references,
    "metadata": _of_type("an object", dict),
    "name": _text,
    "out_offset": _check_offset,
    "source_range": _check_range,
    "target_url": _text,
    "time_scalar": _of_type("a number", int, float),
    "tracks": _check_one,
}


def _check_image_sequence(check: _Check, node: Node) -> None:
    limits = {"frame_step": (1, 10_000), "frame_zero_padding": (0, 32), "rate": (MIN_RATE, MAX_RATE)}
    limits["start_frame"] = (-MAX_VALUE, MAX_VALUE)
    for field, (least, most) in limits.items():
        value = node.get(field, least)
        if type(value) not in (int, float) or not least <= value <= most:
            check.refuse(f"{field} of an image sequence is {value!r:.40}; legal are {least} to {most}", node)


def _downgrade_marker(node: Node) -> None:
    """Marker.3 (colour is an object) to Marker.2 (colour is a name); the original stays in its metadata."""
    color: Any = node.get("color")
    if type(color) is dict:
        color = {key: value for key, value in cast(Node, color).items() if key != "OTIO_SCHEMA"}
        node["color"] = str(color.get("name") or "").upper()
    metadata = cast(Node, node.get("metadata") or {})
    ours: Any = metadata.get("twopop")
    ours = cast(Node, ours) if type(ours) is dict else {}
    node["OTIO_SCHEMA"] = "Marker.2"
    node["metadata"] = {**metadata, "twopop": {**ours, "original": {"schema": "Marker.3", "color": color}}}


# ---- where ----------------------------------------------------------------------------------------------------------


def _place(document: Node, wanted: Any) -> str:
    """The place of `wanted` (by identity) in the document, as an editor would say it; "" where it is not."""
    steps = _steps(document, wanted)
    return "" if steps is None else "".join(steps).removeprefix(" > ") or "the document"


def _steps(value: Any, wanted: Any) -> list[str] | None:
    if value is wanted:
        return []
    pairs = cast(Node, value).items() if isinstance(value, dict) else enumerate(cast(list[Any], value))
    for key, child in pairs:
        if isinstance(child, dict | list) and (below := _steps(child, wanted)) is not None:
            name = cast(Node, child).get("name") if isinstance(child, dict) else None
            label = f" {name!r:.80}" if isinstance(name, str) and name else ""
            return [f"[{key}]{label}" if isinstance(key, int) else f" > {key}{label}", *below]
    return None
