"""Accounts as the records name them: type and site of each, and what happens when one gets another name.

A new name (``moved:`` in the configuration) is read from the next run on, and written by the next apply, in one commit
over all that names the account: records, slots, tombstones, intents, the ledger, resolutions. What identifies an order
at the carrier, its reference, stays what was sent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from reconciler.model import IntentStatus, Site
from reconciler.state.tables import intents, ledger, meta, records, resolutions

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_TYPE = "type:"
"""How the keys in meta begin that tell an account's type."""

_SITES = "sites:"
"""Likewise those that tell its sites."""

_TYPES = select(meta).where(meta.c.key.startswith(_TYPE))
_EVERY_SITE = select(meta).where(meta.c.key.startswith(_SITES))

_REMEMBER = insert(meta)
_FORGET = delete(meta).where(meta.c.key == bindparam("of_key"))

_NAMING = (records, intents, ledger, resolutions)
"""The tables that name an account."""


def types(connection: Connection) -> dict[str, str]:
    """Account -> its type, for those that an apply has had."""
    return types_in({row.key: row.value for row in connection.execute(_TYPES)})


def types_in(values: Mapping[str, str]) -> dict[str, str]:
    """Likewise from ``values`` of meta."""
    return {key.removeprefix(_TYPE): value for key, value in values.items() if key.startswith(_TYPE)}


def remember_types(connection: Connection, now: Mapping[str, str]) -> None:
    """Write of which type the accounts are, where that is not on record."""
    known = types(connection)
    told = [{"key": _TYPE + name, "value": type_} for name, type_ in now.items() if known.get(name) != type_]
    if told:
        connection.execute(_FORGET, [{"of_key": one["key"]} for one in told])
        connection.execute(_REMEMBER, told)


def sites(connection: Connection) -> dict[str, tuple[Site, ...]]:
    """Account -> the sites of its numbers, for those of which that is known."""
    return sites_in({row.key: row.value for row in connection.execute(_EVERY_SITE)})


def sites_in(values: Mapping[str, str]) -> dict[str, tuple[Site, ...]]:
    """Likewise from ``values`` of meta; raises ValueError for what is none."""
    return {
        key.removeprefix(_SITES): _sites(json.loads(value)) for key, value in values.items() if key.startswith(_SITES)
    }


def _sites(written: Any) -> tuple[Site, ...]:
    return tuple(Site(str(account), str(url)) for account, url in written)


def remember_sites(connection: Connection, now: Mapping[str, tuple[Site, ...]]) -> None:
    """Write which sites the numbers of these accounts have, in the place of what is on record of them."""
    if now:
        connection.execute(_FORGET, [{"of_key": _SITES + account} for account in now])
        connection.execute(_REMEMBER, [{"key": _SITES + a, "value": json.dumps(of)} for a, of in now.items()])


def joined(known: Mapping[str, tuple[Site, ...]], moves: Mapping[str, str]) -> dict[str, tuple[Site, ...]]:
    """``known`` under the names that the accounts have now; two that become one have the sites of both."""
    found: dict[str, tuple[Site, ...]] = {}
    for account, of in known.items():
        name = moves.get(account, account)
        found[name] = tuple(dict.fromkeys((*found.get(name, ()), *of)))
    return found


def holding(connection: Connection, accounts: Collection[str]) -> set[str]:
    """Those of ``accounts`` that have a record or an open intent."""
    named = select(records.c.provider).where(records.c.provider.in_(accounts))
    busy = select(intents.c.provider).where(
        intents.c.provider.in_(accounts), intents.c.status == IntentStatus.OPEN.value
    )
    return {row.provider for row in connection.execute(named.union(busy))}


def left_behind(connection: Connection, moves: Mapping[str, str]) -> dict[str, str]:
    """Those of ``moves`` (former name -> name) of whose former name something is on record."""
    return {old: new for old, new in moves.items() if any(_names(connection, table, old) for table in _NAMING)}


def _names(connection: Connection, table: Table, account: str) -> bool:
    found = select(table.c.provider).where(table.c.provider == account)
    return connection.execute(found.limit(1)).first() is not None


def take_along(connection: Connection, moves: Mapping[str, str]) -> None:
    """Let what stands under the former names stand under the new ones."""
    for old, new in moves.items():
        for table in _NAMING:
            connection.execute(update(table).where(table.c.provider == old).values(provider=new))
        if (type_ := types(connection).get(old)) is not None:
            connection.execute(delete(meta).where(meta.c.key == _TYPE + old))
            remember_types(connection, {new: type_})
    known = sites(connection)
    connection.execute(delete(meta).where(meta.c.key.in_([_SITES + old for old in moves])))
    remember_sites(connection, {a: of for a, of in joined(known, moves).items() if a in moves.values()})
