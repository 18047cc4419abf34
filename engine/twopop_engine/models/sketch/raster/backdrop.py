"""Backdrops: a place's layers drawn once per camera set-up, then only shifted and scaled under a moving camera.

Layers behind the actors are kept as plates (horizon, middle, near: as many as their depths ask for) a little larger
than the frame, drawn at a reference camera. While the camera stays near it, a frame samples each plate at its own
parallax, which costs a tenth of drawing them. References lie on a grid about the shot's first camera, so that a
frame's pixels depend on its shot and pose alone, not on the frames drawn before it. A camera at rest costs one copy.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .camera import Camera
from .canvas import IDENTITY, Canvas, Pixels, Radial, View
from .clearing import Body, cleared, runs_of
from .grade import Grade, Head, Plane, apply_grade, decide, grade_clear, wash
from .look import SceneLook
from .palette import Light
from .places import Brush, Layer, Place
from .shapes import rectangle
from .video import Words, to_video

MARGIN = 0.08
"""How much larger than the frame a plate is, on each side."""
_STEP, _ZOOM_STEP = 0.08, 0.09
"""The grid of references: in heights of the frame, and in the logarithm of its height."""
_FAR_FROM = 1.2
_APART, _SPREAD, _SEEN_FROM_M = 0.05, 0.19, 3.5
"""By how much layers of two plates differ in size, and those of one at most, for a camera so far from the actors."""
_BETWEEN = 64
"""Pixels between things of one foreground that are kept apart."""
_TILE = 384
_ROWS = 64
"""Rows sampled at once: so many fit into a core's own cache."""
_THUMBNAIL = 108
_KEPT_BYTES = 160_000_000


Cropped = tuple[Pixels, tuple[int, int]]
"""Part of a picture, and where its corner (x, y) lay."""


@dataclass(frozen=True)
class Plate:
    """Pixels of some layers, the depth they move with, and where their corner lies in the margin frame."""

    pixels: npt.NDArray[np.uint32]
    z: float
    corner: tuple[int, int]


@dataclass(frozen=True)
class Setup:
    """A shot's first camera, the heads it was composed for, which its grade depends on, and the bodies."""

    camera: Camera
    heads: tuple[Head, ...] = ()
    bodies: tuple[Body, ...] = ()

    @cached_property
    def _hash(self) -> int:
        return hash((self.camera, self.heads, self.bodies))

    def __hash__(self) -> int:
        """Worked out once: many a frame asks."""
        return self._hash


@dataclass(frozen=True)
class Plates:
    """All plates of one reference camera."""

    reference: Camera
    back: tuple[Plate, ...]
    front: tuple[Plate, ...]


class _Seen(NamedTuple):
    """The plates a camera sees, and keys of what lies behind and before the actors: equal ones mean equal pixels."""

    plates: Plates
    back: Hashable
    fronts: tuple[Hashable, ...]


class Backdrop:
    """The place of one scene at one size.

    Args:
        place: Which.
        look: The scene's.
        light: Its light.
        size: (width, height) of the frames.
        chroma: Of the people who stand there; the place stays quieter.
        video: In Y, U, V (see `video`) instead of R, G, B.
    """

    def __init__(
        self, place: Place, look: SceneLook, light: Light, size: tuple[int, int], chroma: float, *, video: bool = False
    ) -> None:
        self._place, self._look, self._light, self._size, self._chroma = place, look, light, size, chroma
        self._video = video
        self._pad = (round(size[0] * MARGIN), round(size[1] * MARGIN))
        self._plates: OrderedDict[tuple[object, ...], Plates] = OrderedDict()
        self._grades: dict[Setup, Grade] = {}
        self._last: tuple[tuple[Camera, Setup], _Seen] | None = None
        self._flat_key: Hashable = None
        self._flat = Canvas(*size)

    def behind(self, camera: Camera, setup: Setup) -> tuple[Hashable, Words]:
        """What lies behind the actors, and a key: equal ones mean equal pixels. Valid until the next call."""
        view = self._seen(camera, setup)
        if view.back != self._flat_key:
            self._flatten(view.plates, camera)
            self._flat_key = view.back
        return view.back, self._flat.words

    def paint_front(self, canvas: Canvas, camera: Camera, setup: Setup) -> None:
        """Lay what stands in front of the actors over them, a cel each."""
        plates, _, fronts = self._seen(camera, setup)
        canvas.view = IDENTITY
        for k, (plate, key) in enumerate(zip(plates.front, fronts, strict=True)):
            canvas.cel(("front", k), key, partial(self._paint_plate, canvas, plate, plates.reference, camera))

    def _seen(self, camera: Camera, setup: Setup) -> _Seen:
        """What a camera sees, and keys of it; a camera at rest is asked about once."""
        if self._last is None or self._last[0] != (camera, setup):
            plates = self._at(camera, setup)
            back = (setup, plates.reference, *self._moves(plates.back, plates, camera))
            fronts = ((setup, plates.reference, *self._moves((plate,), plates, camera)) for plate in plates.front)
            self._last = (camera, setup), _Seen(plates, back, tuple(fronts))
        return self._last[1]

    def _paint_plate(self, canvas: Canvas, plate: Plate, reference: Camera, camera: Camera) -> None:
        rows, columns = self._sampling(plate, reference, camera)
        keep_r, keep_c = _inside(rows, plate.pixels.shape[0]), _inside(columns, plate.pixels.shape[1])
        if keep_r.stop <= keep_r.start or keep_c.stop <= keep_c.start:
            return
        rows, columns = rows[keep_r], columns[keep_c]
        if _in_turn(rows) and _in_turn(columns):  # as it is: the canvas cuts off what lies outside, without a copy
            canvas.picture(_bytes(plate.pixels), keep_c.start - int(columns[0]), keep_r.start - int(rows[0]))
        else:
            canvas.picture(_bytes(_sampled(plate.pixels, rows, columns)), keep_c.start, keep_r.start)

    def brush(self, canvas: Canvas, camera: Camera, first: Camera, z: float, steps: float) -> Brush:
        """A brush on a canvas whose view is already the plane at depth `z` of that camera; `first` is the shot's."""
        width, height = self._size
        half_h = (0.5 + MARGIN) * camera.visible_m / camera.closeness(z)
        half_w = half_h * width / height
        seed = int.from_bytes(hashlib.sha256(f"{self._look.place}{self._look.seed}{z}".encode()).digest()[:8])
        return Brush(
            *(canvas, self._light, self._look, camera, first, z, steps),
            *(camera.x - half_w, camera.x + half_w, -camera.y - half_h, -camera.y + half_h),
            np.random.Generator(np.random.Philox(seed)),
        )

    def _at(self, camera: Camera, setup: Setup) -> Plates:
        """The plates of the reference nearest to a camera, drawn if need be."""
        base = setup.camera
        zoom = round(float(np.log(camera.visible_m / base.visible_m)) / _ZOOM_STEP)
        visible = base.visible_m * float(np.exp(zoom * _ZOOM_STEP))
        step = _STEP * visible
        across, up = (round((a - b) / step) for a, b in ((camera.x, base.x), (camera.y, base.y)))
        key = (setup, zoom, across, up)
        if key not in self._plates:
            self._plates[key] = self._draw(Camera(base.x + across * step, base.y + up * step, visible), setup)
            most = max(1, _KEPT_BYTES // (16 * self._size[0] * self._size[1]))
            while len(self._plates) > most:
                self._plates.popitem(last=False)
        self._plates.move_to_end(key)
        return self._plates[key]

    def _draw(self, reference: Camera, setup: Setup) -> Plates:
        grade = self._grades.get(setup)
        if grade is None:
            grade = self._grades[setup] = self._decide(setup)
        (far, *middle), near = self._grouped()
        size, pad = self._size, self._pad
        canvas = self._soft(far, reference, setup.camera, grade, opaque=True)
        _vignette(canvas)
        _grain(canvas.pixels)
        self._coded(canvas.pixels)
        back = [Plate(canvas.words, _depth(far), (0, 0))]
        for layers in middle:
            canvas = self._soft(layers, reference, setup.camera, grade)
            box, corner = _cropped(canvas.pixels)
            _grain(box)
            back.append(Plate(self._coded(box), _depth(layers), corner))
        if near:
            canvas = self._paint_layers(near, reference, setup.camera, size, pad)
            box, corner = self._graded_clear(canvas.pixels, grade, Plane(near[0].z, reference, size, pad), near=True)
            back.append(Plate(self._coded(box), near[0].z, corner))
        front: list[Plate] = []
        for layer in (layer for layer in self._place.layers if layer.z < 0):
            box, corner = _cropped(self._paint_layers([layer], reference, setup.camera, size, pad).pixels)
            box = cleared(box, corner, layer.z, reference, setup.camera, size, pad, setup.bodies)
            front += [Plate(self._coded(part), layer.z, place) for part, place in _pieces(box, corner)]
        return Plates(reference, tuple(back), tuple(front))

    def _coded(self, pixels: Pixels) -> Words:
        """The pixels of a finished plate, in the colours of the frames."""
        if self._video:
            to_video(pixels)
        return pixels.view(np.uint32)[..., 0]

    def _soft(
        self, layers: Sequence[Layer], reference: Camera, first: Camera, grade: Grade, *, opaque: bool = False
    ) -> Canvas:
        """Layers behind the set, graded. In tight shots, where they are out of focus, half the size is drawn."""
        (width, height), (pad_x, pad_y) = self._size, self._pad
        soft = reference.visible_m < 1.9 and self._look.style != "ink"
        share = 2 if soft and height >= 720 and width % 2 == height % 2 == 0 else 1
        size, pad = (width // share, height // share), (-(-pad_x // share), -(-pad_y // share))
        canvas = self._paint_layers(layers, reference, first, size, pad, opaque=opaque)
        plane = Plane(_depth(layers), reference, size, pad)
        if opaque:
            self._graded(canvas.pixels, grade, plane)
        else:
            box, (left, top) = self._graded_clear(canvas.pixels, grade, plane)
            canvas.pixels[top : top + box.shape[0], left : left + box.shape[1]] = box
        if share == 1:
            return canvas
        full, small = Canvas(width + 2 * pad_x, height + 2 * pad_y), canvas.pixels
        x, y = pad_x - share * pad[0], pad_y - share * pad[1]
        full.picture(small, x, y, (share * small.shape[1], share * small.shape[0]))
        full.flush()
        return full

    def _graded(self, pixels: Pixels, grade: Grade, plane: Plane) -> None:
        if self._look.style == "ink":
            wash(pixels, 0.40)  # a storyboard keeps its backgrounds pale
        else:
            apply_grade(pixels, grade, plane)

    def _graded_clear(self, pixels: Pixels, grade: Grade, plane: Plane, *, near: bool = False) -> Cropped:
        box, (left, top) = _cropped(pixels)
        if self._look.style == "ink":
            wash(box, 0.62 if near else 0.40)
        else:
            margin = plane.pad[0] - left, plane.pad[1] - top
            grade_clear(box, grade, replace(plane, pad=margin), grade.keep_near if near else grade.keep_far)
        return box, (left, top)

    def _decide(self, setup: Setup) -> Grade:
        """The grade of a shot, from a thumbnail of its first camera."""
        groups, near = self._grouped()
        far = [layer for layers in groups for layer in layers]
        size = _small(self._size)
        opaque = self._paint_layers(far, setup.camera, setup.camera, size, (0, 0), opaque=True).pixels
        translucent = self._paint_layers(near, setup.camera, setup.camera, size, (0, 0)).pixels if near else None
        return decide(opaque, translucent, setup.camera, setup.heads, self._chroma, self._light.span)

    def thumbnail(self, setup: Setup) -> npt.NDArray[np.uint8]:
        """The place as graded for a shot, small, `(height, width, 3)` R G B: what its palette is."""
        small = Backdrop(self._place, self._look, self._light, _small(self._size), self._chroma)
        small.behind(setup.camera, setup)
        return small._flat.pixels[..., :3]

    def _grouped(self) -> tuple[list[list[Layer]], list[Layer]]:
        """The layers behind the set, those together that move alike when the camera does, and the near ones."""
        far = [layer for layer in self._place.layers if layer.z >= _FAR_FROM]
        return _split(far, _APART), [layer for layer in self._place.layers if 0 <= layer.z < _FAR_FROM]

    def _paint_layers(
        self,
        layers: Sequence[Layer],
        camera: Camera,
        first: Camera,
        size: tuple[int, int],
        pad: tuple[int, int],
        *,
        opaque: bool = False,
    ) -> Canvas:
        width, height = size
        canvas = Canvas(width + 2 * pad[0], height + 2 * pad[1], ink=self._look.style == "ink")
        if opaque:
            canvas.fill(rectangle(0, 0, *canvas.pixels.shape[1::-1]), self._light.sky.rgba())
            canvas.flush()
        camera = replace(camera, roll=0.0, shake=(0.0, 0.0))
        focus = height / 1080 * float(np.clip(1.15 / camera.visible_m, 0.5, 1.7))
        for layer in layers:
            plane = camera.plane(layer.z, size)
            plane[:, 2] += pad
            canvas.view = View.of(plane)
            steps = 1.1 * max(0.0, layer.z) ** 0.8
            with canvas.group(blur=layer.blur * focus / canvas.scale):
                layer.draw(self.brush(canvas, camera, first, layer.z, steps))
            canvas.flush()
        return canvas

    def _flatten(self, plates: Plates, camera: Camera) -> None:
        far, *rest = plates.back
        self._flat.words[...] = _sampled(far.pixels, *self._sampling(far, plates.reference, camera))
        for plate in rest:
            self._paint_plate(self._flat, plate, plates.reference, camera)
        self._flat.flush()

    def _sampling(
        self, plate: Plate, reference: Camera, camera: Camera
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Which row and column of a plate each row and column of the frame shows."""
        width, height = self._size
        old, new = reference.plane(plate.z, self._size), replace(camera, roll=0.0).plane(plate.z, self._size)
        ratio = old[0, 0] / new[0, 0]
        shift = old[:, 2] - ratio * new[:, 2] + self._pad - plate.corner
        rows = np.floor((np.arange(height) + 0.5) * ratio + shift[1]).astype(np.intp)
        columns = np.floor((np.arange(width) + 0.5) * ratio + shift[0]).astype(np.intp)
        return rows, columns

    def _moves(self, shown: Sequence[Plate], plates: Plates, camera: Camera) -> tuple[tuple[int, ...], ...]:
        """Equal for cameras that show the same pixels of some plates."""
        return tuple(
            (int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1]))
            for plate in shown
            for rows, columns in (self._sampling(plate, plates.reference, camera),)
        )


def _small(size: tuple[int, int]) -> tuple[int, int]:
    """The size of a thumbnail."""
    return max(16, round(_THUMBNAIL * size[0] / size[1])), _THUMBNAIL


def _sampled(pixels: Words, rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> Words:
    """Some rows and columns of a picture, those outside it repeating its edge; a view where they follow each other."""
    tall, wide = pixels.shape
    whole = rows[0] >= 0 and columns[0] >= 0 and rows[-1] < tall and columns[-1] < wide
    if whole and _in_turn(rows) and _in_turn(columns):
        return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    out = np.empty((len(rows), len(columns)), np.uint32)
    for top in range(0, len(rows), _ROWS):
        some = np.take(pixels, rows[top : top + _ROWS], 0, mode="clip")
        np.take(some, columns, 1, mode="clip", out=out[top : top + _ROWS])
    return out


def _in_turn(index: npt.NDArray[np.intp]) -> bool:
    """Whether a rising index leaves nothing out and shows nothing twice."""
    return bool(index[-1] - index[0] == len(index) - 1)


def _split(layers: list[Layer], gap: float) -> list[list[Layer]]:
    """Layers from far to near, parted where their sizes differ most if that is `gap` or more; wide parts once more."""
    sizes = [_size_at(layer.z) for layer in layers]
    widest, at = max(((b - a, k) for k, (a, b) in enumerate(pairwise(sizes), 1)), default=(0.0, 0))
    if widest < gap:
        return [layers]
    parts = layers[:at], layers[at:]
    again = (_size_at(part[-1].z) - _size_at(part[0].z) > _SPREAD for part in parts)
    return [
        done for part, wide in zip(parts, again, strict=True) for done in (_split(part, _APART) if wide else [part])
    ]


def _size_at(z: float) -> float:
    return _SEEN_FROM_M / (_SEEN_FROM_M + z)


def _depth(layers: Sequence[Layer]) -> float:
    """The depth that layers which move together do so at."""
    return float(np.mean([layer.z for layer in layers])) if layers else 0.0


def _cropped(pixels: Pixels) -> Cropped:
    """A plate without its empty border, and the place (x, y) of its corner."""
    seen = (
        np.ascontiguousarray(pixels).view(np.uint32)[..., 0] != 0
    )  # what is clear is nothing in every channel: alpha is premultiplied
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows):
        return np.zeros((0, 0, 4), np.uint8), (0, 0)
    box = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(box), (int(columns[0]), int(rows[0]))


def _pieces(pixels: Pixels, corner: tuple[int, int]) -> list[Cropped]:
    """What stands apart in a plate, each without its empty border: what lies between is not laid over every frame."""
    runs: list[tuple[int, int]] = []
    for low, high in runs_of(pixels):
        if runs and low - runs[-1][1] < _BETWEEN:
            low = runs.pop()[0]
        runs.append((low, high))
    out: list[Cropped] = []
    for low, high in runs:
        box, (x, y) = _cropped(pixels[:, low:high])
        out.append((box, (corner[0] + low + x, corner[1] + y)))
    return out


def _inside(index: npt.NDArray[np.intp], count: int) -> slice:
    """The stretch of a rising index that lies within 0 .. count."""
    return slice(int(np.searchsorted(index, 0)), int(np.searchsorted(index, count)))


def _bytes(picture: npt.NDArray[np.uint32]) -> Pixels:
    return np.ascontiguousarray(picture).view(np.uint8).reshape(*picture.shape, 4)


def _vignette(canvas: Canvas) -> None:
    """Corners a little darker, so that the eye stays in."""
    height, width = canvas.pixels.shape[:2]
    canvas.view = View.of(np.array([(width / 2, 0.0, width / 2), (0.0, height / 2, height / 2)]))
    stops = ((0.0, (6, 8, 16, 0)), (0.55, (6, 8, 16, 0)), (1.0, (6, 8, 16, 105)))
    canvas.fill(rectangle(-1, -1, 1, 1), Radial((0.0, 0.0), 1.45 * (width / height) ** 0.5, stops))
    canvas.flush()


def _grain(pixels: Pixels) -> None:
    """Paper: a little noise, the same for every plate; nothing is pure black or white. What is clear stays so."""
    noise = np.tile(_paper(), (1, pixels.shape[1] // _TILE + 1))[:, : pixels.shape[1]]
    for top in range(0, len(pixels), _TILE // 6):
        part, own = pixels[top : top + _TILE // 6], noise[top % _TILE :]
        solid = part[..., 3] == 255
        for channel in range(3):
            grained = np.clip(part[..., channel] + own[: len(part)], 7, 246)
            np.copyto(part[..., channel], grained, where=solid, casting="unsafe")


@lru_cache(maxsize=1)
def _paper() -> npt.NDArray[np.int16]:
    noise = np.random.Generator(np.random.Philox(7)).normal(0.0, 255 * 0.012, (_TILE, _TILE))
    return np.round(noise).astype(np.int16)
