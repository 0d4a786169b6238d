"""For tests: ours, those of whoever uses tnctl, and those of a carrier that another package brings.

::

    load_configuration   the fleet of some files, of any carrier that is installed
    Program              plan and apply of a folder's numbers.yaml at the sandbox: virtual clock, no socket, no thread
    Bench                one account seen from both sides: the provider in front, the sandbox's books behind
    Contract             what every carrier must pass: a new one adds a subclass with its own staging, no tests

With ``pytest.register_assert_rewrite("reconciler.testing")`` in a ``conftest.py`` a failing test shows its values.
"""

from __future__ import annotations

import base64
import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from reconciler.clock import Clock
from reconciler.config import load
from reconciler.errors import CarrierError, HeldBackError
from reconciler.executor.scheduler import InlineExecutor
from reconciler.model import (
    NOTHING,
    Action,
    Address,
    Change,
    Intent,
    Kind,
    Observation,
    Outcome,
    Plan,
    Report,
    Resource,
    Step,
    Verdict,
)
from reconciler.model.fleet import Account, Fleet, SecretRef
from reconciler.providers import registry
from reconciler.providers.base import CoverageSource, Market
from reconciler.providers.credentials import Secrets
from reconciler.providers.installed import BUILT_IN, CARRIERS
from reconciler.providers.registry import ProviderHandle
from reconciler.sandbox import FAULTS, AccountSpec, Rule, Sandbox, VirtualClock, When
from reconciler.sandbox.adapter import SandboxAdapter
from reconciler.sandbox.switches import Switches, settings
from reconciler.state.store import Store
from reconciler.workflows import apply, saved_plan
from reconciler.workflows.plan import make_plan
from reconciler.workflows.scope import accounts_in_use
from reconciler.workflows.session import Options, Planned, Session

load_configuration = partial(load.load_configuration, carriers=CARRIERS)
"""The fleet of some files, of any carrier that is installed."""

ENVIRON: Mapping[str, str] = {name: "k" for spec in BUILT_IN.values() for name in spec.environment.values()}
"""Credentials for every built-in carrier: the sandbox takes any."""

CANARY = "c4n4ry/+t0ken=="
"""A credential that may show nowhere, in none of its forms."""

REFERENCE = "abcdefghijklmnopqrstuvwx"
NAME = "account"


def at_the_sandbox(
    accounts: Mapping[str, Account], sandbox: Sandbox, clock: Clock, environ: Mapping[str, str], *, writes: bool
) -> dict[str, ProviderHandle]:
    """Providers of ``accounts``, each asking where its ``base_url`` leads; without ``writes`` they only read."""
    adapter = SandboxAdapter(sandbox)
    return {
        name: registry.build(
            account, Secrets(account.credentials, environ), clock, writes=writes, adapter=adapter, environ={}
        )
        for name, account in accounts.items()
    }


def session_of(
    fleet: Fleet, store: Store, providers: Mapping[str, ProviderHandle], clock: Clock, heard: Heard, **more: Any
) -> Session:
    """What the command line would put together, with inline workers; ``more`` are fields of :class:`Session`."""
    return Session(
        fleet=fleet,
        store=store,
        providers=providers,
        clock=clock,
        listener=heard,
        workers=lambda _size: InlineExecutor(),
        requests=lambda: {name: (p.http.reads, p.http.writes) for name, p in providers.items()},
        **more,
    )


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def planned(self, steps: int) -> None:
        self.lines.append(f"planned {steps}")

    def started(self, step: Step) -> None:
        self.lines.append(f"started {step.id}")

    def waiting(self, step: Step, message: str) -> None:
        self.lines.append(f"waiting {step.id}: {message}")

    def finished(self, outcome: Outcome) -> None:
        self.lines.append(f"{outcome.result.value} {outcome.address}")

    def note(self, text: str) -> None:
        self.lines.append(text)


@dataclass
class Program:
    """The whole program on the sandbox's carriers, in one process: one configuration file, one set of records."""

    folder: Path
    clock: VirtualClock = field(default_factory=VirtualClock)
    heard: Heard = field(default_factory=Heard)
    ids: count[int] = field(default_factory=lambda: count(1))
    real: bool = False
    """Whether purchases are held to be real ones, which new records are not let to make for pools."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Account of the configuration -> account of the sandbox, where they differ."""
    environ: Mapping[str, str] = field(default_factory=lambda: ENVIRON)

    @cached_property
    def sandbox(self) -> Sandbox:
        """The carriers of every account of the configuration, as it is when they are first needed."""
        return Sandbox({name: AccountSpec.of(account) for name, account in self.fleet().accounts.items()}, self.clock)

    def write(self, text: str) -> None:
        """Make ``text`` the configuration."""
        (self.folder / "numbers.yaml").write_text(text)

    def fleet(self) -> Fleet:
        return load_configuration([self.folder / "numbers.yaml"], self.environ)

    def session(self, *, writes: bool, store: Store | None = None) -> Session:
        fleet = self.fleet()
        there = {
            name: replace(account, base_url=f"http://127.0.0.1:1/{self.names.get(name, name)}")
            for name, account in fleet.accounts.items()
        }
        self.providers = at_the_sandbox(there, self.sandbox, self.clock, self.environ, writes=writes)
        return session_of(
            fleet,
            store or self.store(),
            self.providers,
            self.clock,
            self.heard,
            real=self.real,
            new_id=lambda: f"{next(self.ids):08}",
        )

    def store(self) -> Store:
        return Store.open(f"sqlite:///{self.folder / 'state.db'}", self.clock, create=True)

    def planned(self, options: Options | None = None) -> Planned:
        with self.store() as store:
            return make_plan(self.session(writes=False, store=store), options or Options())

    def plan(self, options: Options | None = None) -> Plan:
        return self.planned(options).plan

    def apply(self, options: Options | None = None, saved: Plan | None = None) -> Report:
        options = options or Options()
        with self.store() as store:
            session = self.session(writes=True, store=store)
            if saved is not None:
                saved_plan.check_bindings(session.fleet, store, self.clock, options, saved)
            used = accounts_in_use(session.fleet, session.known(), options.selection, saved=saved)
            session.accounts = frozenset(used)  # as the command line does: it locks what the run is about
            return apply.apply(session, options, lambda _plan: True, saved)

    def writes(self) -> int:
        """Requests of the last session that could change something."""
        return sum(provider.http.writes for provider in self.providers.values())

    def reads(self) -> dict[str, int]:
        return {name: provider.http.reads for name, provider in self.providers.items()}


class Bench:
    """``account`` at the sandbox, behaving as ``switches`` say. ``provider`` may write unless told otherwise."""

    def __init__(self, account: Account, switches: Switches | None = None, *, writes: bool = True) -> None:
        self.account = account
        self.clock = VirtualClock()
        self.sandbox = Sandbox({NAME: AccountSpec.of(account, switches)}, self.clock.twin())
        self.writes = writes
        self.provider: Any = self.build(account)

    def build(self, account: Account) -> Any:
        """Another provider on the same books."""
        adapter = SandboxAdapter(self.sandbox)
        return registry.build(account, secrets(account), self.clock, writes=self.writes, adapter=adapter, environ={})

    @property
    def carrier(self) -> Any:
        """The account's books."""
        return self.sandbox.carriers[NAME]

    def plant(self, fault: str, call: str = "*", *, when: When | None = None, times: int | None = 1) -> None:
        """Let a fault strike calls of that name."""
        self.sandbox.faults.plant(Rule(fault, call=call, when=when, times=times))

    def observe(self, *wanted: Resource) -> Observation:
        """What the provider sees."""
        seen: Observation = self.provider.observe(wanted)
        return seen


def secrets(account: Account) -> Secrets:
    """The credentials of an account, which are a canary."""
    return Secrets({name: SecretRef("env", ("CANARY",)) for name in account.spec.environment}, {"CANARY": CANARY})


def want(kind: Kind, name: str, carrier: Mapping[str, Any] = NOTHING, /, **attrs: Any) -> Resource:
    """A declared resource."""
    return Resource(Address(kind, name), NAME, attrs, external=carrier)


def step(action: Action, *desired: Resource) -> Step:
    """One step over resources of one kind; a delete has nothing to lead to."""
    changes = tuple(Change(r.address, NAME, action, "a test", external=r.external) for r in desired)
    return Step("1", NAME, action, desired[0].address.kind, changes, () if action is Action.DELETE else desired)


def purchase(tn: str, clock: Clock) -> Intent:
    """The open purchase of a number."""
    return Intent(1, "plan", NAME, Action.CREATE, (Address(Kind.NUMBER, tn),), REFERENCE, {}, clock.now())


BEFORE = {name for name, fault in FAULTS.items() if When.BEFORE in fault.moments}
"""Faults under which nothing was done at the carrier."""
AFTER = {name for name, fault in FAULTS.items() if When.AFTER in fault.moments}
"""Faults over an answer to something that was done."""
HARMLESS = {"wrong-content-type", "added-fields", "ints-for-strings", "slow"}
"""Faults that leave an answer readable."""
STATUSES = {name for name in FAULTS if name.startswith("4")}
DENIALS = {"401", "403"}
"""Those by which a carrier refuses who asks."""
UNSENT = {"dns", "refused", "connect-timeout", "tls"}

COMMON_VERDICTS = (
    dict.fromkeys(BEFORE - STATUSES, Verdict.MAYBE)
    | dict.fromkeys(UNSENT, Verdict.NOT_SENT)
    | {name: Verdict.THROTTLED for name in STATUSES if name.startswith("429")}
)
"""Fault -> verdict, unless the carrier's own table says otherwise."""


def every_setting(switches_type: type[Switches]) -> dict[str, Switches]:
    """The defaults, and each other setting alone, by ``switch=value``."""
    defaults = switches_type()
    changed = {
        f"{name}={value}": switches_type(**{name: value})
        for name, values in settings(switches_type).items()
        for value in values
        if value != getattr(defaults, name)
    }
    return {"defaults": defaults, **changed}


class Contract(ABC):
    """What every carrier must pass: subclass it and stage the account; pytest does the rest.

    The sandbox is the judge: its books and its ledger say what was done, whatever the provider believed. Tests
    that take ``switches`` run under every setting of every switch of the carrier, one at a time.
    """

    account: ClassVar[Account]
    declared: ClassVar[str]
    """What a configuration may say beside ``version`` and ``providers``: YAML about the account called ``account``."""
    hides: ClassVar[frozenset[str]] = frozenset()
    """Settings, as ``switch=value``, under which what was made is rightly not seen as made: tested on their own."""
    verdicts: ClassVar[Mapping[str, Mapping[Kind, Verdict]]] = NOTHING
    """Fault -> kind -> verdict, where the carrier's own table decides."""
    unproven: ClassVar[frozenset[str]] = frozenset()
    """Faults whose answer is one that the carrier may give, each explained where it is named."""

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Run the tests over what the carrier can do and what can go wrong, by the names of their parameters."""
        cases = every_setting(AccountSpec.of(self.account).played.switches_type)
        rows: dict[str, Mapping[str, Any]] = {
            "switches": cases,
            "honest_switches": {name: switches for name, switches in cases.items() if name not in self.hides},
            "read_fault": {name: name for name in sorted(set(FAULTS) - HARMLESS - self.unproven)},
            "harmless_fault": {name: name for name in sorted(HARMLESS)},
            "fault_before": {name: name for name in sorted(BEFORE)},
            "fault_after": {name: name for name in sorted(AFTER)},
        }
        for name in rows.keys() & set(metafunc.fixturenames):
            metafunc.parametrize(name, list(rows[name].values()), ids=list(rows[name]))

    @abstractmethod
    def stage(self, bench: Bench) -> Sequence[Resource]:
        """Put live objects on the account, and return them as they are declared."""

    @abstractmethod
    def creation(self, bench: Bench) -> Sequence[Step]:
        """Steps that make something on a fresh account, each by one call, in order."""

    @abstractmethod
    def made(self, bench: Bench) -> Sequence[Resource]:
        """What those steps make, as far as it can be read."""

    @abstractmethod
    def undeclared(self, bench: Bench) -> object:
        """What the books hold beside the fields that :meth:`creation` declares."""

    def run_creation(self, bench: Bench) -> None:
        for step in self.creation(bench):
            reply = bench.provider.perform(step, REFERENCE)
            assert reply.verdict in (Verdict.OK, Verdict.ACCEPTED) or reply.look, reply
            bench.clock.sleep(1000)

    def look_around(self, bench: Bench, wanted: Sequence[Resource]) -> list[object]:
        """Everything that a reading command may ask."""
        provider, tn = bench.provider, wanted[0].address.name
        seen: list[object] = [provider.observe(wanted), provider.observe([])]
        if isinstance(provider, Market):
            seen += [provider.quote([tn]), provider.find_owned(purchase(tn, bench.clock)), provider.search({}, 3)]
        if isinstance(provider, CoverageSource):
            seen += [provider.coverage({})]
        return seen

    def test_reads_write_nothing(self, switches: Switches) -> None:
        bench = Bench(self.account, switches, writes=False)
        wanted = self.stage(bench)
        before = len(bench.sandbox.ledger)
        self.look_around(bench, wanted)
        assert len(bench.sandbox.ledger) == before
        assert bench.provider.http.writes == 0

    def test_what_was_made_is_seen_as_declared(self, honest_switches: Switches) -> None:
        bench = Bench(self.account, honest_switches)
        self.run_creation(bench)
        made = self.made(bench)
        seen = bench.observe(*made)
        assert not seen.unresolved
        assert {r.address: seen.found[r.address].attrs for r in made} == {r.address: r.attrs for r in made}

    def test_each_step_is_one_request(self) -> None:
        bench = Bench(self.account)
        for done, step in enumerate(self.creation(bench)):
            bench.provider.perform(step, REFERENCE)
            bench.clock.sleep(1000)
            assert bench.provider.http.writes == done + 1
        assert bench.provider.http.reads == 0

    def test_what_may_not_leave_does_not_and_is_asked_for_once_a_write(self) -> None:
        bench = Bench(self.account)
        asked: list[str] = []

        def hold_back() -> None:
            asked.append("leave")
            raise HeldBackError("the lock is another's")

        for step in self.creation(bench):
            asked.clear()
            reply = bench.provider.perform(step, REFERENCE, hold_back)
            assert (reply.verdict, asked) == (Verdict.NOT_SENT, ["leave"])
            bench.clock.sleep(1000)
        assert not len(bench.sandbox.ledger)

    def test_canonical_of_canonical_is_itself(self) -> None:
        bench = Bench(self.account)
        for desired in self.stage(bench):
            once = bench.provider.canonical(desired)
            assert bench.provider.canonical(once) == once

    def test_what_is_seen_is_its_own_canonical_form(self) -> None:
        bench = Bench(self.account)
        for live in bench.observe(*self.stage(bench)).found.values():
            assert bench.provider.canonical(live) == live

    def test_what_nobody_declared_survives(self) -> None:
        bench = Bench(self.account)
        self.stage(bench)
        before = self.undeclared(bench)
        self.run_creation(bench)
        assert self.undeclared(bench) == before

    def test_a_failed_read_is_unresolved_and_never_absent(self, read_fault: str) -> None:
        bench = Bench(self.account)
        wanted = self.stage(bench)
        intact = bench.observe(*wanted)
        bench.plant(read_fault, times=None)
        seen = bench.observe(*wanted)
        for address in (resource.address for resource in wanted):
            known = address in seen.unresolved or seen.found.get(address) == intact.found.get(address)
            assert known, f"{address} is taken for {seen.found.get(address)}"
        assert all(why.denied is (read_fault in DENIALS) for why in seen.unresolved.values()), seen.unresolved

    def test_an_answer_that_can_be_read_is_read(self, harmless_fault: str) -> None:
        bench = Bench(self.account)
        wanted = self.stage(bench)
        intact = bench.observe(*wanted)
        bench.plant(harmless_fault, times=None)
        assert bench.observe(*wanted).found == intact.found

    def test_each_answer_to_a_write_has_its_verdict(self, fault_before: str) -> None:
        bench = Bench(self.account)
        for step in self.creation(bench):
            bench.plant(fault_before)
            reply = bench.provider.perform(step, REFERENCE)
            expected = self.verdicts.get(fault_before, {}).get(step.kind, COMMON_VERDICTS.get(fault_before))
            assert reply.verdict is expected, f"{step.kind}: {reply}"
            bench.sandbox.faults.heal()
            bench.provider.perform(step, REFERENCE)
            bench.clock.sleep(1000)

    def test_a_write_that_was_carried_out_is_never_taken_for_refused(self, fault_after: str) -> None:
        bench = Bench(self.account)
        for step in self.creation(bench):
            bench.plant(fault_after, when=When.AFTER)
            reply = bench.provider.perform(step, REFERENCE)
            assert reply.verdict in (Verdict.OK, Verdict.ACCEPTED, Verdict.MAYBE), f"{step.kind}: {reply}"
            bench.sandbox.faults.heal()
            bench.clock.sleep(1000)

    def test_the_credential_shows_nowhere(self, caplog: Any) -> None:
        caplog.set_level(logging.DEBUG)
        bench = Bench(self.account)
        shown: list[object] = [bench.provider, bench.provider.http, vars(bench.provider)]
        shown += [bench.provider.perform(step, REFERENCE) for step in self.creation(bench)]
        shown += self.look_around(bench, self.stage(bench))
        for fault in ("401", "403", "reset", "html-200", "500"):
            bench.plant(fault, times=None)
            shown.append(bench.observe(*self.stage(bench)))
            shown += [bench.provider.perform(step, REFERENCE) for step in self.creation(bench)]
            shown.append(self.error_of_search(bench))
            bench.sandbox.faults.heal()
        text = "\n".join([caplog.text, *map(repr, shown)])
        assert "reconciler.providers.http" in caplog.text
        for form in (CANARY, quote(CANARY, safe=""), json.dumps(CANARY), base64.b64encode(CANARY.encode()).decode()):
            assert form.strip('"') not in text

    @staticmethod
    def error_of_search(bench: Bench) -> object:
        try:
            return isinstance(bench.provider, Market) and bench.provider.search({}, 1)
        except CarrierError as error:
            return (error, error.message, error.hint)

    def test_every_kind_that_is_left_behind_has_words_for_it(self) -> None:
        capabilities = Bench(self.account).provider.capabilities
        assert set(capabilities.leaves_behind) == set(capabilities.kinds) - set(capabilities.deletes)

    def test_doing_it_twice_leaves_nothing_to_do(self, tmp_path: Path) -> None:
        program = Program(tmp_path, environ=dict.fromkeys(self.account.spec.environment.values(), CANARY))
        account = {"type": self.account.type, **self.account.options}
        program.write(f"version: 1\nproviders: {json.dumps({NAME: account})}\n{self.declared}\n")
        first = program.apply()
        assert (first.exit_code, program.writes() > 0) == (0, True), program.heard.lines
        charged = list(program.sandbox.ledger)
        program.clock.sleep(3600)
        assert program.plan().changes == ()
        assert (program.apply().exit_code, program.writes(), list(program.sandbox.ledger)) == (0, 0, charged)
