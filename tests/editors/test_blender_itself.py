"""Our panel in Blender's own window: its buttons pressed, holes filled while the window lives, pictures to look at.

Pictures are left in `out/blender`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import editors
import numpy as np
import pytest
from PIL import Image

pytestmark = [pytest.mark.editors, pytest.mark.timeout(900)]
LOOK = Path(__file__).parents[2] / "out" / "blender"


def test_a_click_on_render_fills_the_holes_while_the_window_lives(tmp_path):
    seen = json.loads(editors.BlenderWindow().pressed(tmp_path).read_text())
    assert "failed" not in seen, seen["failed"]
    assert seen["pressed"] == ["RUNNING_MODAL"]
    progress = [share for share, _ in seen["said"]]
    assert progress == sorted(progress)
    assert any("drawn" in said for _, said in seen["said"]), "how far a shot is was seen in the panel"
    places = {name: (start, end) for _, name, start, end in seen["strips"]}
    for shot, place in {"wide": (1, 61), "close": (49, 97)}.items():
        assert {places[f"{shot}{stem}"] for stem in ("", " DX", " FX", " BG")} == {place}
    assert places["MX_bed MX"] == (1, 97)
    LOOK.mkdir(parents=True, exist_ok=True)
    for name in ("rendering", "takes"):
        picture = shutil.copy(tmp_path / f"{name}.png", LOOK)
        colours = np.unique(np.asarray(Image.open(picture).convert("RGB")).reshape(-1, 3), axis=0)
        assert len(colours) > 500, f"{picture} shows no window"
