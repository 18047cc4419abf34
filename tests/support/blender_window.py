"""Runs in Blender with its window: `blender --factory-startup --python blender_window.py -- SOURCE FOLDER`.

Presses the panel's buttons as a user does, takes pictures of the screen, and leaves FOLDER/seen.json.
"""

import json
import subprocess
import sys
import traceback
import types
from pathlib import Path

import bpy

source, folder = map(Path, sys.argv[sys.argv.index("--") + 1 :])
sys.path[:0] = [str(source / "sdk"), str(source / "adapters")]
home = source / "adapters/twopop_adapters/blender_extension/__init__.py"
panel = types.ModuleType("twopop_panel")
panel.__file__, panel.__package__ = str(home), "twopop_panel"
sys.modules["twopop_panel"] = panel
exec(compile(home.read_text(), str(home), "exec"), panel.__dict__)  # as an extension, under a name of its own
panel.register()
seen = {"said": []}


def strips():
    return panel.blender_strips.strips_of(bpy.context.scene.sequence_editor)


def prepare():
    """Two holes that dissolve, a prompt and music as markers, saved."""
    bpy.context.preferences.view.show_splash = False
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y, scene.frame_end = 256, 144, 144
    scene.twopop_backend = "bars"
    if hasattr(bpy.context.workspace, "sequencer_scene"):  # 5.x: as a user chooses it in the sequencer's header
        bpy.context.workspace.sequencer_scene = scene
    editor = scene.sequence_editor_create()
    add = panel.blender_strips._add_effect
    wide = add(editor, "TEXT", "wide", 1, 0, 60)
    wide.text = "PROMPT: wide of a kitchen"
    add(editor, "CROSS", "cross", 3, 48, 12, wide, add(editor, "COLOR", "close", 2, 48, 48))
    scene.timeline_markers.new("PROMPT: close-up of MARA", frame=68)
    scene.timeline_markers.new("MX: brushed drums", frame=1)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "kitchen.blend"))


def sequencer():
    """The window's largest area as a sequencer with its sidebar: what operators are run over."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda found: found.width * found.height)
    area.type = "SEQUENCE_EDITOR"
    area.spaces[0].show_region_ui = True
    region = next(found for found in area.regions if found.type == "WINDOW")
    return bpy.context.temp_override(window=window, screen=window.screen, area=area, region=region)


def turn_to_our_tab():
    """Once the sidebar was drawn: before, it has no tabs."""
    for area in bpy.context.window_manager.windows[0].screen.areas:
        for region in area.regions:
            if area.type == "SEQUENCE_EDITOR" and region.type == "UI":
                region.active_panel_category = "twopop"


def press(operator):
    with sequencer():
        return operator("INVOKE_DEFAULT")


def picture(name):
    subprocess.run(["import", "-window", "root", str(folder / f"{name}.png")], check=True, timeout=60)


def afternoon():
    """What is done, step by step; each step waits for the window, by as many seconds as it yields."""
    sequencer()
    yield 3
    turn_to_our_tab()
    press(bpy.ops.sequencer.view_all)
    yield 3
    seen["pressed"] = sorted(press(bpy.ops.twopop.render))
    for _ in range(240):
        yield 0.5
        if "MX_bed MX" in strips():
            break
        if said := bpy.context.scene.twopop_said:
            if not seen["said"]:
                picture("rendering")
            seen["said"].append([bpy.context.scene.twopop_progress, said])
    press(bpy.ops.sequencer.view_all)
    editor = bpy.context.scene.sequence_editor
    editor.active_strip = strips()["wide"]
    yield 3
    seen["strips"] = [[s.type, s.name, s.frame_final_start, s.frame_final_end] for s in strips()]
    press(bpy.ops.twopop.take)
    yield 3
    picture("takes")


def tick(steps=afternoon()):  # noqa: B008
    try:
        return next(steps)
    except StopIteration:
        pass
    except Exception:
        seen["failed"] = traceback.format_exc()
    (folder / "seen.json").write_text(json.dumps(seen))
    bpy.ops.wm.quit_blender()
    return None


prepare()
bpy.app.timers.register(tick, first_interval=4)
