"""Feeds mutated timelines to the guard, and what it accepts to every verb, in children that may not die.

Usage: fuzz_guard.py COUNT [SEED]. Prints one JSON object; a child that dies or any error outside our tree
is a failure, with the number that repeats it.
"""

import json
import os
import random
import sys
import tempfile
import traceback
from copy import deepcopy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import opentimelineio
import shapes

from twopop.errors import TwopopError
from twopop.guard import guard_document
from twopop.reading import make_cut
from twopop.settings import Settings
from twopop.timeline import serialized

BATCH = 50
SEEDS = [json.dumps(shapes.everything()), json.dumps(shapes.timeline(shapes.track(shapes.clip(), shapes.clip("b", 5))))]
VALUES = [None, True, -1, 0, 1, 0.5, -0.0, 2**31, 2**53, 2**63, -(2**63), 1e-300, 1e300, 24000 / 1001]
VALUES += ["", "x", "é\U0001f3ac", [], {}, [[]], [None], {"": None}, "media/../../x", "file:///dev/null"]
SCHEMAS = [f"{name}.{version}" for name in opentimelineio.core.type_version_map() for version in (1, 1, 2, 0, 3)]
SCHEMAS += ["RationalTime.1", "TimeRange.1", "Box2d.1", "Sequence.1", "Filler.1", "New.7", "SerializableObjectRef.1"]


def every_place(value, found):
    """(container, key) of every value below `value`."""
    for key in value if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], dict | list):
            every_place(value[key], found)
    return found


def mutate_structure(rng, document):
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        places = every_place(document, [])
        if not places:
            return document
        (container, key), (other, other_key) = rng.choice(places), rng.choice(places)
        action = rng.randrange(8)
        if action == 0:
            container[key] = deepcopy(rng.choice(VALUES))
        elif action == 1:
            del container[key]
        elif action == 2:
            container[key] = deepcopy(other[other_key])
        elif action == 3 and isinstance(container, dict):
            container[str(other_key)] = deepcopy(other[other_key])
        elif action == 4 and isinstance(container, list):
            container.insert(key, deepcopy(other[other_key]))
        elif action in (5, 6) and isinstance(container[key], dict) and "OTIO_SCHEMA" in container[key]:
            container[key]["OTIO_SCHEMA"] = rng.choice(SCHEMAS)
        elif isinstance(container[key], int | float) and not isinstance(container[key], bool):
            container[key] = container[key] * rng.choice((-1, 0, 2, 1e3, 1e9)) + rng.choice((0, 1, -1, 0.5))
    return document


def mutate_bytes(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, width = rng.randrange(len(data)), rng.choice((1, 1, 2, 8, 40))
        action = rng.randrange(5)
        if action == 0:
            data[at] ^= 1 << rng.randrange(8)
        elif action == 1:
            del data[at : at + width]
        elif action == 2:
            source = rng.randrange(len(data))
            data[at:at] = data[source : source + width]
        elif action == 3:
            data[at : at + 1] = rng.choice((b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"9", b"e9", b"\xff"))
        else:
            del data[at:]
        if not data:
            return b"{"
    return bytes(data)


def repeat_keys(rng, data):
    """Writes some member of some object twice."""
    text = data.decode()
    starts = [i for i, char in enumerate(text) if char == '"' and text[i - 1] in "{,"]
    at = rng.choice(starts)
    _, end = json.JSONDecoder().raw_decode(text, text.index(":", at) + 1)
    return (text[:at] + text[at:end] + "," + text[at:]).encode("utf-8", "surrogatepass")


def make(number, seed):
    rng = random.Random(f"{seed}/{number}")
    document = json.loads(rng.choice(SEEDS))
    kind = rng.randrange(10)
    if kind < 6:
        document = mutate_structure(rng, document)
    data = json.dumps(document, separators=(",", ":"), ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    if kind in (6, 7) or (kind == 5 and data):
        data = mutate_bytes(rng, data)
    if kind == 8:
        data = repeat_keys(rng, data)
    return data if kind != 9 else data[: rng.randrange(len(data))]


def made_up_take(plan, request):
    """A take as a store would give it, without its files."""
    from twopop.take import Ready, Slate, Take
    from twopop.wire import ROLES, FileRecord

    name = f"{request.name}_t001"
    names = {"picture": f"{name}.mov", **{role: f"{name}.{role}.wav" for role in ROLES}}
    files = {role: FileRecord(name=file, bytes=1, sha256="") for role, file in names.items()}
    slate = Slate(
        take=name,
        shot=request.name,
        number=1,
        request=request,
        backend="bars",
        frames=request.frames,
        samples=request.samples,
        files=files,
    )
    return Ready(Take(slate, plan.store / request.name))


def verbs():
    """What is done with a cut that was accepted; each either works or raises an error of ours."""
    from twopop.conform import conform_timeline
    from twopop.planning import plan_shots
    from twopop.take import TakeSet

    def plan_and_conform(cut, folder):
        plan = plan_shots(cut, store=folder / "takes")
        plan.model_dump_json()
        takes = {request.shots[0]: made_up_take(plan, request) for request in plan.requests()}
        done = conform_timeline(cut, plan, TakeSet(takes))
        guard_document(serialized(done.document), where="conformed")
        again = plan_shots(done, store=folder / "takes")
        conform_timeline(done, again, TakeSet())

    def measure(cut, folder):
        for item in cut.items:
            _ = item.ours, item.name, cut.timecode(item.record.start)
        _ = cut.duration_frames, cut.digest

    def objects(cut, folder):
        timeline = cut.to_otio()
        for clip in timeline.find_clips():
            try:
                clip.range_in_parent()
                clip.visible_range()
            except (opentimelineio.exceptions.OTIOError, NotImplementedError, ValueError):
                pass
        timeline.to_json_string()

    return measure, objects, plan_and_conform


def exercise(data, folder, steps):
    """ "refused", "accepted", or the traceback of an error that is not ours."""
    try:
        document = guard_document(data, where="fuzz")
        if not str(document["OTIO_SCHEMA"]).startswith("Timeline."):
            return "accepted"
        cut = make_cut(document, Settings(), "fuzz", [], path=folder / "fuzz.otio", roots=(folder,))
    except TwopopError:
        return "refused"
    except Exception:
        return traceback.format_exc()
    for step in steps:
        try:
            step(cut, folder)
        except (TwopopError, opentimelineio.exceptions.OTIOError):
            pass
        except Exception:
            return traceback.format_exc()
    return "accepted"


def run_batch(numbers, seed, folder, steps):
    """Runs in a child; returns {outcome: count}, failures, and its wait status (0 = it lived to the end)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        counts, failures = {"refused": 0, "accepted": 0}, []
        for number in numbers:
            outcome = exercise(make(number, seed), folder, steps)
            if outcome in counts:
                counts[outcome] += 1
            else:
                failures.append([number, outcome])
        os.write(writing, json.dumps([counts, failures[:3]]).encode()[:60000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    return (*(json.loads(answer) if answer else ({}, [])), status)


def main(count, seed="0"):
    total, failures = {"refused": 0, "accepted": 0, "died": 0}, []
    steps = verbs()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            counts, failed, died = run_batch(numbers, seed, Path(name), steps)
            failures += failed
            if died:
                total["died"] += 1
                guilty = [n for n in numbers if run_batch([n], seed, Path(name), steps)[2]]
                failures.append([guilty, f"died with wait status {died}"])
            for key, value in counts.items():
                total[key] += value
    sys.stdout.write(json.dumps({**total, "failures": failures[:5]}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:3])
