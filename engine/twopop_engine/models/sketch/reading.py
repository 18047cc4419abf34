"""A request read: what of it becomes the score, what the decoders do themselves, and what was not understood.

Words are looked up, not guessed at: a slot that no word fills is "unspecified", its stand-in is listed under
`guessed`, and words that did nothing under `ignored`. All times are seconds in the take clock, which is the stage's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from twopop.beats import ON_BEAT
from twopop.request import GenerationRequest
from twopop.wire import Cue, Finding, Reference, Voice

from .actions import FLOORS, GAITS_LEARNT
from .ambience import Atmosphere, read_place
from .asked_music import asked_piece, beats_of, music_span, with_told_music
from .carrying import Carried, with_things_left
from .casting import Part, parts_of, whose_hands
from .doing import Deeds, lay_hands
from .effects import SPOTS, Effects, HeardCue, read_effects
from .foley_tables import things_in
from .gait import Gait
from .lasting import Lasting
from .lines import OFF_STAGE, Dialogue, Durations, lay_out
from .music import Piece
from .prompt import UNSPECIFIED, Prompt
from .recorded import Recording, findings_of, read_recordings, with_spoken
from .score import Blocking, Framing, Score, SoundCue
from .still import is_plate
from .telling import Told, tell
from .voices import is_woman
from .ways import Room, lay_ways

_VIEWS: Final = {
    "wide": (2.2, 0.95), "two-shot": (1.5, 1.2), "medium": (1.2, 1.28), "over-the-shoulder": (0.9, 1.4),
    "medium-close": (0.8, 1.42), "close-up": (0.55, 1.5), "insert": (0.46, 0.95),
}  # fmt: skip
"""Framing -> height of the view in metres, height of its centre."""
_SETS: Final = {"rooftop": "rooftop", "stage": "stage", "open_sky": "sky", "car": "car"}
"""Places that are seen and have no sound of their own."""
_STRONG: Final = {
    "angry": (0.9, -0.5),
    "shouting": (1.0, -0.3),
    "tired": (0.1, -0.1),
    "sad": (0.2, -0.6),
    "happy": (0.6, 0.7),
}
"""Word of a manner -> arousal and smile of whoever says it."""


_LEARNT_M: Final = 3.0
"""So far from the middle the weights know anybody; ways that are laid out go farther."""
_STORM_LIGHT: Final = 0.35
"""Light level under which lightning stands out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A request understood.

    Attributes:
        score: What the model is conditioned on.
        dialogue: Lines and cast.
        names: Who stands on stage, by name; at most two.
        parts: The same people, with what the prompt says of each.
        deeds: What they do that is laid over the sampled tokens.
        cues: Timed effects.
        atmosphere: The place as it sounds.
        piece: The music, None for none; its clock is the source's; it sounds within `music_s` of that (from, to).
        framing: A word of the rasterizer's framings; `subject` is who is framed.
        move: A name of `moves.MOVES`; `way` is where it goes, -1 to the left or 1 to the right.
        set: The place as it is seen, where that is none of the sounding ones; else "".
        seated: Who sits.
        hour, weather, style: Of the look.
        words: Everything that describes the picture, for the people drawn.
        recordings: Lines that were recorded; `dialogue` holds a line for the body of each.
        carried: What the shot before left on the stage.
        going_on: Its lasting sounds as they end here; those of another place are not heard.
        facts: For the slate: understood, guessed, ignored, findings.
    """

    score: Score
    dialogue: Dialogue
    names: tuple[str, ...]
    parts: tuple[Part, ...]
    deeds: Deeds
    cues: tuple[HeardCue, ...]
    atmosphere: Atmosphere
    piece: Piece | None
    music_s: tuple[float, float]
    framing: str
    subject: int
    move: str
    way: float
    set: str
    seated: tuple[int, ...]
    hour: str
    weather: str
    style: str
    words: str
    recordings: tuple[Recording, ...] = ()
    carried: Carried = field(default_factory=Carried)
    going_on: tuple[Lasting, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def where(self) -> str:
        """The place as it is seen, by the name its sounds are tied to."""
        return self.set or self.atmosphere.name

    @property
    def visible_m(self) -> float:
        """About how high what the shot shows is."""
        return _VIEWS[self.framing][0]


class _Notes:
    """What was understood, guessed and ignored, as it comes up."""

    def __init__(self) -> None:
        self.understood: dict[str, str] = {}
        self.guessed: list[str] = []
        self.ignored: list[str] = []

    def find(self, slot: str, pattern: str, words: str) -> bool:
        """Whether a word of the pattern is there; it is noted under its slot."""
        found = re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", words, re.IGNORECASE)
        if found:
            self.understood[slot] = found[0].lower()
        return found is not None


def read_request(request: GenerationRequest, durations: Durations, carried: Carried | None = None) -> Reading:
    """Reads a shot request.

    Args:
        request: Of a shot.
        durations: The model's duration predictor.
        carried: What the shot before left on the stage; None where the shot begins afresh.

    Raises:
        BackendError: A line cannot be spoken, or not in the time there is.
    """
    carried = carried or Carried()
    recordings = read_recordings(request)
    request = with_spoken(request, recordings)
    brief, notes = request.brief, _Notes()
    told = tell(brief, request.scene)
    request = with_told_music(request, told.music)
    brief = request.brief
    notes.understood.update(told.understood)
    notes.guessed += told.guessed
    notes.ignored += [f"REF {reference.kind} {reference.path}" for reference in brief.references if not used(reference)]
    notes.ignored += [f"NEG {brief.negative}"] if brief.negative else []
    words = " ".join(part for part in (brief.camera, brief.prompt, brief.style) if part)
    names = _on_stage(request, words, told, carried, notes)
    parts = parts_of(names, told.prompt)
    dialogue = lay_out(request, [name for name in names if name], durations)
    atmosphere = _place(request, told, notes)
    framing, subject = _framing(told, words, names, dialogue, notes)
    spots = _spots(request, names, carried)
    where = _SETS.get(told.place, "") or atmosphere.name
    here = tuple(sound for sound in carried.lasting if sound.heard_in(where))
    elsewhere = tuple(sound for sound in carried.lasting if not sound.heard_in(where))
    lying = {kind: (x, y) for kind, x, y in carried.props}
    effects = read_effects(request, parts, spots, atmosphere.name, notes.guessed, here, lying, dict(carried.held))
    props = with_things_left(effects.asked, carried)
    notes.guessed += _going_on(effects.going_on, elsewhere)
    piece = asked_piece(request, notes.understood, notes.guessed)
    beats = _beats(request, piece, notes, words)
    deeds = _deeds(request, parts, spots, carried, dialogue, effects, framing, beats, words)
    score = Score(
        lines=tuple(line.scored() for line in dialogue.lines),
        characters=_blocking(names, spots, dialogue, effects.walkers, deeds.ways, told.prompt),
        props=props,
        framings=(_score_framing(framing, subject, spots),),
        cues=(*effects.scored, *_step_cues(deeds.gaits, effects)),
        sounds=effects.sounds,
        place=atmosphere.name,
        ambience=0.5,
        light_level=_STORM_LIGHT if any(prop and prop.kind == "lightning" for prop in effects.props) else 0.7,
        wind=0.6 if told.windy else 0.0,
        music=piece and piece.moved(-float(request.generated.start / request.frame_rate)),
        beats=beats,
        on_beat=bool(beats),
    )
    return Reading(
        score=score,
        dialogue=dialogue,
        names=tuple(names),
        parts=parts,
        deeds=deeds,
        cues=effects.cues,
        atmosphere=atmosphere,
        piece=piece,
        music_s=music_span(request),
        framing=framing,
        subject=subject,
        move=told.camera,
        way=_camera_way(brief.camera or words, deeds.gaits),
        set=_SETS.get(told.place, ""),
        seated=tuple(k for k, part in enumerate(parts) if "sit" in part.doing and k not in effects.walkers),
        hour=told.hour,
        weather=told.weather,
        style=told.style,
        words=words,
        recordings=recordings,
        carried=carried,
        going_on=(*effects.going_on, *elsewhere),
        facts=_facts(notes, dialogue, (*findings_of(request, recordings), *effects.findings)),
    )


def _beats(request: GenerationRequest, piece: Piece | None, notes: _Notes, words: str) -> tuple[float, ...]:
    """The beats that steps keep to where words ask for it, in seconds of the take."""
    if not notes.find("on the beat", ON_BEAT, words):
        return ()
    beats = beats_of(request, piece)
    if not beats:
        notes.guessed.append("to the beat: there is no music, in the shot or over it, so steps keep to none")
    return beats


def _going_on(here: Iterable[Lasting], elsewhere: Iterable[Lasting]) -> Iterator[str]:
    """What is said of lasting sounds of the shots before."""
    for sound in here:
        yield f"{sound.kind} of the shot before {'goes on' if sound.goes_on else 'goes on until it ends'}"
    for sound in elsewhere:
        yield f"{sound.kind} of the shot before is in another place ({sound.place}): not heard here"


def _camera_way(words: str, gaits: Iterable[Gait | None]) -> float:
    """Where a camera goes that pans or dollies: where the words say, else with somebody who goes, else to the right."""
    said = re.search(r"\b(left|right)(?:wards?)?\b", words, re.IGNORECASE)
    if said:
        return -1.0 if said[1].lower() == "left" else 1.0
    return next((gait.way for gait in gaits if gait), 1.0)


def used(reference: Reference) -> bool:
    """Whether a file makes a difference: recorded lines are heard, stills without a name are seen."""
    return reference.kind == "line" or is_plate(reference)


def _facts(notes: _Notes, dialogue: Dialogue, further: Iterable[Finding]) -> dict[str, Any]:
    """JSON for the slate."""
    voices = {
        name: {"understood": list(c.understood), "ignored": list(c.ignored), "pitch_hz": round(c.knobs.pitch_hz, 1)}
        for name, c in dialogue.cast.items()
    }
    guessed = [c.guessed for c in dialogue.cast.values() if c.guessed]
    ignored = [word for line in dialogue.lines for word in line.manner.ignored]
    return {
        "understood": notes.understood,
        "guessed": [*notes.guessed, *guessed],
        "ignored": list(dict.fromkeys([*notes.ignored, *ignored])),
        "voices": voices,
        "findings": [finding.model_dump() for finding in (*dialogue.findings, *further)],
    }


def _on_stage(request: GenerationRequest, words: str, told: Told, carried: Carried, notes: _Notes) -> list[str]:
    """Names of who is seen, left to right; "" is somebody without a name. Speakers keep their side in every shot."""
    speaking = [line.speaker for line in request.brief.lines if line.lips]
    cast = [voice.speaker for voice in cast_of(request)]
    mentioned = [name for name in cast if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE)]
    told_of = [one.name for one in told.prompt.people if one.name and one.count == "1"]
    seen = list({name.casefold(): name for name in (*told_of, *mentioned, *speaking)}.values())
    if not seen and told.framing == "insert" and told.prompt.slots["people"] != "0":
        seen = _at_hand(request, told, carried, notes)
    if len(seen) > 2:
        notes.guessed.append(f"two people fit on stage: {', '.join(seen[2:])} not seen")
    wanted = _head_count(told.prompt, bool(seen), notes)
    if wanted == 2 and len(seen) == 1 and told.framing in ("two-shot", "over-the-shoulder"):
        seen += [name for name in cast if name not in seen][:1]  # a two-shot of a cast of two is of both
    named = sorted(seen[:2], key=str.casefold)
    return named + [""] * (wanted - len(named))


def _at_hand(request: GenerationRequest, told: Told, carried: Carried, notes: _Notes) -> list[str]:
    """Whose hands an insert shows that names nobody: those of who handles the thing in the scene."""
    cast = [voice.speaker for voice in cast_of(request)]
    cued = [cue.text for cue in request.brief.cues if cue.role == "effects"]
    things = [choice.thing for text in (*cued, request.brief.prompt) for choice in things_in(text)]
    last = [*(name for _, name in carried.hands if name in carried.seen), *carried.seen]
    name = whose_hands(
        cast, told.prompt.people, things, dict(reversed(carried.hands)), last, (*cued, *scene_words(request))
    )
    notes.guessed += [f"no word says whose hands are seen: {name}'s"] if name else []
    return [name] if name else []


def _head_count(prompt: Prompt, anyone: bool, notes: _Notes) -> int:
    """How many people the words ask for; speakers come on top of it where they are more, and are no crowd."""
    people = prompt.slots["people"]
    if people == UNSPECIFIED:
        if not anyone:
            notes.guessed.append("no word says who is seen: one person")
        return 0 if anyone else 1
    if people == "many":
        return 0 if anyone else 2
    return int(people)


def _texts(cues: Iterable[Cue], role: str) -> str:
    return ", ".join(cue.text for cue in cues if cue.role == role)


def cast_of(request: GenerationRequest) -> tuple[Voice, ...]:
    """Everyone of the shot and its scene."""
    people = {voice.speaker: voice for voice in (*(request.scene.cast if request.scene else ()), *request.brief.voices)}
    return tuple(people.values())


def scene_words(request: GenerationRequest) -> tuple[str, ...]:
    """What a silent shot takes place, hour and weather from: the shots before it, the nearest first, then the bed."""
    scene = request.scene
    return (*reversed(scene.before), scene.setting) if scene else ()


def _without(text: str, phrases: str) -> str:
    """A prompt without what people do in it: somebody who waves is not the sea."""
    for phrase in phrases.split(", ") if phrases else ():
        text = re.sub(rf"\b{re.escape(phrase)}\b", " ", text, flags=re.IGNORECASE)
    return text


_SOUNDS_LIKE: Final = {
    "living_room": "room", "train_platform": "station", "station_hall": "station", "rooftop": "city", "stage": "hall",
    "open_sky": "field", "hallway": "hall",
}  # fmt: skip
"""Place of a prompt -> place of the model's layout."""


def _place(request: GenerationRequest, told: Told, notes: _Notes) -> Atmosphere:
    """The place as it sounds: what BG cues say, and what they leave open as the picture has it."""
    asked = _texts(request.brief.cues, "ambience")
    prompt = _without(request.brief.prompt, told.prompt.understood.get("action", ""))
    texts = (prompt, *scene_words(request))
    named = next((place for place in map(read_place, texts) if place.name != "unspecified"), None)
    seen = named.name if told.place == UNSPECIFIED and named else _SOUNDS_LIKE.get(told.place, told.place)
    place = read_place(asked or prompt, seen)
    if not asked and place.name != seen:
        place = replace(read_place("", seen), understood=place.understood)
    if place.understood:
        notes.understood["ambience"] = ", ".join(place.understood)
    elif place.name == "unspecified":
        notes.guessed.append("no word names a place: a quiet room")
    return place


def _framing(told: Told, words: str, names: list[str], dialogue: Dialogue, notes: _Notes) -> tuple[str, int]:
    """The framing word, and who is framed: whoever is named in the camera text, else who speaks first."""
    found = told.framing
    speaking = next((line.who for line in dialogue.lines if line.who != OFF_STAGE), 0)
    named = (k for k, name in enumerate(names) if name and re.search(rf"\b{re.escape(name)}\b", words, re.IGNORECASE))
    subject = next(named, speaking)
    if not found:
        found = (
            "wide" if not names else "two-shot" if len(names) > 1 else "medium-close" if dialogue.lines else "medium"
        )
        notes.guessed.append(f"no word says how it is framed: {found}")
    if found in ("two-shot", "over-the-shoulder") and len(names) < 2:
        found = "medium"
    return found, subject


_CLOSEST_M: Final = 0.6
"""Two people do not stand nearer to each other than this."""
_GONE_M: Final = 2.4
"""Who went farther from the middle than this has left, and comes back to their spot."""


def _spots(request: GenerationRequest, names: list[str], carried: Carried) -> tuple[float, ...]:
    """Where everybody stands: where the last shot left them, else on their side of the scene, the same in every shot.

    Of a scene's people the first two by name have a side each, whoever of them is seen.
    """
    own = SPOTS[len(names)]
    cast = sorted({voice.speaker for voice in cast_of(request)} | {name for name in names if name}, key=str.casefold)
    if len(names) == 1 and len(cast) > 1 and names[0] in cast[:2]:
        own = (SPOTS[2][cast.index(names[0])],)
    there = {name: x for name, x in carried.places.items() if abs(x) < _GONE_M}
    spots = tuple(there.get(name, spot) for name, spot in zip(names, own, strict=True))
    return own if len(spots) == 2 and abs(spots[0] - spots[1]) < _CLOSEST_M else spots


def _score_framing(framing: str, subject: int, spots: tuple[float, ...]) -> Framing:
    height, y = _VIEWS[framing]
    whole = framing in ("wide", "two-shot")
    x = sum(spots) / len(spots) if whole and spots else spots[min(subject, len(spots) - 1)] if spots else 0.0
    zoom = {"wide": 2.2, "two-shot": 1.5}.get(framing, height)
    return Framing(0.0, x, y, math.log(2.0 / zoom))


def _step_cues(gaits: Iterable[Gait | None], effects: Effects) -> list[SoundCue]:
    """Every landing of a foot that is laid out: the model is told of it."""
    kind = next((sound for sound in sorted(effects.sounds) if sound in FLOORS), "")
    cued = {round(cue.time_s, 6) for cue in effects.scored if cue.lane == 0}
    lands = sorted(land for gait in gaits if gait for land in gait.lands_s)
    return [SoundCue(land, 0, kind) for land in lands if kind and round(land, 6) not in cued]


def _seen_s(request: GenerationRequest) -> tuple[float, float]:
    """When the shot is seen, take clock."""
    used = request.used_in_take
    return float(max(0, used.start) / request.frame_rate), float(min(used.end, request.frames) / request.frame_rate)


def _deeds(
    request: GenerationRequest,
    parts: tuple[Part, ...],
    spots: tuple[float, ...],
    carried: Carried,
    dialogue: Dialogue,
    effects: Effects,
    framing: str,
    beats: tuple[float, ...],
    words: str,
) -> Deeds:
    """What everybody does that is laid over the tokens."""
    seen, names = _seen_s(request), [part.name for part in parts]
    known = frozenset(k for k, part in enumerate(parts) if spots[k] == carried.places.get(part.name))
    going = lay_ways(parts, effects, Room(spots, known, framing, carried.cut_s, seen, beats))
    ways = tuple((gait.from_m, gait.to_m) if gait else (spot, spot) for gait, spot in zip(going, spots, strict=True))
    gaits = tuple(None if gait and gait.kind in GAITS_LEARNT else gait for gait in going)
    facings = [_facing(names, spots, k) for k in range(len(parts))]
    busy = [any(prop and prop.handler == k for prop in effects.props) for k in range(len(parts))]
    lines = tuple(line.scored() for line in dialogue.lines)
    hands = lay_hands(parts, words, facings, busy, lines, seen, beats)
    handled = effects.handled(carried.cut_s, float(request.frames / request.frame_rate))
    return Deeds(ways, gaits, hands, handled, spots, carried.cut_s)


def _blocking(
    names: list[str],
    spots: tuple[float, ...],
    dialogue: Dialogue,
    walkers: frozenset[int],
    ways: tuple[tuple[float, float], ...],
    prompt: Prompt,
) -> tuple[Blocking, Blocking]:
    people: list[Blocking] = []
    for who in (0, 1):
        if who >= len(names):
            people.append(Blocking(on_stage=False))
            continue
        arousal, smile = _mood(dialogue, who, prompt)
        from_x, to_x = (max(-_LEARNT_M, min(_LEARNT_M, x)) for x in ways[who])
        people.append(
            Blocking(
                from_x=from_x,
                to_x=to_x,
                z=0.2,
                facing=_facing(names, spots, who),
                may_walk=who in walkers,
                liveliness=0.3 + 0.6 * arousal,
                smile=smile,
                arousal=arousal,
            )
        )
    return people[0], people[1]


def _facing(names: list[str], spots: tuple[float, ...], who: int) -> float:
    """Two look at each other, also where only one is seen; one alone looks a little off the camera."""
    if len(names) > 1:
        return 0.55 if spots[who] < spots[1 - who] else -0.55
    if abs(spots[who]) > 0.2:
        return -math.copysign(0.55, spots[who])
    return 0.35 if is_woman(names[who]) else -0.35


_MOODS: Final = {
    "angry": (0.9, -0.5), "calm": (0.15, 0.1), "happy": (0.6, 0.7), "mysterious": (0.3, -0.1), "playful": (0.7, 0.6),
    "romantic": (0.35, 0.4), "sad": (0.2, -0.6), "tense": (0.75, -0.3),
}  # fmt: skip
"""Mood of a prompt -> arousal and smile of everybody whose lines say nothing else."""


def _mood(dialogue: Dialogue, who: int, prompt: Prompt) -> tuple[float, float]:
    """Arousal and smile of somebody, from the manners of their lines, else from the mood of the prompt."""
    moods = [
        _STRONG[word]
        for line in dialogue.lines
        if line.who == who
        for word in line.manner.understood
        if word in _STRONG
    ]
    if not moods:
        return _MOODS.get(prompt.slots["mood"], (0.4, 0.05))
    return max(mood[0] for mood in moods), sum(mood[1] for mood in moods) / len(moods)
