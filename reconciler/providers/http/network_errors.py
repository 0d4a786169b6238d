"""Why there is no whole answer, in one word for the engine and a few for a person.

The text of a library's exception is never shown: it holds URLs and whatever the carrier sent.
"""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING

from requests import exceptions as requests_errors
from urllib3 import exceptions as urllib3_errors
from urllib3.util.ssl_match_hostname import CertificateError

from reconciler.providers.http.messages import NetworkFault

if TYPE_CHECKING:
    from collections.abc import Iterator

NETWORK_ERRORS = (OSError, HTTPException, urllib3_errors.HTTPError, ValueError)
"""Everything that ``requests``, ``urllib3``, ``http.client`` and the sockets raise for what a peer does."""


class LimitError(OSError):
    """A limit of our own ended the call; its text may be shown."""


_UNRESOLVED = (socket.gaierror, urllib3_errors.NameResolutionError)
_UNVERIFIED = (ssl.SSLCertVerificationError, CertificateError)
_UNCONNECTED = (
    ConnectionRefusedError,
    requests_errors.ConnectTimeout,
    urllib3_errors.ConnectTimeoutError,
    urllib3_errors.NewConnectionError,
)
_BEFORE_SENDING = (*_UNRESOLVED, *_UNVERIFIED, *_UNCONNECTED)

_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (_UNRESOLVED, "the host name does not resolve"),
    (_UNVERIFIED, "the TLS certificate does not verify"),
    ((ConnectionRefusedError,), "the connection was refused"),
    ((requests_errors.ConnectTimeout, urllib3_errors.ConnectTimeoutError), "no connection in time"),
    ((requests_errors.ProxyError, urllib3_errors.ProxyError), "the proxy gave no connection"),
    (_UNCONNECTED, "no connection could be made"),
    ((TimeoutError, requests_errors.Timeout, urllib3_errors.TimeoutError), "no answer in time"),
    (
        (requests_errors.ContentDecodingError, urllib3_errors.DecodeError),
        "the answer's compression is broken",
    ),
    ((IncompleteRead, urllib3_errors.IncompleteRead), "the answer was cut short"),
    ((ConnectionError,), "the connection was lost"),
    ((ssl.SSLError, requests_errors.SSLError, urllib3_errors.SSLError), "TLS failed"),
    ((HTTPException, urllib3_errors.ProtocolError), "the answer is not HTTP as it should be"),
)
"""The first row that fits any error of the chain tells the words."""


def fault_of(error: BaseException, sent: bool | None) -> NetworkFault:
    """What ``error`` says of the request: it did not leave, or it may have arrived.

    ``sent`` is known over our own connections; None leaves the type of the error to tell.
    """
    if sent is None:
        sent = not any(isinstance(cause, _BEFORE_SENDING) for cause in _chain(error))
    return NetworkFault.CUT if sent else NetworkFault.NOT_SENT


def words_of(error: BaseException) -> str:
    """``error`` in words without any text from outside."""
    if isinstance(error, LimitError):
        return str(error)
    causes = tuple(_chain(error))
    for types, message in _WORDS:
        if any(isinstance(cause, types) for cause in causes):
            return message
    return f"the call failed ({type(error).__name__})"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """``error`` and what it wraps: libraries keep that as cause, as ``reason`` or among the arguments."""
    todo, seen = [error], set[int]()
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = (one.__cause__, getattr(one, "reason", None), *one.args)
        todo.extend(cause for cause in wrapped if isinstance(cause, BaseException))
