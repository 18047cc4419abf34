"""`twopop doctor`: is everything here that a render needs?"""

from __future__ import annotations

import platform
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer

from . import _options as options
from ._output import finish, say_json, say_table

_PARTS = ("opentimelineio", "pydantic", "av", "numpy", "soundfile", "httpx", "pillow")
_IMPORTS = {"pillow": "PIL"}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("doctor")(doctor)


def doctor(as_json: options.AsJson = False) -> None:
    """Check this installation: parts, backends, and the folder of the journal."""
    rows = [*_parts(), *_backends(), _state()]
    if as_json:
        say_json([dict(zip(("what", "ok", "detail"), row, strict=True)) for row in rows])
    else:
        title = f"twopop {version('twopop')}, Python {platform.python_version()} at {sys.executable}"
        say_table(title, ("what", "ok", "detail"), [(what, "yes" if ok else "NO", detail) for what, ok, detail in rows])
    finish((), failed=not all(ok for what, ok, _ in rows if not what.startswith("backend")))


def _parts() -> list[tuple[str, bool, str]]:
    rows: list[tuple[str, bool, str]] = []
    for part in _PARTS:
        try:
            import_module(_IMPORTS.get(part, part))
            rows.append((part, True, version(part)))
        except (ImportError, PackageNotFoundError) as exc:
            rows.append((part, False, f"{exc}. Run: pip install twopop"))
    return rows


def _backends() -> list[tuple[str, bool, str]]:
    from ..backends.base import Checked
    from ..backends.opening import open_backend
    from ..errors import TwopopError
    from ..registry import BACKENDS
    from ..settings import Settings

    rows: list[tuple[str, bool, str]] = []
    for name, entry in BACKENDS.items():
        try:
            backend = open_backend(name, Settings())
            if isinstance(backend, Checked):
                backend.check_installed()
            rows.append((f"backend {name}", True, entry.description))
        except TwopopError as exc:
            rows.append((f"backend {name}", False, str(exc)))
    return rows


def _state() -> tuple[str, bool, str]:
    from ..ledger import state_dir

    folder = Path(state_dir())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as exc:
        return ("journal", False, f"{folder} cannot be written ({exc}). Set TWOPOP_STATE_DIR to a local folder.")
    return ("journal", True, str(folder))
