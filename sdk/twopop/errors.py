"""The errors of twopop, one tree.

    TwopopError
    ├── UsageError          an argument or setting that can never work
    ├── TimelineError       a cut that cannot be read, trusted or written
    ├── SpottingError       a marker, metadata or prompt text that cannot be understood
    ├── PlanError           a shot that cannot be asked for
    ├── BackendError        generation itself
    │   ├── RefusedError        the service declined (policy); never retried by itself
    │   ├── UnknownOutcomeError a paid request whose answer was lost; never repeated by itself
    │   └── CancelledError      stopped on request
    ├── MediaError          a picture or sound file that is not what it should be
    ├── ConformError        takes and cut that do not fit together
    └── LedgerError         the journal or the take store

A message says which shot and timecode, what was found, the rule, the nearest legal value or the command that
mends it, and what was kept safe. Never a key, a token or a URL with a query.
"""

from __future__ import annotations

from collections.abc import Iterable


class TwopopError(Exception):
    """Base of every error twopop raises on purpose."""


class UsageError(TwopopError):
    """An argument or setting that can never work; the command line exits with 2."""


class TimelineError(TwopopError):
    """A cut that cannot be read, trusted or written."""


class SpottingError(TwopopError):
    """A marker, metadata or prompt text that cannot be understood."""


class PlanError(TwopopError):
    """A shot that cannot be asked for as the cut has it."""


class BackendError(TwopopError):
    """Generation failed; `code` is stable for machines (`server_error`, `bad_request`, ...)."""

    def __init__(self, message: str, *, code: str = "backend_error", retry_after_s: float | None = None) -> None:
        """`retry_after_s`: the service asks not to be asked again before."""
        super().__init__(message)
        self.code, self.retry_after_s = code, retry_after_s


class RefusedError(BackendError):
    """The service declined the request; `charged` is None where it does not say."""

    def __init__(self, message: str, *, code: str = "refused", charged: bool | None = None) -> None:
        super().__init__(message, code=code)
        self.charged = charged


class UnknownOutcomeError(BackendError):
    """A paid request whose answer was lost. It is never repeated by itself: `twopop jobs` settles it."""

    def __init__(self, message: str, *, code: str = "unknown_outcome", endpoint: str = "") -> None:
        """`endpoint`: who may have the job, where there are several."""
        super().__init__(message, code=code)
        self.endpoint = endpoint


class CancelledError(BackendError):
    """Stopped on request; finished takes are kept."""

    def __init__(self, message: str = "Cancelled. Finished takes are kept.", *, code: str = "cancelled") -> None:
        super().__init__(message, code=code)


class MediaError(TwopopError):
    """A picture or sound file that is not what it should be; `code` is stable for machines."""

    def __init__(self, message: str, *, code: str = "bad_media") -> None:
        super().__init__(message)
        self.code = code


class ConformError(TwopopError):
    """Takes and a cut that do not fit together."""


class LedgerError(TwopopError):
    """The journal or the take store cannot be read or written."""


def known_names(wanted: str, names: Iterable[str], *, what: str = "Known") -> str:
    """The end of a message about a name that is not there: the one that was meant; all there are, where that is short.

    Args:
        wanted: what was asked for.
        names: what there is.
        what: what `names` are, before their list.
    """
    from difflib import get_close_matches

    known = list(names)
    near = get_close_matches(wanted, known, n=1)
    meant = f"Did you mean {near[0]}?" if near else ""
    if near and len(known) > 12:
        return meant
    listed = f"{what}: {', '.join(known[:40]) or 'none'}{', ...' if len(known) > 40 else ''}."
    return f"{meant} {listed}".lstrip()
