"""Colour: OKLCH materials, and the light of a place and hour that turns each into a lit, a shaded and a far colour.

One ramp per mood: sky (what distance fades to), key (the one light), shade (the hue of shadows), accent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import atan2, cos, degrees, hypot, radians, sin
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .canvas import Rgba

_LMS_TO_RGB = np.array(
    [
        (4.0767416621, -3.3077115913, 0.2309699292),
        (-1.2684380046, 2.6097574011, -0.3413193965),
        (-0.0041960863, -0.7034186147, 1.7076147010),
    ]
)
_LAB_TO_LMS = np.array(
    [(1.0, 0.3963377774, 0.2158037573), (1.0, -0.1055613458, -0.0638541728), (1.0, -0.0894841775, -1.2914855480)]
)


class Colour(NamedTuple):
    """OKLCH: lightness 0..1, chroma 0..about .3, hue in degrees."""

    l: float  # noqa: E741 - the coordinate's name
    c: float
    h: float

    def lab(self) -> tuple[float, float, float]:
        """OKLab coordinates."""
        return self.l, self.c * cos(radians(self.h)), self.c * sin(radians(self.h))

    def lighter(self, by: float) -> Colour:
        """Moved in lightness, never to pure black or white."""
        return self._replace(l=min(0.97, max(0.08, self.l + by)))

    def toward(self, other: Colour, share: float) -> Colour:
        """Mixed in OKLab: `share` of the other."""
        return _mixed(self, other, share)

    def turned(self, hue: float, by: float) -> Colour:
        """The hue moved by at most `by` degrees towards `hue`, the short way round."""
        gap = (hue - self.h + 180.0) % 360.0 - 180.0
        return self._replace(h=(self.h + max(-by, min(by, gap))) % 360.0)

    def rgba(self, alpha: float = 1.0) -> Rgba:
        """8-bit sRGB with straight alpha."""
        return (*_srgb(self), round(255 * min(1.0, max(0.0, alpha))))


@lru_cache(maxsize=4096)
def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    l, a, b = (x + (y - x) * share for x, y in zip(one.lab(), other.lab(), strict=True))  # noqa: E741
    return Colour(l, hypot(a, b), degrees(atan2(b, a)) % 360.0)


@lru_cache(maxsize=4096)
def _srgb(colour: Colour) -> tuple[int, int, int]:
    """Nearest 8-bit sRGB; chroma shrinks until the colour is in gamut, lightness and hue stay."""
    chroma, linear = colour.c, np.zeros(3)
    for _ in range(12):
        l, a, b = Colour(colour.l, chroma, colour.h).lab()  # noqa: E741
        linear = _LMS_TO_RGB @ (_LAB_TO_LMS @ (l, a, b)) ** 3
        if linear.min() >= -0.0005 and linear.max() <= 1.0005:
            break
        chroma *= 0.9
    linear = np.clip(linear, 0.0, 1.0)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    r, g, b = (round(255 * float(v)) for v in coded)
    return r, g, b


def oklab(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """sRGB `(..., 3)` uint8 to OKLab `(..., 3)`."""
    coded = rgb.astype(np.float64) / 255.0
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    lms = np.cbrt(linear @ np.linalg.inv(_LMS_TO_RGB).T)
    return lms @ np.linalg.inv(_LAB_TO_LMS).T


_SHOULDER = 0.68
"""The lightness from which on a light's shoulder holds back."""


class Tones(NamedTuple):
    """One material under one light, ready to draw: lit, shadow shape, occlusion (folds, contact), rim, highlight."""

    lit: Rgba
    dark: Rgba
    deep: Rgba
    edge: Rgba
    glint: Rgba


@dataclass(frozen=True, slots=True)
class Light:
    """The light of a scene.

    Attributes:
        sky: What distance fades to.
        key: Tint of the key light.
        shade: Tint of the shadows.
        rim: The edge light from behind.
        accent: The one loud colour of the mood.
        side: Where the key stands: -1 the audience's left, 1 its right.
        contrast: How much darker shadows are, 0 flat .. 1 noir.
        level: Overall brightness, 1 as the materials are.
        tint: How strongly the key colours what it lights.
        shoulder: How far what is brightest is held back, so that a fair face stands out from a bright day.
        ambient: How bright the set is against what stands in the key light.
        span: Least and greatest lightness a backdrop may be graded to: a night stays a night.
    """

    sky: Colour
    key: Colour
    shade: Colour
    rim: Colour
    accent: Colour
    side: float = -1.0
    contrast: float = 0.5
    level: float = 1.0
    tint: float = 0.10
    shoulder: float = 0.0
    ambient: float = 1.0
    span: tuple[float, float] = (0.72, 0.93)
    memo: dict[Colour, Tones] = field(default_factory=dict, init=False, repr=False, compare=False)

    def lit(self, material: Colour) -> Colour:
        """The side towards the key."""
        warm = material.toward(self.key._replace(l=min(0.96, material.l + 0.06)), self.tint)
        light = warm.l * self.level
        held = self.shoulder * min(1.0, material.c / 0.05) * max(0.0, light - _SHOULDER)  # a white jacket stays white
        return warm._replace(l=min(0.96, light - held), c=warm.c + 0.18 * held)

    def dark(self, material: Colour) -> Colour:
        """The clipped shadow shape: darker, its hue pulled to the shadows'."""
        # warm things darken towards red, not through green, whatever the hue of the shadows
        pull = 20.0 if material.h < 125.0 else self.shade.h
        turned = material.turned(pull, 17.0 * self.contrast + 6.0)
        darker = turned._replace(l=material.l * (1.0 - 0.42 * self.contrast), c=material.c * 1.04 + 0.006)
        tinted = darker.toward(self.shade._replace(l=darker.l), 0.05 + 0.12 * self.contrast)
        return tinted._replace(l=max(0.13, tinted.l * self.level))

    def edge(self, material: Colour) -> Colour:
        """The rim."""
        return material.toward(self.rim, 0.62)._replace(l=min(0.96, max(material.l + 0.16, self.rim.l * 0.9)))

    def far(self, material: Colour, steps: float) -> Colour:
        """`steps` layers away: each 15 % nearer the sky, and quieter."""
        keep = 0.85**steps
        faded = self.lit(material).toward(self.sky, 1.0 - keep)
        return faded._replace(l=self.ambient * faded.l, c=faded.c * (0.6 + 0.4 * keep))


NIGHT_KITCHEN = Light(
    sky=Colour(0.34, 0.055, 215),
    key=Colour(0.90, 0.085, 70),
    shade=Colour(0.30, 0.070, 255),
    rim=Colour(0.86, 0.075, 215),
    accent=Colour(0.72, 0.17, 50),
    contrast=0.62,
    tint=0.14,
    span=(0.18, 0.46),
)
DAY = Light(
    sky=Colour(0.88, 0.035, 225),
    key=Colour(0.95, 0.045, 90),
    shade=Colour(0.42, 0.060, 265),
    rim=Colour(0.96, 0.030, 95),
    accent=Colour(0.68, 0.16, 35),
    contrast=0.42,
    level=0.90,
    shoulder=0.72,
)
DUSK = Light(
    sky=Colour(0.60, 0.075, 8),
    key=Colour(0.85, 0.120, 55),
    shade=Colour(0.34, 0.085, 295),
    rim=Colour(0.90, 0.110, 65),
    accent=Colour(0.70, 0.17, 30),
    contrast=0.58,
    level=0.97,
    tint=0.18,
    ambient=0.84,
    span=(0.37, 0.69),
)
NIGHT = Light(
    sky=Colour(0.27, 0.060, 262),
    key=Colour(0.82, 0.080, 75),
    shade=Colour(0.24, 0.075, 270),
    rim=Colour(0.76, 0.080, 230),
    accent=Colour(0.70, 0.15, 55),
    contrast=0.70,
    level=0.92,
    tint=0.16,
    span=(0.20, 0.44),
)
INDOOR = replace(DAY, sky=Colour(0.80, 0.030, 85), contrast=0.46, shade=Colour(0.38, 0.055, 285))

_HOURS = {"day": DAY, "dawn": DUSK, "dusk": DUSK, "night": NIGHT}


def light_of(hour: str, weather: str = "clear", base: Light | None = None) -> Light:
    """The light of an hour and a weather; `base` is a place's own light at that hour.

    Rain and fog flatten and grey it, snow lifts it.
    """
    light = base or _HOURS[hour]
    if weather in ("rain", "fog"):
        grey = light.sky.toward(Colour(light.sky.l * 0.92, 0.012, 240), 0.6)
        light = replace(light, sky=grey, contrast=light.contrast * 0.6, tint=light.tint * 0.6)
    elif weather == "snow":
        white = Colour(min(0.92, light.sky.l + 0.12), 0.012, 240)
        light = replace(light, sky=light.sky.toward(white, 0.5), contrast=light.contrast * 0.75)
    return light


def tones(light: Light, material: Colour) -> Tones:
    """The tones of a near material; worked out once a light."""
    known = light.memo.get(material)
    if known is None:
        dark = light.dark(material)
        deep = dark._replace(l=max(0.10, dark.l * 0.66)).turned(light.shade.h, 6.0)
        glint = light.lit(material).toward(light.key, 0.45).lighter(0.05)
        known = Tones(light.lit(material).rgba(), dark.rgba(), deep.rgba(), light.edge(material).rgba(), glint.rgba())
        light.memo[material] = known
    return known
