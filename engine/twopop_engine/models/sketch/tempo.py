"""Where beats lie in time, and how a tempo bends so that accents fall on them. Beat 0 is a downbeat."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SLOWEST_BPM, FASTEST_BPM = 50.0, 150.0
"""A sixteenth at the fastest is a tenth of a second: the music tokens' highest rate. Others are counted in half or
double time."""
BEND: Final = 0.06
"""How far the tempo may be from what was asked, anywhere."""
STRETCH: Final = 0.04
"""How far a segment's tempo may be from the piece's."""
LEAST_BEATS: Final = 4
"""Beats of the shortest segment: a tempo that changes faster is heard as a mistake."""
DENSEST_S: Final = 0.1
"""Hits nearer than this to the one before are heard as one."""
_FAR_BEATS: Final = 4096.0
_LOOK_BACK: Final = 24
_LAST_BEATS: Final = (16.0, 32.0, 64.0)
"""How far before an end the tempo bends towards it; the last is enough for half a bar at any tempo."""
SHORTEST_HELD, LONGEST_HELD, _CUT_SHORT = 0.5, 1.7, 0.4
"""How much shorter or longer than a bar the last chord may be held; a bar that is short of so much still counts."""
_EXACT: Final = 1e-9


@dataclass(frozen=True)
class TempoMap:
    """Beats and seconds: straight lines between anchors, and on beyond them at the piece's own tempo.

    Attributes:
        beat_s: Seconds a beat outside the anchors.
        beats, times_s: The anchors, rising; at least one.
    """

    beat_s: float
    beats: tuple[float, ...] = (0.0,)
    times_s: tuple[float, ...] = (0.0,)

    @cached_property
    def _lines(self) -> tuple[Floats, Floats]:
        beats = np.array([self.beats[0] - _FAR_BEATS, *self.beats, self.beats[-1] + _FAR_BEATS])
        out = _FAR_BEATS * self.beat_s
        return beats, np.array([self.times_s[0] - out, *self.times_s, self.times_s[-1] + out])

    def seconds(self, beats: float | Floats) -> Floats:
        """When beats come."""
        of, at = self._lines
        return np.asarray(np.interp(beats, of, at))

    def beat(self, seconds: float | Floats) -> Floats:
        """Which beat it is."""
        of, at = self._lines
        return np.asarray(np.interp(seconds, at, of))

    def moved(self, seconds: float) -> TempoMap:
        """The same beats in another clock: everything `seconds` later."""
        return replace(self, times_s=tuple(at + seconds for at in self.times_s))

    def renumbered(self, beats: float) -> TempoMap:
        """The same times with every beat's number raised."""
        return replace(self, beats=tuple(at + beats for at in self.beats))

    def between(self, start_s: float, end_s: float, every: float = 1.0) -> Floats:
        """Times of all multiples of `every` beats in a stretch."""
        first, last = (math.ceil(float(self.beat(at)) / every - 1e-9) for at in (start_s, end_s))
        return self.seconds(np.asarray(np.arange(first, last) * every, np.float64))


def counted(bpm: float) -> float:
    """The tempo in which `bpm` is counted: itself, or halved or doubled into what a sixteenth grid can carry."""
    while bpm > FASTEST_BPM:
        bpm /= 2
    while bpm < SLOWEST_BPM:
        bpm *= 2
    return bpm


def apart(hits_s: Sequence[float]) -> tuple[float, ...]:
    """Hits in order, without those that would be heard as one with the hit before."""
    kept: list[float] = []
    for hit in sorted(hits_s):
        if not kept or hit - kept[-1] >= DENSEST_S - 1e-9:
            kept.append(hit)
    return tuple(kept)


def fit_tempo(
    bpm: float, hits_s: Sequence[float], begin_s: float | None = None, end_s: float | None = None
) -> TempoMap:
    """The map, within `BEND` of `bpm`, that puts as many hits as can be exactly on beats, downbeats first.

    Hits too dense for that lie between beats and are left to be played as stabs.

    Args:
        bpm: What was asked, already `counted`.
        hits_s: Times that want an accent, `apart`.
        begin_s: Where bar 0 begins; None leaves it free.
        end_s: Where the last bar ends; None leaves it free.
    """
    points = [*([] if begin_s is None else [begin_s]), *(hit for hit in hits_s if begin_s is None or hit > begin_s)]
    if not points:
        return _ended(TempoMap(60.0 / bpm), bpm, end_s)
    fits = (_Fit(bpm, float(own), points, begin_s is not None) for own in bpm * np.linspace(1 - BEND, 1 + BEND, 61))
    best = max(fits, key=lambda fit: fit.worth)
    # Whatever the chain counted from, bar 0 is the one that begins nearest to the beginning.
    bars_before = round(float(best.map.beat(0.0 if begin_s is None else begin_s)) / 4)
    return _ended(best.map.renumbered(-4.0 * bars_before), bpm, end_s)


_Chain = tuple[tuple[int, int], ...]
"""Points of a chain: which one, and how many beats after the one before."""


class _Fit:
    """The best chain of points at one tempo: each a whole number of beats after the one before.

    Where bar 0 is given it is the first point; to begin elsewhere costs more than half a hit.
    """

    def __init__(self, asked: float, own: float, points: Sequence[float], begins: bool) -> None:
        self._asked, self._beat_s, self._points = asked, 60.0 / own, points
        chains: list[tuple[float, _Chain]] = []
        for k in range(len(points)):
            ways = [(1.0 if k == 0 or not begins else 0.4, ((k, 0),))]
            ways += [(worth + gain, (*chain, (k, beats))) for worth, chain, beats, gain in self._joins(chains, k)]
            chains.append(max(ways))
        worth, chain = max(chains)
        begins = begins and chain[0][0] == 0
        beats = np.cumsum([beats for _, beats in chain])
        counts = [int(np.sum((beats + phase) % 4 == 0)) for phase in range(4)]
        phase = 0 if begins else int(np.argmax(counts))
        self.worth = worth + 0.2 * counts[phase] - 2.0 * abs(own / asked - 1)
        times = tuple(points[k] for k, _ in chain)
        self.map = TempoMap(self._beat_s, tuple(float(beat) for beat in beats + phase), times)

    def _joins(self, chains: Sequence[tuple[float, _Chain]], k: int) -> Iterator[tuple[float, _Chain, int, float]]:
        for i in range(max(0, k - _LOOK_BACK), k):
            span = self._points[k] - self._points[i]
            beats = round(span / self._beat_s)
            if beats >= LEAST_BEATS and self._within(span / beats):
                yield *chains[i], beats, 1.0 - 5.0 * abs(span / beats / self._beat_s - 1)

    def _within(self, beat_s: float) -> bool:
        own, asked = abs(self._beat_s / beat_s - 1), abs(60.0 / self._asked / beat_s - 1)
        return own <= STRETCH + _EXACT and asked <= BEND + _EXACT


def _ended(tempo: TempoMap, asked: float, end_s: float | None) -> TempoMap:
    """The map bent once more, so that a bar line lies on the end.

    As few of the last bars as will do it are bent: the others stay as they are when the end moves. Where the tempo
    cannot be bent so far, the last chord is held for longer or shorter than a bar, which no beat is heard in.
    """
    if end_s is None:
        return tempo
    last = 4.0 * round(float(tempo.beat(end_s)) / 4)
    for reach in _LAST_BEATS:
        beat = max(tempo.beats[-1], last - reach)
        at = float(tempo.seconds(beat))
        if last - beat < LEAST_BEATS or end_s <= at:
            continue
        beat_s = (end_s - at) / (last - beat)
        least = BEND if len(tempo.beats) == 1 else STRETCH
        if abs(60.0 / asked / beat_s - 1) <= BEND and abs(tempo.beat_s / beat_s - 1) <= least:
            before = () if beat == tempo.beats[-1] else (beat,)
            times = () if beat == tempo.beats[-1] else (at,)
            return TempoMap(tempo.beat_s, (*tempo.beats, *before, last), (*tempo.times_s, *times, end_s))
    return _held(tempo, end_s)


def _held(tempo: TempoMap, end_s: float) -> TempoMap:
    """The map with the end as the end of its last bar; as it was where a hit shortly before leaves no room for that."""
    last = 4.0 * math.floor(float(tempo.beat(end_s)) / 4 + _CUT_SHORT)
    beat = max(tempo.beats[-1], last - 4.0)
    at = float(tempo.seconds(beat))
    if last <= beat or not SHORTEST_HELD <= (end_s - at) / (last - beat) / tempo.beat_s <= LONGEST_HELD:
        return tempo
    before, times = ((), ()) if beat == tempo.beats[-1] else ((beat,), (at,))
    return TempoMap(tempo.beat_s, (*tempo.beats, *before, last), (*tempo.times_s, *times, end_s))
