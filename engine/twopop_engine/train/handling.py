"""Things done with things: every motion of `actions.py` drawn at random, with the sound it makes.

Contact is kinematic. When something touches something is drawn here and written nowhere but in the motion and in
the sound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ..models.sketch.actions import ACTIONS, FLASH_M, POURS_AT, SOUND_M_S, Action, Motion
from ..models.sketch.lanes import SoundEvent, Sustain
from ..models.sketch.lasting import PASS_FROM, pass_level
from ..models.sketch.scaling import ARM_M
from .blocking import BEAT_JITTER_S, Body, Floats64, ease, move_hand, subdivided


@dataclass
class Clock:
    """The window's instants (tokens, and half tokens for props), its dice, and the beats that hits keep to, if any."""

    times_s: Floats64
    fine_s: Floats64
    rng: np.random.Generator
    beats: npt.NDArray[np.float64] | None = None

    @property
    def seconds(self) -> float:
        """Length of the window."""
        return len(self.times_s) / 25

    def between(self, span: tuple[float, float]) -> float:
        """Somewhere in a span."""
        return float(self.rng.uniform(*span))

    def begin(self, needed_s: float) -> float:
        """When something that takes so long begins; either end of the window may cut it, seldom by much."""
        return float(self.rng.uniform(-0.2, max(0.3, self.seconds - needed_s)))


@dataclass
class PropMotion:
    """A prop at 50 Hz in stage space; rotation, state and the light it throws at 25 Hz; the sounds it makes."""

    x: Floats64
    y: Floats64
    rotation: Floats64
    state: Floats64
    flare: Floats64
    landings: list[SoundEvent] = field(default_factory=list)
    sustain: Sustain | None = None
    starts: list[float] = field(default_factory=list)
    """When its lasting sound begins (a passing: when it is nearest)."""

    def middle(self) -> tuple[Floats64, Floats64]:
        """Place at the tokens' centres."""
        return self.x.reshape(-1, 2).mean(1), self.y.reshape(-1, 2).mean(1)


def rest_prop(fine_s: Floats64, x: float, y: float) -> PropMotion:
    """A prop that nobody touches."""
    tokens = len(fine_s) // 2
    zero = np.zeros(tokens)
    return PropMotion(np.full(len(fine_s), x), np.full(len(fine_s), y), zero, zero.copy(), zero.copy())


def handle_prop(prop: PropMotion, thing: str, body: Body, clock: Clock) -> None:
    """Does with a prop what its action says, once in the window, at a time of its own."""
    action = ACTIONS[thing]
    _MOTIONS[action.motion](prop, action, body, clock)


def rest_sound(prop: PropMotion, thing: str) -> None:
    """What a prop sounds like that nobody touches: only what lies on the stove does."""
    if ACTIONS[thing].motion == "fry":
        prop.sustain = Sustain(ACTIONS[thing].sound, np.ones(len(prop.state)))


def contact_times(action: Action, start_s: float, clock: Clock) -> list[float]:
    """When a row of contacts falls: at a pace of its own, or each on a beat."""
    count = int(clock.rng.integers(action.repeats[0], action.repeats[1] + 1))
    period = clock.between(action.period_s)
    times = start_s + period * np.arange(count) + clock.rng.normal(0, 0.06 * period, count)
    if clock.beats is None:
        return sorted(float(t) for t in times)
    grid = subdivided(clock.beats, period)
    first = int(np.searchsorted(grid, start_s))
    on_grid = grid[first : first + count]
    return [float(t) for t in on_grid + clock.rng.normal(0, BEAT_JITTER_S, len(on_grid))]


def _event(time_s: float, action: Action, speed: float) -> SoundEvent:
    """A contact at a speed in m/s."""
    energy = float(np.clip(0.12 + 0.3 * speed, 0.1, 1.0))
    return SoundEvent(time_s, action.sound, energy, float(np.clip(speed / 2.6, 0, 1)))


def _hold(prop: PropMotion, action: Action, body: Body, clock: Clock, taken: float, released: float) -> None:
    """The right hand reaches for the prop, goes with it and lets go."""
    times, rng = clock.times_s, clock.rng
    reach = rng.uniform(0.3, 0.5)
    share = ease((times - taken + reach) / reach) - ease((times - released) / rng.uniform(0.35, 0.6))
    x, y = prop.middle()
    turn = prop.rotation if action.motion in ("strike", "swing", "pour") else np.zeros(len(times))
    cos, sin = np.cos(turn), np.sin(turn)
    grip_x, grip_y = action.grip
    hand_x = x + grip_x * cos + grip_y * sin - body.root_x
    move_hand(body, "right", np.clip(hand_x, -ARM_M, ARM_M), y + grip_y * cos - grip_x * sin, share)
    prop.state[:] = ((times > taken) & (times < released)).astype(float)


def _place(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """Lifted and put down, gently or with a bang, once or more."""
    rng = clock.rng
    taken = moment = clock.begin(1.4) + rng.uniform(0.3, 0.5)
    for _ in range(int(rng.integers(action.repeats[0], action.repeats[1] + 1))):
        moment = _lift_and_land(prop, action, moment + rng.uniform(0.0, 0.35), clock)
    _hold(prop, action, body, clock, taken, moment + rng.uniform(0.08, 0.3))


def _lift_and_land(prop: PropMotion, action: Action, start: float, clock: Clock) -> float:
    """One arc: up by minimum jerk, a pause, down faster and faster until it lands. Returns the landing."""
    rng, fine, times = clock.rng, clock.fine_s, clock.times_s
    height, up, pause = clock.between(action.lift_m), rng.uniform(0.22, 0.5), rng.uniform(0.0, 0.4)
    speed = float(np.exp(rng.uniform(np.log(0.5), np.log(3.2))))
    fall = 2 * height / speed
    top, land = start + up, start + up + pause + fall
    _arc(prop, fine, (start, top, top + pause, land), height)
    home_x = float(prop.x[0])
    shift = rng.normal(0, 0.05) * (ease((fine - start) / up) - ease((fine - top) / (pause + fall)))
    prop.x[:] = np.where((fine >= start) & (fine < land), home_x + shift, prop.x)
    tilt = rng.normal(0, 0.12) * (ease((times - start) / up) - ease((times - top) / (pause + fall)))
    ring = 0.04 * min(1.0, speed / 2) * np.exp(-np.maximum(times - land, 0) / 0.12) * np.cos(40 * (times - land))
    prop.rotation += tilt + np.where(times >= land, ring, 0.0)
    prop.landings.append(_event(land, action, speed))
    return land


def _arc(prop: PropMotion, fine_s: Floats64, knots: tuple[float, float, float, float], height: float) -> None:
    """Lifts y by ``height`` from the first knot to the second, holds it to the third, lets it fall until the last."""
    start, top, drop, land = knots
    rise = height * (ease((fine_s - start) / (top - start)) - np.clip((fine_s - drop) / (land - drop), 0, 1) ** 2)
    prop.y[:] = np.where((fine_s >= start) & (fine_s < land), prop.y + rise, prop.y)


def _strike(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """Taken, and brought down again and again; it turns about the hand as it is raised."""
    rng, home_y = clock.rng, prop.y.copy()
    taken = clock.begin(1.2) + 0.4
    height = clock.between(action.lift_m)
    previous = taken
    for land in contact_times(action, taken + rng.uniform(0.35, 0.6), clock):
        period = min(land - previous, action.period_s[1])
        fall = period * rng.uniform(0.24, 0.4)
        start = land - period * 0.98
        lift = height * rng.uniform(0.75, 1.1)
        _arc(prop, clock.fine_s, (start, start + 0.5 * period, land - fall, land), lift)
        prop.landings.append(_event(land, action, 2 * lift / fall))
        previous = land
    raised = (prop.y - home_y).reshape(-1, 2).mean(1)
    prop.rotation += -raised * rng.uniform(1.5, 2.4)
    _hold(prop, action, body, clock, taken, previous + rng.uniform(0.1, 0.3))


def _bounce(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """Held at some height, dropped, and bouncing ever lower."""
    rng, fine, home_y = clock.rng, clock.fine_s, prop.y.copy()
    height, drop = clock.between(action.lift_m), clock.begin(1.2) + 0.3
    gravity, lively = rng.uniform(6.0, 9.8), rng.uniform(0.62, 0.82)
    fall = float(np.sqrt(2 * height / gravity))
    start, speed = drop + fall, gravity * fall
    prop.y[:] = home_y + height - np.where(fine > drop, 0.5 * gravity * (fine - drop) ** 2, 0.0)
    _hold(prop, action, body, clock, drop - 9.0, drop)
    for _ in range(action.repeats[1]):
        prop.landings.append(_event(start, action, 0.45 * speed))
        speed *= lively
        flight = 2 * speed / gravity
        u = fine - start
        prop.y[:] = np.where(u >= 0, home_y + np.maximum(speed * u - 0.5 * gravity * u**2, 0.0), prop.y)
        start += flight
        if speed**2 / (2 * gravity) < 0.05:
            break
    prop.x[:] += rng.normal(0, 0.08) * np.clip((fine - drop) / 2.0, 0, 1)


def _shut(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """A door that stands open, or is opened first, is swung shut; the hand goes with the latch as far as it reaches."""
    rng, times = clock.rng, clock.times_s
    angle, last = clock.between(action.lift_m), rng.uniform(0.25, 0.8)
    begin = clock.begin(last + 0.5) + rng.uniform(0.0, 0.4)
    opened = begin - rng.uniform(0.5, 1.2) if rng.random() < 0.5 else -9.0
    shut = begin + last
    closing = np.clip((times - begin) / last, 0, 1) ** rng.uniform(1.5, 2.2)
    prop.rotation += angle * (ease((times - opened) / 0.7) - closing)
    prop.rotation[times >= shut] = 0.0
    prop.landings.append(_event(shut, action, 1.5 * angle / last))
    share = ease((times - begin + 0.9) / 0.4) - ease((times - shut) / 0.4)
    latch = prop.x[0] + 0.8 * (1 - np.cos(prop.rotation)) - body.root_x
    move_hand(body, "right", np.clip(latch, -ARM_M, ARM_M), np.full(len(times), action.grip[1]), share)


def _beat(gap: Floats64, times: Floats64, contacts: list[float], away: float, reach: float) -> None:
    """Fills in how far a hand is from what it hits: ``away`` in between, 0 at the contacts, quick towards them."""
    gap[:] = away
    previous = -9.0
    for k, hit in enumerate(contacts):
        pull = min(reach, 0.6 * (hit - previous))
        back = min(reach * 1.6, 0.45 * ((contacts[k + 1] if k + 1 < len(contacts) else hit + 1) - hit))
        toward = np.clip((times - hit + pull) / pull, 0, 1)
        leave = np.clip((times - hit) / back, 0, 1)
        gap[:] = np.minimum(gap, away * np.where(times <= hit, 1 - toward**1.6, 1 - (1 - leave) ** 1.6))
        previous = hit


def _row(action: Action, clock: Clock, lead_s: float) -> tuple[list[float], Floats64, float]:
    """Contacts of a hand, its gap from what it hits at every token, and the share of the pose it takes (0 or 1)."""
    contacts = contact_times(action, clock.begin(1.0) + lead_s, clock)
    away, reach = clock.between(action.lift_m), clock.rng.uniform(0.1, 0.16)
    gap = np.zeros(len(clock.times_s))
    _beat(gap, clock.times_s, contacts, away, reach)
    return contacts, gap, away / reach


def _joins(clock: Clock, contacts: list[float]) -> Floats64:
    """How much of a hand's pose belongs to a row of contacts: up before the first, down after the last."""
    first, last = (contacts[0], contacts[-1]) if contacts else (9e9, 9e9)
    begin, end = first - clock.rng.uniform(0.2, 0.3), last + clock.rng.uniform(0.1, 0.25)
    return ease((clock.times_s - begin + 0.4) / 0.4) - ease((clock.times_s - end) / 0.45)


def _knock(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """The hand beats against an upright thing from the side it stands on."""
    contacts, gap, speed = _row(action, clock, 0.7)
    side = np.sign(prop.x[0] - body.root_x[0]) or 1.0
    hand_y = np.full(len(gap), prop.y[0]) + 0.15 * gap
    move_hand(body, "right", prop.x[0] - side * gap - body.root_x, hand_y, _joins(clock, contacts))
    prop.landings += [_event(t, action, 1.6 * speed) for t in contacts]


def _tap(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """Fingers come down on keys, here and there on the thing."""
    contacts, gap, speed = _row(action, clock, 0.6)
    aim = np.interp(clock.times_s, contacts, clock.rng.uniform(-0.12, 0.12, len(contacts))) if contacts else 0.0
    x = prop.x[0] + aim - body.root_x
    move_hand(body, "right", x, prop.y[0] + action.grip[1] + gap, _joins(clock, contacts))
    prop.landings += [_event(t, action, 1.6 * speed) for t in contacts]


def _clap(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """Both hands meet before the chest."""
    contacts, gap, speed = _row(action, clock, 0.6)
    share, y = _joins(clock, contacts), np.full(len(gap), prop.y[0])
    for side, sign in (("left", -1.0), ("right", 1.0)):
        move_hand(body, side, sign * gap, y, share)
    prop.landings += [_event(t, action, 1.6 * speed) for t in contacts]


def _swing(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """Turned through the air, there and back; it sounds where it is fastest."""
    rng, times, fine = clock.rng, clock.times_s, clock.fine_s
    taken = clock.begin(2.0) + 0.3
    angle, middle = clock.between(action.lift_m), taken + rng.uniform(0.9, 1.2)
    prop.y += 0.15 * ease((fine - taken) / 0.8)
    prop.rotation += -angle * ease((times - taken) / 0.9)
    sign = 1.0
    for _ in range(int(rng.integers(action.repeats[0], action.repeats[1] + 1))):
        last = rng.uniform(0.2, 0.42)
        prop.rotation += sign * 2 * angle * ease((times - middle) / last + 0.5)
        prop.x += sign * 0.25 * ease((fine - middle) / last + 0.5)
        prop.landings.append(_event(middle, action, 0.28 * 2 * angle / last))
        sign, middle = -sign, middle + clock.between(action.period_s)
    down = middle - 0.3
    prop.rotation *= 1 - ease((times - down) / 0.9)
    settle = ease((fine - down) / 0.7)
    prop.x += (prop.x[0] - prop.x) * settle
    prop.y += (prop.y[0] - prop.y) * settle
    _hold(prop, action, body, clock, taken, down + 0.8)


def _flash(prop: PropMotion, action: Action, _body: Body, clock: Clock) -> None:
    """Lightning: light at once, thunder as late as it is far."""
    rng, distance = clock.rng, float(prop.x[0]) * FLASH_M
    moment = rng.uniform(0.1, max(0.2, clock.seconds - 0.6))
    for at, strength in ((moment, 1.0), (moment + rng.uniform(0.1, 0.2), rng.uniform(0.0, 0.7))):
        since = clock.times_s - at
        prop.flare[:] = np.maximum(prop.flare, np.where(since >= 0, strength * np.exp(-since / 0.12), 0.0))
    energy = float(np.clip(1.05 - 0.25 * prop.x[0] + rng.normal(0, 0.05), 0.2, 1))
    prop.landings.append(SoundEvent(moment + distance / SOUND_M_S, action.sound, energy, 0.4))


def _pour(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """Lifted, tilted until it runs, held, and put back without a sound."""
    rng, times, fine = clock.rng, clock.times_s, clock.fine_s
    taken, tilt = clock.begin(2.2) + 0.4, rng.uniform(0.95, 1.35)
    turn, back = taken + rng.uniform(0.4, 0.7), rng.uniform(0.25, 0.5)
    until = turn + rng.uniform(0.8, 2.4)
    lift = clock.between(action.lift_m)
    prop.y += lift * (ease((fine - taken) / 0.4) - ease((fine - until - back) / 0.5))
    over, upright = rng.uniform(0.3, 0.7), back
    prop.rotation += tilt * (ease((times - turn) / over) - ease((times - until) / upright))
    past = prop.rotation - POURS_AT
    prop.sustain = Sustain(action.sound, np.where(past > 0, 0.4 + 0.6 * np.clip(past / 0.4, 0, 1), 0.0))
    dense = np.linspace(0, 1, 400)
    prop.starts.append(turn + over * float(np.interp(POURS_AT / tilt, ease(dense), dense)))
    _hold(prop, action, body, clock, taken, until + back + 0.5)


def _fry(prop: PropMotion, action: Action, body: Body, clock: Clock) -> None:
    """Sizzles while it stands on the stove: put down on it, or taken off and put back."""
    rng, times = clock.rng, clock.times_s
    lift, fall = clock.between(action.lift_m), rng.uniform(0.2, 0.45)
    land = clock.begin(0.6) + rng.uniform(0.3, 1.0)
    taken = -9.0 if rng.random() < 0.7 else land - rng.uniform(0.9, 1.6)
    _arc(prop, clock.fine_s, (taken, taken + 0.35, land - fall, land), lift)
    away = (times > taken) & (times < land)
    fresh = 0.3 * np.exp(-np.maximum(times - land, 0) / 0.5) * (times >= land)
    prop.sustain = Sustain(action.sound, np.where(away, 0.0, 0.7 + fresh))
    prop.starts.append(land)
    _hold(prop, action, body, clock, taken, land + rng.uniform(0.1, 0.5))


def _pass(prop: PropMotion, action: Action, _body: Body, clock: Clock) -> None:
    """Crosses from one side to the other at a steady speed; loudest where it is nearest."""
    rng, fine = clock.rng, clock.fine_s
    nearest, side = rng.uniform(-0.3, clock.seconds + 0.3), rng.choice((-1.0, 1.0))
    speed = PASS_FROM / rng.uniform(0.7, 2.2)
    prop.x[:] = side * np.clip((fine - nearest) * speed, -PASS_FROM, PASS_FROM)
    prop.sustain = Sustain(action.sound, pass_level(prop.middle()[0]))
    prop.starts.append(float(nearest))


_MOTIONS: dict[Motion, Callable[[PropMotion, Action, Body, Clock], None]] = {
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
