"""What a run wants with its pools filled: the declared resources, and those of every number that has a slot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reconciler.model import NOTHING, TN_KINDS, Action, Address, Change, Kind, Memory, Notice, Offer, Resource, slots
from reconciler.model.fleet import Fleet, Pool
from reconciler.pools.allocations import Seat, Seating, seated


@dataclass(frozen=True, slots=True)
class Roster:
    """Who has which slot, and what follows from it.

    ``desired``: all that is wanted, by address. ``offers``: account -> the numbers that this run has chosen there.
    ``unresolved``: empty slots for which a carrier could not be asked. ``reads``: account -> requests that it took.
    """

    seating: Seating
    desired: Mapping[Address, Resource]
    offers: Mapping[str, Mapping[str, Offer]] = NOTHING
    unresolved: Mapping[Address, str] = NOTHING
    notices: tuple[Notice, ...] = ()
    reads: Mapping[str, int] = NOTHING
    left_out: int = 0
    """Empty slots that the selection leaves empty."""
    seats: Mapping[str, Seat] = field(default_factory=dict)
    """Telephone number -> its seat."""


def on_record(fleet: Fleet, memory: Memory, choices: Iterable[Seat] = ()) -> Roster:
    """The roster by our records, open orders and the choices of a saved plan; nobody is asked for more."""
    numbers = {r.address.name: r for r in fleet.resources if r.address.kind is Kind.NUMBER}
    named = {*fleet.safety.release, *fleet.safety.forget}
    seating = seated(fleet.pools, memory, numbers, choices, named)
    known = Roster(seating, {}, notices=(*_renamed(seating), *_declared_too(seating, numbers)))
    return staffed(fleet, known, ())


def staffed(fleet: Fleet, known: Roster, newcomers: Iterable[Seat]) -> Roster:
    """``known`` with ``newcomers`` in their slots. Where a line declares the same address, the line wins."""
    seating = replace(known.seating, kept=(*known.seating.kept, *newcomers))
    pools = {pool.name: pool for pool in fleet.pools}
    made = (r for seat in seating.kept for r in resources(pools[slots.split(seat.slot)[0]], seat))
    desired = {resource.address: resource for resource in made} | fleet.by_address()
    return replace(known, seating=seating, desired=desired, seats=seating.by_tn)


def resources(pool: Pool, seat: Seat) -> Iterator[Resource]:
    """What the number of a seat is to be: the pool's template with the number in it."""
    for resource in pool.template(seat.provider):
        needs = tuple(_filled(need, seat.tn) for need in resource.needs)
        yield replace(resource, address=_filled(resource.address, seat.tn), needs=needs)


def _filled(address: Address, tn: str) -> Address:
    return Address(address.kind, tn) if address.kind in TN_KINDS else address


def choices(changes: Iterable[Change]) -> list[Seat]:
    """The choices that the changes of a saved plan carry."""
    return [
        Seat(slot, change.address.name, change.provider, why=change.reason, adopted=change.action is Action.ADOPT)
        for change in changes
        if change.address.kind is Kind.NUMBER and (slot := slots.carried(change.carrier))
    ]


def _renamed(seating: Seating) -> Iterator[Notice]:
    for old, new in seating.renamed.items():
        words = f"becomes {new} in our records at the next apply; its number stays as it is"
        yield Notice("info", words, str(old), ahead=True)


def _declared_too(seating: Seating, numbers: Mapping[str, Resource]) -> Iterator[Notice]:
    for seat in (*seating.kept, *seating.surplus):
        if seat.tn in numbers:
            left = "and stays without it" if seat.surplus else "which holds where the two differ"
            words = f"has slot {seat.slot.name} and a line of its own at {numbers[seat.tn].mark}, {left}"
            yield Notice("info", words, str(seat.number))
