"""What every run needs, and how it looks at the world: shared by planning, verifying and applying."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from reconciler.clock import Clock
from reconciler.executor.events import Listener
from reconciler.executor.scheduler import Loop, Workers, threads
from reconciler.model import Address, Kind, Offer, Plan, Price, Quotes, Record, Resource, StateSnapshot, revealed
from reconciler.model.fleet import Fleet, Pool
from reconciler.planning import account_identity, limits
from reconciler.planning.compare import Comparison, World, numbers_to_quote
from reconciler.planning.costs import Share
from reconciler.planning.limits import Allowances, Inventory, Violation
from reconciler.planning.selection import Selection
from reconciler.pools.desired import DesiredState
from reconciler.providers.base import Provider
from reconciler.state.lock import ALL
from reconciler.state.store import Store
from reconciler.workflows.observe import asked_again, discreet, observe, quote, wanted_by_account

Due = Mapping[Address, Price | None]
"""Number whose open order a run sends again, by what its reads have proved -> what that costs."""

PLAN_LIFE = timedelta(hours=24)

_NO_PATH = "/sms/1/numbers"
"""What the digest has for an account without a path: plans that were saved before still hold."""


@dataclass
class Session:
    """What every run needs, put together by the command line or a test."""

    fleet: Fleet
    store: Store
    providers: Mapping[str, Provider]
    clock: Clock
    listener: Listener
    workers: Workers = threads
    accounts: frozenset[str] = ALL
    """The accounts that the run may touch, for whose locks it waits."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Account -> calls that may be in flight there."""
    requests: Callable[[], Mapping[str, tuple[int, int]]] = dict
    """Account -> (reads, writes) made so far."""
    halt: Callable[[], None] = lambda: None
    """Let no write begin any more."""
    cut: Callable[[], None] = lambda: None
    """End the calls in flight."""
    on_loop: Callable[[Loop], None] = lambda _loop: None
    """Told of the running loop, so that a signal can stop it."""
    real: bool = True
    """Whether the carriers take money: not those of the sandbox."""
    new_id: Callable[[], str] = lambda: secrets.token_hex(8)

    def __post_init__(self) -> None:
        self.store.read_as(self.fleet.moves, self.fleet.account_types)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says of one run."""

    selection: Selection = field(default_factory=Selection)
    allow: Allowances = field(default_factory=Allowances)
    wait: timedelta = timedelta(minutes=15)
    lock_timeout: timedelta = timedelta(0)
    plan_life: timedelta = PLAN_LIFE
    expect_digest: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what it was made from."""

    plan: Plan
    world: World
    comparison: Comparison
    inventory: Inventory
    desired_state: DesiredState
    left_out: int = 0
    """Objects that ``--only`` or ``--exclude`` kept out of it."""
    shares: tuple[Share, ...] = ()
    """What it adds and saves by account and label; the plan itself has only the sums."""

    def violations(self, session: Session, allow: Allowances) -> tuple[Violation, ...]:
        """The limits that the plan breaks."""
        return limits.violations(self.plan, session.fleet.safety, self.inventory, allow)


def look(
    session: Session,
    state: StateSnapshot,
    scope: Iterable[Address],
    desired_state: DesiredState,
    due: Due,
    releases: Iterable[str] = (),
) -> World:
    """Read what is live of ``scope``, and ask whether the numbers that are missing are for sale.

    Those that the pools have just chosen from what is on offer are not asked about again. ``releases`` are the numbers
    that the command line names; ``due`` are the open orders that this run sends again.
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
    chosen = desired_state.offers
    unknown = {
        account: [tn for tn in tns if Address(Kind.NUMBER, tn) in in_scope and tn not in chosen.get(account, {})]
        for account, tns in numbers_to_quote(world).items()
    }
    asked = {account: tns for account, tns in unknown.items() if tns}
    answers = quote(session.providers, asked, session.workers, session.fleet.prices)
    return replace(world, quotes=_with_chosen(answers, chosen))


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
    """What the carriers answered, and what they offered when the pools chose from it."""
    known = {account: answers.get(account, Quotes()) for account in (*answers, *chosen)}
    return {a: replace(quotes, offered={**quotes.offered, **chosen.get(a, {})}) for a, quotes in known.items()}


def config_digest(fleet: Fleet, store: Store) -> str:
    """An HMAC over the desired resources and the accounts: what a saved plan binds of the configuration."""
    resources = [_bound(resource) for resource in fleet.resources]
    accounts = [[a.name, a.type, a.base_url, a.path or _NO_PATH] for _, a in sorted(fleet.accounts.items())]
    return store.fingerprint([resources, [_pool_bound(pool) for pool in fleet.pools], accounts])


def _bound(resource: Resource) -> list[Any]:
    after = resource.release_after
    return [
        str(resource.address),
        resource.account,
        revealed(resource.attrs),
        [str(need) for need in resource.needs],
        dict(resource.labels),
        resource.protect,
        None if after is None else int(after.total_seconds()),
    ]


def _pool_bound(pool: Pool) -> list[Any]:
    ceilings = [pool.max_monthly, pool.max_setup]
    return [
        pool.name,
        pool.size,
        [[s.account, dict(s.fields), [_bound(resource) for resource in s.template]] for s in pool.searches],
        [None if ceiling is None else [str(ceiling.amount), ceiling.currency] for ceiling in ceilings],
        [list(pool.prefer), bool(pool.adopt), pool.moved],
    ]
