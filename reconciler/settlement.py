"""What reads can prove about a purchase whose outcome is open. Pure.

Only positive evidence settles: an ok answer, or the exact number seen on the account. Absence from a list proves
nothing, so waiting counts from the last attempt, on the carrier's own clock (its ``Date``), plus one second because
``Date`` has whole seconds; without a ``Date`` the wait never ends by itself (RELIABILITY section 1, SPEC section 2).

==================  ==========================  ==================================  ============================
seen on the reads   Infobip                     iNumbering                          iNumbering, account_api
==================  ==========================  ==================================  ============================
owned               ours                        (cannot be read)                    ours
shown as failed     a person                    (cannot be read)                    (no such answer)
in another state    open, then a person         (cannot be read)                    (no such answer)
offered, same key   send again, once an apply   after the wait, twice in all        after the wait, once an apply
offered, otherwise  open, then a person         (keys do not exist)                 (keys do not exist)
not offered         open, then a person         presumed ours, never sent again     open, then a person
a read failed       open                        open                                open
==================  ==========================  ==================================  ============================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from reconciler.capabilities import Capabilities
from reconciler.model import Attempt, Intent, Observation, Quotes, Resource, Status, Verdict
from reconciler.money import cheaper_or_same

ROUNDING = timedelta(seconds=1)
"""``Date`` has whole seconds: two of them may look one second further apart than they are."""


class Evidence(StrEnum):
    """What the reads prove."""

    OWNED = "owned"
    PRESUMED = "presumed"
    REPEAT = "repeat"
    OPEN = "open"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Finding:
    """The evidence, why, the live row when the number was seen, and how long to wait for more (None: unknown)."""

    evidence: Evidence
    reason: str
    live: Resource | None = None
    due_in: timedelta | None = None


def settle_purchase(
    intent: Intent, owned: Observation, quotes: Quotes, caps: Capabilities, *, repeated: bool, declared: bool = True
) -> Finding:
    """What is proved about an open purchase.

    ``repeated``: this apply has sent it already. ``declared``: the configuration still wants the number.
    """
    live = owned.found.get(intent.address)
    if live is not None and live.status in (Status.ACTIVE, Status.ENABLING):
        return Finding(Evidence.OWNED, "the account shows the number", live)
    if live is not None:
        return _not_provided(intent, owned, quotes, caps, live)
    unread = owned.unresolved.get(intent.address) or quotes.unresolved.get(intent.address.name)
    if unread:
        return Finding(Evidence.OPEN, f"it cannot be settled by reading now: {unread}")
    offer = quotes.offered.get(intent.address.name)
    if offer is None:
        return _not_offered(intent, owned, quotes, caps)
    if not _same_key(intent.carrier, offer.carrier):
        return _wait_or_person(intent, owned, quotes, caps, "it is offered again, but under another key")
    if not declared:
        return _wait_or_person(intent, owned, quotes, caps, "it is not declared any more, so it is not ordered again")
    if not cheaper_or_same(intent.price, offer.price):
        return _wait_or_person(
            intent, owned, quotes, caps, "it is still offered, but not at the price that was planned"
        )
    return _still_offered(intent, owned, quotes, caps, repeated=repeated)


def _not_provided(intent: Intent, owned: Observation, quotes: Quotes, caps: Capabilities, live: Resource) -> Finding:
    """The account shows the number, and not as one that can be used."""
    if live.status is Status.ERROR:
        return Finding(
            Evidence.PERSON, f"the account shows it, and the carrier could not provide it ({live.word})", live
        )
    return _wait_or_person(intent, owned, quotes, caps, f"the account shows it in a state of its own ({live.word})")


def _not_offered(intent: Intent, owned: Observation, quotes: Quotes, caps: Capabilities) -> Finding:
    if caps.presumes:
        return Finding(Evidence.PRESUMED, "it is not offered any more after our order: presumed ours")
    return _wait_or_person(intent, owned, quotes, caps, "the account does not show it and it is not offered")


def _still_offered(
    intent: Intent, owned: Observation, quotes: Quotes, caps: Capabilities, *, repeated: bool
) -> Finding:
    left = _left_to_wait(intent, owned, quotes, caps)
    if caps.repeats is not None and len(processed(intent)) >= caps.repeats:
        return _wait_or_person(intent, owned, quotes, caps, "it is still offered and may not be ordered again")
    if repeated:
        return Finding(Evidence.OPEN, "it is still offered; no apply sends an order twice", due_in=None)
    if caps.repeat_at_once or left == timedelta(0):
        return Finding(Evidence.REPEAT, "it is still offered: the same order is sent again")
    return Finding(Evidence.OPEN, _until("it is still offered; searches may lag", left), due_in=left)


def _wait_or_person(intent: Intent, owned: Observation, quotes: Quotes, caps: Capabilities, words: str) -> Finding:
    left = _left_to_wait(intent, owned, quotes, caps)
    if left == timedelta(0):
        return Finding(Evidence.PERSON, f"{words}, long after the last attempt")
    return Finding(Evidence.OPEN, _until(words, left), due_in=left)


def _until(words: str, left: timedelta | None) -> str:
    if left is None:
        return f"{words}; the carrier's answers carry no Date, so the wait does not end by itself"
    return f"{words}; {int(left.total_seconds())} s to wait"


def _left_to_wait(intent: Intent, owned: Observation, quotes: Quotes, caps: Capabilities) -> timedelta | None:
    """What is left of ``settle_after``; None when the carrier's clock is not known."""
    tries = processed(intent)
    judged = earliest_date(owned, quotes)
    if not tries or tries[-1].answered is None or judged is None:
        return None
    return max(timedelta(0), caps.settle_after + ROUNDING - (judged - tries[-1].answered))


def earliest_date(owned: Observation, quotes: Quotes) -> datetime | None:
    """The carrier's clock in the earlier of the answers that were asked for; None when one had no ``Date``."""
    asked = [read.answered for read in (owned, quotes) if read.calls]
    dates = [date for date in asked if date is not None]
    return min(dates) if dates and len(dates) == len(asked) else None


def processed(intent: Intent) -> list[Attempt]:
    """The attempts that the carrier may have acted on: not those that never left or were turned away by rate."""
    harmless = (Verdict.NOT_SENT, Verdict.THROTTLED)
    return [attempt for attempt in intent.attempts if attempt.verdict not in harmless]


def _same_key(intended: Mapping[str, Any], offered: Mapping[str, Any]) -> bool:
    return intended.get("numberKey") == offered.get("numberKey")
