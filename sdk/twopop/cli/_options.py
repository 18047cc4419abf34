"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

CutArgument = Annotated[
    Path, typer.Argument(metavar="CUT", help="The timeline: .otio, .otioz, .otiod, or what OTIO adapters read.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", metavar="OUT", help="Folder of the results (default: beside the cut).")
]
Store = Annotated[Path | None, typer.Option("--store", metavar="DIR", help="Folder of the takes.")]
Backend = Annotated[
    str | None, typer.Option("--backend", metavar="NAME", help="Who generates: `twopop backends` lists them.")
]
Handles = Annotated[
    int | None, typer.Option("--handles", metavar="N", min=0, help="Frames beyond the cut at both ends.")
]
Fit = Annotated[
    str | None, typer.Option("--fit", metavar="RULE", help="Lines longer than their shot: warn, tighten or strict.")
]
Flavour = Annotated[
    list[str] | None,
    typer.Option("--for", metavar="FLAVOUR", help="Also write a timeline for this editor (repeatable): resolve, ..."),
]
IncludeOffline = Annotated[
    bool | None, typer.Option("--include-offline", help="Missing media without a brief is a hole too.")
]
RefreshStale = Annotated[
    bool | None, typer.Option("--refresh-stale", help="Make takes anew whose neighbour has changed.")
]
Beds = Annotated[bool | None, typer.Option("--beds", help="Compose the beds anew.")]
AllStems = Annotated[bool | None, typer.Option("--all-stems", help="Place silent stems too.")]
Media = Annotated[str | None, typer.Option("--media", metavar="CODEC", help="dnxhr, prores or h264.")]
Retime = Annotated[
    str | None,
    typer.Option("--retime", metavar="RULE", help="Speed effects: keep, or bake (media made at the speed of the cut)."),
]
ResetAudio = Annotated[
    list[str] | None, typer.Option("--reset-audio", metavar="SHOT", help="Place the stems of SHOT afresh (repeatable).")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file named with -o where there is one.")]
Preview = Annotated[bool, typer.Option("--preview/--no-preview", help="Also write one movie to watch.")]
Size = Annotated[str | None, typer.Option("--size", metavar="WxH", help="Picture size, e.g. 1920x1080.")]


def refuse_existing(file: Path, overwrite: bool) -> None:
    """UsageError where `file` is there and `--overwrite` was not given: it may be somebody's edit."""
    if file.exists() and not overwrite:
        from ..errors import UsageError

        raise UsageError(
            f"{file} exists and may hold an edit. Give another name with -o, or --overwrite to replace it. "
            "Nothing was written."
        )


def settings_from(**options: Any) -> dict[str, Any]:
    """Settings fields from options: what was not given (None, empty) is left out; `size` becomes width and height."""
    from ..errors import UsageError

    size = options.pop("size", None)
    given = {key: value for key, value in options.items() if value is not None and value != []}
    if size:
        width, x, height = size.lower().partition("x")
        if not (x and width.isdigit() and height.isdigit()):
            raise UsageError(f"--size {size} is not WIDTHxHEIGHT, e.g. 1920x1080.")
        given |= {"width": int(width), "height": int(height)}
    if "reset_audio" in given:
        given["reset_audio"] = tuple(given["reset_audio"])
    return given
