"""A virtual clock, and what tests of the records run in processes of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, inspect, text

from reconciler.clock import SystemClock
from reconciler.errors import LockedError
from reconciler.model import Action, Address, Intent, Kind, Order, Price
from reconciler.state.location import Location
from reconciler.state.process import Process
from reconciler.state.store import Store
from tests.simulation.sigkill.processes import context

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

SERVER = os.environ.get("TNCTL_TEST_POSTGRESQL")
START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TN = "+12015550123"
NUMBER = Address(Kind.NUMBER, TN)
Answer = Callable[[str], None]


@dataclass
class VirtualClock:
    """A clock that moves only when told; sleeping moves it."""

    moment: datetime = START
    passed: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.passed

    def boot(self) -> float:
        return self.monotonic()

    def every(self, _seconds: float, _action: Callable[[], None]) -> Callable[[], None]:
        """Nobody beats by itself here: a lease ends unless a test writes."""
        return lambda: None

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(timedelta(seconds=seconds))

    def pass_by(self, span: timedelta) -> None:
        self.moment += span
        self.passed += span.total_seconds()

    def jump(self, span: timedelta) -> None:
        """Move the wall clock alone."""
        self.moment += span


def process(pid: int = 1, host: str = "ci-1", *, alive: bool = True) -> Process:
    """A process that thinks every other of its host is alive, or dead."""
    return Process(
        "alice", host, pid, f"start of {pid}", lambda _pid, _start: alive, machine=host, boot=f"boot of {host}"
    )


def begin_purchase(store: Store, tn: str = TN, *, price: Price | None = None, plan_id: str = "plan-1") -> Intent:
    """An open purchase with its first attempt."""
    address = Address(Kind.NUMBER, tn)
    reference = store.reference("infobip", "desk", [address])
    keys, order = {"numberKey": "KEY%1"}, Order({"route": 4})
    return store.open_intent(plan_id, "desk", Action.CREATE, [address], reference, keys, price, order=order, begin=True)


def clear_server(server: str) -> None:
    """Drop every table and schema of ours in the database, of whatever format."""
    engine = create_engine(Location.parse(server).url)
    with engine.begin() as connection:
        look = inspect(connection)
        for name in look.get_table_names():
            if name.startswith("tnctl_"):
                connection.execute(text(f"DROP TABLE {name} CASCADE"))
        for name in look.get_schema_names():
            if name.startswith("tnctl_"):
                connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def together(target: Callable[..., None], *arguments: object, times: int = 4) -> list[str]:
    """What that many processes answer that run ``target(answer, barrier, *arguments)`` at once."""
    forking = context()
    barrier, answers = forking.Barrier(times, timeout=20), forking.SimpleQueue()
    children = [forking.Process(target=target, args=(answers.put, barrier, *arguments)) for _ in range(times)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return sorted(answers.get() for child in children if child.exitcode == 0)


def tell_lineage(answer: Answer, barrier: Barrier, url: str) -> None:
    """In a process of its own: make or open the records at one moment with others."""
    barrier.wait()
    with Store.open(url, SystemClock(), create=True) as store:
        answer(store.lineage)


def race_for_lock(answer: Answer, barrier: Barrier, url: str) -> None:
    """In a process of its own: take the lock, and hold it until every racer has tried."""
    with Store.open(url, SystemClock(), create=True) as store:
        barrier.wait()
        try:
            store.acquire()
            begin_purchase(store)
            answer("held")
        except LockedError:
            answer("locked")
        barrier.wait()


def take_lock_and_die(url: str) -> None:
    """In a process of its own: leave an open intent and a lock behind."""
    store = Store.open(url, SystemClock(), create=True)
    store.acquire()
    begin_purchase(store)
    os.kill(os.getpid(), signal.SIGKILL)
