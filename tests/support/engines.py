"""Real engine servers for tests: our own process over the tiny model, on loopback."""

import contextlib
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from twopop.request import GenerationRequest, match_key, seed_of
from twopop.timebase import FrameRange
from twopop.wire import Brief

TOKEN = "test-token-0123456789abcdef0123456789abcdef"
SUPPORT = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
"""What finds the models of this folder, and the twopop that is tested."""


def a_request(prompt="a kitchen", *, profile=None, frames=5, size=(64, 64), seed=None, role=None, **changes):
    """A legal request of the tiny model (or of `profile`)."""
    from tiny_model import PROFILE

    profile = profile or PROFILE
    brief = Brief(prompt=prompt, seed=seed)
    key = match_key(
        kind="bed" if role else "shot",
        role=role,
        brief=brief.model_dump(mode="json"),
        model=profile.model,
        weights=profile.weights,
        recipe=profile.recipe,
        size=size,
        frame_rate=Fraction(24),
    )
    values = {
        "kind": "bed" if role else "shot",
        "name": "SH010",
        "shots": ("SH010",),
        "role": role,
        "brief": brief,
        "match_key": key,
        "model": profile.model,
        "weights": profile.weights,
        "recipe": profile.recipe,
        "width": size[0],
        "height": size[1],
        "frame_rate": Fraction(24),
        "generated": FrameRange(-1, frames),
        "used": FrameRange(0, max(1, frames - 2)),
        "timecode_offset_frames": 86400,
        "seed": seed_of(key, brief),
        **changes,
    }
    return GenerationRequest(**values)


class Engine:
    """One `serve` process; `stop()` and `kill()` end it, `start()` brings it back on the same state and port."""

    def __init__(self, folder: Path, *options: str, model: str = "tiny_model:TinyModel", token: str = TOKEN) -> None:
        self.folder, self.options, self.model, self.token = folder, list(options), model, token
        self.charges = folder / "charges.txt"
        self.log = folder / "server.log"
        self.url, self.process, self.port = "", None, 0
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> "Engine":
        environment = {
            **os.environ,
            "TWOPOP_TOKEN": self.token,
            "PYTHONPATH": SUPPORT,
            "TINY_CHARGES": str(self.charges),
        }
        command = [sys.executable, "-m", "twopop_engine.serve", "--model", self.model, "--port", str(self.port)]
        command += ["--state", str(self.folder / "state"), *self.options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log)
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.url = json.loads(line)["url"]
        self.port = int(self.url.rpartition(":")[2])
        return self

    def billed(self) -> list[str]:
        """Submission keys of every take that was begun, in order."""
        return self.charges.read_text().split() if self.charges.exists() else []

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
                raise


@contextlib.contextmanager
def engine(folder: Path, *options: str, **more):
    """A running `Engine`, stopped at the end."""
    running = Engine(folder, *options, **more)
    try:
        yield running.start()
    finally:
        running.stop()
