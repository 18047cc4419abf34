"""What changed between two versions of a cut, shot by shot."""

from __future__ import annotations

from typing import Literal

from .message import Message
from .plan import Plan, Shot

What = Literal["added", "removed", "moved", "trimmed", "slipped", "brief", "renamed"]


class Change(Message):
    """One difference: `shot` is its name in the new version (in the old one, if removed)."""

    shot: str
    what: What
    detail: str


def plan_changes(old: Plan, new: Plan) -> tuple[Change, ...]:
    """The differences of two plans, in the order of the new cut; removed shots last.

    Shots are matched by id, then by name, then by what they ask for.
    """
    waiting = list(old.shots)
    changes: list[Change] = []
    pairs: list[tuple[Shot, Shot]] = []
    for shot in new.shots:
        match = _match(shot, waiting)
        if match is None:
            changes.append(Change(shot=shot.name, what="added", detail=f"{shot.used.frames} frames"))
        else:
            waiting.remove(match)
            pairs.append((match, shot))
    for before, after in pairs:
        changes += _differences(before, after)
    changes += [Change(shot=s.name, what="removed", detail=f"{s.used.frames} frames") for s in waiting]
    return tuple(changes)


def _match(shot: Shot, candidates: list[Shot]) -> Shot | None:
    for field in ("id", "name", "match_key"):
        for candidate in candidates:
            if getattr(candidate, field) == getattr(shot, field):
                return candidate
    return None


def _differences(old: Shot, new: Shot) -> list[Change]:
    changes: list[Change] = []

    def note(what: What, detail: str) -> None:
        changes.append(Change(shot=new.name, what=what, detail=detail))

    if old.name != new.name:
        note("renamed", f"was {old.name}")
    if old.record.start != new.record.start:
        note("moved", f"{new.record.start - old.record.start:+d} frames in the cut")
    if old.used.frames != new.used.frames:
        head, tail = new.used.start - old.used.start, new.used.end - old.used.end
        note("trimmed", f"head {head:+d}, tail {tail:+d} frames")
    elif old.used.start != new.used.start:
        note("slipped", f"{new.used.start - old.used.start:+d} frames")
    if old.match_key != new.match_key:
        fields = [f for f in new.brief.field_names() if getattr(old.brief, f) != getattr(new.brief, f)]
        note("brief", ", ".join(fields) or "model, size or frame rate")
    return changes
