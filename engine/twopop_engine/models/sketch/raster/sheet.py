"""The contact sheet: every sample frame on one page.

python -m twopop_engine.models.sketch.raster.sheet -o contact-sheet.png [--width 320] [--columns 3] [--colours 128]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .samples import SAMPLES, draw_sample

_GAP = 6
_PAPER = 24


def contact_sheet(names: Sequence[str], width: int, columns: int) -> npt.NDArray[np.uint8]:
    """The samples of those names side by side, row by row: `(height, width, 3)` uint8. Each is `width` pixels wide."""
    height, rows = width * 9 // 16, -(-len(names) // columns)
    page = np.full((rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, 3), _PAPER, np.uint8)
    for k, name in enumerate(names):
        top, left = _GAP + k // columns * (height + _GAP), _GAP + k % columns * (width + _GAP)
        page[top : top + height, left : left + width] = draw_sample(name, width)
    return page


def main() -> None:
    """The command."""
    from PIL import Image

    parser = argparse.ArgumentParser(description="Draw every sample on one page.")
    parser.add_argument("-o", "--output", type=Path, default=Path("contact-sheet.png"))
    parser.add_argument("--width", type=int, default=320, help="of one frame, pixels")
    parser.add_argument("--columns", type=int, default=3)
    parser.add_argument("--colours", type=int, default=None, help="colours of the palette; a full-colour file without")
    options = parser.parse_args()
    picture = Image.fromarray(contact_sheet(list(SAMPLES), options.width, options.columns))
    rare = Image.Quantize.MAXCOVERAGE  # small patches keep their hue: fair hair is not skin
    flat = Image.Dither.NONE
    shown = picture.quantize(options.colours, rare, kmeans=3, dither=flat) if options.colours else picture
    options.output.parent.mkdir(parents=True, exist_ok=True)
    shown.save(options.output, optimize=True)


if __name__ == "__main__":
    main()
