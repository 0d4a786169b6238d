"""An account with another name keeps its records: nothing of it is bought again, released or forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reconciler.errors import ConfigError, StalePlanError
from reconciler.model import Action, Address, Plan
from reconciler.planning import audit
from reconciler.planning.limits import Allowances
from reconciler.sandbox import Rule, When
from reconciler.state import plan_file
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import ACCOUNTS, Rig, actions, results

TN = "+447700900100"
DESK = "pools: {desk: {provider: ACCOUNT, size: SIZE, search: {country: GB}}}\n"
GENEROUS = Options(allow=Allowances(9, 9, 9, frozenset({"ib", "ib-eu"})))


def accounts(*written: str) -> str:
    return ACCOUNTS.replace("  ib: {type: infobip}\n", "".join(f"  {one}\n" for one in written))


RENAMED = accounts("ib-eu: {type: infobip}")
MOVED = accounts("ib-eu: {type: infobip, moved: ib}")


def desk(account: str, size: int = 2) -> str:
    return DESK.replace("ACCOUNT", account).replace("SIZE", str(size))


def lines(account: str, *tns: str) -> str:
    return "numbers:\n" + "".join(f'  "{tn}": {{provider: {account}}}\n' for tn in tns)


@pytest.fixture
def rig(rig: Rig) -> Rig:
    rig.names = {"ib-eu": "ib", "ib-uk": "ib"}
    return rig


def said(plan: Plan) -> str:
    return "\n".join(notice.message for notice in plan.notices)


def reasons(plan: Plan) -> Iterator[str]:
    return (change.reason for change in plan.changes)


def charges(rig: Rig) -> list[str]:
    return [entry.key for entry in rig.sandbox.ledger.charges()]


def providers(rig: Rig) -> set[str]:
    with rig.store() as store:
        state = store.snapshot()
        every = (*state.records.values(), *state.slots.values(), *state.open_intents, *store.ledger())
        return {thing.account for thing in every}


def test_a_renamed_account_does_not_empty_the_slots_of_its_pool(rig: Rig) -> None:
    rig.write(desk("ib"))
    rig.apply()
    rig.write(desk("ib-eu"), RENAMED)
    plan = rig.plan()
    assert set(actions(plan).values()) == {"blocked"}
    assert all("write `moved: ib` under `providers.ib-eu`" in reason for reason in reasons(plan))
    assert not any("forget" in reason for reason in reasons(plan))
    assert rig.apply(GENEROUS).exit_code == 4
    rig.write(desk("ib-eu"), MOVED)
    plan = rig.plan()
    assert actions(plan) == {}
    assert "account ib becomes ib-eu in our records at the next apply, without a call" in said(plan)
    assert rig.apply().exit_code == 0
    assert rig.writes() == 0
    assert providers(rig) == {"ib-eu"}
    assert len(charges(rig)) == 2


def test_moved_that_is_done_is_a_notice_to_take_it_out(rig: Rig) -> None:
    rig.write(lines("ib", TN))
    rig.apply()
    rig.write(lines("ib-eu", TN), MOVED)
    assert rig.apply().settled == ("account ib: ib-eu in our records from now on; nothing changed at the carrier",)
    for _ in range(2):
        plan = rig.plan()
        assert actions(plan) == {}
        assert "`moved: ib` of account ib-eu, at" in said(plan)
        assert "take it out" in said(plan)
        assert rig.apply().exit_code == 0
    rig.write(lines("ib-uk", TN), accounts("ib-uk: {type: infobip, moved: ib-eu}"))
    assert rig.apply().exit_code == 0
    assert providers(rig) == {"ib-uk"}
    rig.write(lines("ib-uk", TN), accounts("ib-uk: {type: infobip}"))
    assert (actions(rig.plan()), charges(rig)) == ({}, [TN])


def test_records_of_the_new_name_and_of_the_old_one_come_together(rig: Rig) -> None:
    rig.write(lines("ib", TN))
    rig.apply()
    rig.write(lines("ib-eu", TN, "+447700900101"), RENAMED)
    assert rig.apply().exit_code == 4
    assert providers(rig) == {"ib", "ib-eu"}
    rig.write(lines("ib-eu", TN, "+447700900101"), MOVED)
    assert rig.apply().exit_code == 0
    assert providers(rig) == {"ib-eu"}
    assert charges(rig) == [TN, "+447700900101"]


def test_both_names_at_once_are_an_error_and_so_is_one_name_given_twice(rig: Rig) -> None:
    rig.write(lines("ib", TN), accounts("ib: {type: infobip}", "ib-eu: {type: infobip, moved: ib}"))
    with pytest.raises(ConfigError, match=r"numbers\.yaml:7:33: `ib` is still an account, at .*:6:3"):
        rig.plan()
    both = accounts("ib-eu: {type: infobip, moved: ib}", "ib-uk: {type: infobip, moved: ib}")
    rig.write(lines("ib-eu", TN), both)
    with pytest.raises(ConfigError, match=r"has moved at .* already: keep one"):
        rig.plan()


@pytest.mark.parametrize("name", ["ib-eu", "ib"])
def test_records_do_not_come_along_to_an_account_of_another_type(rig: Rig, name: str) -> None:
    rig.write(lines("ib", "+12125550100"))
    rig.apply()
    moved = ", moved: ib" if name != "ib" else ""
    rig.write(lines(name, "+12125550100"), accounts(f"{name}: {{type: inumbering, account_api: true{moved}}}"))
    rig.names = {name: "api"}
    with pytest.raises(ConfigError, match=rf"numbers\.yaml:6:3: {name} is of type inumbering, .* of type infobip"):
        rig.plan()
    with pytest.raises(ConfigError):
        rig.apply()
    assert providers(rig) == {"ib"}


def test_an_order_without_an_answer_is_settled_under_the_new_name_with_the_reference_that_was_sent(rig: Rig) -> None:
    rig.write(lines("api", "+12015550123"))
    rig.sandbox.faults.plant(Rule("timeout", call="tnOrder", when=When.BEFORE, times=1))
    rig.apply(Options(wait=rig.clock.now() - rig.clock.now()))
    with rig.store() as store:
        (before,) = store.open_intents()
    renamed = ACCOUNTS.replace("  api:", "  api-2:")
    rig.names["api-2"] = "api"
    rig.write(lines("api-2", "+12015550123"), renamed)
    assert set(actions(rig.plan()).values()) == {"blocked"}, "an order that nobody can settle is not placed again"
    rig.write(lines("api-2", "+12015550123"), renamed.replace("account_api: true", "account_api: true, moved: api"))
    plan = rig.plan()
    assert actions(plan) == {"number/+12015550123": "wait"}
    rig.apply()
    with rig.store() as store:
        (now,) = store.open_intents()
    assert (now.reference, now.account) == (before.reference, "api-2")
    rig.clock.sleep(1000)
    assert results(rig.apply()) == {"number/+12015550123": "done"}
    (charge,) = rig.sandbox.ledger.charges()
    assert charge.reference == before.reference


def test_a_tombstone_comes_along_and_its_pool_takes_the_number_back(rig: Rig) -> None:
    vt = "pools: {desk: {provider: ACCOUNT, size: SIZE, search: {rate_center: HACKENSACK}}}\n"
    rig.write(vt.replace("ACCOUNT", "vt").replace("SIZE", "2"))
    rig.apply()
    rig.write(vt.replace("ACCOUNT", "vt").replace("SIZE", "1"))
    rig.apply(GENEROUS)
    renamed = ACCOUNTS.replace("  vt: {type: inumbering}", "  vt-2: {type: inumbering}")
    rig.names["vt-2"] = "vt"
    again = vt.replace("ACCOUNT", "vt-2").replace("SIZE", "2")
    rig.write(again, renamed)
    plan = rig.plan()
    assert "create" not in actions(plan).values()
    assert any("write `moved: vt`" in reason for reason in plan.unresolved.values())
    assert rig.apply(GENEROUS).exit_code in (1, 4)
    assert len(charges(rig)) == 2
    rig.write(
        vt.replace("ACCOUNT", "vt-2").replace("SIZE", "2"), renamed.replace("inumbering}", "inumbering, moved: vt}")
    )
    assert list(actions(rig.plan()).values()) == ["adopt"]
    assert rig.apply().exit_code == 0
    assert len(charges(rig)) == 2


def test_a_tombstone_at_another_account_is_not_taken_back_at_the_new_one(rig: Rig) -> None:
    keep = '  "+12015550124": {provider: vt}\n'
    rig.write('numbers:\n  "+12015550123": {provider: vt}\n' + keep)
    rig.apply()
    rig.write("numbers:\n" + keep)
    rig.apply(GENEROUS)
    rig.write('numbers:\n  "+12015550123": {provider: api}\n' + keep)
    (change,) = rig.plan().changes
    assert change.action is Action.BLOCKED
    assert "given up at vt without a release" in change.reason
    assert "--as not-owned --evidence TEXT" in change.reason


def test_the_ledger_is_read_under_the_new_name(rig: Rig) -> None:
    rig.write(lines("ib", TN))
    rig.apply()
    rig.write(lines("ib-eu", TN), MOVED)
    for text in (MOVED, MOVED, RENAMED):
        rig.write(lines("ib-eu", TN), text)
        with rig.store() as store:
            session = rig.session(writes=False, store=store)
            seen = {"ib-eu": session.providers["ib-eu"].observe(())}
            every = audit.compare(store.ledger(), seen)
        found = [(one.account, one.finding) for one in every if one.address.name == TN]
        assert found == [("ib-eu", "listed")]
        rig.apply()


def test_a_saved_plan_of_before_the_rename_is_stale_and_one_of_after_it_fits(rig: Rig) -> None:
    rig.write(lines("ib", TN, "+447700900101"))
    rig.apply()
    rig.write(lines("ib", TN, "+447700900101", "+447700900102"))
    before = plan_file.loads(plan_file.dumps(rig.plan()))
    rig.write(lines("ib-eu", TN, "+447700900101", "+447700900102"), MOVED)
    with pytest.raises(StalePlanError):
        rig.apply(saved=before)
    after = plan_file.loads(plan_file.dumps(rig.plan()))
    assert rig.apply(saved=after).exit_code == 0
    assert providers(rig) == {"ib-eu"}
    assert charges(rig) == [TN, "+447700900101", "+447700900102"]


def test_a_saved_release_of_before_the_rename_is_stale(rig: Rig) -> None:
    rig.write(lines("ib", TN, "+447700900101"))
    rig.apply()
    rig.write(lines("ib", "+447700900101"))
    before = plan_file.loads(plan_file.dumps(rig.plan()))
    rig.write(lines("ib-eu", "+447700900101"), MOVED)
    with pytest.raises(StalePlanError):
        rig.apply(GENEROUS, saved=before)
    assert not rig.sandbox.ledger.releases()


def test_protection_and_labels_come_along(rig: Rig) -> None:
    rig.write(f'numbers:\n  "{TN}": {{provider: ib, protect: true}}\n  "+447700900101": {{provider: ib}}\n')
    rig.apply()
    rig.write(lines("ib-eu", "+447700900101"), MOVED)
    assert rig.apply(GENEROUS).exit_code == 4
    assert not rig.sandbox.ledger.releases()


def test_drift_reads_the_records_under_the_new_name(rig: Rig) -> None:
    rig.write(lines("ib", TN))
    rig.apply()
    rig.write(lines("ib-eu", TN), MOVED)
    with rig.store() as store:
        found = find_drift(rig.session(writes=False, store=store), Options())
    assert (found.drifted, found.in_sync, dict(found.unresolved)) == ((), 1, {})


def test_records_of_an_account_that_left_are_no_reason_to_accept_it_as_empty(rig: Rig) -> None:
    rig.write(lines("ib", TN) + '  "+12015550123": {provider: vt}\n')
    rig.apply()
    rig.write('numbers:\n  "+12015550123": {provider: vt}\n', RENAMED)
    plan = rig.plan()
    (change,) = plan.changes
    assert (change.action, change.address) == (Action.BLOCKED, Address.parse(f"number/{TN}"))
    assert "write `moved: ib` in it" in change.reason
    assert "--allow-empty" not in said(plan)
