"""`twopop jobs`: paid requests that are still open, and what a person says became of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import LedgerError, UsageError
from . import _options as options
from ._output import say_json, say_table, stdout

if TYPE_CHECKING:
    from ..ledger import Ledger


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("jobs")(jobs)


def jobs(
    action: Annotated[
        str | None, typer.Argument(metavar="[settle]", help="settle KEY: say what became of a job.")
    ] = None,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="The job's key, or its beginning.")] = None,
    found: Annotated[
        str, typer.Option("--found", metavar="ID", help="The job exists at the service under ID: fetch it next time.")
    ] = "",
    as_json: options.AsJson = False,
) -> None:
    """List jobs that are open or unclear; `settle KEY` gives one up, `settle KEY --found ID` picks it up."""
    if action is None:
        _list(as_json)
    elif action == "settle" and key:
        _settle(key, found, as_json)
    else:
        raise UsageError("Write: twopop jobs, or twopop jobs settle KEY [--found ID].")


def _ledgers() -> Iterator[Ledger]:
    from ..ledger import Ledger, state_dir

    for path in sorted(Path(state_dir(), "stores").glob("*.sqlite3")):
        with closing(Ledger(path)) as ledger:
            yield ledger


def _list(as_json: bool) -> None:
    columns = ("key", "name", "state", "backend", "id", "price", "message")
    rows = [
        (job.key[:12], job.name, job.state, job.endpoint or job.backend, job.remote_id, job.price, job.message)
        for ledger in _ledgers()
        for job in ledger.open_jobs()
    ]
    if as_json:
        say_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif rows:
        say_table("open jobs (twopop jobs settle KEY, with --found ID where the service has it)", columns, rows)
    else:
        stdout().print("No job is open.")


def _settle(key: str, found: str, as_json: bool) -> None:
    for ledger in _ledgers():
        if not any(job.key.startswith(key) for job in ledger.open_jobs()):
            continue
        job = ledger.settle(key, remote_id=found)
        done = "is fetched by the next render" if found else "was given up; the next render may ask, and pay, again"
        if as_json:
            say_json({"key": job.key, "name": job.name, "state": job.state})
        else:
            stdout().print(f"{job.name}: {done}.")
        return
    raise LedgerError(f"No open job has a key that begins with {key}. `twopop jobs` lists them.")
