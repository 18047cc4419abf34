"""Opens a backend by the name a user gives: a registry name or a URL."""

from __future__ import annotations

import inspect

from ..registry import resolve
from ..settings import Settings
from .base import Backend


def open_backend(name: str, settings: Settings) -> Backend:
    """The backend called `name`, ready to use; close it when done.

    Args:
        name: a registry name ("bars"), or the URL of a `/v1/videos` server.
        settings: give each backend what it asks for (`media`, `engine`).

    Raises:
        UsageError: unknown, or what it needs is not installed.
    """
    made = resolve("backends", name)
    wanted = inspect.signature(made).parameters
    options = {"media": settings.media, "engine": settings.engine}
    return made(**{key: value for key, value in options.items() if key in wanted})
