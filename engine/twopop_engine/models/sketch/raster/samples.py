"""Frames to look at: scenes that show what the rasterizer does. Goldens of its tests; `sheet` puts them together.

python -m twopop_engine.models.sketch.raster.samples FOLDER [--width 480] [--colours 64]
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
    _LEFT, facing=1.25, feet=((-0.31, 0.0), (0.31, 0.0)), hands=((0.24, 0.90), (-0.24, 0.84)), hip_drop=0.03
)
_BLINK = replace(_RIGHT, blink=1.0, smile=0.5)
_HELD = replace(_LEFT, hands=((-0.24, 0.86), (0.33, 0.97)))
_GESTURE = replace(_LEFT, hands=((-0.26, 0.88), (0.34, 1.22)), brows=(0.4, 0.4))
_SITS = replace(_RIGHT, hip_drop=0.42, hands=((-0.22, 0.52), (0.03, 0.54)), facing=-0.75)
_PAN = PropPose(-0.12, 0.92, 0.0, 1.0)
_KNIFE = PropPose(-0.12, 0.98, -0.12, 1.0)
_KETTLE = PropPose(-0.10, 1.10, 1.15, 1.0)
_PHONE = PropPose(-0.16, 1.24, -0.1, 1.0)


def _scene(
    place: str, hour: str, people: str, prop: str = "", weather: str = "clear", style: str = "paint"
) -> SceneLook:
    cast = {"M": _MARA, "L": _LEO, "I": _INES, "O": _OTTO, "R": _RUTH, "S": _SAM}
    rest = {"ball": (-0.05, 0.0), "phone": (-0.16, 0.78), "cup": (0.0, 0.80)}.get(prop, (-0.12, 0.92))
    return SceneLook(place, hour, weather, style, tuple(cast[k] for k in people), (prop,), (rest,))


def _rig(a: CharacterPose, b: CharacterPose, framing: str, subject: int = 0, prop: PropPose = _PAN) -> RigFrame:
    return RigFrame((a, b), StagePose(props=(prop,), light_level=0.7), Shot(framing, subject), 2.3)


SAMPLES: Mapping[str, tuple[SceneLook, RigFrame]] = {
    "kitchen_close": (_scene("kitchen", "night", "ML"), _rig(_LEFT, _RIGHT, "close-up")),
    "kitchen_knife": (_scene("kitchen", "night", "ML", "knife"), _rig(_HELD, _RIGHT, "medium", 0, _KNIFE)),
    "cafe_two": (_scene("cafe", "day", "IO", "cup"), _rig(_GESTURE, _BLINK, "two-shot", 0, PropPose(0.0, 0.80))),
    "office_over": (_scene("office", "day", "OI"), _rig(_LEFT, _RIGHT, "over-the-shoulder", 1)),
    "room_sits": (_scene("room", "day", "SR", "ball"), _rig(_LEFT, _SITS, "wide", 0, PropPose(0.0, 0.24))),
    "car_night": (_scene("car", "night", "LI"), _rig(_LEFT, _RIGHT, "two-shot")),
    "street_rain": (_scene("street", "night", "RL", "", "rain"), _rig(_STRIDE, _RIGHT, "wide")),
    "station_snow": (_scene("station", "day", "OR", "", "snow"), _rig(_LEFT, _RIGHT, "medium", 1)),
    "forest_day": (_scene("forest", "day", "SL"), _rig(_GESTURE, _RIGHT, "wide")),
    "beach_dusk": (_scene("beach", "dusk", "IO"), _rig(_GESTURE, _RIGHT, "medium")),
    "rooftop_dusk": (_scene("rooftop", "dusk", "RI", "phone"), _rig(_HELD, _RIGHT, "two-shot", 0, _PHONE)),
    "stage_wide": (_scene("stage", "night", "OM"), _rig(_GESTURE, _RIGHT, "wide")),
    "sky_day": (_scene("sky", "day", "LR"), _rig(_LEFT, _RIGHT, "medium-close")),
    "kettle_insert": (_scene("kitchen", "day", "MI", "kettle"), _rig(_HELD, _RIGHT, "insert", 0, _KETTLE)),
    "kitchen_ink": (
        _scene("kitchen", "night", "ML", "pan", style="ink"),
        _rig(_HELD, _RIGHT, "over-the-shoulder", 0),
    ),
}
"""Place, hour, weather, framing and action in as many ways as there are."""


def draw_sample(name: str, width: int = 480) -> npt.NDArray[np.uint8]:
    """A sample as `(height, width, 3)` uint8, 16:9."""
    scene, rig = SAMPLES[name]
    return FrameArtist(scene, (width, width * 9 // 16)).frame(rig)


def write_samples(folder: Path, width: int, colours: int | None) -> list[Path]:
    """Write every sample as PNG (`colours`: with a palette of so many); the files written."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for name in SAMPLES:
        picture = Image.fromarray(draw_sample(name, width))
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
    options = parser.parse_args()
    write_samples(options.folder, options.width, options.colours)


if __name__ == "__main__":
    main()
