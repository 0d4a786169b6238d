"""The rules: what people, rivals, clocks, wires and crashes may do, in any order; and what must be true at the end."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from reconciler.errors import DamagedPlanError, LockedError, LockLostError
from reconciler.model import Kind as Of
from reconciler.model import slots
from reconciler.sandbox import Rule, When
from reconciler.sandbox.switches import Switches
from reconciler.state import plan_file
from tests.simulation import ending, events
from tests.simulation.acts import Event, Kind, Run
from tests.simulation.canaries import LogLines
from tests.simulation.engines import SHARED_MEMORY
from tests.simulation.events import LAGS
from tests.simulation.fleet import NumberEntry, Pool
from tests.simulation.process import Ended
from tests.simulation.records import NO_RECORDS
from tests.simulation.stateful.drawn import (
    EDITS,
    NUMBERS,
    at_large,
    boundaries,
    entries,
    faults,
    midcalls,
    moments,
    natures,
    numbers,
    pools,
    runs,
)
from tests.simulation.world import Scene, World
from tests.workflows.test_saved_plans import leaves, mutated

FINISHED = (0, 1, 4)
"""Exit codes after which a saved plan may not be applied again."""

Drawn = TypeVar("Drawn")


class Machine(RuleBasedStateMachine):
    """One fleet at four accounts, from an empty file to wherever the rules take it."""

    def __init__(self) -> None:
        super().__init__()
        self._cleanup = ExitStack()
        enter = self._cleanup.enter_context
        self._logs = enter(LogLines())
        self._folder = Path(enter(tempfile.TemporaryDirectory(prefix="tnctl-machine-", dir=SHARED_MEMORY)))
        self.world: World | None = None
        self.finished = False
        """Whether the saved plan has been carried out."""
        self._jumped = 0.0
        """Seconds by which our wall clock has been moved, either way, in all."""

    @initialize(
        natures=natures,
        first=st.lists(entries, min_size=1, max_size=6, unique_by=lambda entry: entry.tn),
        pool=pools,
        applied=st.booleans(),
    )
    def begin(self, natures: dict[str, Switches], first: list[NumberEntry], pool: Pool | None, applied: bool) -> None:
        if pool and pool.account == "ib":
            natures = {**natures, "ib": replace(natures["ib"], number_match="contains")}
        self.world = World(Scene(0, tuple(first), NUMBERS, natures, pool), self._folder)
        if applied:
            self._run(Run(wait=900, allow=True))

    # People edit the configuration

    @rule(entry=entries)
    def declare(self, entry: NumberEntry) -> None:
        self._edit({**self._declared, entry.tn: entry})

    @precondition(lambda self: self.world.entries)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        entry = _pick(data, self.world.entries)
        self._edit({**self._declared, entry.tn: replace(entry, **_pick(data, EDITS[entry.account]))})

    @precondition(lambda self: self.world.entries)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        gone = _pick(data, sorted(self._declared))
        self._edit({tn: entry for tn, entry in self._declared.items() if tn != gone})

    @precondition(lambda self: self.world.pool)
    @rule(size=st.integers(min_value=0, max_value=3))
    def resize_the_pool(self, size: int) -> None:
        self._happens(Event(Kind.RESIZE, size))

    @property
    def _declared(self) -> dict[str, NumberEntry]:
        return {entry.tn: entry for entry in self.world.entries}

    def _edit(self, wanted: dict[str, NumberEntry]) -> None:
        self._happens(Event(Kind.EDIT, entries=tuple(wanted.values())))

    # Runs

    @rule(chosen=runs)
    def apply(self, chosen: Run) -> None:
        self._run(chosen)

    @precondition(lambda self: self.world.known.calm)
    @rule()
    def apply_again(self) -> None:
        ending.changes_nothing(self.world)

    @rule(chosen=runs, crash=boundaries, torn=st.booleans())
    def apply_and_die(self, chosen: Run, crash: int, torn: bool) -> None:
        self._run(replace(chosen, crash=crash, torn=torn))

    @rule(chosen=runs, call=moments, what=midcalls, seconds=st.sampled_from([3600, -3600]))
    def apply_and_meanwhile(self, chosen: Run, call: int, what: Kind, seconds: float) -> None:
        self._run(replace(chosen, midcall=(call, Event(what, seconds=seconds))))
        self._jumped += abs(seconds) if what is Kind.JUMP else 0

    @rule(kept=st.booleans())
    def apply_while_another_host_holds_the_lock(self, kept: bool) -> None:
        self.world.unlock()
        self.world.hold_lock()
        ended = self._run(Run(allow=True))
        if not isinstance(ended.error, LockedError) or isinstance(ended.error, LockLostError):
            self.world.checkers.false(f"an apply while another host held the lock ended with {ended}")
        if kept:
            self.world.unlock()
        else:
            self._pass(16 * 60)

    # Saved plans

    @rule()
    def save_a_plan(self) -> None:
        self._happens(Event(Kind.SAVE))
        self.finished = False

    @precondition(lambda self: self.world.saved)
    @rule(data=st.data())
    def mutate_the_plan(self, data: st.DataObject) -> None:
        document = json.loads(plan_file.dumps(self.world.saved))
        path = _pick(data, leaves(document))
        try:
            plan_file.loads(json.dumps(mutated(document, path)).encode())
        except DamagedPlanError:
            return
        self.world.checkers.false(f"a plan was read whose {'/'.join(map(str, path))} had been changed")

    @precondition(lambda self: self.world.saved)
    @rule(chosen=runs, crash=st.none() | boundaries)
    def apply_the_plan(self, chosen: Run, crash: int | None) -> None:
        ended = self._run(replace(chosen, saved=True, crash=crash))
        if self.finished and ended.report is not None:
            self.world.checkers.false(f"a finished plan was applied again: {ended}")
        self.finished = self.finished or (ended.report is not None and ended.code in FINISHED)

    # The world outside

    @rule(seconds=st.sampled_from([5.0, 120.0, 400.0, 901.0, 4000.0]))
    def pass_time(self, seconds: float) -> None:
        self._pass(seconds)

    @rule(seconds=st.sampled_from([3600.0, -3600.0, 90.0, -90.0]))
    def jump_our_clock(self, seconds: float) -> None:
        self._happens(Event(Kind.JUMP, seconds=seconds))
        self._jumped += abs(seconds)

    @rule(kind=at_large, number=numbers)
    def somebody_else_acts(self, kind: Kind, number: int) -> None:
        self._happens(Event(kind, number))

    @rule(number=numbers)
    def a_colleague_changes_a_route(self, number: int) -> None:
        tn, routing = NUMBERS[number].tn, self.world.sandbox.inumbering("api")
        if tn in routing.owned():
            routing.portal_route(tn, 2)
            routing.portal_assign(tn, None)
            self.world.checkers.happened(Kind.PORTAL_SMS)

    @rule(planted=faults)
    def plant_a_fault(self, planted: Rule) -> None:
        self._plant(planted)

    @rule(account=st.sampled_from(["vt", "api", "ib"]), when=st.sampled_from(list(When)))
    def cut_off_an_order(self, account: str, when: When) -> None:
        call = "purchase" if account == "ib" else "tnOrder"
        self._plant(Rule("timeout", call=call, account=account, when=when))

    def _plant(self, planted: Rule) -> None:
        self.world.checkers.happened(Kind.HEAL)
        self.world.sandbox.faults.plant(planted)

    @rule()
    def heal(self) -> None:
        self.world.sandbox.faults.heal()

    # The records: a pool's numbers have no names to find them by, where records are lost

    @precondition(lambda self: not self.world.pool)
    @rule(data=st.data())
    def lose_or_restore_the_records(self, data: st.DataObject) -> None:
        self.finished = False
        self._pass(LAGS)
        self.world.replace_records(_pick(data, [NO_RECORDS, *self.world.images[-3:]]))

    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        state = self.world.snapshot()
        busy = {address for intent in state.open_intents for address in intent.addresses}
        idle = sorted(address for address in set(state.records) - busy if address.kind is Of.NUMBER)
        if idle:
            self._pass(LAGS)
            address = _pick(data, idle)
            self._settled_by_hand(state.records[address].account, address.name)
            self.world.by_hand(lambda store: store.drop([address]))

    @rule(data=st.data())
    def resolve(self, data: st.DataObject) -> None:
        orders = [intent for intent in self.world.snapshot().open_intents if intent.purchase]
        if orders:
            self._pass(LAGS)  # who looks while an order is still on its way would say what is not true a moment later
            intent = _pick(data, orders)
            address, account = intent.address, intent.account
            owned = address.name in self.world.sandbox.owned(account)
            self._settled_by_hand(account, address.name)
            self.world.by_hand(
                lambda store: store.resolve(address, account, owned=owned, evidence="the portal", who="a person")
            )

    def _settled_by_hand(self, account: str, tn: str) -> None:
        self.world.checkers.happened(Kind.LOSE)
        self.world.checkers.touched(account, tn)
        self.world.known.orphans.add(tn)

    @rule()
    def look_for_drift(self) -> None:
        self.world.drift()

    # What must be true

    @invariant()
    def nothing_is_false(self) -> None:
        assert not self._broken(), "\n".join(self._broken())

    def teardown(self) -> None:
        try:
            if self.world and not self._broken():
                self._pass(2 * self._jumped)  # so that nothing on record lies in the future of our clock
                ending.converge(self.world, Run(wait=900, allow=True, release=self._left_over()))
                self.nothing_is_false()
        finally:
            self._cleanup.close()

    def _left_over(self) -> frozenset[str]:
        """Numbers on record that nobody declares: what tnctl did not buy is released by its name alone."""
        state = self.world.snapshot()
        held = {address.name for address in state.records if address.kind is Of.NUMBER}
        pooled = {str(record.applied[slots.NUMBER]) for record in state.slots.values()}
        return frozenset(held - self._declared.keys() - pooled)

    def _broken(self) -> list[str]:
        return self.world.checkers.broken if self.world else []

    def _run(self, run: Run) -> Ended:
        ended = self.world.apply(run)
        self.world.checkers.shown("the records", b"".join(self.world.records.image()))
        self.world.checkers.shown("the log", "\n".join(self._logs.lines))
        self._logs.lines.clear()
        return ended

    def _happens(self, event: Event) -> None:
        events.happen(self.world, event)

    def _pass(self, seconds: float) -> None:
        self._happens(Event(Kind.SLEEP, seconds=seconds))


def _pick(data: st.DataObject, choices: Sequence[Drawn]) -> Drawn:
    return data.draw(st.sampled_from(choices))
