"""iNumbering's resources and dialects, as the tests write them."""

from __future__ import annotations

from typing import Any

from provider_bench import want

from reconciler.model import Address, Kind, Resource
from reconciler.sandbox import INumberingSwitches

TN, OTHER, MINE = "+12015550123", "+12015550124", "+12015550150"
NUMBER, ASSIGNMENT = Address(Kind.NUMBER, TN), Address(Kind.ASSIGNMENT, TN)
OK = {"status": "Success", "statusCode": "200"}
DIALECTS = [
    INumberingSwitches(errors_as=how, error_text_in=where)
    for how in ("http", "body")
    for where in ("message", "status")
]


def number(tn: str = TN, **attrs: Any) -> Resource:
    return want(Kind.NUMBER, tn, **attrs)


def brand() -> Resource:
    return want(Kind.BRAND, "acme", id="BACME01", name="ACME", description="ACME alerts")


def campaign(campaign_id: str = "CACME01") -> Resource:
    return want(Kind.CAMPAIGN, "alerts", id=campaign_id, brand="BACME01", description="Delivery alerts")


def assignment(tn: str = TN, campaign_id: str = "CACME01") -> Resource:
    return want(Kind.ASSIGNMENT, tn, campaign=campaign_id)
