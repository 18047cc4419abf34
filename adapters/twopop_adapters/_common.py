"""What every flavour starts from: the cut as flat tracks of clips with files, and the list of what it uses.

Nests are opened, transitions become overlaps, links become files. Clock: cut; media positions are frames at the cut's
rate, 0 = the file's first frame.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

from twopop.errors import MediaError
from twopop.flatten import Entry, lanes_of
from twopop.flavours import FEATURES, Feature, Fidelity, Loss
from twopop.footage import footage_of, speed_of
from twopop.links import folders_of, local_path
from twopop.media.probe import MediaFacts
from twopop.timebase import SAMPLE_RATE, FrameRange, nearest_frame
from twopop.timeline import Cut, Item, Node, as_list, as_node, schema_name
from twopop.tracks import active_reference, compositions, range_of, retimes_of, time_value

HD = (1920, 1080)
"""Size where a cut has no picture that could say it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip of a flat track."""

    item: Item
    shown: FrameRange
    """Where it plays, widened by its transitions."""
    fade_in: int = 0
    """Frames that it shares with the one before (or, at an edge, fades from nothing)."""
    fade_out: int = 0
    path: Path | None = None
    """Its file, absolute, whether or not it is here; None where it has none."""
    facts: MediaFacts | None = None
    """What the file holds; None where it cannot be opened."""
    first: int = 0
    """Media position of `shown.start` at normal speed."""
    start: int = 0
    """Number, in the clip's own clock, of the file's first frame: its timecode."""
    begin: Fraction = Fraction(0)
    """Media position of the clip's own first frame, transitions not counted, exact."""
    speed: Fraction = Fraction(1)
    """Media frames for every frame of cut: 0 frozen (or inside a retimed nest), below 0 backwards."""
    group: int = 0
    """Picture and stems of one shot share a number; 0 = linked with nothing."""
    joins_before: bool = False
    """`fade_in` is a dissolve from the clip before it."""
    joins_after: bool = False

    @property
    def name(self) -> str:
        """What an editor shows."""
        return self.item.name or (self.path.stem if self.path else "clip")

    @property
    def playable(self) -> bool:
        """True where there is a file to play and it is switched on."""
        return self.facts is not None and self.item.enabled

    @property
    def warped(self) -> bool:
        """True where its file runs faster, slower or backwards, at a constant speed."""
        return self.speed not in (0, 1) and self.facts is not None and not self.facts.is_still

    @property
    def frozen(self) -> bool:
        """True where it shows one frame of its file."""
        return self.speed == 0 and not self.item.retimed_nest and self.facts is not None and not self.facts.is_still

    def frames_at_speed(self, frame_rate: Fraction) -> int:
        """Length of the file as it runs at `speed`, in frames of the cut."""
        frames = self.media_frames(frame_rate)
        return math.floor(frames / abs(self.speed)) if self.warped else frames

    def first_at_speed(self, frame_rate: Fraction) -> int:
        """Position of `shown.start` in the file as it runs at `speed`: from its end where that is below 0."""
        if not self.warped:
            return self.first
        head = self.item.trimmed.start - self.item.visible.start
        into = self.shown.start - self.item.record.start
        if self.speed > 0:
            return nearest_frame(self.begin / self.speed) + into
        earliest = nearest_frame((self.begin - head) / -self.speed)
        return self.frames_at_speed(frame_rate) - self.item.visible.frames - earliest + into + head

    def timecode(self, frame_rate: Fraction) -> int:
        """Timecode of the file's first frame, in frames of the cut; 0 where the file has none."""
        facts = self.facts
        if facts is None or facts.timecode_frames is None or facts.frame_rate is None:
            return 0
        return nearest_frame(facts.timecode_frames * frame_rate / facts.frame_rate)

    def media_frames(self, frame_rate: Fraction) -> int:
        """Length of the file in frames of the cut; of a still, what is shown."""
        facts = self.facts
        if facts is None or facts.is_still:
            return self.first + self.shown.frames
        if facts.frames and facts.frame_rate and self.item.kind != "Audio":
            return math.floor(facts.frames * frame_rate / facts.frame_rate)
        return math.floor(facts.samples * frame_rate / (facts.sample_rate or SAMPLE_RATE))


@dataclass(frozen=True, slots=True)
class Lane:
    """A flat track: its pieces overlap only where they dissolve."""

    kind: Literal["Video", "Audio"]
    name: str
    role: str
    """"dialogue", ... for a track of stems; else ""."""
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """How often a cut uses a feature."""

    count: int
    first: str
    """Timecode of the first."""
    names: tuple[str, ...] = ()
    """What they are called, where that tells: effects."""

    def __str__(self) -> str:
        return ": ".join(filter(None, (str(self.count), ", ".join(self.names))))


@dataclass(frozen=True)
class Edit:
    """A cut as flat tracks, the lowest first."""

    cut: Cut
    width: int
    height: int
    lanes: tuple[Lane, ...]
    used: Mapping[Feature, Use] = field(default_factory=dict[Feature, "Use"])
    """Features the cut uses."""

    @property
    def frame_rate(self) -> Fraction:
        """Frames a second of the cut."""
        return self.cut.frame_rate

    @property
    def frames(self) -> int:
        """Length of the cut."""
        return self.cut.duration_frames

    def of_kind(self, kind: str) -> list[Lane]:
        """The tracks of "Video" or "Audio"."""
        return [lane for lane in self.lanes if lane.kind == kind]

    def losses(self, fidelity: Fidelity) -> list[Loss]:
        """What a flavour of this fidelity cannot say of this cut."""
        found: list[Loss] = []
        for feature, use in self.used.items():
            said = fidelity[feature]
            if said.state != "kept":
                found.append(Loss(f"{feature} ({use}): {said.how}", use.first))
        return found


def edit_of(cut: Cut, own: str = "") -> Edit:
    """The cut as flat tracks with files.

    Args:
        cut: the cut.
        own: key of the metadata by which the editor knows its own effects and titles: they are no loss there.
    """
    lanes = _grouped([*_lanes(cut, "Video"), *_lanes(cut, "Audio")])
    width, height = _size(cut, lanes)
    return Edit(cut, width, height, tuple(lanes), _features(cut, lanes, own))


def _lanes(cut: Cut, kind: Literal["Video", "Audio"]) -> list[Lane]:
    """Tracks of a kind; a nest's go into the track it lies on where there is room, else above it."""
    tracks = [as_node(child) for child in as_list(as_node(cut.document.get("tracks")).get("children"))]
    found: list[tuple[int, Lane]] = []
    for lane in lanes_of(cut, kind):
        index = lane.order[0]
        pieces = tuple(_pieces(cut, lane.entries))
        home = next((n for n, (at, there) in enumerate(found) if at == index and _fits(there, pieces)), None)
        if home is not None:
            merged = sorted((*found[home][1].pieces, *pieces), key=lambda piece: piece.shown)
            found[home] = (index, replace(found[home][1], pieces=tuple(merged)))
        else:
            name = str(tracks[index].get("name") or f"{kind} {len(found) + 1}")
            taken = {there.name for _, there in found}
            unique = next(n for n in (name, *(f"{name} {k}" for k in range(2, 10_000))) if n not in taken)
            found.append((index, Lane(kind, unique, _role(tracks[index], pieces), pieces)))
    return [lane for _, lane in found]


def _fits(lane: Lane, pieces: tuple[Piece, ...]) -> bool:
    return not any(one.shown.overlap(other.shown) for one in lane.pieces for other in pieces)


def _pieces(cut: Cut, entries: list[Entry]) -> Iterator[Piece]:
    for index, entry in enumerate(entries):
        if entry.item.schema != "Clip":
            continue
        before = entries[index - 1] if index else None
        after = entries[index + 1] if index + 1 < len(entries) else None
        yield _piece(cut, entry, _is_clip(before), _is_clip(after))


def _is_clip(entry: Entry | None) -> bool:
    return entry is not None and entry.plays


def _piece(cut: Cut, entry: Entry, clip_before: bool, clip_after: bool) -> Piece:
    item = entry.item
    head = item.trimmed.start - item.visible.start
    speed = speed_of(item) if not item.retimed_nest else Fraction(0)
    piece = Piece(
        item,
        entry.shown,
        entry.fade_in.frames or _fade(cut, item, -1),
        entry.fade_out.frames or _fade(cut, item, 1),
        speed=speed,
        joins_before=clip_before and bool(entry.fade_in.frames),
        joins_after=clip_after and bool(entry.fade_out.frames),
    )
    try:
        footage = footage_of(cut, item)
    except MediaError:
        return _begun(replace(piece, path=_linked_path(cut, item)), cut.frame_rate)
    at = math.floor(footage.first)
    found = replace(
        piece,
        path=footage.path,
        facts=footage.facts,
        first=at - head,
        start=item.trimmed.start - at,
        begin=footage.first + _part_of_frame(cut, item),
    )
    return _begun(found, cut.frame_rate)


def _part_of_frame(cut: Cut, item: Item) -> Fraction:
    """What rounding to whole frames took from a clip's source: slowed media begin between two of their frames."""
    found = range_of(as_node(item.node.get("source_range")), cut.frame_rate)
    return Fraction(found[0]) - nearest_frame(found[0]) if found else Fraction(0)


def _fade(cut: Cut, item: Item, side: int) -> int:
    """Frames of a transition to a neighbour that shows nothing."""
    node = transition_beside(cut, item, side)
    offsets = (time_value(as_node(node.get(name)), cut.frame_rate) for name in ("in_offset", "out_offset"))
    return min(nearest_frame(sum(offsets)), item.visible.frames) if node else 0


def transition_beside(cut: Cut, item: Item, side: int) -> Node:
    """The transition before (-1) or after (1) an item, or beside the nest at whose edge it lies; else empty."""
    head, tail = item.trimmed.start > item.visible.start, item.visible.end > item.trimmed.end
    path = item.path
    while path:
        parent = as_node(cut.document.get("tracks"))
        for index in path[:-1]:
            parent = as_node(as_list(parent.get("children"))[index])
        children, index = as_list(parent.get("children")), path[-1] + side
        node = as_node(children[index]) if 0 <= index < len(children) else {}
        if schema_name(node) == "Transition":
            return node
        path = path[:-2] if len(path) > 2 and (head if side < 0 else tail) else ()
    return {}


def _begun(piece: Piece, frame_rate: Fraction) -> Piece:
    """The piece without what lies before the cut or before its media: a fade has no room there."""
    missing = max(0, -piece.shown.start, -piece.first, -piece.first_at_speed(frame_rate))
    if not missing:
        return piece
    return replace(piece, shown=piece.shown.widened(-missing, 0), first=piece.first + missing, fade_in=0)


def _linked_path(cut: Cut, item: Item) -> Path | None:
    """Where a link points to that cannot be opened here; it may exist where the editor runs."""
    url = str(active_reference(item.node).get("target_url") or "")
    return local_path(url, folders_of(cut)) if url else None


def _role(track: Node, pieces: tuple[Piece, ...]) -> str:
    if role := as_node(as_node(track.get("metadata")).get("twopop")).get("track"):
        return str(role)
    roles = (str(piece.item.ours.get("role", "")) for piece in pieces)
    return next((role for role in roles if role and role != "shot"), "")


def _grouped(lanes: list[Lane]) -> list[Lane]:
    """Every picture of ours gets a number, and its stems the one they lie under most."""
    pictures: dict[str, list[tuple[int, FrameRange]]] = {}
    number = 0
    for lane in lanes:
        for piece in lane.pieces:
            if piece.item.ours.get("role") == "shot":
                number += 1
                pictures.setdefault(str(piece.item.ours.get("id")), []).append((number, piece.item.record))

    def group(piece: Piece) -> int:
        there = pictures.get(str(piece.item.ours.get("id", "")), [])
        shared = [(_overlap(record, piece.item.record), -number) for number, record in there]
        most, least = max(shared, default=(0, 0))
        return -least if most else 0

    ours = [replace(ln, pieces=tuple(replace(p, group=group(p)) for p in ln.pieces)) for ln in lanes]
    return _linked(ours, number)


def _linked(lanes: list[Lane], number: int) -> list[Lane]:
    """Picture and sound of one file over the same frames get a number too, where they have none."""
    places: dict[tuple[Path, FrameRange], set[str]] = {}
    for lane in lanes:
        for piece in lane.pieces:
            if piece.path and not piece.group:
                places.setdefault((piece.path, piece.item.record), set()).add(lane.kind)
    both = [place for place, kinds in places.items() if len(kinds) == 2]
    numbers = {place: number + index for index, place in enumerate(both, 1)}

    def group(piece: Piece) -> int:
        return piece.group or (numbers.get((piece.path, piece.item.record), 0) if piece.path else 0)

    return [replace(ln, pieces=tuple(replace(p, group=group(p)) for p in ln.pieces)) for ln in lanes]


def _overlap(one: FrameRange, other: FrameRange) -> int:
    both = one.overlap(other)
    return both.frames if both else 0


def _size(cut: Cut, lanes: list[Lane]) -> tuple[int, int]:
    """What the cut was rendered at, else the size most of its pictures have."""
    ours = as_node(as_node(cut.document.get("metadata")).get("twopop"))
    if ours.get("width") and ours.get("height"):
        return int(ours["width"]), int(ours["height"])
    facts = [piece.facts for lane in lanes if lane.kind == "Video" for piece in lane.pieces if piece.facts]
    sizes = Counter((found.width, found.height) for found in facts if found.width)
    return sizes.most_common(1)[0][0] if sizes else HD


# ---- markers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Guide:
    """A marker of timeline, track or nest, in the cut clock."""

    marker: Node
    start: int
    frames: int


def guides_of(edit: Edit) -> Iterator[Guide]:
    """Markers that lie over the clips."""
    for node, _, window in compositions(edit.cut.document, edit.frame_rate):
        for marker in map(as_node, as_list(node.get("markers"))):
            start, frames = marked(marker, edit.frame_rate)
            yield Guide(marker, nearest_frame(start + window.shift), frames)


def marked(marker: Node, frame_rate: Fraction) -> tuple[Fraction, int]:
    """Start (frames, in the clock of what it lies on) and length of a marker."""
    span = as_node(marker.get("marked_range"))
    start, length = (time_value(as_node(span.get(name)), frame_rate) for name in ("start_time", "duration"))
    return Fraction(start), nearest_frame(length)


# ---- what a cut uses -------------------------------------------------------------------------------------------------


def _features(cut: Cut, lanes: list[Lane], own: str) -> dict[Feature, Use]:
    counts: Counter[Feature] = Counter()
    where: dict[Feature, int] = {}
    for frame, feature in [*_of_cut(cut), *_of_pieces(lanes, own)]:
        counts[feature] += 1
        where[feature] = min(frame, where.get(feature, frame))
    names: dict[Feature, tuple[str, ...]] = {"effects": tuple(dict.fromkeys(_effect_names(lanes, own)))}
    return {
        feature: Use(counts[feature], cut.timecode(where[feature]), names.get(feature, ()))
        for feature in FEATURES
        if feature in counts
    }


def _effect_names(lanes: list[Lane], own: str) -> Iterator[str]:
    for piece in (piece for lane in lanes for piece in lane.pieces):
        for effect in _foreign_effects(piece.item.node, own):
            yield str(effect.get("effect_name") or effect.get("name") or schema_name(effect))


def _foreign_effects(node: Node, own: str) -> list[Node]:
    """Effects that are no speeds and not the editor's own."""
    retimes = retimes_of(node)
    effects = map(as_node, as_list(node.get("effects")))
    return [effect for effect in effects if effect not in retimes and own not in as_node(effect.get("metadata"))]


def _of_cut(cut: Cut) -> Iterator[tuple[int, Feature]]:
    if cut.has_start:
        yield 0, "start timecode"
    foreign = as_node(cut.document.get("metadata")).keys() - {"twopop"}
    if foreign:
        yield 0, "metadata"
    for node, _, window in compositions(cut.document, cut.frame_rate):
        at = max(0, math.floor(window.start))
        for _ in as_list(node.get("markers")):
            yield at, "markers"
        for child in map(as_node, as_list(node.get("children"))):
            if schema_name(child) == "Transition" and child.get("transition_type") != "SMPTE_Dissolve":
                yield at, "wipes"


def _of_pieces(lanes: list[Lane], own: str) -> Iterator[tuple[int, Feature]]:
    for lane in lanes:
        for piece in lane.pieces:
            for feature in _features_of(piece, own):
                yield piece.item.record.start, feature


def _features_of(piece: Piece, own: str) -> Iterator[Feature]:
    node, reference = piece.item.node, active_reference(piece.item.node)
    asked: dict[Feature, bool] = {
        "dissolves": piece.joins_before,
        "fades": bool((piece.fade_in and not piece.joins_before) or (piece.fade_out and not piece.joins_after)),
        "nests": piece.item.nested,
        "retimes": piece.speed != 1,
        "effects": bool(_foreign_effects(node, own)),
        "titles": schema_name(reference) == "GeneratorReference" and own not in as_node(reference.get("metadata")),
        "holes": schema_name(reference) != "GeneratorReference" and piece.facts is None,
        "disabled clips": not piece.item.enabled,
        "markers": bool(as_list(node.get("markers"))),
        "takes": len(as_node(node.get("media_references"))) > 1 + _placeholders(node),
        "links": piece.group > 0 and piece.item.kind == "Video",
        "metadata": bool(piece.item.metadata.keys() - {"twopop"}),
    }
    return (feature for feature, used in asked.items() if used)


def _placeholders(node: Node) -> int:
    references = as_node(node.get("media_references")).values()
    return sum(schema_name(as_node(reference)) != "ExternalReference" for reference in references)


# ---- XML -------------------------------------------------------------------------------------------------------------


def child(parent: ET.Element, tag: str, text: object = "", **attributes: object) -> ET.Element:
    """A new element under `parent`; attributes that are None are left out, `in_` is written `in`, `a__b` `a-b`."""
    given = {
        key.rstrip("_").replace("__", "-"): xml_text(str(value))
        for key, value in attributes.items()
        if value is not None
    }
    element = ET.SubElement(parent, tag, given)
    if text != "":
        element.text = xml_text(str(text))
    return element


def xml_text(text: str) -> str:
    """`text` without the characters that no XML file may hold."""
    return "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF))


def xml_bytes(root: ET.Element, doctype: str = "") -> bytes:
    """The whole file, indented, UTF-8."""
    ET.indent(root, " ")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' + (f"<!DOCTYPE {doctype}>\n" if doctype else "")
    return (head + ET.tostring(root, encoding="unicode") + "\n").encode()
