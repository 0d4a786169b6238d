"""One iNumbering account: which call a request makes, and who decides it.

Every call is a ``POST`` to a path with a trailing slash and carries ``apikey`` in its body. The sibling calls
(``account_api.py``) are served only where the account has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from reconciler.model.fleet import CarrierType
from reconciler.sandbox.carrier import Allowance, Handler
from reconciler.sandbox.inumbering import account_api, market, messaging
from reconciler.sandbox.inumbering.state import INumberingState
from reconciler.sandbox.inumbering.switches import INumberingSwitches
from reconciler.sandbox.ledger import Ledger
from reconciler.sandbox.messages import Request, Response

HANDLERS = {
    "tnInventory": market.search,
    "tnInventoryCoverage": market.coverage,
    "tnOrder": market.order,
    "addMessagingBrand": messaging.add_brand,
    "addMessagingCampaign": messaging.add_campaign,
    "tnMessagingCampaign": messaging.assign,
    "numbersList": account_api.numbers_list,
    "numbersDisconnect": account_api.numbers_disconnect,
    "numbersRoute": account_api.numbers_route,
    "messagingCampaigns": account_api.messaging_campaigns,
    "gatewaysList": account_api.gateways_list,
}

PATHS: Mapping[tuple[str, ...], str] = {
    ("v2", "iNumbering", "tnInventory"): "tnInventory",
    ("v2", "iNumbering", "tnInventoryCoverage"): "tnInventoryCoverage",
    ("v2", "iNumbering", "tnOrder"): "tnOrder",
    ("v2", "iNumbering", "addMessagingBrand"): "addMessagingBrand",
    ("v2", "iNumbering", "addMessagingCampaign"): "addMessagingCampaign",
    ("v2", "iNumbering", "tnMessagingCampaign"): "tnMessagingCampaign",
}

SIBLING_PATHS: Mapping[tuple[str, ...], str] = {
    ("v2.1", "numbers", "list"): "numbersList",
    ("v2.1", "numbers", "disconnect"): "numbersDisconnect",
    ("v2.1", "numbers", "route"): "numbersRoute",
    ("v2.1", "messaging", "campaigns"): "messagingCampaigns",
    ("v2.1", "gateways", "list"): "gatewaysList",
}


class INumberingCarrier(INumberingState):
    """One iNumbering account."""

    type = CarrierType.INUMBERING
    switches_type = INumberingSwitches
    calls: ClassVar[Mapping[str, bool]] = {
        "tnInventory": False,
        "tnInventoryCoverage": False,
        "tnOrder": True,
        "addMessagingBrand": True,
        "addMessagingCampaign": True,
        "tnMessagingCampaign": True,
        "numbersList": False,
        "numbersDisconnect": True,
        "numbersRoute": True,
        "messagingCampaigns": False,
        "gatewaysList": False,
    }

    def __init__(
        self,
        account: str,
        ledger: Ledger,
        switches: INumberingSwitches,
        *,
        account_api: bool = False,
    ) -> None:
        super().__init__(account, ledger, switches)
        self.account_api = account_api

    def call_of(self, request: Request) -> str | None:
        """By path; a missing trailing slash reaches nothing."""
        if request.method != "POST" or not request.raw_path.endswith("/"):
            return None
        if self.account_api and request.path in SIBLING_PATHS:
            return SIBLING_PATHS[request.path]
        return PATHS.get(request.path)

    def handlers(self) -> Mapping[str, Handler]:
        """One decision a call."""
        return {call: partial(decide, self) for call, decide in HANDLERS.items()}

    def credential(self, request: Request) -> str:
        """``apikey`` of the body."""
        apikey = request.fields().get("apikey")
        return apikey if isinstance(apikey, str) else ""

    def unauthorized(self) -> Response:
        """An ``apikey`` that is not accepted."""
        return self.failure(401, "Unauthorized")

    def uncredentialed(self) -> Response:
        """No ``apikey``."""
        return self.failure(401, "Field Required: apikey")

    def allowances(self) -> Mapping[str, Allowance]:
        """One rate for each call, when the switch sets one."""
        rate = self.switches.requests_per_second
        return dict.fromkeys(self.calls, Allowance(rate)) if rate else {}
