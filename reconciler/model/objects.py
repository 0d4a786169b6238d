"""What there is, desired or live: addresses, resources, prices, offers, and what an account was seen to hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from reconciler.model.safe_text import WebhookUrl


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
"""Field -> str, int, bool, None or :class:`~reconciler.model.safe_text.WebhookUrl`."""


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

    ``account`` is the account's name in the configuration. ``attrs`` hold the declared or observed fields:

    ========== =============================================================
    number     ``route`` (int, iNumbering only) or nothing
    sms        ``enabled`` (bool)
    webhook    ``url`` (WebhookUrl)
    brand      ``id``, ``name``, ``description``
    campaign   ``id``, ``brand`` (the brand's registry id), ``description``
    assignment ``campaign`` (the campaign's registry id)
    ========== =============================================================

    ``external`` are the carrier's own keys, by which it acts exactly (a ``numberKey``). On the live side alone matter
    ``status``, ``carrier_status`` (the carrier's own word for it) and ``shared`` (other customers have the number
    too); on the desired side ``mark``, ``labels``, ``protect`` and ``release_after``: how long a number that nobody
    wants any more is kept before its release.
    """

    address: Address
    account: str
    attrs: Attrs = NOTHING
    needs: tuple[Address, ...] = ()
    external: Mapping[str, str] = field(default=NOTHING, compare=False)
    status: Status = field(default=Status.ACTIVE, compare=False)
    carrier_status: str = field(default="", compare=False)
    mark: Mark | None = field(default=None, compare=False)
    labels: Mapping[str, str] = field(default=NOTHING, compare=False)
    protect: bool | None = field(default=None, compare=False)
    release_after: timedelta | None = field(default=None, compare=False)
    price: Price | None = field(default=None, compare=False)
    shared: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Price:
    """What one number costs: set-up once, then a month; ``first_month`` is the first month's share, when told.

    ====================  =====================================================================
    told and readable     a currency and its amounts, exact
    one half not told     that amount is None, which is unknown and not zero; the other binds
    told and unreadable   ``unreadable`` says what was told; there is no currency and no amount
    ====================  =====================================================================

    Where nothing at all is told there is no price, but None. ``as_of``: the carrier told nothing, and this is what the
    price book said on that day.
    """

    currency: str
    setup: Decimal | None
    monthly: Decimal | None
    first_month: Decimal | None = None
    as_of: date | None = field(default=None, compare=False)
    unreadable: str = ""

    @property
    def whole(self) -> bool:
        """Whether both halves are told and can be read."""
        return not self.unreadable and self.setup is not None and self.monthly is not None

    @property
    def dearest_month(self) -> Decimal | None:
        """The most that a month of it costs, as far as that is told: what a limit of a month is held against."""
        return max((a for a in (self.monthly, self.first_month) if a is not None), default=None)


@dataclass(frozen=True, slots=True)
class Offer:
    """A number that a carrier would sell now. ``row`` is the carrier's whole row, for display only.

    ``shared``: other customers would have it too.
    """

    tn: str
    external: Mapping[str, str] = NOTHING
    price: Price | None = None
    row: Mapping[str, Any] = field(default=NOTHING, compare=False)
    shared: bool = False


class Found(list[Offer]):
    """What a search has found. ``doubt``: why there may be more; empty where the whole answer could be read."""

    def __init__(self, offers: Iterable[Offer] = (), doubt: str = "") -> None:
        super().__init__(offers)
        self.doubt = doubt


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something could not be read, so that nothing is decided about it. ``denied``: the carrier does not accept
    the credentials of who asks."""

    reason: str
    denied: bool = False

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Quotes:
    """Answers to "would you sell exactly these": offered, or unreadable with the reason; the rest is not offered.

    ``barred`` are offered in a way in which they must not be bought, with the reason.
    """

    offered: Mapping[str, Offer] = NOTHING
    unresolved: Mapping[str, Unread] = NOTHING
    barred: Mapping[str, str] = field(default=NOTHING, kw_only=True)
    calls: int = 0
    answered: datetime | None = None
    """The carrier's own clock in the earliest of the answers (its ``Date``), when every answer had one."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one account was seen to hold. A failed read is in ``unresolved`` with its reason, never simply absent.

    ``unobservable`` are wanted objects that the carrier has no call to read. ``notices`` are sentences about the
    account as a whole. ``calls`` counts requests. ``gateways`` are the routes the account has, None when not asked.
    ``listed``: ``found`` has every number of the account, those too that nobody asked for. ``registry``: registry id of
    a campaign -> the word by which the account tells how it stands there; None when not asked.
    """

    account: str
    found: Mapping[Address, Resource] = NOTHING
    unresolved: Mapping[Address, Unread] = NOTHING
    unobservable: frozenset[Address] = frozenset()
    notices: tuple[str, ...] = ()
    calls: int = 0
    gateways: frozenset[int] | None = None
    listed: bool = False
    answered: datetime | None = None
    """The carrier's own clock in the earliest of the answers (its ``Date``), when every answer had one."""
    registry: Mapping[str, str] | None = field(default=None, kw_only=True)


def shown(attrs: Attrs) -> dict[str, Any]:
    """``attrs`` with every URL cut to what may be shown."""
    return {key: value.shown if isinstance(value, WebhookUrl) else value for key, value in attrs.items()}


def revealed(attrs: Attrs) -> dict[str, Any]:
    """``attrs`` with every URL whole and in its normal form: only ever the input of an HMAC."""
    return {key: value.canonical if isinstance(value, WebhookUrl) else value for key, value in attrs.items()}
