"""`twopop install resolve`: scripts in Resolve's own menu, Workspace > Scripts.

Five in Python for Studio (and free Resolve before 21.1), two in Lua for free Resolve since.
"""

from __future__ import annotations

import os
import sys
from importlib.resources import files
from pathlib import Path

from twopop.errors import UsageError
from twopop.safe_write import write_safely

MENU = {
    "twopop render holes.py": "render",
    "twopop render selected.py": "selected",
    "twopop switch take.py": "switch",
    "twopop import result.py": "import",
    "twopop check.py": "check",
}
LUA = {"twopop export and render.lua": "resolve_render.lua", "twopop import result (free).lua": "resolve_import.lua"}
_SCRIPT = '''"""Written by `twopop install resolve`; run it from Workspace > Scripts."""
import sys

sys.path.extend({paths!r})
from twopop_adapters.resolve_console import from_menu  # noqa: E402

from_menu({action!r}, globals().get("resolve"))
'''


def scripts_folder(system: str = sys.platform, home: Path | None = None) -> Path:
    """Where Resolve looks for the scripts of a user.

    Args:
        system: as `sys.platform` says it.
        home: the user's folder.
    """
    home = home or Path.home()
    if system == "darwin":
        base = home / "Library/Application Support/Blackmagic Design/DaVinci Resolve"
    elif system == "win32":
        roaming = Path(os.environ["APPDATA"]) if "APPDATA" in os.environ else home / "AppData/Roaming"
        base = roaming / "Blackmagic Design/DaVinci Resolve/Support"
    else:
        base = home / ".local/share/DaVinciResolve"
    return base / "Fusion/Scripts/Utility"


def install(_source: str = "") -> list[str]:
    """Writes the scripts; gives lines of what was done.

    Raises:
        UsageError: the folder cannot be written.
    """
    folder = scripts_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError(f"{folder} cannot be made: {exc.strerror}. Nothing was installed.") from exc
    for name, text in script_texts().items():
        write_safely(folder / name, text.encode())
    version = ".".join(map(str, sys.version_info[:2]))
    return [
        f"{len(MENU) + len(LUA)} scripts are in {folder}: Workspace > Scripts shows them.",
        f"The Python ones need Resolve to run Python {version} (it is this one); the Lua ones need nothing.",
    ]


def script_texts() -> dict[str, str]:
    """Every script by its file name; Python ones know where twopop is, Lua ones how to call it."""
    paths = [str(path) for path in dict.fromkeys(map(_package_folder, ("twopop", "twopop_adapters", "pydantic")))]
    texts = {name: _SCRIPT.format(paths=paths, action=action) for name, action in MENU.items()}
    for name, source in LUA.items():
        lua = (files("twopop_adapters") / source).read_text(encoding="utf-8")
        texts[name] = lua.replace("@COMMAND@", f'"{sys.executable}" -m twopop.cli')
    return texts


def _package_folder(name: str) -> Path:
    """The folder on `sys.path` that holds a package."""
    from importlib.util import find_spec

    spec = find_spec(name)
    if spec is None or not spec.origin:
        raise UsageError(f"{name} is not installed where twopop runs. Nothing was installed.")
    return Path(spec.origin).parent.parent
