"""Training windows: a few seconds of two people on a stage, drawn at random, as targets and score.

Everything but the speech itself is made here on the fly, so no two epochs are alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..models.sketch import layout
from ..models.sketch.actions import ACTIONS, FLOORS, lane
from ..models.sketch.lanes import SoundEvent, write_lane, write_sustain
from ..models.sketch.layout import BG, CHARACTERS, DX, FX, STAGE, Floats
from ..models.sketch.phones import Phone, merge_segments, shift_phones
from ..models.sketch.score import Blocking, Framing, Line, Prop, Score, SoundCue, setups
from .blocking import Body, gesture, stand, walk
from .corpus import Clip
from .handling import Clock, PropMotion, handle_prop, rest_prop, rest_sound
from .rig import blinks, mouth, nods, saccades, smooth, sway
from .tunes import Grid, draw_grid, draw_music
from .voices import SOURCES

Floats64 = npt.NDArray[np.float64]

THINGS = tuple(ACTIONS)
WINDOW_S = 3.2
MUSIC_SHARE = 0.67
"""Of the windows in which music plays: it is their own. In the others a bed is, of which only beats are known."""
SILENCE_FRAME = np.zeros(45, np.float32)
SILENCE_FRAME[:4] = -33.1, 1.1, 0.25, 0.25
SILENCE_FRAME[41] = -1.0
"""What the sources give where nobody speaks: the median of their first frames."""


@dataclass(frozen=True)
class Utterance:
    """A clip made ready for windows: its phones (sound time) and DX frames ``(frames, 45)``."""

    phones: tuple[Phone, ...]
    frames: Floats
    knobs: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.frames) * layout.FRAME_S


@dataclass(frozen=True)
class Window:
    """Targets per group in natural units, the score that led to them, and the sounds that happened."""

    targets: dict[str, Floats]
    score: Score
    events: tuple[SoundEvent, ...]


def ready(clip: Clip) -> Utterance:
    """Phones on the clock of the sound, pitch relative to the source's median."""
    facts = SOURCES[clip.source]
    frames = clip.features.copy()
    frames[:, 40] -= np.log(facts.median_f0_hz)
    knobs = [0.0] * layout.VOICE_DIMS
    knobs[5] = float(np.log(clip.speed))
    return Utterance(shift_phones(merge_segments(clip.segments), -facts.lag_s), frames, tuple(knobs))


def draw_window(
    speech: Sequence[Utterance],
    rng: np.random.Generator,
    seconds: float = WINDOW_S,
    things: Sequence[str] = THINGS,
    grid: Grid | None = None,
    music_share: float = MUSIC_SHARE,
) -> Window:
    """One random window, with some of the ``things`` in it; ``grid`` is what a batch shares, else one is drawn."""
    grid = grid or draw_grid(rng, seconds)
    score = _draw_score(rng, seconds, things, grid)
    music, piece = draw_music(rng, grid, music_share if score.beats else 0.0)
    score = replace(score, music=piece)
    lines, frames = _draw_speech(speech, rng, seconds)
    score = replace(score, lines=lines)
    times = CHARACTERS[0].times_s(CHARACTERS[0].tokens(seconds))
    fine = (np.arange(2 * len(times)) + 0.5) / 50
    bodies = _bodies(score, times, rng)
    props = _props(score, bodies, times, fine, rng)
    gust = _gusts(score.wind, BG.tokens(seconds), rng)
    events = tuple(e for body in bodies for e in body.steps if 0 <= e.time_s < seconds)
    landings = tuple(e for prop in props for e in prop.landings if 0 <= e.time_s < seconds)
    score = _with_cues(score, _cues(score, events, landings, props, seconds), rng)
    targets = {
        "DX": frames.reshape(-1, DX.dims),
        "FX": _effects(bodies, props, seconds),
        "BG": _ambience(score, gust, rng),
        "MX": music,
        "CA": _character(score, 0, bodies[0], frames, times, fine, rng),
        "CB": _character(score, 1, bodies[1], frames, times, fine, rng),
        "STAGE": _stage(score, props, gust, times, rng),
    }
    return Window({name: np.asarray(x, np.float32) for name, x in targets.items()}, score, (*events, *landings))


def _draw_score(rng: np.random.Generator, seconds: float, things: Sequence[str], grid: Grid) -> Score:
    # Somewhere music plays in three windows of four: in the shot itself, or in a bed over it.
    beats = tuple(map(float, grid.tempo.between(-1.0, seconds + 1.0))) if rng.random() < 0.75 else ()
    xs = np.sort(rng.uniform(-1.3, 1.3, 2))
    xs += np.array([-0.2, 0.2])
    both = rng.random() < 0.8
    alone = int(rng.integers(2))
    walker = int(rng.integers(2)) if rng.random() < 0.7 else None
    people = (
        _draw_blocking(float(xs[0]), both or alone == 0, walker == 0, float(xs[1]), rng),
        _draw_blocking(float(xs[1]), both or alone == 1, walker == 1, float(xs[0]), rng),
    )
    props = _draw_props(people, walker, things, rng)
    sounds = {str(rng.choice(FLOORS))} if walker is not None or rng.random() < 0.3 else set()
    sounds |= {ACTIONS[prop.kind].sound for prop in props if prop and (prop.acts or rng.random() < 0.3)}
    stormy = any(prop and prop.kind == "lightning" for prop in props)
    return Score(
        characters=people,
        props=props,
        framings=_draw_framings(people, rng, seconds),
        sounds=frozenset(sounds),
        place=str(rng.choice(layout.PLACES)),
        light_level=float(rng.uniform(0.15, 0.5 if stormy else 1)),
        light_warmth=float(rng.random()),
        ambience=float(rng.uniform(0, 1)),
        wind=float(rng.uniform(0, 1)) if rng.random() < 0.5 else 0.0,
        beats=beats,
        on_beat=bool(beats) and rng.random() < 0.67,
    )


def _draw_blocking(x: float, on: bool, walks: bool, other_x: float, rng: np.random.Generator) -> Blocking:
    to_x = x
    if walks:
        reach = rng.uniform(0.6, 2.0) * rng.choice((-1.0, 1.0))
        to_x = float(np.clip(x + reach, -2.4, 2.4))
    facing = float(np.sign(other_x - x) * rng.uniform(0.25, 0.9)) if rng.random() < 0.85 else rng.uniform(-0.6, 0.6)
    return Blocking(
        on_stage=on,
        from_x=x,
        to_x=to_x,
        z=float(rng.uniform(-0.3, 1.2)),
        facing=float(facing),
        may_walk=walks and on,
        liveliness=float(rng.uniform(0.1, 1)),
        smile=float(np.clip(rng.normal(0, 0.45), -1, 1)),
        arousal=float(rng.uniform(0, 1)),
    )


def _draw_props(
    people: tuple[Blocking, Blocking], walker: int | None, things: Sequence[str], rng: np.random.Generator
) -> tuple[Prop | None, Prop | None]:
    """What lies about and who of those that stand still will do something with it; a thing each."""
    free = [who for who in (0, 1) if people[who].on_stage and walker != who]
    rng.shuffle(free)
    props: list[Prop | None] = []
    for chance in (0.95, 0.4):
        if rng.random() > chance:
            props.append(None)
            continue
        handler = free.pop() if free and rng.random() < 0.9 else None
        prop = _draw_prop(str(rng.choice(things, p=_turns(things))), people, handler, rng)
        props.append(prop if prop.acts or rng.random() < 0.4 else None)
    return props[0], props[1]


def _turns(things: Sequence[str]) -> Floats64:
    """How often each thing is drawn: those that move alike, and are learnt together, come up more seldom."""
    alike = Counter(ACTIONS[thing].motion for thing in things)
    share = np.array([alike[ACTIONS[thing].motion] ** -0.5 for thing in things])
    return share / share.sum()


def _draw_prop(thing: str, people: tuple[Blocking, Blocking], handler: int | None, rng: np.random.Generator) -> Prop:
    action, near = ACTIONS[thing], people[int(rng.integers(2)) if handler is None else handler].from_x
    y = float(rng.uniform(*action.rest_m))
    match action.motion:
        case "flash":
            return Prop(thing, float(rng.uniform(*action.lift_m)), y)
        case "pass":
            return Prop(thing, 0.0, y)
        case "clap":
            return Prop(thing, near, y, handler)
        case "knock" | "shut":
            return Prop(thing, near + float(rng.uniform(0.3, 0.48)), y, handler)
        case _:
            return Prop(thing, near + float(rng.uniform(0.2, 0.42)), y, handler)


def _draw_framings(people: tuple[Blocking, Blocking], rng: np.random.Generator, seconds: float) -> tuple[Framing, ...]:
    starts = [-rng.exponential(2.0)]
    while rng.random() < 0.4 and starts[-1] + 0.6 < seconds - 0.4:
        starts.append(float(rng.uniform(max(0.0, starts[-1] + 0.6), seconds - 0.2)))
    return tuple(_draw_framing(float(start), people, rng) for start in starts)


def _draw_framing(start: float, people: tuple[Blocking, Blocking], rng: np.random.Generator) -> Framing:
    size = rng.choice(("wide", "medium", "close"), p=(0.35, 0.35, 0.3))
    who = people[int(rng.integers(2))]
    height, y = {"wide": (2.2, 0.95), "medium": (1.2, 1.28), "close": (0.55, 1.5)}[str(size)]
    x = (people[0].from_x + people[1].from_x) / 2 if size == "wide" else who.from_x
    zoom = float(np.log(2.0 / height) + rng.normal(0, 0.12))
    return Framing(start, float(x + rng.normal(0, 0.1)), float(y + rng.normal(0, 0.04)), zoom)


def _draw_speech(
    speech: Sequence[Utterance], rng: np.random.Generator, seconds: float
) -> tuple[tuple[Line, ...], Floats]:
    """Turns of talk laid over the window, cut by its edges; and their frames, silence between."""
    frames = np.tile(SILENCE_FRAME, (round(seconds * 100), 1))
    if rng.random() < 0.08:
        return (), frames
    lines: list[Line] = []
    who, clock = int(rng.integers(2)), -rng.uniform(-0.7, 2.6)
    while clock < seconds - 0.15:
        said = speech[int(rng.integers(len(speech)))]
        begin = round(clock * 100)
        low, high = max(0, begin), min(len(frames), begin + len(said.frames))
        if high > low:
            frames[low:high] = said.frames[low - begin : high - begin]
            lines.append(Line(who, shift_phones(said.phones, begin / 100), said.knobs))
        pause = rng.uniform(0.6, 2.0) if rng.random() < 0.15 else rng.uniform(0.0, 0.5)
        clock = (begin + len(said.frames)) / 100 + pause
        who = 1 - who if rng.random() < 0.6 else who
    return tuple(lines), frames


def _bodies(score: Score, times: Floats64, rng: np.random.Generator) -> tuple[Body, Body]:
    out: list[Body] = []
    floor = next((kind for kind in FLOORS if kind in score.sounds), FLOORS[0])
    for who, person in enumerate(score.characters):
        body = stand(times, person.from_x, person.facing)
        spoken = tuple(p for line in score.lines if line.speaker == who for p in line.phones)
        if person.on_stage:
            if person.may_walk:
                walk(body, times, person.to_x, floor, rng, _kept(score))
            gesture(body, times, spoken, 0.1 + 0.35 * person.liveliness, rng)
        out.append(body)
    return out[0], out[1]


def _props(
    score: Score, bodies: tuple[Body, Body], times: Floats64, fine: Floats64, rng: np.random.Generator
) -> tuple[PropMotion, PropMotion]:
    out: list[PropMotion] = []
    clock = Clock(times, fine, rng, _kept(score))
    for prop in score.props:
        motion = rest_prop(fine, prop.x, prop.y) if prop else rest_prop(fine, 0.0, 0.0)
        if prop and ACTIONS[prop.kind].sound in score.sounds:
            if prop.acts and rng.random() < 0.93:
                handle_prop(motion, prop.kind, bodies[prop.handler or 0], clock)
            else:
                rest_sound(motion, prop.kind)
        out.append(motion)
    return out[0], out[1]


def _kept(score: Score) -> Floats64 | None:
    """The beats that steps and strokes keep to."""
    return np.array(score.beats) if score.on_beat else None


def _cues(
    score: Score,
    steps: Sequence[SoundEvent],
    landings: Sequence[SoundEvent],
    props: Sequence[PropMotion],
    seconds: float,
) -> list[SoundCue]:
    """Every sound of a window as the cue that would ask for it."""
    out = [SoundCue(e.time_s, lane(e.kind), e.kind) for e in (*steps, *landings)]
    for prop, motion in zip(score.props, props, strict=True):
        if prop is not None and motion.sustain is not None:
            out += [SoundCue(t, 2, motion.sustain.kind) for t in motion.starts if 0 <= t < seconds]
    return out


def _with_cues(score: Score, cues: Sequence[SoundCue], rng: np.random.Generator) -> Score:
    """In half of the windows some of the sounds are timed by the request."""
    if rng.random() > 0.5:
        return score
    keep = rng.choice((0.5, 1.0))
    return replace(score, cues=tuple(cue for cue in cues if rng.random() < keep))


def _gusts(wind: float, tokens: int, rng: np.random.Generator) -> Floats64:
    """Slow swells of wind at 5 Hz, 0 to 1."""
    noise = smooth(rng.normal(0, 1, tokens + 8), 7)[4 : tokens + 4]
    return wind * np.clip(0.5 + 0.7 * noise, 0, 1)


def _effects(bodies: Sequence[Body], props: Sequence[PropMotion], seconds: float) -> Floats:
    times = FX.times_s(FX.tokens(seconds))
    lanes = ([e for body in bodies for e in body.steps], [e for prop in props for e in prop.landings])
    out = np.zeros((len(times), FX.dims), np.float32)
    for k, events in enumerate(lanes):
        out[:, 11 * k : 11 * (k + 1)] = write_lane(events, times)
    out[:, 22:] = write_sustain([prop.sustain for prop in props if prop.sustain], len(times))
    return out


def _ambience(score: Score, gust: Floats64, rng: np.random.Generator) -> Floats64:
    out = np.zeros((len(gust), BG.dims))
    drift = 0.06 * smooth(rng.normal(0, 1, len(gust) + 8), 7)[4 : len(gust) + 4]
    out[:, BG.index["level"]] = np.clip(0.2 + 0.6 * score.ambience + drift + 0.2 * gust, 0, 1)
    out[:, BG.index["density"]] = np.clip(score.ambience + 2 * drift, 0, 1)
    out[:, BG.index["gust"]] = gust
    out[:, BG.index["room_send"]] = 0.15 + 0.5 * (layout.PLACES.index(score.place) % 4) / 3
    return out


def _character(
    score: Score,
    who: int,
    body: Body,
    frames: Floats,
    times: Floats64,
    fine: Floats64,
    rng: np.random.Generator,
) -> Floats64:
    group, me, other = CHARACTERS[who], score.characters[who], score.characters[1 - who]
    out = np.zeros((len(times), group.dims))
    phones = tuple(p for line in score.lines if line.speaker == who for p in line.phones)
    lips = mouth(phones, fine)
    lips[:, 1] = np.clip(lips[:, 1] + 0.15 * me.smile, 0, 1)
    out[:, :12] = lips.reshape(len(times), 12)
    starts, ends = (np.array(edges) for edges in ([p.start_s for p in phones], [p.end_s for p in phones]))
    talking = smooth(((starts <= times[:, None]) & (times[:, None] < ends)).any(1).astype(float), 7)
    pitch = smooth(np.interp(times, np.arange(len(frames)) / 100, frames[:, 40]), 9) * talking
    towards = float(np.sign(other.from_x - me.from_x)) if other.on_stage else 0.0
    put = {
        "blink": blinks(times, rng),
        "gaze_x": saccades(times, 0.35 * towards, 0.22, rng),
        "gaze_y": saccades(times, -0.03, 0.12, rng),
        "furrow": np.clip(0.35 * me.arousal - 0.3 * me.smile + sway(times, 0.15, 0.08, rng), 0, 1),
        "squint": np.clip(0.35 * max(me.smile, 0) + sway(times, 0.2, 0.05, rng), 0, 1),
        "head_yaw": 0.22 * towards * (1 - 0.4 * talking) + sway(times, 0.21, 0.07, rng),
        "head_pitch": 0.22 * pitch + nods(phones, times, rng) + sway(times, 0.16, 0.025, rng),
        "head_roll": sway(times, 0.17, 0.05, rng),
        "root_x": body.root_x,
        "root_z": np.full(len(times), me.z),
        "facing": body.facing,
        "lean": 0.05 * me.arousal * towards + sway(times, 0.12, 0.03, rng),
        "breath": 0.5 + 0.5 * np.sin(2 * np.pi * (0.25 * times + rng.random())),
        "hip_drop": body.hip_drop,
        "smile": np.clip(me.smile + sway(times, 0.13, 0.08, rng), -1, 1),
    }
    brow = 0.9 * pitch + 0.25 * (me.arousal - 0.4) + sway(times, 0.1, 0.06, rng)
    tilt = sway(times, 0.13, 0.05, rng)
    put |= {"brow_left": np.clip(brow + tilt, -1, 1), "brow_right": np.clip(brow - tilt, -1, 1)}
    for side in ("left", "right"):
        hand, foot = body.hands[side], body.feet[side]
        put |= {f"{side}_hand_x": hand[0] + sway(times, 0.2, 0.01, rng), f"{side}_hand_y": hand[1]}
        put |= {f"{side}_foot_x": foot[0] - body.root_x, f"{side}_foot_y": foot[1]}
    for name, values in put.items():
        out[:, group.index[name]] = values
    return out


def _light(level: Floats64, props: Sequence[PropMotion]) -> Floats64:
    """Light, and over it what props throw."""
    flare = np.maximum(props[0].flare, props[1].flare)
    return np.clip(level + (1 - level) * flare, 0, 1)


def _stage(
    score: Score, props: Sequence[PropMotion], gust: Floats64, times: Floats64, rng: np.random.Generator
) -> Floats64:
    out = np.zeros((len(times), STAGE.dims))
    camera = setups(score.framings, times)
    starts = np.array([framing.start_s for framing in score.framings])
    at = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
    hand_held = 0.012 / np.exp(camera[:, 2])
    put = {
        "camera_x": camera[:, 0],
        "camera_y": camera[:, 1],
        "camera_zoom": camera[:, 2] + 0.03 * np.clip(times - starts[at], 0, 4) / 4,
        "camera_roll": sway(times, 0.1, 0.004, rng),
        "camera_shake_x": hand_held * sway(times, 0.35, 1.0, rng),
        "camera_shake_y": hand_held * sway(times, 0.4, 1.0, rng),
        "light_level": _light(score.light_level + sway(times, 0.3, 0.015, rng), props),
        "light_warmth": np.full(len(times), score.light_warmth),
        "wind": np.interp(times, BG.times_s(len(gust)), gust),
    }
    for slot, prop in enumerate(props):
        for half in (0, 1):
            put[f"prop{slot}.x.{half}"] = prop.x[half::2]
            put[f"prop{slot}.y.{half}"] = prop.y[half::2]
        put |= {f"prop{slot}.rotation": prop.rotation, f"prop{slot}.state": prop.state}
    for name, values in put.items():
        out[:, STAGE.index[name]] = values
    return out
