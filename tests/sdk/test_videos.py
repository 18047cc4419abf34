"""The client of the family against our own server over a real socket; what each dialect is sent; and the canary."""

import hashlib
import logging
import shutil
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest
from engines import TOKEN, a_request, engine
from fault_server import FaultServer
from making import make_take
from tiny_model import PROFILE, TinyModel

from twopop.backends.base import Backend
from twopop.backends.dialects import DIALECTS, asked_length, create_form, dialect_of, foreign_profile, prompt_text
from twopop.backends.inprocess import InProcessBackend
from twopop.backends.pool import PoolBackend
from twopop.backends.videos import VideosBackend
from twopop.errors import BackendError, TwopopError, UsageError
from twopop.http import Connection, Patience, is_private
from twopop.take import Ready
from twopop.timebase import FrameRange
from twopop.wire import Brief, Cue, Line, Voice
from twopop.wire_videos import extra_params_schema

pytestmark = pytest.mark.usefixtures("state")

DRIVER = Path(__file__).parents[1] / "contract" / "drive_openai.py"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with engine(tmp_path_factory.mktemp("served")) as running:
        yield running


def made(backend, request, folder):
    job = backend.submit(request, key=request.submission_key)
    seen = []
    while (state := backend.poll(job)).status in ("queued", "running"):
        seen += state.events
        time.sleep(state.poll_after_s)
    assert state.status == "done", state
    folder.mkdir()
    return backend.fetch(job, request, folder), seen


def digests(files):
    named = {"movie": files.movie, **files.stems}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in named.items() if path}


# --- our own server ---


def test_another_server_gives_the_identical_take(tmp_path, served):
    backend = VideosBackend(served.url, token=TOKEN)
    assert isinstance(backend, Backend)
    assert backend.profile == PROFILE
    for number, request in enumerate([a_request("a kitchen", frames=9), a_request("rain", role="ambience", frames=24)]):
        wired, _ = made(backend, request, tmp_path / f"wired{number}")
        direct, _ = made(InProcessBackend(TinyModel()), request, tmp_path / f"direct{number}")
        assert digests(wired) == digests(direct)
        assert (wired.events, wired.facts) == (direct.events, direct.facts)


def test_steps_are_told_as_they_happen_and_cancel_is_heard(served, tmp_path):
    backend = VideosBackend(served.url, token=TOKEN)
    _, seen = made(backend, a_request("SLOW 40"), tmp_path / "slow")
    steps = [event.step for event in seen if type(event).__name__ == "Denoising"]
    assert len(steps) >= 2
    assert steps == sorted(steps)
    job = backend.submit(a_request("SLOW 400"), key="stop me")
    while backend.poll(job).status == "queued":
        time.sleep(0.02)
    backend.cancel(job)
    begun = time.monotonic()
    while (state := backend.poll(job)).status == "running":
        time.sleep(0.02)
    assert (state.status, state.code) == ("cancelled", "cancelled")
    assert time.monotonic() - begun < 3
    backend.cancel(job)


def test_the_official_client_drives_our_server(served):
    ran = subprocess.run(
        [sys.executable, str(DRIVER), served.url + "/v1", TOKEN], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr


def test_the_brief_has_a_published_schema():
    schema = extra_params_schema()
    assert schema["properties"]["schema"]["const"] == "twopop.extra_params.v1"
    assert {"Brief", "GenerationRequest", "Line", "Cue", "Voice", "Reference"} <= set(schema["$defs"])


# --- T16: the token is nowhere ---


def test_a_token_is_in_no_log_exception_ledger_or_file(tmp_path, caplog, monkeypatch):
    canary = "canary-8f3a-" + "c" * 40
    monkeypatch.setenv("TWOPOP_TOKEN", canary)
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    with engine(tmp_path / "engine", token=canary) as running:
        backend = VideosBackend(running.url, token=canary)
        assert isinstance(make_take(tmp_path / "takes", backend, a_request("canary")), Ready)
        pool = PoolBackend([backend])
        assert isinstance(make_take(tmp_path / "takes", pool, a_request("canary pool")), Ready)
        for call in (
            lambda: VideosBackend(running.url, token=canary + "x").profile,
            lambda: backend.submit(a_request("x", frames=3000), key="K"),
            lambda: backend.submit(a_request("x", weights="w"), key="K"),
            lambda: VideosBackend(f"{running.url}#{canary}", token=canary).profile,
            lambda: Connection(f"http://user:{canary}@127.0.0.1:1"),
            lambda: Connection(f"http://127.0.0.1:1/?key={canary}"),
        ):
            with pytest.raises(TwopopError) as caught:
                call()
            said += [str(caught.value), repr(caught.value)]
    backend._connection.patience = Patience(attempts=1)
    with pytest.raises(BackendError) as caught:
        backend.submit(a_request("gone"), key="K")
    said.append(repr(caught.value) + repr(caught.value.__cause__))
    said += [record.getMessage() + repr(record.args) for record in caplog.records]
    assert not [text for text in said if canary in text]
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert canary.encode() not in path.read_bytes(), path


# --- certificates, proxies, private places ---


def test_a_certificate_nobody_signed_is_refused_before_the_token_is_sent(tmp_path):
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    made_one = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        capture_output=True,
    )  # fmt: skip
    if made_one.returncode:
        pytest.skip("needs openssl")
    with engine(tmp_path / "engine", "--tls-cert", str(cert), "--tls-key", str(key)) as running:
        url = f"https://localhost:{running.port}"
        with pytest.raises(BackendError, match="not accepted") as caught:
            VideosBackend(url, token=TOKEN).submit(a_request(), key="K")
        assert caught.value.code == "certificate"
        assert "TWOPOP_CA_FILE" in str(caught.value)
        assert VideosBackend(url, token=TOKEN, ca_file=str(cert)).profile == PROFILE


@pytest.mark.parametrize(("begin", "end"), [("2020", "2021"), ("2048", "2049")])
def test_a_certificate_of_another_time_names_the_clock(tmp_path, begin, end):
    """Expired, or not valid yet: as often the clock of this machine as the certificate."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    key, cert = a_certificate(tmp_path, "-startdate", f"{begin}0101000000Z", "-enddate", f"{end}0101000000Z")
    with engine(tmp_path / "engine", "--tls-cert", str(cert), "--tls-key", str(key)) as running:
        backend = VideosBackend(f"https://localhost:{running.port}", token=TOKEN, ca_file=str(cert))
        with pytest.raises(BackendError, match="clock of this machine is wrong") as caught:
            backend.submit(a_request(), key="K")
        assert caught.value.code == "certificate"


def a_certificate(folder, *dates):
    """Signed by itself, valid in the given span."""
    (folder / "ca").mkdir()
    (folder / "index.txt").touch()
    (folder / "serial").write_text("01")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=ca\ndefault_md=sha256\npolicy=p\n"
        "x509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=DNS:localhost\nbasicConstraints=CA:TRUE\n"
        "[req]\ndistinguished_name=d\n[d]\n"
    )
    ask = ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-config", "ca.cnf", "-subj", "/CN=localhost"]
    subprocess.run([*ask, "-keyout", "key.pem", "-out", "req.pem"], cwd=folder, check=True, capture_output=True)
    sign = ["openssl", "ca", "-selfsign", "-batch", "-notext", "-config", "ca.cnf", "-keyfile", "key.pem"]
    sign += ["-in", "req.pem", "-out", "cert.pem", *dates]
    subprocess.run(sign, cwd=folder, check=True, capture_output=True)
    return folder / "key.pem", folder / "cert.pem"


def test_a_server_on_this_machine_is_not_asked_through_a_proxy(served, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert VideosBackend(served.url, token=TOKEN).profile == PROFILE


def test_a_redirect_into_a_private_network_is_not_followed():
    connection = Connection("https://example.com")
    assert is_private("127.0.0.1")
    assert is_private("10.1.2.3")
    with pytest.raises(BackendError, match="private network"):
        connection._hop("https://example.com/a", "https://169.254.169.254/latest")
    with pytest.raises(BackendError, match="https to http"):
        connection._hop("https://example.com/a", "http://example.com/b")


@pytest.mark.parametrize("url", ["", "gpubox:8000", "ftp://gpubox", "http://", "file:///etc/passwd"])
def test_an_address_is_an_address(url):
    with pytest.raises(UsageError, match="http://HOST:PORT"):
        VideosBackend(url)


def test_a_port_that_answers_something_else_says_so():
    with FaultServer() as server:
        server._model = lambda: "<html>"
        server._json = lambda wire, status, document, more="": wire.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
        )
        with pytest.raises(BackendError, match="text/html, not JSON") as caught:
            _ = VideosBackend(server.url).profile
    assert caught.value.code == "not_our_protocol"


# --- dialects ---

BRIEF = Brief(
    prompt="a busy kitchen",
    camera="slow push in",
    negative="text",
    lines=(Line(speaker="MARA", text="We close in ten minutes.", manner="tired", at_frames=10),),
    cues=(
        Cue(role="effects", text="pan hits the stove", at_frames=20),
        Cue(role="music", text="brushed drums", at_frames=0),
    ),
    voices=(Voice(speaker="MARA", description="warm alto"),),
    seed=7,
)
TEXT = (
    'a busy kitchen. Camera: slow push in. MARA (warm alto) says, tired: "We close in ten minutes." '
    "SFX: pan hits the stove. Music: brushed drums."
)
SENT = {
    "ours": {"num_frames": "97", "fps": "24", "seed": "7", "negative_prompt": "text", "generate_audio": "true"},
    "sglang": {"num_frames": "97", "fps": "24", "seed": "7", "negative_prompt": "text"},
    "strict-openai": {"seconds": "5"},
    "vllm-omni": {"num_frames": "97", "fps": "24", "seed": "7", "negative_prompt": "text", "generate_sound": "true"},
}


def a_brief_request(frames=97, rate=Fraction(24)):
    return a_request(
        brief=BRIEF, model="ltx-2.3", generated=FrameRange(0, frames), size=(1280, 704), seed=7, frame_rate=rate
    )


@pytest.mark.parametrize("name", DIALECTS)
def test_what_each_dialect_is_sent(name):
    """A snapshot; `make contract` holds the same forms against the engines' own modules."""
    profile = foreign_profile(DIALECTS[name], "ltx-2.3")
    form = create_form(DIALECTS[name], a_brief_request(), profile)
    assert form == {"prompt": TEXT, "model": "ltx-2.3", "size": "1280x704", **SENT[name]}


def test_a_brief_reads_as_hosted_models_are_taught():
    assert prompt_text(BRIEF) == TEXT
    voice_over = Brief(lines=(Line(speaker="BEN", text="Years ago?", lips=False, at_frames=0),), sound=True)
    assert prompt_text(voice_over) == 'BEN says off screen: "Years ago?"'


@pytest.mark.parametrize(
    ("model", "rate", "frames", "asked"),
    [
        ("Lightricks/LTX-2.3", Fraction(24), 90, (97, 24)),
        ("Lightricks/LTX-2.3", Fraction(24000, 1001), 97, (97, 24)),
        ("Lightricks/LTX-2.3", Fraction(25), 97, (97, 25)),
        ("Lightricks/LTX-2.3", Fraction(12), 48, (97, 24)),
        ("MiniMax-H3", Fraction(24), 97, (124, 24)),
        ("MiniMax-H3", Fraction(25), 124, (124, 24)),
        ("MiniMax-H3", Fraction(30), 150, (124, 24)),
        ("something-new", Fraction(30), 30, (24, 24)),
    ],
)
def test_the_length_asked_is_legal_and_enough(model, rate, frames, asked):
    profile = foreign_profile(DIALECTS["vllm-omni"], model)
    found = asked_length(a_brief_request(frames, rate), profile)
    assert (found.frames, found.frame_rate) == asked


@pytest.mark.parametrize(
    ("owner", "dialect"),
    [
        ("twopop", "ours"),
        ("vllm", "vllm-omni"),
        ("sglang", "sglang"),
        ("openai", "strict-openai"),
        ("", "strict-openai"),
    ],
)
def test_a_server_is_known_by_its_model_list(owner, dialect):
    assert dialect_of({"id": "m", "owned_by": owner}).name == dialect


def test_an_unnamed_service_is_taken_to_cost_money():
    assert foreign_profile(DIALECTS["strict-openai"], "m").price_per_second > 0
    assert foreign_profile(DIALECTS["strict-openai"], "m").replay is False
