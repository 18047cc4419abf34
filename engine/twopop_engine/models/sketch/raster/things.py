"""Small things people handle, drawn about their foot in metres, y down: `props` sets them down and turns them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .canvas import Canvas
from .palette import Colour, Light, tones
from .shapes import at, ellipse, polygon, rectangle, ribbon, soft_box, spline

Draw = Callable[[Canvas, Light], None]

IRON, STEEL, CHINA = Colour(0.33, 0.014, 250), Colour(0.66, 0.012, 235), Colour(0.88, 0.018, 80)
WOOD, INK, PLASTIC = Colour(0.52, 0.080, 60), Colour(0.22, 0.015, 260), Colour(0.30, 0.015, 260)


def _shaded(canvas: Canvas, light: Light, left: float, top: float, right: float, bottom: float, tone: Colour) -> None:
    """A box with a soft edge and its shadow side."""
    colour = tones(light, tone)
    body = soft_box(left, top, right, bottom, min(0.008, 0.4 * (bottom - top)))
    canvas.fill(body, colour.lit)
    edge = left + (right - left) * (0.66 if light.side < 0 else 0.34)
    with canvas.group(clip=body):
        box = (edge, top, right, bottom) if light.side < 0 else (left, top, edge, bottom)
        canvas.fill(rectangle(*box), colour.dark)
        canvas.fill(rectangle(left, top, right, top + 0.1 * (bottom - top)), colour.edge)


def _pan(canvas: Canvas, light: Light) -> None:
    """A frying pan seen a little from above, its handle to the left, towards the cook."""
    iron, inside = tones(light, IRON), tones(light, Colour(0.26, 0.012, 250))
    wood = tones(light, Colour(0.42, 0.07, 55))
    handle = [(-0.115, -0.050), (-0.18, -0.066), (-0.255, -0.085)]
    canvas.fill(ribbon(handle, [0.020, 0.022, 0.026], blunt=False), wood.lit)
    canvas.fill(ribbon(np.array(handle) + np.array((0.0, 0.007)), [0.007, 0.008, 0.009]), wood.dark)
    points = at("-0.145 -0.058, 0.145 -0.058, 0.120 -0.006, 0.06 0, -0.06 0, -0.120 -0.006")
    body = spline(points, corners=(0, 1, 3, 4), pull=0.3)
    canvas.fill(body, iron.lit)
    with canvas.group(clip=body):
        away = -light.side
        canvas.fill(rectangle(min(0.03 * away, 0.3 * away), -0.1, max(0.03 * away, 0.3 * away), 0.02), iron.dark)
    canvas.fill(ellipse(0.0, -0.058, 0.146, 0.023), iron.edge)
    canvas.fill(ellipse(0.0, -0.056, 0.138, 0.019), inside.dark)
    food = tones(light, Colour(0.66, 0.135, 65))
    for x, w in ((-0.05, 0.035), (0.03, 0.045), (0.085, 0.02)):
        canvas.fill(spline([(x - w, -0.056), (x - w * 0.4, -0.070), (x + w * 0.5, -0.067), (x + w, -0.054)]), food.lit)


def _cup(canvas: Canvas, light: Light) -> None:
    china = tones(light, CHINA)
    body = spline([(-0.045, -0.095), (0.045, -0.095), (0.034, 0.0), (-0.034, 0.0)], corners=(0, 1, 2, 3), pull=0.2)
    ear = spline([(0.04, -0.075), (0.075, -0.07), (0.07, -0.03), (0.036, -0.025)], closed=False)
    canvas.stroke(ear, china.dark, 0.012)
    canvas.fill(body, china.lit)
    with canvas.group(clip=body):
        away = -light.side
        half = [(0.008 * away, -0.1), (0.014 * away, 0.01), (0.1 * away, 0.01), (0.1 * away, -0.1)]
        canvas.fill(spline(half, pull=0.0), china.dark)
    canvas.fill(ellipse(0.0, -0.095, 0.045, 0.009), china.dark)
    canvas.fill(ellipse(0.0, -0.093, 0.039, 0.006), Colour(0.26, 0.05, 50).rgba())


def _glass(canvas: Canvas, light: Light) -> None:
    clear, drink = Colour(0.88, 0.02, 220), tones(light, Colour(0.66, 0.13, 65))
    canvas.fill(spline([(-0.030, -0.07), (0.030, -0.07), (0.027, 0.0), (-0.027, 0.0)], pull=0.05), drink.lit)
    canvas.fill(spline([(-0.036, -0.125), (0.036, -0.125), (0.029, 0.0), (-0.029, 0.0)], pull=0.05), clear.rgba(0.22))
    canvas.fill(ellipse(0.0, -0.125, 0.036, 0.006), clear.rgba(0.5))
    canvas.fill(rectangle(-0.026, -0.115, -0.019, -0.012), clear.rgba(0.65))


def _book(canvas: Canvas, light: Light) -> None:
    cover, page = tones(light, Colour(0.46, 0.13, 28)), tones(light, Colour(0.88, 0.02, 85))
    canvas.fill(soft_box(-0.12, -0.038, 0.12, 0.0, 0.006), cover.dark)
    canvas.fill(rectangle(-0.112, -0.032, 0.118, -0.007), page.lit)
    canvas.fill(soft_box(-0.12, -0.044, 0.12, -0.032, 0.004), cover.lit)


def _plate(canvas: Canvas, light: Light) -> None:
    china, herb = tones(light, CHINA), tones(light, Colour(0.52, 0.11, 140))
    canvas.fill(spline(at("-0.135 -0.026, 0.135 -0.026, 0.07 0, -0.07 0"), corners=(0, 1)), china.dark)
    canvas.fill(ellipse(0.0, -0.027, 0.137, 0.019), china.lit)
    canvas.fill(ellipse(0.0, -0.025, 0.095, 0.012), china.dark)
    food = tones(light, Colour(0.62, 0.14, 45))
    canvas.fill(spline(at("-0.06 -0.026, -0.03 -0.055, 0.02 -0.05, 0.045 -0.026")), food.lit)
    canvas.fill(spline(at("0.01 -0.03, 0.03 -0.046, 0.07 -0.026")), herb.lit)


def _key(canvas: Canvas, light: Light) -> None:
    brass = tones(light, Colour(0.74, 0.115, 85))
    canvas.stroke(ellipse(-0.035, -0.014, 0.022, 0.012), brass.dark, 0.010)
    canvas.stroke(ellipse(-0.035, -0.016, 0.022, 0.012), brass.lit, 0.007)
    canvas.fill(ribbon([(-0.015, -0.014), (0.06, -0.010)], [0.011, 0.010]), brass.lit)
    for x in (0.036, 0.052):
        canvas.fill(rectangle(x, -0.012, x + 0.008, 0.004), brass.dark)
    canvas.stroke(ellipse(-0.072, -0.012, 0.020, 0.010), tones(light, STEEL).lit, 0.004)
    canvas.fill(spline(at("-0.10 -0.03, -0.07 -0.02, -0.075 0.004, -0.11 0")), tones(light, Colour(0.52, 0.16, 28)).lit)


def _coin(canvas: Canvas, light: Light) -> None:
    gold = tones(light, Colour(0.78, 0.125, 88))
    canvas.fill(ellipse(0.0, -0.010, 0.034, 0.014), gold.dark)
    canvas.fill(ellipse(0.0, -0.016, 0.034, 0.014), gold.lit)
    canvas.stroke(ellipse(0.0, -0.016, 0.025, 0.009), gold.dark, 0.004)
    canvas.fill(ellipse(0.010 * light.side, -0.019, 0.010, 0.003), gold.glint)


def _hammer(canvas: Canvas, light: Light) -> None:
    """Its face down on (0, 0), the handle to the left."""
    steel, wood = tones(light, Colour(0.48, 0.012, 245)), tones(light, WOOD)
    handle = [(0.01, -0.105), (-0.14, -0.108), (-0.29, -0.112)]
    canvas.fill(ribbon(handle, [0.026, 0.026, 0.034], blunt=False), wood.lit)
    canvas.fill(ribbon(np.array(handle) + np.array((0.0, 0.008)), [0.008, 0.008, 0.012]), wood.dark)
    head = spline(
        at(
            "-0.022 0, 0.022 0, 0.026 -0.03, 0.018 -0.05, 0.022 -0.13, "
            "0.04 -0.19, 0.015 -0.18, -0.02 -0.13, -0.018 -0.05, -0.026 -0.03"
        ),
        corners=(0, 1),
        pull=0.25,
    )
    canvas.fill(head, steel.lit)
    with canvas.group(clip=head):
        canvas.fill(
            rectangle(0.0, -0.2, 0.05, 0.01) if light.side < 0 else rectangle(-0.05, -0.2, 0.0, 0.01), steel.dark
        )
        canvas.fill(rectangle(-0.03, -0.016, 0.03, 0.0), steel.glint)


def _knife(canvas: Canvas, light: Light) -> None:
    """A cook's knife, its edge down on y = 0, the handle to the left."""
    steel, grip = tones(light, Colour(0.78, 0.010, 230)), tones(light, INK)
    blade = spline(at("-0.05 -0.055, 0.08 -0.056, 0.19 -0.004, 0.12 0, -0.05 0"), corners=(0, 2, 4), pull=0.2)
    canvas.fill(blade, steel.lit)
    with canvas.group(clip=blade):
        canvas.fill(rectangle(-0.1, -0.06, 0.2, -0.028), steel.dark)
        canvas.fill(rectangle(-0.1, -0.006, 0.2, 0.01), steel.glint)
    canvas.fill(
        ribbon([(-0.045, -0.044), (-0.12, -0.046), (-0.185, -0.040)], [0.026, 0.026, 0.032], blunt=False), grip.lit
    )


def _ball(canvas: Canvas, light: Light) -> None:
    leather = tones(light, Colour(0.60, 0.155, 48))
    circle = ellipse(0.0, -0.12, 0.12, 0.12)
    canvas.fill(circle, leather.lit)
    with canvas.group(clip=circle):
        away = -light.side
        canvas.fill(
            spline(
                [(0.02 * away, -0.26), (0.055 * away, -0.12), (0.0, 0.01), (0.2 * away, 0.01), (0.2 * away, -0.26)],
                corners=(0, 2, 3, 4),
            ),
            leather.dark,
        )
        for line in (
            "-0.13 -0.10, 0 -0.135, 0.13 -0.11",
            "-0.03 -0.25, 0.02 -0.12, -0.01 0.01",
            "-0.12 -0.2, -0.055 -0.12, -0.11 -0.03",
            "0.12 -0.2, 0.075 -0.12, 0.11 -0.03",
        ):
            canvas.fill(ribbon(at(line), [0.007, 0.008, 0.007]), leather.deep)
        canvas.fill(ellipse(0.045 * light.side, -0.175, 0.024, 0.018), (*leather.glint[:3], 190))


def _keyboard(canvas: Canvas, light: Light) -> None:
    """Keys from a little above, a thin wedge beneath."""
    body, keys = tones(light, PLASTIC), tones(light, Colour(0.72, 0.010, 240))
    canvas.fill(polygon(at("-0.21 -0.045, 0.21 -0.045, 0.235 -0.012, -0.235 -0.012")), body.lit)
    canvas.fill(polygon(at("-0.235 -0.012, 0.235 -0.012, 0.232 0, -0.232 0")), body.deep)
    for row in range(4):
        y, half = -0.041 + 0.0075 * row, 0.196 + 0.008 * row
        for k in range(12):
            x = -half + 2 * half * k / 12
            canvas.fill(rectangle(x, y, x + 0.0285, y + 0.0052), keys.lit if (k + row) % 7 else keys.dark)


def _phone(canvas: Canvas, light: Light) -> None:
    """Held, we see its back: who looks at it has the screen, whose light spills past its edge."""
    body, lens = tones(light, PLASTIC), tones(light, INK)
    glow = Colour(0.80, 0.055, 225)
    edge = 0.044 * -light.side
    canvas.fill(soft_box(-0.043 + 0.03 * edge, -0.156, 0.043 + 0.03 * edge, 0.001, 0.013), glow.rgba())
    slab = soft_box(-0.042, -0.155, 0.042, 0.0, 0.012)
    canvas.fill(slab, body.lit)
    with canvas.group(clip=slab):
        canvas.fill(polygon([(edge, -0.16), (0.2 * edge, -0.16), (0.7 * edge, 0.01), (edge, 0.01)]), body.dark)
    canvas.fill(soft_box(-0.036, -0.149, -0.006, -0.108, 0.008), lens.dark)
    for y in (-0.139, -0.119):
        canvas.fill(ellipse(-0.021, y, 0.0085, 0.0085), lens.deep)
        canvas.fill(ellipse(-0.023, y - 0.002, 0.003, 0.003), glow.rgba(0.8))


def _phone_lying(canvas: Canvas, light: Light) -> None:
    body = tones(light, INK)
    canvas.fill(polygon(at("-0.075 -0.016, 0.075 -0.016, 0.085 -0.004, -0.085 -0.004")), body.dark)
    canvas.fill(
        polygon(at("-0.066 -0.0145, 0.066 -0.0145, 0.074 -0.006, -0.074 -0.006")), Colour(0.74, 0.06, 225).rgba()
    )
    canvas.fill(rectangle(-0.085, -0.004, 0.085, 0.0), body.deep)


def _paper(canvas: Canvas, light: Light) -> None:
    """A sheet held by its lower left corner."""
    sheet = tones(light, Colour(0.93, 0.012, 90))
    page = spline(
        at("-0.13 0.0, -0.10 -0.25, 0.02 -0.27, 0.13 -0.245, 0.11 -0.10, 0.12 0.005, 0 -0.012"),
        corners=(0, 1, 3, 5),
        pull=0.3,
    )
    canvas.fill(page, sheet.lit)
    with canvas.group(clip=page):
        canvas.fill(
            spline(at("0.02 -0.28, 0.05 -0.12, 0.03 0.02, 0.2 0.02, 0.2 -0.3"), corners=(2, 3, 4)),
            (*sheet.dark[:3], 120),
        )
        for k in range(6):
            y = -0.225 + 0.032 * k
            canvas.fill(
                ribbon(
                    [(-0.085, y), (0.0, y - 0.008), ((0.09, 0.06, 0.085, 0.03, 0.09, 0.07)[k], y)],
                    [0.007, 0.007, 0.006],
                ),
                Colour(0.45, 0.02, 260).rgba(0.7),
            )


def _stick(canvas: Canvas, light: Light) -> None:
    wood = tones(light, Colour(0.48, 0.075, 60))
    canvas.fill(ribbon([(0.0, 0.16), (0.006, -0.30), (0.0, -0.82)], [0.030, 0.026, 0.018], blunt=False), wood.lit)
    canvas.fill(ribbon([(0.007, 0.16), (0.013, -0.30), (0.005, -0.80)], [0.010, 0.009, 0.005]), wood.dark)


def _kettle(canvas: Canvas, light: Light) -> None:
    """Its handle to the left, a swan's neck to the right."""
    steel, grip = tones(light, Colour(0.70, 0.020, 230)), tones(light, INK)
    bow = spline(at("-0.080 -0.035, -0.132 -0.052, -0.150 -0.110, -0.132 -0.165, -0.060 -0.172"), closed=False)
    canvas.stroke(bow, grip.lit, 0.021)
    neck = at("0.085 -0.030, 0.128 -0.046, 0.142 -0.092, 0.158 -0.140, 0.184 -0.150")
    canvas.fill(ribbon(neck, [0.042, 0.034, 0.024, 0.019, 0.016]), steel.dark)
    canvas.fill(ribbon(np.add(neck, (-0.005, -0.003)), [0.016, 0.013, 0.009, 0.007, 0.005]), steel.lit)
    body = spline(
        at("-0.052 -0.178, 0.052 -0.178, 0.070 -0.120, 0.102 -0.030, 0.094 0, -0.094 0, -0.102 -0.030, -0.070 -0.120"),
        corners=(0, 1, 4, 5),
        pull=0.3,
    )
    canvas.fill(body, steel.lit)
    with canvas.group(clip=body):
        away = -light.side
        shade = [(0.006, -0.19), (0.030, -0.10), (0.040, 0.01), (0.2, 0.01), (0.2, -0.19)]
        canvas.fill(spline([(x * away, y) for x, y in shade], corners=(0, 2, 3, 4)), steel.dark)
        shine = [(0.030 * light.side, -0.165), (0.040 * light.side, -0.11), (0.058 * light.side, -0.035)]
        canvas.fill(ribbon(shine, [0.006, 0.013, 0.014], blunt=False), (*steel.glint[:3], 210))
        canvas.fill(rectangle(-0.12, -0.016, 0.12, 0.01), steel.deep)
    lid = at("-0.054 -0.176, -0.038 -0.196, 0.038 -0.196, 0.054 -0.176")
    canvas.fill(spline(lid, corners=(0, 3)), steel.edge)
    canvas.fill(ellipse(0.0, -0.206, 0.015, 0.012), grip.lit)


def _chair(canvas: Canvas, light: Light) -> None:
    """Seen from its side and a little from behind, its back at the left."""
    wood, dark = tones(light, WOOD), tones(light, WOOD.lighter(-0.12))
    for x, lean in ((0.16, 0.02), (-0.12, -0.02)):
        canvas.fill(ribbon([(x, -0.44), (x + lean, 0.0)], [0.034, 0.026]), dark.lit)
    canvas.fill(soft_box(-0.20, -0.475, 0.23, -0.43, 0.015), wood.lit)
    canvas.fill(rectangle(-0.19, -0.437, 0.22, -0.42), wood.dark)
    for x, lean in ((0.21, 0.03), (-0.18, -0.04)):
        canvas.fill(ribbon([(x, -0.43), (x + lean, 0.0)], [0.038, 0.028]), wood.dark if x > 0 else wood.lit)
    canvas.fill(ribbon([(-0.18, -0.44), (-0.205, -0.7), (-0.225, -0.91)], [0.036, 0.034, 0.030]), wood.lit)
    canvas.fill(ribbon([(-0.07, -0.45), (-0.095, -0.7), (-0.115, -0.90)], [0.026, 0.024, 0.022]), wood.dark)
    for y in (-0.64, -0.74, -0.87):
        canvas.fill(ribbon([(-0.21, y), (-0.10, y + 0.01)], [0.045, 0.04]), wood.lit if y < -0.8 else wood.dark)


def _box(canvas: Canvas, light: Light) -> None:
    _shaded(canvas, light, -0.07, -0.09, 0.07, 0.0, Colour(0.60, 0.06, 70))


THINGS: dict[str, Draw] = {
    "ball": _ball, "book": _book, "box": _box, "chair": _chair, "coin": _coin, "cup": _cup, "glass": _glass,
    "hammer": _hammer, "kettle": _kettle, "key": _key, "keyboard": _keyboard, "knife": _knife, "pan": _pan,
    "paper": _paper, "phone": _phone, "plate": _plate, "skillet": _pan, "stick": _stick,
}  # fmt: skip
"""What can be drawn about its own foot, by name."""
LYING: dict[str, Draw] = {"phone": _phone_lying}
"""What looks otherwise while nobody holds it."""
