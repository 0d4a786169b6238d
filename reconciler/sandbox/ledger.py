"""The truth that tests assert on: what every sandbox carrier did and charged, append-only, never what it said.

A purchase is charged when the carrier commits it, whether or not its answer arrives, and once more for each
further purchase of the same number that a switch lets through. So a double purchase shows here even where the
carrier's lists and our own records would both look right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from reconciler.clock import parse_stamp, stamp
from reconciler.model import Price


class Event(StrEnum):
    """What happened to an object."""

    CHARGE = "charge"
    RELEASE = "release"
    ENABLE = "enable"
    DISABLE = "disable"
    WEBHOOK = "webhook"
    BRAND = "brand"
    CAMPAIGN = "campaign"
    ASSIGN = "assign"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Entry:
    """One committed change. ``key`` is a TN in E.164, or a registry id; ``price`` is None where none is known."""

    at: datetime
    account: str
    event: Event
    key: str
    price: Price | None = None
    reference: str = ""


class Ledger:
    """The entries of all accounts of one sandbox, oldest first."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._told = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Write one line; nothing is ever taken out."""
        self._entries.append(entry)

    def find(self, event: Event, account: str | None = None, key: str | None = None) -> list[Entry]:
        """The entries of that event, of one account and key where those are given."""
        return [
            entry
            for entry in self._entries
            if entry.event is event and account in (None, entry.account) and key in (None, entry.key)
        ]

    def charges(self, account: str | None = None, tn: str | None = None) -> list[Entry]:
        """Every purchase that was charged."""
        return self.find(Event.CHARGE, account, tn)

    def releases(self, account: str | None = None, tn: str | None = None) -> list[Entry]:
        """Every number that went back."""
        return self.find(Event.RELEASE, account, tn)

    def double_charges(self) -> list[Entry]:
        """The charges of a number that the same account was already paying for."""
        held: set[tuple[str, str]] = set()
        doubles: list[Entry] = []
        for entry in self._entries:
            holding = (entry.account, entry.key)
            if entry.event is Event.CHARGE:
                if holding in held:
                    doubles.append(entry)
                held.add(holding)
            elif entry.event is Event.RELEASE:
                held.discard(holding)
        return doubles

    def snapshot(self) -> list[dict[str, Any]]:
        """The entries as JSON-able values."""
        return [_dump(entry) for entry in self._entries]

    def take_changes(self) -> list[dict[str, Any]]:
        """The entries since the last time, as JSON-able values."""
        fresh = self._entries[self._told :]
        self._told = len(self._entries)
        return [_dump(entry) for entry in fresh]

    def restore(self, rows: list[dict[str, Any]]) -> None:
        """Take the entries of a :meth:`snapshot` in place of one's own."""
        self._entries = []
        self.extend(rows)

    def extend(self, rows: list[dict[str, Any]]) -> None:
        """Add entries that somebody else wrote, as :meth:`take_changes` gives them."""
        self._entries.extend(_load(row) for row in rows)
        self._told = len(self._entries)


def _dump(entry: Entry) -> dict[str, Any]:
    price = entry.price
    money = price and {
        "currency": price.currency,
        "setup": str(price.setup),
        "monthly": str(price.monthly),
        "first_month": None if price.first_month is None else str(price.first_month),
    }
    return {
        "at": stamp(entry.at),
        "account": entry.account,
        "event": entry.event.value,
        "key": entry.key,
        "price": money,
        "reference": entry.reference,
    }


def _load(row: Mapping[str, Any]) -> Entry:
    money = row["price"]
    price = None
    if money is not None:
        first = money["first_month"]
        price = Price(
            currency=money["currency"],
            setup=Decimal(money["setup"]),
            monthly=Decimal(money["monthly"]),
            first_month=None if first is None else Decimal(first),
        )
    at = parse_stamp(row["at"])
    return Entry(at, row["account"], Event(row["event"]), row["key"], price, row["reference"])
