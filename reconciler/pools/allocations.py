"""Which slot has which number. A slot keeps its number whatever is edited: no order and no index decides, records do.

==========================  ===================================================================
a slot is taken by          as long as
==========================  ===================================================================
a record ``slot/POOL.N``    its number is on record, in service or on its way out
an open order               its outcome is open, whatever it will be
a saved plan's choice       that very plan is verified or applied
==========================  ===================================================================

A number that was given up where the carrier has no call to release it is a tombstone, and its slot is free; the record
of the slot stays with it, so that the pool takes it back before it buys another (``Seating.former``).

Seats beyond a pool's size are surplus: numbers that ``numbers:`` declares too are let go first (they stay, without a
slot), then those that are out of service already, then those that are named under ``safety.release`` or
``safety.forget``, then those whose order is still open, then the newest; those that are protected after all others. A
protected one that must go is blocked by its protection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count

from reconciler.model import NOTHING, Address, Kind, Memory, slots
from reconciler.model.fleet import Pool

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seat:
    """A slot with its number. ``since`` is when it got it, None for one that it is only about to get.

    ``why`` says how a number was chosen that is not on record yet, ``adopted`` that it is owned already; ``surplus``
    why the slot is given up, ``hint`` what it may be that was meant instead, and ``keep`` what to write to keep it.
    """

    slot: Address
    tn: str
    provider: str
    since: datetime | None = None
    protect: bool = False
    retired: bool = False
    ordered: bool = False
    """Whether its order has an open outcome: it may never come."""
    leaving: bool = False
    """Whether its release has an open outcome: it may be gone."""
    why: str = ""
    adopted: bool = False
    surplus: str = ""
    hint: str = ""
    keep: str = ""

    @property
    def number(self) -> Address:
        """The address of its number."""
        return Address(Kind.NUMBER, self.tn)

    @property
    def chosen(self) -> bool:
        """Whether this plan has chosen the number: nothing was ordered yet."""
        return bool(self.why)


@dataclass(frozen=True, slots=True)
class Seating:
    """Who has which slot, under the names that the slots have from now on.

    ``vacant`` is pool -> its empty slots, the lowest indices first; ``renamed`` old slot -> new. ``former`` is pool ->
    the tombstones that its slots had, under the names that those slots have on record.
    """

    kept: tuple[Seat, ...] = ()
    surplus: tuple[Seat, ...] = ()
    vacant: Mapping[str, tuple[Address, ...]] = NOTHING
    renamed: Mapping[Address, Address] = NOTHING
    former: Mapping[str, tuple[Seat, ...]] = NOTHING

    @property
    def by_tn(self) -> dict[str, Seat]:
        """Every seat by its number."""
        return {seat.tn: seat for seat in (*self.kept, *self.surplus)}


def taken(memory: Memory) -> list[Seat]:
    """The slots that the records and the open orders hold, each number once."""
    seats = {seat.tn: seat for seat in (*_ordered(memory), *_recorded(memory))}
    return sorted(seats.values(), key=lambda seat: seat.slot)


def seated(
    pools: Sequence[Pool],
    memory: Memory,
    declared: Collection[str] = (),
    choices: Iterable[Seat] = (),
    named: Collection[str] = (),
) -> Seating:
    """Everybody in their place. ``declared``: the E.164 numbers that have a line; ``choices``: a saved plan's;
    ``named``: the numbers that somebody wants given up."""
    held = taken(memory)
    known, names = {seat.slot for seat in held}, {seat.tn for seat in held}
    everybody = [*held, *(choice for choice in choices if choice.slot not in known and choice.tn not in names)]
    by_pool: dict[str, list[Seat]] = {}
    for seat in everybody:
        by_pool.setdefault(slots.split(seat.slot)[0], []).append(seat)
    tombstones = [
        seat for seat in _given_up(memory) if seat.tn not in names and seat.tn not in declared and seat.tn not in named
    ]
    reserved = set(slots.given_up(memory))
    kept: list[Seat] = []
    surplus: list[Seat] = []
    vacant: dict[str, tuple[Address, ...]] = {}
    renamed: dict[Address, Address] = {}
    former: dict[str, tuple[Seat, ...]] = {}
    for pool in pools:
        former[pool.name] = tuple(seat for seat in tombstones if _place(seat)[0] in (pool.name, pool.moved))
        own, moves = _with_moved(pool, by_pool, reserved)
        staying, leaving = _within(pool, own, declared, named)
        vacant[pool.name] = _vacant(pool, own)
        moves |= _moved(pool, former[pool.name], reserved.union(vacant[pool.name], (seat.slot for seat in own)))
        kept, surplus, renamed = [*kept, *staying], [*surplus, *leaving], renamed | moves
    orphans = [_orphan(seat) for seats in by_pool.values() for seat in seats]
    return Seating(tuple(kept), (*surplus, *orphans), vacant, renamed, former)


def _recorded(memory: Memory) -> Iterator[Seat]:
    without = slots.given_up(memory)
    leaving = {address for intent in memory.open_intents if intent.release for address in intent.addresses}
    for slot, record in memory.slots.items():
        number = slots.number_in(record)
        held = memory.records.get(number)
        if slot not in without and held is not None:
            retired = held.retired_at is not None
            yield Seat(
                slot,
                number.name,
                record.provider,
                record.made_at,
                held.protect,
                retired,
                leaving=number in leaving,
            )


def _given_up(memory: Memory) -> list[Seat]:
    """The tombstones that slots had, each number once, by slot."""
    every = {number.name: slot for slot, number in slots.given_up(memory).items()}
    held = [Seat(slot, tn, memory.records[Address(Kind.NUMBER, tn)].provider) for tn, slot in every.items()]
    return sorted(held, key=_place)


def _place(seat: Seat) -> tuple[str, int]:
    return slots.split(seat.slot)


def _ordered(memory: Memory) -> Iterator[Seat]:
    for intent in memory.open_intents:
        slot = slots.carried(intent.carrier) if intent.purchase else None
        if slot is not None:
            protect = bool(intent.carrier.get("protect"))
            yield Seat(slot, intent.address.name, intent.provider, intent.created_at, protect, ordered=True)


def _with_moved(
    pool: Pool, by_pool: dict[str, list[Seat]], reserved: set[Address]
) -> tuple[list[Seat], dict[Address, Address]]:
    """The pool's seats with those of its former name, which keep their index where nobody has it.

    ``reserved``: the slots that have a record though they are free.
    """
    own = by_pool.pop(pool.name, [])
    came = by_pool.pop(pool.moved, []) if pool.moved else []
    moves = _moved(pool, came, reserved.union(seat.slot for seat in own))
    return [*own, *(replace(seat, slot=moves[seat.slot]) for seat in came)], moves


def _moved(pool: Pool, seats: Iterable[Seat], used: set[Address]) -> dict[Address, Address]:
    """Old slot -> new, for the seats of the pool's former name; ``used`` are the names that somebody has."""
    moves: dict[Address, Address] = {}
    for name, index in map(_place, seats):
        if name == pool.name:
            continue
        wished = (slots.address(pool.name, each) for each in (index, *range(len(used) + 1)))
        moves[slots.address(name, index)] = new = next(slot for slot in wished if slot not in used)
        used.add(new)
    return moves


def _within(
    pool: Pool, own: Sequence[Seat], declared: Collection[str], named: Collection[str]
) -> tuple[list[Seat], list[Seat]]:
    """Who stays and who is surplus."""

    def staying_power(seat: Seat) -> tuple[bool, bool, bool, bool, bool, bool, float, int]:
        newest = -(seat.since or _LATEST).timestamp()
        here, wanted, index = not seat.ordered, seat.tn not in named, slots.split(seat.slot)[1]
        bound = (seat.tn not in declared, not seat.retired, seat.protect)
        return *bound, not seat.leaving, wanted, here, newest, -index

    leaving = sorted(own, key=staying_power)[: max(0, len(own) - pool.size)]
    gone = {seat.slot for seat in leaving}
    bound = next((n for n, seat in enumerate(leaving) if seat.protect and seat.tn not in declared), len(leaving))
    keep = f"raise `size` to {len(own) - bound}"
    return [seat for seat in own if seat.slot not in gone], [
        replace(seat, surplus=f"slot {seat.slot.name} is more than its pool's size of {pool.size}", keep=keep)
        for seat in leaving
    ]


def _orphan(seat: Seat) -> Seat:
    pool, _ = slots.split(seat.slot)
    return replace(
        seat,
        surplus=f"slot {seat.slot.name} belongs to a pool that is not declared any more",
        hint=f"renamed? write `moved: {pool}` in the new pool",
        keep=f"declare pool `{pool}` again",
    )


def _vacant(pool: Pool, own: Sequence[Seat]) -> tuple[Address, ...]:
    """The lowest free slots, as many as the pool lacks numbers."""
    used = {slots.split(seat.slot)[1] for seat in own}
    free = (index for index in count() if index not in used)
    return tuple(slots.address(pool.name, next(free)) for _ in range(pool.size - len(own)))
