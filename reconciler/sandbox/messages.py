"""A request and a response as the sandbox sees them, before any socket: what both fronts hand in and get back.

A :class:`TransportEffect` is what a client is to experience: in exceptions by the adapter, on a socket by the server.

The path is cut into segments *before* it is decoded, so that a key such as ``a/b`` or ``%EE`` reaches its own
resource exactly when the client quoted it. Dot segments that arrive unquoted are resolved, as every proxy
before a real carrier does: a client that forgets to quote ``..`` hits another resource here too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, unquote

from reconciler.model import NOTHING

JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """One call to an account. ``path``: decoded segments after the account; header names in lower case."""

    method: str
    path: tuple[str, ...]
    raw_path: str
    query: Mapping[str, str] = NOTHING
    headers: Mapping[str, str] = field(default=NOTHING, repr=False)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        """The parsed body; None when it is empty or no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def fields(self) -> dict[str, Any]:
        """The parsed body when it is an object, else an empty one."""
        document = self.json()
        return document if isinstance(document, dict) else {}


@dataclass(frozen=True, slots=True)
class Response:
    """What the carrier answers. ``headers`` hold no ``Date`` or ``Content-Length``: the fronts add them."""

    status: int
    headers: Mapping[str, str] = NOTHING
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        """The parsed body; None when it is empty or no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def parse(method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[str, Request]:
    """The account (first path segment, ``""`` without one) and the request that a request line asks for."""
    raw_path, _, raw_query = target.partition("?")
    account, *path = _segments(raw_path) or [""]
    request = Request(
        method=method.upper(),
        path=tuple(path),
        raw_path=raw_path,
        query={name: ",".join(values) for name, values in parse_qs(raw_query, keep_blank_values=True).items()},
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
    )
    return account, request


def _segments(raw_path: str) -> list[str]:
    segments: list[str] = []
    for segment in raw_path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in ("", "."):
            segments.append(unquote(segment))
    return segments


def answer(status: int, document: Any, **headers: str) -> Response:
    """A JSON response; ``headers`` are written with underscores (``Retry_After="1"``)."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"Content-Type": JSON_TYPE, **named}, json.dumps(document).encode())


def empty(status: int) -> Response:
    """A response without a body."""
    return Response(status)


NO_CONTENT = 204
MISSING_BYTES = 40
SECONDS_A_BYTE = 1.0


class Effect(StrEnum):
    """How the answer arrives, or why none does. The first four come before any byte of the request leaves."""

    DNS = "dns"
    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect-timeout"
    TLS = "tls"
    RESET = "reset"
    """The connection breaks before the answer."""
    TIMEOUT = "timeout"
    """No answer comes until the client gives up."""
    ANSWER = "answer"
    TRUNCATED = "truncated"
    """``Content-Length`` promises more than comes."""
    SLOW_HEADERS = "slow-headers"
    """Headers that trickle in, so that no single read times out."""
    DRIP = "drip"
    """A body of one byte at a time."""


ARRIVING = frozenset({Effect.ANSWER, Effect.TRUNCATED, Effect.SLOW_HEADERS, Effect.DRIP})
"""After which the client has a status line."""

UNSENT = frozenset({Effect.DNS, Effect.REFUSED, Effect.CONNECT_TIMEOUT, Effect.TLS})


@dataclass(frozen=True, slots=True)
class TransportEffect:
    """What comes back. ``date`` is the carrier's clock when it answers, None for an answer without one; ``delay`` in
    seconds before anything comes."""

    response: Response
    date: datetime | None
    effect: Effect = Effect.ANSWER
    delay: float = 0.0

    def headers(self) -> dict[str, str]:
        """The response's headers with ``Date`` and ``Content-Length``, which a truncated body does not keep."""
        dated = {"Date": format_datetime(self.date, usegmt=True)} if self.date else {}
        headers = {**self.response.headers, **dated}
        if self.response.status == NO_CONTENT:
            return headers
        missing = MISSING_BYTES if self.effect is Effect.TRUNCATED else 0
        return {**headers, "Content-Length": str(len(self.response.body) + missing)}
