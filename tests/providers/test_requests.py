"""What we send, held against the vendors' own OpenAPI files: paths, methods and bodies."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

from reconciler.providers.http.messages import Call
from reconciler.providers.infobip import client as infobip
from reconciler.providers.inumbering import client as inumbering

SPECS = Path(__file__).parent.parent / "specs"
ROOT = infobip.root_of("/numbers/1/numbers")
TN = "2015550123"

INUMBERING = [
    (
        "voicetel-iNumbering.json",
        inumbering.inventory("201xxxxxxx", 3, lata=224, rateCenter="HACKENSACK", province="NJ"),
    ),
    ("voicetel-iNumbering.json", inumbering.coverage("npaNxx", npa="201")),
    ("voicetel-iNumbering.json", inumbering.order(TN, None, "reference")),
    ("voicetel-iNumbering.json", inumbering.order(TN, 4, "reference")),
    ("voicetel-iNumbering.json", inumbering.add_brand("BACME01", "ACME", "ACME alerts")),
    ("voicetel-iNumbering.json", inumbering.add_campaign("CACME01", "BACME01", "Delivery alerts")),
    ("voicetel-iNumbering.json", inumbering.assign("CACME01", [TN])),
    ("voicetel-numbers.json", inumbering.list_numbers()),
    ("voicetel-numbers.json", inumbering.list_numbers(TN)),
    ("voicetel-numbers.json", inumbering.disconnect(TN)),
    ("voicetel-numbers.json", inumbering.set_route(TN, 1000)),
    ("voicetel-messaging.json", inumbering.campaigns(["CACME01"])),
    ("voicetel-gateways.json", inumbering.gateways()),
]
INFOBIP = [
    ("/numbers/1/numbers/available", infobip.list_available(ROOT, 50, 0, {"country": "GB", "number": "4477"})),
    ("/numbers/1/numbers", infobip.list_owned(ROOT, 50, 0, {"number": "447700900123"})),
    ("/numbers/1/numbers", infobip.purchase(ROOT, "KEY")),
    ("/numbers/1/numbers", infobip.purchase_by_number(ROOT, "12125550123")),
    ("/numbers/1/numbers/{numberKey}", infobip.get_owned(ROOT, "KEY")),
    ("/numbers/1/numbers/{numberKey}", infobip.cancel(ROOT, "KEY")),
]


@cache
def spec(name: str) -> Any:
    return json.loads((SPECS / name).read_text(encoding="utf-8"))


def problems(document: Any, operation: Any, body: Any) -> list[str]:
    """What the vendor's schema has against a body."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    validator = OAS30Validator({**schema, "components": document["components"]})
    return [error.message for error in validator.iter_errors(body)]


@pytest.mark.parametrize(("name", "call"), INUMBERING, ids=lambda value: getattr(value, "name", None))
def test_each_inumbering_call_is_one_that_the_vendor_publishes(name: str, call: Call) -> None:
    operation = spec(name)["paths"][f"/{'/'.join(call.path)}/"][call.method.lower()]
    assert call.trailing_slash
    assert call.json is not None
    # The vendor's file requires `campaigns` beside the `campaignIDs` that it defines: a slip of its own.
    slip = ["'campaigns' is a required property"] if call.name == "messagingCampaigns" else []
    assert problems(spec(name), operation, {"apikey": "key", **call.json}) == slip


@pytest.mark.parametrize(("path", "call"), INFOBIP, ids=lambda value: getattr(value, "name", None))
def test_each_infobip_call_is_one_that_the_vendor_publishes(path: str, call: Call) -> None:
    document = spec("infobip-numbers.json")
    operation = document["paths"][path][call.method.lower()]
    known = {parameter["name"] for parameter in operation.get("parameters", [])}
    assert f"/{'/'.join(call.path)}".replace("KEY", "{numberKey}") == path
    assert set(call.query) <= known
    assert call.json is None or problems(document, operation, call.json) == []


def test_every_call_says_whether_it_writes() -> None:
    writing = {call.name for _, call in [*INUMBERING, *INFOBIP] if call.writes}
    assert writing == {"purchase", "cancel", "tnOrder", "addMessagingBrand", "addMessagingCampaign"} | {
        "tnMessagingCampaign",
        "numbersDisconnect",
        "numbersRoute",
    }
