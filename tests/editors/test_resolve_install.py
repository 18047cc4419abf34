"""Scripts where Resolve looks for them, and the Lua ones run against a Resolve of Lua tables."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from twopop.cli import app
from twopop_adapters import resolve_install

PLACES = {
    "linux": ".local/share/DaVinciResolve/Fusion/Scripts/Utility",
    "darwin": "Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
    "win32": "AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts/Utility",
}


@pytest.mark.parametrize(("system", "place"), PLACES.items())
def test_resolve_looks_there(system, place, monkeypatch, tmp_path):
    monkeypatch.delenv("APPDATA", raising=False)
    assert resolve_install.scripts_folder(system, tmp_path) == tmp_path / place


def test_installing_writes_five_python_and_two_lua_scripts(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    done = CliRunner().invoke(app, ["install", "resolve"])
    assert done.exit_code == 0, done.output
    folder = resolve_install.scripts_folder(sys.platform, tmp_path)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted([*resolve_install.MENU, *resolve_install.LUA])
    for name, action in resolve_install.MENU.items():
        text = (folder / name).read_text("utf-8")
        ast.parse(text)
        assert f"from_menu({action!r}" in text


RESOLVE = """
ran, said, imported = {}, {}, nil
os.execute = function(command) table.insert(ran, command) return true end
print = function(text) table.insert(said, text) end
local home = HOME
os.getenv = function() return home end
local function timeline(name)
  return { GetName = function() return name end, Export = function(_, path, kind, sub)
    if kind ~= "live" or sub ~= "none" then return false end
    local file = io.open(path, "w") file:write("{}") file:close() return true end }
end
local open = timeline("Edit 1; rm")
local pool = { ImportTimelineFromFile = function(_, path, options) imported = options.timelineName return open end }
local project = { GetName = function() return "Kitchen" end, GetCurrentTimeline = function() return open end,
  GetTimelineCount = function() return 2 end, GetMediaPool = function() return pool end,
  GetTimelineByIndex = function(_, n) return n == 1 and open or timeline("Edit 1; rm twopop") end }
resolve = { EXPORT_OTIO = "live", EXPORT_NONE = "none", GetProjectManager = function()
  return { GetCurrentProject = function() return project end } end }
"""


def lua_in(home):
    lupa = pytest.importorskip("lupa", reason="lupa is not here: the Lua scripts are NOT tested")
    lua = lupa.LuaRuntime()
    lua.globals().HOME = str(home)
    lua.execute(RESOLVE)
    return lua


def test_the_lua_scripts_export_start_and_import(tmp_path):
    texts = resolve_install.script_texts()
    folder = tmp_path / "twopop" / "Kitchen"
    folder.mkdir(parents=True)
    lua = lua_in(tmp_path)
    lua.execute(texts["twopop export and render.lua"])
    command = list(lua.globals().ran.values())[-1]
    assert (folder / "Edit 1_ rm.otio").is_file()
    assert command.startswith("nohup ")
    assert f'render "{folder}/Edit 1_ rm.otio" --for resolve' in command
    assert command.endswith("&")
    lua.execute(texts["twopop import result (free).lua"])
    assert lua.globals().imported is None
    (folder / "Edit 1_ rm.conformed.resolve.otio").write_text("{}")
    lua.execute(texts["twopop import result (free).lua"])
    assert lua.globals().imported == "Edit 1; rm twopop 2"
