"""The sandbox as a real HTTP server on loopback: keep-alive HTTP/1.1, ``Date`` from the sandbox's clock.

Every effect is done on the socket. What comes before the request leaves (DNS, refused, TLS) cannot be produced by a
server that was reached: here the connection is reset, and nothing was committed either.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

from reconciler.clock import Clock
from reconciler.sandbox.messages import SECONDS_A_BYTE, UNSENT, Effect, TransportEffect
from reconciler.sandbox.sandbox import Sandbox

LOOPBACK = "127.0.0.1"
PATIENCE = 120.0
"""Seconds after which a time-out that nobody gives up on ends in a reset."""
MOST_CONNECTIONS = 256
"""Connections at once, each with its thread; the one that has been idle for longest makes room for another."""
IDLE_SECONDS = 60.0
"""Seconds that a connection may say nothing, between two requests or in the middle of one."""
LARGEST_BODY = 16 * 2**20
"""Bytes of a request's body."""

_LOG = logging.getLogger("reconciler.sandbox")
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


@contextlib.contextmanager
def running(sandbox: Sandbox, port: int = 0) -> Iterator[str]:
    """Serve in a thread while the block runs; yields ``http://127.0.0.1:PORT``. Port 0: any that is free."""
    server = _Server((LOOPBACK, port), sandbox)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


def account_url(url: str, account: str) -> str:
    """The ``base_url`` of one account of a sandbox that runs at ``url``."""
    return f"{url}/{quote(account, safe='')}"


class _Server(ThreadingHTTPServer):
    """One thread a connection; knows its connections, so that it can end with some open."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        super().__init__(address, _Handler)
        self.sandbox = sandbox
        self._open: dict[socket.socket, None] = {}
        """The idle ones among them in the order in which they became so, and the busy ones."""
        self._busy: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then serve it in a thread; where there are too many, end an idle one or this."""
        with self._lock:
            full = len(self._open) >= MOST_CONNECTIONS
            idle = next((one for one in self._open if one not in self._busy), None) if full else None
            if idle is not None:
                self._open.pop(idle)
                _hang_up(idle)
            if not full or idle is not None:
                self._open[request] = None
        if full and idle is None:
            super().shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        with self._lock:
            self._open.pop(request, None)
            self._busy.discard(request)
        super().shutdown_request(request)

    @contextlib.contextmanager
    def answering(self, connection: socket.socket) -> Iterator[None]:
        """A whole request has come: the connection is not idle while the block runs."""
        with self._lock:
            self._busy.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(connection)
                if connection in self._open:
                    self._open[connection] = self._open.pop(connection)

    def hang_up(self) -> None:
        """End every connection that is still open, so that its thread ends."""
        with self._lock:
            connections = tuple(self._open)
        for connection in connections:
            _hang_up(connection)

    def handle_error(self, *_details: Any) -> None:
        """A client that went away is no news."""
        _LOG.debug("a sandbox connection ended", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, lets the sandbox react, and does that to the socket."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: _Server

    def exchange(self) -> None:
        """One request and what comes of it."""
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        if len(self.headers.get_all("Host", [])) > 1:
            self.close_connection = True
            self.send_error(HTTPStatus.BAD_REQUEST)
            return
        with self.server.answering(self.connection):
            self._react(body)

    def _react(self, body: bytes) -> None:
        effect = self.server.sandbox.exchange(self.command, self.path, dict(self.headers.items()), body)
        self.server.sandbox.clock.sleep(effect.delay)
        if effect.effect in UNSENT or effect.effect is Effect.RESET:
            self._reset()
        elif effect.effect is Effect.TIMEOUT:
            self._outwait()
        else:
            self._answer(effect, self.server.sandbox.clock)

    def _body(self) -> bytes:
        """The body of the request; ValueError for one that is none or too large."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(_bounded(self.headers.get("Content-Length", "0"), 10, 0))
        body = b""
        while size := _bounded(self.rfile.readline(64).partition(b";")[0], 16, len(body)):
            body += self.rfile.read(size)
            self.rfile.readline(64)
        self.rfile.readline(64)
        return body

    def _answer(self, effect: TransportEffect, clock: Clock) -> None:
        head = _head(effect)
        if effect.effect is Effect.SLOW_HEADERS:
            self._trickle(head, clock)
            head = b""
        if effect.effect is Effect.DRIP:
            self.wfile.write(head)
            self._trickle(effect.response.body, clock)
        else:
            self.wfile.write(head + effect.response.body)
        if effect.effect is Effect.TRUNCATED:
            self.close_connection = True

    def _trickle(self, octets: bytes, clock: Clock) -> None:
        for n in range(len(octets)):
            self.wfile.write(octets[n : n + 1])
            clock.sleep(SECONDS_A_BYTE)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        self.connection.close()
        self.close_connection = True

    def _outwait(self) -> None:
        """Say nothing until the client hangs up."""
        self.connection.settimeout(PATIENCE)
        with contextlib.suppress(OSError):
            self.connection.recv(1)
        self._reset()

    def log_message(self, *args: Any) -> None:
        """One line a request, for who asks for debug output."""
        _LOG.debug(*args)


for _method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
    setattr(_Handler, f"do_{_method}", _Handler.exchange)


def _bounded(text: str | bytes, base: int, before: int) -> int:
    """The number of bytes that ``text`` announces after ``before``; ValueError when that is none or too many."""
    size = int(text, base)
    if not 0 <= size <= LARGEST_BODY - before:
        raise ValueError(size)
    return size


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _head(effect: TransportEffect) -> bytes:
    status = effect.response.status
    phrase = HTTPStatus(status).phrase if status in _KNOWN else ""
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in effect.headers().items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


_KNOWN = frozenset(HTTPStatus)
