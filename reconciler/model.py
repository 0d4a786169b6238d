"""The nouns of tnctl: frozen values without I/O.

::

    YAML ──> Resource (desired) ──┐
    carrier ─> Resource (live) ───┼─ diff ──> Change ── planner ──> Step ── executor ──> Outcome ──> Report
    state ──> Record, Intent ─────┘             └────────── Plan ──────────┘

One :class:`Resource` serves both sides, so that comparing them is comparing two values of one type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from reconciler.text import WebhookUrl


class _Nothing(Mapping[Any, Any]):
    """The empty mapping, immutable and hashable, so that it can be the default of a frozen dataclass's field."""

    def __getitem__(self, key: Any) -> Any:
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __hash__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "{}"


NOTHING: Final[Mapping[Any, Any]] = _Nothing()

Attrs = Mapping[str, Any]
"""Field -> str, int, bool, None or :class:`~reconciler.text.WebhookUrl`."""


class Kind(StrEnum):
    """What an address names. The order is the order of creation."""

    BRAND = "brand"
    CAMPAIGN = "campaign"
    NUMBER = "number"
    SMS = "sms"
    WEBHOOK = "webhook"
    ASSIGNMENT = "assignment"
    SLOT = "slot"

    @property
    def rank(self) -> int:
        """Place in the order of creation, from 0."""
        return tuple(Kind).index(self)


TN_KINDS = frozenset({Kind.NUMBER, Kind.SMS, Kind.WEBHOOK, Kind.ASSIGNMENT})
"""Kinds whose name is a telephone number."""


class Action(StrEnum):
    """What a plan says of an object (SPEC section 2)."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADOPT = "adopt"
    WAIT = "wait"
    FORGET = "forget"
    BLOCKED = "blocked"
    NOOP = "noop"


class Status(StrEnum):
    """Where a live object is in its life, whatever word its carrier uses."""

    ABSENT = "absent"
    ENABLING = "enabling"
    ACTIVE = "active"
    DISABLING = "disabling"
    ERROR = "error"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"
    """The carrier says that this account may not use it (IntelePeer's 404)."""


IN_PROGRESS = frozenset({Status.ENABLING, Status.DISABLING})


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The only identity of an object: ``KIND/NAME``, such as ``number/+12015550123``."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that ``text`` writes; ``ValueError`` when it writes none."""
        kind, slash, name = text.partition("/")
        if not slash or not name:
            raise ValueError(f"{text!r} is not an address: write KIND/NAME, such as number/+12015550123")
        return cls(Kind(kind), name)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a value stands in the configuration; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Resource:
    """One object, desired or live.

    ``provider`` is the account's name in the configuration. ``attrs`` hold the declared or observed fields:

    ========== =============================================================
    number     ``route`` (int, iNumbering only) or nothing
    sms        ``enabled`` (bool)
    webhook    ``url`` (WebhookUrl)
    brand      ``id``, ``name``, ``description``
    campaign   ``id``, ``brand`` (the brand's registry id), ``description``
    assignment ``campaign`` (the campaign's registry id)
    ========== =============================================================

    ``carrier`` holds what the carrier needs to act on it exactly (a ``numberKey``); ``status`` and ``word``
    (the carrier's own word for it) matter on the live side only; ``mark``, ``labels``, ``protect``
    and ``release_after`` (how long a number that nobody wants any more is kept before its release) on the desired.
    """

    address: Address
    provider: str
    attrs: Attrs = NOTHING
    needs: tuple[Address, ...] = ()
    carrier: Mapping[str, Any] = field(default=NOTHING, compare=False)
    status: Status = field(default=Status.ACTIVE, compare=False)
    word: str = field(default="", compare=False)
    mark: Mark | None = field(default=None, compare=False)
    labels: Mapping[str, str] = field(default=NOTHING, compare=False)
    protect: bool | None = field(default=None, compare=False)
    release_after: timedelta | None = field(default=None, compare=False)
    price: Price | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Price:
    """What one number costs: set-up once, then a month; ``first_month`` is the first month's share, when told.

    ``as_of``: the carrier told nothing, and this is what the price book said on that day.
    """

    currency: str
    setup: Decimal
    monthly: Decimal
    first_month: Decimal | None = None
    as_of: date | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """A number that a carrier would sell now. ``row`` is the carrier's whole row, for display only.

    ``shared``: other customers would have it too.
    """

    tn: str
    carrier: Mapping[str, Any] = NOTHING
    price: Price | None = None
    row: Mapping[str, Any] = field(default=NOTHING, compare=False)
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Quotes:
    """Answers to "would you sell exactly these": offered, or unreadable with the reason; the rest is not offered."""

    offered: Mapping[str, Offer] = NOTHING
    unresolved: Mapping[str, str] = NOTHING
    calls: int = 0
    answered: datetime | None = None
    """The carrier's own clock in the earliest of the answers (its ``Date``), when every answer had one."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one account was seen to hold. A failed read is in ``unresolved`` with its reason, never simply absent.

    ``unobservable`` are wanted objects that the carrier has no call to read. ``notices`` are sentences about the
    account as a whole. ``calls`` counts requests. ``gateways`` are the routes the account has, None when not asked.
    ``listed``: ``found`` has every number of the account, those too that nobody asked for.
    """

    account: str
    found: Mapping[Address, Resource] = NOTHING
    unresolved: Mapping[Address, str] = NOTHING
    unobservable: frozenset[Address] = frozenset()
    notices: tuple[str, ...] = ()
    calls: int = 0
    gateways: frozenset[int] | None = None
    listed: bool = False
    answered: datetime | None = None
    """The carrier's own clock in the earliest of the answers (its ``Date``), when every answer had one."""


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field that differs; ``path`` is dotted, both sides as they may be shown."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What a plan says of one object, and why.

    ``before`` and ``after`` are attrs as they may be shown (no secrets), None for absent. ``expects`` is the
    HMAC of what the object looked like. ``carrier`` holds what the carrier needs to act exactly.
    """

    address: Address
    provider: str
    action: Action
    reason: str
    then: Action | None = None
    before: Attrs | None = None
    after: Attrs | None = None
    diff: tuple[FieldDiff, ...] = ()
    needs: tuple[Address, ...] = ()
    irreversible: bool = False
    cost: Price | None = None
    expects: str = ""
    carrier: Mapping[str, Any] = NOTHING

    @property
    def purchase(self) -> bool:
        """Whether this change buys a number."""
        return self.address.kind is Kind.NUMBER and self.action is Action.CREATE

    @property
    def release(self) -> bool:
        """Whether this change gives a number up, or stops managing one that goes on costing."""
        return self.address.kind is Kind.NUMBER and self.irreversible and self.action in (Action.DELETE, Action.FORGET)

    @property
    def retirement(self) -> bool:
        """Whether this change takes a number that nobody declares any more out of service: ours to note, no call."""
        return self.address.kind is Kind.NUMBER and self.action is Action.UPDATE and self.after is None


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of work at one account: ``changes`` (one, or a batch) with the ``desired`` resources they lead to.

    ``needs`` are addresses whose changes in the same plan come first.
    """

    id: str
    provider: str
    action: Action
    kind: Kind
    changes: tuple[Change, ...]
    desired: tuple[Resource, ...] = ()
    needs: tuple[Address, ...] = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses that this step settles."""
        return tuple(change.address for change in self.changes)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the plan should know; ``severity`` is ``info``, ``warning`` or ``error``."""

    severity: str
    message: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run would do. ``changes`` leave out what is in sync (``noop``) and what cannot be read."""

    plan_id: str
    created_at: datetime
    expires_at: datetime
    tool_version: str
    config_digest: str
    lineage: str
    serial: int
    changes: tuple[Change, ...]
    noop: int = 0
    unobservable: int = 0
    left_out: int = 0
    reads: Mapping[str, int] = NOTHING
    notices: tuple[Notice, ...] = ()
    unresolved: Mapping[str, str] = NOTHING
    """Scope (an address) -> why it could not be read."""
    digest: str = ""

    def with_action(self, *actions: Action) -> tuple[Change, ...]:
        """The changes that have one of ``actions``."""
        return tuple(change for change in self.changes if change.action in actions)

    def replace(self, **fields: Any) -> Plan:
        """A copy with some fields changed."""
        return replace(self, **fields)


class Verdict(StrEnum):
    """What an answer to a write proves, finer than the four outcome classes of RELIABILITY section 1.

    ============= ============ ==========================================================================
    verdict       class        meaning
    ============= ============ ==========================================================================
    OK            ok           done, with positive evidence in the answer
    ACCEPTED      ok           accepted, pending at the carrier (202)
    PARTIAL       maybe        some of a batch were done; settle one by one
    BUSY          rejected     the carrier is at work on it (409): read until settled, then decide again
    NOT_YET       rejected     too early (a webhook before provisioning has spread): the same call later
    THROTTLED     rejected     429: not processed; the same call after ``retry_after``
    REJECTED      rejected     refused; nothing was done
    NOT_SENT      not sent     no byte of the request left
    MAYBE         maybe        anything else: it may have been done
    ============= ============ ==========================================================================
    """

    OK = "ok"
    ACCEPTED = "accepted"
    PARTIAL = "partial"
    BUSY = "busy"
    NOT_YET = "not yet"
    THROTTLED = "throttled"
    REJECTED = "rejected"
    NOT_SENT = "not sent"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Reply:
    """One write's answer, judged. ``words`` are the carrier's, already made plain.

    ``status`` is the HTTP status (None when no answer came); ``answered`` the carrier's own clock (its ``Date``);
    ``carrier`` what the answer tells to keep (the new ``numberKey``); ``reference`` its order id; ``price`` what the
    carrier says that it charges, where it says so.
    """

    verdict: Verdict
    words: str = ""
    status: int | None = None
    retry_after: float | None = None
    answered: datetime | None = None
    carrier: Mapping[str, Any] = NOTHING
    reference: str = ""
    price: Price | None = None


class Result(StrEnum):
    """How one change of an apply ended."""

    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change ended, with the carrier's words. ``person``: only a person can settle what is left."""

    address: Address
    provider: str
    action: Action
    result: Result
    words: str = ""
    status: int | None = None
    person: bool = False
    spent: Price | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What an apply did. ``requests`` is account -> (reads, writes). Not ``approved``: a person said no to the plan."""

    plan: Plan
    outcomes: tuple[Outcome, ...]
    exit_code: int
    requests: Mapping[str, tuple[int, int]] = NOTHING
    settled: tuple[str, ...] = ()
    """Sentences about intents of earlier runs that this run settled."""
    approved: bool = True


class Origin(StrEnum):
    """How a record came to be ours."""

    BOUGHT = "bought"
    MADE = "made"
    ADOPTED = "adopted"
    PRESUMED = "presumed"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Record:
    """What we remember of one object: that it is ours, and what was last applied.

    ``applied`` is as it may be shown; ``seal`` the HMAC of the full attrs. ``gone``: a tombstone, no longer managed
    but remembered (a forgotten number that still costs; an SMS enablement we switched off). ``made_at`` is on the
    carrier's clock where its answer had a ``Date``. ``since`` is when the present in-progress ``word`` was first seen.
    ``release_after`` is what its line last said about its release; ``retired_at`` when it was taken out of service.
    """

    address: Address
    provider: str
    origin: Origin
    applied: Attrs = NOTHING
    seal: str = ""
    carrier: Mapping[str, Any] = NOTHING
    labels: Mapping[str, str] = NOTHING
    protect: bool = False
    gone: bool = False
    made_at: datetime | None = None
    updated_at: datetime | None = None
    word: str = ""
    since: datetime | None = None
    release_after: timedelta | None = None
    retired_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """When a number that is out of service is released; None for any other."""
        return self.retired_at + self.release_after if self.retired_at and self.release_after else None


class IntentStatus(StrEnum):
    """``open`` until the outcome is known."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"
    """Left to the next plan: the call may be sent again safely, so the plan decides afresh."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an intent. ``answered`` is the carrier's ``Date`` of the first answer after it."""

    n: int
    at: datetime
    answered: datetime | None = None
    verdict: Verdict | None = None
    words: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was decided on, recorded before its first byte is sent."""

    id: int
    plan_id: str
    provider: str
    action: Action
    addresses: tuple[Address, ...]
    reference: str
    carrier: Mapping[str, Any]
    created_at: datetime
    status: IntentStatus = IntentStatus.OPEN
    price: Price | None = None
    attempts: tuple[Attempt, ...] = ()
    person: str = ""
    """Why only a person can settle it, once that is so."""

    @property
    def address(self) -> Address:
        """The first address: the only one, except for a batch."""
        return self.addresses[0]

    @property
    def purchase(self) -> bool:
        """Whether this intent buys a number."""
        return self.address.kind is Kind.NUMBER and self.action is Action.CREATE

    @property
    def last_attempt(self) -> Attempt | None:
        """The latest try, if there was one."""
        return self.attempts[-1] if self.attempts else None


@dataclass(frozen=True, slots=True)
class Memory:
    """A snapshot of the records, as the pure parts read it. ``slots`` are those that say which slot has which number;
    ``records`` all the others."""

    lineage: str
    serial: int
    records: Mapping[Address, Record] = NOTHING
    open_intents: Sequence[Intent] = ()
    slots: Mapping[Address, Record] = NOTHING

    def open_purchase(self, address: Address) -> Intent | None:
        """The open purchase of that number, if there is one."""
        return next((i for i in self.open_intents if i.purchase and address in i.addresses), None)


def shown(attrs: Attrs) -> dict[str, Any]:
    """``attrs`` with every URL cut to what may be shown."""
    return {key: value.shown if isinstance(value, WebhookUrl) else value for key, value in attrs.items()}


def revealed(attrs: Attrs) -> dict[str, Any]:
    """``attrs`` with every URL whole and canonical: only ever the input of an HMAC."""
    return {key: value.canonical if isinstance(value, WebhookUrl) else value for key, value in attrs.items()}
