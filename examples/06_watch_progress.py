"""From a console or a notebook: generation runs in a thread, you poll it, and it can be cancelled or attached to again.

python examples/06_watch_progress.py [OUT]
"""

import sys
from pathlib import Path

import twopop
from twopop import events

out = Path(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
out.mkdir(parents=True, exist_ok=True)

shots = [{"name": f"SH{n}0", "length": 30, "prompt": f"corridor, door number {n}"} for n in range(1, 4)]
cut = twopop.assemble(shots, name="corridor", frame_rate="24")
plan = twopop.plan_shots(cut, store=out / "takes")

generation = twopop.start_generation(plan, backend="bars")  # returns at once
while not generation.done:
    for event in generation.poll(timeout_s=0.2):
        match event:
            case events.TakeReady(shots=names, take=take):
                print(f"{', '.join(names)}: {take}")
            case events.ShotFailed(shots=names, reason=reason):
                print(f"{', '.join(names)} failed: {reason}")
            case _:
                pass
print({name: outcome.status for name, outcome in generation.result().items()})
