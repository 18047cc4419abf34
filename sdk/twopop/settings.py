"""Settings of a cut: defaults, then `twopop.toml` beside the cut, then arguments and flags."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from .errors import TimelineError, UsageError
from .timebase import snap_frame_rate
from .wire import TRACK_NAMES, Wire

FILE_NAME = "twopop.toml"

KEPT = ("prompt", "style", "negative", "cast", "fit", "marker_colors", "retime")
"""Settings that decide what a shot asks for: a conformed cut notes them, and asks for the same wherever it lies."""

Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Pixels = Annotated[int, Field(ge=0, le=16_384)]


class EngineSettings(Wire):
    """The `[engine]` table: how `backend="local"` starts the engine."""

    python: str = ""
    """Interpreter that runs the engine; empty = what `twopop install engine` made, else this one."""
    model: str = "sketch"
    """Model of `backend="local"`; `local:NAME` names another one."""
    idle_s: Seconds = 600.0
    """The engine stops after so long without use."""


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
    handles_frames: Annotated[int, Field(ge=0, le=100_000)] = 12
    style: str = ""
    prompt: str = ""
    """Put before every shot's prompt: what the whole cut has in common."""
    negative: str = ""
    cast: dict[str, str] = {}
    """Speaker -> voice description; `VOICE` markers win."""
    fit: Literal["warn", "tighten", "strict"] = "warn"
    """Lines longer than their shot: say so, speak faster, or refuse."""
    budget: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
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
    tracks: dict[str, str] = {}
    """Names of the sound tracks by role, where DX, FX, BG, MX, MIX do not suit."""
    bed_tail_s: Seconds = 5.0
    roots: tuple[str, ...] = ()
    """Folders outside the cut's own whose media may be opened."""
    engine: EngineSettings = EngineSettings()

    @field_validator("frame_rate")
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        if value:
            try:
                snap_frame_rate(value)
            except TimelineError as exc:
                raise ValueError(str(exc).rstrip(".")) from exc
        return value

    @field_validator("tracks")
    @classmethod
    def _are_roles(cls, value: dict[str, str]) -> dict[str, str]:
        for role in value:
            if role not in TRACK_NAMES:
                raise ValueError(f"{role!r} is no role; use {', '.join(TRACK_NAMES)}")
        return value

    def updated(self, **changes: Any) -> Settings:
        """A copy with the given fields; None values are left as they are.

        Raises:
            UsageError: a field that does not exist, or an illegal value.
        """
        given = {key: value for key, value in changes.items() if value is not None}
        return _validated({**self.model_dump(), **given}, "the options")


def kept_settings(settings: Settings) -> dict[str, Any]:
    """The `KEPT` settings that differ from the defaults, as JSON values."""
    return settings.model_dump(mode="json", include=set(KEPT), exclude_defaults=True)


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
    values: dict[str, Any] = {}
    file = cut_path.parent / FILE_NAME if cut_path else None
    if file and file.is_file():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
            raise UsageError(f"{file} cannot be read: {exc}. Mend it or move it away. Nothing was generated.") from exc
    return _validated(values, str(file)).updated(**changes)


def _validated(values: dict[str, Any], where: str) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as exc:
        first = exc.errors()[0]
        path = [str(part) for part in first["loc"]]
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            said = f"there is no such key. {_nearest(path)}"
        raise UsageError(f"{where}: {'.'.join(path)}: {said.rstrip('.')}. Nothing was generated.") from exc


def _nearest(path: list[str]) -> str:
    """The key that was meant, or all there are."""
    known = sorted((EngineSettings if path[0] == "engine" and len(path) > 1 else Settings).model_fields)
    near = difflib.get_close_matches(path[-1], known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known keys: {', '.join(known)}"
