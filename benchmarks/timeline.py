"""Guarded read and atomic write of a cut against OpenTimelineIO reading and writing the same file, in the same run.

    python benchmarks/timeline.py [CLIPS ...]

CPU seconds, the best of five; every side runs once before, to load its code. Ours includes the guard, the frame rate
and start, fsync and the comparison of the bytes; OpenTimelineIO's writer does none of these.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import opentimelineio as otio

import twopop

Time, Range = otio.opentime.RationalTime, otio.opentime.TimeRange
ROUNDS = 5


def span(start, count):
    return Range(Time(start, 24), Time(count, 24))


def write_cut(path, clips):
    """Clips as an edit has them: media, handles, a marker, vendor metadata."""
    timeline = otio.schema.Timeline("bench", global_start_time=Time(86400, 24))
    track = otio.schema.Track("V1", kind="Video")
    for number in range(clips):
        media = otio.schema.ExternalReference(f"media/A{number:05d}.mov", span(0, 120))
        clip = otio.schema.Clip(f"SH{number:05d}", media, span(12, 48))
        clip.markers.append(otio.schema.Marker(f"PROMPT: shot {number}", span(20, 0)))
        clip.metadata["Vendor"] = {"Link Group ID": number, "Channels": [{"Source Channel ID": 0}]}
        track.append(clip)
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(path))


def best(job):
    """CPU seconds of the quickest of several runs, and what the last one returned."""
    result, spent = job(), []
    for _ in range(ROUNDS):
        start = time.process_time()
        result = job()
        spent.append(time.process_time() - start)
    return min(spent), result


def row(label, theirs, mine):
    print(f"{label:<24} {theirs * 1000:>12.1f} {mine * 1000:>10.1f} {mine / theirs:>7.2f}")


def main():
    sizes = [int(size) for size in sys.argv[1:]] or [100, 10_000]
    print(f"{'':<24} {'reference ms':>12} {'ours ms':>10} {'ratio':>7}")
    with TemporaryDirectory() as name:
        folder = Path(name)
        target = folder / "out.otio"
        for size in sizes:
            source = folder / f"{size}.otio"
            write_cut(source, size)
            read_theirs, timeline = best(lambda path=source: otio.adapters.read_from_file(str(path)))
            read_mine, cut = best(lambda path=source: twopop.read_timeline(path))
            write_theirs, _ = best(lambda what=timeline: otio.adapters.write_to_file(what, str(target)))
            write_mine, _ = best(lambda what=cut: twopop.write_timeline(what, target))
            label = f"{size} clips, {source.stat().st_size / 1e6:.1f} MB"
            row(f"{label}: read", read_theirs, read_mine)
            row("  write", write_theirs, write_mine)
            row("  both", read_theirs + write_theirs, read_mine + write_mine)


if __name__ == "__main__":
    main()
