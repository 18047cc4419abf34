"""What the Blender panel does, without `bpy`: strips (as `blender_strips.read` gives them) -> cut -> plan -> takes ->
changes for `blender_strips.apply`.

A strip that we made carries its clip whole; its place and trims are always what the editor shows. Text and colour
strips are holes where their words, their stored brief or a marker of the scene asks for a picture or a sound.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from twopop.conform import circle_take, conform_timeline
from twopop.document import clip_node, gap_node, range_node, rate_number, reference_node, time_node, track_node
from twopop.errors import UsageError
from twopop.events import Decoding, Denoising, Event, Loading, ShotFailed, TakeReady
from twopop.generate import Generation, start_generation
from twopop.groundwork import open_store
from twopop.plan import Plan, Shot
from twopop.planning import plan_shots
from twopop.safe_write import write_safely
from twopop.settings import Settings, load_settings
from twopop.store import TakeStore
from twopop.take import Take
from twopop.timebase import FrameRange, nearest_frame, snap_frame_rate
from twopop.timeline import Cut, Node, as_node, read_timeline, serialized, write_timeline
from twopop.tracks import active_reference, range_of, time_value

from ._common import Piece, edit_of
from .blender import scene_of, strip_of, timeline_of

Said = dict[str, Any]
_B = (" b", " dissolves")


class Session:
    """One render from the panel: `step` while it runs, `changes` once it is done. Nothing in Blender waits for it.

    Raises:
        UsageError: the .blend has no folder yet, or nothing asks for a picture or a sound.
    """

    def __init__(self, said: Said, blend: str, *, backend: str = "", only_selected: bool = False) -> None:
        self.blend = blend
        cut, settings, store, plan = planned(said, blend, backend)
        if not plan.shots and not plan.beds:
            raise UsageError(
                'Nothing asks for a picture or a sound. Add a text strip that says "PROMPT: ..." or a marker over a '
                "colour strip. Nothing was generated."
            )
        self.settings = settings
        self.only = _selected(said, cut, plan) if only_selected else None
        self.total = len(self.only or (*plan.shots, *plan.beds))
        self.generation: Generation = start_generation(plan, store=store, only=self.only, budget=settings.budget)
        self.failures: list[str] = []
        self.ready: set[str] = set()
        self.part = 0.0
        """How far the shot is that was heard of last, 0 to 1."""

    def step(self) -> tuple[float, str] | None:
        """(0 to 1, a line for people) where there is news."""
        found = [said for event in self.generation.poll() if (said := self._said(event))]
        return (min(1.0, (len(self.ready) + self.part) / max(1, self.total)), found[-1]) if found else None

    @property
    def done(self) -> bool:
        """True once every request has its outcome."""
        return self.generation.done

    def cancel(self) -> None:
        """Asks what runs to stop; finished takes are kept."""
        self.generation.cancel()

    def changes(self, said: Said) -> list[Said]:
        """What fills the edit as it is *now*; the conformed cut is written beside the .blend."""
        self.generation.result()
        cut, _, store, plan = planned(said, self.blend, self.settings.backend)
        done = conform_timeline(cut, plan, store)
        write_timeline(done, Path(self.blend).with_suffix(".vse.conformed.otio"))
        return changes_of(said, done)

    def _said(self, event: Event) -> str:
        names = ", ".join(event.shots)
        match event:
            case Loading():
                return "loading the model"
            case Denoising(step=step, steps=steps):
                self.part = 0.5 * step / max(1, steps)
                return f"{names}: step {step} of {steps}"
            case Decoding(done=done):
                self.part = 0.5 + 0.5 * done
                return f"{names}: {done:.0%} drawn"
            case TakeReady():
                self.ready.update(event.shots)
                self.part = 0.0
                return f"{names}: ready"
            case ShotFailed(reason=reason):
                self.failures.append(reason)
                return reason
            case _:
                return ""


def planned(said: Said, blend: str, backend: str = "") -> tuple[Cut, Settings, TakeStore, Plan]:
    """The edit as a cut beside the .blend (`NAME.vse.otio`), its settings, its takes and its plan."""
    if not blend:
        raise UsageError("Save the .blend first: takes lie in the folder beside it. Nothing was generated.")
    path = Path(blend).with_suffix(".vse.otio")
    write_safely(path, serialized(document_of(said), indent=1))
    cut = read_timeline(path)
    settings = load_settings(path, width=said["width"], height=said["height"], backend=backend or None)
    store = open_store(cut, settings)
    return cut, settings, store, plan_shots(cut, settings=settings, store=store)


def takes_for(said: Said, blend: str, strip: str) -> list[str]:
    """Names of the takes of the shot that a strip belongs to, the circled one first."""
    cut, _, store, plan = planned(said, blend)
    shot = _shot_of(cut, plan, strip)
    names = [take.name for take in _takes(plan, store, shot)] if shot else []
    return sorted(names, key=lambda name: name != (shot and (shot.circled or shot.take)))


def switched(said: Said, blend: str, strip: str, take: str) -> list[Said]:
    """The changes that put `take` into the shot of a strip: picture and stems together.

    Raises:
        UsageError: the strip is no shot, or it has no such take.
        ConformError: the take does not cover what the edit shows.
    """
    cut, _, store, plan = planned(said, blend)
    shot = _shot_of(cut, plan, strip)
    if shot is None:
        raise UsageError(f"Strip {strip} belongs to no shot. Select a generated strip. Nothing was changed.")
    found = next((t for t in _takes(plan, store, shot) if t.name == take), None)
    if found is None:
        raise UsageError(f"Shot {shot.name} has no take {take}. Nothing was changed.")
    return changes_of(said, circle_take(cut, plan, shot.name, found))


def imported(path: str) -> Said:
    """A cut (.otio, or whatever twopop reads) as `blender_strips.build` takes it."""
    return scene_of(edit_of(read_timeline(path)))


def _takes(plan: Plan, store: TakeStore, shot: Shot) -> list[Take]:
    return store.takes_of(shot.label or store.label_of(shot.match_key) or f"{plan.cut}_{shot.name}")


def _shot_of(cut: Cut, plan: Plan, strip: str) -> Shot | None:
    """The shot a strip is the picture or a stem of."""
    item = next((item for item in cut.items if _strip_name(item.node) == strip), None)
    if item is None:
        return None
    mine = [s for s in plan.shots if s.path == item.path or s.id == item.ours.get("id")]
    return next((s for s in mine if s.record.overlap(item.record)), mine[0] if mine else None)


def _selected(said: Said, cut: Cut, plan: Plan) -> list[str]:
    names = {shot.name for strip in said["selected"] if (shot := _shot_of(cut, plan, strip))}
    if not names:
        raise UsageError("No selected strip is a shot. Select holes or generated strips. Nothing was generated.")
    return sorted(names)


# ---- strips -> document ----------------------------------------------------------------------------------------------


def document_of(said: Said) -> Node:
    """The edit as an OTIO document."""
    rate = snap_frame_rate(Fraction(said["frame_rate"][0]) / Fraction(said["frame_rate"][1]).limit_denominator(100_000))
    number = rate_number(rate)
    timeline = as_node(said.get("timeline"))
    tracks = [_track(said, kind, strips, rate) for kind, strips in _tracks(said)]
    markers = [_marker(marker["name"], marker["frame"], rate) for marker in said["markers"]]
    stack = {**track_node("tracks", "", tracks, {}), "OTIO_SCHEMA": "Stack.1", "markers": markers}
    del stack["kind"]
    metadata = as_node(timeline.get("metadata"))
    start = timeline.get("global_start_time") or time_node(nearest_frame(3600 * rate), number)
    return {
        "OTIO_SCHEMA": "Timeline.1", "metadata": metadata, "name": said["name"], "global_start_time": start,
        "tracks": stack,
    }  # fmt: skip


def _tracks(said: Said) -> list[tuple[str, list[Said]]]:
    """The strips of every track, picture first: a channel, with the channels it dissolves with where they fit."""
    home = {strip["name"]: strip["channel"] for strip in said["strips"]}
    joined = {channel: channel for channel in home.values()}
    for cross in said["crosses"]:
        if cross["before"] in home and cross["after"] in home:
            low, high = sorted(joined[home[cross[side]]] for side in ("before", "after"))
            joined = {channel: low if root == high else root for channel, root in joined.items()}
    crossed = {(c["before"], c["after"]) for c in said["crosses"]}
    found: list[tuple[str, list[Said]]] = []
    for kind in ("Video", "Audio"):
        mine = [s for s in said["strips"] if (s["kind"] == "sound") == (kind == "Audio")]
        for root in sorted(set(joined.values())):
            strips = sorted((s for s in mine if joined[s["channel"]] == root), key=lambda s: s["start"])
            found += [(kind, lane) for lane in _lanes(strips, crossed)]
    return found


def _lanes(strips: list[Said], crossed: set[tuple[str, str]]) -> list[list[Said]]:
    """All on one track where they overlap only in dissolves, else a track for every channel."""
    fits = all(b["start"] >= a["start"] + a["frames"] or (a["name"], b["name"]) in crossed for a, b in pairwise(strips))
    if not strips or fits:
        return [strips] if strips else []
    return [[s for s in strips if s["channel"] == channel] for channel in sorted({s["channel"] for s in strips})]


def _track(said: Said, kind: str, strips: list[Said], rate: Fraction) -> Node:
    children: list[Node] = []
    at, head = 0, 0
    for index, strip in enumerate(strips):
        begin, end = strip["start"] + head, strip["start"] + strip["frames"]
        if begin > at:
            children.append(gap_node(begin - at, rate_number(rate)))
        after = strips[index + 1] if index + 1 < len(strips) else None
        shared = max(0, end - after["start"]) if after else 0
        ahead = shared // 2
        at = end - (shared - ahead)
        children.append(_clip(strip, head, at - begin, rate))
        if shared:
            children.append(_dissolve(ahead, shared - ahead, rate))
        head = ahead
    channel = strips[0]["channel"]
    name = str(said["channels"][channel - 1])
    name = f"{kind[0]}{channel}" if name == f"Channel {channel}" else name.removesuffix(_B[0]).removesuffix(_B[1])
    return track_node(name, kind, children, {})


def _dissolve(before: int, after: int, rate: Fraction) -> Node:
    number = rate_number(rate)
    return {
        "OTIO_SCHEMA": "Transition.1", "metadata": {}, "name": "", "transition_type": "SMPTE_Dissolve",
        "in_offset": time_node(before, number), "out_offset": time_node(after, number),
    }  # fmt: skip


def _clip(strip: Said, head: int, frames: int, rate: Fraction) -> Node:
    """A strip as a clip: the one it carries where its media is still the same, with the place and trims of now."""
    node = as_node(strip["node"])
    if not node or not _is_same(strip, node):
        node = _new_clip(strip, rate)
    available = range_of(as_node(active_reference(node).get("available_range")), rate)
    if strip["path"]:
        first = nearest_frame(available[0] if available else Fraction(0)) + strip["first"] + head
    else:  # a hole begins where it began: Blender does not say how much of its head was trimmed
        first = nearest_frame(time_value(as_node(as_node(node.get("source_range")).get("start_time")), rate))
    metadata = {**as_node(node.get("metadata")), "blender": {"strip": strip["name"]}}
    source = range_node(FrameRange(first, frames), rate_number(rate))
    return {**node, "source_range": source, "enabled": not strip["mute"], "metadata": metadata}


def _is_same(strip: Said, node: Node) -> bool:
    """False where an editor gave the strip another file than its clip says."""
    url = str(active_reference(node).get("target_url") or "")
    return not strip["path"] or url == Path(strip["path"]).as_uri()


def _new_clip(strip: Said, rate: Fraction) -> Node:
    number = rate_number(rate)
    whole = range_node(FrameRange(0, strip["media_frames"]), number)
    if strip["path"]:
        path = Path(strip["path"])
        references = {"DEFAULT_MEDIA": reference_node(path.name, path.as_uri(), whole, {})}
        return clip_node(strip["name"], whole, references, "DEFAULT_MEDIA", {}, [])
    kind = "Text" if strip["kind"] == "title" else "SolidColor"
    generator: Node = {
        "OTIO_SCHEMA": "GeneratorReference.1", "metadata": {}, "name": kind, "available_range": None,
        "generator_kind": kind, "parameters": {"text": strip["text"]},
    }  # fmt: skip
    node = clip_node(strip["name"], whole, {"DEFAULT_MEDIA": generator}, "DEFAULT_MEDIA", {}, [])
    node["source_range"] = range_node(FrameRange(0, strip["frames"]), number)
    return {**node, "markers": [_marker(strip["text"], 0, rate)] if strip["text"] else []}


def _marker(text: str, frame: int, rate: Fraction) -> Node:
    name, _, comment = text.partition("\n")
    return {
        "OTIO_SCHEMA": "Marker.2", "metadata": {}, "name": name, "color": "RED", "comment": comment,
        "marked_range": range_node(FrameRange(frame, 0), rate_number(rate)),
    }  # fmt: skip


# ---- document -> changes ---------------------------------------------------------------------------------------------


def changes_of(said: Said, done: Cut) -> list[Said]:
    """Strips whose media is another one now, and clips that no strip is there for."""
    there = {strip["name"]: strip for strip in said["strips"]}
    changes: list[Said] = [{"timeline": timeline_of(done)}]
    for lane in edit_of(done).lanes:
        for piece in lane.pieces:
            change = strip_of(done, lane, piece)
            change["node"]["metadata"].pop("blender", None)
            strip = there.get(_strip_name(piece.item.node))
            if strip is None:
                changes += [_added(change, piece, lane.name)] if change["path"] else []
            elif change["path"] and (change["path"] != strip["path"] or change["node"] != strip["node"]):
                changes.append({**change, "strip": strip["name"]})
    return changes


def _added(change: Said, piece: Piece, track: str) -> Said:
    return {**change, "name": f"{piece.name[:50]} {track}", "strip": ""}


def _strip_name(node: Node) -> str:
    return str(as_node(as_node(node.get("metadata")).get("blender")).get("strip", ""))
