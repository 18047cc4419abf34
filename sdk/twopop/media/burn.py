"""Text in the luma plane: fonts that fit, anti-aliased masks, counters that redraw only what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    Plane = np.ndarray[Any, np.dtype[np.uint8]]
    Planes = tuple[Plane, Plane, Plane]

BLACK, WHITE, GREY = 16, 235, 128
"""Luma of black and white in video range; chroma of both."""

_SMALLEST_TEXT = 6


class Box(NamedTuple):
    """Pixels."""

    x: int
    y: int
    width: int
    height: int

    def part(self, left: float, top: float, width: float, height: float) -> Box:
        """A box inside, in fractions of this one."""
        return Box(
            self.x + round(left * self.width),
            self.y + round(top * self.height),
            round(width * self.width),
            round(height * self.height),
        )

    def area(self, plane: Plane) -> Plane:
        """The pixels of a plane of the box's own scale; a view."""
        return plane[self.y : self.y + self.height, self.x : self.x + self.width]


def flat(width: int, height: int, luma: int) -> Planes:
    """Grey planes: Y `(height, width)`, U and V `(height, width / 2)`."""
    import numpy as np

    chroma = np.full((2, height, width // 2), GREY, np.uint8)
    return np.full((height, width), luma, np.uint8), chroma[0], chroma[1]


def fill(planes: Planes, box: Box, colour: tuple[int, int, int]) -> None:
    """Fills a box; its left and right edges go to even pixels, where chroma has one."""
    left, right = box.x // 2, (box.x + box.width) // 2
    rows = slice(box.y, box.y + box.height)
    planes[0][rows, left * 2 : right * 2] = colour[0]
    planes[1][rows, left:right] = colour[1]
    planes[2][rows, left:right] = colour[2]


def write_line(luma: Plane, text: str, box: Box, ground: int, level: int, *, keep_end: bool = False) -> None:
    """Writes one line as large as the box allows.

    Args:
        ground: luma of what is behind the text; the whole box becomes it.
        level: luma of the text.
        keep_end: what does not fit is dropped from the beginning (shot numbers are at the end).
    """
    line = " ".join(text.split())
    font = font_for(line, box)
    while len(line) > 1 and font.getlength(line) > box.width:
        line = "…" + line[2:] if keep_end else line[:-2].rstrip() + "…"
    area = box.area(luma)
    area[:] = blend(mask_of(line, font, *reversed(area.shape)), ground, level)


def font_for(text: str, box: Box) -> Any:
    """The largest font whose line is no higher than the box and, down to a legible size, no wider."""
    from PIL import ImageFont

    def font(size: int) -> Any:
        return ImageFont.load_default(max(_SMALLEST_TEXT, size))

    size = max(_SMALLEST_TEXT, box.height * 4 // 5)
    floor = max(_SMALLEST_TEXT, min(size, 9), size * 3 // 5)
    if (length := font(size).getlength(text)) > box.width:
        size = max(floor, int(size * box.width / length))
    while size > floor and font(size).getlength(text) > box.width:
        size -= 1
    return font(size)


def mask_of(text: str, font: Any, width: int, height: int) -> Plane:
    """Coverage 0 to 255 of a line of text, from the upper left corner, `(height, width)`."""
    import numpy as np
    from PIL import Image, ImageDraw

    image = Image.new("L", (max(1, width), max(1, height)))
    ImageDraw.Draw(image).text((0, 0), text, fill=255, font=font)
    return np.asarray(image)


def blend(mask: Plane, ground: int, level: int) -> Plane:
    """Luma of `level` over `ground` where the mask covers."""
    import numpy as np

    return (ground + (level - ground) * mask.astype(np.int32) // 255).astype(np.uint8)


class Counter:
    """Text that changes, on a fixed grid of cells; only cells that differ are drawn."""

    def __init__(self, box: Box, font: Any, ground: int, level: int) -> None:
        self._font = font
        self._box, self._ground, self._level = box, ground, level
        self._height = min(box.height, sum(self._font.getmetrics()))
        self._glyphs: dict[str, Plane] = {}
        self._shown = ""

    def show(self, luma: Plane, text: str) -> None:
        """Draws what differs from the text shown before."""
        left, limit = self._box.x, self._box.x + self._box.width
        before = self._shown if len(self._shown) == len(text) else ""
        for index, letter in enumerate(text):
            cell = self._cell(letter)
            right = min(left + cell.shape[1], limit)
            if not before or before[index] != letter:
                luma[self._box.y : self._box.y + self._height, left:right] = cell[:, : right - left]
            left = right
        self._shown = text

    def _cell(self, letter: str) -> Plane:
        if letter not in self._glyphs:
            width = round(self._font.getlength(letter))
            self._glyphs[letter] = blend(mask_of(letter, self._font, width, self._height), self._ground, self._level)
        return self._glyphs[letter]
