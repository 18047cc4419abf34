"""T10: no damaged file ends the interpreter, hangs it, or passes for a good one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[1] / "soak" / "fuzz_media.py"


def fuzz(cases: int, seed: str, timeout_s: float) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, FUZZ, str(cases), seed], capture_output=True, text=True, timeout=timeout_s, check=False
    )
    assert done.stdout, done.stderr
    result = json.loads(done.stdout)
    assert result["failures"] == [], result
    assert result["refused"] + result["accepted"] + result["accepted short"] == cases
    return result


def test_damaged_media_is_refused_or_whole() -> None:
    result = fuzz(400, "suite", 250)
    assert result["refused"] > 250
    assert result["accepted"] > 10  # or the files would never get as far as the decoders


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_damaged_media_is_refused_or_whole_at_full_size() -> None:
    fuzz(2_800, "soak", 1700)
