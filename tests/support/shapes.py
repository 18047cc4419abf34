"""Cuts for tests, as documents: every shape that real editors write, in one small timeline."""

from fractions import Fraction

from twopop.document import clip_node, gap_node, range_node, reference_node, time_node, track_node
from twopop.timebase import FrameRange

RATE = float(Fraction(24000, 1001))


def span(start, frames, rate=RATE):
    return range_node(FrameRange(start, frames), rate)


def missing(name=""):
    return {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}, "name": name, "available_range": None}


def clip(name="SH010", start=0, frames=48, reference=None, metadata=None, markers=(), effects=(), rate=RATE):
    node = clip_node(
        name, span(start, frames, rate), {"DEFAULT_MEDIA": reference or missing()}, "DEFAULT_MEDIA", metadata or {}, []
    )
    return {**node, "markers": list(markers), "effects": list(effects)}


def marker(name, at=0, frames=0, comment="", rate=RATE):
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {},
        "name": name,
        "color": "RED",
        "marked_range": span(at, frames, rate),
        "comment": comment,
    }


def effect(schema, **fields):
    return {"OTIO_SCHEMA": schema, "metadata": {}, "name": "", "effect_name": "", "enabled": True, **fields}


def transition(head=6, tail=6):
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": {},
        "name": "dissolve",
        "in_offset": time_node(head, RATE),
        "out_offset": time_node(tail, RATE),
        "transition_type": "SMPTE_Dissolve",
    }


def stack(*tracks, name="tracks", source_range=None):
    node = {**track_node(name, "", list(tracks), {}), "OTIO_SCHEMA": "Stack.1", "source_range": source_range}
    del node["kind"]
    return node


def track(*children, name="V1", kind="Video"):
    return track_node(name, kind, list(children), {})


def timeline(*tracks, name="cut", start=86400, metadata=None):
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": metadata or {},
        "name": name,
        "global_start_time": None if start is None else time_node(start, RATE),
        "tracks": stack(*tracks),
    }


def everything():
    """One small timeline with every shape the guard and the walk know."""
    generator = {
        "OTIO_SCHEMA": "GeneratorReference.1",
        "metadata": {},
        "name": "Solid Color",
        "available_range": span(0, 100),
        "generator_kind": "SolidColor",
        "parameters": {"color": [0, 0.5, 1]},
    }
    frames = {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "metadata": {},
        "name": "",
        "available_range": span(0, 100, 24),
        "target_url_base": "plates/",
        "name_prefix": "p.",
        "name_suffix": ".exr",
        "start_frame": 1001,
        "frame_step": 1,
        "rate": 24.0,
        "frame_zero_padding": 4,
        "missing_frame_policy": "error",
    }
    movie = reference_node("a.mov", "media/a.mov", span(0, 200), {"Resolve_OTIO": {"Link": [1, {"deep": None}]}})
    bounds = {
        "OTIO_SCHEMA": "Box2d.1",
        "min": {"OTIO_SCHEMA": "V2d.1", "x": 0.0, "y": 0.0},
        "max": {"OTIO_SCHEMA": "V2d.1", "x": 16.0, "y": 9.0},
    }
    said = [marker("PROMPT: a kitchen, steam", 10), marker("DX MARA (tired): We close.", 20, 12, "FX: pan")]
    nest = stack(track(clip("IN010", 5, 30, markers=[marker("PROMPT: hands", 5)])), name="nest")
    nest["source_range"] = span(5, 20)
    video = track(
        clip("SH010", 10, 48, markers=said),
        transition(),
        clip("SH020", 0, 36, generator, {"twopop": {"id": "s2", "brief": {"prompt": "a door"}}}),
        gap_node(12, RATE),
        clip("REAL", 20, 40, {**movie, "available_image_bounds": bounds}),
        nest,
        clip("PLATE", 0, 24, frames, effects=[effect("LinearTimeWarp.1", time_scalar=2.0)]),
        clip("HELD", 0, 24, effects=[effect("FreezeFrame.1", time_scalar=0.0), effect("Effect.1")]),
    )
    titles = track(gap_node(30, RATE), clip("Title", 0, 24, generator), name="V2")
    sound = track(clip("REAL", 20, 40, reference_node("a", "media/a.wav", span(0, 10**7, 48000), {})), kind="Audio")
    return timeline(video, titles, sound, metadata={"Resolve_OTIO": {"Meta": "1.0"}})
