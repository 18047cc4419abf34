"""One stage, many cameras: a shot goes on from where the shot before it ended."""

import hashlib
import threading

import numpy as np
import pytest

from twopop.errors import BackendError
from twopop.media.wav import read_wav
from twopop.request import Before
from twopop.timebase import FrameRange, frame_to_sample
from twopop.wire import Brief, Cue, Line, Scene, Voice
from twopop_engine.models.sketch.carrying import read_staging
from twopop_engine.models.sketch.doing import lay_deeds
from twopop_engine.models.sketch.latents import read_latents
from twopop_engine.models.sketch.layout import CA, STAGE
from twopop_engine.models.sketch.model import SketchModel

CUT = 36
"""Frames that the first shot shows."""
SCENE = Scene(cast=(Voice(speaker="MARA", description=""), Voice(speaker="TOMAS", description="")))
FIRST = Brief(
    prompt="two-shot in a kitchen",
    lines=(Line(speaker="MARA", text="Ten.", at_frames=2), Line(speaker="TOMAS", text="Yes.", at_frames=20)),
    cues=(Cue(role="effects", text="MARA drops the pan", at_frames=CUT - 5),),
)
SECOND = Brief(prompt="close-up of MARA", lines=(Line(speaker="MARA", text="Now.", at_frames=10),))


@pytest.fixture(scope="module")
def model():
    return SketchModel()


@pytest.fixture(scope="module")
def make(model, tmp_path_factory):
    def make(request):
        folder = tmp_path_factory.mktemp("take")
        return model.generate(request, folder, lambda event: None, threading.Event())

    return make


@pytest.fixture(scope="module")
def first_request(make_request):
    return make_request(FIRST, CUT + 24, width=64, height=64, scene=SCENE, used=FrameRange(0, CUT))


@pytest.fixture(scope="module")
def first(make, first_request):
    return make(first_request)


@pytest.fixture(scope="module")
def second_request(make_request, first_request):
    """The second shot; with the first one's take, or its request where there is none."""

    def request(take=None, brief=SECOND, earlier=first_request, **changes):
        tokens = {"latents": str(take.latents), "latents_sha256": "x"} if take else {"request": earlier}
        before = Before(
            shot="SH010", match_key=earlier.match_key, seed=earlier.seed, generated=earlier.generated,
            end_frame=CUT, at_frame=0, **tokens,
        )  # fmt: skip
        scene = SCENE.model_copy(update={"before": (FIRST.prompt,)})
        return make_request(brief, 60, width=64, height=64, scene=scene, seed=9, before=before, **changes)

    return request


@pytest.fixture(scope="module")
def second(make, second_request, first):
    return make(second_request(first))


def digests(files):
    paths = {"picture": files.movie, "latents": files.latents, **files.stems}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}


def test_the_same_bytes_whether_the_shot_before_is_a_take_or_is_only_asked_for(make, second_request, second):
    assert digests(make(second_request())) == digests(second)


def test_it_is_the_shot_before_that_makes_the_difference(make, second_request, second):
    alone = make(second_request().model_copy(update={"before": None}))
    assert digests(alone) != digests(second)


def at(tokens, group, moment_s, name):
    places = group.times_s(len(tokens))
    return float(np.interp(moment_s, places, tokens[:, group.index[name]]))


@pytest.mark.parametrize("name", ["root_x", "left_hand_y", "right_hand_x", "head_yaw", "blink", "smile"])
def test_bodies_go_on_over_the_cut(first, second, name):
    """Stage time CUT is 2 s into the first take and 0.5 s into the second."""
    old, new = (read_latents(files.latents)["CA"] for files in (first, second))
    for before_s in (0.05, 0.2, 0.4):
        assert at(new, CA, 0.5 - before_s, name) == pytest.approx(at(old, CA, 2.0 - before_s, name), abs=0.02)
    step = abs(at(new, CA, 0.54, name) - at(new, CA, 0.46, name))
    assert step < 0.3


def test_people_keep_their_side_and_things_stay_where_they_were_put(first, second):
    staging = read_staging(second.latents)
    assert staging.names == ("MARA",)
    assert staging.begun.places["MARA"] == pytest.approx(-0.55, abs=0.25)
    assert staging.begun.places["TOMAS"] == pytest.approx(0.55, abs=0.25)
    assert staging.props[0] == "pan"
    stage = read_latents(first.latents)["STAGE"]
    kind, x, _ = staging.begun.props[0]
    assert kind == "pan"
    assert x == pytest.approx(at(stage, STAGE, 1.98, "prop0.x.1"), abs=0.02)


def test_what_falls_before_the_cut_rings_on_after_it(first, second):
    old, new = (read_wav(files.stems["effects"]) for files in (first, second))
    cut_old, cut_new = frame_to_sample(12 + CUT, 24), frame_to_sample(12, 24)
    assert np.abs(old[cut_old - 9_600 : cut_old]).max() > 10_000
    inside = slice(cut_old - 9_600, cut_old), slice(cut_new - 9_600, cut_new)
    assert np.array_equal(old[inside[0]], new[inside[1]])  # handles are the same stage time
    assert np.abs(new[cut_new : cut_new + 2_400]).max() > 0
    assert np.abs(old[cut_old : cut_old + 2_400] - new[cut_new : cut_new + 2_400]).max() < 200


@pytest.fixture(scope="module")
def frying(make, make_request, second_request):
    """Two shots, the first with a skillet on the stove; the second as a brief has it."""
    cue = Cue(role="effects", text="eggs sizzle in the skillet", at_frames=8)
    brief = Brief(prompt="medium of MARA in a kitchen", cues=(cue,))
    asked = make_request(brief, CUT + 24, width=64, height=64, scene=SCENE, used=FrameRange(0, CUT))
    old = read_wav(make(asked).stems["effects"])

    def after(brief):
        return old, read_wav(make(second_request(brief=brief, earlier=asked)).stems["effects"])

    return after


def rms(sound, low_s, high_s):
    return float(np.sqrt(np.mean(np.square(sound[round(low_s * 48_000) : round(high_s * 48_000)].astype(float)))))


def test_what_sizzles_before_the_cut_sizzles_after_it_and_under_the_handles(frying):
    old, new = frying(Brief(prompt="close-up of TOMAS in the kitchen"))
    before = rms(old, 1.6, 2.0)  # a skillet crackles: by itself it wanders by 3 dB
    assert 0.7 < rms(new, 0.5, 0.9) / before < 1.45
    assert 0.7 < rms(new, 2.08, 2.48) / before < 1.45  # to the very end of the tail
    overlap = old[72_000 + 96 : 120_000 - 96], new[96 : 48_000 - 96]  # half a second of handles on either side
    assert np.abs(overlap[0] - overlap[1]).max() <= 1


@pytest.mark.parametrize(
    ("brief", "quiet_s"),
    [
        (Brief(prompt="close-up", cues=(Cue(role="effects", text="takes it off the stove", at_frames=12),)), 1.5),
        (Brief(prompt="MARA takes the skillet off the heat"), 2.0),
        (Brief(prompt="wide of a street at night"), 0.05),
    ],
)
def test_it_ends_where_words_say_so_and_is_not_heard_elsewhere(frying, brief, quiet_s):
    old, new = frying(brief)
    assert rms(new, quiet_s, 2.49) < 0.02 * rms(old, 1.7, 2.0)
    if quiet_s > 1:
        assert 0.7 < rms(new, 0.5, 0.9) / rms(old, 1.6, 2.0) < 1.45


def test_what_a_prompt_has_lifted_off_the_stove_is_lifted_and_stays_in_the_hand(make, make_request):
    def asked(prompt, earlier, cues=()):
        before = earlier and Before(
            shot="SH010", match_key=earlier.match_key, seed=earlier.seed, generated=earlier.generated,
            end_frame=CUT, at_frame=0, request=earlier,
        )  # fmt: skip
        brief = Brief(prompt=prompt, cues=cues)
        facts = {"before": before} if before else {}
        return make_request(brief, CUT + 24, width=64, height=64, scene=SCENE, used=FrameRange(0, CUT), **facts)

    def skillet(request):
        take = make(request)
        staging = read_staging(take.latents)
        stage = lay_deeds(read_latents(take.latents), staging.deeds)[STAGE.name]
        assert staging.props[0] in ("", "skillet")
        return (stage if staging.props[0] else None), staging

    frying = asked("MARA in a kitchen", None, (Cue(role="effects", text="eggs sizzle", at_frames=8),))
    lifting = asked("MARA lifts the skillet off the stove", frying)
    stage, staging = skillet(lifting)
    assert stage[-12:, STAGE.index["prop0.y.1"]].min() > staging.deeds.handled[0].y + 0.1
    assert staging.held == (("skillet", "MARA"),)
    stage, staging = skillet(asked("close-up of MARA in the kitchen", lifting))
    assert stage[13:, STAGE.index["prop0.y.1"]] == pytest.approx(staging.deeds.handled[0].y + 0.12, abs=1e-3)
    alone, staging = skillet(asked("TOMAS in the kitchen", lifting))
    assert alone is None
    assert staging.held == (("skillet", "MARA"),)


def test_words_belong_to_their_shot(second):
    heard = read_wav(second.stems["dialogue"])
    assert not heard[: frame_to_sample(12, 24)].any()
    assert np.abs(heard).max() > 10_000


def test_the_air_is_one_function_of_the_scene(first, second):
    old, new = (read_wav(files.stems["ambience"]).astype(float) for files in (first, second))
    cut_old, cut_new = frame_to_sample(12 + CUT, 24), frame_to_sample(12, 24)
    one, other = old[cut_old - 9_600 : cut_old + 9_600, 0], new[cut_new - 9_600 : cut_new + 9_600, 0]
    assert np.corrcoef(one, other)[0, 1] > 0.995
    beside = new[cut_new : cut_new + 19_200, 0]
    assert abs(np.corrcoef(one, beside)[0, 1]) < 0.5


def test_a_shot_before_that_cannot_be_made_is_told_and_not_gone_on_from(make, second_request, first_request):
    broken = FIRST.model_copy(update={"lines": (Line(speaker="MARA", text="...", at_frames=2),)})
    files = make(second_request(earlier=first_request.model_copy(update={"brief": broken})))
    (said,) = [one for one in files.facts["guessed"] if "SH010 cannot be made" in one]
    assert "does not go on from it" in said
    assert "goes_on_from" not in files.facts


def test_tokens_that_are_gone_are_an_error_that_says_what_to_do(make, second_request, first, tmp_path):
    request = second_request(first)
    gone = request.before.model_copy(update={"latents": str(tmp_path / "gone.safetensors")})
    with pytest.raises(BackendError, match="Render SH010 again first") as caught:
        make(request.model_copy(update={"before": gone}))
    assert caught.value.code == "latents_missing"


def test_a_line_across_the_cut_is_the_shots_own(make, second_request, first):
    line = Line(speaker="MARA", text="We close in ten minutes.", at_frames=-6)
    heard = read_wav(make(second_request(first, Brief(prompt="close-up of MARA", lines=(line,)))).stems["dialogue"])
    assert np.abs(heard[frame_to_sample(6, 24) : frame_to_sample(12, 24)]).max() > 10_000
