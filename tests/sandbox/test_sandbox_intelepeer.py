from __future__ import annotations

from typing import Any

import pytest
from sandbox_desk import Desk

from reconciler.model.fleet import CarrierType
from reconciler.sandbox import Event, IntelePeerSwitches

TN = "+17205550142"
HOOK = {"webhook": "https://hooks.example/inbound"}


def desk_with(**settings: Any) -> Desk:
    return Desk({CarrierType.INTELEPEER: IntelePeerSwitches(**settings)})


def state(desk: Desk, tn: str = TN) -> str | None:
    word: str | None = desk.sms("GET", tn).json()["provisioning"]["state"]
    return word


def test_enabling_goes_through_its_states_with_time_alone(desk: Desk) -> None:
    assert desk.sms("POST", TN).status_code == 202
    seen = [state(desk)]
    for _ in range(3):
        desk.clock.sleep(1)
        seen.append(state(desk))
    assert seen == ["requested", "provisioning", "provisioned", "provisioned"]


def test_disabling_goes_through_its_states_and_ends_as_off(desk: Desk) -> None:
    desk.sandbox.intelepeer().portal_enable(TN)
    assert desk.sms("DELETE", TN).status_code == 202
    seen = [state(desk)]
    for _ in range(2):
        desk.clock.sleep(1)
        seen.append(state(desk))
    assert seen == ["derequested", "deprovisioning", None]


@pytest.mark.parametrize(
    ("word", "post", "delete"),
    [
        (None, 202, 400),
        ("requested", 409, 409),
        ("provisioning", 409, 409),
        ("provisioned", 202, 202),
        ("derequested", 409, 409),
        ("deprovisioning", 409, 409),
        ("error", 202, 400),
        ("suspended", 400, 400),
    ],
)
def test_a_write_answers_by_the_state_it_meets(desk: Desk, word: str | None, post: int, delete: int) -> None:
    carrier = desk.sandbox.intelepeer()
    for method, status in (("POST", post), ("DELETE", delete)):
        carrier.freeze(TN, word) if word != "provisioned" else carrier.portal_enable(TN)
        assert desk.sms(method, TN).status_code == status, method


def test_a_refused_write_changes_nothing(desk: Desk) -> None:
    desk.sms("POST", TN)
    before = desk.sandbox.snapshot()
    assert [desk.sms(method, TN).status_code for method in ("POST", "DELETE")] == [409, 409]
    assert desk.sandbox.snapshot() == before


@pytest.mark.parametrize("word", ["requested", "provisioning"])
def test_a_number_can_be_stuck_for_ever_on_the_way_up(word: str) -> None:
    desk = desk_with(stuck_in=word)
    desk.sms("POST", TN)
    desk.clock.sleep(72 * 3600)
    assert state(desk) == word


@pytest.mark.parametrize("word", ["derequested", "deprovisioning"])
def test_a_number_can_be_stuck_for_ever_on_the_way_down(word: str) -> None:
    desk = desk_with(stuck_in=word)
    desk.sandbox.intelepeer().portal_enable(TN)
    desk.sms("DELETE", TN)
    desk.clock.sleep(72 * 3600)
    assert state(desk) == word


def test_a_flapping_number_settles_and_unsettles() -> None:
    desk = desk_with(flapping_seconds=5)
    desk.sms("POST", TN)
    desk.clock.sleep(2)
    seen = []
    for _ in range(4):
        seen.append(state(desk))
        desk.clock.sleep(5)
    assert seen == ["provisioned", "provisioning"] * 2


def test_toll_free_numbers_take_longer(desk: Desk) -> None:
    desk.sms("POST", TN)
    desk.sms("POST", "+18005550142")
    desk.clock.sleep(2)
    assert (state(desk), state(desk, "+18005550142")) == ("provisioned", "requested")


def test_a_webhook_is_refused_until_the_number_is_provisioned_and_for_a_while_after() -> None:
    desk = desk_with(webhook_delay_seconds=60)
    statuses = [desk.sms("POST", TN, "webhook", HOOK).status_code]
    desk.sms("POST", TN)
    for seconds in (1, 1.5, 60):
        desk.clock.sleep(seconds)
        statuses.append(desk.sms("POST", TN, "webhook", HOOK).status_code)
    assert statuses == [400, 400, 400, 200]
    assert desk.sandbox.intelepeer().webhook(TN) == HOOK["webhook"]


@pytest.mark.parametrize("url", ["", "hooks.example", "ftp://hooks.example/", "https://", "https://a b/", 7, None])
def test_a_webhook_that_is_no_url_is_refused(desk: Desk, url: object) -> None:
    desk.sandbox.intelepeer().portal_enable(TN)
    assert desk.sms("POST", TN, "webhook", {"webhook": url}).status_code == 400
    assert desk.sandbox.intelepeer().webhook(TN) is None


def test_the_webhook_read_carries_the_state(desk: Desk) -> None:
    desk.sandbox.intelepeer().portal_enable(TN, HOOK["webhook"])
    assert desk.sms("GET", TN, "webhook").json() == {
        **HOOK,
        "tn_e164": TN,
        "provisioning": {"state": "provisioned"},
    }


@pytest.mark.parametrize(
    ("tn", "status"),
    [("17205550142", 400), ("+0123", 400), ("+17205550199", 404), ("+447700900123", 404), ("+17205550142", 200)],
)
def test_a_number_is_judged_before_anything_else(desk: Desk, tn: str, status: int) -> None:
    assert desk.sms("GET", tn).status_code == status
    assert desk.sms("GET", tn, "webhook").status_code == status


def test_a_number_removed_at_the_portal_is_not_on_the_account_any_more(desk: Desk) -> None:
    carrier = desk.sandbox.intelepeer()
    carrier.portal_enable(TN)
    assert carrier.owned(desk.clock.now()) == {TN}
    carrier.portal_remove(TN)
    assert carrier.owned(desk.clock.now()) == set()
    assert [desk.sms(method, TN).status_code for method in ("GET", "POST", "DELETE")] == [404] * 3


def test_portal_edits_show_at_once(desk: Desk) -> None:
    carrier = desk.sandbox.intelepeer()
    carrier.portal_enable(TN, "https://old.example/")
    carrier.portal_set_webhook(TN, "https://new.example/")
    assert desk.sms("GET", TN, "webhook").json()["webhook"] == "https://new.example/"
    carrier.portal_disable(TN)
    assert state(desk) is None


def test_a_number_frozen_at_none_is_shown_as_null_and_can_be_enabled(desk: Desk) -> None:
    desk.sandbox.intelepeer().freeze(TN, None)
    assert desk.sms("GET", TN).json() == {"provisioning": {"state": None}}
    assert desk.sms("GET", TN, "webhook").json()["provisioning"] == {"state": None}
    assert desk.sms("POST", TN).status_code == 202


def test_without_a_token_there_is_the_one_published_error(desk: Desk) -> None:
    response = desk.send("GET", f"/intelepeer/sms/v1/{TN}/provision")
    assert (response.status_code, response.json()) == (401, {"code": 401, "error": "Unauthorized"})


def test_what_changed_is_in_the_ledger_and_nothing_was_charged(desk: Desk) -> None:
    desk.sms("POST", TN)
    desk.clock.sleep(2)
    desk.sms("POST", TN)
    desk.sms("POST", TN, "webhook", HOOK)
    desk.sms("DELETE", TN)
    events = [(entry.event, entry.key) for entry in desk.sandbox.ledger]
    assert events == [(Event.ENABLE, TN), (Event.WEBHOOK, TN), (Event.DISABLE, TN)]
