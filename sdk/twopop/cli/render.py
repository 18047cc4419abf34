"""`twopop render`: all the way, from a cut with holes to a conformed cut and a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from . import _options as options
from ._output import say_table
from ._rendering import show

if TYPE_CHECKING:
    from ..rendering import RenderReport


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("render")(render)


def render(
    cut: options.CutArgument,
    out: options.Out = None,
    store: options.Store = None,
    backend: options.Backend = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="GLOB", help="Generate only these shots (repeatable).")
    ] = None,
    flavour: options.Flavour = None,
    media: options.Media = None,
    handles: options.Handles = None,
    size: options.Size = None,
    retime: options.Retime = None,
    fit: options.Fit = None,
    budget: Annotated[float | None, typer.Option(metavar="N", min=0, help="Most that this run may cost.")] = None,
    include_offline: options.IncludeOffline = None,
    refresh_stale: options.RefreshStale = None,
    reset_audio: options.ResetAudio = None,
    beds: options.Beds = None,
    all_stems: options.AllStems = None,
    preview: options.Preview = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Plan only; generate and write nothing.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Generate what a cut is missing and write the conformed cut, its takes, a report and a preview.

    Ctrl-C finishes the step at hand and keeps every take; the next run goes on from there.
    """
    from ..rendering import render as run

    given = options.settings_from(
        backend=backend,
        media=media,
        handles_frames=handles,
        size=size,
        retime=retime,
        fit=fit,
        budget=budget,
        include_offline=include_offline,
        refresh_stale=refresh_stale,
        reset_audio=reset_audio,
        beds=beds,
        all_stems=all_stems,
    )
    show(
        lambda on_start, on_event: run(
            cut, out=out, store=store, only=only or None, flavours=tuple(flavour or ()), preview=preview,
            dry_run=dry_run, on_start=on_start, on_event=on_event, **given,
        ),
        as_json=as_json,
        stopped="Stopped. Every finished take is kept; run the same command to go on.",
        say=_say_report,
        failed=lambda report: not dry_run and not report.ok,
    )  # fmt: skip


def _say_report(report: RenderReport) -> None:
    shots = [
        (s.name, s.status, s.take, f"{s.frames or ''}", f"{s.cost:.2f}" if s.cost else "", s.reason)
        for s in report.shots
    ]
    say_table("shots", ("shot", "status", "take", "frames", "cost", "why not"), shots)
    if report.beds:
        say_table("beds", ("bed", "role", "status", "take"), [(b.name, b.role, b.status, b.take) for b in report.beds])
