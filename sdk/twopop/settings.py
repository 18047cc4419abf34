"""Settings of a cut: defaults, then `twopop.toml` beside the cut, then arguments and flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from .errors import TimelineError, UsageError, known_names
from .timebase import snap_frame_rate
from .wire import TRACK_NAMES, Wire, Within

if TYPE_CHECKING:
    from pydantic import ValidationError

FILE_NAME = "twopop.toml"

KEPT = ("prompt", "style", "negative", "cast", "fit", "marker_colors", "retime")
"""Settings that decide what a shot asks for: a conformed cut notes them, and asks for the same wherever it lies."""

Seconds = Annotated[float, Within(0, 86_400)]
Pixels = Annotated[int, Within(0, 16_384)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings(Wire):
    """The `[engine]` table: how `backend="local"` starts the engine."""

    python: str = ""
    """Interpreter that runs the engine; empty = what `twopop install engine` made, else this one."""
    model: str = "sketch"
    """Model of `backend="local"`; `local:NAME` names another one."""
    idle_s: Seconds = 600.0
    """The engine stops after so long without use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Wire):
    """Every option of a render. Field names are the keys of `twopop.toml`."""

    backend: str = "local"
    """Who generates; `local` runs the `[engine] model` on this machine."""
    store: str = "takes"
    """Folder of the takes, relative to the cut's folder or absolute."""
    width: Pixels = 0
    """0 = from the cut (size in its metadata), else 1280."""
    height: Pixels = 0
    frame_rate: str = ""
    """Empty = the cut's; needed only where a cut has none."""
    drop_frame: bool | None = None
    """None = from the cut's metadata, else non-drop (said so)."""
    handles_frames: Annotated[int, Within(0, 100_000)] = 12
    style: str = ""
    prompt: str = ""
    """Put before every shot's prompt: what the whole cut has in common."""
    negative: str = ""
    cast: dict[str, str] = field(default_factory=dict[str, str])
    """Speaker -> voice description; `VOICE` markers win."""
    fit: Literal["warn", "tighten", "strict"] = "warn"
    """Lines longer than their shot: say so, speak faster, or refuse."""
    budget: Annotated[float, Within(0)] | None = None
    """The most a run may spend, in the currency of the profile; None = no limit."""
    media: Literal["dnxhr", "prores", "h264"] = "dnxhr"
    include_offline: bool = False
    refresh_stale: bool = False
    beds: bool = False
    """True recomposes beds (a new take of each)."""
    all_stems: bool = False
    reset_audio: tuple[str, ...] = ()
    """Shots whose stems are placed afresh, whatever an editor did to them."""
    retime: Literal["keep", "bake"] | None = None
    """None = bake where the cut is written for an editor that ignores speeds, else keep."""
    marker_colors: tuple[str, ...] = ()
    """Only markers of these colours carry roles; empty = all."""
    tracks: dict[str, str] = field(default_factory=dict[str, str])
    """Names of the sound tracks by role, where DX, FX, BG, MX, MIX do not suit."""
    bed_tail_s: Seconds = 5.0
    roots: tuple[str, ...] = ()
    """Folders outside the cut's own whose media may be opened."""
    engine: EngineSettings = EngineSettings()

    def updated(self, **changes: Any) -> Settings:
        """A copy with the given fields; None values are left as they are.

        Raises:
            UsageError: a field that does not exist, or an illegal value.
        """
        given = {key: value for key, value in changes.items() if value is not None}
        if not given and self == Settings():  # nothing to check; pydantic stays unloaded
            return self
        return _validated({**self.model_dump(), **given}, "the options")


def kept_settings(settings: Settings) -> dict[str, Any]:
    """The `KEPT` settings that differ from the defaults, as JSON values."""
    ours, usual = settings.model_dump(), Settings().model_dump()
    return {name: ours[name] for name in sorted(KEPT) if ours[name] != usual[name]}


def with_kept_settings(settings: Settings, kept: Mapping[str, Any]) -> Settings:
    """`settings`, and what a conformed cut was made with where they leave the default.

    Raises:
        UsageError: the cut notes something that is no setting.
    """
    asked = kept_settings(settings)
    missing = {key: value for key, value in kept.items() if key in KEPT and key not in asked}
    if not missing:
        return settings
    return _validated({**settings.model_dump(), **missing}, "metadata.twopop.settings of the cut")


def load_settings(cut_path: Path | None, **changes: Any) -> Settings:
    """Settings for the cut at `cut_path`: `twopop.toml` in its folder where there is one, then `changes`.

    Raises:
        UsageError: the file cannot be parsed or holds an unknown key or an illegal value.
    """
    file = cut_path.parent / FILE_NAME if cut_path else None
    settings = _read(file) if file and file.is_file() else Settings()
    return settings.updated(**changes)


def _read(file: Path) -> Settings:
    import tomllib

    try:
        values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
        raise UsageError(f"{file} cannot be read: {exc}. Mend it or move it away. Nothing was generated.") from exc
    return _validated(values, str(file))


def _validated(values: dict[str, Any], where: str) -> Settings:
    from pydantic import ValidationError

    try:
        settings = Settings.model_validate(values)
    except ValidationError as exc:
        raise UsageError(f"{where}: {_complaint(exc)} Nothing was generated.") from exc
    if settings.frame_rate:
        try:
            snap_frame_rate(settings.frame_rate)
        except TimelineError as exc:
            raise UsageError(f"{where}: frame_rate: {exc} Nothing was generated.") from exc
    for role in settings.tracks:
        if role not in TRACK_NAMES:
            known = ", ".join(TRACK_NAMES)
            raise UsageError(f"{where}: tracks: {role!r} is no role; use {known}. Nothing was generated.")
    return settings


def _complaint(exc: ValidationError) -> str:
    """What was found, where, and the rule; a sentence."""
    first = exc.errors()[0]
    path = [str(part) for part in first["loc"]]
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        known = sorted((EngineSettings if path[0] == "engine" and len(path) > 1 else Settings).field_names())
        return f"{'.'.join(path)}: there is no such key. {known_names(path[-1], known)}"
    return f"{'.'.join(path)} = {first['input']!r:.80}: {first['msg']}."
