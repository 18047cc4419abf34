"""`twopop install blender`: the panel, and what it needs, into every Blender of this user."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path

from twopop.errors import BackendError, UsageError

OLDEST = (4, 5)
_PYTHON = {(4, 5): "3.11", (5, 0): "3.11"}
"""Python of a Blender; later ones have 3.13."""


def install(source: str = "") -> list[str]:
    """Installs into every Blender from 4.5; what was done, a line each.

    Args:
        source: a wheel or a checkout instead of this very version.

    Raises:
        UsageError: there is no such Blender.
        BackendError: its Python packages cannot be had; that Blender's older panel is still whole.
    """
    root = _user_folder()
    found = {_number(path): path for path in root.glob("*.*") if _number(path) >= OLDEST}
    if not found:
        raise UsageError(
            f"There is no Blender 4.5 or newer in {root}. Start Blender once, then run twopop install blender again. "
            "Nothing was installed."
        )
    lines = [_install_into(path, number, source) for number, path in sorted(found.items())]
    return [*lines, "In Blender: Edit > Preferences > Add-ons > twopop, then Video Sequencer > Sidebar (N) > twopop."]


def _user_folder() -> Path:
    """Where Blender keeps a folder for every version."""
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", home)) / "Blender Foundation" / "Blender"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "Blender"
    return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "blender"


def _number(path: Path) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)\.(\d+)", path.name)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _install_into(path: Path, number: tuple[int, int], source: str) -> str:
    """Everything is fetched into a new folder first, which then takes the place of the old one."""
    target = path / "extensions" / "user_default" / "twopop"
    new = target.with_name("twopop.new")
    shutil.rmtree(new, ignore_errors=True)
    with as_file(files("twopop_adapters") / "blender_extension") as extension:
        shutil.copytree(extension, new, ignore=shutil.ignore_patterns("__pycache__"))
    _fetch(new / "site", _PYTHON.get(number, "3.13"), source)
    shutil.rmtree(target, ignore_errors=True)
    new.rename(target)
    return f"Blender {number[0]}.{number[1]}: {target}"


def _fetch(site: Path, python: str, source: str) -> None:
    """twopop and what it needs, as wheels for Blender's Python."""
    wanted = str(Path(source).resolve()) if source else f"twopop=={version('twopop')}"
    command = [
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:",
        f"--python-version={python}", f"--target={site}", wanted,
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        said = (ran.stderr.strip() or ran.stdout.strip()).splitlines()[-1:]
        shutil.rmtree(site.parent, ignore_errors=True)
        raise BackendError(
            f"pip could not fetch {wanted} for Blender's Python {python}: {' '.join(said)} Nothing was changed.",
            code="not_installed",
        )
