from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from sandbox_desk import Desk

from reconciler.model.fleet import CarrierType
from reconciler.sandbox import FAULTS, AccountSpec, Chaos, Rule, Sandbox, VirtualClock, When
from reconciler.sandbox.faults import LATE_SECONDS
from reconciler.sandbox.messages import Effect

NUMBER = "447700900125"
TN = f"+{NUMBER}"

BROKEN = {
    "dns": requests.ConnectionError,
    "refused": requests.ConnectionError,
    "connect-timeout": requests.ConnectTimeout,
    "tls": requests.exceptions.SSLError,
    "reset": requests.ConnectionError,
    "timeout": requests.ReadTimeout,
    "truncated": requests.exceptions.ChunkedEncodingError,
    "bad-gzip": requests.exceptions.ContentDecodingError,
}

STRIKES = [pytest.param(name, when, id=f"{name}-{when}") for name, fault in FAULTS.items() for when in fault.moments]


def buy(desk: Desk) -> requests.Response | requests.RequestException:
    try:
        return desk.numbers("POST", body={"numberKey": desk.sandbox.infobip().offer_key(NUMBER)})
    except requests.RequestException as error:
        return error


@pytest.mark.parametrize(("name", "when"), STRIKES)
def test_a_fault_strikes_on_its_side_of_the_commit_and_once(desk: Desk, name: str, when: When) -> None:
    desk.sandbox.faults.plant(Rule(name, call="purchase", when=when))
    outcome = buy(desk)
    assert type(outcome) is BROKEN.get(name, requests.Response)
    assert len(desk.sandbox.ledger.charges()) == (when is When.AFTER)
    if when is When.LATER:
        desk.clock.sleep(LATE_SECONDS)
    again = desk.numbers("POST", body={"numberKey": desk.sandbox.infobip().offer_key(NUMBER)})
    assert again.status_code == (200 if when is When.BEFORE else 400)
    assert len(desk.sandbox.ledger.charges()) == 1


def test_a_late_request_is_acted_on_as_things_are_by_then(desk: Desk) -> None:
    desk.sandbox.faults.plant(Rule("timeout", call="purchase", when=When.LATER))
    buy(desk)
    bought = buy(desk)
    assert isinstance(bought, requests.Response)
    assert bought.status_code == 200
    desk.clock.sleep(LATE_SECONDS)
    desk.numbers("GET")
    assert len(desk.sandbox.ledger.charges()) == 1


@pytest.mark.parametrize("name", [name for name in FAULTS if name[0] in "45"])
def test_a_planted_status_comes_in_the_words_of_its_carrier(desk: Desk, name: str) -> None:
    desk.sandbox.faults.plant(Rule(name))
    response = desk.sms("GET", "+17205550142")
    assert response.status_code == int(name[:3])
    assert response.json()["code"] == int(name[:3])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("429-seconds", "2"),
        ("429-date", "Tue, 13 Jan 2026 09:00:02 GMT"),
        ("429-absent", None),
        ("429-negative", "-5"),
        ("429-absurd", "99999999999999999999"),
    ],
)
def test_every_kind_of_retry_after_can_be_planted(desk: Desk, name: str, value: str | None) -> None:
    desk.sandbox.faults.plant(Rule(name))
    assert desk.numbers("GET").headers.get("Retry-After") == value


@pytest.mark.parametrize("name", ["301", "302", "303", "307", "308"])
def test_a_redirect_leads_to_another_host(desk: Desk, name: str) -> None:
    desk.sandbox.faults.plant(Rule(name))
    response = desk.numbers("GET")
    assert response.is_redirect
    assert response.headers["Location"] == "https://elsewhere.example/collect"


def spoilt(desk: Desk, name: str) -> requests.Response:
    desk.sandbox.faults.plant(Rule(name, call="purchase"))
    outcome = buy(desk)
    assert isinstance(outcome, requests.Response)
    return outcome


def test_bodies_are_spoilt_as_their_names_say(desk: Desk) -> None:
    assert "<html>" in spoilt(desk, "html-200").text
    assert spoilt(desk, "html-502").status_code == 502
    assert spoilt(desk, "empty-200").content == b""
    failure = spoilt(desk, "failure-in-body")
    assert (failure.status_code, "requestError" in failure.json()) == (200, True)
    with pytest.raises(requests.JSONDecodeError):
        spoilt(desk, "truncated-json").json()


def test_an_answer_about_another_number_says_so_while_the_right_one_was_bought(desk: Desk) -> None:
    assert spoilt(desk, "other-number").json()["number"] == "447700900126"
    assert [charge.key for charge in desk.sandbox.ledger.charges()] == [TN]


@pytest.mark.parametrize(
    ("name", "field", "there"),
    [
        ("renamed-fields", "number", False),
        ("renamed-fields", "numberV2", True),
        ("added-fields", "traceId", True),
        ("added-fields", "number", True),
        ("missing-fields", "numberKey", False),
    ],
)
def test_fields_may_be_renamed_added_or_missing(desk: Desk, name: str, field: str, there: bool) -> None:
    assert (field in spoilt(desk, name).json()) is there


def test_digits_may_come_as_integers(desk: Desk) -> None:
    assert spoilt(desk, "ints-for-strings").json()["number"] == int(NUMBER)


def test_json_may_be_called_something_else(desk: Desk) -> None:
    response = spoilt(desk, "wrong-content-type")
    assert (response.headers["Content-Type"], response.json()["number"]) == ("text/plain", NUMBER)


def test_a_bomb_is_small_on_the_wire_and_large_behind_it(desk: Desk) -> None:
    desk.sandbox.faults.plant(Rule("gzip-bomb"))
    response = desk.numbers("GET")
    assert int(response.headers["Content-Length"]) < 100_000
    assert len(response.content) > 64_000_000


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("timeout", 30, 30), ("connect-timeout", 10, 10), ("slow", 5, 5), ("slow-headers", 90, 90), ("drip", 100, 1000)],
)
def test_what_is_slow_takes_its_time_on_the_clock_that_was_passed_in(
    desk: Desk, name: str, least: float, most: float
) -> None:
    desk.sandbox.faults.plant(Rule(name))
    start = desk.clock.monotonic()
    buy(desk)
    assert least <= desk.clock.monotonic() - start <= most


def test_an_answer_later_than_the_client_waits_is_a_time_out_that_was_committed(desk: Desk) -> None:
    desk.sandbox.latency = 31
    assert isinstance(buy(desk), requests.ReadTimeout)
    assert len(desk.sandbox.ledger.charges()) == 1


def statuses(desk: Desk, calls: int) -> list[int]:
    return [desk.numbers("GET").status_code for _ in range(calls)]


def test_a_rule_strikes_from_its_first_call_on_as_often_as_it_says(desk: Desk) -> None:
    desk.sandbox.faults.plant(Rule("503", first=2, times=3))
    assert statuses(desk, 6) == [200, 503, 503, 503, 200, 200]


def test_a_rule_without_an_end_strikes_until_healed(desk: Desk) -> None:
    desk.sandbox.faults.plant(Rule("409", times=None))
    assert set(statuses(desk, 200)) == {409}
    desk.sandbox.faults.heal()
    assert statuses(desk, 2) == [200, 200]


def test_a_rule_keeps_to_its_call_and_its_account(desk: Desk) -> None:
    desk.sandbox.faults.plant(
        Rule("503", call="write", account="infobip", times=None), Rule("409", call="getProvision", times=None)
    )
    assert statuses(desk, 2) == [200, 200]
    assert desk.numbers("POST", body={}).status_code == 503
    assert [desk.sms(method, "+17205550142").status_code for method in ("GET", "POST")] == [409, 202]


def test_a_rule_strikes_at_about_its_probability_and_the_same_way_each_time() -> None:
    runs = []
    for _ in range(2):
        desk = Desk(seed=7)
        desk.sandbox.faults.plant(Rule("503", times=None, probability=0.3))
        with desk.session:
            runs.append(statuses(desk, 200))
    assert runs[0] == runs[1]
    assert 40 <= runs[0].count(503) <= 80


def test_chaos_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    def run(seed: int) -> list[str]:
        desk = Desk()
        desk.sandbox.faults.unleash(Chaos(seed, rate=0.5, faults=("503", "timeout", "reset")))
        with desk.session:
            return [type(buy(desk)).__name__ for _ in range(40)]

    assert run(1) == run(1) != run(2)
    assert set(run(1)) == {"Response", "ReadTimeout", "ConnectionError"}


def test_chaos_without_a_rate_throws_nothing(desk: Desk) -> None:
    desk.sandbox.faults.unleash(Chaos(seed=1, rate=0))
    assert set(statuses(desk, 50)) == {200}


@pytest.mark.parametrize(
    ("rule", "message"),
    [({"fault": "gremlins"}, "is no fault"), ({"fault": "dns", "when": When.AFTER}, "cannot strike after")],
)
def test_a_rule_that_cannot_be_is_refused(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rule(**rule)


def test_every_answer_carries_the_carriers_clock(desk: Desk) -> None:
    desk.clock.sleep(61)
    assert desk.numbers("GET").headers["Date"] == "Tue, 13 Jan 2026 09:01:01 GMT"


def test_the_ledger_keeps_what_a_snapshot_keeps(desk: Desk) -> None:
    buy(desk)
    desk.sandbox.restore(json.loads(json.dumps(desk.sandbox.snapshot())))
    assert [charge.key for charge in desk.sandbox.ledger.charges("infobip")] == [TN]


@pytest.mark.parametrize("name", ["truncated", "truncated-json", "bad-gzip"])
def test_no_fault_says_that_a_number_was_given_back_which_was_not(name: str) -> None:
    sandbox = Sandbox({"ib": AccountSpec(CarrierType.INFOBIP)}, VirtualClock())
    carrier = sandbox.infobip("ib")
    carrier.portal_buy("+447700900123")
    sandbox.faults.plant(Rule(name, call="cancel", when=When.BEFORE))
    path = f"/ib/sms/1/numbers/{carrier.key_of('+447700900123')}"
    effect = sandbox.exchange("DELETE", path, {"authorization": "App k"}, b"")
    assert "+447700900123" in carrier.owned()
    assert effect.effect is Effect.RESET
