"""What importing twopop, and a full plan, cost an editor's console: CPU seconds over a bare interpreter, median of 9.

python benchmarks/imports.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
PLAN = "import twopop; twopop.plan_shots(twopop.read_timeline('examples/kitchen/kitchen.otio'))"


def cpu_s(code, environment):
    before = os.times()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=environment)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main():
    names = {"bare interpreter": "pass", "import twopop": "import twopop", "import and plan": PLAN}
    with TemporaryDirectory() as cache:  # compiled once, as on any machine after the first import
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        cpu_s(PLAN, environment)
        times = {n: statistics.median(cpu_s(code, environment) for _ in range(9)) for n, code in names.items()}
    bare = times["bare interpreter"]
    for name, spent in times.items():
        print(f"{name:<18} {spent:6.3f} s   {spent - bare:+.3f} s over bare")


if __name__ == "__main__":
    main()
