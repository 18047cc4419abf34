"""Draws what the kitchen scene has before anything is generated: a still of the place, and one real clip with sound."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

WALL, TILE, STEEL, DARK, LAMP, PAPER = "#39424c", "#434e59", "#7d8894", "#20262d", "#f2c46d", "#f4efe2"
RATE = Fraction(24000, 1001)


def draw_kitchen(path: Path) -> None:
    """A storyboard panel in grey wash, 640x360: tiles, a hood over the stove, counters, a shelf under three lamps."""
    big = 4  # drawn large and scaled down: smooth edges
    image = Image.new("RGB", (640 * big, 360 * big), WALL)
    draw = ImageDraw.Draw(image, "RGBA")

    def box(x: float, y: float, width: float, height: float, color: str, radius: float = 0) -> None:
        draw.rounded_rectangle([x * big, y * big, (x + width) * big, (y + height) * big], radius * big, fill=color)

    def shape(color: str, *points: tuple[float, float]) -> None:
        draw.polygon([(x * big, y * big) for x, y in points], fill=color)

    def disc(x: float, y: float, radius: float, color: str) -> None:
        draw.ellipse([(v + s * radius) * big for s in (-1, 1) for v in (x, y)], fill=color)

    for row in range(8):
        for column in range(-1, 17):
            tint = "#465059" if (5 * row + 3 * column) % 7 == 0 else "#4a555f" if (row + 2 * column) % 5 == 0 else TILE
            box(column * 40 + row % 2 * 20, row * 26, 37, 23, tint, 2)
    box(0, 208, 640, 152, "#2b2f33")  # floor
    for x in range(-6, 7):
        shape("#24282c", (320 + 70 * x, 300), (322 + 70 * x, 300), (325 + 118 * x, 360), (320 + 118 * x, 360))
    _hood_and_stove(box, shape, draw, big)
    for left in (10, 450):  # counters with their doors and handles
        box(left, 196, 190, 104, "#59636e", 3)
        box(left, 196, 190, 10, "#46505a", 2)
        for x in (left + 6, left + 68, left + 130):
            box(x, 212, 54, 84, "#525c67", 2)
            box(x + 34, 216, 20, 80, "#49535d", 2)
            box(x + 16, 218, 22, 3, "#8b96a1", 1)
        box(left, 292, 190, 8, "#2f353b")
    box(20, 188, 160, 8, "#b98b5a", 2)  # a board, a bowl, bottles
    box(130, 188, 50, 8, "#8f6a45", 2)
    for x, tall in ((36, 34), (50, 26), (64, 30)):
        box(x - 4, 188 - tall * 0.62, 9, tall * 0.62, "#2a3a36", 2)
        box(x - 1.5, 188 - tall, 4, tall * 0.5, "#2a3a36", 1)
    shape("#9aa5ae", (96, 176), (128, 176), (120, 188), (104, 188))
    shape("#6d7883", (116, 176), (128, 176), (120, 188), (113, 188))
    box(450, 150, 190, 10, STEEL, 2)  # the shelf, plates on it
    box(450, 160, 190, 5, "#2e363e")
    for x, count in ((466, 5), (508, 3), (600, 6)):
        for k in range(count):
            box(x, 146 - 4 * k, 28, 3, ("#b9c1c8", "#98a2ab")[k % 2], 1)
    for x, tone in ((548, "#6f5a4a"), (566, "#5d6a58"), (582, "#6b4d47")):
        box(x - 6, 128, 13, 22, tone, 2)
        box(x - 5, 124, 11, 5, "#353c43", 1)
    for index, x in enumerate((30, 62, 100, 144)):  # pans on their hooks
        radius = 12 + 3 * index
        box(x - 1, 60, 2, 30, DARK)
        disc(x, 88 + radius, radius, "#1b2026")
        disc(x - 0.12 * radius, 88 + 0.95 * radius, 0.72 * radius, "#272e35")
    box(14, 56, 166, 5, STEEL, 2)
    for x in (490, 545, 600):
        shape("#f2c46d26", (x - 18, 86), (x + 18, 86), (x + 52, 196), (x - 52, 196))
        box(x - 1, 0, 2, 66, DARK)
        shape(LAMP, (x - 8, 66), (x + 8, 66), (x + 20, 86), (x - 20, 86))
        shape("#c8954a", (x + 2, 66), (x + 8, 66), (x + 20, 86), (x + 6, 86))
    path.parent.mkdir(parents=True, exist_ok=True)
    small = image.resize((640, 360), Image.Resampling.LANCZOS)
    rare = Image.Quantize.MAXCOVERAGE  # a lamp keeps its colour
    small.quantize(64, rare, kmeans=4, dither=Image.Dither.NONE).save(path, optimize=True)


def _hood_and_stove(box: Callable[..., None], shape: Callable[..., None], draw: ImageDraw.ImageDraw, big: int) -> None:
    shape(STEEL, (250, 40), (390, 40), (430, 96), (210, 96))
    shape("#65707b", (340, 40), (390, 40), (430, 96), (352, 96))
    box(290, 0, 60, 42, STEEL)
    box(328, 0, 22, 42, "#65707b")
    box(210, 94, 220, 8, "#a7b1bb")
    shape("#e9d9ae22", (222, 102), (418, 102), (446, 184), (194, 184))  # its light on the wall
    box(200, 190, 240, 110, DARK, 4)
    box(214, 216, 100, 66, "#171c21", 3)  # two oven doors, a row of knobs
    box(326, 216, 100, 66, "#171c21", 3)
    for left in (222, 334):
        box(left, 222, 84, 4, "#5b6570", 2)
        box(left + 2, 236, 80, 38, "#10151a", 2)
        shape("#2a333b", (left + 8, 238), (left + 30, 238), (left + 14, 272), (left + 4, 272))
    for k, x in enumerate(range(222, 430, 26)):
        draw.ellipse([(x - 4) * big, 202 * big, (x + 4) * big, 210 * big], fill="#8b96a1")
        box(x - 0.7, 202.5 + k % 2, 1.4, 4, DARK)
    box(200, 182, 240, 12, STEEL, 3)
    box(200, 190, 240, 4, "#59636e", 1)
    for x in (236, 320, 404):
        box(x - 24, 178, 48, 5, "#101418", 2)
        for flame in range(-16, 17, 8):
            draw.ellipse([(x + flame - 3) * big, 172 * big, (x + flame + 3) * big, 181 * big], fill="#5aa9e6")
    box(210, 160, 52, 14, "#14181c", 6)  # a pan, a pot
    box(258, 162, 40, 5, "#14181c", 2)
    box(290, 138, 60, 36, "#8f9aa5", 6)
    box(326, 138, 24, 36, "#6d7883", 6)
    box(288, 136, 64, 5, "#a7b1bb", 2)
    box(316, 131, 8, 6, "#59636e", 2)


def film_ticket(path: Path, frames: int = 36) -> None:
    """A printer pushes out a ticket in six jerks: MJPEG and PCM, `frames` at 24000/1001."""
    samples = -(-frames * 48000 // RATE)
    chatter = np.random.default_rng(9).standard_normal(samples) * 0.12
    pushing = (np.arange(samples) // 4004) % 2 == 0  # two frames on, two off, from the first sample
    sound = (chatter * pushing * 32767 * 0.6).astype(np.int16)[None]
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options={"fflags": "bitexact"}) as movie:
        movie.metadata["timecode"] = "10:00:00:00"
        video = movie.add_stream("mjpeg", rate=RATE)
        video.width, video.height, video.pix_fmt = 320, 180, "yuvj420p"
        video.options = {"qmin": "6", "qmax": "9"}
        audio = movie.add_stream("pcm_s16le", rate=48000, layout="mono")
        for number in range(frames):
            pushes = (number // 4 * 2 + min(number % 4, 2)) / (frames / 2)
            movie.mux(video.encode(av.VideoFrame.from_image(_ticket(min(1.0, pushes)))))
        movie.mux(video.encode())
        frame = av.AudioFrame.from_ndarray(sound, format="s16", layout="mono")
        frame.sample_rate = 48000
        movie.mux(audio.encode(frame))
        movie.mux(audio.encode())


def _ticket(out: float) -> Image.Image:
    """The printer with its ticket `out` (0 to 1)."""
    image = Image.new("RGB", (320, 180), WALL)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(14)
    bottom = 62 + int(out * 104)
    draw.rectangle([100, 40, 220, bottom], fill=PAPER)
    for row, text in enumerate(("TABLE 9", "2 EGGS", "SUNNY SIDE UP", "- - - - - - -", "21:50")):
        draw.text((160, bottom - 98 + row * 18), text, fill=DARK, font=font, anchor="ma")
    draw.rectangle([0, 0, 320, 61], fill=WALL)
    draw.rounded_rectangle([82, 8, 238, 62], 6, fill=DARK)
    draw.rectangle([96, 54, 224, 58], fill="#0d1013")
    draw.ellipse([218, 18, 228, 28], fill="#6fcf74")
    return image
