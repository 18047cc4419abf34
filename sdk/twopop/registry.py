"""Names to code: alphabetical tables of strings, imported on use. One file plus one line adds one.

Entry points (`twopop.adapters`, `twopop.backends`, `twopop.models`) are asked only where a name is not in the table.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal, NamedTuple

from .errors import UsageError, known_names

Kind = Literal["adapters", "backends", "models", "tellers"]


class Entry(NamedTuple):
    """Where a name leads: "module:Class", the extra that installs what it needs, one line of description.

    `needs` are the modules of that extra that are imported late: so that a missing one is told before any work.
    """

    target: str
    extra: str
    description: str
    needs: tuple[str, ...] = ()


ADAPTERS: dict[str, Entry] = {
    "blender": Entry("twopop_adapters.blender:BlenderFlavour", "", "a script that builds the cut in Blender"),
    "finalcut": Entry("twopop_adapters.finalcut:FinalCutFlavour", "", "Final Cut Pro: FCPXML"),
    "ges": Entry(
        "twopop_adapters.ges:GesFlavour", "", "GStreamer Editing Services and Pitivi: .xges, and OTIO beside it"
    ),
    "ges-otio": Entry("twopop_adapters.ges_otio:GesOtioFlavour", "", "OTIO that GStreamer Editing Services read"),
    "kdenlive": Entry("twopop_adapters.kdenlive:KdenliveFlavour", "", "a Kdenlive project"),
    "mlt": Entry("twopop_adapters.mlt:MltFlavour", "", "MLT XML: melt and Shotcut"),
    "premiere": Entry("twopop_adapters.premiere:PremiereFlavour", "", "Premiere Pro: its OTIO, and FCP7 XML beside it"),
    "resolve": Entry("twopop_adapters.resolve:ResolveFlavour", "", "DaVinci Resolve: its OTIO, and FCP7 XML beside it"),
    "xmeml": Entry("twopop_adapters.xmeml:XmemlFlavour", "", "FCP7 XML: Premiere, Resolve and most others"),
}

BACKENDS: dict[str, Entry] = {
    "bars": Entry("twopop.backends.bars:BarsBackend", "", "colour bars, flashes and tones; needs no weights"),
    "local": Entry(
        "twopop.backends.local:LocalBackend", "sketch", "sketch on this machine, in a process of its own; local:MODEL"
    ),
}

MODELS: dict[str, Entry] = {
    "bars": Entry("twopop_engine.models.bars:BarsModel", "", "colour bars, flashes and tones; needs no weights"),
    "sketch": Entry(
        "twopop_engine.models.sketch.model:SketchModel",
        "sketch",
        "our own joint model: animatics with scratch sound, offline",
        needs=("onnxruntime", "thorvg_python", "hibari"),
    ),
}

READERS: dict[str, str] = {
    ".fcpxml": "twopop_adapters.finalcut_reading:read_fcpxml",
    ".kdenlive": "twopop_adapters.kdenlive_reading:read_kdenlive",
    ".mlt": "twopop_adapters.mlt_reading:read_mlt",
}
"""Suffixes that we read ourselves: "module:function" of (bytes, file name, findings) -> Timeline document."""

TELLERS: dict[str, Entry] = {
    "sketch": Entry("twopop_engine.models.sketch.telling:told_facts", "sketch", "what sketch makes of the words"),
}
"""By model: (brief, scene) -> the fields of `wire.Understanding`."""

TABLES: dict[Kind, dict[str, Entry]] = {
    "adapters": ADAPTERS,
    "backends": BACKENDS,
    "models": MODELS,
    "tellers": TELLERS,
}


def resolve(kind: Kind, name: str) -> Any:
    """The class (or function) registered as `name`.

    Raises:
        UsageError: the name is unknown, or what it needs is not installed (the message has the command).
    """
    entry = TABLES[kind].get(name)
    if entry is None:
        return _from_entry_points(kind, name)
    check_installed(name, entry.extra, entry.needs)
    module, _, attribute = entry.target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ImportError as exc:
        raise missing_extra(name, entry.extra, exc) from exc


def check_installed(name: str, extra: str, modules: tuple[str, ...]) -> None:
    """Raises UsageError, with the command, for the first of `modules` that is not here. Imports none of them."""
    for module in modules:
        if find_spec(module) is None:
            raise missing_extra(name, extra, ImportError(name=module))


def reader_of(suffix: str) -> Any:
    """Our own reader of a suffix, or None."""
    target = READERS.get(suffix.casefold())
    if target is None:
        return None
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)


def missing_extra(name: str, extra: str, exc: ImportError) -> UsageError:
    """The error that says which command installs what `name` needs."""
    what = f"twopop[{extra}]" if extra else "twopop"
    return UsageError(
        f"{name} needs {exc.name or exc}, which is not installed. Run: pip install '{what}'. Nothing was generated."
    )


def _from_entry_points(kind: Kind, name: str) -> Any:
    from importlib.metadata import entry_points

    for found in entry_points(group=f"twopop.{kind}", name=name):
        return found.load()
    urls = " A server is named by its URL, as http://127.0.0.1:8190." if kind == "backends" else ""
    raise UsageError(
        f"There is no {kind[:-1]} {name!r}. {known_names(name, TABLES[kind])}{urls} Nothing was generated."
    )
