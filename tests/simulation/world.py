"""The world of one schedule: carriers on their clock, the program on its own, its records, and every run upon them."""

from __future__ import annotations

import hashlib
import re
import tempfile
import traceback
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from random import Random

from reconciler.config.load import load_configuration
from reconciler.errors import LockedError, LockLostError, StateError, TnctlError
from reconciler.executor.scheduler import InlineExecutor, Loop
from reconciler.model import Plan
from reconciler.model.fleet import Fleet, ProviderType
from reconciler.planning.limits import Allowances
from reconciler.planning.selection import Selection
from reconciler.providers import registry
from reconciler.providers.credentials import Secrets
from reconciler.providers.http.transport import WriteRefusedError
from reconciler.sandbox import AccountSpec, VirtualClock
from reconciler.sandbox.adapter import SandboxAdapter
from reconciler.sandbox.faults import Strike
from reconciler.sandbox.infobip import InfobipCarrier
from reconciler.sandbox.inumbering import INumberingCarrier
from reconciler.sandbox.ledger import Entry
from reconciler.state import plan_file
from reconciler.state.lock import ALL
from reconciler.state.process import Process as Identity
from reconciler.state.store import Store
from reconciler.workflows import apply
from reconciler.workflows.scope import accounts_in_use
from reconciler.workflows.session import Options, Planned, Session
from tests.rig import Heard
from tests.simulation import fleet as lines_of
from tests.simulation.carriers import ASTRAY, Asked, TappedSandbox, describe
from tests.simulation.events import happen_midcall
from tests.simulation.fleet import Line
from tests.simulation.leaks import ENVIRON, leaked
from tests.simulation.oracle import Oracle
from tests.simulation.process import Ended, KilledError, Process, VirtualStore
from tests.simulation.records import Image, Records
from tests.simulation.seeded.census import Census
from tests.simulation.seeded.schedule import Run, Schedule

OURS = (StateError, WriteRefusedError)
"""Errors that only a fault of the program can lead to here."""

_DIGITS = re.compile(rb"[0-9]{7,15}")

TYPES = {
    "ip": ProviderType.INTELEPEER,
    "vt": ProviderType.INUMBERING,
    "api": ProviderType.INUMBERING,
    "ib": ProviderType.INFOBIP,
}


@cache
def _fresh_records() -> Image:
    """Empty records, made once a process by the program itself; making them is a tenth of a schedule."""
    with tempfile.TemporaryDirectory() as folder:
        records = Records(Path(folder) / "state.db")
        Store.open(records.url, VirtualClock(), create=True, token=lambda: "5" * 64).close()
        return records.image()


def selection(only: str) -> Selection:
    """What a run about that account selects, or about all."""
    return Selection(only=(f"provider={only}",) if only else ())


class World:
    """Everything of one schedule, and the tap on its carriers. ``trace`` tells its story, line by line."""

    def __init__(self, schedule: Schedule, folder: Path) -> None:
        self.schedule = schedule
        self.folder = folder
        self.trace: list[str] = []
        self.census = Census()
        self.oracle = Oracle()
        self.carrier_clock = VirtualClock()
        self.clock = self.carrier_clock.twin()
        self.records = Records(folder / "state.db")
        self.processes: list[Process] = []
        """The running ones: the last runs inside a call of the one before."""
        self.saved: Plan | None = None
        self.images: list[Image] = []
        """The records before each run."""
        self.lines: tuple[Line, ...] = ()
        self.desk = schedule.desk
        specs = {
            name: AccountSpec(TYPES[name], account_api=name == "api", switches=schedule.switches[name])
            for name in schedule.accounts
        }
        misled = {act.astray for act in schedule.acts if isinstance(act, Run)} - {""}
        specs |= {name + ASTRAY: AccountSpec(TYPES[name], account_api=name == "api") for name in sorted(misled)}
        self.sandbox = TappedSandbox(specs, self.carrier_clock, self, seed=schedule.seed)
        self.sandbox.faults.plant(*schedule.rules)
        if schedule.chaos:
            self.sandbox.faults.unleash(schedule.chaos)
        self._rng = Random(schedule.seed)
        self._tokens = (hashlib.sha256(f"{schedule.seed}/{n}".encode()).hexdigest() for n in count())
        self._pids = count(1000)
        self.records.put_back(_fresh_records())
        self.configure(schedule.lines)

    def configure(self, lines: tuple[Line, ...]) -> None:
        """Make ``lines`` the configuration."""
        path = self.folder / "numbers.yaml"
        path.write_text(lines_of.yaml(lines, self.schedule.accounts, self.desk))
        self.lines = lines
        self.oracle.declare(lines, self.desk)
        loaded = load_configuration([path], ENVIRON)
        self.fleet = replace(
            loaded,
            accounts={name: replace(a, base_url=f"http://127.0.0.1:1/{name}") for name, a in loaded.accounts.items()},
        )
        told = [*(line.yaml().strip() for line in lines), *([self.desk.yaml().strip()] if self.desk else [])]
        self.tell("configuration: " + "; ".join(told))

    def resize(self, size: int) -> None:
        """Make the pool so large."""
        if self.desk is not None:
            self.desk = replace(self.desk, size=size)
            self.configure(self.lines)

    def at_the_desk(self) -> set[str]:
        """The numbers that the pool's account has of the pool's range, and that were meant to be the pool's."""
        if self.desk is None:
            return set()
        carrier = self.sandbox.carrier(self.desk.account)
        owned = carrier.owned() if isinstance(carrier, InfobipCarrier | INumberingCarrier) else set()
        return (
            {tn for tn in owned if self.desk.covers(self.desk.account, tn)} - self.oracle.foreign - self.oracle.mistaken
        )

    def tell(self, line: str) -> None:
        """Add a line to the story."""
        self.trace.append(f"{self.carrier_clock.monotonic():9.2f} {line}")

    # Runs

    def apply(self, run: Run) -> Ended:
        """One apply, from the first look at the records to its end or its death."""
        process = Process(next(self._pids), run)
        if run.astray and self.records.hold_numbers_of(run.astray):
            process.astray = run.astray
            self.census.events["the configuration leads to another account"] += 1
        self.census.counts["applies"] += 1
        self.tell(f"apply by {process.pid}: {run}")
        self.processes.append(process)
        saved = self.saved if run.saved else None
        try:
            ended = self._ended(process, saved)
        finally:
            self.processes.remove(process)
        if process.image is not None:
            self.records.put_back(process.image)
        self._judge(ended)
        return ended

    def _ended(self, process: Process, saved: Plan | None) -> Ended:
        allow = Allowances(releases=10, deletes=10, empty=frozenset(self.schedule.accounts))
        options = Options(
            selection=selection(process.run.only),
            allow=allow if process.run.allow else Allowances(),
            wait=timedelta(seconds=process.run.wait),
        )
        try:
            with self.open(process) as store, self.records.watched():
                if self.schedule.shards:
                    process.accounts = self.in_use(store, process.run.only, saved)
                session = self.session(store, process.heard, process)
                try:
                    report = apply.apply(session, options, lambda plan: self._seen(plan, process), saved)
                    return Ended(process, report)
                finally:
                    if not process.dead:
                        process.memory = store.memory()
        except (KilledError, Exception) as error:
            return Ended(process, error=error)

    def in_use(self, store: Store, only: str, saved: Plan | None = None) -> frozenset[str]:
        """The accounts that such a run may touch."""
        return frozenset(accounts_in_use(self.fleet, store.memory(), selection(only), saved=saved))

    def _seen(self, planned: Planned, process: Process) -> bool:
        """Judge what a run has planned, and approve it."""
        self.oracle.in_sync(planned.comparison.in_sync, process.shown)
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
        adapter, fleet = SandboxAdapter(self.sandbox), self._read_by(process)
        providers = {
            name: registry.build(
                account,
                Secrets(account.credentials, ENVIRON),
                self.clock,
                writes=process is not None,
                adapter=adapter,
                environ={},
            )
            for name, account in fleet.accounts.items()
        }

        def remember(loop: Loop) -> None:
            if process is not None:
                process.loop = loop

        return Session(
            fleet=fleet,
            store=store,
            providers=providers,
            clock=self.clock,
            listener=heard,
            workers=lambda _size: InlineExecutor(),
            accounts=ALL if process is None else process.accounts,
            requests=lambda: {name: (p.http.reads, p.http.writes) for name, p in providers.items()},
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
            with Store.open(self.records.url, self.clock, create=False, token=self._tokens.__next__) as store:
                planned = apply.make_plan(self.session(store, reader.heard), Options())
                self._seen(planned, reader)
        finally:
            self.processes.remove(reader)
        document = plan_file.dumps(planned.plan)
        if leaked(document):
            self.oracle.broke("a saved plan shows a secret")
        return plan_file.loads(document)

    def _judge(self, ended: Ended) -> None:
        self.tell(str(ended))
        error = ended.error
        if isinstance(error, KilledError):
            self.oracle.garbled |= self.oracle.misled
            self.census.counts["crashes"] += 1
            self.census.crashes[str(error)] += 1
        elif error is not None and (not isinstance(error, TnctlError) or isinstance(error, OURS)):
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.oracle.broke(f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {error}")
        if isinstance(error, LockedError) and not isinstance(error, LockLostError):
            self._judge_lock(ended)
        told = [*ended.process.heard.lines, repr(ended.report), repr(error)]
        if error is not None:
            told += traceback.format_exception(error)
        if leaked("\n".join(told).encode()):
            self.oracle.broke("a run showed a secret")
        self.oracle.ledger(self.sandbox.ledger)
        if not self.records.restored:
            self.oracle.all_named(self.sandbox.ledger, self.records.named())
        if ended.report is not None:
            self.oracle.reported(ended.report, self.sandbox.ledger)
        if self.desk is not None and ended.process.memory is not None:
            self.oracle.slots(ended.process.memory, self.sandbox.ledger)

    def _judge_lock(self, ended: Ended) -> None:
        """Only a live process, or one of another host, may keep the lock from a run."""
        if ended.process.calls:
            self.oracle.broke("a run that did not get the lock asked a carrier")
        mine = ended.process.run.host
        holders = list(self.records.holders(ended.process.accounts))
        if all(holder.host == mine and holder.pid not in self._living() for holder in holders):
            self.oracle.broke(f"a run was locked out by {holders}, who are not there")

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
            if asked.orders or asked.releases:
                self.oracle.broke(f"{asked.call} {asked.tn} was sent to another account than the records are of")
        elif asked.writes:
            process.writes += 1
            written = self.records.written(asked.account, asked.tn, asked.key)
            now = self.carrier_clock.now()
            self.oracle.arrives(asked, written, process.pid, now, robbed=process.robbed)
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
        if asked.astray:
            self._boundary(self.processes[-1], f"after {asked.account}.{asked.call}")
            return
        self._count(asked, strike, booked)
        silent = not getattr(self.sandbox.carrier(asked.account).switches, "purchase_body", True)
        self.oracle.served(asked, strike, booked, process.pid, self.carrier_clock.now(), silent=silent)
        self.oracle.released(booked, allowed=process.run.allow)
        self.oracle.pool(booked, len(self.at_the_desk()))
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
