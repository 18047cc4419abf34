"""Lines of a brief laid out in stage time: who speaks, with which voice, and when every phone sounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from twopop.errors import BackendError
from twopop.request import GenerationRequest
from twopop.wire import Finding
from twopop.wire import Line as WireLine

from .layout import PUNCTUATION, SILENCE, VOICE_DIMS
from .persons import PRESETS, alike
from .phones import Phone, timed_phones, untimed_phones
from .score import Line as ScoreLine
from .text import UnspeakableLine, sentences, unspoken
from .voices import Casting, Manner, cast_voice, read_manner, said_with

Durations = Callable[[Sequence[Phone], float], NDArray[np.float32]]
"""Phones of one sentence, and ln of the speech rate -> seconds of each."""

FASTEST, SLOWEST = 1.4, 0.7
"""How far a line is squeezed or stretched to the length that the editor fixed."""
TRAINED_RATE = 0.14
"""The model has heard ln rates within this; beyond, only the durations go on."""
BREATH_S = 0.08
"""Least silence between two lines in the one lane they share."""
OFF_STAGE = 2
"""The speaker number of a voice whose lips nobody sees."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """One line in stage time.

    Attributes:
        speaker: Name, as in the brief.
        who: 0 or 1 of the characters on stage, `OFF_STAGE` for V.O., O.S. and anyone beyond two.
        phones: Timed; a silence at either end.
        voice: The 16 knobs that the decoder applies.
        manner: Level, whisper, and what was understood.
        rate: ln of the speech rate that the model is told.
    """

    speaker: str
    who: int
    phones: tuple[Phone, ...]
    voice: tuple[float, ...]
    manner: Manner
    rate: float

    @property
    def start_s(self) -> float:
        """Start of the first sounding phone."""
        return next(phone.start_s for phone in self.phones if _sounds(phone))

    @property
    def end_s(self) -> float:
        """End of the last sounding phone."""
        return next(phone.end_s for phone in reversed(self.phones) if _sounds(phone))

    def scored(self) -> ScoreLine:
        """The line as the model knows it: its voice is the decoder's business, only the rate is told."""
        knobs = [0.0] * VOICE_DIMS
        knobs[5] = float(np.clip(self.rate, -TRAINED_RATE, TRAINED_RATE))
        return ScoreLine(self.who, self.phones, tuple(knobs))


def _sounds(phone: Phone) -> bool:
    return phone.symbol != SILENCE and phone.symbol not in PUNCTUATION


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All lines of a take, the cast behind them, and what there is to say about them."""

    lines: tuple[SpokenLine, ...] = ()
    cast: dict[str, Casting] = field(default_factory=dict[str, Casting])
    findings: tuple[Finding, ...] = ()


def lay_out(request: GenerationRequest, on_stage: Sequence[str], durations: Durations) -> Dialogue:
    """Times every line of a request in the take clock.

    Args:
        request: Its lines are in the source clock.
        on_stage: Speakers whose lips are seen, at most two; their order is their place.
        durations: The model's duration predictor.

    Raises:
        BackendError: A line cannot be spoken (`unspeakable_line`), or less than half of it falls into the take
            (`line_too_long`). The message names shot, line, and what to change; nothing was generated.
    """
    words = {voice.speaker.casefold(): voice.description for voice in request.brief.voices}
    cast = {
        line.speaker: cast_voice(line.speaker, words.get(line.speaker.casefold(), "")) for line in request.brief.lines
    }
    lines: list[SpokenLine] = []
    findings = _alike(request, cast)
    free_s = -1e9
    for line in sorted(request.brief.lines, key=lambda line: line.at_frames):
        spoken = _spoken(request, line, cast[line.speaker], on_stage, durations)
        late = free_s - spoken.start_s
        if late > 0:
            findings.append(
                _finding(request, line, "line_delayed", f"waits {late:.2f} s for the line before it to end")
            )
            spoken = _shifted(spoken, late)
        if not _begins_within(request, spoken):
            findings.append(_finding(request, line, "line_outside", "lies outside the take and is not spoken", "info"))
            continue
        findings += _fit(request, line, spoken)
        if silent := unspoken(line.text):
            what = f"holds {' '.join(silent)}, which has no sound and was left out; write it as words"
            findings.append(_finding(request, line, "line_unspoken", what))
        lines.append(spoken)
        free_s = spoken.end_s + BREATH_S
    return Dialogue(tuple(lines), cast, tuple(findings))


def _spoken(
    request: GenerationRequest, line: WireLine, casting: Casting, on_stage: Sequence[str], durations: Durations
) -> SpokenLine:
    manner = read_manner(line.manner)
    knobs = said_with(casting.knobs, manner)
    try:
        parts = [untimed_phones(part) for part in sentences(line.text)]
    except UnspeakableLine as exc:
        raise BackendError(f"Shot {request.name}: {exc}. Nothing was generated.", code=exc.code) from exc
    rate = knobs.rate + float(np.log(line.speed))
    lengths = [np.asarray(durations(part, rate), np.float64) for part in parts]
    if line.length_frames is not None:
        squeeze = _squeeze(lengths, float(line.length_frames / request.frame_rate))
        lengths, rate = [part / squeeze for part in lengths], rate + float(np.log(squeeze))
    phones = _joined(parts, lengths)
    begin = float((line.at_frames - request.generated.start) / request.frame_rate)
    who = on_stage.index(line.speaker) if line.lips and line.speaker in on_stage else OFF_STAGE
    spoken = SpokenLine(line.speaker, who, phones, tuple(float(v) for v in knobs.vector()), manner, rate)
    return _shifted(spoken, begin - spoken.start_s)


def _squeeze(lengths: Sequence[NDArray[np.float64]], wanted_s: float) -> float:
    """How much faster the line must be said to sound for `wanted_s`, within what speech bears."""
    spoken = sum(float(part.sum()) for part in lengths) - float(lengths[0][0] + lengths[-1][-2:].sum())
    return float(np.clip(spoken / max(wanted_s, 1e-3), SLOWEST, FASTEST))


def _joined(parts: Sequence[tuple[Phone, ...]], lengths: Sequence[NDArray[np.float64]]) -> tuple[Phone, ...]:
    """Sentences end to end; two silences that meet are the pause between them."""
    phones: list[Phone] = []
    for part, seconds in zip(parts, lengths, strict=True):
        phones += timed_phones(part, seconds, phones[-1].end_s if phones else 0.0)
    return tuple(phones)


def _shifted(spoken: SpokenLine, by_s: float) -> SpokenLine:
    moved = tuple(Phone(p.symbol, p.start_s + by_s, p.end_s + by_s, p.stress, p.word_start) for p in spoken.phones)
    return SpokenLine(spoken.speaker, spoken.who, moved, spoken.voice, spoken.manner, spoken.rate)


def _begins_within(request: GenerationRequest, spoken: SpokenLine) -> bool:
    """Whether any of a line falls into the take; after a trim, the brief still holds the lines that were cut away."""
    return spoken.end_s > 0.0 and spoken.start_s < float(request.frames / request.frame_rate)


def _fit(request: GenerationRequest, line: WireLine, spoken: SpokenLine) -> list[Finding]:
    """What is cut off a line by the ends of the take."""
    length_s = spoken.end_s - spoken.start_s
    end_s = float(Fraction(request.frames) / request.frame_rate)
    heard_s = max(0.0, min(spoken.end_s, end_s) - max(spoken.start_s, 0.0))
    if heard_s >= length_s - 0.02:
        return []
    needs, has = (int(np.ceil(seconds * float(request.frame_rate))) for seconds in (length_s, heard_s))
    said = f'line "{line.text}" of {line.speaker} needs {needs} frames, the take holds {has} of them'
    if heard_s < length_s / 2:
        raise BackendError(
            f"Shot {request.name}: {said}. Lengthen the shot by {needs - has} frames, move the line, "
            f'or pass fit="tighten" ({FASTEST}x speech at most). Nothing was generated.',
            code="line_too_long",
        )
    return [_finding(request, line, "line_cut", f"needs {needs} frames, the take holds {has} of them")]


def _alike(request: GenerationRequest, cast: Mapping[str, Casting]) -> list[Finding]:
    """Speakers whom nobody would tell apart."""
    return [
        Finding(
            level="warning",
            code="voices_alike",
            shot=request.name,
            message=f"Shot {request.name}: {one} and {other} have nearly one voice. Give one of them another: "
            f"VOICE {other}: a word or two (docs/sketch.md), or one of {', '.join(PRESETS)}.",
        )
        for one, other in combinations(cast, 2)
        if one.casefold() != other.casefold() and alike(cast[one].knobs, cast[other].knobs)
    ]


def _finding(
    request: GenerationRequest, line: WireLine, code: str, what: str, level: Literal["info", "warning"] = "warning"
) -> Finding:
    message = f'Shot {request.name}: line "{line.text}" of {line.speaker} {what}.'
    return Finding(level=level, code=code, shot=request.name, message=message)
