"""Clients and schemas we did not write, against our server and our client (`make contract`; needs a package index).

Environments and wheels are kept under out/contract and pinned by version and hash.
"""

import hashlib
import json
import re
import subprocess
import sys
import types
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest
from engines import TOKEN, a_request, engine
from fault_server import FaultServer

from twopop.backends.base import Job
from twopop.backends.dialects import DIALECTS, create_form, dialect_of, foreign_profile
from twopop.backends.videos import VideosBackend
from twopop.timebase import FrameRange
from twopop.wire import Brief

pytestmark = pytest.mark.contract

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / "out" / "contract"
CLIENTS = ("2.54.0", "3.54.0")
WHEELS = {
    "sglang": (
        "sglang==0.5.23",
        "00b3cd5b265ac76c64185fbb6b95424f324ddd9f428d0306b77bc9db9d859937",
        "sglang/multimodal_gen/runtime/entrypoints/openai/protocol.py",
    ),
    "vllm-omni": (
        "vllm-omni==0.30.0",
        "141cb0c7b9c07970e5c92a99aab9696e81682dbfa3d2bfcde359c3c1533385f4",
        "vllm_omni/entrypoints/openai/protocol/videos.py",
    ),
}


OPTIONS = {
    "sglang": "sglang/multimodal_gen/runtime/server_args/server_args.py",
    "vllm-omni": "vllm_omni/entrypoints/cli/serve.py",
}
"""Where each declares its command line."""


def pip(python, *arguments):
    subprocess.run([python, "-m", "pip", "-q", "--disable-pip-version-check", *arguments], check=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with engine(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(params=CLIENTS)
def client_python(request):
    """The interpreter of an environment that holds one generation of the official client."""
    home = CACHE / f"openai-{request.param}"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        pip(python, "install", f"openai=={request.param}")
    return python


def driven(python, *arguments):
    ran = subprocess.run([python, HERE / "drive_openai.py", *arguments], capture_output=True, text=True, timeout=180)
    assert ran.returncode == 0, ran.stderr


def test_both_generations_of_the_official_client_drive_our_server(client_python, served):
    driven(client_python, served.url + "/v1", TOKEN)


def test_a_retry_after_a_5xx_makes_no_second_job(client_python, served):
    with OnceBroken(served.port) as proxy:
        driven(client_python, f"{proxy.url}/v1", TOKEN, "retry")
        assert proxy.posts == 2
    jobs = json.loads(_get(served, "/v1/videos?limit=100"))["data"]
    assert len([job for job in jobs if job["prompt"] == "once only"]) <= len(CLIENTS)


def _get(served, path):
    import httpx

    return httpx.get(served.url + path, headers={"authorization": f"Bearer {TOKEN}"}).text


class OnceBroken(FaultServer):
    """Passes everything on to a real server; the first create is carried out and answered with 500."""

    def __init__(self, port):
        self._port, self.posts = port, 0
        super().__init__()

    def _serve(self, wire):
        import http.client

        with wire:
            stream = wire.makefile("rb")
            method, target, _ = stream.readline().decode().split(" ")
            headers = {}
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            body = stream.read(int(headers.get("content-length", 0)))
            headers["host"] = f"127.0.0.1:{self._port}"
            onward = http.client.HTTPConnection("127.0.0.1", self._port)
            onward.request(method, target, body, headers)
            answer = onward.getresponse()
            data, status = answer.read(), answer.status
            if method == "POST":
                self.posts += 1
                if self.posts == 1:
                    data, status = b"{}", 500
            self._send(wire, status, data, kind=answer.headers["content-type"])


# --- the engines' own modules ---


@pytest.fixture(scope="module", params=WHEELS)
def protocol(request):
    """(dialect name, the engine's protocol module), out of its wheel."""
    source = zipfile.ZipFile(wheel_of(request.param)).read(WHEELS[request.param][2]).decode()
    return request.param, _loaded(source, request.param)


def wheel_of(name):
    """The engine's package, fetched once."""
    requirement, sha256, _ = WHEELS[name]
    folder = CACHE / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    stem = requirement.replace("==", "-").replace("vllm-omni", "vllm_omni")
    if not list(folder.glob(f"{stem}-*.whl")):
        exact = ["--no-deps", "--python-version", "3.11", "--only-binary", ":all:"]
        pip(sys.executable, "download", *exact, "-d", folder, requirement)
    (wheel,) = folder.glob(f"{stem}-*.whl")
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == sha256
    return wheel


def _loaded(source, name):
    """The module, with the two names it takes from the rest of its engine in place."""
    utils, data = types.ModuleType("utils"), types.ModuleType("data")
    utils.parse_size = lambda text: tuple(map(int, text.split("x")))
    data.DIFFUSION_QUALITY_LEVELS = ("lossless", "high")
    modules = {"vllm_omni.entrypoints.openai.image_api_utils": utils, "vllm_omni.inputs.data": data}
    parents = {".".join(part.split(".")[:n]) for part in modules for n in range(1, len(part.split(".")))}
    before = dict(sys.modules)
    module = types.ModuleType(f"contract_{re.sub('[^a-z]', '_', name)}")
    sys.modules.update({parent: types.ModuleType(parent) for parent in parents} | modules | {module.__name__: module})
    try:
        exec(compile(source, module.__name__, "exec"), module.__dict__)
    finally:
        for extra in set(sys.modules) - set(before) - {module.__name__}:
            del sys.modules[extra]
    return module


def request_type(module):
    return getattr(module, "VideoGenerationRequest", None) or module.VideoGenerationsRequest


@pytest.mark.parametrize("model", ["Lightricks/LTX-2.3", "MiniMax-H3", "unknown"])
@pytest.mark.parametrize("rate", [Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(30)])
def test_an_engine_takes_what_we_send(protocol, model, rate):
    name, module = protocol
    dialect = DIALECTS[name]
    profile = foreign_profile(dialect, model)
    frames = profile.legal_frames(97)
    size = profile.fit_size(1280, 720)
    brief = Brief(prompt="a kitchen", negative="text")
    request = a_request(
        profile=profile, brief=brief, frame_rate=rate, size=size, generated=FrameRange(0, frames), model=model
    )
    form = create_form(dialect, request, profile)
    fields = request_type(module).model_fields
    assert set(form) <= set(fields), "a field the engine does not know"
    read = request_type(module).model_validate(form)
    assert read.num_frames >= 97 or profile.generates_at(rate) != rate
    assert (read.size, read.seed) == (f"{size[0]}x{size[1]}", request.seed)
    assert float(read.fps) == float(profile.generates_at(rate))


@pytest.mark.parametrize(
    ("status", "becomes"),
    [("queued", "queued"), ("in_progress", "running"), ("completed", "done"), ("failed", "failed")],
)
def test_we_read_what_an_engine_answers(protocol, status, becomes):
    name, module = protocol
    error = {"code": 500, "message": "out of memory"} if status == "failed" else None
    answer = module.VideoResponse(id="v", model="m", prompt="p", status=status, error=error, progress=40)
    with FaultServer(ours=False) as server:
        server._model = lambda: {"id": "ltx-2.3", "owned_by": "sglang" if name == "sglang" else "vllm"}
        server.jobs["v"] = json.loads(answer.model_dump_json())
        backend = VideosBackend(server.url)
        assert backend.dialect.name == name
        state = backend.poll(Job("v", server.url))
    assert state.status == becomes
    if error:
        assert "out of memory" in state.message


def test_an_engine_has_the_options_that_our_page_shows(protocol):
    """docs/engines.md: every flag of a command stands in the package that is to understand it."""
    name, _ = protocol
    begins = {"sglang": "sglang serve ", "vllm-omni": "vllm serve "}[name]
    page = (HERE.parents[1] / "docs" / "engines.md").read_text("utf-8")
    flags = {flag for line in page.splitlines() if line.startswith(begins) for flag in re.findall(r"--[a-z-]+", line)}
    assert "--num-gpus" in flags
    text = zipfile.ZipFile(wheel_of(name)).read(OPTIONS[name]).decode()
    inherited = {"--host", "--port", "--api-key"} if name == "vllm-omni" else set()  # vLLM's own, from its parser
    assert {flag for flag in flags - inherited if f'"{flag}"' not in text} == set()


def test_a_dialect_is_recognised_by_what_its_engine_says():
    assert dialect_of({"owned_by": "sglang"}).whole_fps
    assert dialect_of({"owned_by": "vllm"}).sound_field == "generate_sound"
