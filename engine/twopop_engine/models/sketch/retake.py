"""A retake: tokens inside the masks are sampled anew around what stays, and only what they change is made.

Read the parent's tokens, settle the masks (edges of speech lie at pauses, of music on beats; changed lines take the
room they need), sample, decode the stems and draw the frames that changed. What is not masked is not even made: the
store copies it from the parent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from twopop.backends.base import Cancel, TakeFiles
from twopop.errors import BackendError, CancelledError, MediaError
from twopop.events import Decoding, Denoising, Event, Writing
from twopop.media.wav import WavWriter
from twopop.media.write import MovieCodec, write_movie
from twopop.request import GenerationRequest, Mask, Retake
from twopop.timebase import FrameRange
from twopop.wire import TRACK_NAMES, Part, Role

from .carrying import Staging, noted, read_staging, told
from .latents import read_latents, split_framing, write_latents
from .layout import BY_NAME
from .lines import Dialogue, Durations, SpokenLine, lay_out
from .music import Piece
from .phones import Phone
from .picture import Painter, developed, framed_with, framing_time_s
from .pipeline import Ahead
from .reading import Reading, read_request
from .recorded import with_spoken
from .review import reviewed
from .score import token_span
from .sound import Renderer, music_made, shot_renderers, stem_blocks
from .staging import directed, staging_of
from .undoing import Undone, kept_as_they_lay, undone, with_things_kept

if TYPE_CHECKING:
    from twopop.media.write import Picture

    from .raster.video import Exposure
from .sampler import Sampler
from .windowing import Tokens

GROUPS: Final[dict[Part, tuple[str, ...]]] = {
    "picture": ("CA", "CB", "STAGE"),
    "dialogue": ("DX",),
    "effects": ("FX",),
    "ambience": ("BG",),
    "music": ("MX",),
}
"""Token groups behind each part of a take."""
_PAUSE_S: Final = 0.06
"""Silence between words that an edge of dialogue may lie in."""
_REACH_S: Final = 0.6
"""How far an edge is moved to a pause."""
_BEFORE_WORD_S, _AFTER_LINE_S = 0.04, 0.18
_LOOK_BEFORE_S, _LOOK_AFTER_S = 0.20, 0.30
"""How much earlier and later than the voice the face is made anew."""

Seconds = tuple[float, float]


def make_retake(
    request: GenerationRequest,
    durations: Durations,
    sampler: Sampler,
    out_dir: Path,
    *,
    emit: Callable[[Event], None],
    cancel: Cancel,
    media: MovieCodec,
) -> TakeFiles:
    """What the masks of a retake name (see `TakeFiles`), and all tokens of the joined take.

    Raises:
        BackendError: the parent's tokens are gone or of another length (`latents_missing`), or there is nothing to do
            (`nothing_masked`).
        CancelledError: `cancel` was set.
    """
    retake = request.retake
    assert retake is not None
    seconds = float(request.frames / request.frame_rate)
    parent, framing, stage = _parent(request, retake)
    reading, before = _with_kept_words(request, retake, read_request(request, durations, stage.begun), durations)
    gone = tuple(undone(request, retake, stage, parent))
    reading = with_things_kept(reading, stage, parent, gone) if gone else reading
    thawed, grown = settled(request, reading, before, gone)
    masks = _joined([*thawed, *(Mask(part="effects", range=_frames(request, *one.heard)) for one in gone)])
    known = {name: _known(request, reading, thawed, name, len(values)) for name, values in parent.items()}

    def heed(step: int = 0, steps: int = 0) -> None:
        if cancel.is_set():
            raise CancelledError
        if steps:
            emit(Denoising(request.shots, step, steps))

    raw = sampler.regrow(told(reading), parent, known, seed=request.seed, progress=heed)
    tokens = directed(raw, reading, seconds)
    tokens = kept_as_they_lay(tokens, raw, known["STAGE"], reading.deeds) if gone else tokens
    whole = any(mask.part == "picture" and mask.range == request.generated for mask in masks)
    framed_by = framed_with(tokens, framing_time_s(request)) if whole or not framing else framing
    stems = _stems(request, reading, tokens, masks, out_dir, heed)
    movie, facts = _movie(request, reading, tokens, framed_by, masks, out_dir, emit, heed, media)
    emit(Writing(request.shots))
    latents = out_dir / "take.latents.safetensors"
    write_latents(latents, raw, framed_by, noted(staging_of(request, reading, tokens, retake.sound_seed)))
    facts |= {
        **reviewed(request, reading, tokens),
        **music_made(reading, raw),
        "masks": [mask.model_dump(mode="json") for mask in masks],
        "grown": grown,
    }
    return TakeFiles(movie, stems, latents, facts=facts)


def _parent(request: GenerationRequest, retake: Retake) -> tuple[Tokens, Tokens, Staging]:
    """The parent's tokens, those of its framing, and its stage; checked against the take's length."""
    try:
        tokens, framing = split_framing(read_latents(Path(retake.latents)))
        stage = read_staging(Path(retake.latents))
    except (OSError, MediaError) as exc:
        raise BackendError(
            f"Shot {request.name}: the tokens of {retake.parent} cannot be read ({exc}). A part of it can only be made "
            f"anew with them: render the shot again as a whole. Nothing was generated.",
            code="latents_missing",
        ) from exc
    due = float(request.frames / request.frame_rate)
    for name in ("DX", "FX", "BG", "CA", "CB", "STAGE"):
        if name not in tokens or len(tokens[name]) < due * BY_NAME[name].rate_hz - 1e-6:
            raise BackendError(
                f"Shot {request.name}: {retake.parent} has no {name} tokens for all of its {due:.2f} s. Render the "
                f"shot again as a whole. Nothing was generated.",
                code="latents_missing",
            )
    return tokens, framing, stage


# --- masks ---


def settled(
    request: GenerationRequest, reading: Reading, before: Dialogue | None, gone: Sequence[Undone] = ()
) -> tuple[tuple[Mask, ...], list[str]]:
    """The masks in which tokens are sampled, and what was moved or added to those asked for.

    Args:
        request: Of the retake.
        reading: Of its brief.
        before: The parent's lines, where the brief has others.
        gone: What shall not happen any more.
    """
    retake, grown = request.retake, list[str]()
    assert retake is not None
    masks = [_at_quiet_edges(request, reading, mask) for mask in retake.masks]
    if before is not None:
        masks += _of_changed_lines(request, before, reading.dialogue, grown)
    for one in gone:
        masks.append(Mask(part="effects", range=_frames(request, *one.struck)))
        masks += [Mask(part="picture", range=_frames(request, *one.acted))] if one.acted else []
    joined = _joined(masks)
    if not joined:
        raise BackendError(
            f"Shot {request.name}: the retake masks nothing, or changes no word. Nothing was generated.",
            code="nothing_masked",
        )
    return joined, grown


def _joined(masks: Sequence[Mask]) -> tuple[Mask, ...]:
    """Masks of which no two of one part touch, sorted."""
    joined: list[Mask] = []
    for mask in sorted(masks, key=lambda mask: (mask.part, mask.range)):
        last = joined[-1] if joined else None
        if last and last.part == mask.part and mask.range.start <= last.range.end:
            joined[-1] = Mask(part=mask.part, range=last.range.hull(mask.range))
        else:
            joined.append(mask)
    return tuple(joined)


def _at_quiet_edges(request: GenerationRequest, reading: Reading, mask: Mask) -> Mask:
    """Edges of dialogue moved inwards to the nearest pause, of music to the nearest beat; others stay."""
    if mask.part == "dialogue":
        places = _pauses_s(reading.dialogue)
    elif mask.part == "music" and reading.piece:
        places = _beats_s(reading.piece, request)
    else:
        return mask
    rate, origin = request.frame_rate, request.generated
    start, end = mask.range.start - origin.start, mask.range.end - origin.start
    if start > 0:
        start = min(_frames_at(places, start, rate, up=True), end - 1)
    if end < origin.frames:
        end = max(_frames_at(places, end, rate, up=False), start + 1)
    return Mask(part=mask.part, range=FrameRange(start + origin.start, end - start))


def _frames_at(places: Sequence[Seconds], frame: int, rate: Any, *, up: bool) -> int:
    """The frame nearest to `frame`, not before (after) it, that lies in one of `places` (from, to) and within reach."""
    reach = int(_REACH_S * float(rate))
    steps = range(frame, frame + reach + 1) if up else range(frame, frame - reach - 1, -1)
    return next((k for k in steps if any(low <= k / rate <= high for low, high in places)), frame)


def _pauses_s(dialogue: Dialogue) -> list[Seconds]:
    """Stretches of the take without speech."""
    spoken = sorted((p.start_s, p.end_s) for line in dialogue.lines for p in line.phones if p.symbol not in "_.,?!;:—")
    pauses, end = list[Seconds](), -1e6
    for low, high in spoken:
        if low - end >= _PAUSE_S:
            pauses.append((end, low))
        end = max(end, high)
    return [*pauses, (end, 1e6)]


def _beats_s(piece: Piece, request: GenerationRequest) -> list[Seconds]:
    """Beats of the piece in the take clock, each as wide as a frame."""
    frame_s, origin_s = float(1 / request.frame_rate), float(request.generated.start / request.frame_rate)
    beats = piece.tempo.between(origin_s, origin_s + request.frames * frame_s) - origin_s
    return [(float(beat), float(beat) + frame_s) for beat in beats]


def _of_changed_lines(request: GenerationRequest, before: Dialogue, after: Dialogue, grown: list[str]) -> list[Mask]:
    """Where the lines differ, in dialogue and picture, the old words' room included."""
    spans = _differences_s(before, after)
    if not spans:
        return []
    old_end, new_end = (max((line.end_s for line in d.lines), default=0.0) for d in (before, after))
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    if new_end > old_end + 0.02:
        grown.append(f"the new words end {new_end - old_end:.2f} s later: what they cover is made anew too")
    return [
        Mask(part="dialogue", range=_frames(request, low - _BEFORE_WORD_S, high + _AFTER_LINE_S)),
        Mask(part="picture", range=_frames(request, low - _LOOK_BEFORE_S, high + _LOOK_AFTER_S)),
    ]


def _frames(request: GenerationRequest, low_s: float, high_s: float) -> FrameRange:
    """Whole frames that cover a stretch of the take clock, as far as the take goes; source clock."""
    rate, frames = float(request.frame_rate), request.frames
    first = min(max(int(np.floor(low_s * rate)), 0), frames - 1)
    last = min(max(int(np.ceil(high_s * rate)), first + 1), frames)
    return FrameRange(first + request.generated.start, last - first)


def _differences_s(before: Dialogue, after: Dialogue) -> list[Seconds]:
    """Stretches in which the two do not sound the same: all phones that only one of them has at that time."""

    def sounds(dialogue: Dialogue) -> set[tuple[Any, ...]]:
        return {
            (line.speaker, line.voice, line.manner, p.symbol, p.stress, round(p.start_s, 4), round(p.end_s, 4))
            for line in dialogue.lines
            for p in line.phones
        }

    old, new = sounds(before), sounds(after)
    return [(fact[-2], fact[-1]) for fact in old ^ new]


# --- words that stay ---


def _with_kept_words(
    request: GenerationRequest, retake: Retake, reading: Reading, durations: Durations
) -> tuple[Reading, Dialogue | None]:
    """The reading with lines timed as they were up to the first word that is another; and the lines as they were."""
    if not retake.lines:
        return reading, None
    brief = request.brief.model_copy(update={"lines": retake.lines})
    on_stage = [name for name in reading.names if name]
    spoken = with_spoken(request.model_copy(update={"brief": brief}), reading.recordings)
    before = lay_out(spoken, on_stage, durations)
    old = {(line.speaker, round(line.start_s, 2)): line for line in before.lines}
    lines = tuple(_kept_start(old.get((line.speaker, round(line.start_s, 2))), line) for line in reading.dialogue.lines)
    dialogue = replace(reading.dialogue, lines=lines)
    score = replace(reading.score, lines=tuple(line.scored() for line in lines))
    return replace(reading, dialogue=dialogue, score=score), before


def _kept_start(old: SpokenLine | None, new: SpokenLine) -> SpokenLine:
    """`new` with the timing of `old` for the words that both begin with; the rest follows on."""
    if old is None or old.voice != new.voice or old.rate != new.rate:
        return new
    same = 0
    for one, other in zip(old.phones, new.phones, strict=False):
        if (one.symbol, one.stress, one.word_start) != (other.symbol, other.stress, other.word_start):
            break
        same += 1
    if same == len(old.phones) == len(new.phones):
        return old
    while same and not (same < len(new.phones) and new.phones[same].word_start):
        same -= 1
    if not same:
        return new
    shift = old.phones[same - 1].end_s - new.phones[same].start_s
    rest = (Phone(p.symbol, p.start_s + shift, p.end_s + shift, p.stress, p.word_start) for p in new.phones[same:])
    return replace(new, phones=(*old.phones[:same], *rest))


def _known(
    request: GenerationRequest, reading: Reading, masks: Sequence[Mask], group: str, tokens: int
) -> NDArray[np.bool_]:
    """Which tokens of a group stay: those that no mask touches."""
    rate_hz = BY_NAME[group].rate_hz
    known = np.ones(tokens, np.bool_)
    for mask in (mask for mask in masks if group in GROUPS[mask.part]):
        span = mask.range.shifted(-request.generated.start)
        if rate_hz:
            low = int(np.floor(float(span.start * rate_hz / request.frame_rate) + 1e-9))
            high = int(np.ceil(float(span.end * rate_hz / request.frame_rate) - 1e-9))
        else:
            begun, low, high = (
                token_span(reading.score, BY_NAME[group], float(frames / request.frame_rate), 0.0)[0]
                for frames in (0, span.start, span.end)
            )
            low, high = low - begun, high - begun
        known[low : tokens if span.end == request.frames else high] = False
    known[: int(reading.carried.cut_s * rate_hz + 1e-6)] = (
        True  # the end of the shot before is not this one's to change
    )
    return known


# --- what changed, made ---


def _stems(
    request: GenerationRequest,
    reading: Reading,
    tokens: Tokens,
    masks: Sequence[Mask],
    out_dir: Path,
    heed: Callable[[], None],
) -> dict[Role, Path]:
    """The stems that have a mask, whole; the store takes from them what is new."""
    assert request.retake is not None
    parts = {mask.part for mask in masks}
    # The decoders keep the first take's noise, or every frozen sound that rings into the masks would be another.
    first = request.model_copy(update={"seed": request.retake.sound_seed})
    renderers = shot_renderers(first, reading, lambda until_s: tokens, day=request.seed if "ambience" in parts else 0)
    wanted: dict[Role, Renderer] = {role: render for role, render in renderers.items() if role in parts}
    paths: dict[Role, Path] = {role: out_dir / f"take.{TRACK_NAMES[role]}.wav" for role in wanted}
    writers = {role: WavWriter(path) for role, path in paths.items()}
    try:
        for block in stem_blocks(wanted, request.samples) if wanted else ():
            heed()
            for role, stem in block.items():
                writers[role].write(stem)
        for writer in writers.values():
            writer.close()
    except BaseException as exc:
        for writer in writers.values():
            writer.__exit__(type(exc), exc, None)
        raise
    return paths


def _movie(
    request: GenerationRequest,
    reading: Reading,
    tokens: Tokens,
    framed_by: Mapping[str, Any],
    masks: Sequence[Mask],
    out_dir: Path,
    emit: Callable[[Event], None],
    heed: Callable[[], None],
    media: MovieCodec,
) -> tuple[Path | None, dict[str, Any]]:
    """The frames from the first masked one to the last (H.264: all), without sound; None where the picture stays."""
    spans = [mask.range.shifted(-request.generated.start) for mask in masks if mask.part == "picture"]
    if not spans:
        return None, {}
    span = FrameRange(0, request.frames) if media == "h264" else spans[0].hull(spans[-1])
    painter = Painter(request, reading, lambda until_s: tokens, dict(framed_by))

    def frames() -> Iterator[Exposure | Picture]:
        for index in range(span.start, span.end):
            yield painter.frame(index)

    def watched(ahead: Ahead[Exposure | Picture]) -> Iterator[Picture | None]:
        for index, frame in enumerate(ahead):
            heed()
            if index % max(1, span.frames // 20) == 0:
                emit(Decoding(request.shots, index / span.frames))
            yield developed(frame)

    path = out_dir / "take.mov"
    size = (request.width, request.height)
    with Ahead(frames, depth=4) as ahead:
        written = write_movie(path, watched(ahead), size=size, frame_rate=request.frame_rate, codec=media)
    return path, {"codec": written.codec, "notes": list(written.notes)}
