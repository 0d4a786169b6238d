"""Drift tells what changed behind our back since the last apply, and what could not be seen."""

from __future__ import annotations

from reconciler import workflow
from reconciler.drift import Drift
from reconciler.sandbox import Rule
from reconciler.session import Options
from tests.rig import Rig

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
        return workflow.find_drift(rig.session(writes=False, store=store), Options())


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
