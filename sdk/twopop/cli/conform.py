"""`twopop conform`: put takes that exist into a cut; nothing is generated."""

from __future__ import annotations

import typer

from . import _options as options
from ._output import finish, say_findings, say_json, stdout


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("conform")(conform)


def conform(
    cut: options.CutArgument,
    out: options.Out = None,
    store: options.Store = None,
    backend: options.Backend = None,
    flavour: options.Flavour = None,
    size: options.Size = None,
    retime: options.Retime = None,
    include_offline: options.IncludeOffline = None,
    reset_audio: options.ResetAudio = None,
    all_stems: options.AllStems = None,
    as_json: options.AsJson = False,
) -> None:
    """Fill the holes of a cut with takes of the store, without generating anything."""
    from ..conform import stored_takes
    from ..flavours import known_flavour
    from ..rendering import open_render_store, plan_for, written
    from ..settings import load_settings
    from ..timeline import read_timeline

    given = options.settings_from(
        backend=backend,
        size=size,
        retime=retime,
        include_offline=include_offline,
        reset_audio=reset_audio,
        all_stems=all_stems,
    )
    for name in flavour or ():
        known_flavour(name)
    read, settings = read_timeline(cut), load_settings(cut, **given)
    takes = open_render_store(read, settings, out, store)
    plan = plan_for(read, settings, takes, flavour or (), making=False)
    folder = (out or cut.parent).absolute()
    report = written(read, plan, stored_takes(plan, takes), folder, flavours=flavour or (), preview=False)
    findings = [finding for finding in report.findings if finding not in plan.findings]
    if as_json:
        said = [finding.model_dump() for finding in findings]
        say_json({"timeline": report.timeline, "flavours": report.flavours, "findings": said})
    else:
        say_findings(findings)
        for what, path in (("timeline", report.timeline), *report.flavours.items()):
            stdout().print(f"[green]{what:<9}[/] {path}", soft_wrap=True)
    finish(findings)
