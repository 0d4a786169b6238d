"""Drift tells what changed behind our back since the last apply, and what could not be seen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.model import Address
from reconciler.planning.drift import Drift
from reconciler.planning.limits import Allowances
from reconciler.sandbox import IntelePeerSwitches, Rule
from reconciler.workflows.drift import find_drift
from reconciler.workflows.session import Options
from tests.rig import Rig, actions

FLEET = """
brands: {acme: {provider: api, id: BACME01, name: ACME, description: ACME alerts}}
campaigns: {alerts: {provider: api, brand: acme, id: CACME01, description: Alerts}}
numbers:
  "+17205550142": {provider: ip, sms: true, webhook: "https://hooks.example.com/in?key=s3cret"}
  "+17205550143": {provider: ip, sms: false}
  "+12015550123": {provider: api, campaign: alerts, route: 4}
  "+447700900123": {provider: ib}
"""


def drift(rig: Rig) -> Drift:
    with rig.store() as store:
        return find_drift(rig.session(writes=False, store=store), Options())


def classes(found: Drift) -> dict[str, str]:
    return {str(item.address): item.drift_class.value for item in found.drifted}


def applied(rig: Rig) -> Rig:
    rig.sandbox.intelepeer("ip").portal_enable("+17205550143")
    rig.write(FLEET)
    assert rig.apply().exit_code == 0
    rig.clock.sleep(3600)
    return rig


def test_nothing_drifted_right_after_an_apply(rig: Rig) -> None:
    found = drift(applied(rig))
    assert classes(found) == {}
    assert {str(a) for a in found.unobservable} == {"brand/acme", "campaign/alerts"}


def test_edits_at_the_portals_are_told(rig: Rig) -> None:
    applied(rig)
    rig.sandbox.intelepeer("ip").portal_set_webhook("+17205550142", "https://other.example/in")
    rig.sandbox.intelepeer("ip").portal_enable("+17205550143")
    rig.sandbox.inumbering("api").portal_route("+12015550123", 3)
    rig.sandbox.inumbering("api").portal_assign("+12015550123", None)
    rig.sandbox.infobip("ib").portal_release("+447700900123")
    found = drift(rig)
    assert classes(found) == {
        "webhook/+17205550142": "changed",
        "sms/+17205550143": "returned",
        "number/+12015550123": "changed",
        "assignment/+12015550123": "missing",
        "number/+447700900123": "missing",
    }
    route = next(item for item in found.drifted if str(item.address) == "number/+12015550123")
    assert [(d.path, d.before, d.after) for d in route.diff] == [("route", 4, 3)]


def test_a_webhook_that_differs_only_in_its_query_is_drift_without_being_shown(rig: Rig) -> None:
    applied(rig)
    rig.sandbox.intelepeer("ip").portal_set_webhook("+17205550142", "https://hooks.example.com/in?key=0ther")
    [item] = drift(rig).drifted
    assert "not shown" in item.reason
    assert "0ther" not in repr(item)


def test_sms_that_was_switched_off_at_the_portal_is_missing(rig: Rig) -> None:
    applied(rig)
    rig.sandbox.intelepeer("ip").portal_disable("+17205550142")
    assert classes(drift(rig))["sms/+17205550142"] == "missing"


def test_what_cannot_be_read_is_not_taken_for_missing(rig: Rig) -> None:
    applied(rig)
    rig.sandbox.faults.plant(Rule("503", call="read", account="ib", times=None))
    found = drift(rig)
    assert classes(found) == {}
    assert [str(a) for a in found.unresolved] == ["number/+447700900123"]


def test_an_account_that_left_the_configuration_is_unresolved(rig: Rig) -> None:
    applied(rig)
    rig.write("numbers: {}", "version: 1\nproviders: {ip: {type: intelepeer}}\n")
    assert {str(a) for a in drift(rig).unresolved} >= {"number/+447700900123", "number/+12015550123"}


def in_progress(rig: Rig, tn: str = "+447700900123") -> None:
    """A number that is ours, and that its carrier shows as being provided."""
    rig.write(f'numbers:\n  "{tn}": {{provider: ib}}')
    rig.sandbox.infobip("ib").turn(reservation_word="PENDING")
    assert rig.apply(Options(wait=timedelta(0))).exit_code == 3


def test_a_number_that_its_carrier_is_still_providing_waits_and_is_not_in_sync(rig: Rig) -> None:
    in_progress(rig)
    for _ in range(2):
        found = drift(rig)
        assert ({str(a): why for a, why in found.waiting.items()}, found.in_sync) == (
            {"number/+447700900123": "the carrier is still providing it (PENDING)"},
            0,
        )
        assert actions(rig.plan()) == {"number/+447700900123": "wait"}
        rig.clock.sleep(3600)


def test_a_number_in_use_that_is_shown_as_pending_again_waits_and_is_not_in_sync(rig: Rig) -> None:
    applied(rig)
    rig.sandbox.infobip("ib").turn(reservation_word="PENDING")
    found = drift(rig)
    assert [str(a) for a in found.waiting] == ["number/+447700900123"]
    assert classes(found) == {}


def test_a_number_that_is_being_provided_and_is_not_listed_waits_in_the_words_of_the_plan(rig: Rig) -> None:
    rig.sandbox.infobip("ib").turn(list_lag_seconds=120)
    in_progress(rig)
    [why] = drift(rig).waiting.values()
    [change] = rig.plan().changes
    assert why == change.reason == "the carrier is still providing it, and its list does not show it yet"


@pytest.mark.parametrize("word", ["requested", "provisioning"])
def test_sms_that_is_being_enabled_waits_and_is_not_in_sync(rig: Rig, word: str) -> None:
    applied(rig)
    rig.sandbox.intelepeer("ip").freeze("+17205550142", word)
    found = drift(rig)
    address = Address.parse("sms/+17205550142")
    assert found.waiting[address] == f"the carrier is enabling SMS (state: {word})"
    assert address not in {item.address for item in found.drifted}


def test_sms_that_somebody_is_switching_off_is_drift_and_does_not_wait(rig: Rig) -> None:
    applied(rig)
    rig.sandbox.intelepeer("ip").freeze("+17205550142", "deprovisioning")
    found = drift(rig)
    assert classes(found)["sms/+17205550142"] == "changed"
    assert found.waiting == {}


@pytest.mark.parametrize("left", [False, True])
def test_a_number_that_was_let_go_is_not_in_sync(rig: Rig, *, left: bool) -> None:
    rig.write('numbers:\n  "+447700900123": {provider: ib}\n  "+447700900124": {provider: ib}\n')
    assert rig.apply().exit_code == 0
    kept = 'numbers:\n  "+447700900124": {provider: ib}\n'
    rig.write(f'safety: {{forget: ["+447700900123"]}}\n{kept}')
    assert rig.apply().exit_code == 0
    rig.write(kept)
    rig.clock.sleep(3600)
    if left:
        rig.sandbox.infobip("ib").portal_release("+447700900123")
    found = drift(rig)
    assert (classes(found), found.in_sync, rig.plan().noop) == ({}, 1, 1)


def test_sms_that_was_switched_off_is_not_in_sync_and_is_waited_for_until_it_is_off(tmp_path: Path) -> None:
    rig = Rig(tmp_path, switches={"ip": IntelePeerSwitches(stage_seconds=90, ends_as="none")})
    rig.sandbox.intelepeer("ip").portal_enable("+17205550142")
    rig.write('numbers: {"+17205550142": {provider: ip, sms: true}}')
    assert rig.apply().exit_code == 0
    rig.write('numbers: {"+17205550142": {provider: ip, sms: false}}')
    assert rig.apply(Options(wait=timedelta(seconds=5))).exit_code == 3
    found = drift(rig)
    assert ([str(a) for a in found.waiting], found.in_sync) == (["sms/+17205550142"], 0)
    rig.clock.sleep(600)
    found = drift(rig)
    assert (found.waiting, found.drifted, found.in_sync) == ({}, (), 0)


def test_a_number_that_was_let_go_is_not_counted_where_it_cannot_be_read_back(rig: Rig) -> None:
    one, other = '  "+12015550123": {provider: vt}\n', '  "+12015550124": {provider: vt}\n'
    rig.write(f"numbers:\n{one}{other}")
    assert rig.apply().exit_code == 0
    assert len(drift(rig).unobservable) == 2
    rig.write(f"numbers:\n{one}")
    assert rig.apply(Options(allow=Allowances(releases=1))).exit_code == 0
    assert [address.name for address in drift(rig).unobservable] == ["+12015550123"]
