"""What a client is to experience, as data: both fronts read it, the adapter in exceptions, the server on a socket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum

from reconciler.sandbox.messages import Response

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
