"""The ledger: every number bought or released for good, and what it cost. Lines are added, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, insert, select

from reconciler.clock import stamp
from reconciler.model import Action, Address, Intent, Kind, LedgerEntry, Price
from reconciler.state import rows, tables
from reconciler.state.records import CHUNK

if TYPE_CHECKING:
    from collections.abc import Sequence

PURCHASE = "purchase"
EVENTS = {Action.CREATE: PURCHASE, Action.DELETE: "release"}
"""What an action on a number is called here; other actions move no money."""


_ENTER = insert(tables.ledger)
_LINES = select(tables.ledger).order_by(tables.ledger.c.id)
_PRICED = _LINES.where(tables.ledger.c.event == EVENTS[Action.CREATE], tables.ledger.c.currency.is_not(None))

_RELEASED = (
    select(tables.ledger.c.name, func.count())
    .where(tables.ledger.c.event == EVENTS[Action.DELETE], tables.ledger.c.kind == Kind.NUMBER.value)
    .group_by(tables.ledger.c.name)
)


def enter(connection: Connection, intent: Intent, spent: Price | None, now: datetime) -> None:
    """Write the lines of a settled purchase or release; other intents have none."""
    if intent.action not in EVENTS:
        return
    price = (spent or intent.price) if intent.action is Action.CREATE else None
    lines = [
        {
            "at": stamp(now),
            "event": EVENTS[intent.action],
            "plan_id": intent.plan_id,
            **rows.address_columns(address),
            "provider": intent.account,
            **rows.price_columns(price),
            "reference": intent.reference,
        }
        for address in intent.addresses
        if address.kind is Kind.NUMBER
    ]
    if lines:
        connection.execute(_ENTER, lines)


def read(connection: Connection) -> list[LedgerEntry]:
    """Every line, oldest first."""
    return [
        LedgerEntry(
            at=datetime.fromisoformat(row.at),
            event=row.event,
            plan_id=row.plan_id,
            address=rows.to_address(row),
            account=row.provider,
            price=rows.to_price(row),
            reference=row.reference,
        )
        for row in connection.execute(_LINES)
    ]


def prices_paid(connection: Connection) -> dict[Address, Price]:
    """Number -> what its latest purchase cost, for those whose price is known."""
    found = ((rows.to_address(row), rows.to_price(row)) for row in connection.execute(_PRICED))
    return {address: price for address, price in found if price is not None}


def generations(connection: Connection, numbers: Sequence[str]) -> list[int]:
    """How often each number was released for good, in the order given."""
    counts: dict[str, int] = {}
    for start in range(0, len(numbers), CHUNK):
        query = _RELEASED.where(tables.ledger.c.name.in_(numbers[start : start + CHUNK]))
        counts.update((name, count) for name, count in connection.execute(query))
    return [counts.get(number, 0) for number in numbers]


def released(connection: Connection) -> dict[str, int]:
    """Number -> how often it was released for good."""
    return {row[0]: row[1] for row in connection.execute(_RELEASED)}
