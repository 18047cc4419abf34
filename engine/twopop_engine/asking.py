"""Reads what a client asks for, in any of the family's spellings, into one `GenerationRequest`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from twopop.errors import TwopopError
from twopop.profiles import Profile
from twopop.request import GenerationRequest, match_key, seed_of
from twopop.timebase import FrameRange, snap_frame_rate
from twopop.wire import Brief
from twopop.wire_videos import EXTRA_KEY, CreateVideo, ExtraParams

from .limits import Limits, Refusal

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})$")
_NESTED = re.compile(r"extra_params((?:\[[^\[\]]{1,64}\])+)$")
_DEEPEST = 64
_PLAIN_SIZE, _PLAIN_RATE, _PLAIN_SECONDS = (1280, 720), Fraction(24), 4.0


def read_fields(fields: Mapping[str, Any]) -> tuple[CreateVideo, list[str]]:
    """The known fields, and the names of the others (ignored, and said so in the job).

    Raises:
        Refusal: 400, a field has an illegal value.
    """
    values = _unnested(fields)
    ignored = [name for name in values if name not in CreateVideo.model_fields]
    known = {name: value for name, value in values.items() if name in CreateVideo.model_fields and value != ""}
    if isinstance(known.get("extra_params"), str):
        try:
            known["extra_params"] = json.loads(known["extra_params"])
        except (ValueError, RecursionError) as exc:
            raise Refusal(400, "bad_extra_params", "extra_params is not JSON.", param="extra_params") from exc
    _check_writable({**values, **known})
    try:
        asked = CreateVideo.model_validate(known)
    except ValidationError as exc:
        raise _illegal(exc, "") from exc
    return asked, ignored + [f"extra_params.{name}" for name in asked.extra_params if name != EXTRA_KEY]


def read_request(asked: CreateVideo, profile: Profile, limits: Limits) -> GenerationRequest:
    """The request itself, checked against what the model can do.

    Raises:
        Refusal: 400 with the nearest legal value; 409 where it was planned for another version of the model.
    """
    document = asked.extra_params.get(EXTRA_KEY)
    request = _plain(asked, profile) if document is None else _structured(document)
    if (request.model, request.weights, request.recipe) != (profile.model, profile.weights, profile.recipe):
        message = (
            f"Planned for {request.model}, weights {request.weights[:12]}, recipe {request.recipe}; here is "
            f"{profile.model}, weights {profile.weights[:12]}, recipe {profile.recipe}. Plan again for this server. "
            f"Nothing was started."
        )
        raise Refusal(409, "other_version", message, param="model")
    limits.check_request(request, profile)
    return request


def _structured(document: Any) -> GenerationRequest:
    try:
        return ExtraParams.model_validate(document).request
    except (ValidationError, TwopopError, ZeroDivisionError) as exc:
        raise _illegal(exc, f"extra_params.{EXTRA_KEY}.") from exc


def _plain(asked: CreateVideo, profile: Profile) -> GenerationRequest:
    rate, (width, height) = _rate(asked, profile), _asked_size(asked, profile)
    frames = asked.num_frames if asked.num_frames is not None else _frames_of(asked.seconds, rate, profile)
    brief = Brief(
        prompt=asked.prompt, negative=asked.negative_prompt, seed=_seed(asked.seed), sound=asked.generate_audio
    )
    key = match_key(
        kind="shot",
        role=None,
        brief=brief.model_dump(mode="json"),
        model=profile.model,
        weights=profile.weights,
        recipe=profile.recipe,
        size=(width, height),
        frame_rate=rate,
    )
    whole = FrameRange(0, frames)
    return GenerationRequest(
        name="video",
        shots=("video",),
        brief=brief,
        match_key=key,
        model=profile.model,
        weights=profile.weights,
        recipe=profile.recipe,
        width=width,
        height=height,
        frame_rate=rate,
        generated=whole,
        used=whole,
        timecode_offset_frames=0,
        seed=seed_of(key, brief),
    )


def _seed(seed: int | None) -> int | None:
    if seed is not None and not 0 <= seed < 2**31:
        raise Refusal(400, "illegal_seed", f"seed={seed} is outside 0 to {2**31 - 1}.", param="seed")
    return seed


def _rate(asked: CreateVideo, profile: Profile) -> Fraction:
    if asked.fps is None:
        return min(profile.frame_rates, default=_PLAIN_RATE, key=lambda rate: abs(rate - _PLAIN_RATE))
    try:
        rate = snap_frame_rate(asked.fps)
    except TwopopError as exc:
        raise Refusal(400, "illegal_fps", str(exc), param="fps") from exc
    if rate > 120:
        raise Refusal(400, "illegal_fps", f"fps={asked.fps} is over 120. Nearest: 120.", param="fps")
    return rate


def _asked_size(asked: CreateVideo, profile: Profile) -> tuple[int, int]:
    if asked.width is not None and asked.height is not None:
        return asked.width, asked.height
    if not asked.size:
        return profile.fit_size(*_PLAIN_SIZE)
    found = _SIZE.match(asked.size)
    if not found:
        raise Refusal(400, "illegal_size", f"size={asked.size[:40]!r} is not WIDTHxHEIGHT, as 1280x720.", param="size")
    return int(found[1]), int(found[2])


def _frames_of(seconds: str | float | None, rate: Fraction, profile: Profile) -> int:
    """`seconds` in frames, rounded up to a length the model makes."""
    try:
        wanted = float(_PLAIN_SECONDS if seconds is None else seconds)
    except ValueError:
        wanted = -1.0
    if not 0 < wanted <= 3600:
        raise Refusal(
            400, "illegal_seconds", f"seconds={str(seconds)[:40]!r} is not a length in seconds.", param="seconds"
        )
    frames = max(1, round(wanted * rate))
    try:
        return profile.grid.at_least(frames)
    except TwopopError:
        return frames  # over the longest: the limits say so, with the nearest legal length


def _unnested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Form fields with `extra_params[a][b]=1` (how some clients send a dict) as one nested value."""
    values: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for name, value in fields.items():
        found = _NESTED.match(name)
        if not found:
            values[name] = value
            continue
        *path, last = found[1][1:-1].split("][")
        place = nested
        for part in path:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                raise Refusal(400, "bad_extra_params", f"{name[:80]} is given twice.", param="extra_params")
            place = inner
        place[last] = value
    if nested and "extra_params" in values:
        raise Refusal(400, "bad_extra_params", "extra_params is given twice.", param="extra_params")
    return {**values, "extra_params": nested} if nested else values


def _check_writable(values: Any) -> None:
    """Refuses what could be read and not be written again: lone surrogates, and nesting without end."""
    level = [values]
    for _ in range(_DEEPEST):
        below: list[Any] = []
        for value in level:
            parts = [*value, *value.values()] if isinstance(value, dict) else [value]
            for part in parts:
                if isinstance(part, str):
                    _check_text(part)
                elif isinstance(part, dict):
                    below.append(part)
                elif isinstance(part, list):
                    below += part
        if not below:
            return
        level = below
    raise Refusal(400, "bad_request", f"The request is nested deeper than {_DEEPEST} levels.")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise Refusal(400, "bad_request", "A text of the request holds half a character (a lone surrogate).") from exc


def _illegal(exc: Exception, where: str) -> Refusal:
    if not isinstance(exc, ValidationError):
        return Refusal(400, "bad_request", str(exc), param=where.rstrip(".") or None)
    first = exc.errors(include_url=False, include_context=False, include_input=False)[0]
    field = where + ".".join(str(part) for part in first["loc"])
    return Refusal(400, "bad_request", f"{field}: {first['msg']}.", param=field)
