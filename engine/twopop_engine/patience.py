"""How long the server waits for a request: its head and its body must each have come within a time.

uvicorn bounds only the silence between two requests. A client that sends a letter now and then, or nothing at all after
it connected, would keep its connection for good, and a few hundred of them the server; no token is needed for that.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from .limits import Limits


def patient_protocol(limits: Limits) -> type[H11Protocol]:
    """HTTP/1.1 for `uvicorn.Config(http=...)` that hangs up after `head_s` without a head, `body_s` without a body."""

    class Patient(_Patient):
        waits_s = {h11.IDLE: limits.head_s, h11.SEND_BODY: limits.body_s}

    return Patient


class _Patient(H11Protocol):
    waits_s: dict[Any, float]
    """By what a client is about to send (state of h11): how long it has for it."""
    _awaited: Any = None
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop()

    def _wait(self) -> None:
        """Starts the clock anew where the client is at another part; more of the same part gives no more time."""
        if self.conn.their_state is self._awaited:
            return
        self._stop()
        self._awaited = self.conn.their_state
        wait_s = self.waits_s.get(self._awaited)
        if wait_s is not None:
            self._timer = self.loop.call_later(wait_s, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
