"""The rows of Infobip's lists: a number on offer, a number owned, and its price."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reconciler.model import Price
from reconciler.sandbox.infobip.stock import LONG_NUMBER, Range

Row = dict[str, Any]


def offer(number: str, key: str, range_: Range, price: Row) -> Row:
    """A number that anybody may buy."""
    return {
        "numberKey": key,
        "number": number,
        "country": range_.country,
        "type": LONG_NUMBER,
        "capabilities": list(range_.capabilities),
        "shared": False,
        "price": price,
    }


def owned(number: str, held: Mapping[str, Any], price: Row, word: str) -> Row:
    """A number of the account's; ``word``: its ``reservationStatus``, where it has one."""
    row = {
        "numberKey": held["key"],
        "number": number,
        "country": held["country"],
        "type": held["type"],
        "capabilities": held["capabilities"],
        "shared": held["shared"],
        "price": price,
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


def price(one: Price, form: str = "numbers") -> Row:
    """A price as the switch ``prices`` has it written."""
    write = _FORMS.get(form, _number)
    amounts = {"pricePerMonth": one.monthly, "setupPrice": one.setup, "initialMonthPrice": one.first_month}
    row: Row = {name: write(amount or Decimal(0)) for name, amount in amounts.items()}
    currency = {"lower-case": one.currency.lower(), "blanks": f" {one.currency} ", "no-currency": None}
    return row | {"currency": currency.get(form, one.currency)} | ({"setupPrice": None} if form == "no-setup" else {})


def _number(amount: Decimal) -> int | float:
    """A JSON number as the carrier writes it: 15, not 15.00."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _noise(amount: Decimal) -> float:
    """The next number that floating point has, 4.4 as 4.400000000000001; and what a difference leaves of zero."""
    return math.nextafter(float(amount), math.inf) if amount else 5.551115123125783e-17


_FORMS: Mapping[str, Callable[[Decimal], int | float | str]] = {
    "text": lambda amount: f"{amount:f}",
    "comma": lambda amount: f"{amount:f}".replace(".", ",") if "." in f"{amount:f}" else f"{amount:f},00",
    "noise": _noise,
}
