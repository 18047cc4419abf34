"""What music a request asks for: of the shot itself, of the bed over it, of a bed alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from twopop.request import GenerationRequest
from twopop.wire import BedMusic, Cue

from .music import Piece, read_music
from .noise import stream_key


def with_told_music(request: GenerationRequest, told: str) -> GenerationRequest:
    """The request with the music that its prompt tells of, as if a cue at its first shown frame had asked for it."""
    if not told:
        return request
    cue = Cue(role="music", text=told, at_frames=request.used.start)
    return request.model_copy(update={"brief": request.brief.model_copy(update={"cues": (*request.brief.cues, cue)})})


def asked_piece(request: GenerationRequest, understood: dict[str, str], guessed: list[str]) -> Piece | None:
    """Music is played only where it is asked for; it begins its bars on its cue and ends them in the shot.

    Args:
        request: Of a shot.
        understood: Gets the words that shaped it.
        guessed: Gets what they left open.
    """
    cues, hits = _cues(request), tuple(_seconds(request, cue.at_frames) for cue in request.brief.cues if cue.hit)
    if not cues and not hits:
        return None
    begin_s = _seconds(request, min(cue.at_frames for cue in cues)) if cues else None
    end_s = min(music_span(request)[1], _seconds(request, request.used.end))
    first = request.retake.sound_seed if request.retake else request.seed
    piece = read_music(", ".join(cue.text for cue in cues), hits, first, begin_s, end_s)
    if first != request.seed:  # other notes over the same chords, or the new stretch would be of another piece
        piece = replace(piece, key=stream_key(request.seed, "music", "retake"))
    if piece.understood:
        understood["music"] = ", ".join(piece.understood)
    guessed += [f"MX: {said}" for said in piece.guessed]
    return piece


def beats_of(request: GenerationRequest, own: Piece | None) -> tuple[float, ...]:
    """Beats of the take and a second around it, in its clock: of its own music, else of the bed over it.

    A bed plays over whatever music of its own a shot has.
    """
    bed = request.scene.music if request.scene else None
    piece = own if bed is None else bed_over(request, bed)
    if piece is None:
        return ()
    heard = piece.moved(-_seconds(request, request.generated.start))
    return heard.pulse(-1.0, _seconds(request, request.frames) + 1.0)


def bed_over(request: GenerationRequest, bed: BedMusic) -> Piece:
    """The piece of the bed that a shot lies under, in the source clock of the shot."""
    hits, end_s = [_seconds(request, frame) for frame in bed.hits_frames], _seconds(request, bed.end_frame)
    return _bed_piece(bed.text, hits, bed.seed, end_s).moved(_seconds(request, bed.at_frame))


def read_bed_music(request: GenerationRequest, words: str) -> Piece:
    """The piece of a bed, in the bed's own clock: from its first frame to the end of what the cut uses of it."""
    hits = [_seconds(request, cue.at_frames) for cue in request.brief.cues if cue.hit]
    return _bed_piece(words, hits, request.brief.seed, _seconds(request, request.used.end))


def _bed_piece(words: str, hits_s: Sequence[float], seed: int | None, end_s: float) -> Piece:
    return read_music(words, hits_s, seed or 0, begin_s=0.0, end_s=end_s)


def music_span(request: GenerationRequest) -> tuple[float, float]:
    """When music sounds, source clock in seconds. A cue at the first shown frame plays through the head handle."""
    cues = _cues(request)
    first = min((cue.at_frames for cue in cues), default=request.used.start)
    begin_s = -math.inf if first <= request.used.start else _seconds(request, first)
    ends = [cue.at_frames + cue.length_frames for cue in cues if cue.length_frames is not None]
    stops = len(ends) == len(cues) and ends and max(ends) < request.used.end
    return begin_s, _seconds(request, max(ends)) if stops else math.inf


def _cues(request: GenerationRequest) -> list[Cue]:
    return [cue for cue in request.brief.cues if cue.role == "music" and not cue.hit]


def _seconds(request: GenerationRequest, frames: int) -> float:
    return float(frames / request.frame_rate)
