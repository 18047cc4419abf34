"""The command line: one file per command. Exit codes: 0 ok or warnings, 1 failures, 2 usage."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from ..errors import TwopopError, UsageError
from ._output import say_error

app = typer.Typer(
    name="twopop",
    help="Turns an edit timeline with holes into the same timeline with synchronized picture and sound in the holes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

COMMANDS = (
    "plan",
    "render",
    "retake",
    "conform",
    "check",
    "preview",
    "takes",
    "relink",
    "assemble",
    "jobs",
    "backends",
    "serve",
    "install",
    "doctor",
)
"""Modules of this package, in the order of the help."""

for _name in COMMANDS:
    import_module(f".{_name}", __name__).register(app)


def main() -> None:
    """Entry point of the console script."""
    as_json = "--json" in sys.argv
    try:
        app()
    except UsageError as exc:
        say_error(exc, as_json)
        sys.exit(2)
    except TwopopError as exc:
        say_error(exc, as_json)
        sys.exit(1)
