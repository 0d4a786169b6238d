"""What the sandbox Infobip has on offer, what it costs, and under which keys: the same in every run.

Numbers are of the ranges that each country keeps for fiction, but the Russian and Romanian ones, which are those of the
carrier's own examples. Within a country some cost more than others; Ireland and the toll-free numbers are shortages.
"""

from __future__ import annotations

import calendar
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from reconciler.model import Price

LONG_NUMBER = "VIRTUAL_LONG_NUMBER"


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers of one kind and price: ``first`` and the ``size - 1`` after it, without a plus."""

    country: str
    first: int
    size: int
    capabilities: tuple[str, ...]
    currency: str
    monthly: Decimal
    setup: Decimal = Decimal(0)


RANGES = (
    Range("GB", 447700900000, 900, ("SMS", "VOICE"), "EUR", Decimal("5.00")),
    Range("GB", 447700900900, 100, ("SMS", "VOICE"), "EUR", Decimal("7.50"), Decimal("1.00")),
    Range("US", 12125550100, 100, ("SMS", "VOICE"), "USD", Decimal("1.10")),
    Range("RU", 79029555500, 100, ("SMS",), "EUR", Decimal("15.00")),
    Range("RO", 40371700050, 10, ("SMS", "VOICE"), "EUR", Decimal("4.00"), Decimal("2.00")),
    Range("DE", 493023125000, 100, ("VOICE",), "EUR", Decimal("3.50"), Decimal("1.00")),
    Range("FR", 33199001200, 100, ("SMS",), "EUR", Decimal("6.00")),
    Range("US", 12015550100, 100, ("SMS", "VOICE"), "USD", Decimal("1.40")),
    Range("US", 17205550100, 100, ("SMS", "VOICE"), "USD", Decimal("0.90")),
    Range("US", 18005550100, 4, ("SMS", "VOICE"), "USD", Decimal("2.50"), Decimal("5.00")),
    Range("SE", 46701740605, 95, ("SMS",), "EUR", Decimal("1.90")),
    Range("IE", 353209100100, 3, ("VOICE",), "EUR", Decimal("2.20"), Decimal("1.50")),
    Range("AU", 61255500100, 50, ("SMS", "VOICE"), "AUD", Decimal("9.00"), Decimal("5.00")),
)

ELSEWHERE = Range("ZZ", 0, 0, ("SMS",), "EUR", Decimal("5.00"))
"""What a number bought by hand counts as when it is not of the stock."""


@cache
def inventory() -> Mapping[str, Range]:
    """Digits without a plus -> the range of the number; sold ones included."""
    return MappingProxyType(
        {str(number): range_ for range_ in RANGES for number in range(range_.first, range_.first + range_.size)}
    )


@cache
def make_key(style: str, account: str, number: str, purpose: str, generation: int) -> str:
    """32 characters that name a number while it is on offer, or while it is owned.

    A number that ends in 5 gets the odd key of its style, as one of the carrier's examples has it.
    """
    seed = f"{account}/{number}/{purpose}/{generation}"
    key = hashlib.sha256(seed.encode()).hexdigest()[:32].upper()
    if style == "plain" or not number.endswith("5"):
        return key
    return f"{key[:16]}%{key[17:]}" if style == "percent" else f"{key[:8]}/../{key[12:]}"


def price_at(range_: Range, monthly: Decimal, now: datetime) -> Price:
    """The price today: the first month is charged for the days that are left of it, today included."""
    days = calendar.monthrange(now.year, now.month)[1]
    share = monthly * (days - now.day + 1) / days
    return Price(range_.currency, range_.setup, monthly, share.quantize(Decimal("0.000001")))
