"""Who may talk to the server: tokens, hosts, browsers. Plain ASGI: refused before a body is read."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from twopop.errors import UsageError
from twopop.wire_videos import TOKEN_ENV

from .limits import Limits, Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN_PATHS = ("/health",)
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
SHORTEST_TOKEN = 32
_OWNER = re.compile(r"([A-Za-z][A-Za-z0-9_-]{0,31})=(.+)$")


class Tokens:
    """The tokens of a server, kept as digests only. `NAME=TOKEN` gives an owner; jobs are seen by their owner alone."""

    def __init__(self, text: str) -> None:
        """Reads `TOKEN` or `NAME=TOKEN,NAME=TOKEN`.

        Raises:
            UsageError: none, or one shorter than 32 characters.
        """
        self._owners: list[tuple[bytes, str]] = []
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            named = _OWNER.match(part)
            owner, token = (named[1], named[2]) if named and len(named[2]) >= SHORTEST_TOKEN else ("default", part)
            if len(token) < SHORTEST_TOKEN:
                raise UsageError(f"A token in {TOKEN_ENV} has {len(token)} characters. {_HOW}")
            self._owners.append((_digest(token.encode()), owner))
        if not self._owners:
            raise UsageError(f"{TOKEN_ENV} is not set: the server wants a token always. {_HOW}")

    def owner_of(self, authorization: bytes) -> str | None:
        """Who a header `Bearer TOKEN` belongs to, or None. Constant time, on bytes of any kind."""
        scheme, _, token = authorization.partition(b" ")
        given, found = _digest(token.strip()), None
        for digest, owner in self._owners:
            if hmac.compare_digest(digest, given):
                found = owner
        return found if scheme.lower() == b"bearer" else None


_HOW = (
    f"Make one of {SHORTEST_TOKEN} or more: export {TOKEN_ENV}=$(python3 -c 'import secrets; "
    f"print(secrets.token_urlsafe(32))')"
)


class Gate:
    """ASGI wrapper: Host, Origin, token and declared body length, in this order, all before the body."""

    def __init__(self, app: App, *, tokens: Tokens, hosts: Iterable[str], limits: Limits) -> None:
        """`hosts` are names without port that a Host header may have; loopback names are always among them."""
        self._app, self._tokens, self._limits = app, tokens, limits
        self._hosts = {host.lower() for host in (*LOOPBACK_HOSTS, *hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses, or passes on with `scope["state"]["owner"]` set."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = {name.lower(): value for name, value in scope["headers"]}
        refused = self._refusal(scope, headers)
        if refused:
            await _answer(send, *refused)
            return
        await self._app(scope, self._counted(receive), send)

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> tuple[int, str, str] | None:
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if _without_port(host) not in self._hosts:
            return 421, "unknown_host", "This Host is not served here. Start the server with --allow-host NAME."
        if b"origin" in headers:
            return 403, "browser_refused", "Requests of web pages are not taken."
        if scope["path"] in OPEN_PATHS and scope["method"] in ("GET", "HEAD"):
            return None
        owner = self._tokens.owner_of(headers.get(b"authorization", b""))
        if owner is None:
            return 401, "invalid_api_key", f"The token is missing or wrong. Send the one in the server's {TOKEN_ENV}."
        scope.setdefault("state", {})["owner"] = owner
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            return 400, "bad_request", "Content-Length is not a number."
        if int(length) > self._limits.body_bytes:
            return 413, "body_too_large", f"A request has at most {self._limits.body_bytes} bytes."
        return None

    def _counted(self, receive: Receive) -> Receive:
        """`receive` that refuses a chunked body over the limit."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limits.body_bytes:
                raise Refusal(413, "body_too_large", f"A request has at most {self._limits.body_bytes} bytes.")
            return message

        return counted


def is_loopback(host: str) -> bool:
    """True for the addresses only this machine can reach."""
    return host in ("localhost", "::1") or host.startswith("127.")


def _without_port(host: str) -> str:
    return re.sub(r":\d{1,5}$", "", host)


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()


async def _answer(send: Send, status: int, code: str, message: str) -> None:
    kind = "authentication_error" if status == 401 else "invalid_request_error"
    body = json.dumps({"error": {"message": message, "type": kind, "param": None, "code": code}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(b"x-should-retry", b"false"), (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
