"""The machine, as often as a profile says: ``ci`` bounded and the same every time, ``long`` for as long as one likes.

A machine that finds nothing may be blind, so it is also let loose on programs with a bug planted in them.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from reconciler import policy, settlement
from reconciler.executor import settle
from reconciler.executor.run import Run
from reconciler.model import Intent, IntentStatus
from reconciler.state import lock as locking
from tests.machine.machine import Machine

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
PROFILES = {"ci": CI, "long": LONG}


def test_no_order_of_events_buys_twice_releases_unasked_or_loses_a_record() -> None:
    run_state_machine_as_test(Machine, settings=PROFILES[os.environ.get("TNCTL_MACHINE", "ci")])


def no_wait(*_: Any) -> timedelta:
    return timedelta(0)


def no_limits(*_: Any) -> tuple[policy.Violation, ...]:
    return ()


def no_fence(_connection: Any, lock: locking.Lock, _now: Any) -> locking.Lock:
    return lock


def drop_what_is_open(run: Run, intent: Intent) -> Any:
    run.store.close_intent(intent, IntentStatus.DROPPED, "the next plan decides")
    return
    yield  # a task like the one that it stands in for


@pytest.mark.parametrize(
    ("module", "name", "bug", "sentence"),
    [
        (settlement, "_left_to_wait", no_wait, "was ordered again .* s after the last attempt"),
        (settle, "earlier_intent", drop_what_is_open, "outcome of an earlier order was open|records have lost it"),
        (policy, "violations", no_limits, "no release was allowed"),
        (locking, "check", no_fence, "did not hold the lock"),
    ],
)
def test_the_machine_notices_a_planted_bug(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, bug: object, sentence: str
) -> None:
    monkeypatch.setattr(module, name, bug)
    with pytest.raises(AssertionError, match=sentence):
        run_state_machine_as_test(Machine, settings=settings(CI, phases=[Phase.generate], report_multiple_bugs=False))
