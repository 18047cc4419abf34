"""Cuts short and mutates media files and puts them through every reader, in children with bounded memory and time.

Usage: fuzz_media.py COUNT [SEED]. Prints one JSON object. A child that dies, hangs, or raises anything outside our
tree is a failure, and so is a file that is accepted with other counts than it was written with.
"""

import json
import os
import random
import resource
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from twopop.errors import TwopopError
from twopop.media.decode import decode_frames, decode_sound
from twopop.media.ingest import ingest_movie
from twopop.media.loudness import measure_loudness
from twopop.media.probe import check_counts, probe
from twopop.media.stamp import Stamp, stamp_movie, stamp_wav
from twopop.media.wav import read_wav, write_wav
from twopop.media.write import write_movie
from twopop.testing import sample_request

BATCH, MEMORY, SECONDS = 20, 4 << 30, 120
FRAMES, RATE, SIZE = 12, Fraction(25), (64, 48)
SAMPLES = FRAMES * 1920
STAMP = Stamp("a_t001", "a", 1, "ab" * 32, RATE, 90_000)
FOREIGN = {
    "cut.mkv": ("matroska", "libx264", {"bf": "2"}, "pcm_s16le"),
    "fragments.mp4": ("mp4", "libx264", {"bf": "0"}, "aac"),
    "old.avi": ("avi", "mpeg4", {}, "pcm_s16le"),
    "stream.ts": ("mpegts", "mpeg2video", {}, "mp2"),
}


def pictures():
    rng = np.random.default_rng(3)
    return [rng.integers(0, 255, (SIZE[1], SIZE[0], 3), dtype=np.uint8) for _ in range(FRAMES)]


def sound():
    wave = (np.sin(np.arange(SAMPLES) / 20) * 2_000_000).astype(np.int32)
    return np.repeat(wave[:, None], 2, axis=1)


def write_foreign(path, container, codec, options, audio):
    flags = {"movflags": "frag_keyframe+empty_moov"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", format=container, options=flags) as out:
        video = out.add_stream(codec, rate=25, options=options)
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        track = out.add_stream(audio, rate=48_000, layout="stereo")
        for picture in pictures():
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture)))
        for at in range(0, SAMPLES, 1152):
            block = np.ascontiguousarray((sound()[at : at + 1152] >> 8).astype(np.int16).reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="stereo")
            frame.sample_rate, frame.pts = 48_000, at
            out.mux(track.encode(frame))
        out.mux(video.encode(None))
        out.mux(track.encode(None))


def write_seeds(folder):
    """One small good file of every kind; {path: (frames, samples)} as they decode."""
    for codec, name in (("dnxhr", "small.mov"), ("prores", "prores.mov"), ("h264", "h264.mov"), ("h264", "aac.mp4")):
        write_movie(folder / name, pictures(), size=SIZE, frame_rate=RATE, sound=[sound()], codec=codec)
    write_wav(folder / "plain.wav", [sound()])
    stamp_wav(folder / "plain.wav", folder / "stem.wav", STAMP)
    stamp_movie(folder / "small.mov", folder / "stamped.mov", STAMP)
    for name, how in FOREIGN.items():
        write_foreign(folder / name, *how)
    write_still(folder / "still.png")
    seeds = {path: probe(path, exact=True) for path in sorted(folder.iterdir())}
    return {path: (facts.frames, facts.samples) for path, facts in seeds.items()}


def write_still(path):
    from PIL import Image

    Image.fromarray(pictures()[0]).save(path)


def harm(rng, data):
    """(bytes, True where the file was only cut short)."""
    if rng.random() < 0.45:
        return data[: rng.randrange(len(data))], True
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        # Headers are where the lies are: half of all changes go to the first or last kilobyte.
        near = min(1024, len(data))
        at = rng.choice((rng.randrange(near), len(data) - 1 - rng.randrange(near), rng.randrange(len(data))))
        action = rng.randrange(4)
        if action == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif action == 1:
            data[at : at + 4] = rng.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\1"))
        elif action == 2:
            del data[at : at + rng.choice((1, 4, 64))]
        else:
            source = rng.randrange(len(data))
            data[at:at] = data[source : source + rng.choice((1, 8, 200))]
    return bytes(data), False


def read_everything(path, folder):
    """Every reader of media; each either works or raises an error of ours."""
    asked = sample_request(frames=FRAMES)

    def ingest():
        made = folder / "ingested"
        made.mkdir(exist_ok=True)
        ingest_movie(path, asked, made)

    readers = [
        lambda: probe(path),
        lambda: sum(1 for _ in decode_frames(path)),
        lambda: sum(1 for _ in decode_frames(path, start=5, frames=3, pixel_format="yuv422p", size=(32, 24))),
        lambda: measure_loudness(decode_sound(path)),
        lambda: stamp_movie(path, folder / "stamped.mov", STAMP),
        ingest,
    ]
    if path.suffix == ".wav":
        readers += [lambda: read_wav(path), lambda: stamp_wav(path, folder / f"{path.stem}.out.wav", STAMP)]
    for reader in readers:
        with suppress(TwopopError):
            reader()


def exercise(number, seed, seeds, folder):
    """ "refused", "accepted", "accepted short", or what went wrong."""
    rng = random.Random(f"{seed}/{number}")
    source = rng.choice(sorted(seeds))
    data, truncated = harm(rng, source.read_bytes())
    path = folder / f"{number}{source.suffix}"
    path.write_bytes(data)
    try:
        read_everything(path, folder)
        frames, samples = seeds[source]
        facts = check_counts(path, frames=frames, samples=samples)
    except TwopopError:
        return "refused"
    except Exception:
        return f"{source.name}: {traceback.format_exc()}"
    finally:
        for made in folder.glob(f"{number}.*"):
            made.unlink()
    if (facts.frames, facts.samples) != (frames, samples):
        return f"{source.name}: accepted with {facts.frames} frames and {facts.samples} samples"
    return "accepted short" if truncated else "accepted"


def run_batch(numbers, seed, seeds, folder):
    """Runs in a child; ({outcome: count}, failures), with the child's end if it was no ordinary one."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(SECONDS)
        counts, failures = {}, []
        for number in numbers:
            outcome = exercise(number, seed, seeds, folder)
            if outcome not in ("refused", "accepted", "accepted short"):
                failures.append([number, outcome])
                outcome = "failed"
            counts[outcome] = counts.get(outcome, 0) + 1
        os.write(writing, json.dumps([counts, failures[:3]]).encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        return {"died": 1}, [[list(numbers), f"wait status {status}"]]
    return json.loads(said)


def main(count, seed):
    totals, failures = {"refused": 0, "accepted": 0, "accepted short": 0}, []
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as work:
        seeds = write_seeds(Path(made))
        for start in range(0, count, BATCH):
            counts, failed = run_batch(range(start, min(start + BATCH, count)), seed, seeds, Path(work))
            failures += failed
            for outcome, number in counts.items():
                totals[outcome] = totals.get(outcome, 0) + number
    sys.stdout.write(json.dumps({"cases": count, "seed": seed, **totals, "failures": failures[:5]}) + "\n")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "twopop"))
