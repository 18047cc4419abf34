"""`twopop preview`: one movie of a whole cut."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import _options as options
from ._output import finish, say_findings, say_json, stdout


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("preview")(preview)


def preview(
    cut: options.CutArgument,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Movie to write.")] = None,
    burn_in: Annotated[bool, typer.Option(help="Timecode and shot name in the picture.")] = True,
    two_pop: Annotated[bool, typer.Option("--two-pop/--no-two-pop", help="Two seconds of leader with a pop.")] = True,
    as_json: options.AsJson = False,
) -> None:
    """Flatten a cut, real media included, into one H.264 movie with its mix."""
    from ..preview import write_preview
    from ..timeline import read_timeline

    target = out or cut.with_name(f"{cut.stem.partition('.conformed')[0]}.preview.mp4")
    findings = write_preview(read_timeline(cut), target, burn_in=burn_in, two_pop=two_pop)
    if as_json:
        say_json({"preview": str(target), "findings": [finding.model_dump() for finding in findings]})
    else:
        say_findings(findings)
        stdout().print(f"[green]preview[/]  {target}", soft_wrap=True)
    finish(findings)
