"""Opens a backend by the name a user gives: a registry name, a server's URL, or several of them as a pool."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..errors import UsageError
from ..registry import resolve
from ..settings import Settings
from ..wire_videos import TOKEN_ENV
from .base import Backend

if TYPE_CHECKING:
    from ..media.write import MovieCodec
    from .videos import VideosBackend

CA_ENV = "TWOPOP_CA_FILE"
_URL = re.compile(r"(?:([a-z-]+)\+)?(https?://[^#\s]+)(?:#(\S+))?$")


def open_backend(name: str, settings: Settings, *, folder: Path | None = None) -> Backend:
    """The backend called `name`, ready to use; close it when done. Nothing is started or asked yet.

    Args:
        name: a registry name (`bars`, `local`, `local:sketch`), a URL (`http://gpubox:8190`,
            `vllm-omni+http://box:8000#MODEL`), or several with commas between them.
        settings: give each backend what it asks for (`media`, `engine`).
        folder: the cut's own, where reference files are looked for first.

    Raises:
        UsageError: unknown, or what it needs is not installed.
    """
    roots = [*([folder] if folder else []), *map(Path, settings.roots)]
    names = [part.strip() for part in name.split(",") if part.strip()]
    if len(names) > 1:
        from .pool import PoolBackend

        return PoolBackend([open_backend(part, settings, folder=folder) for part in names])
    if found := _URL.match(name):
        return _open_url(found[2], found[1] or "", found[3] or "", roots, settings.media)
    kind, _, model = name.partition(":")
    if ":" in model:
        raise UsageError(f"{name!r} is no backend. Write local:MODEL with a model of the registry, or a server's URL.")
    made = resolve("backends", kind)
    wanted = inspect.signature(made).parameters
    options = {"media": settings.media, "engine": settings.engine, "roots": roots, "model": model}
    return made(**{key: value for key, value in options.items() if key in wanted})


def _open_url(url: str, dialect: str, model: str, roots: Sequence[Path], media: MovieCodec) -> VideosBackend:
    from .videos import VideosBackend

    ca_file = os.environ.get(CA_ENV, "")
    token = token_for(urlsplit(url).hostname or "", os.environ)
    return VideosBackend(url, dialect=dialect, model=model, token=token, ca_file=ca_file, roots=roots, media=media)


def token_for(host: str, environment: Mapping[str, str]) -> str:
    """The token of a server: `TWOPOP_TOKEN_<HOST>`; for this machine also `TWOPOP_TOKEN`.

    A token is bound to a host by its name: the settings beside a stranger's cut may name any server, and must not be
    able to have our token sent there.
    """
    named = TOKEN_ENV + "_" + re.sub(r"[^A-Za-z0-9]", "_", host).upper()
    here = host in ("localhost", "::1") or host.startswith("127.")
    return environment.get(named, "") or (environment.get(TOKEN_ENV, "") if here else "")
