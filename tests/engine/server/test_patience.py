"""A client that dawdles loses its connection, at every part of a request; one that is idle between two does not."""

import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from twopop_engine.limits import Limits
from twopop_engine.serve import server_config

HEAD = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 3\r\n\r\n"


async def told(scope, receive, send):
    """Answers with the body it was sent, once it has it."""
    if scope["type"] == "lifespan":
        return
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port():
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(server_config(told, Limits(head_s=1.5, body_s=3)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture
def wire(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        yield wire


def held_s(wire, dribble):
    """How long a connection lives on which a byte of `dribble` is sent every 0.1 s."""
    begun = time.monotonic()
    wire.settimeout(0.1)
    for byte in dribble:
        with contextlib.suppress(TimeoutError):
            if not wire.recv(1):
                return time.monotonic() - begun
        with contextlib.suppress(OSError):
            wire.sendall(bytes([byte]))
    raise AssertionError("the server still waits")


def answered(wire, request):
    wire.sendall(request)
    seen = b""
    while not seen.endswith(b"abc"):
        part = wire.recv(4096)
        assert part, seen
        seen += part
    return seen.startswith(b"HTTP/1.1 200")


def test_a_head_that_drips_in_is_cut_off(wire):
    wire.sendall(b"GET / HTTP/1.1\r\nx: ")
    assert 1.0 < held_s(wire, b"a" * 100) < 8


def test_one_who_connects_and_says_nothing_is_cut_off(wire):
    wire.settimeout(5)
    assert wire.recv(1) == b""


def test_a_body_that_drips_in_is_cut_off_later(wire):
    wire.sendall(HEAD.replace(b": 3", b": 1000"))
    assert 2.5 < held_s(wire, b"a" * 100) < 9


def test_a_second_head_has_its_own_time_and_no_more(wire):
    assert answered(wire, HEAD + b"abc")
    time.sleep(1.8)
    assert answered(wire, HEAD + b"abc"), "idle between two requests is no dawdling"
    wire.sendall(b"GET / ")
    assert 1.0 < held_s(wire, b"a" * 100) < 8


def test_an_honest_slow_client_is_served(wire):
    wire.sendall(HEAD[:20])
    time.sleep(0.4)
    wire.sendall(HEAD[20:])
    time.sleep(1.8)
    assert answered(wire, b"abc")
