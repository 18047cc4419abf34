"""Phones with times: the part of the score that says what is spoken when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .layout import PHONE_IDS, PUNCTUATION, SILENCE, STRESS


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone, pause or punctuation mark, in seconds of the clock its owner names."""

    symbol: str
    start_s: float
    end_s: float
    stress: float = 0.0
    word_start: bool = False


def merge_segments(segments: Iterable[tuple[str, float, float]]) -> tuple[Phone, ...]:
    """Gives the time of stress marks to the phone they mark, and that of spaces to both neighbours.

    Args:
        segments: (symbol, start_s, end_s) in order, without gaps; unknown symbols are skipped.
    """
    phones: list[Phone] = []
    pending: float | None = None
    stress, word_start = 0.0, True
    for symbol, start, end in segments:
        if symbol in STRESS:
            stress, pending = STRESS[symbol], start if pending is None else pending
        elif symbol == " ":
            middle = (start + end) / 2 if phones else start
            if phones:
                phones[-1] = replace(phones[-1], end_s=middle)
            pending, word_start = middle, True
        elif symbol in PHONE_IDS:
            phones.append(Phone(symbol, start if pending is None else pending, end, stress, word_start))
            pending, stress = None, 0.0
            word_start = symbol in PUNCTUATION or symbol == SILENCE
    return tuple(phones)


def untimed_phones(ipa: str) -> tuple[Phone, ...]:
    """The phones of one sentence, a silence on either side; times mean nothing yet."""
    return merge_segments((symbol, k * 0.1, (k + 1) * 0.1) for k, symbol in enumerate(f"_{ipa}_"))


def timed_phones(phones: Sequence[Phone], durations_s: Iterable[float], start_s: float = 0.0) -> tuple[Phone, ...]:
    """Lays phones end to end with the given durations."""
    out: list[Phone] = []
    clock = start_s
    for phone, duration in zip(phones, durations_s, strict=True):
        out.append(replace(phone, start_s=clock, end_s=clock + float(duration)))
        clock += float(duration)
    return tuple(out)


def shift_phones(phones: Iterable[Phone], offset_s: float) -> tuple[Phone, ...]:
    """The same phones, later by ``offset_s``."""
    return tuple(replace(p, start_s=p.start_s + offset_s, end_s=p.end_s + offset_s) for p in phones)


def asks(phones: Sequence[Phone]) -> list[bool]:
    """For every phone, whether the next punctuation mark after it is a question mark."""
    out: list[bool] = []
    question = False
    for phone in reversed(phones):
        if phone.symbol in PUNCTUATION:
            question = phone.symbol == "?"
        out.append(question)
    return out[::-1]
