"""Things that the weights do not move on their cue: laid out here with their contact on it, laid over the tokens.

What is laid over is the thing itself (all of its channels) and the hand that handles it, from where the shot's own
time begins. The contact of a motion is where `actions` says. Which things those are is measured (`actions.LEARNT`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from .actions import ACTIONS, FLASH_M, POURS_AT, SOUND_M_S, Action, Motion
from .lasting import PASS_FROM, PASS_S
from .layout import CA, CHARACTERS, STAGE, Floats
from .scaling import ARM_M

Curve = npt.NDArray[np.float64]

GROUP_S: Final = 2.2
"""Contacts nearer to each other than this are one handling: the hand stays."""
_LEAD_S: Final = 1.25
"""How long before the first contact a hand is on its way, where there is time."""
_BEFORE_S: Final = 1.4
_AFTER_S: Final = {"swing": 1.6, "pour": 1.25, "bounce": 1.1}
"""How long before its first contact and after its last a handling goes on at most."""
_LEAST: Final = 0.15
"""Share of its time that a motion takes at least, however little there is."""
_REACH_S, _LEAVE_S = 0.40, 0.45
FOREVER_S: Final = 1e5
_GRAVITY, _LIVELY = 8.0, 0.72
_TILT: Final = 1.15
_OFF_M, _OFF_RISE_S, _DOWN_S = 0.12, 0.6, 0.26
"""How high what is taken off a stove is held, and how long it takes to get there and back."""
_FLARE_S: Final = 0.12


@dataclass(frozen=True, slots=True)
class Handled:
    """One thing, and all that is done with it in a take.

    Attributes:
        thing: A name of `actions.ACTIONS`.
        slot: Which prop of the stage it is.
        who: Who handles it; None where nobody does.
        x, y: Where it rests, metres.
        times_s: When it touches or is heard, ascending, take clock.
        ends_s: When each of them is over, of what lasts.
        since_s: Until then the take is the end of the shot before.
        way: Where it goes if it passes by, -1 to the left.
        off_s: When it is taken off what it stands on, to stay in the hand.
        held: Whether it has been in the hand since before the take, until it first touches.
    """

    thing: str
    slot: int
    who: int | None
    x: float
    y: float
    times_s: tuple[float, ...]
    ends_s: tuple[float, ...] = ()
    since_s: float = 0.0
    way: float = 1.0
    off_s: float | None = None
    held: bool = False

    @property
    def in_hand(self) -> bool:
        """Whether it is still held when the take ends."""
        return self.off_s is not None or (self.held and not self.times_s)

    def spans_s(self) -> list[tuple[float, float]]:
        """From when to when it or the hand moves, for every handling."""
        moments = [*self.times_s, *(end for end in self.ends_s if end < FOREVER_S)]
        if self.off_s is not None:
            moments.append(self.off_s)
        after_s = _AFTER_S.get(ACTIONS[self.thing].motion, 0.85)
        rows = grouped(sorted(moments))
        return [(max(self.since_s, row[0] - _BEFORE_S), row[-1] + after_s) for row in rows]


def grouped(times_s: Sequence[float]) -> list[list[float]]:
    """Times in rows of which no two are far apart."""
    groups: list[list[float]] = []
    for moment in times_s:
        if groups and moment - groups[-1][-1] < GROUP_S:
            groups[-1].append(moment)
        else:
            groups.append([moment])
    return groups


@dataclass
class _Track:
    """A thing at 50 Hz (x, y) and 25 Hz, and the hands that go with it: where (metres of the stage) and how far."""

    times: Curve
    fine: Curve
    x: Curve
    y: Curve
    rotation: Curve = field(init=False)
    state: Curve = field(init=False)
    flare: Curve = field(init=False)
    share: Curve = field(init=False)
    aim: tuple[Curve, Curve] | None = None
    """Of the right hand, where it does not hold the thing by its grip."""
    apart: Curve | None = None
    """Of two hands that clap, from either to the middle."""

    def __post_init__(self) -> None:
        for name in ("rotation", "state", "flare", "share"):
            setattr(self, name, np.zeros(len(self.times)))

    def middle(self) -> tuple[Curve, Curve]:
        """Place at the tokens' centres."""
        return self.x.reshape(-1, 2).mean(1), self.y.reshape(-1, 2).mean(1)


def lay_handled(tokens: Mapping[str, Floats], made: Sequence[Handled]) -> dict[str, Floats]:
    """Tokens with what is done with things over them, and the lightning in their light."""
    out = dict(tokens)
    for one in made:
        track = _track(one, len(out[STAGE.name]))
        own = track.times >= one.since_s
        out[STAGE.name] = _with_thing(out[STAGE.name], one, track, own)
        if one.who is not None:
            group = CHARACTERS[one.who]
            out[group.name] = _with_hands(out[group.name], ACTIONS[one.thing], track, own)
    return out


def flared(made: Sequence[Handled], tokens: int) -> Curve:
    """How much light lightning adds at every token of the stage."""
    flares = (_track(one, tokens).flare for one in made if ACTIONS[one.thing].motion == "flash")
    return np.maximum.reduce([np.zeros(tokens), *flares])


def _track(one: Handled, tokens: int) -> _Track:
    fine = (np.arange(2 * tokens) + 0.5) / (2 * STAGE.rate_hz)
    track = _Track(STAGE.times_s(tokens), fine, np.full(2 * tokens, one.x), np.full(2 * tokens, one.y))
    _MOTIONS[ACTIONS[one.thing].motion](track, ACTIONS[one.thing], one)
    return track


def _with_thing(stage: Floats, one: Handled, track: _Track, own: npt.NDArray[np.bool_]) -> Floats:
    stage, slot = stage.copy(), f"prop{one.slot}"
    for half in (0, 1):
        for axis, curve in (("x", track.x), ("y", track.y)):
            column = STAGE.index[f"{slot}.{axis}.{half}"]
            stage[:, column] = np.where(own, curve[half::2], stage[:, column])
    for name, curve in (("rotation", track.rotation), ("state", track.state)):
        column = STAGE.index[f"{slot}.{name}"]
        stage[:, column] = np.where(own, curve, stage[:, column])
    return stage


def _with_hands(body: Floats, action: Action, track: _Track, own: npt.NDArray[np.bool_]) -> Floats:
    """A body whose hand holds or hits the thing."""
    body, root = body.copy(), body[:, CA.index["root_x"]].astype(np.float64)
    share = track.share * own
    if track.apart is not None:
        _, y = track.middle()
        _move(body, "left", -track.apart, y, share)
        _move(body, "right", track.apart, y, share)
        return body
    x, y = track.aim or _gripped(action, track)
    _move(body, "right", np.clip(x - root, -ARM_M, ARM_M), y, share)
    return body


def _move(body: Floats, side: str, x: Curve, y: Curve, share: Curve) -> None:
    for axis, curve in (("x", x), ("y", y)):
        column = CA.index[f"{side}_hand_{axis}"]
        body[:, column] += share * (curve - body[:, column])


def _gripped(action: Action, track: _Track) -> tuple[Curve, Curve]:
    """Where the hand is that holds the thing."""
    x, y = track.middle()
    turn = track.rotation if action.motion in ("strike", "swing", "pour") else 0.0 * track.rotation
    cos, sin, (grip_x, grip_y) = np.cos(turn), np.sin(turn), action.grip
    return x + grip_x * cos + grip_y * sin, y + grip_y * cos - grip_x * sin


def _ease(u: Curve) -> Curve:
    """Minimum-jerk travel from 0 to 1."""
    u = np.clip(u, 0.0, 1.0)
    return u**3 * (10 - 15 * u + 6 * u**2)


def _joined(track: _Track, begin_s: float, end_s: float, reach_s: float) -> None:
    """The hand is there from `begin_s` to `end_s`, and on its way for so long before."""
    share = _ease((track.times - begin_s + reach_s) / reach_s) - _ease((track.times - end_s) / _LEAVE_S)
    track.share[:] = np.maximum(track.share, share)


def _held(track: _Track, begin_s: float, end_s: float, scale: float = 1.0) -> None:
    _joined(track, begin_s, end_s, _REACH_S * scale)
    track.state[:] = np.maximum(track.state, (track.times > begin_s) & (track.times < end_s))


def _rooms(one: Handled, group: Sequence[float], whole_s: float) -> list[float]:
    """How much of its time the motion to each contact has, 0 to 1, where it would take `whole_s`."""
    before = [one.since_s, *(moment + 0.05 for moment in group[:-1])]
    rooms = ((moment - last) / whole_s for moment, last in zip(group, before, strict=True))
    return [float(np.clip(room, _LEAST, 1.0)) for room in rooms]


def _mean(span: tuple[float, float]) -> float:
    return (span[0] + span[1]) / 2


def _lifted(track: _Track, land_s: float, up_s: float, pause_s: float, fall_s: float, height: float) -> float:
    """One arc that comes down at `land_s`, faster and faster; gives when it began."""
    start = land_s - up_s - pause_s - fall_s
    fine = track.fine
    rise = _ease((fine - start) / up_s) - np.clip((fine - land_s + fall_s) / fall_s, 0, 1) ** 2
    track.y += np.where((fine >= start) & (fine < land_s), height * rise, 0.0)
    return start


# --- the motions of `actions` ---------------------------------------------------------------------


def _place(track: _Track, action: Action, one: Handled) -> None:
    for group in grouped(one.times_s):
        begins = [
            _lifted(track, land, 0.45 * k, 0.12 * k, 0.26 * k, _mean(action.lift_m) * k**0.5)
            for land, k in zip(group, _rooms(one, group, _LEAD_S), strict=True)
        ]
        _held(track, begins[0], group[-1] + 0.2, _rooms(one, group, _LEAD_S)[0])


def _strike(track: _Track, action: Action, one: Handled) -> None:
    for group in grouped(one.times_s):
        begins = [
            _lifted(track, land, 0.30 * k, 0.02 * k, 0.14 * k, _mean(action.lift_m) * k**0.5)
            for land, k in zip(group, _rooms(one, group, 0.5), strict=True)
        ]
        _held(track, begins[0], group[-1] + 0.25, _rooms(one, group, _LEAD_S)[0])
    track.rotation[:] = -1.9 * (track.y - one.y).reshape(-1, 2).mean(1)


def _bounce(track: _Track, action: Action, one: Handled) -> None:
    """Dropped from a hand and caught again where it has come up."""
    fine, height = track.fine, _mean(action.lift_m)
    y, aim, held = np.full(len(fine), height), np.full(len(fine), height), np.ones(len(fine))
    for moment in one.times_s:
        fall = float(np.sqrt(2 * height / _GRAVITY))
        speed = _LIVELY * _GRAVITY * fall
        up = speed / _GRAVITY
        since = fine - moment
        flying = (since > -fall) & (since < up)
        caught = 0.5 * speed * up
        y = np.where(flying, np.where(since < 0, height - 0.5 * _GRAVITY * (since + fall) ** 2, 0.0), y)
        y = np.where(flying & (since >= 0), speed * since - 0.5 * _GRAVITY * since**2, y)
        lift = caught + (height - caught) * _ease((since - up) / 0.4)
        y = np.where((since >= up) & (since < up + 0.4), lift, y)
        low = height + (caught - height) * _ease((since + fall) / (fall + up))
        aim = np.where(flying, low, np.where((since >= up) & (since < up + 0.4), lift, aim))
        held = np.where(flying, 0.0, held)
    track.y += y
    x = track.x + action.grip[0]
    track.aim = (x.reshape(-1, 2).mean(1), (one.y + aim + action.grip[1]).reshape(-1, 2).mean(1))
    track.share[:], track.state[:] = 1.0, held.reshape(-1, 2).min(1)


def _shut(track: _Track, action: Action, one: Handled) -> None:
    times, angle = track.times, _mean(action.lift_m)
    for moment in one.times_s:
        k = _rooms(one, [moment], 1.6)[0]
        opens = _ease((times - moment + 1.55 * k) / (0.7 * k))
        swing = opens - np.clip((times - moment + 0.5 * k) / (0.5 * k), 0, 1) ** 1.8
        track.rotation[:] = np.maximum(track.rotation, angle * swing)
        _joined(track, moment - 0.55 * k, moment, 0.4 * k)
    latch = track.middle()[0] + 0.8 * (1 - np.cos(track.rotation))
    track.aim = (latch, np.full(len(times), one.y + action.grip[1]))


def _gap(track: _Track, one: Handled, away: float, reach_s: float = 0.13) -> Curve:
    """How far a hand is from what it hits: `away` in between, 0 at the contacts, quick towards them."""
    times, gap = track.times, np.full(len(track.times), away)
    hits = one.times_s
    for k, hit in enumerate(hits):
        before = hits[k - 1] if k else hit - 9.0
        after = hits[k + 1] if k + 1 < len(hits) else hit + 9.0
        pull, back = min(reach_s, 0.6 * (hit - before)), min(1.6 * reach_s, 0.45 * (after - hit))
        toward, leave = np.clip((times - hit + pull) / pull, 0, 1), np.clip((times - hit) / back, 0, 1)
        gap = np.minimum(gap, away * np.where(times <= hit, 1 - toward**1.6, 1 - (1 - leave) ** 1.6))
    for group in grouped(hits):
        k = _rooms(one, group, 0.75)[0]
        _joined(track, group[0] - 0.25 * k, group[-1] + 0.25, 0.4 * k)
    return gap


def _knock(track: _Track, action: Action, one: Handled) -> None:
    gap = _gap(track, one, _mean(action.lift_m))
    track.aim = (np.full(len(gap), one.x) - gap, np.full(len(gap), one.y) + 0.15 * gap)


def _tap(track: _Track, action: Action, one: Handled) -> None:
    gap = _gap(track, one, _mean(action.lift_m), 0.08)
    here_and_there = 0.10 * np.sin(7.3 * np.arange(len(one.times_s)))
    x = one.x + np.interp(track.times, one.times_s, here_and_there)
    track.aim = (x, one.y + action.grip[1] + gap)


def _clap(track: _Track, action: Action, one: Handled) -> None:
    track.apart = _gap(track, one, _mean(action.lift_m))


def _swing(track: _Track, action: Action, one: Handled) -> None:
    times, fine, angle = track.times, track.fine, _mean(action.lift_m)
    for group in grouped(one.times_s):
        k = _rooms(one, group, _LEAD_S)[0]
        last = 0.3 * min(_rooms(one, group, 0.6))
        ready, down = group[0] - 0.25 * k, group[-1] + 0.35
        up, back = _ease((times - ready + 0.7 * k) / (0.7 * k)), 1 - _ease((times - down) / 0.8)
        turns = sum(((-1.0) ** n) * 2 * _ease((times - moment) / last + 0.5) for n, moment in enumerate(group))
        moves = sum(((-1.0) ** n) * 0.25 * _ease((fine - moment) / last + 0.5) for n, moment in enumerate(group))
        track.rotation += angle * (turns - up) * back
        raised = _ease((fine - ready + 0.7 * k) / (0.7 * k)) * (1 - _ease((fine - down) / 0.7))
        track.y += 0.15 * raised
        track.x += moves * (1 - _ease((fine - down) / 0.7))
        _held(track, ready - 0.7 * k, down + 0.75, k)


def _flash(track: _Track, _action: Action, one: Handled) -> None:
    for moment in one.times_s:
        for late, strength in ((0.0, 1.0), (0.14, 0.5)):
            since = track.times - moment + abs(one.x) * FLASH_M / SOUND_M_S - late
            track.flare[:] = np.maximum(
                track.flare, np.where(since >= 0, strength * np.exp(-np.maximum(since, 0) / _FLARE_S), 0)
            )


def _pour(track: _Track, action: Action, one: Handled) -> None:
    """Lifted, tilted so that it runs from the cue to its end, put back without a sound."""
    times, fine, lift = track.times, track.fine, _mean(action.lift_m)
    dense = np.linspace(0.0, 1.0, 400)
    runs = float(np.interp(POURS_AT / _TILT, _ease(dense), dense))
    for moment, end in zip(one.times_s, one.ends_s, strict=True):
        k = _rooms(one, [moment], _LEAD_S)[0]
        over = 0.45 * k
        turn = moment - runs * over
        up, back = turn - 0.4 * k, end + runs * 0.35
        track.y += lift * (_ease((fine - up) / (0.4 * k)) - _ease((fine - back) / 0.5))
        track.rotation += _TILT * (_ease((times - turn) / over) - _ease((times - end + (1 - runs) * 0.35) / 0.35))
        _held(track, up, back + 0.5, k)


def _fry(track: _Track, action: Action, one: Handled) -> None:
    """Put down on the stove, and left there until it is taken off."""
    times = one.times_s
    if one.held:
        land = times[0] if times else FOREVER_S
        track.y += _OFF_M * (1 - np.clip((track.fine - land + _DOWN_S) / _DOWN_S, 0, 1) ** 2)
        _held(track, -FOREVER_S, land + 0.2)
        times = times[1:]
    _place(track, action, replace(one, times_s=times))
    if one.off_s is not None:
        track.y += _OFF_M * _ease((track.fine - one.off_s + 0.04) / _OFF_RISE_S)
        _held(track, one.off_s - 0.04, FOREVER_S)


def _pass(track: _Track, _action: Action, one: Handled) -> None:
    """Crosses from one side to the other at a steady speed; between two of them it is far off."""
    nearest = np.asarray(one.times_s)
    at = np.clip(np.searchsorted((nearest[1:] + nearest[:-1]) / 2, track.fine), 0, len(nearest) - 1)
    track.x[:] = one.way * np.clip((track.fine - nearest[at]) * PASS_FROM / PASS_S, -PASS_FROM, PASS_FROM)


_MOTIONS: dict[Motion, Callable[[_Track, Action, Handled], None]] = {
    "place": _place,
    "strike": _strike,
    "bounce": _bounce,
    "shut": _shut,
    "knock": _knock,
    "tap": _tap,
    "clap": _clap,
    "swing": _swing,
    "flash": _flash,
    "pour": _pour,
    "fry": _fry,
    "pass": _pass,
}
