"""The whole render of sketch: speed against real time and against encoding alone, memory against length, same bytes.

    python benchmarks/sketch.py [SECONDS]

Targets on two cores, 1080p24 with all stems: at most 0.6 of real time (aim 0.4), at most 2.2 times encoding the same
frames alone (aim 1.6), at most 1.5 GB, and a peak that does not grow with the length. CPU seconds are shown beside
wall-clock ones, since a machine that does other things doubles the latter.
"""

import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path

import av

from twopop.events import Denoising
from twopop.media.write import write_movie
from twopop.request import GenerationRequest
from twopop.timebase import FrameRange
from twopop.wire import Brief, Cue, Line
from twopop_engine.models.sketch.model import SketchModel

SIZE = (1920, 1080)
TALK = ("We close in ten minutes.", "Then plate the last two.", "Where is the pan?", "Right behind you, as always.")


def request(seconds: int) -> GenerationRequest:
    frames = seconds * 24
    lines = tuple(
        Line(speaker=("MARA", "TOMAS")[k % 2], text=TALK[k % len(TALK)], at_frames=60 * k)
        for k in range(max(1, frames // 60))
    )
    cues = (
        Cue(role="effects", text="pan hits the stove", at_frames=40),
        Cue(role="ambience", text="kitchen, extractor fan", at_frames=0),
        Cue(role="music", text="brushed drums and upright bass, 92 bpm", at_frames=0),
    )
    return GenerationRequest(
        name="SH010", shots=("SH010",), brief=Brief(prompt="two-shot, kitchen at night", lines=lines, cues=cues),
        match_key="ab" * 32, model="sketch", weights="-", recipe="1", width=SIZE[0], height=SIZE[1],
        frame_rate=Fraction(24), generated=FrameRange(0, frames), used=FrameRange(0, frames),
        timecode_offset_frames=86_400, seed=1,
    )  # fmt: skip


def render(seconds: int) -> dict[str, float | str]:
    """One take in this process: wall and CPU seconds, peak memory, and a hash over its files."""
    asked, model = request(seconds), SketchModel()
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm"
        warm.mkdir()
        model.generate(request(2), warm, lambda event: None, threading.Event())
        out = Path(folder) / "take"
        out.mkdir()
        sampled: list[float] = []
        wall, cpu = time.perf_counter(), time.process_time()
        model.generate(
            asked, out, lambda e: sampled.append(time.perf_counter()) if isinstance(e, Denoising) else None,
            threading.Event(),
        )  # fmt: skip
        wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
        alone = encode_alone(out / "take.mov", Path(folder) / "alone.mov", asked)
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(out.iterdir())))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": seconds, "wall_s": wall_s, "cpu_s": cpu_s, "sampled_after_s": sampled[-1] - wall,
        "alone_wall_s": alone[0], "alone_cpu_s": alone[1], "peak_mb": peak, "sha256": digest.hexdigest()[:16],
    }  # fmt: skip


def encode_alone(movie: Path, target: Path, asked: GenerationRequest) -> tuple[float, float]:
    """Wall and CPU seconds of encoding two seconds of the same frames and nothing else, scaled to the take."""
    with av.open(str(movie)) as container:
        frames = [
            frame.to_ndarray(format="rgb24") for frame, _ in zip(container.decode(video=0), range(48), strict=False)
        ]
    wall, cpu = time.perf_counter(), time.process_time()
    write_movie(target, iter(frames), size=SIZE, frame_rate=asked.frame_rate)
    share = asked.frames / len(frames)
    return (time.perf_counter() - wall) * share, (time.process_time() - cpu) * share


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    runs = []
    for length in (seconds, seconds, 3 * seconds):
        # A process each: peak memory is the process's.
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(length)], capture_output=True, text=True, check=True
        )
        runs.append(json.loads(done.stdout))
        run = runs[-1]
        wall, cpu = run["wall_s"] / length, run["cpu_s"] / length / 2
        print(
            f"{length} s of 1080p24: {wall:.2f}x real time by the clock, {cpu:.2f}x by the CPU on two cores, "
            f"{run['cpu_s'] / run['alone_cpu_s']:.2f} times encoding alone, "
            f"sampled after {run['sampled_after_s']:.1f} of {run['wall_s']:.1f} s, peak {run['peak_mb']:.0f} MB"
        )
    print(f"same bytes twice: {runs[0]['sha256'] == runs[1]['sha256']}")
    print(f"memory of 3x the length: {runs[2]['peak_mb'] / runs[0]['peak_mb']:.2f} times")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(render(int(sys.argv[2]))))
    else:
        main()
