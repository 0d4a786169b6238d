"""What we remember of each object, as statements that run inside the caller's transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, tuple_, update

from reconciler.errors import UsageError
from reconciler.model import Address, IntentStatus, Kind, Record, slots
from reconciler.state.rows import address_columns, document, record_columns, to_record, to_the_second, when
from reconciler.state.tables import SLOT_ROWS, intent_addresses, intents, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

CHUNK = 400
"""Addresses asked for at once: both databases limit the parameters of one statement."""

_EVERY = select(records).order_by(records.c.kind, records.c.name)
_OF_ADDRESS = (records.c.kind == bindparam("of_kind")) & (records.c.name == bindparam("of_name"))
_PUT = insert(records)
_MADE_AT = select(records.c.kind, records.c.name, records.c.made_at).where(
    tuple_(records.c.kind, records.c.name).in_(bindparam("pairs", expanding=True)), ~records.c.gone
)
_ALLOCATED = select(records.c.name).where(SLOT_ROWS, records.c.applied.in_(bindparam("held", expanding=True)))
_ONE, _REMOVAL = select(records).where(_OF_ADDRESS), delete(records).where(_OF_ADDRESS)


def at(table: Table, address: Address) -> Any:
    """The condition that a row of ``table`` is of ``address``."""
    return (table.c.kind == address.kind.value) & (table.c.name == address.name)


def key(address: Address) -> dict[str, str]:
    """``address`` as the parameters of a statement that was built beforehand."""
    return {"of_kind": address.kind.value, "of_name": address.name}


def read_all(connection: Connection) -> dict[Address, Record]:
    """Every record, tombstones and slots too, in the order of addresses."""
    return {record.address: record for record in map(to_record, connection.execute(_EVERY))}


def read(connection: Connection, address: Address) -> Record | None:
    """The record of ``address``, if there is one."""
    row = connection.execute(_ONE, key(address)).one_or_none()
    return None if row is None else to_record(row)


def put(connection: Connection, changed: Iterable[Record], now: datetime) -> None:
    """Write records whole, in place of those of the same addresses.

    ``updated_at`` becomes ``now``. A record that does not say when it was made keeps the moment recorded
    before; one that takes a tombstone's place is new. A number that gets a slot leaves any other.
    """
    latest = {record.address: record for record in changed}
    if not latest:
        return
    unknown = [address for address, record in latest.items() if record.made_at is None]
    made = _made_at(connection, unknown)
    moment = to_the_second(now)
    rows = [
        record_columns(record, made_at=record.made_at or made.get(address) or moment, updated_at=moment)
        for address, record in latest.items()
    ]
    allocate = [slots.number_in(record) for record in latest.values() if record.address.kind is Kind.SLOT]
    _remove(connection, {*latest, *_slots_of(connection, allocate)})
    connection.execute(_PUT, rows)


def settle_slots(
    connection: Connection, renamed: Mapping[Address, Address], freed: Iterable[Record], now: datetime
) -> None:
    """Give the slots their new names, old -> new, and drop those that still have the number that they are ``freed`` of.

    A slot that is on record no more, because its number has left meanwhile, gets no name and no record.
    """
    known = {old: record for old in renamed if (record := read(connection, old)) is not None}
    _remove(connection, known)
    put(connection, [replace(record, address=renamed[old]) for old, record in known.items()], now)
    empty = [slot.address for slot in freed if (held := read(connection, slot.address)) and _same(held, slot)]
    _remove(connection, empty)


def _same(held: Record, slot: Record) -> bool:
    return slots.number_in(held) == slots.number_in(slot)


def living(connection: Connection, addresses: Sequence[Address]) -> set[Address]:
    """Those of ``addresses`` that have a record which is no tombstone."""
    return set(_made_at(connection, addresses))


def _made_at(connection: Connection, addresses: Sequence[Address]) -> dict[Address, datetime]:
    """When the present objects of those addresses were made."""
    known: dict[Address, datetime] = {}
    for start in range(0, len(addresses), CHUNK):
        pairs = [(address.kind.value, address.name) for address in addresses[start : start + CHUNK]]
        for row in connection.execute(_MADE_AT, {"pairs": pairs}):
            known[Address(Kind(row.kind), row.name)] = datetime.fromisoformat(row.made_at)
    return known


def drop(connection: Connection, addresses: Iterable[Address]) -> None:
    """Forget the records of ``addresses``; those without one are passed over. With a number goes its slot."""
    dropped = set(addresses)
    numbers = [address for address in dropped if address.kind is Kind.NUMBER]
    _remove(connection, dropped.union(_slots_of(connection, numbers)))


def _slots_of(connection: Connection, numbers: Sequence[Address]) -> list[Address]:
    """The slots that have one of ``numbers``."""
    found: list[Address] = []
    for start in range(0, len(numbers), CHUNK):
        held = [document({slots.NUMBER: number.name}) for number in numbers[start : start + CHUNK]]
        found += [Address(Kind.SLOT, row.name) for row in connection.execute(_ALLOCATED, {"held": held})]
    return found


def _remove(connection: Connection, addresses: Iterable[Address]) -> None:
    """Delete the rows of exactly ``addresses``."""
    if keys := [key(address) for address in addresses]:
        connection.execute(_REMOVAL, keys)


def _key(address: Address) -> dict[str, str]:
    """The parameters of a statement about one record."""
    return {"of_kind": address.kind.value, "of_name": address.name}


def move(connection: Connection, old: Address, new: Address, now: datetime) -> None:
    """Let the record of ``old`` stand under ``new``; raises UsageError when it cannot."""
    if read(connection, old) is None:
        raise UsageError(f"there is no record of {old}", hint="see `tnctl state list`")
    if read(connection, new) is not None:
        raise UsageError(f"there is a record of {new} already", hint=f"look at it with `tnctl state show {new}`")
    if _is_open(connection, old):
        raise UsageError(f"an outcome of {old} is open", hint="run `tnctl apply` first, which settles it")
    connection.execute(update(records).where(at(records, old)).values(**address_columns(new), updated_at=when(now)))


def _is_open(connection: Connection, address: Address) -> bool:
    """Whether an open intent names ``address``."""
    named = intent_addresses.join(intents, intents.c.id == intent_addresses.c.intent_id)
    query = select(intents.c.id).select_from(named)
    is_open = intents.c.status == IntentStatus.OPEN.value
    return connection.execute(query.where(is_open, at(intent_addresses, address)).limit(1)).first() is not None
