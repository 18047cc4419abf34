"""Judging words again costs nothing where nothing changed, and is not skipped where something did."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pyworld")

from twopop_engine.models.sketch.persons import PRESETS
from twopop_engine.models.sketch.sampler import WEIGHTS
from twopop_engine.train import evaluate_words, recited
from twopop_engine.train.evaluate import Reached
from twopop_engine.train.evaluate_words import Task, shares, voice_rows
from twopop_engine.train.judge import Heard
from twopop_engine.train.spoken import PACE_GRID
from twopop_engine.train.voices import Utterance


@pytest.fixture
def judged(monkeypatch, tmp_path):
    """Names of the voices that were judged; a judgement is a word of three wrong."""
    names: list[str] = []

    def judge(name, _task):
        names.append(name)
        return [Reached(f"{name}: word errors, %, 3 words", 33.3, 5.0)], {"alone": [Heard("a b c", "a b d", 1, 3)]}

    monkeypatch.setattr(evaluate_words, "cache", lambda: tmp_path)
    monkeypatch.setattr(evaluate_words, "_judged", judge)
    return names


def test_a_voice_is_judged_once_for_the_same_task(judged):
    task = Task(WEIGHTS, 3, ("alone",))
    first = voice_rows("ida", task)
    assert voice_rows("ida", task) == first
    assert judged == ["ida"]
    assert first == [Reached("ida: word errors, %, 3 words", 33.3, 5.0)]


def test_other_sentences_parts_and_weights_are_judged_anew(judged, tmp_path):
    other = tmp_path / "weights"
    other.mkdir()
    (other / "sketch.safetensors").write_bytes(b"other weights")
    for task in (Task(WEIGHTS, 3, ("alone",)), Task(WEIGHTS, 4, ("alone",)), Task(WEIGHTS, 3, ("alone", "mix"))):
        voice_rows("ida", task)
    voice_rows("ida", Task(other, 3, ("alone",)))
    assert judged == ["ida"] * 4


def test_a_voice_whose_judging_was_killed_leaves_no_record(judged, monkeypatch):
    def killed(_name, _task):
        raise KeyboardInterrupt

    task = Task(WEIGHTS, 3, ("alone",))
    monkeypatch.setattr(evaluate_words, "_judged", killed)
    with pytest.raises(KeyboardInterrupt):
        voice_rows("ida", task)
    assert not task.record("ida").exists()


@pytest.mark.parametrize("jobs", [1, 2, 3, 20])
def test_every_voice_is_in_one_share_beside_those_of_its_pace(jobs):
    lists = shares(list(PRESETS), jobs)
    assert len(lists) <= jobs
    together = [name for share in lists for name in share]
    assert sorted(together) == sorted(PRESETS)
    paces = [PRESETS[name].rate for name in together]
    assert np.abs(np.diff(np.round(np.array(paces) / PACE_GRID))).sum() <= 2


def test_a_sentence_is_recited_once(monkeypatch, tmp_path):
    said: list[str] = []

    class Source:
        def say(self, text: str, speed: float, seed: int) -> Utterance:
            said.append(text)
            tone = 0.1 * np.sin(2 * np.pi * 200 * np.arange(12_000) / 24_000)
            return Utterance(text, tone.astype(np.float32), (("_", 0.0, 0.5),), speed)

    monkeypatch.setattr(recited, "_source", Source)
    first, again = (recited.recited(["One.", "Two."], Path(tmp_path)) for _ in range(2))
    assert said == ["One.", "Two."]
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.audio, other.audio)
        assert np.array_equal(one.clip.features, other.clip.features)
        assert one.clip.segments == other.clip.segments == (("_", 0.0, 0.5),)
