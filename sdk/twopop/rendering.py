"""Render: the straight line in one call, with a preview to watch and a report."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal

from pydantic import Field

from .bundles import unpack_media
from .conform import conform_timeline
from .errors import TimelineError
from .events import Event
from .flavours import known_flavour, without_speeds
from .generate import Generation, start_generation
from .joining import retake_facts
from .links import local_path
from .plan import Bed, Plan, Shot
from .planning import open_store, plan_shots
from .safe_write import write_safely
from .settings import Settings, load_settings
from .store import TakeStore
from .take import Outcome, Reused, TakeSet
from .timeline import Cut, as_node, read_timeline, write_timeline
from .tracks import active_reference
from .wire import ROLES, Finding, Wire

_CONFORMED = re.compile(r"(.*)\.conformed(?:-(\d+))?$")


class ShotReport(Wire):
    """One shot of a render: paths are absolute, times are frames and samples of the take clock."""

    name: str
    take: str = ""
    status: str
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


class BedReport(Wire):
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


class RenderReport(Wire):
    """What a render made and where. `str()` of it is a table for people."""

    schema_: Literal["twopop.report.v1"] = Field(default="twopop.report.v1", alias="schema")
    timeline: str | None = None
    preview: str | None = None
    flavours: dict[str, str] = {}
    shots: tuple[ShotReport, ...] = ()
    beds: tuple[BedReport, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """False where a shot or bed has no take, or something is wrong."""
        pieces = (*self.shots, *self.beds)
        return all(p.take for p in pieces) and not any(f.level == "error" for f in self.findings)

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
        store: folder of the takes; default: `takes` in `out`.
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
    folder = (Path(out) if out else _folder_of(cut)).absolute()
    takes_store = open_render_store(cut, settings, folder if out else None, store)
    plan = plan_for(cut, settings, takes_store, flavours)
    if on_start:
        on_start(plan)
    if dry_run:
        return report_of(plan, TakeSet(), findings=plan.findings)
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
    make_folder(folder)
    findings += carry_media(cut, folder, plan)
    done = replace(done, roots=(folder, *cut.roots))
    target = output_path(cut, folder)
    write_timeline(done, target)
    others, said = write_flavours(done, folder / target.stem, flavours)
    findings += said
    movie = folder / f"{target.stem.partition('.conformed')[0]}.preview.mp4"
    if preview:
        from .preview import write_preview

        findings += write_preview(read_timeline(target, roots=done.roots), movie)
    report = report_of(plan, takes, findings=(*plan.findings, *_new(done.findings, plan.findings), *findings))
    report = report.model_copy(
        update={"timeline": str(target), "preview": str(movie) if preview else None, "flavours": others}
    )
    write_safely(target.with_name(f"{target.stem.partition('.conformed')[0]}.report.json"), _json(report))
    return report


def plan_for(cut: Cut, settings: Settings, store: TakeStore, flavours: Sequence[str], *, making: bool = True) -> Plan:
    """The plan of a cut that is written for editors too: where one ignores speeds and nobody said, they are baked.

    Args:
        making: False where nothing will be generated: then only what the takes there are can bake is baked.
    """
    noted = as_node(as_node(as_node(cut.document.get("metadata")).get("twopop")).get("settings"))
    deaf = without_speeds(flavours)
    if not deaf or settings.retime or noted.get("retime"):
        return plan_shots(cut, settings=settings, store=store)
    plan = plan_shots(cut, settings=settings.updated(retime="bake"), store=store)
    fast = [shot.name for shot in plan.shots if shot.retime]
    if not fast or (not making and any(shot.retime and shot.status in ("generate", "extend") for shot in plan.shots)):
        return plan_shots(cut, settings=settings, store=store)
    message = (
        f"{', '.join(fast)}: made at the speed of the cut, since {' and '.join(deaf)} plays clips at normal speed. "
        "--retime keep leaves the speeds as they are."
    )
    said = Finding(level="info", code="retimes_baked", message=message, shot=fast[0])
    return plan.model_copy(update={"findings": (*plan.findings, said)})


def open_render_store(
    cut: Cut, settings: Settings, out: Path | None, store: TakeStore | Path | str | None
) -> TakeStore:
    """The takes of a render: as given; else `takes` under `-o`; else what the cut or its settings name."""
    if isinstance(store, TakeStore):
        return store
    if store is None and out is not None and settings.store == Settings().store:
        return TakeStore(out / settings.store)
    return open_store(cut, settings, Path(store) if store else None)


def write_flavours(cut: Cut, base: Path, flavours: Sequence[str]) -> tuple[dict[str, str], list[Finding]]:
    """Writes `cut` for editors beside `base`: paths by flavour, and what each file cannot say."""
    written: dict[str, str] = {}
    findings: list[Finding] = []
    for name in flavours:
        report = write_timeline(cut, base, flavour=name)
        written[name] = str(report.path)
        written |= {f"{name} {path.suffix.lstrip('.')}": str(path) for path in report.beside}
        for loss in report.losses:
            timecode = {"timecode": loss.where} if loss.where else {}
            message = f"{report.path.name}: {loss.what}"
            findings.append(Finding(level="info", code="not_in_flavour", message=message, **timecode))
    return written, findings


def output_path(cut: Cut, folder: Path) -> Path:
    """`<cut>.conformed.otio` in `folder`; a conformed cut rendered in place counts on: `.conformed-2.otio`."""
    found = _CONFORMED.match(cut.name)
    if found and cut.path and cut.path.parent.resolve() == folder.resolve():
        return folder / f"{found[1]}.conformed-{int(found[2] or 1) + 1}.otio"
    return folder / f"{found[1] if found else cut.name}.conformed.otio"


def make_folder(folder: Path) -> None:
    """Makes the folder of the results, and sees that it can be written, before anything is paid for.

    Raises:
        TimelineError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as exc:
        raise TimelineError(
            f"{folder} cannot be written: {exc.strerror}. Mend its permissions, or give another folder with -o. "
            "Nothing was generated."
        ) from exc


def carry_media(cut: Cut, folder: Path, plan: Plan) -> list[Finding]:
    """Makes relative links of media that is not ours, and of references, resolve from `folder` too.

    No clip is changed: a link `media/a.mov` gets a symbolic link of that name. References are copied, since a
    cut may open files of its own folder only. What cannot be carried is a finding.
    """
    source = _folder_of(cut)
    if source.resolve() == folder.resolve():
        return []
    unpack_media(cut)
    findings: list[Finding] = []
    links = {str(active_reference(item.node).get("target_url") or "") for item in cut.items}
    references = {reference.path for shot in plan.shots for reference in shot.brief.references}
    for url in sorted(links | references):
        path = Path(url)
        if not url or "://" in url or path.is_absolute() or (folder / path).exists():
            continue
        found = local_path(url, (source,))
        if found is None or not found.exists():
            continue
        try:
            if ".." in path.parts:
                raise OSError("it lies above the cut's folder")
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if url in references:
                shutil.copyfile(found, folder / path)
            else:
                (folder / path).symlink_to(found.resolve())
        except OSError as exc:
            message = f"{url} does not resolve from {folder} ({exc}). Run: twopop relink CUT {found.parent}."
            findings.append(Finding(level="warning", code="media_elsewhere", message=message))
    return findings


def report_of(plan: Plan, takes: TakeSet, *, findings: Sequence[Finding]) -> RenderReport:
    """The report of a plan and its outcomes."""
    shots = tuple(_shot_report(shot, takes.get(shot.name)) for shot in plan.shots)
    beds = tuple(_bed_report(bed, takes.get(bed.name)) for bed in plan.beds)
    return RenderReport(shots=shots, beds=beds, findings=tuple(findings))


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


def _folder_of(cut: Cut) -> Path:
    return cut.path.parent if cut.path else Path.cwd()


def _text(path: Path | None) -> str | None:
    return str(path.absolute()) if path else None


def _json(report: RenderReport) -> bytes:
    return (report.model_dump_json(indent=2) + "\n").encode()
