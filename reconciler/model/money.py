"""Money: decimal amounts with their currency, added up only within one currency, never a float.

Sums and comparisons are exact, however many digits a carrier writes. A text rounds to what the currency has coins for
(:func:`show`); JSON and CSV have every digit (:func:`exact`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from reconciler.model import Change, Price

NOISE: Final = Decimal("0.000000001")
"""Two reads of one price may differ by what floating point leaves behind, which nobody is billed: by less than this,
an amount is not dearer than another. Limits are held to the last digit."""

_WITHOUT_DECIMALS: Final = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
)  # fmt: skip
_WITH_THREE: Final = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")

_DECIMALS: Final[Mapping[str, int]] = dict.fromkeys(_WITHOUT_DECIMALS, 0) | dict.fromkeys(_WITH_THREE, 3)
"""Currency -> digits after its point (ISO 4217, list one), where those are not two."""

_EXACT: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)
"""The usual 28 digits would round a sum in silence."""


def exact(amount: Decimal) -> str:
    """Every digit of the amount, with at least two decimals: ``5.00``, ``99.90000000000001``."""
    whole = amount.normalize(_EXACT)
    exponent = whole.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{whole:.{places}f}"


def show(amount: Decimal, currency: str) -> str:
    """The amount as a person reads it, to the currency's minor unit: ``4.40``, ``about 2.13``, 500 yen as ``500``.

    What is less than the smallest coin is written out: it would look like nothing.
    """
    coin = Decimal(1).scaleb(-_DECIMALS.get(currency, 2))
    rounded = amount.quantize(coin, context=_EXACT)
    if amount and not rounded:
        return f"{amount.normalize(_EXACT):f}"
    return f"{rounded:f}" if abs(_EXACT.subtract(amount, rounded)) < NOISE else f"about {rounded:f}"


def apart(one: Decimal, other: Decimal, currency: str) -> tuple[str, str]:
    """Two amounts that differ, shown so that one sees it: exact where the minor unit would hide the difference."""
    shown = show(one, currency), show(other, currency)
    return (exact(one), exact(other)) if shown[0] == shown[1] else shown


def added(one: Decimal, other: Decimal | None) -> Decimal:
    """The exact sum; what is not told adds nothing."""
    return one if other is None else _EXACT.add(one, other)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum in one currency, of what was told."""

    setup: Decimal = Decimal(0)
    monthly: Decimal = Decimal(0)
    first_month: Decimal = Decimal(0)
    dearest_month: Decimal = Decimal(0)
    """The sum of what limits of a month are held against."""

    def plus(self, price: Price) -> Total:
        """This sum and one price more; a first month that was not told counts as a whole month."""
        first = price.monthly if price.first_month is None else price.first_month
        return Total(
            added(self.setup, price.setup),
            added(self.monthly, price.monthly),
            added(self.first_month, first),
            added(self.dearest_month, price.dearest_month),
        )


def totals(prices: Iterable[Price | None]) -> dict[str, Total]:
    """The sums of what can be read of ``prices``, by currency, sorted."""
    sums: dict[str, Total] = {}
    for price in prices:
        if price is not None and not price.unreadable:
            sums[price.currency] = sums.get(price.currency, Total()).plus(price)
    return dict(sorted(sums.items()))


def cost_of(changes: Iterable[Change]) -> tuple[dict[str, Total], tuple[str, ...]]:
    """What the purchases among ``changes`` add by currency, and the addresses whose price is not wholly known: with
    any of those, the sums are the least that it can be."""
    bought = [change for change in changes if change.purchase]
    unknown = tuple(str(change.address) for change in bought if change.cost is None or not change.cost.whole)
    return totals(change.cost for change in bought), unknown


def price_to_json(price: Price | None) -> dict[str, str | None] | None:
    """The price as decimal strings, or None for an unknown one; null for a half that is unknown."""
    if price is None:
        return None
    shown = {
        "currency": price.currency or None,
        "setup": _maybe_exact(price.setup),
        "monthly": _maybe_exact(price.monthly),
        "first_month": _maybe_exact(price.first_month),
    }
    return shown | ({"unreadable": price.unreadable} if price.unreadable else {})


def price_from_json(data: Mapping[str, Any] | None) -> Price | None:
    """The price that :func:`price_to_json` wrote."""
    if data is None:
        return None
    setup, monthly, first = (_maybe_decimal(data[key]) for key in ("setup", "monthly", "first_month"))
    return Price(data["currency"] or "", setup, monthly, first, unreadable=data.get("unreadable", ""))


def totals_to_json(sums: Mapping[str, Total]) -> dict[str, dict[str, str]]:
    """Sums as decimal strings by currency."""
    return {
        currency: {"setup": exact(t.setup), "monthly": exact(t.monthly), "first_month": exact(t.first_month)}
        for currency, t in sums.items()
    }


def cheaper_or_same(planned: Price | None, now: Price | None) -> bool:
    """Whether what is asked now is no dearer than what was planned, in the same currency.

    =====================  ==========================================================
    planned                is met now by
    =====================  ==========================================================
    an amount              the same or less; not by one that is unknown by now
    unknown (all or half)  unknown; not by an amount, which nobody has approved
    unreadable             nothing, and nothing is met by an unreadable price
    =====================  ==========================================================
    """
    if planned is None or now is None:
        return planned is None and now is None
    if planned.unreadable or now.unreadable or planned.currency != now.currency:
        return False
    return _no_dearer(planned.setup, now.setup) and _no_dearer(planned.monthly, now.monthly)


def _no_dearer(planned: Decimal | None, now: Decimal | None) -> bool:
    if planned is None or now is None:
        return planned is None and now is None
    return _EXACT.subtract(now, planned) < NOISE


def charged(planned: Price | None, told: Price | None) -> tuple[Price | None, str]:
    """What a purchase cost, and a warning where that is dearer than planned, or cannot be read.

    ``told`` is what the carrier says once it has sold. What it leaves out is as planned; where both agree, the plan's
    has the first month's share too.
    """
    if told is None:
        return planned, ""
    if told.unreadable:
        message = f"what the carrier charges cannot be read ({told.unreadable}), where {in_words(planned)} was planned"
        return told, message
    if planned is None or planned.unreadable:
        return told, ""
    if told.currency == planned.currency:
        told = _completed(told, planned)
        month = planned.dearest_month
        if not _is_over(planned.setup, told.setup) and not _is_over(month, told.dearest_month):
            same = (told.setup, told.monthly) == (planned.setup, planned.monthly)
            return planned if same else told, ""
        if not _is_over(planned.setup, told.setup) and not _is_over(planned.monthly, told.monthly):
            first = exact(told.first_month or Decimal(0))
            return told, f"the carrier charges {first} {told.currency} for the first month, where less was planned"
    charge, plan = _apart_in_words(told, planned)
    return told, f"the carrier charges {charge}, where {plan} was planned"


def _completed(told: Price, planned: Price) -> Price:
    return replace(
        told,
        setup=planned.setup if told.setup is None else told.setup,
        monthly=planned.monthly if told.monthly is None else told.monthly,
    )


def _is_over(planned: Decimal | None, charge: Decimal | None) -> bool:
    """Whether a charge is more than what was planned; of what was not planned nobody can say that."""
    return planned is not None and charge is not None and not _no_dearer(planned, charge)


def _apart_in_words(one: Price, other: Price) -> tuple[str, str]:
    """Two prices that differ, exact where the minor unit would hide the difference."""
    shown = in_words(one), in_words(other)
    return (_words(one, exactly=True), _words(other, exactly=True)) if shown[0] == shown[1] else shown


def in_words(price: Price | None) -> str:
    """``5.00 EUR a month and 0.00 set-up``."""
    return _words(price, exactly=False)


def _words(price: Price | None, *, exactly: bool) -> str:
    if price is None:
        return "an unknown price"
    if price.unreadable:
        return f"a price that cannot be read ({price.unreadable})"

    def shown(amount: Decimal) -> str:
        return exact(amount) if exactly else show(amount, price.currency)

    monthly = (
        "an unknown monthly price" if price.monthly is None else f"{shown(price.monthly)} {price.currency} a month"
    )
    return f"{monthly} and {'an unknown' if price.setup is None else shown(price.setup)} set-up"


def _maybe_exact(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)


def _maybe_decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
