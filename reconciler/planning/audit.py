"""The ledger against the carriers: is what we bought still there, and what of what is there did we never buy? Pure.

==================  ==============  ========================================================
the last line       the account     said
==================  ==============  ========================================================
purchase            lists it        listed; and at which price, where it differs
purchase            does not        MISSING: it may be gone, or the list may lag
release             lists it        STILL THERE: it goes on costing
release             does not        released
none                lists it        not bought by tnctl: adopted, bought by hand, or shared
any                 is not read     not known, with why
==================  ==============  ========================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.model import Address, Kind, Observation, Price, Resource, money

if TYPE_CHECKING:
    from reconciler.model import LedgerEntry

PURCHASE = "purchase"
EVERYTHING = "*"
"""The name under which a provider says that a whole account could not be read."""


@dataclass(frozen=True, slots=True)
class Audited:
    """One number: ``event`` is its last one on the ledger (None: on no line), ``listed`` None when it was not read."""

    address: Address
    account: str
    event: str | None
    listed: bool | None
    finding: str
    paid: Price | None = None
    price: Price | None = None


def compare(entries: Iterable[LedgerEntry], observations: Mapping[str, Observation | str]) -> list[Audited]:
    """Every number on the ledger or on an account, by account and number.

    ``observations`` are by account: the whole of it as it was read, or why it could not be.
    """
    lines: dict[tuple[str, Address], list[LedgerEntry]] = {}
    for entry in entries:
        lines.setdefault((entry.account, entry.address), []).append(entry)
    owned = {
        (account, address): number
        for account, seen in observations.items()
        if isinstance(seen, Observation)
        for address, number in seen.found.items()
        if address.kind is Kind.NUMBER
    }
    return [
        _audited(key, lines.get(key, []), owned.get(key), _unread(*key, observations))
        for key in sorted({*lines, *owned})
    ]


def unread(observations: Mapping[str, Observation | str]) -> list[str]:
    """Why a read failed that was made, account by account."""
    made = [(account, seen) for account, seen in sorted(observations.items()) if isinstance(seen, Observation)]
    return [f"{account}: {why}" for account, seen in made for why in dict.fromkeys(seen.unresolved.values())]


def _unread(account: str, address: Address, observations: Mapping[str, Observation | str]) -> str:
    """Why it is not known whether the account has the number; empty when it is."""
    seen = observations.get(account, "the configuration has no such account any more")
    if isinstance(seen, str):
        return seen
    own = seen.unresolved.get(address)
    everything = (why for unread, why in seen.unresolved.items() if unread.name == EVERYTHING)
    return str(own or next(everything, ""))


def _audited(key: tuple[str, Address], lines: list[LedgerEntry], live: Resource | None, unread: str) -> Audited:
    account, address = key
    event = lines[-1].event if lines else None
    paid = next((line.price for line in reversed(lines) if line.event == PURCHASE), None)
    listed = True if live else None if unread else False
    finding = f"not known: {unread}" if listed is None else _finding(event, listed=listed)
    price = live.price if live else None
    if event == PURCHASE and paid and price:
        finding += _otherwise_priced(paid, price)
    return Audited(address, account, event, listed, finding, paid, price)


def _otherwise_priced(paid: Price, price: Price) -> str:
    """Where the carrier lists another monthly price than was paid: both, or that it cannot be read."""
    if price.unreadable:
        return f", at a price that cannot be read ({price.unreadable})"
    if paid.monthly is None or price.monthly is None:
        return ""
    if (price.currency, price.monthly) == (paid.currency, paid.monthly):
        return ""
    now, then = money.apart(price.monthly, paid.monthly, price.currency)
    return f", at {now} {price.currency} a month instead of the {then} {paid.currency} of its purchase"


def _finding(event: str | None, *, listed: bool) -> str:
    """What the table above says of a number whose account was read."""
    if event is None:
        return "not bought by tnctl: adopted, bought by hand, or shared"
    if event == PURCHASE:
        return "listed" if listed else "MISSING: it may be gone, or the list may lag behind"
    return "STILL THERE: released, and it goes on costing" if listed else "released"
