"""The picture of a preview: every video track flattened, frame by frame, with cards for what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .errors import MediaError
from .flatten import Entry, lanes_of
from .footage import Footage, footage_of
from .media.burn import BLACK, WHITE, Box, Counter, fill, flat, font_for, mask_of, write_line
from .media.decode import decode_frames
from .timeline import Cut, Item, schema_name
from .tracks import active_reference
from .wire import Finding

if TYPE_CHECKING:
    import numpy as np

    Plane = np.ndarray[Any, np.dtype[np.uint8]]
    Planes = tuple[Plane, Plane, Plane]

_FARTHEST = 48
"""Frames that are decoded and dropped rather than sought."""
_CARD, _TEXT, _DIM = 30, 220, 130
_AMBER = (172, 40, 161)
_SHADE = 0.35
"""What is left of the picture behind burnt-in text."""


class PreviewPicture:
    """Draws a cut in rising frame order. Memory: one frame of every clip that plays."""

    def __init__(self, cut: Cut, size: tuple[int, int], *, burn_in: bool) -> None:
        self.findings: list[Finding] = []
        self._cut, self._size = cut, size
        self._lanes = lanes_of(cut, "Video")
        self._open: dict[tuple[int, ...], _Reader] = {}
        self._burn = _BurnIn(size, cut.timecode(0)) if burn_in else None
        self._black = flat(*size, BLACK)

    def frames(self, leader_frames: int) -> Iterator[Planes]:
        """The leader (a "2" on its first frame, then black) and every frame of the cut, as (Y, U, V)."""
        for frame in range(-leader_frames, 0):
            picture = _two(self._size) if frame == -leader_frames else self._black
            yield self._finished(picture, frame, self._cut.name)
        for frame in range(self._cut.duration_frames):
            picture, name = self._composed(frame)
            yield self._finished(picture, frame, name)

    def _finished(self, picture: Planes, frame: int, name: str) -> Planes:
        return self._burn.over(picture, self._cut.timecode(frame), name) if self._burn else picture

    def _composed(self, frame: int) -> tuple[Planes, str]:
        """The flattened picture of a cut frame, and the name of the shot that shows most."""
        layers: list[tuple[Entry, float]] = []
        left = 1.0
        for lane in reversed(self._lanes):
            playing = [(entry, weight * left) for entry, weight in lane.at(frame) if entry.plays]
            layers += playing
            left -= sum(weight for _, weight in playing)
            if left <= 1e-9:
                break
        self._close_all_but({entry.item.path for entry, _ in layers})
        if not layers:
            return self._black, ""
        name = _name_of(max(layers, key=lambda layer: layer[1])[0].item)
        if len(layers) == 1 and left <= 1e-9:
            return self._reader(layers[0][0].item).at(frame), name
        parts = [(self._reader(entry.item).at(frame), weight) for entry, weight in layers]
        return _mixed([*parts, (self._black, max(0.0, left))]), name

    def _reader(self, item: Item) -> _Reader:
        reader = self._open.get(item.path)
        if reader is None:
            reader = self._open[item.path] = self._opened(item)
        return reader

    def _opened(self, item: Item) -> _Reader:
        try:
            if item.retimed_nest:
                raise MediaError(f"{_name_of(item)}: the nest it is in is retimed; a preview does not follow that.")
            return _Reader(self._cut.frame_rate, self._size, footage_of(self._cut, item))
        except MediaError as exc:
            title = schema_name(active_reference(item.node)) == "GeneratorReference"
            if not title:
                self._say(item, str(exc))
            return _Reader(self._cut.frame_rate, self._size, card=_card(self._size, item, "" if title else str(exc)))

    def _say(self, item: Item, message: str) -> None:
        timecode, name = self._cut.timecode(item.record.start), _name_of(item)
        finding = Finding(level="warning", code="missing_media", message=message, shot=name, timecode=timecode)
        if finding not in self.findings:
            self.findings.append(finding)

    def _close_all_but(self, playing: set[tuple[int, ...]]) -> None:
        for path in [path for path in self._open if path not in playing]:
            del self._open[path]


@dataclass(slots=True)
class _Reader:
    """The frames of one clip, letterboxed; sequential where the clip is."""

    frame_rate: Fraction
    size: tuple[int, int]
    footage: Footage | None = None
    card: Planes | None = None
    """Shown instead of media."""
    _frames: Iterator[Planes] = field(default_factory=lambda: iter(()))
    _next: int = -(1 << 40)
    _picture: Planes | None = None

    def at(self, frame: int) -> Planes:
        """The picture at a frame of the cut."""
        if self.card is not None or self.footage is None:
            return self.card or flat(*self.size, BLACK)
        wanted = self.footage.media_frame(frame, self.frame_rate)
        if self._picture is not None and wanted == self._next - 1:
            return self._picture
        if not 0 <= wanted - self._next <= _FARTHEST:
            self._frames, self._next = self._from(wanted), wanted
        while self._next <= wanted:
            self._picture = next(self._frames, self._picture)
            self._next += 1
        return self._picture or flat(*self.size, BLACK)

    def _from(self, start: int) -> Iterator[Planes]:
        """Frames of the file from `start`, fitted into the picture with black around them."""
        assert self.footage is not None
        facts, (width, height) = self.footage.facts, self.size
        shape = facts.width * facts.pixel_aspect, Fraction(facts.height)
        scale = min(width / shape[0], height / shape[1])
        inner = tuple(max(2, round(side * scale / 2) * 2) for side in shape)
        left, top = (width - inner[0]) // 4 * 2, (height - inner[1]) // 2
        try:
            for planes in decode_frames(
                self.footage.path, start=start, pixel_format="yuv422p", size=(inner[0], inner[1])
            ):
                if inner == self.size:
                    yield planes
                    continue
                canvas = flat(width, height, BLACK)
                for index, (target, source) in enumerate(zip(canvas, planes, strict=True)):
                    x = left // 2 if index else left
                    target[top : top + source.shape[0], x : x + source.shape[1]] = source
                yield canvas
        except MediaError:
            return  # damaged from here on: the last good frame stays, and `check` says why


class _BurnIn:
    """Timecode at the lower left, shot name at the lower right, on a darkened strip of picture."""

    def __init__(self, size: tuple[int, int], template: str) -> None:
        import numpy as np

        width, height = size
        line = max(9, height // 28)
        top = height - line - max(2, height // 36)
        side = max(2, width // 48 // 2 * 2)
        self._boxes = [Box(side, top, 0, line), Box(width - side, top, 0, line)]
        font = font_for(template, Box(0, 0, width, line))
        self._timecode = Counter(Box(line // 4, 0, width, line), font, 0, 255)
        self._clock: Plane = np.zeros((line, (round(font.getlength(template)) + line // 2) // 2 * 2), np.uint8)
        self._names: dict[str, Plane] = {}
        self._room = width - 2 * side - self._clock.shape[1] - line

    def over(self, picture: Planes, timecode: str, name: str) -> Planes:
        """A copy of the picture with both texts."""
        planes = picture[0].copy(), picture[1].copy(), picture[2].copy()
        self._timecode.show(self._clock, timecode)
        _shade(planes, self._boxes[0].x, self._boxes[0].y, self._clock)
        if name and self._room > 0:
            mask = self._name(name)
            _shade(planes, self._boxes[1].x - mask.shape[1], self._boxes[1].y, mask)
        return planes

    def _name(self, name: str) -> Plane:
        if name not in self._names:
            import numpy as np

            line = self._clock.shape[0]
            font = font_for(name, Box(0, 0, self._room, line))
            width = min(self._room, round(font.getlength(name)) + line // 2) // 2 * 2
            mask = np.zeros((line, max(2, width)), np.uint8)
            inner = mask[:, line // 4 :]
            inner[:] = mask_of(name, font, inner.shape[1], line)
            self._names = {name: mask}
        return self._names[name]


def _shade(planes: Planes, left: int, top: int, mask: Plane) -> None:
    """Darkens a box of the picture and lays the text of `mask` over it."""
    rows, width = mask.shape
    area = planes[0][top : top + rows, left : left + width]
    under = BLACK + (area - float(BLACK)) * _SHADE
    area[:] = under + (_TEXT - under) * (mask[:, : area.shape[1]] / 255.0)
    for plane in planes[1:]:
        part = plane[top : top + rows, left // 2 : (left + width) // 2]
        part[:] = 128 + (part - 128.0) * _SHADE


def _mixed(parts: list[tuple[Planes, float]]) -> Planes:
    import numpy as np

    def plane(index: int) -> Plane:
        total = sum(np.multiply(planes[index], weight, dtype=np.float32) for planes, weight in parts)
        return np.rint(total).astype(np.uint8)

    return plane(0), plane(1), plane(2)


def _card(size: tuple[int, int], item: Item, why: str) -> Planes:
    """A card that stands for a clip without a picture: its name and why."""
    width, height = size
    planes = flat(width, height, _CARD)
    box = Box(width // 12, height // 3, width - width // 6, height // 3)
    fill(planes, Box(box.x, box.y, box.width, max(1, height // 180)), _AMBER)
    write_line(planes[0], _name_of(item) or "untitled", box.part(0, 0.12, 1, 0.4), _CARD, _TEXT)
    if why:
        write_line(planes[0], why, box.part(0, 0.6, 1, 0.22), _CARD, _DIM)
    return planes


def _two(size: tuple[int, int]) -> Planes:
    """The frame of the pop: a film leader's "2"."""
    import numpy as np
    from PIL import Image, ImageDraw

    width, height = size
    planes = flat(width, height, 0)
    image = Image.new("L", size, 150)
    draw = ImageDraw.Draw(image)
    x, y, line = width / 2, height / 2, max(1, height // 180)
    draw.line((0, y, width, y), fill=40, width=line)
    draw.line((x, 0, x, height), fill=40, width=line)
    for radius in (height * 0.40, height * 0.36):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=WHITE, width=line * 2)
    font = font_for("2", Box(0, 0, width, round(height * 0.7)))
    draw.text((x, y), "2", fill=30, font=font, anchor="mm")
    planes[0][:] = np.asarray(image)
    return planes


def _name_of(item: Item) -> str:
    return str(item.ours.get("name") or item.name)
