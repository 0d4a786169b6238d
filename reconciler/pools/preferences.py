"""Which of several numbers a pool takes: one preference after the other narrows the choice, the lowest number ends it.

=============  ===================================================================================
preference     narrows to
=============  ===================================================================================
cheapest       the lowest monthly price, then set-up; what is unknown comes last
consecutive    neighbours of what the pool has; else the beginning of the longest row, as far as needed
spread         the exchanges (NPA-NXX) of which the pool has fewest
a pattern      those that match it
=============  ===================================================================================

Amounts of different currencies are not compared: the choice stays within one of them. A preference that nothing on
offer meets narrows nothing, and the title of the chosen number says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reconciler.model import Offer, Price, phone

DEAREST: Final = Decimal("Infinity")
"""What a set-up that nobody told is compared as."""

_KEYPAD: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


@dataclass(frozen=True, slots=True)
class ExistingNumbers:
    """The numbers that the pool has already, and how many more it needs."""

    tns: Collection[str]
    needed: int


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a preference leaves of the candidates, never none, and what that makes of one of them.

    ``title`` is what to call it. ``unmet`` is who fails the preference and how (``none``, ``is like *55``),
    where all do.
    """

    offers: Sequence[Offer]
    title: str = ""
    unmet: tuple[str, str] | None = None


def best(candidates: Sequence[Offer], prefer: Sequence[str], existing: ExistingNumbers) -> tuple[Offer, str]:
    """The candidate that meets the preferences best, and what to call it. There must be one.

    ``the cheapest``; ``none is like *55: the lowest``; ``the cheapest (none of those is like *55)``.
    """
    unmet: list[str] = []
    titles: list[str] = []
    for preference in prefer:
        narrowed = (
            _WISHES[preference](candidates, existing) if preference in _WISHES else _vanity(candidates, preference)
        )
        candidates = narrowed.offers
        if narrowed.unmet and titles:
            titles[-1] += f" ({' of those '.join(narrowed.unmet)})"
        elif narrowed.unmet:
            unmet.append(" ".join(narrowed.unmet))
        titles += [narrowed.title] if narrowed.title else []
    first = min(candidates, key=lambda offer: (len(offer.tn), offer.tn))
    return first, ": ".join(filter(None, (", ".join(unmet), ", ".join(titles) or "the lowest")))


def patterns(prefer: Sequence[str]) -> list[str]:
    """The preferences that are vanity patterns."""
    return [preference for preference in prefer if preference not in _WISHES]


def exchange(tn: str) -> str:
    """What stands before the last four digits: NPA-NXX in North America."""
    return tn[:-4]


def matches(pattern: str, tn: str) -> bool:
    """Whether a vanity pattern matches the digits of ``tn``, with the country code or, in North America, without."""
    digits = pattern.translate(_KEYPAD).replace("?", "[0-9]").replace("*", "[0-9]*")
    forms = (tn.removeprefix("+"), tn.removeprefix("+1")) if phone.is_nanp(tn) else (tn.removeprefix("+"),)
    return any(re.fullmatch(digits, form) for form in forms)


def _vanity(offers: Sequence[Offer], pattern: str) -> Narrowed:
    alike = [offer for offer in offers if matches(pattern, offer.tn)]
    return Narrowed(alike, f"like {pattern}") if alike else Narrowed(offers, unmet=("none", f"is like {pattern}"))


def _cheapest(offers: Sequence[Offer], _: ExistingNumbers) -> Narrowed:
    prices = {offer.price.currency for offer in offers if offer.price and offer.price.monthly is not None}
    if not prices:
        return Narrowed(offers, unmet=("no price", "is known"))
    least = min(_dearness(offer.price) for offer in offers)
    title = "the cheapest" if len(prices) == 1 else f"the cheapest in {min(prices)}"
    unpriced = " of those with a price" if any(_dearness(offer.price)[0] for offer in offers) else ""
    return Narrowed([offer for offer in offers if _dearness(offer.price) == least], title + unpriced)


def _dearness(price: Price | None) -> tuple[bool, str, Decimal, Decimal]:
    if price is None or price.monthly is None:
        return True, "", Decimal(0), Decimal(0)
    return False, price.currency, price.monthly, DEAREST if price.setup is None else price.setup


def _consecutive(offers: Sequence[Offer], existing: ExistingNumbers) -> Narrowed:
    mine = {int(tn) for tn in existing.tns}
    beside = [offer for offer in offers if {int(offer.tn) - 1, int(offer.tn) + 1} & mine]
    if beside:
        return Narrowed(beside, "next to one that the pool has")
    rows = _rows({int(offer.tn) for offer in offers}, existing.needed)
    longest = max(rows.values())
    left = [offer for offer in offers if rows[int(offer.tn)] == longest]
    title = f"first of {longest} in a row" if longest > 1 else ""
    if mine:
        return Narrowed(left, title, ("none", "is next to one that the pool has"))
    return Narrowed(left, title, ("no two", "are in a row") if longest < min(2, existing.needed) else None)


def _rows(numbers: Collection[int], needed: int) -> Mapping[int, int]:
    """Number -> how many follow it without a gap, itself counted, up to what is needed."""
    lengths: dict[int, int] = {}
    for number in sorted(numbers, reverse=True):
        lengths[number] = min(needed, lengths.get(number + 1, 0) + 1)
    return lengths


def _spread(offers: Sequence[Offer], existing: ExistingNumbers) -> Narrowed:
    committed = Counter(map(exchange, existing.tns))
    fewest = min(committed[exchange(offer.tn)] for offer in offers)
    title = "in the exchange that the pool has fewest in" if fewest else "in an exchange of its own"
    return Narrowed([offer for offer in offers if committed[exchange(offer.tn)] == fewest], title)


_WISHES: Final[Mapping[str, Callable[[Sequence[Offer], ExistingNumbers], Narrowed]]] = {
    "cheapest": _cheapest,
    "consecutive": _consecutive,
    "spread": _spread,
}
