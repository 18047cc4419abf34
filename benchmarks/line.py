"""The straight line on 10,000 holes against OpenTimelineIO doing the same by hand, in the same run.

    python benchmarks/line.py [HOLES]

Reference: OpenTimelineIO reads the file, gives every clip its take and adds four stem clips a hole through its API, and
writes. Ours: guarded read, plan, conform (takes in memory), atomic write. CPU seconds, and peak memory in children.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import opentimelineio as otio

ROLES = ("dialogue", "effects", "ambience", "music")
Time, Range = otio.opentime.RationalTime, otio.opentime.TimeRange


def span(start, count):
    return Range(Time(start, 24), Time(count, 24))


def write_holes(path, count):
    timeline = otio.schema.Timeline("bench", global_start_time=Time(86400, 24))
    track = otio.schema.Track("V1", kind="Video")
    for number in range(count):
        clip = otio.schema.Clip(f"SH{number:05d}", source_range=span(0, 48))
        clip.markers.append(otio.schema.Marker(f"PROMPT: shot {number}", span(5, 0)))
        track.append(clip)
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(path))


def reference(source, target):
    """OpenTimelineIO alone: the same clips with the same references and metadata."""
    timeline = otio.adapters.read_from_file(str(source))
    lanes = [otio.schema.Track(name, kind="Audio") for name in ("DX", "FX", "BG", "MX")]
    for index, clip in enumerate(timeline.tracks[0]):
        shown, available = span(86400 + index * 48, 48), span(86400 + index * 48 - 12, 72)
        base, key = f"takes/bench_{clip.name}/bench_{clip.name}_t001", "twopop:t001"

        def media(suffix, role, base=base, available=available):
            return otio.schema.ExternalReference(base + suffix, available, {"twopop": {"take": base, "role": role}})

        clip.set_media_references({"DEFAULT_MEDIA": otio.schema.MissingReference(), key: media(".mov", "picture")}, key)
        clip.source_range = shown
        ours = {"id": f"{index:012d}", "match_key": "0" * 64, "take": base, "offset_frames": 86400 + index * 48}
        clip.metadata["twopop"] = {**ours, "name": clip.name, "role": "shot", "stems": list(ROLES)}
        for lane, role in zip(lanes, ROLES, strict=True):
            stem = otio.schema.Clip(clip.name, source_range=shown, metadata={"twopop": {**ours, "role": role}})
            stem.set_media_references({key: media(f".{role}.wav", role)}, key)
            lane.append(stem)
    timeline.tracks.extend(lanes)
    otio.adapters.write_to_file(timeline, str(target))


def ours(source, target):
    """The straight line with takes that exist in memory."""
    import twopop
    from twopop.take import Ready, Slate, Take
    from twopop.wire import FileRecord

    cut = twopop.read_timeline(source)
    plan = twopop.plan_shots(cut, store=target.parent / "takes")
    outcomes = {}
    made = time.process_time()
    for request in plan.requests():
        take = f"{request.name}_t001"
        names = {"picture": f"{take}.mov", **{role: f"{take}.{role}.wav" for role in ROLES}}
        files = {role: FileRecord(name=name, bytes=1, sha256="") for role, name in names.items()}
        slate = Slate(
            take=take, shot=request.name, number=1, request=request, backend="bars",
            frames=request.frames, samples=request.samples, files=files,
        )  # fmt: skip
        outcomes[request.shots[0]] = Ready(Take(slate, plan.store / request.name))
    made = time.process_time() - made
    done = twopop.conform_timeline(cut, plan, twopop.TakeSet(outcomes))
    twopop.write_timeline(done, target)
    return made


def child(what, source, target):
    """Runs one side once to load its code, then measures it: CPU seconds less staging, and peak memory in MB."""
    warm = Path(target).with_name("warm.otio")
    write_holes(warm, 2)
    (reference if what == "reference" else ours)(warm, Path(target))
    start = time.process_time()
    staging = (reference if what == "reference" else ours)(Path(source), Path(target)) or 0.0
    spent = time.process_time() - start - staging
    print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def measured(what, source, target):
    command = [sys.executable, __file__, what, str(source), str(target)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main():
    sizes = [int(sys.argv[1])] if len(sys.argv) > 1 else [100, 1000, 10_000]
    print(
        f"{'holes':>7} {'reference s':>12} {'ours s':>8} {'ratio':>6} {'reference MB':>13} {'ours MB':>8} {'ratio':>6}"
    )
    with TemporaryDirectory() as folder:
        for size in sizes:
            source = Path(folder) / f"{size}.otio"
            write_holes(source, size)
            theirs = [measured("reference", source, Path(folder) / "reference.otio") for _ in range(3)]
            mine = [measured("ours", source, Path(folder) / "ours.otio") for _ in range(3)]
            (rs, rm), (ms, mm) = min(theirs), min(mine)
            print(f"{size:>7} {rs:>12.2f} {ms:>8.2f} {ms / rs:>6.2f} {rm:>13.0f} {mm:>8.0f} {mm / rm:>6.2f}")


if __name__ == "__main__":
    if len(sys.argv) == 4:
        child(*sys.argv[1:])
    else:
        main()
