"""Cues as a user gets them: contact and sound within a frame of the cue, whoever lays the motion out."""

import pytest

from twopop_engine.models.sketch.actions import LEARNT
from twopop_engine.models.sketch.sampler import Sampler
from twopop_engine.train.rendered import asked, made, measure_rendered, seen
from twopop_engine.train.sync import FRAME_S


@pytest.fixture(scope="module")
def sampler():
    return Sampler()


@pytest.mark.parametrize("thing", ["pan", "knife", "knock", "skillet", "car"])
def test_contact_and_sound_are_on_the_cue(sampler, thing):
    cued = measure_rendered(sampler, 1, [thing])[thing]
    assert max(cued.contact) <= FRAME_S
    assert max(cued.onset) <= FRAME_S


def test_what_is_laid_out_is_the_only_thing_that_touches(sampler):
    assert "knock" not in LEARNT
    reading, tokens = made(asked("knock", 40, 0), sampler)
    assert len(seen(reading, tokens, "knock")) == 1
