"""Whether a window's picture and sound tell of the same instants: what is seen to touch against what is heard.

Both are read off tokens that are made, as an editor looks at a take; nothing is told to the model. Feet are not
looked at where the score times their steps: those are laid over the tokens (`gait.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from .actions import ACTIONS, FLOORS, lane
from .contacts import foot_contacts, prop_contacts
from .lanes import apart, read_events, read_sustain
from .layout import CHARACTERS, FX, STAGE, Floats
from .score import Score

Mask = npt.NDArray[np.bool_]
Missing = Literal["contact", "sound"]

_NEAR_S: Final = 0.030
"""So near to each other, contact and sound are one: nobody notices less than a frame."""
_PAIR_S: Final = 0.25
_EDGE_S: Final = 0.1
"""So near to the ends of a window nothing is missed: its other half may lie outside."""
_CUE_EDGE_S: Final = 0.04
"""A cue's halves lie both inside."""
_DECIDED: Final = 3
"""Tokens: what comes so soon after something known was decided by it, a fall before its landing."""


@dataclass(frozen=True, slots=True)
class Apart:
    """A contact, a sound or a cue without its partner: when (stage seconds), of which sound, and what is missing."""

    time_s: float
    kind: str
    missing: Missing


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many contacts, sounds and cues found what belongs to them, and which did not."""

    met: int = 0
    apart: tuple[Apart, ...] = ()

    @property
    def share(self) -> float:
        """0 to 1; below 1 also where all agree, less where more does: a window in which nothing happens is no best."""
        return self.met / (self.met + len(self.apart) + 1)

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(self.met + other.met, self.apart + other.apart)


def agreement(tokens: Mapping[str, Floats], score: Score, start_s: float, unknown: Mapping[str, Mask]) -> Agreement:
    """Looks at a window.

    Args:
        tokens: Of the window, natural units, by group.
        score: Its score.
        start_s: Where it begins in stage time.
        unknown: By group, ``(tokens,)``: what was sampled. What lies where nothing was is nobody's fault.
    """
    if not unknown.keys() >= {FX.name, STAGE.name, *(group.name for group in CHARACTERS)}:
        return Agreement()
    made = unknown[FX.name] | unknown[STAGE.name] | np.any([unknown[group.name] for group in CHARACTERS], axis=0)
    found = Agreement()

    def counts(time_s: float, edge_s: float = _EDGE_S) -> bool:
        at = int(time_s * FX.rate_hz)
        return edge_s < time_s < len(made) / FX.rate_hz - edge_s and all(made[max(0, at - _DECIDED) : at + 2])

    for kind in sorted(score.sounds):
        cues = [cue.time_s - start_s for cue in score.cues if cue.kind == kind]
        if kind in FLOORS:
            if any(cue.lane == 0 for cue in score.cues):
                continue
            seen = sorted(t for group in CHARACTERS for t in foot_contacts(tokens, group.name))
        else:
            slots = [slot for slot, prop in enumerate(score.props) if prop and ACTIONS[prop.kind].sound == kind]
            seen = sorted(t for slot in slots for t in prop_contacts(tokens, score, slot))
        heard = onsets(tokens[FX.name], score, kind)
        met, alone = _compared(seen, heard)
        lonely = tuple(Apart(start_s + at, kind, missing) for at, missing in alone if counts(at))
        found += Agreement(sum(map(counts, met)), lonely)
        asked = [cue for cue in cues if counts(cue, _CUE_EDGE_S)]
        sides: tuple[tuple[Missing, Sequence[float]], ...] = (("contact", seen), ("sound", heard))
        for missing, there in sides:
            unmet = [cue for cue in asked if all(abs(cue - at) > _NEAR_S for at in there)]
            found += Agreement(len(asked) - len(unmet), tuple(Apart(start_s + cue, kind, missing) for cue in unmet))
    return found


def _compared(seen: Sequence[float], heard: Sequence[float]) -> tuple[list[float], list[tuple[float, Missing]]]:
    """What found its partner, and what did not and lacks which."""
    pairs = [(i, j) for gap, i, j in pair(seen, heard) if gap <= _NEAR_S]
    met = [at for i, j in pairs for at in (seen[i], heard[j])]
    alone: list[tuple[float, Missing]] = []
    alone.extend((at, "sound") for i, at in enumerate(seen) if all(i != one for one, _ in pairs))
    alone.extend((at, "contact") for j, at in enumerate(heard) if all(j != other for _, other in pairs))
    return met, alone


def onsets(fx: Floats, score: Score, kind: str) -> list[float]:
    """When a class is heard to begin, seconds from the first token; of what passes by, when it is loudest."""
    if lane(kind) != 2:
        alone = sum(lane(other) == lane(kind) for other in score.sounds) == 1
        return [event.time_s for event in apart(read_events(fx, lane=lane(kind))) if alone or event.kind == kind]
    level = read_sustain(fx, [kind])[0].level
    top = float(level.max(initial=0.0))
    if top <= 0.0:
        return []
    if kind == "car":
        loud = np.flatnonzero(level > 0.6 * top)
        return [float(np.average(loud, weights=level[loud]) + 0.5) / FX.rate_hz]
    low = 0.2 * top
    up = np.flatnonzero((level[:-1] < low) & (level[1:] >= low))
    return [float(k + 0.5 + (low - level[k]) / (level[k + 1] - level[k])) / FX.rate_hz for k in up]


def pair(seen: Sequence[float], heard: Sequence[float], reach_s: float = _PAIR_S) -> list[tuple[float, int, int]]:
    """One-to-one, nearest first: (gap in seconds, index of the seen, index of the heard) within reach."""
    near = sorted((abs(a - b), i, j) for i, a in enumerate(seen) for j, b in enumerate(heard) if abs(a - b) < reach_s)
    used: tuple[set[int], set[int]] = (set(), set())
    out: list[tuple[float, int, int]] = []
    for gap, i, j in near:
        if i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            out.append((gap, i, j))
    return out
