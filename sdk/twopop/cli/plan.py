"""`twopop plan`: what a cut asks for, before anything is generated."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated

import typer

from . import _options as options
from ._output import finish, say_findings, say_json, say_table, stdout

if TYPE_CHECKING:
    from ..plan import Plan, Shot


_LONGEST = 240
"""Characters of what a shot asks for that a plan prints of each text."""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("plan")(plan)


def plan(
    cut: options.CutArgument,
    against: Annotated[
        Path | None, typer.Option(metavar="OLD", help="Show what changed since this version of the cut.")
    ] = None,
    store: options.Store = None,
    backend: options.Backend = None,
    handles: options.Handles = None,
    fit: options.Fit = None,
    size: options.Size = None,
    retime: options.Retime = None,
    include_offline: options.IncludeOffline = None,
    refresh_stale: options.RefreshStale = None,
    beds: options.Beds = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the shots, lines, cues and beds of a cut: what will be generated, re-used or left alone, and why."""
    from ..planning import plan_shots
    from ..settings import load_settings
    from ..timeline import read_timeline

    given = options.settings_from(
        backend=backend,
        handles_frames=handles,
        fit=fit,
        size=size,
        retime=retime,
        include_offline=include_offline,
        refresh_stale=refresh_stale,
        beds=beds,
    )
    read = read_timeline(cut)
    made = plan_shots(read, settings=load_settings(cut, **given), store=store)
    if against is not None:
        _say_changes(
            plan_shots(read_timeline(against), settings=load_settings(against, **given), store=store), made, as_json
        )
        return
    made = made.with_readings()
    if as_json:
        say_json(made)
    else:
        _say_plan(made)
    finish(made.findings)


def _say_plan(made: Plan) -> None:
    from ..timebase import format_timecode

    def timecode(frame: int) -> str:
        return format_timecode(frame + made.start_frames, made.frame_rate, drop_frame=made.drop_frame)

    rows = [
        (
            shot.name,
            timecode(shot.record.start),
            f"{shot.used.frames}+{shot.head_handle_frames}+{shot.tail_handle_frames}",
            shot.status,
            f"{shot.price:.2f}" if shot.price else "",
            shot.problem or shot.why,
            _brief(shot),
        )
        for shot in made.shots
    ]
    title = f"{made.cut}: {len(made.shots)} shots, {made.width}x{made.height} at {made.frame_rate}, {made.profile.name}"
    say_table(title, ("shot", "timecode", "frames+handles", "status", "price", "why", "asks for"), rows)
    readings = [
        (one.name, _listed(one.reading.understood), "\n".join(one.reading.guessed), ", ".join(one.reading.ignored))
        for one in (*made.shots, *made.beds)
        if one.reading
    ]
    if readings:
        say_table("as the model reads it", ("shot or bed", "understood", "guessed", "ignored"), readings)
    if made.beds:
        beds = [
            (b.name, b.role, timecode(b.record.start), b.record.frames, b.status, _short(b.brief.prompt))
            for b in made.beds
        ]
        say_table("beds", ("bed", "role", "timecode", "frames", "status", "asks for"), beds)
    stdout().print(_cost(made), soft_wrap=True)
    if made.left_alone:
        say_table("left alone", ("clip", "timecode", "why"), [(c.name, c.timecode, c.why) for c in made.left_alone])
    say_findings(made.findings)


def _listed(understood: dict[str, str]) -> str:
    return "\n".join(f"{slot}: {words}" for slot, words in understood.items())


def _brief(shot: Shot) -> str:
    """What a shot asks for; lines and cues with their place after its first frame (+5 = the sixth)."""
    from ..wire import TRACK_NAMES

    brief, first = shot.brief, shot.used.start
    parts = [_short(brief.prompt)] if brief.prompt else []
    parts += [f"{line.at_frames - first:+d} {line.speaker}: “{_short(line.text)}”" for line in brief.lines]
    parts += [
        f"{cue.at_frames - first:+d} {TRACK_NAMES[cue.role]}: {_short(cue.text)}" for cue in brief.cues if not cue.hit
    ]
    hits = [f"{cue.at_frames - first:+d}" for cue in brief.cues if cue.hit]
    parts += [f"{_short(' '.join(hits), many='hits')} HIT"] if hits else []
    parts += [f"{role}: {_short(said)}" for role, said in (("CAM", brief.camera), ("STYLE", brief.style)) if said]
    parts += [f"REF {one.speaker or one.kind}: {one.path}" for one in brief.references]
    parts += [f"REF: {brief.follows} end"] if brief.follows else []
    return "\n".join(parts)


def _short(text: str, many: str = "words") -> str:
    """A text as a table has room for it, and how much more there is; `--json` has all of it."""
    if len(text) <= _LONGEST:
        return text
    return f"{shorten(text, _LONGEST, placeholder=' ...')} ({len(text.split())} {many})"


def _cost(made: Plan) -> str:
    """What the plan would make and what that costs, handles apart."""
    asked = [shot for shot in made.shots if shot.asks]
    frames = sum(shot.needed.frames for shot in asked)
    handles = frames - sum(shot.used.frames for shot in asked)
    price = sum(piece.price for piece in (*asked, *(bed for bed in made.beds if bed.asks)))
    share = f", {handles} of them handles ({handles / frames:.0%})" if frames else ""
    return f"to generate: {len(asked)} of {len(made.shots)} shots, {frames} frames{share}; price {price:.2f}"


def _say_changes(old: Plan, new: Plan, as_json: bool) -> None:
    from ..changes import plan_changes

    changes = plan_changes(old, new)
    if as_json:
        say_json([change.model_dump() for change in changes])
        return
    say_table(
        f"{new.cut}: {len(changes)} changes", ("shot", "what", "detail"), [(c.shot, c.what, c.detail) for c in changes]
    )
