"""The sandbox with somebody at its door, who hears of each call before the carrier acts on it and again after.

Either way he may raise: then the process that called died there, and what the carrier committed stays committed.
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
from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.messages import Request, parse
from reconciler.sandbox.transport_effects import UNSENT, Reaction

ORDERS = frozenset({"purchase", "tnOrder"})
RELEASES = frozenset({"cancel", "numbersDisconnect"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A call at the door. ``tn`` and ``reference`` where the call names them, else empty."""

    account: str
    call: str
    writes: bool
    tn: str = ""
    reference: str = ""

    @property
    def orders(self) -> bool:
        """Whether it buys a number."""
        return self.call in ORDERS


@dataclass(frozen=True, slots=True)
class Served:
    """What the carrier did about a call: the fault that struck it, and the lines it wrote into the ledger."""

    strike: Strike | None
    booked: tuple[Entry, ...]

    @property
    def settles(self) -> bool:
        """Whether the client was told that nothing was done, or given the carrier's own answer untouched."""
        if self.strike is None:
            return True
        return self.unprocessed or self.strike.fault.name.startswith("4")

    @property
    def unprocessed(self) -> bool:
        """Whether the client can know that the carrier has not looked at the call."""
        fault = self.strike.fault if self.strike else None
        return fault is not None and (fault.effect in UNSENT or fault.name.startswith("429"))


class Doorkeeper(Protocol):
    """Hears of every call."""

    def arrives(self, asked: Asked) -> None:
        """A call is at the door, and nothing of it is done."""
        ...

    def leaves(self, asked: Asked, served: Served) -> None:
        """A call is dealt with, and its answer is on the way."""
        ...


class WatchedSandbox(Sandbox):
    """The sandbox; ``keeper`` hears of every call."""

    def __init__(self, accounts: Mapping[str, AccountSpec], clock: Clock, keeper: Doorkeeper) -> None:
        super().__init__(accounts, clock)
        self.faults: _Remembering = _Remembering()
        self._keeper = keeper

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reaction:
        """One request, told of on both sides of the commit."""
        account, request = parse(method, target, headers, body)
        asked = self._asked(account, request)
        self._keeper.arrives(asked)
        before = len(self.ledger)
        self.faults.last = None
        reaction = super().exchange(method, target, headers, body)
        self._keeper.leaves(asked, Served(self.faults.last, tuple(self.ledger)[before:]))
        return reaction

    def carrier(self, account: str) -> Carrier[Any]:
        """That account, whatever carrier it is at."""
        return self._carriers[account]

    def _asked(self, account: str, request: Request) -> Asked:
        carrier = self.carrier(account)
        call = carrier.call_of(request) or "unknown"
        writes = carrier.calls.get(call, False)
        if call in ORDERS | RELEASES:
            return Asked(account, call, writes, *_number(carrier, call, request))
        return Asked(account, call, writes, request.path[2] if account == "ip" else "")


def _number(carrier: Carrier[Any], call: str, request: Request) -> tuple[str, str]:
    """The number that a purchase or release is about, and the reference of an order."""
    if isinstance(carrier, InfobipCarrier):
        digits = carrier._asked_for(request) if call in ORDERS else carrier._number_of(request.path[3])
        return (f"+{digits}" if digits else "", "")
    fields = request.fields()
    if call in ORDERS:
        order = fields["tnOrder"]
        return f"+1{order['tnList']['tnItem'][0]['tn']}", str(order["customerOrderReference"])
    return f"+1{fields['numbers'][0]['number']}", ""


class _Remembering(Faults):
    """The planted faults; ``last`` is what the latest call met."""

    last: Strike | None = None

    def strike(self, account: str, call: str, *, writes: bool) -> Strike | None:
        """What hits this call, if anything does."""
        self.last = super().strike(account, call, writes=writes)
        return self.last
