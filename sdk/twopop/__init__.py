"""twopop: a timeline with holes goes in, the same edit comes out with synchronized picture and sound in them.

    cut   = twopop.read_timeline("kitchen.otio")
    plan  = twopop.plan_shots(cut)
    takes = twopop.generate_takes(plan)
    done  = twopop.conform_timeline(cut, plan, takes)
    twopop.write_timeline(done, "kitchen.conformed.otio")

Names are loaded when they are first used, so that importing this costs an editor's console next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assembly import assemble as assemble
    from .conform import conform_timeline as conform_timeline
    from .errors import TwopopError as TwopopError
    from .generate import Generation as Generation
    from .generate import attach_generation as attach_generation
    from .generate import generate_takes as generate_takes
    from .generate import start_generation as start_generation
    from .plan import Plan as Plan
    from .planning import plan_shots as plan_shots
    from .qc import check as check
    from .relinking import relink as relink
    from .rendering import render as render
    from .retaking import retake as retake
    from .settings import Settings as Settings
    from .settings import load_settings as load_settings
    from .store import TakeStore as TakeStore
    from .take import Take as Take
    from .take import TakeSet as TakeSet
    from .timeline import Cut as Cut
    from .timeline import read_timeline as read_timeline
    from .timeline import write_timeline as write_timeline
    from .wire import Brief as Brief

__version__ = "0.1.0"

_HOMES = {
    "Brief": "wire",
    "Cut": "timeline",
    "Generation": "generate",
    "Plan": "plan",
    "Settings": "settings",
    "Take": "take",
    "TakeSet": "take",
    "TakeStore": "store",
    "TwopopError": "errors",
    "assemble": "assembly",
    "attach_generation": "generate",
    "check": "qc",
    "conform_timeline": "conform",
    "generate_takes": "generate",
    "load_settings": "settings",
    "plan_shots": "planning",
    "read_timeline": "timeline",
    "relink": "relinking",
    "render": "rendering",
    "retake": "retaking",
    "start_generation": "generate",
    "write_timeline": "timeline",
}

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"twopop has no {name!r}. It has: {', '.join(__all__)}.")
    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
