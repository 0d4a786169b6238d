"""What an iNumbering account holds, and the two dialects in which it answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reconciler.sandbox.books import Plain
from reconciler.sandbox.carrier import LONG_AGO, Carrier
from reconciler.sandbox.inumbering.stock import inventory
from reconciler.sandbox.inumbering.switches import INumberingSwitches
from reconciler.sandbox.ledger import Event
from reconciler.sandbox.messages import Response, answer

GATEWAYS: Mapping[int, str] = {
    1: "USER",
    2: "T30",
    3: "VOICE_BRIDGE",
    4: "DID",
    5: "T38",
    6: "RTC_BRIDGE",
    8: "SDN",
    1000: "203.0.113.10:5060",
    1001: "203.0.113.11:5060",
}
"""Route id -> gateway: the documented system routes and two of the account's own."""

DEFAULT_ROUTE = 4


class INumberingState(Carrier[INumberingSwitches]):
    """One iNumbering account without its calls: what they read, write and answer with, and edits behind our back.

    Its book, by TN in E.164: ``owned`` (-> route, at), ``assignments`` (-> campaign, at), and ``sold`` (to
    others), ``excluded`` (from messaging) and ``porting``; by registry id: ``brands`` and ``campaigns``; and the
    ``cache`` of searches.
    """

    def new_book(self) -> Plain:
        """An account that owns nothing."""
        return {
            "owned": {},
            "assignments": {},
            "sold": {},
            "excluded": {},
            "porting": {},
            "brands": {},
            "campaigns": {},
            "cache": {},
            "expired": {},
        }

    def refusal(self, status: int, text: str) -> Response:
        """An error with that HTTP status, whatever dialect the account speaks."""
        return answer(status, self._error(status, text))

    def failure(self, code: int, text: str, **fields: Any) -> Response:
        """An error in the account's dialect, with further fields."""
        return self.failed(code, {**self._error(code, text), **fields})

    def failed(self, code: int, document: Mapping[str, Any]) -> Response:
        """An error body as it is: under its code as HTTP status, or under 200 (a switch)."""
        return answer(code if self.switches.errors_as == "http" else 200, document)

    def _error(self, code: int, text: str) -> dict[str, Any]:
        if self.switches.error_text_in == "status":
            return {"status": text, "statusCode": str(code)}
        return {"status": "Error", "statusCode": str(code), "message": text}

    def success(self, **fields: Any) -> Response:
        """``Success`` and the fields of the call."""
        return answer(200, {"status": "Success", **fields, "statusCode": "200"})

    def offered(self, tn: str) -> bool:
        """Whether a number is in stock and nobody's."""
        return tn[2:] in inventory() and tn not in self.book["owned"] and tn not in self.book["sold"]

    def owned(self, _now: datetime | None = None) -> set[str]:
        """The numbers that the account has."""
        return set(self.book["owned"])

    def route(self, tn: str) -> int:
        """The route of an owned number; ``KeyError`` for another."""
        route: int = self.book["owned"][tn]["route"]
        return route

    def assignment(self, tn: str) -> str | None:
        """The campaign that a number is assigned to."""
        assigned = self.book["assignments"].get(tn)
        return assigned["campaign"] if assigned else None

    def take(self, tn: str, route: int, now: datetime, reference: str) -> None:
        """A purchase: the number is the account's, and charged; no price is known."""
        self.book["owned"][tn] = {"route": route, "at": now.timestamp()}
        self.log(now, Event.CHARGE, tn, reference=reference)

    def reroute(self, tn: str, route: int) -> None:
        """From now on an owned number goes there. ``ValueError`` for a route that no gateway has."""
        _check_route(route)
        self.book["owned"][tn] = {**self.book["owned"][tn], "route": route}

    def give_back(self, tn: str, now: datetime) -> None:
        """A release: the number returns to the stock."""
        del self.book["owned"][tn]
        self.book["assignments"].pop(tn, None)
        self.log(now, Event.RELEASE, tn)

    def rival_buys(self, tn: str) -> None:
        """Another customer takes a number out of the stock."""
        self.book["sold"][tn] = True

    def exclude(self, tn: str) -> None:
        """A number that messaging refuses (432)."""
        self.book["excluded"][tn] = True

    def portal_buy(self, tn: str, route: int = DEFAULT_ROUTE) -> None:
        """Somebody bought a number by hand, long ago."""
        _check_route(route)
        self.take(tn, route, LONG_AGO, "portal")

    def portal_release(self, tn: str) -> None:
        """Somebody released a number by hand."""
        self.give_back(tn, LONG_AGO)

    def portal_route(self, tn: str, route: int) -> None:
        """Somebody changed the route of an owned number."""
        self.reroute(tn, route)

    def portal_assign(self, tn: str, campaign: str | None) -> None:
        """Somebody assigned a number to a campaign, or to none, long ago."""
        self.book["assignments"].pop(tn, None)
        if campaign is not None:
            self.book["assignments"][tn] = {"campaign": campaign, "at": LONG_AGO.timestamp()}

    def portal_port(self, tn: str) -> None:
        """A number is being ported away: it cannot be disconnected."""
        self.book["porting"][tn] = True


def _check_route(route: int) -> None:
    if route not in GATEWAYS:
        raise ValueError(f"route {route} is none of {', '.join(map(str, GATEWAYS))}")
