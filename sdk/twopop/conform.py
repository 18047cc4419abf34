"""Conform: a cut and its takes become the same cut with the holes filled.

Every node that is not ours is shared with the cut that came in. The first conform places stems beside the picture;
later ones swap media references and keep range, place, effects and mutes that an editor gave them. What an editor
deleted stays deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .document import (
    Edits,
    Rate,
    clip_node,
    edited,
    gap_node,
    range_node,
    rate_number,
    reference_node,
    shifted_range,
    track_node,
    with_metadata,
    with_tracks,
)
from .errors import ConformError
from .lanes import Placement, placed
from .links import folders_of, relative_url
from .plan import Bed, Plan, Retime, Shot
from .recognise import is_our_media, recognise, take_of
from .store import TakeStore
from .take import Reused, Take, TakeSet
from .timebase import FrameRange, nearest_frame
from .timeline import Cut, Item, Node, as_list, as_node, schema_name
from .tracks import active_reference, own_range, retimes_of
from .wire import ROLES, TRACK_NAMES, Finding, Level

_SOUND_ROLES = (*ROLES, "mix")
VERSION = 1
"""Version of what we write under `metadata["twopop"]`."""


def conform_timeline(cut: Cut, plan: Plan, takes: TakeSet | TakeStore) -> Cut:
    """`cut` with the holes of `plan` filled from `takes`; holes without a take stay holes and are listed.

    Clock: nothing of the cut changes its place; filled clips count in their take's timecode. Links are relative to the
    cut's folder. The findings of the result say what was left and why.

    Raises:
        ConformError: the cut is not the one that was planned.
    """
    if plan.cut_digest != cut.digest:
        raise ConformError(
            f"{cut.name} has changed since it was planned. Plan it again (twopop plan); every take is kept."
        )
    store = takes if isinstance(takes, TakeStore) else TakeStore(plan.store)
    return _Conform(recognise(cut, store), plan, _chooser(takes)).conformed()


def circle_take(cut: Cut, plan: Plan, shot: str, take: Take) -> Cut:
    """`cut` with `take` circled for one shot: picture and stems together.

    Raises:
        ConformError: the take does not cover what the cut shows.
        PlanError: the plan has no such shot.
    """
    wanted = plan.shot(shot)
    if not take.covers(wanted.used):
        have, need = take.source_range, wanted.used
        raise ConformError(
            f"Shot {shot} ({cut.timecode(wanted.record.start)}): {take.name} holds source frames "
            f"{have.start} to {have.end}, the cut shows {need.start} to {need.end}. Trim the shot or render it again. "
            f"Nothing was changed."
        )
    return _Conform(cut, plan, lambda piece: take if piece is wanted else None, quiet=True).conformed()


def _chooser(takes: TakeSet | TakeStore) -> Callable[[Shot | Bed], Take | None]:
    if isinstance(takes, TakeSet):
        return lambda piece: takes.take_for(piece.name)
    return lambda piece: _stored_take(takes, piece)


def stored_takes(plan: Plan, store: TakeStore) -> TakeSet:
    """What the store has for the pieces of a plan."""
    found = {piece.name: _stored_take(store, piece) for piece in (*plan.shots, *plan.beds)}
    return TakeSet({name: Reused(take) for name, take in found.items() if take})


def _stored_take(store: TakeStore, piece: Shot | Bed) -> Take | None:
    if piece.status == "deleted":
        return None
    kept = store.by_name(piece.take) if piece.take and piece.status != "extend" else None
    return kept or store.find(piece.match_key, piece.used)


class _Conform:
    """One conform: picture first, then the sound that is there, then the sound that is missing."""

    def __init__(
        self, cut: Cut, plan: Plan, choose: Callable[[Shot | Bed], Take | None], *, quiet: bool = False
    ) -> None:
        self.cut, self.plan, self.choose, self.quiet = cut, plan, choose, quiet
        self.frame_rate = cut.frame_rate
        self.rate: Rate = rate_number(cut.frame_rate)
        self.folder = (folders_of(cut) or (plan.store.parent,))[0]
        self.items = {item.path: item for item in cut.items}
        self.lying = [item for item in cut.items if "bed" in item.ours]  # looked up for every shot: not anew each time
        self.findings: list[Finding] = list(cut.findings)
        self.folder_urls: dict[str, str] = {}
        self.edits: dict[tuple[int, ...], Node] = {}
        self.placements: dict[str, list[Placement]] = {}
        self.takes = {piece.name: choose(piece) for piece in (*plan.shots, *plan.beds)}
        self.beds = [bed for bed in plan.beds if self.takes[bed.name]]

    def conformed(self) -> Cut:
        """The conformed cut."""
        self.swap_sound()
        for shot in self.plan.shots:
            if take := self.takes[shot.name]:
                self.fill(shot, take)
            elif not self.quiet:
                why = shot.problem or f"it has no take of {self.plan.profile.model}"
                self.say("warning", "hole_unfilled", f"the hole stays a hole: {why}", shot)
        placed_beds = self.place_beds()
        document = edited(self.cut.document, _changed(self.edits, self.items))
        document = self.with_sound(document)
        return replace(
            self.cut.with_document(self.with_timeline_metadata(document, placed_beds)), findings=tuple(self.findings)
        )

    def say(self, level: Level, code: str, message: str, shot: Shot) -> None:
        timecode = self.cut.timecode(shot.record.start)
        said = f"Shot {shot.name} ({timecode}): {message}"
        self.findings.append(Finding(level=level, code=code, message=said, shot=shot.name, timecode=timecode))

    # picture

    def fill(self, shot: Shot, take: Take) -> None:
        """One shot's picture, and the stems it never had."""
        item = self.items[shot.path]
        ours = item.ours
        had = [str(role) for role in as_list(ours.get("stems"))]
        reset = shot.name in self.plan.reset_audio
        roles = self.roles(shot, take)
        new = roles if reset else self.beside(had, roles, take, shot)
        node = self.picture(item, shot, take)
        metadata: Node = {
            **ours,
            "id": shot.id,
            "name": shot.name,
            "role": "shot",
            "match_key": shot.match_key,
            "take": take.name,
            "offset_frames": take.timecode_offset_frames,
            "stems": roles if reset else [*had, *new],
        }
        if held := self.held(item.node):
            metadata["held"] = held
        node = with_metadata(node, metadata)
        self.edits[item.path] = node
        source = self.source_of(item, node, take, shot)
        for role in new:
            self.place_stem(item, shot, take, role, source, node)

    def beside(self, had: list[str], roles: list[str], take: Take, shot: Shot) -> list[str]:
        """The stems that are placed beside those a shot had: never a mix beside stems, where both would be heard."""
        if had and roles and ("mix" in had) != ("mix" in roles):
            lies, comes = ("stems lie", "mix is") if "mix" in roles else ("a mix lies", "stems are")
            said = f"its {lies} in the cut and {take.name} has another kind of sound: its {comes} not placed beside."
            self.say("warning", "mix_and_stems", f"{said} To place it anew: --reset-audio {shot.name}", shot)
            return []
        return [role for role in roles if role not in had]

    def picture(self, item: Item, shot: Shot, take: Take) -> Node:
        """The clip with the take as its active reference; range and markers in the take's timecode."""
        old = item.node
        references = self.references(old)
        key = _free_key(references, take)
        references = {**references, key: self.reference(take, "picture")}
        move = take.timecode_offset_frames - shot.clip_offset_frames
        source = as_node(old.get("source_range")) or self.whole_range(old)
        markers = as_list(old.get("markers"))
        node = {name: value for name, value in old.items() if name != "media_reference"}
        node.update(
            OTIO_SCHEMA="Clip.2",
            source_range=shifted_range(source, move, self.frame_rate),
            media_references=references,
            active_media_reference_key=key,
            markers=[self.moved_marker(as_node(m), move) for m in markers] if move else markers,
        )
        if held := self.held(old):
            node["effects"] = [effect for effect in as_list(old.get("effects")) if effect not in held]
        return node

    def held(self, clip: Node) -> list[Any]:
        """The speed effects that a bake takes off: the media then runs at cut speed."""
        if self.plan.retime != "bake":
            return []
        return [e for e in retimes_of(clip) if schema_name(e) != "FreezeFrame" and float(e.get("time_scalar", 1)) > 0]

    def held_with(self, stem: Node, shot: Shot | None) -> list[Any]:
        """The speed effects of a stem that its picture has too: they go where those of the picture go."""
        pictured = [] if shot is None else self.held(self.items[shot.path].node)
        speeds = {float(effect.get("time_scalar", 1)) for effect in pictured}
        return [effect for effect in self.held(stem) if float(effect.get("time_scalar", 1)) in speeds]

    def references(self, clip: Node) -> Node:
        """The media references of a Clip.1 or Clip.2."""
        if "media_references" in clip:
            return as_node(clip["media_references"])
        return {"DEFAULT_MEDIA": clip.get("media_reference") or _missing()}

    def reference(self, take: Take, role: str) -> Node:
        """A media reference to one file of a take."""
        record = take.slate.files.get(role)
        if record is None:
            raise ConformError(f"Take {take.name} has no {role} file. Run: twopop check {self.plan.store} --deep.")
        first = take.source_range.start + take.timecode_offset_frames
        available = range_node(FrameRange(first, take.slate.frames), self.rate)
        return reference_node(
            record.name, self.url(take, record.name), available, {"twopop": {"take": take.name, "role": role}}
        )

    def url(self, take: Take, name: str) -> str:
        """The link to a file of a take; its folder's is worked out once."""
        folder = self.folder_urls.get(take.name)
        if folder is None:
            folder = self.folder_urls[take.name] = relative_url(take.folder, self.folder)
        return f"{folder}/{name}"

    def moved_marker(self, marker: Node, by_frames: int) -> Node:
        return {
            **marker,
            "marked_range": shifted_range(as_node(marker.get("marked_range")), by_frames, self.frame_rate),
        }

    def whole_range(self, clip: Node) -> Node:
        start, length = own_range(clip, self.frame_rate) or (0, 0)
        return range_node(FrameRange(nearest_frame(start), nearest_frame(length)), self.rate)

    # sound that is there

    def swap_sound(self) -> None:
        """Stems and beds that an earlier conform placed: only their media reference follows the take."""
        shots: dict[str, list[Shot]] = {}
        for shot in self.plan.shots:
            shots.setdefault(shot.id, []).append(shot)
        beds = {bed.id: bed for bed in self.beds}
        for item in self.cut.items:
            ours = item.ours
            if item.schema != "Clip" or ours.get("role") not in _SOUND_ROLES:
                continue
            if bed := beds.get(str(ours.get("bed", ""))):
                self.swap(item, self.takes[bed.name], str(ours["role"]), None)
            elif pieces := shots.get(str(ours.get("id", ""))):
                shot = max(pieces, key=lambda piece: _overlap(piece.record, item.record))
                if shot.name in self.plan.reset_audio:
                    self.edits[item.path] = gap_node(item.record.frames, self.rate)
                else:
                    self.swap(item, self.takes[shot.name], str(ours["role"]), shot)

    def swap(self, item: Item, take: Take | None, role: str, shot: Shot | None) -> None:
        """The clip with `take` as its active reference, everything else as the editor left it."""
        current = active_reference(item.node)
        if take is None or (not is_our_media(current) and schema_name(current) != "MissingReference"):
            return
        circled = take_of(current)
        if circled and circled != item.ours.get("take"):  # an editor chose another take for this stem alone
            return
        offset = int(item.ours.get("offset_frames", 0))
        held = self.held_with(item.node, shot)
        kept = [effect for effect in as_list(item.node.get("effects")) if effect not in held]
        shown, retime = item.trimmed.shifted(-offset), Retime.of({**item.node, "effects": kept})
        if retime:
            shown = retime.behind(shown)
        if take.path(role) is None or not take.covers(shown):
            if shot:
                said = f"its {role} at {self.cut.timecode(item.record.start)} no longer fits {take.name} and is left"
                self.say("warning", "stem_left", f"{said}. To place it anew: --reset-audio {shot.name}", shot)
            return
        references = self.references(item.node)
        key = _free_key(references, take)
        move = take.timecode_offset_frames - offset
        node = {name: value for name, value in item.node.items() if name != "media_reference"}
        node.update(
            OTIO_SCHEMA="Clip.2",
            media_references={**references, key: self.reference(take, role)},
            active_media_reference_key=key,
            source_range=shifted_range(as_node(item.node.get("source_range")), move, self.frame_rate),
        )
        if held:
            node["effects"] = kept
        ours: Node = {**item.ours, "take": take.name, "offset_frames": take.timecode_offset_frames}
        self.edits[item.path] = with_metadata(node, ours)

    # sound that is missing

    def roles(self, shot: Shot, take: Take) -> list[str]:
        """The stems of `take` that belong on tracks: not silent, not under a bed of their role."""
        slate = take.slate
        silent = () if self.plan.all_stems else slate.silent
        roles: list[str] = [role for role in ROLES if role in slate.files and role not in silent]
        if not any(role in slate.files for role in ROLES) and "mix" in slate.files:
            roles = ["mix"]
        if shot.retime and shot.retime.kind != "linear":
            roles = [role for role in roles if role not in ("dialogue", "effects", "mix")]
        under = self.beds_over(shot)
        if "mix" in roles and under:
            said = (
                f"{take.name} is a mix and lies under a bed: its own {' and '.join(sorted(under))} will be heard too."
            )
            self.say("warning", "mix_under_bed", said, shot)
        return [role for role in roles if role not in under]

    def source_of(self, item: Item, node: Node, take: Take, shot: Shot) -> Node:
        """The picture's source range, in whole frames of the cut."""
        source = as_node(node.get("source_range"))
        rates = {as_node(source.get(side)).get("rate") for side in ("start_time", "duration")}
        if rates == {self.rate} and not item.nested:
            return source
        return range_node(item.trimmed.shifted(take.timecode_offset_frames - shot.clip_offset_frames), self.rate)

    def place_stem(self, item: Item, shot: Shot, take: Take, role: str, source: Node, picture: Node) -> None:
        metadata: Node = {
            "twopop": {
                "id": shot.id,
                "role": role,
                "take": take.name,
                "match_key": take.slate.request.match_key,
                "offset_frames": take.timecode_offset_frames,
            }
        }
        effects = retimes_of(picture)
        key = _key(take)
        clip = clip_node(shot.name, source, {key: self.reference(take, role)}, key, metadata, list(effects))
        before, after = (None, None) if item.nested else self.fades(item)
        self.placements.setdefault(role, []).append(Placement(shot.record, clip, before, after))

    def fades(self, item: Item) -> tuple[Node | None, Node | None]:
        """The transitions beside a picture clip: its stems get the same."""
        track = as_list(as_node(self.cut.document["tracks"])["children"])[item.path[0]]
        children, index = as_list(as_node(track).get("children")), item.path[1]
        beside = (children[index - 1] if index else None, children[index + 1] if index + 1 < len(children) else None)
        before, after = (n if n and schema_name(as_node(n)) == "Transition" else None for n in beside)
        return before, after

    def beds_over(self, shot: Shot) -> set[str]:
        """Roles of the beds that run over a shot: planned ones, those that lie in the cut, and those that did."""
        gone = {bed.id for bed in self.plan.beds if bed.status == "deleted"}  # the shots' own stems do not come instead
        lying = {bed.id for bed in self.beds} | self.placed_beds() | gone  # circling one take asks for no bed
        planned = {bed.role for bed in self.plan.beds if bed.id in lying and _overlap(bed.record, shot.record)}
        there = [item for item in self.lying if _overlap(item.record, shot.record)]
        placed = {str(item.ours.get("role")) for item in there}
        return planned | placed  # an engine that makes no beds plans none, and those that are there still sound

    def placed_beds(self) -> set[str]:
        """Ids of the beds that lie in the cut."""
        return {str(item.ours["bed"]) for item in self.lying}

    def place_beds(self) -> list[str]:
        """Beds that do not lie in the cut; gives the ids of all that ever did."""
        known = [str(i) for i in as_list(self.timeline_metadata(self.cut.document).get("beds"))]
        gone = {bed.id for bed in self.plan.beds if bed.status == "deleted"}
        known += sorted((self.placed_beds() | gone).difference(known))
        for bed in self.beds:
            take = self.takes[bed.name]
            if take is None or bed.id in self.placed_beds():
                continue
            first = bed.used.start + take.timecode_offset_frames
            metadata: Node = {
                "twopop": {
                    "bed": bed.id,
                    "role": bed.role,
                    "take": take.name,
                    "match_key": bed.match_key,
                    "offset_frames": take.timecode_offset_frames,
                }
            }
            source = range_node(FrameRange(first, bed.record.frames), self.rate)
            key = _key(take)
            clip = clip_node(bed.name, source, {key: self.reference(take, bed.role)}, key, metadata, [])
            self.placements.setdefault(bed.role, []).append(Placement(bed.record, clip))
            known += [bed.id] if bed.id not in known else []
        return known

    def with_sound(self, document: Node) -> Node:
        """The document with everything placed: on the track of its role while there is room, else on a further one."""
        root = as_node(document.get("tracks"))
        tracks = [as_node(child) for child in as_list(root.get("children"))]
        origin = nearest_frame((own_range(root, self.frame_rate) or (0, 0))[0])
        replaced: dict[int, Node] = {}
        added: list[Node] = []
        for role in _SOUND_ROLES:
            waiting = sorted(
                (replace(p, record=p.record.shifted(origin)) for p in self.placements.get(role, ())),
                key=lambda placement: placement.record,
            )
            number = 0
            for index, track in enumerate(tracks):
                if self.track_role(track) == role:
                    number += 1
                    if waiting and not as_node(track.get("source_range")):
                        children, waiting = placed(as_list(track["children"]), waiting, self.frame_rate, self.rate)
                        replaced[index] = {**track, "children": children}
            while waiting:
                number += 1
                children, waiting = placed([], waiting, self.frame_rate, self.rate)
                name = self.plan.tracks.get(role, TRACK_NAMES[role]) + (f" {number}" if number > 1 else "")
                added.append(track_node(name, "Audio", children, {"twopop": {"track": role}}))
        return with_tracks(document, added, replaced)

    def track_role(self, track: Node) -> str:
        """The role of a sound track: by our metadata, else by the first stem on it."""
        if track.get("kind") != "Audio":
            return ""
        if role := as_node(as_node(track.get("metadata")).get("twopop")).get("track"):
            return str(role)
        for child in as_list(track.get("children")):
            if role := as_node(as_node(as_node(child).get("metadata")).get("twopop")).get("role"):
                return str(role)
        return ""

    # the timeline

    def timeline_metadata(self, document: Node) -> Node:
        return as_node(as_node(document.get("metadata")).get("twopop"))

    def with_timeline_metadata(self, document: Node, beds: list[str]) -> Node:
        """Notes what was placed and where the takes are; nothing where nothing was done."""
        if document is self.cut.document and not self.timeline_metadata(document):
            return document
        store = relative_url(self.plan.store, self.folder)
        made: Node = {"width": self.plan.width, "height": self.plan.height}
        if self.plan.kept:
            made["settings"] = self.plan.kept
        ours: Node = {**self.timeline_metadata(document), **made, "version": VERSION, "beds": beds, "store": store}
        return with_metadata(document, ours)


def _changed(edits: Edits, items: dict[tuple[int, ...], Item]) -> Edits:
    """Only the edits that change something: conforming twice shares every node."""
    return {path: node for path, node in edits.items() if node != items[path].node}


def _overlap(one: FrameRange, other: FrameRange) -> int:
    both = one.overlap(other)
    return both.frames if both else 0


def _key(take: Take) -> str:
    return f"twopop:t{take.slate.number:03d}"


def _free_key(references: Node, take: Take) -> str:
    """The take's key in a clip; its full name where another take of that number is there."""
    key = _key(take)
    there = as_node(as_node(as_node(references.get(key)).get("metadata")).get("twopop")).get("take", take.name)
    return key if there == take.name else f"twopop:{take.name}"


def _missing() -> Node:
    return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": "", "available_range": None}
