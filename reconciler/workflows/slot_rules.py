"""Numbers that a plan names for slots, held to the rules of their pools once more, before anything is sent.

A file can be edited, and the world moves: a number that was fit for a slot yesterday may have lost a capability, or be
dearer than the pool allows by now. So each is judged as it would be if it were chosen now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.errors import StalePlanError
from reconciler.model import Action, Change, Kind, Quotes, slots
from reconciler.model.fleet import Pool, Search
from reconciler.model.price_book import with_prices
from reconciler.planning.snapshot import World
from reconciler.pools import choose
from reconciler.pools.desired import DesiredState
from reconciler.providers.base import Holder, Market
from reconciler.workflows.session import Session


def refuse(session: Session, desired_state: DesiredState, world: World, todo: Iterable[Change]) -> None:
    """Raise StalePlanError where a change gives a slot a number that its pool may not take; asks the carriers."""
    filling = [(c, c.slot) for c in todo if c.address.kind is Kind.NUMBER and c.slot]
    pools = {pool.name: pool for pool in session.fleet.pools}
    wrong: list[str] = []
    for change, slot in filling:
        pool = pools.get(slots.split(slot)[0])
        why = f"slot {slot.name} is of no pool" if pool is None else _unfit(session, desired_state, world, change, pool)
        wrong += [f"{change.address}: {why}"] if why else []
    if wrong:
        raise StalePlanError("the plan does not fit its pools any more; nothing was sent:\n" + "\n".join(wrong))


def _unfit(session: Session, desired_state: DesiredState, world: World, change: Change, pool: Pool) -> str:
    """Why the pool may not take that number; empty when it may."""
    searches = [search for search in pool.searches if search.account == change.account]
    if not searches:
        return f"pool {pool.name} does not look at {change.account}"
    if not choose.may_send(pool, change.address.name):
        return f"pool {pool.name} takes no toll-free number: its campaign does not"
    if change.action is Action.CREATE:
        return next(_wrong_with_offer(session, world, change, pool, searches), "")
    if change.action is Action.ADOPT and not _is_owned_and_fits(session, desired_state, change, pool, searches):
        return f"pool {pool.name} does not take that number over"
    return ""


def _wrong_with_offer(
    session: Session, world: World, change: Change, pool: Pool, searches: list[Search]
) -> Iterator[str]:
    """What speaks against a number on offer."""
    offer = world.quotes.get(change.account, Quotes()).offered.get(change.address.name)
    market = session.providers[change.account]
    if offer is None or not isinstance(market, Market):
        yield "it is not on offer"
        return
    if offer.shared:
        yield "it is offered as a shared number only"
    if not (offer.price and offer.price.unreadable) and not choose.affordable(
        offer.price, pool, unknown_prices=session.fleet.safety.unknown_prices == "allow"
    ):
        yield f"it costs more than pool {pool.name} allows, or that is not known"
    if not any(market.fits(offer, search.fields) for search in searches):
        yield f"no search of pool {pool.name} shows it"


def _is_owned_and_fits(
    session: Session, desired_state: DesiredState, change: Change, pool: Pool, searches: list[Search]
) -> bool:
    """Whether the pool had that number, or may adopt it and would."""
    if any(allocation.number == change.address for allocation in desired_state.allocations.former.get(pool.name, ())):
        return True
    holder = session.providers[change.account]
    if not pool.adopt or not isinstance(holder, Holder):
        return False
    unknown = session.fleet.safety.unknown_prices == "allow"
    owned = (
        number
        for search in searches
        for number in with_prices(session.fleet.prices, search.account, holder.owned(search.fields))
    )
    return any(n.address == change.address and choose.adoptable(n.price, pool, unknown_prices=unknown) for n in owned)
