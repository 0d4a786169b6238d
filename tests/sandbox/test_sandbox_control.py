from __future__ import annotations

from typing import Any

import pytest
import requests
from sandbox_desk import Desk

from reconciler.sandbox import Chaos, Rule
from reconciler.sandbox.control import CALLS, Control, Setup
from reconciler.sandbox.manual_changes import ACTIONS, parameters

NUMBER = "447700900125"
TN = f"+{NUMBER}"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """Three accounts, one of which refuses taken numbers in its own way, under control."""
    Control.attach(desk.sandbox, Setup(switches={"infobip": {"taken": "404"}}, rules=(Rule("503", call="cancel"),)))
    return desk


def ask(desk: Desk, call: str, body: Any = None) -> Any:
    method, _, path = call.partition(" ")
    response = desk.send(method, path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def refused(desk: Desk, call: str, body: Any = None) -> str:
    method, _, path = call.partition(" ")
    response = desk.send(method, path, json=body)
    assert response.status_code == 400
    message: str = response.json()["error"]
    return message


def portal(desk: Desk, account: str, action: str, **fields: Any) -> Any:
    return ask(desk, "POST /-/portal", {"account": account, "action": action, **fields})[account]


def test_without_control_there_is_no_such_path() -> None:
    desk = Desk()
    with desk.session:
        assert desk.send("GET", "/-/ledger").status_code == 404


def test_the_list_of_calls_is_whole(desk: Desk) -> None:
    assert set(ask(desk, "GET /-/")) == {f"{method} /-/{path}" for method, path in CALLS}
    for method, path in CALLS:
        assert desk.send(method, f"/-/{path}", json={}).status_code in (200, 400)


def test_what_is_no_call_is_answered_with_the_call_that_was_meant(desk: Desk) -> None:
    response = desk.send("GET", "/-/ledgr")
    assert (response.status_code, response.json()["error"]) == (
        404,
        "there is no `GET /-/ledgr`; did you mean `GET /-/ledger`?",
    )


def test_the_ledger_shows_charges_and_what_was_charged_twice(desk: Desk) -> None:
    ask(desk, "POST /-/switches", {"infobip": {"purchase_again": "charges"}})
    key = desk.key(NUMBER)
    for _ in range(2):
        assert desk.numbers("POST", body={"numberKey": key}).status_code == 200
    desk.sms("POST", "+17205550142")
    charges = ask(desk, f"GET /-/ledger?event=charge&account=infobip&key=%2B{NUMBER}")
    assert [(entry["key"], entry["price"]["monthly"]) for entry in charges["entries"]] == [(TN, "5.00")] * 2
    assert charges["charged_twice"] == [TN]
    assert [entry["event"] for entry in ask(desk, "GET /-/ledger")["entries"]] == ["charge", "charge", "enable"]


def test_a_fault_planted_while_it_runs_strikes_once_and_is_counted(desk: Desk) -> None:
    planted = ask(desk, "POST /-/faults", {"fault": "timeout", "call": "purchase", "when": "after"})
    assert [rule["fault"] for rule in planted["rules"]] == ["503", "timeout"]
    with pytest.raises(requests.ReadTimeout):
        desk.buy(NUMBER)
    assert ask(desk, "GET /-/faults")["rules"][1]["struck"] == 1
    assert len(ask(desk, "GET /-/ledger?event=charge")["entries"]) == 1


def test_several_faults_are_planted_together_or_not_at_all(desk: Desk) -> None:
    message = refused(desk, "POST /-/faults", [{"fault": "503"}, {"fault": "504", "call": "purchse"}])
    assert "did you mean `purchase`?" in message
    assert desk.numbers("GET").status_code == 200
    ask(desk, "POST /-/faults", [{"fault": "503", "times": None}, {"fault": "504"}])
    assert desk.numbers("GET").status_code == 503


def test_healing_ends_every_fault(desk: Desk) -> None:
    ask(desk, "POST /-/faults", {"fault": "503", "times": "forever"})
    assert ask(desk, "DELETE /-/faults") == {"rules": [], "chaos": None}
    assert desk.numbers("GET").status_code == 200


def test_switches_are_turned_together_or_not_at_all(desk: Desk) -> None:
    wrong = {"intelepeer": {"never_enabled": "missing"}, "infobip": {"takn": "400"}}
    assert "did you mean `taken`?" in refused(desk, "POST /-/switches", wrong)
    assert desk.sms("GET", "+17205550142").json() == {"provisioning": {"state": None}}
    assert refused(desk, "POST /-/switches", {"nobody": {}}).startswith("`nobody` is no account")
    turned = ask(desk, "POST /-/switches", {"intelepeer": {"never_enabled": "missing"}})
    assert turned["intelepeer"]["switches"]["never_enabled"] == "missing"
    assert desk.sms("GET", "+17205550142").json() == {"provisioning": {}}


def test_somebody_acts_behind_the_clients_back(desk: Desk) -> None:
    assert TN in portal(desk, "infobip", "buy", tn=TN)["owned"]
    assert TN not in portal(desk, "infobip", "release", tn=TN)["owned"]
    portal(desk, "infobip", "rival-buys", tn=TN)
    assert desk.numbers("POST", body={"numberKey": desk.sandbox.infobip().offer_key(NUMBER)}).status_code == 404
    portal(desk, "intelepeer", "enable", tn="+17205550142", webhook=None)
    portal(desk, "intelepeer", "set-webhook", tn="+17205550142", url="https://a.example/")
    assert desk.sms("GET", "+17205550142", "webhook").json()["webhook"] == "https://a.example/"
    portal(desk, "intelepeer", "freeze", tn="+17205550142", word=None)
    assert desk.sms("GET", "+17205550142").json() == {"provisioning": {"state": None}}
    portal(desk, "intelepeer", "expire", credential="token-1")
    assert desk.sms("GET", "+17205550142").status_code == 401


FIELDS = {
    "tn": "+12015550123",
    "url": "https://a.example/",
    "word": "error",
    "credential": "k",
    "campaign": "CACME01",
    "route": 2,
    "monthly": "7.00",
    "webhook": "https://b.example/",
}


def test_every_action_of_every_account_can_be_done_with_the_fields_that_it_is_listed_with(desk: Desk) -> None:
    for account, row in ask(desk, "GET /-/accounts").items():
        assert set(row["actions"]) == set(ACTIONS[desk.sandbox.carriers[account].type])
        first = {"enable", "buy"} & set(row["actions"])
        for action in [*first, *row["actions"]]:
            fields = {name: FIELDS[name] for name in row["actions"][action]}
            if action != "release" or fields["tn"] in ask(desk, "GET /-/accounts")[account]["owned"]:
                portal(desk, account, action, **fields)
            if action == "release":
                portal(desk, account, "buy", tn=FIELDS["tn"])


def test_the_listed_fields_are_those_of_the_methods() -> None:
    for actions in ACTIONS.values():
        for method in actions.values():
            assert set(parameters(method)) <= set(FIELDS)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "`` is no account"),
        ({"account": "infobib"}, "did you mean `infobip`?"),
        ({"account": "infobip", "action": "byu"}, "`byu` is no action on infobip; did you mean `buy`?"),
        ({"account": "infobip", "action": "buy"}, "buy needs `tn` too"),
        ({"account": "infobip", "action": "buy", "nt": TN}, "`nt` is no field of buy; write one of `tn`"),
        ({"account": "infobip", "action": "buy", "tn": 447700900125}, "is not of its type"),
        ({"account": "infobip", "action": "buy", "tn": "447700900125"}, "not an E.164 number"),
        ({"account": "infobip", "action": "release", "tn": TN}, f"release: infobip has no `{TN}`"),
        ({"account": "infobip", "action": "reprice", "tn": TN, "monthly": "much"}, "is no amount"),
        ({"account": "voicetel", "action": "buy", "tn": "+12015550123", "route": 7}, "route 7 is none of"),
        ([], "write a JSON object"),
        (None, "write a JSON object"),
    ],
)
def test_an_action_that_cannot_be_done_is_refused_with_what_to_write(desk: Desk, body: Any, message: str) -> None:
    before = desk.sandbox.snapshot()
    assert message in refused(desk, "POST /-/portal", body)
    assert desk.sandbox.snapshot() == before


def test_the_carriers_clock_jumps_and_what_takes_time_goes_by(desk: Desk) -> None:
    desk.sms("POST", "+18005550142")
    assert ask(desk, "POST /-/clock", {"jump": "1h"}) == {"now": "2026-01-13T10:00:00Z"}
    answered = desk.sms("GET", "+18005550142")
    assert answered.json() == {"provisioning": {"state": "provisioned"}}
    assert answered.headers["Date"] == "Tue, 13 Jan 2026 10:00:00 GMT"
    assert ask(desk, "POST /-/clock", {"jump": "-2h"}) == {"now": "2026-01-13T08:00:00Z"}
    assert "not a duration" in refused(desk, "POST /-/clock", {"jump": "soon"})
    assert "not a duration" in refused(desk, "POST /-/clock", {})
    for _ in range(291):
        ask(desk, "POST /-/clock", {"jump": "9999d"})
    refusals = [refused(desk, "POST /-/clock", {"jump": "9999d"}) for _ in range(2)]
    assert all("the clock ends before that" in refusal for refusal in refusals)
    assert desk.numbers("GET").status_code == 200


def test_a_reset_begins_again_as_the_start_was(desk: Desk) -> None:
    start = ask(desk, "GET /-/accounts")
    desk.buy(NUMBER)
    ask(desk, "POST /-/faults", {"fault": "504", "times": None})
    ask(desk, "POST /-/switches", {"infobip": {"taken": "400"}, "intelepeer": {"never_enabled": "missing"}})
    ask(desk, "POST /-/clock", {"jump": "1h"})
    assert ask(desk, "POST /-/reset") == start
    assert ask(desk, "GET /-/ledger") == {"entries": [], "charged_twice": []}
    assert [rule["fault"] for rule in ask(desk, "GET /-/faults")["rules"]] == ["503"]
    assert ask(desk, "POST /-/clock", {"jump": "0"}) == {"now": "2026-01-13T09:00:00Z"}


def test_chaos_strikes_the_same_calls_again_after_a_reset() -> None:
    desk = Desk()
    setup = Setup(chaos=Chaos(seed=7, rate=0.5, faults=("503", "504")), seed=7)
    Control.attach(desk.sandbox, setup)
    with desk.session:
        seen = []
        for _ in range(2):
            seen.append([desk.numbers("GET").status_code for _ in range(30)])
            assert ask(desk, "GET /-/faults")["chaos"] == {"rate": 0.5, "seed": 7}
            ask(desk, "POST /-/reset")
    assert seen[0] == seen[1]
    assert set(seen[0]) == {200, 503, 504}


def test_control_has_no_faults_and_no_latency_of_its_own() -> None:
    desk = Desk()
    Control.attach(desk.sandbox, Setup(rules=(Rule("503", times=None),), latency=5))
    with desk.session:
        ask(desk, "GET /-/ledger")
        assert desk.clock.monotonic() == 0
        assert desk.numbers("GET").status_code == 503
        assert desk.clock.monotonic() == 5
