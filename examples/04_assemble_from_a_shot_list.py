"""Edit assembly by script: a shot list becomes a cut with holes, ready for an editor or for a render.

python examples/04_assemble_from_a_shot_list.py [OUT]
"""

import csv
import sys
from pathlib import Path

import twopop

out = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
out.mkdir(parents=True, exist_ok=True)

rows = [
    ("name", "length", "prompt", "dialogue", "fx"),
    ("SH010", "60", "wide of a lighthouse at dusk, waves", "", "waves on rocks"),
    ("SH020", "72", "a keeper at the window", "KEEPER (tired): She is late again.", ""),
    ("SH030", "48", "a small boat, one lantern", "", "oars in water"),
]
with (out / "lighthouse.csv").open("w", newline="", encoding="utf-8") as file:
    csv.writer(file).writerows(rows)

cut = twopop.assemble(out / "lighthouse.csv", name="lighthouse", frame_rate="25")
print(twopop.write_timeline(cut, out / "lighthouse.otio").path)
print(twopop.plan_shots(cut, store=out / "takes"))
