"""Movies as other services make them: any codec, any rate, a white flash and a chirp that begin together."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

CHIRP_S = 0.08


def chirp(t):
    """A windowed sweep that begins at 0 s: sharp in correlation, gentle to codecs."""
    inside = (t >= 0) & (t < CHIRP_S)
    sweep = np.sin(2 * np.pi * (400 * t + (3500 - 400) * t**2 / (2 * CHIRP_S)))
    return np.where(inside, 0.5 * np.sin(np.pi * t / CHIRP_S) ** 2 * sweep, 0.0)


@dataclass
class Foreign:
    """What to make. `starts` (seconds of every frame) makes a variable rate."""

    fps: Fraction = Fraction(24)
    frames: int = 49
    flash: int = 20
    size: tuple[int, int] = (128, 96)
    sample_rate: int = 48000
    channels: int = 2
    video: str = "libx264"
    audio: str = "aac"
    starts: tuple[Fraction, ...] = ()
    sound_s: float | None = None
    """Length of the sound, where it is not the picture's."""
    level: float = 1.0
    b_frames: int = 0


def write_foreign(path: Path, what: Foreign) -> Path:
    """Writes the movie; the chirp begins exactly with the flash."""
    starts = what.starts or tuple(Fraction(n) / what.fps for n in range(what.frames))
    with av.open(str(path), "w") as out:
        rate = what.fps
        picture = out.add_stream(what.video, rate=rate)
        picture.width, picture.height = what.size
        picture.pix_fmt = "yuv420p"
        if what.video == "libx264":
            picture.options = {"preset": "ultrafast", "bf": str(what.b_frames), "crf": "18"}
        picture.time_base = Fraction(1, 90000)
        picture.codec_context.time_base = Fraction(1, 90000)
        sound = out.add_stream(what.audio, rate=what.sample_rate) if what.audio else None
        if sound is not None:
            sound.layout = "mono" if what.channels == 1 else "stereo"
            sound.bit_rate = 256_000
        for number, start in enumerate(starts):
            shade = 235 if number == what.flash else 30 + number % 40
            array = np.full((what.size[1], what.size[0], 3), shade, np.uint8)
            frame = av.VideoFrame.from_ndarray(array, format="rgb24").reformat(format="yuv420p")
            frame.pts = round(start * 90000)
            frame.time_base = Fraction(1, 90000)
            out.mux(picture.encode(frame))
        out.mux(picture.encode())
        if sound is not None:
            _write_sound(out, sound, what, float(starts[-1] + 1 / what.fps), float(starts[what.flash]))
    return path


def _write_sound(out, stream, what: Foreign, picture_s: float, pop_s: float) -> None:
    count = round((what.sound_s if what.sound_s is not None else picture_s) * what.sample_rate)
    t = np.arange(count) / what.sample_rate
    noise = np.random.default_rng(1).standard_normal(count) * 0.003
    wave = ((chirp(t - pop_s) + noise) * what.level).astype(np.float32)
    block = np.repeat(wave[None], what.channels, axis=0)
    resampler = av.AudioResampler(
        format=stream.codec_context.format, layout=stream.layout, rate=what.sample_rate,
        frame_size=stream.codec_context.frame_size or 1024,
    )  # fmt: skip
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=stream.layout.name)
    frame.sample_rate, frame.pts = what.sample_rate, 0
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        out.mux(stream.encode(piece))
    out.mux(stream.encode())


def flash_frame(path: Path) -> int:
    """Number of the brightest frame."""
    with av.open(str(path)) as container:
        levels = [frame.to_ndarray(format="gray8").mean() for frame in container.decode(video=0)]
    return int(np.argmax(levels))


def pop_sample(path: Path, stretch: float = 1.0, channel: int = 0) -> int:
    """The sample (48 kHz) on which the chirp begins, by correlation; `stretch` is how much longer it is now."""
    with av.open(str(path)) as container:
        blocks = [frame.to_ndarray() for frame in container.decode(audio=0)]
    sound = np.concatenate([b.reshape(-1, 2) for b in blocks])[:, channel].astype(np.float64)
    sound /= np.abs(sound).max()
    length = int(CHIRP_S * stretch * 48000) + 2
    model = chirp(np.arange(length) / 48000 / stretch)
    return int(np.argmax(np.correlate(sound, model, "valid")))
