"""What a run wants with its pools filled: the declared resources, and those of every number that has a slot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.model import (
    NOTHING,
    TN_KINDS,
    Action,
    Address,
    Change,
    Kind,
    Notice,
    Offer,
    Resource,
    StateSnapshot,
    Unread,
    slots,
)
from reconciler.model.fleet import Fleet, Pool
from reconciler.pools.allocations import Allocation, Allocations, allocate


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Who has which slot, and what follows from it.

    ``desired``: all that is wanted, by address. ``offers``: account -> the numbers that this run has chosen there.
    ``unresolved``: empty slots for which a carrier could not be asked. ``reads``: account -> requests that it took.
    """

    allocations: Allocations
    desired: Mapping[Address, Resource]
    offers: Mapping[str, Mapping[str, Offer]] = NOTHING
    unresolved: Mapping[Address, Unread] = NOTHING
    notices: tuple[Notice, ...] = ()
    reads: Mapping[str, int] = NOTHING
    left_out: int = 0
    """Empty slots that the selection leaves empty."""
    allocated: Mapping[str, Allocation] = field(default_factory=dict)
    """Telephone number -> its allocation."""


def on_record(fleet: Fleet, state: StateSnapshot, choices: Iterable[Allocation] = ()) -> DesiredState:
    """The desired state by our records, open orders and the choices of a saved plan; nobody is asked for more."""
    numbers = {r.address.name: r for r in fleet.resources if r.address.kind is Kind.NUMBER}
    named = {*fleet.safety.release, *fleet.safety.forget}
    allocations = allocate(fleet.pools, state, numbers, choices, named)
    known = DesiredState(allocations, {}, notices=(*_renamed(allocations), *_declared_too(allocations, numbers)))
    return with_allocations(fleet, known, ())


def with_allocations(fleet: Fleet, known: DesiredState, newcomers: Iterable[Allocation]) -> DesiredState:
    """``known`` with ``newcomers`` in their slots. Where a line declares the same address, the line wins."""
    allocations = replace(known.allocations, kept=(*known.allocations.kept, *newcomers))
    pools = {pool.name: pool for pool in fleet.pools}
    made = (r for allocation in allocations.kept for r in resources(pools[slots.split(allocation.slot)[0]], allocation))
    desired = {resource.address: resource for resource in made} | fleet.by_address()
    return replace(known, allocations=allocations, desired=desired, allocated=allocations.by_tn)


def resources(pool: Pool, allocation: Allocation) -> Iterator[Resource]:
    """What the number of an allocation is to be: the pool's template with the number in it."""
    for resource in pool.template(allocation.account):
        needs = tuple(_filled(need, allocation.tn) for need in resource.needs)
        yield replace(resource, address=_filled(resource.address, allocation.tn), needs=needs)


def _filled(address: Address, tn: str) -> Address:
    return Address(address.kind, tn) if address.kind in TN_KINDS else address


def choices(changes: Iterable[Change]) -> list[Allocation]:
    """The choices that the changes of a saved plan carry."""
    return [
        Allocation(c.slot, c.address.name, c.account, why=c.reason, adopted=c.action is Action.ADOPT)
        for c in changes
        if c.address.kind is Kind.NUMBER and c.slot
    ]


def _renamed(allocations: Allocations) -> Iterator[Notice]:
    for old, new in allocations.renamed.items():
        message = f"becomes {new} in our records at the next apply; its number stays as it is"
        yield Notice("info", message, str(old), ahead=True)


def _declared_too(allocations: Allocations, numbers: Mapping[str, Resource]) -> Iterator[Notice]:
    for allocation in (*allocations.kept, *allocations.surplus):
        if allocation.tn in numbers:
            left = "and stays without it" if allocation.surplus else "which holds where the two differ"
            message = f"has slot {allocation.slot.name} and a line of its own at {numbers[allocation.tn].mark}, {left}"
            yield Notice("info", message, str(allocation.number))
