# pyright: basic, reportMissingImports=false, reportInvalidTypeForm=false, reportAttributeAccessIssue=false
"""The twopop panel of Blender's video sequence editor (Sidebar > twopop). What it does is in `blender_scene`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bpy

_SITE = str(Path(__file__).parent / "site")
if _SITE not in sys.path:  # last, so that Blender's own numpy stays the one
    sys.path.append(_SITE)

from twopop.errors import TwopopError  # noqa: E402
from twopop_adapters import blender_scene, blender_strips  # noqa: E402

_REFUSALS = (TwopopError, RuntimeError, OSError)


class _Refusing:
    """Operators whose errors are said in Blender's status bar, with the edit as it was."""

    def _tried(self, work):
        try:
            return work()
        except _REFUSALS as exc:
            self.report({"ERROR"}, str(exc))
            return None


def _applied(operator, scene, changes) -> bool:
    """Does the changes as one step of undo."""
    count = blender_strips.apply(scene, changes)
    bpy.ops.ed.undo_push(message="twopop")
    operator.report({"INFO"}, f"twopop: {count} strips placed or changed")
    return True


def _scene(context):
    """The scene whose strips are seen: Blender 5's sequencer has one of its own."""
    return getattr(context, "sequencer_scene", None) or context.scene


class TWOPOP_OT_render(_Refusing, bpy.types.Operator):
    """Plans the holes, generates while Blender stays usable, and places the takes in one step of undo."""

    bl_idname = "twopop.render"
    bl_label = "Render holes"
    bl_description = "Generate picture and sound for every hole; Esc stops and keeps what is finished"

    only_selected: bpy.props.BoolProperty(name="Selected only", default=False)
    session: Any
    timer: Any

    def _begin(self, context):
        scene = _scene(context)
        self.session = self._tried(
            lambda: blender_scene.Session(
                blender_strips.read(scene), bpy.data.filepath,
                backend=scene.twopop_backend, only_selected=self.only_selected,
            )
        )  # fmt: skip
        return self.session is not None

    def _finish(self, context):
        scene = _scene(context)
        scene.twopop_progress = 0.0
        done = self._tried(lambda: _applied(self, scene, self.session.changes(blender_strips.read(scene))))
        for reason in self.session.failures:
            self.report({"WARNING"}, reason)
        return {"FINISHED"} if done else {"CANCELLED"}

    def execute(self, context):
        """To the end at once: scripts and background Blender."""
        if not self._begin(context):
            return {"CANCELLED"}
        self.session.generation.result()
        self.session.step()
        return self._finish(context)

    def invoke(self, context, event):
        """In the background: Blender stays usable, a timer looks for news."""
        if not self._begin(context):
            return {"CANCELLED"}
        manager = context.window_manager
        self.timer = manager.event_timer_add(0.25, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type == "ESC":
            self.session.cancel()
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        if news := self.session.step():
            scene = _scene(context)
            scene.twopop_progress, scene.twopop_said = news
            for area in context.screen.areas:
                area.tag_redraw()
        if not self.session.done:
            return {"RUNNING_MODAL"}
        context.window_manager.event_timer_remove(self.timer)
        return self._finish(context)


_KEPT_ITEMS: list = []
"""Blender forgets the texts of a dynamic menu unless somebody keeps them."""


def _take_items(self, context):
    scene = _scene(context)
    strip = scene.sequence_editor.active_strip
    names = blender_scene.takes_for(blender_strips.read(scene), bpy.data.filepath, strip.name) if strip else []
    _KEPT_ITEMS[:] = [(name, name, "") for name in names] or [("", "no takes", "")]
    return _KEPT_ITEMS


class TWOPOP_OT_take(_Refusing, bpy.types.Operator):
    """Offers the takes of the active strip's shot, and moves its picture and stems to one of them."""

    bl_idname = "twopop.take"
    bl_label = "Switch take"
    bl_description = "Another take of the active strip's shot: picture and stems together"
    bl_property = "take"

    take: bpy.props.EnumProperty(name="Take", items=_take_items)

    def invoke(self, context, event):
        context.window_manager.invoke_search_popup(self)
        return {"RUNNING_MODAL"}

    def execute(self, context):
        scene = _scene(context)
        strip = scene.sequence_editor.active_strip
        if strip is None:
            self.report({"ERROR"}, "Select a generated strip first. Nothing was changed.")
            return {"CANCELLED"}
        said = blender_strips.read(scene)
        done = self._tried(
            lambda: _applied(self, scene, blender_scene.switched(said, bpy.data.filepath, strip.name, self.take))
        )
        return {"FINISHED"} if done else {"CANCELLED"}


class TWOPOP_OT_check(_Refusing, bpy.types.Operator):
    """Tells the plan, line by line, in the status bar and the log; generates and changes nothing."""

    bl_idname = "twopop.check"
    bl_label = "Show plan"
    bl_description = "What would be generated, and what the edit's markers and strips say that is not understood"

    def execute(self, context):
        planned = self._tried(
            lambda: blender_scene.planned(
                blender_strips.read(_scene(context)), bpy.data.filepath, _scene(context).twopop_backend
            )
        )
        if planned is None:
            return {"CANCELLED"}
        for line in str(planned[3]).splitlines():
            self.report({"INFO"}, line)
        return {"FINISHED"}


class TWOPOP_OT_import(_Refusing, bpy.types.Operator):
    """Builds strips, markers and holes of a cut in an empty scene, where an editor has handed one over."""

    bl_idname = "twopop.import_cut"
    bl_label = "Open a cut"
    bl_description = "Build an .otio cut in this scene, which has no strips yet"

    filepath: bpy.props.StringProperty(subtype="FILE_PATH")
    filter_glob: bpy.props.StringProperty(
        default="*.otio;*.otioz;*.xml;*.fcpxml;*.edl;*.kdenlive;*.mlt", options={"HIDDEN"}
    )

    def invoke(self, context, event):
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context):
        def build():
            blender_strips.build(_scene(context), blender_scene.imported(self.filepath))
            bpy.ops.ed.undo_push(message="twopop: open a cut")
            return True

        return {"FINISHED"} if self._tried(build) else {"CANCELLED"}


class TWOPOP_OT_sound(_Refusing, bpy.types.Operator):
    """Writes the scene's sound sample by sample, since Blender's own movie export shifts strips."""

    bl_idname = "twopop.sound"
    bl_label = "Render sound exactly"
    bl_description = "Mix down to a WAV beside the .blend: a movie's own sound begins strips up to half a frame late"

    def execute(self, context):
        target = str(Path(bpy.data.filepath).with_suffix(".wav"))
        with context.temp_override(scene=_scene(context)):
            done = self._tried(
                lambda: bpy.ops.sound.mixdown(filepath=target, container="WAV", codec="PCM", format="S24", accuracy=32)
            )
        if done:
            self.report({"INFO"}, target)
        return {"FINISHED"} if done else {"CANCELLED"}


class TWOPOP_PT_panel(bpy.types.Panel):
    """The buttons of all that in the sequencer's sidebar, and how far a render is."""

    bl_idname = "TWOPOP_PT_panel"
    bl_label = "twopop"
    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "twopop"

    def draw(self, context):
        layout, scene = self.layout, _scene(context)
        layout.prop(scene, "twopop_backend")
        layout.operator("twopop.render").only_selected = False
        layout.operator("twopop.render", text="Render selected").only_selected = True
        if scene.twopop_progress:
            layout.progress(factor=scene.twopop_progress, text=scene.twopop_said)
        layout.operator("twopop.take")
        layout.operator("twopop.check")
        layout.operator("twopop.import_cut")
        layout.operator("twopop.sound")


_CLASSES = (
    TWOPOP_OT_render, TWOPOP_OT_take, TWOPOP_OT_check, TWOPOP_OT_import, TWOPOP_OT_sound, TWOPOP_PT_panel,
)  # fmt: skip


def register():
    """Blender calls this when the extension is switched on."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    scene = bpy.types.Scene
    scene.twopop_backend = bpy.props.StringProperty(name="Backend", description="Empty: as twopop.toml says")
    scene.twopop_progress = bpy.props.FloatProperty(options={"SKIP_SAVE"})
    scene.twopop_said = bpy.props.StringProperty(options={"SKIP_SAVE"})


def unregister():
    """Blender calls this when the extension is switched off."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
    for name in ("twopop_backend", "twopop_progress", "twopop_said"):
        delattr(bpy.types.Scene, name)
