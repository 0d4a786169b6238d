"""A carrier whose answers leave the socket wrong: byte by byte, cut, never, too large, or to somewhere else.

The sandbox decides what the answer is and commits it; a *manner* decides what becomes of its octets.
"""

from __future__ import annotations

import contextlib
import gzip
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from reconciler.sandbox import Sandbox

LOOPBACK = "127.0.0.1"
BEAT = 0.02
"""Seconds between two pieces of an answer that trickles."""

LOST = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 64\r\n\r\n{"status": {"code": "200"}}'
"""What a carrier that has committed nothing begins to answer; 64 bytes are promised, fewer come."""

Manner = Callable[[socket.socket, bytes], None]
"""Puts an answer's octets on a connection, which is closed afterwards."""


def drip(connection: socket.socket, octets: bytes) -> None:
    """A byte at a time."""
    for n in range(len(octets)):
        connection.sendall(octets[n : n + 1])
        if _hung_up(connection):
            return
    silence(connection, b"")


def slow_headers(connection: socket.socket, octets: bytes) -> None:
    """A status line, and then headers for ever."""
    connection.sendall(octets.partition(b"\r\n")[0] + b"\r\n")
    while not _hung_up(connection):
        connection.sendall(b"X-Patience: please\r\n")


def silence(connection: socket.socket, _octets: bytes) -> None:
    """Nothing at all, until the client gives up."""
    while not _hung_up(connection):
        pass


def reset(connection: socket.socket, octets: bytes) -> None:
    """A reset in the middle."""
    connection.sendall(octets[: len(octets) // 2])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def truncated(connection: socket.socket, octets: bytes) -> None:
    """All but the last bytes of the body, and an orderly end."""
    connection.sendall(octets[:-3])


def half_closed(connection: socket.socket, octets: bytes) -> None:
    """The same, but only our side of the connection ends."""
    connection.sendall(octets[:-3])
    connection.shutdown(socket.SHUT_WR)
    silence(connection, b"")


def bomb(connection: socket.socket, _octets: bytes) -> None:
    """Sixty-four kilobytes that unpack to sixty-four megabytes."""
    body = _packed()
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


def endless(connection: socket.socket, _octets: bytes) -> None:
    """A body without an end, as fast as the client takes it."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b" " * 65536)


def elsewhere(port: int) -> Manner:
    """A redirect that keeps method and body, to another port of this host."""

    def redirect(connection: socket.socket, _octets: bytes) -> None:
        where = f"http://{LOOPBACK}:{port}/collect"
        connection.sendall(f"HTTP/1.1 307 Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())

    return redirect


MANNERS: Mapping[str, Manner] = {
    manner.__name__: manner for manner in (drip, slow_headers, silence, reset, truncated, half_closed, bomb, endless)
}


@cache
def _packed() -> bytes:
    return gzip.compress(b"0" * (64 * 1024 * 1024), compresslevel=9, mtime=0)


def _hung_up(connection: socket.socket) -> bool:
    """Whether the client ends the connection within a beat."""
    readable, _, _ = select.select([connection], [], [], BEAT)
    return bool(readable) and not connection.recv(1, socket.MSG_PEEK)


@dataclass
class Mischief:
    """Which answers leave in which manner: the first ``times`` of ``method`` on paths that hold ``part``."""

    manner: Manner
    method: str
    part: str
    commits: bool = True
    """Whether the carrier does what such a call asks for."""
    times: int = 1
    struck: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strikes(self, method: str, path: str) -> bool:
        """Whether this call is one of them; counts it."""
        with self._lock:
            hit = method == self.method and self.part in path and self.struck < self.times
            self.struck += hit
            return hit


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, sandbox: Sandbox, mischief: Mischief) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.sandbox = sandbox
        self.mischief = mischief

    def handle_error(self, *_details: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def exchange(self) -> None:
        """One request, one answer, one connection."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        struck, mischief = self.server.mischief.strikes(self.command, self.path), self.server.mischief
        octets = LOST if struck and not mischief.commits else self._answer(body)
        (mischief.manner if struck else socket.socket.sendall)(self.connection, octets)

    def _answer(self, body: bytes) -> bytes:
        effect = self.server.sandbox.exchange(self.command, self.path, dict(self.headers.items()), body)
        lines = [f"HTTP/1.1 {effect.response.status} As It Is", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in effect.headers().items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + effect.response.body

    def log_message(self, *args: Any) -> None:
        """Nothing: the test says what went wrong."""


for _method in ("GET", "POST", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.exchange)


@contextlib.contextmanager
def misbehaving(sandbox: Sandbox, mischief: Mischief) -> Iterator[str]:
    """Serve ``sandbox`` that way while the block runs; yields ``http://127.0.0.1:PORT``."""
    with _Server(sandbox, mischief) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": BEAT}, daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
