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
from reconciler.model import Address, Kind, Memory, Notice, Offer, Resource
from reconciler.model.fleet import Pool, Search
from reconciler.model.price_book import priced, standing
from reconciler.planning.selection import Selection
from reconciler.pools import choose
from reconciler.pools.allocations import Seat
from reconciler.pools.choose import Vacancies
from reconciler.pools.desired import Roster, on_record, staffed
from reconciler.pools.messages import Shortage, coverage_query, shortage
from reconciler.providers.base import CoverageSource, Holder, Market
from reconciler.workflows.session import Session


def filled(session: Session, memory: Memory, selection: Selection) -> Roster:
    """The roster with as many slots filled as the carriers have numbers for. Reads only."""
    known = on_record(session.fleet, memory)
    vacant = known.seating.vacant
    wanting = [pool for pool in session.fleet.pools if vacant[pool.name]]
    looked_for = [pool for pool in wanting if selection.may_take(vacant[pool.name], pool.accounts, pool.labels)]
    if not looked_for:
        return replace(known, left_out=_vacant(known, wanting))
    before = session.requests()
    hunt = _Hunt(session, choose.spoken_for(session.fleet.resources, memory, known.seating), _crowds(known, memory))
    for pool in looked_for:
        hunt.fill(Vacancies.of(pool, known.seating))
    return replace(
        staffed(session.fleet, known, (seat for vacancies in hunt.done for seat in vacancies.seats)),
        offers=hunt.offers,
        unresolved=hunt.unresolved,
        notices=(*known.notices, *hunt.notices),
        reads=_reads(before, session.requests()),
        left_out=_vacant(known, [pool for pool in wanting if pool not in looked_for]),
    )


def unclaimed(session: Session, memory: Memory, roster: Roster, pools: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Pool -> the owned numbers that fit it and that nobody declares, of those ``pools`` that do not say ``adopt``.

    Raises CarrierError where an account cannot be read; one that has no call for it shows none.
    """
    taken = choose.spoken_for(session.fleet.resources, memory, roster.seating)
    asked = [pool for pool in session.fleet.pools if pool.adopt is None and pool.name in pools]
    return {pool.name: choose.unclaimed(pool, _owned_like(session, pool), taken) for pool in asked}


def _owned_like(session: Session, pool: Pool) -> Iterator[Resource]:
    """The owned numbers that fit a search of the pool, at accounts that can tell."""
    for search in pool.searches:
        holder = session.providers[search.provider]
        if isinstance(holder, Holder) and Kind.NUMBER in holder.capabilities.reads:
            yield from holder.owned(search.fields)


def _reads(before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Account -> reads made between the two counts, of those that were asked anything."""
    made = {account: reads - before.get(account, (0, 0))[0] for account, (reads, _) in after.items()}
    return {account: reads for account, reads in made.items() if reads}


def _vacant(known: Roster, pools: Iterable[Pool]) -> int:
    return sum(len(known.seating.vacant[pool.name]) for pool in pools)


def _crowds(known: Roster, memory: Memory) -> dict[str, int]:
    """Account -> how many numbers it may offer that are declared and not bought yet."""
    crowds: dict[str, int] = {}
    for address, resource in known.desired.items():
        if address.kind is Kind.NUMBER and address not in memory.records:
            crowds[resource.provider] = crowds.get(resource.provider, 0) + 1
    return crowds


@dataclass
class _Hunt:
    """One look at the markets for all pools together. ``taken`` numbers are spoken for."""

    session: Session
    taken: set[str]
    crowds: dict[str, int]
    done: list[Vacancies] = field(default_factory=list)
    offers: dict[str, dict[str, Offer]] = field(default_factory=dict)
    unresolved: dict[Address, str] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def fill(self, vacancies: Vacancies) -> None:
        """Fill one pool: with what it had, with what is owned where it says so, then with what is on offer."""
        self.done.append(vacancies)
        try:
            choose.take_back(vacancies, self._former(vacancies), self.taken)
            self._keep_empty(vacancies)
            for look in (self._owned, self._offered) if vacancies.pool.adopt else (self._offered,):
                for search in vacancies.pool.searches:
                    if vacancies.empty:
                        look(vacancies, search)
        except CarrierError as error:
            self.unresolved |= dict.fromkeys(vacancies.empty, error.message)
            return
        if vacancies.empty:
            self.notices.append(self._shortage(vacancies))

    def _keep_empty(self, vacancies: Vacancies) -> None:
        """Buy nothing in the place of a number that goes on costing at an account which has left the configuration."""
        for seat in vacancies.former:
            if vacancies.empty and seat.provider not in self.session.fleet.accounts:
                slot = seat.slot if seat.slot in vacancies.empty else vacancies.empty[-1]
                vacancies.empty.remove(slot)
                self.unresolved[slot] = (
                    f"its pool gave up {seat.tn}, which goes on costing, at {seat.provider}, and the configuration has "
                    f"no such account any more: where it has another name now, write `moved: {seat.provider}` in it"
                )

    @property
    def _unknown_prices(self) -> bool:
        return self.session.fleet.safety.unknown_prices == "allow"

    def _former(self, vacancies: Vacancies) -> list[Seat]:
        """The numbers that the pool had; at accounts that can be read, those that they show, in whatever state.

        Raises CarrierError where one cannot be read: another might be bought in the place of what goes on costing.
        """
        by_account: dict[str, list[Seat]] = {}
        for seat in vacancies.former:
            by_account.setdefault(seat.provider, []).append(seat)
        shown = {account: self._shown(account, seats) for account, seats in sorted(by_account.items())}
        return [seat for seat in vacancies.former if seat in shown[seat.provider]]

    def _shown(self, account: str, seats: list[Seat]) -> list[Seat]:
        """Those of ``seats`` whose number the account shows; all of them where it has no call to read."""
        provider = self.session.providers.get(account)
        if provider is None or Kind.NUMBER not in provider.capabilities.reads:
            return seats
        seen = provider.observe([Resource(seat.number, account) for seat in seats])
        for address, why in seen.unresolved.items():
            raise CarrierError(f"{account}: {address.name}, which its pool gave up: {why}")
        return [seat for seat in seats if seat.number in seen.found or seat.number in seen.unobservable]

    def _owned(self, vacancies: Vacancies, search: Search) -> None:
        holder = self.session.providers[search.provider]
        if isinstance(holder, Holder):
            owned = standing(self.session.fleet.prices, search.provider, holder.owned(search.fields))
            choose.adopt(vacancies, search, owned, self.taken, unknown_prices=self._unknown_prices)

    def _offered(self, vacancies: Vacancies, search: Search) -> None:
        account, market = search.provider, self.session.providers[search.provider]
        if not isinstance(market, Market):
            return
        looks = choose.quantities(vacancies, self.crowds.get(account, 0))
        for quantity in looks:
            found = market.search(search.fields, quantity)
            offers = priced(self.session.fleet.prices, account, found)
            vacancies.looked_at = len(found) if len(found) >= quantity else 0
            last = quantity == looks[-1] or not vacancies.looked_at
            if not last and choose.wants_more(vacancies, offers, self.taken, unknown_prices=self._unknown_prices):
                continue
            chosen = choose.choose(vacancies, search, offers, self.taken, unknown_prices=self._unknown_prices)
            self.offers.setdefault(account, {}).update(chosen)
            self.crowds[account] = self.crowds.get(account, 0) + len(chosen)
            if vacancies.empty and last and found.doubt:  # what could not be read is not "nothing on offer"
                raise CarrierError(f"{account}: {found.doubt}")
            if not vacancies.empty or last:
                return

    def _shortage(self, vacancies: Vacancies) -> Notice:
        chosen = [tn for offers in self.offers.values() for tn in offers]
        short = Shortage(
            pool=vacancies.pool,
            missing=len(vacancies.empty),
            unknown_prices=self._unknown_prices,
            looked_at=vacancies.looked_at,
            currencies=vacancies.currencies,
            unreadable=len(vacancies.unreadable),
            coverage=self._coverage(vacancies.pool),
        )
        return shortage(short, chosen)

    def _coverage(self, pool: Pool) -> Sequence[Mapping[str, Any]]:
        """Counts of what is on offer near the first search, where the carrier tells them."""
        source, query = self.session.providers[pool.searches[0].provider], coverage_query(pool.searches[0])
        if query is None or not isinstance(source, CoverageSource):
            return ()
        try:
            return source.coverage(query)
        except CarrierError:  # the slots stay empty either way: only the advice is lost
            return ()
