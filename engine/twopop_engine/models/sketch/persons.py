"""Who somebody is by ear: the knobs of a voice, ten people, and anybody else out of a name.

A name is a word of eleven signs, one for each thing that makes a voice (pitch, tract, brightness, and eight of
timbre), and two words that are not equal differ in four signs at least. So of two names one is heard as another
person than the other, unless their words are one: for a pair of names, one chance in 64.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .layout import REFERENCE_F0_HZ, VOICE_CHANNELS, VOICE_DIMS

TIMBRE_DIMS: Final = 8
Timbre = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class VoiceKnobs:
    """One person's voice.

    Attributes:
        pitch_hz: Median f0.
        tract: Natural log of the formant scale; negative is a longer vocal tract (a larger person).
        pitch_range: Factor on how far the melody moves from the median.
        tilt: -1 dark to +1 bright.
        breath: 0 clear to 1 all breath.
        rate: Natural log of the speech rate over the usual one.
        timbre: Throat, mouth, head, glottis, chest, nose, ring, focus; about -1 to 1 (`layout.VOICE_CHANNELS`).
    """

    pitch_hz: float
    tract: float = 0.0
    pitch_range: float = 1.0
    tilt: float = 0.0
    breath: float = 0.0
    rate: float = 0.0
    timbre: Timbre = (0.0,) * TIMBRE_DIMS

    def vector(self) -> NDArray[np.float32]:
        """The knobs as the score's `(16,)` float32 (`layout.VOICE_CHANNELS`), each inside its channel's range."""
        pitch = math.log(self.pitch_hz / REFERENCE_F0_HZ)
        values = [pitch, self.tract, self.pitch_range, self.tilt, self.breath, self.rate, *self.timbre]
        values += [0.0] * (VOICE_DIMS - len(values))
        lows, highs = zip(*((channel.low, channel.high) for channel in VOICE_CHANNELS), strict=True)
        return np.clip(np.array(values), lows, highs).astype(np.float32)


def _timbre(signs: str, *, much: float = 0.85) -> Timbre:
    return tuple(much if sign == "+" else -much for sign in signs)


PRESETS: Final[dict[str, VoiceKnobs]] = {
    "ben": VoiceKnobs(138.0, -0.10, 1.1, 0.2, 0.0, 0.08, _timbre("----+-++")),
    "ida": VoiceKnobs(205.0, 0.0, 0.95, 0.0, 0.1, 0.0, _timbre("+------+")),
    "ivy": VoiceKnobs(252.0, 0.06, 1.15, 0.15, 0.05, 0.08, _timbre("+++-++++")),
    "leo": VoiceKnobs(148.0, -0.09, 1.2, 0.1, 0.05, 0.08, _timbre("+--+-+-+")),
    "mara": VoiceKnobs(184.0, -0.03, 1.0, -0.2, 0.05, -0.02, _timbre("-++-+++-")),
    "nina": VoiceKnobs(228.0, 0.03, 1.1, 0.3, 0.0, 0.02, _timbre("-+-++---")),
    "otto": VoiceKnobs(102.0, -0.13, 0.8, -0.1, 0.2, -0.08, _timbre("---+++-+")),
    "rosa": VoiceKnobs(168.0, -0.05, 0.9, -0.1, 0.25, -0.08, _timbre("-+++----")),
    "tomas": VoiceKnobs(116.0, -0.12, 1.0, 0.0, 0.05, 0.0, _timbre("+-+--+--")),
    "victor": VoiceKnobs(89.0, -0.15, 0.9, -0.3, 0.05, -0.08, _timbre("+-----++")),
}
"""Ten people: five women (ida, ivy, mara, nina, rosa), five men. A speaker of that name is that person."""

WOMEN: Final = ("ida", "ivy", "mara", "nina", "rosa")
MEN: Final = ("ben", "leo", "otto", "tomas", "victor")

_FREE: Final = 6
_CHECKS: Final = ((0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3), (0, 1, 4), (0, 2, 4))
"""Which of five checks each free sign enters: an extended Hamming code, shortened to (11, 6, distance 4)."""
_PITCH: Final = 0.17
_TRACT: Final = 0.05
_TILT: Final = 0.3
"""How far a sign moves ln f0, the tract and the brightness."""
_ALIKE: Final = 2 * 1.7**2
"""Two things that differ by a sign, squared."""


def digits(name: str) -> NDArray[np.float64]:
    """Sixteen numbers in [-1, 1) that belong to a name."""
    digest = hashlib.sha256(name.encode()).digest()
    return np.frombuffer(digest, dtype="<u2").astype(np.float64) / 32_768.0 - 1.0


def person(name: str, like: VoiceKnobs) -> VoiceKnobs:
    """Somebody of a name: who is like `like` in what the name does not say.

    Args:
        name: Casefolded.
        like: Its pitch and tract are the middle of what the name chooses from.
    """
    own = digits(name)
    free = own[:_FREE] < 0
    checks = [bool(sum(bool(free[k]) for k, enters in enumerate(_CHECKS) if j in enters) % 2) for j in range(5)]
    # Not all by the same amount, or the 64 words would be 64 people.
    amounts = np.where([*free, *checks], -1.0, 1.0) * (0.85 + 0.15 * np.resize(own[_FREE:], 11))
    pitch, tract, tilt, *timbre = (float(amount) for amount in amounts)
    return VoiceKnobs(
        like.pitch_hz * math.exp(_PITCH * pitch),
        like.tract + _TRACT * tract,
        like.pitch_range * (1.0 + 0.15 * float(own[-1])),
        like.tilt + _TILT * tilt,
        like.breath + 0.1 * abs(float(own[-2])),
        like.rate + 0.05 * float(own[-3]),
        tuple(timbre),
    )


def alike(one: VoiceKnobs, other: VoiceKnobs) -> bool:
    """Whether a listener would hardly tell two people apart: fewer than two of the eleven things differ."""
    apart = [
        math.log(one.pitch_hz / other.pitch_hz) / _PITCH,
        (one.tract - other.tract) / _TRACT,
        (one.tilt - other.tilt) / _TILT,
        *(a - b for a, b in zip(one.timbre, other.timbre, strict=True)),
    ]
    return sum(difference**2 for difference in apart) < _ALIKE
