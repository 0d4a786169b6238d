"""One run of the program as a virtual process: it has a pid and a host, passes boundaries, and may die at one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from reconciler.executor.scheduler import Loop
from reconciler.model import Report, StateSnapshot
from reconciler.state.lock import ALL, Lock
from reconciler.state.process import Process as Identity
from reconciler.state.store import Store
from tests.rig import Heard
from tests.simulation.acts import Run
from tests.simulation.records import Image


class KilledError(BaseException):
    """The process dies here. Not an ``Exception``: nothing in the program may catch it."""


@dataclass
class Process:
    """One apply. A boundary is a commit of ours, or either side of a carrier's commit."""

    pid: int
    run: Run
    heard: Heard = field(default_factory=Heard)
    boundaries: int = 0
    calls: int = 0
    writes: int = 0
    accounts: frozenset[str] = ALL
    """The accounts that it may touch, and locks."""
    robbed: bool = False
    """Whether its lock was taken from it."""
    image: Image | None = None
    """What it left of the records when it died."""
    state: StateSnapshot | None = None
    """What stood in the records when it ended; None for one that died, or never opened them."""
    astray: str = ""
    """The account that it takes another one for."""
    counted: bool = True
    """Whether its calls count in the census."""
    loop: Loop | None = None
    shown: set[str] = field(default_factory=set)
    """The last ten digits of every number that a read of its named, in what was asked or answered."""

    planned: frozenset[str] | None = frozenset()
    """The names in the plan that was approved; None where nobody saw it."""

    def approves(self, name: str) -> bool:
        """Whether that name stands in the plan that was approved."""
        return self.planned is None or name in self.planned

    @property
    def dead(self) -> bool:
        """Whether it was killed; it then does nothing more, whatever Python still unwinds."""
        return self.image is not None

    def stop(self) -> None:
        """What a first SIGINT does."""
        if self.loop is not None:
            self.loop.stop()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: with a report, an error of ours, or killed at a boundary."""

    process: Process
    report: Report | None = None
    error: BaseException | None = None

    @property
    def code(self) -> int | None:
        """The exit code; None for a process that was killed."""
        if self.report is not None:
            return self.report.exit_code
        return getattr(self.error, "exit_code", None)

    @property
    def killed(self) -> bool:
        """Whether it died."""
        return isinstance(self.error, KilledError)

    @property
    def unheard(self) -> bool:
        """Whether it died over a call that its carrier had dealt with."""
        return self.killed and str(self.error).startswith("after ")

    def __str__(self) -> str:
        if self.report is None:
            return f"{type(self.error).__name__}: {self.error}"
        outcomes = ", ".join(f"{o.address} {o.action} {o.result}" for o in self.report.outcomes)
        return f"exit {self.report.exit_code} [{outcomes}]"


class VirtualStore(Store):
    """The records as a virtual process opens them: its lock names that process, not this one."""

    identity: Identity

    def acquire(
        self, wait: timedelta = timedelta(0), process: Identity | None = None, accounts: Collection[str] = ALL
    ) -> Lock:
        """Take the locks for the virtual process."""
        return super().acquire(wait, process or self.identity, accounts)

    @classmethod
    def as_process(cls, identity: Identity, *args: Any, **kwargs: Any) -> VirtualStore:
        """Open (see :meth:`Store.open`) for that process."""
        store = cls.open(*args, **kwargs)
        if not isinstance(store, VirtualStore):
            raise TypeError("Store.open makes a store of the class that it is called on")
        store.identity = identity
        return store
