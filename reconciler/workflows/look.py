"""Look at the world: read what is live, ask once more for what is missed, and whether the rest is for sale."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.executor.scheduler import Workers
from reconciler.model import Address, Kind, Offer, Quotes, Record, Resource, StateSnapshot
from reconciler.model.fleet import Fleet
from reconciler.planning import account_identity
from reconciler.planning.compare import World, numbers_to_quote
from reconciler.pools.desired import DesiredState
from reconciler.providers.base import Provider
from reconciler.workflows.observe import asked_again, discreet, observe, quote, wanted_by_account
from reconciler.workflows.session import Due, Session


def look(
    session: Session,
    state: StateSnapshot,
    scope: Iterable[Address],
    desired_state: DesiredState,
    due: Due,
    releases: Iterable[str] = (),
) -> World:
    """Read what is live of ``scope``, and ask whether the numbers that are missing are for sale.

    ``releases`` are the numbers that the command line names; ``due`` are the open orders that this run sends again.
    """
    wanted = wanted_of(session.fleet, scope, desired_state.desired, state)
    world = World(
        desired=desired_state.desired,
        observations=discreet(observe(session.providers, wanted, session.workers), desired_state.desired, state),
        quotes={},
        state=state,
        capabilities={account: provider.capabilities for account, provider in session.providers.items()},
        fingerprint=session.store.fingerprint,
        now=session.clock.now(),
        allocated=desired_state.allocated,
        releases=frozenset({*releases, *session.fleet.safety.release}),
        forgets=frozenset(session.fleet.safety.forget),
        due=due,
    )
    world = confirmed(session.fleet, session.providers, session.workers, world, wanted)
    in_scope = {resource.address for resources in wanted.values() for resource in resources}
    return replace(world, quotes=_quoted(session, world, in_scope, desired_state.offers))


def _quoted(
    session: Session, world: World, in_scope: Collection[Address], chosen: Mapping[str, Mapping[str, Offer]]
) -> dict[str, Quotes]:
    """Which of the numbers that are missing are for sale. Those that were just ``chosen`` for slots, from what is on
    offer, are not asked about again."""
    unknown = {
        account: [tn for tn in tns if Address(Kind.NUMBER, tn) in in_scope and tn not in chosen.get(account, {})]
        for account, tns in numbers_to_quote(world).items()
    }
    asked = {account: tns for account, tns in unknown.items() if tns}
    answers = quote(session.providers, asked, session.workers, session.fleet.prices)
    return _with_chosen(answers, chosen)


def wanted_of(
    fleet: Fleet, scope: Iterable[Address], desired: Mapping[Address, Resource], state: StateSnapshot
) -> dict[str, list[Resource]]:
    """Account -> what to read there for ``scope``, and of an account at another site than before all its numbers."""
    within = set(scope)
    wanted = wanted_by_account(within, desired, state)
    more = account_identity.to_be_judged(fleet.accounts.values(), state, wanted.keys())
    return wanted_by_account({*within, *more}, desired, state) if more else wanted


def confirmed(
    fleet: Fleet,
    providers: Mapping[str, Provider],
    workers: Workers,
    world: World,
    wanted: Mapping[str, Sequence[Resource]],
) -> World:
    """``world`` with a second read, by the exact number, of whatever our records hold and its account did not show;
    and with the accounts that are strange after it."""
    missing = {account: [r for r in _held(world, asked) if _is_missing(world, r)] for account, asked in wanted.items()}
    again = replace(world, observations=asked_again(providers, world.observations, missing, workers))
    return replace(again, strange=account_identity.strange(fleet.accounts.values(), again))


def _held(world: World, asked: Iterable[Resource]) -> Iterator[Record]:
    """The numbers among ``asked`` that our records hold at the account that was asked."""
    for resource in asked:
        record = world.state.records.get(resource.address)
        if (
            record
            and not record.tombstone
            and record.address.kind is Kind.NUMBER
            and record.account == resource.account
        ):
            yield record


def _is_missing(world: World, record: Record) -> bool:
    caps, seen = world.capabilities.get(record.account), world.observation(record.account)
    if caps is None or Kind.NUMBER not in caps.reads or world.item(record.address).unlisted:
        return False
    return not (
        record.address in seen.found or record.address in seen.unresolved or record.address in seen.unobservable
    )


def _with_chosen(answers: Mapping[str, Quotes], chosen: Mapping[str, Mapping[str, Offer]]) -> dict[str, Quotes]:
    """What the carriers answered, and what they offered when numbers were chosen from it."""
    known = {account: answers.get(account, Quotes()) for account in (*answers, *chosen)}
    return {a: replace(quotes, offered={**quotes.offered, **chosen.get(a, {})}) for a, quotes in known.items()}
