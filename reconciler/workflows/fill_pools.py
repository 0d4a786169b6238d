"""Finds numbers for vacant slots: asks the carriers, one search after the other, until a pool is full.

What the pool gave up and goes on paying for comes first, then what it may adopt, then what is on offer.
A search that fails leaves the slots unresolved, and no other is tried in its place: what could not be read is not
"nothing on offer". A search that shows too little is followed by the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.errors import CarrierError
from reconciler.model import Address, Kind, Notice, Offer, Resource, StateSnapshot, Unread
from reconciler.model.fleet import Pool, Search
from reconciler.model.price_book import priced, with_prices
from reconciler.planning.selection import Selection
from reconciler.pools import choose
from reconciler.pools.allocations import Allocation
from reconciler.pools.choose import OpenSlots
from reconciler.pools.desired import DesiredState, with_allocations
from reconciler.pools.messages import Shortage, coverage_query, shortage
from reconciler.providers.base import CoverageSource, Holder, Market
from reconciler.workflows.session import Known, Session


def filled(session: Session, before: Known, selection: Selection) -> DesiredState:
    """The desired state with as many slots filled as the carriers have numbers for. Reads only."""
    state, known = before.state, before.desired_state
    vacant = known.allocations.vacant
    wanting = [pool for pool in session.fleet.pools if vacant[pool.name]]
    looked_for = [pool for pool in wanting if selection.may_take(vacant[pool.name], pool.accounts, pool.labels)]
    if not looked_for:
        return replace(known, left_out=_vacant(known, wanting))
    made = session.requests()
    filler = _PoolFiller(
        session, choose.unavailable(session.fleet.resources, state, known.allocations), _committed(known, state)
    )
    for pool in looked_for:
        filler.fill(OpenSlots.of(pool, known.allocations))
    return replace(
        with_allocations(
            session.fleet, known, (allocation for open_slots in filler.done for allocation in open_slots.allocated)
        ),
        offers=filler.offers,
        unresolved=filler.unresolved,
        notices=(*known.notices, *filler.notices),
        reads=_reads(made, session.requests()),
        left_out=_vacant(known, [pool for pool in wanting if pool not in looked_for]),
    )


def unclaimed(
    session: Session, state: StateSnapshot, desired_state: DesiredState, pools: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Pool -> the owned numbers that fit it and that nobody declares, of those ``pools`` that do not say ``adopt``.

    Raises CarrierError where an account cannot be read; one that has no call for it shows none.
    """
    taken = choose.unavailable(session.fleet.resources, state, desired_state.allocations)
    asked = [pool for pool in session.fleet.pools if pool.adopt is None and pool.name in pools]
    return {pool.name: choose.unclaimed(pool, _owned_like(session, pool), taken) for pool in asked}


def _owned_like(session: Session, pool: Pool) -> Iterator[Resource]:
    """The owned numbers that fit a search of the pool, at accounts that can tell."""
    for search in pool.searches:
        holder = session.providers[search.account]
        if isinstance(holder, Holder) and Kind.NUMBER in holder.capabilities.reads:
            yield from holder.owned(search.fields)


def _reads(before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Account -> reads made between the two counts, of those that were asked anything."""
    made = {account: reads - before.get(account, (0, 0))[0] for account, (reads, _) in after.items()}
    return {account: reads for account, reads in made.items() if reads}


def _vacant(known: DesiredState, pools: Iterable[Pool]) -> int:
    return sum(len(known.allocations.vacant[pool.name]) for pool in pools)


def _committed(known: DesiredState, state: StateSnapshot) -> dict[str, int]:
    """Account -> how many numbers it may offer that are declared and not bought yet."""
    committed: dict[str, int] = {}
    for address, resource in known.desired.items():
        if address.kind is Kind.NUMBER and address not in state.records:
            committed[resource.account] = committed.get(resource.account, 0) + 1
    return committed


@dataclass
class _PoolFiller:
    """One look at the markets for all pools together. ``taken`` numbers are spoken for."""

    session: Session
    taken: set[str]
    committed: dict[str, int]
    done: list[OpenSlots] = field(default_factory=list)
    offers: dict[str, dict[str, Offer]] = field(default_factory=dict)
    unresolved: dict[Address, Unread] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def fill(self, open_slots: OpenSlots) -> None:
        """Fill one pool: with what it had, with what is owned where it says so, then with what is on offer."""
        self.done.append(open_slots)
        try:
            choose.take_back(open_slots, self._former(open_slots), self.taken)
            self._keep_empty(open_slots)
            for look in (self._owned, self._offered) if open_slots.pool.adopt else (self._offered,):
                for search in open_slots.pool.searches:
                    if open_slots.empty:
                        look(open_slots, search)
        except CarrierError as error:
            self.unresolved |= dict.fromkeys(open_slots.empty, Unread(error.message, error.denied))
            return
        if open_slots.empty:
            self.notices.append(self._shortage(open_slots))

    def _keep_empty(self, open_slots: OpenSlots) -> None:
        """Buy nothing in the place of a number that goes on costing at an account which has left the configuration."""
        for allocation in open_slots.former:
            if open_slots.empty and allocation.account not in self.session.fleet.accounts:
                slot = allocation.slot if allocation.slot in open_slots.empty else open_slots.empty[-1]
                open_slots.empty.remove(slot)
                self.unresolved[slot] = Unread(
                    f"its pool gave up {allocation.tn}, which goes on costing, at {allocation.account}, and the "
                    f"configuration has no such account any more: where it has another name now, write "
                    f"`moved: {allocation.account}` in it"
                )

    @property
    def _unknown_prices(self) -> bool:
        return self.session.fleet.safety.unknown_prices == "allow"

    def _former(self, open_slots: OpenSlots) -> list[Allocation]:
        """The numbers that the pool had; at accounts that can be read, those that they show, in whatever state.

        Raises CarrierError where one cannot be read: another might be bought in the place of what goes on costing.
        """
        by_account: dict[str, list[Allocation]] = {}
        for allocation in open_slots.former:
            by_account.setdefault(allocation.account, []).append(allocation)
        shown = {account: self._shown(account, allocated) for account, allocated in sorted(by_account.items())}
        return [allocation for allocation in open_slots.former if allocation in shown[allocation.account]]

    def _shown(self, account: str, allocated: list[Allocation]) -> list[Allocation]:
        """Those of ``allocated`` whose number the account shows; all of them where it has no call to read."""
        provider = self.session.providers.get(account)
        if provider is None or Kind.NUMBER not in provider.capabilities.reads:
            return allocated
        seen = provider.observe([Resource(allocation.number, account) for allocation in allocated])
        for address, why in seen.unresolved.items():
            raise CarrierError(f"{account}: {address.name}, which its pool gave up: {why}", denied=why.denied)
        return [
            allocation
            for allocation in allocated
            if allocation.number in seen.found or allocation.number in seen.unobservable
        ]

    def _owned(self, open_slots: OpenSlots, search: Search) -> None:
        holder = self.session.providers[search.account]
        if isinstance(holder, Holder):
            owned = with_prices(self.session.fleet.prices, search.account, holder.owned(search.fields))
            choose.adopt(open_slots, search, owned, self.taken, unknown_prices=self._unknown_prices)

    def _offered(self, open_slots: OpenSlots, search: Search) -> None:
        account, market = search.account, self.session.providers[search.account]
        if not isinstance(market, Market):
            return
        looks = choose.quantities(open_slots, self.committed.get(account, 0))
        for quantity in looks:
            found = market.search(search.fields, quantity)
            offers = priced(self.session.fleet.prices, account, found)
            open_slots.looked_at = len(found) if len(found) >= quantity else 0
            last = quantity == looks[-1] or not open_slots.looked_at
            if not last and choose.wants_more(open_slots, offers, self.taken, unknown_prices=self._unknown_prices):
                continue
            chosen = choose.choose(open_slots, search, offers, self.taken, unknown_prices=self._unknown_prices)
            self.offers.setdefault(account, {}).update(chosen)
            self.committed[account] = self.committed.get(account, 0) + len(chosen)
            if open_slots.empty and last and found.doubt:  # what could not be read is not "nothing on offer"
                raise CarrierError(f"{account}: {found.doubt}")
            if not open_slots.empty or last:
                return

    def _shortage(self, open_slots: OpenSlots) -> Notice:
        chosen = [tn for offers in self.offers.values() for tn in offers]
        short = Shortage(
            pool=open_slots.pool,
            missing=len(open_slots.empty),
            unknown_prices=self._unknown_prices,
            looked_at=open_slots.looked_at,
            currencies=open_slots.currencies,
            unreadable=len(open_slots.unreadable),
            coverage=self._coverage(open_slots.pool),
        )
        return shortage(short, chosen)

    def _coverage(self, pool: Pool) -> Sequence[Mapping[str, Any]]:
        """Counts of what is on offer near the first search, where the carrier tells them."""
        source, query = self.session.providers[pool.searches[0].account], coverage_query(pool.searches[0])
        if query is None or not isinstance(source, CoverageSource):
            return ()
        try:
            return source.coverage(query)
        except CarrierError:  # the slots stay empty either way: only the advice is lost
            return ()
