"""What was bought and released, when, by which plan and for how much; and whether the carriers agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from reconciler.clock import stamp
from reconciler.model import Price
from reconciler.model.money import price_to_json, show
from reconciler.planning.audit import PURCHASE, Audited
from reconciler.views import phrases
from reconciler.views.tables import Table

if TYPE_CHECKING:
    from reconciler.model import LedgerEntry

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


def tables(entries: Sequence[LedgerEntry], audited: Sequence[Audited]) -> list[Table]:
    """The ledger, and what the carriers list."""
    return [_ledger(entries), _audit(audited)]


def summary(entries: Sequence[LedgerEntry]) -> str:
    """The closing sentence."""
    bought = sum(entry.event == PURCHASE for entry in entries)
    return f"{phrases.count(bought, 'purchase')}, {phrases.count(len(entries) - bought, 'release')} on the ledger."


def rows(entries: Iterable[LedgerEntry]) -> list[dict[str, Any]]:
    """The ledger for an export, by :data:`COLUMNS`."""
    return [
        {
            "at": stamp(entry.at),
            "event": entry.event,
            "number": entry.address.name,
            "provider": entry.account,
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
            "provider": one.account,
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


def _ledger(entries: Iterable[LedgerEntry]) -> Table:
    cells = (
        (
            stamp(entry.at),
            entry.event,
            phrases.sentence(entry.address.name),
            phrases.sentence(entry.account),
            phrases.sentence(entry.plan_id),
            phrases.sentence(entry.reference),
            _price(entry),
        )
        for entry in entries
    )
    columns = ("at", "event", "number", "provider", "plan", "reference", "price")
    return Table(columns, tuple(cells), title="Ledger", whole=frozenset({0, 1, 2, 5}))


def _price(entry: LedgerEntry) -> str:
    if entry.price is not None:
        return phrases.estimate(entry.price)
    return "unknown" if entry.event == PURCHASE else ""


def _listed_price(price: Price | None) -> str:
    if price is None:
        return ""
    if price.unreadable or price.monthly is None:
        return phrases.price(price)
    return f"{show(price.monthly, price.currency)} {price.currency} a month"


def _audit(audited: Iterable[Audited]) -> Table:
    cells = (
        (
            phrases.sentence(one.address.name),
            phrases.sentence(one.account),
            one.event or "",
            _listed_price(one.price),
            phrases.sentence(one.finding),
        )
        for one in audited
    )
    columns = ("number", "provider", "on the ledger", "listed price", "finding")
    return Table(columns, tuple(cells), title="At the carriers", whole=frozenset({0, 3}))
