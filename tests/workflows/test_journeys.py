"""From YAML to a converged fleet at each carrier, asserted on the carriers' ledgers; then nothing is left to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.planning.limits import Allowances
from reconciler.sandbox import InfobipSwitches, IntelePeerSwitches, INumberingSwitches, Rule, When
from reconciler.sandbox.ledger import Event
from reconciler.workflows import apply
from reconciler.workflows.session import Options, Planned
from tests.rig import Rig, actions, results

PLENTY = Options(allow=Allowances(purchases=50))
HOOK = "https://hooks.example.com/in"


def assert_settled(rig: Rig) -> None:
    """The next plan is empty, and the next apply sends nothing that could change anything."""
    again = rig.plan()
    assert actions(again) == {}
    assert again.unresolved == {}
    booked = len(rig.sandbox.ledger)
    report = rig.apply()
    assert (report.exit_code, rig.writes()) == (0, 0)
    assert len(rig.sandbox.ledger) == booked


def tns(first: int, count: int, prefix: str = "+17205550") -> list[str]:
    return [f"{prefix}{n}" for n in range(first, first + count)]


def test_twenty_numbers_in_mixed_states_converge_with_one_read_a_number(rig: Rig) -> None:
    carrier = rig.sandbox.intelepeer("ip")
    on, off = tns(100, 14), tns(114, 6)
    for tn in on[:4]:
        carrier.portal_enable(tn, HOOK)
    for tn in on[4:6]:
        carrier.portal_enable(tn, "https://old.example/in")
    for tn in on[6:8]:
        carrier.freeze(tn, "error")
    for tn in off[:3]:
        carrier.portal_enable(tn)
    lines = [f'  "{tn}": {{provider: ip, sms: true, webhook: "{HOOK}"}}' for tn in on]
    lines += [f'  "{tn}": {{provider: ip, sms: false}}' for tn in off]
    rig.write("numbers:\n" + "\n".join(lines))

    plan = rig.plan()
    assert plan.reads == {"ip": 20}
    report = rig.apply()

    assert report.exit_code == 0
    assert {carrier.webhook(tn) for tn in on} == {HOOK}
    assert carrier.owned(rig.clock.now()) == set(on)
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 8
    assert len(rig.sandbox.ledger.find(Event.DISABLE)) == 3
    assert_settled(rig)


@pytest.mark.parametrize("cap", [1000, 50, 20])
@pytest.mark.parametrize("api_path", ["/sms/1/numbers", "/numbers/1/numbers"])
def test_a_large_account_is_read_in_pages_adopted_bought_and_released(tmp_path: Path, cap: int, api_path: str) -> None:
    rig = Rig(tmp_path, switches={"ib": InfobipSwitches(page_cap=cap)})
    accounts = f"version: 1\nproviders: {{ib: {{type: infobip, api_path: {api_path}}}}}\n"
    carrier = rig.sandbox.infobip("ib")
    owned = tns(100, 120, "+447700900")
    for tn in owned:
        carrier.portal_buy(tn)
    kept, bought = owned[:3], tns(500, 5, "+447700900")
    released = owned[3]
    declared = [f'  "{tn}": {{provider: ib}}' for tn in (*kept, released, *bought)]
    rig.write("numbers:\n" + "\n".join(declared), accounts)

    assert rig.apply(PLENTY).exit_code == 0
    assert [entry.key for entry in rig.sandbox.ledger.charges("ib")][-5:] == bought
    assert_settled(rig)

    rig.write("numbers:\n" + "\n".join(line for line in declared if released not in line), accounts)
    plan = rig.plan()
    assert actions(plan) == {f"number/{released}": "delete"}
    assert rig.apply(Options(allow=Allowances(release=frozenset({released})))).exit_code == 0
    assert [entry.key for entry in rig.sandbox.ledger.releases()] == [released]
    assert len(carrier.owned()) >= 124
    assert_settled(rig)


@pytest.mark.parametrize("errors_as", ["http", "body"])
@pytest.mark.parametrize("account", ["vt", "api"])
def test_a_brand_a_campaign_and_thirty_orders_with_their_assignments(
    tmp_path: Path, errors_as: str, account: str
) -> None:
    rig = Rig(tmp_path, switches={account: INumberingSwitches(errors_as=errors_as)})
    numbers = tns(100, 30, "+12015550")
    lines = [f'  "{tn}": {{provider: {account}, campaign: alerts, route: 4}}' for tn in numbers]
    rig.write(
        f"brands: {{acme: {{provider: {account}, id: BACME01, name: ACME, description: ACME alerts}}}}\n"
        f"campaigns: {{alerts: {{provider: {account}, brand: acme, id: CACME01, description: Alerts}}}}\n"
        "numbers:\n" + "\n".join(lines)
    )

    assert rig.apply(PLENTY).exit_code == 0
    ledger = rig.sandbox.ledger
    assert sorted(entry.key for entry in ledger.charges(account)) == numbers
    assert sorted(entry.key for entry in ledger.find(Event.ASSIGN)) == numbers
    assert len({entry.reference for entry in ledger.charges(account)}) == 30
    assert rig.providers[account].http.writes == 1 + 1 + 30 + 1
    assert_settled(rig)


def test_what_exists_already_at_inumbering_is_success(rig: Rig) -> None:
    text = (
        "brands: {acme: {provider: vt, id: BACME01, name: ACME, description: ACME alerts}}\n"
        "campaigns: {alerts: {provider: vt, brand: acme, id: CACME01, description: Alerts}}\n"
    )
    rig.write(text)
    assert rig.apply().exit_code == 0
    (rig.folder / "state.db").unlink()
    report = rig.apply()
    assert results(report) == {"brand/acme": "done", "campaign/alerts": "done"}
    assert_settled(rig)


def test_without_waiting_the_next_run_goes_on_where_this_one_ended(rig: Rig) -> None:
    rig.write(f'numbers:\n  "+17205550142": {{provider: ip, sms: true, webhook: "{HOOK}"}}')
    report = rig.apply(Options(wait=timedelta(0)))
    assert report.exit_code == 3
    assert results(report) == {"sms/+17205550142": "waiting", "webhook/+17205550142": "skipped"}
    assert actions(rig.plan()) == {"sms/+17205550142": "wait", "webhook/+17205550142": "create"}
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 1
    assert_settled(rig)


@pytest.mark.parametrize("never", ["null", "missing", "empty", "null-provisioning", "no-provisioning"])
@pytest.mark.parametrize("before", ["200", "400", "404"])
def test_a_number_is_enabled_however_the_carrier_shows_that_it_never_was(
    tmp_path: Path, never: str, before: str
) -> None:
    switches = IntelePeerSwitches(never_enabled=never, webhook_before_enabling=before, webhook_delay_seconds=60)
    rig = Rig(tmp_path, switches={"ip": switches})
    rig.write(f'numbers:\n  "+17205550142": {{provider: ip, sms: true, webhook: "{HOOK}"}}')
    assert rig.apply().exit_code == 0
    assert rig.sandbox.intelepeer("ip").webhook("+17205550142") == HOOK
    assert_settled(rig)


@pytest.mark.parametrize("ends_as", ["null", "missing", "empty", "none", "deprovisioned", "404"])
def test_a_number_is_disabled_whatever_state_that_ends_in(tmp_path: Path, ends_as: str) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(ends_as=ends_as)})
    rig.sandbox.intelepeer("ip").portal_enable("+17205550142")
    rig.write('numbers:\n  "+17205550142": {provider: ip, sms: false}')
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.find(Event.DISABLE)) == 1
    assert_settled(rig)


def test_an_enablement_that_ends_in_an_error_is_asked_for_once_a_run_and_needs_a_person(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(enable_ends="error")})
    rig.write('numbers:\n  "+17205550142": {provider: ip, sms: true}')
    assert rig.apply().exit_code == 4
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 1


def test_an_enablement_that_is_stuck_for_three_days_needs_a_person(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stuck_in="provisioning")})
    rig.write('numbers:\n  "+17205550142": {provider: ip, sms: true}')
    assert rig.apply().exit_code == 3
    rig.clock.sleep(73 * 3600)
    assert rig.apply().exit_code == 4
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 1


def test_a_number_dropped_at_a_carrier_without_a_release_is_remembered(rig: Rig) -> None:
    keep = '  "+12015550124": {provider: vt}\n'
    rig.write('numbers:\n  "+12015550123": {provider: vt}\n' + keep)
    assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + keep)
    assert actions(rig.plan()) == {"number/+12015550123": "forget"}
    assert rig.apply(Options(allow=Allowances(releases=1))).exit_code == 0
    assert_settled(rig)
    rig.write('numbers:\n  "+12015550123": {provider: vt}\n' + keep)
    assert actions(rig.plan()) == {"number/+12015550123": "adopt"}
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.charges()) == 2
    assert_settled(rig)


def test_a_route_is_changed_and_a_number_released_through_the_sibling_calls(rig: Rig) -> None:
    lines = '  "+12015550124": {provider: api}\n'
    rig.write('numbers:\n  "+12015550123": {provider: api, route: 4}\n' + lines)
    assert rig.apply().exit_code == 0
    rig.write('numbers:\n  "+12015550123": {provider: api, route: 3}\n' + lines)
    assert actions(rig.plan()) == {"number/+12015550123": "update"}
    assert rig.apply().exit_code == 0
    assert rig.sandbox.inumbering("api").route("+12015550123") == 3
    rig.write("numbers:\n" + lines)
    assert rig.apply(Options(allow=Allowances(releases=1))).exit_code == 0
    assert rig.sandbox.inumbering("api").owned() == {"+12015550124"}
    assert_settled(rig)


def test_a_number_is_released_only_after_its_sms_is_off(rig: Rig) -> None:
    keep = '  "+12015550124": {provider: api, sms: {enabled: true, provider: ip}}\n'
    rig.write('numbers:\n  "+12015550123": {provider: api, sms: {enabled: true, provider: ip}}\n' + keep)
    assert rig.apply().exit_code == 0
    rig.write("numbers:\n" + keep)
    assert rig.apply(Options(allow=Allowances(releases=1))).exit_code == 0
    events = [entry.event for entry in rig.sandbox.ledger if entry.key == "+12015550123"]
    assert events == [Event.CHARGE, Event.ENABLE, Event.DISABLE, Event.RELEASE]
    assert_settled(rig)


def test_an_enablement_under_way_is_waited_for_and_then_undone_and_the_other_way_round(rig: Rig) -> None:
    on, off = (f'numbers:\n  "+17205550142": {{provider: ip, sms: {sms}}}' for sms in ("true", "false"))
    rig.write(on)
    assert rig.apply(Options(wait=timedelta(0))).exit_code == 3
    rig.write(off)
    [change] = rig.plan().changes
    assert (change.action.value, change.then and change.then.value) == ("wait", "delete")
    assert rig.apply(Options(wait=timedelta(seconds=8))).exit_code in (0, 3)
    rig.write(on)
    assert rig.apply().exit_code == 0
    events = [entry.event for entry in rig.sandbox.ledger]
    assert events == [Event.ENABLE, Event.DISABLE, Event.ENABLE]
    assert_settled(rig)


@pytest.mark.parametrize("storm", [1, 3, 200])
def test_a_409_is_waited_out_by_reads_and_never_hammered(rig: Rig, storm: int) -> None:
    rig.write('numbers:\n  "+17205550142": {provider: ip, sms: true}')
    rig.sandbox.faults.plant(Rule("409", call="provision", times=storm))
    report = rig.apply()
    posts, reads = rig.writes(), rig.reads()["ip"]
    assert posts <= 3
    assert reads >= 2 * (posts - 1)
    assert report.exit_code == (0 if storm < 3 else 3)
    rig.sandbox.faults.heal()
    assert rig.apply().exit_code == 0
    assert len(rig.sandbox.ledger.find(Event.ENABLE)) == 1
    assert_settled(rig)


def test_a_webhook_is_never_sent_before_sms_is_provisioned(rig: Rig) -> None:
    rig.write(f'numbers:\n  "+17205550142": {{provider: ip, sms: true, webhook: "{HOOK}"}}')
    assert rig.apply().exit_code == 0
    [enabled], [hooked] = (rig.sandbox.ledger.find(event) for event in (Event.ENABLE, Event.WEBHOOK))
    assert hooked.at - enabled.at >= timedelta(seconds=2)


def test_neither_planning_nor_the_person_who_is_asked_takes_from_the_wait(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stage_seconds=4)})
    rig.write('numbers:\n  "+17205550142": {provider: ip, sms: true}\n')

    def ponder(_planned: Planned) -> bool:
        rig.clock.sleep(600)
        return True

    with rig.store() as store:
        session = rig.session(writes=True, store=store)
        assert apply.apply(session, Options(wait=timedelta(seconds=30)), ponder).exit_code == 0


def test_the_last_look_is_at_the_end_of_the_wait(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stage_seconds=7)})
    rig.write('numbers:\n  "+17205550142": {provider: ip, sms: true}\n')
    assert rig.apply(Options(wait=timedelta(seconds=15))).exit_code == 0, (
        "ready after 14 s, and 9.5 s is one look early"
    )


@pytest.mark.parametrize("fault", ["html-200", "empty-200", "timeout"])
def test_a_webhook_whose_answers_prove_nothing_is_looked_at(rig: Rig, fault: str) -> None:
    rig.sandbox.intelepeer("ip").portal_enable("+17205550142", "https://old.example/in")
    rig.write(f'numbers:\n  "+17205550142": {{provider: ip, sms: true, webhook: "{HOOK}"}}\n')
    rig.sandbox.faults.plant(Rule(fault, call="setWebhook", when=When.AFTER, times=None))
    report = rig.apply()
    assert (report.exit_code, results(report)["webhook/+17205550142"]) == (0, "done")
    assert_settled(rig)
