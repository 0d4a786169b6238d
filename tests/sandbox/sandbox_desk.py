"""A desk with three carrier accounts on it, called through `requests` on a virtual clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from reconciler.model.fleet import CarrierType
from reconciler.sandbox import AccountSpec, Sandbox, VirtualClock
from reconciler.sandbox.adapter import SandboxAdapter
from reconciler.sandbox.switches import Switches

BEARER = {"Authorization": "Bearer token-1"}
APP = {"Authorization": "App key-1"}
INUMBERING = "/v2/iNumbering"


class Desk:
    """Accounts ``intelepeer``, ``voicetel`` (with the sibling calls) and ``infobip``."""

    def __init__(self, switches: Mapping[CarrierType, Switches] | None = None, seed: int = 0) -> None:
        chosen = switches or {}
        specs = {
            "intelepeer": AccountSpec(CarrierType.INTELEPEER, switches=chosen.get(CarrierType.INTELEPEER)),
            "voicetel": AccountSpec(CarrierType.INUMBERING, True, chosen.get(CarrierType.INUMBERING)),
            "infobip": AccountSpec(CarrierType.INFOBIP, switches=chosen.get(CarrierType.INFOBIP)),
        }
        self.clock = VirtualClock()
        self.sandbox = Sandbox(specs, self.clock, seed=seed)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount("http://", SandboxAdapter(self.sandbox))

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        url = f"http://127.0.0.1{path}"
        return self.session.request(method, url, timeout=(10, 30), allow_redirects=False, **options)

    def sms(self, method: str, tn: str, what: str = "provision", body: Any = None) -> requests.Response:
        """A call of IntelePeer."""
        return self.send(method, f"/intelepeer/sms/v1/{tn}/{what}", headers=BEARER, json=body)

    def post(self, path: str, **fields: Any) -> requests.Response:
        """A call of iNumbering."""
        return self.send("POST", f"/voicetel{path}", json={"apikey": "key-1", **fields})

    def order(self, *tns: int, **fields: Any) -> requests.Response:
        items = [{"tn": tn, "route": 4} for tn in tns]
        return self.post(f"{INUMBERING}/tnOrder/", tnOrder={**fields, "tnList": {"tnItem": items}})

    def assign(self, campaign: str, *tns: str) -> requests.Response:
        items = [{"tn": tn, "tnFeature": {"messaging": {"tnCampaign": campaign}}} for tn in tns]
        return self.post(f"{INUMBERING}/tnMessagingCampaign/", tnCampaign={"tnList": {"tnItem": items}})

    def register(self, brand: str = "BACME01", campaign: str = "CACME01") -> list[requests.Response]:
        """A brand and its campaign."""
        names = {"messagingBrandName": "ACME", "messagingBrandDescription": "ACME alerts"}
        of_campaign = {"campaignDescription": "Delivery alerts", "messagingBrandId": brand}
        return [
            self.post(f"{INUMBERING}/addMessagingBrand/", messagingBrandId=brand, **names),
            self.post(f"{INUMBERING}/addMessagingCampaign/", externalCampaignId=campaign, **of_campaign),
        ]

    def numbers(self, method: str, rest: str = "", body: Any = None, base: str = "sms") -> requests.Response:
        """A call of Infobip."""
        return self.send(method, f"/infobip/{base}/1/numbers{rest}", headers=APP, json=body)

    def key(self, number: str) -> str:
        """The key under which a number is on offer."""
        rows: list[dict[str, Any]] = self.numbers("GET", f"/available?number={number}").json()["numbers"]
        return str(next(row["numberKey"] for row in rows if row["number"] == number))

    def buy(self, number: str) -> requests.Response:
        return self.numbers("POST", body={"numberKey": self.key(number)})
