"""Whether what is seen to touch is heard, and only that: contacts in the drawn geometry against onsets in the sound.

Every thing of the table in the hands of somebody, beside somebody who walks; when is left to the model. Contacts and
onsets are matched one to one within a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..models.sketch.actions import ACTIONS, FLOORS, lane
from ..models.sketch.agreement import pair
from ..models.sketch.contacts import foot_contacts, prop_contacts
from ..models.sketch.foley import SAMPLE_RATE, PlacedEvent, render_events, render_sustain
from ..models.sketch.lanes import SoundEvent, read_events, read_sustain
from ..models.sketch.layout import Floats
from ..models.sketch.noise import stream_key
from ..models.sketch.sampler import Sampler, Schedule
from ..models.sketch.score import Blocking, Prop, Score, SoundCue
from ..models.sketch.windowing import Frozen, Tokens
from .onsets import begun, nearest, struck

WINDOW_S = 3.2
FRAME_S = 1 / 24
PICTURE = ("CA", "CB", "STAGE")
_EDGE_S = 0.1
"""So near to the ends of a window nothing is asked for: its other half may lie outside."""
_CUE_S = 1.7
_KEY = stream_key(1, "effects")


@dataclass
class Tally:
    """Contacts seen, onsets heard, and the gaps (seconds) of those that belong together."""

    seen: int = 0
    heard: int = 0
    gaps: list[float] = field(default_factory=list)

    def add(self, seen: Sequence[float], heard: Sequence[float]) -> None:
        """Counts one window; what lies at its edges only where it found a partner."""
        pairs = pair(seen, heard)
        self.gaps += [gap for gap, _, _ in pairs]
        self.seen += sum(_inside(t) or i in {p[1] for p in pairs} for i, t in enumerate(seen))
        self.heard += sum(_inside(t) or j in {p[2] for p in pairs} for j, t in enumerate(heard))

    def merge(self, other: Tally) -> None:
        """Adds another tally to this one."""
        self.seen, self.heard, self.gaps = self.seen + other.seen, self.heard + other.heard, self.gaps + other.gaps

    @property
    def f1(self) -> float:
        """Of pairs within 40 ms."""
        return 2 * sum(gap <= 0.040 for gap in self.gaps) / max(1, self.seen + self.heard)

    def gap_ms(self, percent: float) -> float:
        """A percentile of the gaps; NaN where there are none."""
        return float(np.percentile(self.gaps, percent)) * 1000 if self.gaps else float("nan")

    def row(self) -> dict[str, float]:
        """For the report."""
        return {
            "contacts": self.seen,
            "onsets": self.heard,
            "f1_at_40_ms": round(self.f1, 3),
            "median_ms": round(self.gap_ms(50), 1),
            "p90_ms": round(self.gap_ms(90), 1),
        }


def _inside(time_s: float) -> bool:
    return _EDGE_S < time_s < WINDOW_S - _EDGE_S


def scenes(count: int, things: Sequence[str] = tuple(ACTIONS)) -> Iterator[tuple[str, Score]]:
    """``count`` scenes of every thing: somebody walks, somebody does something with it; when is left open."""
    rng = np.random.default_rng(11)
    for thing in things:
        for _ in range(count):
            yield thing, _scene(thing, rng)


def _scene(thing: str, rng: np.random.Generator) -> Score:
    action, x = ACTIONS[thing], float(rng.uniform(-1.2, -0.5))
    to_x = x + float(rng.uniform(0.8, 1.4) * rng.choice((-1, 1)))
    people = (Blocking(from_x=x, to_x=to_x, facing=0.5, may_walk=True), Blocking(from_x=0.9, to_x=0.9, facing=-0.5))
    y = float(rng.uniform(*action.rest_m))
    match action.motion:
        case "flash":
            prop = Prop(thing, float(rng.uniform(0.5, 2.0)), y)
        case "pass":
            prop = Prop(thing, 0.0, y)
        case "clap":
            prop = Prop(thing, 0.9, y, 1)
        case _:
            prop = Prop(thing, 0.9 + float(rng.uniform(0.3, 0.4)), y, 1)
    sounds = frozenset({str(rng.choice(FLOORS)), action.sound})
    return Score(characters=people, props=(prop, None), sounds=sounds, light_level=0.35)


def heard(fx: Floats, score: Score, kind: str) -> list[float]:
    """Onsets of one class in the sound that FX tokens decode to."""
    samples = round(WINDOW_S * SAMPLE_RATE)
    if lane(kind) == 2:
        sounds = read_sustain(fx, [kind])
        sound = render_sustain(sounds, [np.zeros(len(fx))], 0, samples, _KEY)[:, 0]
        return nearest(sound) if kind == "car" else begun(sound)
    allowed = sorted(name for name in score.sounds if lane(name) == lane(kind))
    events = [e for e in read_events(fx, lane=lane(kind)) if len(allowed) == 1 or e.kind == kind]
    placed = [PlacedEvent(SoundEvent(e.time_s, kind, e.energy, e.hardness)) for e in events]
    return struck(render_events(placed, 0, samples, _KEY)[:, 0], kind)


def seen(tokens: Tokens, score: Score, kind: str) -> list[float]:
    """Contacts that class is heard for, in the picture."""
    if kind in FLOORS:
        return foot_contacts(tokens, "CA")
    return prop_contacts(tokens, score, 0)


@dataclass(frozen=True)
class Take:
    """One sample: picture and effects, made together or put together."""

    score: Score
    picture: Tokens
    effects: Floats


Report = dict[str, dict[str, Tally]]
"""Mode -> class of thing ("steps" for all floors) -> tally."""


def measure_sync(sampler: Sampler, count: int, things: Sequence[str] = tuple(ACTIONS)) -> Report:
    """Samples every scene natively twice, overlays the two, and redoes effects and picture under what is frozen.

    "first takes" are the native ones before any was taken again.
    """
    report: Report = {}
    for k, (thing, score) in enumerate(scenes(count, things)):
        own = sampler.sample(score, WINDOW_S, seed=k)
        first = sampler.sample(score, WINDOW_S, seed=k, schedule=Schedule(takes=1))
        other = sampler.sample(score, WINDOW_S, seed=k + 5000)
        effects = sampler.sample(score, WINDOW_S, seed=k + 9000, frozen=_frozen(own, but=("FX",)))
        picture = sampler.sample(score, WINDOW_S, seed=k + 9000, frozen=_frozen(own, but=PICTURE))
        takes = {
            "native": Take(score, own, own["FX"]),
            "first takes": Take(score, first, first["FX"]),
            "overlay": Take(score, own, other["FX"]),
            "effects redone": Take(score, own, effects["FX"]),
            "picture redone": Take(score, picture, own["FX"]),
        }
        for mode, take in takes.items():
            _count(report.setdefault(mode, {}), thing, take)
    return report


def _count(tallies: dict[str, Tally], thing: str, take: Take) -> None:
    for kind in sorted(take.score.sounds):
        name = "steps" if kind in FLOORS else thing
        contacts, onsets = seen(take.picture, take.score, kind), heard(take.effects, take.score, kind)
        tallies.setdefault(name, Tally()).add(contacts, onsets)


def _frozen(tokens: Tokens, but: Sequence[str]) -> Mapping[str, Frozen]:
    return {name: Frozen(values, np.ones(len(values), np.bool_)) for name, values in tokens.items() if name not in but}


@dataclass
class Cued:
    """Gaps in seconds from a cue to the contact and to the onset it asked for; infinite where there is none."""

    contact: list[float] = field(default_factory=list)
    onset: list[float] = field(default_factory=list)

    def within(self, gaps: Sequence[float], limit_s: float) -> float:
        """Share of the cues met."""
        return float(np.mean([gap <= limit_s for gap in gaps])) if gaps else float("nan")


def measure_cued(sampler: Sampler, count: int, things: Sequence[str] = tuple(ACTIONS)) -> dict[str, Cued]:
    """Every thing asked to sound at a set time."""
    out: dict[str, Cued] = {}
    for k, (thing, score) in enumerate(scenes(count, things)):
        kind = ACTIONS[thing].sound
        moment = _CUE_S + 0.013 * (k % 7)
        asked = replace(score, cues=(SoundCue(moment, lane(kind), kind),))
        tokens = sampler.sample(asked, WINDOW_S, seed=k)
        cued = out.setdefault(thing, Cued())
        cued.contact.append(_miss(prop_contacts(tokens, asked, 0), moment))
        cued.onset.append(_miss(heard(tokens["FX"], asked, kind), moment))
    return out


def _miss(times: Sequence[float], moment: float) -> float:
    return min((abs(t - moment) for t in times), default=float("inf"))


def total(tallies: Mapping[str, Tally], keep: Callable[[str], bool] = lambda _: True) -> Tally:
    """All classes together."""
    whole = Tally()
    for name, tally in tallies.items():
        if keep(name):
            whole.merge(tally)
    return whole
