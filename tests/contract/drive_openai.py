"""Drives a server with the official `openai` client, whichever generation is installed; exits 1 with the first failure.

    python drive_openai.py URL TOKEN     (URL with /v1)

The six methods, with and without a file, streaming, paging, and the retry after a 5xx that must make no second job.
"""

import io
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

import openai  # noqa: E402

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6360606000000004000160d2a1c2"
    "0000000049454e44ae426082"
)
PLAIN = {"model": "tiny", "seconds": "1", "size": "64x64"}


def drive(url: str, token: str) -> None:
    client = openai.OpenAI(base_url=url, api_key=token)
    made = client.videos.create(prompt="a kitchen", **PLAIN)
    assert made.status in ("queued", "in_progress"), made
    assert made.id.startswith("video_")
    done = client.videos.poll(made.id)
    assert done.status == "completed", done
    assert done.progress == 100
    assert done.model_extra["has_audio"] is True
    assert client.videos.retrieve(made.id).completed_at

    with_file = client.videos.create_and_poll(
        prompt="a kitchen from this still", input_reference=("still.png", PNG, "image/png"), **PLAIN
    )
    assert with_file.status == "completed", with_file

    body = client.videos.download_content(made.id).read()
    assert body[4:8] == b"ftyp", body[:16]
    with client.videos.with_streaming_response.download_content(made.id, variant="video") as streamed:
        pieces = io.BytesIO()
        for piece in streamed.iter_bytes(4096):
            pieces.write(piece)
    assert pieces.getvalue() == body
    assert client.videos.download_content(made.id, variant="thumbnail").read()[:2] == b"\xff\xd8"

    failed = client.videos.create_and_poll(prompt="FAIL moderation_refused", **PLAIN)
    assert (failed.status, failed.error.code) == ("failed", "moderation_refused"), failed

    more = [client.videos.create(prompt=f"shot {number}", **PLAIN).id for number in range(3)]
    listed = [video.id for video in client.videos.list(limit=2)]
    assert set(more) <= set(listed)
    assert len(listed) == len(set(listed)), "a page came twice"
    oldest_first = [video.id for video in client.videos.list(limit=2, order="asc")]
    assert oldest_first == listed[::-1]

    gone = client.videos.delete(made.id)
    assert gone.deleted
    _refused(openai.NotFoundError, lambda: client.videos.retrieve(made.id))
    wrong = openai.OpenAI(base_url=url, api_key="wrong-" + token)
    _refused(openai.AuthenticationError, lambda: wrong.videos.list())
    _refused(openai.BadRequestError, lambda: client.videos.create(prompt="x", model="tiny", size="banana"))


def _refused(kind, call) -> None:
    try:
        call()
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was due")


def retry_after_5xx(url: str, token: str) -> None:
    """`url` is a proxy that answers 500 once, after the server has made the job."""
    client = openai.OpenAI(base_url=url, api_key=token)
    made = client.videos.create(prompt="once only", extra_headers={"Idempotency-Key": "the-same-key"}, **PLAIN)
    same = [video.id for video in client.videos.list(limit=100) if video.prompt == "once only"]
    assert same == [made.id], same


if __name__ == "__main__":
    scenario = retry_after_5xx if sys.argv[3:] == ["retry"] else drive
    scenario(*sys.argv[1:3])
    print(f"openai {openai.__version__}: {scenario.__name__} ok")  # noqa: T201
