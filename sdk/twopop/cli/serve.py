"""`twopop serve`: this machine as an engine for others, over /v1/videos."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer

from ..registry import missing_extra

_AS_TYPED: dict[str, Any] = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("serve", context_settings=_AS_TYPED, help="Serve joint models to other machines (--help: options).")(
        serve
    )


def serve(context: typer.Context) -> None:
    """Hands everything to the engine, which has its own options."""
    try:
        engine = import_module("twopop_engine.serve")  # by name: the SDK does not import the engine
    except ImportError as exc:
        raise missing_extra("serve", "serve", exc) from exc
    sys.exit(engine.main(context.args))
