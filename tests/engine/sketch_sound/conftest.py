"""Requests for the tests of sketch, without a cut around them."""

from fractions import Fraction

import pytest

from twopop.request import GenerationRequest
from twopop.timebase import FrameRange
from twopop.wire import Brief, Cue, Line, Voice

KITCHEN = Brief(
    prompt="a busy restaurant kitchen at night, steam, slow push in",
    camera="two-shot",
    lines=(
        Line(speaker="MARA", text="We close in ten minutes.", manner="tired, low", at_frames=4),
        Line(speaker="TOMAS", text="Then plate the last two.", at_frames=54),
    ),
    cues=(
        Cue(role="effects", text="pan hits the stove", at_frames=40),
        Cue(role="music", text="brushed drums and upright bass, 92 bpm", at_frames=0),
        Cue(role="ambience", text="kitchen, extractor fan", at_frames=0),
    ),
    voices=(Voice(speaker="MARA", description="warm alto, 40s"),),
)


def make_request(brief=KITCHEN, frames=108, **changes):
    """A request of `frames` frames at 24 fps, 12 of them handles at either end."""
    facts = dict(
        name="SH010", shots=("SH010",), brief=brief, match_key="ab" * 32, model="sketch", weights="w", recipe="1",
        width=320, height=180, frame_rate=Fraction(24), generated=FrameRange(-12, frames),
        used=FrameRange(0, max(1, frames - 24)), timecode_offset_frames=86_400, seed=7,
    )  # fmt: skip
    return GenerationRequest(**{**facts, **changes})


@pytest.fixture(name="make_request", scope="session")
def _make_request():
    return make_request


@pytest.fixture(name="kitchen", scope="session")
def _kitchen():
    return KITCHEN
