"""Sockets that can be timed and cut, and that know whether any byte of a request has left.

``requests`` times single socket reads only: a carrier that sends one byte a second holds a call for ever. And
after an error it cannot tell "nothing was sent" from "it may have arrived", which is all that matters for a
purchase. So each call is an :class:`Exchange` that holds a second handle on every socket opened for it. Shutting
that handle down ends the call wherever it is: in a TLS handshake, in the headers or in the body.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from reconciler.providers.http.network_errors import LimitError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    import requests

    from reconciler.clock import Clock
    from reconciler.providers.base import Leave

RUN_ENDED = "the run was ended"


class Exchange:
    """One call on its way. ``fresh`` asks for a new connection; ``deadline`` is in seconds from now.

    ``sent`` is None while no adapter of ours has it, and False until the first byte goes to a socket, for which
    ``leave`` is asked right before.
    ``ended`` says why the call was cut, and is empty as long as it was not.
    """

    def __init__(self, clock: Clock, deadline: float, leave: Leave, *, fresh: bool) -> None:
        self.fresh = fresh
        self._leave = leave
        self.sent: bool | None = None
        self.ended = ""
        self._clock = clock
        self._deadline = deadline
        self._due = clock.monotonic() + deadline
        self._handles: list[socket.socket] = []
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def watch(self, descriptor: int) -> None:
        """Cut this open socket too when the call is ended.

        A socket knows no virtual clock: from the first on, the rest of the deadline runs in real time.
        """
        with self._lock:
            self._handles.append(socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM))
            if self._timer is None:
                left = max(0.0, self._due - self._clock.monotonic())
                self._timer = threading.Timer(left, self.end, (self._too_late,))
                self._timer.daemon = True
                self._timer.start()
        self.check()

    def check(self) -> None:
        """Raise :class:`LimitError` when the call was ended or its time is over."""
        if not self.ended and self._clock.monotonic() > self._due:
            self.end(self._too_late)
        if self.ended:
            raise LimitError(self.ended)

    def depart(self) -> None:
        """The first byte is about to leave, or a later one: raises ``HeldBackError`` or :class:`LimitError` if not."""
        self.check()
        if not self.sent:
            self._leave()
            self.check()
        self.sent = True

    def end(self, message: str) -> None:
        """Cut the call; ``message`` says why."""
        with self._lock:
            self.ended = self.ended or message
            for handle in self._handles:
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the sockets without ending them: a pool may use them again."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    @property
    def _too_late(self) -> str:
        return f"no whole answer within {self._deadline:g} s"


class Exchanges:
    """All calls of one account that are on their way; each gets ``deadline`` seconds."""

    def __init__(self, clock: Clock, deadline: float) -> None:
        self.ended = False
        self._clock = clock
        self._deadline = deadline
        self._open: set[Exchange] = set()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def launch(self, leave: Leave, *, fresh: bool) -> Iterator[Exchange]:
        """The flight that sockets opened in this thread belong to, until the block is left."""
        exchange = Exchange(self._clock, self._deadline, leave, fresh=fresh)
        with self._lock:
            self._open.add(exchange)
            if self.ended:
                exchange.end(RUN_ENDED)
        token = _CURRENT.set(exchange)
        try:
            yield exchange
        finally:
            _CURRENT.reset(token)
            with self._lock:
                self._open.discard(exchange)
            exchange.close()

    def cut(self) -> None:
        """End all flights, and every later one before its first byte."""
        with self._lock:
            self.ended = True
            for exchange in self._open:
                exchange.end(RUN_ENDED)


_CURRENT: ContextVar[Exchange] = ContextVar("flight")


class _WholeHeaders(http.client.HTTPResponse):
    """An answer whose headers ended with an empty line.

    ``http.client`` takes the end of the stream for the end of the headers: a 200 cut there would look whole.
    """

    fp: Any

    def begin(self) -> None:
        """Read status line and headers; ``IncompleteRead`` when the stream ended in them."""
        stream = self.fp
        self.fp = lines = _LastLine(stream)
        try:
            super().begin()
        finally:
            self.fp = stream if self.fp is lines else None
        if lines.last not in (b"\r\n", b"\n"):
            raise http.client.IncompleteRead(lines.last)


class _LastLine:
    """A stream that remembers the last line that was read of it."""

    def __init__(self, stream: Any) -> None:
        self.last = b""
        self._stream = stream

    def readline(self, limit: int = -1) -> bytes:
        self.last = self._stream.readline(limit)
        return self.last

    def close(self) -> None:
        self._stream.close()


class _WatchedHTTPConnection(HTTPConnection):
    """A connection that reports its socket and its first request byte to the flight of its thread."""

    response_class = _WholeHeaders
    _opening = False

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        try:
            _CURRENT.get().watch(sock.fileno())
        except BaseException:
            sock.close()
            raise
        return sock

    def connect(self) -> None:
        """Connect, with the TLS handshake and a proxy's CONNECT: nothing of that is part of the request."""
        self._opening = True
        try:
            super().connect()
        finally:
            self._opening = False

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request; over a kept connection, its socket is not being watched yet."""
        if self.sock is not None:
            _CURRENT.get().watch(self.sock.fileno())
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        """Hand ``data`` to the socket: from here on the request may arrive."""
        if self.sock is None:
            self.connect()
        if not self._opening:
            _CURRENT.get().depart()
        super().send(data)


class _WatchedHTTPSConnection(_WatchedHTTPConnection, HTTPSConnection):
    """The same over TLS."""


class _WatchedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTPConnection


class _WatchedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPSConnection


_POOLS = {"http": _WatchedHTTPPool, "https": _WatchedHTTPSPool}


class WatchedAdapter(HTTPAdapter):
    """The adapter to the real network: watched connections, no retries, one TLS context for all of them."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Make the pools; called by ``requests``."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._tls, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The pools behind ``proxy``; called by ``requests``."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._tls, proxy_ssl_context=self._tls, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: whom to trust is settled once, in the TLS context, not read from disk for each call."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, over a new connection where the flight asks for one.

        A kept connection may have been closed by the carrier meanwhile: that would turn a write into a maybe.
        """
        exchange = _CURRENT.get()
        exchange.sent = False
        if exchange.fresh:
            self.close()
        return super().send(request, *args, **kwargs)
