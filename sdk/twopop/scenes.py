"""Scenes: what their shots share."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .plan import pictured
from .spotting import SpottedShot, Spotting
from .wire import Scene, Voice

_WORD = re.compile(r"\w+")


def scenes_of(spotting: Spotting) -> dict[str, Scene]:
    """What the shots of each scene share: the words of its ambience bed, and its people."""
    beds = [bed for bed in spotting.beds if bed.role == "ambience"]
    shots: dict[str, list[SpottedShot]] = {}
    for shot in spotting.shots:
        shots.setdefault(shot.scene, []).append(shot)
    out: dict[str, Scene] = {}
    at = 0
    for name, members in shots.items():
        first = members[0].item.record.start
        while at < len(beds) and beds[at].record.end <= first:
            at += 1
        setting = beds[at].text if at < len(beds) and beds[at].record.holds(first) else ""
        out[name] = Scene(setting=setting, cast=_people(members, spotting.cast))
    return out


def _people(shots: list[SpottedShot], cast: Mapping[str, str]) -> tuple[Voice, ...]:
    """Who speaks in the shots, and who of the cast is named in a prompt."""
    names = {line.speaker for shot in shots for line in shot.brief.lines}
    words = set(_WORD.findall(" ".join(pictured(shot.brief) for shot in shots).casefold()))
    names |= {name for name in cast if set(_WORD.findall(name.casefold())) <= words}
    return tuple(Voice(speaker=name, description=cast.get(name, "")) for name in sorted(names))
