"""`twopop backends`: who can generate, and what each can do."""

from __future__ import annotations

import typer

from . import _options as options
from ._output import say_json, say_table


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command("backends")(backends)


def backends(as_json: options.AsJson = False) -> None:
    """List the backends: what they need, their stems, and their price."""
    from ..groundwork import profile_of
    from ..registry import BACKENDS
    from ..settings import Settings

    rows: list[dict[str, object]] = []
    for name, entry in BACKENDS.items():
        profile = profile_of(Settings(backend=name))
        rows.append(
            {
                "name": name,
                "description": entry.description,
                "extra": entry.extra,
                "stems": list(profile.stems),
                "price_per_second": profile.price_per_second,
            }
        )
    if as_json:
        say_json(rows)
        return
    cells = [
        (row["name"], row["description"], f"twopop[{row['extra']}]" if row["extra"] else "", row["price_per_second"])
        for row in rows
    ]
    say_table("backends (a URL such as http://127.0.0.1:8000 is one too)", ("name", "what", "needs", "price/s"), cells)
