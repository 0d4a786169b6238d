"""Money: decimal amounts with their currency, added up only within one currency, never a float."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.model import Change, Price


def show(amount: Decimal) -> str:
    """The exact amount with at least two decimals: ``5.00``, ``9.193549``."""
    exact = amount.normalize()
    exponent = exact.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{exact:.{places}f}"


def parse(text: object) -> Decimal | None:
    """A finite decimal from a string or a number that JSON held, or None."""
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


@dataclass(frozen=True, slots=True)
class Total:
    """A sum in one currency."""

    setup: Decimal = Decimal(0)
    monthly: Decimal = Decimal(0)
    first_month: Decimal = Decimal(0)

    def plus(self, price: Price) -> Total:
        """This sum and one price more; a first month that was not told counts as a whole month."""
        first = price.monthly if price.first_month is None else price.first_month
        return Total(self.setup + price.setup, self.monthly + price.monthly, self.first_month + first)


def totals(prices: Iterable[Price]) -> dict[str, Total]:
    """The sums of ``prices`` by currency, sorted."""
    sums: dict[str, Total] = {}
    for price in prices:
        sums[price.currency] = sums.get(price.currency, Total()).plus(price)
    return dict(sorted(sums.items()))


def cost_of(changes: Iterable[Change]) -> tuple[dict[str, Total], tuple[str, ...]]:
    """What the purchases among ``changes`` add by currency, and the addresses whose price is unknown."""
    bought = [change for change in changes if change.purchase]
    unknown = tuple(str(change.address) for change in bought if change.cost is None)
    return totals(change.cost for change in bought if change.cost is not None), unknown


def price_to_json(price: Price | None) -> dict[str, str | None] | None:
    """The price as decimal strings, or None for an unknown one."""
    if price is None:
        return None
    return {
        "currency": price.currency,
        "setup": show(price.setup),
        "monthly": show(price.monthly),
        "first_month": None if price.first_month is None else show(price.first_month),
    }


def price_from_json(data: Mapping[str, Any] | None) -> Price | None:
    """The price that :func:`price_to_json` wrote."""
    if data is None:
        return None
    first = data["first_month"]
    return Price(
        data["currency"],
        Decimal(data["setup"]),
        Decimal(data["monthly"]),
        None if first is None else Decimal(first),
    )


def totals_to_json(sums: Mapping[str, Total]) -> dict[str, dict[str, str]]:
    """Sums as decimal strings by currency."""
    return {
        currency: {"setup": show(t.setup), "monthly": show(t.monthly), "first_month": show(t.first_month)}
        for currency, t in sums.items()
    }


def cheaper_or_same(planned: Price | None, now: Price | None) -> bool:
    """Whether what is asked now is no dearer than what was planned, in the same currency."""
    if planned is None or now is None:
        return planned is None and now is None
    return planned.currency == now.currency and now.setup <= planned.setup and now.monthly <= planned.monthly


def charged(planned: Price | None, told: Price | None) -> tuple[Price | None, str]:
    """What a purchase cost, and a warning where that is dearer than planned.

    ``told`` is what the carrier says once it has sold. Where both agree, the plan's has the first month's share too.
    """
    if told is None or (planned == told):
        return planned, ""
    if planned is None:
        return told, ""
    if (planned.currency, planned.setup, planned.monthly) == (told.currency, told.setup, told.monthly):
        return planned, ""
    warning = f"the carrier charges {in_words(told)}, where {in_words(planned)} was planned"
    return told, "" if cheaper_or_same(planned, told) else warning


def in_words(price: Price | None) -> str:
    """``5.00 EUR a month and 0.00 set-up``."""
    if price is None:
        return "an unknown price"
    return f"{show(price.monthly)} {price.currency} a month and {show(price.setup)} set-up"
