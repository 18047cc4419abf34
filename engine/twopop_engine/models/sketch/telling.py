"""What a brief says about the picture, the rest taken from its scene; pure words, so that a plan can ask for it too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from twopop.wire import Brief, Role, Scene

from .ambience import read_place
from .foley_tables import nearest_sounds, read_cue, things_in
from .lasting import is_silence
from .music import read_music
from .prompt import UNSPECIFIED, Prompt, read_prompt

_FRAMED: Final = {
    "two_shot": "two-shot", "over_shoulder": "over-the-shoulder", "medium_close": "medium-close", "close": "close-up",
    "full": "wide", "wide": "wide", "medium": "medium", "insert": "insert",
}  # fmt: skip
_NEAREST_WEATHER: Final = {"storm": "rain", "wind": "clear"}


@dataclass(frozen=True, slots=True)
class Told:
    """A brief as words for the eye.

    Attributes:
        prompt: What the shot itself says.
        place: A value of the slot, inherited where the shot is silent; so are `hour` and `weather`.
        hour: dawn, day, dusk or night.
        weather: clear, rain, snow or fog: what is drawn. `windy` and `stormy` are what else was said.
        style: paint or ink.
        framing: A word of the rasterizer's framings, "" where no word says.
        camera: A value of the slot.
        music: Words for music that the shot plays because its prompt says so; "" where it says none, or where an MX
            cue or a bed says it.
        understood, guessed, ignored: For people: slot -> words, and sentences.
    """

    prompt: Prompt
    place: str
    hour: str
    weather: str
    windy: bool
    style: str
    framing: str
    camera: str
    music: str
    understood: dict[str, str]
    guessed: tuple[str, ...]
    ignored: tuple[str, ...]


def tell(brief: Brief, scene: Scene | None = None) -> Told:
    """Reads a brief, and for what it leaves open its scene: the nearest earlier shot first, then the bed."""
    people = [voice.speaker for voice in (*(scene.cast if scene else ()), *brief.voices)]
    names = tuple(dict.fromkeys([*(line.speaker for line in brief.lines), *people]))
    own = read_prompt(". ".join(part for part in (brief.camera, brief.prompt, brief.style) if part), names)
    earlier = [read_prompt(text, names) for text in (*reversed(scene.before), scene.setting)] if scene else []
    place, hour, weather = (_inherited(slot, own, earlier) for slot in ("place", "time", "weather"))
    understood = dict(own.understood)
    for slot, prompt in (("place", place), ("time", hour), ("weather", weather)):
        if prompt is not own and prompt is not None:
            understood[slot] = f"{prompt.understood[slot]} (of its scene)"
    said = UNSPECIFIED if weather is None else weather.slots["weather"]
    return Told(
        prompt=own,
        place=UNSPECIFIED if place is None else place.slots["place"],
        hour="day" if hour is None else hour.slots["time"],
        weather=_NEAREST_WEATHER.get(said, "clear" if said == UNSPECIFIED else said),
        windy=said in ("wind", "storm"),
        style="ink" if own.style == "ink" else "paint",
        framing=_framing(own),
        camera=own.slots["camera"],
        music=_music(own) if _plays(brief, scene) else "",
        understood=understood,
        guessed=(
            *_guesses(own, said, crowd=not brief.lines and not any(one.name for one in own.people)),
            *_overruled(own, brief, scene),
            *_unknown_sounds(brief),
        ),
        ignored=tuple(word for word in own.ignored if not (_handles(own) and things_in(word))),
    )


def told_facts(brief: Brief, scene: Scene | None = None, role: Role | None = None) -> dict[str, Any]:
    """What a plan shows of a shot, or of a bed of a `role`: the fields of `twopop.wire.Understanding`."""
    if role is not None:
        return bed_facts(words_of_bed(brief), role)
    told = tell(brief, scene)
    words = ", ".join(cue.text for cue in brief.cues if cue.role == "music" and not cue.hit) or told.music
    guessed = [f"MX: {said}" for said in read_music(words).guessed] if words and brief.sound else []
    return {"understood": told.understood, "guessed": (*told.guessed, *guessed), "ignored": told.ignored}


def words_of_bed(brief: Brief) -> str:
    """All that a bed's brief says of how it sounds."""
    asked = (cue.text for cue in brief.cues if not cue.hit)
    return ", ".join(part for part in (brief.prompt, *asked) if part)


def bed_facts(words: str, role: Role) -> dict[str, Any]:
    """What is made of the words of a bed, in the same form."""
    if role == "music":
        piece = read_music(words)
        understood, guessed = piece.understood, list(piece.guessed)
    else:
        understood = read_place(words).understood
        guessed = [] if understood else ["no word names a place: a quiet room"]
    return {"understood": {role: ", ".join(understood)} if understood else {}, "guessed": guessed, "ignored": []}


def _inherited(slot: str, own: Prompt, earlier: list[Prompt]) -> Prompt | None:
    return next((prompt for prompt in (own, *earlier) if prompt.slots[slot] != UNSPECIFIED), None)


def _framing(own: Prompt) -> str:
    """The framing that shows what is asked: hands and things are no faces."""
    return "insert" if own.thing and own.slots["framing"] == "close" else _FRAMED.get(own.slots["framing"], "")


def _guesses(own: Prompt, weather: str, crowd: bool) -> Iterator[str]:
    """What is drawn otherwise than it was said; a `crowd` is of people without names."""
    yield from own.conflicts
    yield from (f'"{written}" read as "{taken}"' for written, taken in own.mended)
    if crowd and own.slots["people"] == "many":
        yield f'"{own.understood["people"]}": two people at most are drawn'
    if own.slots["framing"] == "full":
        yield "a full shot is drawn as wide"
    if weather in _NEAREST_WEATHER:
        yield f"{weather}: drawn as {_NEAREST_WEATHER[weather]}, and heard where it is asked for"
    if own.style == "photo":
        yield "that style sketch does not have: drawn as paint; there are paint and ink"
    if own.names:
        yield f"{', '.join(own.names)}: drawn as nobody's in particular"


def _plays(brief: Brief, scene: Scene | None) -> bool:
    """Whether nothing but the prompt says what music there is."""
    cued = any(cue.role == "music" and not cue.hit for cue in brief.cues)
    return brief.sound and not cued and (scene is None or scene.music is None)


def _music(own: Prompt) -> str:
    """The prompt's music as an MX cue would ask for it."""
    style = own.slots["music"]
    if style in (UNSPECIFIED, "none"):
        return ""
    return own.music if style == "some" or style in own.music else f"{own.music} {style}"


def _handles(own: Prompt) -> bool:
    """Whether somebody takes a thing up or puts it down: it is seen, though no slot has it."""
    return not {"pick_up", "put_down"}.isdisjoint(own.actions)


def _unknown_sounds(brief: Brief) -> Iterator[str]:
    """Cues that name no sound that is known."""
    for cue in brief.cues if brief.sound else ():
        if cue.role == "effects" and not cue.hit and not (read_cue(cue.text).understood or is_silence(cue.text)):
            near = ", ".join(nearest_sounds(cue.text))
            yield f'FX "{cue.text}": no known sound in it, a plain hit{f"; nearest: {near}" if near else ""}'


def _overruled(own: Prompt, brief: Brief, scene: Scene | None) -> Iterator[str]:
    if not _music(own) or not brief.sound or _plays(brief, scene):
        return
    bed = scene.music.text if scene and scene.music else ""
    yield f'music ("{own.music}"): {f"the bed plays instead ({bed})" if bed else "the MX cue says what is played"}'
