"""`twopop check`: one report on a conformed cut or a take store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import _options as options
from ._output import finish, say_findings, say_json, stdout


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("check")(check)


def check(
    target: Annotated[Path, typer.Argument(metavar="FILE|STORE", help="A cut, or the folder of the takes.")],
    deep: Annotated[bool, typer.Option("--deep", help="Decode every frame and hash every file.")] = False,
    store: options.Store = None,
    as_json: options.AsJson = False,
) -> None:
    """Check takes and cuts: lengths, silence, clipping, stuck picture, sync, missing media, mixed takes."""
    from ..qc import check as run

    report = run(target, deep=deep, store=store)
    if as_json:
        say_json(report)
    else:
        say_findings(report.findings)
        stdout().print(str(report).splitlines()[0], soft_wrap=True)
    finish(report.findings)
