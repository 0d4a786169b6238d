"""``Retry-After`` and ``Date``: what a carrier says of time, whatever it writes there.

::

    Retry-After                         seconds
    ----------------------------------  -----------------------------------------
    absent, empty, not understood       None
    17  ·  1.5                          17  ·  1.5
    -3                                  0
    Wed, 21 Oct 2026 07:28:00 GMT       until then, by the answer's own ``Date``
    a date in the past                  0
    86400, 9999…, a date next year      120
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 120.0
"""Seconds: no carrier makes us wait longer at a time."""

_SECONDS = re.compile(r"-?[0-9]+(\.[0-9]*)?")


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds from 0 to 120 that ``header`` asks for; ``now`` is the carrier's clock where it is known."""
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        asked = float(text)
    elif (moment := http_date(text)) is not None:
        asked = (moment - now).total_seconds()
    else:
        return None
    return min(max(asked, 0.0), LONGEST)


def http_date(header: str | None) -> datetime | None:
    """The moment in UTC that a ``Date`` header names; None when it names none."""
    try:
        moment = parsedate_to_datetime(header or "")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
