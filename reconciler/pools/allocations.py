"""Which slot has which number. A slot keeps its number whatever is edited: no order and no index decides, records do.

==========================  ===================================================================
a slot is taken by          as long as
==========================  ===================================================================
a record ``slot/POOL.N``    its number is on record, in service or on its way out
an open order               its outcome is open, whatever it will be
a saved plan's choice       that very plan is verified or applied
==========================  ===================================================================

A number that was given up where the carrier has no call to release it is a tombstone, and its slot is free; the record
of the slot stays with it, so that the pool takes it back before it buys another (``Allocations.former``).

Allocations beyond a pool's size are surplus: numbers that ``numbers:`` declares too are let go first (they stay,
without a slot), then those that are out of service already, then those that are named under ``safety.release`` or
``safety.forget``, then those whose order is still open, then the newest; those that are protected after all others. A
protected one that must go is blocked by its protection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count

from reconciler.model import NOTHING, Address, Kind, StateSnapshot, slots
from reconciler.model.fleet import Pool

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Allocation:
    """A slot with its number. ``since`` is when it got it, None for one that it is only about to get.

    ``why`` says how a number was chosen that is not on record yet, ``adopted`` that it is owned already; ``surplus``
    why the slot is given up, ``hint`` what it may be that was meant instead, and ``keep`` what to write to keep it.
    """

    slot: Address
    tn: str
    account: str
    since: datetime | None = None
    protect: bool = False
    out_of_service: bool = False
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
class Allocations:
    """Who has which slot, under the names that the slots have from now on.

    ``vacant`` is pool -> its empty slots, the lowest indices first; ``renamed`` old slot -> new. ``former`` is pool ->
    the tombstones that its slots had, under the names that those slots have on record.
    """

    kept: tuple[Allocation, ...] = ()
    surplus: tuple[Allocation, ...] = ()
    vacant: Mapping[str, tuple[Address, ...]] = NOTHING
    renamed: Mapping[Address, Address] = NOTHING
    former: Mapping[str, tuple[Allocation, ...]] = NOTHING

    @property
    def by_tn(self) -> dict[str, Allocation]:
        """Every allocation by its number."""
        return {allocation.tn: allocation for allocation in (*self.kept, *self.surplus)}


def taken(state: StateSnapshot) -> list[Allocation]:
    """The slots that the records and the open orders hold, each number once."""
    allocated = {allocation.tn: allocation for allocation in (*_ordered(state), *_recorded(state))}
    return sorted(allocated.values(), key=lambda allocation: allocation.slot)


def allocate(
    pools: Sequence[Pool],
    state: StateSnapshot,
    declared: Collection[str] = (),
    choices: Iterable[Allocation] = (),
    named: Collection[str] = (),
) -> Allocations:
    """Allocate every known number to a slot; report surplus and open slots.

    ``declared``: the E.164 numbers that have an entry; ``choices``: a saved plan's; ``named``: the numbers that
    somebody wants given up.
    """
    held = taken(state)
    known, names = {allocation.slot for allocation in held}, {allocation.tn for allocation in held}
    everybody = [*held, *(choice for choice in choices if choice.slot not in known and choice.tn not in names)]
    by_pool: dict[str, list[Allocation]] = {}
    for allocation in everybody:
        by_pool.setdefault(slots.split(allocation.slot)[0], []).append(allocation)
    tombstones = [
        allocation
        for allocation in _given_up(state)
        if allocation.tn not in names and allocation.tn not in declared and allocation.tn not in named
    ]
    reserved = set(slots.given_up(state))
    kept: list[Allocation] = []
    surplus: list[Allocation] = []
    vacant: dict[str, tuple[Address, ...]] = {}
    renamed: dict[Address, Address] = {}
    former: dict[str, tuple[Allocation, ...]] = {}
    for pool in pools:
        former[pool.name] = tuple(
            allocation for allocation in tombstones if _place(allocation)[0] in (pool.name, pool.moved)
        )
        own, moves = _with_moved(pool, by_pool, reserved)
        staying, leaving = _within(pool, own, declared, named)
        vacant[pool.name] = _vacant(pool, own)
        moves |= _moved(
            pool, former[pool.name], reserved.union(vacant[pool.name], (allocation.slot for allocation in own))
        )
        kept, surplus, renamed = [*kept, *staying], [*surplus, *leaving], renamed | moves
    orphans = [_orphan(allocation) for allocated in by_pool.values() for allocation in allocated]
    return Allocations(tuple(kept), (*surplus, *orphans), vacant, renamed, former)


def _recorded(state: StateSnapshot) -> Iterator[Allocation]:
    without = slots.given_up(state)
    leaving = {address for intent in state.open_intents if intent.release for address in intent.addresses}
    for slot, record in state.slots.items():
        number = slots.number_in(record)
        held = state.records.get(number)
        if slot not in without and held is not None:
            out_of_service = held.out_of_service_at is not None
            yield Allocation(
                slot,
                number.name,
                record.account,
                record.made_at,
                held.protect,
                out_of_service,
                leaving=number in leaving,
            )


def _given_up(state: StateSnapshot) -> list[Allocation]:
    """The tombstones that slots had, each number once, by slot."""
    every = {number.name: slot for slot, number in slots.given_up(state).items()}
    held = [Allocation(slot, tn, state.records[Address(Kind.NUMBER, tn)].account) for tn, slot in every.items()]
    return sorted(held, key=_place)


def _place(allocation: Allocation) -> tuple[str, int]:
    return slots.split(allocation.slot)


def _ordered(state: StateSnapshot) -> Iterator[Allocation]:
    for intent in state.open_intents:
        order = intent.order if intent.purchase else None
        if order and order.slot:
            yield Allocation(
                order.slot, intent.address.name, intent.account, intent.created_at, order.protect, ordered=True
            )


def _with_moved(
    pool: Pool, by_pool: dict[str, list[Allocation]], reserved: set[Address]
) -> tuple[list[Allocation], dict[Address, Address]]:
    """The pool's allocations with those of its former name, which keep their index where nobody has it.

    ``reserved``: the slots that have a record though they are free.
    """
    own = by_pool.pop(pool.name, [])
    came = by_pool.pop(pool.moved, []) if pool.moved else []
    moves = _moved(pool, came, reserved.union(allocation.slot for allocation in own))
    return [*own, *(replace(allocation, slot=moves[allocation.slot]) for allocation in came)], moves


def _moved(pool: Pool, allocated: Iterable[Allocation], used: set[Address]) -> dict[Address, Address]:
    """Old slot -> new, for the allocations of the pool's former name; ``used`` are the names that somebody has."""
    moves: dict[Address, Address] = {}
    for name, index in map(_place, allocated):
        if name == pool.name:
            continue
        preferred = (slots.address(pool.name, each) for each in (index, *range(len(used) + 1)))
        moves[slots.address(name, index)] = new = next(slot for slot in preferred if slot not in used)
        used.add(new)
    return moves


def _within(
    pool: Pool, own: Sequence[Allocation], declared: Collection[str], named: Collection[str]
) -> tuple[list[Allocation], list[Allocation]]:
    """Who stays and who is surplus."""

    def staying_power(allocation: Allocation) -> tuple[bool, bool, bool, bool, bool, bool, float, int]:
        newest = -(allocation.since or _LATEST).timestamp()
        here, wanted, index = not allocation.ordered, allocation.tn not in named, slots.split(allocation.slot)[1]
        bound = (allocation.tn not in declared, not allocation.out_of_service, allocation.protect)
        return *bound, not allocation.leaving, wanted, here, newest, -index

    leaving = sorted(own, key=staying_power)[: max(0, len(own) - pool.size)]
    given_up = {allocation.slot for allocation in leaving}
    bound = next(
        (n for n, allocation in enumerate(leaving) if allocation.protect and allocation.tn not in declared),
        len(leaving),
    )
    keep = f"raise `size` to {len(own) - bound}"
    return [allocation for allocation in own if allocation.slot not in given_up], [
        replace(
            allocation, surplus=f"slot {allocation.slot.name} is more than its pool's size of {pool.size}", keep=keep
        )
        for allocation in leaving
    ]


def _orphan(allocation: Allocation) -> Allocation:
    pool, _ = slots.split(allocation.slot)
    return replace(
        allocation,
        surplus=f"slot {allocation.slot.name} belongs to a pool that is not declared any more",
        hint=f"renamed? write `moved: {pool}` in the new pool",
        keep=f"declare pool `{pool}` again",
    )


def _vacant(pool: Pool, own: Sequence[Allocation]) -> tuple[Address, ...]:
    """The lowest free slots, as many as the pool lacks numbers."""
    used = {slots.split(allocation.slot)[1] for allocation in own}
    free = (index for index in count() if index not in used)
    return tuple(slots.address(pool.name, next(free)) for _ in range(pool.size - len(own)))
