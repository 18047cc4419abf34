"""What commands print: tables for people on stdout, one JSON object with `--json`, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..errors import TwopopError
from ..message import Message
from ..wire import Finding, Wire

_COLOURS = {"info": "dim", "warning": "yellow", "error": "bold red"}


_PIPED_WIDTH = 240
"""Columns where nobody looks at a terminal: wide enough that `grep` finds whole cells."""


def stdout() -> Console:
    """The console for results."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def stderr() -> Console:
    """The console for progress and errors."""
    return Console(stderr=True, highlight=False)


def say_json(value: Wire | Message | dict[str, Any] | list[Any]) -> None:
    """One JSON document on stdout."""
    text = (
        value.model_dump_json(indent=2)
        if isinstance(value, Wire | Message)
        else json.dumps(value, indent=2, default=str)
    )
    sys.stdout.write(text + "\n")


def say_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on stdout."""
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    stdout().print(table)


def say_findings(findings: Iterable[Finding]) -> None:
    """Findings, worst last, so that the end of the output is what matters most."""
    order = {"info": 0, "warning": 1, "error": 2}
    for finding in sorted(findings, key=lambda f: order[f.level]):
        where = f"[{finding.timecode}] " if finding.timecode and finding.timecode not in finding.message else ""
        stdout().print(
            f"[{_COLOURS[finding.level]}]{finding.level}[/]  {escape(where + finding.message)}", soft_wrap=True
        )


def say_error(exc: TwopopError, as_json: bool) -> None:
    """The error that ended a command."""
    if as_json:
        say_json({"error": {"type": type(exc).__name__, "code": getattr(exc, "code", ""), "message": str(exc)}})
    else:
        stderr().print(f"[bold red]error[/]  {escape(str(exc))}", soft_wrap=True)


def finish(findings: Iterable[Finding], *, failed: bool = False) -> None:
    """Exits with 1 where something failed or a finding is an error."""
    if failed or any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)
