"""Preview: a whole cut flattened into one movie to watch, real media included."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from .errors import MediaError, UsageError
from .footage import footage_of
from .links import folders_of, local_path
from .media.probe import SOURCE_TYPE_KEY
from .media.write import write_movie
from .preview_picture import PreviewPicture
from .preview_sound import PreviewSound
from .timebase import seconds_to_frames
from .timeline import Cut, as_node
from .tracks import active_reference
from .wire import Finding

_LARGEST = (1280, 720)
_SUFFIXES = (".mp4", ".mov")
_LEADER_S = 2
_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


def write_preview(
    cut: Cut, path: Path, *, size: tuple[int, int] | None = None, burn_in: bool = True, two_pop: bool = True
) -> list[Finding]:
    """Writes all tracks of `cut` as one H.264 movie; an older preview at `path` is replaced.

    Args:
        cut: picture tracks are flattened, the top-most clip wins; audio tracks are summed.
        path: .mp4 (AAC, plays everywhere) or .mov (PCM, exact to the sample).
        size: (width, height), even; default: that of the cut, at most 1280 wide and 720 high.
        burn_in: timecode and shot name in the picture.
        two_pop: two seconds of leader before the programme, with a one-frame pop.

    Returns:
        What could not be shown or heard, and why; in its place there is a card, or silence.

    Raises:
        UsageError: an empty cut, another suffix, or a file that the cut plays.
        MediaError: the movie cannot be written.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"A preview is an .mp4 or a .mov, not {path.name}.")
    if cut.duration_frames <= 0:
        raise UsageError(f"{cut.name} is empty, there is nothing to preview.")
    _refuse_own_media(cut, path)
    leader = seconds_to_frames(_LEADER_S, cut.frame_rate) if two_pop else 0
    size = size or _size_of(cut)
    picture, sound = PreviewPicture(cut, size, burn_in=burn_in), PreviewSound(cut, leader)
    unfinished = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        write_movie(
            unfinished,
            picture.frames(leader),
            size=size,
            frame_rate=cut.frame_rate,
            sound=sound.blocks(),
            codec="h264",
            metadata=_metadata(cut, leader),
        )
        unfinished.replace(path)
    except OSError as exc:
        raise MediaError(f"{path} cannot be written: {exc.strerror}. The cut and its takes are untouched.") from exc
    return [*picture.findings, *(finding for finding in sound.findings if finding not in picture.findings)]


def _refuse_own_media(cut: Cut, path: Path) -> None:
    """A preview is never written over what it shows."""
    if not path.exists():
        return
    links = {str(active_reference(item.node).get("target_url") or "") for item in cut.items}
    for found in (local_path(link, folders_of(cut)) for link in sorted(links - {""})):
        if found is not None and found.exists() and found.samefile(path):
            raise UsageError(f"{path} is media of {cut.name}. Give another name with -o. Nothing was written.")


def _metadata(cut: Cut, leader: int) -> dict[str, str]:
    timecode = cut.timecode(-leader) if cut.start_frames >= leader else cut.timecode(0)
    comment = f"Preview of {cut.name}. Holds generated picture and sound. Made with twopop."
    return {"timecode": timecode, "comment": comment, SOURCE_TYPE_KEY: _SOURCE_TYPE}


def _size_of(cut: Cut) -> tuple[int, int]:
    """The cut's own size, else that of its first picture, else 16:9; made to fit."""
    ours = as_node(as_node(cut.document.get("metadata")).get("twopop"))
    width, height = ours.get("width"), ours.get("height")
    if not (isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0):
        width, height = _first_picture(cut)
    scale = min(Fraction(1), Fraction(_LARGEST[0], width), Fraction(_LARGEST[1], height))
    return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)


def _first_picture(cut: Cut) -> tuple[int, int]:
    clips = [item for item in cut.items if item.kind == "Video" and item.schema == "Clip" and item.record.frames]
    for item in sorted(clips, key=lambda item: "take" not in item.ours):
        try:
            facts = footage_of(cut, item).facts
        except MediaError:
            continue
        if facts.width:
            return facts.width, facts.height
    return _LARGEST
