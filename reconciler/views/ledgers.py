"""What was bought and released, when, by which plan and for how much; and whether the carriers agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from reconciler.audit import PURCHASE, Audited
from reconciler.clock import stamp
from reconciler.model import Price
from reconciler.money import price_to_json, show
from reconciler.views import words
from reconciler.views.tables import Table

if TYPE_CHECKING:
    from reconciler.state import Entry

COLUMNS = (
    "at", "event", "number", "provider", "plan", "currency", "setup", "monthly", "first_month", "price_as_of",
    "reference",
)  # fmt: skip
"""The columns of an export; ``price_as_of`` is the day of the price book, for a price that no carrier told."""

AUDIT_COLUMNS = (
    "number", "provider", "event", "listed", "paid_currency", "paid_monthly", "listed_currency", "listed_monthly",
    "finding",
)  # fmt: skip
"""The columns of an exported comparison."""


def tables(entries: Sequence[Entry], audited: Sequence[Audited]) -> list[Table]:
    """The ledger, and what the carriers list."""
    return [_ledger(entries), _audit(audited)]


def summary(entries: Sequence[Entry]) -> str:
    """The closing sentence."""
    bought = sum(entry.event == PURCHASE for entry in entries)
    return f"{words.count(bought, 'purchase')}, {words.count(len(entries) - bought, 'release')} on the ledger."


def rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The ledger for an export, by :data:`COLUMNS`."""
    return [
        {
            "at": stamp(entry.at),
            "event": entry.event,
            "number": entry.address.name,
            "provider": entry.provider,
            "plan": entry.plan_id,
            **_priced(entry.price),
            "reference": entry.reference,
        }
        for entry in entries
    ]


def audit_rows(audited: Iterable[Audited]) -> list[dict[str, Any]]:
    """The comparison for an export, by :data:`AUDIT_COLUMNS`."""
    return [
        {
            "number": one.address.name,
            "provider": one.provider,
            "event": one.event,
            "listed": one.listed,
            **_columns("paid", one.paid),
            **_columns("listed", one.price),
            "finding": one.finding,
        }
        for one in audited
    ]


def _columns(which: str, price: Price | None) -> dict[str, str | None]:
    """Currency and monthly price; empty where they are not known."""
    told = price_to_json(price) or {}
    return {f"{which}_{part}": told.get(part) for part in ("currency", "monthly")}


def _priced(price: Price | None) -> dict[str, Any]:
    told = price_to_json(price)
    return {} if price is None or told is None else {**told, "price_as_of": price.as_of}


def _ledger(entries: Iterable[Entry]) -> Table:
    cells = (
        (
            stamp(entry.at),
            entry.event,
            words.sentence(entry.address.name),
            words.sentence(entry.provider),
            words.sentence(entry.plan_id),
            words.sentence(entry.reference),
            _price(entry),
        )
        for entry in entries
    )
    columns = ("at", "event", "number", "provider", "plan", "reference", "price")
    return Table(columns, tuple(cells), title="Ledger", whole=frozenset({0, 1, 2, 5}))


def _price(entry: Entry) -> str:
    if entry.price is not None:
        return words.estimate(entry.price)
    return "unknown" if entry.event == PURCHASE else ""


def _listed_price(price: Price | None) -> str:
    if price is None:
        return ""
    if price.unreadable or price.monthly is None:
        return words.price(price)
    return f"{show(price.monthly, price.currency)} {price.currency} a month"


def _audit(audited: Iterable[Audited]) -> Table:
    cells = (
        (
            words.sentence(one.address.name),
            words.sentence(one.provider),
            one.event or "",
            _listed_price(one.price),
            words.sentence(one.finding),
        )
        for one in audited
    )
    columns = ("number", "provider", "on the ledger", "listed price", "finding")
    return Table(columns, tuple(cells), title="At the carriers", whole=frozenset({0, 3}))
