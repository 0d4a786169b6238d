"""One world: carriers on their clock, the program on its own, its records, and every run upon them."""

from __future__ import annotations

import hashlib
import re
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from reconciler.executor.scheduler import Loop
from reconciler.model import Plan, StateSnapshot
from reconciler.model.fleet import CarrierType, Fleet
from reconciler.planning.drift import Drift
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection
from reconciler.sandbox import AccountSpec, Chaos, Rule, VirtualClock
from reconciler.sandbox.faults import Strike
from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.switches import Switches
from reconciler.state import plan_file
from reconciler.state.lock import ALL
from reconciler.state.process import Process as Identity
from reconciler.state.store import Store
from reconciler.testing import Heard, at_the_sandbox, load_configuration, session_of
from reconciler.workflows import apply
from reconciler.workflows.drift import find_drift
from reconciler.workflows.plan import make_plan
from reconciler.workflows.scope import accounts_in_use
from reconciler.workflows.session import Known, Options, Planned, Session
from tests.simulation import fleet
from tests.simulation.acts import Kind, Run
from tests.simulation.canaries import PLAIN
from tests.simulation.carriers import ASTRAY, Asked, TappedSandbox, describe
from tests.simulation.census import Census
from tests.simulation.checkers import Arrival, Checkers, Served
from tests.simulation.events import STRANGER, happen_midcall
from tests.simulation.fleet import NumberEntry, Pool
from tests.simulation.process import Ended, KilledError, Process, VirtualStore
from tests.simulation.records import NO_RECORDS, Image, Records

_DIGITS = re.compile(rb"[0-9]{7,15}")

ONE_CALL_AT_A_TIME = "limits: {max_in_flight: 1}"
"""The order of calls must depend on the seed alone."""

TYPES = {
    "ip": CarrierType.INTELEPEER,
    "vt": CarrierType.INUMBERING,
    "api": CarrierType.INUMBERING,
    "ib": CarrierType.INFOBIP,
}


@cache
def _fresh_records() -> Image:
    """Empty records, made once a process by the program itself; making them is a tenth of a schedule."""
    with tempfile.TemporaryDirectory() as folder:
        records = Records(Path(folder) / "state.db")
        Store.open(records.url, VirtualClock(), create=True, token=lambda: "5" * 64).close()
        return records.image()


EVERYTHING = Allowances(purchases=99, releases=99, deletes=99)
"""What lifts every limit for one run, but that of an account which is emptied."""


def selection(only: str) -> Selection:
    """What a run about that account selects, or about all."""
    return Selection(only=(f"provider={only}",) if only else ())


@dataclass(frozen=True, slots=True)
class Scene:
    """What a world begins with. ``entries`` are the first configuration; ``numbers`` every one it ever has."""

    seed: int
    entries: tuple[NumberEntry, ...]
    numbers: tuple[NumberEntry, ...]
    switches: Mapping[str, Switches]
    pool: Pool | None = None
    """The pool, as it is at first."""
    chaos: Chaos | None = None
    rules: tuple[Rule, ...] = ()
    shards: bool = False
    """Whether runs are about one account now and then, and lock what they are about instead of everything; or have a
    configuration that leads to another account."""
    misled: frozenset[str] = frozenset()
    """The accounts whose URL leads to another one for a run."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the configuration has; IntelePeer's is always there, for messages."""
        pooled = {self.pool.account} if self.pool else set()
        return tuple(sorted({"ip", *pooled, *(entry.account for entry in self.numbers)}))


class World:
    """Everything of one scene, and the tap on its carriers. ``trace`` tells its story, line by line."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene = scene
        self.folder = folder
        self.trace: list[str] = []
        self.census = Census()
        self.carrier_clock = VirtualClock()
        self.clock = self.carrier_clock.twin()
        self.records = Records(folder / "state.db")
        self.processes: list[Process] = []
        """The running ones: the last runs inside a call of the one before."""
        self.saved: Plan | None = None
        self.images: list[Image] = []
        """The records before each run."""
        self.entries: tuple[NumberEntry, ...] = ()
        self.pool = scene.pool
        specs = {
            name: AccountSpec(TYPES[name], account_api=name == "api", switches=scene.switches[name])
            for name in scene.accounts
        }
        specs |= {name + ASTRAY: AccountSpec(TYPES[name], account_api=name == "api") for name in sorted(scene.misled)}
        self.sandbox = TappedSandbox(specs, self.carrier_clock, self, seed=scene.seed)
        self.sandbox.faults.plant(*scene.rules)
        if scene.chaos:
            self.sandbox.faults.unleash(scene.chaos)
        self.checkers = Checkers(self.sandbox.ledger, self.sandbox.owned)
        self.known = self.checkers.known
        self._rng = Random(scene.seed)
        self._tokens = (hashlib.sha256(f"{scene.seed}/{n}".encode()).hexdigest() for n in count())
        self._pids = count(1000)
        self.records.put_back(_fresh_records())
        self.configure(scene.entries)

    def configure(self, entries: Sequence[NumberEntry]) -> None:
        """Make ``entries`` the configuration."""
        path = self.folder / "numbers.yaml"
        accounts = {name: f"{fleet.ACCOUNTS[name]}, {ONE_CALL_AT_A_TIME}" for name in self.scene.accounts}
        path.write_text(fleet.yaml(entries, accounts, self.pool))
        self.entries = tuple(entries)
        self.checkers.configured(self.entries, self.pool)
        loaded = load_configuration([path], PLAIN)
        self.fleet = replace(
            loaded,
            accounts={name: replace(a, base_url=f"http://127.0.0.1:1/{name}") for name, a in loaded.accounts.items()},
        )
        told = [*(entry.yaml().strip() for entry in entries), *([self.pool.yaml().strip()] if self.pool else [])]
        self.tell("configuration: " + "; ".join(told))

    def resize(self, size: int) -> None:
        """Make the pool so large."""
        if self.pool is not None:
            self.pool = replace(self.pool, size=size)
            self.configure(self.entries)

    def tell(self, line: str) -> None:
        """Add a line to the story."""
        self.trace.append(f"{self.carrier_clock.monotonic():9.2f} {line}")

    # Runs

    def apply(self, run: Run) -> Ended:
        """One apply, from the first look at the records to its end or its death."""
        process = Process(next(self._pids), run)
        self.images.append(self.records.image())
        if run.astray and self.records.hold_numbers_of(run.astray):
            process.astray = run.astray
            self.census.events["the configuration leads to another account"] += 1
        self.census.counts["applies"] += 1
        self.tell(f"apply by {process.pid}: {run}")
        self.processes.append(process)
        self.checkers.begins(process)
        try:
            ended = self._ended(process, self.saved if run.saved else None)
        finally:
            self.processes.remove(process)
        if process.image is not None:
            self.records.put_back(process.image)
        self._judge(ended)
        return ended

    def _ended(self, process: Process, saved: Plan | None) -> Ended:
        run = process.run
        allow = replace(EVERYTHING, empty=frozenset(self.scene.accounts)) if run.allow else Allowances()
        options = Options(
            selection=selection(run.only),
            allow=replace(allow, release=run.release),
            wait=timedelta(seconds=run.wait),
        )
        try:
            with self.open(process) as store, self.records.watched():
                if self.scene.shards:
                    process.accounts = self.in_use(store, run.only, saved)
                session = self.session(store, process.heard, process)
                try:
                    report = apply.apply(session, options, lambda plan: self._seen(plan, process), saved)
                    return Ended(process, report)
                finally:
                    if not process.dead:
                        process.state = store.snapshot()
        except (KilledError, Exception) as error:
            return Ended(process, error=error)

    def in_use(self, store: Store, only: str, saved: Plan | None = None) -> frozenset[str]:
        """The accounts that such a run may touch."""
        known = Known.of(self.fleet, store.snapshot())
        return frozenset(accounts_in_use(self.fleet, known, selection(only), saved=saved))

    def _seen(self, planned: Planned, process: Process) -> bool:
        """Judge what a run has planned, and approve it."""
        process.planned = frozenset(change.address.name for change in planned.plan.changes)
        self.checkers.planned(process, planned)
        return True

    def open(self, process: Process) -> VirtualStore:
        """The records, as ``process`` opens them."""
        return VirtualStore.as_process(
            self.identity(process),
            self.records.url,
            self.clock,
            create=True,
            token=self._tokens.__next__,
            on_commit=lambda label: self._committed(process, label),
        )

    def identity(self, process: Process) -> Identity:
        """``process`` as its lock names it; it knows which processes of its host still live."""
        host = process.run.host
        return Identity(
            "somebody", host, process.pid, alive=lambda pid, _start: pid in self._living(), machine=host, boot=host
        )

    def _living(self) -> set[int]:
        return {process.pid for process in self.processes}

    def session(self, store: Store, heard: Heard, process: Process | None = None) -> Session:
        """What the command line would put together; without a ``process`` it may only read."""
        fleet = self._read_by(process)
        providers = at_the_sandbox(fleet.accounts, self.sandbox, self.clock, PLAIN, writes=process is not None)

        def remember(loop: Loop) -> None:
            if process is not None:
                process.loop = loop

        return session_of(
            fleet,
            store,
            providers,
            self.clock,
            heard,
            accounts=ALL if process is None else process.accounts,
            on_loop=remember,
            real=False,
            new_id=lambda: next(self._tokens)[:16],
        )

    def _read_by(self, process: Process | None) -> Fleet:
        """The configuration as ``process`` finds it."""
        if process is None or not process.astray:
            return self.fleet
        there = replace(self.fleet.accounts[process.astray], base_url=f"http://127.0.0.1:1/{process.astray}{ASTRAY}")
        return replace(self.fleet, accounts={**self.fleet.accounts, process.astray: there})

    def plan(self) -> Plan:
        """What an apply would do now; asks the carriers and sends nothing else."""
        reader = Process(next(self._pids), Run())
        self.processes.append(reader)
        try:
            with Store.open(self.records.url, self.clock, create=True, token=self._tokens.__next__) as store:
                planned = make_plan(self.session(store, reader.heard), Options())
                self._seen(planned, reader)
        finally:
            self.processes.remove(reader)
        document = plan_file.dumps(planned.plan)
        self.checkers.shown("a saved plan", document)
        return plan_file.loads(document)

    def drift(self) -> Drift:
        """What changed behind our back."""
        reader = Process(next(self._pids), Run(), counted=False)
        self.processes.append(reader)
        try:
            with Store.open(self.records.url, self.clock, create=True, token=self._tokens.__next__) as store:
                found = find_drift(self.session(store, reader.heard), Options())
        finally:
            self.processes.remove(reader)
        self.checkers.shown("a drift report", repr(found))
        return found

    def snapshot(self) -> StateSnapshot:
        """What is on record."""
        with Store.open(self.records.url, self.clock, create=True) as store:
            return store.snapshot()

    def replace_records(self, image: Image = NO_RECORDS) -> None:
        """Lose the records, or put a backup in their place."""
        self.records.put_back(image)
        self.checkers.records_replaced()

    def by_hand(self, change: Callable[[Store], object]) -> None:
        """What ``tnctl state`` does: one change of the records, under the lock."""
        self.unlock()
        with Store.open(self.records.url, self.clock, create=True) as store, store.locked():
            change(store)

    def _judge(self, ended: Ended) -> None:
        self.tell(str(ended))
        if ended.killed:
            self.census.counts["crashes"] += 1
            self.census.crashes[str(ended.error)] += 1
        told = [*ended.process.heard.lines, repr(ended.report), str(ended), repr(ended.error)]
        if ended.error is not None:
            told += traceback.format_exception(ended.error)
        self.checkers.shown("a run", "\n".join(told))
        self.checkers.ended(ended, self.records)

    def heal(self, healthy: Mapping[str, Mapping[str, Any]]) -> None:
        """Let the faults end, also those that are switches of a carrier."""
        self.tell("the faults end")
        self.checkers.happened(Kind.HEAL)  # what nobody could buy may be on offer now
        self.sandbox.faults.heal()
        for account in self.scene.accounts:
            self.sandbox.carrier(account).turn(**healthy[account])

    def hold_lock(self) -> None:
        """A process of another host takes the lock, if it is free, and goes on holding it."""
        with VirtualStore.as_process(STRANGER, self.records.url, self.clock, create=True) as store:
            store.acquire(timedelta(0))

    def unlock(self) -> None:
        """What a person does who knows that the holder is gone."""
        for holder in self.records.holders():
            with Store.open(self.records.url, self.clock, create=False) as store:
                store.unlock(holder.lock_id)
            self.tell("unlocked by hand")

    # The tap, and what else is a boundary

    def before(self, asked: Asked) -> None:
        """A call is at a carrier's door."""
        process = self.processes[-1]
        if process.dead:
            raise KilledError
        process.calls += 1
        if asked.writes and asked.astray:
            self.checkers.misdirected(asked)
        elif asked.writes:
            process.writes += 1
            written = self.records.written(asked.account, asked.tn, asked.key)
            self.checkers.arrives(Arrival(asked, process, written, self.carrier_clock.now()))
        if process.run.midcall and process.calls == process.run.midcall[0]:
            happen_midcall(self, process, process.run.midcall[1])
        self._boundary(process, f"before {asked.account}.{asked.call}")

    def shown(self, asked: Asked, target: str, body: bytes) -> None:
        """A read was answered, as far as the answer arrives."""
        if not asked.writes:
            self.processes[-1].shown.update(number.decode()[-10:] for number in _DIGITS.findall(target.encode() + body))

    def after(self, asked: Asked, strike: Strike | None, booked: list[Entry]) -> None:
        """A carrier has dealt with a call."""
        process = self.processes[-1]
        events = "".join(f" -> {entry.event} {entry.key}" for entry in booked)
        self.tell(f"  {process.pid} {asked.account}.{asked.call} {asked.tn}{describe(strike)}{events}")
        if not asked.astray:
            if process.counted:
                self._count(asked, strike, booked)
            silent = not getattr(self.sandbox.carrier(asked.account).switches, "purchase_body", True)
            self.checkers.served(Served(asked, process, strike, booked, self.carrier_clock.now(), silent))
        self._boundary(process, f"after {asked.account}.{asked.call}")

    def _count(self, asked: Asked, strike: Strike | None, booked: list[Entry]) -> None:
        self.census.counts["calls"] += 1
        self.census.counts["purchases"] += sum(asked.orders for _ in booked)
        self.census.counts["releases"] += sum(asked.releases for _ in booked)
        if strike is not None:
            self.census.counts["faults"] += 1
            self.census.strikes[f"{strike.fault.name} {strike.when}", f"{asked.account}.{asked.call}"] += 1

    def _committed(self, process: Process, label: str) -> None:
        if process.dead:
            return
        before = self.records.committed()
        self._boundary(process, f"commit of {label}", before if process.run.torn else None)

    def _boundary(self, process: Process, name: str, torn_from: int | None = None) -> None:
        process.boundaries += 1
        if process.boundaries != process.run.crash:
            return
        image = self.records.image()
        process.image = image if torn_from is None else self.records.torn(image, torn_from, self._rng)
        raise KilledError(f"{name}, torn" if process.image != image else name)
