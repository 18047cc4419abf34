"""A still of the editor's as the picture: storyboard panels, photographs, paintings, with a camera move over them.

`REF: boards/03.png` is the whole picture, unless somebody is seen speaking: they stand before it, as everybody does
before `REF PLATE: stills/kitchen.jpg`. A still that names a person (`REF MARA: ...`) is of them and is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from twopop.errors import BackendError
from twopop.request import GenerationRequest
from twopop.wire import Reference

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[float, float, float, float]

_BEHIND: Final = "PLATE"
_MOST_PIXELS: Final = 64_000_000
_ROOM: Final = 0.12
"""How much of the still a move uses: the frame shows 1 / (1 + room) of it at its closest."""
_MOVES: Final = (
    (r"static|locked[- ]?off|no move|tripod|hold", (0.0, 0.0, 0.0)),
    (r"pull(?:s|ing)?[- ](?:out|back)|dolly[- ]out|zoom(?:s|ing)?[- ]out", (-1.0, 0.0, 0.0)),
    (r"pan(?:s|ning)? (?:to the )?left|track(?:s|ing)? left", (0.0, -1.0, 0.0)),
    (r"pan(?:s|ning)? (?:to the )?right|track(?:s|ing)? right", (0.0, 1.0, 0.0)),
    (r"tilt(?:s|ing)? up|crane up", (0.0, 0.0, -1.0)),
    (r"tilt(?:s|ing)? down|crane down", (0.0, 0.0, 1.0)),
)
"""Words -> (closer, to the right, down) over the take."""
_USUAL: Final = (1.0, 0.0, 0.0)


def is_plate(reference: Reference) -> bool:
    """Whether a still is shown at all."""
    return reference.kind == "still" and reference.speaker in ("", _BEHIND)


class Still:
    """One still under a moving camera; see `still_of`."""

    def __init__(self, picture: Image, size: tuple[int, int], move: tuple[float, float, float], behind: bool) -> None:
        self.behind = behind
        """True where people stand before it."""
        self._picture, self._size, self._move = picture, size, move

    def repainted(self, paint: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]) -> Still:
        """The same still with other pixels, `(height, width, 3)` uint8 RGB."""
        from PIL.Image import fromarray

        return Still(fromarray(paint(np.asarray(self._picture))), self._size, self._move, self.behind)

    def frame(self, share: float) -> NDArray[np.uint8]:
        """The still at a share (0 to 1) of the take, `(height, width, 3)` uint8 RGB."""
        from PIL.Image import Resampling

        box = self._box(share * share * (3.0 - 2.0 * share))
        return np.asarray(self._picture.resize(self._size, Resampling.BICUBIC, box=box))

    def zoomed(self, zoom: float) -> NDArray[np.uint8]:
        """The still behind people whose camera has come closer by `zoom`, at half their parallax."""
        return self.frame_of(1.0 + _ROOM / 2 + 0.5 * (max(zoom, 0.2) - 1.0))

    def frame_of(self, zoom: float) -> NDArray[np.uint8]:
        """The middle of the still, `zoom` (1 or more) times as large as it must be to fill the frame."""
        from PIL.Image import Resampling

        width, height = self._picture.size
        wide = min(width, height * self._size[0] / self._size[1]) / max(zoom, 1.0)
        tall = wide * self._size[1] / self._size[0]
        box = (width - wide) / 2, (height - tall) / 2, (width + wide) / 2, (height + tall) / 2
        return np.asarray(self._picture.resize(self._size, Resampling.BICUBIC, box=box))

    def _box(self, share: float) -> Box:
        """What the frame shows of the still, in its pixels: as large as its shape allows, less the room to move."""
        closer, across, down = self._move
        width, height = self._picture.size
        aspect = self._size[0] / self._size[1]
        wide = min(width, height * aspect)
        along = share if closer > 0 else 1.0 - share
        zoom = 1.0 + _ROOM * (along if closer else 1.0 if across or down else 0.0)
        shown = wide / zoom, wide / aspect / zoom
        free = width - shown[0], height - shown[1]
        # A pan goes over as much as the room in the frame's own terms, so that no still is raced across.
        reach = [min(space, side * 2 * _ROOM) for space, side in zip(free, shown, strict=True)]
        left = free[0] / 2 + across * (share - 0.5) * reach[0]
        top = free[1] / 2 + down * (share - 0.5) * reach[1]
        return left, top, left + shown[0], top + shown[1]


def still_of(request: GenerationRequest) -> Still | None:
    """The still that a shot shows, if it names one; the first of several.

    Raises:
        BackendError: it is not an image, or too large (`bad_reference`).
    """
    reference = next((one for one in request.brief.references if is_plate(one)), None)
    if reference is None:
        return None
    from PIL import Image, ImageOps, UnidentifiedImageError

    name = Path(reference.path).name
    try:
        with Image.open(reference.path) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise _bad(request, name, f"has more than {_MOST_PIXELS // 1_000_000} megapixels")
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, UnidentifiedImageError, ValueError, SyntaxError, Image.DecompressionBombError) as exc:
        raise _bad(request, name, "is not an image") from exc
    paper = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    paper.alpha_composite(picture)
    words = f"{request.brief.camera} {request.brief.prompt}"
    moves = (move for pattern, move in _MOVES if re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", words, re.I))
    size = (request.width, request.height)
    seen = reference.speaker == _BEHIND or any(line.lips for line in request.brief.lines)
    return Still(paper.convert("RGB"), size, next(moves, _USUAL), seen)


def _bad(request: GenerationRequest, name: str, what: str) -> BackendError:
    return BackendError(
        f"Shot {request.name}: still {name} {what}. Give a PNG, JPEG or WebP. Nothing was generated.",
        code="bad_reference",
    )
