"""`twopop install`: the engine in an interpreter of its own, so that an editor's Python stays as it is; panels in editors."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from ..errors import BackendError, UsageError
from ._output import stdout

EDITORS = {
    "blender": "twopop_adapters.blender_install:install",
    "resolve": "twopop_adapters.resolve_install:install",
}
"""Editor -> "module:function" that takes `--from` and gives lines of what it did."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("install")(install)


def install(
    what: Annotated[str, typer.Argument(metavar="engine|blender|resolve", help="The part to install.")],
    extra: Annotated[list[str] | None, typer.Option("--extra", help="Extras, e.g. sketch or ltx (repeatable).")] = None,
    source: Annotated[str, typer.Option("--from", help="A wheel or a checkout instead of this very version.")] = "",
) -> None:
    """Make the environment that `backend="local"` runs the engine in, or put the panel into an editor."""
    if what in EDITORS:
        module, _, name = EDITORS[what].partition(":")
        for line in getattr(import_module(module), name)(source):
            stdout().print(line, soft_wrap=True)
    elif what == "engine":
        _install_engine(extra, source)
    else:
        raise UsageError(f"{what!r} cannot be installed. Write: twopop install {'|'.join(['engine', *EDITORS])}.")


def _install_engine(extra: list[str] | None, source: str) -> None:
    from ..backends.local import installed_python

    python = installed_python()
    home = python.parent.parent
    extras = ",".join(["serve", *(extra or ["sketch"])])
    wanted = f"{Path(source).resolve()}[{extras}]" if source else f"twopop[{extras}]=={version('twopop')}"
    _run([sys.executable, "-m", "venv", str(home)])
    _run([str(python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", wanted])
    stdout().print(f"The engine runs in {home} from now on. Remove that folder to undo it.")


def _run(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        said = (ran.stderr.strip() or ran.stdout.strip()).splitlines()[-1:]
        raise BackendError(f"{' '.join(command[:4])} failed: {' '.join(said)}", code="not_installed")
