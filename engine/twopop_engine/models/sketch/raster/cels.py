"""Frames out of cels, as on an animation table: what changed is drawn anew, all else stays on the film as it was.

A cel is a part of the picture (a body, a mouth, the rain) that is drawn in one go, kept while what it shows is the
same, and laid over the cels before it. A frame redraws only the boxes of cels that changed. What it looks like depends
on its cels and its backdrop alone, never on the frames before it: a box drawn by itself has the pixels of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from .canvas import Canvas
from .library import LOCK
from .steps import Fill, Open, Picture, Placed, Replay, Shut, Spot, Step, Stroke, placed
from .video import Box, Words

_FRINGE = 2
"""Pixels around a path that its edge may touch."""
_FEW = 6
"""A cel of so few parts (four wisps of steam) changes in their boxes, not in all that lies between them."""
_WORTH = 1.1
"""Two boxes become one where that is at most so much larger than both."""


_Item = tuple[Sequence[Step], Sequence[Spot], Box]
"""A path, a picture or a whole group: its steps, where its paths are, and the box it lies in."""


@dataclass(slots=True, eq=False)
class Cel:
    """What was noted under one key; `items` are worked out at the first exposure."""

    key: Hashable
    steps: list[Step]
    items: list[_Item] = field(default_factory=list)
    paths: Placed | None = None
    box: Box = (0, 0, 0, 0)

    @property
    def boxes(self) -> list[Box]:
        """Where the picture is another one with it."""
        return [box for _, _, box in self.items] if len(self.items) <= _FEW else [self.box]


class CelCanvas(Canvas):
    """A canvas for frame after frame: `cel` for each part from back to front, then `expose`."""

    def __init__(self, width: int, height: int, *, ink: bool = False, video: bool = False) -> None:
        super().__init__(width, height, ink=ink, video=video)
        self._sheet: dict[Hashable, Cel] = {}
        self._exposed: dict[Hashable, Cel] | None = None

    def cel(self, slot: Hashable, key: Hashable, draw: Callable[[], None]) -> None:
        """Lays a cel over those before it.

        Args:
            slot: Which part of the picture; once a frame.
            key: All that `draw` depends on besides the present view: with the same one it is not called again.
            draw: Draws it on this canvas.
        """
        key = (self.view, key)
        kept = self._exposed.get(slot) if self._exposed else None
        if kept is None or kept.key != key:
            outer, self._steps = self._steps, []
            draw()
            kept = Cel(key, self._steps)
            self._steps = outer
        self._sheet[slot] = kept

    def expose(self, behind: Words, moved: bool) -> list[Box]:
        """Draws what changed since the last frame.

        Args:
            behind: The backdrop, as large as the canvas.
            moved: Whether it is another one than at the last exposure.

        Returns:
            The boxes whose pixels may have changed, left and right even.
        """
        before, self._exposed, self._sheet = self._exposed, self._sheet, {}
        height, width = self.pixels.shape[:2]
        _settle([cel for cel in self._exposed.values() if cel.paths is None], (width, height))
        if before is None or moved:
            boxes = [(0, 0, width, height)]
        else:
            boxes = _merged(sorted(_changed(before, self._exposed) | _passed(before, self._exposed)), width)
        for box in boxes:
            self._redraw(box, behind)
        return boxes

    def _redraw(self, box: Box, behind: Words) -> None:
        left, top, right, bottom = box
        self.words[top:bottom, left:right] = behind[top:bottom, left:right]
        cels = self._exposed or {}
        steps: list[Step] = []
        spots: list[Spot] = []
        for cel in cels.values():
            if _meet(cel.box, box):
                for own, where, (low, high, far, deep) in cel.items:
                    if low < right and left < far and high < bottom and top < deep:
                        steps += own
                        spots += where
        if not steps:
            return
        with LOCK:
            self._target()
            self._tvg.tvg_canvas_set_viewport(self._canvas, left, top, right - left, bottom - top)
            Replay(self._tvg, self._canvas).run(steps, iter(spots))
            self._drawn()


def _changed(before: dict[Hashable, Cel], now: dict[Hashable, Cel]) -> set[Box]:
    slots = [slot for slot in before.keys() | now.keys() if before.get(slot) is not now.get(slot)]
    cels = (sheet[slot] for slot in slots for sheet in (before, now) if slot in sheet)
    return {box for cel in cels for box in cel.boxes}


def _passed(before: dict[Hashable, Cel], now: dict[Hashable, Cel]) -> set[Box]:
    """Where two cels overlap that lie in another order than before."""
    common, place = [slot for slot in before if slot in now], {slot: k for k, slot in enumerate(now)}
    if sorted(common, key=place.__getitem__) == common:
        return set()
    pairs = ((now[a].box, now[b].box) for a, b in combinations(common, 2) if place[a] > place[b])
    return {(max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])) for a, b in pairs if _meet(a, b)}


def _merged(boxes: Iterable[Box], width: int) -> list[Box]:
    """Boxes on even columns, with those that lie close together made one."""
    out: list[Box] = []
    for left, top, right, bottom in boxes:
        if right <= left or bottom <= top:
            continue
        box = (left - left % 2, top, min(right + right % 2, width), bottom)
        while (near := next((other for other in out if _worth(box, other)), None)) is not None:
            out.remove(near)
            box = _around(box, near)
        out.append(box)
    return out


def _worth(a: Box, b: Box) -> bool:
    return _area(_around(a, b)) <= _WORTH * (_area(a) + _area(b))


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _around(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _settle(cels: Sequence[Cel], size: tuple[int, int]) -> None:
    """Works out points and boxes of cels that are new, of all of them at once."""
    paths = placed([step for cel in cels for step in cel.steps])
    boxes = iter(_boxes(paths, size))
    spots = iter(paths.spots)
    for cel in cels:
        cel.paths = paths  # keeps them where the spots say they are
        cel.items = _items(cel.steps, spots, boxes, size)
        shown = [box for _, _, box in cel.items if box[2] > box[0] and box[3] > box[1]]
        if shown:
            lefts, tops, rights, bottoms = zip(*shown, strict=True)
            cel.box = min(lefts), min(tops), max(rights), max(bottoms)


def _boxes(paths: Placed, size: tuple[int, int]) -> Iterable[Box]:
    """The pixels that each path may touch, in order; what lies outside the picture has a box turned inside out."""
    if not paths.spots:
        return []
    counts = np.array([spot[3] for spot in paths.spots])
    starts = np.cumsum(counts) - counts
    at = paths.points.view(np.float32).reshape(-1, 2)
    low = np.maximum(np.minimum.reduceat(at, starts) - _FRINGE, 0)
    high = np.minimum(np.maximum.reduceat(at, starts) + (_FRINGE + 1), size)
    return zip(*np.concatenate([low, high], axis=1).astype(np.int64).T.tolist(), strict=True)


def _items(steps: Sequence[Step], spots: Iterator[Spot], boxes: Iterator[Box], size: tuple[int, int]) -> list[_Item]:
    """Steps in parts that cannot be taken apart: single ones, and groups."""
    out: list[_Item] = []
    begin = depth = 0
    for k, step in enumerate(steps):
        kind = type(step)
        if kind is Fill:  # what nearly all are
            if depth == 0:
                out.append(((step,), (next(spots),), next(boxes)))
                begin = k + 1
            continue
        depth += (kind is Open) - (kind is Shut)
        if depth == 0:
            out.append(_item(steps[begin : k + 1], spots, boxes, size))
            begin = k + 1
    return out


def _item(steps: Sequence[Step], places: Iterator[Spot], paths: Iterator[Box], size: tuple[int, int]) -> _Item:
    first = steps[0]
    spots: list[Spot] = []
    boxes: list[Box] = []
    clip: Box = (0, 0, *size)
    soft = 0
    for step in steps:
        if isinstance(step, Picture):
            wide, tall = step.size or step.pixels.shape[1::-1]
            boxes.append((step.x, step.y, step.x + wide, step.y + tall))
        elif isinstance(step, Shut):
            soft = max(soft, math.ceil(4.0 * step.blur))
        elif step.path is not None:
            spots.append(next(places))
            box = next(paths)
            if not isinstance(step, Open):
                boxes.append(_grown(box, step.width * step.view.scale / 2) if isinstance(step, Stroke) else box)
            elif step is first:
                clip = box
    return steps, spots, _seen(boxes, clip, soft, size)


def _seen(boxes: Sequence[Box], clip: Box, soft: int, size: tuple[int, int]) -> Box:
    """What is seen of some boxes through a clip, and blurred; nothing of none."""
    if not boxes:
        return 0, 0, 0, 0
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    sharp = max(min(lefts), clip[0]), max(min(tops), clip[1]), min(max(rights), clip[2]), min(max(bottoms), clip[3])
    left, top, right, bottom = _grown(sharp, soft)
    return max(0, left), max(0, top), min(size[0], right), min(size[1], bottom)


def _grown(box: Box, by: float) -> Box:
    more = math.ceil(by)
    return box[0] - more, box[1] - more, box[2] + more, box[3] + more
