"""HTTP, the only file with httpx: bounded answers, redirects by hand, keys in headers only, POST never repeated.

What a failed call means for money decides its error (`answers.py`). A token goes to the origin it was given for and
nowhere else; no message holds one, and none holds the query of a URL.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeVar
from urllib.parse import urljoin, urlsplit

from .answers import Answer, AnswerLostError, NotSentError, refusal_of
from .errors import BackendError, UsageError

if TYPE_CHECKING:
    import httpx

LARGEST_DOCUMENT = 8_000_000
"""Bytes of a JSON answer."""
LARGEST_FILE = 16_000_000_000
_REDIRECTS = (301, 302, 303, 307, 308)
_TRANSIENT = (408, 429, 502, 503, 504)
_MOST_HOPS = 5

# stamina tells every retry to its logger; without a handler Python would print that into an editor's console.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call may take, in seconds; `attempts` is for GET."""

    connect_s: float = 10.0
    read_s: float = 60.0
    download_s: float = 3600.0
    stall_s: float = 30.0
    """A download that brings less than `slowest` bytes in this time has stalled."""
    slowest: int = 64_000
    attempts: int = 4
    pause_s: float = 0.1
    """Before the second attempt; twice as long before every further one."""
    retry_s: float = 20.0
    """All attempts of a GET together; a download counts from the last that brought something."""
    longest_pause_s: float = 10.0
    """A `Retry-After` beyond it is not waited for here: the error carries it."""


class FormFile(NamedTuple):
    """A file of a multipart form."""

    field: str
    name: str
    data: bytes


class Downloaded(NamedTuple):
    """A fetched file: what came, hashed on the way."""

    path: Path
    bytes: int
    sha256: str
    media_type: str


@dataclass(slots=True)
class _Wanted:
    """A file on its way into `part`."""

    url: str
    params: Mapping[str, str | int] | None
    part: Path
    deadline: float
    """Monotonic seconds."""
    tag: str = ""
    """The strong ETag of what is in `part`."""

    @property
    def have(self) -> int:
        """Bytes that are there."""
        return self.part.stat().st_size if self.part.exists() else 0


Kept = TypeVar("Kept")


class _Transient(Exception):
    """Worth another GET; `error` is what is raised in the end."""

    def __init__(self, error: BackendError, retry_after_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.retry_after_s = error, retry_after_s


class Connection:
    """One server. Safe from several threads; nothing is opened before the first call."""

    def __init__(self, base_url: str, *, token: str = "", ca_file: str = "", patience: Patience | None = None) -> None:
        """`base_url` is scheme, host and port, with a path where the service has one.

        Raises:
            UsageError: not an http(s) URL, or with user, password or query in it.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{base_url.partition('?')[0]!r} is not a server address. Write http://HOST:PORT.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise UsageError(
                f"The address of {parts.hostname} holds a user or a query. Keys come from the environment."
            )
        self.base_url = base_url.rstrip("/")
        self.host = parts.hostname
        self.where = parts.netloc
        """Host and port, for people."""
        self.patience = patience or Patience()
        self._token, self._ca_file, self._client = token, ca_file, None
        self._opening = threading.Lock()

    def get(self, path: str, *, settled: Callable[[Answer], bool] | None = None) -> Answer:
        """GET, repeated on lost connections and on 408, 429, 502, 503, 504 (as long as `Retry-After` says).

        Args:
            settled: True for an answer that is final whatever its status: some servers tell of a failed job by a 5xx.

        Raises:
            BackendError: no answer in the end; other statuses are the caller's to judge.
        """
        return self._retried(lambda: self._get_once(path, settled))

    def post(
        self, path: str, *, form: Mapping[str, str] | None = None, files: Sequence[FormFile] = (),
        document: Any = None, headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """POST, once.

        Args:
            form: fields of a multipart form, always multipart even without `files`.
            document: a JSON body instead.

        Raises:
            NotSentError: certainly not carried out.
            AnswerLostError: perhaps carried out.
        """
        parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in (form or {}).items()]
        parts += [(file.field, (file.name, file.data)) for file in files]
        body: dict[str, Any] = {"files": parts} if document is None else {"json": document}
        return self._send("POST", self._url(path), headers=self._headers(headers), **body)

    def delete(self, path: str) -> Answer:
        """DELETE, once. Raises NotSentError or AnswerLostError."""
        return self._send("DELETE", self._url(path), headers=self._headers(None))

    def download(
        self,
        path: str,
        target: Path,
        *,
        params: Mapping[str, str | int] | None = None,
        sha256: str = "",
        size: int = -1,
    ) -> Downloaded:
        """A file, streamed to `target` and resumed where the connection broke; redirects lose the token off-origin.

        Args:
            sha256: of the whole file, where known; another one is refused.
            size: bytes of the whole file, where known.

        Raises:
            BackendError: `not_ready`, `gone`, `too_slow`, `wrong_bytes`, `disk_full`, `unreachable`; `target` is then
                not there.
        """
        part = target.with_name(target.name + ".part")
        wanted = _Wanted(self._url(path), params, part, time.monotonic() + self.patience.download_s)
        try:
            found = self._resumed(wanted)
            _check(found, sha256, size)
            part.replace(target)
            return found._replace(path=target)
        except OSError as exc:
            raise _disk(exc, target) from exc
        finally:
            part.unlink(missing_ok=True)

    def close(self) -> None:
        """Closes the sockets."""
        client, self._client = self._client, None
        if client:
            client.close()

    def _resumed(self, wanted: _Wanted) -> Downloaded:
        """Attempts begin anew as long as each row of them brings something."""
        while True:
            before = wanted.have
            try:
                return self._attempted(lambda: self._download_once(wanted))
            except _Transient as exc:
                if wanted.have <= before or time.monotonic() > wanted.deadline:
                    raise exc.error from exc.__cause__

    def _retried(self, call: Callable[[], Kept]) -> Kept:
        try:
            return self._attempted(call)
        except _Transient as exc:
            raise exc.error from exc.__cause__

    def _attempted(self, call: Callable[[], Kept]) -> Kept:
        """Raises _Transient once patience is at its end."""
        import stamina

        patience = self.patience
        for attempt in stamina.retry_context(
            on=lambda exc: _pause(exc, patience.longest_pause_s),
            attempts=patience.attempts,
            timeout=patience.retry_s,
            wait_initial=patience.pause_s,
            wait_jitter=patience.pause_s,
        ):
            with attempt:
                return call()
        raise AssertionError("stamina gave neither an answer nor an error")

    def _get_once(self, path: str, settled: Callable[[Answer], bool] | None) -> Answer:
        try:
            answer = self._send("GET", self._url(path), headers=self._headers(None))
        except (NotSentError, AnswerLostError) as exc:
            if exc.code in ("certificate", "redirected"):
                raise
            raise _Transient(BackendError(str(exc), code="unreachable")) from exc
        if answer.status in _TRANSIENT and not (settled and settled(answer)):
            raise _Transient(refusal_of(answer, self.where), answer.retry_after_s)
        return answer

    def _send(self, method: str, url: str, **more: Any) -> Answer:
        with self._failures(method), self._http().stream(method, url, **more) as response:
            answer = self._read(response)
        if answer.status == 303 and method == "POST":
            raise AnswerLostError(f"{self.where} says elsewhere what became of the request.", code="redirected")
        if answer.status in _REDIRECTS:
            raise NotSentError(
                f"{self.where} redirects {method} to another address, which is not followed. Name that address "
                f"instead. Nothing was started.",
                code="redirected",
            )
        return answer

    def _read(self, response: httpx.Response) -> Answer:
        """A whole small answer. A server that repeats our token in it is not quoted with it."""
        body = bytearray()
        for block in response.iter_bytes(1 << 16):
            body += block
            if len(body) > LARGEST_DOCUMENT:
                raise AnswerLostError(f"{self.where} answered more than {LARGEST_DOCUMENT} bytes.", code="too_large")
        told = bytes(body).replace(self._token.encode(), b"***") if self._token else bytes(body)
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, told)

    def _download_once(self, wanted: _Wanted) -> Downloaded:
        url, params, have = wanted.url, wanted.params, wanted.have
        headers = self._headers({"Range": f"bytes={have}-"} if have else None)
        headers["Accept-Encoding"] = "identity"
        if have and wanted.tag:
            headers["If-Range"] = wanted.tag  # of another file we get the whole, not a piece to glue on
        for _ in range(_MOST_HOPS):
            with (
                self._failures("GET", reading=True),
                self._http().stream("GET", url, params=params, headers=headers) as response,
            ):
                if response.status_code in _REDIRECTS:
                    url, params = self._hop(url, response.headers.get("location", "")), None
                    if _origin(url) != _origin(self.base_url):
                        headers.pop("Authorization", None)
                    continue
                self._check_status(response, wanted.part)
                tag = response.headers.get("etag", "")
                wanted.tag = "" if tag.startswith("W/") else tag
                return self._receive(response, wanted, have if response.status_code == 206 else 0)
        raise BackendError(f"{self.where} redirects more than {_MOST_HOPS} times.", code="redirected")

    def _check_status(self, response: httpx.Response, part: Path) -> None:
        if response.status_code in (200, 206):
            return
        answer = self._read(response)
        error = refusal_of(answer, self.where)
        if answer.status == 416:
            part.unlink(missing_ok=True)
            raise _Transient(error)  # what is there is no part of this file; it is fetched from its start
        if answer.status in _TRANSIENT:
            raise _Transient(error, answer.retry_after_s)
        raise error

    def _receive(self, response: httpx.Response, wanted: _Wanted, have: int) -> Downloaded:
        media_type = response.headers.get("content-type", "").partition(";")[0]
        if media_type == "text/html":
            raise BackendError(f"{self.where} answered a web page instead of a file.", code="not_our_protocol")
        with wanted.part.open("r+b" if have else "wb") as file:
            digest = hashlib.sha256(file.read(have)) if have else hashlib.sha256()
            self._copy(response, file, digest, wanted.deadline)
            size = file.tell()
        declared = response.headers.get("content-length")
        if declared and declared.isdigit() and size - have < int(declared):
            raise _Transient(BackendError(f"The file of {self.where} came cut short.", code="wrong_bytes"))
        return Downloaded(wanted.part, size, digest.hexdigest(), media_type)

    def _copy(self, response: httpx.Response, file: BinaryIO, digest: Any, deadline: float) -> None:
        window, seen = time.monotonic() + self.patience.stall_s, 0
        for block in response.iter_bytes():  # as they come: a fixed size would wait for it
            file.write(block)
            digest.update(block)
            seen += len(block)
            now = time.monotonic()
            if now > deadline or (now > window and seen < self.patience.slowest):
                raise BackendError(f"{self.where} sends a file too slowly to wait for.", code="too_slow")
            if now > window:
                window, seen = now + self.patience.stall_s, 0
            if file.tell() > LARGEST_FILE:
                raise BackendError(f"{self.where} sends more than {LARGEST_FILE} bytes.", code="too_large")

    def _hop(self, url: str, location: str) -> str:
        """Where a redirect of a download leads, if it may."""
        target = urljoin(url, location)
        old, new = urlsplit(url), urlsplit(target)
        if not location or new.scheme not in ("http", "https") or not new.hostname:
            raise BackendError(f"{self.where} redirects to nowhere.", code="redirected")
        if old.scheme == "https" and new.scheme == "http":
            raise BackendError(f"{self.where} redirects from https to http, which is not followed.", code="redirected")
        if _origin(target) != _origin(self.base_url) and is_private(new.hostname) and not is_private(self.host):
            raise BackendError(f"{self.where} redirects into a private network: not followed.", code="redirected")
        return target

    def _url(self, path: str) -> str:
        return self.base_url + path

    def _headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        auth = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return {**auth, **(more or {})}

    def _http(self) -> httpx.Client:
        import httpx

        with self._opening:
            if self._client is None:
                wait = self.patience
                self._client = httpx.Client(
                    verify=self._tls(),
                    timeout=httpx.Timeout(wait.read_s, connect=wait.connect_s),
                    follow_redirects=False,
                    trust_env=not is_private(self.host),  # a proxy is for the world outside
                    headers={"User-Agent": "twopop"},
                )
            return self._client

    def _tls(self) -> ssl.SSLContext:
        """Verification is always on; for plain loopback no authority is loaded, which costs 0.1 s."""
        if self.base_url.startswith("http://") and is_private(self.host):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            return ssl.create_default_context(cafile=self._ca_file or None)
        except OSError as exc:
            raise UsageError(f"The certificate file {self._ca_file} cannot be read.") from exc

    @contextmanager
    def _failures(self, method: str, *, reading: bool = False) -> Generator[None]:
        """Turns httpx's errors into ours, without its texts (they may hold URLs)."""
        import httpx

        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as exc:
            error = _not_connected(exc, self.where)
            if reading and error.code != "certificate":
                raise _Transient(BackendError(str(error), code="unreachable")) from exc
            raise error from exc
        except httpx.HTTPError as exc:
            text = f"The connection to {self.where} broke ({type(exc).__name__}) before {method} was answered."
            if reading:
                raise _Transient(BackendError(text, code="unreachable")) from exc
            raise AnswerLostError(text, code="answer_lost") from exc
        except (ValueError, UnicodeError) as exc:
            raise NotSentError(f"{self.where}: the request cannot be put on the wire.", code="bad_request") from exc


def is_private(host: str) -> bool:
    """True where `host` is, or resolves to, this machine or a private network."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return False
    addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in found]
    return any(address.is_private or address.is_loopback or address.is_link_local for address in addresses)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _pause(exc: Exception, longest_s: float) -> bool | float:
    if not isinstance(exc, _Transient) or (exc.retry_after_s or 0) > longest_s:
        return False
    return exc.retry_after_s or True


def _not_connected(exc: Exception, host: str) -> NotSentError:
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            reason = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or "TLS failed"
            if "expired" in reason or "not yet valid" in reason:
                reason += " (or the clock of this machine is wrong)"
            return NotSentError(
                f"The certificate of {host} is not accepted: {reason}. Mend it, or name its authority in "
                f"TWOPOP_CA_FILE. Nothing was sent.",
                code="certificate",
            )
        cause = cause.__cause__ or cause.__context__
    return NotSentError(
        f"{host} cannot be reached ({type(exc).__name__}). Is it running, and the port right? Nothing was sent.",
        code="unreachable",
    )


def _check(found: Downloaded, sha256: str, size: int) -> None:
    if size >= 0 and found.bytes != size:
        raise BackendError(f"The file has {found.bytes} bytes, {size} were announced.", code="wrong_bytes")
    if sha256 and found.sha256 != sha256:
        raise BackendError("The file is not the one announced: its sha256 differs.", code="wrong_bytes")


def _disk(exc: OSError, target: Path) -> BackendError:
    import errno

    if exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        message = f"{target.name} cannot be stored: the disk is full. Free space and run again; the job is kept."
        return BackendError(message, code="disk_full")
    return BackendError(f"{target.name} cannot be stored: {exc.strerror}. The job is kept.", code="disk_error")
