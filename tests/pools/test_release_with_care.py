"""A number whose line says ``release: {after: 30d}`` is taken out of service first; until then it can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.errors import SafetyError
from reconciler.model import Address
from reconciler.planning.limits import Allowances
from reconciler.sandbox.ledger import Event
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

DAY = 86_400
KEEP = """  "+447700900900": {provider: ib}
  "+12015550199": {provider: api}
  "+12015550198": {provider: vt}
  "+17205550143": {provider: ip, sms: true}
"""
TN = {"ib": "+447700900100", "api": "+12015550100", "vt": "+12015550100"}
FREE = Options(allow=Allowances(releases=1))


def line(account: str, rest: str = "") -> str:
    return f'numbers:\n{KEEP}  "{TN[account]}": {{provider: {account}{rest}}}\n'


def removed(rig: Rig, account: str, rest: str = ", release: {after: 30d}") -> str:
    """A number is bought and its line removed; its address."""
    rig.write(line(account, rest))
    assert rig.apply().exit_code == 0
    rig.write(f"numbers:\n{KEEP}")
    return f"number/{TN[account]}"


@pytest.mark.parametrize("account", ["ib", "api", "vt"])
def test_it_is_taken_out_of_service_kept_and_then_released_under_the_limits(rig: Rig, account: str) -> None:
    address = removed(rig, account)
    plan = rig.plan()
    (change,) = plan.changes
    assert (actions(plan), change.irreversible) == ({address: "update"}, False)
    ending = "given up (the account has no call to release it)" if account == "vt" else "released"
    assert change.reason == (
        f"not declared any more: taken out of service; {ending} on 2026-02-12 unless it is declared again"
    )
    report = rig.apply()
    assert (report.exit_code, results(report), rig.writes()) == (0, {address: "done"}, 0)
    rig.clock.sleep(29 * DAY)
    plan = rig.plan()
    assert actions(plan) == {}
    assert [n.message for n in plan.notices if n.address == address] == [
        f"out of service since 2026-01-13; {ending} on 2026-02-12 unless it is declared again"
    ]
    assert (rig.apply().exit_code, rig.writes()) == (0, 0)
    rig.clock.sleep(DAY + 1)
    final = "forget" if account == "vt" else "delete"
    assert actions(rig.plan()) == {address: final}
    with pytest.raises(SafetyError, match="--allow-releases 1"):
        rig.apply()
    assert rig.apply(FREE).exit_code == 0
    assert len(rig.sandbox.ledger.releases()) == (account != "vt")
    assert actions(rig.plan()) == {}


@pytest.mark.parametrize("account", ["ib", "api", "vt"])
def test_declared_again_it_is_taken_back_without_being_bought(rig: Rig, account: str) -> None:
    address = removed(rig, account)
    rig.apply()
    rig.clock.sleep(29 * DAY)
    rig.write(line(account))
    plan = rig.plan()
    assert actions(plan) == {address: "adopt"}
    assert "out of service since 2026-01-13" in plan.changes[0].reason
    charged = len(rig.sandbox.ledger.charges())
    assert (rig.apply().exit_code, len(rig.sandbox.ledger.charges())) == (0, charged)
    rig.clock.sleep(9 * DAY)
    assert actions(rig.plan()) == {}


def test_what_hangs_on_the_number_goes_before_it_is_out_of_service(rig: Rig) -> None:
    rest = ", release: {after: 30d}, sms: {enabled: true, provider: ip}"
    address = removed(rig, "vt", rest)
    assert actions(rig.plan()) == {address: "update", f"sms/{TN['vt']}": "delete"}
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.find(Event.DISABLE)) == 1
    assert rig.heard.lines[-3:] == [f"done sms/{TN['vt']}", f"started update {address}", f"done {address}"]
    rig.write(line("vt", rest))
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 3


def test_a_default_reaches_the_lines_that_can_be_released_and_a_line_outlives_itself(rig: Rig) -> None:
    defaults = "defaults: {numbers: {release: {after: 2h}}}\n"
    rig.write(defaults + line("ib"))
    assert rig.apply().exit_code == 0
    with rig.store() as store:
        records = store.snapshot().records
    assert {str(a): r.release_after for a, r in records.items() if r.release_after} == dict.fromkeys(
        ["number/+447700900100", "number/+447700900900", "number/+12015550199", "number/+12015550198"],
        timedelta(hours=2),
    )


def test_what_a_line_says_of_its_release_is_recorded_when_nothing_else_changes(rig: Rig) -> None:
    for rest, after in ((", release: {after: 30d}", timedelta(days=30)), ("", None)):
        rig.write(line("ib", rest))
        rig.apply()
        with rig.store() as store:
            record = store.record(Address.parse(f"number/{TN['ib']}"))
        assert record is not None
        assert record.release_after == after


def test_protection_comes_before_all(rig: Rig) -> None:
    address = removed(rig, "ib", ", protect: true, release: {after: 30d}")
    assert actions(rig.plan()) == {address: "blocked"}


def test_a_number_that_vanishes_while_it_is_kept_is_forgotten(rig: Rig) -> None:
    address = removed(rig, "ib")
    rig.apply()
    rig.clock.sleep(DAY)
    rig.sandbox.infobip("ib").portal_release(TN["ib"])
    assert actions(rig.plan()) == {address: "forget"}
    assert rig.apply().exit_code == 0


def test_an_account_whose_last_number_is_out_of_service_is_asked_about_once(rig: Rig) -> None:
    rig.write(f'numbers: {{"{TN["ib"]}": {{provider: ib, release: {{after: 30d}}}}}}')
    rig.apply()
    rig.write("numbers: {}")
    with pytest.raises(SafetyError, match="--allow-empty ib"):
        rig.apply()
    assert rig.apply(Options(allow=Allowances(empty=frozenset({"ib"})))).exit_code == 0
    assert rig.apply().exit_code == 0


def test_a_slot_given_up_with_care_gets_its_number_back_when_the_pool_grows_again(rig: Rig) -> None:
    text = "pools: {desk: {provider: ib, size: %d, release: {after: 30d}, search: {country: GB}}}"
    rig.write(text % 2)
    rig.apply()
    rig.write(text % 1)
    plan = rig.plan()
    assert actions(plan) == {"number/+447700900001": "update"}
    assert "slot desk.1 is more than its pool's size of 1: taken out of service" in plan.changes[0].reason
    assert rig.apply().exit_code == 0
    rig.clock.sleep(10 * DAY)
    rig.write(text % 3)
    assert actions(rig.plan()) == {"number/+447700900001": "adopt", "number/+447700900002": "create"}
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.charges()) == 3
    assert not rig.sandbox.ledger.releases()


def test_a_saved_plan_takes_a_number_out_of_service_too(rig: Rig) -> None:
    address = removed(rig, "ib")
    assert results(rig.apply(saved=rig.plan())) == {address: "done"}


@pytest.mark.parametrize(("account", "message"), [("ib", "public stock"), ("api", "no call takes it back")])
def test_the_plan_says_by_carrier_what_a_release_cannot_undo(rig: Rig, account: str, message: str) -> None:
    removed(rig, account, "")
    (change,) = rig.plan().changes
    assert message in change.reason
    assert change.irreversible
