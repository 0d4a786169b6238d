"""What reads can prove about a purchase or a release whose outcome is open. Pure.

Only positive evidence settles: an ok answer, or the exact number seen on the account. Absence from one list proves
nothing: lists lag, searches are cached. So waiting counts from the last attempt, on the carrier's clock and on ours
(``waits.py``), and is over only when both say so; without any ``Date`` only a person can settle it.

==================  ==========================  ==================================  ============================
seen on the reads   Infobip                     iNumbering                          iNumbering, account_api
==================  ==========================  ==================================  ============================
owned               ours                        (cannot be read)                    ours
shown as failed     a person                    (cannot be read)                    (no such answer)
in another state    open, then a person         (cannot be read)                    (no such answer)
offered, same key   after the wait, once an     after the wait, twice in all        after the wait, once an apply
                    apply
offered, otherwise  open, then a person         (keys do not exist)                 (keys do not exist)
or as shared only
not offered         open, then a person         presumed ours, never sent again     open, then a person
a read failed       open                        open                                open
==================  ==========================  ==================================  ============================

Where a number is bought by number and not by its key (Infobip's newer path, American numbers), any key is the same.

==================  ==================================  =====================================================
seen on the reads   a release, before the wait is over  after it
==================  ==================================  =====================================================
owned               open: it may still be acted on      kept: the next plan decides afresh
missing             open: one list proves nothing       released, once a second read misses it too
a read failed, or   open                                open
shows nothing
==================  ==================================  =====================================================

An answer may name another number than the one that was ordered. Where the account has that one under the very key
that the answer told, it is what the order has bought (``bought_instead``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from reconciler.model import (
    Address,
    Attempt,
    Intent,
    Kind,
    Observation,
    Offer,
    Price,
    Quotes,
    Resource,
    Status,
    Verdict,
)
from reconciler.model.capabilities import Capabilities
from reconciler.model.money import cheaper_or_same
from reconciler.model.phone import is_nanp
from reconciler.model.waits import Moment, Wait
from reconciler.planning.numbers import SENT_AGAIN


class Evidence(StrEnum):
    """What the reads prove."""

    OWNED = "owned"
    INSTEAD = "instead"
    PRESUMED = "presumed"
    REPEAT = "repeat"
    RELEASED = "released"
    KEPT = "kept"
    OPEN = "open"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Finding:
    """The evidence, why, the live row when the number was seen, and how long to wait for more (None: unknown).

    ``price``: what it costs to send the order again, where that is what follows.
    """

    evidence: Evidence
    reason: str
    live: Resource | None = None
    due_in: timedelta | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long the last attempt is to be waited out, and what both clocks say as it is judged."""

    wait: Wait
    now: Moment

    def or_person(self, message: str) -> Finding:
        """Open while the wait lasts; then only a person can tell."""
        left = self.wait.left(self.now)
        if left:
            return Finding(Evidence.OPEN, f"{message}; {_seconds(left)} s to wait", due_in=left)
        if self.wait.over(self.now):
            return Finding(Evidence.PERSON, f"{message}, long after the last attempt")
        return Finding(
            Evidence.PERSON, f"{message}; the carrier's answers carry no Date, so no wait tells that more will not come"
        )


def waiting(last: Attempt, caps: Capabilities, now: Moment) -> Waiting:
    """The wait after ``last``, the last attempt that may have been acted on, as the answers of ``now`` leave it."""
    begun = Wait(Moment(last.anchored_at or last.at, last.answered), caps.settle_after)
    return Waiting(begun.seen(now), now)


def settle_purchase(
    intent: Intent,
    owned: Observation,
    quotes: Quotes,
    caps: Capabilities,
    waiting: Waiting,
    *,
    repeated: bool,
    declared: bool = True,
) -> Finding:
    """What is proved about an open purchase.

    ``repeated``: this apply has sent it already. ``declared``: the configuration still wants the number.
    """
    live = owned.found.get(intent.address)
    if live is not None and live.status in (Status.ACTIVE, Status.ENABLING):
        return Finding(Evidence.OWNED, "the account shows the number", live)
    if live is not None:
        return _not_provided(waiting, live)
    if intent.was_answered:
        return _answered(waiting, caps)
    tn = intent.address.name
    unread = owned.unresolved.get(intent.address) or quotes.unresolved.get(tn)
    if unread:
        return Finding(Evidence.OPEN, f"it cannot be settled by reading now: {unread}")
    if tn in quotes.barred:
        return waiting.or_person(f"it is offered, but not ordered again: {quotes.barred[tn]}")
    offer = quotes.offered.get(tn)
    if offer is None:
        return _not_offered(waiting, caps)
    if otherwise := _otherwise(intent, offer, caps, declared=declared):
        return waiting.or_person(otherwise)
    return replace(_still_offered(intent, waiting, caps, repeated=repeated), price=_asked_now(intent, offer.price))


def _otherwise(intent: Intent, offer: Offer, caps: Capabilities, *, declared: bool) -> str:
    """Why the order is not one that ``offer`` lets be sent again; empty where it is."""
    if offer.shared:
        return "it is offered only as shared with other customers, so it is not ordered again"
    if not _same_offer(intent, offer.external, caps):
        return "it is offered again, but under another key"
    if not declared:
        return "it is not declared any more, so it is not ordered again"
    if not cheaper_or_same(intent.price, offer.price):
        return "it is still offered, but not at the price that was planned"
    return ""


def _asked_now(intent: Intent, asked: Price | None) -> Price | None:
    """What it costs to send it again: as it was planned, with the first month's share of today, which nothing binds."""
    return replace(intent.price, first_month=asked.first_month) if intent.price and asked else intent.price


def settle_release(intent: Intent, owned: Observation, waiting: Waiting, *, hides: bool, missed: int) -> Finding:
    """What is proved about an open release.

    ``hides``: the list shows none of the numbers that it should. ``missed``: how many reads of this run, this one
    too, have not shown the number.
    """
    unread = owned.unresolved.get(intent.address)
    if unread:
        return Finding(Evidence.OPEN, f"not known whether it was released: {unread}")
    if hides:
        return Finding(Evidence.OPEN, "not known whether it was released: the account shows none of our numbers")
    live = owned.found.get(intent.address)
    if live is not None and waiting.wait.over(waiting.now):
        return Finding(Evidence.KEPT, "still on the account, long after its release was asked for", live)
    if live is not None:
        return waiting.or_person("still on the account, which may act on the release yet")
    if waiting.wait.over(waiting.now) and missed > 1:
        return Finding(Evidence.RELEASED, "no longer on the account, long after its release was asked for")
    if waiting.wait.over(waiting.now):
        return Finding(Evidence.OPEN, "no longer on the account; it is read once more", due_in=timedelta(0))
    return waiting.or_person("the account does not show it, and that is not enough to say that it was released")


def bought_instead(attempt: Attempt, owned: Observation) -> Resource | None:
    """The other number that the answer to ``attempt`` named, where the account has it under the key that was told."""
    address = other_number(attempt)
    live = owned.found.get(address) if address else None
    if live is None or live.status not in (Status.ACTIVE, Status.ENABLING):
        return None
    _, key = named(attempt)
    return live if key and live.external.get("numberKey") == key else None


def other_number(attempt: Attempt) -> Address | None:
    """The number that the answer to ``attempt`` named in place of the one that was asked for."""
    tn, _ = named(attempt)
    return Address(Kind.NUMBER, tn) if tn else None


def named(attempt: Attempt) -> tuple[str, str]:
    """The other number that an answer named, and the key that it told for it; empty where there was none."""
    tn, _, key = attempt.about.partition(" ")
    return tn, key


def _answered(waiting: Waiting, caps: Capabilities) -> Finding:
    if caps.presumes:  # nothing can be read there, and nothing more than the answer is needed
        return Finding(Evidence.OWNED, "the carrier's answer said that it is ours")
    return waiting.or_person("the carrier's answer said that it is ours, and the account does not show it")


def _not_provided(waiting: Waiting, live: Resource) -> Finding:
    """The account shows the number, and not as one that can be used."""
    if live.status is Status.ERROR:
        return Finding(
            Evidence.PERSON, f"the account shows it, and the carrier could not provide it ({live.carrier_status})", live
        )
    return waiting.or_person(f"the account shows it in a state of its own ({live.carrier_status})")


def _not_offered(waiting: Waiting, caps: Capabilities) -> Finding:
    if caps.presumes:
        return Finding(Evidence.PRESUMED, "it is not offered any more after our order: presumed ours")
    return waiting.or_person("the account does not show it and it is not offered")


def _still_offered(intent: Intent, waiting: Waiting, caps: Capabilities, *, repeated: bool) -> Finding:
    if caps.repeats is not None and len(processed(intent)) >= caps.repeats:
        return waiting.or_person("it is still offered and may not be ordered again")
    if repeated:
        return Finding(Evidence.OPEN, "it is still offered; no apply sends an order twice", due_in=None)
    if waiting.wait.over(waiting.now):
        return Finding(Evidence.REPEAT, SENT_AGAIN)
    return waiting.or_person("it is still offered, which proves nothing yet: lists and searches may lag")


def _seconds(left: timedelta) -> int:
    return max(1, int(left.total_seconds()))


def earliest_date(owned: Observation, quotes: Quotes) -> datetime | None:
    """The carrier's clock in the earlier of the answers that were asked for; None when one had no ``Date``."""
    asked = [read.answered for read in (owned, quotes) if read.calls]
    dates = [date for date in asked if date is not None]
    return min(dates) if dates and len(dates) == len(asked) else None


def processed(intent: Intent) -> list[Attempt]:
    """The attempts that the carrier may have acted on."""
    return intent.processed


def refused(intent: Intent) -> bool:
    """Whether its first attempt was refused, and the run ended before it could write more than that."""
    tries = processed(intent)
    return len(tries) == 1 and tries[0].verdict is Verdict.REJECTED


def _same_offer(intent: Intent, offered: Mapping[str, Any], caps: Capabilities) -> bool:
    """Whether what is offered is what was ordered: by its key, or by its number where numbers are ordered so."""
    country = intent.external.get("country")
    by_number = country in caps.sold_by_number or (caps.sold_by_number and not country and is_nanp(intent.address.name))
    return bool(by_number) or intent.external.get("numberKey") == offered.get("numberKey")
