"""The picture of the bars backend: SMPTE bars and a slate that counts, drawn straight into 4:2:2 planes.

Bars and everything that stands still are drawn once. The slate is grey, so that a frame changes luma only, and of that
only the digits and the playhead: drawing costs next to nothing beside encoding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..media.burn import BLACK, GREY, WHITE, Box, Counter, fill, flat, font_for, write_line
from ..request import GenerationRequest
from ..timebase import FrameRange, format_timecode

if TYPE_CHECKING:
    import numpy as np

    Plane = np.ndarray[Any, np.dtype[np.uint8]]
    Planes = tuple[Plane, Plane, Plane]

_PANEL, _TEXT, _DIM, _TRACK, _USED = 26, 226, 140, 58, 120
_BARS = ((1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1))
_REVERSED = ((0, 0, 1), (0, 0, 0), (1, 0, 1), (0, 0, 0), (0, 1, 1), (0, 0, 0), (1, 1, 1))
_LEVEL = 0.75
_MINUS_I, _PLUS_Q = (42, 154, 96), (38, 171, 148)
_AMBER = (0.98, 0.66, 0.12)
_ROOMY = (480, 270)
"""From this size the slate has labels and the prompt."""


class BarsPicture:
    """Draws the frames of one take. Every call changes and returns the same arrays."""

    def __init__(self, request: GenerationRequest) -> None:
        self._request = request
        self._planes = _bars(request.width, request.height)
        self._white = flat(request.width, request.height, WHITE)
        luma, roomy = self._planes[0], request.width >= _ROOMY[0] and request.height >= _ROOMY[1]
        panel = _panel(self._planes, request.width, request.height)
        inside = panel.part(0.06, 0.09, 0.88, 0.82)
        rows = _roomy_rows(inside) if roomy else _tight_rows(inside)
        write_line(luma, request.name, rows["name"], _PANEL, _TEXT, keep_end=True)
        if roomy:
            write_line(luma, request.brief.prompt or "no prompt", rows["prompt"], _PANEL, _DIM)
            write_line(luma, "TIMECODE", rows["timecode label"], _PANEL, _DIM)
            write_line(luma, f"FRAME OF {request.frames}", rows["count label"], _PANEL, _DIM)
        places = (self._timecode_at(0), rows["timecode"]), (self._count_at(request.frames - 1), rows["count"])
        font = min((font_for(text, box) for text, box in places), key=lambda font: font.size)
        self._timecode, self._count = (Counter(box, font, _PANEL, _TEXT) for _, box in places)
        self._track = _Track(luma, rows["track"], request.frames, request.used_in_take)

    def flash(self) -> Planes:
        """A white frame with nothing on it, as (Y, U, V)."""
        return self._white

    def frame(self, index: int) -> Planes:
        """Take frame `index` as (Y, U, V), Rec.709 video range."""
        luma = self._planes[0]
        self._timecode.show(luma, self._timecode_at(index))
        self._count.show(luma, self._count_at(index))
        self._track.show(luma, index)
        return self._planes

    def _timecode_at(self, index: int) -> str:
        number = self._request.take_timecode_frames + index
        return format_timecode(number, self._request.frame_rate, drop_frame=self._request.drop_frame)

    def _count_at(self, index: int) -> str:
        return f"{index:0{max(3, len(str(self._request.frames)))}d}"


class _Track:
    """A line as long as the take, brighter where the cut shows it, with a playhead."""

    def __init__(self, luma: Plane, box: Box, frames: int, used: FrameRange) -> None:
        self._box, self._frames, self._width = box, frames, max(2, box.width // 160)
        luma[box.y : box.y + box.height, box.x : box.x + box.width] = _TRACK
        first, last = (self._at(min(max(frame, 0), frames)) for frame in (used.start, used.end))
        luma[box.y : box.y + box.height, first:last] = _USED
        self._ground = luma[self._rows, box.x : box.x + box.width].copy()
        self._shown = 0

    @property
    def _rows(self) -> slice:
        return slice(self._box.y - self._box.height, self._box.y + 2 * self._box.height)

    def _at(self, frame: int) -> int:
        return self._box.x + frame * self._box.width // self._frames

    def show(self, luma: Plane, frame: int) -> None:
        """Moves the playhead to `frame`."""
        left = self._shown
        luma[self._rows, self._box.x + left : self._box.x + left + self._width] = self._ground[
            :, left : left + self._width
        ]
        left = min(self._at(frame) - self._box.x, self._box.width - self._width)
        luma[self._rows, self._box.x + left : self._box.x + left + self._width] = WHITE
        self._shown = left


def _roomy_rows(inside: Box) -> dict[str, Box]:
    return {
        "name": inside.part(0, 0, 1, 0.32),
        "prompt": inside.part(0, 0.34, 1, 0.115),
        "timecode label": inside.part(0, 0.54, 0.6, 0.075),
        "count label": inside.part(0.66, 0.54, 0.34, 0.075),
        "timecode": inside.part(0, 0.62, 0.62, 0.25),
        "count": inside.part(0.66, 0.62, 0.34, 0.25),
        "track": inside.part(0, 0.95, 1, 0.02),
    }


def _tight_rows(inside: Box) -> dict[str, Box]:
    return {
        "name": inside.part(0, 0, 1, 0.3),
        "timecode": inside.part(0, 0.33, 1, 0.28),
        "count": inside.part(0, 0.62, 1, 0.26),
        "track": inside.part(0, 0.96, 1, 0.03),
    }


def _panel(planes: Planes, width: int, height: int) -> Box:
    """Draws the slate over the bars and returns its box."""
    roomy = width >= _ROOMY[0] and height >= _ROOMY[1]
    panel_width = min(int(width * 0.94), max(int(width * 0.6), int(height * 0.9))) if roomy else width - 4
    panel_height = int(height * 0.46) if roomy else int(height * 0.64)
    left, top = (width - panel_width) // 4 * 2, max(1, int(height * 0.335) - panel_height // 2)
    box = Box(left, top, panel_width // 2 * 2, panel_height)
    fill(planes, box, (_PANEL, GREY, GREY))
    fill(planes, box._replace(height=max(1, height // 120)), _rec709(_AMBER))
    return box


def _bars(width: int, height: int) -> Planes:
    """75 % bars, the reversed strip, and a row of black, white and near-black."""
    planes = flat(width, height, BLACK)
    upper, middle = round(height * 0.67), round(height * 0.75)
    for index, (colour, below) in enumerate(zip(_BARS, _REVERSED, strict=True)):
        left, right = (place * width // 14 * 2 for place in (index, index + 1))
        right = width if index == len(_BARS) - 1 else right
        fill(planes, Box(left, 0, right - left, upper), _rec709(tuple(_LEVEL * part for part in colour)))
        fill(planes, Box(left, upper, right - left, middle - upper), _rec709(tuple(_LEVEL * p for p in below)))
    lower = Box(0, middle, width, height - middle)
    for left, share, level in ((0.0, 0.18, _MINUS_I), (0.18, 0.18, (WHITE, GREY, GREY)), (0.36, 0.18, _PLUS_Q)):
        fill(planes, lower.part(left, 0, share, 1), level)
    for left, level in ((0.72, BLACK - 9), (0.77, BLACK), (0.82, BLACK + 9)):
        fill(planes, lower.part(left, 0, 0.05, 1), (level, GREY, GREY))
    return planes


def _rec709(colour: tuple[float, ...]) -> tuple[int, int, int]:
    """R'G'B' of 0 to 1 -> 8-bit (Y, Cb, Cr), video range (ITU-R BT.709)."""
    red, green, blue = colour
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        round(16 + 219 * luma),
        round(128 + 224 * (blue - luma) / 1.8556),
        round(128 + 224 * (red - luma) / 1.5748),
    )
