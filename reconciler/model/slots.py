"""Slots: the places of a pool, ``slot/nj-support.0`` and on. Each is a record of ours that names the number it has.

A slot is nothing at a carrier. Its record is written in the same transaction as that of its number, and goes with it;
until then, the change that buys the number and the order of that purchase say which slot it is for. With a
tombstone it stays: the slot has no number any more, and its pool takes that one back before it buys another.
"""

from __future__ import annotations

import re
from datetime import datetime

from reconciler.model import Address, Kind, Record, StateSnapshot

NUMBER = "number"
"""Under which a slot's record holds the number, in E.164."""

_NAME = re.compile(r"(.+)[.](0|[1-9][0-9]{0,5})")


def address(pool: str, index: int) -> Address:
    """The slot of ``pool`` with that index, counted from 0."""
    return Address(Kind.SLOT, f"{pool}.{index}")


def split(slot: Address) -> tuple[str, int]:
    """The pool's name and the index; ``ValueError`` for what is no slot's address."""
    parts = _NAME.fullmatch(slot.name)
    if slot.kind is not Kind.SLOT or parts is None:
        raise ValueError(f"{slot} is not a slot: write slot/POOL.INDEX, such as slot/nj-support.0")
    return parts[1], int(parts[2])


def number_in(record: Record) -> Address:
    """The number that a slot's record names."""
    return Address(Kind.NUMBER, str(record.applied.get(NUMBER, "")))


def given_up(state: StateSnapshot) -> dict[Address, Address]:
    """Slot -> the tombstone that it had."""
    numbers = ((slot, number_in(record)) for slot, record in state.slots.items())
    return {slot: number for slot, number in numbers if (held := state.records.get(number)) and held.tombstone}


def ordered(state: StateSnapshot) -> dict[Address, Address]:
    """Number -> the slot that its open order is for."""
    return {intent.address: intent.slot for intent in state.open_intents if intent.slot is not None}


def stale(state: StateSnapshot) -> list[Record]:
    """The slots whose number is on record no more, not even as a tombstone: they are free."""
    return [record for record in state.slots.values() if number_in(record) not in state.records]


def record(slot: Address, number: Record, now: datetime) -> Record:
    """What to remember of a slot that gets ``number`` now."""
    return Record(slot, number.account, number.origin, {NUMBER: number.address.name}, made_at=now)
