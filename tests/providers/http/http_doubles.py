"""What stands in for a carrier here: raw socket servers for the wire, an in-memory adapter for the rules."""

from __future__ import annotations

import contextlib
import io
import socket
import struct
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from reconciler.clock import Clock, SystemClock
from reconciler.providers.http.messages import ApiCall, Auth
from reconciler.providers.http.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reconciler.providers.http.budget import Rate

READ = ApiCall("look", "GET", ("thing",))
WRITE = ApiCall("buy", "POST", ("thing",), json={"key": "k"}, writes=True)


class VirtualClock:
    """Time that passes only when somebody sleeps; every sleep is kept."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.start = datetime(2026, 1, 31, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    def boot(self) -> float:
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.elapsed += seconds


def transport(base_url: str, adapter: BaseAdapter | None = None, **options: Any) -> Transport:
    """A transport with everything allowed, no environment and no jitter, changed by ``options``."""
    clock: Clock = VirtualClock() if adapter else SystemClock()
    authorize = options.pop("authorize", lambda _refresh: Auth({"Authorization": "Bearer s3cr3t-t0ken"}))
    budgets: Mapping[str, Rate] = {}
    chosen = {"budgets": budgets, "max_in_flight": 1, "writes": True, "environ": {}, "jitter": lambda: 0.5}
    return Transport(base_url, authorize, options.pop("clock", clock), adapter=adapter, **{**chosen, **options})


@dataclass
class Scripted(BaseAdapter):
    """Answers requests with the next of ``script``: (status, body), with headers, or an exception to raise."""

    script: Sequence[Any]
    seen: list[requests.PreparedRequest] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        assert len(self.seen) < 1000, "this goes on for ever"
        step = self.script[min(len(self.seen), len(self.script) - 1)]
        self.seen.append(request)
        step = step(request) if callable(step) else step
        if isinstance(step, Exception):
            raise step
        status, body, headers = (*step, {})[:3]
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = HTTPResponse(io.BytesIO(body), headers, status, preload_content=False)
        response.request = request
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """Nothing is kept."""


class RawServer:
    """A TCP server on loopback that does to each connection what ``handle`` says.

    ``handle(peer)`` may read the request and write whatever bytes it likes. ``connections`` counts them, and
    ``met`` is set with the first.
    """

    def __init__(self, handle: Callable[[Peer], None]) -> None:
        self.connections = 0
        self.met = threading.Event()
        self.requests: list[bytes] = []
        self.stopped = threading.Event()
        self._handle = handle
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Stop accepting, and wait for the handlers."""
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self.connections += 1
                self.met.set()
                thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            self._handle(Peer(self, sock))


class Peer:
    """The server's end of one connection."""

    def __init__(self, server: RawServer, sock: socket.socket) -> None:
        self.server = server
        self.sock = sock

    def request(self) -> bytes:
        """The next whole request; empty when the client has closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (piece := self.sock.recv(65536)):
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
        while len(body) < int(lengths[0] if lengths else 0):
            body += self.sock.recv(65536)
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return self.server.requests[-1]

    def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.sock.sendall(piece)

    def drip(self, data: bytes) -> None:
        """One byte every 20 ms, until the client has gone or the test is over."""
        for index in range(len(data)):
            if self.server.stopped.wait(0.02):
                return
            self.sock.sendall(data[index : index + 1])

    def hang(self) -> None:
        """Say nothing until the client has gone or the test is over."""
        self.sock.settimeout(5)
        while self.sock.recv(65536):
            pass

    def reset(self) -> None:
        """End with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


def answer(status: int = 200, body: bytes = b"{}", *headers: str) -> bytes:
    """A well-formed HTTP/1.1 answer."""
    lines = [f"HTTP/1.1 {status} Words", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextlib.contextmanager
def serving(*handlers: Callable[[Peer], None]) -> Iterator[RawServer]:
    """A server whose n-th connection is handled by the n-th handler, and all later ones by the last."""

    def handle(peer: Peer) -> None:
        handlers[min(server.connections, len(handlers)) - 1](peer)

    server = RawServer(handle)
    try:
        yield server
    finally:
        server.close()


def once(*pieces: bytes) -> Callable[[Peer], None]:
    """A handler that reads one request, writes ``pieces`` and closes."""

    def handle(peer: Peer) -> None:
        peer.request()
        peer.send(*pieces)

    return handle


def keep_answering(data: bytes) -> Callable[[Peer], None]:
    """A handler that keeps the connection and answers every request alike."""

    def handle(peer: Peer) -> None:
        while peer.request():
            peer.send(data)

    return handle
