"""Global normalisation: one mean and one scale per channel, for everybody and every place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..models.sketch.layout import DX, ENVELOPE_DIMS, TRAINED, Floats, Group
from ..models.sketch.scaling import bend, expected
from .windows import Utterance, Window, draw_window

_SCALES = {
    "event": 0.25,
    "sustain": 0.25,
    "sparse": 0.25,
    "blink": 0.25,
    "left_foot_y": 0.05,
    "right_foot_y": 0.05,
    **dict.fromkeys(("prop0.x", "prop1.x"), 0.08),
    **dict.fromkeys(("prop0.y", "prop1.y"), 0.04),
    **dict.fromkeys(("prop0.rotation", "prop1.rotation"), 0.1),
    **dict.fromkeys(("left_hand", "right_hand"), 0.06),
    "root_x": 0.15,
    "light_level": 0.08,
    "prop0.state": 0.35,
    "prop1.state": 0.35,
    "camera_roll": 0.005,
    **dict.fromkeys(("kick", "snare", "hat", "crash", "percussion", "bass0", "comping0", "melody0"), 0.35),
    **dict.fromkeys(("intensity", "fill", "accent"), 0.3),
    **dict.fromkeys(("bass", "comping", "melody"), 1.0),
    "spare": 1.0,
}
"""Scales set by hand where the standard deviation would hide what matters (rare, small, precise motions)."""
_LEAST = 0.01
_WINDOWS = 600


def measure(speech: Sequence[Utterance], known: Mapping[str, Floats] | None = None) -> dict[str, Floats]:
    """Tables ``<group>.mean`` and ``<group>.scale``, from random windows; those of groups ``known`` already stay."""
    rng = np.random.default_rng(0)
    out = dict(known or {})
    missing = [group for group in TRAINED if f"{group.name}.mean" not in out]
    windows = [draw_window(speech, rng) for _ in range(_WINDOWS)] if missing else []
    for group in missing:
        values = np.concatenate([_departures(window, group) for window in windows])
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


def _departures(window: Window, group: Group) -> Floats:
    values = window.targets[group.name]
    times = group.times_s(len(values)) if group.rate_hz else np.zeros(len(values))
    return bend(group, values - expected(window.score, group, times))


_PICTURE_WEIGHTS = {
    "aperture": 2.0,
    "root_x": 6.0,
    "left_foot_y": 6.0,
    "right_foot_y": 6.0,
    "left_foot_x": 4.0,
    "right_foot_x": 4.0,
    "left_hand": 3.0,
    "right_hand": 4.0,
    "light_level": 1.0,
    "facing": 2.0,
    "prop0.y": 8.0,
    "prop1.y": 5.0,
    "prop0.x": 3.0,
    "prop1.x": 2.0,
    "prop0.rotation": 4.0,
    "prop1.rotation": 3.0,
    "prop0.state": 2.0,
    **dict.fromkeys(("gaze", "furrow", "squint", "lean", "breath", "smile", "root_z", "light", "wind"), 0.3),
    **dict.fromkeys(("blink", "brow", "head"), 0.6),
    "spare": 0.1,
}
_SOUND_WEIGHTS = {
    "microtiming": 0.1,
    "intensity": 0.3,
    "fill": 0.3,
    "event": 2.5,
    "sustain": 1.0,
    "sparse": 0.1,
    "spare": 0.1,
}


def loss_weights(tables: dict[str, Floats]) -> dict[str, Floats]:
    """How much each channel counts.

    Envelope coefficients count as much as they move in nature: 27 nearly unpredictable high ones would
    otherwise eat the loss. For the same reason blinks and glances count little, and feet, bodies and props,
    which sync is made of, much.
    """
    out: dict[str, Floats] = {}
    for group in TRAINED:
        wishes = _PICTURE_WEIGHTS if group.stream == "picture" else _SOUND_WEIGHTS
        out[group.name] = np.array([_first(wishes, channel.name) for channel in group.channels], np.float32)
    natural = tables["DX.scale"][:ENVELOPE_DIMS]
    envelope = np.clip(natural / natural[2:6].mean(), 0.2, 1.6)
    frame = np.concatenate([envelope, [1.5, 1.5], [1.0, 1.0, 1.0]])
    out["DX"] = np.concatenate([frame, frame]).astype(np.float32)
    return out


def _first(wishes: dict[str, float], name: str) -> float:
    return next((weight for prefix, weight in wishes.items() if name.startswith(prefix)), 1.0)
