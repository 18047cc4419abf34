"""`twopop assemble`: a shot list becomes a cut with holes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import _options as options
from ._output import say_json, stdout


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("assemble")(assemble)


def assemble(
    shot_list: Annotated[Path, typer.Argument(metavar="LIST", help="A shot list: .csv or .json.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="CUT", help="The .otio to write.")],
    frame_rate: Annotated[str, typer.Option(metavar="RATE", help="24, 25, 24000/1001, ...")] = "24",
    start: Annotated[str, typer.Option(metavar="TIMECODE")] = "01:00:00:00",
    overwrite: options.Overwrite = False,
    as_json: options.AsJson = False,
) -> None:
    """Turn a shot list into a cut with holes, ready to render."""
    from ..assembly import assemble as run
    from ..timeline import with_suffix, write_timeline

    out = with_suffix(out, ".otio")
    options.refuse_existing(out, overwrite)
    made = run(shot_list, name=out.stem, frame_rate=frame_rate, start=start)
    write_timeline(made, out)
    if as_json:
        say_json({"timeline": str(out), "clips": len(made.items), "frames": made.duration_frames})
    else:
        stdout().print(f"[green]timeline[/]  {out}  ({len(made.items)} clips)", soft_wrap=True)
