"""A take and its retake become one take: every file whole, and outside the masks equal to the parent's.

Frozen is copied, never made again: samples of the stems, packets of the picture. The mix is the sum of the stems.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from .errors import MediaError
from .media.splice import Stretch, splice_movie, splice_sound, stretch_of, sum_of
from .media.wav import write_wav
from .request import GenerationRequest, Mask
from .take import Take
from .timebase import SAMPLE_RATE, FrameRange, format_timecode, frame_to_sample
from .wire import ROLES, TRACK_NAMES, Role

if TYPE_CHECKING:
    from .backends.base import TakeFiles
    from .store import TakeStore

FADE_S: dict[Role, float] = {"dialogue": 0.010, "effects": 0.005, "ambience": 0.005, "music": 0.030}
"""Crossfade at an edge, inside the new stretch."""
TAIL_S = 0.080
"""What still rings at the end of a new stretch of effects fades this long: the sound after it is the parent's."""

_MASKS: TypeAdapter[tuple[Mask, ...]] = TypeAdapter(tuple[Mask, ...])


def joined(store: TakeStore, request: GenerationRequest, files: TakeFiles, folder: Path) -> TakeFiles:
    """The whole take: `files` where the masks are, the parent everywhere else.

    Args:
        files: What the model made of the retake (see `TakeFiles`).
        folder: For the joined files.

    Raises:
        MediaError: the parent is gone or damaged, or what came does not fit it. Nothing was stored.
    """
    retake = request.retake
    assert retake is not None
    parent = store.by_name(retake.parent)
    if parent is None or not store.usable(parent):
        raise MediaError(
            f"Take {retake.parent}, of which {request.name} keeps a part, is gone or damaged. Run: twopop check "
            f"{store.root} --deep. Nothing was stored."
        )
    masks = masks_made(request, files)
    notes: list[str] = []
    stems = {role: _stem(role, request, masks, parent, files, folder, notes) for role in ROLES if parent.path(role)}
    movie = folder / "joined.mov"
    spans = _spans(request, masks, "picture")
    sound = sum_of([*stems.values()])
    picture = _file(parent, "picture")
    copied = splice_movie(movie, picture, files.movie, spans, frame_rate=request.frame_rate, sound=sound)
    if not copied:
        notes.append("H.264 cannot be cut between frames: the picture was drawn again from the same tokens")
    facts = {**files.facts, "masks": _MASKS.dump_python(masks, mode="json"), "edges": notes}
    return replace(files, movie=movie, stems=stems, facts=facts, original=None)


def masks_made(request: GenerationRequest, files: TakeFiles) -> tuple[Mask, ...]:
    """The masks as the model made them; MediaError where it went beyond what was asked."""
    assert request.retake is not None
    asked = request.retake.masks
    try:
        made = _MASKS.validate_python(files.facts.get("masks", asked))
    except ValidationError as exc:
        raise MediaError(f"{request.name}: the model does not say what it made anew. Nothing was stored.") from exc
    follows = {
        *(("dialogue", "picture") if request.retake.lines else ()),
        *(("effects", "picture") if request.retake.cues else ()),
    }
    for mask in made:
        within = any(mask.part == other.part and other.range.covers(mask.range) for other in asked)
        if not request.generated.covers(mask.range) or mask.range.frames < 1 or not (within or mask.part in follows):
            raise MediaError(
                f"{request.name}: the model made {mask.part} anew at source frames {mask.range.start} to "
                f"{mask.range.end}, which was not asked. Nothing was stored."
            )
    return tuple(sorted(made, key=lambda mask: (mask.part, mask.range)))


def _spans(request: GenerationRequest, masks: Sequence[Mask], part: str) -> list[FrameRange]:
    """Frames of a part that are new, take clock."""
    return [mask.range.shifted(-request.generated.start) for mask in masks if mask.part == part]


def _stem(
    role: Role, request: GenerationRequest, masks: Sequence[Mask], parent: Take, files: TakeFiles, folder: Path,
    notes: list[str],
) -> Path:  # fmt: skip
    """The stem of the joined take: the parent's own file where nothing of it is new."""
    old, spans = _file(parent, role), _spans(request, masks, role)
    if not spans:
        return old
    new = files.stems.get(role)
    if new is None:
        raise MediaError(f"{request.name}: {role} was to be made anew and did not come. Nothing was stored.")
    stretches = [_stretch(role, request, span, old, new, notes) for span in spans]
    target = folder / f"joined.{TRACK_NAMES[role]}.wav"
    write_wav(target, splice_sound(old, new, stretches))
    return target


def _stretch(
    role: Role, request: GenerationRequest, span: FrameRange, old: Path, new: Path, notes: list[str]
) -> Stretch:
    start, end = (frame_to_sample(frame, request.frame_rate) for frame in (span.start, span.end))
    tail = round(TAIL_S * SAMPLE_RATE) if role == "effects" else 0
    stretch, rings = stretch_of(old, new, start, end, fade_samples=round(FADE_S[role] * SAMPLE_RATE), tail_samples=tail)
    if rings:
        at = format_timecode(request.take_timecode_frames + span.end, request.frame_rate, drop_frame=request.drop_frame)
        notes.append(f"{TRACK_NAMES[role]} still rang at {at} and was faded over {round(TAIL_S * 1000)} ms before it")
    return stretch


def _file(parent: Take, role: str) -> Path:
    path = parent.path(role)
    if path is None:
        raise MediaError(f"Take {parent.name} has no {role}: it cannot be kept. Nothing was stored.")
    return path


def retake_facts(take: Take) -> dict[str, Any]:
    """What a report says of a retake: its parent, its masks (source clock), and what happened at their edges."""
    retake = take.slate.request.retake
    if retake is None:
        return {}
    facts = take.slate.facts
    return {"parent": retake.parent, **{key: facts.get(key, []) for key in ("masks", "edges", "grown")}}
