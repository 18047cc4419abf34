"""Draws what the kitchen scene has before anything is generated: a still of the place, and one real clip with sound."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

WALL, TILE, STEEL, DARK, LAMP, PAPER = "#39424c", "#434e59", "#7d8894", "#20262d", "#f2c46d", "#f4efe2"
RATE = Fraction(24000, 1001)


def draw_kitchen(path: Path) -> None:
    """A storyboard panel, 640x360: tiles, a hood over the stove, the pass with its lamps."""
    big = 4  # drawn large and scaled down: smooth edges
    image = Image.new("RGB", (640 * big, 360 * big), WALL)
    draw = ImageDraw.Draw(image)

    def box(x: float, y: float, width: float, height: float, color: str, radius: float = 0) -> None:
        draw.rounded_rectangle([x * big, y * big, (x + width) * big, (y + height) * big], radius * big, fill=color)

    for row in range(8):
        for column in range(-1, 17):
            box(column * 40 + row % 2 * 20, row * 26, 37, 23, TILE, 2)
    box(0, 208, 640, 152, "#2b2f33")  # floor
    draw.polygon([(x * big, y * big) for x, y in ((250, 40), (390, 40), (430, 96), (210, 96))], fill=STEEL)  # hood
    box(290, 0, 60, 42, STEEL)
    box(210, 94, 220, 8, "#a7b1bb")
    box(200, 190, 240, 110, DARK, 4)  # stove
    box(200, 182, 240, 12, STEEL, 3)
    for x in (236, 320, 404):
        box(x - 24, 178, 48, 5, "#101418", 2)
        for flame in range(-16, 17, 8):
            draw.ellipse([(x + flame - 3) * big, 172 * big, (x + flame + 3) * big, 181 * big], fill="#5aa9e6")
    box(210, 160, 52, 14, "#14181c", 6)  # pan
    box(258, 162, 40, 5, "#14181c", 2)
    box(290, 138, 60, 36, "#8f9aa5", 6)  # pot
    box(20, 188, 160, 8, "#b98b5a", 2)  # board and counter
    box(10, 196, 180, 104, "#59636e", 3)
    box(450, 150, 190, 10, STEEL, 2)  # the pass
    box(450, 196, 190, 104, "#59636e", 3)
    for x in (490, 545, 600):
        box(x - 1, 0, 2, 66, DARK)
        draw.polygon([(v * big, w * big) for v, w in ((x - 8, 66), (x + 8, 66), (x + 20, 86), (x - 20, 86))], fill=LAMP)
    for index, x in enumerate((30, 62, 100, 144)):  # pans on their hooks
        radius = 12 + 3 * index
        box(x - 1, 60, 2, 30, DARK)
        draw.ellipse([(x - radius) * big, 88 * big, (x + radius) * big, (88 + 2 * radius) * big], fill="#1b2026")
    box(14, 56, 166, 5, STEEL, 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.resize((640, 360), Image.Resampling.LANCZOS).quantize(96).save(path, optimize=True)


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
