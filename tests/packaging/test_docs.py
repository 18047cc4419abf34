"""What README, docs and examples show runs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("0*.py"))
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def fences(language):
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        for number, (kind, text) in enumerate(FENCE.findall(page.read_text("utf-8")))
        if kind == language
    ]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The working copy as a stranger has it: examples and docs, and an `out` of its own."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "examples", folder / "examples")
    (folder / "examples/kitchen/twopop.toml").write_text("width = 256\nheight = 144\n")  # sketch draws small ones fast
    (folder / "out").mkdir()
    return folder


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("TWOPOP_STATE_DIR", str(tmp_path / "state"))


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-1000:]
    return done.stdout


@pytest.mark.parametrize("block", fences("python"))
def test_python_blocks_run(block, clone, state):
    run([sys.executable, "-c", block], clone)


@pytest.mark.parametrize("block", fences("console"))
def test_console_blocks_run(block, clone, state):
    for line in block.splitlines():
        if line.startswith("$ twopop "):
            run([sys.executable, "-m", "twopop.cli", *shlex.split(line[9:])], clone)


def test_every_command_is_in_the_readme_or_its_help():
    from twopop.cli import COMMANDS

    text = (ROOT / "README.md").read_text("utf-8")
    assert [
        name for name in ("plan", "render", "check", "takes", "assemble", "doctor") if f"twopop {name}" not in text
    ] == []
    assert len(set(COMMANDS)) == len(COMMANDS)


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda p: p.stem)
def test_examples_are_short_and_run(script, clone, state):
    assert len(script.read_text("utf-8").splitlines()) <= 40
    run(
        [sys.executable, f"examples/{script.name}", *(["out/examples"] if "OUT" in script.read_text("utf-8") else [])],
        clone,
    )
