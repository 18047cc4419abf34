"""The media behind a clip of a cut: which file, whether it may be opened, and which of its frames plays when."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from .bundles import unpack_media
from .errors import LedgerError, MediaError
from .links import folders_of, local_path
from .media.probe import MediaFacts, probe
from .recognise import is_our_media, take_and_role
from .slates import SLATE, read_slate
from .take import Take
from .timeline import Cut, Item, as_node, schema_name
from .tracks import active_reference, range_of, retimes_of


@dataclass(frozen=True, slots=True)
class Footage:
    """One clip's media and how it runs under the clip. Positions are frames at the cut's rate, 0 = the file's first."""

    item: Item
    path: Path
    facts: MediaFacts
    first: Fraction
    """Position of the clip's first frame, transitions not counted."""
    speed: Fraction
    """Media frames for every frame of cut: 1 plain, 0 frozen, below 0 backwards."""

    @property
    def head_frames(self) -> int:
        """Frames of transition before the clip."""
        return self.item.trimmed.start - self.item.visible.start

    @property
    def tail_frames(self) -> int:
        """Frames of transition after the clip."""
        return self.item.visible.end - self.item.trimmed.end

    def position(self, record_frame: int) -> Fraction:
        """Position that plays at a frame of the cut (cut clock); also outside the clip, for its transitions."""
        into = record_frame - self.item.record.start
        if self.speed >= 0:
            return self.first + into * self.speed
        consumed = self.item.visible.frames * -self.speed
        return self.first - self.head_frames + consumed - 1 + (into + self.head_frames) * self.speed

    def media_frame(self, record_frame: int, frame_rate: Fraction) -> int:
        """The file's frame that shows at a frame of the cut; the nearest one where the media ends before.

        Args:
            frame_rate: the cut's.
        """
        if self.facts.is_still or self.facts.frame_rate is None:
            return 0
        frame = math.floor(self.position(record_frame) * self.facts.frame_rate / frame_rate)
        return max(0, min(frame, self.facts.frames - 1) if self.facts.frames else frame)


def footage_of(cut: Cut, item: Item) -> Footage:
    """The media of a clip.

    Raises:
        MediaError: it has none, it is absent, outside the allowed folders, or cannot be read.
    """
    path = media_path(cut, item)
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError as exc:
        raise MediaError(f"{path} cannot be opened: {exc.strerror}.") from exc
    facts = _probed(path, changed_ns)
    return Footage(item, path, facts, item.trimmed.start - _media_start(cut, item, facts), speed_of(item))


def media_path(cut: Cut, item: Item) -> Path:
    """The file of a clip's active media reference. MediaError as `footage_of`; nothing is opened."""
    reference = active_reference(item.node)
    where = f"{item.name or 'A clip'} ({cut.timecode(item.record.start)})"
    if schema_name(reference) != "ExternalReference":
        raise MediaError(f"{where} has no media.")
    url = str(reference.get("target_url") or "")
    path = local_path(url, folders_of(cut))
    if path is None:
        raise MediaError(f"{where}: {_scheme(url)} links are not opened. Copy the file beside the cut and relink it.")
    if not path.exists():
        unpack_media(cut)
    if not path.exists():
        raise MediaError(f"{where}: {path.name} is missing. Run: twopop relink CUT DIR.")
    # By its name, not by what it resolves to: a link in an allowed folder was put there by its owner.
    file = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
    if not any(file.is_relative_to(folder) for folder in _allowed(cut)) and not _is_stored(file):
        raise MediaError(
            f"{where}: {path} lies outside the folders this cut may open. "
            f"Allow its folder with roots= in twopop.toml, or copy it beside the cut."
        )
    return file


def stored_take(path: Path) -> Take | None:
    """The take of the store that the file at `path` belongs to, by the sealed slate beside it; else None."""
    name, _ = take_and_role(path.name)
    slate_file = path.with_name(f"{name}{SLATE}")
    try:
        slate = read_slate(slate_file)
    except (OSError, LedgerError):
        return None
    return Take(slate, path.parent) if any(record.name == path.name for record in slate.files.values()) else None


def speed_of(item: Item) -> Fraction:
    """Product of the clip's speed effects; 0 where it is frozen."""
    speed = Fraction(1)
    for effect in retimes_of(item.node):
        scalar = effect.get("time_scalar", 1.0)
        speed *= 0 if schema_name(effect) == "FreezeFrame" else Fraction(str(scalar))
    return speed


def _allowed(cut: Cut) -> list[Path]:
    return [Path(os.path.abspath(folder)) for folder in folders_of(cut)]  # noqa: PTH100


def _is_stored(path: Path) -> bool:
    return is_our_media({"target_url": path.name}) and stored_take(path) is not None


def _scheme(url: str) -> str:
    return url.partition(":")[0] if ":" in url else "such"


@lru_cache(maxsize=4096)
def _probed(path: Path, _changed_ns: int) -> MediaFacts:
    return probe(path)


def _media_start(cut: Cut, item: Item, facts: MediaFacts) -> Fraction:
    """The number in the clip's source clock of the file's first frame."""
    available = range_of(as_node(active_reference(item.node).get("available_range")), cut.frame_rate)
    if available:
        return Fraction(available[0])
    if facts.timecode_frames is None or facts.frame_rate is None:
        return Fraction(0)
    # Editors that write no available_range count from the file's timecode, or from 0: the number itself tells.
    start = Fraction(facts.timecode_frames) * cut.frame_rate / facts.frame_rate
    return start if item.trimmed.start >= start else Fraction(0)
