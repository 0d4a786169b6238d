"""Brands, campaigns and assignments (``addMessagingBrand/``, ``addMessagingCampaign/``, ``tnMessagingCampaign/``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from reconciler.sandbox.carrier import Decision
from reconciler.sandbox.ledger import Event
from reconciler.sandbox.messages import Request, Response

if TYPE_CHECKING:
    from reconciler.sandbox.inumbering.carrier import INumberingCarrier

LARGEST_BATCH = 100_000
_BRAND_ID = re.compile(r"B[A-Za-z0-9]+")
_CAMPAIGN_ID = re.compile(r"C[A-Za-z0-9]{6}")
_TEN_DIGITS = re.compile(r"[0-9]{10}")


def add_brand(carrier: INumberingCarrier, request: Request, now: datetime) -> Decision:
    """Register a brand under its own id; again: as the switch says, and nothing changes."""
    fields = request.fields()
    required = ("messagingBrandId", "messagingBrandName", "messagingBrandDescription")
    if problem := _missing(carrier, fields, required):
        return Decision(problem)
    brand = fields["messagingBrandId"]
    if not _BRAND_ID.fullmatch(brand):
        return Decision(carrier.failure(409, "Invalid messagingBrandId format, should start with B"))
    if brand in carrier.book["brands"]:
        return Decision(_exists(carrier, carrier.switches.brand_exists, "Brand Name already exists"))

    def register() -> None:
        carrier.book["brands"][brand] = {name: fields[name] for name in required[1:]}
        carrier.log(now, Event.BRAND, brand)

    return Decision(carrier.success(), register)


def add_campaign(carrier: INumberingCarrier, request: Request, now: datetime) -> Decision:
    """Register a campaign of a brand that the account has."""
    fields = request.fields()
    required = ("externalCampaignId", "campaignDescription", "messagingBrandId")
    if problem := _missing(carrier, fields, required):
        return Decision(problem)
    campaign, brand = fields["externalCampaignId"], fields["messagingBrandId"]
    if not _CAMPAIGN_ID.fullmatch(campaign):
        return Decision(carrier.failure(409, "Invalid externalCampaignId format"))
    if not _BRAND_ID.fullmatch(brand):
        return Decision(carrier.failure(409, "Invalid messagingBrandId format"))
    if campaign in carrier.book["campaigns"]:
        return Decision(_exists(carrier, carrier.switches.campaign_exists, "Campaign already exists"))
    if brand not in carrier.book["brands"]:
        return Decision(carrier.failure(430, "No Result Found"))

    def register() -> None:
        carrier.book["campaigns"][campaign] = {name: fields[name] for name in required[1:]}
        carrier.log(now, Event.CAMPAIGN, campaign)

    return Decision(carrier.success(), register)


def _missing(carrier: INumberingCarrier, fields: Mapping[str, Any], names: tuple[str, ...]) -> Response | None:
    for name in names:
        value = fields.get(name)
        if not isinstance(value, str) or not value:
            return carrier.failure(414, f"Fields Are Required: {name}")
    return None


def _exists(carrier: INumberingCarrier, manner: str, text: str) -> Response:
    return carrier.success() if manner == "200" else carrier.failure(int(manner), text)


def assign(carrier: INumberingCarrier, request: Request, now: datetime) -> Decision:
    """Assign numbers to campaigns; with an unusable number among them, the rest or none (a switch)."""
    batch = _batch(request.fields())
    if batch is None:
        return Decision(carrier.failure(400, "Bad input / invalid request structure"))
    if len(batch) > LARGEST_BATCH:
        return Decision(carrier.failure(422, "Order quantity limit is 100,000 numbers"))
    if not all(campaign in carrier.book["campaigns"] for campaign in batch.values()):
        return Decision(carrier.failure(409, "Invalid Input Parameters: tnCampaign"))
    if problem := _refused_whole(carrier, batch):
        return Decision(problem)
    usable = {tn: campaign for tn, campaign in batch.items() if _usable(carrier, tn)}

    def commit() -> None:
        for tn, campaign in usable.items():
            carrier.book["assignments"][tn] = {"campaign": campaign, "at": now.timestamp()}
            carrier.log(now, Event.ASSIGN, tn, reference=campaign)

    order_id = int(now.timestamp()) % 100_000_000
    if len(usable) == len(batch):
        return Decision(carrier.success(orderId=order_id), commit)
    unusable = sorted(tn[2:] for tn in batch.keys() - usable.keys())
    if not usable:
        return Decision(_all_unusable(carrier, unusable))
    if carrier.switches.partial_assignment == "432":
        return Decision(carrier.failure(432, f"TN Excluded: {', '.join(unusable)}"))
    return Decision(carrier.failure(425, f"Partial Success, failed: {', '.join(unusable)}", orderId=order_id), commit)


def _refused_whole(carrier: INumberingCarrier, batch: Mapping[str, str]) -> Response | None:
    """The refusal of a batch for the sake of one number, where a switch says that there is such a thing."""
    strangers = [tn for tn in batch if tn not in carrier.book["owned"]]
    if strangers and carrier.switches.refused_batch != "no":
        return carrier.failure(int(carrier.switches.refused_batch), "TN not on account")
    held = [tn for tn in batch if tn in carrier.book["assignments"]]
    if not held or carrier.switches.assigned_again == "moves":
        return None
    if carrier.switches.assigned_again == "exists-unnamed":
        return carrier.failure(409, "TN campaign already exists")
    campaign = carrier.book["assignments"][held[0]]["campaign"]
    return carrier.failure(409, f"TN is already assigned to campaign {campaign}")


def _all_unusable(carrier: INumberingCarrier, unusable: list[str]) -> Response:
    if all(f"+1{digits}" in carrier.book["excluded"] for digits in unusable):
        return carrier.failure(432, "TN Excluded")
    return carrier.failure(409, "Invalid TN Submitted")


def _usable(carrier: INumberingCarrier, tn: str) -> bool:
    return tn in carrier.book["owned"] and tn not in carrier.book["excluded"]


def _batch(fields: Mapping[str, Any]) -> dict[str, str] | None:
    """TN -> campaign, or None for a body of another shape."""
    try:
        items = fields["tnCampaign"]["tnList"]["tnItem"]
        batch = {item["tn"]: item["tnFeature"]["messaging"]["tnCampaign"] for item in items}
        shaped = all(_TEN_DIGITS.fullmatch(tn) and _CAMPAIGN_ID.fullmatch(c) for tn, c in batch.items())
    except (KeyError, TypeError):
        return None
    return {f"+1{tn}": campaign for tn, campaign in batch.items()} if batch and shaped else None
