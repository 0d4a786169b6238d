"""The rules: what people, rivals, clocks, wires and crashes may do, in any order; and what must be true at the end."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reconciler.errors import DamagedPlanError, LockedError, LockLostError
from reconciler.model import Plan
from reconciler.sandbox import Rule, When
from reconciler.sandbox.infobip import InfobipCarrier
from reconciler.sandbox.inumbering import INumberingCarrier
from reconciler.sandbox.switches import Switches
from reconciler.state import plan_file
from reconciler.workflows.session import Options
from tests import rig
from tests.simulation.canaries import PLAIN, LogLines
from tests.simulation.engines import compiled_once
from tests.simulation.stateful import fleet
from tests.simulation.stateful.drawn import boundaries, faults, lines, moments, natures, numbers, options, sold
from tests.simulation.stateful.ending import GENEROUS, LAGS, changes_nothing, converge
from tests.simulation.stateful.fleet import Line
from tests.simulation.stateful.process import NO_RECORDS, Image, Run
from tests.simulation.stateful.world import World
from tests.test_saved_plans import leaves, mutated

MEMORY = Path("/dev/shm")
"""Where a database costs no disk, on systems that have it."""

Drawn = TypeVar("Drawn")


class Machine(RuleBasedStateMachine):
    """One fleet at four accounts, from an empty file to wherever the rules take it."""

    def __init__(self) -> None:
        super().__init__()
        self._cleanup = ExitStack()
        enter = self._cleanup.enter_context
        enter(patch.dict(rig.ENVIRON, PLAIN))
        enter(compiled_once())
        self._logs = enter(LogLines())
        parent = MEMORY if MEMORY.is_dir() else None
        self._folder = Path(enter(tempfile.TemporaryDirectory(prefix="tnctl-machine-", dir=parent)))
        self._begun = False
        self.saved: Plan | None = None
        self.finished = False
        """Whether the saved plan has been carried out."""
        self.backups: list[Image] = []
        self.calm = False
        """Whether the last apply left nothing to do, and nothing has happened since."""

    @initialize(
        natures=natures,
        first=st.lists(lines, min_size=1, max_size=6, unique_by=lambda line: line.tn),
        applied=st.booleans(),
    )
    def begin(self, natures: dict[str, Switches], first: list[Line], applied: bool) -> None:
        self.world = World(self._folder, natures, self._logs)
        self.world.lines = {line.tn: line for line in first}
        self.world.configure()
        self._begun = True
        if applied:
            self.world.run(Run(Options(allow=GENEROUS)))

    # People edit the configuration

    @rule(line=lines)
    def declare(self, line: Line) -> None:
        self._edit({**self.world.lines, line.tn: line})

    @precondition(lambda self: self.world.lines)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        line = _pick(data, list(self.world.lines.values()))
        self._edit({**self.world.lines, line.tn: fleet.edited(line, _pick(data, fleet.EDITS[line.account]))})

    @precondition(lambda self: self.world.lines)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        gone = _pick(data, sorted(self.world.lines))
        self._edit({tn: line for tn, line in self.world.lines.items() if tn != gone})

    def _edit(self, wanted: dict[str, Line]) -> None:
        self.calm = False
        self.world.lines = wanted
        self.world.configure()

    # Runs

    @rule(chosen=options)
    def apply(self, chosen: Options) -> None:
        ended = self.world.run(Run(chosen))
        self.calm = ended.code == 0
        if self.calm:
            self.world.oracle.applied()

    @precondition(lambda self: self.calm)
    @rule()
    def apply_again(self) -> None:
        changes_nothing(self.world)

    @rule(chosen=options, crash=boundaries)
    def apply_and_die(self, chosen: Options, crash: int) -> None:
        self.calm = False
        self._back_up()
        self.world.run(Run(chosen, crash=crash))

    @rule(chosen=options, call=moments, what=st.sampled_from(["clock", "back", "thief", "second apply"]))
    def apply_and_meanwhile(self, chosen: Options, call: int, what: str) -> None:
        self.calm = False
        happenings: dict[str, Callable[[], None]] = {
            "clock": lambda: self.world.jump(3600),
            "back": lambda: self.world.jump(-3600),
            "thief": self.world.steal_lock,
            "second apply": self._is_locked_out,
        }
        self.world.run(Run(chosen, call=call, meanwhile=happenings[what]))

    def _is_locked_out(self) -> None:
        ended = self.world.run(Run(Options(allow=GENEROUS)))
        if not isinstance(ended.error, LockedError) or isinstance(ended.error, LockLostError) or ended.process.calls:
            self.world.oracle.false(f"an apply beside another made {ended.process.calls} calls: {ended}")

    @rule(kept=st.booleans())
    def apply_while_another_host_holds_the_lock(self, kept: bool) -> None:
        self.world.unlock()
        self.world.hold_lock()
        self._is_locked_out()
        if kept:
            self.world.unlock()
        else:
            self._pass(16 * 60)

    # Saved plans

    @rule()
    def save_a_plan(self) -> None:
        self.saved, self.finished = self.world.saved_plan(), False

    @precondition(lambda self: self.saved is not None)
    @rule(data=st.data())
    def mutate_the_plan(self, data: st.DataObject) -> None:
        assert self.saved is not None
        document = json.loads(plan_file.dumps(self.saved))
        path = _pick(data, leaves(document))
        try:
            plan_file.loads(json.dumps(mutated(document, path)).encode())
        except DamagedPlanError:
            return
        self.world.oracle.false(f"a plan was read whose {'/'.join(map(str, path))} had been changed")

    @precondition(lambda self: self.saved is not None)
    @rule(chosen=options, crash=st.none() | boundaries)
    def apply_the_plan(self, chosen: Options, crash: int | None) -> None:
        self.calm = False
        ended = self.world.run(Run(chosen, self.saved, crash))
        if self.finished and ended.report is not None:
            self.world.oracle.false(f"a finished plan was applied again: {ended}")
        self.finished = self.finished or ended.code in (0, 1, 4)

    # The world outside

    @rule(seconds=st.sampled_from([5.0, 120.0, 400.0, 901.0, 4000.0]))
    def pass_time(self, seconds: float) -> None:
        self._pass(seconds)

    @rule(seconds=st.sampled_from([3600.0, -3600.0, 90.0, -90.0]))
    def jump_our_clock(self, seconds: float) -> None:
        self.world.jump(seconds)

    @rule(tn=sold, rival=st.booleans())
    def somebody_else_buys(self, tn: str, rival: bool) -> None:
        carrier = self._seller(tn)
        if carrier.offered(tn):
            (carrier.rival_buys if rival else carrier.portal_buy)(tn)
            self._touched(tn)

    @rule(tn=sold)
    def a_colleague_releases(self, tn: str) -> None:
        carrier = self._seller(tn)
        if tn in carrier.owned():
            carrier.portal_release(tn)
            self._touched(tn)

    @rule(tn=numbers, url=st.sampled_from(["https://elsewhere.example.com/in", None]))
    def a_colleague_changes_settings(self, tn: str, url: str | None) -> None:
        self.calm = False
        messaging, routing = self.world.sandbox.intelepeer("ip"), self.world.sandbox.inumbering("api")
        if tn in messaging.book["numbers"] and url:
            messaging.portal_set_webhook(tn, url)
        elif tn in messaging.book["numbers"]:
            messaging.portal_disable(tn)
        if tn in routing.owned():
            routing.portal_route(tn, 2)
            routing.portal_assign(tn, None)

    @rule(planted=faults)
    def plant_a_fault(self, planted: Rule) -> None:
        self.calm = False
        self.world.sandbox.faults.plant(planted)

    @rule(account=st.sampled_from(["vt", "api", "ib"]), when=st.sampled_from(list(When)))
    def cut_off_an_order(self, account: str, when: When) -> None:
        self.calm = False
        call = "purchase" if account == "ib" else "tnOrder"
        self.world.sandbox.faults.plant(Rule("timeout", call=call, account=account, when=when))

    @rule()
    def heal(self) -> None:
        self.world.sandbox.faults.heal()

    # The records

    def _back_up(self) -> None:
        self.backups = [*self.backups[-2:], self.world.image()]

    @rule(data=st.data())
    def lose_or_restore_the_records(self, data: st.DataObject) -> None:
        self.calm = self.finished = False
        self._pass(LAGS)
        self.world.replace_records(_pick(data, [NO_RECORDS, *self.backups]))

    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        memory = self.world.memory()
        busy = {address for intent in memory.open_intents for address in intent.addresses}
        idle = sorted(set(memory.records) - busy)
        if idle:
            self._pass(LAGS)
            address = _pick(data, idle)
            self._settled_by_hand(memory.records[address].provider, address.name)
            self.world.by_hand(lambda store: store.drop([address]))

    @rule(data=st.data())
    def resolve(self, data: st.DataObject) -> None:
        orders = [intent for intent in self.world.memory().open_intents if intent.purchase]
        if orders:
            intent = _pick(data, orders)
            address, account = intent.address, intent.provider
            owned = address.name in self.world.held(account)
            self._settled_by_hand(account, address.name)
            self.world.by_hand(
                lambda store: store.resolve(address, account, owned=owned, evidence="the portal", who="a person")
            )

    def _settled_by_hand(self, account: str, tn: str) -> None:
        self.calm = False
        self.world.oracle.settled_by_hand(account, tn)

    @rule()
    def look_for_drift(self) -> None:
        self.world.drift()

    # What must be true

    @invariant()
    def nothing_is_false(self) -> None:
        assert not self._broken(), "\n".join(self._broken())

    def teardown(self) -> None:
        try:
            if self._begun and not self._broken():
                converge(self.world)
                self.nothing_is_false()
        finally:
            self._cleanup.close()

    def _broken(self) -> list[str]:
        return self.world.oracle.broken if self._begun else []

    def _pass(self, seconds: float) -> None:
        self.world.carrier_time.sleep(seconds)

    def _seller(self, tn: str) -> InfobipCarrier | INumberingCarrier:
        sandbox, account = self.world.sandbox, fleet.NUMBERS[tn]
        return sandbox.infobip(account) if account == "ib" else sandbox.inumbering(account)

    def _touched(self, tn: str) -> None:
        self.calm = False
        self.world.oracle.touched(fleet.NUMBERS[tn], tn)


def _pick(data: st.DataObject, choices: Sequence[Drawn]) -> Drawn:
    return data.draw(st.sampled_from(choices))
