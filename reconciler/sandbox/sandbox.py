"""The sandbox: several carrier accounts behind one address, with the faults between them and the client.

The first segment of a path is the account's name, so that two accounts of one carrier keep separate books::

    POST /infobip/sms/1/numbers ─> account ─> rate limit ─> decide ──> commit ──> answer ─> Reaction
                                                 a fault strikes before ^  or after ^
"""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from reconciler.clock import Clock
from reconciler.errors import UsageError
from reconciler.model.fleet import Account
from reconciler.sandbox.books import Book, BookChange
from reconciler.sandbox.carrier import Carrier, Limiter, Ruling
from reconciler.sandbox.fault_effects import with_header
from reconciler.sandbox.faults import LATE_SECONDS, Faults, Strike, When
from reconciler.sandbox.infobip import InfobipCarrier
from reconciler.sandbox.intelepeer import IntelePeerCarrier
from reconciler.sandbox.inumbering import INumberingCarrier, INumberingSwitches
from reconciler.sandbox.ledger import Ledger
from reconciler.sandbox.messages import ARRIVING, NO_CONTENT, Effect, Request, Response, TransportEffect, answer, parse
from reconciler.sandbox.switches import Description, Switches, describe

FORMAT = 2

CONTROL = "-"
"""The first segment of the paths that are no account's; no account may be called that."""

AFRESH: Mapping[str, Any] = {"format": FORMAT, "accounts": {}, "ledger": []}
"""The snapshot of a sandbox in which nothing happened yet."""

AnyCarrier = Carrier[Any]
CarrierClass = type[AnyCarrier]

BUILT_IN: Mapping[str, CarrierClass] = {
    carrier.type: carrier for carrier in (IntelePeerCarrier, INumberingCarrier, InfobipCarrier)
}

SWITCHES: Mapping[str, type[Switches]] = {type_: carrier.switches_type for type_, carrier in BUILT_IN.items()}

CALLS: Mapping[str, Mapping[str, bool]] = {type_: carrier.calls for type_, carrier in BUILT_IN.items()}
"""The calls of each carrier by name -> whether it writes."""


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account to serve. ``account_api``: iNumbering's sibling calls too; ``switches`` None: the defaults;
    ``carrier``: what plays it, when that is not built in."""

    type: str
    account_api: bool = False
    switches: Switches | None = None
    carrier: CarrierClass | None = None

    @classmethod
    def of(cls, account: Account, switches: Switches | None = None) -> AccountSpec:
        """An account of a configuration; raises UsageError where its carrier's package brings nothing that plays it."""
        carrier = None if account.type in BUILT_IN else _brought(account)
        return cls(account.type, bool(account.options.get("account_api")), switches, carrier)

    @property
    def played(self) -> CarrierClass:
        """The class that plays it."""
        return self.carrier or BUILT_IN[self.type]


def _brought(account: Account) -> CarrierClass:
    """What another package brings to play its carrier."""
    place = f"{account.mark}: " if account.mark else ""
    whose = f"{place}account {account.name}: its package brings no sandbox of carrier `{account.type}`"
    hint = "run without --sandbox, or leave its accounts out of what you try there"
    if not account.spec.sandbox:
        raise UsageError(whose, hint=hint)
    try:
        found: CarrierClass = pkgutil.resolve_name(account.spec.sandbox)
    except Exception as error:  # whatever another package's module raises
        reason = f"{account.spec.sandbox} cannot be loaded ({type(error).__name__}: {error})"
        raise UsageError(f"{whose}: {reason}", hint=hint) from error
    return found


class Sandbox:
    """The carriers of one run, their common ledger, and the faults planted among them.

    ``specs``: what is served. ``latency``: seconds before every answer. ``guard``: entered around every exchange (a
    store's lock). ``dirty``: a write was committed since somebody last set it to False. ``jumped``: how far the
    carriers' wall clock is from ``clock``. ``control``: answers what asks for ``/-/…`` instead of an account.
    """

    def __init__(self, accounts: Mapping[str, AccountSpec], clock: Clock, *, seed: int = 0) -> None:
        self.specs = dict(accounts)
        self.clock = clock
        self.ledger = Ledger()
        self.faults = Faults(seed)
        self.latency = 0.0
        self.dirty = False
        self.jumped = timedelta(0)
        self.control: Callable[[Request], Response] | None = None
        self.guard: Callable[[], AbstractContextManager[None]] = nullcontext
        self._idle: dict[str, Any] = {}
        self._cleared = False
        self._limiter = Limiter()
        self._late: list[tuple[datetime, AnyCarrier, Request]] = []
        """What carriers will act on, and when."""
        self._lock = threading.RLock()
        self._carriers = {name: _carrier(name, spec, self.ledger) for name, spec in accounts.items()}

    @property
    def carriers(self) -> Mapping[str, AnyCarrier]:
        """The accounts by name."""
        return self._carriers

    def now(self) -> datetime:
        """The carriers' wall clock."""
        return self.clock.now() + self.jumped

    def intelepeer(self, account: str = "intelepeer") -> IntelePeerCarrier:
        """That IntelePeer account; ``TypeError`` when it is another carrier's."""
        return _as(IntelePeerCarrier, self._carriers[account])

    def inumbering(self, account: str = "voicetel") -> INumberingCarrier:
        """That iNumbering account; ``TypeError`` when it is another carrier's."""
        return _as(INumberingCarrier, self._carriers[account])

    def infobip(self, account: str = "infobip") -> InfobipCarrier:
        """That Infobip account; ``TypeError`` when it is another carrier's."""
        return _as(InfobipCarrier, self._carriers[account])

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TransportEffect:
        """One request as a server sees it (``target``: raw path and query), and what its client is to experience."""
        with self._lock, self.guard():
            now = self.now()
            account, request = parse(method, target, headers, body)
            if account == CONTROL and self.control is not None:
                return TransportEffect(self.control(request), now)
            carrier = self._carriers.get(account)
            if carrier is None:
                known = ", ".join(self._carriers)
                return TransportEffect(answer(404, {"error": f"no account {account!r}; there are: {known}"}), now)
            self._catch_up(now)
            return self._serve(carrier, request, now)

    def _catch_up(self, now: datetime) -> None:
        """Act on the requests whose late moment has come, as things are by then."""
        due = [late for late in self._late if late[0] <= now]
        self._late = [late for late in self._late if late[0] > now]
        for moment, carrier, request in due:
            decision = carrier.decide(request, moment)
            if decision.commit is not None:
                decision.commit()
                self.dirty = True

    def _serve(self, carrier: AnyCarrier, request: Request, now: datetime) -> TransportEffect:
        call = carrier.call_of(request) or "unknown"
        allowance = carrier.allowances().get(call)
        wait = allowance and self._limiter.wait(carrier.account, call, allowance, self.clock.monotonic())
        if wait:
            refused = with_header(carrier.refusal(429, "Too many requests"), "Retry-After", str(wait))
            return TransportEffect(refused, now, delay=self.latency)
        strike = self.faults.strike(carrier.account, call, writes=carrier.calls.get(call, False))
        decision = carrier.decide(request, now)
        if decision.commit is not None and (strike is None or strike.when is When.AFTER):
            decision.commit()
            self.dirty = True
        elif decision.commit is not None and strike is not None and strike.when is When.LATER:
            self._late.append((now + timedelta(seconds=LATE_SECONDS), carrier, request))
        return self._react(carrier, decision, strike, now)

    def _react(self, carrier: AnyCarrier, decision: Ruling, strike: Strike | None, now: datetime) -> TransportEffect:
        if strike is None:
            return TransportEffect(decision.answer, now, delay=self.latency)
        fault = strike.fault
        spoiled = fault.corrupt(decision.answer, carrier.refusal, now) if fault.corrupt else decision.answer
        undone = decision.commit is not None and strike.when is not When.AFTER
        lies = undone and spoiled.status == NO_CONTENT and fault.effect in ARRIVING
        effect = Effect.RESET if lies else fault.effect  # a 204 proves by its status alone that it was done
        return TransportEffect(spoiled, fault.dated(now), effect, self.latency + fault.delay)

    def snapshot(self) -> dict[str, Any]:
        """The books and the ledger as JSON-able values; neither switches nor faults, which belong to a run."""
        books = {
            name: _told(str(carrier.type), BookChange(True, carrier.book.plain()))
            for name, carrier in self._carriers.items()
        }
        return {"format": FORMAT, "accounts": {**self._idle, **books}, "ledger": self.ledger.snapshot()}

    def take_changes(self) -> dict[str, Any]:
        """What changed since the last time, or since :meth:`restore` or :meth:`take_in`, as JSON-able values; empty
        when nothing did."""
        changed = {name: (str(carrier.type), carrier.book.take_changes()) for name, carrier in self._carriers.items()}
        accounts = {name: _told(type_, change) for name, (type_, change) in changed.items() if change}
        ledger, cleared = self.ledger.take_changes(), self._cleared
        self._cleared = False
        if not (accounts or ledger or cleared):
            return {}
        return {"cleared": cleared, "accounts": accounts, "ledger": ledger}

    def take_in(self, changes: Mapping[str, Any]) -> None:
        """Make the changes that another sandbox over the same books made, as its :meth:`take_changes` gave them."""
        if changes["cleared"]:
            self.restore(AFRESH)
        for name, told in changes["accounts"].items():
            carrier, change = self._carriers.get(name), BookChange(told["whole"], told["book"])
            if carrier is not None and told["type"] == carrier.type:
                carrier.book.take_in(change)
            else:
                self._set_aside(name, told["type"], change)
        self.ledger.extend(changes["ledger"])

    def _set_aside(self, name: str, type_: str, change: BookChange) -> None:
        """Keep what changed on an account that is not served here, or not as that carrier's."""
        book = Book({} if change.whole else self._idle[name]["book"])
        book.take_in(change)
        self._idle[name] = _told(type_, BookChange(True, book.plain()))
        if name in self._carriers:
            self._carriers[name].renew()

    def rename(self, old: str, new: str) -> None:
        """Let ``new`` have the books of ``old``, which is served no more, unless it has some of its own already."""
        left, carrier = self._idle.get(old), self._carriers[new]
        if left is not None and left["type"] == carrier.type and carrier.book.is_fresh:
            carrier.book = Book.copied(left["book"])

    def clear(self) -> None:
        """Every account afresh, and an empty ledger; a change like any other."""
        self.restore(AFRESH)
        self._cleared = True

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Go back to a :meth:`snapshot`. An account that is not served now is kept for the next snapshot."""
        if snapshot.get("format") != FORMAT:
            raise ValueError(f"a sandbox snapshot of format {snapshot.get('format')!r}, not {FORMAT}")
        self._cleared = False
        self._idle = {}
        for carrier in self._carriers.values():
            carrier.renew()
        self.ledger.restore([])
        self.take_in({"cleared": False, **snapshot})


def _carrier(name: str, spec: AccountSpec, ledger: Ledger) -> AnyCarrier:
    played = spec.played
    switches = spec.switches or played.switches_type()
    if not isinstance(switches, played.switches_type):
        raise TypeError(f"{type(switches).__name__} are no switches of {spec.type}")
    if issubclass(played, INumberingCarrier) and isinstance(switches, INumberingSwitches):
        return played(name, ledger, switches, account_api=spec.account_api)
    return played(name, ledger, switches)


def _told(type_: str, change: BookChange) -> dict[str, Any]:
    return {"type": type_, "whole": change.whole, "book": change.sections}


C = TypeVar("C")


def _as(carrier_type: type[C], carrier: object) -> C:
    if not isinstance(carrier, carrier_type):
        raise TypeError(f"{type(carrier).__name__} is no {carrier_type.__name__}")
    return carrier


def describe_switches() -> list[Description]:
    """Every switch of every carrier: its settings, its default and what it decides."""
    return [row for carrier, switches in SWITCHES.items() for row in describe(str(carrier), switches)]
