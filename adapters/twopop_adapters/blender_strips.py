"""Strips of Blender's video sequence editor, 4.5 and 5.x: the one file that touches `bpy`.

It imports nothing of twopop, so that a script of `--for blender` can carry it whole; what it takes and gives is plain
data. Frames are cut frames from 0; Blender's own begin at 1. Either all of a change is done or, where Blender refuses,
it raises before a strip was touched.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

Said = dict[str, Any]
FIRST = 1
"""Blender's number of cut frame 0."""
PROPERTY = "twopop"
"""Custom property of a strip: its clip as OpenTimelineIO JSON."""
_SCRATCH = 128
"""The highest channel: new strips are trimmed there, where they push nothing aside."""
_EFFECTS = {"hole": "COLOR", "title": "TEXT"}
_KINDS = {"MOVIE": "movie", "SOUND": "sound", "IMAGE": "image", "COLOR": "hole", "TEXT": "title"}


def build(scene: Any, plan: Said) -> None:
    """Fills the sequence editor of `scene`, which has no strips yet, and sets its size, rate and length."""
    editor = scene.sequence_editor_create()
    if len(strips_of(editor)):
        raise RuntimeError("The sequence editor already holds strips. Open a new scene first. Nothing was changed.")
    _set_up(scene, plan)
    for number, name in enumerate(plan["channels"], 1):
        editor.channels[number].name = name
    made = {said["name"]: add_strip(editor, said) for said in plan["strips"]}
    for cross in plan["crosses"]:
        _add_effect(
            editor, "CROSS", cross["name"], cross["channel"], cross["start"], cross["frames"],
            made[cross["before"]], made[cross["after"]],
        )  # fmt: skip
    scene[PROPERTY] = json.dumps(plan["timeline"])
    for marker in plan["markers"]:
        scene.timeline_markers.new(marker["name"], frame=marker["frame"] + FIRST)
    workspace = import_module("bpy").context.workspace
    if getattr(workspace, "sequencer_scene", scene) is None:  # Blender 5 shows no scene in its sequencer until told
        workspace.sequencer_scene = scene


def strips_of(editor: Any) -> Any:
    """The strips of an editor; 4.3 and older call them sequences."""
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def _set_up(scene: Any, plan: Said) -> None:
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = plan["width"], plan["height"], 100
    numerator, denominator = plan["frame_rate"]
    render.fps = -(-numerator // denominator)
    render.fps_base = render.fps * denominator / numerator
    scene.frame_start, scene.frame_end = FIRST, FIRST + max(1, plan["frames"]) - 1
    scene.view_settings.view_transform = "Standard"


# ---- one strip -------------------------------------------------------------------------------------------------------


def add_strip(editor: Any, said: Said) -> Any:
    """A new strip, trimmed and faded, on the channel it is said to lie on."""
    strip = _made(strips_of(editor), said)
    place(strip, said["start"], said["first"], said["frames"])
    strip.channel = said["channel"]
    strip.name = said["name"]
    strip.mute = said["mute"]
    strip[PROPERTY] = json.dumps(said["node"])
    _fade(strip, said)
    return strip


def _made(strips: Any, said: Said) -> Any:
    kind, name, start = said["kind"], said["name"], said["start"] + FIRST
    if kind == "movie":
        return strips.new_movie(name, said["path"], _SCRATCH, start)
    if kind == "sound":
        return strips.new_sound(name, said["path"], _SCRATCH, start)
    if kind == "image":
        return strips.new_image(name, said["path"], _SCRATCH, start)
    strip = _new_effect(strips, name, _EFFECTS[kind], _SCRATCH, start, said["frames"])
    if kind == "title":
        strip.text = said["text"]
    else:
        strip.color = (0.18, 0.18, 0.18)
    return strip


def _add_effect(editor: Any, kind: str, name: str, channel: int, start: int, frames: int, *inputs: Any) -> Any:
    strip = _new_effect(strips_of(editor), name, kind, channel, start + FIRST, frames, *inputs)
    strip.channel = channel
    return strip


def _new_effect(strips: Any, name: str, kind: str, channel: int, start: int, frames: int, *inputs: Any) -> Any:
    known = strips.bl_rna.functions["new_effect"].parameters
    long = {"length": frames} if "length" in known else {"frame_end": start + frames}
    given = dict(zip(("input1", "input2") if "input1" in known else ("seq1", "seq2"), inputs, strict=False))
    return strips.new_effect(name=name, type=kind, channel=channel, frame_start=start, **long, **given)


def place(strip: Any, start: int, first: int, frames: int) -> None:
    """Puts frame `first` of a strip's media on cut frame `start` and shows `frames` of it."""
    new = hasattr(strip, "left_handle")
    content, left, right = (
        ("content_start", "left_handle", "right_handle")
        if new
        else ("frame_start", "frame_final_start", "frame_final_end")
    )
    if _KINDS.get(strip.type) in ("movie", "sound"):
        setattr(strip, content, FIRST + start - first)
    setattr(strip, right, FIRST + start + frames)
    setattr(strip, left, FIRST + start)


def _fade(strip: Any, said: Said) -> None:
    """Sound of a dissolve, and picture and sound from and to nothing."""
    edge = "volume" if said["kind"] == "sound" else "blend_alpha"
    level, begin, end = getattr(strip, edge), FIRST + said["start"], FIRST + said["start"] + said["frames"]
    keys = [(begin, 0.0), (begin + said["fade_in"], level)] if said["fade_in"] else []
    keys += [(end - said["fade_out"], level), (end, 0.0)] if said["fade_out"] else []
    edit = import_module("bpy").context.preferences.edit
    kept, edit.keyframe_new_interpolation_type = edit.keyframe_new_interpolation_type, "LINEAR"
    for frame, value in keys:
        setattr(strip, edge, value)
        strip.keyframe_insert(edge, frame=frame)
    setattr(strip, edge, level)
    edit.keyframe_new_interpolation_type = kept


# ---- reading ---------------------------------------------------------------------------------------------------------


def read(scene: Any) -> Said:
    """What lies in the sequence editor, as `build` takes it; paths are absolute."""
    editor = scene.sequence_editor
    strips = list(strips_of(editor)) if editor else []
    crosses = [s for s in strips if s.type in ("CROSS", "GAMMA_CROSS")]
    render = scene.render
    return {
        "name": scene.name,
        "width": render.resolution_x, "height": render.resolution_y,
        "frame_rate": [render.fps, render.fps_base],
        "frames": scene.frame_end - FIRST + 1,
        "channels": [channel.name for channel in editor.channels[1:]] if editor else [],
        "strips": [_read_strip(strip) for strip in strips if strip.type in _KINDS],
        "crosses": [_read_cross(strip) for strip in crosses],
        "markers": [{"name": m.name, "frame": m.frame - FIRST} for m in scene.timeline_markers],
        "timeline": json.loads(scene.get(PROPERTY, "{}")),
        "selected": [strip.name for strip in strips if strip.select],
    }  # fmt: skip


def _read_strip(strip: Any) -> Said:
    kind, path = _KINDS[strip.type], import_module("bpy").path.abspath
    start, frames = round(strip.frame_final_start) - FIRST, round(strip.frame_final_duration)
    timed = kind in ("movie", "sound")
    said: Said = {
        "name": strip.name, "kind": kind, "channel": strip.channel, "start": start, "frames": frames,
        "first": round(strip.frame_final_start - strip.frame_start) if timed else 0,
        "media_frames": round(strip.frame_duration), "mute": strip.mute, "text": "", "path": "",
        "node": json.loads(strip.get(PROPERTY, "{}")),
    }  # fmt: skip
    if kind == "movie":
        said["path"] = path(strip.filepath)
    elif kind == "sound":
        said["path"] = path(strip.sound.filepath) if strip.sound else ""
    elif kind == "image":
        said["path"] = str(Path(path(strip.directory)) / strip.elements[0].filename)
    elif kind == "title":
        said["text"] = strip.text
    return said


def _read_cross(strip: Any) -> Said:
    start = round(strip.frame_final_start) - FIRST
    names = {"before": strip.input_1.name, "after": strip.input_2.name}
    return {**names, "start": start, "frames": round(strip.frame_final_duration)}


# ---- changing --------------------------------------------------------------------------------------------------------


def apply(scene: Any, changes: list[Said]) -> int:
    """Does every change and gives how many strips are new or have other media.

    A strip that stays keeps its place, trims, effects and levels; RuntimeError, nothing changed, where one is gone,
    locked, or a file is not there.
    """
    editor = scene.sequence_editor_create()
    strips = [said for said in changes if "kind" in said]
    _refuse(editor, strips)
    for said in changes:
        if "timeline" in said:
            scene[PROPERTY] = json.dumps(said["timeline"])
    count = 0
    for said in strips:
        if old := said.get("strip"):
            count += _swap(editor, strips_of(editor)[old], said)
        else:
            add_strip(editor, {**said, "channel": _free_channel(editor, said)})
            count += 1
    return count


def _refuse(editor: Any, changes: list[Said]) -> None:
    strips = strips_of(editor)
    for said in changes:
        name, path = said.get("strip"), said["path"]
        if name and name not in strips:
            raise RuntimeError(f"Strip {name} is gone; the edit has changed meanwhile. Nothing was changed.")
        if name and (strips[name].lock or editor.channels[strips[name].channel].lock):
            raise RuntimeError(f"Strip {name} is locked. Unlock it or its channel. Nothing was changed.")
        if path and not Path(path).is_file():
            raise RuntimeError(f"{path} is not there. Nothing was changed.")


def _swap(editor: Any, strip: Any, said: Said) -> bool:
    """True where the strip has other media now; else it only carries its clip as it is now."""
    if _KINDS[strip.type] != said["kind"]:
        _replace(editor, strip, said)
        return True
    strip[PROPERTY] = json.dumps(said["node"])
    if _read_strip(strip)["path"] == said["path"]:
        return False
    if said["kind"] == "movie":
        strip.filepath = said["path"]
    else:
        strip.sound = import_module("bpy").data.sounds.load(said["path"], check_existing=True)
    place(strip, said["start"], said["first"], said["frames"])
    return True


def _replace(editor: Any, strip: Any, said: Said) -> None:
    """A strip of another kind in the place of `strip`; effects that used it use the new one."""
    name, channel, mute, select = strip.name, strip.channel, strip.mute, strip.select
    made = add_strip(editor, {**said, "channel": _SCRATCH, "fade_in": 0, "fade_out": 0, "mute": mute})
    for effect in strips_of(editor):
        for place_ in ("input_1", "input_2"):
            if getattr(effect, place_, None) == strip:
                setattr(effect, place_, made)
    strip.name = "twopop"  # Blender 5 looks up by name who used it: else the effects would go with it
    strips_of(editor).remove(strip)
    made.channel, made.name, made.select = channel, name, select


def _free_channel(editor: Any, said: Said) -> int:
    """A channel of the track's name with room; else the lowest one that nobody uses, which then has that name."""
    begin, end = FIRST + said["start"], FIRST + said["start"] + said["frames"]
    taken: dict[int, list[tuple[float, float]]] = {}
    for strip in strips_of(editor):
        taken.setdefault(strip.channel, []).append((strip.frame_final_start, strip.frame_final_end))
    numbers = range(1, _SCRATCH)
    named = [n for n in numbers if editor.channels[n].name in (said["track"], f"{said['track']} b")]
    for number in named:
        if all(stop <= begin or start >= end for start, stop in taken.get(number, [])):
            return number
    number = next(n for n in numbers if n not in taken and editor.channels[n].name == f"Channel {n}")
    editor.channels[number].name = f"{said['track']} b" if named else said["track"]
    return number
