"""What is remembered: a record of each object, and the intents and attempts of writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from reconciler.model.objects import NOTHING, Address, Attrs, Kind, Price
from reconciler.model.outcomes import Verdict
from reconciler.model.plans import Action


class Origin(StrEnum):
    """How a record came to be ours."""

    BOUGHT = "bought"
    MADE = "made"
    ADOPTED = "adopted"
    PRESUMED = "presumed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class LastWrite:
    """What a record remembers of a write that was answered as done, until a read shows it.

    ``sent``: the HMAC of the exact URL that was sent; ``kept``: of what a read then showed; a URL may hold a secret.
    ``tries``: how often it was sent in vain.
    """

    sent: str = ""
    kept: str = ""
    tries: int = 0

    @property
    def document(self) -> dict[str, Any]:
        """As the records and the JSON views have it, beside the carrier's keys."""
        known = {"sent": self.sent, "kept": self.kept, "tries": self.tries}
        return {name: value for name, value in known.items() if value}


@dataclass(frozen=True, slots=True)
class Record:
    """What we remember of one object: that it is ours, and what was last applied.

    ``applied`` is as it may be shown; ``fingerprint`` the HMAC of the full attrs. ``tombstone``: it is not managed any
    more, but remembered (a forgotten number that still costs; an SMS enablement we switched off). ``shared``: other
    customers have the number too. ``made_at`` is on our
    clock, ``made_answered`` on the carrier's, where its answer had a ``Date``. ``since`` is when the present
    in-progress ``carrier_status`` was first seen.
    ``release_after`` is what its line last said about its release; ``out_of_service_at`` when it was taken out of
    service, on our clock, and ``out_of_service_answered`` on the carrier's, where its answer had a ``Date``.
    """

    address: Address
    account: str
    origin: Origin
    applied: Attrs = NOTHING
    fingerprint: str = ""
    external: Mapping[str, str] = NOTHING
    labels: Mapping[str, str] = NOTHING
    protect: bool = False
    tombstone: bool = False
    made_at: datetime | None = None
    made_answered: datetime | None = None
    updated_at: datetime | None = None
    carrier_status: str = ""
    since: datetime | None = None
    release_after: timedelta | None = None
    out_of_service_at: datetime | None = None
    out_of_service_answered: datetime | None = None
    last_write: LastWrite = LastWrite()
    shared: bool = False

    @property
    def bought(self) -> bool:
        """Whether tnctl ordered it. What it only found on the account is never given up but by name."""
        return self.origin in (Origin.BOUGHT, Origin.PRESUMED)

    @property
    def document(self) -> dict[str, Any]:
        """The carrier's keys and the last write as one map, as the records and the JSON views have them."""
        return {**self.external, **({"shared": True} if self.shared else {}), **self.last_write.document}

    @property
    def due_at(self) -> datetime | None:
        """When a number that is out of service is released; None for any other."""
        return self.out_of_service_at + self.release_after if self.out_of_service_at and self.release_after else None


class IntentStatus(StrEnum):
    """``open`` until the outcome is known."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"
    """Left to the next plan: the call may be sent again safely, so the plan decides afresh."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an intent.

    ``answered`` is the carrier's ``Date`` of the first answer after it: the anchor of the wait, which was set at
    ``anchored_at`` on our clock. ``about`` is another number that the answer
    named, and behind a blank the key that it told for it.
    """

    n: int
    at: datetime
    answered: datetime | None = None
    verdict: Verdict | None = None
    message: str = ""
    status: int | None = None
    anchored_at: datetime | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What a number was ordered for: its entry in the configuration may be gone when the outcome is known.

    ``attrs`` are as they may be shown; ``slot`` is the one of a pool that the number is to get.
    """

    attrs: Attrs = NOTHING
    labels: Mapping[str, str] = NOTHING
    protect: bool = False
    release_after: timedelta | None = None
    slot: Address | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The order as the records and the JSON views have it, beside the carrier's keys."""
        after = self.release_after
        return {
            **({} if self.slot is None else {"slot": self.slot.name}),
            "attrs": dict(self.attrs),
            "labels": dict(self.labels),
            "protect": self.protect,
            "release_after": None if after is None else after.total_seconds(),
        }


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was decided on, recorded before its first byte is sent. ``external`` are the carrier's own keys;
    ``order`` is what a purchase is for."""

    id: int
    plan_id: str
    account: str
    action: Action
    addresses: tuple[Address, ...]
    reference: str
    external: Mapping[str, str]
    created_at: datetime
    status: IntentStatus = IntentStatus.OPEN
    price: Price | None = None
    attempts: tuple[Attempt, ...] = ()
    person: str = ""
    """Why only a person can settle it, once that is so."""
    order: Order | None = None

    @property
    def address(self) -> Address:
        """The first address: the only one, except for a batch."""
        return self.addresses[0]

    @property
    def slot(self) -> Address | None:
        """The slot of a pool that it buys for, if it does."""
        return self.order.slot if self.order and self.purchase else None

    @property
    def document(self) -> dict[str, Any]:
        """The carrier's keys and the order as one map, as the records and the JSON views have them."""
        return {**self.external, **(self.order.document if self.order else {})}

    @property
    def purchase(self) -> bool:
        """Whether this intent buys a number."""
        return self.address.kind is Kind.NUMBER and self.action is Action.CREATE

    @property
    def release(self) -> bool:
        """Whether this intent gives a number back."""
        return self.address.kind is Kind.NUMBER and self.action is Action.DELETE

    @property
    def processed(self) -> list[Attempt]:
        """The attempts that the carrier may have acted on: not those that never left or were turned away by rate."""
        harmless = (Verdict.NOT_SENT, Verdict.THROTTLED)
        return [attempt for attempt in self.attempts if attempt.verdict not in harmless]

    @property
    def was_answered(self) -> bool:
        """Whether an answer said that it is done, and the run ended before it could write more than that."""
        return any(attempt.verdict in (Verdict.OK, Verdict.ACCEPTED) for attempt in self.attempts)

    @property
    def last_attempt(self) -> Attempt | None:
        """The latest try, if there was one."""
        return self.attempts[-1] if self.attempts else None


class Site(NamedTuple):
    """Where records came to be: under which account's name, and where its calls went then."""

    account: str
    url: str


@dataclass(frozen=True, slots=True)
class StateSnapshot:
    """A snapshot of the records, as the pure parts read it. ``slots`` are those that say which slot has which number;
    ``records`` all the others. ``new``: no apply has recorded anything in them yet, nor has a person. ``claimed``:
    account and number -> which other records of the database hold it. ``account_types``: account -> its type, for
    those that an apply has had, under the names that they had then. ``sites``: account, under its name, -> where its
    numbers on record were bought or seen, last the one to which its orders go; see ``account_identity.py``."""

    lineage: str
    serial: int
    records: Mapping[Address, Record] = NOTHING
    open_intents: Sequence[Intent] = ()
    slots: Mapping[Address, Record] = NOTHING
    new: bool = False
    claimed: Mapping[tuple[str, str], str] = NOTHING
    account_types: Mapping[str, str] = NOTHING
    sites: Mapping[str, tuple[Site, ...]] = NOTHING

    def open_order(self, address: Address) -> Intent | None:
        """The open purchase or release of that number, if there is one."""
        orders = (i for i in self.open_intents if i.purchase or i.release)
        return next((i for i in orders if address in i.addresses), None)

    def open_purchase(self, address: Address) -> Intent | None:
        """The open purchase of that number, if there is one."""
        return next((i for i in self.open_intents if i.purchase and address in i.addresses), None)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line of the ledger. ``event`` is ``purchase`` or ``release``; ``price`` is None when it was not told."""

    at: datetime
    event: str
    plan_id: str
    address: Address
    account: str
    price: Price | None
    reference: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person settled of an address: whether it is ours, on what evidence, who and when."""

    address: Address
    account: str
    owned: bool
    evidence: str
    who: str
    at: datetime

    @property
    def verdict(self) -> str:
        """Its ``--as``: ``owned`` or ``not-owned``."""
        return "owned" if self.owned else "not-owned"


PlanStatus = Literal["running", "interrupted", "pending", "finished"]
"""How far the run of a plan came."""
