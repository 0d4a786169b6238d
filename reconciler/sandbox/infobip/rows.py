"""The rows of Infobip's lists: a number on offer, a number owned, and its price."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reconciler.model import Price
from reconciler.sandbox.infobip.stock import LONG_NUMBER, Range

Row = dict[str, Any]


def offer(number: str, key: str, range_: Range, price: Price) -> Row:
    """A number that anybody may buy."""
    return {
        "numberKey": key,
        "number": number,
        "country": range_.country,
        "type": LONG_NUMBER,
        "capabilities": list(range_.capabilities),
        "shared": False,
        "price": _price(price),
    }


def owned(number: str, held: Mapping[str, Any], price: Price, *, pending: bool) -> Row:
    """A number of the account's."""
    row = {
        "numberKey": held["key"],
        "number": number,
        "country": held["country"],
        "type": held["type"],
        "capabilities": held["capabilities"],
        "shared": held["shared"],
        "price": _price(price),
    }
    return {**row, "reservationStatus": "PENDING"} if pending else row


def _price(price: Price) -> Row:
    return {
        "pricePerMonth": _amount(price.monthly),
        "setupPrice": _amount(price.setup),
        "initialMonthPrice": _amount(price.first_month or Decimal(0)),
        "currency": price.currency,
    }


def _amount(money: Decimal | None) -> int | float:
    """A JSON number as the carrier writes it: 15, not 15.00."""
    money = money or Decimal(0)
    return int(money) if money == money.to_integral_value() else float(money)
