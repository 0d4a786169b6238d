"""The machine, as often as a profile says: ``ci`` bounded and the same every time, ``long`` for as long as one likes.

A machine that finds nothing may be blind, so it is also told stories of programs with a bug planted in them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from reconciler.executor import run as running
from reconciler.executor import settle
from reconciler.model import Intent, IntentStatus
from reconciler.model.waits import Wait
from reconciler.planning import limits
from reconciler.sandbox import When
from reconciler.state import lock as locking
from tests.simulation.acts import Kind, Run
from tests.simulation.fleet import NumberEntry, Pool
from tests.simulation.stateful.drawn import CARRIERS
from tests.simulation.stateful.machine import Machine

CI = settings(
    max_examples=60,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
LONG = settings(CI, max_examples=100_000, stateful_step_count=60, derandomize=False, print_blob=True)
BRIEFLY = Run(wait=0)
PROFILES = {"ci": CI, "long": LONG}


def test_no_order_of_events_buys_twice_releases_unasked_or_loses_a_record() -> None:
    run_state_machine_as_test(Machine, settings=PROFILES[os.environ.get("TNCTL_MACHINE", "ci")])


def no_wait(*_: Any) -> bool:
    return True


def no_limits(*_: Any) -> tuple[limits.Violation, ...]:
    return ()


def no_fence(_connection: Any, lock: locking.Lock, _now: Any) -> locking.Lock:
    return lock


async def drop_what_is_open(run: running.Run, intent: Intent) -> None:
    run.store.close_intent(intent, IntentStatus.DROPPED, "the next plan decides")


def an_order_goes_out_again(machine: Machine) -> None:
    machine.declare(NumberEntry("+12015550100", "vt"))
    machine.cut_off_an_order("vt", When.BEFORE)
    machine.apply(BRIEFLY)
    machine.heal()
    machine.apply(BRIEFLY)


def an_open_order_is_given_up(machine: Machine) -> None:
    machine.declare(NumberEntry("+447700900102", "ib"))
    machine.cut_off_an_order("ib", When.AFTER)
    machine.apply(BRIEFLY)
    machine.heal()
    machine.apply(BRIEFLY)
    machine.apply(BRIEFLY)


def a_number_is_taken_out(machine: Machine) -> None:
    machine.world.configure([entry for entry in machine.world.entries if entry.tn != "+447700900101"])
    machine.apply(BRIEFLY)


def a_pool_shrinks(machine: Machine) -> None:
    machine.resize_the_pool(0)
    machine.apply(BRIEFLY)


def the_lock_is_stolen(machine: Machine) -> None:
    machine.declare(NumberEntry("+447700900102", "ib"))
    machine.apply_and_meanwhile(BRIEFLY, 1, Kind.STEAL, 0)


@pytest.mark.parametrize(
    ("story", "module", "name", "bug", "sentence"),
    [
        (an_order_goes_out_again, Wait, "over", no_wait, "was ordered again .* s after the last"),
        (an_open_order_is_given_up, settle, "earlier_intent", drop_what_is_open, "nothing names it any more"),
        (a_number_is_taken_out, limits, "violations", no_limits, "no release was allowed"),
        (a_pool_shrinks, limits, "violations", no_limits, "no release was allowed"),
        (the_lock_is_stolen, locking, "check", no_fence, "does not hold the lock"),
    ],
)
def test_the_machine_notices_a_planted_bug_and_nothing_without_one(
    monkeypatch: pytest.MonkeyPatch,
    story: Callable[[Machine], None],
    module: object,
    name: str,
    bug: object,
    sentence: str,
) -> None:
    tell(story)
    monkeypatch.setattr(module, name, bug)
    with pytest.raises(AssertionError, match=sentence):
        tell(story)


def tell(story: Callable[[Machine], None]) -> None:
    """One story told to a new machine, which then judges it."""
    machine = Machine()
    try:
        tns = [("+447700900100", "ib"), ("+447700900101", "ib"), ("+12015550101", "vt")]
        natures = {account: several[0] for account, several in CARRIERS.items()}
        machine.begin(natures, [NumberEntry(*of) for of in tns], Pool("ib", 1), applied=True)
        story(machine)
        machine.nothing_is_false()
    finally:
        machine.teardown()
