"""`twopop retake`: a part of a shot made anew, all the rest bit for bit what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ..wire import PARTS, Part
from . import _options as options
from ._output import stdout
from ._rendering import show

if TYPE_CHECKING:
    from ..rendering import RenderReport, ShotReport


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("retake")(retake)


def retake(
    cut: options.CutArgument,
    shot: Annotated[str, typer.Argument(metavar="SHOT", help="Its name: `twopop plan CUT` lists them.")],
    stem: Annotated[
        list[str] | None,
        typer.Option(metavar="PART", help=f"Make only this anew: {', '.join(PARTS)} (repeatable)."),
    ] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="TC", help="From this timecode of the cut.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TC", help="Up to this one, exclusive.")] = None,
    line: Annotated[
        tuple[int, str] | None, typer.Option(metavar="N WORDS", help="Other words for line N of the shot.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="WORDS", help="A timed sound that shall not happen: a word of it (repeatable)."),
    ] = None,
    prompt: Annotated[str | None, typer.Option(metavar="TEXT", help="Another picture: the prompt's new text.")] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, max=2**31 - 1, help="Of the new take.")] = None,
    out: options.Out = None,
    store: options.Store = None,
    backend: options.Backend = None,
    preview: options.Preview = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be made; generate nothing.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Make a part of a shot anew: a new take, all that is not named copied from the old one, circled in the cut.

    twopop retake kitchen.conformed.otio SH010 --stem effects           other steps under this picture
    twopop retake kitchen.conformed.otio SH020 --line 1 "At eleven."    other words, lips included
    twopop retake kitchen.conformed.otio SH010 --without pan            the pan is not dropped, nor seen to be
    """
    from ..retaking import retake as run

    if (start is None) != (end is None):
        raise UsageError("Give both --from and --to, as timecodes of the cut. Nothing was generated.")
    given = options.settings_from(backend=backend)
    parts: list[Part] = [_part(name) for name in stem or ()]
    show(
        lambda on_start, on_event: run(
            cut, shot, parts=parts, window=(start, end) if start is not None and end is not None else None,
            lines={line[0]: line[1]} if line else None, without=without or (), prompt=prompt, seed=seed, out=out,
            store=store, preview=preview, dry_run=dry_run, on_start=on_start, on_event=on_event, **given,
        ),
        as_json=as_json,
        stopped="Stopped. The take that was kept from is as it was; run again to go on.",
        say=lambda report: _say_report(report, shot),
        failed=lambda report: not dry_run and not _made(report, shot).take,
    )  # fmt: skip


def _part(name: str) -> Part:
    short = {"DX": "dialogue", "FX": "effects", "BG": "ambience", "MX": "music"}
    part = short.get(name.upper(), name.lower())
    if part not in PARTS:
        raise UsageError(f"--stem {name} is none of {', '.join(PARTS)}. Nothing was generated.")
    return part


def _made(report: RenderReport, shot: str) -> ShotReport:
    return next(piece for piece in report.shots if piece.name == shot)


def _say_report(report: RenderReport, shot: str) -> None:
    made = _made(report, shot)
    stdout().print(f"{shot}  {made.status}  {made.take or made.reason}", soft_wrap=True)
    facts: dict[str, Any] = made.retake
    if facts:
        stdout().print(f"kept from {facts['parent']}; made anew:")
        for mask in facts["masks"]:
            first, frames = mask["range"]
            stdout().print(f"  {mask['part']:<9} source frames {first} to {first + frames}")
        for said in (*facts["grown"], *facts["edges"]):
            stdout().print(f"  {said}", soft_wrap=True)
