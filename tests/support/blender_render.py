"""Runs in Blender's Python: builds our script's cut, saves and reopens it, lists its strips, renders it.

python blender_render.py SCRIPT FOLDER     -> FOLDER/cut.blend, strips.json, picture.mov, sound.wav
"""

import json
import runpy
import sys
from pathlib import Path

import bpy

script, folder = sys.argv[1], Path(sys.argv[2])
bpy.ops.wm.read_factory_settings(use_empty=True)
runpy.run_path(script, run_name="__main__")
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "cut.blend"))
bpy.ops.wm.open_mainfile(filepath=str(folder / "cut.blend"))

scene = bpy.context.scene
editor = scene.sequence_editor
strips = [
    {
        "name": strip.name, "type": strip.type, "track": editor.channels[strip.channel].name,
        "start": strip.frame_final_start - 1, "frames": strip.frame_final_duration,
        "into": strip.frame_final_start - strip.frame_start, "mute": strip.mute,
        "file": Path(strip.filepath if strip.type == "MOVIE" else strip.sound.filepath).name
        if strip.type in ("MOVIE", "SOUND") else "",
    }
    for strip in (editor.strips if hasattr(editor, "strips") else editor.sequences)
]  # fmt: skip
(folder / "strips.json").write_text(json.dumps(strips))

image, movie = scene.render.image_settings, scene.render.ffmpeg
if hasattr(image, "media_type"):  # 5.x
    image.media_type = "VIDEO"
image.file_format, movie.format, movie.codec, movie.audio_codec = "FFMPEG", "QUICKTIME", "H264", "NONE"
movie.constant_rate_factor = "HIGH"
scene.render.filepath = str(folder / "picture.mov")
bpy.ops.render.render(animation=True)
# A render's own sound starts and ends strips up to a block of its writer late; Render Audio says how long a block is.
bpy.ops.sound.mixdown(filepath=str(folder / "sound.wav"), container="WAV", codec="PCM", format="S24", accuracy=64)
