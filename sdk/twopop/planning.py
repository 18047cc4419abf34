"""From a cut to its plan: what each hole asks for, what the store already holds, what is missing, and why."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from .beats import asks_for_beats
from .beds import DELETED, BedPlanner
from .continuity import with_links
from .groundwork import empty_plan, noted_settings, open_store, profile_of
from .naming import Names, wanted_name
from .plan import Bed, LeftAlone, Plan, Retime, Shot, pictured, scene_told
from .recognise import is_our_media, recognise
from .scenes import scenes_of
from .serving import asked_of, is_outgrown_retake, made_with, serving_take, status_of
from .settings import Settings, load_settings, with_kept_settings
from .spotting import SpottedBed, SpottedShot, Spotting, lay_out_lines, spot
from .take import Take
from .timebase import FrameRange, nominal_rate
from .timeline import Cut, Item, schema_name
from .tracks import active_reference
from .wire import BedMusic, Brief, Finding, Level, sha256_of

if TYPE_CHECKING:
    import opentimelineio as otio

    from .store import TakeStore

_ONE_HOUR_S = 3600
_ONE_ACCENT_S = Fraction(1, 10)


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
    settings = with_kept_settings(settings, noted_settings(known, store))
    profile = profile_of(settings, cut.path.parent if cut.path else None)
    plan = empty_plan(cut, known, settings, store, profile)
    spotting = spot(known, settings, made_with=lambda item: made_with(item, store))
    return _Planner(known, settings, store, plan, spotting).planned()


class _Planner:
    """Builds the shots and beds of one plan."""

    def __init__(self, cut: Cut, settings: Settings, store: TakeStore, plan: Plan, spotting: Spotting) -> None:
        self.cut, self.settings, self.store, self.plan, self.spotting = cut, settings, store, plan, spotting
        self.profile = plan.profile
        self.findings: list[Finding] = [*plan.findings, *spotting.findings]
        self.names = Names(plan.cut, store)
        self.scenes = scenes_of(spotting)
        self.previous: dict[str, str] = {}
        self.told: dict[str, list[str]] = {}
        hits = [hit for spotted in spotting.shots if not _is_replaced(spotted.item) for hit in self.hits_of(spotted)]
        self.say_dense(sorted(hits))
        self.beds = BedPlanner(plan, settings, store, spotting, hits, cut)

    def planned(self) -> Plan:
        """The whole plan."""
        numbered = enumerate(self.spotting.shots)
        shots = [s for index, one in numbered if not _is_replaced(one.item) and (s := self.shot(one, index))]
        beds = [bed for spotted in self.spotting.beds if (bed := self.bed(spotted))]
        left = self.left_alone()
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

    def left_alone(self) -> tuple[LeftAlone, ...]:
        """What the plan does not touch, in cut order."""
        replaced = [(s.item, "its media was replaced") for s in self.spotting.shots if _is_replaced(s.item)]
        clips = [*((clip.item, clip.why) for clip in self.spotting.left_alone), *replaced]
        return tuple(
            LeftAlone(name=item.name, timecode=self.cut.timecode(item.record.start), why=why)
            for item, why in sorted(clips, key=lambda clip: clip[0].record)
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
        clip_offset = _clip_offset(item)
        retime = Retime.of(item.node)
        used = self.used(item.visible.shifted(-clip_offset), retime)
        brief, current = asked_of(spotted, self.store)
        brief, line_findings = lay_out_lines(brief, used, self.cut.frame_rate, self.settings.fit)
        music = None if retime else self.beds.music_over(item.record, _cut_frame_of_0(item))
        key = self.plan.key_of(brief, self.profile)
        take = serving_take(key, used, current, str(ours.get("match_key", "")), self.store)
        name = self.names.name(wanted_name(item), key, f"SH{(index + 1) * 10:03d}")
        problem = ""
        for finding in line_findings:
            said = self.say(finding.level, finding.code, finding.message, name, item.record.start)
            problem = said if finding.level == "error" else problem
        shot = Shot(
            name=name,
            label=current.slate.shot if current else "",
            id=str(ours.get("id") or "") or self.names.id(key[:12]),
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

    def hits_of(self, spotted: SpottedShot) -> list[int]:
        """The accents a shot asks of the music, cut clock."""
        if spotted.item.record.frames <= 0:
            return []
        in_cut = _cut_frame_of_0(spotted.item)
        return [cue.at_frames + in_cut for cue in asked_of(spotted, self.store)[0].cues if cue.hit]

    def say_dense(self, hits: list[int]) -> None:
        """Accents that no ear tells apart."""
        least = ceil(_ONE_ACCENT_S * self.cut.frame_rate)
        near: list[int] = []
        kept = hits[0] if hits else 0
        for hit in hits:
            if 0 < hit - kept < least:
                near.append(hit)
            else:
                kept = hit
        if near:
            said = (
                f"{len(near)} HIT{' is' if len(near) == 1 else 's are'} nearer than {least} frames to the one before "
                f"and heard as one accent with it, the first at {self.cut.timecode(near[0])}. Leave {least} frames."
            )
            self.say("warning", "dense_hits", said, frame=near[0])

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
        if take is None and current and not lock and is_outgrown_retake(current, shot.used):
            said = f"{current.name} is a retake and too short for the cut now: what it changed is lost in the new take."
            again = f"Shorten the shot, or render it and retake: twopop retake CUT {shot.name}."
            self.say("warning", "retake_outgrown", f"{said} {again}", shot.name, shot.record.start)
        refresh = self.settings.refresh_stale
        status, why, name = status_of(shot, take, current, self.store, lock=lock, refresh_stale=refresh)
        if status == "stale":
            self.say("info", "stale", f"{why}.", shot.name, shot.record.start)
        price = self.profile.price(shot.needed.frames, self.cut.frame_rate) if status in ("generate", "extend") else 0.0
        return shot.model_copy(update={"status": status, "why": why, "take": name, "price": price})

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

    def bed(self, spotted: SpottedBed) -> Bed | None:
        """One bed; None where the model makes none."""
        if self.beds.left_out(spotted):
            said = f"{self.profile.name} makes no {spotted.role} alone: the bed {spotted.text!r} is left out."
            self.say("warning", "no_beds", said, frame=spotted.record.start)
            return None
        bed = self.beds.bed(spotted, self.names)
        if bed.status == "deleted":
            level: Level = "info" if bed.why == DELETED else "warning"
            said = (
                f"Bed {bed.name} ({self.cut.timecode(bed.record.start)}, {spotted.text!r}): {bed.why}. Nothing is made "
                "or placed for it. To have it back, put its take on a track in the editor, or compose it anew: --beds."
            )
            self.say(level, "bed_deleted", said, frame=bed.record.start)
        return bed


def _clip_offset(item: Item) -> int:
    """Source frame + this = the number in the clip's own `source_range`."""
    return int(item.ours.get("offset_frames", 0)) if item.ours.get("role") == "shot" else 0


def _cut_frame_of_0(item: Item) -> int:
    """Where source frame 0 of a clip lies, cut clock."""
    return item.record.start - (item.trimmed.start - _clip_offset(item))


def _is_replaced(item: Item) -> bool:
    """A filled shot whose picture an editor replaced by media that is not ours."""
    media = active_reference(item.node)
    return item.ours.get("role") == "shot" and schema_name(media) == "ExternalReference" and not is_our_media(media)


def _no_holes(left: int) -> str:
    others = f" ({left} clips with missing or generated media have no brief)" if left else ""
    return (
        f"The cut has no holes to fill{others}. A hole is a video clip with missing media and a brief: give it a "
        f"marker such as 'PROMPT: wide of a kitchen', or pass --include-offline. Nothing was generated."
    )
