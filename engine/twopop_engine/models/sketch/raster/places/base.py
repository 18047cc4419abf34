"""What a place is made of: layers at depths, drawn once per camera set-up, and what moves in it by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..camera import Camera
from ..canvas import Canvas, Linear, Paint, Radial, Rgba
from ..look import SceneLook
from ..palette import Colour, Light
from ..shapes import Path, ellipse, polygon, rectangle, spline


@dataclass(frozen=True)
class Brush:
    """A canvas that knows how deep it paints: materials lose chroma and contrast with every layer of distance.

    Coordinates are stage metres at the layer's depth `z`, y down, the floor at 0. `left`, `right`, `top`, `bottom`
    bound what the camera can see there, margin included.
    """

    canvas: Canvas
    light: Light
    look: SceneLook
    camera: Camera
    first: Camera
    z: float
    steps: float
    left: float
    right: float
    top: float
    bottom: float
    chance: np.random.Generator

    @property
    def side(self) -> float:
        """Where the key stands, -1 left or 1 right."""
        return self.light.side

    def lit(self, material: Colour, alpha: float = 1.0) -> Rgba:
        """A material in the light, at this depth."""
        return self.light.far(material, self.steps).rgba(alpha)

    def dark(self, material: Colour, alpha: float = 1.0) -> Rgba:
        """A material in shadow, at this depth."""
        keep = 0.85**self.steps
        tone = self.light.dark(material).toward(self.light.sky, 0.8 * (1.0 - keep))
        return tone._replace(l=self.light.ambient * tone.l).rgba(alpha)

    def edge(self, material: Colour, alpha: float = 1.0) -> Rgba:
        """A material's edge of light, at this depth."""
        keep = 0.85**self.steps
        return self.light.edge(material).toward(self.light.sky, 1.0 - keep).rgba(alpha)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """A soft pool of light."""
        stops = ((0.0, colour.rgba(strength)), (0.35, colour.rgba(strength * 0.45)), (1.0, colour.rgba(0.0)))
        self.canvas.fill(ellipse(x, y, radius, radius), Radial((x, y), radius, stops))

    def form(self, path: Path, material: Colour, split: float, lean: float = 0.0) -> None:
        """A solid: lit, with a clipped shadow from `split` (a place across it) away from the key, and a bright edge."""
        self.canvas.fill(path, self.lit(material))
        low, high = path.points.min(0), path.points.max(0)
        away = -self.side
        outer = high[0] + 1.0 if away > 0 else low[0] - 1.0
        with self.canvas.group(clip=path):
            shadow = polygon(
                [(split, low[1] - 0.1), (outer, low[1] - 0.1), (outer, high[1] + 0.1), (split + lean, high[1] + 0.1)]
            )
            self.canvas.fill(shadow, self.dark(material))
            wide = min(0.012, 0.08 * float(high[0] - low[0]))
            rim = low[0] if self.side < 0 else high[0]
            self.canvas.fill(rectangle(rim - wide, low[1], rim + wide, high[1]), self.edge(material, 0.8))

    def block(
        self, left: float, top: float, right: float, bottom: float, material: Colour, share: float = 0.62
    ) -> None:
        """An upright box."""
        across = left + (right - left) * (share if self.side < 0 else 1 - share)
        self.form(rectangle(left, top, right, bottom), material, across)

    def gradient(self, top: float, bottom: float, *stops: tuple[float, Rgba]) -> None:
        """Fill the whole width between two heights."""
        area = rectangle(self.left, top, self.right, bottom)
        self.canvas.fill(area, Linear((0.0, top), (0.0, bottom), stops))

    def framed(self, across: float, up: float) -> tuple[float, float]:
        """A place in the shot's first frame (0 .. 1 from left to right and from foot to head), at this layer's depth.

        What stands in the foreground is composed for the shot, and stays where it is when the camera moves.
        """
        view = self.first
        tall = view.visible_m / view.closeness(self.z)
        wide = tall * (self.right - self.left) / (self.bottom - self.top)
        return view.x + (across - 0.5) * wide, -(view.y + (up - 0.5) * tall)

    def on_floor(self, x: float, z: float) -> tuple[float, float]:
        """Where a point of the floor at another depth is seen, in this layer's coordinates."""
        nearer = self.camera.closeness(z) / self.camera.closeness(self.z)
        return self.camera.x + (x - self.camera.x) * nearer, self.camera.y * (nearer - 1.0)

    def seen(self, height: float, z: float) -> float:
        """At what y of this layer something of that height (metres, up) at another depth is seen as the shot begins."""
        nearer = self.first.closeness(z) / self.first.closeness(self.z)
        return -self.first.y + (self.first.y - height) * nearer

    def lies(self, points: Sequence[tuple[float, float]], paint: Paint, *, smooth: bool = False) -> None:
        """Fill a shape that lies on the floor: `points` are (x, z)."""
        flat = [self.on_floor(x, z) for x, z in points]
        self.canvas.fill(spline(flat) if smooth else polygon(flat), paint)

    def jitter(self, value: float, share: float = 0.3) -> float:
        """A number moved by chance within `share` of itself: nothing stands evenly."""
        return value * float(self.chance.uniform(1 - share, 1 + share))


@dataclass(frozen=True)
class Layer:
    """One depth of a place: drawn behind the actors for `z` >= 0, in front of them below.

    `blur` is the softness in pixels of a 1080-line medium shot.
    """

    z: float
    blur: float
    draw: Callable[[Brush], None]


@dataclass(frozen=True)
class Place:
    """A set: its layers from far to near, its light at each hour, its own motion.

    Attributes:
        layers: Far to near.
        lights: Hour -> light, where the place has its own; others take the hour's.
        surface_m: Height of the surface along the set that props rest on; None where there is none.
        stand: What else carries a prop there: "table", "crate", "stone" or "shelf".
        outdoors: Weather is seen there.
        close: Too small a place to be seen whole: nothing wider than a two-shot.
        alive: Draws what moves by itself (steam, traffic) behind the actors, at depth `alive_z`: brush, seconds.
        alive_hz: How often that changes where it is slow; 0 is as often as bodies may.
    """

    layers: Sequence[Layer]
    lights: dict[str, Light] = field(default_factory=dict)
    surface_m: float | None = None
    stand: str = "table"
    outdoors: bool = False
    close: bool = False
    alive: Callable[[Brush, float], None] | None = None
    alive_z: float = 1.7
    alive_hz: int = 0


def cloud(x: float, y: float, wide: float, tall: float) -> Path:
    """A soft irregular blob: smoke, foliage, snow on a ledge."""
    points = (
        (-1, 0.1),
        (-0.72, -0.55),
        (-0.2, -0.62),
        (0.08, -1.0),
        (0.62, -0.66),
        (0.98, -0.08),
        (0.60, 0.52),
        (0.05, 0.42),
        (-0.5, 0.66),
    )
    return spline(np.array(points) * (wide, tall) + (x, y))
