"""`twopop install engine`: an interpreter of its own for the engine, so that an editor's Python stays as it is."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from ..errors import BackendError, UsageError
from ._output import stdout


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("install")(install)


def install(
    what: Annotated[str, typer.Argument(metavar="engine", help="The part to install: engine.")],
    extra: Annotated[list[str] | None, typer.Option("--extra", help="Extras, e.g. sketch or ltx (repeatable).")] = None,
    source: Annotated[str, typer.Option("--from", help="A wheel or a checkout instead of this very version.")] = "",
) -> None:
    """Make the environment that `backend="local"` runs the engine in."""
    from ..backends.local import installed_python

    if what != "engine":
        raise UsageError(f"{what!r} cannot be installed. Write: twopop install engine.")
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
