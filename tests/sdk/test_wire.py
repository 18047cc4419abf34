"""What is saved or sent: pydantic and our own short way write the same, and reading refuses what is not meant."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

import twopop
from twopop.plan import Plan
from twopop.request import GenerationRequest
from twopop.settings import Settings
from twopop.wire import Brief, Cue, FileRecord, Line, Reference, Wire

KITCHEN = Path(__file__).parents[2] / "examples/kitchen/kitchen.otio"


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return twopop.plan_shots(twopop.read_timeline(KITCHEN), store=tmp_path_factory.mktemp("store"))


def everything_in(value):
    if isinstance(value, Wire):
        yield value
        value = [getattr(value, name) for name in value.field_names()]
    if isinstance(value, dict):
        value = list(value.values())
    for each in value if isinstance(value, list | tuple) else ():
        yield from everything_in(each)


def test_both_ways_of_writing_agree_for_whatever_a_plan_and_its_requests_hold(plan):
    found = [*everything_in(plan), *everything_in(list(plan.requests())), Settings(budget=2.5, cast={"MARA": "alto"})]
    assert {Plan, GenerationRequest, Brief, Line, Cue, Reference} <= {type(each) for each in found}
    for each in found:
        assert each.model_dump() == json.loads(each.model_dump_json())
        assert type(each).model_validate_json(each.model_dump_json()) == each
        assert type(each).model_validate(each.model_dump()) == each


def test_a_copy_differs_in_what_was_asked_and_nothing_else(plan):
    shot = plan.shots[0]
    other = shot.model_copy(update={"name": "SH999"})
    assert (other.name, other.brief) == ("SH999", shot.brief)
    assert shot.name != "SH999"
    with pytest.raises(AttributeError):
        shot.name = "SH999"


@pytest.mark.parametrize(
    ("cls", "values"),
    [
        (Brief, {"promt": "a kitchen"}),
        (Brief, {"prompt": 5}),
        (Line, {"speaker": "MARA", "text": "Hello."}),
        (FileRecord, {"name": "a.mov", "bytes": -1, "sha256": ""}),
        (Settings, {"handles_frames": 100_001}),
        (Settings, {"bed_tail_s": float("nan")}),
        (Settings, {"budget": float("inf")}),
    ],
)
def test_reading_refuses_unknown_missing_mistyped_and_impossible_values(cls, values):
    with pytest.raises(ValueError, match="validation error"):
        cls.model_validate(values)


def test_numbers_and_rates_are_written_exactly():
    line = Line(speaker="MARA", text="Hello.", at_frames=3, speed=float("nan"))
    assert line.model_dump()["speed"] is None
    assert json.loads(line.model_dump_json())["speed"] is None
    bars = twopop.plan_shots(twopop.read_timeline(KITCHEN)).profile
    fixed = bars.model_copy(update={"frame_rates": (Fraction(24000, 1001), Fraction(25))})
    assert (
        fixed.model_dump()["frame_rates"] == ["24000/1001", "25"] == json.loads(fixed.model_dump_json())["frame_rates"]
    )


def test_settings_made_in_python_are_checked_when_a_cut_is_planned():
    with pytest.raises(twopop.TwopopError, match="handles_frames"):
        twopop.plan_shots(twopop.read_timeline(KITCHEN), settings=Settings(handles_frames=-1))
