"""Every request of whole runs at each carrier is one that its documents know, and every success of the sandbox too.

So the clients are held against contracts that the vendors' own files confirm, and the sandbox cannot drift into a
dialect that only our own clients speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reconciler import testing
from reconciler.planning.limits import Allowances
from reconciler.sandbox import InfobipSwitches, Rule, When
from reconciler.workflows.session import Options
from tests.contract_check import Checker, Exchange, Recorder
from tests.rig import ACCOUNTS, Rig, results

PLENTY = Options(allow=Allowances(purchases=50, releases=50))

INTELEPEER, INUMBERING, INFOBIP = Checker("intelepeer"), Checker("inumbering"), Checker("infobip")

Heard = dict[str, list[Exchange]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """Account -> what the rig exchanges with the sandbox, from now on."""
    exchanges: Heard = {}
    monkeypatch.setattr(testing, "SandboxAdapter", partial(Recorder, heard=exchanges))
    return exchanges


def assert_documented(checker: Checker, exchanges: Iterable[Exchange], calls: set[str]) -> None:
    """All exchanges are as documented, and they are of exactly these operations."""
    seen = list(exchanges)
    assert [(one, problems) for one in seen if (problems := checker.problems(one))] == []
    assert {checker.call(one) for one in seen} == calls


def converge(rig: Rig, text: str, accounts: str = ACCOUNTS) -> None:
    """Make ``text`` the configuration and apply it."""
    rig.write(text, accounts)
    report = rig.apply(PLENTY)
    assert report.exit_code == 0, results(report)


def unanswered(rig: Rig, call: str) -> None:
    """Let the next such call be carried out without telling, so that reads have to settle it."""
    rig.sandbox.faults.plant(Rule("503", call=call, when=When.AFTER))


def numbers(attrs: Mapping[str, str]) -> str:
    """A ``numbers:`` section: TN -> its attributes."""
    return "numbers:\n" + "\n".join(f'  "{tn}": {{{text}}}' for tn, text in attrs.items()) + "\n"


def test_intelepeer_is_asked_as_its_document_says(rig: Rig, heard: Heard) -> None:
    hook = "webhook: https://hooks.example.com/in"
    keep = {"+17205550143": "provider: ip, sms: true"}
    converge(rig, numbers({"+17205550142": f"provider: ip, sms: true, {hook}"} | keep))
    converge(rig, numbers({"+17205550142": f"provider: ip, sms: true, {hook}/2"} | keep))
    converge(rig, numbers(keep))
    calls = {"getProvision", "provision", "deprovision", "getWebhook", "setWebhook"}
    assert_documented(INTELEPEER, heard["ip"], calls)


SIX = {
    "addMessagingBrand",
    "addMessagingCampaign",
    "tnInventory",
    "tnInventoryCoverage",
    "tnMessagingCampaign",
    "tnOrder",
}
SIBLINGS = {"numbersList", "numbersDisconnect", "numbersRoute", "campaigns", "gatewaysList"}


@pytest.mark.parametrize(("account", "calls"), [("vt", SIX), ("api", SIX | SIBLINGS)])
def test_inumbering_is_asked_as_its_documents_say(rig: Rig, heard: Heard, account: str, calls: set[str]) -> None:
    messaging = (
        f"brands: {{acme: {{provider: {account}, id: BACME01, name: ACME, description: ACME alerts}}}}\n"
        f"campaigns: {{alerts: {{provider: {account}, brand: acme, id: CACME01, description: Alerts}}}}\n"
    )
    kept = {"+12015550123": f"provider: {account}, campaign: alerts", "+12015550124": f"provider: {account}"}
    dropped = {"+12015550125": f"provider: {account}, campaign: alerts, route: 4"}
    unanswered(rig, "tnOrder")
    converge(rig, messaging + numbers(kept | dropped))
    converge(rig, messaging + numbers(kept))
    if account == "api":
        rerouted = kept | {"+12015550124": f"provider: {account}, route: 1000"}
        converge(rig, messaging + numbers(rerouted))
        rig.plan()
    look_around_inumbering(rig.providers[account])
    assert_documented(INUMBERING, heard[account], calls)


def look_around_inumbering(provider: Any) -> None:
    """What the reading commands ask, with every filter."""
    place = {"province": "NJ", "rate_center": "HACKENSACK", "lata": "224"}
    assert provider.search({"tn_mask": "201xxxxxxx", **place}, 3)
    assert provider.search({}, 3)
    assert provider.coverage({})
    for count_by in ("state", "rateCenter", "npaNxx"):
        assert provider.coverage({"count_by": count_by, "npa": "201"})
    for name, value in place.items():
        assert provider.coverage({name: value})


def test_infobip_is_asked_as_its_documents_say(tmp_path: Path, heard: Heard) -> None:
    rig = Rig(tmp_path, switches={"ib": InfobipSwitches(page_cap=20)})
    accounts = "version: 1\nproviders: {ib: {type: infobip, api_path: /numbers/1/numbers}}\n"
    for digits in range(447700900300, 447700900500):
        rig.sandbox.infobip("ib").portal_buy(f"+{digits}")
    british = dict.fromkeys(["+447700900123", "+447700900125"], "provider: ib")
    american = {"+12125550142": "provider: ib"}
    unanswered(rig, "purchase")
    converge(rig, numbers(british | american), accounts)
    converge(rig, numbers(british), accounts)
    provider: Any = rig.providers["ib"]
    provider.observe([])
    assert provider.search({"country": "GB", "capabilities": ["SMS", "VOICE"], "contains": "4477"}, 60)
    calls = {
        "get-available-numbers",
        "list-owned-numbers",
        "get-single-owned-number",
        "purchase-number",
        "cancel-number",
    }
    assert_documented(INFOBIP, heard["ib"], calls)
    assert b'{"number": "12125550142"}' in {exchange.body for exchange in heard["ib"]}


# The check can fail

ORDER = Exchange(
    method="POST",
    path="/v2/iNumbering/tnOrder/",
    query="",
    body=b'{"apikey": "k", "tnOrder": {"tnList": {"tnItem": [{"tn": 2015550123, "route": 4}]}}}',
    content_type="application/json",
    status=200,
    answer=b'{"status": "Success", "orderId": "1717171717", "statusCode": "200"}',
)
CAMPAIGNS = replace(
    ORDER,
    path="/v2.1/messaging/campaigns/",
    body=b'{"apikey": "k", "campaignIDs": [{"campaignID": "CACME01"}]}',
    answer=b'{"statusCode": "200", "campaign_numbers": {"CACME01": ["12015550123"]}}',
)
LISTING = Exchange(
    method="GET",
    path="/numbers/1/numbers/available",
    query="limit=50&page=0&capabilities=SMS&capabilities=VOICE",
    body=b"",
    content_type="",
    status=200,
    answer=b'{"numbers": [{"numberKey": "K%K", "price": {"pricePerMonth": 9.5}}], "numberCount": 1}',
)
CANCEL = replace(LISTING, method="DELETE", path="/numbers/1/numbers/K%25K", query="", status=204, answer=b"")
WEBHOOK = Exchange(
    method="POST",
    path="/sms/v1/+17205550142/webhook",
    query="",
    body=b'{"webhook": "https://hooks.example.com/in"}',
    content_type="application/json",
    status=200,
    answer=b"",
)
CHECKERS = {
    ORDER: INUMBERING,
    CAMPAIGNS: INUMBERING,
    LISTING: INFOBIP,
    CANCEL: INFOBIP,
    WEBHOOK: INTELEPEER,
}


@pytest.mark.parametrize("exchange", CHECKERS)
def test_an_exchange_as_documented_has_no_problem(exchange: Exchange) -> None:
    assert CHECKERS[exchange].problems(exchange) == []


@pytest.mark.parametrize(
    ("exchange", "change", "problem"),
    [
        (ORDER, {"path": "/v2/iNumbering/tnOrders/"}, "no such call: POST /v2/iNumbering/tnOrders/"),
        (ORDER, {"path": "/v2/iNumbering/tnOrder"}, "no such call: POST /v2/iNumbering/tnOrder"),
        (ORDER, {"method": "GET"}, "no such call: GET /v2/iNumbering/tnOrder/"),
        (ORDER, {"query": "debug=1"}, "unknown query parameter debug"),
        (ORDER, {"content_type": "text/plain"}, "unknown content type 'text/plain'"),
        (ORDER, {"body": ORDER.body.replace(b"2015550123", b'"2015550123"')}, "is not of type 'integer'"),
        (ORDER, {"body": ORDER.body.replace(b"2015550123", b"2015550123.5")}, "is not of type 'integer'"),
        (ORDER, {"body": ORDER.body.replace(b'"route"', b'"gateway"')}, "'gateway' was unexpected"),
        (ORDER, {"body": ORDER.body.replace(b'"apikey"', b'"apiKey"')}, "'apikey' is a required property"),
        (ORDER, {"answer": ORDER.answer.replace(b'"200"', b"200")}, "answer.statusCode: 200 is not of type 'string'"),
        (ORDER, {"answer": ORDER.answer.replace(b"orderId", b"order")}, "'order' was unexpected"),
        (ORDER, {"status": 201}, "unknown status 201"),
        (CAMPAIGNS, {"body": CAMPAIGNS.body.replace(b"IDs", b"s")}, "'campaignIDs' is a required property"),
        (CAMPAIGNS, {"answer": CAMPAIGNS.answer.replace(b'["', b'"').replace(b'"]', b'"')}, "is not of type 'array'"),
        (LISTING, {"query": "limit=many"}, "query parameter limit: 'many' is not of type 'integer'"),
        (
            LISTING,
            {"query": "capabilities=SMS&capabilities=FAX"},
            "query parameter capabilities[1]: 'FAX' is not one of",
        ),
        (LISTING, {"query": "limit=2147483648"}, "query parameter limit: 2147483648 is not a 'int32'"),
        (LISTING, {"query": "page_size=3"}, "unknown query parameter page_size"),
        (LISTING, {"body": b"{}"}, "a body where none is expected"),
        (LISTING, {"answer": b'{"numbers": [{"price": {"pricePerMonth": "9.5"}}]}'}, "is not of type 'number'"),
        (LISTING, {"answer": b""}, "answer: None is not of type 'object'"),
        (CANCEL, {"answer": b"{}"}, "an answer with a body where none is expected"),
        (CANCEL, {"path": "/numbers/1/numbers/K/K"}, "no such call: DELETE /numbers/1/numbers/K/K"),
        (WEBHOOK, {"path": "/sms/v1/17205550142/webhook"}, "path parameter tn: '17205550142' does not match"),
        (WEBHOOK, {"body": b"{}"}, "'webhook' is a required property"),
        (WEBHOOK, {"body": b""}, "a body is missing"),
    ],
)
def test_the_check_finds_what_is_not_as_documented(exchange: Exchange, change: dict[str, Any], problem: str) -> None:
    assert problem in "; ".join(CHECKERS[exchange].problems(replace(exchange, **change)))


def test_a_request_of_the_run_itself_is_found_out_when_it_is_bent(rig: Rig, heard: Heard) -> None:
    converge(rig, numbers({"+12015550123": "provider: vt"}))
    (order,) = (one for one in heard["vt"] if one.path.endswith("/tnOrder/"))
    bent = replace(order, body=order.body.replace(b'"tnItem"', b'"tnItems"'))
    assert INUMBERING.problems(order) == []
    assert len(INUMBERING.problems(bent)) == 2
