"""sketch as a Model: a request becomes a take. Reads top to bottom: read, sample, then sound and picture side by side.

Four things run at once, on two cores: the sampler grows the tokens, and as far as they reach one thread decodes
sound, one draws, and the caller's encodes. No queue between them is longer than a few items, so memory does not grow
with the take. The same request gives the same bytes whatever overtakes what.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from twopop.backends.base import Cancel, TakeFiles
from twopop.errors import BackendError, CancelledError
from twopop.events import Decoding, Denoising, Event, Loading, Writing
from twopop.media.wav import WavWriter
from twopop.media.write import MovieCodec, write_movie
from twopop.profiles import SKETCH, Profile
from twopop.request import GenerationRequest
from twopop.timebase import SAMPLE_RATE
from twopop.wire import TRACK_NAMES, Role

from .ambience import read_place
from .asked_music import read_bed_music
from .carrying import Beginning, grown, noted
from .durations import predict_durations
from .latents import write_latents
from .layout import STAGE
from .picture import Painter, developed, framed_with, framing_time_s
from .pipeline import Ahead, Growing
from .reading import Reading
from .retake import make_retake
from .review import reviewed
from .sound import COMPOSED, bed_renderers, music_made, shot_renderers, stem_blocks
from .staging import directed, set_stage, staging_of
from .stems import Ints, mix
from .telling import words_of_bed

if TYPE_CHECKING:
    from twopop.media.write import Picture

    from .raster.video import Exposure
    from .sampler import Sampler
    from .windowing import Tokens

WEIGHTS: Final = Path(__file__).parent / "weights"
WEIGHT_FILES: Final = ("denoise.onnx", "durations.npz", "encode.onnx", "sketch.safetensors", "tables.npz")


def weights_hash(folder: Path) -> str:
    """sha256 (hex) over all files of the weights: what a profile and a slate name.

    Raises:
        BackendError: A file is missing.
    """
    digest = hashlib.sha256()
    for name in WEIGHT_FILES:
        try:
            digest.update(name.encode() + (folder / name).read_bytes())
        except OSError as exc:
            raise BackendError(
                f"sketch's weights are not complete: {name} is missing. Run: pip install --force-reinstall "
                "'twopop[sketch]'. Nothing was generated.",
                code="weights_missing",
            ) from exc
    return digest.hexdigest()


class SketchModel:
    """Our own joint model.

    Args:
        media: Codec of the movies.
        weights: Folder of the weights; another one than the shipped is taken as it is.
    """

    def __init__(self, media: MovieCodec = "dnxhr", weights: Path = WEIGHTS) -> None:
        self._weights = weights
        self._media: MovieCodec = media
        self._loading = threading.Lock()

    @property
    def profile(self) -> Profile:
        """What it can do."""
        return SKETCH

    def generate(
        self, request: GenerationRequest, out_dir: Path, emit: Callable[[Event], None], cancel: Cancel
    ) -> TakeFiles:
        """Makes one take into `out_dir`; see `twopop.backends.base.Model`.

        Raises:
            CancelledError: `cancel` was set.
            BackendError: The request cannot be made (`unspeakable_line`, `line_too_long`, `bad_request`), or the model
                is not whole (`weights_missing`, `weights_altered`, `not_installed`).
        """
        if request.sample_rate != SAMPLE_RATE:
            raise BackendError(
                f"Shot {request.name}: sketch makes sound at {SAMPLE_RATE} Hz, {request.sample_rate} was asked. "
                f"Ask for {SAMPLE_RATE}. Nothing was generated.",
                code="bad_request",
            )
        if request.kind == "bed":
            return _make_bed(request, out_dir, emit, cancel)
        emit(Loading(request.shots, "sketch"))
        sampler = self._sampler
        if request.retake:
            return make_retake(
                request, self._durations, sampler, out_dir, emit=emit, cancel=cancel, media=self._media
            )  # fmt: skip

        def heed() -> None:
            if cancel.is_set():
                raise CancelledError

        reading, begun = set_stage(request, self._durations, sampler, heed)
        return _Shot(request, reading, begun, out_dir, emit, cancel, self._media).make(sampler)

    @property
    def _sampler(self) -> Sampler:
        with self._loading:  # one session, whoever asks first
            return self._loaded

    @cached_property
    def _loaded(self) -> Sampler:
        found = weights_hash(self._weights)
        if self._weights == WEIGHTS and found != SKETCH.weights:
            raise BackendError(
                f"sketch's weights were altered: sha256 {found[:12]}, shipped was {SKETCH.weights[:12]}. "
                "Run: pip install --force-reinstall 'twopop[sketch]'. Nothing was generated.",
                code="weights_altered",
            )
        try:
            from .sampler import Sampler

            return Sampler(self._weights, threads=min(2, os.cpu_count() or 1))
        except ImportError as exc:
            raise BackendError(
                f"sketch needs {exc.name}, which is not installed. Run: pip install 'twopop[sketch]'. "
                "Nothing was generated.",
                code="not_installed",
            ) from exc

    def _durations(self, phones: Any, rate: float) -> NDArray[np.float32]:
        return predict_durations(phones, rate, self._weights / "durations.npz")


class _Shot:
    """One shot in the making."""

    def __init__(
        self,
        request: GenerationRequest,
        reading: Reading,
        begun: Beginning,
        out_dir: Path,
        emit: Callable[[Event], None],
        cancel: Cancel,
        media: MovieCodec,
    ) -> None:
        self._request, self._reading, self._begun, self._out_dir = request, reading, begun, out_dir
        self._listener, self._cancel = emit, cancel
        self._talking = threading.Lock()
        self._media: MovieCodec = media
        self._grown: Growing[Tokens] = Growing()
        self._sampled: Tokens = {}
        self._seconds = float(request.frames / request.frame_rate)
        self._over = threading.Event()
        self._begun_showing = False

    def make(self, sampler: Sampler) -> TakeFiles:
        """Samples, decodes, draws and encodes, all at once."""
        request = self._request
        movie = self._out_dir / "take.mov"
        thread = threading.Thread(target=self._sample, args=(sampler,), daemon=True)
        thread.start()
        try:
            with Ahead(self._sound, depth=1) as sound, Ahead(self._frames, depth=4) as frames:
                written = write_movie(
                    movie,
                    self._watched(frames),
                    size=(request.width, request.height),
                    frame_rate=request.frame_rate,
                    sound=sound,
                    codec=self._media,
                )
        except BaseException:
            for path in _stem_paths(self._out_dir, request, None).values():
                path.unlink(missing_ok=True)
            raise
        finally:
            self._over.set()
            thread.join()
        self._emit(Writing(request.shots))
        latents = self._out_dir / "take.latents.safetensors"
        framing_s = framing_time_s(request)
        tokens = self._tokens(self._seconds)
        staging = staging_of(request, self._reading, tokens)
        write_latents(latents, self._sampled, framed_with(tokens, framing_s), noted(staging))
        facts = {
            **reviewed(request, self._reading, tokens),
            **music_made(self._reading, self._sampled),
            "codec": written.codec,
            "notes": list(written.notes),
        }
        return TakeFiles(movie, _stem_paths(self._out_dir, request, None), latents, facts=facts)

    def _sample(self, sampler: Sampler) -> None:
        try:
            for tokens in grown(
                sampler, self._reading, self._begun, self._seconds, seed=self._request.seed, progress=self._stepped
            ):
                self._sampled = tokens
                self._grown.update(directed(tokens, self._reading, self._seconds))
                # Until there is a frame, the encoder has nothing to do: the backdrops come before the next window.
                self._grown.rest(lambda: self._begun_showing or self._cancel.is_set() or self._over.is_set())
            self._grown.finish()
        except BaseException as exc:
            self._grown.finish(exc)

    def _stepped(self, step: int, steps: int) -> None:
        self._heed()
        self._emit(Denoising(self._request.shots, step, steps))

    def _emit(self, event: Event) -> None:
        with self._talking:  # sampler and encoder report from threads of their own
            self._listener(event)

    def _heed(self) -> None:
        if self._cancel.is_set() or self._over.is_set():
            raise CancelledError

    def _tokens(self, until_s: float) -> Tokens:
        """Tokens up to a time; waits for the sampler."""
        needed = min(until_s, self._seconds)
        return self._grown.wait(lambda tokens: len(tokens["STAGE"]) >= needed * STAGE.rate_hz)

    def _frames(self) -> Iterator[Exposure | Picture]:
        painter = Painter(self._request, self._reading, self._tokens)
        for index in range(self._request.frames):
            yield painter.frame(index)

    def _sound(self) -> Iterator[Ints]:
        """Writes the stems, and gives the mix on to the movie."""
        renderers = shot_renderers(self._request, self._reading, self._tokens)
        yield from _written(self._out_dir, self._request, stem_blocks(renderers, self._request.samples))

    def _watched(self, frames: Ahead[Exposure | Picture]) -> Iterator[Picture | None]:
        every = max(1, self._request.frames // 20)
        for index, frame in enumerate(frames):
            self._begun_showing = True
            self._heed()
            if index % every == 0:
                self._emit(Decoding(self._request.shots, index / self._request.frames))
            yield developed(frame)


def _make_bed(request: GenerationRequest, out_dir: Path, emit: Callable[[Event], None], cancel: Cancel) -> TakeFiles:
    """Ambience or music alone, in the clock of the bed."""
    words = words_of_bed(request.brief)
    if request.role not in ("ambience", "music"):
        raise BackendError(
            f"Bed {request.name} asks for {request.role}; a bed is ambience or music. Nothing was generated.",
            code="bad_request",
        )
    place = read_place(words) if request.role == "ambience" else None
    piece = None if place else read_bed_music(request, words)
    understood = place.understood if place else piece.understood if piece else ()
    for index, _ in enumerate(
        _written(out_dir, request, stem_blocks(bed_renderers(request, place, piece), request.samples))
    ):
        if cancel.is_set():
            raise CancelledError
        emit(Decoding(request.shots, min(1.0, (index + 1) * SAMPLE_RATE / request.samples)))
    guessed = list(piece.guessed) if piece else [] if understood else ["no word names a place: a quiet room"]
    facts: dict[str, Any] = {"understood": {request.role: ", ".join(understood)}, "guessed": guessed, "ignored": []}
    facts |= {"music": COMPOSED} if piece else {}
    return TakeFiles(None, _stem_paths(out_dir, request, request.role), facts=facts)


def _stem_paths(out_dir: Path, request: GenerationRequest, only: Role | None) -> dict[Role, Path]:
    roles: tuple[Role, ...] = SKETCH.stems if only is None else (only,)
    return {role: out_dir / f"take.{TRACK_NAMES[role]}.wav" for role in roles}


def _written(out_dir: Path, request: GenerationRequest, blocks: Iterator[dict[Role, Ints]]) -> Iterator[Ints]:
    """Writes every stem to its file as the blocks come, and yields their mix. Files of an unfinished take go."""
    with ExitStack() as stack:
        writers: dict[Role, WavWriter] = {}
        for block in blocks:
            for role, stem in block.items():
                if role not in writers:
                    path = out_dir / f"take.{TRACK_NAMES[role]}.wav"
                    writers[role] = stack.enter_context(WavWriter(path))
                writers[role].write(stem)
            yield mix(block)
