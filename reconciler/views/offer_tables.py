"""What a carrier has for sale: as tables, and as YAML to paste under ``numbers:``.

A table has whatever columns the rows have, nested ones by their path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reconciler.model import Offer, Price
from reconciler.model.safe_text import plain
from reconciler.views import phrases
from reconciler.views.tables import Table

WIDEST_CELL = 60

_NUMBERS = frozenset({"tn", "number", "npaNxx", "rcAbbre"})
"""Columns that a reader copies from."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_TAKEN_FOR_OTHERS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_PLACE = ("rateCenter", "province", "country")
"""Fields of a carrier's row that say where a number is."""
_LONGEST_REMARK = 80


def table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The carrier's rows under the columns that any of them has; numbers stand to the right."""
    columns, flat = flattened(rows)
    right = {place for place, column in enumerate(columns) if all(_is_number(row.get(column)) for row in flat)}
    cells = tuple(tuple(_cell(row.get(column)) for column in columns) for row in flat)
    numbers = frozenset(place for place, column in enumerate(columns) if column in _NUMBERS)
    return Table(columns, cells, frozenset(right), whole=numbers)


def flattened(rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """The columns that any of ``rows`` has, and the rows by them."""
    flat = [dict(_flat(row)) for row in rows]
    return tuple(dict.fromkeys(column for row in flat for column in row)), flat


def estimates(prices: Iterable[Price | None]) -> str:
    """What the price book says of numbers that came without a price, once each: a sentence, or nothing."""
    said = dict.fromkeys(phrases.estimate(price) for price in prices if price and price.as_of)
    return f" Estimated at {', or '.join(said)}." if said else ""


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """``{"price": {"currency": …}}`` as ``price.currency``."""
    for name, content in row.items():
        path = f"{prefix}{plain(name)}"
        if isinstance(content, Mapping):
            yield from _flat(content, f"{path}.")
        else:
            yield path, content


def _is_number(content: object) -> bool:
    return isinstance(content, int | Decimal) and not isinstance(content, bool)


def _cell(content: object) -> str:
    match content:
        case None:
            return ""
        case bool():
            return "yes" if content else "no"
        case list() | tuple():
            return plain(", ".join(map(_cell, content)), WIDEST_CELL)
        case _:
            return plain(phrases.value(content), WIDEST_CELL)


def snippet(offers: Sequence[Offer], account: str) -> str:
    """A ``numbers:`` section with one line an offer; its place and price are a comment."""
    if not offers:
        return "numbers: {}\n"
    lines = {offer.tn: f'  "{offer.tn}": {{provider: {_scalar(account)}}}{_remark(offer)}' for offer in offers}
    return "\n".join(["numbers:", *lines.values()]) + "\n"


def _scalar(name: str) -> str:
    """An account's name, in quotes where YAML would read something else."""
    return name if _PLAIN.fullmatch(name) and name.lower() not in _TAKEN_FOR_OTHERS else json.dumps(name)


def _remark(offer: Offer) -> str:
    place = " ".join(plain(offer.row[field]) for field in _PLACE if isinstance(offer.row.get(field), str))
    price = phrases.estimate(offer.price) if offer.price else ""
    remark = plain(", ".join(filter(None, (place, price))), _LONGEST_REMARK)
    return f" # {remark}" if remark else ""
