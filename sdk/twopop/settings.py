"""Settings of a cut: defaults, then `twopop.toml` beside the cut, then arguments and flags."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from .errors import UsageError
from .wire import Wire

FILE_NAME = "twopop.toml"


class EngineSettings(Wire):
    """The `[engine]` table: how `backend="local"` starts the engine."""

    python: str = ""
    """Interpreter that runs the engine; empty = what `twopop install engine` made, else this one."""
    idle_s: float = 600.0


class Settings(Wire):
    """Every option of a render. Field names are the keys of `twopop.toml`."""

    backend: str = "bars"
    store: str = "takes"
    """Folder of the takes, relative to the cut's folder or absolute."""
    width: int = 0
    """0 = from the cut (size in its metadata), else 1280."""
    height: int = 0
    frame_rate: str = ""
    """Empty = the cut's; needed only where a cut has none."""
    drop_frame: bool | None = None
    """None = from the cut's metadata, else non-drop (said so)."""
    handles_frames: int = 12
    style: str = ""
    prompt: str = ""
    """Put before every shot's prompt: what the whole cut has in common."""
    negative: str = ""
    cast: dict[str, str] = {}
    """Speaker -> voice description; `VOICE` markers win."""
    fit: Literal["warn", "tighten", "strict"] = "warn"
    """Lines longer than their shot: say so, speak faster, or refuse."""
    budget: float | None = None
    media: Literal["dnxhr", "prores", "h264"] = "dnxhr"
    include_offline: bool = False
    refresh_stale: bool = False
    beds: bool = False
    """True recomposes beds (a new take of each)."""
    all_stems: bool = False
    reset_audio: tuple[str, ...] = ()
    """Shots whose stems are placed afresh, whatever an editor did to them."""
    retime: Literal["keep", "bake"] = "keep"
    marker_colors: tuple[str, ...] = ()
    """Only markers of these colours carry roles; empty = all."""
    tracks: dict[str, str] = {}
    """Names of the sound tracks by role, where DX, FX, BG, MX, MIX do not suit."""
    bed_tail_s: float = 5.0
    roots: tuple[str, ...] = ()
    """Folders outside the cut's own whose media may be opened."""
    engine: EngineSettings = EngineSettings()

    def updated(self, **changes: Any) -> Settings:
        """A copy with the given fields; None values are left as they are.

        Raises:
            UsageError: a field that does not exist, or an illegal value.
        """
        given = {key: value for key, value in changes.items() if value is not None}
        return _validated({**self.model_dump(), **given}, "the options")


def load_settings(cut_path: Path | None, **changes: Any) -> Settings:
    """Settings for the cut at `cut_path`: `twopop.toml` in its folder where there is one, then `changes`.

    Raises:
        UsageError: the file cannot be parsed or holds an unknown key or an illegal value.
    """
    values: dict[str, Any] = {}
    file = cut_path.parent / FILE_NAME if cut_path else None
    if file and file.is_file():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
            raise UsageError(f"{file} cannot be read: {exc}. Mend it or move it away. Nothing was generated.") from exc
    return _validated(values, str(file)).updated(**changes)


def _validated(values: dict[str, Any], where: str) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as exc:
        first = exc.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        known = ", ".join(sorted(Settings.model_fields))
        raise UsageError(f"{where}: {key}: {first['msg']}. Known keys: {known}.") from exc
