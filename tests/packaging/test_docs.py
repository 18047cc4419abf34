"""What README, docs and examples show runs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
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


SHELL = [line for page in PAGES for kind, text in FENCE.findall(page.read_text("utf-8")) if kind == "sh"
         for line in text.splitlines()]  # fmt: skip
"""Lines that are for other machines, or for a while: they are not run here, but what they name must be there."""


@pytest.mark.parametrize("line", [line for line in SHELL if line.startswith("twopop serve")])
def test_a_server_can_be_started_as_shown(line):
    from twopop.registry import MODELS
    from twopop_engine.serve import _parser

    options = _parser().parse_args(shlex.split(line, comments=True)[2:])
    assert all(model in MODELS or ":" in model for model in options.model)


@pytest.mark.parametrize("line", [line for line in SHELL if "--backend " in line])
def test_a_backend_can_be_opened_as_shown(line):
    from twopop.backends.opening import open_backend
    from twopop.settings import Settings

    words = shlex.split(line, comments=True)
    backend = words[words.index("--backend") + 1]
    assert open_backend(backend, Settings()).name.split(",") == sorted(backend.split(","))


def test_extras_that_are_shown_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    shown = {
        name for line in SHELL for group in re.findall(r"twopop\[([a-z0-9,]+)\]", line) for name in group.split(",")
    }
    assert shown
    assert shown <= set(extras)


def commands_shown():
    """(page, command, options) of every `twopop COMMAND --option ...` in a page, in prose too."""
    from twopop.cli import COMMANDS

    for page in PAGES:
        for name, rest in re.findall(r"(?<![\w./\['-])twopop ([a-z]+)([^`\n]*)", page.read_text("utf-8")):
            if name in COMMANDS:
                yield page.name, name, re.findall(r"(?<!\S)--?[a-z][\w-]*", rest.partition("#")[0])


def test_every_option_that_is_shown_exists():
    from typer.main import get_command

    from twopop.cli import app
    from twopop_engine.serve import _parser

    known = {
        name: {option for wanted in command.params for option in (*wanted.opts, *wanted.secondary_opts)}
        for name, command in get_command(app).commands.items()
    }
    known["serve"] = {option for action in _parser()._actions for option in action.option_strings}
    shown = [*commands_shown()]
    assert len(shown) > 40
    assert [(*where, o) for *where, options in shown for o in options if o not in known[where[1]] | {"--help"}] == []


def test_every_file_that_is_named_is_there():
    named = re.compile(r"`((?:docs|examples|sdk|engine|adapters|tests|benchmarks)/[\w./-]+)`|\]\(([\w./-]+)\)")
    roots = (ROOT, ROOT / "docs")
    missing = [
        (page.name, name)
        for page in (*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
        for name in map("".join, named.findall(page.read_text("utf-8")))
        if not any((root / name).exists() for root in roots)
    ]
    assert missing == []


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
