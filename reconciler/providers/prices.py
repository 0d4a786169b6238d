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
in whatever form, or two that differ
anything else                           unreadable
======================================  ==================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from reconciler.model import Price
from reconciler.text import plain

DEAREST: Final = Decimal(1_000_000_000)
"""What no number costs: more than this is no amount."""

FINEST: Final = -60
"""The last digit after the point of any amount that is believed."""

_AMOUNT: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{1,60})?([eE][+-]?[0-9]{1,2})?")
_OF_MONEY: Final = re.compile("price|cost|fee|amount|month|year|annual|week|charge|rate|setup|total", re.IGNORECASE)
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


def either(inside: object, beside: Mapping[str, object], names: Names) -> Price | None:
    """The price that stands in its place, or else beside it; two that differ are unreadable."""
    told, also = read(inside, names), read(beside or None, names)
    if told is None or also is None or told == also:
        return also if told is None else told
    return Price("", None, None, unreadable=f"two prices: {_shown(inside)} and {_shown(beside)}")


def _read(told: object, names: Names) -> Price | None:
    if not isinstance(told, Mapping):
        raise _unreadable("price", told)
    monthly, setup, first = (_amount(name, told.get(name)) for name in (names.monthly, names.setup, names.first_month))
    if setup is None or monthly is None:
        _refuse_other_names(told, names)
    if setup is None and monthly is None and first is None:
        return None
    return Price(_currency(names.currency, told.get(names.currency)), setup, monthly, first)


def _refuse_other_names(told: Mapping[str, Any], names: Names) -> None:
    """Raise where an amount stands under a name that we do not know, as a number, or where the name speaks of money in
    whatever form: it may be the part that is missing."""
    for name, value in told.items():
        if name not in names and (_is_number(value) or (_OF_MONEY.search(name) and _has_amount(value))):
            raise _unreadable(plain(name), value)


def _has_amount(value: object) -> bool:
    """Whether there is an amount in it, however deep."""
    if isinstance(value, Mapping):
        return any(map(_has_amount, value.values()))
    if isinstance(value, list):
        return any(map(_has_amount, value))
    return _is_number(value) or (isinstance(value, str) and any(map(str.isdigit, value)))


def _is_number(value: object) -> bool:
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
    letters = "".join(value.split()) if isinstance(value, str) else ""
    if not letters.isascii() or not _CURRENCY.fullmatch(letters.upper()):
        raise _unreadable(name, value)
    return letters.upper()


def _shown(told: object) -> str:
    return plain(str(told), _LONGEST_QUOTE)


def _unreadable(name: str, value: object) -> _UnreadableError:
    quoted = plain(value if isinstance(value, str) else str(value), _LONGEST_QUOTE)
    return _UnreadableError(f"{name}: {quoted}" if quoted else f"{name}: empty")
