"""A purchase happens once, whatever becomes of its answer; asserted on the carriers' ledger of charges."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.errors import SafetyError
from reconciler.model import Origin, Verdict
from reconciler.planning.limits import Allowances
from reconciler.sandbox import FAULTS, InfobipSwitches, INumberingSwitches, Rule, When
from reconciler.workflows.session import Options
from tests.rig import Rig, actions, results

AT = {"ib": "+447700900123", "vt": "+12015550123", "api": "+12015550123"}
CALL = {"ib": "purchase", "vt": "tnOrder", "api": "tnOrder"}
BRIEFLY = Options(wait=timedelta(0))


def buying(folder: Path, account: str, **switches: object) -> Rig:
    kind = InfobipSwitches if account == "ib" else INumberingSwitches
    rig = Rig(folder, switches={account: kind(**switches)})  # type: ignore[arg-type]
    rig.write(f'numbers:\n  "{AT[account]}": {{provider: {account}}}')
    return rig


def charges(rig: Rig) -> int:
    return len(rig.sandbox.ledger.charges())


@pytest.mark.parametrize("account", ["ib", "api"])
def test_an_answer_lost_after_the_commit_is_settled_by_reading(tmp_path: Path, account: str) -> None:
    rig = buying(tmp_path, account)
    rig.sandbox.faults.plant(Rule("timeout", call=CALL[account], when=When.AFTER))
    assert rig.apply().exit_code == 0
    assert charges(rig) == 1
    assert actions(rig.plan()) == {}


def test_an_infobip_purchase_that_never_arrived_is_sent_again_only_after_the_wait_and_by_another_apply(
    tmp_path: Path,
) -> None:
    rig = buying(tmp_path, "ib")
    rig.sandbox.faults.plant(Rule("503", call="purchase", when=When.BEFORE))
    report = rig.apply()
    assert (report.exit_code, results(report)) == (3, {"number/+447700900123": "unknown"})
    assert (charges(rig), rig.writes()) == (0, 1)
    assert actions(rig.plan()) == {"number/+447700900123": "wait"}
    assert rig.apply().exit_code == 3
    assert (charges(rig), rig.writes()) == (0, 0)
    rig.clock.sleep(301)
    assert rig.apply().exit_code == 0
    assert (charges(rig), rig.writes()) == (1, 1)


def test_an_inumbering_order_is_sent_again_only_after_the_wait_on_the_carriers_clock(tmp_path: Path) -> None:
    rig = buying(tmp_path, "vt")
    rig.sandbox.faults.plant(Rule("503", call="tnOrder", when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.jump(3600)
    rig.sandbox.clock = rig.clock.twin()
    rig.sandbox.clock.jump(-3600)
    assert rig.apply(BRIEFLY).exit_code == 3
    assert rig.writes() == 0
    rig.clock.sleep(902)
    assert rig.apply(BRIEFLY).exit_code == 0
    assert charges(rig) == 1


def test_an_inumbering_order_goes_out_twice_at_the_most(tmp_path: Path) -> None:
    rig = buying(tmp_path, "vt")
    rig.sandbox.faults.plant(Rule("503", call="tnOrder", when=When.BEFORE, times=None))
    sent = 0
    for _ in range(5):
        code = rig.apply(BRIEFLY).exit_code
        sent += rig.writes()
        rig.clock.sleep(1000)
    assert (sent, code) == (2, 4)


def test_on_ambiguous_stop_never_sends_an_order_again(tmp_path: Path) -> None:
    rig = buying(tmp_path, "vt")
    accounts = "version: 1\nproviders: {vt: {type: inumbering, on_ambiguous: stop}}\n"
    rig.write('numbers:\n  "+12015550123": {provider: vt}', accounts)
    rig.sandbox.faults.plant(Rule("reset", call="tnOrder", when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.clock.sleep(5000)
    assert rig.apply(BRIEFLY).exit_code == 4
    assert rig.writes() == 0


def test_an_order_that_vanishes_from_the_market_is_presumed_ours_and_said_so(tmp_path: Path) -> None:
    rig = buying(tmp_path, "vt")
    rig.sandbox.faults.plant(Rule("reset", call="tnOrder", when=When.AFTER))
    assert rig.apply().exit_code == 0
    plan = rig.plan()
    assert actions(plan) == {}
    assert any("presumed ours" in notice.message for notice in plan.notices)
    with rig.store() as store:
        assert [record.origin for record in store.snapshot().records.values()] == [Origin.PRESUMED]


@pytest.mark.parametrize("lag", [5, 120, 900])
@pytest.mark.parametrize("account", ["ib", "api"])
def test_a_list_that_lags_behind_a_purchase_never_leads_to_a_second_one(
    tmp_path: Path, account: str, lag: float
) -> None:
    rig = buying(tmp_path, account, list_lag_seconds=lag)
    rig.sandbox.faults.plant(Rule("timeout", call=CALL[account], when=When.AFTER))
    for _ in range(6):
        rig.apply(BRIEFLY)
        rig.clock.sleep(400)
    assert charges(rig) == 1
    assert not rig.sandbox.ledger.double_charges()
    assert rig.apply().exit_code == 0


def test_a_search_that_is_cached_never_leads_to_a_second_order(tmp_path: Path) -> None:
    rig = buying(tmp_path, "vt", search_cache_seconds=600)
    rig.sandbox.faults.plant(Rule("timeout", call="tnOrder", when=When.AFTER))
    for _ in range(4):
        rig.apply(BRIEFLY)
        rig.clock.sleep(300)
    assert charges(rig) == 1
    assert rig.apply().exit_code == 0


@pytest.mark.parametrize("taken", ["400", "404", "404-empty"])
def test_a_number_that_a_rival_took_is_a_failure_and_planned_again(tmp_path: Path, taken: str) -> None:
    rig = buying(tmp_path, "ib", taken=taken)
    saved = rig.plan()
    rig.sandbox.infobip("ib").rival_buys(AT["ib"])
    with pytest.raises(Exception, match=r"create was planned"):
        rig.apply(saved=saved)
    assert charges(rig) == 0
    assert actions(rig.plan()) == {"number/+447700900123": "blocked"}
    assert rig.apply().exit_code == 4


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("account", ["ib", "vt", "api"])
def test_no_fault_of_a_purchase_buys_twice_or_loses_the_number(
    tmp_path: Path, account: str, fault: str, when: When
) -> None:
    if when not in FAULTS[fault].moments:
        when = FAULTS[fault].moments[0]
    rig = buying(tmp_path, account)
    rig.sandbox.faults.plant(Rule(fault, call=CALL[account], when=when))
    for _ in range(4):
        code = rig.apply(BRIEFLY).exit_code
        assert charges(rig) <= 1
        if code == 0:
            break
        rig.clock.sleep(1000)
    assert (code, charges(rig)) == (0, 1)
    assert actions(rig.plan()) == {}


def test_the_intent_and_its_attempt_are_durable_before_the_carrier_commits(rig: Rig) -> None:
    rig.write('numbers:\n  "+447700900123": {provider: ib}')
    seen: list[tuple[int, Verdict | None]] = []
    carrier = rig.sandbox.infobip("ib")
    log = carrier.log

    def spy(*args: object, **kwargs: object) -> None:
        with rig.store() as other:
            seen.extend((i.attempts[-1].n, i.attempts[-1].verdict) for i in other.snapshot().open_intents)
        log(*args, **kwargs)  # type: ignore[arg-type]

    carrier.log = spy  # type: ignore[method-assign]
    assert rig.apply().exit_code == 0
    assert seen == [(1, None)]


def test_a_release_whose_answer_is_lost_is_settled_by_reading(rig: Rig) -> None:
    keep = '  "+447700900124": {provider: ib}\n'
    rig.write('numbers:\n  "+447700900123": {provider: ib}\n' + keep)
    assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + keep)
    rig.sandbox.faults.plant(Rule("reset", call="cancel", when=When.AFTER))
    assert rig.apply(Options(allow=Allowances(releases=1))).exit_code == 3
    rig.clock.sleep(301)
    assert rig.apply(Options(allow=Allowances(releases=1))).exit_code == 0
    assert len(rig.sandbox.ledger.releases()) == 1
    assert actions(rig.plan()) == {}


def test_a_release_after_which_the_number_is_still_shown_is_asked_for_again_by_a_plan(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"api": INumberingSwitches(list_lag_seconds=900)})
    keep, allowed = '  "+12015550124": {provider: api}\n', Options(allow=Allowances(releases=1))
    rig.write('numbers:\n  "+12015550123": {provider: api}\n' + keep)
    assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + keep)
    rig.sandbox.faults.plant(Rule("404", call="numbersDisconnect"))
    assert rig.apply(allowed).exit_code == 3, "the list shows neither number yet, so it proves nothing about one"
    assert results(rig.apply(allowed))["number/+12015550123"] == "unknown"
    rig.clock.sleep(901)
    with pytest.raises(SafetyError, match="--allow-releases 1"):
        rig.apply()
    report = rig.apply(allowed)
    assert (report.exit_code, results(report)["number/+12015550123"]) == (0, "done")
    assert [entry.key for entry in rig.sandbox.ledger.releases()] == ["+12015550123"]


def test_protection_is_kept_when_an_open_purchase_is_settled_after_its_line_is_gone(rig: Rig) -> None:
    keep = '  "+447700900124": {provider: ib}\n'
    rig.write('numbers:\n  "+447700900123": {provider: ib, protect: true, labels: {team: a}}\n' + keep)
    rig.sandbox.infobip("ib").turn(list_lag_seconds=5)
    rig.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.AFTER))
    rig.apply(BRIEFLY)
    rig.clock.sleep(60)
    rig.write("numbers:\n" + keep)
    assert rig.apply(Options(allow=Allowances(releases=5))).exit_code == 4
    assert rig.sandbox.ledger.releases() == []
    with rig.store() as store:
        assert [dict(r.labels) for r in store.snapshot().records.values() if r.protect] == [{"team": "a"}]


def test_a_number_that_the_list_does_not_show_yet_is_not_forgotten_when_our_clock_jumps(tmp_path: Path) -> None:
    rig = buying(tmp_path, "api", list_lag_seconds=900)
    rig.sandbox.clock = rig.clock.twin()
    assert rig.apply().exit_code == 0
    rig.clock.jump(3600)
    assert actions(rig.plan()) == {"number/+12015550123": "wait"}


def test_a_purchase_that_is_still_being_provided_is_waited_for(tmp_path: Path) -> None:
    rig = buying(tmp_path, "ib", reservation_seconds=60)
    assert rig.apply(BRIEFLY).exit_code == 3
    assert rig.apply().exit_code == 0
    assert actions(rig.plan()) == {}
    assert charges(rig) == 1


def test_an_apply_never_ends_well_over_a_number_that_nobody_declares_any_more(tmp_path: Path) -> None:
    """It was still being provided when the plan was made: what becomes of it takes a plan of its own."""
    rig = buying(tmp_path, "ib", reservation_seconds=60)
    keep = '  "+447700900124": {provider: ib}\n'
    rig.write(f'numbers:\n  "+447700900123": {{provider: ib}}\n{keep}')
    assert rig.apply().exit_code == 0
    rig.write(f'numbers:\n  "+447700900123": {{provider: ib}}\n{keep}  "+447700900125": {{provider: ib}}\n')
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.write(f'numbers:\n  "+447700900123": {{provider: ib}}\n{keep}')
    allowed = Options(allow=Allowances(releases=1))
    report = rig.apply(allowed)
    assert (report.exit_code, results(report)) == (3, {"number/+447700900125": "waiting"})
    assert [outcome.message for outcome in report.outcomes] == [
        "not declared any more: the next plan says what follows"
    ]
    assert rig.apply(allowed).exit_code == 0
    assert [entry.key for entry in rig.sandbox.ledger.releases()] == ["+447700900125"]


def test_an_order_that_is_sent_again_is_as_declared_now(tmp_path: Path) -> None:
    rig = buying(tmp_path, "vt")
    rig.write('numbers:\n  "+12015550123": {provider: vt, route: 3}')
    rig.sandbox.faults.plant(Rule("503", call="tnOrder", when=When.BEFORE))
    assert rig.apply(BRIEFLY).exit_code == 3
    rig.write('numbers:\n  "+12015550123": {provider: vt, route: 4}')
    rig.clock.sleep(1000)
    assert rig.apply(BRIEFLY).exit_code == 0
    assert rig.sandbox.inumbering("vt").route("+12015550123") == 4
    assert actions(rig.plan()) == {}
