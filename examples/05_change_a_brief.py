"""A plan is data: change what a shot asks for, save the plan, load it on another machine, generate.

python examples/05_change_a_brief.py [OUT]
"""

import sys
from pathlib import Path

import twopop

out = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
out.mkdir(parents=True, exist_ok=True)

cut = twopop.assemble([{"name": "SH010", "length": 36, "prompt": "a street"}], name="street", frame_rate="24")
plan = twopop.plan_shots(cut, store=out / "takes")

for weather in ("in the rain", "in the first snow"):
    changed = plan.with_brief("SH010", prompt=f"a street {weather}")
    changed.save(out / "street.plan.json")
    takes = twopop.generate_takes(twopop.Plan.load(out / "street.plan.json"), backend="bars")
    take = takes.take_for("SH010")
    assert take is not None
    print(f"{weather}: {take.name}")
