"""Plan: what a cut asks for, as data. Printable, editable, saved and loaded as JSON.

`planning.py` makes it from a cut; `Plan.requests` turns it into what a model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .errors import PlanError, known_names
from .profiles import Profile
from .registry import TELLERS, resolve
from .request import GenerationRequest, match_key, seed_of
from .timebase import SAMPLE_RATE, FrameRange, nearest_frame
from .timeline import Node, schema_name
from .tracks import retimes_of
from .wire import SCENE_REACH, BedMusic, Brief, Finding, Role, Scene, Understanding, Wire

if TYPE_CHECKING:
    from .store import TakeStore

RETAKE = "a new take was asked for"
"""`why` of shots and beds that are made again although a take serves: their seed moves on."""

ShotStatus = Literal["generate", "reuse", "extend", "stale", "locked", "deleted"]
"""What is to be done. "deleted" is said of beds alone: an editor took it out, so nothing is made or placed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retime(Wire):
    """The speed effect of a shot: media seconds consumed for every second of cut."""

    kind: Literal["linear", "freeze", "reverse"]
    scalar: float = 1.0

    def behind(self, shown: FrameRange) -> FrameRange:
        """Source frames behind `shown` frames of cut, from the same first frame."""
        if self.kind == "freeze":
            return FrameRange(shown.start, 1)
        return FrameRange(shown.start, max(1, nearest_frame(shown.frames * Fraction(abs(self.scalar)))))

    @classmethod
    def of(cls, clip: Node) -> Retime | None:
        """The speed effect of a clip, or None at normal speed."""
        scalar = 1.0
        for effect in retimes_of(clip):
            if schema_name(effect) == "FreezeFrame":
                return cls(kind="freeze", scalar=0.0)
            scalar *= float(effect.get("time_scalar", 1.0))
        if scalar == 1:
            return None
        if scalar == 0:
            return cls(kind="freeze", scalar=0.0)
        return cls(kind="reverse" if scalar < 0 else "linear", scalar=scalar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot(Wire):
    """One hole or filled shot. Ranges say their clock."""

    name: str
    """Label, unique in the plan."""
    label: str = ""
    """Folder of its takes in the store, where it has some already."""
    id: str
    """`metadata.twopop.id` where there is one, else derived from the match key."""
    path: tuple[int, ...]
    """Where its clip is: child indices from the root stack (`Item.path`)."""
    record: FrameRange
    """Cut clock: what the cut shows, without transitions."""
    used: FrameRange
    """Source clock: what the cut shows, transitions included."""
    needed: FrameRange
    """Source clock: `used` with both handles and EXTEND."""
    head_handle_frames: int
    tail_handle_frames: int
    timecode_offset_frames: int
    """Source frame + offset = timecode frame number, frozen at the first take."""
    context: str = ""
    """Hash of what the model takes from the scene: a change makes its take stale."""
    first: int = 0
    """Source frame at the first frame of `record`."""
    follows: str = ""
    """Name of the shot whose end is this one's beginning."""
    clip_offset_frames: int = 0
    """Source frame + this = the number in the clip's own `source_range` now (0 in a hole)."""
    brief: Brief
    match_key: str
    status: ShotStatus
    why: str = ""
    """One sentence: why this status."""
    take: str = ""
    """The stored take that serves, if any."""
    circled: str = ""
    """The take that is active in the cut now."""
    filled: bool = False
    scene: str = ""
    music: BedMusic | None = None
    """The music bed it lies under."""
    nested: bool = False
    retime: Retime | None = None
    price: float = 0.0
    retake: GenerationRequest | None = None
    """The request of a retake, whole: asked for as it is."""
    problem: str = ""
    """Why it cannot be asked for at all (then its outcome is Failed with this sentence)."""
    reading: Understanding | None = None
    """What the model makes of the words, where it was asked (`Plan.with_readings`)."""

    @property
    def asks(self) -> bool:
        """True where something must be generated."""
        return self.status in ("generate", "extend") and not self.problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed(Wire):
    """Ambience or music under several shots. Its source clock: 0 = the bed's first frame when it was made."""

    name: str
    id: str
    role: Role
    record: FrameRange
    """Cut clock."""
    used: FrameRange
    """Bed's source clock: what the cut plays."""
    needed: FrameRange
    """`used` with its tail."""
    brief: Brief
    match_key: str
    status: ShotStatus
    why: str = ""
    take: str = ""
    timecode_offset_frames: int = 0
    price: float = 0.0
    problem: str = ""
    reading: Understanding | None = None
    """What the model makes of the words, where it was asked (`Plan.with_readings`)."""

    @property
    def asks(self) -> bool:
        """True where something must be generated."""
        return self.status in ("generate", "extend") and not self.problem


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone(Wire):
    """A clip the plan does not touch, and why (offline media, a title, KEEP)."""

    name: str
    timecode: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Wire):
    """What a cut asks for, in cut order."""

    schema: Literal["twopop.plan.v1"] = "twopop.plan.v1"
    cut: str
    """Base name of the cut."""
    cut_path: Path | None = None
    cut_digest: str
    store: Path
    """Folder of the takes."""
    backend: str
    profile: Profile
    """What the keys were computed for."""
    frame_rate: Fraction
    sample_rate: int = SAMPLE_RATE
    start_frames: int = 0
    drop_frame: bool = False
    width: int
    height: int
    media: Literal["dnxhr", "prores", "h264"] = "dnxhr"
    all_stems: bool = False
    retime: Literal["keep", "bake"] = "keep"
    reset_audio: tuple[str, ...] = ()
    """Shots whose stems are placed afresh, whatever an editor did to them."""
    tracks: dict[str, str] = field(default_factory=dict[str, str])
    """Names of sound tracks by role, where they differ from DX, FX, BG, MX, MIX."""
    kept: dict[str, Any] = field(default_factory=dict[str, Any])
    """Settings that decide what is asked for (`settings.KEPT`), noted in the conformed cut."""
    scenes: dict[str, Scene] = field(default_factory=dict[str, Scene])
    """By name (`Shot.scene`): what all shots of a scene share."""
    shots: tuple[Shot, ...] = ()
    beds: tuple[Bed, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()
    findings: tuple[Finding, ...] = ()

    def shot(self, name: str) -> Shot:
        """The shot called `name` (PlanError with the nearest names where there is none)."""
        for shot in self.shots:
            if shot.name == name:
                return shot
        known = known_names(name, (shot.name for shot in self.shots), what="Its shots")
        raise PlanError(f"The plan of {self.cut} has no shot {name!r}. {known}")

    def with_brief(self, shot: str, **changes: Any) -> Plan:
        """A plan in which fields of one shot's brief are changed; the shot is then to be generated.

        Args:
            shot: its name.
            changes: fields of `Brief`, e.g. `prompt="a quieter kitchen"`.
        """
        old = self.shot(shot)
        brief = Brief.model_validate({**old.brief.model_dump(), **changes})
        key = self.key_of(brief, self.profile)
        if key == old.match_key:
            return self
        new = old.model_copy(
            update={"brief": brief, "match_key": key, "status": "generate", "take": "", "why": "changed in the plan"}
        )
        return self.model_copy(update={"shots": tuple(new if s is old else s for s in self.shots)})

    def key_of(self, brief: Brief, profile: Profile, kind: str = "shot", role: Role | None = None) -> str:
        """The match key of a brief in this cut for `profile`."""
        # A bed's hits follow the picture; they must not recompose it.
        asked = (brief if kind == "shot" else brief.model_copy(update={"cues": ()})).model_dump(mode="json")
        return match_key(
            kind=kind,
            role=role,
            brief=asked,
            model=profile.model,
            weights=profile.weights,
            recipe=profile.recipe,
            size=profile.fit_size(self.width, self.height) if kind == "shot" else (0, 0),
            frame_rate=self.frame_rate,
        )

    def requests(self, profile: Profile | None = None, store: TakeStore | None = None) -> tuple[GenerationRequest, ...]:
        """What must be generated, in cut order: one request for all shots that can share a take.

        Args:
            profile: another model than the plan's: then every shot that is not locked is asked for anew.
            store: gives labels, take numbers, and the takes that are extended.
        """
        profile = profile or self.profile
        anew = profile != self.profile
        pieces: list[Shot | Bed] = [*self.shots, *self.beds]
        asked = [p for p in pieces if not p.problem and (p.asks or (anew and p.status not in ("locked", "deleted")))]
        scenes = self._scenes_told() if profile.reads_scene else {}
        return tuple(_request(self, profile, group, store, scenes) for group in _shared(self, profile, asked))

    def with_readings(self) -> Plan:
        """The plan with what the model's reader makes of every brief; unchanged for a model that reads in secret."""
        if self.profile.name not in TELLERS:
            return self
        read, scenes = resolve("tellers", self.profile.name), self._scenes_told()
        shots = (
            shot.model_copy(update={"reading": Understanding.model_validate(read(shot.brief, scenes[shot.name]))})
            for shot in self.shots
        )
        beds = (
            bed.model_copy(update={"reading": Understanding.model_validate(read(bed.brief, role=bed.role))})
            for bed in self.beds
        )
        return self.model_copy(update={"shots": tuple(shots), "beds": tuple(beds)})

    def _scenes_told(self) -> dict[str, Scene]:
        """By name of the shot: its scene as told up to it."""
        told: dict[str, list[str]] = {}
        out: dict[str, Scene] = {}
        for shot in self.shots:
            before = told.setdefault(shot.scene, [])
            scene = scene_told(self.scenes.get(shot.scene, Scene()), before)
            out[shot.name] = scene.model_copy(update={"music": shot.music})
            before.append(pictured(shot.brief))
        return out

    def save(self, path: Path) -> None:
        """Writes the plan as JSON."""
        path.write_text(self.model_dump_json(indent=2), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Plan:
        """Reads a saved plan.

        Raises:
            PlanError: not a plan, damaged, or written by a newer version.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValueError) as exc:
            raise PlanError(
                f"{path} is not a plan this version can read ({_first_line(exc)}). "
                f"Plan the cut again: twopop plan {path.stem}.otio --json."
            ) from exc

    def __str__(self) -> str:
        rows = [f"{self.cut}: {len(self.shots)} shots, {len(self.beds)} beds, {self.profile.name}"]
        rows += [
            f"  {s.name:<16} {s.status:<9} {s.used.frames:>5} frames  {s.why or s.brief.prompt[:60]}"
            for s in self.shots
        ]
        rows += [f"  {b.name:<16} {b.status:<9} {b.used.frames:>5} frames  {b.brief.prompt[:60]}" for b in self.beds]
        rows += [f"  {f.level}: {f.message}" for f in self.findings]
        return "\n".join(rows)


def pictured(brief: Brief) -> str:
    """What a brief says about the picture."""
    return ". ".join(part for part in (brief.camera, brief.prompt) if part)


def scene_told(scene: Scene, before: list[str]) -> Scene:
    """A scene with what its earlier shots showed, as far back as a request goes."""
    return scene.model_copy(update={"before": (*before[:1], *before[1:][-SCENE_REACH:])})


def _first_line(exc: Exception) -> str:
    return str(exc).splitlines()[0]


def _shared(plan: Plan, profile: Profile, asked: list[Shot | Bed]) -> list[list[Shot | Bed]]:
    """Groups of equal key whose needed ranges touch: each group is one take."""
    by_key: dict[str, list[Shot | Bed]] = {}
    for piece in asked:
        by_key.setdefault(_key(plan, profile, piece), []).append(piece)
    groups: list[list[Shot | Bed]] = []
    for pieces in by_key.values():
        pieces.sort(key=lambda piece: piece.needed.start)
        groups.append([pieces[0]])
        end = pieces[0].needed.end
        for piece in pieces[1:]:
            if piece.needed.start <= end:
                groups[-1].append(piece)
            else:
                groups.append([piece])
            end = max(end, piece.needed.end)
    return groups


def _key(plan: Plan, profile: Profile, piece: Shot | Bed) -> str:
    if isinstance(piece, Shot) and piece.retake:
        return piece.retake.match_key
    if profile == plan.profile:
        return piece.match_key
    if isinstance(piece, Bed):
        return plan.key_of(piece.brief, profile, "bed", piece.role)
    return plan.key_of(piece.brief, profile)


def _hull(ranges: list[FrameRange]) -> FrameRange:
    whole = ranges[0]
    for part in ranges[1:]:
        whole = whole.hull(part)
    return whole


def _request(
    plan: Plan, profile: Profile, group: list[Shot | Bed], store: TakeStore | None, scenes: dict[str, Scene]
) -> GenerationRequest:
    first = group[0]
    if isinstance(first, Shot) and first.retake:
        return first.retake
    key = _key(plan, profile, first)
    needed, used = _hull([piece.needed for piece in group]), _hull([piece.used for piece in group])
    old = store.by_name(first.take) if store and first.status == "extend" and first.take else None
    if old and (joined := old.source_range.hull(needed)).frames <= old.source_range.frames + needed.frames:
        needed = joined
    bed = isinstance(first, Bed)
    label = getattr(first, "label", "") or f"{plan.cut}_{first.name}"
    label = store.label_for(key, label) if store else label
    number = store.next_number(label) if store else 1
    retake = number if first.why == RETAKE else 1
    width, height = (0, 0) if bed else profile.fit_size(plan.width, plan.height)
    length = needed.frames if bed else profile.legal_frames(needed.frames)
    return GenerationRequest(
        kind="bed" if bed else "shot",
        name=label,
        id=first.id,
        shots=tuple(piece.name for piece in group),
        role=first.role if isinstance(first, Bed) else None,
        brief=first.brief,
        match_key=key,
        model=profile.model,
        weights=profile.weights,
        recipe=profile.recipe,
        width=width,
        height=height,
        frame_rate=plan.frame_rate,
        sample_rate=plan.sample_rate,
        generated=FrameRange(needed.start, length),
        used=used,
        timecode_offset_frames=old.timecode_offset_frames if old else first.timecode_offset_frames,
        drop_frame=plan.drop_frame,
        seed=old.slate.request.seed if old else seed_of(key, first.brief, retake),
        take=number,
        settings=plan.kept,
        scene=scenes.get(first.name),
        context="" if isinstance(first, Bed) else first.context,
    )
