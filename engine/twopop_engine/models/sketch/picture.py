"""From a reading and its tokens to frames: who is drawn, where, and which camera looks."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from twopop.request import GenerationRequest

from .layout import STAGE, Floats
from .raster.frame import FrameArtist
from .raster.look import Person, SceneLook, person_from
from .raster.places import PLACES
from .raster.props import PROPS
from .raster.rig import rig_at, shot_at
from .reading import Reading, cast_of, scene_words
from .voices import cast_voice

Tokens = dict[str, Floats]

_LIKE = {
    "cafe": "kitchen", "room": "kitchen", "office": "room", "hall": "room", "station": "street", "city": "street",
    "car": "street", "rain": "street", "field": "forest", "beach": "field", "night": "street", "studio": "room",
    "street": "kitchen", "forest": "field", "unspecified": "room",
}  # fmt: skip
"""The place that stands in for one that has no picture yet; chains end at the kitchen."""


def drawn_place(name: str) -> str:
    """The drawn place nearest to a place of the score."""
    seen: set[str] = set()
    while name not in PLACES:
        if name in seen:
            return "kitchen"
        seen.add(name)
        name = _LIKE.get(name, "kitchen")
    return name


def scene_look(request: GenerationRequest, reading: Reading) -> SceneLook:
    """What the take looks like apart from its motion."""
    props = [prop.kind if prop and prop.kind in PROPS else "box" for prop in reading.score.props if prop]
    return SceneLook(
        place=drawn_place(reading.atmosphere.name),
        hour=reading.hour,
        weather=reading.weather,
        style=reading.style,
        people=tuple(_person(request, reading, k) for k in range(len(reading.names))),
        props=tuple(props),
    )


def _person(request: GenerationRequest, reading: Reading, k: int) -> Person:
    """Somebody by name and by the words of VOICE. Who has no name is "the chef": the same one wherever it says so."""
    name = reading.names[k]
    if not name:
        noun = reading.facts["understood"].get("people", "somebody")
        return person_from(reading.words, f"{noun} {k}")
    described = next((v.description for v in cast_of(request) if v.speaker.casefold() == name.casefold()), "")
    woman = cast_voice(name, described).knobs.pitch_hz > 150
    told = " ".join(_about(name, text) for text in (*reversed(scene_words(request)), reading.words))
    return person_from(f"{'woman' if woman else 'man'}, {described}, {told}", name.casefold())


def _about(name: str, words: str) -> str:
    """What a prompt says right after a name: "MARA in a red coat stirs"."""
    found = re.search(rf"\b{re.escape(name)}\b[^.;,]*", words, re.IGNORECASE)
    return found[0] if found else ""


def framing_time_s(request: GenerationRequest) -> float:
    """The moment a shot is framed for: its first shown frame, take clock."""
    return float(max(0, request.used_in_take.start) / request.frame_rate)


def framed_with(tokens: Tokens, time_s: float) -> Tokens:
    """The tokens that the framing at `time_s` depends on: a retake keeps it where it keeps any frame."""
    count = int((time_s + 0.5) * STAGE.rate_hz) + 1
    return {name: tokens[name][:count] for name in ("CA", "CB", "STAGE")}


class Painter:
    """Draws the frames of one take, one after the other.

    Args:
        request: Size, rate and ranges.
        reading: Who, where, how framed.
        tokens: Gives the tokens up to a time; waits for them if it must.
        framed_by: Tokens that the shot was framed by, where others than these (`framed_with`).
    """

    def __init__(
        self,
        request: GenerationRequest,
        reading: Reading,
        tokens: Callable[[float], Tokens],
        framed_by: Tokens | None = None,
    ) -> None:
        self._rate = request.frame_rate
        self._tokens = tokens
        self._visible = tuple(range(len(reading.names)))
        self._artist = FrameArtist(scene_look(request, reading), (request.width, request.height))
        start_s = framing_time_s(request)
        tracks = self._tracks(start_s + 0.5) if framed_by is None else framed_by
        self._shot = shot_at(tracks, start_s, reading.framing, subject=reading.subject, visible=self._visible)

    def _tracks(self, until_s: float) -> Tokens:
        tokens = self._tokens(until_s)
        people = [name for name, k in (("CA", 0), ("CB", 1)) if k in self._visible]
        return {name: tokens[name] for name in (*people, "STAGE")}

    def frame(self, index: int) -> NDArray[np.uint8]:
        """Take frame `index` as `(height, width, 3)` uint8 RGB, exposed for a whole frame."""
        time_s = float(index / self._rate)
        tracks = self._tracks(time_s + 0.5)
        rig = rig_at(tracks, time_s, shutter_s=float(1 / self._rate), shot=self._shot)
        return self._artist.frame(rig)
