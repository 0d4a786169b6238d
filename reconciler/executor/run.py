"""What every task of one run shares: the services that it works with, and what it has done and found so far.

::

    Run         made once and never changed: records, carriers, clock, loop, listener, and what is wanted
    +- RunState     changed by its tasks, all of which run in one thread
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.clock import Clock
from reconciler.errors import TnctlError
from reconciler.executor.clocks import RunClock
from reconciler.executor.events import Listener
from reconciler.executor.scheduler import Loop
from reconciler.model import Address, Outcome, Resource, Step
from reconciler.model.fleet import Prices
from reconciler.planning.open_orders import Finding
from reconciler.planning.spending import Spending
from reconciler.providers.base import Capabilities, Market, Provider
from reconciler.state.store import Store

SHORTEST_PAUSE = 2.0
"""Seconds between two reads, at least; the last one is at the end of the wait."""


@dataclass(slots=True)
class RunState:
    """What a run has done and found so far."""

    sent: set[int] = field(default_factory=set)
    """Intents of which this run has sent an attempt: a purchase goes out at most once a run."""
    answered: set[Address] = field(default_factory=set)
    """Addresses for which this run has sent a write that the carrier may have acted on."""
    held_back: dict[Address, str] = field(default_factory=dict)
    """What may not leave any more, and why: a purchase that would cost too much, a number that others hold by now."""
    waits: dict[Address, str] = field(default_factory=dict)
    """Address -> what this run has last said of it while it waited."""
    findings: dict[int, Finding] = field(default_factory=dict)
    """Intent -> what this run's reads have proved about it."""
    settled: list[str] = field(default_factory=list)
    """Sentences about outcomes of earlier runs that this run has settled."""
    recovered: list[Outcome] = field(default_factory=list)
    """Purchases and releases of earlier runs that this run has found to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the tasks of one apply work with.

    The orders of earlier runs are settled before there is a plan; for it, ``plan_id``, ``desired`` and ``deadline`` are
    replaced, and the state goes on.
    """

    store: Store
    clock: Clock
    clocks: RunClock
    """What this run knows of time."""
    providers: Mapping[str, Provider]
    loop: Loop
    listener: Listener
    accounts: Mapping[str, str]
    """Account name -> carrier type."""
    prices: Prices
    """The price book."""
    elsewhere: Mapping[str, str]
    """Account -> what to do about an order of an earlier run, where its calls go to another URL than that went to."""
    spending: Spending
    """What its purchases are charged."""
    desired: Mapping[Address, Resource]
    deadline: float
    """When waiting for carriers ends, on the monotonic clock."""
    plan_id: str = ""
    """The plan that is executed; empty while there is none yet."""
    state: RunState = field(default_factory=RunState)

    def time_left(self) -> float:
        """Seconds that waiting may still take; 0 once the run is told to stop."""
        return 0.0 if self.loop.stopping else max(0.0, self.deadline - self.clock.monotonic())

    def capabilities(self, account: str) -> Capabilities:
        """What that account can do."""
        return self.providers[account].capabilities

    def market(self, account: str) -> Market:
        """That account as a seller of numbers; only such a one can have an open purchase or release."""
        seller = self.providers[account]
        if not isinstance(seller, Market):
            raise TnctlError(f"{account} sells no numbers, and the records hold an open purchase there")
        return seller

    def settled(self, sentence: str) -> None:
        """Tell, and remember for the report, that what an earlier run left behind is settled."""
        self.state.settled.append(sentence)
        self.listener.note(sentence)

    def waiting(self, step: Step, message: str) -> None:
        """Tell, and remember, for what a step waits."""
        self.state.waits.update(dict.fromkeys(step.addresses, message))
        self.listener.waiting(step, message)


def backoff(first: float = SHORTEST_PAUSE, factor: float = 1.5, longest: float = 30.0) -> Callable[[], float]:
    """Seconds to the next read: 2, 3, 4.5 … 30."""
    pause = first / factor

    def following() -> float:
        nonlocal pause
        pause = min(longest, pause * factor)
        return pause

    return following
