"""What servers answer, and what a call that failed means for money.

`NotSentError` certainly did not reach a service, `AnswerLostError` may have; a refusal was answered.
"""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import BackendError


class HttpStatusError(BackendError):
    """The server answered with an error status."""

    def __init__(self, message: str, *, code: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(message, code=code, retry_after_s=retry_after_s)
        self.status = status


class NotSentError(BackendError):
    """The request certainly did not reach a service (no connection, bad certificate): repeating it is safe."""


class AnswerLostError(BackendError):
    """The request was sent, or part of it, and no whole answer came: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower case) and body of an HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """Its media type."""
        return self.headers.get("content-type", "").partition(";")[0] or "nothing"

    def document(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            BackendError: it is none (`not_our_protocol`): an HTML page of a proxy, an answer cut short.
        """
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as exc:
            raise BackendError(
                f"The server answered {self.status} with {self.kind}, not JSON. Is the address right, and no proxy in "
                f"between?",
                code="not_our_protocol",
            ) from exc
        if not isinstance(found, dict):
            raise BackendError(
                f"The server answered {self.status} and not with a JSON object.", code="not_our_protocol"
            )
        return found  # pyright: ignore[reportUnknownVariableType] - JSON

    @property
    def retry_after_s(self) -> float | None:
        """Seconds of `Retry-After`, at least a hundredth; None without.

        A date counts from the server's own `Date`: whether its clock and ours agree does not matter.
        """
        text = self.headers.get("retry-after", "").strip()
        if text.isdigit():
            return max(0.01, float(text[:9]))
        at = _moment(text)
        if at is None:
            return None
        return max(0.01, at - (_moment(self.headers.get("date", "")) or time.time()))


def refusal_of(answer: Answer, host: str) -> HttpStatusError:
    """The error a 4xx or 5xx stands for: its own words and code where it has some, in any of the family's forms."""
    code, message = f"http_{answer.status}", ""
    try:
        found = answer.document()
    except BackendError:
        message = f"{answer.kind}, not JSON. Is the address right, and no proxy in between?"
        code, found = "not_our_protocol", {"message": message}
    error = found.get("error") or found.get("detail") or found.get("message") or ""
    if isinstance(error, dict):
        code, message = str(error.get("code") or error.get("type") or code), str(error.get("message") or "")  # pyright: ignore
    elif isinstance(error, list):  # FastAPI's own validation errors
        message = json.dumps(error)
    else:
        message = str(error)
    if answer.status == 401:
        message += " Set the token of this server in the environment (docs/engines.md)."
    text = f"{host} answered {answer.status}: {message[:600] or 'no reason given'}"
    return HttpStatusError(text, code=code, status=answer.status, retry_after_s=answer.retry_after_s)


def _moment(text: str) -> float | None:
    """A date of a header, in seconds since the epoch."""
    parsed = email.utils.parsedate_tz(text) if text else None
    try:
        return email.utils.mktime_tz(parsed) if parsed else None
    except (ValueError, OverflowError):
        return None
