"""What `render` and `retake` share: a run that is watched, and its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CancelledError
from ._output import finish, say_findings, say_json, stdout
from ._progress import Progress

if TYPE_CHECKING:
    from ..events import Event
    from ..plan import Plan
    from ..rendering import RenderReport

Run = Callable[[Callable[["Plan"], None], Callable[["Event"], None]], "RenderReport"]
"""Takes `on_start` and `on_event`."""


def show(
    run: Run,
    *,
    as_json: bool,
    stopped: str,
    say: Callable[[RenderReport], None],
    failed: Callable[[RenderReport], bool],
) -> None:
    """Runs, shows how far it is, says what came, and ends the command.

    Args:
        run: What is done.
        as_json: The report as JSON instead of text.
        stopped: Said after Ctrl-C.
        say: The first part of the text; findings and files follow it.
        failed: Whether the command failed.

    Raises:
        CancelledError: Ctrl-C.
    """
    try:
        with Progress(quiet=as_json) as progress:
            report = run(progress.start, progress.event)
    except KeyboardInterrupt:
        raise CancelledError(stopped) from None
    if as_json:
        say_json(report)
    else:
        say(report)
        say_findings(report.findings)
        for what, path in (("timeline", report.timeline), ("preview", report.preview), *report.flavours.items()):
            if path:
                stdout().print(f"[green]{what:<9}[/] {Path(path)}", soft_wrap=True)
    finish(report.findings, failed=failed(report))
