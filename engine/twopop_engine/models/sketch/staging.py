"""Sets the stage of a take: reads its request together with what it goes on from, and tells the next shot of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from twopop.errors import BackendError, CancelledError
from twopop.request import Before, GenerationRequest

from .actions import LEARNT
from .carrying import Beginning, End, Ring, Staging, beginning, carried_from, grown, lie_still, read_end, told
from .doing import lay_deeds
from .handled import flared
from .layout import STAGE
from .lines import Durations
from .moves import move_camera
from .reading import Reading, read_request
from .recorded import with_lips
from .sound import all_lasting, effects_key, placed_events, scene_clock

if TYPE_CHECKING:
    from .sampler import Sampler
    from .windowing import Tokens

_ROOM: Final = {"two-shot": 0.35, "insert": 0.5}
"""How much of a camera move a framing has room for: two people leave little."""
_UNREST: Final = 0.1
"""How much the light of the tokens sways by itself."""


def set_stage(
    request: GenerationRequest, durations: Durations, sampler: Sampler, heed: Callable[[], None]
) -> tuple[Reading, Beginning]:
    """Reads a request, and takes over what the shot before it left.

    Where that shot has no take yet, its tokens are sampled from its request: the same that its take will hold.

    Args:
        request: Of a shot.
        durations: The model's duration predictor.
        sampler: The model.
        heed: Called after every step of sampling; raise in it to cancel.

    Raises:
        BackendError: as `read_request`, or the tokens of the shot before cannot be read (`latents_missing`).
    """
    before = request.before
    if before is None:
        return read_request(request, durations), Beginning()
    end = _end(request, before, durations, sampler, heed)
    if isinstance(end, str):
        return _noted(read_request(request, durations), guessed=end), Beginning()
    reading = read_request(request, durations, carried_from(request, before, end))
    return _noted(reading, before=before.shot), beginning(reading, end)


def _end(
    request: GenerationRequest, before: Before, durations: Durations, sampler: Sampler, heed: Callable[[], None]
) -> End | str:
    """What a shot goes on from; why not, where the shot before cannot be made as it is asked for now."""
    asked = before.request
    if asked is None:
        return read_end(request, before)
    try:
        reading, begun = set_stage(asked, durations, sampler, heed)
    except CancelledError:
        raise
    except BackendError as exc:
        return f"{before.shot} cannot be made, so the shot does not go on from it: {exc}"
    seconds = float(asked.frames / asked.frame_rate)
    *_, raw = grown(sampler, reading, begun, seconds, seed=asked.seed, progress=lambda step, steps: heed())
    staging = staging_of(asked, reading, directed(raw, reading, seconds))
    return End(raw, staging, before.end_frame - asked.generated.start, float(1 / asked.frame_rate))


def staging_of(request: GenerationRequest, reading: Reading, tokens: Tokens, sound_seed: int | None = None) -> Staging:
    """What the next shot, and retakes, need to know of a take beside its tokens.

    Args:
        request: Of the take.
        reading: Of the request.
        tokens: As they were decoded (`directed`).
        sound_seed: Where the decoders took another seed than the request's.
    """
    first = request if sound_seed is None else request.model_copy(update={"seed": sound_seed})
    key = effects_key(first)
    own = (placed for placed in placed_events(reading, tokens) if placed.event.time_s >= reading.carried.cut_s)
    return Staging(
        names=reading.names,
        props=(_kind(reading, 0), _kind(reading, 1)),
        lines=told(reading).lines,
        clock=scene_clock(request, reading),
        rings=(Ring(key, 0, tuple(own)), *reading.carried.rings),
        lasting=all_lasting(reading, tokens, key),
        hands=_hands(reading),
        held=_held(reading),
        deeds=reading.deeds,
        begun=reading.carried,
    )


def _hands(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Who handles which thing, and who did before; the latest first."""
    asked = ((prop.kind, prop.handler) for prop in reading.score.props if prop)
    laid = ((one.thing, one.who) for one in reading.deeds.handled)
    own = {thing: reading.names[who] for thing, who in (*asked, *laid) if who is not None and reading.names[who]}
    return (*own.items(), *(pair for pair in reading.carried.hands if pair[0] not in own))


def _held(reading: Reading) -> tuple[tuple[str, str], ...]:
    """What somebody has in the hand when the take ends, seen here or not."""
    own = tuple(
        (one.thing, reading.names[one.who]) for one in reading.deeds.handled if one.in_hand and one.who is not None
    )
    here = {one.thing for one in reading.deeds.handled}
    return (*own, *(pair for pair in reading.carried.held if pair[0] not in here))


def _kind(reading: Reading, slot: int) -> str:
    prop = reading.score.props[slot]
    return prop.kind if prop else ""


def _noted(reading: Reading, before: str = "", guessed: str = "") -> Reading:
    facts: dict[str, Any] = {**reading.facts, "guessed": [*reading.facts["guessed"], *([guessed] if guessed else [])]}
    return replace(reading, facts={**facts, "goes_on_from": before} if before else facts)


def directed(tokens: Tokens, reading: Reading, seconds: float) -> Tokens:
    """What the brief decides outright: its camera move and deeds over the model's own, a light that only lightning
    moves, things that nobody touches, and the lips of whoever's lines were recorded."""
    tokens = lay_deeds(with_lips(tokens, reading.recordings, reading.names), reading.deeds)
    stage = move_camera(
        tokens["STAGE"], reading.move, seconds,
        visible_m=reading.visible_m, way=reading.way, share=_ROOM.get(reading.framing, 1.0), seed=reading.subject,
    )  # fmt: skip
    light, level = STAGE.index["light_level"], reading.score.light_level
    flare = flared(reading.deeds.handled, len(stage))
    if any(prop and prop.kind == "lightning" for prop in reading.score.props) and "lightning" in LEARNT:
        flare = np.maximum(stage[:, light] - level - _UNREST, 0.0)
    stage[:, light] = np.minimum(level + flare, 1.0)
    stage[:, STAGE.index["light_warmth"]] = reading.score.light_warmth
    return {**tokens, "STAGE": lie_still(stage, reading.score.props, reading.deeds)}
