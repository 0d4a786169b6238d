"""What the records tell of their own past: whether they may be the successors of others, which were lost."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from reconciler.model import Address, IntentStatus, Kind, slots
from reconciler.state import ledger
from reconciler.state.tables import UNFILLED, intents, meta, resolutions
from reconciler.state.tables import ledger as lines

if TYPE_CHECKING:
    from sqlalchemy import Connection

_BOUGHT_AT = select(lines.c.provider).where(lines.c.event == ledger.PURCHASE).distinct()
_FOR_SLOTS = select(intents.c.slot).where(intents.c.slot.is_not(None), intents.c.status == bindparam("now")).distinct()
_RESOLVED = select(resolutions.c.id).limit(1)
_UNFILLED = select(meta.c.value).where(meta.c.key == UNFILLED)
_FORGET = delete(meta).where(meta.c.key == bindparam("of_key"))


class Past(NamedTuple):
    """What was bought from these records, and what they began with.

    ``bought_at``: the accounts that sold them a number; ``bought_for``: the pools that a number was bought for, and
    ``ordered_for``: those that have an order with an open outcome; ``resolved``: whether a person has ever said in them
    what is owned; ``unfilled``: the pools that were declared as they began and had no number, None where that was not
    written.
    """

    bought_at: frozenset[str]
    bought_for: frozenset[str]
    ordered_for: frozenset[str]
    resolved: bool
    unfilled: frozenset[str] | None


def read(connection: Connection) -> Past:
    """The past as it is written; raises ValueError for what no tnctl wrote."""
    named = connection.execute(_UNFILLED).scalar_one_or_none()
    return Past(
        bought_at=frozenset(connection.execute(_BOUGHT_AT).scalars()),
        bought_for=_pools(connection, IntentStatus.DONE),
        ordered_for=_pools(connection, IntentStatus.OPEN),
        resolved=connection.execute(_RESOLVED).first() is not None,
        unfilled=None if named is None else frozenset(map(str, json.loads(named))),
    )


def _pools(connection: Connection, status: IntentStatus) -> frozenset[str]:
    """The pools with an intent of that status for one of their slots."""
    names = connection.execute(_FOR_SLOTS, {"now": status.value}).scalars()
    return frozenset(slots.split(Address(Kind.SLOT, name))[0] for name in names)


def remember_unfilled(connection: Connection, pools: Iterable[str]) -> None:
    """Write which pools were declared as these records began, and had no number."""
    connection.execute(_FORGET, {"of_key": UNFILLED})
    connection.execute(insert(meta), {"key": UNFILLED, "value": json.dumps(sorted(pools))})
