"""Tokens -> four stems, a second at a time: dialogue, effects, ambience, music.

Memory does not grow with the length of the take, and a block does not depend on where the blocks begin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twopop.request import GenerationRequest
from twopop.timebase import frame_to_sample
from twopop.wire import ROLES, Role

from . import speech
from .actions import ACTIONS, FAR_M, lane
from .ambience import Atmosphere, render_ambience, token_gain
from .effects import HeardCue
from .foley import SAMPLE_RATE, Floats, PlacedEvent, render_events, render_sustain
from .lanes import SoundEvent, Sustain, apart, read_events, read_sustain
from .lasting import Lasting, render_lasting
from .layout import CA, CB, DX, FX, MX, STAGE
from .lines import SpokenLine
from .music import Piece
from .mx import stretch, window_tokens
from .noise import stream_key, uniform
from .perform import Performance, TokensOf
from .reading import Reading
from .recorded import is_recorded
from .stems import LOOK_SAMPLES, Ints, finish
from .voice import speak_as

Tokens = Mapping[str, NDArray[np.float32]]
TokenSource = Callable[[float], Tokens]
"""Tokens of the take from its start up to a time in seconds at least; those given once never change."""
Renderer = Callable[[int, int], Floats]
"""(first sample, count) in the take clock -> `(count, 2)`; samples before 0 and past the end may be asked for."""

BLOCK: Final = SAMPLE_RATE
_CONTEXT: Final = 3 * LOOK_SAMPLES
_EDGE: Final = 96
"""Samples (2 ms) over which a stem rises from and falls to nothing at the ends of the take."""
_LEAD_S, _TAIL_S = 0.12, 0.16
"""How much silence around a line is decoded with it: breath before, decay after."""
_CUE_REACH_S: Final = 0.25
"""A drawn cue whose sound the model left out within this is sounded by the decoder."""
_LASTS_WITHIN_S: Final = 0.5
"""By when a drawn cue of a lasting sound must have begun to sound; less than `_AHEAD_S`."""
_STEP_ENERGY, _RUNS = 0.55, 1.35
"""Of a step that the model left silent, and how much louder feet that run come down."""
_AHEAD_S: Final = 1.0
"""How far beyond a stretch its tokens are looked at."""
_STAGE_HALF_M: Final = 2.4
COMPOSED: Final = "composed by a grammar, not sampled with the picture"


def stem_blocks(renderers: Mapping[Role, Renderer], samples: int) -> Iterator[dict[Role, Ints]]:
    """All stems at their levels, block by block, as 24-bit integers `(<= BLOCK, 2)`.

    Args:
        renderers: One per stem.
        samples: Length of the take; the blocks add up to exactly this.
    """
    for start in range(0, samples, BLOCK):
        count = min(BLOCK, samples - start)
        yield {role: _finished(role, render, start, count, samples) for role, render in renderers.items()}


def _finished(role: Role, render: Renderer, start: int, count: int, samples: int) -> Ints:
    # The limiter looks 15 ms around; so does the block, or its edges would be limited differently.
    sound = render(start - _CONTEXT, count + 2 * _CONTEXT)
    whole = finish(role, sound)[_CONTEXT : _CONTEXT + count]
    places = np.arange(start, start + count)
    edge = np.minimum(np.minimum(places, samples - 1 - places) / _EDGE, 1.0)
    return whole if edge.min() >= 1.0 else np.rint(whole * edge[:, None]).astype(np.int32)


def shot_renderers(
    request: GenerationRequest, reading: Reading, tokens: TokenSource, day: int = 0
) -> dict[Role, Renderer]:
    """The four stems of a shot; all silent where the brief asks for silence.

    Args:
        day: Which day it is in the place. Every shot there hears the same one, unless its ambience is made anew.
    """
    if not request.brief.sound:
        return {role: _silence for role in ROLES}
    origin = frame_to_sample(request.generated.start, request.frame_rate, SAMPLE_RATE)
    return {
        "ambience": _place(reading.atmosphere, scene_clock(request, reading), tokens, day),  # begins without tokens
        "dialogue": _dialogue(reading, tokens, request.seed),
        "effects": _effects(request, reading, tokens),
        "music": _music(reading.piece, origin, *reading.music_s, tokens=tokens),
    }


def scene_clock(request: GenerationRequest, reading: Reading) -> int:
    """Sample of the place's clock at sample 0 of the take: the scene's, else the source clock."""
    if reading.carried.clock is not None:
        return reading.carried.clock
    return frame_to_sample(request.generated.start, request.frame_rate, SAMPLE_RATE)


def bed_renderers(
    request: GenerationRequest, atmosphere: Atmosphere | None, piece: Piece | None
) -> dict[Role, Renderer]:
    """The one stem of a bed, in the bed's own clock."""
    origin = frame_to_sample(request.generated.start, request.frame_rate, SAMPLE_RATE)
    if atmosphere is not None:
        return {"ambience": _place(atmosphere, origin, None)}
    return {"music": _music(piece, origin)}


def _silence(_start: int, count: int) -> Floats:
    return np.zeros((count, 2))


def _dialogue(reading: Reading, tokens: TokenSource, seed: int) -> Renderer:
    """Lines that the model speaks, and recordings as they are."""
    recordings = reading.recordings
    lines = tuple(k for k in reading.dialogue.lines if not is_recorded(recordings, k.speaker, k.start_s))
    decoder = DialogueDecoder(tokens, lines, seed, reading.carried.cut_s)
    if not recordings:
        return decoder

    def render(start: int, count: int) -> Floats:
        return decoder(start, count) + sum(recording.render(start, count) for recording in recordings)

    return render


class DialogueDecoder:
    """Decodes each line once, when its time comes, and forgets it when it is over.

    Args:
        tokens: DX in natural units, `(tokens, 90)`; token 0 begins at sample 0.
        lines: In time order, without overlap.
        seed: Of the breath in the voices.
        cut_s: Until then the tokens say what the shot before says; its words are not this one's.
    """

    def __init__(self, tokens: TokenSource, lines: tuple[SpokenLine, ...], seed: int, cut_s: float = 0.0) -> None:
        self._tokens, self._lines, self._seed, self._cut_s = tokens, lines, seed, cut_s
        self._spans = [self._span(k) for k in range(len(lines))]
        self._ready: dict[int, Floats] = {}

    def __call__(self, start: int, count: int) -> Floats:
        """Centred stereo of a stretch."""
        out = np.zeros(count)
        for k, (first, last) in enumerate(self._spans):
            low, high = max(first * 960, start), min(last * 960, start + count)
            if high > low:
                if k not in self._ready:
                    self._ready[k] = self._speak(k)
                out[low - start : high - start] += self._ready[k][low - first * 960 : high - first * 960]
            elif last * 960 <= start:
                self._ready.pop(k, None)
        return np.repeat(out[:, None], 2, axis=1)

    def _span(self, k: int) -> tuple[int, int]:
        """Tokens of line `k` with the silence around it, not beyond the middle of a pause it shares."""
        line = self._lines[k]
        low, high = line.start_s - _LEAD_S, line.end_s + _TAIL_S
        if k:
            low = max(low, (self._lines[k - 1].end_s + line.start_s) / 2)
        if k + 1 < len(self._lines):
            high = min(high, (line.end_s + self._lines[k + 1].start_s) / 2)
        if line.start_s >= self._cut_s:
            low = max(low, self._cut_s)
        return max(round(low * DX.rate_hz), 0), max(round(high * DX.rate_hz), 0)

    def _speak(self, k: int) -> Floats:
        line, (first, last) = self._lines[k], self._spans[k]
        dx = self._tokens(last / DX.rate_hz)["DX"][first:last]
        missing = last - first - len(dx)  # a line that the take cuts off
        whole = np.pad(dx, ((0, missing), (0, 0)), mode="edge")
        frames = speak_as(whole, line.voice, whisper=line.manner.lean.whisper).astype(np.float64)
        spoken = speech.synthesize(
            speech.SpeechFrames(frames[:, :40], frames[:, 40], (frames[:, 41] + 1.0) / 2.0, frames[:, 42:]),
            stream_key(self._seed, "dialogue", line.speaker),
            first * 480,
        )
        # A voice is as loud as another whatever its timbre (`speak_as`); how loud a line is said is the manner's.
        gain = 10.0 ** (line.manner.lean.gain_db / 20.0)
        loud = speech.upsample(speech.ride(spoken), 2 * len(spoken)).astype(np.float64) * gain
        ramp = np.minimum(np.arange(len(loud)) / 480.0, 1.0)
        return loud * ramp * ramp[::-1]


def _effects(request: GenerationRequest, reading: Reading, tokens: TokenSource) -> Renderer:
    key, carried = effects_key(request), reading.carried

    def render(start: int, count: int) -> Floats:
        until_s = (start + count) / SAMPLE_RATE
        now = tokens(until_s + _AHEAD_S)
        events = [p for p in placed_events(reading, now) if carried.cut_s <= p.event.time_s < until_s]
        lasting = _seen_to_last(reading, now)
        pans = [_pan_curve(reading, now, sound.kind) for sound in lasting]
        out = render_events(events, start, count, key) + render_sustain(lasting, pans, start, count, key)
        for ring in carried.rings:
            out += render_events(ring.events, start + ring.offset, count, ring.key)
        return out + render_lasting(laid_lasting(reading, tokens, key, until_s), start, count)

    return render


def effects_key(request: GenerationRequest) -> int:
    """The noise that short sounds are made of."""
    return stream_key(request.seed, "effects")


def placed_events(reading: Reading, tokens: Tokens) -> list[PlacedEvent]:
    """Every short sound so far: what bodies and props do, and cues that nobody is seen doing.

    An event of a class that the score did not allow is one that it did; where it allowed none, it is dropped.
    """
    placed: list[PlacedEvent] = []
    for who in (0, 1):
        allowed = sorted(kind for kind in reading.score.sounds if lane(kind) == who)
        events = apart(read_events(tokens["FX"], lane=who)) if allowed else []
        if who == 0 and any(reading.deeds.gaits):
            events = _on_the_feet(events, reading)
        for event in events:
            kind = event.kind if event.kind in allowed else allowed[0]
            heard = SoundEvent(event.time_s, kind, event.energy, event.hardness)
            placed.append(PlacedEvent(heard, _pan(reading, tokens, heard), 0.55 if who == 0 else 1.0))
    for cue in reading.cues:
        if cue.lasting is None and not _sounded(cue, placed):
            heard = SoundEvent(cue.time_s, cue.choice.kind, *_strength(tokens["FX"], cue))
            placed.append(PlacedEvent(heard, _pan(reading, tokens, heard) if cue.laid else 0.0))
    return placed


def _strength(fx: NDArray[np.float32], cue: HeardCue) -> tuple[float, float]:
    """Energy and hardness of what is laid out: dice out of the tokens there; other tokens, other dice."""
    if not cue.laid:
        return 0.7, 0.6
    at = min(max(int(cue.time_s * FX.rate_hz), 0), len(fx) - 1)
    dice = uniform(stream_key(int.from_bytes(np.ascontiguousarray(fx[at], "<f4").tobytes(), "little"), "laid"), 0, 2)
    return 0.55 + 0.3 * float(dice[0]), 0.45 + 0.3 * float(dice[1])


def _on_the_feet(events: list[SoundEvent], reading: Reading) -> list[SoundEvent]:
    """Steps of a gait that was laid out: as loud and hard as the model makes them, on the instant the foot lands."""
    out: list[SoundEvent] = []
    for gait in filter(None, reading.deeds.gaits):
        for land_s in gait.lands_s:
            own = min(events, key=lambda event: abs(event.time_s - land_s), default=None)
            near = own is not None and abs(own.time_s - land_s) <= gait.step_s / 2
            energy, hardness = (own.energy, own.hardness) if own and near else (_STEP_ENERGY, _STEP_ENERGY)
            louder = _RUNS if gait.kind == "run" else 1.0
            out.append(SoundEvent(land_s, "", min(1.0, energy * louder), min(1.0, hardness * louder)))
    return sorted(out, key=lambda event: event.time_s)


def _sounded(cue: HeardCue, placed: list[PlacedEvent]) -> bool:
    """Whether the model made the sound of a drawn cue itself."""
    near = (p.event for p in placed if abs(p.event.time_s - cue.time_s) <= _CUE_REACH_S)
    return cue.drawn and not cue.laid and any(event.kind == cue.choice.kind for event in near)


def _seen_to_last(reading: Reading, tokens: Tokens) -> list[Sustain]:
    """What the model itself makes last; up to the cut it is the shot before that does."""
    kinds = sorted(kind for kind in reading.score.sounds if lane(kind) == 2)
    own = FX.times_s(len(tokens["FX"])) >= reading.carried.cut_s
    return [Sustain(sound.kind, sound.level * own) for sound in read_sustain(tokens["FX"], kinds)]


def laid_lasting(reading: Reading, tokens: TokenSource, key: int, until_s: float) -> Iterator[Lasting]:
    """What is heard to last up to a time beside what the model makes last: from before the cut, and of cues."""
    for sound in reading.going_on:
        if sound.heard_in(reading.where):
            yield sound
    for cue in reading.cues:
        if (
            cue.lasting
            and cue.lasting.begin_s < until_s
            and not (cue.drawn and not cue.laid and _lasts(cue, reading, tokens))
        ):
            yield replace(cue.lasting, key=key)


def _lasts(cue: HeardCue, reading: Reading, tokens: TokenSource) -> bool:
    """Whether the model sounds a drawn cue itself, right after it (or about it, if it passes by)."""
    for sound in _seen_to_last(reading, tokens(cue.time_s + _LASTS_WITHIN_S)):
        at = FX.times_s(len(sound.level))
        near = sound.level[np.abs(at - cue.time_s) <= _LASTS_WITHIN_S]
        if sound.kind == cue.choice.kind and near.max(initial=0.0) > 0.2:
            return True
    return False


def all_lasting(reading: Reading, tokens: Tokens, key: int) -> tuple[Lasting, ...]:
    """Everything that lasts in a whole take, for the shot after it; what is elsewhere is not forgotten."""
    here = {sound for sound in reading.going_on if sound.heard_in(reading.where)}
    elsewhere = (sound for sound in reading.going_on if sound not in here)
    laid = laid_lasting(reading, lambda _: tokens, key, math.inf)
    made = (_as_made(reading, tokens, sound, key) for sound in _seen_to_last(reading, tokens) if sound.level.any())
    return tuple(replace(sound, place=sound.place or reading.where) for sound in (*laid, *elsewhere, *made))


def _as_made(reading: Reading, tokens: Tokens, sound: Sustain, key: int) -> Lasting:
    """What the model makes last; a pan on the stove does so beyond the take."""
    times, pans = FX.times_s(len(sound.level)), _pan_curve(reading, tokens, sound.kind)
    points = [(float(t), float(g) ** 1.5, float(p)) for t, g, p in zip(times, sound.level, pans, strict=False)]
    if sound.kind != "sizzle":
        points.append((points[-1][0] + 0.5, 0.0, points[-1][2]))
    return Lasting(sound.kind, tuple(points), key=key)


def _pan(reading: Reading, tokens: Tokens, event: SoundEvent) -> float:
    """Where on the stage it happened: with whoever moved most just then, or where the prop is."""
    at = max(int(event.time_s * STAGE.rate_hz), 0)
    if lane(event.kind) == 0:
        tracks = [tokens[group.name][:, group.index["root_x"]] for group in (CA, CB)]
        track = max(tracks, key=lambda xs: float(np.ptp(xs[max(at - 12, 0) : at + 12])) if at < len(xs) else 0.0)
        return float(np.clip(track[min(at, len(track) - 1)] / _STAGE_HALF_M, -1.0, 1.0)) * 0.6
    curve = _pan_curve(reading, tokens, event.kind)
    return float(curve[min(at, len(curve) - 1)])


def _pan_curve(reading: Reading, tokens: Tokens, kind: str) -> NDArray[np.float64]:
    """Where the prop is that makes a sound, at every token: -1 left to 1 right. Thunder is all around."""
    slot = next((k for k, prop in enumerate(reading.score.props) if prop and ACTIONS[prop.kind].sound == kind), 0)
    prop = reading.score.props[slot]
    motion = ACTIONS[prop.kind].motion if prop else "place"
    if motion == "flash":
        return np.zeros(len(tokens["STAGE"]))
    x = tokens["STAGE"][:, STAGE.index[f"prop{slot}.x.0"]].astype(np.float64)
    scale = FAR_M / 2 if motion == "pass" else 1.0
    return np.clip(scale * x / _STAGE_HALF_M, -1.0, 1.0) * (1.0 if motion == "pass" else 0.6)


def _place(atmosphere: Atmosphere, origin: int, tokens: TokenSource | None, day: int = 0) -> Renderer:
    def render(start: int, count: int) -> Floats:
        sound = render_ambience(atmosphere, origin + start, count, seed=day)
        if tokens is None:
            return sound
        bg = tokens((start + count) / SAMPLE_RATE + _AHEAD_S)["BG"]
        return sound * token_gain(bg, start, count)[:, None]

    return render


def _music(
    piece: Piece | None,
    origin: int,
    begin_s: float = -math.inf,
    end_s: float = math.inf,
    tokens: TokenSource | None = None,
) -> Renderer:
    if piece is None:
        return _silence
    performances: list[Performance] = []

    def render(start: int, count: int) -> Floats:
        times = np.arange(origin + start, origin + start + count) / SAMPLE_RATE
        gate = np.clip((times - begin_s) / 0.02, 0.0, 1.0) * np.clip((end_s - times) / 0.8, 0.0, 1.0)
        if not gate.any():
            return np.zeros((count, 2))
        if not performances:  # who gives the notes is known once the sampler has begun
            performances.append(Performance(piece, _sampled(piece, origin / SAMPLE_RATE, tokens)))
        return performances[0].render(origin + start, count) * gate[:, None]

    return render


def _sampled(piece: Piece, origin_s: float, tokens: TokenSource | None) -> TokensOf | None:
    """The music tokens of the pass that made the picture, if it made any."""
    if tokens is None or MX.name not in tokens(0.0):
        return None
    begun = window_tokens(piece.tempo, origin_s, 0.0)[0]

    def of(first: int, count: int) -> NDArray[np.float32]:
        until_s = float(piece.tempo.seconds((first + count) / 4.0)) - origin_s
        return stretch(tokens(until_s)[MX.name], first - begun, count)

    return of


def music_made(reading: Reading, tokens: Tokens) -> dict[str, str]:
    """For the slate: whose notes the music is."""
    if reading.piece is None:
        return {}
    return {"music": "sampled with the picture" if MX.name in tokens else COMPOSED}
