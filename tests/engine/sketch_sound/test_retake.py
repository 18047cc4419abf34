"""Retakes on the shipped weights: what is named changes, everything else is the same bytes."""

import hashlib
import threading

import av
import numpy as np
import pytest

from twopop.backends.base import TakeFiles
from twopop.errors import BackendError, MediaError
from twopop.media.decode import decode_frames
from twopop.media.wav import read_wav
from twopop.request import Mask, Retake
from twopop.store import TakeStore
from twopop.timebase import FrameRange, frame_to_sample
from twopop.wire import PARTS, ROLES
from twopop_engine.models.sketch.carrying import read_staging
from twopop_engine.models.sketch.latents import read_latents
from twopop_engine.models.sketch.model import SketchModel
from twopop_engine.models.sketch.sampler import Sampler

FRAMES = 108
WHOLE = FrameRange(-12, FRAMES)
MIDDLE = FrameRange(24, 48)
"""Two seconds, source clock."""


@pytest.fixture(scope="module")
def model():
    return SketchModel()


@pytest.fixture(scope="module")
def desk(model, make_request, kitchen, tmp_path_factory):
    """A store with a take of the kitchen, and a way to make retakes of it."""
    mara, tomas = kitchen.lines
    brief = kitchen.model_copy(update={"lines": (mara.model_copy(update={"at_frames": -8}), tomas)})
    return Desk(model, make_request(brief, FRAMES, width=64, height=64), tmp_path_factory.mktemp("desk"))


class Desk:
    def __init__(self, model, request, folder):
        self.model, self.folder, self.count = model, folder, 0
        self.store = TakeStore(folder / "takes")
        self.first = self.make(request)

    def make(self, request):
        self.count += 1
        out = self.folder / f"work{self.count}"
        out.mkdir()
        files = self.model.generate(request, out, lambda event: None, threading.Event())
        return self.store.add(request, files, backend="sketch")

    def request(self, *masks, parent=None, seed=1234, lines=None, cues=None, **changes):
        parent = parent or self.first
        made = parent.slate.request
        asked = {name: value for name, value in (("lines", lines), ("cues", cues)) if value is not None}
        brief = made.brief.model_copy(update=asked)
        earlier = made.retake
        retake = Retake(
            parent=parent.name,
            masks=tuple(Mask(part=part, range=span) for part, span in masks),
            lines=made.brief.lines if lines else (),
            cues=made.brief.cues if cues is not None else (),
            latents=str(parent.path("latents")),
            latents_sha256=parent.slate.files["latents"].sha256,
            sound_seed=earlier.sound_seed if earlier else made.seed,
        )
        key = retake.key()
        return made.model_copy(
            update={"retake": retake, "seed": seed, "match_key": key, "take": 2, "brief": brief, **changes}
        )

    def retake(self, *masks, **options):
        return self.make(self.request(*masks, **options))


def packets(take):
    with av.open(str(take.path("picture"))) as movie:
        return [hashlib.sha256(bytes(p)).hexdigest() for p in movie.demux(movie.streams.video[0]) if p.size]


def pictures(take):
    return [hashlib.sha256(frame.tobytes()).hexdigest() for frame in decode_frames(take.path("picture"))]


def digest(sound):
    return hashlib.sha256(np.ascontiguousarray(sound).tobytes()).hexdigest()


def mix_of(take):
    with av.open(str(take.path("picture"))) as movie:
        return np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in movie.decode(audio=0)]) >> 8


def samples(frame):
    return frame_to_sample(frame - WHOLE.start, 24)


@pytest.fixture(scope="module")
def by_part(desk):
    return {part: desk.retake((part, WHOLE)) for part in PARTS}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_alone_changes_and_all_others_are_the_same_bytes(desk, by_part, part):
    take, first = by_part[part], desk.first
    changed = {role for role in ROLES if digest(read_wav(take.path(role))) != digest(read_wav(first.path(role)))}
    if packets(take) != packets(first):
        changed.add("picture")
    assert changed == {part}
    assert take.slate.request.retake.parent == first.name


@pytest.mark.parametrize("part", PARTS)
def test_the_mix_is_the_sum_of_the_stems(by_part, part):
    stems = [read_wav(by_part[part].path(role)).astype(np.int64) for role in ROLES]
    assert np.array_equal(mix_of(by_part[part]), sum(stems))


@pytest.fixture(scope="module")
def middle(desk):
    return desk.retake(*((part, MIDDLE) for part in PARTS))


class Other(Sampler):
    """Two threads, and shorter windows."""

    def regrow(self, *given, **options):
        return super().regrow(*given, **{**options, "window_s": 3.2})


@pytest.fixture(scope="module")
def elsewhere(desk):
    """The same retake, sampled on two threads in windows of another length."""
    model = SketchModel()
    vars(model)["_loaded"] = Other(threads=2)
    folder = desk.folder / "elsewhere"
    folder.mkdir()
    request = desk.request(*((part, MIDDLE) for part in PARTS))
    files = model.generate(request, folder, lambda event: None, threading.Event())
    return desk.store.add(request, files, backend="sketch")


@pytest.mark.parametrize("how", ["middle", "elsewhere"])
def test_outside_a_window_every_frame_and_sample_is_the_same(desk, how, request):
    middle = request.getfixturevalue(how)
    low, high = MIDDLE.start - WHOLE.start, MIDDLE.end - WHOLE.start
    for read in (packets, pictures):
        old, new = read(desk.first), read(middle)
        assert len(old) == len(new) == FRAMES
        assert old[:low] + old[high:] == new[:low] + new[high:]
        assert old[low:high] != new[low:high]
    for role in ROLES:
        old, new = read_wav(desk.first.path(role)), read_wav(middle.path(role))
        first, last = samples(MIDDLE.start), samples(MIDDLE.end)
        assert digest(old[:first]) == digest(new[:first])
        assert digest(old[last:]) == digest(new[last:])


def test_inside_a_window_something_else_is_said_and_done(desk, middle):
    inside = slice(samples(MIDDLE.start), samples(MIDDLE.end))
    for role in ("dialogue", "ambience", "music"):
        old, new = (read_wav(take.path(role))[inside] for take in (desk.first, middle))
        assert np.abs(old - new).max() > 1_000, role


def test_frozen_tokens_are_copied_and_the_others_are_not(desk, middle):
    old, new = (read_latents(take.path("latents")) for take in (desk.first, middle))
    for group, rate in (("DX", 50), ("FX", 25), ("CA", 25), ("CB", 25), ("STAGE", 25)):
        # The edges of dialogue are moved to pauses, inwards.
        low, high = int(36 / 24 * rate), int(np.ceil(84 / 24 * rate))
        assert np.array_equal(old[group][:low], new[group][:low])
        assert np.array_equal(old[group][high:], new[group][high:])
        assert not np.array_equal(old[group][low:high], new[group][low:high])


def test_the_edges_of_dialogue_lie_in_pauses(middle):
    (dialogue,) = [m["range"] for m in middle.slate.facts["masks"] if m["part"] == "dialogue"]
    assert MIDDLE.covers(FrameRange(*dialogue))


@pytest.mark.parametrize("role", ROLES)
def test_no_edge_clicks(desk, middle, role):
    """The step at an edge is no higher than the steps around it in parent and retake, or lies below -60 dBFS."""
    sound = read_wav(middle.path(role))[:, 0].astype(float)
    old = read_wav(desk.first.path(role))[:, 0].astype(float)
    (span,) = [FrameRange(*m["range"]) for m in middle.slate.facts["masks"] if m["part"] == role]
    for edge in (samples(span.start), samples(span.end)):
        step = np.abs(np.diff(sound[edge - 4 : edge + 4])).max()
        around = max(np.abs(np.diff(x[edge - 2_400 : edge + 2_400])).max() for x in (sound, old))
        assert step <= max(around, 8_388)


def test_a_retake_of_a_retake_keeps_what_the_first_changed(desk, middle):
    again = desk.retake(("effects", WHOLE), parent=middle, seed=77)
    assert packets(again) == packets(middle)
    assert digest(read_wav(again.path("dialogue"))) == digest(read_wav(middle.path("dialogue")))
    assert again.slate.request.retake.sound_seed == desk.first.slate.request.seed


def test_the_same_retake_is_the_same_bytes_and_another_seed_is_not(desk, by_part):
    same, other = desk.retake(("effects", WHOLE)), desk.retake(("effects", WHOLE), seed=5)
    sounds = [digest(read_wav(take.path("effects"))) for take in (by_part["effects"], same, other)]
    assert sounds[0] == sounds[1] != sounds[2]


# -- words ---------------------------------------------------------------------------------------------------------


def said(desk, text):
    first, second = desk.first.slate.request.brief.lines
    return (first.model_copy(update={"text": text}), second)


@pytest.fixture(scope="module")
def eleven(desk):
    return desk.retake(lines=said(desk, "We close in eleven minutes."))


def test_a_word_of_a_line_changes_and_the_words_before_it_do_not(desk, eleven):
    old, new = (read_wav(take.path("dialogue"))[:, 0].astype(float) for take in (desk.first, eleven))
    masks = {m["part"]: FrameRange(*m["range"]) for m in eleven.slate.facts["masks"]}
    assert set(masks) == {"dialogue", "picture"}
    begin = samples(-8)
    changed = np.flatnonzero(old != new)
    assert changed[0] - begin > 0.3 * 48_000  # "We close in" stands
    assert np.abs(old[begin : changed[0]]).max() > 100_000
    assert changed[-1] < samples(54)  # and so does the other's line
    before, after = packets(desk.first), packets(eleven)
    low = masks["picture"].start - WHOLE.start
    assert before[:low] == after[:low]
    assert before != after


def test_longer_words_take_the_room_they_need_and_it_is_said(desk):
    take = desk.retake(lines=said(desk, "We close in a hundred and eleven long minutes."))
    (grown,) = take.slate.facts["grown"]
    assert "later: what they cover is made anew too" in grown


def test_effects_and_air_do_not_hear_of_other_words(desk, eleven):
    for role in ("effects", "ambience", "music"):
        assert digest(read_wav(eleven.path(role))) == digest(read_wav(desk.first.path(role)))


# -- sounds that shall not happen ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def no_pan(desk):
    """The same shot, but the pan does not fall, and "eleven" for "ten"."""
    cues = tuple(cue for cue in desk.first.slate.request.brief.cues if "pan" not in cue.text)
    return desk.retake(lines=said(desk, "We close in eleven minutes."), cues=cues)


def loud(take, first, last):
    return np.abs(read_wav(take.path("effects"))[samples(first) : samples(last)]).max()


def test_what_shall_not_happen_is_neither_heard_nor_seen(desk, no_pan):
    assert loud(desk.first, 36, 60) > 100_000
    assert loud(no_pan, 36, 60) < 0.05 * loud(desk.first, 36, 60)
    assert "pan" in read_staging(no_pan.path("latents")).props  # it lies there


def test_and_all_else_is_the_same_bytes(desk, no_pan):
    masks = [(m["part"], FrameRange(*m["range"])) for m in no_pan.slate.facts["masks"]]
    assert {part for part, _ in masks} == {"dialogue", "effects", "picture"}
    drawn = [span for part, span in masks if part == "picture"]
    kept = [not any(span.holds(frame + WHOLE.start) for span in drawn) for frame in range(FRAMES)]
    pairs = list(zip(packets(desk.first), packets(no_pan), kept, strict=True))
    assert any(keep for _, _, keep in pairs)
    assert all(old == new for old, new, keep in pairs if keep)
    for role in ("dialogue", "effects"):
        old, new = (read_wav(take.path(role)) for take in (desk.first, no_pan))
        changed = np.flatnonzero((old != new).any(axis=1))
        spans = [(samples(span.start), samples(span.end)) for part, span in masks if part == role]
        assert all(any(low <= at < high for low, high in spans) for at in changed[:: max(1, len(changed) // 500)])
    for role in ("ambience", "music"):
        assert digest(read_wav(desk.first.path(role))) == digest(read_wav(no_pan.path(role)))


# -- what cannot be made -------------------------------------------------------------------------------------------


def test_tokens_that_are_gone_or_no_tokens_are_an_error_that_says_what_to_do(desk, tmp_path):
    request = desk.request(("effects", WHOLE))
    junk = tmp_path / "junk.safetensors"
    junk.write_bytes(b"not tokens at all, whatever its name")
    for place in (tmp_path / "gone.safetensors", junk):
        retake = request.retake.model_copy(update={"latents": str(place)})
        with pytest.raises(BackendError, match=r"render the shot again as a whole\. Nothing was generated") as caught:
            desk.make(request.model_copy(update={"retake": retake}))
        assert caught.value.code == "latents_missing"


def test_tokens_of_another_length_are_refused(desk):
    longer = FrameRange(-12, FRAMES + 48)
    with pytest.raises(BackendError, match="no DX tokens for all of its"):
        desk.make(desk.request(("effects", longer), generated=longer))


def test_masks_of_nothing_are_refused(desk):
    with pytest.raises(BackendError, match="masks nothing, or changes no word"):
        desk.make(desk.request())


def test_a_model_that_makes_more_than_was_asked_is_not_believed(desk, tmp_path):
    request = desk.request(("effects", MIDDLE))
    files = desk.model.generate(request, tmp_path, lambda event: None, threading.Event())
    more = [{"part": "effects", "range": [-12, FRAMES]}]
    with pytest.raises(MediaError, match="which was not asked"):
        desk.store.add(request, TakeFiles(None, files.stems, facts={"masks": more}), backend="sketch")


def test_a_parent_that_is_gone_is_named(desk, tmp_path):
    store = TakeStore(tmp_path / "other")
    request = desk.request(("effects", MIDDLE))
    with pytest.raises(MediaError, match=f"Take {desk.first.name}, of which SH010 keeps a part, is gone or damaged"):
        store.add(request, TakeFiles(None, {}), backend="sketch")


def test_cancelling_leaves_no_file(desk, tmp_path):
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(BackendError):
        desk.model.generate(desk.request(("dialogue", WHOLE)), tmp_path, lambda event: None, cancel)
    assert list(tmp_path.iterdir()) == []
