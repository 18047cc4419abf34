"""One stage, many cameras: a shot goes on from where the shot before it ended.

What is carried over a cut: the tokens of the last second, as a frozen beginning (bodies, things, light, sounds; the
camera is another one); where everybody stands and what lies about; sounds that still ring; what was being said; and
the clock of the place. All of it is written beside the tokens of a take, so that the next shot needs that file alone,
and a retake stands on the stage its parent stood on.

Two takes have their tokens on grids of their own. Carried ones are put onto the new grid: curves between tokens,
events at their exact times.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from twopop.continuity import REACH_S
from twopop.errors import BackendError, MediaError
from twopop.request import Before, GenerationRequest
from twopop.timebase import frame_to_sample

from .actions import ACTIONS
from .doing import Deeds, lay_deeds
from .foley import SAMPLE_RATE, TAIL_SAMPLES, PlacedEvent
from .lanes import read_events, write_lane
from .lasting import Lasting
from .latents import read_latents, read_notes, split_framing
from .layout import BG, CHARACTERS, DX, FX, STAGE, Floats, Group
from .phones import shift_phones
from .score import Line, Prop, Score, token_span
from .windowing import GRID_S, Frozen

if TYPE_CHECKING:
    from .reading import Reading
    from .sampler import Progress, Sampler
    from .windowing import Tokens

_ALONE: Final = ("flash", "pass", "clap", "knock", "shut")
"""Motions whose thing stays nowhere."""
_LANE: Final = 11
_BEFORE_LINE_S: Final = 0.1
_HEARD_S: Final = 2 * REACH_S
"""Lines that ended longer than this before the cut are over."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Short sounds of an earlier shot in its own clock; sample 0 of the take is sample `offset` of that clock."""

    key: int
    offset: int
    events: tuple[PlacedEvent, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """What a take begins with.

    Attributes:
        cut_s: Take clock: until then it is the end of the shot before, seen by this shot's camera.
        clock: Sample of the place's clock at sample 0 of the take; None where the take begins afresh.
        places: Name -> metres: where everybody of the scene was last.
        props: Things that were left lying: kind, x, y.
        lines: What was being said before the cut, take clock.
        rings: Sounds from before the cut.
        lasting: What goes on over it.
        hands: Thing and who handled it last, the latest first.
        held: Thing and who has it in the hand; it lies nowhere.
        seen: Who was in the shot before.
    """

    cut_s: float = 0.0
    clock: int | None = None
    places: dict[str, float] = field(default_factory=dict[str, float])
    props: tuple[tuple[str, float, float], ...] = ()
    lines: tuple[Line, ...] = ()
    rings: tuple[Ring, ...] = ()
    lasting: tuple[Lasting, ...] = ()
    hands: tuple[tuple[str, str], ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staging:
    """What there is to know of a take's stage beside its tokens.

    Attributes:
        names: Who has which slot.
        props: Which thing has which slot, "" for none.
        lines: All that is said, take clock; what was carried into it included.
        clock: As in `Carried`, of this take.
        rings: Its own short sounds first, then those it was given.
        lasting: Its own sounds that go on, and those it was given.
        hands, held: As in `Carried`, of this take and those before.
        deeds: What is laid over its tokens.
        begun: What it began with.
    """

    names: tuple[str, ...] = ()
    props: tuple[str, str] = ("", "")
    lines: tuple[Line, ...] = ()
    clock: int = 0
    rings: tuple[Ring, ...] = ()
    lasting: tuple[Lasting, ...] = ()
    hands: tuple[tuple[str, str], ...] = ()
    held: tuple[tuple[str, str], ...] = ()
    deeds: Deeds = field(default_factory=Deeds)
    begun: Carried = Carried()


_STAGING: TypeAdapter[Staging] = TypeAdapter(Staging)


@dataclass(frozen=True, slots=True)
class End:
    """A take that is gone on from: its tokens, its stage, and the cut in its clock."""

    tokens: Mapping[str, Floats]
    staging: Staging
    cut_frames: int
    frame_s: float

    @property
    def cut_s(self) -> float:
        """Take clock of that take."""
        return self.cut_frames * self.frame_s

    @property
    def seen(self) -> Mapping[str, Floats]:
        """Its tokens as they are drawn: what people were told to do laid over them."""
        return lay_deeds(self.tokens, self.staging.deeds)


# --- on disk ---


def noted(staging: Staging) -> dict[str, Any]:
    """A staging as `write_latents` keeps it."""
    return _STAGING.dump_python(staging, mode="json")


def read_staging(path: Path) -> Staging:
    """The staging beside the tokens of a take.

    Raises:
        MediaError: the file has none that this version can read.
    """
    try:
        return _STAGING.validate_python(read_notes(path))
    except ValidationError as exc:
        raise MediaError(f"{path.name} does not say what its stage was ({exc.errors()[0]['msg']}).") from exc


def read_end(request: GenerationRequest, before: Before) -> End:
    """What a shot goes on from, out of the file of its take.

    Raises:
        BackendError: the file is gone or is none (`latents_missing`).
    """
    path = Path(before.latents)
    try:
        tokens, staging = split_framing(read_latents(path))[0], read_staging(path)
    except (OSError, MediaError) as exc:
        raise BackendError(
            f"Shot {request.name}: the tokens of {before.shot}, from whose end it goes on, cannot be read ({exc}). "
            f"Render {before.shot} again first. Nothing was generated.",
            code="latents_missing",
        ) from exc
    return End(tokens, staging, before.end_frame - before.generated.start, float(1 / request.frame_rate))


# --- from one shot to the next ---


def carried_from(request: GenerationRequest, before: Before, end: End) -> Carried:
    """What a shot is given by the one before it, but for tokens."""
    at = before.at_frame - request.generated.start
    delta = frame_to_sample(end.cut_frames, request.frame_rate) - frame_to_sample(at, request.frame_rate)
    cut, cut_s, was = frame_to_sample(at, request.frame_rate), at * end.frame_s, end.staging
    said = (line for line in was.lines if line.start_s < end.cut_s < line.end_s + _HEARD_S)
    rings = (_still_ringing(ring, delta, cut) for ring in was.rings)
    return Carried(
        cut_s=cut_s,
        clock=was.clock + delta,
        places={**was.begun.places, **_places(end)},
        props=_left_lying(end),
        lines=tuple(_until(line, end.cut_s, cut_s - end.cut_s) for line in said),
        rings=tuple(ring for ring in rings if ring.events),
        lasting=tuple(
            replace(sound, offset=sound.offset + delta)
            for sound in was.lasting
            if sound.begin_s < sound.own_s(end.cut_s) < sound.end_s
        ),
        hands=was.hands,
        held=was.held,
        seen=tuple(filter(None, was.names)) or was.begun.seen,
    )


def _places(end: End) -> dict[str, float]:
    """Where everybody who has a name stands at the cut."""
    out: dict[str, float] = {}
    seen = end.seen
    for group, name in zip(CHARACTERS, end.staging.names, strict=False):
        tokens = seen[group.name]
        at = min(max(int(end.cut_s * group.rate_hz) - 1, 0), len(tokens) - 1)
        if name:
            out[name] = round(float(tokens[at, group.index["root_x"]]), 4)
    return out


def _left_lying(end: End) -> tuple[tuple[str, float, float], ...]:
    """The things of a shot, where they lie at the cut; what somebody has in the hand, where it lay last."""
    stage = end.seen[STAGE.name]
    at = min(max(int(end.cut_s * STAGE.rate_hz) - 1, 0), len(stage) - 1)
    held = {one.thing: (one.x, one.y) for one in end.staging.deeds.handled if one.in_hand}
    out: list[tuple[str, float, float]] = []
    for slot, kind in enumerate(end.staging.props):
        if kind in held:
            out.append((kind, *held[kind]))
        elif kind and ACTIONS[kind].motion not in _ALONE:
            low, high = ACTIONS[kind].rest_m
            x, y = (float(stage[at, STAGE.index[f"prop{slot}.{axis}.1"]]) for axis in "xy")
            out.append((kind, round(x, 4), round(min(max(y, low), high), 4)))
    return tuple(out)


def _until(line: Line, cut_s: float, by_s: float) -> Line:
    """A line up to the cut, moved into another clock."""
    heard = (replace(p, end_s=min(p.end_s, cut_s)) for p in line.phones if p.start_s < cut_s)
    return replace(line, phones=shift_phones(tuple(heard), by_s))


def _still_ringing(ring: Ring, delta: int, cut: int) -> Ring:
    """The sounds that began before the cut (sample of the new take) and may ring beyond it."""
    offset = ring.offset + delta
    low, high = (cut + offset - TAIL_SAMPLES) / SAMPLE_RATE, (cut + offset) / SAMPLE_RATE
    return Ring(ring.key, offset, tuple(p for p in ring.events if low <= p.event.time_s < high))


# --- tokens ---


@dataclass(frozen=True, slots=True)
class Beginning:
    """Frozen tokens a take begins with, on a clock that begins `lead_s` before the take's."""

    lead_s: float = 0.0
    frozen: dict[str, Frozen] = field(default_factory=dict[str, Frozen])


def beginning(reading: Reading, end: End) -> Beginning:
    """The tokens of the last second before the cut, on the grid of the take that goes on."""
    cut_s = reading.carried.cut_s
    if any(line.start_s < cut_s < line.end_s for line in reading.dialogue.lines):
        first = min(line.start_s for line in reading.dialogue.lines if line.end_s > cut_s)
        cut_s = first - _BEFORE_LINE_S  # what is said across the cut is this shot's own
    reach_s = min(REACH_S, end.cut_s)
    lead_s = max(0.0, math.ceil((reach_s - cut_s) / GRID_S - 1e-6) * GRID_S)
    if cut_s + lead_s < GRID_S:
        return Beginning()
    frozen: dict[str, Frozen] = {}
    tokens = end.seen
    shift_s = end.cut_s - reading.carried.cut_s - lead_s  # from the new clock to that of the take before
    for group, source in _sources(reading, end).items():
        count = math.floor((cut_s + lead_s) * group.rate_hz + 1e-6)
        times = group.times_s(count) + shift_s
        values = _onto(group, tokens[source], times)
        if group is STAGE:
            _see(values, reading, end)
        known = (times > 0.0) & (times < len(end.tokens[source]) / group.rate_hz)
        frozen[group.name] = Frozen(values.astype(np.float32), known)
    return Beginning(lead_s, frozen)


def _sources(reading: Reading, end: End) -> dict[Group, str]:
    """Groups that are carried, and which of the take before each goes on from: people have names, slots have not."""
    out = {DX: DX.name, FX: FX.name, BG: BG.name, STAGE: STAGE.name}
    free = dict(zip((group.name for group in CHARACTERS), end.staging.names, strict=False))
    for group, name in zip(CHARACTERS, reading.names, strict=False):
        source = next((one for one, called in free.items() if called == name), None)
        if source:
            out[group] = source
            del free[source]
    return out


def _onto(group: Group, tokens: Floats, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tokens of a group at other times of their clock."""
    out = np.stack([np.interp(times_s, group.times_s(len(tokens)), column) for column in tokens.T], axis=1)
    if group is FX:
        for k in (0, 1):
            out[:, _LANE * k : _LANE * (k + 1)] = write_lane(read_events(tokens, lane=k), times_s)
        nearest = np.clip(np.rint(times_s * group.rate_hz - 0.5).astype(int), 0, len(tokens) - 1)
        out[:, 2 * _LANE + 3 :] = tokens[nearest, 2 * _LANE + 3 :]
        return out
    names = [channel.name[:-2] for channel in group.channels if channel.name.endswith(".0")]
    for name in names:  # channels that are kept twice a token
        pair = group.columns(f"{name}.0", f"{name}.1")
        apart = (0.0, 0.5) if group is DX else (0.25, 0.75)  # DX frames are instants, the others' halves are centred
        series, places = tokens[:, pair].reshape(-1), np.arange(2 * len(tokens)) / 2 + apart[0]
        for column, part in zip(pair, apart, strict=True):
            at = times_s * group.rate_hz - 0.5 + part
            out[:, column] = np.interp(at, places, series)
    return out


def _see(stage: NDArray[np.float64], reading: Reading, end: End) -> None:
    """Carried stage tokens as this shot's camera has them: its set-up, and things in the slots they have here."""
    was = stage.copy()
    framing = reading.score.framings[0]
    for name, value in (("camera_x", framing.x), ("camera_y", framing.y), ("camera_zoom", framing.zoom)):
        stage[:, STAGE.index[name]] = value
    stage[:, STAGE.columns("camera_roll", "camera_shake_x", "camera_shake_y")] = 0.0
    for slot, prop in enumerate(reading.score.props):
        columns = _prop_columns(slot)
        kind = prop.kind if prop else ""
        if kind in end.staging.props:
            stage[:, columns] = was[:, _prop_columns(end.staging.props.index(kind))]
        else:
            x, y = (prop.x, prop.y) if prop else (0.0, 0.0)
            stage[:, columns] = (x, y, x, y, 0.0, 0.0)


def _prop_columns(slot: int) -> list[int]:
    places = (f"prop{slot}.{axis}.{half}" for half in (0, 1) for axis in "xy")
    return STAGE.columns(*places, f"prop{slot}.rotation", f"prop{slot}.state")


def with_things_left(props: tuple[Prop | None, Prop | None], carried: Carried) -> tuple[Prop | None, Prop | None]:
    """The things of a shot, and in slots it does not need those that lie there from before."""
    here = {prop.kind for prop in props if prop} | {thing for thing, _ in carried.held}
    left = [Prop(kind, x, y) for kind, x, y in carried.props if kind not in here]
    filled = [prop or (left.pop(0) if left else None) for prop in props]
    return filled[0], filled[1]


def lie_still(stage: Floats, props: Sequence[Prop | None], deeds: Deeds) -> Floats:
    """Stage tokens in which a thing that nobody handles stays where it lies."""
    moved = {one.slot for one in deeds.handled}
    for slot, prop in enumerate(props):
        if prop and not prop.acts and slot not in moved:
            stage[:, _prop_columns(slot)] = (prop.x, prop.y, prop.x, prop.y, 0.0, 0.0)
    return stage


# --- sampling ---


def grown(
    sampler: Sampler, reading: Reading, begun: Beginning, seconds: float, *, seed: int, progress: Progress | None = None
) -> Iterator[Tokens]:
    """The tokens of a take, window by window (see `Sampler.grow_scene`), going on from `begun`."""
    score = moved(told(reading), begun.lead_s)
    skip = {
        group.name: token_span(score, group, begun.lead_s, 0.0)[0] - token_span(score, group, 0.0, 0.0)[0]
        for group in sampler.groups
    }
    given = begun.frozen or None
    for tokens in sampler.grow_scene(score, seconds + begun.lead_s, seed=seed, given=given, progress=progress):
        yield {name: values[skip[name] :] for name, values in tokens.items()}


def told(reading: Reading) -> Score:
    """The score with what was being said before the cut."""
    return replace(reading.score, lines=(*reading.carried.lines, *reading.score.lines))


def moved(score: Score, by_s: float) -> Score:
    """A score on a clock that begins `by_s` earlier."""
    if not by_s:
        return score

    def later(line: Line) -> Line:
        return replace(line, phones=shift_phones(line.phones, by_s))

    first, *others = score.framings
    return replace(
        score,
        lines=tuple(map(later, score.lines)),
        framings=(first, *(replace(framing, start_s=framing.start_s + by_s) for framing in others)),
        cues=tuple(replace(cue, time_s=cue.time_s + by_s) for cue in score.cues),
        beats=tuple(beat + by_s for beat in score.beats),
        music=score.music and score.music.moved(by_s),
    )
