"""What an editor saved of a project of ours: planned again, its places, and the screenshot that was taken meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image

import twopop

LOOK = Path(__file__).parents[2] / "out"


def planned(path):
    """The cut as we read it, and the status of every shot and bed."""
    settings = twopop.load_settings(path, backend="bars")
    cut = twopop.read_timeline(path)
    plan = twopop.plan_shots(cut, settings=settings, store=twopop.TakeStore(path.parent / "takes"))
    return cut, {piece.name: piece.status for piece in (*plan.shots, *plan.beds)}


def places(cut):
    """Where every clip lies and which frames it plays."""
    return sorted((i.kind, i.record.start, i.record.frames, i.trimmed.start) for i in cut.items if i.schema == "Clip")


def looked_at(saved, editor):
    """Keeps the screenshot in `out/<editor>` and sees that there is a window on it with our clips' colours."""
    folder = LOOK / editor
    folder.mkdir(parents=True, exist_ok=True)
    picture = shutil.copy(saved.with_name(f"{saved.name}.png"), folder / f"{saved.parent.name} {saved.stem}.png")
    pixels = np.asarray(Image.open(picture).convert("RGB")).reshape(-1, 3)
    assert len(np.unique(pixels, axis=0)) > 500, f"{picture} shows no window"
