"""Vacant slots and candidates from one set: every number goes to one slot at the most, over all pools.

A candidate is out when it is spoken for (declared, on record, in a slot, in an open order, chosen already), dearer
than the pool allows, or a toll-free number where a campaign waits for it.

==================  ==========================================================================================
its price           fits
==================  ==========================================================================================
told and readable   within the pool's limits; in another currency than a limit's, never
half told           the told half as above, the other as unknown
unknown             unless ``safety.unknown_prices`` refuses it
unreadable          never; a number that is owned already, where the pool has no limits, as unknown: it is not bought
==================  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from reconciler.model import Address, Kind, Offer, Price, Resource, StateSnapshot, phone, slots
from reconciler.model.fleet import Ceiling, Pool, Search
from reconciler.pools.allocations import Allocation, Allocations
from reconciler.pools.messages import on_offer, place, taken_back
from reconciler.pools.preferences import ExistingNumbers, best, matches, patterns

SAMPLE = 200
"""Numbers looked at, at least, where a pool prefers some to others: the carriers list neighbours first."""

SECOND_LOOK = 1_000
"""Numbers looked at, at least, where the first so many were not enough, or not like a pattern that the pool prefers,
and the carrier may have more."""

MOST = 9_999
"""Numbers asked for at the most: iNumbering takes fewer than 10,000 in one search."""


@dataclass(slots=True)
class OpenSlots:
    """The slots of one pool that are still empty, in order."""

    pool: Pool
    empty: list[Address]
    existing: list[str]
    """The numbers that the pool has."""
    former: Sequence[Allocation] = ()
    """The tombstones that its slots had."""
    allocated: list[Allocation] = field(default_factory=list)
    """Filled so far."""
    looked_at: int = 0
    """How many numbers the last carrier showed of which it has more; 0: it has shown all."""
    currencies: set[str] = field(default_factory=set)
    """Those of the prices that the carriers ask and that the pool has no limit in."""
    unreadable: set[str] = field(default_factory=set)
    """Numbers on offer at a price that cannot be read."""

    @classmethod
    def of(cls, pool: Pool, allocations: Allocations) -> OpenSlots:
        """The open slots of ``pool`` with the numbers that it keeps."""
        own = [allocation.tn for allocation in allocations.kept if slots.split(allocation.slot)[0] == pool.name]
        return cls(pool, list(allocations.vacant.get(pool.name, ())), own, allocations.former.get(pool.name, ()))


def unavailable(resources: Iterable[Resource], state: StateSnapshot, allocations: Allocations) -> set[str]:
    """Every number that no slot may be given: declared, on record (tombstones too), in a slot, being bought, or held by
    other records of the same database."""
    declared = {resource.address for resource in resources}
    ordered = {address for intent in state.open_intents for address in intent.addresses}
    claimed = {tn for _, tn in state.claimed}
    return {address.name for address in declared | ordered | set(state.records)} | set(allocations.by_tn) | claimed


def quantities(open_slots: OpenSlots, committed: int) -> list[int]:
    """How many numbers to ask a carrier for, and how many if those are not enough.

    ``committed``: how many it may offer that are declared already.
    """
    needed = len(open_slots.empty)
    wanted = max(2 * needed, needed + 10, SAMPLE if open_slots.pool.prefer else 0)
    first = min(MOST, wanted + committed)
    return [first] if first >= SECOND_LOOK else [first, SECOND_LOOK]


def take_back(open_slots: OpenSlots, former: Iterable[Allocation], taken: set[str]) -> None:
    """Give empty slots the numbers that slots of this pool had and nobody released, each its own where that is empty.

    Only at accounts where the pool looks: what it wants of a number elsewhere is not declared.
    """
    pool = open_slots.pool
    accounts = {search.account for search in pool.searches}
    fitting = [allocation for allocation in former if allocation.account in accounts and may_send(pool, allocation.tn)]
    own = {allocation.tn: slots.address(pool.name, slots.split(allocation.slot)[1]) for allocation in fitting}
    for allocation in sorted(fitting, key=lambda allocation: own[allocation.tn] not in open_slots.empty):
        if open_slots.empty:
            slot = own[allocation.tn] if own[allocation.tn] in open_slots.empty else open_slots.empty[0]
            _sit(
                open_slots,
                Allocation(slot, allocation.tn, allocation.account, why=taken_back(allocation), adopted=True),
                taken,
            )


def unclaimed(pool: Pool, owned: Iterable[Resource], taken: set[str]) -> tuple[str, ...]:
    """Those of the ``owned`` numbers that a slot of the pool may have had, whatever they cost now, the lowest first."""
    numbers = {resource.address.name for resource in owned if resource.address.kind is Kind.NUMBER}
    return tuple(sorted(tn for tn in numbers - taken if may_send(pool, tn)))


def adopt(
    open_slots: OpenSlots, search: Search, owned: Sequence[Resource], taken: set[str], *, unknown_prices: bool
) -> None:
    """Give empty slots numbers that the account owns and that fit, the lowest first; they are ``taken`` then."""
    numbers = {resource.address.name: resource for resource in owned if resource.address.kind is Kind.NUMBER}
    for tn, number in sorted(numbers.items()):
        fits = tn not in taken and may_send(open_slots.pool, tn)
        if open_slots.empty and fits and adoptable(number.price, open_slots.pool, unknown_prices=unknown_prices):
            why = f"owned already, declared by nobody, and {place(search)}"
            _sit(open_slots, Allocation(open_slots.empty[0], tn, search.account, why=why, adopted=True), taken)


def choose(
    open_slots: OpenSlots, search: Search, offers: Sequence[Offer], taken: set[str], *, unknown_prices: bool
) -> dict[str, Offer]:
    """Give empty slots numbers on offer; they are ``taken`` then. The offers that were chosen, by number."""
    fitting = _fitting(open_slots.pool, offers, taken, unknown_prices=unknown_prices)
    open_slots.currencies |= _foreign(open_slots.pool, [offer.price for offer in offers if offer.tn not in taken])
    open_slots.unreadable |= {o.tn for o in offers if o.tn not in taken and o.price and o.price.unreadable}
    shown, more = len({offer.tn for offer in offers}), open_slots.looked_at > 0
    chosen: dict[str, Offer] = {}
    while open_slots.empty and fitting:
        existing = ExistingNumbers(open_slots.existing, len(open_slots.empty))
        offer, title = best(list(fitting.values()), open_slots.pool.prefer, existing)
        among = on_offer(len(fitting), shown, more=more)
        chosen[offer.tn] = fitting.pop(offer.tn)
        why = f"{title} among {among} {place(search)}"
        _sit(open_slots, Allocation(open_slots.empty[0], offer.tn, search.account, why=why), taken)
    return chosen


def wants_more(open_slots: OpenSlots, offers: Sequence[Offer], taken: set[str], *, unknown_prices: bool) -> bool:
    """Whether fewer of the numbers on offer than there are empty slots are like a pattern that the pool prefers."""
    fitting = _fitting(open_slots.pool, offers, taken, unknown_prices=unknown_prices)
    alike = [sum(matches(pattern, tn) for tn in fitting) for pattern in patterns(open_slots.pool.prefer)]
    return bool(alike) and min(alike) < len(open_slots.empty)


def _fitting(pool: Pool, offers: Sequence[Offer], taken: set[str], *, unknown_prices: bool) -> dict[str, Offer]:
    """The offers that a slot of the pool may be given, by number."""
    return {
        offer.tn: offer
        for offer in offers
        if offer.tn not in taken
        and not offer.shared
        and affordable(offer.price, pool, unknown_prices=unknown_prices)
        and may_send(pool, offer.tn)
    }


def may_send(pool: Pool, tn: str) -> bool:
    """Whether the pool's campaign, if it has one, takes ``tn``."""
    return pool.assigns is None or not phone.is_toll_free(tn)


def affordable(price: Price | None, pool: Pool, *, unknown_prices: bool) -> bool:
    """Whether a price is within the pool's limits, by the table above."""
    if price is None:
        return unknown_prices
    halves = [(price.monthly, pool.max_monthly), (price.setup, pool.max_setup)]
    if price.first_month is not None:
        halves.append((price.dearest_month, pool.max_monthly))
    return not price.unreadable and all(
        _within(price.currency, amount, ceiling, unknown_prices=unknown_prices) for amount, ceiling in halves
    )


def _within(currency: str, amount: Decimal | None, ceiling: Ceiling | None, *, unknown_prices: bool) -> bool:
    if ceiling is not None and currency != ceiling.currency:
        return False
    if amount is None:
        return unknown_prices
    return ceiling is None or amount <= ceiling.amount


def adoptable(price: Price | None, pool: Pool, *, unknown_prices: bool) -> bool:
    """Whether a number that is owned already is within the pool's limits, by the table above."""
    unbounded = price is not None and price.unreadable and not (pool.max_monthly or pool.max_setup)
    return affordable(None if unbounded else price, pool, unknown_prices=unknown_prices)


def _foreign(pool: Pool, prices: Iterable[Price | None]) -> set[str]:
    """The currencies of ``prices`` that a limit of the pool is not in."""
    ceilings = [ceiling for ceiling in (pool.max_monthly, pool.max_setup) if ceiling]
    told = [price.currency for price in prices if price and not price.unreadable]
    return {currency for currency in told if any(ceiling.currency != currency for ceiling in ceilings)}


def _sit(open_slots: OpenSlots, allocation: Allocation, taken: set[str]) -> None:
    open_slots.empty.remove(allocation.slot)
    open_slots.allocated.append(replace(allocation, why=f"for slot {allocation.slot.name}: {allocation.why}"))
    open_slots.existing.append(allocation.tn)
    taken.add(allocation.tn)
