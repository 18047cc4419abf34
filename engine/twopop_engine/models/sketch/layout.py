"""The token layout of sketch: what every number that enters or leaves the model means.

Frozen on day one. A later model trains more of it, it never moves a channel: groups (and spare
channels) that are not trained yet are absent from the exported graph, or zero.

Time: a token of group ``g`` with index ``k`` covers ``[k / rate, (k + 1) / rate)`` seconds of *stage
time* (scene time, shared by all shots of a scene) and is placed at its centre. Sub-frames ``.0`` and
``.1`` of a token lie at a quarter and three quarters of it. Music is the exception: its tokens lie on
a sixteenth grid and carry their own times.

Space: metres on the stage; x to the right of the audience, y up from the floor, z away from the
camera. Hands and feet are relative to the character's root in x and to the floor in y. Contacts
are *kinematic*: a foot at y = 0, a prop at the height of its surface. No channel says "contact".

Numbers outside this module are in the units below ("natural"); the model sees them as
``(value - mean) / scale`` with the tables kept beside the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LAYOUT_VERSION = 1

FRAME_S = 0.010
"""Period of the vocoder's frames; a DX token holds two."""
SPEECH_RATE_HZ = 24_000
"""Sample rate of the vocoder features (the decoders resample to 48 kHz)."""
ENVELOPE_DIMS = 40
APERIODICITY_DIMS = 3
SIXTEENTHS_HZ = 10
"""Music tokens to a second of a window: sixteenths at the fastest tempo. At slower ones they reach past its end."""
EVENT_TAU_S = 0.12
"""Time constant of the ramps before and after an event."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One dimension of a token, in its natural unit."""

    name: str
    unit: str
    low: float
    high: float


@dataclass(frozen=True)
class Group:
    """Tokens of one kind: name, rate in tokens per second (0: own times), channels in order."""

    name: str
    rate_hz: int
    stream: str
    channels: tuple[Channel, ...]

    @property
    def dims(self) -> int:
        """Width of a token."""
        return len(self.channels)

    @cached_property
    def index(self) -> dict[str, int]:
        """Channel name -> position in the token."""
        return {channel.name: k for k, channel in enumerate(self.channels)}

    def columns(self, *names: str) -> list[int]:
        """Positions of several channels, in the order asked."""
        return [self.index[name] for name in names]

    def times_s(self, tokens: int, start: int = 0) -> npt.NDArray[np.float64]:
        """Centres of tokens ``start .. start + tokens`` in seconds of stage time, ``(tokens,)``.

        Raises:
            ValueError: The group's tokens lie on a grid of their own; ``score.token_times`` knows it.
        """
        if not self.rate_hz:
            raise ValueError(f"{self.name} has no rate: its token times come from the score")
        return (np.arange(start, start + tokens) + 0.5) / self.rate_hz

    def tokens(self, seconds: float) -> int:
        """How many tokens a window of ``seconds`` has (rounded to the nearest token)."""
        return round(seconds * (self.rate_hz or SIXTEENTHS_HZ))


def _unit(*names: str) -> tuple[Channel, ...]:
    return tuple(Channel(name, "1", 0.0, 1.0) for name in names)


def _signed(*names: str, unit: str = "1", span: float = 1.0) -> tuple[Channel, ...]:
    return tuple(Channel(name, unit, -span, span) for name in names)


def _spare(count: int, start: int = 0) -> tuple[Channel, ...]:
    return _signed(*(f"spare{start + k}" for k in range(count)))


def _speech_frame(half: int) -> tuple[Channel, ...]:
    """WORLD features of one 10 ms frame at 24 kHz; frame ``2 k + half`` describes that multiple of 10 ms.

    ``env``: WORLD's coded spectral envelope (type-II DCT of the log power spectrum on its mel axis,
    40 Hz to 12 kHz), nepers. ``lf0``: natural log of f0 over the voice's own median, continued
    linearly through unvoiced frames. ``voiced``: -1 or 1. ``ap``: WORLD's coded aperiodicity, dB.
    """
    return (
        *(Channel(f"env{k}.{half}", "Np", -20.0, 10.0) for k in range(ENVELOPE_DIMS)),
        Channel(f"lf0.{half}", "ln", -1.2, 1.2),
        Channel(f"voiced.{half}", "1", -1.0, 1.0),
        *(Channel(f"ap{k}.{half}", "dB", -60.0, 0.0) for k in range(APERIODICITY_DIMS)),
    )


def _event_lane(lane: int) -> tuple[Channel, ...]:
    """A smooth, redundant picture of short events.

    ``pre`` = exp(-(t_next - t) / tau) before an event (0: none ahead), ``post`` = exp(-(t - t_on) /
    tau) after one; ``energy`` and ``hardness`` of the event nearest in time, fading with it;
    ``code0..6`` its class (see ``EVENT_CODES``), fading likewise.
    """
    names = ("pre", "post", "energy", "hardness")
    return (
        *_unit(*(f"event{lane}.{name}" for name in names)),
        *_signed(*(f"event{lane}.code{k}" for k in range(7))),
    )


_MOUTH = ("aperture", "width", "round", "teeth", "tongue", "jaw")
"""Aperture 0 closed .. 1 widest; width 0 narrow .. 1 spread; round 0 .. 1 protruded; teeth and tongue
0 hidden .. 1 shown; jaw 0 up .. 1 dropped."""

DX = Group("DX", 50, "sound", (*_speech_frame(0), *_speech_frame(1)))

FX = Group(
    "FX",
    25,
    "sound",
    (
        *_event_lane(0),  # what bodies do: steps
        *_event_lane(1),  # what props do
        *_unit("sustain.level", "sustain.texture0", "sustain.texture1"),
        *_signed(*(f"sustain.code{k}" for k in range(5))),
    ),
)

BG = Group(
    "BG",
    5,
    "sound",
    (
        *_unit("level", "density", "gust"),
        *_unit(*(f"sparse{lane}.{name}" for lane in range(3) for name in ("pre", "post"))),
        *_unit("room_send"),
        *_spare(2),
    ),
)

MX = Group(
    "MX",
    0,
    "sound",
    (
        *_unit("kick", "snare", "hat", "crash", "percussion"),
        *_signed(*(f"bass{k}" for k in range(5))),
        *_signed(*(f"comping{k}" for k in range(5))),
        *_signed(*(f"melody{k}" for k in range(6))),
        *_unit("intensity", "fill", "accent"),
        Channel("microtiming", "s", -0.03, 0.03),
        *_spare(3),
    ),
)


def _character(name: str) -> Group:
    return Group(
        name,
        25,
        "picture",
        (
            *_unit(*(f"{shape}.{half}" for half in (0, 1) for shape in _MOUTH)),
            *_unit("blink"),  # 0 open .. 1 closed
            *_signed("gaze_x", "gaze_y"),  # +x: to the audience's right, +y: up
            *_signed("brow_left", "brow_right"),  # + raised
            *_unit("furrow", "squint"),
            *_signed("head_yaw", "head_pitch", "head_roll", unit="rad"),  # +x, up, clockwise
            Channel("root_x", "m", -3.0, 3.0),
            Channel("root_z", "m", -1.0, 3.0),
            *_signed("facing", unit="rad", span=1.6),  # 0 to the camera, + to the audience's right
            *_signed("lean", unit="rad", span=0.6),  # + towards +x
            *_unit("breath"),
            Channel("hip_drop", "m", 0.0, 0.6),
            *(
                Channel(f"{limb}_{axis}", "m", -1.0 if axis == "x" else 0.0, 1.0 if axis == "x" else 2.0)
                for limb in ("left_hand", "right_hand", "left_foot", "right_foot")
                for axis in ("x", "y")
            ),
            *_signed("smile"),
            *_spare(3),
        ),
    )


CHARACTERS = (_character("CA"), _character("CB"))
CA, CB = CHARACTERS


def _prop(slot: int) -> tuple[Channel, ...]:
    return (
        *(
            Channel(f"prop{slot}.{axis}.{half}", "m", -3.0 if axis == "x" else 0.0, 3.0)
            for half in (0, 1)
            for axis in ("x", "y")
        ),
        *_signed(f"prop{slot}.rotation", unit="rad", span=1.6),
        *_unit(f"prop{slot}.state"),  # 0 resting .. 1 held
    )


STAGE = Group(
    "STAGE",
    25,
    "picture",
    (
        *_signed("camera_x", "camera_y", unit="m", span=3.0),  # centre of the frame on the stage
        Channel("camera_zoom", "ln", -1.5, 2.5),  # ln(2 m / visible height): 0 = 2 m high
        *_signed("camera_roll", unit="rad", span=0.2),
        *_signed("camera_shake_x", "camera_shake_y", unit="m", span=0.05),
        *_unit("light_level", "light_warmth"),
        *_prop(0),
        *_prop(1),
        *_unit("wind"),
        *_spare(3),
    ),
)

GROUPS: tuple[Group, ...] = (DX, FX, BG, MX, CA, CB, STAGE)
TRAINED: tuple[Group, ...] = (DX, FX, BG, MX, CA, CB, STAGE)
"""Groups that are trained, in the order of the graph's inputs. Older weights lack MX: a graph says what it has."""
BY_NAME = {group.name: group for group in GROUPS}

# --- classes -----------------------------------------------------------------------------------

EVENT_CLASSES = (
    *("step.wood", "step.stone", "step.gravel", "step.carpet"),
    *("pan", "cup", "glass", "book"),
    *("door", "knock", "switch", "key", "coin", "chair", "drawer", "plate"),
    *("cloth", "paper", "clap", "thud", "splash", "snap", "whoosh.short", "ball"),
    *("metal", "wood", "stone", "plastic", "bell", "bird", "thunder", "generic"),
)
"""32 classes of short sounds; a product word maps to the nearest. Which of them are seen: ``actions.DRAWN_SOUNDS``."""
SUSTAIN_CLASSES = (
    *("sizzle", "pour", "rain", "car", "engine", "fan", "whoosh", "crowd"),
    *("fire", "stream", "scrape", "rub", "hum", "hiss", "roll", "generic"),
)
PLACES = (
    *("kitchen", "room", "office", "street", "forest", "beach", "night", "hall"),
    *("field", "cafe", "car", "rain", "city", "station", "studio", "unspecified"),
)


def _codes(bits: int, words: int) -> Floats:
    """``words`` fixed +-1 words of ``bits`` channels: a counter and parities of its tails."""
    info = max(1, (words - 1).bit_length())
    counter = (np.arange(words)[:, None] >> np.arange(info)) & 1
    parity = [(counter[:, k:].sum(1) & 1) for k in range(bits - info)]
    return (2.0 * np.column_stack([counter, *parity]) - 1.0).astype(np.float32)


EVENT_CODES: Floats = _codes(7, len(EVENT_CLASSES))
"""(32, 7) of +-1; a class is the nearest row."""
SUSTAIN_CODES: Floats = _codes(5, len(SUSTAIN_CLASSES))
"""(16, 5) of +-1."""

# --- phones ------------------------------------------------------------------------------------

SILENCE = "_"
PUNCTUATION = ".,?!;:—"
STRESS = {"ˈ": 1.0, "ˌ": 0.5}
PHONES: tuple[str, ...] = (
    SILENCE,
    *PUNCTUATION,
    *"AIOWYbdfhijklmnpstuvwzæðŋɑɐɔəɛɜɡɪɹɾʃʊʌʒʤʧθTᵊᵻʔaɚ",
)
"""IPA with one letter per diphthong (A eɪ, I aɪ, O oʊ, W aʊ, Y ɔɪ), T the flapped t; pauses are phones too."""
PHONE_IDS = {phone: k for k, phone in enumerate(PHONES)}

# --- the voice ---------------------------------------------------------------------------------

VOICE_CHANNELS: tuple[Channel, ...] = (
    Channel("pitch", "ln(Hz / 150)", -0.8, 0.7),  # of the median f0
    Channel("tract", "ln", -0.17, 0.17),  # ln of the formant scale: -.16 a long tract, + a short one
    Channel("pitch_range", "1", 0.4, 1.8),  # factor on the spread of lf0 around the median
    Channel("tilt", "1", -1.0, 1.0),  # + brighter
    Channel("breath", "1", 0.0, 1.0),  # + more aperiodic
    Channel("rate", "ln", -0.3, 0.3),  # of the speech rate over the source's
    # The person, in units of "plainly somebody else" (``voice.py`` says how much that is). Scales of formants:
    *_signed("throat", "mouth", "head", span=1.5),  # the first, the second, the third and those above
    *_signed("glottis", span=1.5),  # + open, its first harmonic strong; - pressed, it creaks at the end of a phrase
    *_signed("chest", "nose", "ring", span=1.5),  # resonances: 250 to 700 Hz, a zero at 950 Hz, 3 kHz
    *_signed("focus", span=1.5),  # + sharp formants and wide vowels, - blunt and mumbled
    *_spare(2),
)
"""The 16 knobs of a voice. The model speaks as one reference voice and is told the rate alone; all others are maps
applied to its output (``voice.py``)."""
VOICE_DIMS = len(VOICE_CHANNELS)
REFERENCE_F0_HZ = 150.0
