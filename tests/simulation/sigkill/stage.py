"""One fleet, one folder, and carriers on a real socket that survive their clients.

The fleet buys a number at each kind of account that sells them, enables SMS with a webhook at the one that does not,
and releases a number that it had before: every irreversible call in one run.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.clock import Clock
from reconciler.model import Memory
from reconciler.model.fleet import ProviderType
from reconciler.sandbox import AccountSpec, IntelePeerSwitches
from reconciler.sandbox.ledger import Event
from reconciler.sandbox.server import running
from reconciler.state.store import Store
from tests.simulation.sigkill.carriers import DeadlySandbox
from tests.simulation.sigkill.client import COMMITS, LOG, Errand, Pace
from tests.simulation.sigkill.points import Kind, Point
from tests.simulation.sigkill.processes import KILLED, Clients

BOUGHT = {"ib": "+447700900123", "vt": "+12015550123", "api": "+12015550124"}
KEPT, RELEASED, ENABLED = "+447700900130", "+447700900131", "+17205550142"
HOOK = "https://hooks.example.com/in"

ACCOUNTS = """version: 1
providers:
  ip: {{type: intelepeer, base_url: "{url}/ip", limits: {{requests_per_second: 1000}}}}
  vt: {{type: inumbering, base_url: "{url}/vt", settle_after: 1s, limits: {{requests_per_second: 1000}}}}
  api:
    type: inumbering
    account_api: true
    base_url: "{url}/api"
    settle_after: 1s
    limits: {{requests_per_second: 1000}}
  ib: {{type: infobip, base_url: "{url}/ib", settle_after: 1s, limits: {{requests_per_second: 1000}}}}
"""

BEFORE = f'numbers: {{"{KEPT}": {{provider: ib}}, "{RELEASED}": {{provider: ib}}}}\n'

AFTER = f"""numbers:
  "{KEPT}": {{provider: ib}}
  "{ENABLED}": {{provider: ip, sms: true, webhook: "{HOOK}"}}
""" + "".join(f'  "{tn}": {{provider: {account}}}\n' for account, tn in BOUGHT.items())

RELEASING = ("apply", "-y", "--allow-releases", "1")


def specs() -> dict[str, AccountSpec]:
    """The accounts of the fleet; SMS is provisioned as soon as it is asked for."""
    return {
        "ip": AccountSpec(ProviderType.INTELEPEER, switches=IntelePeerSwitches(stage_seconds=0)),
        "vt": AccountSpec(ProviderType.INUMBERING),
        "api": AccountSpec(ProviderType.INUMBERING, account_api=True),
        "ib": AccountSpec(ProviderType.INFOBIP),
    }


@dataclass(frozen=True, slots=True)
class Ended:
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

    @property
    def _saved(self) -> Path:
        return self.folder.with_name(self.folder.name + ".saved")

    def write(self, text: str) -> None:
        """Make ``text`` (without version and providers) the configuration."""
        (self.folder / "numbers.yaml").write_text(ACCOUNTS.format(url=self.url) + text)

    def run(
        self,
        point: Point | None = None,
        arguments: tuple[str, ...] = RELEASING,
        file_size: int | None = None,
    ) -> Ended:
        """Run one command to its end or until it is killed at ``point``, with no file over ``file_size`` bytes."""
        commit = point if point and point.kind is Kind.COMMIT else None
        clients = Clients([Errand(self.folder, arguments, commit, self.pace, file_size)])
        self.sandbox.aim(point, clients.kill)
        clients.start()
        (code,) = clients.join()
        commits = (self.folder / COMMITS).read_text().count("\n")
        said = (self.folder / LOG).read_text(errors="replace")
        with self.sandbox.in_turn:
            return Ended(code, commits, tuple(self.sandbox.calls), said)

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

    def memory(self) -> Memory:
        """What the records say now."""
        with Store.open(f"sqlite:///{self.folder}/.tnctl/state.db", self.clock, create=False) as store:
            return store.memory()

    @property
    def clock(self) -> Clock:
        """The time of carriers and clients."""
        return self.pace.clock()

    def owned(self) -> set[str]:
        """The numbers that the carriers charge for, by their own books."""
        ledger = self.sandbox.ledger
        released = {(entry.account, entry.key) for entry in ledger.releases()}
        return {e.key for e in ledger.find(Event.CHARGE) if (e.account, e.key) not in released}


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage while the block runs: two numbers are owned and on record, and the fleet wants what follows."""
    pace = Pace(time.time())
    folder.mkdir()
    sandbox = DeadlySandbox(specs(), pace.clock())
    with running(sandbox) as url:
        stage = Stage(folder, sandbox, url, pace)
        stage.write(BEFORE)
        ended = stage.run()
        assert ended.code == 0, ended.said
        stage.write(AFTER)
        stage.save()
        yield stage
