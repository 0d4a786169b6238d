"""The toy carrier as the sandbox plays it: a hundred numbers in each of two shops."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from reconciler.sandbox.books import Plain
from reconciler.sandbox.carrier import Allowance, Carrier, Handler, Ruling
from reconciler.sandbox.ledger import Event
from reconciler.sandbox.messages import Request, Response, answer, empty
from reconciler.sandbox.switches import Switches

SHOPS = {"north": "4477009001", "south": "4477009002"}
"""Shop -> the first digits of its hundred numbers."""


class ToyCarrier(Carrier[Switches]):
    """One account. Its book: ``owned`` numbers, by their digits."""

    type = "toy"
    switches_type = Switches
    calls = {"offers": False, "list": False, "buy": True, "release": True}  # noqa: RUF012 - as the base has it

    def new_book(self) -> Plain:
        """An account that owns nothing."""
        return {"owned": {}, "expired": {}}

    def owned(self, _now: datetime | None = None) -> set[str]:
        """The numbers that the account has."""
        return {f"+{number}" for number in self.book["owned"]}

    def call_of(self, request: Request) -> str | None:
        """By method and path."""
        rows = {("GET", 1): "list", ("PUT", 2): "buy", ("DELETE", 2): "release"}
        if request.path == ("offers",):
            return "offers"
        return rows.get((request.method, len(request.path))) if request.path[:1] == ("numbers",) else None

    def handlers(self) -> Mapping[str, Handler]:
        """One decision a call."""
        return {"offers": self._offers, "list": self._list, "buy": self._buy, "release": self._release}

    def refusal(self, status: int, text: str) -> Response:
        """``{"error": TEXT}``."""
        return answer(status, {"error": text})

    def credential(self, request: Request) -> str:
        """A key in a header."""
        return request.headers.get("x-toy-key", "")

    def unauthorized(self) -> Response:
        """401."""
        return self.refusal(401, "Who are you?")

    def allowances(self) -> Mapping[str, Allowance]:
        """No limits."""
        return {}

    def _offers(self, request: Request, _now: datetime) -> Ruling:
        stock = (f"{SHOPS[request.query['shop']]}{n:02}" for n in range(100))
        end = request.query.get("ends_with", "")
        free = [number for number in stock if number.endswith(end) and number not in self.book["owned"]]
        return Ruling(answer(200, {"numbers": [{"number": n} for n in free[: int(request.query["quantity"])]]}))

    def _list(self, _request: Request, _now: datetime) -> Ruling:
        return Ruling(answer(200, {"numbers": [{"number": number} for number in self.book["owned"]]}))

    def _buy(self, request: Request, now: datetime) -> Ruling:
        number = request.path[1].removeprefix("+")
        if number in self.book["owned"] or number[:-2] not in SHOPS.values():
            return Ruling(self.refusal(409, "not for sale"))
        return Ruling(answer(201, {"number": number}), lambda: self.take(number, now))

    def _release(self, request: Request, now: datetime) -> Ruling:
        number = request.path[1].removeprefix("+")
        if number not in self.book["owned"]:
            return Ruling(self.refusal(404, "not yours"))
        return Ruling(empty(204), lambda: self._give_back(number, now))

    def take(self, number: str, now: datetime) -> None:
        """Sell a number to the account."""
        self.book["owned"][number] = {}
        self.log(now, Event.CHARGE, f"+{number}")

    def _give_back(self, number: str, now: datetime) -> None:
        del self.book["owned"][number]
        self.log(now, Event.RELEASE, f"+{number}")
