"""Frames to look at: scenes that show what the rasterizer does. Also the goldens of its tests.

python -m twopop_engine.models.sketch.raster.samples FOLDER [--width 480] [--colours 64] [--sheet]
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .frame import FrameArtist
from .look import SceneLook, person_from
from .rig import CharacterPose, Mouth, PropPose, RigFrame, Shot, StagePose

_MARA = person_from("woman, 40s, chef, brown bob", "MARA")
_LEO = person_from("man, 30s, teal sweater, black short hair, beard", "LEO")
_INES = person_from("woman, 20s, mustard sweater, ginger long hair", "INES")
_OTTO = person_from("man, 60s, navy blazer, grey short hair", "OTTO")
_RUTH = person_from("woman, 70s, red coat, white curly hair, glasses", "RUTH")
_SAM = person_from("boy, 10, olive hoodie, blond short hair", "SAM")

_LEFT = CharacterPose(
    root=(-0.45, 0.0), facing=0.45, gaze=(0.3, 0.0), mouth=Mouth(0.45, 0.6, 0.1, 0.4, 0.1, 0.4), smile=0.2
)
_RIGHT = CharacterPose(root=(0.5, 0.1), facing=-0.5, head=(-0.05, 0.0, -0.03), gaze=(-0.3, 0.0))
_STRIDE = replace(
    _LEFT, facing=1.25, feet=((-0.30, 0.0), (0.30, 0.05)), hands=((0.05, 0.90), (-0.05, 0.90)), hip_drop=0.03
)
_BLINK = replace(_RIGHT, blink=1.0, smile=0.5)
_PAN = StagePose(props=(PropPose(-0.12, 0.92, 0.0, 1.0),), light_level=0.7)
_HELD = replace(_LEFT, hands=((-0.24, 0.86), (0.33, 0.97)))


def _two(a: CharacterPose, b: CharacterPose, framing: str, subject: int = 0, stage: StagePose = _PAN) -> RigFrame:
    return RigFrame((a, b), stage, Shot(framing, subject), 2.3)


SAMPLES: Mapping[str, tuple[SceneLook, RigFrame]] = {
    "kitchen_close": (SceneLook(people=(_MARA, _LEO)), _two(_LEFT, _RIGHT, "close-up")),
    "kitchen_medium": (SceneLook(people=(_MARA, _LEO)), _two(_HELD, _RIGHT, "medium")),
    "kitchen_two": (SceneLook(people=(_MARA, _LEO)), _two(_HELD, _BLINK, "two-shot")),
    "kitchen_over": (SceneLook(people=(_MARA, _LEO)), _two(_LEFT, _RIGHT, "over-the-shoulder", 1)),
    "kitchen_wide": (SceneLook(people=(_MARA, _LEO)), _two(_HELD, _RIGHT, "wide")),
    "cafe_day": (SceneLook("cafe", "day", people=(_INES, _OTTO), props=("cup",)), _two(_LEFT, _RIGHT, "two-shot")),
    "office_night": (SceneLook("office", "night", people=(_OTTO, _INES), props=()), _two(_LEFT, _RIGHT, "close-up", 1)),
    "room_dusk": (
        SceneLook("room", "dusk", people=(_RUTH, _SAM), props=("book",)),
        _two(_LEFT, _RIGHT, "medium-close"),
    ),
    "street_rain": (
        SceneLook("street", "night", "rain", people=(_RUTH, _LEO), props=()),
        _two(_STRIDE, _RIGHT, "wide"),
    ),
    "field_dusk": (SceneLook("field", "dusk", people=(_LEO, _INES), props=()), _two(_LEFT, _RIGHT, "medium", 1)),
    "beach_day": (SceneLook("beach", "day", people=(_INES, _SAM), props=()), _two(_LEFT, _RIGHT, "two-shot")),
    "station_snow": (
        SceneLook("station", "day", "snow", people=(_OTTO, _RUTH), props=()),
        _two(_LEFT, _RIGHT, "medium", 1),
    ),
    "kitchen_ink": (SceneLook(style="ink", people=(_MARA, _LEO)), _two(_HELD, _RIGHT, "over-the-shoulder", 0)),
}


def draw_sample(name: str, width: int = 480) -> npt.NDArray[np.uint8]:
    """A sample as `(height, width, 3)` uint8, 16:9."""
    scene, rig = SAMPLES[name]
    return FrameArtist(scene, (width, width * 9 // 16)).frame(rig)


def write_samples(folder: Path, width: int, colours: int | None, sheet: bool) -> list[Path]:
    """Write every sample as PNG (`colours`: with a palette of so many), or one contact sheet; the files written."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    pictures = {name: Image.fromarray(draw_sample(name, width)) for name in SAMPLES}
    if sheet:
        height, columns = width * 9 // 16, 3
        page = Image.new("RGB", (columns * width, -(-len(pictures) // columns) * height))
        for k, picture in enumerate(pictures.values()):
            page.paste(picture, (k % columns * width, k // columns * height))
        pictures = {"contact_sheet": page}
    files: list[Path] = []
    for name, picture in pictures.items():
        files.append(folder / f"{name}.png")
        shown = picture.quantize(colours, dither=Image.Dither.NONE) if colours else picture
        shown.save(files[-1], optimize=True)
    return files


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Draw sample frames.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--width", type=int, default=480)
    parser.add_argument("--colours", type=int, default=None)
    parser.add_argument("--sheet", action="store_true")
    options = parser.parse_args()
    write_samples(options.folder, options.width, options.colours, options.sheet)


if __name__ == "__main__":
    main()
