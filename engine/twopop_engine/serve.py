"""The process that serves: `python -m twopop_engine.serve`, what `twopop serve` and `backend="local"` start.

It binds the socket itself (no port is guessed), says where on standard output as one JSON line, keeps its state folder
locked, and ends when its model does not load, when it is idle, or when its parent is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from twopop.errors import BackendError, TwopopError, UsageError
from twopop.wire_videos import TOKEN_ENV

from .auth import Gate, Tokens, is_loopback
from .jobs import JobStore
from .limits import Limits
from .patience import patient_protocol
from .server import Service, create_app

PARENT_TICK_S = 1.0


def main(argv: list[str] | None = None) -> int:
    """Serves until stopped; 2 on a setting that can never work, 1 where the model does not load."""
    try:
        return _serve(_parser().parse_args(argv))
    except TwopopError as exc:
        print(f"error: {exc}", file=sys.stderr)  # noqa: T201 - a process's own last word
        return 2 if isinstance(exc, UsageError) else 1
    except KeyboardInterrupt:  # uvicorn has ended in good order, and passes it on
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="twopop serve", description="Serves joint models over /v1/videos.")
    parser.add_argument("--model", action="append", default=[], help="name, or module:Class; repeatable")
    parser.add_argument("--device", action="append", default=[], help="one worker per device, as cuda:0; repeatable")
    parser.add_argument("--media", default="dnxhr", choices=["dnxhr", "prores", "h264"], help="picture codec")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8190, help="0 takes a free one")
    parser.add_argument("--state", type=Path, default=None, help="folder of jobs and results")
    parser.add_argument("--allow-host", action="append", default=[], help="a name clients may use in Host; repeatable")
    parser.add_argument("--tls-cert", type=Path, default=None)
    parser.add_argument("--tls-key", type=Path, default=None)
    parser.add_argument("--insecure-behind-proxy", action="store_true", help="no TLS though others can reach it")
    parser.add_argument("--queue", type=int, default=Limits().queued, help="most jobs waiting")
    parser.add_argument("--ttl-s", type=float, default=Limits().ttl_s, help="how long results stay")
    parser.add_argument("--idle-s", type=float, default=0.0, help="stop after so long without use; 0 = never")
    parser.add_argument("--watch-parent", action="store_true", help="stop when standard input ends")
    return parser


def _serve(options: argparse.Namespace) -> int:
    tokens = Tokens(os.environ.pop(TOKEN_ENV, ""))  # out of the environment: the model's process never sees it
    if not is_loopback(options.host) and not options.tls_cert and not options.insecure_behind_proxy:
        raise UsageError(
            f"{options.host} can be reached from outside, and there is no TLS. Give --tls-cert and --tls-key, or "
            f"--insecure-behind-proxy where a proxy has TLS, or keep 127.0.0.1 and use an SSH tunnel."
        )
    limits = Limits(queued=options.queue, queued_per_owner=options.queue, ttl_s=options.ttl_s)
    with _bind(options.host, options.port) as listener, _locked(options.state or _state_folder()) as root:
        failed: list[str] = []
        store = JobStore(root, limits)
        service = Service(
            store, options.model or ["sketch"], options.device or [""], media=options.media, on_broken=failed.append
        )
        gate = Gate(create_app(service, limits), tokens=tokens, hosts=options.allow_host, limits=limits)
        app = _Used(gate, service)
        server = uvicorn.Server(server_config(app, limits, cert=options.tls_cert, key=options.tls_key))
        threading.Thread(target=_watch, args=(options, service, server, failed), daemon=True).start()
        _say_where(listener, options)
        server.run(sockets=[listener])
    if failed:
        raise BackendError(failed[0], code="model_failed")
    return 0


def server_config(app: Any, limits: Limits, *, cert: Path | None = None, key: Path | None = None) -> uvicorn.Config:
    """How uvicorn serves an ASGI app within `limits`: HTTP/1.1 only, and nobody waits for a client for ever."""
    return uvicorn.Config(
        app,
        http=patient_protocol(limits),
        ws="none",
        log_level="warning",
        access_log=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
        server_header=False,
        ssl_certfile=cert,
        ssl_keyfile=key,
    )


class _Used:
    """Notes when the service was last used."""

    def __init__(self, app: Gate, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._service.last_used = time.monotonic()
        await self._app(scope, receive, send)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)  # from now on a client waits instead of being refused
    except OSError as exc:
        listener.close()
        raise UsageError(f"Port {port} of {host} cannot be had: {exc.strerror}. Take another, or --port 0.") from exc
    return listener


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[Path]:
    from filelock import FileLock, Timeout

    root.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(root / "server.lock", timeout=0):
            yield root
    except Timeout:
        raise UsageError(f"{root} is in use by another server. Give --state another folder.") from None


def _state_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_state_dir("twopop", appauthor=False)) / "serve"


def _say_where(listener: socket.socket, options: argparse.Namespace) -> None:
    scheme = "https" if options.tls_cert else "http"
    where = {"url": f"{scheme}://{options.host}:{listener.getsockname()[1]}", "pid": os.getpid()}
    print(json.dumps(where), flush=True)  # noqa: T201 - how a parent learns the port


def _watch(options: argparse.Namespace, service: Service, server: uvicorn.Server, failed: list[str]) -> None:
    """Stops the server when its model fails, when it is idle, or when its parent is gone."""
    parent, orphan = os.getppid(), threading.Event()
    if options.watch_parent:
        threading.Thread(target=_until_input_ends, args=(orphan,), daemon=True).start()
    while not server.should_exit:
        orphan.wait(PARENT_TICK_S)
        idle = time.monotonic() - service.last_used
        if options.watch_parent and (orphan.is_set() or os.getppid() != parent):
            os._exit(0)  # nobody is left to wait for anything; jobs are put back at the next start
        if failed or (options.idle_s and idle > options.idle_s and not service.store.busy):
            server.should_exit = True


def _until_input_ends(ended: threading.Event) -> None:
    while os.read(0, 4096):  # not sys.stdin: its lock, held by a waiting thread, aborts an interpreter that ends
        pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main())
