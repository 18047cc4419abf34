"""Runs in Blender's Python: a user's afternoon with the panel. `python blender_panel.py FOLDER` -> FOLDER/seen.json

Holes as text and colour strips with a cross between them, markers, render; trim, change one prompt, render again;
switch a take; break things.
"""

import importlib.util
import json
import sys
import time
import types
from pathlib import Path

import bpy

folder = Path(sys.argv[1])
home = Path(importlib.util.find_spec("twopop_adapters").submodule_search_locations[0]) / "blender_extension"
spec = importlib.util.spec_from_file_location("twopop_panel", home / "__init__.py")
panel = importlib.util.module_from_spec(spec)
sys.modules["twopop_panel"] = panel
spec.loader.exec_module(panel)
strips_of, read = panel.blender_strips.strips_of, panel.blender_strips.read

bpy.ops.wm.read_factory_settings(use_empty=True)
panel.register()
scene = bpy.context.scene
scene.render.fps, scene.render.fps_base = 24, 1.001
scene.render.resolution_x, scene.render.resolution_y = 256, 144
scene.frame_end = 144
scene.twopop_backend = "bars"
editor = scene.sequence_editor_create()
strips = strips_of(editor)
seen = {}


def attempt(operator, **options):
    """What the operator says: its state, or the error it reports."""
    try:
        return sorted(operator(**options))
    except RuntimeError as exc:
        return str(exc)


def table():
    """Every strip with a file or words: (name, channel's name, file, first frame, frames, frames into it)."""
    said = read(bpy.context.scene)  # undo makes new scenes
    return [
        [s["name"], said["channels"][s["channel"] - 1], Path(s["path"]).name, s["start"], s["frames"], s["first"]]
        for s in said["strips"]
    ]


def effect(name, kind, channel, start, frames, *inputs):
    return panel.blender_strips._add_effect(editor, kind, name, channel, start, frames, *inputs)


seen["no folder"] = attempt(bpy.ops.twopop.render)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "kitchen.blend"))
seen["nothing to do"] = attempt(bpy.ops.twopop.render)

wide = effect("wide", "TEXT", 1, 0, 60)
wide.text = "PROMPT: wide of a kitchen\nFX: pan hits the stove"
close = effect("close", "COLOR", 2, 48, 48)
effect("cross", "CROSS", 3, 48, 12, wide, close)
title = effect("title", "TEXT", 1, 100, 20)
title.text = "THE END"
scene.timeline_markers.new("PROMPT: close-up of MARA", frame=48 + 20)
scene.timeline_markers.new("MX: brushed drums", frame=1)

before = table()
seen["plan"] = attempt(bpy.ops.twopop.check)
seen["planning changes nothing"] = table() == before
seen["first"] = attempt(bpy.ops.twopop.render)
seen["filled"] = table()
cross = strips["cross"]
seen["cross"] = [cross.input_1.name, cross.input_2.name, cross.frame_final_start - 1, cross.frame_final_duration]
faded = strips["close DX"]
scene.frame_set(48 + 1)
seen["sound fades in with its picture"] = [faded.volume]
scene.frame_set(48 + 12 + 1)
seen["sound fades in with its picture"].append(faded.volume)
bpy.ops.wm.save_mainfile()
bpy.ops.wm.open_mainfile(filepath=str(folder / "kitchen.blend"))
scene = bpy.context.scene
editor = scene.sequence_editor
strips = strips_of(editor)
seen["kept in the file"] = table() == seen["filled"]

takes = folder / "takes"
count = lambda: len(list(takes.rglob("*.slate.json")))  # noqa: E731
seen["takes"] = count()

strips["close"].frame_final_end -= 6  # a trim: the stems stay longer, as an L-cut
strips["wide DX"].volume = 0.5
edited = table()
seen["second"] = attempt(bpy.ops.twopop.render)
seen["takes after a trim"] = count()
seen["the edit stays"] = table() == edited and strips["wide DX"].volume == 0.5

node = json.loads(strips["wide"]["twopop"])
node["markers"][0]["name"] = "PROMPT: wide of a kitchen at night"
strips["wide"]["twopop"] = json.dumps(node)
seen["third"] = attempt(bpy.ops.twopop.render)
seen["takes after a new prompt"] = count()
seen["after a new prompt"] = table()

editor.active_strip = strips["wide FX"]
names = panel.blender_scene.takes_for(read(scene), bpy.data.filepath, "wide FX")
seen["choices"] = names
before = table()
bpy.ops.ed.undo_push(message="what Blender does after every edit of a user")
seen["switch"] = attempt(bpy.ops.twopop.take, take=names[-1])
seen["after the switch"] = table()
bpy.ops.ed.undo()
seen["one undo takes it back"] = table() == before
bpy.ops.ed.redo()
seen["and redo does it again"] = table() == seen["after the switch"]
scene = bpy.context.scene
editor = scene.sequence_editor
strips = strips_of(editor)


class Clicked(panel._Refusing):
    """The render operator as a click runs it: Blender's window loop calls `invoke`, then `modal` with every event."""

    only_selected = False

    def __init__(self):
        self.said = []

    def report(self, kind, text):
        self.said.append([*kind, text])


for method in ("_begin", "_finish", "invoke", "modal"):
    setattr(Clicked, method, panel.TWOPOP_OT_render.__dict__[method])


class Desk:
    """Blender's context, whose window takes our stand-in for an operator; its timers are real."""

    window, screen = bpy.context.window, bpy.context.screen
    window_manager = types.SimpleNamespace(
        event_timer_add=bpy.context.window_manager.event_timer_add,
        event_timer_remove=bpy.context.window_manager.event_timer_remove,
        modal_handler_add=lambda operator: True,
    )

    @property
    def scene(self):
        return bpy.context.scene


desk = Desk()


def event(kind):
    return types.SimpleNamespace(type=kind)


def prompt(name, text):
    node = json.loads(strips[name]["twopop"])
    node["markers"][0]["name"] = text
    strips[name]["twopop"] = json.dumps(node)


prompt("wide", "PROMPT: wide of a kitchen in the morning")
bpy.ops.ed.undo_push(message="other words")
before, click, told = table(), Clicked(), []
seen["click"] = sorted(click.invoke(desk, None))
seen["mouse while it renders"] = sorted(click.modal(desk, event("MOUSEMOVE")))
state = {"RUNNING_MODAL"}
for _ in range(1200):
    state = click.modal(desk, event("TIMER"))
    told.append(scene.twopop_said)  # the bar itself is gone again where the last news came with the end
    if state != {"RUNNING_MODAL"}:
        break
    time.sleep(0.05)
seen["click ends"], seen["progress"] = sorted(state), [text for text in told if text]
seen["click placed"] = table() != before
bpy.ops.ed.undo()
seen["one undo takes the render back"] = table() == before
bpy.ops.ed.redo()
scene = bpy.context.scene
editor = scene.sequence_editor
strips = strips_of(editor)
prompt("wide", "PROMPT: wide of a kitchen in the rain")
before, click = table(), Clicked()
click.invoke(desk, None)
click.modal(desk, event("ESC"))
for _ in range(1200):
    if click.modal(desk, event("TIMER")) != {"RUNNING_MODAL"}:
        break
    time.sleep(0.05)
files = {row[0]: row[2] for row in table()}
seen["stopped with Esc"] = len({files[name].split(".")[1] for name in ("wide", "wide DX", "wide FX", "wide BG")}) == 1

strips["wide"].lock = True
editor.active_strip = strips["wide FX"]
locked = table()
seen["locked"] = attempt(bpy.ops.twopop.take, take=names[0])
seen["locked changes nothing"] = table() == locked
panel.unregister()
(folder / "seen.json").write_text(json.dumps(seen))
