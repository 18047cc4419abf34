"""The second render: trim a shot inside its handles, change another's prompt; only the second is generated again.

python examples/03_edit_and_render_again.py [OUT]
"""

import sys
from pathlib import Path

import opentimelineio as otio

import twopop

out = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
out.mkdir(parents=True, exist_ok=True)

shots = [
    {"name": "SH010", "length": 36, "prompt": "a hand on a door handle"},
    {"name": "SH020", "length": 36, "prompt": "the door opens, light falls in"},
]
cut = twopop.assemble(shots, name="door", frame_rate="24")
twopop.write_timeline(cut, out / "door_v01.otio")
first = twopop.render(out / "door_v01.otio", out=out, backend="bars", preview=False)

edit = otio.adapters.read_from_file(str(out / "door_v01.otio"))
opening, entrance = edit.find_clips()
head, old = otio.opentime.RationalTime(6, 24), opening.source_range
opening.source_range = otio.opentime.TimeRange(old.start_time + head, old.duration - head)
entrance.markers[0].name = "PROMPT: the door opens on a starry night"
otio.adapters.write_to_file(edit, str(out / "door_v02.otio"))
second = twopop.render(out / "door_v02.otio", out=out, backend="bars", preview=False)

for before, after in zip(first.shots, second.shots, strict=True):
    print(f"{after.name}: {before.take} -> {after.take} ({'re-used' if after.cached else 'generated'})")
