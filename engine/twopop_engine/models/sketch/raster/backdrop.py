"""Backdrops: a place's layers drawn once per camera set-up, then only shifted and scaled under a moving camera.

Layers behind the actors are kept as two plates (far, near) a little larger than the frame, drawn at a reference
camera. While the camera stays near it, a frame samples the plates at their own parallax, which costs a tenth of
drawing them; when it leaves, they are drawn anew. A camera at rest costs one copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .camera import Camera
from .canvas import Canvas, Pixels, Radial
from .look import SceneLook
from .grade import Spot, grade, hush
from .palette import Light
from .places import Brush, Layer, Place
from .shapes import rectangle

MARGIN = 0.07
"""How much larger than the frame a plate is, on each side."""
_FAR_FROM = 1.2
_TILE = 384


@dataclass(frozen=True)
class Plate:
    """Pixels of some layers, the depth they move with, and where their corner lies in the margin frame."""

    pixels: npt.NDArray[np.uint32]
    z: float
    corner: tuple[int, int]


class Backdrop:
    """The place of one scene at one size.

    Args:
        place: Which.
        look: The scene's.
        light: Its light.
        size: (width, height) of the frames.
        chroma: Of the people who stand there; the place stays quieter.
    """

    def __init__(
        self, place: Place, look: SceneLook, light: Light, size: tuple[int, int], chroma: float = 0.1
    ) -> None:
        self._chroma = chroma
        self._place, self._look, self._light, self._size = place, look, light, size
        width, height = size
        self._pad = (round(width * MARGIN), round(height * MARGIN))
        self._reference: Camera | None = None
        self._back: list[Plate] = []
        self._front: list[Plate] = []
        self._flat_key: tuple[object, ...] = ()
        self._flat = np.zeros((height, width), np.uint32)

    def paint(self, canvas: Canvas, camera: Camera, spots: Callable[[], Sequence[Spot]] = tuple) -> None:
        """Fill the canvas with what lies behind the actors; `spots` says where the heads are, asked when drawn anew."""
        self._refer(camera, spots)
        key = self._moves(camera)
        if key != self._flat_key:
            self._flatten(camera)
            self._flat_key = key
        canvas.pixels.view(np.uint32)[..., 0] = self._flat

    def paint_front(self, canvas: Canvas, camera: Camera) -> None:
        """Lay what stands in front of the actors over them."""
        for plate in self._front:
            rows, columns = self._sampling(plate, camera)
            keep_r, keep_c = _inside(rows, plate.pixels.shape[0]), _inside(columns, plate.pixels.shape[1])
            if keep_r.stop > keep_r.start and keep_c.stop > keep_c.start:
                picture = plate.pixels[rows[keep_r][:, None], columns[keep_c][None, :]]
                canvas.picture(_bytes(picture), keep_c.start, keep_r.start)

    def brush(self, canvas: Canvas, camera: Camera, z: float, steps: float) -> Brush:
        """A brush on a canvas whose view is already the plane at depth `z` of that camera."""
        width, height = self._size
        half_h = (0.5 + MARGIN) * camera.visible_m / camera.closeness(z)
        half_w = half_h * width / height
        seed = int.from_bytes(hashlib.sha256(f"{self._look.place}{self._look.seed}{z}".encode()).digest()[:8])
        return Brush(
            *(canvas, self._light, self._look, camera, steps),
            *(camera.x - half_w, camera.x + half_w, -camera.y - half_h, -camera.y + half_h),
            np.random.Generator(np.random.Philox(seed)),
        )

    def _refer(self, camera: Camera, spots: Callable[[], Sequence[Spot]]) -> None:
        """Draw the plates anew when the camera has moved too far from the one they were drawn for."""
        reference = self._reference
        if reference is not None and _near(reference, camera, self._size):
            return
        self._reference = replace(camera, roll=0.0, shake=(0.0, 0.0))
        behind = [layer for layer in self._place.layers if layer.z >= 0]
        far = [layer for layer in behind if layer.z >= _FAR_FROM]
        near = [layer for layer in behind if layer.z < _FAR_FROM]
        depth = float(np.mean([layer.z for layer in far])) if far else 0.0
        self._back = [self._plate(far, depth, opaque=True, spots=spots())]
        if near:
            self._back.append(self._plate(near, near[0].z, opaque=False))
        self._front = [self._plate([layer], layer.z, opaque=False) for layer in self._place.layers if layer.z < 0]
        self._flat_key = ()

    def _plate(self, layers: Sequence[Layer], z: float, *, opaque: bool, spots: Sequence[Spot] = ()) -> Plate:
        width, height = self._size
        camera, (pad_x, pad_y) = self._reference, self._pad
        assert camera is not None
        canvas = Canvas(width + 2 * pad_x, height + 2 * pad_y)
        if opaque:
            canvas.pixels[:] = self._light.sky.rgba()
        focus = height / 1080 * float(np.clip(1.15 / camera.visible_m, 0.5, 1.7))
        for layer in layers:
            view = camera.plane(layer.z, self._size)
            view[:, 2] += self._pad
            canvas.view = view
            steps = max(0.0, 1.1 * layer.z**0.8) if layer.z > 0 else 0.0
            with canvas.group(blur=layer.blur * focus / canvas.scale):
                layer.draw(self.brush(canvas, camera, layer.z, steps))
            canvas.flush()
        if opaque:
            padded = [replace(spot, x=spot.x + self._pad[0], y=spot.y + self._pad[1]) for spot in spots]
            grade(canvas.pixels, padded, self._chroma, self._light.span)
            _vignette(canvas)
            _grain(canvas.pixels)
        elif z >= 0:
            hush(canvas.pixels, 0.75 * self._chroma)
        return _cropped(canvas.pixels, z)

    def _flatten(self, camera: Camera) -> None:
        far, *rest = self._back
        rows, columns = self._sampling(far, camera)
        np.take(np.take(far.pixels, rows, 0, mode="clip"), columns, 1, out=self._flat, mode="clip")
        if not rest:
            return
        canvas = _scratch(*self._size)
        canvas.pixels.view(np.uint32)[..., 0] = self._flat
        for plate in rest:
            rows, columns = self._sampling(plate, camera)
            keep = _inside(rows, plate.pixels.shape[0])
            picture = np.take(np.take(plate.pixels, rows[keep], 0), columns, 1, mode="clip")
            canvas.picture(_bytes(picture), 0, keep.start)
        self._flat[...] = canvas.flush().view(np.uint32)[..., 0]

    def _sampling(self, plate: Plate, camera: Camera) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Which row and column of a plate each row and column of the frame shows."""
        width, height = self._size
        reference = self._reference
        assert reference is not None
        steady = replace(camera, roll=0.0)
        old, new = reference.plane(plate.z, self._size), steady.plane(plate.z, self._size)
        ratio = old[0, 0] / new[0, 0]
        shift = old[:, 2] - ratio * new[:, 2] + self._pad - plate.corner
        rows = np.floor((np.arange(height) + 0.5) * ratio + shift[1]).astype(np.intp)
        columns = np.floor((np.arange(width) + 0.5) * ratio + shift[0]).astype(np.intp)
        return rows, columns

    def _moves(self, camera: Camera) -> tuple[object, ...]:
        """Equal for cameras that show the same pixels."""
        return tuple(
            (int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1]))
            for plate in self._back
            for rows, columns in (self._sampling(plate, camera),)
        )


def _near(reference: Camera, camera: Camera, size: tuple[int, int]) -> bool:
    """Whether plates drawn for `reference` still cover `camera` with some sharpness."""
    zoom = reference.visible_m / camera.visible_m
    room = MARGIN * camera.visible_m * 0.9 - max(0.0, camera.visible_m - reference.visible_m) / 2
    dx = abs(camera.x + camera.shake[0] - reference.x)
    dy = abs(camera.y + camera.shake[1] - reference.y)
    return 0.9 < zoom < 1.12 and dy < room and dx < room * size[0] / size[1]


def _cropped(pixels: Pixels, z: float) -> Plate:
    """A plate without its empty border."""
    seen = pixels[..., 3] > 0
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows):
        return Plate(np.zeros((0, 0), np.uint32), z, (0, 0))
    box = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Plate(np.ascontiguousarray(box).view(np.uint32)[..., 0], z, (int(columns[0]), int(rows[0])))


def _inside(index: npt.NDArray[np.intp], count: int) -> slice:
    """The stretch of a rising index that lies within 0 .. count."""
    return slice(int(np.searchsorted(index, 0)), int(np.searchsorted(index, count)))


def _bytes(picture: npt.NDArray[np.uint32]) -> Pixels:
    return np.ascontiguousarray(picture).view(np.uint8).reshape(*picture.shape, 4)


def _vignette(canvas: Canvas) -> None:
    """Corners a little darker, so that the eye stays in."""
    height, width = canvas.pixels.shape[:2]
    canvas.view = np.array([(width / 2, 0.0, width / 2), (0.0, height / 2, height / 2)])
    stops = ((0.0, (6, 8, 16, 0)), (0.55, (6, 8, 16, 0)), (1.0, (6, 8, 16, 105)))
    canvas.fill(rectangle(-1, -1, 1, 1), Radial((0.0, 0.0), 1.45 * (width / height) ** 0.5, stops))
    canvas.flush()


def _grain(pixels: Pixels) -> None:
    """Paper: 1.5 % of noise, the same for every plate."""
    height, width = pixels.shape[:2]
    noise = np.tile(_paper(), (height // _TILE + 1, width // _TILE + 1))[:height, :width]
    for channel in range(3):
        pixels[..., channel] = np.clip(pixels[..., channel] + noise, 0, 255)


@lru_cache(maxsize=1)
def _paper() -> npt.NDArray[np.int16]:
    noise = np.random.Generator(np.random.Philox(7)).normal(0.0, 255 * 0.012, (_TILE, _TILE))
    return np.round(noise).astype(np.int16)


@lru_cache(maxsize=2)
def _scratch(width: int, height: int) -> Canvas:
    return Canvas(width, height)
