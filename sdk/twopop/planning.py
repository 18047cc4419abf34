"""From a cut to its plan: what each hole asks for, what the store already holds, what is missing, and why."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .beats import asks_for_beats
from .continuity import with_links
from .errors import UsageError
from .plan import RETAKE, Bed, LeftAlone, Plan, Retime, Shot, ShotStatus, pictured, scene_told
from .profiles import PROFILES, Profile
from .recognise import is_our_media, recognise, take_of
from .registry import BACKENDS
from .request import GenerationRequest
from .scenes import scenes_of
from .settings import Settings, kept_settings, load_settings, with_kept_settings
from .spotting import SpottedBed, SpottedShot, Spotting, lay_out_lines, spot
from .take import Take
from .timebase import FrameRange, nominal_rate, seconds_to_frames
from .timeline import Cut, Item, Node, as_node, schema_name
from .tracks import active_reference, retimes_of
from .wire import BedMusic, Brief, Cue, Finding, Level, Scene, sha256_of

if TYPE_CHECKING:
    import opentimelineio as otio

    from .store import TakeStore

_ONE_HOUR_S = 3600
_SIZE = (1280, 720)
"""Where nothing says one."""
_UNSAFE = re.compile(r"[^\w.-]+")


def plan_shots(
    cut: Cut | otio.schema.Timeline, *, settings: Settings | None = None, store: TakeStore | Path | None = None
) -> Plan:
    """What `cut` asks for: shots, beds, what will be generated, re-used or left alone, and why.

    Args:
        cut: a cut, or an OpenTimelineIO timeline.
        settings: default: `twopop.toml` beside the cut, else defaults.
        store: the takes; default: `settings.store` beside the cut. Nothing is created.

    Raises:
        TimelineError: a timeline that cannot be trusted.
        UsageError: settings that can never work, or an unknown backend.
    """
    if not isinstance(cut, Cut):
        cut = Cut.from_otio(cut)
    settings = settings.updated() if settings else load_settings(cut.path)
    if settings.drop_frame is not None:
        cut = replace(cut, drop_frame=settings.drop_frame)
    store = open_store(cut, settings, store)
    known = recognise(cut, store)
    settings = with_kept_settings(settings, _noted_settings(known, store))
    plan = _empty_plan(cut, settings, store, profile_of(settings, cut.path.parent if cut.path else None))
    if not _stated_size(cut, settings) and (made := _made_size(known, store)):
        plan = plan.model_copy(update={"width": made[0], "height": made[1]})
    cut = known
    planner = _Planner(cut, settings, store, plan)
    return planner.planned(spot(cut, settings, made_with=planner.made_with))


def open_store(cut: Cut, settings: Settings, store: TakeStore | Path | None = None) -> TakeStore:
    """The take store of a cut: as given, else the one it names, else `settings.store` beside it."""
    from .store import TakeStore

    if isinstance(store, TakeStore):
        return store
    folder = cut.path.parent if cut.path else Path.cwd()
    named = as_node(as_node(cut.document.get("metadata")).get("twopop")).get("store")
    if store is None and settings.store == Settings().store and isinstance(named, str):
        return TakeStore(folder / named)
    return TakeStore(store or folder / settings.store)


def profile_of(settings: Settings, folder: Path | None = None) -> Profile:
    """The profile of the chosen backend: a row of `PROFILES`, else what the backend says of itself."""
    kind, _, model = settings.backend.partition(":")
    name = (model or settings.engine.model) if kind == "local" else settings.backend
    if kind in BACKENDS and name in PROFILES:  # nothing of the wire is imported to plan for a known model
        return PROFILES[name]
    from .backends.opening import open_backend

    backend = open_backend(settings.backend, settings, folder=folder)
    try:
        return backend.profile
    finally:
        backend.close()


def _empty_plan(cut: Cut, settings: Settings, store: TakeStore, profile: Profile) -> Plan:
    width, height = _stated_size(cut, settings) or _SIZE
    return Plan(
        cut=_label(cut.name.removesuffix(".conformed"), "cut"),
        cut_path=cut.path,
        cut_digest=cut.digest,
        store=store.root,
        backend=settings.backend,
        profile=profile,
        frame_rate=cut.frame_rate,
        start_frames=cut.start_frames,
        drop_frame=cut.drop_frame,
        width=width,
        height=height,
        media=settings.media,
        all_stems=settings.all_stems,
        retime=settings.retime or "keep",
        reset_audio=settings.reset_audio,
        tracks={**settings.tracks},
        kept=kept_settings(settings),
        findings=cut.findings,
    )


def _stated_size(cut: Cut, settings: Settings) -> tuple[int, int] | None:
    """Picture size: settings, else the cut's metadata; None where neither says."""
    if settings.width and settings.height:
        return settings.width, settings.height
    if settings.width or settings.height:
        raise UsageError("Give width and height together, or neither.")
    metadata = as_node(cut.document.get("metadata"))
    stack = as_node(as_node(cut.document.get("tracks")).get("metadata"))
    for node in (
        as_node(metadata.get("twopop")),
        as_node(as_node(stack.get("PremierePro_OTIO")).get("VideoResolution")),
    ):
        width, height = node.get("width"), node.get("height")
        if isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0:
            return width, height
    return None


def _made_size(cut: Cut, store: TakeStore) -> tuple[int, int] | None:
    """The size most takes in a cut have: an editor's export does not say what it was rendered at."""
    sizes = Counter((request.width, request.height) for request in _made_for(cut, store))
    return sizes.most_common(1)[0][0] if sizes else None


def _noted_settings(cut: Cut, store: TakeStore) -> Node:
    """What a conformed cut notes of its settings; where an editor dropped the note, what most of its takes say."""
    ours = as_node(as_node(cut.document.get("metadata")).get("twopop"))
    if ours:
        return as_node(ours.get("settings"))
    said: list[Node] = [request.settings for request in _made_for(cut, store)]
    return max(said, key=said.count) if said else {}


def _made_for(cut: Cut, store: TakeStore) -> list[GenerationRequest]:
    """The requests behind the pictures of a cut."""
    names = (str(item.ours["take"]) for item in cut.items if item.ours.get("role") == "shot" and "take" in item.ours)
    return [take.slate.request for name in names if (take := store.by_name(name))]


class _Planner:
    """Builds the shots and beds of one plan."""

    def __init__(self, cut: Cut, settings: Settings, store: TakeStore, plan: Plan) -> None:
        self.cut, self.settings, self.store, self.plan = cut, settings, store, plan
        self.profile = plan.profile
        self.findings: list[Finding] = list(plan.findings)
        self.names: set[str] = set()
        self.ids: Counter[str] = Counter()
        self.previous: dict[str, str] = {}
        self.scenes: dict[str, Scene] = {}
        self.told: dict[str, list[str]] = {}
        self.hits: list[int] = []
        self.music: list[SpottedBed] = []

    def planned(self, spotting: Spotting) -> Plan:
        """The whole plan."""
        self.findings += spotting.findings
        self.scenes = scenes_of(spotting)
        replaced = [spotted.item for spotted in spotting.shots if _is_replaced(spotted.item)]
        gone = {item.path for item in replaced}
        self.music = [bed for bed in spotting.beds if bed.role == "music"]
        self.hits = [hit for s in spotting.shots if s.item.path not in gone for hit in self.hits_of(s)]
        shots = [
            shot
            for index, spotted in enumerate(spotting.shots)
            if spotted.item.path not in gone and (shot := self.shot(spotted, index))
        ]
        beds = [bed for spotted in spotting.beds if (bed := self.bed(spotted))]
        others = [(c.item, c.why) for c in spotting.left_alone] + [
            (item, "its media was replaced") for item in replaced
        ]
        left = tuple(
            LeftAlone(name=item.name, timecode=self.cut.timecode(item.record.start), why=why)
            for item, why in sorted(others, key=lambda other: other[0].record)
        )
        if not shots:
            self.say("warning", "no_holes", _no_holes(len(left)))
        return self.plan.model_copy(
            update={
                "scenes": self.scenes,
                "shots": self.linked(shots),
                "beds": tuple(beds),
                "left_alone": left,
                "findings": tuple(self.findings),
            }
        )

    def linked(self, shots: list[Shot]) -> tuple[Shot, ...]:
        """The shots, each with the one it goes on from."""
        refresh = self.settings.refresh_stale
        return with_links(
            shots, self.store, self.profile, refresh_stale=refresh,
            say=lambda level, code, said, shot: self.say(level, code, said, shot.name, shot.record.start),
        )  # fmt: skip

    def say(self, level: Level, code: str, message: str, shot: str = "", frame: int | None = None) -> str:
        """Adds a finding; gives its message back."""
        timecode = "" if frame is None else self.cut.timecode(frame)
        where = f"Shot {shot} ({timecode}): " if shot else ""
        found = Finding(level=level, code=code, message=where + message, shot=shot, timecode=timecode)
        self.findings.append(found)
        return where + message

    def shot(self, spotted: SpottedShot, index: int) -> Shot | None:
        """One shot; None where the clip has no length."""
        item, ours = spotted.item, spotted.item.ours
        if item.record.frames <= 0:
            name = item.name or f"number {index + 1}"
            self.say(
                "error",
                "hole_without_length",
                "the hole has no length: give it a source_range.",
                name,
                item.record.start,
            )
            return None
        filled = ours.get("role") == "shot"
        clip_offset = int(ours.get("offset_frames", 0)) if filled else 0
        retime = retime_of(item.node)
        used = self.used(item.visible.shifted(-clip_offset), retime)
        brief, current = self.brief_of(spotted)
        brief, line_findings = lay_out_lines(brief, used, self.cut.frame_rate, self.settings.fit)
        music = None if retime else self.bed_music(item.record, item.record.start - (item.trimmed.start - clip_offset))
        key = self.plan.key_of(brief, self.profile)
        take = self.serving(key, used, current, str(ours.get("match_key", "")))
        name = self.name(_wanted_name(item), key, index)
        problem = ""
        for finding in line_findings:
            said = self.say(finding.level, finding.code, finding.message, name, item.record.start)
            problem = said if finding.level == "error" else problem
        shot = Shot(
            name=name,
            label=current.slate.shot if current else "",
            id=self.id(str(ours.get("id") or ""), key),
            path=item.path,
            record=item.record,
            first=item.trimmed.start - clip_offset,
            used=used,
            needed=used,
            head_handle_frames=0,
            tail_handle_frames=0,
            timecode_offset_frames=self.offset(spotted, take or current, filled, clip_offset),
            clip_offset_frames=clip_offset,
            brief=brief,
            match_key=key,
            status="generate",
            circled=current.name if current else "",
            filled=filled,
            scene=spotted.scene,
            music=music,
            nested=item.nested,
            retime=retime,
            context=self.context(spotted.scene, brief, key, music),
            problem=problem,
        )
        return self.with_status(self.with_handles(shot, spotted), take, current, spotted.directives.lock)

    def brief_of(self, spotted: SpottedShot) -> tuple[Brief, Take | None]:
        """What a shot asks, from its slate where a filled one says nothing any more; and the take it shows now."""
        filled = spotted.item.ours.get("role") == "shot"
        current = self.current_take(spotted.item.node) if filled else None
        brief = spotted.brief
        return (current.slate.request.brief if brief.is_empty and current else brief), current

    def hits_of(self, spotted: SpottedShot) -> list[int]:
        """The accents a shot asks of the music, cut clock."""
        item, ours = spotted.item, spotted.item.ours
        if item.record.frames <= 0:
            return []
        offset = int(ours.get("offset_frames", 0)) if ours.get("role") == "shot" else 0
        in_cut = item.record.start - (item.trimmed.start - offset)
        return [cue.at_frames + in_cut for cue in self.brief_of(spotted)[0].cues if cue.hit]

    def bed_music(self, record: FrameRange, in_cut: int) -> BedMusic | None:
        """The music bed over a shot; `in_cut` is the cut frame of its source frame 0."""
        over = (bed for bed in self.music if bed.record.start < record.end and record.start < bed.record.end)
        spotted = next(over, None)
        if spotted is None or not self.profile.beds or "music" not in self.profile.stems:
            return None
        brief = self.bed_brief(spotted)
        key = self.plan.key_of(brief, self.profile, "bed", "music")
        take = None if self.settings.beds else self.store.find(key, FrameRange(0, spotted.record.frames))
        return BedMusic(
            text=spotted.text,
            seed=spotted.seed,
            hits_frames=tuple(cue.at_frames for cue in brief.cues),
            end_frame=take.slate.request.used.end if take else spotted.record.frames,
            at_frame=spotted.record.start - in_cut,
        )

    def bed_brief(self, spotted: SpottedBed) -> Brief:
        """What a bed asks."""
        return Brief(prompt=spotted.text, seed=spotted.seed, cues=self.hits_in(spotted))

    def context(self, scene: str, brief: Brief, key: str, music: BedMusic | None) -> str:
        """Hash of what the model takes from earlier shots of the scene, which then has one more."""
        if self.profile.memory:
            before, self.previous[scene] = self.previous.get(scene, ""), key[:16]
            return before
        if not self.profile.reads_scene:
            return ""
        told = self.told.setdefault(scene, [])
        inherited = scene_told(self.scenes[scene], told).model_dump(mode="json", exclude={"music"})
        if music and asks_for_beats(brief):  # what keeps to no beat is not stale when the music moves
            inherited["music"] = music.model_dump(mode="json")
        found = sha256_of(inherited)[:16]
        told.append(pictured(brief))
        return found

    def used(self, shown: FrameRange, retime: Retime | None) -> FrameRange:
        """Source frames behind `shown` cut frames: a speed effect that stays consumes more or fewer.

        Baked, frozen and reversed shots keep their effect here, but an editor that ignores it plays them forwards:
        both must be covered.
        """
        if retime is None:
            return shown
        if self.settings.retime == "bake":
            return shown if retime.kind == "linear" else max(shown, retime.behind(shown))
        return retime.behind(shown)

    def with_handles(self, shot: Shot, spotted: SpottedShot) -> Shot:
        """Adds handles and EXTEND, as far as the model's longest take allows."""
        head = self.settings.handles_frames + spotted.directives.extend_head_frames
        tail = self.settings.handles_frames + spotted.directives.extend_tail_frames
        longest = self.profile.grid.at_most(self.profile.grid.maximum) if self.profile.grid.maximum else 0
        if longest and shot.used.frames > longest:
            problem = self.say(
                "error",
                "too_long",
                f"shows {shot.used.frames} frames, {self.profile.name} makes at most {longest} in one take. "
                f"Blade the hole or choose another backend. It was not generated.",
                shot.name,
                shot.record.start,
            )
            return shot.model_copy(update={"problem": problem})
        spare = longest - shot.used.frames if longest else head + tail
        if spare < head + tail:
            head, tail = min(head, spare // 2), min(tail, spare - spare // 2)
            self.say(
                "warning",
                "short_handles",
                f"only {head} and {tail} frames of handles fit.",
                shot.name,
                shot.record.start,
            )
        update = {"needed": shot.used.widened(head, tail), "head_handle_frames": head, "tail_handle_frames": tail}
        return shot.model_copy(update=update)

    def with_status(self, shot: Shot, take: Take | None, current: Take | None, lock: bool) -> Shot:
        """What is to be done about a shot, and why."""
        status, why, name = self.status(shot, take, current, lock)
        if status == "stale":
            self.say("info", "stale", f"{why}.", shot.name, shot.record.start)
        price = self.profile.price(shot.needed.frames, self.cut.frame_rate) if status in ("generate", "extend") else 0.0
        return shot.model_copy(update={"status": status, "why": why, "take": name, "price": price})

    def status(self, shot: Shot, take: Take | None, current: Take | None, lock: bool) -> tuple[ShotStatus, str, str]:
        if lock and (kept := take or current):
            return "locked", f"LOCK keeps {kept.name}", kept.name
        if take is not None:
            if take.slate.request.context != shot.context:
                if self.settings.refresh_stale:
                    return "generate", RETAKE, ""
                return "stale", f"{take.name} was made in another scene; --refresh-stale makes it anew", take.name
            return "reuse", f"{take.name} serves", take.name
        if current is not None and current.slate.request.retake and not current.covers(shot.used):
            said = f"{current.name} is a retake and too short for the cut now: what it changed is lost in the new take."
            again = f"Shorten the shot, or render it and retake: twopop retake CUT {shot.name}."
            self.say("warning", "retake_outgrown", f"{said} {again}", shot.name, shot.record.start)
        if old := self.store.best(shot.match_key, shot.used):
            return "extend", f"{old.name} is too short for the cut now", old.name
        if current is not None:
            return "generate", "the brief has changed", ""
        return "generate", "no take yet", ""

    def serving(self, key: str, used: FrameRange, current: Take | None, asked_before: str) -> Take | None:
        """The take that serves: the one circled in the cut while the brief is what it was, else the store's newest."""
        made = current.slate.request if current else None
        brief_key = made.retake.brief_key if made and made.retake else ""
        circled = made and key in (made.match_key, brief_key, asked_before)
        if current and circled and current.covers(used) and self.store.usable(current):
            return current
        return self.store.find(key, used)

    def made_with(self, item: Item) -> Brief | None:
        """The brief the active take of a filled shot was made with."""
        take = self.current_take(item.node)
        return take.slate.request.brief if take else None

    def current_take(self, clip: Node) -> Take | None:
        """The take circled in the cut: what the clip's active reference points to."""
        name = take_of(active_reference(clip))
        return self.store.by_name(name) if name else None

    def offset(self, spotted: SpottedShot, take: Take | None, filled: bool, clip_offset: int) -> int:
        """Source frame + offset = timecode; frozen by the first take, else from the record position."""
        if take is not None:
            return take.timecode_offset_frames
        if filled and clip_offset:
            return clip_offset
        item, one_hour = spotted.item, nominal_rate(self.cut.frame_rate) * _ONE_HOUR_S
        start = self.cut.start_frames if self.cut.has_start else one_hour
        head = self.settings.handles_frames + spotted.directives.extend_head_frames
        first = start + item.record.start - head
        return start + item.record.start - item.trimmed.start + (one_hour if first < 0 else 0)

    def name(self, wanted: str, key: str, index: int) -> str:
        """A label, unique in the plan; nameless clips keep the one their take has."""
        prefix = f"{self.plan.cut}_"
        sticky = self.store.label_of(key)
        fallback = sticky.removeprefix(prefix) if sticky else f"SH{(index + 1) * 10:03d}"
        base = _label(wanted, fallback)
        name, number = base, 2
        while name.casefold() in self.names:
            name, number = f"{base}_{number}", number + 1
        self.names.add(name.casefold())
        return name

    def id(self, given: str, key: str) -> str:
        """`given`, else one from the match key; pieces with equal briefs are told apart by order."""
        if given:
            return given
        self.ids[key] += 1
        return key[:12] if self.ids[key] == 1 else f"{key[:12]}-{self.ids[key]}"

    def hits_in(self, spotted: SpottedBed) -> tuple[Cue, ...]:
        """The accents a music bed shall meet, in its own clock."""
        if spotted.role != "music":
            return ()
        frames = [frame - spotted.record.start for frame in self.hits if spotted.record.holds(frame)]
        return tuple(Cue(role="music", text="hit", at_frames=frame, hit=True) for frame in sorted(frames))

    def bed(self, spotted: SpottedBed) -> Bed | None:
        """One bed."""
        if not self.profile.beds or spotted.role not in self.profile.stems:
            said = f"{self.profile.name} makes no {spotted.role} alone: the bed {spotted.text!r} is left out."
            self.say("warning", "no_beds", said, frame=spotted.record.start)
            return None
        brief = self.bed_brief(spotted)
        key = self.plan.key_of(brief, self.profile, "bed", spotted.role)
        used = FrameRange(0, spotted.record.frames)
        tail = seconds_to_frames(self.settings.bed_tail_s, self.cut.frame_rate)
        take = None if self.settings.beds else self.store.find(key, used)
        old = None if take or self.settings.beds else self.store.best(key, used)
        status: ShotStatus = "reuse" if take else "extend" if old else "generate"
        why, name = "no take yet", ""
        if self.settings.beds and self.store.find(key, used):
            why = RETAKE
        elif take:
            why, name = f"{take.name} serves", take.name
        elif old:
            why, name = f"{old.name} is too short", old.name
        identity = spotted.id or sha256_of([spotted.role, spotted.text])[:12]
        self.ids[identity] += 1
        if self.ids[identity] > 1:
            identity = f"{identity}-{self.ids[identity]}"
        short = "MX" if spotted.role == "music" else "BG"
        return Bed(
            name=self.name(f"{short}_bed", key, 0),
            id=identity,
            role=spotted.role,
            record=spotted.record,
            used=used,
            needed=used.widened(0, tail),
            brief=brief,
            match_key=key,
            status=status,
            why=why,
            take=name,
            timecode_offset_frames=self.cut.start_frames + spotted.record.start,
            price=0.0 if take else self.profile.price(used.frames + tail, self.cut.frame_rate),
        )


def _is_replaced(item: Item) -> bool:
    """A filled shot whose picture an editor replaced by media that is not ours."""
    media = active_reference(item.node)
    return item.ours.get("role") == "shot" and schema_name(media) == "ExternalReference" and not is_our_media(media)


def _wanted_name(item: Item) -> str:
    """The clip's name, unless an editor put the media's file name there."""
    known = str(item.ours.get("name") or "")
    return known if known and (not item.name or is_our_media({"target_url": item.name})) else item.name or known


def _label(wanted: str, fallback: str) -> str:
    """A name that is safe in file names on every system."""
    return _UNSAFE.sub("_", wanted.strip()).strip("._")[:60] or fallback


def retime_of(clip: Node) -> Retime | None:
    """The speed effect of a clip, or None at normal speed."""
    scalar = 1.0
    for effect in retimes_of(clip):
        if schema_name(effect) == "FreezeFrame":
            return Retime(kind="freeze", scalar=0.0)
        scalar *= float(effect.get("time_scalar", 1.0))
    if scalar == 0:
        return Retime(kind="freeze", scalar=0.0)
    if scalar == 1:
        return None
    return Retime(kind="reverse" if scalar < 0 else "linear", scalar=scalar)


def _no_holes(left: int) -> str:
    others = f" ({left} clips with missing or generated media have no brief)" if left else ""
    return (
        f"The cut has no holes to fill{others}. A hole is a video clip with missing media and a brief: give it a "
        f"marker such as 'PROMPT: wide of a kitchen', or pass --include-offline. Nothing was generated."
    )
