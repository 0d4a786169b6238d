"""One fleet, one folder, and carriers on a real socket that survive their clients.

The fleet buys a number at each kind of account that sells them, and one for a pool that grows, enables SMS with a
webhook at the one that does not, and releases a number that it had before: every irreversible call in one run.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from reconciler.clock import Clock
from reconciler.model import StateSnapshot
from reconciler.model.fleet import CarrierType
from reconciler.sandbox import AccountSpec, IntelePeerSwitches
from reconciler.sandbox.server import running
from reconciler.state.store import Store
from tests.simulation import fleet
from tests.simulation.acts import Run
from tests.simulation.checkers import Checkers
from tests.simulation.fleet import NumberEntry, Pool
from tests.simulation.process import Ended, KilledError, Process
from tests.simulation.records import Records
from tests.simulation.sigkill.carriers import DeadlySandbox
from tests.simulation.sigkill.client import COMMITS, LOG, Errand, Pace
from tests.simulation.sigkill.points import Kind, Point
from tests.simulation.sigkill.processes import KILLED, Clients

BOUGHT = {"ib": "+447700900123", "vt": "+12015550123", "api": "+12015550124"}
KEPT, RELEASED, ENABLED = "+447700900130", "+447700900131", "+17205550142"

BEFORE = [NumberEntry(KEPT, "ib"), NumberEntry(RELEASED, "ib")]
AFTER = [
    NumberEntry(KEPT, "ib"),
    NumberEntry(ENABLED, "ip", sms=True, hook=1),
    *(NumberEntry(tn, account) for account, tn in BOUGHT.items()),
]
SMALL, LARGE = Pool("api", 1), Pool("api", 2)

SETTLE_AFTER = timedelta(seconds=1)
RELEASING = ("apply", "-y", "--allow-releases", "1")


def accounts(url: str) -> dict[str, str]:
    """Account -> its YAML, at carriers that are served under ``url``."""
    limits = "limits: {requests_per_second: 1000}"
    return {
        name: f'{fields}, base_url: "{url}/{name}", {limits}' + ("" if name == "ip" else ", settle_after: 1s")
        for name, fields in fleet.ACCOUNTS.items()
    }


def specs() -> dict[str, AccountSpec]:
    """The accounts of the fleet; SMS is provisioned as soon as it is asked for."""
    return {
        "ip": AccountSpec(CarrierType.INTELEPEER, switches=IntelePeerSwitches(stage_seconds=0)),
        "vt": AccountSpec(CarrierType.INUMBERING),
        "api": AccountSpec(CarrierType.INUMBERING, account_api=True),
        "ib": AccountSpec(CarrierType.INFOBIP),
    }


@dataclass(frozen=True, slots=True)
class Died:
    """How a client ended: its exit code, and in which of its commits or calls it did."""

    code: int
    commits: int
    calls: tuple[bool, ...]
    said: str
    """What it printed."""

    @property
    def killed(self) -> bool:
        """Whether it died of a kill."""
        return self.code == KILLED


@dataclass
class Stage:
    """A folder with configuration and records beside running carriers; :meth:`rewind` begins anew."""

    folder: Path
    sandbox: DeadlySandbox
    url: str
    pace: Pace
    _books: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.records = Records(self.folder / ".tnctl" / "state.db")
        self.sandbox.records = self.records
        self._declared: tuple[Sequence[NumberEntry], Pool] = (BEFORE, SMALL)
        self._watch_anew()

    def _watch_anew(self) -> None:
        """Let new checkers look on, who remember nothing."""
        settle_after = dict.fromkeys(BOUGHT, SETTLE_AFTER)
        self.checkers = Checkers(self.sandbox.ledger, self.sandbox.owned, settle_after)
        self.sandbox.checkers = self.checkers
        self.checkers.configured(*self._declared)

    @property
    def _saved(self) -> Path:
        return self.folder.with_name(self.folder.name + ".saved")

    def write(self, entries: Sequence[NumberEntry], pool: Pool) -> None:
        """Make these the configuration."""
        (self.folder / "numbers.yaml").write_text(fleet.yaml(entries, accounts(self.url), pool))
        self._declared = (entries, pool)
        self.checkers.configured(entries, pool)

    def run(
        self,
        point: Point | None = None,
        arguments: tuple[str, ...] = RELEASING,
        file_size: int | None = None,
    ) -> Died:
        """Run one command to its end or until it is killed at ``point``, with no file over ``file_size`` bytes."""
        commit = point if point and point.kind is Kind.COMMIT else None
        clients = Clients([Errand(self.folder, arguments, commit, self.pace, file_size)])
        with self.sandbox.in_turn:  # nothing is asked before it is known who asks
            self.sandbox.aim(point, clients.kill)
            clients.start()
            process = Process(clients.pids[0], Run(allow="--allow-releases" in arguments), planned=None)
            self.sandbox.process = process
            self.checkers.begins(process)
        (code,) = clients.join()
        commits = (self.folder / COMMITS).read_text().count("\n")
        said = (self.folder / LOG).read_text(errors="replace")
        with self.sandbox.in_turn:
            died = Died(code, commits, tuple(self.sandbox.calls), said)
        self._judge(process, died, point)
        return died

    def _judge(self, process: Process, died: Died, point: Point | None) -> None:
        killed_by = KilledError(f"{point.side} {point.kind}" if point and point.kind is Kind.CALL else "a commit")
        self.checkers.shown("a run", died.said)
        self.checkers.ended(Ended(process, error=killed_by if died.killed else None), self.records)

    def save(self) -> None:
        """Make the present what :meth:`rewind` goes back to."""
        shutil.rmtree(self._saved, ignore_errors=True)
        shutil.copytree(self.folder, self._saved)
        self._books = self.sandbox.snapshot()

    def rewind(self) -> None:
        """Put records and carriers back to where :meth:`save` was called."""
        shutil.rmtree(self.folder)
        shutil.copytree(self._saved, self.folder)
        self.sandbox.restore(self._books)
        self._declared = (AFTER, LARGE)
        self._watch_anew()

    def begin_again(self) -> None:
        """Forget everything, also at the carriers: the first run is to come."""
        self.rewind()
        shutil.rmtree(self.folder / ".tnctl")
        self.sandbox.clear()
        self._watch_anew()
        self.write(BEFORE, SMALL)

    def snapshot(self) -> StateSnapshot:
        """What the records say now."""
        with Store.open(f"sqlite:///{self.folder}/.tnctl/state.db", self.clock, create=False) as store:
            return store.snapshot()

    @property
    def clock(self) -> Clock:
        """The time of carriers and clients."""
        return self.pace.clock()


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage while the block runs: two numbers are owned and on record, and the fleet wants what follows."""
    pace = Pace(time.time())
    folder.mkdir()
    sandbox = DeadlySandbox(specs(), pace.clock())
    with running(sandbox) as url:
        stage = Stage(folder, sandbox, url, pace)
        stage.write(BEFORE, SMALL)
        died = stage.run(arguments=(*RELEASING, "--new-records"))
        assert died.code == 0, died.said
        stage.write(AFTER, LARGE)
        stage.save()
        yield stage
