"""The calls of the iNumbering Provisioning API v2.1.6 and of its sibling v2.1, as requests and nothing else.

Every call is a POST with a trailing slash, also those that only read; the API key joins the body on its way out.
Telephone numbers are ten digits: an integer where the number itself is acted on, a string elsewhere. Sources: the
seed for the six calls, the vendor's OpenAPI files for the siblings (``account_api: true``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.providers.http.messages import ApiCall

_PROVISIONING = ("v2", "iNumbering")
_ACCOUNT = ("v2.1",)


def inventory(mask: str, quantity: int, **filters: str | int) -> ApiCall:
    """Numbers on offer under a mask of ten places; filters are ``lata`` (int), ``rateCenter`` and ``province``."""
    body = {"tnMask": mask, "quantity": quantity, **filters}
    return _post("tnInventory", (*_PROVISIONING, "tnInventory"), body)


def coverage(count_by: str, **filters: str) -> ApiCall:
    """Counts of numbers on offer; at most one filter of ``npa``, ``lata``, ``rcAbbre`` and ``locState``."""
    body = {"countBy": count_by, **filters}
    return _post("tnInventoryCoverage", (*_PROVISIONING, "tnInventoryCoverage"), body)


def order(tn: str, route: int | None, reference: str) -> ApiCall:
    """Buy exactly one number, given as ten digits, with the gateway it is routed to."""
    item = {"tn": int(tn)} if route is None else {"tn": int(tn), "route": route}
    body = {"tnOrder": {"customerOrderReference": reference, "tnList": {"tnItem": [item]}}}
    return _post("tnOrder", (*_PROVISIONING, "tnOrder"), body, writes=True)


def add_brand(brand_id: str, name: str, description: str) -> ApiCall:
    """Register a messaging brand."""
    body = {
        "messagingBrandId": brand_id,
        "messagingBrandName": name,
        "messagingBrandDescription": description,
    }
    return _post("addMessagingBrand", (*_PROVISIONING, "addMessagingBrand"), body, writes=True)


def add_campaign(campaign_id: str, brand_id: str, description: str) -> ApiCall:
    """Register a messaging campaign of a brand."""
    body = {
        "externalCampaignId": campaign_id,
        "messagingBrandId": brand_id,
        "campaignDescription": description,
    }
    return _post("addMessagingCampaign", (*_PROVISIONING, "addMessagingCampaign"), body, writes=True)


def assign(campaign_id: str, tns: Sequence[str]) -> ApiCall:
    """Put numbers, each of ten digits, under one campaign.

    The seed says that a ``customerOrderReference`` may be sent too, and neither document says where: it is left out,
    and the service sets one.
    """
    feature = {"messaging": {"tnCampaign": campaign_id}}
    items = [{"tn": tn, "tnFeature": feature} for tn in tns]
    body = {"tnCampaign": {"tnList": {"tnItem": items}}}
    return _post("tnMessagingCampaign", (*_PROVISIONING, "tnMessagingCampaign"), body, writes=True)


def list_numbers(tn: str | None = None) -> ApiCall:
    """The owned numbers with their routes, not paged; ``tn`` keeps those that contain its digits."""
    return _post("numbersList", (*_ACCOUNT, "numbers", "list"), {} if tn is None else {"number": int(tn)})


def disconnect(tn: str) -> ApiCall:
    """Give one number up."""
    body = {"numbers": [{"number": int(tn)}]}
    return _post("numbersDisconnect", (*_ACCOUNT, "numbers", "disconnect"), body, writes=True)


def set_route(tn: str, route: int) -> ApiCall:
    """Send one number's calls to another gateway."""
    body = {"numbers": [{"number": int(tn), "route": route}]}
    return _post("numbersRoute", (*_ACCOUNT, "numbers", "route"), body, writes=True)


def campaigns(campaign_ids: Sequence[str]) -> ApiCall:
    """Which numbers each campaign has. (The vendor's file requires ``campaigns`` but defines this, and means it.)"""
    body = {"campaignIDs": [{"campaignID": campaign_id} for campaign_id in campaign_ids]}
    return _post("messagingCampaigns", (*_ACCOUNT, "messaging", "campaigns"), body)


def gateways() -> ApiCall:
    """The account's gateways, whose ids are the routes."""
    return _post("gatewaysList", (*_ACCOUNT, "gateways", "list"), {})


def _post(name: str, path: tuple[str, ...], body: Mapping[str, Any], *, writes: bool = False) -> ApiCall:
    return ApiCall(name, "POST", path, json=body, writes=writes, trailing_slash=True)
