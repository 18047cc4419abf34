"""`twopop conform`: put takes that exist into a cut; nothing is generated."""

from __future__ import annotations

from dataclasses import replace

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
    from ..conform import conform_timeline
    from ..flavours import known_flavour
    from ..rendering import carry_media, make_folder, open_render_store, output_path, plan_for, write_flavours
    from ..settings import load_settings
    from ..timeline import read_timeline, write_timeline

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
    done = conform_timeline(read, plan, takes)
    folder = (out or cut.parent).absolute()
    make_folder(folder)
    target = output_path(read, folder)
    findings = [*done.findings, *carry_media(read, folder, plan)]
    done = replace(done, roots=(folder, *read.roots))
    write_timeline(done, target)
    written, said = write_flavours(done, folder / target.stem, flavour or ())
    findings += said
    if as_json:
        say_json(
            {"timeline": str(target), "flavours": written, "findings": [finding.model_dump() for finding in findings]}
        )
    else:
        say_findings(findings)
        for what, path in (("timeline", str(target)), *written.items()):
            stdout().print(f"[green]{what:<9}[/] {path}", soft_wrap=True)
    finish(findings)
