"""The trainer's own promises; needs the training extra."""

import itertools

import numpy as np
import pytest

pytest.importorskip("torch", reason="pip install 'twopop[train]'")

import torch

from twopop_engine.models.sketch.actions import ACTIONS
from twopop_engine.models.sketch.agreement import pair
from twopop_engine.models.sketch.contacts import foot_contacts, prop_contacts
from twopop_engine.models.sketch.layout import CA, CB, FX, STAGE, TRAINED
from twopop_engine.models.sketch.sampler import WEIGHTS, Sampler
from twopop_engine.train.corpus import Clip, read_shard, write_shard
from twopop_engine.train.evaluate import Reached
from twopop_engine.train.export import Denoiser, Encoder, example
from twopop_engine.train.masks import draw_mask
from twopop_engine.train.model import Config, Sketch
from twopop_engine.train.sentences import SentenceSource
from twopop_engine.train.sync import Tally
from twopop_engine.train.tables import measure
from twopop_engine.train.train import Recipe, Trainer
from twopop_engine.train.tunes import draw_grid
from twopop_engine.train.weights import WEIGHT_FILE, read_weights
from twopop_engine.train.windows import draw_window, ready

LEXICON = {"pan": "pˈæn", "coffee": "kˈɔfi", "window": "wˈɪndO", "quick": "kwˈɪk"} | {
    f"word{chr(97 + k)}": "wˈɜd" for k in range(12)
}


def _clip(seconds: float = 1.6) -> Clip:
    rng = np.random.default_rng(0)
    frames = rng.normal(0, 0.5, (round(seconds * 100), 45)).astype(np.float32)
    frames[:, 40], frames[:, 41] = 5.2, 1.0
    step = seconds / 8
    segments = tuple((p, k * step, (k + 1) * step) for k, p in enumerate("_mˈæp tɪ_"[:8]))
    return Clip("map it", "hibari-heart", 1.0, segments, frames)


@pytest.fixture(scope="module")
def speech():
    return [ready(_clip()), ready(_clip(2.4))]


def test_sentences_are_reproducible_and_of_three_kinds():
    a, b = (list(itertools.islice(SentenceSource(LEXICON, 5), 60)) for _ in range(2))
    assert a == b
    assert any("?" in text for text in a)
    assert any(any(c.isdigit() for c in text) for text in a)
    assert any("pan" in text.lower() or "quick" in text.lower() for text in a)


def test_a_shard_gives_back_what_was_put_in(tmp_path):
    path = tmp_path / "source-00000.npz"
    write_shard(path, [_clip(), _clip(2.0)])
    first, second = read_shard(path)
    assert (first.text, first.source, len(second.features)) == ("map it", "hibari-heart", 200)
    np.testing.assert_allclose(first.features, _clip().features, atol=0.01)


def test_steps_sound_when_feet_come_down(speech):
    """The corpus itself: contacts found in the motion alone match the onsets in the sound."""
    rng, gaps, events, missed = np.random.default_rng(2), [], 0, 0
    for _ in range(60):
        window = draw_window(speech, rng, 4.0)
        for who, group in enumerate((CA, CB)):
            if window.score.characters[who].may_walk:
                seen = foot_contacts(window.targets, group.name)
                heard = [e.time_s for e in window.events if e.kind.startswith("step")]
                found = [gap for gap, _, _ in pair(seen, heard)]
                gaps, events, missed = gaps + found, events + len(heard), missed + len(heard) - len(found)
    assert events > 40
    assert missed / events < 0.25  # steps at the edge of a window, and the last small one
    assert np.median(gaps) < 0.012
    assert np.percentile(gaps, 90) < 0.040


def _alone(window, slot: int) -> bool:
    """Whether a prop is the only one of the window that makes its sound."""
    kinds = [prop and ACTIONS[prop.kind].sound for prop in window.score.props]
    return kinds[slot] in window.score.sounds and kinds[0] != kinds[1]


@pytest.mark.parametrize("thing", [thing for thing, action in ACTIONS.items() if not action.sustained])
def test_what_is_seen_to_touch_is_heard(thing, speech):
    """Every motion of the corpus shows when its sound is; nothing but the picture is looked at."""
    rng, seen, heard, gaps = np.random.default_rng(3), 0, 0, []
    while heard < 8:
        window = draw_window(speech, rng, 3.2, things=(thing,))
        for slot, prop in enumerate(window.score.props):
            if prop is None or not _alone(window, slot):
                continue
            contacts = [t for t in prop_contacts(window.targets, window.score, slot) if 0.1 < t < 3.1]
            onsets = [e.time_s for e in window.events if e.kind == ACTIONS[thing].sound and 0.1 < e.time_s < 3.1]
            seen, heard, gaps = (
                seen + len(contacts),
                heard + len(onsets),
                gaps + [gap for gap, _, _ in pair(contacts, onsets)],
            )
    assert 2 * sum(gap <= 0.040 for gap in gaps) / (seen + heard) > 0.75
    assert np.median(gaps) < 0.020


@pytest.mark.parametrize("thing", [thing for thing, action in ACTIONS.items() if action.sustained])
def test_what_lasts_begins_when_it_is_seen_to(thing, speech):
    rng, gaps = np.random.default_rng(3), []
    column = FX.index["sustain.level"]
    while len(gaps) < 5:
        window = draw_window(speech, rng, 3.2, things=(thing,))
        level = window.targets["FX"][:, column]
        for slot, prop in enumerate(window.score.props):
            if prop is None or not _alone(window, slot):
                continue
            begun = [(k + 1) / 25 for k in np.flatnonzero((level[:-1] < 0.2) & (level[1:] >= 0.2))]
            nearest = [(int(level.argmax()) + 0.5) / 25] if level.max() > 0.9 else []
            seen = prop_contacts(window.targets, window.score, slot)
            gaps += [gap for gap, _, _ in pair(seen, nearest if thing == "car" else begun)]
    assert np.median(gaps) < 0.030


def test_half_of_the_walks_keep_to_the_beat(speech):
    """Flag 1 is worth heeding, flag 0 says nothing about when feet fall."""
    rng = np.random.default_rng(4)
    gaps: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(150):
        window = draw_window(speech, rng)
        if window.score.beats:
            grid = np.interp(
                np.arange(0, len(window.score.beats) - 1, 0.25), np.arange(len(window.score.beats)), window.score.beats
            )
            steps = [e.time_s for e in window.events if e.kind.startswith("step")]
            gaps[window.score.on_beat] += [float(np.abs(grid - t).min()) for t in steps]
    assert np.percentile(gaps[True], 75) < 0.020 < np.median(gaps[False])


def test_masks_cover_every_kind_and_never_give_everything():
    rng = np.random.default_rng(0)
    grid = draw_grid(rng, 3.2)
    masks = [draw_mask(rng, 3.2, 0.0, grid) for _ in range(300)]
    assert all(set(mask) == {group.name for group in TRAINED} for mask in masks)
    shares = np.array([[mask[g.name].mean() for g in TRAINED] for mask in masks])
    assert (shares.min(1) < 1).all()
    nothing, everything_but_fx = (shares == 0).all(1), (shares == [1, 0, 1, 1, 1, 1, 1]).all(1)
    assert 0.25 < nothing.mean() < 0.45
    assert everything_but_fx.any()


def test_a_killed_run_goes_on_where_it_stopped(tmp_path, speech):
    from twopop_engine.train.batches import Windows

    tables = measure(speech)
    recipe, small = Recipe(steps=4, batch=1, seconds=1.0), Config(width=192, blocks=1)

    def batches(first: int):
        return iter(Windows(speech, tables, size=1, seconds=1.0, seed=0, first=first, free_until=0))

    whole = Trainer(recipe, tables, small)
    for batch in itertools.islice(batches(0), 4):
        whole.advance(batch)
    killed = Trainer(recipe, tables, small)
    for batch in itertools.islice(batches(0), 2):
        killed.advance(batch)
    killed.save(tmp_path)
    resumed = Trainer(recipe, tables, small)
    resumed.load(tmp_path)
    for batch in itertools.islice(batches(resumed.step), 2):
        resumed.advance(batch)
    assert resumed.step == 4
    for a, b in zip(whole.average.parameters(), resumed.average.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_the_shipped_graphs_compute_what_the_shipped_weights_say():
    """Parity of onnxruntime and torch, and proof that the committed weights can be trained on."""
    import onnxruntime

    groups = Sampler().groups
    model = Sketch(Config(), groups).eval()
    model.load_state_dict(read_weights(WEIGHTS / WEIGHT_FILE), strict=True)
    score, step = example(2.0, model.config, groups)
    for name, module, inputs in (("encode", Encoder(model), score), ("denoise", Denoiser(model), step)):
        session = onnxruntime.InferenceSession(str(WEIGHTS / f"{name}.onnx"))
        flat = [x for part in inputs for x in (part if isinstance(part, tuple) else (part,))]
        names = [entry.name for entry in session.get_inputs()]
        assert len(names) == len(flat)
        with torch.no_grad():
            expected = module(*inputs)
        feeds = {n: np.asarray(x) for n, x in zip(names, flat, strict=True)}
        for ours, theirs in zip(session.run(None, feeds), expected, strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), atol=2e-3)


def test_props_at_rest_stay_where_the_score_puts_them(speech):
    window = draw_window(speech, np.random.default_rng(0), things=("cup",))
    prop = window.score.props[0]
    assert prop is not None
    rest = window.targets["STAGE"][:, STAGE.columns("prop0.y.0", "prop0.y.1")].min()
    assert rest == pytest.approx(prop.y, abs=1e-5)


def test_matching_is_one_to_one_and_misses_cost(speech):
    tally = Tally()
    tally.add([1.0, 2.0], [1.01, 1.02, 2.0, 2.5])
    assert (tally.seen, tally.heard, len(tally.gaps)) == (2, 4, 2)
    assert tally.f1 == pytest.approx(4 / 6)
    tally.add([0.02], [])  # its sound may have been just before the window
    assert tally.seen == 2


def test_a_number_is_met_or_missed_in_its_own_direction():
    assert [Reached("f1", v, 0.9, 0.97, more=True).verdict for v in (0.98, 0.92, 0.5)] == ["aim", "met", "MISSED"]
    assert [Reached("ms", v, 20, 8).verdict for v in (7, 15, 30)] == ["aim", "met", "MISSED"]
