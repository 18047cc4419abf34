"""A joint model as small as one can be: a grey movie with a tone, four stems. Its prompt makes it misbehave on purpose.

`SLOW n` takes n steps of 50 ms, `FAIL` raises, `CRASH` ends its process, `HANG` ignores cancel, `PRINT` prints.
Every take appends its submission key to the file named by TINY_CHARGES: the bill.
"""

import os
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from twopop.backends.base import TakeFiles
from twopop.errors import BackendError, CancelledError
from twopop.events import Decoding, Denoising, Writing
from twopop.media.wav import write_wav
from twopop.media.write import write_movie
from twopop.profiles import Profile
from twopop.timebase import FrameGrid
from twopop.wire import ROLES

PROFILE = Profile(
    name="tiny",
    model="tiny",
    weights="none",
    grid=FrameGrid(1, 0, 1, 2000),
    size_multiple=2,
    smallest=(16, 16),
    largest=(512, 512),
    frame_rates=(Fraction(24), Fraction(25), Fraction(24000, 1001)),
)


class TinyModel:
    profile = PROFILE

    def generate(self, request, out_dir: Path, emit, cancel) -> TakeFiles:
        if bill := os.environ.get("TINY_CHARGES"):
            with Path(bill).open("a") as file:
                file.write(request.submission_key + "\n")
        self._misbehave(request.brief.prompt, emit, cancel)
        emit(Decoding((), 0.5))
        n = np.arange(request.samples)
        tone = (2**20 * np.sin(2 * np.pi * (200 + request.seed % 400) * n / 48000)).astype(np.int32)
        sound = np.stack([tone, tone], axis=1)
        stems = {}
        if request.brief.sound:
            for role in (request.role,) if request.role else ROLES:
                stems[role] = out_dir / f"{role}.wav"
                write_wav(stems[role], [sound])
        movie = None
        if request.role is None:
            movie = out_dir / "picture.mov"
            frame = np.full((request.height, request.width, 3), request.seed % 256, np.uint8)
            write_movie(
                movie,
                (frame for _ in range(request.frames)),
                size=(request.width, request.height),
                frame_rate=request.frame_rate,
                sound=[sound] if request.brief.sound else None,
            )
        emit(Writing(()))
        return TakeFiles(movie, stems, events=(1,), facts={"prompt": request.brief.prompt})

    def _misbehave(self, prompt: str, emit, cancel) -> None:
        word, _, rest = prompt.partition(" ")
        if word == "FAIL":
            raise BackendError("The tiny model was asked to fail.", code=rest or "asked_to_fail")
        if word == "CRASH":
            os._exit(7)
        if word == "PRINT":
            print("a model that talks")  # noqa: T201
        if word == "HANG":
            time.sleep(3600)
        if word == "SLOW":
            for step in range(int(rest)):
                if cancel.is_set():
                    raise CancelledError
                time.sleep(0.05)
                emit(Denoising((), step + 1, int(rest)))


class BrokenModel:
    """A model that does not load."""

    def __init__(self) -> None:
        raise BackendError("broken needs 80 GB of memory on cpu, there are 4. Take a larger one.", code="too_big")
