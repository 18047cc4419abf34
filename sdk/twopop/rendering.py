"""Render: the straight line in one call, with a preview to watch and a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field

from .conform import conform_timeline
from .errors import TimelineError
from .events import Event
from .flavours import baking, known_flavour
from .generate import Generation, start_generation
from .groundwork import open_store
from .joining import retake_facts
from .message import Message
from .plan import Bed, Plan, Shot, ShotStatus
from .planning import plan_shots
from .results import check_folder, folder_of, make_folder, write_results
from .safe_write import write_safely
from .settings import Settings, load_settings
from .store import TakeStore
from .storing import said_by_model
from .take import Outcome, Ready, Reused, TakeSet
from .timeline import Cut, as_node, read_timeline
from .wire import ROLES, Finding


class ShotReport(Message):
    """One shot of a render: paths are absolute, times are frames and samples of the take clock."""

    name: str
    take: str = ""
    status: str
    """Of its outcome (ready, reused, failed, ...); where it was not asked for (`only`), of the plan (generate, ...)."""
    reason: str = ""
    cached: bool = False
    picture: str | None = None
    stems: dict[str, str | None] = {}
    mix: str | None = None
    """The file that holds the mix: the movie itself, or a WAV."""
    frames: int = 0
    frame_rate: str = ""
    samples: int = 0
    sample_rate: int = 0
    head_handle: int = 0
    tail_handle: int = 0
    cost: float = 0.0
    retake: dict[str, Any] = {}
    """Of a retake: its parent, its masks (source clock), what happened at their edges."""


class BedReport(Message):
    """One bed of a render."""

    name: str
    role: str
    take: str = ""
    status: str
    reason: str = ""
    cached: bool = False
    path: str | None = None
    samples: int = 0
    cost: float = 0.0


class RenderReport(Message):
    """What a render made and where. `str()` of it is a table for people."""

    schema_: Literal["twopop.report.v1"] = Field(default="twopop.report.v1", alias="schema")
    timeline: str | None = None
    preview: str | None = None
    flavours: dict[str, str] = {}
    written: dict[str, str] = {}
    """sha256 of every cut that twopop wrote in the folder, by file name: another one is an editor's, and kept."""
    shots: tuple[ShotReport, ...] = ()
    beds: tuple[BedReport, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """False where a shot or bed that was asked for has no take, or something is wrong."""
        asked = [piece for piece in (*self.shots, *self.beds) if piece.status not in get_args(ShotStatus)]
        return all(piece.take for piece in asked) and not any(f.level == "error" for f in self.findings)

    def __str__(self) -> str:
        rows = [
            f"  {s.name:<16} {s.status:<10} {s.take:<28} {s.frames:>5} frames  {s.reason}".rstrip() for s in self.shots
        ]
        rows += [f"  {b.name:<16} {b.status:<10} {b.take:<28} {b.samples:>9} samples  {b.reason}" for b in self.beds]
        rows += [f"  {f.level}: {f.message}" for f in self.findings if f.level != "info"]
        where = [f"timeline  {self.timeline}"] * bool(self.timeline) + [f"preview   {self.preview}"] * bool(
            self.preview
        )
        return "\n".join([*where, *rows])


def render(
    cut: Cut | Path | str,
    *,
    out: Path | str | None = None,
    store: TakeStore | Path | str | None = None,
    settings: Settings | None = None,
    only: str | Sequence[str] | None = None,
    flavours: Sequence[str] = (),
    preview: bool = True,
    dry_run: bool = False,
    on_start: Callable[[Plan], None] | None = None,
    on_event: Callable[[Event], None] | None = None,
    **options: Any,
) -> RenderReport:
    """Reads, plans, generates what is missing, conforms, writes, and makes a preview.

    Args:
        cut: a cut, or the path of one; the file is never changed.
        out: folder of the results; default: beside the cut.
        store: folder of the takes; default: the store that the cut plays takes of, else `takes` in `out`.
        settings: default: `twopop.toml` beside the cut.
        only: names or globs of the shots to generate.
        flavours: editors to write further timelines for.
        options: fields of `Settings`, e.g. `backend="bars"`, `handles_frames=24`.

    Raises:
        TwopopError: what stops the whole render; one shot's failure is in the report instead.
        KeyboardInterrupt: stopped by the user; every finished take is kept and the next run goes on.
    """
    for name in flavours:
        known_flavour(name)
    cut = cut if isinstance(cut, Cut) else read_timeline(Path(cut))
    settings = (settings or load_settings(cut.path)).updated(**options)
    folder = (Path(out) if out else folder_of(cut)).absolute()
    takes_store = open_render_store(cut, settings, folder if out else None, store)
    plan = plan_for(cut, settings, takes_store, flavours)
    if dry_run:
        return report_of(plan, TakeSet(), findings=plan.findings)
    if on_start:
        on_start(plan)
    make_folder(folder)
    takes = followed(start_generation(plan, store=takes_store, only=only, budget=settings.budget), on_event)
    return written(cut, plan, takes, folder, flavours=flavours, preview=preview)


def written(
    cut: Cut,
    plan: Plan,
    takes: TakeSet,
    folder: Path,
    *,
    flavours: Sequence[str] = (),
    preview: bool = True,
    findings: Sequence[Finding] = (),
    asked: Cut | None = None,
) -> RenderReport:
    """Conforms, writes the cut, its flavours, the preview and the report into `folder`.

    Args:
        findings: further ones for the report.
        asked: the cut as it was read, where `cut` says more.
    """
    findings = [*findings, *_changed_meanwhile(asked or cut)]
    done = conform_timeline(cut, plan, takes)
    made = write_results(cut, done, plan, folder, flavours)
    findings += made.findings
    said = (*plan.findings, *_new(done.findings, plan.findings), *findings, *_said_by_models(takes))
    report = report_of(plan, takes, findings=said)
    update = {"timeline": str(made.timeline), "flavours": made.flavours, "written": made.written}
    report = report.model_copy(update=update)
    # Before the preview, which takes its time: a cut that no report knows is taken for an editor's, and kept.
    write_safely(folder / f"{made.base}.report.json", _json(report))
    if preview:
        from .preview import write_preview

        movie = folder / f"{made.base}.preview.mp4"
        unseen = write_preview(read_timeline(made.timeline, roots=(folder, *cut.roots)), movie)
        report = report.model_copy(update={"preview": str(movie), "findings": (*report.findings, *unseen)})
        write_safely(folder / f"{made.base}.report.json", _json(report))
    return report


def plan_for(cut: Cut, settings: Settings, store: TakeStore, flavours: Sequence[str], *, making: bool = True) -> Plan:
    """The plan of a cut that is written for editors too: where one shows speeds badly and nobody said, they are baked.

    Args:
        making: False where nothing will be generated: then only what the takes there are can bake is baked.
    """
    noted = as_node(as_node(as_node(cut.document.get("metadata")).get("twopop")).get("settings"))
    asked = baking(flavours)
    if not asked or settings.retime or noted.get("retime"):
        return plan_shots(cut, settings=settings, store=store)
    plan = plan_shots(cut, settings=settings.updated(retime="bake"), store=store)
    fast = [shot.name for shot in plan.shots if shot.retime]
    if not fast or (not making and any(shot.retime and shot.status in ("generate", "extend") for shot in plan.shots)):
        return plan_shots(cut, settings=settings, store=store)
    message = (
        f"{', '.join(fast)}: made at the speed of the cut, which {' and '.join(asked)} ignores or shows roughly. "
        "--retime keep leaves the speeds as they are."
    )
    said = Finding(level="info", code="retimes_baked", message=message, shot=fast[0])
    return plan.model_copy(update={"findings": (*plan.findings, said)})


def open_render_store(
    cut: Cut, settings: Settings, out: Path | None, store: TakeStore | Path | str | None
) -> TakeStore:
    """The takes of a render: as given; else those that the cut plays; else `takes` under `-o`, or what the cut names.

    Raises:
        UsageError: `out` is a file, or named like one.
    """
    if out is not None:
        check_folder(out)
    if isinstance(store, TakeStore):
        return store
    if store is None and out is not None and settings.store == Settings().store:
        from .whose_takes import found_store

        return found_store(cut, out / settings.store)
    return open_store(cut, settings, Path(store) if store else None)


def report_of(plan: Plan, takes: TakeSet, *, findings: Sequence[Finding]) -> RenderReport:
    """The report of a plan and its outcomes."""
    shots = tuple(_shot_report(shot, takes.get(shot.name)) for shot in plan.shots)
    beds = tuple(_bed_report(bed, takes.get(bed.name)) for bed in plan.beds)
    return RenderReport(shots=shots, beds=beds, findings=tuple(findings))


def _said_by_models(takes: TakeSet) -> Iterator[Finding]:
    """What models had to say of the takes that were made now."""
    made = {take.name: take for outcome in takes.values() if isinstance(outcome, Ready) and (take := outcome.take)}
    for take in made.values():
        yield from said_by_model(take.slate)


def _shot_report(shot: Shot, outcome: Outcome | None) -> ShotReport:
    take = getattr(outcome, "take", None)
    status = outcome.status if outcome else shot.status
    if take is None:
        return ShotReport(name=shot.name, status=status, reason=shot.problem or getattr(outcome, "reason", shot.why))
    slate, made = take.slate, take.source_range
    mix = take.path("mix") or take.path("picture")
    return ShotReport(
        name=shot.name,
        take=take.name,
        status=status,
        cached=isinstance(outcome, Reused),
        picture=_text(take.path("picture")),
        stems={role: _text(take.path(role)) for role in ROLES},
        mix=_text(mix),
        frames=slate.frames,
        frame_rate=str(take.frame_rate),
        samples=slate.samples,
        sample_rate=slate.request.sample_rate,
        head_handle=shot.used.start - made.start,
        tail_handle=made.end - shot.used.end,
        cost=0.0 if isinstance(outcome, Reused) else slate.cost,
        retake=retake_facts(take),
    )


def _bed_report(bed: Bed, outcome: Outcome | None) -> BedReport:
    take = getattr(outcome, "take", None)
    status = outcome.status if outcome else bed.status
    if take is None:
        reason = bed.problem or getattr(outcome, "reason", bed.why)
        return BedReport(name=bed.name, role=bed.role, status=status, reason=reason)
    return BedReport(
        name=bed.name,
        role=bed.role,
        take=take.name,
        status=status,
        cached=isinstance(outcome, Reused),
        path=_text(take.path(bed.role)),
        samples=take.slate.samples,
        cost=0.0 if isinstance(outcome, Reused) else take.slate.cost,
    )


def followed(generation: Generation, on_event: Callable[[Event], None] | None) -> TakeSet:
    """The outcomes of a generation, its events told on the way; Ctrl-C stops it and is passed on."""
    try:
        for event in generation:
            if on_event:
                on_event(event)
    except KeyboardInterrupt:
        generation.cancel()
        generation.result()
        raise
    return generation.result()


def _changed_meanwhile(cut: Cut) -> list[Finding]:
    """The cut file as it is now against what was rendered."""
    if cut.path is None:
        return []
    try:
        same = read_timeline(cut.path).digest == cut.digest
    except (TimelineError, OSError):
        same = False
    if same:
        return []
    message = f"{cut.path.name} changed while it was rendered; the result is of the cut as it was. Render again."
    return [Finding(level="warning", code="cut_changed", message=message)]


def _new(findings: Sequence[Finding], known: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding not in known]


def _text(path: Path | None) -> str | None:
    return str(path.absolute()) if path else None


def _json(report: RenderReport) -> bytes:
    return (report.model_dump_json(indent=2) + "\n").encode()
