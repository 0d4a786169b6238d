"""IntelePeer's budgets and quirks, each with its source and the date it was read.

S: seed document, M: secondary public material; both read 2026-01. Nothing is published about rate limits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler.providers.http.budget import Rate

BUDGETS: Mapping[str, Rate] = {"*": Rate(100, burst=50)}
"""Undocumented, so this is ours: what 16 connections reach anyway. A 429 pauses it; an account may set its own."""

MAX_IN_FLIGHT = 16

_ENABLEMENT = re.compile(r"enabl|provision", re.IGNORECASE)
_THE_URL = re.compile(r"\burl\b|\buri\b|format|e\.?164", re.IGNORECASE)


def webhook_read_proves_nothing(status: int | None) -> bool:
    """Whether a failed webhook read leaves the number's state open, so that the provision read decides.

    400 is documented for a malformed number only, and ours are well-formed: it is this carrier's dialect for "not
    enabled for SMS" (S, as for the POST). 404 may speak of the webhook rather than of the number (undocumented).
    """
    return status in (400, 404)


def webhook_is_too_early(message: str) -> bool:
    """Whether a webhook's 400 means "not enabled for SMS (yet)" rather than a bad URL or number (S).

    Enablement takes a while to spread, so a 400 that speaks of neither is taken for "not yet" as well.
    """
    return bool(_ENABLEMENT.search(message)) or not _THE_URL.search(message)
