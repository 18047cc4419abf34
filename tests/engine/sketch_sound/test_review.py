"""What is said of takes whose picture and sound disagree."""

import numpy as np
import pytest

from twopop.wire import Brief
from twopop_engine.models.sketch.durations import predict_durations
from twopop_engine.models.sketch.lanes import SoundEvent, write_lane
from twopop_engine.models.sketch.layout import CHARACTERS, FX, STAGE
from twopop_engine.models.sketch.reading import read_request
from twopop_engine.models.sketch.review import reviewed


@pytest.fixture
def shot(make_request):
    request = make_request(Brief(prompt="medium of MARA, she puts a glass down on the table"), 96)
    reading = read_request(request, predict_durations)
    assert [prop and prop.kind for prop in reading.score.props] == ["glass", None]
    return request, reading


def _tokens(request, reading, touches_s, heard_s):
    """A glass put down once, and what is heard."""
    count = FX.tokens(float(request.frames / request.frame_rate))
    tokens = {group.name: np.zeros((count, group.dims), np.float32) for group in (FX, STAGE, *CHARACTERS)}
    fine, glass = (np.arange(2 * count) + 0.5) / 50, reading.score.props[0]
    height = np.where((fine > touches_s - 0.3) & (fine < touches_s), glass.y + 0.1, glass.y)
    for half in (0, 1):
        tokens["STAGE"][:, STAGE.index[f"prop0.y.{half}"]] = height[half::2]
    tokens["FX"][:, 11:22] = write_lane([SoundEvent(t, "glass", 0.8) for t in heard_s], FX.times_s(count))
    return tokens


def test_nothing_is_said_of_a_take_that_agrees(shot):
    request, reading = shot
    at = reading.score.cues[0].time_s
    assert reviewed(request, reading, _tokens(request, reading, at, [at])) == reading.facts


def test_what_is_heard_of_nothing_is_named_with_its_timecode_and_what_to_do(shot):
    request, reading = shot
    at = reading.score.cues[0].time_s
    (told,) = reviewed(request, reading, _tokens(request, reading, at, [at - 0.7, at]))["findings"]
    assert (told["level"], told["code"], told["timecode"]) == ("warning", "out_of_step", "01:00:00:15")
    mend = "Another take: twopop retake CUT SH010 --stem picture"
    assert told["message"] == f"Shot SH010 (01:00:00:15): a glass is heard and not seen to touch. {mend}"


def test_the_command_names_the_shot_as_the_cut_does_not_as_its_takes_do(shot):
    request, reading = shot
    request = request.model_copy(update={"name": "kitchen_SH010"})
    at = reading.score.cues[0].time_s
    (told,) = reviewed(request, reading, _tokens(request, reading, at, [at - 0.7, at]))["findings"]
    assert "twopop retake CUT SH010 --stem" in told["message"]


def test_what_touches_in_vain_is_named_but_where_a_cue_rings_instead(shot):
    request, reading = shot
    at = reading.score.cues[0].time_s
    assert reviewed(request, reading, _tokens(request, reading, at, [])) == reading.facts
    (told,) = reviewed(request, reading, _tokens(request, reading, at + 0.5, [at]))["findings"][1:]
    assert "a glass touches and is not heard. Another take: twopop retake CUT SH010 --stem effects" in told["message"]


def test_what_lies_in_the_handles_is_not_mentioned(shot):
    request, reading = shot
    at = reading.score.cues[0].time_s
    late = float(request.used_in_take.end / request.frame_rate) + 0.2
    assert reviewed(request, reading, _tokens(request, reading, at, [at, late])) == reading.facts
