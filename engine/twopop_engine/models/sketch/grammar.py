"""Composes the notes of a lead sheet, bar by bar: what a model that has learnt music tokens does, without one.

A bar is a pure function of the piece and its number. Patterns are written as a line of sixteenths: a digit of a drum
is its level out of nine; a digit of the bass is a step above the chord's root (7 the octave, `<` leads into the next
root), a letter of comping a member of the chord (`a` lowest) or `*` all of it; `-` goes on sounding, `.` is silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from .layout import Floats
from .music import Piece
from .mx import Feel, Strike, write_tokens
from .noise import uniform

BAR: Final = 16
"""Sixteenths."""
_MELODY_LOW, _MELODY_WORDS = -1, 16
"""The melody's word 0 is the degree below the tonic."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """What a style plays: from each tuple a bar takes one, the later the more is going on."""

    drums: dict[str, tuple[str, ...]]
    bass: tuple[str, ...]
    comping: tuple[str, ...]
    rhythms: tuple[str, ...]
    """Of the melody: `x` begins a note."""
    fill: dict[str, str]
    sings: float = 0.7
    """How often there is a melody, 0 to 1."""


PATTERNS: Final[dict[str, Patterns]] = {
    "jazz": Patterns(
        drums={
            "hat": ("6...7...6...7...", "6...7.4.6...7.4.", "6...7.4.6.4.7.4."),
            "snare": ("....3.......3...", "....4.....2.4...", "....4..2..3.4..2"),
            "kick": ("................", "3...............", "3.........3....."),
            "percussion": ("5---7---5---7---",),
        },
        bass=("0---2---4---<---", "0---4---2---<---", "0---2---4-4-<---", "7---4---2---<---"),
        comping=("..*-......*---..", "..*-..*-......*-", "*-....*-..*-....", "..*-....*-..*-*-"),
        rhythms=("x...x.x.x.....x.", "..x.x.x.x...x...", "x.....x.x.x.x...", "....x.x.x.x.x.x."),
        fill={"snare": "5.57", "kick": "..4.", "hat": "6..."},
    ),
    "piano": Patterns(
        drums={},
        bass=("0---------------", "0-------4-------"),
        comping=("a-b-c-d-c-b-c-d-", "a-b-c-b-d-b-c-b-", "a-b-c-d-e-d-c-b-", "a---b-c-d---c-b-"),
        rhythms=("x.......x...x...", "x.....x.x.......", "x...x...x.....x.", "....x...x.......", "x..............."),
        fill={},
    ),
    "tension": Patterns(
        drums={
            "kick": ("9.4.............", "9.4.........3...", "9.4...4.9.4.....", "9.4.9.4.9.4.9.44"),
            "hat": ("..3...3...3...3.", "3.2.3.2.3.2.3.2.", "3.233.233.233.23", "4234423442344234"),
            "percussion": ("................", "............5...", "......4.....6..."),
        },
        bass=("0-0-0-0-0-0-0-0-", "0-0-0-7-0-0-0-6-", "0000000000000000", "0-00-00-0-00-0-7"),
        comping=("*---------------", "*-------*-------", "........*-------"),
        rhythms=("x...............", "........x.......", "x.......x......."),
        fill={"kick": "7777", "percussion": "5678"},
        sings=0.35,
    ),
    "folk": Patterns(
        drums={
            "percussion": ("3.5.3.5.3.5.3.5.", "324532453245324 5".replace(" ", ""), "5354535453545354"),
            "kick": ("................", "6.......6.......", "6.......6.....4."),
            "snare": ("................", "....4.......4...", "....5.......5..3"),
        },
        bass=("0-------4-------", "0-----0-4-------", "0---4---0---4-<-"),
        comping=("a-d-c-e-b-d-c-e-", "a-c-d-c-b-c-e-c-", "a---*-*-b---*-*-", "a-d-*-d-b-d-*-d-"),
        rhythms=("x...x.x.x.......", "x.x.x...x...x...", "....x.x.x.x.x...", "x.....x.x...x..."),
        fill={"snare": "4.56", "percussion": "5555"},
    ),
    "electro": Patterns(
        drums={
            "kick": ("9...9...9...9...", "9...9...9...9.5.", "9..5..9...9.9..."),
            "hat": ("..6...6...6...6.", "3.6.3.6.3.6.3.6.", "3363336333633363"),
            "snare": ("....7.......7...", "....8.......8..4", "....8..3....8..4"),
            "percussion": ("................", "...4......4.....", "...4..4...4..4.."),
        },
        bass=("0-..0-..0-..0-..", "..0-..0-..0-..0-", "0-0-7-0-0-0-7-6-", "0.00.07.0.00.07."),
        comping=("*-..*-...*-...*-", "a.b.c.b.d.b.c.b.", "abcdbcdeabcdbcde", "*--*--*---*--*--"),
        rhythms=("x..x..x...x.....", "x.x...x.x.......", "......x.x..x..x.", "x......x........"),
        fill={"snare": "5678", "kick": "9.9."},
        sings=0.55,
    ),
    "strings": Patterns(
        drums={
            "kick": ("................", "5...............", "7.......4......."),
            "percussion": ("................", "................", "............3456"),
        },
        bass=("0---------------", "0-------4-------", "0-------7---4---"),
        comping=("*---------------", "a-b-c-b-d-b-c-b-", "abcbdbcbabcbdbcb", "*---**--*---*-*-"),
        rhythms=("x.......x.......", "x...........x...", "x.....x.x...x...", "x..............."),
        fill={"kick": "..68"},
        sings=0.8,
    ),
}


@lru_cache(maxsize=64)
def compose(piece: Piece, bar: int) -> Floats:
    """The tokens of one bar, `(16, 28)`, read-only."""
    strikes = [] if piece.bars is not None and bar >= piece.bars else _strikes(piece, bar)
    tokens = write_tokens(strikes, _feels(piece, bar), bar * BAR, BAR)
    tokens.setflags(write=False)
    return tokens


def composed(piece: Piece, first: int, tokens: int) -> Floats:
    """The tokens of any stretch, `(tokens, 28)`; `first` is its absolute sixteenth."""
    bars = range(first // BAR, (first + tokens - 1) // BAR + 1)
    whole = np.concatenate([compose(piece, bar) for bar in bars])
    return whole[first - bars[0] * BAR :][:tokens]


def _dice(piece: Piece, bar: int) -> list[float]:
    return [float(x) for x in uniform(piece.key, bar + 1_000_000, 64)]


def _strikes(piece: Piece, bar: int) -> list[Strike]:
    if piece.bars is not None and bar == piece.bars - 1:
        return _last_bar(piece, bar)
    # A groove is kept for a phrase: what is drawn for it is drawn once in four bars, and varied once.
    groove, own = _dice(piece, bar // 4 * 4), _dice(piece, bar)
    patterns, energy = PATTERNS[piece.style], piece.energy(bar)
    fills = bar % 4 == 3 and (own[0] < 0.6 or piece.bars == bar + 2)
    strikes = list(_drums(patterns, energy, bar, groove, fills))
    strikes += _voice(_pick(patterns.bass, energy, groove[8]), "bass", bar, 0.75, _lead_in(piece, bar))
    strikes += _voice(_pick(patterns.comping, energy, groove[9]), "comping", bar, 0.5 + 0.2 * energy)
    strikes += _melody(piece, patterns, bar, own)
    strikes = [
        strike._replace(level=strike.level * (0.85 + 0.3 * own[10 + k % 40])) for k, strike in enumerate(strikes)
    ]
    return _with_hits(piece, bar, strikes)


def _pick(choices: tuple[str, ...], energy: float, die: float) -> str:
    """One of the patterns, the busier ones where there is more energy."""
    return choices[min(len(choices) - 1, int(len(choices) * min(max(energy + 0.5 * (die - 0.5), 0.0), 0.999)))]


def _drums(patterns: Patterns, energy: float, bar: int, groove: list[float], fills: bool) -> Iterator[Strike]:
    for k, (lane, choices) in enumerate(patterns.drums.items()):
        line = _pick(choices, energy, groove[k])
        if fills and lane in patterns.fill:
            line = line[:12] + patterns.fill[lane]
        for place, sign in enumerate(line):
            if sign.isdigit():
                yield Strike(bar * BAR + place, lane, int(sign) / 9 * (0.7 + 0.3 * energy))
    if bar % 8 == 0 and patterns.drums and groove[7] < 0.7 and energy > 0.6:
        yield Strike(bar * BAR, "crash", 0.35 * energy)


def _lead_in(piece: Piece, bar: int) -> int:
    """The step above this chord's root that lies beside the root of the next chord."""
    gap = (piece.chord(bar + 1) - piece.chord(bar)) % 7
    return (gap - 1) % 7 if _dice(piece, bar)[1] < 0.5 else (gap + 1) % 7


def _voice(line: str, lane: str, bar: int, level: float, lead_in: int = 0) -> Iterator[Strike]:
    for place, sign in enumerate(line):
        if sign in "-.":
            continue
        length = 1 + len(line[place + 1 :]) - len(line[place + 1 :].lstrip("-"))
        word = lead_in if sign == "<" else 0 if sign == "*" else int(sign) if sign.isdigit() else ord(sign) - 96
        accent = 1.0 if place % 8 == 0 else 0.85 if place % 4 == 0 else 0.75
        yield Strike(bar * BAR + place, lane, level * accent, length, word)


def _melody(piece: Piece, patterns: Patterns, bar: int, own: list[float]) -> Iterator[Strike]:
    """An arch over each phrase: chord tones on strong beats, steps between; the rhythm of a bar comes back in the next
    but one, the last bar of a phrase rests or holds."""
    phrase = _dice(piece, 7_000_000 + bar // 4)
    if phrase[0] > patterns.sings * (0.7 + 0.5 * piece.energy(bar)) or (bar % 4 == 3 and phrase[1] < 0.5):
        return
    rhythm = patterns.rhythms[int(_dice(piece, 8_000_000 + bar // 16 * 2 + bar % 2)[2] * len(patterns.rhythms))]
    places = [k for k, sign in enumerate(rhythm) if sign == "x"]
    if bar % 4 == 3:
        places = places[:1]
    height, root = 3.0 + 6.0 * phrase[2], piece.chord(bar)
    for place, following in zip(places, [*places[1:], BAR], strict=True):
        along = (bar % 4 + place / BAR) / 4
        aim = height + (2.0 + 3.0 * phrase[3]) * np.sin(np.pi * along) + 2.0 * (own[place] - 0.5)
        strong = place % 8 == 0 or len(places) < 3
        degree = _nearest_of(root, (0, 2, 4), aim) if strong else round(float(aim))
        word = int(np.clip(degree - _MELODY_LOW, 0, _MELODY_WORDS - 1))
        yield Strike(bar * BAR + place, "melody", 0.75 if strong else 0.6, min(following - place, 12), word)


def _nearest_of(root: int, steps: tuple[int, ...], aim: float) -> int:
    """The chord tone, in degrees of the scale, nearest to a height."""
    return min((root + step + 7 * octave for step in steps for octave in (-2, -1, 0, 1, 2)), key=lambda d: abs(d - aim))


def _last_bar(piece: Piece, bar: int) -> list[Strike]:
    """The last chord, all together, left to ring."""
    at, loud = bar * BAR, 0.5 + 0.3 * piece.energy(bar)
    voices = [Strike(at, "bass", loud, BAR, 0), Strike(at, "comping", loud, BAR, 0), Strike(at, "melody", loud, BAR, 8)]
    drums = [Strike(at, lane, 0.8 * loud) for lane in ("kick", "crash") if PATTERNS[piece.style].drums]
    return [*voices, *drums]


def _with_hits(piece: Piece, bar: int, strikes: list[Strike]) -> list[Strike]:
    """Half a beat of nothing, then everybody at once; dense hits leave no room for nothing."""
    near = [hit for hit in piece.hit_places if bar * BAR - 2 <= hit < (bar + 1) * BAR + 2]
    for hit in near:
        earlier = max((other for other in piece.hit_places if other < hit), default=hit - 99)
        gap = range(max(hit - 2, earlier + 1), hit)
        strikes = [_cut(strike, gap.start) for strike in strikes if strike.at not in gap and strike.at != hit]
        if hit // BAR == bar:
            loud = [Strike(hit, lane, 1.0) for lane in ("kick", "crash")]
            voices = [Strike(hit, "bass", 1.0, 4, 0), Strike(hit, "comping", 1.0, 4, 0)]
            strikes = [_cut(strike, hit) for strike in strikes] + loud + voices
    return strikes


def _cut(strike: Strike, at: int) -> Strike:
    """A note that would sound on past a place, ended there."""
    return strike._replace(length=min(strike.length, at - strike.at)) if strike.at < at else strike


def _feels(piece: Piece, bar: int) -> list[Feel]:
    own, energy = uniform(piece.key, bar + 9_000_000, BAR), piece.energy(bar)
    fills = float(bar % 4 == 3)
    return [
        Feel(
            energy,
            fills * max(0.0, (k - 11) / 4),
            1.0 if bar * BAR + k in piece.hit_places else 0.4 if k == 0 else 0.2 if k % 4 == 0 else 0.0,
            0.0 if bar * BAR + k in piece.hit_places else 0.012 * (float(own[k]) - 0.5),
        )
        for k in range(BAR)
    ]
