"""What the sandbox answers, held against the carriers' own published OpenAPI files (``tests/specs``).

IntelePeer publishes none. The vendors' schemas list properties but close none, so that besides validating, no field
may appear that the schema does not list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from sandbox_desk import APP, INUMBERING, Desk

from reconciler.sandbox import Rule

SPECS = Path(__file__).parent.parent / "specs"
NUMBER = "447700900125"

Document = dict[str, Any]


@cache
def spec(name: str) -> Document:
    document: Document = json.loads((SPECS / f"{name}.json").read_text())
    return document


def resolve(document: Document, node: Document) -> Document:
    """``node``, or what its ``$ref`` into the same document names."""
    while "$ref" in node:
        target = node["$ref"].removeprefix("#/").split("/")
        node = document
        for part in target:
            node = node[part]
    return node


def schema_of(name: str, path: str, method: str, status: int) -> Document | None:
    """The schema of a documented answer; None for one that is documented without a body."""
    operation = spec(name)["paths"][path][method]
    assert str(status) in operation["responses"], f"{method} {path} documents no {status}"
    response = resolve(spec(name), operation["responses"][str(status)])
    content = response.get("content", {}).get("application/json")
    return content["schema"] if content else None


def problems(name: str, schema: Document, document: Any) -> list[str]:
    """Everything in which a document breaks a schema, fields that the schema does not list among it."""
    whole = DRAFT202012.create_resource(spec(name))
    registry: Registry[Any] = Registry().with_resource("urn:spec", whole)
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:spec#/'))
    invalid = [error.message for error in OAS31Validator(absolute, registry=registry).iter_errors(document)]
    return invalid + list(unlisted(name, schema, document))


def unlisted(name: str, schema: Document, document: Any) -> Iterator[str]:
    schema = resolve(spec(name), schema)
    if isinstance(document, dict) and "properties" in schema:
        yield from (f"{field} is not listed" for field in document.keys() - schema["properties"].keys())
        for field in document.keys() & schema["properties"].keys():
            yield from unlisted(name, schema["properties"][field], document[field])
    if isinstance(document, list) and "items" in schema:
        for row in document:
            yield from unlisted(name, schema["items"], row)


def check(name: str, path: str, response: requests.Response, method: str = "post") -> None:
    schema = schema_of(name, path, method, response.status_code)
    if schema is not None:
        assert problems(name, schema, response.json()) == []


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
    check("voicetel-iNumbering", path, response)


def test_a_refused_order_has_the_documented_fields_and_the_null_order_id_seen_upstream(stocked: Desk) -> None:
    response = stocked.post(f"{INUMBERING}/tnOrder/", tnOrder=TAKEN)
    schema = schema_of("voicetel-iNumbering", f"{INUMBERING}/tnOrder/", "post", 409)
    assert schema is not None
    assert problems("voicetel-iNumbering", schema, response.json()) == ["orderId is not listed"]
    assert response.json()["orderId"] is None


@pytest.mark.parametrize(
    ("name", "path", "fields", "status"),
    [
        ("voicetel-numbers", "/v2.1/numbers/list/", {}, 200),
        ("voicetel-numbers", "/v2.1/numbers/list/", {"number": 999}, 404),
        ("voicetel-numbers", "/v2.1/numbers/disconnect/", {"numbers": [{"number": 2015550123}]}, 200),
        ("voicetel-numbers", "/v2.1/numbers/disconnect/", {"numbers": [{"number": 2015550199}]}, 409),
        ("voicetel-numbers", "/v2.1/numbers/disconnect/", {}, 400),
        ("voicetel-numbers", "/v2.1/numbers/route/", {"numbers": [{"number": 2015550123, "route": 1}]}, 200),
        ("voicetel-numbers", "/v2.1/numbers/route/", {"numbers": [{"number": 2015550123, "route": 77}]}, 409),
        ("voicetel-numbers", "/v2.1/numbers/route/", {}, 400),
        ("voicetel-messaging", "/v2.1/messaging/campaigns/", {"campaignIDs": [{"campaignID": "CACME01"}]}, 200),
        ("voicetel-messaging", "/v2.1/messaging/campaigns/", {}, 400),
        ("voicetel-gateways", "/v2.1/gateways/list/", {}, 200),
    ],
)
def test_the_sibling_calls_answer_as_their_vendor_documents(
    stocked: Desk, name: str, path: str, fields: Document, status: int
) -> None:
    response = stocked.post(path, **fields)
    assert response.status_code == status
    check(name, path, response)


@pytest.mark.parametrize(
    ("method", "path", "rest", "body", "status"),
    [
        ("get", "/numbers/1/numbers/available", "/available?limit=3", None, 200),
        ("get", "/numbers/1/numbers", "", None, 200),
        ("post", "/numbers/1/numbers", "", {"number": "12125550123"}, 200),
        ("post", "/numbers/1/numbers", "", {"numberKey": "NONE"}, 400),
        ("get", "/numbers/1/numbers/{numberKey}", "/{key}", None, 200),
        ("get", "/numbers/1/numbers/{numberKey}", "/NONE", None, 404),
        ("delete", "/numbers/1/numbers/{numberKey}", "/{key}", None, 204),
        ("delete", "/numbers/1/numbers/{numberKey}", "/NONE", None, 404),
    ],
)
def test_infobip_answers_as_it_documents(
    stocked: Desk, method: str, path: str, rest: str, body: Document | None, status: int
) -> None:
    key = quote(stocked.sandbox.infobip().key_of(f"+{NUMBER}"), safe="")
    response = stocked.numbers(method.upper(), rest.replace("{key}", key), body, base="numbers")
    assert response.status_code == status
    check("infobip-numbers", path, response, method)


@pytest.mark.parametrize("fault", ["401", "403", "429-seconds", "500"])
def test_infobip_errors_are_as_it_documents(desk: Desk, fault: str) -> None:
    desk.sandbox.faults.plant(Rule(fault))
    response = desk.send("GET", "/infobip/numbers/1/numbers", headers=APP)
    check("infobip-numbers", "/numbers/1/numbers", response, "get")


def test_a_document_that_breaks_its_schema_is_told_apart() -> None:
    schema = schema_of("infobip-numbers", "/numbers/1/numbers", "get", 200)
    assert schema is not None
    assert problems("infobip-numbers", schema, {"numbers": [], "numberCount": 0}) == []
    assert problems("infobip-numbers", schema, {"numbers": [{"type": "PAGER"}], "numberCount": 0})
    assert problems("infobip-numbers", schema, {"numbers": [], "count": 0}) == ["count is not listed"]
