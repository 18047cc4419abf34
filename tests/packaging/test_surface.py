"""The public surface is frozen, cheap to import, and what it says it is."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import twopop
from twopop import registry

ROOT = Path(__file__).parents[2]
SIGNATURES = {
    "read_timeline": "(path, *, roots=())",
    "plan_shots": "(cut, *, settings=None, store=None)",
    "generate_takes": "(plan, *, backend=None, store=None, only=None, budget=None, cancel=None)",
    "start_generation": "(plan, *, backend=None, store=None, only=None, budget=None)",
    "attach_generation": "(run_id, *, store=None)",
    "conform_timeline": "(cut, plan, takes)",
    "retake": (
        "(cut, shot, *, parts=(), window=None, lines=None, without=(), prompt=None, seed=None, out=None, store=None, "
        "settings=None, preview=True, dry_run=False, on_start=None, on_event=None, **options)"
    ),
    "write_timeline": "(cut, path, *, flavour='stock')",
}
HEAVY = ("torch", "numpy", "av", "soundfile", "httpx", "typer", "rich", "PIL", "opentimelineio", "pydantic")


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout


def test_the_names_are_these():
    assert sorted(twopop.__all__) == [
        "Brief", "Cut", "Generation", "Plan", "Settings", "Take", "TakeSet", "TakeStore", "TwopopError", "assemble",
        "attach_generation", "check", "conform_timeline", "generate_takes", "load_settings", "plan_shots",
        "read_timeline", "relink", "render", "retake", "start_generation", "write_timeline",
    ]  # fmt: skip


@pytest.mark.parametrize("name", twopop.__all__)
def test_every_name_loads_and_is_documented(name):
    assert inspect.getdoc(getattr(twopop, name))


def test_the_lazy_table_equals_what_type_checkers_see():
    tree = ast.parse((ROOT / "sdk/twopop/__init__.py").read_text("utf-8"))
    (checked,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {alias.name: node.module for node in checked.body for alias in node.names}
    assert seen == twopop._HOMES


def test_no_exported_name_is_a_module_name():
    modules = {path.stem for path in (ROOT / "sdk/twopop").iterdir()}
    assert not modules & set(twopop.__all__)


@pytest.mark.parametrize(("name", "expected"), SIGNATURES.items())
def test_the_verbs_keep_their_signatures(name, expected):
    signature = inspect.signature(getattr(twopop, name))
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    assert str(inspect.Signature(bare)) == expected


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(AttributeError, match="read_timeline"):
        twopop.read_timelines  # noqa: B018


def test_importing_loads_nothing_heavy():
    loaded = set(run("import twopop, sys; print(*sys.modules)").split())
    assert not loaded & set(HEAVY)


def test_planning_a_cut_loads_no_media_model_or_network_library():
    code = (
        "import twopop, sys; cut = twopop.read_timeline('examples/kitchen/kitchen.otio');"
        "plan = twopop.plan_shots(cut); assert plan.shots; print(*sys.modules)"
    )
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
        ).stdout.split()
    )
    assert not loaded & {
        "torch",
        "numpy",
        "av",
        "soundfile",
        "httpx",
        "typer",
        "rich",
        "PIL",
        "opentimelineio",
        "pydantic",
    }


@pytest.mark.parametrize("kind", ["adapters", "backends", "models"])
def test_registry_tables_are_alphabetical_and_described(kind):
    table = registry.TABLES[kind]
    assert list(table) == sorted(table)
    assert all(entry.description and ":" in entry.target for entry in table.values())


def test_an_unknown_registry_name_lists_the_known_ones():
    with pytest.raises(twopop.TwopopError, match="bars"):
        registry.resolve("backends", "colour-bars")


def test_no_mock_library_is_used():
    forbidden = ("unittest" + ".mock", "pytest" + "_mock", "import " + "mock")
    users = [path for path in ROOT.glob("tests/**/*.py") if any(word in path.read_text("utf-8") for word in forbidden)]
    assert users == []
