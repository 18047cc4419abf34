"""Lines laid out in time: how long each takes to say, and whether its shot has the room."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby
from typing import Literal

from .timebase import FrameRange
from .wire import Brief, Finding, Line

PHONES_PER_SECOND = 14
"""Of calm speech."""
BEAT_S = Fraction(1, 5)
"""Silence between lines that share a marker."""
FASTEST = 1.4
"""The most `fit="tighten"` speeds a line up: beyond it, words are lost."""

_PACE = (
    (re.compile(r"\b(slow|whisper|tired|weary|sad|cry|sob|drunk|hesita|thought|old|solemn|drawl)", re.I), 0.82),
    (
        re.compile(r"\b(fast|quick|urgent|hurr|excited|angry|shout|yell|scream|panic|nervous|rapid|breathless)", re.I),
        1.18,
    ),
)
"""How words of manner change the pace."""
_PAUSES = re.compile(r"(\.{3}|…|—|--)|([.!?;:。！？；：]+)(?=\s*\S)|([,、，])(?=\s*\S)")
_SPELLED = re.compile(r"(tch|[sc]h|th|ph|wh|ck|ng|qu|gh|kn|wr|[aeiouy]{2,3})|([b-df-hj-np-tv-z])\2", re.I)
_SILENT_E = re.compile(r"(?<=[^\W\d_aeiouy])e(?=s?\b)", re.I)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_PHONES_OF_DIGIT = 3.5


def lay_out_lines(
    brief: Brief, used: FrameRange, frame_rate: Fraction, fit: Literal["warn", "tighten", "strict"] = "warn"
) -> tuple[Brief, list[Finding]]:
    """Places the lines of a shot and says which do not fit.

    Lines that share a marker come one after the other, a beat apart. That depends on the text alone, so the result may
    be hashed: a trim changes nothing in it. The estimated lengths are *not* written into `length_frames`, which holds
    only what the editor fixed; the model times its own speech. With `fit="tighten"` a line that is too long gets a
    `speed` (a new take, on purpose), in steps of 0.05 so that a small trim does not change it.

    Args:
        brief: lines in the source clock.
        used: what the cut shows, source clock. Lines that begin outside it are left alone.
        frame_rate: of both.
        fit: "warn" reports, "tighten" speeds up to 1.4, "strict" makes it an error.

    Returns:
        The brief with its lines placed, and a finding for each line that does not fit.
    """
    if not brief.lines:
        return brief, []
    placed = _stacked(brief.lines, frame_rate)
    laid: list[Line] = []
    findings: list[Finding] = []
    for index, line in enumerate(placed):
        room = _room(line, placed[index + 1 :], used)
        needs = _frames(line, frame_rate)
        if room is not None and needs > room:
            if fit == "tighten" and line.length_frames is None:
                line = line.model_copy(update={"speed": _speed(needs * line.speed, room)})
                needs = _frames(line, frame_rate)
            if needs > room or fit != "tighten":
                findings.append(_too_long(line, needs, room, fit))
        laid.append(line)
    return (brief if tuple(laid) == brief.lines else brief.model_copy(update={"lines": tuple(laid)})), findings


def speech_seconds(text: str, manner: str = "") -> float:
    """Estimated seconds that `text` takes to say: its phones at 14 a second, its pauses, its manner.

    Letters of alphabets are counted as spelled (digraphs, doubled letters and silent e as one or none); kana, hangul
    and ideographs by what a syllable of their language takes. Good to about a fifth, for planning only.
    """
    pace = math.prod(factor for pattern, factor in _PACE if pattern.search(manner))
    pauses = sum(0.4 if long else 0.3 if stop else 0.15 for long, stop, _ in _PAUSES.findall(text))
    return (count_phones(text) / PHONES_PER_SECOND + pauses) / pace


def count_phones(text: str) -> float:
    """Estimated phones of `text`."""
    phones = _PHONES_OF_DIGIT * sum(character.isdigit() for character in text)
    for word in _WORD.findall(text):
        if ord(word[0]) < 0x1100:
            plain = _SILENT_E.sub("", word) if len(word) > 3 else word
            phones += len(_SPELLED.sub("x", plain).replace("'", "").replace("’", ""))
        else:
            phones += sum(_phones_of(character) for character in word)
    return phones


def _phones_of(character: str) -> float:
    """Phones of one character of an East Asian script; 1 for a letter."""
    code = ord(character)
    if 0x3040 <= code < 0x3100:
        return 1.8  # kana: a mora
    if 0xAC00 <= code < 0xD7A4 or 0x3400 <= code < 0xA000:
        return 2.6  # a hangul or Chinese syllable; a kanji is often two morae
    return 1.0


def _stacked(lines: Sequence[Line], frame_rate: Fraction) -> list[Line]:
    """Lines in time order; those at one place follow each other."""
    placed: list[Line] = []
    for at, together in groupby(sorted(lines, key=lambda line: line.at_frames), key=lambda line: line.at_frames):
        next_frame = at
        for line in together:
            placed.append(line if line.at_frames == next_frame else line.model_copy(update={"at_frames": next_frame}))
            next_frame += _frames(line, frame_rate) + math.ceil(BEAT_S * frame_rate)
    return placed


def _frames(line: Line, frame_rate: Fraction) -> int:
    """Frames a line takes: as the editor fixed it, else estimated."""
    if line.length_frames is not None:
        return line.length_frames
    return math.ceil(speech_seconds(line.text, line.manner) / line.speed * float(frame_rate))


def _room(line: Line, later: Sequence[Line], used: FrameRange) -> int | None:
    """Frames from where a line begins to the shot's end or the same speaker's next line; None outside the shot."""
    if not used.holds(line.at_frames):
        return None
    own = (other.at_frames for other in later if other.speaker == line.speaker and other.at_frames > line.at_frames)
    return min(used.end, *own, used.end) - line.at_frames


def _speed(needs_frames: float, room_frames: int) -> float:
    """The speed at which a line fits, up to `FASTEST`, in steps of 0.05."""
    return min(FASTEST, math.ceil(needs_frames / room_frames * 20) / 20)


def _too_long(line: Line, needs: int, room: int, fit: str) -> Finding:
    short = needs - room
    speed = needs * line.speed / room
    said = f'line "{line.text}" needs {needs} frames, the shot has {room} from there. '
    if fit == "tighten":
        cure = f"Even at {line.speed:.2f}x speech {short} frames are missing: lengthen the shot or shorten the line."
    elif speed <= FASTEST and line.length_frames is None:
        cure = f'Lengthen it by {short} frames or pass fit="tighten" ({speed:.2f}x speech).'
    else:
        cure = f"Lengthen it by {short} frames or shorten the line."
    kept = "Nothing was generated." if fit == "strict" else "It is generated, and may be cut off at the end."
    return Finding(
        level="error" if fit == "strict" else "warning", code="line_too_long", message=f"{said}{cure} {kept}"
    )
