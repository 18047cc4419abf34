"""Writing media on bars against PyAV alone encoding the same frames, and memory against length.

    python benchmarks/media.py

Target: at most 1.5 times PyAV alone with the same codec in the same run (median of 5, alternating), and memory that
does not grow with the length of the shot.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from twopop.backends.bars import BarsModel, event_frames
from twopop.backends.bars_picture import BarsPicture
from twopop.request import GenerationRequest
from twopop.timebase import FrameRange
from twopop.wire import Brief

ENCODERS = {
    "dnxhr": ("dnxhd", "yuv422p", {"profile": "dnxhr_lb", "qmax": "256"}),
    "prores": ("prores", "yuv422p10le", {"profile": "2"}),
    "h264": ("libx264", "yuv420p", {"preset": "veryfast", "crf": "18", "bf": "0", "g": "24"}),
}


def request(size: tuple[int, int], frames: int) -> GenerationRequest:
    return GenerationRequest(
        name="kitchen_SH010", shots=("kitchen_SH010",), brief=Brief(prompt="wide of a busy restaurant kitchen"),
        match_key="ab" * 32, model="bars", weights="none", recipe="1", width=size[0], height=size[1],
        frame_rate=Fraction(24), generated=FrameRange(0, frames), used=FrameRange(12, frames - 24),
        timecode_offset_frames=86_400, seed=1,
    )  # fmt: skip


def drawn(asked: GenerationRequest) -> list[tuple[np.ndarray, ...]]:
    picture, flashes = BarsPicture(asked), set(event_frames(asked))
    planes = (picture.flash() if index in flashes else picture.frame(index) for index in range(asked.frames))
    return [tuple(plane.copy() for plane in frame) for frame in planes]


def pyav_alone(path: Path, asked: GenerationRequest, frames: list[tuple[np.ndarray, ...]], codec: str) -> None:
    """The shortest program that encodes these frames; picture only."""
    name, pixels, options = ENCODERS[codec]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(name, rate=asked.frame_rate, options=options)
        stream.width, stream.height, stream.pix_fmt = asked.width, asked.height, pixels
        for index, planes in enumerate(frames):
            frame = av.VideoFrame(asked.width, asked.height, "yuv422p")
            for target, plane in zip(frame.planes, planes, strict=True):
                np.frombuffer(target, np.uint8).reshape(-1, target.line_size)[:, : plane.shape[1]] = plane
            frame.pts, frame.time_base = index, 1 / asked.frame_rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """(wall, CPU of all threads): the second does not care who else uses the machine."""
    before = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - before[0], time.process_time() - before[1]


def ratio(size: tuple[int, int], codec: str, frames: int = 96, runs: int = 5) -> dict[str, object]:
    asked = request(size, frames)
    planes = drawn(asked)
    ours: list[tuple[float, float]] = []
    alone: list[tuple[float, float]] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            alone.append(seconds(lambda: pyav_alone(Path(folder) / "alone.mov", asked, planes, codec)))
            ours.append(
                seconds(lambda: BarsModel(codec).generate(asked, Path(folder), lambda _: None, threading.Event()))
            )
    (mine, my_cpu), (theirs, their_cpu) = (map(statistics.median, zip(*times, strict=True)) for times in (ours, alone))
    return {
        "size": f"{size[0]}x{size[1]}",
        "codec": codec,
        "twopop_fps": round(frames / mine, 1),
        "pyav_fps": round(frames / theirs, 1),
        "ratio": round(mine / theirs, 2),
        "cpu_ratio": round(my_cpu / their_cpu, 2),
    }


def peak_megabytes(frames: int) -> float:
    """Peak memory of a process that makes one take of `frames`."""
    done = subprocess.run(
        [sys.executable, __file__, str(frames)], capture_output=True, text=True, check=True, timeout=600
    )
    return float(done.stdout)


def child(frames: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        BarsModel().generate(request((640, 360), frames), Path(folder), lambda _: None, threading.Event())
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    # Memory first: a child begins with the peak of its parent.
    memory = {f"{frames}_frames_mb": round(peak_megabytes(frames), 1) for frames in (48, 480, 4_800)}
    rows = [ratio(size, codec) for size in ((640, 360), (1280, 720), (1920, 1080)) for codec in ENCODERS]
    print(json.dumps({"writing": rows, "memory": memory}, indent=1))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(int(sys.argv[1]))
    else:
        main()
