"""The five verbs: a cut with holes in, the same cut with picture and sound in them out.

python examples/02_render_a_cut.py [OUT]
"""

import sys
from pathlib import Path

import twopop

kitchen = Path(__file__).parent / "kitchen" / "kitchen.otio"
out = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
out.mkdir(parents=True, exist_ok=True)

cut = twopop.read_timeline(kitchen)
plan = twopop.plan_shots(cut, store=out / "takes")
takes = twopop.generate_takes(plan, backend="bars", only="SH0[12]0")
done = twopop.conform_timeline(cut, plan, takes)
report = twopop.write_timeline(done, out / "kitchen.conformed.otio")

for name, outcome in takes.items():
    print(f"{name:<12} {outcome.status}")
print(report.path)
