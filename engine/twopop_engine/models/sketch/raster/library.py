"""ThorVG's shared library, taken out of its wheel, and what it needs to be called."""

from __future__ import annotations

import ctypes as c
import importlib.util
import sys
import threading
from functools import lru_cache
from pathlib import Path as File

from twopop.errors import BackendError

INSTALL = "pip install 'twopop[sketch]'"
LOCK = threading.RLock()
"""The engine keeps global state: only one thread of a process may draw at a time."""


class RasterLibraryMissing(BackendError):
    """The drawing library, or something it links to, is not on this machine."""


class Stop(c.Structure):
    """A colour of a gradient, as the library lays it out."""

    _fields_ = [("offset", c.c_float), ("r", c.c_uint8), ("g", c.c_uint8), ("b", c.c_uint8), ("a", c.c_uint8)]


_P, _F, _U, _B, _I = c.c_void_p, c.c_float, c.c_uint32, c.c_uint8, c.c_int
_SIGNATURES: dict[str, tuple[object, tuple[object, ...]]] = {
    "engine_init": (_I, (_U,)),
    "swcanvas_create": (_P, (_B,)),
    "swcanvas_set_target": (_I, (_P, _P, _U, _U, _U, _B)),
    "canvas_set_viewport": (_I, (_P, c.c_int32, c.c_int32, c.c_int32, c.c_int32)),
    "canvas_add": (_I, (_P, _P)),
    "canvas_remove": (_I, (_P, _P)),
    "canvas_draw": (_I, (_P, c.c_bool)),
    "canvas_sync": (_I, (_P,)),
    "canvas_destroy": (_I, (_P,)),
    "shape_new": (_P, ()),
    "shape_append_path": (_I, (_P, _P, _U, _P, _U)),
    "shape_set_fill_color": (_I, (_P, _B, _B, _B, _B)),
    "shape_set_fill_rule": (_I, (_P, _B)),
    "shape_set_gradient": (_I, (_P, _P)),
    "shape_set_stroke_width": (_I, (_P, _F)),
    "shape_set_stroke_color": (_I, (_P, _B, _B, _B, _B)),
    "shape_set_stroke_cap": (_I, (_P, _B)),
    "shape_set_stroke_join": (_I, (_P, _B)),
    "linear_gradient_new": (_P, ()),
    "linear_gradient_set": (_I, (_P, _F, _F, _F, _F)),
    "radial_gradient_new": (_P, ()),
    "radial_gradient_set": (_I, (_P, _F, _F, _F, _F, _F, _F)),
    "gradient_set_color_stops": (_I, (_P, c.POINTER(Stop), _U)),
    "scene_new": (_P, ()),
    "scene_add": (_I, (_P, _P)),
    "scene_add_effect_gaussian_blur": (_I, (_P, c.c_double, _I, _I, _I)),
    "paint_set_clip": (_I, (_P, _P)),
    "paint_translate": (_I, (_P, _F, _F)),
    "picture_new": (_P, ()),
    "picture_set_size": (_I, (_P, _F, _F)),
    "picture_load_raw": (_I, (_P, _P, _U, _U, _B, c.c_bool)),
}
_SLOW = ("canvas_draw", "canvas_sync", "canvas_destroy")
"""What takes its time, and lets others run meanwhile."""


def _library_file() -> File:
    spec = importlib.util.find_spec("thorvg_python")
    if spec is None or spec.origin is None:
        raise RasterLibraryMissing(f"Drawing needs the package thorvg-python. Run: {INSTALL}. Nothing was drawn.")
    name = {"win32": "thorvg-1.dll", "darwin": "libthorvg-1.dylib"}.get(sys.platform, "libthorvg-1.so")
    return File(spec.origin).parent / name


@lru_cache(maxsize=1)
def library() -> c.CDLL:
    """The library, loaded once, its engine started; `RasterLibraryMissing` where that fails."""
    file = _library_file()
    try:
        # A frame takes a thousand calls of a microsecond each. They keep the interpreter's lock: letting go of it at
        # every one would hand it to the threads of sampling, sound and encoding, and wait until they give it back.
        loaded, slow = c.PyDLL(str(file)), c.CDLL(str(file))
    except OSError as error:
        need = " (on Debian and Ubuntu: apt-get install libstdc++6)" if sys.platform == "linux" else ""
        raise RasterLibraryMissing(
            f"The drawing library did not load: {error}. Install what it names{need}, "
            "or pip install --force-reinstall thorvg-python. Nothing was drawn."
        ) from error
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(slow if name in _SLOW else loaded, f"tvg_{name}")
        function.restype, function.argtypes = result, arguments
        setattr(loaded, f"tvg_{name}", function)
    loaded.tvg_engine_init(0)  # no worker threads: the encoder has the other core
    return loaded
