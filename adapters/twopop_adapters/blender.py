"""A Python script that builds the cut in Blender's video sequence editor: `blender --python CUT.blender.py`.

The script is the cut as data and the text of `blender_strips`; it needs no twopop where Blender runs.
"""

from __future__ import annotations

import json
import pprint
from importlib.resources import files
from pathlib import Path
from typing import Any

from twopop.flavours import KEPT, Fidelity, Flavour, Loss, approximated, lost
from twopop.links import folders_of, local_path
from twopop.timebase import nearest_frame
from twopop.timeline import Cut, Node, as_list, as_node, schema_name
from twopop.tracks import active_reference, compositions, time_value

from ._common import Edit, Lane, Piece, edit_of
from .mlt import BAKE
from .mlt import FIDELITY as MLT

FIDELITY: Fidelity = {
    **MLT,
    "retimes": lost(f"clips play at normal speed; {BAKE}"),
    "dissolves": KEPT,
    "fades": KEPT,
    "effects": lost("they are left out"),
    "titles": approximated("they are text strips with the generator's words"),
    "holes": approximated("they are colour strips; their briefs are in the strips' data, where the panel finds them"),
    "disabled clips": KEPT,
    "markers": approximated(
        "those of the timeline are markers of the scene, without colour; those of clips are in the strips' data"
    ),
    "takes": approximated("the circled one is there; the panel switches to the others"),
    "links": approximated("the panel moves takes of picture and stems together; Blender 4.5 has no links"),
    "start timecode": approximated("the first frame is frame 1; scene and media remember the timecode"),
    "metadata": approximated("that of clips is in the strips' data; what others wrote on the timeline is left out"),
}
Said = dict[str, Any]
_START = '\n\nif __name__ == "__main__":\n    build(import_module("bpy").context.scene, PLAN)\n'


class BlenderFlavour(Flavour):
    """`twopop render --for blender`."""

    name = "blender"
    suffix = ".py"
    fidelity = FIDELITY
    bakes = True
    proof = "rendered by bpy 4.5 in our suite, by 5.3 in `make editors`, exact"

    def write(self, cut: Cut) -> tuple[bytes, list[Loss]]:
        """The script, and what it does not build."""
        edit = edit_of(cut)
        builder = (files("twopop_adapters") / "blender_strips.py").read_text(encoding="utf-8")
        plan = pprint.pformat(scene_of(edit), width=116, compact=True, sort_dicts=False)
        return f"{builder}\nPLAN: Said = {plan}\n{_START}".encode(), edit.losses(FIDELITY)


def scene_of(edit: Edit) -> Said:
    """The cut as `blender_strips.build` takes it."""
    channels, said = list[str](), list[Said]()
    crosses: list[Said] = []
    for lane in (*edit.of_kind("Audio"), *edit.of_kind("Video")):
        base = len(channels) + 1
        channels += _channels(lane)
        made = [strip_of(edit.cut, lane, piece) for piece in _built(lane)]
        side = 0
        for strip, piece in zip(made, _built(lane), strict=True):
            side = 1 - side if piece.joins_before else side
            strip["channel"] = base + side
        said += made
        crosses += _crosses(lane, made, base + 2)
    _make_unique(said, crosses)
    rate = edit.frame_rate
    return {
        "width": edit.width, "height": edit.height, "frame_rate": [rate.numerator, rate.denominator],
        "frames": edit.frames, "channels": channels, "strips": said, "crosses": crosses, "markers": _markers(edit),
        "timeline": timeline_of(edit.cut),
    }  # fmt: skip


def timeline_of(cut: Cut) -> Said:
    """What the scene remembers of the timeline: its start, and our metadata with the store's link made absolute."""
    ours = as_node(as_node(cut.document.get("metadata")).get("twopop"))
    if (store := ours.get("store")) and (path := local_path(str(store), folders_of(cut))):
        ours = {**ours, "store": str(path)}
    return {"metadata": {"twopop": ours}, "global_start_time": cut.document.get("global_start_time")}


def strip_of(cut: Cut, lane: Lane, piece: Piece) -> Said:
    """One clip as a strip; `channel` is for the caller to say."""
    kind = _kind(piece)
    sound = kind == "sound"
    return {
        "name": piece.name[:60], "kind": kind, "track": lane.name, "channel": 0,
        "path": str(piece.path) if kind in ("movie", "sound", "image") else "", "text": _words(piece),
        "start": piece.shown.start, "first": max(0, piece.first), "frames": piece.shown.frames,
        "fade_in": piece.fade_in if sound or not piece.joins_before else 0,
        "fade_out": piece.fade_out if sound or not piece.joins_after else 0,
        "mute": not piece.item.enabled, "node": _absolute(cut, piece.item.node),
    }  # fmt: skip


def _built(lane: Lane) -> list[Piece]:
    """What becomes a strip: everything but sound that has no file."""
    return [p for p in lane.pieces if p.shown.frames > 0 and (p.facts or lane.kind == "Video")]


def _channels(lane: Lane) -> list[str]:
    """One channel; two and one for the cross where its clips dissolve."""
    if not any(piece.joins_before for piece in lane.pieces):
        return [lane.name]
    more = [f"{lane.name} b"] if lane.kind == "Audio" else [f"{lane.name} b", f"{lane.name} dissolves"]
    return [lane.name, *more]


def _crosses(lane: Lane, made: list[Said], channel: int) -> list[Said]:
    if lane.kind == "Audio":
        return []
    pairs = zip(made, made[1:], _built(lane)[1:], strict=False)
    return [
        {"name": f"dissolve {after['start']}", "before": before, "after": after, "channel": channel,
         "start": after["start"], "frames": piece.fade_in}
        for before, after, piece in pairs if piece.joins_before
    ]  # fmt: skip


def _make_unique(strips: list[Said], crosses: list[Said]) -> None:
    """Blender's names are unique in a scene; crosses then name their strips."""
    taken: set[str] = set()
    for strip in strips:
        name = str(strip["name"])
        wanted = name if name not in taken else f"{name} {strip['track']}"
        strip["name"] = next(n for n in (wanted, *(f"{name[:55]}.{k:03d}" for k in range(1, 10_000))) if n not in taken)
        taken.add(strip["name"])
    for cross in crosses:
        cross["before"], cross["after"] = cross["before"]["name"], cross["after"]["name"]


def _kind(piece: Piece) -> str:
    if piece.facts is None:
        return "title" if _words(piece) else "hole"
    if piece.item.kind == "Audio":
        return "sound"
    return "image" if piece.facts.is_still else "movie"


def _words(piece: Piece) -> str:
    reference = active_reference(piece.item.node)
    parameters = as_node(reference.get("parameters"))
    return str(parameters.get("text") or "") if schema_name(reference) == "GeneratorReference" else ""


def _absolute(cut: Cut, node: Node) -> Node:
    """The clip with links that hold wherever the script runs."""
    references = as_node(node.get("media_references")) or {"": as_node(node.get("media_reference"))}
    moved: Node = {}
    for key, reference in references.items():
        path = local_path(str(as_node(reference).get("target_url") or ""), folders_of(cut))
        moved[key] = {**reference, "target_url": Path(path).absolute().as_uri()} if path else reference
    name = "media_references" if "media_references" in node else "media_reference"
    plain = {**node, name: moved if name == "media_references" else moved[""]}
    return json.loads(json.dumps(plain))


def _markers(edit: Edit) -> list[Said]:
    """Markers of timeline and tracks, in cut frames."""
    found: list[Said] = []
    for node, _, window in compositions(edit.cut.document, edit.frame_rate):
        for marker in map(as_node, as_list(node.get("markers"))):
            start = time_value(as_node(as_node(marker.get("marked_range")).get("start_time")), edit.frame_rate)
            text = "\n".join(filter(None, (str(marker.get("name") or ""), str(marker.get("comment") or ""))))
            found.append({"name": text, "frame": nearest_frame(start + window.shift)})
    return found
