"""The whole program on the sandbox's carriers, in one process: a virtual clock, no socket, no thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from reconciler.executor.scheduler import InlineExecutor
from reconciler.model import Outcome, Plan, Report, Step
from reconciler.model.fleet import Fleet, ProviderType
from reconciler.providers import registry
from reconciler.providers.credentials import Secrets
from reconciler.sandbox import AccountSpec, Sandbox, VirtualClock
from reconciler.sandbox.adapter import SandboxAdapter
from reconciler.sandbox.switches import Switches
from reconciler.state.store import Store
from reconciler.testing import load_configuration
from reconciler.workflows import apply, saved_plan
from reconciler.workflows.scope import accounts_in_use
from reconciler.workflows.session import Options, Planned, Session

ENVIRON = {"INTELEPEER_TOKEN": "t", "INUMBERING_API_KEY": "k", "INFOBIP_API_KEY": "k"}

ACCOUNTS = """version: 1
providers:
  ip: {type: intelepeer}
  vt: {type: inumbering}
  api: {type: inumbering, account_api: true}
  ib: {type: infobip}
"""


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def planned(self, steps: int) -> None:
        self.lines.append(f"planned {steps}")

    def started(self, step: Step) -> None:
        self.lines.append(f"started {step.id}")

    def waiting(self, step: Step, words: str) -> None:
        self.lines.append(f"waiting {step.id}: {words}")

    def finished(self, outcome: Outcome) -> None:
        self.lines.append(f"{outcome.result.value} {outcome.address}")

    def note(self, text: str) -> None:
        self.lines.append(text)


@dataclass
class Rig:
    """One configuration file, one set of records, and the sandbox's carriers."""

    folder: Path
    clock: VirtualClock = field(default_factory=VirtualClock)
    switches: Mapping[str, Switches] = field(default_factory=dict)
    heard: Heard = field(default_factory=Heard)
    ids: count[int] = field(default_factory=lambda: count(1))
    real: bool = False
    """Whether purchases are held to be real ones, which new records are not let to make for pools."""
    carrier_clock: VirtualClock | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """Account of the configuration -> account of the sandbox, where they differ."""

    def __post_init__(self) -> None:
        specs = {
            "ip": AccountSpec(ProviderType.INTELEPEER, switches=self.switches.get("ip")),
            "vt": AccountSpec(ProviderType.INUMBERING, switches=self.switches.get("vt")),
            "api": AccountSpec(ProviderType.INUMBERING, account_api=True, switches=self.switches.get("api")),
            "ib": AccountSpec(ProviderType.INFOBIP, switches=self.switches.get("ib")),
        }
        self.sandbox = Sandbox(specs, self.carrier_clock or self.clock)

    def write(self, text: str, accounts: str = ACCOUNTS) -> None:
        """Make ``text`` (without version and providers) the configuration."""
        (self.folder / "numbers.yaml").write_text(accounts + text)

    def fleet(self) -> Fleet:
        return load_configuration([self.folder / "numbers.yaml"], ENVIRON)

    def session(self, *, writes: bool, store: Store | None = None) -> Session:
        fleet = self.fleet()
        adapter = SandboxAdapter(self.sandbox)
        providers = {}
        for name, account in fleet.accounts.items():
            moved = replace(account, base_url=f"http://127.0.0.1:1/{self.names.get(name, name)}")
            secrets = Secrets(account.credentials, ENVIRON)
            providers[name] = registry.build(moved, secrets, self.clock, writes=writes, adapter=adapter, environ={})
        self.providers = providers
        return Session(
            fleet=fleet,
            store=store or self.store(),
            providers=providers,
            clock=self.clock,
            listener=self.heard,
            workers=lambda _size: InlineExecutor(),
            requests=lambda: {name: (p.http.reads, p.http.writes) for name, p in providers.items()},
            real=self.real,
            new_id=lambda: f"{next(self.ids):08}",
        )

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.folder / 'state.db'}", self.clock, create=True)

    def planned(self, options: Options | None = None) -> Planned:
        with self.store() as store:
            return apply.make_plan(self.session(writes=False, store=store), options or Options())

    def plan(self, options: Options | None = None) -> Plan:
        return self.planned(options).plan

    def apply(self, options: Options | None = None, saved: Plan | None = None) -> Report:
        options = options or Options()
        with self.store() as store:
            session = self.session(writes=True, store=store)
            if saved is not None:
                saved_plan.check_bindings(session.fleet, store, self.clock, options, saved)
            used = accounts_in_use(session.fleet, store.memory(), options.selection, saved=saved)
            session.accounts = frozenset(used)  # as the command line does: it locks what the run is about
            return apply.apply(session, options, lambda _plan: True, saved)

    def writes(self) -> int:
        """Requests of the last session that could change something."""
        return sum(provider.http.writes for provider in self.providers.values())

    def reads(self) -> dict[str, int]:
        return {name: provider.http.reads for name, provider in self.providers.items()}


def actions(plan: Plan) -> dict[str, str]:
    """Address -> action."""
    return {str(change.address): change.action.value for change in plan.changes}


def results(report: Report) -> dict[str, str]:
    """Address -> result."""
    return {str(outcome.address): outcome.result.value for outcome in report.outcomes}
