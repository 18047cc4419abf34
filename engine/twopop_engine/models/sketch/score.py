"""The score: what a request fixes in time, as numbers for every token of every group.

Used by the trainer and at run time alike; numpy only. All times are stage time in seconds. What is not
in the score (when a foot falls, when a pan lands, gaze, blinks, prosody) the model decides, for picture
and sound together. The score gives the *inventory* of sounds that may occur, never their times, unless
the request itself cues one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from . import layout
from .actions import ACTIONS
from .layout import Floats, Group
from .mx import SCORE_WIDTH, music_score, window_tokens
from .phones import Phone, asks
from .tempo import TempoMap

if TYPE_CHECKING:
    from .music import Piece

Times = npt.NDArray[np.float64]
CONTEXT = 5
"""A token sees its phone and two on either side."""

SCORE_DIMS = {"DX": 32, "FX": 64, "BG": 24, "CA": 48, "CB": 48, "STAGE": 64, "MX": SCORE_WIDTH}
SPEAKING_GROUPS = ("DX", "CA", "CB")
_CUE_DIMS = 9
_UNHEARD = TempoMap(0.5)
"""Where music tokens lie when there is no music."""


@dataclass(frozen=True, slots=True)
class Line:
    """One spoken line: who (0 or 1), its phones in stage time, the voice's 16 knobs."""

    speaker: int
    phones: tuple[Phone, ...]
    voice: tuple[float, ...] = (0.0,) * layout.VOICE_DIMS

    @property
    def start_s(self) -> float:
        """Start of the first phone."""
        return self.phones[0].start_s

    @property
    def end_s(self) -> float:
        """End of the last phone."""
        return self.phones[-1].end_s


@dataclass(frozen=True, slots=True)
class Blocking:
    """Where a character stands at the start and the end of the window, and how it carries itself."""

    on_stage: bool = True
    from_x: float = 0.0
    to_x: float = 0.0
    z: float = 0.0
    facing: float = 0.0
    may_walk: bool = False
    liveliness: float = 0.5
    smile: float = 0.0
    arousal: float = 0.0


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing on the stage: a name of ``actions.ACTIONS``, its resting place (metres), who may handle it."""

    kind: str
    x: float = 0.0
    y: float = 0.9
    handler: int | None = None

    @property
    def acts(self) -> bool:
        """Whether it may do something: it is handled, or of a kind that needs nobody."""
        return self.handler is not None or ACTIONS[self.kind].motion in ("flash", "pass")


@dataclass(frozen=True, slots=True)
class Framing:
    """A camera set-up from ``start_s`` on: centre of the frame in metres, zoom as in the layout."""

    start_s: float = 0.0
    x: float = 0.0
    y: float = 1.0
    zoom: float = 0.0


@dataclass(frozen=True, slots=True)
class SoundCue:
    """A sound the request times: lane 0 feet, 1 hands and things, 2 lasting (its beginning, or when it is nearest)."""

    time_s: float
    lane: int
    kind: str


@dataclass(frozen=True, slots=True)
class Score:
    """Everything a window is conditioned on."""

    lines: tuple[Line, ...] = ()
    characters: tuple[Blocking, Blocking] = (Blocking(), Blocking(on_stage=False))
    props: tuple[Prop | None, Prop | None] = (None, None)
    framings: tuple[Framing, ...] = (Framing(),)
    cues: tuple[SoundCue, ...] = ()
    sounds: frozenset[str] = field(default_factory=frozenset)
    place: str = "unspecified"
    light_level: float = 0.7
    light_warmth: float = 0.5
    ambience: float = 0.4
    wind: float = 0.0
    beats: tuple[float, ...] = ()
    on_beat: bool = False
    """Whether steps and strokes keep to the beats (stage seconds, ascending) of the music."""
    music: Piece | None = None
    """The lead sheet, in stage time."""

    @property
    def tempo(self) -> TempoMap:
        """The grid of the music tokens, in stage time."""
        return self.music.tempo if self.music else _UNHEARD


class ScoreTokens(NamedTuple):
    """``ids`` (tokens, 5) int64, phones around the token; ``values`` (tokens, SCORE_DIMS) float32."""

    ids: npt.NDArray[np.int64]
    values: Floats


def token_span(score: Score, group: Group, start_s: float, seconds: float) -> tuple[int, int]:
    """First absolute token of a window in stage time, and how many it has."""
    if not group.rate_hz:
        return window_tokens(score.tempo, start_s, seconds)
    return round(start_s * group.rate_hz), group.tokens(seconds)


def token_times(score: Score, group: Group, first: int, tokens: int) -> Times:
    """Stage times of tokens from absolute token ``first`` on, ``(tokens,)``."""
    if not group.rate_hz:
        return score.tempo.seconds(np.arange(first, first + tokens) / 4.0)
    return group.times_s(tokens, first)


def score_tokens(score: Score, group: Group, times_s: Times) -> ScoreTokens:
    """The score of one group at the given token times (stage time)."""
    tokens = len(times_s)
    ids = np.zeros((tokens, CONTEXT), np.int64)
    match group.name:
        case "DX":
            ids, columns = _dialogue(score, times_s)
        case "FX":
            columns = _effects(score, times_s)
        case "BG":
            columns = [_one_hot(tokens, score.place, layout.PLACES), _flat(tokens, score.ambience, score.wind)]
        case "CA" | "CB":
            ids, columns = _character(score, times_s, layout.CHARACTERS.index(group))
        case "STAGE":
            columns = _stage(score, times_s)
        case "MX":
            columns = [music_score(score.music, times_s)]
        case _:
            raise ValueError(f"group {group.name} has no score; there is one for {sorted(SCORE_DIMS)}")
    values = np.zeros((tokens, SCORE_DIMS[group.name]), np.float32)
    joined = np.concatenate(columns, axis=1)
    values[:, : joined.shape[1]] = joined
    return ScoreTokens(ids, values)


def _flat(tokens: int, *values: float) -> Floats:
    """The same values for every token."""
    return np.tile(np.asarray(values, np.float32), (tokens, 1))


def _one_hot(tokens: int, name: str | None, names: Sequence[str]) -> Floats:
    return _flat(tokens, *(float(name == other) for other in names))


class _Lane:
    """Phones end to end, gaps filled with silence, as arrays to look tokens up in."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = sorted(lines, key=lambda line: line.start_s)
        rows: list[tuple[Phone, bool, int]] = []
        clock = -1e3
        for number, line in enumerate(self.lines):
            rows.append((Phone(layout.SILENCE, clock, line.start_s), False, -1))
            rows += zip(line.phones, asks(line.phones), [number] * len(line.phones), strict=True)
            clock = line.end_s
        rows.append((Phone(layout.SILENCE, clock, 1e3), False, -1))
        phones = [row[0] for row in rows]
        self.start = np.array([phone.start_s for phone in phones])
        self.end = np.array([phone.end_s for phone in phones])
        self.ids = np.array([layout.PHONE_IDS[phone.symbol] for phone in phones])
        self.stress = np.array([phone.stress for phone in phones])
        self.word_start = np.array([float(phone.word_start) for phone in phones])
        self.question = np.array([float(row[1]) for row in rows])
        self.owner = np.array([row[2] for row in rows])

    def tokens(self, times_s: Times) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.intp]]:
        """Phone ids (tokens, 5), phone features (tokens, 9), and the index of the phone at each token."""
        at = np.clip(np.searchsorted(self.start, times_s, side="right") - 1, 0, len(self.start) - 1)
        padded = np.pad(self.ids, CONTEXT // 2)
        ids = np.stack([padded[at + k] for k in range(CONTEXT)], axis=1)
        start, end = self.start[at], self.end[at]
        length = np.clip(end - start, 0.01, 2.0)
        speaking = self.owner[at] >= 0
        bounds = np.array([(line.start_s, line.end_s) for line in self.lines] or [(0.0, 1.0)])
        first, last = bounds[np.maximum(self.owner[at], 0)].T
        features = np.stack(
            [
                np.clip((times_s - start) * 10, 0, 2),
                np.clip((end - times_s) * 10, 0, 2),
                np.clip((times_s - start) / length, 0, 1) - 0.5,
                np.log(length) + 2.5,
                self.stress[at],
                self.word_start[at],
                self.question[at],
                np.where(speaking, (times_s - first) / np.maximum(last - first, 0.3) - 0.5, 0.0),
                speaking,
            ],
            axis=1,
        )
        return ids, features.astype(np.float32), at

    def voices(self, times_s: Times) -> Floats:
        """The voice of the line at (or next after, or last before) each token, ``(tokens, 16)``."""
        if not self.lines:
            return np.zeros((len(times_s), layout.VOICE_DIMS), np.float32)
        ends = np.array([line.end_s for line in self.lines])
        at = np.minimum(np.searchsorted(ends, times_s), len(ends) - 1)
        return np.array([line.voice for line in self.lines], np.float32)[at]


def _dialogue(score: Score, times_s: Times) -> tuple[npt.NDArray[np.int64], list[Floats]]:
    lane = _Lane(score.lines)
    ids, features, _ = lane.tokens(times_s)
    return ids, [features, lane.voices(times_s)]


def _cued(score: Score, times_s: Times, lanes: Sequence[int]) -> Floats:
    """Timed cues as an event lane: ramps to the next and from the last, and the class of the nearest."""
    cues = sorted((cue for cue in score.cues if cue.lane in lanes), key=lambda cue: cue.time_s)
    out = np.zeros((len(times_s), _CUE_DIMS), np.float32)
    if not cues:
        return out
    moments = np.array([cue.time_s for cue in cues])
    codes = np.stack([_sound_code(cue.kind) for cue in cues])
    ahead = np.searchsorted(moments, times_s)
    until = np.append(moments, np.inf)[ahead] - times_s
    since = times_s - np.insert(moments, 0, -np.inf)[ahead]
    out[:, 0] = np.exp(-until / layout.EVENT_TAU_S)
    out[:, 1] = np.exp(-since / layout.EVENT_TAU_S)
    nearest = np.where(until < since, np.minimum(ahead, len(cues) - 1), np.maximum(ahead - 1, 0))
    out[:, 2:] = codes[nearest] * np.exp(-np.minimum(until, since) / layout.EVENT_TAU_S)[:, None]
    return out


def _sound_code(kind: str) -> Floats:
    """The 7 bits of an event class; a sustained class has those of an event with the parities turned."""
    if kind in layout.EVENT_CLASSES:
        return layout.EVENT_CODES[layout.EVENT_CLASSES.index(kind)]
    turned = np.array([1, 1, 1, 1, 1, -1, -1], np.float32)
    return turned * layout.EVENT_CODES[layout.SUSTAIN_CLASSES.index(kind)]


_THINGS = {thing: layout.EVENT_CODES[k] for k, thing in enumerate(ACTIONS)}


def _thing(tokens: int, prop: Prop | None) -> Floats:
    """Which thing, 7 bits; zeros for none."""
    return _flat(tokens, *(np.zeros(7) if prop is None else _THINGS[prop.kind]))


def _beat(score: Score, times_s: Times) -> Floats:
    """Where in its beat a token lies, as sine and cosine, and whether that matters; zeros without music."""
    if len(score.beats) < 2:
        return np.zeros((len(times_s), 3), np.float32)
    beats = np.asarray(score.beats)
    at = np.clip(np.searchsorted(beats, times_s, side="right") - 1, 0, len(beats) - 2)
    phase = 2 * np.pi * (times_s - beats[at]) / (beats[at + 1] - beats[at])
    flag = np.full(len(times_s), float(score.on_beat))
    return np.column_stack([np.sin(phase), np.cos(phase), flag]).astype(np.float32)


def _inventory(score: Score) -> list[float]:
    may = {*score.sounds, *(cue.kind for cue in score.cues)}
    return [float(name in may) for name in (*layout.EVENT_CLASSES, *layout.SUSTAIN_CLASSES)]


def _effects(score: Score, times_s: Times) -> list[Floats]:
    tokens = len(times_s)
    walkers = (float(person.on_stage and person.may_walk) for person in score.characters)
    movable = (float(prop is not None and prop.acts) for prop in score.props)
    return [
        _flat(tokens, *_inventory(score), *walkers, *movable),
        _cued(score, times_s, (0, 1, 2)),
        _beat(score, times_s),
    ]


def _character(score: Score, times_s: Times, who: int) -> tuple[npt.NDArray[np.int64], list[Floats]]:
    tokens = len(times_s)
    me, other = score.characters[who], score.characters[1 - who]
    ids, features, _ = _Lane([line for line in score.lines if line.speaker == who]).tokens(times_s)
    _, heard, _ = _Lane([line for line in score.lines if line.speaker != who]).tokens(times_s)
    mine = [prop for prop in score.props if prop is not None and prop.handler == who]
    at = (mine[0].x, mine[0].y) if mine else (0.0, 0.0)
    stance = _flat(
        tokens,
        *(float(me.on_stage), me.from_x, me.to_x, me.z, me.facing, float(me.may_walk)),
        *(me.liveliness, me.smile, me.arousal, float(other.on_stage), other.from_x, other.to_x),
        *(float(bool(mine)), *at),
    )
    return ids, [
        features,
        heard[:, -1:],
        stance,
        _cued(score, times_s, (0, 1, 2) if mine else (0,)),
        _thing(tokens, mine[0] if mine else None),
        _beat(score, times_s),
    ]


def _stage(score: Score, times_s: Times) -> list[Floats]:
    tokens = len(times_s)
    columns = [_one_hot(tokens, score.place, layout.PLACES)]
    for prop in score.props:
        columns.append(_thing(tokens, prop))
        handler = None if prop is None else prop.handler
        place = (0.0, 0.0) if prop is None else (prop.x, prop.y)
        columns.append(_flat(tokens, *place, float(handler == 0), float(handler == 1)))
    light = _flat(tokens, score.light_level, score.light_warmth, score.wind)
    camera = _camera(score.framings, times_s)
    return [*columns, camera, light, _cued(score, times_s, (1, 2)), _beat(score, times_s)]


def _camera(framings: Sequence[Framing], times_s: Times) -> Floats:
    """Set-up in force at each token, and how long since its cut and until the next (1 s ramps)."""
    cuts = np.array([framing.start_s for framing in framings])
    at = _in_force(framings, times_s)
    since = np.clip(times_s - cuts[at], 0, 1)
    until = np.clip(np.append(cuts, np.inf)[at + 1] - times_s, 0, 1)
    return np.column_stack([setups(framings, times_s), since, until]).astype(np.float32)


def setups(framings: Sequence[Framing], times_s: Times) -> Floats:
    """Centre and zoom of the set-up in force at each token, ``(tokens, 3)``."""
    rows = np.array([(framing.x, framing.y, framing.zoom) for framing in framings], np.float32)
    return rows[_in_force(framings, times_s)]


def _in_force(framings: Sequence[Framing], times_s: Times) -> npt.NDArray[np.intp]:
    starts = np.array([framing.start_s for framing in framings])
    return np.maximum(np.searchsorted(starts, times_s, side="right") - 1, 0)
