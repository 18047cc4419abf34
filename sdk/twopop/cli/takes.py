"""`twopop takes`: list the takes of a cut, circle one, prune what no cut uses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from . import _options as options
from ._output import say_json, say_table, stdout

if TYPE_CHECKING:
    from ..plan import Plan
    from ..store import TakeStore
    from ..take import Take
    from ..timeline import Cut


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("takes")(takes)


def takes(
    cut: options.CutArgument,
    action: Annotated[
        str | None, typer.Argument(metavar="[circle]", help="circle SHOT TAKE: make TAKE the active one.")
    ] = None,
    shot: Annotated[str | None, typer.Argument(metavar="[SHOT]")] = None,
    take: Annotated[
        str | None, typer.Argument(metavar="[TAKE]", help="Name or number: kitchen_SH010_t002, t002 or 2.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Cut to write after `circle`.")
    ] = None,
    store: options.Store = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Move takes that no cut of the folder uses to the store's trash.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --prune: list only.")] = False,
    overwrite: options.Overwrite = False,
    as_json: options.AsJson = False,
) -> None:
    """List the takes of a cut, of shots and beds; `circle SHOT TAKE -o FILE` switches picture and stems together."""
    from ..groundwork import open_store
    from ..planning import plan_shots
    from ..settings import load_settings
    from ..timeline import read_timeline, with_suffix

    read, settings = read_timeline(cut), load_settings(cut)
    opened = open_store(read, settings, store)
    plan = plan_shots(read, settings=settings, store=opened)
    if prune:
        _prune(cut, opened, dry_run, as_json)
    elif action is None:
        _list(read, plan, opened, as_json)
    elif action == "circle" and shot and take and out:
        out = with_suffix(out, ".otio")
        options.refuse_existing(out, overwrite)
        _circle(read, plan, opened, shot, take, out, as_json)
    else:
        raise UsageError("Write: twopop takes CUT, or twopop takes CUT circle SHOT TAKE -o FILE, or --prune.")


def _takes_of(plan: Plan, store: TakeStore, shot: str) -> list[Take]:
    planned = plan.shot(shot)
    return store.takes_of(planned.label or store.label_of(planned.match_key) or f"{plan.cut}_{shot}")


def _list(cut: Cut, plan: Plan, store: TakeStore, as_json: bool) -> None:
    placed = {str(item.ours["take"]) for item in cut.items if "bed" in item.ours and "take" in item.ours}
    shots = [
        (shot.name, take.name == (shot.circled or shot.take), take)
        for shot in plan.shots
        for take in _takes_of(plan, store, shot.name)
    ]
    beds = [
        (bed.name, take.name in placed or take.name == bed.take, take)
        for bed in plan.beds
        for take in store.takes_of(store.label_of(bed.match_key) or f"{plan.cut}_{bed.name}")
    ]
    rows = [
        {
            "shot": name,
            "take": take.name,
            "circled": circled,
            "frames": take.slate.frames,
            "backend": take.slate.backend,
            "cost": take.slate.cost,
            "made_at": take.slate.made_at,
        }
        for name, circled, take in (*shots, *beds)
    ]
    if as_json:
        say_json(rows)
        return
    columns = ("shot", "take", "circled", "frames", "backend", "cost", "made_at")
    say_table(f"takes of {plan.cut} in {store.root}", columns, [tuple(row.values()) for row in rows])


def _circle(cut: Cut, plan: Plan, store: TakeStore, shot: str, wanted: str, out: Path, as_json: bool) -> None:
    from ..conform import circle_take
    from ..timeline import write_timeline

    found = [
        t for t in _takes_of(plan, store, shot) if wanted in (t.name, f"t{t.slate.number:03d}", str(t.slate.number))
    ]
    if not found:
        known = ", ".join(t.name for t in _takes_of(plan, store, shot)) or "none"
        raise UsageError(f"Shot {shot} has no take {wanted!r}. It has: {known}. Nothing was written.")
    done = circle_take(cut, plan, shot, found[0])
    write_timeline(done, out)
    if as_json:
        say_json({"timeline": str(out), "shot": shot, "take": found[0].name})
    else:
        stdout().print(f"[green]timeline[/]  {out}  ({shot}: {found[0].name})", soft_wrap=True)


def _wanted(cuts: list[Cut], store: TakeStore) -> set[str]:
    """Takes that a render of `cuts` would use although no clip names them yet; else pruning would cost a new one."""
    from ..labels import safe_label
    from ..planning import plan_shots

    names: set[str] = set()
    for plan in (plan_shots(cut, store=store) for cut in cuts):
        for piece in (*plan.shots, *plan.beds):
            newest = store.takes_of(safe_label(f"{plan.cut}_{piece.name}"))[-1:]
            names |= {piece.take, *(take.name for take in newest)}
    return names


def _prune(cut: Path, store: TakeStore, dry_run: bool, as_json: bool) -> None:
    from ..timeline import read_timeline

    cuts = [read_timeline(path) for path in sorted(cut.parent.glob("*.otio"))]
    unused = store.prune(cuts, keep=_wanted(cuts, store))
    moved = [] if dry_run else store.trash(unused)
    if as_json:
        say_json({"unused": [take.name for take in unused], "moved": [str(path) for path in moved]})
        return
    if not unused:
        stdout().print(f"Every take is used by a cut in {cut.absolute().parent}.", soft_wrap=True)
        return
    say_table(f"no cut in {cut.absolute().parent} uses", ("take", "frames"), [(t.name, t.slate.frames) for t in unused])
    if moved:
        stdout().print(f"moved to {moved[0].parent}", soft_wrap=True)
