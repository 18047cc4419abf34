"""Cues as a user gets them: a request read, sampled, laid out and decoded; are contact and sound on the cue?

Contacts are found in the curves that the rasterizer draws, onsets in the samples of the effects stem.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np

from twopop.request import GenerationRequest
from twopop.timebase import FrameRange
from twopop.wire import Brief, Cue

from ..models.sketch.actions import ACTIONS
from ..models.sketch.carrying import Beginning, grown
from ..models.sketch.contacts import prop_contacts
from ..models.sketch.durations import predict_durations
from ..models.sketch.reading import Reading, read_request
from ..models.sketch.sampler import WEIGHTS, Sampler
from ..models.sketch.score import Score
from ..models.sketch.sound import shot_renderers
from ..models.sketch.staging import directed
from ..models.sketch.windowing import Tokens
from .onsets import begun, nearest, struck
from .sync import Cued

WORDS: Final = {
    **{thing: f"MARA and a {thing}" for thing in ACTIONS},
    **{"knock": "MARA knocks", "keyboard": "MARA types", "switch": "MARA clicks", "clap": "MARA claps"},
    **{"lightning": "lightning", "car": "a car drives past", "door": "MARA slams the door"},
}
"""Thing -> a cue that asks for it."""
_FRAMES, _RATE = 96, Fraction(24)
_PROMPTS: Final = ("medium of MARA in a kitchen", "wide of MARA and TOMAS in a room", "two-shot of MARA and TOMAS")
_CAR_PROMPT: Final = "wide of MARA in the street"


def measure_rendered(sampler: Sampler, count: int, things: Sequence[str] = tuple(ACTIONS)) -> dict[str, Cued]:
    """Every thing asked for `count` times, in shots of one person and of two."""
    out: dict[str, Cued] = {}
    for thing in things:
        for k in range(count):
            at = 40 + 3 * k
            request = asked(thing, at, k)
            reading, tokens = made(request, sampler)
            moment = float((at - request.generated.start) / _RATE)
            cued = out.setdefault(thing, Cued())
            cued.contact.append(_miss(seen(reading, tokens, thing), moment))
            cued.onset.append(_miss(heard(request, reading, tokens, thing), moment))
    return out


def asked(thing: str, at_frames: int, number: int) -> GenerationRequest:
    """A shot of four seconds with one cue."""
    prompt = _CAR_PROMPT if thing == "car" else _PROMPTS[number % len(_PROMPTS)]
    cue = Cue(role="effects", text=WORDS[thing], at_frames=at_frames)
    return GenerationRequest(
        name="SH010", shots=("SH010",), brief=Brief(prompt=prompt, cues=(cue,)), match_key="ab" * 32, model="sketch",
        weights="w", recipe="1", width=64, height=64, frame_rate=_RATE, generated=FrameRange(-12, _FRAMES + 24),
        used=FrameRange(0, _FRAMES), timecode_offset_frames=86_400, seed=number,
    )  # fmt: skip


def made(request: GenerationRequest, sampler: Sampler) -> tuple[Reading, Tokens]:
    """A request as it is drawn and decoded, but for pixels."""
    reading = read_request(request, lambda phones, rate: predict_durations(phones, rate, WEIGHTS / "durations.npz"))
    seconds = float(request.frames / request.frame_rate)
    *_, raw = grown(sampler, reading, Beginning(), seconds, seed=request.seed)
    return reading, directed(raw, reading, seconds)


def seen(reading: Reading, tokens: Tokens, thing: str) -> list[float]:
    """Contacts of a thing in the picture; none where it is not in it."""
    slot = next((k for k, prop in enumerate(reading.score.props) if prop and prop.kind == thing), None)
    return [] if slot is None else prop_contacts(tokens, as_handled(reading), slot)


def as_handled(reading: Reading) -> Score:
    """The score with those as handlers who are seen handling what is laid out."""
    props = list(reading.score.props)
    for one in reading.deeds.handled:
        prop = props[one.slot]
        props[one.slot] = prop and replace(prop, handler=one.who)
    return replace(reading.score, props=(props[0], props[1]))


def heard(request: GenerationRequest, reading: Reading, tokens: Tokens, thing: str) -> list[float]:
    """Onsets in the effects stem, which holds this thing alone."""
    stem = shot_renderers(request, reading, lambda _: tokens)["effects"](0, request.samples).mean(axis=1)
    kind = ACTIONS[thing].sound
    if not ACTIONS[thing].sustained:
        return struck(stem, kind)
    return nearest(stem) if kind == "car" else begun(stem)


def _miss(times: Sequence[float], moment: float) -> float:
    return min((abs(t - moment) for t in times), default=float("inf"))


def share_within(cued: dict[str, Cued], part: str, limit_s: float) -> float:
    """Of all cues, how many were met."""
    return float(np.mean([gap <= limit_s for one in cued.values() for gap in getattr(one, part)]))
