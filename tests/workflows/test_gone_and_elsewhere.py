"""A number is gone once a second read misses it too; one that is held elsewhere goes on costing, and is not bought."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.model import Plan
from reconciler.model.fleet import CarrierType
from reconciler.planning.limits import Allowances
from reconciler.providers.infobip.provider import Infobip
from reconciler.providers.inumbering.provider import INumbering
from reconciler.sandbox import AccountSpec, Sandbox
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import ACCOUNTS, Rig, actions

TWO = ACCOUNTS + "  ib2: {type: infobip}\n"
COUNTED = Options(allow=Allowances(9, 9, 9, frozenset({"ib", "api"})))


def said(plan: Plan) -> str:
    return "\n".join(notice.message for notice in plan.notices)


def reason(plan: Plan) -> str:
    (change,) = plan.changes
    return change.reason


def declare_elsewhere(rig: Rig) -> Rig:
    """A number bought at ``ib``; its line says ``ib2`` now, another account, which offers it too."""
    specs = {name: AccountSpec(CarrierType.INFOBIP) for name in ("ib", "ib2")}
    rig.sandbox = Sandbox(specs, rig.clock)
    rig.write('numbers:\n  "+447700900100": {provider: ib}\n', TWO)
    rig.apply()
    rig.clock.sleep(3600)
    rig.write('numbers:\n  "+447700900100": {provider: ib2}\n', TWO)
    return rig


@pytest.fixture
def two(rig: Rig) -> Rig:
    return declare_elsewhere(rig)


def test_the_standing_cost_has_a_number_that_is_owned_at_one_account_and_declared_at_another(two: Rig) -> None:
    plan = two.plan()
    assert set(actions(plan).values()) == {"blocked"}
    assert "standing cost: 1 number, 5.00 EUR a month" in said(plan)
    assert "; after this plan" not in said(plan)
    assert two.apply(COUNTED).exit_code == 4
    assert len(two.sandbox.ledger.charges()) == 1


def test_what_is_to_be_done_about_it_asks_the_account_that_has_it(two: Rig) -> None:
    assert "is held at ib and now declared at ib2" in reason(two.plan())
    assert "once ib has it no more, `tnctl state forget number/+447700900100`, which asks ib" in reason(two.plan())


def test_where_nobody_can_ask_a_person_says_so(rig: Rig) -> None:
    rig.write('numbers:\n  "+12015550123": {provider: vt}\n')
    rig.apply()
    rig.write('numbers:\n  "+12015550123": {provider: api}\n')
    assert "`tnctl state resolve number/+12015550123 --as not-owned --evidence TEXT`" in reason(rig.plan())
    assert "state forget" not in reason(rig.plan())


HELD = {"ib": "+447700900", "api": "+12015550"}


@pytest.fixture(params=HELD)
def lost(request: pytest.FixtureRequest, rig: Rig) -> tuple[Rig, str, str]:
    """Two numbers at an account that can be read; the second of them is about to be missing."""
    account: str = request.param
    kept, gone = f"{HELD[account]}123", f"{HELD[account]}124"
    rig.write("".join(["numbers:\n", *(f'  "{tn}": {{provider: {account}}}\n' for tn in (kept, gone))]))
    assert rig.apply().exit_code == 0
    rig.clock.sleep(3600)
    return rig, account, gone


def miss_once(monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    """Let what a survey of the account says lack the number, as a list that lags or shifts does."""
    for provider in (Infobip, INumbering):
        observe: Any = provider.observe

        def without(self: Any, wanted: Any, observe: Any = observe) -> Any:
            from dataclasses import replace

            seen = observe(self, wanted)
            return replace(seen, found={a: r for a, r in seen.found.items() if a.name != gone})

        monkeypatch.setattr(provider, "observe", without)


def test_one_read_that_misses_a_number_does_not_prove_it_gone(
    lost: tuple[Rig, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, _, gone = lost
    miss_once(monkeypatch, gone)
    plan = rig.plan()
    assert (actions(plan), plan.noop) == ({}, 2)
    assert rig.apply().exit_code == 0
    with rig.store() as store:
        found = find_drift(rig.session(writes=False, store=store), Options())
    assert (found.drifted, found.in_sync) == ((), 2)


def test_a_number_that_two_reads_miss_is_gone_and_never_bought_again(lost: tuple[Rig, str, str]) -> None:
    rig, account, gone = lost
    carrier: Any = rig.sandbox.infobip("ib") if account == "ib" else rig.sandbox.inumbering("api")
    carrier.portal_release(gone)
    before = rig.plan().reads[account]
    plan = rig.plan()
    assert actions(plan) == {f"number/{gone}": "blocked"}
    assert "gone: our records hold it" in reason(plan)
    assert "which asks the account once more" in reason(plan)
    assert before >= 2, "by the account, and by the exact number"
    assert rig.apply(COUNTED).exit_code == 4
    assert len(rig.sandbox.ledger.charges()) == 2


def test_a_number_that_is_dropped_and_missed_by_one_read_is_released_and_not_forgotten(
    lost: tuple[Rig, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, account, gone = lost
    rig.write(f'numbers:\n  "{HELD[account]}123": {{provider: {account}}}\n')
    miss_once(monkeypatch, gone)
    assert actions(rig.plan()) == {f"number/{gone}": "delete"}


def test_a_number_that_was_forgotten_by_name_goes_on_being_counted_as_long_as_its_account_shows_it(rig: Rig) -> None:
    rig.write('numbers:\n  "+447700900100": {provider: ib}\n  "+447700900101": {provider: ib}\n')
    rig.apply()
    rig.clock.sleep(3600)
    rig.write('safety: {forget: ["+447700900101"]}\nnumbers:\n  "+447700900100": {provider: ib}\n')
    assert rig.apply().exit_code == 0
    assert "standing cost: 2 numbers, 10.00 EUR a month" in said(rig.plan())
    rig.sandbox.infobip("ib").portal_release("+447700900101")
    assert "standing cost: 1 number, 5.00 EUR a month" in said(rig.plan())
