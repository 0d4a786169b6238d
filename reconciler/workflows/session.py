"""What every run needs, what it knows before it asks a carrier, and what it has planned."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from reconciler.clock import Clock
from reconciler.executor.events import Listener
from reconciler.executor.scheduler import Loop, Workers, threads
from reconciler.model import Address, Plan, Price, StateSnapshot
from reconciler.model.fleet import Fleet
from reconciler.planning import limits
from reconciler.planning.compare import Comparison, World
from reconciler.planning.costs import Share
from reconciler.planning.limits import Allowances, Inventory, Violation
from reconciler.planning.selection import Selection
from reconciler.pools.desired import DesiredState, on_record
from reconciler.providers.base import Provider
from reconciler.state.lock import ALL
from reconciler.state.store import Store

Due = Mapping[Address, Price | None]
"""Number whose open order a run sends again, by what its reads have proved -> what that costs."""

PLAN_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a carrier is asked: the records as of one moment, and the desired state by them."""

    state: StateSnapshot
    desired_state: DesiredState

    @classmethod
    def of(cls, fleet: Fleet, state: StateSnapshot) -> Known:
        """What ``fleet`` and these records tell together."""
        return cls(state, on_record(fleet, state))


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

    def known(self, before: Known | None = None) -> Known:
        """What is known now: ``before`` itself, where the records under the lock are as they were."""
        state = self.store.snapshot()
        return before if before and before.state is state else Known.of(self.fleet, state)


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
