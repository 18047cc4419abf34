"""What a shot goes on from travels as a file, by its hash; a path that a client names is never opened."""

import hashlib
from fractions import Fraction

import pytest

from twopop.request import Before, GenerationRequest
from twopop.timebase import FrameRange
from twopop.wire import Brief, Reference
from twopop_engine.limits import Limits, Refusal
from twopop_engine.references import keep_references

TOKENS = b"tokens of a take"
DIGEST = hashlib.sha256(TOKENS).hexdigest()


def a_request(before=None, **brief):
    return GenerationRequest(
        name="SH020", shots=("SH020",), brief=Brief(prompt="a wall", **brief), match_key="ab" * 32, model="sketch",
        weights="w", recipe="1", width=64, height=64, frame_rate=Fraction(24), generated=FrameRange(0, 24),
        used=FrameRange(0, 24), timecode_offset_frames=0, seed=1, before=before,
    )  # fmt: skip


def a_before(**how):
    return Before(
        shot="SH010", match_key="k", seed=1, generated=FrameRange(0, 24), end_frame=24, at_frame=0, **how
    )  # fmt: skip


def kept(request, parts, folder):
    return keep_references(request, parts, folder, Limits())[0]


def test_tokens_lie_where_the_server_put_them(tmp_path):
    request = a_request(a_before(latents="/etc/passwd", latents_sha256=DIGEST))
    before = kept(request, [TOKENS], tmp_path).before
    assert before.latents == str(tmp_path / f"{DIGEST}.safetensors")
    assert kept(request, [TOKENS], tmp_path).brief.references == ()


def test_so_do_those_behind_a_shot_without_a_take(tmp_path):
    inner = a_request(a_before(latents="take.safetensors", latents_sha256=DIGEST))
    before = kept(a_request(a_before(request=inner)), [TOKENS], tmp_path).before
    assert before.request.before.latents == str(tmp_path / f"{DIGEST}.safetensors")


@pytest.mark.parametrize("how", [{"latents": "/etc/passwd"}, {"request": a_request(), "latents": "/etc/passwd"}])
def test_a_path_without_its_file_is_dropped(tmp_path, how):
    assert kept(a_request(a_before(**how)), [], tmp_path).before.latents == ""


def test_tokens_that_did_not_come_are_a_refusal(tmp_path):
    with pytest.raises(Refusal) as caught:
        kept(a_request(a_before(latents="x", latents_sha256=DIGEST)), [], tmp_path)
    assert caught.value.code == "reference_missing"


def test_a_shot_that_is_only_gone_on_from_names_no_files(tmp_path):
    inner = a_request(references=(Reference(kind="still", path="/etc/passwd"),))
    with pytest.raises(Refusal) as caught:
        kept(a_request(a_before(request=inner)), [], tmp_path)
    assert caught.value.code == "bad_before"
