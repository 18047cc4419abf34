"""Global normalisation: one mean and one scale per channel, for everybody and every place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..models.sketch.layout import DX, ENVELOPE_DIMS, TRAINED, Floats
from .windows import Utterance, draw_window

_SCALES = {
    "event": 0.25,
    "sustain": 0.25,
    "sparse": 0.25,
    "blink": 0.25,
    "left_foot_y": 0.05,
    "right_foot_y": 0.05,
    "prop0.x": 0.3,
    "prop0.y": 0.15,
    "prop1.x": 0.3,
    "prop1.y": 0.15,
    "camera_roll": 0.005,
    "spare": 1.0,
}
"""Scales set by hand where the standard deviation would hide what matters (rare, small, precise motions)."""
_LEAST = 0.01
_WINDOWS = 600


def measure(speech: Sequence[Utterance]) -> dict[str, Floats]:
    """Tables ``<group>.mean`` and ``<group>.scale``, from random windows."""
    rng = np.random.default_rng(0)
    windows = [draw_window(speech, rng) for _ in range(_WINDOWS)]
    out: dict[str, Floats] = {}
    for group in TRAINED:
        values = np.concatenate([window.targets[group.name] for window in windows])
        mean, scale = values.mean(0), np.maximum(values.std(0), _LEAST)
        for k, channel in enumerate(group.channels):
            fixed = next((v for prefix, v in _SCALES.items() if channel.name.startswith(prefix)), None)
            if fixed is not None and group is not DX:
                scale[k] = fixed
        out |= {f"{group.name}.mean": mean.astype(np.float32), f"{group.name}.scale": scale.astype(np.float32)}
    for kind in ("mean", "scale"):  # both characters are the same kind of thing
        both: Floats = (0.5 * (out[f"CA.{kind}"] + out[f"CB.{kind}"])).astype(np.float32)
        out[f"CA.{kind}"] = out[f"CB.{kind}"] = both
    return out


def loss_weights(tables: dict[str, Floats]) -> dict[str, Floats]:
    """How much each channel counts.

    Envelope coefficients count as much as they move in nature: 27 nearly unpredictable high ones would
    otherwise eat the loss. Feet, props and events are what sync is made of and count more.
    """
    out = {group.name: np.ones(group.dims, np.float32) for group in TRAINED}
    natural = tables["DX.scale"][:ENVELOPE_DIMS]
    envelope = np.clip(natural / natural[2:6].mean(), 0.2, 1.6)
    frame = np.concatenate([envelope, [1.5, 1.5], [1.0, 1.0, 1.0]])
    out["DX"] = np.concatenate([frame, frame]).astype(np.float32)
    out["FX"][:22] = 2.5
    out["FX"][22:] = 0.2
    for name in ("CA", "CB"):
        group = next(g for g in TRAINED if g.name == name)
        out[name][group.columns("left_foot_y", "right_foot_y", "left_foot_x", "right_foot_x")] = 2.0
        out[name][:12] = 1.5
    stage = next(g for g in TRAINED if g.name == "STAGE")
    out["STAGE"][[k for n, k in stage.index.items() if n.startswith("prop0") and ".y" in n]] = 2.5
    for group in TRAINED:
        for k, channel in enumerate(group.channels):
            if channel.name.startswith(("spare", "sparse")):
                out[group.name][k] = 0.1
    return out
