"""Beds of a plan: what runs under the cuts, which accents the music meets, and what of it lies over each shot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .naming import Names
from .plan import RETAKE, Bed, Plan, ShotStatus
from .settings import Settings
from .spotting import SpottedBed, Spotting
from .timebase import FrameRange, seconds_to_frames
from .timeline import Cut, as_list, as_node
from .wire import BedMusic, Brief, Cue, sha256_of

if TYPE_CHECKING:
    from .store import TakeStore


_MADE: tuple[ShotStatus, ...] = ("generate", "extend")
DELETED = "it was deleted in an editor"


class BedPlanner:
    """The beds of one plan.

    Args:
        plan: its settings of size and profile.
        settings: the bed's tail, and whether beds are to be made anew.
        store: the takes.
        spotting: what the cut asks for.
        hits: accents of the music, frames in the cut clock.
        cut: where beds may lie already, recognised.
    """

    def __init__(
        self, plan: Plan, settings: Settings, store: TakeStore, spotting: Spotting, hits: Iterable[int], cut: Cut
    ) -> None:
        self._plan, self._settings, self._store = plan, settings, store
        self._profile = plan.profile
        self._music = [bed for bed in spotting.beds if bed.role == "music"]
        self._hits = tuple(hits)
        self._lying = {str(item.ours["bed"]) for item in cut.items if "bed" in item.ours}
        noted = as_node(as_node(cut.document.get("metadata")).get("twopop")).get("beds")
        self._noted = None if noted is None else {str(one) for one in as_list(noted)}
        self._rendered = any(item.ours.get("role") for item in cut.items)

    def music_over(self, record: FrameRange, in_cut: int) -> BedMusic | None:
        """The music bed over a shot at `record` (cut clock); `in_cut` is the cut frame of its source frame 0."""
        over = (bed for bed in self._music if bed.record.start < record.end and record.start < bed.record.end)
        spotted = next(over, None)
        if spotted is None or self.left_out(spotted):
            return None
        whole = FrameRange(0, spotted.record.frames)
        take = None if self._settings.beds else self._store.find(self._key(spotted), whole)
        return BedMusic(
            text=spotted.text,
            seed=spotted.seed,
            hits_frames=tuple(cue.at_frames for cue in self._cues(spotted)),
            end_frame=take.slate.request.used.end if take else whole.end,
            at_frame=spotted.record.start - in_cut,
        )

    def left_out(self, spotted: SpottedBed) -> bool:
        """True where the model makes no bed of that role."""
        return not self._profile.beds or spotted.role not in self._profile.stems

    def bed(self, spotted: SpottedBed, names: Names) -> Bed:
        """One bed, with what is to be done about it."""
        used = FrameRange(0, spotted.record.frames)
        tail = seconds_to_frames(self._settings.bed_tail_s, self._plan.frame_rate)
        key = self._key(spotted)
        identity = names.id(spotted.id or sha256_of([spotted.role, spotted.text])[:12])
        status, why, take = self._deleted(identity, key, used) or self._status(key, used)
        short = "MX" if spotted.role == "music" else "BG"
        return Bed(
            name=names.name(f"{short}_bed", key, ""),
            id=identity,
            role=spotted.role,
            record=spotted.record,
            used=used,
            needed=used.widened(0, tail),
            brief=self._brief(spotted),
            match_key=key,
            status=status,
            why=why,
            take=take,
            timecode_offset_frames=self._plan.start_frames + spotted.record.start,
            price=0.0
            if status in ("reuse", "deleted")
            else self._profile.price(used.frames + tail, self._plan.frame_rate),
        )

    def _deleted(self, identity: str, key: str, used: FrameRange) -> tuple[ShotStatus, str, str] | None:
        """Whether an editor took a bed out that was there: by the cut's notes, else by its take that lies nowhere."""
        if self._settings.beds or identity in self._lying:
            return None
        if self._noted is not None:
            return ("deleted", DELETED, "") if identity in self._noted else None
        take = self._store.find(key, used) or self._store.best(key, used)
        if take is None or not self._rendered:
            return None
        why = f"{take.name} is not in this cut, which came back without twopop's notes: {DELETED}, as it seems"
        return "deleted", why, ""

    def _status(self, key: str, used: FrameRange) -> tuple[ShotStatus, str, str]:
        """What is to be done, why, and the name of the take that serves or is extended ("" for none)."""
        take = self._store.find(key, used)
        if take and self._settings.beds:
            return "generate", RETAKE, ""
        if take:
            return "reuse", f"{take.name} serves", take.name
        if not self._settings.beds and (old := self._store.best(key, used)):
            return "extend", f"{old.name} is too short", old.name
        return "generate", "no take yet", ""

    def _key(self, spotted: SpottedBed) -> str:
        return self._plan.key_of(self._brief(spotted), self._profile, "bed", spotted.role)

    def _brief(self, spotted: SpottedBed) -> Brief:
        return Brief(prompt=spotted.text, seed=spotted.seed, cues=self._cues(spotted))

    def _cues(self, spotted: SpottedBed) -> tuple[Cue, ...]:
        """The accents a music bed shall meet, in its own clock."""
        if spotted.role != "music":
            return ()
        frames = [frame - spotted.record.start for frame in self._hits if spotted.record.holds(frame)]
        return tuple(Cue(role="music", text="hit", at_frames=frame, hit=True) for frame in sorted(frames))
