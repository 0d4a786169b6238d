"""Clocks, carriers, records, and the processes that run on them: what the rules of the machine act on."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

from reconciler.errors import LockLostError, StateError, TnctlError
from reconciler.model import Memory, Plan
from reconciler.planning.drift import Drift
from reconciler.providers.http.transport import WriteRefusedError
from reconciler.sandbox import VirtualClock
from reconciler.sandbox.infobip import InfobipCarrier
from reconciler.sandbox.inumbering import INumberingCarrier
from reconciler.sandbox.switches import Switches
from reconciler.state import plan_file
from reconciler.state.process import Process as Identity
from reconciler.state.store import Store
from reconciler.workflows import apply
from reconciler.workflows.session import Options
from tests.rig import Heard, Rig
from tests.simulation.canaries import HOOK_SECRET, PLAIN, Cage, LogLines
from tests.simulation.stateful import fleet
from tests.simulation.stateful.fleet import Line
from tests.simulation.stateful.oracle import Oracle
from tests.simulation.stateful.process import NO_RECORDS, Ended, Image, KilledError, Process, ProcessStore, Run
from tests.simulation.stateful.watched import Asked, Served, WatchedSandbox

OURS = (StateError, WriteRefusedError)
"""Errors that only a fault of the program can lead to here."""

CANARIES = Cage([*PLAIN.values(), HOOK_SECRET])

STRANGER = Identity("stranger", "beta", 1)
"""A process of another host, whose life nobody here can judge."""


class World(Rig):
    """The rig with virtual processes upon it, two wall clocks, and an oracle at the carriers' doors."""

    def __init__(self, folder: Path, switches: Mapping[str, Switches], logs: LogLines) -> None:
        self.carrier_time = VirtualClock()
        super().__init__(folder, self.carrier_time.twin(), switches, carrier_clock=self.carrier_time)
        self.sandbox: WatchedSandbox = WatchedSandbox(self.sandbox.specs, self.carrier_time, self)
        self.oracle = Oracle()
        self.lines: dict[str, Line] = {}
        self.path = folder / "state.db"
        self.jumped = 0.0
        """Seconds by which our wall clock has been moved, either way, in all."""
        self._logs = logs
        self._running: list[Process] = []
        self._pids = count(1000)
        self._tokens = count()
        self.configure()

    def configure(self) -> None:
        """Write ``lines`` as the configuration."""
        self.write(fleet.lines_yaml(self.lines.values()), fleet.accounts_yaml())
        self.oracle.declare(self.lines.values())

    def jump(self, seconds: float) -> None:
        """Somebody sets our wall clock."""
        self.clock.jump(seconds)
        self.jumped += abs(seconds)

    # Processes and their records

    def store(self) -> Store:
        """The records, as the process that runs now opens them, or a bystander."""
        process = self._running[-1] if self._running else Process(next(self._pids))
        alive = {other.pid for other in self._running}
        identity = Identity(
            "somebody", "alpha", process.pid, alive=lambda pid, _start: pid in alive, machine="alpha", boot="alpha"
        )
        return ProcessStore.of(
            identity,
            f"sqlite:///{self.path}",
            self.clock,
            create=True,
            token=lambda: sha256(f"token {next(self._tokens)}".encode()).hexdigest(),
            on_commit=lambda label: self._boundary(process, f"commit of {label}"),
        )

    def memory(self) -> Memory:
        """What is on record."""
        with self.store() as store:
            return store.memory()

    def run(self, run: Run) -> Ended:
        """One apply, from the first look at the records to its end or its death."""
        process, self.heard = Process(next(self._pids), run), Heard()
        self._running.append(process)
        self.oracle.applying()
        try:
            ended = Ended(process, self.apply(run.options, run.saved))
        except (KilledError, Exception) as error:
            ended = Ended(process, error=error)
        finally:
            self._running.remove(process)
        if process.image is not None:
            process.image.put_back(self.path)
        self._judge(ended)
        return ended

    def saved_plan(self) -> Plan:
        """A plan as it comes back from its file."""
        document = plan_file.dumps(self.plan())
        self._no_secret("a plan file", document)
        return plan_file.loads(document)

    def drift(self) -> Drift:
        """What changed behind our back."""
        with self.store() as store:
            found = apply.find_drift(self.session(writes=False, store=store), Options())
        self._no_secret("a drift report", repr(found))
        return found

    def image(self) -> Image:
        """A backup of the records."""
        return Image.of(self.path)

    def replace_records(self, image: Image = NO_RECORDS) -> None:
        """Lose the records, or put a backup in their place."""
        image.put_back(self.path)
        self.oracle.records_replaced(self.sandbox.ledger)

    def by_hand(self, change: Callable[[Store], None]) -> None:
        """What ``tnctl state`` does: one change of the records, under the lock."""
        self.unlock()
        with self.store() as store, store.locked():
            change(store)

    # The lock

    def hold_lock(self) -> None:
        """A process of another host takes the lock, if it is free, and goes on holding it."""
        with ProcessStore.of(STRANGER, f"sqlite:///{self.path}", self.clock, create=True) as store:
            store.acquire(timedelta(0))

    def unlock(self) -> None:
        """What a person does who knows that the holder is gone."""
        with self.store() as store:
            if holder := store.holder():
                store.unlock(holder.id)

    def steal_lock(self) -> None:
        """Somebody breaks the lock of the process that runs now, and takes it for a moment."""
        self._running[-1].robbed = True
        self.unlock()
        with ProcessStore.of(STRANGER, f"sqlite:///{self.path}", self.clock, create=True) as store, store.locked():
            pass

    # The doorkeeper

    def arrives(self, asked: Asked) -> None:
        """A call is at a carrier's door."""
        process = self._process()
        process.calls += 1
        if asked.writes:
            process.writes += 1
            with Store.open(f"sqlite:///{self.path}", self.clock, create=False) as other:
                durable, holder = other.memory(), other.holder()
            self.oracle.arrives(asked, process, durable, holder, self.sandbox.clock.now())
        if process.run.meanwhile and process.calls == process.run.call:
            process.run.meanwhile()
        self._boundary(process, f"before {asked.account}.{asked.call}")

    def leaves(self, asked: Asked, served: Served) -> None:
        """A carrier has dealt with a call."""
        process = self._process()
        self.oracle.leaves(asked, served, process, self.sandbox.clock.now())
        if process.robbed or process.run.crash == process.boundaries + 1:
            self.oracle.unheard(asked)
        self._boundary(process, f"after {asked.account}.{asked.call}")

    def _process(self) -> Process:
        """The process that calls; a plan or a drift report is made by a bystander."""
        process = self._running[-1] if self._running else Process(0)
        if process.image is not None:
            raise KilledError("it is dead already")
        return process

    def _boundary(self, process: Process, name: str) -> None:
        process.boundaries += 1
        if process.boundaries == process.run.crash and process.image is None:
            process.image = self.image()
            raise KilledError(name)

    # Judgement

    def _judge(self, ended: Ended) -> None:
        error, writes = ended.error, ended.process.writes
        if error is not None and not isinstance(error, KilledError):
            self._judge_error(error, writes)
        self.oracle.ledger(self.sandbox.ledger)
        if ended.process.image is None:
            self.oracle.nothing_is_lost(self.bought_and_held(), self.memory())
        image = self.image()
        self._no_secret("the records", image.data + image.log)
        told = [*self.heard.lines, *self._logs.lines, repr(ended.report), str(ended), repr(error)]
        if error is not None:
            told += traceback.format_exception(error)
        self._no_secret("a run", "\n".join(told))
        self._logs.lines.clear()

    def _judge_error(self, error: BaseException, writes: int) -> None:
        if not isinstance(error, TnctlError) or isinstance(error, OURS):
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.oracle.false(f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {error}")
        if writes and not isinstance(error, LockLostError):
            self.oracle.false(f"a run was refused ({type(error).__name__}: {error}) after {writes} writes")

    def _no_secret(self, where: str, data: bytes | str) -> None:
        for escaped in CANARIES.escaped(data):
            self.oracle.false(f"{where} showed {escaped}")

    def held(self, account: str) -> set[str]:
        """The telephone numbers that an account really has; none where numbers are not bought."""
        carrier = self.sandbox.carrier(account)
        return carrier.owned() if isinstance(carrier, InfobipCarrier | INumberingCarrier) else set()

    def bought_and_held(self) -> set[str]:
        """The numbers that were ever bought, and that their accounts still have."""
        charged = {(entry.account, entry.key) for entry in self.sandbox.ledger.charges()}
        return {tn for account, tn in charged if tn in self.held(account)}
