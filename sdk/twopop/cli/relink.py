"""`twopop relink`: find the media of a cut again after a move."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import _options as options
from ._output import finish, say_findings, say_json, stdout


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("relink")(relink)


def relink(
    cut: options.CutArgument,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the media is now.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Default: <cut>.relinked.otio.")
    ] = None,
    overwrite: options.Overwrite = False,
    as_json: options.AsJson = False,
) -> None:
    """Write a cut whose links point into DIR."""
    from ..relinking import relink as run
    from ..timeline import read_timeline, with_suffix, write_timeline

    target = with_suffix(out or cut.with_name(f"{cut.stem}.relinked.otio"), ".otio")
    options.refuse_existing(target, overwrite)
    done, findings = run(read_timeline(cut), folder)
    write_timeline(done, target)
    if as_json:
        say_json({"timeline": str(target), "findings": [finding.model_dump() for finding in findings]})
    else:
        say_findings(findings)
        stdout().print(f"[green]timeline[/]  {target}", soft_wrap=True)
    finish(findings)
