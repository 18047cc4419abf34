"""Frames in the encoder's colours: drawn as Y, U, V from the start, and split into planes where they changed.

A canvas mixes channels linearly and each by itself, and Rec.709 from RGB is an affine map. So it is enough to turn the
few colours of the paints into Y, U, V: what is drawn with them is the converted picture, and no pixel is converted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]
"""`(height, width)`: a pixel each, its first channel in the lowest byte."""
Planes = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]
"""Rec.709, video range: Y `(height, width)`, U and V `(height, width / 2)`."""
Box = tuple[int, int, int, int]
"""Pixels from (left, top) up to, not with, (right, bottom)."""

_MATRIX = np.array(((11966, 40254, 4064), (-6596, -22189, 28785), (28785, -26146, -2639)), np.int32)
_ZERO = np.array((16, 128, 128), np.int32)
"""Rec.709 to video range times 65536 (each row of differences adds up to nothing: greys stay grey), and its zero."""
_ROWS = 64
"""Rows worked on at once: so many fit into a core's own cache."""
_PIXELS = 65_536
"""Likewise, of a box of any width: each step lets go of the interpreter, and waits for whoever took it."""


@lru_cache(maxsize=4096)
def video_colour(rgba: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Y, U, V and the same alpha of a colour with straight alpha."""
    y, u, v = (int(c) for c in (_MATRIX @ np.array(rgba[:3], np.int32) + (_ZERO << 16) + 32768) >> 16)
    return y, u, v, rgba[3]


def to_video(pixels: npt.NDArray[np.uint8]) -> None:
    """Turns `(height, width, 4)` RGBA, alpha premultiplied, into Y, U, V, A in place."""
    for top in range(0, len(pixels), _ROWS):
        part = pixels[top : top + _ROWS]
        r, g, b, alpha = (part[..., channel].astype(np.int32) for channel in range(4))
        for channel in range(3):
            of_r, of_g, of_b = (int(v) for v in _MATRIX[channel])
            zero = alpha * (int(_ZERO[channel]) * 65536 // 255) + 32768
            part[..., channel] = r * of_r + g * of_g + b * of_b + zero >> 16


def planes_for(width: int, height: int) -> Planes:
    """Room for a frame."""
    return (
        np.zeros((height, width), np.uint8),
        np.zeros((height, width // 2), np.uint8),
        np.zeros((height, width // 2), np.uint8),
    )


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a frame changed of the one before it, as drawn; to be developed once, in the order of the frames.

    Drawing takes longest of all that goes on side by side, so this last step is left to whoever encodes.

    Attributes:
        parts: Boxes of the frame, left and right even, and their pixels.
        planes: Of the last frame developed, shared by the exposures of a scene.
    """

    parts: tuple[tuple[Box, Words], ...]
    planes: Planes

    def develop(self) -> Planes | None:
        """The frame as an encoder takes it, **valid until the next is developed**; None for the last one again."""
        for box, words in self.parts:
            split(words, self.planes, box)
        return self.planes if self.parts else None


def split(words: Words, planes: Planes, box: Box) -> None:
    """Writes a part of a frame drawn in Y, U, V into its planes; two neighbours share the mean of their colours.

    Args:
        words: The part.
        planes: Of the frame.
        box: Where the part lies in it; left and right are even.
    """
    left, top, right, bottom = box
    luma, of_u, of_v = planes
    half, many = slice(left // 2, right // 2), max(1, _PIXELS // (right - left))
    for row in range(top, bottom, many):
        rows = slice(row, min(row + many, bottom))
        part = words[row - top : row - top + many]
        np.copyto(luma[rows, left:right], part, casting="unsafe")  # the lowest byte is Y
        pairs = np.ascontiguousarray(part).view("<u8")
        one, other = (pairs >> 8).astype("<u2"), (pairs >> 40).astype("<u2")  # U and V of two neighbours
        apart = one ^ other  # both bytes at once: their mean is what they share and half of what they do not
        apart >>= 1
        apart &= 0x7F7F
        mean = one | other
        mean -= apart
        np.copyto(of_u[rows, half], mean, casting="unsafe")
        mean >>= 8
        np.copyto(of_v[rows, half], mean, casting="unsafe")
