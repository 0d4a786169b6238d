"""The sandbox as a ``requests`` adapter: no socket, but real ``requests`` and ``urllib3`` answers and exceptions.

Bodies are read through ``urllib3.HTTPResponse``, so that decoding, gzip and a ``Content-Length`` that is not kept
behave as they do on a wire. Time is the sandbox's clock: a time-out "takes" its seconds there and none for real.
"""

from __future__ import annotations

import errno
import io
import socket
import ssl
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.exceptions import SSLError as CertificateError

from reconciler.clock import Clock
from reconciler.sandbox.messages import SECONDS_A_BYTE, Effect, TransportEffect
from reconciler.sandbox.sandbox import Sandbox

HOST = "sandbox.invalid"
SLOW_HEADER_SECONDS = 90.0
PATIENCE = 30.0
"""The time-out that is played when the caller set none."""

_KNOWN = frozenset(HTTPStatus)
_POOL = HTTPConnectionPool(HOST)
_CONNECTION = HTTPConnection(HOST)


class SandboxAdapter(HTTPAdapter):
    """Mounted on a session (``session.mount("http://", SandboxAdapter(sandbox))``), it answers every request.

    The account is the first segment of the path; host and port do not matter.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(max_retries=0)
        self._sandbox = sandbox

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:
        """Exchange one request with the sandbox, or raise what ``requests`` raises on such a wire."""
        connect_timeout, read_timeout = _timeouts(options.get("timeout"))
        url = urlsplit(request.url or "/")
        target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        effect = self._sandbox.exchange(request.method or "GET", target, request.headers, _body(request))
        clock = self._sandbox.clock
        if effect.effect is Effect.CONNECT_TIMEOUT:
            clock.sleep(connect_timeout)
        elif effect.effect is Effect.TIMEOUT or effect.delay >= read_timeout:
            clock.sleep(read_timeout)
            raise _read_timeout(request, read_timeout)
        else:
            clock.sleep(effect.delay + (SLOW_HEADER_SECONDS if effect.effect is Effect.SLOW_HEADERS else 0))
        if effect.effect in BROKEN:
            raise BROKEN[effect.effect](request)
        return self.build_response(request, _raw(request, effect, clock))


def _timeouts(timeout: object) -> tuple[float, float]:
    """Connect and read time-out in seconds, from what ``requests`` takes: a number, a pair, or None."""
    pair = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    connect, read = (float(seconds) if seconds is not None else PATIENCE for seconds in pair)
    return connect, read


def _body(request: requests.PreparedRequest) -> bytes:
    body = request.body or b""
    return body.encode() if isinstance(body, str) else bytes(body)


def _raw(request: requests.PreparedRequest, effect: TransportEffect, clock: Clock) -> HTTPResponse:
    body = io.BytesIO(effect.response.body)
    return HTTPResponse(
        body=_Drip(body, clock) if effect.effect is Effect.DRIP else body,
        headers=effect.headers(),
        status=effect.response.status,
        version=11,
        reason=HTTPStatus(effect.response.status).phrase if effect.response.status in _KNOWN else "",
        preload_content=False,
        decode_content=False,
        request_method=request.method,
        request_url=request.url,
    )


class _Drip(io.RawIOBase):
    """A body that comes a byte at a time, each a second after the last."""

    def __init__(self, body: io.BytesIO, clock: Clock) -> None:
        self._body = body
        self._clock = clock

    def read(self, _size: int = -1) -> bytes:
        """One byte, or none at the end, whatever was asked for."""
        byte = self._body.read(1)
        self._clock.sleep(SECONDS_A_BYTE if byte else 0)
        return byte


def _unreached(request: requests.PreparedRequest, reason: Exception) -> MaxRetryError:
    return MaxRetryError(_POOL, request.url or "/", reason)


def _dns(request: requests.PreparedRequest) -> requests.ConnectionError:
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    reason = NameResolutionError(HOST, _CONNECTION, unknown)
    return requests.ConnectionError(_unreached(request, reason), request=request)


def _refused(request: requests.PreparedRequest) -> requests.ConnectionError:
    reason = NewConnectionError(_CONNECTION, "[Errno 111] Connection refused")
    return requests.ConnectionError(_unreached(request, reason), request=request)


def _connect_timeout(request: requests.PreparedRequest) -> requests.ConnectTimeout:
    reason = ConnectTimeoutError(_CONNECTION, "Connection timed out")
    return requests.ConnectTimeout(_unreached(request, reason), request=request)


def _certificate(request: requests.PreparedRequest) -> requests.exceptions.SSLError:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
    return requests.exceptions.SSLError(_unreached(request, CertificateError(cause)), request=request)


def _reset(request: requests.PreparedRequest) -> requests.ConnectionError:
    cause = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
    return requests.ConnectionError(ProtocolError("Connection aborted.", cause), request=request)


def _read_timeout(request: requests.PreparedRequest, seconds: float) -> requests.ReadTimeout:
    reason = ReadTimeoutError(_POOL, request.url or "/", f"Read timed out. (read timeout={seconds:g})")
    return requests.ReadTimeout(reason, request=request)


BROKEN: Mapping[Effect, Callable[[requests.PreparedRequest], requests.RequestException]] = {
    Effect.DNS: _dns,
    Effect.REFUSED: _refused,
    Effect.CONNECT_TIMEOUT: _connect_timeout,
    Effect.TLS: _certificate,
    Effect.RESET: _reset,
}
"""Effect -> the exception that ``requests`` makes of it, with its ``urllib3`` cause inside."""
