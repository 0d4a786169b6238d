"""Brands, campaigns and assignments (``addMessagingBrand/``, ``addMessagingCampaign/``, ``tnMessagingCampaign/``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconciler.sandbox.carrier import Ruling
from reconciler.sandbox.inumbering.state import INumberingState
from reconciler.sandbox.ledger import Event
from reconciler.sandbox.messages import Request, Response

LARGEST_BATCH = 100_000
_BRAND_ID = re.compile(r"B[A-Za-z0-9]+")
_CAMPAIGN_ID = re.compile(r"C[A-Za-z0-9]{6}")
_TEN_DIGITS = re.compile(r"[0-9]{10}")


def add_brand(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Register a brand under its own id; again: as the switch says, and nothing changes."""
    fields = request.fields()
    required = ("messagingBrandId", "messagingBrandName", "messagingBrandDescription")
    if problem := _missing(state, fields, required):
        return Ruling(problem)
    brand = fields["messagingBrandId"]
    if not _BRAND_ID.fullmatch(brand):
        return Ruling(state.failure(409, "Invalid messagingBrandId format, should start with B"))
    if brand in state.book["brands"]:
        return Ruling(_exists(state, state.switches.brand_exists, "Brand Name already exists"))

    def register() -> None:
        state.book["brands"][brand] = {name: fields[name] for name in required[1:]}
        state.log(now, Event.BRAND, brand)

    return Ruling(state.success(), register)


def add_campaign(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Register a campaign of a brand that the account has."""
    fields = request.fields()
    required = ("externalCampaignId", "campaignDescription", "messagingBrandId")
    if problem := _missing(state, fields, required):
        return Ruling(problem)
    campaign, brand = fields["externalCampaignId"], fields["messagingBrandId"]
    if not _CAMPAIGN_ID.fullmatch(campaign):
        return Ruling(state.failure(409, "Invalid externalCampaignId format"))
    if not _BRAND_ID.fullmatch(brand):
        return Ruling(state.failure(409, "Invalid messagingBrandId format"))
    if campaign in state.book["campaigns"]:
        return Ruling(_exists(state, state.switches.campaign_exists, "Campaign already exists"))
    if brand not in state.book["brands"]:
        return Ruling(state.failure(430, "No Result Found"))

    def register() -> None:
        state.book["campaigns"][campaign] = {name: fields[name] for name in required[1:]}
        state.log(now, Event.CAMPAIGN, campaign)

    return Ruling(state.success(), register)


def _missing(state: INumberingState, fields: Mapping[str, Any], names: tuple[str, ...]) -> Response | None:
    for name in names:
        value = fields.get(name)
        if not isinstance(value, str) or not value:
            return state.failure(414, f"Fields Are Required: {name}")
    return None


def _exists(state: INumberingState, manner: str, text: str) -> Response:
    return state.success() if manner == "200" else state.failure(int(manner), text)


def assign(state: INumberingState, request: Request, now: datetime) -> Ruling:
    """Assign numbers to campaigns; with an unusable number among them, the rest or none (a switch)."""
    batch = _batch(request.fields())
    if batch is None:
        return Ruling(state.failure(400, "Bad input / invalid request structure"))
    if len(batch) > LARGEST_BATCH:
        return Ruling(state.failure(422, "Order quantity limit is 100,000 numbers"))
    if not all(campaign in state.book["campaigns"] for campaign in batch.values()):
        return Ruling(state.failure(409, "Invalid Input Parameters: tnCampaign"))
    if problem := _refused_whole(state, batch):
        return Ruling(problem)
    usable = {tn: campaign for tn, campaign in batch.items() if _usable(state, tn)}

    def commit() -> None:
        for tn, campaign in usable.items():
            state.book["assignments"][tn] = {"campaign": campaign, "at": now.timestamp()}
            state.log(now, Event.ASSIGN, tn, reference=campaign)

    order_id = int(now.timestamp()) % 100_000_000
    if len(usable) == len(batch):
        return Ruling(state.success(orderId=order_id), commit)
    unusable = sorted(tn[2:] for tn in batch.keys() - usable.keys())
    if not usable:
        return Ruling(_all_unusable(state, unusable))
    if state.switches.partial_assignment == "432":
        return Ruling(state.failure(432, f"TN Excluded: {', '.join(unusable)}"))
    return Ruling(state.failure(425, f"Partial Success, failed: {', '.join(unusable)}", orderId=order_id), commit)


def _refused_whole(state: INumberingState, batch: Mapping[str, str]) -> Response | None:
    """The refusal of a batch for the sake of one number, where a switch says that there is such a thing."""
    strangers = [tn for tn in batch if tn not in state.book["owned"]]
    if strangers and state.switches.refused_batch != "no":
        return state.failure(int(state.switches.refused_batch), "TN not on account")
    held = [tn for tn in batch if tn in state.book["assignments"]]
    if not held or state.switches.assigned_again == "moves":
        return None
    if state.switches.assigned_again == "exists-unnamed":
        return state.failure(409, "TN campaign already exists")
    campaign = state.book["assignments"][held[0]]["campaign"]
    return state.failure(409, f"TN is already assigned to campaign {campaign}")


def _all_unusable(state: INumberingState, unusable: list[str]) -> Response:
    if all(f"+1{digits}" in state.book["excluded"] for digits in unusable):
        return state.failure(432, "TN Excluded")
    return state.failure(409, "Invalid TN Submitted")


def _usable(state: INumberingState, tn: str) -> bool:
    return tn in state.book["owned"] and tn not in state.book["excluded"]


def _batch(fields: Mapping[str, Any]) -> dict[str, str] | None:
    """TN -> campaign, or None for a body of another shape."""
    try:
        items = fields["tnCampaign"]["tnList"]["tnItem"]
        batch = {item["tn"]: item["tnFeature"]["messaging"]["tnCampaign"] for item in items}
        shaped = all(_TEN_DIGITS.fullmatch(tn) and _CAMPAIGN_ID.fullmatch(c) for tn, c in batch.items())
    except (KeyError, TypeError):
        return None
    return {f"+1{tn}": campaign for tn, campaign in batch.items()} if batch and shaped else None
