"""What a carrier says that a number costs, in three states: told and readable, not told, told and unreadable.

Nothing is guessed: an amount is the exact decimal of the answer's own digits, whatever floating point left there
(99.90000000000001), and what is no such amount ("999,00", -1, true) is *unreadable*, which is not the same as untold.
Currencies are compared without case and blanks.

======================================  ==================================================
``price``                               is
======================================  ==================================================
missing, null, ``{}``, no amount in it  not told: None
an amount null or missing               half told: that half is unknown
amounts and a currency                  a price
amounts without a currency              unreadable
an amount under a name we do not know,  unreadable, where a part that we know is not told
inside, however deep, or beside under
one that speaks of money
a price by the week, the year …         unreadable
two prices or currencies that differ    unreadable
anything else                           unreadable
======================================  ==================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from reconciler.model import Price
from reconciler.model.safe_text import quoted
from reconciler.providers.complaints import words

DEAREST: Final = Decimal(1_000_000_000)
"""What no number costs: more than this is no amount."""

FINEST: Final = -60
"""The last digit after the point of any amount that is believed."""

_AMOUNT: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,60})?([eE][+-]?[0-9]{1,2})?")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].*)?")
_NOT_OF_MONEY: Final = frozenset(
    {"id", "key", "date", "from", "until", "to", "at", "type", "version", "country", "network", "count", "code"}
    | {"day", "days", "period", "cycle", "interval", "term", "tax", "taxes", "vat", "included", "percentage"}
)
"""Words of a name, in lower case, of what stands beside an amount and is none."""
_OF_MONEY: Final = frozenset(
    {"price", "prices", "cost", "costs", "fee", "fees", "charge", "charges", "amount", "monthly", "recurring"}
    | {"mrc", "nrc", "activation"}
)
"""The same of what is one, wherever it stands."""
_ANOTHER_TIME: Final = re.compile(
    r"\bper (day|week|fortnight|quarter|year|annum)\b|\b(daily|weekly|fortnightly|quarterly|yearly|annual(ly)?)\b"
)
"""What the words of a name say that a price by another time than the month has."""
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_LONGEST_QUOTE: Final = 40
"""Characters of what cannot be read that are repeated."""


class Names(NamedTuple):
    """What a carrier calls the parts of a price."""

    currency: str
    monthly: str
    setup: str
    first_month: str


class _UnreadableError(Exception):
    """A part of a price that was told and cannot be read."""


def read(told: object, names: Names) -> Price | None:
    """The price that ``told`` tells, by the table above."""
    if told is None:
        return None
    try:
        return _read(told, names)
    except _UnreadableError as why:
        return Price("", None, None, unreadable=str(why))


def of_row(row: Mapping[str, Any], names: Names) -> Price | None:
    """The price that stands in a row under ``price``, or else beside it under the names of its parts; None, unknown
    and not free, where the row says nothing of money."""
    inside, beside = row.get("price"), {name: row[name] for name in names if row.get(name) is not None}
    told, also = read(inside, names), read(beside or None, names)
    both = told is not None and also is not None
    if (both and told != also) or _currencies_differ(inside, beside, names):
        return Price("", None, None, unreadable=f"two prices: {_shown(inside)} and {_shown(beside)}")
    found = also if told is None else told
    if found is not None and (found.whole or found.unreadable):
        return found
    stray = next((name for name in row if name not in ("price", *names) and _is_of_money(name, row[name])), None)
    return found if stray is None else Price("", None, None, unreadable=f"{quoted(stray)}: {_shown(row[stray])}")


def _currencies_differ(inside: object, beside: Mapping[str, object], names: Names) -> bool:
    """Whether the currency beside a price is another one than its own."""
    own = inside.get(names.currency) if isinstance(inside, Mapping) else None
    other = beside.get(names.currency)
    return None not in (own, other) and _letters(own) != _letters(other)


def _is_of_money(name: str, value: object) -> bool:
    return not _OF_MONEY.isdisjoint(words(name)) and _has_amount(value)


def _read(told: object, names: Names) -> Price | None:
    if not isinstance(told, Mapping):
        raise _unreadable("price", told)
    monthly, setup, first = (_amount(name, told.get(name)) for name in (names.monthly, names.setup, names.first_month))
    _refuse_other_names(told, names, lacking=setup is None or monthly is None)
    if setup is None and monthly is None and first is None:
        return None
    return Price(_currency(names.currency, told.get(names.currency)), setup, monthly, first)


def _refuse_other_names(told: Mapping[str, Any], names: Names, *, lacking: bool) -> None:
    """Raise where an amount stands under a name that we do not know: it may be the part that is ``lacking``, or one
    that comes on top of it each week or year."""
    for name, value in told.items():
        if name in names or not _has_amount(value):
            continue
        may_be_it = lacking and _NOT_OF_MONEY.isdisjoint(words(name))
        if may_be_it or _ANOTHER_TIME.search(" ".join(words(name))):
            raise _unreadable(quoted(name), value)


def _has_amount(value: object) -> bool:
    """Whether there is an amount in it, however deep; a date is none."""
    if isinstance(value, Mapping):
        return any(map(_has_amount, value.values()))
    if isinstance(value, list):
        return any(map(_has_amount, value))
    if isinstance(value, str):
        return any(map(str.isdigit, value)) and not _DATE.fullmatch(value)
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _amount(name: str, value: object) -> Decimal | None:
    """An amount of money, as a JSON number or as decimal text; None for one that is not told."""
    if value is None:
        return None
    amount = _decimal(value)
    if amount is None or not 0 <= amount <= DEAREST or _is_finer_than_believed(amount):
        raise _unreadable(name, value)
    return amount or Decimal(0)


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, str):
        return Decimal(value.strip()) if _AMOUNT.fullmatch(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    return amount if amount.is_finite() else None


def _is_finer_than_believed(amount: Decimal) -> bool:
    exponent = amount.as_tuple().exponent
    return not isinstance(exponent, int) or exponent < FINEST


def _currency(name: str, value: object) -> str:
    """Three capital letters, however they were written."""
    if value is None:
        raise _UnreadableError(f"amounts without a {name}")
    letters = _letters(value)
    if not letters.isascii() or not _CURRENCY.fullmatch(letters):
        raise _unreadable(name, value)
    return letters


def _letters(value: object) -> str:
    """Text without blanks, in capitals where it is ASCII; empty for anything else."""
    letters = "".join(value.split()) if isinstance(value, str) else ""
    return letters.upper() if letters.isascii() else letters


def _shown(told: object) -> str:
    return quoted(told, _LONGEST_QUOTE)


def _unreadable(name: str, value: object) -> _UnreadableError:
    told = quoted(value, _LONGEST_QUOTE)
    return _UnreadableError(f"{name}: {told}" if told else f"{name}: empty")
