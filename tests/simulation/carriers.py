"""The sandbox with a tap on every call: who asked for what, which fault struck, and what was committed.

The tap hears of a call twice: before the carrier's commit and after it. It may raise at either: then the process
that called has died there, the carrier knows nothing of it, and what was committed stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reconciler.clock import Clock
from reconciler.sandbox import AccountSpec, Sandbox
from reconciler.sandbox.carrier import Carrier
from reconciler.sandbox.faults import Faults, Strike
from reconciler.sandbox.infobip import InfobipCarrier
from reconciler.sandbox.inumbering import INumberingCarrier
from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.messages import UNSENT, Request, TransportEffect, parse

ORDERS = frozenset({"purchase", "tnOrder"})
RELEASES = frozenset({"cancel", "numbersDisconnect"})
ASTRAY = "-astray"
"""What the name of another account ends with, that a configuration leads to in place of the one before it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One call as its carrier sees it. ``tn`` is the number that is bought or released, else empty; ``key`` the one
    under which it is bought, where it is bought by a key; ``reference`` that of an order which has one."""

    account: str
    call: str
    writes: bool
    tn: str = ""
    key: str = ""
    reference: str = ""

    @property
    def astray(self) -> bool:
        """Whether it is at an account that the configuration only leads to by mistake."""
        return self.account.endswith(ASTRAY)

    @property
    def orders(self) -> bool:
        """Whether it buys a number."""
        return self.call in ORDERS

    @property
    def releases(self) -> bool:
        """Whether it gives a number back."""
        return self.call in RELEASES


class Tap(Protocol):
    """Listens to the carriers."""

    def before(self, asked: Asked) -> None:
        """A call has arrived, and nothing of it is done yet."""
        ...

    def shown(self, asked: Asked, target: str, body: bytes) -> None:
        """What a call asked for and what its answer says, as far as it arrives."""
        ...

    def after(self, asked: Asked, strike: Strike | None, booked: list[Entry]) -> None:
        """A call is done, with these new lines of the ledger, and its answer is on the way."""
        ...


def unprocessed(strike: Strike | None) -> bool:
    """Whether a fault proves to the client that the carrier did not look at the call."""
    return strike is not None and (strike.fault.effect in UNSENT or strike.fault.name.startswith("429"))


def describe(strike: Strike | None) -> str:
    """A fault as the trace shows it."""
    return f" !{strike.fault.name} {strike.when}" if strike else ""


@dataclass
class _Serving:
    """The call that is being served, and where its lines in the ledger begin."""

    asked: Asked
    booked: int
    strike: Strike | None = None


class TappedSandbox(Sandbox):
    """The sandbox; it tells ``tap`` of every call."""

    def __init__(self, accounts: Mapping[str, AccountSpec], clock: Clock, tap: Tap, *, seed: int) -> None:
        super().__init__(accounts, clock, seed=seed)
        self._tap = tap
        self.faults = _TappedFaults(seed, self)
        self._request: Request | None = None
        self._serving: _Serving | None = None

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> TransportEffect:
        """One request; the tap hears of it on both sides of the commit."""
        self._request, self._serving = parse(method, target, headers, body)[1], None
        effect = super().exchange(method, target, headers, body)
        if self._serving is not None:
            serving = self._serving
            self._tap.shown(serving.asked, target, effect.response.body)
            self._tap.after(serving.asked, serving.strike, list(self.ledger)[serving.booked :])
        return effect

    def about_to_serve(self, account: str, call: str, *, writes: bool) -> None:
        """Between the rate limit and the carrier."""
        request = self._request
        tn = self._number(account, call, request) if request else ""
        key = str(request.fields().get("numberKey", "")) if request and call == "purchase" else ""
        asked = Asked(account, call, writes, tn, key, self._reference(account, call, request) if request else "")
        self._tap.before(asked)  # which may make calls of its own: another process at the same carriers
        self._serving = _Serving(asked, len(self.ledger))

    def struck(self, strike: Strike | None) -> Strike | None:
        """A fault was drawn, or none, for the call that is being served."""
        if self._serving is not None:
            self._serving.strike = strike
        return strike

    def carrier(self, account: str) -> Carrier[Any]:
        """That account, whatever carrier it is at."""
        return self._carriers[account]

    def owned(self, account: str) -> set[str]:
        """The numbers that an account has; none where numbers are not bought."""
        carrier = self._carriers[account]
        return carrier.owned() if isinstance(carrier, InfobipCarrier | INumberingCarrier) else set()

    def _number(self, account: str, call: str, request: Request) -> str:
        """The E.164 number that a purchase or release is about; empty for other calls."""
        if call not in ORDERS | RELEASES:
            return ""
        carrier = self._carriers[account]
        if isinstance(carrier, InfobipCarrier):
            ordered = call in ORDERS
            digits = carrier._asked_for(request) if ordered else carrier._number_of(request.path[3])
            return f"+{digits}" if digits else ""
        fields = request.fields()
        if call in ORDERS:
            return f"+1{fields['tnOrder']['tnList']['tnItem'][0]['tn']}"
        return f"+1{fields['numbers'][0]['number']}"

    def _reference(self, account: str, call: str, request: Request) -> str:
        """The reference of an order, at a carrier that takes one."""
        if call not in ORDERS or isinstance(self._carriers[account], InfobipCarrier):
            return ""
        return str(request.fields()["tnOrder"]["customerOrderReference"])


class _TappedFaults(Faults):
    """The planted faults, asked for exactly once a call: between the rate limit and the carrier's decision."""

    def __init__(self, seed: int, sandbox: TappedSandbox) -> None:
        super().__init__(seed)
        self._sandbox = sandbox

    def strike(self, account: str, call: str, *, writes: bool) -> Strike | None:
        """Tell of the call, then throw what is to be thrown."""
        self._sandbox.about_to_serve(account, call, writes=writes)
        return self._sandbox.struck(super().strike(account, call, writes=writes))
