"""One Infobip account: numbers on offer, bought and cancelled by key.

The calls are served under ``/sms/1/numbers`` and ``/numbers/1/numbers`` alike; the second sells an American number
by ``number`` only, the first sells by ``numberKey`` only. Two numbers are the account's from the start, a short
code and a shared one: whoever does not declare them must leave them alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from reconciler.model import Price
from reconciler.model.fleet import CarrierType
from reconciler.sandbox import spelling
from reconciler.sandbox.books import Plain
from reconciler.sandbox.carrier import LONG_AGO, Allowance, Carrier, Handler, Ruling
from reconciler.sandbox.infobip import rows
from reconciler.sandbox.infobip.paging import DEFAULT_LIMIT, cut, window
from reconciler.sandbox.infobip.stock import ELSEWHERE, LONG_NUMBER, inventory, make_key, price_at
from reconciler.sandbox.infobip.switches import InfobipSwitches
from reconciler.sandbox.ledger import Event
from reconciler.sandbox.messages import Request, Response, answer, empty

SEED_PATH = ("sms", "1", "numbers")
NEWER_PATH = ("numbers", "1", "numbers")
SCHEMES = frozenset({"basic", "app", "bearer", "ibsso"})
MESSAGE_IDS = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    429: "TOO_MANY_REQUESTS",
}
LIMITS = {
    "listAvailable": Allowance(1, burst=2),
    "listOwned": Allowance(1, burst=2),
    "purchase": Allowance(1),
    "cancel": Allowance(1),
    "getOwned": Allowance(10, burst=10),
}
OWNED_AT_FIRST = {
    "88202": {"country": "GB", "type": "SHORT_CODE", "capabilities": ["SMS"], "shared": False},
    "447860041117": {"country": "GB", "type": LONG_NUMBER, "capabilities": ["SMS"], "shared": True},
}
"""What every account has from the start."""

_MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "exact": lambda part, number: part in ("", number),
    "prefix": lambda part, number: number.startswith(part),
    "contains": lambda part, number: part in number,
}
"""How ``number`` of a query finds numbers, by the switch."""


class InfobipCarrier(Carrier[InfobipSwitches]):
    """One Infobip account.

    Its book: ``owned`` (number -> key, at, and what a row says of it), ``sold`` (numbers of others), ``generations``
    (number -> how often it came back, so that its next key differs) and ``prices`` (number -> another monthly price).
    """

    type = CarrierType.INFOBIP
    switches_type = InfobipSwitches
    calls: ClassVar[Mapping[str, bool]] = {
        "listAvailable": False,
        "purchase": True,
        "listOwned": False,
        "getOwned": False,
        "cancel": True,
    }

    def new_book(self) -> Plain:
        """An account with the numbers that every account has."""
        owned = {
            number: {
                **row,
                "key": make_key("plain", self.account, number, "owned", 0),
                "at": LONG_AGO.timestamp(),
            }
            for number, row in OWNED_AT_FIRST.items()
        }
        return {"owned": owned, "sold": {}, "generations": {}, "prices": {}, "expired": {}}

    def call_of(self, request: Request) -> str | None:
        """By method and what follows either path."""
        if request.path[:3] not in (SEED_PATH, NEWER_PATH):
            return None
        match request.method, request.path[3:]:
            case "GET", ("available",):
                return "listAvailable"
            case ("GET" | "POST") as method, ():
                return "listOwned" if method == "GET" else "purchase"
            case ("GET" | "DELETE") as method, (_,):
                return "getOwned" if method == "GET" else "cancel"
        return None

    def handlers(self) -> Mapping[str, Handler]:
        """One decision a call."""
        return {
            "listAvailable": self._list_available,
            "purchase": self._purchase,
            "listOwned": self._list_owned,
            "getOwned": self._get_owned,
            "cancel": self._cancel,
        }

    def credential(self, request: Request) -> str:
        """What follows one of the four schemes of ``Authorization``."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        return value.strip() if scheme.lower() in SCHEMES else ""

    def unauthorized(self) -> Response:
        """The documented 401."""
        return self.refusal(401, "Invalid login details")

    def refusal(self, status: int, text: str) -> Response:
        """An error in the documented form or the newer one."""
        if self.switches.error_form == "errorCode":
            return answer(status, {"errorCode": f"E{status}", "description": text, "violations": []})
        detail = {"messageId": MESSAGE_IDS.get(status, "GENERAL_ERROR"), "text": text}
        return answer(status, {"requestError": {"serviceException": detail}})

    def _refused_as(self, manner: str, text: str) -> Response:
        return empty(404) if manner == "404-empty" else self.refusal(int(manner), text)

    def allowances(self) -> Mapping[str, Allowance]:
        """The documented limits, when the switch enforces them."""
        return LIMITS if self.switches.rate_limits == "documented" else {}

    def _list_available(self, request: Request, now: datetime) -> Ruling:
        query = request.query
        wanted = {part for part in query.get("capabilities", "").upper().split(",") if part}
        matches = _MATCHES[self.switches.number_match]
        part, country = query.get("number", ""), query.get("country")
        numbers = [
            number
            for number, range_ in inventory().items()
            if matches(part, number)
            and country in (None, range_.country)
            and wanted <= set(range_.capabilities)
            and self._listed_as_available(number, now)
        ]
        names = rows.doubled(numbers, "shared" if self.switches.offered_as == "both" else "no")
        return Ruling(self._page(request, names, lambda name: self._offered_row(name, now)))

    def _offered_row(self, name: str, now: datetime) -> rows.Row:
        row = self._offer_row(name.rstrip("+"), now)
        if self.switches.offered_as == "shared" and name.endswith("5"):
            return {**row, "shared": True}
        return rows.second(row, "shared") if name.endswith("+") else row

    def _listed_as_available(self, number: str, now: datetime) -> bool:
        held = self.book["owned"].get(number)
        if held is not None:
            return bool(now.timestamp() < held["at"] + self.switches.available_lag_seconds)
        return number not in self.book["sold"]

    def _page(self, request: Request, numbers: Sequence[str], row: Callable[[str], rows.Row]) -> Response:
        asked = window(request.query)
        if asked is None:
            return self.refusal(400, "limit and page must be whole numbers")
        limit, page = asked
        if self.switches.large_limit == "400" and limit > DEFAULT_LIMIT:
            return self.refusal(400, "limit is too large")
        shown, count = cut(numbers, min(limit, self.switches.page_cap), page, self.switches.paging)
        spelled = [spelling.write(row(number), "number", self.switches.row_spelling) for number in shown]
        return answer(200, {"numbers": spelled, "numberCount": count})

    def _offer_row(self, number: str, now: datetime) -> rows.Row:
        return rows.offer(number, self.offer_key(number), inventory()[number], self._written(self.price(number, now)))

    def offer_key(self, number: str) -> str:
        """The key under which a number is on offer, or was when it was bought."""
        generation = self.book["generations"].get(number, 0)
        return make_key(self.switches.key_style, self.account, number, "offer", generation)

    def price(self, number: str, now: datetime) -> Price:
        """What a number costs today."""
        range_ = inventory().get(number, ELSEWHERE)
        return price_at(range_, Decimal(self.book["prices"].get(number, range_.monthly)), now)

    def charge(self, number: str, now: datetime) -> Price:
        """What buying a number costs today, whatever was quoted."""
        quoted = self.price(number, now)
        factor = Decimal(1000 if self.switches.charges == "dearer" else 1)
        return replace(quoted, monthly=(quoted.monthly or Decimal(0)) * factor)

    def _written(self, price: Price) -> rows.Row:
        return rows.price(price, self.switches.prices)

    def _answered(self, number: str, now: datetime) -> rows.Row | None:
        """The price in the answer to a purchase, which has no first month."""
        told = self._written(self.charge(number, now))
        del told["initialMonthPrice"]
        return {"unreadable": {**told, "pricePerMonth": "see invoice"}, "untold": None}.get(self.switches.charges, told)

    def _purchase(self, request: Request, now: datetime) -> Ruling:
        number = self._asked_for(request)
        if number is None or not self._for_sale(number):
            return Ruling(self._refused_as(self.switches.taken, "The number is not available"))
        held = self.book["owned"].get(number) or self._held(number, now)
        row = {**self._owned_row(number, held, now), "price": self._answered(number, now)}
        status = int(self.switches.purchase_status)
        bought = answer(status, row) if self.switches.purchase_body else empty(201)
        return Ruling(bought, lambda: self._take(number, held, now))

    def _for_sale(self, number: str) -> bool:
        if number in self.book["owned"]:
            return self.switches.purchase_again == "charges"
        return number not in self.book["sold"]

    def _asked_for(self, request: Request) -> str | None:
        """The number of the stock that a purchase names, by key or, American and on the newer path, by number."""
        fields = request.fields()
        newer = request.path == NEWER_PATH
        if newer and "number" in fields:
            number = str(fields["number"])
            return number if _american(number) else None
        key = fields.get("numberKey")
        found = next((number for number in inventory() if self.offer_key(number) == key), None)
        return None if found and newer and _american(found) else found

    def _held(self, number: str, now: datetime) -> dict[str, Any]:
        range_ = inventory().get(number, ELSEWHERE)
        return {
            "key": self._owned_key(number),
            "charged": True,
            "at": now.timestamp(),
            "country": range_.country,
            "capabilities": list(range_.capabilities),
            "type": LONG_NUMBER,
            "shared": False,
        }

    def _owned_key(self, number: str) -> str:
        if not self.switches.key_changes:
            return self.offer_key(number)
        generation = self.book["generations"].get(number, 0)
        return make_key(self.switches.key_style, self.account, number, "owned", generation)

    def _take(self, number: str, held: Mapping[str, Any], now: datetime, reference: str = "") -> None:
        self.book["owned"][number] = dict(held)
        self.log(now, Event.CHARGE, f"+{number}", price=self.charge(number, now), reference=reference)

    def _list_owned(self, request: Request, now: datetime) -> Ruling:
        owned = {} if self.switches.list_hidden else self.book["owned"]
        visible = now.timestamp() - self.switches.list_lag_seconds
        matches, part = _MATCHES[self.switches.number_match], request.query.get("number", "")
        numbers = [number for number, held in owned.items() if held["at"] <= visible and matches(part, number)]
        twice = self.switches.listed_twice
        return Ruling(
            self._page(
                request, rows.doubled(numbers, twice), lambda name: self._listed_row(name, owned[name.rstrip("+")], now)
            )
        )

    def _listed_row(self, name: str, held: Mapping[str, Any], now: datetime) -> rows.Row:
        """A row of the owned list, or the second one of a number that is listed twice."""
        row = self._owned_row(name.rstrip("+"), held, now)
        return rows.second(row, self.switches.listed_twice) if name.endswith("+") else row

    def _owned_row(self, number: str, held: Mapping[str, Any], now: datetime) -> rows.Row:
        pending = now.timestamp() < held["at"] + self.switches.reservation_seconds
        word = "" if number in OWNED_AT_FIRST else self.switches.reservation_word or ("PENDING" if pending else "")
        price = self.charge(number, now) if "charged" in held else self.price(number, now)
        return rows.owned(number, held, self._written(price), word)

    def _get_owned(self, request: Request, now: datetime) -> Ruling:
        number = self._number_of(request.path[3])
        if number is None:
            return Ruling(self._refused_as(self.switches.unknown_key, "Number not found"))
        row = self._owned_row(number, self.book["owned"][number], now)
        return Ruling(answer(200, spelling.write(row, "number", self.switches.row_spelling)))

    def _cancel(self, request: Request, now: datetime) -> Ruling:
        number = self._number_of(request.path[3])
        if number is None:
            return Ruling(self._refused_as(self.switches.unknown_key, "Number not found"))
        return Ruling(empty(204), lambda: self._give_back(number, now))

    def _give_back(self, number: str, now: datetime) -> None:
        del self.book["owned"][number]
        self.book["generations"][number] = self.book["generations"].get(number, 0) + 1
        self.log(now, Event.RELEASE, f"+{number}")

    def _number_of(self, key: str) -> str | None:
        return next((number for number, held in self.book["owned"].items() if held["key"] == key), None)

    def owned(self, _now: datetime | None = None) -> set[str]:
        """The telephone numbers that the account has, in E.164; no short code."""
        return {f"+{number}" for number, held in self.book["owned"].items() if held["type"] == LONG_NUMBER}

    def key_of(self, tn: str) -> str:
        """The key of an owned number; ``KeyError`` for another."""
        key: str = self.book["owned"][tn[1:]]["key"]
        return key

    def offered(self, tn: str) -> bool:
        """Whether a number is in stock and nobody's."""
        number = tn[1:]
        return number in inventory() and number not in self.book["owned"] and number not in self.book["sold"]

    def rival_buys(self, tn: str) -> None:
        """Another customer takes a number out of the stock."""
        self.book["sold"][tn[1:]] = True

    def reprice(self, tn: str, monthly: str) -> None:
        """From now on that number costs so much a month, in its own currency. ``ValueError`` for what is no amount."""
        try:
            amount = Decimal(monthly)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            raise ValueError(f"monthly: {monthly!r} is no amount such as 7.00")
        self.book["prices"][tn[1:]] = monthly

    def portal_buy(self, tn: str) -> None:
        """Somebody bought a number by hand, long ago."""
        self._take(tn[1:], self._held(tn[1:], LONG_AGO), LONG_AGO, "portal")

    def portal_release(self, tn: str) -> None:
        """Somebody cancelled a number by hand."""
        self._give_back(tn[1:], LONG_AGO)


def _american(number: str) -> bool:
    return inventory().get(number, ELSEWHERE).country == "US"
