"""What we send, held against the carriers' contracts: paths, methods and bodies."""

from __future__ import annotations

import pytest

from reconciler.providers.http.messages import ApiCall
from reconciler.providers.infobip import client as infobip
from reconciler.providers.inumbering import client as inumbering
from tests import contract

ROOT = infobip.root_of("/numbers/1/numbers")
TN = "2015550123"

INUMBERING = [
    inumbering.inventory("201xxxxxxx", 3, lata=224, rateCenter="HACKENSACK", province="NJ"),
    inumbering.coverage("npaNxx", npa="201"),
    inumbering.order(TN, None, "reference"),
    inumbering.order(TN, 4, "reference"),
    inumbering.add_brand("BACME01", "ACME", "ACME alerts"),
    inumbering.add_campaign("CACME01", "BACME01", "Delivery alerts"),
    inumbering.assign("CACME01", [TN]),
    inumbering.list_numbers(),
    inumbering.list_numbers(TN),
    inumbering.disconnect(TN),
    inumbering.set_route(TN, 1000),
    inumbering.campaigns(["CACME01"]),
    inumbering.gateways(),
]
INFOBIP = [
    ("/numbers/1/numbers/available", infobip.list_available(ROOT, 50, 0, {"country": "GB", "number": "4477"})),
    ("/numbers/1/numbers", infobip.list_owned(ROOT, 50, 0, {"number": "447700900123"})),
    ("/numbers/1/numbers", infobip.purchase(ROOT, "KEY")),
    ("/numbers/1/numbers", infobip.purchase_by_number(ROOT, "12125550123")),
    ("/numbers/1/numbers/{numberKey}", infobip.get_owned(ROOT, "KEY")),
    ("/numbers/1/numbers/{numberKey}", infobip.cancel(ROOT, "KEY")),
]


@pytest.mark.parametrize("call", INUMBERING, ids=lambda call: call.name)
def test_each_inumbering_call_is_one_that_the_vendor_publishes(call: ApiCall) -> None:
    operation = contract.load("inumbering").find(call.method, f"/{'/'.join(call.path)}/")
    assert call.trailing_slash
    assert operation is not None
    assert operation.body is not None
    assert call.json is not None
    assert contract.violations(operation.body.schema, {"apikey": "key", **call.json}) == []


@pytest.mark.parametrize(("path", "call"), INFOBIP, ids=lambda value: getattr(value, "name", None))
def test_each_infobip_call_is_one_that_the_vendor_publishes(path: str, call: ApiCall) -> None:
    operation = contract.load("infobip").find(call.method, f"/{'/'.join(call.path)}")
    assert operation is not None
    assert operation.path == path
    assert {("query", name) for name in call.query} <= operation.parameters.keys()
    assert (call.json is None) == (operation.body is None)
    assert operation.body is None or contract.violations(operation.body.schema, call.json) == []


def test_every_call_says_whether_it_writes() -> None:
    writing = {call.name for call in [*INUMBERING, *(call for _, call in INFOBIP)] if call.writes}
    assert writing == {"purchase", "cancel", "tnOrder", "addMessagingBrand", "addMessagingCampaign"} | {
        "tnMessagingCampaign",
        "numbersDisconnect",
        "numbersRoute",
    }
