"""The rows of Infobip's lists: a number on offer, a number owned, and its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def owned(number: str, held: Mapping[str, Any], price: Price, word: str) -> Row:
    """A number of the account's; ``word``: its ``reservationStatus``, where it has one."""
    row = {
        "numberKey": held["key"],
        "number": number,
        "country": held["country"],
        "type": held["type"],
        "capabilities": held["capabilities"],
        "shared": held["shared"],
        "price": _price(price),
    }
    return {**row, "reservationStatus": word} if word else row


def doubled(numbers: Sequence[str], manner: str) -> Sequence[str]:
    """The numbers of a list; those that end in 5 once more, with a plus behind them, unless ``manner`` is "no"."""
    if manner == "no":
        return numbers
    return [name for number in numbers for name in (number, f"{number}+") if name[-1] != "+" or number.endswith("5")]


def second(row: Row, manner: str) -> Row:
    """The row of the same number under another key."""
    return {**row, "numberKey": row["numberKey"][::-1], "shared": manner == "shared"}


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
