"""Looks at a take that is made, and says where its picture and sound disagree: nobody shall have to hunt for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from twopop.request import GenerationRequest
from twopop.timebase import format_timecode
from twopop.wire import Finding

from .actions import ACTIONS, FLOORS
from .agreement import Apart, agreement
from .reading import Reading
from .windowing import Tokens

_ONE_S = 0.25
"""Disagreements nearer to each other than this are one; a cue rings where the model left it silent."""


def reviewed(request: GenerationRequest, reading: Reading, tokens: Tokens) -> dict[str, Any]:
    """The facts of a reading, and among their findings what is seen to touch in vain, or heard of nothing, in the shot.

    Args:
        request: Of the take.
        reading: Of the request.
        tokens: The whole take as it is drawn and decoded (`directed`), natural units.
    """
    everything = {name: np.ones(len(values), np.bool_) for name, values in tokens.items()}
    used, found = request.used_in_take, list[Apart]()
    for one in sorted(agreement(tokens, reading.score, 0.0, everything).apart, key=lambda one: one.time_s):
        shown = used.start <= one.time_s * request.frame_rate < used.end and one.time_s >= reading.carried.cut_s
        rung = one.missing == "sound" and any(abs(cue.time_s - one.time_s) < _ONE_S for cue in reading.cues)
        if shown and not rung and not (found and one.time_s - found[-1].time_s < _ONE_S):
            found.append(one)
    told = [_finding(request, reading, one).model_dump() for one in found]
    return {**reading.facts, "findings": [*reading.facts["findings"], *told]}


def _finding(request: GenerationRequest, reading: Reading, one: Apart) -> Finding:
    at = request.take_timecode_frames + int(one.time_s * request.frame_rate)
    timecode = format_timecode(at, request.frame_rate, drop_frame=request.drop_frame)
    things = (prop.kind for prop in reading.score.props if prop and ACTIONS[prop.kind].sound == one.kind)
    thing = "foot" if one.kind in FLOORS else next(things, one.kind)
    said = "touches and is not heard" if one.missing == "sound" else "is heard and not seen to touch"
    part = "effects" if one.missing == "sound" else "picture"
    mend = f"Another take: twopop retake CUT {request.shots[0]} --stem {part}"
    message = f"Shot {request.name} ({timecode}): a {thing} {said}. {mend}"
    return Finding(level="warning", code="out_of_step", shot=request.name, timecode=timecode, message=message)
