"""From a reading and its tokens to frames: who is drawn, where, and which camera looks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from twopop.request import GenerationRequest

from .doing import composed_for
from .layout import STAGE, Floats
from .prompt import read_prompt
from .raster.camera import camera_of
from .raster.frame import FrameArtist
from .raster.look import Person, SceneLook, person_from
from .raster.places import PLACES, STANDS_FOR
from .raster.props import PROPS
from .raster.rig import CharacterPose, RigFrame, Shot, StagePose, rig_at
from .raster.shapes import clamp
from .raster.twos import Twos
from .raster.video import Exposure
from .reading import Reading, cast_of, scene_words
from .still import still_of
from .voices import cast_voice

if TYPE_CHECKING:
    from twopop.media.write import Picture

Tokens = dict[str, Floats]

_CALLED: Final = {
    **STANDS_FOR,
    **{"living_room": "room", "train_platform": "station", "open_sky": "sky", "hallway": "hall"},
    "station_hall": "hall",
}
"""Other names of places -> the set drawn for them."""
_SEAT_DROP_M, _LEAST_DROP_M = 0.42, 0.31
_TALL_M: Final = 1.70
"""Who is so tall sits like that."""
_LAP: Final = (0.12, 0.53)
"""Where the hands of who sits lie, from the middle."""
_NEAR_M: Final = 0.35


def drawn_place(name: str) -> str:
    """The set drawn for a place; a plain room for one that is unknown."""
    name = _CALLED.get(name, name)
    return name if name in PLACES else "room"


def scene_look(request: GenerationRequest, reading: Reading) -> SceneLook:
    """What the take looks like apart from its motion."""
    props = reading.score.props
    return SceneLook(
        place=drawn_place(reading.set or reading.atmosphere.name),
        hour=reading.hour,
        weather=reading.weather,
        style=reading.style,
        people=tuple(_person(request, reading, k) for k in range(len(reading.names))),
        props=tuple(prop.kind if prop and prop.kind in PROPS else "" for prop in props),
        rests=tuple((prop.x, prop.y) if prop else (0.0, 0.0) for prop in props),
    )


def sit(rig: RigFrame, who: tuple[int, ...], people: Sequence[Person] = ()) -> RigFrame:
    """The same moment with some seated: hips low, idle hands in the lap, turned a little to the side.

    Args:
        rig: The moment.
        who: Those who sit.
        people: Everybody; a child sits on a lower seat.
    """
    tall = [person.height / _TALL_M for person in people] + [1.0] * len(rig.people)
    return replace(rig, people=tuple(_sit(p, rig.stage, tall[k]) if k in who else p for k, p in enumerate(rig.people)))


def _sit(pose: CharacterPose, stage: StagePose, tall: float) -> CharacterPose:
    def hand(side: float, x: float, y: float) -> tuple[float, float]:
        busy = any(math.hypot(x + pose.root[0] - prop.x, y - prop.y) < _NEAR_M for prop in stage.props if prop.y > 0.3)
        lap = clamp((1.05 - y) / 0.15, 0.0, 1.0) * (not busy)
        low = y - (0.0 if busy else 0.34 * (1.0 - lap))
        return x + (side * _LAP[0] + 0.14 * turn - x) * lap, low + (_LAP[1] * tall - low) * lap

    turn = math.copysign(max(0.5, abs(pose.facing)), pose.facing)
    hands = (hand(-1.0, *pose.hands[0]), hand(1.0, *pose.hands[1]))
    feet = tuple((x, 0.0) for x, _ in pose.feet)
    return replace(
        pose, hip_drop=max(_LEAST_DROP_M, _SEAT_DROP_M * tall), hands=hands, facing=turn, feet=(feet[0], feet[1])
    )


def _person(request: GenerationRequest, reading: Reading, k: int) -> Person:
    """Somebody by name and by the words of VOICE. Who has no name is "the chef": the same one wherever it says so."""
    name, part = reading.names[k], reading.parts[k]
    if not name and reading.framing == "insert" and not part.words and (there := _there_before(request)):
        return there
    if not name:
        noun = reading.facts["understood"].get("people", "somebody")
        alone = len(reading.parts) == 1 or not part.words
        return person_from(reading.words if alone else f"{part.kind}, {part.words}, {part.about}", f"{noun} {k}")
    described = next((v.description for v in cast_of(request) if v.speaker.casefold() == name.casefold()), "")
    woman = cast_voice(name, described).woman
    told = " ".join(_about(name, text) for text in (*reversed(scene_words(request)), reading.words))
    return person_from(f"{'woman' if woman else 'man'}, {described}, {told}", name.casefold())


def _there_before(request: GenerationRequest) -> Person | None:
    """Who was seen in the nearest shot before that shows anybody: theirs are the hands of an insert without words."""
    for text in scene_words(request):
        prompt = read_prompt(text)
        if prompt.people:
            one, noun = prompt.people[0], prompt.understood.get("people", "somebody")
            return person_from(
                text if len(prompt.people) == 1 else f"{one.kind}, {one.words}, {one.about}", f"{noun} 0"
            )
    return None


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
        self._still, self._frames = still_of(request), request.frames
        plate = self._still if self._still and self._still.behind else None
        self._artist = FrameArtist(scene_look(request, reading), (request.width, request.height), plate, video=True)
        start_s = framing_time_s(request)
        tracks = self._tracks(start_s + 0.5) if framed_by is None else framed_by
        close = PLACES[self._artist.scene.place].close
        self._seated = () if close else reading.seated  # in a car everybody sits, and its seats are drawn for that
        framing = _closer(reading) if close else reading.framing
        first = composed_for(
            sit(rig_at(tracks, start_s), self._seated, self._artist.scene.people), framing, reading.deeds
        )
        shot = Shot(framing, reading.subject, (first.people, first.stage), self._visible)
        camera = camera_of(replace(first, shot=shot), self._artist.scene.people, request.width / request.height)
        self._twos = Twos(self._rate, shot, camera.visible_m)

    def _tracks(self, until_s: float) -> Tokens:
        tokens = self._tokens(until_s)
        people = [name for name, k in (("CA", 0), ("CB", 1)) if k in self._visible]
        return {name: tokens[name] for name in (*people, "STAGE")}

    def frame(self, index: int) -> Exposure | Picture:
        """Take frame `index`, exposed for a whole frame; `developed`, `write_movie` takes it."""
        if self._still and not self._still.behind:
            return self._still.frame(index / max(self._frames - 1, 1))
        time_s = float(index / self._rate)
        tracks = self._tracks(time_s + 0.5)
        return self._artist.exposure(sit(self._twos.rig(tracks, index), self._seated, self._artist.scene.people))


def developed(drawn: Exposure | Picture) -> Picture | None:
    """A painted frame as `write_movie` takes it, valid until the next one; None for the last one again."""
    return drawn.develop() if isinstance(drawn, Exposure) else drawn


def _closer(reading: Reading) -> str:
    """The framing in a place too small to be seen whole."""
    return {"wide": "two-shot" if len(reading.names) > 1 else "medium"}.get(reading.framing, reading.framing)
