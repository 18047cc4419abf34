"""Colour bars, flashes and tones: the shipped fake of a joint model. Needs no weights, and makes sync measurable.

On every event frame the picture is white and every stem sounds for exactly that frame's samples, from full level on its
first sample. A measured offset is therefore a fault of whatever came after.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BackendError, CancelledError
from ..events import Decoding, Event
from ..media.wav import FULL_SCALE, write_wav
from ..media.write import MovieCodec, write_movie
from ..profiles import BARS, Profile
from ..request import GenerationRequest
from ..timebase import frame_to_sample
from ..wire import ROLES, TRACK_NAMES, Role
from .bars_picture import BarsPicture
from .base import Cancel, TakeFiles
from .inprocess import InProcessBackend

if TYPE_CHECKING:
    import numpy as np

    from .bars_picture import Planes

    Sound = np.ndarray[Any, np.dtype[np.int32]]

TONES: dict[Role, tuple[int, float]] = {
    "dialogue": (1000, -9.0),
    "effects": (1500, -11.0),
    "ambience": (500, -23.0),
    "music": (2000, -15.0),
}
"""Hertz and peak level in dBFS. Together they stay below full scale, so that the mix is their exact sum."""


class BarsModel:
    """A Model that draws and beeps."""

    def __init__(self, media: MovieCodec = "dnxhr") -> None:
        self._media: MovieCodec = media

    @property
    def profile(self) -> Profile:
        """What it can do."""
        return BARS

    def generate(
        self, request: GenerationRequest, out_dir: Path, emit: Callable[[Event], None], cancel: Cancel
    ) -> TakeFiles:
        """Makes one take into `out_dir`; BackendError, CancelledError as the protocol says."""
        events = event_frames(request)
        facts = {"model": "bars", "sound": request.brief.sound}
        if request.kind == "bed":
            if request.role is None:
                raise BackendError(f"Bed {request.name} has no role. Nothing was made.", code="bad_request")
            stem = _write_stem(out_dir, request, request.role, events)
            return TakeFiles(None, {request.role: stem}, events=events, facts=facts)
        movie = out_dir / "take.mov"
        written = write_movie(
            movie,
            _frames(request, events, emit, cancel),
            size=(request.width, request.height),
            frame_rate=request.frame_rate,
            sound=_sound(request, ROLES, events),
            codec=self._media,
            sample_rate=request.sample_rate,
        )
        stems: dict[Role, Path] = {role: _write_stem(out_dir, request, role, events) for role in ROLES}
        return TakeFiles(movie, stems, events=events, facts={**facts, "codec": written.codec, "notes": written.notes})


class BarsBackend(InProcessBackend):
    """The bars model behind the Backend protocol, in this process."""

    def __init__(self, media: MovieCodec = "dnxhr") -> None:
        super().__init__(BarsModel(media))


def event_frames(request: GenerationRequest) -> tuple[int, ...]:
    """Take frames with flash and tone: one a second, counted from the cut range's first frame (a bed's frame 0)."""
    step = round(request.frame_rate)
    first = -request.generated.start % step if request.kind == "bed" else max(0, request.used_in_take.start)
    return tuple(range(first, request.frames, step))


def tone(role: Role, samples: int, sample_rate: int) -> Sound:
    """`(samples, 2)` of a role's tone, 24-bit values, at full level on the first sample."""
    import numpy as np

    hertz, level = TONES[role]
    peak = 10 ** (level / 20) * FULL_SCALE
    wave = np.rint(peak * np.cos(2 * math.pi * hertz * np.arange(samples) / sample_rate))
    return np.repeat(wave.astype(np.int32)[:, None], 2, axis=1)


def _frames(
    request: GenerationRequest, events: tuple[int, ...], emit: Callable[[Event], None], cancel: Cancel
) -> Iterator[Planes]:
    picture, flashes = BarsPicture(request), set(events)
    report = max(1, request.frames // 10)
    for index in range(request.frames):
        if cancel.is_set():
            raise CancelledError
        if index % report == 0:
            emit(Decoding(request.shots, index / request.frames))
        yield picture.flash() if index in flashes else picture.frame(index)


def _write_stem(out_dir: Path, request: GenerationRequest, role: Role, events: tuple[int, ...]) -> Path:
    path = out_dir / f"take.{TRACK_NAMES[role]}.wav"
    write_wav(path, _sound(request, (role,), events), sample_rate=request.sample_rate)
    return path


def _sound(request: GenerationRequest, roles: tuple[Role, ...], events: tuple[int, ...]) -> Iterator[Sound]:
    """The sum of `roles`, silence between events; blocks of a second at most."""
    at = 0
    for frame in events if request.brief.sound else ():
        begin, end = (_boundary(request, place) for place in (frame, frame + 1))
        yield from _silence(begin - at, request.sample_rate)
        yield reduce(add, (tone(role, end - begin, request.sample_rate) for role in roles))
        at = end
    yield from _silence(request.samples - at, request.sample_rate)


def _boundary(request: GenerationRequest, frame: int) -> int:
    return frame_to_sample(frame, request.frame_rate, request.sample_rate)


def _silence(samples: int, block: int) -> Iterator[Sound]:
    import numpy as np

    for at in range(0, samples, block):
        yield np.zeros((min(block, samples - at), 2), np.int32)
