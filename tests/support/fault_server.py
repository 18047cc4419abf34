"""A server on raw sockets that charges for a job and then fails in every way a network and a service can.

It speaks as our engine (`owned_by="twopop"`, replays keys) or as a foreign one (no profile, no replay, one mp4). Faults
are queued by name for the next create, poll or download; `charges` is the bill: one entry per job that was made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import socket
import struct
import threading
import time
from collections import deque
from pathlib import Path

from tiny_model import PROFILE, TinyModel

PRICE = 0.5
REFUSALS = {"429": "1", "429 much later": "86400", "413": "", "html 404": "", "echo": ""}
"""Creates that are certainly not carried out, with their `Retry-After`."""


class FaultServer:
    def __init__(self, *, ours=True, replay=True, price=PRICE, media: Path | None = None, slow_s=5.0):
        self.ours, self.replay, self.media, self.slow_s = ours, replay, media, slow_s
        self.profile = PROFILE.model_copy(update={"replay": replay, "price_per_second": price})
        self.charges: list[str] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.forms: list[dict[str, str]] = []
        self.jobs: dict[str, dict] = {}
        self.keys: dict[str, str] = {}
        self.ready_at: dict[str, float] = {}
        self.create_faults: deque[str] = deque()
        self.poll_faults: deque[str] = deque()
        self.content_faults: deque[tuple] = deque()
        self.take: dict[str, bytes] = {}
        self.job_s = 0.0
        """How long a job takes."""
        self.port = 0
        self.up()
        self.url = f"http://127.0.0.1:{self.port}"

    def up(self):
        """Listens, again on the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):  # it may be down already
            self._listener.shutdown(socket.SHUT_RDWR)  # a thread waits in accept, which would keep it open
        self._listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def make_take(self, request, folder: Path):
        """What every job of this server comes to."""
        files = TinyModel().generate(request, folder, lambda _: None, threading.Event())
        named = {"video": files.movie, **files.stems}
        self.take = {name: path.read_bytes() for name, path in named.items()}
        records = {
            name: {"name": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for (name, path), data in zip(named.items(), self.take.values(), strict=True)
        }
        self.take["slate"] = json.dumps({"schema": "twopop.result.v1", "files": records}).encode()

    # --- the wire ---

    def forget(self):
        """Loses its jobs, as servers that keep them in memory do."""
        self.jobs.clear()
        self.keys.clear()

    def _accept(self, listener):
        while True:
            try:
                wire, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(wire,), daemon=True).start()

    def _serve(self, wire):
        with contextlib.suppress(OSError, ValueError), wire:
            stream = wire.makefile("rb")
            method, target, _ = stream.readline().decode().split(" ")
            headers = {}
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            self.requests.append((method, target, headers))
            path, _, query = target.partition("?")
            if method == "POST" and path == "/v1/videos":
                self._create(wire, stream, headers)
            elif path == "/v1/models":
                self._json(wire, 200, {"data": [self._model()]})
            elif path.endswith("/content"):
                self._content(wire, path.split("/")[3], query, headers)
            elif path.endswith("/cancel") or method == "DELETE":
                self._json(wire, 200, {})
            elif path.startswith("/v1/videos/"):
                self._poll(wire, path.split("/")[3])
            else:
                self._json(wire, 404, {"detail": "Not Found"})

    def _model(self):
        if not self.ours:
            return {"id": "ltx-2.3", "owned_by": "sglang"}
        facts = {"protocol": 1, "version": "test", "profile": self.profile.model_dump(mode="json")}
        return {"id": "tiny", "owned_by": "twopop", "twopop": facts}

    def _create(self, wire, stream, headers):
        fault = self.create_faults.popleft() if self.create_faults else ""
        if fault == "drop before read":
            return
        if fault == "rst mid-body":
            stream.read(200)
            _reset(wire)
            return
        body = stream.read(int(headers["content-length"]))
        if fault in REFUSALS:
            self._refuse(wire, fault, headers)
            return
        self.forms.append(_fields(body))
        job = self._charged(headers.get("idempotency-key", ""))
        answer = json.dumps({"id": job, "status": "queued"}).encode()
        match fault:
            case "":
                self._send(wire, 200, answer)
            case "drop after read":
                return
            case "timeout":
                time.sleep(self.slow_s)
            case "303":
                wire.sendall(b"HTTP/1.1 303 See Other\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
            case "204":
                self._send(wire, 204, b"")
            case "500" | "502" | "503":
                self._json(wire, int(fault), {"error": {"message": "after charging", "code": None}})
            case "cut json":
                self._send(wire, 200, answer[:-8])
            case "rst mid-answer":
                wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + answer[:10])
                _reset(wire)
            case "no id":
                self._json(wire, 200, {"status": "queued"})
            case "html 200":
                self._send(wire, 200, b"<html>Please log in</html>", kind="text/html")
            case "refused":
                self.charges.pop()
                self._json(wire, 400, {"error": {"code": "content_policy_violation", "message": "not this"}})
            case _:
                raise AssertionError(fault)

    def _charged(self, key):
        if self.ours and self.replay and key in self.keys:
            return self.keys[key]
        job = f"video_{len(self.charges):032x}"
        self.charges.append(key)
        self.keys[key] = job
        self.jobs[job] = {"id": job, "object": "video", "status": "completed", "progress": 100}
        self.ready_at[job] = time.monotonic() + self.job_s
        return job

    def _refuse(self, wire, fault, headers):
        if fault.startswith("429"):
            error = {"error": {"code": "queue_full", "message": "full"}}
            self._json(wire, 429, error, f"Retry-After: {REFUSALS[fault]}\r\n")
        elif fault == "echo":
            self._json(wire, 400, {"error": {"message": f"Who are you? You said: {headers.get('authorization')}"}})
        elif fault == "413":
            self._json(wire, 413, {"detail": "too large"})
        else:
            self._send(wire, 404, b"<html>nginx</html>", kind="text/html")

    def _poll(self, wire, job):
        fault = self.poll_faults.popleft() if self.poll_faults else ""
        if fault == "drop":
            return
        if fault.isdigit():
            self._json(wire, int(fault), {"detail": "try later"})
            return
        if fault == "html 404":
            self._send(wire, 404, b"<html>nginx</html>", kind="text/html")
            return
        found = self.jobs.get(job)
        if found is None or fault == "gone":
            self._json(wire, 404, {"detail": "unknown"})
        elif fault == "failed as 500":
            self._json(wire, 500, {**found, "status": "failed", "error": {"code": 500, "message": "out of memory"}})
        elif fault:
            self._json(wire, 200, json.loads(fault))
        elif time.monotonic() < self.ready_at.get(job, 0):
            self._json(wire, 200, {**found, "status": "in_progress"})
        else:
            self._json(wire, 200, found)

    def _content(self, wire, job, query, headers):
        variant = query.partition("variant=")[2].partition("&")[0] if self.ours else "video"
        data = self.take[variant] if self.ours else self.media.read_bytes()
        tag = f'"{hashlib.sha256(data).hexdigest()}"'
        fault = self.content_faults.popleft() if variant == "video" and self.content_faults else ("",)
        same = headers.get("if-range", tag) == tag
        start = int(found[1]) if same and (found := re.match(r"bytes=(\d+)-", headers.get("range", ""))) else 0
        match fault[0]:
            case "cut":
                more = f"ETag: {tag}\r\n"
                self._send(wire, 206 if start else 200, data[start:], stop=max(0, fault[1] - start), more=more)
            case "ignores range":
                self._send(wire, 200, data)
            case "other bytes":
                self._send(wire, 200, data[:-1] + bytes([data[-1] ^ 1]))
            case "longer":
                self._send(wire, 200, data + b"x")
            case "shorter":
                self._send(wire, 200, data[:-1])
            case "status":
                self._json(wire, fault[1], {"detail": "none"})
            case "redirect":
                wire.sendall(f"HTTP/1.1 302 Found\r\nLocation: {fault[1]}\r\nContent-Length: 0\r\n\r\n".encode())
            case "slow":
                wire.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(data)}\r\n\r\n".encode())
                for number in range(200):
                    wire.sendall(data[number : number + 1])
                    time.sleep(0.05)
            case "html":
                self._send(wire, fault[1], b"<html>expired</html>", kind="text/html")
            case "endless error":
                wire.sendall(b"HTTP/1.1 500 X\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
                while True:
                    wire.sendall(bytes(1_000_000))
            case _:
                self._send(wire, 206 if start else 200, data[start:])

    def _json(self, wire, status, document, more=""):
        self._send(wire, status, json.dumps(document).encode(), more=more)

    def _send(self, wire, status, body, *, kind="application/json", more="", stop=None):
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        wire.sendall(f"{head}{more}\r\n".encode() + (body if stop is None else body[:stop]))


def _reset(wire):
    """Closes with RST instead of FIN."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def _fields(body):
    """Text fields of a multipart body, near enough for tests."""
    found = re.findall(rb'name="([^"]+)"\r\n\r\n(.*?)\r\n--', body, re.S)
    return {name.decode(): value.decode() for name, value in found}
