"""A carrier that repeats a credential, or an address with a password, in the very values of its answers."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import inumbering_forms as inumbering
import pytest
from infobip_forms import TN, number, page, row
from provider_bench import CANARY, INFOBIP, INTELEPEER, INUMBERING, REFERENCE, SIBLING, canned, step, want

from reconciler.model import Action, Kind
from reconciler.model.safe_text import without_paths_within

ADDRESS = "https://user:passw0rd@hooks.example.com/in/s3cr3t?token=q3ry"
ECHOES = [CANARY, CANARY.upper(), base64.b64encode(CANARY.encode()).decode(), ADDRESS]
HIDDEN = [CANARY, CANARY.upper(), *ECHOES[2:3], "passw0rd", "s3cr3t", "q3ry"]

echoes = pytest.mark.parametrize("echo", ECHOES, ids=["key", "upper-case", "base64", "address"])


def shows_nothing(told: Any) -> bool:
    text = repr(told)
    return not any(hidden in text for hidden in HIDDEN)


@echoes
def test_no_write_repeats_a_secret_that_its_answer_holds(echo: str) -> None:
    ok = {**inumbering.OK, "orderId": echo, "messagingBrandId": echo, "message": f"No TNs: {echo}"}
    refused = {"status": "Error", "statusCode": "409", "numbers_error": [{"number": "2015550123", "reason": echo}]}
    for account, status, body, planned in (
        (INUMBERING, 200, {**ok, "message": "Ordered"}, step(Action.CREATE, inumbering.number())),
        (INUMBERING, 200, ok, step(Action.CREATE, inumbering.number())),
        (INUMBERING, 200, ok, step(Action.CREATE, inumbering.brand())),
        (SIBLING, 409, refused, step(Action.DELETE, inumbering.number())),
        (INFOBIP, 200, row(reservationStatus=echo, price=echo), step(Action.CREATE, number(numberKey="K"))),
    ):
        reply = canned(account, lambda _request, status=status, body=body: (status, body))  # type: ignore[misc]
        assert shows_nothing(reply.perform(planned, REFERENCE))


@echoes
def test_no_read_repeats_a_secret_that_its_answer_holds(echo: str) -> None:
    state = {"tn_e164": "17205550142", "provisioning": {"state": f"failed: {echo}"}}
    assert shows_nothing(canned(INTELEPEER, lambda _request: (200, state)).observe([want(Kind.SMS, "+17205550142")]))
    listed = page(row(reservationStatus=echo, price={"pricePerMonth": echo, "currency": "EUR"}))
    provider = canned(INFOBIP, lambda _request: (200, listed))
    assert shows_nothing(provider.observe([number()]))
    assert shows_nothing([without_paths_within(offer.row) for offer in provider.search({}, 1)])
    assert shows_nothing([replace(offer, row={}) for offer in provider.quote([TN]).offered.values()])
    told = {**inumbering.OK, "campaign_numbers": {"CACME01": []}, "campaign_event_status": {"CACME01": echo}}
    assert shows_nothing(canned(SIBLING, lambda _request: (200, told)).observe([inumbering.campaign()]))
