"""Retake: a new take of a shot in which everything that is not named stays bit for bit what it was.

    twopop.retake("kitchen.conformed.otio", "SH010", parts=["effects"])            # other steps under this picture
    twopop.retake("kitchen.conformed.otio", "SH010", parts=["picture"])            # these steps, another picture
    twopop.retake("kitchen.conformed.otio", "SH020", lines={1: "We close at eleven."})
    twopop.retake("kitchen.conformed.otio", "SH020", lines={1: "We close at eleven."}, without=["pan"])
    twopop.retake("kitchen.conformed.otio", "SH020", window=("01:00:05:00", "01:00:07:00"))

The cut that comes out circles the new take: picture and stems switch together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import PlanError, TimelineError, UsageError
from .events import Event
from .generate import start_generation
from .plan import Plan, Shot
from .planning import plan_shots
from .rendering import RenderReport, followed, open_render_store, report_of, written
from .request import GenerationRequest, Mask, Retake, seed_of
from .results import make_folder
from .rewording import reworded
from .settings import Settings, load_settings
from .take import Outcome, Reused, Take, TakeSet
from .timebase import FrameRange, nearest_frame, parse_timecode
from .timeline import Cut, read_timeline
from .wire import PARTS, Brief, Part

if TYPE_CHECKING:
    from .store import TakeStore

IN_A_WINDOW: tuple[Part, ...] = ("picture", "dialogue", "effects")
"""What a window makes anew where no part is named: air and music run on under it."""


def retake(
    cut: Cut | Path | str,
    shot: str,
    *,
    parts: Sequence[Part] = (),
    window: tuple[str, str] | None = None,
    lines: Mapping[int, str] | None = None,
    without: Sequence[str] = (),
    prompt: str | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
    store: TakeStore | Path | str | None = None,
    settings: Settings | None = None,
    preview: bool = True,
    dry_run: bool = False,
    on_start: Callable[[Plan], None] | None = None,
    on_event: Callable[[Event], None] | None = None,
    **options: Any,
) -> RenderReport:
    """Makes a part of a shot's take anew, circles the new take, and writes the conformed cut.

    Args:
        cut: a cut, or the path of one; the file is never changed.
        shot: its name in the plan.
        parts: "picture", "dialogue", "effects", "ambience", "music"; none = all (in a window: `IN_A_WINDOW`).
        window: timecodes of the cut, from and to (exclusive).
        lines: number of a line of the shot (1 = its first) -> its new words.
        without: words of timed sounds that are not to happen any more; what is seen of them goes with them.
        prompt: another text for the picture; picture and effects are made anew where no part is named.
        seed: of the new take; default: the next of the shot.
        out, store, settings, preview, on_start, on_event, options: as in `render`.
        dry_run: plan only.

    Raises:
        UsageError: a mask that names nothing, a window outside the shot, no such line or sound.
        PlanError: no such shot, no take to keep a part of, or its tokens are gone.
        TwopopError: as `render`.
    """
    read = cut if isinstance(cut, Cut) else read_timeline(Path(cut))
    settings = (settings or load_settings(read.path)).updated(**options)
    folder = Path(out) if out else read.path.parent if read.path else Path.cwd()
    takes = open_render_store(read, settings, folder.absolute() if out else None, store)
    if "backend" not in options:
        settings = _with_its_backend(read, settings, takes, shot)
    plan = plan_shots(read, settings=settings, store=takes)
    planned = plan.shot(shot)
    span = _window(read, planned, *window) if window else None
    plan = plan_retake(
        plan, shot, takes, parts=parts, span=span, lines=lines, without=without, prompt=prompt, seed=seed
    )  # fmt: skip
    alone = plan.model_copy(update={"shots": (plan.shot(shot),), "beds": ()})
    if dry_run:
        return report_of(alone, TakeSet(), findings=())
    if on_start:
        on_start(alone)
    make_folder(folder.absolute())
    made = followed(start_generation(plan, store=takes, only=shot, budget=settings.budget), on_event)
    if made.take_for(shot) is None:
        return report_of(alone, made, findings=())
    request = plan.shot(shot).retake
    asked, findings = reworded(
        read, planned, request.brief if request else planned.brief, planned.brief, settings, takes
    )
    after = plan_shots(asked, settings=settings, store=takes)
    served = _served(after, takes, shot, made[shot])
    return written(asked, after, served, folder.absolute(), preview=preview, findings=findings, asked=read)


def plan_retake(
    plan: Plan,
    shot: str,
    store: TakeStore,
    *,
    parts: Sequence[Part] = (),
    span: FrameRange | None = None,
    lines: Mapping[int, str] | None = None,
    without: Sequence[str] = (),
    prompt: str | None = None,
    seed: int | None = None,
) -> Plan:
    """A plan in which `shot` is a retake of the take that serves it: `generate_takes(plan, only=shot)` makes it.

    Args:
        span: source clock; None = the whole take.

    Raises:
        UsageError, PlanError: as `retake`.
    """
    planned = plan.shot(shot)
    parent = _parent(plan, planned, store)
    brief = _without_cues(planned, _with_lines(planned, lines or {}), without)
    if prompt is not None:
        brief = _with_prompt(planned, brief, prompt)
        parts = parts or (() if span else ("picture", "effects"))
    masks = _masks(planned, parent, parts, span, follows=bool(lines or without))
    kept = parent.slate.request
    whole = {mask.part for mask in masks if mask.range == kept.generated}.issuperset(PARTS)
    number = store.next_number(parent.slate.shot)
    again = None if whole else _retake(plan, planned, parent, masks, brief, seed)
    key = again.key() if again else plan.key_of(brief, plan.profile)
    changes: dict[str, Any] = {
        "name": parent.slate.shot, "id": planned.id, "shots": (shot,), "brief": brief, "match_key": key,
        "model": plan.profile.model, "weights": plan.profile.weights, "recipe": plan.profile.recipe,
        "seed": seed_of(key, brief, number) if seed is None else seed, "take": number, "attempt": 1,
        "retake": again,
    }  # fmt: skip
    request = GenerationRequest.model_validate({**kept.model_dump(), **changes})
    price = plan.profile.price(request.frames, request.frame_rate)
    new = planned.model_copy(
        update={"retake": request, "status": "generate", "why": said_of(request, parent), "take": "", "price": price}
    )
    codec = parent.slate.facts.get("codec", plan.media)
    return plan.model_copy(update={"shots": tuple(new if s is planned else s for s in plan.shots), "media": codec})


def said_of(request: GenerationRequest, parent: Take) -> str:
    """One sentence: what of the parent is made anew."""
    again = request.retake
    if again is None:
        return f"a new take; nothing of {parent.name} is kept"
    named = [
        mask.part if mask.range == request.generated else f"{mask.part} {mask.range.frames} frames"
        for mask in again.masks
    ]
    named += ["changed words (dialogue and lips)"] if again.lines else []
    named += [f"without {cue.text}" for cue in again.cues if cue not in request.brief.cues]
    return f"retake of {parent.name}: {', '.join(named)}"


# --- what is asked ---


def _parent(plan: Plan, shot: Shot, store: TakeStore) -> Take:
    """The take that serves a shot as its brief is now."""
    if shot.problem:
        raise PlanError(shot.problem)
    if shot.status == "locked":
        raise PlanError(f"Shot {shot.name} is locked: {shot.why}. Remove its LOCK marker first. Nothing was generated.")
    take = store.by_name(shot.take) if shot.status in ("reuse", "stale") else None
    if take is None or not store.usable(take):
        raise PlanError(
            f"Shot {shot.name}: there is no take to keep a part of ({shot.why}). Render it first: twopop render "
            f"{plan.cut}.otio --only {shot.name}. Nothing was generated."
        )
    return take


def _with_lines(shot: Shot, words: Mapping[int, str]) -> Brief:
    """The brief of a shot with other words in some of its lines."""
    brief, lines = shot.brief, list(shot.brief.lines)
    for number, text in words.items():
        if not 1 <= number <= len(lines):
            known = "; ".join(f'{k} {line.speaker}: "{line.text}"' for k, line in enumerate(lines, 1)) or "none"
            raise UsageError(f"Shot {shot.name} has no line {number}. Its lines: {known}. Nothing was generated.")
        if not text.strip():
            raise UsageError(f"Shot {shot.name}: line {number} would say nothing. Give its new words.")
        if text.strip() == lines[number - 1].text:
            raise UsageError(
                f"Shot {shot.name}: line {number} says that already. To have it said in another way: --stem dialogue."
            )
        lines[number - 1] = lines[number - 1].model_copy(update={"text": text.strip()})
    return brief.model_copy(update={"lines": tuple(lines)}) if words else brief


def _without_cues(shot: Shot, brief: Brief, without: Sequence[str]) -> Brief:
    """A brief without the sounds that are named."""
    for words in without:
        said = words.strip().casefold()
        left = tuple(cue for cue in brief.cues if cue.role != "effects" or said not in cue.text.casefold())
        if not words.strip() or left == brief.cues:
            known = "; ".join(cue.text for cue in shot.brief.cues if cue.role == "effects") or "none"
            what = f"Shot {shot.name} has no timed sound {words!r} to leave out."
            raise UsageError(f"{what} Its sounds: {known}. Nothing was generated.")
        brief = brief.model_copy(update={"cues": left})
    return brief


def _with_prompt(shot: Shot, brief: Brief, prompt: str) -> Brief:
    if not prompt.strip():
        raise UsageError(f"Shot {shot.name}: an empty prompt asks for nothing. Give its new words.")
    if prompt.strip() == brief.prompt:
        raise UsageError(f"Shot {shot.name}: its prompt is that already. For another picture to it: --stem picture.")
    return brief.model_copy(update={"prompt": prompt.strip()})


def _masks(
    shot: Shot, parent: Take, parts: Sequence[Part], span: FrameRange | None, *, follows: bool
) -> tuple[Mask, ...]:
    """The masks, sorted; UsageError where they would change nothing. `follows`: others come of what was changed."""
    whole = parent.source_range
    inside = whole if span is None else span.overlap(whole)
    if unknown := [part for part in parts if part not in PARTS]:
        raise UsageError(f"There is no part {unknown[0]!r}. Parts: {', '.join(PARTS)}. Nothing was generated.")
    if inside is None:
        raise UsageError(f"Shot {shot.name}: the window holds no frame of {parent.name}. Nothing was generated.")
    named = parts or (() if follows and span is None else PARTS if span is None else IN_A_WINDOW)
    return tuple(Mask(part=part, range=inside) for part in sorted(dict.fromkeys(named)))


def _retake(plan: Plan, shot: Shot, parent: Take, masks: tuple[Mask, ...], brief: Brief, seed: int | None) -> Retake:
    profile, made = plan.profile, parent.slate.request
    if not profile.masks or made.model != profile.model:
        why = f"{made.model} made {parent.name}" if profile.masks else f"{profile.name} cannot keep a part of a take"
        raise PlanError(
            f"Shot {shot.name}: {why}. Without a part or window the whole shot is made anew. Nothing was generated."
        )
    latents, record = parent.path("latents"), parent.slate.files.get("latents")
    if latents is None or record is None or not latents.is_file():
        raise PlanError(
            f"Shot {shot.name}: the tokens of {parent.name} are gone, so no part of it can be kept. Without a part or "
            f"window the whole shot is made anew. Nothing was generated."
        )
    earlier = made.retake
    return Retake(
        parent=parent.name,
        masks=masks,
        lines=made.brief.lines if made.brief.lines != brief.lines else (),
        cues=made.brief.cues if made.brief.cues != brief.cues else (),
        latents=str(latents),
        latents_sha256=record.sha256,
        sound_seed=earlier.sound_seed if earlier else made.seed,
        brief_key=plan.key_of(brief, profile),
        seed=seed,
    )


def _window(cut: Cut, shot: Shot, start: str, end: str) -> FrameRange:
    """Timecodes of the cut as a range of the shot's source clock."""
    shown = f"{cut.timecode(shot.record.start)} to {cut.timecode(shot.record.end)}"
    try:
        first, last = (parse_timecode(text, cut.frame_rate) - cut.start_frames for text in (start, end))
    except TimelineError as exc:
        raise UsageError(f"{exc} Shot {shot.name} is at {shown}. Nothing was generated.") from exc
    if last <= first:
        raise UsageError(f"The window {start} to {end} holds nothing: --to lies after --from. Nothing was generated.")
    if not shot.record.covers(FrameRange(first, last - first)):
        raise UsageError(
            f"The window {start} to {end} is not inside shot {shot.name}, which is at {shown}. Nothing was generated."
        )
    item = next(item for item in cut.items if item.path == shot.path)
    speed = Fraction(shot.retime.scalar) if shot.retime and shot.retime.kind == "linear" else Fraction(1)
    origin = item.trimmed.start - shot.clip_offset_frames
    begin, stop = (origin + nearest_frame((frame - shot.record.start) * speed) for frame in (first, last))
    return FrameRange(begin, max(1, stop - begin))


def _with_its_backend(cut: Cut, settings: Settings, store: TakeStore, shot: str) -> Settings:
    """Settings with the backend that made the shot's newest take, where the present one has no take of it."""
    plan = plan_shots(cut, settings=settings, store=store)
    planned = plan.shot(shot)
    if planned.status in ("reuse", "stale", "locked"):
        return settings
    takes = store.takes_of(planned.label or f"{plan.cut}_{shot}")
    return settings.updated(backend=takes[-1].slate.backend) if takes else settings


# --- what becomes of the cut ---


def _served(plan: Plan, store: TakeStore, shot: str, made: Outcome) -> TakeSet:
    """The new take for its shot, and for all others what serves them already."""
    outcomes: dict[str, Outcome] = {}
    for piece in (*plan.shots, *plan.beds):
        if piece.name == shot:
            outcomes[shot] = made
        elif piece.take and not piece.asks and (take := store.by_name(piece.take)):
            outcomes[piece.name] = Reused(take)
    return TakeSet(outcomes)
