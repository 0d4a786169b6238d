"""Values as the words that all views share: one way to count, to show a value, to name a price."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reconciler.model import Attrs, Notice, Price, money
from reconciler.model.money import Total
from reconciler.model.safe_text import WebhookUrl, plain

LONGEST_SENTENCE = 1000
"""Characters of a reason or notice that are shown; the carrier's part of it was cut before."""
LONGEST_VALUE = 2048
"""Characters of a value that are shown: the longest webhook."""
NAMED = 5
"""Addresses that are named before the others are only counted."""


def sentence(text: object) -> str:
    """A reason or message on one line, safe for a terminal."""
    return plain(text, LONGEST_SENTENCE)


def count(number: int, noun: str) -> str:
    """``1 object``, ``5,000 objects``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def value(anything: Any) -> str:
    """A field's value as a person reads it; absent is ``(none)``, and what is not text is as JSON writes it."""
    match anything:
        case None:
            return "(none)"
        case str():
            return plain(anything, LONGEST_VALUE)
        case WebhookUrl():
            return anything.shown
        case Decimal():
            return f"{anything:f}"
        case _:
            return plain(json.dumps(anything, ensure_ascii=False, default=value, sort_keys=True), LONGEST_VALUE)


def attributes(attrs: Attrs) -> list[str]:
    """``route 4``, ``url https://hooks.example.com/inbound``, one for each field that has a value, by name."""
    return [f"{plain(name)} {value(content)}" for name, content in sorted(attrs.items()) if content is not None]


def sums(totals: Mapping[str, Total]) -> str:
    """Sums by currency: ``5.00 EUR a month, 3.00 EUR for the first, 1.00 EUR set-up``."""
    return ", ".join(part for currency, total in totals.items() for part in _sum(currency, total))


def price(one: Price) -> str:
    """One number's price, as :func:`sums` has it, and what of it is not known."""
    if one.unreadable:
        return f"a price that cannot be read ({sentence(one.unreadable)})"
    monthly, *others = _sum(one.currency, money.Total().plus(one))
    parts = ["monthly price unknown" if one.monthly is None else monthly, *others]
    return ", ".join([*parts, "set-up unknown"] if one.setup is None else parts)


def estimate(one: Price) -> str:
    """One number's price, with the day of the price book where no carrier told it."""
    return f"{price(one)} (price book, {one.as_of})" if one.as_of else price(one)


def some(addresses: Sequence[str]) -> str:
    """The first of ``addresses`` by name, and how many more there are."""
    named = ", ".join(sentence(address) for address in addresses[:NAMED])
    more = len(addresses) - NAMED
    return f"{named} and {more:,} more" if more > 0 else named


def notice(one: Notice) -> str:
    """A notice's message, after the address that it is about."""
    return sentence(f"{one.address}: {one.message}" if one.address else one.message)


def _sum(currency: str, total: Total) -> Iterable[str]:
    monthly, first = money.show(total.monthly, currency), money.show(total.first_month, currency)
    yield f"{monthly} {currency} a month"
    if first != monthly:
        yield f"{first} {currency} for the first"
    if total.setup:
        yield f"{money.show(total.setup, currency)} {currency} set-up"
