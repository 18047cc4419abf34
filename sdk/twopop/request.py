"""One shot (or bed) resolved against one profile, and its two keys.

The *match key* names what is asked: equal keys can share a take. The *submission key* names one attempt at
one length: what an idempotent service sees. Place in the cut, cut range, handles, neighbours, codec and URL are in
neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from .timebase import SAMPLE_RATE, FrameRange, frame_to_sample
from .wire import Brief, Cue, Line, Part, Role, Scene, Wire, sha256_of

KEY_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask(Wire):
    """One part of a take, over a stretch of time (source clock), that is made anew."""

    part: Part
    range: FrameRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Retake(Wire):
    """What is kept of a take, and what is made anew. All that no mask names is copied, never made again."""

    parent: str
    """Name of the take that is kept where no mask is; it lies in the same store."""
    masks: tuple[Mask, ...] = ()
    """Sorted; no two of one part touch. Where lines were changed, the model adds what they need (`TakeFiles.facts`)."""
    lines: tuple[Line, ...] = ()
    """Lines the parent was made with, where the brief has others: what differs is said anew, lips included."""
    cues: tuple[Cue, ...] = ()
    """Cues the parent was made with, where the brief has fewer: what is heard and seen of those that went goes too."""
    latents: str = ""
    """File with the parent's tokens; travels like a reference."""
    latents_sha256: str = ""
    sound_seed: int = 0
    """Seed of the first take of the chain: decoders keep its noise, so that what is frozen rings on unchanged."""
    brief_key: str = ""
    """Match key of the brief alone."""
    seed: int | None = None
    """As asked with `--seed`."""

    @property
    def tokens(self) -> tuple[str, str]:
        """Path and sha256 of the file it needs."""
        return self.latents, self.latents_sha256

    def with_tokens(self, path: str) -> Retake:
        """The same with that file at another place."""
        return self.model_copy(update={"latents": path})

    def key(self) -> str:
        """The match key of the retake: its brief's, its masks', its parent's."""
        asked = self.model_dump(mode="json", exclude={"latents", "sound_seed"})
        return sha256_of([KEY_VERSION, "retake", asked])


@dataclass(frozen=True, slots=True, kw_only=True)
class Before(Wire):
    """The end of the shot that a shot goes on from: which take of it, and when the one becomes the other.

    In no key. A shot whose predecessor has another end now is stale.
    """

    shot: str
    """Its name in the plan."""
    match_key: str
    seed: int
    generated: FrameRange
    """With key and seed: which take."""
    end_frame: int
    """The cut, in its source clock: the first frame that it does not show any more."""
    at_frame: int
    """The same moment in the source clock of the shot that goes on."""
    latents: str = ""
    """File with its tokens; travels like a reference."""
    latents_sha256: str = ""
    request: GenerationRequest | None = None
    """Where it has no take yet: what it will be made from. The model then samples its tokens, and no more of it."""

    @property
    def tokens(self) -> tuple[str, str]:
        """The one file it needs, its own or that of the shot before those without a take: path and sha256, or ""."""
        deeper = self.request.before if self.request else None
        return deeper.tokens if deeper else (self.latents, self.latents_sha256)

    def with_tokens(self, path: str) -> Before:
        """The same with that file at another place."""
        if self.request is None:
            return self.model_copy(update={"latents": path if self.latents_sha256 else ""})
        if self.request.before is None:
            return self.model_copy(update={"latents": ""})
        inner = self.request.model_copy(update={"before": self.request.before.with_tokens(path)})
        return self.model_copy(update={"latents": "", "request": inner})

    def is_of(self, made: GenerationRequest) -> bool:
        """Whether `made` is the request of that take."""
        return (self.match_key, self.seed, self.generated) == (made.match_key, made.seed, made.generated)


@dataclass(frozen=True, kw_only=True)
class GenerationRequest(Wire):
    """What a model is asked to make. Ranges are frames at `frame_rate` in the source clock (a bed's: 0 = its start)."""

    schema: Literal["twopop.request.v1"] = "twopop.request.v1"
    kind: Literal["shot", "bed"] = "shot"
    name: str
    """Label of the shot or bed: file names, burn-ins."""
    id: str = ""
    """Identity of the shot or bed in the cut; in no key. Lets a clip be known again by its media."""
    shots: tuple[str, ...]
    """Names of the shots of the plan that this serves (for a bed, its own name)."""
    role: Role | None = None
    """The one role of a bed; None for a shot."""
    brief: Brief
    match_key: str
    model: str
    weights: str
    recipe: str
    width: int
    height: int
    frame_rate: Fraction
    sample_rate: int = SAMPLE_RATE
    generated: FrameRange
    """A legal length for the model: handles and grid included. Take frame 0 is source frame `generated.start`."""
    used: FrameRange
    """What the cut shows of it, transitions included."""
    timecode_offset_frames: int
    """Source frame + offset = timecode frame number; frozen at the shot's first take."""
    drop_frame: bool = False
    seed: int
    take: int = 1
    attempt: int = 1
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the cut's settings added to its briefs (`settings.KEPT`); in no key. An editor's export does not say it."""
    scene: Scene | None = None
    """What the shot inherits; in no key (see `context`). None for beds and models that read no scene."""
    retake: Retake | None = None
    """Set where only a part of another take is made anew; `generated`, `used` and size are that take's."""
    before: Before | None = None
    """What the shot goes on from; None = it begins afresh."""
    context: str = ""
    """Hash of the neighbours it was made beside; in no key. A difference makes a take stale."""

    @cached_property
    def submission_key(self) -> str:
        """sha256 naming this attempt: match key + legal range + seed + attempt."""
        return sha256_of([self.match_key, list(self.generated), self.seed, self.attempt])

    @property
    def frames(self) -> int:
        """Frames of the take."""
        return self.generated.frames

    @property
    def samples(self) -> int:
        """Samples of every stem of the take (take clock)."""
        return frame_to_sample(self.frames, self.frame_rate, self.sample_rate)

    @property
    def used_in_take(self) -> FrameRange:
        """The used range in the take clock."""
        return self.used.shifted(-self.generated.start)

    @property
    def take_timecode_frames(self) -> int:
        """Timecode frame number of take frame 0."""
        return self.generated.start + self.timecode_offset_frames


def match_key(
    *,
    kind: str,
    role: str | None,
    brief: dict[str, Any],
    model: str,
    weights: str,
    recipe: str,
    size: tuple[int, int],
    frame_rate: Fraction,
) -> str:
    """The match key (sha256, hex) of what is asked.

    Args:
        brief: the brief as JSON values; reference paths are dropped, only their hashes count.
    """
    asked = dict(brief)
    if not asked.get("follows"):
        asked.pop("follows", None)  # as keys were before there was such a thing
    asked["references"] = [
        {
            **{"kind": r["kind"], "sha256": r["sha256"] or r["path"], "speaker": r["speaker"]},
            **({} if r["at_frames"] is None else {"at_frames": r["at_frames"]}),
            **({} if r.get("part") is None else {"part": r["part"]}),
            **({} if r.get("heard", True) else {"heard": False}),
        }
        for r in asked["references"]
    ]
    return sha256_of([KEY_VERSION, kind, role, model, weights, recipe, list(size), str(frame_rate), asked])


def seed_of(key: str, brief: Brief, take: int = 1) -> int:
    """The seed of take number `take`: SEED where given, else from the match key; 0 to 2**31 - 1."""
    first = brief.seed if brief.seed is not None else int(key[:8], 16)
    return (first + take - 1) % 2**31
