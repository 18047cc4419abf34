"""Who stands, stands: the drift of a sampled body over the floor is not drawn.

Weights sway those who stand by ten centimetres and more within a second, with their feet on the floor: they glide, and
the camera goes after them. What is drawn keeps to the spot the score gives them, but for a shift of weight. Hands that
are at a thing stay where the tokens have them. Of the picture alone; the tokens, and what is heard, are as they were.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .layout import CA, CHARACTERS, STAGE, Floats
from .reading import Reading

_SHIFT_M, _SOFT_M = 0.05, 0.12
"""How far a shift of weight goes at most, and over what drift it comes to that."""
_AT_M, _NEAR_M = 0.25, 0.55
"""A hand so near to a thing is at it; farther away than this it goes with the body."""

Tracks = dict[str, Floats]


def standing(reading: Reading) -> dict[str, tuple[float, float]]:
    """Who goes nowhere in a shot, and their spots: track name -> metres (x, z)."""
    gaits = (*reading.deeds.gaits, None, None)
    return {
        group.name: (person.from_x, person.z)
        for group, person, gait in zip(CHARACTERS, reading.score.characters, gaits, strict=False)
        if person.on_stage and not person.may_walk and gait is None
    }


def on_their_spots(tracks: Mapping[str, Floats], spots: Mapping[str, tuple[float, float]]) -> Tracks:
    """Tracks `(tokens, dims)` in natural units with those who stand kept to their spots; every token by itself."""
    out = dict(tracks)
    for name, spot in spots.items():
        if name in out:
            out[name] = _kept(out[name].copy(), tracks.get("STAGE"), spot)
    return out


def _kept(body: Floats, stage: Floats | None, spot: tuple[float, float]) -> Floats:
    x, z = (CA.index[name] for name in ("root_x", "root_z"))
    root = body[:, x].copy()
    for column, place in ((x, spot[0]), (z, spot[1])):
        body[:, column] = place + _SHIFT_M * np.tanh((body[:, column] - place) / _SOFT_M)
    for side in ("left", "right"):
        across, up = (CA.index[f"{side}_hand_{axis}"] for axis in "xy")
        held = _at_things(root + body[:, across], body[:, up], stage)
        body[:, across] += held * (root - body[:, x])
    return body


def _at_things(x: Floats, y: Floats, stage: Floats | None) -> Floats:
    """How much a hand is at a thing, 0 to 1, `(tokens,)`; past the end of the stage's tokens its last one counts."""
    if stage is None:
        return np.zeros_like(x)
    rows = stage[np.minimum(np.arange(len(x)), len(stage) - 1)]
    gaps = [
        np.hypot(x - rows[:, STAGE.index[f"prop{k}.x.0"]], y - rows[:, STAGE.index[f"prop{k}.y.0"]]) for k in (0, 1)
    ]
    return np.clip((_NEAR_M - np.minimum(*gaps)) / (_NEAR_M - _AT_M), 0.0, 1.0).astype(np.float32)
