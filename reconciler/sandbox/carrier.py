"""What the three sandbox carriers share: a book, a ledger, switches, rate limits, and one commit point a write.

::

    handle = decide ──> commit ──> answer
             pure       one place

:meth:`Carrier.decide` reads the book and changes nothing; it returns the answer and, for a write, the
change that would make the answer true. Whoever handles the request runs that change or does not, which is how
a fault is planted exactly before or after the carrier commits.

Times in the book are seconds since the epoch.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from reconciler.model import Price
from reconciler.sandbox.books import Book, Plain
from reconciler.sandbox.ledger import Entry, Event, Ledger
from reconciler.sandbox.messages import Request, Response
from reconciler.sandbox.switches import Switches

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""When an edit at the portal took place unless a test says otherwise: past every lag."""

S = TypeVar("S", bound=Switches)

SwitchesType = type[Switches]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the carrier will answer, and the change that it stands for; None: nothing changes."""

    answer: Response
    commit: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """A rate limit: so many calls a second, so many at once."""

    per_second: float
    burst: int = 1


Handler = Callable[[Request, datetime], Ruling]


class Carrier(ABC, Generic[S]):
    """One account at one carrier."""

    type: ClassVar[str]
    switches_type: ClassVar[SwitchesType]
    calls: ClassVar[Mapping[str, bool]]
    """Name of each call -> whether it writes."""

    def __init__(self, account: str, ledger: Ledger, switches: S) -> None:
        self.account = account
        self.ledger = ledger
        self.switches = self._switches_at_first = switches
        self.book = Book(self.new_book(), fresh=True)

    @abstractmethod
    def new_book(self) -> Plain:
        """What the book of a fresh account holds."""

    def renew(self) -> None:
        """Begin a fresh account."""
        self.book = Book(self.new_book(), fresh=True)

    @abstractmethod
    def owned(self, now: datetime) -> set[str]:
        """The telephone numbers that the account has at that moment, in E.164."""

    @abstractmethod
    def call_of(self, request: Request) -> str | None:
        """The name of the call that a request makes; None when the carrier has no such call."""

    @abstractmethod
    def handlers(self) -> Mapping[str, Handler]:
        """Name of each call -> what decides it."""

    @abstractmethod
    def refusal(self, status: int, text: str) -> Response:
        """An error in the carrier's own form."""

    @abstractmethod
    def credential(self, request: Request) -> str:
        """The credential that a request carries, ``""`` for none."""

    @abstractmethod
    def unauthorized(self) -> Response:
        """The documented answer to a credential that is not accepted."""

    def uncredentialed(self) -> Response:
        """The answer to a call without a credential, where that differs."""
        return self.unauthorized()

    @abstractmethod
    def allowances(self) -> Mapping[str, Allowance]:
        """Name of a call -> its rate limit, as the switches have it; a call that is missing is unlimited."""

    def decide(self, request: Request, now: datetime) -> Ruling:
        """The answer to a request and the change it stands for; changes nothing itself."""
        call = self.call_of(request)
        if call is None:
            return Ruling(self.refusal(404, "Not found"))
        credential = self.credential(request)
        if not credential:
            return Ruling(self.uncredentialed())
        if _fingerprint(credential) in self.book["expired"]:
            return Ruling(self.unauthorized())
        return self.handlers()[call](request, now)

    def handle(self, request: Request, now: datetime) -> Response:
        """Decide, commit, answer."""
        decision = self.decide(request, now)
        if decision.commit is not None:
            decision.commit()
        return decision.answer

    def turn(self, **settings: Any) -> None:
        """Set some switches; ``ValueError`` or ``TypeError`` for what is none."""
        self.switches = replace(self.switches, **settings)

    def turn_back(self) -> None:
        """Set every switch to what it was at first."""
        self.switches = self._switches_at_first

    def expire(self, credential: str) -> None:
        """From now on that credential gets 401. Only its fingerprint is kept."""
        self.book["expired"][_fingerprint(credential)] = True

    def log(self, now: datetime, event: Event, key: str, *, price: Price | None = None, reference: str = "") -> None:
        """Write one line of the ledger."""
        self.ledger.add(Entry(now, self.account, event, key, price, reference))


def _fingerprint(credential: str) -> str:
    return hashlib.sha256(credential.encode()).hexdigest()


class Limiter:
    """Counts calls against their allowance: a bucket of tokens for each account and call.

    Kept in memory: a limit does not outlive the process.
    """

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def wait(self, account: str, call: str, allowance: Allowance, at: float) -> int:
        """0 when the call may pass at ``at`` (seconds), else the whole seconds to come back after."""
        tokens, seen = self._buckets.get((account, call), (float(allowance.burst), at))
        tokens = min(float(allowance.burst), tokens + max(0.0, at - seen) * allowance.per_second)
        if tokens < 1:
            self._buckets[account, call] = (tokens, at)
            return math.ceil((1 - tokens) / allowance.per_second)
        self._buckets[account, call] = (tokens - 1, at)
        return 0
