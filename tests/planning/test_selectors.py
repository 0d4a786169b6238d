"""``--only`` and ``--exclude`` that select nothing: a typo never reads as "no changes"."""

from __future__ import annotations

import pytest

from reconciler.errors import UsageError
from reconciler.model import StateSnapshot
from reconciler.planning.selection import Selection
from reconciler.sandbox import Rule
from reconciler.workflows.drift import find_drift
from reconciler.workflows.scope import accounts_in_use
from reconciler.workflows.session import Known, Options
from tests.rig import Rig

FLEET = """numbers:
  "+447700900123": {provider: ib, labels: {team: support}}
pools:
  desk: {provider: vt, size: 1, search: {province: NJ}, labels: {team: sales}}
"""


def only(*selectors: str) -> Options:
    return Options(selection=Selection(only=selectors))


@pytest.mark.parametrize(
    "selector", ["label.team=suport", "label.tem=support", "number/+447700900124", "sms/*", "slot/desk.1", "*/+999*"]
)
def test_a_selector_that_selects_nothing_is_no_empty_plan(rig: Rig, selector: str) -> None:
    rig.write(FLEET)
    with pytest.raises(UsageError, match="selects nothing"):
        rig.plan(only(selector))
    with pytest.raises(UsageError, match="selects nothing"):
        rig.apply(only("number/*", selector))


@pytest.mark.parametrize(
    "selector", ["label.team=support", "label.team=sales", "number/*", "slot/desk.0", "provider=vt", "provider=ip"]
)
def test_what_is_declared_a_slot_to_be_filled_or_an_account_without_anything_is_something(
    rig: Rig, selector: str
) -> None:
    rig.write(FLEET)
    rig.plan(only(selector))


def test_a_drift_of_nothing_is_no_drift_report(rig: Rig) -> None:
    rig.write(FLEET)
    rig.apply()
    with rig.store() as store, pytest.raises(UsageError, match="selects nothing"):
        find_drift(rig.session(writes=False, store=store), only("label.team=suport"))


def test_what_is_excluded_in_vain_is_said(rig: Rig) -> None:
    rig.write(FLEET)
    plan = rig.plan(Options(selection=Selection(exclude=("label.team=suport", "number/*"))))
    said = [notice.message for notice in plan.notices if "excludes nothing" in notice.message]
    assert said == ["--exclude label.team=suport matches nothing, and excludes nothing"]


def used(rig: Rig, selection: Selection) -> set[str]:
    fleet = rig.fleet()
    return accounts_in_use(fleet, Known.of(fleet, StateSnapshot("", 0)), selection)


TWO_POOLS = """pools:
  desk: {provider: vt, size: 2, search: {province: NJ}}
  uk: {provider: ib, size: 1, search: {country: GB}}
"""


@pytest.mark.parametrize(
    ("selection", "accounts"),
    [
        (Selection(only=("slot/desk.*",)), "vt"),
        (Selection(only=("slot/desk.1",)), "vt"),
        (Selection(only=("slot/*",)), "ib vt"),
        (Selection(exclude=("slot/desk.*",)), "ib"),
        (Selection(exclude=("slot/desk.0",)), "ib vt"),
        (Selection(only=("*/desk.*",)), "ib vt"),
        (Selection(only=("slot/uk.0", "provider=ip")), "ib"),
        (Selection(only=("number/+1*",)), "ib vt"),
    ],
    ids=str,
)
def test_a_slot_of_one_pool_touches_no_account_of_another(rig: Rig, selection: Selection, accounts: str) -> None:
    """Which number another pool would get is not known; that it has another slot is."""
    rig.write(TWO_POOLS)
    assert used(rig, selection) == set(accounts.split())
    rig.plan(Options(selection=selection))
    assert {account for account, reads in rig.reads().items() if reads} == set(accounts.split())


def test_a_brand_alone_fills_no_pool(rig: Rig) -> None:
    rig.write(TWO_POOLS + "brands: {acme: {provider: api, id: BACME01, name: ACME, description: Alerts}}\n")
    assert used(rig, Selection(only=("brand/acme",))) == {"api"}


def test_a_slot_of_one_pool_is_filled_while_the_account_of_another_is_down(rig: Rig) -> None:
    rig.write(TWO_POOLS)
    rig.sandbox.faults.plant(Rule("503", account="ib", times=None))
    assert rig.apply(only("slot/desk.1")).exit_code == 0
    with rig.store() as store:
        assert [slot.name for slot in store.snapshot().slots] == ["desk.1"]
