"""What the sandbox answers, held against the contracts of the carriers that publish OpenAPI files."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests
from sandbox_desk import APP, INUMBERING, Desk

from reconciler.sandbox import Rule
from tests import contract
from tests.contract import Schema

NUMBER = "447700900125"

Document = dict[str, Any]


def schema_of(carrier: str, call: str, status: int) -> Schema | None:
    """The schema of a documented answer; None for one that is documented without a body."""
    method, path = call.split(" ")
    operation = contract.load(carrier).find(method, path)
    assert operation is not None
    assert status in operation.answers, f"{call} documents no {status}"
    return operation.answers[status]


def check(carrier: str, call: str, response: requests.Response) -> None:
    schema = schema_of(carrier, call, response.status_code)
    if schema is not None:
        assert contract.violations(schema, response.json()) == []


@pytest.fixture
def stocked(desk: Desk) -> Desk:
    """An account of each carrier that owns something."""
    desk.order(2015550123, 2015550124)
    desk.register()
    desk.assign("CACME01", "2015550123")
    desk.buy(NUMBER)
    return desk


ORDER = {"tnList": {"tnItem": [{"tn": 2015550125, "route": 4}]}}
TAKEN = {"tnList": {"tnItem": [{"tn": 2125559999}]}}
ITEM = {"tn": "2015550124", "tnFeature": {"messaging": {"tnCampaign": "CACME01"}}}
BRAND = {"messagingBrandName": "n", "messagingBrandDescription": "d"}
CAMPAIGN = {"campaignDescription": "d", "externalCampaignId": "CACME02"}


@pytest.mark.parametrize(
    ("call", "fields", "status"),
    [
        ("tnInventory", {"tnMask": "201xxxxxxx", "quantity": 5}, 200),
        ("tnInventory", {"tnMask": "201", "quantity": 5}, 409),
        ("tnInventoryCoverage", {"npa": "201"}, 200),
        ("tnInventoryCoverage", {"countBy": "moon"}, 409),
        ("tnOrder", {"tnOrder": ORDER}, 200),
        ("tnOrder", {"tnOrder": {}}, 400),
        ("addMessagingBrand", {"messagingBrandId": "BACME02", **BRAND}, 200),
        ("addMessagingBrand", {"messagingBrandId": "BACME01", **BRAND}, 470),
        ("addMessagingBrand", {"messagingBrandId": "ACME", **BRAND}, 409),
        ("addMessagingBrand", {}, 414),
        ("addMessagingCampaign", {"messagingBrandId": "BACME01", **CAMPAIGN}, 200),
        ("addMessagingCampaign", {"messagingBrandId": "BOTHER1", **CAMPAIGN}, 430),
        ("tnMessagingCampaign", {"tnCampaign": {"tnList": {"tnItem": [ITEM]}}}, 200),
        ("tnMessagingCampaign", {"tnCampaign": {}}, 400),
    ],
)
def test_inumbering_answers_as_its_vendor_documents(stocked: Desk, call: str, fields: Document, status: int) -> None:
    path = f"{INUMBERING}/{call}/"
    response = stocked.post(path, **fields)
    assert response.status_code == status
    check("inumbering", f"POST {path}", response)


def test_a_refused_order_has_the_documented_fields_and_the_null_order_id_seen_upstream(stocked: Desk) -> None:
    response = stocked.post(f"{INUMBERING}/tnOrder/", tnOrder=TAKEN)
    schema = schema_of("inumbering", f"POST {INUMBERING}/tnOrder/", 409)
    assert schema is not None
    (violation,) = contract.violations(schema, response.json())
    assert "'orderId' was unexpected" in violation
    assert response.json()["orderId"] is None


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/v2.1/numbers/list/", {}, 200),
        ("/v2.1/numbers/list/", {"number": 999}, 404),
        ("/v2.1/numbers/disconnect/", {"numbers": [{"number": 2015550123}]}, 200),
        ("/v2.1/numbers/disconnect/", {"numbers": [{"number": 2015550199}]}, 409),
        ("/v2.1/numbers/disconnect/", {}, 400),
        ("/v2.1/numbers/route/", {"numbers": [{"number": 2015550123, "route": 1}]}, 200),
        ("/v2.1/numbers/route/", {"numbers": [{"number": 2015550123, "route": 77}]}, 409),
        ("/v2.1/numbers/route/", {}, 400),
        ("/v2.1/messaging/campaigns/", {"campaignIDs": [{"campaignID": "CACME01"}]}, 200),
        ("/v2.1/messaging/campaigns/", {}, 400),
        ("/v2.1/gateways/list/", {}, 200),
    ],
)
def test_the_sibling_calls_answer_as_their_vendor_documents(
    stocked: Desk, path: str, fields: Document, status: int
) -> None:
    response = stocked.post(path, **fields)
    assert response.status_code == status
    check("inumbering", f"POST {path}", response)


@pytest.mark.parametrize(
    ("method", "path", "rest", "body", "status"),
    [
        ("GET", "/numbers/1/numbers/available", "/available?limit=3", None, 200),
        ("GET", "/numbers/1/numbers", "", None, 200),
        ("POST", "/numbers/1/numbers", "", {"number": "12125550123"}, 200),
        ("POST", "/numbers/1/numbers", "", {"numberKey": "NONE"}, 400),
        ("GET", "/numbers/1/numbers/{numberKey}", "/{key}", None, 200),
        ("GET", "/numbers/1/numbers/{numberKey}", "/NONE", None, 404),
        ("DELETE", "/numbers/1/numbers/{numberKey}", "/{key}", None, 204),
        ("DELETE", "/numbers/1/numbers/{numberKey}", "/NONE", None, 404),
    ],
)
def test_infobip_answers_as_it_documents(
    stocked: Desk, method: str, path: str, rest: str, body: Document | None, status: int
) -> None:
    key = quote(stocked.sandbox.infobip().key_of(f"+{NUMBER}"), safe="")
    response = stocked.numbers(method, rest.replace("{key}", key), body, base="numbers")
    assert response.status_code == status
    check("infobip", f"{method} {path}", response)


@pytest.mark.parametrize("fault", ["401", "403", "429-seconds", "500"])
def test_infobip_errors_are_as_it_documents(desk: Desk, fault: str) -> None:
    desk.sandbox.faults.plant(Rule(fault))
    response = desk.send("GET", "/infobip/numbers/1/numbers", headers=APP)
    check("infobip", "GET /numbers/1/numbers", response)


def test_a_document_that_breaks_its_schema_is_told_apart() -> None:
    schema = schema_of("infobip", "GET /numbers/1/numbers", 200)
    assert schema is not None
    assert contract.violations(schema, {"numbers": [], "numberCount": 0}) == []
    assert "'PAGER' is not one of" in contract.violations(schema, {"numbers": [{"type": "PAGER"}], "numberCount": 0})[0]
    assert "'count' was unexpected" in contract.violations(schema, {"numbers": [], "count": 0})[0]
