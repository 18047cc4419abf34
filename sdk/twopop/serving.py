"""Which stored take serves a shot of a plan, and what is to be done where none does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .plan import RETAKE, Shot, ShotStatus
from .recognise import take_of
from .spotting import SpottedShot
from .take import Take
from .timebase import FrameRange
from .timeline import Item, Node
from .tracks import active_reference
from .wire import Brief

if TYPE_CHECKING:
    from .store import TakeStore


def current_take(clip: Node, store: TakeStore) -> Take | None:
    """The take circled in the cut: what the clip's active reference points to."""
    name = take_of(active_reference(clip))
    return store.by_name(name) if name else None


def made_with(item: Item, store: TakeStore) -> Brief | None:
    """The brief the active take of a filled shot was made with."""
    take = current_take(item.node, store)
    return take.slate.request.brief if take else None


def asked_of(spotted: SpottedShot, store: TakeStore) -> tuple[Brief, Take | None]:
    """What a shot asks, from its slate where a filled one says nothing any more; and the take it shows now."""
    filled = spotted.item.ours.get("role") == "shot"
    current = current_take(spotted.item.node, store) if filled else None
    brief = spotted.brief
    return (current.slate.request.brief if brief.is_empty and current else brief), current


def serving_take(key: str, used: FrameRange, current: Take | None, asked_before: str, store: TakeStore) -> Take | None:
    """The take that serves: the one circled in the cut while the brief is what it was, else the store's newest.

    Args:
        key: match key of what is asked for now.
        used: source clock, what the cut shows.
        current: the circled take.
        asked_before: match key the clip notes of its last conform, "" in a hole.
    """
    made = current.slate.request if current else None
    brief_key = made.retake.brief_key if made and made.retake else ""
    circled = made and key in (made.match_key, brief_key, asked_before)
    if current and circled and current.covers(used) and store.usable(current):
        return current
    return store.find(key, used)


def status_of(
    shot: Shot, take: Take | None, current: Take | None, store: TakeStore, *, lock: bool, refresh_stale: bool
) -> tuple[ShotStatus, str, str]:
    """What is to be done about a shot, why, and the name of the take that serves or is extended ("" for none).

    Args:
        take: the one that serves.
        current: the circled one.
    """
    if lock and (kept := take or current):
        return "locked", f"LOCK keeps {kept.name}", kept.name
    if take is not None and take.slate.request.context == shot.context:
        return "reuse", f"{take.name} serves", take.name
    if take is not None and refresh_stale:
        return "generate", RETAKE, ""
    if take is not None:
        return "stale", f"{take.name} was made in another scene; --refresh-stale makes it anew", take.name
    if old := store.best(shot.match_key, shot.used):
        return "extend", f"{old.name} is too short for the cut now", old.name
    if current and not store.usable(current):
        return "generate", store.verify(current)[0].message, ""
    return "generate", "the brief has changed" if current else "no take yet", ""


def is_outgrown_retake(current: Take, shown: FrameRange) -> bool:
    """True where the cut shows more (source clock) than a circled retake holds: what it changed cannot be extended."""
    return current.slate.request.retake is not None and not current.covers(shown)
