"""T5, T6 and the fault table: whatever a network does, one shot is paid once, or its outcome is `unknown`."""

import json
import random
import threading
import time
from dataclasses import replace
from email.utils import formatdate

import pytest
from engines import a_request
from fault_server import FaultServer
from foreign import Foreign, write_foreign
from making import QUICK, a_worker, make_take
from typer.testing import CliRunner

from twopop.answers import Answer
from twopop.backends.base import Job
from twopop.backends.dialects import DIALECTS, foreign_profile
from twopop.backends.videos import VideosBackend
from twopop.cli import app
from twopop.errors import BackendError, RefusedError
from twopop.http import Patience
from twopop.take import Cancelled, Failed, Ready, Refused, Unknown
from twopop.timebase import FrameRange
from twopop.worker import Stop

pytestmark = pytest.mark.usefixtures("state")

IMPATIENT = Patience(
    connect_s=2, read_s=0.5, download_s=10, stall_s=0.4, slowest=1000, attempts=3, pause_s=0.005, retry_s=3
)
CHARGED = [
    "drop after read",
    "timeout",
    "500",
    "502",
    "503",
    "cut json",
    "rst mid-answer",
    "no id",
    "html 200",
    "303",
    "204",
]
NOT_CHARGED = ["drop before read", "rst mid-body"]


@pytest.fixture
def request_():
    return a_request("a kitchen", frames=5)


@pytest.fixture
def server(tmp_path, request_):
    with FaultServer(slow_s=0.8) as server:
        (tmp_path / "made").mkdir()
        server.make_take(request_, tmp_path / "made")
        yield server


@pytest.fixture(scope="module")
def foreign_media(tmp_path_factory):
    return write_foreign(tmp_path_factory.mktemp("media") / "clip.mp4", Foreign(frames=57, size=(256, 256)))


def backend_of(server, **more):
    return VideosBackend(server.url, token="t" * 40, patience=IMPATIENT, **more)


def a_foreign_request(**changes):
    profile = foreign_profile(DIALECTS["sglang"], "ltx-2.3")
    whole = FrameRange(0, 57)
    return a_request(
        "p", profile=profile, frames=57, size=(256, 256), generated=whole, used=whole.widened(0, -12), **changes
    )


# --- T5: the answer to a create is lost ---


@pytest.mark.parametrize("fault", CHARGED + NOT_CHARGED)
def test_a_lost_answer_is_paid_once_where_the_server_replays(tmp_path, server, request_, fault):
    server.create_faults.append(fault)
    outcome = make_take(tmp_path / "takes", backend_of(server), request_)
    assert isinstance(outcome, Ready), outcome
    assert server.charges == [request_.submission_key]


@pytest.mark.parametrize("fault", CHARGED + NOT_CHARGED)
def test_a_lost_answer_is_unknown_where_it_does_not_and_stays_so(tmp_path, request_, fault):
    with FaultServer(replay=False, slow_s=0.8) as server:
        server.create_faults.append(fault)
        outcome = make_take(tmp_path / "takes", backend_of(server), request_)
        assert isinstance(outcome, Unknown), outcome
        again = make_take(tmp_path / "takes", backend_of(server), request_)
        assert isinstance(again, Unknown), again
        assert len(server.charges) == (1 if fault in CHARGED else 0)
        assert "twopop jobs" in again.reason


def jobs(*words):
    """What `twopop jobs` prints, or the error it ends with."""
    done = CliRunner().invoke(app, ["jobs", *words, "--json"])
    return json.loads(done.stdout) if done.exit_code == 0 else str(done.exception)


def test_a_person_sees_and_settles_what_is_unclear(tmp_path, request_):
    """`twopop jobs`: found at the service, it is fetched; not found, it may be bought again, and then only."""
    with FaultServer(replay=False, slow_s=0.8) as server:
        (tmp_path / "made").mkdir()
        server.make_take(request_, tmp_path / "made")
        server.create_faults.extend(["drop after read", "drop before read"])
        other = a_request("another kitchen", frames=5)
        backend = backend_of(server)
        assert isinstance(make_take(tmp_path / "takes", backend, request_), Unknown)
        assert isinstance(make_take(tmp_path / "takes", backend, other), Unknown)
        first, second = jobs()
        assert (first["state"], first["backend"], first["price"] > 0) == ("unknown", backend.name, True)
        assert "The job may exist" in first["message"]
        (found,) = server.jobs
        assert jobs("settle", first["key"], "--found", found) == {
            "key": request_.submission_key, "name": "SH010", "state": "submitted",
        }  # fmt: skip
        assert jobs("settle", second["key"])["state"] == "failed"
        assert "No open job" in jobs("settle", "0000")
        assert "Write: twopop jobs" in jobs("settle")
        assert isinstance(make_take(tmp_path / "takes", backend, request_), Ready)
        assert len(server.charges) == 1
        assert isinstance(make_take(tmp_path / "takes", backend, other), Ready)
        assert len(server.charges) == 2
        assert jobs() == []


def test_what_costs_nothing_may_be_asked_again_by_the_next_run(tmp_path, foreign_media):
    with FaultServer(ours=False, media=foreign_media) as server:
        server.create_faults.append("drop after read")
        request = a_foreign_request()
        assert isinstance(make_take(tmp_path / "takes", backend_of(server), request), Unknown)
        assert isinstance(make_take(tmp_path / "takes", backend_of(server), request), Ready)


def test_later_is_not_never(tmp_path, server, request_):
    server.create_faults.extend(["429", "429"])
    begun = time.monotonic()
    outcome = make_take(tmp_path / "takes", backend_of(server), request_)
    assert isinstance(outcome, Ready)
    assert len(server.charges) == 1
    assert time.monotonic() - begun >= 2, "Retry-After: 1, twice"


def test_a_service_that_wants_to_be_left_alone_for_a_day_is_left_alone(tmp_path, server, request_):
    server.create_faults.extend(["429 much later"] * 9)
    outcome = make_take(tmp_path / "takes", backend_of(server), request_)
    assert (outcome.status, outcome.code) == ("failed", "queue_full")
    assert len([target for method, target, _ in server.requests if method == "POST"]) == 1


@pytest.mark.parametrize("far_s", [0, -400_000_000, 400_000_000])
@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0", 0.01), ("later", None), ("", None), ("9" * 40, 999999999)]
)
def test_how_long_to_wait_does_not_depend_on_whose_clock_is_right(far_s, header, seconds):
    """T15: a date is read against the server's own clock."""
    theirs = time.time() + far_s
    assert Answer(429, {"retry-after": header}, b"").retry_after_s == seconds
    dated = {"retry-after": formatdate(theirs + 30, usegmt=True), "date": formatdate(theirs, usegmt=True)}
    assert Answer(429, dated, b"").retry_after_s == pytest.approx(30, abs=1)


def test_a_refusal_is_no_failure_and_is_not_repeated(tmp_path, server, request_):
    server.create_faults.extend(["refused", ""])
    backend = backend_of(server)
    first, again = (make_take(tmp_path / "takes", backend, request_) for _ in range(2))
    assert isinstance(first, Refused)
    assert isinstance(again, Refused)
    assert server.charges == []


@pytest.mark.parametrize(("fault", "says"), [("413", "too large"), ("html 404", "no proxy in between")])
def test_what_was_not_started_may_be_asked_again(tmp_path, server, request_, fault, says):
    server.create_faults.append(fault)
    backend = backend_of(server)
    first = make_take(tmp_path / "takes", backend, request_)
    assert isinstance(first, Failed)
    assert says in first.reason
    assert isinstance(make_take(tmp_path / "takes", backend, request_), Ready)
    assert len(server.charges) == 1


def test_a_server_that_repeats_our_token_is_not_quoted_with_it(tmp_path, server, request_):
    server.create_faults.append("echo")
    outcome = make_take(tmp_path / "takes", backend_of(server), request_)
    assert "You said: Bearer ***" in outcome.reason
    ledgers = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert b"t" * 40 not in ledgers
    assert b"Who are you" in ledgers


def test_a_server_that_is_not_there_costs_nothing(tmp_path, request_):
    with FaultServer() as gone:
        backend = backend_of(gone)
        _ = backend.profile
    outcome = make_take(tmp_path / "takes", backend, request_)
    assert (outcome.status, outcome.code) == ("failed", "unreachable")
    assert "Nothing was sent" in outcome.reason


# --- polls ---


@pytest.mark.parametrize("fault", ["drop", "502", "503", "429"])
def test_a_poll_is_repeated(tmp_path, server, request_, fault):
    server.poll_faults.extend([fault] * 2)
    assert isinstance(make_take(tmp_path / "takes", backend_of(server), request_), Ready)
    assert len(server.charges) == 1


@pytest.mark.parametrize("fault", ["html 404", "html 404 of the file"])
def test_a_proxy_that_knows_nothing_has_not_lost_a_job(tmp_path, server, request_, fault):
    if fault == "html 404":
        server.poll_faults.extend([fault] * 2)
    else:
        server.content_faults.extend([("html", 404)] * 2)
    assert isinstance(make_take(tmp_path / "takes", backend_of(server), request_), Ready)
    assert len(server.charges) == 1


@pytest.mark.parametrize("status", ["401", "403"])
def test_a_token_that_stops_working_keeps_the_job(tmp_path, server, request_, status):
    server.poll_faults.append(status)
    first = make_take(tmp_path / "takes", backend_of(server), request_)
    assert (first.status, first.code) == ("failed", "unauthorized")
    assert "The job is kept" in first.reason
    assert isinstance(make_take(tmp_path / "takes", backend_of(server), request_), Ready)
    assert len(server.charges) == 1


def test_a_server_that_is_gone_in_the_middle_is_named_and_its_job_kept(tmp_path, server, request_):
    server.job_s = 0.4
    backend = backend_of(server)
    with a_worker(tmp_path / "takes", backend, [request_], limits=QUICK._replace(stall_s=1.5)) as (worker, _, _):
        threading.Timer(0.2, server.close).start()
        outcome = worker.make(request_)
    assert (outcome.status, outcome.code) == ("failed", "deadline")
    assert f"What was heard last: 127.0.0.1:{server.port} cannot be reached" in outcome.reason
    server.up()
    assert isinstance(make_take(tmp_path / "takes", backend_of(server), request_), Ready)
    assert len(server.charges) == 1


def test_a_job_the_server_lost_is_told_with_its_price_and_not_bought_again(tmp_path, server, request_):
    server.poll_faults.append("gone")
    backend = backend_of(server)
    first = make_take(tmp_path / "takes", backend, request_)
    assert (first.status, first.code) == ("failed", "lost")
    assert "twopop jobs" in first.reason
    assert isinstance(make_take(tmp_path / "takes", backend, request_), Failed)
    assert len(server.charges) == 1


@pytest.mark.parametrize("lost_at", ["poll", "download"])
def test_what_is_lost_without_a_cost_is_made_again_but_not_for_ever(tmp_path, foreign_media, lost_at):
    """Engines that keep jobs in memory, and restart."""
    with FaultServer(ours=False, media=foreign_media) as server:
        faults, fault = (server.poll_faults, "gone") if lost_at == "poll" else (server.content_faults, ("status", 404))
        faults.append(fault)
        assert isinstance(make_take(tmp_path / "takes", backend_of(server), a_foreign_request()), Ready)
        assert len(server.charges) == 2
        faults.extend([fault] * 20)
        outcome = make_take(tmp_path / "others", backend_of(server), a_foreign_request())
        assert (outcome.status, outcome.code) == ("failed", "lost")
        assert len(server.charges) == 2 + 4


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ("failed as 500", "failed", "500"),
        ('{"id": "v", "status": "failed", "error": "it broke"}', "failed", "failed"),
        ('{"id": "v", "status": "failed", "error": {"message": "it broke"}}', "failed", "failed"),
        ('{"id": "v", "status": "failed", "error": {"code": "moderation_refused"}}', "refused", "moderation_refused"),
        ('{"id": "v", "status": "failed", "error": {"code": "cancelled"}}', "cancelled", "cancelled"),
        ('{"id": "v", "status": "expired"}', "expired", ""),
        ('{"id": "v", "status": "deleted"}', "lost", ""),
        ('{"id": "v", "status": "in_progress", "progress": 40}', "running", ""),
        ('{"id": "v", "status": "completed", "usage": {"cost": 0.25}}', "done", ""),
    ],
)
def test_every_way_to_end_is_told_apart(server, answer, status, code):
    server.jobs["v"] = {"id": "v", "status": "in_progress"}
    server.poll_faults.append(answer)
    state = backend_of(server).poll(Job("v", server.url))
    assert (state.status, state.code) == (status, code)
    if "usage" in answer:
        assert state.cost == 0.25


def test_a_status_nobody_knows_is_an_error_and_no_end(server):
    server.jobs["v"] = {"id": "v", "status": "in_progress"}
    server.poll_faults.append('{"id": "v", "status": "marinating"}')
    with pytest.raises(BackendError, match="marinating") as caught:
        backend_of(server).poll(Job("v", server.url))
    assert caught.value.code == "unknown_status"


def test_a_job_that_never_ends_meets_its_deadline_and_is_asked_to_stop(tmp_path, server, request_):
    server.poll_faults.extend(['{"id": "v", "status": "in_progress"}'] * 500)
    limits = QUICK._replace(stall_s=1.0)
    outcome = make_take(tmp_path / "takes", backend_of(server), request_, limits=limits)
    assert (outcome.status, outcome.code) == ("failed", "deadline")
    assert any(target.endswith("/cancel") for _, target, _ in server.requests)


def test_a_cancelled_run_stops_its_job(tmp_path, server, request_):
    stop = Stop()
    stop.cancel()
    assert isinstance(make_take(tmp_path / "takes", backend_of(server), request_, stop=stop), Cancelled)
    assert server.charges == []


# --- T6: downloads ---


def test_a_download_cut_anywhere_is_taken_up_where_it_broke(tmp_path, server, request_):
    data, places = server.take["video"], random.Random(6)
    backend = backend_of(server)
    job = backend.submit(request_, key="K")
    for number in range(50):
        at = places.randrange(len(data))
        server.content_faults.extend([("cut", at), ("cut", min(len(data) - 1, at + 1000))])
        out = tmp_path / f"cut{number}"
        out.mkdir()
        assert backend.fetch(job, request_, out).movie.read_bytes() == data
        server.content_faults.clear()
    ranges = [headers["range"] for _, _, headers in server.requests if "range" in headers]
    assert len(ranges) > 90


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (("other bytes",), "wrong_bytes"),
        (("longer",), "wrong_bytes"),
        (("shorter",), "wrong_bytes"),
        (("slow",), "too_slow"),
        (("html", 200), "not_our_protocol"),
        (("html", 404), "not_our_protocol"),
        (("endless error",), "too_large"),
        (("status", 404), "lost"),
        (("status", 410), "expired"),
        (("status", 500), "http_500"),
        (("redirect", "ftp://127.0.0.1/x"), "redirected"),
        (("redirect", ""), "redirected"),
    ],
)
def test_a_wrong_download_is_an_error_and_leaves_nothing(tmp_path, server, request_, fault, code):
    backend = backend_of(server)
    job = backend.submit(request_, key="K")
    server.content_faults.append(fault)
    with pytest.raises(BackendError) as caught:
        backend.fetch(job, request_, tmp_path / "made")
    assert caught.value.code == code
    assert not list((tmp_path / "made").glob("*.part"))
    assert not (tmp_path / "made" / "video.mov").exists()


def test_a_download_goes_on_as_long_as_it_brings_something(tmp_path, server, request_):
    """More breaks than a GET has attempts."""
    step = len(server.take["video"]) // 9
    server.content_faults.extend(("cut", step * number) for number in range(1, 9))
    backend = backend_of(server)
    job = backend.submit(request_, key="K")
    (tmp_path / "out").mkdir()
    assert backend.fetch(job, request_, tmp_path / "out").movie.read_bytes() == server.take["video"]


def test_a_file_that_changed_meanwhile_is_fetched_from_its_start(tmp_path, foreign_media):
    """No hash says what is due there: the tag decides whether a piece may be glued on."""
    media = tmp_path / "clip.mp4"
    media.write_bytes(bytes(200_000))
    with FaultServer(ours=False, media=media) as server:
        server.content_faults.append(("cut", 100_000))
        job = server._charged("")

        def change():
            while not server.requests or "/content" not in server.requests[-1][1]:
                time.sleep(0.001)
            time.sleep(0.05)
            media.write_bytes(foreign_media.read_bytes())

        changed = threading.Thread(target=change)
        changed.start()
        patience = replace(IMPATIENT, pause_s=0.5)
        backend = VideosBackend(server.url, dialect="sglang", model="ltx-2.3", patience=patience)
        (tmp_path / "out").mkdir()
        files = backend.fetch(Job(job, server.url), a_foreign_request(), tmp_path / "out")
        changed.join()
    assert files.original.read_bytes() == foreign_media.read_bytes()


def test_a_server_without_ranges_is_read_from_the_start(tmp_path, server, request_):
    backend = backend_of(server)
    job = backend.submit(request_, key="K")
    server.content_faults.extend([("cut", 3000), ("ignores range",)])
    (tmp_path / "out").mkdir()
    assert backend.fetch(job, request_, tmp_path / "out").movie.read_bytes() == server.take["video"]


def test_a_redirect_elsewhere_is_followed_without_the_token(tmp_path, server, request_):
    backend = backend_of(server)
    job = backend.submit(request_, key="K")
    with FaultServer() as elsewhere:
        elsewhere.take = server.take
        target = f"{elsewhere.url}/v1/videos/x/content?variant=video&signature=s3cret"
        server.content_faults.append(("redirect", target))
        (tmp_path / "out").mkdir()
        files = backend.fetch(job, request_, tmp_path / "out")
        assert files.movie.read_bytes() == server.take["video"]
        assert "authorization" not in elsewhere.requests[-1][2]
    assert "authorization" in server.requests[-1][2]


def test_a_result_that_vanished_is_not_bought_again(tmp_path, server, request_):
    server.content_faults.append(("status", 404))
    backend = backend_of(server)
    first = make_take(tmp_path / "takes", backend, request_)
    assert (first.status, first.code) == ("failed", "lost")
    assert isinstance(make_take(tmp_path / "takes", backend, request_), Failed)
    assert len(server.charges) == 1


# --- a foreign engine ---


def test_a_foreign_engine_gives_an_exact_take_with_its_original(tmp_path, foreign_media):
    with FaultServer(ours=False, media=foreign_media) as server:
        request = a_foreign_request()
        outcome = make_take(tmp_path / "takes", backend_of(server), request)
        assert isinstance(outcome, Ready), outcome
        take = outcome.take
        assert (take.slate.frames, take.slate.samples) == (57, 114_000)
        assert set(take.slate.files) == {"picture", "mix", "original"}
        assert take.path("original").read_bytes() == foreign_media.read_bytes()
        (form,) = server.forms
        assert (form["num_frames"], form["fps"], form["size"]) == ("57", "24", "256x256")


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (Foreign(frames=57, audio="", size=(256, 256)), "completed_without_audio"),
        (Foreign(frames=57, level=0.0, size=(256, 256)), "completed_without_audio"),
        (Foreign(frames=30, size=(256, 256)), "too_short"),
    ],
)
def test_a_completed_job_is_not_believed(tmp_path, what, code):
    media = write_foreign(tmp_path / "clip.mp4", what)
    with FaultServer(ours=False, media=media) as server:
        outcome = make_take(tmp_path / "takes", backend_of(server), a_foreign_request())
        assert (outcome.status, outcome.code) == ("failed", code)
        assert len(server.charges) == 1


def test_truncated_media_is_never_a_take(tmp_path, foreign_media):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(foreign_media.read_bytes()[:20_000])
    with FaultServer(ours=False, media=cut) as server:
        outcome = make_take(tmp_path / "takes", backend_of(server), a_foreign_request())
        assert (outcome.status, outcome.code) == ("failed", "bad_media")


# --- what the server is ---


def test_a_server_of_another_version_is_named(server):
    for change in ({"protocol": 99}, {"profile": {"name": "future"}}):
        entry = server._model()
        entry["twopop"] = {**entry["twopop"], **change}
        server._model = lambda entry=entry: entry
        with pytest.raises(BackendError, match="Install the same one") as caught:
            _ = backend_of(server).profile
        assert caught.value.code == "other_version"


def test_a_model_that_is_not_there_is_named(server):
    with pytest.raises(BackendError, match=r"It has: tiny\. Name one as"):
        _ = backend_of(server, model="ltx").profile


def test_post_is_never_redirected(server, request_):
    backend = backend_of(server)
    _ = backend.profile
    server._create = lambda wire, stream, headers: wire.sendall(
        b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    )
    with pytest.raises(BackendError, match="redirects POST") as caught:
        backend.submit(request_, key="K")
    assert not isinstance(caught.value, RefusedError)
    assert caught.value.code == "redirected"


def test_a_reference_that_is_too_large_is_not_sent(tmp_path, server, request_):
    from twopop.wire import Reference

    with (tmp_path / "mara.png").open("wb") as file:
        file.truncate(24_000_001)
    brief = request_.brief.model_copy(update={"references": (Reference(kind="still", path="mara.png", sha256="x"),)})
    with pytest.raises(BackendError, match="over 24 MB") as caught:
        backend_of(server, roots=[tmp_path]).submit(request_.model_copy(update={"brief": brief}), key="K")
    assert caught.value.code == "reference_too_large"
    assert server.charges == []


def test_a_still_that_is_no_picture_is_named_and_not_sent(tmp_path, server, request_):
    import hashlib

    from twopop.wire import Reference

    (tmp_path / "notes.png").write_bytes(b"no image")
    reference = Reference(kind="still", path="notes.png", sha256=hashlib.sha256(b"no image").hexdigest())
    brief = request_.brief.model_copy(update={"references": (reference,)})
    with pytest.raises(BackendError, match=r"notes\.png is no picture inside.*PNG, JPEG or WebP") as caught:
        backend_of(server, roots=[tmp_path]).submit(request_.model_copy(update={"brief": brief}), key="K")
    assert caught.value.code == "reference_not_media"
    assert server.charges == []


def test_a_changed_reference_is_not_sent(tmp_path, server, request_):
    still = tmp_path / "mara.png"
    picture = b"\x89PNG\r\n\x1a\nbefore"
    still.write_bytes(picture)
    import hashlib

    from twopop.wire import Reference

    reference = Reference(kind="still", path="mara.png", sha256=hashlib.sha256(picture).hexdigest())
    brief = request_.brief.model_copy(update={"references": (reference,)})
    request = request_.model_copy(update={"brief": brief})
    backend = backend_of(server, roots=[tmp_path])
    backend.submit(request, key="K1")
    still.write_bytes(b"after")
    with pytest.raises(BackendError, match="changed since the plan") as caught:
        backend.submit(request, key="K2")
    assert caught.value.code == "reference_missing"
    assert server.charges == ["K1"]
    assert str(tmp_path) not in server.forms[0]["extra_params"]
